//! The alarm: a timer of the host's whose thread raises an interrupt line.
//!
//! Setting it is one system call that any context may make; only the thread waits.

use core::sync::atomic::{AtomicI32, Ordering};
use threadsnake_drivers::hal::Alarm;

use crate::posix::{self, Line};

static LINE: Line = Line::new(8);
/// The file descriptor of the timer, -1 without one.
static FD: AtomicI32 = AtomicI32::new(-1);

/// Microseconds on the clock of all timers.
pub fn now_us() -> u64 {
    posix::ticks_us()
}

/// Makes the timer and its thread. Before the scheduler starts.
pub fn start() {
    // SAFETY: no preconditions.
    let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_CLOEXEC) };
    FD.store(fd, Ordering::Relaxed);
    if fd < 0 || posix::host_thread(watch).is_err() {
        posix::write_all(2, b"threadsnake: the system gives no timer\n");
    }
}

/// The host thread.
fn watch() {
    let fd = FD.load(Ordering::Relaxed);
    loop {
        let mut count = 0u64;
        // SAFETY: the pointer and the length are those of a variable.
        let n = unsafe { libc::read(fd, (&raw mut count).cast(), 8) };
        if n == 8 {
            LINE.raise();
        } else if std::io::Error::last_os_error().kind() != std::io::ErrorKind::Interrupted {
            return;
        }
    }
}

/// The alarm.
pub struct SimAlarm;

impl Alarm for SimAlarm {
    fn now_us(&self) -> u64 {
        now_us()
    }

    fn set(&self, at_us: Option<u64>) {
        // All zeros switch it off; a moment that is past comes at once.
        let at = at_us.map_or(0, |us| us.max(1));
        let when = libc::itimerspec {
            it_interval: libc::timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: libc::timespec {
                tv_sec: (at / 1_000_000) as i64,
                tv_nsec: (at % 1_000_000) as i64 * 1000,
            },
        };
        let fd = FD.load(Ordering::Relaxed);
        // SAFETY: `when` is complete; one system call, which takes no lock of the C library.
        unsafe { libc::timerfd_settime(fd, libc::TFD_TIMER_ABSTIME, &when, core::ptr::null_mut()) };
    }

    fn listen(&self, listener: fn()) {
        LINE.connect(listener);
    }
}
