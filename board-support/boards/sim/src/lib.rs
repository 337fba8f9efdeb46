//! The simulated board: FreeRTOS and the interpreter in one Linux process.

pub mod board;
pub mod boot;
pub mod console;
pub mod devices;
pub mod files;
pub mod net;
pub mod options;
pub mod posix;
pub mod program;
pub mod servers;
pub mod storage;
pub mod tasks;

critical_section::set_impl!(threadsnake_glue::KernelSection);
