//! `micropython.RingIO`: a ring of bytes with a stream interface.
//!
//! # Invariants
//! The two positions are below the ring's length when they are used: a script may shrink a `bytearray` that it gave, so both
//! are checked against the length of the moment. One byte stays free, so that equal positions mean an empty ring.
//!
//! Source: MicroPython library reference, "micropython".

use crate::object::{
    Args, Buffer, ByteArray, Ioctl, Native, Res, StrBuilder, StreamSlots, Style, poll,
};
use crate::value::Value;
use crate::{Raise, Vm, exc, py_type};

use super::stream::{IOBASE, errno};

py_type! {
    /// `micropython.RingIO(size)`, `micropython.RingIO(buffer)`.
    pub static RINGIO: RingIO, base IOBASE;
    slots { new: ring_new, repr: ring_repr, stream: &SLOTS }
    entries { any = F1(ring_any); }
}

static SLOTS: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };

/// Word: the object with the bytes.
const RING: usize = 0;
/// Word: where the next byte is read.
const HEAD: usize = 1;
/// Word: where the next byte is written.
const TAIL: usize = 2;
/// The most bytes a ring may have.
const MOST: usize = 65_535;

fn ring_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = super::common::positional(vm, args, 1, 1)?;
    let given = vm.native_part(args[0]);
    let (size, ring) = match Buffer::of(vm, given).filter(|b| b.is_writable()) {
        Some(buffer) => (buffer.len(vm), Some(given)),
        None => (vm.index(given)?.saturating_add(1).max(0) as usize, None),
    };
    if !(2..=MOST).contains(&size) {
        return Err(vm.raise(exc::VALUE_ERROR, ""));
    }
    let ring = match ring {
        Some(ring) => ring,
        None => ByteArray::new(vm, 0, size)?.value(),
    };
    Ok(Native::new(vm, class, &[ring, Value::int(0), Value::int(0)])?.value())
}

/// The ring's bytes, how many there are, and the positions.
fn state(vm: &Vm, this: Value) -> Option<(Buffer, usize, usize, usize)> {
    let native = Native::from_known(this);
    let buffer = Buffer::of(vm, native.get(vm, RING))?;
    let size = buffer.len(vm);
    let at = |i| native.get(vm, i).as_small_int().unwrap_or(0) as usize;
    let (head, tail) = (at(HEAD), at(TAIL));
    if size == 0 { None } else { Some((buffer, size, head % size, tail % size)) }
}

fn read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let Some((ring, size, head, tail)) = state(vm, this) else { return Ok(Some(0)) };
    let n = buf.len().min((tail + size - head) % size);
    let bytes = ring.bytes(vm);
    for (i, b) in buf[..n].iter_mut().enumerate() {
        *b = bytes[(head + i) % size];
    }
    Native::from_known(this).set(vm, HEAD, Value::from_len((head + n) % size));
    vm.host().stream_changed();
    Ok(Some(n))
}

fn write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    let Some((ring, size, head, tail)) = state(vm, this) else { return Ok(Some(0)) };
    let n = bytes.len().min((head + size - tail - 1) % size);
    let Some(place) = ring.bytes_mut(vm) else { return Ok(Some(0)) };
    for (i, &b) in bytes[..n].iter().enumerate() {
        place[(tail + i) % size] = b;
    }
    Native::from_known(this).set(vm, TAIL, Value::from_len((tail + n) % size));
    vm.host().stream_changed();
    Ok(Some(n))
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Close | Ioctl::Flush => Ok(0),
        Ioctl::Poll => {
            let Some((_, size, head, tail)) = state(vm, this) else { return Ok(0) };
            let mut ready = 0;
            if head != tail {
                ready |= poll::READ;
            }
            if (tail + 1) % size != head {
                ready |= poll::WRITE;
            }
            Ok(argument & ready)
        }
        _ => Err(vm.raise_os_error(errno::EINVAL)),
    }
}

/// `any()`: how many bytes can be read.
fn ring_any(vm: &mut Vm, this: Value) -> Res {
    let n = state(vm, this).map_or(0, |(_, size, head, tail)| (tail + size - head) % size);
    Ok(Value::from_len(n))
}

fn ring_repr(vm: &mut Vm, _this: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    out.push_str(vm, "<RingIO>")
}
