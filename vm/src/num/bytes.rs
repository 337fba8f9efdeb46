//! Integers to and from bytes in two's complement: `int.to_bytes`, `int.from_bytes`, `struct`.

use super::int::{Int, Shape};
use super::limbs::{self, LIMB_BITS, trimmed_len};

/// The order of bytes in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endian {
    /// The least significant byte comes first.
    Little,
    /// The most significant byte comes first.
    Big,
}

const LIMB_BYTES: usize = 4;

/// Fills `out` with `a`, sign extended; what does not fit is cut off. O(length).
pub fn to_bytes(out: &mut [u8], a: Int<'_>, endian: Endian) {
    let mut carry = a.is_negative();
    let mask = if carry { u8::MAX } else { 0 };
    for i in 0..out.len() {
        let limb = a.magnitude().get(i / LIMB_BYTES).copied().unwrap_or(0);
        let byte = limb.to_le_bytes()[i % LIMB_BYTES] ^ mask;
        let (byte, over) = byte.overflowing_add(carry.into());
        carry = over;
        let at = if endian == Endian::Little { i } else { out.len() - 1 - i };
        out[at] = byte;
    }
}

/// Whether so many bytes, with a sign or not, hold the number.
pub fn fits(a: Int<'_>, n_bytes: usize, signed: bool) -> bool {
    let mut bits = limbs::bit_length(a.magnitude());
    if signed && !a.is_zero() {
        // The lowest value, a power of two, needs no bit more than its magnitude.
        let lowest = a.is_negative() && limbs::trailing_zeros(a.magnitude()) + 1 == bits;
        bits += usize::from(!lowest);
    }
    bits <= n_bytes.saturating_mul(8) && (signed || !a.is_negative())
}

/// Limbs that [`from_bytes`] needs.
pub const fn from_bytes_len(bytes: usize) -> usize {
    bytes.div_ceil(LIMB_BYTES)
}

/// Reads an integer; `out` has [`from_bytes_len`] limbs. O(length).
pub fn from_bytes(out: &mut [u32], bytes: &[u8], endian: Endian, signed: bool) -> Shape {
    let n = bytes.len();
    let nth = |i: usize| bytes[if endian == Endian::Little { i } else { n - 1 - i }];
    let negative = signed && n != 0 && nth(n - 1) >> 7 != 0;
    let mut carry = negative;
    let mask = if negative { u8::MAX } else { 0 };
    let out = &mut out[..from_bytes_len(n)];
    out.fill(0);
    for i in 0..n {
        let (byte, over) = (nth(i) ^ mask).overflowing_add(carry.into());
        carry = over;
        out[i / LIMB_BYTES] |= u32::from(byte) << (8 * (i % LIMB_BYTES));
    }
    const { assert!(LIMB_BITS == 8 * LIMB_BYTES) };
    Shape::new(negative, trimmed_len(out))
}
