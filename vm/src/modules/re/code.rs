//! The instructions that a pattern is compiled to, in one pass and in place.
//!
//! A program is bytes: an opcode and its operands, little-endian. Jumps are relative to the end of their instruction, so that
//! code stays right when an instruction is put in front of it, which is how alternatives and repetitions are made.
//!
//! # Invariants
//! 1. Every program ends with [`MATCH`] and is made by [`compile`]; so the matcher need not check it.
//! 2. A pattern nests no deeper than the native stack allows.

use crate::object::{Buffer, ByteArray};
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// The whole pattern has matched.
pub const MATCH: u8 = 0;
/// `byte`: this byte.
pub const BYTE: u8 = 1;
/// Any character.
pub const ANY: u8 = 2;
/// `flags, n, bitmap: 16, n ranges of two times 3`: a set: a bitmap of ASCII, ranges beyond.
pub const SET: u8 = 3;
/// `slot`: notes the position in a slot.
pub const SAVE: u8 = 4;
/// `offset: 2`: goes there.
pub const JUMP: u8 = 5;
/// `offset: 2`: goes on, and goes there if that fails.
pub const SPLIT: u8 = 6;
/// `offset: 2`: goes there, and goes on if that fails.
pub const SPLIT_JUMP: u8 = 7;
/// The beginning of the text.
pub const START: u8 = 8;
/// The end of the text.
pub const END: u8 = 9;
/// The beginning of a line.
pub const LINE_START: u8 = 10;
/// The end of a line.
pub const LINE_END: u8 = 11;
/// `min: 2, max: 2, lazy`: repeats the instruction behind it, which takes one character.
pub const REPEAT: u8 = 12;
/// `loop`: begins to count the rounds of a loop.
pub const LOOP_START: u8 = 13;
/// `loop`: a round begins.
pub const LOOP_ROUND: u8 = 14;
/// `loop, min: 2, max: 2`: goes on to the [`SPLIT`] or [`SPLIT_JUMP`] behind it, unless that is decided already: to the round
/// behind that, or where it leads.
pub const LOOP: u8 = 15;

/// `max` of a repetition without bound.
pub const NO_BOUND: u16 = u16::MAX;
/// Flag of a [`SET`]: it has all that is not ASCII, whatever its ranges say.
pub const NOT_ASCII: u8 = 1;
/// Flag of a [`SET`]: beyond ASCII it means the opposite; in the bitmap that is done already.
pub const NEGATED: u8 = 2;
/// Bytes of a [`SET`] without ranges.
pub const SET_LEN: usize = 19;
/// Bytes of a [`REPEAT`].
pub const REPEAT_LEN: usize = 6;
/// Bytes of a [`LOOP`].
pub const LOOP_LEN: usize = 6;
/// Bytes of a [`JUMP`], [`SPLIT`] or [`SPLIT_JUMP`].
pub const JUMP_LEN: usize = 3;

/// `re.IGNORECASE`.
pub const IGNORE_CASE: usize = 2;
/// `re.MULTILINE`.
pub const MULTILINE: usize = 8;

/// Counted repetitions and flags are CPython's.
pub const HAS_MORE: bool = cfg!(feature = "extra");

/// The character at `at`, in the lowest three bits the number of its bytes; 0 at the end. In bytes, every byte is a character.
#[inline]
pub fn unit(text: &[u8], at: usize, is_text: bool) -> u32 {
    let Some(&first) = text.get(at) else { return 0 };
    if first < 0x80 || !is_text {
        return u32::from(first) << 3 | 1;
    }
    let width = crate::types::text::char_width(text, at);
    let rest = text.get(at + 1..at + width).unwrap_or_default();
    let head = u32::from(first) & (0x7f >> width);
    rest.iter().fold(head, |code, &b| code << 6 | u32::from(b) & 0x3f) << 3 | width as u32
}

/// Compiles a pattern; `ValueError` for a wrong one. `pattern` is of an immutable object. The code, a `bytes`; how many groups it
/// has, the whole match not counted, and how many loops with a count.
pub fn compile(
    vm: &mut Vm,
    pattern: &[u8],
    is_text: bool,
    flags: usize,
) -> Result<[Value; 3], Raise> {
    let code = ByteArray::new(vm, 0, 0)?;
    let flags = if HAS_MORE { flags } else { 0 };
    let (min, max) = (0, 0);
    let mut c = Compiler {
        vm,
        pattern,
        is_text,
        flags,
        at: 0,
        code,
        n_groups: 0,
        n_loops: 0,
        min,
        max,
        lazy: false,
        result: Ok(()),
    };
    c.alternatives();
    if c.at < pattern.len() {
        c.fail(WRONG);
    }
    c.emit(&[MATCH]);
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
    n_groups: usize,
    n_loops: usize,
    /// How often the last atom is repeated.
    min: u16,
    max: u16,
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
    /// The same, and it can match the empty text.
    EmptyGroup,
}

