//! Bytes to tokens, in a small fixed buffer.
//!
//! The parser holds one token; the lexer stands right behind it and reads no further than a byte or two. So the
//! parser can tell it what the next bytes are: a string's text ([`Lexer::string_part`]) or a replacement field
//! ([`Lexer::enter_field`]).
//!
//! A line that can only be understood from its end (`match (x)…`) is read twice: [`Lexer::save`], then
//! [`Lexer::rewind`]. Both that and the text of replacement fields use one record of the bytes passed.
//!
//! Source: Python Language Reference, "Lexical analysis".
//!
//! # Invariants
//! 1. `pos <= end <= CHUNK`; the bytes between are read but not passed.
//! 2. While `recording` is not 0, `record` holds every byte passed since it became 1, line ends as `\n`.
#![forbid(unsafe_code)]

use super::ast::{BinOp, CmpOp};
use super::literals;
use super::token::{Prefix, Tok, Token};
use crate::exc;
use crate::heap::buf::Buf;
use crate::object::StrBuilder;
use crate::value::Value;
use crate::vm::intern::NAME_MAX;
use crate::{Raise, Vm};

/// Bytes read at a time.
const CHUNK: usize = 128;
/// What reading and parsing a buffer is worth as work between safe points.
const FILL_STEPS: usize = 1000;

/// Where source text comes from.
pub trait Source {
    /// Fills `buf`, which is not empty, from its start; returns how many bytes, 0 at the end. May run Python and
    /// raise anything.
    fn fill(&mut self, vm: &mut Vm, buf: &mut [u8]) -> Result<usize, Raise>;
}

impl Source for &[u8] {
    fn fill(&mut self, _vm: &mut Vm, buf: &mut [u8]) -> Result<usize, Raise> {
        let n = self.len().min(buf.len());
        let (head, tail) = self.split_at(n);
        buf[..n].copy_from_slice(head);
        *self = tail;
        Ok(n)
    }
}

/// The state that [`Lexer::rewind`] goes back to.
#[derive(Clone, Copy)]
pub struct Saved {
    line: u32,
    depth: u32,
}

/// What [`Lexer::leave_field`] goes back to.
#[derive(Clone, Copy)]
pub struct Field {
    depth: u32,
    field_depth: u32,
    /// Where the field's text begins, for [`Lexer::recorded`].
    pub start: usize,
}

/// The lexer. Lives on the native stack, where the collector finds its buffers.
pub struct Lexer<'s> {
    source: &'s mut dyn Source,
    chunk: [u8; CHUNK],
    pos: usize,
    end: usize,
    exhausted: bool,
    /// Bytes that [`Lexer::rewind`] took back, read from `replay_pos` before the source.
    replay: StrBuilder,
    replay_pos: usize,
    pub(super) record: StrBuilder,
    pub(super) recording: u32,
    /// Length of the record before the current token.
    token_start: usize,
    pub(super) line: u32,
    /// Columns of the open blocks, the outermost 0 left out.
    indents: Buf<u32>,
    /// Dedents still to be handed out.
    dedents: u32,
    /// At the first column of a logical line.
    line_start: bool,
    /// Open brackets and replacement fields.
    pub(super) depth: u32,
    /// Depth right inside the innermost replacement field; 0: none is open.
    field_depth: u32,
    /// The last thing passed was a backslash with its line end.
    continued: bool,
    /// The word or number that is being read.
    word: StrBuilder,
    /// The text of the string that is being read.
    pub(super) text: StrBuilder,
}

