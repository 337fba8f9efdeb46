//! Floats of 31 significant bits: what the functions of single precision compute with.
//!
//! Seven bits more than an `f32` has let plain formulas come out right to the last place or the one before it, without
//! the double precision that no small board has in hardware. Exponents are wide, too: nothing overflows on the way to a
//! result. Multiplying takes one instruction of Cortex-M3; polynomials are tables that one loop evaluates.
//!
//! Invariant: the mantissa of a number that is not zero has 31 bits, and zero has an exponent below all others. There
//! is no NaN; infinity is a number with an exponent that no `f32` has.

use core::ops::{Add, Div, Mul, Neg, Sub};

use super::real::Real;

/// The number `mantissa * 2**exponent`.
#[derive(Clone, Copy)]
pub struct Wide {
    mantissa: i32,
    exponent: i32,
}

/// About the exponent of infinity; that of zero is its negative.
const FAR: i32 = 0x2000;

impl Wide {
    pub const ZERO: Wide = Wide { mantissa: 0, exponent: -FAR };
    pub const HALF: Wide = Wide::power_of_two(-1);
    pub const ONE: Wide = Wide::power_of_two(0);
    pub const TWO: Wide = Wide::power_of_two(1);

    /// `2**exponent`
    pub const fn power_of_two(exponent: i32) -> Wide {
        Wide { mantissa: 1 << 30, exponent: exponent - 30 }
    }

    /// The number `bits / 2**30 * 2**exponent`, `bits` having 31 of them.
    pub const fn constant(bits: i32, exponent: i32) -> Wide {
        Wide { mantissa: bits, exponent: exponent - 30 }
    }

    /// `mantissa * 2**exponent`, rounded to 31 bits.
    #[inline(never)]
    pub fn new(mantissa: i64, exponent: i32) -> Wide {
        if mantissa == 0 {
            return Wide::ZERO;
        }
        let spare = (mantissa ^ (mantissa >> 63)).leading_zeros() - 1;
        let rounded = (mantissa << spare).saturating_add(1 << 31);
        Wide { mantissa: (rounded >> 32) as i32, exponent: exponent + 32 - spare as i32 }
    }

    /// The same number; `x` is not NaN.
    #[inline(never)]
    pub fn of(x: f32) -> Wide {
        let (mantissa, exponent) = x.decompose();
        let magnitude = Wide::new(mantissa as i64, if x.is_finite() { exponent } else { FAR });
        if x.is_sign_negative() { -magnitude } else { magnitude }
    }

    /// The nearest float; infinity if it is too large.
    #[inline(never)]
    pub fn to_f32(self) -> f32 {
        // Two powers of two, neither of which leaves the range; one rounding for the mantissa, one for what is too
        // small to have a mantissa of full length.
        let exponent = self.exponent.clamp(-250, 250);
        let half = exponent >> 1;
        let power = |exponent: i32| f32::from_bits(((exponent + 127) as u32) << 23);
        self.mantissa as f32 * power(half) * power(exponent - half)
    }

    /// The product as a multiple of `2**-32`, at most 2000.
    #[inline(never)]
    pub fn fixed_product(self, rhs: Wide) -> i64 {
        let product = i64::from(self.mantissa) * i64::from(rhs.mantissa);
        let shift = -32 - self.exponent - rhs.exponent;
        // A product of 62 bits that is shifted by less is beyond 2**10.
        if shift < 19 { product.signum() << 43 } else { product >> shift.min(63) }
    }

    /// The value of the polynomial with these coefficients, the last of which is the constant one, in units of
    /// `2**-30`. The number is between -1 and 1.
    #[inline(never)]
    pub fn polynomial(self, coefficients: &[i32]) -> Wide {
        let z = self.mantissa >> (-31 - self.exponent).clamp(0, 31);
        let value = coefficients.iter().fold(0i32, |sum, &c| {
            let product = i64::from(sum) * i64::from(z);
            ((product + (1 << 30)) >> 31) as i32 + c
        });
        Wide::new(value.into(), -30)
    }

    /// `self * 2**by`
    pub fn scale(self, by: i32) -> Wide {
        Wide { exponent: self.exponent + by, ..self }
    }

    /// The `e` with `2**e <= abs(self) < 2**(e + 1)`.
    pub fn log(self) -> i32 {
        self.exponent + 30
    }

    /// The number divided by the power of two that leaves a magnitude from 1 to 2.
    pub fn significand(self) -> Wide {
        Wide { exponent: -30, ..self }
    }

    pub fn is_infinite(self) -> bool {
        self.exponent > FAR / 2
    }

    pub fn is_negative(self) -> bool {
        self.mantissa < 0
    }

    pub fn abs(self) -> Wide {
        if self.is_negative() { -self } else { self }
    }

    /// Whether the number is less.
    #[inline(never)]
    pub fn below(self, rhs: Wide) -> bool {
        (self - rhs).is_negative()
    }

    /// The square root of a number that is not negative, cut to 30 bits; the next bit tells whether it is exact.
    #[inline(never)]
    pub fn sqrt(self) -> Wide {
        let odd = self.exponent & 1;
        let square = (self.mantissa.unsigned_abs() as u64) << (28 + odd);
        let mut root = 0u32;
        for bit in (0..30).rev() {
            let next = root | 1 << bit;
            if u64::from(next) * u64::from(next) <= square {
                root = next;
            }
        }
        let inexact = u64::from(root) * u64::from(root) != square;
        Wide::new(i64::from(root << 1 | u32::from(inexact)), ((self.exponent - odd - 28) >> 1) - 1)
    }
}

impl Add for Wide {
    type Output = Wide;

    #[inline(never)]
    fn add(self, rhs: Wide) -> Wide {
        let (a, b) = if self.exponent >= rhs.exponent { (self, rhs) } else { (rhs, self) };
        let high = |w: Wide| i64::from(w.mantissa) << 31;
        let shift = (a.exponent - b.exponent).min(63);
        Wide::new(high(a) + (high(b) >> shift), a.exponent - 31)
    }
}

impl Sub for Wide {
    type Output = Wide;

    fn sub(self, rhs: Wide) -> Wide {
        self + -rhs
    }
}

impl Neg for Wide {
    type Output = Wide;

    #[inline(never)]
    fn neg(self) -> Wide {
        Wide::new(-i64::from(self.mantissa), self.exponent)
    }
}

impl Mul for Wide {
    type Output = Wide;

    #[inline(never)]
    fn mul(self, rhs: Wide) -> Wide {
        let product = i64::from(self.mantissa) * i64::from(rhs.mantissa);
        Wide::new(product, self.exponent + rhs.exponent)
    }
}

impl Div for Wide {
    type Output = Wide;

    /// The quotient; infinity for a divisor of zero, zero for a dividend of zero.
    #[inline(never)]
    fn div(self, rhs: Wide) -> Wide {
        let quotient = (i64::from(self.mantissa) << 31).checked_div(i64::from(rhs.mantissa));
        // The exponent of zero makes an infinity of any other number.
        Wide::new(quotient.unwrap_or(self.mantissa.into()), self.exponent - rhs.exponent - 31)
    }
}
