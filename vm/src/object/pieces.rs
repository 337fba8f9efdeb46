//! Text and bytes put together from pieces whose total length is known: one allocation, one copy.
//!
//! # Invariants
//! 1. Until [`Pieces::finish`] nobody else knows the new object; all its bytes are initialised from the start.

use super::strings::payload;
use super::{Buffer, ByteArray};
use crate::value::names::{STR_ASCII, ascii_char, hash_bytes, q};
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

/// Which of the three types of text an operation works on. A whole word, for structures with a smaller field are copied
/// in four pieces.
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

/// An object of a flavor that is being filled from front to back. Lives on the native stack, which keeps it alive.
pub struct Pieces {
    object: Value,
    flavor: Flavor,
    len: usize,
    at: usize,
}

impl Pieces {
    /// Room for `len` bytes.
    pub fn new(vm: &mut Vm, flavor: Flavor, len: usize) -> Result<Pieces, Raise> {
        let object = match flavor {
            _ if len == 0 => Value::UNDEF,
            Flavor::ByteArray => ByteArray::new(vm, 0, len)?.value(),
            Flavor::Bytes => vm.new_bytes_with(len, |_| ())?,
            Flavor::Str => {
                let object = vm.alloc_counted(Kind::Str, 0, len, 1)?;
                // SAFETY: the object was just made with room for `len` bytes. Zeros are UTF-8.
                unsafe { core::ptr::write_bytes(payload(object), 0, len) };
                object
            }
        };
        Ok(Pieces { object, flavor, len, at: 0 })
    }

    fn target(&mut self, vm: &Vm) -> &mut [u8] {
        let (p, len) = match self.flavor {
            _ if self.object.is_undef() => (core::ptr::dangling_mut(), 0),
            Flavor::ByteArray => ByteArray::from_known(self.object).locate(vm),
            _ => (payload(self.object), self.len),
        };
        // SAFETY: invariant 1: nobody else refers to these bytes.
        unsafe { core::slice::from_raw_parts_mut(p, len) }
    }

    /// Appends bytes, as many as there is room for.
    pub fn push(&mut self, vm: &Vm, bytes: &[u8]) {
        let at = self.at;
        let room = &mut self.target(vm)[at..];
        let n = bytes.len().min(room.len());
        room[..n].copy_from_slice(&bytes[..n]);
        self.at += n;
    }

    /// Appends `n` times the same byte, as often as there is room for it.
    pub fn fill(&mut self, vm: &Vm, byte: u8, n: usize) {
        let at = self.at;
        let room = &mut self.target(vm)[at..];
        let n = n.min(room.len());
        room[..n].fill(byte);
        self.at += n;
    }

    /// Goes on at offset `at`, if that lies ahead; what is left out is zero.
    pub fn skip_to(&mut self, at: usize) {
        self.at = self.at.max(at.min(self.len));
    }

    /// Appends what is there already until the room is used up: repeats it.
    pub fn repeat(&mut self, vm: &Vm) {
        let mut done = self.at;
        let target = self.target(vm);
        while done > 0 && done < target.len() {
            let n = done.min(target.len() - done);
            target.copy_within(..n, done);
            done += n;
        }
        self.at = done;
    }

    /// The bytes so far.
    pub fn bytes_mut(&mut self, vm: &Vm) -> &mut [u8] {
        let at = self.at;
        &mut self.target(vm)[..at]
    }

    /// The object. What was not filled stays zero. `UnicodeError` for a `str` that is not UTF-8.
    pub fn finish(mut self, vm: &mut Vm) -> Result<Value, Raise> {
        if self.object.is_undef() {
            return match self.flavor {
                Flavor::Str => Ok(q::EMPTY.value()),
                Flavor::Bytes => vm.new_bytes(&[]),
                Flavor::ByteArray => Ok(ByteArray::new(vm, 0, 0)?.value()),
            };
        }
        if self.flavor == Flavor::Str {
            let text = self.target(vm);
            let ascii = text.is_ascii();
            if !ascii && core::str::from_utf8(text).is_err() {
                // Nobody may see it, the collector aside, which looks at its size only.
                return Err(vm.raise(exc::UNICODE_ERROR, ""));
            }
            let aux = hash_bytes(text) | if ascii { STR_ASCII } else { 0 };
            super::set_aux(vm, self.object, aux);
        }
        Ok(self.object)
    }
}

impl Buffer {
    /// A new object of a flavor with a copy of these bytes.
    pub fn copy(self, vm: &mut Vm, flavor: Flavor) -> Result<Value, Raise> {
        let n = self.len(vm);
        if let (&[c @ 0..128], Flavor::Str) = (self.bytes(vm), flavor) {
            return Ok(ascii_char(c));
        }
        let mut copy = Pieces::new(vm, flavor, n)?;
        copy.push(vm, self.bytes(vm));
        copy.finish(vm)
    }
}
