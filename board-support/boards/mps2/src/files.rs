//! The host's files, through semihosting, as Python streams: so that tests can import, and work on a script needs
//! no copying. Only where the command line names a folder; without it the board has no files.
//!
//! A path is taken below that folder, with or without a leading `/`. An object holds the host's number of the file,
//! or -1 once closed; the host keeps the position.
//!
//! Source: Python Library Reference, `open`, "Raw File I/O", "Text I/O".

use core::ffi::CStr;

use threadsnake_vm::host::PathKind;
use threadsnake_vm::modules::sys::SYS;
use threadsnake_vm::object::{Ioctl, Native, RomType, Str, StrBuilder, StreamSlots, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

use crate::options;
use crate::semihost::{Errno, File};

/// The longest path on the host, its end included.
const PATH_BYTES: usize = 512;

const ENOENT: i32 = 2;
const EBADF: i32 = 9;
const EINVAL: i32 = 22;
const ENAMETOOLONG: i32 = 36;

py_type! {
    /// A binary file.
    pub static FILE_IO: FileIO, base OBJECT;
    slots { stream: &BINARY, repr: repr, finalise: close, is_final: true }
    entries {}
}

py_type! {
    /// A text file, in UTF-8.
    pub static TEXT_IO: TextIOWrapper, base OBJECT;
    slots { stream: &TEXT, repr: repr, finalise: close, is_final: true }
    entries {}
}

static BINARY: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };
static TEXT: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: true };

/// Sets `sys.path` to the root folder and `/lib`; also without files, because tools take the former out.
///
/// # Errors
/// `MemoryError`.
pub fn set_path(vm: &mut Vm) -> Result<(), Raise> {
    let path = vm.new_list()?;
    for folder in ["", "/lib"] {
        let folder = vm.new_str(folder)?;
        path.push(vm, folder)?;
    }
    vm.set_attr(SYS.value(), q::path.value(), path.value())
}

/// What `path` names.
pub fn kind(path: &str) -> PathKind {
    // A folder can be entered; a file that can be opened and not entered is a file.
    let opens = |end| host_open(path, end, 0).map(File::close).is_ok();
    match (opens("/."), opens("")) {
        (true, _) => PathKind::Dir,
        (_, true) => PathKind::File,
        _ => PathKind::Missing,
    }
}

/// Opens `path` followed by `end` on the host.
fn host_open(path: &str, end: &str, mode: usize) -> Result<File, Errno> {
    let root = options::get().files.ok_or(Errno(ENOENT))?;
    let mut whole = [0; PATH_BYTES];
    let mut at = 0;
    for part in [root, "/", path, end] {
        let room = whole.get_mut(at..at + part.len()).ok_or(Errno(ENAMETOOLONG))?;
        room.copy_from_slice(part.as_bytes());
        at += part.len();
    }
    let whole = CStr::from_bytes_until_nul(&whole).map_err(|_| Errno(ENAMETOOLONG))?;
    File::open(whole, mode)
}

/// `open(path, mode)`.
///
/// # Errors
/// `OSError` with the host's number, `ValueError` for a mode that is none, `TypeError` for a path that is none.
pub fn open(vm: &mut Vm, path: Value, mode: &str) -> Result<Value, Raise> {
    let Some((host_mode, is_text)) = host_mode(mode) else {
        return Err(vm.raise(exc::VALUE_ERROR, "invalid mode"));
    };
    let Some(path) = Str::from_value(path) else {
        return Err(vm.raise(exc::TYPE_ERROR, "can't convert to str"));
    };
    if path.as_bytes().contains(&0) {
        return Err(vm.raise(exc::VALUE_ERROR, "embedded null character"));
    }
    let file = match host_open(path.as_str(), "", host_mode) {
        Ok(file) => file,
        Err(Errno(number)) => return Err(vm.raise_os_error(number)),
    };
    let class: &'static RomType = if is_text { &TEXT_IO } else { &FILE_IO };
    match Native::new(vm, class.value(), &[Value::int(file.number() as i32)]) {
        Ok(object) => {
            vm.register_finaliser(object.value())?;
            Ok(object.value())
        }
        Err(raise) => {
            file.close();
            Err(raise)
        }
    }
}

/// The host's number of a mode, and whether the file is text.
fn host_mode(mode: &str) -> Option<(usize, bool)> {
    let (mut access, mut plus, mut text) = (None, 0, None);
    for letter in mode.chars() {
        match letter {
            'r' | 'w' | 'a' if access.is_none() => access = "rwa".find(letter),
            '+' if plus == 0 => plus = 2,
            'b' | 't' if text.is_none() => text = Some(letter == 't'),
            _ => return None,
        }
    }
    // The host's file is binary in either case: it changes no line ends.
    Some((4 * access? + plus + 1, text.unwrap_or(true)))
}

/// The open file of an object.
///
/// # Errors
/// `OSError(EBADF)` for a closed one.
fn opened(vm: &mut Vm, object: Value) -> Result<File, Raise> {
    let number = Native::from_known(object).get(vm, 0).as_small_int().unwrap_or(-1);
    match usize::try_from(number) {
        Ok(number) => Ok(File::from_number(number)),
        Err(_) => Err(vm.raise_os_error(EBADF)),
    }
}

fn read(vm: &mut Vm, object: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    opened(vm, object).map(|file| Some(file.read(buf)))
}

fn write(vm: &mut Vm, object: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    match opened(vm, object)?.write(bytes) {
        0 if !bytes.is_empty() => Err(vm.raise_os_error(EBADF)),
        n => Ok(Some(n)),
    }
}

fn ioctl(vm: &mut Vm, object: Value, request: Ioctl, _: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Flush => Ok(0),
        Ioctl::Close => {
            close(vm, object);
            Ok(0)
        }
        _ => Err(vm.raise_os_error(EINVAL)),
    }
}

/// Closes the file, if it is open; also the finaliser.
fn close(vm: &mut Vm, object: Value) {
    let object = Native::from_known(object);
    let number = object.get(vm, 0).as_small_int().unwrap_or(-1);
    object.set(vm, 0, Value::int(-1));
    if let Ok(number) = usize::try_from(number) {
        File::from_number(number).close();
    }
}

fn repr(vm: &mut Vm, object: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let number = Native::from_known(object).get(vm, 0).as_small_int().unwrap_or(-1);
    let name = vm.type_name(object);
    vm.push_fmt(out, format_args!("<io.{} {number}>", name.as_str()))
}
