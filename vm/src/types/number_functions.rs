//! The built-in functions on numbers: `abs`, `divmod`, `pow`, `round`.
//!
//! Source: Python Library Reference, "Built-in Functions". `bin`, `oct` and `hex` are in `int_format`.
#![forbid(unsafe_code)]

use super::number::Integer;
use super::{float, int};
use crate::Vm;
use crate::num::limbs;
use crate::object::{BinaryOp, Res, UnaryOp};
use crate::value::Value;
use crate::value::names::q;

/// `abs(x)`; calls `__abs__`.
pub fn abs(vm: &mut Vm, v: Value) -> Res {
    vm.unary(UnaryOp::Abs, v)
}

/// `divmod(a, b)`: a tuple of quotient and remainder; calls `__divmod__`, then `__rdivmod__`.
pub fn divmod(vm: &mut Vm, a: Value, b: Value) -> Res {
    for (v, name, other) in [(a, q::__divmod__.value(), b), (b, q::__rdivmod__.value(), a)] {
        if let Some(f) = vm.python_method(v, name)? {
            let result = vm.call(f, &[other])?;
            if result != Value::NOT_IMPLEMENTED {
                return Ok(result);
            }
        }
    }
    let (x, y) = (vm.native_part(a), vm.native_part(b));
    let quotient = int::arith(vm, BinaryOp::FloorDiv, x, y)?;
    if quotient == Value::NOT_IMPLEMENTED {
        return Err(vm.unsupported(q::__divmod__.value(), a, b));
    }
    let remainder = int::arith(vm, BinaryOp::Mod, x, y)?;
    vm.new_tuple(&[quotient, remainder])
}

/// `pow(base, exponent[, modulus])`; the form with three arguments is for integers only.
pub fn pow(vm: &mut Vm, args: &[Value]) -> Res {
    let &[mut base, mut exponent, ref more @ ..] = args else { return Ok(Value::NONE) };
    let mut modulus = more.first().copied().unwrap_or(Value::NONE);
    if modulus.is_none() {
        return vm.binary(BinaryOp::Pow, base, exponent, false);
    }
    if cfg!(feature = "extra") {
        if let Some(v) = vm.call_python_method(base, q::__pow__.value(), &args[1..])? {
            return Ok(v);
        }
        [base, exponent, modulus] = [base, exponent, modulus].map(|v| vm.native_part(v));
    }
    int::pow_mod(vm, base, exponent, modulus)
}

/// `round(x[, n_digits])`: to the nearest multiple of a power of ten, ties to the even one; calls `__round__`.
///
/// Without digits an `int`, otherwise of the type of `x`.
pub fn round(vm: &mut Vm, args: &[Value]) -> Res {
    let &[v, ref more @ ..] = args else { return Ok(Value::NONE) };
    if cfg!(feature = "extra")
        && let Some(f) = vm.python_method(v, q::__round__.value())?
    {
        return vm.call(f, more);
    }
    let n_digits = match more.first() {
        Some(&n) if !n.is_none() => Some(vm.index(n)?),
        _ => None,
    };
    let part = vm.native_part(v);
    match Integer::of(part) {
        Some(n) => match n_digits {
            Some(digits @ ..0) => round_int(vm, part, n, digits.unsigned_abs()),
            _ => vm.unary(UnaryOp::Pos, part),
        },
        None if cfg!(not(feature = "float")) => Err(vm.type_error(part, "can't convert % to int")),
        None => {
            let f = float::to_scalar(vm, part)?;
            float::round(vm, f, n_digits)
        }
    }
}

/// Rounds an integer to a multiple of `10**zeros`.
fn round_int(vm: &mut Vm, v: Value, n: Integer, zeros: usize) -> Res {
    // A number of b bits is below 10**(b / 3), and less than half of the next power of ten.
    if zeros > limbs::bit_length(n.get().magnitude()) / 3 + 1 {
        return Ok(Value::int(0));
    }
    let unit = int::arith(vm, BinaryOp::Pow, Value::int(10), Value::from_len(zeros))?;
    let half = int::arith(vm, BinaryOp::RShift, unit, Value::int(1))?;
    let up = int::arith(vm, BinaryOp::Add, v, half)?;
    let mut n = int::arith(vm, BinaryOp::FloorDiv, up, unit)?;
    // Nothing is left of a tie, which goes to the even number.
    if int::arith(vm, BinaryOp::Mod, up, unit)? == Value::int(0) {
        n = int::arith(vm, BinaryOp::And, n, Value::int(-2))?;
    }
    int::arith(vm, BinaryOp::Mul, n, unit)
}
