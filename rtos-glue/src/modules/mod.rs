//! Python modules about tasks and the kernel: one file each, its table first.

pub mod asyncio;
mod handles;
pub mod rtos;
pub mod select;
pub mod text;
pub mod thread;

use threadsnake_vm::object::RomModule;

/// The glue's modules, for [`crate::host::RunConfig::modules`].
pub static MODULES: &[&RomModule] =
    &[&asyncio::ASYNCIO, &rtos::RTOS, &select::SELECT, &thread::THREAD];
