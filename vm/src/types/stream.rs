//! What all streams share: `io.IOBase`, its methods, and how natives reach a stream.
//!
//! Native types of streams derive from [`IOBASE`] and have a `stream` slot; classes made at run time that derive from
//! it write `readinto`, `write`, `seek` and `ioctl` themselves and get the other methods. Text streams count in
//! characters when they read and in bytes when they seek or say how much was written.
//!
//! Source: Python Library Reference, "io", "I/O Base Classes"; MicroPython library reference, "io".

use crate::object::{Args, Buffer, ByteArray, Ioctl, Native, Res, StrBuilder, StreamSlots, Whence};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

use super::OBJECT;
use super::text::{char_width, count_chars, last_char};

py_type! {
    /// `io.IOBase`, the base of all streams.
    pub static IOBASE: IOBase, base OBJECT;
    slots { new: iobase_new, is_abstract: true }
    entries {
        read = Var(1, 2, stream_read);
        readline = Var(1, 2, stream_readline);
        #[cfg(feature = "extra")]
        readlines = Var(1, 2, stream_readlines);
        readinto = Var(2, 3, stream_readinto);
        write = Var(2, 4, stream_write);
        seek = Var(2, 3, stream_seek);
        tell = F1(stream_tell);
        flush = F1(stream_flush);
        close = F1(stream_close);
        ioctl = Var(2, 3, stream_ioctl);
        #[cfg(feature = "extra")]
        fileno = F1(stream_fileno);
        __enter__ = F1(stream_enter);
        __exit__ = Var(1, 4, stream_exit);
        __next__ = F1(stream_next);
    }
}

/// The errors of streams, with Linux' numbers.
pub mod errno {
    /// Input or output failed.
    pub const EIO: i32 = 5;
    /// Not open for this.
    pub const EBADF: i32 = 9;
    /// Nothing there yet.
    pub const EAGAIN: i32 = 11;
    /// A wrong argument.
    pub const EINVAL: i32 = 22;
    /// Has no position.
    pub const ESPIPE: i32 = 29;
}

/// How many bytes are read at a time where the end is not known.
const CHUNK: usize = 256;

/// A stream: an object of a native type with a `stream` slot, or an instance of a class written in Python.
#[derive(Clone, Copy)]
pub struct Stream(Value);

impl Stream {
    /// The stream that `v` is, if it is one.
    pub fn of(vm: &Vm, v: Value) -> Option<Stream> {
        let part = vm.native_part(v);
        let native = vm.rom_type_of(part);
        if vm.in_hard_handler() && !native.serves_handlers() {
            return None;
        }
        if native.slots.stream().is_some() {
            return Some(Stream(part));
        }
        let is_python = v.is_kind(Kind::Instance) && vm.is_instance(v, IOBASE.value());
        if is_python { Some(Stream(v)) } else { None }
    }

