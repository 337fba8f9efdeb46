//! Calls: the function and its arguments side by side, or spread from a list and a dictionary.

use super::super::ast::{Id, Kind, Seq};
use super::names::Place;
use super::{Gen, NEAR_REGS, Reg};
use crate::bytecode::op::Op;
use crate::value::Value;
use crate::value::names::q;

/// Arguments side by side, at most.
const MAX_ARGS: u32 = 100;

impl Gen<'_> {
    /// True for what a call's list of positional arguments leaves out.
    pub(super) fn is_keyword(&self, arg: Id) -> bool {
        matches!(self.node(arg).kind, Kind::Keyword { .. } | Kind::DoubleStarred(_))
    }

    /// True when the arguments of a call, children of `args` from `from` on, need a list and a dictionary: some are
    /// spread, or there are too many.
    fn is_spread(&self, args: Seq, from: u32) -> bool {
        let n = self.len(args);
        n - from > MAX_ARGS
            || self.unit.top + n - from + 8 > NEAR_REGS
            || (from..n).any(|i| {
                let kind = self.node(self.child(args, i)).kind;
                matches!(kind, Kind::Starred(_) | Kind::DoubleStarred(_))
            })
    }

    /// `dst`, if a call's window may begin there, else a new register.
    #[inline(never)]
    pub(super) fn call_base(&mut self, dst: Reg) -> Reg {
        if !self.is_variable(dst) && dst + 1 == self.unit.top { dst } else { self.temp() }
    }

    pub(super) fn call(&mut self, function: Id, args: Seq, dst: Reg) {
        if self.is_bare_super(function, args) {
            return self.bare_super(dst);
        }
        let base = self.call_base(dst);
        if let Kind::Attribute { object, name } = self.node(function).kind
            && !self.is_spread(args, 0)
        {
            let name = self.constant_of(name);
            self.temp();
            self.method(object, name, base);
            self.plain_call(args, 0, 0, base, Op::CallMethod, dst);
        } else {
            let line = self.unit.line;
            self.expr(function, base);
            self.unit.line = line;
            self.call_with(args, 0, 0, base, dst);
        }
    }

    /// `r[dst] = r[base](…)` with the children of `args` from place `from` on, after `in_place` arguments that are in
    /// registers already.
    pub(super) fn call_with(&mut self, args: Seq, from: u32, in_place: u32, base: Reg, dst: Reg) {
        if self.is_spread(args, from) {
            let line = self.unit.line;
            self.spread_arguments(args, from, in_place, base);
            self.unit.line = line;
            self.emit2(Op::CallEx, dst, base);
        } else {
            self.plain_call(args, from, in_place, base, Op::Call, dst);
        }
    }

    /// Evaluates arguments side by side and calls with `op`, or its form for keywords.
    fn plain_call(&mut self, args: Seq, from: u32, in_place: u32, base: Reg, op: Op, dst: Reg) {
        let line = self.unit.line;
        let n = self.len(args);
        let mut keywords = n;
        for i in from..n {
            let mut arg = self.child(args, i);
            if let Kind::Keyword { value, .. } = self.node(arg).kind {
                arg = value;
                keywords = keywords.min(i);
            }
            self.expr_in_temp(arg);
        }
        self.unit.line = line;
        let count = in_place + n - from;
        if keywords == n {
            return self.emit3(op, dst, base, count);
        }
        let names = self.gather(args, keywords, n);
        let names = self.push_constant(names);
        let op = if op == Op::Call { Op::CallKw } else { Op::CallMethodKw };
        self.emit4(op, dst, base, count, names);
    }

    /// Puts a list of the positional arguments into `r[base+1]`, a dictionary of the others or UNDEF into `r[base+2]`.
    fn spread_arguments(&mut self, args: Seq, from: u32, in_place: u32, base: Reg) {
        self.unit.top = base + 1;
        let list = self.alloc(2);
        let dict = list + 1;
        self.emit3(Op::BuildList, list, list, in_place);
        self.extend_list(list, args, from);
        let n = self.len(args);
        if !(from..n).any(|i| self.is_keyword(self.child(args, i))) {
            return self.load_undef(dict);
        }
        self.emit3(Op::BuildDict, dict, 0, 0);
        for i in from..n {
            let mark = self.unit.top;
            match self.node(self.child(args, i)).kind {
                Kind::DoubleStarred(inner) => {
                    let r = self.operand(inner);
                    self.emit2(Op::DictMerge, dict, r);
                }
                Kind::Keyword { name, value } => {
                    let name = self.constant_of(name);
                    let k = self.alloc(2);
                    self.load_value(k, name);
                    self.expr(value, k + 1);
                    // The name may repeat one of a `**`: let the merge find out.
                    self.emit3(Op::BuildDict, k, k, 1);
                    self.emit2(Op::DictMerge, dict, k);
                }
                _ => {}
            }
            self.unit.top = mark;
        }
    }

    /// Prepares a method call in `base`, `base + 1`.
    fn method(&mut self, object: Id, name: Value, base: Reg) {
        if let Kind::Call { function, args } = self.node(object).kind
            && self.is_bare_super(function, args)
            && !self.unit.first_param.is_undef()
        {
            self.load_name(q::__class__.value(), base);
            let this = self.temp();
            self.load_name(self.unit.first_param, this);
            let k = self.name_constant(name);
            self.emit4(Op::LoadSuper, base, base, this, k);
            self.unit.top = this;
            return;
        }
        let o = self.operand_in(object, base);
        let k = self.name_constant(name);
        self.emit3(Op::LoadMethod, base, o, k);
    }

    /// True for `super()` inside a method.
    #[inline(never)]
    fn is_bare_super(&mut self, function: Id, args: Seq) -> bool {
        if self.name_of(function) != Some(q::super_.value())
            || self.len(args) != 0
            || !self.in_function()
        {
            return false;
        }
        self.touch_here(q::__class__.value(), 0);
        self.find(q::super_.value()) == Place::Global
            && matches!(self.find(q::__class__.value()), Place::Free(_) | Place::Cell(_))
    }

    /// `super(__class__, first parameter)`
    fn bare_super(&mut self, dst: Reg) {
        let base = self.call_base(dst);
        self.load_global(q::super_.value(), base);
        let mut n = 0;
        if !self.unit.first_param.is_undef() {
            let arg = self.alloc(2);
            self.load_name(q::__class__.value(), arg);
            self.load_name(self.unit.first_param, arg + 1);
            n = 2;
        }
        self.emit3(Op::Call, dst, base, n);
    }
}
