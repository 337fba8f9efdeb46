//! Pins, and what hangs on a single pin: converters and square waves.

use crate::HalError;

/// A pin: its place in [`Gpio::pins`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PinId(pub u8);

/// A logic level: true is high.
pub type Level = bool;

/// A function that a pin can be given to instead of the port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PinFunction {
    /// As in the board's table of functions: `UART0_TX`.
    pub name: &'static str,
    /// The number that selects it.
    pub number: u8,
}

/// What a board's table says of a pin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PinInfo {
    /// As scripts write it: `GP2`.
    pub name: &'static str,
    /// The number that scripts may write instead.
    pub number: u8,
    /// Its functions besides the port.
    pub functions: &'static [PinFunction],
    /// It can end a sleep.
    pub wakes: bool,
}

/// What a pin is used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum PinMode {
    /// Input.
    In = 0,
    /// Output that drives both levels.
    Out = 1,
    /// Given to a function.
    Alt = 2,
    /// Given to a function, low driven and high let go.
    AltOpenDrain = 3,
    /// Output that drives low and lets go for high.
    OpenDrain = 0x10,
}

/// The resistor at a pin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Pull {
    /// None.
    None = 0,
    /// To the supply.
    Up = 1,
    /// To ground.
    Down = 2,
}

/// How strong an output drives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Drive {
    Low = 0,
    Medium = 1,
    High = 2,
}

/// All that is set at a pin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PinConfig {
    /// What it is used for.
    pub mode: PinMode,
    /// The resistor.
    pub pull: Pull,
    /// The strength.
    pub drive: Drive,
    /// The function with the two `Alt` modes; -1: none yet.
    pub function: i8,
}

impl PinConfig {
    /// How pins are after a reset.
    pub const RESET: PinConfig =
        PinConfig { mode: PinMode::In, pull: Pull::None, drive: Drive::Medium, function: -1 };
}

/// What at a pin makes an interrupt; bits that can be joined. The numbers are those of `Pin.IRQ_…`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trigger(pub u8);

impl Trigger {
    /// The level goes low.
    pub const FALLING: Trigger = Trigger(1);
    /// The level goes high.
    pub const RISING: Trigger = Trigger(2);
    /// The level is low.
    pub const LOW: Trigger = Trigger(4);
    /// The level is high.
    pub const HIGH: Trigger = Trigger(8);
}

/// Called when a pin's trigger comes, with what came. In an interrupt, or in the task that caused it.
pub type PinListener = fn(PinId, Trigger);

/// The ports. All calls: any context, do not block, do not allocate. A `PinId` is one of [`Gpio::pins`]; others do
/// nothing and read low.
pub trait Gpio: Sync {
    /// The pins there are.
    fn pins(&self) -> &'static [PinInfo];

    /// Sets up a pin; its latch stays. An output begins to drive its latch.
    ///
    /// # Errors
    /// [`HalError::Invalid`]: the pin cannot be that.
    fn configure(&self, pin: PinId, config: PinConfig) -> Result<(), HalError>;

    /// What is set at a pin.
    fn config(&self, pin: PinId) -> PinConfig;

    /// The level at the pin, whoever drives it.
    fn read(&self, pin: PinId) -> Level;

    /// Sets the latch, which an output drives.
    fn write(&self, pin: PinId, level: Level);

    /// The latch.
    fn latch(&self, pin: PinId) -> Level;

    /// Chooses what calls the listener; `None`: nothing.
    ///
    /// # Errors
    /// [`HalError::Invalid`]: the pin, or that combination, makes no interrupts.
    fn set_trigger(&self, pin: PinId, trigger: Option<Trigger>) -> Result<(), HalError>;

    /// Sets whom interrupts call. Once, at start-up.
    fn listen(&self, listener: PinListener);
}

/// Converters. Tasks; a conversion takes microseconds.
pub trait Adc: Sync {
    /// The channels and the pins that they measure.
    fn channels(&self) -> &'static [PinId];

    /// Bits of a result.
    fn bits(&self) -> u8;

    /// Measures: `0..1 << bits()`.
    ///
    /// # Errors
    /// [`HalError::Missing`]: no such channel. [`HalError::Timeout`].
    fn read(&self, channel: usize) -> Result<u16, HalError>;

    /// What the highest result stands for, in microvolts.
    fn reference_uv(&self) -> u32;
}

/// A square wave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PwmConfig {
    /// Cycles per second, not 0.
    pub freq_hz: u32,
    /// The part of a cycle that is high: 65 536 is all.
    pub duty: u32,
    /// Low and high exchanged.
    pub inverted: bool,
}

/// Square waves. Tasks; do not block.
pub trait Pwm: Sync {
    /// Starts or changes the wave on a pin, from the next cycle on.
    ///
    /// # Errors
    /// [`HalError::Invalid`]: not at this pin, or not with this frequency. [`HalError::Busy`]: no generator is free.
    fn start(&self, pin: PinId, config: PwmConfig) -> Result<(), HalError>;

    /// Ends it; the pin is what its configuration says.
    fn stop(&self, pin: PinId);
}
