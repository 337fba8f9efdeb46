//! The built-in functions on numbers: `abs`, `divmod`, `pow`, `round`.
//!
//! Source: Python Library Reference, "Built-in Functions". `bin`, `oct` and `hex` are in `int_format`.
#![forbid(unsafe_code)]

use super::number::Integer;
use super::{float, int};
use crate::num::limbs;
use crate::object::{BinaryOp, Res, UnaryOp};
use crate::value::Value;
use crate::value::names::q;
use crate::{Vm, exc};

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
    if let (Some(x), Some(y)) = (Integer::of(x), Integer::of(y)) {
        return int::divmod(vm, &x, &y);
    }
    let number = |v: Value| if cfg!(feature = "float") { float::number_of(vm, v) } else { None };
    let (Some(x), Some(y)) = (number(x), number(y)) else {
        let (a, b) = (vm.type_name(a), vm.type_name(b));
        return Err(vm.raise_fmt(
            exc::TYPE_ERROR,
            format_args!("unsupported types for __divmod__: '{}', '{}'", a.as_str(), b.as_str()),
        ));
    };
    let (quotient, remainder) = float::div_mod(vm, x, y)?;
    let quotient = vm.new_float(quotient)?;
    let remainder = vm.new_float(remainder)?;
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
            Err(super::number::cannot_convert(vm, part, "int"))
        }
        (None, _) => {
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
    let zeros = Value::from_len(zeros);
    let unit = vm.binary(BinaryOp::Pow, Value::int(10), zeros, false)?;
    let rest = vm.binary(BinaryOp::Mod, v, unit, false)?;
    let twice = vm.binary(BinaryOp::Add, rest, rest, false)?;
    let down = vm.binary(BinaryOp::Sub, v, rest, false)?;
    let up = match compare(vm, twice, unit) {
        core::cmp::Ordering::Less => false,
        core::cmp::Ordering::Greater => true,
        core::cmp::Ordering::Equal => {
            let quotient = vm.binary(BinaryOp::FloorDiv, v, unit, false)?;
            Integer::of(quotient).is_some_and(|q| q.get().is_odd())
        }
    };
    if up { vm.binary(BinaryOp::Add, down, unit, false) } else { Ok(down) }
}

/// Order of two `int` objects.
fn compare(_vm: &Vm, a: Value, b: Value) -> core::cmp::Ordering {
    match (Integer::of(a), Integer::of(b)) {
        (Some(a), Some(b)) => a.get().cmp(&b.get()),
        _ => core::cmp::Ordering::Equal,
    }
}
