//! `%` on text: `str`, `bytes` and `bytearray`.
//!
//! Source: Python Library Reference, "printf-style String Formatting". The messages are MicroPython's.

use super::number::Text;
use super::str_format::fit;
use super::text;
use super::{float, int_format, typecode};
use crate::num::spec::{Align, FormatSpec, Rest, Sign};
use crate::object::{Blob, Dict, Flavor, Res, StrBuilder, Style, Tuple};
use crate::value::Value;
use crate::value::names::q;
use crate::vm::Message;
use crate::vm::intern::NAME_MAX;
use crate::{Raise, Vm, exc};

/// A format at work.
struct Modulo<'a> {
    /// The format, a `str` or `bytes`.
    format: Blob,
    rest: Rest<'a>,
    is_bytes: bool,
    /// The values that were not taken yet.
    items: &'a [Value],
    /// The values by name, `UNDEF` when the right side is no mapping.
    mapping: Value,
    out: StrBuilder,
}

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
    let held = Text::of(format.value());
    let mut m = Modulo {
        format,
        rest: Rest { text: held.bytes(), at: 0 },
        is_bytes,
        items: tuple.as_ref().map_or(&one[..], |t| t.items()),
        mapping: if is_mapping { values } else { Value::UNDEF },
        out: StrBuilder::new(),
    };
    loop {
        let plain = &m.rest.text[m.rest.at..];
        let n = plain.iter().position(|&b| b == b'%').unwrap_or(plain.len());
        m.out.push_bytes(vm, &plain[..n]);
        m.rest.at += n;
        if !m.rest.take(b'%') {
            break;
        }
        m.field(vm)?;
        vm.tick(20)?;
    }
    if !m.items.is_empty() && !is_mapping {
        return Err(vm.raise(exc::TYPE_ERROR, "format string didn't convert all arguments"));
    }
    m.out.finish(vm, text.flavor())
}

