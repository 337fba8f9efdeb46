//! Loading, storing and deleting variables.

use super::super::scope::{Access, NONE, ScopeKind, symbol_flag};
use super::{Bits, Gen, HAS_FAR, NEAR_REGS, Reg};
use crate::bytecode::op::Op;
use crate::value::Value;

/// Where a variable is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In a near register.
    Reg(u16),
    /// In a far register.
    Far(u16),
    /// In a cell that a register, near or far, holds.
    Cell(u16),
    /// In a cell of the function.
    Free(u16),
    /// In the namespace, else in a cell of the function.
    ClassFree(u16),
    /// In the namespace `r[0]`.
    Name,
    /// In the globals.
    Global,
}

impl Gen<'_> {
    /// Where the variable of this name is, seen from the scope at work.
    #[inline(never)]
    pub(super) fn find(&self, name: Value) -> Place {
        let s = self.deciding_symbol(self.unit.scope, name);
        if s == NONE {
            return match self.unit.kind {
                ScopeKind::Module | ScopeKind::Class => Place::Name,
                _ => Place::Global,
            };
        }
        let symbol = self.scopes.symbol(s);
        match symbol.access {
            Access::Local if symbol.has(symbol_flag::CELL) => Place::Cell(symbol.register),
            Access::Local if !HAS_FAR || symbol.register < NEAR_REGS as u16 => {
                Place::Reg(symbol.register)
            }
            Access::Local => Place::Far(symbol.register),
            Access::Free => Place::Free(symbol.free),
            Access::ClassFree => Place::ClassFree(symbol.free),
            Access::Name => Place::Name,
            Access::Outer | Access::Global => Place::Global,
        }
    }

    /// The flags of the symbol that decides what a name is, seen from the scope at work.
    pub(super) fn flags_of(&self, name: Value) -> u8 {
        match self.deciding_symbol(self.unit.scope, name) {
            NONE => 0,
            s => self.scopes.symbol(s).flags,
        }
    }

    /// The symbol of a name in the scope or, for a comprehension that has none of its own, in one around it.
    fn deciding_symbol(&self, mut scope: u32, name: Value) -> u32 {
        loop {
            let s = self.find_symbol(scope, name);
            let this = self.scopes.scope(scope);
            if this.kind != ScopeKind::Comprehension
                || s != NONE && self.scopes.symbol(s).access != Access::Outer
            {
                return s;
            }
            scope = this.parent;
        }
    }

    /// The variable in near register `r` is bound from here on.
    #[inline(never)]
    pub(super) fn set_bound(&mut self, r: Reg) {
        if r < Bits::REST {
            self.unit.flow.bound.add(r);
        }
    }

    /// The variable in near register `r` may be unbound from here on.
    pub(super) fn set_unbound(&mut self, r: Reg) {
        self.unit.flow.bound.0 &= !Bits::bit(r);
    }

    /// Makes sure that the variable in near register `r` is bound.
    pub(super) fn check_bound(&mut self, r: Reg, name: Value) {
        if self.unit.flow.bound.has(r) || self.unit.flow.dead {
            return;
        }
        // An argument is there at first; a comprehension unbinds its variables itself.
        if r >= self.unit.n_params && self.is_variable(r) {
            self.unit.init.add(r);
        }
        let name = self.name_constant(name);
        self.emit2(Op::CheckBound, r, name);
        self.set_bound(r);
    }

    /// A near register that holds what is in register `r`.
    pub(super) fn near(&mut self, r: u16) -> Reg {
        let r = Reg::from(r);
        if !HAS_FAR || r < NEAR_REGS {
            return r;
        }
        let temp = self.temp();
        self.emit2(Op::LoadFar, temp, r);
        temp
    }

    /// `r[dst] =` the variable.
    #[inline(never)]
    pub(super) fn load_name(&mut self, name: Value, dst: Reg) {
        self.touch_here(name, 0);
        let place = self.find(name);
        if let Place::Reg(r) = place {
            self.check_bound(r.into(), name);
            return self.move_reg(dst, r.into());
        }
        let mark = self.unit.top;
        let k = self.name_constant(name);
        match place {
            Place::Reg(r) | Place::Far(r) => {
                if !HAS_FAR {
                    return;
                }
                let temp = self.near(r);
                self.emit2(Op::CheckBound, temp, k);
                self.move_reg(dst, temp);
            }
            Place::Cell(cell) => {
                let cell = self.near(cell);
                self.emit3(Op::LoadCell, dst, cell, k);
            }
            Place::Free(free) => self.emit3(Op::LoadFree, dst, free.into(), k),
            Place::ClassFree(free) => self.emit3(Op::LoadClassFree, dst, free.into(), k),
            Place::Name => self.emit2(Op::LoadName, dst, k),
            Place::Global => self.emit2(Op::LoadGlobal, dst, k),
        }
        self.unit.top = mark;
    }

    /// `r[dst] =` a global or built-in.
    #[inline(never)]
    pub(super) fn load_global(&mut self, name: Value, dst: Reg) {
        let k = self.name_constant(name);
        self.emit2(Op::LoadGlobal, dst, k);
    }

    /// Assigns `r[src]` to a name of the namespace `r[0]`.
    #[inline(never)]
    pub(super) fn store_in_namespace(&mut self, name: Value, src: Reg) {
        let k = self.name_constant(name);
        self.emit2(Op::StoreName, k, src);
    }

    /// Assigns `r[src]` to the variable.
    #[inline(never)]
    pub(super) fn store_name(&mut self, name: Value, src: Reg) {
        self.touch_here(name, symbol_flag::BOUND);
        let mark = self.unit.top;
        match self.find(name) {
            Place::Reg(r) => {
                self.move_reg(r.into(), src);
                self.set_bound(r.into());
            }
            Place::Far(far) => {
                if HAS_FAR {
                    self.emit2(Op::StoreFar, far.into(), src);
                }
            }
            Place::Cell(cell) => {
                let cell = self.near(cell);
                self.emit2(Op::StoreCell, cell, src);
            }
            Place::Free(free) | Place::ClassFree(free) => {
                self.emit2(Op::StoreFree, free.into(), src)
            }
            Place::Name => self.store_in_namespace(name, src),
            Place::Global => {
                let k = self.name_constant(name);
                self.emit2(Op::StoreGlobal, k, src);
            }
        }
        self.unit.top = mark;
    }

    /// True for a variable in a namespace, not of a function.
    fn is_in_namespace(&self, name: Value) -> bool {
        matches!(self.find(name), Place::Name | Place::Global)
    }

    /// Unbinds the variable; with `must_exist` it is an error if it is unbound already.
    #[inline(never)]
    pub(super) fn delete_name(&mut self, name: Value, must_exist: bool) {
        self.touch_here(name, symbol_flag::BOUND | symbol_flag::DELETED);
        let place = self.find(name);
        let mark = self.unit.top;
        match place {
            Place::Name | Place::Global => {
                let k = self.name_constant(name);
                self.emit1(if place == Place::Name { Op::DelName } else { Op::DelGlobal }, k);
            }
            Place::Reg(r) => {
                let r = r.into();
                if must_exist {
                    self.check_bound(r, name);
                }
                self.load_undef(r);
                self.set_unbound(r);
            }
            _ => {
                let temp = self.temp();
                if must_exist {
                    self.load_name(name, temp);
                }
                self.load_undef(temp);
                self.store_name(name, temp);
            }
        }
        self.unit.top = mark;
    }

    /// Ends the life of the name of `except … as name`.
    #[inline(never)]
    pub(super) fn clear_handler_name(&mut self, name: Value) {
        if self.is_in_namespace(name) {
            // The handler may have deleted it already.
            let temp = self.temp();
            self.load_none(temp);
            self.store_name(name, temp);
            self.unit.top = temp;
        }
        self.delete_name(name, false);
    }
}
