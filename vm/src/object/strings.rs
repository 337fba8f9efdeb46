//! `str`, `bytes`, big `int` and `tuple`: objects that never change once made.

use core::ptr::NonNull;

use super::handle;
use crate::value::header::{BLOCK, WORD};
use crate::value::names::{STR_ASCII, STR_HASH, STR_INTERNED, ascii_char, hash_bytes, q};
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
        super::aux(self.value()) & STR_ASCII != 0
    }

    /// Number of code points.
    pub fn char_len(self) -> usize {
        if self.is_ascii() { self.byte_len() } else { self.as_str().chars().count() }
    }

    /// The 14-bit hash.
    #[inline(always)]
    pub fn hash14(self) -> u16 {
        super::aux(self.value()) & STR_HASH
    }

    /// True for an interned string: equal interned strings are the same object.
    #[inline(always)]
    pub fn is_interned(self) -> bool {
        super::aux(self.value()) & STR_INTERNED != 0
    }

    /// Equal text.
    #[inline]
    pub fn equals(self, other: Str) -> bool {
        self == other
            || (super::aux(self.value()) ^ super::aux(other.value())) & STR_HASH == 0
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
        super::aux(self.value()) & 1 != 0
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

impl Vm {
    /// An object of a counted kind with `count` in place; the payload is not initialised.
    #[inline(never)]
    pub(crate) fn alloc_counted(
        &mut self,
        kind: Kind,
        aux: u16,
        count: usize,
        unit: usize,
    ) -> Result<Value, Raise> {
        self.alloc_counted_inline(kind, aux, count, unit)
    }

    /// As `alloc_counted`, for the few places whose kind is constant and whose speed shows.
    #[inline(always)]
    pub(crate) fn alloc_counted_inline(
        &mut self,
        kind: Kind,
        aux: u16,
        count: usize,
        unit: usize,
    ) -> Result<Value, Raise> {
        let Some(bytes) = count.checked_mul(unit).filter(|&n| n < u32::MAX as usize - 64) else {
            return Err(self.no_memory());
        };
        let p = self.alloc_inline(kind, aux, 8 + bytes)?;
        // SAFETY: a fresh object of at least eight bytes.
        unsafe {
            p.as_ptr().add(4).cast::<u32>().write(count as u32);
            Ok(Value::from_object(p.as_ptr().cast()))
        }
    }

    /// A `str` equal to `text`.
    pub fn new_str(&mut self, text: &str) -> Result<Value, Raise> {
        let bytes = text.as_bytes();
        match *bytes {
            [] => return Ok(q::EMPTY.value()),
            [c] => return Ok(ascii_char(c)),
            _ => {}
        }
        let v = self.alloc_counted_inline(Kind::Str, text_aux(bytes), bytes.len(), 1)?;
        // SAFETY: the object was just made with room for the text, and nobody else knows it yet. The text's own object
        // is alive, and allocating moves nothing.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), payload(v), bytes.len()) };
        Ok(v)
    }

    /// A `str` of `n` bytes that `fill` writes; they must be UTF-8 (checked in debug builds).
    pub(crate) fn new_str_with(
        &mut self,
        n: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<Value, Raise> {
        if n == 0 {
            return Ok(q::EMPTY.value());
        }
        if n == 1 {
            let mut one = [0];
            fill(&mut one);
            return Ok(ascii_char(one[0]));
        }
        let v = self.alloc_counted(Kind::Str, 0, n, 1)?;
        // SAFETY: the object was just made with room for `n` bytes, and nobody else knows it yet.
        let bytes = unsafe {
            core::ptr::write_bytes(payload(v), 0, n);
            core::slice::from_raw_parts_mut(payload(v), n)
        };
        fill(bytes);
        debug_assert!(core::str::from_utf8(bytes).is_ok());
        let aux = text_aux(bytes);
        super::set_aux(self, v, aux);
        Ok(v)
    }

    /// A `bytes` object.
    pub fn new_bytes(&mut self, bytes: &[u8]) -> Result<Value, Raise> {
        self.new_bytes_with(bytes.len(), |out| out.copy_from_slice(bytes))
    }

    /// A `bytes` object of `n` bytes, zeroed, then written by `fill`.
    pub fn new_bytes_with(
        &mut self,
        n: usize,
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<Value, Raise> {
        if n == 0 {
            // SAFETY: a static object in ROM.
            return Ok(unsafe { Value::from_object((&raw const EMPTY_BYTES).cast()) });
        }
        let v = self.alloc_counted(Kind::Bytes, 0, n, 1)?;
        // SAFETY: as in `new_str_with`.
        let bytes = unsafe {
            core::ptr::write_bytes(payload(v), 0, n);
            core::slice::from_raw_parts_mut(payload(v), n)
        };
        fill(bytes);
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
        let v = self.alloc_counted_inline(Kind::Tuple, 0, items.len(), WORD)?;
        // SAFETY: the object was just made with room for them.
        unsafe { core::ptr::copy_nonoverlapping(items.as_ptr(), payload(v).cast(), items.len()) };
        Ok(v)
    }

    /// A tuple of `n` times `UNDEF`, whose items (`array_items`) the caller writes before anybody else knows it.
    pub(crate) fn new_blank_tuple(&mut self, n: usize) -> Result<Value, Raise> {
        if n == 0 {
            return Ok(Self::empty_tuple());
        }
        let v = self.alloc_counted(Kind::Tuple, 0, n, WORD)?;
        // SAFETY: the object was just made with room for `n` values.
        (0..n).for_each(|i| unsafe { payload(v).cast::<Value>().add(i).write(Value::UNDEF) });
        Ok(v)
    }

    /// `()`.
    pub fn empty_tuple() -> Value {
        // SAFETY: a static object in ROM.
        unsafe { Value::from_object((&raw const EMPTY_TUPLE).cast()) }
    }

    /// Bytes of a `str` or `bytes`; empty for anything else.
    pub fn str_bytes(&self, v: Value) -> &[u8] {
        match v.kind() {
            Some(Kind::Str | Kind::Bytes) => bytes_of(v),
            _ => &[],
        }
    }
}

/// aux of a `str` with this text that is not interned.
fn text_aux(text: &[u8]) -> u16 {
    let ascii = if text.is_ascii() { STR_ASCII } else { 0 };
    ascii | hash_bytes(text)
}

/// Collects text or bytes of unknown length: a few on the native stack, more in a growing heap buffer.
///
/// Lives on the native stack, which keeps its buffer alive.
pub struct StrBuilder {
    /// `UNDEF` while what was pushed fits `few`.
    buffer: Value,
    len: usize,
    few: [u8; StrBuilder::FEW],
}

impl Default for StrBuilder {
    fn default() -> Self {
        StrBuilder::new()
    }
}

impl StrBuilder {
    /// An empty builder; allocates nothing.
    pub const fn new() -> StrBuilder {
        StrBuilder { buffer: Value::UNDEF, len: 0, few: [0; StrBuilder::FEW] }
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

    /// What was pushed so far.
    pub fn as_bytes(&self) -> &[u8] {
        if self.buffer.is_undef() {
            &self.few[..self.len]
        } else {
            &bytes_of(self.buffer)[..self.len]
        }
    }

    /// Where the bytes are now, and the room that there is.
    fn room(&mut self) -> (*mut u8, usize) {
        if self.buffer.is_undef() {
            (self.few.as_mut_ptr(), self.few.len())
        } else {
            (payload(self.buffer), count(self.buffer))
        }
    }

    /// Bytes that can be pushed without asking for memory.
    pub fn spare(&mut self) -> usize {
        self.room().1 - self.len
    }

    /// Makes room for `n` more bytes.
    pub fn reserve(&mut self, vm: &mut Vm, n: usize) -> Result<(), Raise> {
        if self.room().1 - self.len >= n {
            return Ok(());
        }
        let Some(least) = self.len.checked_add(n) else { return Err(vm.no_memory()) };
        let rounded = |n: usize| Some(n.checked_add(8)?.checked_next_multiple_of(BLOCK)? - 8);
        let (Some(least), Some(wanted)) =
            (rounded(least), least.checked_add(least / 2).and_then(rounded))
        else {
            return Err(vm.no_memory());
        };
        let old = self.room().1;
        if !self.buffer.is_undef() && vm.try_grow(self.buffer, wanted, 1) {
            // SAFETY: the buffer is ours alone and has now room for `wanted` bytes, of which the new ones are initialised here.
            unsafe { core::ptr::write_bytes(payload(self.buffer).add(old), 0, wanted - old) };
            return Ok(());
        }
        // When memory is short, just enough will do.
        let (new, size) = match vm.alloc_counted(Kind::Raw, 0, wanted, 1) {
            Ok(new) => (new, wanted),
            Err(raise) => {
                vm.forget(raise);
                (vm.alloc_counted(Kind::Raw, 0, least, 1)?, least)
            }
        };
        let (from, _) = self.room();
        // SAFETY: both buffers are ours alone; the new one has room for `size` bytes, all of them initialised here.
        unsafe {
            let to = payload(new);
            core::ptr::copy_nonoverlapping(from, to, self.len);
            core::ptr::write_bytes(to.add(self.len), 0, size - self.len);
        }
        self.release(vm);
        self.buffer = new;
        Ok(())
    }

    /// Appends bytes.
    pub fn push_bytes(&mut self, vm: &mut Vm, bytes: &[u8]) -> Result<(), Raise> {
        self.reserve(vm, bytes.len())?;
        let (to, _) = self.room();
        // SAFETY: `reserve` made the room; `bytes` is not inside our buffer's free part.
        unsafe {
            core::ptr::copy_nonoverlapping(bytes.as_ptr(), to.add(self.len), bytes.len());
        }
        self.len += bytes.len();
        Ok(())
    }

    /// Appends what `fill` writes into `n` bytes of room, which stay in place whatever it does; it returns how many.
    /// Old bytes may be there before.
    pub fn push_with<R>(
        &mut self,
        vm: &mut Vm,
        n: usize,
        fill: impl FnOnce(&mut Vm, &mut [u8]) -> Result<(usize, R), Raise>,
    ) -> Result<R, Raise> {
        self.reserve(vm, n)?;
        let (to, _) = self.room();
        // SAFETY: `reserve` made the room, and all of it is initialised; nobody else knows the buffer, which stays
        // alive because the builder is on the native stack.
        let room = unsafe { core::slice::from_raw_parts_mut(to.add(self.len), n) };
        let (written, result) = fill(vm, room)?;
        self.len += written.min(n);
        Ok(result)
    }

    /// Appends text.
    pub fn push_str(&mut self, vm: &mut Vm, text: &str) -> Result<(), Raise> {
        if text.is_empty() { Ok(()) } else { self.push_bytes(vm, text.as_bytes()) }
    }

    /// Appends a character.
    pub fn push_char(&mut self, vm: &mut Vm, c: char) -> Result<(), Raise> {
        self.push_str(vm, c.encode_utf8(&mut [0; 4]))
    }

    /// Shortens to `len` bytes.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    fn release(&mut self, vm: &mut Vm) {
        if !self.buffer.is_undef() {
            let buffer = core::mem::replace(&mut self.buffer, Value::UNDEF);
            vm.free_raw(buffer);
        }
    }

    /// Makes the buffer itself, which is in the heap and not empty, an object of that kind.
    fn convert(mut self, vm: &mut Vm, kind: Kind, aux: u16) -> Value {
        let object = core::mem::replace(&mut self.buffer, Value::UNDEF);
        if let Some(p) = NonNull::new(object.object_ptr()) {
            // SAFETY: a Raw object of ours alone, with at least `len` bytes; `str` and `bytes` have the same layout.
            unsafe {
                vm.shared_mut().heap.shrink(p, 8 + self.len);
                let header = super::header_mut(object);
                *header = Header::new(kind, header.blocks, aux);
            }
        }
        object
    }

    /// The text as a `str`. What was pushed must be UTF-8, else `UnicodeError`.
    pub fn finish_str(mut self, vm: &mut Vm) -> Result<Value, Raise> {
        if core::str::from_utf8(self.as_bytes()).is_err() {
            self.release(vm);
            return Err(vm.raise(crate::exc::UNICODE_ERROR, ""));
        }
        if !self.buffer.is_undef() && self.len > 0 {
            let aux = text_aux(self.as_bytes());
            return Ok(self.convert(vm, Kind::Str, aux));
        }
        let v = vm.new_str_with(self.len, |out| out.copy_from_slice(self.as_bytes()))?;
        self.release(vm);
        Ok(v)
    }

    /// The bytes as a `bytes` object.
    pub fn finish_bytes(mut self, vm: &mut Vm) -> Result<Value, Raise> {
        if !self.buffer.is_undef() && self.len > 0 {
            return Ok(self.convert(vm, Kind::Bytes, 0));
        }
        let v = vm.new_bytes_with(self.len, |out| out.copy_from_slice(self.as_bytes()))?;
        self.release(vm);
        Ok(v)
    }

    /// Frees the buffer.
    pub fn discard(mut self, vm: &mut Vm) {
        self.release(vm);
    }
}
