//! Simple statements, and lines of them.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, Const, Id, Kind};
use super::super::token::Tok;
use super::expr::TEST;
use super::{Parsed, Parser};
use crate::Vm;
use crate::object::StrBuilder;
use crate::value::Value;

impl Parser<'_> {
    /// A compound statement or a line of simple ones; puts what it is on the scratch stack.
    pub(super) fn statement(&mut self, vm: &mut Vm) -> Parsed<()> {
        vm.enter_native()?;
        if let Some(compound) = self.compound(vm)? {
            return self.wait(vm, compound);
        }
        self.simple_line(vm)
    }

    /// Simple statements up to the end of the line; puts them on the scratch stack.
    pub(super) fn simple_line(&mut self, vm: &mut Vm) -> Parsed<()> {
        loop {
            let statement = self.simple(vm)?;
            self.wait(vm, statement)?;
            if !self.accept(vm, Tok::Semicolon)? || self.token.kind == Tok::Newline {
                break;
            }
        }
        self.expect(vm, Tok::Newline)
    }

    fn simple(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        let keyword = self.token.kind;
        let kind = match keyword {
            Tok::Pass => Kind::Pass,
            Tok::Break => Kind::Break,
            Tok::Continue => Kind::Continue,
            Tok::Return => Kind::Return(Id::NONE),
            Tok::Raise => Kind::Raise { exc: Id::NONE, cause: Id::NONE },
            Tok::Global | Tok::Nonlocal | Tok::Del | Tok::Assert | Tok::Import | Tok::From => {
                Kind::Pass
            }
            Tok::Name if self.at_word(vm, b"type") && self.peek(vm)? == Tok::Name => {
                return self.type_alias(vm);
            }
            _ => return self.expression_statement(vm),
        };
        self.advance(vm)?;
        let kind = match keyword {
            Tok::Return if self.token.kind.begins_expression() => {
                Kind::Return(self.star_expressions(vm)?)
            }
            Tok::Raise if self.token.kind.begins_expression() => {
                let exc = self.expression(vm, TEST)?;
                let cause =
                    if self.accept(vm, Tok::From)? { self.expression(vm, TEST)? } else { Id::NONE };
                Kind::Raise { exc, cause }
            }
            Tok::Global => Kind::Global(self.names(vm)?),
            Tok::Nonlocal => Kind::Nonlocal(self.names(vm)?),
            Tok::Del => self.delete(vm)?,
            Tok::Assert => {
                let test = self.expression(vm, TEST)?;
                let message = if self.accept(vm, Tok::Comma)? {
                    self.expression(vm, TEST)?
                } else {
                    Id::NONE
                };
                Kind::Assert { test, message }
            }
            Tok::Import => self.import(vm, line)?,
            Tok::From => self.import_from(vm, line)?,
            _ => kind,
        };
        self.node(vm, line, kind)
    }

    fn names(&mut self, vm: &mut Vm) -> Parsed<super::Seq> {
        let mark = self.ast.mark();
        loop {
            let name = Id::name(self.name(vm)?);
            self.wait(vm, name)?;
            if !self.accept(vm, Tok::Comma)? {
                return self.ast.seq_from(vm, mark);
            }
        }
    }

    fn delete(&mut self, vm: &mut Vm) -> Parsed<Kind> {
        let target = self.star_expressions(vm)?;
        self.check_deletable(vm, target)?;
        Ok(Kind::Delete(match self.kind(vm, target) {
            Kind::Tuple(items) => items,
            _ => self.seq(vm, &[target])?,
        }))
    }

    // ---- import

    /// `a.b.c` as one string.
    fn dotted_name(&mut self, vm: &mut Vm) -> Parsed<Const> {
        let mut name = self.expect_name(vm)?;
        if self.token.kind == Tok::Dot {
            let mut text = StrBuilder::new();
            push_str(vm, &mut text, name)?;
            while self.accept(vm, Tok::Dot)? {
                text.push_bytes(vm, b".")?;
                let part = self.expect_name(vm)?;
                push_str(vm, &mut text, part)?;
            }
            let dotted = core::str::from_utf8(text.as_bytes()).unwrap_or("");
            name = vm.intern(dotted)?;
            text.discard(vm);
        }
        self.ast.push_constant(vm, name)
    }

    fn alias(&mut self, vm: &mut Vm, line: u32, name: Const) -> Parsed<()> {
        let asname = if self.accept(vm, Tok::As)? { self.name(vm)? } else { Const::NONE };
        let alias = self.node(vm, line, Kind::Alias { name, asname })?;
        self.wait(vm, alias)
    }

    fn import(&mut self, vm: &mut Vm, line: u32) -> Parsed<Kind> {
        let mark = self.ast.mark();
        loop {
            let name = self.dotted_name(vm)?;
            self.alias(vm, line, name)?;
            if !self.accept(vm, Tok::Comma)? {
                return Ok(Kind::Import(self.ast.seq_from(vm, mark)?));
            }
        }
    }

    fn import_from(&mut self, vm: &mut Vm, line: u32) -> Parsed<Kind> {
        let mut level = 0u8;
        loop {
            let dots = match self.token.kind {
                Tok::Dot => 1,
                Tok::Ellipsis => 3,
                _ => break,
            };
            level = level.saturating_add(dots);
            self.advance(vm)?;
        }
        let module = if level > 0 && self.token.kind == Tok::Import {
            let none = vm.intern("")?;
            self.ast.push_constant(vm, none)?
        } else {
            self.dotted_name(vm)?
        };
        self.expect(vm, Tok::Import)?;
        if self.accept(vm, Tok::Op(BinOp::Mul))? {
            return Ok(Kind::ImportStar { level, module });
        }
        let mark = self.ast.mark();
        let bracketed = self.accept(vm, Tok::LParen)?;
        loop {
            let name = self.name(vm)?;
            self.alias(vm, line, name)?;
            if !self.accept(vm, Tok::Comma)? || bracketed && self.token.kind == Tok::RParen {
                break;
            }
        }
        if bracketed {
            self.expect(vm, Tok::RParen)?;
        }
        Ok(Kind::ImportFrom { level, module, names: self.ast.seq_from(vm, mark)? })
    }

    // ---- assignment

    fn type_alias(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let name = self.name(vm)?;
        self.type_parameters(vm)?;
        self.expect(vm, Tok::Assign)?;
        let value = self.expression(vm, TEST)?;
        self.node(vm, line, Kind::TypeAlias { name, value })
    }

    fn expression_statement(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        let bracketed = self.token.kind == Tok::LParen;
        let first = self.yield_or_expressions(vm)?;
        match self.token.kind {
            Tok::Colon => self.annotated(vm, line, first, bracketed),
            Tok::AugAssign(op) => {
                self.check_single_target(vm, first, "illegal expression for augmented assignment")?;
                self.advance(vm)?;
                let value = self.yield_or_expressions(vm)?;
                self.node(vm, line, Kind::AugAssign { op, target: first, value })
            }
            Tok::Assign => self.assignment(vm, line, first),
            _ => self.node(vm, line, Kind::Expr(first)),
        }
    }

    fn annotated(&mut self, vm: &mut Vm, line: u32, target: Id, bracketed: bool) -> Parsed {
        self.check_single_target(vm, target, "invalid syntax")?;
        self.advance(vm)?;
        let annotation = self.expression(vm, TEST)?;
        let mut value = Id::NONE;
        if self.accept(vm, Tok::Assign)? {
            value = self.yield_or_expressions(vm)?;
            if let Some(constant) = self.constant_definition(vm, target, value)? {
                if self.is_hidden(vm, target) {
                    return self.node(vm, line, Kind::Pass);
                }
                value = constant;
            }
        }
        let simple = target.as_name().is_some() && !bracketed;
        let parts = self.seq(vm, &[target, annotation, value])?;
        self.node(vm, line, Kind::AnnAssign { simple, parts })
    }

    /// `first = …`, at the first `=`.
    fn assignment(&mut self, vm: &mut Vm, line: u32, first: Id) -> Parsed {
        let mark = self.ast.mark();
        let mut value = first;
        while self.accept(vm, Tok::Assign)? {
            self.check_target(vm, value)?;
            self.wait(vm, value)?;
            value = self.yield_or_expressions(vm)?;
        }
        if self.ast.mark() == mark + 1
            && let Some(constant) = self.constant_definition(vm, first, value)?
        {
            value = constant;
            if self.is_hidden(vm, first) {
                self.ast.forget(mark);
                return self.node(vm, line, Kind::Pass);
            }
        }
        let targets = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::Assign { targets, value })
    }

    // ---- const

    /// For `target = const(value)`: records the constant and returns its literal.
    fn constant_definition(&mut self, vm: &mut Vm, target: Id, value: Id) -> Parsed<Option<Id>> {
        let (Some(target), Kind::Call { function, args }) =
            (target.as_name(), self.kind(vm, value))
        else {
            return Ok(None);
        };
        if !self.is_named(vm, function, b"const") || self.ast.seq_len(vm, args) != 1 {
            return Ok(None);
        }
        let literal = self.ast.seq(vm, args, 0);
        let Some(value) = self.ast.literal(vm, literal) else {
            return Err(self.error(vm, "not a constant"));
        };
        let name = self.ast.constant(vm, target);
        self.consts.set_name(vm, name, value)?;
        Ok(Some(literal))
    }

    /// True for a constant that is not stored: its name begins with an underscore.
    fn is_hidden(&self, vm: &Vm, target: Id) -> bool {
        let name = target.as_name().map(|name| self.ast.constant(vm, name));
        name.is_some_and(|name| vm.str_bytes(name).first() == Some(&b'_'))
    }

    /// True for a variable of this name.
    pub(super) fn is_named(&self, vm: &Vm, id: Id, name: &[u8]) -> bool {
        id.as_name().is_some_and(|id| vm.str_bytes(self.ast.constant(vm, id)) == name)
    }

    /// The value that `const` gave this name.
    pub(super) fn const_value(&self, vm: &Vm, name: Value) -> Option<Value> {
        self.consts.get_name(vm, name)
    }
}

/// Appends the bytes of a string object.
fn push_str(vm: &mut Vm, text: &mut StrBuilder, from: Value) -> Parsed<()> {
    for i in 0..vm.str_bytes(from).len() {
        let byte = vm.str_bytes(from)[i];
        text.push_bytes(vm, &[byte])?;
    }
    Ok(())
}
