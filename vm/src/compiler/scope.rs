//! Scopes: which variable a name means in each function, class and comprehension of one top-level statement.
//!
//! The walk ([`super::scope_walk`]) makes one scope for every function, class, generator expression and
//! comprehension, in the order in which they begin, and records what each does with its names. Then
//! [`Scopes::resolve`] decides, outer scopes first, what each name is. The generator asks with [`Scopes::find`].
//!
//! A *unit* is a scope with a code object of its own. A list, set or dict comprehension has a scope but no unit:
//! its variables live in registers of the unit around it.
//!
//! # Invariants
//! 1. Scope 0 is the module. A scope's number is larger than its parent's.
//! 2. The name of symbol `i` is item `i` of `names`, an interned string: equal names are the same value.
//! 3. After `resolve`, every symbol of access [`Access::Free`] or [`Access::ClassFree`] has a free index in its unit, and
//!    every unit from the one that owns the variable (exclusive) to it has one as well.
#![forbid(unsafe_code)]

use super::ast::Id;
use crate::heap::buf::Buf;
use crate::object::List;
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm};

/// No scope, symbol or index.
pub(super) const NONE: u32 = u32::MAX;

/// What a scope belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ScopeKind {
    /// A module, `exec` or `eval`.
    Module,
    /// A class body.
    Class,
    /// A function or lambda.
    Function,
    /// A generator expression.
    Generator,
    /// A list, set or dict comprehension, which is no unit.
    Comprehension,
}

/// Flags of a scope.
pub(super) mod scope_flag {
    /// Contains `yield`, or `await` outside `async def`.
    pub const GENERATOR: u8 = 1;
    /// `async def`, or a generator expression that awaits.
    pub const COROUTINE: u8 = 2;
    /// A class whose methods use `__class__`.
    pub const CLASS_CELL: u8 = 4;
    /// A class or module with annotated names.
    pub const ANNOTATIONS: u8 = 8;
}

/// Flags of a symbol.
pub(super) mod symbol_flag {
    /// A parameter.
    pub const PARAM: u8 = 1;
    /// Assigned in the scope.
    pub const BOUND: u8 = 2;
    /// Declared `global`.
    pub const GLOBAL: u8 = 4;
    /// Declared `nonlocal`.
    pub const NONLOCAL: u8 = 8;
    /// Target of `:=` somewhere.
    pub const WALRUS: u8 = 16;
    /// Target of `del` or of `except … as` somewhere: may become unbound again.
    pub const DELETED: u8 = 32;
    /// An inner unit uses it: lives in a cell.
    pub const CELL: u8 = 64;
}

/// What a name in a scope is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Access {
    /// Looked up in the scope around it, which belongs to the same unit.
    Outer,
    /// A variable of this scope, in a register or a cell.
    Local,
    /// A variable of an outer unit.
    Free,
    /// A class body's name that falls back on a variable of an outer unit.
    ClassFree,
    /// In the namespace `r[0]`.
    Name,
    /// In the globals.
    Global,
}

/// A scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    pub kind: ScopeKind,
    pub flags: u8,
    /// The node it was made for.
    pub node: Id,
    pub parent: u32,
    pub first_child: u32,
    /// The last child while walking; where the search for a child begins while generating.
    pub child: u32,
    pub next_sibling: u32,
    pub first_symbol: u32,
    pub last_symbol: u32,
    /// Number of free variables of the unit.
    pub n_free: u16,
}

/// A name of a scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol {
    pub flags: u8,
    pub access: Access,
    /// The next symbol of the scope.
    pub next: u32,
    /// The register of a local; set by the generator.
    pub register: u16,
    /// Index among the unit's free variables, `u16::MAX` for none.
    pub free: u16,
    /// Line of the declaration.
    pub line: u32,
}

const _: () = assert!(size_of::<Scope>() == 32 && size_of::<Symbol>() == 16);

/// [`Symbol::free`] of a symbol without.
pub(super) const NO_FREE: u16 = u16::MAX;

impl Symbol {
    /// True when the flag is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }
}

/// The scopes of one top-level statement.
pub(super) struct Scopes {
    scopes: Buf<Scope>,
    symbols: Buf<Symbol>,
    names: List,
}

impl Scopes {
    /// None yet. Raises `MemoryError`.
    pub fn new(vm: &mut Vm) -> Result<Scopes, Raise> {
        Ok(Scopes { scopes: Buf::new(), symbols: Buf::new(), names: vm.new_list()? })
    }

    /// Forgets everything.
    pub fn reset(&mut self, vm: &mut Vm) {
        core::mem::take(&mut self.scopes).free(vm);
        core::mem::take(&mut self.symbols).free(vm);
        self.names.clear(vm);
    }

    /// Frees everything.
    pub fn free(self, vm: &mut Vm) {
        self.scopes.free(vm);
        self.symbols.free(vm);
        self.names.free(vm);
    }

