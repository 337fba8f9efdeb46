//! Between FreeRTOS and the interpreter: tasks, the GIL, waiting, the log.
//!
//! Two ways to the kernel, each for what it does soundly:
//! - [`rtos`], over our own C shim (`shim/ts_rtos.c`): tasks in memory that we are given, priorities, one
//!   notification index and one per-task pointer of our own, calls that are right in tasks and interrupts.
//!   The GIL, the pool and every wait are made of these.
//! - the crate `freertos-rust`, re-exported as [`kernel`]: semaphores, queues, event groups and software timers
//!   for services and for Python's `rtos` module. Not used of it: `Task` (its closures delete themselves when
//!   they return, its stacks come from a heap), `FreeRtosAllocator` (ignores alignment),
//!   `FreeRtosUtils::start_scheduler` (typed `!`, but the POSIX scheduler returns), `get_system_state` (a C
//!   structure described in Rust by hand).
//!
//! Invariants: no task deletes itself; no lock is held while waiting for the GIL; interrupts only notify and
//! set bits; nothing here allocates after set-up.
#![no_std]

pub use freertos_rust as kernel;

#[cfg(feature = "gil")]
pub mod capi;
pub mod crew;
#[cfg(feature = "gil")]
pub mod gil;
pub mod heap;
pub mod host;
pub mod journal;
pub mod modules;
pub mod pool;
pub mod rtos;
pub mod select;
pub mod service;
pub mod shared;
pub mod ticker;

mod critical;
mod frozen;
mod seat;

pub use crew::{Crew, Wait};
pub use critical::KernelSection;
#[cfg(feature = "gil")]
pub use gil::Gil;
pub use seat::Seat;
