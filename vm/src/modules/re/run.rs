//! The matcher: a machine that backtracks, with its stack in the heap.
//!
//! A repetition of one character takes one entry of the stack, however often it repeats; a round of any other loop takes a few. A
//! pattern that tries very many ways ends by `KeyboardInterrupt` or a kill, one that needs too much memory by `MemoryError`.
//!
//! # Invariants
//! 1. `code` was made by `code::compile`: it ends with `MATCH` and an instruction of two bytes before.
//! 2. Every change of a slot is on the stack, so that the slots are as they were when a match has failed.

use super::code::{self, *};
use crate::heap::buf::Buf;
use crate::object::{Blob, Native, Text};
use crate::value::{Kind, Value};
use crate::{Raise, Vm};

/// A slot without position.
pub const NONE: u32 = u32::MAX;

/// No position: what was to match does not.
const NOWHERE: usize = usize::MAX;

/// What to try when the present way fails: one of the actions below in the lowest two bits and an instruction or a slot above; a
/// position; and another one.
type Entry = [u32; 3];

/// Go on with this instruction at this position.
const TRY: u32 = 0;
/// First restore a slot.
const RESTORE: u32 = 1;
/// A repetition has reached this position: give one character back, but not below the other position. The instruction is the
/// next one.
const SHRINK: u32 = 2;

/// The machine for one text.
pub struct Machine {
    code: Text,
    pub text: Text,
    /// Where it seems to end.
    pub end: usize,
    /// Groups, the whole match counted.
    pub n_groups: usize,
    n_loops: usize,
    slots: Buf<u32>,
    stack: Buf<Entry>,
    /// The next instruction.
    pc: usize,
}

impl Machine {
    /// A machine for what [`code::compile`] gave, and a `str` or `bytes`.
    pub fn new(vm: &Vm, regex: Native, text: Value) -> Machine {
        let text = Text::of(text);
        let number = |word| regex.get(vm, word).known_int() as usize;
        Machine {
            code: Text::of(regex.get(vm, 0)),
            text,
            end: text.bytes().len(),
            n_groups: number(1),
            n_loops: number(2),
            slots: Buf::new(),
            stack: Buf::new(),
            pc: 0,
        }
    }

    /// The text as one with bytes.
    pub fn blob(&self) -> Blob {
        Blob::from_known(self.text.value())
    }

    fn is_text(&self) -> bool {
        self.text.value().is_kind(Kind::Str)
    }

    /// Position `i` of the last match: the start of group `i / 2`, or its end; [`NONE`] for a group that took no part.
    pub fn slot(&self, i: usize) -> u32 {
        *self.slots.item(i as u32)
    }

    /// Gives the memory back.
    pub fn free(&mut self, vm: &mut Vm) {
        self.slots.free(vm);
        self.stack.free(vm);
    }

    fn push(&mut self, vm: &mut Vm, action: u32, at: u32, n: u32) -> Result<(), Raise> {
        self.stack.push(vm, [action, at, n]).map(|_| ())
    }

    /// The end of the one character at `at`, if the instruction at `pc` takes it.
    #[inline(never)]
    fn one(&self, pc: usize, at: usize) -> usize {
        let text = self.text.bytes().get(..self.end).unwrap_or_default();
        let (c, n) = code::unit(text, at, self.is_text());
        let found = match self.code.bytes()[pc..] {
            [BYTE, b, ..] => {
                // A pattern of bytes may find parts of characters.
                return if text.get(at) == Some(&b) { at + 1 } else { NOWHERE };
            }
            [_, flags, n_set, ref set @ ..] => {
                let set = set.get(..n_set.into()).unwrap_or_default();
                let mut found = code::has(set, self.is_text(), c);
                if HAS_MORE && flags & ANY_CASE != 0 && (c as u8).is_ascii_alphabetic() && c < 128 {
                    found |= code::has(set, self.is_text(), c ^ 0x20);
                }
                found ^ flags
            }
            _ => 0,
        };
        if n > 0 && found & NEGATED != 0 { at + n } else { NOWHERE }
    }

    /// What follows the instruction at `pc`, which takes one character.
    fn after_one(&self, pc: usize) -> usize {
        match self.code.bytes()[pc..] {
            [SET, _, n, ..] => pc + SET_LEN + usize::from(n),
            _ => pc + 2,
        }
    }

    fn is_line_end(&self, at: usize) -> bool {
        at == self.end || self.text.bytes()[at] == b'\n'
    }

