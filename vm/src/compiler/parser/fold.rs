//! Operators on literals, computed while parsing.
//!
//! The types themselves compute. What raises, and what grows without bound, is left for run time.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, Id, Kind, UnaryOp};
use super::{Parsed, Parser};
use crate::object::{self, BinaryOp};
use crate::value::{self, Value};
use crate::{Raise, Vm, exc};

/// The longest tuple of literals that becomes a literal itself.
const TUPLE_MAX: usize = 32;
/// The most bits of a power, or that a shift adds.
const BITS_MAX: isize = 512;

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

pub(super) fn is_number(value: Value) -> bool {
    use value::Kind::{Complex, Float, Int};
    value.is_small_int() || matches!(value.kind(), Some(Int | Float | Complex))
}

fn fold_unary(vm: &mut Vm, op: UnaryOp, value: Value) -> Parsed<Option<Value>> {
    let op = match op {
        UnaryOp::Not if is_number(value) || value.is_none() || value.is_bool() => {
            return Ok(Some(Value::bool(!vm.truth(value)?)));
        }
        _ if !is_number(value) => return Ok(None),
        UnaryOp::Not => return Ok(None),
        UnaryOp::Neg => object::UnaryOp::Neg,
        UnaryOp::Pos => object::UnaryOp::Pos,
        UnaryOp::Invert => object::UnaryOp::Invert,
    };
    if let Some(n) = value.as_small_int()
        && let Some(n) = Value::small_int(if op == object::UnaryOp::Invert { !n } else { -n })
    {
        return Ok(Some(if op == object::UnaryOp::Pos { value } else { n }));
    }
    let result = vm.unary(op, value);
    computed(vm, result)
}

fn fold_binary(vm: &mut Vm, op: BinOp, a: Value, b: Value) -> Parsed<Option<Value>> {
    if !is_number(a) || !is_number(b) || grows(op, a, b) {
        return Ok(None);
    }
    if let (Some(a), Some(b)) = (a.as_small_int(), b.as_small_int())
        && let Some(value) = small_binary(op, a, b).and_then(Value::small_int)
    {
        return Ok(Some(value));
    }
    let result = vm.binary(BinaryOp::ALL[op as usize], a, b, false);
    computed(vm, result)
}

/// The small ints' operations, where the result fits a word.
fn small_binary(op: BinOp, a: isize, b: isize) -> Option<isize> {
    let shift = u32::try_from(b).ok().filter(|&n| n < isize::BITS);
    Some(match op {
        BinOp::Add => a.checked_add(b)?,
        BinOp::Sub => a.checked_sub(b)?,
        BinOp::Mul => a.checked_mul(b)?,
        BinOp::FloorDiv => {
            a.checked_div_euclid(b)? - (b < 0 && a.checked_rem_euclid(b)? != 0) as isize
        }
        BinOp::Mod => {
            let rest = a.checked_rem_euclid(b)?;
            if b < 0 && rest != 0 { rest + b } else { rest }
        }
        BinOp::Pow => a.checked_pow(u32::try_from(b).ok()?)?,
        BinOp::LShift => a.checked_mul(1isize.checked_shl(shift?).filter(|&unit| unit > 0)?)?,
        BinOp::RShift => a >> shift?,
        BinOp::And => a & b,
        BinOp::Or => a | b,
        BinOp::Xor => a ^ b,
        BinOp::TrueDiv | BinOp::MatMul => return None,
    })
}

/// True where the result may have far more digits than the operands.
fn grows(op: BinOp, a: Value, b: Value) -> bool {
    match (op, b.as_small_int()) {
        (BinOp::LShift, Some(b)) => b > BITS_MAX,
        (BinOp::Pow, Some(b)) => match a.as_small_int() {
            Some(a) => {
                let bits = (isize::BITS - a.unsigned_abs().leading_zeros()) as isize;
                bits.saturating_mul(b) > BITS_MAX
            }
            None => a.is_kind(value::Kind::Int),
        },
        (BinOp::LShift | BinOp::Pow, None) => b.is_kind(value::Kind::Int),
        _ => false,
    }
}

/// The result of an operation; `None` where it raised what it is to raise at run time.
fn computed(vm: &mut Vm, result: Result<Value, Raise>) -> Parsed<Option<Value>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(raise) => {
            let classes = [exc::ARITHMETIC_ERROR, exc::TYPE_ERROR, exc::VALUE_ERROR];
            if classes.into_iter().any(|class| vm.catch(class)) { Ok(None) } else { Err(raise) }
        }
    }
}
