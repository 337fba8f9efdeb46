//! The task of TLS, where there is entropy for it: without the word `entropy=` of [`options`] nobody can connect, and
//! `ssl` raises `OSError(ENODEV)`.

use threadsnake_glue::rtos;
use threadsnake_mbedtls::Hooks;

use crate::{board, entropy, memory, options};

/// Memory for certificates and sessions: four connections at once.
const ARENA_BYTES: usize = 128 * 1024;
/// The task's control block, the service's state, and a stack that holds the arithmetic of a handshake.
const TASK_BYTES: usize = 16 * 1024;
/// As Python's.
const PRIORITY: u32 = 4;

/// Starts it; without entropy or memory there is no TLS. Once, before the scheduler starts.
pub fn start() {
    if options::get().entropy.is_none() {
        return;
    }
    let hooks = Hooks {
        entropy: entropy::fill,
        now: || board::unix_time_us().map_or(0, |us| (us / 1_000_000).cast_signed()),
        uptime_ms: || (rtos::uptime_us() / 1000).cast_signed(),
    };
    if let (Some(arena), Some(task)) = (memory::take(ARENA_BYTES), memory::take(TASK_BYTES)) {
        threadsnake_net::modules::ssl::set_hidden(threadsnake_storage::chip::read_hidden);
        // Where it does not start, whoever wants TLS is told that there is none.
        threadsnake_net::tls::start(hooks, arena, task, PRIORITY);
    }
}
