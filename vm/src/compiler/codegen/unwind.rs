//! Blocks: what `break`, `continue` and `return` have to undo on their way out, and the ranges of handlers.
//!
//! Code that leaves a block runs the block's exit inline: a copy of the `finally` body, a call of `__exit__`. An
//! exception there must not reach the handlers of the blocks that are already left, so their ranges have a gap.
//!
//! # Invariants
//! 1. `unit.block` is the innermost block; each knows the one around it.
//! 2. A range is added to the handler table when it ends: ranges of inner blocks come before overlapping ones of
//!    outer blocks.

use super::super::ast::{Const, Id};
use super::super::scope::NONE;
use super::emit::Label;
use super::{ANY, Flow, Gen, Reg, TOO_MUCH};
use crate::bytecode::op::Op;
use crate::object::Handler;
use crate::value::Value;

/// Kinds of blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum BlockKind {
    /// A loop; `a` and `b` are the labels of `break` and `continue`.
    Loop,
    /// Code with a handler, without an exit.
    Try,
    /// `try` with the `finally` body `a`.
    Finally,
    /// `with`; `r[a]`, `r[a+1]` are `__exit__` and its object, `b` is 1 for `async with`.
    With,
    /// A handler for the exception in `r[a]`.
    Handler,
    /// A handler with the name `a`.
    Name,
    /// A clause of `except*`: may not be left.
    Star,
}

/// A block.
#[derive(Clone, Copy)]
pub(super) struct Block {
    kind: BlockKind,
    parent: u32,
    a: u32,
    b: u32,
    /// Where the current range begins.
    start: u32,
    pad: u32,
    /// Receives the exception.
    reg: Reg,
    /// Number of ranges in the table.
    ranges: u32,
}

/// The handler of a block: a place in the code and what is known there.
pub(super) struct Guard {
    pad: u32,
    pub flow: Flow,
}

/// What a `break` or `continue` is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    Break,
    Continue,
}

