//! Assignment, augmented and annotated assignment, unpacking and `del`.

use super::super::ast::{BinOp, Id, Kind, Seq};
use super::super::scope::{ScopeKind, scope_flag, symbol_flag};
use super::emit::op_after;
use super::names::Place;
use super::unwind::BlockKind;
use super::{ANY, Gen, Label, Reg};
use crate::bytecode::op::Op;
use crate::value::Value;
use crate::value::names::q;

/// Items of `a, b = x, y` that are assigned without a tuple, at most.
const MAX_PARALLEL: usize = 8;

impl Gen<'_> {
    /// `targets[0] = … = value`
    pub(super) fn assign(&mut self, targets: Seq, value: Id) {
        let n = self.len(targets);
        let first = self.child(targets, 0);
        if n == 1 && self.assign_parallel(first, value) {
            return;
        }
        let r = self.assign_one(first, value);
        for i in 1..n {
            self.store_target(self.child(targets, i), r);
        }
    }

    /// Assigns the value of an expression; a register that holds it afterwards.
    fn assign_one(&mut self, target: Id, value: Id) -> Reg {
        if let Some(r) = self.variable(target) {
            self.expr_into(value, r);
            return r;
        }
        let r = self.stable_operand(value);
        self.store_target(target, r);
        r
    }

    /// The near register of a target that is a local variable.
    #[inline(never)]
    pub(super) fn variable(&self, target: Id) -> Option<Reg> {
        match self.find(self.name_of(target)?) {
            Place::Reg(r) => Some(r.into()),
            _ => None,
        }
    }

    /// `a, b = x, y` without a tuple; false when the statement is no such thing.
    fn assign_parallel(&mut self, target: Id, value: Id) -> bool {
        let (Kind::Tuple(targets) | Kind::List(targets), Kind::Tuple(values)) =
            (self.node(target).kind, self.node(value).kind)
        else {
            return false;
        };
        let n = self.len(targets);
        let starred =
            |i| self.is_starred(self.child(targets, i)) || self.is_starred(self.child(values, i));
        if n as usize > MAX_PARALLEL || n != self.len(values) || (0..n).any(starred) {
            return false;
        }
        // Where no target is a variable, those among the values need not be copied.
        let direct = !(0..n).any(|i| self.variable(self.child(targets, i)).is_some());
        let mut regs = [0; MAX_PARALLEL];
        for (i, place) in (0..n).zip(&mut regs) {
            let item = self.child(values, i);
            *place = if direct { self.stable_operand(item) } else { self.expr_in_temp(item) };
        }
        for (i, r) in (0..n).zip(regs) {
            self.store_target(self.child(targets, i), r);
        }
        true
    }

    /// Assigns `r[src]` to a target. The line is afterwards what it was before.
    #[inline(never)]
    pub(super) fn store_target(&mut self, target: Id, src: Reg) {
        let line = self.unit.line;
        let mark = self.unit.top;
        let kind = self.visit(target);
        match kind {
            Kind::Name(c) => {
                let name = self.constant_of(c);
                self.store_name(name, src);
            }
            Kind::Tuple(targets) | Kind::List(targets) => self.unpack(targets, src),
            Kind::Starred(_) => self.error("*x must be assignment target"),
            _ => {
                let part = self.part(kind, &STORES, ANY, Id::NONE);
                self.emit3(part.op, part.object, part.which, src);
            }
        }
        self.unit.top = mark;
        self.unit.line = line;
    }

    /// Evaluates what leads to an attribute or item. `ops` are the instructions to choose from: see [`LOADS`].
    ///
    /// The registers keep their values while `next` is evaluated; a temporary may be `dst`, if that is one.
    #[inline(never)]
    pub(super) fn part(&mut self, kind: Kind, ops: &[Op], dst: Reg, next: Id) -> Part {
        let (form, object, which) = match kind {
            Kind::Attribute { object, name } => {
                let k = self.name_index(name);
                if ops.len() == STORES.len() && self.name_of(object) == Some(self.unit.first_param)
                {
                    self.note_attribute(k);
                }
                (ATTRIBUTE, self.operand_with(object, dst, next), k)
            }
            Kind::Subscript { object, index } => {
                let before = if self.is_simple(next) { index } else { next };
                let object = self.operand_with(object, dst, before);
                let dst = if dst == object { ANY } else { dst };
                let (form, which) = if ops.len() > IMMEDIATE
                    && let Some(imm) = self.immediate(index)
                {
                    (IMMEDIATE, imm)
                } else if ops.len() > KEY
                    && let Some(k) = self.key_constant(index)
                {
                    (KEY, k)
                } else if ops.len() > SLICE
                    && let Kind::Slice(parts) = self.node(index).kind
                {
                    (SLICE, self.slice_parts(parts))
                } else {
                    (ITEM, self.operand_with(index, dst, next))
                };
                (form, object, which)
            }
            _ => {
                self.error("can't assign to expression");
                (ATTRIBUTE, 0, 0)
            }
        };
        Part { op: ops[form], object, which }
    }

    fn unpack(&mut self, targets: Seq, src: Reg) {
        let n = self.len(targets);
        let mut star = None;
        for i in 0..n {
            if self.is_starred(self.child(targets, i)) && star.replace(i).is_some() {
                self.error("multiple *x in assignment");
            }
        }
        if let Some(first) = self.consecutive_variables(targets) {
            self.emit3(Op::UnpackSequence, first, src, n);
            (first..first + n).for_each(|r| self.set_bound(r));
            return;
        }
        let base = self.alloc(n);
        match star {
            None => self.emit3(Op::UnpackSequence, base, src, n),
            Some(i) => self.emit4(Op::UnpackEx, base, src, i, n - i - 1),
        }
        for i in 0..n {
            let mut target = self.child(targets, i);
            if let Kind::Starred(inner) = self.node(target).kind {
                target = inner;
            }
            self.store_target(target, base + i);
        }
    }

    /// The first register of targets that can be unpacked into directly: variables side by side, when nothing in
    /// the unit could see that an unpacking that fails has assigned to some of them.
    fn consecutive_variables(&self, targets: Seq) -> Option<Reg> {
        let n = self.len(targets);
        let first = self.variable(self.child(targets, 0))?;
        let direct = !self.has_handlers()
            && (1..n).all(|i| self.variable(self.child(targets, i)) == Some(first + i));
        direct.then_some(first)
    }

    /// `target op= value`
    pub(super) fn augmented(&mut self, op: BinOp, target: Id, value: Id) {
        match self.node(target).kind {
            Kind::Name(c) => {
                let r = self.operand_before(target, value);
                if let Some(dst) = self.variable(target) {
                    self.in_place(op, dst, r, value);
                    self.set_bound(dst);
                } else {
                    self.in_place(op, r, r, value);
                    let name = self.constant_of(c);
                    self.store_name(name, r);
                }
            }
            kind => {
                let part = self.part(kind, &LOADS[..=KEY], ANY, value);
                let r = self.temp();
                self.emit3(part.op, r, part.object, part.which);
                self.in_place(op, r, r, value);
                let op = match part.op {
                    Op::LoadAttr => Op::StoreAttr,
                    Op::LoadItem => Op::StoreItem,
                    _ => Op::StoreItemKey,
                };
                self.emit3(op, part.object, part.which, r);
            }
        }
    }

    /// `r[dst] = r[lhs] op= value`
    fn in_place(&mut self, op: BinOp, dst: Reg, lhs: Reg, value: Id) {
        if let (BinOp::Add | BinOp::Sub, Some(imm)) = (op, self.immediate(value)) {
            return self.emit3(op_after(Op::IAddInt, op as u8), dst, lhs, imm);
        }
        let mark = self.unit.top;
        let r = self.operand(value);
        self.emit3(op_after(Op::IAdd, op as u8), dst, lhs, r);
        self.unit.top = mark;
    }

    /// `target: annotation = value`
    ///
    /// With `extra` annotations of names of modules and classes are stored. One that can not be evaluated is left out:
    /// MicroPython never evaluates them, and programs for it name types that do not exist there.
    pub(super) fn annotated(&mut self, simple: bool, parts: Seq) {
        let [target, annotation, value, _] = self.parts(parts);
        if !value.is_none() {
            self.assign_one(target, value);
        }
        let Some(name) = self.name_of(target).filter(|_| simple) else { return };
        self.touch_here(name, symbol_flag::BOUND);
        if !cfg!(feature = "extra")
            || !matches!(self.unit.kind, ScopeKind::Module | ScopeKind::Class)
        {
            return;
        }
        if !self.failed() {
            self.scopes.scope_mut(self.unit.scope).flags |= scope_flag::ANNOTATIONS;
        }
        let end = self.label();
        let r = self.alloc(2);
        let mut guard = self.open(BlockKind::Try, 0, 0, r);
        self.expr(annotation, r);
        let k = self.name_constant(q::__annotations__.value());
        self.emit2(Op::LoadName, r + 1, k);
        let k = self.name_constant(name);
        self.emit3(Op::StoreItemKey, r + 1, k, r);
        self.close(&mut guard);
        self.jump(end);
        self.land(&guard);
        self.reraise_unless(r, q::Exception.value(), end);
        self.place(end);
    }

    /// In a handler for the exception in `r[exc]`: goes on at `end` for one of this class, else raises it again.
    pub(super) fn reraise_unless(&mut self, exc: Reg, class: Value, end: Label) {
        let other = self.label();
        self.load_global(class, exc + 1);
        self.jump2(Op::JumpNoMatch, exc, exc + 1, other);
        self.jump(end);
        self.place(other);
        self.emit1(Op::Reraise, exc);
    }

    /// `del target`
    #[inline(never)]
    pub(super) fn delete(&mut self, target: Id) {
        let mark = self.unit.top;
        match self.visit(target) {
            Kind::Name(c) => {
                let name = self.constant_of(c);
                self.delete_name(name, true);
            }
            kind @ (Kind::Attribute { .. } | Kind::Subscript { .. }) => {
                let part = self.part(kind, &[Op::DelAttr, Op::DelItem], ANY, Id::NONE);
                self.emit2(part.op, part.object, part.which);
            }
            Kind::Tuple(targets) | Kind::List(targets) => self.delete_all(targets),
            _ => self.error("can't delete expression"),
        }
        self.unit.top = mark;
    }

    /// `del` of several targets.
    pub(super) fn delete_all(&mut self, targets: Seq) {
        for i in 0..self.len(targets) {
            self.delete(self.child(targets, i));
        }
    }
}

/// How an attribute or item is reached.
pub(super) struct Part {
    /// The instruction.
    pub op: Op,
    /// The register of the object.
    pub object: Reg,
    /// The operand that tells which: the constant of a name or key, a register, an immediate.
    pub which: u32,
}

/// The instructions that load an attribute, an item, one with a constant string as key, a slice, one with a small number.
pub(super) const LOADS: [Op; 5] =
    [Op::LoadAttr, Op::LoadItem, Op::LoadItemKey, Op::LoadSlice, Op::LoadItemInt];
/// Those that store.
const STORES: [Op; 4] = [Op::StoreAttr, Op::StoreItem, Op::StoreItemKey, Op::StoreSlice];
const ATTRIBUTE: usize = 0;
const ITEM: usize = 1;
const KEY: usize = 2;
const SLICE: usize = 3;
const IMMEDIATE: usize = 4;
