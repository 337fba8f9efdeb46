//! Expressions whose value goes to a register.

use super::super::ast::{BinOp, CmpOp, Id, Kind, Seq};
use super::super::scope::{ScopeKind, scope_flag, symbol_flag};
use super::assign::LOADS;
use super::emit::{imm_of, op_after};
use super::names::Place;
use super::{ANY, Gen, Reg};
use crate::bytecode::op::Op;
use crate::object::Str;

/// Longer string keys are ordinary constants: not worth interning.
const MAX_KEY: usize = 64;

impl Gen<'_> {
    /// True when evaluating `id` can not change any local variable.
    #[inline(never)]
    pub(super) fn is_simple(&self, id: Id) -> bool {
        // `NONE` and everything that is no place in the arena of nodes.
        id.is_none() || id.as_name().is_some() || id.as_literal().is_some()
    }

    /// A register with the value of `id`: a local variable's own, or a new temporary.
    #[inline(never)]
    pub(super) fn operand(&mut self, id: Id) -> Reg {
        self.operand_in(id, ANY)
    }

    /// As [`Gen::operand`]; the temporary is `dst`, if that is one.
    #[inline(never)]
    pub(super) fn operand_in(&mut self, id: Id, dst: Reg) -> Reg {
        self.operand_with(id, dst, Id::NONE)
    }

    /// As [`Gen::operand`], for a register that keeps its value while `next` is evaluated.
    #[inline(never)]
    pub(super) fn operand_before(&mut self, id: Id, next: Id) -> Reg {
        self.operand_with(id, ANY, next)
    }

    /// As [`Gen::operand`], for a register that keeps its value while other expressions are evaluated.
    pub(super) fn stable_operand(&mut self, id: Id) -> Reg {
        self.operand_with(id, ANY, Id::OTHER)
    }

    /// As [`Gen::operand_in`], for a register that keeps its value while `next` is evaluated.
    ///
    /// The line is afterwards what it was before.
    #[inline(never)]
    pub(super) fn operand_with(&mut self, id: Id, dst: Reg, next: Id) -> Reg {
        let stable = !self.is_simple(next);
        if let Some(name) = self.name_of(id)
            && let Place::Reg(r) = self.find(name)
        {
            self.check_bound(r.into(), name);
            if !stable || self.flags_of(name) & symbol_flag::WALRUS == 0 {
                return r.into();
            }
        }
        let dst = self.scratch(dst);
        let line = self.unit.line;
        self.expr(id, dst);
        self.unit.line = line;
        dst
    }

    /// Assigns the value of `id` to the variable in `r[dst]`.
    #[inline(never)]
    pub(super) fn expr_into(&mut self, id: Id, dst: Reg) {
        self.expr(id, dst);
        self.set_bound(dst);
    }

    /// Evaluates `id` into a new register.
    #[inline(never)]
    pub(super) fn expr_in_temp(&mut self, id: Id) -> Reg {
        let r = self.temp();
        self.expr(id, r);
        r
    }

    /// `r[dst] =` the value of `id`, `None` without an expression. `dst` is a variable or the topmost use of a temporary.
    ///
    /// The line is afterwards that of the last instruction: side by side, names and literals, whose lines nobody
    /// knows, need no entry in the line table.
    #[inline(never)]
    pub(super) fn expr(&mut self, id: Id, dst: Reg) {
        let mark = self.unit.top;
        match self.visit(id) {
            Kind::Name(c) => {
                let name = self.constant_of(c);
                self.load_name(name, dst);
            }
            Kind::Literal(c) => {
                let value = self.constant_of(c);
                self.load_value(dst, value);
            }
            Kind::JoinedStr(parts) => self.joined_str(parts, dst),
            Kind::FormattedValue { conv, value, more } => {
                self.formatted_value(conv, value, more, dst)
            }
            Kind::TemplateStr(parts) if cfg!(feature = "string") => self.template_str(parts, dst),
            Kind::Tuple(items) => self.tuple_display(items, dst),
            Kind::List(items) => {
                self.display(items, dst, [Op::BuildList, Op::ListAppend, Op::ListExtend])
            }
            Kind::Set(items) => self.display(items, dst, [Op::BuildSet, Op::SetAdd, Op::SetUpdate]),
            Kind::Dict(items) => self.dict_display(items, dst),
            Kind::BoolAnd(parts) => self.bool_value(parts, Op::JumpFalse, dst),
            Kind::BoolOr(parts) => self.bool_value(parts, Op::JumpTrue, dst),
            Kind::CompareChain(parts) => self.chain_value(parts, dst),
            Kind::Unary { op, operand } => {
                let a = self.operand_in(operand, dst);
                self.emit2(UNARY[op as usize], dst, a);
            }
            Kind::Binary { op, lhs, rhs } => self.binary(op, lhs, rhs, dst),
            Kind::Compare { op, lhs, rhs } => {
                let contains = matches!(op, CmpOp::In | CmpOp::NotIn);
                let a = self.operand_with(lhs, dst, rhs);
                let b = self.second_operand(rhs, a, dst, contains);
                self.emit3(op_after(Op::Lt, op as u8), dst, a, b);
            }
            Kind::Call { function, args } => self.call(function, args, dst),
            kind @ (Kind::Attribute { .. } | Kind::Subscript { .. }) => {
                let part = self.part(kind, &LOADS, dst, Id::NONE);
                self.emit3(part.op, dst, part.object, part.which);
            }
            Kind::Slice(parts) => {
                let base = self.slice_parts(parts);
                self.emit2(Op::BuildSlice, dst, base);
            }
            Kind::Lambda(function) => self.function(function, dst),
            Kind::IfExp(parts) => self.if_expression(parts, dst),
            Kind::NamedExpr { target, value } => {
                if let Some(name) = self.name_of(target) {
                    self.expr(value, dst);
                    self.walrus(target);
                    let scope = self.unit.scope;
                    self.unit.scope = self.scopes.unit_of(scope);
                    self.store_name(name, dst);
                    self.unit.scope = scope;
                }
            }
            Kind::Comprehension { kind, element, clauses } => {
                self.comprehension(id, kind, element, clauses, dst);
            }
            Kind::Yield(value) => {
                self.suspends(false);
                let v = self.operand_in(value, dst);
                self.emit2(Op::Yield, dst, v);
            }
            Kind::YieldFrom(value) => {
                // In `async def` it is an `await`, as MicroPython has it.
                let unit = self.scopes.unit_of(self.unit.scope);
                if self.scopes.scope(unit).flags & scope_flag::COROUTINE == 0 {
                    self.suspends(false);
                }
                self.drive(Op::GetYieldIter, value, dst)
            }
            Kind::Await(value) => {
                self.suspends(true);
                self.drive(Op::GetAwaitable, value, dst)
            }
            Kind::Pass => self.load_none(dst),
            Kind::Starred(_) => self.error("*x must be assignment target"),
            _ => self.error("invalid syntax"),
        }
        self.unit.top = mark;
    }

    /// `yield from` and `await`.
    fn drive(&mut self, iterator: Op, value: Id, dst: Reg) {
        let base = self.alloc(2);
        let v = self.operand_in(value, base);
        self.run_iterator(iterator, base, v, dst);
    }

    fn run_iterator(&mut self, iterator: Op, base: Reg, src: Reg, dst: Reg) {
        self.emit2(iterator, base, src);
        self.load_none(base + 1);
        self.emit2(Op::YieldFrom, dst, base);
    }

    /// `r[dst] = await r[base]`, with `base + 1` to work in.
    #[inline(never)]
    pub(super) fn await_value(&mut self, base: Reg, dst: Reg) {
        self.run_iterator(Op::GetAwaitable, base, base, dst);
    }

    /// A register with the value of `rhs`, not `a`. `constant`: a list display of literals may be a tuple.
    pub(super) fn second_operand(&mut self, rhs: Id, a: Reg, dst: Reg, constant: bool) -> Reg {
        let dst = if dst == a { ANY } else { dst };
        if constant && let Some(tuple) = self.literal_list(rhs) {
            let b = self.scratch(dst);
            self.load_value(b, tuple);
            return b;
        }
        self.operand_in(rhs, dst)
    }

    fn binary(&mut self, op: BinOp, lhs: Id, rhs: Id, dst: Reg) {
        let a = self.operand_with(lhs, dst, rhs);
        if let (BinOp::Add | BinOp::Sub, Some(imm)) = (op, self.immediate(rhs)) {
            return self.emit3(op_after(Op::AddInt, op as u8), dst, a, imm);
        }
        let b = self.second_operand(rhs, a, dst, false);
        self.emit3(op_after(Op::Add, op as u8), dst, a, b);
    }

    /// The value of a small literal as an immediate operand.
    #[inline(never)]
    pub(super) fn immediate(&self, id: Id) -> Option<u32> {
        self.literal(id).and_then(imm_of)
    }

    /// The constant's index if `index` is a string literal that is fit for `LoadItemKey`.
    #[inline(never)]
    pub(super) fn key_constant(&mut self, index: Id) -> Option<u32> {
        let key = self.literal(index)?;
        let short = Str::from_value(key).is_some_and(|s| s.byte_len() <= MAX_KEY);
        short.then(|| self.name_constant(key))
    }

    /// Start, stop and step of a slice in three registers.
    #[inline(never)]
    pub(super) fn slice_parts(&mut self, parts: Seq) -> Reg {
        let line = self.unit.line;
        let base = self.alloc(3);
        for i in 0..3 {
            self.expr(self.child(parts, i), base + i);
        }
        self.unit.line = line;
        base
    }

    fn if_expression(&mut self, parts: Seq, dst: Reg) {
        let [test, body, orelse, _] = self.parts(parts);
        if let Some(truth) = self.const_truth(test) {
            return self.expr(if truth { body } else { orelse }, dst);
        }
        let other = self.label();
        let end = self.label();
        self.branch(test, false, other);
        self.expr(body, dst);
        self.jump(end);
        self.place(other);
        self.expr(orelse, dst);
        self.place(end);
    }

    /// True when the code is that of a function.
    pub(super) fn in_function(&self) -> bool {
        matches!(self.unit.kind, ScopeKind::Function | ScopeKind::Generator)
    }
}

/// The opcodes of the unary operators.
const UNARY: [Op; 4] = [Op::Neg, Op::Pos, Op::Invert, Op::Not];
