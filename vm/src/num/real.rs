//! The float types: what this library needs of `f64` and `f32`, as one trait.
//!
//! Boards choose the precision of Python's `float`; everything above is generic over [`Real`]. The
//! functions are those of the `libm` crate for `f64` and our own for `f32`; both compute the same on every target.

use core::ops::{Add, Div, Mul, Neg, Sub};

use super::single;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// Declares [`Real`] and implements it for both types. The second part lists the functions: name,
/// arguments, result and the name that `libm` has for it; in `single` it has its own.
macro_rules! real {
    (
        $($(#[$doc:meta])* fn $name:ident($($arg:ident: $type:ty),*) -> $result:ty = $f64:ident;)*
    ) => {
        /// A binary floating-point type of IEEE 754: `f32` or `f64`.
        pub trait Real:
            sealed::Sealed
            + Copy
            + PartialOrd
            + Neg<Output = Self>
            + Add<Output = Self>
            + Sub<Output = Self>
            + Mul<Output = Self>
            + Div<Output = Self>
        {
            /// 0.0
            const ZERO: Self;
            /// 1.0
            const ONE: Self;
            /// π
            const PI: Self;
            /// Infinity.
            const INFINITY: Self;
            /// Not a number.
            const NAN: Self;
            /// Bits of the significand, the hidden one included.
            const MANTISSA_BITS: u32;
            /// One more than the exponent of the largest number.
            const MAX_EXPONENT: i32;
            /// The exponent of the smallest number that is not zero.
            const MIN_EXPONENT: i32;
            /// The digits of the shortest text that every number survives.
            const ROUND_TRIP_DIGITS: usize;
            /// The most digits that survive in a number, if it has not lost bits.
            const TEXT_DIGITS: usize;
            /// More digits than the middle between any two numbers has.
            const MOST_DIGITS: usize;
            /// Memory for so many digits.
            type Digits: AsRef<[u8]> + AsMut<[u8]>;
            /// Zeros.
            const DIGITS: Self::Digits;
            /// Memory for the quotient of a number of so many digits by a power of five, with which it has the least
            /// exponent: for each of them a fifth, and 21 limbs.
            type Limbs: AsMut<[u32]>;
            /// Zeros.
            const LIMBS: Self::Limbs;

            /// The nearest number; infinity if there is none.
            fn from_f64(value: f64) -> Self;
            /// The nearest number.
            fn from_u64(value: u64) -> Self;
            /// The number nearest to the `f64` with these bits.
            fn from_f64_bits(bits: u64) -> Self;
            /// The same number.
            fn to_f64(self) -> f64;
            /// The integer part, as far as 32 bits hold it; 0 for NaN.
            fn to_i32(self) -> i32;
            /// Whether it is not a number.
            fn is_nan(self) -> bool;
            /// Whether it is one of the infinities.
            fn is_infinite(self) -> bool;
            /// Whether it is neither infinite nor NaN.
            fn is_finite(self) -> bool;
            /// Whether the sign bit is set, on zero and NaN too.
            fn is_sign_negative(self) -> bool;
            /// The absolute value.
            fn abs(self) -> Self;
            /// The magnitude of `self` with the sign of `sign`.
            fn copysign(self, sign: Self) -> Self;
            /// The integer `m` and exponent `e` with `abs(self) == m * 2**e`, `m` below
            /// `2**MANTISSA_BITS`. The number is finite.
            fn decompose(self) -> (u64, i32);

            /// The square root.
            fn sqrt(self) -> Self;
            $($(#[$doc])* fn $name($($arg: $type),*) -> $result;)*
        }

        real!(f64, 17, 776, 441, f64::from_bits, crate::value::fpu::sqrt; $(fn $name($($arg: $type),*) -> $result = libm::$f64;)*);
        real!(f32, 9, 116, 91, single::from_f64_bits, single::sqrt; $(fn $name($($arg: $type),*) -> $result = single::$name;)*);
    };
    (
        $real:ident, $round_trip:literal, $digits:literal, $limbs:literal, $from_f64_bits:path, $sqrt:path;
        $(fn $name:ident($($arg:ident: $type:ty),*) -> $result:ty = $function:path;)*
    ) => {
        impl Real for $real {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const PI: Self = core::$real::consts::PI;
            const INFINITY: Self = $real::INFINITY;
            const NAN: Self = $real::NAN;
            const MANTISSA_BITS: u32 = $real::MANTISSA_DIGITS;
            const MAX_EXPONENT: i32 = $real::MAX_EXP;
            const MIN_EXPONENT: i32 = $real::MIN_EXP - $real::MANTISSA_DIGITS as i32;
            const ROUND_TRIP_DIGITS: usize = $round_trip;
            const TEXT_DIGITS: usize = $real::DIGITS as usize;
            const MOST_DIGITS: usize = $digits;
            type Digits = [u8; $digits];
            const DIGITS: Self::Digits = [0; $digits];
            type Limbs = [u32; $limbs];
            const LIMBS: Self::Limbs = [0; $limbs];

            fn from_f64(value: f64) -> Self {
                value as $real
            }

            fn from_u64(value: u64) -> Self {
                value as $real
            }

            fn from_f64_bits(bits: u64) -> Self {
                $from_f64_bits(bits)
            }

            fn to_f64(self) -> f64 {
                self.into()
            }

            fn to_i32(self) -> i32 {
                self as i32
            }

            fn is_nan(self) -> bool {
                $real::is_nan(self)
            }

            fn is_infinite(self) -> bool {
                $real::is_infinite(self)
            }

            fn is_finite(self) -> bool {
                $real::is_finite(self)
            }

            fn is_sign_negative(self) -> bool {
                $real::is_sign_negative(self)
            }

            fn abs(self) -> Self {
                $real::abs(self)
            }

            fn copysign(self, sign: Self) -> Self {
                $real::copysign(self, sign)
            }

            fn decompose(self) -> (u64, i32) {
                const STORED: u32 = $real::MANTISSA_DIGITS - 1;
                let bits = self.abs().to_bits();
                let fraction = bits & ((1 << STORED) - 1);
                match (bits >> STORED) as i32 {
                    0 => (fraction as u64, Self::MIN_EXPONENT),
                    exponent => ((fraction | 1 << STORED) as u64, Self::MIN_EXPONENT + exponent - 1),
                }
            }

            fn sqrt(self) -> Self {
                $sqrt(self)
            }

            $(fn $name($($arg: $type),*) -> $result { $function($($arg),*) })*
        }
    };
}

real! {
    /// e to the power of `self`.
    fn exp(self: Self) -> Self = exp;
    /// `exp(self) - 1`, exact near zero.
    fn expm1(self: Self) -> Self = expm1;
    /// The natural logarithm.
    fn log(self: Self) -> Self = log;
    /// The logarithm to base 2.
    fn log2(self: Self) -> Self = log2;
    /// The logarithm to base 10.
    fn log10(self: Self) -> Self = log10;
    /// `log(1 + self)`, exact near zero.
    fn log1p(self: Self) -> Self = log1p;
    /// `self` to the power of `exponent`.
    fn pow(self: Self, exponent: Self) -> Self = pow;
    /// The sine of an angle in radians.
    fn sin(self: Self) -> Self = sin;
    /// The cosine of an angle in radians.
    fn cos(self: Self) -> Self = cos;
    /// The tangent of an angle in radians.
    fn tan(self: Self) -> Self = tan;
    /// The arc sine in radians.
    fn asin(self: Self) -> Self = asin;
    /// The arc cosine in radians.
    fn acos(self: Self) -> Self = acos;
    /// The arc tangent in radians.
    fn atan(self: Self) -> Self = atan;
    /// The angle of the point (`x`, `self`) in radians.
    fn atan2(self: Self, x: Self) -> Self = atan2;
    /// The hyperbolic sine.
    fn sinh(self: Self) -> Self = sinh;
    /// The hyperbolic cosine.
    fn cosh(self: Self) -> Self = cosh;
    /// The hyperbolic tangent.
    fn tanh(self: Self) -> Self = tanh;
    /// The inverse hyperbolic sine.
    fn asinh(self: Self) -> Self = asinh;
    /// The inverse hyperbolic cosine.
    fn acosh(self: Self) -> Self = acosh;
    /// The inverse hyperbolic tangent.
    fn atanh(self: Self) -> Self = atanh;
    /// The distance of (`self`, `y`) from the origin.
    fn hypot(self: Self, y: Self) -> Self = hypot;
    /// The error function.
    fn erf(self: Self) -> Self = erf;
    /// `1 - erf(self)`, exact for large numbers.
    fn erfc(self: Self) -> Self = erfc;
    /// The gamma function.
    fn gamma(self: Self) -> Self = tgamma;
    /// The natural logarithm of the absolute value of the gamma function.
    fn lgamma(self: Self) -> Self = lgamma;
    /// The greatest integer that is not greater.
    fn floor(self: Self) -> Self = floor;
    /// The least integer that is not less.
    fn ceil(self: Self) -> Self = ceil;
    /// The nearest integer, ties to even.
    fn round_even(self: Self) -> Self = rint;
    /// The integer part.
    fn trunc(self: Self) -> Self = trunc;
    /// The remainder with the sign of `self`.
    fn fmod(self: Self, divisor: Self) -> Self = fmod;
    /// `self * 2**exponent`.
    fn ldexp(self: Self, exponent: i32) -> Self = ldexp;
    /// The `m` in `0.5 <= abs(m) < 1` and `e` with `self == m * 2**e`.
    fn frexp(self: Self) -> (Self, i32) = frexp;
}
