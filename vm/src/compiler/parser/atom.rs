//! Names, literals, brackets, and what may follow them: calls, subscripts, attributes.
#![forbid(unsafe_code)]

use super::super::ast::{BinOp, CompKind, Id, Kind, Seq};
use super::super::token::Tok;
use super::expr::{OR, TEST};
use super::{Parsed, Parser};
use crate::Vm;
use crate::value::Value;

impl Parser<'_> {
    /// An atom with its trailers, perhaps awaited.
    pub(super) fn primary(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        if self.accept(vm, Tok::Await)? {
            vm.enter_native()?;
            let value = self.primary(vm)?;
            return self.node(vm, line, Kind::Await(value));
        }
        let atom = self.atom(vm)?;
        self.trailers(vm, line, atom)
    }

    /// `.name`, `(…)` and `[…]` after an expression.
    pub(super) fn trailers(&mut self, vm: &mut Vm, line: u32, mut object: Id) -> Parsed {
        loop {
            let kind = match self.token.kind {
                Tok::Dot => {
                    self.advance(vm)?;
                    if self.in_const
                        && let Some(value) = self.module_constant(vm, object)
                    {
                        self.advance(vm)?;
                        object = self.literal(vm, value)?;
                        continue;
                    }
                    Kind::Attribute { object, name: self.name(vm)? }
                }
                Tok::LParen => {
                    self.advance(vm)?;
                    let outer = self.in_const;
                    self.in_const = outer || self.is_named(vm, object, b"const");
                    let args = self.arguments(vm)?;
                    self.in_const = outer;
                    Kind::Call { function: object, args }
                }
                Tok::LBracket => {
                    self.advance(vm)?;
                    Kind::Subscript { object, index: self.index(vm)? }
                }
                _ => return Ok(object),
            };
            object = self.node(vm, line, kind)?;
        }
    }

    /// The number that a built-in module has under the name at hand.
    fn module_constant(&self, vm: &Vm, module: Id) -> Option<Value> {
        let module = vm.str_bytes(self.ast.constant(vm, module.as_name()?));
        let module = vm.native_module(core::str::from_utf8(module).ok()?)?;
        let value = module.own(self.token.value).filter(|_| self.token.kind == Tok::Name)?;
        super::fold::is_number(value).then_some(value)
    }

    fn atom(&mut self, vm: &mut Vm) -> Parsed {
        let value = match self.token.kind {
            Tok::Name => return self.variable(vm),
            Tok::Str(_) => return self.strings(vm),
            Tok::LParen => return self.parenthesised(vm),
            Tok::LBracket => return self.list_display(vm),
            Tok::LBrace => return self.brace_display(vm),
            Tok::Number => self.token.value,
            Tok::None => Value::NONE,
            Tok::True => Value::TRUE,
            Tok::False => Value::FALSE,
            Tok::Ellipsis => Value::ELLIPSIS,
            _ => return Err(self.syntax(vm)),
        };
        self.advance(vm)?;
        self.literal(vm, value)
    }

    /// An identifier: a variable, or the value that `const` gave it.
    fn variable(&mut self, vm: &mut Vm) -> Parsed {
        let name = self.expect_name(vm)?;
        if vm.str_bytes(name) == b"__debug__" {
            let debug = Value::bool(self.debug);
            return self.literal(vm, debug);
        }
        match self.const_value(vm, name) {
            Some(value) => self.literal(vm, value),
            None => self.ast.push_name(vm, name),
        }
    }

    fn parenthesised(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let inner = match self.token.kind {
            Tok::Yield => self.yield_expression(vm)?,
            Tok::RParen => {
                let empty = vm.new_tuple(&[])?;
                self.literal(vm, empty)?
            }
            _ => {
                let first = self.star_expression(vm, true)?;
                match self.token.kind {
                    Tok::For | Tok::Async => self.generator(vm, line, first)?,
                    Tok::Comma => {
                        let mark = self.ast.mark();
                        self.wait(vm, first)?;
                        self.advance(vm)?;
                        self.items(vm, Tok::RParen)?;
                        self.tuple_from(vm, line, mark)?
                    }
                    _ => self.unstarred(vm, first)?,
                }
            }
        };
        self.expect(vm, Tok::RParen)?;
        Ok(inner)
    }

    /// Puts expressions on the scratch stack, each with a comma but perhaps the last, up to `end`.
    fn items(&mut self, vm: &mut Vm, end: Tok) -> Parsed<()> {
        while self.token.kind != end {
            let item = self.star_expression(vm, true)?;
            self.wait(vm, item)?;
            if !self.accept(vm, Tok::Comma)? {
                break;
            }
        }
        Ok(())
    }

    fn list_display(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        let mark = self.ast.mark();
        if self.token.kind != Tok::RBracket {
            let first = self.star_expression(vm, true)?;
            if let Tok::For | Tok::Async = self.token.kind {
                let list = self.comprehension(vm, line, CompKind::List, first)?;
                self.expect(vm, Tok::RBracket)?;
                return Ok(list);
            }
            self.wait(vm, first)?;
            if self.accept(vm, Tok::Comma)? {
                self.items(vm, Tok::RBracket)?;
            }
        }
        self.expect(vm, Tok::RBracket)?;
        let items = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::List(items))
    }

    /// A dictionary or a set.
    fn brace_display(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        self.advance(vm)?;
        if self.accept(vm, Tok::RBrace)? {
            return self.node(vm, line, Kind::Dict(Seq::EMPTY));
        }
        let mark = self.ast.mark();
        let mut dict = None;
        loop {
            let (key, value) = self.brace_item(vm)?;
            let has_key = !value.is_none();
            if *dict.get_or_insert(has_key) != has_key {
                let wanted = if has_key {
                    "expecting just a value for set"
                } else {
                    "expecting key:value for dict"
                };
                return Err(self.error(vm, wanted));
            }
            if let Tok::For | Tok::Async = self.token.kind
                && self.ast.mark() == mark
            {
                let comprehension = match has_key {
                    true if key.is_none() => return Err(self.syntax(vm)),
                    true => {
                        let pair = self.node(vm, line, Kind::Pair(key, value))?;
                        self.comprehension(vm, line, CompKind::Dict, pair)?
                    }
                    false => self.comprehension(vm, line, CompKind::Set, key)?,
                };
                self.expect(vm, Tok::RBrace)?;
                return Ok(comprehension);
            }
            self.wait(vm, key)?;
            if has_key {
                self.wait(vm, value)?;
            }
            if !self.accept(vm, Tok::Comma)? || self.token.kind == Tok::RBrace {
                break;
            }
        }
        self.expect(vm, Tok::RBrace)?;
        let items = self.ast.seq_from(vm, mark)?;
        let kind = if dict == Some(true) { Kind::Dict(items) } else { Kind::Set(items) };
        self.node(vm, line, kind)
    }

    /// Key and value (no key: `**value`), or an item of a set and no value.
    fn brace_item(&mut self, vm: &mut Vm) -> Parsed<(Id, Id)> {
        if self.accept(vm, Tok::Op(BinOp::Pow))? {
            return Ok((Id::NONE, self.expression(vm, super::expr::BIT_OR)?));
        }
        let key = self.star_expression(vm, true)?;
        if self.token.kind != Tok::Colon {
            return Ok((key, Id::NONE));
        }
        self.unstarred(vm, key)?;
        self.advance(vm)?;
        Ok((key, self.expression(vm, TEST)?))
    }

    /// The clauses of a generator expression whose element is parsed.
    pub(super) fn generator(&mut self, vm: &mut Vm, line: u32, element: Id) -> Parsed {
        self.comprehension(vm, line, CompKind::Generator, element)
    }

    /// The clauses of a comprehension whose element is parsed.
    fn comprehension(&mut self, vm: &mut Vm, line: u32, kind: CompKind, element: Id) -> Parsed {
        self.unstarred(vm, element)?;
        let mark = self.ast.mark();
        while let Tok::For | Tok::Async | Tok::If = self.token.kind {
            let clause_line = self.token.line;
            let clause = if self.accept(vm, Tok::If)? {
                Kind::CompIf(self.expression(vm, OR)?)
            } else {
                let is_async = self.accept(vm, Tok::Async)?;
                self.expect(vm, Tok::For)?;
                let target = self.targets(vm)?;
                self.expect(vm, Tok::In)?;
                Kind::CompFor { is_async, target, iter: self.expression(vm, OR)? }
            };
            let clause = self.node(vm, clause_line, clause)?;
            self.wait(vm, clause)?;
        }
        let clauses = self.ast.seq_from(vm, mark)?;
        self.node(vm, line, Kind::Comprehension { kind, element, clauses })
    }

    /// Arguments of a call or bases of a class, up to and with the closing bracket.
    pub(super) fn arguments(&mut self, vm: &mut Vm) -> Parsed<Seq> {
        let mark = self.ast.mark();
        let mut keywords = false;
        let mut double_starred = false;
        while self.token.kind != Tok::RParen {
            let line = self.token.line;
            let kind = self.token.kind;
            let argument = match kind {
                Tok::Op(BinOp::Mul) => {
                    if double_starred {
                        return Err(self.error(vm, "* arg after **"));
                    }
                    self.advance(vm)?;
                    let value = self.expression(vm, TEST)?;
                    self.node(vm, line, Kind::Starred(value))?
                }
                Tok::Op(BinOp::Pow) => {
                    double_starred = true;
                    self.advance(vm)?;
                    let value = self.expression(vm, TEST)?;
                    self.node(vm, line, Kind::DoubleStarred(value))?
                }
                Tok::Name if self.peek(vm)? == Tok::Assign => {
                    keywords = true;
                    let name = self.name(vm)?;
                    self.advance(vm)?;
                    let value = self.expression(vm, TEST)?;
                    self.node(vm, line, Kind::Keyword { name, value })?
                }
                _ => {
                    let value = self.named_expression(vm)?;
                    if let Tok::For | Tok::Async = self.token.kind {
                        let generator = self.generator(vm, line, value)?;
                        // As in MicroPython it may stand behind other arguments, but not before any.
                        if self.token.kind != Tok::RParen {
                            return Err(self.syntax(vm));
                        }
                        generator
                    } else {
                        if self.token.kind == Tok::Assign {
                            return Err(self.error(vm, "LHS of keyword arg must be an id"));
                        }
                        if double_starred {
                            return Err(self.error(vm, "positional arg after **"));
                        }
                        if keywords {
                            return Err(self.error(vm, "positional arg after keyword arg"));
                        }
                        value
                    }
                }
            };
            self.wait(vm, argument)?;
            if !self.accept(vm, Tok::Comma)? {
                break;
            }
        }
        self.expect(vm, Tok::RParen)?;
        self.ast.seq_from(vm, mark)
    }

    /// What is between the brackets of a subscript, and the closing one.
    fn index(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        let first = self.index_item(vm)?;
        if self.token.kind != Tok::Comma && !matches!(self.kind(vm, first), Kind::Starred(_)) {
            self.expect(vm, Tok::RBracket)?;
            return Ok(first);
        }
        let mark = self.ast.mark();
        self.wait(vm, first)?;
        while self.accept(vm, Tok::Comma)? && self.token.kind != Tok::RBracket {
            let item = self.index_item(vm)?;
            self.wait(vm, item)?;
        }
        self.expect(vm, Tok::RBracket)?;
        self.tuple_from(vm, line, mark)
    }

    fn index_item(&mut self, vm: &mut Vm) -> Parsed {
        let line = self.token.line;
        let mut parts = [Id::NONE; 3];
        if self.token.kind != Tok::Colon {
            parts[0] = self.star_expression(vm, true)?;
            if self.token.kind != Tok::Colon {
                return Ok(parts[0]);
            }
            self.unstarred(vm, parts[0])?;
        }
        for part in &mut parts[1..] {
            if !self.accept(vm, Tok::Colon)? {
                break;
            }
            if !matches!(self.token.kind, Tok::Colon | Tok::Comma | Tok::RBracket) {
                *part = self.expression(vm, TEST)?;
            }
        }
        let parts = self.seq(vm, &parts)?;
        self.node(vm, line, Kind::Slice(parts))
    }
}
