//! Strings in the tree: concatenation of neighbours, replacement fields.
//!
//! Source: Python Language Reference, "f-strings" and "t-strings".
#![forbid(unsafe_code)]

use super::super::ast::{Id, Kind, Make, Node};
use super::super::lexer_string::{MALFORMED, Part};
use super::super::token::{Prefix, Tok};
use super::Parser;
use super::grammar::Rule;
use super::steps::Frame;
use crate::object::Str;
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// Literals of at most this many bytes are interned, so that equal ones are one object.
const INTERN_MAX: usize = 16;

impl Parser<'_> {
    /// One or several neighbouring strings.
    pub(super) fn strings(&mut self) {
        let frame = self.frame();
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
            self.pieces(prefix, frame.mark, &mut Part::Body);
            self.advance();
        }
        let (bytes, template) = first;
        if bytes {
            let value = self.lexer.vm.new_bytes(self.lexer.text.as_bytes());
            self.wait_text(value);
        } else if template {
            self.flush();
            let pieces = self.seq_from(frame.mark);
            self.put(&frame, Kind::TemplateStr(pieces));
        } else {
            self.joined(&frame);
        }
    }

    /// What the lexer's text and the pieces in the frame are together.
    fn joined(&mut self, frame: &Frame) {
        if self.mark() == frame.mark {
            return self.take_text();
        }
        self.flush();
        let pieces = self.seq_from(frame.mark).0;
        self.make(frame, Make::JoinedStr as u8, pieces, 0);
    }

    /// The text and fields of one string or format specification. What is before a field is put on the scratch
    /// stack, whose part above `mark` is this string's; text after the last field stays with the lexer.
    fn pieces(&mut self, prefix: Prefix, mark: u32, part: &mut Part) {
        while self.lexer.string_part(prefix, part) {
            self.flush();
            self.field(prefix, mark);
        }
    }

    /// A literal of the lexer's text, which is done with.
    fn wait_text(&mut self, value: Result<Value, Raise>) {
        self.lexer.text.truncate(0);
        let value = self.lexer.checked(value);
        self.wait_literal(value);
    }

    /// Puts the lexer's text on the scratch stack.
    fn take_text(&mut self) {
        let value = text_value(self.lexer.vm, self.lexer.text.as_bytes(), self.token.line);
        self.wait_text(value);
    }

    /// Puts the lexer's text, if any, on the scratch stack.
    fn flush(&mut self) {
        if !self.lexer.text.is_empty() {
            self.take_text();
        }
    }

    /// A replacement field, behind its `{`. Puts it on the scratch stack, and the text of `{x=}` before it.
    fn field(&mut self, prefix: Prefix, mark: u32) {
        let line = self.token.line;
        let field = self.lexer.enter_field();
        self.advance();
        if self.token.kind == Tok::RBrace {
            self.error(MALFORMED);
        }
        let value = self.parse(Rule::YieldOrExpressions);
        let end = self.lexer.token_start();
        let debug = self.accept(Tok::Assign);
        let debug_end = self.lexer.token_start();
        let mut source = Id::NONE;
        if prefix.is_template() {
            self.lexer.append_recorded(field.start, end);
            let trimmed = self.lexer.text.as_bytes().trim_ascii_end().len();
            self.lexer.text.truncate(trimmed);
            self.take_text();
            source = self.pop();
        }
        if debug {
            self.append_source(prefix, mark, field.start, debug_end);
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
            // The string ends within the field.
            Tok::End | Tok::Str => self.error(MALFORMED),
            _ => self.syntax(),
        }
        self.lexer.leave_field(field);
        let mark = self.mark();
        if !spec.is_none() || !source.is_none() {
            self.wait(spec);
        }
        if !source.is_none() {
            self.wait(source);
        }
        let more = self.seq_from(mark);
        self.wait_node(&Node { line, kind: Kind::FormattedValue { conv, value, more } });
    }

    /// The format specification behind the colon of a field; `Id::NONE` for an empty one.
    fn specification(&mut self, prefix: Prefix) -> Id {
        let frame = self.frame();
        // It is an f-string even inside a t-string.
        self.pieces(prefix.without(Prefix::TEMPLATE), frame.mark, &mut Part::Spec(0));
        if self.mark() == frame.mark && self.lexer.text.is_empty() {
            return Id::NONE;
        }
        self.joined(&frame);
        self.pop()
    }

    /// Puts the field's source text up to `end` behind the text before the field.
    fn append_source(&mut self, prefix: Prefix, mark: u32, start: usize, end: usize) {
        let top = self.mark();
        // Only a t-string's texts and fields have to alternate.
        if prefix.is_template()
            && top > mark
            && let Some(before) = self.literal_of(self.waiting(top - 1)).and_then(Str::from_value)
        {
            self.ast.forget(top - 1);
            self.lexer.text.push_bytes(self.lexer.vm, before.as_bytes());
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
