//! Firmware for the Arm MPS2 boards with the AN385 (Cortex-M3) and AN500 (Cortex-M7) images, as QEMU
//! emulates them: the C kernel, and the interpreter in a task.
//!
//! The order of life: `startup::reset` → [`main`] → the scheduler → the task `python` ([`python`]). What a
//! report of a fault says, and how tests ask for it, is in [`fault`] and [`options`].
//!
//! Invariant: after the scheduler has started, memory is taken from the kernel's heap for RTOS objects only;
//! the interpreter has its own, from [`memory`].
#![no_std]
#![no_main]

extern crate alloc;

#[cfg(feature = "bench")]
mod bench;
mod board;
mod copy;
#[cfg(feature = "machine")]
mod devices;
#[cfg(feature = "options")]
mod entropy;
mod fault;
#[cfg(feature = "host-files")]
mod files;
#[cfg(feature = "flash")]
mod flash;
#[cfg(all(feature = "float-single", target_abi = "eabi"))]
mod float;
mod irq;
mod kernel;
#[cfg(feature = "net")]
mod lan9118;
#[cfg(feature = "flash")]
mod layout;
mod memory;
mod options;
#[cfg(feature = "machine")]
mod ports;
mod python;
mod regs;
#[cfg(feature = "self-test")]
mod selftest;
#[cfg(feature = "options")]
mod semihost;
#[cfg(feature = "servers")]
mod servers;
mod startup;
mod time;
#[cfg(feature = "tls")]
mod tls;
mod uart;

use threadsnake_glue::rtos;

critical_section::set_impl!(threadsnake_glue::KernelSection);

/// Called by the start-up code, on the interrupt stack, with interrupts enabled and all devices off.
extern "C" fn main() -> ! {
    uart::init();
    #[cfg(feature = "options")]
    options::init();
    fault::init();
    time::init();
    threadsnake_boot::state::set_safe_boot(options::get().safe_boot);
    #[cfg(feature = "machine")]
    devices::start();
    #[cfg(feature = "net")]
    lan9118::configure();
    #[cfg(feature = "tls")]
    tls::start();
    #[cfg(feature = "servers")]
    servers::start();
    #[cfg(feature = "bench")]
    bench::start();
    uart::start(board::LISTENER).expect("the kernel's heap is fresh");
    python::start().expect("the memory is fresh");
    rtos::start();
    unreachable!("the scheduler ends on POSIX only");
}
