//! Strings in the tree: concatenation of neighbours, replacement fields.
//!
//! Source: Python Language Reference, "f-strings" and "t-strings".
#![forbid(unsafe_code)]

use super::super::ast::{Id, Kind, Seq};
use super::super::lexer_string::{Part, Stop};
use super::super::token::{Flavour, Prefix, Tok};
use super::{Parsed, Parser};
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// Literals of at most this many bytes are interned, so that equal ones are one object.
const INTERN_MAX: usize = 16;

impl Parser<'_> {
    /// One or several neighbouring strings.
    pub(super) fn strings(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        let mark = self.ast.mark();
        let mut flavour = None;
        while let Tok::Str(prefix) = self.token.kind {
            // For mixing, a string with fields is a string.
            let this =
                if prefix.flavour == Flavour::Format { Flavour::Str } else { prefix.flavour };
            match *flavour.get_or_insert(this) {
                first if first == this => {}
                Flavour::Template | Flavour::Str if this != Flavour::Bytes => {
                    return Err(self.syntax(vm));
                }
                _ => return Err(self.error(vm, "cannot mix bytes and nonbytes literals")),
            }
            self.pieces(vm, prefix, mark, &mut Part::Body)?;
            self.advance(vm)?;
        }
        if flavour == Some(Flavour::Bytes) {
            let value = vm.new_bytes(self.lexer.text.as_bytes())?;
            self.lexer.text.truncate(0);
            return self.literal(vm, value);
        }
        if flavour == Some(Flavour::Template) {
            self.flush(vm)?;
            let pieces = self.ast.seq_from(vm, mark)?;
            return self.node(vm, line, Kind::TemplateStr(pieces));
        }
        if self.ast.mark() == mark {
            let value = self.take_text(vm)?;
            return self.literal(vm, value);
        }
        self.flush(vm)?;
        let pieces = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::JoinedStr(pieces))
    }

    /// The text and fields of one string or format specification. What is before a field is put on the scratch
    /// stack, whose part above `mark` is this string's; text after the last field stays with the lexer.
    fn pieces(&mut self, vm: &mut Vm, prefix: Prefix, mark: u32, part: &mut Part) -> Parsed<()> {
        while self.lexer.string_part(vm, prefix, part)? == Stop::Field {
            self.flush(vm)?;
            self.field(vm, prefix, mark)?;
        }
        Ok(())
    }

    /// The lexer's text as a string.
    fn take_text(&mut self, vm: &mut Vm) -> Parsed<Value> {
        let value = text_value(vm, self.lexer.text.as_bytes(), self.token.line)?;
        self.lexer.text.truncate(0);
        Ok(value)
    }

    /// Puts the lexer's text, if any, on the scratch stack.
    fn flush(&mut self, vm: &mut Vm) -> Parsed<()> {
        if self.lexer.text.is_empty() {
            return Ok(());
        }
        let value = self.take_text(vm)?;
        let id = self.literal(vm, value)?;
        self.wait(vm, id)
    }

    /// A replacement field, behind its `{`. Puts it on the scratch stack, and the text of `{x=}` before it.
    fn field(&mut self, vm: &mut Vm, prefix: Prefix, mark: u32) -> Parsed<()> {
        let line = self.token.line;
        let field = self.lexer.enter_field();
        self.advance(vm)?;
        if let Tok::RBrace | Tok::Bang | Tok::Colon | Tok::Assign = self.token.kind {
            return Err(self.malformed(vm));
        }
        let value = self.yield_or_expressions(vm)?;
        let end = self.lexer.token_start();
        let debug = self.accept(vm, Tok::Assign)?;
        let debug_end = self.lexer.token_start();
        let source = match prefix.flavour {
            Flavour::Template => {
                let text = self.lexer.recorded(field.start).get(..end - field.start).unwrap_or(&[]);
                text_value(vm, text.trim_ascii_end(), line)?
            }
            _ => Value::UNDEF,
        };
        if debug {
            self.append_source(vm, mark, field.start, debug_end)?;
        }
        let mut conv = 0;
        if self.token.kind == Tok::Bang {
            conv = match self.lexer.conversion(vm)? {
                b's' => 1,
                b'r' => 2,
                b'a' => 3,
                _ => return Err(self.syntax(vm)),
            };
            self.advance(vm)?;
        }
        let mut spec = Id::NONE;
        match self.token.kind {
            Tok::RBrace => {
                if debug && conv == 0 {
                    conv = 2;
                }
            }
            Tok::Colon => spec = self.specification(vm, prefix)?,
            _ => return Err(self.unfinished_field(vm, prefix)),
        }
        self.lexer.leave_field(field);
        let more = if !source.is_undef() {
            let source = self.literal(vm, source)?;
            self.seq(vm, &[spec, source])?
        } else if spec.is_none() {
            Seq::EMPTY
        } else {
            self.seq(vm, &[spec])?
        };
        let id = self.node(vm, line, Kind::FormattedValue { conv, value, more })?;
        self.wait(vm, id)
    }

    /// The format specification behind the colon of a field; `Id::NONE` for an empty one.
    fn specification(&mut self, vm: &mut Vm, prefix: Prefix) -> Parsed {
        let line = self.token.line;
        let mark = self.ast.mark();
        // It is an f-string even inside a t-string.
        let prefix = Prefix { flavour: Flavour::Format, ..prefix };
        self.pieces(vm, prefix, mark, &mut Part::Spec(0))?;
        if self.ast.mark() == mark {
            if self.lexer.text.is_empty() {
                return Ok(Id::NONE);
            }
            let value = self.take_text(vm)?;
            return self.literal(vm, value);
        }
        self.flush(vm)?;
        let pieces = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::JoinedStr(pieces))
    }

    /// Joins the field's source text up to `end` to the text before the field.
    fn append_source(&mut self, vm: &mut Vm, mark: u32, start: usize, end: usize) -> Parsed<()> {
        let top = self.ast.mark();
        if top > mark
            && let Some(before) = self.ast.literal(vm, self.ast.waiting(vm, top - 1))
        {
            self.ast.forget(top - 1);
            let mut text = core::mem::take(&mut self.lexer.text);
            for i in 0..vm.str_bytes(before).len() {
                let byte = vm.str_bytes(before)[i];
                text.push_bytes(vm, &[byte])?;
            }
            self.lexer.text = text;
        }
        let mut text = core::mem::take(&mut self.lexer.text);
        text.push_bytes(vm, self.lexer.recorded(start).get(..end - start).unwrap_or(&[]))?;
        self.lexer.text = text;
        self.flush(vm)
    }

    #[cold]
    fn malformed(&self, vm: &mut Vm) -> Raise {
        self.error(vm, "malformed f-string")
    }

    /// The error at a token that can not follow a field's expression: malformed when the field does not end.
    #[cold]
    fn unfinished_field(&mut self, vm: &mut Vm, prefix: Prefix) -> Raise {
        let line = self.token.line;
        loop {
            match self.token.kind {
                Tok::RBrace => return vm.raise_syntax("invalid syntax", line),
                Tok::End => return self.malformed(vm),
                Tok::Str(p) if p.quote == prefix.quote && p.triple == prefix.triple => {
                    return self.malformed(vm);
                }
                Tok::Str(inner) => {
                    if let Err(raise) = self.lexer.skip_string(vm, inner) {
                        return raise;
                    }
                }
                _ => {}
            }
            if let Err(raise) = self.advance(vm) {
                return raise;
            }
        }
    }
}

/// A string of the source's bytes, which stand on `line`.
fn text_value(vm: &mut Vm, text: &[u8], line: u32) -> Parsed<Value> {
    let Ok(text) = core::str::from_utf8(text) else {
        return Err(vm.raise_at(exc::UNICODE_ERROR, "", line));
    };
    if text.len() <= INTERN_MAX { vm.intern(text) } else { vm.new_str(text) }
}
