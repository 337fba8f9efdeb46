//! The simulated board: FreeRTOS and the interpreter in one Linux process.

pub mod console;
pub mod options;
pub mod posix;
pub mod tasks;
