//! What may be assigned to and deleted.
#![forbid(unsafe_code)]

use super::super::ast::{Id, Kind};
use super::super::token::Tok;
use super::Parser;
use super::expr::BIT_OR;

impl Parser<'_> {
    /// The targets of `for`, up to its `in`.
    pub(super) fn targets(&mut self) -> Id {
        let line = self.token.line;
        let mut target = self.starred_or(BIT_OR);
        if self.token.kind == Tok::Comma {
            let mark = self.mark();
            self.wait(target);
            self.advance();
            self.list(Tok::In, |parser| parser.starred_or(BIT_OR));
            target = self.tuple_from(line, mark);
        }
        self.unstarred(target);
        self.check_target(target);
        target
    }

    /// Refuses what `=` can not store to.
    pub(super) fn check_target(&mut self, target: Id) {
        self.check(target, true);
    }

    /// Refuses what `=` (`assign`) can not store to, or `del` not delete.
    pub(super) fn check(&mut self, target: Id, assign: bool) {
        let items = match self.kind(target) {
            Kind::Tuple(items) | Kind::List(items) => items,
            Kind::Literal(_) if assign => {
                self.error("can't assign to literal");
                return;
            }
            _ => {
                let message =
                    if assign { "can't assign to expression" } else { "can't delete expression" };
                return self.check_single_target(target, message);
            }
        };
        if !self.enter() {
            return;
        }
        let mut starred = false;
        for i in 0..self.ast.seq_len(self.lexer.vm, items) {
            let mut item = self.ast.seq(self.lexer.vm, items, i);
            if let Kind::Starred(inner) = self.kind(item)
                && assign
            {
                if starred {
                    self.error("multiple *x in assignment");
                }
                starred = true;
                item = inner;
            }
            self.check(item, assign);
        }
    }

    /// Refuses all but a name, an attribute and an item.
    pub(super) fn check_single_target(&mut self, target: Id, message: &str) {
        match self.kind(target) {
            Kind::Name(_) | Kind::Attribute { .. } | Kind::Subscript { .. } => {}
            _ => {
                self.error(message);
            }
        }
    }
}
