//! Statements.

use super::super::Mode;
use super::super::ast::{Const, Id, Kind, Seq};
use super::super::scope::{ScopeKind, symbol_flag};
use super::unwind::Leave;
use super::{Gen, Reg};
use crate::bytecode::op::Op;
use crate::object::Str;
use crate::value::names::q;

impl Gen<'_> {
    /// Generates a statement, or the expression of `eval`.
    #[inline(never)]
    pub(super) fn statement(&mut self, id: Id) {
        let mark = self.unit.top;
        let labels = self.labels_mark();
        match self.visit(id) {
            Kind::Block(statements) => {
                for i in 0..self.len(statements) {
                    self.statement(self.child(statements, i));
                }
            }
            Kind::Expr(value) => {
                let prints = matches!(self.options.mode, Mode::Single | Mode::Paste);
                if prints && self.unit.kind == ScopeKind::Module {
                    let r = self.operand(value);
                    self.emit1(Op::PrintExpr, r);
                } else if self.literal(value).is_none() {
                    self.operand(value);
                }
            }
            Kind::Assign { targets, value } => self.assign(targets, value),
            Kind::AugAssign { op, target, value } => self.augmented(op, target, value),
            Kind::AnnAssign { simple, parts } => self.annotated(simple, parts),
            Kind::Delete(targets) => self.delete_all(targets),
            Kind::Pass => {}
            Kind::Global(names) => {
                self.declare(names, symbol_flag::GLOBAL, "identifier redefined as global")
            }
            Kind::Nonlocal(_) if self.unit.kind == ScopeKind::Module => {
                self.error("can't declare nonlocal in outer code")
            }
            Kind::Nonlocal(names) => {
                self.declare(names, symbol_flag::NONLOCAL, "identifier redefined as nonlocal")
            }
            Kind::Break => self.leave_loop(Leave::Break),
            Kind::Continue => self.leave_loop(Leave::Continue),
            Kind::Return(_) if self.unit.kind != ScopeKind::Function => {
                self.error("'return' outside function")
            }
            Kind::Return(value) => self.return_value(value),
            Kind::Raise { exc, cause } => self.raise(exc, cause),
            Kind::Assert { test, message } => self.assertion(test, message),
            Kind::Import(names) => self.import(names),
            Kind::ImportFrom { level, module, names } => self.import_from(level, module, names),
            Kind::ImportStar { .. } if self.unit.kind != ScopeKind::Module => {
                self.error("import * not at module level")
            }
            Kind::ImportStar { level, module } => {
                let r = self.begin_import(level);
                let star = self.intern("*");
                let star = self.tuple(&[star]);
                self.load_value(r + 1, star);
                self.import_name(r, module);
                self.emit1(Op::ImportStar, r);
            }
            Kind::If(parts) => self.if_statement(parts),
            Kind::While(parts) => self.while_loop(parts),
            Kind::For { is_async, parts } => self.for_loop(is_async, parts),
            Kind::Try { star, parts } => self.try_statement(star, parts),
            Kind::With { is_async, parts } => self.with(is_async, parts, 1),
            Kind::Function { name, parts, .. } => {
                self.define(id, name, parts, 3, self.len(parts));
            }
            Kind::Class { name, parts } => {
                self.define(id, name, parts, 2, 2 + self.child(parts, 1).0);
            }
            Kind::TypeAlias { name, .. } if cfg!(feature = "extra") => self.type_alias(id, name),
            Kind::Match(parts) if cfg!(feature = "extra") => self.match_statement(parts),
            _ => {
                self.operand(id);
            }
        }
        self.unit.top = mark;
        self.drop_labels(labels);
    }

    fn raise(&mut self, exc: Id, cause: Id) {
        if exc.is_none() {
            return self.emit(Op::RaiseAgain);
        }
        let e = self.operand_before(exc, cause);
        if cause.is_none() {
            return self.emit1(Op::Raise, e);
        }
        let c = self.operand(cause);
        self.emit2(Op::RaiseFrom, e, c);
    }

    fn assertion(&mut self, test: Id, message: Id) {
        if self.options.opt_level != 0 {
            return;
        }
        let line = self.unit.line;
        let end = self.label();
        self.branch(test, true, end);
        let r = self.temp();
        self.load_global(q::AssertionError.value(), r);
        if !message.is_none() {
            self.expr_in_temp(message);
            self.emit3(Op::Call, r, r, 1);
        }
        self.unit.line = line;
        self.emit1(Op::Raise, r);
        self.place(end);
    }

    // ---- imports

    /// Begins an import: the register that [`Gen::import_name`] wants, which is followed by that of the names wanted.
    fn begin_import(&mut self, level: u8) -> Reg {
        let base = self.alloc(2);
        self.emit2(Op::LoadInt, base, level.min(127).into());
        base
    }

    /// `r[base] =` what `__import__` returns.
    fn import_name(&mut self, base: Reg, module: Const) {
        let k = self.name_index(module);
        self.emit3(Op::ImportName, base, base, k);
        self.unit.top = base + 1;
    }

    fn import(&mut self, names: Seq) {
        for i in 0..self.len(names) {
            let Kind::Alias { name, asname } = self.node(self.child(names, i)).kind else {
                continue;
            };
            let r = self.begin_import(0);
            self.load_none(r + 1);
            self.import_name(r, name);
            let dotted = self.constant_of(name);
            if asname == Const::NONE {
                let first = self.first_component(dotted);
                self.store_name(first, r);
            } else {
                // `__import__` returns the package; the module is inside.
                let Some(text) = Str::from_value(dotted) else { continue };
                let mut rest = text.as_str();
                while let Some((_, after)) = split_dot(rest) {
                    rest = after;
                    let part = self.intern(split_dot(rest).map_or(rest, |(part, _)| part));
                    let k = self.name_constant(part);
                    self.emit3(Op::ImportFrom, r, r, k);
                }
                let asname = self.constant_of(asname);
                self.store_name(asname, r);
            }
            self.unit.top = r;
        }
    }

    fn import_from(&mut self, level: u8, module: Const, names: Seq) {
        let r = self.begin_import(level);
        let list = self.gather(names, 0, self.len(names));
        self.load_value(r + 1, list);
        self.import_name(r, module);
        let item = self.temp();
        for i in 0..self.len(names) {
            if let Kind::Alias { name, asname } = self.node(self.child(names, i)).kind {
                let k = self.name_index(name);
                self.emit3(Op::ImportFrom, item, r, k);
                let bound = self.constant_of(if asname == Const::NONE { name } else { asname });
                self.store_name(bound, item);
            }
        }
    }

    // ---- control flow

    /// Goes over a statement without emitting anything: the first time, and where the code would never run.
    pub(in crate::compiler) fn unreachable(&mut self, id: Id) {
        let (flow, high) = (self.unit.flow, self.unit.high);
        self.unit.flow.dead = true;
        self.statement(id);
        self.unit.flow = flow;
        self.unit.high = high;
    }

    fn if_statement(&mut self, mut parts: Seq) {
        let end = self.label();
        loop {
            let [test, body, orelse, _] = self.parts(parts);
            match self.const_truth(test) {
                Some(true) => {
                    self.statement(body);
                    self.unreachable(orelse);
                    break;
                }
                Some(false) => self.unreachable(body),
                None => {
                    let other = self.label();
                    self.branch(test, false, other);
                    self.statement(body);
                    if !orelse.is_none() {
                        self.jump(end);
                    }
                    self.place(other);
                }
            }
            // `elif`s in a loop: chains may be long.
            let node = self.node(orelse);
            let Kind::If(elif) = node.kind else {
                self.statement(orelse);
                break;
            };
            self.set_line(node.line);
            parts = elif;
        }
        self.place(end);
    }

    fn while_loop(&mut self, parts: Seq) {
        let [test, body, orelse, _] = self.parts(parts);
        let line = self.unit.line;
        let end = self.label();
        let truth = self.const_truth(test);
        if truth == Some(false) {
            self.open_loop(end, end);
            self.unreachable(body);
            self.close_block();
            self.statement(orelse);
            return self.place(end);
        }
        let flow = self.loop_flow();
        let forever = truth == Some(true);
        let next = self.label();
        if !forever {
            self.jump(next);
        }
        self.unit.flow = flow;
        let head = self.label_here();
        self.open_loop(end, if forever { head } else { next });
        self.statement(body);
        self.close_block();
        self.unit.line = line;
        if forever {
            self.jump(head);
            self.unreachable(orelse);
        } else {
            self.place(next);
            self.branch(test, true, head);
            self.statement(orelse);
        }
        self.place(end);
    }

    fn for_loop(&mut self, is_async: bool, parts: Seq) {
        self.suspends_async(is_async);
        let [target, iter, body, orelse] = self.parts(parts);
        let base = self.iterator(iter, is_async);
        let end = self.label();
        let this = self.begin_for(base, target, is_async);
        self.open_loop(end, this.next);
        self.statement(body);
        self.close_block();
        self.end_for(&this);
        self.statement(orelse);
        self.place(end);
    }
}

/// What is before the first dot, and what behind it.
#[inline(never)]
pub(in crate::compiler) fn split_dot(text: &str) -> Option<(&str, &str)> {
    let dot = text.bytes().position(|b| b == b'.')?;
    Some((text.get(..dot)?, text.get(dot + 1..)?))
}
