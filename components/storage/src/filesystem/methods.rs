//! The methods of file systems: what `os` and `open` call with a path that is theirs.

use threadsnake_vm::object::{Res, StrBuilder, Style};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm};

use super::{
    CURRENT, Fail, Filesystem, READ_ONLY, ROOT, SLOT, adopt, push_current_dir, push_resolved, raise,
};
use crate::dir;
use crate::os::int_tuple;
use crate::table::path_arg;
use crate::volume::{EntryKind, Errno, NAME_MAX, Reply, Request, Stat, VolumeStat};

pub(super) fn fs_repr(
    vm: &mut Vm,
    this: Value,
    out: &mut StrBuilder,
    _: Style,
) -> Result<(), Raise> {
    let name = vm.type_name(this);
    vm.push_fmt(out, format_args!("<{}>", name.as_str()));
    Ok(())
}

/// The file system that `self` is; methods are only found on one.
fn this_fs(vm: &mut Vm, this: Value) -> Result<Filesystem, Raise> {
    match Filesystem::of(this) {
        Some(fs) => Ok(fs),
        None => Err(raise(vm, Errno::EINVAL)),
    }
}

/// Asks for something that answers nothing.
fn simple(
    vm: &mut Vm,
    this: Value,
    path: Value,
    request: impl for<'a> FnOnce(&'a str) -> Request<'a>,
) -> Res {
    let fs = this_fs(vm, this)?;
    let path = path_arg(vm, path)?;
    match fs.ask(vm, path.as_str(), true, request) {
        Ok(_) => Ok(Value::NONE),
        Err(fail) => Err(fail.raise(vm)),
    }
}

/// `mount(readonly, mkfs)`: with `mkfs` a device without a file system gets one.
pub(super) fn fs_mount(vm: &mut Vm, this: Value, read_only: Value, mkfs: Value) -> Res {
    let fs = this_fs(vm, this)?;
    let (read_only, mkfs) = (vm.truth(read_only)?, vm.truth(mkfs)?);
    let looked = match fs.kind() {
        // The host's files are there.
        None if mkfs => Err(Errno::EPERM.into()),
        None => Ok(()),
        Some(_) => match fs.look(vm) {
            Err(Fail::Errno(Errno::ENODEV)) if mkfs => fs.format(vm).and_then(|()| fs.look(vm)),
            other => other,
        },
    };
    if let Err(fail) = looked {
        return Err(fail.raise(vm));
    }
    fs.0.set(vm, READ_ONLY, Value::bool(read_only));
    Ok(Value::NONE)
}

/// `umount()`: what was written is safe afterwards; files that are open stay so, until they are closed.
pub(super) fn fs_umount(vm: &mut Vm, this: Value) -> Res {
    let fs = this_fs(vm, this)?;
    if fs.volume(vm).is_none() && fs.0.get(vm, SLOT) == Value::int(-1) {
        return Ok(Value::NONE);
    }
    let synced = fs.perform(vm, Request::Sync);
    if fs.volume(vm).is_none() {
        fs.end(vm);
    }
    match synced {
        Ok(_) | Err(Fail::Errno(Errno::ENOSYS)) => Ok(Value::NONE),
        Err(fail) => Err(fail.raise(vm)),
    }
}

pub(super) fn fs_open(vm: &mut Vm, this: Value, path: Value, mode: Value) -> Res {
    let fs = this_fs(vm, this)?;
    if let Some(number) = path.as_small_int() {
        let mode = path_arg(vm, mode)?;
        return adopt(vm, i32::try_from(number).unwrap_or(-1), mode.as_str());
    }
    let (path, mode) = (path_arg(vm, path)?, path_arg(vm, mode)?);
    fs.open(vm, path.as_str(), mode.as_str())
}

/// `ilistdir([path])`: an iterator of `(name, type, inode[, size])`; names are bytes where the path is.
pub(super) fn fs_ilistdir(vm: &mut Vm, args: &[Value]) -> Res {
    let fs = this_fs(vm, args[0])?;
    let path = args.get(1).copied().unwrap_or(q::EMPTY.value());
    let as_bytes = !path.is_kind(threadsnake_vm::value::Kind::Str);
    let path = path_arg(vm, path)?;
    let text = match path.as_str() {
        "" => ".",
        text => text,
    };
    match fs.ask_twice(vm, text, false, |path| Request::OpenDir { path }) {
        Ok(Reply::Dir(id)) => dir::new(vm, fs, id, as_bytes),
        Ok(_) => Err(raise(vm, Errno::EIO)),
        Err(fail) => Err(fail.raise(vm)),
    }
}

