//! Instructions, labels, registers and constants of a unit, and its end.

use super::super::ast::Const;
use super::super::scope::NONE;
use super::{ANY, Bits, Flow, Gen, HAS_FAR, NEAR_REGS, Reg};
use crate::bytecode::op::Op;
use crate::bytecode::verify::{VerifyError, verify};
use crate::object::{Code, CodeParts, CodeShape, Str, Tuple};
use crate::value::{Kind, Value};

/// A place in the code that jumps lead to. Labels are a stack, which each statement cuts back: see [`Gen::labels_mark`].
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
/// Bytes of an instruction, at most.
const MAX_LEN: u32 = 8;
pub(super) const TOO_MUCH: &str = "too much code in one function/module";
/// How many of the latest constants are compared before a constant is added again.
const RECENT_CONSTANTS: usize = 256;

impl Gen<'_> {
    // ---- registers

    /// `n` consecutive registers on top of the stack of temporaries; the first.
    #[inline(never)]
    pub(super) fn alloc(&mut self, n: u32) -> Reg {
        let base = self.unit.top;
        let top = base + n;
        if top > NEAR_REGS {
            self.error("expression needs too many registers");
            return 0;
        }
        self.unit.top = top;
        self.unit.high = self.unit.high.max(top);
        base
    }

    /// A new register.
    #[inline(never)]
    pub(super) fn temp(&mut self) -> Reg {
        self.alloc(1)
    }

    /// `dst` if that is a temporary, else a new one: for a value that is written in several steps.
    pub(super) fn scratch(&mut self, dst: Reg) -> Reg {
        if dst == ANY || self.is_variable(dst) { self.temp() } else { dst }
    }

    /// True for the register of a variable.
    pub(super) fn is_variable(&self, r: Reg) -> bool {
        r < self.unit.first_temp
    }

    /// `r[dst] = r[src]`
    #[inline(never)]
    pub(super) fn move_reg(&mut self, dst: Reg, src: Reg) {
        if dst != src {
            self.emit2(Op::Move, dst, src);
        }
    }

    // ---- constants

    /// Index of a constant.
    pub(super) fn constant(&mut self, value: Value) -> u32 {
        if self.unit.flow.dead {
            return 0;
        }
        let n = self.unit.consts.len(self.parser.lexer.vm);
        let recent = n.saturating_sub(RECENT_CONSTANTS)..n;
        match recent.rev().find(|&i| self.is_constant(i, value)) {
            Some(i) => i as u32,
            None => self.push_constant(value),
        }
    }

    /// True where constant `i` may stand for this value: the same object, equal bytes, a tuple of the same objects. Strings
    /// have to be themselves: names are interned.
    fn is_constant(&self, i: usize, value: Value) -> bool {
        let vm = &*self.parser.lexer.vm;
        let Some(known) = self.unit.consts.get(vm, i) else { return false };
        match (known.kind(), value.kind()) {
            (Some(Kind::Bytes), Some(Kind::Bytes)) => vm.str_bytes(known) == vm.str_bytes(value),
            (Some(Kind::Tuple), Some(Kind::Tuple)) => {
                Tuple::from_known(known).items() == Tuple::from_known(value).items()
            }
            _ => known == value,
        }
    }

    /// Index of a new constant.
    #[inline(never)]
    pub(super) fn push_constant(&mut self, value: Value) -> u32 {
        let n = self.unit.consts.len(self.parser.lexer.vm);
        if n >= Code::MAX_CONSTS as usize {
            self.error(TOO_MUCH);
        }
        if !self.failed() && !self.unit.flow.dead {
            let pushed = self.unit.consts.push(self.parser.lexer.vm, value);
            self.check(pushed);
        }
        n as u32
    }

    /// Index of a constant that is an interned string.
    #[inline(never)]
    pub(super) fn name_constant(&mut self, mut name: Value) -> u32 {
        if let Some(text) = Str::from_value(name)
            && !text.is_interned()
        {
            name = self.intern(text.as_str());
        }
        self.constant(name)
    }

    /// As [`Gen::name_constant`], for a name of the tree.
    #[inline(never)]
    pub(super) fn name_index(&mut self, name: Const) -> u32 {
        let name = self.constant_of(name);
        self.name_constant(name)
    }

    /// `r[dst] =` a constant.
    pub(super) fn load_value(&mut self, dst: Reg, value: Value) {
        let immediates = [Value::UNDEF, Value::NONE, Value::FALSE, Value::TRUE, Value::ELLIPSIS];
        if let Some(n) = immediates.iter().position(|&v| v == value) {
            self.emit2(Op::LoadImm, dst, n as u32);
        } else if let Some(imm) = imm_of(value) {
            self.emit2(Op::LoadInt, dst, imm);
        } else {
            let c = self.constant(value);
            self.emit2(Op::LoadConst, dst, c);
        }
    }

    /// `r[dst] = None`
    #[inline(never)]
    pub(super) fn load_none(&mut self, dst: Reg) {
        self.load_value(dst, Value::NONE);
    }

    /// Makes `r[dst]` unbound.
    #[inline(never)]
    pub(super) fn load_undef(&mut self, dst: Reg) {
        self.load_value(dst, Value::UNDEF);
    }

    // ---- instructions

    /// Where the next instruction goes.
    pub(super) fn pc(&self) -> u32 {
        self.unit.code.len()
    }

    #[inline(never)]
    fn push_byte(&mut self, byte: u32) {
        let pushed = self.unit.code.push(self.parser.lexer.vm, byte as u8);
        self.number(pushed);
    }

    /// Emits an instruction but for its jump; false if there is to be none.
    fn instruction(&mut self, op: Op, operands: &[u32; 4]) -> bool {
        if self.unit.flow.dead || self.failed() {
            return false;
        }
        self.note_line();
        if self.pc() + MAX_LEN > MAX_CODE {
            self.error(TOO_MUCH);
            return false;
        }
        self.push_byte(op as u32);
        let mut sizes = op.sizes();
        for &value in operands {
            debug_assert!(self.failed() || sizes & 3 != 1 || value < 256, "{}", op.name());
            if sizes & 3 > 0 {
                self.push_byte(value);
            }
            if sizes & 3 == 2 {
                self.push_byte(value >> 8);
            }
            sizes >>= 2;
        }
        true
    }

    /// Emits an instruction without operands.
    pub(super) fn emit(&mut self, op: Op) {
        self.emit1(op, 0);
    }

    /// Emits an instruction with one operand. Signed operands come as their low byte.
    #[inline(never)]
    pub(super) fn emit1(&mut self, op: Op, a: u32) {
        self.emit2(op, a, 0);
    }

    /// Emits an instruction with two operands.
    #[inline(never)]
    pub(super) fn emit2(&mut self, op: Op, a: u32, b: u32) {
        self.emit3(op, a, b, 0);
    }

    /// Emits an instruction with three operands.
    #[inline(never)]
    pub(super) fn emit3(&mut self, op: Op, a: u32, b: u32, c: u32) {
        self.emit4(op, a, b, c, 0);
    }

    /// Emits an instruction without a jump.
    #[inline(never)]
    pub(super) fn emit4(&mut self, op: Op, a: u32, b: u32, c: u32, d: u32) {
        if self.instruction(op, &[a, b, c, d])
            && matches!(
                op,
                Op::Return
                    | Op::ReturnNone
                    | Op::Raise
                    | Op::RaiseFrom
                    | Op::Reraise
                    | Op::RaiseAgain
            )
        {
            self.unit.flow.dead = true;
        }
    }

    /// Emits a jump.
    #[inline(never)]
    pub(super) fn jump(&mut self, label: Label) {
        self.jump2(Op::Jump, 0, 0, label);
        self.unit.flow.dead = true;
    }

    /// Emits an instruction with one operand and a jump.
    #[inline(never)]
    pub(super) fn jump1(&mut self, op: Op, a: u32, label: Label) {
        self.jump2(op, a, 0, label);
    }

    /// Emits an instruction with two operands, the last of them a jump to `label`.
    #[inline(never)]
    pub(super) fn jump2(&mut self, op: Op, a: u32, b: u32, label: Label) {
        if !self.instruction(op, &[a, b, 0, 0]) || self.failed() {
            return;
        }
        let at = self.pc();
        let flow = self.unit.flow;
        let state = self.work.labels.item_mut(label.0);
        let mut distance = state.chain as i32;
        if state.at == NONE {
            state.chain = at;
            state.reached = true;
            state.bound.keep(flow.bound);
        } else {
            distance = state.at as i32 - (at as i32 + 2);
            if distance < i16::MIN.into() {
                self.error(TOO_MUCH);
            }
        }
        self.push_byte(distance as u32);
        self.push_byte(distance as u32 >> 8);
    }

    // ---- labels

    /// How many labels there are; to be given to [`Gen::drop_labels`] when those made since are done with.
    pub(super) fn labels_mark(&self) -> u32 {
        self.work.labels.len()
    }

    /// Forgets the labels made since the mark.
    #[inline(never)]
    pub(super) fn drop_labels(&mut self, mark: u32) {
        self.work.labels.truncate(mark);
    }

    fn label_at(&mut self, at: u32) -> Label {
        let state = LabelState { at, chain: 0, reached: false, bound: Bits::ALL };
        let label = self.work.labels.push(self.parser.lexer.vm, state);
        Label(self.number(label))
    }

    /// A label whose place is not known yet.
    #[inline(never)]
    pub(super) fn label(&mut self) -> Label {
        self.label_at(NONE)
    }

    /// A label here, for jumps backward.
    pub(super) fn label_here(&mut self) -> Label {
        self.label_at(self.pc())
    }

    /// The label is here: the jumps to it are completed and what they know is joined.
    #[inline(never)]
    pub(super) fn place(&mut self, label: Label) {
        if self.failed() {
            return;
        }
        let here = self.pc();
        let state = self.work.labels.item_mut(label.0);
        state.at = here;
        let mut at = core::mem::take(&mut state.chain);
        if state.reached {
            let flow = &mut self.unit.flow;
            if flow.dead {
                *flow = Flow { bound: state.bound, dead: false };
            } else {
                flow.bound.keep(state.bound);
            }
        }
        while at != 0 {
            let next = self.unit.code.get(self.parser.lexer.vm, at) as u32
                | (self.unit.code.get(self.parser.lexer.vm, at + 1) as u32) << 8;
            let distance = here - (at + 2);
            if distance > i16::MAX as u32 {
                return self.error(TOO_MUCH);
            }
            self.unit.code.set(self.parser.lexer.vm, at, distance as u8);
            self.unit.code.set(self.parser.lexer.vm, at + 1, (distance >> 8) as u8);
            at = next;
        }
    }

    /// What is known at the head of a loop: variables that its body may unbind are not.
    pub(super) fn loop_flow(&self) -> Flow {
        let mut flow = self.unit.flow;
        flow.bound.remove(self.unit.deleted);
        flow
    }

    // ---- lines

    /// Adds an entry of the line table.
    #[inline(never)]
    fn push_lines(&mut self, step: u32, delta: i32) {
        for byte in [step as u8, delta as u8].iter() {
            let pushed = self.unit.lines.push(self.parser.lexer.vm, *byte);
            self.number(pushed);
        }
    }

    fn note_line(&mut self) {
        let (line, pc) = (self.unit.line, self.pc());
        if line == self.unit.last_line || self.options.opt_level >= 3 {
            return;
        }
        let mut steps = pc - self.unit.last_pc;
        let mut lines = line as i32 - self.unit.last_line as i32;
        loop {
            let step = steps.min(255);
            steps -= step;
            let delta = if steps > 0 { 0 } else { lines.clamp(-128, 127) };
            lines -= delta;
            self.push_lines(step, delta);
            if steps == 0 && lines == 0 || self.failed() {
                break;
            }
        }
        self.unit.last_line = line;
        self.unit.last_pc = pc;
    }

    // ---- the end of a unit

    /// Makes the code object: adds what has to come first and completes the tables. `UNDEF` after a failure.
    pub(in crate::compiler) fn finish(&mut self) -> Value {
        self.emit(Op::ReturnNone);
        let starts = self.init_variables();
        let shift = (self.pc() - starts.0) as u16;
        if self.failed() {
            return Value::UNDEF;
        }
        for i in 0..self.unit.handlers.len() {
            let h = self.unit.handlers.item_mut(i);
            h.start += shift;
            h.end += shift;
            h.target = *self.work.pads.item(self.unit.pads + h.target as u32) as u16 + shift;
        }
        let slots = self.work.attrs.len() - self.unit.attrs;
        self.work.attrs.truncate(self.unit.attrs);
        self.work.pads.truncate(self.unit.pads);
        let n_regs = if HAS_FAR && self.unit.n_far > 0 {
            NEAR_REGS + self.unit.n_far
        } else {
            self.unit.high
        };
        let first_line = if self.options.opt_level >= 3 { 1 } else { self.unit.first_line };
        self.parser.lexer.vm.search_heap_anew();
        let code = self.parser.lexer.vm.new_code(CodeParts {
            name: self.unit.name,
            qualname: self.unit.qualname,
            file: self.options.file,
            bytecode: &self.unit.code,
            consts: self.unit.consts,
            handlers: &self.unit.handlers,
            lines: &self.unit.lines,
            shape: CodeShape {
                n_regs: n_regs as u16,
                flags: self.unit.flags,
                n_args: self.unit.n_args,
                n_pos_only: self.unit.n_pos_only,
                n_kw_only: self.unit.n_kw_only,
                n_free: self.unit.n_free,
                slots: slots.min(255) as u8,
                first_line,
            },
            starts,
        });
        if cfg!(debug_assertions)
            && let Ok(code) = code
            && let Some(code) = Code::from_value(code)
        {
            match verify(self.parser.lexer.vm, code) {
                Ok(()) => {}
                Err(VerifyError::Raise(raise)) => self.parser.lexer.fail(raise),
                Err(fault) => panic!("generated code: {fault:?}"),
            }
        }
        self.value(code)
    }

    /// Adds the instructions that unbind variables, and their part of the line table: where both begin.
    fn init_variables(&mut self) -> (u32, u32) {
        let end = self.pc();
        self.unit.flow.dead = false;
        // They belong to the unit's first line and need no entry in the line table.
        self.unit.line = self.unit.last_line;
        for r in self.unit.n_params..self.unit.first_temp {
            if self.unit.init.has(r) {
                self.load_undef(r);
            }
        }
        if HAS_FAR && self.unit.n_far > 0 {
            let temp = self.unit.first_temp.min(NEAR_REGS - 1);
            self.load_undef(temp);
            for far in NEAR_REGS..NEAR_REGS + self.unit.n_far {
                self.emit2(Op::StoreFar, far, temp);
            }
        }
        let (n, lines) = (self.pc() - end, self.unit.lines.len());
        // The line table begins with a step over them.
        let mut rest = if lines != 0 { n } else { 0 };
        while rest != 0 {
            let step = rest.min(255);
            rest -= step;
            self.push_lines(step, 0);
        }
        (end, lines)
    }

    /// A handler whose code has no place yet.
    pub(super) fn new_pad(&mut self) -> u32 {
        if self.unit.flow.dead {
            return 0;
        }
        match self.work.pads.push(self.parser.lexer.vm, 0) {
            Ok(pad) => pad - self.unit.pads,
            Err(raise) => {
                self.parser.lexer.fail(raise);
                0
            }
        }
    }

    /// Notes an assignment to an attribute of the first parameter.
    pub(super) fn note_attribute(&mut self, name: u32) {
        let mut known = self.unit.attrs..self.work.attrs.len();
        if !self.unit.flow.dead && !known.any(|i| *self.work.attrs.item(i) == name) {
            let pushed = self.work.attrs.push(self.parser.lexer.vm, name);
            self.number(pushed);
        }
    }
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
