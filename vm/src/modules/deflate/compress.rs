//! Compression: one block with the fixed code, repetitions found by comparing.
//!
//! What a call of `write` is given is searched for in the window and in itself before; the longest repetition is taken, of
//! equally long ones the nearest. The time grows with the window's size.
//!
//! # Invariants
//! The window's length is a power of two; `at` is below it, and the last `filled` bytes before `at` are in it.

use super::{
    AUTO, DEFAULT_WBITS, FORMAT, GZIP, RAW, WBITS, WRITER, ZLIB, checksum, first_checksum, invalid,
    load, number, store, symbols,
};
use crate::object::{ByteArray, Native};
use crate::types::stream::{Stream, errno};
use crate::{Raise, Vm, exc};

/// Bytes of the state.
const STATE: usize = 6 * 4;
/// The shortest repetition that is worth it.
const SHORTEST: usize = 3;
/// The longest that there is a code for.
const LONGEST: usize = 258;
/// Bytes that go to the stream together.
const PART: usize = 64;

/// A writer at work.
struct Writer {
    stream: Stream,
    state: ByteArray,
    window: ByteArray,
    format: u32,
    /// Bits that do not make a byte yet, and how many.
    bits: u32,
    n_bits: u32,
    at: u32,
    filled: u32,
    sum: u32,
    /// How many bytes were compressed.
    size: u32,
    out: [u8; PART],
    n_out: usize,
}

/// Compresses bytes. They do not move while others run.
pub fn write(vm: &mut Vm, this: Native, stream: Stream, bytes: &[u8]) -> Result<(), Raise> {
    let mut writer = match ByteArray::from_value(this.get(vm, WRITER)) {
        Some(state) => Writer::resume(vm, this, stream, state),
        None => Writer::begin(vm, this, stream)?,
    };
    let result = writer.compress(vm, bytes).and_then(|()| writer.flush(vm));
    writer.save(vm);
    result
}

/// Ends the stream, if something has been written.
pub fn finish(vm: &mut Vm, this: Native, stream: Stream) -> Result<(), Raise> {
    let Some(state) = ByteArray::from_value(this.get(vm, WRITER)) else { return Ok(()) };
    let mut writer = Writer::resume(vm, this, stream, state);
    // The symbol that ends the block.
    writer.put(vm, 0, 7)?;
    writer.flush(vm)?;
    if writer.n_bits > 0 {
        let n = 8 - writer.n_bits;
        writer.put(vm, 0, n)?;
        writer.flush(vm)?;
    }
    let (sum, size) = (writer.sum, writer.size.to_le_bytes());
    let mut end = [0; 8];
    let end = match writer.format as isize {
        ZLIB => {
            end[..4].copy_from_slice(&sum.to_be_bytes());
            &end[..4]
        }
        GZIP => {
            end[..4].copy_from_slice(&sum.to_le_bytes());
            end[4..].copy_from_slice(&size);
            &end[..]
        }
        _ => return Ok(()),
    };
    write_all(vm, stream, end)
}

fn write_all(vm: &mut Vm, stream: Stream, bytes: &[u8]) -> Result<(), Raise> {
    match stream.write(vm, bytes)? {
        Some(n) if n == bytes.len() => Ok(()),
        _ => Err(vm.raise_os_error(errno::EAGAIN)),
    }
}

impl Writer {
    /// Makes the window and writes the header.
    fn begin(vm: &mut Vm, this: Native, stream: Stream) -> Result<Writer, Raise> {
        let wbits = match number(vm, this, WBITS) {
            0 => DEFAULT_WBITS,
            wbits => wbits,
        };
        let format = match number(vm, this, FORMAT) as isize {
            AUTO => RAW,
            format => format,
        };
        let window = ByteArray::new(vm, 0, 1 << wbits)?;
        let state = ByteArray::new(vm, 0, STATE)?;
        let zlib = {
            // Some readers get a window of 256 bytes wrong; the next size is right as well.
            let head = (wbits.max(9) - 8) << 12 | 0x0880;
            ((head + 31 - head % 31) as u16).to_be_bytes()
        };
        let header: &[u8] = match format {
            ZLIB => &zlib,
            GZIP => b"\x1f\x8b\x08\0\0\0\0\0\x04\x03",
            _ => b"",
        };
        if !header.is_empty()
            && let Err(raise) = write_all(vm, stream, header)
        {
            // A stream that does not even take the header is no place to write to.
            return Err(if vm.catch(exc::OS_ERROR) { invalid(vm) } else { raise });
        }
        this.set(vm, WRITER, state.value());
        this.set(vm, WRITER + 1, window.value());
        let mut writer = Writer::resume(vm, this, stream, state);
        writer.sum = first_checksum(writer.format);
        // The only block, with the fixed code.
        writer.put(vm, 0b011, 3)?;
        Ok(writer)
    }

