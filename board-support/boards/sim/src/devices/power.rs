//! Reset, sleep, watchdog, calendar, randomness.
//!
//! A reset ends the VM and lets whoever runs it start again from the beginning ([`take_reset`]): the process goes on,
//! and with it what is outside the board.

use core::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, AtomicU32, Ordering};
use threadsnake_boot::state::{self, ResetCause};
use threadsnake_drivers::hal::{Entropy, HalError, Power, Rtc, Sleep, WakeReason, Watchdog};
use threadsnake_drivers::sleep;
use threadsnake_drivers::timers::{self, TimerId};

use crate::board::HOST;
use crate::posix;

/// A reset was asked for and has not happened.
static WANTED: AtomicBool = AtomicBool::new(false);
/// What ended the deep sleep before it.
static WOKEN_BY: AtomicU8 = AtomicU8::new(0);

/// Asks for a reset: the VM ends. Any context.
fn want_reset(cause: ResetCause) {
    state::set_reset_cause(cause);
    WANTED.store(true, Ordering::Release);
    HOST.kill();
}

/// True if a reset is to happen.
pub fn wants_reset() -> bool {
    WANTED.load(Ordering::Acquire)
}

/// For whoever runs VMs, after one has ended: true if the system was reset, and all is to begin anew. The devices are
/// as after a reset then.
pub fn take_reset() -> bool {
    let wanted = WANTED.swap(false, Ordering::AcqRel);
    if wanted {
        let deep = state::reset_cause() == ResetCause::DeepSleep;
        if !deep {
            WOKEN_BY.store(0, Ordering::Relaxed);
        }
        sleep::set_reason(reason());
        TIMER_RUNS.store(false, Ordering::Relaxed);
        if let Some(timer) = watchdog_timer() {
            timers::stop(timer);
        }
        super::reset();
    }
    wanted
}

fn reason() -> WakeReason {
    match WOKEN_BY.load(Ordering::Relaxed) {
        1 => WakeReason::Network,
        2 => WakeReason::Pin,
        3 => WakeReason::Rtc,
        _ => WakeReason::None,
    }
}

/// Reset and sleep.
pub struct SimPower;

impl Power for SimPower {
    fn reset(&self) -> Result<(), HalError> {
        want_reset(ResetCause::Hard);
        Ok(())
    }

    fn sleep_begins(&self, _: Sleep) -> Result<(), HalError> {
        Ok(())
    }

    fn sleep_ends(&self, sleep: Sleep, reason: WakeReason) {
        if sleep == Sleep::Deep {
            WOKEN_BY.store(reason as u8, Ordering::Relaxed);
            want_reset(ResetCause::DeepSleep);
        }
    }

    fn wake_reason(&self) -> WakeReason {
        reason()
    }

    fn freq_hz(&self) -> u32 {
        80_000_000
    }

    fn unique_id(&self) -> [u8; 6] {
        // Locally administered.
        [0x02, 0x54, 0x53, 0x00, 0x00, 0x01]
    }
}

/// Number of the watchdog's timer, `u32::MAX` as long as it has none.
static TIMER: AtomicU32 = AtomicU32::new(u32::MAX);
static TIMER_RUNS: AtomicBool = AtomicBool::new(false);
static TIMEOUT_MS: AtomicU32 = AtomicU32::new(0);

fn watchdog_timer() -> Option<TimerId> {
    TimerId::from_number(TIMER.load(Ordering::Acquire) as usize)
}

/// The watchdog. Once started it keeps its time-out until a reset.
pub struct SimWatchdog;

impl Watchdog for SimWatchdog {
    fn start(&self, timeout_ms: u32) -> Result<(), HalError> {
        if watchdog_timer().is_none() {
            let bite = |_| want_reset(ResetCause::Watchdog);
            let timer = timers::allocate(None, bite).ok_or(HalError::Busy)?;
            TIMER.store(timer.number() as u32, Ordering::Release);
        }
        if !TIMER_RUNS.swap(true, Ordering::AcqRel) {
            TIMEOUT_MS.store(timeout_ms, Ordering::Release);
        }
        self.feed();
        Ok(())
    }

    fn feed(&self) {
        if let Some(timer) = watchdog_timer().filter(|_| TIMER_RUNS.load(Ordering::Acquire)) {
            timers::start(timer, u64::from(TIMEOUT_MS.load(Ordering::Acquire)) * 1000, 0);
        }
    }
}

/// By how many microseconds the board's calendar is ahead of the host's.
static AHEAD_US: AtomicI64 = AtomicI64::new(0);

/// Nanoseconds since 1970 on the board's calendar.
pub fn unix_time_ns() -> u64 {
    let ahead_ns = AHEAD_US.load(Ordering::Relaxed).saturating_mul(1000);
    posix::unix_time_ns().saturating_add_signed(ahead_ns)
}

/// The calendar: the host's, until it is set.
pub struct SimRtc;

impl Rtc for SimRtc {
    fn now_us(&self) -> Option<u64> {
        Some(unix_time_ns() / 1000)
    }

    fn set_us(&self, us: u64) -> Result<(), HalError> {
        let ahead = us as i64 - (posix::unix_time_ns() / 1000) as i64;
        AHEAD_US.store(ahead, Ordering::Relaxed);
        Ok(())
    }
}

/// The host's randomness.
pub struct SimEntropy;

impl Entropy for SimEntropy {
    fn fill(&self, buf: &mut [u8]) -> Result<(), HalError> {
        if posix::entropy(buf) { Ok(()) } else { Err(HalError::Missing) }
    }
}
