//! A native volume as a Python object: what `vfs.mount` mounts, `VfsPosix` among them.
//!
//! An object holds the volume's number, the directory of the volume that is its root, its own current directory (where
//! the volume has none) and whether it may be written.
//!
//! Source: MicroPython library reference, "vfs", "os".

use threadsnake_vm::object::{Args, Native, Res, RomType, Str, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, py_type};

use crate::path::{Step, resolve};
use crate::table::path_arg;
use crate::volume::{
    EntryKind, Errno, NAME_MAX, Reply, Request, Stat, Volume, VolumeStat, registered,
};
use crate::{dir, file};

py_type! {
    /// `vfs.VfsPosix([root])`: the files of the host.
    pub static VFS_POSIX: VfsPosix, base OBJECT;
    slots { new: posix_new, repr: fs_repr, is_final: true }
    entries {
        mount = F3(fs_mount);
        umount = F1(fs_umount);
        open = F3(fs_open);
        ilistdir = Var(1, 2, fs_ilistdir);
        chdir = F2(fs_chdir);
        getcwd = F1(fs_getcwd);
        mkdir = F2(fs_mkdir);
        rmdir = F2(fs_rmdir);
        remove = F2(fs_remove);
        rename = F3(fs_rename);
        stat = F2(fs_stat);
        statvfs = F2(fs_statvfs);
    }
}

/// The types of native file systems.
static TYPES: [&RomType; 1] = [&VFS_POSIX];

/// Word: the volume's number.
const VOLUME: usize = 0;
/// Word: the root, `""` or an absolute path in the volume without a slash at its end.
const ROOT: usize = 1;
/// Word: the current directory, likewise, below the root.
const CURRENT: usize = 2;
/// Word: `True` if it must not be written.
const READ_ONLY: usize = 3;

/// The longest path that a volume's current directory may have.
const PATH_MAX: usize = 256;

/// Asks a volume, without the GIL.
pub fn perform(
    vm: &mut Vm,
    volume: &'static dyn Volume,
    request: Request<'_>,
) -> Result<Reply, Errno> {
    vm.unlocked(|_| volume.perform(request))
}

/// `OSError` with that number.
pub fn raise(vm: &mut Vm, errno: Errno) -> Raise {
    vm.raise_os_error(errno.0)
}

/// A file system object.
#[derive(Clone, Copy)]
pub struct Filesystem(Native);

impl Filesystem {
    /// The object over a registered volume, whole.
    pub fn new(vm: &mut Vm, number: usize, class: &'static RomType) -> Result<Self, Raise> {
        Self::with_root(vm, number, class, q::EMPTY.value())
    }

    fn with_root(
        vm: &mut Vm,
        number: usize,
        class: &'static RomType,
        root: Value,
    ) -> Result<Self, Raise> {
        let words = [Value::from_len(number), root, q::EMPTY.value(), Value::FALSE];
        Ok(Filesystem(Native::new(vm, class.value(), &words)?))
    }

    /// The native file system that a value is, if it is one.
    pub fn of(v: Value) -> Option<Self> {
        let native = Native::from_value(v)?;
        let is_one = TYPES.iter().any(|t| t.value() == native.class());
        if is_one { Some(Filesystem(native)) } else { None }
    }

    /// The object.
    pub fn value(self) -> Value {
        self.0.value()
    }

    /// The volume's number.
    fn number(self, vm: &Vm) -> usize {
        self.0.get(vm, VOLUME).as_small_int().unwrap_or(-1) as usize
    }

