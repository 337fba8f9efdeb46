//! What may be assigned to and deleted.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, Id, Kind};
use super::super::token::Tok;
use super::expr::BIT_OR;
use super::{Parsed, Parser};
use crate::Vm;

impl Parser<'_> {
    /// The targets of `for`, up to its `in`.
    pub(super) fn targets(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        let first = self.target_item(vm)?;
        let target = if self.token.kind == Tok::Comma {
            let mark = self.ast.mark();
            self.wait(vm, first)?;
            while self.accept(vm, Tok::Comma)? && self.token.kind != Tok::In {
                let item = self.target_item(vm)?;
                self.wait(vm, item)?;
            }
            self.tuple_from(vm, line, mark)?
        } else {
            self.unstarred(vm, first)?
        };
        self.check_target(vm, target)?;
        Ok(target)
    }

    fn target_item(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        if self.accept(vm, Tok::Op(BinOp::Mul))? {
            let value = self.expression(vm, BIT_OR)?;
            return self.node(vm, line, Kind::Starred(value));
        }
        self.expression(vm, BIT_OR)
    }

    /// Refuses what `=` can not store to.
    pub(super) fn check_target(&mut self, vm: &mut Vm, target: Id) -> Parsed<()> {
        let items = match self.kind(vm, target) {
            Kind::Name(_) | Kind::Attribute { .. } | Kind::Subscript { .. } => return Ok(()),
            Kind::Tuple(items) | Kind::List(items) => items,
            Kind::Literal(_) => return Err(self.error(vm, "can't assign to literal")),
            _ => return Err(self.error(vm, "can't assign to expression")),
        };
        vm.enter_native()?;
        let mut starred = false;
        for i in 0..self.ast.seq_len(vm, items) {
            let item = self.ast.seq(vm, items, i);
            match self.kind(vm, item) {
                Kind::Starred(_) if starred => {
                    return Err(self.error(vm, "multiple *x in assignment"));
                }
                Kind::Starred(inner) => {
                    starred = true;
                    self.check_target(vm, inner)?;
                }
                _ => self.check_target(vm, item)?,
            }
        }
        Ok(())
    }

    /// Refuses what augmented and annotated assignment can not store to.
    pub(super) fn check_single_target(
        &mut self,
        vm: &mut Vm,
        target: Id,
        message: &str,
    ) -> Parsed<()> {
        match self.kind(vm, target) {
            Kind::Name(_) | Kind::Attribute { .. } | Kind::Subscript { .. } => Ok(()),
            _ => Err(self.error(vm, message)),
        }
    }

    /// Refuses what `del` can not delete.
    pub(super) fn check_deletable(&mut self, vm: &mut Vm, target: Id) -> Parsed<()> {
        let items = match self.kind(vm, target) {
            Kind::Name(_) | Kind::Attribute { .. } | Kind::Subscript { .. } => return Ok(()),
            Kind::Tuple(items) | Kind::List(items) => items,
            _ => return Err(self.error(vm, "can't delete expression")),
        };
        vm.enter_native()?;
        for i in 0..self.ast.seq_len(vm, items) {
            let item = self.ast.seq(vm, items, i);
            self.check_deletable(vm, item)?;
        }
        Ok(())
    }
}
