//! Python modules about tasks and the kernel: one file each, its table first.

#[cfg(feature = "asyncio")]
pub mod asyncio;
#[cfg(feature = "rtos")]
mod handles;
#[cfg(feature = "rtos")]
pub mod rtos;
pub mod select;
#[cfg(any(feature = "asyncio", feature = "thread"))]
pub mod text;
#[cfg(feature = "thread")]
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
