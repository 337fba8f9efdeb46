//! Displays of lists, tuples, sets and dictionaries, f-strings and t-strings.

use super::super::ast::{Id, Kind, Seq};
use super::{Gen, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::object::Str;
use crate::value::Value;

/// Items that are evaluated side by side; longer displays grow item by item.
const WINDOW: u32 = 24;
/// Literals side by side that are worth a constant tuple.
const LITERALS: u32 = 12;
/// Items of one constant tuple, at most.
const MAX_TUPLE: usize = 32;

impl Gen<'_> {
    fn is_starred(&self, id: Id) -> bool {
        matches!(self.node(id).kind, Kind::Starred(_))
    }

    /// The constant tuple of the literals in `seq` from `from` on, as many as fit, if there are at least `least`.
    fn literal_run(
        &mut self,
        seq: Seq,
        from: u32,
        least: u32,
    ) -> Result<Option<(Value, u32)>, Raise> {
        let mut values = [Value::UNDEF; MAX_TUPLE];
        let mut n = 0;
        while n < MAX_TUPLE
            && let Some(v) = self.literal(self.child(seq, from + n as u32))
        {
            values[n] = v;
            n += 1;
        }
        if (n as u32) < least.max(1) {
            return Ok(None);
        }
        Ok(Some((self.vm.new_tuple(&values[..n])?, n as u32)))
    }

    /// The constant tuple that equals `id`, a list display of literals, for uses that only read it.
    pub fn literal_list(&mut self, id: Id) -> Result<Option<Value>, Raise> {
        let Kind::List(items) = self.node(id).kind else { return Ok(None) };
        self.literal_items(items)
    }

    /// All of `items` as a constant tuple, if they are literals and not too many.
    pub fn literal_items(&mut self, items: Seq) -> Result<Option<Value>, Raise> {
        let n = self.len(items);
        if n == 0 || n as usize > MAX_TUPLE || !self.all_literals(items) {
            return Ok(None);
        }
        Ok(self.literal_run(items, 0, n)?.map(|(tuple, _)| tuple))
    }

    fn all_literals(&self, items: Seq) -> bool {
        (0..self.len(items)).all(|i| self.literal(self.child(items, i)).is_some())
    }

    /// True when the items fit side by side above the temporaries in use.
    fn fits(&self, items: Seq) -> bool {
        let n = self.len(items);
        n <= WINDOW && !(0..n).any(|i| self.is_starred(self.child(items, i)))
    }

    /// Evaluates the items into consecutive registers; the first.
    fn window(&mut self, items: Seq) -> Result<Reg, Raise> {
        let base = self.unit.top as Reg;
        for i in 0..self.len(items) {
            let r = self.alloc(1)?;
            self.expr(self.child(items, i), r)?;
        }
        Ok(base)
    }

    /// Where a window of items may begin: at `dst` if nothing lies above it.
    fn window_for(&mut self, dst: Reg, items: Seq) -> Result<Reg, Raise> {
        let n = self.len(items);
        if n == 0 {
            return Ok(0);
        }
        if self.is_variable(dst) || dst as u16 + 1 != self.unit.top {
            return self.window(items);
        }
        for i in 0..n {
            let r = if i == 0 { dst } else { self.alloc(1)? };
            self.expr(self.child(items, i), r)?;
        }
        Ok(dst)
    }

    pub(super) fn list_display(&mut self, items: Seq, dst: Reg) -> Result<(), Raise> {
        if self.fits(items) && !(self.len(items) >= LITERALS && self.all_literals(items)) {
            let base = self.window_for(dst, items)?;
            return self.emit(Op::BuildList, &[dst.into(), base.into(), self.len(items)]);
        }
        let list = self.scratch(dst)?;
        self.emit(Op::BuildList, &[list.into(), 0, 0])?;
        self.extend_list(list, items, 0)?;
        self.move_reg(dst, list)
    }

    /// Appends the items from place `from` on (`*` ones spread) to the list in `list`, a temporary; skips keywords.
    pub(super) fn extend_list(&mut self, list: Reg, items: Seq, from: u32) -> Result<(), Raise> {
        self.extend(list, items, from, Op::ListAppend, Op::ListExtend)
    }

    fn extend(&mut self, to: Reg, items: Seq, from: u32, add: Op, spread: Op) -> Result<(), Raise> {
        let n = self.len(items);
        let mut i = from;
        while i < n {
            let mark = self.unit.top;
            if let Some((tuple, len)) = self.literal_run(items, i, LITERALS)? {
                let r = self.alloc(1)?;
                self.load_value(r, tuple)?;
                self.emit(spread, &[to.into(), r.into()])?;
                i += len;
            } else {
                let item = self.child(items, i);
                match self.node(item).kind {
                    Kind::Starred(inner) => {
                        let r = self.operand(inner, None, false)?;
                        self.emit(spread, &[to.into(), r.into()])?;
                    }
                    Kind::Keyword { .. } | Kind::DoubleStarred(_) => {}
                    _ => {
                        let r = self.operand(item, None, false)?;
                        self.emit(add, &[to.into(), r.into()])?;
                    }
                }
                i += 1;
            }
            self.unit.top = mark;
        }
        Ok(())
    }

    pub(super) fn tuple_display(&mut self, items: Seq, dst: Reg) -> Result<(), Raise> {
        if let Some(tuple) = self.literal_items(items)? {
            return self.load_value(dst, tuple);
        }
        if self.fits(items) {
            let base = self.window_for(dst, items)?;
            return self.emit(Op::BuildTuple, &[dst.into(), base.into(), self.len(items)]);
        }
        let list = self.scratch(dst)?;
        self.emit(Op::BuildList, &[list.into(), 0, 0])?;
        self.extend_list(list, items, 0)?;
        self.emit(Op::ListToTuple, &[dst.into(), list.into()])
    }

    pub(super) fn set_display(&mut self, items: Seq, dst: Reg) -> Result<(), Raise> {
        if self.fits(items) && !(self.len(items) >= LITERALS && self.all_literals(items)) {
            let base = self.window_for(dst, items)?;
            return self.emit(Op::BuildSet, &[dst.into(), base.into(), self.len(items)]);
        }
        let set = self.scratch(dst)?;
        self.emit(Op::BuildSet, &[set.into(), 0, 0])?;
        self.extend(set, items, 0, Op::SetAdd, Op::SetUpdate)?;
        self.move_reg(dst, set)
    }

    pub(super) fn dict_display(&mut self, items: Seq, dst: Reg) -> Result<(), Raise> {
        let n = self.len(items);
        let spread = (0..n).step_by(2).any(|i| self.child(items, i).is_none());
        if !spread && n <= WINDOW {
            let base = self.window_for(dst, items)?;
            return self.emit(Op::BuildDict, &[dst.into(), base.into(), n / 2]);
        }
        let dict = self.scratch(dst)?;
        self.emit(Op::BuildDict, &[dict.into(), 0, 0])?;
        for i in (0..n).step_by(2) {
            let mark = self.unit.top;
            let (key, value) = (self.child(items, i), self.child(items, i + 1));
            if key.is_none() {
                let r = self.operand(value, None, false)?;
                self.emit(Op::DictUpdate, &[dict.into(), r.into()])?;
            } else {
                let k = self.operand(key, None, !self.is_simple(value))?;
                let v = self.operand(value, None, false)?;
                self.emit(Op::DictSet, &[dict.into(), k.into(), v.into()])?;
            }
            self.unit.top = mark;
        }
        self.move_reg(dst, dict)
    }

    pub(super) fn joined_str(&mut self, parts: Seq, dst: Reg) -> Result<(), Raise> {
        let n = self.len(parts);
        if n == 1 {
            return self.expr(self.child(parts, 0), dst);
        }
        if n == 0 {
            let empty = self.vm.intern("")?;
            return self.load_value(dst, empty);
        }
        let base = self.unit.top as Reg;
        let mut used = 0;
        for i in 0..n {
            if used == WINDOW {
                // Joins what there is so far, to go on with one register.
                self.emit(Op::BuildString, &[base.into(), base.into(), used])?;
                self.unit.top = base as u16 + 1;
                used = 1;
            }
            let r = self.alloc(1)?;
            self.expr(self.child(parts, i), r)?;
            used += 1;
        }
        self.emit(Op::BuildString, &[dst.into(), base.into(), used])
    }

    pub(super) fn formatted_value(
        &mut self,
        conv: u8,
        value: Id,
        more: Seq,
        dst: Reg,
    ) -> Result<(), Raise> {
        let spec = self.child(more, 0);
        let base = self.alloc(2)?;
        self.expr(value, base)?;
        if spec.is_none() {
            self.load_value(base + 1, Value::UNDEF)?;
        } else {
            self.expr(spec, base + 1)?;
        }
        self.emit(Op::FormatValue, &[dst.into(), base.into(), conv.into()])
    }

    pub(super) fn template_str(&mut self, parts: Seq, dst: Reg) -> Result<(), Raise> {
        // A string stands before, between and after the interpolations, empty where nothing is written.
        let base = self.alloc(2)?;
        let n = self.len(parts);
        self.emit(Op::BuildList, &[base.into(), 0, 0])?;
        self.emit(Op::BuildList, &[(base + 1).into(), 0, 0])?;
        let mut after_string = false;
        for i in 0..=n {
            let mark = self.unit.top;
            let part = self.child(parts, i);
            let literal = self.literal(part);
            if literal.is_some() || !after_string {
                let r = self.alloc(1)?;
                let text = match literal {
                    Some(text) => text,
                    None => self.vm.intern("")?,
                };
                self.load_value(r, text)?;
                self.emit(Op::ListAppend, &[base.into(), r.into()])?;
                after_string = true;
            }
            if i < n
                && let Kind::FormattedValue { conv, value, more } = self.node(part).kind
            {
                let w = self.alloc(3)?;
                self.expr(value, w)?;
                self.expr(self.child(more, 1), w + 1)?;
                let spec = self.child(more, 0);
                if spec.is_none() {
                    self.load_value(w + 2, Value::UNDEF)?;
                } else {
                    self.expr(spec, w + 2)?;
                }
                self.emit(Op::BuildInterpolation, &[w.into(), w.into(), conv.into()])?;
                self.emit(Op::ListAppend, &[(base + 1).into(), w.into()])?;
                after_string = false;
            }
            self.unit.top = mark;
        }
        for r in [base, base + 1] {
            self.emit(Op::ListToTuple, &[r.into(), r.into()])?;
        }
        self.emit(Op::BuildTemplate, &[dst.into(), base.into()])
    }

    /// True for a string literal.
    pub(super) fn string_literal(&self, id: Id) -> Option<Value> {
        self.literal(id).filter(|&v| Str::from_value(v).is_some())
    }
}
