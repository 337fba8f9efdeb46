//! A native file system as a Python object: what `vfs.mount` mounts.
//!
//! It is one over a registered volume, or one of its own on a block device that is a Python object. An object holds the
//! volume's number or the device and the number of its slot, the directory that is its root, its own current directory
//! (where the volume has none) and whether it may be written.
//!
//! A file system on a Python device lives as long as it is mounted or used: an unmounted one without open files gives
//! its memory back, and takes it again when it is used again.
//!
//! Here are the types' tables and what others ask of a file system; `make` has the constructors, `methods` the methods.
//!
//! Source: MicroPython library reference, "vfs", "os".

#[cfg_attr(
    not(any(feature = "fat", feature = "littlefs")),
    allow(
        dead_code,
        reason = "what makes file systems on devices, of which there is no kind then"
    )
)]
mod make;
mod methods;

use threadsnake_vm::object::{Native, Res, RomEntry, RomType, Str, StrBuilder, Tuple};
#[cfg(any(feature = "fat", feature = "littlefs"))]
use threadsnake_vm::rom_static;
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, py_type, rom_entries};

use crate::engine::{Kind, Options};
use crate::path::{Step, resolve};
use crate::table::Table;
use crate::volume::{Errno, Reply, Request, Stat, Volume, registered};
use crate::{blockdev, file, script, view};
use make::*;
use methods::*;

/// What every file system has.
const METHODS: &[RomEntry] = rom_entries!([]
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
);

py_type! {
    /// `vfs.VfsPosix([root])`: the files of the host.
    pub static VFS_POSIX: VfsPosix, base OBJECT;
    slots { new: posix_new, repr: fs_repr, is_final: true }
    entries { statvfs = F2(fs_statvfs); }
    shared METHODS
}

#[cfg(feature = "littlefs")]
py_type! {
    /// `vfs.VfsLfs2(device, readsize=32, progsize=32, lookahead=32, mtime=True)`: littlefs 2.
    pub static VFS_LFS2: VfsLfs2, base OBJECT;
    slots { new: lfs2_new, repr: fs_repr, finalise: finalise, is_final: true }
    entries { statvfs = F2(fs_statvfs); mkfs: rom_static!(mkfs, Raw(lfs2_mkfs)); }
    shared METHODS
}

#[cfg(feature = "lfs1")]
py_type! {
    /// `vfs.VfsLfs1(device, readsize=32, progsize=32, lookahead=32)`: littlefs 1.
    pub static VFS_LFS1: VfsLfs1, base OBJECT;
    slots { new: lfs1_new, repr: fs_repr, finalise: finalise, is_final: true }
    entries { statvfs = F2(fs_statvfs); mkfs: rom_static!(mkfs, Raw(lfs1_mkfs)); }
    shared METHODS
}

#[cfg(feature = "fat")]
py_type! {
    /// `vfs.VfsFat(device)`: FAT12, FAT16, FAT32.
    pub static VFS_FAT: VfsFat, base OBJECT;
    slots { new: fat_new, repr: fs_repr, finalise: finalise, is_final: true }
    entries { statvfs = F2(fs_statvfs); mkfs: rom_static!(mkfs, Raw(fat_mkfs)); }
    shared METHODS
}

/// The types of native file systems.
static TYPES: &[&RomType] = &[
    &VFS_POSIX,
    #[cfg(feature = "littlefs")]
    &VFS_LFS2,
    #[cfg(feature = "fat")]
    &VFS_FAT,
    #[cfg(feature = "lfs1")]
    &VFS_LFS1,
];

/// The type of file systems of that name that the image has volumes for; `UNDEF` for other names.
pub fn type_named(name: Value) -> Value {
    let has_posix = || {
        (0..).map_while(registered).any(|r| core::ptr::eq(r.volume.filesystem_type(), &VFS_POSIX))
    };
    match name {
        name if name == q::VfsPosix.value() && has_posix() => VFS_POSIX.value(),
        #[cfg(feature = "littlefs")]
        name if name == q::VfsLfs2.value() => VFS_LFS2.value(),
        #[cfg(feature = "lfs1")]
        name if name == q::VfsLfs1.value() => VFS_LFS1.value(),
        #[cfg(feature = "fat")]
        name if name == q::VfsFat.value() => VFS_FAT.value(),
        _ => Value::UNDEF,
    }
}

