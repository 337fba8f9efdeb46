//! The SPI bus and what hangs on it: a flash of 64 KiB, selected by a low level at GP17, an SD card, selected at
//! GP22, else what a wire from MOSI to MISO brings back, else ones.
//!
//! Source: Winbond W25Q data sheets, "Instructions".

use threadsnake_drivers::hal::{HalError, PinId, Spi, SpiConfig};

use super::gpio;
use super::pins::gp;
use super::spi_card::Card;

const BYTES: usize = 64 * 1024;
const PAGE: usize = 256;
const SECTOR: usize = 4096;

/// A flash memory: it erases to ones and programs to zeros.
struct Flash {
    memory: &'static mut [u8],
    write_enabled: bool,
    /// Bytes since it was selected, and the first of them.
    n: usize,
    command: u8,
    address: usize,
}

impl Flash {
    /// What comes back for a byte.
    fn exchange(&mut self, byte: u8) -> u8 {
        let n = self.n;
        self.n += 1;
        if n == 0 {
            self.command = byte;
            self.address = 0;
            match byte {
                0x06 => self.write_enabled = true,
                0x04 => self.write_enabled = false,
                0xc7 | 0x60 => self.erase(0, BYTES),
                _ => {}
            }
            return 0xff;
        }
        match self.command {
            // Identity: a memory of 2^16 bytes.
            0x9f => [0xef, 0x40, 0x10].get(n - 1).copied().unwrap_or(0),
            // Status: never busy.
            0x05 => u8::from(self.write_enabled) << 1,
            0x03 | 0x0b | 0x02 | 0x20 | 0xd8 if n <= 3 => {
                self.address = (self.address << 8 | usize::from(byte)) % BYTES;
                if n == 3 && self.command == 0x20 {
                    self.erase(self.address / SECTOR * SECTOR, SECTOR);
                } else if n == 3 && self.command == 0xd8 {
                    self.erase(0, BYTES);
                }
                0xff
            }
            0x0b if n == 4 => 0xff,
            0x03 | 0x0b => {
                let value = self.memory[self.address];
                self.address = (self.address + 1) % BYTES;
                value
            }
            0x02 => {
                if self.write_enabled {
                    self.memory[self.address] &= byte;
                }
                // Inside a page the place runs round.
                self.address = self.address / PAGE * PAGE + (self.address + 1) % PAGE;
                0xff
            }
            _ => 0xff,
        }
    }

    fn erase(&mut self, from: usize, n: usize) {
        if self.write_enabled {
            self.memory[from..from + n].fill(0xff);
            self.write_enabled = false;
        }
    }

    /// The end of a command.
    fn deselect(&mut self) {
        if self.n > 0 && self.command == 0x02 {
            self.write_enabled = false;
        }
        self.n = 0;
    }
}

/// The controller.
pub struct SimSpi {
    config: Option<SpiConfig>,
    flash: Flash,
    card: Card,
    /// Edges at the selecting pins when bytes came last.
    edges: [u32; 2],
}

/// Those of the flash and of the card.
const SELECT: [u8; 2] = [17, 22];

impl SimSpi {
    /// A bus that is off. Before the scheduler starts.
    pub fn new() -> SimSpi {
        let memory = Box::leak(vec![0xff; BYTES].into_boxed_slice());
        let flash = Flash { memory, write_enabled: false, n: 0, command: 0, address: 0 };
        SimSpi { config: None, flash, card: Card::new(), edges: [0; 2] }
    }

    fn pins(config: &SpiConfig) -> [PinId; 3] {
        config.pins.unwrap_or([gp(14), gp(16), gp(30)])
    }
}

impl Default for SimSpi {
    fn default() -> Self {
        Self::new()
    }
}

impl Spi for SimSpi {
    fn configure(&mut self, config: &SpiConfig) -> Result<(), HalError> {
        if config.lsb_first {
            return Err(HalError::Invalid);
        }
        self.config = Some(*config);
        Ok(())
    }

    fn release(&mut self) {
        self.config = None;
    }

    fn exchange(&mut self, bytes: &mut [u8]) -> Result<(), HalError> {
        let config = self.config.ok_or(HalError::Refused)?;
        let selected = SELECT.map(|number| {
            let pin = gp(number);
            gpio::is_driven(pin) && !gpio::level(pin)
        });
        let edges = SELECT.map(|number| gpio::edges(gp(number)));
        if edges[0] != self.edges[0] {
            self.flash.deselect();
        }
        if edges[1] != self.edges[1] {
            self.card.deselect();
        }
        self.edges = edges;
        if selected != [false; 2] {
            for byte in bytes {
                // Both at once pull the line down.
                let sent = *byte;
                *byte = 0xff;
                if selected[0] {
                    *byte &= self.flash.exchange(sent);
                }
                if selected[1] {
                    *byte &= self.card.exchange(sent);
                }
            }
            return Ok(());
        }
        let [_, output, input] = Self::pins(&config);
        if !gpio::are_connected(output, input) {
            bytes.fill(0xff);
        }
        Ok(())
    }
}