pub(super) fn fs_chdir(vm: &mut Vm, this: Value, path: Value) -> Res {
    let fs = this_fs(vm, this)?;
    let path = path_arg(vm, path)?;
    if fs.has_current_dir(vm) {
        return match fs.ask(vm, path.as_str(), false, |path| Request::ChangeDir { path }) {
            Ok(_) => Ok(Value::NONE),
            Err(fail) => Err(fail.raise(vm)),
        };
    }
    match fs.stat(vm, path.as_str()) {
        Ok(stat) if stat.mode & 0xf000 == EntryKind::Directory.mode() => {}
        // As the file systems of a board have always said it.
        Ok(_) if fs.kind().is_some() => return Err(raise(vm, Errno::ENOENT)),
        Ok(_) => return Err(raise(vm, Errno::ENOTDIR)),
        Err(fail) => return Err(fail.raise(vm)),
    }
    let current = fs.text(vm, CURRENT);
    let mut new = StrBuilder::new();
    push_resolved(vm, &mut new, 0, current.as_str(), path.as_str())?;
    let new = new.finish_str(vm)?;
    fs.0.set(vm, CURRENT, new);
    Ok(Value::NONE)
}

pub(super) fn fs_getcwd(vm: &mut Vm, this: Value) -> Res {
    let fs = this_fs(vm, this)?;
    let mut out = StrBuilder::new();
    match fs.volume(vm) {
        Some(volume) if volume.has_current_dir() => {
            push_current_dir(vm, &mut out, volume)?;
            let root = fs.text(vm, ROOT);
            let below = match out.as_bytes().strip_prefix(root.as_bytes()) {
                Some(below) if below.is_empty() || below[0] == b'/' => root.byte_len(),
                _ => 0,
            };
            if below > 0 {
                let text = core::str::from_utf8(&out.as_bytes()[below..]).unwrap_or_default();
                return if text.is_empty() { Ok(q::SLASH.value()) } else { vm.new_str(text) };
            }
        }
        _ => {
            let current = fs.text(vm, CURRENT);
            if current.byte_len() > 0 {
                return Ok(current.value());
            }
            return Ok(q::SLASH.value());
        }
    }
    out.finish_str(vm)
}

pub(super) fn fs_mkdir(vm: &mut Vm, this: Value, path: Value) -> Res {
    simple(vm, this, path, |path| Request::MakeDir { path })
}

pub(super) fn fs_rmdir(vm: &mut Vm, this: Value, path: Value) -> Res {
    simple(vm, this, path, |path| Request::RemoveDir { path })
}

pub(super) fn fs_remove(vm: &mut Vm, this: Value, path: Value) -> Res {
    simple(vm, this, path, |path| Request::Remove { path })
}

pub(super) fn fs_rename(vm: &mut Vm, this: Value, from: Value, to: Value) -> Res {
    let fs = this_fs(vm, this)?;
    let (from, to) = (path_arg(vm, from)?, path_arg(vm, to)?);
    if fs.is_read_only(vm) {
        return Err(raise(vm, Errno::EROFS));
    }
    let result = fs.with_path(vm, from.as_str(), |vm, from| {
        fs.with_path(vm, to.as_str(), |vm, to| fs.perform(vm, Request::Rename { from, to }))
    });
    match result {
        Ok(_) => Ok(Value::NONE),
        Err(fail) => Err(fail.raise(vm)),
    }
}

/// `stat(path)`: as `os.stat`.
pub(super) fn fs_stat(vm: &mut Vm, this: Value, path: Value) -> Res {
    let fs = this_fs(vm, this)?;
    let path = path_arg(vm, path)?;
    match fs.stat(vm, path.as_str()) {
        Ok(stat) => stat_tuple(vm, &stat),
        Err(fail) => Err(fail.raise(vm)),
    }
}

/// `statvfs(path)`: as `os.statvfs`.
pub(super) fn fs_statvfs(vm: &mut Vm, this: Value, path: Value) -> Res {
    let fs = this_fs(vm, this)?;
    let path = path_arg(vm, path)?;
    match fs.ask(vm, path.as_str(), false, |path| Request::VolumeStat { path }) {
        Ok(Reply::VolumeStat(stat)) => volume_stat_tuple(vm, &stat),
        Ok(_) => Err(raise(vm, Errno::EIO)),
        Err(fail) => Err(fail.raise(vm)),
    }
}

/// The ten items of `os.stat`; times count from the epoch of `time.time()`.
fn stat_tuple(vm: &mut Vm, stat: &Stat) -> Res {
    let epoch = vm.host().epoch_offset_s();
    let [accessed, modified, changed] = stat.times.map(|t| t.saturating_sub(epoch));
    let items = [
        stat.mode as u64,
        stat.inode,
        stat.device,
        stat.links,
        stat.user as u64,
        stat.group as u64,
        stat.size,
        accessed,
        modified,
        changed,
    ];
    int_tuple(vm, &items)
}

/// The ten items of `os.statvfs`.
fn volume_stat_tuple(vm: &mut Vm, stat: &VolumeStat) -> Res {
    let ([b, b_free, b_avail], [f, f_free, f_avail]) = (stat.blocks, stat.files);
    let name_max = if stat.name_max == 0 { NAME_MAX as u64 } else { stat.name_max };
    let items = [
        stat.block_size,
        stat.fragment_size,
        b,
        b_free,
        b_avail,
        f,
        f_free,
        f_avail,
        stat.flags,
        name_max,
    ];
    int_tuple(vm, &items)
}
