//! Operators and comparisons. See the module above for what the words mean.

use super::*;
use crate::object::{BinaryOp, CompareOp, Float, Str, UnaryOp};
use crate::value::{Kind, Scalar, Value};
use crate::{Raise, Vm, types};

#[inline(always)]
pub(in crate::interp) fn floor_div(a: isize, b: isize) -> Option<isize> {
    if b == 0 {
        return None;
    }
    let n = a.checked_div(b)?;
    let n = if a % b != 0 && (a < 0) != (b < 0) { n - 1 } else { n };
    n.checked_mul(2)
}

#[inline(always)]
pub(in crate::interp) fn floor_mod(a: isize, b: isize) -> Option<isize> {
    if b == 0 {
        return None;
    }
    let m = a.checked_rem(b)?;
    Some(if m != 0 && (m < 0) != (b < 0) { m + b } else { m } << 1)
}

/// `a` is a tagged number without its tag.
#[inline(always)]
pub(in crate::interp) fn shift_left(a: isize, by: isize) -> Option<isize> {
    if !(0..isize::BITS as isize - 1).contains(&by) {
        return None;
    }
    let n = a << by;
    if n >> by == a { Some(n) } else { None }
}

/// `a` is tagged.
#[inline(always)]
pub(in crate::interp) fn shift_right(a: isize, by: isize) -> Option<isize> {
    if by < 0 {
        return None;
    }
    Some(a >> by.min(isize::BITS as isize - 1))
}

/// Bit of `binary`'s `op`: in place.
const INPLACE: u8 = 1 << 7;

/// `lhs op rhs` for all but small ints; `op` is a number of [`BinaryOp::ALL`] and `INPLACE`. Arithmetic of two floats, or
/// a float and a small int, needs no frame on the native stack.
#[inline(never)]
pub(in crate::interp) fn binary(vm: &mut Vm, op: u8, lhs: Value, rhs: Value) -> Value {
    let number = |v: Value| {
        if v.is_kind(Kind::Float) {
            // SAFETY: a Float, whose number never changes.
            Some(unsafe { (*Float::from_known(v).raw()).number })
        } else {
            v.as_small_int().map(|n| n as Scalar)
        }
    };
    if (lhs.is_kind(Kind::Float) || rhs.is_kind(Kind::Float))
        && let (Some(a), Some(b)) = (number(lhs), number(rhs))
    {
        let f = match op & !INPLACE {
            0 => a + b,
            1 => a - b,
            2 => a * b,
            3 if b != 0.0 => a / b,
            _ => return other_binary(vm, op, lhs, rhs),
        };
        return word(vm.float_here(f));
    }
    other_binary(vm, op, lhs, rhs)
}

#[inline(never)]
fn other_binary(vm: &mut Vm, op: u8, lhs: Value, rhs: Value) -> Value {
    let operator = BinaryOp::ALL[(op & !INPLACE) as usize];
    if lhs.is_kind(Kind::Complex) || rhs.is_kind(Kind::Complex) {
        if let Some(v) = types::complex::fast_binary(vm, operator, lhs, rhs) {
            return word(v);
        }
    } else if operator == BinaryOp::TrueDiv
        && let Some(v) = types::int::fast_divide(vm, lhs, rhs)
    {
        return word(v);
    }
    word(vm.binary(operator, lhs, rhs, op & INPLACE != 0))
}

#[cold]
pub(in crate::interp) fn unary(vm: &mut Vm, op: u8, v: Value) -> Value {
    let op = match op {
        0 => UnaryOp::Neg,
        1 => UnaryOp::Pos,
        _ => UnaryOp::Invert,
    };
    if let Some(n) = v.as_small_int() {
        let r = match op {
            UnaryOp::Neg => Value::small_int(-n),
            UnaryOp::Pos => Some(v),
            _ => Value::small_int(!n),
        };
        if let Some(r) = r {
            return r;
        }
    }
    word(vm.unary(op, v))
}

#[inline(never)]
pub(in crate::interp) fn compare(vm: &mut Vm, op: CompareOp, lhs: Value, rhs: Value) -> Value {
    if let (Some(a), Some(b)) = (Str::from_value(lhs), Str::from_value(rhs)) {
        match op {
            CompareOp::Eq => return Value::bool(a.equals(b)),
            CompareOp::Ne => return Value::bool(!a.equals(b)),
            _ => {}
        }
    }
    if let Some(truth) = types::float::fast_compare(vm, op, lhs, rhs) {
        return Value::bool(truth);
    }
    word(vm.compare(op, lhs, rhs))
}

#[inline(never)]
pub(in crate::interp) fn compare_truth(
    vm: &mut Vm,
    op: CompareOp,
    lhs: Value,
    rhs: Value,
) -> Result<bool, Raise> {
    if let (Some(a), Some(b)) = (Str::from_value(lhs), Str::from_value(rhs)) {
        match op {
            CompareOp::Eq => return Ok(a.equals(b)),
            CompareOp::Ne => return Ok(!a.equals(b)),
            _ => {}
        }
    }
    if let Some(truth) = types::float::fast_compare(vm, op, lhs, rhs) {
        return Ok(truth);
    }
    let v = vm.compare(op, lhs, rhs)?;
    vm.truth(v)
}
