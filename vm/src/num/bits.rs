//! Bitwise operations on signed big integers, which behave as if in two's complement with an
//! endless sign (Python Language Reference, "Binary bitwise operations").
//!
//! Operands and result are magnitudes; the two's complement exists limb by limb only.

use super::int::{Int, Shape};
use super::limbs::trimmed_len;
use super::meter::{BLOCK, Interrupted, Meter};

/// Limbs that [`and`], [`or`] and [`xor`] need.
pub const fn bitwise_len(a: usize, b: usize) -> usize {
    if a > b { a + 1 } else { b + 1 }
}

/// `a & b`; `out` has [`bitwise_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn and(
    out: &mut [u32],
    a: Int<'_>,
    b: Int<'_>,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    bitwise(out, a, b, |a, b| a & b, meter)
}

/// `a | b`; `out` has [`bitwise_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn or(
    out: &mut [u32],
    a: Int<'_>,
    b: Int<'_>,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    bitwise(out, a, b, |a, b| a | b, meter)
}

/// `a ^ b`; `out` has [`bitwise_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn xor(
    out: &mut [u32],
    a: Int<'_>,
    b: Int<'_>,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    bitwise(out, a, b, |a, b| a ^ b, meter)
}

fn bitwise(
    out: &mut [u32],
    a: Int<'_>,
    b: Int<'_>,
    op: fn(u32, u32) -> u32,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    let out = &mut out[..bitwise_len(a.len(), b.len())];
    let (mut flip_a, mut flip_b) = (Flip::new(a.is_negative()), Flip::new(b.is_negative()));
    // The endless sign of the result is the operation applied to the signs.
    let negative = op(flip_a.mask, flip_b.mask) >> 31 != 0;
    let mut flip_out = Flip::new(negative);
    let limb = |magnitude: &[u32], i| magnitude.get(i).copied().unwrap_or(0);
    for (i, out) in out.iter_mut().enumerate() {
        let a = flip_a.next(limb(a.magnitude(), i));
        let b = flip_b.next(limb(b.magnitude(), i));
        *out = flip_out.next(op(a, b));
        if i % BLOCK == BLOCK - 1 {
            meter.spend(16 * BLOCK)?;
        }
    }
    Ok(Shape::new(negative, trimmed_len(out)))
}

/// Negates a number in two's complement limb by limb, or passes it through.
struct Flip {
    mask: u32,
    carry: bool,
}

impl Flip {
    fn new(negate: bool) -> Self {
        Flip { mask: if negate { u32::MAX } else { 0 }, carry: negate }
    }

    #[inline]
    fn next(&mut self, limb: u32) -> u32 {
        let (limb, carry) = (limb ^ self.mask).overflowing_add(self.carry.into());
        self.carry = carry;
        limb
    }
}
