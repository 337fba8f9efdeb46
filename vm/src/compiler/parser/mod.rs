//! Tokens to the syntax tree, one top-level statement at a time, by recursive descent along the rules of `grammar`.
//!
//! Every function that may call itself through others begins with [`Parser::enter`], so that deep nesting ends
//! in `RuntimeError`. What is parsed is put on the arena's scratch stack, where children wait for their parents.
//!
//! Nobody looks at errors on the way: the lexer keeps the first one, and every further token is the end of the source.
//! So all functions return soon, with a tree that nobody reads. A loop must not go on at [`Tok::End`].
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
mod grammar;
mod pattern;
mod simple;
mod steps;
mod strings;
#[cfg(test)]
mod tests;

use super::arena::Ast;
use super::ast::{Const, Id, Kind, Node, Seq};
use super::lexer::{Lexer, Source};
use super::token::{Prefix, Tok, Token};
use crate::object::{Dict, List};
use crate::value::Value;
use crate::{ExcType, Raise, Vm, exc};
use grammar::Rule;

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
///
/// In this order, so that what is looked at most is where the shortest instructions reach.
#[repr(C)]
pub struct Parser<'s> {
    token: Token,
    started: bool,
    mode: Mode,
    /// Value of `__debug__`.
    debug: bool,
    /// Of a class the header is parsed, and the statements are left to [`Parser::next_statement`].
    by_parts: bool,
    /// Inside the argument of `const`: attributes of built-in modules are known.
    in_const: bool,
    /// The tree of the statement that was parsed last.
    pub ast: Ast,
    /// With the VM.
    pub lexer: Lexer<'s>,
    /// The token behind `token`, where it had to be looked at.
    ahead: Option<Token>,
    /// What `const` gave names to.
    consts: Dict,
}

