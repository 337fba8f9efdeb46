//! The verifier: proves that a code object can not lead the dispatch loop astray.
//!
//! Proved: every instruction is complete and reached at its beginning only; jumps and handlers lead to
//! instructions; control never runs off the end; registers lie inside the frame, are written on every path
//! before they are read, and hold what the reading instruction takes for granted (a cell, an iterator, a list
//! under construction …); a register that may be unbound is only tested, assigned or put into a cell; all
//! constants exist and are of the kind that their users expect.
//!
//! Method: abstract interpretation. Each register has a [`kind`]; where paths join, the kinds are met. Sweeps over
//! the code are repeated until nothing changes; kinds only ever fall, so that ends. Memory: one byte per register
//! for each place that jumps lead to, or that handlers lead to, begin or end at. Code that no path leads to is only decoded.
//!
//! What an instruction needs and does is in the table of [`super::effects`]. That a rule was broken is remembered; nothing
//! that is done after it does harm.
#![forbid(unsafe_code)]

use super::effects::{Entry, HEADS, Head, KINDS, VALUES, act, kind};
use super::op::Op;
use crate::heap::buf::Buf;
use crate::object::{Code, CodeFlags, Str, Tuple};
use crate::value::Value;
use crate::{Raise, Vm};

/// Why a code object is refused.
#[derive(Debug)]
pub enum VerifyError {
    /// The verifier itself failed: no memory.
    Raise(Raise),
    /// The code at `pc`, or what goes with it, breaks a rule.
    Fault {
        /// Where, as an offset into the bytecode.
        pc: usize,
    },
}

impl From<Raise> for VerifyError {
    fn from(raise: Raise) -> VerifyError {
        VerifyError::Raise(raise)
    }
}

/// What is known where two paths join.
fn meet(a: u8, b: u8) -> u8 {
    use kind::*;
    let opaque = |k: u8| k == UNWRITTEN || k >= HANDLED;
    if a == b {
        a
    } else if opaque(a) || opaque(b) {
        UNWRITTEN
    } else if a < VALUE || b < VALUE {
        MAYBE
    } else {
        VALUE
    }
}

/// Checks one code object; those among its constants are checked on their own.
///
/// # Errors
/// [`VerifyError`].
#[inline(never)] // the loader, which calls itself, shall not have this on its stack
pub fn verify(vm: &mut Vm, code: Code) -> Result<(), VerifyError> {
    let mut v = Verifier {
        vm,
        code,
        n_regs: code.n_regs() as u32,
        n_near: code.n_regs().min(255) as u32,
        namespace: code.flags() & CodeFlags::NAMESPACE != 0,
        targets: Buf::new(),
        kinds: Buf::new(),
        alive: false,
        changed: true,
        bytecode: code.bytecode(),
        instruction: &[],
        pc: 0,
        end: 0,
        head: Head::NONE,
        seen: 0,
        sound: true,
    };
    let result = v.run();
    v.targets.free(v.vm);
    v.kinds.free(v.vm);
    result?;
    if v.sound { Ok(()) } else { Err(VerifyError::Fault { pc: v.pc }) }
}

struct Verifier<'a> {
    vm: &'a mut Vm,
    code: Code,
    n_regs: u32,
    n_near: u32,
    /// The code has its namespace in the first register.
    namespace: bool,
    /// A path leads to where the sweep is.
    alive: bool,
    /// A state that the sweep has passed already was lowered.
    changed: bool,
    /// The kind of the register that was looked at last.
    seen: u8,
    /// No rule was broken yet, by what went before or by the instruction at work.
    sound: bool,
    bytecode: &'a [u8],
    /// The instruction at work.
    instruction: &'a [u8],
    /// Where it is.
    pc: usize,
    /// Where the next one is.
    end: usize,
    /// What is done for its opcode.
    head: Head,
    /// Where jumps and handlers lead to, and where handlers begin and end, ascending; bit 31: some path leads there.
    targets: Buf<u32>,
    /// The kinds of all registers where the sweep is, then those at each target.
    kinds: Buf<u8>,
}

const REACHED: u32 = 1 << 31;

