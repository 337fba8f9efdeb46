//! The inner loops of big integers, for both word widths.
//!
//! Each works on slices of equal length, a block of a longer number, and hands its carry on to the
//! next block. Lengths are in limbs; a block of odd length is the last one.

use super::word::Word;

/// `out = a * factor + carry`; returns what is above the block.
#[inline]
pub(super) fn mul<W: Word>(out: &mut [u32], a: &[u32], factor: W, mut carry: W) -> W {
    let ((out, out_tail), (a, a_tail)) = (W::chunks_mut(out), W::chunks(a));
    for (out, a) in out.iter_mut().zip(a) {
        let (low, high) = factor.mul_add(W::load(a), W::ZERO, carry);
        low.store(out);
        carry = high;
    }
    for (out, &a) in out_tail.iter_mut().zip(a_tail) {
        (*out, carry) = factor.mul_add_limb(a, 0, carry);
    }
    carry
}

/// `out = out * factor + carry`; returns what is above the block.
#[inline]
pub(super) fn scale<W: Word>(out: &mut [u32], factor: W, mut carry: W) -> W {
    let (out, out_tail) = W::chunks_mut(out);
    for out in out {
        let (low, high) = factor.mul_add(W::load(out), W::ZERO, carry);
        low.store(out);
        carry = high;
    }
    for out in out_tail {
        (*out, carry) = factor.mul_add_limb(*out, 0, carry);
    }
    carry
}

/// `out += a * factor + carry`, of the complements of `out` where `flip` has all bits; returns what is above the block.
///
/// The complement of a sum with a complement is a difference: `out -= a * factor + carry`, and what is above is the borrow.
#[inline(always)]
pub(super) fn add_mul<W: Word>(out: &mut [u32], a: &[u32], factor: W, flip: W, mut carry: W) -> W {
    let ((out, out_tail), (a, a_tail)) = (W::chunks_mut(out), W::chunks(a));
    for (out, a) in out.iter_mut().zip(a) {
        let (low, high) = factor.mul_add(W::load(a), W::load(out).xor(flip), carry);
        low.xor(flip).store(out);
        carry = high;
    }
    for (out, &a) in out_tail.iter_mut().zip(a_tail) {
        let limb;
        (limb, carry) = factor.mul_add_limb(a, *out ^ flip.low_limb(), carry);
        *out = limb ^ flip.low_limb();
    }
    carry
}

/// Divides `high:limbs` in place by the word `divisor << shift`, whose leading bit is set, and
/// returns the remainder. `high` is less than the divisor.
#[inline]
pub(super) fn div<W: Word>(limbs: &mut [u32], mut high: W, divisor: Divisor<W>) -> W {
    let Divisor { normal, inverse, shift } = divisor;
    let (words, tail) = W::chunks_mut(limbs);
    let mut step = |word: W| {
        let (quotient, rest) =
            W::divide_2by1(high.shl(word, shift), word.shl(W::ZERO, shift), normal, inverse);
        high = rest.shr(shift);
        quotient
    };
    if !tail.is_empty() {
        step(W::from_limbs(tail)).write_limbs(tail);
    }
    for word in words.iter_mut().rev() {
        step(W::load(word)).store(word);
    }
    high
}

/// A one-word divisor prepared for [`div`].
#[derive(Clone, Copy)]
pub(super) struct Divisor<W> {
    /// The divisor, shifted so that its leading bit is set.
    normal: W,
    inverse: W,
    pub shift: u32,
}

impl<W: Word> Divisor<W> {
    /// Prepares `divisor`, which is not zero.
    pub(super) fn new(divisor: W) -> Self {
        Self::of(divisor, W::ZERO)
    }

    /// Prepares the leading word of the divisor `high:low`, whose first word is not zero.
    #[inline(never)]
    pub(super) fn of(high: W, low: W) -> Self {
        let shift = high.leading_zeros();
        let normal = high.shl(low, shift);
        Divisor { normal, inverse: W::reciprocal(normal), shift }
    }

    /// A digit of the quotient of the number that begins with these words by one that begins with the divisor's: at
    /// most two too high.
    pub(super) fn estimate(&self, [u2, u1, u0]: [W; 3]) -> W {
        let (high, low) = (u2.shl(u1, self.shift), u1.shl(u0, self.shift));
        if high >= self.normal {
            return W::MAX;
        }
        W::divide_2by1(high, low, self.normal, self.inverse).0
    }
}
