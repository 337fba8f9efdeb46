//! What `str`, `bytes` and `bytearray` have in common: parts, positions, searching.
//!
//! Positions inside this room are byte offsets; Python sees code points, which are the same for `bytes` and for
//! ASCII text. UTF-8 is searched as bytes: no character's bytes occur inside those of another.

use super::common::positional;
use super::slice::clamped_index;
use crate::object::{Args, Blob, ByteArray, Flavor, List, Pieces, Res, Str};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

/// Bytes that are looked at between two safe points.
pub const STRIDE: usize = 2048;

/// The `str`, `bytes` or `bytearray` that a value is or is derived from.
pub fn of(vm: &Vm, v: Value) -> Option<Blob> {
    let v = vm.native_part(v);
    let is_text = match v.kind() {
        Some(Kind::Str | Kind::Bytes) => true,
        Some(Kind::ByteArray) => ByteArray::from_known(v).code() == 0,
        _ => false,
    };
    if is_text { Some(Blob::from_known(v)) } else { None }
}

/// The receiver of a method; `TypeError` when the method was called with something else.
pub fn this(vm: &mut Vm, v: Value) -> Result<Blob, Raise> {
    match of(vm, v) {
        Some(text) => Ok(text),
        None => Err(wrong_argument(vm, q::str.value(), v)),
    }
}

/// The arguments of a constructor, of which the first has this name: what from, encoding, errors. `UNDEF` without.
pub fn constructor_args(
    vm: &mut Vm,
    args: Args<'_>,
    first: Value,
    given: &mut [Value; 3],
) -> Result<(), Raise> {
    let mut args = args;
    // MicroPython has no names for them.
    if cfg!(feature = "extra") {
        for (place, name) in given.iter_mut().zip([first, q::encoding.value(), q::errors.value()]) {
            *place = args.keyword(name).unwrap_or(Value::UNDEF);
        }
        args.names = &[];
    }
    let pos = positional(vm, args, 0, 3)?;
    given[..pos.len()].copy_from_slice(pos);
    Ok(())
}

/// "argument should be a 'str' not a 'int'".
#[cold]
#[inline(never)]
pub fn wrong_argument(vm: &mut Vm, wanted: Value, given: Value) -> Raise {
    let values = [wanted, vm.type_name(given).value()];
    vm.raise_filled(exc::TYPE_ERROR, "argument should be a '%' not a '%'", &values)
}

/// "can't convert 'int' object to str implicitly".
#[cold]
#[inline(never)]
pub fn not_implicitly(vm: &mut Vm, given: Value, wanted: Value) -> Raise {
    let values = [vm.type_name(given).value(), wanted];
    vm.raise_filled(exc::TYPE_ERROR, "can't convert '%' object to % implicitly", &values)
}

/// What the methods of text want to know of a `str`, `bytes` or `bytearray`.
impl Blob {
    /// Its type.
    pub fn flavor(self) -> Flavor {
        match self.value().kind() {
            Some(Kind::Str) => Flavor::Str,
            Some(Kind::Bytes) => Flavor::Bytes,
            _ => Flavor::ByteArray,
        }
    }

    /// The `str`, if it is one.
    pub fn str(self) -> Option<Str> {
        Str::from_value(self.value())
    }

    /// True when every character is one byte.
    pub fn is_single(self) -> bool {
        self.str().is_none_or(|s| s.is_ascii())
    }

    /// Number of characters.
    pub fn char_len(self, vm: &Vm) -> usize {
        self.char_at(vm, usize::MAX)
    }

    /// The byte offset of character `n`, at most the length.
    pub fn byte_at(self, vm: &Vm, n: usize) -> usize {
        let bytes = self.bytes(vm);
        if self.is_single() { n.min(bytes.len()) } else { byte_offset(bytes, n) }
    }

