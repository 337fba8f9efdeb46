//! Code generation: the tree of a top-level statement to register bytecode.
//!
//! A [`Unit`] is a code object in the making. The module's unit lives as long as the compilation; the unit of a
//! nested function lives while its definition is generated. The one [`Gen`] of a compilation works on one unit at a time.
//!
//! What fails (no memory, too many registers, an error in the source) is not passed back through every function: the
//! lexer, which the parser and the generator share, keeps the first error, the generator goes on without emitting
//! anything, and the lexer is asked for the outcome after each statement of the module.
//!
//! It goes over every statement twice: first as over code that is never reached, so that the scopes learn what each name is
//! (see `analyse`), then to generate. While `flow.dead` is set nothing that lasts is made: no constants, no code objects.
//!
//! Registers: parameters, then the other local variables in the order of their first use, then temporaries, which
//! are a stack. An expression is generated with the register where its value has to go, and writes a variable's
//! register as its last act only, so that a raised exception and the expression itself see the old value. A plain
//! local variable is used as an operand in place, unless a `:=` could change it meanwhile.
//!
//! # Invariants
//! 1. `flow.bound` holds a near variable's bit only where it is bound on every path.
//! 2. While `flow.dead` is set nothing is emitted: unreachable code never reaches the code object.
//! 3. Temporaries in use are the registers from `first_temp` below `top`.
//! 4. After an error nothing is emitted, no node is looked into ([`Gen::visit`]), and the numbers of labels, blocks and
//!    registers mean nothing: whatever looks them up asks [`Gen::failed`] first.
#![forbid(unsafe_code)]

mod assign;
mod call;
mod comp;
mod cond;
mod display;
mod emit;
mod except;
mod expr;
mod func;
mod names;
mod pattern;
mod stmt;
#[cfg(test)]
mod tests;
mod unwind;

use super::ast::{Const, Id, Kind, Node, Seq};
use super::lexer::Source;
use super::parser::Parser;
use super::scope::{NONE, ScopeKind, Scopes};
use super::{CompileOptions, Mode};
use crate::heap::buf::Buf;
use crate::object::{CodeFlags, Handler, List};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm};
use emit::TOO_MUCH;
use emit::{Label, LabelState};
use pattern::Capture;
pub(super) use stmt::split_dot;
use unwind::Block;

/// A register of the near frame: less than 256.
pub(super) type Reg = u32;

/// Instead of a register: a new one.
const ANY: Reg = 256;
/// Variables beyond this number are kept in far registers.
const MAX_NEAR_LOCALS: u32 = 192;
/// Functions with more variables can be compiled.
const HAS_FAR: bool = cfg!(feature = "extra");
/// Registers that one byte is used for; far registers begin here.
const NEAR_REGS: u32 = 255;

/// A set of near registers: a bit for each of the first, and one for all that are left. Nothing depends on how many those
/// are but the speed of functions with very many variables, which are checked each time they are used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Bits(u32);

impl Bits {
    const NONE: Bits = Bits(0);
    const ALL: Bits = Bits(u32::MAX);
    /// The bit of all registers that are left.
    const REST: Reg = 31;

    fn bit(r: Reg) -> u32 {
        1 << r.min(Bits::REST)
    }

    /// True if the register, or one of those that are left with it, is in the set.
    fn has(self, r: Reg) -> bool {
        self.0 & Bits::bit(r) != 0
    }

    fn add(&mut self, r: Reg) {
        self.0 |= Bits::bit(r);
    }

    fn remove(&mut self, other: Bits) {
        self.0 &= !other.0;
    }

    fn keep(&mut self, other: Bits) {
        self.0 &= other.0;
    }
}

/// What is known at a point of the code.
#[derive(Clone, Copy)]
#[repr(C)]
pub(super) struct Flow {
    /// No path leads here.
    pub dead: bool,
    /// Variables that are bound on every path to here; never those that are left ([`Bits::REST`]).
    pub bound: Bits,
}

/// A code object in the making.
#[repr(C)]
pub(super) struct Unit {
    // In this order, and first in `Gen`: short instructions reach the first bytes and words.
    pub kind: ScopeKind,
    /// `__annotations__` exists (module units).
    pub annotated: bool,
    /// What the code object is told of its parameters, and `CodeFlags`.
    pub n_pos_only: u8,
    pub n_args: u8,
    pub n_kw_only: u8,
    /// Free variables.
    pub n_free: u8,
    pub flags: u16,
    pub flow: Flow,
    pub top: Reg,
    pub line: u32,
    /// The scope whose names are in force: the unit's or that of a comprehension inside it.
    pub scope: u32,
    /// First temporary; below it are the variables.
    pub first_temp: Reg,
    /// The highest `top` so far.
    pub high: Reg,
    /// Innermost block, see `unwind`.
    pub block: u32,
    pub code: Buf<u8>,
    pub consts: List,
    /// The name of the first parameter, `UNDEF` without one.
    pub first_param: Value,
    /// Where this unit's part of the shared stacks begins.
    pads: u32,
    attrs: u32,
    pub name: Value,
    pub qualname: Value,
    pub handlers: Buf<Handler>,
    pub lines: Buf<u8>,
    /// Parameters in near registers, which are the first.
    pub n_params: Reg,
    pub n_far: u32,
    /// Variables that may become unbound again.
    pub deleted: Bits,
    /// Variables that have to begin as unbound.
    pub init: Bits,
    pub first_line: u32,
    last_line: u32,
    last_pc: u32,
}

