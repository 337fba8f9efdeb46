//! Decompression, as much as is asked for and no more.
//!
//! # Invariants
//! 1. The state is [`STATE`] bytes long: the numbers of a reader, then two Huffman tables.
//! 2. The window's length is a power of two; `at` is below it, and the last `filled` bytes before `at` are in it.

use super::{
    AUTO, DEFAULT_WBITS, FORMAT, GZIP, RAW, READER, WBITS, ZLIB, checksum, first_checksum, invalid,
    load, number, store, symbols,
};
use crate::object::{ByteArray, Native};
use crate::types::read_ahead::END;
use crate::types::read_ahead::ReadAhead;
use crate::types::stream::Stream;
use crate::value::Value;
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

// The numbers of a reader.
/// What comes next.
const PHASE: usize = 0;
/// Bits that were read but not used.
const BITS: usize = 1;
/// How many: fewer than eight.
const N_BITS: usize = 2;
/// Bytes that remain of the present run.
const LEFT: usize = 3;
/// 1 in the last block.
const IS_LAST: usize = 4;
/// How far back a copy begins.
const DISTANCE: usize = 5;
const AT: usize = 6;
const FILLED: usize = 7;
/// The checksum.
const SUM: usize = 8;

/// Most bits of a code.
const MAX_BITS: usize = 15;
/// A table: how many codes there are of each length, then the symbols by their codes.
const LITERALS: usize = NUMBERS;
const DISTANCES: usize = LITERALS + 2 * (MAX_BITS + 1 + 288);
/// Bytes of the state.
const STATE: usize = DISTANCES + 2 * (MAX_BITS + 1 + 32);

/// A reader at work. Its first error is kept in `source`, and it reads only zeros then.
struct Reader<'a> {
    source: &'a mut ReadAhead<'static>,
    state: ByteArray,
    window: ByteArray,
    format: u32,
    numbers: [u32; NUMBERS / 4],
}

/// Reads up to `buf.len()` bytes; 0 at the end. `EOFError` when the stream ends too early, `OSError(EINVAL)` for what is wrong.
pub fn read(vm: &mut Vm, this: Native, stream: Stream, buf: &mut [u8]) -> Result<usize, Raise> {
    if buf.is_empty() {
        return Ok(0);
    }
    vm.tick(buf.len().saturating_mul(2))?;
    let mut source = ReadAhead::of_stream(vm, stream, buf.len());
    if this.get(vm, READER).is_undef() {
        let (format, wbits) = header(vm, this, &mut source);
        source.take_error()?;
        let state = ByteArray::new(vm, 0, STATE)?;
        let window = ByteArray::new(vm, 0, 1 << wbits)?;
        state.bytes_mut(vm)[4 * SUM] = first_checksum(format) as u8;
        this.set(vm, READER, state.value());
        this.set(vm, READER + 1, window.value());
        this.set(vm, FORMAT, Value::int(format as i32));
    }
    let state = ByteArray::from_known(this.get(vm, READER));
    let window = ByteArray::from_known(this.get(vm, READER + 1));
    let format = number(vm, this, FORMAT);
    let numbers = load(vm, state);
    let mut reader = Reader { source: &mut source, state, window, format, numbers };
    let n = reader.fill(vm, buf);
    store(vm, state, reader.numbers);
    source.finish(vm)?;
    Ok(n)
}