    /// Finds the first match that begins in `from..=text.len()`; at `from` only if `is_anchored`. True if there is one.
    #[inline(never)]
    pub fn find(&mut self, vm: &mut Vm, from: usize, is_anchored: bool) -> Result<bool, Raise> {
        let n_group_slots = 2 * self.n_groups;
        self.slots.truncate(0);
        for _ in 0..n_group_slots + self.n_loops {
            self.slots.push(vm, NONE)?;
        }
        self.stack.truncate(0);
        self.pc = if is_anchored { code::ANCHORED } else { 0 };
        let mut at = from;
        loop {
            vm.tick_shared_inline(3)?;
            let pc = self.pc;
            // The last instruction is one byte, and two bytes at least follow any other.
            let [op, operand, high, ..] = self.code.bytes()[pc..] else { return Ok(true) };
            let there =
                (pc + JUMP_LEN).wrapping_add_signed(i16::from_le_bytes([operand, high]).into());
            self.pc = pc + 2;
            match op {
                BYTE | SET => {
                    at = self.one(pc, at);
                    self.pc = self.after_one(pc);
                }
                SAVE | ROUND | ROUND_END => {
                    let mut slot = u32::from(operand);
                    if op != SAVE {
                        slot += n_group_slots as u32;
                    }
                    let old = *self.slots.item(slot);
                    if op != ROUND_END {
                        self.push(vm, slot << 2 | RESTORE, old, 0)?;
                        *self.slots.item_mut(slot) = at as u32;
                    } else if old == at as u32 {
                        self.pc += JUMP_LEN;
                    }
                }
                JUMP => self.pc = there,
                SPLIT | SPLIT_JUMP => {
                    let go_on = pc + JUMP_LEN;
                    let second;
                    (self.pc, second) = if op == SPLIT { (go_on, there) } else { (there, go_on) };
                    self.push(vm, (second as u32) << 2 | TRY, at as u32, 0)?;
                }
                REPEAT => at = self.repeat(vm, pc, at)?,
                _ => {
                    self.pc = pc + 1;
                    let holds = match op {
                        START => at == 0,
                        END => at == self.end,
                        LINE_START => HAS_MORE && (at == 0 || self.is_line_end(at - 1)),
                        _ => HAS_MORE && self.is_line_end(at),
                    };
                    if !holds {
                        at = NOWHERE;
                    }
                }
            }
            if at == NOWHERE {
                at = self.fall_back(vm)?;
                if at == NOWHERE {
                    return Ok(false);
                }
            }
        }
    }

    /// Runs the [`REPEAT`] at `pc`; returns the position for now.
    fn repeat(&mut self, vm: &mut Vm, pc: usize, start: usize) -> Result<usize, Raise> {
        let [_, min, max, ..] = self.code.bytes()[pc..] else { return Ok(NOWHERE) };
        let min = u32::from(min);
        let one = pc + REPEAT_LEN;
        let most = if max == NO_BOUND { u32::MAX } else { max.into() };
        let (mut at, mut least) = (start, NOWHERE);
        let mut n = 0;
        loop {
            if n == min {
                least = at;
            }
            let end = if n < most { self.one(one, at) } else { NOWHERE };
            if end == NOWHERE {
                break;
            }
            at = end;
            n += 1;
        }
        if least == NOWHERE {
            return Ok(NOWHERE);
        }
        vm.tick_shared((at - start) * 2)?;
        self.pc = self.after_one(one);
        if at > least {
            self.push(vm, (self.pc as u32) << 2 | SHRINK, at as u32, least as u32)?;
        }
        Ok(at)
    }

    /// The next way to try: sets the instruction and returns the position, [`NOWHERE`] when there is none left.
    fn fall_back(&mut self, vm: &mut Vm) -> Result<usize, Raise> {
        while let Some([what, start, n]) = self.stack.pop(vm) {
            let (mut at, least) = (start as usize, n as usize);
            let place = what >> 2;
            if what & 3 == RESTORE {
                *self.slots.item_mut(place) = start;
                continue;
            }
            self.pc = place as usize;
            if what & 3 == SHRINK {
                at -= 1;
                while self.is_text() && at > least && self.text.bytes()[at] & 0xc0 == 0x80 {
                    at -= 1;
                }
                if at > least {
                    self.push(vm, what, at as u32, n)?;
                }
            }
            return Ok(at);
        }
        Ok(NOWHERE)
    }
}

#[cfg(test)]
mod tests {
    use crate::compiler::Mode;
    use crate::exc;
    use crate::testing::with_vm;
    use crate::value::names::q;

    #[test]
    fn an_interrupt_ends_a_pattern_that_would_try_for_ever() {
        with_vm(1 << 18, |vm| {
            let Ok(globals) = vm.new_dict() else { panic!("no memory") };
            let program = "import re\nr = re.compile('(a|aa)*b')\nt = 'a' * 80\n";
            assert!(vm.exec_source(&mut program.as_bytes(), "t", Mode::Module, globals).is_ok());
            let value = |vm: &crate::Vm, name| {
                vm.find_name(name).and_then(|name| globals.get_name(vm, name)).expect("a variable")
            };
            let (regex, text) = (value(vm, "r"), value(vm, "t"));
            vm.handle().interrupt();
            assert!(vm.call_method(regex, q::r#match.value(), &[text]).is_err());
            assert!(vm.raised(exc::KEYBOARD_INTERRUPT));
            vm.take_exception();
        });
    }
}
