//! The buffer protocol: the bytes of any bytes-like object, wherever they are.
//!
//! A [`Buffer`] names an object and a part of it; the bytes themselves are looked up at each use, so that a
//! `bytearray` that shrinks under a `memoryview` leaves the view with fewer bytes and never with dangling ones.
//!
//! # Invariants
//! 1. The buffer of a [`ByteArray`] is `UNDEF` or a Raw object of at least `length` initialised bytes, or it is shared (see
//!    `address.rs`).
//! 2. While `exports` is not zero neither the buffer nor the length changes: [`Vm::with_bytes`] and
//!    [`Vm::with_bytes_mut`] lend the bytes to code that runs without the GIL or calls Python.

use super::strings::{count, empty_bytes, payload};
use super::{ByteArray, Bytes, Flavor, MemoryView, Pieces, Str, StrBuilder};
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};
use core::ops::Range;

/// A bytes-like object as a whole: a `str`, `bytes`, `bytearray`, `array`, `memoryview` or one of a host's types, never an
/// instance of a class derived from one. One word, for most functions need no more.
#[derive(Clone, Copy, Debug)]
pub struct Blob(Value);

impl Blob {
    /// The bytes-like object that a value is or is derived from. Arrays of objects have no bytes that anybody may see.
    ///
    /// `str` counts because MicroPython lets it pass wherever bytes are only read; see [`Blob::is_text`].
    pub fn of(vm: &Vm, v: Value) -> Option<Blob> {
        let v = vm.native_part(v);
        let has_bytes = match v.kind()? {
            Kind::Str | Kind::Bytes | Kind::MemoryView => true,
            Kind::ByteArray => ByteArray::from_known(v).code() != b'O',
            Kind::Native => Buffer::of(vm, v).is_some(),
            _ => false,
        };
        if has_bytes { Some(Blob(v)) } else { None }
    }

    /// An object that is known to be of such a type.
    pub(crate) fn from_known(v: Value) -> Blob {
        Blob(v)
    }

    /// A `str`.
    pub fn of_str(s: Str) -> Blob {
        Blob(s.value())
    }

    /// A `bytes`.
    pub fn of_bytes(b: Bytes) -> Blob {
        Blob(b.value())
    }

    /// A `bytearray` or an `array` that is not one of objects.
    pub fn of_array(a: ByteArray) -> Blob {
        debug_assert!(a.code() != b'O');
        Blob(a.value())
    }

    /// One without bytes.
    pub fn empty() -> Blob {
        Blob(empty_bytes())
    }

    /// The object.
    #[inline]
    pub fn value(self) -> Value {
        self.0
    }

    /// Where the bytes are now: their address and number.
    #[inline]
    pub(super) fn locate(self, vm: &Vm) -> (*mut u8, usize) {
        match self.0.kind() {
            Some(Kind::Str | Kind::Bytes) => (payload(self.0), count(self.0)),
            Some(Kind::ByteArray) => ByteArray::from_known(self.0).locate(vm),
            _ => self.locate_part(vm),
        }
    }

    /// As `locate` for what has its bytes in another object.
    fn locate_part(self, vm: &Vm) -> (*mut u8, usize) {
        let part = Buffer::of(vm, self.0);
        part.map_or((core::ptr::dangling_mut(), 0), |part| part.locate(vm))
    }

    /// The bytes, until somebody may change them.
    #[inline(never)]
    pub fn bytes(self, vm: &Vm) -> &[u8] {
        let (p, n) = self.locate(vm);
        // SAFETY: `locate` gives initialised bytes of a live object; `&Vm` excludes writers.
        unsafe { core::slice::from_raw_parts(p, n) }
    }

    /// The bytes, to be changed in place; none when they are read-only.
    pub fn bytes_mut(self, vm: &mut Vm) -> &mut [u8] {
        let (p, n) = self.locate(vm);
        let n = if self.is_writable(vm) { n } else { 0 };
        // SAFETY: as in `bytes`; `&mut Vm` excludes every other access, and what is writable is in writable memory.
        unsafe { core::slice::from_raw_parts_mut(p, n) }
    }

    /// True when the bytes may be written.
    pub fn is_writable(self, vm: &Vm) -> bool {
        MemoryView::from_value(self.0).is_none_or(|m| m.is_writable())
            && ByteArray::from_value(self.owner(vm)).is_some_and(|a| a.is_writable())
    }

    /// Number of bytes.
    pub fn len(self, vm: &Vm) -> usize {
        self.bytes(vm).len()
    }

    /// True when there are none.
    pub fn is_empty(self, vm: &Vm) -> bool {
        self.len(vm) == 0
    }

