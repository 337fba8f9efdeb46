//! The board's telnet and FTP servers: their place at the console, and the ports of the host that lead to them.

use crate::board::HOST;
use crate::console;
use crate::net::slirp::Forward;
use core::net::{Ipv4Addr, SocketAddrV4};
use std::sync::OnceLock;
use threadsnake_glue::host::Board as _;
use threadsnake_repl::{DATE, VERSION};
use threadsnake_servers::{
    Board, DEFAULT_LOGIN, FTP_SESSIONS, Line, Settings, configure, ftp, reset, telnet,
};

/// The servers' task: as urgent as Python.
const PRIORITY: u32 = crate::tasks::PYTHON_PRIORITY;
/// Native stack for the host's library as well.
const STACK_BYTES: usize = 256 * 1024;

static FORWARDS: OnceLock<Vec<Forward>> = OnceLock::new();

/// The ports of the guest that the host's clients need, for those that the command line does not name.
pub fn default_forwards() -> impl Iterator<Item = Forward> {
    let data = (ftp::FIRST_DATA_PORT..).take(FTP_SESSIONS);
    [telnet::PORT, ftp::PORT].into_iter().chain(data).map(|guest_port| Forward {
        is_udp: false,
        host_port: 0,
        guest_port,
    })
}

struct Console;

impl Line for Console {
    fn type_in(&self, bytes: &[u8]) -> usize {
        console::type_in(bytes)
    }

    fn interrupt(&self) {
        HOST.interrupt();
    }

    fn joined(&self) {
        // Ctrl-C at the prompt: it drops the line that somebody has begun, and begins a new one.
        if !console::is_interruptible() {
            console::type_in(&[threadsnake_repl::INTERRUPT]);
        }
    }
}

/// Makes the servers' task, before the scheduler starts.
pub fn start(forwards: &[Forward]) {
    threadsnake_net::modules::network::extend(threadsnake_servers::extension);
    let _ = FORWARDS.set(forwards.to_vec());
    let machine = HOST.board().machine();
    let welcome = format!("MicroPython {VERSION} on {DATE}; {machine}");
    let board = Board {
        line: &Console,
        welcome: Box::leak(welcome.into_boxed_str()),
        unix_s: || crate::devices::power::unix_time_ns() / 1_000_000_000,
        reached_at,
    };
    let memory = Box::leak(vec![0; STACK_BYTES].into_boxed_slice());
    assert!(threadsnake_servers::start(board, c"servers", PRIORITY, memory), "room for the task");
}

/// Clients come through the host's loopback where a port is forwarded.
fn reached_at(own: SocketAddrV4) -> SocketAddrV4 {
    let leads = |f: &&Forward| !f.is_udp && f.guest_port == own.port();
    match FORWARDS.get().and_then(|forwards| forwards.iter().find(leads)) {
        Some(forward) => SocketAddrV4::new(Ipv4Addr::LOCALHOST, forward.host_port),
        None => own,
    }
}

/// The board's start: both servers, with the credentials of a new board.
pub fn power_up() {
    if let Ok(settings) = Settings::new(DEFAULT_LOGIN.0, DEFAULT_LOGIN.1) {
        configure(settings);
    }
}

/// The board's end: the sessions go with it.
pub fn power_down() {
    reset();
}
