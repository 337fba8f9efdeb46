//! Signed big integers: Python's `+ - * // % divmod << >>` and comparison.
//!
//! An [`Int`] borrows its magnitude; a result is a magnitude in the caller's memory plus a
//! [`Shape`]. Invariants: magnitudes are trimmed and zero is never negative. Division and shifts
//! to the right round towards minus infinity, as the Python Language Reference section 6.7
//! ("Binary arithmetic operations") says.

use core::cmp::Ordering;

use super::divide;
use super::limbs::{self, trim};
use super::meter::{Interrupted, Meter};
use super::word::{Native, Word};

/// A borrowed integer of any size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Int<'a> {
    negative: bool,
    magnitude: &'a [u32],
}

/// Sign and length of an integer whose magnitude lies at the start of the caller's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Whether it is below zero.
    pub negative: bool,
    /// The trimmed length of its magnitude in limbs.
    pub len: usize,
}

impl Shape {
    pub(super) fn new(negative: bool, len: usize) -> Self {
        Shape { negative: negative && len != 0, len }
    }

    /// The integer that this describes, in the memory it was written to.
    pub fn of(self, limbs: &[u32]) -> Int<'_> {
        Int { negative: self.negative, magnitude: &limbs[..self.len] }
    }
}

/// The limbs of a machine integer, to use one as an [`Int`].
#[derive(Clone, Copy, Debug)]
pub struct SmallInt {
    negative: bool,
    limbs: [u32; 2],
}

impl SmallInt {
    /// Takes any 64-bit integer.
    pub fn new(value: i64) -> Self {
        let mut small = Self::from_unsigned(value.unsigned_abs());
        small.negative = value < 0;
        small
    }

    /// Takes any unsigned 64-bit integer.
    pub fn from_unsigned(value: u64) -> Self {
        SmallInt { negative: false, limbs: [value as u32, (value >> 32) as u32] }
    }

    /// The integer.
    pub fn get(&self) -> Int<'_> {
        let len = if self.limbs[1] != 0 { 2 } else { usize::from(self.limbs[0] != 0) };
        Int::of_trimmed(self.negative, &self.limbs[..len])
    }
}

impl<'a> Int<'a> {
    /// The integer of this sign and magnitude; leading zeros and the sign of zero are dropped.
    pub fn new(negative: bool, magnitude: &'a [u32]) -> Self {
        let magnitude = trim(magnitude);
        Int { negative: negative && !magnitude.is_empty(), magnitude }
    }

    /// The integer of this sign and trimmed magnitude; zero is not negative.
    #[inline]
    pub fn of_trimmed(negative: bool, magnitude: &'a [u32]) -> Self {
        debug_assert!(magnitude.last().map_or(!negative, |&top| top != 0));
        Int { negative, magnitude }
    }

    /// The integer 0.
    pub const ZERO: Int<'static> = Int { negative: false, magnitude: &[] };

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.negative
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.magnitude.is_empty()
    }

    /// Its absolute value, trimmed.
    pub fn magnitude(self) -> &'a [u32] {
        self.magnitude
    }

    /// Its limbs.
    pub fn len(self) -> usize {
        self.magnitude.len()
    }

    /// Whether it has no limbs, that is, [`Int::is_zero`].
    pub fn is_empty(self) -> bool {
        self.is_zero()
    }

    /// `-self`.
    pub fn negated(self) -> Self {
        Int { negative: !self.negative && !self.is_zero(), ..self }
    }

    /// `abs(self)`.
    pub fn abs(self) -> Self {
        Int { negative: false, ..self }
    }

    /// Its value, if it fits.
    pub fn to_i64(self) -> Option<i64> {
        let magnitude = self.abs().to_u64()?;
        let limit = i64::MAX as u64 + u64::from(self.negative);
        let value = if self.negative { magnitude.wrapping_neg() } else { magnitude };
        (magnitude <= limit).then_some(value as i64)
    }

    /// Its value, if it fits.
    pub fn to_u64(self) -> Option<u64> {
        if self.negative || self.magnitude.len() > 2 {
            return None;
        }
        Some(self.magnitude.iter().rev().fold(0, |value, &limb| value << 32 | u64::from(limb)))
    }

    /// The low 64 bits of its two's complement, for C-like truncation and hashes.
    pub fn low_u64(self) -> u64 {
        let low = &self.magnitude[..self.magnitude.len().min(2)];
        let value = low.iter().rev().fold(0, |value, &limb| value << 32 | u64::from(limb));
        if self.negative { value.wrapping_neg() } else { value }
    }
}