    /// The bytes from `start` to `end`, as far as they are there.
    pub fn between(self, vm: &Vm, start: usize, end: usize) -> &[u8] {
        let bytes = self.bytes(vm);
        bytes.get(start..end.min(bytes.len())).unwrap_or_default()
    }

    /// The object that owns the bytes: a `str`, `bytes`, `bytearray` or `array`.
    fn owner(self, vm: &Vm) -> Value {
        match self.0.kind() {
            Some(Kind::MemoryView | Kind::Native) => {
                Buffer::of(vm, self.0).map_or(self.0, |part| part.owner)
            }
            _ => self.0,
        }
    }

    /// True for a `str` and views of one.
    pub fn is_text(self, vm: &Vm) -> bool {
        self.owner(vm).is_kind(Kind::Str)
    }

    /// A new object of a flavor with a copy of these bytes from `start` to `end`, as far as they are there.
    pub fn copy(
        self,
        vm: &mut Vm,
        flavor: Flavor,
        start: usize,
        end: usize,
    ) -> Result<Value, Raise> {
        let part: *const [u8] = self.between(vm, start, end);
        // SAFETY: the bytes are those of a live object, which nothing changes before they are copied: neither Python code
        // nor another thread runs while memory is allocated.
        Pieces::copy(vm, flavor, unsafe { &*part })
    }

    /// A `bytes` object with these bytes; the object itself when it is one.
    pub fn to_bytes(self, vm: &mut Vm) -> Result<Bytes, Raise> {
        let bytes = match self.0.is_kind(Kind::Bytes) {
            true => self.0,
            false => self.copy(vm, Flavor::Bytes, 0, usize::MAX)?,
        };
        Ok(Bytes::from_known(bytes))
    }
}

/// A part of a bytes-like object.
#[derive(Clone, Copy, Debug)]
pub struct Buffer {
    /// A `str`, `bytes` or [`ByteArray`].
    pub(super) owner: Value,
    pub(super) start: u32,
    /// `u32::MAX`: to the end.
    len: u32,
}

impl Buffer {
    /// The buffer of a `str`, `bytes`, `bytearray`, `array`, `memoryview`, or an instance of a class derived from one.
    ///
    /// `str` counts because MicroPython lets it pass wherever bytes are only read; see [`Buffer::is_text`].
    pub fn of(vm: &Vm, v: Value) -> Option<Buffer> {
        let v = vm.native_part(v);
        match v.kind()? {
            Kind::Str | Kind::Bytes => Some(Buffer::whole(v)),
            // Arrays of objects have no bytes that anybody may see.
            Kind::ByteArray if ByteArray::from_known(v).code() != b'O' => Some(Buffer::whole(v)),
            Kind::MemoryView => {
                let m = MemoryView::from_known(v);
                let bytes = m.length(vm) as usize * m.item_size();
                Some(Buffer { owner: m.base(vm), start: m.offset(vm), len: bytes as u32 })
            }
            Kind::Native => (vm.rom_type_of(v).slots.buffer()?)(vm, v),
            _ => None,
        }
    }

    const fn whole(owner: Value) -> Buffer {
        Buffer { owner, start: 0, len: u32::MAX }
    }

    /// The buffer of a `str`.
    #[inline]
    pub fn of_str(s: Str) -> Buffer {
        Buffer::whole(s.value())
    }

    /// The buffer of a `bytes`.
    #[inline]
    pub fn of_bytes(b: Bytes) -> Buffer {
        Buffer::whole(b.value())
    }

    /// The buffer of a `bytearray` or an `array` that is not one of objects.
    #[inline]
    pub fn of_array(b: ByteArray) -> Buffer {
        debug_assert!(b.code() != b'O');
        Buffer::whole(b.value())
    }

    /// The object that owns the bytes; never a `memoryview`.
    pub fn owner(self) -> Value {
        self.owner
    }

    /// Where in the owner's bytes it begins.
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// True for a `str`.
    pub fn is_text(self) -> bool {
        self.owner.is_kind(Kind::Str)
    }

    /// True when the bytes may be written.
    pub fn is_writable(self) -> bool {
        ByteArray::from_value(self.owner).is_some_and(|a| a.is_writable())
    }

    /// Number of bytes.
    #[inline]
    pub fn len(self, vm: &Vm) -> usize {
        self.bytes(vm).len()
    }

    /// True when there are none.
    pub fn is_empty(self, vm: &Vm) -> bool {
        self.len(vm) == 0
    }

