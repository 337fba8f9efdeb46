//! Division of unsigned big integers: Knuth, The Art of Computer Programming, volume 2, 4.3.1,
//! algorithm D.
//!
//! The divisor is not shifted in memory: only the three words from which a digit of the quotient
//! is estimated are. The remainder's memory holds the dividend while it shrinks, so no other
//! scratch memory is needed.

use core::cmp::Ordering;

use super::kernel::{self, Divisor};
use super::limbs::{self, cmp, trimmed_len};
use super::meter::{BLOCK, Interrupted, Meter};
use super::word::{Native, Word};

/// Limbs that a quotient of `a` limbs by `b` limbs needs, with room to add one to it.
pub const fn quotient_len(a: usize, b: usize) -> usize {
    if a < b { 1 } else { a - b + 3 }
}

/// Limbs that the memory of a remainder needs: it holds the dividend first.
pub const fn remainder_len(a: usize, b: usize) -> usize {
    (if a < b { b } else { a }).next_multiple_of(2)
}

/// Divides `a` by `b`, which is not zero: the trimmed lengths of quotient and remainder.
///
/// `quotient` has [`quotient_len`] limbs, `remainder` [`remainder_len`]. O(length of the quotient
/// times length of `b`).
///
/// # Errors
/// Those of the meter.
pub fn div_rem(
    quotient: &mut [u32],
    remainder: &mut [u32],
    a: &[u32],
    b: &[u32],
    meter: &mut Meter<'_>,
) -> Result<(usize, usize), Interrupted> {
    div_rem_in::<Native>(quotient, remainder, a, b, meter)
}

/// The remainder of `a` by `b`, which is not zero; `remainder` has [`remainder_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn rem(
    remainder: &mut [u32],
    a: &[u32],
    b: &[u32],
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    remainder[..a.len()].copy_from_slice(a);
    rem_in_place(remainder, a.len(), b, meter)
}

/// As [`rem`], for a dividend of `len` limbs that lies in `remainder` already.
pub(super) fn rem_in_place(
    remainder: &mut [u32],
    len: usize,
    b: &[u32],
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    if cmp(&remainder[..len], b) == Ordering::Less {
        return Ok(len);
    }
    if b.len() <= Native::LIMBS {
        let rest = div_word(&mut remainder[..len], Native::from_limbs(b), meter)?;
        return Ok(store_word(remainder, rest));
    }
    long_division::<Native>(&mut [], remainder, len, b, meter)
}

pub(super) fn div_rem_in<W: Word>(
    quotient: &mut [u32],
    remainder: &mut [u32],
    a: &[u32],
    b: &[u32],
    meter: &mut Meter<'_>,
) -> Result<(usize, usize), Interrupted> {
    if cmp(a, b) == Ordering::Less {
        remainder[..a.len()].copy_from_slice(a);
        return Ok((0, a.len()));
    }
    if b.len() <= W::LIMBS {
        let quotient = &mut quotient[..a.len()];
        quotient.copy_from_slice(a);
        let rest = div_word(quotient, W::from_limbs(b), meter)?;
        return Ok((trimmed_len(quotient), store_word(remainder, rest)));
    }
    remainder[..a.len()].copy_from_slice(a);
    let words = a.len().div_ceil(W::LIMBS) - b.len().div_ceil(W::LIMBS) + 1;
    let quotient = &mut quotient[..words * W::LIMBS];
    let rest = long_division::<W>(quotient, remainder, a.len(), b, meter)?;
    Ok((trimmed_len(quotient), rest))
}

/// Divides `limbs` in place by one word, which is not zero, and returns the remainder.
pub(super) fn div_word<W: Word>(
    limbs: &mut [u32],
    divisor: W,
    meter: &mut Meter<'_>,
) -> Result<W, Interrupted> {
    let divisor = Divisor::new(divisor);
    let mut rest = W::ZERO;
    // The blocks lie at multiples of their size, so the odd one is the topmost.
    for block in limbs.chunks_mut(BLOCK).rev() {
        rest = kernel::div(block, rest, divisor);
        meter.spend(16 * block.len())?;
    }
    Ok(rest)
}