    /// What its type can do.
    fn slots(self, vm: &Vm) -> &'static StreamSlots {
        let own = if self.is_python() { None } else { vm.rom_type_of(self.0).slots.stream() };
        own.unwrap_or(&PYTHON)
    }

    /// The stream that an argument is; `OSError` if it is none.
    pub fn expect(vm: &mut Vm, v: Value) -> Result<Stream, Raise> {
        match Stream::of(vm, v) {
            Some(stream) => Ok(stream),
            None => Err(vm.raise(exc::OS_ERROR, "stream operation not supported")),
        }
    }

    /// True where Python sees `str`.
    pub fn is_text(self, vm: &Vm) -> bool {
        self.slots(vm).is_text
    }

    /// True for a stream written in Python.
    pub fn is_python(self) -> bool {
        self.0.is_kind(Kind::Instance)
    }

    /// True for the console's own streams.
    pub fn is_console(self) -> bool {
        Native::from_value(self.0).is_some_and(|n| n.class() == super::stdio::TEXT_STDIO.value())
    }

    /// Reads up to `buf.len()` bytes, 0 at the end; `None`: none are there and the stream does not block. `buf` is not
    /// in the heap, or does not move while others run.
    pub fn read(self, vm: &mut Vm, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
        vm.tick(1)?;
        Ok((self.slots(vm).read)(vm, self.0, buf)?.map(|n| n.min(buf.len())))
    }

    /// Writes all bytes; returns how many it could before the stream would have had to wait, `None` if none. `bytes`
    /// are not in the heap, or do not move while others run.
    pub fn write(self, vm: &mut Vm, bytes: &[u8]) -> Result<Option<usize>, Raise> {
        let mut done = 0;
        while done < bytes.len() {
            vm.tick(1)?;
            match (self.slots(vm).write)(vm, self.0, &bytes[done..])? {
                Some(0) => break,
                Some(n) => done = (done + n).min(bytes.len()),
                None if done == 0 => return Ok(None),
                None => break,
            }
        }
        Ok(Some(done))
    }

    /// Writes the bytes of an object, all of them or as many as the stream takes without waiting.
    pub fn write_buffer(self, vm: &mut Vm, buffer: Buffer) -> Result<Option<usize>, Raise> {
        vm.with_bytes(buffer, |vm, bytes| self.write(vm, bytes))
    }

    /// Any other request.
    pub fn ioctl(self, vm: &mut Vm, request: Ioctl, argument: usize) -> Result<usize, Raise> {
        (self.slots(vm).ioctl)(vm, self.0, request, argument)
    }

    /// Moves the position; `OSError(ESPIPE)` for a stream that has none.
    pub fn seek(self, vm: &mut Vm, offset: i64, whence: Whence) -> Result<u64, Raise> {
        match self.slots(vm).seek {
            Some(seek) => seek(vm, self.0, offset, whence),
            None => Err(vm.raise_os_error(errno::ESPIPE)),
        }
    }

    /// Appends up to `n` bytes to `out`; true if the stream would have to wait before the next.
    #[inline(never)]
    fn read_into(self, vm: &mut Vm, out: &mut StrBuilder, n: usize) -> Result<bool, Raise> {
        let mut left = n;
        while left > 0 {
            let part = left.min(out.spare().max(CHUNK));
            let got = out.push_with(vm, part, |vm, room| {
                let got = self.read(vm, room)?;
                Ok((got.unwrap_or(0), got))
            })?;
            match got {
                None => return Ok(true),
                Some(0) => break,
                Some(n) => left -= n,
            }
        }
        Ok(false)
    }

    /// What was read, as Python sees it.
    fn finish(self, vm: &mut Vm, out: &mut StrBuilder) -> Res {
        if self.is_text(vm) { out.finish_str(vm) } else { out.finish_bytes(vm) }
    }

    /// Appends a line with its newline, of at most `most` characters or bytes, or nothing at the end; false if the stream would
    /// have to wait before anything is there.
    pub fn read_line(self, vm: &mut Vm, out: &mut StrBuilder, most: usize) -> Result<bool, Raise> {
        let mut left = most;
        // Bytes that the present character lacks.
        let mut missing = 0;
        while missing > 0 || left > 0 {
            let mut byte = [0];
            match self.read(vm, &mut byte)? {
                None => return Ok(!out.is_empty()),
                Some(0) => break,
                Some(_) => {}
            }
            if missing == 0 {
                left -= 1;
                missing = if self.is_text(vm) { char_width(&byte, 0) } else { 1 };
            }
            missing -= 1;
            out.push_bytes(vm, &byte);
            if byte[0] == b'\n' {
                break;
            }
        }
        Ok(true)
    }
}

fn iobase_new(vm: &mut Vm, class: Value, _args: Args<'_>) -> Res {
    Ok(Native::new(vm, class, &[])?.value())
}

/// An optional count: `usize::MAX` where it is absent, `None` or negative.
fn count_arg(vm: &mut Vm, v: Option<&Value>) -> Result<usize, Raise> {
    match v {
        None => Ok(usize::MAX),
        Some(v) if v.is_none() => Ok(usize::MAX),
        Some(&v) => Ok(usize::try_from(vm.index(v)?).unwrap_or(usize::MAX)),
    }
}

/// `read([n])`: `n` characters or bytes, fewer only at the end; all for a negative or absent `n`. `None` when the
/// stream does not block and nothing is there.
fn stream_read(vm: &mut Vm, args: &[Value]) -> Res {
    let stream = Stream::expect(vm, args[0])?;
    let n = count_arg(vm, args.get(1))?;
    let mut out = StrBuilder::new();
    let counts_characters = stream.is_text(vm) && n != usize::MAX;
    let mut missing = n;
    let would_block = loop {
        let before = out.len();
        let would_block = stream.read_into(vm, &mut out, missing)?;
        if !counts_characters || out.len() - before < missing {
            break would_block;
        }
        // Every character that is missing has at least one byte, the last one so far perhaps some more.
        let bytes = out.as_bytes();
        let last = last_char(bytes);
        let end = if bytes.is_empty() { 0 } else { last + char_width(bytes, last) };
        missing = n.saturating_sub(count_chars(bytes)) + end.saturating_sub(bytes.len());
        if missing == 0 {
            break false;
        }
    };
    if would_block && out.is_empty() {
        return Ok(Value::NONE);
    }
    stream.finish(vm, &mut out)
}

