//! `match`.
//!
//! Names are bound when the whole pattern has matched, before the guard: until then what they capture stays in
//! temporaries, and a list of names and registers remembers where.

use super::super::ast::{Const, Id, Kind, Seq};
use super::super::scope::NONE;
use super::emit::Label;
use super::{Gen, Reg};
use crate::bytecode::op::Op;
use crate::value::Value;

/// What a pattern captures: a name, and the register with the value.
#[derive(Clone, Copy)]
pub(super) struct Capture {
    name: Const,
    r: Reg,
}

impl Gen<'_> {
    pub(super) fn match_statement(&mut self, parts: Seq) {
        let subject = self.expr_in_temp(self.child(parts, 0));
        let end = self.label();
        let n = self.len(parts);
        for i in 1..n {
            let node = self.node(self.child(parts, i));
            let Kind::Case(case) = node.kind else { continue };
            self.set_line(node.line);
            let [pattern, guard, body, _] = self.parts(case);
            if i + 1 < n && guard.is_none() {
                self.check_refutable(pattern);
            }
            let mark = self.unit.top;
            let next = self.label();
            let captures = self.work.captures.len();
            self.pattern(pattern, subject, captures, next);
            for c in captures..self.work.captures.len() {
                let r = self.work.captures.item(c).r;
                self.store_name(self.captured_name(c), r);
            }
            self.work.captures.truncate(captures);
            self.unit.top = mark;
            if !guard.is_none() {
                self.branch(guard, false, next);
            }
            self.statement(body);
            self.jump(end);
            self.place(next);
        }
        self.place(end)
    }

    fn captured_name(&self, i: u32) -> Value {
        self.constant_of(self.work.captures.item(i).name)
    }

    /// A pattern that always matches may stand in the last case only.
    fn check_refutable(&mut self, pattern: Id) {
        match self.node(pattern).kind {
            Kind::MatchAs { pattern, name } if pattern.is_none() => {
                self.error(if name == Const::NONE {
                    "wildcard makes remaining patterns unreachable"
                } else {
                    "name capture makes remaining patterns unreachable"
                });
            }
            Kind::MatchAs { pattern, .. } => self.check_refutable(pattern),
            Kind::MatchOr(parts) => {
                self.check_refutable(self.child(parts, self.len(parts) - 1));
            }
            _ => {}
        }
    }

    /// Remembers that `name` captures `r[r]`. `first` is where the captures of the whole pattern begin.
    fn capture(&mut self, name: Const, r: Reg, first: u32) {
        if name == Const::NONE {
            return;
        }
        let text = self.constant_of(name);
        if (first..self.work.captures.len()).any(|i| self.captured_name(i) == text) {
            return self.error("multiple assignments to name in pattern");
        }
        let noted = self.work.captures.push(self.parser.lexer.vm, Capture { name, r });
        self.number(noted);
    }

    /// Jumps to `fail` unless `r[subject]` matches. Registers allocated here stay: captures are in them.
    fn pattern(&mut self, id: Id, subject: Reg, first: u32, fail: Label) {
        let s = subject;
        match self.visit(id) {
            Kind::MatchAs { pattern, name } => {
                if !pattern.is_none() {
                    self.pattern(pattern, subject, first, fail);
                }
                self.capture(name, subject, first)
            }
            Kind::MatchValue(value) => {
                let mark = self.unit.top;
                if let Some(imm) = self.immediate(value) {
                    self.jump2(Op::JumpNotEqInt, s, imm, fail);
                } else {
                    let v = self.operand(value);
                    self.jump2(Op::JumpNotEq, s, v, fail);
                }
                self.unit.top = mark;
            }
            Kind::MatchSingleton(c) => {
                let value = self.constant_of(c);
                if value.is_none() {
                    return self.jump1(Op::JumpNotNone, s, fail);
                }
                let t = self.temp();
                self.load_value(t, value);
                self.emit3(Op::Is, t, s, t);
                self.jump1(Op::JumpFalse, t, fail);
                self.unit.top = t;
            }
            Kind::MatchSequence(items) => self.sequence_pattern(items, subject, first, fail),
            Kind::MatchMapping { rest, items } => {
                self.mapping_pattern(rest, items, subject, first, fail)
            }
            Kind::MatchClass { class, patterns } => {
                self.class_pattern(class, patterns, subject, first, fail)
            }
            Kind::MatchOr(parts) => self.or_pattern(parts, subject, first, fail),
            _ => self.error("invalid syntax"),
        }
    }

    fn is_wildcard(&self, id: Id) -> bool {
        matches!(
            self.node(id).kind,
            Kind::MatchAs { pattern: Id::NONE, name: Const::NONE } | Kind::MatchStar(Const::NONE)
        )
    }

    fn sequence_pattern(&mut self, items: Seq, subject: Reg, first: u32, fail: Label) {
        let n = self.len(items);
        let s = subject;
        let mut star = None;
        for i in 0..n {
            if let Kind::MatchStar(_) = self.node(self.child(items, i)).kind
                && star.replace(i).is_some()
            {
                return self.error("multiple starred expressions in sequence pattern");
            }
        }
        let t = self.temp();
        self.emit2(Op::MatchSequence, t, s);
        self.jump1(Op::JumpFalse, t, fail);
        let least = n - star.is_some() as u32;
        if star.is_none() || least > 0 {
            self.emit2(Op::Len, t, s);
            let op = if star.is_some() {
                [Op::JumpLtInt, Op::JumpLt]
            } else {
                [Op::JumpNotEqInt, Op::JumpNotEq]
            };
            self.jump_count(op, t, least, fail);
        }
        self.unit.top = t;
        if (0..n).all(|i| self.is_wildcard(self.child(items, i))) {
            return;
        }
        if let Some(star) = star.filter(|&i| self.is_wildcard(self.child(items, i))) {
            return self.indexed_pattern(items, star, subject, first, fail);
        }
        let base = self.alloc(n);
        match star {
            None => self.emit3(Op::UnpackSequence, base, s, n),
            Some(i) => self.emit4(Op::UnpackEx, base, s, i, n - i - 1),
        }
        for i in 0..n {
            let item = self.child(items, i);
            let r = base + i;
            match self.node(item).kind {
                Kind::MatchStar(name) => self.capture(name, r, first),
                _ => self.pattern(item, r, first, fail),
            }
        }
    }

    /// A sequence pattern with `*_`: takes the items by index, so that the rest need not exist.
    fn indexed_pattern(&mut self, items: Seq, star: u32, subject: Reg, first: u32, fail: Label) {
        let n = self.len(items);
        for i in (0..n).filter(|&i| i != star) {
            let item = self.child(items, i);
            if self.is_wildcard(item) {
                continue;
            }
            let r = self.temp();
            if i < star {
                self.load_value(r, Value::from_len(i as usize));
            } else {
                let count = self.temp();
                self.emit2(Op::Len, r, subject);
                self.load_value(count, Value::from_len((n - i) as usize));
                self.emit3(Op::Sub, r, r, count);
                self.unit.top = count;
            }
            self.emit3(Op::LoadItem, r, subject, r);
            self.pattern(item, r, first, fail);
        }
    }

    /// Compares the count in `r[t]` with `n` and jumps.
    fn jump_count(&mut self, [with_imm, plain]: [Op; 2], t: Reg, n: u32, fail: Label) {
        if n <= i8::MAX as u32 {
            return self.jump2(with_imm, t, n, fail);
        }
        let c = self.temp();
        self.load_value(c, Value::from_len(n as usize));
        self.jump2(plain, t, c, fail);
        self.unit.top = c;
    }

    fn mapping_pattern(&mut self, rest: Const, items: Seq, subject: Reg, first: u32, fail: Label) {
        let n = self.len(items) / 2;
        let s = subject;
        let t = self.temp();
        self.emit2(Op::MatchMapping, t, s);
        self.jump1(Op::JumpFalse, t, fail);
        if n > 0 {
            self.emit2(Op::Len, t, s);
            self.jump_count([Op::JumpLtInt, Op::JumpLt], t, n, fail);
        }
        // t becomes the rest; then subject, keys, and the values.
        let base = self.alloc(2);
        let keys = base + 1;
        self.move_reg(base, subject);
        let window = self.alloc(n);
        for i in 0..n {
            let key = self.child(items, i * 2);
            if let Some(value) = self.literal(key)
                && (0..i).any(|j| self.literal(self.child(items, j * 2)) == Some(value))
            {
                return self.error("mapping pattern checks duplicate key");
            }
            self.expr(key, window + i);
        }
        self.emit3(Op::BuildTuple, keys, window, n);
        if rest != Const::NONE {
            self.capture(rest, t, first);
        }
        if n > 0 {
            let values = window;
            self.emit2(Op::MatchKeys, values, base);
            self.jump1(Op::JumpNone, values, fail);
            self.emit3(Op::UnpackSequence, values, values, n);
        }
        if rest != Const::NONE {
            self.emit3(Op::DictRest, t, s, keys);
        }
        for i in 0..n {
            self.pattern(self.child(items, i * 2 + 1), window + i, first, fail);
        }
    }

    fn class_pattern(&mut self, class: Id, patterns: Seq, subject: Reg, first: u32, fail: Label) {
        let n = self.len(patterns);
        let base = self.alloc(2);
        self.move_reg(base, subject);
        self.expr(class, base + 1);
        let mut names = [Value::UNDEF; 32];
        let mut n_positional = 0;
        let mut n_names = 0;
        for i in 0..n {
            if let Kind::Keyword { name, .. } = self.node(self.child(patterns, i)).kind {
                let name = self.constant_of(name);
                if names[..n_names].contains(&name) {
                    return self.error("attribute name repeated in class pattern");
                }
                let Some(place) = names.get_mut(n_names) else {
                    return self.error("too many attributes in class pattern");
                };
                *place = name;
                n_names += 1;
            } else {
                n_positional += 1;
            }
        }
        let tuple = self.tuple(&names[..n_names]);
        let k = self.push_constant(tuple);
        self.emit4(Op::MatchClass, base, base, n_positional, k);
        self.jump1(Op::JumpNone, base, fail);
        if n == 0 {
            self.unit.top = base;
            return;
        }
        let window = self.alloc(n);
        self.emit3(Op::UnpackSequence, window, base, n);
        for i in 0..n {
            let mut pattern = self.child(patterns, i);
            if let Kind::Keyword { value, .. } = self.node(pattern).kind {
                pattern = value;
            }
            self.pattern(pattern, window + i, first, fail);
        }
    }

    fn or_pattern(&mut self, parts: Seq, subject: Reg, first: u32, fail: Label) {
        let n = self.len(parts);
        let labels = self.labels_mark();
        let matched = self.label();
        let begin = self.work.captures.len();
        let mark = self.unit.top;
        // The names that the first alternative captures get registers in which every alternative leaves them.
        let mut common = NONE;
        for i in 0..n {
            let part = self.child(parts, i);
            if i + 1 < n {
                self.check_refutable(part);
            }
            let last = i + 1 == n;
            let next = if last { fail } else { self.label() };
            if common == NONE {
                common = mark;
                let names = self.count_captures(part);
                self.alloc(names);
            }
            let top = self.unit.top;
            let own = self.work.captures.len();
            self.pattern(part, subject, if i == 0 { first } else { own }, next);
            let count = self.work.captures.len() - own;
            if i == 0 {
                // Their registers move to the common ones.
                for c in 0..count {
                    let capture = self.work.captures.item_mut(own + c);
                    let r = core::mem::replace(&mut capture.r, common + c);
                    self.move_reg(common + c, r);
                }
            } else {
                if count != own - begin {
                    return self.error("alternative patterns bind different names");
                }
                for c in own..own + count {
                    let name = self.captured_name(c);
                    let r = self.work.captures.item(c).r;
                    let Some(at) = (begin..own).find(|&i| self.captured_name(i) == name) else {
                        return self.error("alternative patterns bind different names");
                    };
                    let to = self.work.captures.item(at).r;
                    self.move_reg(to, r);
                }
                self.work.captures.truncate(own);
            }
            self.unit.top = top;
            if !last {
                self.jump(matched);
                self.place(next);
            }
        }
        self.place(matched);
        self.drop_labels(labels);
    }

    /// How many names a pattern captures.
    fn count_captures(&mut self, id: Id) -> u32 {
        let all = |this: &mut Self, seq: Seq| {
            let mut n = 0;
            for i in 0..this.len(seq) {
                n += this.count_captures(this.child(seq, i));
            }
            n
        };
        match self.visit(id) {
            Kind::MatchAs { pattern, name } => {
                let inner = if pattern.is_none() { 0 } else { self.count_captures(pattern) };
                inner + (name != Const::NONE) as u32
            }
            Kind::MatchStar(name) => (name != Const::NONE) as u32,
            Kind::MatchSequence(seq) | Kind::MatchClass { patterns: seq, .. } => all(self, seq),
            Kind::MatchMapping { rest, items } => {
                let mut n = (rest != Const::NONE) as u32;
                for i in 0..self.len(items) / 2 {
                    n += self.count_captures(self.child(items, i * 2 + 1));
                }
                n
            }
            Kind::MatchOr(parts) => self.count_captures(self.child(parts, 0)),
            Kind::Keyword { value, .. } => self.count_captures(value),
            _ => 0,
        }
    }
}
