//! The devices of the board for `machine`: what QEMU models of it.
//!
//! | device | what it is here |
//! |---|---|
//! | pins | the two lights `LED0`, `LED1` and the two buttons `PB0`, `PB1`; no interrupts: `OSError(ENODEV)` |
//! | timers | CMSDK timer 1, in cycles of the clock |
//! | watchdog | the CMSDK watchdog: at half its time an NMI, which waits, then the reset |
//! | calendar | microseconds of timer 0, set by a program; there is none with a battery |
//! | reset | through the processor; its cause is kept in memory that a reset leaves alone |
//! | serial ports | UART1 and UART2 ([`crate::ports`]); port 0 is the console's |
//! | memory | the registers of lights, buttons and counters |
//!
//! Everything else – converters, waves, I2C, SPI, random numbers – raises `OSError(ENODEV)`.
//!
//! Sources: Application Note AN385, "FPGA system control and I/O"; CMSDK Technical Reference Manual, APB timer, APB
//! watchdog.

use core::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};

use spin::Once;
use threadsnake_boot::state::{self, ResetCause};
use threadsnake_drivers::hal::{
    Alarm, Gpio, HalError, Hardware, Level, Memory, NoPort, PinConfig, PinId, PinInfo, PinListener,
    PinMode, Power, Rtc, Sleep, Trigger, WakeReason, Watchdog, Width,
};
use threadsnake_drivers::{heartbeat, install, sleep};

use crate::irq::{self, Priority};
use crate::regs::{CLOCK_HZ, fpgaio, irq::TIMER1, kept, scs, timer0, timer1, watchdog};
use crate::{fault, ports, time};

/// Connects the devices to the drivers. Before the scheduler starts.
pub fn start() {
    recall_cause();
    // The button at reset; the emulator has none to press, a test has a word for it.
    if !Pins.read(SAFE_BOOT) {
        state::set_safe_boot(true);
    }
    install(Hardware {
        gpio: Some(&Pins),
        alarm: Some(&Timer1),
        rtc: Some(&Calendar),
        watchdog: Some(&Dog),
        power: Some(&System),
        memory: Some(&Registers),
        // Port 0 belongs to the console.
        uarts: &[&NoPort(HalError::Busy), &ports::Port(0), &ports::Port(1)],
        leds: &[PinId(0), PinId(1)],
        button: Some(SAFE_BOOT),
        ..Hardware::NONE
    });
    irq::enable(TIMER1, Priority::Device);
    heartbeat::set(false);
}

static PINS: [PinInfo; 4] = [
    PinInfo { name: "LED0", number: 0, functions: &[], wakes: false },
    PinInfo { name: "LED1", number: 1, functions: &[], wakes: false },
    PinInfo { name: "PB0", number: 2, functions: &[], wakes: false },
    PinInfo { name: "PB1", number: 3, functions: &[], wakes: false },
];
const N_LEDS: u8 = 2;
/// The button that, held at reset, asks for a safe boot.
const SAFE_BOOT: PinId = PinId(2);

/// The pins that are outputs, and their latches; bits.
static OUTPUTS: AtomicU8 = AtomicU8::new(0);
static LATCHES: AtomicU8 = AtomicU8::new(0);

/// Lights and buttons.
struct Pins;

impl Pins {
    fn show(&self) {
        let on = OUTPUTS.load(Ordering::Relaxed) & LATCHES.load(Ordering::Relaxed);
        fpgaio::LED.write(on.into());
    }
}

fn set_bit(bits: &AtomicU8, pin: PinId, on: bool) {
    if on {
        bits.fetch_or(1 << pin.0, Ordering::Relaxed);
    } else {
        bits.fetch_and(!(1 << pin.0), Ordering::Relaxed);
    }
}

