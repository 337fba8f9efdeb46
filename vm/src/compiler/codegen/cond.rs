//! Conditions: jumps instead of values wherever a value is only tested.

use super::super::ast::{CmpOp, Id, Kind, Seq, UnaryOp};
use super::emit::{Label, op_after};
use super::{ANY, Gen, Reg};
use crate::bytecode::op::Op;
use crate::value::Value;

impl Gen<'_> {
    /// The truth of an expression that is known now.
    #[inline(never)]
    pub(super) fn const_truth(&mut self, id: Id) -> Option<bool> {
        // Of a literal it is known without running Python: it does not fail.
        let value = self.literal(id)?;
        self.parser.lexer.vm.truth(value).ok()
    }

    /// Jumps to `label` when the truth of `id` is `when`; goes on otherwise.
    #[inline(never)]
    pub(super) fn branch(&mut self, id: Id, when: bool, label: Label) {
        let kind = self.visit(id);
        if let Some(truth) = self.const_truth(id) {
            if truth == when {
                self.jump(label);
            }
            return;
        }
        let mark = self.unit.top;
        match kind {
            Kind::Unary { op: UnaryOp::Not, operand } => self.branch(operand, !when, label),
            Kind::BoolAnd(parts) => self.branch_sequence(parts, false, when, label),
            Kind::BoolOr(parts) => self.branch_sequence(parts, true, when, label),
            Kind::Compare { op, lhs, rhs } => {
                let a = self.operand_before(lhs, rhs);
                if matches!(op, CmpOp::Is | CmpOp::IsNot) && self.literal(rhs) == Some(Value::NONE)
                {
                    let op = if (op == CmpOp::Is) == when { Op::JumpNone } else { Op::JumpNotNone };
                    self.jump1(op, a, label);
                } else {
                    self.compare_jump(op, a, rhs, when, label);
                }
            }
            _ => {
                let a = self.operand(id);
                self.jump_truth(when, a, label);
            }
        }
        self.unit.top = mark;
    }

    /// Jumps when the truth of `r[a]` is `when`.
    fn jump_truth(&mut self, when: bool, a: Reg, label: Label) {
        self.jump1(if when { Op::JumpTrue } else { Op::JumpFalse }, a, label);
    }

    /// `and` (`stop` false) and `or` (`stop` true): the first part whose truth is `stop` decides.
    fn branch_sequence(&mut self, parts: Seq, stop: bool, when: bool, label: Label) {
        let n = self.len(parts);
        let past = self.label();
        for i in 1..n {
            let to = if stop == when { label } else { past };
            self.branch(self.child(parts, i - 1), stop, to);
        }
        self.branch(self.child(parts, n - 1), when, label);
        self.place(past);
    }

    /// Jumps when the truth of `r[a] op rhs` is `when`.
    fn compare_jump(&mut self, op: CmpOp, a: Reg, rhs: Id, when: bool, label: Label) {
        if let (true, Some(imm)) = (is_ordering(op), self.immediate(rhs)) {
            let base = if when { Op::JumpLtInt } else { Op::JumpNotLtInt };
            return self.jump2(op_after(base, op as u8), a, imm, label);
        }
        let contains = matches!(op, CmpOp::In | CmpOp::NotIn);
        let b = self.second_operand(rhs, ANY, ANY, contains);
        if is_ordering(op) {
            let base = if when { Op::JumpLt } else { Op::JumpNotLt };
            return self.jump2(op_after(base, op as u8), a, b, label);
        }
        let t = self.temp();
        self.emit3(op_after(Op::Lt, op as u8), t, a, b);
        self.jump_truth(when, t, label);
    }

    /// A chained comparison.
    pub(super) fn chain_value(&mut self, parts: Seq, dst: Reg) {
        let past = self.label();
        let t = self.scratch(dst);
        let n = self.len(parts);
        let mut a = self.stable_operand(self.child(parts, 0));
        for i in 1..n {
            let Kind::CompareLink { op, rhs } = self.node(self.child(parts, i)).kind else {
                continue;
            };
            if i > 1 {
                self.jump1(Op::JumpFalse, t, past);
            }
            let b = self.stable_operand(rhs);
            self.emit3(op_after(Op::Lt, op as u8), t, a, b);
            a = b;
        }
        self.place(past);
        self.move_reg(dst, t);
    }

    pub(super) fn bool_value(&mut self, parts: Seq, stop: Op, dst: Reg) {
        let end = self.label();
        let t = self.scratch(dst);
        let n = self.len(parts);
        for i in 0..n {
            self.expr(self.child(parts, i), t);
            if i + 1 < n {
                self.jump1(stop, t, end);
            }
        }
        self.place(end);
        self.move_reg(dst, t);
    }
}

/// `<`, `<=`, `>`, `>=`, `==`, `!=`: the comparisons that have fused jumps.
fn is_ordering(op: CmpOp) -> bool {
    op as u8 <= CmpOp::Ne as u8
}
