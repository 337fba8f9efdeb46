//! Growable buffers of plain data, for the compiler and other natives that build something of unknown length.
//!
//! A [`Buf`] begins as one chunk, a `Raw` object that is copied to one of twice the size until it has [`CHUNK_BYTES`]; from
//! there on it grows by further chunks of that size, which a directory, an `Array`, lists. So little of it lies idle, and
//! nothing but the directory needs a long piece of memory. All is kept alive by the `Buf` itself: it has to lie on the
//! native stack of an attached task, where the collector finds it. One that is not freed is collected later.

use core::marker::PhantomData;

use super::{COUNTED_HEADER, Heap, NoMemory, WORD, count_at};
use crate::value::{Kind, Value};

/// Bytes of a chunk, header included.
const CHUNK_BYTES: usize = 256;
/// Bytes of the first chunk to begin with.
const FIRST_BYTES: usize = 64;
/// Bytes of the first directory.
const DIRECTORY_BYTES: usize = 64;

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

    /// An `Array` of `n` words, which the caller writes. May collect.
    ///
    /// # Errors
    /// There is no memory.
    fn alloc_words(&mut self, n: usize) -> Result<Value, Self::Error>;

    /// Frees what [`RawMemory::alloc_raw`] or [`RawMemory::alloc_words`] gave.
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

    fn alloc_words(&mut self, n: usize) -> Result<Value, NoMemory> {
        let bytes = COUNTED_HEADER + n * WORD;
        let object = self.alloc_object(Kind::Array, 0, bytes).ok_or(NoMemory)?;
        // SAFETY: the object is complete but for its words, which the marker may see as they are.
        Ok(unsafe { Value::from_object(object.as_ptr().cast()) })
    }

    unsafe fn free_raw(&mut self, raw: Value) {
        // SAFETY: the caller's promise.
        unsafe { self.free(raw.object()) };
    }
}

/// What a buffer knows, whatever its items are.
struct Pieces {
    /// Null, the only chunk, or the directory, an object; see [`Pieces::is_single`]. No [`Value`], so that an empty buffer is
    /// nothing but zeros.
    root: *mut u8,
    /// Items that there is room for; once there is more than one chunk, all have the same number of them.
    capacity: u32,
    len: u32,
}

/// The size of a buffer's items, and how many of them a full chunk has.
#[derive(Clone, Copy)]
struct Layout {
    size: usize,
    chunk: u32,
}

impl Pieces {
    const EMPTY: Pieces = Pieces { root: core::ptr::null_mut(), capacity: 0, len: 0 };

    /// The root as a value.
    fn root(&self) -> Value {
        // SAFETY: as soon as there is one it is an object.
        unsafe { Value::from_object(self.root.cast()) }
    }

    /// There is no directory.
    #[inline(always)]
    fn is_single(&self, layout: Layout) -> bool {
        self.capacity <= layout.chunk
    }

    /// Chunk `k` of a buffer with a directory.
    #[inline(always)]
    fn chunk(&self, k: usize) -> Value {
        // SAFETY: the directory has a word for every chunk, and a chunk for every number below `capacity / chunk`.
        unsafe { self.root.add(COUNTED_HEADER).cast::<Value>().add(k).read() }
    }

    /// Where item `i` is, which must be there.
    #[inline(never)]
    fn place(&self, layout: Layout, i: u32) -> *mut u8 {
        assert!(i < self.len);
        self.place_below_capacity(layout, i)
    }

    /// Where item `i` is, which is less than `capacity`.
    #[inline(always)]
    fn place_below_capacity(&self, layout: Layout, i: u32) -> *mut u8 {
        if self.is_single(layout) {
            return self.root.wrapping_add(COUNTED_HEADER + i as usize * layout.size);
        }
        let chunk = self.chunk((i / layout.chunk) as usize);
        payload(chunk).wrapping_add((i % layout.chunk) as usize * layout.size)
    }

    /// Where a new last item goes.
    #[inline(never)]
    fn extend<M: RawMemory>(
        &mut self,
        memory: &mut M,
        layout: Layout,
    ) -> Result<*mut u8, M::Error> {
        let i = self.len;
        if i == self.capacity {
            self.grow(memory, layout)?;
        }
        self.len = i + 1;
        Ok(self.place_below_capacity(layout, i))
    }

