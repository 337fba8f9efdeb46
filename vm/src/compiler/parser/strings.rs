//! Strings in the tree: concatenation of neighbours, replacement fields.
//!
//! Source: Python Language Reference, "f-strings" and "t-strings".
#![forbid(unsafe_code)]

use super::super::ast::{Id, Kind, Seq};
use super::super::lexer_string::{MALFORMED, Part};
use super::super::token::{Prefix, Tok};
use super::Parser;
use crate::object::Str;
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// Literals of at most this many bytes are interned, so that equal ones are one object.
const INTERN_MAX: usize = 16;

impl Parser<'_> {
    /// One or several neighbouring strings.
    pub(super) fn strings(&mut self) -> Id {
        let line = self.token.line;
        let mark = self.mark();
        // For mixing, a string with fields is a string.
        let kind = |prefix: Prefix| (prefix.has(Prefix::BYTES), prefix.is_template());
        let first = kind(self.token.prefix);
        while self.token.kind == Tok::Str {
            let prefix = self.token.prefix;
            let this = kind(prefix);
            if this.0 != first.0 {
                self.error("cannot mix bytes and nonbytes literals");
            } else if this != first {
                self.syntax();
            }
            self.pieces(prefix, mark, &mut Part::Body);
            self.advance();
        }
        let (bytes, template) = first;
        if bytes {
            let value = self.lexer.vm.new_bytes(self.lexer.text.as_bytes());
            self.lexer.text.truncate(0);
            return self.checked_literal(value);
        }
        if template {
            self.flush();
            let pieces = self.seq_from(mark);
            return self.node(line, Kind::TemplateStr(pieces));
        }
        self.joined(line, mark)
    }

    /// What the lexer's text and the pieces on the scratch stack above `mark` are together.
    fn joined(&mut self, line: u32, mark: u32) -> Id {
        if self.mark() == mark {
            return self.take_text();
        }
        self.flush();
        let pieces = self.seq_from(mark);
        self.node(line, Kind::JoinedStr(pieces))
    }

    /// The text and fields of one string or format specification. What is before a field is put on the scratch
    /// stack, whose part above `mark` is this string's; text after the last field stays with the lexer.
    fn pieces(&mut self, prefix: Prefix, mark: u32, part: &mut Part) {
        while self.lexer.string_part(prefix, part) {
            self.flush();
            self.field(prefix, mark);
        }
    }

    /// The lexer's text as a literal.
    fn take_text(&mut self) -> Id {
        let value = text_value(self.lexer.vm, self.lexer.text.as_bytes(), self.token.line);
        self.lexer.text.truncate(0);
        self.checked_literal(value)
    }

    /// Puts the lexer's text, if any, on the scratch stack.
    fn flush(&mut self) {
        if !self.lexer.text.is_empty() {
            let text = self.take_text();
            self.wait(text);
        }
    }

    /// A replacement field, behind its `{`. Puts it on the scratch stack, and the text of `{x=}` before it.
    fn field(&mut self, prefix: Prefix, mark: u32) {
        let line = self.token.line;
        let field = self.lexer.enter_field();
        self.advance();
        if matches!(self.token.kind, Tok::RBrace | Tok::Bang | Tok::Colon | Tok::Assign) {
            self.error(MALFORMED);
        }
        let value = self.yield_or_expressions();
        let end = self.lexer.token_start();
        let debug = self.accept(Tok::Assign);
        let debug_end = self.lexer.token_start();
        let mut source = Id::NONE;
        if prefix.is_template() {
            self.lexer.append_recorded(field.start, end);
            let trimmed = self.lexer.text.as_bytes().trim_ascii_end().len();
            self.lexer.text.truncate(trimmed);
            source = self.take_text();
        }
        if debug {
            self.append_source(mark, field.start, debug_end);
        }
        let mut conv = 0;
        if self.token.kind == Tok::Bang {
            conv = match self.lexer.conversion() {
                's' => 1,
                'r' => 2,
                'a' => 3,
                _ => {
                    self.syntax();
                    0
                }
            };
            self.advance();
        }
        let mut spec = Id::NONE;
        match self.token.kind {
            Tok::RBrace => {
                if debug && conv == 0 {
                    conv = 2;
                }
            }
            Tok::Colon => spec = self.specification(prefix),
            Tok::End => {
                self.error(MALFORMED);
            }
            Tok::Str if self.token.prefix.same_quotes(prefix) => {
                self.error(MALFORMED);
            }
            _ => {
                self.syntax();
            }
        }
        self.lexer.leave_field(field);
        let more = match (spec, source) {
            (Id::NONE, Id::NONE) => Seq::EMPTY,
            (spec, Id::NONE) => self.seq(&[spec]),
            more => self.seq(&<[Id; 2]>::from(more)),
        };
        self.wait_node(line, Kind::FormattedValue { conv, value, more });
    }

    /// The format specification behind the colon of a field; `Id::NONE` for an empty one.
    fn specification(&mut self, prefix: Prefix) -> Id {
        let line = self.token.line;
        let mark = self.mark();
        // It is an f-string even inside a t-string.
        self.pieces(prefix.without(Prefix::TEMPLATE), mark, &mut Part::Spec(0));
        if self.mark() == mark && self.lexer.text.is_empty() {
            return Id::NONE;
        }
        self.joined(line, mark)
    }

    /// Joins the field's source text up to `end` to the text before the field.
    fn append_source(&mut self, mark: u32, start: usize, end: usize) {
        let top = self.mark();
        if top > mark
            && let Some(before) = self.literal_of(self.waiting(top - 1)).and_then(Str::from_value)
        {
            self.ast.forget(top - 1);
            self.lexer.text.add(self.lexer.vm, before.as_bytes());
        }
        self.lexer.append_recorded(start, end);
        self.flush();
    }
}

/// A string of the source's bytes, which stand on `line`.
fn text_value(vm: &mut Vm, text: &[u8], line: u32) -> Result<Value, Raise> {
    let Ok(text) = core::str::from_utf8(text) else {
        return Err(vm.raise_at(exc::UNICODE_ERROR, "", line));
    };
    if text.len() <= INTERN_MAX { vm.intern(text) } else { vm.new_str(text) }
}
