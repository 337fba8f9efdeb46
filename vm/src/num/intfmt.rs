//! Integers in the format mini-language, and the field, sign, prefix and grouping of any number.

use core::fmt;

use super::Write;

use super::spec::{Align, FormatSpec, Sign, margins, repeat};

/// More digits than a number has.
pub(super) const NO_GROUPS: usize = usize::MAX >> 1;

/// The parts of a number in text, apart from its digits.
#[derive(Default)]
pub(super) struct Number<'a> {
    pub negative: bool,
    /// Stands between the sign and the digits.
    pub prefix: &'a str,
    /// Digits before the point.
    pub n_whole: usize,
    /// Whether there is a point.
    pub point: bool,
    /// Digits after the point.
    pub n_fraction: usize,
    /// Stands after the digits.
    pub suffix: &'a [u8],
    /// Digits between two separators.
    pub group: usize,
}

/// Writes an integer given as its digits, most significant first, letters in lower case.
///
/// `base` and `upper` are those of [`super::spec::IntKind::Digits`]. The precision is the least
/// number of digits, as the `%` operator has it.
///
/// # Errors
/// Those of `w`.
pub fn write_int(
    w: &mut dyn Write,
    spec: &FormatSpec,
    negative: bool,
    digits: &[u8],
    base: u32,
    upper: bool,
) -> fmt::Result {
    let prefix = match base {
        _ if !spec.alternate => "",
        2 => "0b",
        8 => "0o",
        16 if upper => "0X",
        16 => "0x",
        _ => "",
    };
    let n_zeros = spec.precision.unwrap_or(0).saturating_sub(digits.len());
    let number = Number {
        negative,
        prefix,
        n_whole: n_zeros + digits.len(),
        point: false,
        n_fraction: 0,
        suffix: &[],
        group: if base == 10 { 3 } else { 4 },
    };
    write_number(w, spec, &number, &|i| {
        let digit = i.checked_sub(n_zeros).and_then(|i| digits.get(i)).copied().unwrap_or(b'0');
        if upper { digit.to_ascii_uppercase() } else { digit }
    })
}

/// Writes a number in its field. `digit` gives each of the digits that `number` announces, as ASCII.
#[inline(never)]
pub(super) fn write_number(
    w: &mut dyn Write,
    spec: &FormatSpec,
    number: &Number<'_>,
    digit: &dyn Fn(usize) -> u8,
) -> fmt::Result {
    let sign = match (number.negative, spec.sign) {
        (true, _) => "-",
        (false, Sign::Plus) => "+",
        (false, Sign::Space) => " ",
        (false, Sign::Minus) => "",
    };
    let (align, fill) = (spec.alignment(Align::Right), spec.filling());
    let group = if spec.grouping.is_some() { number.group } else { NO_GROUPS };
    let separator = spec.grouping.unwrap_or('_');
    let n_other = sign.len()
        + number.prefix.len()
        + usize::from(number.point)
        + number.n_fraction
        + number.suffix.len();

    // Zeros after the sign are digits: they are grouped too.
    let zeros = align == Align::AfterSign && fill == '0';
    let room = if zeros { spec.width.saturating_sub(n_other) } else { 0 };
    let n_whole = number.n_whole.max(digits_in(room, group));
    let n_chars = n_other + n_whole + n_whole.saturating_sub(1) / group;
    let (left, right) = margins(spec, align, n_chars);

    let inside = align == Align::AfterSign;
    repeat(w, fill, if inside { 0 } else { left })?;
    w.write_str(sign)?;
    w.write_str(number.prefix)?;
    repeat(w, fill, if inside { left } else { 0 })?;
    // Zeros that the digits are filled up with.
    let n_zeros = n_whole - number.n_whole;
    for i in 0..n_whole + number.n_fraction {
        if i == n_whole {
            w.write_char('.')?;
        }
        if i != 0 && i < n_whole && (n_whole - i).is_multiple_of(group) {
            w.write_char(separator)?;
        }
        w.write_char(i.checked_sub(n_zeros).map_or('0', |i| digit(i).into()))?;
    }
    if number.point && number.n_fraction == 0 {
        w.write_char('.')?;
    }
    number.suffix.iter().try_for_each(|&c| w.write_char(c.into()))?;
    repeat(w, fill, right)
}

/// The fewest digits that, with separators between groups, fill `room` characters.
fn digits_in(room: usize, group: usize) -> usize {
    // A number of `n` digits has `n + (n - 1) / group` characters and never begins with a separator.
    room - room.saturating_sub(1) / (group + 1)
}
