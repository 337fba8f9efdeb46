//! Directories being listed: the iterators that `ilistdir` returns.
//!
//! An object holds the file system, the directory's number there (-1 at the end) and whether names are bytes.

use threadsnake_vm::object::{Native, Res, StrBuilder};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::types::stream::itself;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Vm, py_type};

use crate::filesystem::{Filesystem, raise};
use crate::volume::{DirId, Errno, NAME_MAX, Reply, Request};

py_type! {
    /// The iterator of a directory of a native volume.
    pub static DIR_ITER: ilistdir, base OBJECT;
    slots { iter: itself, next: dir_next, finalise: finalise, is_final: true }
    entries {}
}

/// Word: the file system.
const FILESYSTEM: usize = 0;
/// Word: the directory's number, -1 when closed.
const DIR: usize = 1;
/// Word: `True` where names are bytes.
const AS_BYTES: usize = 2;

/// The iterator of a directory that was just opened. Closes it when there is no memory.
pub fn new(vm: &mut Vm, fs: Filesystem, dir: DirId, as_bytes: bool) -> Res {
    let words = [fs.value(), Value::from_len(dir.0 as usize), Value::bool(as_bytes)];
    let made = match Native::new(vm, DIR_ITER.value(), &words) {
        Ok(object) => vm.register_finaliser(object.value()).map(|()| object.value()),
        Err(raise) => Err(raise),
    };
    made.map_err(|raise| {
        // Closing must not see what was raised, and may raise something itself.
        vm.forget(raise);
        if let Err(fail) = fs.perform(vm, Request::CloseDir { dir }) {
            fail.forget(vm);
        }
        vm.no_memory()
    })
}

/// The file system and the directory's number there, unless it is at its end.
fn open_dir(vm: &Vm, this: Value) -> Option<(Filesystem, DirId)> {
    let native = Native::from_known(this);
    let number = native.get(vm, DIR).as_small_int().and_then(|n| u32::try_from(n).ok())?;
    Some((Filesystem::of(native.get(vm, FILESYSTEM))?, DirId(number)))
}

/// The next `(name, type, inode)`, or `(name, type, inode, size)` where listing tells the size.
fn dir_next(vm: &mut Vm, this: Value) -> Res {
    let Some((fs, dir)) = open_dir(vm, this) else { return Ok(Value::STOP) };
    let mut name = [0; NAME_MAX];
    let entry = match fs.perform(vm, Request::NextEntry { dir, name: &mut name }) {
        Ok(Reply::Entry(Some(entry))) => entry,
        Ok(Reply::Entry(None)) => {
            close(vm, this);
            return Ok(Value::STOP);
        }
        Ok(_) => return Err(raise(vm, Errno::EIO)),
        Err(fail) => return Err(fail.raise(vm)),
    };
    let bytes = &name[..entry.name_len.min(NAME_MAX)];
    let name = if Native::from_known(this).get(vm, AS_BYTES) == Value::TRUE {
        vm.new_bytes(bytes)?
    } else {
        text_of(vm, bytes)?
    };
    let mut items =
        [name, Value::int(entry.kind.mode() as i32), vm.int_from_u64(entry.inode)?, Value::NONE];
    let n = match entry.size {
        Some(size) => {
            items[3] = vm.int_from_u64(size)?;
            4
        }
        None => 3,
    };
    vm.new_tuple(&items[..n])
}

/// A name as text; what is no UTF-8 is replaced.
fn text_of(vm: &mut Vm, name: &[u8]) -> Res {
    if let Ok(text) = core::str::from_utf8(name) {
        return vm.new_str(text);
    }
    let mut out = StrBuilder::new();
    for chunk in name.utf8_chunks() {
        out.push_str(vm, chunk.valid());
        if !chunk.invalid().is_empty() {
            out.push_char(vm, char::REPLACEMENT_CHARACTER);
        }
    }
    out.finish_str(vm)
}

fn close(vm: &mut Vm, this: Value) {
    let open = open_dir(vm, this);
    Native::from_known(this).set(vm, DIR, Value::int(-1));
    if let Some((fs, dir)) = open
        // Nothing was written: there is nothing to lose.
        && let Err(fail) = fs.perform(vm, Request::CloseDir { dir })
    {
        fail.forget(vm);
    }
}

/// The finaliser.
fn finalise(vm: &mut Vm, this: Value) {
    close(vm, this);
}
