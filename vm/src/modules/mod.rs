//! The Python modules that need no operating system: one file each, its table first.

pub mod builtins;
pub mod cmath;
pub mod collections;
pub mod errno;
pub mod exec;
pub mod gc;
pub mod import;
pub mod math;
pub mod micropython;
pub mod random;
pub mod sys;
pub mod time;

use crate::object::RomModule;

/// The VM's own modules; other rooms add theirs in `VmConfig::modules`.
pub static MODULES: &[&RomModule] = &[
    &builtins::BUILTINS, &cmath::CMATH,
    &collections::COLLECTIONS,
    &errno::ERRNO,
    &gc::GC, &math::MATH,
    &micropython::MICROPYTHON, &random::RANDOM,
    &sys::SYS, &time::TIME,
];
