//! The walk over the tree of a top-level statement that fills [`Scopes`].
//!
//! It also finds the errors that depend on the kind of scope alone: `return`, `yield` and `await` outside
//! functions, and `global` and `nonlocal` after a use of the name.
#![forbid(unsafe_code)]

use super::arena::Ast;
use super::ast::{CompKind, Const, Id, Kind, ParamKind, Seq};
use super::scope::{NONE, ScopeKind, Scopes, scope_flag, symbol_flag};
use crate::object::Str;
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm};

/// Fills `scopes` from the statement (or expression) `root` and resolves every name.
///
/// # Errors
/// `SyntaxError` as above, `RuntimeError` for a tree too deep, `MemoryError`.
pub(super) fn analyse(vm: &mut Vm, ast: &Ast, scopes: &mut Scopes, root: Id) -> Result<(), Raise> {
    scopes.reset(vm);
    let scope = scopes.add_scope(vm, NONE, ScopeKind::Module, root)?;
    Walk { vm, ast, scopes, scope, line: 1 }.node(root)?;
    scopes.resolve(vm)
}

/// The part of a dotted name before the first dot.
pub(super) fn first_component(vm: &mut Vm, dotted: Value) -> Result<Value, Raise> {
    let Some(text) = Str::from_value(dotted) else { return Ok(dotted) };
    match text.as_str().split_once('.') {
        Some((first, _)) => vm.intern(first),
        None => Ok(dotted),
    }
}

struct Walk<'a> {
    vm: &'a mut Vm,
    ast: &'a Ast,
    scopes: &'a mut Scopes,
    scope: u32,
    line: u32,
}

