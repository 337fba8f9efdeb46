//! The exact decimal expansion of a binary float, digit by digit.
//!
//! The method is that of Steele and White, "How to print floating-point numbers accurately" (PLDI
//! 1990): the number is a fraction of two big integers, and each digit is a division. It was chosen
//! over the faster ones of the standard library because it needs 30 KiB less code; it serves
//! printing and, by comparison with the middle between two floats, reading.

use core::cmp::Ordering;

use super::kernel;
use super::limbs::{self, LIMB_BITS};
use super::word::Native;

/// Limbs of the largest numerator or denominator, with room to shift: the smallest `f64`, of 1074
/// binary places, times a power of ten about as large.
const CAPACITY: usize = 40;

/// A big integer in memory of its own.
#[derive(Clone)]
struct Big {
    limbs: [u32; CAPACITY],
    /// The trimmed length.
    len: usize,
}

impl Big {
    fn new(value: u64) -> Self {
        let mut limbs = [0; CAPACITY];
        limbs[0] = value as u32;
        limbs[1] = (value >> LIMB_BITS) as u32;
        Big { len: limbs::trimmed_len(&limbs[..2]), limbs }
    }

    fn get(&self) -> &[u32] {
        &self.limbs[..self.len]
    }

    fn cmp(&self, other: &Big) -> Ordering {
        limbs::cmp(self.get(), other.get())
    }

    fn scale(&mut self, factor: u32) {
        let carry = kernel::scale(&mut self.limbs[..self.len], Native::from(factor), 0);
        if carry != 0 {
            self.limbs[self.len] = carry as u32;
            self.len += 1;
        }
    }

    fn scale_by_power_of_ten(&mut self, exponent: u32) {
        (0..exponent / 9).for_each(|_| self.scale(1_000_000_000));
        self.scale(10u32.pow(exponent % 9));
    }

    fn shl(&mut self, bits: usize) {
        if self.len == 0 {
            return;
        }
        let zeros = bits / LIMB_BITS;
        self.limbs.copy_within(..self.len, zeros);
        self.limbs[..zeros].fill(0);
        self.len += zeros;
        self.scale(1 << (bits % LIMB_BITS));
    }

    fn add(&mut self, other: &Big) {
        let n = self.len.max(other.len);
        let mut carry = false;
        for (a, &b) in self.limbs[..n].iter_mut().zip(&other.limbs) {
            (*a, carry) = a.carrying_add(b, carry);
        }
        self.len = n;
        if carry {
            self.limbs[n] = 1;
            self.len += 1;
        }
    }

    /// `self -= other * factor`, which is not below zero.
    fn sub_mul(&mut self, other: &Big, factor: u32) {
        let mut borrow = 0u64;
        for (a, &b) in self.limbs[..self.len].iter_mut().zip(&other.limbs) {
            let product = u64::from(b) * u64::from(factor) + borrow;
            let (difference, under) = a.overflowing_sub(product as u32);
            *a = difference;
            borrow = (product >> LIMB_BITS) + u64::from(under);
        }
        self.len = limbs::trimmed_len(&self.limbs[..self.len]);
    }
}

/// The digits of a number that have not been given out yet.
///
/// Invariants: `rest < unit`, the limbs above the length of each are zero, and the top limb of
/// `unit` has 28 bits.
pub(super) struct Expansion {
    /// What is left, as a fraction of `unit`, the place of the last digit that was given out.
    rest: Big,
    unit: Big,
    /// Half the distance to the float below, in the same terms; zero if it does not matter.
    margin: Big,
    /// The number is `0.DDD… * 10**point`.
    pub point: isize,
}

impl Expansion {
    /// The number `mantissa * 2**exponent`, which is not zero.
    pub fn new(mantissa: u64, exponent: i32) -> Self {
        Self::of(Big::new(mantissa), Big::new(1), Big::new(0), exponent)
    }