/// `readline([n])`: a line with its newline, cut after `n` characters or bytes.
fn stream_readline(vm: &mut Vm, args: &[Value]) -> Res {
    let stream = Stream::expect(vm, args[0])?;
    let most = count_arg(vm, args.get(1))?;
    let mut line = StrBuilder::new();
    if stream.read_line(vm, &mut line, most)? {
        stream.finish(vm, &mut line)
    } else {
        Ok(Value::NONE)
    }
}

/// `readlines([hint])`: the lines up to the end, or until they have `hint` bytes together.
fn stream_readlines(vm: &mut Vm, args: &[Value]) -> Res {
    let stream = Stream::expect(vm, args[0])?;
    let hint = match count_arg(vm, args.get(1))? {
        0 => usize::MAX,
        n => n,
    };
    let list = vm.new_list()?;
    let mut total = 0;
    let mut line = StrBuilder::new();
    while total < hint {
        stream.read_line(vm, &mut line, usize::MAX)?;
        if line.is_empty() {
            break;
        }
        total += line.len();
        let line = stream.finish(vm, &mut line)?;
        list.push(vm, line)?;
    }
    Ok(list.value())
}

/// `readinto(buffer[, n])`: fills the buffer, or its first `n` bytes; returns how many came before the end.
fn stream_readinto(vm: &mut Vm, args: &[Value]) -> Res {
    let stream = Stream::expect(vm, args[0])?;
    let buffer = vm.expect_writable(args[1])?;
    let n = count_arg(vm, args.get(2))?;
    let room = buffer.slice(vm, 0..n);
    vm.with_bytes_mut(room, |vm, room| {
        let mut done = 0;
        while done < room.len() {
            match stream.read(vm, &mut room[done..])? {
                None if done == 0 => return Ok(Value::NONE),
                None | Some(0) => break,
                Some(k) => done += k,
            }
        }
        Ok(Value::from_len(done))
    })
}

/// `write(buffer[, n])`, `write(buffer, offset, n)`: writes the bytes, or a part of them; returns how many.
fn stream_write(vm: &mut Vm, args: &[Value]) -> Res {
    let stream = Stream::expect(vm, args[0])?;
    let buffer = vm.expect_buffer(args[1])?;
    let n = count_arg(vm, args[2..].last())?;
    let from = if args.len() > 3 { count_arg(vm, args.get(2))? } else { 0 };
    let part = buffer.slice(vm, from..from.saturating_add(n));
    Ok(stream.write_buffer(vm, part)?.map_or(Value::NONE, Value::from_len))
}

/// `seek(offset[, whence])`: moves the position, in bytes, and returns it.
fn stream_seek(vm: &mut Vm, args: &[Value]) -> Res {
    let stream = Stream::expect(vm, args[0])?;
    let offset = vm.index(args[1])?;
    let whence = match args.get(2) {
        Some(&v) => vm.index(v)?,
        None => 0,
    };
    let whence = match whence {
        0 if offset >= 0 => Whence::Start,
        1 => Whence::Current,
        2 => Whence::End,
        _ => return Err(vm.raise_os_error(errno::EINVAL)),
    };
    seek(vm, stream, offset as i64, whence)
}

fn seek(vm: &mut Vm, stream: Stream, offset: i64, whence: Whence) -> Res {
    let position = stream.seek(vm, offset, whence)?;
    vm.int_from_u64(position)
}

fn stream_tell(vm: &mut Vm, this: Value) -> Res {
    let stream = Stream::expect(vm, this)?;
    seek(vm, stream, 0, Whence::Current)
}

fn stream_flush(vm: &mut Vm, this: Value) -> Res {
    Stream::expect(vm, this)?.ioctl(vm, Ioctl::Flush, 0)?;
    Ok(Value::NONE)
}

fn stream_close(vm: &mut Vm, this: Value) -> Res {
    Stream::expect(vm, this)?.ioctl(vm, Ioctl::Close, 0)?;
    Ok(Value::NONE)
}