    /// Where the bytes are now: their address and number.
    pub(super) fn locate(self, vm: &Vm) -> (*mut u8, usize) {
        let (p, n) = Blob(self.owner).locate(vm);
        let start = (self.start as usize).min(n);
        (p.wrapping_add(start), (self.len as usize).min(n - start))
    }

    /// The bytes, until somebody may change them.
    #[inline]
    pub fn bytes(self, vm: &Vm) -> &[u8] {
        let (p, n) = self.locate(vm);
        // SAFETY: `locate` gives initialised bytes of a live object; `&Vm` excludes writers.
        unsafe { core::slice::from_raw_parts(p, n) }
    }

    /// The bytes, to be changed in place; `None` when they are read-only.
    pub fn bytes_mut(self, vm: &mut Vm) -> Option<&mut [u8]> {
        if !self.is_writable() {
            return None;
        }
        let (p, n) = self.locate(vm);
        // SAFETY: as in `bytes`; `&mut Vm` excludes every other access, and byte arrays are in writable memory.
        Some(unsafe { core::slice::from_raw_parts_mut(p, n) })
    }

    /// A part of this buffer, cut to what there is now.
    pub fn slice(self, vm: &Vm, range: Range<usize>) -> Buffer {
        let n = self.len(vm);
        let start = range.start.min(n);
        let len = range.end.min(n).saturating_sub(start);
        Buffer { owner: self.owner, start: self.start + start as u32, len: len as u32 }
    }

    /// A `bytes` object with a copy of these bytes; the object itself when it is a whole `bytes` already.
    pub fn to_bytes(self, vm: &mut Vm) -> Result<Bytes, Raise> {
        if self.owner.is_kind(Kind::Bytes) && self.len(vm) == count(self.owner) {
            return Ok(Bytes::from_known(self.owner));
        }
        Ok(Bytes::from_known(self.copy(vm, Flavor::Bytes)?))
    }

    /// A new object of a flavor with a copy of these bytes.
    pub fn copy(self, vm: &mut Vm, flavor: Flavor) -> Result<Value, Raise> {
        let start = self.start as usize;
        Blob(self.owner).copy(vm, flavor, start, start.saturating_add(self.len as usize))
    }

    /// Copies as many bytes as both sides have; the two may overlap. Does nothing when this side is read-only.
    pub fn copy_from(self, vm: &mut Vm, from: Buffer) {
        if !self.is_writable() {
            return;
        }
        let ((to, n), (from, m)) = (self.locate(vm), from.locate(vm));
        // SAFETY: both are initialised bytes of live objects, the first ones writable; `copy` allows overlap.
        unsafe { core::ptr::copy(from, to, n.min(m)) };
    }
}

impl StrBuilder {
    /// Appends the bytes of a buffer.
    pub fn push_buffer(&mut self, vm: &mut Vm, from: Buffer) {
        let start = from.start as usize;
        self.push_part(vm, Blob(from.owner), start, start.saturating_add(from.len as usize));
    }

    /// Appends bytes of an object from `start` to `end`, as far as they are there.
    pub fn push_part(&mut self, vm: &mut Vm, from: Blob, start: usize, end: usize) {
        let part: *const [u8] = from.between(vm, start, end);
        // SAFETY: as in `Blob::copy`; the builder's own buffer is known to nobody else.
        self.push_bytes(vm, unsafe { &*part });
    }

    /// Appends `n` times the byte `b`.
    pub fn push_repeated(&mut self, vm: &mut Vm, b: u8, n: usize) -> Result<(), Raise> {
        self.push_with(vm, n, |_, room| {
            room.fill(b);
            Ok((n, ()))
        })
    }
}

/// Bytes of an item of a type code; 0 for an unknown one.
#[inline]
pub const fn item_size(code: u8) -> usize {
    match code {
        0 | b'b' | b'B' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'q' | b'Q' | b'd' => 8,
        b'l' | b'L' | b'P' | b'O' => size_of::<usize>(),
        _ => 0,
    }
}

impl ByteArray {
    /// A new one of `n` zero bytes; `code` is 0 for a `bytearray`, else the type code.
    pub fn new(vm: &mut Vm, code: u8, n: usize) -> Result<ByteArray, Raise> {
        let buffer = vm.new_zeroed(Kind::Raw, n)?;
        ByteArray::around(vm, code, buffer)
    }

    /// One of the bytes of a Raw object that nobody else knows.
    pub(super) fn around(vm: &mut Vm, code: u8, buffer: Value) -> Result<ByteArray, Raise> {
        let (mut buffer, n) = (buffer, count(buffer));
        if n == 0 {
            vm.free_raw(buffer);
            buffer = Value::UNDEF;
        }
        ByteArray::alloc(vm, code.into(), n as u32, buffer, 0)
    }

