//! `str.format`, `format()`, f-strings: replacement fields, and the mini-language for text.
//!
//! Source: Python Library Reference, "Format String Syntax" and "Format Specification Mini-Language". Numbers are
//! written by `int_format` and `float`.

use super::text::{self, ByteSet, count_chars};
use super::{complex, float, int_format, str_modulo};
use crate::num::spec::{Align, FormatError, FormatSpec};
use crate::object::{Args, Blob, Res, Str, StrBuilder, Style};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::vm::Message;
use crate::{Raise, Vm, exc};

pub(super) use str_modulo::{str_modulo, text_modulo};

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
    // MicroPython asks no object for it.
    if cfg!(feature = "extra")
        && let Some(f) = vm.python_method(value, q::__format__.value())?
    {
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
        text = &text[..if wide { text::byte_offset(text, precision) } else { precision }];
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
    /// The next number.
    Automatic,
    Manual,
}

/// What replacement fields are filled from.
struct Fields<'a> {
    text: Str,
    args: Args<'a>,
    /// The argument of `format_map`, else `UNDEF`.
    mapping: Value,
    numbering: Numbering,
    /// The number of the next field without a name.
    next: usize,
    /// True inside a specification.
    nested: bool,
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
    let mut fields =
        Fields { text, args, mapping, numbering: Numbering::Unknown, next: 0, nested: false };
    let mut out = StrBuilder::new();
    fields.expand(vm, 0, text.byte_len(), &mut out)?;
    out.finish_str(vm)
}

static BRACES: ByteSet = ByteSet::ranges(&[(b'{', b'{'), (b'}', b'}')]);

/// True where an attribute or an index begins.
fn begins_part(b: char) -> bool {
    matches!(b, '.' | '[')
}

/// The number that decimal digits stand for; `None` for anything else.
fn decimal(digits: &[u8]) -> Option<usize> {
    let mut n: usize = 0;
    for b in digits {
        if !b.is_ascii_digit() {
            return None;
        }
        n = n.saturating_mul(10).saturating_add(usize::from(b - b'0'));
    }
    if digits.is_empty() { None } else { Some(n) }
}

