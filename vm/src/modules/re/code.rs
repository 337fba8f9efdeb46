//! The instructions that a pattern is compiled to, in one pass and in place.
//!
//! A program is bytes: an opcode and its operands, little-endian. Jumps are relative to the end of their instruction, so that
//! code stays right when an instruction is put in front of it, which is how alternatives and repetitions are made.
//!
//! # Invariants
//! 1. Every program ends with [`MATCH`] and is made by [`compile`]; so the matcher need not check it.
//! 2. A pattern nests no deeper than the native stack allows.

use crate::object::{Buffer, ByteArray};
use crate::types::text::char_width;
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// The whole pattern has matched.
pub const MATCH: u8 = 0;
/// `byte`: this byte.
pub const BYTE: u8 = 1;
/// `flags, n, text: n`: one character of a set, which is as in the pattern: see [`has`].
pub const SET: u8 = 2;
/// `slot`: notes the position in a slot.
pub const SAVE: u8 = 3;
/// `loop`: a round begins; notes the position in the loop's slot, which is behind those of the groups.
pub const ROUND: u8 = 4;
/// `loop`: a round ends; if it took nothing, it was the last, and the jump behind this is left out.
pub const ROUND_END: u8 = 5;
/// `offset: 2`: goes there.
pub const JUMP: u8 = 6;
/// `offset: 2`: goes on, and goes there if that fails.
pub const SPLIT: u8 = 7;
/// `offset: 2`: goes there, and goes on if that fails.
pub const SPLIT_JUMP: u8 = 8;
/// `min, max`: repeats the instruction behind it, which takes one character, as often as it can.
pub const REPEAT: u8 = 9;
/// The beginning of the text.
pub const START: u8 = 10;
/// The end of the text.
pub const END: u8 = 11;
/// The beginning of a line.
pub const LINE_START: u8 = 12;
/// The end of a line.
pub const LINE_END: u8 = 13;

/// `max` of a [`REPEAT`] without bound.
pub const NO_BOUND: u8 = u8::MAX;
/// Flag of a [`SET`]: it means the opposite.
pub const NEGATED: u8 = 1;
/// Flag of a [`SET`]: letters of either case are the same.
pub const ANY_CASE: u8 = 2;
/// Bytes of a [`SET`] without its text.
pub const SET_LEN: usize = 3;
/// Bytes of a [`REPEAT`].
pub const REPEAT_LEN: usize = 3;
/// Bytes of a [`JUMP`], [`SPLIT`] or [`SPLIT_JUMP`].
pub const JUMP_LEN: usize = 3;

/// What every program begins with, to search: steps over characters until the rest matches, whose beginning it notes.
#[rustfmt::skip]
const SEARCH: [u8; 11] = [
    SPLIT_JUMP, 6, 0,
    SET, NEGATED, 0,
    JUMP, (0u8).wrapping_sub(9), 0xff,
    SAVE, 0,
];
/// Where a program begins that matches only at one place.
pub const ANCHORED: usize = SEARCH.len() - 2;

/// `re.IGNORECASE`.
pub const IGNORE_CASE: usize = 2;
/// `re.MULTILINE`.
pub const MULTILINE: usize = 8;

/// Counted repetitions and flags are CPython's.
pub const HAS_MORE: bool = cfg!(feature = "extra");

/// The character at `at` as the number that its bytes are, so that the order is right; and how many these are, 0 at the end. In
/// bytes, every byte is a character.
#[inline(never)]
pub fn unit(text: &[u8], at: usize, is_text: bool) -> (u32, usize) {
    let width = if is_text { char_width(text, at) } else { 1 };
    let bytes = text.get(at..).unwrap_or_default();
    let bytes = bytes.get(..width).unwrap_or(bytes);
    (bytes.iter().fold(0, |c, &b| c << 8 | u32::from(b)), bytes.len())
}

/// A letter of a class with this added is the class. No character is.
const CLASS: u32 = 0x8000_0000;

/// True for a class.
fn is_class(c: u32) -> bool {
    c >> 24 == CLASS >> 24
}

/// As [`unit`] for a pattern, where characters and classes may have a backslash in front.
fn member(pattern: &[u8], at: usize, is_text: bool) -> (u32, usize) {
    let (mut c, mut n) = unit(pattern, at, is_text);
    if c == b'\\'.into() {
        (c, n) = unit(pattern, at + 1, is_text);
        if c < 128 && b"dswDSW".contains(&(c as u8)) {
            c += CLASS;
        }
        if n > 0 {
            n += 1;
        }
    }
    (c, n)
}