impl Unit {
    /// A unit without code that begins in a line; `consts` is an empty list.
    #[inline(never)]
    pub fn new(consts: List, kind: ScopeKind, line: u32) -> Unit {
        Unit {
            kind,
            code: Buf::new(),
            consts,
            handlers: Buf::new(),
            lines: Buf::new(),
            scope: 0,
            name: Value::UNDEF,
            qualname: Value::UNDEF,
            first_param: Value::UNDEF,
            n_pos_only: 0,
            n_args: 0,
            n_kw_only: 0,
            n_free: 0,
            flags: 0,
            n_params: 0,
            first_temp: 0,
            top: 0,
            high: 0,
            n_far: 0,
            flow: Flow { bound: Bits::NONE, dead: false },
            deleted: Bits::NONE,
            init: Bits::NONE,
            block: NONE,
            line,
            first_line: line,
            last_line: line,
            last_pc: 0,
            pads: 0,
            attrs: 0,
            annotated: false,
        }
    }

    /// Frees what the unit's code was collected in.
    pub fn free(&mut self, vm: &mut Vm) {
        self.consts.free(vm);
        self.code.free(vm);
        self.handlers.free(vm);
        self.lines.free(vm);
    }

    /// Reserves register 0 for the namespace of a module or class.
    pub fn reserve_namespace(&mut self) {
        self.flags |= CodeFlags::NAMESPACE;
        self.first_temp = 1;
        self.top = 1;
        self.high = 1;
    }
}

/// Stacks that all units share: a nested unit uses the part above that of the unit around it.
pub(super) struct Work {
    labels: Buf<LabelState>,
    blocks: Buf<Block>,
    /// Where each handler's code begins.
    pads: Buf<u32>,
    /// Constants that name attributes set on `self`.
    attrs: Buf<u32>,
    /// Captures of the pattern at work.
    captures: Buf<Capture>,
}

impl Work {
    /// Empty stacks.
    const EMPTY: Work = Work {
        labels: Buf::new(),
        blocks: Buf::new(),
        pads: Buf::new(),
        attrs: Buf::new(),
        captures: Buf::new(),
    };
}

/// A compilation: the parser, the scopes of its statement, and the generator at work on a unit.
///
/// Lives on the native stack, where the collector finds what it holds.
#[repr(C)]
pub(super) struct Gen<'a> {
    pub unit: Unit,
    pub options: &'a CompileOptions,
    pub work: Work,
    pub scopes: Scopes,
    /// A class whose header was generated, and whose body is still to be parsed: its name and the constant for its code.
    class: Option<(Value, usize)>,
    /// With the tree, the VM and the first error.
    pub parser: Parser<'a>,
}

impl<'a> Gen<'a> {
    /// A compilation at the start of `source`. Raises `MemoryError`.
    #[inline(always)]
    pub fn new(
        vm: &'a mut Vm,
        source: &'a mut dyn Source,
        options: &'a CompileOptions,
    ) -> Result<Gen<'a>, Raise> {
        // First all that may fail, then the whole in its place.
        let (names, consts) = (vm.new_list()?, vm.new_list()?);
        let lists = (vm.new_list()?, vm.new_dict()?);
        let mut this = Gen {
            unit: Unit::new(consts, ScopeKind::Module, 1),
            options,
            work: Work::EMPTY,
            scopes: Scopes::new(names),
            class: None,
            parser: Parser::new(vm, source, options.mode, options.opt_level == 0, lists),
        };
        this.unit.name = q::MODULE.value();
        this.unit.qualname = q::MODULE.value();
        this.unit.reserve_namespace();
        Ok(this)
    }

    /// Generates the expression of `eval`.
    pub fn eval_expression(&mut self) {
        let id = self.parser.parse_eval();
        self.analyse(id);
        if !self.failed() {
            self.return_value(id);
        }
    }

    /// Generates the statements of the namespace at work, the module or a class that comes by parts: each is parsed, its
    /// names are resolved, and it is forgotten before the next.
    pub fn namespace(&mut self) {
        let mut first = true;
        loop {
            let id = self.parser.next_statement(self.options.mode != Mode::Single);
            if id.is_none() {
                break;
            }
            self.analyse(id);
            self.namespace_part(id, first);
            self.finish_class();
            self.forget_scopes();
            // None is in use; where they lie something else may fit.
            self.work.labels.free(self.parser.lexer.vm);
            self.work.blocks.free(self.parser.lexer.vm);
            first = false;
        }
    }

    /// Generates a part of the namespace at work.
    fn namespace_part(&mut self, id: Id, first: bool) {
        if !self.failed() {
            self.set_line(self.node(id).line);
            self.begin_namespace(if first { id } else { Id::NONE });
            self.statement(id);
        }
    }

    /// Ends the compilation: the code object of the module or expression. Raises what failed.
    pub fn complete(&mut self) -> Result<Value, Raise> {
        let code = self.finish();
        self.unit.free(self.parser.lexer.vm);
        self.parser.lexer.outcome().map(|()| code)
    }
}

