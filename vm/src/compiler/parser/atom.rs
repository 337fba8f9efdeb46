//! Names, literals, brackets, and what may follow them: calls, subscripts, attributes.
#![forbid(unsafe_code)]

use super::super::ast::{CompKind, Id, Kind, Seq};
use super::super::token::Tok;
use super::Parser;
use super::expr::{BIT_OR, OR, TEST};
use crate::Vm;
use crate::value::Value;

impl Parser<'_> {
    /// An atom with its trailers, perhaps awaited.
    pub(super) fn primary(&mut self) -> Id {
        let line = self.token.line;
        if self.accept(Tok::Await) {
            if !self.enter() {
                return Id::NONE;
            }
            let value = self.primary();
            return self.node(line, Kind::Await(value));
        }
        let atom = self.atom();
        self.trailers(line, atom)
    }

    /// `.name`, `(…)` and `[…]` after an expression.
    pub(super) fn trailers(&mut self, line: u32, mut object: Id) -> Id {
        loop {
            let kind = if self.accept(Tok::Dot) {
                if self.in_const
                    && let Some(value) = self.module_constant(object)
                {
                    self.advance();
                    object = self.literal(value);
                    continue;
                }
                Kind::Attribute { object, name: self.name() }
            } else if self.accept(Tok::LParen) {
                let outer = self.in_const;
                self.in_const = outer || self.is_named(object, b"const");
                let args = self.arguments();
                self.in_const = outer;
                Kind::Call { function: object, args }
            } else if self.accept(Tok::LBracket) {
                Kind::Subscript { object, index: self.index() }
            } else {
                return object;
            };
            object = self.node(line, kind);
        }
    }

    /// The number that a built-in module has under the name at hand.
    fn module_constant(&self, module: Id) -> Option<Value> {
        let vm: &Vm = self.lexer.vm;
        let module = vm.str_bytes(self.constant_of(module.as_name()?));
        let module = vm.native_module(module)?;
        let value = module.own(self.token.value).filter(|_| self.token.kind == Tok::Name)?;
        super::fold::is_number(value).then_some(value)
    }

    fn atom(&mut self) -> Id {
        let value = match self.token.kind {
            Tok::Name => return self.variable(),
            Tok::Str => return self.strings(),
            Tok::LParen => return self.parenthesised(),
            Tok::LBracket => return self.list_display(),
            Tok::LBrace => return self.brace_display(),
            Tok::Number => self.token.value,
            Tok::None => Value::NONE,
            Tok::True => Value::TRUE,
            Tok::False => Value::FALSE,
            Tok::Ellipsis => Value::ELLIPSIS,
            _ => return self.syntax(),
        };
        self.advance();
        self.literal(value)
    }

    /// An identifier: a variable, or the value that `const` gave it.
    fn variable(&mut self) -> Id {
        let name = self.expect_name();
        if self.lexer.vm.str_bytes(name) == b"__debug__" {
            return self.literal(Value::bool(self.debug));
        }
        match self.const_value(name) {
            Some(value) => self.literal(value),
            None => Id::name(self.constant(name)),
        }
    }

    fn parenthesised(&mut self) -> Id {
        let line = self.token.line;
        self.advance();
        let inner = match self.token.kind {
            Tok::Yield => self.yield_expression(),
            Tok::RParen => self.literal(Vm::empty_tuple()),
            _ => {
                let mut inner = self.star_expression(true);
                if self.at_for() {
                    inner = self.comprehension(line, CompKind::Generator, inner);
                } else if self.token.kind == Tok::Comma {
                    let mark = self.mark();
                    self.items_from(Tok::RParen, inner);
                    inner = self.tuple_from(line, mark);
                }
                self.unstarred(inner)
            }
        };
        self.expect(Tok::RParen);
        inner
    }

    /// Puts `first` and, if a comma follows, further expressions up to `end` on the scratch stack.
    fn items_from(&mut self, end: Tok, first: Id) {
        self.wait(first);
        if self.accept(Tok::Comma) {
            self.list(end, |parser| parser.star_expression(true));
        }
    }

    fn list_display(&mut self) -> Id {
        let line = self.token.line;
        self.advance();
        let mark = self.mark();
        if self.token.kind != Tok::RBracket {
            let first = self.star_expression(true);
            if self.at_for() {
                let list = self.comprehension(line, CompKind::List, first);
                self.expect(Tok::RBracket);
                return list;
            }
            self.items_from(Tok::RBracket, first);
        }
        self.expect(Tok::RBracket);
        let items = self.seq_from(mark);
        self.node(line, Kind::List(items))
    }

    /// A dictionary or a set.
    fn brace_display(&mut self) -> Id {
        let line = self.token.line;
        self.advance();
        let mark = self.mark();
        let mut dict = None;
        while self.token.kind != Tok::RBrace {
            let mut value = Id::NONE;
            // No key: `**value`.
            let key = if self.accept(Tok::DoubleStar) {
                value = self.expression(BIT_OR);
                Id::NONE
            } else {
                let key = self.star_expression(true);
                if self.accept(Tok::Colon) {
                    self.unstarred(key);
                    value = self.expression(TEST);
                }
                key
            };
            let has_key = !value.is_none();
            if *dict.get_or_insert(has_key) != has_key {
                return self.error(if has_key {
                    "expecting just a value for set"
                } else {
                    "expecting key:value for dict"
                });
            }
            if self.at_for() && self.mark() == mark {
                let comprehension = match has_key {
                    true if key.is_none() => self.syntax(),
                    true => {
                        let pair = self.node(line, Kind::Pair(key, value));
                        self.comprehension(line, CompKind::Dict, pair)
                    }
                    false => self.comprehension(line, CompKind::Set, key),
                };
                self.expect(Tok::RBrace);
                return comprehension;
            }
            self.wait(key);
            if has_key {
                self.wait(value);
            }
            if !self.accept(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RBrace);
        let items = self.seq_from(mark);
        self.node(line, if dict == Some(false) { Kind::Set(items) } else { Kind::Dict(items) })
    }

    /// The clauses of a comprehension whose element is parsed.
    pub(super) fn comprehension(&mut self, line: u32, kind: CompKind, element: Id) -> Id {
        self.unstarred(element);
        let mark = self.mark();
        loop {
            let clause_line = self.token.line;
            let clause = if self.accept(Tok::If) {
                Kind::CompIf(self.expression(OR))
            } else if self.at_for() {
                let is_async = self.accept(Tok::Async);
                self.expect(Tok::For);
                let target = self.targets();
                self.expect(Tok::In);
                Kind::CompFor { is_async, target, iter: self.expression(OR) }
            } else {
                break;
            };
            self.wait_node(clause_line, clause);
        }
        let clauses = self.seq_from(mark);
        self.node(line, Kind::Comprehension { kind, element, clauses })
    }

    /// Arguments of a call, up to and with the closing bracket.
    fn arguments(&mut self) -> Seq {
        let mark = self.mark();
        self.argument_list();
        self.seq_from(mark)
    }

    /// Arguments of a call or bases of a class, up to and with the closing bracket, on the scratch stack.
    pub(super) fn argument_list(&mut self) {
        let mut keywords = false;
        let mut double_starred = false;
        while self.token.kind != Tok::RParen {
            let line = self.token.line;
            let kind = self.token.kind;
            let argument = match kind {
                Tok::Star | Tok::DoubleStar => {
                    let star = kind == Tok::Star;
                    if star && double_starred {
                        self.error("* arg after **");
                    }
                    double_starred |= !star;
                    self.advance();
                    let value = self.expression(TEST);
                    self.node(
                        line,
                        if star { Kind::Starred(value) } else { Kind::DoubleStarred(value) },
                    )
                }
                Tok::Name if self.peek() == Tok::Assign => {
                    keywords = true;
                    let name = self.name();
                    self.advance();
                    let value = self.expression(TEST);
                    self.node(line, Kind::Keyword { name, value })
                }
                _ => {
                    let mut value = self.named_expression();
                    if self.at_for() {
                        value = self.comprehension(line, CompKind::Generator, value);
                        // As in MicroPython it may stand behind other arguments, but not before any.
                        if self.token.kind != Tok::RParen {
                            self.syntax();
                        }
                    }
                    if self.token.kind == Tok::Assign {
                        self.error("LHS of keyword arg must be an id");
                    } else if double_starred {
                        self.error("positional arg after **");
                    } else if keywords {
                        self.error("positional arg after keyword arg");
                    }
                    value
                }
            };
            self.wait(argument);
            if !self.accept(Tok::Comma) {
                break;
            }
        }
        self.expect(Tok::RParen);
    }

    /// What is between the brackets of a subscript, and the closing one.
    fn index(&mut self) -> Id {
        let line = self.token.line;
        let mut index = self.index_item();
        if self.token.kind == Tok::Comma || self.is_starred(index) {
            let mark = self.mark();
            self.wait(index);
            if self.accept(Tok::Comma) {
                self.list(Tok::RBracket, Self::index_item);
            }
            index = self.tuple_from(line, mark);
        }
        self.expect(Tok::RBracket);
        index
    }

    fn index_item(&mut self) -> Id {
        let line = self.token.line;
        let mut parts = [Id::NONE; 3];
        if self.token.kind != Tok::Colon {
            parts[0] = self.star_expression(true);
            if self.token.kind != Tok::Colon {
                return parts[0];
            }
            self.unstarred(parts[0]);
        }
        for part in &mut parts[1..] {
            if !self.accept(Tok::Colon) {
                break;
            }
            if !matches!(self.token.kind, Tok::Colon | Tok::Comma | Tok::RBracket) {
                *part = self.expression(TEST);
            }
        }
        let parts = self.seq(&parts);
        self.node(line, Kind::Slice(parts))
    }
}
