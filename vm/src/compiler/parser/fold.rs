//! Operators on literals, computed while parsing.
//!
//! The types themselves compute. What raises, and what grows without bound, is left for run time.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, Id, Kind, UnaryOp};
use super::Parser;
use crate::object::{self, BinaryOp};
use crate::value::{self, Value};
use crate::{Raise, exc};

/// The longest tuple of literals that becomes a literal itself.
const TUPLE_MAX: usize = 32;
/// The most bits of a power, or that a shift adds.
const BITS_MAX: isize = 512;

impl Parser<'_> {
    /// `op operand`
    pub(super) fn unary(&mut self, line: u32, op: UnaryOp, operand: Id) -> Id {
        const OPS: [object::UnaryOp; 3] =
            [object::UnaryOp::Neg, object::UnaryOp::Pos, object::UnaryOp::Invert];
        if let Some(value) = self.literal_of(operand) {
            let number = is_number(value);
            let folded = match OPS.get(op as usize) {
                Some(&op) if number => {
                    let result = self.lexer.vm.unary(op, value);
                    self.computed(result)
                }
                None if number || value.is_none() || value.is_bool() => {
                    let truth = self.lexer.vm.truth(value);
                    self.computed(truth.map(|truth| Value::bool(!truth)))
                }
                _ => None,
            };
            if let Some(folded) = folded {
                return folded;
            }
        }
        self.node(line, Kind::Unary { op, operand })
    }

    /// `lhs op rhs`
    pub(super) fn binary(&mut self, line: u32, op: BinOp, lhs: Id, rhs: Id) -> Id {
        if let (Some(a), Some(b)) = (self.literal_of(lhs), self.literal_of(rhs))
            && is_number(a)
            && is_number(b)
            && !grows(op, a, b)
        {
            let result = self.lexer.vm.binary(BinaryOp::ALL[op as usize], a, b, false);
            if let Some(folded) = self.computed(result) {
                return folded;
            }
        }
        self.node(line, Kind::Binary { op, lhs, rhs })
    }

    /// The literal of an operation's result; `None` where it raised what it is to raise at run time.
    fn computed(&mut self, result: Result<Value, Raise>) -> Option<Id> {
        if result.is_err() && self.lexer.vm.catch(exc::EXCEPTION) {
            return None;
        }
        Some(self.checked_literal(result))
    }

    /// The tuple of what is on the scratch stack above `mark`.
    pub(super) fn tuple_from(&mut self, line: u32, mark: u32) -> Id {
        let n = (self.mark() - mark) as usize;
        let mut values = [Value::UNDEF; TUPLE_MAX];
        if let Some(values) = values.get_mut(..n) {
            let mut all = true;
            for (i, value) in (mark..).zip(values.iter_mut()) {
                match self.literal_of(self.waiting(i)) {
                    Some(literal) => *value = literal,
                    None => all = false,
                }
            }
            if all {
                self.ast.forget(mark);
                let tuple = self.lexer.vm.new_tuple(values);
                return self.checked_literal(tuple);
            }
        }
        let items = self.seq_from(mark);
        self.node(line, Kind::Tuple(items))
    }
}

pub(super) fn is_number(value: Value) -> bool {
    use value::Kind::{Complex, Float, Int};
    value.is_small_int() || matches!(value.kind(), Some(Int | Float | Complex))
}

/// True where the result may have far more digits than the operands.
fn grows(op: BinOp, a: Value, b: Value) -> bool {
    // The bits that each unit of `b` may add.
    let bits = match (op, a.as_small_int()) {
        (BinOp::LShift, _) => 1,
        (BinOp::Pow, Some(a)) => isize::BITS - a.unsigned_abs().leading_zeros(),
        (BinOp::Pow, None) if a.is_kind(value::Kind::Int) => BITS_MAX as u32 + 1,
        (BinOp::Pow, None) => 0,
        _ => return false,
    };
    match b.as_small_int() {
        Some(b) => bits > 0 && b > BITS_MAX / bits as isize,
        None => b.is_kind(value::Kind::Int),
    }
}
