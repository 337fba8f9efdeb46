//! The text of strings: quotes, escapes, and the braces of f- and t-strings.
//!
//! Source: Python Language Reference, "String and Bytes literals" and "f-strings".
#![forbid(unsafe_code)]

use super::lexer::{END, Lexer};
use super::token::{Prefix, Tok, Token};
use crate::exc;
use crate::value::Value;

/// How a part of a string is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The string itself.
    Body,
    /// A format specification, with this many doubled braces open.
    Spec(u32),
}

pub const MALFORMED: &str = "malformed f-string";
const UNTERMINATED: &str = "unterminated string";

impl Lexer<'_> {
    /// Appends text of the string that `prefix` began to [`Lexer::text`], up to its end or its next field: true behind
    /// the `{` of a field, false behind the closing quote, or behind the `}` that ends a format specification.
    ///
    /// Fails with `SyntaxError`, `NotImplementedError` (`\N`), `MemoryError`, and what the source raises.
    pub fn string_part(&mut self, prefix: Prefix, part: &mut Part) -> bool {
        let fields = prefix.has(Prefix::FIELDS);
        // Two braces for one in a format specification, too, are only CPython's.
        let doubled = cfg!(feature = "extra") || *part == Part::Body;
        loop {
            let c = self.peek();
            match c {
                END => {
                    self.error(if *part == Part::Body { UNTERMINATED } else { MALFORMED });
                    return false;
                }
                '\n' if !prefix.has(Prefix::TRIPLE) => self.error(UNTERMINATED),
                '"' | '\'' if c == char::from(prefix.quote()) => {
                    self.bump();
                    if !prefix.has(Prefix::TRIPLE) || self.two_more(c) {
                        if *part != Part::Body {
                            self.error(MALFORMED);
                        }
                        return false;
                    }
                    self.push_text(c);
                }
                '\\' if prefix.has(Prefix::RAW) => {
                    self.bump_text();
                    if matches!(self.peek(), '\\' | '"' | '\'' | '\n') {
                        self.bump_text();
                    }
                }
                '\\' => {
                    self.bump();
                    self.escape(prefix.has(Prefix::BYTES));
                }
                '{' if fields => {
                    self.bump();
                    if !(doubled && self.accept(c)) {
                        return true;
                    }
                    if let Part::Spec(open) = part {
                        *open += 1;
                    }
                    self.push_text(c);
                }
                '}' if fields => {
                    self.bump();
                    if !(doubled && *part != Part::Spec(0) && self.accept(c)) {
                        if *part == Part::Body {
                            self.error(MALFORMED);
                        }
                        return false;
                    }
                    if let Part::Spec(open) = part {
                        *open -= 1;
                    }
                    self.push_text(c);
                }
                // Bytes that mean themselves; at least one.
                _ => {
                    self.bump();
                    self.push_text(c);
                    self.run_of_text(|c| !matches!(c, '\n' | '\r' | '\\' | '"' | '\'' | '{' | '}'));
                }
            }
        }
    }

    /// Behind the backslash of an escape.
    fn escape(&mut self, bytes: bool) {
        let c = self.peek();
        let (digits, base) = match c {
            '0'..='7' => (3, 8),
            'x' => (2, 16),
            'u' if !bytes => (4, 16),
            'U' if !bytes => (8, 16),
            _ => (0, 0),
        };
        if digits != 0 {
            if base == 16 {
                self.bump();
            }
            return self.escaped_code(digits, base, bytes);
        }
        let byte = match c {
            '\n' => {
                self.bump();
                return;
            }
            '\\' | '\'' | '"' => c,
            'N' if !bytes => {
                let class = exc::NOT_IMPLEMENTED_ERROR;
                let raise = self.vm.raise_at(class, "unicode name escapes", self.line);
                return self.fail(raise);
            }
            _ => match b"abtnvfr".iter().position(|&letter| char::from(letter) == c) {
                Some(at) => char::from(b"\x07\x08\t\n\x0b\x0c\r"[at]),
                // Not an escape; what follows is ordinary text.
                None => return self.push_text('\\'),
            },
        };
        self.bump();
        self.push_text(byte);
    }

    /// The character with a code of so many digits, in octal up to so many.
    fn escaped_code(&mut self, digits: u32, base: u32, bytes: bool) {
        let mut code = 0u32;
        for n in 0..digits {
            match self.peek().to_digit(base) {
                Some(digit) => code = code.wrapping_mul(base) + digit,
                None if n > 0 && base == 8 => break,
                None => return self.error("invalid syntax"),
            }
            self.bump();
        }
        if bytes {
            return self.push_text(char::from(code as u8));
        }
        match char::from_u32(code) {
            Some(c) => {
                self.text.push_char(self.vm, c);
            }
            None => self.error("invalid syntax"),
        }
    }

    // ---- passing strings without looking at them

    /// Behind an opening quote: passes the string. Its text is lost.
    pub fn skip_string(&mut self, prefix: Prefix) {
        self.skip_parts(prefix, Part::Body);
        self.text.truncate(0);
    }

    fn skip_parts(&mut self, prefix: Prefix, mut part: Part) {
        while self.string_part(prefix, &mut part) {
            self.skip_field(prefix);
        }
    }

    fn skip_field(&mut self, prefix: Prefix) {
        if let Err(raise) = self.vm.enter_native() {
            return self.fail(raise);
        }
        let field = self.enter_field();
        let outside = self.depth - 1;
        let mut token = Token { kind: Tok::End, prefix, line: 0, value: Value::UNDEF };
        loop {
            self.next(&mut token);
            match token.kind {
                Tok::RBrace if self.depth <= outside => break,
                Tok::Bang => {
                    self.conversion();
                }
                Tok::Colon if self.in_field() => {
                    self.skip_parts(prefix, Part::Spec(0));
                    break;
                }
                Tok::Str => self.skip_string(token.prefix),
                Tok::End => {
                    self.error(MALFORMED);
                    break;
                }
                _ => {}
            }
        }
        self.leave_field(field);
    }
}
