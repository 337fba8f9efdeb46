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
//! What an instruction needs and does is in the table [`EFFECTS`]. That a rule was broken is remembered; nothing that is
//! done after it does harm.
#![forbid(unsafe_code)]

use super::disasm::Instruction;
use super::op::{Op, Operand};
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

/// What is known of a register.
mod kind {
    /// Not written on every path, or clobbered.
    pub const UNWRITTEN: u8 = 0;
    /// A value, or nothing: a variable that may be unbound.
    pub const MAYBE: u8 = 1;
    /// Nothing, for sure: an absent argument.
    pub const UNDEF: u8 = 2;
    /// What `LoadMethod` puts beside the function: an object or nothing.
    pub const RECEIVER: u8 = 3;
    /// Any Python value.
    pub const VALUE: u8 = 4;
    /// A cell.
    pub const CELL: u8 = 5;
    /// A list that the code is building.
    pub const LIST: u8 = 6;
    /// A dictionary that the code is building.
    pub const DICT: u8 = 7;
    /// A set that the code is building.
    pub const SET: u8 = 8;
    /// A tuple.
    pub const TUPLE: u8 = 9;
    /// An exception.
    pub const EXCEPTION: u8 = 10;
    /// What was handled before `EnterHandler`.
    pub const HANDLED: u8 = 11;
    /// First of the three registers of an iterator.
    pub const ITER: u8 = 12;
    /// The other two.
    pub const ITER_STATE: u8 = 13;
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

/// What an instruction needs of an operand or a register, or does to it.
#[derive(Clone, Copy)]
struct Effect {
    op: Op,
    /// Four times the number of the operand that names the register, and how many registers behind that it is.
    place: u8,
    act: Act,
}

#[derive(Clone, Copy)]
enum Act {
    /// The register holds a Python value.
    Read,
    /// So do as many registers from it on as the third operand says.
    ReadMany,
    /// It holds a value, or nothing for sure.
    ReadOptional,
    /// It holds a value, or nothing: what may be put into a variable's place.
    ReadUnbound,
    /// It holds a value, or what `LoadMethod` put there.
    ReadReceiver,
    /// It holds what may be moved.
    ReadAny,
    /// It holds what may be fetched from afar.
    ReadFar,
    /// It holds this.
    Is(u8),
    /// It holds this, or nothing for sure.
    IsOptional(u8),
    /// It holds a list or a tuple.
    IsSequence,
    /// From it on are cells for the free variables of the code that is the second operand.
    AreCells,
    /// From it on all is clobbered: a callee ran there.
    Clobber,
    /// It will hold this.
    Set(u8),
    /// It will hold what the register that was looked at last holds.
    SetSame,
    /// The same, but bound.
    SetBound,
    /// It will hold the constant that is the second operand.
    SetConst,
    /// It will hold the immediate that is the second operand.
    SetImm,
    /// As many registers from it on as the third operand says will hold values; of `UnpackEx` the fourth counts too.
    SetMany,
    /// The operand is at most this.
    AtMost(u8),
    /// It is the index of a free variable.
    FreeVariable,
    /// It is a code object.
    IsCode,
    /// It is a tuple of names, for a call no more than there are arguments.
    AreNames,
    /// The code has a namespace.
    InNamespace,
    /// The code is a generator's or a coroutine's.
    Suspends,
    /// The next instruction does not follow.
    Stop,
}

/// What an [`Act`] is to the sweep.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    One,
    Many,
    Cells,
    Clobber,
    AtMost,
    FreeVariable,
    IsCode,
    AreNames,
    InNamespace,
    Suspends,
    Set,
    SetSame,
    SetBound,
    SetConst,
    SetImm,
    SetMany,
    Stop,
}

/// An [`Effect`] as it is in the image.
#[derive(Clone, Copy)]
struct Entry {
    place: u8,
    how: How,
    /// The kinds, as bits, that a register may have; the kind that it gets; the most that an operand may be.
    kinds: u16,
}

/// Bits of all Python values.
const VALUES: u16 = (1 << kind::HANDLED) - (1 << kind::VALUE);

