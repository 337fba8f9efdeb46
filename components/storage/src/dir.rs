//! Directories being listed: the iterators that `ilistdir` returns.
//!
//! An object holds the volume's number, the directory's number there (-1 at the end) and whether names are bytes.

use threadsnake_vm::object::{Native, Res, StrBuilder};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::types::stream::itself;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Vm, py_type};

use crate::filesystem::{perform, raise};
use crate::volume::{DirId, Errno, NAME_MAX, Reply, Request, registered};

py_type! {
    /// The iterator of a directory of a native volume.
    pub static DIR_ITER: ilistdir, base OBJECT;
    slots { iter: itself, next: dir_next, finalise: finalise, is_final: true }
    entries {}
}

/// Word: the volume's number.
const VOLUME: usize = 0;
/// Word: the directory's number, -1 when closed.
const DIR: usize = 1;
/// Word: `True` where names are bytes.
const AS_BYTES: usize = 2;

/// The iterator of a directory that was just opened. Closes it when there is no memory.
pub fn new(vm: &mut Vm, number: usize, dir: DirId, as_bytes: bool) -> Res {
    let words = [Value::from_len(number), Value::from_len(dir.0 as usize), Value::bool(as_bytes)];
    let made = match Native::new(vm, DIR_ITER.value(), &words) {
        Ok(object) => vm.register_finaliser(object.value()).map(|()| object.value()),
        Err(raise) => Err(raise),
    };
    if made.is_err()
        && let Some(r) = registered(number)
    {
        let _ = perform(vm, r.volume, Request::CloseDir { dir });
    }
    made
}

fn word(vm: &Vm, this: Value, i: usize) -> isize {
    Native::from_known(this).get(vm, i).as_small_int().unwrap_or(-1)
}

/// The next `(name, type, inode)`, or `(name, type, inode, size)` where listing tells the size.
fn dir_next(vm: &mut Vm, this: Value) -> Res {
    let (number, dir) = (word(vm, this, VOLUME), word(vm, this, DIR));
    let (Ok(dir), Some(r)) = (u32::try_from(dir), registered(number as usize)) else {
        return Ok(Value::STOP);
    };
    let mut name = [0; NAME_MAX];
    let request = Request::NextEntry { dir: DirId(dir), name: &mut name };
    let entry = match perform(vm, r.volume, request) {
        Ok(Reply::Entry(Some(entry))) => entry,
        Ok(Reply::Entry(None)) => {
            close(vm, this);
            return Ok(Value::STOP);
        }
        Ok(_) => return Err(raise(vm, Errno::EIO)),
        Err(errno) => return Err(raise(vm, errno)),
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
        out.push_str(vm, chunk.valid())?;
        if !chunk.invalid().is_empty() {
            out.push_char(vm, char::REPLACEMENT_CHARACTER)?;
        }
    }
    out.finish_str(vm)
}

fn close(vm: &mut Vm, this: Value) {
    let (number, dir) = (word(vm, this, VOLUME), word(vm, this, DIR));
    Native::from_known(this).set(vm, DIR, Value::int(-1));
    if let (Ok(dir), Some(r)) = (u32::try_from(dir), registered(number as usize)) {
        // Nothing was written: there is nothing to lose.
        let _ = perform(vm, r.volume, Request::CloseDir { dir: DirId(dir) });
    }
}

/// The finaliser.
fn finalise(vm: &mut Vm, this: Value) {
    close(vm, this);
}
