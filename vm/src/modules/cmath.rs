//! `cmath`: functions of complex numbers.
//!
//! Source: Python Library Reference, "cmath"; the functions are those that MicroPython has.
#![forbid(unsafe_code)]

use super::math;
use crate::object::Res;
use crate::types::{complex, float};
use crate::value::{Scalar, Value};
use crate::{Vm, py_module};

py_module! {
    /// `cmath`. Source: Python Library Reference, "cmath".
    pub static CMATH: cmath, extensible false;
    entries {
        e: math::E_VALUE;
        pi: math::PI_VALUE;
        phase = F1(cmath_phase);
        polar = F1(cmath_polar);
        rect = F2(cmath_rect);
        exp = F1(cmath_exp);
        log = F1(cmath_log);
        log10 = F1(cmath_log10);
        sqrt = F1(cmath_sqrt);
        cos = F1(cmath_cos);
        sin = F1(cmath_sin);
    }
}

type Complex = crate::num::Complex<Scalar>;

fn apply(vm: &mut Vm, v: Value, f: fn(Complex) -> Complex) -> Res {
    let argument = complex::to_complex(vm, v)?;
    let z = f(argument);
    if argument.is_finite() && !z.is_finite() {
        return Err(math::error(vm));
    }
    vm.new_complex(z.re, z.im)
}

/// `cmath.phase(z)`: the angle in radians.
fn cmath_phase(vm: &mut Vm, v: Value) -> Res {
    let z = complex::to_complex(vm, v)?;
    vm.new_float(z.phase())
}

/// `cmath.polar(z)`: a tuple of distance and angle.
fn cmath_polar(vm: &mut Vm, v: Value) -> Res {
    let z = complex::to_complex(vm, v)?;
    let r = vm.new_float(z.abs())?;
    let phi = vm.new_float(z.phase())?;
    vm.new_tuple(&[r, phi])
}

/// `cmath.rect(r, phi)`: the number at this distance and angle.
fn cmath_rect(vm: &mut Vm, r: Value, phi: Value) -> Res {
    let (r, phi) = (float::to_scalar(vm, r)?, float::to_scalar(vm, phi)?);
    let z = Complex::rect(r, phi);
    vm.new_complex(z.re, z.im)
}

fn cmath_exp(vm: &mut Vm, v: Value) -> Res {
    apply(vm, v, Complex::exp)
}

fn cmath_log(vm: &mut Vm, v: Value) -> Res {
    apply(vm, v, Complex::log)
}

fn cmath_log10(vm: &mut Vm, v: Value) -> Res {
    apply(vm, v, Complex::log10)
}

fn cmath_sqrt(vm: &mut Vm, v: Value) -> Res {
    apply(vm, v, Complex::sqrt)
}

fn cmath_cos(vm: &mut Vm, v: Value) -> Res {
    apply(vm, v, Complex::cos)
}

fn cmath_sin(vm: &mut Vm, v: Value) -> Res {
    apply(vm, v, Complex::sin)
}
