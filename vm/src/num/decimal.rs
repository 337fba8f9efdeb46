//! The exact decimal digits of a float, and their rounding.
//!
//! A float is an integer times a power of two. Multiplying its digits by 2 or, where the power is negative, by 5 while the
//! point moves, makes all its decimal digits: 767 at most, of single precision 112. Rounding them is then what one learns
//! at school. It was chosen over faster methods for its size.

use super::parse;
use super::real::Real;

/// How many digits a number is to have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Digits {
    /// As few as tell it from every other number of its type.
    Shortest,
    /// This many, at least one.
    Significant(isize),
    /// This many after the point; if negative, so many zeros before it.
    Fraction(isize),
}

/// A finite number, not negative, as decimal digits.
pub(super) struct Decimal<F: Real> {
    /// The value of each digit, the least significant one first. What is above `len` is zero.
    digits: F::Digits,
    len: usize,
    /// The power of ten that the first digit counts.
    lowest: isize,
}

impl<F: Real> Decimal<F> {
    /// Rounds `value`, which is finite and not negative, ties to even.
    pub fn new(value: F, digits: Digits) -> Self {
        let mut decimal = Decimal::exact(value);
        let wanted = match digits {
            Digits::Shortest => return Decimal::shortest(value),
            Digits::Significant(n) => n,
            Digits::Fraction(n) => decimal.point().saturating_add(n),
        };
        decimal.round(wanted, false);
        decimal
    }

    /// The number with all its digits.
    #[inline(never)]
    fn exact(value: F) -> Self {
        let (mantissa, exponent) = value.decompose();
        let mut decimal = Decimal { digits: F::DIGITS, len: 0, lowest: 0 };
        let zeros = mantissa.trailing_zeros() % u64::BITS;
        let mantissa = mantissa >> zeros;
        for i in (0..4).rev() {
            decimal.scale(0, 1 << 16, (mantissa >> (16 * i)) as u32 & 0xffff);
        }
        let exponent = exponent + zeros as i32;
        let factor = if exponent < 0 { 5u32 } else { 2 };
        let mut left = exponent.unsigned_abs();
        while left != 0 {
            // A power that times ten fits 32 bits.
            let n = left.min(11);
            decimal.scale(0, factor.pow(n), 0);
            left -= n;
        }
        decimal.lowest = exponent.min(0) as isize;
        decimal
    }

    /// The fewest digits that are nearer to the number than to any other float, and nearest to it among those; a tie
    /// goes to the even digit.
    fn shortest(value: F) -> Self {
        // As many digits as every text survives tell whether fewer will do: if so, then zeros follow these. That is not
        // true of numbers that have lost bits.
        let (mantissa, _) = value.decompose();
        let full = mantissa >> (F::MANTISSA_BITS - 1) != 0;
        let mut n = if full { F::TEXT_DIGITS } else { 1 };
        let mut up = false;
        loop {
            let mut decimal = Decimal::exact(value);
            decimal.round(n as isize, up);
            if n >= F::ROUND_TRIP_DIGITS || decimal.value() == value {
                return decimal;
            }
            // A power of two is farther from the float above than from that below: then the digits above may do
            // where the nearest ones do not.
            n += usize::from(up);
            up = !up;
        }
    }

    /// `self = self * factor + carry`, from the digit with this index.
    #[inline(never)]
    fn scale(&mut self, from: usize, factor: u32, mut carry: u32) {
        for (i, digit) in self.digits.as_mut().iter_mut().enumerate().skip(from) {
            if i >= self.len {
                if carry == 0 {
                    break;
                }
                self.len = i + 1;
            }
            carry += u32::from(*digit) * factor;
            *digit = (carry % 10) as u8;
            carry /= 10;
        }
    }

    /// Keeps this many digits, to nearest, ties to even, or with `up` to the next number above.
    #[inline(never)]
    fn round(&mut self, wanted: isize, up: bool) {
        let dropped = (self.len as isize).saturating_sub(wanted);
        if dropped <= 0 {
            return;
        }
        let dropped = dropped as usize;
        let digits = self.digits.as_mut();
        if dropped > self.len {
            self.len = 0;
            return;
        }
        let odd = digits[dropped] & 1;
        let half = digits[dropped - 1];
        let more = odd != 0 || digits[..dropped - 1].iter().any(|&digit| digit != 0);
        digits[..dropped].fill(0);
        if up || half + u8::from(more) > 5 {
            self.len = self.len.max(dropped);
            self.scale(dropped, 1, 1);
        }
    }

    /// The number is `0.DDD… * 10**point`, DDD… being its digits.
    pub fn point(&self) -> isize {
        if self.significant() == 0 { 1 } else { self.len as isize + self.lowest }
    }

    /// The number of digits without zeros at the end; 0 for zero.
    #[inline(never)]
    pub fn significant(&self) -> isize {
        let digits = &self.digits.as_ref()[..self.len];
        digits.iter().position(|&digit| digit != 0).map_or(0, |zeros| (self.len - zeros) as isize)
    }

    /// Digit `i`, from the most significant one; zero before the first and beyond the last.
    pub fn digit(&self, i: isize) -> u8 {
        let i = self.len as isize - 1 - i;
        self.digits.as_ref().get(i as usize).copied().unwrap_or(0)
    }

    /// The nearest float.
    pub fn value(&self) -> F {
        let digits = &self.digits.as_ref()[..self.len];
        parse::nearest(&mut digits.iter().rev().copied(), self.point())
    }
}
