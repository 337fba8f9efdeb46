//! The matcher: a machine that backtracks, with its stack in the heap.
//!
//! A repetition of one character takes one entry of the stack, however often it repeats; a round of any other loop takes a few. A
//! pattern that tries very many ways ends by `KeyboardInterrupt` or a kill, one that needs too much memory by `MemoryError`.
//!
//! # Invariants
//! 1. `code` was made by `code::compile`.
//! 2. Every change of a slot is on the stack, so that the slots are as they were when a match has failed.

use super::code::{self, *};
use crate::heap::buf::Buf;
use crate::{Raise, Vm};

/// A slot without position.
pub const NONE: u32 = u32::MAX;

/// No position: what was to match does not.
const NOWHERE: usize = usize::MAX;

/// What to try when the present way fails: one of the actions below in the lowest two bits and an instruction or a slot above; a
/// position; and a number.
type Entry = [u32; 3];

/// Go on with this instruction at this position.
const TRY: u32 = 0;
/// First restore a slot.
const RESTORE: u32 = 1;
/// A greedy repetition has reached this position: give one character back, but not below the number. The instruction is the
/// next one.
const SHRINK: u32 = 2;
/// This lazy repetition took so many and has reached this position: take one more.
const GROW: u32 = 3;

/// The machine for one text.
pub struct Machine<'t> {
    code: &'t [u8],
    text: &'t [u8],
    is_text: bool,
    /// Where the loops' slots begin.
    n_group_slots: u32,
    slots: Buf<u32>,
    stack: Buf<Entry>,
}

