//! The calendar clock with one alarm, and the bytes that it keeps over a soft reset.

use core::cell::RefCell;
use core::sync::atomic::{AtomicU32, Ordering};
use critical_section::Mutex;
use threadsnake_hal::{HalError, WakeReason};

use crate::timers::{self, TimerId};
use crate::{hardware, irq, sleep};

/// The flag of the alarm, `RTC.ALARM0`.
pub const ALARM0: u32 = 1;
/// The most bytes that the clock keeps.
pub const MEMORY_BYTES: usize = 512;

/// Number of the alarm's timer, or [`NO_TIMER`].
static TIMER: AtomicU32 = AtomicU32::new(NO_TIMER);
const NO_TIMER: u32 = u32::MAX;

static MEMORY: Mutex<RefCell<(usize, [u8; MEMORY_BYTES])>> =
    Mutex::new(RefCell::new((0, [0; MEMORY_BYTES])));

/// Microseconds since 1970, `None` without a clock or before it was set.
pub fn now_us() -> Option<u64> {
    hardware().rtc?.now_us()
}

/// Sets the clock; the alarm comes when it would have.
///
/// # Errors
/// [`HalError::Missing`]: there is none. Those of the clock.
pub fn set_us(us: u64) -> Result<(), HalError> {
    hardware().rtc.ok_or(HalError::Missing)?.set_us(us)
}

fn timer() -> Option<TimerId> {
    TimerId::from_number(TIMER.load(Ordering::Acquire) as usize)
}

fn came(_: TimerId) {
    sleep::wake(WakeReason::Rtc);
    irq::CLOCK.fire(ALARM0);
}

/// Sets the alarm: it comes in `in_us`, then every `period_us` if that is not 0. Tasks.
///
/// # Errors
/// [`HalError::Missing`]: there is no timer for it.
pub fn set_alarm(in_us: u64, period_us: u64) -> Result<(), HalError> {
    let timer = match timer() {
        Some(timer) => timer,
        None => {
            let timer = timers::allocate(None, came).ok_or(HalError::Missing)?;
            TIMER.store(timer.number() as u32, Ordering::Release);
            timer
        }
    };
    timers::start(timer, in_us, period_us);
    Ok(())
}

/// Microseconds until the alarm comes; `None` if none is set.
pub fn alarm_left_us() -> Option<u64> {
    timers::left_us(timer()?)
}

/// No alarm any more.
pub fn cancel_alarm() {
    if let Some(timer) = timer() {
        timers::stop(timer);
    }
}

/// Keeps these bytes; false if there are too many. Any task.
pub fn set_memory(bytes: &[u8]) -> bool {
    critical_section::with(|cs| {
        let mut memory = MEMORY.borrow_ref_mut(cs);
        let (len, place) = &mut *memory;
        let Some(place) = place.get_mut(..bytes.len()) else { return false };
        place.copy_from_slice(bytes);
        *len = bytes.len();
        true
    })
}

/// What is kept, moved into `buf`; how many bytes.
pub fn memory(buf: &mut [u8; MEMORY_BYTES]) -> usize {
    critical_section::with(|cs| {
        let memory = MEMORY.borrow_ref(cs);
        buf.copy_from_slice(&memory.1);
        memory.0
    })
}
