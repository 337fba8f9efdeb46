//! What `str`, `bytes` and `bytearray` have in common: parts, positions, searching.
//!
//! Positions inside this room are byte offsets; Python sees code points, which are the same for `bytes` and for
//! ASCII text. UTF-8 is searched as bytes: no character's bytes occur inside those of another.

use super::slice::clamped_index;
use crate::object::{Buffer, ByteArray, Bytes, Flavor, List, Pieces, Res, Str, StrBuilder};
use crate::value::Value;
use crate::{Raise, Vm, exc};
use core::ops::Range;

/// Bytes that are looked at between two safe points.
pub const STRIDE: usize = 2048;

/// A `str`, `bytes` or `bytearray`.
#[derive(Clone, Copy, Debug)]
pub struct Text {
    /// The object itself, without the class that may be derived from its type.
    pub value: Value,
    /// Its bytes.
    pub buffer: Buffer,
    /// Its type.
    pub flavor: Flavor,
}

impl Text {
    /// The text in a value, also in an instance of a derived class.
    pub fn of(vm: &Vm, v: Value) -> Option<Text> {
        let value = vm.native_part(v);
        let flavor = if Str::from_value(value).is_some() {
            Flavor::Str
        } else if Bytes::from_value(value).is_some() {
            Flavor::Bytes
        } else if ByteArray::from_value(value).is_some_and(|a| a.code() == 0) {
            Flavor::ByteArray
        } else {
            return None;
        };
        Some(Text { value, buffer: Buffer::of(vm, value)?, flavor })
    }

    /// The receiver of a method; `TypeError` when the method was called with something else.
    pub fn this(vm: &mut Vm, v: Value) -> Result<Text, Raise> {
        match Text::of(vm, v) {
            Some(text) => Ok(text),
            None => {
                let given = vm.type_name(v);
                Err(vm.raise_fmt(
                    exc::TYPE_ERROR,
                    format_args!("argument should be a 'str' not a '{}'", given.as_str()),
                ))
            }
        }
    }

    /// The bytes, until somebody may change them.
    pub fn bytes(self, vm: &Vm) -> &[u8] {
        self.buffer.bytes(vm)
    }

    /// Number of bytes.
    pub fn len(self, vm: &Vm) -> usize {
        self.buffer.len(vm)
    }

    /// The `str`, if it is one.
    pub fn str(self) -> Option<Str> {
        Str::from_value(self.value)
    }

    /// True when every character is one byte.
    pub fn is_single(self) -> bool {
        self.str().is_none_or(|s| s.is_ascii())
    }

    /// Number of characters.
    pub fn char_len(self, vm: &Vm) -> usize {
        if self.is_single() { self.len(vm) } else { count_chars(self.bytes(vm)) }
    }

    /// The byte offset of character `n`, at most the length.
    pub fn byte_at(self, vm: &Vm, n: usize) -> usize {
        if self.is_single() { n.min(self.len(vm)) } else { byte_offset(self.bytes(vm), n) }
    }

    /// The number of the character that begins at a byte offset.
    pub fn char_at(self, vm: &Vm, at: usize) -> usize {
        if self.is_single() { at } else { count_chars(&self.bytes(vm)[..at.min(self.len(vm))]) }
    }

    /// A part as an object of the same type. Whole immutable objects are not copied.
    pub fn part(self, vm: &mut Vm, range: Range<usize>) -> Res {
        if self.flavor != Flavor::ByteArray && range.start == 0 && range.end == self.len(vm) {
            return Ok(self.value);
        }
        if let Some(s) = self.str()
            && let Some(part) = s.as_str().get(range.clone())
        {
            return vm.new_str(part);
        }
        self.buffer.slice(vm, range).copy(vm, self.flavor)
    }

    /// Makes an object of this type from what a builder collected.
    pub fn finish(self, vm: &mut Vm, out: StrBuilder) -> Res {
        match self.flavor {
            Flavor::Str => out.finish_str(vm),
            Flavor::Bytes => out.finish_bytes(vm),
            Flavor::ByteArray => {
                let mut copy = Pieces::new(vm, Flavor::ByteArray, out.len())?;
                copy.push(vm, out.as_bytes());
                out.discard(vm);
                copy.finish(vm)
            }
        }
    }

    /// An argument that must be of the same sort: a `str` for a `str`, anything else with bytes otherwise.
    pub fn arg(self, vm: &mut Vm, v: Value) -> Result<Buffer, Raise> {
        let is_str = self.flavor == Flavor::Str;
        match Buffer::of(vm, v) {
            Some(buffer) if buffer.is_text() == is_str => Ok(buffer),
            _ => {
                let given = vm.type_name(v);
                let wanted = if is_str { "str" } else { "bytes" };
                Err(vm.raise_fmt(
                    exc::TYPE_ERROR,
                    format_args!(
                        "can't convert '{}' object to {wanted} implicitly",
                        given.as_str()
                    ),
                ))
            }
        }
    }