    /// The volume.
    pub fn volume(self, vm: &Vm) -> Option<&'static dyn Volume> {
        registered(self.number(vm)).map(|r| r.volume)
    }

    fn is_read_only(self, vm: &Vm) -> bool {
        self.0.get(vm, READ_ONLY) == Value::TRUE
    }

    fn text(self, vm: &Vm, word: usize) -> Str {
        Str::from_known(self.0.get(vm, word))
    }

    /// Calls `f` with the volume and a path as the volume knows it.
    fn with_path<R>(
        self,
        vm: &mut Vm,
        path: &str,
        f: impl FnOnce(&mut Vm, &'static dyn Volume, &str) -> Result<R, Errno>,
    ) -> Result<R, Errno> {
        let Some(volume) = self.volume(vm) else { return Err(Errno::ENODEV) };
        let root = self.text(vm, ROOT);
        if volume.has_current_dir() && (root.byte_len() == 0 || !path.starts_with('/')) {
            return f(vm, volume, path);
        }
        let mut full = StrBuilder::new();
        let built = self.build(vm, &mut full, path);
        let result = match (built, core::str::from_utf8(full.as_bytes())) {
            (Ok(()), Ok(text)) => f(vm, volume, text),
            (Err(raise), _) => {
                vm.forget(raise);
                Err(Errno::ENOMEM)
            }
            (_, Err(_)) => Err(Errno::EINVAL),
        };
        full.discard(vm);
        result
    }

    fn build(self, vm: &mut Vm, full: &mut StrBuilder, path: &str) -> Result<(), Raise> {
        let (root, current) = (self.text(vm, ROOT), self.text(vm, CURRENT));
        full.push_str(vm, root.as_str())?;
        if self.volume(vm).is_some_and(|v| v.has_current_dir()) {
            return full.push_str(vm, path);
        }
        push_resolved(vm, full, root.byte_len(), current.as_str(), path)?;
        if full.is_empty() { full.push_str(vm, "/") } else { Ok(()) }
    }

    /// Asks for something at a path; `EROFS` for a change to what must not be written.
    fn ask(
        self,
        vm: &mut Vm,
        path: &str,
        changes: bool,
        request: impl for<'a> FnOnce(&'a str) -> Request<'a>,
    ) -> Result<Reply, Errno> {
        if changes && self.is_read_only(vm) {
            return Err(Errno::EROFS);
        }
        self.with_path(vm, path, |vm, volume, path| perform(vm, volume, request(path)))
    }

    /// What is at a path.
    pub fn stat(self, vm: &mut Vm, path: &str) -> Result<Stat, Errno> {
        match self.ask(vm, path, false, |path| Request::Stat { path })? {
            Reply::Stat(stat) => Ok(stat),
            _ => Err(Errno::EIO),
        }
    }

    /// Opens a file.
    pub fn open(self, vm: &mut Vm, path: &str, mode: &str) -> Res {
        let (mode, is_text) = file::parse_mode(vm, mode)?;
        let mut answer = self.ask(vm, path, mode.write, |path| Request::Open { path, mode });
        if answer == Err(Errno::EMFILE) {
            // Files that nobody can reach any more are open still.
            vm.collect();
            vm.safe_point()?;
            answer = self.ask(vm, path, mode.write, |path| Request::Open { path, mode });
        }
        match answer {
            Ok(Reply::File { file, is_seekable }) => {
                file::new(vm, self.number(vm), file, is_seekable, is_text)
            }
            Ok(_) => Err(raise(vm, Errno::EIO)),
            Err(errno) => Err(raise(vm, errno)),
        }
    }
}

/// Appends `path` below `dir`, resolved, to what is longer than `root`.
fn push_resolved(
    vm: &mut Vm,
    full: &mut StrBuilder,
    root: usize,
    dir: &str,
    path: &str,
) -> Result<(), Raise> {
    resolve(dir, path, |step| match step {
        Step::Up => {
            let slash = full.as_bytes()[root..].iter().rposition(|&b| b == b'/');
            full.truncate(root + slash.unwrap_or(0));
            Ok(())
        }
        Step::Down(name) => {
            full.push_str(vm, "/")?;
            full.push_str(vm, name)
        }
    })
}

/// Opens what the system has open already, by its number there.
pub fn adopt(vm: &mut Vm, number: i32, mode: &str) -> Res {
    let (mode, is_text) = file::parse_mode(vm, mode)?;
    let mut errno = Errno::EINVAL;
    for (i, volume) in (0..).map_while(registered).map(|r| r.volume).enumerate() {
        match perform(vm, volume, Request::Adopt { number, mode }) {
            Ok(Reply::File { file, is_seekable }) => {
                return file::new(vm, i, file, is_seekable, is_text);
            }
            Err(Errno::ENOSYS) => {}
            Err(other) => errno = other,
            Ok(_) => errno = Errno::EIO,
        }
    }
    Err(raise(vm, errno))
}