    fn resume(vm: &mut Vm, this: Native, stream: Stream, state: ByteArray) -> Writer {
        let [bits, n_bits, at, filled, sum, size] = load(vm, state);
        Writer {
            stream,
            state,
            window: ByteArray::from_known(this.get(vm, WRITER + 1)),
            format: number(vm, this, FORMAT),
            bits,
            n_bits,
            at,
            filled,
            sum,
            size,
            out: [0; PART],
            n_out: 0,
        }
    }

    fn save(&self, vm: &mut Vm) {
        let numbers = [self.bits, self.n_bits, self.at, self.filled, self.sum, self.size];
        store(vm, self.state, numbers);
    }

    /// Passes on the bytes that are complete.
    fn flush(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        let n = core::mem::take(&mut self.n_out);
        if n > 0 { write_all(vm, self.stream, &self.out[..n]) } else { Ok(()) }
    }

    /// Writes the lowest `n` bits of a number, at most 16.
    fn put(&mut self, vm: &mut Vm, bits: u32, n: u32) -> Result<(), Raise> {
        self.bits |= bits << self.n_bits;
        self.n_bits += n;
        while self.n_bits >= 8 {
            if self.n_out == PART {
                self.flush(vm)?;
            }
            self.out[self.n_out] = self.bits as u8;
            self.n_out += 1;
            self.bits >>= 8;
            self.n_bits -= 8;
        }
        Ok(())
    }

    /// Writes a code, whose first bit is the highest.
    fn put_code(&mut self, vm: &mut Vm, code: u32, n: u32) -> Result<(), Raise> {
        self.put(vm, code.reverse_bits() >> (32 - n), n)
    }

    /// Writes a symbol of the fixed code.
    fn put_symbol(&mut self, vm: &mut Vm, symbol: u32) -> Result<(), Raise> {
        match symbol {
            0..144 => self.put_code(vm, 0x30 + symbol, 8),
            144..256 => self.put_code(vm, 0x190 + symbol - 144, 9),
            256..280 => self.put_code(vm, symbol - 256, 7),
            _ => self.put_code(vm, 0xc0 + symbol - 280, 8),
        }
    }

    fn compress(&mut self, vm: &mut Vm, bytes: &[u8]) -> Result<(), Raise> {
        self.sum = checksum(self.format, self.sum, bytes);
        self.size = self.size.wrapping_add(bytes.len() as u32);
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            let (length, distance) = self.find(vm, rest);
            vm.tick(self.filled as usize / 2 + 10)?;
            let n = if length >= SHORTEST {
                self.put_copy(vm, length as u32, distance)?;
                length
            } else {
                self.put_symbol(vm, u32::from(first))?;
                1
            };
            let (taken, after) = rest.split_at(n);
            let window = self.window.bytes_mut(vm);
            let mask = window.len() as u32 - 1;
            for &b in taken {
                window[self.at as usize] = b;
                self.at = (self.at + 1) & mask;
            }
            self.filled = (self.filled + n as u32).min(mask + 1);
            rest = after;
        }
        Ok(())
    }

    /// The longest repetition that `rest` begins with: its length and distance.
    fn find(&self, vm: &Vm, rest: &[u8]) -> (usize, u32) {
        let window = self.window.bytes(vm);
        let mask = window.len() as u32 - 1;
        let most = rest.len().min(LONGEST);
        let (mut best, mut best_distance) = (SHORTEST - 1, 0);
        if most < SHORTEST {
            return (0, 0);
        }
        for distance in 1..=self.filled {
            let start = self.at.wrapping_sub(distance);
            // Beyond its distance a repetition repeats itself.
            let at = |k: usize| match k < distance as usize {
                true => window[(start.wrapping_add(k as u32) & mask) as usize],
                false => rest[k - distance as usize],
            };
            // It has to be longer than the best one so far.
            if at(0) != rest[0] || at(best) != rest[best] {
                continue;
            }
            let length = (0..most).take_while(|&k| at(k) == rest[k]).count();
            if length > best {
                (best, best_distance) = (length, distance);
                if length == most {
                    break;
                }
            }
        }
        (if best_distance > 0 { best } else { 0 }, best_distance)
    }

    fn put_copy(&mut self, vm: &mut Vm, length: u32, distance: u32) -> Result<(), Raise> {
        let reaches = |first: fn(u32) -> (u32, u32), n: u32, i: &u32| first(*i).0 <= n;
        let i = (0..29).rev().find(|i| reaches(symbols::length, length, i)).unwrap_or(0);
        let (first, n_bits) = symbols::length(i);
        self.put_symbol(vm, 257 + i)?;
        self.put(vm, length - first, n_bits)?;
        let i = (0..30).rev().find(|i| reaches(symbols::distance, distance, i)).unwrap_or(0);
        let (first, n_bits) = symbols::distance(i);
        self.put_code(vm, i, 5)?;
        self.put(vm, distance - first, n_bits)
    }
}
