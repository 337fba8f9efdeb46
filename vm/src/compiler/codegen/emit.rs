//! Instructions, labels, registers and constants of a unit, and its end.

use super::super::scope::{NONE, ScopeKind, scope_flag};
use super::{Bits, Flow, Gen, NEAR_REGS, Reg};
use crate::Raise;
use crate::bytecode::op::{Op, Operand};
use crate::bytecode::verify::{VerifyError, verify};
use crate::object::{Bytes, Code, CodeFlags, CodeParts, Handler, Str, Tuple};
use crate::value::{Kind, Value};

/// A place in the code that jumps lead to. Labels are a stack: see [`Gen::labels_mark`].
#[derive(Clone, Copy)]
pub(in crate::compiler) struct Label(u32);

impl Label {
    /// The label as a number.
    pub(super) fn index(self) -> u32 {
        self.0
    }

    /// The label of a number that [`Label::index`] gave.
    pub(super) fn from_index(i: u32) -> Label {
        Label(i)
    }
}

/// What is known of a label.
#[derive(Clone, Copy)]
pub(super) struct LabelState {
    /// Where it is, or [`NONE`].
    at: u32,
    /// The operand of the last jump to it, 0 for none. Until the place is known each operand holds the one before.
    chain: u32,
    /// Something jumps there.
    reached: bool,
    /// Variables bound on every path.
    bound: Bits,
}

/// Bytecode of one unit, at most.
const MAX_CODE: u32 = u16::MAX as u32;
const TOO_MUCH: &str = "too much code in one function/module";
/// How many of the latest constants are compared before a constant is added again.
const RECENT_CONSTANTS: usize = 256;

