//! `match` statements and their patterns.
//!
//! Source: Python Language Reference, "The match statement"; PEP 634.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, Const, Id, Kind, Seq};
use super::super::token::{Flavour, Tok};
use super::expr::SUM;
use super::{Parsed, Parser};
use crate::Vm;
use crate::value::Value;

impl Parser<'_> {
    /// A `match` statement; `None` where the name `match` begins an expression.
    pub(super) fn match_statement(&mut self, vm: &mut Vm) -> Parsed<Option<Id>> {
        if !self.is_match(vm)? {
            return Ok(None);
        }
        let line = self.token.line;
        self.advance(vm)?;
        let mark = self.ast.mark();
        let subject = self.named_expressions(vm)?;
        self.wait(vm, subject)?;
        self.expect(vm, Tok::Colon)?;
        self.expect(vm, Tok::Newline)?;
        self.expect(vm, Tok::Indent)?;
        while !self.accept(vm, Tok::Dedent)? {
            let case = self.case(vm)?;
            self.wait(vm, case)?;
        }
        let parts = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::Match(parts)).map(Some)
    }

    /// At the name `match`: true when a statement begins here. What can go on as an expression too is decided by
    /// the end of the line: a statement ends with a colon.
    fn is_match(&mut self, vm: &mut Vm) -> Parsed<bool> {
        match self.peek(vm)? {
            Tok::LParen
            | Tok::LBracket
            | Tok::Not
            | Tok::Op(BinOp::Add | BinOp::Sub | BinOp::Mul) => {}
            next => return Ok(next.begins_expression()),
        }
        let saved = self.lexer.save();
        let mut last = Tok::End;
        loop {
            match self.lexer.next(vm)?.kind {
                Tok::Newline | Tok::End => break,
                Tok::Str(prefix) => {
                    self.lexer.skip_string(vm, prefix)?;
                    last = Tok::End;
                }
                kind => last = kind,
            }
        }
        self.lexer.rewind(vm, saved)?;
        Ok(last == Tok::Colon)
    }

    fn case(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        if !self.at_word(vm, b"case") {
            return Err(self.syntax(vm));
        }
        self.advance(vm)?;
        let pattern = self.open_pattern(vm)?;
        let guard = if self.accept(vm, Tok::If)? { self.named_expression(vm)? } else { Id::NONE };
        let body = self.block(vm)?;
        let parts = self.seq(vm, &[pattern, guard, body])?;
        self.node(vm, line, Kind::Case(parts))
    }

    /// A pattern, or several with commas: a sequence.
    fn open_pattern(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        let first = self.star_pattern(vm)?;
        if self.token.kind != Tok::Comma {
            return self.unstarred_pattern(vm, first);
        }
        let mark = self.ast.mark();
        self.wait(vm, first)?;
        while self.accept(vm, Tok::Comma)? && !matches!(self.token.kind, Tok::If | Tok::Colon) {
            let item = self.star_pattern(vm)?;
            self.wait(vm, item)?;
        }
        self.sequence_from(vm, line, mark)
    }

    fn unstarred_pattern(&mut self, vm: &mut Vm, pattern: Id) -> Parsed {
        match self.kind(vm, pattern) {
            Kind::MatchStar(_) => Err(self.syntax(vm)),
            _ => Ok(pattern),
        }
    }

    fn sequence_from(&mut self, vm: &mut Vm, line: u32, mark: u32) -> Parsed {
        let stars = (mark..self.ast.mark())
            .filter(|&i| matches!(self.kind(vm, self.ast.waiting(vm, i)), Kind::MatchStar(_)))
            .count();
        if stars > 1 {
            return Err(self.error(vm, "multiple starred expressions in sequence pattern"));
        }
        let items = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::MatchSequence(items))
    }

    fn star_pattern(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        if !self.accept(vm, Tok::Op(BinOp::Mul))? {
            return self.pattern(vm);
        }
        let name = self.capture_name(vm)?;
        self.node(vm, line, Kind::MatchStar(name))
    }

    /// A name to bind; `Const::NONE` for `_`.
    fn capture_name(&mut self, vm: &mut Vm) -> Parsed<Const> {
        let name = self.expect_name(vm)?;
        if vm.str_bytes(name) == b"_" { Ok(Const::NONE) } else { self.ast.push_constant(vm, name) }
    }

    /// Alternatives, perhaps with `as name`.
    fn pattern(&mut self, vm: &mut Vm) -> Parsed {
        vm.enter_native()?;
        let line = self.token.line;
        let mut pattern = self.closed_pattern(vm)?;
        if self.token.kind == Tok::Op(BinOp::Or) {
            let mark = self.ast.mark();
            self.wait(vm, pattern)?;
            while self.accept(vm, Tok::Op(BinOp::Or))? {
                let alternative = self.closed_pattern(vm)?;
                self.wait(vm, alternative)?;
            }
            let alternatives = self.ast.seq_from(vm, mark)?;
            pattern = self.node(vm, line, Kind::MatchOr(alternatives))?;
        }
        if self.accept(vm, Tok::As)? {
            let name = self.capture_name(vm)?;
            if name == Const::NONE {
                return Err(self.error(vm, "cannot use '_' as a target"));
            }
            return self.node(vm, line, Kind::MatchAs { pattern, name });
        }
        Ok(pattern)
    }

    fn closed_pattern(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        match self.token.kind {
            Tok::None | Tok::True | Tok::False => {
                let value = match self.token.kind {
                    Tok::None => Value::NONE,
                    kind => Value::bool(kind == Tok::True),
                };
                self.advance(vm)?;
                let value = self.ast.push_constant(vm, value)?;
                self.node(vm, line, Kind::MatchSingleton(value))
            }
            Tok::Number | Tok::Str(_) | Tok::Op(BinOp::Sub) => {
                let value = self.literal_pattern(vm)?;
                self.node(vm, line, Kind::MatchValue(value))
            }
            Tok::LParen => self.group_pattern(vm),
            Tok::LBracket => {
                self.advance(vm)?;
                let mark = self.ast.mark();
                self.patterns(vm, Tok::RBracket)?;
                self.expect(vm, Tok::RBracket)?;
                self.sequence_from(vm, line, mark)
            }
            Tok::LBrace => self.mapping_pattern(vm),
            Tok::Name => self.name_pattern(vm),
            _ => Err(self.syntax(vm)),
        }
    }

    /// A string or a number, the latter perhaps negative or complex.
    fn literal_pattern(&mut self, vm: &mut Vm) -> Parsed {
        if let Tok::Str(prefix) = self.token.kind {
            let strings = self.strings(vm)?;
            if prefix.flavour == Flavour::Template || strings.as_literal().is_none() {
                return Err(
                    self.error(vm, "patterns may only match literals and attribute lookups")
                );
            }
            return Ok(strings);
        }
        let mut sign_line = None;
        let line = self.token.line;
        if self.accept(vm, Tok::Op(BinOp::Sub))? {
            sign_line = Some(line);
        }
        if self.token.kind != Tok::Number {
            return Err(self.syntax(vm));
        }
        let mut value = self.literal(vm, self.token.value)?;
        self.advance(vm)?;
        if sign_line.is_some() {
            value = self.unary(vm, line, super::super::ast::UnaryOp::Neg, value)?;
        }
        while let Tok::Op(op @ (BinOp::Add | BinOp::Sub)) = self.token.kind {
            self.advance(vm)?;
            if self.token.kind != Tok::Number {
                return Err(self.syntax(vm));
            }
            let rhs = self.expression(vm, SUM + 1)?;
            value = self.binary(vm, line, op, value, rhs)?;
        }
        Ok(value)
    }

    /// Patterns with commas up to `end`, on the scratch stack; true when there was a comma.
    fn patterns(&mut self, vm: &mut Vm, end: Tok) -> Parsed<bool> {
        let mut comma = false;
        while self.token.kind != end {
            let item = self.star_pattern(vm)?;
            self.wait(vm, item)?;
            if !self.accept(vm, Tok::Comma)? {
                break;
            }
            comma = true;
        }
        Ok(comma)
    }

    /// `(pattern)` or a sequence in round brackets.
    fn group_pattern(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let mark = self.ast.mark();
        let comma = self.patterns(vm, Tok::RParen)?;
        self.expect(vm, Tok::RParen)?;
        if comma || self.ast.mark() == mark {
            return self.sequence_from(vm, line, mark);
        }
        let only = self.ast.waiting(vm, mark);
        self.ast.forget(mark);
        self.unstarred_pattern(vm, only)
    }

    fn mapping_pattern(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let mark = self.ast.mark();
        let mut rest = Const::NONE;
        while self.token.kind != Tok::RBrace {
            if rest != Const::NONE {
                return Err(self.syntax(vm));
            }
            if self.accept(vm, Tok::Op(BinOp::Pow))? {
                rest = self.capture_name(vm)?;
                if rest == Const::NONE {
                    return Err(self.syntax(vm));
                }
            } else {
                let key = self.mapping_key(vm)?;
                self.wait(vm, key)?;
                self.expect(vm, Tok::Colon)?;
                let value = self.pattern(vm)?;
                self.wait(vm, value)?;
            }
            if !self.accept(vm, Tok::Comma)? {
                break;
            }
        }
        self.expect(vm, Tok::RBrace)?;
        let items = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::MatchMapping { rest, items })
    }

    fn mapping_key(&mut self, vm: &mut Vm) -> Parsed {
        let kind = self.token.kind;
        let value = match kind {
            Tok::None => Value::NONE,
            Tok::True => Value::TRUE,
            Tok::False => Value::FALSE,
            Tok::Name if self.peek(vm)? == Tok::Dot => return self.dotted_value(vm),
            Tok::Name => match self.const_value(vm, self.token.value) {
                Some(value) => value,
                None => return Err(self.syntax(vm)),
            },
            _ => return self.literal_pattern(vm),
        };
        self.advance(vm)?;
        self.literal(vm, value)
    }

    /// `name`, `name.name…` as an expression.
    fn dotted_value(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        let mut value = Id::name(self.name(vm)?);
        while self.accept(vm, Tok::Dot)? {
            let name = self.name(vm)?;
            value = self.node(vm, line, Kind::Attribute { object: value, name })?;
        }
        Ok(value)
    }

    /// A capture, `_`, a dotted name or a class.
    fn name_pattern(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        if let Tok::Dot | Tok::LParen = self.peek(vm)? {
            let value = self.dotted_value(vm)?;
            if self.accept(vm, Tok::LParen)? {
                let patterns = self.class_patterns(vm)?;
                return self.node(vm, line, Kind::MatchClass { class: value, patterns });
            }
            return self.node(vm, line, Kind::MatchValue(value));
        }
        let name = self.capture_name(vm)?;
        self.node(vm, line, Kind::MatchAs { pattern: Id::NONE, name })
    }

    /// The patterns of a class pattern and its closing bracket.
    fn class_patterns(&mut self, vm: &mut Vm) -> Parsed<Seq> {
        let mark = self.ast.mark();
        let mut keywords = false;
        while self.token.kind != Tok::RParen {
            let line = self.token.line;
            let item = if self.token.kind == Tok::Name && self.peek(vm)? == Tok::Assign {
                keywords = true;
                let name = self.name(vm)?;
                self.advance(vm)?;
                let value = self.pattern(vm)?;
                self.node(vm, line, Kind::Keyword { name, value })?
            } else if keywords {
                return Err(self.error(vm, "positional patterns follow keyword patterns"));
            } else {
                self.pattern(vm)?
            };
            self.wait(vm, item)?;
            if !self.accept(vm, Tok::Comma)? {
                break;
            }
        }
        self.expect(vm, Tok::RParen)?;
        self.ast.seq_from(vm, mark)
    }
}
