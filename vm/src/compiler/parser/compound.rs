//! Compound statements, except functions, classes and `match`.
#![forbid(unsafe_code)]

use super::super::ast::{CompKind, Const, Id, Kind, Seq};
use super::super::token::Tok;
use super::Parser;
use super::expr::TEST;
use crate::exc;

impl Parser<'_> {
    /// A compound statement; [`Id::NONE`] at any other.
    pub(super) fn compound(&mut self) -> Id {
        let is_async = self.accept(Tok::Async);
        match self.token.kind {
            Tok::For => self.for_statement(is_async),
            Tok::With => self.with_statement(is_async),
            Tok::Def => {
                let places = self.places();
                self.definition(places, is_async)
            }
            _ if is_async => self.syntax(),
            Tok::If => self.if_statement(),
            Tok::While => self.while_statement(),
            Tok::Try => self.try_statement(),
            Tok::Class => {
                let places = self.places();
                self.class(places)
            }
            Tok::At => self.decorated(),
            Tok::Name if cfg!(feature = "extra") && self.at_word(b"match") => {
                self.match_statement()
            }
            _ => Id::NONE,
        }
    }

    /// The end of the line before a block.
    pub fn enter_block(&mut self) {
        self.advance();
        if !self.accept(Tok::Indent) {
            self.raise(exc::INDENTATION_ERROR, "expected an indented block");
        }
    }

    /// `: block`
    pub(super) fn block(&mut self) -> Id {
        self.expect(Tok::Colon);
        self.by_parts = false;
        let line = self.token.line;
        let mark = self.mark();
        if self.token.kind == Tok::Newline {
            self.enter_block();
            while !self.accept(Tok::Dedent) && self.token.kind != Tok::End {
                self.statement();
            }
        } else {
            self.simple_line();
        }
        let statements = self.seq_from(mark);
        self.node(line, Kind::Block(statements))
    }

    /// `: block` behind `kind`, if that is here; else [`Id::NONE`].
    fn block_after(&mut self, kind: Tok) -> Id {
        if self.accept(kind) { self.block() } else { Id::NONE }
    }

    fn if_statement(&mut self) -> Id {
        // A chain of any length needs no recursion: its parts are joined once all of them are there.
        let mut first = Id::NONE;
        let mut outer = Seq::EMPTY;
        loop {
            let line = self.token.line;
            self.advance();
            let test = self.named_expression();
            let body = self.block();
            let parts = self.seq(&[test, body, Id::NONE]);
            let this = self.node(line, Kind::If(parts));
            if first.is_none() {
                first = this;
            }
            self.ast.set_seq(self.lexer.vm, outer, 2, this);
            outer = parts;
            if self.token.kind != Tok::Elif {
                break;
            }
        }
        let orelse = self.block_after(Tok::Else);
        self.ast.set_seq(self.lexer.vm, outer, 2, orelse);
        first
    }

    fn while_statement(&mut self) -> Id {
        let line = self.token.line;
        self.advance();
        let test = self.named_expression();
        let body = self.block();
        let orelse = self.block_after(Tok::Else);
        let parts = self.seq(&[test, body, orelse]);
        self.node(line, Kind::While(parts))
    }

    fn for_statement(&mut self, is_async: bool) -> Id {
        let line = self.token.line;
        self.advance();
        let target = self.targets();
        self.expect(Tok::In);
        let iter = self.star_expressions();
        let body = self.block();
        let orelse = self.block_after(Tok::Else);
        let parts = self.seq(&[target, iter, body, orelse]);
        self.node(line, Kind::For { is_async, parts })
    }

    fn try_statement(&mut self) -> Id {
        let line = self.token.line;
        self.advance();
        let mark = self.places();
        let body = self.block();
        self.set_waiting(mark, body);
        let mut star = None;
        let mut catches_all = false;
        while self.token.kind == Tok::Except {
            if catches_all {
                self.error("default 'except' must be last");
            }
            let line = self.token.line;
            self.advance();
            let starred = cfg!(feature = "extra") && self.accept(Tok::Star);
            if *star.get_or_insert(starred) != starred {
                self.error("cannot have both 'except' and 'except*'");
            }
            let mut class = Id::NONE;
            let mut name = Const::NONE;
            catches_all = !starred && self.token.kind == Tok::Colon;
            if !catches_all {
                let line = self.token.line;
                class = self.expression(TEST);
                if cfg!(feature = "extra") && self.token.kind == Tok::Comma {
                    // Several classes without brackets, and then no name (Python 3.14).
                    let mark = self.mark();
                    self.wait(class);
                    self.advance();
                    self.list(Tok::End, |parser| parser.expression(TEST));
                    class = self.tuple_from(line, mark);
                } else if self.accept(Tok::As) {
                    name = self.name();
                }
            }
            let body = self.block();
            let parts = self.seq(&[class, body]);
            self.wait_node(line, Kind::Handler { name, parts });
        }
        if star.is_some() {
            let orelse = self.block_after(Tok::Else);
            self.set_waiting(mark + 1, orelse);
        }
        let finally = self.block_after(Tok::Finally);
        if star.is_none() && finally.is_none() {
            self.syntax();
        }
        self.set_waiting(mark + 2, finally);
        let parts = self.seq_from(mark);
        self.node(line, Kind::Try { star: star == Some(true), parts })
    }

    fn with_statement(&mut self, is_async: bool) -> Id {
        let line = self.token.line;
        self.advance();
        let mark = self.mark();
        self.wait(Id::NONE);
        let mut more = true;
        if cfg!(feature = "extra") && self.token.kind == Tok::LParen {
            more = !self.bracketed_items() && self.accept(Tok::Comma);
        }
        while more {
            let item_line = self.token.line;
            let context = self.expression(TEST);
            self.with_item(item_line, context);
            more = self.accept(Tok::Comma);
        }
        let body = self.block();
        self.set_waiting(mark, body);
        let parts = self.seq_from(mark);
        self.node(line, Kind::With { is_async, parts })
    }

    /// `as target` after a context; puts the item on the scratch stack.
    fn with_item(&mut self, line: u32, context: Id) {
        let mut target = Id::NONE;
        if self.accept(Tok::As) {
            target = self.primary();
            self.check_target(target);
        }
        self.wait_node(line, Kind::WithItem { context, target });
    }

    /// `with (` may begin bracketed items or an expression; which of them shows only later. True when the brackets
    /// were those of the items; else the first item is parsed. The items are on the scratch stack.
    fn bracketed_items(&mut self) -> bool {
        let line = self.token.line;
        let mark = self.mark();
        let only_items = self.with_brackets();
        // What is on the scratch stack now are items if there was an `as`, else expressions.
        if only_items {
            if self.token.kind != Tok::Colon {
                self.syntax();
            }
            return true;
        }
        let mut end = self.mark();
        let comma = self.waiting(end.saturating_sub(1)).is_none();
        if comma {
            end = end.saturating_sub(1);
            self.ast.forget(end);
        }
        let starred = (mark..end).any(|i| self.is_starred(self.waiting(i)));
        if self.token.kind == Tok::Colon && end > mark && !starred {
            self.make_items(line, mark);
            return true;
        }
        let atom = if end == mark + 1 && !comma {
            let only = self.take_waiting(mark);
            self.unstarred(only)
        } else {
            self.tuple_from(line, mark)
        };
        let primary = self.trailers(line, atom);
        let context = self.expression_from(line, primary, TEST);
        self.with_item(line, context);
        false
    }

    /// Turns the expressions on the scratch stack above `mark` into items without a target.
    fn make_items(&mut self, line: u32, mark: u32) {
        for i in mark..self.mark() {
            let context = self.waiting(i);
            self.unstarred(context);
            let item = self.node(line, Kind::WithItem { context, target: Id::NONE });
            self.set_waiting(i, item);
        }
    }

    /// The brackets of `with (…)` and what is between them, on the scratch stack. True when an `as` was among it:
    /// then they are items; else expressions, and after a trailing comma or none at all `Id::NONE`.
    fn with_brackets(&mut self) -> bool {
        let mark = self.mark();
        let mut items = false;
        self.advance();
        loop {
            if self.token.kind == Tok::RParen {
                if !items {
                    self.wait(Id::NONE);
                }
                break;
            }
            let line = self.token.line;
            let mut expression = match self.token.kind {
                Tok::Yield => self.yield_expression(),
                _ => self.star_expression(true),
            };
            if self.at_for() {
                expression = self.comprehension(line, CompKind::Generator, expression);
                if self.mark() != mark || self.token.kind != Tok::RParen {
                    self.syntax();
                }
            }
            if items || self.token.kind == Tok::As {
                self.unstarred(expression);
                if !items {
                    items = true;
                    self.make_items(line, mark);
                }
                self.with_item(line, expression);
            } else {
                self.wait(expression);
            }
            if !self.accept(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RParen);
        items
    }
}
