//! What a board's devices look like to the drivers: traits only.
//!
//! A board implements the traits for what it has and lists the implementations in one [`Hardware`]; everything that
//! is missing there is a clear error in Python. The traits are `dyn`-safe, so that drivers and Python classes exist
//! once. Each has a twin in C, a struct of function pointers in `include/ts_hal.h`; `threadsnake-drivers` adapts it.
//!
//! Two kinds of devices:
//! - those that are quick (pins, alarm, ADC, PWM, clock, watchdog): `&self`, callable from several tasks, the caller
//!   holds no lock; what may also be called in interrupts says so;
//! - those that take their time (buses, cards): `&mut self`, owned by a service task of the drivers.
#![no_std]
#![forbid(unsafe_code)]

mod bus;
mod error;
mod gpio;
mod serial;
mod system;

pub use bus::{Bus, I2c, I2cConfig, Operation, Spi, SpiConfig};
pub use embedded_hal;
pub use error::HalError;
pub use gpio::{
    Adc, Drive, Gpio, Level, PinConfig, PinFunction, PinId, PinInfo, PinListener, PinMode, Pull,
    Pwm, PwmConfig, Trigger,
};
pub use serial::{NoPort, Parity, SerialConfig, SerialEvent, SerialListener, Uart};
pub use system::{Alarm, Entropy, Memory, Power, Rtc, Sleep, WakeReason, Watchdog, Width};

/// Everything that a board has, once per image. Buses are handed to the drivers by value, at start-up.
#[derive(Clone, Copy)]
pub struct Hardware {
    /// Pins.
    pub gpio: Option<&'static dyn Gpio>,
    /// What timers are made of.
    pub alarm: Option<&'static dyn Alarm>,
    /// Converters from voltage to number.
    pub adc: Option<&'static dyn Adc>,
    /// Square waves on pins.
    pub pwm: Option<&'static dyn Pwm>,
    /// The calendar.
    pub rtc: Option<&'static dyn Rtc>,
    /// What resets a system that hangs.
    pub watchdog: Option<&'static dyn Watchdog>,
    /// Reset, sleep, clock frequency, identity.
    pub power: Option<&'static dyn Power>,
    /// True random numbers.
    pub entropy: Option<&'static dyn Entropy>,
    /// Memory that scripts may read and write by address.
    pub memory: Option<&'static dyn Memory>,
    /// Serial ports, by number.
    pub uarts: &'static [&'static dyn Uart],
    /// Pins with lights that a high level switches on.
    pub leds: &'static [PinId],
    /// The pin with a button that pulls it low.
    pub button: Option<PinId>,
}

impl Hardware {
    /// A board without anything: for `..Hardware::NONE`.
    pub const NONE: Hardware = Hardware {
        gpio: None,
        alarm: None,
        adc: None,
        pwm: None,
        rtc: None,
        watchdog: None,
        power: None,
        entropy: None,
        memory: None,
        uarts: &[],
        leds: &[],
        button: None,
    };
}
