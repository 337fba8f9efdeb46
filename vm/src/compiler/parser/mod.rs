//! Tokens to the syntax tree, one top-level statement at a time, by recursive descent.
//!
//! Every function that may call itself through others begins with `Vm::enter_native`, so that deep nesting ends
//! in `RuntimeError`. A function returns the node that it parsed; children wait on the arena's scratch stack.
//!
//! Two things are done here because they need the names before they become variables: `const(…)` of
//! `micropython`, and folding of operators on literals.
//!
//! Source: Python Language Reference, "Full Grammar specification"; `const`: MicroPython's documentation of the
//! module `micropython`.
//!
//! # Invariants
//! 1. `token` is the first token that is not part of what was parsed; the lexer stands behind it, or behind
//!    `ahead` where that is set.
//! 2. The lexer's text is empty except inside `strings`.
#![forbid(unsafe_code)]

mod atom;
mod compound;
mod expr;
mod fold;
mod function;
mod pattern;
mod simple;
mod strings;
mod target;
#[cfg(test)]
mod tests;

use super::arena::Ast;
use super::ast::{Const, Id, Kind, Seq};
use super::lexer::{Lexer, Source};
use super::token::{Tok, Token};
use crate::exc;
use crate::object::Dict;
use crate::value::Value;
use crate::{Raise, Vm};

type Parsed<T = Id> = Result<T, Raise>;

/// What the source text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A file: any number of statements.
    Module,
    /// One expression.
    Eval,
    /// One statement, as typed at the prompt: the values of expression statements are printed.
    Single,
    /// Any number of statements, as pasted at the prompt: the same.
    Paste,
}

/// The parser of one source. Lives on the native stack, where the collector finds what it holds.
pub struct Parser<'s> {
    /// The tree of the statement that was parsed last.
    pub ast: Ast,
    lexer: Lexer<'s>,
    token: Token,
    /// The token behind `token`, where it had to be looked at.
    ahead: Option<Token>,
    started: bool,
    mode: Mode,
    /// Value of `__debug__`.
    debug: bool,
    /// Inside the argument of `const`: attributes of built-in modules are known.
    in_const: bool,
    /// What `const` gave names to.
    consts: Dict,
}

impl<'s> Parser<'s> {
    /// A parser at the start of `source`. `debug` is the value of `__debug__`. Raises `MemoryError`.
    pub fn new(
        vm: &mut Vm,
        source: &'s mut dyn Source,
        mode: Mode,
        debug: bool,
    ) -> Parsed<Parser<'s>> {
        Ok(Parser {
            ast: Ast::new(vm)?,
            lexer: Lexer::new(source, mode == Mode::Eval),
            token: Token { kind: Tok::End, line: 1, value: Value::UNDEF },
            ahead: None,
            started: false,
            mode,
            debug,
            in_const: false,
            consts: vm.new_dict()?,
        })
    }

    /// The next top-level statement, `None` at the end. The tree of the one before is freed. Several simple
    /// statements on one line are one `Block`.
    ///
    /// Raises `SyntaxError`, `IndentationError`, `RuntimeError` (nested too deeply), `MemoryError`, and what the
    /// source raises.
    pub fn next_statement(&mut self, vm: &mut Vm) -> Parsed<Option<Id>> {
        self.ast.reset(vm);
        vm.search_heap_anew();
        if !self.started {
            self.started = true;
            self.advance(vm)?;
            if self.mode == Mode::Single
                && self.token.kind == Tok::End
                && self.lexer.ended_continued()
            {
                return Err(self.syntax(vm));
            }
        } else if self.mode == Mode::Single && self.token.kind != Tok::End {
            return Err(self.syntax(vm));
        }
        match self.token.kind {
            Tok::End => return Ok(None),
            Tok::Indent => return Err(self.indentation_error(vm, "unexpected indent")),
            _ => {}
        }
        let line = self.token.line;
        let mark = self.ast.mark();
        self.statement(vm)?;
        if self.ast.mark() == mark + 1 {
            let only = self.ast.waiting(vm, mark);
            self.ast.forget(mark);
            return Ok(Some(only));
        }
        let statements = self.ast.seq_from(vm, mark)?;
        self.ast.push(vm, line, Kind::Block(statements)).map(Some)
    }

    /// The one expression of [`Mode::Eval`]. Raises as [`Parser::next_statement`].
    pub fn parse_eval(&mut self, vm: &mut Vm) -> Parsed {
        self.advance(vm)?;
        while self.accept(vm, Tok::Newline)? {}
        let value = self.star_expressions(vm)?;
        while self.accept(vm, Tok::Newline)? {}
        if self.token.kind != Tok::End {
            return Err(self.syntax(vm));
        }
        Ok(value)
    }

    // ---- tokens

    fn advance(&mut self, vm: &mut Vm) -> Parsed<()> {
        self.token = match self.ahead.take() {
            Some(token) => token,
            None => self.lexer.next(vm)?,
        };
        Ok(())
    }

    /// The kind of the token behind the current one.
    fn peek(&mut self, vm: &mut Vm) -> Parsed<Tok> {
        let token = match self.ahead {
            Some(token) => token,
            None => self.lexer.next(vm)?,
        };
        self.ahead = Some(token);
        Ok(token.kind)
    }

    fn accept(&mut self, vm: &mut Vm, kind: Tok) -> Parsed<bool> {
        let found = self.token.kind == kind;
        if found {
            self.advance(vm)?;
        }
        Ok(found)
    }

    fn expect(&mut self, vm: &mut Vm, kind: Tok) -> Parsed<()> {
        if self.accept(vm, kind)? { Ok(()) } else { Err(self.syntax(vm)) }
    }

    /// An identifier: its interned string.
    fn expect_name(&mut self, vm: &mut Vm) -> Parsed<Value> {
        let name = self.token.value;
        self.expect(vm, Tok::Name)?;
        Ok(name)
    }

    /// An identifier, in the tree's list of values.
    fn name(&mut self, vm: &mut Vm) -> Parsed<Const> {
        let name = self.expect_name(vm)?;
        self.ast.push_constant(vm, name)
    }

    /// True at an identifier of this spelling.
    fn at_word(&self, vm: &Vm, word: &[u8]) -> bool {
        self.token.kind == Tok::Name && vm.str_bytes(self.token.value) == word
    }

    // ---- errors

    #[cold]
    fn syntax(&self, vm: &mut Vm) -> Raise {
        if self.token.kind == Tok::Indent {
            return self.indentation_error(vm, "unexpected indent");
        }
        self.error(vm, "invalid syntax")
    }

    #[cold]
    fn error(&self, vm: &mut Vm, message: &str) -> Raise {
        vm.raise_syntax(message, self.token.line)
    }

    #[cold]
    fn indentation_error(&self, vm: &mut Vm, message: &str) -> Raise {
        vm.raise_at(exc::INDENTATION_ERROR, message, self.token.line)
    }

    // ---- nodes

    fn node(&mut self, vm: &mut Vm, line: u32, kind: Kind) -> Parsed {
        self.ast.push(vm, line, kind)
    }

    fn wait(&mut self, vm: &mut Vm, id: Id) -> Parsed<()> {
        self.ast.wait(vm, id)
    }

    fn seq(&mut self, vm: &mut Vm, ids: &[Id]) -> Parsed<Seq> {
        self.ast.push_seq(vm, ids)
    }

    fn literal(&mut self, vm: &mut Vm, value: Value) -> Parsed {
        self.ast.push_literal(vm, value)
    }

    fn kind(&self, vm: &Vm, id: Id) -> Kind {
        self.ast.node(vm, id).kind
    }
}
