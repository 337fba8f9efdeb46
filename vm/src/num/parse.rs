//! Decimal text to floats, correctly rounded.
//!
//! The digits become a big integer, which is multiplied or divided by a power of ten: division rounds once. Memory is
//! bounded for a text of any length, because beyond the digits of the middle between two floats it only matters whether
//! there are any.

use super::convert;
use super::kernel;
use super::meter::unmetered;
use super::real::Real;
use super::word::Native;

/// Reads a float without white space around it: see [`super::float::parse`].
pub(super) fn parse<F: Real>(text: &[u8]) -> Option<F> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let is = |word: &[u8]| text.eq_ignore_ascii_case(word);
    let value = if is(b"inf") || is(b"infinity") {
        F::INFINITY
    } else if is(b"nan") {
        F::NAN
    } else {
        read(text)?
    };
    Some(if negative { -value } else { value })
}

/// Reads `digits[.digits][e[sign]digits]`, with a digit on one side of the point at least. Underscores may stand between
/// digits.
fn read<F: Real>(text: &[u8]) -> Option<F> {
    let mut mantissa = text;
    // Digits so far, and those before the point.
    let (mut n_digits, mut n_whole) = (0isize, None);
    // The sign of the exponent, 0 before it begins, and its magnitude. One too large is saturated; no text is long enough
    // to make up for it.
    let (mut sign, mut exponent) = (0isize, 0isize);
    let mut last = 0u8;
    for (i, &c) in text.iter().enumerate() {
        match c {
            b'0'..=b'9' if sign != 0 => {
                exponent = exponent.saturating_mul(10).saturating_add((c - b'0').into());
            }
            b'0'..=b'9' => n_digits += 1,
            b'.' if sign == 0 && n_whole.is_none() => n_whole = Some(n_digits),
            b'_' if last.is_ascii_digit() && text.get(i + 1).is_some_and(u8::is_ascii_digit) => {}
            b'e' | b'E' if sign == 0 => (sign, mantissa) = (1, &text[..i]),
            b'+' | b'-' if last | 0x20 == b'e' => sign = isize::from(c == b'+') * 2 - 1,
            _ => return None,
        }
        last = c;
    }
    // After the letter and the sign of an exponent there are digits.
    if n_digits == 0 || sign != 0 && !last.is_ascii_digit() {
        return None;
    }
    let point = n_whole.unwrap_or(n_digits).saturating_add(sign * exponent);
    let digits = mantissa.iter().filter(|c| c.is_ascii_digit());
    Some(nearest(&mut digits.map(|c| c - b'0'), point))
}

/// A big integer in memory of the caller, which has room for it.
struct Big<'m> {
    limbs: &'m mut [u32],
    len: usize,
}

impl Big<'_> {
    /// `self = self * factor + addend`
    #[inline(never)]
    fn scale(&mut self, factor: u32, addend: u32) {
        let carry = kernel::scale(&mut self.limbs[..self.len], Native::from(factor), addend.into());
        if carry != 0 {
            self.limbs[self.len] = carry as u32;
            self.len += 1;
        }
    }
}

/// The float nearest to `0.DDD… * 10**point`, where DDD… are `digits`.
#[inline(never)]
pub(super) fn nearest<F: Real>(digits: &mut dyn Iterator<Item = u8>, mut point: isize) -> F {
    let mut memory = F::LIMBS;
    let memory = memory.as_mut();
    // Division takes thrice the divisor's limbs and 21.
    let len = (memory.len() - 21) / 5;
    let (a, memory) = memory.split_at_mut(len);
    let (b, scratch) = memory.split_at_mut(len);
    let (mut a, mut b) = (Big { limbs: a, len: 0 }, Big { limbs: b, len: 0 });
    let (mut n, mut more) = (0, 0);
    for digit in digits {
        if n == 0 && digit == 0 {
            point -= 1;
        } else if n < F::MOST_DIGITS {
            a.scale(10, digit.into());
            n += 1;
        } else if digit != 0 {
            more = 1;
        }
    }
    // Decimal exponents beyond this, either way, are infinite or zero.
    let extreme = F::MAX_EXPONENT as isize / 3 + 20;
    if n == 0 || point < -extreme {
        return F::ZERO;
    }
    if point > extreme {
        return F::INFINITY;
    }
    a.scale(10, more);
    b.scale(1, 1);
    // The twos of a power of ten join the exponent.
    let exponent = point - n as isize - 1;
    let scaled = if exponent < 0 { &mut b } else { &mut a };
    let mut left = exponent.unsigned_abs() as u32;
    while left != 0 {
        let n = left.min(13);
        scaled.scale(5u32.pow(n), 0);
        left -= n;
    }
    let (a, b) = (&a.limbs[..a.len], &b.limbs[..b.len]);
    unmetered(|meter| convert::quotient(a, b, exponent, scratch, meter)).unwrap_or(F::NAN)
}