fn store_word<W: Word>(out: &mut [u32], word: W) -> usize {
    let n = W::LIMBS.min(out.len());
    word.write_limbs(&mut out[..n]);
    trimmed_len(&out[..n])
}

/// Divides the `len` limbs at the start of `remainder` by `b`, which has more than one word and is
/// not greater. `quotient` takes the words that it has room for, none or all.
fn long_division<W: Word>(
    quotient: &mut [u32],
    remainder: &mut [u32],
    len: usize,
    b: &[u32],
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    let n_words = len.div_ceil(W::LIMBS);
    remainder[len..n_words * W::LIMBS].fill(0);
    let n = b.len().div_ceil(W::LIMBS);
    let (b_words, b_tail) = W::chunks(b);
    let estimator = Estimator::<W>::new(b);

    let mut top = W::ZERO;
    for j in (0..=n_words - n).rev() {
        let (lower, upper) = remainder.split_at_mut(j * W::LIMBS);
        let below = W::chunks(lower).0.last().map_or(W::ZERO, W::load);
        let window = &mut W::chunks_mut(upper).0[..n];
        let mut digit = estimator.digit(top, window, below);

        let mut borrow = W::ZERO;
        for (out, b) in window.chunks_mut(BLOCK).zip(b_words.chunks(BLOCK)) {
            borrow = kernel::sub_mul(&mut out[..b.len()], b, digit, borrow);
            meter.spend(10 * b.len())?;
        }
        if !b_tail.is_empty() {
            let last = &mut window[n - 1];
            borrow = kernel::sub_mul_word(last, W::from_limbs(b_tail), digit, borrow);
        }
        if top < borrow {
            // The estimate was one too high.
            digit = digit.wrapping_sub(W::ZERO.wrapping_inc());
            limbs::accumulate(&mut upper[..n * W::LIMBS], b, 0, false, meter)?;
        }
        if let Some(out) = quotient.get_mut(j * W::LIMBS..(j + 1) * W::LIMBS) {
            digit.write_limbs(out);
        }
        top = W::load(&W::chunks(upper).0[n - 1]);
    }
    Ok(trimmed_len(&remainder[..n * W::LIMBS]))
}

/// Estimates digits of a quotient from the two highest words of the divisor. An estimate is never
/// too small and at most one too high.
struct Estimator<W> {
    d1: W,
    d0: W,
    inverse: W,
    shift: u32,
}

impl<W: Word> Estimator<W> {
    /// An estimator for `b`, which has more than one word.
    fn new(b: &[u32]) -> Self {
        let mut words = b.chunks(W::LIMBS).rev().map(W::from_limbs);
        let mut next = || words.next().unwrap_or(W::ZERO);
        let (w1, w0, below) = (next(), next(), next());
        let shift = w1.leading_zeros();
        let (d1, d0) = (w1.shl(w0, shift), w0.shl(below, shift));
        Estimator { d1, d0, inverse: W::reciprocal2(d1, d0), shift }
    }

    /// A digit for the dividend `top:window`, whose `top` is less than the divisor's first word or
    /// whose upper part equals the divisor; `below` is the word under the window.
    fn digit(&self, top: W, window: &[W::Chunk], below: W) -> W {
        let mut words = window.iter().rev().map(W::load).chain([below]);
        let mut next = || words.next().unwrap_or(W::ZERO);
        let (w1, w0, under) = (next(), next(), next());
        let u2 = top.shl(w1, self.shift);
        let u1 = w1.shl(w0, self.shift);
        let u0 = w0.shl(under, self.shift);
        if (u2, u1) >= (self.d1, self.d0) {
            return W::MAX;
        }
        W::divide_3by2([u2, u1, u0], self.d1, self.d0, self.inverse)
    }
}
