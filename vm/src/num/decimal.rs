//! The decimal digits of a float, as many as a format asks for, correctly rounded.
//!
//! Digits are kept in a small buffer; a number that has more of them is expanded a second time
//! when they are written, so that memory stays bounded for any precision.

use core::cmp::Ordering;
use core::fmt;

use super::expansion::{Expansion, shortest};
use super::intfmt::DigitSink;
use super::parse;
use super::real::Real;

/// More than the shortest form of any number has, and than most precisions ask for.
const KEPT: usize = 24;

/// How many digits a number is to have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Digits {
    /// As few as tell it from every other number of its type.
    Shortest,
    /// This many, at least one.
    Significant(usize),
    /// This many after the point.
    Fraction(usize),
}

/// A finite number, not negative, rounded to decimal digits.
///
/// Its value is `0.DDD… * 10**point`, where DDD… are the digits that [`Decimal::for_each`] gives;
/// all that would follow are zeros.
pub(super) struct Decimal<F> {
    value: F,
    digits: Digits,
    /// The decimal exponent; 1 for zero.
    pub point: isize,
    /// The number of digits, at most as many as were asked for.
    pub len: usize,
    /// The number of digits without zeros at the end; 0 for zero.
    pub significant: usize,
    kept: [u8; KEPT],
}

impl<F: Real> Decimal<F> {
    /// Rounds `value`, which is finite and not negative, ties to even.
    pub fn new(value: F, digits: Digits) -> Self {
        let mut decimal =
            Decimal { value, digits, point: 1, len: 0, significant: 0, kept: [b'0'; KEPT] };
        let (mantissa, exponent) = value.decompose();
        if mantissa == 0 {
            return decimal;
        }
        if let Digits::Shortest = digits {
            let narrow = mantissa == 1 << (F::MANTISSA_BITS - 1) && exponent != F::MIN_EXPONENT;
            (decimal.len, decimal.point) = shortest(&mut decimal.kept, mantissa, exponent, narrow);
            decimal.significant = decimal.len;
            return decimal;
        }
        let (mut len, mut significant, mut kept) = (0, 0, [b'0'; KEPT]);
        // The sink writes to memory only and never fails.
        let point = round(value, digits, &mut |digit| {
            if let Some(kept) = kept.get_mut(len) {
                *kept = digit;
            }
            len += 1;
            if digit != b'0' {
                significant = len;
            }
            Ok(())
        });
        let point = if significant == 0 { 1 } else { point.unwrap_or(1) };
        Decimal { value, digits, point, len, significant, kept }
    }

    /// Gives every digit to `sink`, as ASCII.
    pub fn for_each(&self, sink: &mut DigitSink<'_>) -> fmt::Result {
        match self.kept.get(..self.len) {
            Some(kept) => kept.iter().try_for_each(|&digit| sink(digit)),
            None => round(self.value, self.digits, sink).map(drop),
        }
    }

    /// The float nearest to the digits, of which there are at most [`KEPT`].
    pub fn value(&self) -> F {
        parse::nearest(&self.kept[..self.len.min(KEPT)], self.point)
    }

    /// The first digit, as ASCII.
    pub fn first(&self) -> u8 {
        self.kept[0]
    }
}

/// Gives the digits of `value`, which is not zero, rounded as `digits` says, to `sink`; zeros at
/// the end may be left out. Returns the decimal point.
fn round<F: Real>(value: F, digits: Digits, sink: &mut DigitSink<'_>) -> Result<isize, fmt::Error> {
    let (mantissa, exponent) = value.decompose();
    let mut expansion = Expansion::new(mantissa, exponent);
    let mut point = expansion.point;
    let signed = |n: usize| isize::try_from(n).unwrap_or(isize::MAX);
    let mut wanted = match digits {
        Digits::Shortest => 0,
        Digits::Significant(n) => signed(n),
        Digits::Fraction(n) => point.saturating_add(signed(n)),
    };
    if wanted < 0 {
        return Ok(point);
    }
    // A digit that rounding may still raise is held back, with the nines after it.
    let (mut held, mut nines) = (None, 0usize);
    while wanted > 0 && !expansion.is_finished() {
        let digit = expansion.next();
        wanted -= 1;
        if digit == 9 {
            nines += 1;
            continue;
        }
        flush(held, nines, sink)?;
        (held, nines) = (Some(digit), 0);
    }
    let last_is_odd = nines != 0 || held.is_some_and(|digit| digit % 2 != 0);
    let up = match expansion.cmp_half() {
        Ordering::Less => false,
        Ordering::Equal => last_is_odd,
        Ordering::Greater => true,
    };
    if !up {
        flush(held, nines, sink)?;
        return Ok(point);
    }
    if held.is_none() {
        point += 1;
    }
    sink(b'0' + held.unwrap_or(0) + 1)?;
    Ok(point)
}

/// Gives out a digit that was held back, and `nines` nines.
fn flush(held: Option<u8>, nines: usize, sink: &mut DigitSink<'_>) -> fmt::Result {
    held.map_or(Ok(()), |digit| sink(b'0' + digit))?;
    (0..nines).try_for_each(|_| sink(b'9'))
}

/// A text of a few bytes: `e+308`, `%`.
#[derive(Default)]
pub(super) struct ShortText {
    text: [u8; 8],
    len: usize,
}

impl ShortText {
    pub fn as_str(&self) -> &str {
        // Only whole characters are written.
        str::from_utf8(&self.text[..self.len]).unwrap_or_default()
    }
}

impl super::Write for ShortText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.text.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
