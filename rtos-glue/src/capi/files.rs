//! Files that C offers, as Python streams: read only. What C does not have is looked for in the image's volumes.
//!
//! A stream is two words: C's handle, or -1 once closed, and the VM. C's functions are called without the GIL.

use super::config::Files;
use super::life::{TsVm, rooms};
use threadsnake_vm::host::PathKind;
use threadsnake_vm::object::{Ioctl, Native, RomType, Str, StreamSlots};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc, py_type};

py_type! {
    /// A binary file.
    pub static FILE: FileIO, base OBJECT;
    slots { stream: &BINARY, finalise: close, is_final: true }
    entries {}
}

py_type! {
    /// A text file.
    pub static TEXT_FILE: TextIOWrapper, base OBJECT;
    slots { stream: &TEXT, finalise: close, is_final: true }
    entries {}
}

static BINARY: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };
static TEXT: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: true };

const HANDLE: usize = 0;
const OWNER: usize = 1;

const ENOENT: i32 = 2;
const EBADF: i32 = 9;
const EINVAL: i32 = 22;
const EROFS: i32 = 30;
/// The largest handle: a small int on every target.
const MAX_HANDLE: i32 = (1 << 30) - 1;
/// The longest path.
const PATH_BYTES: usize = 256;

fn files(owner: &'static TsVm) -> Option<&'static Files> {
    // SAFETY: the header asks for a structure that lives as long as the VM.
    unsafe { owner.config().files.as_ref() }
}

/// What a path is, for `import`.
pub fn import_stat(vm: &mut Vm, owner: &'static TsVm, path: &str) -> Result<PathKind, Raise> {
    match (stat(vm, owner, path), rooms().import_stat) {
        (PathKind::Missing, Some(import_stat)) => import_stat(vm, path),
        (found, _) => Ok(found),
    }
}

/// What a path is among C's files.
fn stat(vm: &mut Vm, owner: &'static TsVm, path: &str) -> PathKind {
    let Some(stat) = files(owner).and_then(|files| files.stat) else { return PathKind::Missing };
    let found =
        with_path(vm, path, |path| stat(owner.config().context, path.as_ptr().cast(), path.len()));
    match found {
        Some(1) => PathKind::File,
        Some(2) => PathKind::Dir,
        _ => PathKind::Missing,
    }
}

/// Calls `f` without the GIL with a copy of the path, because no text of the heap may be used then; `None` if it is too long.
fn with_path<R: Send>(vm: &mut Vm, path: &str, f: impl FnOnce(&[u8]) -> R + Send) -> Option<R> {
    let mut copy = [0; PATH_BYTES];
    copy.get_mut(..path.len())?.copy_from_slice(path.as_bytes());
    let len = path.len();
    Some(vm.unlocked(move |_| f(&copy[..len])))
}

/// `open(path, mode)`.
pub fn open(vm: &mut Vm, owner: &'static TsVm, path: Value, mode: &str) -> Result<Value, Raise> {
    if let Some(open) = rooms().open {
        let text = Str::from_value(path);
        let is_ours = text.is_some_and(|text| stat(vm, owner, text.as_str()) != PathKind::Missing);
        if !is_ours {
            return open(vm, path, mode);
        }
    }
    let class: &'static RomType = match mode {
        "r" | "rt" => &TEXT_FILE,
        "rb" => &FILE,
        _ => return Err(vm.raise_os_error(EROFS)),
    };
    let Some(path) = Str::from_value(path) else {
        return Err(vm.raise(exc::TYPE_ERROR, "can't convert to str"));
    };
    let Some(open) = files(owner).and_then(|files| files.open) else {
        return Err(vm.raise_os_error(ENOENT));
    };
    let handle = with_path(vm, path.as_str(), |path| {
        open(owner.config().context, path.as_ptr().cast(), path.len())
    });
    let handle = match handle {
        None => return Err(vm.raise_os_error(ENOENT)),
        Some(number) if number < 0 => return Err(vm.raise_os_error(-number)),
        Some(handle) => handle.min(MAX_HANDLE),
    };
    let owner_word = Value::from_even(core::ptr::from_ref(owner).expose_provenance());
    let file = Native::new(vm, class.value(), &[Value::int(handle), owner_word])
        .and_then(|file| vm.register_finaliser(file.value()).map(|()| file.value()));
    if file.is_err()
        && let Some(close) = files(owner).and_then(|files| files.close)
    {
        close(owner.config().context, handle);
    }
    file
}

/// The VM, C's functions and the handle of an open file.
fn parts(vm: &mut Vm, file: Value) -> Result<(&'static TsVm, &'static Files, i32), Raise> {
    let (owner, handle) = words(vm, file);
    match files(owner) {
        Some(files) if handle >= 0 => Ok((owner, files, handle)),
        _ => Err(vm.raise_os_error(EBADF)),
    }
}

fn words(vm: &Vm, file: Value) -> (&'static TsVm, i32) {
    let file = Native::from_known(file);
    let handle = file.get(vm, HANDLE).as_small_int().unwrap_or(-1);
    let address = file.get(vm, OWNER).as_even();
    // SAFETY: `open` stored the address of this VM, which lives while its code runs.
    let owner: &'static TsVm = unsafe { &*core::ptr::with_exposed_provenance::<TsVm>(address) };
    (owner, handle as i32)
}

fn read(vm: &mut Vm, file: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let (owner, files, handle) = parts(vm, file)?;
    let Some(read) = files.read else { return Err(vm.raise_os_error(EINVAL)) };
    let n = vm.unlocked(move |_| {
        read(owner.config().context, handle, buf.as_mut_ptr(), buf.len()).min(buf.len() as i32)
    });
    match usize::try_from(n) {
        Ok(n) => Ok(Some(n)),
        Err(_) => Err(vm.raise_os_error(-n)),
    }
}

fn write(vm: &mut Vm, _: Value, _: &[u8]) -> Result<Option<usize>, Raise> {
    Err(vm.raise_os_error(EBADF))
}

fn ioctl(vm: &mut Vm, file: Value, request: Ioctl, _: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Flush => Ok(0),
        Ioctl::Close => {
            close(vm, file);
            Ok(0)
        }
        _ => Err(vm.raise_os_error(EINVAL)),
    }
}

/// Closes the file, if it is open.
fn close(vm: &mut Vm, file: Value) {
    let (owner, handle) = words(vm, file);
    Native::from_known(file).set(vm, HANDLE, Value::int(-1));
    if let Some(close) = files(owner).and_then(|files| files.close)
        && handle >= 0
    {
        vm.unlocked(move |_| close(owner.config().context, handle));
    }
}
