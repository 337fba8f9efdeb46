//! Operators and comparisons. See the module above for what the words mean.

use super::*;
use crate::object::{BinaryOp, CompareOp, Str, UnaryOp};
use crate::value::{Kind, Value};
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

/// `a` is tagged.
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
    Some(a >> by.min(isize::BITS as isize - 1) & !1)
}

#[inline(never)]
pub(in crate::interp) fn binary(
    vm: &mut Vm,
    op: u8,
    lhs: Value,
    rhs: Value,
    inplace: bool,
) -> Value {
    if lhs.is_kind(Kind::Float)
        && let Some(v) = types::float::fast_binary(vm, op, lhs, rhs)
    {
        return word(v);
    }
    word(vm.binary(BinaryOp::ALL[op as usize], lhs, rhs, inplace))
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
