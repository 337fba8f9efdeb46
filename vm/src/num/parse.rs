//! Decimal text to floats, correctly rounded.
//!
//! Nineteen digits times a power of ten, in 64-bit arithmetic whose error is known, settle nearly
//! every text. Where the error leaves open to which side to round, the text is compared, digit by
//! digit, with the exact expansion of the middle between the two floats: Gay, "Correctly rounded
//! binary-decimal and decimal-binary conversions" (1990), calls this `bigcomp`. Memory is bounded
//! for a text of any length.

use core::cmp::Ordering;

use super::convert;
use super::expansion::Expansion;
use super::real::Real;

/// `10**(27 * i)` for `i` in -13..=12, as a fraction of 64 bits of which the highest is set,
/// rounded.
const POWERS: [u64; 26] = [
    0x8049_a4ac_0c58_11ae,
    0xcf42_894a_5dce_35ea,
    0xa76c_5823_38ed_2622,
    0x873e_4f75_e222_4e68,
    0xda7f_5bf5_9096_6849,
    0xb080_392c_c434_9ded,
    0x8e93_8662_882a_f53e,
    0xe658_29b3_046b_0afa,
    0xba12_1a46_50e4_ddec,
    0x964e_858c_91ba_2655,
    0xf2d5_6790_ab41_c2a3,
    0xc428_d05a_a475_1e4d,
    0x9e74_d1b7_91e0_7e48,
    0x8000_0000_0000_0000,
    0xcecb_8f27_f420_0f3a,
    0xa70c_3c40_a64e_6c52,
    0x86f0_ac99_b4e8_dafd,
    0xda01_ee64_1a70_8dea,
    0xb01a_e745_b101_e9e4,
    0x8e41_ade9_fbeb_c27d,
    0xe5d3_ef28_2a24_2e82,
    0xb9a7_4a06_37ce_2ee1,
    0x95f8_3d0a_1fb6_9cd9,
    0xf24a_01a7_3cf2_dcd0,
    0xc3b8_3581_09e8_4f07,
    0x9e19_db92_b4e3_1ba9,
];
const FIRST_POWER: isize = -13;

/// Decimal exponents beyond this, either way, are infinite or zero in every type.
const EXTREME: isize = 330;

/// The digits of a number in text, and where its point is.
struct Source<'a> {
    /// Digits and at most one point, without zeros in front.
    digits: &'a [u8],
    /// The number is `0.DDD… * 10**point`.
    point: isize,
}

/// Reads a float without white space around it: see [`super::float::parse`].
pub(super) fn parse<F: Real>(text: &[u8]) -> Option<F> {
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    let value = match text {
        [b'0'..=b'9' | b'.', ..] => Source::read(text)?.value(),
        _ if text.eq_ignore_ascii_case(b"inf") => F::INFINITY,
        _ if text.eq_ignore_ascii_case(b"infinity") => F::INFINITY,
        _ if text.eq_ignore_ascii_case(b"nan") => F::NAN,
        _ => return None,
    };
    Some(if negative { -value } else { value })
}

/// The float nearest to `0.DDD… * 10**point`, where DDD… are `digits`, in ASCII, without zeros in
/// front.
pub(super) fn nearest<F: Real>(digits: &[u8], point: isize) -> F {
    Source { digits, point }.value()
}

impl<'a> Source<'a> {
    /// Reads `digits[.digits][e[sign]digits]`, with a digit on one side of the point at least.
    fn read(text: &'a [u8]) -> Option<Self> {
        let end = text.iter().position(|c| matches!(c, b'e' | b'E')).unwrap_or(text.len());
        let (digits, exponent) = text.split_at(end);
        let exponent = match exponent {
            [] => 0,
            [_, b'-', rest @ ..] => -Self::exponent(rest)?,
            [_, b'+', rest @ ..] | [_, rest @ ..] => Self::exponent(rest)?,
        };
        let n_points = digits.iter().filter(|&&c| c == b'.').count();
        let n_digits = digits.iter().filter(|c| c.is_ascii_digit()).count();
        if n_points > 1 || n_digits == 0 || n_points + n_digits != digits.len() {
            return None;
        }
        let whole = digits.iter().position(|&c| c == b'.').unwrap_or(n_digits);
        let zeros = digits.iter().take_while(|c| matches!(c, b'0' | b'.')).count();
        let point = whole as isize - zeros as isize + isize::from(zeros > whole);
        let digits = &digits[zeros..];
        Some(Source { digits, point: point.saturating_add(exponent) })
    }

