//! What the shared objects have in common as Python sees them: a handle that is closed by its finaliser, and waits.

use crate::Crew;
use crate::modules::handles::{give_back, lend, take};
use crate::select::{Source, wait};
use crate::shared::{Closed, Kind, MakeError, Shared};
use threadsnake_vm::object::{Args, Ioctl, Native, Res, RomType, Str, StreamSlots, poll};
use threadsnake_vm::types::str::STR;
use threadsnake_vm::types::stream::errno;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc};

/// Word: the handle, or `None` when it is closed.
const HANDLE: usize = 0;
/// Word: the objects in a queue of objects, a list; else `None`.
pub const OBJECTS: usize = 1;

const ENOENT: i32 = 2;
const EEXIST: i32 = 17;
const EPIPE: i32 = 32;
const ETIMEDOUT: i32 = 110;

/// The streams' part of all shared objects: they can be polled and closed.
pub static STREAM: StreamSlots =
    StreamSlots { read: no_read, write: no_write, seek: None, ioctl, is_text: false };

fn no_read(vm: &mut Vm, _: Value, _: &mut [u8]) -> Result<Option<usize>, Raise> {
    Err(vm.raise_os_error(errno::EINVAL))
}

fn no_write(vm: &mut Vm, _: Value, _: &[u8]) -> Result<Option<usize>, Raise> {
    Err(vm.raise_os_error(errno::EINVAL))
}

fn ioctl(vm: &mut Vm, v: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Poll => {
            let Some(shared) = shared_of(vm, v) else { return Ok(poll::CLOSED) };
            if shared.is_closed() {
                return Ok(poll::CLOSED);
            }
            let mut ready = 0;
            if shared.count() > 0 {
                ready |= poll::READ;
            }
            if shared.room() > 0 {
                ready |= poll::WRITE;
            }
            Ok(ready & argument)
        }
        Ioctl::Close => {
            drop_handle(vm, v);
            Ok(0)
        }
        Ioctl::Flush => Ok(0),
        _ => Err(vm.raise_os_error(errno::EINVAL)),
    }
}

/// A new use of the object behind `v`, if it is open. What runs without the GIL has one of its own.
pub fn shared_of(vm: &Vm, v: Value) -> Option<Shared> {
    lend(Native::from_value(v)?.get(vm, HANDLE))
}

/// Lets go of the object; closes it for others if the VM ends, and if nobody could open it again.
fn drop_handle(vm: &mut Vm, v: Value) {
    let native = Native::from_known(v);
    let handle = native.get(vm, HANDLE);
    native.set(vm, HANDLE, Value::NONE);
    if let Some((shared, is_own)) = take(handle)
        && is_own
        && (vm.is_ending() || shared.name().is_empty())
    {
        shared.close();
    }
}

/// The finaliser of all shared objects.
pub fn finalise(vm: &mut Vm, v: Value) {
    drop_handle(vm, v);
}

/// A Python object for a use of a shared one. `is_own`: this VM made it.
fn wrap(vm: &mut Vm, class: &'static RomType, shared: Shared, is_own: bool, objects: Value) -> Res {
    let native = Native::new(vm, class.value(), &[Value::NONE, objects])?;
    vm.register_finaliser(native.value())?;
    native.set(vm, HANDLE, give_back(shared, is_own));
    Ok(native.value())
}

/// The name that an argument gives, empty for `None` or none.
pub fn name_arg(vm: &mut Vm, v: Value) -> Result<Str, Raise> {
    let v = if v.is_undef() || v.is_none() { vm.new_str("")? } else { v };
    vm.expect::<Str>(v, &STR)
}

/// Makes a shared object and its Python object.
pub fn make(
    vm: &mut Vm,
    class: &'static RomType,
    kind: Kind,
    name: Str,
    count: usize,
    objects: Value,
) -> Res {
    vm.check_may_wait()?;
    let mut made = Shared::make(kind, name.as_str(), count);
    if made.as_ref().is_err_and(|&error| error == MakeError::NoMemory) {
        // Objects that nobody refers to any more keep their memory until they are collected.
        vm.collect();
        vm.safe_point()?;
        made = Shared::make(kind, name.as_str(), count);
    }
    match made {
        Ok(shared) => wrap(vm, class, shared, true, objects),
        Err(MakeError::Invalid) => Err(vm.raise(exc::VALUE_ERROR, "size or name out of range")),
        Err(MakeError::Exists) => Err(vm.raise_os_error(EEXIST)),
        Err(MakeError::NoMemory) => Err(vm.raise(exc::MEMORY_ERROR, "no memory for RTOS objects")),
    }
}

