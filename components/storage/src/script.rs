//! File systems on block devices that are Python objects: they run in the thread that asks, which calls the device's
//! methods.
//!
//! Engines live in the arena, in a table of slots; a file system object holds the number of its slot. Whoever works with
//! an engine takes it out, so that a second thread waits until it is back, and a device that asks for its own file
//! system is told `EBUSY`.
//!
//! What a device raises is kept and passed on instead of the error number that the library made of it; until then no
//! further method of the device is called.
//!
//! Source: MicroPython library reference, "vfs", "Block devices".

use core::cell::RefCell;
use critical_section::Mutex;
use threadsnake_arena::Held;
use threadsnake_vm::object::ByteArray;
use threadsnake_vm::types::memoryview::MEMORYVIEW;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc};

use crate::device::BlockDevice;
use crate::engine::{ARENA, Engine, Kind, Options};
use crate::filesystem::Fail;
use crate::volume::{Errno, Reply, Request};

/// How many file systems on Python devices there can be at once.
const SLOTS: usize = 16;

#[derive(Default)]
enum Slot {
    #[default]
    Free,
    Idle(Held<Engine>),
    /// In the hands of that thread.
    Busy(u32),
}

static TABLE: Mutex<RefCell<[Slot; SLOTS]>> =
    Mutex::new(RefCell::new([const { Slot::Free }; SLOTS]));

fn with_slot<R>(number: usize, f: impl FnOnce(&mut Slot) -> R) -> Option<R> {
    critical_section::with(|cs| TABLE.borrow_ref_mut(cs).get_mut(number).map(f))
}

/// A Python object as a block device.
struct PyDevice<'vm> {
    vm: &'vm mut Vm,
    object: Value,
    raised: Option<Raise>,
}

/// Requests of a device's `ioctl`.
const SYNC: i32 = 3;
const COUNT: i32 = 4;
const SIZE: i32 = 5;
const ERASE: i32 = 6;

/// Sectors of a device that does not say.
const SECTOR: u32 = 512;

impl<'vm> PyDevice<'vm> {
    fn new(vm: &'vm mut Vm, object: Value) -> Self {
        PyDevice { vm, object, raised: None }
    }

    /// Calls Python unless it has raised; what it raises is kept.
    fn run<R>(
        &mut self,
        f: impl FnOnce(&mut Vm, Value) -> Result<Result<R, Errno>, Raise>,
    ) -> Result<R, Errno> {
        if self.raised.is_some() {
            return Err(Errno::EIO);
        }
        match f(self.vm, self.object) {
            Ok(result) => result,
            Err(raise) => {
                self.raised = Some(raise);
                Err(Errno::EIO)
            }
        }
    }

    /// `ioctl(request, argument)`, or for a device without it the method of the old kind.
    fn ioctl(&mut self, request: i32, argument: u32) -> Result<Option<isize>, Errno> {
        self.run(|vm, object| {
            let answer = match vm.find_attr(object, q::ioctl.value())? {
                Some(ioctl) => {
                    let argument = vm.int_from_u64(argument.into())?;
                    vm.call(ioctl, &[Value::int(request), argument])?
                }
                None if request == SYNC => vm.call_method(object, q::sync.value(), &[])?,
                None if request == COUNT => vm.call_method(object, q::count.value(), &[])?,
                None => Value::NONE,
            };
            if answer.is_none() {
                return Ok(Ok(None));
            }
            Ok(Ok(Some(vm.index(answer)?)))
        })
    }

    /// Calls `readblocks` or `writeblocks`.
    fn transfer(
        &mut self,
        method: Value,
        block: u32,
        offset: Option<u32>,
        data: Data<'_>,
    ) -> Result<(), Errno> {
        self.run(|vm, object| {
            let len = match &data {
                Data::Read(buf) => buf.len(),
                Data::Write(data) => data.len(),
            };
            let bytes = ByteArray::new(vm, 0, len)?;
            if let Data::Write(data) = &data {
                bytes.bytes_mut(vm).copy_from_slice(data);
            }
            // A view cannot be made longer or shorter.
            let view = vm.call(MEMORYVIEW.value(), &[bytes.value()])?;
            let block = vm.int_from_u64(block.into())?;
            let offset = offset.map(|offset| vm.int_from_u64(offset.into())).transpose()?;
            let method = vm.get_attr(object, method)?;
            let answer = match offset {
                Some(offset) => vm.call(method, &[block, view, offset])?,
                None => vm.call(method, &[block, view])?,
            };
            if let Data::Read(buf) = data {
                buf.copy_from_slice(bytes.bytes(vm));
            }
            if answer.is_none() {
                return Ok(Ok(()));
            }
            let Some(number) = answer.as_small_int() else {
                vm.index(answer)?;
                return Ok(Err(Errno::EINVAL));
            };
            Ok(match i32::try_from(number) {
                Ok(0) => Ok(()),
                Ok(number @ i32::MIN..0) => Err(Errno(number.saturating_neg())),
                _ => Err(Errno::EINVAL),
            })
        })
    }

