//! Floats to and from text, rounding, and the arithmetic that Python defines apart from IEEE 754.
//!
//! Nothing here reports to a meter: the work is bounded by the 767 significant digits that a float
//! can have, about 600 000 instructions of a Cortex-M3 at worst and 3000 for `repr(0.1)`; zeros
//! beyond those digits, and filling, cost a `write_char` each. The stack needs 1.7 KiB.

use core::fmt;

use super::Write;

use super::decimal::{Decimal, Digits, ShortText};
use super::intfmt::{Number, write_number};
use super::parse;
use super::real::Real;
use super::spec::FormatSpec;

/// Reads a float: `[white space][sign]` and digits with point and exponent, `inf`, `infinity` or
/// `nan` in any case `[white space]`. Underscores are the caller's to check and to remove.
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
    write_float(w, &FormatSpec::default(), value)
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
pub(super) fn write_styled<F: Real>(
    w: &mut dyn Write,
    spec: &FormatSpec,
    value: F,
    dot_zero: bool,
) -> fmt::Result {
    let percent = spec.kind == Some('%');
    if !value.is_finite() {
        return write_not_finite(w, spec, value);
    }
    let negative = value.is_sign_negative();
    let magnitude = if percent { value.abs() * F::from_f64(100.0) } else { value.abs() };
    if !magnitude.is_finite() {
        return write_not_finite(w, spec, magnitude.copysign(value));
    }

    let style = Style::of(spec, dot_zero);
    let decimal = Decimal::new(magnitude, style.digits());
    let exponent = decimal.point - 1;
    let significant = match style {
        Style::General { precision: n @ 1.., .. } if spec.alternate => n,
        _ => decimal.significant.max(1),
    };
    let (scientific, n_fraction) = match style {
        Style::Fixed { precision } => (false, precision),
        Style::Scientific { precision } => (true, precision),
        Style::General { limit, dot_zero, .. } => {
            let scientific = exponent < -4 || exponent >= limit;
            let point = if scientific { 1 } else { decimal.point };
            let n = significant.saturating_add_signed(-point);
            (scientific, if scientific { n } else { n.max(usize::from(dot_zero)) })
        }
    };
    let point = if scientific { 1 } else { decimal.point };
    let mut tail = ShortText::default();
    if scientific {
        // A mantissa of one digit, an exponent of at most four: it fits.
        let _ = tail.write_char(if matches!(spec.kind, Some('E' | 'G')) { 'E' } else { 'e' });
        let _ = tail.write_char(if exponent < 0 { '-' } else { '+' });
        let mut rest = exponent.unsigned_abs();
        for unit in [100, 10, 1] {
            if unit < 100 || rest >= unit {
                let _ = tail.write_char(char::from(b'0' + (rest / unit) as u8));
            }
            rest %= unit;
        }
    } else if percent {
        let _ = tail.write_char('%');
    }
    let number = Number {
        negative: negative && !(spec.no_negative_zero && decimal.significant == 0),
        prefix: "",
        n_whole: point.max(1).unsigned_abs(),
        point: n_fraction != 0 || spec.alternate,
        n_fraction,
        suffix: tail.as_str(),
        group: 3,
    };
    let n_leading = (1 - point).max(0).unsigned_abs();
    let n_trailing = (number.n_whole + n_fraction).saturating_sub(n_leading + decimal.len);
    write_number(w, spec, &number, &mut |sink| {
        (0..n_leading).try_for_each(|_| sink(b'0'))?;
        decimal.for_each(sink)?;
        (0..n_trailing).try_for_each(|_| sink(b'0'))
    })
}

fn write_not_finite<F: Real>(w: &mut dyn Write, spec: &FormatSpec, value: F) -> fmt::Result {
    let upper = matches!(spec.kind, Some('E' | 'F' | 'G'));
    let mut text = ShortText::default();
    let _ = text.write_str(match (value.is_nan(), upper) {
        (true, true) => "NAN",
        (true, false) => "nan",
        (false, true) => "INF",
        (false, false) => "inf",
    });
    if spec.kind == Some('%') {
        let _ = text.write_char('%');
    }
    let number = Number {
        negative: value < F::ZERO,
        suffix: text.as_str(),
        // Zeros in front of the word are no digits.
        group: usize::MAX,
        ..Number::default()
    };
    write_number(w, spec, &number, &mut |_| Ok(()))
}

