//! The instructions that a pattern is compiled to, in one pass and in place.
//!
//! A program is bytes: an opcode and its operands, little-endian. Jumps are relative to the end of their instruction, so that
//! code stays right when an instruction is put in front of it, which is how alternatives and repetitions are made.
//!
//! # Invariants
//! 1. Every program ends with [`MATCH`] and is made by [`compile`]; so the matcher need not check it.
//! 2. A pattern nests no deeper than the native stack allows.

use crate::object::ByteArray;
use crate::{Raise, Vm, exc};

/// The whole pattern has matched.
pub const MATCH: u8 = 0;
/// `byte`: this byte.
pub const BYTE: u8 = 1;
/// `code: 3`: this character, which is not ASCII.
pub const CHAR: u8 = 2;
/// Any character.
pub const ANY: u8 = 3;
/// `flags, n, bitmap: 16, n ranges of two times 3`: a set: a bitmap of ASCII, ranges beyond.
pub const SET: u8 = 4;
/// `slot`: notes the position in a slot.
pub const SAVE: u8 = 5;
/// `offset: 2`: goes there.
pub const JUMP: u8 = 6;
/// `offset: 2`: goes on, and goes there if that fails.
pub const SPLIT: u8 = 7;
/// `offset: 2`: goes there, and goes on if that fails.
pub const SPLIT_JUMP: u8 = 8;
/// The beginning of the text.
pub const START: u8 = 9;
/// The end of the text.
pub const END: u8 = 10;
/// The beginning of a line.
pub const LINE_START: u8 = 11;
/// The end of a line.
pub const LINE_END: u8 = 12;
/// `min: 2, max: 2, lazy`: repeats the instruction behind it, which takes one character.
pub const REPEAT: u8 = 13;
/// `loop`: begins to count the rounds of a loop.
pub const LOOP_START: u8 = 14;
/// `loop, min: 2, max: 2, lazy, offset: 2`: another round, or goes there, or both in that order or the other.
pub const LOOP: u8 = 15;
/// `loop`: a round begins.
pub const LOOP_ROUND: u8 = 16;

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
pub const LOOP_LEN: usize = 9;

/// `re.IGNORECASE`.
pub const IGNORE_CASE: usize = 2;
/// `re.MULTILINE`.
pub const MULTILINE: usize = 8;

/// Bytes of the instruction at the start of `code`, which takes one character.
pub fn one_len(code: &[u8]) -> usize {
    match code[0] {
        BYTE => 2,
        CHAR => 4,
        SET => SET_LEN + 6 * usize::from(code[2]),
        _ => 1,
    }
}

/// The character at `at` and its length; `None` at the end. In bytes, every byte is a character.
#[inline(always)]
pub fn unit(text: &[u8], at: usize, is_text: bool) -> Option<(u32, usize)> {
    let first = *text.get(at)?;
    if first < 0x80 || !is_text {
        return Some((u32::from(first), 1));
    }
    let width = crate::types::text::char_width(text, at);
    let rest = text.get(at + 1..at + width).unwrap_or_default();
    let head = u32::from(first) & (0x7f >> width);
    Some((rest.iter().fold(head, |code, &b| code << 6 | u32::from(b) & 0x3f), width))
}

/// What a program has beside its code.
pub struct Program {
    /// The code.
    pub code: ByteArray,
    /// Groups, the whole match not counted.
    pub n_groups: usize,
    /// Loops with a count.
    pub n_loops: usize,
}

struct Compiler<'p> {
    pattern: &'p [u8],
    is_text: bool,
    at: usize,
    out: Program,
    ignore_case: bool,
    multiline: bool,
}

/// How often something is repeated.
struct Count {
    min: u16,
    max: u16,
    lazy: bool,
}

/// What an atom was compiled to.
enum Atom {
    /// One instruction that takes one character.
    One,
    /// Something that takes no character and cannot be repeated.
    Assertion,
    /// A group; whether it can match the empty text.
    Group(bool),
}

/// Compiles a pattern; `ValueError` for a wrong one. `pattern` is of an immutable object.
pub fn compile(vm: &mut Vm, pattern: &[u8], is_text: bool, flags: usize) -> Result<Program, Raise> {
    let out = Program { code: ByteArray::new(vm, 0, 0)?, n_groups: 0, n_loops: 0 };
    let mut c = Compiler {
        pattern,
        is_text,
        at: 0,
        out,
        ignore_case: flags & IGNORE_CASE != 0,
        multiline: flags & MULTILINE != 0,
    };
    c.alternatives(vm)?;
    if c.at < pattern.len() {
        return Err(c.error(vm));
    }
    c.emit(vm, &[MATCH])?;
    Ok(c.out)
}

