//! Operators and comparisons. See the module above for what results mean.

use super::*;
use crate::bytecode::op::Op;
use crate::object::{BinaryOp, CompareOp, Float, FloatObj, Str, UnaryOp};
use crate::value::{Header, Kind, Scalar, Value};
use crate::{Raise, SHORTCUTS, Vm, types};

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

/// Bit of an operation: in place.
const INPLACE: u8 = 1 << 7;

/// What the opcodes from `Op::Add` on do: a number of [`BinaryOp::ALL`], and `INPLACE`.
static OPERATIONS: [u8; 30] = {
    let mut all = [0; 30];
    let mut i = 0;
    while i < 13 {
        all[i] = i as u8;
        all[13 + i] = i as u8 | INPLACE;
        i += 1;
    }
    // With an immediate: `Op::AddInt`, `Op::SubInt`, and in place.
    (all[26], all[27], all[28], all[29]) = (0, 1, INPLACE, 1 | INPLACE);
    all
};

/// `lhs op rhs` of an opcode for all but small ints. Arithmetic of two floats, or a float and a small int, needs no frame on
/// the native stack.
#[inline(never)]
pub(in crate::interp) fn binary(vm: &mut Vm, opcode: Op, lhs: Value, rhs: Value) -> Res {
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
        let f = match opcode {
            Op::Add | Op::IAdd | Op::AddInt | Op::IAddInt => a + b,
            Op::Sub | Op::ISub | Op::SubInt | Op::ISubInt => a - b,
            Op::Mul | Op::IMul => a * b,
            Op::TrueDiv | Op::ITrueDiv if b != 0.0 => a / b,
            _ => return other_binary(vm, opcode, lhs, rhs),
        };
        // SAFETY: the object is one block, and is written at once.
        unsafe {
            if let Some(p) = vm.shared_mut().heap.alloc_here(1) {
                p.cast().write(FloatObj { header: Header::new(Kind::Float, 1, 0), number: f });
                return Ok(Value::from_object(p.as_ptr().cast()));
            }
        }
        return new_float(vm, f);
    }
    other_binary(vm, opcode, lhs, rhs)
}

#[inline(never)]
fn new_float(vm: &mut Vm, f: Scalar) -> Res {
    vm.new_float(f)
}

#[inline(never)]
fn other_binary(vm: &mut Vm, opcode: Op, lhs: Value, rhs: Value) -> Res {
    let op = OPERATIONS[usize::from(opcode as u8 - Op::Add as u8)];
    let operator = BinaryOp::ALL[(op & !INPLACE) as usize];
    let is_int = |v: Value| v.is_small_int() || v.is_kind(Kind::Int);
    if !SHORTCUTS {
    } else if lhs.is_kind(Kind::Complex) || rhs.is_kind(Kind::Complex) {
        if let Some(v) = types::complex::fast_binary(vm, operator, lhs, rhs) {
            return v;
        }
    } else if is_int(lhs) && is_int(rhs) && types::int::knows(operator) {
        return types::int::fast_binary(vm, operator, lhs, rhs);
    }
    vm.binary(operator, lhs, rhs, op & INPLACE != 0)
}

#[inline(never)]
pub(in crate::interp) fn unary(vm: &mut Vm, op: u8, v: Value) -> Res {
    let op = match op {
        0 => UnaryOp::Neg,
        1 => UnaryOp::Pos,
        _ => UnaryOp::Invert,
    };
    if SHORTCUTS && let Some(n) = v.as_small_int() {
        let r = match op {
            UnaryOp::Neg => Value::small_int(-n),
            UnaryOp::Pos => Some(v),
            _ => Value::small_int(!n),
        };
        if let Some(r) = r {
            return Ok(r);
        }
    }
    vm.unary(op, v)
}

/// A comparison of all but small ints.
#[inline(never)]
pub(in crate::interp) fn compare(vm: &mut Vm, op: CompareOp, lhs: Value, rhs: Value) -> Res {
    if !SHORTCUTS {
        return vm.compare(op, lhs, rhs);
    }
    if let (Some(a), Some(b)) = (Str::from_value(lhs), Str::from_value(rhs)) {
        match op {
            CompareOp::Eq => return Ok(Value::bool(a.equals(b))),
            CompareOp::Ne => return Ok(Value::bool(!a.equals(b))),
            _ => {}
        }
    }
    if let Some(truth) = types::float::fast_compare(vm, op, lhs, rhs) {
        return Ok(Value::bool(truth));
    }
    vm.compare(op, lhs, rhs)
}

/// Whether an instruction that compares jumps.
#[inline(never)]
pub(in crate::interp) fn compare_jumps(
    vm: &mut Vm,
    opcode: u8,
    lhs: Value,
    rhs: Value,
) -> Result<bool, Raise> {
    // Six comparisons, six negated ones, and the same with immediates.
    let n = opcode - Op::JumpLt as u8;
    let n = if n < 12 { n } else { n - 12 };
    let negated = n >= 6;
    let op = match if negated { n - 6 } else { n } {
        0 => CompareOp::Lt,
        1 => CompareOp::Le,
        2 => CompareOp::Gt,
        3 => CompareOp::Ge,
        4 => CompareOp::Eq,
        _ => CompareOp::Ne,
    };
    let v = compare(vm, op, lhs, rhs)?;
    let truth = if v.is_bool() { v == Value::TRUE } else { vm.truth(v)? };
    Ok(truth != negated)
}
