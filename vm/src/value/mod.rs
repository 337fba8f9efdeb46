//! Tagged words: what a Python variable holds.
//!
//! One tagging serves both word sizes:
//!
//! | low bits | meaning |
//! |---|---|
//! | `…1`  | small int, the value shifted left by one |
//! | `…00` | pointer to an object header, in the heap or in ROM |
//! | `…10` | immediate: `None`, `True`, …; see [`Value::NONE`] |
//!
//! The word is never 0, so that an `Option<Value>` and a `Result<Value, Raise>` are one word too. Memory that was cleared
//! holds no values.
//!
//! A `Value` is a pointer inside, so it is `Copy` and neither `Send` nor `Sync`: it can not leave
//! the task that is attached to its VM. It stays valid while it is reachable from a root: an attached
//! task's native stack and registers, a register window, or another reachable object.
//!
//! # Invariants
//! 1. A pointer value points to a live, initialised object header (heap or ROM), 4-byte aligned.
//! 2. It keeps the provenance of its region or static.

pub mod fpu;
pub mod header;
pub mod names;

pub use header::{Header, Kind};

use core::fmt;
use core::num::NonZero;
use core::ptr::NonNull;

/// What Python's `float` is in this build.
#[cfg(not(feature = "float-single"))]
pub type Scalar = f64;
/// What Python's `float` is in this build.
#[cfg(feature = "float-single")]
pub type Scalar = f32;

/// A tagged word. See the module's documentation.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Value(NonNull<u8>);

/// The value whose word is `bits` with this tag, which is not 0 and not a pointer's.
#[inline(always)]
const fn tagged(bits: usize, tag: usize) -> Value {
    // SAFETY: the tag has a bit.
    Value(NonNull::without_provenance(unsafe { NonZero::new_unchecked(bits | tag) }))
}

impl Value {
    /// Immediate `n`, one of those below.
    #[inline(always)]
    pub const fn immediate(n: u8) -> Value {
        tagged((n as usize) << 2, 2)
    }

    /// No value: an unbound register, an absent argument, an empty dictionary entry. Never seen by Python.
    pub const UNDEF: Value = Value::immediate(0);
    /// `None`.
    pub const NONE: Value = Value::immediate(1);
    /// `False`.
    pub const FALSE: Value = Value::immediate(2);
    /// `True`. Differs from [`Value::FALSE`] in bit 2 only.
    pub const TRUE: Value = Value::immediate(3);
    /// `Ellipsis`.
    pub const ELLIPSIS: Value = Value::immediate(4);
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: Value = Value::immediate(5);
    /// Marks the end of an iteration inside the VM. Never seen by Python.
    pub const STOP: Value = Value::immediate(6);
    /// A deleted dictionary or set entry. Never seen by Python.
    pub const DELETED: Value = Value::immediate(7);

    /// The largest small int.
    pub const SMALL_INT_MAX: isize = isize::MAX >> 1;
    /// The smallest small int.
    pub const SMALL_INT_MIN: isize = isize::MIN >> 1;

    /// A small int, or `None` where `n` does not fit the tagged word.
    #[inline(always)]
    pub const fn small_int(n: isize) -> Option<Value> {
        let shifted = n << 1;
        if shifted >> 1 == n { Some(tagged(shifted as usize, 1)) } else { None }
    }

    /// A small int from a number that is known to fit (at most 30 bits and sign).
    #[inline(always)]
    pub const fn int(n: i32) -> Value {
        debug_assert!(n >= -(1 << 30) && n < 1 << 30);
        tagged(((n as isize) << 1) as usize, 1)
    }

    /// A length, an index or a count: fits because no object has 2^30 parts on a 32-bit target.
    #[inline(always)]
    pub const fn from_len(n: usize) -> Value {
        tagged(n << 1, 1)
    }

    /// `True` or `False`.
    #[inline(always)]
    pub const fn bool(b: bool) -> Value {
        if b { Value::TRUE } else { Value::FALSE }
    }

    /// The word itself.
    #[inline(always)]
    pub fn bits(self) -> usize {
        self.0.addr().get()
    }

    /// The small int with the bits of `word` but for the lowest, which is the tag.
    #[inline(always)]
    pub const fn from_word(word: isize) -> Value {
        tagged(word as usize, 1)
    }

    /// An even number, such as an address, as a small int that the collector does not follow.
    #[inline(always)]
    pub const fn from_even(number: usize) -> Value {
        debug_assert!(number & 1 == 0);
        tagged(number, 1)
    }

    /// The number that [`Value::from_even`] was given.
    #[inline(always)]
    pub fn as_even(self) -> usize {
        self.bits() & !1
    }

    /// True for a small int.
    #[inline(always)]
    pub fn is_small_int(self) -> bool {
        self.bits() & 1 != 0
    }

    /// True for a pointer to an object.
    #[inline(always)]
    pub fn is_object(self) -> bool {
        self.bits() & 3 == 0
    }

    /// The number of a small int.
    #[inline(always)]
    pub fn as_small_int(self) -> Option<isize> {
        if self.is_small_int() { Some(self.bits() as isize >> 1) } else { None }
    }

    /// The number of what is known to be a small int, as natives keep theirs; some number for anything else.
    #[inline(always)]
    pub fn known_int(self) -> isize {
        self.bits() as isize >> 1
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
        self.bits() | 4 == Value::TRUE.bits()
    }

    /// The value that points to `header`.
    ///
    /// # Safety
    /// `header` is a live object header and its pointer may be used for the whole object (invariants 1 and 2).
    #[inline(always)]
    pub const unsafe fn from_object(header: *const Header) -> Value {
        // SAFETY: the caller's promise: there is an object.
        Value(unsafe { NonNull::new_unchecked(header.cast_mut().cast()) })
    }

    /// The object's address; meaningless for a value that is not an object.
    #[inline(always)]
    pub fn object_ptr(self) -> *mut u8 {
        self.0.as_ptr()
    }

    /// The same as a pointer that is not null.
    #[inline(always)]
    pub fn object(self) -> NonNull<u8> {
        self.0
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
        if self.is_object() {
            // SAFETY: invariant 1. Only the kind is read: a byte needs no unpacking.
            Some(unsafe { (*self.object_ptr().cast::<Header>()).kind() })
        } else {
            None
        }
    }

    /// True for an object of this kind.
    #[inline(always)]
    pub fn is_kind(self, kind: Kind) -> bool {
        kind.is_built() && self.kind() == Some(kind)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.as_small_int(), self.kind()) {
            (Some(n), _) => write!(f, "Value({n})"),
            (_, Some(kind)) => write!(f, "Value({kind:?} at {:#x})", self.bits()),
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