    /// An exponent without its sign. One too large is saturated; no text is long enough to make up
    /// for it.
    fn exponent(digits: &[u8]) -> Option<isize> {
        if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let digits = digits.iter().map(|c| isize::from(c - b'0'));
        Some(digits.fold(0, |value: isize, digit| value.saturating_mul(10).saturating_add(digit)))
    }

    fn values(&self) -> impl Iterator<Item = u8> {
        self.digits.iter().filter(|&&c| c != b'.').map(|c| c - b'0')
    }

    /// The nearest float, ties to even.
    fn value<F: Real>(&self) -> F {
        let (mut leading, mut n_leading) = (0u64, 0);
        for digit in self.values().take(19) {
            leading = leading * 10 + u64::from(digit);
            n_leading += 1;
        }
        if leading == 0 || self.point < -EXTREME {
            return F::ZERO;
        }
        if self.point > EXTREME {
            return F::INFINITY;
        }
        let exact = self.values().nth(19).is_none();

        let (power, power_exponent) = power_of_ten(self.point - n_leading);
        let shift = leading.leading_zeros();
        let (bits, doubled) = product(leading << shift, power);
        let exponent = power_exponent + 64 - shift as i32 - i32::from(doubled);
        // The power is off by 4 at most, the product by twice that and 2; digits left out count for
        // less than one of the last digit, which the shifts make 32 at most.
        let error = if exact { 16 } else { 64 };

        // The number is about `bits * 2**exponent`, of which the lower bits go.
        let lost = convert::lost_bits::<F>(exponent);
        if lost > 64 {
            return F::ZERO;
        }
        let (half, rest) = (1 << (lost - 1), bits << (64 - lost) >> (64 - lost));
        if rest.abs_diff(half) > error {
            return convert::from_scaled(bits, exponent);
        }
        let middle = bits - rest + half;
        let order = self.cmp(middle >> (lost - 1), exponent + lost - 1);
        convert::from_scaled(middle.wrapping_add_signed(order as i64), exponent)
    }

    /// Compares the number with `mantissa * 2**exponent`.
    fn cmp(&self, mantissa: u64, exponent: i32) -> Ordering {
        let mut expansion = Expansion::new(mantissa, exponent);
        if self.point != expansion.point {
            return self.point.cmp(&expansion.point);
        }
        for digit in self.values() {
            let order = digit.cmp(&expansion.next());
            if order.is_ne() {
                return order;
            }
        }
        if expansion.is_finished() { Ordering::Equal } else { Ordering::Less }
    }
}

/// `10**exponent` as a fraction of 64 bits, of which the highest is set, off by 4 at most, and a
/// power of two.
fn power_of_ten(exponent: isize) -> (u64, i32) {
    let (large, small) = (exponent.div_euclid(27), exponent.rem_euclid(27));
    let small = 5u64.pow(small as u32);
    let small = small << small.leading_zeros();
    let large = POWERS[(large - FIRST_POWER) as usize];
    let (bits, _) = product(small, large);
    // The whole part of the binary logarithm, exact in this range.
    (bits, ((exponent as i32 * 217_706) >> 16) - 63)
}

/// The upper half of a product of two numbers whose highest bits are set, off by 1 at most; it is
/// doubled if that sets its highest bit.
#[inline(never)]
fn product(a: u64, b: u64) -> (u64, bool) {
    let high = ((u128::from(a) * u128::from(b)) >> 64) as u64;
    if high >> 63 == 0 { (high << 1, true) } else { (high, false) }
}
