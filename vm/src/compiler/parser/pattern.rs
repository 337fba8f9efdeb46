//! `match` statements and their patterns.
//!
//! Source: Python Language Reference, "The match statement"; PEP 634.
#![forbid(unsafe_code)]

use super::super::ast::{Const, Id, Kind, Node, Seq, UnaryOp};
use super::super::token::Tok;
use super::Parser;
use super::expr::SUM;
use super::grammar::Rule;
use super::steps::Frame;
use crate::value::Value;

impl Parser<'_> {
    /// A `match` statement; it leaves its one node on the scratch stack.
    pub(super) fn match_statement(&mut self, frame: &mut Frame) {
        self.advance();
        self.rule(Rule::StarNamed);
        if self.token.kind == Tok::Comma {
            while self.accept(Tok::Comma) && self.token.kind.begins_expression() {
                self.rule(Rule::StarNamed);
            }
            self.tuple_from(frame.line, frame.mark);
        }
        self.unstarred();
        self.expect(Tok::Colon);
        self.expect(Tok::Newline);
        self.expect(Tok::Indent);
        while !self.accept(Tok::Dedent) && self.token.kind != Tok::End {
            self.case();
        }
        let parts = self.seq_from(frame.mark);
        self.put(frame, Kind::Match(parts));
    }

    /// At the name `match`: true when a statement begins here. What can go on as an expression too is decided by
    /// the end of the line: a statement ends with a colon.
    #[inline(never)]
    pub(super) fn is_match(&mut self) -> bool {
        match self.peek() {
            Tok::LParen | Tok::LBracket | Tok::Not | Tok::Plus | Tok::Minus | Tok::Star => {}
            next => return next.begins_expression(),
        }
        let saved = self.lexer.save();
        let mut last = Tok::End;
        let mut token = self.token;
        loop {
            self.lexer.next(&mut token);
            match token.kind {
                Tok::Newline | Tok::End => break,
                Tok::Str => {
                    self.lexer.skip_string(token.prefix);
                    last = Tok::End;
                }
                kind => last = kind,
            }
        }
        self.lexer.rewind(saved);
        last == Tok::Colon
    }

    /// A `case`, put on the scratch stack.
    fn case(&mut self) {
        let frame = self.frame();
        if !self.at_word(b"case") {
            return self.syntax();
        }
        self.advance();
        let pattern = self.open_pattern();
        self.wait(pattern);
        let guard = if self.accept(Tok::If) { self.parse(Rule::Named) } else { Id::NONE };
        self.wait(guard);
        self.rule(Rule::Block);
        let parts = self.seq_from(frame.mark);
        self.put(&frame, Kind::Case(parts));
    }

    /// A pattern, or several with commas: a sequence.
    fn open_pattern(&mut self) -> Id {
        let line = self.token.line;
        let first = self.star_pattern();
        if self.token.kind != Tok::Comma {
            return self.unstarred_pattern(first);
        }
        let mark = self.mark();
        self.wait(first);
        while self.accept(Tok::Comma) && !matches!(self.token.kind, Tok::If | Tok::Colon) {
            let item = self.star_pattern();
            self.wait(item);
        }
        self.sequence_from(line, mark)
    }

    fn unstarred_pattern(&mut self, pattern: Id) -> Id {
        if self.is_star_pattern(pattern) {
            self.syntax();
        }
        pattern
    }

    fn is_star_pattern(&self, pattern: Id) -> bool {
        matches!(self.kind(pattern), Kind::MatchStar(_))
    }

    fn sequence_from(&mut self, line: u32, mark: u32) -> Id {
        let stars = (mark..self.mark()).filter(|&i| self.is_star_pattern(self.waiting(i))).count();
        if stars > 1 {
            self.error("multiple starred expressions in sequence pattern");
        }
        let items = self.seq_from(mark);
        self.node(&Node { line, kind: Kind::MatchSequence(items) })
    }

    fn star_pattern(&mut self) -> Id {
        let line = self.token.line;
        if !self.accept(Tok::Star) {
            return self.pattern();
        }
        let name = self.capture_name();
        self.node(&Node { line, kind: Kind::MatchStar(name) })
    }

    /// A name to bind; `Const::NONE` for `_`.
    fn capture_name(&mut self) -> Const {
        let name = self.expect_name();
        if self.lexer.vm.str_bytes(name) == b"_" { Const::NONE } else { self.constant(name) }
    }

    /// Alternatives, perhaps with `as name`.
    fn pattern(&mut self) -> Id {
        if !self.enter() {
            return Id::NONE;
        }
        let line = self.token.line;
        let mut pattern = self.closed_pattern();
        if self.token.kind == Tok::Bar {
            let mark = self.mark();
            self.wait(pattern);
            while self.accept(Tok::Bar) {
                let alternative = self.closed_pattern();
                self.wait(alternative);
            }
            let alternatives = self.seq_from(mark);
            pattern = self.node(&Node { line, kind: Kind::MatchOr(alternatives) });
        }
        if self.accept(Tok::As) {
            let name = self.capture_name();
            if name == Const::NONE {
                self.error("cannot use '_' as a target");
            }
            return self.node(&Node { line, kind: Kind::MatchAs { pattern, name } });
        }
        pattern
    }

    fn closed_pattern(&mut self) -> Id {
        let line = self.token.line;
        match self.token.kind {
            Tok::None | Tok::True | Tok::False => {
                let value = match self.token.kind {
                    Tok::None => Value::NONE,
                    kind => Value::bool(kind == Tok::True),
                };
                self.advance();
                let value = self.constant(value);
                self.node(&Node { line, kind: Kind::MatchSingleton(value) })
            }
            Tok::Number | Tok::Str | Tok::Minus => {
                let value = self.literal_pattern();
                self.node(&Node { line, kind: Kind::MatchValue(value) })
            }
            Tok::LParen => self.group_pattern(),
            Tok::LBracket => {
                self.advance();
                let mark = self.mark();
                self.patterns(Tok::RBracket);
                self.expect(Tok::RBracket);
                self.sequence_from(line, mark)
            }
            Tok::LBrace => self.mapping_pattern(),
            Tok::Name => self.name_pattern(),
            _ => {
                self.syntax();
                Id::NONE
            }
        }
    }

    /// A string or a number, the latter perhaps negative or complex.
    fn literal_pattern(&mut self) -> Id {
        if self.token.kind == Tok::Str {
            let template = self.token.prefix.is_template();
            self.strings();
            let strings = self.pop();
            if template || strings.as_literal().is_none() {
                self.error("patterns may only match literals and attribute lookups");
            }
            return strings;
        }
        let frame = self.frame();
        let negative = self.accept(Tok::Minus);
        self.wait_literal(self.token.value);
        self.expect(Tok::Number);
        if negative {
            self.unary(&frame, UnaryOp::Neg);
        }
        while let kind @ (Tok::Plus | Tok::Minus) = self.token.kind
            && let Some(op) = kind.binary()
        {
            self.advance();
            if self.token.kind != Tok::Number {
                self.syntax();
            }
            self.expression(SUM + 1);
            self.binary(&frame, op);
        }
        self.pop()
    }

    /// Patterns with commas up to `end`, on the scratch stack; true when there was a comma.
    fn patterns(&mut self, end: Tok) -> bool {
        let mut comma = false;
        while self.token.kind != end {
            let item = self.star_pattern();
            self.wait(item);
            if !self.accept(Tok::Comma) {
                break;
            }
            comma = true;
        }
        comma
    }

    /// `(pattern)` or a sequence in round brackets.
    fn group_pattern(&mut self) -> Id {
        let line = self.token.line;
        self.advance();
        let mark = self.mark();
        let comma = self.patterns(Tok::RParen);
        self.expect(Tok::RParen);
        if comma || self.mark() == mark {
            return self.sequence_from(line, mark);
        }
        let only = self.take_waiting(mark);
        self.unstarred_pattern(only)
    }

    fn mapping_pattern(&mut self) -> Id {
        let line = self.token.line;
        self.advance();
        let mark = self.mark();
        let mut rest = Const::NONE;
        while self.token.kind != Tok::RBrace {
            if rest != Const::NONE {
                self.syntax();
            }
            if self.accept(Tok::DoubleStar) {
                rest = self.capture_name();
                if rest == Const::NONE {
                    self.syntax();
                }
            } else {
                let key = self.mapping_key();
                self.wait(key);
                self.expect(Tok::Colon);
                let value = self.pattern();
                self.wait(value);
            }
            if !self.accept(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RBrace);
        let items = self.seq_from(mark);
        self.node(&Node { line, kind: Kind::MatchMapping { rest, items } })
    }

    fn mapping_key(&mut self) -> Id {
        let kind = self.token.kind;
        let value = match kind {
            Tok::None => Value::NONE,
            Tok::True => Value::TRUE,
            Tok::False => Value::FALSE,
            Tok::Name if self.peek() == Tok::Dot => return self.dotted_value(),
            Tok::Name => match self.const_value(self.token.value) {
                Some(value) => value,
                None => {
                    self.syntax();
                    return Id::NONE;
                }
            },
            _ => return self.literal_pattern(),
        };
        self.advance();
        Id::literal(self.constant(value))
    }

    /// `name`, `name.name…` as an expression.
    fn dotted_value(&mut self) -> Id {
        let line = self.token.line;
        let mut value = Id::name(self.name());
        while self.accept(Tok::Dot) {
            let name = self.name();
            value = self.node(&Node { line, kind: Kind::Attribute { object: value, name } });
        }
        value
    }

    /// A capture, `_`, a dotted name or a class.
    fn name_pattern(&mut self) -> Id {
        let line = self.token.line;
        if let Tok::Dot | Tok::LParen = self.peek() {
            let value = self.dotted_value();
            if self.accept(Tok::LParen) {
                let patterns = self.class_patterns();
                return self
                    .node(&Node { line, kind: Kind::MatchClass { class: value, patterns } });
            }
            return self.node(&Node { line, kind: Kind::MatchValue(value) });
        }
        let name = self.capture_name();
        self.node(&Node { line, kind: Kind::MatchAs { pattern: Id::NONE, name } })
    }

    /// The patterns of a class pattern and its closing bracket.
    fn class_patterns(&mut self) -> Seq {
        let mark = self.mark();
        let mut keywords = false;
        while self.token.kind != Tok::RParen {
            let line = self.token.line;
            let item = if self.token.kind == Tok::Name && self.peek() == Tok::Assign {
                keywords = true;
                let name = self.name();
                self.advance();
                let value = self.pattern();
                self.node(&Node { line, kind: Kind::Keyword { name, value } })
            } else if keywords {
                self.error("positional patterns follow keyword patterns");
                Id::NONE
            } else {
                self.pattern()
            };
            self.wait(item);
            if !self.accept(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RParen);
        self.seq_from(mark)
    }
}
