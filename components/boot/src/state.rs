//! What outlives a VM: the reason of the last reset, safe boot, the name that `machine.main` gave.
//!
//! Kept here, in one place, because the boot sequence, `machine` and the servers all ask. Any context.

use core::cell::Cell;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use critical_section::Mutex;

/// Why the interpreter starts; the numbers are those of `machine.reset_cause()`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum ResetCause {
    /// Power was switched on.
    PowerOn = 0,
    /// The reset line, or `machine.reset()`.
    Hard = 1,
    /// The watchdog.
    Watchdog = 2,
    /// The end of a deep sleep.
    DeepSleep = 3,
    /// A soft reset.
    Soft = 4,
}

impl ResetCause {
    fn of_number(number: u8) -> ResetCause {
        use ResetCause::*;
        let all = [PowerOn, Hard, Watchdog, DeepSleep, Soft];
        all.get(usize::from(number)).copied().unwrap_or(PowerOn)
    }
}

static CAUSE: AtomicU8 = AtomicU8::new(ResetCause::PowerOn as u8);
static SAFE: AtomicBool = AtomicBool::new(false);
static MAIN: Mutex<Cell<Name>> = Mutex::new(Cell::new(Name::EMPTY));

/// The longest name of a main program, in bytes.
pub const MAIN_MAX: usize = 127;

#[derive(Clone, Copy)]
struct Name {
    bytes: [u8; MAIN_MAX],
    len: u8,
}

impl Name {
    const EMPTY: Name = Name { bytes: [0; MAIN_MAX], len: 0 };
}

/// Why the interpreter started.
pub fn reset_cause() -> ResetCause {
    ResetCause::of_number(CAUSE.load(Ordering::Relaxed))
}

/// Sets it: the board, before the first VM; the boot sequence at a soft reset.
pub fn set_reset_cause(cause: ResetCause) {
    CAUSE.store(cause as u8, Ordering::Relaxed);
}

/// True if neither `boot.py` nor `main.py` run until the next hard reset.
pub fn is_safe_boot() -> bool {
    SAFE.load(Ordering::Relaxed)
}

/// Asks for a safe boot: the board, before the first VM.
pub fn set_safe_boot(safe: bool) {
    SAFE.store(safe, Ordering::Relaxed);
}

/// Names the program that runs after `boot.py` instead of `main.py`, once; empty: `main.py`. False if the name has
/// more than [`MAIN_MAX`] bytes.
pub fn set_main(name: &str) -> bool {
    let mut stored = Name::EMPTY;
    let Some(place) = stored.bytes.get_mut(..name.len()) else { return false };
    place.copy_from_slice(name.as_bytes());
    stored.len = name.len() as u8;
    critical_section::with(|cs| MAIN.borrow(cs).set(stored));
    true
}

/// Calls `f` with that name, or `main.py`, and forgets it.
pub(crate) fn take_main<R>(f: impl FnOnce(&str) -> R) -> R {
    let name = critical_section::with(|cs| MAIN.borrow(cs).replace(Name::EMPTY));
    match core::str::from_utf8(&name.bytes[..usize::from(name.len)]) {
        Ok("") | Err(_) => f("main.py"),
        Ok(name) => f(name),
    }
}
