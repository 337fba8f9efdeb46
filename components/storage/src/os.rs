//! `os`: files and directories through the mount table, random bytes, the environment.
//!
//! What a process has and a board has not (`getenv`, `system`) is there only where the image has an
//! [`Environment`](crate::volume::Environment).
//!
//! Source: MicroPython library reference, "os"; Python Library Reference, "os".

use threadsnake_vm::object::{AttrOp, Bytes, Res, Str, StrBuilder};
#[cfg(feature = "extra")]
use threadsnake_vm::types::attrtuple::new_attr_tuple;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
#[cfg(feature = "extra")]
use threadsnake_vm::{Raise, exc, rom_fn};
use threadsnake_vm::{Vm, py_module};

#[cfg(feature = "extra")]
use crate::dupterm::dupterm;
#[cfg(feature = "extra")]
use crate::filesystem::{Fail, Filesystem};
use crate::filesystem::{raise, type_named};
use crate::table::{Table, Target, lookup, path_arg};
use crate::vfs;
use crate::volume::{EntryKind, Errno, NAME_MAX};
#[cfg(feature = "extra")]
use crate::volume::{Environment, Request, environment};

py_module! {
    /// `os`.
    pub static OS: os, extensible true;
    entries {
        chdir = F1(os_chdir);
        #[cfg(feature = "extra")]
        dupterm = Var(0, 2, dupterm);
        getcwd = F0(os_getcwd);
        ilistdir = Var(0, 1, os_ilistdir);
        listdir = Var(0, 1, os_listdir);
        mkdir = F1(os_mkdir);
        rmdir = F1(os_rmdir);
        remove = F1(os_remove);
        unlink = F1(os_remove);
        rename = F2(os_rename);
        stat = F1(os_stat);
        statvfs = F1(os_statvfs);
        #[cfg(feature = "extra")]
        sync = F0(os_sync);
        #[cfg(feature = "extra")]
        urandom = F1(os_urandom);
        #[cfg(feature = "extra")]
        uname = F0(os_uname);
        #[cfg(feature = "extra")]
        mkfs = F1(vfs::mkfs);
        mount = Raw(vfs::mount);
        umount = F1(vfs::umount);
        #[cfg(feature = "extra")]
        unmount = F1(vfs::unmount);
        sep: q::SLASH.rom();
    }
    with with_attr(os_attr)
}

/// What depends on the image: the types of file systems that it has volumes for.
#[cfg(not(feature = "extra"))]
fn os_attr(_vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    Ok(if op == AttrOp::Load { type_named(name) } else { Value::UNDEF })
}

/// The same, and what an environment has.
#[cfg(feature = "extra")]
fn os_attr(_vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    if op != AttrOp::Load {
        return Ok(Value::UNDEF);
    }
    let has_environment = environment().is_some();
    Ok(match name {
        n if n == q::getenv.value() && has_environment => rom_fn!(getenv, Var(1, 2, os_getenv)).0,
        n if n == q::putenv.value() && has_environment => rom_fn!(putenv, F2(os_putenv)).0,
        n if n == q::unsetenv.value() && has_environment => rom_fn!(unsetenv, F1(os_unsetenv)).0,
        n if n == q::system.value() && has_environment => rom_fn!(system, F1(os_system)).0,
        n => type_named(n),
    })
}

fn os_chdir(vm: &mut Vm, path: Value) -> Res {
    let table = Table::of(vm)?;
    let target = lookup(vm, path)?;
    let mut current = target.fs;
    if !current.is_none() {
        target.call(vm, q::chdir.value())?;
        // The call may have changed the table.
        if table.position(vm, current).is_none() {
            current = Value::NONE;
        }
    } else if let Some(fs) = table.at_slash(vm) {
        // Relative paths then begin at the top of what is mounted there.
        vm.call_method(fs, q::chdir.value(), &[q::SLASH.value()])?;
    }
    table.set_current(vm, current);
    Ok(Value::NONE)
}

fn os_getcwd(vm: &mut Vm) -> Res {
    let table = Table::of(vm)?;
    let current = table.current(vm);
    if current.is_none() {
        return Ok(q::SLASH.value());
    }
    let below = vm.call_method(current, q::getcwd.value(), &[])?;
    let Some(i) = table.position(vm, current) else { return Ok(below) };
    let point = table.point(vm, i);
    if point.as_str() == "/" {
        return Ok(below);
    }
    let below = path_arg(vm, below)?;
    if below.as_str() == "/" {
        return Ok(point.value());
    }
    let mut out = StrBuilder::new();
    out.push_str(vm, point.as_str());
    out.push_str(vm, below.as_str());
    out.finish_str(vm)
}

