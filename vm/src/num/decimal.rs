//! The decimal digits of a float.
//!
//! The standard library converts, exactly and correctly rounded; this module takes its text apart
//! into digits and the place of the point. Digits are kept in a small buffer; a number that has
//! more of them is converted a second time when they are written, so that memory stays bounded for
//! any precision.

use core::fmt::{self, Write};

use super::intfmt::DigitSink;
use super::real::Real;

/// More than the shortest form of any number has, and than most precisions ask for.
const KEPT: usize = 24;

/// How many digits a number is to have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Digits {
    /// As few as tell it from every other number of its type.
    Shortest,
    /// This many, at least one.
    Significant(usize),
    /// This many after the point.
    Fraction(usize),
}

/// A finite number, not negative, rounded to decimal digits.
///
/// Its value is `0.DDD… * 10**point`, where DDD… are the digits that [`Decimal::for_each`] gives;
/// all that would follow are zeros.
pub(super) struct Decimal<F> {
    value: F,
    digits: Digits,
    /// The decimal exponent.
    pub point: isize,
    /// The number of digits.
    pub len: usize,
    /// The number of digits without zeros at the end; 0 for zero.
    pub significant: usize,
    kept: [u8; KEPT],
}

impl<F: Real> Decimal<F> {
    /// Rounds `value`, which is finite and not negative, ties to even.
    pub fn new(value: F, digits: Digits) -> Self {
        // No number has more digits than this; the rest would be zeros.
        let digits = match digits {
            Digits::Shortest => Digits::Shortest,
            Digits::Significant(n) => Digits::Significant(n.clamp(1, F::MAX_DIGITS)),
            Digits::Fraction(n) => Digits::Fraction(n.min(F::MAX_FRACTION_DIGITS)),
        };
        let (mut len, mut significant, mut kept) = (0, 0, [b'0'; KEPT]);
        let mut parser = Parser::new(|digit| {
            if let Some(kept) = kept.get_mut(len) {
                *kept = digit;
            }
            len += 1;
            if digit != b'0' {
                significant = len;
            }
            Ok(())
        });
        // The parser writes to memory only and never fails.
        let _ = convert(&mut parser, value, digits);
        let (point, exponent) = (parser.point, parser.exponent);
        let point = match exponent {
            Some(exponent) => exponent + 1,
            None => point.unwrap_or(len) as isize,
        };
        let decimal = Decimal { value, digits, point, len, significant, kept };
        match digits {
            Digits::Shortest => decimal.with_tie_to_even(),
            _ => decimal,
        }
    }

    /// The shortest digits of a number that lies in the middle between two texts of that length are
    /// those of the even text, if that is read back as the number. The standard library takes the
    /// greater.
    fn with_tie_to_even(self) -> Self {
        // An odd multiple of `2**-k` has exactly `k` digits after the point, the last one a 5.
        let (mantissa, exponent) = self.value.decompose();
        let k = -(exponent as isize + mantissa.trailing_zeros() as isize);
        let is_tie = mantissa != 0 && k > 0 && self.point + k == self.len as isize + 1;
        if !is_tie {
            return self;
        }
        let even = Decimal::new(self.value, Digits::Significant(self.len));
        if even.value() == self.value { even } else { self }
    }

    /// The number that the digits stand for, of which there are at most [`KEPT`] - 6.
    pub fn value(&self) -> F {
        let mut text = ShortText::default();
        let exponent = self.point - self.len as isize;
        let _ = self.for_each(&mut |digit| text.write_char(digit.into()));
        let _ = write!(text, "e{exponent}");
        text.as_str().parse().unwrap_or(F::NAN)
    }

    /// The first digit, as ASCII.
    pub fn first(&self) -> u8 {
        self.kept[0]
    }

    /// Gives every digit to `sink`.
    pub fn for_each(&self, sink: &mut DigitSink<'_>) -> fmt::Result {
        match self.kept.get(..self.len) {
            Some(kept) => kept.iter().try_for_each(|&digit| sink(digit)),
            None => convert(&mut Parser::new(sink), self.value, self.digits),
        }
    }
}

fn convert<F: Real>(w: &mut dyn Write, value: F, digits: Digits) -> fmt::Result {
    match digits {
        Digits::Shortest => write!(w, "{value:e}"),
        Digits::Significant(n) => write!(w, "{value:.*e}", n - 1),
        Digits::Fraction(n) => write!(w, "{value:.n$}"),
    }
}

/// The float nearest to `10**exponent`.
pub(super) fn power_of_ten<F: Real>(exponent: isize) -> F {
    let mut text = ShortText::default();
    let _ = write!(text, "1e{exponent}");
    text.as_str().parse().unwrap_or(F::NAN)
}

/// Takes a text such as `1.25e-3` or `0.00125` apart.
struct Parser<S> {
    sink: S,
    seen: usize,
    /// The digits before the point, if there is one.
    point: Option<usize>,
    exponent: Option<isize>,
    exponent_negative: bool,
}

impl<S: FnMut(u8) -> fmt::Result> Parser<S> {
    fn new(sink: S) -> Self {
        Parser { sink, seen: 0, point: None, exponent: None, exponent_negative: false }
    }
}

impl<S: FnMut(u8) -> fmt::Result> Write for Parser<S> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.bytes() {
            match (c, &mut self.exponent) {
                (b'.', _) => self.point = Some(self.seen),
                (b'e', _) => self.exponent = Some(0),
                (b'-', _) => self.exponent_negative = true,
                (_, Some(exponent)) => {
                    let digit = isize::from(c - b'0');
                    let digit = if self.exponent_negative { -digit } else { digit };
                    *exponent = *exponent * 10 + digit;
                }
                (_, None) => {
                    self.seen += 1;
                    (self.sink)(c)?;
                }
            }
        }
        Ok(())
    }
}

/// A text of a few bytes: `e+308`, `%`, the longest `DDDDDDDDDDDDDDDDDe-324`.
#[derive(Default)]
pub(super) struct ShortText {
    text: [u8; 24],
    len: usize,
}

impl ShortText {
    pub fn as_str(&self) -> &str {
        // Only whole characters are written.
        str::from_utf8(&self.text[..self.len]).unwrap_or_default()
    }
}

impl Write for ShortText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.text.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}
