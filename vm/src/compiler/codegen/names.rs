//! Loading, storing and deleting variables.

use super::super::scope::{Access, ScopeKind, Symbol, symbol_flag};
use super::{Gen, NEAR_REGS, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::value::Value;

/// Where a variable is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// In a near register.
    Reg(Reg),
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
    /// Where the variable of this name is, seen from the scope at work, and the flags of its symbol.
    pub(super) fn find(&self, name: Value) -> (Place, u8) {
        self.find_from(self.unit.scope, name)
    }

    /// As [`Gen::find`], seen from another scope of the unit.
    pub(super) fn find_from(&self, mut scope: u32, name: Value) -> (Place, u8) {
        loop {
            let this = self.scopes.scope(self.vm, scope);
            if let Some(s) = self.scopes.find(self.vm, scope, name) {
                let symbol: Symbol = self.scopes.symbol(self.vm, s);
                let place = match symbol.access {
                    Access::Local if symbol.has(symbol_flag::CELL) => Place::Cell(symbol.register),
                    Access::Local if symbol.register < NEAR_REGS => {
                        Place::Reg(symbol.register as Reg)
                    }
                    Access::Local => Place::Far(symbol.register),
                    Access::Free => Place::Free(symbol.free),
                    Access::ClassFree => Place::ClassFree(symbol.free),
                    Access::Name => self.module_name(name),
                    Access::Global => Place::Global,
                    Access::Outer if this.kind == ScopeKind::Comprehension => {
                        scope = this.parent;
                        continue;
                    }
                    Access::Outer => Place::Global,
                };
                return (place, symbol.flags);
            }
            match this.kind {
                ScopeKind::Comprehension => scope = this.parent,
                ScopeKind::Module | ScopeKind::Class => return (self.module_name(name), 0),
                _ => return (Place::Global, 0),
            }
        }
    }

    fn module_name(&self, name: Value) -> Place {
        let declared = self.work.globals.is_some_and(|names| {
            self.unit.kind == ScopeKind::Module
                && (0..names.len(self.vm)).any(|i| names.get(self.vm, i) == Some(name))
        });
        if declared { Place::Global } else { Place::Name }
    }

    /// Makes sure that the variable in near register `r` is bound.
    pub(super) fn check_bound(&mut self, r: Reg, name: Value) -> Result<(), Raise> {
        if self.unit.flow.bound.has(r) || self.unit.flow.dead {
            return Ok(());
        }
        if self.is_variable(r) {
            // An argument is there at first.
            if u16::from(r) >= self.unit.n_params {
                self.unit.init.add(r);
            }
        } else {
            // A comprehension's variable, used before the clause that binds it.
            self.load_value(r, Value::UNDEF)?;
        }
        let name = self.name_constant(name)?;
        self.emit(Op::CheckBound, &[r.into(), name])?;
        self.unit.flow.bound.add(r);
        Ok(())
    }

    /// A near register that holds the cell in register `cell`.
    pub(super) fn near_cell(&mut self, cell: u16) -> Result<Reg, Raise> {
        if cell < NEAR_REGS {
            return Ok(cell as Reg);
        }
        let temp = self.alloc(1)?;
        self.emit(Op::LoadFar, &[temp.into(), cell.into()])?;
        Ok(temp)
    }

    /// `r[dst] =` the variable.
    pub(super) fn load_name(&mut self, name: Value, dst: Reg) -> Result<(), Raise> {
        let (place, _) = self.find(name);
        let mark = self.unit.top;
        let d = u32::from(dst);
        match place {
            Place::Reg(r) => {
                self.check_bound(r, name)?;
                return self.move_reg(dst, r);
            }
            Place::Far(far) => {
                let temp = self.scratch(dst)?;
                self.emit(Op::LoadFar, &[temp.into(), far.into()])?;
                let k = self.name_constant(name)?;
                self.emit(Op::CheckBound, &[temp.into(), k])?;
                self.move_reg(dst, temp)?;
            }
            Place::Cell(cell) => {
                let cell = self.near_cell(cell)?;
                let k = self.name_constant(name)?;
                self.emit(Op::LoadCell, &[d, cell.into(), k])?;
            }
            Place::Free(free) => {
                let k = self.name_constant(name)?;
                self.emit(Op::LoadFree, &[d, free.into(), k])?;
            }
            Place::ClassFree(free) => {
                let k = self.name_constant(name)?;
                self.emit(Op::LoadClassFree, &[d, free.into(), k])?;
            }
            Place::Name => {
                let k = self.name_constant(name)?;
                self.emit(Op::LoadName, &[d, k])?;
            }
            Place::Global => self.load_global(name, dst)?,
        }
        self.unit.top = mark;
        Ok(())
    }

    /// `r[dst] =` a global or built-in.
    pub(super) fn load_global(&mut self, name: Value, dst: Reg) -> Result<(), Raise> {
        let k = self.name_constant(name)?;
        self.emit(Op::LoadGlobal, &[dst.into(), k])
    }

    /// Assigns `r[src]` to the variable.
    pub(super) fn store_name(&mut self, name: Value, src: Reg) -> Result<(), Raise> {
        let (place, _) = self.find(name);
        self.store_place(place, name, src)
    }

    /// Assigns `r[src]` to the variable of this name at `place`.
    pub(super) fn store_place(&mut self, place: Place, name: Value, src: Reg) -> Result<(), Raise> {
        let mark = self.unit.top;
        let s = u32::from(src);
        match place {
            Place::Reg(r) => {
                self.move_reg(r, src)?;
                self.unit.flow.bound.add(r);
            }
            Place::Far(far) => self.emit(Op::StoreFar, &[far.into(), s])?,
            Place::Cell(cell) => {
                let cell = self.near_cell(cell)?;
                self.emit(Op::StoreCell, &[cell.into(), s])?;
            }
            Place::Free(free) | Place::ClassFree(free) => {
                self.emit(Op::StoreFree, &[free.into(), s])?
            }
            Place::Name => {
                let k = self.name_constant(name)?;
                self.emit(Op::StoreName, &[k, s])?;
            }
            Place::Global => {
                let k = self.name_constant(name)?;
                self.emit(Op::StoreGlobal, &[k, s])?;
            }
        }
        self.unit.top = mark;
        Ok(())
    }

    /// Unbinds the variable; with `must_exist` it is an error if it is unbound already.
    pub(super) fn delete_name(&mut self, name: Value, must_exist: bool) -> Result<(), Raise> {
        let (place, _) = self.find(name);
        let mark = self.unit.top;
        match place {
            Place::Reg(r) => {
                if must_exist {
                    self.check_bound(r, name)?;
                }
                self.load_value(r, Value::UNDEF)?;
                self.unit.flow.bound.remove(r);
            }
            Place::Name | Place::Global => {
                let k = self.name_constant(name)?;
                self.emit(if place == Place::Name { Op::DelName } else { Op::DelGlobal }, &[k])?;
            }
            Place::Far(_) | Place::Cell(_) | Place::Free(_) | Place::ClassFree(_) => {
                let temp = self.alloc(1)?;
                if must_exist {
                    self.load_name(name, temp)?;
                }
                self.load_value(temp, Value::UNDEF)?;
                self.store_place(place, name, temp)?;
            }
        }
        self.unit.top = mark;
        Ok(())
    }

    /// Ends the life of the name of `except … as name`.
    pub(super) fn clear_handler_name(&mut self, name: Value) -> Result<(), Raise> {
        let (place, _) = self.find(name);
        if matches!(place, Place::Name | Place::Global) {
            // The handler may have deleted it already.
            let temp = self.alloc(1)?;
            self.load_none(temp)?;
            self.store_place(place, name, temp)?;
            self.unit.top -= 1;
        }
        self.delete_name(name, false)
    }
}
