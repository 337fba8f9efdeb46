//! Files of the host as Python streams: `io.FileIO` and `io.TextIOWrapper`.
//!
//! An object holds the file descriptor as a small int, or -1 once closed. Regular files are read and written with
//! the GIL held, as the page cache answers at once; what may keep a caller waiting (a FIFO, a terminal) is opened
//! without blocking, and looked at again every few milliseconds, without the GIL.
//!
//! Source: Python Library Reference, `open`, "Raw File I/O", "Text I/O".

use crate::posix::masked;
use std::ffi::CString;
use threadsnake_vm::object::{Ioctl, Native, RomType, Str, StrBuilder, StreamSlots, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc, py_type};

/// How long to wait before a file that is not ready is looked at again.
const RETRY_US: u64 = 5_000;

py_type! {
    /// A binary file.
    pub static FILE_IO: FileIO, base OBJECT;
    slots { stream: &BINARY, repr: repr, finalise: finalise, is_final: true }
    entries {}
}

py_type! {
    /// A text file, in UTF-8.
    pub static TEXT_IO: TextIOWrapper, base OBJECT;
    slots { stream: &TEXT, repr: repr, finalise: finalise, is_final: true }
    entries {}
}

static BINARY: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };
static TEXT: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: true };

/// `open(path, mode)` of the host personality. `path` is a `str`, `bytes`, or a file descriptor as an `int`.
///
/// # Errors
/// `OSError` with the host's number, `ValueError` for a mode that is none, `TypeError`.
pub fn open(vm: &mut Vm, path: Value, mode: &str) -> Result<Value, Raise> {
    let Some((flags, is_text)) = flags(mode) else {
        return Err(vm.raise(exc::VALUE_ERROR, "invalid mode"));
    };
    let fd = match path.as_small_int() {
        Some(fd) => i32::try_from(fd).unwrap_or(-1),
        None => {
            let bytes = match Str::from_value(path) {
                Some(text) => text.as_bytes().to_vec(),
                None => return Err(vm.raise(exc::TYPE_ERROR, "can't convert to str")),
            };
            let Ok(path) = CString::new(bytes) else {
                return Err(vm.raise(exc::VALUE_ERROR, "embedded null character"));
            };
            let flags = flags | libc::O_CLOEXEC | libc::O_NONBLOCK;
            // SAFETY: `path` is a terminated string.
            let open = || unsafe { libc::open(path.as_ptr(), flags, 0o644) };
            call(|| open() as isize).map_err(|errno| vm.raise_os_error(errno))? as i32
        }
    };
    let class: &'static RomType = if is_text { &TEXT_IO } else { &FILE_IO };
    match Native::new(vm, class.value(), &[Value::int(fd)]) {
        Ok(file) => {
            vm.register_finaliser(file.value())?;
            Ok(file.value())
        }
        Err(raise) => {
            // SAFETY: nobody else knows the descriptor.
            masked(|| unsafe { libc::close(fd) });
            Err(raise)
        }
    }
}

/// The flags of `open(2)` for a mode, and whether the file is text.
fn flags(mode: &str) -> Option<(libc::c_int, bool)> {
    let (mut access, mut more, mut plus, mut is_text) = (None, 0, false, true);
    for letter in mode.chars() {
        match letter {
            'r' if access.is_none() => access = Some(libc::O_RDONLY),
            'w' if access.is_none() => {
                (access, more) = (Some(libc::O_WRONLY), libc::O_CREAT | libc::O_TRUNC);
            }
            'a' if access.is_none() => {
                (access, more) = (Some(libc::O_WRONLY), libc::O_CREAT | libc::O_APPEND);
            }
            'x' if access.is_none() => {
                (access, more) = (Some(libc::O_WRONLY), libc::O_CREAT | libc::O_EXCL);
            }
            '+' => plus = true,
            'b' => is_text = false,
            't' => is_text = true,
            _ => return None,
        }
    }
    let access = if plus { libc::O_RDWR } else { access? };
    Some((access | more, is_text))
}

/// The file descriptor of an open file.
///
/// # Errors
/// `OSError(EBADF)` for a closed one.
fn descriptor(vm: &mut Vm, file: Value) -> Result<libc::c_int, Raise> {
    let fd = Native::from_known(file).get(vm, 0).as_small_int().unwrap_or(-1);
    if fd < 0 { Err(vm.raise_os_error(libc::EBADF)) } else { Ok(fd as libc::c_int) }
}

/// A system call, repeated while signals break it off; its result, or its error number.
fn call(mut system_call: impl FnMut() -> isize) -> Result<usize, i32> {
    loop {
        let result = masked(|| match system_call() {
            -1 => Err(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO)),
            n => Ok(n.unsigned_abs()),
        });
        if result != Err(libc::EINTR) {
            return result;
        }
    }
}

/// As `call`, for one that may have to wait: without the GIL, and open to interrupts.
fn call_and_wait(vm: &mut Vm, mut system_call: impl FnMut() -> isize) -> Result<usize, Raise> {
    loop {
        match call(&mut system_call) {
            Ok(n) => return Ok(n),
            Err(libc::EAGAIN) => {
                vm.wait_until(Some(RETRY_US), |_| Ok(false))?;
            }
            Err(errno) => return Err(vm.raise_os_error(errno)),
        }
    }
}

fn read(vm: &mut Vm, file: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let fd = descriptor(vm, file)?;
    // SAFETY: the pointer and the length are those of a live slice.
    call_and_wait(vm, || unsafe { libc::read(fd, buf.as_mut_ptr().cast(), buf.len()) }).map(Some)
}

fn write(vm: &mut Vm, file: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    let fd = descriptor(vm, file)?;
    // SAFETY: the pointer and the length are those of a live slice.
    call_and_wait(vm, || unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) }).map(Some)
}

/// Closing and asking for the descriptor; what no request is defined for yet is `EINVAL`.
fn ioctl(vm: &mut Vm, file: Value, request: Ioctl, _: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Flush => Ok(0),
        Ioctl::Close => {
            close(vm, file);
            Ok(0)
        }
        Ioctl::GetFileNo => descriptor(vm, file).map(|fd| fd as usize),
        _ => Err(vm.raise_os_error(libc::EINVAL)),
    }
}

/// Closes the file, if it is open. Standard input, output and error stay open for the process.
fn close(vm: &mut Vm, file: Value) {
    let file = Native::from_known(file);
    let fd = file.get(vm, 0).as_small_int().unwrap_or(-1) as libc::c_int;
    file.set(vm, 0, Value::int(-1));
    if fd > 2 {
        // SAFETY: the descriptor was this file's, which has forgotten it.
        masked(|| unsafe { libc::close(fd) });
    }
}

/// The finaliser.
fn finalise(vm: &mut Vm, file: Value) {
    close(vm, file);
}

fn repr(vm: &mut Vm, file: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let fd = Native::from_known(file).get(vm, 0).as_small_int().unwrap_or(-1);
    let name = vm.type_name(file);
    vm.push_fmt(out, format_args!("<io.{} {fd}>", name.as_str()))
}
