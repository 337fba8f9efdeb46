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

/// Limbs of the largest numerator or denominator, with room to shift: `5**330` has 767 bits, the
/// mantissa 56.
const CAPACITY: usize = 28;

/// A big integer in memory of its own.
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

    fn scale_by_power_of_five(&mut self, exponent: u32) {
        (0..exponent / 13).for_each(|_| self.scale(5u32.pow(13)));
        self.scale(5u32.pow(exponent % 13));
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

    /// Compares `self + addend * factor` with `other`.
    fn cmp_sum(&self, addend: &Big, factor: u32, other: &Big) -> Ordering {
        let n = self.len.max(addend.len).max(other.len);
        let (mut carry, mut order) = (0u64, Ordering::Equal);
        for i in 0..n {
            let sum =
                u64::from(addend.limbs[i]) * u64::from(factor) + u64::from(self.limbs[i]) + carry;
            carry = sum >> LIMB_BITS;
            // A higher limb overrules the lower ones.
            order = (sum as u32).cmp(&other.limbs[i]).then(order);
        }
        if carry != 0 { Ordering::Greater } else { order }
    }

    /// `self -= other * factor`, which is not below zero; the `skip` lowest limbs of `other` are
    /// zeros.
    fn sub_mul(&mut self, other: &Big, factor: u32, skip: usize) {
        let mut borrow = 0u64;
        for (a, &b) in self.limbs[skip..self.len].iter_mut().zip(&other.limbs[skip..]) {
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
    /// Limbs of the unit, from the lowest, that are known to be zeros.
    unit_zeros: usize,
    /// The number is `0.DDD… * 10**point`.
    pub point: isize,
}

impl Expansion {
    /// The number `mantissa * 2**exponent`, which is not zero.
    pub fn new(mantissa: u64, exponent: i32) -> Self {
        Self::of(mantissa, 1, 0, exponent)
    }

    /// The number `rest / unit * 2**exponent`; `margin` is multiplied as `rest` is.
    fn of(rest: u64, unit: u64, margin: u64, exponent: i32) -> Self {
        // The decimal exponent from the binary one, the logarithm of 2 rounded down in effect, so
        // that the point is right or one too small.
        let bits = unit.leading_zeros() as i32 - rest.leading_zeros() as i32 + exponent - 1;
        let log = if bits < 0 { 315_653 } else { 315_652 };
        let point = ((i64::from(bits) * log) >> 20) as i32 + 1;
        let mut this = Expansion {
            rest: Big::new(rest),
            unit: Big::new(unit),
            margin: Big::new(margin),
            unit_zeros: 0,
            point: point as isize,
        };
        // Divides by `10**point`: its twos join the binary exponent.
        if point >= 0 {
            this.unit.scale_by_power_of_five(point.unsigned_abs());
        } else {
            this.rest.scale_by_power_of_five(point.unsigned_abs());
            this.margin.scale_by_power_of_five(point.unsigned_abs());
        }
        let shift = exponent - point;
        if shift >= 0 {
            this.rest.shl(shift.unsigned_abs() as usize);
            this.margin.shl(shift.unsigned_abs() as usize);
        } else {
            this.unit.shl(shift.unsigned_abs() as usize);
        }
        while this.rest.cmp(&this.unit).is_ge() {
            this.raise_point();
        }
        this
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
        self.unit_zeros = limbs::trailing_zeros(self.unit.get()) / LIMB_BITS;
    }

    /// Whether all digits to come are zeros.
    pub fn is_finished(&self) -> bool {
        self.rest.len == 0
    }

    /// What is left, compared with half a unit of the last digit's place.
    pub fn cmp_half(&self) -> Ordering {
        self.rest.cmp_sum(&self.rest, 1, &self.unit)
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
        self.rest.sub_mul(&self.unit, digit, self.unit_zeros);
        if self.rest.cmp(&self.unit).is_ge() {
            self.rest.sub_mul(&self.unit, 1, self.unit_zeros);
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
    let mut expansion = Expansion::of(mantissa * units, units, 1, exponent);
    // Half way to a neighbour is read back as the even mantissa.
    let even = mantissa.is_multiple_of(2);
    let is_low = |e: &Expansion| match e.rest.cmp(&e.margin) {
        Ordering::Less => true,
        order => even && order.is_eq(),
    };
    let above = if narrow { 2 } else { 1 };
    let is_high = |e: &Expansion| match e.rest.cmp_sum(&e.margin, above, &e.unit) {
        Ordering::Greater => true,
        order => even && order.is_eq(),
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
