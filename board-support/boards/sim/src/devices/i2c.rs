//! The I2C bus and what hangs on it: a peer with 256 registers at 0x42, an EEPROM 24LC32 at 0x50, a BME280 at 0x76, and
//! what `simboard.i2c` adds.
//!
//! Devices see bytes: an address with a direction, bytes written, bytes read, the end. The same devices can be wired to
//! pins for a bus that is made by software ([`Bits`]).
//!
//! Sources: Microchip 24LC32A data sheet, sections 5 to 8; Bosch BME280 data sheet, section 5.

use core::cell::RefCell;
use critical_section::Mutex;
use threadsnake_drivers::hal::{HalError, I2c, I2cConfig, Operation};

/// How many peers with registers there may be.
const PEERS: usize = 4;
const EEPROM: u8 = 0x50;
const EEPROM_BYTES: usize = 4096;
const EEPROM_PAGE: usize = 32;
const BME280: u8 = 0x76;

/// A peer that is nothing but registers.
#[derive(Clone, Copy)]
struct Peer {
    address: Option<u8>,
    registers: [u8; 256],
}

struct Devices {
    peers: [Peer; PEERS],
    eeprom: [u8; EEPROM_BYTES],
    sensor: [u8; 256],
    /// The device that was addressed.
    selected: Option<Selected>,
    /// Bytes written since the address.
    written: usize,
    /// Where the next byte is read or written, for each kind of device.
    pointer: usize,
}

#[derive(Clone, Copy)]
enum Selected {
    Peer(usize),
    Eeprom,
    Sensor,
}

static DEVICES: Mutex<RefCell<Devices>> = Mutex::new(RefCell::new(Devices {
    peers: {
        let mut peers = [Peer { address: None, registers: [0; 256] }; PEERS];
        peers[0].address = Some(0x42);
        peers
    },
    eeprom: [0xff; EEPROM_BYTES],
    sensor: sensor_registers(),
    selected: None,
    written: 0,
    pointer: 0,
}));

/// A BME280 after its reset, with the constants of the data sheet's example where it has one.
const fn sensor_registers() -> [u8; 256] {
    let mut r = [0; 256];
    // T1 to T3 and P1 to P9, 16 bits each, low byte first.
    let words: [i32; 12] =
        [27504, 26435, -1000, 36477, -10685, 3024, 2855, 140, -7, 15500, -14600, 6000];
    let mut i = 0;
    while i < words.len() {
        r[0x88 + 2 * i] = words[i] as u8;
        r[0x89 + 2 * i] = (words[i] >> 8) as u8;
        i += 1;
    }
    // H1 75, H2 370, H3 0, H4 313 and H5 50 in three nibbles each, H6 30.
    r[0xa1] = 75;
    r[0xe1] = (370 & 0xff) as u8;
    r[0xe2] = (370 >> 8) as u8;
    r[0xe4] = (313 >> 4) as u8;
    r[0xe5] = (313 & 15 | (50 & 15) << 4) as u8;
    r[0xe6] = (50 >> 4) as u8;
    r[0xe7] = 30;
    r[0xd0] = 0x60;
    set_measured(&mut r, [519_888, 415_148, 28_000]);
    r
}

/// Writes raw results: temperature, pressure, humidity.
const fn set_measured(r: &mut [u8; 256], [t, p, h]: [u32; 3]) {
    r[0xf7] = (p >> 12) as u8;
    r[0xf8] = (p >> 4) as u8;
    r[0xf9] = (p << 4) as u8;
    r[0xfa] = (t >> 12) as u8;
    r[0xfb] = (t >> 4) as u8;
    r[0xfc] = (t << 4) as u8;
    r[0xfd] = (h >> 8) as u8;
    r[0xfe] = h as u8;
}

fn with<R>(f: impl FnOnce(&mut Devices) -> R) -> R {
    critical_section::with(|cs| f(&mut DEVICES.borrow_ref_mut(cs)))
}

/// Sets what the sensor measures next: raw temperature, pressure, humidity.
pub fn measure(raw: [u32; 3]) {
    with(|devices| set_measured(&mut devices.sensor, raw));
}

