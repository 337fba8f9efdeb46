//! `str.format`, `format()`, f-strings: replacement fields, and the mini-language for text.
//!
//! Source: Python Library Reference, "Format String Syntax" and "Format Specification Mini-Language". Numbers are
//! written by `int_format` and `float`.

use super::text::count_chars;
use super::{complex, float, int_format, str_modulo};
use crate::num::spec::{Align, FormatError, FormatSpec};
use crate::object::{Args, Res, Str, StrBuilder, Style};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

pub(super) use str_modulo::{str_modulo, text_modulo};

/// The conversions of a replacement field, by the numbers of `Op::FormatValue`.
const CONVERSIONS: &[u8; 4] = b"\0sra";

/// `value` converted as after `!`: 0 not at all, 1 `str`, 2 `repr`, 3 `ascii`.
fn converted(vm: &mut Vm, value: Value, conv: u8) -> Res {
    match conv {
        0 => Ok(value),
        1 => vm.str(value),
        2 => vm.repr(value),
        _ => super::str::ascii(vm, value),
    }
}

/// Built-in `format(value, spec)`, and an f-string's replacement field: `conv` as in `Op::FormatValue`, `spec` a `str` or
/// `UNDEF`.
pub fn format_value(vm: &mut Vm, value: Value, spec: Value, conv: u8) -> Res {
    let value = converted(vm, value, conv)?;
    let spec = if spec.is_undef() { q::EMPTY.value() } else { spec };
    let spec = vm.expect::<Str>(spec, &super::str::STR)?;
    if spec.byte_len() == 0 && value.is_kind(Kind::Str) {
        return Ok(value);
    }
    let mut out = StrBuilder::new();
    format_into(vm, &mut out, value, spec)?;
    out.finish_str(vm)
}

/// Appends `format(value, spec)`.
pub fn format_into(
    vm: &mut Vm,
    out: &mut StrBuilder,
    value: Value,
    spec: Str,
) -> Result<(), Raise> {
    if let Some(f) = vm.python_method(value, q::__format__.value())? {
        let text = vm.call(f, &[spec.value()])?;
        let Some(text) = vm.cast::<Str>(text) else {
            return Err(vm.raise(exc::TYPE_ERROR, "__format__ must return a str"));
        };
        return out.push_str(vm, text.as_str());
    }
    if spec.byte_len() == 0 {
        return vm.format(value, out, Style::Str);
    }
    let parsed = match FormatSpec::parse(spec.as_str()) {
        Ok(parsed) => parsed,
        Err(error) => return Err(refused(vm, error)),
    };
    let part = vm.native_part(value);
    match part.kind() {
        Some(Kind::Str) => {
            if let Err(error) = parsed.check_str() {
                return Err(refused(vm, error));
            }
            let s = Str::from_known(part);
            push_field(vm, out, s.as_bytes(), !s.is_ascii(), &parsed, Align::Left)
        }
        None if part.is_small_int() || part.is_bool() => {
            int_format::format_spec(vm, part, &parsed, out)
        }
        Some(Kind::Int) => int_format::format_spec(vm, part, &parsed, out),
        Some(Kind::Float) if Kind::Float.is_built() => float::format_spec(vm, part, &parsed, out),
        Some(Kind::Complex) if Kind::Complex.is_built() => {
            complex::format_spec(vm, part, &parsed, out)
        }
        _ => {
            let name = vm.type_name(value);
            Err(match parsed.kind {
                Some(kind) if kind != 's' => vm.raise_fmt(
                    exc::VALUE_ERROR,
                    format_args!(
                        "unknown format code '{kind}' for object of type '{}'",
                        name.as_str()
                    ),
                ),
                _ => super::text::not_implicitly(vm, value, "str"),
            })
        }
    }
}

/// `ValueError` for a specification that cannot be read or does not go with its value.
#[cold]
pub(super) fn refused(vm: &mut Vm, error: FormatError) -> Raise {
    vm.raise_fmt(exc::VALUE_ERROR, format_args!("{error}"))
}

