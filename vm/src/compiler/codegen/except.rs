//! `try` and `with`.
//!
//! A handler's code begins with the exception in `r[exc]`; `EnterHandler` makes it the handled one and keeps the
//! one before in `r[exc+1]`. Whatever leaves the handler ends it with `LeaveHandler`, an exception raised inside
//! included: for that the handler's own code is covered by one more handler, which gets the new exception in
//! `r[exc+2]`, leaves and raises on.

use super::super::ast::{Const, Id, Kind, Seq};
use super::unwind::{BlockKind, Guard};
use super::{Gen, Label, Reg};
use crate::bytecode::op::Op;
use crate::value::names::q;

/// An entered handler: the register of its exception, and the guard of its own code.
struct Entered {
    exc: Reg,
    guard: Guard,
}

impl Gen<'_> {
    /// Enters the handler: the code that follows handles the exception in the new register pair.
    #[inline(never)]
    fn enter_handler(&mut self, guard: &Guard) -> Entered {
        self.land(guard);
        let exc = self.alloc(2);
        self.emit1(Op::EnterHandler, exc);
        Entered { exc, guard: self.open(BlockKind::Handler, exc, 0, exc + 2) }
    }

    /// Ends the handler: without an exception it goes on at `end` or, if there is none, raises its own again.
    #[inline(never)]
    fn leave_handler(&mut self, mut this: Entered, end: Option<Label>) {
        self.end_guarded(&mut this.guard, end, this.exc);
        self.unit.top = this.exc;
    }

    pub(super) fn try_statement(&mut self, star: bool, parts: Seq) {
        let [body, orelse, finally, _] = self.parts(parts);
        if finally.is_none() {
            return self.try_except(star, parts, body, orelse);
        }
        let end = self.label();
        let mut guard = self.open_here(BlockKind::Finally, finally.0);
        self.try_except(star, parts, body, orelse);
        self.close(&mut guard);
        self.statement(finally);
        self.jump(end);
        if !guard.flow.dead {
            let handler = self.enter_handler(&guard);
            self.statement(finally);
            self.leave_handler(handler, None);
        }
        self.place(end);
    }

    fn try_except(&mut self, star: bool, parts: Seq, body: Id, orelse: Id) {
        if self.len(parts) == 3 {
            self.statement(body);
            return self.statement(orelse);
        }
        let end = self.label();
        let mut guard = self.open_here(BlockKind::Try, 0);
        self.statement(body);
        self.close(&mut guard);
        self.statement(orelse);
        self.jump(end);
        let handler = self.enter_handler(&guard);
        let leave = self.label();
        if star && cfg!(feature = "extra") {
            self.star_clauses(parts, handler.exc);
        } else {
            self.clauses(parts, handler.exc, leave);
        }
        self.place(leave);
        self.leave_handler(handler, Some(end));
        self.place(end);
    }

    /// The `except` clauses; those that match go on at `leave`.
    fn clauses(&mut self, parts: Seq, exc: Reg, leave: Label) {
        let n = self.len(parts);
        let mut all_caught = false;
        for i in 3..n {
            let node = self.node(self.child(parts, i));
            let Kind::Handler { name, parts: clause } = node.kind else { continue };
            self.set_line(node.line);
            let [class, body, ..] = self.parts(clause);
            let next = self.label();
            if class.is_none() {
                all_caught = true;
                if i + 1 < n {
                    self.error("default 'except' must be last");
                }
            } else {
                let mark = self.unit.top;
                let c = self.operand(class);
                self.jump2(Op::JumpNoMatch, exc, c, next);
                self.unit.top = mark;
            }
            self.clause_body(name, body, exc);
            self.jump(leave);
            self.place(next);
        }
        if !all_caught {
            // LeaveHandler is left to the code that catches what is raised inside the handler.
            self.emit1(Op::Reraise, exc);
        }
    }

    /// The body of a clause, with the exception in `r[exc]` as `name` meanwhile.
    fn clause_body(&mut self, name: Const, body: Id, exc: Reg) {
        if name == Const::NONE {
            return self.statement(body);
        }
        let end = self.label();
        let text = self.constant_of(name);
        self.store_name(text, exc);
        let mut guard = self.open_here(BlockKind::Name, name.0);
        self.statement(body);
        self.end_guarded(&mut guard, Some(end), 0);
        self.place(end);
    }

    /// The clauses of `except*`: each gets its part of the group, and what is raised in them is collected.
    fn star_clauses(&mut self, parts: Seq, exc: Reg) {
        // What is raised, the unmatched rest and the original group: as `RaiseGroup` wants them.
        let raised = self.alloc(3);
        let rest = raised + 1;
        self.emit3(Op::BuildList, raised, 0, 0);
        self.move_reg(rest, exc);
        self.move_reg(raised + 2, exc);
        let done = self.label();
        for i in 3..self.len(parts) {
            let node = self.node(self.child(parts, i));
            let Kind::Handler { name, parts: clause } = node.kind else { continue };
            self.set_line(node.line);
            let [class, body, ..] = self.parts(clause);
            if class.is_none() {
                return self.error("expected one or more exception types");
            }
            let mark = self.unit.top;
            let next = self.label();
            self.jump1(Op::JumpNone, rest, done);
            // Rest, classes, match; the match becomes the handled exception and needs a register after it.
            let base = self.alloc(4);
            self.expr(class, base + 1);
            self.move_reg(base, rest);
            self.emit1(Op::SplitGroup, base);
            self.move_reg(rest, base);
            self.jump1(Op::JumpNone, base + 2, next);
            self.emit1(Op::EnterHandler, base + 2);
            self.open(BlockKind::Star, 0, 0, 0);
            let mut guard = self.open_here(BlockKind::Try, 0);
            self.clause_body(name, body, base + 2);
            self.close(&mut guard);
            self.close_block();
            let leave = self.label();
            self.jump(leave);
            self.land(&guard);
            let caught = self.temp();
            self.emit2(Op::ListAppend, raised, caught);
            self.place(leave);
            self.emit1(Op::LeaveHandler, base + 2);
            self.place(next);
            self.unit.top = mark;
        }
        self.place(done);
        self.emit1(Op::RaiseGroup, raised);
        self.unit.top = raised;
    }

    /// `with`, from item `i` on.
    pub(super) fn with(&mut self, is_async: bool, parts: Seq, i: u32) {
        let Kind::WithItem { context, target } = self.visit(self.child(parts, i)) else {
            return self.statement(self.child(parts, 0));
        };
        self.suspends_async(is_async);
        let line = self.unit.line;
        let [enter, leave] = if is_async {
            [q::__aenter__.value(), q::__aexit__.value()]
        } else {
            [q::__enter__.value(), q::__exit__.value()]
        };
        let mark = self.unit.top;
        let exit = self.alloc(2);
        let c = self.operand_in(context, exit + 1);
        let w = self.alloc(2);
        let k = self.name_constant(enter);
        self.emit3(Op::LoadSpecial, w, c, k);
        let k = self.name_constant(leave);
        self.emit3(Op::LoadSpecial, exit, c, k);
        self.emit3(Op::CallMethod, w, w, 0);
        if is_async {
            self.await_value(w, w);
        }
        let end = self.label();
        // The value of `__enter__` is assigned inside the block: `__exit__` runs if that fails.
        let mut guard = self.open(BlockKind::With, exit, is_async.into(), exit + 2);
        if !target.is_none() {
            self.store_target(target, w);
        }
        self.unit.top = w;
        self.with(is_async, parts, i + 1);
        self.close(&mut guard);
        self.unit.line = line;
        self.call_exit(exit, is_async);
        self.jump(end);

        let handler = self.enter_handler(&guard);
        let exc = handler.exc;
        let w = self.exit_with(exit, Some(exc), is_async);
        let suppressed = self.label();
        self.jump1(Op::JumpTrue, w, suppressed);
        self.emit1(Op::Reraise, exc);
        self.place(suppressed);
        self.unit.top = w;
        self.leave_handler(handler, Some(end));
        self.place(end);
        self.unit.top = mark;
    }
}
