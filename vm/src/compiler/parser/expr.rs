//! Expressions: operators by precedence, and lists of expressions.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, CmpOp, Id, Kind, UnaryOp};
use super::super::token::Tok;
use super::{Parser, Seq};

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

/// Of the binary operators, by their numbers.
const STRENGTHS: [u8; BinOp::ALL.len()] = {
    use BinOp::*;
    let mut strengths = [PRODUCT; BinOp::ALL.len()];
    strengths[Or as usize] = BIT_OR;
    strengths[Xor as usize] = BIT_XOR;
    strengths[And as usize] = BIT_AND;
    (strengths[LShift as usize], strengths[RShift as usize]) = (SHIFT, SHIFT);
    (strengths[Add as usize], strengths[Sub as usize]) = (SUM, SUM);
    strengths[Pow as usize] = POWER;
    strengths
};

impl Parser<'_> {
    /// An expression whose operators bind at least as strongly as `least`.
    pub(super) fn expression(&mut self, least: u8) -> Id {
        if !self.enter() {
            return Id::NONE;
        }
        let line = self.token.line;
        let op = match self.token.kind {
            Tok::Not if least <= NOT => Some(UnaryOp::Not),
            Tok::Minus => Some(UnaryOp::Neg),
            Tok::Plus => Some(UnaryOp::Pos),
            Tok::Tilde => Some(UnaryOp::Invert),
            Tok::Lambda if least == TEST => return self.lambda(),
            _ => None,
        };
        let first = match op {
            Some(op) => {
                self.advance();
                let operand = self.expression(if op == UnaryOp::Not { NOT } else { UNARY });
                self.unary(line, op, operand)
            }
            None => self.primary(),
        };
        self.expression_from(line, first, least)
    }

    /// As [`Parser::expression`]; `lhs`, which begins it, is already parsed.
    pub(super) fn expression_from(&mut self, line: u32, mut lhs: Id, least: u8) -> Id {
        loop {
            let kind = self.token.kind;
            if let Some(op) = kind.binary() {
                let strength = STRENGTHS[op as usize];
                if strength < least {
                    return lhs;
                }
                self.advance();
                let rhs = self.expression(if strength == POWER { UNARY } else { strength + 1 });
                lhs = self.binary(line, op, lhs, rhs);
                continue;
            }
            let kind = match kind {
                Tok::And if least <= AND => Kind::BoolAnd(self.operands(lhs, kind, NOT)),
                Tok::Or if least <= OR => Kind::BoolOr(self.operands(lhs, kind, AND)),
                Tok::If if least == TEST => {
                    self.advance();
                    let test = self.expression(OR);
                    self.expect(Tok::Else);
                    let orelse = self.expression(TEST);
                    Kind::IfExp(self.seq(&[test, lhs, orelse]))
                }
                _ => {
                    let compared = if least <= COMPARE { self.comparison(line, lhs) } else { lhs };
                    if compared == lhs {
                        return lhs;
                    }
                    lhs = compared;
                    continue;
                }
            };
            lhs = self.node(line, kind);
        }
    }

    /// The operands of a row of equal boolean operators.
    fn operands(&mut self, first: Id, op: Tok, least: u8) -> Seq {
        let mark = self.mark();
        self.wait(first);
        while self.accept(op) {
            let operand = self.expression(least);
            self.wait(operand);
        }
        self.seq_from(mark)
    }

    /// The comparisons that begin with `lhs`; `lhs` itself when no operator follows it.
    fn comparison(&mut self, line: u32, lhs: Id) -> Id {
        let mark = self.mark();
        let mut operator = self.comparison_operator();
        while let Some(op) = operator {
            let rhs = self.expression(BIT_OR);
            operator = self.comparison_operator();
            if self.mark() == mark {
                if operator.is_none() {
                    return self.node(line, Kind::Compare { op, lhs, rhs });
                }
                self.wait(lhs);
            }
            self.wait_node(line, Kind::CompareLink { op, rhs });
        }
        if self.mark() == mark {
            return lhs;
        }
        let links = self.seq_from(mark);
        self.node(line, Kind::CompareChain(links))
    }

    /// Passes a comparison operator if there is one.
    fn comparison_operator(&mut self) -> Option<CmpOp> {
        let op = self.token.kind.comparison()?;
        self.advance();
        match op {
            CmpOp::Is if self.accept(Tok::Not) => return Some(CmpOp::IsNot),
            CmpOp::NotIn => self.expect(Tok::In),
            _ => {}
        }
        Some(op)
    }

    /// `expression` or `name := expression`.
    pub(super) fn named_expression(&mut self) -> Id {
        let line = self.token.line;
        let target = self.expression(TEST);
        if self.token.kind != Tok::Walrus {
            return target;
        }
        if target.as_name().is_none() {
            self.syntax();
        }
        self.advance();
        let value = self.expression(TEST);
        self.node(line, Kind::NamedExpr { target, value })
    }

    /// `*expression` or, where `named`, a named expression, else an expression.
    pub(super) fn star_expression(&mut self, named: bool) -> Id {
        if self.token.kind == Tok::Star {
            self.starred_or(TEST)
        } else if named {
            self.named_expression()
        } else {
            self.expression(TEST)
        }
    }

    /// `*expression` or an expression whose operators bind at least as strongly as `least`.
    pub(super) fn starred_or(&mut self, least: u8) -> Id {
        let line = self.token.line;
        if !self.accept(Tok::Star) {
            return self.expression(least);
        }
        let value = self.expression(BIT_OR);
        self.node(line, Kind::Starred(value))
    }

    /// One expression, or several with commas: a tuple.
    pub(super) fn star_expressions(&mut self) -> Id {
        self.expressions(false)
    }

    /// As [`Parser::star_expressions`]; where `named`, each may be a named expression.
    pub(super) fn expressions(&mut self, named: bool) -> Id {
        let line = self.token.line;
        let first = self.star_expression(named);
        if self.token.kind != Tok::Comma {
            return self.unstarred(first);
        }
        let mark = self.mark();
        self.wait(first);
        while self.accept(Tok::Comma) && self.token.kind.begins_expression() {
            let item = self.star_expression(named);
            self.wait(item);
        }
        self.tuple_from(line, mark)
    }

    /// `yield …` or as [`Parser::star_expressions`].
    pub(super) fn yield_or_expressions(&mut self) -> Id {
        if self.token.kind == Tok::Yield {
            self.yield_expression()
        } else {
            self.star_expressions()
        }
    }

    pub(super) fn yield_expression(&mut self) -> Id {
        let line = self.token.line;
        self.advance();
        let kind = if self.accept(Tok::From) {
            Kind::YieldFrom(self.expression(TEST))
        } else {
            Kind::Yield(self.optional_expressions())
        };
        self.node(line, kind)
    }

    /// As [`Parser::star_expressions`]; [`Id::NONE`] where no expression begins.
    pub(super) fn optional_expressions(&mut self) -> Id {
        if self.token.kind.begins_expression() { self.star_expressions() } else { Id::NONE }
    }

    /// Refuses `*a` outside of a list of expressions.
    pub(super) fn unstarred(&mut self, id: Id) -> Id {
        if self.is_starred(id) { self.error("can't use starred expression here") } else { id }
    }
}
