//! Functions, lambdas and classes.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, Const, Id, Kind, ParamKind, Seq};
use super::super::token::Tok;
use super::expr::TEST;
use super::{Parsed, Parser};
use crate::Vm;

const ASYNC: u8 = 1;
const LAMBDA: u8 = 2;

impl Parser<'_> {
    /// `@decorator` lines and the function or class after them.
    pub(super) fn decorated(&mut self, vm: &mut Vm) -> Parsed {
        let mark = self.ast.mark();
        while self.accept(vm, Tok::Op(BinOp::MatMul))? {
            let decorator = self.named_expression(vm)?;
            if !self.is_code_emitter(vm, decorator)? {
                self.wait(vm, decorator)?;
            }
            self.expect(vm, Tok::Newline)?;
        }
        match self.token.kind {
            Tok::Def => self.definition(vm, mark, false),
            Tok::Class => self.class(vm, mark),
            Tok::Async => {
                self.advance(vm)?;
                self.definition(vm, mark, true)
            }
            _ => Err(self.syntax(vm)),
        }
    }

    /// True for `@micropython.native` and its like, which the compiler obeys: all make bytecode. `SyntaxError` for any
    /// other attribute of `micropython`.
    fn is_code_emitter(&mut self, vm: &mut Vm, decorator: Id) -> Parsed<bool> {
        let Kind::Attribute { mut object, name } = self.kind(vm, decorator) else {
            return Ok(false);
        };
        let known: [&[u8]; 3] = [b"native", b"viper", b"bytecode"];
        let known = known.contains(&vm.str_bytes(self.ast.constant(vm, name)));
        let direct = object.as_name().is_some();
        while object.as_name().is_none()
            && let Kind::Attribute { object: inner, .. } = self.kind(vm, object)
        {
            object = inner;
        }
        if !self.is_named(vm, object, b"micropython") {
            return Ok(false);
        }
        if known && direct {
            Ok(true)
        } else {
            Err(self.error(vm, "invalid micropython decorator"))
        }
    }

    /// `def …`; its decorators are on the scratch stack above `mark`.
    pub(super) fn definition(&mut self, vm: &mut Vm, mark: u32, is_async: bool) -> Parsed {
        let line = self.token.line;
        self.expect(vm, Tok::Def)?;
        let name = self.name(vm)?;
        self.type_parameters(vm)?;
        self.expect(vm, Tok::LParen)?;
        let args = self.parameters(vm, Tok::RParen)?;
        let returns =
            if self.accept(vm, Tok::Arrow)? { self.expression(vm, TEST)? } else { Id::NONE };
        let body = self.block(vm)?;
        let parts = self.prepended(vm, mark, &[args, body, returns])?;
        let flags = if is_async { ASYNC } else { 0 };
        self.node(vm, line, Kind::Function { flags, name, parts })
    }

    /// `class …`; its decorators are on the scratch stack above `mark`.
    pub(super) fn class(&mut self, vm: &mut Vm, mark: u32) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let name = self.name(vm)?;
        self.type_parameters(vm)?;
        let decorators = self.ast.mark() - mark;
        if self.accept(vm, Tok::LParen)? {
            let bases = self.arguments(vm)?;
            for i in 0..self.ast.seq_len(vm, bases) {
                let base = self.ast.seq(vm, bases, i);
                self.wait(vm, base)?;
            }
        }
        let body = self.block(vm)?;
        let parts = self.prepended(vm, mark, &[body, Id(decorators)])?;
        self.node(vm, line, Kind::Class { name, parts })
    }

    /// `first` and then what is on the scratch stack above `mark`.
    fn prepended(&mut self, vm: &mut Vm, mark: u32, first: &[Id]) -> Parsed<Seq> {
        let n = first.len() as u32;
        let top = self.ast.mark();
        for &id in first {
            self.wait(vm, id)?;
        }
        for i in (mark..top).rev() {
            let id = self.ast.waiting(vm, i);
            self.ast.set_waiting(vm, i + n, id);
        }
        for (i, &id) in (mark..).zip(first) {
            self.ast.set_waiting(vm, i, id);
        }
        self.ast.seq_from(vm, mark)
    }

    pub(super) fn lambda(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let args = self.parameters(vm, Tok::Colon)?;
        let body = self.expression(vm, TEST)?;
        let parts = self.seq(vm, &[args, body, Id::NONE])?;
        let name = vm.intern("<lambda>")?;
        let name = self.ast.push_constant(vm, name)?;
        let function = self.node(vm, line, Kind::Function { flags: LAMBDA, name, parts })?;
        self.node(vm, line, Kind::Lambda(function))
    }

    /// Parameters up to and with `end`: `)` of a function, `:` of a lambda, which has no annotations.
    fn parameters(&mut self, vm: &mut Vm, end: Tok) -> Parsed {
        let line = self.token.line;
        let mark = self.ast.mark();
        let mut kind = ParamKind::Normal;
        let mut slash = false;
        let mut defaults = false;
        let mut needs_name = false;
        let mut last = false;
        while self.token.kind != end {
            if last {
                return Err(self.syntax(vm));
            }
            match self.token.kind {
                Tok::Op(BinOp::TrueDiv) => {
                    if slash || kind != ParamKind::Normal || self.ast.mark() == mark {
                        return Err(self.syntax(vm));
                    }
                    slash = true;
                    self.advance(vm)?;
                    self.make_positional_only(vm, mark);
                }
                Tok::Op(BinOp::Mul) => {
                    if kind != ParamKind::Normal {
                        return Err(self.syntax(vm));
                    }
                    kind = ParamKind::KeywordOnly;
                    self.advance(vm)?;
                    if self.token.kind == Tok::Name {
                        self.parameter(vm, ParamKind::VarArgs, end)?;
                    } else {
                        needs_name = true;
                    }
                }
                Tok::Op(BinOp::Pow) => {
                    last = true;
                    self.advance(vm)?;
                    if needs_name {
                        return Err(self.syntax(vm));
                    }
                    self.parameter(vm, ParamKind::VarKeywords, end)?;
                }
                _ => {
                    let has_default = self.parameter(vm, kind, end)?;
                    needs_name = false;
                    if kind == ParamKind::Normal {
                        if defaults && !has_default {
                            return Err(
                                self.error(vm, "non-default argument follows default argument")
                            );
                        }
                        defaults = has_default;
                    }
                }
            }
            if !self.accept(vm, Tok::Comma)? {
                break;
            }
        }
        if needs_name {
            return Err(self.syntax(vm));
        }
        self.expect(vm, end)?;
        let parameters = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::Args(parameters))
    }

    /// The parameters on the scratch stack above `mark` stand before a `/`.
    fn make_positional_only(&mut self, vm: &mut Vm, mark: u32) {
        for i in mark..self.ast.mark() {
            let id = self.ast.waiting(vm, i);
            if let Kind::Param { name, more, .. } = self.kind(vm, id) {
                self.ast.replace(
                    vm,
                    id,
                    Kind::Param { kind: ParamKind::PositionalOnly, name, more },
                );
            }
        }
    }

    /// One parameter, put on the scratch stack; true when it has a default.
    fn parameter(&mut self, vm: &mut Vm, kind: ParamKind, end: Tok) -> Parsed<bool> {
        let line = self.token.line;
        let name: Const = self.name(vm)?;
        let mut annotation = Id::NONE;
        if end == Tok::RParen && self.accept(vm, Tok::Colon)? {
            annotation = match kind {
                ParamKind::VarArgs => self.star_expression(vm, false)?,
                _ => self.expression(vm, TEST)?,
            };
        }
        let mut default = Id::NONE;
        let may_default = !matches!(kind, ParamKind::VarArgs | ParamKind::VarKeywords);
        if may_default && self.accept(vm, Tok::Assign)? {
            default = self.expression(vm, TEST)?;
        }
        let more = self.seq(vm, &[default, annotation])?;
        let parameter = self.node(vm, line, Kind::Param { kind, name, more })?;
        self.wait(vm, parameter)?;
        Ok(!default.is_none())
    }

    /// `[T: bound = default, *Ts, **P]`: accepted and dropped.
    pub(super) fn type_parameters(&mut self, vm: &mut Vm) -> Parsed<()> {
        if !self.accept(vm, Tok::LBracket)? {
            return Ok(());
        }
        loop {
            if let Tok::Op(BinOp::Mul | BinOp::Pow) = self.token.kind {
                self.advance(vm)?;
            }
            self.expect_name(vm)?;
            if self.accept(vm, Tok::Colon)? {
                self.expression(vm, TEST)?;
            }
            if self.accept(vm, Tok::Assign)? {
                self.star_expression(vm, false)?;
            }
            if !self.accept(vm, Tok::Comma)? || self.token.kind == Tok::RBracket {
                return self.expect(vm, Tok::RBracket);
            }
        }
    }
}