    /// The number of the character that begins at a byte offset; at most the number of characters.
    pub fn char_at(self, vm: &Vm, at: usize) -> usize {
        let bytes = self.between(vm, 0, at);
        if self.is_single() { bytes.len() } else { count_chars(bytes) }
    }

    /// The length of the character that begins at a byte offset.
    pub fn width_at(self, vm: &Vm, at: usize) -> usize {
        if self.is_single() { 1 } else { char_width(self.bytes(vm), at) }
    }

    /// A part as an object of the same type. Whole immutable objects are not copied.
    pub fn part(self, vm: &mut Vm, start: usize, end: usize) -> Res {
        let flavor = self.flavor();
        if flavor != Flavor::ByteArray && start == 0 && end == self.len(vm) {
            return Ok(self.value());
        }
        if let Some(s) = self.str()
            && let Some(part) = s.as_str().get(start..end)
        {
            return vm.new_str(part);
        }
        self.copy(vm, flavor, start, end)
    }
}

/// An argument that must be of the same sort as a text: a `str` for a `str`, anything else with bytes otherwise.
pub fn arg(vm: &mut Vm, text: Blob, v: Value) -> Result<Blob, Raise> {
    let is_str = text.flavor() == Flavor::Str;
    match Blob::of(vm, v) {
        Some(blob) if blob.is_text(vm) == is_str => Ok(blob),
        _ => Err(not_implicitly(vm, v, if is_str { q::str.value() } else { q::bytes.value() })),
    }
}

/// As [`arg`]; a number stands for the byte of that value.
pub fn needle(vm: &mut Vm, text: Blob, v: Value) -> Result<Blob, Raise> {
    if text.flavor() != Flavor::Str
        && let Some(n) = v.as_small_int()
    {
        let Ok(byte) = u8::try_from(n) else { return Err(no_byte(vm)) };
        let one = vm.new_bytes(&[byte])?;
        return vm.expect_bytes(one);
    }
    arg(vm, text, v)
}

/// For a number that is no byte's.
#[cold]
pub fn no_byte(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "bytes value out of range")
}

/// The byte offsets of two optional positions of Python's, negative ones counted from the end. What lies outside the
/// text begins behind its end, so that not even nothing is found in it. May run Python.
pub fn span(
    vm: &mut Vm,
    text: Blob,
    start: Value,
    end: Value,
    span: &mut [usize; 2],
) -> Result<(), Raise> {
    *span = [0, text.len(vm)];
    if is_absent(start) && is_absent(end) {
        return Ok(());
    }
    let (start, end) = (position(vm, start, 0)?, position(vm, end, isize::MAX)?);
    let len = text.char_len(vm);
    let cut = |n: isize| if n < 0 { len.saturating_sub(n.unsigned_abs()) } else { n as usize };
    let (start, end) = (cut(start), cut(end).min(len));
    *span = match start > end {
        true => [1, 0],
        false => [text.byte_at(vm, start), text.byte_at(vm, end)],
    };
    Ok(())
}

/// The character with this code point, if there is one; surrogates are none.
#[inline(never)]
pub fn char_of(n: isize) -> Option<char> {
    u32::try_from(n).ok().and_then(char::from_u32)
}

/// True for an argument that was not given, or given as `None`.
pub fn is_absent(v: Value) -> bool {
    v.is_undef() || v.is_none()
}

/// An optional position; numbers beyond the machine word stand for the ends.
fn position(vm: &mut Vm, v: Value, absent: isize) -> Result<isize, Raise> {
    if is_absent(v) { Ok(absent) } else { clamped_index(vm, v) }
}

/// An optional count; without one, and for a negative number, more than there can be.
pub fn count_arg(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(position(vm, v, -1)? as usize)
}

/// True for a byte that begins a character.
fn is_start(b: u8) -> bool {
    b & 0xc0 != 0x80
}

pub use crate::object::count_chars;

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