/// `ilistdir([path])`: an iterator of `(name, type, inode[, size])`. Mount points are entries of the directory above
/// them all.
fn os_ilistdir(vm: &mut Vm, args: &[Value]) -> Res {
    let given = args.first().copied().unwrap_or(q::EMPTY.value());
    let table = Table::of(vm)?;
    let mut target = lookup(vm, given)?;
    if !target.fs.is_none() {
        target.path = same_type(vm, given, target.path)?;
        return target.call(vm, q::ilistdir.value());
    }
    let entries = vm.new_list()?;
    for i in 0..table.len(vm) {
        let point = table.point(vm, i);
        let name = point.as_str().get(1..).unwrap_or_default();
        if !name.is_empty() {
            let name = vm.new_str(name)?;
            let name = same_type(vm, given, name)?;
            let kind = Value::int(EntryKind::Directory.mode() as i32);
            let entry = vm.new_tuple(&[name, kind, Value::int(0)])?;
            entries.push(vm, entry)?;
        }
    }
    if let Some(fs) = table.at_slash(vm) {
        let path = same_type(vm, given, q::SLASH.value())?;
        let rest = vm.call_method(fs, q::ilistdir.value(), &[path])?;
        vm.extend_list(entries, rest)?;
    }
    vm.iter(entries.value())
}

/// `text` as bytes where the argument was bytes.
fn same_type(vm: &mut Vm, given: Value, text: Value) -> Res {
    if vm.cast::<Bytes>(given).is_none() {
        return Ok(text);
    }
    let text = Str::from_known(text);
    vm.new_bytes(text.as_bytes())
}

fn os_listdir(vm: &mut Vm, args: &[Value]) -> Res {
    let entries = os_ilistdir(vm, args)?;
    let entries = vm.iter(entries)?;
    let names = vm.new_list()?;
    while let Some(entry) = vm.next(entries)? {
        let name = vm.get_item(entry, Value::int(0))?;
        names.push(vm, name)?;
    }
    Ok(names.value())
}

fn os_mkdir(vm: &mut Vm, path: Value) -> Res {
    let target = lookup(vm, path)?;
    // The top of a file system is there already.
    if target.fs.is_none() || Str::from_known(target.path).as_str() == "/" {
        return Err(raise(vm, Errno::EEXIST));
    }
    target.call(vm, q::mkdir.value())
}

fn os_rmdir(vm: &mut Vm, path: Value) -> Res {
    lookup(vm, path)?.call(vm, q::rmdir.value())
}

fn os_remove(vm: &mut Vm, path: Value) -> Res {
    lookup(vm, path)?.call(vm, q::remove.value())
}

fn os_rename(vm: &mut Vm, from: Value, to: Value) -> Res {
    let (from, to) = (lookup(vm, from)?, lookup(vm, to)?);
    if from.fs.is_object() && from.fs == to.fs {
        return vm.call_method(from.fs, q::rename.value(), &[from.path, to.path]);
    }
    Err(raise(vm, Errno::EPERM))
}

/// `stat(path)`: ten items; of the directory above all mount points only the type is known.
fn os_stat(vm: &mut Vm, path: Value) -> Res {
    let target = lookup(vm, path)?;
    if target.fs.is_none() {
        return one_of_ten(vm, 0, EntryKind::Directory.mode() as i32);
    }
    target.call(vm, q::stat.value())
}

fn os_statvfs(vm: &mut Vm, path: Value) -> Res {
    let mut target = lookup(vm, path)?;
    if target.fs.is_none() {
        let table = Table::of(vm)?;
        let Some(fs) = table.at_slash(vm) else { return one_of_ten(vm, 9, NAME_MAX as i32) };
        target = Target { fs, path: q::SLASH.value() };
    }
    target.call(vm, q::statvfs.value())
}

/// What `stat` and `statvfs` return where only one number is known.
fn one_of_ten(vm: &mut Vm, i: usize, number: i32) -> Res {
    let mut items = [Value::int(0); 10];
    items[i] = Value::int(number);
    vm.new_tuple(&items)
}

