//! Division of unsigned big integers: Knuth, The Art of Computer Programming, volume 2, 4.3.1,
//! algorithm D.
//!
//! The divisor is not shifted in memory: only the words from which a digit of the quotient is estimated are. The
//! remainder's memory holds the dividend while it shrinks, so no other scratch memory is needed.

use core::cmp::Ordering;

use super::kernel::{self, Divisor};
use super::limbs::{self, cmp, trimmed_len};
use super::meter::{BLOCK, Interrupted, Meter};
use super::word::{Native, Word};

/// Limbs that the memory of a remainder of `a` limbs by `b` limbs needs, which holds the dividend first and a word above
/// it. It is enough for the quotient, too, and for adding one to that.
pub const fn remainder_len(a: usize, b: usize) -> usize {
    (if a < b { b } else { a }).next_multiple_of(2) + 2
}

/// Divides `a` by `b`, which is not zero: the trimmed lengths of quotient and remainder.
///
/// Both have [`remainder_len`] limbs. O(length of the quotient
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

/// Divides the `len` limbs at the start of `remainder` by `b`, which has more than one word and is not greater.
fn long_division<W: Word>(
    quotient: &mut [u32],
    remainder: &mut [u32],
    len: usize,
    b: &[u32],
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    let n_words = len.div_ceil(W::LIMBS);
    remainder[len..(n_words + 1) * W::LIMBS].fill(0);
    let n = b.len().div_ceil(W::LIMBS);
    let mut words = b.chunks(W::LIMBS).rev().map(W::from_limbs);
    let (b1, b0) = (words.next().unwrap_or(W::ZERO), words.next().unwrap_or(W::ZERO));
    let divisor = Divisor::of(b1, b0);

    for j in (0..=n_words - n).rev() {
        let upper = &mut remainder[j * W::LIMBS..(j + n + 1) * W::LIMBS];
        let window = W::chunks(upper).0;
        let word = |i: usize| W::load(&window[i]);
        let mut digit = divisor.estimate([word(n), word(n - 1), word(n - 2)]);
        let mut len = limbs::accumulate(upper, b, digit, W::MAX, meter)?;
        // Where the estimate was too high this is below zero now: then the highest word is not zero.
        while len > n * W::LIMBS {
            digit = digit.wrapping_sub(W::ONE);
            len = limbs::accumulate(upper, b, W::ONE, W::ZERO, meter)?;
        }
        digit.write_limbs(&mut quotient[j * W::LIMBS..(j + 1) * W::LIMBS]);
    }
    Ok(trimmed_len(&remainder[..n * W::LIMBS]))
}
