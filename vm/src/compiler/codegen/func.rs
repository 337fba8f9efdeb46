//! Functions, lambdas, classes, generator expressions: units inside units.

use super::super::ast::{Const, Id, Kind, ParamKind, Seq};
use super::super::scope::{Access, NO_FREE, NONE, ScopeKind, scope_flag, symbol_flag};
use super::call::Args;
use super::emit::UnitParts;
use super::names::Place;
use super::{Gen, MAX_NEAR_LOCALS, NEAR_REGS, Reg, Unit};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::object::{CodeFlags, Str, StrBuilder};
use crate::value::Value;
use crate::value::names::q;
use crate::vm::intern::NAME_MAX;

/// Decorators of a definition: children `from..to` of `seq`.
pub(super) struct Decorators {
    pub seq: Seq,
    pub from: u32,
    pub to: u32,
}

impl Gen<'_> {
    // ---- units

    /// Generates a unit for `scope` and returns its code object. `body` emits its code.
    pub(super) fn nested(
        &mut self,
        kind: ScopeKind,
        scope: u32,
        name: Value,
        line: u32,
        body: impl FnOnce(&mut Gen<'_>, &mut UnitParts) -> Result<(), Raise>,
    ) -> Result<Value, Raise> {
        let qualname = self.qualname(name)?;
        let mut unit = Unit::new(self.vm, kind, name, qualname, line)?;
        unit.scope = scope;
        let mut inner = Gen {
            vm: &mut *self.vm,
            ast: self.ast,
            scopes: &mut *self.scopes,
            options: self.options,
            work: &mut *self.work,
            unit: &mut unit,
        };
        inner.begin_unit();
        let mut parts = UnitParts { scope, ..UnitParts::default() };
        body(&mut inner, &mut parts)?;
        let code = inner.finish(parts)?;
        unit.free(self.vm);
        Ok(code)
    }

    /// The qualified name of a definition in this unit.
    fn qualname(&mut self, name: Value) -> Result<Value, Raise> {
        let (place, flags) = self.find(name);
        let joint = match self.unit.kind {
            ScopeKind::Module => return Ok(name),
            _ if place == Place::Global && flags & symbol_flag::GLOBAL != 0 => return Ok(name),
            ScopeKind::Class => ".",
            _ => ".<locals>.",
        };
        let mut text = StrBuilder::new();
        for part in [Str::from_value(self.unit.qualname), Str::from_value(name)] {
            if !text.is_empty() {
                text.push_str(self.vm, joint)?;
            }
            if let Some(part) = part {
                text.push_str(self.vm, part.as_str())?;
            }
        }
        let text = text.finish_str(self.vm)?;
        match Str::from_value(text) {
            Some(text) if text.byte_len() <= NAME_MAX => self.vm.intern_str(text),
            Some(text) => self.vm.intern(text.as_str()),
            None => Ok(name),
        }
    }

    /// Gives the variables of the unit their registers and makes the cells.
    fn allocate_variables(&mut self) -> Result<(), Raise> {
        let mut next = self.unit.first_temp;
        let mut at = self.scopes.scope(self.vm, self.unit.scope).first_symbol;
        let first = at;
        while at != NONE {
            let mut symbol = self.scopes.symbol(self.vm, at);
            if symbol.access == Access::Local {
                if next < MAX_NEAR_LOCALS {
                    symbol.register = next;
                    next += 1;
                    if symbol.has(symbol_flag::PARAM) {
                        self.unit.flow.bound.add(symbol.register as Reg);
                        self.unit.n_params = next;
                    }
                    if symbol.has(symbol_flag::DELETED) {
                        self.unit.deleted.add(symbol.register as Reg);
                    }
                } else {
                    if self.unit.n_far > u16::MAX - NEAR_REGS - 1 {
                        return Err(self.error("too many local variables"));
                    }
                    symbol.register = NEAR_REGS + self.unit.n_far;
                    self.unit.n_far += 1;
                }
                self.scopes.set_symbol(self.vm, at, symbol);
            }
            at = symbol.next;
        }
        self.unit.first_temp = next;
        self.unit.top = next;
        self.unit.high = self.unit.high.max(next);
        self.make_cells(first)
    }

    fn make_cells(&mut self, mut at: u32) -> Result<(), Raise> {
        while at != NONE {
            let symbol = self.scopes.symbol(self.vm, at);
            if symbol.access == Access::Local && symbol.has(symbol_flag::CELL) {
                let far = symbol.register >= NEAR_REGS;
                let r = if far { self.alloc(1)? } else { symbol.register as Reg };
                if far || !symbol.has(symbol_flag::PARAM) {
                    self.load_value(r, Value::UNDEF)?;
                }
                self.emit(Op::MakeCell, &[r.into()])?;
                if far {
                    self.emit(Op::StoreFar, &[symbol.register.into(), r.into()])?;
                    self.unit.top -= 1;
                }
            }
            at = symbol.next;
        }
        Ok(())
    }

    // ---- function objects

    /// The scope made for `node` inside the one at work.
    pub(super) fn scope_of(&mut self, node: Id) -> Result<u32, Raise> {
        match self.scopes.child(self.vm, self.unit.scope, node) {
            Some(scope) => Ok(scope),
            None => Err(self.error("invalid syntax")),
        }
    }

    /// Makes the function object of `code` in `dst`. `base` is followed by room for the cells.
    pub(super) fn make_function(
        &mut self,
        scope: u32,
        code: Value,
        base: Reg,
        dst: Reg,
    ) -> Result<(), Raise> {
        let mut at = self.scopes.scope(self.vm, scope).first_symbol;
        while at != NONE {
            let symbol = self.scopes.symbol(self.vm, at);
            if symbol.free != NO_FREE {
                let name = self.scopes.name(self.vm, at);
                let r = base + 2 + symbol.free as Reg;
                self.load_cell_itself(name, r)?;
            }
            at = symbol.next;
        }
        let k = self.push_constant(code)?;
        self.emit(Op::MakeFunction, &[dst.into(), k, base.into()])
    }

    /// `r[dst] =` the cell of the variable.
    fn load_cell_itself(&mut self, name: Value, dst: Reg) -> Result<(), Raise> {
        let cell = |place| match place {
            Place::Cell(cell) => Some(cell),
            _ => None,
        };
        // A class owns its `__class__` cell under another name.
        let mut place = None;
        if self.unit.kind == ScopeKind::Class && name == q::__class__.value() {
            place = cell(self.find(q::__classcell__.value()).0);
        }
        if place.is_none() {
            if let Some(free) = self.free_index(name) {
                return self.emit(Op::LoadFreeCell, &[dst.into(), free.into()]);
            }
            place = cell(self.find(name).0);
        }
        match place {
            Some(cell) if cell < NEAR_REGS => self.move_reg(dst, cell as Reg),
            Some(cell) => self.emit(Op::LoadFar, &[dst.into(), cell.into()]),
            None => Err(self.error("no binding for nonlocal found")),
        }
    }

    /// The index of a name among the unit's free variables, unless a scope of the unit has a cell for it.
    fn free_index(&self, name: Value) -> Option<u16> {
        let unit = self.scopes.unit_of(self.vm, self.unit.scope);
        if self.unit.scope != unit && matches!(self.find(name).0, Place::Cell(_)) {
            return None;
        }
        let symbol = self.scopes.symbol(self.vm, self.scopes.find(self.vm, unit, name)?);
        (symbol.free != NO_FREE).then_some(symbol.free)
    }

    /// `r[dst] =` the function of a `Function` node, undecorated.
    pub(super) fn function(&mut self, id: Id, dst: Reg) -> Result<(), Raise> {
        const LAMBDA: u8 = 2;
        let node = self.node(id);
        let Kind::Function { flags, name, parts } = node.kind else { return Ok(()) };
        self.set_line(node.line);
        let line = self.unit.line;
        let args = match self.node(self.child(parts, 0)).kind {
            Kind::Args(args) => args,
            _ => Seq::EMPTY,
        };
        let scope = self.scope_of(id)?;
        let n_free = self.scopes.scope(self.vm, scope).n_free;
        let mark = self.unit.top;
        let base = self.alloc(2 + u32::from(n_free))?;
        self.defaults(args, base)?;
        let is_lambda = flags & LAMBDA != 0;
        let name = if is_lambda { q::LAMBDA.value() } else { self.constant_of(name) };
        let body = self.child(parts, 1);
        let code = self.nested(ScopeKind::Function, scope, name, line, |inner, parts| {
            inner.parameters(args, parts)?;
            if is_lambda {
                inner.allocate_variables()?;
                inner.return_value(body)
            } else {
                if let Some(doc) = inner.docstring(body) {
                    inner.push_constant(doc)?;
                    parts.flags |= CodeFlags::DOC;
                }
                inner.allocate_variables()?;
                inner.statement(body)
            }
        })?;
        self.set_line(line);
        self.make_function(scope, code, base, dst)?;
        self.unit.top = mark;
        Ok(())
    }

    /// The docstring of a body, where they are kept.
    fn docstring(&self, body: Id) -> Option<Value> {
        if self.options.opt_level >= 2 || body.is_none() {
            return None;
        }
        let first = match self.node(body).kind {
            Kind::Block(statements) => self.child(statements, 0),
            _ => body,
        };
        if first.is_none() {
            return None;
        }
        match self.node(first).kind {
            Kind::Expr(value) => self.string_literal(value),
            // Statements of one line form a block of their own.
            Kind::Block(_) => self.docstring(first),
            _ => None,
        }
    }

    fn param(&self, args: Seq, i: u32) -> Option<(ParamKind, Const, Id)> {
        match self.node(self.child(args, i)).kind {
            Kind::Param { kind, name, more } => Some((kind, name, self.child(more, 0))),
            _ => None,
        }
    }

    /// Evaluates the defaults: a tuple in `base`, a dictionary of the keyword-only ones in `base + 1`.
    fn defaults(&mut self, args: Seq, base: Reg) -> Result<(), Raise> {
        let n = self.len(args);
        let mark = self.unit.top;
        let mut n_defaults = 0;
        let mut literals = true;
        for i in 0..n {
            let Some((kind, _, default)) = self.param(args, i) else { continue };
            if matches!(kind, ParamKind::PositionalOnly | ParamKind::Normal) {
                if !default.is_none() {
                    n_defaults += 1;
                    literals &= self.literal(default).is_some();
                } else if n_defaults > 0 {
                    return Err(self.error("non-default argument follows default argument"));
                }
            }
        }
        let mut values = [Value::UNDEF; 16];
        literals &= n_defaults <= values.len();
        let mut filled = 0;
        for i in 0..n {
            let Some((kind, _, default)) = self.param(args, i) else { continue };
            if default.is_none() || !matches!(kind, ParamKind::PositionalOnly | ParamKind::Normal) {
                continue;
            }
            if literals {
                values[filled] = self.literal(default).unwrap_or(Value::NONE);
            } else {
                let r = self.alloc(1)?;
                self.expr(default, r)?;
            }
            filled += 1;
        }
        if n_defaults == 0 {
            self.load_value(base, Value::UNDEF)?;
        } else if literals {
            let tuple = self.vm.new_tuple(&values[..filled])?;
            self.load_value(base, tuple)?;
        } else {
            self.emit(Op::BuildTuple, &[base.into(), mark.into(), n_defaults as u32])?;
        }
        self.unit.top = mark;
        let mut n_pairs = 0;
        for i in 0..n {
            let Some((ParamKind::KeywordOnly, name, default)) = self.param(args, i) else {
                continue;
            };
            if default.is_none() {
                continue;
            }
            let name = self.constant_of(name);
            let r = self.alloc(2)?;
            self.load_value(r, name)?;
            self.expr(default, r + 1)?;
            n_pairs += 1;
        }
        if n_pairs == 0 {
            self.load_value(base + 1, Value::UNDEF)?;
        } else {
            self.emit(Op::BuildDict, &[(base + 1).into(), mark.into(), n_pairs])?;
        }
        self.unit.top = mark;
        Ok(())
    }

    /// Declares the parameters of a new unit: its first constants are their names.
    fn parameters(&mut self, args: Seq, parts: &mut UnitParts) -> Result<(), Raise> {
        let n = self.len(args);
        if n > MAX_NEAR_LOCALS as u32 {
            return Err(self.error("too many args"));
        }
        for wanted in
            [ParamKind::Normal, ParamKind::KeywordOnly, ParamKind::VarArgs, ParamKind::VarKeywords]
        {
            for i in 0..n {
                let Some((kind, name, _)) = self.param(args, i) else { continue };
                let positional = matches!(kind, ParamKind::PositionalOnly | ParamKind::Normal);
                if kind != wanted && !(positional && wanted == ParamKind::Normal) {
                    continue;
                }
                let name = self.constant_of(name);
                self.push_constant(name)?;
                match kind {
                    ParamKind::PositionalOnly | ParamKind::Normal => {
                        if parts.n_args == 0 {
                            self.unit.first_param = name;
                        }
                        parts.n_args += 1;
                        parts.n_pos_only += (kind == ParamKind::PositionalOnly) as u8;
                    }
                    ParamKind::KeywordOnly => parts.n_kw_only += 1,
                    ParamKind::VarArgs => parts.flags |= CodeFlags::VARARGS,
                    ParamKind::VarKeywords => parts.flags |= CodeFlags::VARKEYWORDS,
                }
            }
        }
        Ok(())
    }

    /// A function without parameters that returns the value of an expression, for `type X = …`.
    pub(super) fn thunk(&mut self, id: Id, name: Value, value: Id, dst: Reg) -> Result<(), Raise> {
        let scope = self.scope_of(id)?;
        let base = self.alloc(2 + u32::from(self.scopes.scope(self.vm, scope).n_free))?;
        self.defaults(Seq::EMPTY, base)?;
        let code = self.nested(ScopeKind::Function, scope, name, self.unit.line, |inner, _| {
            inner.allocate_variables()?;
            inner.return_value(value)
        })?;
        self.make_function(scope, code, base, dst)?;
        self.unit.top = base.into();
        Ok(())
    }

    /// A generator expression: a generator function called with the first iterator.
    pub(super) fn generator_expression(
        &mut self,
        id: Id,
        element: Id,
        clauses: Seq,
        dst: Reg,
    ) -> Result<(), Raise> {
        let Kind::CompFor { is_async, iter, .. } = self.node(self.child(clauses, 0)).kind else {
            return Ok(());
        };
        let line = self.unit.line;
        let mark = self.unit.top;
        let function = self.alloc(1)?;
        let first = self.alloc(1)?;
        let r = self.operand(iter, Some(first), false)?;
        self.emit(
            if is_async { Op::GetAIter } else { Op::GetFirstIter },
            &[first.into(), r.into()],
        )?;
        let scope = self.scope_of(id)?;
        let base = self.alloc(2 + u32::from(self.scopes.scope(self.vm, scope).n_free))?;
        self.defaults(Seq::EMPTY, base)?;
        let code =
            self.nested(ScopeKind::Generator, scope, q::GENEXPR.value(), line, |inner, parts| {
                inner.push_constant(q::DOT_ZERO.value())?;
                inner.unit.first_param = q::DOT_ZERO.value();
                parts.n_args = 1;
                inner.allocate_variables()?;
                inner.generator_body(element, clauses)
            })?;
        self.make_function(scope, code, base, function)?;
        self.set_line(line);
        self.emit(Op::Call, &[dst.into(), function.into(), 1])?;
        self.unit.top = mark;
        Ok(())
    }

    // ---- definitions

    /// `def` with its decorators: the function goes to `dst`.
    pub(super) fn decorated(
        &mut self,
        line: u32,
        decorators: &Decorators,
        dst: Reg,
        make: impl FnOnce(&mut Self, Reg) -> Result<(), Raise>,
    ) -> Result<(), Raise> {
        let mark = self.unit.top;
        let first = mark as Reg;
        let mut n = 0;
        for i in decorators.from..decorators.to {
            let decorator = self.child(decorators.seq, i);
            if self.is_emitter_decorator(decorator)? {
                continue;
            }
            let r = self.alloc(1)?;
            self.expr(decorator, r)?;
            n += 1;
        }
        if n == 0 {
            return make(self, dst);
        }
        let r = self.alloc(1)?;
        make(self, r)?;
        self.set_line(line);
        for i in (0..n).rev() {
            let f = u32::from(first) + i;
            let to = if i == 0 { dst.into() } else { f };
            self.emit(Op::Call, &[to, f, 1])?;
        }
        self.unit.top = mark;
        Ok(())
    }

    /// `@micropython.native` and the like choose an emitter; there is one, so they mean nothing.
    fn is_emitter_decorator(&mut self, id: Id) -> Result<bool, Raise> {
        let Kind::Attribute { object, name } = self.node(id).kind else { return Ok(false) };
        if self.name_of(object) != Some(q::micropython.value()) {
            return Ok(false);
        }
        let name = self.constant_of(name);
        if [q::bytecode.value(), q::native.value(), q::viper.value()].contains(&name) {
            Ok(true)
        } else {
            Err(self.error("invalid micropython decorator"))
        }
    }

    /// `r[dst] =` the class of a `Class` node, undecorated. `bases` is the place of the first base in `parts`.
    pub(super) fn class(
        &mut self,
        id: Id,
        name: Value,
        parts: Seq,
        bases: u32,
        dst: Reg,
    ) -> Result<(), Raise> {
        let line = self.unit.line;
        let mark = self.unit.top;
        let base = self.alloc(3)?;
        self.load_global(q::__build_class__.value(), base)?;
        let scope = self.scope_of(id)?;
        let window = self.alloc(2 + u32::from(self.scopes.scope(self.vm, scope).n_free))?;
        self.defaults(Seq::EMPTY, window)?;
        let body = self.child(parts, 0);
        let code = self.nested(ScopeKind::Class, scope, name, line, |inner, _| {
            inner.class_body(scope, body)
        })?;
        self.set_line(line);
        self.make_function(scope, code, window, base + 1)?;
        self.unit.top = window.into();
        self.load_value(base + 2, name)?;
        self.call_with(line, &Args { seq: parts, from: bases, in_place: 2 }, base, dst)?;
        self.unit.top = mark;
        Ok(())
    }

    fn class_body(&mut self, scope: u32, body: Id) -> Result<(), Raise> {
        self.unit.reserve_namespace();
        self.allocate_variables()?;
        let t = self.alloc(1)?;
        self.load_global(q::__name__.value(), t)?;
        self.store_place(Place::Name, q::__module__.value(), t)?;
        self.load_value(t, self.unit.qualname)?;
        self.store_place(Place::Name, q::__qualname__.value(), t)?;
        if let Some(doc) = self.docstring(body) {
            self.load_value(t, doc)?;
            self.store_place(Place::Name, q::__doc__.value(), t)?;
        }
        self.unit.top -= 1;
        let flags = self.scopes.scope(self.vm, scope).flags;
        if flags & scope_flag::ANNOTATIONS != 0 {
            self.begin_annotations()?;
        }
        self.statement(body)?;
        if flags & scope_flag::CLASS_CELL != 0
            && let Place::Cell(cell) = self.find(q::__classcell__.value()).0
        {
            let cell = self.near_cell(cell)?;
            self.store_place(Place::Name, q::__classcell__.value(), cell)?;
        }
        Ok(())
    }

    /// Makes `__annotations__` in the namespace.
    pub(super) fn begin_annotations(&mut self) -> Result<(), Raise> {
        let t = self.alloc(1)?;
        self.emit(Op::BuildDict, &[t.into(), 0, 0])?;
        self.store_place(Place::Name, q::__annotations__.value(), t)?;
        self.unit.top -= 1;
        Ok(())
    }
}
