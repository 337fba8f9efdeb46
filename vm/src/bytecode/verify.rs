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
//! for each place that jumps or handlers lead to.
//!
//! What an instruction needs and does is in the table [`EFFECTS`]. The first broken rule is remembered; nothing that is
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
    /// The code at `pc` breaks the rule.
    Fault {
        /// Where, as an offset into the bytecode.
        pc: usize,
        /// Which rule.
        rule: Rule,
    },
}

/// What code must keep to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// The parameters fit the frame and have names; a namespace is all that is passed.
    Parameters,
    /// Instructions are known and complete, and the last one does not lead on.
    Complete,
    /// Constants exist and are what the instruction expects, other operands are in range.
    Operands,
    /// Jumps lead to instructions.
    Jumps,
    /// Handlers are for instructions and lead to one.
    Handlers,
    /// Registers are in the frame, and the namespace stays.
    Frame,
    /// Registers are written before they are read, and hold what the instruction expects.
    Registers,
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

/// What an instruction needs of a register, or does to it.
#[derive(Clone, Copy)]
struct Effect {
    op: Op,
    /// Four times the number of the operand that names the register, and how many registers behind that it is.
    place: u8,
    act: Act,
}

#[derive(Clone, Copy)]
enum Act {
    /// It holds a Python value.
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
    /// It will hold this; these come after all others.
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
}

impl Act {
    /// The kinds, as bits, that the register may have; 0 for an effect on what it holds.
    fn kinds(self) -> u16 {
        const VALUES: u16 = (1 << kind::HANDLED) - (1 << kind::VALUE);
        const UNDEF: u16 = 1 << kind::UNDEF;
        const MAYBE: u16 = 1 << kind::MAYBE;
        const RECEIVER: u16 = 1 << kind::RECEIVER;
        match self {
            Act::Read | Act::ReadMany => VALUES,
            Act::ReadOptional => VALUES | UNDEF,
            Act::ReadUnbound => VALUES | UNDEF | MAYBE,
            Act::ReadReceiver => VALUES | UNDEF | RECEIVER,
            Act::ReadAny => VALUES | UNDEF | MAYBE | RECEIVER,
            Act::ReadFar => !(1 << kind::UNWRITTEN),
            Act::Is(kind) => 1 << kind,
            Act::IsOptional(kind) => 1 << kind | UNDEF,
            Act::IsSequence => 1 << kind::LIST | 1 << kind::TUPLE,
            Act::AreCells => 1 << kind::CELL,
            _ => 0,
        }
    }
}

