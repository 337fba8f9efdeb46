//! `complex`: two floats.
//!
//! Source: Python Library Reference, "Numeric Types".
#![forbid(unsafe_code)]

use super::OBJECT;
use super::float::{self, number_of};
use super::number::{self, Text};
use crate::num::complex::PowError;
use crate::num::{self, FormatSpec};
use crate::object::{
    Args, AttrOp, BinaryOp, CompareOp, Complex, Float, Param, Res, StrBuilder, Style, UnaryOp,
};
use crate::value::names::q;
use crate::value::{Kind, Scalar, Value};
use crate::{Raise, Vm, exc, py_type, rom_params};

type Number = num::Complex<Scalar>;

py_type! {
    /// Built-in `complex`.
    pub static COMPLEX: complex, base OBJECT;
    slots {
        new: complex_new, repr: complex_repr, bool: complex_bool, hash: complex_hash, unary: complex_unary,
        binary: complex_binary, compare: complex_compare, attr: complex_attr
    }
    entries { conjugate = F1(complex_conjugate); }
}

/// `complex(real=0, imag=0)`, `complex(text)`: the first argument plus the second times `1j`.
fn complex_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    const PARAMS: &[Param] = rom_params!([] false; real?, imag?);
    vm.call_bound(PARAMS, complex_from, args)
}

fn complex_from(vm: &mut Vm, args: &[Value]) -> Res {
    let &[re, im] = args else { return Ok(Value::NONE) };
    let mut z = num::Complex::new(0.0, 0.0);
    if !re.is_undef() {
        z = match number::text_of(vm, re)? {
            Some(text) if im.is_undef() => {
                let text = Text::of(text);
                vm.tick(text.bytes().len())?;
                let z = num::complex::parse(text.bytes());
                z.ok_or_else(|| float::syntax_error(vm))?
            }
            _ => part(vm, re)?,
        };
    }
    if !im.is_undef() {
        let by_j = part(vm, im)?;
        // Parts that are not there are not added: that would lose the sign of zero.
        if im.is_kind(Kind::Complex) {
            z.re -= by_j.im;
        }
        z.im = if re.is_kind(Kind::Complex) { z.im + by_j.re } else { by_j.re };
    }
    vm.new_complex(z.re, z.im)
}

/// A part of a number: no text.
fn part(vm: &mut Vm, v: Value) -> Result<Number, Raise> {
    if cfg!(feature = "extra") && number::text_of(vm, v)?.is_some() {
        return Err(vm.type_error(v, "can't convert % to float"));
    }
    to_complex(vm, v)
}

/// The complex number of any number: what functions of `cmath` do with their arguments. Asks objects for
/// `__complex__`, then as for a float; `TypeError` for what is no number.
pub fn to_complex(vm: &mut Vm, v: Value) -> Result<Number, Raise> {
    if let Some(z) = complex_of(vm, v) {
        return Ok(z);
    }
    if v.is_kind(Kind::Instance) {
        if let Some(z) = vm.call_dunder(v, q::__complex__.value())? {
            return match vm.cast::<Complex>(z) {
                Some(z) => Ok(num::Complex::new(z.re(vm), z.im(vm))),
                None => Err(vm.raise(exc::TYPE_ERROR, "__complex__ should return a complex")),
            };
        }
        let part = vm.native_part(v);
        return match complex_of(vm, part) {
            Some(z) => Ok(z),
            None => Ok(num::Complex::new(float::to_scalar(vm, v)?, 0.0)),
        };
    }
    Err(vm.type_error(v, "can't convert % to complex"))
}

/// The number of a `complex`, `float`, `int` or `bool` object.
pub fn complex_of(vm: &Vm, v: Value) -> Option<Number> {
    match Complex::from_value(v) {
        Some(z) => Some(num::Complex::new(z.re(vm), z.im(vm))),
        None => Some(num::Complex::new(number_of(vm, v)?, 0.0)),
    }
}

/// The number of a `complex` object.
fn known(vm: &Vm, v: Value) -> Number {
    let z = Complex::from_known(v);
    num::Complex::new(z.re(vm), z.im(vm))
}

fn complex_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let z = known(vm, v);
    vm.push_with(out, &mut |w| num::complex::write_repr(w, z))
}

