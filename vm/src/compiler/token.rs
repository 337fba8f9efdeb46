//! Tokens: what the lexer hands to the parser.
//!
//! Source: Python Language Reference, "Lexical analysis".
#![forbid(unsafe_code)]

use super::ast::{BinOp, CmpOp};
use crate::value::Value;

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The kind of a token.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the names say it")]
        pub enum Tok { $($(#[$doc])* $name),* }

        const ALL: &[Tok] = &[$(Tok::$name),*];

        impl Tok {
            /// How many there are.
            pub const COUNT: usize = ALL.len();
        }
    };
}

tokens! {
    End,
    Newline,
    Indent,
    Dedent,
    /// An identifier; [`Token::value`] is its interned string. Soft keywords too.
    Name,
    /// A number; [`Token::value`].
    Number,
    /// The opening quote of a string with [`Token::prefix`]; the lexer stands behind it.
    Str,
    // Punctuation, in the order of `SPELLINGS`.
    LParen,
    RParen,
    LBracket,
    RBracket,
    LBrace,
    RBrace,
    Comma,
    Colon,
    Dot,
    Assign,
    Semicolon,
    Arrow,
    Walrus,
    Bang,
    Tilde,
    /// The first of the comparisons, in the order of [`CmpOp`].
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
    /// The first of the binary operators, in the order of [`BinOp`].
    Plus,
    Minus,
    Star,
    Slash,
    DoubleSlash,
    Percent,
    DoubleStar,
    At,
    LeftShift,
    RightShift,
    Ampersand,
    Bar,
    Caret,
    /// The first of the augmented assignments, in the order of [`BinOp`].
    PlusAssign,
    MinusAssign,
    StarAssign,
    SlashAssign,
    DoubleSlashAssign,
    PercentAssign,
    DoubleStarAssign,
    AtAssign,
    LeftShiftAssign,
    RightShiftAssign,
    AmpersandAssign,
    BarAssign,
    CaretAssign,
    Ellipsis,
    // Keywords, in the order of `KEYWORDS`.
    False,
    None,
    True,
    And,
    As,
    Assert,
    Async,
    Await,
    Break,
    Class,
    Continue,
    Def,
    Del,
    Elif,
    Else,
    Except,
    Finally,
    For,
    From,
    Global,
    If,
    Import,
    In,
    Is,
    Lambda,
    Nonlocal,
    Not,
    Or,
    Pass,
    Raise,
    Return,
    Try,
    While,
    With,
    Yield,
}

/// The tokens from [`Tok::LParen`] to [`Tok::Caret`]: two bytes each, the second a blank where there is but one.
const SPELLINGS: &[u8; 68] =
    b"( ) [ ] { } , : . = ; ->:=! ~ < <=> >===!=+ - * / //% **@ <<>>& | ^ ";

/// The keywords from [`Tok::False`] on, sorted, each behind its length.
const KEYWORDS: &[u8] = b"\x05False\x04None\x04True\x03and\x02as\x06assert\x05async\x05await\x05break\
    \x05class\x08continue\x03def\x03del\x04elif\x04else\x06except\x07finally\x03for\x04from\x06global\
    \x02if\x06import\x02in\x02is\x06lambda\x08nonlocal\x03not\x02or\x04pass\x05raise\x06return\x03try\
    \x05while\x04with\x05yield";

/// Prefix and opening quote of a string, as bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prefix(u8);

/// A token; the kind, which is looked at most, is where short instructions reach.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Token {
    /// What it is.
    pub kind: Tok,
    /// Of a [`Tok::Str`]; else anything.
    pub prefix: Prefix,
    /// The line it begins on, from 1.
    pub line: u32,
    /// Of a name or a number; else anything.
    pub value: Value,
}

impl Prefix {
    /// No prefix.
    pub const NONE: Prefix = Prefix(0);
    /// With the letter `b`.
    pub const BYTES: Prefix = Prefix(1);
    /// Has replacement fields: with the letter `f` or `t`.
    pub const FIELDS: Prefix = Prefix(2);
    /// With the letter `t`; see [`Prefix::is_template`].
    pub const TEMPLATE: Prefix = Prefix(4);
    /// With the letter `r`: no escapes.
    pub const RAW: Prefix = Prefix(8);
    /// Three quotes.
    pub const TRIPLE: Prefix = Prefix(16);
    /// The quote is `"`.
    const DOUBLE: Prefix = Prefix(32);
    /// The letter `u`, which means nothing.
    const U: Prefix = Prefix(64);

