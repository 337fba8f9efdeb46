//! How file systems are made: `VfsPosix`, `VfsFat` and their like, over registered volumes and on block devices.

use threadsnake_vm::object::{Args, Res, StrBuilder};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc};

use super::{Fail, Filesystem, VFS_POSIX, push_current_dir, raise, type_of};
use crate::engine::{Kind, Options};
use crate::table::path_arg;
use crate::volume::{Errno, Request, registered};
use crate::{blockdev, script};

/// `VfsPosix([root])`: a relative `root` is below the current directory of now.
pub(super) fn posix_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
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
                full.push_str(vm, "/");
            }
            full.push_str(vm, root.as_str());
            while full.as_bytes().ends_with(b"/") {
                full.truncate(full.len() - 1);
            }
            full.finish_str(vm)?
        }
        more => return Err(vm.wrong_count(0, 1, more.len())),
    };
    Ok(Filesystem::with_root(vm, number, &VFS_POSIX, root)?.value())
}

/// The finaliser of a file system on a Python device.
pub(super) fn finalise(vm: &mut Vm, this: Value) {
    if let Some(fs) = Filesystem::of(this) {
        fs.end(vm);
    }
}

/// The device and the options among the arguments of a constructor or of `mkfs`.
fn device_args(vm: &mut Vm, kind: Kind, args: Args<'_>) -> Result<(Value, Options), Raise> {
    let mut options = Options::default();
    let is_fat = kind.is_fat();
    let most = if is_fat { 1 } else { 5 };
    if args.pos.is_empty() || args.pos.len() > most {
        return Err(vm.wrong_count(1, most, args.pos.len()));
    }
    let names = [q::readsize.value(), q::progsize.value(), q::lookahead.value(), q::mtime.value()];
    for (&name, &value) in
        names.iter().zip(&args.pos[1..]).chain(args.names.iter().zip(args.values))
    {
        let place = names.iter().position(|&known| known == name).filter(|_| !is_fat);
        let number = |vm: &mut Vm| vm.index(value).map(|n| u32::try_from(n).unwrap_or(0));
        match place {
            Some(0) => options.read_size = number(vm)?,
            Some(1) => options.write_size = number(vm)?,
            Some(2) => options.lookahead = number(vm)?,
            Some(_) => options.keeps_times = vm.truth(value)?,
            None => return Err(vm.raise(exc::TYPE_ERROR, "extra keyword arguments given")),
        }
    }
    Ok((args.pos[0], options))
}

/// The object for a block device; a registered volume where the device is one.
pub fn construct(vm: &mut Vm, kind: Kind, device: Value, options: &Options) -> Res {
    if let Some(number) = blockdev::number_of(vm, device) {
        let class = registered(number).map(|r| r.volume.filesystem_type());
        return match class {
            Some(class) if core::ptr::eq(class, type_of(kind)) => {
                Ok(Filesystem::new(vm, number, class)?.value())
            }
            _ => Err(raise(vm, Errno::ENODEV)),
        };
    }
    // Said at once of what is no device.
    vm.get_attr(device, q::readblocks.value())?;
    let fs = Filesystem::on_device(vm, kind, device, options)?;
    match fs.slot(vm) {
        Ok(_) => Ok(fs.value()),
        // It may get one when it is mounted.
        Err(Fail::Errno(Errno::ENODEV)) if kind.is_fat() => Ok(fs.value()),
        Err(fail) => Err(fail.raise(vm)),
    }
}

fn new_on_device(vm: &mut Vm, kind: Kind, args: Args<'_>) -> Res {
    let (device, options) = device_args(vm, kind, args)?;
    construct(vm, kind, device, &options)
}

fn mkfs_on_device(vm: &mut Vm, kind: Kind, args: Args<'_>) -> Res {
    let (device, options) = device_args(vm, kind, args)?;
    let made = match blockdev::number_of(vm, device).and_then(registered) {
        Some(r) if core::ptr::eq(r.volume.filesystem_type(), type_of(kind)) => {
            vm.unlocked(|_| r.volume.perform(Request::Format)).map(|_| ()).map_err(Fail::Errno)
        }
        Some(_) => Err(Errno::ENODEV.into()),
        None => script::format(vm, device, kind, &options),
    };
    match made {
        Ok(()) => Ok(Value::NONE),
        Err(fail) => Err(fail.raise(vm)),
    }
}

#[cfg(feature = "littlefs")]
pub(super) fn lfs2_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    new_on_device(vm, Kind::Lfs2, args)
}

#[cfg(feature = "littlefs")]
pub(super) fn lfs2_mkfs(vm: &mut Vm, args: Args<'_>) -> Res {
    mkfs_on_device(vm, Kind::Lfs2, args)
}

#[cfg(feature = "lfs1")]
pub(super) fn lfs1_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    new_on_device(vm, Kind::Lfs1, args)
}

#[cfg(feature = "lfs1")]
pub(super) fn lfs1_mkfs(vm: &mut Vm, args: Args<'_>) -> Res {
    mkfs_on_device(vm, Kind::Lfs1, args)
}

#[cfg(feature = "fat")]
pub(super) fn fat_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    new_on_device(vm, Kind::Fat, args)
}

#[cfg(feature = "fat")]
pub(super) fn fat_mkfs(vm: &mut Vm, args: Args<'_>) -> Res {
    mkfs_on_device(vm, Kind::Fat, args)
}
