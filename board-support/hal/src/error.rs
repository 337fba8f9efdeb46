//! Why a device did not do it.

/// The errors of all devices; each call says which it may give.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(i32)]
pub enum HalError {
    /// The board has no such device, pin or function. Python: `OSError(ENODEV)`, for pins `ValueError`.
    Missing = 1,
    /// A parameter that the device cannot do. Python: `ValueError`.
    Invalid = 2,
    /// The device is switched off, or the system refuses. Python: `OSError(EPERM)`.
    Refused = 3,
    /// Nobody acknowledged, or the transfer failed. Python: `OSError(EIO)`.
    Bus = 4,
    /// The device did not answer in time. Python: `OSError(ETIMEDOUT)`.
    Timeout = 5,
    /// Somebody else uses it. Python: `OSError(EBUSY)`.
    Busy = 6,
}

impl HalError {
    /// The error with that number, as C tells it; `None` for 0, which is none. Other numbers count as [`HalError::Bus`].
    pub const fn from_code(code: i32) -> Option<HalError> {
        match code {
            0 => None,
            1 => Some(HalError::Missing),
            2 => Some(HalError::Invalid),
            3 => Some(HalError::Refused),
            5 => Some(HalError::Timeout),
            6 => Some(HalError::Busy),
            _ => Some(HalError::Bus),
        }
    }
}

impl embedded_hal::i2c::Error for HalError {
    fn kind(&self) -> embedded_hal::i2c::ErrorKind {
        use embedded_hal::i2c::{ErrorKind, NoAcknowledgeSource};
        match self {
            HalError::Bus => ErrorKind::NoAcknowledge(NoAcknowledgeSource::Unknown),
            _ => ErrorKind::Other,
        }
    }
}

impl embedded_hal::spi::Error for HalError {
    fn kind(&self) -> embedded_hal::spi::ErrorKind {
        embedded_hal::spi::ErrorKind::Other
    }
}
