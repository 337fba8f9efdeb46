//! `str.format`, `format()`, f-strings: replacement fields, and the mini-language for text.
//!
//! Source: Python Library Reference, "Format String Syntax" and "Format Specification Mini-Language". Numbers are
//! written by `int_format` and `float`.

use super::text::{self, count_chars};
use super::{complex, float, int_format, str_modulo};
use crate::num::spec::{Align, FormatError, FormatSpec, Rest};
use crate::object::{Args, Blob, Res, Str, StrBuilder, Style};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::vm::Message;
use crate::{Raise, Vm, exc};

pub(super) use str_modulo::text_modulo;

/// `value` converted as after `!`: 0 not at all, 1 `str`, 2 `repr`, 3 `ascii`.
fn converted(vm: &mut Vm, value: Value, conv: u8) -> Res {
    match conv {
        0 => Ok(value),
        1 => vm.str(value),
        // MicroPython has no `ascii`.
        3 if cfg!(feature = "extra") => super::str::ascii(vm, value),
        _ => vm.repr(value),
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
    format_into(vm, &mut out, value, spec.as_str())?;
    out.finish_str(vm)
}

/// Appends `format(value, spec)`.
fn format_into(vm: &mut Vm, out: &mut StrBuilder, value: Value, spec: &str) -> Result<(), Raise> {
    // MicroPython asks no object for it.
    if cfg!(feature = "extra")
        && let Some(f) = vm.python_method(value, q::__format__.value())?
    {
        let spec = vm.new_str(spec)?;
        let text = vm.call(f, &[spec])?;
        let Some(text) = vm.cast::<Str>(text) else {
            return Err(vm.raise(exc::TYPE_ERROR, "__format__ must return a str"));
        };
        out.push_str(vm, text.as_str());
        return Ok(());
    }
    if spec.is_empty() {
        return vm.format(value, out, Style::Str);
    }
    let mut parsed = FormatSpec::default();
    if !parsed.read(spec) {
        return Err(refused(vm, FormatError::Invalid));
    }
    let part = vm.native_part(value);
    match part.kind() {
        Some(Kind::Str) => {
            if let Err(error) = parsed.check_str() {
                return Err(refused(vm, error));
            }
            let (s, start) = (Str::from_known(part), out.len());
            out.push_str(vm, s.as_str());
            parsed.align = parsed.align.or(Some(Align::Left));
            fit(vm, out, start, !s.is_ascii(), &parsed);
            Ok(())
        }
        None if part.is_small_int() || part.is_bool() => {
            int_format::format_spec(vm, part, &parsed, out)
        }
        Some(Kind::Int) => int_format::format_spec(vm, part, &parsed, out),
        Some(Kind::Float) if Kind::Float.is_built() => float::format_spec(vm, part, &parsed, out),
        // MicroPython has no formats for them.
        Some(Kind::Complex) if cfg!(feature = "extra") && Kind::Complex.is_built() => {
            complex::format_spec(vm, part, &parsed, out)
        }
        _ => Err(match parsed.kind {
            Some(kind) if kind != 's' => {
                let values = [vm.char_str(kind)?, vm.type_name(value).value()];
                let message = "unknown format code '%' for object of type '%'";
                vm.raise_filled(exc::VALUE_ERROR, message, &values)
            }
            _ => text::not_implicitly(vm, value, q::str.value()),
        }),
    }
}

/// `ValueError` for a specification that cannot be read or does not go with its value.
#[cold]
pub(super) fn refused(vm: &mut Vm, error: FormatError) -> Raise {
    let mut text = Message::new();
    let _ = error.write(&mut text);
    vm.raise(exc::VALUE_ERROR, text.as_str())
}

/// Makes the text that was pushed from offset `start` on stand in its field; `wide` when it may have characters of several
/// bytes. The precision cuts it, and there is an alignment.
pub(super) fn fit(vm: &mut Vm, out: &mut StrBuilder, start: usize, wide: bool, spec: &FormatSpec) {
    if spec.width == 0 && spec.precision.is_none() {
        return;
    }
    let mut kept = spec.precision.unwrap_or(usize::MAX);
    if wide {
        kept = text::byte_offset(out.tail_mut(start), kept);
    }
    out.truncate(start.saturating_add(kept));
    let text = out.tail_mut(start);
    let n_bytes = text.len();
    let n_chars = if wide { count_chars(text) } else { n_bytes };
    let space = spec.width.saturating_sub(n_chars);
    // All the filling behind the text, then some of it before.
    let mut fill = [0; 4];
    let fill = spec.filling().encode_utf8(&mut fill).as_bytes();
    for _ in 0..space {
        out.push_bytes(vm, fill);
    }
    let left = match spec.align {
        Some(Align::Left) => 0,
        Some(Align::Center) => space / 2,
        _ => space,
    };
    let (field, shift) = (out.tail_mut(start), left * fill.len());
    // Less is there only if memory ran out.
    if n_bytes + shift <= field.len() {
        field.copy_within(0..n_bytes, shift);
        for (i, place) in field[..shift].iter_mut().enumerate() {
            *place = fill[i % fill.len()];
        }
    }
}

/// What replacement fields are filled from.
struct Fields<'a> {
    text: Str,
    args: Args<'a>,
    /// The argument of `format_map`, else `UNDEF`.
    mapping: Value,
    /// The number of the next field without a name, [`MANUAL`] once one had a number.
    next: usize,
    /// True inside a specification.
    nested: bool,
}