impl Reader<'_> {
    #[cold]
    fn invalid(&mut self, vm: &mut Vm) {
        fail(vm, self.source);
    }

    fn fill(&mut self, vm: &mut Vm, buf: &mut [u8]) -> usize {
        let mut n = 0;
        let mut at_end = false;
        while n < buf.len() && self.source.result.is_ok() {
            let [phase, _, _, left, is_last, ..] = self.numbers;
            let mut byte = 0;
            match phase {
                BLOCK => {
                    if is_last != 0 {
                        at_end = true;
                        break;
                    }
                    self.begin_block(vm);
                    continue;
                }
                SYMBOLS => match self.symbol(vm, LITERALS) {
                    literal @ 0..256 => byte = literal,
                    256 => {
                        self.numbers[PHASE] = BLOCK;
                        continue;
                    }
                    length => {
                        self.begin_copy(vm, length - 257);
                        continue;
                    }
                },
                DONE => break,
                // STORED, COPY
                _ => {
                    if left == 0 {
                        self.numbers[PHASE] = if phase == COPY { SYMBOLS } else { BLOCK };
                        continue;
                    }
                    self.numbers[LEFT] = left - 1;
                    if phase == STORED {
                        byte = self::byte(vm, self.source);
                    }
                }
            }
            let window = self.window.bytes_mut(vm);
            let mask = window.len() as u32 - 1;
            let at = self.numbers[AT];
            if phase == COPY {
                let from = at.wrapping_sub(self.numbers[DISTANCE]) & mask;
                byte = window[from as usize].into();
            }
            buf[n] = byte as u8;
            n += 1;
            window[at as usize] = byte as u8;
            self.numbers[AT] = (at + 1) & mask;
            self.numbers[FILLED] = (self.numbers[FILLED] + 1).min(mask + 1);
        }
        self.numbers[SUM] = checksum(self.format, self.numbers[SUM], &buf[..n]);
        if at_end {
            self.check_end(vm);
            self.numbers[PHASE] = DONE;
        }
        n
    }

    /// The next `n` bits, at most 16.
    #[inline(never)]
    fn take(&mut self, vm: &mut Vm, n: u32) -> u32 {
        while self.numbers[N_BITS] < n {
            self.numbers[BITS] |= byte(vm, self.source) << self.numbers[N_BITS];
            self.numbers[N_BITS] += 8;
        }
        let bits = self.numbers[BITS];
        self.numbers[BITS] = bits >> n;
        self.numbers[N_BITS] -= n;
        bits & ((1 << n) - 1)
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
    #[inline(never)]
    fn symbol(&mut self, vm: &mut Vm, table: usize) -> u32 {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for len in 1..=MAX_BITS {
            code |= self.take(vm, 1);
            let count = self.entry(vm, table, len);
            if code < first + count {
                let i = MAX_BITS + 1 + (index + code - first) as usize;
                return self.entry(vm, table, i);
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        self.invalid(vm);
        0
    }

    /// Makes a table from the lengths of the symbols' codes.
    #[inline(never)]
    fn build(&mut self, vm: &mut Vm, table: usize, lengths: &[u8]) {
        let mut counts = [0u16; MAX_BITS + 1];
        for &len in lengths {
            counts[usize::from(len & 15)] += 1;
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
                    return self.invalid(vm);
                }
            }
        }
        for (symbol, &len) in lengths.iter().enumerate() {
            if len > 0 {
                let place = &mut places[usize::from(len & 15)];
                self.set_entry(vm, table, MAX_BITS + 1 + usize::from(*place), symbol as u16);
                *place += 1;
            }
        }
    }

    /// Reads the head of a block.
    fn begin_block(&mut self, vm: &mut Vm) {
        self.numbers[IS_LAST] = self.take(vm, 1);
        self.numbers[PHASE] = SYMBOLS;
        match self.take(vm, 2) {
            0 => {
                (self.numbers[BITS], self.numbers[N_BITS]) = (0, 0);
                let len = self.take(vm, 16);
                if self.take(vm, 16) != len ^ 0xffff {
                    self.invalid(vm);
                }
                self.numbers[LEFT] = len;
                self.numbers[PHASE] = STORED;
            }
            1 => {
                let mut lengths = [8; 288];
                lengths[144..256].fill(9);
                lengths[256..280].fill(7);
                self.build(vm, LITERALS, &lengths);
                self.build(vm, DISTANCES, &[5; 30]);
            }
            2 => self.read_tables(vm),
            _ => self.invalid(vm),
        }
    }

    /// Reads the tables of a block; their own code is in the place of the first one meanwhile.
    fn read_tables(&mut self, vm: &mut Vm) {
        const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        let n_literals = self.take(vm, 5) as usize + 257;
        let n_distances = self.take(vm, 5) as usize + 1;
        let n_lengths = self.take(vm, 4) as usize + 4;
        if n_literals > 286 || n_distances > 30 {
            return self.invalid(vm);
        }
        let mut lengths = [0; 286 + 30];
        for &symbol in &ORDER[..n_lengths.min(ORDER.len())] {
            lengths[usize::from(symbol)] = self.take(vm, 3) as u8;
        }
        self.build(vm, LITERALS, &lengths[..ORDER.len()]);
        let n = n_literals + n_distances;
        let (mut i, mut len) = (0, 0);
        while i < n {
            let mut times = 1;
            match self.symbol(vm, LITERALS) {
                16 if i > 0 => times = self.take(vm, 2) as usize + 3,
                16 => return self.invalid(vm),
                17 => (len, times) = (0, self.take(vm, 3) as usize + 3),
                18 => (len, times) = (0, self.take(vm, 7) as usize + 11),
                symbol => len = symbol as u8,
            }
            let Some(run) = lengths[..n].get_mut(i..i + times) else { return self.invalid(vm) };
            run.fill(len);
            i += times;
        }
        let (literals, distances) = lengths[..n].split_at(n_literals);
        self.build(vm, LITERALS, literals);
        self.build(vm, DISTANCES, distances);
    }

    /// Reads the rest of a copy, whose length symbol is `i`.
    fn begin_copy(&mut self, vm: &mut Vm, i: u32) {
        let (length, n_bits) = symbols::length(i);
        self.numbers[LEFT] = length + self.take(vm, n_bits);
        let i_distance = self.symbol(vm, DISTANCES);
        if i > 28 || i_distance > 29 {
            return self.invalid(vm);
        }
        let (distance, n_bits) = symbols::distance(i_distance);
        let distance = distance + self.take(vm, n_bits);
        self.numbers[DISTANCE] = distance;
        self.numbers[PHASE] = COPY;
        if distance > self.numbers[FILLED] {
            self.invalid(vm);
        }
    }

    /// Reads and checks what follows the last block.
    fn check_end(&mut self, vm: &mut Vm) {
        let sum = self.numbers[SUM];
        let expected = match self.format as isize {
            ZLIB => sum.swap_bytes(),
            GZIP => sum,
            _ => return,
        };
        let mut found = 0;
        for i in 0..4 {
            found |= byte(vm, self.source) << (8 * i);
        }
        if found != expected {
            return self.invalid(vm);
        }
        if self.format as isize == GZIP {
            // The length, which the checksum has made certain.
            skip(vm, self.source, 4);
        }
    }
}

