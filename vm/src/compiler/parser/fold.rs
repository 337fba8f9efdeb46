//! Operators on literals, computed while parsing.
//!
//! What would raise, and what would grow without bound, is left for run time.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, Id, Kind, UnaryOp};
use super::{Parsed, Parser};
use crate::Vm;
use crate::value::Value;

/// The longest tuple of literals that becomes a literal itself.
const TUPLE_MAX: usize = 32;

impl Parser<'_> {
    /// `op operand`
    pub(super) fn unary(&mut self, vm: &mut Vm, line: u32, op: UnaryOp, operand: Id) -> Parsed {
        if let Some(value) = self.ast.literal(vm, operand)
            && let Some(value) = fold_unary(vm, op, value)?
        {
            return self.literal(vm, value);
        }
        self.node(vm, line, Kind::Unary { op, operand })
    }

    /// `lhs op rhs`
    pub(super) fn binary(&mut self, vm: &mut Vm, line: u32, op: BinOp, lhs: Id, rhs: Id) -> Parsed {
        if let (Some(a), Some(b)) = (self.ast.literal(vm, lhs), self.ast.literal(vm, rhs))
            && let Some(value) = fold_binary(vm, op, a, b)?
        {
            return self.literal(vm, value);
        }
        self.node(vm, line, Kind::Binary { op, lhs, rhs })
    }

    /// The tuple of what is on the scratch stack above `mark`.
    pub(super) fn tuple_from(&mut self, vm: &mut Vm, line: u32, mark: u32) -> Parsed {
        let n = (self.ast.mark() - mark) as usize;
        let mut values = [Value::UNDEF; TUPLE_MAX];
        if let Some(values) = values.get_mut(..n) {
            let mut all = true;
            for (i, value) in (mark..).zip(values.iter_mut()) {
                match self.ast.literal(vm, self.ast.waiting(vm, i)) {
                    Some(literal) => *value = literal,
                    None => all = false,
                }
            }
            if all {
                self.ast.forget(mark);
                let tuple = vm.new_tuple(values)?;
                return self.literal(vm, tuple);
            }
        }
        let items = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::Tuple(items))
    }
}

fn fold_unary(vm: &mut Vm, op: UnaryOp, value: Value) -> Parsed<Option<Value>> {
    if op == UnaryOp::Not {
        let truth = match value.as_small_int() {
            Some(n) => n != 0,
            None if value.is_none() || value.is_bool() => value == Value::TRUE,
            None => return Ok(None),
        };
        return Ok(Some(Value::bool(!truth)));
    }
    let Some(n) = value.as_small_int() else { return Ok(None) };
    let n = n as i128;
    int(
        vm,
        if op == UnaryOp::Neg {
            -n
        } else if op == UnaryOp::Pos {
            n
        } else {
            !n
        },
    )
}

fn fold_binary(vm: &mut Vm, op: BinOp, a: Value, b: Value) -> Parsed<Option<Value>> {
    let (Some(a), Some(b)) = (a.as_small_int(), b.as_small_int()) else { return Ok(None) };
    let (a, b) = (a as i128, b as i128);
    let value = match op {
        BinOp::Add => a.checked_add(b),
        BinOp::Sub => a.checked_sub(b),
        BinOp::Mul => a.checked_mul(b),
        BinOp::FloorDiv if b != 0 => Some(floor_div(a, b)),
        BinOp::Mod if b != 0 => Some(a - floor_div(a, b) * b),
        BinOp::Pow if (0..128).contains(&b) => a.checked_pow(b as u32),
        BinOp::LShift if (0..64).contains(&b) => Some(a << b),
        BinOp::RShift if b >= 0 => Some(a >> b.min(127)),
        BinOp::And => Some(a & b),
        BinOp::Or => Some(a | b),
        BinOp::Xor => Some(a ^ b),
        _ => None,
    };
    match value {
        Some(value) => int(vm, value),
        None => Ok(None),
    }
}

fn floor_div(a: i128, b: i128) -> i128 {
    let quotient = a / b;
    if a % b != 0 && (a < 0) != (b < 0) { quotient - 1 } else { quotient }
}

/// An int that fits a machine word.
fn int(_vm: &mut Vm, n: i128) -> Parsed<Option<Value>> {
    Ok(isize::try_from(n).ok().and_then(Value::small_int))
}