impl Compiler<'_> {
    #[inline(never)]
    fn stop(&mut self, raise: Raise) {
        self.result = Err(raise);
        self.at = self.pattern.len();
    }

    /// `ValueError`, unless something was wrong before.
    #[cold]
    fn fail(&mut self, message: &str) {
        if self.result.is_ok() {
            let raise = self.vm.raise(exc::VALUE_ERROR, message);
            self.stop(raise);
        }
    }

    fn peek(&self) -> Option<u8> {
        self.pattern.get(self.at).copied()
    }

    /// Steps over this byte if it comes next.
    #[inline(never)]
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += found as usize;
        found
    }

    /// The next character, which must be there.
    #[inline(never)]
    fn unit(&mut self) -> u32 {
        let unit = unit(self.pattern, self.at, self.is_text);
        self.at += unit as usize & 7;
        if unit == 0 {
            self.fail(WRONG);
        }
        unit >> 3
    }

    fn here(&self) -> usize {
        self.code.bytes(self.vm).len()
    }

    #[inline(never)]
    fn emit(&mut self, bytes: &[u8]) {
        self.insert(self.here(), bytes);
    }

    /// Puts an instruction in front of what is at `at`.
    #[inline(never)]
    fn insert(&mut self, at: usize, bytes: &[u8]) {
        let n = self.here();
        let end = at + bytes.len();
        let room = self.vm.tick((n - at) / 16 + 4);
        if let Err(raise) = room.and_then(|()| self.code.resize(self.vm, n + bytes.len())) {
            return self.stop(raise);
        }
        let code = self.code.bytes_mut(self.vm);
        code.copy_within(at..n, end);
        code[at..end].copy_from_slice(bytes);
    }

    /// Puts a jump in front of what is at `at`.
    fn jump(&mut self, at: usize, op: u8, offset: isize) {
        self.insert(at, &[op, 0, 0]);
        self.set_offset(at, offset);
    }

    #[inline(never)]
    fn set_offset(&mut self, jump: usize, offset: isize) {
        let Ok(offset) = i16::try_from(offset) else { return self.fail(TOO_COMPLEX) };
        // It is not there when there was no memory.
        if let Some(operand) = self.code.bytes_mut(self.vm).get_mut(jump + 1..jump + JUMP_LEN) {
            operand.copy_from_slice(&offset.to_le_bytes());
        }
    }

    /// `a|b|…`; true if it can match the empty text.
    fn alternatives(&mut self) -> bool {
        if let Err(raise) = self.vm.enter_native() {
            self.stop(raise);
        }
        let first = self.here();
        let mut may_be_empty = false;
        let mut n_jumps = 0;
        loop {
            let start = self.here();
            may_be_empty |= self.branch();
            if !self.eat(b'|') {
                break;
            }
            let end = self.here();
            self.jump(end, JUMP, 0);
            self.jump(start, SPLIT, (end - start + JUMP_LEN) as isize);
            n_jumps += 1;
        }
        // Each `JUMP` leads to the end. It is in front of what its alternative's `SPLIT` leads to.
        let end = self.here();
        let mut at = first;
        for _ in 0..n_jumps {
            at = target(self.code.bytes(self.vm), at);
            self.set_offset(at - JUMP_LEN, end.wrapping_sub(at) as isize);
        }
        may_be_empty
    }

    /// What stands between two `|`; true if it can match the empty text.
    fn branch(&mut self) -> bool {
        let mut may_be_empty = true;
        while let Some(b) = self.peek() {
            if matches!(b, b'|' | b')') {
                break;
            }
            let start = self.here();
            let atom = self.atom();
            let atom_is_empty = matches!(atom, Atom::Assertion | Atom::EmptyGroup);
            let repeats = self.count();
            may_be_empty &= atom_is_empty || repeats && self.min == 0;
            if !repeats {
                continue;
            }
            match atom {
                Atom::Assertion => self.fail(WRONG),
                Atom::One => {
                    let (min, max) = (self.min.to_le_bytes(), self.max.to_le_bytes());
                    let lazy = self.lazy as u8;
                    self.insert(start, &[REPEAT, min[0], min[1], max[0], max[1], lazy]);
                }
                Atom::Group | Atom::EmptyGroup => self.repeat_group(start, atom_is_empty),
            }
        }
        may_be_empty
    }

    /// Repeats the code from `start` on.
    fn repeat_group(&mut self, start: usize, may_be_empty: bool) {
        let end = self.here();
        let len = (end - start) as isize;
        let lazy = self.lazy as u8;
        let (skip, back) = (SPLIT + lazy, SPLIT_JUMP - lazy);
        let (min, max) = (self.min, self.max);
        let jump = JUMP_LEN as isize;
        if min <= 1 && max == NO_BOUND && !may_be_empty {
            self.jump(end, back, -len - jump);
        } else if (min, max) != (0, 1) {
            let Ok(number) = u8::try_from(self.n_loops) else { return self.fail(TOO_COMPLEX) };
            self.n_loops += 1;
            let (min, max) = (min.to_le_bytes(), max.to_le_bytes());
            self.insert(start, &[LOOP_ROUND, number]);
            self.jump(start, skip, len + 2 + jump);
            self.insert(start, &[LOOP_START, number, LOOP, number, min[0], min[1], max[0], max[1]]);
            let to_loop = LOOP_LEN as isize + jump + 2 + len + jump;
            return self.jump(self.here(), JUMP, -to_loop);
        }
        if min == 0 {
            let len = self.here().wrapping_sub(start) as isize;
            self.jump(start, skip, len);
        }
    }

    /// One character, set, assertion or group.
    fn atom(&mut self) -> Atom {
        let mut from = self.at;
        let c = self.unit();
        let is_multiline = self.flags & MULTILINE != 0;
        match u8::try_from(c).unwrap_or(0xff) {
            b'.' => self.emit(&[ANY]),
            b'^' => {
                self.emit(&[if is_multiline { LINE_START } else { START }]);
                return Atom::Assertion;
            }
            b'$' => {
                self.emit(&[if is_multiline { LINE_END } else { END }]);
                return Atom::Assertion;
            }
            b'[' => self.set(),
            b'(' => return self.group(),
            b'*' | b'+' | b'?' => self.fail(WRONG),
            b'\\' => {
                from = self.at;
                let c = self.unit();
                let mut set = Set::new();
                if !set.add_class(c) {
                    return self.literal(from);
                }
                self.emit(&set.0);
            }
            _ => return self.literal(from),
        }
        Atom::One
    }

    /// The character that has just been read, from `from` on.
    #[inline(never)]
    fn literal(&mut self, from: usize) -> Atom {
        let bytes = &self.pattern[from..self.at];
        if HAS_MORE
            && let [b] = *bytes
            && self.flags & IGNORE_CASE != 0
            && b.is_ascii_alphabetic()
        {
            let mut set = Set::new();
            set.add(u32::from(b));
            set.ignore_case();
            self.emit(&set.0);
            return Atom::One;
        }
        for &b in bytes {
            self.emit(&[BYTE, b]);
        }
        if bytes.len() == 1 { Atom::One } else { Atom::Group }
    }

    /// The rest of `(…)`.
    fn group(&mut self) -> Atom {
        let mut slot = 0;
        if self.eat(b'?') {
            if !self.eat(b':') {
                self.fail(WRONG);
            }
        } else {
            self.n_groups += 1;
            slot = 2 * self.n_groups;
            if slot > usize::from(u8::MAX) {
                self.fail(TOO_COMPLEX);
            }
            self.emit(&[SAVE, slot as u8]);
        }
        let may_be_empty = self.alternatives();
        if !self.eat(b')') {
            self.fail(WRONG);
        }
        if slot != 0 {
            self.emit(&[SAVE, slot as u8 + 1]);
        }
        if may_be_empty { Atom::EmptyGroup } else { Atom::Group }
    }

    /// The rest of `[…]`. The first character is never its end.
    fn set(&mut self) {
        let at = self.here();
        let is_negated = self.eat(b'^');
        let mut set = Set::new();
        let mut is_first = true;
        while is_first || !self.eat(b']') {
            is_first = false;
            let first = self.member(&mut set);
            if self.result.is_err() {
                return;
            }
            if first == CLASS {
                continue;
            }
            let mut last = first;
            if let [b'-', end, ..] = self.pattern[self.at..]
                && end != b']'
            {
                self.at += 1;
                last = self.member(&mut set);
                if last < first || last == CLASS {
                    return self.fail(WRONG);
                }
            }
            for c in first..128.min(last + 1) {
                set.add(c);
            }
            if last > 127 {
                if set.0[2] == u8::MAX {
                    return self.fail(TOO_COMPLEX);
                }
                set.0[2] += 1;
                for end in [first.max(128), last] {
                    self.emit(&end.to_le_bytes()[..3]);
                }
            }
        }
        if HAS_MORE && self.flags & IGNORE_CASE != 0 {
            set.ignore_case();
        }
        if is_negated {
            set.0[1] |= NEGATED;
            set.invert();
        }
        self.insert(at, &set.0);
    }

    /// The next character of a set, or [`CLASS`] if that was a class.
    fn member(&mut self, set: &mut Set) -> u32 {
        let c = self.unit();
        if c != u32::from(b'\\') {
            return c;
        }
        let c = self.unit();
        if set.add_class(c) { CLASS } else { c }
    }

    /// Reads `*`, `+`, `?` or `{m,n}`, if one comes, with the `?` that makes it lazy.
    fn count(&mut self) -> bool {
        (self.min, self.max) = match self.peek() {
            Some(b'*') => (0, NO_BOUND),
            Some(b'+') => (1, NO_BOUND),
            Some(b'?') => (0, 1),
            Some(b'{') if HAS_MORE => match self.braces() {
                Some((min, max, end)) => {
                    let (Ok(min), Ok(max)) = (u16::try_from(min), u16::try_from(max)) else {
                        self.fail(TOO_COMPLEX);
                        return false;
                    };
                    if min > max || min == NO_BOUND {
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
        if HAS_MORE && self.peek() == Some(b'{') && self.braces().is_some() {
            self.fail(WRONG);
        }
        true
    }

    /// The numbers of `{m}`, `{m,}`, `{,n}` or `{m,n}` and where it ends; `None` if it is none of these: then it is text.
    fn braces(&self) -> Option<(u32, u32, usize)> {
        let rest = &self.pattern[self.at + 1..];
        let end = rest.iter().position(|b| !b.is_ascii_digit() && *b != b',')?;
        if rest[end] != b'}' || end == 0 {
            return None;
        }
        let number = |digits: &[u8], absent: u32| match digits {
            [] => absent,
            _ => digits
                .iter()
                .fold(0u32, |n, d| n.saturating_mul(10).saturating_add(u32::from(d - b'0'))),
        };
        let mut parts = rest[..end].split(|&b| b == b',');
        let first = parts.next()?;
        let min = number(first, 0);
        let max = match parts.next() {
            Some(last) => number(last, u32::from(NO_BOUND)),
            None => min,
        };
        let is_one = parts.next().is_none() && &rest[..end] != b",";
        if is_one { Some((min, max, self.at + end + 2)) } else { None }
    }
}

/// Where the jump at `at` leads.
pub fn target(code: &[u8], at: usize) -> usize {
    let end = at + JUMP_LEN;
    match code.get(at + 1..end) {
        Some(&[low, high]) => end.wrapping_add_signed(i16::from_le_bytes([low, high]).into()),
        _ => end,
    }
}

/// No character: a class.
const CLASS: u32 = u32::MAX;

/// The ASCII characters of `\d`, `\s` and `\w`, a bit for each.
const CLASSES: [[u8; 16]; 3] = [
    [0, 0, 0, 0, 0, 0, 0xff, 0x03, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0x3e, 0, 0, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0xff, 0x03, 0xfe, 0xff, 0xff, 0x87, 0xfe, 0xff, 0xff, 0x07],
];

/// A [`SET`] without its ranges.
struct Set([u8; SET_LEN]);

impl Set {
    fn new() -> Set {
        let mut set = [0; SET_LEN];
        set[0] = SET;
        Set(set)
    }

    /// The bitmap of the ASCII part.
    fn bitmap(&mut self) -> &mut [u8; 16] {
        let [_, _, _, bitmap @ ..] = &mut self.0;
        bitmap
    }

    /// Adds an ASCII character.
    fn add(&mut self, c: u32) {
        self.bitmap()[(c / 8) as usize % 16] |= 1 << (c % 8);
    }

    fn invert(&mut self) {
        self.bitmap().iter_mut().for_each(|b| *b = !*b);
    }

    /// Adds the class that this letter names; false if it names none.
    #[inline(never)]
    fn add_class(&mut self, letter: u32) -> bool {
        const LOWER: u32 = 0x20;
        let Some(i) = b"dsw".iter().position(|&c| u32::from(c) == letter | LOWER) else {
            return false;
        };
        let is_opposite = letter & LOWER == 0;
        // Classes are ASCII, so all that is not ASCII is in their opposites.
        self.0[1] |= if is_opposite { NOT_ASCII } else { 0 };
        for (b, class) in self.bitmap().iter_mut().zip(CLASSES[i]) {
            *b |= if is_opposite { !class } else { class };
        }
        true
    }

    fn ignore_case(&mut self) {
        let bitmap = self.bitmap();
        // The letters are in the same places of the bytes 8 to 11 and 12 to 15.
        for i in 8..12 {
            let letters = CLASSES[2][i + 4];
            let both = (bitmap[i] | bitmap[i + 4]) & letters;
            bitmap[i] |= both;
            bitmap[i + 4] |= both;
        }
    }
}
