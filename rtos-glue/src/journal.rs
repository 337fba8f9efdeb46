//! Where `log` records go: nowhere, a ring in memory, a console, or both. Off until the image turns it on.
//!
//! Any context may log, interrupts included: a record is formatted into a line on the caller's stack, then moved
//! in one short critical section. A line that does not fit is cut; the ring forgets its oldest bytes.

use crate::rtos;
use core::cell::Cell;
use core::fmt::{self, Write};
use core::sync::atomic::{AtomicPtr, Ordering};

/// Bytes of log that the ring keeps.
pub const RING_BYTES: usize = 2048;
/// The longest line, its end included.
const LINE_BYTES: usize = 160;

/// Writes bytes somewhere; called by any task, not by interrupts, one line at a time.
pub type Console = fn(&[u8]);

struct Journal {
    ring: [Cell<u8>; RING_BYTES],
    /// How many bytes have been written and read since the start; they wrap, their difference is right.
    written: Cell<usize>,
    read: Cell<usize>,
    console: AtomicPtr<()>,
}

// SAFETY: the cells are used inside critical sections only.
unsafe impl Sync for Journal {}

static JOURNAL: Journal = Journal {
    ring: [const { Cell::new(0) }; RING_BYTES],
    written: Cell::new(0),
    read: Cell::new(0),
    console: AtomicPtr::new(core::ptr::null_mut()),
};

/// Turns the log on up to `level` (or off), into the ring and, if given, a console.
pub fn set(level: log::LevelFilter, console: Option<Console>) {
    let console = console.map_or(core::ptr::null_mut(), |console| console as *mut ());
    JOURNAL.console.store(console, Ordering::Release);
    // An error says that a logger is set: ours from an earlier call, or the integrator's own, which stays.
    let _ = log::set_logger(&JOURNAL);
    log::set_max_level(level);
}

/// Changes the level only; the console stays what it is.
pub fn set_level(level: log::LevelFilter) {
    let _ = log::set_logger(&JOURNAL);
    log::set_max_level(level);
}

/// Moves the oldest bytes of the ring that were not yet read into `buf`; returns how many.
pub fn read(buf: &mut [u8]) -> usize {
    rtos::critical(|| {
        let pending = JOURNAL.written.get().wrapping_sub(JOURNAL.read.get());
        let n = pending.min(buf.len());
        for byte in &mut buf[..n] {
            *byte = JOURNAL.ring[JOURNAL.read.get() % RING_BYTES].get();
            JOURNAL.read.set(JOURNAL.read.get().wrapping_add(1));
        }
        n
    })
}

impl log::Log for Journal {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true // `log` has compared the level already.
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut line = Line { bytes: [0; LINE_BYTES], len: 0 };
        // A line that is cut reports an error; what fits is kept.
        let _ = write!(line, "{} {}: {}", record.level(), record.target(), record.args());
        let text = line.finish();
        rtos::critical(|| {
            for &byte in text {
                self.ring[self.written.get() % RING_BYTES].set(byte);
                self.written.set(self.written.get().wrapping_add(1));
            }
            let oldest = self.written.get().wrapping_sub(RING_BYTES);
            if self.written.get().wrapping_sub(self.read.get()) > RING_BYTES {
                self.read.set(oldest);
            }
        });
        let console = self.console.load(Ordering::Acquire);
        if !console.is_null() && !rtos::in_isr() {
            // SAFETY: only `set` stores here, and it stores a `Console`.
            let console: Console = unsafe { core::mem::transmute(console) };
            console(text);
        }
    }

    fn flush(&self) {}
}

/// A line under construction; one byte is kept for its end.
struct Line {
    bytes: [u8; LINE_BYTES],
    len: usize,
}

impl Line {
    fn finish(&mut self) -> &[u8] {
        self.bytes[self.len] = b'\n';
        &self.bytes[..=self.len]
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = LINE_BYTES - 1 - self.len;
        let n = text.len().min(room);
        self.bytes[self.len..self.len + n].copy_from_slice(&text.as_bytes()[..n]);
        self.len += n;
        if n == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}
