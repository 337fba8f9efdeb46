//! In place of `filesystem` where the image has no native file systems: what the mount table asks has one answer then.

use threadsnake_vm::object::Res;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm};

use crate::table::Table;
use crate::volume::{Errno, Stat};

/// Why something could not be done.
#[derive(Debug)]
pub enum Fail {
    /// Python raised something, or the VM is to end.
    #[allow(dead_code, reason = "the mount table hands on what other images raise")]
    Raised(Raise),
}

/// `OSError` with that number.
pub fn raise(vm: &mut Vm, errno: Errno) -> Raise {
    vm.raise_os_error(errno.0)
}

/// A file system object: there are none.
#[derive(Clone, Copy)]
pub enum Filesystem {}

impl Filesystem {
    /// The native file system that a value is.
    pub fn of(_: Value) -> Option<Self> {
        None
    }

    /// What is at a path.
    pub fn stat(self, _: &mut Vm, _: &str) -> Result<Stat, Fail> {
        match self {}
    }

    /// Opens a file.
    pub fn open(self, _: &mut Vm, _: &str, _: &str) -> Res {
        match self {}
    }
}

/// The type of file systems of that name.
pub fn type_named(_: Value) -> Value {
    Value::UNDEF
}

/// The file system that is on a block device.
///
/// # Errors
/// `AttributeError` for what is no device; else `ENODEV`.
pub fn on_device(vm: &mut Vm, device: Value) -> Res {
    vm.get_attr(device, q::readblocks.value())?;
    Err(raise(vm, Errno::ENODEV))
}

/// Opens what the system has open already.
///
/// # Errors
/// Always.
pub fn adopt(vm: &mut Vm, _: i32, _: &str) -> Res {
    Err(raise(vm, Errno::EINVAL))
}

/// Puts the registered volumes into a VM's new mount table: there are none.
///
/// # Errors
/// None.
pub fn mount_registered(_: &mut Vm, _: Table) -> Result<(), Raise> {
    Ok(())
}

/// Shows a mount table to tasks without a VM: none of it is of use to them.
pub fn show(_: &Vm, _: Table) {}