impl Gen<'_> {
    // ---- registers

    /// `n` consecutive registers on top of the stack of temporaries; the first.
    pub(super) fn alloc(&mut self, n: u32) -> Result<Reg, Raise> {
        let base = self.unit.top;
        let top = base as u32 + n;
        if top > NEAR_REGS as u32 {
            return Err(self.error("expression needs too many registers"));
        }
        self.unit.top = top as u16;
        self.unit.high = self.unit.high.max(top as u16);
        Ok(base as Reg)
    }

    /// True for the register of a variable.
    pub(super) fn is_variable(&self, r: Reg) -> bool {
        (r as u16) < self.unit.first_temp
    }

    /// The destination as a place for an operand: variables must not be written early.
    pub(super) fn hint(&self, dst: Reg) -> Option<Reg> {
        if self.is_variable(dst) { None } else { Some(dst) }
    }

    /// A register for a value that is written in several steps: `dst`, or a new one if it is a variable's.
    pub(super) fn scratch(&mut self, dst: Reg) -> Result<Reg, Raise> {
        if self.is_variable(dst) { self.alloc(1) } else { Ok(dst) }
    }

    /// `r[dst] = r[src]`
    pub(super) fn move_reg(&mut self, dst: Reg, src: Reg) -> Result<(), Raise> {
        if dst == src { Ok(()) } else { self.emit(Op::Move, &[dst.into(), src.into()]) }
    }

    // ---- constants

    /// Index of a constant.
    pub(super) fn constant(&mut self, value: Value) -> Result<u32, Raise> {
        let n = self.unit.consts.len(self.vm);
        let recent = n.saturating_sub(RECENT_CONSTANTS)..n;
        if let Some(i) = recent.rev().find(|&i| self.is_constant(i, value)) {
            return Ok(i as u32);
        }
        self.push_constant(value)
    }

    /// True where constant `i` may stand for this value: the same object, or equal ones of a type without identity.
    fn is_constant(&self, i: usize, value: Value) -> bool {
        /// How deep tuples are compared.
        const DEPTH: u32 = 8;
        fn same(a: Value, b: Value, depth: u32) -> bool {
            if a == b {
                return true;
            }
            match (a.kind(), b.kind()) {
                (Some(Kind::Tuple), Some(Kind::Tuple)) if depth > 0 => {
                    let (a, b) = (Tuple::from_known(a), Tuple::from_known(b));
                    let (a, b) = (a.items(), b.items());
                    a.len() == b.len() && a.iter().zip(b).all(|(&a, &b)| same(a, b, depth - 1))
                }
                (Some(Kind::Bytes), Some(Kind::Bytes)) => {
                    Bytes::from_known(a).as_bytes() == Bytes::from_known(b).as_bytes()
                }
                // Not by itself: names have to be interned.
                (Some(Kind::Str), Some(Kind::Str)) if depth < DEPTH => {
                    Str::from_known(a).as_bytes() == Str::from_known(b).as_bytes()
                }
                _ => false,
            }
        }
        self.unit.consts.get(self.vm, i).is_some_and(|c| same(c, value, DEPTH))
    }

    /// Index of a new constant.
    pub(super) fn push_constant(&mut self, value: Value) -> Result<u32, Raise> {
        let n = self.unit.consts.len(self.vm);
        if n >= Code::MAX_CONSTS as usize {
            return Err(self.error(TOO_MUCH));
        }
        self.unit.consts.push(self.vm, value)?;
        Ok(n as u32)
    }

    /// Index of a constant that is an interned string.
    pub(super) fn name_constant(&mut self, name: Value) -> Result<u32, Raise> {
        let mut name = name;
        if let Some(text) = Str::from_value(name)
            && !text.is_interned()
        {
            name = self.vm.intern(text.as_str())?;
        }
        self.constant(name)
    }

    /// `r[dst] =` a constant.
    pub(super) fn load_value(&mut self, dst: Reg, value: Value) -> Result<(), Raise> {
        let immediates = [Value::UNDEF, Value::NONE, Value::FALSE, Value::TRUE, Value::ELLIPSIS];
        if let Some(n) = immediates.iter().position(|&v| v == value) {
            return self.emit(Op::LoadImm, &[dst.into(), n as u32]);
        }
        if let Some(imm) = imm_of(value) {
            return self.emit(Op::LoadInt, &[dst.into(), imm]);
        }
        let c = self.constant(value)?;
        self.emit(Op::LoadConst, &[dst.into(), c])
    }

    /// `r[dst] = None`
    pub(super) fn load_none(&mut self, dst: Reg) -> Result<(), Raise> {
        self.load_value(dst, Value::NONE)
    }

    // ---- instructions

    /// Where the next instruction goes.
    pub(super) fn pc(&self) -> u32 {
        self.unit.code.len()
    }

    fn push_byte(&mut self, byte: u32) -> Result<(), Raise> {
        self.unit.code.push(self.vm, byte as u8)?;
        Ok(())
    }

    fn push_operand(&mut self, kind: Operand, value: u32) -> Result<(), Raise> {
        self.push_byte(value)?;
        if kind.size() == 2 {
            self.push_byte(value >> 8)?;
        }
        Ok(())
    }

    fn begin(&mut self, op: Op) -> Result<(), Raise> {
        self.note_line()?;
        if self.pc() + op.len() as u32 > MAX_CODE {
            return Err(self.error(TOO_MUCH));
        }
        self.push_byte(op as u32)
    }

    /// Emits an instruction without a jump. Signed operands come as their low byte.
    pub(super) fn emit(&mut self, op: Op, operands: &[u32]) -> Result<(), Raise> {
        debug_assert_eq!(op.operands().len(), operands.len(), "{}", op.name());
        if self.unit.flow.dead {
            return Ok(());
        }
        self.begin(op)?;
        for (&kind, &value) in op.operands().iter().zip(operands) {
            debug_assert!(kind.size() == 2 || value < 256, "{}", op.name());
            self.push_operand(kind, value)?;
        }
        if matches!(
            op,
            Op::Return | Op::ReturnNone | Op::Raise | Op::RaiseFrom | Op::Reraise | Op::RaiseAgain
        ) {
            self.unit.flow.dead = true;
        }
        Ok(())
    }

    /// Emits an instruction whose last operand is a jump to `label`; `operands` are the others.
    pub(super) fn jump(&mut self, op: Op, operands: &[u32], label: Label) -> Result<(), Raise> {
        debug_assert_eq!(op.operands().len(), operands.len() + 1, "{}", op.name());
        if self.unit.flow.dead {
            return Ok(());
        }
        self.begin(op)?;
        for (&kind, &value) in op.operands().iter().zip(operands) {
            self.push_operand(kind, value)?;
        }
        let at = self.pc();
        let mut state = self.work.labels.get(self.vm, label.0);
        if state.at == NONE {
            self.push_operand(Operand::Jump, state.chain)?;
            state.chain = at;
            state.reached = true;
            let mut bound = self.unit.flow.bound;
            bound.keep(&state.bound);
            state.bound = bound;
            self.work.labels.set(self.vm, label.0, state);
        } else {
            let distance = state.at as i32 - (at as i32 + 2);
            if distance < i16::MIN.into() {
                return Err(self.error(TOO_MUCH));
            }
            self.push_operand(Operand::Jump, distance as u16 as u32)?;
        }
        if op == Op::Jump {
            self.unit.flow.dead = true;
        }
        Ok(())
    }

    // ---- labels

    /// How many labels there are; to be given to [`Gen::drop_labels`] when those made since are done with.
    pub(super) fn labels_mark(&self) -> u32 {
        self.work.labels.len()
    }

    /// Forgets the labels made since the mark.
    pub(super) fn drop_labels(&mut self, mark: u32) {
        self.work.labels.truncate(mark);
    }

    /// A label whose place is not known yet.
    pub(super) fn label(&mut self) -> Result<Label, Raise> {
        let state = LabelState { at: NONE, chain: 0, reached: false, bound: Bits::ALL };
        Ok(Label(self.work.labels.push(self.vm, state)?))
    }

    /// A label here, for jumps backward.
    pub(super) fn label_here(&mut self) -> Result<Label, Raise> {
        let state = LabelState { at: self.pc(), chain: 0, reached: false, bound: Bits::ALL };
        Ok(Label(self.work.labels.push(self.vm, state)?))
    }

    /// The label is here: the jumps to it are completed and what they know is joined.
    pub(super) fn place(&mut self, label: Label) -> Result<(), Raise> {
        let mut state = self.work.labels.get(self.vm, label.0);
        let here = self.pc();
        if state.reached {
            let flow = &mut self.unit.flow;
            if flow.dead {
                *flow = Flow { bound: state.bound, dead: false };
            } else {
                flow.bound.keep(&state.bound);
            }
        }
        let mut at = state.chain;
        while at != 0 {
            let next = self.unit.code.get(self.vm, at) as u32
                | (self.unit.code.get(self.vm, at + 1) as u32) << 8;
            let distance = here - (at + 2);
            if distance > i16::MAX as u32 {
                return Err(self.error(TOO_MUCH));
            }
            self.unit.code.set(self.vm, at, distance as u8);
            self.unit.code.set(self.vm, at + 1, (distance >> 8) as u8);
            at = next;
        }
        state.at = here;
        state.chain = 0;
        self.work.labels.set(self.vm, label.0, state);
        Ok(())
    }

    /// What is known at the head of a loop: variables that its body may unbind are not.
    pub(super) fn loop_flow(&self) -> Flow {
        let mut flow = self.unit.flow;
        flow.bound.subtract(&self.unit.deleted);
        flow
    }

    // ---- lines

    fn note_line(&mut self) -> Result<(), Raise> {
        let (line, pc) = (self.unit.line, self.pc());
        if line == self.unit.last_line || self.options.opt_level >= 3 {
            return Ok(());
        }
        let mut steps = pc - self.unit.last_pc;
        let mut lines = line as i64 - self.unit.last_line as i64;
        loop {
            let step = steps.min(255);
            steps -= step;
            let delta = if steps > 0 { 0 } else { lines.clamp(-128, 127) };
            lines -= delta;
            self.unit.lines.push(self.vm, step as u8)?;
            self.unit.lines.push(self.vm, delta as u8)?;
            if steps == 0 && lines == 0 {
                break;
            }
        }
        self.unit.last_line = line;
        self.unit.last_pc = pc;
        Ok(())
    }

    // ---- the end of a unit

    /// Makes the code object: adds what has to come first and completes the tables.
    pub(in crate::compiler) fn finish(&mut self, mut parts: UnitParts) -> Result<Value, Raise> {
        self.emit(Op::ReturnNone, &[])?;
        let shift = self.prepend_init()?;
        for i in 0..self.unit.handlers.len() {
            let mut h: Handler = self.unit.handlers.get(self.vm, i);
            h.start += shift;
            h.end += shift;
            h.target = self.work.pads.get(self.vm, self.unit.pads + h.target as u32) as u16 + shift;
            self.unit.handlers.set(self.vm, i, h);
        }
        let slots = self.work.attrs.len() - self.unit.attrs;
        self.work.attrs.truncate(self.unit.attrs);
        self.work.pads.truncate(self.unit.pads);
        let n_regs = if self.unit.n_far > 0 { NEAR_REGS + self.unit.n_far } else { self.unit.high };
        let mut n_free = 0;
        if self.unit.kind == ScopeKind::Module {
            parts.flags |= CodeFlags::NAMESPACE;
        } else {
            let scope = self.scopes.scope(self.vm, parts.scope);
            n_free = scope.n_free as u8;
            if self.unit.kind == ScopeKind::Class {
                parts.flags |= CodeFlags::NAMESPACE;
            } else {
                let has = |flag: u8| u16::from(scope.flags & flag != 0);
                parts.flags |= CodeFlags::GENERATOR * has(scope_flag::GENERATOR);
                parts.flags |= CodeFlags::COROUTINE * has(scope_flag::COROUTINE);
            }
        }
        let first_line = if self.options.opt_level >= 3 { 1 } else { self.unit.first_line };
        let code = self.vm.new_code(CodeParts {
            name: self.unit.name,
            qualname: self.unit.qualname,
            file: self.options.file,
            bytecode: &self.unit.code,
            consts: self.unit.consts,
            handlers: &self.unit.handlers,
            lines: &self.unit.lines,
            n_regs,
            n_pos_only: parts.n_pos_only,
            n_args: parts.n_args,
            n_kw_only: parts.n_kw_only,
            flags: parts.flags,
            n_free,
            first_line,
            slots: slots.min(255) as u8,
        })?;
        if cfg!(debug_assertions)
            && let Some(code) = Code::from_value(code)
        {
            match verify(self.vm, code) {
                Ok(()) => {}
                Err(VerifyError::Raise(raise)) => return Err(raise),
                Err(fault) => panic!("generated code: {fault:?}"),
            }
        }
        Ok(code)
    }

    /// Puts the instructions that unbind variables before all others; the bytes that everything moved by.
    fn prepend_init(&mut self) -> Result<u16, Raise> {
        let near = (0..self.unit.first_temp.min(NEAR_REGS))
            .filter(|&r| self.unit.init.has(r as Reg))
            .count() as u32;
        let n_far = self.unit.n_far as u32;
        let load = Op::LoadImm.len() as u32;
        let n = near * load + if n_far > 0 { load + n_far * Op::StoreFar.len() as u32 } else { 0 };
        if n == 0 {
            return Ok(0);
        }
        let old = self.pc();
        if old + n > MAX_CODE {
            return Err(self.error(TOO_MUCH));
        }
        for _ in 0..n {
            self.push_byte(0)?;
        }
        move_up(self.vm, &mut self.unit.code, old, n);
        let mut at = 0;
        let mut put = |this: &mut Self, bytes: &[u8]| {
            for &byte in bytes {
                this.unit.code.set(this.vm, at, byte);
                at += 1;
            }
        };
        for r in 0..self.unit.first_temp {
            if self.unit.init.has(r as Reg) {
                put(self, &[Op::LoadImm as u8, r as u8, 0]);
            }
        }
        if n_far > 0 {
            let temp = self.unit.first_temp.min(NEAR_REGS - 1) as u8;
            put(self, &[Op::LoadImm as u8, temp, 0]);
            for far in NEAR_REGS..NEAR_REGS + self.unit.n_far {
                put(self, &[Op::StoreFar as u8, far as u8, (far >> 8) as u8, temp]);
            }
        }
        // The line table begins with a step over the new instructions, which belong to the first line.
        let pairs = n.div_ceil(255);
        let old_lines = self.unit.lines.len();
        if old_lines > 0 {
            for _ in 0..pairs * 2 {
                self.unit.lines.push(self.vm, 0)?;
            }
            move_up(self.vm, &mut self.unit.lines, old_lines, pairs * 2);
            for i in 0..pairs {
                let step = (n - i * 255).min(255);
                self.unit.lines.set(self.vm, i * 2, step as u8);
                self.unit.lines.set(self.vm, i * 2 + 1, 0);
            }
        }
        Ok(n as u16)
    }

    /// Starts the unit's part of the shared stacks.
    pub(super) fn begin_unit(&mut self) {
        self.unit.pads = self.work.pads.len();
        self.unit.attrs = self.work.attrs.len();
    }

    /// A handler whose code has no place yet.
    pub(super) fn new_pad(&mut self) -> Result<u32, Raise> {
        Ok(self.work.pads.push(self.vm, 0)? - self.unit.pads)
    }

    /// The code of handler `pad` begins here.
    pub(super) fn place_pad(&mut self, pad: u32) {
        let pc = self.pc();
        self.work.pads.set(self.vm, self.unit.pads + pad, pc);
    }

    /// Notes an assignment to an attribute of the first parameter.
    pub(super) fn note_attribute(&mut self, name: u32) -> Result<(), Raise> {
        let known = (self.unit.attrs..self.work.attrs.len())
            .any(|i| self.work.attrs.get(self.vm, i) == name);
        if !known {
            self.work.attrs.push(self.vm, name)?;
        }
        Ok(())
    }
}

/// Moves the first `len` bytes of the buffer up by `n`.
fn move_up(vm: &mut crate::Vm, buf: &mut crate::heap::buf::Buf<u8>, len: u32, n: u32) {
    for i in (0..len).rev() {
        let byte = buf.get(vm, i);
        buf.set(vm, i + n, byte);
    }
}

/// What [`Gen::finish`] has to be told.
#[derive(Default)]
pub(in crate::compiler) struct UnitParts {
    /// The unit's scope.
    pub scope: u32,
    pub n_pos_only: u8,
    pub n_args: u8,
    pub n_kw_only: u8,
    pub flags: u16,
}

/// A small int as an immediate operand.
pub(super) fn imm_of(value: Value) -> Option<u32> {
    let n = i8::try_from(value.as_small_int()?).ok()?;
    Some(n as u8 as u32)
}

/// The opcode `offset` places after `base`.
pub(super) fn op_after(base: Op, offset: u8) -> Op {
    Op::ALL[base as usize + offset as usize]
}
