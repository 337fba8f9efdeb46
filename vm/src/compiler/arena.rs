//! The arena of a syntax tree: nodes, lists of children and values in heap blocks.
//!
//! Everything is freed together by [`Ast::reset`], before the next top-level statement. While a node is being
//! parsed its children wait on a scratch stack; [`Ast::seq_from`] turns the part above a mark into a [`Seq`].
//!
//! # Invariants
//! 1. An index in a [`Id`], [`Seq`] or [`Const`] was given out by this arena since the last `reset`.
//! 2. The list of children of a `Seq` is its count followed by that many ids.
#![forbid(unsafe_code)]

use super::ast::{Const, Id, Kind, Node, Seq};
use crate::heap::buf::Buf;
use crate::object::List;
use crate::value::Value;
use crate::{Raise, Vm};

/// How many of the latest values are compared before a value is added again.
const RECENT: usize = 24;

/// The tree of one top-level statement.
///
/// Lives on the native stack, where the collector finds its blocks.
pub struct Ast {
    nodes: Buf<Node>,
    ids: Buf<u32>,
    scratch: Buf<u32>,
    constants: List,
}

impl Ast {
    /// An empty tree; `constants` is an empty list.
    pub fn new(constants: List) -> Ast {
        Ast { nodes: Buf::new(), ids: Buf::new(), scratch: Buf::new(), constants }
    }

    /// Frees the tree; the arena is empty again.
    pub fn reset(&mut self, vm: &mut Vm) {
        self.nodes.free(vm);
        self.ids.free(vm);
        self.scratch.truncate(0);
        self.constants.clear(vm);
    }

    /// The node; a name or a literal without a line. `id` is not [`Id::NONE`].
    pub fn node(&self, vm: &Vm, id: Id) -> Node {
        if let Some(name) = id.as_name() {
            Node { line: 0, kind: Kind::Name(name) }
        } else if let Some(value) = id.as_literal() {
            Node { line: 0, kind: Kind::Literal(value) }
        } else {
            self.nodes.get(vm, id.0.wrapping_sub(1))
        }
    }

    /// Number of children.
    pub fn seq_len(&self, vm: &Vm, seq: Seq) -> u32 {
        if seq == Seq::EMPTY { 0 } else { self.ids.get(vm, seq.0 - 1) }
    }

    /// A child; [`Id::NONE`] beyond the end.
    pub fn seq(&self, vm: &Vm, seq: Seq, i: u32) -> Id {
        if i < self.seq_len(vm, seq) { Id(self.ids.get(vm, seq.0 + i)) } else { Id::NONE }
    }

    /// The value of a literal or the string of a name.
    pub fn constant(&self, vm: &Vm, c: Const) -> Value {
        self.constants.get(vm, (c.0 as usize).wrapping_sub(1)).unwrap_or(Value::UNDEF)
    }

    /// The value of `id` if it is a literal.
    pub fn literal(&self, vm: &Vm, id: Id) -> Option<Value> {
        id.as_literal().map(|c| self.constant(vm, c))
    }

    /// Adds a node. Raises `MemoryError`.
    pub fn push(&mut self, vm: &mut Vm, node: &Node) -> Result<Id, Raise> {
        let number = self.nodes.push(vm, *node)? + 1;
        if number > Id::MAX_NUMBER {
            return Err(vm.no_memory());
        }
        Ok(Id(number))
    }

    /// Replaces a node that has a place of its own (is neither a name nor a literal).
    pub fn replace(&mut self, vm: &mut Vm, id: Id, kind: Kind) {
        let line = self.nodes.get(vm, id.0 - 1).line;
        self.nodes.set(vm, id.0 - 1, Node { line, kind });
    }

    /// Adds a value. Raises `MemoryError`.
    pub fn push_constant(&mut self, vm: &mut Vm, value: Value) -> Result<Const, Raise> {
        let n = self.constants.len(vm);
        let recent = n.saturating_sub(RECENT)..n;
        let same = recent.rev().find(|&i| self.constants.get(vm, i) == Some(value));
        if same.is_none() {
            if n >= Id::MAX_NUMBER as usize {
                return Err(vm.no_memory());
            }
            self.constants.push(vm, value)?;
        }
        Ok(Const(same.unwrap_or(n) as u32 + 1))
    }

    /// Height of the scratch stack.
    pub fn mark(&self) -> u32 {
        self.scratch.len()
    }

    /// Puts a child on the scratch stack. Raises `MemoryError`.
    pub fn wait(&mut self, vm: &mut Vm, id: Id) -> Result<(), Raise> {
        self.scratch.push(vm, id.0)?;
        Ok(())
    }

    /// The waiting child at height `at`; [`Id::NONE`] from [`Ast::mark`] on.
    pub fn waiting(&self, vm: &Vm, at: u32) -> Id {
        if at < self.mark() { Id(self.scratch.get(vm, at)) } else { Id::NONE }
    }

    /// Replaces the waiting child at height `at`; ignored from [`Ast::mark`] on.
    pub fn set_waiting(&mut self, vm: &mut Vm, at: u32, id: Id) {
        if at < self.mark() {
            self.scratch.set(vm, at, id.0);
        }
    }

    /// Drops the children above `mark`.
    pub fn forget(&mut self, mark: u32) {
        self.scratch.truncate(mark);
    }

    /// Takes the children above `mark` off the scratch stack, in the order they were put there. Raises `MemoryError`.
    pub fn seq_from(&mut self, vm: &mut Vm, mark: u32) -> Result<Seq, Raise> {
        let end = self.scratch.len();
        if end <= mark {
            return Ok(Seq::EMPTY);
        }
        let seq = self.ids.push(vm, end - mark)?;
        for i in mark..end {
            let id = self.scratch.get(vm, i);
            self.ids.push(vm, id)?;
        }
        self.scratch.truncate(mark);
        Ok(Seq(seq + 1))
    }
}