impl Act {
    const fn entry(self, place: u8) -> Entry {
        const UNDEF: u16 = 1 << kind::UNDEF;
        const MAYBE: u16 = 1 << kind::MAYBE;
        const RECEIVER: u16 = 1 << kind::RECEIVER;
        let (how, kinds) = match self {
            Act::Read => (How::One, VALUES),
            Act::ReadMany => (How::Many, VALUES),
            Act::ReadOptional => (How::One, VALUES | UNDEF),
            Act::ReadUnbound => (How::One, VALUES | UNDEF | MAYBE),
            Act::ReadReceiver => (How::One, VALUES | UNDEF | RECEIVER),
            Act::ReadAny => (How::One, VALUES | UNDEF | MAYBE | RECEIVER),
            Act::ReadFar => (How::One, !(1 << kind::UNWRITTEN)),
            Act::Is(kind) => (How::One, 1 << kind),
            Act::IsOptional(kind) => (How::One, 1 << kind | UNDEF),
            Act::IsSequence => (How::One, 1 << kind::LIST | 1 << kind::TUPLE),
            Act::AreCells => (How::Cells, 1 << kind::CELL),
            Act::Clobber => (How::Clobber, 0),
            Act::Set(kind) => (How::Set, kind as u16),
            Act::SetSame => (How::SetSame, 0),
            Act::SetBound => (How::SetBound, 0),
            Act::SetConst => (How::SetConst, 0),
            Act::SetImm => (How::SetImm, 0),
            Act::SetMany => (How::SetMany, 0),
            Act::AtMost(most) => (How::AtMost, most as u16),
            Act::FreeVariable => (How::FreeVariable, 0),
            Act::IsCode => (How::IsCode, 0),
            Act::AreNames => (How::AreNames, 0),
            Act::InNamespace => (How::InNamespace, 0),
            Act::Suspends => (How::Suspends, 0),
            Act::Stop => (How::Stop, 0),
        };
        Entry { place, how, kinds }
    }
}

