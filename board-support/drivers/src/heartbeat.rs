//! The light that shows that the system is alive: on for 80 ms every 4 s.
//!
//! It runs from a timer, so a busy program does not stop it; scripts switch it with `wipy.heartbeat`.

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use threadsnake_glue::rtos;
use threadsnake_hal::{PinConfig, PinId, PinMode};

use crate::hardware;
use crate::timers::{self, TimerId};

const ON_US: u64 = 80_000;
const OFF_US: u64 = 3_920_000;

static WANTED: AtomicBool = AtomicBool::new(true);
/// The pin of the light, and the timer's number; `u32::MAX` as long as there is none.
static PIN: AtomicU32 = AtomicU32::new(u32::MAX);
static TIMER: AtomicU32 = AtomicU32::new(u32::MAX);

/// Gives the heartbeat its light and begins. Once, before the scheduler starts or in a task.
pub fn start(light: PinId) {
    let Some(timer) = timers::allocate(None, beat) else { return };
    PIN.store(light.0.into(), Ordering::Relaxed);
    TIMER.store(timer.number() as u32, Ordering::Release);
    set(WANTED.load(Ordering::Relaxed));
}

/// Whether it beats.
pub fn is_on() -> bool {
    WANTED.load(Ordering::Relaxed)
}

/// Switches it; the light is off at first. Tasks.
pub fn set(on: bool) {
    WANTED.store(on, Ordering::Relaxed);
    let timer = TimerId::from_number(TIMER.load(Ordering::Acquire) as usize);
    let (Some(timer), Some(gpio)) = (timer, hardware().gpio) else { return };
    let light = PinId(PIN.load(Ordering::Relaxed) as u8);
    timers::stop(timer);
    gpio.write(light, false);
    if on {
        // A pin that cannot be an output shows nothing.
        let _ = gpio.configure(light, PinConfig { mode: PinMode::Out, ..PinConfig::RESET });
        timers::start(timer, OFF_US, 0);
    }
}

/// Shows that a program has failed: the light changes quickly for 1.2 s. Blocks; tasks, without the GIL.
pub fn flash() {
    const CHANGES: u32 = 24;
    const CHANGE_US: u64 = 50_000;
    let timer = TimerId::from_number(TIMER.load(Ordering::Acquire) as usize);
    let (Some(_), Some(gpio)) = (timer, hardware().gpio) else { return };
    let light = PinId(PIN.load(Ordering::Relaxed) as u8);
    for i in 0..CHANGES {
        gpio.write(light, i % 2 == 0);
        rtos::delay(rtos::ticks_for_us(CHANGE_US));
    }
    gpio.write(light, false);
}

/// The timer: changes the light, in interrupt context.
fn beat(timer: TimerId) {
    let Some(gpio) = hardware().gpio else { return };
    let light = PinId(PIN.load(Ordering::Relaxed) as u8);
    let on = !gpio.latch(light);
    gpio.write(light, on);
    timers::start(timer, if on { ON_US } else { OFF_US }, 0);
}