    /// As [`Text::arg`]; a number stands for the byte of that value.
    pub fn needle(self, vm: &mut Vm, v: Value) -> Result<Buffer, Raise> {
        if self.flavor != Flavor::Str
            && let Some(n) = v.as_small_int()
        {
            let Ok(byte) = u8::try_from(n) else {
                return Err(vm.raise(exc::VALUE_ERROR, "bytes value out of range"));
            };
            let one = vm.new_bytes(&[byte])?;
            return Ok(Buffer::of_bytes(Bytes::from_known(one)));
        }
        self.arg(vm, v)
    }

    /// The part between two optional positions of Python's, negative ones counted from the end. `None` when it lies
    /// outside, so that not even nothing can be found in it. May run Python.
    pub fn span(
        self,
        vm: &mut Vm,
        start: Value,
        end: Value,
    ) -> Result<Option<Range<usize>>, Raise> {
        if is_absent(start) && is_absent(end) {
            return Ok(Some(0..self.len(vm)));
        }
        let (start, end) = (position(vm, start)?, position(vm, end)?);
        let len = self.char_len(vm);
        let cut = |n: isize| if n < 0 { len.saturating_sub(n.unsigned_abs()) } else { n as usize };
        let start = start.map_or(0, cut);
        let end = end.map_or(len, cut).min(len);
        if start > end {
            return Ok(None);
        }
        Ok(Some(self.byte_at(vm, start)..self.byte_at(vm, end)))
    }
}

/// True for an argument that was not given, or given as `None`.
pub fn is_absent(v: Value) -> bool {
    v.is_undef() || v.is_none()
}

/// An optional position; numbers beyond the machine word stand for the ends.
fn position(vm: &mut Vm, v: Value) -> Result<Option<isize>, Raise> {
    if is_absent(v) { Ok(None) } else { clamped_index(vm, v).map(Some) }
}

/// An optional count: -1 when it was not given.
pub fn count_arg(vm: &mut Vm, v: Value) -> Result<isize, Raise> {
    Ok(position(vm, v)?.unwrap_or(-1))
}

/// True for a byte that begins a character.
fn is_start(b: u8) -> bool {
    b & 0xc0 != 0x80
}

/// Number of characters in UTF-8.
pub fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| is_start(b)).count()
}

/// The byte offset of character `n`, at most the length.
pub fn byte_offset(bytes: &[u8], n: usize) -> usize {
    let mut left = n;
    let mut at = 0;
    // Whole pieces are counted without branches.
    for piece in bytes.chunks(64) {
        let here = count_chars(piece);
        if here > left {
            break;
        }
        left -= here;
        at += piece.len();
    }
    bytes[at..]
        .iter()
        .enumerate()
        .filter(|(_, b)| is_start(**b))
        .nth(left)
        .map_or(bytes.len(), |(i, _)| at + i)
}

/// The length of the character that begins at `at`.
pub fn char_width(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(0xc0..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..) => 4,
        _ => 1,
    }
}

/// A set of bytes.
#[derive(Clone, Copy)]
pub struct ByteSet([u32; 8]);

impl ByteSet {
    /// The bytes in some ranges, given by their first and last.
    pub const fn ranges(ranges: &[(u8, u8)]) -> ByteSet {
        let mut set = [0; 8];
        let mut i = 0;
        while i < ranges.len() {
            let mut b = ranges[i].0;
            loop {
                set[b as usize >> 5] |= 1 << (b & 31);
                if b == ranges[i].1 {
                    break;
                }
                b += 1;
            }
            i += 1;
        }
        ByteSet(set)
    }

    /// The bytes that occur in a text.
    pub fn of(bytes: &[u8]) -> ByteSet {
        let mut set = [0; 8];
        for &b in bytes {
            set[usize::from(b >> 5)] |= 1 << (b & 31);
        }
        ByteSet(set)
    }

    /// All other bytes.
    pub const fn others(self) -> ByteSet {
        let s = self.0;
        ByteSet([!s[0], !s[1], !s[2], !s[3], !s[4], !s[5], !s[6], !s[7]])
    }

    /// True for a byte of the set.
    #[inline]
    pub fn has(&self, b: u8) -> bool {
        self.0[usize::from(b >> 5)] >> (b & 31) & 1 != 0
    }
}

/// White space as `str.split()` and `strip()` see it.
pub static SPACE: ByteSet = ByteSet::ranges(&[(b'\t', b'\r'), (b' ', b' ')]);
/// What is no white space.
pub static NO_SPACE: ByteSet = SPACE.others();
/// Ends of lines.
pub static LINE_ENDS: ByteSet = ByteSet::ranges(&[(b'\n', b'\n'), (b'\r', b'\r')]);
/// Letters.
pub static LETTERS: ByteSet = ByteSet::ranges(&[(b'A', b'Z'), (b'a', b'z')]);
/// Letters in upper case.
pub static UPPER: ByteSet = ByteSet::ranges(&[(b'A', b'Z')]);
/// Letters in lower case.
pub static LOWER: ByteSet = ByteSet::ranges(&[(b'a', b'z')]);

