//! `str`, `bytes`, big `int` and `tuple`: objects that never change once made.

use core::mem::MaybeUninit;
use core::ptr::NonNull;

use super::{Flavor, Pieces, handle};
use crate::value::header::{BLOCK, WORD};
use crate::value::names::{STR_ASCII, STR_HASH, STR_INTERNED, hash_bytes, q, rom_char};
use crate::value::{Header, Kind, Value};
use crate::{Raise, Vm};

handle!(
    /// `str`: UTF-8 bytes inline.
    Str, Str
);
handle!(
    /// `bytes`: inline.
    Bytes, Bytes
);
handle!(
    /// An `int` that does not fit a small int: u32 limbs of the magnitude, little-endian, no leading zero limb.
    Int, Int
);
handle!(
    /// `tuple`: items inline.
    Tuple, Tuple
);

/// The count word of an object with a count.
#[inline(always)]
pub(crate) fn count(value: Value) -> usize {
    // SAFETY: the callers' handles are of kinds whose second 32-bit word is a count.
    unsafe { value.object_ptr().add(4).cast::<u32>().read() as usize }
}

/// The payload after the count word.
#[inline(always)]
pub(crate) fn payload(value: Value) -> *mut u8 {
    value.object_ptr().wrapping_add(8)
}

#[inline(always)]
fn bytes_of<'a>(value: Value) -> &'a [u8] {
    // SAFETY: kinds Str, Bytes, Int and Raw hold `count` initialised bytes from offset 8; the callers bound the life.
    unsafe { core::slice::from_raw_parts(payload(value), count(value)) }
}

impl Str {
    /// The UTF-8 bytes.
    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        bytes_of(self.value())
    }

    /// The text.
    #[inline(always)]
    pub fn as_str(&self) -> &str {
        // SAFETY: strings are made from UTF-8 only.
        unsafe { core::str::from_utf8_unchecked(self.as_bytes()) }
    }

    /// Bytes of the text.
    #[inline(always)]
    pub fn byte_len(self) -> usize {
        count(self.value())
    }

    /// True when every character is one byte.
    #[inline(always)]
    pub fn is_ascii(self) -> bool {
        self.aux() & STR_ASCII != 0
    }

    /// Number of code points.
    pub fn char_len(self) -> usize {
        if self.is_ascii() { self.byte_len() } else { count_chars(self.as_bytes()) }
    }

    /// The 14-bit hash.
    #[inline(always)]
    pub fn hash14(self) -> u16 {
        self.aux() & STR_HASH
    }

    /// True for an interned string: equal interned strings are the same object.
    #[inline(always)]
    pub fn is_interned(self) -> bool {
        self.aux() & STR_INTERNED != 0
    }

    /// Equal text.
    #[inline]
    pub fn equals(self, other: Str) -> bool {
        self == other
            || (self.aux() ^ other.aux()) & STR_HASH == 0
                && !(self.is_interned() && other.is_interned())
                && self.as_bytes() == other.as_bytes()
    }
}

impl Bytes {
    /// The bytes.
    #[inline(always)]
    pub fn as_bytes(&self) -> &[u8] {
        bytes_of(self.value())
    }
}

/// A `str` or `bytes`, whose bytes never change.
#[derive(Clone, Copy)]
pub struct Text(Value);

impl Text {
    /// The text that a value is; an empty one for anything else.
    pub fn of(v: Value) -> Text {
        Text(if matches!(v.kind(), Some(Kind::Str | Kind::Bytes)) { v } else { empty_bytes() })
    }

    /// The object.
    pub fn value(self) -> Value {
        self.0
    }

    /// The bytes.
    #[inline(always)]
    pub fn bytes(&self) -> &[u8] {
        bytes_of(self.0)
    }
}

impl Int {
    /// Magnitude, little-endian limbs.
    #[inline(always)]
    pub fn limbs(&self) -> &[u32] {
        // SAFETY: as in `bytes_of`; the payload is 8-byte aligned and a whole number of limbs.
        unsafe {
            core::slice::from_raw_parts(payload(self.value()).cast(), count(self.value()) / 4)
        }
    }