impl PartialOrd for Int<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Int<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => limbs::cmp(self.magnitude, other.magnitude),
            (true, true) => limbs::cmp(other.magnitude, self.magnitude),
            (a, b) => b.cmp(&a),
        }
    }
}

/// `a + b`; `out` has [`limbs::add_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn add(
    out: &mut [u32],
    a: Int<'_>,
    b: Int<'_>,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    if a.negative == b.negative {
        let len = limbs::add(out, a.magnitude, b.magnitude, meter)?;
        return Ok(Shape::new(a.negative, len));
    }
    let (large, small) = match limbs::cmp(a.magnitude, b.magnitude) {
        Ordering::Less => (b, a),
        _ => (a, b),
    };
    let len = limbs::sub(out, large.magnitude, small.magnitude, meter)?;
    Ok(Shape::new(large.negative, len))
}

/// `a - b`; `out` has [`limbs::add_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn sub(
    out: &mut [u32],
    a: Int<'_>,
    b: Int<'_>,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    add(out, a, b.negated(), meter)
}

/// `a * b`; `out` has [`limbs::mul_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn mul(
    out: &mut [u32],
    a: Int<'_>,
    b: Int<'_>,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    let len = limbs::mul(out, a.magnitude, b.magnitude, meter)?;
    Ok(Shape::new(a.negative != b.negative, len))
}

/// Limbs that [`floor_div`] and [`modulo`] need.
pub const fn div_len(a: usize, b: usize) -> usize {
    2 * divide::remainder_len(a, b)
}

/// What division leaves in the two halves of a memory.
struct Divided<'m> {
    quotient: &'m mut [u32],
    remainder: &'m mut [u32],
    /// The trimmed length of the quotient.
    len: usize,
    /// That of the remainder.
    rest: usize,
    /// Whether rounding down changes them.
    down: bool,
}

/// Divides the magnitudes.
#[inline(never)]
fn divided<'m>(
    memory: &'m mut [u32],
    a: Int<'_>,
    b: Int<'_>,
    meter: &mut Meter<'_>,
) -> Result<Divided<'m>, Interrupted> {
    let (quotient, remainder) = memory.split_at_mut(divide::remainder_len(a.len(), b.len()));
    let (len, rest) = divide::div_rem(quotient, remainder, a.magnitude, b.magnitude, meter)?;
    let down = rest != 0 && a.negative != b.negative;
    Ok(Divided { quotient, remainder, len, rest, down })
}

/// `a // b` for `b != 0`; `out` has [`div_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn floor_div(
    out: &mut [u32],
    a: Int<'_>,
    b: Int<'_>,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    let Divided { quotient, mut len, down, .. } = divided(out, a, b, meter)?;
    if down {
        len = increment(quotient, len, meter)?;
    }
    Ok(Shape::new(a.negative != b.negative, len))
}

/// `a % b` for `b != 0`; `out` has [`div_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn modulo(
    out: &mut [u32],
    a: Int<'_>,
    b: Int<'_>,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    let Divided { quotient: result, remainder, mut rest, down, .. } = divided(out, a, b, meter)?;
    if down {
        rest = limbs::sub(result, b.magnitude, &remainder[..rest], meter)?;
    } else {
        result[..rest].copy_from_slice(&remainder[..rest]);
    }
    Ok(Shape::new(b.negative, rest))
}

/// Adds one to the magnitude of `len` limbs, which has room for one more.
#[inline(never)]
fn increment(
    magnitude: &mut [u32],
    len: usize,
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    magnitude[len] = 0;
    limbs::accumulate(&mut magnitude[..=len], &[1], Native::ONE, Native::ZERO, meter)
}

/// `a << bits`; `out` has [`limbs::shl_len`] limbs.
///
/// # Errors
/// Those of the meter.
pub fn shl(
    out: &mut [u32],
    a: Int<'_>,
    bits: usize,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    Ok(Shape::new(a.negative, limbs::shl(out, a.magnitude, bits, meter)?))
}

/// `a >> bits`; `out` has a limb more than `a`.
///
/// # Errors
/// Those of the meter.
pub fn shr(
    out: &mut [u32],
    a: Int<'_>,
    bits: usize,
    meter: &mut Meter<'_>,
) -> Result<Shape, Interrupted> {
    let mut len = limbs::shr(out, a.magnitude, bits, meter)?;
    // Rounding down a negative number rounds its magnitude up.
    if a.negative && limbs::trailing_zeros(a.magnitude) < bits {
        len = increment(out, len, meter)?;
    }
    Ok(Shape::new(a.negative, len))
}