/// `VfsPosix([root])`: a relative `root` is below the current directory of now.
fn posix_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let Some((number, r)) = (0..)
        .map_while(registered)
        .enumerate()
        .find(|(_, r)| core::ptr::eq(r.volume.filesystem_type(), &VFS_POSIX))
    else {
        return Err(raise(vm, Errno::ENODEV));
    };
    let root = match args.pos {
        [] => q::EMPTY.value(),
        &[root] => {
            let root = path_arg(vm, root)?;
            let mut full = StrBuilder::new();
            if !root.as_str().starts_with('/') {
                push_current_dir(vm, &mut full, r.volume)?;
                full.push_str(vm, "/")?;
            }
            full.push_str(vm, root.as_str())?;
            while full.as_bytes().ends_with(b"/") {
                full.truncate(full.len() - 1);
            }
            full.finish_str(vm)?
        }
        more => return Err(vm.wrong_count(0, 1, more.len())),
    };
    Ok(Filesystem::with_root(vm, number, &VFS_POSIX, root)?.value())
}

/// Appends the current directory of a volume that has one.
fn push_current_dir(
    vm: &mut Vm,
    out: &mut StrBuilder,
    volume: &'static dyn Volume,
) -> Result<(), Raise> {
    let mut room = PATH_MAX;
    loop {
        let answer = out.push_with(vm, room, |vm, buf| {
            let answer = perform(vm, volume, Request::CurrentDir { buf });
            Ok(match answer {
                Ok(Reply::Count(n)) => (n, Ok(())),
                Ok(_) => (0, Err(Errno::EIO)),
                Err(errno) => (0, Err(errno)),
            })
        })?;
        match answer {
            Ok(()) => return Ok(()),
            Err(Errno::ENAMETOOLONG) if room < 16 * PATH_MAX => room *= 4,
            Err(errno) => return Err(raise(vm, errno)),
        }
    }
}

fn fs_repr(vm: &mut Vm, this: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let name = vm.type_name(this);
    vm.push_fmt(out, format_args!("<{}>", name.as_str()))
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
        Err(errno) => Err(raise(vm, errno)),
    }
}

/// `mount(readonly, mkfs)`
fn fs_mount(vm: &mut Vm, this: Value, read_only: Value, mkfs: Value) -> Res {
    let fs = this_fs(vm, this)?;
    if vm.truth(mkfs)? {
        return Err(raise(vm, Errno::EPERM));
    }
    let read_only = vm.truth(read_only)?;
    fs.0.set(vm, READ_ONLY, Value::bool(read_only));
    Ok(Value::NONE)
}

/// `umount()`: files that are open stay so, until they are closed.
fn fs_umount(vm: &mut Vm, this: Value) -> Res {
    this_fs(vm, this)?;
    Ok(Value::NONE)
}

fn fs_open(vm: &mut Vm, this: Value, path: Value, mode: Value) -> Res {
    let fs = this_fs(vm, this)?;
    if let Some(number) = path.as_small_int() {
        let mode = path_arg(vm, mode)?;
        return adopt(vm, i32::try_from(number).unwrap_or(-1), mode.as_str());
    }
    let (path, mode) = (path_arg(vm, path)?, path_arg(vm, mode)?);
    fs.open(vm, path.as_str(), mode.as_str())
}

/// `ilistdir([path])`: an iterator of `(name, type, inode[, size])`; names are bytes where the path is.
fn fs_ilistdir(vm: &mut Vm, args: &[Value]) -> Res {
    let fs = this_fs(vm, args[0])?;
    let path = args.get(1).copied().unwrap_or(q::EMPTY.value());
    let as_bytes = !path.is_kind(threadsnake_vm::value::Kind::Str);
    let path = path_arg(vm, path)?;
    let text = match path.as_str() {
        "" => ".",
        text => text,
    };
    match fs.ask(vm, text, false, |path| Request::OpenDir { path }) {
        Ok(Reply::Dir(id)) => dir::new(vm, fs.number(vm), id, as_bytes),
        Ok(_) => Err(raise(vm, Errno::EIO)),
        Err(errno) => Err(raise(vm, errno)),
    }
}

