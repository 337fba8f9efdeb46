//! `%` on text: `str`, `bytes` and `bytearray`.
//!
//! Source: Python Library Reference, "printf-style String Formatting". The messages are MicroPython's.

use super::str_format::push_field;
use super::{float, int, int_format, text, typecode};
use crate::num::spec::{Align, FormatSpec, Sign};
use crate::object::{Blob, Dict, Flavor, Res, StrBuilder, Style, Tuple};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::vm::intern::NAME_MAX;
use crate::{Raise, Vm, exc};

/// `text % values` for a `str`.
pub(super) fn str_modulo(vm: &mut Vm, text: Value, values: Value) -> Res {
    let text = text::this(vm, text)?;
    text_modulo(vm, text, values)
}

/// Where values come from.
struct Values<'a> {
    items: &'a [Value],
    /// How many were taken.
    taken: usize,
    /// The values by name, `UNDEF` when the right side is no mapping.
    mapping: Value,
}

impl Values<'_> {
    fn next(&mut self, vm: &mut Vm) -> Res {
        match self.items.get(self.taken) {
            Some(&value) => {
                self.taken += 1;
                Ok(value)
            }
            None => Err(vm.raise(exc::TYPE_ERROR, "format string needs more arguments")),
        }
    }
}

/// `text % values`, as an object of the text's type.
pub(super) fn text_modulo(vm: &mut Vm, text: Blob, values: Value) -> Res {
    // A bytearray's bytes may change while values are converted.
    let (s, bytes) = match text.str() {
        Some(s) => (Some(s), None),
        None => (None, Some(text.to_bytes(vm)?)),
    };
    let format = s
        .as_ref()
        .map(|s| s.as_bytes())
        .or(bytes.as_ref().map(|b| b.as_bytes()))
        .unwrap_or_default();

    let tuple = vm.cast::<Tuple>(values).or_else(|| super::attrtuple::plain_tuple(vm, values));
    let one = [values];
    let is_mapping = tuple.is_none()
        && (vm.cast::<Dict>(values).is_some()
            || text::of(vm, values).is_none()
                && vm.python_method(values, q::__getitem__.value())?.is_some());
    let mut from = Values {
        items: tuple.as_ref().map_or(&one[..], |t| t.items()),
        taken: 0,
        mapping: if is_mapping { values } else { Value::UNDEF },
    };
    let mut out = StrBuilder::new();
    let mut at = 0;
    while at < format.len() {
        let n = format[at..].iter().position(|&b| b == b'%').unwrap_or(format.len() - at);
        out.push_bytes(vm, &format[at..at + n])?;
        vm.tick(n + 20)?;
        at += n;
        if at < format.len() {
            at = field(vm, text.flavor(), format, at + 1, &mut from, &mut out)?;
        }
    }
    if from.taken < from.items.len() && !is_mapping {
        return Err(vm.raise(exc::TYPE_ERROR, "format string didn't convert all arguments"));
    }
    out.finish(vm, text.flavor())
}

/// Appends the value of the specifier after a `%`; returns where it ends.
fn field(
    vm: &mut Vm,
    flavor: Flavor,
    format: &[u8],
    start: usize,
    from: &mut Values<'_>,
    out: &mut StrBuilder,
) -> Result<usize, Raise> {
    let mut at = start;
    let mut named = None;
    if format.get(at) == Some(&b'(') {
        let Some(key) = closed(&format[at + 1..]) else {
            return Err(vm.raise(exc::VALUE_ERROR, "incomplete format key"));
        };
        if from.mapping.is_undef() {
            return Err(vm.raise(exc::TYPE_ERROR, "format needs a dict"));
        }
        at += key.len() + 2;
        let key = match core::str::from_utf8(key) {
            // A name like those of `format(**values)`; mostly there is one already.
            Ok(key) if flavor == Flavor::Str && key.len() > NAME_MAX => {
                return Err(vm.name_too_long());
            }
            Ok(key) if flavor == Flavor::Str => match vm.find_name(key) {
                Some(name) => name,
                None => vm.new_str(key)?,
            },
            _ => vm.new_bytes(key)?,
        };
        named = Some(vm.get_item(from.mapping, key)?);
        // The mapping is used up as a value of its own.
        from.taken = from.items.len();
    }
    let mut spec = FormatSpec::default();
    let mut left = false;
    while let Some(&flag) = format.get(at) {
        match flag {
            b'-' => left = true,
            b'+' => spec.sign = Sign::Plus,
            b' ' if spec.sign == Sign::Minus => spec.sign = Sign::Space,
            b' ' => {}
            b'#' => spec.alternate = true,
            b'0' => spec.zero = true,
            _ => break,
        }
        at += 1;
    }
    if let Some(width) = number(vm, format, &mut at, from)? {
        left |= width < 0;
        spec.width = width.unsigned_abs();
    }
    if format.get(at) == Some(&b'.') {
        at += 1;
        let precision = number(vm, format, &mut at, from)?.unwrap_or(0);
        spec.precision = Some(usize::try_from(precision).unwrap_or(0));
    }
    // C's lengths say nothing here.
    while let Some(b'h' | b'l' | b'L') = format.get(at) {
        at += 1;
    }
    let Some(&kind) = format.get(at) else {
        return Err(vm.raise(exc::VALUE_ERROR, "incomplete format"));
    };
    if kind == b'%' && at == start {
        out.push_bytes(vm, b"%")?;
        return Ok(at + 1);
    }
    let is_bytes = flavor != Flavor::Str;
    let known = matches!(
        kind,
        b's' | b'r'
            | b'a'
            | b'c'
            | b'd'
            | b'i'
            | b'u'
            | b'x'
            | b'X'
            | b'o'
            | b'e'
            | b'E'
            | b'f'
            | b'F'
            | b'g'
            | b'G'
    );
    if !(known || kind == b'b' && is_bytes) {
        return Err(vm.raise_fmt(
            exc::VALUE_ERROR,
            format_args!(
                "unsupported format character '{}' (0x{kind:x}) at index {at}",
                char::from(kind)
            ),
        ));
    }
    let value = match named {
        Some(value) => value,
        None => from.next(vm)?,
    };
    if left {
        spec.align = Some(Align::Left);
        spec.zero = false;
    }
    at += 1;
    match kind {
        b's' | b'b' | b'r' | b'a' | b'c' => {
            spec.zero = false;
            text_field(vm, flavor, kind, value, &mut spec, out)?;
        }
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            let f = typecode::float_arg(vm, value)?;
            spec.kind = Some(char::from(kind));
            float::write_spec(vm, f, &spec, out)?;
        }
        _ => {
            let base = match kind {
                b'x' | b'X' => 16,
                b'o' => 8,
                _ => 10,
            };
            let value = int_value(vm, value, base == 10)?;
            int_format::write_digits(vm, value, &spec, base, kind == b'X', out)?;
        }
    }
    Ok(at)
}