    /// The number `rest / unit * 2**exponent`; `margin` is multiplied as `rest` is.
    fn of(mut rest: Big, mut unit: Big, mut margin: Big, exponent: i32) -> Self {
        let power = exponent.unsigned_abs() as usize;
        if exponent >= 0 {
            rest.shl(power);
            margin.shl(power);
        } else {
            unit.shl(power);
        }
        // The decimal exponent from the binary one, the logarithm of 2 rounded down in effect, so
        // that the point is right or one too small.
        let bits = limbs::bit_length(rest.get()) as i32 - limbs::bit_length(unit.get()) as i32 - 1;
        let log = if bits < 0 { 315_653 } else { 315_652 };
        let point = ((i64::from(bits) * log) >> 20) as i32 + 1;
        if point >= 0 {
            unit.scale_by_power_of_ten(point.unsigned_abs());
        } else {
            rest.scale_by_power_of_ten(point.unsigned_abs());
            margin.scale_by_power_of_ten(point.unsigned_abs());
        }
        let mut expansion = Expansion { rest, unit, margin, point: point as isize };
        while expansion.rest.cmp(&expansion.unit).is_ge() {
            expansion.raise_point();
        }
        expansion
    }

    fn raise_point(&mut self) {
        self.unit.scale(10);
        self.point += 1;
    }

    /// Shifts so that the top limb of the unit has 28 bits. Then ten times the rest has no more
    /// limbs than the unit, and the top limbs tell a digit to within one.
    fn normalize(&mut self) {
        let top = limbs::bit_length(self.unit.get()) % LIMB_BITS;
        let shift = (28 + LIMB_BITS - top) % LIMB_BITS;
        self.rest.shl(shift);
        self.unit.shl(shift);
        self.margin.shl(shift);
    }

    /// Whether all digits to come are zeros.
    pub fn is_finished(&self) -> bool {
        self.rest.len == 0
    }

    /// What is left, compared with half a unit of the last digit's place.
    pub fn cmp_half(&self) -> Ordering {
        let mut double = self.rest.clone();
        double.scale(2);
        double.cmp(&self.unit)
    }

    /// The next digit, 0 to 9.
    pub fn next(&mut self) -> u8 {
        if limbs::bit_length(self.unit.get()) % LIMB_BITS != 28 {
            self.normalize();
        }
        self.rest.scale(10);
        self.margin.scale(10);
        if self.rest.len < self.unit.len {
            return 0;
        }
        let top = self.unit.len - 1;
        let mut digit = self.rest.limbs[top] / (self.unit.limbs[top] + 1);
        self.rest.sub_mul(&self.unit, digit);
        if self.rest.cmp(&self.unit).is_ge() {
            self.rest.sub_mul(&self.unit, 1);
            digit += 1;
        }
        digit as u8
    }
}

/// Writes the shortest digits, as ASCII, that are nearer to `mantissa * 2**exponent` than to any
/// other float, and nearest to it among those; a tie goes to the even digit. Returns their number,
/// at most 17, and the point as in [`Expansion::point`].
///
/// `narrow` says that the float below is only half as far away as the one above.
pub(super) fn shortest(
    out: &mut [u8],
    mantissa: u64,
    exponent: i32,
    narrow: bool,
) -> (usize, isize) {
    // In these units half the distance to the float below is 1.
    let units = if narrow { 4 } else { 2 };
    let mut expansion =
        Expansion::of(Big::new(mantissa * units), Big::new(units), Big::new(1), exponent);
    // Half way to a neighbour is read back as the even mantissa.
    let even = mantissa.is_multiple_of(2);
    let is_low = |e: &Expansion| match e.rest.cmp(&e.margin) {
        Ordering::Less => true,
        order => even && order.is_eq(),
    };
    let is_high = |e: &Expansion| {
        let mut above = e.rest.clone();
        (0..if narrow { 2 } else { 1 }).for_each(|_| above.add(&e.margin));
        match above.cmp(&e.unit) {
            Ordering::Greater => true,
            order => even && order.is_eq(),
        }
    };
    if is_high(&expansion) {
        expansion.raise_point();
    }
    let mut len = 0;
    loop {
        let digit = expansion.next();
        let (low, high) = (is_low(&expansion), is_high(&expansion));
        let up = match (low, high) {
            (true, true) => match expansion.cmp_half() {
                Ordering::Less => false,
                Ordering::Equal => !digit.is_multiple_of(2),
                Ordering::Greater => true,
            },
            (_, high) => high,
        };
        out[len] = b'0' + digit + u8::from(up);
        len += 1;
        if low || high {
            return (len, expansion.point);
        }
    }
}