fn fs_chdir(vm: &mut Vm, this: Value, path: Value) -> Res {
    let fs = this_fs(vm, this)?;
    let path = path_arg(vm, path)?;
    if fs.volume(vm).is_some_and(|v| v.has_current_dir()) {
        return match fs.ask(vm, path.as_str(), false, |path| Request::ChangeDir { path }) {
            Ok(_) => Ok(Value::NONE),
            Err(errno) => Err(raise(vm, errno)),
        };
    }
    match fs.stat(vm, path.as_str()) {
        Ok(stat) if stat.mode & 0xf000 == EntryKind::Directory.mode() => {}
        Ok(_) => return Err(raise(vm, Errno::ENOTDIR)),
        Err(errno) => return Err(raise(vm, errno)),
    }
    let current = fs.text(vm, CURRENT);
    let mut new = StrBuilder::new();
    push_resolved(vm, &mut new, 0, current.as_str(), path.as_str())?;
    let new = new.finish_str(vm)?;
    fs.0.set(vm, CURRENT, new);
    Ok(Value::NONE)
}

fn fs_getcwd(vm: &mut Vm, this: Value) -> Res {
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

fn fs_mkdir(vm: &mut Vm, this: Value, path: Value) -> Res {
    simple(vm, this, path, |path| Request::MakeDir { path })
}

fn fs_rmdir(vm: &mut Vm, this: Value, path: Value) -> Res {
    simple(vm, this, path, |path| Request::RemoveDir { path })
}

fn fs_remove(vm: &mut Vm, this: Value, path: Value) -> Res {
    simple(vm, this, path, |path| Request::Remove { path })
}

fn fs_rename(vm: &mut Vm, this: Value, from: Value, to: Value) -> Res {
    let fs = this_fs(vm, this)?;
    let (from, to) = (path_arg(vm, from)?, path_arg(vm, to)?);
    if fs.is_read_only(vm) {
        return Err(raise(vm, Errno::EROFS));
    }
    let result = fs.with_path(vm, from.as_str(), |vm, _, from| {
        fs.with_path(vm, to.as_str(), |vm, volume, to| {
            perform(vm, volume, Request::Rename { from, to })
        })
    });
    match result {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(raise(vm, errno)),
    }
}

/// `stat(path)`: as `os.stat`.
fn fs_stat(vm: &mut Vm, this: Value, path: Value) -> Res {
    let fs = this_fs(vm, this)?;
    let path = path_arg(vm, path)?;
    match fs.stat(vm, path.as_str()) {
        Ok(stat) => stat_tuple(vm, &stat),
        Err(errno) => Err(raise(vm, errno)),
    }
}

/// `statvfs(path)`: as `os.statvfs`.
fn fs_statvfs(vm: &mut Vm, this: Value, path: Value) -> Res {
    let fs = this_fs(vm, this)?;
    let path = path_arg(vm, path)?;
    match fs.ask(vm, path.as_str(), false, |path| Request::VolumeStat { path }) {
        Ok(Reply::VolumeStat(stat)) => volume_stat_tuple(vm, &stat),
        Ok(_) => Err(raise(vm, Errno::EIO)),
        Err(errno) => Err(raise(vm, errno)),
    }
}

/// The ten items of `os.stat`; times count from the epoch of `time.time()`.
pub fn stat_tuple(vm: &mut Vm, stat: &Stat) -> Res {
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
pub fn volume_stat_tuple(vm: &mut Vm, stat: &VolumeStat) -> Res {
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

fn int_tuple(vm: &mut Vm, items: &[u64; 10]) -> Res {
    let mut values = [Value::NONE; 10];
    for (value, &n) in values.iter_mut().zip(items) {
        *value = vm.int_from_u64(n)?;
    }
    vm.new_tuple(&values)
}
