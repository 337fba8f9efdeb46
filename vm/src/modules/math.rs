//! `math`: functions of real numbers.
//!
//! Source: Python Library Reference, "math"; the functions are those that MicroPython has. Like MicroPython and unlike
//! CPython, a value that is too large is a `ValueError`, and infinite from `ldexp`.
#![forbid(unsafe_code)]

use crate::num::Real;
use crate::num::math;
use crate::object::{BinaryOp, Res, RomFloat};
use crate::types::number::Integer;
use crate::types::{float, int};
use crate::value::names::q;
use crate::value::{RomValue, Scalar, Value};
use crate::{Raise, Vm, exc, py_module};

static PI: RomFloat = RomFloat::new(core::f64::consts::PI);
static TAU: RomFloat = RomFloat::new(core::f64::consts::TAU);
static E: RomFloat = RomFloat::new(core::f64::consts::E);
static INF: RomFloat = RomFloat::new(f64::INFINITY);
static NAN: RomFloat = RomFloat::new(f64::NAN);

/// `math.pi`, for `cmath`.
pub const PI_VALUE: RomValue = PI.rom();
/// `math.e`, for `cmath`.
pub const E_VALUE: RomValue = E.rom();

py_module! {
    /// `math`. Source: Python Library Reference, "math".
    pub static MATH: math, extensible false;
    entries {
        e: E_VALUE;
        pi: PI_VALUE;
        tau: TAU.rom();
        inf: INF.rom();
        nan: NAN.rom();
        sqrt = F1(sqrt);
        pow = F2(pow);
        exp = F1(exp);
        expm1 = F1(expm1);
        log = Var(1, 2, math_log);
        log2 = F1(math_log2);
        log10 = F1(math_log10);
        cos = F1(cos);
        sin = F1(sin);
        tan = F1(tan);
        acos = F1(acos);
        asin = F1(asin);
        atan = F1(atan);
        atan2 = F2(atan2);
        cosh = F1(cosh);
        sinh = F1(sinh);
        tanh = F1(tanh);
        acosh = F1(acosh);
        asinh = F1(asinh);
        atanh = F1(atanh);
        ceil = F1(math_ceil);
        floor = F1(math_floor);
        trunc = F1(math_trunc);
        copysign = F2(copysign);
        fabs = F1(fabs);
        fmod = F2(fmod);
        frexp = F1(math_frexp);
        ldexp = F2(math_ldexp);
        modf = F1(math_modf);
        isfinite = F1(math_isfinite);
        isinf = F1(math_isinf);
        isnan = F1(math_isnan);
        isclose = Kw(math_isclose; _, _, *, rel_tol?, abs_tol?);
        degrees = F1(degrees);
        radians = F1(radians);
        erf = F1(erf);
        erfc = F1(erfc);
        gamma = F1(gamma);
        lgamma = F1(lgamma);
        factorial = F1(math_factorial);
    }
}

type Function = fn(Scalar) -> Scalar;

/// The exception for a function without a value.
#[cold]
pub(super) fn error(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "math domain error")
}

/// The value of a function of `x` and `y`, unless nothing explains that it is not finite.
fn result(vm: &mut Vm, value: Scalar, x: Scalar, y: Scalar) -> Res {
    if math::is_explained(value, x, y) { vm.new_float(value) } else { Err(error(vm)) }
}

#[inline(never)]
fn apply(vm: &mut Vm, v: Value, f: Function) -> Res {
    let x = float::to_scalar(vm, v)?;
    result(vm, f(x), x, x)
}

#[inline(never)]
fn apply2(vm: &mut Vm, a: Value, b: Value, f: fn(Scalar, Scalar) -> Scalar) -> Res {
    let (x, y) = (float::to_scalar(vm, a)?, float::to_scalar(vm, b)?);
    result(vm, f(x, y), x, y)
}

/// Natives of numbers that are functions of [`Real`] or of `num::math`.
macro_rules! functions {
    ($($function:path: $apply:ident $name:ident($($arg:ident),*);)*) => {
        $(fn $name(vm: &mut Vm, $($arg: Value),*) -> Res {
            $apply(vm, $($arg,)* $function)
        })*
    };
}

functions! {
    Real::sqrt: apply sqrt(x);
    Real::exp: apply exp(x);
    Real::expm1: apply expm1(x);
    Real::log2: log_of math_log2(x);
    Real::log10: log_of math_log10(x);
    Real::cos: apply cos(x);
    Real::sin: apply sin(x);
    Real::tan: apply tan(x);
    Real::acos: apply acos(x);
    Real::asin: apply asin(x);
    Real::atan: apply atan(x);
    Real::atan2: apply2 atan2(y, x);
    Real::cosh: apply cosh(x);
    Real::sinh: apply sinh(x);
    Real::tanh: apply tanh(x);
    math::acosh: apply acosh(x);
    Real::asinh: apply asinh(x);
    Real::atanh: apply atanh(x);
    Real::erf: apply erf(x);
    Real::erfc: apply erfc(x);
    Real::gamma: apply gamma(x);
    Real::lgamma: apply lgamma(x);
    Real::pow: apply2 pow(x, y);
    Real::fmod: apply2 fmod(x, y);
    Real::copysign: apply2 copysign(x, sign);
    Real::abs: apply fabs(x);
    math::degrees: apply degrees(x);
    math::radians: apply radians(x);
}