/// `OSError(EINVAL)`, unless something was wrong before.
fn fail(vm: &mut Vm, source: &mut ReadAhead<'_>) {
    if source.result.is_ok() {
        source.result = Err(invalid(vm));
    }
}

/// The next byte of the stream behind; `EOFError` at its end.
#[inline(never)]
fn byte(vm: &mut Vm, source: &mut ReadAhead<'_>) -> u32 {
    match source.next(vm) {
        END => {
            if source.result.is_ok() {
                source.result = Err(vm.raise(exc::EOF_ERROR, ""));
            }
            0
        }
        byte => byte,
    }
}

fn skip(vm: &mut Vm, source: &mut ReadAhead<'_>, n: u32) {
    for _ in 0..n {
        byte(vm, source);
    }
}

/// Reads the header; returns the format and the logarithm of the window's size.
fn header(vm: &mut Vm, this: Native, source: &mut ReadAhead<'_>) -> (u32, u32) {
    let format = number(vm, this, FORMAT) as isize;
    let wanted = number(vm, this, WBITS);
    if format == RAW {
        return (RAW as u32, if wanted == 0 { DEFAULT_WBITS } else { wanted });
    }
    let head = byte(vm, source) << 8 | byte(vm, source);
    if head == 0x1f8b && matches!(format, AUTO | GZIP) {
        gzip_header(vm, source);
        return (GZIP as u32, if wanted == 0 { 15 } else { wanted });
    }
    // Method 8, a window of at most 2^15 bytes, no dictionary.
    let is_zlib = head & 0x8f20 == 0x0800 && head.is_multiple_of(31);
    if !is_zlib || !matches!(format, AUTO | ZLIB) {
        fail(vm, source);
    }
    let wbits = (head >> 12) + 8;
    (ZLIB as u32, if wanted == 0 { wbits } else { wanted.min(wbits) })
}

/// Reads the rest of gzip's header.
fn gzip_header(vm: &mut Vm, source: &mut ReadAhead<'_>) {
    let method = byte(vm, source);
    let flags = byte(vm, source);
    if method != 8 || flags & 0xe0 != 0 {
        return fail(vm, source);
    }
    skip(vm, source, 6);
    if flags & 4 != 0 {
        let n = byte(vm, source) | byte(vm, source) << 8;
        skip(vm, source, n);
    }
    // File name and comment, each with a zero behind.
    let mut n_texts = (flags >> 3 & 1) + (flags >> 4 & 1);
    while n_texts > 0 {
        n_texts -= (byte(vm, source) == 0) as u32;
    }
    if flags & 2 != 0 {
        skip(vm, source, 2);
    }
}