impl<'s> Lexer<'s> {
    /// A lexer at the start of `source`. With `one_line` the first line may be indented (`eval`).
    pub fn new(source: &'s mut dyn Source, one_line: bool) -> Lexer<'s> {
        Lexer {
            source,
            chunk: [0; CHUNK],
            pos: 0,
            end: 0,
            exhausted: false,
            replay: StrBuilder::new(),
            replay_pos: 0,
            record: StrBuilder::new(),
            recording: 0,
            token_start: 0,
            line: 1,
            indents: Buf::new(),
            dedents: 0,
            line_start: !one_line,
            depth: 0,
            field_depth: 0,
            continued: false,
            word: StrBuilder::new(),
            text: StrBuilder::new(),
        }
    }

    /// True when the source ended behind a backslash that was to join a line.
    pub fn ended_continued(&self) -> bool {
        self.continued
    }

    /// A `SyntaxError` at the current line.
    #[cold]
    pub fn error(&self, vm: &mut Vm, message: &str) -> Raise {
        vm.raise_syntax(message, self.line)
    }

    // ---- bytes

    #[inline(never)]
    fn fill(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        vm.tick_inline(FILL_STEPS)?;
        self.chunk.copy_within(self.pos..self.end, 0);
        self.end -= self.pos;
        self.pos = 0;
        let room = &mut self.chunk[self.end..];
        if self.replay_pos < self.replay.len() {
            let rest = &self.replay.as_bytes()[self.replay_pos..];
            let n = rest.len().min(room.len());
            room[..n].copy_from_slice(&rest[..n]);
            self.replay_pos += n;
            self.end += n;
        } else if !self.exhausted {
            let n = self.source.fill(vm, room)?.min(room.len());
            self.exhausted = n == 0;
            self.end += n;
        }
        Ok(())
    }

    fn peek_at(&mut self, vm: &mut Vm, ahead: usize) -> Result<Option<u8>, Raise> {
        while self.end - self.pos <= ahead {
            let before = self.end - self.pos;
            self.fill(vm)?;
            if self.end - self.pos == before {
                return Ok(None);
            }
        }
        Ok(Some(self.chunk[self.pos + ahead]))
    }

    /// The next byte, a carriage return as `\n`.
    #[inline]
    pub(super) fn peek(&mut self, vm: &mut Vm) -> Result<Option<u8>, Raise> {
        let c = if self.pos < self.end { Some(self.chunk[self.pos]) } else { self.peek_at(vm, 0)? };
        Ok(if c == Some(b'\r') { Some(b'\n') } else { c })
    }

    /// Passes the byte that was peeked at.
    pub(super) fn bump(&mut self, vm: &mut Vm) -> Result<u8, Raise> {
        let mut c = self.chunk[self.pos];
        self.pos += 1;
        if c == b'\r' {
            if self.peek_at(vm, 0)? == Some(b'\n') {
                self.pos += 1;
            }
            c = b'\n';
        }
        if c == b'\n' {
            self.line += 1;
        }
        if self.recording > 0 {
            self.record.push_bytes(vm, &[c])?;
        }
        Ok(c)
    }

    /// Passes the next byte if it is `c`.
    pub(super) fn accept(&mut self, vm: &mut Vm, c: u8) -> Result<bool, Raise> {
        let found = self.peek(vm)? == Some(c);
        if found {
            self.bump(vm)?;
        }
        Ok(found)
    }

    /// The longest run of read bytes, perhaps empty, that `wanted` holds for; it passes them.
    pub(super) fn run(&mut self, vm: &mut Vm, wanted: fn(u8) -> bool) -> Result<&[u8], Raise> {
        let rest = &self.chunk[self.pos..self.end];
        let n = rest.iter().position(|&c| !wanted(c)).unwrap_or(rest.len());
        if self.recording > 0 {
            self.record.push_bytes(vm, &rest[..n])?;
        }
        self.pos += n;
        Ok(&self.chunk[self.pos - n..self.pos])
    }

    // ---- reading a line twice

    /// Starts to remember what is passed, for [`Lexer::rewind`]. Only at a token outside brackets and fields.
    pub fn save(&mut self) -> Saved {
        self.record.truncate(0);
        self.recording = 1;
        Saved { line: self.line, depth: self.depth }
    }

    /// Goes back to where [`Lexer::save`] was called, at most one logical line ago.
    pub fn rewind(&mut self, vm: &mut Vm, saved: Saved) -> Result<(), Raise> {
        self.recording = 0;
        let mut again = core::mem::take(&mut self.record);
        again.push_bytes(vm, &self.chunk[self.pos..self.end])?;
        again.push_bytes(vm, &self.replay.as_bytes()[self.replay_pos..])?;
        core::mem::replace(&mut self.replay, again).discard(vm);
        (self.replay_pos, self.pos, self.end) = (0, 0, 0);
        (self.line, self.depth) = (saved.line, saved.depth);
        self.line_start = false;
        self.continued = false;
        Ok(())
    }

    // ---- replacement fields

    /// Behind the `{` of a replacement field.
    pub fn enter_field(&mut self) -> Field {
        self.recording += 1;
        let field =
            Field { depth: self.depth, field_depth: self.field_depth, start: self.record.len() };
        self.depth += 1;
        self.field_depth = self.depth;
        field
    }

    /// Behind the `}` of a replacement field.
    pub fn leave_field(&mut self, field: Field) {
        self.depth = field.depth;
        self.field_depth = field.field_depth;
        self.recording -= 1;
        if self.recording == 0 {
            self.record.truncate(0);
        }
    }

    /// The text of the open field from [`Field::start`] on.
    pub fn recorded(&self, start: usize) -> &[u8] {
        self.record.as_bytes().get(start..).unwrap_or(&[])
    }

    /// Where the current token begins, as [`Field::start`].
    pub fn token_start(&self) -> usize {
        self.token_start
    }

    /// True right inside a replacement field, outside of brackets within.
    pub fn in_field(&self) -> bool {
        self.field_depth != 0 && self.depth == self.field_depth
    }

    /// Behind the `!` of a replacement field: the conversion letter.
    pub fn conversion(&mut self, vm: &mut Vm) -> Result<u8, Raise> {
        let letter = self.peek(vm)?;
        if letter.is_some() {
            self.bump(vm)?;
        }
        let followed = matches!(self.peek(vm)?, Some(b':' | b'}'));
        match letter {
            Some(letter) if followed => Ok(letter),
            _ => Err(self.error(vm, "invalid syntax")),
        }
    }

    // ---- tokens

    /// The next token. Raises `SyntaxError`, `IndentationError`, `MemoryError`, and what the source raises.
    pub fn next(&mut self, vm: &mut Vm) -> Result<Token, Raise> {
        if self.dedents > 0 {
            self.dedents -= 1;
            return Ok(self.token(Tok::Dedent));
        }
        if self.line_start
            && let Some(token) = self.indentation(vm)?
        {
            return Ok(token);
        }
        self.skip_blanks(vm)?;
        self.token_start = self.record.len();
        let mut token = self.token(Tok::End);
        let Some(c) = self.peek(vm)? else {
            if self.depth == 0 && !self.line_start {
                self.line_start = true;
                token.kind = Tok::Newline;
            }
            return Ok(token);
        };
        self.continued = false;
        match c {
            b'\n' => {
                self.bump(vm)?;
                self.line_start = true;
                token.kind = Tok::Newline;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => return self.name(vm, token),
            b'0'..=b'9' => self.number(vm, &mut token)?,
            b'.' if matches!(self.peek_at(vm, 1)?, Some(b'0'..=b'9')) => {
                self.number(vm, &mut token)?
            }
            b'"' | b'\'' => token.kind = self.quote(vm, b"")?,
            _ => token.kind = self.punctuation(vm)?,
        }
        Ok(token)
    }

    fn token(&self, kind: Tok) -> Token {
        Token { kind, line: self.line, value: Value::UNDEF }
    }

    /// Passes blanks, comments, joined lines and, inside brackets, line ends.
    fn skip_blanks(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        loop {
            match self.peek(vm)? {
                Some(b' ' | b'\t' | 0x0c) => {}
                Some(b'\n') if self.depth > 0 => {}
                Some(b'#') => {
                    self.skip_comment(vm)?;
                    continue;
                }
                Some(b'\\') => {
                    self.join_line(vm)?;
                    continue;
                }
                _ => return Ok(()),
            }
            self.bump(vm)?;
        }
    }

    fn skip_comment(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        while self.peek(vm)?.is_some_and(|c| c != b'\n') {
            self.bump(vm)?;
            self.run(vm, |c| c != b'\n' && c != b'\r')?;
        }
        Ok(())
    }

    fn join_line(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        self.bump(vm)?;
        if !self.accept(vm, b'\n')? {
            return Err(self.error(vm, "unexpected character after line continuation character"));
        }
        self.continued = true;
        Ok(())
    }

    /// At the start of a logical line: passes blank lines and indentation. A token where a block begins or ends.
    fn indentation(&mut self, vm: &mut Vm) -> Result<Option<Token>, Raise> {
        let mut column = 0u32;
        if self.line == 1 && self.peek(vm)? == Some(0xef) && self.peek_at(vm, 2)? == Some(0xbf) {
            let mark = self.chunk[self.pos + 1] == 0xbb;
            self.pos += if mark { 3 } else { 0 }; // the byte order mark
        }
        loop {
            match self.peek(vm)? {
                Some(b' ') => column = column.saturating_add(1),
                Some(b'\t') => column = (column | 7).saturating_add(1),
                Some(b'\n' | 0x0c) => column = 0,
                Some(b'#') => {
                    self.skip_comment(vm)?;
                    continue;
                }
                Some(b'\\') => {
                    self.join_line(vm)?;
                    continue;
                }
                Some(_) => break,
                None => {
                    column = 0;
                    break;
                }
            }
            self.continued = false;
            self.bump(vm)?;
        }
        let at_end = self.peek(vm)?.is_none();
        self.line_start = at_end;
        let mut token = self.token(Tok::Indent);
        let mut depth = self.indents.len();
        if column > self.column(vm, depth) {
            self.indents.push(vm, column)?;
            return Ok(Some(token));
        }
        while column < self.column(vm, depth) {
            depth -= 1;
            self.dedents += 1;
        }
        self.indents.truncate(depth);
        if column != self.column(vm, depth) {
            let message = "unindent doesn't match any outer indent level";
            return Err(vm.raise_at(exc::INDENTATION_ERROR, message, self.line));
        }
        if self.dedents == 0 {
            return Ok(None);
        }
        self.dedents -= 1;
        token.kind = Tok::Dedent;
        Ok(Some(token))
    }

    /// Column of the block that `depth` blocks are open in.
    fn column(&self, vm: &Vm, depth: u32) -> u32 {
        if depth == 0 { 0 } else { self.indents.get(vm, depth - 1) }
    }

    fn name(&mut self, vm: &mut Vm, mut token: Token) -> Result<Token, Raise> {
        self.word.truncate(0);
        let part = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c >= 0x80;
        while self.peek(vm)?.is_some_and(part) {
            let mut word = core::mem::take(&mut self.word);
            let run = self.run(vm, part)?;
            word.push_bytes(vm, run)?;
            self.word = word;
            if self.word.len() > NAME_MAX {
                return Err(vm.name_too_long());
            }
        }
        if let Some(quote @ (b'"' | b'\'')) = self.peek(vm)?
            && let Some(prefix) = Prefix::from_letters(self.word.as_bytes(), quote)
        {
            token.kind = self.open(vm, prefix)?;
            return Ok(token);
        }
        if let Some(keyword) = Tok::keyword(self.word.as_bytes()) {
            token.kind = keyword;
            return Ok(token);
        }
        let Ok(name) = core::str::from_utf8(self.word.as_bytes()) else {
            return Err(self.error(vm, "invalid syntax"));
        };
        token.kind = Tok::Name;
        token.value = vm.intern(name)?;
        Ok(token)
    }

    fn quote(&mut self, vm: &mut Vm, letters: &[u8]) -> Result<Tok, Raise> {
        let quote = self.chunk[self.pos];
        match Prefix::from_letters(letters, quote) {
            Some(prefix) => self.open(vm, prefix),
            None => Err(self.error(vm, "invalid syntax")),
        }
    }

    /// Passes the opening quote or quotes.
    fn open(&mut self, vm: &mut Vm, mut prefix: Prefix) -> Result<Tok, Raise> {
        self.bump(vm)?;
        let two_more = [self.peek_at(vm, 0)?, self.peek_at(vm, 1)?] == [Some(prefix.quote); 2];
        if two_more {
            self.bump(vm)?;
            self.bump(vm)?;
            prefix.triple = true;
        }
        Ok(Tok::Str(prefix))
    }

    /// Everything that looks like a number up to the next punctuation; its underscores are checked and dropped.
    fn number(&mut self, vm: &mut Vm, token: &mut Token) -> Result<(), Raise> {
        self.word.truncate(0);
        let mut prev = 0;
        let mut based = false;
        while let Some(c) = self.peek(vm)? {
            match c {
                b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'.' => {
                    if prev == b'_' && !is_digit(c, based) {
                        break;
                    }
                    // A point behind a whole number begins an attribute.
                    let word = self.word.as_bytes();
                    if c == b'.' && (based || word.iter().any(|c| matches!(c, b'.' | b'e' | b'E')))
                    {
                        break;
                    }
                    if self.word.len() == 1 && prev == b'0' {
                        based = matches!(c, b'x' | b'X' | b'o' | b'O' | b'b' | b'B');
                    }
                    self.word.push_bytes(vm, &[c])?;
                }
                b'_' if is_digit(prev, based) || based && self.word.len() == 2 && prev != b'_' => {}
                b'+' | b'-' if !based && matches!(prev, b'e' | b'E') => {
                    self.word.push_bytes(vm, &[c])?
                }
                _ => break,
            }
            prev = c;
            self.bump(vm)?;
        }
        token.kind = Tok::Number;
        let value = if prev == b'_' { None } else { literals::number(vm, self.word.as_bytes())? };
        match value {
            Some(value) => token.value = value,
            None => return Err(self.error(vm, "invalid syntax for number")),
        }
        Ok(())
    }

    fn punctuation(&mut self, vm: &mut Vm) -> Result<Tok, Raise> {
        let c = self.bump(vm)?;
        Ok(match c {
            b'(' => self.opened(Tok::LParen),
            b'[' => self.opened(Tok::LBracket),
            b'{' => self.opened(Tok::LBrace),
            b')' => self.closed(Tok::RParen),
            b']' => self.closed(Tok::RBracket),
            b'}' => self.closed(Tok::RBrace),
            b',' => Tok::Comma,
            b';' => Tok::Semicolon,
            b'~' => Tok::Tilde,
            b':' if !self.in_field() && self.accept(vm, b'=')? => Tok::Walrus,
            b':' => Tok::Colon,
            b'.' if [self.peek_at(vm, 0)?, self.peek_at(vm, 1)?] == [Some(b'.'); 2] => {
                self.bump(vm)?;
                self.bump(vm)?;
                Tok::Ellipsis
            }
            b'.' => Tok::Dot,
            b'=' if self.accept(vm, b'=')? => Tok::Cmp(CmpOp::Eq),
            b'=' => Tok::Assign,
            b'!' if self.accept(vm, b'=')? => Tok::Cmp(CmpOp::Ne),
            b'!' if self.in_field() => Tok::Bang,
            b'-' if self.accept(vm, b'>')? => Tok::Arrow,
            b'<' if self.accept(vm, b'<')? => self.operator(vm, BinOp::LShift)?,
            b'<' if self.accept(vm, b'=')? => Tok::Cmp(CmpOp::Le),
            b'<' => Tok::Cmp(CmpOp::Lt),
            b'>' if self.accept(vm, b'>')? => self.operator(vm, BinOp::RShift)?,
            b'>' if self.accept(vm, b'=')? => Tok::Cmp(CmpOp::Ge),
            b'>' => Tok::Cmp(CmpOp::Gt),
            b'*' if self.accept(vm, b'*')? => self.operator(vm, BinOp::Pow)?,
            b'*' => self.operator(vm, BinOp::Mul)?,
            b'/' if self.accept(vm, b'/')? => self.operator(vm, BinOp::FloorDiv)?,
            b'/' => self.operator(vm, BinOp::TrueDiv)?,
            b'+' => self.operator(vm, BinOp::Add)?,
            b'-' => self.operator(vm, BinOp::Sub)?,
            b'%' => self.operator(vm, BinOp::Mod)?,
            b'@' => self.operator(vm, BinOp::MatMul)?,
            b'&' => self.operator(vm, BinOp::And)?,
            b'|' => self.operator(vm, BinOp::Or)?,
            b'^' => self.operator(vm, BinOp::Xor)?,
            _ => return Err(self.error(vm, "invalid syntax")),
        })
    }

    fn opened(&mut self, tok: Tok) -> Tok {
        self.depth = self.depth.saturating_add(1);
        tok
    }

    fn closed(&mut self, tok: Tok) -> Tok {
        self.depth = self.depth.saturating_sub(1);
        tok
    }

    fn operator(&mut self, vm: &mut Vm, op: BinOp) -> Result<Tok, Raise> {
        Ok(if self.accept(vm, b'=')? { Tok::AugAssign(op) } else { Tok::Op(op) })
    }
}

fn is_digit(c: u8, hexadecimal: bool) -> bool {
    if hexadecimal { c.is_ascii_hexdigit() } else { c.is_ascii_digit() }
}
