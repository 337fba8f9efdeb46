//! The format mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
//!
//! Source: Python Library Reference, "Format Specification Mini-Language". One [`FormatSpec`]
//! serves `format()`, f-strings and, filled in by hand, the `%` operator. A specification is read
//! by [`FormatSpec::parse`], checked against the type of the value by one of the `check_*`
//! functions, and then written by `intfmt`, `float`, `complex` or [`write_str`].

use core::fmt::{self, Write};

/// Where a value stands in its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// `<`
    Left,
    /// `>`
    Right,
    /// `^`
    Center,
    /// `=`: the filling stands between sign and digits.
    AfterSign,
}

/// What stands before a number that is not negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sign {
    /// `-`: nothing.
    #[default]
    Minus,
    /// `+`: a plus sign.
    Plus,
    /// ` `: a space.
    Space,
}

/// A parsed format specification. The default is the empty one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FormatSpec {
    /// The character that fills the field; without one, `0` or a space.
    pub fill: Option<char>,
    /// The alignment; without one, that of the type.
    pub align: Option<Align>,
    /// What stands before a number that is not negative.
    pub sign: Sign,
    /// `z`: a float that is rounded to zero loses its minus sign.
    pub no_negative_zero: bool,
    /// `#`: the alternate form.
    pub alternate: bool,
    /// `0`: fill with zeros, after the sign.
    pub zero: bool,
    /// The least width, in characters.
    pub width: usize,
    /// `,` or `_` between groups of digits.
    pub grouping: Option<char>,
    /// The precision, if there is one.
    pub precision: Option<usize>,
    /// The presentation type, if there is one: any character, not checked.
    pub kind: Option<char>,
}

/// Why a specification is refused; always a `ValueError`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormatError {
    /// The text is no specification.
    Invalid,
    /// Width or precision is too large a number.
    TooManyDigits,
    /// A `.` without digits after it.
    MissingPrecision,
    /// Both `,` and `_`.
    BothSeparators,
    /// The separator does not go with this type.
    SeparatorWith(char, char),
    /// The type does not go with values of the Python type of this name.
    UnknownCode(char, &'static str),
    /// A sign for a string.
    SignWithString,
    /// A sign for the type `c`.
    SignWithChar,
    /// `#` for a string.
    AlternateWithString,
    /// `#` for the type `c`.
    AlternateWithChar,
    /// `=` for a string.
    AfterSignWithString,
    /// `z` for a string or an integer.
    NoNegativeZero(&'static str),
    /// A precision for an integer.
    PrecisionWithInt,
    /// Zero padding for a complex number.
    ZeroWithComplex,
    /// `=` for a complex number.
    AfterSignWithComplex,
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FormatError::Invalid => "invalid format specifier",
            FormatError::TooManyDigits => "Too many decimal digits in format string",
            FormatError::MissingPrecision => "Format specifier missing precision",
            FormatError::BothSeparators => "Cannot specify both ',' and '_'.",
            FormatError::SeparatorWith(separator, kind) => {
                return write!(f, "Cannot specify '{separator}' with '{kind}'.");
            }
            FormatError::UnknownCode(kind, name) => {
                return write!(f, "unknown format code '{kind}' for object of type '{name}'");
            }
            FormatError::SignWithString => "sign not allowed in string format specifier",
            FormatError::SignWithChar => "sign not allowed with integer format specifier 'c'",
            FormatError::AlternateWithString => {
                "Alternate form (#) not allowed in string format specifier"
            }
            FormatError::AlternateWithChar => {
                "Alternate form (#) not allowed with integer format specifier 'c'"
            }
            FormatError::AfterSignWithString => {
                "'=' alignment not allowed in string format specifier"
            }
            FormatError::NoNegativeZero(what) => {
                return write!(
                    f,
                    "Negative zero coercion (z) not allowed in {what} format specifier"
                );
            }
            FormatError::PrecisionWithInt => "Precision not allowed in integer format specifier",
            FormatError::ZeroWithComplex => {
                "Zero padding is not allowed in complex format specifier"
            }
            FormatError::AfterSignWithComplex => {
                "'=' alignment flag is not allowed in complex format specifier"
            }
        })
    }
}

