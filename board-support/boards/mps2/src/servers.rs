//! The board's telnet and FTP servers: their place at the console, and the ports of the host that lead to them.
//!
//! They start with the board, before `boot.py`, and bring the network up; the login is a new board's. Clients reach
//! them where QEMU forwards a port (`-nic user,hostfwd=…`); the word `forward=` of [`options`] says which ones it does.

use core::net::{Ipv4Addr, SocketAddrV4};

use alloc::format;
use threadsnake_glue::host::Board as _;
use threadsnake_repl::{DATE, INTERRUPT, VERSION};
use threadsnake_servers::{Board, DEFAULT_LOGIN, Line, Settings, configure};

use crate::board::{HOST, Mps2};
use crate::{board, memory, options, uart};

/// The task's memory in bytes: control block, stack and all sessions.
const TASK_BYTES: usize = 28 * 1024;
/// Above Python, so that a session answers while a program computes; below the flash, which FTP waits for.
const PRIORITY: u32 = 5;

struct Console;

impl Line for Console {
    fn type_in(&self, bytes: &[u8]) -> usize {
        uart::type_in(bytes)
    }

    fn interrupt(&self) {
        HOST.interrupt();
    }

    fn joined(&self) {
        // Ctrl-C at the prompt: it drops the line that somebody has begun, and begins a new one.
        if !uart::is_interruptible() {
            uart::type_in(&[INTERRUPT]);
        }
    }
}

/// Makes the servers' task, before the scheduler starts. Without memory there are none.
pub fn start() {
    threadsnake_net::modules::network::extend(threadsnake_servers::extension);
    let welcome = format!("MicroPython {VERSION} on {DATE}; {}", Mps2.machine());
    let board = Board {
        line: &Console,
        welcome: welcome.leak(),
        unix_s: || board::unix_time_us().unwrap_or(0) / 1_000_000,
        reached_at,
    };
    if let Some(memory) = memory::take(TASK_BYTES) {
        threadsnake_servers::start(board, c"servers", PRIORITY, memory);
    }
}

/// Clients come through the host's loopback where QEMU forwards a port.
fn reached_at(own: SocketAddrV4) -> SocketAddrV4 {
    match options::get().forwards.iter().find(|forward| forward.guest == own.port()) {
        Some(forward) => SocketAddrV4::new(Ipv4Addr::LOCALHOST, forward.host),
        None => own,
    }
}

/// The board's start: both servers, with the credentials of a new board.
pub fn power_up() {
    if let Ok(settings) = Settings::new(DEFAULT_LOGIN.0, DEFAULT_LOGIN.1) {
        configure(settings);
    }
}
