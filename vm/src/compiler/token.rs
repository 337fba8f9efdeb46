//! Tokens: what the lexer hands to the parser.
//!
//! Source: Python Language Reference, "Lexical analysis".
#![forbid(unsafe_code)]

use super::ast::{BinOp, CmpOp};
use crate::value::Value;

/// The kind of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Tok {
    End,
    Newline,
    Indent,
    Dedent,
    /// An identifier; [`Token::value`] is its interned string. Soft keywords too.
    Name,
    /// A number; [`Token::value`].
    Number,
    /// The opening quote of a string; the lexer stands behind it.
    Str(Prefix),
    LParen,
    RParen,
    LBracket,
    RBracket,
    LBrace,
    RBrace,
    Comma,
    Colon,
    Semicolon,
    Dot,
    Ellipsis,
    Arrow,
    Assign,
    Walrus,
    Bang,
    Tilde,
    /// A binary operator; also the prefix forms of `+ - * **` and the decorator's `@`.
    Op(BinOp),
    /// An augmented assignment.
    AugAssign(BinOp),
    /// One of `< <= > >= == !=`.
    Cmp(CmpOp),
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

/// What a string's prefix makes of its text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Flavour {
    Str,
    Bytes,
    Format,
    Template,
}

/// Prefix and opening quote of a string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prefix {
    /// From the letters `b`, `f`, `t`.
    pub flavour: Flavour,
    /// With the letter `r`: no escapes.
    pub raw: bool,
    /// Three quotes.
    pub triple: bool,
    /// The quote character.
    pub quote: u8,
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Tok,
    /// The line it begins on, from 1.
    pub line: u32,
    /// Of a name or a number; else `UNDEF`.
    pub value: Value,
}

impl Prefix {
    /// The prefix that the letters before a quote make, in any case.
    pub fn from_letters(letters: &[u8], quote: u8) -> Option<Prefix> {
        let mut lower = [0; 2];
        for (to, letter) in lower.get_mut(..letters.len())?.iter_mut().zip(letters) {
            *to = letter.to_ascii_lowercase();
        }
        let (flavour, raw) = match &lower[..letters.len()] {
            b"" | b"u" => (Flavour::Str, false),
            b"r" => (Flavour::Str, true),
            b"b" => (Flavour::Bytes, false),
            b"br" | b"rb" => (Flavour::Bytes, true),
            b"f" => (Flavour::Format, false),
            b"fr" | b"rf" => (Flavour::Format, true),
            b"t" if cfg!(feature = "string") => (Flavour::Template, false),
            b"tr" | b"rt" if cfg!(feature = "string") => (Flavour::Template, true),
            _ => return None,
        };
        Some(Prefix { flavour, raw, triple: false, quote })
    }

    /// True when the text has replacement fields.
    pub fn has_fields(self) -> bool {
        matches!(self.flavour, Flavour::Format | Flavour::Template)
    }
}

impl Tok {
    /// The keyword that `word` is.
    pub fn keyword(word: &[u8]) -> Option<Tok> {
        Some(match word {
            b"False" => Tok::False,
            b"None" => Tok::None,
            b"True" => Tok::True,
            b"and" => Tok::And,
            b"as" => Tok::As,
            b"assert" => Tok::Assert,
            b"async" => Tok::Async,
            b"await" => Tok::Await,
            b"break" => Tok::Break,
            b"class" => Tok::Class,
            b"continue" => Tok::Continue,
            b"def" => Tok::Def,
            b"del" => Tok::Del,
            b"elif" => Tok::Elif,
            b"else" => Tok::Else,
            b"except" => Tok::Except,
            b"finally" => Tok::Finally,
            b"for" => Tok::For,
            b"from" => Tok::From,
            b"global" => Tok::Global,
            b"if" => Tok::If,
            b"import" => Tok::Import,
            b"in" => Tok::In,
            b"is" => Tok::Is,
            b"lambda" => Tok::Lambda,
            b"nonlocal" => Tok::Nonlocal,
            b"not" => Tok::Not,
            b"or" => Tok::Or,
            b"pass" => Tok::Pass,
            b"raise" => Tok::Raise,
            b"return" => Tok::Return,
            b"try" => Tok::Try,
            b"while" => Tok::While,
            b"with" => Tok::With,
            b"yield" => Tok::Yield,
            _ => return None,
        })
    }

    /// True when an expression, starred or not, may begin with this token.
    pub fn begins_expression(self) -> bool {
        use BinOp::{Add, Mul, Sub};
        matches!(
            self,
            Tok::Name
                | Tok::Number
                | Tok::Str(_)
                | Tok::LParen
                | Tok::LBracket
                | Tok::LBrace
                | Tok::Ellipsis
                | Tok::Tilde
                | Tok::Op(Add | Sub | Mul)
                | Tok::False
                | Tok::None
                | Tok::True
                | Tok::Await
                | Tok::Lambda
                | Tok::Not
        )
    }
}
