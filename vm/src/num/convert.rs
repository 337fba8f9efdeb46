//! Integers to and from floats, comparison and division across the two, and Python's hash of
//! numbers.

use core::cmp::Ordering;

use super::divide;
use super::int::{Int, Shape};
use super::limbs::{self, LIMB_BITS};
use super::meter::Meter;
use super::real::Real;

/// The float is no integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotInteger {
    /// An `OverflowError`.
    Infinite,
    /// A `ValueError`.
    Nan,
}

impl NotInteger {
    /// What Python says.
    pub fn text(self) -> &'static str {
        match self {
            NotInteger::Infinite => "can't convert inf to int",
            NotInteger::Nan => "can't convert NaN to int",
        }
    }
}

/// The 64 leading bits of a magnitude, with the last one set if anything below them is, and the
/// exponent: the magnitude is about `bits * 2**exponent`. Less than 64 bits come as they are.
fn leading_bits(magnitude: &[u32]) -> (u64, usize) {
    let low = |limbs: &[u32]| limbs.iter().rev().fold(0, |bits, &l| bits << 32 | u64::from(l));
    if magnitude.len() <= 2 {
        return (low(magnitude), 0);
    }
    let exponent = limbs::bit_length(magnitude) - 64;
    let (skip, shift) = (exponent / LIMB_BITS, exponent % LIMB_BITS);
    let lower = low(&magnitude[skip..skip + 2]);
    // With no shift there is no third limb.
    let upper = magnitude.get(skip + 2).map_or(0, |&limb| u64::from(limb));
    let bits = lower >> shift | upper << 1 << (63 - shift);
    let inexact = limbs::trailing_zeros(magnitude) < exponent;
    (bits | u64::from(inexact), exponent)
}

/// The nearest float, ties to even; infinite if it is too large for one.
pub fn to_float<F: Real>(a: Int<'_>) -> F {
    let (bits, exponent) = leading_bits(a.magnitude());
    let exponent = i32::try_from(exponent).unwrap_or(i32::MAX).min(F::MAX_EXPONENT);
    let value = F::from_u64(bits).ldexp(exponent);
    if a.is_negative() { -value } else { value }
}

/// How many of the bits of `bits * 2**exponent`, which has 64, a float does not keep; at least one.
pub(super) fn lost_bits<F: Real>(exponent: i32) -> i32 {
    // A small number keeps fewer bits than its type has: those below `2**MIN_EXPONENT` go.
    (F::MIN_EXPONENT - exponent).max(64 - F::MANTISSA_BITS as i32)
}

/// `bits * 2**exponent` rounded once, ties to even, for `bits` with the highest bit set, whose lowest
/// bit may stand for more below it; infinite if it is too large.
pub(super) fn from_scaled<F: Real>(bits: u64, exponent: i32) -> F {
    let lost = lost_bits::<F>(exponent);
    if lost > 64 {
        return F::ZERO;
    }
    let (kept, rest) = (bits >> (lost - 1) >> 1, bits << (64 - lost));
    let up = rest > 1 << 63 || rest == 1 << 63 && kept & 1 != 0;
    F::from_u64(kept + u64::from(up)).ldexp(exponent + lost)
}

/// The `m` in `0.5 <= abs(m) <= 1`, rounded, and the `e` with `a == m * 2**e` about; (0, 0) for
/// zero. Logarithms of integers that are no floats are made of it.
pub fn frexp<F: Real>(a: Int<'_>) -> (F, usize) {
    let (bits, exponent) = leading_bits(a.magnitude());
    let length = 64 - bits.leading_zeros();
    let value = F::from_u64(bits).ldexp(-(length as i32));
    (if a.is_negative() { -value } else { value }, exponent + length as usize)
}

/// Limbs of the largest finite float.
pub const MAX_FLOAT_LIMBS: usize = 32;

/// Limbs that [`from_float`] needs for `value`, at most
/// [`MAX_FLOAT_LIMBS`].
pub fn from_float_len<F: Real>(value: F) -> usize {
    if !value.is_finite() {
        return 0;
    }
    let (_, exponent) = value.decompose();
    let bits = exponent.max(0).unsigned_abs() + F::MANTISSA_BITS;
    (bits as usize).div_ceil(LIMB_BITS)
}

/// The integer part of `value`; `out` has [`from_float_len`] limbs.
///
/// # Errors
/// - [`NotInteger::Infinite`], [`NotInteger::Nan`]: `value` is that.
pub fn from_float<F: Real>(out: &mut [u32], value: F) -> Result<Shape, NotInteger> {
    if value.is_nan() {
        return Err(NotInteger::Nan);
    }
    if value.is_infinite() {
        return Err(NotInteger::Infinite);
    }
    let out = &mut out[..from_float_len(value)];
    out.fill(0);
    let (mantissa, exponent) = value.decompose();
    if exponent < 0 {
        let whole = mantissa.checked_shr(exponent.unsigned_abs()).unwrap_or(0);
        for (i, limb) in out.iter_mut().enumerate() {
            *limb = (whole >> (LIMB_BITS * i)) as u32;
        }
    } else {
        let exponent = exponent.unsigned_abs() as usize;
        let mut rest = mantissa;
        let mut shift = exponent % LIMB_BITS;
        for limb in &mut out[exponent / LIMB_BITS..] {
            *limb = (rest << shift) as u32;
            rest >>= LIMB_BITS - shift;
            shift = 0;
        }
    }
    Ok(Shape::new(value.is_sign_negative(), limbs::trimmed_len(out)))
}

