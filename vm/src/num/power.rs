//! Powers of big integers, plain and modular, greatest common divisor and integer square root.

use core::cmp::Ordering;
use core::mem::swap;

use super::divide;
use super::int::{Int, Shape};
use super::limbs::{self, LIMB_BITS};
use super::meter::{Interrupted, Meter};

/// Limbs that each of the two memories of [`pow`] needs for `base ** exponent`, or `None` if that
/// exceeds the address space.
pub fn pow_len(base: Int<'_>, exponent: usize) -> Option<usize> {
    match base.magnitude() {
        [] | [1] => Some(2),
        magnitude => {
            let bits = limbs::bit_length(magnitude).checked_mul(exponent)?;
            Some(bits / LIMB_BITS + 3)
        }
    }
}

/// `base ** exponent`; `out` and `scratch` each have [`pow_len`] limbs.
///
/// O(the square of the result's length).
///
/// # Errors
/// Those of the meter.
pub fn pow(
    out: &mut [u32],
    scratch: &mut [u32],
    base: Int<'_>,
    exponent: usize,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    let negative = base.is_negative() && exponent & 1 != 0;
    let base = base.magnitude();
    let twos = limbs::trailing_zeros(base);
    if twos != 0 && limbs::bit_length(base) == twos + 1 {
        return Ok(Shape::new(negative, limbs::shl(out, &[1], twos * exponent, meter)?));
    }
    let n_bits = usize::BITS - exponent.leading_zeros();
    // Every product goes to the other memory; the last one has to go to `out`.
    let (mut power, mut next) = match (n_bits + exponent.count_ones()) % 2 {
        0 => (out, scratch),
        _ => (scratch, out),
    };
    power[0] = 1;
    let mut len = 1;
    for bit in (0..n_bits).rev() {
        len = limbs::mul(next, &power[..len], &power[..len], meter)?;
        swap(&mut power, &mut next);
        if exponent >> bit & 1 != 0 {
            len = limbs::mul(next, &power[..len], base, meter)?;
            swap(&mut power, &mut next);
        }
    }
    Ok(Shape::new(negative, len))
}

/// Limbs of scratch memory that [`pow_mod`] needs.
pub const fn pow_mod_scratch_len(base: usize, modulus: usize) -> usize {
    let product = 2 * modulus;
    modulus + (if product < base { base } else { product }).next_multiple_of(2)
}

/// `pow(base, exponent, modulus)` for `exponent >= 0` and `modulus != 0`.
///
/// The result has the sign of the modulus. `out` has as many limbs as the modulus, `scratch`
/// [`pow_mod_scratch_len`].
///
/// # Errors
/// Those of the meter.
pub fn pow_mod(
    out: &mut [u32],
    scratch: &mut [u32],
    base: Int<'_>,
    exponent: Int<'_>,
    modulus: Int<'_>,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    let m = modulus.magnitude();
    let (factor, product) = scratch.split_at_mut(m.len());
    product[..base.len()].copy_from_slice(base.magnitude());
    let mut factor_len = divide::rem_in_place(product, base.len(), m, meter)?;
    if base.is_negative() && factor_len != 0 {
        factor_len = limbs::sub(factor, m, &product[..factor_len], meter)?;
    } else {
        factor[..factor_len].copy_from_slice(&product[..factor_len]);
    }
    let factor = &factor[..factor_len];

    let mut len = usize::from(m != [1]);
    out[0] = 1;
    for bit in (0..limbs::bit_length(exponent.magnitude())).rev() {
        let is_set = exponent.magnitude()[bit / LIMB_BITS] >> (bit % LIMB_BITS) & 1 != 0;
        for square in [true, false] {
            if square || is_set {
                let by = if square { &out[..len] } else { factor };
                let product_len = limbs::mul(product, &out[..len], by, meter)?;
                len = divide::rem_in_place(product, product_len, m, meter)?;
                out[..len].copy_from_slice(&product[..len]);
            }
        }
        meter.spend(100)?;
    }
    if modulus.is_negative() && len != 0 {
        product[..len].copy_from_slice(&out[..len]);
        len = limbs::sub(out, m, &product[..len], meter)?;
    }
    Ok(Shape::new(modulus.is_negative(), len))
}

/// Limbs that each of the two memories of [`gcd`] needs.
pub const fn gcd_len(a: usize, b: usize) -> usize {
    divide::remainder_len(a, b)
}

/// The greatest common divisor of two magnitudes, 0 only if both are; it ends up in `out`.
///
/// `out` and `scratch` each have [`gcd_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn gcd(
    out: &mut [u32],
    scratch: &mut [u32],
    a: &[u32],
    b: &[u32],
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    let (mut large, mut small) = (&mut *out, &mut *scratch);
    large[..a.len()].copy_from_slice(a);
    small[..b.len()].copy_from_slice(b);
    let (mut large_len, mut small_len) = (a.len(), b.len());
    let mut swapped = false;
    while small_len != 0 {
        large_len = divide::rem_in_place(large, large_len, &small[..small_len], meter)?;
        swap(&mut large, &mut small);
        swap(&mut large_len, &mut small_len);
        swapped = !swapped;
        meter.spend(100)?;
    }
    if swapped {
        out[..large_len].copy_from_slice(&scratch[..large_len]);
    }
    Ok(large_len)
}

/// Limbs of scratch memory that [`isqrt`] needs.
pub const fn isqrt_scratch_len(a: usize) -> usize {
    divide::quotient_len(a, a.div_ceil(2)) + divide::remainder_len(a, 0) + 2
}

/// The integer square root of the magnitude `a`, rounded down.
///
/// `out` has `a.len() / 2 + 2` limbs, `scratch` [`isqrt_scratch_len`].
///
/// # Errors
/// Those of the meter.
pub fn isqrt(
    out: &mut [u32],
    scratch: &mut [u32],
    a: &[u32],
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    if a.is_empty() {
        return Ok(0);
    }
    let (quotient, remainder) =
        scratch.split_at_mut(divide::quotient_len(a.len(), a.len().div_ceil(2)));
    // Newton's method from above: the sequence falls until it reaches the root.
    let mut len = limbs::shl(out, &[1], limbs::bit_length(a).div_ceil(2), meter)?;
    loop {
        let (q_len, _) = divide::div_rem(quotient, remainder, a, &out[..len], meter)?;
        if limbs::cmp(&quotient[..q_len], &out[..len]) != Ordering::Less {
            return Ok(len);
        }
        let sum_len = limbs::add(remainder, &out[..len], &quotient[..q_len], meter)?;
        len = limbs::shr(out, &remainder[..sum_len], 1, meter)?;
    }
}
