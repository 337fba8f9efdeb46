//! The mount table of a VM, and what goes through it: `open`, `import`.
//!
//! It is a list in the VM's module state: first the file system with the current directory, `None` for the directory
//! above all mount points; then pairs of mount point and file system, one at `/` last.
//!
//! # Invariants
//! 1. Mount points are `/` or begin with `/` and do not end with it; none is twice in the list.
//! 2. The current file system is in the list.

use threadsnake_vm::host::PathKind;
use threadsnake_vm::object::{Bytes, List, Res, Str, Tuple};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc};

use crate::filesystem::{Fail, Filesystem, adopt, mount_registered, raise, show};
use crate::path::{Place, find, without_end_slashes};
use crate::volume::{EntryKind, Errno};

/// The mount table of a VM.
#[derive(Clone, Copy)]
pub struct Table(List);

/// Where a path leads.
#[derive(Clone, Copy)]
pub struct Target {
    /// The file system; `None`: to the directory above all mount points; `UNDEF`: nowhere.
    pub fs: Value,
    /// The path there, a `str`.
    pub path: Value,
}

impl Target {
    /// Calls a method of the file system with the path there; `EPERM` for the directory above all mount points.
    pub fn call(self, vm: &mut Vm, method: Value) -> Res {
        if self.fs.is_object() {
            return vm.call_method(self.fs, method, &[self.path]);
        }
        Err(raise(vm, if self.fs.is_none() { Errno::EPERM } else { Errno::ENODEV }))
    }
}

impl Table {
    /// The VM's table; made of the registered volumes when it is first asked for.
    pub fn of(vm: &mut Vm) -> Result<Table, Raise> {
        if let Some(list) = vm.module_state(q::vfs.value()).and_then(List::from_value) {
            return Ok(Table(list));
        }
        let list = vm.new_list_from(&[Value::NONE])?;
        let table = Table(list);
        mount_registered(vm, table)?;
        vm.set_module_state(q::vfs.value(), list.value())?;
        show(vm, table);
        Ok(table)
    }

    /// How many file systems are mounted.
    pub fn len(self, vm: &Vm) -> usize {
        (self.0.len(vm) - 1) / 2
    }

    /// The mount point of mount `i`, which exists.
    pub fn point(self, vm: &Vm, i: usize) -> Str {
        Str::from_known(self.0.get(vm, 1 + 2 * i).unwrap_or(q::EMPTY.value()))
    }

    /// The file system of mount `i`, which exists.
    pub fn filesystem(self, vm: &Vm, i: usize) -> Value {
        self.0.get(vm, 2 + 2 * i).unwrap_or(Value::NONE)
    }

    /// The file system with the current directory; `None` for the directory above all mount points.
    pub fn current(self, vm: &Vm) -> Value {
        self.0.get(vm, 0).unwrap_or(Value::NONE)
    }

    /// Sets it: a mounted file system or `None`.
    pub fn set_current(self, vm: &mut Vm, filesystem: Value) {
        self.0.set(vm, 0, filesystem);
    }

    /// The mount of a file system, if it is mounted.
    pub fn position(self, vm: &Vm, filesystem: Value) -> Option<usize> {
        (0..self.len(vm)).find(|&i| self.filesystem(vm, i) == filesystem)
    }

    /// The file system at `/`, if there is one.
    pub fn at_slash(self, vm: &Vm) -> Option<Value> {
        let last = self.len(vm).checked_sub(1)?;
        if self.point(vm, last).as_str() == "/" { Some(self.filesystem(vm, last)) } else { None }
    }

    /// Adds a mount; the point is free.
    pub fn insert(self, vm: &mut Vm, point: Value, filesystem: Value) -> Result<(), Raise> {
        let end = self.0.len(vm);
        let is_slash = Str::from_known(point).as_str() == "/";
        let at = if is_slash || self.at_slash(vm).is_none() { end } else { end - 2 };
        // Both or none.
        self.0.reserve(vm, end + 2)?;
        self.0.insert(vm, at, point)?;
        self.0.insert(vm, at + 1, filesystem)
    }

    /// Mounts a file system. `EPERM` where another is mounted, or a mounted one has the directory; `EINVAL` for a
    /// point that is not absolute.
    pub fn mount(self, vm: &mut Vm, point: Str, filesystem: Value) -> Result<(), Raise> {
        let text = without_end_slashes(point.as_str());
        if !text.starts_with('/') {
            return Err(raise(vm, Errno::EINVAL));
        }
        let is_taken = match self.find(vm, text) {
            Place::Mount(i, _) => self.point(vm, i).as_str() != "/" || text == "/",
            Place::Root => self.at_slash(vm).is_some(),
            _ => false,
        };
        if is_taken {
            return Err(raise(vm, Errno::EPERM));
        }
        let point = if text.len() == point.byte_len() { point.value() } else { vm.new_str(text)? };
        self.insert(vm, point, filesystem)?;
        show(vm, self);
        Ok(())
    }

