//! The task of TLS, with what the process gives it.

use crate::devices::power;
use crate::posix;
use crate::tasks::PYTHON_PRIORITY;
use threadsnake_mbedtls::Hooks;

/// Memory for certificates and sessions: 45 connections at once.
const ARENA_BYTES: usize = 1024 * 1024;
/// What the kernel is told of the stack; the real one is the thread's.
const TASK_BYTES: usize = 16 * 1024;

/// Starts it. It shares the time with Python: arithmetic is nothing that others have to wait for. Once, before the
/// scheduler starts.
///
/// # Errors
/// A line of text.
pub fn start() -> Result<(), String> {
    let hooks = Hooks {
        entropy: posix::entropy,
        now: || (power::unix_time_ns() / 1_000_000_000).cast_signed(),
        uptime_ms: || (posix::ticks_us() / 1000).cast_signed(),
    };
    let memory = |n: usize| Box::leak(vec![0; n].into_boxed_slice());
    match threadsnake_net::tls::start(
        hooks,
        memory(ARENA_BYTES),
        memory(TASK_BYTES),
        PYTHON_PRIORITY,
    ) {
        true => Ok(()),
        false => Err("no memory for TLS".into()),
    }
}