/// The ten numbers that `stat` and `statvfs` return.
#[cfg(feature = "volumes")]
pub fn int_tuple(vm: &mut Vm, items: &[u64; 10]) -> Res {
    let mut values = [Value::NONE; 10];
    for (value, &n) in values.iter_mut().zip(items) {
        *value = vm.int_from_u64(n)?;
    }
    vm.new_tuple(&values)
}

/// `sync()`: everything written to native volumes is safe afterwards.
#[cfg(feature = "extra")]
fn os_sync(vm: &mut Vm) -> Res {
    let table = Table::of(vm)?;
    for i in 0..table.len(vm) {
        let fs = table.filesystem(vm, i);
        if let Some(fs) = Filesystem::of(fs) {
            match fs.perform(vm, Request::Sync) {
                Ok(_) | Err(Fail::Errno(Errno::ENOSYS)) => {}
                Err(fail) => return Err(fail.raise(vm)),
            }
        }
    }
    Ok(Value::NONE)
}

/// `urandom(n)`: bytes of the board's entropy source; `OSError(ENODEV)` where there is none.
#[cfg(feature = "extra")]
fn os_urandom(vm: &mut Vm, n: Value) -> Res {
    let n = vm.index(n)?;
    let Ok(n) = usize::try_from(n) else { return Err(vm.raise(exc::VALUE_ERROR, "")) };
    let host = vm.host();
    let mut enough = true;
    let bytes = vm.new_bytes_with(n, |bytes| enough = host.entropy(bytes))?;
    if enough || n == 0 { Ok(bytes) } else { Err(raise(vm, Errno::ENODEV)) }
}

/// `uname()`
#[cfg(feature = "extra")]
fn os_uname(vm: &mut Vm) -> Res {
    let host = vm.host();
    let platform = vm.intern(host.platform())?;
    let release = vm.intern("1.29.0")?;
    let version = vm.intern("v1.29.0")?;
    let machine = vm.intern(host.machine())?;
    new_attr_tuple(
        vm,
        &[
            (q::sysname.value(), platform),
            (q::nodename.value(), platform),
            (q::release.value(), release),
            (q::version.value(), version),
            (q::machine.value(), machine),
        ],
    )
}

#[cfg(feature = "extra")]
fn the_environment(vm: &mut Vm) -> Result<&'static dyn Environment, Raise> {
    match environment() {
        Some(environment) => Ok(environment),
        None => Err(raise(vm, Errno::ENOSYS)),
    }
}

/// `getenv(name[, default])`
#[cfg(feature = "extra")]
fn os_getenv(vm: &mut Vm, args: &[Value]) -> Res {
    let environment = the_environment(vm)?;
    let name = path_arg(vm, args[0])?;
    let mut out = StrBuilder::new();
    let mut room = 64;
    loop {
        let text = name.as_str();
        let all = out.push_with(vm, room, |vm, buf| {
            let all = vm.unlocked(|_| environment.get(text, buf));
            let fits = all.filter(|&all| all <= room);
            Ok((fits.unwrap_or(0), all))
        })?;
        match all {
            None => return Ok(args.get(1).copied().unwrap_or(Value::NONE)),
            Some(all) if all > room => room = all,
            Some(_) => return out.finish_str(vm),
        }
    }
}

#[cfg(feature = "extra")]
fn set_variable(vm: &mut Vm, name: Value, value: Option<Value>) -> Res {
    let environment = the_environment(vm)?;
    let name = path_arg(vm, name)?;
    let value = match value {
        Some(value) => Some(path_arg(vm, value)?),
        None => None,
    };
    let (name, value) = (name.as_str(), value.as_ref().map(|v| v.as_str()));
    match vm.unlocked(|_| environment.set(name, value)) {
        Ok(()) => Ok(Value::NONE),
        Err(errno) => Err(raise(vm, errno)),
    }
}

#[cfg(feature = "extra")]
fn os_putenv(vm: &mut Vm, name: Value, value: Value) -> Res {
    set_variable(vm, name, Some(value))
}

#[cfg(feature = "extra")]
fn os_unsetenv(vm: &mut Vm, name: Value) -> Res {
    set_variable(vm, name, None)
}

/// `system(command)`: the exit status of a command of the system's.
#[cfg(feature = "extra")]
fn os_system(vm: &mut Vm, command: Value) -> Res {
    let environment = the_environment(vm)?;
    let command = path_arg(vm, command)?;
    let text = command.as_str();
    match vm.unlocked(|_| environment.run(text)) {
        Ok(status) => vm.int_from_i64(status.into()),
        Err(errno) => Err(raise(vm, errno)),
    }
}
