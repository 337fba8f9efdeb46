//! Typed handles: the only way to the inside of objects outside `heap` and `interp`.
//!
//! A handle is a [`Value`] that is known to point to an object of one kind. It is `Copy`; like any value it keeps
//! its object alive while it is on an attached task's native stack.
//!
//! # Invariants
//! 1. A handle's value points to a live object of the handle's kind (checked by `from_value`, promised by `from_known`).
//! 2. The bytes of `str`, `bytes` and big `int` and the items of a tuple never change after their construction, so a
//!    slice of them may live as long as the handle it was taken from. Everything else is read through `&Vm` and
//!    written through `&mut Vm`, so that no slice of it survives a call that may change it.

mod address;
mod buffer;
mod class;
mod code;
mod dict;
pub mod frozen;
mod limbs;
mod list;
mod misc;
mod native;
mod pieces;
mod rom;
mod rom_macros;
mod slots;
mod strings;
mod table;

pub use address::MemoryRegion;
pub use buffer::{Blob, Buffer, item_size};
pub use class::{Class, ClassFlags, Instance, MAX_SLOTS};
pub(crate) use code::CodeRoom;
pub(crate) use code::raw_bytes;
pub use code::{Code, CodeFlags, CodeParts, CodeShape, Function, Generator, Handler, Hint};
pub use dict::{
    Dict, Entries, FROZEN, HASHED, HIDES_NOTHING, HIDES_SOMETHING, MIXED, ORDERED, READ_ONLY, Set,
};
pub use limbs::Limbs;
pub use list::List;
pub(crate) use list::{array_items, sequence_items};
pub(crate) use misc::PassingSlice;
pub use misc::*;
pub use native::Native;
pub use pieces::{Flavor, Pieces};
pub use rom::*;
pub use slots::{PackedSlots, SlotList, Slots};
pub use strings::{Bytes, Int, Str, StrBuilder, Text, Tuple, count_chars};
pub use table::TableRef;
pub(crate) use table::has_cheap_hash;

use crate::value::{Header, Kind, Value};

/// A typed handle.
pub trait Handle: Copy {
    /// The kind of the handle's objects.
    const KIND: Kind;
    /// The handle of a value that is known to be of the kind.
    fn from_known(value: Value) -> Self;
    /// The value.
    fn value(self) -> Value;
    /// The handle of a value if it is of the kind. Does not look inside instances of subclasses; see `Vm::cast`.
    #[inline(always)]
    fn from_value(value: Value) -> Option<Self> {
        if value.is_kind(Self::KIND) { Some(Self::from_known(value)) } else { None }
    }
}

/// Declares a handle for a kind.
macro_rules! handle {
    ($(#[$doc:meta])* $name:ident, $kind:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(transparent)]
        pub struct $name(crate::value::Value);
        impl $name {
            /// The handle of a value that is known to be of the kind.
            #[inline(always)]
            pub fn from_known(value: crate::value::Value) -> $name {
                debug_assert!(value.is_kind(crate::value::Kind::$kind));
                $name(value)
            }
            /// The handle of a value if it is of the kind.
            #[inline(always)]
            pub fn from_value(value: crate::value::Value) -> Option<$name> {
                if value.is_kind(crate::value::Kind::$kind) { Some($name(value)) } else { None }
            }
            /// The value.
            #[inline(always)]
            pub fn value(self) -> crate::value::Value {
                self.0
            }
            /// aux of the object.
            #[allow(dead_code, reason = "not every kind has one")]
            #[inline(always)]
            pub(crate) fn aux(self) -> u16 {
                // SAFETY: a handle is of an object, which begins with its header.
                unsafe { (*self.0.object_ptr().cast::<crate::value::Header>()).aux }
            }
        }
        impl crate::object::Handle for $name {
            const KIND: crate::value::Kind = crate::value::Kind::$kind;
            #[inline(always)]
            fn from_known(value: crate::value::Value) -> $name {
                $name::from_known(value)
            }
            #[inline(always)]
            fn value(self) -> crate::value::Value {
                self.0
            }
        }
    };
}

/// Declares a handle together with its object's layout and an accessor pair for each field.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident, $obj:ident, $kind:ident {
        $($(#[$fdoc:meta])* $field:ident, $set:ident: $ty:ty;)*
    }) => {
        crate::object::handle!($(#[$doc])* $name, $kind);
        #[doc = concat!("Layout of a [`", stringify!($name), "`].")]
        #[repr(C)]
        pub(crate) struct $obj {
            pub header: crate::value::Header,
            $(pub $field: $ty,)*
        }
        #[allow(dead_code, reason = "every field has both accessors")]
        impl $name {
            #[inline(always)]
            pub(crate) fn raw(self) -> *mut $obj {
                self.0.object_ptr().cast()
            }
            /// Allocates one; the fields are all given.
            #[allow(clippy::too_many_arguments, reason = "one argument a field")]
            pub(crate) fn alloc(vm: &mut crate::Vm, aux: u16, $($field: $ty),*) -> Result<$name, crate::Raise> {
                let blocks = const { crate::object::blocks_of::<$obj>() };
                let header = crate::value::Header::new(crate::value::Kind::$kind, blocks, aux);
                let p = vm.alloc_blocks(header)?.cast::<$obj>();
                // SAFETY: a fresh object of that many blocks with its header set.
                unsafe {
                    $((&raw mut (*p.as_ptr()).$field).write($field);)*
                    Ok($name(crate::value::Value::from_object(p.as_ptr().cast())))
                }
            }
            $(
                $(#[$fdoc])*
                #[inline(always)]
                pub fn $field(self, _vm: &crate::Vm) -> $ty {
                    // SAFETY: invariant 1.
                    unsafe { (*self.raw()).$field }
                }
                /// Sets the field of that name.
                #[inline(always)]
                pub fn $set(self, _vm: &mut crate::Vm, $field: $ty) {
                    // SAFETY: invariant 1; `&mut Vm` excludes every other reader.
                    unsafe { (*self.raw()).$field = $field }
                }
            )*
        }
    };
}
pub(crate) use {handle, object};

/// Blocks of a small object with this layout.
pub(crate) const fn blocks_of<T>() -> u8 {
    size_of::<T>().div_ceil(crate::heap::BLOCK) as u8
}

/// The header of an object that may be written.
///
/// # Safety
/// `value` is an object in the heap.
#[inline(always)]
pub(crate) unsafe fn header_mut<'a>(value: Value) -> &'a mut Header {
    // SAFETY: the caller's promise.
    unsafe { &mut *value.object_ptr().cast::<Header>() }
}

/// aux of an object (0 for other values).
#[inline(always)]
pub fn aux(value: Value) -> u16 {
    value.header().map_or(0, |h| h.aux)
}

/// Writes aux of a heap object.
pub fn set_aux(_vm: &mut crate::Vm, value: Value, aux: u16) {
    debug_assert!(
        value.is_object()
            && !matches!(value.kind(), Some(Kind::RomFn | Kind::RomType | Kind::RomModule))
    );
    // SAFETY: a heap object (ROM objects with an aux, strings, never reach here: their aux is constant).
    unsafe { header_mut(value).aux = aux }
}