/// The file system that is on a block device.
///
/// # Errors
/// `AttributeError` for what is no device; `ENODEV` for one without a file system.
pub fn on_device(vm: &mut Vm, device: Value) -> Res {
    if let Some(number) = blockdev::number_of(vm, device)
        && let Some(r) = registered(number)
    {
        return Ok(Filesystem::new(vm, number, r.volume.filesystem_type())?.value());
    }
    vm.get_attr(device, q::readblocks.value())?;
    match script::detect(vm, device)? {
        Some(kind) => construct(vm, kind, device, &Options::default()),
        None => Err(raise(vm, Errno::ENODEV)),
    }
}

/// Puts the registered volumes into a VM's new mount table. The one at `/`, or else the first, has the current directory.
///
/// # Errors
/// `MemoryError`.
pub fn mount_registered(vm: &mut Vm, table: Table) -> Result<(), Raise> {
    for (number, r) in (0..).map_while(registered).enumerate() {
        if !r.mount_point.is_empty() {
            let fs = Filesystem::new(vm, number, r.volume.filesystem_type())?;
            let point = vm.new_str(r.mount_point)?;
            table.insert(vm, point, fs.value())?;
            if r.mount_point == "/" || table.len(vm) == 1 {
                table.set_current(vm, fs.value());
            }
        }
    }
    Ok(())
}

/// Shows a mount table to tasks without a VM.
pub fn show(vm: &Vm, table: Table) {
    let points: [Option<Str>; 16] =
        core::array::from_fn(|i| (i < table.len(vm)).then(|| table.point(vm, i)));
    view::set(points.iter().flatten().enumerate().map(|(i, point)| {
        let fs = Filesystem::of(table.filesystem(vm, i));
        (point.as_str(), fs.and_then(|fs| fs.whole_volume(vm)))
    }));
}

/// The type of file systems of a kind.
pub fn type_of(kind: Kind) -> &'static RomType {
    match kind {
        #[cfg(feature = "lfs1")]
        Kind::Lfs1 => &VFS_LFS1,
        #[cfg(feature = "littlefs")]
        Kind::Lfs2 => &VFS_LFS2,
        #[cfg(feature = "fat")]
        Kind::Fat => &VFS_FAT,
    }
}

/// Word: the volume's number; -1 for a file system on a Python device.
const VOLUME: usize = 0;
/// Word: the root, `""` or an absolute path in the volume without a slash at its end.
const ROOT: usize = 1;
/// Word: the current directory, likewise, below the root.
const CURRENT: usize = 2;
/// Word: `True` if it must not be written.
const READ_ONLY: usize = 3;
/// Word: the Python device, else `None`.
const DEVICE: usize = 4;
/// Word: the number of its slot, -1 while it has none.
const SLOT: usize = 5;
/// Word: a tuple of the read size, the write size, the lookahead and whether times are kept.
const OPTIONS: usize = 6;
/// Word: `True` when its slot is to be given back with the last open file.
const ENDED: usize = 7;

/// The longest path that a volume's current directory may have.
const PATH_MAX: usize = 256;

/// Why something could not be done.
#[derive(Debug)]
pub enum Fail {
    /// For this reason.
    Errno(Errno),
    /// Python raised something, or the VM is to end.
    Raised(Raise),
}

impl From<Errno> for Fail {
    fn from(errno: Errno) -> Fail {
        Fail::Errno(errno)
    }
}

impl From<Raise> for Fail {
    fn from(raise: Raise) -> Fail {
        Fail::Raised(raise)
    }
}

