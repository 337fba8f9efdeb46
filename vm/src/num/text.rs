//! Integers in source text and in `int(text, base)`.
//!
//! The grammar is that of the Python Language Reference, "Integer literals", with what `int()`
//! adds: white space around, a sign, a base. An [`IntText`] is proof that its digits are digits.

use super::meter::{Interrupted, Meter};
use super::radix;

/// A number in text that has been checked: sign, base and digits, not yet its value.
#[derive(Clone, Copy, Debug)]
pub struct IntText<'a> {
    negative: bool,
    base: u32,
    /// Digits of the base, with underscores between some of them.
    digits: &'a [u8],
    n_digits: usize,
}

impl<'a> IntText<'a> {
    /// Reads `[white space][sign][prefix]digits[white space]`.
    ///
    /// Base 0 takes the base from the prefix and, like source text, refuses leading zeros. The
    /// prefix of base 2, 8 or 16 may stand before digits of that base. O(length).
    ///
    /// `None` if it is no integer in that base, which is 0 or in 2..=36.
    pub fn parse(text: &'a [u8], base: u32) -> Option<Self> {
        let (negative, text) = match text.trim_ascii() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            text => (false, text),
        };
        let prefix = match text {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            _ => 0,
        };
        let has_prefix = prefix != 0 && (base == 0 || base == prefix);
        let digits = if has_prefix { &text[2..] } else { text };
        let value_base = match base {
            0 if has_prefix => prefix,
            0 => 10,
            _ => base,
        };

        let mut n_digits = 0;
        // An underscore may follow a digit or a prefix, and a digit must follow it.
        let mut after_digit = has_prefix;
        for &c in digits {
            let is_digit = radix::digit_value(c) < value_base;
            let is_separator = c == b'_' && after_digit;
            if !is_digit && !is_separator {
                return None;
            }
            n_digits += usize::from(is_digit);
            after_digit = is_digit;
        }
        if n_digits == 0 || !after_digit {
            return None;
        }
        let leading_zero = base == 0 && !has_prefix && digits[0] == b'0';
        if leading_zero && digits.iter().any(|c| !matches!(c, b'0' | b'_')) {
            return None;
        }
        Some(IntText { negative, base: value_base, digits, n_digits })
    }

    /// Whether there is a minus sign.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Limbs that [`IntText::magnitude`] needs.
    pub fn magnitude_len(&self) -> usize {
        radix::from_digits_len(self.n_digits, self.base)
    }

    /// Writes the absolute value to `out` and returns its trimmed length.
    ///
    /// # Errors
    /// Those of the meter.
    pub fn magnitude(&self, out: &mut [u32], meter: &mut Meter<'_>) -> Result<usize, Interrupted> {
        radix::from_digits(out, self.digits, self.base, meter)
    }
}
