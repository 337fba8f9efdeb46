//! The device of a registered volume as a Python object: the block protocol, for scripts that look below the file
//! system, and for `vfs.mount` and `mkfs`, which know it by its type and leave the work to the service task.
//!
//! Source: MicroPython library reference, "vfs", "Block devices".

use threadsnake_vm::object::{Native, Res};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, py_type};

use crate::filesystem::raise;
use crate::sd::SD;
use crate::volume::{Errno, Registered, Reply, Request, registered};

py_type! {
    /// The block device of a native volume.
    pub static BLOCK_DEVICE: BlockDevice, base OBJECT;
    slots { is_final: true }
    entries {
        readblocks = Var(3, 4, read_blocks);
        writeblocks = Var(3, 4, write_blocks);
        ioctl = F3(ioctl);
    }
}

/// Word: the volume's number.
const VOLUME: usize = 0;

/// The device of a registered volume, by its number.
///
/// # Errors
/// `MemoryError`.
pub fn device_object(vm: &mut Vm, number: usize) -> Res {
    Ok(Native::new(vm, BLOCK_DEVICE.value(), &[Value::from_len(number)])?.value())
}

/// The number of the volume whose device an object is.
pub fn number_of(vm: &Vm, object: Value) -> Option<usize> {
    // Nothing has a device where no file system can be on one.
    if !cfg!(any(feature = "fat", feature = "littlefs")) {
        return None;
    }
    let is_one = |n: &Native| [BLOCK_DEVICE.value(), SD.value()].contains(&n.class());
    let native = Native::from_value(object).filter(is_one)?;
    usize::try_from(native.get(vm, VOLUME).as_small_int()?).ok()
}

fn volume_of(vm: &mut Vm, this: Value) -> Result<Registered, Raise> {
    match number_of(vm, this).and_then(registered) {
        Some(r) => Ok(r),
        None => Err(raise(vm, Errno::ENODEV)),
    }
}

fn number(vm: &mut Vm, value: Value) -> Result<u32, Raise> {
    match u32::try_from(vm.index(value)?) {
        Ok(number) => Ok(number),
        Err(_) => Err(raise(vm, Errno::EINVAL)),
    }
}

/// `readblocks(block, buf[, offset])`
pub fn read_blocks(vm: &mut Vm, args: &[Value]) -> Res {
    let volume = volume_of(vm, args[0])?.volume;
    let block = number(vm, args[1])?;
    let offset = args.get(3).map_or(Ok(0), |&offset| number(vm, offset))?;
    let buffer = vm.expect_writable(args[2])?;
    let answer = vm.with_bytes_mut(buffer, |vm, buf| {
        vm.unlocked(|_| volume.perform(Request::ReadBlocks { block, offset, buf }))
    });
    match answer {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(raise(vm, errno)),
    }
}

/// `writeblocks(block, buf[, offset])`: without an offset whole blocks, erased first.
pub fn write_blocks(vm: &mut Vm, args: &[Value]) -> Res {
    let volume = volume_of(vm, args[0])?.volume;
    let block = number(vm, args[1])?;
    let offset = args.get(3).map(|&offset| number(vm, offset)).transpose()?;
    let buffer = vm.expect_buffer(args[2])?;
    let answer = vm.with_bytes(buffer, |vm, data| {
        vm.unlocked(|_| volume.perform(Request::WriteBlocks { block, offset, data }))
    });
    match answer {
        Ok(_) => Ok(Value::NONE),
        Err(errno) => Err(raise(vm, errno)),
    }
}

/// `ioctl(op, arg)`: 1 and 2 begin and end, 3 sync, 4 the number of blocks, 5 their bytes, 6 erases a block; `None` for
/// what it does not know.
pub fn ioctl(vm: &mut Vm, this: Value, op: Value, argument: Value) -> Res {
    let volume = volume_of(vm, this)?.volume;
    let request = match vm.index(op)? {
        1 | 2 => return Ok(Value::int(0)),
        3 => Request::Sync,
        4 | 5 => Request::Blocks,
        6 => Request::EraseBlock { block: number(vm, argument)? },
        _ => return Ok(Value::NONE),
    };
    let is_count = vm.index(op)? == 4;
    match vm.unlocked(|_| volume.perform(request)) {
        Ok(Reply::Blocks { count, .. }) if is_count => vm.int_from_u64(count.into()),
        Ok(Reply::Blocks { size, .. }) => vm.int_from_u64(size.into()),
        Ok(_) => Ok(Value::int(0)),
        Err(errno) => Err(raise(vm, errno)),
    }
}
