//! Expressions: operators by precedence, and lists of expressions.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, CmpOp, Id, Kind, UnaryOp};
use super::super::token::Tok;
use super::{Parsed, Parser};
use crate::{Raise, Vm};

/// Binding strengths, weakest first: what [`Parser::expression`] may stop at.
pub(super) const TEST: u8 = 0;
pub(super) const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
pub(super) const BIT_OR: u8 = 5;
const BIT_XOR: u8 = 6;
const BIT_AND: u8 = 7;
const SHIFT: u8 = 8;
pub(super) const SUM: u8 = 9;
const PRODUCT: u8 = 10;
const UNARY: u8 = 11;
const POWER: u8 = 12;

fn strength(op: BinOp) -> u8 {
    match op {
        BinOp::Or => BIT_OR,
        BinOp::Xor => BIT_XOR,
        BinOp::And => BIT_AND,
        BinOp::LShift | BinOp::RShift => SHIFT,
        BinOp::Add | BinOp::Sub => SUM,
        BinOp::Mul | BinOp::TrueDiv | BinOp::FloorDiv | BinOp::Mod | BinOp::MatMul => PRODUCT,
        BinOp::Pow => POWER,
    }
}

impl Parser<'_> {
    /// An expression whose operators bind at least as strongly as `least`.
    pub(super) fn expression(&mut self, vm: &mut Vm, least: u8) -> Parsed {
        vm.enter_native()?;
        let line = self.token.line;
        let op = match self.token.kind {
            Tok::Not if least <= NOT => Some(UnaryOp::Not),
            Tok::Op(BinOp::Sub) => Some(UnaryOp::Neg),
            Tok::Op(BinOp::Add) => Some(UnaryOp::Pos),
            Tok::Tilde => Some(UnaryOp::Invert),
            Tok::Lambda if least == TEST => return self.lambda(vm),
            _ => None,
        };
        let first = match op {
            Some(op) => {
                self.advance(vm)?;
                let operand = self.expression(vm, if op == UnaryOp::Not { NOT } else { UNARY })?;
                self.unary(vm, line, op, operand)?
            }
            None => self.primary(vm)?,
        };
        self.expression_from(vm, line, first, least)
    }

    /// As [`Parser::expression`]; `lhs`, which begins it, is already parsed.
    pub(super) fn expression_from(
        &mut self,
        vm: &mut Vm,
        line: u32,
        mut lhs: Id,
        least: u8,
    ) -> Parsed {
        loop {
            lhs = match self.token.kind {
                Tok::Op(op) if strength(op) >= least => {
                    self.advance(vm)?;
                    let rhs = match strength(op) {
                        POWER => self.expression(vm, UNARY)?,
                        strength => self.expression(vm, strength + 1)?,
                    };
                    self.binary(vm, line, op, lhs, rhs)?
                }
                Tok::Cmp(_) | Tok::In | Tok::Is | Tok::Not if least <= COMPARE => {
                    self.comparison(vm, line, lhs)?
                }
                Tok::And if least <= AND => {
                    let operands = self.operands(vm, lhs, Tok::And, NOT)?;
                    self.node(vm, line, Kind::BoolAnd(operands))?
                }
                Tok::Or if least <= OR => {
                    let operands = self.operands(vm, lhs, Tok::Or, AND)?;
                    self.node(vm, line, Kind::BoolOr(operands))?
                }
                Tok::If if least == TEST => {
                    self.advance(vm)?;
                    let test = self.expression(vm, OR)?;
                    self.expect(vm, Tok::Else)?;
                    let orelse = self.expression(vm, TEST)?;
                    let parts = self.seq(vm, &[test, lhs, orelse])?;
                    self.node(vm, line, Kind::IfExp(parts))?
                }
                _ => return Ok(lhs),
            }
        }
    }

    /// The operands of a row of equal boolean operators.
    fn operands(&mut self, vm: &mut Vm, first: Id, op: Tok, least: u8) -> Parsed<super::Seq> {
        let mark = self.ast.mark();
        self.wait(vm, first)?;
        while self.accept(vm, op)? {
            let operand = self.expression(vm, least)?;
            self.wait(vm, operand)?;
        }
        self.ast.seq_from(vm, mark)
    }

    fn comparison(&mut self, vm: &mut Vm, line: u32, lhs: Id) -> Parsed {
        let Some(op) = self.comparison_operator(vm)? else { return Err(self.syntax(vm)) };
        let rhs = self.expression(vm, BIT_OR)?;
        let Some(mut next) = self.comparison_operator(vm)? else {
            return self.node(vm, line, Kind::Compare { op, lhs, rhs });
        };
        let mark = self.ast.mark();
        self.wait(vm, lhs)?;
        let link = self.node(vm, line, Kind::CompareLink { op, rhs })?;
        self.wait(vm, link)?;
        loop {
            let rhs = self.expression(vm, BIT_OR)?;
            let link = self.node(vm, line, Kind::CompareLink { op: next, rhs })?;
            self.wait(vm, link)?;
            match self.comparison_operator(vm)? {
                Some(op) => next = op,
                None => break,
            }
        }
        let links = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::CompareChain(links))
    }

    /// Passes a comparison operator if there is one.
    fn comparison_operator(&mut self, vm: &mut Vm) -> Parsed<Option<CmpOp>> {
        let op = match self.token.kind {
            Tok::Cmp(op) => op,
            Tok::In => CmpOp::In,
            Tok::Is => CmpOp::Is,
            Tok::Not => CmpOp::NotIn,
            _ => return Ok(None),
        };
        self.advance(vm)?;
        Ok(Some(match op {
            CmpOp::Is if self.accept(vm, Tok::Not)? => CmpOp::IsNot,
            CmpOp::NotIn => {
                self.expect(vm, Tok::In)?;
                CmpOp::NotIn
            }
            op => op,
        }))
    }

    /// `expression` or `name := expression`.
    pub(super) fn named_expression(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        let target = self.expression(vm, TEST)?;
        if self.token.kind != Tok::Walrus {
            return Ok(target);
        }
        if target.as_name().is_none() {
            return Err(self.syntax(vm));
        }
        self.advance(vm)?;
        let value = self.expression(vm, TEST)?;
        self.node(vm, line, Kind::NamedExpr { target, value })
    }

    /// `*expression` or, where `named`, a named expression, else an expression.
    pub(super) fn star_expression(&mut self, vm: &mut Vm, named: bool) -> Parsed {
        let line = self.token.line;
        if self.accept(vm, Tok::Op(BinOp::Mul))? {
            let value = self.expression(vm, BIT_OR)?;
            return self.node(vm, line, Kind::Starred(value));
        }
        if named { self.named_expression(vm) } else { self.expression(vm, TEST) }
    }

    /// One expression, or several with commas: a tuple.
    pub(super) fn star_expressions(&mut self, vm: &mut Vm) -> Parsed {
        self.expressions(vm, false)
    }

    /// As [`Parser::star_expressions`]; each may be a named expression.
    pub(super) fn named_expressions(&mut self, vm: &mut Vm) -> Parsed {
        self.expressions(vm, true)
    }

    fn expressions(&mut self, vm: &mut Vm, named: bool) -> Parsed {
        let line = self.token.line;
        let first = self.star_expression(vm, named)?;
        if self.token.kind != Tok::Comma {
            return self.unstarred(vm, first);
        }
        let mark = self.ast.mark();
        self.wait(vm, first)?;
        while self.accept(vm, Tok::Comma)? && self.token.kind.begins_expression() {
            let item = self.star_expression(vm, named)?;
            self.wait(vm, item)?;
        }
        self.tuple_from(vm, line, mark)
    }

    /// `yield …` or as [`Parser::star_expressions`].
    pub(super) fn yield_or_expressions(&mut self, vm: &mut Vm) -> Parsed {
        if self.token.kind == Tok::Yield {
            self.yield_expression(vm)
        } else {
            self.star_expressions(vm)
        }
    }

    pub(super) fn yield_expression(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let kind = if self.accept(vm, Tok::From)? {
            Kind::YieldFrom(self.expression(vm, TEST)?)
        } else if self.token.kind.begins_expression() {
            Kind::Yield(self.star_expressions(vm)?)
        } else {
            Kind::Yield(Id::NONE)
        };
        self.node(vm, line, kind)
    }

    /// Refuses `*a` outside of a list of expressions.
    pub(super) fn unstarred(&mut self, vm: &mut Vm, id: Id) -> Parsed {
        match self.kind(vm, id) {
            Kind::Starred(_) => Err(self.starred_error(vm)),
            _ => Ok(id),
        }
    }

    #[cold]
    fn starred_error(&self, vm: &mut Vm) -> Raise {
        self.error(vm, "can't use starred expression here")
    }
}
