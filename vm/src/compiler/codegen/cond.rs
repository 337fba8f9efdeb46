//! Conditions: jumps instead of values wherever a value is only tested.

use super::super::ast::{CmpOp, Id, Kind, Seq, UnaryOp};
use super::emit::{Label, imm_of, op_after};
use super::{Gen, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::object::{Bytes, Str, Tuple};
use crate::value::Value;

impl Gen<'_> {
    /// The truth of an expression that is known now.
    pub(super) fn const_truth(&self, id: Id) -> Option<bool> {
        match self.node(id).kind {
            Kind::Literal(c) => truth(self.constant_of(c)),
            Kind::Unary { op: UnaryOp::Not, operand } => self.const_truth(operand).map(|t| !t),
            _ => None,
        }
    }

    /// Jumps to `label` when the truth of `id` is `when`; goes on otherwise.
    pub(super) fn branch(&mut self, id: Id, when: bool, label: Label) -> Result<(), Raise> {
        self.vm.enter_native()?;
        if let Some(truth) = self.const_truth(id) {
            return if truth == when { self.jump(Op::Jump, &[], label) } else { Ok(()) };
        }
        let node = self.node(id);
        self.set_line(node.line);
        let line = self.unit.line;
        let mark = self.unit.top;
        match node.kind {
            Kind::Unary { op: UnaryOp::Not, operand } => self.branch(operand, !when, label)?,
            Kind::BoolAnd(parts) => self.branch_sequence(parts, false, when, label)?,
            Kind::BoolOr(parts) => self.branch_sequence(parts, true, when, label)?,
            Kind::Compare { op, lhs, rhs } => {
                if matches!(op, CmpOp::Is | CmpOp::IsNot) && self.literal(rhs) == Some(Value::NONE)
                {
                    let a = self.operand(lhs, None, false)?;
                    let op = if (op == CmpOp::Is) == when { Op::JumpNone } else { Op::JumpNotNone };
                    self.jump(op, &[a.into()], label)?;
                } else {
                    let a = self.operand(lhs, None, !self.is_simple(rhs))?;
                    self.compare_jump(line, op, a, rhs, when, label)?;
                }
            }
            Kind::CompareChain(parts) => self.chain_jump(line, parts, when, label)?,
            _ => {
                let a = self.operand(id, None, false)?;
                self.set_line(line);
                self.jump(if when { Op::JumpTrue } else { Op::JumpFalse }, &[a.into()], label)?;
            }
        }
        self.unit.top = mark;
        Ok(())
    }

    /// `and` (`stop` false) and `or` (`stop` true): the first part whose truth is `stop` decides.
    fn branch_sequence(
        &mut self,
        parts: Seq,
        stop: bool,
        when: bool,
        label: Label,
    ) -> Result<(), Raise> {
        let n = self.len(parts);
        let labels = self.labels_mark();
        let past = self.label()?;
        for i in 0..n {
            let part = self.child(parts, i);
            if i + 1 == n {
                self.branch(part, when, label)?;
            } else {
                self.branch(part, stop, if stop == when { label } else { past })?;
            }
        }
        self.place(past)?;
        self.drop_labels(labels);
        Ok(())
    }

    /// Jumps when the truth of `r[a] op rhs` is `when`.
    fn compare_jump(
        &mut self,
        line: u32,
        op: CmpOp,
        a: Reg,
        rhs: Id,
        when: bool,
        label: Label,
    ) -> Result<(), Raise> {
        if let (true, Some(imm)) = (is_ordering(op), self.literal(rhs).and_then(imm_of)) {
            self.set_line(line);
            let base = if when { Op::JumpLtInt } else { Op::JumpNotLtInt };
            return self.jump(op_after(base, op as u8), &[a.into(), imm], label);
        }
        let b = match self.literal_list(rhs)? {
            Some(tuple) if op == CmpOp::In || op == CmpOp::NotIn => {
                let b = self.alloc(1)?;
                self.load_value(b, tuple)?;
                b
            }
            _ => self.operand(rhs, None, false)?,
        };
        self.set_line(line);
        self.compare_registers(op, a, b, when, label)
    }

    fn compare_registers(
        &mut self,
        op: CmpOp,
        a: Reg,
        b: Reg,
        when: bool,
        label: Label,
    ) -> Result<(), Raise> {
        if is_ordering(op) {
            let base = if when { Op::JumpLt } else { Op::JumpNotLt };
            return self.jump(op_after(base, op as u8), &[a.into(), b.into()], label);
        }
        let t = self.alloc(1)?;
        self.emit(op_after(Op::Lt, op as u8), &[t.into(), a.into(), b.into()])?;
        self.jump(if when { Op::JumpTrue } else { Op::JumpFalse }, &[t.into()], label)
    }

    fn chain_jump(&mut self, line: u32, parts: Seq, when: bool, label: Label) -> Result<(), Raise> {
        let labels = self.labels_mark();
        let past = self.label()?;
        let fail = if when { past } else { label };
        let n = self.len(parts);
        let mut a = self.operand(self.child(parts, 0), None, true)?;
        for i in 1..n {
            let Kind::CompareLink { op, rhs } = self.node(self.child(parts, i)).kind else {
                continue;
            };
            if i + 1 == n {
                self.compare_jump(line, op, a, rhs, when, label)?;
            } else {
                let b = self.operand(rhs, None, true)?;
                self.set_line(line);
                self.compare_registers(op, a, b, false, fail)?;
                a = b;
            }
        }
        self.place(past)?;
        self.drop_labels(labels);
        Ok(())
    }

    /// The value of `not`, `and`, `or` and chained comparisons.
    pub(super) fn condition_value(&mut self, kind: Kind, dst: Reg) -> Result<(), Raise> {
        match kind {
            Kind::Unary { operand, .. } => {
                let a = self.operand(operand, self.hint(dst), false)?;
                self.emit(Op::Not, &[dst.into(), a.into()])
            }
            Kind::BoolAnd(parts) => self.bool_value(parts, Op::JumpFalse, dst),
            Kind::BoolOr(parts) => self.bool_value(parts, Op::JumpTrue, dst),
            Kind::CompareChain(parts) => self.chain_value(parts, dst),
            _ => Ok(()),
        }
    }

    fn bool_value(&mut self, parts: Seq, stop: Op, dst: Reg) -> Result<(), Raise> {
        let labels = self.labels_mark();
        let end = self.label()?;
        let t = self.scratch(dst)?;
        let n = self.len(parts);
        for i in 0..n {
            self.expr(self.child(parts, i), t)?;
            if i + 1 < n {
                self.jump(stop, &[t.into()], end)?;
            }
        }
        self.place(end)?;
        self.drop_labels(labels);
        self.move_reg(dst, t)
    }

    fn chain_value(&mut self, parts: Seq, dst: Reg) -> Result<(), Raise> {
        let labels = self.labels_mark();
        let end = self.label()?;
        let t = self.scratch(dst)?;
        let line = self.unit.line;
        let n = self.len(parts);
        let mut a = self.operand(self.child(parts, 0), None, true)?;
        for i in 1..n {
            let Kind::CompareLink { op, rhs } = self.node(self.child(parts, i)).kind else {
                continue;
            };
            let b = self.operand(rhs, None, i + 1 < n)?;
            self.set_line(line);
            self.emit(op_after(Op::Lt, op as u8), &[t.into(), a.into(), b.into()])?;
            if i + 1 < n {
                self.jump(Op::JumpFalse, &[t.into()], end)?;
            }
            a = b;
        }
        self.place(end)?;
        self.drop_labels(labels);
        self.move_reg(dst, t)
    }
}

/// `<`, `<=`, `>`, `>=`, `==`, `!=`: the comparisons that have fused jumps.
fn is_ordering(op: CmpOp) -> bool {
    op as u8 <= CmpOp::Ne as u8
}

/// The truth of a literal, where it needs no arithmetic.
fn truth(value: Value) -> Option<bool> {
    if let Some(n) = value.as_small_int() {
        Some(n != 0)
    } else if value.is_none() {
        Some(false)
    } else if value.is_bool() {
        Some(value == Value::TRUE)
    } else if value == Value::ELLIPSIS {
        Some(true)
    } else if let Some(s) = Str::from_value(value) {
        Some(s.byte_len() != 0)
    } else if let Some(b) = Bytes::from_value(value) {
        Some(!b.as_bytes().is_empty())
    } else {
        Tuple::from_value(value).map(|t| !t.is_empty())
    }
}
