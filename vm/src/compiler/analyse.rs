//! What the generator tells the scopes ([`super::scope`]) while it goes over a statement for the first time.
//!
//! It goes over every statement twice. The first time it is as in code that is never reached: nothing is emitted. But what
//! it does with names is noted, as is what suspends, and that is all that [`Gen::resolve`] needs. The second time finds
//! everything noted already. Names are resolved in between, so the first time no variable has a register.
#![forbid(unsafe_code)]

use super::ast::{Id, Seq};
use super::codegen::{Gen, split_dot};
use super::scope::{Access, NONE, Scope, ScopeKind, Symbol, scope_flag, symbol_flag};
use crate::object::Str;
use crate::value::Value;

impl Gen<'_> {
    /// Fills the scopes from the statement (or expression) `root` of the namespace at work and resolves every name.
    pub(super) fn analyse(&mut self, root: Id) {
        if self.scopes.is_empty() {
            self.add_scope(NONE, self.unit.kind, Id::NONE);
        }
        self.unreachable(root);
        self.resolve();
    }

    /// Notes what is done with a name in the scope at work.
    #[inline(never)]
    pub(super) fn touch_here(&mut self, name: Value, flags: u8) {
        if !self.failed() {
            self.touch(self.unit.scope, name, flags);
        }
    }

    /// The part of a dotted name before the first dot.
    pub(super) fn first_component(&mut self, dotted: Value) -> Value {
        let Some(text) = Str::from_value(dotted) else { return dotted };
        match split_dot(text.as_str()) {
            Some((first, _)) => self.intern(first),
            None => dotted,
        }
    }

    /// Notes `yield` or `await` in the unit.
    pub(super) fn suspends(&mut self, awaits: bool) {
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
    pub(super) fn suspends_async(&mut self, is_async: bool) {
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

    /// A target of `:=` belongs to the nearest scope that is no comprehension or generator expression.
    pub(super) fn walrus(&mut self, target: Id) {
        let Some(name) = self.name_of(target) else { return };
        let mut at = self.unit.scope;
        let bound = self.find_symbol(at, name);
        let bound = bound != NONE
            && self.scopes.symbol(bound).flags & (symbol_flag::BOUND | symbol_flag::NONLOCAL)
                == symbol_flag::BOUND;
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

    /// `global` and `nonlocal`.
    pub(super) fn declare(&mut self, names: Seq, flag: u8, redefined: &str) {
        for i in 0..self.len(names) {
            let Some(name) = self.name_of(self.child(names, i)) else { continue };
            let known = self.find_symbol(self.unit.scope, name);
            if known != NONE {
                let &Symbol { flags, access, .. } = self.scopes.symbol(known);
                if flags & flag == 0 {
                    self.error(redefined);
                } else if flag == symbol_flag::NONLOCAL
                    && matches!(access, Access::Global | Access::Name)
                {
                    // The second time.
                    self.error("no binding for nonlocal found");
                }
                continue;
            }
            self.touch_here(name, flag | symbol_flag::BOUND);
            if !self.failed() {
                self.scopes.scope_mut(self.unit.scope).flags |= scope_flag::DECLARES;
            }
        }
    }
}
