//! Names and literals, and what is not regular in brackets: arguments of calls, comprehensions.
#![forbid(unsafe_code)]

use super::super::ast::{CompKind, Id, Kind};
use super::super::token::Tok;
use super::Parser;
use super::grammar::Rule;
use super::steps::Frame;
use crate::Vm;
use crate::value::Value;

/// Of the [`Frame`] of a call: a keyword argument was there, a `**` argument.
const KEYWORD: u8 = 1;
const DOUBLE_STAR: u8 = 2;

impl Parser<'_> {
    /// A name or literal, or what is in brackets.
    #[inline(never)]
    pub(super) fn atom(&mut self) {
        let value = match self.token.kind {
            Tok::Name => return self.variable(),
            Tok::Str => return self.strings(),
            Tok::LParen => return self.rule(Rule::Paren),
            Tok::LBracket => return self.rule(Rule::List),
            Tok::LBrace => return self.rule(Rule::Brace),
            Tok::Number => self.token.value,
            Tok::None => Value::NONE,
            Tok::True => Value::TRUE,
            Tok::False => Value::FALSE,
            Tok::Ellipsis => Value::ELLIPSIS,
            _ => return self.syntax(),
        };
        self.advance();
        self.wait_literal(value);
    }

    /// An identifier: a variable, or the value that `const` gave it.
    fn variable(&mut self) {
        let name = self.expect_name();
        if self.lexer.vm.str_bytes(name) == b"__debug__" {
            return self.wait_literal(Value::bool(self.debug));
        }
        match self.const_value(name) {
            Some(value) => self.wait_literal(value),
            None => {
                let name = Id::name(self.constant(name));
                self.wait(name);
            }
        }
    }

    /// Behind a point: where the last node is the name of a built-in module and the token that of a number in it, the
    /// number takes the place of both.
    #[inline(never)]
    pub(super) fn module_constant(&mut self) -> bool {
        let Some(value) = self.constant_of_module(self.top()) else { return false };
        self.pop();
        self.advance();
        self.wait_literal(value);
        true
    }

    /// The number that a built-in module has under the name at hand.
    fn constant_of_module(&self, module: Id) -> Option<Value> {
        let vm: &Vm = self.lexer.vm;
        let module = vm.str_bytes(self.constant_of(module.as_name()?));
        let module = vm.native_module(module)?;
        let value = module.own(self.token.value).filter(|_| self.token.kind == Tok::Name)?;
        super::fold::is_number(value).then_some(value)
    }

    /// The comprehension of the element in the frame and the clauses that begin here.
    #[inline(never)]
    pub(super) fn comprehension(&mut self, frame: &mut Frame, kind: u8) {
        let element = self.top();
        self.unstarred();
        if self.mark() != frame.mark + 1 {
            self.syntax();
        }
        self.follow(Rule::Clauses, frame);
        let clauses = self.seq_from(frame.mark + 1);
        let kind = CompKind::ALL[usize::from(kind) % CompKind::ALL.len()];
        self.put(frame, Kind::Comprehension { kind, element, clauses });
    }

    /// Checks the last node as an argument of the call that has the frame.
    #[inline(never)]
    pub(super) fn argument(&mut self, frame: &mut Frame) {
        let kind = self.kind(self.top());
        match kind {
            Kind::Keyword { .. } => frame.flag |= KEYWORD,
            Kind::DoubleStarred(_) => frame.flag |= DOUBLE_STAR,
            Kind::Starred(_) if frame.flag & DOUBLE_STAR != 0 => self.error("* arg after **"),
            Kind::Starred(_) => {}
            _ if frame.flag & DOUBLE_STAR != 0 => self.error("positional arg after **"),
            _ if frame.flag != 0 => self.error("positional arg after keyword arg"),
            _ => {}
        }
    }
}