/// What an integer is to be written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntKind {
    /// As digits in this base, in upper case or not: [`super::intfmt::write_int`].
    Digits {
        /// 2, 8, 10 or 16.
        base: u32,
        /// Whether letters are in upper case.
        upper: bool,
    },
    /// As the character with this code: [`write_str`] with [`Align::Right`].
    Char,
    /// As a float: [`super::float::write_float`].
    Float,
}

impl FormatSpec {
    /// Reads a specification; the empty text is one.
    ///
    /// # Errors
    /// [`FormatError::Invalid`], [`FormatError::TooManyDigits`], [`FormatError::MissingPrecision`],
    /// [`FormatError::BothSeparators`].
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let mut spec = FormatSpec::default();
        let mut rest = text;
        let mut chars = text.chars();
        let (first, second) = (chars.next(), chars.next());
        if let (Some(fill), Some(align)) = (first, second.and_then(align_of)) {
            spec.fill = Some(fill);
            spec.align = Some(align);
            rest = chars.as_str();
        } else if let Some(align) = first.and_then(align_of) {
            spec.align = Some(align);
            rest = &text[1..];
        }
        spec.sign = match rest.as_bytes().first() {
            Some(b'+') => Sign::Plus,
            Some(b' ') => Sign::Space,
            _ => Sign::Minus,
        };
        rest = rest.strip_prefix(['+', '-', ' ']).unwrap_or(rest);
        spec.no_negative_zero = take(&mut rest, 'z');
        spec.alternate = take(&mut rest, '#');
        spec.zero = take(&mut rest, '0');
        spec.width = number(&mut rest)?.unwrap_or(0);
        for separator in [',', '_'] {
            if take(&mut rest, separator) {
                spec.grouping = Some(separator);
                if rest.starts_with([',', '_']) {
                    // The same one twice is an unknown type.
                    let same = rest.starts_with(separator);
                    return Err(if same {
                        FormatError::SeparatorWith(separator, separator)
                    } else {
                        FormatError::BothSeparators
                    });
                }
            }
        }
        if take(&mut rest, '.') {
            spec.precision = Some(number(&mut rest)?.ok_or(FormatError::MissingPrecision)?);
        }
        let mut chars = rest.chars();
        spec.kind = chars.next();
        if chars.next().is_some() {
            return Err(FormatError::Invalid);
        }
        Ok(spec)
    }

    /// The alignment, given that of the type.
    pub(super) fn alignment(&self, default: Align) -> Align {
        match self.align {
            Some(align) => align,
            None if self.zero && default == Align::Right => Align::AfterSign,
            None => default,
        }
    }

    /// The character that fills the field.
    pub(super) fn filling(&self) -> char {
        self.fill.unwrap_or(if self.zero { '0' } else { ' ' })
    }

    /// Checks the specification for a string.
    ///
    /// # Errors
    /// What does not go with a string.
    pub fn check_str(&self) -> Result<(), FormatError> {
        if !matches!(self.kind, None | Some('s')) {
            return Err(FormatError::UnknownCode(self.kind.unwrap_or('s'), "str"));
        }
        if self.sign != Sign::Minus {
            return Err(FormatError::SignWithString);
        }
        if self.no_negative_zero {
            return Err(FormatError::NoNegativeZero("string"));
        }
        if self.alternate {
            return Err(FormatError::AlternateWithString);
        }
        if self.align == Some(Align::AfterSign) {
            return Err(FormatError::AfterSignWithString);
        }
        self.check_separator(false, 's')
    }

    /// Checks the specification for an integer and says how it is to be written.
    ///
    /// # Errors
    /// What does not go with an integer.
    pub fn check_int(&self) -> Result<IntKind, FormatError> {
        let kind = self.kind.unwrap_or('d');
        let base = match kind {
            'b' => 2,
            'o' => 8,
            'd' | 'n' => 10,
            'x' | 'X' => 16,
            'c' => 0,
            'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => return Ok(IntKind::Float),
            _ => return Err(FormatError::UnknownCode(kind, "int")),
        };
        if self.precision.is_some() {
            return Err(FormatError::PrecisionWithInt);
        }
        if self.no_negative_zero {
            return Err(FormatError::NoNegativeZero("integer"));
        }
        if kind == 'c' && self.sign != Sign::Minus {
            return Err(FormatError::SignWithChar);
        }
        if kind == 'c' && self.alternate {
            return Err(FormatError::AlternateWithChar);
        }
        let may_group = match kind {
            'd' => true,
            'c' | 'n' => false,
            _ => self.grouping == Some('_'),
        };
        self.check_separator(may_group, kind)?;
        Ok(match base {
            0 => IntKind::Char,
            _ => IntKind::Digits { base, upper: kind == 'X' },
        })
    }

    /// Checks the specification for a float.
    ///
    /// # Errors
    /// What does not go with a float.
    pub fn check_float(&self) -> Result<(), FormatError> {
        self.check_float_kind("float")
    }

    /// Checks the specification for a complex number.
    ///
    /// # Errors
    /// What does not go with a complex number.
    pub fn check_complex(&self) -> Result<(), FormatError> {
        if self.kind == Some('%') {
            return Err(FormatError::UnknownCode('%', "complex"));
        }
        self.check_float_kind("complex")?;
        if self.filling() == '0' {
            return Err(FormatError::ZeroWithComplex);
        }
        if self.align == Some(Align::AfterSign) {
            return Err(FormatError::AfterSignWithComplex);
        }
        Ok(())
    }

    fn check_float_kind(&self, name: &'static str) -> Result<(), FormatError> {
        match self.kind {
            None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => Ok(()),
            Some('n') => self.check_separator(false, 'n'),
            Some(kind) => Err(FormatError::UnknownCode(kind, name)),
        }
    }

    fn check_separator(&self, allowed: bool, kind: char) -> Result<(), FormatError> {
        match self.grouping {
            Some(separator) if !allowed => Err(FormatError::SeparatorWith(separator, kind)),
            _ => Ok(()),
        }
    }
}