impl Compiler<'_> {
    #[cold]
    fn error(&self, vm: &mut Vm) -> Raise {
        vm.raise(exc::VALUE_ERROR, "error in regex")
    }

    #[cold]
    fn too_complex(&self, vm: &mut Vm) -> Raise {
        vm.raise(exc::VALUE_ERROR, "regex too complex")
    }

    fn peek(&self) -> Option<u8> {
        self.pattern.get(self.at).copied()
    }

    /// Steps over this byte if it comes next.
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += found as usize;
        found
    }

    /// The next character.
    fn unit(&mut self) -> Option<u32> {
        let (code, width) = unit(self.pattern, self.at, self.is_text)?;
        self.at += width;
        Some(code)
    }

    fn here(&self, vm: &Vm) -> usize {
        self.out.code.bytes(vm).len()
    }

    fn emit(&mut self, vm: &mut Vm, bytes: &[u8]) -> Result<(), Raise> {
        let at = self.here(vm);
        self.insert(vm, at, bytes)
    }

    /// Puts an instruction in front of what is at `at`.
    fn insert(&mut self, vm: &mut Vm, at: usize, bytes: &[u8]) -> Result<(), Raise> {
        let n = self.here(vm);
        vm.tick((n - at) / 16 + 4)?;
        self.out.code.resize(vm, n + bytes.len())?;
        let code = self.out.code.bytes_mut(vm);
        code.copy_within(at..n, at + bytes.len());
        code[at..at + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    /// The offset of a jump over or back by so many bytes.
    fn offset(&self, vm: &mut Vm, bytes: isize) -> Result<[u8; 2], Raise> {
        match i16::try_from(bytes) {
            Ok(n) => Ok(n.to_le_bytes()),
            Err(_) => Err(self.too_complex(vm)),
        }
    }

    /// `a|b|…`; true if it can match the empty text.
    fn alternatives(&mut self, vm: &mut Vm) -> Result<bool, Raise> {
        vm.enter_native()?;
        let mut may_be_empty = false;
        // The jumps to the end: each one's operand leads to the one before.
        let mut last_jump = None;
        loop {
            let start = self.here(vm);
            may_be_empty |= self.branch(vm)?;
            if !self.eat(b'|') {
                break;
            }
            let over = (self.here(vm) - start + 3) as isize;
            let [low, high] = self.offset(vm, over)?;
            self.insert(vm, start, &[SPLIT, low, high])?;
            let jump = self.here(vm);
            let back = jump - last_jump.unwrap_or(jump);
            let [low, high] = self.offset(vm, back as isize)?;
            self.emit(vm, &[JUMP, low, high])?;
            last_jump = Some(jump);
        }
        let end = self.here(vm);
        while let Some(jump) = last_jump {
            let operand = &self.out.code.bytes(vm)[jump + 1..jump + 3];
            let back = u16::from_le_bytes([operand[0], operand[1]]);
            let offset = self.offset(vm, (end - jump - 3) as isize)?;
            self.out.code.bytes_mut(vm)[jump + 1..jump + 3].copy_from_slice(&offset);
            last_jump = if back == 0 { None } else { Some(jump - usize::from(back)) };
        }
        Ok(may_be_empty)
    }

    /// What stands between two `|`; true if it can match the empty text.
    fn branch(&mut self, vm: &mut Vm) -> Result<bool, Raise> {
        let mut may_be_empty = true;
        while let Some(b) = self.peek() {
            if matches!(b, b'|' | b')') {
                break;
            }
            let start = self.here(vm);
            let atom = self.atom(vm)?;
            let atom_is_empty = match atom {
                Atom::One => false,
                Atom::Assertion => true,
                Atom::Group(empty) => empty,
            };
            let Some(count) = self.count(vm)? else {
                may_be_empty &= atom_is_empty;
                continue;
            };
            may_be_empty &= atom_is_empty || count.min == 0;
            match atom {
                Atom::Assertion => return Err(self.error(vm)),
                Atom::One => {
                    let (min, max) = (count.min.to_le_bytes(), count.max.to_le_bytes());
                    let repeat = [REPEAT, min[0], min[1], max[0], max[1], count.lazy as u8];
                    self.insert(vm, start, &repeat)?;
                }
                Atom::Group(empty) => self.repeat_group(vm, start, count, empty)?,
            }
        }
        Ok(may_be_empty)
    }

    /// Repeats the code from `start` on.
    fn repeat_group(
        &mut self,
        vm: &mut Vm,
        start: usize,
        count: Count,
        may_be_empty: bool,
    ) -> Result<(), Raise> {
        let len = (self.here(vm) - start) as isize;
        let skip = if count.lazy { SPLIT_JUMP } else { SPLIT };
        let back = if count.lazy { SPLIT } else { SPLIT_JUMP };
        match (count.min, count.max) {
            (0, 1) => {
                let [low, high] = self.offset(vm, len)?;
                self.insert(vm, start, &[skip, low, high])
            }
            (0, NO_BOUND) if !may_be_empty => {
                let [low, high] = self.offset(vm, len + 3)?;
                self.insert(vm, start, &[skip, low, high])?;
                let [low, high] = self.offset(vm, -len - 6)?;
                self.emit(vm, &[JUMP, low, high])
            }
            (1, NO_BOUND) if !may_be_empty => {
                let [low, high] = self.offset(vm, -len - 3)?;
                self.emit(vm, &[back, low, high])
            }
            (min, max) => {
                let Ok(number) = u8::try_from(self.out.n_loops) else {
                    return Err(self.too_complex(vm));
                };
                self.out.n_loops += 1;
                let (min, max) = (min.to_le_bytes(), max.to_le_bytes());
                let [low, high] = self.offset(vm, len + 2 + 3)?;
                let lazy = count.lazy as u8;
                let head = [
                    LOOP_START, number, LOOP, number, min[0], min[1], max[0], max[1], lazy, low,
                    high, LOOP_ROUND, number,
                ];
                self.insert(vm, start, &head)?;
                let to_loop = len + 2 + 3 + LOOP_LEN as isize;
                let [low, high] = self.offset(vm, -to_loop)?;
                self.emit(vm, &[JUMP, low, high])
            }
        }
    }

    /// One character, set, assertion or group.
    fn atom(&mut self, vm: &mut Vm) -> Result<Atom, Raise> {
        match self.unit() {
            Some(c) => match u8::try_from(c).unwrap_or(0xff) {
                b'.' => self.emit(vm, &[ANY])?,
                b'^' => {
                    self.emit(vm, &[if self.multiline { LINE_START } else { START }])?;
                    return Ok(Atom::Assertion);
                }
                b'$' => {
                    self.emit(vm, &[if self.multiline { LINE_END } else { END }])?;
                    return Ok(Atom::Assertion);
                }
                b'[' => self.set(vm)?,
                b'(' => return self.group(vm),
                b'*' | b'+' | b'?' => return Err(self.error(vm)),
                b'\\' => match self.unit() {
                    Some(c) => match Class::of(c) {
                        Some(class) => {
                            let mut set = Set::new();
                            set.add_class(class);
                            self.emit(vm, &set.head())?;
                        }
                        None => self.literal(vm, c)?,
                    },
                    None => return Err(self.error(vm)),
                },
                _ => self.literal(vm, c)?,
            },
            None => return Err(self.error(vm)),
        }
        Ok(Atom::One)
    }

    fn literal(&mut self, vm: &mut Vm, c: u32) -> Result<(), Raise> {
        match u8::try_from(c) {
            Ok(b) if self.ignore_case && b.is_ascii_alphabetic() => {
                let mut set = Set::new();
                set.add(c);
                set.ignore_case();
                self.emit(vm, &set.head())
            }
            Ok(b) if b.is_ascii() || !self.is_text => self.emit(vm, &[BYTE, b]),
            _ => {
                let [a, b, c, _] = c.to_le_bytes();
                self.emit(vm, &[CHAR, a, b, c])
            }
        }
    }

    /// The rest of `(…)`.
    fn group(&mut self, vm: &mut Vm) -> Result<Atom, Raise> {
        let mut slot = None;
        if self.eat(b'?') {
            if !self.eat(b':') {
                return Err(self.error(vm));
            }
        } else {
            self.out.n_groups += 1;
            let Ok(first) = u8::try_from(self.out.n_groups * 2) else {
                return Err(self.too_complex(vm));
            };
            self.emit(vm, &[SAVE, first])?;
            slot = Some(first + 1);
        }
        let may_be_empty = self.alternatives(vm)?;
        if !self.eat(b')') {
            return Err(self.error(vm));
        }
        if let Some(slot) = slot {
            self.emit(vm, &[SAVE, slot])?;
        }
        Ok(Atom::Group(may_be_empty))
    }

    /// The rest of `[…]`. The first character is never its end.
    fn set(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        let at = self.here(vm);
        let is_negated = self.eat(b'^');
        let mut set = Set::new();
        self.emit(vm, &set.head())?;
        let first_at = self.at;
        let mut n = 0u8;
        loop {
            let is_first = self.at == first_at;
            let Some(c) = self.unit() else { return Err(self.error(vm)) };
            if c == u32::from(b']') && !is_first {
                break;
            }
            let first = match self.member(vm, c)? {
                Ok(c) => c,
                Err(class) => {
                    set.add_class(class);
                    continue;
                }
            };
            let mut last = first;
            if let Some(b'-') = self.peek()
                && self.pattern.get(self.at + 1).is_some_and(|&b| b != b']')
            {
                self.at += 1;
                let Some(c) = self.unit() else { return Err(self.error(vm)) };
                match self.member(vm, c)? {
                    Ok(c) if c >= first => last = c,
                    _ => return Err(self.error(vm)),
                }
            }
            for c in first..=last.min(127) {
                set.add(c);
            }
            if last > 127 {
                let Some(more) = n.checked_add(1) else { return Err(self.too_complex(vm)) };
                n = more;
                let (a, b) = (first.max(128).to_le_bytes(), last.to_le_bytes());
                self.emit(vm, &[a[0], a[1], a[2], b[0], b[1], b[2]])?;
            }
        }
        if self.ignore_case {
            set.ignore_case();
        }
        if is_negated {
            set.negate();
        }
        let mut head = set.head();
        head[2] = n;
        self.out.code.bytes_mut(vm)[at..at + SET_LEN].copy_from_slice(&head);
        Ok(())
    }

    /// A character of a set, or a class, that begins with `c`.
    fn member(&mut self, vm: &mut Vm, c: u32) -> Result<Result<u32, Class>, Raise> {
        if c != u32::from(b'\\') {
            return Ok(Ok(c));
        }
        match self.unit() {
            Some(c) => Ok(match Class::of(c) {
                Some(class) => Err(class),
                None => Ok(c),
            }),
            None => Err(self.error(vm)),
        }
    }

    /// `*`, `+`, `?` or `{m,n}`, if one comes, with the `?` that makes it lazy.
    fn count(&mut self, vm: &mut Vm) -> Result<Option<Count>, Raise> {
        let (min, max) = match self.peek() {
            Some(b'*') => (0, NO_BOUND),
            Some(b'+') => (1, NO_BOUND),
            Some(b'?') => (0, 1),
            Some(b'{') => match self.braces() {
                Some((min, max, end)) => {
                    let (Ok(min), Ok(max)) = (u16::try_from(min), u16::try_from(max)) else {
                        return Err(self.too_complex(vm));
                    };
                    if min > max || min == NO_BOUND {
                        return Err(self.error(vm));
                    }
                    // The last byte is stepped over below.
                    self.at = end - 1;
                    (min, max)
                }
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.at += 1;
        let lazy = self.eat(b'?');
        let repeats_again = match self.peek() {
            Some(b'*' | b'+' | b'?') => true,
            Some(b'{') => self.braces().is_some(),
            _ => false,
        };
        if repeats_again {
            return Err(self.error(vm));
        }
        Ok(Some(Count { min, max, lazy }))
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

/// `\d`, `\s`, `\w` and their opposites.
#[derive(Clone, Copy)]
struct Class {
    has: fn(&u8) -> bool,
    negated: bool,
}

impl Class {
    /// The class that this letter names.
    fn of(letter: u32) -> Option<Class> {
        let letter = u8::try_from(letter).ok()?;
        let has: fn(&u8) -> bool = match letter.to_ascii_lowercase() {
            b'd' => u8::is_ascii_digit,
            b's' => |b| matches!(b, b' ' | b'\t'..=b'\r'),
            b'w' => |b| b.is_ascii_alphanumeric() || *b == b'_',
            _ => return None,
        };
        Some(Class { has, negated: letter.is_ascii_uppercase() })
    }
}

/// The ASCII part of a set.
struct Set {
    bitmap: [u8; 16],
    flags: u8,
}

impl Set {
    fn new() -> Set {
        Set { bitmap: [0; 16], flags: 0 }
    }

    fn has(&self, c: u8) -> bool {
        self.bitmap[usize::from(c / 8)] >> (c % 8) & 1 != 0
    }

    /// Adds an ASCII character.
    fn add(&mut self, c: u32) {
        self.bitmap[(c / 8) as usize] |= 1 << (c % 8);
    }

    fn add_class(&mut self, class: Class) {
        for b in 0..128u8 {
            if (class.has)(&b) != class.negated {
                self.add(u32::from(b));
            }
        }
        // Classes are ASCII, so all that is not ASCII is in their opposites.
        self.flags |= if class.negated { NOT_ASCII } else { 0 };
    }

    fn ignore_case(&mut self) {
        for b in b'a'..=b'z' {
            let upper = b.to_ascii_uppercase();
            if self.has(b) || self.has(upper) {
                self.add(u32::from(b));
                self.add(u32::from(upper));
            }
        }
    }

    fn negate(&mut self) {
        for byte in &mut self.bitmap {
            *byte = !*byte;
        }
        self.flags |= NEGATED;
    }

    fn head(&self) -> [u8; SET_LEN] {
        let mut head = [0; SET_LEN];
        head[0] = SET;
        head[1] = self.flags;
        head[3..].copy_from_slice(&self.bitmap);
        head
    }
}
