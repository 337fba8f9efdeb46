//! `try` and `with`.
//!
//! A handler's code begins with the exception in `r[exc]`; `EnterHandler` makes it the handled one and keeps the
//! one before in `r[exc+1]`. Whatever leaves the handler ends it with `LeaveHandler`, an exception raised inside
//! included: for that the handler's own code is covered by one more handler, which gets the new exception in
//! `r[exc+2]`, leaves and raises on.

use super::super::ast::{Const, Id, Kind, Seq};
use super::unwind::BlockKind;
use super::{Flow, Gen, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::value::names::q;

/// An entered handler.
struct Entered {
    exc: Reg,
    block: u32,
    flow: Flow,
}

impl Gen<'_> {
    /// Enters the handler at `pad`: the code that follows handles the exception in the new register pair.
    fn enter_handler(&mut self, pad: u32, flow: Flow, reached: bool) -> Result<Entered, Raise> {
        self.resume(flow, reached);
        self.place_pad(pad);
        let exc = self.alloc(2)?;
        self.emit(Op::EnterHandler, &[exc.into()])?;
        let block = self.open(BlockKind::Handler, exc.into(), 0, exc + 2)?;
        Ok(Entered { exc, block, flow: self.loop_flow() })
    }

    /// Ends the handler: `last` is emitted after `LeaveHandler` on the way out without an exception.
    fn leave_handler(
        &mut self,
        this: Entered,
        last: impl FnOnce(&mut Self) -> Result<(), Raise>,
    ) -> Result<(), Raise> {
        let (pad, reached) = self.close(this.block)?;
        self.emit(Op::LeaveHandler, &[this.exc.into()])?;
        last(self)?;
        self.resume(this.flow, reached);
        self.place_pad(pad);
        let raised = self.alloc(1)?;
        self.emit(Op::LeaveHandler, &[this.exc.into()])?;
        self.emit(Op::Reraise, &[raised.into()])?;
        self.unit.top -= 3;
        Ok(())
    }

    /// The register that a handler will find its exception in: the next to be allocated.
    fn next_reg(&mut self) -> Result<Reg, Raise> {
        let r = self.alloc(3)?;
        self.unit.top -= 3;
        Ok(r)
    }

    pub(super) fn try_statement(&mut self, star: bool, parts: Seq) -> Result<(), Raise> {
        let finally = self.child(parts, 2);
        if finally.is_none() {
            return self.try_except(star, parts);
        }
        let end = self.label()?;
        let flow = self.loop_flow();
        let exc = self.next_reg()?;
        let block = self.open(BlockKind::Finally, finally.0, 0, exc)?;
        self.try_except(star, parts)?;
        let (pad, reached) = self.close(block)?;
        self.statement(finally)?;
        self.jump(Op::Jump, &[], end)?;
        if reached {
            let handler = self.enter_handler(pad, flow, true)?;
            self.statement(finally)?;
            self.leave_handler(handler, |this| this.emit(Op::Reraise, &[exc.into()]))?;
        }
        self.place(end)
    }

    fn try_except(&mut self, star: bool, parts: Seq) -> Result<(), Raise> {
        let [body, orelse] = [0, 1].map(|i| self.child(parts, i));
        if self.len(parts) == 3 {
            self.statement(body)?;
            return self.statement(orelse);
        }
        let end = self.label()?;
        let flow = self.loop_flow();
        let exc = self.next_reg()?;
        let block = self.open(BlockKind::Try, 0, 0, exc)?;
        self.statement(body)?;
        let (pad, reached) = self.close(block)?;
        self.statement(orelse)?;
        self.jump(Op::Jump, &[], end)?;
        let handler = self.enter_handler(pad, flow, reached)?;
        let leave = self.label()?;
        if star && cfg!(feature = "extra") {
            self.star_clauses(parts, exc)?;
        } else {
            self.clauses(parts, exc, leave)?;
        }
        self.place(leave)?;
        self.leave_handler(handler, |this| this.jump(Op::Jump, &[], end))?;
        self.place(end)
    }

    /// The `except` clauses; those that match go on at `leave`.
    fn clauses(&mut self, parts: Seq, exc: Reg, leave: super::Label) -> Result<(), Raise> {
        let n = self.len(parts);
        let mut all_caught = false;
        for i in 3..n {
            let node = self.node(self.child(parts, i));
            let Kind::Handler { name, parts: clause } = node.kind else { continue };
            self.set_line(node.line);
            let [class, body] = [0, 1].map(|i| self.child(clause, i));
            let mark = self.unit.top;
            let next = self.label()?;
            if class.is_none() {
                if i + 1 < n {
                    return Err(self.error("default 'except' must be last"));
                }
                all_caught = true;
            } else {
                let c = self.operand(class, None, false)?;
                self.set_line(node.line);
                self.jump(Op::JumpNoMatch, &[exc.into(), c.into()], next)?;
                self.unit.top = mark;
            }
            self.clause_body(name, body, exc)?;
            self.jump(Op::Jump, &[], leave)?;
            self.place(next)?;
        }
        if !all_caught {
            // LeaveHandler is left to the code that catches what is raised inside the handler.
            self.emit(Op::Reraise, &[exc.into()])?;
        }
        Ok(())
    }

    /// The body of a clause, with the exception in `r[exc]` as `name` meanwhile.
    fn clause_body(&mut self, name: Const, body: Id, exc: Reg) -> Result<(), Raise> {
        if name == Const::NONE {
            return self.statement(body);
        }
        let end = self.label()?;
        let text = self.constant_of(name);
        self.store_name(text, exc)?;
        let flow = self.loop_flow();
        let raised = self.next_reg()?;
        let block = self.open(BlockKind::Name, name.0, 0, raised)?;
        self.statement(body)?;
        let (pad, reached) = self.close(block)?;
        self.clear_handler_name(text)?;
        self.jump(Op::Jump, &[], end)?;
        self.resume(flow, reached);
        self.place_pad(pad);
        let raised = self.alloc(1)?;
        self.clear_handler_name(text)?;
        self.emit(Op::Reraise, &[raised.into()])?;
        self.unit.top -= 1;
        self.place(end)
    }

    /// The clauses of `except*`: each gets its part of the group, and what is raised in them is collected.
    fn star_clauses(&mut self, parts: Seq, exc: Reg) -> Result<(), Raise> {
        // What is raised, the unmatched rest and the original group: as `RaiseGroup` wants them.
        let raised = self.alloc(3)?;
        let rest = raised + 1;
        self.emit(Op::BuildList, &[raised.into(), 0, 0])?;
        self.move_reg(rest, exc)?;
        self.move_reg(raised + 2, exc)?;
        let done = self.label()?;
        for i in 3..self.len(parts) {
            let node = self.node(self.child(parts, i));
            let Kind::Handler { name, parts: clause } = node.kind else { continue };
            self.set_line(node.line);
            let [class, body] = [0, 1].map(|i| self.child(clause, i));
            if class.is_none() {
                return Err(self.error("expected one or more exception types"));
            }
            let mark = self.unit.top;
            let next = self.label()?;
            self.jump(Op::JumpNone, &[rest.into()], done)?;
            // Rest, classes, match; the match becomes the handled exception and needs a register after it.
            let base = self.alloc(4)?;
            self.expr(class, base + 1)?;
            self.move_reg(base, rest)?;
            self.emit(Op::SplitGroup, &[base.into()])?;
            self.move_reg(rest, base)?;
            self.jump(Op::JumpNone, &[(base + 2).into()], next)?;
            self.emit(Op::EnterHandler, &[(base + 2).into()])?;
            let flow = self.loop_flow();
            let caught = self.next_reg()?;
            let star = self.open(BlockKind::Star, 0, 0, 0)?;
            let block = self.open(BlockKind::Try, 0, 0, caught)?;
            self.clause_body(name, body, base + 2)?;
            let (pad, reached) = self.close(block)?;
            self.close(star)?;
            let leave = self.label()?;
            self.jump(Op::Jump, &[], leave)?;
            self.resume(flow, reached);
            self.place_pad(pad);
            let caught = self.alloc(1)?;
            self.emit(Op::ListAppend, &[raised.into(), caught.into()])?;
            self.place(leave)?;
            self.emit(Op::LeaveHandler, &[(base + 2).into()])?;
            self.place(next)?;
            self.unit.top = mark;
        }
        self.place(done)?;
        self.emit(Op::RaiseGroup, &[raised.into()])?;
        self.unit.top = raised.into();
        Ok(())
    }

    /// `with`, from item `i` on.
    pub(super) fn with(&mut self, is_async: bool, parts: Seq, i: u32) -> Result<(), Raise> {
        self.vm.enter_native()?;
        let item = self.child(parts, i);
        if item.is_none() {
            return self.statement(self.child(parts, 0));
        }
        let node = self.node(item);
        let Kind::WithItem { context, target } = node.kind else { return Ok(()) };
        self.set_line(node.line);
        let line = self.unit.line;
        let (enter, leave) = if is_async {
            (q::__aenter__.value(), q::__aexit__.value())
        } else {
            (q::__enter__.value(), q::__exit__.value())
        };
        let mark = self.unit.top;
        let exit = self.alloc(2)?;
        let c = self.operand(context, Some(exit + 1), false)?;
        self.set_line(line);
        let w = self.alloc(2)?;
        let k = self.name_constant(enter)?;
        self.emit(Op::LoadSpecial, &[w.into(), c.into(), k])?;
        let k = self.name_constant(leave)?;
        self.emit(Op::LoadSpecial, &[exit.into(), c.into(), k])?;
        self.emit(Op::CallMethod, &[w.into(), w.into(), 0])?;
        if is_async {
            self.await_value(w, w, w)?;
        }
        let end = self.label()?;
        let flow = self.loop_flow();
        // The value of `__enter__` is assigned inside the block: `__exit__` runs if that fails.
        let block = self.open(BlockKind::With, exit.into(), is_async.into(), exit + 2)?;
        if !target.is_none() {
            self.store_target(target, w)?;
        }
        self.unit.top = exit as u16 + 2;
        self.with(is_async, parts, i + 1)?;
        let (pad, reached) = self.close(block)?;
        self.set_line(line);
        self.call_exit(exit, is_async)?;
        self.jump(Op::Jump, &[], end)?;

        let handler = self.enter_handler(pad, flow, reached)?;
        let exc = handler.exc;
        let w = self.alloc(5)?;
        self.move_reg(w, exit)?;
        self.move_reg(w + 1, exit + 1)?;
        self.emit(Op::ExcInfo, &[(w + 2).into(), exc.into()])?;
        self.emit(Op::CallMethod, &[w.into(), w.into(), 3])?;
        if is_async {
            self.await_value(w, w, w)?;
        }
        let suppressed = self.label()?;
        self.jump(Op::JumpTrue, &[w.into()], suppressed)?;
        self.emit(Op::Reraise, &[exc.into()])?;
        self.place(suppressed)?;
        self.unit.top = exc as u16 + 2;
        self.leave_handler(handler, |this| this.jump(Op::Jump, &[], end))?;
        self.place(end)?;
        self.unit.top = mark;
        Ok(())
    }
}