/// Registers that are not here are as [`Operand`] says: values, read or written. In the order in which an instruction is
/// followed: from its last operand to its first, the only one that is plainly written, and what is needed of one before
/// what is done to it.
const EFFECTS: &[Effect] = {
    use Act::*;
    use kind::*;
    const fn e(op: Op, operand: u8, offset: u8, act: Act) -> Effect {
        Effect { op, place: operand * 4 + offset, act }
    }
    &[
        e(Op::Move, 1, 0, ReadAny),
        e(Op::Move, 0, 0, SetSame),
        e(Op::LoadConst, 0, 0, SetConst),
        e(Op::LoadImm, 1, 0, AtMost(4)),
        e(Op::LoadImm, 0, 0, SetImm),
        e(Op::LoadFar, 1, 0, ReadFar),
        e(Op::LoadFar, 0, 0, SetSame),
        e(Op::StoreFar, 1, 0, ReadUnbound),
        e(Op::StoreFar, 0, 0, SetSame),
        e(Op::CheckBound, 0, 0, ReadUnbound),
        e(Op::CheckBound, 0, 0, SetBound),
        e(Op::LoadName, 3, 0, InNamespace),
        e(Op::StoreName, 3, 0, InNamespace),
        e(Op::DelName, 3, 0, InNamespace),
        e(Op::LoadClassFree, 1, 0, FreeVariable),
        e(Op::LoadClassFree, 1, 0, InNamespace),
        e(Op::MakeCell, 0, 0, ReadUnbound),
        e(Op::MakeCell, 0, 0, Set(CELL)),
        e(Op::LoadCell, 1, 0, Is(CELL)),
        e(Op::StoreCell, 1, 0, ReadUnbound),
        e(Op::StoreCell, 0, 0, Is(CELL)),
        e(Op::LoadFree, 1, 0, FreeVariable),
        e(Op::StoreFree, 1, 0, ReadUnbound),
        e(Op::StoreFree, 0, 0, FreeVariable),
        e(Op::LoadFreeCell, 1, 0, FreeVariable),
        e(Op::LoadFreeCell, 0, 0, Set(CELL)),
        e(Op::LoadMethod, 0, 0, Set(VALUE)),
        e(Op::LoadMethod, 0, 1, Set(RECEIVER)),
        e(Op::LoadSpecial, 0, 0, Set(VALUE)),
        e(Op::LoadSpecial, 0, 1, Set(RECEIVER)),
        e(Op::LoadSuper, 0, 0, Set(VALUE)),
        e(Op::LoadSuper, 0, 1, Set(RECEIVER)),
        e(Op::LoadSlice, 2, 0, Read),
        e(Op::LoadSlice, 2, 1, Read),
        e(Op::LoadSlice, 2, 2, Read),
        e(Op::StoreSlice, 1, 0, Read),
        e(Op::StoreSlice, 1, 1, Read),
        e(Op::StoreSlice, 1, 2, Read),
        e(Op::Jump, 3, 0, Stop),
        e(Op::GetIter, 0, 0, Set(ITER)),
        e(Op::GetIter, 0, 1, Set(ITER_STATE)),
        e(Op::GetIter, 0, 2, Set(ITER_STATE)),
        e(Op::ForNext, 1, 0, Is(ITER)),
        e(Op::ForNext, 1, 1, Is(ITER_STATE)),
        e(Op::ForNext, 1, 2, Is(ITER_STATE)),
        e(Op::Call, 1, 0, Read),
        e(Op::Call, 1, 1, ReadMany),
        e(Op::Call, 1, 0, Clobber),
        e(Op::CallMethod, 1, 0, Read),
        e(Op::CallMethod, 1, 1, ReadReceiver),
        e(Op::CallMethod, 1, 2, ReadMany),
        e(Op::CallMethod, 1, 0, Clobber),
        e(Op::CallKw, 3, 0, AreNames),
        e(Op::CallKw, 1, 0, Read),
        e(Op::CallKw, 1, 1, ReadMany),
        e(Op::CallKw, 1, 0, Clobber),
        e(Op::CallMethodKw, 3, 0, AreNames),
        e(Op::CallMethodKw, 1, 0, Read),
        e(Op::CallMethodKw, 1, 1, ReadReceiver),
        e(Op::CallMethodKw, 1, 2, ReadMany),
        e(Op::CallMethodKw, 1, 0, Clobber),
        e(Op::CallEx, 1, 0, Read),
        e(Op::CallEx, 1, 1, IsSequence),
        e(Op::CallEx, 1, 2, IsOptional(DICT)),
        e(Op::CallEx, 1, 0, Clobber),
        e(Op::Return, 3, 0, Stop),
        e(Op::ReturnNone, 3, 0, Stop),
        e(Op::MakeFunction, 2, 0, IsOptional(TUPLE)),
        e(Op::MakeFunction, 2, 1, IsOptional(DICT)),
        e(Op::MakeFunction, 2, 2, AreCells),
        e(Op::MakeFunction, 1, 0, IsCode),
        e(Op::Yield, 3, 0, Suspends),
        e(Op::YieldFrom, 3, 0, Suspends),
        e(Op::YieldFrom, 1, 0, Read),
        e(Op::YieldFrom, 1, 1, Read),
        e(Op::BuildList, 1, 0, ReadMany),
        e(Op::BuildList, 0, 0, Set(LIST)),
        e(Op::BuildTuple, 1, 0, ReadMany),
        e(Op::BuildTuple, 0, 0, Set(TUPLE)),
        e(Op::BuildSet, 1, 0, ReadMany),
        e(Op::BuildSet, 0, 0, Set(SET)),
        e(Op::BuildDict, 1, 0, ReadMany),
        e(Op::BuildDict, 0, 0, Set(DICT)),
        e(Op::BuildSlice, 1, 0, Read),
        e(Op::BuildSlice, 1, 1, Read),
        e(Op::BuildSlice, 1, 2, Read),
        e(Op::BuildString, 1, 0, ReadMany),
        e(Op::FormatValue, 2, 0, AtMost(3)),
        e(Op::FormatValue, 1, 0, Read),
        e(Op::FormatValue, 1, 1, ReadOptional),
        e(Op::BuildTemplate, 1, 0, Is(TUPLE)),
        e(Op::BuildTemplate, 1, 1, Is(TUPLE)),
        e(Op::BuildInterpolation, 2, 0, AtMost(3)),
        e(Op::BuildInterpolation, 1, 0, Read),
        e(Op::BuildInterpolation, 1, 1, Read),
        e(Op::BuildInterpolation, 1, 2, ReadOptional),
        e(Op::ListAppend, 0, 0, Is(LIST)),
        e(Op::ListExtend, 0, 0, Is(LIST)),
        e(Op::ListToTuple, 1, 0, Is(LIST)),
        e(Op::ListToTuple, 0, 0, Set(TUPLE)),
        e(Op::SetAdd, 0, 0, Is(SET)),
        e(Op::SetUpdate, 0, 0, Is(SET)),
        e(Op::DictSet, 0, 0, Is(DICT)),
        e(Op::DictUpdate, 0, 0, Is(DICT)),
        e(Op::DictMerge, 0, 0, Is(DICT)),
        e(Op::UnpackSequence, 0, 0, SetMany),
        e(Op::UnpackEx, 0, 0, SetMany),
        e(Op::EnterHandler, 0, 0, Is(EXCEPTION)),
        e(Op::EnterHandler, 0, 1, Set(HANDLED)),
        e(Op::LeaveHandler, 0, 1, Is(HANDLED)),
        e(Op::JumpNoMatch, 0, 0, Is(EXCEPTION)),
        // None where there is none; the jumps on that come before any other use.
        e(Op::SplitGroup, 0, 0, Is(EXCEPTION)),
        e(Op::SplitGroup, 0, 1, Read),
        e(Op::SplitGroup, 0, 2, Set(EXCEPTION)),
        e(Op::Raise, 3, 0, Stop),
        e(Op::RaiseFrom, 3, 0, Stop),
        e(Op::Reraise, 3, 0, Stop),
        e(Op::Reraise, 0, 0, Is(EXCEPTION)),
        e(Op::RaiseAgain, 3, 0, Stop),
        e(Op::ExcInfo, 1, 0, Is(EXCEPTION)),
        e(Op::ExcInfo, 0, 0, Set(VALUE)),
        e(Op::ExcInfo, 0, 1, Set(VALUE)),
        e(Op::ExcInfo, 0, 2, Set(VALUE)),
        e(Op::RaiseGroup, 0, 0, Is(LIST)),
        e(Op::RaiseGroup, 0, 1, Read),
        e(Op::RaiseGroup, 0, 2, Read),
        e(Op::ImportName, 1, 0, Read),
        e(Op::ImportName, 1, 1, Read),
        e(Op::ImportStar, 3, 0, InNamespace),
        e(Op::MatchKeys, 1, 0, Read),
        e(Op::MatchKeys, 1, 1, Is(TUPLE)),
        e(Op::MatchClass, 3, 0, AreNames),
        e(Op::MatchClass, 1, 0, Read),
        e(Op::MatchClass, 1, 1, Read),
        e(Op::DictRest, 2, 0, Is(TUPLE)),
    ]
};