impl Gpio for Pins {
    fn pins(&self) -> &'static [PinInfo] {
        &PINS
    }

    fn configure(&self, pin: PinId, config: PinConfig) -> Result<(), HalError> {
        let is_output = config.mode == PinMode::Out;
        // Buttons drive their pins; nothing here has other functions.
        if !(config.mode == PinMode::In || is_output && pin.0 < N_LEDS) {
            return Err(HalError::Invalid);
        }
        set_bit(&OUTPUTS, pin, is_output);
        self.show();
        Ok(())
    }

    fn config(&self, pin: PinId) -> PinConfig {
        let is_output = OUTPUTS.load(Ordering::Relaxed) & 1 << pin.0 != 0;
        let mode = if is_output { PinMode::Out } else { PinMode::In };
        PinConfig { mode, ..PinConfig::RESET }
    }

    fn read(&self, pin: PinId) -> Level {
        match pin.0.checked_sub(N_LEDS) {
            None => fpgaio::LED.read() & 1 << pin.0 != 0,
            // The register has ones for buttons that are pressed; the pin is low then.
            Some(button) => fpgaio::BUTTON.read() & 1 << button == 0,
        }
    }

    fn write(&self, pin: PinId, level: Level) {
        set_bit(&LATCHES, pin, level);
        self.show();
    }

    fn latch(&self, pin: PinId) -> Level {
        LATCHES.load(Ordering::Relaxed) & 1 << pin.0 != 0
    }

    fn set_trigger(&self, _: PinId, trigger: Option<Trigger>) -> Result<(), HalError> {
        if trigger.is_none() { Ok(()) } else { Err(HalError::Missing) }
    }

    fn listen(&self, _: PinListener) {}
}

static ALARM: Once<fn()> = Once::new();

/// Timer 1 as the alarm.
struct Timer1;

impl Alarm for Timer1 {
    fn now_us(&self) -> u64 {
        time::ticks_us()
    }

    fn set(&self, at_us: Option<u64>) {
        timer1::CTRL.write(0);
        timer1::INT.write(1);
        let Some(at_us) = at_us else { return };
        // Too early is no harm: whoever is called sets it again.
        const MOST: u64 = 1 << 31;
        let left_us = at_us.saturating_sub(self.now_us());
        let cycles = left_us.saturating_mul((CLOCK_HZ / 1_000_000).into()).clamp(25, MOST) as u32;
        timer1::RELOAD.write(cycles);
        timer1::VALUE.write(cycles);
        timer1::CTRL.write(timer0::ENABLE | timer0::INT_ENABLE);
    }

    fn listen(&self, listener: fn()) {
        ALARM.call_once(|| listener);
    }
}

/// The handler of timer 1.
pub unsafe extern "C" fn alarm_interrupt() {
    timer1::CTRL.write(0);
    timer1::INT.write(1);
    if let Some(listener) = ALARM.get() {
        listener();
    }
}

/// Microseconds since 1970 at the start of timer 0, in two halves, if the calendar was set.
static IS_SET: AtomicBool = AtomicBool::new(false);
static START_LOW: AtomicU32 = AtomicU32::new(0);
static START_HIGH: AtomicU32 = AtomicU32::new(0);

/// Microseconds since 1970, `None` before the calendar is set. Any context.
pub fn unix_time_us() -> Option<u64> {
    if !IS_SET.load(Ordering::Acquire) {
        return None;
    }
    let start = critical_section::with(|_| {
        let high = u64::from(START_HIGH.load(Ordering::Relaxed));
        high << 32 | u64::from(START_LOW.load(Ordering::Relaxed))
    });
    Some(start + time::ticks_us())
}

/// The calendar.
struct Calendar;

impl Rtc for Calendar {
    fn now_us(&self) -> Option<u64> {
        unix_time_us()
    }

    fn set_us(&self, us: u64) -> Result<(), HalError> {
        let start = us.saturating_sub(time::ticks_us());
        critical_section::with(|_| {
            START_HIGH.store((start >> 32) as u32, Ordering::Relaxed);
            START_LOW.store(start as u32, Ordering::Relaxed);
        });
        IS_SET.store(true, Ordering::Release);
        Ok(())
    }
}

/// The watchdog.
struct Dog;