    /// True for a negative number.
    #[inline(always)]
    pub fn is_negative(self) -> bool {
        self.aux() & 1 != 0
    }
}

impl Tuple {
    /// The items.
    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        // SAFETY: kind Tuple holds `count` values from offset 8.
        unsafe { core::slice::from_raw_parts(payload(self.value()).cast(), count(self.value())) }
    }

    /// Number of items.
    #[inline(always)]
    pub fn len(self) -> usize {
        count(self.value())
    }

    /// True for the empty tuple.
    #[inline(always)]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
}

/// The empty tuple, in ROM.
#[repr(C, align(8))]
struct EmptyCounted(Header, u32);
static EMPTY_TUPLE: EmptyCounted = EmptyCounted(Header::new(Kind::Tuple, 0, 0), 0);
static EMPTY_BYTES: EmptyCounted = EmptyCounted(Header::new(Kind::Bytes, 0, 0), 0);

/// `b''`, in ROM.
pub(super) fn empty_bytes() -> Value {
    // SAFETY: a static object in ROM.
    unsafe { Value::from_object((&raw const EMPTY_BYTES).cast()) }
}

impl Vm {
    /// A `str` equal to `text`.
    pub fn new_str(&mut self, text: &str) -> Result<Value, Raise> {
        let bytes = text.as_bytes();
        let in_rom = match *bytes {
            [] => Some(q::EMPTY.value()),
            [c] => rom_char(c),
            _ => None,
        };
        if let Some(v) = in_rom {
            return Ok(v);
        }
        let v = self.alloc_counted(Kind::Str, text_aux(bytes), bytes.len(), 1)?;
        // SAFETY: the object was just made with room for the text, and nobody else knows it yet. The text's own object
        // is alive, and allocating moves nothing.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), payload(v), bytes.len()) };
        Ok(v)
    }

    /// A `bytes` object.
    pub fn new_bytes(&mut self, bytes: &[u8]) -> Result<Value, Raise> {
        self.new_bytes_with(bytes.len(), |out| out.copy_from_slice(bytes))
    }

