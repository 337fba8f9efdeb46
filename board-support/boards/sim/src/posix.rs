//! The process under the simulated board: signals, host threads, simulated interrupts.
//!
//! Safe faces of `components/freertos/posix`, whose three rules hold for all code of this crate: a task calls
//! the C library (and `std`) only inside [`masked`]; what may block is done by a host thread; an interrupt
//! handler calls nothing but the kernel's `FromISR` functions and the glue's any-context ones.

use core::ffi::{c_char, c_int, c_void};

unsafe extern "C" {
    fn ts_posix_mask() -> u64;
    fn ts_posix_unmask(saved: u64);
    fn ts_posix_interrupt(
        line: u32,
        handler: extern "C" fn(*mut c_void) -> i32,
        context: *mut c_void,
    );
    fn ts_posix_raise(line: u32);
    fn ts_posix_thread(
        function: extern "C" fn(*mut c_void) -> *mut c_void,
        context: *mut c_void,
    ) -> c_int;
}

/// Runs `call` with every signal blocked, so that no other task runs meanwhile. `call` uses the C library or
/// `std`, does not block, and calls nothing of FreeRTOS. Sections may nest. Costs two system calls.
pub fn masked<R>(call: impl FnOnce() -> R) -> R {
    // SAFETY: both functions only read and set the calling thread's signal mask.
    let saved = unsafe { ts_posix_mask() };
    let result = call();
    // SAFETY: as above; `saved` came from the matching call.
    unsafe { ts_posix_unmask(saved) };
    result
}

/// How much of the interrupted task's stack handlers in Python may use.
pub const INTERRUPT_STACK: usize = 256 << 10;

/// A simulated interrupt line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line(u32);

impl Line {
    /// Line `number`, in `0..32`; each number is used once.
    pub const fn new(number: u32) -> Self {
        assert!(number < 32);
        Self(number)
    }

    /// Sets what runs, in interrupt context, when the line is raised. Before the line is first raised.
    pub fn connect(self, handler: fn()) {
        extern "C" fn call(context: *mut c_void) -> i32 {
            // SAFETY: `context` is the `fn()` that `connect` passed.
            let handler: fn() = unsafe { core::mem::transmute(context) };
            handler();
            0
        }
        // SAFETY: `call` has the declared type and `context` is valid for ever.
        unsafe { ts_posix_interrupt(self.0, call, handler as *mut c_void) };
    }

    /// Raises the line. From a task, a host thread, an interrupt or a signal handler. Raised again before it is
    /// served, it is served once.
    pub fn raise(self) {
        // SAFETY: any context; the number is in range.
        unsafe { ts_posix_raise(self.0) };
    }
}

/// Starts a host thread: all signals blocked, nothing of FreeRTOS called. It ends with the process.
///
/// # Errors
/// What the system says when it cannot make another thread.
pub fn host_thread(run: fn()) -> std::io::Result<()> {
    extern "C" fn enter(context: *mut c_void) -> *mut c_void {
        // SAFETY: `context` is the `fn()` that `host_thread` passed.
        let run: fn() = unsafe { core::mem::transmute(context) };
        run();
        core::ptr::null_mut()
    }
    // SAFETY: `enter` has the declared type and its argument is valid for ever.
    match unsafe { ts_posix_thread(enter, run as *mut c_void) } {
        0 => Ok(()),
        errno => Err(std::io::Error::from_raw_os_error(errno)),
    }
}

/// Writes all of `bytes` to a file descriptor. True on success. For tasks: masked, so keep it short.
pub fn write_all(fd: c_int, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        // SAFETY: the pointer and the length are those of a live slice.
        let written =
            masked(|| match unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) } {
                -1 => Err(std::io::Error::last_os_error()),
                n => Ok(n.unsigned_abs()),
            });
        match written {
            Ok(n) => bytes = &bytes[n.min(bytes.len())..],
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
    true
}

/// Leaves the process at once, from any thread: no destructors, no `atexit`.
pub fn exit(code: i32) -> ! {
    // SAFETY: `_exit` has no preconditions.
    unsafe { libc::_exit(code) }
}

/// The kernel's failed assertion: says where and aborts.
#[unsafe(no_mangle)]
extern "C" fn ts_sim_assert(file: *const c_char, line: c_int) {
    // SAFETY: `configASSERT` passes a string literal.
    let file = unsafe { core::ffi::CStr::from_ptr(file) };
    let text = format!("kernel assertion failed: {}:{line}\n", file.to_string_lossy());
    write_all(2, text.as_bytes());
    masked(|| std::process::abort());
}

/// Microseconds on the monotonic clock. Any context.
pub fn ticks_us() -> u64 {
    clock_us(libc::CLOCK_MONOTONIC)
}

/// Microseconds that this process has run, all threads together.
pub fn cpu_us() -> u64 {
    clock_us(libc::CLOCK_PROCESS_CPUTIME_ID)
}

fn clock_us(clock: libc::clockid_t) -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a variable; the call takes no lock and cannot fail for these clocks.
    unsafe { libc::clock_gettime(clock, &mut now) };
    now.tv_sec.unsigned_abs() * 1_000_000 + now.tv_nsec.unsigned_abs() / 1_000
}

/// Ends the process with `code` and a message if it still runs after `seconds`: for tests.
pub fn watchdog(seconds: u32, message: &'static str, code: i32) {
    static LIMIT: std::sync::Mutex<Option<(u32, &'static str, i32)>> = std::sync::Mutex::new(None);
    fn watch() {
        let limit = LIMIT.lock().map(|limit| *limit).unwrap_or_default();
        let Some((seconds, message, code)) = limit else { return };
        std::thread::sleep(std::time::Duration::from_secs(seconds.into()));
        write_all(2, message.as_bytes());
        exit(code)
    }
    masked(|| {
        if let Ok(mut slot) = LIMIT.lock() {
            *slot = Some((seconds, message, code));
        }
    });
    if host_thread(watch).is_err() {
        write_all(2, b"no watchdog: the system gives no thread\n");
    }
}

/// Nanoseconds since 1970-01-01 00:00 UTC. Any context.
pub fn unix_time_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a variable; the call takes no lock and cannot fail for this clock.
    unsafe { libc::clock_gettime(libc::CLOCK_REALTIME, &mut now) };
    now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs()
}

/// Fills `buf` with random bytes of the system's. Tasks.
pub fn entropy(buf: &mut [u8]) -> bool {
    buf.chunks_mut(256).all(|piece| {
        // SAFETY: the pointer and the length are those of a live slice.
        let n = masked(|| unsafe { libc::getrandom(piece.as_mut_ptr().cast(), piece.len(), 0) });
        n.unsigned_abs() == piece.len() && n > 0
    })
}
