//! Assignment, augmented and annotated assignment, unpacking and `del`.

use super::super::ast::{BinOp, Id, Kind, Seq};
use super::super::scope::{ScopeKind, symbol_flag};
use super::emit::{imm_of, op_after};
use super::names::Place;
use super::unwind::BlockKind;
use super::{Gen, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::value::names::q;

/// Items of `a, b = x, y` that are assigned without a tuple, at most.
const MAX_PARALLEL: usize = 8;

impl Gen<'_> {
    /// `targets[0] = … = value`
    pub(super) fn assign(&mut self, targets: Seq, value: Id) -> Result<(), Raise> {
        let n = self.len(targets);
        let first = self.child(targets, 0);
        if n == 1 && self.assign_parallel(first, value)? {
            return Ok(());
        }
        let r = match self.variable(first) {
            Some(r) => {
                self.expr(value, r)?;
                self.unit.flow.bound.add(r);
                r
            }
            None => {
                let r = self.operand(value, None, true)?;
                self.store_target(first, r)?;
                r
            }
        };
        for i in 1..n {
            self.store_target(self.child(targets, i), r)?;
        }
        Ok(())
    }

    /// The near register of a target that is a local variable.
    pub(super) fn variable(&self, target: Id) -> Option<Reg> {
        match self.find(self.name_of(target)?).0 {
            Place::Reg(r) => Some(r),
            _ => None,
        }
    }

    /// `a, b = x, y` without a tuple; false when the statement is no such thing.
    fn assign_parallel(&mut self, target: Id, value: Id) -> Result<bool, Raise> {
        let (Kind::Tuple(targets) | Kind::List(targets), Kind::Tuple(values)) =
            (self.node(target).kind, self.node(value).kind)
        else {
            return Ok(false);
        };
        let n = self.len(targets);
        let plain = |this: &Self, id: Id| {
            matches!(
                this.node(id).kind,
                Kind::Name(_) | Kind::Attribute { .. } | Kind::Subscript { .. }
            )
        };
        let starred = |this: &Self, id: Id| matches!(this.node(id).kind, Kind::Starred(_));
        if n as usize > MAX_PARALLEL
            || n != self.len(values)
            || !(0..n).all(|i| plain(self, self.child(targets, i)))
            || (0..n).any(|i| starred(self, self.child(values, i)))
        {
            return Ok(false);
        }
        // Literals are loaded where they are stored: `None` here.
        let mut regs = [None; MAX_PARALLEL];
        for i in 0..n {
            let item = self.child(values, i);
            if self.literal(item).is_some() {
                continue;
            }
            let reused = self.variable(item).filter(|&r| {
                // In place, unless an earlier target or a `:=` assigns to the variable first.
                self.unit.flow.bound.has(r)
                    && !self.has_walrus(item)
                    && !(0..i).any(|j| self.variable(self.child(targets, j)) == Some(r))
            });
            regs[i as usize] = match reused {
                Some(r) => Some(r),
                None => {
                    let r = self.alloc(1)?;
                    self.expr(item, r)?;
                    Some(r)
                }
            };
        }
        for i in 0..n {
            let target = self.child(targets, i);
            match (regs[i as usize], self.variable(target)) {
                (Some(r), _) => self.store_target(target, r)?,
                (None, Some(to)) => {
                    self.expr(self.child(values, i), to)?;
                    self.unit.flow.bound.add(to);
                }
                (None, None) => {
                    let r = self.alloc(1)?;
                    self.expr(self.child(values, i), r)?;
                    self.store_target(target, r)?;
                }
            }
        }
        Ok(true)
    }

    fn has_walrus(&self, id: Id) -> bool {
        self.name_of(id).is_some_and(|name| self.find(name).1 & symbol_flag::WALRUS != 0)
    }

    /// Assigns `r[src]` to a target.
    pub(super) fn store_target(&mut self, target: Id, src: Reg) -> Result<(), Raise> {
        self.vm.enter_native()?;
        let node = self.node(target);
        self.set_line(node.line);
        let line = self.unit.line;
        let mark = self.unit.top;
        match node.kind {
            Kind::Name(c) => {
                let name = self.constant_of(c);
                self.store_name(name, src)?;
            }
            Kind::Attribute { object, name } => {
                let o = self.operand(object, None, false)?;
                let name = self.constant_of(name);
                let k = self.name_constant(name)?;
                if self.name_of(object).is_some_and(|n| n == self.unit.first_param) {
                    self.note_attribute(k)?;
                }
                self.set_line(line);
                self.emit(Op::StoreAttr, &[o.into(), k, src.into()])?;
            }
            Kind::Subscript { object, index } => {
                let o = self.operand(object, None, !self.is_simple(index))?;
                self.store_item(line, o, index, src)?;
            }
            Kind::Tuple(targets) | Kind::List(targets) => self.unpack(line, targets, src)?,
            Kind::Starred(_) => return Err(self.error("*x must be assignment target")),
            _ => return Err(self.error("can't assign to expression")),
        }
        self.unit.top = mark;
        Ok(())
    }

    /// `r[o][index] = r[src]`
    fn store_item(&mut self, line: u32, o: Reg, index: Id, src: Reg) -> Result<(), Raise> {
        if let Some(k) = self.key_constant(index)? {
            self.set_line(line);
            return self.emit(Op::StoreItemKey, &[o.into(), k, src.into()]);
        }
        if let Kind::Slice(parts) = self.node(index).kind {
            let base = self.slice_parts(parts)?;
            self.set_line(line);
            return self.emit(Op::StoreSlice, &[o.into(), base.into(), src.into()]);
        }
        let i = self.operand(index, None, false)?;
        self.set_line(line);
        self.emit(Op::StoreItem, &[o.into(), i.into(), src.into()])
    }

    fn unpack(&mut self, line: u32, targets: Seq, src: Reg) -> Result<(), Raise> {
        let n = self.len(targets);
        let mut star = None;
        for i in 0..n {
            if let Kind::Starred(_) = self.node(self.child(targets, i)).kind
                && star.replace(i).is_some()
            {
                return Err(self.error("multiple *x in assignment"));
            }
        }
        if let Some(first) = self.consecutive_variables(targets) {
            self.emit(Op::UnpackSequence, &[first.into(), src.into(), n])?;
            (0..n).for_each(|i| self.unit.flow.bound.add(first + i as Reg));
            return Ok(());
        }
        let base = self.alloc(n)?;
        match star {
            None => self.emit(Op::UnpackSequence, &[base.into(), src.into(), n])?,
            Some(i) => self.emit(Op::UnpackEx, &[base.into(), src.into(), i, n - i - 1])?,
        }
        for i in 0..n {
            let mut target = self.child(targets, i);
            if let Kind::Starred(inner) = self.node(target).kind {
                target = inner;
            }
            self.store_target(target, base + i as Reg)?;
            self.set_line(line);
        }
        Ok(())
    }

    /// The first register of targets that can be unpacked into directly: variables side by side, when nothing in
    /// the unit could see that an unpacking that fails has assigned to some of them.
    fn consecutive_variables(&self, targets: Seq) -> Option<Reg> {
        let n = self.len(targets);
        let first = self.variable(self.child(targets, 0))?;
        let direct = !self.has_handlers()
            && (1..n).all(|i| {
                self.variable(self.child(targets, i)).map(u32::from) == Some(u32::from(first) + i)
            });
        direct.then_some(first)
    }

    /// `target op= value`
    pub(super) fn augmented(&mut self, op: BinOp, target: Id, value: Id) -> Result<(), Raise> {
        let line = self.unit.line;
        let mark = self.unit.top;
        let stable = !self.is_simple(value);
        match self.node(target).kind {
            Kind::Name(c) => {
                let name = self.constant_of(c);
                let r = self.operand(target, None, stable)?;
                if let Some(dst) = self.variable(target) {
                    self.in_place(line, op, dst, r, value)?;
                    self.unit.flow.bound.add(dst);
                } else {
                    self.in_place(line, op, r, r, value)?;
                    self.store_name(name, r)?;
                }
            }
            Kind::Attribute { object, name } => {
                let name = self.constant_of(name);
                let o = self.operand(object, None, stable)?;
                let k = self.name_constant(name)?;
                let r = self.alloc(1)?;
                self.emit(Op::LoadAttr, &[r.into(), o.into(), k])?;
                self.in_place(line, op, r, r, value)?;
                self.emit(Op::StoreAttr, &[o.into(), k, r.into()])?;
            }
            Kind::Subscript { object, index } => {
                let o = self.operand(object, None, stable || !self.is_simple(index))?;
                let r = self.alloc(1)?;
                if let Some(k) = self.key_constant(index)? {
                    self.emit(Op::LoadItemKey, &[r.into(), o.into(), k])?;
                    self.in_place(line, op, r, r, value)?;
                    self.emit(Op::StoreItemKey, &[o.into(), k, r.into()])?;
                } else {
                    let i = self.operand(index, None, stable)?;
                    self.emit(Op::LoadItem, &[r.into(), o.into(), i.into()])?;
                    self.in_place(line, op, r, r, value)?;
                    self.emit(Op::StoreItem, &[o.into(), i.into(), r.into()])?;
                }
            }
            _ => return Err(self.error("can't assign to expression")),
        }
        self.unit.top = mark;
        Ok(())
    }

    /// `r[dst] = r[lhs] op= value`
    fn in_place(
        &mut self,
        line: u32,
        op: BinOp,
        dst: Reg,
        lhs: Reg,
        value: Id,
    ) -> Result<(), Raise> {
        let mark = self.unit.top;
        let imm = self.literal(value).and_then(imm_of);
        if let (BinOp::Add | BinOp::Sub, Some(imm)) = (op, imm) {
            self.emit(op_after(Op::IAddInt, op as u8), &[dst.into(), lhs.into(), imm])?;
        } else {
            let r = self.operand(value, None, false)?;
            self.set_line(line);
            self.emit(op_after(Op::IAdd, op as u8), &[dst.into(), lhs.into(), r.into()])?;
        }
        self.unit.top = mark;
        Ok(())
    }

    /// `target: annotation = value`
    ///
    /// Annotations of names of modules and classes are stored. One that can not be evaluated is left out:
    /// MicroPython never evaluates them, and programs for it name types that do not exist there.
    pub(super) fn annotated(&mut self, simple: bool, parts: Seq) -> Result<(), Raise> {
        let [target, annotation, value] = [0, 1, 2].map(|i| self.child(parts, i));
        if !value.is_none() {
            match self.variable(target) {
                Some(r) => {
                    self.expr(value, r)?;
                    self.unit.flow.bound.add(r);
                }
                None => {
                    let r = self.operand(value, None, true)?;
                    self.store_target(target, r)?;
                }
            }
        }
        let Some(name) = self.name_of(target).filter(|_| simple) else { return Ok(()) };
        if !matches!(self.unit.kind, ScopeKind::Module | ScopeKind::Class) {
            return Ok(());
        }
        let flow = self.loop_flow();
        let labels = self.labels_mark();
        let (other, end) = (self.label()?, self.label()?);
        let r = self.alloc(2)?;
        let block = self.open(BlockKind::Try, 0, 0, r)?;
        self.expr(annotation, r)?;
        let k = self.name_constant(q::__annotations__.value())?;
        self.emit(Op::LoadName, &[(r + 1).into(), k])?;
        let k = self.name_constant(name)?;
        self.emit(Op::StoreItemKey, &[(r + 1).into(), k, r.into()])?;
        let (pad, reached) = self.close(block)?;
        self.jump(Op::Jump, &[], end)?;
        self.resume(flow, reached);
        self.place_pad(pad);
        self.load_global(q::Exception.value(), r + 1)?;
        self.jump(Op::JumpNoMatch, &[r.into(), (r + 1).into()], other)?;
        self.jump(Op::Jump, &[], end)?;
        self.place(other)?;
        self.emit(Op::Reraise, &[r.into()])?;
        self.place(end)?;
        self.drop_labels(labels);
        Ok(())
    }

    /// `del target`
    pub(super) fn delete(&mut self, target: Id) -> Result<(), Raise> {
        self.vm.enter_native()?;
        let mark = self.unit.top;
        match self.node(target).kind {
            Kind::Name(c) => {
                let name = self.constant_of(c);
                self.delete_name(name, true)?;
            }
            Kind::Attribute { object, name } => {
                let o = self.operand(object, None, false)?;
                let name = self.constant_of(name);
                let k = self.name_constant(name)?;
                self.emit(Op::DelAttr, &[o.into(), k])?;
            }
            Kind::Subscript { object, index } => {
                let o = self.operand(object, None, !self.is_simple(index))?;
                let i = self.operand(index, None, false)?;
                self.emit(Op::DelItem, &[o.into(), i.into()])?;
            }
            Kind::Tuple(targets) | Kind::List(targets) => {
                for i in 0..self.len(targets) {
                    self.delete(self.child(targets, i))?;
                }
            }
            _ => return Err(self.error("can't delete expression")),
        }
        self.unit.top = mark;
        Ok(())
    }
}
