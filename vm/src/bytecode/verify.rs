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
#![forbid(unsafe_code)]

use super::disasm::Instruction;
use super::op::{Op, Operand};
use crate::heap::buf::Buf;
use crate::object::{Code, CodeFlags, Str, Tuple};
use crate::{Raise, Vm};

/// Why a code object is refused.
#[derive(Debug)]
pub enum VerifyError {
    /// The verifier itself failed: no memory.
    Raise(Raise),
    /// The code at `pc` breaks the rule named.
    Fault {
        /// Where, as an offset into the bytecode.
        pc: usize,
        /// Which rule.
        rule: &'static str,
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

type Checked<T = ()> = Result<T, &'static str>;

/// Checks one code object; those among its constants are checked on their own.
///
/// # Errors
/// [`VerifyError`].
pub fn verify(vm: &mut Vm, code: Code) -> Result<(), VerifyError> {
    let mut v = Verifier {
        code,
        n_regs: code.n_regs() as u32,
        n_near: code.n_regs().min(255) as u32,
        starts: Buf::new(),
        targets: Buf::new(),
        states: Buf::new(),
        current: Buf::new(),
        alive: false,
        changed: false,
    };
    let result = v.run(vm);
    v.starts.free(vm);
    v.targets.free(vm);
    v.states.free(vm);
    v.current.free(vm);
    result
}

struct Verifier {
    code: Code,
    n_regs: u32,
    n_near: u32,
    /// One bit per byte of code: an instruction begins there.
    starts: Buf<u32>,
    /// Where jumps and handlers lead to, ascending; bit 31: some path leads there.
    targets: Buf<u32>,
    /// The kinds of all registers at each target.
    states: Buf<u8>,
    /// The kinds of all registers where the sweep is.
    current: Buf<u8>,
    /// A path leads to where the sweep is.
    alive: bool,
    /// A state that the sweep has passed already was lowered.
    changed: bool,
}

const REACHED: u32 = 1 << 31;

impl Verifier {
    fn run(&mut self, vm: &mut Vm) -> Result<(), VerifyError> {
        let code = self.code;
        let bytecode = code.bytecode();
        if code.n_params() as u32 > self.n_near || code.consts().len() < code.n_params() {
            return Err(VerifyError::Fault { pc: 0, rule: "parameters fit the frame" });
        }
        let names = code.consts().iter().take(code.n_params());
        let named = names.copied().all(|v| Str::from_value(v).is_some_and(Str::is_interned));
        if !named || code.get().n_pos_only > code.get().n_args {
            return Err(VerifyError::Fault { pc: 0, rule: "parameters have names" });
        }
        let suspends = CodeFlags::GENERATOR | CodeFlags::COROUTINE;
        if code.flags() & CodeFlags::NAMESPACE != 0
            && (code.n_params() > 0 || self.n_regs == 0 || code.flags() & suspends != 0)
        {
            return Err(VerifyError::Fault { pc: 0, rule: "a namespace is all that is passed" });
        }
        for _ in 0..bytecode.len().div_ceil(32) {
            self.starts.push(vm, 0)?;
        }
        let mut pc = 0;
        while pc < bytecode.len() {
            let Some(i) = Instruction::decode(bytecode, pc) else {
                return Err(VerifyError::Fault { pc, rule: "instructions are known and complete" });
            };
            let word = self.starts.get(vm, pc as u32 / 32);
            self.starts.set(vm, pc as u32 / 32, word | 1 << (pc % 32));
            self.constants(&i).map_err(|rule| VerifyError::Fault { pc, rule })?;
            pc = i.end();
        }
        self.find_targets(vm)?;
        for _ in 0..self.n_regs {
            self.current.push(vm, 0)?;
        }
        loop {
            self.changed = false;
            self.sweep(vm)?;
            if !self.changed {
                return Ok(());
            }
        }
    }

    fn is_start(&self, vm: &Vm, pc: i64) -> bool {
        pc >= 0
            && (pc as u64) < self.code.bytecode().len() as u64
            && self.starts.get(vm, pc as u32 / 32) & 1 << (pc % 32) != 0
    }

    /// Collects where jumps and handlers lead to, and makes room for the states there.
    fn find_targets(&mut self, vm: &mut Vm) -> Result<(), VerifyError> {
        let code = self.code;
        let bytecode = code.bytecode();
        let mut marks = Buf::<u32>::new();
        for _ in 0..bytecode.len().div_ceil(32) {
            marks.push(vm, 0)?;
        }
        let mark = |vm: &mut Vm, marks: &mut Buf<u32>, at: u32| {
            let word = marks.get(vm, at / 32);
            marks.set(vm, at / 32, word | 1 << (at % 32));
        };
        let mut pc = 0;
        while let Some(i) = Instruction::decode(bytecode, pc) {
            if let Some(target) = i.target() {
                if !self.is_start(vm, target) {
                    return Err(VerifyError::Fault { pc, rule: "jumps lead to instructions" });
                }
                mark(vm, &mut marks, target as u32);
            }
            pc = i.end();
        }
        for h in code.handlers() {
            let (start, end) = (h.start as usize, h.end as usize);
            let ends = end == bytecode.len() || self.is_start(vm, end as i64);
            if !self.is_start(vm, start as i64)
                || start >= end
                || !ends
                || !self.is_start(vm, h.target as i64)
                || h.reg as u32 >= self.n_near
            {
                return Err(VerifyError::Fault { pc: start, rule: "handlers are in range" });
            }
            mark(vm, &mut marks, h.target as u32);
        }
        for at in 0..bytecode.len() as u32 {
            if marks.get(vm, at / 32) & 1 << (at % 32) != 0 {
                self.targets.push(vm, at)?;
                for _ in 0..self.n_regs {
                    self.states.push(vm, 0)?;
                }
            }
        }
        marks.free(vm);
        Ok(())
    }

    /// The index of a target, if `pc` is one.
    fn target_index(&self, vm: &Vm, pc: usize) -> Option<u32> {
        let (mut low, mut high) = (0, self.targets.len());
        while low < high {
            let middle = (low + high) / 2;
            let at = (self.targets.get(vm, middle) & !REACHED) as usize;
            match at.cmp(&pc) {
                core::cmp::Ordering::Equal => return Some(middle),
                core::cmp::Ordering::Less => low = middle + 1,
                core::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// A path with the current kinds leads from `pc` to `target`, where register `exc` holds an exception.
    fn flow_to(&mut self, vm: &mut Vm, pc: usize, target: usize, exc: Option<u32>) {
        let Some(index) = self.target_index(vm, target) else { return };
        let at = self.targets.get(vm, index);
        let first = at & REACHED == 0;
        let mut lowered = first;
        self.targets.set(vm, index, at | REACHED);
        for r in 0..self.n_regs {
            let new = if exc == Some(r) { kind::EXCEPTION } else { self.current.get(vm, r) };
            let old = self.states.get(vm, index * self.n_regs + r);
            let met = if first { new } else { meet(old, new) };
            if first || met != old {
                self.states.set(vm, index * self.n_regs + r, met);
                lowered = true;
            }
        }
        self.changed |= lowered && target <= pc;
    }

    fn sweep(&mut self, vm: &mut Vm) -> Result<(), VerifyError> {
        let code = self.code;
        let bytecode = code.bytecode();
        self.enter(vm);
        let mut pc = 0;
        while let Some(i) = Instruction::decode(bytecode, pc) {
            vm.tick(self.n_regs as usize)?;
            if let Some(index) = self.target_index(vm, pc) {
                if self.alive {
                    self.flow_to(vm, pc.wrapping_sub(1), pc, None);
                }
                self.alive = self.targets.get(vm, index) & REACHED != 0;
                for r in 0..self.n_regs {
                    let k = self.states.get(vm, index * self.n_regs + r);
                    self.current.set(vm, r, k);
                }
            }
            if self.alive {
                for h in code.handlers() {
                    if (h.start as usize..h.end as usize).contains(&pc) {
                        self.flow_to(vm, pc, h.target.into(), Some(h.reg.into()));
                    }
                }
                self.step(vm, &i).map_err(|rule| VerifyError::Fault { pc, rule })?;
            }
            pc = i.end();
        }
        if self.alive {
            return Err(VerifyError::Fault { pc, rule: "code ends with a return" });
        }
        Ok(())
    }

    /// The kinds at the start: the arguments are there.
    fn enter(&mut self, vm: &mut Vm) {
        self.alive = true;
        let code = self.code;
        let (n, flags) = (code.n_params() as u32, code.flags());
        let varkeywords = flags & CodeFlags::VARKEYWORDS != 0;
        let varargs = flags & CodeFlags::VARARGS != 0;
        for r in 0..self.n_regs {
            let k = if r >= n {
                kind::UNWRITTEN
            } else if varkeywords && r == n - 1 {
                kind::DICT
            } else if varargs && r + 1 + varkeywords as u32 == n {
                kind::TUPLE
            } else {
                kind::VALUE
            };
            self.current.set(vm, r, k);
        }
        if flags & CodeFlags::NAMESPACE != 0 && self.n_regs > 0 {
            self.current.set(vm, 0, kind::DICT);
        }
    }

    // ---- constants and other operands that do not depend on the path

    fn constants(&self, i: &Instruction) -> Checked {
        let code = self.code;
        let consts = code.consts();
        for (&kind, &value) in i.op.operands().iter().zip(&i.operands) {
            match kind {
                Operand::Const if value as usize >= consts.len() => return Err("constants exist"),
                Operand::Name => {
                    let name = consts.get(value as usize).and_then(|&v| Str::from_value(v));
                    if !name.is_some_and(Str::is_interned) {
                        return Err("names are interned strings");
                    }
                }
                Operand::Far if value < 255 || value as u32 >= self.n_regs => {
                    return Err("far registers are in the frame");
                }
                _ => {}
            }
        }
        let names = |c: i32, most: i32| {
            let Some(names) = consts.get(c as usize).and_then(|&v| Tuple::from_value(v)) else {
                return false;
            };
            let strings =
                names.items().iter().all(|&v| Str::from_value(v).is_some_and(Str::is_interned));
            strings && names.len() as i32 <= most
        };
        let [a, b, c, d] = i.operands;
        let in_function = |free: i32| free < i32::from(code.get().n_free);
        let namespace = code.flags() & CodeFlags::NAMESPACE != 0;
        let suspends = code.flags() & (CodeFlags::GENERATOR | CodeFlags::COROUTINE) != 0;
        let ok = match i.op {
            Op::LoadImm => b <= 4,
            Op::FormatValue | Op::BuildInterpolation => c <= 3,
            Op::LoadFree | Op::LoadFreeCell => in_function(b),
            Op::LoadClassFree => in_function(b) && namespace,
            Op::StoreFree => in_function(a),
            Op::LoadName | Op::StoreName | Op::DelName | Op::ImportStar => namespace,
            Op::MakeFunction => {
                consts.get(b as usize).is_some_and(|&v| Code::from_value(v).is_some())
            }
            Op::CallKw | Op::CallMethodKw => names(d, c),
            Op::MatchClass => names(d, 255),
            Op::Yield | Op::YieldFrom => suspends,
            _ => true,
        };
        if ok { Ok(()) } else { Err("operands are in range") }
    }

    // ---- registers

    fn get(&self, vm: &Vm, r: i32) -> Checked<u8> {
        if (r as u32) < self.n_regs {
            Ok(self.current.get(vm, r as u32))
        } else {
            Err("registers are in the frame")
        }
    }

    fn set(&mut self, vm: &mut Vm, r: i32, k: u8) -> Checked {
        if r as u32 >= self.n_near && r < 255 || r as u32 >= self.n_regs {
            return Err("registers are in the frame");
        }
        if r == 0 && self.code.flags() & CodeFlags::NAMESPACE != 0 {
            return Err("the namespace stays");
        }
        self.current.set(vm, r as u32, k);
        Ok(())
    }

    /// The register holds a Python value.
    fn read(&self, vm: &Vm, r: i32) -> Checked {
        match self.get(vm, r)? {
            kind::VALUE..=kind::EXCEPTION => Ok(()),
            kind::UNWRITTEN => Err("registers are written before they are read"),
            kind::MAYBE | kind::UNDEF | kind::RECEIVER => {
                Err("variables are bound before they are read")
            }
            _ => Err("internal values are not read"),
        }
    }

    fn read_n(&self, vm: &Vm, base: i32, n: i32) -> Checked {
        (base..base + n).try_for_each(|r| self.read(vm, r))
    }

    fn expect(&self, vm: &Vm, r: i32, wanted: u8) -> Checked {
        if self.get(vm, r)? == wanted {
            Ok(())
        } else {
            Err("registers hold what the instruction expects")
        }
    }

    /// A value, or nothing for sure.
    fn read_optional(&self, vm: &Vm, r: i32) -> Checked {
        if self.get(vm, r)? == kind::UNDEF { Ok(()) } else { self.read(vm, r) }
    }

    /// A value, or nothing: what may be put into a variable's place.
    fn read_unbound(&self, vm: &Vm, r: i32) -> Checked {
        match self.get(vm, r)? {
            kind::MAYBE | kind::UNDEF => Ok(()),
            _ => self.read(vm, r),
        }
    }

    /// The registers from `from` on are clobbered: a callee ran in them.
    fn clobber(&mut self, vm: &mut Vm, from: i32) -> Checked {
        self.get(vm, from)?;
        if from == 0 && self.code.flags() & CodeFlags::NAMESPACE != 0 {
            return Err("the namespace stays");
        }
        for r in from as u32..self.n_near {
            self.current.set(vm, r, kind::UNWRITTEN);
        }
        Ok(())
    }

    /// A call with the window at `base`, the first of `n` registers, and the result in `dst`.
    fn call(&mut self, vm: &mut Vm, dst: i32, base: i32, n: i32) -> Checked {
        self.read_n(vm, base, n)?;
        self.clobber(vm, base)?;
        self.set(vm, dst, kind::VALUE)
    }

    /// Follows one instruction.
    fn step(&mut self, vm: &mut Vm, i: &Instruction) -> Checked {
        let [a, b, c, _] = i.operands;
        match i.op {
            Op::Move => {
                let k = self.get(vm, b)?;
                if k == kind::UNWRITTEN || k >= kind::HANDLED {
                    return Err("registers are written before they are read");
                }
                self.set(vm, a, k)?;
            }
            Op::LoadFar => {
                let k = self.get(vm, b)?;
                if k == kind::UNWRITTEN {
                    return Err("registers are written before they are read");
                }
                self.set(vm, a, k)?;
            }
            Op::StoreFar => {
                let k = self.get(vm, b)?;
                self.read_unbound(vm, b)?;
                self.set(vm, a, k)?;
            }
            Op::LoadConst => {
                let code = self.code;
                let is_tuple =
                    code.consts().get(b as usize).is_some_and(|&v| Tuple::from_value(v).is_some());
                self.set(vm, a, if is_tuple { kind::TUPLE } else { kind::VALUE })?;
            }
            Op::LoadImm => self.set(vm, a, if b == 0 { kind::UNDEF } else { kind::VALUE })?,
            Op::CheckBound => {
                let k = self.get(vm, a)?;
                self.read_unbound(vm, a)?;
                if k < kind::VALUE {
                    self.set(vm, a, kind::VALUE)?;
                }
            }
            Op::MakeCell => {
                self.read_unbound(vm, a)?;
                self.set(vm, a, kind::CELL)?;
            }
            Op::LoadCell => {
                self.expect(vm, b, kind::CELL)?;
                self.set(vm, a, kind::VALUE)?;
            }
            Op::StoreCell => {
                self.expect(vm, a, kind::CELL)?;
                self.read_unbound(vm, b)?;
            }
            Op::StoreFree => self.read_unbound(vm, b)?,
            Op::LoadFreeCell => self.set(vm, a, kind::CELL)?,
            Op::LoadMethod | Op::LoadSpecial => {
                self.read(vm, b)?;
                self.set(vm, a, kind::VALUE)?;
                self.set(vm, a + 1, kind::RECEIVER)?;
            }
            Op::LoadSuper => {
                self.read(vm, b)?;
                self.read(vm, c)?;
                self.set(vm, a, kind::VALUE)?;
                self.set(vm, a + 1, kind::RECEIVER)?;
            }
            Op::GetIter => {
                self.read(vm, b)?;
                self.set(vm, a, kind::ITER)?;
                self.set(vm, a + 1, kind::ITER_STATE)?;
                self.set(vm, a + 2, kind::ITER_STATE)?;
            }
            Op::ForNext => {
                self.expect(vm, b, kind::ITER)?;
                self.expect(vm, b + 1, kind::ITER_STATE)?;
                self.expect(vm, b + 2, kind::ITER_STATE)?;
                let before = self.get(vm, a)?;
                self.set(vm, a, kind::VALUE)?;
                self.jump(vm, i);
                return self.set(vm, a, before);
            }
            Op::Call | Op::CallKw => self.call(vm, a, b, c + 1)?,
            Op::CallMethod | Op::CallMethodKw => {
                if !matches!(self.get(vm, b + 1)?, kind::RECEIVER | kind::UNDEF) {
                    self.read(vm, b + 1)?;
                }
                self.read_n(vm, b + 2, c)?;
                self.call(vm, a, b, 1)?;
            }
            Op::CallEx => {
                if self.get(vm, b + 1)? != kind::LIST {
                    self.expect(vm, b + 1, kind::TUPLE)?;
                }
                if self.get(vm, b + 2)? != kind::DICT {
                    self.expect(vm, b + 2, kind::UNDEF)?;
                }
                self.call(vm, a, b, 1)?;
            }
            Op::MakeFunction => self.make_function(vm, a, b, c)?,
            Op::YieldFrom => {
                self.read_n(vm, b, 2)?;
                self.set(vm, a, kind::VALUE)?;
            }
            Op::BuildList => self.build(vm, i, kind::LIST, 1)?,
            Op::BuildTuple => self.build(vm, i, kind::TUPLE, 1)?,
            Op::BuildSet => self.build(vm, i, kind::SET, 1)?,
            Op::BuildDict => self.build(vm, i, kind::DICT, 2)?,
            Op::BuildString => self.build(vm, i, kind::VALUE, 1)?,
            Op::LoadSlice => {
                self.read(vm, b)?;
                self.read_n(vm, c, 3)?;
                self.set(vm, a, kind::VALUE)?;
            }
            Op::StoreSlice => {
                self.read(vm, a)?;
                self.read_n(vm, b, 3)?;
                self.read(vm, c)?;
            }
            Op::BuildSlice => {
                self.read_n(vm, b, 3)?;
                self.set(vm, a, kind::VALUE)?;
            }
            Op::FormatValue => {
                self.read(vm, b)?;
                self.read_optional(vm, b + 1)?;
                self.set(vm, a, kind::VALUE)?;
            }
            Op::BuildTemplate => {
                self.expect(vm, b, kind::TUPLE)?;
                self.expect(vm, b + 1, kind::TUPLE)?;
                self.set(vm, a, kind::VALUE)?;
            }
            Op::BuildInterpolation => {
                self.read_n(vm, b, 2)?;
                self.read_optional(vm, b + 2)?;
                self.set(vm, a, kind::VALUE)?;
            }
            Op::ListAppend | Op::ListExtend => {
                self.expect(vm, a, kind::LIST)?;
                self.read(vm, b)?;
            }
            Op::ListToTuple => {
                self.expect(vm, b, kind::LIST)?;
                self.set(vm, a, kind::TUPLE)?;
            }
            Op::SetAdd | Op::SetUpdate => {
                self.expect(vm, a, kind::SET)?;
                self.read(vm, b)?;
            }
            Op::DictSet => {
                self.expect(vm, a, kind::DICT)?;
                self.read(vm, b)?;
                self.read(vm, c)?;
            }
            Op::DictUpdate | Op::DictMerge => {
                self.expect(vm, a, kind::DICT)?;
                self.read(vm, b)?;
            }
            Op::UnpackSequence => {
                self.read(vm, b)?;
                (a..a + c).try_for_each(|r| self.set(vm, r, kind::VALUE))?;
            }
            Op::UnpackEx => {
                self.read(vm, b)?;
                let n = c + i.operands[3] + 1;
                (a..a + n).try_for_each(|r| self.set(vm, r, kind::VALUE))?;
            }
            Op::EnterHandler => {
                self.expect(vm, a, kind::EXCEPTION)?;
                self.set(vm, a + 1, kind::HANDLED)?;
            }
            Op::LeaveHandler => self.expect(vm, a + 1, kind::HANDLED)?,
            Op::JumpNoMatch => {
                self.expect(vm, a, kind::EXCEPTION)?;
                self.read(vm, b)?;
            }
            Op::SplitGroup => {
                self.expect(vm, a, kind::EXCEPTION)?;
                self.read(vm, a + 1)?;
                // None where there is none; the jumps on that come before any other use.
                self.set(vm, a, kind::EXCEPTION)?;
                self.set(vm, a + 2, kind::EXCEPTION)?;
            }
            Op::Reraise => self.expect(vm, a, kind::EXCEPTION)?,
            Op::ExcInfo => {
                self.expect(vm, b, kind::EXCEPTION)?;
                (a..a + 3).try_for_each(|r| self.set(vm, r, kind::VALUE))?;
            }
            Op::RaiseGroup => {
                self.expect(vm, a, kind::LIST)?;
                self.read_n(vm, a + 1, 2)?;
            }
            Op::ImportName => {
                self.read_n(vm, b, 2)?;
                self.set(vm, a, kind::VALUE)?;
            }
            Op::MatchKeys => {
                self.read(vm, b)?;
                self.expect(vm, b + 1, kind::TUPLE)?;
                self.set(vm, a, kind::VALUE)?;
            }
            Op::MatchClass => {
                self.read_n(vm, b, 2)?;
                self.set(vm, a, kind::VALUE)?;
            }
            Op::DictRest => {
                self.read(vm, b)?;
                self.expect(vm, c, kind::TUPLE)?;
                self.set(vm, a, kind::VALUE)?;
            }
            _ => self.plain(vm, i)?,
        }
        self.jump(vm, i);
        if matches!(
            i.op,
            Op::Jump
                | Op::Return
                | Op::ReturnNone
                | Op::Raise
                | Op::RaiseFrom
                | Op::Reraise
                | Op::RaiseAgain
        ) {
            self.alive = false;
        }
        Ok(())
    }

    /// An instruction whose operands are all read or written as values.
    fn plain(&mut self, vm: &mut Vm, i: &Instruction) -> Checked {
        for (&operand, &r) in i.op.operands().iter().zip(&i.operands) {
            if matches!(operand, Operand::In | Operand::InOut) {
                self.read(vm, r)?;
            }
        }
        for (&operand, &r) in i.op.operands().iter().zip(&i.operands) {
            if matches!(operand, Operand::Out | Operand::InOut) {
                self.set(vm, r, kind::VALUE)?;
            }
        }
        Ok(())
    }

    fn build(&mut self, vm: &mut Vm, i: &Instruction, made: u8, per_item: i32) -> Checked {
        let [dst, base, n, _] = i.operands;
        self.read_n(vm, base, n * per_item)?;
        self.set(vm, dst, made)
    }

    fn make_function(&mut self, vm: &mut Vm, dst: i32, code: i32, base: i32) -> Checked {
        if self.get(vm, base)? != kind::TUPLE {
            self.expect(vm, base, kind::UNDEF)?;
        }
        if self.get(vm, base + 1)? != kind::DICT {
            self.expect(vm, base + 1, kind::UNDEF)?;
        }
        let this = self.code;
        let inner = this.consts().get(code as usize).and_then(|&v| Code::from_value(v));
        let n_free = inner.map_or(0, |code| i32::from(code.get().n_free));
        (base + 2..base + 2 + n_free).try_for_each(|r| self.expect(vm, r, kind::CELL))?;
        self.set(vm, dst, kind::VALUE)
    }

    /// The jump of an instruction, if it has one.
    fn jump(&mut self, vm: &mut Vm, i: &Instruction) {
        if let Some(target) = i.target() {
            self.flow_to(vm, i.pc, target as usize, None);
        }
    }
}