    /// A `bytes` object of `n` bytes, zeroed, then written by `fill`.
    #[inline]
    pub fn new_bytes_with(
        &mut self,
        n: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<Value, Raise> {
        let mut new = Pieces::new(self, Flavor::Bytes, n)?;
        fill(new.all_mut());
        Ok(new.value())
    }

    /// A Raw object of `n` bytes that are not initialised.
    fn new_raw(&mut self, n: usize) -> Result<Value, Raise> {
        self.alloc_counted(Kind::Raw, 0, n, 1)
    }

    /// A Raw object, `str` or `bytes` of `n` zeros; nobody else knows it yet.
    pub(super) fn new_zeroed(&mut self, kind: Kind, n: usize) -> Result<Value, Raise> {
        let v = self.alloc_counted(kind, 0, n, 1)?;
        // SAFETY: the object was just made with room for `n` bytes.
        unsafe { core::ptr::write_bytes(payload(v), 0, n) };
        Ok(v)
    }

    /// `OverflowError` in a build that has only small ints.
    #[inline(always)]
    pub(crate) fn has_big_ints(&mut self) -> Result<(), Raise> {
        match Kind::Int.is_built() {
            true => Ok(()),
            false => Err(self.raise(crate::exc::OVERFLOW_ERROR, "small int overflow")),
        }
    }

    /// A big int of these limbs; leading zero limbs are dropped. The caller made sure that it is not small.
    /// `OverflowError` in a build without big integers.
    pub fn new_big_int(&mut self, negative: bool, limbs: &[u32]) -> Result<Value, Raise> {
        self.has_big_ints()?;
        let n = limbs.iter().rposition(|&l| l != 0).map_or(0, |i| i + 1);
        let v = self.alloc_counted(Kind::Int, negative as u16, n * 4, 1)?;
        // SAFETY: the object was just made with room for `n` limbs.
        unsafe { core::ptr::copy_nonoverlapping(limbs.as_ptr(), payload(v).cast(), n) };
        Ok(v)
    }

    /// A tuple of these items.
    pub fn new_tuple(&mut self, items: &[Value]) -> Result<Value, Raise> {
        if items.is_empty() {
            return Ok(Self::empty_tuple());
        }
        let v = self.alloc_counted(Kind::Tuple, 0, items.len(), WORD)?;
        // SAFETY: the object was just made with room for them.
        unsafe { core::ptr::copy_nonoverlapping(items.as_ptr(), payload(v).cast(), items.len()) };
        Ok(v)
    }

    /// A tuple of `n` times `UNDEF`, to be filled with [`Vm::init_tuple_item`] or by way of `array_items` before anybody else
    /// knows it.
    pub(crate) fn new_tuple_of(&mut self, n: usize) -> Result<Value, Raise> {
        if n == 0 {
            return Ok(Self::empty_tuple());
        }
        let v = self.alloc_counted(Kind::Tuple, 0, n, WORD)?;
        for i in 0..n {
            self.init_tuple_item(v, i, Value::UNDEF);
        }
        Ok(v)
    }

    /// Writes an item of a tuple that nobody else knows yet.
    #[inline]
    pub(crate) fn init_tuple_item(&mut self, tuple: Value, i: usize, item: Value) {
        if tuple.is_kind(Kind::Tuple) && i < count(tuple) {
            // SAFETY: kind Tuple holds `count` values from offset 8. The empty one in ROM has none.
            unsafe { payload(tuple).cast::<Value>().add(i).write(item) };
        }
    }

    /// `()`.
    pub fn empty_tuple() -> Value {
        // SAFETY: a static object in ROM.
        unsafe { Value::from_object((&raw const EMPTY_TUPLE).cast()) }
    }

    /// Items of a tuple; none of anything else.
    pub fn tuple_items(&self, v: Value) -> &[Value] {
        if !v.is_kind(Kind::Tuple) {
            return &[];
        }
        // SAFETY: as in `Tuple::items`; `&Vm` bounds the life.
        unsafe { core::slice::from_raw_parts(payload(v).cast(), count(v)) }
    }

    /// Bytes of a `str` or `bytes`; empty for anything else.
    pub fn str_bytes(&self, v: Value) -> &[u8] {
        match v.kind() {
            Some(Kind::Str | Kind::Bytes) => bytes_of(v),
            _ => &[],
        }
    }
}

/// Number of characters in UTF-8.
#[inline(never)]
pub fn count_chars(bytes: &[u8]) -> usize {
    let mut n = 0;
    for b in bytes {
        // All but the bytes that go on with a character.
        n += usize::from(b & 0xc0 != 0x80);
    }
    n
}

/// aux of a `str` with this text that is not interned.
fn text_aux(text: &[u8]) -> u16 {
    let ascii = if text.is_ascii() { STR_ASCII } else { 0 };
    ascii | hash_bytes(text)
}

/// As [`text_aux`]; `UnicodeError` for what is not UTF-8.
pub(super) fn checked_aux(vm: &mut Vm, text: &[u8]) -> Result<u16, Raise> {
    let aux = text_aux(text);
    if aux & STR_ASCII == 0 && core::str::from_utf8(text).is_err() {
        return Err(vm.raise(crate::exc::UNICODE_ERROR, ""));
    }
    Ok(aux)
}

/// Collects text or bytes of unknown length: a few on the native stack, more in a growing heap buffer.
///
/// Nothing fails while it collects: that memory ran out shows in what `check` and `finish` say.
///
/// Lives on the native stack, which keeps its buffer alive.
///
/// # Invariants
/// 1. The first `len` bytes of `few`, or of the buffer if there is one, are initialised.
pub struct StrBuilder {
    /// `UNDEF` while what was pushed fits `few`, `NONE` when memory ran out.
    buffer: Value,
    len: usize,
    few: [MaybeUninit<u8>; StrBuilder::FEW],
}

impl Default for StrBuilder {
    fn default() -> Self {
        StrBuilder::new()
    }
}

impl StrBuilder {
    /// An empty builder; allocates nothing.
    #[inline]
    pub const fn new() -> StrBuilder {
        StrBuilder {
            buffer: Value::UNDEF,
            len: 0,
            few: [const { MaybeUninit::uninit() }; StrBuilder::FEW],
        }
    }