    /// The prefix that the letters before a quote make, in any case.
    pub fn from_letters(letters: &[u8], quote: u8) -> Option<Prefix> {
        const BYTES: u8 = Prefix::BYTES.0;
        const FORMAT: u8 = Prefix::FIELDS.0;
        const TEMPLATE: u8 = Prefix::FIELDS.0 | Prefix::TEMPLATE.0;
        const RAW: u8 = Prefix::RAW.0;
        const U: u8 = Prefix::U.0;
        let mut bits = 0;
        for letter in letters {
            let bit = match letter | 0x20 {
                b'r' => RAW,
                b'b' => BYTES,
                b'f' => FORMAT,
                b't' if cfg!(feature = "string") => TEMPLATE,
                b'u' => U,
                _ => return None,
            };
            if bits & bit != 0 {
                return None;
            }
            bits |= bit;
        }
        match bits & !RAW {
            U if bits & RAW != 0 => None,
            0 | BYTES | FORMAT | TEMPLATE | U => {
                Some(Prefix(bits | if quote == b'"' { Prefix::DOUBLE.0 } else { 0 }))
            }
            _ => None,
        }
    }

    /// True when all of `other` is said.
    pub fn has(self, other: Prefix) -> bool {
        self.0 & other.0 == other.0
    }

    /// True for a t-string.
    pub fn is_template(self) -> bool {
        cfg!(feature = "string") && self.has(Prefix::TEMPLATE)
    }

    /// This and `other`.
    pub fn with(self, other: Prefix) -> Prefix {
        Prefix(self.0 | other.0)
    }

    /// This without `other`.
    pub fn without(self, other: Prefix) -> Prefix {
        Prefix(self.0 & !other.0)
    }

    /// The quote character.
    pub fn quote(self) -> u8 {
        if self.has(Prefix::DOUBLE) { b'"' } else { b'\'' }
    }
}

impl Tok {
    /// The keyword that `word` is.
    pub fn keyword(word: &[u8]) -> Option<Tok> {
        let first = word.first()?;
        let mut rest = KEYWORDS;
        let mut tok = Tok::False as usize;
        while let Some((&len, tail)) = rest.split_first() {
            let (keyword, tail) = tail.split_at_checked(len.into())?;
            // They are sorted.
            if keyword.first()? > first {
                break;
            }
            if keyword == word {
                return ALL.get(tok).copied();
            }
            rest = tail;
            tok += 1;
        }
        None
    }

    /// The punctuation that begins with the byte `c` before `next`, and whether `next` is part of it.
    pub fn punctuation(c: u8, next: u8) -> Option<(Tok, bool)> {
        let may_be_two = matches!(next, b'=' | b'>' | b'<' | b'*' | b'/');
        let mut found = None;
        for (spelling, &tok) in SPELLINGS.as_chunks().0.iter().zip(&ALL[Tok::LParen as usize..]) {
            match *spelling {
                [first, b' '] if first == c => {
                    found = Some((tok, false));
                    if !may_be_two {
                        break;
                    }
                }
                [first, second] if first == c && second == next => return Some((tok, true)),
                _ => {}
            }
        }
        found
    }

    /// The binary operator that this is, if it is one.
    pub fn binary(self) -> Option<BinOp> {
        BinOp::ALL.get((self as usize).wrapping_sub(Tok::Plus as usize)).copied()
    }

    /// The binary operator that this augmented assignment has.
    pub fn augmented(self) -> Option<BinOp> {
        BinOp::ALL.get((self as usize).wrapping_sub(Tok::PlusAssign as usize)).copied()
    }

    /// The augmented assignment with this binary operator.
    pub fn augment(self) -> Tok {
        ALL[self as usize + BinOp::ALL.len()]
    }

    /// The ordering or equality that this is.
    pub fn ordering(self) -> CmpOp {
        use CmpOp::*;
        static ALL: [CmpOp; 6] = [Lt, Le, Gt, Ge, Eq, Ne];
        ALL.get((self as usize).wrapping_sub(Tok::Lt as usize)).copied().unwrap_or(Lt)
    }

    /// True when an expression, starred or not, may begin with this token.
    pub fn begins_expression(self) -> bool {
        matches!(
            self,
            Tok::Name
                | Tok::Number
                | Tok::Str
                | Tok::LParen
                | Tok::LBracket
                | Tok::LBrace
                | Tok::Ellipsis
                | Tok::Tilde
                | Tok::Plus
                | Tok::Minus
                | Tok::Star
                | Tok::False
                | Tok::None
                | Tok::True
                | Tok::Await
                | Tok::Lambda
                | Tok::Not
        )
    }
}