/// A logarithm; with the feature `extra` also of integers that are no floats.
#[inline(never)]
fn log_of(vm: &mut Vm, v: Value, log: Function) -> Res {
    if cfg!(feature = "extra")
        && let Some(n) = Integer::of(vm.native_part(v))
    {
        let value = math::log_int(n.get(), log);
        return result(vm, value, 0.0, 0.0);
    }
    apply(vm, v, log)
}

/// `math.log(x[, base])`. `ZeroDivisionError` for base 1.
fn math_log(vm: &mut Vm, args: &[Value]) -> Res {
    let log = log_of(vm, args[0], Real::log)?;
    let Some(&base) = args.get(1) else { return Ok(log) };
    let base = log_of(vm, base, Real::log)?;
    vm.binary(BinaryOp::TrueDiv, log, base, false)
}

/// The `int` that `round` makes of a number; integers stay what they are.
fn whole(vm: &mut Vm, v: Value, name: Value, round: fn(Scalar) -> Scalar) -> Res {
    if cfg!(feature = "extra")
        && let Some(method) = vm.python_method(v, name)?
    {
        return vm.call(method, &[]);
    }
    let part = vm.native_part(v);
    if Integer::of(part).is_some() {
        return int::int_of(vm, part);
    }
    let f = float::to_scalar(vm, v)?;
    int::from_float(vm, round(f))
}

fn math_ceil(vm: &mut Vm, v: Value) -> Res {
    whole(vm, v, q::__ceil__.value(), <Scalar as Real>::ceil)
}

fn math_floor(vm: &mut Vm, v: Value) -> Res {
    whole(vm, v, q::__floor__.value(), <Scalar as Real>::floor)
}

fn math_trunc(vm: &mut Vm, v: Value) -> Res {
    whole(vm, v, q::__trunc__.value(), <Scalar as Real>::trunc)
}

/// `math.frexp(x)`: a tuple of mantissa and exponent.
fn math_frexp(vm: &mut Vm, v: Value) -> Res {
    let f = float::to_scalar(vm, v)?;
    let (mantissa, exponent) = math::frexp(f);
    let mantissa = vm.new_float(mantissa)?;
    vm.new_tuple(&[mantissa, Value::int(exponent)])
}

/// `math.ldexp(x, exponent)`: infinite where the value is too large.
fn math_ldexp(vm: &mut Vm, v: Value, exponent: Value) -> Res {
    let f = float::to_scalar(vm, v)?;
    let exponent = vm.int_to_i64(exponent)?;
    vm.new_float(math::ldexp(f, exponent))
}

/// `math.modf(x)`: a tuple of fraction and integer part.
fn math_modf(vm: &mut Vm, v: Value) -> Res {
    let f = float::to_scalar(vm, v)?;
    let (fraction, integer) = math::modf(f);
    let fraction = vm.new_float(fraction)?;
    let integer = vm.new_float(integer)?;
    vm.new_tuple(&[fraction, integer])
}

fn test(vm: &mut Vm, v: Value, f: fn(Scalar) -> bool) -> Res {
    Ok(Value::bool(f(float::to_scalar(vm, v)?)))
}

fn math_isfinite(vm: &mut Vm, v: Value) -> Res {
    test(vm, v, Scalar::is_finite)
}

fn math_isinf(vm: &mut Vm, v: Value) -> Res {
    test(vm, v, Scalar::is_infinite)
}

fn math_isnan(vm: &mut Vm, v: Value) -> Res {
    test(vm, v, Scalar::is_nan)
}

/// `math.isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)`: `ValueError` for a tolerance below zero.
fn math_isclose(vm: &mut Vm, args: &[Value]) -> Res {
    let mut numbers = [0.0, 0.0, 1e-9, 0.0];
    for (number, &v) in numbers.iter_mut().zip(args) {
        if !v.is_undef() {
            *number = float::to_scalar(vm, v)?;
        }
    }
    let [a, b, relative, absolute] = numbers;
    if relative < 0.0 || absolute < 0.0 {
        return Err(error(vm));
    }
    Ok(Value::bool(math::isclose(a, b, relative, absolute)))
}

/// `math.factorial(n)`: `ValueError` for a negative number, `TypeError` for anything but an integer.
fn math_factorial(vm: &mut Vm, v: Value) -> Res {
    let n = vm.index(v)?;
    if n < 0 {
        return Err(vm.raise(exc::VALUE_ERROR, "negative factorial"));
    }
    let mut product = Value::int(1);
    for factor in 1..=n as usize {
        product = int::arith(vm, BinaryOp::Mul, product, Value::from_len(factor))?;
        vm.tick(4)?;
    }
    Ok(product)
}