    /// Bytes that need no heap.
    pub const FEW: usize = 64;

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True while nothing was pushed.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What was pushed so far, or less when memory ran out, which [`StrBuilder::check`] tells.
    pub fn as_bytes(&self) -> &[u8] {
        let start = match self.buffer.is_object() {
            false => self.few.as_ptr().cast(),
            true => payload(self.buffer).cast_const(),
        };
        // SAFETY: invariant 1; `len` is at most what there is.
        unsafe { core::slice::from_raw_parts(start, self.len) }
    }

    /// True when memory ran out, so that something of what was pushed is missing.
    pub fn is_lost(&self) -> bool {
        self.buffer.is_none()
    }

    /// `MemoryError` if something of what was pushed is missing.
    #[inline(never)]
    pub fn check(&self, vm: &mut Vm) -> Result<(), Raise> {
        if self.is_lost() { Err(vm.no_memory()) } else { Ok(()) }
    }

    /// Bytes that there is room for.
    fn capacity(&self) -> usize {
        if self.buffer.is_object() { count(self.buffer) } else { StrBuilder::FEW }
    }

    /// Where the next byte goes.
    fn end(&mut self) -> *mut u8 {
        let start = match self.buffer.is_object() {
            false => self.few.as_mut_ptr().cast(),
            true => payload(self.buffer),
        };
        start.wrapping_add(self.len)
    }

    /// Bytes that can be pushed without asking for memory.
    pub fn spare(&mut self) -> usize {
        self.capacity() - self.len
    }

    /// Makes room for `n` more bytes. False when memory ran out.
    pub fn reserve(&mut self, vm: &mut Vm, n: usize) -> bool {
        n <= self.spare() || self.grow(vm, n)
    }

    #[inline(never)]
    fn grow(&mut self, vm: &mut Vm, n: usize) -> bool {
        if self.buffer.is_none() {
            return false;
        }
        // Whole blocks. Numbers that are too large stay so, and allocating refuses them.
        let rounded = |n: usize| (n.saturating_add(7) | (BLOCK - 1)) - 7;
        let least = self.len.saturating_add(n);
        let wanted = rounded(least.saturating_add(least / 2));
        if self.buffer.is_object() && vm.try_grow(self.buffer, wanted, 1) {
            return true;
        }
        // When memory is short, just enough will do.
        let new = vm.new_raw(wanted).or_else(|raise| {
            vm.forget(raise);
            vm.new_raw(rounded(least))
        });
        let mut buffer = Value::NONE;
        match new {
            Ok(new) => {
                let bytes = self.as_bytes();
                // SAFETY: the new buffer is ours alone and has room for more.
                unsafe {
                    core::ptr::copy_nonoverlapping(bytes.as_ptr(), payload(new), bytes.len());
                }
                buffer = new;
            }
            Err(raise) => {
                vm.forget(raise);
                self.len = 0;
            }
        }
        self.free(vm);
        self.buffer = buffer;
        !buffer.is_none()
    }