impl Walk<'_> {
    fn constant(&self, c: Const) -> Value {
        self.ast.constant(self.vm, c)
    }

    fn touch(&mut self, name: Value, flags: u8) -> Result<(), Raise> {
        self.scopes.touch(self.vm, self.scope, name, flags)?;
        Ok(())
    }

    fn bind(&mut self, name: Const, flags: u8) -> Result<(), Raise> {
        if name == Const::NONE {
            return Ok(());
        }
        let name = self.constant(name);
        self.touch(name, symbol_flag::BOUND | flags)
    }

    fn seq_from(&mut self, seq: Seq, from: u32) -> Result<(), Raise> {
        for i in from..self.ast.seq_len(self.vm, seq) {
            self.node(self.ast.seq(self.vm, seq, i))?;
        }
        Ok(())
    }

    fn child(&self, seq: Seq, i: u32) -> Id {
        self.ast.seq(self.vm, seq, i)
    }

    fn error(&mut self, message: &str) -> Raise {
        self.vm.raise_syntax(message, self.line)
    }

    fn unit_kind(&self) -> ScopeKind {
        let unit = self.scopes.unit_of(self.vm, self.scope);
        self.scopes.scope(self.vm, unit).kind
    }

    /// Notes `yield` or `await` in the unit.
    fn suspends(&mut self, awaits: bool) -> Result<(), Raise> {
        let unit = self.scopes.unit_of(self.vm, self.scope);
        let scope = self.scopes.scope(self.vm, unit);
        let flags = match (scope.kind, awaits) {
            (ScopeKind::Function, true) if scope.flags & scope_flag::COROUTINE != 0 => 0,
            (ScopeKind::Function, _) => scope_flag::GENERATOR,
            (ScopeKind::Generator, true) => scope_flag::COROUTINE,
            (ScopeKind::Generator, false) => 0,
            (_, true) => return Err(self.error("'await' outside function")),
            (_, false) => return Err(self.error("'yield' outside function")),
        };
        self.scopes.flag_scope(self.vm, unit, flags);
        Ok(())
    }

    /// `async for` and `async with`.
    fn suspends_async(&mut self) -> Result<(), Raise> {
        let unit = self.scopes.unit_of(self.vm, self.scope);
        let scope = self.scopes.scope(self.vm, unit);
        if scope.kind == ScopeKind::Function && scope.flags & scope_flag::COROUTINE != 0 {
            Ok(())
        } else if scope.kind == ScopeKind::Generator {
            self.suspends(true)
        } else {
            Err(self.error("async for/with outside async function"))
        }
    }

    fn node(&mut self, id: Id) -> Result<(), Raise> {
        if id.is_none() {
            return Ok(());
        }
        self.vm.enter_native()?;
        let node = self.ast.node(self.vm, id);
        if node.line != 0 {
            self.line = node.line;
        }
        match node.kind {
            Kind::Name(name) => {
                let name = self.constant(name);
                self.touch(name, 0)
            }
            Kind::Literal(_)
            | Kind::Pass
            | Kind::Break
            | Kind::Continue
            | Kind::MatchSingleton(_)
            | Kind::Alias { .. } => Ok(()),
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
            | Kind::Match(seq)
            | Kind::Case(seq)
            | Kind::MatchSequence(seq)
            | Kind::MatchOr(seq)
            | Kind::Args(seq)
            | Kind::Try { parts: seq, .. } => self.seq_from(seq, 0),
            Kind::If(parts) => self.if_chain(parts),
            Kind::FormattedValue { value, more, .. } => {
                self.node(value)?;
                self.seq_from(more, 0)
            }
            Kind::Unary { operand: a, .. }
            | Kind::CompareLink { rhs: a, .. }
            | Kind::Keyword { value: a, .. }
            | Kind::Starred(a)
            | Kind::DoubleStarred(a)
            | Kind::Attribute { object: a, .. }
            | Kind::Expr(a)
            | Kind::CompIf(a)
            | Kind::MatchValue(a) => self.node(a),
            Kind::Binary { lhs: a, rhs: b, .. }
            | Kind::Compare { lhs: a, rhs: b, .. }
            | Kind::Subscript { object: a, index: b }
            | Kind::Pair(a, b)
            | Kind::Raise { exc: a, cause: b }
            | Kind::Assert { test: a, message: b } => {
                self.node(a)?;
                self.node(b)
            }
            Kind::Call { function, args } => {
                if let Kind::Name(name) = self.ast.node(self.vm, function).kind
                    && self.constant(name) == q::super_.value()
                    && self.ast.seq_len(self.vm, args) == 0
                    && matches!(self.unit_kind(), ScopeKind::Function | ScopeKind::Generator)
                {
                    self.touch(q::__class__.value(), 0)?;
                }
                self.node(function)?;
                self.seq_from(args, 0)
            }
            Kind::Lambda(function) => self.node(function),
            Kind::NamedExpr { target, value } => {
                self.node(value)?;
                self.walrus(target)
            }
            Kind::Comprehension { kind, element, clauses } => {
                self.comprehension(id, kind, element, clauses)
            }
            Kind::CompFor { .. } => Ok(()),
            Kind::Yield(value) => {
                self.suspends(false)?;
                self.node(value)
            }
            Kind::YieldFrom(value) => {
                // In `async def` it is an `await`, as MicroPython has it.
                let unit = self.scopes.unit_of(self.vm, self.scope);
                if self.scopes.scope(self.vm, unit).flags & scope_flag::COROUTINE == 0 {
                    self.suspends(false)?;
                }
                self.node(value)
            }
            Kind::Await(value) => {
                self.suspends(true)?;
                self.node(value)
            }
            Kind::Assign { targets, value } => {
                self.node(value)?;
                for i in 0..self.ast.seq_len(self.vm, targets) {
                    self.target(self.child(targets, i))?;
                }
                Ok(())
            }
            Kind::AugAssign { target, value, .. } => {
                self.target(target)?;
                self.node(value)
            }
            Kind::AnnAssign { simple, parts } => self.annotated(simple, parts),
            Kind::Delete(targets) => {
                for i in 0..self.ast.seq_len(self.vm, targets) {
                    self.deleted(self.child(targets, i))?;
                }
                Ok(())
            }
            Kind::Return(value) => {
                if self.scopes.scope(self.vm, self.scope).kind != ScopeKind::Function {
                    return Err(self.error("'return' outside function"));
                }
                self.node(value)
            }
            Kind::Global(names) => {
                self.declare(names, symbol_flag::GLOBAL, "identifier redefined as global")
            }
            Kind::Nonlocal(names) => {
                if self.scopes.scope(self.vm, self.scope).kind == ScopeKind::Module {
                    return Err(self.error("can't declare nonlocal in outer code"));
                }
                self.declare(names, symbol_flag::NONLOCAL, "identifier redefined as nonlocal")
            }
            Kind::Import(names) => {
                for i in 0..self.ast.seq_len(self.vm, names) {
                    if let Kind::Alias { name, asname } =
                        self.ast.node(self.vm, self.child(names, i)).kind
                    {
                        let bound = if asname == Const::NONE { name } else { asname };
                        let mut bound = self.constant(bound);
                        if asname == Const::NONE {
                            bound = first_component(self.vm, bound)?;
                        }
                        self.touch(bound, symbol_flag::BOUND)?;
                    }
                }
                Ok(())
            }
            Kind::ImportFrom { names, .. } => {
                for i in 0..self.ast.seq_len(self.vm, names) {
                    if let Kind::Alias { name, asname } =
                        self.ast.node(self.vm, self.child(names, i)).kind
                    {
                        self.bind(if asname == Const::NONE { name } else { asname }, 0)?;
                    }
                }
                Ok(())
            }
            Kind::ImportStar { .. } => {
                if self.scopes.scope(self.vm, self.scope).kind != ScopeKind::Module {
                    return Err(self.error("import * not at module level"));
                }
                Ok(())
            }
            Kind::For { is_async, parts } => {
                if is_async {
                    self.suspends_async()?;
                }
                self.node(self.child(parts, 1))?;
                self.target(self.child(parts, 0))?;
                self.seq_from(parts, 2)
            }
            Kind::Handler { name, parts } => {
                self.node(self.child(parts, 0))?;
                self.bind(name, symbol_flag::DELETED)?;
                self.node(self.child(parts, 1))
            }
            Kind::With { is_async, parts } => {
                if is_async {
                    self.suspends_async()?;
                }
                self.seq_from(parts, 1)?;
                self.node(self.child(parts, 0))
            }
            Kind::WithItem { context, target } => {
                self.node(context)?;
                self.target(target)
            }
            Kind::Function { flags, name, parts } => self.function(id, flags, name, parts),
            Kind::Param { .. } => Ok(()),
            Kind::Class { name, parts } => self.class(id, name, parts),
            Kind::TypeAlias { name, value } => {
                self.bind(name, 0)?;
                let outer = self.enter(ScopeKind::Function, id)?;
                self.node(value)?;
                self.scope = outer;
                Ok(())
            }
            Kind::MatchStar(name) => self.bind(name, 0),
            Kind::MatchMapping { rest, items } => {
                self.seq_from(items, 0)?;
                self.bind(rest, 0)
            }
            Kind::MatchClass { class, patterns } => {
                self.node(class)?;
                self.seq_from(patterns, 0)
            }
            Kind::MatchAs { pattern, name } => {
                self.node(pattern)?;
                self.bind(name, 0)
            }
        }
    }

    /// `if` with its `elif`s, in a loop: chains may be long.
    fn if_chain(&mut self, mut parts: Seq) -> Result<(), Raise> {
        loop {
            self.node(self.child(parts, 0))?;
            self.node(self.child(parts, 1))?;
            let orelse = self.child(parts, 2);
            match super::elif(self.vm, self.ast, orelse) {
                Some((_, next)) => parts = next,
                None => return self.node(orelse),
            }
        }
    }

    fn enter(&mut self, kind: ScopeKind, node: Id) -> Result<u32, Raise> {
        let outer = self.scope;
        self.scope = self.scopes.add_scope(self.vm, outer, kind, node)?;
        Ok(outer)
    }

    fn target(&mut self, id: Id) -> Result<(), Raise> {
        if id.is_none() {
            return Ok(());
        }
        self.vm.enter_native()?;
        match self.ast.node(self.vm, id).kind {
            Kind::Name(name) => self.bind(name, 0),
            Kind::Tuple(seq) | Kind::List(seq) => {
                for i in 0..self.ast.seq_len(self.vm, seq) {
                    self.target(self.child(seq, i))?;
                }
                Ok(())
            }
            Kind::Starred(inner) => self.target(inner),
            _ => self.node(id),
        }
    }

    fn deleted(&mut self, id: Id) -> Result<(), Raise> {
        self.vm.enter_native()?;
        match self.ast.node(self.vm, id).kind {
            Kind::Name(name) => self.bind(name, symbol_flag::DELETED),
            Kind::Tuple(seq) | Kind::List(seq) => {
                for i in 0..self.ast.seq_len(self.vm, seq) {
                    self.deleted(self.child(seq, i))?;
                }
                Ok(())
            }
            _ => self.node(id),
        }
    }

    /// A target of `:=` belongs to the nearest scope that is no comprehension or generator expression.
    fn walrus(&mut self, target: Id) -> Result<(), Raise> {
        let Kind::Name(name) = self.ast.node(self.vm, target).kind else { return Ok(()) };
        let name = self.constant(name);
        let inner = self.scope;
        if matches!(
            self.scopes.scope(self.vm, inner).kind,
            ScopeKind::Comprehension | ScopeKind::Generator
        ) && let Some(s) = self.scopes.find(self.vm, inner, name)
            && self.scopes.symbol(self.vm, s).has(symbol_flag::BOUND)
        {
            return Err(self.error("identifier redefined as nonlocal"));
        }
        let mut at = inner;
        loop {
            let scope = self.scopes.scope(self.vm, at);
            match scope.kind {
                ScopeKind::Generator => {
                    self.scopes.touch(self.vm, at, name, symbol_flag::NONLOCAL)?;
                }
                ScopeKind::Comprehension => {}
                _ => break,
            }
            at = scope.parent;
        }
        self.scopes.touch(self.vm, at, name, symbol_flag::BOUND | symbol_flag::WALRUS)?;
        Ok(())
    }

    fn declare(&mut self, names: Seq, flag: u8, redefined: &str) -> Result<(), Raise> {
        for i in 0..self.ast.seq_len(self.vm, names) {
            let Kind::Name(name) = self.ast.node(self.vm, self.child(names, i)).kind else {
                continue;
            };
            let name = self.constant(name);
            if let Some(s) = self.scopes.find(self.vm, self.scope, name) {
                if !self.scopes.symbol(self.vm, s).has(flag) {
                    return Err(self.error(redefined));
                }
                continue;
            }
            let s = self.scopes.touch(self.vm, self.scope, name, flag | symbol_flag::BOUND)?;
            let mut symbol = self.scopes.symbol(self.vm, s);
            symbol.line = self.line;
            self.scopes.set_symbol(self.vm, s, symbol);
        }
        Ok(())
    }

    fn annotated(&mut self, simple: bool, parts: Seq) -> Result<(), Raise> {
        let [target, annotation, value] = [0, 1, 2].map(|i| self.child(parts, i));
        self.node(value)?;
        if simple || !value.is_none() {
            self.target(target)?;
        }
        let scope = self.scopes.scope(self.vm, self.scope);
        if matches!(scope.kind, ScopeKind::Module | ScopeKind::Class) {
            if simple {
                self.scopes.flag_scope(self.vm, self.scope, scope_flag::ANNOTATIONS);
            }
            self.node(annotation)?;
        }
        Ok(())
    }

    fn comprehension(
        &mut self,
        id: Id,
        kind: CompKind,
        element: Id,
        clauses: Seq,
    ) -> Result<(), Raise> {
        let Kind::CompFor { iter, .. } = self.ast.node(self.vm, self.child(clauses, 0)).kind else {
            return Ok(());
        };
        self.node(iter)?;
        let scope_kind = if kind == CompKind::Generator {
            ScopeKind::Generator
        } else {
            ScopeKind::Comprehension
        };
        let outer = self.enter(scope_kind, id)?;
        if kind == CompKind::Generator {
            self.scopes.flag_scope(self.vm, self.scope, scope_flag::GENERATOR);
            self.touch(q::DOT_ZERO.value(), symbol_flag::BOUND | symbol_flag::PARAM)?;
        }
        for i in 0..self.ast.seq_len(self.vm, clauses) {
            match self.ast.node(self.vm, self.child(clauses, i)).kind {
                Kind::CompFor { is_async, target, iter } => {
                    if is_async {
                        self.suspends_async()?;
                    }
                    if i > 0 {
                        self.node(iter)?;
                    }
                    self.target(target)?;
                }
                Kind::CompIf(test) => self.node(test)?,
                _ => {}
            }
        }
        self.node(element)?;
        self.scope = outer;
        Ok(())
    }

    fn function(&mut self, id: Id, flags: u8, name: Const, parts: Seq) -> Result<(), Raise> {
        const LAMBDA: u8 = 2;
        self.seq_from(parts, 3)?;
        let line = self.line;
        let args = match self.ast.node(self.vm, self.child(parts, 0)).kind {
            Kind::Args(args) => args,
            _ => Seq::EMPTY,
        };
        let n = self.ast.seq_len(self.vm, args);
        for i in 0..n {
            if let Kind::Param { more, .. } = self.ast.node(self.vm, self.child(args, i)).kind {
                self.node(self.child(more, 0))?;
            }
        }
        if flags & LAMBDA == 0 {
            self.bind(name, 0)?;
        }
        self.line = line;
        let outer = self.enter(ScopeKind::Function, id)?;
        if flags & 1 != 0 {
            self.scopes.flag_scope(self.vm, self.scope, scope_flag::COROUTINE);
        }
        // In the order of their registers.
        for wanted in
            [ParamKind::Normal, ParamKind::KeywordOnly, ParamKind::VarArgs, ParamKind::VarKeywords]
        {
            for i in 0..n {
                let Kind::Param { kind, name, .. } =
                    self.ast.node(self.vm, self.child(args, i)).kind
                else {
                    continue;
                };
                let kind = if kind == ParamKind::PositionalOnly { ParamKind::Normal } else { kind };
                if kind == wanted {
                    let name = self.constant(name);
                    if self.scopes.find(self.vm, self.scope, name).is_some() {
                        return Err(self.error("argument name reused"));
                    }
                    self.touch(name, symbol_flag::BOUND | symbol_flag::PARAM)?;
                }
            }
        }
        self.node(self.child(parts, 1))?;
        self.scope = outer;
        Ok(())
    }

    fn class(&mut self, id: Id, name: Const, parts: Seq) -> Result<(), Raise> {
        self.seq_from(parts, 2)?;
        self.bind(name, 0)?;
        let outer = self.enter(ScopeKind::Class, id)?;
        self.node(self.child(parts, 0))?;
        self.scope = outer;
        Ok(())
    }
}
