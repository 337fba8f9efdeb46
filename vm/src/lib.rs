//! The interpreter: a MicroPython-compatible register VM in bounded memory.
//!
//! Knows no RTOS, no board and no C library; what it needs of its surroundings it asks of a [`host::Host`].
#![no_std]

pub mod bytecode;
pub mod compiler;
pub mod heap;
pub mod value;
