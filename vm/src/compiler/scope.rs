//! Scopes: which variable a name means in each function, class and comprehension of one statement of a module, or of
//! one of a class that is compiled by parts.
//!
//! The first pass ([`super::analyse`]) makes one scope for every function, class, generator expression and
//! comprehension, in the order in which they begin, and records what each does with its names. Then
//! [`Gen::resolve`] decides, outer scopes first, what each name is. The generator asks with [`Gen::find_symbol`].
//!
//! A *unit* is a scope with a code object of its own. A list, set or dict comprehension has a scope but no unit:
//! its variables live in registers of the unit around it.
//!
//! # Invariants
//! 1. Scope 0 is the namespace: the module, or the class that is compiled by parts. A scope's number is larger than its
//!    parent's.
//! 2. The name of symbol `i` is item `i` of `names`, an interned string: equal names are the same value.
//! 3. After `resolve`, every symbol of access [`Access::Free`] or [`Access::ClassFree`] has a free index in its unit, and
//!    every unit from the one that owns the variable (exclusive) to it has one as well.
#![forbid(unsafe_code)]

use super::ast::Id;
use super::codegen::Gen;
use crate::Vm;
use crate::heap::buf::Buf;
use crate::object::List;
use crate::value::Value;
use crate::value::names::q;

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
    /// A class whose methods use `__class__`.
    pub const CLASS_CELL: u8 = 1;
    /// Has a `global` or `nonlocal` statement.
    pub const DECLARES: u8 = 16;
    /// A class or module with annotated names.
    pub const ANNOTATIONS: u8 = 2;
    /// Contains `yield`, or `await` outside `async def`.
    pub const GENERATOR: u8 = crate::object::CodeFlags::GENERATOR as u8;
    /// `async def`, or a generator expression that awaits.
    pub const COROUTINE: u8 = crate::object::CodeFlags::COROUTINE as u8;
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
}

const _: () = assert!(size_of::<Scope>() == 32 && size_of::<Symbol>() == 12);

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
    /// None yet; `names` is an empty list.
    pub fn new(names: List) -> Scopes {
        Scopes { scopes: Buf::new(), symbols: Buf::new(), names }
    }

    /// Nothing was analysed yet.
    pub fn is_empty(&self) -> bool {
        self.scopes.is_empty()
    }

    /// Forgets and frees everything.
    pub fn free(&mut self, vm: &mut Vm) {
        self.scopes.free(vm);
        self.symbols.free(vm);
        self.names.clear(vm);
    }

    /// A scope by number.
    #[inline(never)]
    pub fn scope(&self, i: u32) -> &Scope {
        self.scopes.item(i)
    }

    /// A scope by number, to be changed.
    #[inline(never)]
    pub fn scope_mut(&mut self, i: u32) -> &mut Scope {
        self.scopes.item_mut(i)
    }

    /// A symbol by number.
    #[inline(never)]
    pub fn symbol(&self, i: u32) -> &Symbol {
        self.symbols.item(i)
    }

    /// A symbol by number, to be changed.
    #[inline(never)]
    pub fn symbol_mut(&mut self, i: u32) -> &mut Symbol {
        self.symbols.item_mut(i)
    }

    /// The scope that holds the code of scope `i`: itself, unless it is a comprehension.
    #[inline(never)]
    pub fn unit_of(&self, mut i: u32) -> u32 {
        loop {
            let scope = self.scope(i);
            if scope.kind != ScopeKind::Comprehension || scope.parent == NONE {
                return i;
            }
            i = scope.parent;
        }
    }
}

