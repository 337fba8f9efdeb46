//! Code generation: the tree of a top-level statement to register bytecode.
//!
//! A [`Unit`] is a code object in the making. The module's unit lives as long as the compilation; the unit of a
//! nested function lives while its definition is generated. A [`Gen`] works on one unit with one tree.
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

use super::CompileOptions;
use super::arena::Ast;
use super::ast::{Const, Id, Kind, Node, Seq};
use super::scope::{NONE, ScopeKind, Scopes};
use crate::heap::buf::Buf;
use crate::object::{Handler, List};
use crate::value::Value;
use crate::{Raise, Vm};
pub(super) use emit::UnitParts;
use emit::{Label, LabelState};
use unwind::Block;

/// A register of the near frame.
pub(super) type Reg = u8;

/// Variables beyond this number are kept in far registers.
const MAX_NEAR_LOCALS: u16 = 192;
/// Registers that one byte is used for; far registers begin here.
const NEAR_REGS: u16 = 255;

/// A set of near registers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Bits(pub [u32; 8]);

impl Bits {
    const NONE: Bits = Bits([0; 8]);
    const ALL: Bits = Bits([u32::MAX; 8]);

    fn has(&self, r: Reg) -> bool {
        self.0[r as usize / 32] & 1 << (r % 32) != 0
    }

    fn add(&mut self, r: Reg) {
        self.0[r as usize / 32] |= 1 << (r % 32);
    }

    fn remove(&mut self, r: Reg) {
        self.0[r as usize / 32] &= !(1 << (r % 32));
    }

    fn keep(&mut self, other: &Bits) {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a &= b;
        }
    }

    fn subtract(&mut self, other: &Bits) {
        for (a, b) in self.0.iter_mut().zip(other.0) {
            *a &= !b;
        }
    }
}

/// What is known at a point of the code.
#[derive(Clone, Copy)]
pub(super) struct Flow {
    /// Variables that are bound on every path to here.
    pub bound: Bits,
    /// No path leads here.
    pub dead: bool,
}

/// A code object in the making.
pub(super) struct Unit {
    pub kind: ScopeKind,
    pub code: Buf<u8>,
    pub consts: List,
    pub handlers: Buf<Handler>,
    pub lines: Buf<u8>,
    /// The scope whose names are in force: the unit's or that of a comprehension inside it.
    pub scope: u32,
    pub name: Value,
    pub qualname: Value,
    /// The name of the first parameter, `UNDEF` without one.
    pub first_param: Value,
    /// Parameters, which have the first registers.
    pub n_params: u16,
    /// First temporary; below it are the variables.
    pub first_temp: u16,
    pub top: u16,
    /// The highest `top` so far.
    pub high: u16,
    pub n_far: u16,
    pub flow: Flow,
    /// Variables that may become unbound again.
    pub deleted: Bits,
    /// Variables that have to begin as unbound.
    pub init: Bits,
    /// Innermost block, see `unwind`.
    pub block: u32,
    pub line: u32,
    pub first_line: u32,
    last_line: u32,
    last_pc: u32,
    /// Where this unit's part of the shared stacks begins.
    pads: u32,
    attrs: u32,
    /// `__annotations__` exists (module units).
    pub annotated: bool,
}

impl Unit {
    /// A unit without code. Raises `MemoryError`.
    pub fn new(
        vm: &mut Vm,
        kind: ScopeKind,
        name: Value,
        qualname: Value,
        line: u32,
    ) -> Result<Unit, Raise> {
        Ok(Unit {
            kind,
            code: Buf::new(),
            consts: vm.new_list()?,
            handlers: Buf::new(),
            lines: Buf::new(),
            scope: 0,
            name,
            qualname,
            first_param: Value::UNDEF,
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
        })
    }

    /// Frees what the unit's code was collected in.
    pub fn free(self, vm: &mut Vm) {
        self.consts.free(vm);
        self.code.free(vm);
        self.handlers.free(vm);
        self.lines.free(vm);
        vm.search_heap_anew();
    }

    /// Reserves register 0 for the namespace of a module or class.
    pub fn reserve_namespace(&mut self) {
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
    /// Captures of the pattern at work: names and registers.
    captures: Buf<u32>,
    /// Names that the module's code declared `global`; `None` without any.
    globals: Option<List>,
}

impl Work {
    /// Empty stacks.
    pub fn new() -> Work {
        Work {
            labels: Buf::new(),
            blocks: Buf::new(),
            pads: Buf::new(),
            attrs: Buf::new(),
            captures: Buf::new(),
            globals: None,
        }
    }

    /// Frees the stacks.
    pub fn free(self, vm: &mut Vm) {
        self.labels.free(vm);
        self.blocks.free(vm);
        self.pads.free(vm);
        self.attrs.free(vm);
        self.captures.free(vm);
    }
}

/// The generator at work on a unit.
pub(super) struct Gen<'a> {
    pub vm: &'a mut Vm,
    pub ast: &'a Ast,
    pub scopes: &'a mut Scopes,
    pub options: &'a CompileOptions,
    pub work: &'a mut Work,
    pub unit: &'a mut Unit,
}

impl Gen<'_> {
    fn node(&self, id: Id) -> Node {
        self.ast.node(self.vm, id)
    }

    fn len(&self, seq: Seq) -> u32 {
        self.ast.seq_len(self.vm, seq)
    }

    fn child(&self, seq: Seq, i: u32) -> Id {
        self.ast.seq(self.vm, seq, i)
    }

    fn constant_of(&self, c: Const) -> Value {
        self.ast.constant(self.vm, c)
    }

    /// The value of a literal.
    fn literal(&self, id: Id) -> Option<Value> {
        if id.is_none() {
            return None;
        }
        match self.node(id).kind {
            Kind::Literal(c) => Some(self.constant_of(c)),
            _ => None,
        }
    }

    /// The name of a variable.
    fn name_of(&self, id: Id) -> Option<Value> {
        if id.is_none() {
            return None;
        }
        match self.node(id).kind {
            Kind::Name(c) => Some(self.constant_of(c)),
            _ => None,
        }
    }

    fn error(&mut self, message: &str) -> Raise {
        self.vm.raise_syntax(message, self.unit.line)
    }

    /// The line that the following instructions belong to.
    fn set_line(&mut self, line: u32) {
        if line != 0 {
            self.unit.line = line;
        }
    }
}
