//! Text and bytes put together from pieces whose total length is known: one allocation, one copy.
//!
//! # Invariants
//! 1. Until [`Pieces::finish`] nobody else knows the new object; all its bytes are initialised from the start.

use super::ByteArray;
use super::strings::{checked_aux, count, empty_bytes, payload};
use crate::value::names::{q, rom_char};
use crate::value::{Kind, Value};
use crate::{Raise, Vm};

/// Which of the three types of text an operation works on. A whole word, for smaller ones are extended at every use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum Flavor {
    /// `str`
    Str,
    /// `bytes`
    Bytes,
    /// `bytearray`
    ByteArray,
}

impl Flavor {
    /// The kind of the object with the bytes.
    pub(super) fn kind(self) -> Kind {
        match self {
            Flavor::Str => Kind::Str,
            Flavor::Bytes => Kind::Bytes,
            Flavor::ByteArray => Kind::Raw,
        }
    }
}

/// An object of a flavor that is being filled from front to back. Lives on the native stack, which keeps it alive.
pub struct Pieces {
    /// A `str` or `bytes`, in ROM if it is empty, or the buffer of a `bytearray` to be.
    object: Value,
    at: usize,
}

impl Pieces {
    /// Room for `len` bytes.
    pub fn new(vm: &mut Vm, flavor: Flavor, len: usize) -> Result<Pieces, Raise> {
        let object = match flavor {
            Flavor::Str if len == 0 => q::EMPTY.value(),
            Flavor::Bytes if len == 0 => empty_bytes(),
            _ => vm.new_zeroed(flavor.kind(), len)?,
        };
        Ok(Pieces { object, at: 0 })
    }

    /// An object of a flavor with a copy of these bytes, which belong to no object that may be freed or are reachable.
    pub fn copy(vm: &mut Vm, flavor: Flavor, bytes: &[u8]) -> Result<Value, Raise> {
        if let (&[c], Flavor::Str) = (bytes, flavor)
            && let Some(v) = rom_char(c)
        {
            return Ok(v);
        }
        let mut copy = Pieces::new(vm, flavor, bytes.len())?;
        copy.push(bytes);
        copy.finish(vm)
    }

    /// The object: `str` and `bytes` themselves.
    pub(super) fn value(self) -> Value {
        self.object
    }

    /// All bytes.
    pub(super) fn all_mut(&mut self) -> &mut [u8] {
        // SAFETY: invariant 1: nobody else refers to these bytes. Those in ROM are none.
        unsafe { core::slice::from_raw_parts_mut(payload(self.object), count(self.object)) }
    }

    /// Room for the next `n` bytes, or for as many as there still are.
    fn room(&mut self, n: usize) -> &mut [u8] {
        let start = self.at;
        let left = count(self.object) - start;
        self.at = start + n.min(left);
        let end = self.at;
        // SAFETY: `start` is at most `end`, which is at most the length.
        unsafe { self.all_mut().get_unchecked_mut(start..end) }
    }

    /// Appends bytes, as many as there is room for.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = self.room(bytes.len());
        // SAFETY: the room is not longer than the bytes, and nobody else knows it.
        unsafe { core::ptr::copy_nonoverlapping(bytes.as_ptr(), room.as_mut_ptr(), room.len()) };
    }

    /// Appends `n` times the same byte, as often as there is room for it.
    pub fn fill(&mut self, byte: u8, n: usize) {
        self.room(n).fill(byte);
    }

    /// Appends what is there already until the room is used up: repeats it.
    pub fn repeat(&mut self) {
        let start = self.all_mut().as_mut_ptr();
        while self.at > 0 && self.at < count(self.object) {
            let done = self.at;
            let n = self.room(done).len();
            // SAFETY: what is done is as long as the room behind it, or longer, and does not overlap it.
            unsafe { core::ptr::copy_nonoverlapping(start, start.add(done), n) };
        }
    }

    /// The bytes so far.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let at = self.at;
        &mut self.all_mut()[..at]
    }

    /// The object. What was not filled stays zero. `UnicodeError` for a `str` that is not UTF-8.
    pub fn finish(mut self, vm: &mut Vm) -> Result<Value, Raise> {
        let object = self.object;
        if object.is_kind(Kind::Str) && count(object) > 0 {
            // Nobody may see one that is no text, the collector aside, which looks at its size only.
            let aux = checked_aux(vm, self.all_mut())?;
            super::set_aux(vm, object, aux);
        }
        Pieces::wrap(vm, object)
    }

    /// The object to the bytes in a `str`, `bytes` or Raw object.
    pub(super) fn wrap(vm: &mut Vm, object: Value) -> Result<Value, Raise> {
        match object.is_kind(Kind::Raw) {
            true => Ok(ByteArray::around(vm, 0, object)?.value()),
            false => Ok(object),
        }
    }
}