const MANUAL: usize = usize::MAX;

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
    let mut fields = Fields { text, args, mapping, next: 0, nested: false };
    let mut out = StrBuilder::new();
    fields.expand(vm, &mut Rest { text: text.as_bytes(), at: 0 }, &mut out)?;
    out.finish_str(vm)
}

/// True where an attribute or an index begins.
fn begins_part(b: u8) -> bool {
    matches!(b, b'.' | b'[')
}

/// The number that decimal digits stand for; `None` for anything else.
fn decimal(digits: &[u8]) -> Option<usize> {
    let mut rest = Rest { text: digits, at: 0 };
    let n = rest.number();
    if rest.at == digits.len() { n } else { None }
}

impl Fields<'_> {
    /// Appends the rest of a text with its replacement fields filled.
    fn expand(
        &mut self,
        vm: &mut Vm,
        rest: &mut Rest<'_>,
        out: &mut StrBuilder,
    ) -> Result<(), Raise> {
        loop {
            let plain = &rest.text[rest.at..];
            let n = plain.iter().position(|b| matches!(b, b'{' | b'}')).unwrap_or(plain.len());
            out.push_bytes(vm, &plain[..n]);
            vm.tick(20)?;
            rest.at += n;
            let brace = rest.peek();
            if brace == 0 && rest.at == rest.text.len() {
                return Ok(());
            }
            rest.at += 1;
            if rest.take(brace) {
                out.push_byte(vm, brace);
            } else if brace == b'}' {
                return Err(vm.raise(exc::VALUE_ERROR, "single '}' encountered in format string"));
            } else {
                self.field(vm, rest, out)?;
            }
        }
    }

    /// Appends the value of the field that begins here, after its brace.
    fn field(
        &mut self,
        vm: &mut Vm,
        rest: &mut Rest<'_>,
        out: &mut StrBuilder,
    ) -> Result<(), Raise> {
        let mut in_brackets = false;
        let start = rest.at;
        loop {
            let b = rest.peek();
            in_brackets = cfg!(feature = "extra") && (b == b'[' || in_brackets && b != b']');
            if b == 0 || !in_brackets && matches!(b, b'!' | b':' | b'}' | b'{') {
                break;
            }
            rest.at += 1;
        }
        let name_end = rest.at;
        let mut conv = 0;
        if rest.take(b'!') {
            conv = match rest.peek() {
                b's' => 1,
                b'r' => 2,
                b'a' if cfg!(feature = "extra") => 3,
                0 => {
                    let text = "end of format while looking for conversion specifier";
                    return Err(vm.raise(exc::VALUE_ERROR, text));
                }
                c => {
                    let c = vm.char_str(char::from(c))?;
                    let message = "unknown conversion specifier %";
                    return Err(vm.raise_about(exc::VALUE_ERROR, message, c));
                }
            };
            rest.at += 1;
            if !matches!(rest.peek(), b':' | b'}' | 0) {
                return Err(vm.raise(exc::VALUE_ERROR, "expected ':' after format specifier"));
            }
        }
        rest.take(b':');
        let spec_start = rest.at;
        let mut open = 1;
        loop {
            match rest.peek() {
                b'{' => open += 1,
                b'}' => open -= 1,
                0 => return Err(vm.raise(exc::VALUE_ERROR, "unmatched '{' in format")),
                _ => {}
            }
            if open == 0 {
                break;
            }
            rest.at += 1;
        }
        let value = self.lookup(vm, start, name_end)?;
        let value = converted(vm, value, conv)?;
        // A specification may have fields of its own, and they none.
        let mut spec = Rest { text: &rest.text[..rest.at], at: spec_start };
        let mut made = StrBuilder::new();
        if self.nested && spec.text[spec_start..].contains(&b'{') {
            return Err(vm.raise(exc::VALUE_ERROR, "invalid format specifier"));
        }
        let outer = core::mem::replace(&mut self.nested, true);
        self.expand(vm, &mut spec, &mut made)?;
        self.nested = outer;
        made.check(vm)?;
        let spec = core::str::from_utf8(made.as_bytes()).unwrap_or_default();
        format_into(vm, out, value, spec)?;
        made.discard(vm);
        rest.at += 1;
        Ok(())
    }

    /// The value that a field's name stands for: an argument, then attributes and items of it.
    fn lookup(&mut self, vm: &mut Vm, start: usize, end: usize) -> Res {
        let (text, bytes) = (Blob::of_str(self.text), self.text);
        let bytes = &bytes.as_bytes()[..end];
        let part_end = |at: usize| {
            let n = bytes[at..].iter().position(|&b| begins_part(b));
            n.map_or(end, |n| at + n)
        };
        let mut at = part_end(start);
        let name = text.part(vm, start, at)?;
        let mut number = decimal(&bytes[start..at]);
        if at == start {
            number = Some(self.next);
            if self.next == MANUAL {
                return Err(vm.raise(
                    exc::VALUE_ERROR,
                    "can't switch from manual field specification to automatic field numbering",
                ));
            }
            self.next += 1;
        } else if number.is_some() {
            if self.next != 0 && self.next != MANUAL {
                return Err(vm.raise(
                    exc::VALUE_ERROR,
                    "can't switch from automatic field numbering to manual field specification",
                ));
            }
            self.next = MANUAL;
        }
        let by_mapping = cfg!(feature = "extra") && !self.mapping.is_undef();
        let mut value = match number {
            Some(_) if by_mapping => {
                return Err(vm.raise(exc::VALUE_ERROR, "format string contains positional fields"));
            }
            Some(i) => match self.args.pos.get(i) {
                Some(&value) => value,
                None => return Err(vm.raise(exc::INDEX_ERROR, "tuple index out of range")),
            },
            None if by_mapping => vm.get_item(self.mapping, name)?,
            None => {
                let held = Str::from_known(name);
                match vm.find_name(held.as_str()).and_then(|name| self.args.keyword(name)) {
                    Some(value) => value,
                    None => return Err(vm.raise_with(exc::KEY_ERROR, &[name])),
                }
            }
        };
        // MicroPython has none.
        if !cfg!(feature = "extra") {
            return match at < end {
                true => Err(vm.raise(exc::NOT_IMPLEMENTED_ERROR, "attributes not supported")),
                false => Ok(value),
            };
        }
        while at < end {
            let is_attribute = bytes[at] == b'.';
            let from = at + 1;
            at = match is_attribute {
                true => part_end(from),
                false => {
                    let n = bytes[from..].iter().position(|&b| b == b']');
                    n.map_or(end, |n| from + n)
                }
            };
            let key = text.part(vm, from, at)?;
            if is_attribute {
                let attr = vm.intern_str(Str::from_known(key))?;
                value = vm.get_attr(value, attr)?;
                continue;
            }
            if at == end || bytes.get(at + 1).is_some_and(|&b| !begins_part(b)) {
                return Err(vm.raise(exc::VALUE_ERROR, "bad format string"));
            }
            let index = decimal(&bytes[from..at]);
            let index = index.and_then(|n| Value::small_int(n.min(isize::MAX as usize) as isize));
            value = vm.get_item(value, index.unwrap_or(key))?;
            at += 1;
        }
        Ok(value)
    }
}