/// Appends text in its field; `wide` when it may have characters of several bytes. The precision cuts it.
pub(super) fn push_field(
    vm: &mut Vm,
    out: &mut StrBuilder,
    text: &[u8],
    wide: bool,
    spec: &FormatSpec,
    default: Align,
) -> Result<(), Raise> {
    let mut text = text;
    let mut n_chars = if wide { count_chars(text) } else { text.len() };
    if let Some(precision) = spec.precision
        && precision < n_chars
    {
        n_chars = precision;
        text = &text[..if wide { super::text::byte_offset(text, precision) } else { precision }];
    }
    let space = spec.width.saturating_sub(n_chars);
    let left = match spec.align.unwrap_or(default) {
        Align::Left => 0,
        Align::Center => space / 2,
        Align::Right | Align::AfterSign => space,
    };
    let fill = spec.fill.unwrap_or(if spec.zero { '0' } else { ' ' });
    push_fill(vm, out, fill, left)?;
    out.push_bytes(vm, text)?;
    push_fill(vm, out, fill, space - left)
}

fn push_fill(vm: &mut Vm, out: &mut StrBuilder, fill: char, n: usize) -> Result<(), Raise> {
    if n == 0 {
        return Ok(());
    }
    if fill.is_ascii() {
        return out.push_repeated(vm, fill as u8, n);
    }
    for _ in 0..n {
        out.push_char(vm, fill)?;
        vm.tick(10)?;
    }
    Ok(())
}

/// How fields without a name get their argument.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    Unknown,
    /// Automatic: the next number.
    Auto(usize),
    Manual,
}

/// What replacement fields are filled from.
struct Fields<'a> {
    args: Args<'a>,
    /// The argument of `format_map`, else `UNDEF`.
    mapping: Value,
    numbering: Numbering,
}

/// `str.format(*args, **kwargs)`
pub(super) fn str_format(vm: &mut Vm, args: Args<'_>) -> Res {
    let Some((&this, pos)) = args.pos.split_first() else {
        return Err(vm.wrong_count(1, 1, 0));
    };
    format_text(vm, this, Args { pos, ..args }, Value::UNDEF)
}

/// `str.format_map(mapping)`
pub(super) fn str_format_map(vm: &mut Vm, this: Value, mapping: Value) -> Res {
    format_text(vm, this, Args::positional(&[]), mapping)
}

fn format_text(vm: &mut Vm, this: Value, args: Args<'_>, mapping: Value) -> Res {
    let text = vm.expect::<Str>(this, &super::str::STR)?;
    let mut fields = Fields { args, mapping, numbering: Numbering::Unknown };
    let mut out = StrBuilder::new();
    expand(vm, &mut fields, text.as_str(), &mut out, 0)?;
    out.finish_str(vm)
}

/// Appends a format string with its replacement fields filled. `depth` is 1 inside a specification.
fn expand(
    vm: &mut Vm,
    fields: &mut Fields<'_>,
    text: &str,
    out: &mut StrBuilder,
    depth: u8,
) -> Result<(), Raise> {
    let mut rest = text;
    loop {
        let n = rest.bytes().position(|b| matches!(b, b'{' | b'}')).unwrap_or(rest.len());
        out.push_str(vm, &rest[..n])?;
        vm.tick(n + 20)?;
        rest = &rest[n..];
        match rest.as_bytes() {
            [] => return Ok(()),
            [b'{', b'{', ..] | [b'}', b'}', ..] => {
                out.push_str(vm, &rest[..1])?;
                rest = &rest[2..];
            }
            [b'}', ..] => {
                return Err(vm.raise(exc::VALUE_ERROR, "single '}' encountered in format string"));
            }
            _ => {
                let field = parse_field(vm, &rest[1..])?;
                rest = field.rest;
                fill(vm, fields, &field, out, depth)?;
            }
        }
    }
}

/// A replacement field.
struct Field<'t> {
    name: &'t str,
    conv: u8,
    spec: &'t str,
    /// What follows it.
    rest: &'t str,
}

