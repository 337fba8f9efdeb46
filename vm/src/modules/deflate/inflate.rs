//! Decompression, as much as is asked for and no more.
//!
//! # Invariants
//! 1. The state is [`STATE`] bytes long: the numbers of [`Reader::numbers`], then two Huffman tables.
//! 2. The window's length is a power of two; `at` is below it, and the last `filled` bytes before `at` are in it.

use super::{
    AUTO, DEFAULT_WBITS, FORMAT, GZIP, RAW, READER, WBITS, ZLIB, checksum, first_checksum, invalid,
    load, number, store, symbols,
};
use crate::object::{ByteArray, Native};
use crate::types::read_ahead::ReadAhead;
use crate::types::stream::Stream;
use crate::{Raise, Vm, exc};

/// Between blocks.
const BLOCK: u32 = 0;
/// In a block that is not compressed; `left` bytes remain.
const STORED: u32 = 1;
/// In a compressed block, between symbols.
const SYMBOLS: u32 = 2;
/// In the copy of something that was there before; `left` bytes remain.
const COPY: u32 = 3;
/// The end.
const DONE: u32 = 4;

/// Bytes of the numbers.
const NUMBERS: usize = 9 * 4;
/// Most bits of a code.
const MAX_BITS: usize = 15;
/// A table: how many codes there are of each length, then the symbols by their codes.
const LITERALS: usize = NUMBERS;
const DISTANCES: usize = LITERALS + 2 * (MAX_BITS + 1 + 288);
/// Bytes of the state.
const STATE: usize = DISTANCES + 2 * (MAX_BITS + 1 + 32);

/// A reader at work.
struct Reader {
    source: ReadAhead<'static>,
    state: ByteArray,
    window: ByteArray,
    format: u32,
    phase: u32,
    /// Bits that were read but not used, and how many: fewer than eight.
    bits: u32,
    n_bits: u32,
    /// Bytes that remain; in the last block plus [`Reader::LAST`].
    left: u32,
    is_last: bool,
    distance: u32,
    at: u32,
    filled: u32,
    sum: u32,
}

/// Reads up to `buf.len()` bytes; 0 at the end. `EOFError` when the stream ends too early, `OSError(EINVAL)` for what is wrong.
pub fn read(vm: &mut Vm, this: Native, stream: Stream, buf: &mut [u8]) -> Result<usize, Raise> {
    if buf.is_empty() {
        return Ok(0);
    }
    let source = ReadAhead::of_stream(vm, stream, buf.len())?;
    let mut reader = match ByteArray::from_value(this.get(vm, READER)) {
        Some(state) => Reader::resume(vm, this, source, state),
        None => Reader::begin(vm, this, source)?,
    };
    let result = reader.fill(vm, buf).and_then(|n| reader.source.finish(vm).map(|()| n));
    let numbers = reader.numbers();
    store(vm, reader.state, numbers);
    result
}

impl Reader {
    /// Reads the header and makes the window.
    fn begin(vm: &mut Vm, this: Native, mut source: ReadAhead<'static>) -> Result<Reader, Raise> {
        let (format, wbits) = header(vm, this, &mut source)?;
        let state = ByteArray::new(vm, 0, STATE)?;
        let window = ByteArray::new(vm, 0, 1 << wbits)?;
        this.set(vm, READER, state.value());
        this.set(vm, READER + 1, window.value());
        this.set(vm, FORMAT, crate::value::Value::int(format as i32));
        let mut reader = Reader::resume(vm, this, source, state);
        reader.sum = first_checksum(format);
        Ok(reader)
    }

    fn resume(vm: &mut Vm, this: Native, source: ReadAhead<'static>, state: ByteArray) -> Reader {
        let [phase, bits, n_bits, left, is_last, distance, at, filled, sum] = load(vm, state);
        Reader {
            source,
            state,
            window: ByteArray::from_known(this.get(vm, READER + 1)),
            format: number(vm, this, FORMAT),
            phase,
            bits,
            n_bits,
            left,
            is_last: is_last != 0,
            distance,
            at,
            filled,
            sum,
        }
    }

    fn numbers(&self) -> [u32; NUMBERS / 4] {
        let is_last = self.is_last as u32;
        [
            self.phase,
            self.bits,
            self.n_bits,
            self.left,
            is_last,
            self.distance,
            self.at,
            self.filled,
            self.sum,
        ]
    }

