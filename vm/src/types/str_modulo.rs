//! `%` on text: `str`, `bytes` and `bytearray`.
//!
//! Source: Python Library Reference, "printf-style String Formatting". The messages are MicroPython's.

use super::str_format::push_field;
use super::text::{self, ByteSet};
use super::{float, int, int_format, typecode};
use crate::num::spec::{Align, FormatSpec, Sign};
use crate::object::{Blob, Dict, Flavor, Res, StrBuilder, Style, Tuple};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::vm::Message;
use crate::vm::intern::NAME_MAX;
use crate::{Raise, Vm, exc};

/// `text % values` for a `str`.
pub(super) fn str_modulo(vm: &mut Vm, text: Value, values: Value) -> Res {
    let text = text::this(vm, text)?;
    text_modulo(vm, text, values)
}

/// A format at work.
struct Modulo<'a> {
    /// The format, a `str` or `bytes`.
    format: Blob,
    /// What comes next in it.
    at: usize,
    is_bytes: bool,
    /// Where values come from.
    items: &'a [Value],
    /// How many were taken.
    taken: usize,
    /// The values by name, `UNDEF` when the right side is no mapping.
    mapping: Value,
    out: StrBuilder,
}

static PERCENT: ByteSet = ByteSet::ranges(&[(b'%', b'%')]);

/// `text % values`, as an object of the text's type.
pub(super) fn text_modulo(vm: &mut Vm, text: Blob, values: Value) -> Res {
    let is_bytes = text.flavor() != Flavor::Str;
    // A bytearray's bytes may change while values are converted.
    let format = if is_bytes { Blob::of_bytes(text.to_bytes(vm)?) } else { text };
    let tuple = vm.cast::<Tuple>(values).or_else(|| super::attrtuple::plain_tuple(vm, values));
    let one = [values];
    let is_mapping = tuple.is_none()
        && (vm.cast::<Dict>(values).is_some()
            // MicroPython takes dictionaries only.
            || cfg!(feature = "extra")
                && text::of(vm, values).is_none()
                && vm.python_method(values, q::__getitem__.value())?.is_some());
    let mut m = Modulo {
        format,
        at: 0,
        is_bytes,
        items: tuple.as_ref().map_or(&one[..], |t| t.items()),
        taken: 0,
        mapping: if is_mapping { values } else { Value::UNDEF },
        out: StrBuilder::new(),
    };
    let len = format.len(vm);
    loop {
        let end = text::scan(vm, format, m.at, len, &PERCENT)?;
        m.out.push_part(vm, format, m.at, end)?;
        vm.tick(20)?;
        if end == len {
            break;
        }
        m.at = end + 1;
        m.field(vm)?;
    }
    if m.taken < m.items.len() && !is_mapping {
        return Err(vm.raise(exc::TYPE_ERROR, "format string didn't convert all arguments"));
    }
    m.out.finish(vm, text.flavor())
}

