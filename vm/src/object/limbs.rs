//! Big integers in the making: limbs in the heap that a calculation writes before anybody else knows them.
//!
//! # Invariants
//! 1. The object of a [`Limbs`] is a live object of kind `Int` with room for `n` limbs, which nothing but this
//!    `Limbs` refers to; so its limbs may be borrowed while the VM is used, safe points included.
//! 2. A [`Limbs`] and what is borrowed from it stay on the native stack, where the collector finds them.

use core::ptr::NonNull;

use super::Int;
use super::strings::payload;
use crate::value::header::WORD;
use crate::value::{Kind, Value};
use crate::{Raise, Vm};

/// Bytes of a limb.
const LIMB: usize = 4;

/// Limbs that a calculation writes. One that is dropped is collected later.
pub struct Limbs {
    object: Value,
    n: usize,
}

impl Limbs {
    /// `n` limbs, to be written before they are read: they hold what was there before. Raises `MemoryError`, in a build without big integers `OverflowError`.
    pub fn new(vm: &mut Vm, n: usize) -> Result<Limbs, Raise> {
        vm.has_big_ints()?;
        let Some(bytes) = n.checked_mul(LIMB) else { return Err(vm.no_memory()) };
        let object = vm.alloc_counted(Kind::Int, 0, bytes, 1)?;
        if cfg!(debug_assertions) {
            // SAFETY: the object was just made with room for that many bytes.
            unsafe { core::ptr::write_bytes(payload(object), 0xA5, bytes) };
        }
        Ok(Limbs { object, n })
    }

    /// The limbs.
    pub fn get(&mut self) -> &mut [u32] {
        // SAFETY: invariant 1; the payload is 8-byte aligned.
        unsafe { core::slice::from_raw_parts_mut(payload(self.object).cast(), self.n) }
    }

    /// The limbs, to read.
    pub fn as_slice(&self) -> &[u32] {
        // SAFETY: invariant 1.
        unsafe { core::slice::from_raw_parts(payload(self.object).cast(), self.n) }
    }

    /// The first `n` limbs, and the memory of the others as bytes.
    pub fn split(&mut self, n: usize) -> (&mut [u32], &mut [u8]) {
        let (limbs, rest) = self.get().split_at_mut(n);
        // SAFETY: any bytes are limbs and limbs are bytes.
        let (_, bytes, _) = unsafe { rest.align_to_mut::<u8>() };
        (limbs, bytes)
    }

    /// Makes an `int` of the first `len` limbs, the last of which is not zero; the rest is freed. The caller made
    /// sure that the number is not small.
    pub fn finish(self, vm: &mut Vm, negative: bool, len: usize) -> Int {
        debug_assert!(len <= self.n && len * LIMB >= WORD);
        super::set_aux(vm, self.object, negative as u16);
        if let Some(p) = NonNull::new(self.object.object_ptr()) {
            // SAFETY: invariant 1; the limbs that stay are initialised.
            unsafe { vm.shared_mut().heap.shrink(p, 8 + len * LIMB) };
        }
        Int::from_known(self.object)
    }

    /// Frees the limbs.
    pub fn free(self, vm: &mut Vm) {
        vm.free_raw(self.object);
    }
}
