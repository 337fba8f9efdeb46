//! Statements.

use super::super::ast::{Const, Id, Kind, Seq};
use super::super::scope::{ScopeKind, scope_flag};
use super::super::{Mode, elif};
use super::func::Decorators;
use super::names::Place;
use super::unwind::Leave;
use super::{Bits, Gen, Label, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::object::Str;
use crate::value::Value;
use crate::value::names::q;

impl Gen<'_> {
    /// Generates one statement of the module.
    pub(in crate::compiler) fn top_level(&mut self, id: Id) -> Result<(), Raise> {
        let line = self.node(id).line;
        self.set_line(line);
        if self.scopes.scope(self.vm, 0).flags & scope_flag::ANNOTATIONS != 0
            && !self.unit.annotated
        {
            self.begin_annotations()?;
            self.unit.annotated = true;
        }
        self.statement(id)
    }

    /// Generates the docstring of a module from its first statement.
    pub(in crate::compiler) fn module_docstring(&mut self, id: Id) -> Result<(), Raise> {
        let node = self.node(id);
        let first = match node.kind {
            Kind::Block(statements) => self.child(statements, 0),
            _ => id,
        };
        if let Kind::Expr(value) = self.node(first).kind
            && self.options.opt_level < 2
            && let Some(doc) = self.string_literal(value)
        {
            self.set_line(node.line);
            let t = self.alloc(1)?;
            self.load_value(t, doc)?;
            self.store_place(Place::Name, q::__doc__.value(), t)?;
            self.unit.top -= 1;
        }
        Ok(())
    }

    /// Generates a statement, or the expression of `eval`.
    pub(in crate::compiler) fn statement(&mut self, id: Id) -> Result<(), Raise> {
        if id.is_none() {
            return Ok(());
        }
        self.vm.enter_native()?;
        let node = self.node(id);
        self.set_line(node.line);
        let mark = self.unit.top;
        let labels = self.labels_mark();
        match node.kind {
            Kind::Block(statements) => {
                for i in 0..self.len(statements) {
                    self.statement(self.child(statements, i))?;
                }
            }
            Kind::Expr(value) => {
                let prints = matches!(self.options.mode, Mode::Single | Mode::Paste);
                if prints && self.unit.kind == ScopeKind::Module {
                    let r = self.operand(value, None, false)?;
                    self.emit(Op::PrintExpr, &[r.into()])?;
                } else if self.literal(value).is_none() {
                    self.discard(value)?;
                }
            }
            Kind::Assign { targets, value } => self.assign(targets, value)?,
            Kind::AugAssign { op, target, value } => self.augmented(op, target, value)?,
            Kind::AnnAssign { simple, parts } => self.annotated(simple, parts)?,
            Kind::Delete(targets) => {
                for i in 0..self.len(targets) {
                    self.delete(self.child(targets, i))?;
                }
            }
            Kind::Pass | Kind::Nonlocal(_) => {}
            Kind::Global(names) => self.declare_globals(names)?,
            Kind::Break => self.leave_loop(Leave::Break)?,
            Kind::Continue => self.leave_loop(Leave::Continue)?,
            Kind::Return(value) => self.return_value(value)?,
            Kind::Raise { exc, cause } => self.raise(exc, cause)?,
            Kind::Assert { test, message } => {
                if self.options.opt_level == 0 {
                    self.assertion(test, message)?;
                }
            }
            Kind::Import(names) => self.import(names)?,
            Kind::ImportFrom { level, module, names } => self.import_from(level, module, names)?,
            Kind::ImportStar { level, module } => {
                let r = self.import_name(level.into(), module, |this, r| {
                    let star = this.vm.intern("*")?;
                    let tuple = this.vm.new_tuple(&[star])?;
                    this.load_value(r, tuple)
                })?;
                self.emit(Op::ImportStar, &[r.into()])?;
            }
            Kind::If(parts) => self.if_statement(parts)?,
            Kind::While(parts) => self.while_loop(parts)?,
            Kind::For { is_async, parts } => self.for_loop(is_async, parts)?,
            Kind::Try { star, parts } => self.try_statement(star, parts)?,
            Kind::With { is_async, parts } => self.with(is_async, parts, 1)?,
            Kind::Function { name, parts, .. } => {
                let name = self.constant_of(name);
                let decorators = Decorators { seq: parts, from: 3, to: self.len(parts) };
                self.define(node.line, name, &decorators, |this, dst| this.function(id, dst))?;
            }
            Kind::Class { name, parts } => {
                let name = self.constant_of(name);
                let n = self.child(parts, 1).0;
                let decorators = Decorators { seq: parts, from: 2, to: 2 + n };
                self.define(node.line, name, &decorators, |this, dst| {
                    this.class(id, name, parts, 2 + n, dst)
                })?;
            }
            Kind::TypeAlias { name, value } => {
                let name = self.constant_of(name);
                let r = self.alloc(1)?;
                self.thunk(id, name, value, r)?;
                self.store_name(name, r)?;
            }
            Kind::Match(parts) if cfg!(feature = "extra") => self.match_statement(parts)?,
            _ => self.discard(id)?,
        }
        self.unit.top = mark;
        self.drop_labels(labels);
        Ok(())
    }

    /// Makes a function or class and assigns it to its name.
    fn define(
        &mut self,
        line: u32,
        name: Value,
        decorators: &Decorators,
        make: impl FnOnce(&mut Self, Reg) -> Result<(), Raise>,
    ) -> Result<(), Raise> {
        let place = self.find(name).0;
        if let Place::Reg(r) = place {
            self.decorated(line, decorators, r, make)?;
            self.unit.flow.bound.add(r);
            return Ok(());
        }
        let r = self.alloc(1)?;
        self.decorated(line, decorators, r, make)?;
        self.set_line(line);
        self.store_place(place, name, r)
    }

    /// `global` at the top level matters to code that runs with other locals: later statements have to know.
    fn declare_globals(&mut self, names: Seq) -> Result<(), Raise> {
        if self.unit.kind != ScopeKind::Module {
            return Ok(());
        }
        let list = match self.work.globals {
            Some(list) => list,
            None => *self.work.globals.insert(self.vm.new_list()?),
        };
        for i in 0..self.len(names) {
            if let Some(name) = self.name_of(self.child(names, i)) {
                list.push(self.vm, name)?;
            }
        }
        Ok(())
    }

    fn raise(&mut self, exc: Id, cause: Id) -> Result<(), Raise> {
        if exc.is_none() {
            return self.emit(Op::RaiseAgain, &[]);
        }
        let line = self.unit.line;
        let e = self.operand(exc, None, !self.is_simple(cause))?;
        if cause.is_none() {
            self.set_line(line);
            return self.emit(Op::Raise, &[e.into()]);
        }
        let c = self.operand(cause, None, false)?;
        self.set_line(line);
        self.emit(Op::RaiseFrom, &[e.into(), c.into()])
    }

    fn assertion(&mut self, test: Id, message: Id) -> Result<(), Raise> {
        let line = self.unit.line;
        let end = self.label()?;
        self.branch(test, true, end)?;
        let r = self.alloc(1)?;
        self.load_global(q::AssertionError.value(), r)?;
        if !message.is_none() {
            let m = self.alloc(1)?;
            self.expr(message, m)?;
            self.emit(Op::Call, &[r.into(), r.into(), 1])?;
        }
        self.set_line(line);
        self.emit(Op::Raise, &[r.into()])?;
        self.place(end)
    }

    // ---- imports

    /// Imports a module; `from_list` loads the names wanted. The register that holds what `__import__` returns.
    fn import_name(
        &mut self,
        level: u32,
        module: Const,
        from_list: impl FnOnce(&mut Self, Reg) -> Result<(), Raise>,
    ) -> Result<Reg, Raise> {
        let base = self.alloc(2)?;
        self.emit(Op::LoadInt, &[base.into(), level.min(127)])?;
        from_list(self, base + 1)?;
        let module = self.constant_of(module);
        let k = self.name_constant(module)?;
        self.emit(Op::ImportName, &[base.into(), base.into(), k])?;
        self.unit.top = base as u16 + 1;
        Ok(base)
    }

    fn import(&mut self, names: Seq) -> Result<(), Raise> {
        for i in 0..self.len(names) {
            let mark = self.unit.top;
            let Kind::Alias { name, asname } = self.node(self.child(names, i)).kind else {
                continue;
            };
            let r = self.import_name(0, name, |this, r| this.load_none(r))?;
            let dotted = self.constant_of(name);
            if asname == Const::NONE {
                let first = super::super::scope_walk::first_component(self.vm, dotted)?;
                self.store_name(first, r)?;
            } else {
                // `__import__` returns the package; the module is inside.
                if let Some(text) = Str::from_value(dotted) {
                    for part in text.as_str().split('.').skip(1) {
                        let part = self.vm.intern(part)?;
                        let k = self.name_constant(part)?;
                        self.emit(Op::ImportFrom, &[r.into(), r.into(), k])?;
                    }
                }
                let asname = self.constant_of(asname);
                self.store_name(asname, r)?;
            }
            self.unit.top = mark;
        }
        Ok(())
    }

    fn import_from(&mut self, level: u8, module: Const, names: Seq) -> Result<(), Raise> {
        let n = self.len(names);
        let r = self.import_name(level.into(), module, |this, r| this.import_list(names, r))?;
        let item = self.alloc(1)?;
        for i in 0..n {
            let Kind::Alias { name, asname } = self.node(self.child(names, i)).kind else {
                continue;
            };
            let bound = self.constant_of(if asname == Const::NONE { name } else { asname });
            let name = self.constant_of(name);
            let k = self.name_constant(name)?;
            self.emit(Op::ImportFrom, &[item.into(), r.into(), k])?;
            self.store_name(bound, item)?;
        }
        Ok(())
    }

    /// `r[dst] =` the tuple of the names of a `from` import.
    fn import_list(&mut self, names: Seq, dst: Reg) -> Result<(), Raise> {
        let mut values = [Value::UNDEF; 16];
        let n = self.len(names);
        let few = n as usize <= values.len();
        if !few {
            self.emit(Op::BuildList, &[dst.into(), 0, 0])?;
        }
        for i in 0..n {
            let Kind::Alias { name, .. } = self.node(self.child(names, i)).kind else { continue };
            let name = self.constant_of(name);
            if few {
                values[i as usize] = name;
            } else {
                let r = self.alloc(1)?;
                self.load_value(r, name)?;
                self.emit(Op::ListAppend, &[dst.into(), r.into()])?;
                self.unit.top -= 1;
            }
        }
        if !few {
            return self.emit(Op::ListToTuple, &[dst.into(), dst.into()]);
        }
        let tuple = self.vm.new_tuple(&values[..n as usize])?;
        self.load_value(dst, tuple)
    }

    // ---- control flow

    /// Generates code that never runs, for its errors.
    fn unreachable(&mut self, id: Id) -> Result<(), Raise> {
        let flow = self.unit.flow;
        self.unit.flow.dead = true;
        self.statement(id)?;
        self.unit.flow = flow;
        Ok(())
    }

    fn if_statement(&mut self, mut parts: Seq) -> Result<(), Raise> {
        let end = self.label()?;
        loop {
            let [test, body, orelse] = [0, 1, 2].map(|i| self.child(parts, i));
            let next = elif(self.vm, self.ast, orelse);
            match self.const_truth(test) {
                Some(true) => {
                    self.statement(body)?;
                    self.unreachable(orelse)?;
                    break;
                }
                Some(false) => self.unreachable(body)?,
                None if orelse.is_none()
                    && let Some(label) = self.leave_only(body) =>
                {
                    self.branch(test, true, label)?;
                }
                None => {
                    let other = self.label()?;
                    self.branch(test, false, other)?;
                    self.statement(body)?;
                    if !orelse.is_none() {
                        self.jump(Op::Jump, &[], end)?;
                    }
                    self.place(other)?;
                }
            }
            match next {
                Some((line, elif)) => {
                    self.set_line(line);
                    parts = elif;
                }
                None => {
                    self.statement(orelse)?;
                    break;
                }
            }
        }
        self.place(end)
    }

    /// Where to jump for a block that is just a `break` or `continue` with nothing to undo.
    fn leave_only(&self, body: Id) -> Option<Label> {
        let only = match self.node(body).kind {
            Kind::Block(statements) if self.len(statements) == 1 => self.child(statements, 0),
            _ => body,
        };
        match self.node(only).kind {
            Kind::Break => self.plain_leave(Leave::Break),
            Kind::Continue => self.plain_leave(Leave::Continue),
            _ => None,
        }
    }

    fn while_loop(&mut self, parts: Seq) -> Result<(), Raise> {
        let [test, body, orelse] = [0, 1, 2].map(|i| self.child(parts, i));
        let line = self.unit.line;
        let end = self.label()?;
        match self.const_truth(test) {
            Some(false) => {
                let block = self.open_loop(end, end)?;
                self.unreachable(body)?;
                self.close(block)?;
                self.statement(orelse)?;
            }
            Some(true) => {
                self.unit.flow = self.loop_flow();
                let head = self.label_here()?;
                let block = self.open_loop(end, head)?;
                self.statement(body)?;
                self.close(block)?;
                self.set_line(line);
                self.jump(Op::Jump, &[], head)?;
                self.unreachable(orelse)?;
            }
            None => {
                let next = self.label()?;
                let mut flow = self.loop_flow();
                self.jump(Op::Jump, &[], next)?;
                self.bind_true(test, &mut flow.bound);
                self.unit.flow = flow;
                let head = self.label_here()?;
                let block = self.open_loop(end, next)?;
                self.statement(body)?;
                self.close(block)?;
                self.place(next)?;
                self.set_line(line);
                self.branch(test, true, head)?;
                self.statement(orelse)?;
            }
        }
        self.place(end)
    }

    /// Adds the variables that `:=` has bound once the test is true.
    fn bind_true(&self, test: Id, bound: &mut Bits) {
        if let Kind::BoolAnd(parts) = self.node(test).kind {
            for i in 0..self.len(parts) {
                self.bind_true(self.child(parts, i), bound);
            }
        } else {
            self.bind_evaluated(test, bound);
        }
    }

    /// Adds the variables that `:=` has bound once the expression is evaluated.
    fn bind_evaluated(&self, id: Id, bound: &mut Bits) {
        match self.node(id).kind {
            Kind::NamedExpr { target, .. } => {
                if let Some(r) = self.variable(target).filter(|&r| self.is_variable(r)) {
                    bound.add(r);
                }
            }
            Kind::Compare { lhs, rhs, .. } => {
                self.bind_evaluated(lhs, bound);
                self.bind_evaluated(rhs, bound);
            }
            Kind::Unary { operand, .. } => self.bind_evaluated(operand, bound),
            _ => {}
        }
    }

    fn for_loop(&mut self, is_async: bool, parts: Seq) -> Result<(), Raise> {
        let [target, iter, body, orelse] = [0, 1, 2, 3].map(|i| self.child(parts, i));
        let line = self.unit.line;
        let base = self.iterator(iter, is_async)?;
        let end = self.label()?;
        let this = self.begin_for(base, target, is_async)?;
        let block = self.open_loop(end, this.next)?;
        self.statement(body)?;
        self.close(block)?;
        self.end_for(&this, line)?;
        self.statement(orelse)?;
        self.place(end)
    }
}