/// What stands before the parenthesis that closes; those between come in pairs.
fn closed(text: &[u8]) -> Option<&[u8]> {
    let mut open = 1;
    let end = text.iter().position(|&b| {
        match b {
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        open == 0
    })?;
    Some(&text[..end])
}

/// A width or precision: digits, or `*` for the next value.
fn number(
    vm: &mut Vm,
    format: &[u8],
    at: &mut usize,
    from: &mut Values<'_>,
) -> Result<Option<isize>, Raise> {
    if format.get(*at) == Some(&b'*') {
        *at += 1;
        let value = from.next(vm)?;
        return vm.index(value).map(Some);
    }
    let start = *at;
    let mut n: isize = 0;
    while let Some(&digit @ b'0'..=b'9') = format.get(*at) {
        n = n.saturating_mul(10).saturating_add(isize::from(digit - b'0'));
        *at += 1;
    }
    Ok(if *at == start { None } else { Some(n) })
}

/// The `int` that `%d` and its like write. Only the decimal ones cut floats.
fn int_value(vm: &mut Vm, value: Value, cut: bool) -> Res {
    let converts = value.is_kind(Kind::Float)
        || value.is_kind(Kind::Instance) && text::of(vm, value).is_none();
    if cut && converts { vm.call(int::INT.value(), &[value]) } else { vm.integer_arg(value) }
}

/// Appends the value of `%s`, `%b`, `%r`, `%a` or `%c`.
fn text_field(
    vm: &mut Vm,
    flavor: Flavor,
    kind: u8,
    value: Value,
    spec: &mut FormatSpec,
    out: &mut StrBuilder,
) -> Result<(), Raise> {
    let is_bytes = flavor != Flavor::Str;
    let mut piece = StrBuilder::new();
    match kind {
        b'c' => {
            spec.precision = None;
            push_char(vm, flavor, value, &mut piece)?;
        }
        b's' | b'b' => match Blob::of(vm, value) {
            // Bytes go into bytes as they are.
            Some(blob) if is_bytes => piece.push_part(vm, blob, 0, usize::MAX)?,
            _ => {
                if spec.width == 0 && spec.precision.is_none() {
                    return vm.format(value, out, Style::Str);
                }
                vm.format(value, &mut piece, Style::Str)?;
            }
        },
        b'r' if !is_bytes => vm.format(value, &mut piece, Style::Repr)?,
        _ => {
            let text = super::str::ascii(vm, value)?;
            let text = vm.expect_bytes(text)?;
            piece.push_part(vm, text, 0, usize::MAX)?;
        }
    }
    push_field(vm, out, piece.as_bytes(), !is_bytes, spec, Align::Right)?;
    piece.discard(vm);
    Ok(())
}

/// `%c`: a number's character or byte, or a text of one.
fn push_char(vm: &mut Vm, flavor: Flavor, value: Value, out: &mut StrBuilder) -> Result<(), Raise> {
    if let Some(text) = text::of(vm, value) {
        if text.char_len(vm) == 1 && (text.flavor() == Flavor::Str) == (flavor == Flavor::Str) {
            return out.push_part(vm, text, 0, usize::MAX);
        }
        return Err(vm.raise(exc::TYPE_ERROR, "%c needs int or char"));
    }
    if value.is_kind(Kind::Float) {
        return Err(vm.raise(exc::TYPE_ERROR, "integer needed"));
    }
    let n = vm.index(value)?;
    if flavor != Flavor::Str {
        return match u8::try_from(n) {
            Ok(b) => out.push_bytes(vm, &[b]),
            Err(_) => Err(vm.raise(exc::OVERFLOW_ERROR, "%c arg not in range(256)")),
        };
    }
    match u32::try_from(n).ok().and_then(char::from_u32) {
        Some(c) => out.push_char(vm, c),
        None => Err(vm.raise(exc::OVERFLOW_ERROR, "char not in range(0x110000)")),
    }
}
