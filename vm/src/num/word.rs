//! The machine word that the inner loops of big integers run on.
//!
//! A big integer is a little-endian slice of `u32` *limbs* on every target. A 64-bit machine handles
//! two limbs at a time, which makes a multiplication four times cheaper. Both widths are compiled
//! and tested everywhere; [`Native`] is the one that the public functions use.
//!
//! Division by multiplication follows Möller and Granlund, "Improved division by invariant
//! integers", IEEE Transactions on Computers 60 (2011).

/// The word of this target.
#[cfg(target_pointer_width = "64")]
pub(super) type Native = u64;
/// The word of this target.
#[cfg(not(target_pointer_width = "64"))]
pub(super) type Native = u32;

/// An unsigned word of one or two limbs.
pub(super) trait Word: Copy + Ord {
    /// Limbs in a word: 1 or 2.
    const LIMBS: usize;
    const ZERO: Self;
    const ONE: Self;
    const MAX: Self;
    /// The limbs of one word, least significant first.
    type Chunk: Copy;

    /// Cuts a slice into whole words and the limbs that are left over.
    fn chunks(limbs: &[u32]) -> (&[Self::Chunk], &[u32]);
    fn chunks_mut(limbs: &mut [u32]) -> (&mut [Self::Chunk], &mut [u32]);
    fn load(chunk: &Self::Chunk) -> Self;
    fn store(self, chunk: &mut Self::Chunk);
    /// The value of at most [`Word::LIMBS`] limbs.
    fn from_limbs(limbs: &[u32]) -> Self;
    /// Writes the low limbs, as many as `limbs` has, which is at most [`Word::LIMBS`].
    fn write_limbs(self, limbs: &mut [u32]);

    fn leading_zeros(self) -> u32;
    fn wrapping_sub(self, rhs: Self) -> Self;
    fn shr(self, bits: u32) -> Self;
    /// The upper word of `self:low << bits`, for `bits < BITS`.
    fn shl(self, low: Self, bits: u32) -> Self;
    fn xor(self, rhs: Self) -> Self;
    fn low_limb(self) -> u32;
    /// `self * factor + addend + carry` as (low, high); it cannot overflow.
    fn mul_add(self, factor: Self, addend: Self, carry: Self) -> (Self, Self);
    /// `self * limb + addend + carry` as (low limb, rest); it cannot overflow.
    fn mul_add_limb(self, limb: u32, addend: u32, carry: Self) -> (u32, Self);

    /// `floor((B² - 1) / divisor) - B` where `B` is `2^BITS` and `divisor >= B / 2`.
    fn reciprocal(divisor: Self) -> Self;
    /// Quotient and remainder of `high:low` by `divisor`, whose reciprocal is `inverse`;
    /// `high < divisor`.
    fn divide_2by1(high: Self, low: Self, divisor: Self, inverse: Self) -> (Self, Self);
}

macro_rules! word {
    ($word:ident, $double:ident, $limbs:literal, $first:ident $(, $second:ident)?) => {
        impl Word for $word {
            const LIMBS: usize = $limbs;
            const ZERO: Self = 0;
            const ONE: Self = 1;
            const MAX: Self = $word::MAX;
            type Chunk = [u32; $limbs];

            #[inline(always)]
            fn chunks(limbs: &[u32]) -> (&[Self::Chunk], &[u32]) {
                limbs.as_chunks()
            }

            #[inline(always)]
            fn chunks_mut(limbs: &mut [u32]) -> (&mut [Self::Chunk], &mut [u32]) {
                limbs.as_chunks_mut()
            }

            #[inline(always)]
            fn load(chunk: &Self::Chunk) -> Self {
                let [$first $(, $second)?] = *chunk;
                $word::from($first) $(| $word::from($second) << 32)?
            }

            #[inline(always)]
            fn store(self, chunk: &mut Self::Chunk) {
                let [$first $(, $second)?] = chunk;
                *$first = self as u32;
                $(*$second = (self >> 32) as u32;)?
            }

            #[inline(always)]
            fn from_limbs(limbs: &[u32]) -> Self {
                limbs.iter().rev().fold(0, |word: $double, &l| word << 32 | $double::from(l))
                    as $word
            }

            #[inline(always)]
            fn write_limbs(self, limbs: &mut [u32]) {
                let mut rest = $double::from(self);
                for limb in limbs {
                    *limb = rest as u32;
                    rest >>= 32;
                }
            }

            #[inline(always)]
            fn leading_zeros(self) -> u32 {
                <$word>::leading_zeros(self)
            }

            #[inline(always)]
            fn wrapping_sub(self, rhs: Self) -> Self {
                <$word>::wrapping_sub(self, rhs)
            }

            #[inline(always)]
            fn shr(self, bits: u32) -> Self {
                self >> bits
            }

            #[inline(always)]
            fn shl(self, low: Self, bits: u32) -> Self {
                self << bits | low >> 1 >> ($word::BITS - 1 - bits)
            }

            #[inline(always)]
            fn xor(self, rhs: Self) -> Self {
                self ^ rhs
            }

            #[inline(always)]
            fn low_limb(self) -> u32 {
                self as u32
            }

            #[inline(always)]
            fn mul_add(self, factor: Self, addend: Self, carry: Self) -> (Self, Self) {
                self.carrying_mul_add(factor, addend, carry)
            }

            #[inline(always)]
            fn mul_add_limb(self, limb: u32, addend: u32, carry: Self) -> (u32, Self) {
                let wide = $double::from(self) * $double::from(limb)
                    + $double::from(addend)
                    + $double::from(carry);
                (wide as u32, (wide >> 32) as $word)
            }

            fn reciprocal(divisor: Self) -> Self {
                const HALF: u32 = $word::BITS / 2;
                // Two digits of half a word, by divisions of one word: the upper half of the divisor, plus one,
                // gives each a little too small.
                let (mut high, mut inverse) = (!divisor, 0);
                for _ in 0..2 {
                    let mut digit = high / ((divisor >> HALF) + 1);
                    let dividend = $double::from(high) << HALF | $double::from($word::MAX >> HALF);
                    let mut rest = dividend - $double::from(digit) * $double::from(divisor);
                    while rest >= $double::from(divisor) {
                        rest -= $double::from(divisor);
                        digit += 1;
                    }
                    high = rest as $word;
                    inverse = inverse << HALF | digit;
                }
                inverse
            }

            #[inline(always)]
            fn divide_2by1(high: Self, low: Self, divisor: Self, inverse: Self) -> (Self, Self) {
                let (q0, q1) = inverse.carrying_mul_add(high, low, 0);
                let mut quotient = q1.wrapping_add(high).wrapping_add(1);
                let mut rest = low.wrapping_sub(quotient.wrapping_mul(divisor));
                if rest > q0 {
                    quotient = quotient.wrapping_sub(1);
                    rest = rest.wrapping_add(divisor);
                }
                if rest >= divisor {
                    quotient = quotient.wrapping_add(1);
                    rest -= divisor;
                }
                (quotient, rest)
            }
        }
    };
}

word!(u32, u64, 1, limb);
word!(u64, u128, 2, low, high);
