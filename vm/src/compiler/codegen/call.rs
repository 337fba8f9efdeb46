//! Calls: the function and its arguments side by side, or spread from a list and a dictionary.

use super::super::ast::{Id, Kind, Seq};
use super::names::Place;
use super::{Gen, NEAR_REGS, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::value::Value;
use crate::value::names::q;

/// Keyword arguments of a call without a dictionary, at most.
const MAX_KEYWORDS: usize = 32;
/// Arguments side by side, at most.
const MAX_ARGS: u32 = 100;

/// What the arguments of a call are.
struct Shape {
    n_positional: u32,
    n_keywords: u32,
    /// Spread arguments, or too many: needs a list and a dictionary.
    spread: bool,
}

/// The arguments of a call: children of `seq` from place `from` on, after `in_place` that are in registers already.
pub(super) struct Args {
    pub seq: Seq,
    pub from: u32,
    pub in_place: u32,
}

impl Gen<'_> {
    fn shape(&mut self, args: Seq, from: u32) -> Shape {
        let mut shape = Shape { n_positional: 0, n_keywords: 0, spread: false };
        for i in from..self.len(args) {
            match self.node(self.child(args, i)).kind {
                Kind::Starred(_) | Kind::DoubleStarred(_) => shape.spread = true,
                Kind::Keyword { .. } => shape.n_keywords += 1,
                _ => shape.n_positional += 1,
            }
        }
        let n = shape.n_positional + shape.n_keywords;
        if n > MAX_ARGS
            || shape.n_keywords as usize > MAX_KEYWORDS
            || self.unit.top as u32 + n + 8 > NEAR_REGS as u32
        {
            shape.spread = true;
        }
        shape
    }

    /// `dst`, if a call's window may begin there, else a new register.
    fn call_base(&mut self, dst: Reg) -> Result<Reg, Raise> {
        if !self.is_variable(dst) && dst as u16 + 1 == self.unit.top {
            Ok(dst)
        } else {
            self.alloc(1)
        }
    }

    pub(super) fn call(
        &mut self,
        line: u32,
        function: Id,
        args: Seq,
        dst: Reg,
    ) -> Result<(), Raise> {
        if let Some(class) = self.zero_argument_super(function, args) {
            return self.bare_super(line, class, dst);
        }
        let shape = self.shape(args, 0);
        let base = self.call_base(dst)?;
        match self.node(function).kind {
            Kind::Attribute { object, name } if !shape.spread => {
                let name = self.constant_of(name);
                self.alloc(1)?;
                self.method(object, name, base)?;
                let ops = [Op::CallMethod, Op::CallMethodKw];
                self.finish_call(
                    line,
                    &Args { seq: args, from: 0, in_place: 0 },
                    &shape,
                    base,
                    ops,
                    dst,
                )
            }
            _ => {
                self.expr(function, base)?;
                self.call_with(line, &Args { seq: args, from: 0, in_place: 0 }, base, dst)
            }
        }
    }

    /// `r[dst] = r[base](…)`
    pub(super) fn call_with(
        &mut self,
        line: u32,
        args: &Args,
        base: Reg,
        dst: Reg,
    ) -> Result<(), Raise> {
        let shape = self.shape(args.seq, args.from);
        self.finish_call(line, args, &shape, base, [Op::Call, Op::CallKw], dst)
    }

    fn finish_call(
        &mut self,
        line: u32,
        args: &Args,
        shape: &Shape,
        base: Reg,
        [plain, with_keywords]: [Op; 2],
        dst: Reg,
    ) -> Result<(), Raise> {
        let (d, b) = (u32::from(dst), u32::from(base));
        if shape.spread {
            self.spread_arguments(args, base)?;
            self.set_line(line);
            return self.emit(Op::CallEx, &[d, b]);
        }
        for i in args.from..self.len(args.seq) {
            let arg = self.child(args.seq, i);
            if !matches!(self.node(arg).kind, Kind::Keyword { .. }) {
                let r = self.alloc(1)?;
                self.expr(arg, r)?;
            }
        }
        let n = args.in_place + shape.n_positional + shape.n_keywords;
        if shape.n_keywords == 0 {
            self.set_line(line);
            return self.emit(plain, &[d, b, n]);
        }
        let names = self.keywords(args)?;
        self.set_line(line);
        self.emit(with_keywords, &[d, b, n, names])
    }

    /// Evaluates the keyword arguments into new registers; the constant with their names.
    fn keywords(&mut self, args: &Args) -> Result<u32, Raise> {
        let mut names = [Value::UNDEF; MAX_KEYWORDS];
        let mut n = 0;
        for i in args.from..self.len(args.seq) {
            if let Kind::Keyword { name, value } = self.node(self.child(args.seq, i)).kind {
                let r = self.alloc(1)?;
                self.expr(value, r)?;
                if let Some(place) = names.get_mut(n) {
                    *place = self.ast.constant(self.vm, name);
                    n += 1;
                }
            }
        }
        let tuple = self.vm.new_tuple(&names[..n])?;
        self.push_constant(tuple)
    }

    /// Puts a list of the positional arguments into `r[base+1]`, a dictionary of the others or UNDEF into `r[base+2]`.
    fn spread_arguments(&mut self, args: &Args, base: Reg) -> Result<(), Raise> {
        self.unit.top = base as u16 + 1;
        let list = self.alloc(2)?;
        let dict = list + 1;
        self.emit(Op::BuildList, &[list.into(), list.into(), args.in_place])?;
        self.extend_list(list, args.seq, args.from)?;
        let n = self.len(args.seq);
        let has_keywords = (args.from..n).any(|i| {
            matches!(
                self.node(self.child(args.seq, i)).kind,
                Kind::Keyword { .. } | Kind::DoubleStarred(_)
            )
        });
        if !has_keywords {
            return self.load_value(dict, Value::UNDEF);
        }
        self.emit(Op::BuildDict, &[dict.into(), 0, 0])?;
        let mut merged = false;
        for i in args.from..n {
            let mark = self.unit.top;
            match self.node(self.child(args.seq, i)).kind {
                Kind::DoubleStarred(inner) => {
                    let r = self.operand(inner, None, false)?;
                    self.emit(Op::DictMerge, &[dict.into(), r.into()])?;
                    merged = true;
                }
                Kind::Keyword { name, value } => {
                    let name = self.constant_of(name);
                    let k = self.alloc(2)?;
                    self.load_value(k, name)?;
                    self.expr(value, k + 1)?;
                    if merged {
                        // The name may repeat one of a `**`: let the merge find out.
                        self.emit(Op::BuildDict, &[k.into(), k.into(), 1])?;
                        self.emit(Op::DictMerge, &[dict.into(), k.into()])?;
                    } else {
                        self.emit(Op::DictSet, &[dict.into(), k.into(), (k + 1).into()])?;
                    }
                }
                _ => {}
            }
            self.unit.top = mark;
        }
        Ok(())
    }

    /// Prepares a method call in `base`, `base + 1`.
    fn method(&mut self, object: Id, name: Value, base: Reg) -> Result<(), Raise> {
        if let Kind::Call { function, args } = self.node(object).kind
            && let Some(class) = self.zero_argument_super(function, args)
            && !self.unit.first_param.is_undef()
        {
            let mark = self.unit.top;
            self.load_place(class, q::__class__.value(), base)?;
            let this = self.alloc(1)?;
            self.load_name(self.unit.first_param, this)?;
            let k = self.name_constant(name)?;
            self.emit(Op::LoadSuper, &[base.into(), base.into(), this.into(), k])?;
            self.unit.top = mark;
            return Ok(());
        }
        let line = self.unit.line;
        let o = self.operand(object, Some(base), false)?;
        let k = self.name_constant(name)?;
        self.set_line(line);
        self.emit(Op::LoadMethod, &[base.into(), o.into(), k])
    }

    /// For `super()`: where the `__class__` cell is. `None` for any other call and outside methods.
    fn zero_argument_super(&self, function: Id, args: Seq) -> Option<Place> {
        if self.name_of(function)? != q::super_.value()
            || self.len(args) != 0
            || !self.in_function()
        {
            return None;
        }
        if !matches!(self.find(q::super_.value()).0, Place::Global) {
            return None;
        }
        match self.find(q::__class__.value()).0 {
            place @ (Place::Free(_) | Place::Cell(_)) => Some(place),
            _ => None,
        }
    }

    /// `super(__class__, first parameter)`
    fn bare_super(&mut self, line: u32, class: Place, dst: Reg) -> Result<(), Raise> {
        let base = self.call_base(dst)?;
        self.load_global(q::super_.value(), base)?;
        let n = if self.unit.first_param.is_undef() {
            0
        } else {
            let class_reg = self.alloc(2)?;
            self.load_place(class, q::__class__.value(), class_reg)?;
            self.load_name(self.unit.first_param, class_reg + 1)?;
            2
        };
        self.set_line(line);
        self.emit(Op::Call, &[dst.into(), base.into(), n])
    }

    fn load_place(&mut self, place: Place, name: Value, dst: Reg) -> Result<(), Raise> {
        let k = self.name_constant(name)?;
        match place {
            Place::Free(free) => self.emit(Op::LoadFree, &[dst.into(), free.into(), k]),
            Place::Cell(cell) => {
                let cell = self.near_cell(cell)?;
                self.emit(Op::LoadCell, &[dst.into(), cell.into(), k])
            }
            _ => self.load_global(name, dst),
        }
    }
}