    /// A scope by number.
    pub fn scope(&self, vm: &Vm, i: u32) -> Scope {
        self.scopes.get(vm, i)
    }

    /// Replaces a scope.
    pub fn set_scope(&mut self, vm: &mut Vm, i: u32, scope: Scope) {
        self.scopes.set(vm, i, scope);
    }

    /// Sets flags of a scope.
    pub fn flag_scope(&mut self, vm: &mut Vm, i: u32, flags: u8) {
        let mut scope = self.scope(vm, i);
        scope.flags |= flags;
        self.set_scope(vm, i, scope);
    }

    /// A symbol by number.
    pub fn symbol(&self, vm: &Vm, i: u32) -> Symbol {
        self.symbols.get(vm, i)
    }

    /// Replaces a symbol.
    pub fn set_symbol(&mut self, vm: &mut Vm, i: u32, symbol: Symbol) {
        self.symbols.set(vm, i, symbol);
    }

    /// The name of a symbol.
    pub fn name(&self, vm: &Vm, i: u32) -> Value {
        self.names.get(vm, i as usize).unwrap_or(Value::UNDEF)
    }

    /// Begins a scope inside `parent` ([`NONE`] for the module). Raises `MemoryError`.
    pub fn add_scope(
        &mut self,
        vm: &mut Vm,
        parent: u32,
        kind: ScopeKind,
        node: Id,
    ) -> Result<u32, Raise> {
        let scope = Scope {
            kind,
            flags: 0,
            node,
            parent,
            first_child: NONE,
            child: NONE,
            next_sibling: NONE,
            first_symbol: NONE,
            last_symbol: NONE,
            n_free: 0,
        };
        let new = self.scopes.push(vm, scope)?;
        if parent != NONE {
            let mut outer = self.scope(vm, parent);
            if outer.child == NONE {
                outer.first_child = new;
            } else {
                let mut last = self.scope(vm, outer.child);
                last.next_sibling = new;
                self.set_scope(vm, outer.child, last);
            }
            outer.child = new;
            self.set_scope(vm, parent, outer);
        }
        Ok(new)
    }

    /// The scope that was made for `node` inside `parent`. The search begins where the last one ended.
    pub fn child(&mut self, vm: &mut Vm, parent: u32, node: Id) -> Option<u32> {
        let mut outer = self.scope(vm, parent);
        let start = if outer.child == NONE { outer.first_child } else { outer.child };
        let mut at = start;
        while at != NONE {
            let scope = self.scope(vm, at);
            if scope.node == node {
                outer.child = at;
                self.set_scope(vm, parent, outer);
                return Some(at);
            }
            at = scope.next_sibling;
            if at == NONE {
                at = outer.first_child;
            }
            if at == start {
                break;
            }
        }
        None
    }

    /// The scope that holds the code of scope `i`: itself, unless it is a comprehension.
    pub fn unit_of(&self, vm: &Vm, mut i: u32) -> u32 {
        loop {
            let scope = self.scope(vm, i);
            if scope.kind != ScopeKind::Comprehension || scope.parent == NONE {
                return i;
            }
            i = scope.parent;
        }
    }

    /// The symbol of a name in scope `i`.
    pub fn find(&self, vm: &Vm, i: u32, name: Value) -> Option<u32> {
        let mut at = self.scope(vm, i).first_symbol;
        while at != NONE {
            if self.name(vm, at) == name {
                return Some(at);
            }
            at = self.symbol(vm, at).next;
        }
        None
    }

    /// The symbol of a name in scope `i`, made if there is none; `flags` are added to it. Raises `MemoryError`.
    pub fn touch(&mut self, vm: &mut Vm, i: u32, name: Value, flags: u8) -> Result<u32, Raise> {
        if let Some(at) = self.find(vm, i, name) {
            let mut symbol = self.symbol(vm, at);
            symbol.flags |= flags;
            self.set_symbol(vm, at, symbol);
            return Ok(at);
        }
        let symbol = Symbol {
            flags,
            access: Access::Outer,
            next: NONE,
            register: 0,
            free: NO_FREE,
            line: 0,
        };
        let at = self.symbols.push(vm, symbol)?;
        self.names.push(vm, name)?;
        let mut scope = self.scope(vm, i);
        if scope.last_symbol == NONE {
            scope.first_symbol = at;
        } else {
            let mut last = self.symbol(vm, scope.last_symbol);
            last.next = at;
            self.set_symbol(vm, scope.last_symbol, last);
        }
        scope.last_symbol = at;
        self.set_scope(vm, i, scope);
        Ok(at)
    }