impl<'s> Parser<'s> {
    /// A parser at the start of `source`. `debug` is the value of `__debug__`; the list and the dictionary are empty.
    #[inline(always)]
    pub fn new(
        vm: &'s mut Vm,
        source: &'s mut dyn Source,
        mode: Mode,
        debug: bool,
        (constants, consts): (List, Dict),
    ) -> Parser<'s> {
        Parser {
            ast: Ast::new(constants),
            consts,
            lexer: Lexer::new(vm, source, mode == Mode::Eval),
            token: Token { kind: Tok::End, prefix: Prefix::NONE, line: 1, value: Value::UNDEF },
            ahead: None,
            started: false,
            mode,
            debug,
            by_parts: false,
            in_const: false,
        }
    }

    /// The next top-level statement, [`Id::NONE`] at the end and after an error. The tree of the one before is freed.
    /// Several simple statements on one line are one `Block`.
    ///
    /// With `by_parts` the body of a class, if it is a block, is [`Id::NONE`]: its statements come, up to another
    /// [`Id::NONE`], from [`Parser::enter_block`] on. They have to be fetched before the statement after the class, and
    /// into another tree than [`Parser::ast`] was.
    ///
    /// Errors are `SyntaxError`, `IndentationError`, `RuntimeError` (nested too deeply), `MemoryError`, and what the
    /// source raises.
    pub fn next_statement(&mut self, by_parts: bool) -> Id {
        self.ast.reset(self.lexer.vm);
        self.lexer.vm.search_heap_anew();
        if !self.started {
            self.started = true;
            self.advance();
            if self.mode == Mode::Single
                && self.token.kind == Tok::End
                && self.lexer.ended_continued()
            {
                self.syntax();
            }
        } else if self.mode == Mode::Single {
            self.expect(Tok::End);
        }
        let line = self.token.line;
        let mark = self.mark();
        if self.token.kind == Tok::Indent {
            self.syntax();
        }
        // Only a class that is parsed by parts ends here.
        if self.accept(Tok::Dedent) || self.token.kind == Tok::End || self.lexer.failed() {
            return Id::NONE;
        }
        self.by_parts = by_parts;
        self.rule(Rule::Statement);
        if self.mark() == mark + 1 {
            self.take_waiting(mark)
        } else {
            let statements = self.seq_from(mark);
            self.node(&Node { line, kind: Kind::Block(statements) })
        }
    }

    /// The one expression of [`Mode::Eval`]. Errors as in [`Parser::next_statement`].
    pub fn parse_eval(&mut self) -> Id {
        self.advance();
        while self.accept(Tok::Newline) {}
        let value = self.parse(Rule::Expressions);
        while self.accept(Tok::Newline) {}
        self.expect(Tok::End);
        value
    }

    // ---- tokens

    fn advance(&mut self) {
        // Only statements of all features are looked ahead at.
        match self.ahead.take() {
            Some(token) if cfg!(feature = "extra") => self.token = token,
            _ => self.lexer.next(&mut self.token),
        }
    }

    /// The kind of the token behind the current one.
    fn peek(&mut self) -> Tok {
        let mut token = self.token;
        match self.ahead {
            Some(ahead) => token = ahead,
            None => self.lexer.next(&mut token),
        }
        self.ahead = Some(token);
        token.kind
    }

    fn accept(&mut self, kind: Tok) -> bool {
        self.accept_number(kind as u8)
    }

    fn accept_number(&mut self, kind: u8) -> bool {
        let found = self.token.kind as u8 == kind;
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, kind: Tok) {
        self.expect_number(kind as u8);
    }

    fn expect_number(&mut self, kind: u8) {
        if !self.accept_number(kind) {
            self.syntax();
        }
    }

    /// At the clauses of a comprehension.
    fn at_for(&self) -> bool {
        matches!(self.token.kind, Tok::For | Tok::Async)
    }

    /// An identifier: its interned string.
    fn expect_name(&mut self) -> Value {
        let name = self.token.value;
        self.expect(Tok::Name);
        name
    }

    /// An identifier, in the tree's list of values.
    fn name(&mut self) -> Const {
        let name = self.expect_name();
        self.constant(name)
    }

    /// True at an identifier of this spelling.
    fn at_word(&self, word: &[u8]) -> bool {
        self.token.kind == Tok::Name && self.lexer.vm.str_bytes(self.token.value) == word
    }

    // ---- errors

    /// False, and an error, when the native stack is nearly used up.
    fn enter(&mut self) -> bool {
        match self.lexer.vm.enter_native() {
            Ok(()) => true,
            Err(raise) => {
                self.fail(raise);
                false
            }
        }
    }

    /// Takes note of an error; from here on every token is the end.
    #[cold]
    fn fail(&mut self, raise: Raise) {
        self.lexer.fail(raise);
        self.token.kind = Tok::End;
        self.ahead = None;
    }

    #[cold]
    fn raise(&mut self, class: ExcType, message: &str) {
        let raise = self.lexer.vm.raise_at(class, message, self.token.line);
        self.fail(raise);
    }

    #[cold]
    fn error(&mut self, message: &str) {
        self.raise(exc::SYNTAX_ERROR, message);
    }

    #[cold]
    fn syntax(&mut self) {
        if self.token.kind == Tok::Indent {
            self.raise(exc::INDENTATION_ERROR, "unexpected indent");
        }
        self.error("invalid syntax")
    }

    // ---- nodes; `Id::NONE` and the like where there was no memory

    fn node(&mut self, node: &Node) -> Id {
        self.ast.push(self.lexer.vm, node).unwrap_or_else(|raise| {
            self.fail(raise);
            Id::NONE
        })
    }

    /// Adds to the tree's list of values.
    fn constant(&mut self, value: Value) -> Const {
        self.ast.push_constant(self.lexer.vm, value).unwrap_or_else(|raise| {
            self.fail(raise);
            Const::NONE
        })
    }

    /// Puts a constant's number on the scratch stack.
    fn wait_constant(&mut self, value: Value) {
        let id = Id(self.constant(value).0);
        self.wait(id);
    }

    fn wait_literal(&mut self, value: Value) {
        let id = Id::literal(self.constant(value));
        self.wait(id);
    }

    /// What waits above `mark`; see [`Ast::seq_from`].
    fn seq_from(&mut self, mark: u32) -> Seq {
        self.ast.seq_from(self.lexer.vm, mark).unwrap_or_else(|raise| {
            self.fail(raise);
            Seq::EMPTY
        })
    }

    fn wait(&mut self, id: Id) {
        if let Err(raise) = self.ast.wait(self.lexer.vm, id) {
            self.fail(raise);
        }
    }

    /// A node on the scratch stack.
    fn wait_node(&mut self, node: &Node) {
        let id = self.node(node);
        self.wait(id);
    }

    fn mark(&self) -> u32 {
        self.ast.mark()
    }

    fn waiting(&self, at: u32) -> Id {
        self.ast.waiting(self.lexer.vm, at)
    }

    fn set_waiting(&mut self, at: u32, id: Id) {
        self.ast.set_waiting(self.lexer.vm, at, id);
    }

    /// Moves what waits at the top to height `at`.
    fn set_last(&mut self, at: u32) {
        let id = self.pop();
        self.set_waiting(at, id);
    }

    /// What waits at height `at`; forgets that and what is above.
    fn take_waiting(&mut self, at: u32) -> Id {
        let id = self.waiting(at);
        self.ast.forget(at);
        id
    }

    /// What waits at the top.
    fn top(&self) -> Id {
        self.waiting(self.mark().wrapping_sub(1))
    }

    fn pop(&mut self) -> Id {
        self.take_waiting(self.mark().saturating_sub(1))
    }

    fn kind(&self, id: Id) -> Kind {
        // After an error, what waits may be no node.
        if id.is_none() || self.lexer.failed() {
            return Kind::Pass;
        }
        self.ast.node(self.lexer.vm, id).kind
    }

    fn is_starred(&self, id: Id) -> bool {
        matches!(self.kind(id), Kind::Starred(_))
    }

    fn literal_of(&self, id: Id) -> Option<Value> {
        self.ast.literal(self.lexer.vm, id)
    }

    fn constant_of(&self, c: Const) -> Value {
        self.ast.constant(self.lexer.vm, c)
    }
}