    fn fill(&mut self, vm: &mut Vm, buf: &mut [u8]) -> Result<usize, Raise> {
        let mut n = 0;
        // Bytes that the checksum covers already.
        let mut n_summed = 0;
        while n < buf.len() {
            vm.tick_inline(2)?;
            match self.phase {
                BLOCK if self.is_last => {
                    self.sum = checksum(self.format, self.sum, &buf[n_summed..n]);
                    n_summed = n;
                    self.check_end(vm)?;
                    self.phase = DONE;
                }
                BLOCK => self.begin_block(vm)?,
                STORED | COPY if self.left == 0 => {
                    self.phase = if self.phase == COPY { SYMBOLS } else { BLOCK };
                }
                STORED => {
                    buf[n] = byte(vm, &mut self.source)?;
                    self.left -= 1;
                    self.remember(vm, buf[n]);
                    n += 1;
                }
                COPY => {
                    let mask = self.window.bytes(vm).len() as u32 - 1;
                    let from = self.at.wrapping_sub(self.distance) & mask;
                    buf[n] = self.window.bytes(vm)[from as usize];
                    self.left -= 1;
                    self.remember(vm, buf[n]);
                    n += 1;
                }
                SYMBOLS => match self.symbol(vm, LITERALS)? {
                    literal @ 0..256 => {
                        buf[n] = literal as u8;
                        self.remember(vm, buf[n]);
                        n += 1;
                    }
                    256 => self.phase = BLOCK,
                    length => self.begin_copy(vm, length - 257)?,
                },
                _ => break,
            }
        }
        self.sum = checksum(self.format, self.sum, &buf[n_summed..n]);
        Ok(n)
    }

    fn remember(&mut self, vm: &mut Vm, byte: u8) {
        let window = self.window.bytes_mut(vm);
        window[self.at as usize] = byte;
        let size = window.len() as u32;
        self.at = (self.at + 1) & (size - 1);
        self.filled = (self.filled + 1).min(size);
    }

    /// The next `n` bits, at most 16.
    fn take(&mut self, vm: &mut Vm, n: u32) -> Result<u32, Raise> {
        while self.n_bits < n {
            self.bits |= u32::from(byte(vm, &mut self.source)?) << self.n_bits;
            self.n_bits += 8;
        }
        let taken = self.bits & ((1 << n) - 1);
        self.bits >>= n;
        self.n_bits -= n;
        Ok(taken)
    }

    /// Entry `i` of the table at `table`.
    fn entry(&self, vm: &Vm, table: usize, i: usize) -> u32 {
        let at = table + 2 * i;
        let bytes = self.state.bytes(vm);
        u32::from(bytes[at]) | u32::from(bytes[at + 1]) << 8
    }

    fn set_entry(&self, vm: &mut Vm, table: usize, i: usize, n: u16) {
        let at = table + 2 * i;
        self.state.bytes_mut(vm)[at..at + 2].copy_from_slice(&n.to_le_bytes());
    }

