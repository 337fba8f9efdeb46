//! What the process offers to the interpreter, in either personality.
//!
//! *Host*: the host's files, `sys.platform` `linux`, epoch 1970, text as it is. *Board*: a console that, like a
//! serial line, wants CR LF, and an epoch of 2000.

use crate::program::NATIVE_STACK;
use crate::{console, devices, posix, tasks};
use threadsnake_glue::host::{Board, RtosHost, Threads};
use threadsnake_glue::modules;
use threadsnake_vm::host::PathKind;
use threadsnake_vm::object::RomModule;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm};

/// Seconds from 1970-01-01 to 2000-01-01.
const EPOCH_2000_S: u64 = 946_684_800;

/// How the process presents itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Personality {
    /// A program of the host.
    Host,
    /// A board with a console.
    Board,
}

/// The process as a board.
#[derive(Debug)]
pub struct SimBoard {
    personality: std::sync::OnceLock<Personality>,
}

/// The surroundings of the process's one VM at a time.
pub static HOST: RtosHost<SimBoard> =
    RtosHost::new(SimBoard { personality: std::sync::OnceLock::new() });

/// The native modules that the process has beside the interpreter's own.
pub static MODULES: &[&[&RomModule]] = &[
    modules::MODULES,
    threadsnake_machine::MODULES,
    threadsnake_net::MODULES,
    threadsnake_storage::MODULES,
    &[&devices::simboard::SIMBOARD],
];

impl SimBoard {
    /// Decides on the personality, once, before the scheduler starts.
    pub fn become_(&self, personality: Personality) {
        let _ = self.personality.set(personality);
    }

    fn is_host(&self) -> bool {
        // Set before any task runs; `get` only reads.
        self.personality.get() != Some(&Personality::Board)
    }
}

impl Board for SimBoard {
    fn ticks_us() -> u64 {
        posix::ticks_us()
    }

    /// Simulated interrupts run on the stack of the task that they interrupt, which has megabytes.
    fn interrupt_stack_limit() -> Option<usize> {
        let here = 0u8;
        Some((&raw const here).addr() - posix::INTERRUPT_STACK)
    }

    fn unix_time_ns(&self) -> Option<u64> {
        Some(devices::power::unix_time_ns())
    }

    fn console_write(&self, bytes: &[u8]) {
        // Sessions first: one that begins when the console has shown it gets nothing of it.
        if !self.is_host() {
            threadsnake_servers::show(bytes);
        }
        // When nobody is there to read, there is nobody to tell.
        let _ = console::write(bytes);
    }

    fn console_wants_cr(&self) -> bool {
        !self.is_host() || console::is_raw()
    }

    fn console_write_error(&self, bytes: &[u8]) -> bool {
        // As above, nobody is told of a reader that is gone.
        self.is_host() && {
            posix::write_all(2, bytes);
            true
        }
    }

    fn console_try_read(&self, buf: &mut [u8]) -> usize {
        let n = console::try_read(buf);
        threadsnake_servers::has_read();
        n
    }

    fn console_is_readable(&self) -> bool {
        console::is_readable()
    }

    fn console_is_at_end(&self) -> bool {
        console::is_at_end()
    }

    fn set_interrupt_char(&self, byte: Option<u8>) {
        if self.is_host() && console::is_terminal() {
            // While a program runs, the terminal is as the user has it, and its Ctrl-C a signal.
            console::set_raw(byte.is_none());
        } else {
            console::set_interrupt_char(byte);
        }
    }

    fn entropy(&self, buf: &mut [u8]) -> bool {
        posix::entropy(buf)
    }

    fn import_stat(&self, vm: &mut Vm, path: &str) -> Result<PathKind, Raise> {
        threadsnake_storage::import_stat(vm, path)
    }

    fn open(&self, vm: &mut Vm, path: Value, mode: &str) -> Result<Value, Raise> {
        threadsnake_storage::open(vm, path, mode)
    }

    fn platform(&self) -> &'static str {
        if self.is_host() { "linux" } else { "sim" }
    }

    fn machine(&self) -> &'static str {
        if self.is_host() {
            "linux [FreeRTOS V11.2.0] version"
        } else {
            "simulated board with FreeRTOS"
        }
    }

    fn threads(&self) -> Option<Threads> {
        Some(Threads { pool: &tasks::POOL, stack_bytes: NATIVE_STACK.most })
    }

    fn epoch_offset_s(&self) -> u64 {
        if self.is_host() { 0 } else { EPOCH_2000_S }
    }
}
