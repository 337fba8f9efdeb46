//! Open files of native volumes as Python streams: `FileIO` and `TextIOWrapper`.
//!
//! An object holds the file system, the file's number there (-1 once closed) and, for small reads from a regular
//! file, some bytes read ahead; before anything else is done with the file, the volume's position goes back to
//! where Python thinks it is.
//!
//! Source: Python Library Reference, `open`, "Raw File I/O", "Text I/O".

use threadsnake_vm::object::{
    ByteArray, Ioctl, Native, Res, RomType, StrBuilder, StreamSlots, Style, Whence, poll,
};
use threadsnake_vm::types::stream::{IOBASE, itself, next};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc, py_type};

use crate::filesystem::{Fail, Filesystem, raise};
use crate::volume::{Errno, FileId, OpenMode, Reply, Request};

py_type! {
    /// A binary file.
    pub static FILE_IO: FileIO, base IOBASE;
    slots { repr: repr, iter: itself, next: next, stream: &BINARY, finalise: finalise, is_final: true }
    entries {}
}

py_type! {
    /// A text file, in UTF-8.
    pub static TEXT_IO: TextIOWrapper, base IOBASE;
    slots { repr: repr, iter: itself, next: next, stream: &TEXT, finalise: finalise, is_final: true }
    entries {}
}

static BINARY: StreamSlots = StreamSlots { read, write, seek: Some(seek), ioctl, is_text: false };
static TEXT: StreamSlots = StreamSlots { read, write, seek: Some(seek), ioctl, is_text: true };

/// How many bytes are read ahead.
const AHEAD: usize = 256;
/// How long to wait before a file that is not ready is looked at again.
const RETRY_US: u64 = 5_000;

/// Word: the file system.
const FILESYSTEM: usize = 0;
/// Word: the file's number, -1 when closed.
const FILE: usize = 1;
/// Word: `True` for a file with a position.
const SEEKABLE: usize = 2;
/// Word: the `bytearray` of what was read ahead, `UNDEF` before the first time.
const BUFFER: usize = 3;
/// Words: which part of it is still to be handed out.
const START: usize = 4;
const END: usize = 5;

/// What a mode means, and whether the file is text.
///
/// # Errors
/// `ValueError` for a mode that is none.
pub fn parse_mode(vm: &mut Vm, mode: &str) -> Result<(OpenMode, bool), Raise> {
    let mut open = OpenMode {
        read: false,
        write: false,
        append: false,
        create: false,
        exclusive: false,
        truncate: false,
    };
    let (mut is_text, mut plus, mut kinds) = (true, false, 0);
    for letter in mode.bytes() {
        match letter {
            b'r' => open.read = true,
            b'w' => (open.write, open.create, open.truncate) = (true, true, true),
            b'a' => (open.write, open.create, open.append) = (true, true, true),
            b'x' => (open.write, open.create, open.exclusive) = (true, true, true),
            b'b' => is_text = false,
            b't' => is_text = true,
            b'+' => plus = true,
            _ => kinds = 2,
        }
        kinds += matches!(letter, b'r' | b'w' | b'a' | b'x') as u32;
    }
    if kinds > 1 {
        return Err(vm.raise_fmt(exc::VALUE_ERROR, format_args!("invalid mode: '{mode}'")));
    }
    // Reading is what is meant when nothing is said.
    open.read |= plus || !open.write;
    open.write |= plus;
    Ok((open, is_text))
}

/// An object for a file that is about to be opened, closed so far.
pub fn reserve(vm: &mut Vm, fs: Filesystem, is_text: bool) -> Res {
    let class: &'static RomType = if is_text { &TEXT_IO } else { &FILE_IO };
    let words =
        [fs.value(), Value::int(-1), Value::FALSE, Value::UNDEF, Value::int(0), Value::int(0)];
    let object = Native::new(vm, class.value(), &words)?.value();
    vm.register_finaliser(object)?;
    Ok(object)
}

/// Gives it the file.
pub fn begin(vm: &mut Vm, object: Value, file: FileId, is_seekable: bool) {
    let native = Native::from_known(object);
    native.set(vm, FILE, Value::from_len(file.0 as usize));
    native.set(vm, SEEKABLE, Value::bool(is_seekable));
}