    /// An `array` of objects: its buffer is a list.
    pub fn new_of_objects(vm: &mut Vm) -> Result<ByteArray, Raise> {
        let list = vm.new_list()?.value();
        ByteArray::alloc(vm, b'O' as u16, 0, list, 0)
    }

    /// The type code; 0 for a `bytearray`.
    #[inline]
    pub fn code(self) -> u8 {
        self.aux() as u8
    }

    /// Bytes of an item.
    #[inline]
    pub fn item_size(self) -> usize {
        item_size(self.code()).max(1)
    }

    fn is_writable(self) -> bool {
        self.aux() & ByteArray::READ_ONLY == 0
    }

    #[inline]
    pub(super) fn locate(self, vm: &Vm) -> (*mut u8, usize) {
        let buffer = self.buffer(vm);
        if buffer.is_kind(Kind::Raw) {
            (payload(buffer), self.length(vm) as usize)
        } else {
            self.locate_shared(vm)
        }
    }

    /// The bytes.
    #[inline]
    pub fn bytes(self, vm: &Vm) -> &[u8] {
        let (p, n) = self.locate(vm);
        // SAFETY: invariant 1; `&Vm` excludes writers.
        unsafe { core::slice::from_raw_parts(p, n) }
    }

    /// The bytes, to be changed in place.
    pub fn bytes_mut(self, vm: &mut Vm) -> &mut [u8] {
        let (p, n) = self.locate(vm);
        // SAFETY: invariant 1; `&mut Vm` excludes every other access.
        unsafe { core::slice::from_raw_parts_mut(p, n) }
    }

    /// Copies bytes to offset `at`, as many as there is room for.
    pub fn write(self, vm: &mut Vm, at: usize, from: Buffer) {
        let start = from.start as usize;
        self.write_part(vm, at, Blob(from.owner), start, start.saturating_add(from.len as usize));
    }

    /// Copies bytes of an object from `start` to `end`, as far as they are there, to offset `at`, as many as there is room
    /// for. It may be this one.
    pub fn write_part(self, vm: &mut Vm, at: usize, from: Blob, start: usize, end: usize) {
        let from = from.between(vm, start, end);
        let (to, n) = self.locate(vm);
        let at = at.min(n);
        // SAFETY: both are initialised bytes of live objects, the first ones writable; `copy` allows overlap.
        unsafe { core::ptr::copy(from.as_ptr(), to.add(at), from.len().min(n - at)) };
    }

    /// Makes it `n` bytes long; new bytes are zero. `BufferError` while the bytes are lent.
    pub fn resize(self, vm: &mut Vm, n: usize) -> Result<(), Raise> {
        let len = self.length(vm) as usize;
        if n == len {
            return Ok(());
        }
        if self.exports(vm) > 0 {
            return Err(
                vm.raise(exc::BUFFER_ERROR, "Existing exports of data: object cannot be re-sized")
            );
        }
        let buffer = self.buffer(vm);
        let capacity = if buffer.is_undef() { 0 } else { count(buffer) };
        if n > capacity {
            self.grow(vm, n)?;
        }
        self.set_length(vm, n as u32);
        if n > len {
            // What a longer array left behind is not to be seen again.
            self.bytes_mut(vm)[len..].fill(0);
        } else if n == 0 && !buffer.is_undef() {
            self.set_buffer(vm, Value::UNDEF);
            vm.free_raw(buffer);
        }
        Ok(())
    }

    /// Room for `n` bytes and an eighth more, so that appends are amortised O(1).
    fn grow(self, vm: &mut Vm, n: usize) -> Result<(), Raise> {
        let Some(wanted) =
            n.checked_add(n / 8 + 23).map(|n| (n & !15) - 8).filter(|&w| w < u32::MAX as usize)
        else {
            return Err(vm.no_memory());
        };
        let old = self.buffer(vm);
        if !old.is_undef() {
            let capacity = count(old);
            if vm.try_grow(old, wanted, 1) {
                // SAFETY: the Raw object has now `wanted` bytes, of which the new ones are initialised here.
                unsafe { core::ptr::write_bytes(payload(old).add(capacity), 0, wanted - capacity) };
                return Ok(());
            }
        }
        let new = vm.new_zeroed(Kind::Raw, wanted)?;
        if !old.is_undef() {
            let len = self.length(vm) as usize;
            // SAFETY: both are Raw objects of at least `len` bytes; the new one is known to nobody else.
            unsafe { core::ptr::copy_nonoverlapping(payload(old), payload(new), len) };
        }
        self.set_buffer(vm, new);
        if !old.is_undef() {
            vm.free_raw(old);
        }
        Ok(())
    }

