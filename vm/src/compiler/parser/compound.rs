//! Compound statements, except functions, classes and `match`.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, Const, Id, Kind};
use super::super::token::Tok;
use super::expr::TEST;
use super::{Parsed, Parser};
use crate::Vm;

impl Parser<'_> {
    /// A compound statement, `None` at any other.
    pub(super) fn compound(&mut self, vm: &mut Vm) -> Parsed<Option<Id>> {
        match self.token.kind {
            Tok::If => self.if_statement(vm),
            Tok::While => self.while_statement(vm),
            Tok::For => self.for_statement(vm, false),
            Tok::Try => self.try_statement(vm),
            Tok::With => self.with_statement(vm, false),
            Tok::Def => self.definition(vm, self.ast.mark(), false),
            Tok::Class => self.class(vm, self.ast.mark()),
            Tok::Op(BinOp::MatMul) => self.decorated(vm),
            Tok::Async => {
                self.advance(vm)?;
                match self.token.kind {
                    Tok::For => self.for_statement(vm, true),
                    Tok::With => self.with_statement(vm, true),
                    Tok::Def => self.definition(vm, self.ast.mark(), true),
                    _ => Err(self.syntax(vm)),
                }
            }
            Tok::Name if cfg!(feature = "extra") && self.at_word(vm, b"match") => {
                return self.match_statement(vm);
            }
            _ => return Ok(None),
        }
        .map(Some)
    }

    /// `: block`
    pub(super) fn block(&mut self, vm: &mut Vm) -> Parsed {
        self.expect(vm, Tok::Colon)?;
        let line = self.token.line;
        let mark = self.ast.mark();
        if self.accept(vm, Tok::Newline)? {
            if self.token.kind != Tok::Indent {
                return Err(self.indentation_error(vm, "expected an indented block"));
            }
            self.advance(vm)?;
            while !self.accept(vm, Tok::Dedent)? {
                self.statement(vm)?;
            }
        } else {
            self.simple_line(vm)?;
        }
        let statements = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::Block(statements))
    }

    /// `else: block`, if it is there.
    fn else_block(&mut self, vm: &mut Vm) -> Parsed {
        if self.accept(vm, Tok::Else)? { self.block(vm) } else { Ok(Id::NONE) }
    }

    fn if_statement(&mut self, vm: &mut Vm) -> Parsed {
        // Every condition waits with its block and, as a number, its line: a chain of any length needs no recursion.
        let mark = self.ast.mark();
        loop {
            let line = self.token.line;
            self.advance(vm)?;
            let test = self.named_expression(vm)?;
            let body = self.block(vm)?;
            for id in [test, body, Id(line)] {
                self.wait(vm, id)?;
            }
            if self.token.kind != Tok::Elif {
                break;
            }
        }
        let mut orelse = self.else_block(vm)?;
        loop {
            let top = self.ast.mark() - 3;
            let [test, body, line] = [0, 1, 2].map(|i| self.ast.waiting(vm, top + i));
            self.ast.forget(top);
            let parts = self.seq(vm, &[test, body, orelse])?;
            let whole = self.node(vm, line.0, Kind::If(parts))?;
            if top == mark {
                return Ok(whole);
            }
            let inner = self.seq(vm, &[whole])?;
            orelse = self.node(vm, line.0, Kind::Block(inner))?;
        }
    }

    fn while_statement(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let test = self.named_expression(vm)?;
        let body = self.block(vm)?;
        let orelse = self.else_block(vm)?;
        let parts = self.seq(vm, &[test, body, orelse])?;
        self.node(vm, line, Kind::While(parts))
    }

    fn for_statement(&mut self, vm: &mut Vm, is_async: bool) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let target = self.targets(vm)?;
        self.expect(vm, Tok::In)?;
        let iter = self.star_expressions(vm)?;
        let body = self.block(vm)?;
        let orelse = self.else_block(vm)?;
        let parts = self.seq(vm, &[target, iter, body, orelse])?;
        self.node(vm, line, Kind::For { is_async, parts })
    }

    fn try_statement(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let body = self.block(vm)?;
        let mark = self.ast.mark();
        for id in [body, Id::NONE, Id::NONE] {
            self.wait(vm, id)?;
        }
        let mut star = None;
        let mut catches_all = false;
        while self.token.kind == Tok::Except {
            if catches_all {
                return Err(self.error(vm, "default 'except' must be last"));
            }
            let (handler, starred) = self.handler(vm, &mut catches_all)?;
            if *star.get_or_insert(starred) != starred {
                return Err(self.error(vm, "cannot have both 'except' and 'except*'"));
            }
            self.wait(vm, handler)?;
        }
        let orelse = if star.is_some() { self.else_block(vm)? } else { Id::NONE };
        let finally = if self.accept(vm, Tok::Finally)? { self.block(vm)? } else { Id::NONE };
        if star.is_none() && finally.is_none() {
            return Err(self.syntax(vm));
        }
        let parts = self.ast.seq_from(vm, mark)?;
        self.ast.set_seq(vm, parts, 1, orelse);
        self.ast.set_seq(vm, parts, 2, finally);
        self.node(vm, line, Kind::Try { star: star == Some(true), parts })
    }

    /// `except …`, and whether with a star.
    fn handler(&mut self, vm: &mut Vm, catches_all: &mut bool) -> Parsed<(Id, bool)> {
        let line = self.token.line;
        self.advance(vm)?;
        let star = cfg!(feature = "extra") && self.accept(vm, Tok::Op(BinOp::Mul))?;
        let mut class = Id::NONE;
        let mut name = Const::NONE;
        if !star && self.token.kind == Tok::Colon {
            *catches_all = true;
        } else {
            let class_line = self.token.line;
            class = self.expression(vm, TEST)?;
            if self.token.kind == Tok::Comma {
                // Several classes without brackets, and then no name (Python 3.14).
                let mark = self.ast.mark();
                self.wait(vm, class)?;
                while self.accept(vm, Tok::Comma)? {
                    let class = self.expression(vm, TEST)?;
                    self.wait(vm, class)?;
                }
                class = self.tuple_from(vm, class_line, mark)?;
            } else if self.accept(vm, Tok::As)? {
                name = self.name(vm)?;
            }
        }
        let body = self.block(vm)?;
        let parts = self.seq(vm, &[class, body])?;
        Ok((self.node(vm, line, Kind::Handler { name, parts })?, star))
    }

    fn with_statement(&mut self, vm: &mut Vm, is_async: bool) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let mark = self.ast.mark();
        self.wait(vm, Id::NONE)?;
        if self.token.kind != Tok::LParen || !self.bracketed_items(vm)? {
            while self.accept(vm, Tok::Comma)? || self.ast.mark() == mark + 1 {
                let item_line = self.token.line;
                let context = self.expression(vm, TEST)?;
                self.with_item(vm, item_line, context)?;
            }
        }
        let body = self.block(vm)?;
        let parts = self.ast.seq_from(vm, mark)?;
        self.ast.set_seq(vm, parts, 0, body);
        self.node(vm, line, Kind::With { is_async, parts })
    }

    /// `as target` after a context; puts the item on the scratch stack.
    fn with_item(&mut self, vm: &mut Vm, line: u32, context: Id) -> Parsed<()> {
        let mut target = Id::NONE;
        if self.accept(vm, Tok::As)? {
            target = self.primary(vm)?;
            self.check_target(vm, target)?;
        }
        let item = self.node(vm, line, Kind::WithItem { context, target })?;
        self.wait(vm, item)
    }

    /// `with (` may begin bracketed items or an expression; which of them shows only later. True when the brackets
    /// were those of the items; else the first item is parsed. The items are on the scratch stack.
    fn bracketed_items(&mut self, vm: &mut Vm) -> Parsed<bool> {
        let line = self.token.line;
        let mark = self.ast.mark();
        let only_items = self.with_brackets(vm)?;
        // What is on the scratch stack now are items if there was an `as`, else expressions.
        if only_items && self.token.kind != Tok::Colon {
            return Err(self.syntax(vm));
        }
        if only_items {
            return Ok(true);
        }
        let count = self.ast.mark() - mark;
        let comma = self.ast.waiting(vm, self.ast.mark() - 1) == Id::NONE;
        let expressions = if comma { count - 1 } else { count };
        let starred = (0..expressions)
            .any(|i| matches!(self.kind(vm, self.ast.waiting(vm, mark + i)), Kind::Starred(_)));
        if comma {
            self.ast.forget(mark + expressions);
        }
        if self.token.kind == Tok::Colon && expressions > 0 && !starred {
            self.make_items(vm, line, mark)?;
            return Ok(true);
        }
        let atom = if expressions == 1 && !comma {
            let only = self.ast.waiting(vm, mark);
            self.ast.forget(mark);
            self.unstarred(vm, only)?
        } else {
            self.tuple_from(vm, line, mark)?
        };
        let primary = self.trailers(vm, line, atom)?;
        let context = self.expression_from(vm, line, primary, TEST)?;
        self.with_item(vm, line, context)?;
        Ok(false)
    }

    /// Turns the expressions on the scratch stack above `mark` into items without a target.
    fn make_items(&mut self, vm: &mut Vm, line: u32, mark: u32) -> Parsed<()> {
        for i in mark..self.ast.mark() {
            let context = self.ast.waiting(vm, i);
            self.unstarred(vm, context)?;
            let item = self.node(vm, line, Kind::WithItem { context, target: Id::NONE })?;
            self.ast.set_waiting(vm, i, item);
        }
        Ok(())
    }

    /// The brackets of `with (…)` and what is between them, on the scratch stack. True when an `as` was among it:
    /// then they are items; else expressions, and after a trailing comma or none at all `Id::NONE`.
    fn with_brackets(&mut self, vm: &mut Vm) -> Parsed<bool> {
        let mark = self.ast.mark();
        let mut items = false;
        self.advance(vm)?;
        loop {
            if self.token.kind == Tok::RParen {
                if !items {
                    self.wait(vm, Id::NONE)?;
                }
                break;
            }
            let line = self.token.line;
            let expression = match self.token.kind {
                Tok::Yield => self.yield_expression(vm)?,
                _ => self.star_expression(vm, true)?,
            };
            if let Tok::For | Tok::Async = self.token.kind {
                let generator = self.generator(vm, line, expression)?;
                self.wait(vm, generator)?;
                if self.ast.mark() != mark + 1 || self.token.kind != Tok::RParen {
                    return Err(self.syntax(vm));
                }
            } else if items || self.token.kind == Tok::As {
                self.unstarred(vm, expression)?;
                if !items {
                    items = true;
                    self.make_items(vm, line, mark)?;
                }
                self.with_item(vm, line, expression)?;
            } else {
                self.wait(vm, expression)?;
            }
            if !self.accept(vm, Tok::Comma)? {
                break;
            }
        }
        self.expect(vm, Tok::RParen)?;
        Ok(items)
    }
}
