//! Buses that are made of pins: the processor moves the lines itself, in the calling task.
//!
//! Slow and without a service: whoever has the pins has the bus. Delays are short and are waited out.
//!
//! Source: NXP UM10204, "I2C-bus specification", 3.1 (signals), 3.1.9 (clock stretching).

use threadsnake_hal::{
    Gpio, HalError, I2c, I2cConfig, Operation, PinConfig, PinId, PinMode, Pull, Spi, SpiConfig,
};

use crate::hardware;
use crate::timers::now_us;

fn gpio() -> Result<&'static dyn Gpio, HalError> {
    hardware().gpio.ok_or(HalError::Missing)
}

/// Half a cycle of a clock, in microseconds; 0 for fast ones, where the calls take long enough.
fn half_us(freq_hz: u32) -> u64 {
    500_000 / u64::from(freq_hz.max(1))
}

fn delay(us: u64) {
    let until = now_us() + us;
    while us > 0 && now_us() < until {
        core::hint::spin_loop();
    }
}

/// An I2C bus on two pins with pull-ups.
#[derive(Clone, Copy, Debug)]
pub struct SoftI2c {
    scl: PinId,
    sda: PinId,
    half_us: u64,
    timeout_us: u64,
    /// Between a start and its stop.
    busy: bool,
}

impl SoftI2c {
    /// A bus on these pins; [`I2c::configure`] sets them up.
    pub fn new(scl: PinId, sda: PinId, freq_hz: u32, timeout_us: u32) -> SoftI2c {
        SoftI2c { scl, sda, half_us: half_us(freq_hz), timeout_us: timeout_us.into(), busy: false }
    }

    /// The same in the middle of a transfer.
    pub fn in_transfer(self, busy: bool) -> SoftI2c {
        SoftI2c { busy, ..self }
    }

    /// True between a start and its stop.
    pub fn is_busy(&self) -> bool {
        self.busy
    }

    fn wait(&self) {
        delay(self.half_us);
    }

    fn sda(&self, level: bool) -> Result<(), HalError> {
        gpio()?.write(self.sda, level);
        Ok(())
    }

    fn scl_low(&self) -> Result<(), HalError> {
        gpio()?.write(self.scl, false);
        self.wait();
        Ok(())
    }

    /// Lets the clock go up; a device may hold it for a while.
    fn scl_high(&self) -> Result<(), HalError> {
        let gpio = gpio()?;
        gpio.write(self.scl, true);
        self.wait();
        let until = now_us() + self.timeout_us;
        while !gpio.read(self.scl) {
            if now_us() > until {
                return Err(HalError::Timeout);
            }
        }
        Ok(())
    }

    /// A start, or a repeated one.
    ///
    /// # Errors
    /// [`HalError::Timeout`]: the clock is held.
    pub fn start(&mut self) -> Result<(), HalError> {
        self.sda(true)?;
        self.wait();
        self.scl_high()?;
        self.sda(false)?;
        self.wait();
        self.busy = true;
        self.scl_low()
    }

    /// A stop.
    ///
    /// # Errors
    /// [`HalError::Timeout`]: the clock is held.
    pub fn stop(&mut self) -> Result<(), HalError> {
        self.busy = false;
        self.sda(false)?;
        self.wait();
        self.scl_high()?;
        self.sda(true)?;
        self.wait();
        Ok(())
    }

    fn send_bit(&self, bit: bool) -> Result<(), HalError> {
        self.sda(bit)?;
        self.wait();
        self.scl_high()?;
        self.scl_low()
    }

    fn receive_bit(&self) -> Result<bool, HalError> {
        self.sda(true)?;
        self.wait();
        self.scl_high()?;
        let bit = gpio()?.read(self.sda);
        self.scl_low()?;
        Ok(bit)
    }

    /// Sends a byte; whether it was acknowledged.
    ///
    /// # Errors
    /// [`HalError::Timeout`]: the clock is held.
    pub fn send(&self, byte: u8) -> Result<bool, HalError> {
        for i in (0..8).rev() {
            self.send_bit(byte >> i & 1 != 0)?;
        }
        Ok(!self.receive_bit()?)
    }

    /// Receives a byte, and acknowledges it if more are wanted.
    ///
    /// # Errors
    /// [`HalError::Timeout`]: the clock is held.
    pub fn receive(&self, more: bool) -> Result<u8, HalError> {
        let mut byte = 0;
        for _ in 0..8 {
            byte = byte << 1 | u8::from(self.receive_bit()?);
        }
        self.send_bit(!more)?;
        Ok(byte)
    }