    /// Appends bytes.
    pub fn push_bytes(&mut self, vm: &mut Vm, bytes: &[u8]) {
        if self.reserve(vm, bytes.len()) {
            // SAFETY: `reserve` made the room; `bytes` is not inside our buffer's free part.
            unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), self.end(), bytes.len()) };
            self.len += bytes.len();
        }
    }

    /// Appends a byte.
    pub fn push_byte(&mut self, vm: &mut Vm, byte: u8) {
        self.push_bytes(vm, &[byte]);
    }

    /// Appends what `fill` writes into `n` bytes of room, which stay in place whatever it does; it returns how many.
    pub fn push_with<R>(
        &mut self,
        vm: &mut Vm,
        n: usize,
        fill: impl FnOnce(&mut Vm, &mut [u8]) -> Result<(usize, R), Raise>,
    ) -> Result<R, Raise> {
        let room = self.cleared_room(vm, n)?;
        // SAFETY: all of it was initialised; nobody else knows the buffer, which stays alive because the builder is on
        // the native stack.
        let room = unsafe { core::slice::from_raw_parts_mut(room, n) };
        let (written, result) = fill(vm, room)?;
        self.len += written.min(n);
        Ok(result)
    }

    /// Where `n` more bytes go, which are initialised.
    fn cleared_room(&mut self, vm: &mut Vm, n: usize) -> Result<*mut u8, Raise> {
        self.reserve(vm, n);
        self.check(vm)?;
        let room = self.end();
        // SAFETY: `reserve` made sure that there is room.
        unsafe { core::ptr::write_bytes(room, 0, n) };
        Ok(room)
    }

    /// Appends text.
    #[inline(always)]
    pub fn push_str(&mut self, vm: &mut Vm, text: &str) {
        self.push_bytes(vm, text.as_bytes());
    }

    /// Appends a character.
    pub fn push_char(&mut self, vm: &mut Vm, c: char) {
        self.push_bytes(vm, c.encode_utf8(&mut [0; 4]).as_bytes());
    }

    /// What was pushed from offset `start` on.
    pub fn tail_mut(&mut self, start: usize) -> &mut [u8] {
        let n = self.len.saturating_sub(start);
        let first = self.end().wrapping_sub(n);
        // SAFETY: invariant 1; these are the last `n` bytes of those pushed.
        unsafe { core::slice::from_raw_parts_mut(first, n) }
    }

    /// Shortens to `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    fn free(&mut self, vm: &mut Vm) {
        let buffer = core::mem::replace(&mut self.buffer, Value::UNDEF);
        if buffer.is_object() {
            vm.free_raw(buffer);
        }
    }

    /// What was pushed as an object; nothing is left. `MemoryError` if some of it got lost.
    pub fn finish(&mut self, vm: &mut Vm, flavor: Flavor) -> Result<Value, Raise> {
        let made = self.convert(vm, flavor);
        self.discard(vm);
        made
    }

    fn convert(&mut self, vm: &mut Vm, flavor: Flavor) -> Result<Value, Raise> {
        self.check(vm)?;
        if self.buffer.is_undef() || self.len < 2 {
            return Pieces::copy(vm, flavor, self.as_bytes());
        }
        let aux = if flavor == Flavor::Str { checked_aux(vm, self.as_bytes())? } else { 0 };
        // The buffer itself becomes the object, or that of a `bytearray`.
        let object = core::mem::replace(&mut self.buffer, Value::UNDEF);
        if let Some(p) = NonNull::new(object.object_ptr()) {
            // SAFETY: a Raw object of ours alone, with at least `len` bytes; `str` and `bytes` have the same layout.
            unsafe {
                vm.shared_mut().heap.shrink(p, 8 + self.len);
                let header = super::header_mut(object);
                *header = Header::new(flavor.kind(), header.blocks, aux);
            }
        }
        Pieces::wrap(vm, object)
    }

    /// The text as a `str`; nothing is left. What was pushed must be UTF-8, else `UnicodeError`.
    pub fn finish_str(&mut self, vm: &mut Vm) -> Result<Value, Raise> {
        self.finish(vm, Flavor::Str)
    }

    /// The bytes as a `bytes` object; nothing is left.
    pub fn finish_bytes(&mut self, vm: &mut Vm) -> Result<Value, Raise> {
        self.finish(vm, Flavor::Bytes)
    }

    /// Drops what was pushed, and frees the buffer.
    pub fn discard(&mut self, vm: &mut Vm) {
        self.free(vm);
        self.len = 0;
    }
}