impl Gen<'_> {
    fn block(&self, i: u32) -> &Block {
        self.work.blocks.item(i)
    }

    /// Opens a block whose handler gets the exception in `reg`.
    #[inline(never)]
    pub(super) fn open(&mut self, kind: BlockKind, a: u32, b: u32, reg: Reg) -> Guard {
        let pad =
            if matches!(kind, BlockKind::Loop | BlockKind::Star) { NONE } else { self.new_pad() };
        let (parent, start) = (self.unit.block, self.pc());
        let block = Block { kind, parent, a, b, start, pad, reg, ranges: 0 };
        match self.work.blocks.push(self.parser.lexer.vm, block) {
            Ok(i) => self.unit.block = i,
            Err(raise) => self.parser.lexer.fail(raise),
        }
        Guard { pad, flow: self.loop_flow() }
    }

    /// Opens a block; its handler gets the exception in the next register to be allocated.
    #[inline(never)]
    pub(super) fn open_here(&mut self, kind: BlockKind, a: u32) -> Guard {
        let mark = self.unit.top;
        let exc = self.alloc(3);
        self.unit.top = mark;
        self.open(kind, a, 0, exc)
    }

    /// Opens the block of a loop.
    pub(super) fn open_loop(&mut self, end: Label, next: Label) {
        self.open(BlockKind::Loop, end.index(), next.index(), 0);
    }

    /// Closes the innermost block, which `guard` belongs to: the handler's code is dead if nothing can raise to it.
    #[inline(never)]
    pub(super) fn close(&mut self, guard: &mut Guard) {
        guard.flow.dead |= !self.close_block();
    }

    /// Closes the innermost block; true if anything can raise to its handler.
    #[inline(never)]
    pub(super) fn close_block(&mut self) -> bool {
        if self.failed() {
            return false;
        }
        let i = self.unit.block;
        self.split(i);
        let &Block { parent, ranges, .. } = self.block(i);
        self.unit.block = parent;
        self.work.blocks.truncate(i);
        ranges > 0
    }

    /// The handler's code begins here.
    #[inline(never)]
    pub(super) fn land(&mut self, guard: &Guard) {
        if !self.failed() {
            self.unit.flow = guard.flow;
        }
        if !self.failed() && !guard.flow.dead {
            let pc = self.pc();
            *self.work.pads.item_mut(self.unit.pads + guard.pad) = pc;
        }
    }

    /// Ends the current range of a block here.
    fn split(&mut self, i: u32) {
        let end = self.pc();
        let block = self.work.blocks.item_mut(i);
        if block.pad != NONE && end > block.start {
            let handler = Handler {
                start: block.start as u16,
                end: end as u16,
                target: block.pad as u16,
                reg: block.reg as u16,
            };
            block.ranges += 1;
            block.start = end;
            let pad = block.pad;
            let pushed = self.unit.handlers.push(self.parser.lexer.vm, handler);
            self.number(pushed);
            if pad > u16::MAX as u32 {
                self.error(TOO_MUCH);
            }
        }
    }

    /// Leaves the blocks inside block `until`: emits their exits.
    fn unwind(&mut self, until: u32) {
        let line = self.unit.line;
        let mut at = self.unit.block;
        while at != until && at != NONE && !self.failed() {
            self.split(at);
            let block = *self.block(at);
            at = block.parent;
            self.unit.block = at;
            self.exit(&block);
        }
        self.unit.line = line;
    }

    /// The exit of a block.
    #[inline(never)]
    fn exit(&mut self, block: &Block) {
        match block.kind {
            BlockKind::Loop | BlockKind::Try | BlockKind::Star => {}
            BlockKind::Finally => self.statement(Id(block.a)),
            BlockKind::With => self.call_exit(block.a, block.b != 0),
            BlockKind::Handler => self.emit1(Op::LeaveHandler, block.a),
            BlockKind::Name => {
                let name = self.constant_of(Const(block.a));
                self.clear_handler_name(name);
            }
        }
    }

    /// Ends the innermost block: its exit, then on at `end` or, if there is none, the exception in `r[exc]` again. What is
    /// raised inside the block passes through its exit too.
    #[inline(never)]
    pub(super) fn end_guarded(&mut self, guard: &mut Guard, end: Option<Label>, exc: Reg) {
        if self.failed() {
            return;
        }
        let block = *self.block(self.unit.block);
        let mark = self.unit.top;
        self.close(guard);
        self.exit(&block);
        match end {
            Some(end) => self.jump(end),
            None => self.emit1(Op::Reraise, exc),
        }
        self.land(guard);
        let raised = self.temp();
        self.exit(&block);
        self.emit1(Op::Reraise, raised);
        self.unit.top = mark;
    }

    /// After the jump that follows `unwind`: the blocks from `innermost` to `until` go on.
    fn rewind(&mut self, innermost: u32, until: u32) {
        self.unit.block = innermost;
        let start = self.pc();
        let mut at = innermost;
        while at != until && at != NONE {
            let block = self.work.blocks.item_mut(at);
            block.start = start;
            at = block.parent;
        }
    }

    /// `__exit__(None, None, None)`, or with the exception in `r[exc]` its three parts, for the pair in `r[exit]`, which
    /// stays; the result is in the register returned.
    #[inline(never)]
    pub(super) fn exit_with(&mut self, exit: Reg, exc: Option<Reg>, is_async: bool) -> Reg {
        let w = self.alloc(5);
        self.move_reg(w, exit);
        self.move_reg(w + 1, exit + 1);
        match exc {
            Some(exc) => self.emit2(Op::ExcInfo, w + 2, exc),
            None => (w + 2..w + 5).for_each(|r| self.load_none(r)),
        }
        self.emit3(Op::CallMethod, w, w, 3);
        if is_async {
            self.await_value(w, w);
        }
        w
    }

    /// Leaves a `with` block without an exception.
    pub(super) fn call_exit(&mut self, exit: Reg, is_async: bool) {
        let mark = self.unit.top;
        self.exit_with(exit, None, is_async);
        self.unit.top = mark;
    }

    /// True when an exception raised here can be seen by other code of the unit.
    pub(super) fn has_handlers(&self) -> bool {
        let mut at = self.unit.block;
        while at != NONE {
            let block = self.block(at);
            if block.kind != BlockKind::Loop {
                return true;
            }
            at = block.parent;
        }
        false
    }

    /// `break` and `continue`.
    pub(super) fn leave_loop(&mut self, how: Leave) {
        let innermost = self.unit.block;
        let mut at = innermost;
        loop {
            if at == NONE {
                return self.error("'break'/'continue' outside loop");
            }
            let block = self.block(at);
            match block.kind {
                BlockKind::Loop => break,
                BlockKind::Star => return self.error(IN_EXCEPT_STAR),
                _ => at = block.parent,
            }
        }
        let label = self.block(at).leave_label(how);
        self.unwind(at);
        self.jump(label);
        self.rewind(innermost, at);
    }

    /// Returns the value of `id` (`None` for no expression) from inside any blocks.
    pub(in crate::compiler) fn return_value(&mut self, id: Id) {
        let (mut plain, mut finally) = (true, false);
        let innermost = self.unit.block;
        let mut at = innermost;
        while at != NONE {
            let block = self.block(at);
            at = block.parent;
            match block.kind {
                BlockKind::Star => return self.error(IN_EXCEPT_STAR),
                BlockKind::Loop => {}
                BlockKind::Finally | BlockKind::Name => (plain, finally) = (false, true),
                _ => plain = false,
            }
        }
        let mark = self.unit.top;
        let literal = if id.is_none() { Some(Value::NONE) } else { self.literal(id) };
        let value = match literal {
            Some(_) => ANY,
            // A `finally` may assign to the variable after its value was taken.
            None if finally => self.expr_in_temp(id),
            None => self.operand(id),
        };
        if !plain {
            if value != ANY && !self.is_variable(value) {
                self.unit.top = value + 1;
            }
            self.unwind(NONE);
        }
        if literal == Some(Value::NONE) {
            self.emit(Op::ReturnNone);
        } else {
            let r = if value == ANY { self.expr_in_temp(id) } else { value };
            self.emit1(Op::Return, r);
        }
        self.unit.top = mark;
        self.rewind(innermost, NONE);
    }
}

impl Block {
    /// The label of a loop that a `break` or `continue` jumps to.
    fn leave_label(&self, how: Leave) -> Label {
        Label::from_index(if how == Leave::Break { self.a } else { self.b })
    }
}

const IN_EXCEPT_STAR: &str = "'break', 'continue' and 'return' cannot appear in an except* block";