/// Puts a peer at an address, with these registers from 0 on; `None` takes it away. False when there are too many, or
/// the address is taken by something else.
pub fn set_peer(address: u8, registers: Option<&[u8]>) -> bool {
    with(|devices| {
        if address > 0x7f || address == EEPROM || address == BME280 {
            return false;
        }
        let there = devices.peers.iter().position(|peer| peer.address == Some(address));
        let free = || devices.peers.iter().position(|peer| peer.address.is_none());
        let Some(i) = there.or_else(free) else { return false };
        let peer = &mut devices.peers[i];
        *peer = Peer { address: registers.map(|_| address), registers: [0; 256] };
        if let Some(registers) = registers {
            let n = registers.len().min(256);
            peer.registers[..n].copy_from_slice(&registers[..n]);
        }
        true
    })
}

/// The registers of a peer.
pub fn peer(address: u8) -> Option<[u8; 256]> {
    with(|devices| {
        let peer = devices.peers.iter().find(|peer| peer.address == Some(address))?;
        Some(peer.registers)
    })
}

impl Devices {
    /// A start with an address; whether somebody acknowledges.
    fn address(&mut self, address: u8) -> bool {
        self.written = 0;
        self.selected = match address {
            EEPROM => Some(Selected::Eeprom),
            BME280 => Some(Selected::Sensor),
            _ => {
                let peer = self.peers.iter().position(|peer| peer.address == Some(address));
                peer.map(Selected::Peer)
            }
        };
        self.selected.is_some()
    }

    /// A byte for the device.
    fn write(&mut self, byte: u8) {
        let n = self.written;
        self.written += 1;
        match self.selected {
            Some(Selected::Peer(_)) if n == 0 => self.pointer = byte.into(),
            Some(Selected::Peer(i)) => {
                self.peers[i].registers[self.pointer % 256] = byte;
                self.pointer += 1;
            }
            Some(Selected::Eeprom) if n == 0 => self.pointer = usize::from(byte) << 8,
            Some(Selected::Eeprom) if n == 1 => self.pointer |= usize::from(byte),
            Some(Selected::Eeprom) => {
                // Inside a page the place runs round.
                let (page, place) = (self.pointer / EEPROM_PAGE, self.pointer % EEPROM_PAGE);
                self.eeprom[self.pointer % EEPROM_BYTES] = byte;
                self.pointer = page * EEPROM_PAGE + (place + 1) % EEPROM_PAGE;
            }
            // Registers and values alternate.
            Some(Selected::Sensor) if n.is_multiple_of(2) => self.pointer = byte.into(),
            Some(Selected::Sensor) => self.write_sensor(byte),
            None => {}
        }
    }

    fn write_sensor(&mut self, byte: u8) {
        match self.pointer {
            // Only reset and control can be written.
            0xe0 if byte == 0xb6 => self.sensor = sensor_registers(),
            0xf2 | 0xf4 | 0xf5 => self.sensor[self.pointer] = byte,
            _ => {}
        }
    }

    /// A byte of the device.
    fn read(&mut self) -> u8 {
        let at = self.pointer;
        self.pointer += 1;
        match self.selected {
            Some(Selected::Peer(i)) => self.peers[i].registers[at % 256],
            Some(Selected::Eeprom) => self.eeprom[at % EEPROM_BYTES],
            Some(Selected::Sensor) => self.sensor[at % 256],
            None => 0xff,
        }
    }
}

/// The controller.
pub struct SimI2c {
    is_on: bool,
}

impl SimI2c {
    /// A bus that is off.
    pub const fn new() -> SimI2c {
        SimI2c { is_on: false }
    }
}

impl Default for SimI2c {
    fn default() -> Self {
        Self::new()
    }
}

impl I2c for SimI2c {
    fn configure(&mut self, _: &I2cConfig) -> Result<(), HalError> {
        self.is_on = true;
        Ok(())
    }

    fn release(&mut self) {
        self.is_on = false;
    }

