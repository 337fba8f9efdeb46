//! `str()`, `repr()` and what prints.

use crate::object::{Res, Str, StrBuilder, Style};
use crate::types::common::push_items;
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::vm::Message;
use crate::{Raise, Vm, exc};

impl Vm {
    /// Appends `str(v)` or `repr(v)`.
    pub fn format(&mut self, v: Value, out: &mut StrBuilder, style: Style) -> Result<(), Raise> {
        if style == Style::Str
            && let Some(s) = Str::from_value(v)
        {
            out.push_str(self, s.as_str());
            return Ok(());
        }
        self.enter_native()?;
        if self.has_python_class(v) {
            let names = [q::__str__.value(), q::__repr__.value()];
            for &name in if style == Style::Repr { &names[1..] } else { &names } {
                if let Some(text) = self.call_python_method(v, name, &[])? {
                    let Some(text) = self.cast::<Str>(text) else {
                        return Err(
                            self.raise(exc::TYPE_ERROR, "__str__ and __repr__ should return str")
                        );
                    };
                    out.push_str(self, text.as_str());
                    return Ok(());
                }
            }
            let part = self.native_part(v);
            if part != v && !part.is_none() {
                return self.format(part, out, style);
            }
        }
        match self.rom_type_of(v).slots.repr() {
            Some(f) => f(self, v, out, style),
            None => {
                let name = self.type_name(v);
                self.push_default_repr(out, name, v)
            }
        }
    }

    /// `<name object at address>`
    pub(crate) fn push_default_repr(
        &mut self,
        out: &mut StrBuilder,
        name: Str,
        v: Value,
    ) -> Result<(), Raise> {
        self.push_parts(out, b"<% object at @>", &[name.value(), v])
    }

    /// Appends a text in which `%` stands for `str()`, `!` for `repr()`, `@` for the address and `*` for the items of the
    /// value that is next.
    // What is raised is filled in by `Message::fill` instead: it needs neither heap nor Python code.
    pub fn push_parts(
        &mut self,
        out: &mut StrBuilder,
        text: &[u8],
        values: &[Value],
    ) -> Result<(), Raise> {
        let mut values = values.iter();
        for &byte in text {
            if !matches!(byte, b'%' | b'!' | b'@' | b'*') {
                out.push_byte(self, byte);
            } else if let Some(&value) = values.next() {
                match byte {
                    b'%' => self.format(value, out, Style::Str)?,
                    b'!' => self.format(value, out, Style::Repr)?,
                    b'*' => push_items(self, out, value)?,
                    _ => self.push_address(out, value),
                }
            }
        }
        Ok(())
    }

    // Out of line, for templates nest, and this takes 200 bytes of stack.
    #[inline(never)]
    fn push_address(&mut self, out: &mut StrBuilder, value: Value) {
        let mut address = Message::new();
        address.push_address(value);
        out.push_str(self, address.as_str());
    }

    /// Appends formatted text of up to 200 bytes.
    pub fn push_fmt(&mut self, out: &mut StrBuilder, text: core::fmt::Arguments<'_>) {
        use core::fmt::Write;
        let mut m = Message::new();
        let _ = m.write_fmt(text);
        out.push_str(self, m.as_str());
    }

    /// `str(v)`.
    pub fn str(&mut self, v: Value) -> Res {
        if v.is_kind(Kind::Str) {
            return Ok(v);
        }
        let mut out = StrBuilder::new();
        self.format(v, &mut out, Style::Str)?;
        out.finish_str(self)
    }

    /// `repr(v)`.
    pub fn repr(&mut self, v: Value) -> Res {
        let mut out = StrBuilder::new();
        self.format(v, &mut out, Style::Repr)?;
        out.finish_str(self)
    }
}
