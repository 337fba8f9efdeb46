//! Simple statements, and lines of them.
#![forbid(unsafe_code)]

use super::super::ast::{Const, Id, Kind};
use super::super::token::Tok;
use super::Parser;
use super::expr::TEST;
use crate::object::Str;
use crate::value::Value;
use crate::value::names::q;

impl Parser<'_> {
    /// A compound statement or a line of simple ones; puts what it is on the scratch stack.
    pub(super) fn statement(&mut self) {
        if !self.enter() {
            return;
        }
        let compound = self.compound();
        if compound.is_none() { self.simple_line() } else { self.wait(compound) }
    }

    /// Simple statements up to the end of the line; puts them on the scratch stack.
    pub(super) fn simple_line(&mut self) {
        loop {
            let statement = self.simple();
            self.wait(statement);
            if !self.accept(Tok::Semicolon) || self.token.kind == Tok::Newline {
                break;
            }
        }
        self.expect(Tok::Newline);
    }

    fn simple(&mut self) -> Id {
        let line = self.token.line;
        let keyword = self.token.kind;
        match keyword {
            Tok::Pass
            | Tok::Break
            | Tok::Continue
            | Tok::Return
            | Tok::Raise
            | Tok::Global
            | Tok::Nonlocal
            | Tok::Del
            | Tok::Assert
            | Tok::Import
            | Tok::From => self.advance(),
            Tok::Name
                if cfg!(feature = "extra") && self.at_word(b"type") && self.peek() == Tok::Name =>
            {
                return self.type_alias();
            }
            _ => return self.expression_statement(),
        }
        let kind = match keyword {
            Tok::Break => Kind::Break,
            Tok::Continue => Kind::Continue,
            Tok::Return => Kind::Return(self.optional_expressions()),
            Tok::Raise => {
                let (mut exc, mut cause) = (Id::NONE, Id::NONE);
                if self.token.kind.begins_expression() {
                    exc = self.expression(TEST);
                    cause = self.expression_after(Tok::From);
                }
                Kind::Raise { exc, cause }
            }
            Tok::Global | Tok::Nonlocal => {
                let mark = self.mark();
                self.list(Tok::End, |parser| Id::name(parser.name()));
                let names = self.seq_from(mark);
                if keyword == Tok::Global { Kind::Global(names) } else { Kind::Nonlocal(names) }
            }
            Tok::Del => {
                let target = self.star_expressions();
                self.check(target, false);
                Kind::Delete(match self.kind(target) {
                    Kind::Tuple(items) => items,
                    _ => self.seq(&[target]),
                })
            }
            Tok::Assert => {
                let test = self.expression(TEST);
                Kind::Assert { test, message: self.expression_after(Tok::Comma) }
            }
            Tok::Import => {
                let mark = self.mark();
                self.list(Tok::End, |parser| {
                    let name = parser.dotted_name();
                    parser.alias(name)
                });
                Kind::Import(self.seq_from(mark))
            }
            Tok::From => self.import_from(),
            _ => Kind::Pass,
        };
        self.node(line, kind)
    }

    /// An expression behind `kind`, if that is here; else [`Id::NONE`].
    pub(super) fn expression_after(&mut self, kind: Tok) -> Id {
        if self.accept(kind) { self.expression(TEST) } else { Id::NONE }
    }

    // ---- import

    /// `a.b.c` as one string.
    fn dotted_name(&mut self) -> Const {
        // The lexer's text is empty outside of strings.
        loop {
            if let Some(part) = Str::from_value(self.expect_name()) {
                self.lexer.text.add(self.lexer.vm, part.as_bytes());
            }
            if !self.accept(Tok::Dot) {
                break;
            }
            self.lexer.push_text('.');
        }
        let dotted = core::str::from_utf8(self.lexer.text.as_bytes()).unwrap_or("");
        let name = self.lexer.vm.intern(dotted);
        self.lexer.text.truncate(0);
        let name = self.lexer.checked(name);
        self.constant(name)
    }

    /// A name with what may follow it.
    fn alias(&mut self, name: Const) -> Id {
        let asname = if self.accept(Tok::As) { self.name() } else { Const::NONE };
        self.node(0, Kind::Alias { name, asname })
    }

    fn import_from(&mut self) -> Kind {
        let mut level = 0u8;
        loop {
            let dots = match self.token.kind {
                Tok::Dot => 1,
                Tok::Ellipsis => 3,
                _ => break,
            };
            level = level.saturating_add(dots);
            self.advance();
        }
        let module = if level > 0 && self.token.kind == Tok::Import {
            self.constant(q::EMPTY.value())
        } else {
            self.dotted_name()
        };
        self.expect(Tok::Import);
        if self.accept(Tok::Star) {
            return Kind::ImportStar { level, module };
        }
        let mark = self.mark();
        let bracketed = self.accept(Tok::LParen);
        let end = if bracketed { Tok::RParen } else { Tok::End };
        if self.token.kind == end {
            self.syntax();
        }
        self.list(end, |parser| {
            let name = parser.name();
            parser.alias(name)
        });
        if bracketed {
            self.expect(end);
        }
        Kind::ImportFrom { level, module, names: self.seq_from(mark) }
    }

    // ---- assignment

    fn type_alias(&mut self) -> Id {
        let line = self.token.line;
        self.advance();
        let name = self.name();
        self.type_parameters();
        self.expect(Tok::Assign);
        let value = self.expression(TEST);
        self.node(line, Kind::TypeAlias { name, value })
    }

    fn expression_statement(&mut self) -> Id {
        let line = self.token.line;
        let bracketed = self.token.kind == Tok::LParen;
        let first = self.yield_or_expressions();
        let kind = match self.token.kind {
            Tok::Colon => self.annotated(first, bracketed),
            Tok::Assign => self.assignment(first),
            kind => match kind.augmented() {
                Some(op) => {
                    let message = "illegal expression for augmented assignment";
                    self.check_single_target(first, message);
                    self.advance();
                    let value = self.yield_or_expressions();
                    Kind::AugAssign { op, target: first, value }
                }
                None => Kind::Expr(first),
            },
        };
        self.node(line, kind)
    }

    fn annotated(&mut self, target: Id, bracketed: bool) -> Kind {
        self.check_single_target(target, "invalid syntax");
        self.advance();
        let annotation = self.expression(TEST);
        let mut value = Id::NONE;
        if self.accept(Tok::Assign) {
            value = self.yield_or_expressions();
            if self.defines_constant(target, &mut value) {
                return Kind::Pass;
            }
        }
        let simple = target.as_name().is_some() && !bracketed;
        let parts = self.seq(&[target, annotation, value]);
        Kind::AnnAssign { simple, parts }
    }

    /// `first = …`, at the first `=`.
    fn assignment(&mut self, first: Id) -> Kind {
        let mark = self.mark();
        let mut value = first;
        while self.accept(Tok::Assign) {
            self.check_target(value);
            self.wait(value);
            value = self.yield_or_expressions();
        }
        if self.mark() == mark + 1 && self.defines_constant(first, &mut value) {
            self.ast.forget(mark);
            return Kind::Pass;
        }
        let targets = self.seq_from(mark);
        Kind::Assign { targets, value }
    }

    // ---- const

    /// For `target = const(value)`: records the constant, and its literal becomes the value. True when it is not stored:
    /// its name begins with an underscore.
    fn defines_constant(&mut self, target: Id, value: &mut Id) -> bool {
        let (Some(target), Kind::Call { function, args }) = (target.as_name(), self.kind(*value))
        else {
            return false;
        };
        let vm = &*self.lexer.vm;
        if !self.is_named(function, b"const") || self.ast.seq_len(vm, args) != 1 {
            return false;
        }
        *value = self.ast.seq(vm, args, 0);
        let Some(constant) = self.literal_of(*value) else {
            self.error("not a constant");
            return false;
        };
        let name = self.constant_of(target);
        let result = self.consts.set_name(self.lexer.vm, name, constant);
        self.lexer.check(result);
        self.lexer.vm.str_bytes(name).first() == Some(&b'_')
    }

    /// True for a variable of this name.
    pub(super) fn is_named(&self, id: Id, name: &[u8]) -> bool {
        id.as_name().is_some_and(|id| self.lexer.vm.str_bytes(self.constant_of(id)) == name)
    }

    /// The value that `const` gave this name.
    pub(super) fn const_value(&self, name: Value) -> Option<Value> {
        self.consts.get_name(self.lexer.vm, name)
    }
}