/// Operands that are not here are as [`Operand`] says: values, read or written. In the order of the opcodes.
const EFFECTS: &[Effect] = {
    use Act::*;
    use kind::*;
    const fn e(op: Op, operand: u8, offset: u8, act: Act) -> Effect {
        Effect { op, place: operand * 4 + offset, act }
    }
    &[
        e(Op::Move, 0, 0, SetSame),
        e(Op::Move, 1, 0, ReadAny),
        e(Op::LoadConst, 0, 0, SetConst),
        e(Op::LoadImm, 0, 0, SetImm),
        e(Op::LoadFar, 0, 0, SetSame),
        e(Op::LoadFar, 1, 0, ReadFar),
        e(Op::StoreFar, 0, 0, SetSame),
        e(Op::StoreFar, 1, 0, ReadUnbound),
        e(Op::CheckBound, 0, 0, ReadUnbound),
        e(Op::CheckBound, 0, 0, SetBound),
        e(Op::MakeCell, 0, 0, ReadUnbound),
        e(Op::MakeCell, 0, 0, Set(CELL)),
        e(Op::LoadCell, 1, 0, Is(CELL)),
        e(Op::StoreCell, 0, 0, Is(CELL)),
        e(Op::StoreCell, 1, 0, ReadUnbound),
        e(Op::StoreFree, 1, 0, ReadUnbound),
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
        e(Op::CallKw, 1, 0, Read),
        e(Op::CallKw, 1, 1, ReadMany),
        e(Op::CallKw, 1, 0, Clobber),
        e(Op::CallMethodKw, 1, 0, Read),
        e(Op::CallMethodKw, 1, 1, ReadReceiver),
        e(Op::CallMethodKw, 1, 2, ReadMany),
        e(Op::CallMethodKw, 1, 0, Clobber),
        e(Op::CallEx, 1, 0, Read),
        e(Op::CallEx, 1, 1, IsSequence),
        e(Op::CallEx, 1, 2, IsOptional(DICT)),
        e(Op::CallEx, 1, 0, Clobber),
        e(Op::MakeFunction, 2, 0, IsOptional(TUPLE)),
        e(Op::MakeFunction, 2, 1, IsOptional(DICT)),
        e(Op::MakeFunction, 2, 2, AreCells),
        e(Op::YieldFrom, 1, 0, Read),
        e(Op::YieldFrom, 1, 1, Read),
        e(Op::BuildList, 0, 0, Set(LIST)),
        e(Op::BuildList, 1, 0, ReadMany),
        e(Op::BuildTuple, 0, 0, Set(TUPLE)),
        e(Op::BuildTuple, 1, 0, ReadMany),
        e(Op::BuildSet, 0, 0, Set(SET)),
        e(Op::BuildSet, 1, 0, ReadMany),
        e(Op::BuildDict, 0, 0, Set(DICT)),
        e(Op::BuildDict, 1, 0, ReadMany),
        e(Op::BuildSlice, 1, 0, Read),
        e(Op::BuildSlice, 1, 1, Read),
        e(Op::BuildSlice, 1, 2, Read),
        e(Op::BuildString, 1, 0, ReadMany),
        e(Op::FormatValue, 1, 0, Read),
        e(Op::FormatValue, 1, 1, ReadOptional),
        e(Op::BuildTemplate, 1, 0, Is(TUPLE)),
        e(Op::BuildTemplate, 1, 1, Is(TUPLE)),
        e(Op::BuildInterpolation, 1, 0, Read),
        e(Op::BuildInterpolation, 1, 1, Read),
        e(Op::BuildInterpolation, 1, 2, ReadOptional),
        e(Op::ListAppend, 0, 0, Is(LIST)),
        e(Op::ListExtend, 0, 0, Is(LIST)),
        e(Op::ListToTuple, 0, 0, Set(TUPLE)),
        e(Op::ListToTuple, 1, 0, Is(LIST)),
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
        e(Op::Reraise, 0, 0, Is(EXCEPTION)),
        e(Op::ExcInfo, 0, 0, Set(VALUE)),
        e(Op::ExcInfo, 0, 1, Set(VALUE)),
        e(Op::ExcInfo, 0, 2, Set(VALUE)),
        e(Op::ExcInfo, 1, 0, Is(EXCEPTION)),
        e(Op::RaiseGroup, 0, 0, Is(LIST)),
        e(Op::RaiseGroup, 0, 1, Read),
        e(Op::RaiseGroup, 0, 2, Read),
        e(Op::ImportName, 1, 0, Read),
        e(Op::ImportName, 1, 1, Read),
        e(Op::MatchKeys, 1, 0, Read),
        e(Op::MatchKeys, 1, 1, Is(TUPLE)),
        e(Op::MatchClass, 1, 0, Read),
        e(Op::MatchClass, 1, 1, Read),
        e(Op::DictRest, 2, 0, Is(TUPLE)),
    ]
};

const _: () = {
    let mut i = 1;
    while i < EFFECTS.len() {
        assert!(EFFECTS[i - 1].op as u8 <= EFFECTS[i].op as u8);
        i += 1;
    }
};

/// Of each opcode, its first effect.
const FIRST: [u8; Op::ALL.len() + 1] = {
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
        starts: Buf::new(),
        marks: Buf::new(),
        targets: Buf::new(),
        kinds: Buf::new(),
        alive: true,
        changed: true,
        i: Instruction::START,
        seen: 0,
        fault: None,
    };
    let result = v.run();
    v.starts.free(v.vm);
    v.marks.free(v.vm);
    v.targets.free(v.vm);
    v.kinds.free(v.vm);
    result?;
    match v.fault {
        Some(rule) => Err(VerifyError::Fault { pc: v.i.pc, rule }),
        None => Ok(()),
    }
}

struct Verifier<'a> {
    vm: &'a mut Vm,
    code: Code,
    n_regs: u32,
    n_near: u32,
    /// The code has its namespace in the first register.
    namespace: bool,
    /// One bit per byte of code: an instruction begins there.
    starts: Buf<u32>,
    /// The same: a jump or a handler leads there.
    marks: Buf<u32>,
    /// Where jumps and handlers lead to, ascending; bit 31: some path leads there.
    targets: Buf<u32>,
    /// The kinds of all registers where the sweep is, then those at each target.
    kinds: Buf<u8>,
    /// A path leads to where the sweep is.
    alive: bool,
    /// A state that the sweep has passed already was lowered.
    changed: bool,
    /// The instruction at work; `i.end` is where the next one is.
    i: Instruction,
    /// The kind of the register that was looked at last.
    seen: u8,
    /// The rule that was broken first, by the instruction at work.
    fault: Option<Rule>,
}