    fn transfer(
        &mut self,
        address: u16,
        operations: &mut [Operation<'_>],
        _: bool,
    ) -> Result<(), HalError> {
        if !self.is_on {
            return Err(HalError::Refused);
        }
        with(|devices| {
            let mut reading = None;
            for operation in operations {
                let is_read = matches!(operation, Operation::Read(_));
                if reading != Some(is_read) {
                    let here = u8::try_from(address).is_ok_and(|a| devices.address(a));
                    if !here {
                        return Err(HalError::Bus);
                    }
                    reading = Some(is_read);
                }
                match operation {
                    Operation::Write(bytes) => bytes.iter().for_each(|&byte| devices.write(byte)),
                    Operation::Read(buf) => buf.iter_mut().for_each(|b| *b = devices.read()),
                }
            }
            Ok(())
        })
    }
}

/// The devices as they follow two lines: what a bus made by software meets.
#[derive(Clone, Copy)]
pub struct Bits {
    scl: bool,
    sda: bool,
    phase: Phase,
    byte: u8,
    n_bits: u8,
    /// The devices hold the data line low.
    pulls: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// Bits of the address come.
    Address,
    /// Bits come.
    Write,
    /// Bits go.
    Read,
    /// The device acknowledges; what comes then.
    Acknowledge(Next),
    /// The controller acknowledges, or not.
    Acknowledged,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Write,
    Read,
    Ignore,
}

impl Bits {
    /// Lines at rest.
    pub const fn new() -> Bits {
        Bits { scl: true, sda: true, phase: Phase::Idle, byte: 0, n_bits: 0, pulls: false }
    }

    /// The lines have these levels now; whether the devices pull the data line low.
    pub fn follow(&mut self, scl: bool, sda: bool) -> bool {
        let (old_scl, old_sda) = (self.scl, self.sda);
        (self.scl, self.sda) = (scl, sda);
        if old_scl && scl && old_sda != sda {
            // A start or a stop.
            self.phase = if sda { Phase::Idle } else { Phase::Address };
            (self.byte, self.n_bits, self.pulls) = (0, 0, false);
        } else if !old_scl && scl {
            self.rise(sda);
        } else if old_scl && !scl {
            self.fall();
        }
        self.pulls
    }

    /// The data line has this level after the devices have pulled at it.
    pub fn settle(&mut self, sda: bool) {
        self.sda = sda;
    }

    /// The clock rises: bits that come are taken.
    fn rise(&mut self, sda: bool) {
        match self.phase {
            Phase::Address | Phase::Write => {
                self.byte = self.byte << 1 | u8::from(sda);
                self.n_bits += 1;
            }
            Phase::Acknowledged if sda => self.phase = Phase::Idle,
            _ => {}
        }
    }

    /// The clock falls: bits that go are put.
    fn fall(&mut self) {
        match self.phase {
            Phase::Address if self.n_bits == 8 => {
                let (byte, n) = (self.byte, with(|devices| devices.address(self.byte >> 1)));
                let next = match (n, byte & 1) {
                    (false, _) => Next::Ignore,
                    (true, 0) => Next::Write,
                    (true, _) => Next::Read,
                };
                self.pulls = n;
                self.phase = Phase::Acknowledge(next);
            }
            Phase::Write if self.n_bits == 8 => {
                with(|devices| devices.write(self.byte));
                self.pulls = true;
                self.phase = Phase::Acknowledge(Next::Write);
            }
            Phase::Acknowledge(next) => {
                (self.byte, self.n_bits, self.pulls) = (0, 0, false);
                self.phase = match next {
                    Next::Write => Phase::Write,
                    Next::Read => Phase::Read,
                    Next::Ignore => Phase::Idle,
                };
                self.put_bit();
            }
            Phase::Read => self.put_bit(),
            Phase::Acknowledged => {
                self.phase = Phase::Read;
                self.n_bits = 0;
                self.put_bit();
            }
            _ => {}
        }
    }

    /// While bits go: the next one, or the place for the acknowledgement.
    fn put_bit(&mut self) {
        if self.phase != Phase::Read {
            return;
        }
        if self.n_bits == 0 {
            self.byte = with(Devices::read);
        }
        if self.n_bits == 8 {
            self.pulls = false;
            self.phase = Phase::Acknowledged;
            return;
        }
        self.pulls = self.byte & 0x80 >> self.n_bits == 0;
        self.n_bits += 1;
    }
}

impl Default for Bits {
    fn default() -> Self {
        Self::new()
    }
}
