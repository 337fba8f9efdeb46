//! `deflate`: a stream that compresses what is written to it and decompresses what is read from it; `zlib` on top of it.
//!
//! The codec is our own. Crates keep eleven kilobytes of state for decompression and ten times as much for compression, read
//! ahead of what they deliver, and want their state in native memory; here it is one kilobyte in the VM's heap and a window of
//! the size that the user chose, nothing is allocated before the first byte, and a stream is read no further than needed.
//!
//! Source: MicroPython library reference, "deflate"; RFC 1950 (zlib), 1951 (deflate), 1952 (gzip). `zlib` has the functions of
//! the Python Library Reference and, as `uzlib`, those of the WiPy's documents.
#![forbid(unsafe_code)]

mod compress;
mod inflate;

use crate::object::{Args, ByteArray, Ioctl, Native, Res, StreamSlots, poll};
use crate::types::common::positional;
use crate::types::stream::{IOBASE, Stream, errno, itself, next};
use crate::types::stringio::BYTESIO;
use crate::value::names::q;
use crate::value::{RomValue, Value};
use crate::{Raise, Vm, exc, py_module, py_type};

py_module! {
    /// `deflate`.
    pub static DEFLATE: deflate, extensible false;
    entries {
        AUTO: RomValue(Value::int(AUTO as i32));
        DeflateIO: DEFLATE_IO.rom();
        GZIP: RomValue(Value::int(GZIP as i32));
        RAW: RomValue(Value::int(RAW as i32));
        ZLIB: RomValue(Value::int(ZLIB as i32));
    }
}

#[cfg(feature = "extra")]
py_module! {
    /// `zlib`, `uzlib`.
    pub static ZLIB_MODULE: zlib, extensible true;
    entries {
        DecompIO = Var(1, 2, zlib_decompio);
        compress = Kw(zlib_compress; _, level?, wbits?);
        decompress = Kw(zlib_decompress; _, wbits?, bufsize?);
    }
}

py_type! {
    /// `deflate.DeflateIO(stream, format=AUTO, wbits=0, close=False)`.
    pub static DEFLATE_IO: DeflateIO, base IOBASE;
    slots { new: io_new, made_by_init: true, iter: itself, next: next, stream: &SLOTS }
    entries {}
}

static SLOTS: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };

/// Find out by the first byte.
const AUTO: isize = 0;
/// No header.
const RAW: isize = 1;
/// With zlib's header.
const ZLIB: isize = 2;
/// With gzip's header.
const GZIP: isize = 3;

/// Word: the stream behind, `UNDEF` once closed.
const STREAM: usize = 0;
/// Word: the format.
const FORMAT: usize = 1;
/// Word: the logarithm of the window's size, 0 for the default.
const WBITS: usize = 2;
/// Word: whether the stream behind is closed too.
const CLOSES: usize = 3;
/// Words: state and window of the reader, `bytearray`s that nobody else knows, `UNDEF` before the first byte.
const READER: usize = 4;
/// Words: the same of the writer.
const WRITER: usize = 6;
/// The default of a window's size.
const DEFAULT_WBITS: u32 = 8;

/// Bits of a deflate stream beside its symbols: how lengths and distances are put in symbols (RFC 1951, section 3.2.5).
mod symbols {
    /// The first number of symbol `i`, counted from 0, and how many bits follow: the first `2 * group` symbols have none, each
    /// `group` further ones one more.
    #[inline(never)]
    fn first(i: u32, group: u32) -> (u32, u32) {
        let bits = (i / group).saturating_sub(1);
        ((i - group * bits) << bits, bits)
    }

    /// The first length of length symbol `i` (0 to 28), and how many bits follow.
    pub fn length(i: u32) -> (u32, u32) {
        if i == 28 {
            return (258, 0);
        }
        let (length, bits) = first(i, 4);
        (length + 3, bits)
    }

    /// The first distance of distance symbol `i` (0 to 29), and how many bits follow.
    pub fn distance(i: u32) -> (u32, u32) {
        let (distance, bits) = first(i, 2);
        (distance + 1, bits)
    }
}

