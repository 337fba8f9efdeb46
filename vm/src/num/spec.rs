//! The format mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
//!
//! Source: Python Library Reference, "Format Specification Mini-Language". One [`FormatSpec`]
//! serves `format()`, f-strings and, filled in by hand, the `%` operator. A specification is read
//! by [`FormatSpec::read`], checked against the type of the value by one of the `check_*`
//! functions, and then written by `intfmt`, `float` or `complex`.

use core::fmt;

use super::Write;

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
    /// The type does not go with values of the Python type of this name.
    UnknownCode(char, &'static str),
    /// This part does not go with values of this kind.
    NotAllowed(&'static str, &'static str),
}

impl FormatError {
    /// Writes what Python says.
    ///
    /// # Errors
    /// Those of `w`.
    pub fn write(self, w: &mut dyn Write) -> fmt::Result {
        let mut kind = [0; 4];
        let parts = match self {
            FormatError::Invalid => ["invalid format specifier", "", "", "", ""],
            FormatError::UnknownCode(code, name) => {
                let code = code.encode_utf8(&mut kind);
                ["unknown format code '", code, "' for object of type '", name, "'"]
            }
            FormatError::NotAllowed(part, kind) => {
                [part, " not allowed in ", kind, " format specifier", ""]
            }
        };
        parts.iter().try_for_each(|part| w.write_str(part))
    }
}

/// The parts of a specification that do not go with every value, as bits.
mod part {
    pub const SIGN: u8 = 1;
    pub const NO_NEGATIVE_ZERO: u8 = 2;
    pub const ALTERNATE: u8 = 4;
    pub const AFTER_SIGN: u8 = 8;
    pub const SEPARATOR: u8 = 16;
    pub const PRECISION: u8 = 32;
    pub const ZEROS: u8 = 64;
    /// What a message calls each.
    pub static NAMES: [&str; 7] = [
        "sign",
        "negative zero",
        "alternate form",
        "'='",
        "separator",
        "precision",
        "zero padding",
    ];
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
    /// As the character with this code.
    Char,
    /// As a float: [`super::float::write_float`].
    Float,
}

impl FormatSpec {
    /// The empty specification.
    pub const PLAIN: FormatSpec = FormatSpec {
        fill: None,
        align: None,
        sign: Sign::Minus,
        no_negative_zero: false,
        alternate: false,
        zero: false,
        width: 0,
        grouping: None,
        precision: None,
        kind: None,
    };

    /// Reads a specification into an empty one; the empty text is one. False for what is none.
    #[inline(never)]
    pub fn read(&mut self, text: &str) -> bool {
        let mut rest = Rest { text: text.as_bytes(), at: 1 };
        // MicroPython fills with ASCII only.
        let mut fill = text.as_bytes().first().copied().map(char::from);
        if cfg!(feature = "extra") {
            fill = text.chars().next();
            rest.at = fill.map_or(0, char::len_utf8);
        }
        self.align = align_of(rest.peek());
        if self.align.is_some() {
            self.fill = fill;
        } else {
            rest.at = 0;
            self.align = align_of(rest.peek());
        }
        rest.at += usize::from(self.align.is_some());
        if rest.take(b'+') {
            self.sign = Sign::Plus;
        } else if rest.take(b' ') {
            self.sign = Sign::Space;
        } else {
            rest.take(b'-');
        }
        self.no_negative_zero = cfg!(feature = "extra") && rest.take(b'z');
        self.alternate = rest.take(b'#');
        self.zero = rest.take(b'0');
        self.width = rest.number().unwrap_or(0);
        if rest.take(b',') {
            self.grouping = Some(',');
        } else if rest.take(b'_') {
            self.grouping = Some('_');
        }
        // A second one is no type.
        let mut is_valid = !matches!(rest.peek(), b',' | b'_');
        if rest.take(b'.') {
            self.precision = rest.number();
            is_valid &= self.precision.is_some();
        }
        let kind = rest.peek();
        if kind != 0 {
            self.kind = Some(char::from(kind));
            rest.at += 1;
        }
        let most = isize::MAX as usize;
        is_valid
            && kind.is_ascii()
            && rest.at >= text.len()
            && self.width <= most
            && self.precision.unwrap_or(0) <= most
    }

