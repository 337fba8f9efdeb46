//! Python modules about tasks and the kernel: one file each, its table first.

pub mod rtos;
pub mod select;
pub mod thread;

use threadsnake_vm::object::RomModule;

/// The glue's modules, for [`crate::host::RunConfig::modules`].
pub static MODULES: &[&RomModule] = &[&rtos::RTOS, &select::SELECT, &thread::THREAD];
