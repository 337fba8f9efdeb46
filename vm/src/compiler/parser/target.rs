//! What may be assigned to and deleted.
#![forbid(unsafe_code)]

use super::super::ast::{Id, Kind};
use super::Parser;
use super::steps::Frame;

impl Parser<'_> {
    /// Refuses what `=` (`assign`) can not store to, or `del` not delete.
    pub(super) fn check(&mut self, target: Id, assign: bool) {
        let items = match self.kind(target) {
            Kind::Tuple(items) | Kind::List(items) => items,
            Kind::Literal(_) if assign => return self.error("can't assign to literal"),
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
            _ => self.error(message),
        }
    }

    /// Checks what is deleted; the items of a tuple take its place.
    pub(super) fn deleted(&mut self, frame: &Frame) {
        self.check(self.top(), false);
        if let Kind::Tuple(items) = self.kind(self.top()) {
            self.ast.forget(frame.mark);
            for i in 0..self.ast.seq_len(self.lexer.vm, items) {
                let item = self.ast.seq(self.lexer.vm, items, i);
                self.wait(item);
            }
        }
    }
}
