//! Displays of lists, tuples, sets and dictionaries, f-strings and t-strings.

use super::super::ast::{Id, Kind, Seq};
use super::{Gen, Reg};
use crate::bytecode::op::Op;
use crate::value::Value;

/// Items that are evaluated side by side; longer displays grow item by item.
const WINDOW: u32 = 24;
/// Literals side by side that are worth a constant tuple.
const LITERALS: u32 = 12;
/// Items of one constant tuple, at most.
const MAX_TUPLE: u32 = 32;

impl Gen<'_> {
    pub(super) fn is_starred(&self, id: Id) -> bool {
        matches!(self.node(id).kind, Kind::Starred(_))
    }

    /// How many children from `from` on are literals, [`MAX_TUPLE`] at most.
    fn literal_run(&self, seq: Seq, from: u32) -> u32 {
        let mut n = 0;
        while n < MAX_TUPLE && self.child(seq, from + n).as_literal().is_some() {
            n += 1;
        }
        n
    }

    /// The constant tuple that equals `id`, a list display of literals, for uses that only read it.
    #[inline(never)]
    pub(super) fn literal_list(&mut self, id: Id) -> Option<Value> {
        if !cfg!(feature = "extra") {
            return None;
        }
        let Kind::List(items) = self.node(id).kind else { return None };
        self.literal_items(items)
    }

    /// All of `items` as a constant tuple, if they are literals and not too many.
    #[inline(never)]
    fn literal_items(&mut self, items: Seq) -> Option<Value> {
        let n = self.literal_run(items, 0);
        (n != 0 && n == self.len(items)).then(|| self.gather(items, 0, n))
    }

    /// True when the items fit side by side above the temporaries in use.
    fn fits(&self, items: Seq) -> bool {
        let n = self.len(items);
        n <= WINDOW && !(0..n).any(|i| self.is_starred(self.child(items, i)))
    }

    /// Evaluates the items side by side, from `dst` on if nothing lies above it; the first register.
    #[inline(never)]
    fn window(&mut self, items: Seq, dst: Reg) -> Reg {
        let mut base = 0;
        for i in 0..self.len(items) {
            let r = if i == 0 { self.call_base(dst) } else { self.temp() };
            if i == 0 {
                base = r;
            }
            self.expr(self.child(items, i), r);
        }
        base
    }

    /// A list or set. The opcodes: make it of a window, add an item, add a sequence of items.
    pub(super) fn display(&mut self, items: Seq, dst: Reg, ops: [Op; 3]) {
        if self.fits(items) {
            let base = self.window(items, dst);
            return self.emit3(ops[0], dst, base, self.len(items));
        }
        let result = self.scratch(dst);
        self.emit3(ops[0], result, 0, 0);
        self.extend(result, items, 0, ops[1], ops[2]);
        self.move_reg(dst, result);
    }

    pub(super) fn tuple_display(&mut self, items: Seq, dst: Reg) {
        if let Some(tuple) = self.literal_items(items) {
            return self.load_value(dst, tuple);
        }
        if self.fits(items) {
            let base = self.window(items, dst);
            return self.emit3(Op::BuildTuple, dst, base, self.len(items));
        }
        let list = self.scratch(dst);
        self.emit3(Op::BuildList, list, 0, 0);
        self.extend_list(list, items, 0);
        self.emit2(Op::ListToTuple, dst, list);
    }

    /// Appends the items from place `from` on (`*` ones spread) to the list in `list`, a temporary; skips keywords.
    pub(super) fn extend_list(&mut self, list: Reg, items: Seq, from: u32) {
        self.extend(list, items, from, Op::ListAppend, Op::ListExtend);
    }

    fn extend(&mut self, to: Reg, items: Seq, from: u32, add: Op, spread: Op) {
        let n = self.len(items);
        let mut i = from;
        while i < n {
            let mark = self.unit.top;
            let run = self.literal_run(items, i);
            if run >= LITERALS {
                let tuple = self.gather(items, i, i + run);
                let r = self.temp();
                self.load_value(r, tuple);
                self.emit2(spread, to, r);
                i += run;
            } else {
                let item = self.child(items, i);
                let (op, value) = match self.node(item).kind {
                    Kind::Starred(inner) => (spread, inner),
                    _ => (add, item),
                };
                if !self.is_keyword(item) {
                    let r = self.item(value);
                    self.emit2(op, to, r);
                }
                i += 1;
            }
            self.unit.top = mark;
        }
    }

    pub(super) fn dict_display(&mut self, items: Seq, dst: Reg) {
        let n = self.len(items);
        let spread = (0..n).step_by(2).any(|i| self.child(items, i).is_none());
        if !spread && n <= WINDOW {
            let base = self.window(items, dst);
            return self.emit3(Op::BuildDict, dst, base, n / 2);
        }
        let dict = self.scratch(dst);
        self.emit3(Op::BuildDict, dict, 0, 0);
        for i in (0..n).step_by(2) {
            let mark = self.unit.top;
            let (key, value) = (self.child(items, i), self.child(items, i + 1));
            if key.is_none() {
                let r = self.operand(value);
                self.emit2(Op::DictUpdate, dict, r);
            } else {
                self.set_pair(dict, key, value);
            }
            self.unit.top = mark;
        }
        self.move_reg(dst, dict);
    }

    /// `r[dict][key] = value`
    pub(super) fn set_pair(&mut self, dict: Reg, key: Id, value: Id) {
        self.set_line(self.node(key).line);
        let k = self.operand_before(key, value);
        let v = self.item(value);
        self.emit3(Op::DictSet, dict, k, v);
    }

    /// The operand of an instruction that belongs to the operand's line.
    pub(super) fn item(&mut self, id: Id) -> Reg {
        self.set_line(self.node(id).line);
        self.operand(id)
    }

    pub(super) fn joined_str(&mut self, parts: Seq, dst: Reg) {
        let n = self.len(parts);
        if n == 1 {
            return self.expr(self.child(parts, 0), dst);
        }
        if n == 0 {
            let empty = self.intern("");
            return self.load_value(dst, empty);
        }
        let base = self.unit.top;
        let mut used = 0;
        for i in 0..n {
            if used == WINDOW {
                // Joins what there is so far, to go on with one register.
                self.emit3(Op::BuildString, base, base, used);
                self.unit.top = base + 1;
                used = 1;
            }
            self.expr_in_temp(self.child(parts, i));
            used += 1;
        }
        self.emit3(Op::BuildString, dst, base, used);
    }

    /// `r[dst] =` the value of `id`, unbound without an expression.
    fn expr_or_undef(&mut self, id: Id, dst: Reg) {
        if id.is_none() { self.load_undef(dst) } else { self.expr(id, dst) }
    }

    pub(super) fn formatted_value(&mut self, conv: u8, value: Id, more: Seq, dst: Reg) {
        let base = self.alloc(2);
        self.expr(value, base);
        self.expr_or_undef(self.child(more, 0), base + 1);
        self.emit3(Op::FormatValue, dst, base, conv.into());
    }

    pub(super) fn template_str(&mut self, parts: Seq, dst: Reg) {
        // A string stands before, between and after the interpolations, empty where nothing is written.
        let base = self.alloc(2);
        let n = self.len(parts);
        self.emit3(Op::BuildList, base, 0, 0);
        self.emit3(Op::BuildList, base + 1, 0, 0);
        let mut after_string = false;
        for i in 0..=n {
            let mark = self.unit.top;
            let part = self.child(parts, i);
            let literal = self.literal(part);
            if literal.is_some() || !after_string {
                let r = self.temp();
                let text = match literal {
                    Some(text) => text,
                    None => self.intern(""),
                };
                self.load_value(r, text);
                self.emit2(Op::ListAppend, base, r);
                after_string = true;
            }
            if let Kind::FormattedValue { conv, value, more } = self.node(part).kind {
                let w = self.alloc(3);
                self.expr(value, w);
                self.expr(self.child(more, 1), w + 1);
                self.expr_or_undef(self.child(more, 0), w + 2);
                self.emit3(Op::BuildInterpolation, w, w, conv.into());
                self.emit2(Op::ListAppend, base + 1, w);
                after_string = false;
            }
            self.unit.top = mark;
        }
        for r in [base, base + 1] {
            self.emit2(Op::ListToTuple, r, r);
        }
        self.emit2(Op::BuildTemplate, dst, base);
    }
}
