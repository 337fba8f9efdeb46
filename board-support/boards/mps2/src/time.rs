//! The microsecond clock: timer 0 counts the 25 MHz clock down through 32 bits, and its interrupt counts
//! the times it reached zero (every 171.8 s).
//!
//! The SysTick belongs to the kernel, and the cycle counter of the processor stands still in QEMU.
//!
//! Invariant: no code that reads the clock can interrupt [`wrap_interrupt`], whose line is the most
//! urgent of all; it never calls the kernel, so it may stand above the kernel's ceiling.

use core::sync::atomic::{AtomicU32, Ordering};

use crate::irq;
use crate::regs::{CLOCK_HZ, irq::TIMER0, timer0};

static WRAPS: AtomicU32 = AtomicU32::new(0);

const CYCLES_PER_US: u64 = (CLOCK_HZ / 1_000_000) as u64;

/// The first count is short (0.7 s), so that every run of the tests meets a wrap.
const FIRST_COUNT: u32 = 1 << 24;

/// Starts the clock at zero.
pub fn init() {
    timer0::RELOAD.write(u32::MAX);
    timer0::VALUE.write(FIRST_COUNT);
    timer0::INT.write(1);
    timer0::CTRL.write(timer0::ENABLE | timer0::INT_ENABLE);
    irq::enable(TIMER0, irq::Priority::AboveKernel);
}

/// Cycles of the system clock since [`init`]; monotonic. Any context; does not block.
pub fn cycles() -> u64 {
    loop {
        let wraps = WRAPS.load(Ordering::Acquire);
        let pending = timer0::INT.read() & 1;
        // The event comes with the count 0, so 0 is the first count of the next round.
        let count = timer0::VALUE.read().wrapping_neg();
        // A wrap that nobody has counted yet shows as pending. If the event or its handler came between
        // the reads, they do not belong together.
        if timer0::INT.read() & 1 == pending && WRAPS.load(Ordering::Acquire) == wraps {
            let rounds = u64::from(wraps) + u64::from(pending);
            return (rounds << 32 | u64::from(count)) - u64::from(FIRST_COUNT.wrapping_neg());
        }
    }
}

/// [`cycles`] for the kernel, which counts by it what each task takes of the processor (`FreeRTOSConfig.h`).
#[unsafe(no_mangle)]
extern "C" fn threadsnake_cycles() -> u64 {
    cycles()
}

/// Microseconds since [`init`]; monotonic. Any context; does not block.
pub fn ticks_us() -> u64 {
    cycles() / CYCLES_PER_US
}

/// The handler of timer 0.
pub unsafe extern "C" fn wrap_interrupt() {
    timer0::INT.write(1);
    WRAPS.store(WRAPS.load(Ordering::Relaxed) + 1, Ordering::Release);
}
