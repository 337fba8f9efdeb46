//! Comprehensions, in the registers of the unit around them, and the loops that they share with `for`.

use super::super::ast::{CompKind, Id, Kind, Seq};
use super::super::scope::{Access, NONE, symbol_flag};
use super::emit::Label;
use super::names::Place;
use super::unwind::BlockKind;
use super::{Flow, Gen, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::value::Value;
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
    /// Of an asynchronous loop: the handler that ends it, and what is known there.
    end: Option<(u32, bool, Flow)>,
}

/// What becomes of the elements.
#[derive(Clone, Copy)]
struct Sink {
    kind: CompKind,
    /// The list, set or dictionary.
    result: Reg,
}

impl Gen<'_> {
    // ---- loops

    /// Makes an iterator over `iter` in new registers.
    pub(super) fn iterator(&mut self, iter: Id, is_async: bool) -> Result<Reg, Raise> {
        let line = self.unit.line;
        let base = self.alloc(1)?;
        let src = match self.literal_list(iter)? {
            Some(tuple) => {
                self.load_value(base, tuple)?;
                base
            }
            None => self.operand(iter, Some(base), false)?,
        };
        if !is_async {
            self.alloc(2)?;
        }
        self.set_line(line);
        self.emit(if is_async { Op::GetAIter } else { Op::GetIter }, &[base.into(), src.into()])?;
        Ok(base)
    }

    /// Begins a loop over the iterator in `base`: the code that follows has assigned `target`.
    pub(super) fn begin_for(
        &mut self,
        base: Reg,
        target: Id,
        is_async: bool,
    ) -> Result<ForLoop, Raise> {
        let flow = self.loop_flow();
        let line = self.unit.line;
        let direct = match self.name_of(target).map(|name| self.find(name).0) {
            Some(Place::Reg(r)) => Some(r),
            _ => None,
        };
        let item = match direct {
            Some(r) => r,
            None => self.alloc(1)?,
        };
        let mut this = ForLoop { base, item, body: self.label()?, next: self.label()?, end: None };
        if is_async {
            self.unit.flow = flow;
            this.next = self.label_here()?;
            let window = self.alloc(2)?;
            let block = self.open(BlockKind::Try, 0, 0, window)?;
            self.emit(Op::GetANext, &[window.into(), base.into()])?;
            self.await_value(window, window, item)?;
            let (pad, reached) = self.close(block)?;
            self.unit.top -= 2;
            this.end = Some((pad, reached, flow));
        } else {
            self.jump(Op::Jump, &[], this.next)?;
            self.unit.flow = flow;
            this.body = self.label_here()?;
        }
        match direct {
            Some(r) => self.unit.flow.bound.add(r),
            None => {
                self.store_target(target, item)?;
                self.set_line(line);
            }
        }
        Ok(this)
    }

    /// Ends the loop; the code that follows runs when there are no more items.
    pub(super) fn end_for(&mut self, this: &ForLoop, line: u32) -> Result<(), Raise> {
        self.set_line(line);
        let Some((pad, reached, flow)) = this.end else {
            self.place(this.next)?;
            return self.jump(Op::ForNext, &[this.item.into(), this.base.into()], this.body);
        };
        self.jump(Op::Jump, &[], this.next)?;
        self.resume(flow, reached);
        self.place_pad(pad);
        let exc = self.alloc(2)?;
        let (other, end) = (self.label()?, self.label()?);
        self.load_global(q::StopAsyncIteration.value(), exc + 1)?;
        self.jump(Op::JumpNoMatch, &[exc.into(), (exc + 1).into()], other)?;
        self.jump(Op::Jump, &[], end)?;
        self.place(other)?;
        self.emit(Op::Reraise, &[exc.into()])?;
        self.place(end)?;
        self.unit.top -= 2;
        Ok(())
    }

    // ---- comprehensions

    pub(super) fn comprehension(
        &mut self,
        id: Id,
        kind: CompKind,
        element: Id,
        clauses: Seq,
        dst: Reg,
    ) -> Result<(), Raise> {
        if kind == CompKind::Generator {
            return self.generator_expression(id, element, clauses, dst);
        }
        let Kind::CompFor { is_async, iter, .. } = self.node(self.child(clauses, 0)).kind else {
            return Ok(());
        };
        let result = self.scratch(dst)?;
        let base = self.iterator(iter, is_async)?;
        let op = match kind {
            CompKind::Set => Op::BuildSet,
            CompKind::Dict => Op::BuildDict,
            _ => Op::BuildList,
        };
        self.emit(op, &[result.into(), 0, 0])?;
        let outer = self.unit.scope;
        self.unit.scope = self.scope_of(id)?;
        self.comprehension_variables()?;
        self.clause(clauses, 0, base, element, Sink { kind, result })?;
        self.unit.scope = outer;
        self.move_reg(dst, result)
    }

    /// Gives the comprehension's variables registers of their own.
    fn comprehension_variables(&mut self) -> Result<(), Raise> {
        let mut at = self.scopes.scope(self.vm, self.unit.scope).first_symbol;
        while at != NONE {
            let mut symbol = self.scopes.symbol(self.vm, at);
            if symbol.access == Access::Local {
                let r = self.alloc(1)?;
                symbol.register = r.into();
                self.scopes.set_symbol(self.vm, at, symbol);
                self.unit.flow.bound.remove(r);
                if symbol.has(symbol_flag::CELL) {
                    self.load_value(r, Value::UNDEF)?;
                    self.emit(Op::MakeCell, &[r.into()])?;
                }
            }
            at = symbol.next;
        }
        Ok(())
    }

    /// The body of a generator expression's function.
    pub(super) fn generator_body(&mut self, element: Id, clauses: Seq) -> Result<(), Raise> {
        let Kind::CompFor { is_async, .. } = self.node(self.child(clauses, 0)).kind else {
            return Ok(());
        };
        let base = if is_async {
            0
        } else {
            let base = self.alloc(3)?;
            self.emit(Op::GetIter, &[base.into(), 0])?;
            base
        };
        self.clause(clauses, 0, base, element, Sink { kind: CompKind::Generator, result: 0 })
    }

    /// The clause at place `i` and those after it; `base` is the iterator of the first.
    fn clause(
        &mut self,
        clauses: Seq,
        i: u32,
        base: Reg,
        element: Id,
        sink: Sink,
    ) -> Result<(), Raise> {
        self.vm.enter_native()?;
        let id = self.child(clauses, i);
        let mark = self.unit.top;
        let labels = self.labels_mark();
        if id.is_none() {
            self.sink(element, sink)?;
        } else {
            match self.node(id).kind {
                Kind::CompFor { is_async, target, iter } => {
                    let line = self.unit.line;
                    let base = if i == 0 { base } else { self.iterator(iter, is_async)? };
                    let this = self.begin_for(base, target, is_async)?;
                    self.clause(clauses, i + 1, base, element, sink)?;
                    self.end_for(&this, line)?;
                }
                Kind::CompIf(test) => {
                    let skip = self.label()?;
                    self.branch(test, false, skip)?;
                    self.clause(clauses, i + 1, base, element, sink)?;
                    self.place(skip)?;
                }
                _ => {}
            }
        }
        self.drop_labels(labels);
        self.unit.top = mark;
        Ok(())
    }

    fn sink(&mut self, element: Id, sink: Sink) -> Result<(), Raise> {
        let to = u32::from(sink.result);
        match (sink.kind, self.node(element).kind) {
            (CompKind::Dict, Kind::Pair(key, value)) => {
                let k = self.operand(key, None, !self.is_simple(value))?;
                let v = self.operand(value, None, false)?;
                self.emit(Op::DictSet, &[to, k.into(), v.into()])
            }
            (CompKind::Generator, _) => {
                let v = self.operand(element, None, false)?;
                let sent = self.alloc(1)?;
                self.emit(Op::Yield, &[sent.into(), v.into()])
            }
            (kind, _) => {
                let v = self.operand(element, None, false)?;
                let op = if kind == CompKind::Set { Op::SetAdd } else { Op::ListAppend };
                self.emit(op, &[to, v.into()])
            }
        }
    }
}
