//! The interpreter: a MicroPython-compatible register VM in bounded memory.
#![no_std]

pub mod num;