fn complex_bool(vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    let z = known(vm, v);
    Ok(z.re != 0.0 || z.im != 0.0)
}

/// Equal to the hash of an equal real number.
fn complex_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    let z = known(vm, v);
    let (re, im) = (crate::ops::hash_float(z.re), crate::ops::hash_float(z.im));
    Ok(re.wrapping_add(im.wrapping_mul(1_000_003)))
}

fn complex_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let z = known(vm, v);
    if op != AttrOp::Load {
        Ok(Value::UNDEF)
    } else if name == q::real.value() {
        vm.new_float(z.re)
    } else if name == q::imag.value() {
        vm.new_float(z.im)
    } else {
        Ok(Value::UNDEF)
    }
}

/// `complex.conjugate()`: the number with its imaginary part negated.
fn complex_conjugate(vm: &mut Vm, v: Value) -> Res {
    let z = to_complex(vm, v)?;
    vm.new_complex(z.re, -z.im)
}

fn complex_unary(vm: &mut Vm, op: UnaryOp, v: Value) -> Res {
    let z = known(vm, v);
    match op {
        UnaryOp::Neg => vm.new_complex(-z.re, -z.im),
        UnaryOp::Pos => Ok(v),
        UnaryOp::Abs => vm.new_float(z.abs()),
        UnaryOp::Invert => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn complex_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    match (op, complex_of(vm, b)) {
        (CompareOp::Eq, Some(b)) => Ok(Value::bool(known(vm, a) == b)),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The usual arithmetic of complex numbers with one another, floats and small ints; `None`: ask [`complex_binary`].
pub fn fast_binary(vm: &mut Vm, op: BinaryOp, lhs: Value, rhs: Value) -> Option<Res> {
    let number = |v: Value| match v.kind() {
        Some(Kind::Complex) => Some(known(vm, v)),
        Some(Kind::Float) => Some(num::Complex::new(Float::from_known(v).number(vm), 0.0)),
        _ => Some(num::Complex::new(v.as_small_int()? as Scalar, 0.0)),
    };
    let z = common(op, number(lhs)?, number(rhs)?)?;
    Some(vm.new_complex(z.re, z.im))
}

/// The operators that have a result of any numbers.
fn common(op: BinaryOp, a: Number, b: Number) -> Option<Number> {
    Some(match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        _ => return None,
    })
}

fn complex_binary(vm: &mut Vm, op: BinaryOp, lhs: Value, rhs: Value, _inplace: bool) -> Res {
    let (Some(a), Some(b)) = (complex_of(vm, lhs), complex_of(vm, rhs)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let z = match op {
        BinaryOp::TrueDiv => match a.divide(b) {
            Some(z) => z,
            None => return Err(vm.raise(exc::ZERO_DIVISION_ERROR, "complex divide by zero")),
        },
        BinaryOp::Pow => return pow(vm, a, b),
        BinaryOp::FloorDiv => {
            return Err(vm.raise(exc::TYPE_ERROR, "can't truncate-divide a complex number"));
        }
        _ => match common(op, a, b) {
            Some(z) => z,
            None => return Ok(Value::NOT_IMPLEMENTED),
        },
    };
    vm.new_complex(z.re, z.im)
}

/// `a ** b`. `ZeroDivisionError`, `OverflowError`.
pub fn pow(vm: &mut Vm, a: Number, b: Number) -> Res {
    match a.pow(b) {
        Ok(z) => vm.new_complex(z.re, z.im),
        Err(PowError::Overflow) => Err(vm.raise(exc::OVERFLOW_ERROR, "math range error")),
        Err(_) => Err(vm.raise(exc::ZERO_DIVISION_ERROR, "0.0 to a complex power")),
    }
}

/// Appends a `complex` object in a format specification; `ValueError` for one that does not go with it.
pub fn format_spec(
    vm: &mut Vm,
    v: Value,
    spec: &FormatSpec,
    out: &mut StrBuilder,
) -> Result<(), Raise> {
    if let Err(error) = spec.check_complex() {
        return Err(super::str_format::refused(vm, error));
    }
    let z = to_complex(vm, v)?;
    vm.push_with(out, &mut |w| num::complex::write_complex(w, spec, z))
}
