//! Bytes to tokens, in a small fixed buffer.
//!
//! The parser holds one token; the lexer stands right behind it and reads no further than a byte or two. So the
//! parser can tell it what the next bytes are: a string's text ([`Lexer::string_part`]) or a replacement field
//! ([`Lexer::enter_field`]).
//!
//! A line that can only be understood from its end (`match (x)…`) is read twice: [`Lexer::save`], then
//! [`Lexer::rewind`]. Both that and the text of replacement fields use one record of the bytes passed.
//!
//! Errors stick: the first one is kept, and from then on the source is at its end. Lexer and parser go on with that as
//! with any source that ends too early, and whoever called the parser asks once ([`Lexer::outcome`]).
//!
//! Source: Python Language Reference, "Lexical analysis".
//!
//! # Invariants
//! 1. `pos <= end <= CHUNK`; the bytes between are read but not passed. After an error there are none, for ever.
//! 2. While `recording` is not 0, `record` holds every byte passed since it became 1, line ends as `\n`.
#![forbid(unsafe_code)]

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

/// What [`Lexer::peek`] gives behind the last byte.
pub const END: char = '\u{100}';

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
    /// Where the field's text begins, for [`Lexer::append_recorded`].
    pub start: usize,
}

/// The lexer. Lives on the native stack, where the collector finds its buffers.
///
/// In this order, so that what is looked at most is where the shortest instructions reach.
#[repr(C)]
pub struct Lexer<'s> {
    /// The VM, for the parser too.
    pub vm: &'s mut Vm,
    pos: usize,
    end: usize,
    pub(super) line: u32,
    exhausted: bool,
    /// At the first column of a logical line.
    line_start: bool,
    /// The last thing passed was a backslash with its line end.
    continued: bool,
    /// The first error, an exception; `UNDEF` when all is well.
    error: Value,
    /// Open brackets and replacement fields.
    pub(super) depth: u32,
    /// Depth right inside the innermost replacement field; 0: none is open.
    field_depth: u32,
    recording: u32,
    /// Length of the record before the current token.
    token_start: usize,
    /// Dedents still to be handed out.
    dedents: u32,
    /// Columns of the open blocks, the outermost 0 left out.
    indents: Buf<u32>,
    /// The word or number that is being read.
    word: StrBuilder,
    /// The text of the string that is being read.
    pub(super) text: StrBuilder,
    record: StrBuilder,
    /// Bytes that [`Lexer::rewind`] took back, read from `replay_pos` before the source.
    replay: StrBuilder,
    replay_pos: usize,
    source: &'s mut dyn Source,
    chunk: [u8; CHUNK],
}

