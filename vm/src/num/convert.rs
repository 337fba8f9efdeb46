//! Integers to and from floats, comparison and division across the two.

use core::cmp::Ordering;

use super::divide;
use super::int::Int;
use super::limbs::{self, LIMB_BITS};
use super::meter::{Interrupted, Meter, unmetered};
use super::real::Real;

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

/// `bits * 2**exponent` rounded once, ties to even, for `bits` with the highest bit set, whose lowest
/// bit may stand for more below it; infinite if it is too large.
pub(super) fn from_scaled<F: Real>(bits: u64, exponent: i32) -> F {
    // A small number keeps fewer bits than its type has: those below `2**MIN_EXPONENT` go.
    let lost = (F::MIN_EXPONENT - exponent).max(64 - F::MANTISSA_BITS as i32);
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

/// Limbs of the largest finite float, with room to shift.
pub const MAX_FLOAT_LIMBS: usize = 34;

/// Writes the magnitude of the integer part of a finite number to `out`; the trimmed length.
#[inline(never)]
pub fn from_float<F: Real>(out: &mut [u32; MAX_FLOAT_LIMBS], value: F) -> usize {
    let (mantissa, exponent) = value.decompose();
    let mantissa = mantissa >> exponent.min(0).unsigned_abs().min(63);
    let mantissa = [mantissa as u32, (mantissa >> 32) as u32];
    let shift = exponent.max(0) as usize;
    unmetered(|meter| limbs::shl(out, limbs::trim(&mantissa), shift, meter)).unwrap_or(0)
}

/// Compares an integer with a float exactly; `None` for NaN.
pub fn compare<F: Real>(a: Int<'_>, value: F) -> Option<Ordering> {
    let nearest: F = to_float(a);
    let order = nearest.partial_cmp(&value)?;
    if order.is_ne() {
        return Some(order);
    }
    // Only a large number may have lost something; one that seems infinite is not.
    let (mantissa, exponent) = value.decompose();
    if exponent <= 0 || mantissa == 0 {
        return Some(order);
    }
    if !value.is_finite() {
        return F::ZERO.partial_cmp(&value);
    }
    let mut memory = [0; MAX_FLOAT_LIMBS];
    let len = from_float(&mut memory, value);
    Some(a.cmp(&Int::new(a.is_negative(), &memory[..len])))
}

/// Limbs of scratch memory that [`true_divide`] needs.
pub const fn true_divide_scratch_len(divisor: usize) -> usize {
    // A dividend of 66 bits more than the divisor, the quotient, the remainder's memory.
    3 * divide::remainder_len(divisor + 4, divisor)
}

/// `a / b`, correctly rounded, for `b != 0`; infinite if it is too large for a float.
///
/// `scratch` has [`true_divide_scratch_len`] limbs. O(`b.len()`).
///
/// # Errors
/// Those of the meter.
pub fn true_divide<F: Real>(
    a: Int<'_>,
    b: Int<'_>,
    scratch: &mut [u32],
    meter: &mut Meter<'_>,
) -> Result<F, Interrupted> {
    let value = quotient::<F>(a.magnitude(), b.magnitude(), 0, scratch, meter)?;
    Ok(if a.is_negative() != b.is_negative() { -value } else { value })
}

/// As [`true_divide`], of magnitudes and times `2**exponent`.
pub(super) fn quotient<F: Real>(
    a: &[u32],
    b: &[u32],
    exponent: isize,
    scratch: &mut [u32],
    meter: &mut Meter<'_>,
) -> Result<F, Interrupted> {
    if a.is_empty() {
        return Ok(F::ZERO);
    }
    let n = divide::remainder_len(b.len() + 4, b.len());
    let (dividend, scratch) = scratch.split_at_mut(n);
    let (remainder, quotient) = scratch.split_at_mut(n);

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
    let (bits, shift) = leading_bits(&quotient[..q_len]);
    let bits = bits | u64::from(inexact || r_len != 0);

    // The quotient of the true numbers is `bits * 2**shift`.
    let exponent = exponent + (shift + have) as isize - wanted as isize;
    Ok(from_scaled(bits, exponent.clamp(-5000, 5000) as i32))
}