fn word(vm: &Vm, this: Value, i: usize) -> isize {
    Native::from_known(this).get(vm, i).as_small_int().unwrap_or(0)
}

/// True for a file of the host, not of a board's volume.
fn is_hosts(vm: &Vm, this: Value) -> bool {
    let fs = Native::from_known(this).get(vm, FILESYSTEM);
    Filesystem::of(fs).is_some_and(|fs| fs.kind().is_none())
}

/// The number of an open file; for a closed one `ValueError`, on a board `OSError(EINVAL)`.
fn open_number(vm: &mut Vm, this: Value) -> Result<FileId, Raise> {
    match u32::try_from(word(vm, this, FILE)) {
        Ok(id) => Ok(FileId(id)),
        Err(_) if !is_hosts(vm, this) => Err(raise(vm, Errno::EINVAL)),
        Err(_) => Err(vm.raise(exc::VALUE_ERROR, "I/O operation on closed file")),
    }
}

/// The file system and number of an open file; raises for a closed one.
fn open_file(vm: &mut Vm, this: Value) -> Result<(Filesystem, FileId), Raise> {
    let file = open_number(vm, this)?;
    match Filesystem::of(Native::from_known(this).get(vm, FILESYSTEM)) {
        Some(fs) => Ok((fs, file)),
        None => Err(raise(vm, Errno::ENODEV)),
    }
}

/// What was read ahead and not handed out.
fn ahead(vm: &Vm, this: Value) -> (usize, usize) {
    (word(vm, this, START) as usize, word(vm, this, END) as usize)
}

fn set_ahead(vm: &mut Vm, this: Value, start: usize, end: usize) {
    let native = Native::from_known(this);
    native.set(vm, START, Value::from_len(start));
    native.set(vm, END, Value::from_len(end));
}

/// Forgets what was read ahead: the volume's position goes back.
fn drop_ahead(vm: &mut Vm, this: Value) -> Result<(), Raise> {
    let (start, end) = ahead(vm, this);
    if start == end {
        return Ok(());
    }
    let (fs, file) = open_file(vm, this)?;
    set_ahead(vm, this, 0, 0);
    let offset = -((end - start) as i64);
    match fs.perform(vm, Request::Seek { file, offset, whence: Whence::Current }) {
        Ok(_) => Ok(()),
        Err(fail) => Err(fail.raise(vm)),
    }
}

/// Waits a moment for a file that is not ready; open to what is pending.
fn wait(vm: &mut Vm) -> Result<(), Raise> {
    vm.wait_until(Some(RETRY_US), |_| Ok(false)).map(|_| ())
}

fn read_volume(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<usize, Raise> {
    loop {
        let (fs, file) = open_file(vm, this)?;
        match fs.perform(vm, Request::Read { file, buf: &mut *buf }) {
            Ok(Reply::Count(n)) => return Ok(n.min(buf.len())),
            Err(Fail::Errno(Errno::EAGAIN)) => wait(vm)?,
            Err(fail) => return Err(fail.raise(vm)),
            Ok(_) => return Err(raise(vm, Errno::EIO)),
        }
    }
}

fn read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    open_number(vm, this)?;
    let (start, end) = ahead(vm, this);
    if start == end {
        let is_seekable = Native::from_known(this).get(vm, SEEKABLE) == Value::TRUE;
        if buf.len() >= AHEAD || buf.is_empty() || !is_seekable {
            return read_volume(vm, this, buf).map(Some);
        }
        fill_ahead(vm, this)?;
    }
    // Other threads may have read meanwhile.
    let (start, end) = ahead(vm, this);
    let n = buf.len().min(end - start);
    let buffer = Native::from_known(this).get(vm, BUFFER);
    if let Some(buffer) = ByteArray::from_value(buffer) {
        buf[..n].copy_from_slice(&buffer.bytes(vm)[start..start + n]);
    }
    set_ahead(vm, this, start + n, end);
    Ok(Some(n))
}