impl Verifier<'_> {
    fn run(&mut self) -> Result<(), Raise> {
        self.parameters();
        self.mark(0)?;
        while self.next() {
            if let [.., Entry { act: act::JUMP, place }] = *self.head.entries() {
                self.mark(self.jump_target(place))?;
            }
        }
        let code = self.code;
        for h in code.handlers() {
            self.sound &= h.start < h.end && u32::from(h.reg) < self.n_near;
            self.mark(h.start.into())?;
            self.mark(h.target.into())?;
            if usize::from(h.end) != self.bytecode.len() {
                self.mark(h.end.into())?;
            }
        }
        for _ in 0..(self.targets.len() + 1) * self.n_regs {
            self.kinds.push(self.vm, kind::UNWRITTEN)?;
        }
        self.enter();
        while self.changed && self.sound {
            self.changed = false;
            self.sweep()?;
        }
        Ok(())
    }

    /// Goes on to the next instruction; false at the end of the code, and once a rule is broken.
    fn next(&mut self) -> bool {
        let Some(rest @ [op, ..]) = self.bytecode.get(self.end..) else { return false };
        // Instructions are known and complete.
        let head = HEADS.get(usize::from(*op)).copied().unwrap_or(Head::NONE);
        let instruction = rest.get(..head.len()).unwrap_or_default();
        self.sound &= !instruction.is_empty();
        (self.head, self.instruction, self.pc) = (head, instruction, self.end);
        self.end += instruction.len();
        self.sound
    }

    /// A byte of the instruction at work; 0 behind its end.
    fn byte(&self, n: usize) -> u32 {
        self.instruction.get(n).copied().unwrap_or_default().into()
    }

    fn word(&self, n: usize) -> u32 {
        self.byte(n) | self.byte(n + 1) << 8
    }

    /// The operand at that place of the instruction at work.
    fn operand(&self, place: u8) -> u32 {
        let n = usize::from(place / 4 % 8);
        if place & Entry::WIDE != 0 { self.word(n) } else { self.byte(n) }
    }

    /// Where the jump at that place leads to; may lie outside the code.
    fn jump_target(&self, place: u8) -> u32 {
        (self.end as u32).wrapping_add_signed(i32::from(self.operand(place) as i16))
    }

    fn constant(&self, c: u32) -> Option<Value> {
        self.code.consts().get(c as usize).copied()
    }

    fn is_name(&self, c: u32) -> bool {
        self.constant(c).and_then(Str::from_value).is_some_and(Str::is_interned)
    }

    fn suspends(&self) -> bool {
        self.code.flags() & (CodeFlags::GENERATOR | CodeFlags::COROUTINE) != 0
    }

    /// The parameters fit the frame and have names; a namespace is all that is passed.
    fn parameters(&mut self) {
        let code = self.code;
        let n = code.n_params();
        let sound = n as u32 <= self.n_near && code.get().n_pos_only <= code.get().n_args;
        let whole = !self.namespace || n == 0 && self.n_regs > 0 && !self.suspends();
        self.sound = sound && whole && (0..n as u32).all(|c| self.is_name(c));
    }

    /// Notes a target, which is to be an instruction.
    fn mark(&mut self, target: u32) -> Result<(), Raise> {
        let (at, known) = self.find(target);
        self.sound &= (target as usize) < self.bytecode.len();
        if !known && self.sound {
            self.targets.push(self.vm, target)?;
            for i in (at + 1..self.targets.len()).rev() {
                *self.targets.item_mut(i) = *self.targets.item(i - 1);
            }
            *self.targets.item_mut(at) = target;
        }
        Ok(())
    }

    /// The index of the first target that is not before `pc`, and whether it is there.
    fn find(&self, pc: u32) -> (u32, bool) {
        let (mut low, mut high) = (0, self.targets.len());
        while low < high {
            let middle = (low + high) / 2;
            let at = self.targets.item(middle) & !REACHED;
            if at == pc {
                return (middle, true);
            }
            if at < pc {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low, false)
    }

    /// A path with the current kinds leads to `target`, where register `exc` holds an exception.
    fn flow_to(&mut self, target: u32, exc: u32) {
        let (index, _) = self.find(target);
        let there = self.targets.item_mut(index);
        let first = *there & REACHED == 0;
        *there |= REACHED;
        for r in 0..self.n_regs {
            let mut new = if exc == r { kind::EXCEPTION } else { *self.kinds.item(r) };
            let there = self.kinds.item_mut((index + 1) * self.n_regs + r);
            if !first {
                new = meet(*there, new);
            }
            // Forward it is seen in this sweep.
            self.changed |= (first || new != *there) && target <= self.pc as u32;
            *there = new;
        }
    }

    /// Target number `i`; none behind the last.
    fn target(&self, i: u32) -> u32 {
        if i < self.targets.len() { self.targets.item(i) & !REACHED } else { NOBODY }
    }

    fn sweep(&mut self) -> Result<(), Raise> {
        let code = self.code;
        self.alive = false;
        self.end = 0;
        let (mut passed, mut target) = (0, self.target(0));
        while self.next() {
            self.vm.tick(self.n_regs as usize)?;
            let pc = self.pc as u32;
            if pc == target {
                if self.alive {
                    let changed = self.changed;
                    self.flow_to(pc, NOBODY);
                    self.changed = changed;
                }
                self.alive = self.targets.item(passed) & REACHED != 0;
                passed += 1;
                for r in 0..self.n_regs {
                    *self.kinds.item_mut(r) = *self.kinds.item(passed * self.n_regs + r);
                }
                target = self.target(passed);
            }
            if self.alive {
                for h in code.handlers() {
                    if (h.start.into()..h.end.into()).contains(&pc) {
                        self.flow_to(h.target.into(), h.reg.into());
                    }
                }
                self.step();
            }
        }
        // Control does not run off the end, and all targets are instructions.
        self.sound &= !self.alive && passed == self.targets.len();
        Ok(())
    }

    /// A path with the arguments leads to the start.
    fn enter(&mut self) {
        let code = self.code;
        let (mut n, flags) = (code.n_params() as u32, code.flags());
        if !self.sound {
            return;
        }
        for r in 0..n {
            *self.kinds.item_mut(r) = kind::VALUE;
        }
        if flags & CodeFlags::VARKEYWORDS != 0 {
            n -= 1;
            *self.kinds.item_mut(n) = kind::DICT;
        }
        if flags & CodeFlags::VARARGS != 0 {
            *self.kinds.item_mut(n - 1) = kind::TUPLE;
        }
        if self.namespace {
            *self.kinds.item_mut(0) = kind::DICT;
        }
        self.flow_to(0, NOBODY);
    }

    /// Looks at a register: its kind must be among `kinds`.
    fn look(&mut self, r: u32, kinds: u16) {
        if r < self.n_regs {
            self.seen = *self.kinds.item(r);
            self.sound &= kinds >> self.seen & 1 != 0;
        } else {
            self.sound = false;
        }
    }

    /// Registers are in the frame, and the namespace stays.
    fn set(&mut self, r: u32, k: u8) {
        let near_or_far = r < self.n_near || r >= 255 && r < self.n_regs;
        if near_or_far && (r > 0 || !self.namespace) {
            *self.kinds.item_mut(r) = k;
        } else {
            self.sound = false;
        }
    }

    /// Follows one instruction: what it needs, then what it does.
    fn step(&mut self) {
        // The item of `ForNext` is there only where it jumps to.
        let item = self.byte(1);
        let before = match self.byte(0) == Op::ForNext as u32 && item < self.n_regs {
            true => Some(*self.kinds.item(item)),
            false => None,
        };
        for entry in self.head.entries() {
            self.act(entry);
        }
        if let Some(before) = before {
            self.set(item, before);
        }
    }

    fn act(&mut self, entry: &Entry) {
        let operand = self.operand(entry.place);
        let r = operand + u32::from(entry.place % 4);
        let sound = match entry.act {
            act @ act::IS..act::READ => return self.look(r, 1 << act),
            act @ act::READ..act::PUT => {
                let kinds = KINDS.get(usize::from(act - act::READ)).copied().unwrap_or_default();
                return self.look(r, kinds);
            }
            act @ act::PUT..act::AT_MOST => return self.set(r, act - act::PUT),
            act @ act::AT_MOST..act::READ_MANY => operand <= (act - act::AT_MOST).into(),
            act::READ_MANY | act::READ_PAIRS => {
                let n = self.byte(3) << (entry.act - act::READ_MANY);
                return (r..r + n).for_each(|r| self.look(r, VALUES));
            }
            act::ARE_CELLS => {
                let inner = self.constant(self.word(2)).and_then(Code::from_value);
                let n = inner.map_or(0, |code| code.get().n_free.into());
                return (r..r + n).for_each(|r| self.look(r, 1 << kind::CELL));
            }
            act::CLOBBER => {
                for r in r..self.n_near {
                    *self.kinds.item_mut(r) = kind::UNWRITTEN;
                }
                r > 0 || !self.namespace
            }
            act::PUT_SAME => return self.set(r, self.seen),
            act::PUT_BOUND => return self.set(r, self.seen.max(kind::VALUE)),
            act::PUT_CONST => {
                let tuple = self.constant(self.word(2)).and_then(Tuple::from_value);
                return self.set(r, if tuple.is_some() { kind::TUPLE } else { kind::VALUE });
            }
            act::PUT_IMM => {
                let undef = self.byte(2) == 0;
                return self.set(r, if undef { kind::UNDEF } else { kind::VALUE });
            }
            act::PUT_MANY | act::PUT_STARRED => {
                let starred = entry.act == act::PUT_STARRED;
                let n = self.byte(3) + if starred { 1 + self.byte(4) } else { 0 };
                return (r..r + n).for_each(|r| self.set(r, kind::VALUE));
            }
            act::FREE_VARIABLE => operand < self.code.get().n_free.into(),
            act::IS_CONST => self.constant(operand).is_some(),
            act::IS_NAME => self.is_name(operand),
            act::IS_CODE => self.constant(operand).and_then(Code::from_value).is_some(),
            act::ARE_NAMES => self.are_names(operand, 255),
            act::ARE_KEYWORDS => self.are_names(operand, self.byte(3)),
            act::IS_FAR => operand >= 255 && operand < self.n_regs,
            act::IN_NAMESPACE => self.namespace,
            act::SUSPENDS => self.suspends(),
            act::STOP => return self.alive = false,
            // `JUMP`
            _ => return self.flow_to(self.jump_target(entry.place), NOBODY),
        };
        self.sound &= sound;
    }

    /// The constant is a tuple of names, at most so many.
    fn are_names(&self, c: u32, most: u32) -> bool {
        let Some(names) = self.constant(c).and_then(Tuple::from_value) else { return false };
        let is_name = |&v: &Value| Str::from_value(v).is_some_and(Str::is_interned);
        names.len() as u32 <= most && names.items().iter().all(is_name)
    }
}

/// No register.
const NOBODY: u32 = u32::MAX;