const REACHED: u32 = 1 << 31;

impl Verifier<'_> {
    fn run(&mut self) -> Result<(), Raise> {
        self.parameters();
        self.find_starts()?;
        self.add_kinds()?;
        if self.fault.is_none() {
            self.find_targets()?;
        }
        while self.changed && self.fault.is_none() {
            self.changed = false;
            self.sweep()?;
        }
        Ok(())
    }

    fn require(&mut self, holds: bool, rule: Rule) {
        if !holds && self.fault.is_none() {
            self.fault = Some(rule);
        }
    }

    /// Goes on to the next instruction; false at the end of the code, and once a rule is broken.
    fn next(&mut self) -> bool {
        let code = self.code;
        let bytecode = code.bytecode();
        if self.fault.is_some() || self.i.end == bytecode.len() {
            return false;
        }
        let i = Instruction::decode(bytecode, self.i.end);
        self.require(i.is_some(), Rule::Complete);
        self.i = i.unwrap_or(self.i);
        i.is_some()
    }

    fn constant(&self, c: i32) -> Option<Value> {
        self.code.consts().get(c as usize).copied()
    }

    fn is_name(&self, c: i32) -> bool {
        self.constant(c).and_then(Str::from_value).is_some_and(Str::is_interned)
    }

    fn parameters(&mut self) {
        let code = self.code;
        let n = code.n_params();
        let named = (0..n as i32).all(|c| self.is_name(c));
        let suspends = code.flags() & (CodeFlags::GENERATOR | CodeFlags::COROUTINE) != 0;
        let sound = n as u32 <= self.n_near && named && code.get().n_pos_only <= code.get().n_args;
        let whole = !self.namespace || n == 0 && self.n_regs > 0 && !suspends;
        self.require(sound && whole, Rule::Parameters);
    }

    /// A buffer with a bit for every byte of code, all 0.
    fn bits(&mut self) -> Result<Buf<u32>, Raise> {
        let mut bits = Buf::new();
        for _ in 0..self.code.bytecode().len().div_ceil(32) {
            bits.push(self.vm, 0)?;
        }
        Ok(bits)
    }

    /// Finds where instructions begin and where jumps lead to, and looks at what does not depend on the path.
    fn find_starts(&mut self) -> Result<(), Raise> {
        self.starts = self.bits()?;
        self.marks = self.bits()?;
        while self.next() {
            set_bit(self.vm, &mut self.starts, self.i.pc);
            self.operands();
            if let Some(target) = self.i.target {
                self.mark(target as usize);
            }
        }
        Ok(())
    }

    /// A jump or a handler leads there.
    fn mark(&mut self, target: usize) {
        if target < self.code.bytecode().len() {
            set_bit(self.vm, &mut self.marks, target);
        } else {
            self.require(false, Rule::Jumps);
        }
    }

    /// True where an instruction begins.
    fn is_start(&self, pc: usize) -> bool {
        pc < self.code.bytecode().len() && bit(self.vm, &self.starts, pc)
    }

    /// Collects where jumps and handlers lead to, and makes room for the states there.
    fn find_targets(&mut self) -> Result<(), Raise> {
        let code = self.code;
        let len = code.bytecode().len();
        for h in code.handlers() {
            let (start, end) = (h.start.into(), h.end.into());
            let sound = start < end
                && self.is_start(start)
                && (end == len || self.is_start(end))
                && u32::from(h.reg) < self.n_near;
            self.require(sound, Rule::Handlers);
            self.mark(h.target.into());
        }
        for at in 0..len {
            if bit(self.vm, &self.marks, at) {
                self.require(self.is_start(at), Rule::Jumps);
                self.targets.push(self.vm, at as u32)?;
                self.add_kinds()?;
            }
        }
        Ok(())
    }

    /// The index of a target, if `pc` is one.
    fn target_index(&self, pc: usize) -> Option<u32> {
        let (mut low, mut high) = (0, self.targets.len());
        while low < high {
            let middle = (low + high) / 2;
            let at = (self.targets.get(self.vm, middle) & !REACHED) as usize;
            if at == pc {
                return Some(middle);
            }
            if at < pc {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        None
    }

    /// A path with the current kinds leads to `target`, where register `exc` holds an exception. `back`: the sweep is
    /// past the target.
    fn flow_to(&mut self, target: usize, back: bool, exc: Option<u32>) {
        let Some(index) = self.target_index(target) else { return };
        let at = self.targets.get(self.vm, index);
        let first = at & REACHED == 0;
        let mut lowered = first;
        self.targets.set(self.vm, index, at | REACHED);
        for r in 0..self.n_regs {
            let mut new = if exc == Some(r) { kind::EXCEPTION } else { self.kind(r) };
            let there = self.at_target(index, r);
            let old = self.kind(there);
            if !first {
                new = meet(old, new);
            }
            lowered |= new != old;
            self.set_kind(there, new);
        }
        self.changed |= lowered && back;
    }

    fn sweep(&mut self) -> Result<(), Raise> {
        let code = self.code;
        self.enter();
        self.i.end = 0;
        while self.next() {
            self.vm.tick(self.n_regs as usize)?;
            let pc = self.i.pc;
            if let Some(index) = self.target_index(pc) {
                if self.alive {
                    self.flow_to(pc, false, None);
                }
                self.alive = self.targets.get(self.vm, index) & REACHED != 0;
                for r in 0..self.n_regs {
                    self.set_kind(r, self.kind(self.at_target(index, r)));
                }
            }
            if self.alive {
                for h in code.handlers() {
                    if (h.start.into()..h.end.into()).contains(&pc) {
                        let target = h.target.into();
                        self.flow_to(target, target <= pc, Some(h.reg.into()));
                    }
                }
                self.step();
            }
        }
        self.require(!self.alive, Rule::Complete);
        Ok(())
    }

    /// The kinds at the start: the arguments are there.
    fn enter(&mut self) {
        self.alive = true;
        let code = self.code;
        let (n, flags) = (code.n_params() as u32, code.flags());
        let varkeywords = flags & CodeFlags::VARKEYWORDS != 0;
        let varargs = flags & CodeFlags::VARARGS != 0;
        for r in 0..self.n_regs {
            let k = if self.namespace && r == 0 {
                kind::DICT
            } else if r >= n {
                kind::UNWRITTEN
            } else if varkeywords && r == n - 1 {
                kind::DICT
            } else if varargs && r + 1 + u32::from(varkeywords) == n {
                kind::TUPLE
            } else {
                kind::VALUE
            };
            self.set_kind(r, k);
        }
    }

    // ---- constants and other operands that do not depend on the path

    fn operands(&mut self) {
        let operands = self.i.operands;
        for (n, &value) in operands.iter().enumerate() {
            let sound = match self.i.op.operand(n) {
                Some(Operand::Const) => self.constant(value).is_some(),
                Some(Operand::Name) => self.is_name(value),
                Some(Operand::Far) => value >= 255 && (value as u32) < self.n_regs,
                _ => true,
            };
            self.require(sound, Rule::Operands);
        }
        let [a, b, c, d] = operands;
        let code = self.code;
        let n_free = i32::from(code.get().n_free);
        let suspends = code.flags() & (CodeFlags::GENERATOR | CodeFlags::COROUTINE) != 0;
        let sound = match self.i.op {
            Op::LoadImm => b <= 4,
            Op::FormatValue | Op::BuildInterpolation => c <= 3,
            Op::LoadFree | Op::LoadFreeCell => b < n_free,
            Op::LoadClassFree => b < n_free && self.namespace,
            Op::StoreFree => a < n_free,
            Op::LoadName | Op::StoreName | Op::DelName | Op::ImportStar => self.namespace,
            Op::MakeFunction => self.constant(b).and_then(Code::from_value).is_some(),
            Op::CallKw | Op::CallMethodKw => self.are_names(d, c),
            Op::MatchClass => self.are_names(d, 255),
            Op::Yield | Op::YieldFrom => suspends,
            _ => true,
        };
        self.require(sound, Rule::Operands);
    }

    /// The constant is a tuple of at most so many names.
    fn are_names(&self, c: i32, most: i32) -> bool {
        let Some(names) = self.constant(c).and_then(Tuple::from_value) else { return false };
        let is_name = |&v: &Value| Str::from_value(v).is_some_and(Str::is_interned);
        names.len() as i32 <= most && names.items().iter().all(is_name)
    }

    // ---- registers

    /// Room for the kinds of all registers.
    fn add_kinds(&mut self) -> Result<(), Raise> {
        for _ in 0..self.n_regs {
            self.kinds.push(self.vm, kind::UNWRITTEN)?;
        }
        Ok(())
    }

    /// Where the kind of a register at a target is kept.
    fn at_target(&self, index: u32, r: u32) -> u32 {
        (index + 1) * self.n_regs + r
    }

    #[inline(never)]
    fn kind(&self, at: u32) -> u8 {
        self.kinds.get(self.vm, at)
    }

    #[inline(never)]
    fn set_kind(&mut self, at: u32, kind: u8) {
        self.kinds.set(self.vm, at, kind);
    }

    /// Looks at a register: its kind must be among `kinds`.
    fn look(&mut self, r: i32, kinds: u16) {
        if (r as u32) < self.n_regs {
            self.seen = self.kind(r as u32);
            self.require(kinds >> self.seen & 1 != 0, Rule::Registers);
        } else {
            self.require(false, Rule::Frame);
        }
    }

    fn set(&mut self, r: i32, k: u8) {
        let r = r as u32;
        let near_or_far = r < self.n_near || r >= 255 && r < self.n_regs;
        if near_or_far && (r > 0 || !self.namespace) {
            self.set_kind(r, k);
        } else {
            self.require(false, Rule::Frame);
        }
    }

    /// Follows one instruction: first what it needs, then what it does.
    fn step(&mut self) {
        let Instruction { pc, op, operands, target, .. } = self.i;
        let first = operands[0] as u32;
        let before = (first < self.n_regs).then(|| self.kind(first));
        let [start, end] = [0, 1].map(|n| usize::from(FIRST[op as usize + n]));
        for doing in [false, true] {
            for (n, &r) in operands.iter().enumerate() {
                let mut plain = true;
                for effect in &EFFECTS[start..end] {
                    if usize::from(effect.place / 4) == n {
                        plain = false;
                        self.act(effect.act, r + i32::from(effect.place % 4), doing);
                    }
                }
                let act = match op.operand(n) {
                    Some(Operand::In | Operand::InOut) if plain && !doing => Act::Read,
                    Some(Operand::Out | Operand::InOut) if plain && doing => Act::Set(kind::VALUE),
                    _ => continue,
                };
                self.act(act, r, doing);
            }
        }
        if let Some(target) = target {
            let target = target as usize;
            self.flow_to(target, target <= pc, None);
        }
        match op {
            Op::Jump
            | Op::Return
            | Op::ReturnNone
            | Op::Raise
            | Op::RaiseFrom
            | Op::Reraise
            | Op::RaiseAgain => self.alive = false,
            // The item is there only where it jumps to.
            Op::ForNext => self.set(operands[0], before.unwrap_or(kind::UNWRITTEN)),
            _ => {}
        }
    }

    /// One effect on register `r`: those on what it holds where `doing`, else the others.
    fn act(&mut self, act: Act, r: i32, doing: bool) {
        let [_, b, mut n, after] = self.i.operands;
        let kinds = act.kinds();
        let kind = match act {
            _ if doing != (kinds == 0 && !matches!(act, Act::Clobber)) => return,
            Act::Clobber => {
                self.require(r > 0 || !self.namespace, Rule::Frame);
                for r in r as u32..self.n_near {
                    self.set_kind(r, kind::UNWRITTEN);
                }
                return;
            }
            Act::Set(kind) => kind,
            Act::SetSame => self.seen,
            Act::SetBound => self.seen.max(kind::VALUE),
            Act::SetConst => match self.constant(b).and_then(Tuple::from_value) {
                Some(_) => kind::TUPLE,
                None => kind::VALUE,
            },
            Act::SetImm => {
                if b == 0 {
                    kind::UNDEF
                } else {
                    kind::VALUE
                }
            }
            Act::SetMany => {
                if self.i.op == Op::UnpackEx {
                    n += after + 1;
                }
                (r..r + n).for_each(|r| self.set(r, kind::VALUE));
                return;
            }
            Act::ReadMany => {
                if self.i.op == Op::BuildDict {
                    n *= 2;
                }
                return (r..r + n).for_each(|r| self.look(r, kinds));
            }
            Act::AreCells => {
                let inner = self.constant(b).and_then(Code::from_value);
                let n = inner.map_or(0, |code| i32::from(code.get().n_free));
                return (r..r + n).for_each(|r| self.look(r, kinds));
            }
            _ => return self.look(r, kinds),
        };
        self.set(r, kind);
    }
}

fn bit(vm: &Vm, bits: &Buf<u32>, at: usize) -> bool {
    bits.get(vm, at as u32 / 32) >> (at % 32) & 1 != 0
}

fn set_bit(vm: &mut Vm, bits: &mut Buf<u32>, at: usize) {
    let word = bits.get(vm, at as u32 / 32);
    bits.set(vm, at as u32 / 32, word | 1 << (at % 32));
}
