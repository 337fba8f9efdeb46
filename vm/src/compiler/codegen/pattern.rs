//! `match`.
//!
//! Names are bound when the whole pattern has matched, before the guard: until then what they capture stays in
//! temporaries, and a list of names and registers remembers where.

use super::super::ast::{Const, Id, Kind, Seq};
use super::super::scope::NONE;
use super::emit::{Label, imm_of};
use super::{Gen, Reg};
use crate::Raise;
use crate::bytecode::op::Op;
use crate::value::Value;

impl Gen<'_> {
    pub(super) fn match_statement(&mut self, parts: Seq) -> Result<(), Raise> {
        let subject = self.alloc(1)?;
        self.expr(self.child(parts, 0), subject)?;
        let end = self.label()?;
        let n = self.len(parts);
        for i in 1..n {
            let node = self.node(self.child(parts, i));
            let Kind::Case(case) = node.kind else { continue };
            self.set_line(node.line);
            let [pattern, guard, body] = [0, 1, 2].map(|i| self.child(case, i));
            if i + 1 < n && guard.is_none() {
                self.check_refutable(pattern)?;
            }
            let mark = self.unit.top;
            let next = self.label()?;
            let captures = self.work.captures.len();
            self.pattern(pattern, subject, captures, next)?;
            for c in (captures..self.work.captures.len()).step_by(2) {
                let name = self.captured_name(c);
                let r = self.work.captures.get(self.vm, c + 1) as Reg;
                self.store_name(name, r)?;
            }
            self.work.captures.truncate(captures);
            self.unit.top = mark;
            if !guard.is_none() {
                self.branch(guard, false, next)?;
            }
            self.statement(body)?;
            self.jump(Op::Jump, &[], end)?;
            self.place(next)?;
        }
        self.place(end)
    }

    fn captured_name(&self, i: u32) -> Value {
        self.constant_of(Const(self.work.captures.get(self.vm, i)))
    }

    /// A pattern that always matches may stand in the last case only.
    fn check_refutable(&mut self, pattern: Id) -> Result<(), Raise> {
        match self.node(pattern).kind {
            Kind::MatchAs { pattern, name } if pattern.is_none() => {
                Err(self.error(if name == Const::NONE {
                    "wildcard makes remaining patterns unreachable"
                } else {
                    "name capture makes remaining patterns unreachable"
                }))
            }
            Kind::MatchAs { pattern, .. } => self.check_refutable(pattern),
            Kind::MatchOr(parts) => {
                let last = self.child(parts, self.len(parts).saturating_sub(1));
                if last.is_none() { Ok(()) } else { self.check_refutable(last) }
            }
            _ => Ok(()),
        }
    }

    /// Remembers that `name` captures `r[r]`. `first` is where the captures of the whole pattern begin.
    fn capture(&mut self, name: Const, r: Reg, first: u32) -> Result<(), Raise> {
        if name == Const::NONE {
            return Ok(());
        }
        let text = self.constant_of(name);
        if (first..self.work.captures.len()).step_by(2).any(|i| self.captured_name(i) == text) {
            return Err(self.error("multiple assignments to name in pattern"));
        }
        self.work.captures.push(self.vm, name.0)?;
        self.work.captures.push(self.vm, r.into())?;
        Ok(())
    }

    /// Jumps to `fail` unless `r[subject]` matches. Registers allocated here stay: captures are in them.
    fn pattern(&mut self, id: Id, subject: Reg, first: u32, fail: Label) -> Result<(), Raise> {
        self.vm.enter_native()?;
        let node = self.node(id);
        self.set_line(node.line);
        let s = u32::from(subject);
        match node.kind {
            Kind::MatchAs { pattern, name } => {
                if !pattern.is_none() {
                    self.pattern(pattern, subject, first, fail)?;
                }
                self.capture(name, subject, first)
            }
            Kind::MatchValue(value) => {
                let mark = self.unit.top;
                if let Some(imm) = self.literal(value).and_then(imm_of) {
                    self.jump(Op::JumpNotEqInt, &[s, imm], fail)?;
                } else {
                    let v = self.operand(value, None, false)?;
                    self.jump(Op::JumpNotEq, &[s, v.into()], fail)?;
                }
                self.unit.top = mark;
                Ok(())
            }
            Kind::MatchSingleton(c) => {
                let value = self.constant_of(c);
                if value.is_none() {
                    return self.jump(Op::JumpNotNone, &[s], fail);
                }
                let t = self.alloc(1)?;
                self.load_value(t, value)?;
                self.emit(Op::Is, &[t.into(), s, t.into()])?;
                self.jump(Op::JumpFalse, &[t.into()], fail)?;
                self.unit.top -= 1;
                Ok(())
            }
            Kind::MatchSequence(items) => self.sequence_pattern(items, subject, first, fail),
            Kind::MatchMapping { rest, items } => {
                self.mapping_pattern(rest, items, subject, first, fail)
            }
            Kind::MatchClass { class, patterns } => {
                self.class_pattern(class, patterns, subject, first, fail)
            }
            Kind::MatchOr(parts) => self.or_pattern(parts, subject, first, fail),
            _ => Err(self.error("invalid syntax")),
        }
    }

    fn is_wildcard(&self, id: Id) -> bool {
        matches!(
            self.node(id).kind,
            Kind::MatchAs { pattern: Id::NONE, name: Const::NONE } | Kind::MatchStar(Const::NONE)
        )
    }

    fn sequence_pattern(
        &mut self,
        items: Seq,
        subject: Reg,
        first: u32,
        fail: Label,
    ) -> Result<(), Raise> {
        let n = self.len(items);
        let s = u32::from(subject);
        let mut star = None;
        for i in 0..n {
            if let Kind::MatchStar(_) = self.node(self.child(items, i)).kind
                && star.replace(i).is_some()
            {
                return Err(self.error("multiple starred expressions in sequence pattern"));
            }
        }
        let t = self.alloc(1)?;
        self.emit(Op::MatchSequence, &[t.into(), s])?;
        self.jump(Op::JumpFalse, &[t.into()], fail)?;
        let least = n - star.is_some() as u32;
        if star.is_none() || least > 0 {
            self.emit(Op::Len, &[t.into(), s])?;
            let op = if star.is_some() {
                [Op::JumpLtInt, Op::JumpLt]
            } else {
                [Op::JumpNotEqInt, Op::JumpNotEq]
            };
            self.jump_count(op, t, least, fail)?;
        }
        self.unit.top -= 1;
        if (0..n).all(|i| self.is_wildcard(self.child(items, i))) {
            return Ok(());
        }
        if let Some(star) = star.filter(|&i| self.is_wildcard(self.child(items, i))) {
            return self.indexed_pattern(items, star, subject, first, fail);
        }
        let base = self.alloc(n)?;
        match star {
            None => self.emit(Op::UnpackSequence, &[base.into(), s, n])?,
            Some(i) => self.emit(Op::UnpackEx, &[base.into(), s, i, n - i - 1])?,
        }
        for i in 0..n {
            let item = self.child(items, i);
            let r = base + i as Reg;
            match self.node(item).kind {
                Kind::MatchStar(name) => self.capture(name, r, first)?,
                _ => self.pattern(item, r, first, fail)?,
            }
        }
        Ok(())
    }

    /// A sequence pattern with `*_`: takes the items by index, so that the rest need not exist.
    fn indexed_pattern(
        &mut self,
        items: Seq,
        star: u32,
        subject: Reg,
        first: u32,
        fail: Label,
    ) -> Result<(), Raise> {
        let n = self.len(items);
        for i in (0..n).filter(|&i| i != star) {
            let item = self.child(items, i);
            if self.is_wildcard(item) {
                continue;
            }
            let r = self.alloc(1)?;
            if i < star {
                self.load_value(r, Value::from_len(i as usize))?;
            } else {
                let count = self.alloc(1)?;
                self.emit(Op::Len, &[r.into(), subject.into()])?;
                self.load_value(count, Value::from_len((n - i) as usize))?;
                self.emit(Op::Sub, &[r.into(), r.into(), count.into()])?;
                self.unit.top -= 1;
            }
            self.emit(Op::LoadItem, &[r.into(), subject.into(), r.into()])?;
            self.pattern(item, r, first, fail)?;
        }
        Ok(())
    }

    /// Compares the count in `r[t]` with `n` and jumps.
    fn jump_count(
        &mut self,
        [with_imm, plain]: [Op; 2],
        t: Reg,
        n: u32,
        fail: Label,
    ) -> Result<(), Raise> {
        if n <= i8::MAX as u32 {
            return self.jump(with_imm, &[t.into(), n], fail);
        }
        let c = self.alloc(1)?;
        self.load_value(c, Value::from_len(n as usize))?;
        self.jump(plain, &[t.into(), c.into()], fail)?;
        self.unit.top -= 1;
        Ok(())
    }

    fn mapping_pattern(
        &mut self,
        rest: Const,
        items: Seq,
        subject: Reg,
        first: u32,
        fail: Label,
    ) -> Result<(), Raise> {
        let n = self.len(items) / 2;
        let s = u32::from(subject);
        let t = self.alloc(1)?;
        self.emit(Op::MatchMapping, &[t.into(), s])?;
        self.jump(Op::JumpFalse, &[t.into()], fail)?;
        if n > 0 {
            self.emit(Op::Len, &[t.into(), s])?;
            self.jump_count([Op::JumpLtInt, Op::JumpLt], t, n, fail)?;
        }
        // t becomes the rest; then subject, keys, and the values.
        let base = self.alloc(2)?;
        let keys = base + 1;
        self.move_reg(base, subject)?;
        let window = self.alloc(n)?;
        for i in 0..n {
            let key = self.child(items, i * 2);
            if let Some(value) = self.literal(key)
                && (0..i).any(|j| self.literal(self.child(items, j * 2)) == Some(value))
            {
                return Err(self.error("mapping pattern checks duplicate key"));
            }
            self.expr(key, window + i as Reg)?;
        }
        self.emit(Op::BuildTuple, &[keys.into(), window.into(), n])?;
        if rest != Const::NONE {
            self.capture(rest, t, first)?;
        }
        if n > 0 {
            let values = window;
            self.emit(Op::MatchKeys, &[values.into(), base.into()])?;
            self.jump(Op::JumpNone, &[values.into()], fail)?;
            self.emit(Op::UnpackSequence, &[values.into(), values.into(), n])?;
        }
        if rest != Const::NONE {
            self.emit(Op::DictRest, &[t.into(), s, keys.into()])?;
        }
        for i in 0..n {
            self.pattern(self.child(items, i * 2 + 1), window + i as Reg, first, fail)?;
        }
        Ok(())
    }

    fn class_pattern(
        &mut self,
        class: Id,
        patterns: Seq,
        subject: Reg,
        first: u32,
        fail: Label,
    ) -> Result<(), Raise> {
        let n = self.len(patterns);
        let base = self.alloc(2)?;
        self.move_reg(base, subject)?;
        self.expr(class, base + 1)?;
        let mut names = [Value::UNDEF; 32];
        let mut n_positional = 0;
        let mut n_names = 0;
        for i in 0..n {
            if let Kind::Keyword { name, .. } = self.node(self.child(patterns, i)).kind {
                let name = self.constant_of(name);
                if names[..n_names].contains(&name) {
                    return Err(self.error("attribute name repeated in class pattern"));
                }
                let Some(place) = names.get_mut(n_names) else {
                    return Err(self.error("too many attributes in class pattern"));
                };
                *place = name;
                n_names += 1;
            } else {
                n_positional += 1;
            }
        }
        let tuple = self.vm.new_tuple(&names[..n_names])?;
        let k = self.push_constant(tuple)?;
        self.emit(Op::MatchClass, &[base.into(), base.into(), n_positional, k])?;
        self.jump(Op::JumpNone, &[base.into()], fail)?;
        if n == 0 {
            self.unit.top = base.into();
            return Ok(());
        }
        let window = self.alloc(n)?;
        self.emit(Op::UnpackSequence, &[window.into(), base.into(), n])?;
        for i in 0..n {
            let mut pattern = self.child(patterns, i);
            if let Kind::Keyword { value, .. } = self.node(pattern).kind {
                pattern = value;
            }
            self.pattern(pattern, window + i as Reg, first, fail)?;
        }
        Ok(())
    }

    fn or_pattern(
        &mut self,
        parts: Seq,
        subject: Reg,
        first: u32,
        fail: Label,
    ) -> Result<(), Raise> {
        let n = self.len(parts);
        let labels = self.labels_mark();
        let matched = self.label()?;
        let begin = self.work.captures.len();
        let mark = self.unit.top;
        // The names that the first alternative captures get registers in which every alternative leaves them.
        let mut common = NONE;
        for i in 0..n {
            let part = self.child(parts, i);
            if i + 1 < n {
                self.check_refutable(part)?;
            }
            let last = i + 1 == n;
            let next = if last { fail } else { self.label()? };
            if common == NONE {
                common = u32::from(mark);
                let names = self.count_captures(part)?;
                self.alloc(names)?;
            }
            let top = self.unit.top;
            let own = self.work.captures.len();
            self.pattern(part, subject, if i == 0 { first } else { own }, next)?;
            let count = (self.work.captures.len() - own) / 2;
            if i == 0 {
                // Their registers move to the common ones.
                for c in 0..count {
                    let r = self.work.captures.get(self.vm, own + c * 2 + 1) as Reg;
                    let to = common as Reg + c as Reg;
                    self.move_reg(to, r)?;
                    self.work.captures.set(self.vm, own + c * 2 + 1, to.into());
                }
            } else {
                if count != (own - begin) / 2 {
                    return Err(self.error("alternative patterns bind different names"));
                }
                for c in 0..count {
                    let name = self.captured_name(own + c * 2);
                    let r = self.work.captures.get(self.vm, own + c * 2 + 1) as Reg;
                    let Some(at) = (begin..own).step_by(2).find(|&i| self.captured_name(i) == name)
                    else {
                        return Err(self.error("alternative patterns bind different names"));
                    };
                    let to = self.work.captures.get(self.vm, at + 1) as Reg;
                    self.move_reg(to, r)?;
                }
                self.work.captures.truncate(own);
            }
            self.unit.top = top;
            if !last {
                self.jump(Op::Jump, &[], matched)?;
                self.place(next)?;
            }
        }
        self.place(matched)?;
        self.drop_labels(labels);
        Ok(())
    }

    /// How many names a pattern captures.
    fn count_captures(&mut self, id: Id) -> Result<u32, Raise> {
        self.vm.enter_native()?;
        let all = |this: &mut Self, seq: Seq| {
            let mut n = 0;
            for i in 0..this.len(seq) {
                n += this.count_captures(this.child(seq, i))?;
            }
            Ok(n)
        };
        match self.node(id).kind {
            Kind::MatchAs { pattern, name } => {
                let inner = if pattern.is_none() { 0 } else { self.count_captures(pattern)? };
                Ok(inner + (name != Const::NONE) as u32)
            }
            Kind::MatchStar(name) => Ok((name != Const::NONE) as u32),
            Kind::MatchSequence(seq) | Kind::MatchClass { patterns: seq, .. } => all(self, seq),
            Kind::MatchMapping { rest, items } => {
                let mut n = (rest != Const::NONE) as u32;
                for i in 0..self.len(items) / 2 {
                    n += self.count_captures(self.child(items, i * 2 + 1))?;
                }
                Ok(n)
            }
            Kind::MatchOr(parts) => self.count_captures(self.child(parts, 0)),
            Kind::Keyword { value, .. } => self.count_captures(value),
            _ => Ok(0),
        }
    }
}