impl Fields<'_> {
    /// A byte of the text; 0 behind its end. As a character, for a word is compared without being extended first.
    fn byte(&self, at: usize) -> char {
        self.text.as_bytes().get(at).copied().map_or('\0', char::from)
    }

    /// Appends the text between two offsets with its replacement fields filled.
    fn expand(
        &mut self,
        vm: &mut Vm,
        start: usize,
        end: usize,
        out: &mut StrBuilder,
    ) -> Result<(), Raise> {
        let (text, mut at) = (Blob::of_str(self.text), start);
        loop {
            let brace = text::scan(vm, text, at, end, &BRACES)?;
            out.push_part(vm, text, at, brace)?;
            vm.tick(20)?;
            if brace == end {
                return Ok(());
            }
            let b = self.byte(brace);
            at = brace + 1;
            if at < end && self.byte(at) == b {
                out.push_byte(vm, b as u8)?;
                at += 1;
            } else if b == '}' {
                return Err(vm.raise(exc::VALUE_ERROR, "single '}' encountered in format string"));
            } else {
                at = self.field(vm, at, end, out)?;
            }
        }
    }

    /// Appends the value of the field that begins at an offset, after its brace. Returns where it ends.
    fn field(
        &mut self,
        vm: &mut Vm,
        start: usize,
        end: usize,
        out: &mut StrBuilder,
    ) -> Result<usize, Raise> {
        let mut in_brackets = false;
        let mut at = start;
        while at < end {
            let b = self.byte(at);
            in_brackets = b == '[' || in_brackets && b != ']';
            if !in_brackets && matches!(b, '!' | ':' | '}' | '{') {
                break;
            }
            at += 1;
        }
        let name_end = at;
        let mut conv = 0;
        if at < end && self.byte(at) == '!' {
            let c = self.byte(at + 1);
            at += 2;
            if at > end {
                let text = "end of format while looking for conversion specifier";
                return Err(vm.raise(exc::VALUE_ERROR, text));
            }
            conv = match c {
                's' => 1,
                'r' => 2,
                'a' if cfg!(feature = "extra") => 3,
                _ => {
                    let c = vm.char_str(c)?;
                    let message = "unknown conversion specifier %";
                    return Err(vm.raise_about(exc::VALUE_ERROR, message, c));
                }
            };
            if at < end && !matches!(self.byte(at), ':' | '}') {
                return Err(vm.raise(exc::VALUE_ERROR, "expected ':' after format specifier"));
            }
        }
        let mut spec_start = at;
        if at < end && self.byte(at) == ':' {
            spec_start += 1;
            let mut open = 1;
            loop {
                at += 1;
                match self.byte(at) {
                    '{' => open += 1,
                    '}' => open -= 1,
                    _ => {}
                }
                if open == 0 || at >= end {
                    break;
                }
            }
        }
        if at >= end || self.byte(at) != '}' {
            return Err(vm.raise(exc::VALUE_ERROR, "unmatched '{' in format"));
        }
        let value = self.lookup(vm, start, name_end)?;
        let value = converted(vm, value, conv)?;
        let text = Blob::of_str(self.text);
        let mut spec = text.part(vm, spec_start, at)?;
        if text::scan(vm, text, spec_start, at, &BRACES)? < at {
            if self.nested {
                return Err(vm.raise(exc::VALUE_ERROR, "invalid format specifier"));
            }
            let mut made = StrBuilder::new();
            self.nested = true;
            self.expand(vm, spec_start, at, &mut made)?;
            self.nested = false;
            spec = made.finish_str(vm)?;
        }
        format_into(vm, out, value, Str::from_known(spec))?;
        Ok(at + 1)
    }

    /// The value that a field's name stands for: an argument, then attributes and items of it.
    fn lookup(&mut self, vm: &mut Vm, start: usize, end: usize) -> Res {
        let mut at = start;
        while at < end && !begins_part(self.byte(at)) {
            at += 1;
        }
        let text = Blob::of_str(self.text);
        let name = text.part(vm, start, at)?;
        let held = Str::from_known(name);
        let mut number = decimal(held.as_bytes());
        if at == start || number.is_some() {
            let wanted = if at == start { Numbering::Automatic } else { Numbering::Manual };
            if self.numbering != Numbering::Unknown && self.numbering != wanted {
                return Err(vm.raise(
                    exc::VALUE_ERROR,
                    match wanted {
                        Numbering::Manual => {
                            "can't switch from automatic field numbering to manual field specification"
                        }
                        _ => {
                            "can't switch from manual field specification to automatic field numbering"
                        }
                    },
                ));
            }
            self.numbering = wanted;
        }
        if at == start {
            number = Some(self.next);
            self.next += 1;
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
            None => match vm.find_name(held.as_str()).and_then(|name| self.args.keyword(name)) {
                Some(value) => value,
                None => return Err(vm.raise_with(exc::KEY_ERROR, &[name])),
            },
        };
        // MicroPython has none.
        if !cfg!(feature = "extra") {
            return match at < end {
                true => Err(vm.raise(exc::NOT_IMPLEMENTED_ERROR, "attributes not supported")),
                false => Ok(value),
            };
        }
        while at < end {
            let is_attribute = self.byte(at) == '.';
            let from = at + 1;
            at = from;
            while at < end
                && if is_attribute { !begins_part(self.byte(at)) } else { self.byte(at) != ']' }
            {
                at += 1;
            }
            let key = text.part(vm, from, at)?;
            let key_text = Str::from_known(key);
            if is_attribute {
                let attr = vm.intern_str(key_text)?;
                value = vm.get_attr(value, attr)?;
                continue;
            }
            if at == end || at + 1 < end && !begins_part(self.byte(at + 1)) {
                return Err(vm.raise(exc::VALUE_ERROR, "bad format string"));
            }
            at += 1;
            let index = decimal(key_text.as_bytes());
            let index = index.and_then(|n| Value::small_int(n.min(isize::MAX as usize) as isize));
            value = vm.get_item(value, index.unwrap_or(key))?;
        }
        Ok(value)
    }
}
