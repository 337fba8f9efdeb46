//! The interpreter: a MicroPython-compatible register VM in bounded memory.
//!
//! Knows no RTOS, no board and no C library; what it needs of its surroundings it asks of a [`host::Host`].
//!
//! The rooms, each using only those before it: `value` (tagged words, headers, names), `heap` (allocation and
//! collection), `object` (typed handles: the only way to the inside of objects), `num` (arithmetic without objects),
//! `vm` (shared state, thread records, exceptions), `bytecode`, `compiler`, `interp` (frames, dispatch, calls),
//! `ops` (what Python does with any object), `types` and `modules` (one file per built-in type and module).
#![no_std]
#![cfg_attr(
    not(feature = "full"),
    allow(
        dead_code,
        unused_imports,
        reason = "what is in no table of the build's features, the linker leaves out"
    )
)]

#[cfg(test)]
mod alloc_failures;
pub mod bytecode;
pub mod compiler;
pub mod heap;
pub mod host;
mod interp;
pub mod modules;
pub mod num;
pub mod object;
mod ops;
#[cfg(any(test, feature = "hosted"))]
pub mod testing;
pub mod types;
pub mod value;
mod vm;

/// This build takes shorter ways where values are of the usual kinds. Without them it does all the same, by the way that
/// any value goes.
pub(crate) const SHORTCUTS: bool = cfg!(feature = "shortcuts");

/// The exception types, by their names in capitals.
pub mod exc {
    use crate::object::RomType;
    use crate::value::Value;

    /// A built-in exception type: its number here, which takes less code to hand on than an address.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub struct ExcType(u8);

    impl ExcType {
        /// The type.
        #[inline]
        pub fn rom_type(self) -> &'static RomType {
            TYPES[usize::from(self.0)]
        }

        /// The type as a value.
        #[inline]
        pub fn value(self) -> Value {
            self.rom_type().value()
        }
    }

    macro_rules! exceptions {
        ($($(#[$when:meta])* $id:ident)*) => {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "the constants' names")]
            enum Number { $($(#[$when])* $id),* }
            $(
                $(#[$when])*
                #[doc = concat!("See `types::exceptions::", stringify!($id), "`.")]
                pub const $id: ExcType = ExcType(Number::$id as u8);
            )*
            static TYPES: &[&RomType] = &[$($(#[$when])* &crate::types::exceptions::$id),*];
        };
    }
    exceptions! {
        BASE_EXCEPTION SYSTEM_EXIT KEYBOARD_INTERRUPT GENERATOR_EXIT EXCEPTION STOP_ITERATION STOP_ASYNC_ITERATION
        ARITHMETIC_ERROR OVERFLOW_ERROR ZERO_DIVISION_ERROR ASSERTION_ERROR ATTRIBUTE_ERROR BUFFER_ERROR EOF_ERROR
        IMPORT_ERROR LOOKUP_ERROR INDEX_ERROR KEY_ERROR MEMORY_ERROR NAME_ERROR UNBOUND_LOCAL_ERROR OS_ERROR
        TIMEOUT_ERROR REFERENCE_ERROR RUNTIME_ERROR NOT_IMPLEMENTED_ERROR RECURSION_ERROR SYNTAX_ERROR INDENTATION_ERROR
        TYPE_ERROR VALUE_ERROR UNICODE_ERROR
        #[cfg(feature = "extra")]
        MODULE_NOT_FOUND_ERROR
        #[cfg(feature = "extra")]
        SYSTEM_ERROR
        #[cfg(feature = "extra")]
        WARNING
        #[cfg(feature = "extra")]
        DEPRECATION_WARNING
    }
}

pub use exc::ExcType;
pub use interp::Resumed;
pub use vm::{
    CreateError, HANDLERS, HandlerId, HandlerStats, Raise, StackBounds, Tap, Unlocked, Vm,
    VmConfig, VmHandle, pending,
};
