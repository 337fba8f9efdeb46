//! The tree as text, for tests: one statement a line, blocks indented, expressions in prefix notation.

extern crate std;

use std::fmt::Write;
use std::string::String;

use super::arena::Ast;
use super::ast::{Const, Id, Kind, Seq};
use crate::Vm;
use crate::object::{Complex, Float, Int, Tuple};
use crate::value::{self, Value};

/// Writes trees.
pub struct Dump<'a> {
    vm: &'a Vm,
    ast: &'a Ast,
    out: String,
    indent: usize,
}

/// The text of a statement or an expression.
pub fn dump(vm: &Vm, ast: &Ast, id: Id) -> String {
    let mut dump = Dump { vm, ast, out: String::new(), indent: 0 };
    dump.any(id);
    dump.out
}

impl Dump<'_> {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn constant(&mut self, c: Const) {
        if c == Const::NONE {
            return self.text("-");
        }
        let value = self.ast.constant(self.vm, c);
        self.value(value);
    }

    fn name(&mut self, c: Const) {
        if c == Const::NONE {
            return self.text("-");
        }
        let name = self.ast.constant(self.vm, c);
        let name = String::from_utf8_lossy(self.vm.str_bytes(name)).into_owned();
        self.text(&name);
    }

    fn quoted(&mut self, bytes: &[u8]) {
        self.text("'");
        for &b in bytes {
            if matches!(b, b' '..=b'~') && b != b'\'' && b != b'\\' {
                self.out.push(b as char);
            } else {
                let _ = write!(self.out, "\\x{b:02x}");
            }
        }
        self.text("'");
    }

    fn value(&mut self, v: Value) {
        if let Some(n) = v.as_small_int() {
            let _ = write!(self.out, "{n}");
            return;
        }
        match v {
            _ if v.is_none() => self.text("None"),
            _ if v == Value::TRUE => self.text("True"),
            _ if v == Value::FALSE => self.text("False"),
            _ if v == Value::ELLIPSIS => self.text("..."),
            _ => match v.kind() {
                Some(value::Kind::Str) => self.quoted(self.vm.str_bytes(v)),
                Some(value::Kind::Bytes) => {
                    self.text("b");
                    self.quoted(self.vm.str_bytes(v));
                }
                _ => self.other_value(v),
            },
        }
    }

    fn other_value(&mut self, v: Value) {
        if let Some(f) = Float::from_value(v) {
            let _ = write!(self.out, "{:e}", f.number(self.vm));
        } else if let Some(c) = Complex::from_value(v) {
            let _ = write!(self.out, "{:e}+{:e}j", c.re(self.vm), c.im(self.vm));
        } else if let Some(int) = Int::from_value(v) {
            self.text(if int.is_negative() { "-0x" } else { "0x" });
            for (i, limb) in int.limbs().iter().rev().enumerate() {
                let _ = write!(self.out, "{limb:0width$x}", width = if i == 0 { 1 } else { 8 });
            }
        } else if let Some(tuple) = Tuple::from_value(v) {
            self.text("(tuple");
            for &item in tuple.items() {
                self.text(" ");
                self.value(item);
            }
            self.text(")");
        } else {
            self.text("?");
        }
    }

    fn list(&mut self, head: &str, seq: Seq) {
        self.text("(");
        self.text(head);
        self.rest(seq, 0);
        self.text(")");
    }

    fn rest(&mut self, seq: Seq, from: u32) {
        for i in from..self.ast.seq_len(self.vm, seq) {
            self.text(" ");
            self.child(seq, i);
        }
    }

    fn child(&mut self, seq: Seq, i: u32) {
        let id = self.ast.seq(self.vm, seq, i);
        self.any(id);
    }

    fn form(&mut self, head: &str, ids: &[Id]) {
        self.text("(");
        self.text(head);
        for &id in ids {
            self.text(" ");
            self.any(id);
        }
        self.text(")");
    }

    fn named(&mut self, head: &str, name: Const, ids: &[Id]) {
        self.text("(");
        self.text(head);
        self.text(" ");
        self.name(name);
        for &id in ids {
            self.text(" ");
            self.any(id);
        }
        self.text(")");
    }

    fn block(&mut self, id: Id) {
        let Kind::Block(statements) = self.ast.node(self.vm, id).kind else {
            return self.any(id);
        };
        self.indent += 1;
        for i in 0..self.ast.seq_len(self.vm, statements) {
            self.text("\n");
            self.out.extend(std::iter::repeat_n("  ", self.indent));
            self.child(statements, i);
        }
        self.indent -= 1;
    }

    /// Any node.
    fn any(&mut self, id: Id) {
        if id.is_none() {
            return self.text("-");
        }
        let seq = |seq, i| self.ast.seq(self.vm, seq, i);
        match self.ast.node(self.vm, id).kind {
            Kind::Name(name) => self.name(name),
            Kind::Literal(value) => self.constant(value),
            Kind::JoinedStr(parts) => self.list("fstr", parts),
            Kind::TemplateStr(parts) => self.list("tstr", parts),
            Kind::FormattedValue { conv, value, more } => {
                let head = ["field", "field!s", "field!r", "field!a"][conv as usize];
                self.form(head, &[value]);
                if self.ast.seq_len(self.vm, more) > 0 {
                    self.out.pop();
                    self.rest(more, 0);
                    self.text(")");
                }
            }
            Kind::Tuple(items) => self.list("tuple", items),
            Kind::List(items) => self.list("list", items),
            Kind::Set(items) => self.list("set", items),
            Kind::Dict(items) => self.list("dict", items),
            Kind::Unary { op, operand } => self.form(&std::format!("{op:?}"), &[operand]),
            Kind::Binary { op, lhs, rhs } => self.form(&std::format!("{op:?}"), &[lhs, rhs]),
            Kind::BoolAnd(parts) => self.list("and", parts),
            Kind::BoolOr(parts) => self.list("or", parts),
            Kind::Compare { op, lhs, rhs } => self.form(&std::format!("{op:?}"), &[lhs, rhs]),
            Kind::CompareChain(parts) => self.list("chain", parts),
            Kind::CompareLink { op, rhs } => self.form(&std::format!("{op:?}"), &[rhs]),
            Kind::Call { function, args } => {
                self.text("(call ");
                self.any(function);
                self.rest(args, 0);
                self.text(")");
            }
            Kind::Keyword { name, value } => self.named("kw", name, &[value]),
            Kind::Starred(value) => self.form("star", &[value]),
            Kind::DoubleStarred(value) => self.form("starstar", &[value]),
            Kind::Attribute { object, name } => self.named("attr", name, &[object]),
            Kind::Subscript { object, index } => self.form("index", &[object, index]),
            Kind::Slice(parts) => self.list("slice", parts),
            Kind::Lambda(function) => self.form("lambda", &[function]),
            Kind::IfExp(parts) => self.list("ifexp", parts),
            Kind::NamedExpr { target, value } => self.form("walrus", &[target, value]),
            Kind::Comprehension { kind, element, clauses } => {
                let head = std::format!("comp{kind:?} ");
                self.text("(");
                self.text(&head);
                self.any(element);
                self.rest(clauses, 0);
                self.text(")");
            }
            Kind::CompFor { is_async, target, iter } => {
                self.form(if is_async { "async-for" } else { "for" }, &[target, iter]);
            }
            Kind::CompIf(test) => self.form("if", &[test]),
            Kind::Pair(key, value) => self.form("pair", &[key, value]),
            Kind::Yield(value) => self.form("yield", &[value]),
            Kind::YieldFrom(value) => self.form("yield-from", &[value]),
            Kind::Await(value) => self.form("await", &[value]),
            Kind::Expr(value) => self.form("expr", &[value]),
            Kind::Assign { targets, value } => {
                self.list("=", targets);
                self.out.pop();
                self.text(" ");
                self.any(value);
                self.text(")");
            }
            Kind::AugAssign { op, target, value } => {
                self.form(&std::format!("{op:?}="), &[target, value]);
            }
            Kind::AnnAssign { simple, parts } => {
                self.list(if simple { "ann" } else { "ann-complex" }, parts);
            }
            Kind::Delete(targets) => self.list("del", targets),
            Kind::Pass => self.text("pass"),
            Kind::Break => self.text("break"),
            Kind::Continue => self.text("continue"),
            Kind::Return(value) => self.form("return", &[value]),
            Kind::Raise { exc, cause } => self.form("raise", &[exc, cause]),
            Kind::Global(names) => self.list("global", names),
            Kind::Nonlocal(names) => self.list("nonlocal", names),
            Kind::Assert { test, message } => self.form("assert", &[test, message]),
            Kind::Import(names) => self.list("import", names),
            Kind::ImportFrom { level, module, names } => {
                let _ = write!(self.out, "(from {level} ");
                self.name(module);
                self.rest(names, 0);
                self.text(")");
            }
            Kind::ImportStar { level, module } => {
                let _ = write!(self.out, "(from {level} ");
                self.name(module);
                self.text(" *)");
            }
            Kind::Alias { name, asname } => {
                self.named("as", name, &[]);
                self.out.pop();
                self.text(" ");
                self.name(asname);
                self.text(")");
            }
            Kind::If(parts) => {
                self.form("if", &[seq(parts, 0)]);
                self.block(seq_of(self, parts, 1));
                let orelse = seq_of(self, parts, 2);
                if !orelse.is_none() && matches!(self.ast.node(self.vm, orelse).kind, Kind::If(_)) {
                    self.text("\nel");
                    return self.any(orelse);
                }
                self.clause("else", orelse);
            }
            Kind::Block(_) => {
                self.text("block");
                self.block(id);
            }
            Kind::While(parts) => {
                self.form("while", &[seq(parts, 0)]);
                self.block(seq_of(self, parts, 1));
                self.clause("else", seq_of(self, parts, 2));
            }
            Kind::For { is_async, parts } => {
                self.form(
                    if is_async { "async-for" } else { "for" },
                    &[seq(parts, 0), seq(parts, 1)],
                );
                self.block(seq_of(self, parts, 2));
                self.clause("else", seq_of(self, parts, 3));
            }
            Kind::Try { star, parts } => {
                self.text(if star { "try*" } else { "try" });
                self.block(seq(parts, 0));
                for i in 3..self.ast.seq_len(self.vm, parts) {
                    self.line();
                    self.child(parts, i);
                }
                self.clause("else", seq_of(self, parts, 1));
                self.clause("finally", seq_of(self, parts, 2));
            }
            Kind::Handler { name, parts } => {
                self.named("except", name, &[seq(parts, 0)]);
                self.block(seq_of(self, parts, 1));
            }
            Kind::With { is_async, parts } => {
                self.text(if is_async { "(async-with" } else { "(with" });
                self.rest(parts, 1);
                self.text(")");
                self.block(seq_of(self, parts, 0));
            }
            Kind::WithItem { context, target } => self.form("item", &[context, target]),
            Kind::Function { flags, name, parts } => {
                for i in 3..self.ast.seq_len(self.vm, parts) {
                    self.form("@", &[seq_of(self, parts, i)]);
                    self.line();
                }
                let head = ["def", "async-def", "fn"][flags as usize];
                self.named(head, name, &[seq_of(self, parts, 0), seq_of(self, parts, 2)]);
                if flags == 2 {
                    self.text(" ");
                }
                self.block(seq_of(self, parts, 1));
            }
            Kind::Args(parameters) => self.list("args", parameters),
            Kind::Param { kind, name, more } => {
                self.named(&std::format!("{kind:?}"), name, &[seq(more, 0), seq(more, 1)]);
            }
            Kind::Class { name, parts } => {
                let decorators = seq(parts, 1).0;
                for i in 2..2 + decorators {
                    self.form("@", &[seq_of(self, parts, i)]);
                    self.line();
                }
                self.named("class", name, &[]);
                self.out.pop();
                self.rest(parts, 2 + decorators);
                self.text(")");
                self.block(seq_of(self, parts, 0));
            }
            Kind::Match(parts) => {
                self.form("match", &[seq(parts, 0)]);
                for i in 1..self.ast.seq_len(self.vm, parts) {
                    self.line();
                    self.child(parts, i);
                }
            }
            Kind::Case(parts) => {
                self.form("case", &[seq(parts, 0), seq(parts, 1)]);
                self.block(seq_of(self, parts, 2));
            }
            Kind::TypeAlias { name, value } => self.named("type", name, &[value]),
            Kind::MatchValue(value) => self.form("value", &[value]),
            Kind::MatchSingleton(value) => {
                self.text("(is ");
                self.constant(value);
                self.text(")");
            }
            Kind::MatchSequence(items) => self.list("sequence", items),
            Kind::MatchStar(name) => self.named("rest", name, &[]),
            Kind::MatchMapping { rest, items } => {
                self.named("mapping", rest, &[]);
                self.out.pop();
                self.rest(items, 0);
                self.text(")");
            }
            Kind::MatchClass { class, patterns } => {
                self.form("instance", &[class]);
                self.out.pop();
                self.rest(patterns, 0);
                self.text(")");
            }
            Kind::MatchAs { pattern, name } => self.named("bind", name, &[pattern]),
            Kind::MatchOr(parts) => self.list("alternatives", parts),
        }
    }

    fn line(&mut self) {
        self.text("\n");
        self.out.extend(std::iter::repeat_n("  ", self.indent));
    }

    fn clause(&mut self, head: &str, block: Id) {
        if !block.is_none() {
            self.line();
            self.text(head);
            self.block(block);
        }
    }
}

fn seq_of(dump: &Dump<'_>, seq: Seq, i: u32) -> Id {
    dump.ast.seq(dump.vm, seq, i)
}
