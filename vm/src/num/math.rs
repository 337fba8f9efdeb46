//! The functions of Python's `math` that are more than a method of [`Real`].
//!
//! Source: Python Library Reference, "math". The rule for all of them and for those of [`Real`]: an
//! infinity or a NaN that no argument explains is an error; see [`is_explained`].

use super::convert;
use super::int::Int;
use super::real::Real;

/// Whether `value` may be that of a function of `x` and `y`: it is finite, or one of them is NaN, or
/// it is infinite and one of them is.
///
/// Otherwise the arguments are outside the domain, or the value is too large.
pub fn is_explained<F: Real>(value: F, x: F, y: F) -> bool {
    value.is_finite()
        || x.is_nan()
        || y.is_nan()
        || !value.is_nan() && (x.is_infinite() || y.is_infinite())
}

/// The inverse hyperbolic cosine, NaN below 1.
pub fn acosh<F: Real>(x: F) -> F {
    if x < F::ONE { F::NAN } else { x.acosh() }
}

/// A logarithm of an integer of any size, `log` being one of those of [`Real`].
pub fn log_int<F: Real>(a: Int<'_>, log: fn(F) -> F) -> F {
    let x: F = convert::to_float(a);
    if x.is_finite() {
        return log(x);
    }
    let (mantissa, exponent) = convert::frexp(a);
    log(mantissa) + log(F::from_f64(2.0)) * F::from_u64(exponent as u64)
}

/// `x * 2**exponent`, infinite if that is too large.
pub fn ldexp<F: Real>(x: F, exponent: i64) -> F {
    // Beyond this every number is zero or too large.
    let limit = i64::from(2 * (F::MAX_EXPONENT - F::MIN_EXPONENT));
    x.ldexp(exponent.clamp(-limit, limit) as i32)
}

/// The `m` and `e` with `x == m * 2**e` and `0.5 <= abs(m) < 1`; `(x, 0)` for zero, infinities and
/// NaN.
pub fn frexp<F: Real>(x: F) -> (F, i32) {
    if x == F::ZERO || !x.is_finite() { (x, 0) } else { x.frexp() }
}

/// The fraction and the integer part, both with the sign of `x`.
pub fn modf<F: Real>(x: F) -> (F, F) {
    let whole = x.trunc();
    let fraction = if x.is_infinite() { F::ZERO } else { x - whole };
    (fraction.copysign(x), whole)
}

/// Degrees to radians.
pub fn radians<F: Real>(x: F) -> F {
    x * (F::PI / F::from_f64(180.0))
}

/// Radians to degrees.
pub fn degrees<F: Real>(x: F) -> F {
    x * (F::from_f64(180.0) / F::PI)
}

/// Whether `a` and `b` differ by at most `absolute`, or by at most `relative` times the larger one;
/// neither tolerance is below zero.
pub fn isclose<F: Real>(a: F, b: F, relative: F, absolute: F) -> bool {
    if a == b {
        return true;
    }
    let difference = (a - b).abs();
    let larger = if a.abs() < b.abs() { b } else { a };
    (difference <= absolute || difference <= (relative * larger).abs()) && difference.is_finite()
}