/// Reads ahead, on the native stack first: another thread may use the buffer while this one waits.
fn fill_ahead(vm: &mut Vm, this: Value) -> Result<(), Raise> {
    let native = Native::from_known(this);
    if native.get(vm, BUFFER).is_undef() {
        let buffer = ByteArray::new(vm, 0, AHEAD)?;
        native.set(vm, BUFFER, buffer.value());
    }
    let mut bytes = [0; AHEAD];
    let n = read_volume(vm, this, &mut bytes)?;
    drop_ahead(vm, this)?;
    if let Some(buffer) = ByteArray::from_value(native.get(vm, BUFFER)) {
        buffer.bytes_mut(vm)[..n].copy_from_slice(&bytes[..n]);
    }
    set_ahead(vm, this, 0, n);
    Ok(())
}

fn write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    drop_ahead(vm, this)?;
    loop {
        let (fs, file) = open_file(vm, this)?;
        match fs.perform(vm, Request::Write { file, data: bytes }) {
            Ok(Reply::Count(n)) => return Ok(Some(n)),
            Err(Fail::Errno(Errno::EAGAIN)) => wait(vm)?,
            Err(fail) => return Err(fail.raise(vm)),
            Ok(_) => return Err(raise(vm, Errno::EIO)),
        }
    }
}

fn seek(vm: &mut Vm, this: Value, offset: i64, whence: Whence) -> Result<u64, Raise> {
    let (fs, file) = open_file(vm, this)?;
    // Asking for the position leaves what was read ahead in its place.
    let is_question = whence == Whence::Current && offset == 0;
    if !is_question {
        drop_ahead(vm, this)?;
    }
    let (start, end) = ahead(vm, this);
    match fs.perform(vm, Request::Seek { file, offset, whence }) {
        Ok(Reply::Position(n)) => Ok(n.saturating_sub((end - start) as u64)),
        Ok(_) => Err(raise(vm, Errno::EIO)),
        Err(fail) => Err(fail.raise(vm)),
    }
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    if request == Ioctl::Close {
        return match close(vm, this) {
            Ok(()) => Ok(0),
            Err(fail) => Err(fail.raise(vm)),
        };
    }
    let (fs, file) = open_file(vm, this)?;
    let answer = match request {
        Ioctl::Flush => fs.perform(vm, Request::Flush { file }),
        Ioctl::GetFileNo => return Ok(file.0 as usize),
        Ioctl::Poll => {
            let (start, end) = ahead(vm, this);
            if start != end && argument & poll::READ != 0 {
                return Ok(argument & (poll::READ | poll::WRITE));
            }
            fs.perform(vm, Request::Poll { file, events: argument })
        }
        _ => Err(Errno::EINVAL.into()),
    };
    match answer {
        Ok(Reply::Count(n)) => Ok(n),
        Ok(_) => Ok(0),
        Err(fail) => Err(fail.raise(vm)),
    }
}

/// Closes the file if it is open.
fn close(vm: &mut Vm, this: Value) -> Result<(), Fail> {
    let file = word(vm, this, FILE);
    let native = Native::from_known(this);
    let fs = Filesystem::of(native.get(vm, FILESYSTEM));
    native.set(vm, FILE, Value::int(-1));
    native.set(vm, BUFFER, Value::UNDEF);
    set_ahead(vm, this, 0, 0);
    let (Ok(file), Some(fs)) = (u32::try_from(file), fs) else { return Ok(()) };
    fs.perform(vm, Request::Close { file: FileId(file) }).map(|_| ())
}

/// The finaliser: an error has nobody to be told to.
fn finalise(vm: &mut Vm, this: Value) {
    if let Err(fail) = close(vm, this) {
        fail.forget(vm);
    }
}

fn repr(vm: &mut Vm, this: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let (name, number) = (vm.type_name(this), word(vm, this, FILE));
    if is_hosts(vm, this) {
        vm.push_fmt(out, format_args!("<io.{} {number}>", name.as_str()));
    } else {
        vm.push_fmt(out, format_args!("<io.{}>", name.as_str()));
    }
    Ok(())
}
