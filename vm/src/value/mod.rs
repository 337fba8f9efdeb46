//! Tagged words: what a Python variable holds.
//!
//! One tagging serves both word sizes:
//!
//! | low bits | meaning |
//! |---|---|
//! | `…0`  | small int, the value shifted left by one |
//! | `…01` | pointer to an object header, in the heap or in ROM, plus one |
//! | `…11` | immediate: `None`, `True`, …; see [`Value::NONE`] |
//!
//! A `Value` is a raw pointer inside, so it is `Copy` and neither `Send` nor `Sync`: it can not leave
//! the task that is attached to its VM. It stays valid while it is reachable from a root: an attached
//! task's native stack and registers, a register window, or another reachable object.
//!
//! # Invariants
//! 1. A pointer value points to a live, initialised object header (heap or ROM), 4-byte aligned.
//! 2. The object pointer is the value minus one; it keeps the provenance of its region or static.

pub mod fpu;
pub mod header;
pub mod names;

pub use header::{Header, Kind};

use core::fmt;

/// What Python's `float` is in this build.
#[cfg(not(feature = "float-single"))]
pub type Scalar = f64;
/// What Python's `float` is in this build.
#[cfg(feature = "float-single")]
pub type Scalar = f32;

/// A tagged word. See the module's documentation.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Value(*const u8);

const fn immediate(n: usize) -> Value {
    Value(core::ptr::without_provenance(n << 2 | 3))
}

impl Value {
    /// No value: an unbound register, an absent argument, an empty dictionary entry. Never seen by Python.
    pub const UNDEF: Value = immediate(0);
    /// `None`.
    pub const NONE: Value = immediate(1);
    /// `False`.
    pub const FALSE: Value = immediate(2);
    /// `True`. Differs from [`Value::FALSE`] in bit 2 only.
    pub const TRUE: Value = immediate(3);
    /// `Ellipsis`.
    pub const ELLIPSIS: Value = immediate(4);
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: Value = immediate(5);
    /// Marks the end of an iteration inside the VM. Never seen by Python.
    pub const STOP: Value = immediate(6);
    /// A deleted dictionary or set entry. Never seen by Python.
    pub const DELETED: Value = immediate(7);

    /// The largest small int.
    pub const SMALL_INT_MAX: isize = isize::MAX >> 1;
    /// The smallest small int.
    pub const SMALL_INT_MIN: isize = isize::MIN >> 1;

    /// A small int, or `None` where `n` does not fit the tagged word.
    #[inline(always)]
    pub const fn small_int(n: isize) -> Option<Value> {
        let shifted = n << 1;
        if shifted >> 1 == n {
            Some(Value(core::ptr::without_provenance(shifted as usize)))
        } else {
            None
        }
    }

    /// A small int from a number that is known to fit (at most 30 bits and sign).
    #[inline(always)]
    pub const fn int(n: i32) -> Value {
        debug_assert!(n >= -(1 << 30) && n < 1 << 30);
        Value(core::ptr::without_provenance(((n as isize) << 1) as usize))
    }

    /// A length, an index or a count: fits because no object has 2^30 parts on a 32-bit target.
    #[inline(always)]
    pub const fn from_len(n: usize) -> Value {
        Value(core::ptr::without_provenance(n << 1))
    }

    /// `True` or `False`.
    #[inline(always)]
    pub const fn bool(b: bool) -> Value {
        if b { Value::TRUE } else { Value::FALSE }
    }

    /// The word itself.
    #[inline(always)]
    pub fn bits(self) -> usize {
        self.0.addr()
    }

    /// The value whose word is `bits` and which is not a pointer (small int or immediate).
    #[inline(always)]
    pub const fn from_bits(bits: usize) -> Value {
        debug_assert!(bits & 3 != 1);
        Value(core::ptr::without_provenance(bits))
    }

    /// True for a small int.
    #[inline(always)]
    pub fn is_small_int(self) -> bool {
        self.bits() & 1 == 0
    }

    /// True for a pointer to an object.
    #[inline(always)]
    pub fn is_object(self) -> bool {
        self.bits() & 3 == 1
    }

    /// The number of a small int.
    #[inline(always)]
    pub fn as_small_int(self) -> Option<isize> {
        if self.is_small_int() { Some(self.bits() as isize >> 1) } else { None }
    }

    /// True for [`Value::UNDEF`].
    #[inline(always)]
    pub fn is_undef(self) -> bool {
        self == Value::UNDEF
    }

    /// True for `None`.
    #[inline(always)]
    pub fn is_none(self) -> bool {
        self == Value::NONE
    }

    /// True for `True` and `False`.
    #[inline(always)]
    pub fn is_bool(self) -> bool {
        self == Value::TRUE || self == Value::FALSE
    }

    /// The value that points to `header`.
    ///
    /// # Safety
    /// `header` is a live object header and its pointer may be used for the whole object (invariants 1 and 2).
    #[inline(always)]
    pub const unsafe fn from_object(header: *const Header) -> Value {
        Value(header.cast::<u8>().wrapping_add(1))
    }

    /// The object's address; meaningless for a value that is not an object.
    #[inline(always)]
    pub fn object_ptr(self) -> *mut u8 {
        self.0.wrapping_sub(1).cast_mut()
    }

    /// The header of an object.
    #[inline(always)]
    pub fn header(self) -> Option<Header> {
        if self.is_object() {
            // SAFETY: invariant 1.
            Some(unsafe { *self.object_ptr().cast::<Header>() })
        } else {
            None
        }
    }

    /// The kind of an object, `None` for small ints and immediates.
    #[inline(always)]
    pub fn kind(self) -> Option<Kind> {
        self.header().map(|h| h.kind())
    }

    /// True for an object of this kind.
    #[inline(always)]
    pub fn is_kind(self, kind: Kind) -> bool {
        kind.is_built() && self.is_object() && {
            // SAFETY: invariant 1.
            let header = unsafe { *self.object_ptr().cast::<Header>() };
            header.kind_number() == kind as usize
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.as_small_int(), self.kind()) {
            (Some(n), _) => write!(f, "Value({n})"),
            (_, Some(kind)) => write!(f, "Value({kind:?} at {:#x})", self.bits() - 1),
            _ => write!(f, "Value(immediate {})", self.bits() >> 2),
        }
    }
}

/// A value in ROM tables. All it may refer to is immutable and lives for ever.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct RomValue(pub Value);

// SAFETY: a `RomValue` in a static refers to ROM objects only; nothing ever writes them.
unsafe impl Sync for RomValue {}
