//! `float`: IEEE 754 binary64, with the feature `float-single` binary32, in an object of its own.
//!
//! Source: Python Library Reference, "Numeric Types" and "Additional Methods on Float". Like MicroPython and unlike
//! CPython, a result that is too large is infinite: no arithmetic of floats raises `OverflowError`.
#![forbid(unsafe_code)]

use core::cmp::Ordering;

use super::common::positional;
use super::number::{self, Integer, Text, small};
use super::{OBJECT, int};
use crate::num::{self, FormatSpec, Real, convert};
use crate::object::{Args, AttrOp, BinaryOp, CompareOp, Float, Res, StrBuilder, Style, UnaryOp};
use crate::value::names::q;
use crate::value::{Kind, Scalar, Value};
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// Built-in `float`.
    pub static FLOAT: float, base OBJECT;
    slots {
        new: float_new, repr: float_repr, bool: float_bool, hash: float_hash, unary: float_unary,
        binary: float_binary, compare: float_compare, attr: float_attr
    }
    entries {
        #[cfg(feature = "extra")]
        is_integer = F1(float_is_integer);
        #[cfg(feature = "extra")]
        as_integer_ratio = F1(float_as_integer_ratio);
        #[cfg(feature = "extra")]
        conjugate = F1(float_conjugate);
    }
}

/// `float([x])`: of a number, of text, of an object with `__float__` or `__index__`.
fn float_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    match *positional(vm, args, 0, 1)? {
        [] => vm.new_float(0.0),
        [v, ..] if v.is_kind(Kind::Float) => Ok(v),
        [v, ..] => {
            let f = match number::text_of(vm, v)? {
                Some(text) => {
                    let text = Text::of(text);
                    vm.tick(text.bytes().len())?;
                    let f = num::float::parse(text.bytes());
                    f.ok_or_else(|| syntax_error(vm))?
                }
                None => to_scalar(vm, v)?,
            };
            vm.new_float(f)
        }
    }
}

#[cold]
pub(super) fn syntax_error(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "invalid syntax for number")
}

/// The float of any number: what functions of `math` do with their arguments. Asks objects for `__float__`, then
/// `__index__`; `TypeError` for what is no number.
pub fn to_scalar(vm: &mut Vm, v: Value) -> Result<Scalar, Raise> {
    if let Some(f) = number_of(vm, v) {
        return Ok(f);
    }
    if v.is_kind(Kind::Instance) {
        if Kind::Float.is_built()
            && let Some(f) = vm.call_dunder(v, q::__float__.value())?
        {
            return match vm.cast::<Float>(f) {
                Some(f) => Ok(f.number(vm)),
                None => Err(vm.raise(exc::TYPE_ERROR, "__float__ should return a float")),
            };
        }
        if cfg!(feature = "extra") && vm.python_method(v, q::__index__.value())?.is_some() {
            let n = vm.integer_arg(v)?;
            return Ok(number_of(vm, n).unwrap_or(0.0));
        }
        let part = vm.native_part(v);
        if let Some(f) = number_of(vm, part) {
            return Ok(f);
        }
    }
    Err(vm.type_error(v, "can't convert % to float"))
}

/// As [`to_scalar`], in double precision whatever that of `float` is: for times and the like.
pub fn to_f64(vm: &mut Vm, v: Value) -> Result<f64, Raise> {
    Ok(to_scalar(vm, v)?.to_f64())
}

/// The float of an `int`, `bool` or `float` object, infinite for a huge one; `None` for others.
#[inline]
pub fn number_of(vm: &Vm, v: Value) -> Option<Scalar> {
    if let Some(f) = Float::from_value(v) {
        return Some(f.number(vm));
    }
    match small(v) {
        Some(n) => Some(n as Scalar),
        None if v.is_kind(Kind::Int) => int::to_float(vm, v),
        None => None,
    }
}

fn float_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let f = Float::from_known(v).number(vm);
    vm.push_with(out, &mut |w| num::float::write_repr(w, f))
}

fn float_bool(vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    Ok(Float::from_known(v).number(vm) != 0.0)
}

fn float_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(vm.cheap_hash(v))
}

fn float_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    if op != AttrOp::Load {
        Ok(Value::UNDEF)
    } else if name == q::real.value() {
        Ok(v)
    } else if name == q::imag.value() {
        vm.new_float(0.0)
    } else {
        Ok(Value::UNDEF)
    }
}

/// `float.conjugate()`: the number itself.
fn float_conjugate(_vm: &mut Vm, v: Value) -> Res {
    Ok(v)
}

/// `float.is_integer()`: true for a finite number without a fraction.
fn float_is_integer(vm: &mut Vm, v: Value) -> Res {
    let f = to_scalar(vm, v)?;
    Ok(Value::bool(f.is_finite() && Real::trunc(f) == f))
}