/// Compares an integer with a float exactly; `None` for NaN.
pub fn compare<F: Real>(a: Int<'_>, value: F) -> Option<Ordering> {
    if !value.is_finite() {
        return F::ZERO.partial_cmp(&value);
    }
    let mut memory = [0; MAX_FLOAT_LIMBS];
    let whole = from_float(&mut memory, value).ok()?.of(&memory);
    let fraction = value - value.trunc();
    Some(a.cmp(&whole).then(F::ZERO.partial_cmp(&fraction)?))
}

/// Limbs of scratch memory that [`true_divide`] needs.
pub const fn true_divide_scratch_len(divisor: usize) -> usize {
    // A dividend of 66 bits more than the divisor, the remainder's memory, the quotient.
    2 * (divisor + 4) + divide::quotient_len(divisor + 3, divisor)
}

/// `a / b`, correctly rounded, for `b != 0`; infinite if it is too large for a float.
///
/// `scratch` has [`true_divide_scratch_len`] limbs. O(`b.len()`).
///
/// # Errors
/// Those of the meter.
pub fn true_divide<F: Real, E>(
    a: Int<'_>,
    b: Int<'_>,
    scratch: &mut [u32],
    meter: &mut Meter<'_, E>,
) -> Result<F, E> {
    let negative = a.is_negative() != b.is_negative();
    let (a, b) = (a.magnitude(), b.magnitude());
    if a.is_empty() {
        return Ok(if negative { -F::ZERO } else { F::ZERO });
    }
    let (dividend, scratch) = scratch.split_at_mut(b.len() + 4);
    let (remainder, quotient) = scratch.split_at_mut(b.len() + 4);

    // Shifts the dividend so that the quotient has 65 or 66 bits, which leaves two to round with.
    let wanted = limbs::bit_length(b) + 65;
    let have = limbs::bit_length(a);
    let (len, inexact) = if have <= wanted {
        (limbs::shl(dividend, a, wanted - have, meter)?, false)
    } else {
        let skip = (have - wanted) / LIMB_BITS;
        let shift = (have - wanted) % LIMB_BITS;
        let len = limbs::shr(dividend, &a[skip..], shift, meter)?;
        (len, limbs::trailing_zeros(a) < have - wanted)
    };
    let (q_len, r_len) = divide::div_rem(quotient, remainder, &dividend[..len], b, meter)?;
    let (bits, exponent) = leading_bits(&quotient[..q_len]);
    let bits = bits | u64::from(inexact || r_len != 0);

    // The quotient of the true numbers is `bits * 2**exponent`.
    let exponent = exponent as i64 + have as i64 - wanted as i64;
    let value: F = from_scaled(bits, exponent.clamp(-5000, 5000) as i32);
    Ok(if negative { -value } else { value })
}

/// The bits of the modulus of Python's numeric hashes, the Mersenne prime `2**HASH_BITS - 1`.
#[cfg(target_pointer_width = "64")]
const HASH_BITS: u32 = 61;
/// The bits of the modulus of Python's numeric hashes, the Mersenne prime `2**HASH_BITS - 1`.
#[cfg(not(target_pointer_width = "64"))]
const HASH_BITS: u32 = 31;

const HASH_MODULUS: u64 = (1 << HASH_BITS) - 1;

/// `value << shift` modulo the prime; `value` is at most the prime, `shift` at most its bits.
fn hash_shift(value: u64, shift: u32) -> u64 {
    let wide = u128::from(value) << shift;
    let sum = (wide as u64 & HASH_MODULUS) + (wide >> HASH_BITS) as u64;
    if sum >= HASH_MODULUS { sum - HASH_MODULUS } else { sum }
}

fn hash_sign(negative: bool, hash: u64) -> isize {
    match if negative { -(hash as isize) } else { hash as isize } {
        // -1 means an error to CPython, so no hash has this value.
        -1 => -2,
        hash => hash,
    }
}

/// The hash of an integer, equal to that of an equal float. Source: Python Library Reference,
/// "Hashing of numeric types".
pub fn hash(a: Int<'_>) -> isize {
    let hash = a.magnitude().iter().rev().fold(0, |hash, &limb| {
        let (high, low) = (limb >> 16, limb & 0xffff);
        [high, low].iter().fold(hash, |hash, &half| {
            let sum = hash_shift(hash, 16) + u64::from(half);
            if sum >= HASH_MODULUS { sum - HASH_MODULUS } else { sum }
        })
    });
    hash_sign(a.is_negative(), hash)
}

/// The hash of a float, equal to that of an equal integer; 0 for NaN.
pub fn hash_float<F: Real>(value: F) -> isize {
    let negative = value < F::ZERO;
    if value.is_nan() {
        return 0;
    }
    if value.is_infinite() {
        return hash_sign(negative, 314_159);
    }
    let (mantissa, exponent) = value.decompose();
    let low = (mantissa & HASH_MODULUS) + (mantissa >> HASH_BITS);
    let low = if low >= HASH_MODULUS { low - HASH_MODULUS } else { low };
    let shift = exponent.rem_euclid(HASH_BITS as i32).unsigned_abs();
    hash_sign(negative, hash_shift(low, shift))
}
