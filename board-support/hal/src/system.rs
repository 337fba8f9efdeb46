//! The board as a whole: time, the calendar, reset, sleep, watchdog, randomness, memory.

use crate::HalError;

/// One interrupt at one time: all timers are made of it. Any context; does not block.
pub trait Alarm: Sync {
    /// Microseconds since some start; monotonic.
    fn now_us(&self) -> u64;

    /// Calls the listener when that time has come, or soon if it is past; replaces what was set before. `None`: never.
    fn set(&self, at_us: Option<u64>);

    /// Sets whom the interrupt calls; in interrupt context. Once, at start-up.
    fn listen(&self, listener: fn());
}

/// The calendar clock. Any context; does not block.
pub trait Rtc: Sync {
    /// Microseconds since 1970-01-01 00:00, `None` as long as it was never set.
    fn now_us(&self) -> Option<u64>;

    /// Sets it.
    ///
    /// # Errors
    /// [`HalError::Refused`]: the clock belongs to somebody else.
    fn set_us(&self, us: u64) -> Result<(), HalError>;
}

/// Resets a system that does not feed it.
pub trait Watchdog: Sync {
    /// Starts it, for ever. Tasks.
    ///
    /// # Errors
    /// [`HalError::Invalid`]: not so long. [`HalError::Refused`]: it belongs to somebody else.
    fn start(&self, timeout_ms: u32) -> Result<(), HalError>;

    /// The time begins anew. Any context.
    fn feed(&self);
}

/// What ended a sleep. The numbers are those of `machine.…_WAKE`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
pub enum WakeReason {
    None = 0,
    Network = 1,
    Pin = 2,
    Rtc = 3,
}

/// How deep a sleep is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sleep {
    /// Memory and devices are kept; execution goes on.
    Light,
    /// Like a reset that waits.
    Deep,
}

/// Reset and sleep; the integrator's hooks, which may refuse.
pub trait Power: Sync {
    /// Resets the system. Does not return, or returns and soon ends the calling task's VM. Tasks.
    ///
    /// # Errors
    /// [`HalError::Refused`].
    fn reset(&self) -> Result<(), HalError>;

    /// Called before Python waits in a sleep; the system may switch off what it does not need. Tasks.
    ///
    /// # Errors
    /// [`HalError::Refused`]: no sleep now.
    fn sleep_begins(&self, sleep: Sleep) -> Result<(), HalError>;

    /// Called when a sleep was ended by `reason`. After a deep one the system restarts, as with `reset`. Tasks.
    fn sleep_ends(&self, sleep: Sleep, reason: WakeReason);

    /// What ended the deep sleep that this start came out of.
    fn wake_reason(&self) -> WakeReason {
        WakeReason::None
    }

    /// The processor's clock in Hz.
    fn freq_hz(&self) -> u32;

    /// Bytes that only this board has: six, its MAC address.
    fn unique_id(&self) -> [u8; 6];
}

/// True random numbers. Tasks; may block for milliseconds.
pub trait Entropy: Sync {
    /// Fills `buf`.
    ///
    /// # Errors
    /// [`HalError::Missing`]: there is no source.
    fn fill(&self, buf: &mut [u8]) -> Result<(), HalError>;
}

/// The width of an access.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Width {
    /// 8 bits.
    Byte = 1,
    /// 16 bits.
    Half = 2,
    /// 32 bits.
    Word = 4,
}

/// Memory by address: the regions that a board opens to scripts, nothing else. Any context. Addresses are aligned.
pub trait Memory: Sync {
    /// Reads.
    ///
    /// # Errors
    /// [`HalError::Invalid`]: not open.
    fn read(&self, address: usize, width: Width) -> Result<u32, HalError>;

    /// Writes the low bits.
    ///
    /// # Errors
    /// [`HalError::Invalid`]: not open.
    fn write(&self, address: usize, width: Width, value: u32) -> Result<(), HalError>;
}
