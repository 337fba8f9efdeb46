//! `io.StringIO` and `io.BytesIO`: streams in memory.
//!
//! An object holds what it was made with until the first write, then a `bytearray` of its own; nothing once closed.
//! The position may lie beyond the end: a write there fills the gap with zeros.
//!
//! Source: Python Library Reference, "io.BytesIO", "io.StringIO"; MicroPython library reference, "io".

use crate::object::{
    Args, Blob, ByteArray, Flavor, Ioctl, Native, Res, StrBuilder, StreamSlots, Style, Whence, poll,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

use super::stream::{IOBASE, errno, itself, next};

py_type! {
    /// `io.StringIO([initial_value])`, `io.StringIO(alloc_size)`.
    pub static STRINGIO: StringIO, base IOBASE;
    slots { new: memory_new, repr: memory_repr, iter: itself, next: next, stream: &TEXT }
    entries { getvalue = F1(memory_getvalue); }
}

py_type! {
    /// `io.BytesIO([initial_bytes])`, `io.BytesIO(alloc_size)`.
    pub static BYTESIO: BytesIO, base IOBASE;
    slots { new: memory_new, repr: memory_repr, iter: itself, next: next, stream: &BINARY }
    entries { getvalue = F1(memory_getvalue); }
}

static TEXT: StreamSlots = slots(true);
static BINARY: StreamSlots = slots(false);

const fn slots(is_text: bool) -> StreamSlots {
    StreamSlots { read, write, seek: Some(seek), ioctl, is_text }
}

/// Word: the `str`, `bytes` or `bytearray` with the contents, `UNDEF` when closed.
const CONTENTS: usize = 0;
/// Word: the position in bytes.
const POSITION: usize = 1;

fn memory_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let given = match (args.pos.first(), args.values.first()) {
        (Some(&v), _) | (None, Some(&v)) => v,
        (None, None) => Value::int(0),
    };
    let part = vm.native_part(given);
    let contents = if given.is_small_int() {
        let size = vm.index(given)?;
        let Ok(size) = usize::try_from(size) else { return Err(vm.no_memory()) };
        // Room in advance, so that later writes need no memory.
        let array = ByteArray::new(vm, 0, size)?;
        array.set_length(vm, 0);
        array.value()
    } else if matches!(part.kind(), Some(Kind::Str | Kind::Bytes)) {
        part
    } else if given.is_none() && class == STRINGIO.value() {
        q::EMPTY.value()
    } else {
        vm.expect_bytes(given)?.copy(vm, Flavor::ByteArray, 0, usize::MAX)?
    };
    Ok(Native::new(vm, class, &[contents, Value::int(0)])?.value())
}

/// Contents and position of an open stream.
fn state(vm: &mut Vm, this: Value) -> Result<(Blob, usize), Raise> {
    let native = Native::from_known(this);
    let position = native.get(vm, POSITION).known_int() as usize;
    match Blob::of(vm, native.get(vm, CONTENTS)) {
        Some(contents) => Ok((contents, position)),
        None => Err(vm.raise(exc::VALUE_ERROR, "I/O operation on closed file")),
    }
}

fn set_position(vm: &mut Vm, this: Value, position: usize) {
    Native::from_known(this).set(vm, POSITION, Value::from_len(position));
}

fn read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let (contents, position) = state(vm, this)?;
    let rest = contents.between(vm, position, usize::MAX);
    let n = rest.len().min(buf.len());
    buf[..n].copy_from_slice(&rest[..n]);
    set_position(vm, this, position + n);
    Ok(Some(n))
}

fn write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    let (contents, position) = state(vm, this)?;
    let mut contents = contents.value();
    if !contents.is_kind(Kind::ByteArray) {
        contents = Blob::from_known(contents).copy(vm, Flavor::ByteArray, 0, usize::MAX)?;
        Native::from_known(this).set(vm, CONTENTS, contents);
    }
    let array = ByteArray::from_known(contents);
    let Some(end) = position.checked_add(bytes.len()).filter(|&end| end < u32::MAX as usize) else {
        return Err(vm.no_memory());
    };
    if end > array.bytes(vm).len() {
        array.resize(vm, end)?;
    }
    array.bytes_mut(vm)[position..end].copy_from_slice(bytes);
    set_position(vm, this, end);
    Ok(Some(bytes.len()))
}

/// A position before the start becomes the start.
fn seek(vm: &mut Vm, this: Value, offset: i64, whence: Whence) -> Result<u64, Raise> {
    let (contents, position) = state(vm, this)?;
    let base = match whence {
        Whence::Start => 0,
        Whence::Current => position,
        Whence::End => contents.len(vm),
    };
    let target = (base as i64).saturating_add(offset).max(0);
    match i32::try_from(target) {
        Ok(target) => {
            set_position(vm, this, target as usize);
            Ok(target as u64)
        }
        Err(_) => Err(vm.raise_os_error(errno::EINVAL)),
    }
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Close => {
            Native::from_known(this).set(vm, CONTENTS, Value::UNDEF);
            Ok(0)
        }
        Ioctl::Flush => state(vm, this).map(|_| 0),
        Ioctl::Poll => Ok(argument & (poll::READ | poll::WRITE)),
        _ => Err(vm.raise_os_error(errno::EINVAL)),
    }
}

/// `getvalue()`: all contents, whatever the position.
fn memory_getvalue(vm: &mut Vm, this: Value) -> Res {
    let (contents, _) = state(vm, this)?;
    let is_text = Native::from_known(this).class() == STRINGIO.value();
    let flavor = if is_text { Flavor::Str } else { Flavor::Bytes };
    if contents.flavor() == flavor {
        return Ok(contents.value());
    }
    contents.copy(vm, flavor, 0, usize::MAX)
}

fn memory_repr(vm: &mut Vm, this: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let name = vm.type_name(this).value();
    vm.push_parts(out, b"<io.% @>", &[name, this])
}
