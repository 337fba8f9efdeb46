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
use super::{Flow, Gen, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::object::Handler;

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
    reg: u32,
    /// Number of ranges in the table.
    ranges: u32,
}

/// What a `break` or `continue` is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Leave {
    Break,
    Continue,
}

impl Gen<'_> {
    fn block(&self, i: u32) -> Block {
        self.work.blocks.get(self.vm, i)
    }

    /// Opens a block whose handler gets the exception in `reg`.
    pub(super) fn open(&mut self, kind: BlockKind, a: u32, b: u32, reg: Reg) -> Result<u32, Raise> {
        let pad =
            if matches!(kind, BlockKind::Loop | BlockKind::Star) { NONE } else { self.new_pad()? };
        let block = Block {
            kind,
            parent: self.unit.block,
            a,
            b,
            start: self.pc(),
            pad,
            reg: reg.into(),
            ranges: 0,
        };
        self.unit.block = self.work.blocks.push(self.vm, block)?;
        Ok(self.unit.block)
    }

    /// Opens the block of a loop.
    pub(super) fn open_loop(&mut self, end: Label, next: Label) -> Result<u32, Raise> {
        self.open(BlockKind::Loop, end.index(), next.index(), 0)
    }

    /// Closes the innermost block; its pad, and whether anything can raise to it.
    pub(super) fn close(&mut self, i: u32) -> Result<(u32, bool), Raise> {
        self.split(i)?;
        let block = self.block(i);
        self.unit.block = block.parent;
        self.work.blocks.truncate(i);
        Ok((block.pad, block.ranges > 0))
    }

    /// Ends the current range of a block here.
    fn split(&mut self, i: u32) -> Result<(), Raise> {
        let mut block = self.block(i);
        let end = self.pc();
        if block.pad != NONE && end > block.start {
            if block.pad > u16::MAX as u32 {
                return Err(self.error("too many exception handlers"));
            }
            let handler = Handler {
                start: block.start as u16,
                end: end as u16,
                target: block.pad as u16,
                reg: block.reg as u16,
            };
            self.unit.handlers.push(self.vm, handler)?;
            block.ranges += 1;
            block.start = end;
            self.work.blocks.set(self.vm, i, block);
        }
        Ok(())
    }

    /// What is known at the code of a handler, given what was known where its block began.
    pub(super) fn resume(&mut self, flow: Flow, reached: bool) {
        self.unit.flow = Flow { bound: flow.bound, dead: flow.dead || !reached };
    }

    /// Leaves the blocks inside block `until`: emits their exits.
    fn unwind(&mut self, until: u32) -> Result<(), Raise> {
        let line = self.unit.line;
        let mut at = self.unit.block;
        while at != until && at != NONE {
            let block = self.block(at);
            self.unit.block = block.parent;
            self.split(at)?;
            self.exit(block)?;
            at = block.parent;
        }
        self.set_line(line);
        Ok(())
    }

    /// After the jump that follows `unwind`: the blocks from `innermost` to `until` go on.
    fn rewind(&mut self, innermost: u32, until: u32) {
        self.unit.block = innermost;
        let mut at = innermost;
        while at != until && at != NONE {
            let mut block = self.block(at);
            block.start = self.pc();
            self.work.blocks.set(self.vm, at, block);
            at = block.parent;
        }
    }

    fn exit(&mut self, block: Block) -> Result<(), Raise> {
        match block.kind {
            BlockKind::Loop | BlockKind::Try | BlockKind::Star => Ok(()),
            BlockKind::Finally => self.statement(Id(block.a)),
            BlockKind::With => self.call_exit(block.a as Reg, block.b != 0),
            BlockKind::Handler => self.emit(Op::LeaveHandler, &[block.a]),
            BlockKind::Name => {
                let name = self.constant_of(Const(block.a));
                self.clear_handler_name(name)
            }
        }
    }

    /// `__exit__(None, None, None)` for the pair in `r[exit]`, which stays.
    pub(super) fn call_exit(&mut self, exit: Reg, is_async: bool) -> Result<(), Raise> {
        let mark = self.unit.top;
        let w = self.alloc(5)?;
        self.move_reg(w, exit)?;
        self.move_reg(w + 1, exit + 1)?;
        for r in w + 2..w + 5 {
            self.load_none(r)?;
        }
        self.emit(Op::CallMethod, &[w.into(), w.into(), 3])?;
        if is_async {
            self.await_value(w, w, w)?;
        }
        self.unit.top = mark;
        Ok(())
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

    /// The label that a `break` or `continue` here jumps to, if there is nothing to undo on the way.
    pub(super) fn plain_leave(&self, how: Leave) -> Option<Label> {
        if self.unit.block == NONE {
            return None;
        }
        let block = self.block(self.unit.block);
        let label = if how == Leave::Break { block.a } else { block.b };
        (block.kind == BlockKind::Loop).then(|| Label::from_index(label))
    }

    /// `break` and `continue`.
    pub(super) fn leave_loop(&mut self, how: Leave) -> Result<(), Raise> {
        let innermost = self.unit.block;
        let mut at = innermost;
        loop {
            if at == NONE {
                return Err(self.error("'break'/'continue' outside loop"));
            }
            let block = self.block(at);
            match block.kind {
                BlockKind::Loop => break,
                BlockKind::Star => return Err(self.error(IN_EXCEPT_STAR)),
                _ => at = block.parent,
            }
        }
        let block = self.block(at);
        let mark = self.unit.top;
        self.unwind(at)?;
        self.unit.top = mark;
        let label = if how == Leave::Break { block.a } else { block.b };
        self.jump(Op::Jump, &[], Label::from_index(label))?;
        self.rewind(innermost, at);
        Ok(())
    }

    /// Returns the value of `id` (`None` for no expression) from inside any blocks.
    pub(in crate::compiler) fn return_value(&mut self, id: Id) -> Result<(), Raise> {
        let (mut plain, mut finally) = (true, false);
        let innermost = self.unit.block;
        let mut at = innermost;
        while at != NONE {
            let block = self.block(at);
            match block.kind {
                BlockKind::Star => return Err(self.error(IN_EXCEPT_STAR)),
                BlockKind::Loop => {}
                _ => plain = false,
            }
            finally |= matches!(block.kind, BlockKind::Finally | BlockKind::Name);
            at = block.parent;
        }
        let mark = self.unit.top;
        let literal = if id.is_none() { Some(crate::value::Value::NONE) } else { self.literal(id) };
        let value = match literal {
            Some(_) => None,
            // A `finally` may assign to the variable after its value was taken.
            None if finally => {
                let r = self.alloc(1)?;
                self.expr(id, r)?;
                Some(r)
            }
            None => Some(self.operand(id, None, false)?),
        };
        if !plain {
            if let Some(r) = value
                && !self.is_variable(r)
            {
                self.unit.top = r as u16 + 1;
            }
            self.unwind(NONE)?;
        }
        match (value, literal) {
            (Some(r), _) => self.emit(Op::Return, &[r.into()])?,
            (None, Some(v)) if !v.is_none() => {
                let r = self.alloc(1)?;
                self.load_value(r, v)?;
                self.emit(Op::Return, &[r.into()])?;
            }
            _ => self.emit(Op::ReturnNone, &[])?,
        }
        self.unit.top = mark;
        self.rewind(innermost, NONE);
        Ok(())
    }
}

const IN_EXCEPT_STAR: &str = "'break', 'continue' and 'return' cannot appear in an except* block";