    /// Whether the device has a method.
    fn has(&mut self, method: Value) -> Result<bool, Errno> {
        self.run(|vm, object| Ok(Ok(vm.find_attr(object, method)?.is_some())))
    }
}

enum Data<'a> {
    Read(&'a mut [u8]),
    Write(&'a [u8]),
}

impl BlockDevice for PyDevice<'_> {
    fn block_size(&mut self) -> Result<u32, Errno> {
        let size = self.ioctl(SIZE, 0)?;
        size.map_or(Ok(SECTOR), |size| u32::try_from(size).map_err(|_| Errno::EINVAL))
    }

    fn block_count(&mut self) -> Result<u32, Errno> {
        let count = self.ioctl(COUNT, 0)?.ok_or(Errno::EINVAL)?;
        u32::try_from(count).map_err(|_| Errno::EINVAL)
    }

    fn read(&mut self, block: u32, offset: u32, buf: &mut [u8]) -> Result<(), Errno> {
        self.transfer(q::readblocks.value(), block, Some(offset), Data::Read(buf))
    }

    fn write(&mut self, block: u32, offset: u32, data: &[u8]) -> Result<(), Errno> {
        if self.is_read_only() {
            return Err(Errno::EROFS);
        }
        self.transfer(q::writeblocks.value(), block, Some(offset), Data::Write(data))
    }

    fn erase(&mut self, block: u32) -> Result<(), Errno> {
        if self.is_read_only() {
            return Err(Errno::EROFS);
        }
        match self.ioctl(ERASE, block)? {
            None | Some(0) => Ok(()),
            Some(number) => Err(Errno(i32::try_from(-number).unwrap_or(Errno::EIO.0).max(1))),
        }
    }

    fn sync(&mut self) -> Result<(), Errno> {
        self.ioctl(SYNC, 0).map(|_| ())
    }

    fn is_read_only(&mut self) -> bool {
        !self.has(q::writeblocks.value()).unwrap_or(true)
    }

    fn read_blocks(&mut self, block: u32, buf: &mut [u8]) -> Result<(), Errno> {
        self.transfer(q::readblocks.value(), block, None, Data::Read(buf))
    }

    fn write_blocks(&mut self, block: u32, data: &[u8]) -> Result<(), Errno> {
        if self.is_read_only() {
            return Err(Errno::EROFS);
        }
        self.transfer(q::writeblocks.value(), block, None, Data::Write(data))
    }
}