    /// As [`FormatSpec::read`].
    #[cfg(test)]
    pub fn parse(text: &str) -> Result<Self, FormatError> {
        let mut spec = FormatSpec::default();
        if spec.read(text) { Ok(spec) } else { Err(FormatError::Invalid) }
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
    pub fn filling(&self) -> char {
        self.fill.unwrap_or(if self.zero { '0' } else { ' ' })
    }

    /// Refuses the first of these parts that the specification has, for a value of this kind.
    #[inline(never)]
    fn refuse(&self, parts: u8, kind: &'static str) -> Result<(), FormatError> {
        let bit = |is_there: bool, part: u8| if is_there { part } else { 0 };
        let mut there = bit(self.sign != Sign::Minus, part::SIGN)
            | bit(self.align == Some(Align::AfterSign), part::AFTER_SIGN);
        // MicroPython passes over the others.
        if cfg!(feature = "extra") {
            there |= bit(self.no_negative_zero, part::NO_NEGATIVE_ZERO)
                | bit(self.alternate, part::ALTERNATE)
                | bit(self.grouping.is_some(), part::SEPARATOR)
                | bit(self.precision.is_some(), part::PRECISION)
                | bit(self.filling() == '0', part::ZEROS);
        }
        match part::NAMES.get((there & parts).trailing_zeros() as usize) {
            Some(part) => Err(FormatError::NotAllowed(part, kind)),
            None => Ok(()),
        }
    }

    /// Checks the specification for a string.
    ///
    /// # Errors
    /// What does not go with a string.
    pub fn check_str(&self) -> Result<(), FormatError> {
        if !matches!(self.kind, None | Some('s')) {
            return Err(FormatError::UnknownCode(self.kind.unwrap_or('s'), "str"));
        }
        let parts = part::SIGN | part::NO_NEGATIVE_ZERO | part::ALTERNATE | part::AFTER_SIGN;
        self.refuse(parts | part::SEPARATOR, "string")
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
        let (parts, kind) = match kind {
            'c' => (part::SIGN | part::ALTERNATE | part::SEPARATOR, "character"),
            'd' => (0, "integer"),
            'n' => (part::SEPARATOR, "integer"),
            _ if self.grouping == Some(',') => (part::SEPARATOR, "integer"),
            _ => (0, "integer"),
        };
        self.refuse(parts | part::PRECISION | part::NO_NEGATIVE_ZERO, kind)?;
        Ok(match base {
            0 => IntKind::Char,
            _ => IntKind::Digits { base, upper: self.kind == Some('X') },
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
        self.refuse(part::ZEROS | part::AFTER_SIGN, "complex")
    }

    fn check_float_kind(&self, name: &'static str) -> Result<(), FormatError> {
        match self.kind {
            None | Some('e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') => Ok(()),
            Some('n') => self.refuse(part::SEPARATOR, name),
            Some(kind) => Err(FormatError::UnknownCode(kind, name)),
        }
    }
}

fn align_of(b: u8) -> Option<Align> {
    Some(match b {
        b'<' => Align::Left,
        b'>' => Align::Right,
        b'^' => Align::Center,
        b'=' => Align::AfterSign,
        _ => return None,
    })
}

/// What is still to be read of a specification, or of a format that has some.
pub struct Rest<'t> {
    /// All of it.
    pub text: &'t [u8],
    /// The offset of the next byte.
    pub at: usize,
}

impl Rest<'_> {
    /// The next byte; 0 at the end.
    pub fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    /// Takes this byte, if it is the next one.
    #[inline(never)]
    pub fn take(&mut self, b: u8) -> bool {
        let is_next = self.peek() == b;
        self.at += usize::from(is_next);
        is_next
    }

    /// Takes decimal digits, if there are any.
    #[inline(never)]
    pub fn number(&mut self) -> Option<usize> {
        let mut n = None;
        while let digit @ b'0'..=b'9' = self.peek() {
            let high = n.unwrap_or(0usize).saturating_mul(10);
            n = Some(high.saturating_add(usize::from(digit - b'0')));
            self.at += 1;
        }
        n
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