/// True if a class has a character. All that is not ASCII is in the opposites only.
#[inline(never)]
fn class_has(class: u32, c: u32) -> bool {
    let b = if c < 128 { c as u8 } else { 0 };
    let found = match class as u8 | 0x20 {
        b'd' => b.is_ascii_digit(),
        b's' => matches!(b, b'\t'..=b'\r' | b' '),
        _ => b.is_ascii_alphanumeric() || b == b'_',
    };
    found == (class & 0x20 != 0)
}

/// True if a set, whose text is that between the brackets, has a character; `WRONG_SET` added if it has a range that is none.
pub fn has(set: &[u8], is_text: bool, c: u32) -> u8 {
    let (mut at, mut found) = (0, 0);
    loop {
        let (first, n) = member(set, at, is_text);
        if n == 0 {
            return found;
        }
        at += n;
        if is_class(first) {
            found |= class_has(first, c) as u8;
            continue;
        }
        let mut last = first;
        if set.get(at) == Some(&b'-') {
            let (end, n) = member(set, at + 1, is_text);
            if n > 0 {
                at += 1 + n;
                last = end;
            }
        }
        found |= (first <= c && c <= last) as u8;
        if HAS_MORE && (last < first || is_class(last)) {
            found |= WRONG_SET;
        }
    }
}

/// See [`has`].
const WRONG_SET: u8 = 2;

/// Compiles a pattern; `ValueError` for a wrong one. `pattern` is of an immutable object. The code, a `bytes`; how many groups it
/// has, the whole match counted, and how many loops whose rounds may take nothing.
pub fn compile(
    vm: &mut Vm,
    pattern: &[u8],
    is_text: bool,
    flags: usize,
) -> Result<[Value; 3], Raise> {
    let code = ByteArray::new(vm, 0, 0)?;
    let mut c = Compiler {
        vm,
        pattern,
        is_text,
        flags: if HAS_MORE { flags } else { 0 },
        at: 0,
        code,
        here: 0,
        n_groups: 1,
        n_loops: 0,
        min: 0,
        max: 0,
        lazy: false,
        result: Ok(()),
    };
    c.emit(&SEARCH);
    c.alternatives();
    if c.at < pattern.len() {
        c.fail(WRONG);
    }
    c.emit(&[SAVE, 1, MATCH]);
    let Compiler { n_groups, n_loops, result, .. } = c;
    result?;
    let bytes = Buffer::of_array(code).to_bytes(vm)?;
    code.resize(vm, 0)?;
    Ok([bytes.value(), Value::from_len(n_groups), Value::from_len(n_loops)])
}

const WRONG: &str = "error in regex";
const TOO_COMPLEX: &str = "regex too complex";

struct Compiler<'c> {
    vm: &'c mut Vm,
    pattern: &'c [u8],
    is_text: bool,
    flags: usize,
    at: usize,
    code: ByteArray,
    /// The length of the code.
    here: usize,
    n_groups: usize,
    n_loops: usize,
    /// How often the last atom is repeated.
    min: usize,
    /// `usize::MAX`: without bound.
    max: usize,
    lazy: bool,
    /// The first error. The rest of the pattern is not looked at then.
    result: Result<(), Raise>,
}

/// What an atom was compiled to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Atom {
    /// One instruction that takes one character.
    One,
    /// Something that takes no character and cannot be repeated.
    Assertion,
    /// More than one instruction.
    Group,
}