impl Modulo<'_> {
    /// The next byte of the format; 0 at its end. As a character, for a word is compared without being extended first.
    fn peek(&self, vm: &Vm) -> char {
        self.format.bytes(vm).get(self.at).copied().map_or('\0', char::from)
    }

    /// The next value.
    fn value(&mut self, vm: &mut Vm) -> Res {
        match self.items.get(self.taken) {
            Some(&value) => {
                self.taken += 1;
                Ok(value)
            }
            None => Err(vm.raise(exc::TYPE_ERROR, "format string needs more arguments")),
        }
    }

    /// A width or precision: digits, or `*` for the next value; 0 if there is none.
    fn number(&mut self, vm: &mut Vm) -> Result<isize, Raise> {
        if self.peek(vm) == '*' {
            self.at += 1;
            let value = self.value(vm)?;
            return vm.index(value);
        }
        let mut n: isize = 0;
        while let digit @ '0'..='9' = self.peek(vm) {
            n = n.saturating_mul(10).saturating_add(digit as isize - '0' as isize);
            self.at += 1;
        }
        Ok(n)
    }

    /// The value that a name in parentheses stands for; those within come in pairs.
    fn named(&mut self, vm: &mut Vm) -> Res {
        let (start, mut open) = (self.at + 1, 0usize);
        loop {
            match self.peek(vm) {
                '(' => open += 1,
                ')' => open -= 1,
                _ if self.at >= self.format.len(vm) => {
                    return Err(vm.raise(exc::VALUE_ERROR, "incomplete format key"));
                }
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                break;
            }
        }
        if self.mapping.is_undef() {
            return Err(vm.raise(exc::TYPE_ERROR, "format needs a dict"));
        }
        // A name like those of `format(**values)`.
        if !self.is_bytes && self.at - 1 - start > NAME_MAX {
            return Err(vm.name_too_long());
        }
        let key = self.format.part(vm, start, self.at - 1)?;
        // The mapping is used up as a value of its own.
        self.taken = self.items.len();
        vm.get_item(self.mapping, key)
    }

    /// Appends the value of the specifier after a `%`.
    fn field(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        let start = self.at;
        let mut value = Value::UNDEF;
        if self.peek(vm) == '(' {
            value = self.named(vm)?;
        }
        let mut spec = FormatSpec::default();
        let mut left = false;
        loop {
            match self.peek(vm) {
                '-' => left = true,
                '+' => spec.sign = Sign::Plus,
                ' ' if spec.sign == Sign::Minus => spec.sign = Sign::Space,
                ' ' => {}
                '#' => spec.alternate = true,
                '0' => spec.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        let width = self.number(vm)?;
        left |= width < 0;
        spec.width = width.unsigned_abs();
        if self.peek(vm) == '.' {
            self.at += 1;
            spec.precision = Some(self.number(vm)?.max(0) as usize);
        }
        // C's lengths say nothing here.
        while let 'h' | 'l' | 'L' = self.peek(vm) {
            self.at += 1;
        }
        let (kind, at) = (self.peek(vm), self.at);
        if at >= self.format.len(vm) {
            return Err(vm.raise(exc::VALUE_ERROR, "incomplete format"));
        }
        self.at += 1;
        if kind == '%' && at == start {
            return self.out.push_byte(vm, b'%');
        }
        let is_known = match kind {
            'a' => cfg!(feature = "extra"),
            'b' => self.is_bytes,
            _ => b"srcdiuxXoeEfFgG".contains(&(kind as u8)),
        };
        if !is_known {
            let mut text =
                Message::filled("unsupported format character \'%\' (0x", &[vm.char_str(kind)?]);
            text.push_digits(kind as usize, 16, 1);
            let end = Message::filled(") at index %", &[Value::from_len(at)]);
            text.push(end.as_str().as_bytes());
            return Err(vm.raise(exc::VALUE_ERROR, text.as_str()));
        }
        if value.is_undef() {
            value = self.value(vm)?;
        }
        if left {
            spec.align = Some(Align::Left);
            spec.zero = false;
        }
        match kind {
            's' | 'b' | 'r' | 'a' | 'c' => {
                spec.zero = false;
                self.text(vm, kind, value, &mut spec)
            }
            'e'..='g' | 'E'..='G' => {
                let f = typecode::float_arg(vm, value)?;
                spec.kind = Some(kind);
                float::write_spec(vm, f, &spec, &mut self.out)
            }
            _ => {
                let base = match kind {
                    'x' | 'X' => 16,
                    'o' => 8,
                    _ => 10,
                };
                let value = int_value(vm, value, base == 10)?;
                int_format::write_digits(vm, value, &spec, base, kind == 'X', &mut self.out)
            }
        }
    }

    /// Appends the value of `%s`, `%b`, `%r`, `%a` or `%c`.
    fn text(
        &mut self,
        vm: &mut Vm,
        kind: char,
        value: Value,
        spec: &mut FormatSpec,
    ) -> Result<(), Raise> {
        let mut piece = StrBuilder::new();
        let mut source = None;
        match kind {
            'c' => {
                spec.precision = None;
                self.character(vm, value, &mut piece)?;
            }
            // Bytes go into bytes as they are.
            's' | 'b' if self.is_bytes => source = Blob::of(vm, value),
            'r' if !self.is_bytes || !cfg!(feature = "extra") => {
                vm.format(value, &mut piece, Style::Repr)?
            }
            'r' | 'a' if cfg!(feature = "extra") => {
                let text = super::str::ascii(vm, value)?;
                source = Blob::of(vm, text);
            }
            _ => {}
        }
        if let Some(blob) = source {
            piece.push_part(vm, blob, 0, usize::MAX)?;
        } else if let 's' | 'b' = kind {
            if spec.width == 0 && spec.precision.is_none() {
                return vm.format(value, &mut self.out, Style::Str);
            }
            vm.format(value, &mut piece, Style::Str)?;
        }
        push_field(vm, &mut self.out, piece.as_bytes(), !self.is_bytes, spec, Align::Right)?;
        piece.discard(vm);
        Ok(())
    }

    /// `%c`: a number's character or byte, or a text of one.
    fn character(&self, vm: &mut Vm, value: Value, out: &mut StrBuilder) -> Result<(), Raise> {
        if let Some(text) = text::of(vm, value) {
            if text.char_len(vm) == 1 && (text.flavor() != Flavor::Str) == self.is_bytes {
                return out.push_part(vm, text, 0, usize::MAX);
            }
            return Err(vm.raise(exc::TYPE_ERROR, "%c needs int or char"));
        }
        if value.is_kind(Kind::Float) {
            return Err(vm.raise(exc::TYPE_ERROR, "integer needed"));
        }
        let n = vm.index(value)?;
        if self.is_bytes {
            return match u8::try_from(n) {
                Ok(b) => out.push_byte(vm, b),
                Err(_) => Err(vm.raise(exc::OVERFLOW_ERROR, "%c arg not in range(256)")),
            };
        }
        match text::char_of(n) {
            Some(c) => out.push_char(vm, c),
            None => Err(vm.raise(exc::OVERFLOW_ERROR, "char not in range(0x110000)")),
        }
    }
}

/// The `int` that `%d` and its like write. Only the decimal ones cut floats.
fn int_value(vm: &mut Vm, value: Value, cut: bool) -> Res {
    let converts = value.is_kind(Kind::Float)
        || value.is_kind(Kind::Instance) && text::of(vm, value).is_none();
    if cut && converts { vm.call(int::INT.value(), &[value]) } else { vm.integer_arg(value) }
}
