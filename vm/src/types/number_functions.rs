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
    match *args {
        [base, exponent, modulus] if !modulus.is_none() => {
            let more = [exponent, modulus];
            if let Some(v) = vm.call_python_method(base, q::__pow__.value(), &more)? {
                return Ok(v);
            }
            let [base, exponent, modulus] = [base, exponent, modulus].map(|v| vm.native_part(v));
            int::pow_mod(vm, base, exponent, modulus)
        }
        [base, exponent, ..] => vm.binary(BinaryOp::Pow, base, exponent, false),
        _ => Err(vm.wrong_count(2, 3, args.len())),
    }
}

/// `round(x[, n_digits])`: to the nearest multiple of a power of ten, ties to the even one; calls `__round__`.
///
/// Without digits an `int`, otherwise of the type of `x`.
pub fn round(vm: &mut Vm, args: &[Value]) -> Res {
    let v = args[0];
    if let Some(f) = vm.python_method(v, q::__round__.value())? {
        return vm.call(f, &args[1..]);
    }
    let n_digits = match args.get(1) {
        Some(&n) if !n.is_none() => Some(vm.index(n)?),
        _ => None,
    };
    let part = vm.native_part(v);
    match (Integer::of(part), n_digits) {
        (Some(n), Some(digits)) if digits < 0 => round_int(vm, part, n, digits.unsigned_abs()),
        (Some(_), _) => vm.unary(UnaryOp::Pos, part),
        (None, _) if cfg!(not(feature = "float")) => {
            Err(super::number::cannot_convert(vm, part, q::int.value()))
        }
        (None, _) => {
            let f = float::to_scalar(vm, part)?;
            float::round(vm, f, n_digits)
        }
    }
}

/// Rounds an integer to a multiple of `10**zeros`.
fn round_int(vm: &mut Vm, v: Value, n: Integer, zeros: usize) -> Res {
    use BinaryOp::{Add, Mod, Pow, Sub};
    // A number of b bits is below 10**(b / 3), and less than half of the next power of ten.
    if zeros > limbs::bit_length(n.get().magnitude()) / 3 + 1 {
        return Ok(Value::int(0));
    }
    let unit = int::arith(vm, Pow, Value::int(10), Value::from_len(zeros))?;
    // Among two units the ties are one half, which goes down, and three halves, which go up.
    let two = int::arith(vm, Add, unit, unit)?;
    let rest = int::arith(vm, Mod, v, two)?;
    let down = int::arith(vm, Sub, v, rest)?;
    let twice = int::arith(vm, Add, rest, rest)?;
    if !vm.less(unit, twice)? {
        return Ok(down);
    }
    let three = int::arith(vm, Add, two, unit)?;
    let up = if vm.less(twice, three)? { unit } else { two };
    int::arith(vm, Add, down, up)
}