/// Takes a field apart; `text` begins after its brace.
fn parse_field<'t>(vm: &mut Vm, text: &'t str) -> Result<Field<'t>, Raise> {
    let unmatched = |vm: &mut Vm| Err(vm.raise(exc::VALUE_ERROR, "unmatched '{' in format"));
    let mut in_brackets = false;
    let end = text.bytes().position(|b| {
        in_brackets = b == b'[' || in_brackets && b != b']';
        matches!(b, b'!' | b':' | b'}' | b'{') && !in_brackets
    });
    let Some(end) = end else { return unmatched(vm) };
    let (name, mut rest) = text.split_at(end);
    let mut conv = 0;
    if let Some(after) = rest.strip_prefix('!') {
        let mut chars = after.chars();
        let Some(c) = chars.next() else {
            return Err(
                vm.raise(exc::VALUE_ERROR, "end of format while looking for conversion specifier")
            );
        };
        match CONVERSIONS[1..].iter().position(|&k| char::from(k) == c) {
            Some(i) => conv = i as u8 + 1,
            None => {
                return Err(vm.raise_fmt(
                    exc::VALUE_ERROR,
                    format_args!("unknown conversion specifier {c}"),
                ));
            }
        }
        rest = chars.as_str();
        if !rest.is_empty() && !rest.starts_with([':', '}']) {
            return Err(vm.raise(exc::VALUE_ERROR, "expected ':' after format specifier"));
        }
    }
    if let Some(rest) = rest.strip_prefix('}') {
        return Ok(Field { name, conv, spec: "", rest });
    }
    let Some(spec) = rest.strip_prefix(':') else { return unmatched(vm) };
    let mut open = 1;
    let end = spec.bytes().position(|b| {
        match b {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        open == 0
    });
    match end {
        Some(end) => Ok(Field { name, conv, spec: &spec[..end], rest: &spec[end + 1..] }),
        None => unmatched(vm),
    }
}

/// Appends a field's value.
fn fill(
    vm: &mut Vm,
    fields: &mut Fields<'_>,
    field: &Field<'_>,
    out: &mut StrBuilder,
    depth: u8,
) -> Result<(), Raise> {
    let value = lookup(vm, fields, field.name)?;
    let value = converted(vm, value, field.conv)?;
    let spec = if field.spec.contains(['{', '}']) {
        if depth > 0 {
            return Err(vm.raise(exc::VALUE_ERROR, "invalid format specifier"));
        }
        let mut spec = StrBuilder::new();
        expand(vm, fields, field.spec, &mut spec, depth + 1)?;
        spec.finish_str(vm)?
    } else {
        vm.new_str(field.spec)?
    };
    format_into(vm, out, value, Str::from_known(spec))
}

/// The value that a field's name stands for: an argument, then attributes and items of it.
fn lookup(vm: &mut Vm, fields: &mut Fields<'_>, name: &str) -> Res {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(end);
    let number = if first.is_empty() {
        let next = match fields.numbering {
            Numbering::Unknown => 0,
            Numbering::Auto(next) => next,
            Numbering::Manual => {
                let text =
                    "can't switch from manual field specification to automatic field numbering";
                return Err(vm.raise(exc::VALUE_ERROR, text));
            }
        };
        fields.numbering = Numbering::Auto(next + 1);
        Some(next)
    } else if first.bytes().all(|b| b.is_ascii_digit()) {
        if matches!(fields.numbering, Numbering::Auto(_)) {
            let text = "can't switch from automatic field numbering to manual field specification";
            return Err(vm.raise(exc::VALUE_ERROR, text));
        }
        fields.numbering = Numbering::Manual;
        Some(first.parse().unwrap_or(usize::MAX))
    } else {
        None
    };
    let mut value = match number {
        Some(_) if !fields.mapping.is_undef() => {
            return Err(vm.raise(exc::VALUE_ERROR, "format string contains positional fields"));
        }
        Some(i) => match fields.args.pos.get(i) {
            Some(&value) => value,
            None => return Err(vm.raise(exc::INDEX_ERROR, "tuple index out of range")),
        },
        None if !fields.mapping.is_undef() => {
            let key = vm.new_str(first)?;
            vm.get_item(fields.mapping, key)?
        }
        None => {
            let names = fields.args.names.iter();
            match names
                .zip(fields.args.values)
                .find(|(n, _)| Str::from_known(**n).as_str() == first)
            {
                Some((_, &value)) => value,
                None => {
                    let key = vm.new_str(first)?;
                    return Err(vm.raise_with(exc::KEY_ERROR, &[key]));
                }
            }
        }
    };
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let (attr, after) = after.split_at(after.find(['.', '[']).unwrap_or(after.len()));
            rest = after;
            let attr = vm.intern(attr)?;
            value = vm.get_attr(value, attr)?;
        } else {
            let after = rest.strip_prefix('[').and_then(|s| s.split_once(']'));
            let Some((key, after)) =
                after.filter(|(_, s)| s.is_empty() || s.starts_with(['.', '[']))
            else {
                return Err(vm.raise(exc::VALUE_ERROR, "bad format string"));
            };
            rest = after;
            let index = key.parse::<u32>().ok().and_then(|n| Value::small_int(n as isize));
            let key = match index {
                Some(index) => index,
                None => vm.new_str(key)?,
            };
            value = vm.get_item(value, key)?;
        }
    }
    Ok(value)
}
