//! Unsigned big integers: comparison, sums, products and shifts of limb slices.
//!
//! A magnitude is a little-endian slice of `u32` limbs. Operands are *trimmed*: their last limb is
//! not zero, and zero is the empty slice. Results are written from the start of `out` and their
//! trimmed length is returned; limbs of `out` above the stated need are left alone. A slice that is
//! shorter than stated is a mistake of the caller and panics.

use core::cmp::Ordering;

use super::kernel;
use super::meter::{BLOCK, Interrupted, Meter};
use super::word::{Native, Word};

/// The bits of a limb.
pub const LIMB_BITS: usize = 32;

/// The length of `limbs` without leading zeros.
pub fn trimmed_len(limbs: &[u32]) -> usize {
    limbs.iter().rposition(|&limb| limb != 0).map_or(0, |last| last + 1)
}

/// `limbs` without leading zeros.
pub fn trim(limbs: &[u32]) -> &[u32] {
    &limbs[..trimmed_len(limbs)]
}

/// Compares two trimmed magnitudes.
pub fn cmp(a: &[u32], b: &[u32]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// The position of the highest set bit plus one; 0 for zero.
pub fn bit_length(a: &[u32]) -> usize {
    a.last().map_or(0, |top| a.len() * LIMB_BITS - top.leading_zeros() as usize)
}

/// The number of set bits.
pub fn bit_count(a: &[u32]) -> usize {
    a.iter().map(|limb| limb.count_ones() as usize).sum()
}

/// The number of zero bits below the lowest set bit; 0 for zero.
pub fn trailing_zeros(a: &[u32]) -> usize {
    let Some(first) = a.iter().position(|&limb| limb != 0) else { return 0 };
    first * LIMB_BITS + a[first].trailing_zeros() as usize
}

/// Limbs that [`add`] needs.
pub const fn add_len(a: usize, b: usize) -> usize {
    if a > b { a + 1 } else { b + 1 }
}

/// `out = a + b`; `out` has [`add_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn add(
    out: &mut [u32],
    a: &[u32],
    b: &[u32],
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let out = &mut out[..=long.len()];
    out[..long.len()].copy_from_slice(long);
    out[long.len()] = 0;
    accumulate(out, short, Native::ONE, Native::ZERO, meter)
}

/// `out = a - b`, for `a >= b`; `out` has as many limbs as `a`.
///
/// # Errors
/// Those of the meter.
pub fn sub(
    out: &mut [u32],
    a: &[u32],
    b: &[u32],
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    let out = &mut out[..a.len()];
    out.copy_from_slice(a);
    accumulate(out, b, Native::ONE, Native::MAX, meter)
}

/// `out += b * factor`, or `out -= b * factor` where `flip` has all bits; what is above `out` is dropped. Returns the
/// trimmed length.
///
/// # Errors
/// Those of the meter.
#[inline(never)]
pub(super) fn accumulate<W: Word>(
    out: &mut [u32],
    b: &[u32],
    factor: W,
    flip: W,
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    let (low, high) = out.split_at_mut(b.len());
    let mut carry = W::ZERO;
    for (out, b) in low.chunks_mut(BLOCK).zip(b.chunks(BLOCK)) {
        carry = kernel::add_mul(out, b, factor, flip, carry);
        meter.spend(8 * b.len())?;
    }
    for (i, out) in high.iter_mut().enumerate() {
        if carry == W::ZERO {
            break;
        }
        let limb;
        (limb, carry) = W::ZERO.mul_add_limb(0, *out ^ flip.low_limb(), carry);
        *out = limb ^ flip.low_limb();
        if i % BLOCK == BLOCK - 1 {
            meter.spend(8 * BLOCK)?;
        }
    }
    Ok(trimmed_len(out))
}

/// Limbs that [`mul`] needs.
pub const fn mul_len(a: usize, b: usize) -> usize {
    a + b
}

/// `out = a * b`; `out` has [`mul_len`] limbs. O(`a.len() * b.len()`).
///
/// # Errors
/// Those of the meter.
pub fn mul(
    out: &mut [u32],
    a: &[u32],
    b: &[u32],
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    mul_in::<Native>(out, long, short, meter)
}

pub(super) fn mul_in<W: Word>(
    out: &mut [u32],
    long: &[u32],
    short: &[u32],
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    if short.is_empty() {
        return Ok(0);
    }
    for (i, factor) in short.chunks(W::LIMBS).enumerate() {
        let row = &mut out[i * W::LIMBS..][..long.len() + factor.len()];
        let word = W::from_limbs(factor);
        let (low, high) = row.split_at_mut(long.len());
        let mut carry = W::ZERO;
        if i == 0 {
            carry = scale(low, long, word, carry, meter)?;
        } else {
            for (out, a) in low.chunks_mut(BLOCK).zip(long.chunks(BLOCK)) {
                carry = kernel::add_mul(out, a, word, W::ZERO, carry);
                meter.spend(8 * a.len())?;
            }
        }
        // The limbs above `low` have not been written before this row.
        carry.write_limbs(high);
    }
    Ok(trimmed_len(&out[..long.len() + short.len()]))
}

/// Limbs that [`shl`] needs, or `None` if that exceeds the address space.
pub const fn shl_len(a: usize, bits: usize) -> Option<usize> {
    a.checked_add(bits / LIMB_BITS + 1)
}

/// `out = a << bits`; `out` has [`shl_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn shl(
    out: &mut [u32],
    a: &[u32],
    bits: usize,
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    if a.is_empty() {
        return Ok(0);
    }
    let (zeros, out) = out.split_at_mut(bits / LIMB_BITS);
    zeros.fill(0);
    let factor: Native = 1 << (bits % LIMB_BITS);
    out[a.len()] = scale(&mut out[..a.len()], a, factor, 0, meter)?.low_limb();
    Ok(zeros.len() + trimmed_len(&out[..=a.len()]))
}

/// `out = a * factor + carry`, both of one length; returns what is above it.
#[inline(never)]
fn scale<W: Word>(
    out: &mut [u32],
    a: &[u32],
    factor: W,
    mut carry: W,
    meter: &mut Meter<'_>,
) -> Result<W, Interrupted> {
    for (out, a) in out.chunks_mut(BLOCK).zip(a.chunks(BLOCK)) {
        carry = kernel::mul(out, a, factor, carry);
        meter.spend(8 * a.len())?;
    }
    Ok(carry)
}

/// `out = a >> bits`, rounded down; `out` has as many limbs as are not shifted out whole.
///
/// # Errors
/// Those of the meter.
pub fn shr(
    out: &mut [u32],
    a: &[u32],
    bits: usize,
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    let a = a.get(bits / LIMB_BITS..).unwrap_or_default();
    let Some((&first, rest)) = a.split_first() else { return Ok(0) };
    let out = &mut out[..a.len()];
    let shift = bits % LIMB_BITS;
    if shift == 0 {
        out.copy_from_slice(a);
    } else {
        // Shifting up by the rest of a limb leaves the number one limb too high.
        let factor: Native = 1 << (LIMB_BITS - shift);
        let carry = Native::from(first >> shift);
        out[rest.len()] = scale(&mut out[..rest.len()], rest, factor, carry, meter)?.low_limb();
    }
    Ok(trimmed_len(out))
}