    /// Replaces the bytes from `start` to `end` (within the length) by those of `with`, which may be this array.
    pub fn splice(self, vm: &mut Vm, start: usize, end: usize, with: Blob) -> Result<(), Raise> {
        let (len, end) = (self.length(vm) as usize, end.max(start));
        let (n, mut with) = (with.len(vm), with);
        if n > 0 && with.owner(vm) == self.value() {
            // Moving the tail would change what is still to be copied.
            with = Blob::of_bytes(with.to_bytes(vm)?);
        }
        let Some(new_len) = (len - (end - start)).checked_add(n) else {
            return Err(vm.no_memory());
        };
        if new_len > len || self.exports(vm) > 0 {
            // Raises before anything has moved.
            self.resize(vm, new_len)?;
        }
        self.bytes_mut(vm).copy_within(end..len, start + n);
        self.resize(vm, new_len)?;
        self.write_part(vm, start, with, 0, n);
        Ok(())
    }
}

impl MemoryView {
    /// The type code of the items.
    #[inline]
    pub fn code(self) -> u8 {
        self.aux() as u8
    }

    /// Bytes of an item.
    #[inline]
    pub fn item_size(self) -> usize {
        item_size(self.code()).max(1)
    }

    /// True when the items may be written.
    pub fn is_writable(self) -> bool {
        self.aux() & MemoryView::WRITABLE != 0
    }
}

impl Vm {
    /// The buffer of an argument; `TypeError` for what has none.
    pub fn expect_buffer(&mut self, v: Value) -> Result<Buffer, Raise> {
        match Buffer::of(self, v) {
            Some(buffer) => Ok(buffer),
            None => Err(self.no_bytes()),
        }
    }

    /// `TypeError` for what has no bytes, or none that may be written.
    #[cold]
    #[inline(never)]
    pub fn no_bytes(&mut self) -> Raise {
        self.raise(exc::TYPE_ERROR, "object with buffer protocol required")
    }

    /// The buffer of an argument that is to be written; `TypeError` for what has none or is read-only.
    pub fn expect_writable(&mut self, v: Value) -> Result<Buffer, Raise> {
        let writable = Blob::of(self, v).filter(|blob| blob.is_writable(self));
        match writable.and_then(|blob| Buffer::of(self, blob.0)) {
            Some(buffer) => Ok(buffer),
            None => Err(self.no_bytes()),
        }
    }

    /// The bytes-like object that an argument is; `TypeError` for what has no bytes.
    pub fn expect_bytes(&mut self, v: Value) -> Result<Blob, Raise> {
        match Blob::of(self, v) {
            Some(blob) => Ok(blob),
            None => Err(self.no_bytes()),
        }
    }

    /// Lends the bytes to code that may run Python or give up the GIL: they stay in place, though others may write them.
    pub fn with_bytes<R>(&mut self, buffer: Buffer, f: impl FnOnce(&mut Vm, &[u8]) -> R) -> R {
        let (p, n) = self.lend(&buffer);
        // SAFETY: `lend` promises initialised bytes that stay where they are until they are given back.
        let result = f(self, unsafe { core::slice::from_raw_parts(p, n) });
        self.give_back(&buffer);
        result
    }

    /// As [`Vm::with_bytes`], for code that writes into the buffer; it gets no bytes when they are read-only.
    pub fn with_bytes_mut<R>(
        &mut self,
        buffer: Buffer,
        f: impl FnOnce(&mut Vm, &mut [u8]) -> R,
    ) -> R {
        let (p, n) = self.lend(&buffer);
        let n = if buffer.is_writable() { n } else { 0 };
        // SAFETY: as in `with_bytes`; what is writable is in the heap.
        let result = f(self, unsafe { core::slice::from_raw_parts_mut(p, n) });
        self.give_back(&buffer);
        result
    }

    fn lend(&mut self, buffer: &Buffer) -> (*mut u8, usize) {
        self.count_export(buffer.owner, 1);
        buffer.locate(self)
    }

    /// Ends what `lend` began. Until here the object is alive, for the caller has it on the native stack.
    fn give_back(&mut self, buffer: &Buffer) {
        self.count_export(core::hint::black_box(buffer).owner, -1);
    }

    #[inline(never)]
    fn count_export(&mut self, owner: Value, by: i32) {
        if let Some(array) = ByteArray::from_value(owner) {
            let n = array.exports(self);
            array.set_exports(self, n.wrapping_add_signed(by));
        }
    }
}