impl Watchdog for Dog {
    fn start(&self, timeout_ms: u32) -> Result<(), HalError> {
        // Up to the NMI; it keeps its time until the reset.
        let cycles = u64::from(timeout_ms) * u64::from(CLOCK_HZ / 1000);
        let cycles = u32::try_from(cycles).map_err(|_| HalError::Invalid)?;
        if watchdog::CTRL.read() & watchdog::RESET_ENABLE != 0 {
            self.feed();
            return Ok(());
        }
        keep_cause(ResetCause::Watchdog, WakeReason::None);
        watchdog::LOCK.write(watchdog::UNLOCK);
        watchdog::LOAD.write(cycles);
        watchdog::CTRL.write(watchdog::INT_ENABLE | watchdog::RESET_ENABLE);
        Ok(())
    }

    fn feed(&self) {
        watchdog::INTCLR.write(1);
    }
}

/// The NMI: nobody has fed the watchdog. Says where everybody is, and lets the reset come.
pub unsafe extern "C" fn watchdog_interrupt() {
    fault::report_watchdog();
    // The second time-out is the reset.
    watchdog::LOAD.write(1);
}

/// Remembers over a reset why it happens.
fn keep_cause(cause: ResetCause, reason: WakeReason) {
    kept::CAUSE.write(cause as u32 | (reason as u32) << 8);
    kept::MAGIC.write(kept::VALID);
}

/// Finds out why the system started.
fn recall_cause() {
    let known = kept::MAGIC.read() == kept::VALID;
    kept::MAGIC.write(0);
    if !known {
        return state::set_reset_cause(ResetCause::PowerOn);
    }
    let word = kept::CAUSE.read();
    state::set_reset_cause(match word & 0xFF {
        2 => ResetCause::Watchdog,
        3 => ResetCause::DeepSleep,
        _ => ResetCause::Hard,
    });
    sleep::set_reason(match word >> 8 {
        1 => WakeReason::Network,
        2 => WakeReason::Pin,
        3 => WakeReason::Rtc,
        _ => WakeReason::None,
    });
}

/// Reset and sleep.
struct System;

impl Power for System {
    fn reset(&self) -> Result<(), HalError> {
        keep_cause(ResetCause::Hard, WakeReason::None);
        scs::AIRCR.write(scs::RESET);
        Ok(())
    }

    fn sleep_begins(&self, _: Sleep) -> Result<(), HalError> {
        // The idle task rests by itself.
        Ok(())
    }

    fn sleep_ends(&self, sleep: Sleep, reason: WakeReason) {
        if sleep == Sleep::Deep {
            keep_cause(ResetCause::DeepSleep, reason);
            scs::AIRCR.write(scs::RESET);
        }
    }

    fn freq_hz(&self) -> u32 {
        CLOCK_HZ
    }

    fn unique_id(&self) -> [u8; 6] {
        // Locally administered; the board has none of its own.
        let board = if cfg!(board = "mps2-an500") { 0x05_00 } else { 0x03_85 };
        [0x02, b'T', b'S', 0, (board >> 8) as u8, board as u8]
    }
}

/// The registers that scripts may use.
struct Registers;

impl Memory for Registers {
    fn read(&self, address: usize, width: Width) -> Result<u32, HalError> {
        let offset = address.checked_sub(fpgaio::START).ok_or(HalError::Invalid)?;
        let register = fpgaio::at(offset & !3).ok_or(HalError::Invalid)?;
        let value = register.read() >> (8 * (offset & 3));
        Ok(match width {
            Width::Byte => value & 0xFF,
            Width::Half => value & 0xFFFF,
            Width::Word => value,
        })
    }

    fn write(&self, address: usize, width: Width, value: u32) -> Result<(), HalError> {
        let offset = address.checked_sub(fpgaio::START).ok_or(HalError::Invalid)?;
        // The registers know whole words only.
        if width != Width::Word {
            return Err(HalError::Invalid);
        }
        fpgaio::at(offset).ok_or(HalError::Invalid)?.write(value);
        Ok(())
    }
}