    /// Decides what every name is.
    ///
    /// # Errors
    /// `SyntaxError` for a `nonlocal` without a variable, `MemoryError`.
    pub fn resolve(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        for i in 0..self.scopes.len() {
            vm.tick(100)?;
            let mut scope = self.scope(vm, i);
            scope.child = NONE;
            self.set_scope(vm, i, scope);
            let mut at = scope.first_symbol;
            while at != NONE {
                self.resolve_symbol(vm, i, scope.kind, at)?;
                at = self.symbol(vm, at).next;
            }
        }
        Ok(())
    }

    fn resolve_symbol(
        &mut self,
        vm: &mut Vm,
        i: u32,
        kind: ScopeKind,
        at: u32,
    ) -> Result<(), Raise> {
        let mut symbol = self.symbol(vm, at);
        let bound = symbol.has(symbol_flag::BOUND) && !symbol.has(symbol_flag::NONLOCAL);
        symbol.access = if symbol.has(symbol_flag::GLOBAL) {
            Access::Global
        } else if kind == ScopeKind::Module || bound && kind == ScopeKind::Class {
            Access::Name
        } else if bound {
            Access::Local
        } else {
            let name = self.name(vm, at);
            let (access, free) = self.resolve_outward(vm, i, kind, name)?;
            if free != NO_FREE {
                symbol = self.symbol(vm, at);
                symbol.free = free;
            }
            if symbol.has(symbol_flag::NONLOCAL) && access == Access::Global && symbol.line != 0 {
                return Err(vm.raise_syntax("no binding for nonlocal found", symbol.line));
            }
            match (access, kind) {
                (Access::Global, ScopeKind::Class) => Access::Name,
                (Access::Free, ScopeKind::Class) if !symbol.has(symbol_flag::NONLOCAL) => {
                    Access::ClassFree
                }
                _ => access,
            }
        };
        self.set_symbol(vm, at, symbol);
        Ok(())
    }

    /// Looks for a variable in the scopes around scope `i`; the access and the free index in `i`'s unit.
    fn resolve_outward(
        &mut self,
        vm: &mut Vm,
        i: u32,
        kind: ScopeKind,
        name: Value,
    ) -> Result<(Access, u16), Raise> {
        let mut crossed = kind != ScopeKind::Comprehension;
        let mut at = self.scope(vm, i).parent;
        while at != NONE {
            let scope = self.scope(vm, at);
            match scope.kind {
                ScopeKind::Module => break,
                ScopeKind::Class if crossed && name == q::__class__.value() => {
                    self.flag_scope(vm, at, scope_flag::CLASS_CELL);
                    let owner = self.touch(vm, at, q::__classcell__.value(), symbol_flag::CELL)?;
                    let mut symbol = self.symbol(vm, owner);
                    symbol.access = Access::Local;
                    self.set_symbol(vm, owner, symbol);
                    return self.found(vm, i, at, name, crossed);
                }
                ScopeKind::Class => {}
                _ => {
                    if let Some(s) = self.find(vm, at, name) {
                        let mut symbol = self.symbol(vm, s);
                        match symbol.access {
                            Access::Global => return Ok((Access::Global, NO_FREE)),
                            Access::Local => {
                                if crossed {
                                    symbol.flags |= symbol_flag::CELL;
                                    self.set_symbol(vm, s, symbol);
                                }
                                return self.found(vm, i, at, name, crossed);
                            }
                            _ => {}
                        }
                    }
                }
            }
            crossed |= scope.kind != ScopeKind::Comprehension;
            at = scope.parent;
        }
        Ok((Access::Global, NO_FREE))
    }

    /// The variable belongs to scope `owner`: hands it down to the unit of scope `i`.
    fn found(
        &mut self,
        vm: &mut Vm,
        i: u32,
        owner: u32,
        name: Value,
        crossed: bool,
    ) -> Result<(Access, u16), Raise> {
        if !crossed {
            return Ok((Access::Outer, NO_FREE));
        }
        let owner_unit = self.unit_of(vm, owner);
        let unit = self.unit_of(vm, i);
        let mut at = unit;
        while at != owner_unit && at != NONE {
            let s = self.touch(vm, at, name, 0)?;
            let mut symbol = self.symbol(vm, s);
            if symbol.free == NO_FREE {
                let mut scope = self.scope(vm, at);
                if scope.n_free >= 255 {
                    return Err(vm.raise_syntax("too many free variables", 0));
                }
                symbol.free = scope.n_free;
                scope.n_free += 1;
                self.set_scope(vm, at, scope);
                if symbol.access == Access::Outer && scope.kind != ScopeKind::Class {
                    symbol.access = Access::Free;
                }
                self.set_symbol(vm, s, symbol);
            }
            let parent = self.scope(vm, at).parent;
            at = if parent == NONE { NONE } else { self.unit_of(vm, parent) };
        }
        let free = self.find(vm, unit, name).map_or(NO_FREE, |s| self.symbol(vm, s).free);
        Ok((Access::Free, free))
    }
}
