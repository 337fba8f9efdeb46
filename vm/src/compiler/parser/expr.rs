//! Operators by precedence.
#![forbid(unsafe_code)]

use super::super::ast::{CmpOp, Kind, Make, Node, UnaryOp};
use super::super::token::Tok;
use super::Parser;
use super::grammar::Rule;
use super::steps::Frame;

/// Binding strengths, weakest first: what [`Parser::expression`] may stop at. 0 is for what is no operator.
pub(super) const TEST: u8 = 1;
pub(super) const OR: u8 = 2;
pub(super) const AND: u8 = 3;
pub(super) const NOT: u8 = 4;
const COMPARE: u8 = 5;
pub(super) const BIT_OR: u8 = 6;
const BIT_XOR: u8 = 7;
const BIT_AND: u8 = 8;
const SHIFT: u8 = 9;
pub(super) const SUM: u8 = 10;
const PRODUCT: u8 = 11;
const UNARY: u8 = 12;
const POWER: u8 = 13;

/// Of the tokens that may stand between two operands.
static STRENGTHS: [u8; Tok::COUNT] = {
    let mut strengths = [0; Tok::COUNT];
    let mut tok = Tok::Lt as usize;
    while tok <= Tok::Caret as usize {
        strengths[tok] = if tok <= Tok::Ne as usize { COMPARE } else { PRODUCT };
        tok += 1;
    }
    strengths[Tok::Bar as usize] = BIT_OR;
    strengths[Tok::Caret as usize] = BIT_XOR;
    strengths[Tok::Ampersand as usize] = BIT_AND;
    (strengths[Tok::LeftShift as usize], strengths[Tok::RightShift as usize]) = (SHIFT, SHIFT);
    (strengths[Tok::Plus as usize], strengths[Tok::Minus as usize]) = (SUM, SUM);
    strengths[Tok::DoubleStar as usize] = POWER;
    strengths[Tok::If as usize] = TEST;
    strengths[Tok::Or as usize] = OR;
    strengths[Tok::And as usize] = AND;
    (strengths[Tok::In as usize], strengths[Tok::Is as usize]) = (COMPARE, COMPARE);
    strengths[Tok::Not as usize] = COMPARE;
    strengths
};

impl Parser<'_> {
    /// An expression whose operators bind at least as strongly as `least`.
    pub(super) fn expression(&mut self, least: u8) {
        if !self.enter() {
            return;
        }
        let mut frame = self.frame();
        let op = match self.token.kind {
            Tok::Lambda if least == TEST => return self.follow(Rule::Lambda, &mut frame),
            Tok::Not if least <= NOT => Some(UnaryOp::Not),
            Tok::Minus => Some(UnaryOp::Neg),
            Tok::Plus => Some(UnaryOp::Pos),
            Tok::Tilde => Some(UnaryOp::Invert),
            _ => None,
        };
        match op {
            Some(op) => {
                self.advance();
                self.expression(if op == UnaryOp::Not { NOT } else { UNARY });
                self.unary(&frame, op);
            }
            None => self.follow(Rule::Primary, &mut frame),
        }
        self.operators(&mut frame, least);
    }

    /// What follows the expression in the frame and binds at least as strongly as `least`.
    pub(super) fn operators(&mut self, frame: &mut Frame, least: u8) {
        loop {
            let kind = self.token.kind;
            let strength = STRENGTHS[kind as usize];
            if strength < least {
                return;
            }
            match strength {
                TEST => self.follow(Rule::Ternary, frame),
                OR => self.follow(Rule::Or, frame),
                AND => self.follow(Rule::And, frame),
                COMPARE => self.comparison(frame),
                _ => {
                    self.advance();
                    self.expression(if strength == POWER { UNARY } else { strength + 1 });
                    if let Some(op) = kind.binary() {
                        self.binary(frame, op);
                    }
                }
            }
        }
    }

    /// The comparisons that begin with the expression in the frame.
    fn comparison(&mut self, frame: &Frame) {
        loop {
            let kind = self.token.kind;
            self.advance();
            let op = match kind {
                Tok::In => CmpOp::In,
                Tok::Is if self.accept(Tok::Not) => CmpOp::IsNot,
                Tok::Is => CmpOp::Is,
                Tok::Not => {
                    self.expect(Tok::In);
                    CmpOp::NotIn
                }
                kind => kind.ordering(),
            };
            self.expression(BIT_OR);
            let last = STRENGTHS[self.token.kind as usize] != COMPARE;
            let rhs = self.pop();
            if last && self.mark() == frame.mark + 1 {
                return self.put(frame, Kind::Compare { op, lhs: self.top(), rhs });
            }
            self.wait_node(&Node { line: frame.line, kind: Kind::CompareLink { op, rhs } });
            if last {
                let links = self.seq_from(frame.mark).0;
                return self.make(frame, Make::CompareChain as u8, links, 0);
            }
        }
    }

    /// Refuses `*a`, the last node, outside of a list of expressions.
    pub(super) fn unstarred(&mut self) {
        if self.is_starred(self.top()) {
            self.error("can't use starred expression here");
        }
    }
}
