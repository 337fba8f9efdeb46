//! The functions of Python's `math` that take and return floats, with Python's errors.
//!
//! Source: Python Library Reference, "math". The rule for all of them: a NaN that no argument
//! explains is a domain error; an infinity that no argument explains is a domain error at a pole
//! and a range error where the value is merely too large.

use core::fmt;

use super::convert;
use super::int::Int;
use super::real::Real;

/// Why a function has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MathError {
    /// The argument is outside the domain, or a pole: a `ValueError`.
    Domain,
    /// The value is too large for a float: an `OverflowError` (MicroPython raises `ValueError`).
    Range,
    /// A logarithm to base 1: a `ZeroDivisionError`.
    ZeroDivision,
}

impl fmt::Display for MathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MathError::Domain => "math domain error",
            MathError::Range => "math range error",
            MathError::ZeroDivision => "divide by zero",
        })
    }
}

/// The value of a function of `x`, or what `infinite` an unexplained infinity is.
fn check<F: Real>(x: F, value: F, infinite: MathError) -> Result<F, MathError> {
    if value.is_nan() && !x.is_nan() {
        Err(MathError::Domain)
    } else if value.is_infinite() && x.is_finite() {
        Err(infinite)
    } else {
        Ok(value)
    }
}

/// Makes a function of one argument out of a method of [`Real`]; its infinities are of the kind
/// that is named.
macro_rules! unary {
    ($($(#[$doc:meta])* $name:ident: $infinite:ident;)*) => {
        $(
            $(#[$doc])*
            ///
            /// # Errors
            /// As the module says.
            pub fn $name<F: Real>(x: F) -> Result<F, MathError> {
                check(x, x.$name(), MathError::$infinite)
            }
        )*
    };
}

unary! {
    /// The square root.
    sqrt: Domain;
    /// The cube root.
    cbrt: Domain;
    /// e to the power of `x`.
    exp: Range;
    /// 2 to the power of `x`.
    exp2: Range;
    /// `exp(x) - 1`, exact near zero.
    expm1: Range;
    /// The natural logarithm.
    log: Domain;
    /// The logarithm to base 2.
    log2: Domain;
    /// The logarithm to base 10.
    log10: Domain;
    /// `log(1 + x)`, exact near zero.
    log1p: Domain;
    /// The sine of an angle in radians.
    sin: Domain;
    /// The cosine of an angle in radians.
    cos: Domain;
    /// The tangent of an angle in radians.
    tan: Domain;
    /// The arc sine in radians.
    asin: Domain;
    /// The arc cosine in radians.
    acos: Domain;
    /// The arc tangent in radians.
    atan: Domain;
    /// The hyperbolic sine.
    sinh: Range;
    /// The hyperbolic cosine.
    cosh: Range;
    /// The hyperbolic tangent.
    tanh: Domain;
    /// The inverse hyperbolic sine.
    asinh: Domain;
    /// The inverse hyperbolic tangent.
    atanh: Domain;
    /// The error function.
    erf: Domain;
    /// `1 - erf(x)`, exact for large arguments.
    erfc: Domain;
}

/// The inverse hyperbolic cosine.
///
/// # Errors
/// - [`MathError::Domain`]: `x` is below 1.
pub fn acosh<F: Real>(x: F) -> Result<F, MathError> {
    if x < F::ONE { Err(MathError::Domain) } else { Ok(x.acosh()) }
}

/// The gamma function; its poles are zero and the negative integers.
///
/// # Errors
/// - [`MathError::Domain`]: a pole, or minus infinity.
/// - [`MathError::Range`]: the value is too large.
pub fn gamma<F: Real>(x: F) -> Result<F, MathError> {
    if is_pole(x) || x == -F::INFINITY {
        return Err(MathError::Domain);
    }
    check(x, x.gamma(), MathError::Range)
}

/// The natural logarithm of the absolute value of the gamma function.
///
/// # Errors
/// - [`MathError::Domain`]: a pole, as for [`gamma`].
/// - [`MathError::Range`]: the value is too large.
pub fn lgamma<F: Real>(x: F) -> Result<F, MathError> {
    if is_pole(x) {
        return Err(MathError::Domain);
    }
    if x.is_infinite() {
        return Ok(F::INFINITY);
    }
    check(x, x.lgamma(), MathError::Range)
}

fn is_pole<F: Real>(x: F) -> bool {
    x.is_finite() && x <= F::ZERO && x.floor() == x
}

/// The logarithm of `x` to `base`.
///
/// # Errors
/// - [`MathError::Domain`]: `x` or `base` is not above zero.
/// - [`MathError::ZeroDivision`]: `base` is 1.
pub fn log_base<F: Real>(x: F, base: F) -> Result<F, MathError> {
    let (x, base) = (log(x)?, log(base)?);
    if base == F::ZERO { Err(MathError::ZeroDivision) } else { Ok(x / base) }
}

/// A logarithm of an integer of any size, `log` being [`log`], [`log2`] or [`log10`].
///
/// # Errors
/// - [`MathError::Domain`]: `a` is not above zero.
pub fn log_int<F: Real>(a: Int<'_>, log: fn(F) -> Result<F, MathError>) -> Result<F, MathError> {
    if let Some(x) = convert::to_float(a) {
        return log(x);
    }
    let (mantissa, exponent) = convert::frexp(a);
    Ok(log(mantissa)? + log(F::from_f64(2.0))? * F::from_u64(exponent as u64))
}

/// `x` to the power of `y`, as `math.pow` has it.
///
/// # Errors
/// - [`MathError::Domain`]: zero to a finite negative power, a negative number to a broken power.
/// - [`MathError::Range`]: the value is too large.
pub fn pow<F: Real>(x: F, y: F) -> Result<F, MathError> {
    let value = x.pow(y);
    if !x.is_finite() || !y.is_finite() {
        return Ok(value);
    }
    check(x, value, if x == F::ZERO { MathError::Domain } else { MathError::Range })
}

/// The remainder of `x / y` with the sign of `x`.
///
/// # Errors
/// - [`MathError::Domain`]: `y` is zero or `x` infinite, and neither is NaN.
pub fn fmod<F: Real>(x: F, y: F) -> Result<F, MathError> {
    let value = x.fmod(y);
    if y.is_nan() { Ok(value) } else { check(x, value, MathError::Domain) }
}

/// The difference of `x` and the nearest multiple of `y`.
///
/// # Errors
/// - [`MathError::Domain`]: `y` is zero or `x` infinite, and neither is NaN.
pub fn remainder<F: Real>(x: F, y: F) -> Result<F, MathError> {
    if x.is_finite() && y.is_infinite() {
        return Ok(x);
    }
    let value = x.remainder(y);
    if y.is_nan() { Ok(value) } else { check(x, value, MathError::Domain) }
}

/// The distance of the point (`x`, `y`) from the origin.
///
/// # Errors
/// - [`MathError::Range`]: the value is too large.
pub fn hypot<F: Real>(x: F, y: F) -> Result<F, MathError> {
    let value = x.hypot(y);
    if y.is_finite() { check(x, value, MathError::Range) } else { Ok(value) }
}

/// `x * 2**exponent`.
///
/// # Errors
/// - [`MathError::Range`]: the value is too large.
pub fn ldexp<F: Real>(x: F, exponent: i64) -> Result<F, MathError> {
    // Beyond this every number is zero or too large.
    let limit = i64::from(2 * (F::MAX_EXPONENT - F::MIN_EXPONENT));
    let exponent = exponent.clamp(-limit, limit) as i32;
    check(x, x.ldexp(exponent), MathError::Range)
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

/// Whether `a` and `b` differ by at most `absolute`, or by at most `relative` times the larger one.
///
/// # Errors
/// - [`MathError::Domain`]: a tolerance is below zero.
pub fn isclose<F: Real>(a: F, b: F, relative: F, absolute: F) -> Result<bool, MathError> {
    if relative < F::ZERO || absolute < F::ZERO {
        return Err(MathError::Domain);
    }
    if a == b {
        return Ok(true);
    }
    let difference = (a - b).abs();
    let close = difference <= absolute
        || difference <= (relative * a).abs()
        || difference <= (relative * b).abs();
    Ok(close && a.is_finite() && b.is_finite())
}

/// The distance to the next float away from zero; the number itself if it is infinite or NaN.
pub fn ulp<F: Real>(x: F) -> F {
    let x = x.abs();
    if !x.is_finite() {
        return x;
    }
    let above = x.nextafter(F::INFINITY);
    // The largest float has a neighbour below only.
    if above.is_finite() { above - x } else { x - x.nextafter(F::ZERO) }
}
