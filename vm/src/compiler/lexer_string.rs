//! The text of strings: quotes, escapes, and the braces of f- and t-strings.
//!
//! Source: Python Language Reference, "String and Bytes literals" and "f-strings".
#![forbid(unsafe_code)]

use super::lexer::Lexer;
use super::token::{Flavour, Prefix, Tok};
use crate::exc;
use crate::{Raise, Vm};

/// Why [`Lexer::string_part`] stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// Behind the closing quote, or behind the `}` that ends a format specification.
    End,
    /// Behind the `{` of a replacement field.
    Field,
}

/// How a part of a string is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The string itself.
    Body,
    /// A format specification, with this many doubled braces open.
    Spec(u32),
}

const MALFORMED: &str = "malformed f-string";

impl Lexer<'_> {
    /// Appends text of the string that `prefix` began to [`Lexer::text`], up to its end or its next field.
    ///
    /// Raises `SyntaxError`, `NotImplementedError` (`\N`), `MemoryError`, and what the source raises.
    pub fn string_part(
        &mut self,
        vm: &mut Vm,
        prefix: Prefix,
        part: &mut Part,
    ) -> Result<Stop, Raise> {
        loop {
            let Some(c) = self.peek(vm)? else {
                let message = if *part == Part::Body { "unterminated string" } else { MALFORMED };
                return Err(self.error(vm, message));
            };
            match c {
                b'\n' if !prefix.triple => return Err(self.error(vm, "unterminated string")),
                b'\n' => {
                    self.bump(vm)?;
                    self.text.push_bytes(vm, b"\n")?;
                }
                b'"' | b'\'' if c == prefix.quote => {
                    if self.closing_quote(vm, prefix)? {
                        match part {
                            Part::Body => return Ok(Stop::End),
                            Part::Spec(_) => return Err(self.error(vm, MALFORMED)),
                        }
                    }
                }
                b'\\' if prefix.raw => {
                    self.bump(vm)?;
                    self.text.push_bytes(vm, b"\\")?;
                    if let Some(b'\\' | b'"' | b'\'' | b'\n') = self.peek(vm)? {
                        let c = self.bump(vm)?;
                        self.text.push_bytes(vm, &[c])?;
                    }
                }
                b'\\' => self.escape(vm, prefix)?,
                b'{' if prefix.has_fields() => {
                    self.bump(vm)?;
                    if !self.accept(vm, b'{')? {
                        return Ok(Stop::Field);
                    }
                    if let Part::Spec(open) = part {
                        *open += 1;
                    }
                    self.text.push_bytes(vm, b"{")?;
                }
                b'}' if prefix.has_fields() => {
                    self.bump(vm)?;
                    match part {
                        Part::Body if !self.accept(vm, b'}')? => {
                            return Err(self.error(vm, MALFORMED));
                        }
                        Part::Body => {}
                        Part::Spec(open) => {
                            if *open == 0 || !self.accept(vm, b'}')? {
                                return Ok(Stop::End);
                            }
                            *open -= 1;
                        }
                    }
                    self.text.push_bytes(vm, b"}")?;
                }
                _ => self.ordinary(vm)?,
            }
        }
    }

    /// A run of bytes that mean themselves; at least one.
    fn ordinary(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        let mut text = core::mem::take(&mut self.text);
        let c = self.bump(vm)?;
        text.push_bytes(vm, &[c])?;
        let special = |c| !matches!(c, b'\n' | b'\r' | b'\\' | b'"' | b'\'' | b'{' | b'}');
        let run = self.run(vm, special)?;
        text.push_bytes(vm, run)?;
        self.text = text;
        Ok(())
    }

    /// At the quote character: true when the string ends here, and it is passed; else it is text.
    fn closing_quote(&mut self, vm: &mut Vm, prefix: Prefix) -> Result<bool, Raise> {
        let wanted = if prefix.triple { 3 } else { 1 };
        for found in 1..=wanted {
            self.bump(vm)?;
            if found == wanted {
                return Ok(true);
            }
            if self.peek(vm)? != Some(prefix.quote) {
                self.text.push_bytes(vm, &[prefix.quote; 2][..found])?;
                break;
            }
        }
        Ok(false)
    }

    fn escape(&mut self, vm: &mut Vm, prefix: Prefix) -> Result<(), Raise> {
        self.bump(vm)?;
        let bytes = prefix.flavour == Flavour::Bytes;
        let Some(c) = self.peek(vm)? else {
            return Err(self.error(vm, "unterminated string"));
        };
        let byte = match c {
            b'\n' => {
                self.bump(vm)?;
                return Ok(());
            }
            b'\\' | b'\'' | b'"' => c,
            b'a' => 0x07,
            b'b' => 0x08,
            b't' => b'\t',
            b'n' => b'\n',
            b'v' => 0x0b,
            b'f' => 0x0c,
            b'r' => b'\r',
            b'0'..=b'7' => {
                let code = self.digits(vm, 1, 3, 8)?;
                return self.code_point(vm, code, bytes);
            }
            b'x' => return self.escaped_hex(vm, 2, bytes),
            b'u' if !bytes => return self.escaped_hex(vm, 4, bytes),
            b'U' if !bytes => return self.escaped_hex(vm, 8, bytes),
            b'N' if !bytes => {
                let class = exc::NOT_IMPLEMENTED_ERROR;
                return Err(vm.raise_at(class, "unicode name escapes", self.line));
            }
            _ => return self.text.push_bytes(vm, b"\\"),
        };
        self.bump(vm)?;
        self.text.push_bytes(vm, &[byte])
    }

    fn escaped_hex(&mut self, vm: &mut Vm, n: u32, bytes: bool) -> Result<(), Raise> {
        self.bump(vm)?;
        let code = self.digits(vm, n, n, 16)?;
        self.code_point(vm, code, bytes)
    }

    /// Passes `least` to `most` digits.
    fn digits(&mut self, vm: &mut Vm, least: u32, most: u32, base: u32) -> Result<u32, Raise> {
        let mut code = 0u32;
        for n in 0..most {
            match self.peek(vm)?.and_then(|c| (c as char).to_digit(base)) {
                Some(digit) => code = code.wrapping_mul(base) + digit,
                None if n >= least => break,
                None => return Err(self.error(vm, "invalid syntax")),
            }
            self.bump(vm)?;
        }
        Ok(code)
    }

    fn code_point(&mut self, vm: &mut Vm, code: u32, bytes: bool) -> Result<(), Raise> {
        if bytes {
            return self.text.push_bytes(vm, &[code as u8]);
        }
        match char::from_u32(code) {
            Some(c) => self.text.push_char(vm, c),
            None if code < 0xe000 => Err(self.error(vm, "surrogates not allowed")),
            None => Err(self.error(vm, "invalid syntax")),
        }
    }

    // ---- passing strings without looking at them

    /// Behind an opening quote: passes the string. Its text is lost.
    pub fn skip_string(&mut self, vm: &mut Vm, prefix: Prefix) -> Result<(), Raise> {
        self.skip_parts(vm, prefix, Part::Body)?;
        self.text.truncate(0);
        Ok(())
    }

    fn skip_parts(&mut self, vm: &mut Vm, prefix: Prefix, mut part: Part) -> Result<(), Raise> {
        while self.string_part(vm, prefix, &mut part)? == Stop::Field {
            self.skip_field(vm, prefix)?;
        }
        Ok(())
    }

    fn skip_field(&mut self, vm: &mut Vm, prefix: Prefix) -> Result<(), Raise> {
        vm.enter_native()?;
        let field = self.enter_field();
        let outside = self.depth - 1;
        loop {
            match self.next(vm)?.kind {
                Tok::RBrace if self.depth <= outside => break,
                Tok::Bang => {
                    self.conversion(vm)?;
                }
                Tok::Colon if self.in_field() => {
                    self.skip_parts(vm, prefix, Part::Spec(0))?;
                    break;
                }
                Tok::Str(inner) => self.skip_string(vm, inner)?,
                Tok::End => return Err(self.error(vm, MALFORMED)),
                _ => {}
            }
        }
        self.leave_field(field);
        Ok(())
    }
}
