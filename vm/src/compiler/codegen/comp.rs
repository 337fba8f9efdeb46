//! Comprehensions, in the registers of the unit around them, and the loops that they share with `for`.

use super::super::ast::{CompKind, Id, Kind, Seq};
use super::super::scope::{Access, NONE, ScopeKind, symbol_flag};
use super::emit::Label;
use super::unwind::{BlockKind, Guard};
use super::{ANY, Gen, Reg};
use crate::bytecode::op::Op;
use crate::value::names::q;

/// A `for` loop while its body is generated.
pub(super) struct ForLoop {
    /// The iterator: three registers, or one that holds an asynchronous iterator.
    base: Reg,
    /// Receives the item.
    item: Reg,
    body: Label,
    /// Where the next item is fetched: `continue` goes there.
    pub next: Label,
    /// Of an asynchronous loop: the handler that ends it.
    end: Option<Guard>,
    line: u32,
}

/// What becomes of the elements.
#[derive(Clone, Copy)]
struct Sink {
    kind: CompKind,
    /// The list, set or dictionary.
    result: Reg,
    element: Id,
}

impl Gen<'_> {
    // ---- loops

    /// Makes an iterator over `iter` in new registers.
    #[inline(never)]
    pub(super) fn iterator(&mut self, iter: Id, is_async: bool) -> Reg {
        let base = self.temp();
        let src = self.second_operand(iter, ANY, base, true);
        if !is_async {
            self.alloc(2);
        }
        self.emit2(if is_async { Op::GetAIter } else { Op::GetIter }, base, src);
        base
    }

    /// Begins a loop over the iterator in `base`: the code that follows has assigned `target`.
    pub(super) fn begin_for(&mut self, base: Reg, target: Id, is_async: bool) -> ForLoop {
        let flow = self.loop_flow();
        let line = self.unit.line;
        let direct = self.variable(target);
        let item = match direct {
            Some(r) => r,
            None => self.temp(),
        };
        let body = self.label();
        let next = self.label();
        let mut this = ForLoop { base, item, body, next, end: None, line };
        if is_async {
            self.unit.flow = flow;
            this.next = self.label_here();
            let window = self.alloc(2);
            let mut guard = self.open(BlockKind::Try, 0, 0, window);
            self.emit2(Op::GetANext, window, base);
            self.await_value(window, item);
            self.close(&mut guard);
            self.unit.top = window;
            this.end = Some(guard);
        } else {
            self.jump(next);
            self.unit.flow = flow;
            this.body = self.label_here();
        }
        match direct {
            Some(r) => self.set_bound(r),
            None => self.store_target(target, item),
        }
        this
    }

    /// Ends the loop; the code that follows runs when there are no more items.
    pub(super) fn end_for(&mut self, this: &ForLoop) {
        self.unit.line = this.line;
        let Some(guard) = &this.end else {
            self.place(this.next);
            return self.jump2(Op::ForNext, this.item, this.base, this.body);
        };
        self.jump(this.next);
        self.land(guard);
        let exc = self.alloc(2);
        let end = self.label();
        self.reraise_unless(exc, q::StopAsyncIteration.value(), end);
        self.place(end);
        self.unit.top = exc;
    }

    // ---- comprehensions

    pub(super) fn comprehension(
        &mut self,
        id: Id,
        kind: CompKind,
        element: Id,
        clauses: Seq,
        dst: Reg,
    ) {
        let Kind::CompFor { is_async, iter, .. } = self.node(self.child(clauses, 0)).kind else {
            return;
        };
        if kind == CompKind::Generator {
            return self.generator_expression(id, iter, is_async, dst);
        }
        let result = self.scratch(dst);
        let base = self.iterator(iter, is_async);
        let op = match kind {
            CompKind::Set => Op::BuildSet,
            CompKind::Dict => Op::BuildDict,
            _ => Op::BuildList,
        };
        self.emit3(op, result, 0, 0);
        let outer = self.unit.scope;
        self.unit.scope = self.scope_of(id, ScopeKind::Comprehension);
        self.comprehension_variables();
        self.clause(clauses, 0, base, Sink { kind, result, element });
        self.unit.scope = outer;
        self.move_reg(dst, result);
    }

    /// Gives the comprehension's variables registers of their own.
    fn comprehension_variables(&mut self) {
        let mut at = self.scopes.scope(self.unit.scope).first_symbol;
        while at != NONE {
            if self.scopes.symbol(at).access == Access::Local {
                let r = self.temp();
                let symbol = self.scopes.symbol_mut(at);
                symbol.register = r as u16;
                let is_cell = symbol.has(symbol_flag::CELL);
                self.set_unbound(r);
                self.load_undef(r);
                if is_cell {
                    self.emit1(Op::MakeCell, r);
                }
            }
            at = self.scopes.symbol(at).next;
        }
    }

    /// The body of a generator expression's function.
    pub(super) fn generator_body(&mut self, element: Id, clauses: Seq) {
        let Kind::CompFor { is_async, .. } = self.node(self.child(clauses, 0)).kind else { return };
        let mut base = 0;
        if !is_async {
            base = self.alloc(3);
            self.emit2(Op::GetIter, base, 0);
        }
        self.clause(clauses, 0, base, Sink { kind: CompKind::Generator, result: 0, element });
    }

    /// The clause at place `i` and those after it; `base` is the iterator of the first.
    fn clause(&mut self, clauses: Seq, i: u32, mut base: Reg, sink: Sink) {
        let mark = self.unit.top;
        match self.visit(self.child(clauses, i)) {
            Kind::CompFor { is_async, target, iter } => {
                self.suspends_async(is_async);
                if i > 0 {
                    base = self.iterator(iter, is_async);
                }
                let this = self.begin_for(base, target, is_async);
                self.clause(clauses, i + 1, base, sink);
                self.end_for(&this);
            }
            Kind::CompIf(test) => {
                let skip = self.label();
                self.branch(test, false, skip);
                self.clause(clauses, i + 1, base, sink);
                self.place(skip);
            }
            _ => self.sink(sink),
        }
        self.unit.top = mark;
    }

    fn sink(&mut self, sink: Sink) {
        if let Kind::Pair(key, value) = self.node(sink.element).kind {
            return self.set_pair(sink.result, key, value);
        }
        let v = self.item(sink.element);
        match sink.kind {
            CompKind::Generator => {
                let sent = self.temp();
                self.emit2(Op::Yield, sent, v);
            }
            CompKind::Set => self.emit2(Op::SetAdd, sink.result, v),
            _ => self.emit2(Op::ListAppend, sink.result, v),
        }
    }
}