/// `ioctl(request[, argument])`: what drivers and `select` ask for, by number.
fn stream_ioctl(vm: &mut Vm, args: &[Value]) -> Res {
    let stream = Stream::expect(vm, args[0])?;
    let request = vm.index(args[1])?;
    let argument = match args.get(2) {
        Some(&v) => vm.index(v)?,
        None => 0,
    };
    match Ioctl::from_number(request) {
        Some(request) => {
            let result = stream.ioctl(vm, request, argument as usize)?;
            vm.int_from_u64(result as u64)
        }
        None => Err(vm.raise_os_error(errno::EINVAL)),
    }
}

fn stream_fileno(vm: &mut Vm, this: Value) -> Res {
    let n = Stream::expect(vm, this)?.ioctl(vm, Ioctl::GetFileNo, 0)?;
    Ok(Value::from_len(n))
}

fn stream_enter(_vm: &mut Vm, this: Value) -> Res {
    Ok(this)
}

/// `__exit__(…)`: closes; through the method where a class may have its own.
fn stream_exit(vm: &mut Vm, args: &[Value]) -> Res {
    if args[0].is_kind(Kind::Instance) {
        return vm.call_method(args[0], q::close.value(), &[]);
    }
    stream_close(vm, args[0])
}

fn stream_next(vm: &mut Vm, this: Value) -> Res {
    match next(vm, this)? {
        end if end == Value::STOP => Err(vm.raise(exc::STOP_ITERATION, "")),
        line => Ok(line),
    }
}

/// The slot `next` of a type of streams: the next line.
pub fn next(vm: &mut Vm, this: Value) -> Res {
    let stream = Stream::expect(vm, this)?;
    let mut line = StrBuilder::new();
    stream.read_line(vm, &mut line, usize::MAX)?;
    if line.is_empty() { Ok(Value::STOP) } else { stream.finish(vm, &mut line) }
}

/// The slot `iter` of a type of streams: the stream itself.
pub fn itself(_vm: &mut Vm, this: Value) -> Res {
    Ok(this)
}

/// Streams written in Python: classes derived from `IOBase`.
static PYTHON: StreamSlots = StreamSlots {
    read: python_read,
    write: python_write,
    seek: Some(python_seek),
    ioctl: python_ioctl,
    is_text: false,
};

/// The count that a method of a stream written in Python returns: `None` for `None`, `OSError` for a negative error number, and
/// for more than `most`.
fn transferred(
    vm: &mut Vm,
    this: Value,
    name: Value,
    args: &[Value],
    most: usize,
) -> Result<Option<usize>, Raise> {
    let Some(result) = vm.call_python_method(this, name, args)? else {
        return Err(vm.no_attribute(this, name));
    };
    count_of(vm, result, most)
}

fn count_of(vm: &mut Vm, result: Value, most: usize) -> Result<Option<usize>, Raise> {
    if result.is_none() {
        return Ok(None);
    }
    let n = vm.index(result)?;
    match usize::try_from(n) {
        Ok(n) if n <= most => Ok(Some(n)),
        Ok(_) => Err(vm.raise_os_error(errno::EIO)),
        Err(_) => {
            let number = i32::try_from(n.unsigned_abs()).unwrap_or(errno::EIO);
            Err(vm.raise_os_error(number))
        }
    }
}

fn python_read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let room = ByteArray::new(vm, 0, buf.len())?;
    let n = transferred(vm, this, q::readinto.value(), &[room.value()], buf.len())?;
    for (place, &byte) in buf.iter_mut().zip(room.bytes(vm)) {
        *place = byte;
    }
    Ok(n)
}

fn python_write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    let copy = ByteArray::new(vm, 0, bytes.len())?;
    copy.bytes_mut(vm).copy_from_slice(bytes);
    transferred(vm, this, q::write.value(), &[copy.value()], bytes.len())
}

fn python_seek(vm: &mut Vm, this: Value, offset: i64, whence: Whence) -> Result<u64, Raise> {
    let offset = vm.int_from_i64(offset)?;
    let args = [offset, Value::int(whence as i32)];
    let position = transferred(vm, this, q::seek.value(), &args, usize::MAX)?;
    Ok(position.unwrap_or(0) as u64)
}

/// A class without `ioctl` has nothing to flush or close.
fn python_ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    let argument = vm.int_from_u64(argument as u64)?;
    let args = [Value::int(request as i32), argument];
    match vm.call_python_method(this, q::ioctl.value(), &args)? {
        Some(result) => Ok(count_of(vm, result, usize::MAX)?.unwrap_or(0)),
        None if matches!(request, Ioctl::Flush | Ioctl::Close) => Ok(0),
        None => Err(vm.raise_os_error(errno::EINVAL)),
    }
}