/// The offset some characters on from one at which a character begins, or back; beyond the text any that is not within.
pub fn step_chars(bytes: &[u8], at: usize, step: isize, single: bool) -> usize {
    if single {
        return at.wrapping_add_signed(step);
    }
    let mut at = at;
    for _ in 0..step.unsigned_abs() {
        match step > 0 {
            true => at = at.saturating_add(char_width(bytes, at)),
            false if at == 0 => return usize::MAX,
            false => at = last_char(&bytes[..at.min(bytes.len())]),
        }
    }
    at
}

/// Where the last character begins.
pub fn last_char(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|&b| is_start(b)).unwrap_or(0)
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

    /// The bytes that do not occur in a text.
    pub fn not_in(bytes: &[u8]) -> ByteSet {
        let mut set = [u32::MAX; 8];
        for &b in bytes {
            set[usize::from(b >> 5)] &= !(1 << (b & 31));
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

/// Where `needle` begins first between two offsets, or last.
pub fn find(
    vm: &mut Vm,
    hay: Blob,
    span: &[usize; 2],
    needle: Blob,
    backwards: bool,
) -> Result<Option<usize>, Raise> {
    let [mut start, mut end] = *span;
    loop {
        let (bytes, what) = (hay.bytes(vm), needle.bytes(vm));
        end = end.min(bytes.len());
        if start + what.len() > end {
            return Ok(None);
        }
        // So many places are tried until the next safe point.
        let n = (end + 1 - start - what.len()).min(STRIDE / 8);
        let first = if backwards { end + 1 - n - what.len() } else { start };
        let part = &bytes[first..first + n - 1 + what.len()];
        if let Some(at) = find_now(part, what, backwards) {
            return Ok(Some(first + at));
        }
        if backwards {
            end = first + what.len() - 1;
        } else {
            start += n;
        }
        vm.tick(n)?;
    }
}

fn find_now(bytes: &[u8], what: &[u8], backwards: bool) -> Option<usize> {
    let Some(&first) = what.first() else { return Some(if backwards { bytes.len() } else { 0 }) };
    let mut places = bytes.windows(what.len());
    let is_here = |place: &[u8]| place[0] == first && place == what;
    if backwards { places.rposition(is_here) } else { places.position(is_here) }
}

/// True when `needle` occurs in a text.
pub fn contains(vm: &mut Vm, hay: Blob, needle: Blob) -> Result<bool, Raise> {
    Ok(find(vm, hay, &[0, usize::MAX], needle, false)?.is_some())
}

/// Goes from one offset to another, forward or backward, until a byte of the set comes next; the other offset if none does.
pub fn scan(
    vm: &mut Vm,
    hay: Blob,
    from: usize,
    to: usize,
    wanted: &ByteSet,
) -> Result<usize, Raise> {
    let mut at = from;
    let (step, before) = if from <= to { (1, 0) } else { (usize::MAX, 1) };
    while at != to {
        let bytes = hay.bytes(vm);
        let n = at.abs_diff(to).min(STRIDE);
        for _ in 0..n {
            if bytes.get(at - before).is_some_and(|&b| wanted.has(b)) {
                return Ok(at);
            }
            at = at.wrapping_add(step);
        }
        vm.tick(n)?;
    }
    Ok(to)
}

/// `a * n`, of the flavor given.
pub fn repeat(vm: &mut Vm, flavor: Flavor, a: Blob, n: isize) -> Res {
    let Some(len) = a.len(vm).checked_mul(n.max(0) as usize) else { return Err(vm.no_memory()) };
    let mut out = Pieces::new(vm, flavor, len)?;
    out.push(a.bytes(vm));
    out.repeat();
    out.finish(vm)
}

/// Appends a part of a text to a list. A safe point.
pub fn push_part(vm: &mut Vm, list: List, text: Blob, a: usize, b: usize) -> Result<(), Raise> {
    let part = text.part(vm, a.min(b), a.max(b))?;
    list.push(vm, part)?;
    vm.tick(20)
}
