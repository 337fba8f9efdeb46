//! What may end a sleep, and what did.
//!
//! A sleeping thread waits in its VM; an event of a source that was allowed to wake the system ends the wait.

use core::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use threadsnake_glue::select::Event;
use threadsnake_hal::{PinId, Trigger, WakeReason};

use crate::irq;

/// When a source may wake the system; bits, as scripts write them.
pub mod when {
    /// While it is idle.
    pub const IDLE: u8 = 1;
    /// Out of a light sleep.
    pub const SLEEP: u8 = 2;
    /// Out of a deep sleep.
    pub const DEEP: u8 = 4;
}

/// What is slept now: a bit of [`when`], 0 while awake.
static SLEEPING: AtomicU8 = AtomicU8::new(0);
/// The [`WakeReason`] that ended the last sleep.
static REASON: AtomicU8 = AtomicU8::new(0);
/// For each pin the bits of [`when`] in which it wakes.
static PINS: [AtomicU8; irq::PINS] = [const { AtomicU8::new(0) }; irq::PINS];
static CLOCK: AtomicU8 = AtomicU8::new(0);
static NETWORK: AtomicU8 = AtomicU8::new(0);
/// Counts events, so that none is lost between a look and the wait.
static EVENTS: AtomicU32 = AtomicU32::new(0);
/// Notified when something has ended a sleep.
pub static OVER: Event = Event::new();

/// Says when a pin may wake the system. Only one pin at a time ends a light sleep: the last.
pub fn set_pin(pin: PinId, bits: u8) {
    if bits & when::SLEEP != 0 {
        for other in &PINS {
            other.fetch_and(!when::SLEEP, Ordering::Relaxed);
        }
    }
    if let Some(place) = PINS.get(usize::from(pin.0)) {
        place.store(bits, Ordering::Release);
    }
}

/// When a pin may wake the system.
pub fn pin(pin: PinId) -> u8 {
    PINS.get(usize::from(pin.0)).map_or(0, |bits| bits.load(Ordering::Acquire))
}

/// Says when the calendar's alarm may wake the system.
pub fn set_clock(bits: u8) {
    CLOCK.store(bits, Ordering::Release);
}

/// Says when the network may wake the system.
pub fn set_network(bits: u8) {
    NETWORK.store(bits, Ordering::Release);
}

/// Begins a sleep, a bit of [`when`].
pub fn begin(sleep: u8) {
    EVENTS.store(0, Ordering::Relaxed);
    SLEEPING.store(sleep, Ordering::Release);
}

/// True when something has ended the sleep.
pub fn is_over() -> bool {
    EVENTS.load(Ordering::Acquire) != 0
}

/// Ends the sleep; by what, if not by time.
pub fn end() -> Option<WakeReason> {
    SLEEPING.store(0, Ordering::Release);
    is_over().then(reason)
}

/// What ended the last sleep.
pub fn reason() -> WakeReason {
    match REASON.load(Ordering::Acquire) {
        1 => WakeReason::Network,
        2 => WakeReason::Pin,
        3 => WakeReason::Rtc,
        _ => WakeReason::None,
    }
}

/// Remembers why the system woke up, at start-up after a deep sleep.
pub fn set_reason(reason: WakeReason) {
    REASON.store(reason as u8, Ordering::Release);
}

/// A source has an event: ends the sleep if it may. Any context.
pub fn wake(reason: WakeReason) {
    let bits = match reason {
        WakeReason::Rtc => CLOCK.load(Ordering::Acquire),
        WakeReason::Network => NETWORK.load(Ordering::Acquire),
        _ => u8::MAX,
    };
    let sleeping = SLEEPING.load(Ordering::Acquire);
    if sleeping & bits != 0 {
        if EVENTS.fetch_add(1, Ordering::AcqRel) == 0 {
            set_reason(reason);
        }
        OVER.notify();
    }
}

pub(crate) fn pin_event(id: PinId, _: Trigger) {
    if pin(id) & SLEEPING.load(Ordering::Acquire) != 0 {
        wake(WakeReason::Pin);
    }
}
