//! Integers to and from digits in base 2 to 36.
//!
//! Digits are ASCII, most significant first, letters in lower case. Any base takes the square of the
//! length, a machine word of digits at a time.

use super::divide;
use super::kernel;
use super::limbs::{self, LIMB_BITS, trimmed_len};
use super::meter::{BLOCK, Interrupted, Meter};
use super::word::{Native, Word};

/// The character of a digit.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// The value of a digit, a letter in either case; 36 for other characters.
#[inline(never)]
pub(super) fn digit_value(c: u8) -> u32 {
    char::from(c).to_digit(36).unwrap_or(36)
}

/// Digits that a word has room for, in every base.
const GROUP: usize = if Native::LIMBS == 1 { 6 } else { 12 };

/// Bytes that [`to_digits`] needs for a magnitude of `bits` bits: a digit for every bit that it must have.
pub fn digits_len(bits: usize, base: u32) -> usize {
    bits / base.ilog2() as usize + 1
}

/// Writes the digits of the magnitude `a` to the end of `out` and returns where they begin.
///
/// `out` has [`digits_len`] bytes, `scratch` as many limbs as `a`; `base` is in 2..=36.
/// Zero is one digit.
///
/// # Errors
/// Those of the meter.
pub fn to_digits(
    out: &mut [u8],
    a: &[u32],
    scratch: &mut [u32],
    base: u32,
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    let power = Native::from(base).pow(GROUP as u32);
    let rest = &mut scratch[..a.len()];
    rest.copy_from_slice(a);
    let mut len = a.len();
    let mut at = out.len();
    loop {
        let low = divide::div_word(&mut rest[..len], power, meter)?;
        len = trimmed_len(&rest[..len]);
        let start = word_to_digits(&mut out[..at], low as usize, base);
        meter.spend(12 * GROUP)?;
        if len == 0 {
            return Ok(start);
        }
        at -= GROUP;
        out[at..start].fill(b'0');
    }
}

/// Writes the digits of a machine word to the end of `out` and returns where they begin.
///
/// `out` has room for them, at most 64 bytes; `base` is in 2..=36. Zero is one digit.
pub fn word_to_digits(out: &mut [u8], mut value: usize, base: u32) -> usize {
    let mut at = out.len();
    loop {
        at -= 1;
        out[at] = DIGITS[value % base as usize];
        value /= base as usize;
        if value == 0 {
            return at;
        }
    }
}

/// Limbs that [`from_digits`] needs for `n_digits` digits, each of as many bits as the highest has.
pub fn from_digits_len(n_digits: usize, base: u32) -> usize {
    n_digits.saturating_mul((base - 1).ilog2() as usize + 1) / LIMB_BITS + 1
}

/// Reads `digits`, letters in either case, into `out`, and returns the trimmed length.
///
/// Underscores are skipped; anything else that is no digit of the base counts as zero. `out` has
/// [`from_digits_len`] limbs; `base` is in 2..=36.
///
/// # Errors
/// Those of the meter.
pub fn from_digits(
    out: &mut [u32],
    digits: &[u8],
    base: u32,
    meter: &mut Meter<'_>,
) -> Result<usize, Interrupted> {
    let mut digits = digits.iter().filter(|&&c| c != b'_');
    let mut len = 0;
    loop {
        let (mut word, mut power): (Native, Native) = (0, 1);
        for &c in digits.by_ref().take(GROUP) {
            let value = Some(digit_value(c)).filter(|&value| value < base).unwrap_or(0);
            word = word * base as Native + value as Native;
            power *= base as Native;
        }
        if power == 1 {
            return Ok(len);
        }
        meter.spend(10 * GROUP)?;
        for out in out[..len].chunks_mut(BLOCK) {
            word = kernel::scale(out, power, word);
            meter.spend(6 * out.len())?;
        }
        let mut top = [0; Native::LIMBS];
        word.write_limbs(&mut top);
        let top = limbs::trim(&top);
        out[len..len + top.len()].copy_from_slice(top);
        len += top.len();
    }
}