impl<'s> Lexer<'s> {
    /// A lexer at the start of `source`. With `one_line` the first line may be indented (`eval`).
    pub fn new(vm: &'s mut Vm, source: &'s mut dyn Source, one_line: bool) -> Lexer<'s> {
        Lexer {
            vm,
            source,
            error: Value::UNDEF,
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

    // ---- errors

    /// True after an error.
    pub fn failed(&self) -> bool {
        !self.error.is_undef()
    }

    /// Takes note of an error. Only the first counts.
    #[cold]
    pub fn fail(&mut self, raise: Raise) {
        if self.failed() {
            return self.vm.forget(raise);
        }
        self.error = self.vm.take_exception();
        (self.pos, self.end) = (0, 0);
    }

    /// Raises the first error, if there was one.
    pub fn outcome(&mut self) -> Result<(), Raise> {
        if self.failed() { Err(self.vm.raise_value(self.error)) } else { Ok(()) }
    }

    /// A `SyntaxError` on this line.
    #[cold]
    pub fn error_at(&mut self, message: &str, line: u32) {
        let raise = self.vm.raise_syntax(message, line);
        self.fail(raise);
    }

    /// A `SyntaxError` on the current line.
    #[cold]
    pub(super) fn error(&mut self, message: &str) {
        self.error_at(message, self.line);
    }

    /// Takes note of what went wrong, if anything did.
    pub fn check(&mut self, result: Result<(), Raise>) {
        if let Err(raise) = result {
            self.fail(raise);
        }
    }

    /// A value, `UNDEF` where there is an error instead.
    pub fn checked(&mut self, result: Result<Value, Raise>) -> Value {
        match result {
            Ok(value) => value,
            Err(raise) => {
                self.fail(raise);
                Value::UNDEF
            }
        }
    }

    // ---- bytes

    #[inline(never)]
    fn fill(&mut self) {
        if self.failed() {
            return;
        }
        self.chunk.copy_within(self.pos..self.end, 0);
        self.end -= self.pos;
        self.pos = 0;
        let room = &mut self.chunk[self.end..];
        // Only `match` reads a line twice.
        let again = if cfg!(feature = "extra") { self.replay.as_bytes() } else { &[] };
        let replay = again.get(self.replay_pos..).unwrap_or(&[]);
        let n = if !replay.is_empty() {
            let n = replay.len().min(room.len());
            room[..n].copy_from_slice(&replay[..n]);
            self.replay_pos += n;
            Ok(n)
        } else if self.exhausted {
            Ok(0)
        } else {
            let n = match self.vm.tick(FILL_STEPS) {
                Ok(()) => self.source.fill(self.vm, room),
                Err(raise) => Err(raise),
            };
            self.exhausted = matches!(n, Ok(0));
            n
        };
        match n {
            Ok(n) => self.end = CHUNK.min(self.end + n),
            Err(raise) => self.fail(raise),
        }
    }

    /// The byte that so many others are before, as it is.
    fn peek_at(&mut self, ahead: usize) -> char {
        while self.end - self.pos <= ahead {
            let before = self.end - self.pos;
            self.fill();
            if self.end - self.pos <= before {
                return END;
            }
        }
        char::from(self.chunk[(self.pos + ahead) % CHUNK])
    }

    /// The next byte, a carriage return as `\n`.
    pub(super) fn peek(&mut self) -> char {
        let c = if self.pos < self.end { self.byte() } else { self.peek_at(0) };
        if c == '\r' { '\n' } else { c }
    }

    /// The byte at `pos`, which is there.
    fn byte(&self) -> char {
        char::from(self.chunk[self.pos % CHUNK])
    }

    /// Passes the byte that was peeked at.
    pub(super) fn bump(&mut self) -> char {
        if self.pos == self.end {
            return END;
        }
        let mut c = self.byte();
        self.pos += 1;
        if c == '\r' {
            if self.peek_at(0) == '\n' {
                self.pos += 1;
            }
            c = '\n';
        }
        if c == '\n' {
            self.line += 1;
        }
        if self.recording > 0 {
            self.record.push_bytes(self.vm, &[c as u8]);
        }
        c
    }

    /// Passes the next byte if it is `c`.
    pub(super) fn accept(&mut self, c: char) -> bool {
        let found = self.peek() == c;
        if found {
            self.bump();
        }
        found
    }

    /// Passes the next two bytes if both are `quote`.
    pub(super) fn two_more(&mut self, quote: char) -> bool {
        let found = self.peek_at(0) == quote && self.peek_at(1) == quote;
        if found {
            self.bump();
            self.bump();
        }
        found
    }

    /// Passes the longest run of read bytes, perhaps empty, that `wanted` holds for: `chunk[start..end]`.
    fn run(&mut self, wanted: fn(char) -> bool) -> (usize, usize) {
        let start = self.pos;
        while self.pos < self.end && wanted(self.byte()) {
            self.pos += 1;
        }
        let end = self.pos;
        if self.recording > 0 {
            self.record.push_bytes(self.vm, &self.chunk[start..end]);
        }
        (start, end)
    }

    /// A run, appended to the string that is being read.
    pub(super) fn run_of_text(&mut self, wanted: fn(char) -> bool) {
        let (start, end) = self.run(wanted);
        self.text.push_bytes(self.vm, &self.chunk[start..end]);
    }

    /// Appends a byte to the string that is being read.
    pub(super) fn push_text(&mut self, c: char) {
        self.text.push_bytes(self.vm, &[c as u8]);
    }

    /// Passes the byte that was peeked at and appends it to the string that is being read.
    pub(super) fn bump_text(&mut self) {
        let c = self.bump();
        self.push_text(c);
    }

    // ---- reading a line twice

    /// Starts to remember what is passed, for [`Lexer::rewind`]. Only at a token outside brackets and fields.
    pub fn save(&mut self) -> Saved {
        self.record.truncate(0);
        self.recording = 1;
        Saved { line: self.line, depth: self.depth }
    }

    /// Goes back to where [`Lexer::save`] was called, at most one logical line ago.
    pub fn rewind(&mut self, saved: Saved) {
        self.recording = 0;
        let mut again = core::mem::take(&mut self.record);
        let rest = self.replay.as_bytes().get(self.replay_pos..).unwrap_or(&[]);
        again.push_bytes(self.vm, &self.chunk[self.pos..self.end]);
        again.push_bytes(self.vm, rest);
        core::mem::replace(&mut self.replay, again).discard(self.vm);
        (self.replay_pos, self.pos, self.end) = (0, 0, 0);
        (self.line, self.depth) = (saved.line, saved.depth);
        self.line_start = false;
        self.continued = false;
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

    /// Appends the text of the open field from [`Field::start`] up to `end` to the string that is being read.
    pub fn append_recorded(&mut self, start: usize, end: usize) {
        let bytes = self.record.as_bytes().get(start..end).unwrap_or(&[]);
        self.text.push_bytes(self.vm, bytes);
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
    pub fn conversion(&mut self) -> char {
        let letter = self.peek();
        self.bump();
        if cfg!(feature = "extra") && !matches!(self.peek(), ':' | '}') {
            self.error("invalid syntax");
        }
        letter
    }

    // ---- tokens

    /// Reads the next token: `SyntaxError`, `IndentationError`, `MemoryError`, and what the source raises make it an
    /// [`Tok::End`].
    pub fn next(&mut self, token: &mut Token) {
        let kind = self.scan(token);
        // What was lost for lack of memory, in this token or before it.
        let lost = self.word.is_lost() || self.text.is_lost() || self.record.is_lost();
        if lost || cfg!(feature = "extra") && self.replay.is_lost() {
            let raise = self.vm.no_memory();
            self.fail(raise);
        }
        token.kind = if self.failed() { Tok::End } else { kind };
    }

    /// All of a token but its kind, which is returned.
    fn scan(&mut self, token: &mut Token) -> Tok {
        if self.dedents == 0 {
            let column = self.blanks();
            if self.line_start && self.indentation(column) {
                token.line = self.line;
                return Tok::Indent;
            }
        }
        token.line = self.line;
        if self.dedents > 0 {
            self.dedents -= 1;
            return Tok::Dedent;
        }
        self.token_start = self.record.len();
        let c = self.peek();
        if c == END {
            if self.depth == 0 && !self.line_start {
                self.line_start = true;
                return Tok::Newline;
            }
            return Tok::End;
        }
        self.continued = false;
        if c == '\n' {
            self.bump();
            self.line_start = true;
            return Tok::Newline;
        }
        let digit = if c == '.' { self.peek_at(1) } else { c };
        if digit.is_ascii_digit() {
            self.number(token);
            return Tok::Number;
        }
        if in_word(c) || is_quote(c) { self.word(token) } else { self.punctuation() }
    }

    /// Passes blanks, comments and joined lines, inside brackets and before a logical line line ends too. The column.
    fn blanks(&mut self) -> u32 {
        let mut column = 0u32;
        loop {
            match self.peek() {
                ' ' => column = column.saturating_add(1),
                '\t' => column = (column | 7).saturating_add(1),
                '\u{c}' => column = 0,
                '\n' if self.line_start || self.depth > 0 => column = 0,
                '#' => {
                    while !matches!(self.peek(), '\n' | END) {
                        self.bump();
                        self.run(|c| c != '\n' && c != '\r');
                    }
                    continue;
                }
                '\\' => {
                    self.bump();
                    if !self.accept('\n') {
                        self.error("invalid syntax");
                    }
                    self.continued = true;
                    continue;
                }
                // The byte order mark.
                '\u{ef}'
                    if self.line_start
                        && self.line == 1
                        && self.peek_at(1) == '\u{bb}'
                        && self.peek_at(2) == '\u{bf}' =>
                {
                    self.pos += 2;
                }
                END => return 0,
                _ => return column,
            }
            self.continued = false;
            self.bump();
        }
    }

    /// At the first token of a logical line: opens or closes blocks; true where one is opened.
    fn indentation(&mut self, column: u32) -> bool {
        self.line_start = self.peek() == END;
        let mut depth = self.indents.len();
        if column > self.column(depth) {
            let result = self.indents.push(self.vm, column);
            self.check(result.map(drop));
            return true;
        }
        while column < self.column(depth) {
            depth -= 1;
            self.dedents += 1;
        }
        self.indents.truncate(depth);
        if column != self.column(depth) {
            let message = "unindent doesn't match any outer indent level";
            let raise = self.vm.raise_at(exc::INDENTATION_ERROR, message, self.line);
            self.fail(raise);
        }
        false
    }

    /// Column of the block that `depth` blocks are open in.
    fn column(&self, depth: u32) -> u32 {
        if depth == 0 { 0 } else { self.indents.get(&*self.vm, depth - 1) }
    }

    /// A name, a keyword, or the beginning of a string with the letters before its quote.
    fn word(&mut self, token: &mut Token) -> Tok {
        self.word.truncate(0);
        while in_word(self.peek()) {
            let (start, end) = self.run(in_word);
            self.word.push_bytes(self.vm, &self.chunk[start..end]);
            if self.word.len() > NAME_MAX {
                let raise = self.vm.name_too_long();
                self.fail(raise);
            }
        }
        let c = self.peek();
        let word = self.word.as_bytes();
        if is_quote(c)
            && let Some(prefix) = Prefix::from_letters(word, c as u8)
        {
            return self.open(token, prefix, c);
        }
        if let Some(keyword) = Tok::keyword(word) {
            return keyword;
        }
        match core::str::from_utf8(word) {
            Ok(name) if !name.is_empty() => {
                let name = self.vm.intern(name);
                token.value = self.checked(name);
            }
            _ => self.error("invalid syntax"),
        }
        Tok::Name
    }

    /// Passes the opening quote or quotes.
    fn open(&mut self, token: &mut Token, prefix: Prefix, quote: char) -> Tok {
        self.bump();
        token.prefix = prefix;
        if self.two_more(quote) {
            token.prefix = prefix.with(Prefix::TRIPLE);
        }
        Tok::Str
    }

    /// Everything that looks like a number up to the next punctuation; its underscores are checked and dropped.
    fn number(&mut self, token: &mut Token) {
        self.word.truncate(0);
        let mut prev = END;
        let mut based = false;
        // Without a point or an exponent: a point does not begin an attribute.
        let mut whole = true;
        loop {
            let c = self.peek();
            let accepted = match c {
                '+' | '-' => !based && matches!(prev, 'e' | 'E'),
                '.' => whole,
                _ => c.is_ascii_alphanumeric() || c == '_',
            };
            // MicroPython does not mind where an underscore is.
            let misplaced = cfg!(feature = "extra")
                && (c == '_' && !is_digit(prev, based) && !(based && self.word.len() == 2)
                    || prev == '_' && !is_digit(c, based));
            if !accepted || misplaced {
                break;
            }
            if prev == '0' && self.word.len() == 1 {
                based = matches!(c, 'x' | 'X' | 'o' | 'O' | 'b' | 'B');
            }
            whole &= !based && !matches!(c, '.' | 'e' | 'E');
            if c != '_' {
                self.word.push_bytes(self.vm, &[c as u8]);
            }
            prev = c;
            self.bump();
        }
        let value = match prev {
            '_' if cfg!(feature = "extra") => Ok(None),
            _ => literals::number(self.vm, self.word.as_bytes()),
        };
        match value {
            Ok(Some(value)) => token.value = value,
            Ok(None) => self.error("invalid syntax for number"),
            Err(raise) => self.fail(raise),
        }
    }

    fn punctuation(&mut self) -> Tok {
        let c = self.bump();
        let next = self.peek_at(0);
        let Some((mut kind, mut two)) = Tok::punctuation(c as u8, next as u8) else {
            self.error("invalid syntax");
            return Tok::End;
        };
        match kind {
            Tok::Walrus if self.in_field() => (kind, two) = (Tok::Colon, false),
            Tok::Bang if !self.in_field() => self.error("invalid syntax"),
            Tok::Dot if next == '.' && self.peek_at(1) == '.' => {
                self.bump();
                (kind, two) = (Tok::Ellipsis, true);
            }
            Tok::LParen | Tok::LBracket | Tok::LBrace => self.depth = self.depth.saturating_add(1),
            Tok::RParen | Tok::RBracket | Tok::RBrace => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if two {
            self.bump();
        }
        if kind.binary().is_some() && self.accept('=') { kind.augment() } else { kind }
    }
}

/// May be part of a name.
fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c >= '\u{80}' && c != END
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '\'')
}

fn is_digit(c: char, hexadecimal: bool) -> bool {
    c.is_digit(if hexadecimal { 16 } else { 10 })
}