/// Positions that are tried for a needle between two safe points.
fn stride(needle: usize) -> usize {
    (2 * STRIDE / needle.max(1)).clamp(1, STRIDE)
}

/// Where `needle` begins first in `range`.
pub fn find(
    vm: &mut Vm,
    hay: Buffer,
    range: Range<usize>,
    needle: Buffer,
) -> Result<Option<usize>, Raise> {
    let mut at = range.start;
    loop {
        let (bytes, what) = (hay.bytes(vm), needle.bytes(vm));
        let end = range.end.min(bytes.len());
        let Some(last) = end.checked_sub(what.len()).filter(|&last| at <= last) else {
            return Ok(None);
        };
        let stop = last.min(at + stride(what.len()));
        if let Some(i) = find_now(&bytes[at..stop + what.len()], what) {
            return Ok(Some(at + i));
        }
        let done = stop + 1 - at;
        at = stop + 1;
        vm.tick(done)?;
    }
}

fn find_now(bytes: &[u8], what: &[u8]) -> Option<usize> {
    let Some(&first) = what.first() else { return Some(0) };
    let last = bytes.len() - what.len();
    let mut at = 0;
    while let Some(i) = bytes[at..=last].iter().position(|&b| b == first) {
        at += i;
        if bytes[at..].starts_with(what) {
            return Some(at);
        }
        at += 1;
        if at > last {
            break;
        }
    }
    None
}

/// Where `needle` begins last in `range`.
pub fn rfind(
    vm: &mut Vm,
    hay: Buffer,
    range: Range<usize>,
    needle: Buffer,
) -> Result<Option<usize>, Raise> {
    let mut end = range.end;
    loop {
        let (bytes, what) = (hay.bytes(vm), needle.bytes(vm));
        end = end.min(bytes.len());
        let Some(last) = end.checked_sub(what.len()).filter(|&last| range.start <= last) else {
            return Ok(None);
        };
        let stop = last.saturating_sub(stride(what.len())).max(range.start);
        if let Some(at) = (stop..=last).rev().find(|&at| bytes[at..].starts_with(what)) {
            return Ok(Some(at));
        }
        let Some(next) = (stop + what.len()).checked_sub(1) else { return Ok(None) };
        let done = last + 1 - stop;
        end = next;
        vm.tick(done)?;
    }
}

/// The first place in `range` whose byte is in the set; its end if there is none.
pub fn scan(
    vm: &mut Vm,
    hay: Buffer,
    range: Range<usize>,
    wanted: &ByteSet,
) -> Result<usize, Raise> {
    let mut at = range.start;
    loop {
        let bytes = hay.bytes(vm);
        let end = range.end.min(bytes.len());
        if at >= end {
            return Ok(end);
        }
        let stop = end.min(at + STRIDE);
        if let Some(i) = bytes[at..stop].iter().position(|&b| wanted.has(b)) {
            return Ok(at + i);
        }
        let done = stop - at;
        at = stop;
        vm.tick(done)?;
    }
}

/// The end of the last place in `range` whose byte is in the set; its start if there is none.
pub fn rscan(
    vm: &mut Vm,
    hay: Buffer,
    range: Range<usize>,
    wanted: &ByteSet,
) -> Result<usize, Raise> {
    let mut end = range.end;
    loop {
        let bytes = hay.bytes(vm);
        end = end.min(bytes.len());
        if end <= range.start {
            return Ok(range.start);
        }
        let stop = end.saturating_sub(STRIDE).max(range.start);
        if let Some(i) = bytes[stop..end].iter().rposition(|&b| wanted.has(b)) {
            return Ok(stop + i + 1);
        }
        let done = end - stop;
        end = stop;
        vm.tick(done)?;
    }
}

/// `a + b`, of the flavor given.
pub fn concat(vm: &mut Vm, flavor: Flavor, a: Buffer, b: Buffer) -> Res {
    let Some(len) = a.len(vm).checked_add(b.len(vm)) else { return Err(vm.no_memory()) };
    let mut out = Pieces::new(vm, flavor, len)?;
    out.push(vm, a.bytes(vm));
    out.push(vm, b.bytes(vm));
    out.finish(vm)
}

/// `a * n`, of the flavor given.
pub fn repeat(vm: &mut Vm, flavor: Flavor, a: Buffer, n: isize) -> Res {
    let n = usize::try_from(n).unwrap_or(0);
    let Some(len) = a.len(vm).checked_mul(n) else { return Err(vm.no_memory()) };
    let mut out = Pieces::new(vm, flavor, len)?;
    out.push(vm, a.bytes(vm));
    out.repeat(vm);
    out.finish(vm)
}

/// A list of parts of a text.
pub fn push_part(vm: &mut Vm, list: List, text: Text, range: Range<usize>) -> Result<(), Raise> {
    let part = text.part(vm, range)?;
    list.push(vm, part)
}
