//! The Python modules that need no operating system: one file each, its table first.

pub mod array;
pub mod builtins;
pub mod collections;
pub mod errno;
pub mod exec;
pub mod gc;
pub mod import;
pub mod io;
pub mod micropython;
pub mod struct_;
pub mod sys;

use crate::object::RomModule;

/// The VM's own modules; other rooms add theirs in `VmConfig::modules`.
pub static MODULES: &[&RomModule] = &[
    &array::ARRAY,
    &builtins::BUILTINS,
    &collections::COLLECTIONS,
    &errno::ERRNO,
    &gc::GC,
    &io::IO,
    &micropython::MICROPYTHON,
    &struct_::STRUCT,
    &sys::SYS,
];