fn align_of(c: char) -> Option<Align> {
    Some(match c {
        '<' => Align::Left,
        '>' => Align::Right,
        '^' => Align::Center,
        '=' => Align::AfterSign,
        _ => return None,
    })
}

fn take(text: &mut &str, c: char) -> bool {
    let rest = text.strip_prefix(c);
    *text = rest.unwrap_or(text);
    rest.is_some()
}

/// Takes decimal digits from the start of `text`, if there are any.
fn number(text: &mut &str) -> Result<Option<usize>, FormatError> {
    let len = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = text.split_at(len);
    *text = rest;
    match digits.parse::<isize>() {
        _ if len == 0 => Ok(None),
        Ok(number) => Ok(Some(number.unsigned_abs())),
        Err(_) => Err(FormatError::TooManyDigits),
    }
}

/// The widths of the filling on both sides of a value of `n_chars` characters.
pub(super) fn margins(spec: &FormatSpec, align: Align, n_chars: usize) -> (usize, usize) {
    let total = spec.width.saturating_sub(n_chars);
    let left = match align {
        Align::Left => 0,
        Align::Center => total / 2,
        Align::Right | Align::AfterSign => total,
    };
    (left, total - left)
}

/// Writes `n` times the character `c`.
pub(super) fn repeat(w: &mut dyn Write, c: char, n: usize) -> fmt::Result {
    (0..n).try_for_each(|_| w.write_char(c))
}

/// Writes a string of `n_chars` characters in its field; `default` is its alignment.
///
/// The precision, the most characters to be written, is left to the caller, who knows the string's
/// representation. The specification has passed [`FormatSpec::check_str`].
///
/// # Errors
/// Those of `w`.
pub fn write_str(
    w: &mut dyn Write,
    spec: &FormatSpec,
    default: Align,
    text: &str,
    n_chars: usize,
) -> fmt::Result {
    let (left, right) = margins(spec, spec.alignment(default), n_chars);
    repeat(w, spec.filling(), left)?;
    w.write_str(text)?;
    repeat(w, spec.filling(), right)
}
