//! What is not regular in functions, lambdas and classes: parameters.
#![forbid(unsafe_code)]

use super::super::ast::{Id, Kind, Make, Node, ParamKind};
use super::super::token::Tok;
use super::Parser;
use super::expr::TEST;
use super::grammar::Rule;
use super::steps::Frame;
use crate::value::names::q;

/// The flag bit of a lambda in [`Kind::Function`].
const LAMBDA: u8 = 2;

impl Parser<'_> {
    /// A lambda of the parameters, the body and nothing in the frame.
    pub(super) fn lambda(&mut self, frame: &Frame) {
        let parts = self.seq_from(frame.mark);
        let name = self.constant(q::LAMBDA.value());
        let function = self
            .node(&Node { line: frame.line, kind: Kind::Function { flags: LAMBDA, name, parts } });
        self.make(frame, Make::Lambda as u8, function.0, 0);
    }

    /// Parameters up to and with `end`: `)` of a function, `:` of a lambda, which has no annotations.
    #[inline(never)]
    pub(super) fn parameters(&mut self, end: u8) {
        let frame = self.frame();
        let mut kind = ParamKind::Normal;
        let mut slash = false;
        let mut defaults = false;
        let mut needs_name = false;
        let mut last = false;
        while self.token.kind as u8 != end {
            let mut sound = !last;
            match self.token.kind {
                Tok::Slash if cfg!(feature = "extra") => {
                    sound &= !slash && kind == ParamKind::Normal && self.mark() != frame.mark;
                    slash = true;
                    self.advance();
                    self.make_positional_only(frame.mark);
                }
                Tok::Star => {
                    sound &= kind == ParamKind::Normal;
                    kind = ParamKind::KeywordOnly;
                    self.advance();
                    needs_name = self.token.kind != Tok::Name;
                    if !needs_name {
                        self.parameter(ParamKind::VarArgs, end);
                    }
                }
                Tok::DoubleStar => {
                    sound &= !needs_name;
                    last = true;
                    self.advance();
                    self.parameter(ParamKind::VarKeywords, end);
                }
                _ => {
                    let has_default = self.parameter(kind, end);
                    needs_name = false;
                    if kind == ParamKind::Normal {
                        if defaults && !has_default {
                            self.error("non-default argument follows default argument");
                        }
                        defaults = has_default;
                    }
                }
            }
            if !sound {
                self.syntax();
            }
            if !self.accept(Tok::Comma) {
                break;
            }
        }
        if needs_name {
            self.syntax();
        }
        self.expect_number(end);
        let parameters = self.seq_from(frame.mark).0;
        self.make(&frame, Make::Args as u8, parameters, 0);
    }

    /// The parameters on the scratch stack above `mark` stand before a `/`.
    fn make_positional_only(&mut self, mark: u32) {
        for i in mark..self.mark() {
            let id = self.waiting(i);
            if let Kind::Param { name, more, .. } = self.kind(id) {
                let kind = Kind::Param { kind: ParamKind::PositionalOnly, name, more };
                self.ast.replace(self.lexer.vm, id, kind);
            }
        }
    }

    /// One parameter; true when it has a default.
    fn parameter(&mut self, kind: ParamKind, end: u8) -> bool {
        let frame = self.frame();
        let name = self.name();
        // The default, then the annotation, which is parsed first.
        self.wait(Id::NONE);
        self.wait(Id::NONE);
        if end == Tok::RParen as u8 && self.accept(Tok::Colon) {
            self.rule(Rule::StarExpression);
            self.set_last(frame.mark + 1);
        }
        if !matches!(kind, ParamKind::VarArgs | ParamKind::VarKeywords) && self.accept(Tok::Assign)
        {
            self.expression(TEST);
            self.set_last(frame.mark);
        }
        let has_default = !self.waiting(frame.mark).is_none();
        let more = self.seq_from(frame.mark);
        self.put(&frame, Kind::Param { kind, name, more });
        has_default
    }

    /// `[T: bound = default, *Ts, **P]`: accepted and dropped.
    pub(super) fn type_parameters(&mut self) {
        let mark = self.mark();
        self.advance();
        loop {
            if matches!(self.token.kind, Tok::Star | Tok::DoubleStar) {
                self.advance();
            }
            self.expect_name();
            if self.accept(Tok::Colon) {
                self.expression(TEST);
            }
            if self.accept(Tok::Assign) {
                self.rule(Rule::StarExpression);
            }
            if !self.accept(Tok::Comma) || self.token.kind == Tok::RBracket {
                self.ast.forget(mark);
                return self.expect(Tok::RBracket);
            }
        }
    }
}
