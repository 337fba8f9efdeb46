//! Built-in `str`. Source: Python Library Reference, "Text Sequence Type — str".
//!
//! Text is UTF-8; Python sees code points. Strings of ASCII only, which are marked as such, are indexed in O(1),
//! others by scanning. Case and character classes know ASCII letters only, as MicroPython does.

use super::bytes;
use super::codec;
use super::slice::{Bounds, Selection};
use super::str_case::*;
use super::str_format::{str_format, str_format_map};
use super::str_methods::METHODS;
use super::text;
use crate::object::{
    Args, Blob, CompareOp, Flavor, NativeFn, Pieces, Res, RomDescriptor, RomFn, Slice, Str,
    StrBuilder, Style,
};
use crate::py_type;
use crate::value::Value;
use crate::value::names::{plain_char, q};
use crate::{Raise, Vm, exc};

pub use super::str_format::format_value;

py_type! {
    /// `str`.
    pub static STR: str, base super::OBJECT;
    slots {
        new: str_new, repr: str_repr, bool: str_bool, len: str_len, hash: str_hash, binary: bytes::text_binary,
        compare: str_compare, contains: str_contains, get_item: str_get_item,
    }
    entries {
        #[cfg(feature = "extra")]
        casefold = F1(text_lower);
        encode = Kw(str_encode; _, encoding?, errors?);
        format = Raw(str_format);
        #[cfg(feature = "extra")]
        format_map = F2(str_format_map);
        #[cfg(feature = "extra")]
        isdecimal = F1(text_isdigit);
        #[cfg(feature = "extra")]
        isidentifier = F1(str_isidentifier);
        #[cfg(feature = "extra")]
        isnumeric = F1(text_isdigit);
        #[cfg(feature = "extra")]
        isprintable = F1(str_isprintable);
        #[cfg(feature = "extra")]
        maketrans: MAKETRANS.rom();
        #[cfg(feature = "extra")]
        translate = F2(str_translate);
    } shared METHODS
}

#[cfg(feature = "extra")]
static MAKETRANS_FN: RomFn = RomFn::new(q::maketrans, NativeFn::Var(1, 3, str_maketrans));
#[cfg(feature = "extra")]
static MAKETRANS: RomDescriptor = RomDescriptor::static_method(&MAKETRANS_FN);

/// `str(object='', encoding, errors)`.
fn str_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let mut given = [Value::UNDEF; 3];
    text::constructor_args(vm, args, q::object.value(), &mut given)?;
    let [object, encoding, errors] = given;
    if object.is_undef() {
        return Ok(q::EMPTY.value());
    }
    if encoding.is_undef() && errors.is_undef() {
        return vm.str(object);
    }
    if let Some(s) = vm.cast::<Str>(object) {
        return Ok(s.value());
    }
    let bytes = vm.expect_bytes(object)?;
    codec::convert(vm, bytes, encoding, errors, Flavor::Str)
}

fn str_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, style: Style) -> Result<(), Raise> {
    let s = Str::from_known(v);
    match style {
        Style::Str => out.push_str(vm, s.as_str()),
        Style::Repr => push_quoted(vm, out, s.as_bytes(), true)?,
    }
    Ok(())
}

/// Appends text in quotes, with escapes. `wide`: the text is a `str`, so that what is not ASCII is a character.
pub(super) fn push_quoted(
    vm: &mut Vm,
    out: &mut StrBuilder,
    text: &[u8],
    wide: bool,
) -> Result<(), Raise> {
    let quote = if text.contains(&b'\'') && !text.contains(&b'"') { b'"' } else { b'\'' };
    out.reserve(vm, text.len() + 2);
    out.push_byte(vm, quote);
    // What was looked at and needs no escape.
    let (mut start, mut at) = (0, 0);
    while at < text.len() {
        let b = text[at];
        let (mut code, mut width) = (u32::from(b), 1);
        if wide && b >= 0x80 {
            (code, width) = (code_at(text, at), text::char_width(text, at));
        }
        if b == quote || b == b'\\' || !wide && b >= 0x80 || !is_printable(code) {
            out.push_bytes(vm, &text[start..at]);
            push_escape(vm, out, code);
            vm.tick(at - start + 8)?;
            start = at + width;
        }
        at += width;
    }
    out.push_bytes(vm, text.get(start..).unwrap_or_default());
    out.push_byte(vm, quote);
    Ok(())
}

