//! `io.BufferedWriter(stream, size)`: collects small writes into pieces of a fixed size.
//!
//! Source: MicroPython library reference, "io"; Python Library Reference, "io.BufferedWriter".

use crate::object::{Args, ByteArray, Ioctl, Native, Res, StreamSlots, poll};
use crate::value::Value;
use crate::{Raise, Vm, exc, py_type};

use super::stream::{IOBASE, Stream, errno};

py_type! {
    /// `io.BufferedWriter(stream, size)`.
    pub static BUFFERED_WRITER: BufferedWriter, base IOBASE;
    slots { new: writer_new, stream: &SLOTS }
    entries {}
}

static SLOTS: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };

/// Word: the stream behind.
const STREAM: usize = 0;
/// Word: the `bytearray` that collects, as long as its size.
const BUFFER: usize = 1;
/// Word: how many of its bytes wait.
const USED: usize = 2;

fn writer_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let &[stream, size] = args.pos else { return Err(vm.wrong_count(2, 2, args.pos.len())) };
    Stream::expect(vm, stream)?;
    let size = vm.index(size)?;
    if size <= 0 {
        return Err(vm.raise(exc::VALUE_ERROR, "buffer size must be positive"));
    }
    let buffer = ByteArray::new(vm, 0, size as usize)?.value();
    Ok(Native::new(vm, class, &[stream, buffer, Value::int(0)])?.value())
}

fn parts(vm: &Vm, this: Value) -> (Value, ByteArray, usize) {
    let native = Native::from_known(this);
    let used = native.get(vm, USED).known_int() as usize;
    (native.get(vm, STREAM), ByteArray::from_known(native.get(vm, BUFFER)), used)
}

fn read(vm: &mut Vm, _: Value, _: &mut [u8]) -> Result<Option<usize>, Raise> {
    Err(vm.raise_os_error(errno::EBADF))
}

/// Takes all bytes unless the stream behind refuses.
fn write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    let mut done = 0;
    while done < bytes.len() {
        let (_, buffer, used) = parts(vm, this);
        let room = &mut buffer.bytes_mut(vm)[used..];
        let n = room.len().min(bytes.len() - done);
        room[..n].copy_from_slice(&bytes[done..done + n]);
        let is_full = n == room.len();
        done += n;
        Native::from_known(this).set(vm, USED, Value::from_len(used + n));
        if is_full {
            flush(vm, this)?;
        }
    }
    Ok(Some(done))
}

/// Writes what has been collected; `OSError` when the stream does not take all of it, and what is left stays.
fn flush(vm: &mut Vm, this: Value) -> Result<(), Raise> {
    let (stream, buffer, used) = parts(vm, this);
    if used == 0 {
        return Ok(());
    }
    let stream = Stream::expect(vm, stream)?;
    let waiting = crate::object::Buffer::of_array(buffer).slice(vm, 0..used);
    let written = stream.write_buffer(vm, waiting)?.unwrap_or(0);
    buffer.bytes_mut(vm).copy_within(written.min(used)..used, 0);
    Native::from_known(this).set(vm, USED, Value::from_len(used - written.min(used)));
    if written < used { Err(vm.raise_os_error(errno::EAGAIN)) } else { Ok(()) }
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Flush => flush(vm, this).map(|()| 0),
        Ioctl::Close => {
            flush(vm, this)?;
            let stream = parts(vm, this).0;
            Stream::expect(vm, stream)?.ioctl(vm, Ioctl::Close, 0)
        }
        Ioctl::Poll => Ok(argument & poll::WRITE),
        _ => Err(vm.raise_os_error(errno::EINVAL)),
    }
}
