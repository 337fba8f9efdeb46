//! What this board offers to the interpreter: a console, a clock that counts from reset, and in tests the host's
//! files and entropy.

use threadsnake_glue::host::{Board, RtosHost};
use threadsnake_vm::host::PathKind;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm};

use crate::uart::{self, Listener};
use crate::{startup, time};

/// The board.
pub struct Mps2;

/// The surroundings of the one interpreter.
pub static HOST: RtosHost<Mps2> = RtosHost::new(Mps2);

/// What the console's interrupts do.
pub const LISTENER: Listener =
    Listener { received: || HOST.input_arrived(), interrupted: || HOST.interrupt() };

/// Seconds from 1970-01-01 to 2000-01-01.
const EPOCH_2000_S: u64 = 946_684_800;

/// Bytes of the interrupt stack that stay free for what handlers in Python call, and for interrupts that interrupt them.
const INTERRUPT_RESERVE: usize = 3 << 10;

/// Microseconds from 1970 on, if a program has set the calendar.
pub fn unix_time_us() -> Option<u64> {
    #[cfg(feature = "machine")]
    return crate::devices::unix_time_us();
    #[cfg(not(feature = "machine"))]
    None
}

impl Board for Mps2 {
    fn ticks_us() -> u64 {
        time::ticks_us()
    }

    fn interrupt_stack_limit() -> Option<usize> {
        Some(startup::interrupt_stack().start + INTERRUPT_RESERVE)
    }

    fn unix_time_ns(&self) -> Option<u64> {
        unix_time_us().map(|us| us * 1000)
    }

    fn console_write(&self, bytes: &[u8]) {
        // Sessions first: one that begins when the console has shown it gets nothing of it.
        #[cfg(feature = "servers")]
        threadsnake_servers::show(bytes);
        uart::write(bytes);
    }

    fn console_wants_cr(&self) -> bool {
        true
    }

    fn console_try_read(&self, buf: &mut [u8]) -> usize {
        let n = uart::read(buf);
        #[cfg(feature = "servers")]
        if uart::is_half_empty() {
            threadsnake_servers::has_read();
        }
        n
    }

    fn console_is_readable(&self) -> bool {
        uart::readable()
    }

    fn set_interrupt_char(&self, byte: Option<u8>) {
        uart::set_interrupt_char(byte);
    }

    fn import_stat(&self, vm: &mut Vm, path: &str) -> Result<PathKind, Raise> {
        threadsnake_storage::import_stat(vm, path)
    }

    fn open(&self, vm: &mut Vm, path: Value, mode: &str) -> Result<Value, Raise> {
        threadsnake_storage::open(vm, path, mode)
    }

    #[cfg(feature = "options")]
    fn entropy(&self, buf: &mut [u8]) -> bool {
        crate::entropy::fill(buf)
    }

    /// As upstream's port to these boards: its test runner knows by it what a QEMU board lacks.
    fn platform(&self) -> &'static str {
        "qemu"
    }

    fn machine(&self) -> &'static str {
        if cfg!(board = "mps2-an500") {
            "mps2-an500 with Cortex-M7"
        } else {
            "mps2-an385 with Cortex-M3"
        }
    }

    #[cfg(feature = "threads")]
    fn threads(&self) -> Option<threadsnake_glue::host::Threads> {
        Some(crate::python::threads::ALL)
    }

    fn epoch_offset_s(&self) -> u64 {
        EPOCH_2000_S
    }
}