/// Lends a device to `f`; what it raised goes before the error that `f` made of it.
fn with_device<R>(
    vm: &mut Vm,
    object: Value,
    f: impl FnOnce(&mut PyDevice<'_>) -> Result<R, Errno>,
) -> Result<R, Fail> {
    let mut device = PyDevice::new(vm, object);
    let result = f(&mut device);
    match device.raised {
        Some(raise) => Err(Fail::Raised(raise)),
        None => result.map_err(Fail::Errno),
    }
}

/// Makes a file system on a device.
///
/// # Errors
/// As [`Engine::format`]; what the device raises.
pub fn format(vm: &mut Vm, device: Value, kind: Kind, options: &Options) -> Result<(), Fail> {
    with_device(vm, device, |device| Engine::format(kind, options, device))
}

/// Mounts the file system on a device; returns the number of its slot.
///
/// # Errors
/// As [`Engine::mount`]; `EMFILE` where there are too many; what the device raises.
pub fn mount(vm: &mut Vm, device: Value, kind: Kind, options: &Options) -> Result<usize, Fail> {
    let engine = with_device(vm, device, |device| Engine::mount(kind, options, device))?;
    let engine = ARENA.hold(engine).map_err(|_| Fail::Errno(Errno::ENOMEM))?;
    let placed = critical_section::with(|cs| {
        let mut table = TABLE.borrow_ref_mut(cs);
        let place = table.iter().position(|slot| matches!(slot, Slot::Free));
        match place {
            Some(place) => {
                table[place] = Slot::Idle(engine);
                Ok(place)
            }
            // Dropped outside: it takes time.
            None => Err(engine),
        }
    });
    placed.map_err(|_| Fail::Errno(Errno::EMFILE))
}

/// Takes an engine out, when no other thread has it.
fn take(vm: &mut Vm, number: usize) -> Result<Held<Engine>, Fail> {
    let me = vm.thread_id();
    let mut taken = Err(Errno::ENODEV);
    let waited = vm.wait_until(None, |_| {
        taken = with_slot(number, |slot| match core::mem::take(slot) {
            Slot::Idle(engine) => {
                *slot = Slot::Busy(me);
                Ok(engine)
            }
            Slot::Busy(owner) => {
                *slot = Slot::Busy(owner);
                Err(if owner == me { Errno::EBUSY } else { Errno::EAGAIN })
            }
            Slot::Free => Err(Errno::ENODEV),
        })
        .unwrap_or(Err(Errno::ENODEV));
        Ok(!matches!(taken, Err(Errno::EAGAIN)))
    });
    match waited {
        Ok(_) => taken.map_err(Fail::Errno),
        Err(raise) => Err(Fail::Raised(raise)),
    }
}

/// Does what is asked on the file system in a slot.
///
/// # Errors
/// As [`Engine::perform`]; what the device raises.
pub fn perform(
    vm: &mut Vm,
    number: usize,
    device: Value,
    request: Request<'_>,
) -> Result<Reply, Fail> {
    let now_ns = vm.host().unix_time_ns();
    let is_idle = with_slot(number, |slot| matches!(slot, Slot::Idle(_))) == Some(true);
    let mut engine = if is_idle {
        // Without a look at what is pending: closing works also when the VM ends.
        let me = vm.thread_id();
        match with_slot(number, |slot| core::mem::replace(slot, Slot::Busy(me))) {
            Some(Slot::Idle(engine)) => engine,
            _ => return Err(Fail::Errno(Errno::ENODEV)),
        }
    } else {
        take(vm, number)?
    };
    let result = with_device(vm, device, |device| engine.perform(device, now_ns, request));
    with_slot(number, |slot| *slot = Slot::Idle(engine));
    vm.host().wake();
    result
}

/// How many files and directories are open on the file system in a slot.
pub fn open_count(number: usize) -> usize {
    with_slot(number, |slot| match slot {
        Slot::Idle(engine) => engine.open_count(),
        Slot::Busy(_) => 1,
        Slot::Free => 0,
    })
    .unwrap_or(0)
}

/// Ends the file system in a slot that nobody works with: what was not closed loses what was not made safe.
pub fn release(number: usize) {
    let ended = with_slot(number, |slot| match slot {
        Slot::Idle(_) => core::mem::take(slot),
        _ => Slot::Free,
    });
    drop(ended);
}

/// The kind of file system that is on a device, as its first blocks tell; where they tell nothing, or the device
/// cannot read parts of blocks, [`Kind::UNMARKED`].
///
/// # Errors
/// The end of the VM.
pub fn detect(vm: &mut Vm, device: Value) -> Result<Option<Kind>, Raise> {
    let found = with_device(vm, device, |device| {
        // The first of the two blocks may be erased.
        for block in 0..2 {
            let mut head = [0; 44];
            device.read(block, 8, &mut head)?;
            #[cfg(feature = "littlefs")]
            if head.starts_with(b"littlefs") {
                return Ok(Some(Kind::Lfs2));
            }
            #[cfg(feature = "lfs1")]
            if head[32..].starts_with(b"littlefs") {
                return Ok(Some(Kind::Lfs1));
            }
        }
        Ok(Kind::UNMARKED)
    });
    match found {
        Err(Fail::Raised(raise)) if !vm.catch(exc::EXCEPTION) => Err(raise),
        other => Ok(other.unwrap_or(Kind::UNMARKED)),
    }
}
