//! `vfs`: mounting file systems.
//!
//! Source: MicroPython library reference, "vfs".

use threadsnake_vm::object::{Args, AttrOp, Res, Str};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Vm, exc, py_module};

#[cfg(feature = "extra")]
use crate::blockdev;
#[cfg(all(feature = "extra", feature = "fat"))]
use crate::filesystem::VFS_FAT;
use crate::filesystem::{Filesystem, on_device, raise, type_named};
use crate::path::without_end_slashes;
use crate::table::{Table, path_arg};
use crate::volume::Errno;

py_module! {
    /// `vfs`.
    pub static VFS: vfs, extensible false;
    entries {
        mount = Raw(mount);
        umount = F1(umount);
        #[cfg(feature = "rom")]
        VfsRom: crate::rom::VFS_ROM.rom();
    }
    with with_attr(vfs_attr)
}

fn vfs_attr(_vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    Ok(if op == AttrOp::Load { type_named(name) } else { Value::UNDEF })
}

/// `mount(fs, mount_point, *, readonly=False, mkfs=False)`; without arguments a list of `(fs, mount_point)`.
///
/// `fs` is an object with the methods of a file system, first of them `mount(readonly, mkfs)`.
pub fn mount(vm: &mut Vm, args: Args<'_>) -> Res {
    let table = Table::of(vm)?;
    let (mut read_only, mut mkfs) = (Value::FALSE, Value::FALSE);
    for (&name, &v) in args.names.iter().zip(args.values) {
        match name {
            n if n == q::readonly.value() => read_only = Value::bool(vm.truth(v)?),
            n if n == q::mkfs.value() => mkfs = Value::bool(vm.truth(v)?),
            _ => return Err(vm.raise(exc::TYPE_ERROR, "extra keyword arguments given")),
        }
    }
    let (fs, point) = match *args.pos {
        [] if args.names.is_empty() => return list(vm, table),
        [fs, point] => (fs, path_arg(vm, point)?),
        _ => return Err(vm.wrong_count(2, 2, args.pos.len())),
    };
    let mut fs = fs;
    if vm.find_attr(fs, q::mount.value())?.is_none() {
        // No file system: then a block device.
        fs = on_device(vm, fs)?;
    }
    vm.call_method(fs, q::mount.value(), &[read_only, mkfs])?;
    table.mount(vm, point, fs)?;
    Ok(Value::NONE)
}

/// `os.mkfs(what)`: makes an empty file system on a mount point, a file system or a block device: on a device of its own
/// kind, FAT on one that is a Python object.
#[cfg(feature = "extra")]
pub fn mkfs(vm: &mut Vm, what: Value) -> Res {
    let mut fs = what;
    if let Some(point) = vm.cast::<Str>(what) {
        let table = Table::of(vm)?;
        match position(vm, table, point) {
            Some(i) => fs = table.filesystem(vm, i),
            None => return Err(raise(vm, Errno::ENODEV)),
        }
    } else if Filesystem::of(what).is_none() {
        fs = match blockdev::number_of(vm, what) {
            Some(_) => on_device(vm, what)?,
            #[cfg(not(feature = "fat"))]
            None => return Err(raise(vm, Errno::ENODEV)),
            #[cfg(feature = "fat")]
            None => return vm.call_method(VFS_FAT.value(), q::mkfs.value(), &[what]),
        };
    }
    match Filesystem::of(fs) {
        Some(native) => match native.format(vm) {
            Ok(()) => Ok(Value::NONE),
            Err(fail) => Err(fail.raise(vm)),
        },
        None => Err(raise(vm, Errno::EPERM)),
    }
}

fn list(vm: &mut Vm, table: Table) -> Res {
    let out = vm.new_list()?;
    for i in 0..table.len(vm) {
        let (fs, point) = (table.filesystem(vm, i), table.point(vm, i).value());
        let pair = vm.new_tuple(&[fs, point])?;
        out.push(vm, pair)?;
    }
    Ok(out.value())
}

/// `umount(fs)`, `umount(mount_point)`: `OSError(EINVAL)` for what is not mounted.
pub fn umount(vm: &mut Vm, what: Value) -> Res {
    let table = Table::of(vm)?;
    let point = vm.cast::<Str>(what);
    let found = match point {
        Some(point) => position(vm, table, point),
        None => table.position(vm, what),
    };
    let Some(i) = found else { return Err(raise(vm, Errno::EINVAL)) };
    let fs = table.filesystem(vm, i);
    table.remove(vm, i);
    if Filesystem::of(fs).is_some() || vm.find_attr(fs, q::umount.value())?.is_some() {
        vm.call_method(fs, q::umount.value(), &[])?;
    }
    Ok(Value::NONE)
}

/// The mount at a mount point; slashes at its end do not count.
fn position(vm: &Vm, table: Table, point: Str) -> Option<usize> {
    let text = without_end_slashes(point.as_str());
    (0..table.len(vm)).find(|&i| table.point(vm, i).as_str() == text)
}

/// `os.unmount(path)`, the old name: does not unmount `/flash`.
#[cfg(feature = "extra")]
pub fn unmount(vm: &mut Vm, what: Value) -> Res {
    if vm.cast::<Str>(what).is_some_and(|point| point.as_str().trim_end_matches('/') == "/flash") {
        return Err(raise(vm, Errno::EPERM));
    }
    umount(vm, what)
}
