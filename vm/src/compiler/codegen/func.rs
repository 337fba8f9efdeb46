//! Functions, lambdas, classes, generator expressions: units inside units.

use super::super::ast::{Const, Id, Kind, ParamKind, Seq};
use super::super::scope::{
    Access, NO_FREE, NONE, Scope, ScopeKind, Scopes, scope_flag, symbol_flag,
};
use super::names::Place;
use super::{Gen, HAS_FAR, MAX_NEAR_LOCALS, NEAR_REGS, Reg, Unit};
use crate::bytecode::op::Op;
use crate::object::{CodeFlags, Str, StrBuilder};
use crate::value::Value;
use crate::value::names::q;
use crate::vm::intern::NAME_MAX;
use crate::{Raise, Vm};
use core::mem::replace;

/// Flags of a `Function` node.
const ASYNC: u8 = 1;
const LAMBDA: u8 = 2;

/// The register of the cell of `__class__` in the body of a class that has one.
const CLASS_CELL: Reg = 1;

/// A parameter.
pub(in crate::compiler) struct Param {
    pub kind: ParamKind,
    pub name: Const,
    /// May be [`Id::NONE`].
    pub default: Id,
}

impl Gen<'_> {
    // ---- units

    /// The qualified name of a definition in this unit.
    fn qualname(&mut self, name: Value) -> Value {
        let joint = match self.unit.kind {
            ScopeKind::Module => return name,
            _ if !cfg!(feature = "extra") => return name,
            _ if self.find(name) == Place::Global
                && self.flags_of(name) & symbol_flag::GLOBAL != 0 =>
            {
                return name;
            }
            ScopeKind::Class => ".",
            _ => ".<locals>.",
        };
        let vm = &mut *self.parser.lexer.vm;
        let joined = join_names(vm, self.unit.qualname, joint, name);
        self.value(joined)
    }

    /// Gives the variables of the unit their registers and makes the cells.
    fn allocate_variables(&mut self) {
        let mut next = self.unit.first_temp;
        let first = self.scopes.scope(self.unit.scope).first_symbol;
        let mut at = first;
        while at != NONE {
            let symbol = self.scopes.symbol_mut(at);
            at = symbol.next;
            if symbol.access != Access::Local {
                continue;
            }
            if next < MAX_NEAR_LOCALS {
                symbol.register = next as u16;
                let flags = symbol.flags;
                if flags & symbol_flag::PARAM != 0 {
                    self.set_bound(next);
                    self.unit.n_params = next + 1;
                }
                if flags & symbol_flag::DELETED != 0 {
                    self.unit.deleted.add(next);
                }
                next += 1;
            } else if HAS_FAR && self.unit.n_far < u16::MAX as u32 - NEAR_REGS {
                symbol.register = (NEAR_REGS + self.unit.n_far) as u16;
                self.unit.n_far += 1;
            } else {
                return self.error("too many local variables");
            }
        }
        self.unit.first_temp = next;
        self.unit.top = next;
        self.unit.high = self.unit.high.max(next);
        self.make_cells(first);
    }

    fn make_cells(&mut self, mut at: u32) {
        while at != NONE {
            let symbol = *self.scopes.symbol(at);
            if symbol.access == Access::Local && symbol.has(symbol_flag::CELL) {
                let register = Reg::from(symbol.register);
                let far = HAS_FAR && register >= NEAR_REGS;
                let r = if far { self.temp() } else { register };
                if far || !symbol.has(symbol_flag::PARAM) {
                    self.load_undef(r);
                }
                self.emit1(Op::MakeCell, r);
                if far {
                    self.emit2(Op::StoreFar, register, r);
                    self.unit.top = r;
                }
            }
            at = symbol.next;
        }
    }

    // ---- function objects

    /// `r[dst] =` the function of the code that `id` stands for: that of a `Function`, a class body, a generator
    /// expression, the value of a type alias. `args` are its parameters.
    #[inline(never)]
    fn make_function(&mut self, id: Id, kind: ScopeKind, name: Value, args: Seq, dst: Reg) {
        let mark = self.unit.top;
        let line = self.unit.line;
        let scope = self.scope_of(id, kind);
        // The defaults, and a cell for each free variable.
        let base = self.alloc(2 + u32::from(self.scopes.scope(scope).n_free));
        self.defaults(args, true, base);
        self.defaults(args, false, base + 1);
        self.unit.line = line;
        let node = self.node(id).kind;
        let suspends = match node {
            _ if kind == ScopeKind::Generator => scope_flag::GENERATOR,
            Kind::Function { flags, .. } if flags & ASYNC != 0 => scope_flag::COROUTINE,
            _ => 0,
        };
        if !self.failed() {
            self.scopes.scope_mut(scope).flags |= suspends;
        }
        let code = match node {
            Kind::Class { parts, .. } if self.child(parts, 0).is_none() => {
                // The next constant: such a class is in no function, and there are no cells to load.
                self.class = Some((name, self.unit.consts.len(self.parser.lexer.vm)));
                Value::UNDEF
            }
            _ => self.nested(id, kind, scope, name, args),
        };
        let mut at = self.scopes.scope(scope).first_symbol;
        while at != NONE && !self.failed() {
            let symbol = *self.scopes.symbol(at);
            if symbol.free != NO_FREE {
                self.load_cell_itself(self.symbol_name(at), base + 2 + u32::from(symbol.free));
            }
            at = symbol.next;
        }
        let k = self.push_constant(code);
        self.emit3(Op::MakeFunction, dst, k, base);
        self.unit.top = mark;
    }

    /// Generates the unit of the code that `id` stands for; its code object.
    #[inline(never)]
    fn nested(&mut self, id: Id, kind: ScopeKind, scope: u32, name: Value, args: Seq) -> Value {
        if self.failed() {
            return Value::UNDEF;
        }
        // Where nothing is emitted nothing is made: the list is that of the unit around it.
        let dead = self.unit.flow.dead;
        let mut qualname = Value::UNDEF;
        let mut consts = self.unit.consts;
        if !dead {
            qualname = self.qualname(name);
            match self.parser.lexer.vm.new_list() {
                Ok(list) => consts = list,
                Err(raise) => {
                    self.parser.lexer.fail(raise);
                    return Value::UNDEF;
                }
            }
        }
        // First the new one, later the one around it.
        let mut other = Unit::new(consts, kind, self.unit.line);
        other.flow.dead = dead;
        self.swap_unit(&mut other);
        self.unit.scope = scope;
        self.unit.name = name;
        self.unit.qualname = qualname;
        self.unit.pads = self.work.pads.len();
        self.unit.attrs = self.work.attrs.len();
        let &Scope { flags, n_free, .. } = self.scopes.scope(scope);
        self.unit.n_free = n_free as u8;
        self.unit.flags = u16::from(flags) & (CodeFlags::GENERATOR | CodeFlags::COROUTINE);
        self.parameters(args);
        self.body(id);
        let code = if dead { Value::UNDEF } else { self.finish() };
        self.swap_unit(&mut other);
        if !dead {
            other.free(self.parser.lexer.vm);
        }
        code
    }

    #[inline(never)]
    fn swap_unit(&mut self, other: &mut Unit) {
        core::mem::swap(&mut self.unit, other);
    }

    /// The code of a unit, after its parameters.
    fn body(&mut self, id: Id) {
        match self.node(id).kind {
            Kind::Function { flags, parts, .. } => {
                let body = self.child(parts, 1);
                let doc = self.docstring(body);
                if flags & LAMBDA == 0
                    && let Some(doc) = doc
                {
                    self.push_constant(doc);
                    self.unit.flags |= CodeFlags::DOC;
                }
                self.allocate_variables();
                if flags & LAMBDA != 0 {
                    self.return_value(body);
                } else {
                    self.statement(body);
                }
            }
            Kind::Comprehension { element, clauses, .. } => {
                self.push_constant(q::DOT_ZERO.value());
                self.touch_here(q::DOT_ZERO.value(), symbol_flag::BOUND | symbol_flag::PARAM);
                self.unit.first_param = q::DOT_ZERO.value();
                self.unit.n_args = 1;
                self.allocate_variables();
                self.generator_body(element, clauses);
            }
            Kind::Class { parts, .. } => self.class_body(self.child(parts, 0)),
            Kind::TypeAlias { value, .. } if cfg!(feature = "extra") => {
                self.allocate_variables();
                self.return_value(value);
            }
            // A class by parts.
            _ => self.class_body(Id::NONE),
        }
    }

    /// `r[dst] =` the cell of the variable.
    fn load_cell_itself(&mut self, name: Value, dst: Reg) {
        if self.unit.kind == ScopeKind::Class && name == q::__class__.value() {
            return self.move_reg(dst, CLASS_CELL);
        }
        if let Place::Cell(cell) = self.find(name) {
            let cell = self.near(cell);
            return self.move_reg(dst, cell);
        }
        let own = self.find_symbol(self.scopes.unit_of(self.unit.scope), name);
        if own != NONE {
            let free = self.scopes.symbol(own).free;
            self.emit2(Op::LoadFreeCell, dst, free.into());
        }
    }

    /// `r[dst] =` the function of a `Function` node, undecorated.
    pub(super) fn function(&mut self, id: Id, dst: Reg) {
        let node = self.node(id);
        let Kind::Function { flags, name, parts } = node.kind else { return };
        self.set_line(node.line);
        let is_lambda = flags & LAMBDA != 0;
        let name = if is_lambda { q::LAMBDA.value() } else { self.constant_of(name) };
        self.make_function(id, ScopeKind::Function, name, self.args_of(parts), dst);
    }

    /// The docstring of a body, where they are kept.
    #[inline(never)]
    pub(super) fn docstring(&self, body: Id) -> Option<Value> {
        if !cfg!(feature = "extra") || self.options.opt_level >= 2 {
            return None;
        }
        match self.node(body).kind {
            Kind::Expr(value) => self.literal(value).filter(|&v| Str::from_value(v).is_some()),
            // Statements of one line form a block of their own.
            Kind::Block(statements) => self.docstring(self.child(statements, 0)),
            _ => None,
        }
    }

    /// The parameters of a `Function` with these parts.
    pub(in crate::compiler) fn args_of(&self, parts: Seq) -> Seq {
        match self.node(self.child(parts, 0)).kind {
            Kind::Args(args) => args,
            _ => Seq::EMPTY,
        }
    }

    /// The parameter at place `i` of a list of `Param` nodes.
    #[inline(never)]
    pub(in crate::compiler) fn param(&self, args: Seq, i: u32) -> Param {
        match self.node(self.child(args, i)).kind {
            Kind::Param { kind, name, more } => Param { kind, name, default: self.child(more, 0) },
            _ => Param { kind: ParamKind::Normal, name: Const::NONE, default: Id::NONE },
        }
    }

    /// `r[dst] =` a tuple of the positional defaults or a dictionary of the others, unbound where there are none.
    #[inline(never)]
    fn defaults(&mut self, args: Seq, positional: bool, dst: Reg) {
        let mark = self.unit.top;
        let mut n = 0;
        for i in 0..self.len(args) {
            let Param { kind, name, default } = self.param(args, i);
            if default.is_none() || (kind.rank() == 0) != positional {
                continue;
            }
            if !positional {
                let r = self.temp();
                self.load_value(r, self.constant_of(name));
            }
            self.expr_in_temp(default);
            n += 1;
        }
        if n == 0 {
            self.load_undef(dst);
        } else {
            let op = if positional { Op::BuildTuple } else { Op::BuildDict };
            self.emit3(op, dst, mark, n);
        }
        self.unit.top = mark;
    }

    /// Declares the parameters of a new unit: its first constants are their names.
    #[inline(never)]
    fn parameters(&mut self, args: Seq) {
        let n = self.len(args);
        if n > MAX_NEAR_LOCALS {
            return self.error("too many args");
        }
        for rank in 0..4 {
            for i in 0..n {
                let Param { kind, name, .. } = self.param(args, i);
                if kind.rank() != rank {
                    continue;
                }
                let name = self.constant_of(name);
                let vm = &*self.parser.lexer.vm;
                if !self.unit.flow.dead && self.unit.consts.items(vm).contains(&name) {
                    self.error("argument name reused");
                }
                self.push_constant(name);
                self.touch_here(name, symbol_flag::BOUND | symbol_flag::PARAM);
                let unit = &mut self.unit;
                match kind {
                    ParamKind::PositionalOnly | ParamKind::Normal => {
                        if unit.n_args == 0 {
                            unit.first_param = name;
                        }
                        unit.n_args += 1;
                        unit.n_pos_only += (kind == ParamKind::PositionalOnly) as u8;
                    }
                    ParamKind::KeywordOnly => unit.n_kw_only += 1,
                    ParamKind::VarArgs => unit.flags |= CodeFlags::VARARGS,
                    ParamKind::VarKeywords => unit.flags |= CodeFlags::VARKEYWORDS,
                }
            }
        }
    }

    /// `type Name = value`: a function without parameters that returns the value.
    pub(super) fn type_alias(&mut self, id: Id, name: Const) {
        let name = self.constant_of(name);
        let r = self.temp();
        self.make_function(id, ScopeKind::Function, name, Seq::EMPTY, r);
        self.store_name(name, r);
    }

    /// A generator expression: a generator function called with the first iterator.
    pub(super) fn generator_expression(&mut self, id: Id, iter: Id, is_async: bool, dst: Reg) {
        let function = self.alloc(2);
        let first = function + 1;
        let r = self.operand_in(iter, first);
        self.emit2(if is_async { Op::GetAIter } else { Op::GetFirstIter }, first, r);
        self.make_function(id, ScopeKind::Generator, q::GENEXPR.value(), Seq::EMPTY, function);
        self.emit3(Op::Call, dst, function, 1);
    }

    // ---- definitions

    /// `def` and `class`: makes the function or class, decorates it with the children of `parts` from `from` to `to` and
    /// assigns it to its name.
    pub(super) fn define(&mut self, id: Id, name: Const, parts: Seq, from: u32, to: u32) {
        let line = self.unit.line;
        let name = self.constant_of(name);
        let dst = match self.find(name) {
            Place::Reg(r) => r.into(),
            _ => self.temp(),
        };
        let first = self.unit.top;
        for i in from..to {
            let decorator = self.child(parts, i);
            if !self.is_emitter_decorator(decorator) {
                self.expr_in_temp(decorator);
            }
        }
        let n = self.unit.top - first;
        let made = if n == 0 { dst } else { self.temp() };
        if let Kind::Class { .. } = self.node(id).kind {
            self.class(id, name, parts, to, made);
        } else {
            self.function(id, made);
        }
        self.unit.line = line;
        for f in (first..first + n).rev() {
            self.emit3(Op::Call, if f == first { dst } else { f }, f, 1);
        }
        self.store_name(name, dst);
    }

    /// `@micropython.native` and the like choose an emitter; there is one, so they mean nothing.
    fn is_emitter_decorator(&mut self, id: Id) -> bool {
        let Kind::Attribute { mut object, mut name } = self.node(id).kind else { return false };
        while let Kind::Attribute { object: inner, .. } = self.node(object).kind {
            (object, name) = (inner, Const::NONE);
        }
        if self.name_of(object) != Some(q::micropython.value()) {
            return false;
        }
        let name = self.constant_of(name);
        if ![q::bytecode.value(), q::native.value(), q::viper.value()].contains(&name) {
            self.error("invalid micropython decorator");
        }
        true
    }

    /// `r[dst] =` the class of a `Class` node, undecorated. `bases` is the place of the first base in `parts`.
    fn class(&mut self, id: Id, name: Value, parts: Seq, bases: u32, dst: Reg) {
        let mark = self.unit.top;
        let base = self.alloc(3);
        self.load_global(q::__build_class__.value(), base);
        self.make_function(id, ScopeKind::Class, name, Seq::EMPTY, base + 1);
        self.load_value(base + 2, name);
        self.call_with(parts, bases, 2, base, dst);
        self.unit.top = mark;
    }

    fn class_body(&mut self, body: Id) {
        self.unit.reserve_namespace();
        let t = self.temp();
        self.load_global(q::__name__.value(), t);
        self.store_in_namespace(q::__module__.value(), t);
        self.load_value(t, self.unit.qualname);
        self.store_in_namespace(q::__qualname__.value(), t);
        self.unit.top = t;
        if body.is_none() {
            self.class_by_parts();
        } else {
            self.namespace_part(body, true);
        }
        if self.unit.first_temp > CLASS_CELL {
            self.store_in_namespace(q::__classcell__.value(), CLASS_CELL);
        }
    }

    /// The body of a class whose statements are still to be parsed: they get a tree and scopes of their own.
    fn class_by_parts(&mut self) {
        self.forget_scopes();
        let names = match self.parser.lexer.vm.new_list() {
            Ok(names) => names,
            Err(raise) => return self.parser.lexer.fail(raise),
        };
        let outer = replace(&mut self.scopes, Scopes::new(names));
        self.parser.enter_block();
        self.namespace();
        replace(&mut self.scopes, outer).free(self.parser.lexer.vm);
    }

    /// Generates the body of the class whose header was generated last, if it comes by parts.
    pub(super) fn finish_class(&mut self) {
        if let Some((name, k)) = self.class.take() {
            let code = self.nested(Id::NONE, ScopeKind::Class, 0, name, Seq::EMPTY);
            self.unit.consts.set(self.parser.lexer.vm, k, code);
        }
    }

    /// Stores the docstring of a module or class, and makes `__annotations__` and the cell of a class.
    pub(super) fn begin_namespace(&mut self, body: Id) {
        if let Some(doc) = self.docstring(body) {
            let t = self.temp();
            self.load_value(t, doc);
            self.store_in_namespace(q::__doc__.value(), t);
            self.unit.top = t;
        }
        let flags = self.scopes.scope(self.unit.scope).flags;
        if flags & scope_flag::CLASS_CELL != 0 && self.unit.first_temp == CLASS_CELL {
            self.unit.first_temp = self.temp() + 1;
            self.load_undef(CLASS_CELL);
            self.emit1(Op::MakeCell, CLASS_CELL);
        }
        if cfg!(feature = "extra") && flags & scope_flag::ANNOTATIONS != 0 && !self.unit.annotated {
            self.unit.annotated = true;
            let t = self.temp();
            self.emit3(Op::BuildDict, t, 0, 0);
            self.store_in_namespace(q::__annotations__.value(), t);
            self.unit.top = t;
        }
    }
}

/// `outer`, `joint` and `name` as one name.
fn join_names(vm: &mut Vm, outer: Value, joint: &str, name: Value) -> Result<Value, Raise> {
    let (Some(outer), Some(inner)) = (Str::from_value(outer), Str::from_value(name)) else {
        return Ok(name);
    };
    let mut text = StrBuilder::new();
    text.push_str(vm, outer.as_str());
    text.push_str(vm, joint);
    text.push_str(vm, inner.as_str());
    let text = text.finish_str(vm)?;
    match Str::from_value(text) {
        // Longer than names are: interned as a copy.
        Some(long) if long.byte_len() > NAME_MAX => vm.intern(long.as_str()),
        Some(text) => vm.intern_str(text),
        None => Ok(name),
    }
}