/// The code point of the character that begins at an offset.
fn code_at(text: &[u8], at: usize) -> u32 {
    let end = text.len().min(at + text::char_width(text, at));
    let first = core::str::from_utf8(&text[at..end]).ok().and_then(|s| s.chars().next());
    first.map_or(0, u32::from)
}

#[inline(never)]
fn push_escape(vm: &mut Vm, out: &mut StrBuilder, code: u32) {
    out.push_byte(vm, b'\\');
    let (letter, n) = match code as u8 {
        _ if code > 0xffff => (b'U', 8),
        _ if code > 0xff => (b'u', 4),
        b'\n' => (b'n', 0),
        b'\r' => (b'r', 0),
        b'\t' => (b't', 0),
        b @ (b'\\' | b'\'' | b'"') => (b, 0),
        _ => (b'x', 2),
    };
    out.push_byte(vm, letter);
    for i in (0..n).rev() {
        out.push_byte(vm, bytes::hex_digit((code >> (4 * i)) as u8));
    }
}

/// False for characters that cannot be seen: controls, spaces but the plain one, format and private characters.
fn is_printable(c: u32) -> bool {
    // MicroPython shows all that is not ASCII.
    if !cfg!(feature = "extra") {
        return c >= 0x20 && c != 0x7f;
    }
    !matches!(
        c,
        0..0x20 | 0x7f..=0xa0 | 0xad | 0x2000..=0x200f | 0x2028..=0x202f | 0x205f..=0x206f | 0x3000 | 0xfeff
            | 0xe000..=0xf8ff | 0xfff9..=0xfffb | 0xe0000.. | 0xfdd0..=0xfdef
    ) && c & 0xfffe != 0xfffe
}

fn str_bool(_vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    Ok(Str::from_known(v).byte_len() > 0)
}

fn str_len(_vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(Str::from_known(v).char_len())
}

fn str_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(vm.cheap_hash(v))
}

/// The integer that a sequence is multiplied with; `None` for anything else.
pub(super) fn repeat_count(vm: &mut Vm, n: Value) -> Result<Option<isize>, Raise> {
    if n.is_small_int() || n.is_bool() || n.is_kind(crate::value::Kind::Int) {
        vm.index(n).map(Some)
    } else {
        Ok(None)
    }
}

fn str_compare(_vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let a = Str::from_known(a);
    let Some(b) = Str::from_value(b) else { return Ok(Value::NOT_IMPLEMENTED) };
    Ok(Value::bool(match op {
        CompareOp::Eq => a.equals(b),
        CompareOp::Ne => !a.equals(b),
        // The order of UTF-8 is that of the code points.
        _ => op.holds(a.as_bytes().cmp(b.as_bytes())),
    }))
}

fn str_contains(vm: &mut Vm, v: Value, item: Value) -> Result<bool, Raise> {
    let text = text::this(vm, v)?;
    let needle = text::arg(vm, text, item)?;
    text::contains(vm, text, needle)
}

/// `s[i]` and `s[i:j:k]`, by code points.
pub fn str_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    let s = Str::from_known(v);
    if s.is_ascii()
        && let Some(i) = index.as_small_int()
    {
        let at = if i < 0 { i + s.byte_len() as isize } else { i };
        if let Some(&c @ b' '..) = s.as_bytes().get(at as usize) {
            return Ok(plain_char(c));
        }
    }
    if let Some(slice) = Slice::from_value(index) {
        let bounds = Bounds::of(vm, slice)?;
        return part(vm, s, bounds);
    }
    let text = Blob::of_str(s);
    let at = vm.sequence_index(index, s.char_len(), q::string.value())?;
    let at = text.byte_at(vm, at);
    text.part(vm, at, at + text.width_at(vm, at))
}