impl Gen<'_> {
    /// The name of a symbol.
    pub(super) fn symbol_name(&self, i: u32) -> Value {
        self.scopes.names.get(self.parser.lexer.vm, i as usize).unwrap_or(Value::UNDEF)
    }

    /// Begins a scope inside `parent` ([`NONE`] for the module).
    pub(super) fn add_scope(&mut self, parent: u32, kind: ScopeKind, node: Id) -> u32 {
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
        let new = self.scopes.scopes.push(self.parser.lexer.vm, scope);
        let new = self.number(new);
        if parent != NONE && !self.failed() {
            let outer = self.scopes.scope_mut(parent);
            let last = core::mem::replace(&mut outer.child, new);
            if last == NONE {
                outer.first_child = new;
            } else {
                self.scopes.scope_mut(last).next_sibling = new;
            }
        }
        new
    }

    /// The scope of `node` inside the one at work, made if there is none. The search begins where the last one ended.
    pub(super) fn scope_of(&mut self, node: Id, kind: ScopeKind) -> u32 {
        if self.failed() {
            return 0;
        }
        let parent = self.unit.scope;
        let outer = self.scopes.scope(parent);
        let first = outer.first_child;
        let start = if outer.child == NONE { first } else { outer.child };
        let mut at = start;
        while at != NONE {
            let scope = self.scopes.scope(at);
            if scope.node == node {
                self.scopes.scope_mut(parent).child = at;
                return at;
            }
            at = scope.next_sibling;
            if at == NONE {
                at = first;
            }
            if at == start {
                break;
            }
        }
        self.add_scope(parent, kind, node)
    }

    /// The symbol of a name in scope `i`, [`NONE`] without one.
    #[inline(never)]
    pub(super) fn find_symbol(&self, i: u32, name: Value) -> u32 {
        let mut at = self.scopes.scope(i).first_symbol;
        while at != NONE && self.symbol_name(at) != name {
            at = self.scopes.symbol(at).next;
        }
        at
    }

    /// The symbol of a name in scope `i`, made if there is none; `flags` are added to it.
    #[inline(never)]
    pub(super) fn touch(&mut self, i: u32, name: Value, flags: u8) -> u32 {
        let at = self.find_symbol(i, name);
        if at != NONE {
            self.scopes.symbol_mut(at).flags |= flags;
            return at;
        }
        let symbol =
            Symbol { flags, access: Access::Outer, next: NONE, register: 0, free: NO_FREE };
        let at = self.scopes.symbols.push(self.parser.lexer.vm, symbol);
        let at = self.number(at);
        let named = self.scopes.names.push(self.parser.lexer.vm, name);
        self.check(named);
        if self.failed() {
            return at;
        }
        let scope = self.scopes.scope_mut(i);
        let last = core::mem::replace(&mut scope.last_symbol, at);
        if last == NONE {
            scope.first_symbol = at;
        } else {
            self.scopes.symbol_mut(last).next = at;
        }
        at
    }

    /// Before the next statement of the namespace: forgets all scopes but that, and frees their memory. Its names stay
    /// if it has declared some of them `global`.
    pub(super) fn forget_scopes(&mut self) {
        if self.failed() || self.scopes.is_empty() {
            return;
        }
        let root = self.scopes.scope_mut(0);
        root.first_child = NONE;
        root.child = NONE;
        if root.flags & scope_flag::DECLARES == 0 {
            self.scopes.free(self.parser.lexer.vm);
        }
        self.scopes.scopes.truncate(1);
    }

    /// Decides what every name is.
    pub(super) fn resolve(&mut self) {
        for i in 0..self.scopes.scopes.len() {
            if self.failed() {
                return;
            }
            let ticked = self.parser.lexer.vm.tick(100);
            self.check(ticked);
            let scope = self.scopes.scope_mut(i);
            scope.child = NONE;
            let mut at = scope.first_symbol;
            while at != NONE && !self.failed() {
                self.resolve_symbol(i, at);
                at = self.scopes.symbol(at).next;
            }
        }
    }

    fn resolve_symbol(&mut self, i: u32, at: u32) {
        let kind = self.scopes.scope(i).kind;
        let symbol = *self.scopes.symbol(at);
        let nonlocal = symbol.has(symbol_flag::NONLOCAL);
        let bound = symbol.has(symbol_flag::BOUND) && !nonlocal;
        let access = if symbol.has(symbol_flag::GLOBAL) {
            Access::Global
        } else if kind == ScopeKind::Module || bound && kind == ScopeKind::Class {
            Access::Name
        } else if bound {
            Access::Local
        } else {
            let name = self.symbol_name(at);
            let access = self.resolve_outward(i, name);
            if access == Access::Free && !self.failed() {
                let own = self.find_symbol(self.scopes.unit_of(i), name);
                let free = self.scopes.symbol(own).free;
                self.scopes.symbol_mut(at).free = free;
            }
            match (access, kind) {
                (Access::Global, ScopeKind::Class) => Access::Name,
                (Access::Free, ScopeKind::Class) if !nonlocal => Access::ClassFree,
                _ => access,
            }
        };
        self.scopes.symbol_mut(at).access = access;
    }

    /// Looks for a variable in the scopes around scope `i`. Gives a free one its index in every unit on the way.
    fn resolve_outward(&mut self, i: u32, name: Value) -> Access {
        let mut crossed = false;
        let mut inner = i;
        loop {
            let scope = self.scopes.scope(inner);
            crossed |= scope.kind != ScopeKind::Comprehension;
            let at = scope.parent;
            if at == NONE {
                return Access::Global;
            }
            inner = at;
            match self.scopes.scope(at).kind {
                ScopeKind::Module => return Access::Global,
                ScopeKind::Class if crossed && name == q::__class__.value() => {
                    self.scopes.scope_mut(at).flags |= scope_flag::CLASS_CELL;
                }
                ScopeKind::Class => continue,
                _ => {
                    let s = self.find_symbol(at, name);
                    if s == NONE {
                        continue;
                    }
                    let symbol = self.scopes.symbol_mut(s);
                    match symbol.access {
                        Access::Global => return Access::Global,
                        Access::Local if crossed => symbol.flags |= symbol_flag::CELL,
                        Access::Local => return Access::Outer,
                        _ => continue,
                    }
                }
            }
            self.hand_down(i, at, name);
            return Access::Free;
        }
    }

    /// The variable belongs to scope `owner`: hands it down to the unit of scope `i`, another one.
    fn hand_down(&mut self, i: u32, owner: u32, name: Value) {
        let owner = self.scopes.unit_of(owner);
        let mut at = self.scopes.unit_of(i);
        while at != owner {
            let s = self.touch(at, name, 0);
            if self.failed() {
                return;
            }
            let scope = self.scopes.scopes.item_mut(at);
            let symbol = self.scopes.symbols.item_mut(s);
            if symbol.free == NO_FREE {
                if scope.n_free >= 255 {
                    self.unit.line = 0;
                    return self.error("too many free variables");
                }
                symbol.free = scope.n_free;
                scope.n_free += 1;
                if symbol.access == Access::Outer && scope.kind != ScopeKind::Class {
                    symbol.access = Access::Free;
                }
            }
            let parent = scope.parent;
            at = self.scopes.unit_of(parent);
        }
    }
}
