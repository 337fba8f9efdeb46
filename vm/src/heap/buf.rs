//! Growable buffers of plain data, for the compiler and other natives that build something of unknown length.
//!
//! A [`Buf`] is made of chunks, `Raw` objects of the heap, each twice as long as the one before; so growing never copies,
//! and needs no more than half of its length in one piece. The chunks are kept alive by the `Buf` itself: it has to lie on the native
//! stack of an attached task, where the collector finds them. One that is not freed is collected later.

use core::marker::PhantomData;
use core::ptr::NonNull;

use super::{COUNTED_HEADER, Heap, NoMemory};
use crate::value::{Kind, Value};

/// Chunks of a buffer; together they have 2^20 times the [`FIRST_BYTES`] of the first.
const MAX_CHUNKS: usize = 20;
/// Bytes of items in the first chunk, about.
const FIRST_BYTES: usize = 64;

/// What a buffer may hold: anything `Copy` that the collector need not see. A [`Value`] is not `Send`, and so nothing is
/// that has one inside.
pub trait Pod: Copy + Send + 'static {}
impl<T: Copy + Send + 'static> Pod for T {}

/// Where buffers get their chunks from. The VM collects when memory runs out; a bare heap does not.
pub trait RawMemory {
    /// How running out of memory is reported.
    type Error;

    /// A `Raw` object with room for `bytes` bytes behind its header. May collect.
    ///
    /// # Errors
    /// There is no memory.
    fn alloc_raw(&mut self, bytes: usize) -> Result<Value, Self::Error>;

    /// Frees what [`RawMemory::alloc_raw`] gave.
    ///
    /// # Safety
    /// Nobody refers to it any more.
    unsafe fn free_raw(&mut self, raw: Value);
}

impl RawMemory for Heap {
    type Error = NoMemory;

    fn alloc_raw(&mut self, bytes: usize) -> Result<Value, NoMemory> {
        let bytes = bytes.checked_add(COUNTED_HEADER).ok_or(NoMemory)?;
        let object = self.alloc_object(Kind::Raw, 0, bytes).ok_or(NoMemory)?;
        // SAFETY: the object is complete.
        Ok(unsafe { Value::from_object(object.as_ptr().cast()) })
    }

    unsafe fn free_raw(&mut self, raw: Value) {
        if let Some(object) = NonNull::new(raw.object_ptr()) {
            // SAFETY: the caller's promise.
            unsafe { self.free(object) };
        }
    }
}

/// A growable array of plain data in the heap. Must stay on the native stack: see the module's documentation.
///
/// The heap (or VM) that the methods take must always be the same one.
pub struct Buf<T: Pod> {
    /// Chunk `k` holds `FIRST << k` items. `UNDEF` where there is none yet.
    chunks: [Value; MAX_CHUNKS],
    n_chunks: u32,
    len: u32,
    items: PhantomData<T>,
}

impl<T: Pod> Default for Buf<T> {
    fn default() -> Buf<T> {
        Buf::new()
    }
}

impl<T: Pod> Buf<T> {
    /// Items of the first chunk, a power of two.
    const FIRST: usize = {
        assert!(size_of::<T>() > 0 && align_of::<T>() <= COUNTED_HEADER);
        if size_of::<T>() > FIRST_BYTES { 1 } else { 1 << (FIRST_BYTES / size_of::<T>()).ilog2() }
    };

    /// An empty buffer. Allocates nothing.
    pub const fn new() -> Buf<T> {
        Buf { chunks: [Value::UNDEF; MAX_CHUNKS], n_chunks: 0, len: 0, items: PhantomData }
    }

    /// Number of items.
    pub fn len(&self) -> u32 {
        self.len
    }

    /// True when there are no items.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Number of items of the chunks before chunk `k`.
    fn before(k: usize) -> usize {
        Self::FIRST * ((1 << k) - 1)
    }

    /// Where item `i` is.
    fn place(&self, i: u32) -> *mut T {
        let k = (i as usize / Self::FIRST + 1).ilog2() as usize;
        self.items_of(k).wrapping_add(i as usize - Self::before(k))
    }

    /// The first item of chunk `k`.
    fn items_of(&self, k: usize) -> *mut T {
        self.chunks[k].object_ptr().wrapping_add(COUNTED_HEADER).cast()
    }

    /// Appends an item and returns its index. May collect.
    ///
    /// # Errors
    /// There is no memory; the buffer is unchanged.
    pub fn push<M: RawMemory>(&mut self, memory: &mut M, item: T) -> Result<u32, M::Error> {
        let i = self.len;
        if i as usize == Self::before(self.n_chunks as usize) {
            let n_chunks = self.n_chunks as usize;
            let fits = n_chunks < MAX_CHUNKS && i < u32::MAX;
            let bytes =
                if fits { (Self::FIRST << n_chunks).checked_mul(size_of::<T>()) } else { None };
            let chunk = memory.alloc_raw(bytes.unwrap_or(usize::MAX))?;
            self.chunks[n_chunks] = chunk;
            self.n_chunks += 1;
        }
        // SAFETY: the chunk of item `i` exists, with room for it; `T` is at most 8-aligned, as payloads are.
        unsafe { self.place(i).write(item) };
        self.len = i + 1;
        Ok(i)
    }

    /// Appends all of `items`.
    ///
    /// # Errors
    /// There is no memory; a part of them may have been appended.
    pub fn extend<M: RawMemory>(&mut self, memory: &mut M, items: &[T]) -> Result<(), M::Error> {
        for &item in items {
            self.push(memory, item)?;
        }
        Ok(())
    }

    /// Item `i`, which must be there.
    pub fn get<M>(&self, _memory: &M, i: u32) -> T {
        assert!(i < self.len);
        // SAFETY: items up to `len` have been written; the chunks live as long as the buffer.
        unsafe { self.place(i).read() }
    }

    /// Replaces item `i`, which must be there.
    pub fn set<M>(&mut self, _memory: &mut M, i: u32, item: T) {
        assert!(i < self.len);
        // SAFETY: as in `get`.
        unsafe { self.place(i).write(item) }
    }

    /// Removes the last item.
    pub fn pop<M>(&mut self, memory: &mut M) -> Option<T> {
        let last = self.len.checked_sub(1)?;
        let item = self.get(memory, last);
        self.len = last;
        Some(item)
    }

    /// Forgets the items from `len` on. Keeps the memory for later ones.
    pub fn truncate(&mut self, len: u32) {
        self.len = self.len.min(len);
    }

    /// The items in order, in slices as long as the chunks.
    pub fn slices<'a, M>(&'a self, _memory: &'a M) -> impl Iterator<Item = &'a [T]> {
        let len = self.len as usize;
        (0..self.n_chunks as usize).map_while(move |k| {
            let n = (Self::FIRST << k).min(len.checked_sub(Self::before(k))?);
            // SAFETY: as in `get`; `memory` is borrowed, so that nothing is freed or written.
            Some(unsafe { core::slice::from_raw_parts(self.items_of(k), n) })
        })
    }

    /// Gives the memory back at once.
    pub fn free<M: RawMemory>(self, memory: &mut M) {
        for k in (0..self.n_chunks as usize).rev() {
            // SAFETY: a chunk is known to its buffer only, which ends here.
            unsafe { memory.free_raw(self.chunks[k]) };
        }
    }
}
