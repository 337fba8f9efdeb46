//! The walk over the tree of a top-level statement that fills [`Scopes`].
//!
//! It also finds the errors that depend on the kind of scope alone: `return`, `yield` and `await` outside
//! functions, and `global` and `nonlocal` after a use of the name.
#![forbid(unsafe_code)]

use super::ast::{CompKind, Const, Id, Kind, Seq};
use super::codegen::{Gen, LAMBDA, split_dot};
use super::scope::{NONE, Scope, ScopeKind, scope_flag, symbol_flag};
use crate::object::Str;
use crate::value::Value;
use crate::value::names::q;

impl Gen<'_> {
    /// Fills the scopes from the statement (or expression) `root` of the namespace at work and resolves every name.
    ///
    /// Errors are `SyntaxError` as above, `RuntimeError` for a tree too deep, `MemoryError`.
    pub(super) fn analyse(&mut self, root: Id) {
        if self.scopes.is_empty() {
            self.add_scope(NONE, self.unit.kind, Id::NONE);
        }
        self.walk(root);
        self.resolve();
    }

    /// The part of a dotted name before the first dot.
    pub(super) fn first_component(&mut self, dotted: Value) -> Value {
        let Some(text) = Str::from_value(dotted) else { return dotted };
        match split_dot(text.as_str()) {
            Some((first, _)) => self.intern(first),
            None => dotted,
        }
    }

    fn touch_here(&mut self, name: Value, flags: u8) {
        self.touch(self.unit.scope, name, flags);
    }

    #[inline(never)]
    fn bind_as(&mut self, name: Const, flags: u8) {
        if name != Const::NONE {
            let name = self.constant_of(name);
            self.touch_here(name, flags);
        }
    }

    #[inline(never)]
    fn bind(&mut self, name: Const) {
        self.bind_as(name, symbol_flag::BOUND);
    }

    /// Targets of an assignment, or with `DELETED` of `del`.
    fn targets(&mut self, seq: Seq, flags: u8) {
        for i in 0..self.len(seq) {
            self.target(self.child(seq, i), flags);
        }
    }

    #[inline(never)]
    fn walk_from(&mut self, seq: Seq, from: u32) {
        for i in from..self.len(seq) {
            self.walk(self.child(seq, i));
        }
    }

    fn kind_here(&self) -> ScopeKind {
        self.scopes.scope(self.unit.scope).kind
    }

    /// Notes `yield` or `await` in the unit.
    fn suspends(&mut self, awaits: bool) {
        let unit = self.scopes.unit_of(self.unit.scope);
        let scope = self.scopes.scope_mut(unit);
        scope.flags |= match (scope.kind, awaits) {
            (ScopeKind::Function, true) if scope.flags & scope_flag::COROUTINE != 0 => 0,
            (ScopeKind::Function, _) => scope_flag::GENERATOR,
            (ScopeKind::Generator, true) => scope_flag::COROUTINE,
            (ScopeKind::Generator, false) => 0,
            (_, true) => return self.error("'await' outside function"),
            (_, false) => return self.error("'yield' outside function"),
        };
    }

    /// `async for` and `async with`, where it is one.
    fn suspends_async(&mut self, is_async: bool) {
        let unit = self.scopes.unit_of(self.unit.scope);
        let scope = self.scopes.scope(unit);
        if !is_async
            || scope.kind == ScopeKind::Function && scope.flags & scope_flag::COROUTINE != 0
        {
            return;
        }
        if scope.kind == ScopeKind::Generator {
            self.suspends(true);
        } else {
            self.error("async for/with outside async function");
        }
    }

    #[inline(never)]
    fn walk(&mut self, id: Id) {
        match self.visit(id) {
            Kind::Name(name) => self.bind_as(name, 0),
            Kind::Literal(_)
            | Kind::Pass
            | Kind::Break
            | Kind::Continue
            | Kind::MatchSingleton(_)
            | Kind::CompFor { .. }
            | Kind::Param { .. } => {}
            Kind::JoinedStr(seq)
            | Kind::TemplateStr(seq)
            | Kind::Tuple(seq)
            | Kind::List(seq)
            | Kind::Set(seq)
            | Kind::Dict(seq)
            | Kind::BoolAnd(seq)
            | Kind::BoolOr(seq)
            | Kind::CompareChain(seq)
            | Kind::Slice(seq)
            | Kind::IfExp(seq)
            | Kind::Block(seq)
            | Kind::While(seq)
            | Kind::Args(seq)
            | Kind::Try { parts: seq, .. } => self.walk_from(seq, 0),
            Kind::If(parts) => self.if_chain(parts),
            Kind::FormattedValue { value, more, .. } => {
                self.walk(value);
                self.walk_from(more, 0)
            }
            Kind::Unary { operand: a, .. }
            | Kind::CompareLink { rhs: a, .. }
            | Kind::Keyword { value: a, .. }
            | Kind::Starred(a)
            | Kind::DoubleStarred(a)
            | Kind::Attribute { object: a, .. }
            | Kind::Expr(a)
            | Kind::CompIf(a) => self.walk(a),
            Kind::Binary { lhs: a, rhs: b, .. }
            | Kind::Compare { lhs: a, rhs: b, .. }
            | Kind::Subscript { object: a, index: b }
            | Kind::Pair(a, b)
            | Kind::Raise { exc: a, cause: b }
            | Kind::Assert { test: a, message: b } => {
                self.walk(a);
                self.walk(b)
            }
            Kind::Call { function, args } => {
                if self.name_of(function) == Some(q::super_.value())
                    && self.len(args) == 0
                    && matches!(
                        self.scopes.scope(self.scopes.unit_of(self.unit.scope)).kind,
                        ScopeKind::Function | ScopeKind::Generator
                    )
                {
                    self.touch_here(q::__class__.value(), 0);
                }
                self.walk(function);
                self.walk_from(args, 0)
            }
            Kind::Lambda(function) => self.walk(function),
            Kind::NamedExpr { target, value } => {
                self.walk(value);
                self.walrus(target)
            }
            Kind::Comprehension { kind, element, clauses } => {
                self.walk_comprehension(id, kind, element, clauses)
            }
            Kind::Yield(value) => {
                self.suspends(false);
                self.walk(value)
            }
            Kind::YieldFrom(value) => {
                // In `async def` it is an `await`, as MicroPython has it.
                let unit = self.scopes.unit_of(self.unit.scope);
                if self.scopes.scope(unit).flags & scope_flag::COROUTINE == 0 {
                    self.suspends(false);
                }
                self.walk(value)
            }
            Kind::Await(value) => {
                self.suspends(true);
                self.walk(value)
            }
            Kind::Assign { targets, value } => {
                self.walk(value);
                self.targets(targets, 0);
            }
            Kind::AugAssign { target, value, .. } => {
                self.target(target, 0);
                self.walk(value)
            }
            Kind::AnnAssign { simple, parts } => self.walk_annotated(simple, parts),
            Kind::Delete(targets) => self.targets(targets, symbol_flag::DELETED),
            Kind::Return(value) => {
                if self.kind_here() != ScopeKind::Function {
                    self.error("'return' outside function");
                }
                self.walk(value)
            }
            Kind::Global(names) => {
                self.declare(names, symbol_flag::GLOBAL, "identifier redefined as global")
            }
            Kind::Nonlocal(names) => {
                if self.kind_here() == ScopeKind::Module {
                    return self.error("can't declare nonlocal in outer code");
                }
                self.declare(names, symbol_flag::NONLOCAL, "identifier redefined as nonlocal")
            }
            Kind::Import(names) | Kind::ImportFrom { names, .. } => self.walk_from(names, 0),
            Kind::Alias { name, asname: Const::NONE } => {
                // Of a dotted name the first part; `from` takes names without dots.
                let name = self.constant_of(name);
                let first = self.first_component(name);
                self.touch_here(first, symbol_flag::BOUND);
            }
            Kind::Alias { asname, .. } => self.bind(asname),
            Kind::ImportStar { .. } => {
                if self.kind_here() != ScopeKind::Module {
                    self.error("import * not at module level");
                }
            }
            Kind::For { is_async, parts } => {
                self.suspends_async(is_async);
                self.walk(self.child(parts, 1));
                self.target(self.child(parts, 0), 0);
                self.walk_from(parts, 2)
            }
            Kind::Handler { name, parts } => {
                self.walk(self.child(parts, 0));
                self.bind_as(name, symbol_flag::BOUND | symbol_flag::DELETED);
                self.walk(self.child(parts, 1))
            }
            Kind::With { is_async, parts } => {
                self.suspends_async(is_async);
                self.walk_from(parts, 1);
                self.walk(self.child(parts, 0))
            }
            Kind::WithItem { context, target } => {
                self.walk(context);
                self.target(target, 0)
            }
            Kind::Function { flags, name, parts } => self.walk_function(id, flags, name, parts),
            Kind::Class { name, parts } => {
                self.walk_from(parts, 2);
                self.bind(name);
                self.walk_scope(ScopeKind::Class, id, self.child(parts, 0));
            }
            other => {
                if cfg!(feature = "extra") {
                    self.walk_extra(id, other);
                }
            }
        }
    }

    /// What the language has with `extra` only.
    fn walk_extra(&mut self, id: Id, kind: Kind) {
        match kind {
            Kind::TypeAlias { name, value } => {
                self.bind(name);
                self.walk_scope(ScopeKind::Function, id, value);
            }
            Kind::Match(seq) | Kind::Case(seq) | Kind::MatchSequence(seq) | Kind::MatchOr(seq) => {
                self.walk_from(seq, 0)
            }
            Kind::MatchValue(value) => self.walk(value),
            Kind::MatchStar(name) => self.bind(name),
            Kind::MatchMapping { rest, items } => {
                self.walk_from(items, 0);
                self.bind(rest)
            }
            Kind::MatchClass { class, patterns } => {
                self.walk(class);
                self.walk_from(patterns, 0)
            }
            Kind::MatchAs { pattern, name } => {
                self.walk(pattern);
                self.bind(name)
            }
            _ => {}
        }
    }

    /// `if` with its `elif`s, in a loop: chains may be long.
    fn if_chain(&mut self, mut parts: Seq) {
        loop {
            let [test, body, orelse, _] = self.parts(parts);
            self.walk(test);
            self.walk(body);
            let Kind::If(elif) = self.node(orelse).kind else { return self.walk(orelse) };
            parts = elif;
        }
    }

    /// Begins a scope; the one at work before.
    fn open_scope(&mut self, kind: ScopeKind, node: Id) -> u32 {
        let outer = self.unit.scope;
        self.unit.scope = self.add_scope(outer, kind, node);
        outer
    }

    /// Walks what is alone in a scope of its own.
    fn walk_scope(&mut self, kind: ScopeKind, node: Id, inner: Id) {
        let outer = self.open_scope(kind, node);
        self.walk(inner);
        self.unit.scope = outer;
    }

    #[inline(never)]
    fn target(&mut self, id: Id, flags: u8) {
        match self.visit(id) {
            Kind::Name(name) => self.bind_as(name, symbol_flag::BOUND | flags),
            Kind::Tuple(seq) | Kind::List(seq) => self.targets(seq, flags),
            Kind::Starred(inner) => self.target(inner, flags),
            _ => self.walk(id),
        }
    }

    /// A target of `:=` belongs to the nearest scope that is no comprehension or generator expression.
    fn walrus(&mut self, target: Id) {
        let Some(name) = self.name_of(target) else { return };
        let mut at = self.unit.scope;
        let bound = self.find_symbol(at, name);
        let bound = bound != NONE && self.scopes.symbol(bound).has(symbol_flag::BOUND);
        loop {
            let &Scope { kind, parent, .. } = self.scopes.scope(at);
            if !matches!(kind, ScopeKind::Generator | ScopeKind::Comprehension) {
                break;
            }
            if bound {
                return self.error("identifier redefined as nonlocal");
            }
            if kind == ScopeKind::Generator {
                self.touch(at, name, symbol_flag::NONLOCAL);
            }
            at = parent;
        }
        self.touch(at, name, symbol_flag::BOUND | symbol_flag::WALRUS);
    }

    fn declare(&mut self, names: Seq, flag: u8, redefined: &str) {
        for i in 0..self.len(names) {
            let Some(name) = self.name_of(self.child(names, i)) else { continue };
            let known = self.find_symbol(self.unit.scope, name);
            if known != NONE {
                if !self.scopes.symbol(known).has(flag) {
                    self.error(redefined);
                }
                continue;
            }
            let new = self.touch(self.unit.scope, name, flag | symbol_flag::BOUND);
            if !self.failed() {
                self.scopes.symbol_mut(new).line = self.unit.line;
                self.scopes.scope_mut(self.unit.scope).flags |= scope_flag::DECLARES;
            }
        }
    }

    fn walk_annotated(&mut self, simple: bool, parts: Seq) {
        let [target, annotation, value, _] = self.parts(parts);
        self.walk(value);
        if simple || !value.is_none() {
            self.target(target, 0);
        }
        let scope = self.scopes.scope_mut(self.unit.scope);
        if cfg!(feature = "extra") && matches!(scope.kind, ScopeKind::Module | ScopeKind::Class) {
            if simple {
                scope.flags |= scope_flag::ANNOTATIONS;
            }
            self.walk(annotation);
        }
    }

    fn walk_comprehension(&mut self, id: Id, kind: CompKind, element: Id, clauses: Seq) {
        let Kind::CompFor { iter, .. } = self.node(self.child(clauses, 0)).kind else { return };
        self.walk(iter);
        let is_generator = kind == CompKind::Generator;
        let kind = if is_generator { ScopeKind::Generator } else { ScopeKind::Comprehension };
        let outer = self.open_scope(kind, id);
        if is_generator {
            self.scopes.scope_mut(self.unit.scope).flags |= scope_flag::GENERATOR;
            self.touch_here(q::DOT_ZERO.value(), symbol_flag::BOUND | symbol_flag::PARAM);
        }
        for i in 0..self.len(clauses) {
            let clause = self.child(clauses, i);
            if let Kind::CompFor { is_async, target, iter } = self.node(clause).kind {
                self.suspends_async(is_async);
                if i > 0 {
                    self.walk(iter);
                }
                self.target(target, 0);
            } else {
                self.walk(clause);
            }
        }
        self.walk(element);
        self.unit.scope = outer;
    }

    fn walk_function(&mut self, id: Id, flags: u8, name: Const, parts: Seq) {
        self.walk_from(parts, 3);
        let line = self.unit.line;
        let args = self.args_of(parts);
        for i in 0..self.len(args) {
            let default = self.param(args, i).default;
            self.walk(default);
        }
        if flags & LAMBDA == 0 {
            self.bind(name);
        }
        self.unit.line = line;
        let outer = self.open_scope(ScopeKind::Function, id);
        if flags & 1 != 0 && !self.failed() {
            self.scopes.scope_mut(self.unit.scope).flags |= scope_flag::COROUTINE;
        }
        // In the order of their registers.
        for rank in 0..4 {
            for i in 0..self.len(args) {
                let param = self.param(args, i);
                if param.kind.rank() != rank {
                    continue;
                }
                let name = self.constant_of(param.name);
                if self.find_symbol(self.unit.scope, name) != NONE {
                    self.error("argument name reused");
                }
                self.touch_here(name, symbol_flag::BOUND | symbol_flag::PARAM);
            }
        }
        self.walk(self.child(parts, 1));
        self.unit.scope = outer;
    }
}
