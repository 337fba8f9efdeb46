//! Functions, lambdas and classes.
#![forbid(unsafe_code)]

use super::super::ast::{Id, Kind, ParamKind};
use super::super::token::Tok;
use super::Parser;
use super::expr::TEST;
use crate::value::names::q;

/// The flag bit of a lambda in [`Kind::Function`].
const LAMBDA: u8 = 2;

impl Parser<'_> {
    /// `@decorator` lines and the function or class after them.
    pub(super) fn decorated(&mut self) -> Id {
        let mark = self.places();
        while self.accept(Tok::At) {
            let decorator = self.named_expression();
            if !self.is_code_emitter(decorator) {
                self.wait(decorator);
            }
            self.expect(Tok::Newline);
        }
        if self.token.kind == Tok::Class {
            return self.class(mark);
        }
        let is_async = self.accept(Tok::Async);
        self.definition(mark, is_async)
    }

    /// True for `@micropython.native` and its like, which the compiler obeys: all make bytecode. `SyntaxError` for any
    /// other attribute of `micropython`.
    fn is_code_emitter(&mut self, decorator: Id) -> bool {
        let Kind::Attribute { mut object, name } = self.kind(decorator) else {
            return false;
        };
        let direct = object.as_name().is_some();
        while let Kind::Attribute { object: inner, .. } = self.kind(object) {
            object = inner;
        }
        if !self.is_named(object, b"micropython") {
            return false;
        }
        let known: [&[u8]; 3] = [b"native", b"viper", b"bytecode"];
        if !direct || !known.contains(&self.lexer.vm.str_bytes(self.constant_of(name))) {
            self.error("invalid micropython decorator");
        }
        true
    }

    /// Three places on the scratch stack, for what stands before the decorators; where they are.
    pub(super) fn places(&mut self) -> u32 {
        let mark = self.mark();
        for _ in 0..3 {
            self.wait(Id::NONE);
        }
        mark
    }

    /// `def …`; its decorators are on the scratch stack, behind the places at `mark`.
    pub(super) fn definition(&mut self, mark: u32, is_async: bool) -> Id {
        let line = self.token.line;
        self.expect(Tok::Def);
        let name = self.name();
        self.type_parameters();
        self.expect(Tok::LParen);
        let args = self.parameters(Tok::RParen);
        self.set_waiting(mark, args);
        let returns = self.expression_after(Tok::Arrow);
        self.set_waiting(mark + 2, returns);
        let body = self.block();
        self.set_waiting(mark + 1, body);
        let parts = self.seq_from(mark);
        self.node(line, Kind::Function { flags: is_async.into(), name, parts })
    }

    /// `class …`; its decorators are on the scratch stack, behind the places at `mark`.
    pub(super) fn class(&mut self, mark: u32) -> Id {
        let line = self.token.line;
        self.advance();
        let name = self.name();
        self.type_parameters();
        // Of the three places only two are needed.
        let mark = mark + 1;
        let decorators = self.mark().saturating_sub(mark + 2);
        self.set_waiting(mark + 1, Id(decorators));
        if self.accept(Tok::LParen) {
            self.argument_list();
        }
        if !self.by_parts || self.peek() != Tok::Newline {
            let body = self.block();
            self.set_waiting(mark, body);
        } else {
            self.expect(Tok::Colon);
        }
        let parts = self.seq_from(mark);
        self.ast.forget(mark - 1);
        self.node(line, Kind::Class { name, parts })
    }

    pub(super) fn lambda(&mut self) -> Id {
        let line = self.token.line;
        self.advance();
        let args = self.parameters(Tok::Colon);
        let body = self.expression(TEST);
        let parts = self.seq(&[args, body, Id::NONE]);
        let name = self.constant(q::LAMBDA.value());
        let function = self.node(line, Kind::Function { flags: LAMBDA, name, parts });
        self.node(line, Kind::Lambda(function))
    }

    /// Parameters up to and with `end`: `)` of a function, `:` of a lambda, which has no annotations.
    fn parameters(&mut self, end: Tok) -> Id {
        let line = self.token.line;
        let mark = self.mark();
        let mut kind = ParamKind::Normal;
        let mut slash = false;
        let mut defaults = false;
        let mut needs_name = false;
        let mut last = false;
        while self.token.kind != end {
            let mut sound = !last;
            match self.token.kind {
                Tok::Slash if cfg!(feature = "extra") => {
                    sound &= !slash && kind == ParamKind::Normal && self.mark() != mark;
                    slash = true;
                    self.advance();
                    self.make_positional_only(mark);
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
        self.expect(end);
        let parameters = self.seq_from(mark);
        self.node(line, Kind::Args(parameters))
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

    /// One parameter, put on the scratch stack; true when it has a default.
    fn parameter(&mut self, kind: ParamKind, end: Tok) -> bool {
        let line = self.token.line;
        let name = self.name();
        let (mut default, mut annotation) = (Id::NONE, Id::NONE);
        if end == Tok::RParen && self.accept(Tok::Colon) {
            annotation = match kind {
                ParamKind::VarArgs => self.star_expression(false),
                _ => self.expression(TEST),
            };
        }
        if !matches!(kind, ParamKind::VarArgs | ParamKind::VarKeywords) {
            default = self.expression_after(Tok::Assign);
        }
        let more = self.seq(&[default, annotation]);
        self.wait_node(line, Kind::Param { kind, name, more });
        !default.is_none()
    }

    /// `[T: bound = default, *Ts, **P]`: accepted and dropped.
    pub(super) fn type_parameters(&mut self) {
        if !cfg!(feature = "extra") || !self.accept(Tok::LBracket) {
            return;
        }
        loop {
            if matches!(self.token.kind, Tok::Star | Tok::DoubleStar) {
                self.advance();
            }
            self.expect_name();
            self.expression_after(Tok::Colon);
            if self.accept(Tok::Assign) {
                self.star_expression(false);
            }
            if !self.accept(Tok::Comma) || self.token.kind == Tok::RBracket {
                return self.expect(Tok::RBracket);
            }
        }
    }
}