static ENTRIES: [Entry; EFFECTS.len()] = {
    let mut entries = [Act::Stop.entry(0); EFFECTS.len()];
    let mut i = 0;
    while i < EFFECTS.len() {
        if i > 0 {
            let (before, this) = (&EFFECTS[i - 1], &EFFECTS[i]);
            let same = before.op as u8 == this.op as u8 && before.place / 4 >= this.place / 4;
            assert!(same || (before.op as u8) < this.op as u8);
        }
        entries[i] = EFFECTS[i].act.entry(EFFECTS[i].place);
        i += 1;
    }
    entries
};

/// Of each opcode, its first effect.
static FIRST: [u8; Op::ALL.len() + 1] = {
    let mut first = [0; Op::ALL.len() + 1];
    let (mut op, mut i) = (0, 0);
    while op <= Op::ALL.len() {
        while i < EFFECTS.len() && (EFFECTS[i].op as usize) < op {
            i += 1;
        }
        first[op] = i as u8;
        op += 1;
    }
    first
};

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
        i: Instruction::START,
        seen: 0,
        sound: true,
    };
    let result = v.run();
    v.targets.free(v.vm);
    v.kinds.free(v.vm);
    result?;
    if v.sound { Ok(()) } else { Err(VerifyError::Fault { pc: v.i.pc }) }
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
    /// The instruction at work; `i.end` is where the next one is.
    i: Instruction,
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
            if let Some(target) = self.i.target {
                self.mark(target as u32)?;
            }
        }
        let code = self.code;
        for h in code.handlers() {
            self.sound &= h.start < h.end && u32::from(h.reg) < self.n_near;
            self.mark(h.start.into())?;
            self.mark(h.target.into())?;
            if usize::from(h.end) != code.bytecode().len() {
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
        let code = self.code;
        let bytecode = code.bytecode();
        if self.i.end == bytecode.len() {
            return false;
        }
        // Instructions are known and complete.
        self.sound = self.sound && self.i.advance(bytecode);
        self.sound
    }

    fn constant(&self, c: i32) -> Option<Value> {
        self.code.consts().get(c as usize).copied()
    }

    fn is_name(&self, c: i32) -> bool {
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
        self.sound = sound && whole && (0..n as i32).all(|c| self.is_name(c));
    }

    /// Notes a target, which is to be an instruction.
    fn mark(&mut self, target: u32) -> Result<(), Raise> {
        let (at, known) = self.find(target);
        self.sound &= (target as usize) < self.code.bytecode().len();
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
            self.changed |= (first || new != *there) && target <= self.i.pc as u32;
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
        self.i.end = 0;
        let (mut passed, mut target) = (0, self.target(0));
        while self.next() {
            self.vm.tick(self.n_regs as usize)?;
            let pc = self.i.pc as u32;
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
    fn look(&mut self, r: i32, kinds: u16) {
        if (r as u32) < self.n_regs {
            self.seen = *self.kinds.item(r as u32);
            self.sound &= kinds >> self.seen & 1 != 0;
        } else {
            self.sound = false;
        }
    }

    /// Registers are in the frame, and the namespace stays.
    fn set(&mut self, r: i32, k: u8) {
        let r = r as u32;
        let near_or_far = r < self.n_near || r >= 255 && r < self.n_regs;
        if near_or_far && (r > 0 || !self.namespace) {
            *self.kinds.item_mut(r) = k;
        } else {
            self.sound = false;
        }
    }

    /// Follows one instruction: what it needs, then what it does.
    fn step(&mut self) {
        let Instruction { op, operands, target, .. } = self.i;
        let first = operands[0] as u32;
        let before = if first < self.n_regs { *self.kinds.item(first) } else { 0 };
        let mut entries = &ENTRIES[FIRST[op as usize].into()..FIRST[op as usize + 1].into()];
        for (n, &r) in operands.iter().enumerate().rev() {
            let mut plain = true;
            while let [entry, rest @ ..] = entries
                && usize::from(entry.place / 4) == n
            {
                plain = false;
                self.act(entry, r + i32::from(entry.place % 4));
                entries = rest;
            }
            match op.operand(n) {
                Some(Operand::In) if plain => self.look(r, VALUES),
                Some(Operand::Out) if plain => self.set(r, kind::VALUE),
                Some(Operand::Const) => self.sound &= self.constant(r).is_some(),
                Some(Operand::Name) => self.sound &= self.is_name(r),
                Some(Operand::Far) => self.sound &= r >= 255 && (r as u32) < self.n_regs,
                _ => {}
            }
        }
        if let Some(target) = target {
            self.flow_to(target as u32, NOBODY);
        }
        // The item is there only where it jumps to.
        if op == Op::ForNext {
            self.set(operands[0], before);
        }
    }

    /// One effect, on register or operand `r`.
    fn act(&mut self, entry: &Entry, r: i32) {
        let [_, b, c, d] = self.i.operands;
        let kinds = entry.kinds;
        let mut n = 1;
        match entry.how {
            How::One => {}
            How::Many => n = if self.i.op == Op::BuildDict { 2 * c } else { c },
            How::Cells => {
                let inner = self.constant(b).and_then(Code::from_value);
                n = inner.map_or(0, |code| code.get().n_free.into());
            }
            How::Clobber => {
                self.sound &= r > 0 || !self.namespace;
                for r in r as u32..self.n_near {
                    *self.kinds.item_mut(r) = kind::UNWRITTEN;
                }
                return;
            }
            How::AtMost => return self.sound &= r <= i32::from(kinds),
            How::FreeVariable => return self.sound &= r < i32::from(self.code.get().n_free),
            How::IsCode => {
                return self.sound &= self.constant(r).and_then(Code::from_value).is_some();
            }
            How::AreNames => return self.sound &= self.are_names(r, c),
            How::InNamespace => return self.sound &= self.namespace,
            How::Suspends => return self.sound &= self.suspends(),
            How::Stop => return self.alive = false,
            _ => {
                let k = match entry.how {
                    How::SetSame => self.seen,
                    How::SetBound => self.seen.max(kind::VALUE),
                    How::SetConst => match self.constant(b).and_then(Tuple::from_value) {
                        Some(_) => kind::TUPLE,
                        None => kind::VALUE,
                    },
                    How::SetImm if b == 0 => kind::UNDEF,
                    How::Set => kinds as u8,
                    _ => kind::VALUE,
                };
                if entry.how == How::SetMany {
                    n = if self.i.op == Op::UnpackEx { c + d + 1 } else { c };
                }
                return (r..r + n).for_each(|r| self.set(r, k));
            }
        }
        (r..r + n).for_each(|r| self.look(r, kinds));
    }

    /// The constant is a tuple of names, for a call at most so many.
    fn are_names(&self, c: i32, n: i32) -> bool {
        let Some(names) = self.constant(c).and_then(Tuple::from_value) else { return false };
        let is_name = |&v: &Value| Str::from_value(v).is_some_and(Str::is_interned);
        let most = if self.i.op == Op::MatchClass { 255 } else { n };
        names.len() as i32 <= most && names.items().iter().all(is_name)
    }
}

/// No register.
const NOBODY: u32 = u32::MAX;