/// A running checksum: Adler-32 for zlib, CRC-32 for gzip.
fn checksum(format: u32, sum: u32, bytes: &[u8]) -> u32 {
    const ADLER: u32 = 65_521;
    match format as isize {
        ZLIB => {
            let (mut a, mut b) = (sum & 0xffff, sum >> 16);
            // As many as fit 32 bits before the rest of the division is taken.
            for part in bytes.chunks(5552) {
                for &byte in part {
                    a += u32::from(byte);
                    b += a;
                }
                a %= ADLER;
                b %= ADLER;
            }
            b << 16 | a
        }
        GZIP => super::binascii::crc32_of(sum, bytes),
        _ => sum,
    }
}

/// The checksum of nothing.
fn first_checksum(format: u32) -> u32 {
    (format as isize == ZLIB) as u32
}

/// `OSError(EINVAL)`
#[cold]
fn invalid(vm: &mut Vm) -> Raise {
    vm.raise_os_error(errno::EINVAL)
}

fn io_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = positional(vm, args, 1, 4)?;
    let mut words = new_words(Value::UNDEF, AUTO, 0);
    for (word, &arg) in words.iter_mut().zip(args) {
        *word = arg;
    }
    Stream::expect(vm, words[STREAM])?;
    let format = vm.index(words[FORMAT])?;
    if format as usize > GZIP as usize {
        return Err(vm.raise(exc::VALUE_ERROR, "format"));
    }
    let wbits = vm.index(words[WBITS])?;
    if wbits != 0 && (wbits < 5 || wbits > 15) {
        return Err(vm.raise(exc::VALUE_ERROR, "wbits"));
    }
    words[FORMAT] = Value::int(format as i32);
    words[WBITS] = Value::int(wbits as i32);
    words[CLOSES] = Value::bool(vm.truth(words[CLOSES])?);
    Ok(Native::new(vm, class, &words)?.value())
}

/// The words of a stream without state.
fn new_words(stream: Value, format: isize, wbits: isize) -> [Value; 8] {
    let mut words = [Value::UNDEF; 8];
    words[STREAM] = stream;
    words[FORMAT] = Value::int(format as i32);
    words[WBITS] = Value::int(wbits as i32);
    words[CLOSES] = Value::FALSE;
    words
}

fn new_io(vm: &mut Vm, stream: Value, format: isize, wbits: isize) -> Res {
    Ok(Native::new(vm, DEFLATE_IO.value(), &new_words(stream, format, wbits))?.value())
}

/// The stream behind; `OSError(EINVAL)` once closed.
fn behind(vm: &mut Vm, this: Native) -> Result<Stream, Raise> {
    let stream = this.get(vm, STREAM);
    if stream.is_undef() { Err(invalid(vm)) } else { Stream::expect(vm, stream) }
}

/// A word that is a small number.
fn number(vm: &Vm, this: Native, word: usize) -> u32 {
    this.get(vm, word).known_int() as u32
}

/// Numbers that are kept in a `bytearray` between calls.
fn load<const N: usize>(vm: &Vm, state: ByteArray) -> [u32; N] {
    let mut numbers = [0; N];
    for (number, bytes) in numbers.iter_mut().zip(state.bytes(vm).chunks_exact(4)) {
        *number = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    numbers
}

fn store<const N: usize>(vm: &mut Vm, state: ByteArray, numbers: [u32; N]) {
    for (number, bytes) in numbers.iter().zip(state.bytes_mut(vm).chunks_exact_mut(4)) {
        bytes.copy_from_slice(&number.to_le_bytes());
    }
}

fn read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let this = Native::from_known(this);
    let stream = behind(vm, this)?;
    inflate::read(vm, this, stream, buf).map(Some)
}

