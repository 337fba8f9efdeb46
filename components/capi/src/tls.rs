//! TLS for C: `ts_network_tls` of `threadsnake_net.h`: memory, entropy and a clock for the task that owns Mbed TLS.

use core::cell::Cell;
use core::ffi::c_void;
use critical_section::Mutex;
use threadsnake_glue::capi::Status;
use threadsnake_glue::rtos;
use threadsnake_mbedtls::Hooks;

use crate::given;

/// `ts_tls_config`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TlsConfig {
    size: u32,
    priority: u32,
    memory: *mut c_void,
    memory_size: usize,
    task_memory: *mut c_void,
    task_memory_size: usize,
    entropy: Option<Entropy>,
    unix_time_s: Option<Clock>,
}

type Entropy = extern "C" fn(*mut u8, usize) -> i32;
type Clock = extern "C" fn() -> u64;

static ENTROPY: Mutex<Cell<Option<Entropy>>> = Mutex::new(Cell::new(None));
static CLOCK: Mutex<Cell<Option<Clock>>> = Mutex::new(Cell::new(None));

/// `TS_TLS_MIN_MEMORY`: certificates and one session.
const MIN_MEMORY: usize = 48 * 1024;
/// `TS_TLS_TASK_MEMORY`: the arithmetic of a handshake.
const MIN_TASK: usize = 16 * 1024;

fn entropy(buf: &mut [u8]) -> bool {
    let entropy = critical_section::with(|cs| ENTROPY.borrow(cs).get());
    entropy.is_some_and(|fill| fill(buf.as_mut_ptr(), buf.len()) == 0)
}

fn now() -> i64 {
    let clock = critical_section::with(|cs| CLOCK.borrow(cs).get());
    clock.map_or(0, |clock| clock().cast_signed())
}

/// Starts the task of TLS: see the header.
///
/// # Safety
/// As the header says of the structure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_network_tls(config: *const TlsConfig) -> Status {
    let start = || {
        if rtos::in_isr() {
            return Err(Status::WRONG_CONTEXT);
        }
        // SAFETY: the caller's promise.
        let config = unsafe { given::structure(config) }?;
        if config.entropy.is_none() || config.priority >= rtos::priorities() {
            return Err(Status::BAD_ARGUMENT);
        }
        if config.memory_size < MIN_MEMORY || config.task_memory_size < MIN_TASK {
            return Err(Status::NO_MEMORY);
        }
        if critical_section::with(|cs| ENTROPY.borrow(cs).get()).is_some() {
            return Err(Status::WRONG_STATE);
        }
        // SAFETY: the caller's promise.
        let (memory, task) = unsafe {
            (
                given::memory(config.memory.cast(), config.memory_size)?,
                given::memory(config.task_memory.cast(), config.task_memory_size)?,
            )
        };
        critical_section::with(|cs| {
            ENTROPY.borrow(cs).set(config.entropy);
            CLOCK.borrow(cs).set(config.unix_time_s);
        });
        let uptime_ms = || (rtos::uptime_us() / 1000).cast_signed();
        let hooks = Hooks { entropy, now, uptime_ms };
        match threadsnake_net::tls::start(hooks, memory, task, config.priority) {
            true => Ok(()),
            false => Err(Status::NO_MEMORY),
        }
    };
    start().into()
}