/// `rtos.open(name)`: the queue, semaphore, mutex or event group of that name, which C or another VM made, or this one.
///
/// Raises `OSError(ENOENT)` if there is none.
pub fn open(vm: &mut Vm, name: Value) -> Res {
    let name = vm.expect::<Str>(name, &STR)?;
    let Some(shared) = Shared::open(name.as_str()) else {
        return Err(vm.raise_os_error(ENOENT));
    };
    let class = match shared.kind() {
        // Its messages are objects of the VM that made it.
        Kind::Queue { message: 0, .. } => return Err(vm.raise_os_error(ENOENT)),
        Kind::Queue { .. } => &super::queue::QUEUE,
        Kind::Semaphore { .. } => &super::semaphore::SEMAPHORE,
        Kind::Mutex => &super::mutex::MUTEX,
        Kind::EventGroup => &super::group::EVENT_GROUP,
    };
    wrap(vm, class, shared, false, Value::NONE)
}

/// The open object of a method's first argument, which is of that class.
pub fn this(vm: &mut Vm, v: Value, class: &'static RomType) -> Result<Shared, Raise> {
    if !vm.is_instance(v, class.value()) {
        return Err(vm.raise(exc::TYPE_ERROR, "wrong type of RTOS object"));
    }
    match shared_of(vm, v) {
        Some(shared) => Ok(shared),
        None => Err(vm.raise_os_error(errno::EBADF)),
    }
}

/// The object is closed for all.
pub fn closed(vm: &mut Vm, _: Closed) -> Raise {
    vm.raise_os_error(EPIPE)
}

/// A time-out in milliseconds, absent or -1 for none; in microseconds.
pub fn timeout_us(vm: &mut Vm, v: Value) -> Result<Option<u64>, Raise> {
    if v.is_undef() || v.is_none() {
        return Ok(None);
    }
    let ms = vm.int_to_i64(v)?;
    Ok(u64::try_from(ms).ok().map(|ms| ms.saturating_mul(1000)))
}

/// Waits for a change of `shared`, without the GIL, until `attempt` succeeds. Raises `OSError(ETIMEDOUT)`, `OSError(EPIPE)` and what
/// is pending.
pub fn wait_for<R>(
    vm: &mut Vm,
    shared: &Shared,
    timeout_us: Option<u64>,
    mut attempt: impl FnMut(&mut Vm) -> Result<Option<R>, Raise>,
) -> Result<R, Raise> {
    let mut result = None;
    wait(
        vm,
        timeout_us,
        &mut |_, i| if i == 0 { Source::Event(shared.event()) } else { Source::End },
        &mut |vm| {
            result = attempt(vm)?;
            Ok(result.is_some())
        },
    )?;
    match result {
        Some(result) => Ok(result),
        None => Err(vm.raise_os_error(ETIMEDOUT)),
    }
}

/// The event that tells of a shared object, for the slot of that name.
pub fn event(vm: &mut Vm, v: Value) -> usize {
    shared_of(vm, v).map_or(0, |shared| shared.event().address())
}

/// `object.close()`: lets go of it. One that this VM made and that has no name is closed for all.
pub fn close(vm: &mut Vm, v: Value) -> Res {
    vm.check_may_wait()?;
    if vm.rom_type_of(v).slots.finalise().is_some() {
        drop_handle(vm, v);
    }
    Ok(Value::NONE)
}

/// The crew of the VM, for what has none of its own.
pub fn crew(vm: &mut Vm) -> Result<&'static Crew, Raise> {
    match Crew::of(vm) {
        Some(crew) => Ok(crew),
        None => Err(vm.raise(exc::RUNTIME_ERROR, "no scheduler")),
    }
}

/// The arguments of a constructor by these names, all optional: `UNDEF` where absent.
pub fn parameters<const N: usize>(
    vm: &mut Vm,
    args: Args<'_>,
    names: [Value; N],
) -> Result<[Value; N], Raise> {
    let mut found = [Value::UNDEF; N];
    let fits = args.pos.len() <= N && args.names.iter().all(|name| names.contains(name));
    if !fits {
        return Err(vm.raise(exc::TYPE_ERROR, "unexpected argument"));
    }
    found[..args.pos.len()].copy_from_slice(args.pos);
    for (place, name) in found.iter_mut().zip(names) {
        if let Some(v) = args.keyword(name) {
            *place = v;
        }
    }
    Ok(found)
}
