//! Floats to and from text, rounding, and the arithmetic that Python defines apart from IEEE 754.
//!
//! Nothing here reports to a meter: the work is bounded by the 767 significant digits that a float
//! can have, about a million instructions of a Cortex-M3 at worst and 10 000 for `repr(0.1)`; zeros
//! beyond those digits, and filling, cost a `write_char` each. The stack needs 2.5 KiB, with single precision 600 bytes.

use core::fmt;

use super::Write;

use super::decimal::{Decimal, Digits};
use super::intfmt::{NO_GROUPS, Number, write_number};
use super::parse;
use super::real::Real;
use super::spec::FormatSpec;

/// Reads a float: `[white space][sign]` and digits with point and exponent, `inf`, `infinity` or
/// `nan` in any case `[white space]`.
///
/// The result is correctly rounded; what is too large is infinite. `None` if it is no float.
pub fn parse<F: Real>(text: &(impl AsRef<[u8]> + ?Sized)) -> Option<F> {
    parse::parse(text.as_ref().trim_ascii())
}

/// Writes `repr(value)`: the shortest text that is read back as the same number, with an exponent
/// if that is below -4 or above 15.
///
/// # Errors
/// Those of `w`.
pub fn write_repr<F: Real>(w: &mut dyn Write, value: F) -> fmt::Result {
    write_float(w, &FormatSpec::PLAIN, value)
}

/// Writes a float in the format mini-language. The specification has passed
/// [`FormatSpec::check_float`] or comes from the `%` operator, whose types are among these.
///
/// # Errors
/// Those of `w`.
pub fn write_float<F: Real>(w: &mut dyn Write, spec: &FormatSpec, value: F) -> fmt::Result {
    write_styled(w, spec, value, true)
}

/// As [`write_float`]; `.0` after a whole number in the types that write it only if `dot_zero`.
#[inline(never)]
pub(super) fn write_styled<F: Real>(
    w: &mut dyn Write,
    spec: &FormatSpec,
    value: F,
    dot_zero: bool,
) -> fmt::Result {
    // The type in lower case; `%` stays what it is.
    let kind = spec.kind.map_or(0, |kind| kind as u8 | 0x20);
    let upper = if spec.kind.is_some_and(|kind| kind.is_ascii_uppercase()) { 0x20 } else { 0 };
    let percent = kind == b'%';
    let magnitude = if percent { value.abs() * F::from_f64(100.0) } else { value.abs() };
    let mut number = Number { negative: value.is_sign_negative(), ..Number::default() };
    if !magnitude.is_finite() {
        // Zeros in front of the word are no digits.
        number.group = NO_GROUPS;
        number.negative &= !value.is_nan();
        let text = match (value.is_nan(), upper != 0) {
            (true, true) => b"NAN%",
            (true, false) => b"nan%",
            (false, true) => b"INF%",
            (false, false) => b"inf%",
        };
        number.suffix = &text[..3 + usize::from(percent)];
        return write_number(w, spec, &number, &|_| 0);
    }

    // More digits than that nobody waits for.
    let precision = spec.precision.unwrap_or(6).min(1 << 30) as isize;
    let dot_zero = isize::from(dot_zero && kind == 0);
    // The least exponent that is written.
    let (digits, limit) = match kind {
        b'f' | b'%' => (Digits::Fraction(precision), isize::MAX),
        b'e' => (Digits::Significant(precision + 1), isize::MIN),
        0 if spec.precision.is_none() => (Digits::Shortest, 16),
        _ => (Digits::Significant(precision.max(1)), precision.max(1) - dot_zero),
    };
    let decimal = Decimal::new(magnitude, digits);
    let mut point = decimal.point();
    let exponent = point - 1;
    let scientific = exponent >= limit || exponent < -4 && limit != isize::MAX;
    let mut tail = [b'%', 0, 0, 0, 0];
    let mut n_tail = usize::from(percent);
    if scientific {
        point = 1;
        let n = exponent.unsigned_abs();
        tail[0] = b'e' - upper;
        tail[1] = if exponent < 0 { b'-' } else { b'+' };
        n_tail = 2;
        // Two digits unless there are more.
        if F::MAX_EXPONENT > 400 && n >= 100 {
            tail[2] = b'0' + (n / 100) as u8;
            n_tail = 3;
        }
        tail[n_tail] = b'0' + (n / 10 % 10) as u8;
        tail[n_tail + 1] = b'0' + (n % 10) as u8;
        n_tail += 2;
    }
    let n_fraction = match kind {
        b'e' | b'f' | b'%' => precision,
        // No zeros at the end.
        _ => {
            let n = match digits {
                Digits::Significant(n) if spec.alternate => n,
                _ => decimal.significant().max(1),
            };
            (n - point).max(if scientific { 0 } else { dot_zero })
        }
    };
    number.suffix = &tail[..n_tail];
    if cfg!(feature = "extra") && spec.no_negative_zero && decimal.significant() == 0 {
        number.negative = false;
    }
    number.n_whole = point.max(1) as usize;
    number.n_fraction = n_fraction as usize;
    number.point = n_fraction != 0 || spec.alternate;
    number.group = 3;
    let n_leading = (1 - point).max(0);
    write_number(w, spec, &number, &|i| b'0' + decimal.digit(i as isize - n_leading))
}

/// `round(value, n_digits)`: the multiple of `10**-n_digits` that is nearest to the exact value,
/// ties to even, as a float. `None` if it is too large for one (an `OverflowError`).
pub fn round<F: Real>(value: F, n_digits: isize) -> Option<F> {
    let magnitude = value.abs();
    if !value.is_finite() || magnitude == F::ZERO {
        return Some(value);
    }
    let rounded = Decimal::new(magnitude, Digits::Fraction(n_digits)).value();
    Some(rounded.copysign(value)).filter(|rounded| !rounded.is_infinite())
}

/// `divmod(x, y)` for floats, `None` if `y` is zero (a `ZeroDivisionError`).
///
/// The remainder has the sign of `y` and is exact as far as its type allows; the quotient is the
/// whole number nearest to `(x - remainder) / y`, of two the lower.
pub fn div_mod<F: Real>(x: F, y: F) -> Option<(F, F)> {
    if y == F::ZERO {
        return None;
    }
    let mut remainder = x.fmod(y);
    let mut quotient = (x - remainder) / y;
    if remainder == F::ZERO {
        remainder = remainder.copysign(y);
    } else if (remainder < F::ZERO) != (y < F::ZERO) {
        remainder = remainder + y;
        quotient = quotient - F::ONE;
    }
    // The division above rounds; the quotient is a whole number all the same. Zero keeps the sign
    // of the true quotient.
    let floor = quotient.floor();
    let is_above = quotient - floor > floor + F::ONE - quotient;
    let quotient = if is_above { floor + F::ONE } else { floor };
    let quotient = if quotient == F::ZERO { F::ZERO.copysign(x / y) } else { quotient };
    Some((quotient, remainder))
}