/// How a presentation type writes digits.
#[derive(Clone, Copy)]
enum Style {
    Fixed {
        precision: usize,
    },
    Scientific {
        precision: usize,
    },
    /// Fixed for exponents in `-4..limit`, else scientific; no zeros at the end.
    General {
        /// Significant digits; 0 for as many as it takes.
        precision: usize,
        limit: isize,
        /// Whether the fixed form has at least one digit after the point.
        dot_zero: bool,
    },
}

impl Style {
    fn of(spec: &FormatSpec, dot_zero: bool) -> Self {
        let precision = spec.precision.unwrap_or(6);
        let signed = |n: usize| isize::try_from(n).unwrap_or(isize::MAX);
        match (spec.kind, spec.precision) {
            (Some('e' | 'E'), _) => Style::Scientific { precision },
            (Some('f' | 'F' | '%'), _) => Style::Fixed { precision },
            (None, None) => Style::General { precision: 0, limit: 16, dot_zero },
            (kind, _) => {
                let precision = precision.max(1);
                let dot_zero = dot_zero && kind.is_none();
                let limit = signed(precision) - isize::from(dot_zero);
                Style::General { precision, limit, dot_zero }
            }
        }
    }

    fn digits(self) -> Digits {
        match self {
            Style::Fixed { precision } => Digits::Fraction(precision),
            Style::Scientific { precision } => Digits::Significant(precision.saturating_add(1)),
            Style::General { precision: 0, .. } => Digits::Shortest,
            Style::General { precision, .. } => Digits::Significant(precision),
        }
    }
}

/// `round(value, n_digits)`: the multiple of `10**-n_digits` that is nearest to the exact value,
/// ties to even, as a float. `None` if it is too large for one (an `OverflowError`).
pub fn round<F: Real>(value: F, n_digits: isize) -> Option<F> {
    let magnitude = value.abs();
    if !value.is_finite() || magnitude == F::ZERO {
        return Some(value);
    }
    let shortest = Decimal::new(magnitude, Digits::Shortest);
    let wanted = shortest.point.saturating_add(n_digits);
    if wanted > F::ROUND_TRIP_DIGITS as isize {
        return Some(value);
    }
    let rounded = match wanted {
        1.. => Decimal::new(magnitude, Digits::Significant(wanted.unsigned_abs())).value(),
        0 => {
            // Less than one unit of the last place: it is one or none.
            let exact = Decimal::new(magnitude, Digits::Significant(usize::MAX));
            let up = exact.first() > b'5' || exact.first() == b'5' && exact.significant > 1;
            match up && exact.point == -n_digits {
                true => parse::nearest(b"1", 1 - n_digits),
                false => F::ZERO,
            }
        }
        _ => F::ZERO,
    };
    Some(rounded.copysign(value)).filter(|rounded| !rounded.is_infinite())
}

/// `divmod(x, y)` for floats, `None` if `y` is zero (a `ZeroDivisionError`).
///
/// The remainder has the sign of `y` and is exact as far as its type allows; the quotient is the
/// whole number nearest to `(x - remainder) / y`.
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
    let above = quotient - floor > F::from_f64(0.5);
    let quotient = if above { floor + F::ONE } else { floor };
    let quotient = if quotient == F::ZERO { F::ZERO.copysign(x / y) } else { quotient };
    Some((quotient, remainder))
}

/// Why a power has no float as its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowError {
    /// Zero to a negative power: a `ZeroDivisionError`.
    ZeroDivision,
    /// A negative number to a broken power, which is complex.
    Complex,
    /// Too large: an `OverflowError`.
    Overflow,
}

/// `base ** exponent`.
///
/// # Errors
/// Each variant of [`PowError`].
pub fn pow<F: Real>(base: F, exponent: F) -> Result<F, PowError> {
    let finite = base.is_finite() && exponent.is_finite();
    if base == F::ZERO && exponent < F::ZERO && finite {
        return Err(PowError::ZeroDivision);
    }
    if finite && base < F::ZERO && exponent.trunc() != exponent {
        return Err(PowError::Complex);
    }
    let power = base.pow(exponent);
    if finite && power.is_infinite() { Err(PowError::Overflow) } else { Ok(power) }
}