/// `float.as_integer_ratio()`: the two integers in lowest terms, the second above zero. `OverflowError` for infinities,
/// `ValueError` for NaN.
fn float_as_integer_ratio(vm: &mut Vm, v: Value) -> Res {
    let f = to_scalar(vm, v)?;
    if Real::trunc(f) == f || !f.is_finite() {
        let n = int::from_float(vm, f)?;
        return vm.new_tuple(&[n, Value::int(1)]);
    }
    // Some fraction: the exponent is below zero even without trailing zeros.
    let (mantissa, exponent) = f.decompose();
    let zeros = mantissa.trailing_zeros();
    let mantissa = (mantissa >> zeros) as i64;
    let n = vm.int_from_i64(if f < 0.0 { -mantissa } else { mantissa })?;
    let shift = Value::int(-(exponent + zeros as i32));
    let d = int::int_binary(vm, BinaryOp::LShift, Value::int(1), shift, false)?;
    vm.new_tuple(&[n, d])
}

fn float_unary(vm: &mut Vm, op: UnaryOp, v: Value) -> Res {
    let f = Float::from_known(v).number(vm);
    match op {
        UnaryOp::Neg => vm.new_float(-f),
        UnaryOp::Pos => Ok(v),
        UnaryOp::Abs => vm.new_float(f.abs()),
        UnaryOp::Invert => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Order among floats; with integers it is exact.
fn float_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let x = Float::from_known(a).number(vm);
    let order = if let Some(y) = Float::from_value(b) {
        x.partial_cmp(&y.number(vm))
    } else if let Some(n) = Integer::of(b) {
        convert::compare(n.get(), x).map(Ordering::reverse)
    } else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(Value::bool(order.map_or(op == CompareOp::Ne, |order| op.holds(order))))
}

/// Order of floats and small ints of which one is a float; `None`: ask [`float_compare`].
#[inline]
pub fn fast_compare(vm: &Vm, op: CompareOp, lhs: Value, rhs: Value) -> Option<bool> {
    if !lhs.is_kind(Kind::Float) && !rhs.is_kind(Kind::Float) {
        return None;
    }
    let number = |v: Value| match Float::from_value(v) {
        Some(f) => Some(f.number(vm)),
        // Comparison is exact.
        None => v.as_small_int().filter(|&n| int::is_exact(n as i64)).map(|n| n as Scalar),
    };
    let (a, b) = (number(lhs)?, number(rhs)?);
    Some(match op {
        CompareOp::Lt => a < b,
        CompareOp::Le => a <= b,
        CompareOp::Gt => a > b,
        CompareOp::Ge => a >= b,
        CompareOp::Eq => a == b,
        CompareOp::Ne => a != b,
    })
}

/// Arithmetic of two numbers at least one of which is a float.
pub(super) fn float_binary(
    vm: &mut Vm,
    op: BinaryOp,
    lhs: Value,
    rhs: Value,
    _inplace: bool,
) -> Res {
    if !Kind::Float.is_built() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (Some(a), Some(b)) = (number_of(vm, lhs), number_of(vm, rhs)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let f = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::TrueDiv if b != 0.0 => a / b,
        BinaryOp::TrueDiv => return Err(number::zero_division(vm)),
        BinaryOp::FloorDiv => div_mod(vm, a, b)?.0,
        BinaryOp::Mod => div_mod(vm, a, b)?.1,
        BinaryOp::Pow => return pow(vm, a, b),
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    vm.new_float(f)
}

/// Quotient and remainder; `ZeroDivisionError`.
pub fn div_mod(vm: &mut Vm, a: Scalar, b: Scalar) -> Result<(Scalar, Scalar), Raise> {
    num::float::div_mod(a, b).ok_or_else(|| number::zero_division(vm))
}

/// `a ** b`: complex for a negative base and a broken exponent. `ZeroDivisionError` for a negative power of zero.
pub fn pow(vm: &mut Vm, a: Scalar, b: Scalar) -> Res {
    let finite = a.is_finite() && b.is_finite();
    if finite && a == 0.0 && b < 0.0 {
        return Err(number::zero_division(vm));
    }
    if finite && a < 0.0 && Real::trunc(b) != b {
        return super::complex::pow(vm, num::Complex::new(a, 0.0), num::Complex::new(b, 0.0));
    }
    vm.new_float(Real::pow(a, b))
}

/// `round(f)` and `round(f, n_digits)`: an `int` in the first case.
pub fn round(vm: &mut Vm, f: Scalar, n_digits: Option<isize>) -> Res {
    match n_digits {
        None => int::from_float(vm, f.round_even()),
        Some(n) => vm.new_float(num::float::round(f, n).unwrap_or(Scalar::INFINITY.copysign(f))),
    }
}

/// Appends a `float` object in a format specification as it was read; `ValueError` for one that does not go with it.
pub fn format_spec(
    vm: &mut Vm,
    v: Value,
    spec: &FormatSpec,
    out: &mut StrBuilder,
) -> Result<(), Raise> {
    if let Err(error) = spec.check_float() {
        return Err(super::str_format::refused(vm, error));
    }
    let f = to_scalar(vm, v)?;
    write_spec(vm, f, spec, out)
}

/// Appends a number in a specification that goes with a float, or comes from the `%` operator.
pub fn write_spec(
    vm: &mut Vm,
    f: Scalar,
    spec: &FormatSpec,
    out: &mut StrBuilder,
) -> Result<(), Raise> {
    vm.push_with(out, &mut |w| num::float::write_float(w, spec, f))
}
