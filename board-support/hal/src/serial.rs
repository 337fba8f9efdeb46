//! Serial ports.

use crate::{HalError, PinId};

/// The bit that is added to make the ones even or odd.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Parity {
    None = 0,
    Even = 1,
    Odd = 2,
}

/// How a port is to run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SerialConfig {
    /// Bits per second, not 0.
    pub baud: u32,
    /// Bits of a character, 5 to 8.
    pub bits: u8,
    /// The parity.
    pub parity: Parity,
    /// Stop bits, 1 or 2.
    pub stop: u8,
    /// TX, RX, RTS, CTS, where given.
    pub pins: [Option<PinId>; 4],
    /// Give the pins to the port; otherwise they are left as they are.
    pub assign_pins: bool,
}

impl SerialConfig {
    /// The bits of a character on the line.
    pub fn frame_bits(&self) -> u32 {
        1 + u32::from(self.bits) + u32::from(self.parity != Parity::None) + u32::from(self.stop)
    }
}

/// What happened at a port; bits that can be joined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SerialEvent(pub u8);

impl SerialEvent {
    /// Characters have come.
    pub const RECEIVED: SerialEvent = SerialEvent(1);
    /// There is room to write, or all is sent.
    pub const SENT: SerialEvent = SerialEvent(2);
}

/// Called with the port's number. In an interrupt, or in the task that caused it.
pub type SerialListener = fn(usize, SerialEvent);

/// A port with buffers at both ends. Tasks; nothing blocks.
pub trait Uart: Sync {
    /// Switches the port on, its buffers empty, or changes it.
    ///
    /// # Errors
    /// [`HalError::Invalid`]: not with these settings.
    fn configure(&self, config: &SerialConfig) -> Result<(), HalError>;

    /// Switches the port off.
    fn release(&self);

    /// Moves as many bytes into the buffer as there is room for, and returns how many.
    fn try_write(&self, bytes: &[u8]) -> usize;

    /// Moves bytes that have come into `buf` and returns how many.
    fn try_read(&self, buf: &mut [u8]) -> usize;

    /// How many bytes have come.
    fn available(&self) -> usize;

    /// When the last byte that was written will have left, in microseconds of the alarm's clock; 0: long ago.
    fn sent_at_us(&self) -> u64;

    /// Holds the line low for `bits` bits.
    fn send_break(&self, bits: u32);

    /// Sets whom interrupts call, and what number the port has there. Once, at start-up.
    fn listen(&self, number: usize, listener: SerialListener);
}

/// Stands in a list of ports where programs have none: the error says why, with every attempt to open it.
#[derive(Debug)]
pub struct NoPort(pub HalError);

impl Uart for NoPort {
    fn configure(&self, _: &SerialConfig) -> Result<(), HalError> {
        Err(self.0)
    }

    fn release(&self) {}

    fn try_write(&self, _: &[u8]) -> usize {
        0
    }

    fn try_read(&self, _: &mut [u8]) -> usize {
        0
    }

    fn available(&self) -> usize {
        0
    }

    fn sent_at_us(&self) -> u64 {
        0
    }

    fn send_break(&self, _: u32) {}

    fn listen(&self, _: usize, _: SerialListener) {}
}
