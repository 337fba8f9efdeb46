//! The surroundings that the interpreter asks for, on this board: time, console, waiting.

use threadsnake_glue::{Crew, Wait};

use crate::time;
use crate::uart::{self, Listener};

/// The tasks of the one interpreter, their GIL and their waits.
pub static CREW: Crew = Crew::new(time::ticks_us);

/// What the console's interrupts do.
pub const LISTENER: Listener = Listener { received, interrupted };

fn received() {
    CREW.input_arrived();
}

fn interrupted() {
    CREW.wake();
}

/// Reads 1 to `buf.len()` bytes from the console; waits for the first at most `timeout_us` (`None`: no limit).
/// Returns 0 on time-out or when [`Crew::wake`] ended the wait. Attached tasks only, without the GIL.
pub fn console_read(buf: &mut [u8], timeout_us: Option<u64>) -> usize {
    match CREW.wait_until(timeout_us, uart::readable) {
        Wait::Ready => uart::read(buf),
        Wait::Woken | Wait::TimedOut => 0,
    }
}
