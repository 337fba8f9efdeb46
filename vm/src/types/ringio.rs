//! `micropython.RingIO`: a ring of bytes with a stream interface.
//!
//! # Invariants
//! The two positions are below the ring's length when they are used: a script may shrink a `bytearray` that it gave, so both
//! are checked against the length of the moment. One byte stays free, so that equal positions mean an empty ring.
//!
//! Source: MicroPython library reference, "micropython".

use crate::object::{
    Args, Blob, ByteArray, Ioctl, Native, Res, StrBuilder, StreamSlots, Style, poll,
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
    let (size, ring) = match Blob::of(vm, given).filter(|b| b.is_writable(vm)) {
        Some(buffer) => (buffer.len(vm), Some(given)),
        None => (vm.index(given)?.saturating_add(1).max(0) as usize, None),
    };
    if !matches!(size, 2..=MOST) {
        return Err(vm.raise(exc::VALUE_ERROR, ""));
    }
    let ring = match ring {
        Some(ring) => ring,
        None => ByteArray::new(vm, 0, size)?.value(),
    };
    Ok(Native::new(vm, class, &[ring, Value::int(0), Value::int(0)])?.value())
}

/// The ring's bytes.
fn ring(vm: &Vm, this: Value) -> Blob {
    Blob::from_known(Native::from_known(this).get(vm, RING))
}

/// How many bytes can be moved at a position, and where that is.
#[inline(never)]
fn room(vm: &Vm, this: Value, word: usize) -> (usize, usize) {
    let size = ring(vm, this).len(vm).max(1);
    let native = Native::from_known(this);
    let at = |i| native.get(vm, i).known_int() as usize % size;
    let (head, tail) = (at(HEAD), at(TAIL));
    let waiting = (tail + size - head) % size;
    if word == HEAD { (waiting, head) } else { (size - 1 - waiting, tail) }
}

/// Moves up to `n` bytes at a position.
fn transfer(
    vm: &mut Vm,
    this: Value,
    word: usize,
    n: usize,
    each: &mut dyn FnMut(&mut u8, usize),
) -> Result<Option<usize>, Raise> {
    let (room, mut at) = room(vm, this, word);
    let n = n.min(room);
    let bytes = ring(vm, this).bytes_mut(vm);
    for i in 0..n {
        each(&mut bytes[at], i);
        at += 1;
        if at == bytes.len() {
            at = 0;
        }
    }
    Native::from_known(this).set(vm, word, Value::from_len(at));
    vm.host().stream_changed();
    Ok(Some(n))
}

fn read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    transfer(vm, this, HEAD, buf.len(), &mut |b, i| buf[i] = *b)
}

fn write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    transfer(vm, this, TAIL, bytes.len(), &mut |b, i| *b = bytes[i])
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Close | Ioctl::Flush => Ok(0),
        Ioctl::Poll => {
            let mut ready = 0;
            if room(vm, this, HEAD).0 > 0 {
                ready |= poll::READ;
            }
            if room(vm, this, TAIL).0 > 0 {
                ready |= poll::WRITE;
            }
            Ok(argument & ready)
        }
        _ => Err(vm.raise_os_error(errno::EINVAL)),
    }
}

/// `any()`: how many bytes can be read.
fn ring_any(vm: &mut Vm, this: Value) -> Res {
    Ok(Value::from_len(room(vm, this, HEAD).0))
}

fn ring_repr(vm: &mut Vm, _this: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    out.push_str(vm, "<RingIO>");
    Ok(())
}