impl Modulo<'_> {
    /// The next value.
    fn value(&mut self, vm: &mut Vm) -> Res {
        match self.items.split_first() {
            Some((&value, left)) => {
                self.items = left;
                Ok(value)
            }
            None => Err(vm.raise(exc::TYPE_ERROR, "format string needs more arguments")),
        }
    }

    /// A width or precision: digits, or `*` for the next value; 0 if there is none.
    fn number(&mut self, vm: &mut Vm) -> Result<isize, Raise> {
        if self.rest.take(b'*') {
            let value = self.value(vm)?;
            return vm.index(value);
        }
        Ok(self.rest.number().unwrap_or(0).min(isize::MAX as usize) as isize)
    }

    /// The value that a name in parentheses stands for; those within come in pairs.
    fn named(&mut self, vm: &mut Vm) -> Res {
        let start = self.rest.at;
        let mut open = 1;
        while open > 0 {
            match self.rest.peek() {
                b'(' => open += 1,
                b')' => open -= 1,
                0 => return Err(vm.raise(exc::VALUE_ERROR, "incomplete format key")),
                _ => {}
            }
            self.rest.at += 1;
        }
        if self.mapping.is_undef() {
            return Err(vm.raise(exc::TYPE_ERROR, "format needs a dict"));
        }
        // A name like those of `format(**values)`.
        if !self.is_bytes && self.rest.at - 1 - start > NAME_MAX {
            return Err(vm.name_too_long());
        }
        let key = self.format.part(vm, start, self.rest.at - 1)?;
        // The mapping is used up as a value of its own.
        self.items = &[];
        vm.get_item(self.mapping, key)
    }

    /// Appends the value of the specifier after a `%`.
    fn field(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        if self.rest.take(b'%') {
            self.out.push_byte(vm, b'%');
            return Ok(());
        }
        let mut value = Value::UNDEF;
        if self.rest.take(b'(') {
            value = self.named(vm)?;
        }
        let mut spec = FormatSpec::default();
        loop {
            match self.rest.peek() {
                b'-' => spec.align = Some(Align::Left),
                b'+' => spec.sign = Sign::Plus,
                b' ' if spec.sign == Sign::Minus => spec.sign = Sign::Space,
                b' ' => {}
                b'#' => spec.alternate = true,
                b'0' => spec.zero = true,
                _ => break,
            }
            self.rest.at += 1;
        }
        let width = self.number(vm)?;
        spec.width = width.unsigned_abs();
        if width < 0 {
            spec.align = Some(Align::Left);
        }
        if self.rest.take(b'.') {
            spec.precision = Some(self.number(vm)?.max(0) as usize);
        }
        // C's lengths say nothing here. MicroPython does not know them.
        while cfg!(feature = "extra") && matches!(self.rest.peek(), b'h' | b'l' | b'L') {
            self.rest.at += 1;
        }
        let (kind, at) = (self.rest.peek(), self.rest.at);
        if kind == 0 {
            return Err(vm.raise(exc::VALUE_ERROR, "incomplete format"));
        }
        self.rest.at += 1;
        if value.is_undef() {
            value = self.value(vm)?;
        }
        spec.zero &= spec.align.is_none();
        let base = match kind {
            b'd' | b'i' | b'u' => 10,
            b'x' | b'X' => 16,
            b'o' => 8,
            b'e'..=b'g' | b'E'..=b'G' => {
                let f = typecode::float_arg(vm, value)?;
                spec.kind = Some(kind.into());
                return float::write_spec(vm, f, &spec, &mut self.out);
            }
            b's' | b'r' | b'c' => return self.text(vm, kind, value, &mut spec),
            b'a' if cfg!(feature = "extra") => return self.text(vm, kind, value, &mut spec),
            b'b' if self.is_bytes => return self.text(vm, kind, value, &mut spec),
            _ => {
                let c = vm.char_str(char::from(kind))?;
                let mut text = Message::filled("unsupported format character '%' (0x", &[c]);
                text.push_digits(kind.into(), 16, 1);
                text.fill(") at index %", &[Value::from_len(at)]);
                return Err(vm.raise(exc::VALUE_ERROR, text.as_str()));
            }
        };
        // Only the decimal ones convert.
        let value =
            if base == 10 { typecode::integer(vm, value, true)? } else { vm.integer_arg(value)? };
        int_format::write_digits(vm, value, &spec, base, kind == b'X', &mut self.out)
    }

    /// Appends the value of `%s`, `%b`, `%r`, `%a` or `%c`.
    fn text(
        &mut self,
        vm: &mut Vm,
        kind: u8,
        value: Value,
        spec: &mut FormatSpec,
    ) -> Result<(), Raise> {
        spec.zero = false;
        spec.align = spec.align.or(Some(Align::Right));
        let start = self.out.len();
        match kind {
            b'c' => {
                spec.precision = None;
                self.character(vm, value)?;
            }
            b'r' if !self.is_bytes || !cfg!(feature = "extra") => {
                vm.format(value, &mut self.out, Style::Repr)?;
            }
            b'r' | b'a' if cfg!(feature = "extra") => {
                let text = super::str::ascii(vm, value)?;
                vm.format(text, &mut self.out, Style::Str)?;
            }
            _ => match Blob::of(vm, value).filter(|_| self.is_bytes) {
                // Bytes go into bytes as they are.
                Some(blob) => self.out.push_part(vm, blob, 0, usize::MAX),
                None => vm.format(value, &mut self.out, Style::Str)?,
            },
        }
        fit(vm, &mut self.out, start, !self.is_bytes, spec);
        Ok(())
    }

    /// `%c`: a number's character or byte, or a text of one.
    fn character(&mut self, vm: &mut Vm, value: Value) -> Result<(), Raise> {
        if let Some(text) = text::of(vm, value) {
            if text.char_len(vm) == 1 && (text.flavor() != Flavor::Str) == self.is_bytes {
                self.out.push_part(vm, text, 0, usize::MAX);
                return Ok(());
            }
            return Err(vm.raise(exc::TYPE_ERROR, "%c needs int or char"));
        }
        if !self.is_bytes {
            return int_format::push_char(vm, value, &mut self.out);
        }
        let Ok(byte) = u8::try_from(vm.index(value)?) else {
            return Err(vm.raise(exc::OVERFLOW_ERROR, "%c arg not in range(256)"));
        };
        self.out.push_byte(vm, byte);
        Ok(())
    }
}
