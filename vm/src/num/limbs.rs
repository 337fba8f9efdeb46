//! Unsigned big integers: comparison, sums, products and shifts of limb slices.
//!
//! A magnitude is a little-endian slice of `u32` limbs. Operands are *trimmed*: their last limb is
//! not zero, and zero is the empty slice. Results are written from the start of `out` and their
//! trimmed length is returned; limbs of `out` above the stated need are left alone. A slice that is
//! shorter than stated is a mistake of the caller and panics.

use core::cmp::Ordering;

use super::kernel;
use super::meter::{BLOCK, Meter};
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
pub fn add<E>(out: &mut [u32], a: &[u32], b: &[u32], meter: &mut Meter<'_, E>) -> Result<usize, E> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    add_in::<Native, E>(out, long, short, meter)
}

pub(super) fn add_in<W: Word, E>(
    out: &mut [u32],
    long: &[u32],
    short: &[u32],
    meter: &mut Meter<'_, E>,
) -> Result<usize, E> {
    let (low, high) = long.split_at(short.len());
    let (out_low, out_high) = out[..long.len()].split_at_mut(short.len());
    let mut carry = false;
    for ((out, a), b) in out_low.chunks_mut(BLOCK).zip(low.chunks(BLOCK)).zip(short.chunks(BLOCK)) {
        carry = kernel::add::<W>(out, a, b, carry);
        meter.spend(4 * a.len())?;
    }
    for (out, a) in out_high.chunks_mut(BLOCK).zip(high.chunks(BLOCK)) {
        out.copy_from_slice(a);
        carry = kernel::increment(out, carry);
        meter.spend(4 * a.len())?;
    }
    out[long.len()] = carry.into();
    Ok(trimmed_len(&out[..=long.len()]))
}

/// `out = a - b`, for `a >= b`; `out` has as many limbs as `a`.
///
/// # Errors
/// Those of the meter.
pub fn sub<E>(out: &mut [u32], a: &[u32], b: &[u32], meter: &mut Meter<'_, E>) -> Result<usize, E> {
    sub_in::<Native, E>(out, a, b, meter)
}

pub(super) fn sub_in<W: Word, E>(
    out: &mut [u32],
    a: &[u32],
    b: &[u32],
    meter: &mut Meter<'_, E>,
) -> Result<usize, E> {
    let (low, high) = a.split_at(b.len());
    let (out_low, out_high) = out[..a.len()].split_at_mut(b.len());
    let mut borrow = false;
    for ((out, a), b) in out_low.chunks_mut(BLOCK).zip(low.chunks(BLOCK)).zip(b.chunks(BLOCK)) {
        borrow = kernel::sub::<W>(out, a, b, borrow);
        meter.spend(4 * a.len())?;
    }
    for (out, a) in out_high.chunks_mut(BLOCK).zip(high.chunks(BLOCK)) {
        out.copy_from_slice(a);
        borrow = kernel::decrement(out, borrow);
        meter.spend(4 * a.len())?;
    }
    debug_assert!(!borrow, "a - b with a < b");
    Ok(trimmed_len(&out[..a.len()]))
}

/// Limbs that [`mul`] needs.
pub const fn mul_len(a: usize, b: usize) -> usize {
    a + b
}

/// `out = a * b`; `out` has [`mul_len`] limbs. O(`a.len() * b.len()`).
///
/// # Errors
/// Those of the meter.
pub fn mul<E>(out: &mut [u32], a: &[u32], b: &[u32], meter: &mut Meter<'_, E>) -> Result<usize, E> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    mul_in::<Native, E>(out, long, short, meter)
}

pub(super) fn mul_in<W: Word, E>(
    out: &mut [u32],
    long: &[u32],
    short: &[u32],
    meter: &mut Meter<'_, E>,
) -> Result<usize, E> {
    if short.is_empty() {
        return Ok(0);
    }
    for (i, factor) in short.chunks(W::LIMBS).enumerate() {
        let row = &mut out[i * W::LIMBS..][..long.len() + factor.len()];
        let word = W::from_limbs(factor);
        let (low, high) = row.split_at_mut(long.len());
        let mut carry = W::ZERO;
        for (out, a) in low.chunks_mut(BLOCK).zip(long.chunks(BLOCK)) {
            carry = match i {
                0 => kernel::mul(out, a, word, carry),
                _ => kernel::add_mul(out, a, word, carry),
            };
            meter.spend(8 * a.len())?;
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
pub fn shl<E>(
    out: &mut [u32],
    a: &[u32],
    bits: usize,
    meter: &mut Meter<'_, E>,
) -> Result<usize, E> {
    if a.is_empty() {
        return Ok(0);
    }
    let (zeros, out) = out.split_at_mut(bits / LIMB_BITS);
    for zeros in zeros.chunks_mut(BLOCK) {
        zeros.fill(0);
        meter.spend(2 * zeros.len())?;
    }
    let factor = 1u32 << (bits % LIMB_BITS);
    let mut carry: Native = 0;
    for (out, a) in out.chunks_mut(BLOCK).zip(a.chunks(BLOCK)) {
        carry = kernel::mul(&mut out[..a.len()], a, Native::from(factor), carry);
        meter.spend(8 * a.len())?;
    }
    out[a.len()] = carry as u32;
    Ok(zeros.len() + trimmed_len(&out[..=a.len()]))
}

/// Limbs that [`shr`] needs.
pub const fn shr_len(a: usize, bits: usize) -> usize {
    a.saturating_sub(bits / LIMB_BITS)
}

/// `out = a >> bits`, rounded down; `out` has [`shr_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn shr<E>(
    out: &mut [u32],
    a: &[u32],
    bits: usize,
    meter: &mut Meter<'_, E>,
) -> Result<usize, E> {
    let (skip, shift) = (bits / LIMB_BITS, bits % LIMB_BITS);
    let a = a.get(skip..).unwrap_or_default();
    for (start, out) in (0..).step_by(BLOCK).zip(out[..a.len()].chunks_mut(BLOCK)) {
        for (i, out) in (start..).zip(&mut *out) {
            let high = a.get(i + 1).copied().unwrap_or(0);
            *out = ((u64::from(high) << 32 | u64::from(a[i])) >> shift) as u32;
        }
        meter.spend(6 * out.len())?;
    }
    Ok(trimmed_len(&out[..a.len()]))
}
