//! Operators on literals, computed while parsing.
//!
//! The types themselves compute. What raises, and what grows without bound, is left for run time.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, Kind, Node, UnaryOp};
use super::Parser;
use super::steps::Frame;
use crate::object;
use crate::value::{self, Value};
use crate::{Raise, exc};

/// The longest tuple of literals that becomes a literal itself.
const TUPLE_MAX: usize = 32;
/// The largest exponent, and the most bits that a shift adds, where both operands are integers.
const UNITS_MAX: isize = 128;

impl Parser<'_> {
    /// `op operand` of the operand in the frame.
    pub(super) fn unary(&mut self, frame: &Frame, op: UnaryOp) {
        const OPS: [object::UnaryOp; 3] =
            [object::UnaryOp::Neg, object::UnaryOp::Pos, object::UnaryOp::Invert];
        let operand = self.top();
        if let Some(value) = self.literal_of(operand) {
            let number = is_number(value);
            let result = match OPS.get(op as usize) {
                Some(&op) if number => Some(self.lexer.vm.unary(op, value)),
                // Their truth is known without running Python.
                None if number || value.is_none() || value.is_bool() => {
                    Some(Ok(Value::bool(matches!(self.lexer.vm.truth(value), Ok(false)))))
                }
                _ => None,
            };
            if let Some(result) = result
                && self.computed(frame, result)
            {
                return;
            }
        }
        self.put(frame, Kind::Unary { op, operand });
    }

    /// `lhs op rhs` of the two operands in the frame.
    pub(super) fn binary(&mut self, frame: &Frame, op: BinOp) {
        let (lhs, rhs) = (self.waiting(frame.mark), self.top());
        if let (Some(a), Some(b)) = (self.literal_of(lhs), self.literal_of(rhs))
            && is_number(a)
            && is_number(b)
            && !grows(op, a, b)
        {
            let result = self.lexer.vm.binary(op, a, b, false);
            if self.computed(frame, result) {
                return;
            }
        }
        self.put(frame, Kind::Binary { op, lhs, rhs });
    }

    /// A literal of an operation's result in the place of the operands; false where it raised what it is to raise at run
    /// time.
    fn computed(&mut self, frame: &Frame, result: Result<Value, Raise>) -> bool {
        if result.is_err() && self.lexer.vm.catch(exc::EXCEPTION) {
            return false;
        }
        self.ast.forget(frame.mark);
        let value = self.lexer.checked(result);
        self.wait_literal(value);
        true
    }

    /// Makes a tuple of what is on the scratch stack above `mark`.
    #[inline(never)] // for its array, which a rule that calls itself shall not have on its stack
    pub(super) fn tuple_from(&mut self, line: u32, mark: u32) {
        let n = (self.mark().saturating_sub(mark)) as usize;
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
                let tuple = self.lexer.checked(tuple);
                return self.wait_literal(tuple);
            }
        }
        let items = self.seq_from(mark);
        self.wait_node(&Node { line, kind: Kind::Tuple(items) });
    }
}

pub(super) fn is_number(value: Value) -> bool {
    use value::Kind::{Complex, Float, Int};
    value.is_small_int() || matches!(value.kind(), Some(Int | Float | Complex))
}

/// True where the result may have far more digits than the operands.
fn grows(op: BinOp, a: Value, b: Value) -> bool {
    let few = a.is_small_int() && b.as_small_int().is_some_and(|b| b <= UNITS_MAX);
    let whole = |v: Value| v.is_small_int() || v.is_kind(value::Kind::Int);
    matches!(op, BinOp::LShift | BinOp::Pow) && !few && whole(a) && whole(b)
}
