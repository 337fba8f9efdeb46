//! Expressions whose value goes to a register.

use super::super::ast::{BinOp, CmpOp, Id, Kind, Seq, UnaryOp};
use super::super::scope::{ScopeKind, symbol_flag};
use super::emit::{imm_of, op_after};
use super::names::Place;
use super::{Gen, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::object::Str;
use crate::value::Value;

/// Longer string keys are ordinary constants: not worth interning.
const MAX_KEY: usize = 64;

impl Gen<'_> {
    /// True when evaluating `id` can not change any local variable.
    pub(super) fn is_simple(&self, id: Id) -> bool {
        id.is_none() || matches!(self.node(id).kind, Kind::Name(_) | Kind::Literal(_))
    }

    /// A register with the value of `id`: a local variable's own, else `hint` (a temporary), else a new temporary.
    ///
    /// With `stable` the register keeps the value while other expressions are evaluated.
    pub(super) fn operand(
        &mut self,
        id: Id,
        hint: Option<Reg>,
        stable: bool,
    ) -> Result<Reg, Raise> {
        match self.node(id).kind {
            Kind::Name(c) => {
                let name = self.constant_of(c);
                if let (Place::Reg(r), flags) = self.find(name) {
                    self.check_bound(r, name)?;
                    if !stable || flags & symbol_flag::WALRUS == 0 {
                        return Ok(r);
                    }
                }
            }
            Kind::NamedExpr { target, value } if !stable => {
                if let Some(name) = self.name_of(target)
                    && let Place::Reg(r) = self.walrus_place(name)
                {
                    self.expr(value, r)?;
                    self.unit.flow.bound.add(r);
                    return Ok(r);
                }
            }
            _ => {}
        }
        let dst = match hint {
            Some(r) => r,
            None => self.alloc(1)?,
        };
        self.expr(id, dst)?;
        Ok(dst)
    }

    /// Where the target of a `:=` is: its scope is the nearest that is no comprehension.
    fn walrus_place(&self, name: Value) -> Place {
        let unit = self.scopes.unit_of(self.vm, self.unit.scope);
        self.find_from(unit, name).0
    }

    /// Evaluates `id` for its effects.
    pub(super) fn discard(&mut self, id: Id) -> Result<(), Raise> {
        let mark = self.unit.top;
        self.operand(id, None, false)?;
        self.unit.top = mark;
        Ok(())
    }

    /// `r[dst] =` the value of `id`. `dst` is a variable or the topmost use of a temporary.
    pub(super) fn expr(&mut self, id: Id, dst: Reg) -> Result<(), Raise> {
        self.vm.enter_native()?;
        let node = self.node(id);
        self.set_line(node.line);
        let line = self.unit.line;
        let mark = self.unit.top;
        let d = u32::from(dst);
        match node.kind {
            Kind::Name(c) => {
                let name = self.constant_of(c);
                self.load_name(name, dst)?;
            }
            Kind::Literal(c) => {
                let value = self.constant_of(c);
                self.load_value(dst, value)?;
            }
            Kind::JoinedStr(parts) => self.joined_str(parts, dst)?,
            Kind::FormattedValue { conv, value, more } => {
                self.formatted_value(conv, value, more, dst)?
            }
            Kind::TemplateStr(parts) if cfg!(feature = "string") => {
                self.template_str(parts, dst)?
            }
            Kind::Tuple(items) => self.tuple_display(items, dst)?,
            Kind::List(items) => self.list_display(items, dst)?,
            Kind::Set(items) => self.set_display(items, dst)?,
            Kind::Dict(items) => self.dict_display(items, dst)?,
            Kind::Unary { op: UnaryOp::Not, .. }
            | Kind::BoolAnd(_)
            | Kind::BoolOr(_)
            | Kind::CompareChain(_) => self.condition_value(node.kind, dst)?,
            Kind::Unary { op, operand } => {
                let a = self.operand(operand, self.hint(dst), false)?;
                self.set_line(line);
                let op = match op {
                    UnaryOp::Neg => Op::Neg,
                    UnaryOp::Pos => Op::Pos,
                    _ => Op::Invert,
                };
                self.emit(op, &[d, a.into()])?;
            }
            Kind::Binary { op, lhs, rhs } => self.binary(line, op, lhs, rhs, dst)?,
            Kind::Compare { op, lhs, rhs } => {
                let (a, b) = self.operands(lhs, rhs, dst, op == CmpOp::In || op == CmpOp::NotIn)?;
                self.set_line(line);
                self.emit(op_after(Op::Lt, op as u8), &[d, a.into(), b.into()])?;
            }
            Kind::Call { function, args } => self.call(line, function, args, dst)?,
            Kind::Attribute { object, name } => {
                let o = self.operand(object, self.hint(dst), false)?;
                let name = self.constant_of(name);
                let k = self.name_constant(name)?;
                self.set_line(line);
                self.emit(Op::LoadAttr, &[d, o.into(), k])?;
            }
            Kind::Subscript { object, index } => {
                let o = self.operand(object, self.hint(dst), !self.is_simple(index))?;
                self.load_item(line, o, index, dst)?;
            }
            Kind::Slice(parts) => self.slice(parts, dst)?,
            Kind::Lambda(function) => self.function(function, dst)?,
            Kind::IfExp(parts) => self.if_expression(parts, dst)?,
            Kind::NamedExpr { target, value } => {
                let place = self.name_of(target).map(|name| (name, self.walrus_place(name)));
                match place {
                    Some((_, Place::Reg(r))) => {
                        self.expr(value, r)?;
                        self.unit.flow.bound.add(r);
                        self.move_reg(dst, r)?;
                    }
                    Some((name, place)) => {
                        self.expr(value, dst)?;
                        self.store_place(place, name, dst)?;
                    }
                    None => return Err(self.error("invalid syntax")),
                }
            }
            Kind::Comprehension { kind, element, clauses } => {
                self.comprehension(id, kind, element, clauses, dst)?;
            }
            Kind::Yield(value) => {
                let v = if value.is_none() {
                    let v = match self.hint(dst) {
                        Some(v) => v,
                        None => self.alloc(1)?,
                    };
                    self.load_none(v)?;
                    v
                } else {
                    self.operand(value, self.hint(dst), false)?
                };
                self.set_line(line);
                self.emit(Op::Yield, &[d, v.into()])?;
            }
            Kind::YieldFrom(value) => {
                let base = self.alloc(2)?;
                let v = self.operand(value, Some(base), false)?;
                self.set_line(line);
                self.emit(Op::GetYieldIter, &[base.into(), v.into()])?;
                self.load_none(base + 1)?;
                self.emit(Op::YieldFrom, &[d, base.into()])?;
            }
            Kind::Await(value) => {
                let base = self.alloc(2)?;
                let v = self.operand(value, Some(base), false)?;
                self.set_line(line);
                self.await_value(base, v, dst)?;
            }
            Kind::Starred(_) => return Err(self.error("*x must be assignment target")),
            _ => return Err(self.error("invalid syntax")),
        }
        self.unit.top = mark;
        Ok(())
    }

    /// `r[dst] = await r[src]`, with `base` and `base + 1` to work in.
    pub(super) fn await_value(&mut self, base: Reg, src: Reg, dst: Reg) -> Result<(), Raise> {
        self.emit(Op::GetAwaitable, &[base.into(), src.into()])?;
        self.load_none(base + 1)?;
        self.emit(Op::YieldFrom, &[dst.into(), base.into()])
    }

    /// Registers with the values of two operands. `constant_rhs`: a list display of literals may be a tuple.
    pub(super) fn operands(
        &mut self,
        lhs: Id,
        rhs: Id,
        dst: Reg,
        constant_rhs: bool,
    ) -> Result<(Reg, Reg), Raise> {
        let hint = self.hint(dst);
        let a = self.operand(lhs, hint, !self.is_simple(rhs))?;
        let hint = hint.filter(|&h| h != a);
        if constant_rhs && let Some(tuple) = self.literal_list(rhs)? {
            let b = match hint {
                Some(b) => b,
                None => self.alloc(1)?,
            };
            self.load_value(b, tuple)?;
            return Ok((a, b));
        }
        let b = self.operand(rhs, hint, false)?;
        Ok((a, b))
    }

    fn binary(&mut self, line: u32, op: BinOp, lhs: Id, rhs: Id, dst: Reg) -> Result<(), Raise> {
        if let (BinOp::Add | BinOp::Sub, Some(imm)) = (op, self.literal(rhs).and_then(imm_of)) {
            let a = self.operand(lhs, self.hint(dst), false)?;
            self.set_line(line);
            return self.emit(op_after(Op::AddInt, op as u8), &[dst.into(), a.into(), imm]);
        }
        let (a, b) = self.operands(lhs, rhs, dst, false)?;
        self.set_line(line);
        self.emit(op_after(Op::Add, op as u8), &[dst.into(), a.into(), b.into()])
    }

    /// The constant's index if `index` is a string literal that is fit for `LoadItemKey`.
    pub(super) fn key_constant(&mut self, index: Id) -> Result<Option<u32>, Raise> {
        match self.literal(index) {
            Some(v) if Str::from_value(v).is_some_and(|s| s.byte_len() <= MAX_KEY) => {
                Ok(Some(self.name_constant(v)?))
            }
            _ => Ok(None),
        }
    }

    /// `r[dst] = r[o][index]`
    pub(super) fn load_item(
        &mut self,
        line: u32,
        o: Reg,
        index: Id,
        dst: Reg,
    ) -> Result<(), Raise> {
        let (d, o) = (u32::from(dst), u32::from(o));
        if let Some(imm) = self.literal(index).and_then(imm_of) {
            self.set_line(line);
            return self.emit(Op::LoadItemInt, &[d, o, imm]);
        }
        if let Some(k) = self.key_constant(index)? {
            self.set_line(line);
            return self.emit(Op::LoadItemKey, &[d, o, k]);
        }
        if let Kind::Slice(parts) = self.node(index).kind {
            let base = self.slice_parts(parts)?;
            self.set_line(line);
            return self.emit(Op::LoadSlice, &[d, o, base.into()]);
        }
        let hint = self.hint(dst).filter(|&h| u32::from(h) != o);
        let i = self.operand(index, hint, false)?;
        self.set_line(line);
        self.emit(Op::LoadItem, &[d, o, i.into()])
    }

    fn slice(&mut self, parts: Seq, dst: Reg) -> Result<(), Raise> {
        let base = self.slice_parts(parts)?;
        self.emit(Op::BuildSlice, &[dst.into(), base.into()])
    }

    /// Start, stop and step of a slice in three registers.
    pub(super) fn slice_parts(&mut self, parts: Seq) -> Result<Reg, Raise> {
        let base = self.alloc(3)?;
        for i in 0..3 {
            let part = self.child(parts, i);
            let r = base + i as Reg;
            if part.is_none() { self.load_none(r)? } else { self.expr(part, r)? }
        }
        Ok(base)
    }

    fn if_expression(&mut self, parts: Seq, dst: Reg) -> Result<(), Raise> {
        let [test, body, orelse] = [0, 1, 2].map(|i| self.child(parts, i));
        if let Some(truth) = self.const_truth(test) {
            return self.expr(if truth { body } else { orelse }, dst);
        }
        let labels = self.labels_mark();
        let (other, end) = (self.label()?, self.label()?);
        self.branch(test, false, other)?;
        self.expr(body, dst)?;
        self.jump(Op::Jump, &[], end)?;
        self.place(other)?;
        self.expr(orelse, dst)?;
        self.place(end)?;
        self.drop_labels(labels);
        Ok(())
    }

    /// True when the code is that of a function.
    pub(super) fn in_function(&self) -> bool {
        matches!(self.unit.kind, ScopeKind::Function | ScopeKind::Generator)
    }
}