/// The characters that a slice selects.
pub fn part(vm: &mut Vm, s: Str, bounds: Bounds) -> Res {
    gather(vm, Blob::of_str(s), bounds.select(s.char_len()))
}

/// The characters that a slice selects of a text.
pub(super) fn gather(vm: &mut Vm, text: Blob, selection: Selection) -> Res {
    let (mut at, mut end) = (selection.start, selection.start + selection.len);
    if !text.is_single() {
        (at, end) = (text.byte_at(vm, at), text.byte_at(vm, end));
    }
    if selection.step == 1 {
        return text.part(vm, at, end);
    }
    if !cfg!(feature = "extra") {
        return Err(only_steps_of_one(vm));
    }
    let mut out = StrBuilder::new();
    for _ in 0..selection.len {
        out.push_part(vm, text, at, at + text.width_at(vm, at));
        at = text::step_chars(text.bytes(vm), at, selection.step, text.is_single());
        vm.tick(20 + selection.step.unsigned_abs().min(1000))?;
    }
    out.finish(vm, text.flavor())
}

/// For slices of other steps, where there are none.
#[cold]
pub(super) fn only_steps_of_one(vm: &mut Vm) -> Raise {
    let text = "only slices with step=1 (aka None) are supported";
    vm.raise(exc::NOT_IMPLEMENTED_ERROR, text)
}

/// Joins strings, as an f-string does with its parts.
pub fn concat(vm: &mut Vm, parts: &[Value]) -> Res {
    if let &[one] = parts {
        return Ok(one);
    }
    let len = parts.iter().filter_map(|&p| Str::from_value(p)).map(|s| s.byte_len()).sum();
    let mut out = Pieces::new(vm, Flavor::Str, len)?;
    for &part in parts {
        if let Some(s) = Str::from_value(part) {
            out.push(s.as_bytes());
        }
    }
    out.finish(vm)
}

/// `str.encode(encoding='utf-8', errors='strict')`.
fn str_encode(vm: &mut Vm, args: &[Value]) -> Res {
    let text = vm.expect_bytes(args[0])?;
    codec::convert(vm, text, args[1], args[2], Flavor::Bytes)
}

/// Built-in `chr(i)`: the string of one code point. Surrogates are none.
pub fn chr(vm: &mut Vm, i: Value) -> Res {
    let n = vm.index(i)?;
    match text::char_of(n) {
        Some(c) => vm.char_str(c),
        None => Err(vm.raise(exc::VALUE_ERROR, "char not in range(0x110000)")),
    }
}

/// Built-in `ord(c)`: the code point of a string of one, or the byte of one byte.
pub fn ord(vm: &mut Vm, c: Value) -> Res {
    let Some(text) = text::of(vm, c) else {
        return Err(text::not_implicitly(vm, c, q::str.value()));
    };
    let bytes = text.bytes(vm);
    if bytes.is_empty() || bytes.len() != text.width_at(vm, 0) {
        let n = Value::from_len(text.char_len(vm));
        let message = "ord() expected a character, but string of length % found";
        return Err(vm.raise_about(exc::TYPE_ERROR, message, n));
    }
    let code = if text.is_single() { u32::from(bytes[0]) } else { code_at(bytes, 0) };
    Ok(Value::int(code as i32))
}

/// Built-in `ascii(object)`: its `repr` with everything beyond ASCII escaped.
pub fn ascii(vm: &mut Vm, object: Value) -> Res {
    let text = vm.repr(object)?;
    let s = Str::from_known(text);
    if s.is_ascii() {
        return Ok(text);
    }
    let mut out = StrBuilder::new();
    let (text, mut at) = (s.as_bytes(), 0);
    while let Some(&b) = text.get(at) {
        if b < 0x80 {
            out.push_byte(vm, b);
        } else {
            push_escape(vm, &mut out, code_at(text, at));
        }
        at += text::char_width(text, at);
        vm.tick(10)?;
    }
    out.finish_str(vm)
}
