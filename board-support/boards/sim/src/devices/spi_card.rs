//! An SD card of 1 MiB that listens to the SPI bus, for drivers written in Python.
//!
//! A card of high capacity: blocks of 512 bytes, counted. It never refuses data for their checksum and never takes long.
//! Between the blocks of a transfer it may be deselected, as drivers do.
//!
//! Source: SD Specifications, Part 1, Physical Layer Simplified Specification, 7 "SPI Mode", 5.3.3 "CSD Register".

const BLOCK: usize = 512;
const BLOCKS: usize = 2048;
/// A block, its start token and its checksum, and a byte before them.
const ANSWER: usize = BLOCK + 4;

/// What begins a block, in single and in multiple writes, and what ends the latter.
const START: u8 = 0xfe;
const START_OF_MANY: u8 = 0xfc;
const STOP: u8 = 0xfd;

/// Bits of a response: not initialised; no such command; a block that is not there.
const IDLE: u8 = 0x01;
const ILLEGAL: u8 = 0x04;
const PARAMETER: u8 = 0x40;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Commands only.
    Ready,
    /// Sends this block when what came before is sent; of many the next ones too, until it is told to stop.
    Sends { block: usize, many: bool },
    /// A block is to come, of one or of many.
    Awaits { block: usize, many: bool },
    /// It comes; so many bytes are there.
    Takes { block: usize, many: bool, n: usize },
}

/// The card.
pub struct Card {
    memory: &'static mut [u8],
    is_idle: bool,
    /// The command before this one was the prefix of an application's.
    is_prefixed: bool,
    state: State,
    command: [u8; 6],
    n: usize,
    answer: [u8; ANSWER],
    /// Which part of the answer is to be sent.
    sent: usize,
    end: usize,
}

impl Card {
    /// A card that has just got its power, erased.
    pub fn new() -> Card {
        Card {
            memory: Box::leak(vec![0xff; BLOCKS * BLOCK].into_boxed_slice()),
            is_idle: true,
            is_prefixed: false,
            state: State::Ready,
            command: [0; 6],
            n: 0,
            answer: [0; ANSWER],
            sent: 0,
            end: 0,
        }
    }

    /// The end of a selection: half a command is none, nor is half a block.
    pub fn deselect(&mut self) {
        self.n = 0;
        if let State::Takes { .. } = self.state {
            self.state = State::Ready;
        }
    }

    /// What comes back for a byte.
    pub fn exchange(&mut self, byte: u8) -> u8 {
        if self.sent == self.end
            && let State::Sends { block, many } = self.state
        {
            self.state = match many {
                true => State::Sends { block: block + 1, many },
                false => State::Ready,
            };
            self.send_block(block);
        }
        let back = if self.sent < self.end { self.answer[self.sent] } else { 0xff };
        self.sent = self.end.min(self.sent + 1);
        match self.state {
            State::Awaits { block, many } if self.n == 0 && byte & 0xf0 == 0xf0 => {
                match (byte, many) {
                    (START, false) | (START_OF_MANY, true) => {
                        self.state = State::Takes { block, many, n: 0 };
                    }
                    (STOP, true) => {
                        self.state = State::Ready;
                        self.send(&[0xff, 0, 0]);
                    }
                    _ => {}
                }
            }
            State::Takes { block, many, n } => self.take(block, many, n, byte),
            _ if self.n > 0 || byte & 0xc0 == 0x40 => {
                self.command[self.n] = byte;
                self.n += 1;
                if self.n == self.command.len() {
                    self.n = 0;
                    self.obey();
                }
            }
            _ => {}
        }
        back
    }

    /// A byte of a block that is written, or of the checksum behind it.
    fn take(&mut self, block: usize, many: bool, n: usize, byte: u8) {
        let place = self.memory.get_mut(block * BLOCK..).and_then(|rest| rest.get_mut(n));
        if n < BLOCK
            && let Some(place) = place
        {
            *place = byte;
        }
        self.state = State::Takes { block, many, n: n + 1 };
        if n + 1 == BLOCK + 2 {
            self.state = match many {
                true => State::Awaits { block: block + 1, many },
                false => State::Ready,
            };
            // Taken, or not; busy for a moment.
            self.send(&[if block < BLOCKS { 0xe5 } else { 0xed }, 0, 0]);
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.answer[..bytes.len()].copy_from_slice(bytes);
        (self.sent, self.end) = (0, bytes.len());
    }

    fn send_block(&mut self, block: usize) {
        let Some(data) = self.memory.get(block * BLOCK..(block + 1) * BLOCK) else {
            // Out of range.
            return self.send(&[0xff, 0x08]);
        };
        self.answer[..2].copy_from_slice(&[0xff, START]);
        self.answer[2..2 + BLOCK].copy_from_slice(data);
        self.answer[2 + BLOCK..].copy_from_slice(&crc16(data).to_be_bytes());
        (self.sent, self.end) = (0, ANSWER);
    }

    /// Does what a whole command says.
    fn obey(&mut self) {
        let [first, argument @ .., _] = self.command;
        let argument = u32::from_be_bytes(argument) as usize;
        let is_prefixed = core::mem::take(&mut self.is_prefixed);
        self.state = State::Ready;
        let status = if self.is_idle { IDLE } else { 0 };
        let is_there = argument < BLOCKS;
        match first & 0x3f {
            0 => {
                self.is_idle = true;
                self.send(&[0xff, IDLE]);
            }
            8 => self.send(&[0xff, status, 0, 0, 1, argument as u8]),
            58 => self.send(&[0xff, status, 0xc0, 0xff, 0x80, 0]),
            55 => {
                self.is_prefixed = true;
                self.send(&[0xff, status]);
            }
            41 if is_prefixed => {
                self.is_idle = false;
                self.send(&[0xff, 0]);
            }
            59 => self.send(&[0xff, status]),
            _ if self.is_idle => self.send(&[0xff, IDLE | ILLEGAL]),
            9 => {
                // In units of half a MiB, less one.
                let size = (BLOCKS / 1024 - 1) as u8;
                let csd =
                    [0x40, 0x0e, 0, 0x32, 0x5b, 0x59, 0, 0, 0, size, 0x7f, 0x80, 0x0a, 0x40, 0, 1];
                let mut answer = [0xff; 4 + 16 + 2];
                (answer[1], answer[3]) = (0, START);
                answer[4..20].copy_from_slice(&csd);
                answer[20..].copy_from_slice(&crc16(&csd).to_be_bytes());
                self.send(&answer);
            }
            12 => self.send(&[0xff, 0xff, 0]),
            13 => self.send(&[0xff, 0, 0]),
            16 => self.send(&[0xff, 0]),
            17 | 18 | 24 | 25 if !is_there => self.send(&[0xff, PARAMETER]),
            number @ (17 | 18) => {
                self.state = State::Sends { block: argument, many: number == 18 };
                self.send(&[0xff, 0]);
            }
            number @ (24 | 25) => {
                self.state = State::Awaits { block: argument, many: number == 25 };
                self.send(&[0xff, 0]);
            }
            _ => self.send(&[0xff, ILLEGAL]),
        }
    }
}

impl Default for Card {
    fn default() -> Self {
        Self::new()
    }
}

/// The checksum behind a block: CRC-16 with the polynomial 0x1021.
fn crc16(bytes: &[u8]) -> u16 {
    let step = |crc: u16, _| (crc << 1) ^ if crc & 0x8000 != 0 { 0x1021 } else { 0 };
    bytes.iter().fold(0, |crc, &byte| (0..8).fold(crc ^ (u16::from(byte) << 8), step))
}
