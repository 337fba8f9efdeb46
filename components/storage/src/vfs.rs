//! `vfs`: mounting file systems.
//!
//! Source: MicroPython library reference, "vfs".

use threadsnake_vm::object::{Args, AttrOp, Res, Str};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Vm, exc, py_module};

use crate::filesystem::{Filesystem, raise};
use crate::os::filesystem_types;
use crate::table::{Table, path_arg};
use crate::volume::Errno;

py_module! {
    /// `vfs`.
    pub static VFS: vfs, extensible false;
    entries {
        mount = Raw(mount);
        umount = F1(umount);
    }
    with with_attr(vfs_attr)
}

fn vfs_attr(_vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    Ok(if op == AttrOp::Load { filesystem_types(name) } else { Value::UNDEF })
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
    let Some(method) = vm.find_attr(fs, q::mount.value())? else {
        // No file system: it could be a block device, which no volume here takes.
        vm.get_attr(fs, q::readblocks.value())?;
        return Err(raise(vm, Errno::ENODEV));
    };
    vm.call(method, &[read_only, mkfs])?;
    table.mount(vm, point, fs)?;
    Ok(Value::NONE)
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
        Some(point) => {
            let text = match point.as_str() {
                "/" => "/",
                text => text.trim_end_matches('/'),
            };
            (0..table.len(vm)).find(|&i| table.point(vm, i).as_str() == text)
        }
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
