//! Buses with one controller, us: owned by a service task, so that `&mut self` is enough.

use crate::{HalError, PinId};
pub use embedded_hal::i2c::Operation;

/// How an I2C bus is to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct I2cConfig {
    /// Clock in Hz.
    pub freq_hz: u32,
    /// SCL and SDA; `None`: the usual ones.
    pub pins: Option<[PinId; 2]>,
    /// How long a device may hold the clock, in microseconds.
    pub timeout_us: u32,
}

/// An I2C controller. A task; may block as long as the transfer takes, never longer than devices may hold the clock.
pub trait I2c: Send {
    /// Switches the bus on; may be called again to change it.
    ///
    /// # Errors
    /// [`HalError::Invalid`]: not with these pins.
    fn configure(&mut self, config: &I2cConfig) -> Result<(), HalError>;

    /// Switches the bus off.
    fn release(&mut self);

    /// Start, the operations with repeated starts where the direction changes, and a stop if `stop`. Without one the
    /// bus is kept, and the next transfer begins with a repeated start. An empty write asks whether the device is there.
    ///
    /// # Errors
    /// [`HalError::Bus`]: not acknowledged; the bus is free again. [`HalError::Timeout`]. [`HalError::Refused`]: off.
    fn transfer(
        &mut self,
        address: u16,
        operations: &mut [Operation<'_>],
        stop: bool,
    ) -> Result<(), HalError>;
}

/// How an SPI bus is to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpiConfig {
    /// Clock in Hz.
    pub freq_hz: u32,
    /// Bits of a word: 8, 16 or 32.
    pub bits: u8,
    /// The clock rests high.
    pub polarity: bool,
    /// Sampled at the second edge.
    pub phase: bool,
    /// The lowest bit goes first.
    pub lsb_first: bool,
    /// SCK, MOSI, MISO; `None`: the usual ones.
    pub pins: Option<[PinId; 3]>,
}

/// An SPI controller. A task; may block as long as the transfer takes.
pub trait Spi: Send {
    /// Switches the bus on; may be called again to change it.
    ///
    /// # Errors
    /// [`HalError::Invalid`]: not with these settings.
    fn configure(&mut self, config: &SpiConfig) -> Result<(), HalError>;

    /// Switches the bus off.
    fn release(&mut self);

    /// Exchanges the bytes in place: each is sent and replaced by the one that comes back.
    ///
    /// # Errors
    /// [`HalError::Refused`]: off.
    fn exchange(&mut self, bytes: &mut [u8]) -> Result<(), HalError>;
}

/// A bus of ours as `embedded-hal` wants it, for drivers from elsewhere.
pub struct Bus<'a, B: ?Sized>(pub &'a mut B);

impl<B: I2c + ?Sized> embedded_hal::i2c::ErrorType for Bus<'_, B> {
    type Error = HalError;
}

impl<B: I2c + ?Sized> embedded_hal::i2c::I2c for Bus<'_, B> {
    fn transaction(
        &mut self,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), HalError> {
        self.0.transfer(address.into(), operations, true)
    }
}