impl Gen<'_> {
    // ---- the tree

    /// The node; [`Kind::Pass`] for [`Id::NONE`].
    #[inline(never)]
    pub(super) fn node(&self, id: Id) -> Node {
        if id.is_none() {
            return Node { line: 0, kind: Kind::Pass };
        }
        self.parser.ast.node(self.parser.lexer.vm, id)
    }

    pub(super) fn len(&self, seq: Seq) -> u32 {
        self.parser.ast.seq_len(self.parser.lexer.vm, seq)
    }

    /// A child; [`Id::NONE`] beyond the end.
    #[inline(never)]
    pub(super) fn child(&self, seq: Seq, i: u32) -> Id {
        self.parser.ast.seq(self.parser.lexer.vm, seq, i)
    }

    /// The first four children, [`Id::NONE`] where there are fewer.
    #[inline(never)]
    pub(super) fn parts(&self, seq: Seq) -> [Id; 4] {
        let mut parts = [Id::NONE; 4];
        for (part, i) in parts.iter_mut().zip(0..) {
            *part = self.child(seq, i);
        }
        parts
    }

    #[inline(never)]
    pub(super) fn constant_of(&self, c: Const) -> Value {
        self.parser.ast.constant(self.parser.lexer.vm, c)
    }

    /// The value of a literal.
    fn literal(&self, id: Id) -> Option<Value> {
        id.as_literal().map(|c| self.constant_of(c))
    }

    /// The name of a variable.
    pub(super) fn name_of(&self, id: Id) -> Option<Value> {
        id.as_name().map(|c| self.constant_of(c))
    }

    /// The line that the following instructions belong to.
    pub(super) fn set_line(&mut self, line: u32) {
        if line != 0 {
            self.unit.line = line;
        }
    }

    // ---- errors

    /// True after an error.
    pub(super) fn failed(&self) -> bool {
        self.parser.lexer.failed()
    }

    /// A `SyntaxError` at the line at work.
    #[cold]
    pub(super) fn error(&mut self, message: &str) {
        self.parser.lexer.error_at(message, self.unit.line);
    }

    /// Takes note of what went wrong, if anything did.
    pub(super) fn check(&mut self, result: Result<(), Raise>) {
        self.parser.lexer.check(result);
    }

    /// A number, 0 where there is an error instead.
    pub(super) fn number(&mut self, result: Result<u32, Raise>) -> u32 {
        result.unwrap_or_else(|raise| {
            self.parser.lexer.fail(raise);
            0
        })
    }

    /// A value, `UNDEF` where there is an error instead.
    fn value(&mut self, result: Result<Value, Raise>) -> Value {
        self.parser.lexer.checked(result)
    }

    /// A node, and its line for the instructions that follow. [`Kind::Pass`] after an error, so that all work ends, and
    /// where the native stack is at its end, which is one.
    #[inline(never)]
    pub(super) fn visit(&mut self, id: Id) -> Kind {
        let room = self.parser.lexer.vm.enter_native();
        self.check(room);
        if self.failed() {
            return Kind::Pass;
        }
        let node = self.node(id);
        self.set_line(node.line);
        node.kind
    }

    /// The constant tuple of what is in the children from `from` up to `to`: values of literals, names of keywords and
    /// imports. The others are left out.
    #[inline(never)]
    pub(super) fn gather(&mut self, seq: Seq, from: u32, to: u32) -> Value {
        let n = (from..to).filter(|&i| !self.tuple_item(self.child(seq, i)).is_undef()).count();
        if self.failed() || self.unit.flow.dead {
            return Value::UNDEF;
        }
        let tuple = self.parser.lexer.vm.new_tuple_of(n);
        let tuple = self.value(tuple);
        let mut at = 0;
        for i in from..to {
            let item = self.tuple_item(self.child(seq, i));
            if !item.is_undef() {
                self.parser.lexer.vm.init_tuple_item(tuple, at, item);
                at += 1;
            }
        }
        tuple
    }

    #[inline(never)]
    fn tuple_item(&self, id: Id) -> Value {
        match self.node(id).kind {
            Kind::Literal(c) | Kind::Keyword { name: c, .. } | Kind::Alias { name: c, .. } => {
                self.constant_of(c)
            }
            _ => Value::UNDEF,
        }
    }

    /// A constant tuple.
    fn tuple(&mut self, values: &[Value]) -> Value {
        if self.failed() || self.unit.flow.dead {
            return Value::UNDEF;
        }
        let tuple = self.parser.lexer.vm.new_tuple(values);
        self.value(tuple)
    }

    /// An interned string.
    pub(super) fn intern(&mut self, text: &str) -> Value {
        if self.failed() {
            return Value::UNDEF;
        }
        let name = self.parser.lexer.vm.intern(text);
        self.value(name)
    }
}