    /// Removes mount `i`. The current directory, if it was there, becomes the one above all mount points.
    pub fn remove(self, vm: &mut Vm, i: usize) {
        if self.current(vm) == self.filesystem(vm, i) {
            self.set_current(vm, Value::NONE);
        }
        self.0.remove(vm, 1 + 2 * i);
        self.0.remove(vm, 1 + 2 * i);
        show(vm, self);
    }

    fn find<'a>(self, vm: &Vm, path: &'a str) -> Place<'a> {
        let at_root = self.current(vm).is_none();
        find(path, at_root, (0..self.len(vm)).map(|i| self.point(vm, i)), |p| p.as_str())
    }
}

/// Where a path, a `str` or `bytes`, leads.
pub fn lookup(vm: &mut Vm, path: Value) -> Result<Target, Raise> {
    let path = path_arg(vm, path)?;
    let table = Table::of(vm)?;
    let (fs, rest) = match table.find(vm, path.as_str()) {
        Place::Root => (Value::NONE, ""),
        Place::Nowhere => (Value::UNDEF, ""),
        Place::Mount(i, rest) => (table.filesystem(vm, i), rest),
        Place::Relative(rest) => (table.current(vm), rest),
    };
    let whole = rest.len() == path.byte_len();
    let path = if whole { path.value() } else { vm.new_str(rest)? };
    Ok(Target { fs, path })
}

/// The text of a path argument: a `str`, or `bytes` in UTF-8.
pub fn path_arg(vm: &mut Vm, v: Value) -> Result<Str, Raise> {
    if let Some(text) = vm.cast::<Str>(v) {
        return Ok(text);
    }
    if let Some(bytes) = vm.cast::<Bytes>(v) {
        return match core::str::from_utf8(bytes.as_bytes()) {
            Ok(text) => vm.new_str(text).map(Str::from_known),
            Err(_) => Err(raise(vm, Errno::EINVAL)),
        };
    }
    vm.expect::<Str>(v, &threadsnake_vm::types::str::STR)
}

/// `open(path, mode)` through the mount table: a stream. `path` is a `str` or `bytes`, or an `int` for what the system
/// has open already. Runs Python where a file system is written in it.
///
/// # Errors
/// `OSError`, `ValueError` for a mode that is none, `TypeError`; what a file system written in Python raises.
pub fn open(vm: &mut Vm, path: Value, mode: &str) -> Result<Value, Raise> {
    if let Some(number) = path.as_small_int() {
        return adopt(vm, i32::try_from(number).unwrap_or(-1), mode);
    }
    let Target { fs, path } = lookup(vm, path)?;
    if !fs.is_object() {
        return Err(raise(vm, if fs.is_none() { Errno::EISDIR } else { Errno::ENOENT }));
    }
    match Filesystem::of(fs) {
        Some(fs) => fs.open(vm, Str::from_known(path).as_str(), mode),
        None => {
            let mode = vm.intern(mode)?;
            vm.call_method(fs, q::open.value(), &[path, mode])
        }
    }
}

/// What `path` names, for `import`. Runs Python where a file system is written in it; what it raises means that there
/// is nothing, unless the VM is to end.
///
/// # Errors
/// `MemoryError`; the end of the VM.
pub fn import_stat(vm: &mut Vm, path: &str) -> Result<PathKind, Raise> {
    let path = vm.new_str(path)?;
    let Target { fs, path } = lookup(vm, path)?;
    if !fs.is_object() {
        return Ok(PathKind::Missing);
    }
    let mode = match Filesystem::of(fs) {
        Some(fs) => match fs.stat(vm, Str::from_known(path).as_str()) {
            Ok(stat) => Some(stat.mode),
            Err(Fail::Raised(raise)) if !vm.catch(exc::EXCEPTION) => return Err(raise),
            Err(_) => None,
        },
        None => python_mode(vm, fs, path)?,
    };
    Ok(match mode {
        None => PathKind::Missing,
        Some(mode) if mode & EntryKind::Directory.mode() != 0 => PathKind::Dir,
        Some(_) => PathKind::File,
    })
}

/// `st_mode` as a file system written in Python tells it.
fn python_mode(vm: &mut Vm, fs: Value, path: Value) -> Result<Option<u32>, Raise> {
    match vm.call_method(fs, q::stat.value(), &[path]) {
        Ok(stat) => {
            let first = Tuple::from_value(stat).and_then(|t| t.items().first().copied());
            Ok(first.and_then(Value::as_small_int).map(|mode| mode as u32))
        }
        Err(_) if vm.catch(exc::EXCEPTION) => Ok(None),
        Err(raise) => Err(raise),
    }
}