impl Compiler<'_> {
    #[inline(never)]
    fn stop(&mut self, raise: Raise) {
        self.result = Err(raise);
        self.at = self.pattern.len();
    }

    /// `ValueError`, unless something was wrong before.
    #[cold]
    #[inline(never)]
    fn fail(&mut self, message: &str) {
        if self.result.is_ok() {
            let raise = self.vm.raise(exc::VALUE_ERROR, message);
            self.stop(raise);
        }
    }

    /// The next byte of the pattern; 0 at the end.
    fn peek(&self) -> u8 {
        self.pattern.get(self.at).copied().unwrap_or(0)
    }

    /// Steps over this byte if it comes next.
    #[inline(never)]
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == byte;
        self.at += found as usize;
        found
    }

    /// Steps over the next character or class, which must be there.
    #[inline(never)]
    fn member(&mut self) -> u32 {
        let (c, n) = member(self.pattern, self.at, self.is_text);
        self.at += n;
        if n == 0 {
            self.fail(WRONG);
        }
        c
    }

    /// A number that has to fit an operand.
    fn operand(&mut self, n: usize) -> u8 {
        if n > 255 {
            self.fail(TOO_COMPLEX);
        }
        n as u8
    }

    #[inline(never)]
    fn emit(&mut self, bytes: &[u8]) {
        self.insert(self.here, bytes);
    }

    /// Puts an instruction in front of what is at `at`.
    #[inline(never)]
    fn insert(&mut self, at: usize, bytes: &[u8]) {
        if self.result.is_err() {
            return;
        }
        let (n, end) = (self.here, at + bytes.len());
        self.here = n + bytes.len();
        let room = self.vm.tick((n - at) / 16 + 4);
        if let Err(raise) = room.and_then(|()| self.code.resize(self.vm, self.here)) {
            return self.stop(raise);
        }
        let code = self.code.bytes_mut(self.vm);
        code.copy_within(at..n, end);
        code[at..end].copy_from_slice(bytes);
    }

    /// Puts a jump in front of what is at `at`, which leads to `to` from there.
    fn jump(&mut self, at: usize, op: u8, to: usize) {
        let offset = to.wrapping_sub(at) as isize;
        if i16::try_from(offset).is_err() {
            self.fail(TOO_COMPLEX);
        }
        self.insert(at, &[op, offset as u8, (offset >> 8) as u8]);
    }

    /// `a|b|…`
    fn alternatives(&mut self) {
        if let Err(raise) = self.vm.enter_native() {
            self.stop(raise);
        }
        let start = self.here;
        self.branch();
        while self.eat(b'|') {
            // What is there becomes the first of two alternatives.
            self.jump(start, SPLIT, self.here + JUMP_LEN);
            let end = self.here;
            self.branch();
            self.jump(end, JUMP, self.here);
        }
    }

    /// What stands between two `|`.
    fn branch(&mut self) {
        while self.at < self.pattern.len() && !matches!(self.peek(), b'|' | b')') {
            let start = self.here;
            let atom = self.atom();
            if !self.count() {
                continue;
            }
            match atom {
                Atom::Assertion => self.fail(WRONG),
                Atom::One if !self.lazy && (!HAS_MORE || self.counts_are_small()) => {
                    self.insert(start, &[REPEAT, self.min as u8, self.max as u8]);
                }
                _ => self.repeat(start, atom),
            }
        }
    }

    /// True if the counts fit the operands of a [`REPEAT`].
    fn counts_are_small(&self) -> bool {
        self.min < 255 && (self.max < 255 || self.max == usize::MAX)
    }

    /// Repeats the code from `start` on.
    fn repeat(&mut self, start: usize, atom: Atom) {
        let len = self.here - start;
        let lazy = self.lazy as u8;
        let (min, max) = (self.min, self.max);
        let has_bound = max != usize::MAX;
        if HAS_MORE {
            for _ in 1..if has_bound { max } else { min } {
                self.copy(start, len);
            }
        }
        if !has_bound {
            let last = self.here.wrapping_sub(len);
            if atom != Atom::One {
                let number = self.operand(self.n_loops);
                self.n_loops += 1;
                self.insert(last, &[ROUND, number]);
                self.emit(&[ROUND_END, number]);
            }
            self.jump(self.here, SPLIT_JUMP - lazy, last.wrapping_sub(JUMP_LEN));
            if min == 0 {
                self.jump(start, SPLIT + lazy, self.here);
            }
        } else if HAS_MORE && max == 0 {
            self.jump(start, JUMP, self.here);
        } else {
            for i in (min..max).rev() {
                self.jump(start + i * len, SPLIT + lazy, self.here);
            }
        }
    }

    /// Appends a copy of the code from `start` on.
    fn copy(&mut self, start: usize, len: usize) {
        if self.here > i16::MAX as usize {
            self.fail(TOO_COMPLEX);
        }
        if self.result.is_ok() {
            // All is there already but for the copy.
            let end = self.here;
            self.here += len;
            match self.code.resize(self.vm, self.here) {
                Ok(()) => self.code.bytes_mut(self.vm).copy_within(start..start + len, end),
                Err(raise) => self.stop(raise),
            }
        }
    }

    /// One character, set, assertion or group.
    fn atom(&mut self) -> Atom {
        let mut from = self.at;
        let c = self.member();
        let is_multiline = HAS_MORE && self.flags & MULTILINE != 0;
        match self.pattern[from] {
            b'.' => self.set(0, 0, NEGATED),
            b'^' => {
                self.emit(&[if is_multiline { LINE_START } else { START }]);
                return Atom::Assertion;
            }
            b'$' => {
                self.emit(&[if is_multiline { LINE_END } else { END }]);
                return Atom::Assertion;
            }
            b'[' => self.brackets(),
            b'(' => {
                self.group();
                return Atom::Group;
            }
            b'*' | b'+' | b'?' => self.fail(WRONG),
            b'\\' if is_class(c) => self.set(from, self.at, 0),
            b => {
                from += (b == b'\\') as usize;
                let bytes = &self.pattern[from..self.at];
                if HAS_MORE
                    && self.flags & IGNORE_CASE != 0
                    && matches!(bytes, [b] if b.is_ascii_alphabetic())
                {
                    self.set(from, self.at, ANY_CASE);
                    return Atom::One;
                }
                for &b in bytes {
                    self.emit(&[BYTE, b]);
                }
                if bytes.len() > 1 {
                    return Atom::Group;
                }
            }
        }
        Atom::One
    }

    /// The rest of `(…)`.
    fn group(&mut self) {
        let mut slot = 0;
        if self.eat(b'?') {
            if !self.eat(b':') {
                self.fail(WRONG);
            }
        } else {
            slot = self.operand(2 * self.n_groups);
            self.n_groups += 1;
            self.emit(&[SAVE, slot]);
        }
        self.alternatives();
        if !self.eat(b')') {
            self.fail(WRONG);
        }
        if slot != 0 {
            self.emit(&[SAVE, slot + 1]);
        }
    }

    /// The rest of `[…]`. The first character is never its end.
    fn brackets(&mut self) {
        let is_negated = self.eat(b'^') as u8 * NEGATED;
        let ignores_case = HAS_MORE && self.flags & IGNORE_CASE != 0;
        let from = self.at;
        loop {
            self.member();
            if self.at == self.pattern.len() {
                return self.fail(WRONG);
            }
            let to = self.at;
            if self.eat(b']') {
                return self.set(from, to, is_negated | (ignores_case as u8 * ANY_CASE));
            }
        }
    }

    /// A set, whose text is a part of the pattern.
    fn set(&mut self, from: usize, to: usize, flags: u8) {
        let text = &self.pattern[from..to];
        if HAS_MORE && has(text, self.is_text, 0) & WRONG_SET != 0 {
            self.fail(WRONG);
        }
        let n = self.operand(text.len());
        self.emit(&[SET, flags, n]);
        self.emit(text);
    }

    /// Reads `*`, `+`, `?` or `{m,n}`, if one comes, with the `?` that makes it lazy.
    fn count(&mut self) -> bool {
        (self.min, self.max) = match self.peek() {
            b'*' => (0, usize::MAX),
            b'+' => (1, usize::MAX),
            b'?' => (0, 1),
            b'{' if HAS_MORE => match self.braces() {
                Some((min, max, end)) => {
                    if min > max {
                        self.fail(WRONG);
                        return false;
                    }
                    // The last byte is stepped over below.
                    self.at = end - 1;
                    (min, max)
                }
                None => return false,
            },
            _ => return false,
        };
        self.at += 1;
        self.lazy = self.eat(b'?');
        if HAS_MORE && self.peek() == b'{' && self.braces().is_some() {
            self.fail(WRONG);
        }
        true
    }

    /// The numbers of `{m}`, `{m,}`, `{,n}` or `{m,n}` and where it ends; `None` if it is none of these: then it is text.
    fn braces(&self) -> Option<(usize, usize, usize)> {
        let rest = &self.pattern[self.at + 1..];
        let end = rest.iter().position(|b| !b.is_ascii_digit() && *b != b',')?;
        if rest[end] != b'}' || end == 0 {
            return None;
        }
        let number = |digits: &[u8], absent: usize| match digits {
            [] => absent,
            _ => digits.iter().fold(0usize, |n, d| {
                (n.saturating_mul(10) + usize::from(d - b'0')).min(u16::MAX.into())
            }),
        };
        let mut parts = rest[..end].split(|&b| b == b',');
        let first = parts.next()?;
        let min = number(first, 0);
        let max = match parts.next() {
            Some(last) => number(last, usize::MAX),
            None => min,
        };
        let is_one = parts.next().is_none() && &rest[..end] != b",";
        if is_one { Some((min, max, self.at + end + 2)) } else { None }
    }
}