    fn run(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), HalError> {
        let mut reading = None;
        let n = operations.len();
        for i in 0..n {
            let next_reads = matches!(operations.get(i + 1), Some(Operation::Read(_)));
            let is_read = matches!(operations[i], Operation::Read(_));
            if reading != Some(is_read) {
                self.start()?;
                if !self.send(address << 1 | u8::from(is_read))? {
                    return Err(HalError::Bus);
                }
                reading = Some(is_read);
            }
            match &mut operations[i] {
                Operation::Write(bytes) => {
                    for &byte in bytes.iter() {
                        if !self.send(byte)? {
                            return Err(HalError::Bus);
                        }
                    }
                }
                Operation::Read(buf) => {
                    let last = buf.len();
                    for (at, byte) in buf.iter_mut().enumerate() {
                        *byte = self.receive(at + 1 < last || next_reads)?;
                    }
                }
            }
        }
        Ok(())
    }
}

impl I2c for SoftI2c {
    fn configure(&mut self, config: &I2cConfig) -> Result<(), HalError> {
        let gpio = gpio()?;
        self.half_us = half_us(config.freq_hz);
        let open = PinConfig { mode: PinMode::OpenDrain, pull: Pull::Up, ..PinConfig::RESET };
        for pin in [self.scl, self.sda] {
            gpio.write(pin, true);
            gpio.configure(pin, open)?;
        }
        Ok(())
    }

    fn release(&mut self) {
        for pin in [self.scl, self.sda] {
            if let Some(gpio) = hardware().gpio {
                // Every pin can be an input.
                let _ = gpio.configure(pin, PinConfig::RESET);
            }
        }
    }

    fn transfer(
        &mut self,
        address: u16,
        operations: &mut [Operation<'_>],
        stop: bool,
    ) -> Result<(), HalError> {
        let address = u8::try_from(address).ok().filter(|&a| a < 128).ok_or(HalError::Invalid)?;
        let result = self.run(address, operations);
        if stop || result.is_err() {
            self.stop()?;
        }
        result
    }
}

/// An SPI bus on three pins.
#[derive(Clone, Copy, Debug)]
pub struct SoftSpi {
    pins: [PinId; 3],
    half_us: u64,
    polarity: bool,
    phase: bool,
    lsb_first: bool,
}

impl SoftSpi {
    /// A bus on SCK, MOSI and MISO; [`Spi::configure`] sets them up.
    pub fn new(pins: [PinId; 3]) -> SoftSpi {
        SoftSpi { pins, half_us: 0, polarity: false, phase: false, lsb_first: false }
    }

    /// The same with these settings, pins as they are.
    pub fn with(self, config: &SpiConfig) -> SoftSpi {
        SoftSpi {
            half_us: half_us(config.freq_hz),
            polarity: config.polarity,
            phase: config.phase,
            lsb_first: config.lsb_first,
            ..self
        }
    }
}

impl Spi for SoftSpi {
    fn configure(&mut self, config: &SpiConfig) -> Result<(), HalError> {
        let gpio = gpio()?;
        *self = self.with(config);
        let [clock, output, input] = self.pins;
        let out = PinConfig { mode: PinMode::Out, ..PinConfig::RESET };
        gpio.write(clock, self.polarity);
        gpio.configure(clock, out)?;
        gpio.configure(output, out)?;
        gpio.configure(input, PinConfig::RESET)
    }

    fn release(&mut self) {
        for pin in self.pins {
            if let Some(gpio) = hardware().gpio {
                // Every pin can be an input.
                let _ = gpio.configure(pin, PinConfig::RESET);
            }
        }
    }

    fn exchange(&mut self, bytes: &mut [u8]) -> Result<(), HalError> {
        let gpio = gpio()?;
        let [clock, output, input] = self.pins;
        for byte in bytes {
            let mut received = 0;
            for i in 0..8 {
                let i = if self.lsb_first { i } else { 7 - i };
                let edge = |level: bool| {
                    delay(self.half_us);
                    gpio.write(clock, level);
                };
                if self.phase {
                    edge(!self.polarity);
                }
                gpio.write(output, *byte >> i & 1 != 0);
                // The second edge of a bit ends it, whichever samples.
                edge(self.phase == self.polarity);
                received |= u8::from(gpio.read(input)) << i;
                if !self.phase {
                    edge(self.polarity);
                }
            }
            *byte = received;
        }
        Ok(())
    }
}