fn write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    let this = Native::from_known(this);
    let stream = behind(vm, this)?;
    if !cfg!(feature = "extra") {
        return Err(vm.raise(exc::OS_ERROR, "stream operation not supported"));
    }
    compress::write(vm, this, stream, bytes)?;
    Ok(Some(bytes.len()))
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    let native = Native::from_known(this);
    match request {
        Ioctl::Close => {
            let stream = native.get(vm, STREAM);
            if stream.is_undef() {
                return Ok(0);
            }
            let behind = Stream::expect(vm, stream)?;
            let finished = match cfg!(feature = "extra") {
                true => compress::finish(vm, native, behind),
                false => Ok(()),
            };
            for word in [STREAM, READER, READER + 1, WRITER, WRITER + 1] {
                native.set(vm, word, Value::UNDEF);
            }
            finished?;
            if native.get(vm, CLOSES) == Value::TRUE {
                behind.ioctl(vm, Ioctl::Close, 0)?;
            }
            Ok(0)
        }
        // What has been written is on its way but for a few bits, which wait for more.
        Ioctl::Flush => behind(vm, native)?.ioctl(vm, Ioctl::Flush, 0),
        Ioctl::Poll => Ok(argument & (poll::READ | poll::WRITE)),
        _ => Err(invalid(vm)),
    }
}

// ---- zlib

/// Format and window of zlib's parameter: negative for no header, over 16 for gzip, over 32 to find out.
fn wbits_arg(vm: &mut Vm, v: Value, absent: isize) -> Result<(isize, isize), Raise> {
    let wbits = if v.is_undef() { absent } else { vm.index(v)? };
    match wbits {
        0 => Ok((ZLIB, 0)),
        -15..=-5 => Ok((RAW, -wbits)),
        5..=15 => Ok((ZLIB, wbits)),
        21..=31 => Ok((GZIP, wbits - 16)),
        37..=47 => Ok((AUTO, wbits - 32)),
        _ => Err(vm.raise(exc::VALUE_ERROR, "wbits")),
    }
}

/// `DecompIO(stream, wbits=0)`: a stream that decompresses.
fn zlib_decompio(vm: &mut Vm, args: &[Value]) -> Res {
    Stream::expect(vm, args[0])?;
    let (format, wbits) = wbits_arg(vm, args.get(1).copied().unwrap_or(Value::UNDEF), 0)?;
    new_io(vm, args[0], format, wbits)
}

/// `decompress(data, wbits=15, bufsize=0)`: all of the data at once. `bufsize` is not needed.
fn zlib_decompress(vm: &mut Vm, args: &[Value]) -> Res {
    let (format, wbits) = wbits_arg(vm, args[1], 15)?;
    let data = vm.expect_buffer(args[0])?.to_bytes(vm)?;
    let source = vm.call(BYTESIO.value(), &[data.value()])?;
    let io = new_io(vm, source, format, wbits)?;
    let result = vm.call_method(io, q::read.value(), &[]);
    release(vm, Native::from_known(io));
    result
}

/// `compress(data, level=-1, wbits=10)`: all of the data at once. The level changes nothing.
fn zlib_compress(vm: &mut Vm, args: &[Value]) -> Res {
    let (format, wbits) = wbits_arg(vm, args[2], 10)?;
    let data = vm.expect_buffer(args[0])?;
    let target = vm.call(BYTESIO.value(), &[])?;
    let io = new_io(vm, target, format, wbits)?;
    let native = Native::from_known(io);
    let stream = behind(vm, native)?;
    vm.with_bytes(data, |vm, bytes| compress::write(vm, native, stream, bytes))?;
    compress::finish(vm, native, stream)?;
    release(vm, native);
    vm.call_method(target, q::getvalue.value(), &[])
}

/// Frees state and windows of a stream that nobody else has seen: the next one may need as much memory in one piece.
fn release(vm: &mut Vm, io: Native) {
    for word in [READER, READER + 1, WRITER, WRITER + 1] {
        if let Some(array) = ByteArray::from_value(io.get(vm, word)) {
            // It cannot fail: nobody has borrowed the bytes.
            let _ = array.resize(vm, 0);
        }
    }
}
