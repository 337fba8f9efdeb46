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

/// What to try when the present way fails.
#[derive(Clone, Copy)]
enum Entry {
    /// Go on with this instruction at this position.
    Try { pc: u32, at: u32 },
    /// First restore a slot.
    Restore { slot: u32, old: u32 },
    /// A greedy repetition has reached `at`: give one back, but not below `least`.
    Shrink { pc: u32, at: u32, least: u32 },
    /// The lazy repetition at `pc` took `n` and has reached `at`: take one more.
    Grow { pc: u32, at: u32, n: u32 },
}

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
    pub fn new(
        vm: &mut Vm,
        code: &'t [u8],
        n_groups: usize,
        n_loops: usize,
        text: &'t [u8],
        is_text: bool,
    ) -> Result<Machine<'t>, Raise> {
        let mut slots = Buf::new();
        for _ in 0..2 * (n_groups + 1) + 2 * n_loops {
            slots.push(vm, NONE)?;
        }
        let n_group_slots = 2 * (n_groups as u32 + 1);
        Ok(Machine { code, text, is_text, n_group_slots, slots, stack: Buf::new() })
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
    pub fn find(&mut self, vm: &mut Vm, from: usize, is_anchored: bool) -> Result<bool, Raise> {
        for i in 0..self.slots.len() {
            self.slots.set(vm, i, NONE);
        }
        let mut start = from;
        loop {
            // A pattern that begins with a certain byte can begin only there.
            if let [BYTE, byte, ..] = *self.code
                && !is_anchored
            {
                let rest = self.text.get(start..).unwrap_or_default();
                let Some(n) = rest.iter().position(|&b| b == byte) else { return Ok(false) };
                vm.tick_shared_inline(n / 8)?;
                start += n;
            }
            if let Some(end) = self.match_at(vm, start)? {
                self.slots.set(vm, 0, start as u32);
                self.slots.set(vm, 1, end as u32);
                return Ok(true);
            }
            let only_here = is_anchored || self.code[0] == START;
            match code::unit(self.text, start, self.is_text) {
                Some((_, width)) if !only_here => start += width,
                _ => return Ok(false),
            }
        }
    }

    fn u16_at(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.code[at], self.code[at + 1]])
    }

    /// Where the jump leads whose offset is the last operand, at `operand`.
    fn target(&self, operand: usize) -> usize {
        let offset = self.u16_at(operand) as i16;
        (operand + 2).wrapping_add_signed(isize::from(offset))
    }

    fn set_slot(&mut self, vm: &mut Vm, slot: u32, new: u32) -> Result<(), Raise> {
        let old = self.slots.get(vm, slot);
        self.stack.push(vm, Entry::Restore { slot, old })?;
        self.slots.set(vm, slot, new);
        Ok(())
    }

    /// The end of the one character at `at`, if the instruction at `pc` takes it.
    #[inline]
    fn one(&self, pc: usize, at: usize) -> Option<usize> {
        match self.code[pc] {
            BYTE => (*self.text.get(at)? == self.code[pc + 1]).then_some(at + 1),
            ANY => Some(at + code::unit(self.text, at, self.is_text)?.1),
            CHAR => {
                let (c, width) = code::unit(self.text, at, self.is_text)?;
                (c == self.u24_at(pc + 1)).then_some(at + width)
            }
            _ => {
                let (c, width) = code::unit(self.text, at, self.is_text)?;
                let has = match u8::try_from(c) {
                    Ok(b @ 0..128) => self.code[pc + 3 + usize::from(b / 8)] >> (b % 8) & 1 != 0,
                    _ => self.has_beyond_ascii(pc, c),
                };
                has.then_some(at + width)
            }
        }
    }

    fn u24_at(&self, at: usize) -> u32 {
        u32::from_le_bytes([self.code[at], self.code[at + 1], self.code[at + 2], 0])
    }

    fn has_beyond_ascii(&self, pc: usize, c: u32) -> bool {
        let (flags, n) = (self.code[pc + 1], usize::from(self.code[pc + 2]));
        let in_ranges = (0..n).any(|i| {
            let at = pc + SET_LEN + 6 * i;
            (self.u24_at(at)..=self.u24_at(at + 3)).contains(&c)
        });
        (in_ranges || flags & NOT_ASCII != 0) != (flags & NEGATED != 0)
    }

    fn is_line_end(&self, at: usize) -> bool {
        self.text.get(at).is_none_or(|&b| b == b'\n')
    }

    /// Matches at `start`; returns the end.
    fn match_at(&mut self, vm: &mut Vm, start: usize) -> Result<Option<usize>, Raise> {
        self.stack.truncate(0);
        let (mut pc, mut at) = (0, start);
        loop {
            vm.tick_shared_inline(3)?;
            let holds = match self.code[pc] {
                MATCH => return Ok(Some(at)),
                BYTE | CHAR | ANY | SET => match self.one(pc, at) {
                    Some(end) => {
                        at = end;
                        pc += code::one_len(&self.code[pc..]);
                        true
                    }
                    None => false,
                },
                SAVE => {
                    let slot = u32::from(self.code[pc + 1]);
                    self.set_slot(vm, slot, at as u32)?;
                    pc += 2;
                    true
                }
                JUMP => {
                    pc = self.target(pc + 1);
                    true
                }
                SPLIT => {
                    let other = self.target(pc + 1) as u32;
                    self.stack.push(vm, Entry::Try { pc: other, at: at as u32 })?;
                    pc += 3;
                    true
                }
                SPLIT_JUMP => {
                    self.stack.push(vm, Entry::Try { pc: pc as u32 + 3, at: at as u32 })?;
                    pc = self.target(pc + 1);
                    true
                }
                assertion @ (START | END | LINE_START | LINE_END) => {
                    pc += 1;
                    match assertion {
                        START => at == 0,
                        END => at == self.text.len(),
                        LINE_START => at == 0 || self.is_line_end(at - 1),
                        _ => self.is_line_end(at),
                    }
                }
                REPEAT => match self.repeat(vm, pc, at)? {
                    Some(end) => {
                        at = end;
                        pc += REPEAT_LEN + code::one_len(&self.code[pc + REPEAT_LEN..]);
                        true
                    }
                    None => false,
                },
                LOOP_START => {
                    let slot = self.loop_slot(pc);
                    self.set_slot(vm, slot, 0)?;
                    self.set_slot(vm, slot + 1, NONE)?;
                    pc += 2;
                    true
                }
                LOOP => {
                    pc = self.next_round(vm, pc, at)?;
                    true
                }
                // LOOP_ROUND
                _ => {
                    let slot = self.loop_slot(pc);
                    let n = self.slots.get(vm, slot);
                    self.set_slot(vm, slot, n + 1)?;
                    self.set_slot(vm, slot + 1, at as u32)?;
                    pc += 2;
                    true
                }
            };
            if !holds {
                match self.fall_back(vm)? {
                    Some(next) => (pc, at) = next,
                    None => return Ok(None),
                }
            }
        }
    }

    /// The slot with the rounds of the loop that the instruction at `pc` belongs to; the next slot has where the last began.
    fn loop_slot(&self, pc: usize) -> u32 {
        self.n_group_slots + 2 * u32::from(self.code[pc + 1])
    }

    /// Decides at a [`LOOP`] where to go on.
    fn next_round(&mut self, vm: &mut Vm, pc: usize, at: usize) -> Result<usize, Raise> {
        let slot = self.loop_slot(pc);
        let n = self.slots.get(vm, slot);
        let began = self.slots.get(vm, slot + 1);
        let (min, max) = (u32::from(self.u16_at(pc + 2)), self.u16_at(pc + 4));
        let is_lazy = self.code[pc + 6] != 0;
        let (round, exit) = (pc + LOOP_LEN, self.target(pc + 7));
        if n < min {
            return Ok(round);
        }
        // A round that took nothing is the last.
        if max != NO_BOUND && n >= u32::from(max) || began == at as u32 {
            return Ok(exit);
        }
        let (first, second) = if is_lazy { (exit, round) } else { (round, exit) };
        self.stack.push(vm, Entry::Try { pc: second as u32, at: at as u32 })?;
        Ok(first)
    }

    /// Runs the [`REPEAT`] at `pc`; returns where it ends for now.
    fn repeat(&mut self, vm: &mut Vm, pc: usize, start: usize) -> Result<Option<usize>, Raise> {
        let (min, max) = (self.u16_at(pc + 1), self.u16_at(pc + 3));
        let one = pc + REPEAT_LEN;
        let mut at = start;
        for n in 0..min {
            let Some(end) = self.one(one, at) else { return Ok(None) };
            at = end;
            if n % 64 == 63 {
                vm.tick_shared_inline(256)?;
            }
        }
        if self.code[pc + 5] != 0 {
            let entry = Entry::Grow { pc: pc as u32, at: at as u32, n: u32::from(min) };
            self.stack.push(vm, entry)?;
            return Ok(Some(at));
        }
        let least = at;
        let mut left = if max == NO_BOUND { usize::MAX } else { usize::from(max - min) };
        while left > 0
            && let Some(end) = self.one(one, at)
        {
            at = end;
            left -= 1;
        }
        vm.tick_shared_inline((at - start) * 2)?;
        if at > least {
            let after = (one + code::one_len(&self.code[one..])) as u32;
            let (at, least) = (at as u32, least as u32);
            self.stack.push(vm, Entry::Shrink { pc: after, at, least })?;
        }
        Ok(Some(at))
    }

    /// The next way to try; `None` when there is none left.
    fn fall_back(&mut self, vm: &mut Vm) -> Result<Option<(usize, usize)>, Raise> {
        while let Some(entry) = self.stack.pop(vm) {
            match entry {
                Entry::Try { pc, at } => return Ok(Some((pc as usize, at as usize))),
                Entry::Restore { slot, old } => self.slots.set(vm, slot, old),
                Entry::Shrink { pc, at, least } => {
                    let mut shorter = at - 1;
                    while self.is_text
                        && shorter > least
                        && self.text[shorter as usize] & 0xc0 == 0x80
                    {
                        shorter -= 1;
                    }
                    if shorter > least {
                        self.stack.push(vm, Entry::Shrink { pc, at: shorter, least })?;
                    }
                    return Ok(Some((pc as usize, shorter as usize)));
                }
                Entry::Grow { pc, at, n } => {
                    let max = self.u16_at(pc as usize + 3);
                    if max != NO_BOUND && n >= u32::from(max) {
                        continue;
                    }
                    let one = pc as usize + REPEAT_LEN;
                    let Some(end) = self.one(one, at as usize) else { continue };
                    let more = Entry::Grow { pc, at: end as u32, n: n.saturating_add(1) };
                    self.stack.push(vm, more)?;
                    return Ok(Some((one + code::one_len(&self.code[one..]), end)));
                }
            }
        }
        Ok(None)
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