    /// Makes room for an item more. The buffer is unchanged when there is no memory.
    fn grow<M: RawMemory>(&mut self, memory: &mut M, layout: Layout) -> Result<(), M::Error> {
        if self.capacity < layout.chunk {
            let mut bytes = FIRST_BYTES;
            while (bytes - COUNTED_HEADER) / layout.size <= self.capacity as usize {
                bytes *= 2;
            }
            let capacity = layout.chunk.min(((bytes - COUNTED_HEADER) / layout.size) as u32);
            let new = memory.alloc_raw(capacity as usize * layout.size)?;
            if self.capacity != 0 {
                let old = self.root();
                let used = self.capacity as usize * layout.size;
                // SAFETY: both have room for that many bytes; the old one is known to this buffer only.
                unsafe {
                    core::ptr::copy_nonoverlapping(payload(old), payload(new), used);
                    memory.free_raw(old);
                }
            }
            (self.root, self.capacity) = (new.object_ptr(), capacity);
            return Ok(());
        }
        let Some(capacity) = self.capacity.checked_add(layout.chunk) else {
            return memory.alloc_raw(usize::MAX).map(drop);
        };
        let chunk = memory.alloc_raw(layout.chunk as usize * layout.size)?;
        let k = (self.capacity / layout.chunk) as usize;
        let single = self.is_single(layout);
        // SAFETY: a directory is an object with a count, that of its words.
        let words = if single { 0 } else { unsafe { count_at(self.root().bits()) as usize } };
        if k >= words {
            let bytes = DIRECTORY_BYTES.max(2 * (COUNTED_HEADER + words * WORD));
            let n = (bytes - COUNTED_HEADER) / WORD;
            let directory = match memory.alloc_words(n) {
                Ok(directory) => directory,
                Err(error) => {
                    // SAFETY: nobody knows the chunk.
                    unsafe { memory.free_raw(chunk) };
                    return Err(error);
                }
            };
            let to = payload(directory).cast::<Value>();
            // SAFETY: the new directory has `n` words, more than `k`, the old one `k`; it is known to this buffer only.
            unsafe {
                for i in k..n {
                    to.add(i).write(Value::UNDEF);
                }
                if single {
                    to.write(self.root());
                } else {
                    core::ptr::copy_nonoverlapping(payload(self.root()).cast(), to, k);
                    memory.free_raw(self.root());
                }
            }
            self.root = directory.object_ptr();
        }
        // SAFETY: the directory has more than `k` words.
        unsafe { payload(self.root()).cast::<Value>().add(k).write(chunk) };
        self.capacity = capacity;
        Ok(())
    }

    #[inline(never)]
    fn free<M: RawMemory>(&mut self, memory: &mut M, layout: Layout) {
        // SAFETY: chunks and directory are known to their buffer only, which forgets them.
        unsafe {
            if !self.is_single(layout) {
                for k in (0..(self.capacity / layout.chunk) as usize).rev() {
                    memory.free_raw(self.chunk(k));
                }
            }
            if self.capacity != 0 {
                memory.free_raw(self.root());
            }
        }
        *self = Pieces::EMPTY;
    }
}

/// What is behind the header of a chunk or directory.
#[inline(always)]
fn payload(object: Value) -> *mut u8 {
    object.object_ptr().wrapping_add(COUNTED_HEADER)
}

/// A growable array of plain data in the heap. Must stay on the native stack: see the module's documentation.
///
/// The heap (or VM) that the methods take must always be the same one.
pub struct Buf<T: Pod> {
    pieces: Pieces,
    items: PhantomData<T>,
}

impl<T: Pod> Default for Buf<T> {
    fn default() -> Buf<T> {
        Buf::new()
    }
}

impl<T: Pod> Buf<T> {
    const LAYOUT: Layout = {
        let size = size_of::<T>();
        assert!(size > 0 && align_of::<T>() <= COUNTED_HEADER);
        let chunk = (CHUNK_BYTES - COUNTED_HEADER) / size;
        Layout { size, chunk: if chunk == 0 { 1 } else { chunk as u32 } }
    };

    /// An empty buffer. Allocates nothing.
    pub const fn new() -> Buf<T> {
        Buf { pieces: Pieces::EMPTY, items: PhantomData }
    }

    /// Number of items.
    pub fn len(&self) -> u32 {
        self.pieces.len
    }

    /// True when there are no items.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends an item and returns its index. May collect.
    ///
    /// # Errors
    /// There is no memory; the buffer is unchanged.
    #[inline]
    pub fn push<M: RawMemory>(&mut self, memory: &mut M, item: T) -> Result<u32, M::Error> {
        let place = self.pieces.extend(memory, Self::LAYOUT)?.cast::<T>();
        // SAFETY: there is room for the item; `T` is at most 8-aligned, as payloads are.
        unsafe { place.write(item) };
        Ok(self.pieces.len - 1)
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
    #[inline]
    pub fn item(&self, i: u32) -> &T {
        // SAFETY: items up to `len` have been written; the chunks live as long as the buffer, and stay where they are.
        unsafe { &*self.pieces.place(Self::LAYOUT, i).cast() }
    }

    /// Item `i`, which must be there, to be changed.
    #[inline]
    pub fn item_mut(&mut self, i: u32) -> &mut T {
        // SAFETY: as in `item`.
        unsafe { &mut *self.pieces.place(Self::LAYOUT, i).cast() }
    }

    /// A copy of item `i`, which must be there.
    #[inline]
    pub fn get<M>(&self, _memory: &M, i: u32) -> T {
        *self.item(i)
    }

    /// Replaces item `i`, which must be there.
    #[inline]
    pub fn set<M>(&mut self, _memory: &mut M, i: u32, item: T) {
        *self.item_mut(i) = item;
    }

    /// Removes the last item.
    pub fn pop<M>(&mut self, memory: &mut M) -> Option<T> {
        let last = self.len().checked_sub(1)?;
        let item = self.get(memory, last);
        self.pieces.len = last;
        Some(item)
    }

    /// Forgets the items from `len` on. Keeps the memory for later ones.
    pub fn truncate(&mut self, len: u32) {
        self.pieces.len = self.len().min(len);
    }

    /// Forgets all items and gives the memory back at once.
    #[inline]
    pub fn free<M: RawMemory>(&mut self, memory: &mut M) {
        self.pieces.free(memory, Self::LAYOUT);
    }
}