impl<'t> Machine<'t> {
    /// A machine for a program's code and a text, both of immutable objects.
    pub fn new(code: &'t [u8], n_groups: usize, text: &'t [u8], is_text: bool) -> Machine<'t> {
        let n_group_slots = 2 * (n_groups as u32 + 1);
        Machine { code, text, is_text, n_group_slots, slots: Buf::new(), stack: Buf::new() }
    }

    /// Position `i` of the last match: the start of group `i / 2`, or its end; [`NONE`] for a group that took no part.
    pub fn slot(&self, vm: &Vm, i: usize) -> u32 {
        self.slots.get(vm, i as u32)
    }

    /// Gives the memory back.
    pub fn free(mut self, vm: &mut Vm) {
        self.slots.free(vm);
        self.stack.free(vm);
    }

    /// Finds the first match that begins in `from..=text.len()`; at `from` only if `is_anchored`. True if there is one.
    #[inline(never)]
    pub fn find(
        &mut self,
        vm: &mut Vm,
        n_loops: usize,
        from: usize,
        is_anchored: bool,
    ) -> Result<bool, Raise> {
        self.slots.truncate(0);
        for _ in 0..self.n_group_slots as usize + 2 * n_loops {
            self.slots.push(vm, NONE)?;
        }
        let only_here = is_anchored || self.code[0] == START;
        let mut start = from;
        loop {
            // A pattern that begins with a certain byte can begin only there.
            if let [BYTE, byte, ..] = *self.code
                && !only_here
            {
                let rest = self.text.get(start..).unwrap_or_default();
                let Some(n) = rest.iter().position(|&b| b == byte) else { return Ok(false) };
                vm.tick_shared_inline(n / 8)?;
                start += n;
            }
            if self.match_at(vm, start)? {
                return Ok(true);
            }
            let width = code::unit(self.text, start, self.is_text) as usize & 7;
            if width == 0 || only_here {
                return Ok(false);
            }
            start += width;
        }
    }

    fn u16_at(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.code[at], self.code[at + 1]])
    }

    #[inline(never)]
    fn push(&mut self, vm: &mut Vm, action: u32, pc: usize, at: u32, n: u32) -> Result<(), Raise> {
        self.stack.push(vm, [(pc as u32) << 2 | action, at, n]).map(|_| ())
    }

    #[inline(never)]
    fn set_slot(&mut self, vm: &mut Vm, slot: u32, new: u32) -> Result<(), Raise> {
        let old = self.slots.get(vm, slot);
        self.push(vm, RESTORE, slot as usize, old, 0)?;
        self.slots.set(vm, slot, new);
        Ok(())
    }

    /// The end of the one character at `at`, if the instruction at `pc` takes it.
    fn one(&self, pc: usize, at: usize) -> usize {
        let op = self.code[pc];
        if op == BYTE {
            let same = self.text.get(at) == Some(&self.code[pc + 1]);
            return if same { at + 1 } else { NOWHERE };
        }
        let unit = code::unit(self.text, at, self.is_text);
        if unit != 0 && (op == ANY || self.set_has(pc, unit >> 3)) {
            at + (unit as usize & 7)
        } else {
            NOWHERE
        }
    }

    /// True if the set at `pc` has a character.
    fn set_has(&self, pc: usize, c: u32) -> bool {
        if c < 128 {
            return self.code[pc + 3 + c as usize / 8] >> (c % 8) & 1 != 0;
        }
        let flags = self.code[pc + 1];
        let mut found = flags & NOT_ASCII != 0;
        let number = |at: usize| {
            u32::from_le_bytes([self.code[at], self.code[at + 1], self.code[at + 2], 0])
        };
        let mut range = pc + SET_LEN;
        for _ in 0..self.code[pc + 2] {
            found |= number(range) <= c && c <= number(range + 3);
            range += 6;
        }
        found != (flags & NEGATED != 0)
    }

    /// What follows the instruction at `pc`, which takes one character.
    fn after_one(&self, pc: usize) -> usize {
        pc + match self.code[pc] {
            BYTE => 2,
            SET => SET_LEN + 6 * usize::from(self.code[pc + 2]),
            _ => 1,
        }
    }

    fn is_line_end(&self, at: usize) -> bool {
        self.text.get(at).is_none_or(|&b| b == b'\n')
    }

    /// Matches at `start`.
    fn match_at(&mut self, vm: &mut Vm, start: usize) -> Result<bool, Raise> {
        self.stack.truncate(0);
        let (mut pc, mut at) = (0, start);
        loop {
            vm.tick_shared_inline(3)?;
            let op = self.code[pc];
            let next = pc + 1;
            match op {
                MATCH => {
                    self.slots.set(vm, 0, start as u32);
                    self.slots.set(vm, 1, at as u32);
                    return Ok(true);
                }
                BYTE | ANY | SET => {
                    at = self.one(pc, at);
                    pc = self.after_one(pc);
                }
                SAVE => {
                    self.set_slot(vm, self.code[next].into(), at as u32)?;
                    pc += 2;
                }
                JUMP => pc = target(self.code, pc),
                SPLIT | SPLIT_JUMP => {
                    let (go_on, go_there) = (pc + JUMP_LEN, target(self.code, pc));
                    let is_jump = op == SPLIT_JUMP;
                    let (first, second) =
                        if is_jump { (go_there, go_on) } else { (go_on, go_there) };
                    self.push(vm, TRY, second, at as u32, 0)?;
                    pc = first;
                }
                START | END | LINE_START | LINE_END => {
                    let holds = match op {
                        START => at == 0,
                        END => at == self.text.len(),
                        LINE_START => HAS_MORE && (at == 0 || self.is_line_end(at - 1)),
                        _ => HAS_MORE && self.is_line_end(at),
                    };
                    pc = next;
                    if !holds {
                        at = NOWHERE;
                    }
                }
                REPEAT => at = self.repeat(vm, &mut pc, at)?,
                // The first slot of a loop has the number of the round, the second where that began.
                _ => {
                    let slot = self.n_group_slots + 2 * u32::from(self.code[next]);
                    let n = self.slots.get(vm, slot);
                    if op != LOOP {
                        let (n, began) =
                            if op == LOOP_START { (0, NONE) } else { (n + 1, at as u32) };
                        self.set_slot(vm, slot, n)?;
                        self.set_slot(vm, slot + 1, began)?;
                        pc += 2;
                    } else {
                        let (min, max) = (self.u16_at(pc + 2), self.u16_at(pc + 4));
                        pc += LOOP_LEN;
                        if n < u32::from(min) {
                            pc += JUMP_LEN;
                        } else if max != NO_BOUND && n >= u32::from(max)
                            || self.slots.get(vm, slot + 1) == at as u32
                        {
                            // A round that took nothing is the last.
                            pc = target(self.code, pc);
                        }
                    }
                }
            }
            if at == NOWHERE {
                at = self.fall_back(vm, &mut pc)?;
                if at == NOWHERE {
                    return Ok(false);
                }
            }
        }
    }

    /// Runs the [`REPEAT`] at `pc`, which becomes what follows; returns the position for now.
    fn repeat(&mut self, vm: &mut Vm, pc: &mut usize, start: usize) -> Result<usize, Raise> {
        let repeat = *pc;
        let (min, max) = (u32::from(self.u16_at(repeat + 1)), self.u16_at(repeat + 3));
        let is_lazy = self.code[repeat + 5] != 0;
        let one = repeat + REPEAT_LEN;
        let most = match max {
            _ if is_lazy => min,
            NO_BOUND => u32::MAX,
            _ => max.into(),
        };
        let (mut at, mut least) = (start, start);
        let mut n = 0;
        while n < most {
            let end = self.one(one, at);
            if end == NOWHERE {
                break;
            }
            at = end;
            n += 1;
            if n == min {
                least = at;
            }
        }
        if n < min {
            return Ok(NOWHERE);
        }
        vm.tick_shared((at - start) * 2)?;
        *pc = self.after_one(one);
        if is_lazy {
            self.push(vm, GROW, repeat, at as u32, n)?;
        } else if at > least {
            self.push(vm, SHRINK, *pc, at as u32, least as u32)?;
        }
        Ok(at)
    }

    /// The next way to try: `pc` becomes its instruction, the result is its position, [`NOWHERE`] when there is none left.
    fn fall_back(&mut self, vm: &mut Vm, pc: &mut usize) -> Result<usize, Raise> {
        while let Some([what, start, n]) = self.stack.pop(vm) {
            *pc = (what >> 2) as usize;
            let mut at = start as usize;
            match what & 3 {
                TRY => return Ok(at),
                RESTORE => self.slots.set(vm, *pc as u32, start),
                SHRINK => {
                    let least = n as usize;
                    at -= 1;
                    while self.is_text && at > least && self.text[at] & 0xc0 == 0x80 {
                        at -= 1;
                    }
                    if at > least {
                        self.push(vm, SHRINK, *pc, at as u32, n)?;
                    }
                    return Ok(at);
                }
                // GROW
                _ => {
                    let max = self.u16_at(*pc + 3);
                    let one = *pc + REPEAT_LEN;
                    at = self.one(one, at);
                    if at != NOWHERE && (max == NO_BOUND || n < u32::from(max)) {
                        self.push(vm, GROW, *pc, at as u32, n.saturating_add(1))?;
                        *pc = self.after_one(one);
                        return Ok(at);
                    }
                }
            }
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