    /// The next symbol. Codes of one length follow each other, so that counting the shorter ones finds it.
    fn symbol(&mut self, vm: &mut Vm, table: usize) -> Result<u32, Raise> {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for len in 1..=MAX_BITS {
            code |= self.take(vm, 1)?;
            let count = self.entry(vm, table, len);
            if code < first + count {
                let i = MAX_BITS + 1 + (index + code - first) as usize;
                return Ok(self.entry(vm, table, i));
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        Err(invalid(vm))
    }

    /// Makes a table from the lengths of the symbols' codes.
    fn build(&self, vm: &mut Vm, table: usize, lengths: &[u8]) -> Result<(), Raise> {
        let mut counts = [0u16; MAX_BITS + 1];
        for &len in lengths {
            counts[usize::from(len)] += 1;
        }
        counts[0] = 0;
        let mut places = [0u16; MAX_BITS + 2];
        // Codes that are left of those of each length.
        let mut left = 1i32;
        for (len, &count) in counts.iter().enumerate() {
            places[len + 1] = places[len] + count;
            self.set_entry(vm, table, len, count);
            if len > 0 {
                left = left * 2 - i32::from(count);
                if left < 0 {
                    return Err(invalid(vm));
                }
            }
        }
        for (symbol, &len) in lengths.iter().enumerate() {
            if len > 0 {
                let place = &mut places[usize::from(len)];
                self.set_entry(vm, table, MAX_BITS + 1 + usize::from(*place), symbol as u16);
                *place += 1;
            }
        }
        Ok(())
    }

    /// Reads the head of a block.
    fn begin_block(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        self.is_last = self.take(vm, 1)? != 0;
        match self.take(vm, 2)? {
            0 => {
                (self.bits, self.n_bits) = (0, 0);
                let len = self.take(vm, 16)?;
                if self.take(vm, 16)? != len ^ 0xffff {
                    return Err(invalid(vm));
                }
                self.left = len;
                self.phase = STORED;
            }
            1 => {
                let mut lengths = [8; 288];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                self.build(vm, LITERALS, &lengths)?;
                self.build(vm, DISTANCES, &[5; 30])?;
                self.phase = SYMBOLS;
            }
            2 => {
                self.read_tables(vm)?;
                self.phase = SYMBOLS;
            }
            _ => return Err(invalid(vm)),
        }
        Ok(())
    }

    /// Reads the tables of a block; their own code is in the place of the first one meanwhile.
    fn read_tables(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let n_literals = self.take(vm, 5)? as usize + 257;
        let n_distances = self.take(vm, 5)? as usize + 1;
        let n_lengths = self.take(vm, 4)? as usize + 4;
        if n_literals > 286 || n_distances > 30 {
            return Err(invalid(vm));
        }
        let mut lengths = [0; 19];
        for &symbol in &ORDER[..n_lengths] {
            lengths[usize::from(symbol)] = self.take(vm, 3)? as u8;
        }
        self.build(vm, LITERALS, &lengths)?;
        let mut lengths = [0u8; 286 + 30];
        let n = n_literals + n_distances;
        let mut i = 0;
        while i < n {
            let (len, times) = match self.symbol(vm, LITERALS)? {
                16 if i > 0 => (lengths[i - 1], self.take(vm, 2)? + 3),
                16 => return Err(invalid(vm)),
                17 => (0, self.take(vm, 3)? + 3),
                18 => (0, self.take(vm, 7)? + 11),
                len => (len as u8, 1),
            };
            let Some(run) = lengths[..n].get_mut(i..i + times as usize) else {
                return Err(invalid(vm));
            };
            run.fill(len);
            i += times as usize;
        }
        self.build(vm, LITERALS, &lengths[..n_literals])?;
        self.build(vm, DISTANCES, &lengths[n_literals..n])
    }

    /// Reads the rest of a copy, whose length symbol is `i`.
    fn begin_copy(&mut self, vm: &mut Vm, i: u32) -> Result<(), Raise> {
        let (length, n_bits) = symbols::length(i);
        let length = length + self.take(vm, n_bits)?;
        let i_distance = self.symbol(vm, DISTANCES)?;
        if i > 28 || i_distance > 29 {
            return Err(invalid(vm));
        }
        let (distance, n_bits) = symbols::distance(i_distance);
        self.distance = distance + self.take(vm, n_bits)?;
        if self.distance > self.filled {
            return Err(invalid(vm));
        }
        self.left = length;
        self.phase = COPY;
        Ok(())
    }

    /// Reads and checks what follows the last block.
    fn check_end(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        let mut end = [0; 4];
        let expected = match self.format as isize {
            ZLIB => self.sum.to_be_bytes(),
            GZIP => self.sum.to_le_bytes(),
            _ => return Ok(()),
        };
        for b in &mut end {
            *b = byte(vm, &mut self.source)?;
        }
        if end != expected {
            return Err(invalid(vm));
        }
        if self.format as isize == GZIP {
            // The length, which the checksum has made certain.
            for _ in 0..4 {
                byte(vm, &mut self.source)?;
            }
        }
        Ok(())
    }
}

/// The next byte of the stream behind; `EOFError` at its end.
fn byte(vm: &mut Vm, source: &mut ReadAhead<'_>) -> Result<u8, Raise> {
    match source.next(vm)? {
        Some(byte) => Ok(byte),
        None => Err(vm.raise(exc::EOF_ERROR, "")),
    }
}

/// Reads the header; returns the format and the logarithm of the window's size.
fn header(vm: &mut Vm, this: Native, source: &mut ReadAhead<'_>) -> Result<(u32, u32), Raise> {
    let format = number(vm, this, FORMAT) as isize;
    let wanted = number(vm, this, WBITS);
    if format == RAW {
        return Ok((RAW as u32, if wanted == 0 { DEFAULT_WBITS } else { wanted }));
    }
    let (first, second) = (byte(vm, source)?, byte(vm, source)?);
    if (first, second) == (0x1f, 0x8b) && matches!(format, AUTO | GZIP) {
        gzip_header(vm, source)?;
        return Ok((GZIP as u32, if wanted == 0 { 15 } else { wanted }));
    }
    let is_zlib = first & 15 == 8
        && first >> 4 <= 7
        && second & 0x20 == 0
        && (u32::from(first) << 8 | u32::from(second)) % 31 == 0;
    if !is_zlib || !matches!(format, AUTO | ZLIB) {
        return Err(invalid(vm));
    }
    let wbits = u32::from(first >> 4) + 8;
    Ok((ZLIB as u32, if wanted == 0 { wbits } else { wanted.min(wbits) }))
}

/// Reads the rest of gzip's header.
fn gzip_header(vm: &mut Vm, source: &mut ReadAhead<'_>) -> Result<(), Raise> {
    let mut fixed = [0; 8];
    for b in &mut fixed {
        *b = byte(vm, source)?;
    }
    let flags = fixed[1];
    if fixed[0] != 8 || flags & 0xe0 != 0 {
        return Err(invalid(vm));
    }
    if flags & 4 != 0 {
        let n = u16::from_le_bytes([byte(vm, source)?, byte(vm, source)?]);
        for _ in 0..n {
            byte(vm, source)?;
        }
    }
    // File name, then comment.
    for flag in [8, 16] {
        while flags & flag != 0 && byte(vm, source)? != 0 {}
    }
    if flags & 2 != 0 {
        byte(vm, source)?;
        byte(vm, source)?;
    }
    Ok(())
}
