//! Python modules about tasks and the kernel: one file each, its table first.

pub mod asyncio;
mod handles;
pub mod rtos;
pub mod select;
pub mod text;
pub mod thread;

use threadsnake_vm::object::RomModule;

/// The glue's modules, for [`crate::host::RunConfig::modules`].
pub static MODULES: &[&RomModule] = &[
    #[cfg(feature = "asyncio")]
    &asyncio::ASYNCIO,
    #[cfg(feature = "rtos")]
    &rtos::RTOS,
    #[cfg(feature = "select")]
    &select::SELECT,
    #[cfg(feature = "thread")]
    &thread::THREAD,
];