impl Fail {
    /// The exception: `OSError` for a reason.
    pub fn raise(self, vm: &mut Vm) -> Raise {
        match self {
            Fail::Errno(errno) => raise(vm, errno),
            Fail::Raised(raise) => raise,
        }
    }

    /// Forgets it.
    pub fn forget(self, vm: &mut Vm) {
        if let Fail::Raised(raise) = self {
            vm.forget(raise);
        }
    }
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
        Self::make(vm, class, Value::from_len(number), root, Value::NONE, Value::NONE)
    }

    fn make(
        vm: &mut Vm,
        class: &'static RomType,
        number: Value,
        root: Value,
        device: Value,
        options: Value,
    ) -> Result<Self, Raise> {
        let (no, none) = (Value::FALSE, Value::int(-1));
        let words = [number, root, q::EMPTY.value(), no, device, none, options, no];
        Ok(Filesystem(Native::new(vm, class.value(), &words)?))
    }

    /// The object for a Python device; not mounted yet.
    fn on_device(vm: &mut Vm, kind: Kind, device: Value, options: &Options) -> Result<Self, Raise> {
        let [read, write, lookahead] =
            [options.read_size, options.write_size, options.lookahead].map(u64::from);
        let sizes = [vm.int_from_u64(read)?, vm.int_from_u64(write)?, vm.int_from_u64(lookahead)?];
        let [read, write, lookahead] = sizes;
        let options = vm.new_tuple(&[read, write, lookahead, Value::bool(options.keeps_times)])?;
        let (none, top) = (Value::int(-1), q::EMPTY.value());
        let fs = Self::make(vm, type_of(kind), none, top, device, options)?;
        vm.register_finaliser(fs.value())?;
        Ok(fs)
    }

    /// The kind; `None` for the host's files.
    pub fn kind(self) -> Option<Kind> {
        match self.0.class() {
            #[cfg(feature = "littlefs")]
            class if class == VFS_LFS2.value() => Some(Kind::Lfs2),
            #[cfg(feature = "fat")]
            class if class == VFS_FAT.value() => Some(Kind::Fat),
            #[cfg(feature = "lfs1")]
            class if class == VFS_LFS1.value() => Some(Kind::Lfs1),
            _ => None,
        }
    }

    fn options(self, vm: &mut Vm) -> Result<Options, Raise> {
        let Some(tuple) = Tuple::from_value(self.0.get(vm, OPTIONS)) else {
            return Ok(Options::default());
        };
        let &[read, write, lookahead, times] = tuple.items() else {
            return Ok(Options::default());
        };
        Ok(Options {
            read_size: vm.index(read)? as u32,
            write_size: vm.index(write)? as u32,
            lookahead: vm.index(lookahead)? as u32,
            keeps_times: times == Value::TRUE,
        })
    }

    /// The slot of a file system on a Python device, mounted now if it is not.
    fn slot(self, vm: &mut Vm) -> Result<usize, Fail> {
        if let Some(slot) = self.0.get(vm, SLOT).as_small_int().filter(|&slot| slot >= 0) {
            return Ok(slot as usize);
        }
        let (Some(kind), device) = (self.kind(), self.0.get(vm, DEVICE)) else {
            return Err(Errno::ENODEV.into());
        };
        let options = self.options(vm)?;
        let mut mounted = script::mount(vm, device, kind, &options);
        if let Err(Fail::Errno(Errno::EMFILE | Errno::ENOMEM)) = mounted {
            // File systems that nobody can reach any more have theirs still.
            vm.collect();
            vm.safe_point()?;
            mounted = script::mount(vm, device, kind, &options);
        }
        let slot = mounted?;
        self.0.set(vm, SLOT, Value::from_len(slot));
        self.0.set(vm, ENDED, Value::FALSE);
        Ok(slot)
    }

    /// Gives the slot back if nothing is open there, else with the last that is.
    fn end(self, vm: &mut Vm) {
        self.0.set(vm, ENDED, Value::TRUE);
        if let Some(slot) = self.0.get(vm, SLOT).as_small_int().filter(|&slot| slot >= 0)
            && script::open_count(slot as usize) == 0
        {
            self.0.set(vm, SLOT, Value::int(-1));
            script::release(slot as usize);
        }
    }

    /// Asks for something: a volume without the GIL, a Python device in this thread.
    ///
    /// # Errors
    /// Those of the request; what the device raises.
    pub fn perform(self, vm: &mut Vm, request: Request<'_>) -> Result<Reply, Fail> {
        if let Some(volume) = self.volume(vm) {
            return vm.unlocked(|_| volume.perform(request)).map_err(Fail::Errno);
        }
        let closes = matches!(request, Request::Close { .. } | Request::CloseDir { .. });
        if closes && self.0.get(vm, SLOT) == Value::int(-1) {
            return Err(Errno::EBADF.into());
        }
        let slot = self.slot(vm)?;
        let device = self.0.get(vm, DEVICE);
        let result = script::perform(vm, slot, device, request);
        if closes && self.0.get(vm, ENDED) == Value::TRUE {
            self.end(vm);
        }
        result
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
    pub fn number(self, vm: &Vm) -> Option<usize> {
        let number = self.0.get(vm, VOLUME).as_small_int()?;
        usize::try_from(number).ok()
    }

    /// The volume's number, if this is all of it and it may be written.
    pub fn whole_volume(self, vm: &Vm) -> Option<usize> {
        let is_whole = self.text(vm, ROOT).byte_len() == 0 && !self.is_read_only(vm);
        self.number(vm).filter(|_| is_whole)
    }

    /// The volume.
    pub fn volume(self, vm: &Vm) -> Option<&'static dyn Volume> {
        registered(self.number(vm)?).map(|r| r.volume)
    }

    fn is_read_only(self, vm: &Vm) -> bool {
        self.0.get(vm, READ_ONLY) == Value::TRUE
    }

    fn text(self, vm: &Vm, word: usize) -> Str {
        Str::from_known(self.0.get(vm, word))
    }

    /// True for a volume that resolves relative paths itself.
    fn has_current_dir(self, vm: &Vm) -> bool {
        self.volume(vm).is_some_and(Volume::has_current_dir)
    }

    /// Calls `f` with a path as the volume knows it.
    fn with_path<R>(
        self,
        vm: &mut Vm,
        path: &str,
        f: impl FnOnce(&mut Vm, &str) -> Result<R, Fail>,
    ) -> Result<R, Fail> {
        let root = self.text(vm, ROOT);
        if self.has_current_dir(vm) && (root.byte_len() == 0 || !path.starts_with('/')) {
            return f(vm, path);
        }
        let mut full = StrBuilder::new();
        let built = self.build(vm, &mut full, path);
        let result = match (built, core::str::from_utf8(full.as_bytes())) {
            (Ok(()), Ok(text)) => f(vm, text),
            (Err(raise), _) => Err(Fail::Raised(raise)),
            (_, Err(_)) => Err(Errno::EINVAL.into()),
        };
        full.discard(vm);
        result
    }

    fn build(self, vm: &mut Vm, full: &mut StrBuilder, path: &str) -> Result<(), Raise> {
        let (root, current) = (self.text(vm, ROOT), self.text(vm, CURRENT));
        full.push_str(vm, root.as_str());
        if self.has_current_dir(vm) {
            full.push_str(vm, path);
            return full.check(vm);
        }
        push_resolved(vm, full, root.byte_len(), current.as_str(), path)?;
        if full.is_empty() {
            full.push_str(vm, "/");
        }
        full.check(vm)
    }

    /// Asks for something at a path; `EROFS` for a change to what must not be written.
    fn ask(
        self,
        vm: &mut Vm,
        path: &str,
        changes: bool,
        request: impl for<'a> FnOnce(&'a str) -> Request<'a>,
    ) -> Result<Reply, Fail> {
        if changes && self.is_read_only(vm) {
            return Err(Errno::EROFS.into());
        }
        self.with_path(vm, path, |vm, path| self.perform(vm, request(path)))
    }

    /// What is at a path.
    pub fn stat(self, vm: &mut Vm, path: &str) -> Result<Stat, Fail> {
        match self.ask(vm, path, false, |path| Request::Stat { path })? {
            Reply::Stat(stat) => Ok(stat),
            _ => Err(Errno::EIO.into()),
        }
    }

    /// Opens a file.
    pub fn open(self, vm: &mut Vm, path: &str, mode: &str) -> Res {
        let (mode, is_text) = file::parse_mode(vm, mode)?;
        // What has no memory to be an object is not opened: opening may empty a file.
        let object = file::reserve(vm, self, is_text)?;
        match self.ask_twice(vm, path, mode.write, |path| Request::Open { path, mode }) {
            Ok(Reply::File { file, is_seekable }) => {
                file::begin(vm, object, file, is_seekable);
                Ok(object)
            }
            Ok(_) => Err(raise(vm, Errno::EIO)),
            Err(fail) => Err(fail.raise(vm)),
        }
    }

    /// As `ask`, again after a collection where there was no room: files that nobody can reach any more are open still.
    fn ask_twice(
        self,
        vm: &mut Vm,
        path: &str,
        changes: bool,
        request: impl for<'a> Fn(&'a str) -> Request<'a>,
    ) -> Result<Reply, Fail> {
        match self.ask(vm, path, changes, &request) {
            Err(Fail::Errno(Errno::EMFILE | Errno::ENOMEM)) => {
                vm.collect();
                vm.safe_point()?;
                self.ask(vm, path, changes, &request)
            }
            other => other,
        }
    }

    /// Looks whether there is a file system.
    fn look(self, vm: &mut Vm) -> Result<(), Fail> {
        match self.volume(vm) {
            Some(_) => self.perform(vm, Request::Mount).map(|_| ()),
            None => self.slot(vm).map(|_| ()),
        }
    }

    /// Makes an empty file system.
    pub fn format(self, vm: &mut Vm) -> Result<(), Fail> {
        if self.volume(vm).is_some() {
            return self.perform(vm, Request::Format).map(|_| ());
        }
        let (Some(kind), device) = (self.kind(), self.0.get(vm, DEVICE)) else {
            return Err(Errno::EPERM.into());
        };
        let options = self.options(vm)?;
        if let Some(slot) = self.0.get(vm, SLOT).as_small_int().filter(|&slot| slot >= 0) {
            if script::open_count(slot as usize) > 0 {
                return Err(Errno::EBUSY.into());
            }
            self.end(vm);
        }
        script::format(vm, device, kind, &options)
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
            full.check(vm)?;
            let slash = full.as_bytes()[root..].iter().rposition(|&b| b == b'/');
            full.truncate(root + slash.unwrap_or(0));
            Ok(())
        }
        Step::Down(name) => {
            full.push_str(vm, "/");
            full.push_str(vm, name);
            Ok(())
        }
    })
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
            let answer = vm.unlocked(|_| volume.perform(Request::CurrentDir { buf }));
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

/// Opens what the system has open already, by its number there.
pub fn adopt(vm: &mut Vm, number: i32, mode: &str) -> Res {
    let (mode, is_text) = file::parse_mode(vm, mode)?;
    let mut errno = Errno::EINVAL;
    for (i, volume) in (0..).map_while(registered).map(|r| r.volume).enumerate() {
        match vm.unlocked(|_| volume.perform(Request::Adopt { number, mode })) {
            Ok(Reply::File { file, is_seekable }) => {
                let fs = Filesystem::new(vm, i, volume.filesystem_type())?;
                let object = file::reserve(vm, fs, is_text)?;
                file::begin(vm, object, file, is_seekable);
                return Ok(object);
            }
            Err(Errno::ENOSYS) => {}
            Err(other) => errno = other,
            Ok(_) => errno = Errno::EIO,
        }
    }
    Err(raise(vm, errno))
}
