//! Shared RTOS objects from C: `ts_queue_new` and what goes with it. See the header.
//!
//! A `ts_object *` of C's is the address of an object of which C has a use; it is compared with the list of all objects
//! before it is followed.

use super::text::{bytes, put, terminated};
use super::{Status, require};
use crate::rtos::{self, FOREVER};
use crate::seat::Seat;
use crate::shared::{Closed, Kind, MakeError, Shared};
use core::ffi::{c_char, c_void};
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

impl From<Closed> for Status {
    fn from(_: Closed) -> Self {
        Self::CLOSED
    }
}

/// Tasks, and before the scheduler starts.
fn not_in_interrupts() -> Result<(), Status> {
    if rtos::in_isr() { Err(Status::WRONG_CONTEXT) } else { Ok(()) }
}

/// Makes an object and gives C a use of it.
///
/// # Safety
/// `name` is null or a terminated string, `object` null or a variable.
unsafe fn make(kind: Kind, name: *const c_char, count: usize, object: *mut *mut c_void) -> Status {
    let made = || {
        not_in_interrupts()?;
        require(!object.is_null())?;
        // SAFETY: the caller's promise.
        let name = if name.is_null() { "" } else { unsafe { terminated(name) }? };
        let shared = Shared::make(kind, name, count).map_err(|error| match error {
            MakeError::Invalid => Status::BAD_ARGUMENT,
            MakeError::Exists => Status::EXISTS,
            MakeError::NoMemory => Status::NO_MEMORY,
        })?;
        // SAFETY: as above.
        unsafe { put(object, shared.into_raw().as_ptr().cast()) }
    };
    made().into()
}

/// The object that C means, for the length of a call: C's use of it stays.
fn known(object: *mut c_void) -> Result<ManuallyDrop<Shared>, Status> {
    let raw = NonNull::new(object.cast::<()>()).filter(|&raw| Shared::is_live(raw));
    // SAFETY: it is the address of an object, of which C has a use.
    raw.map(|raw| ManuallyDrop::new(unsafe { Shared::from_raw(raw) })).ok_or(Status::BAD_ARGUMENT)
}

/// True if the calling task holds the GIL of some VM: it must not block then. Tasks.
pub fn holds_gil() -> bool {
    let Some(task) = rtos::Task::if_any() else { return false };
    let mut seat: *const Seat = task.data().cast();
    // SAFETY: the chain holds seats in use of the calling task, which cannot leave while it is here; crews outlive seats.
    while let Some(found) = unsafe { seat.as_ref() } {
        // SAFETY: as above.
        if unsafe { &*found.crew }.gil_is_mine() {
            return true;
        }
        seat = found.outer;
    }
    false
}

/// Tries, and waits for a change of the object to try again, at most `timeout_ms`.
fn attempt(
    shared: &Shared,
    timeout_ms: u32,
    mut done: impl FnMut() -> Result<bool, Closed>,
) -> Result<(), Status> {
    if done()? {
        return Ok(());
    }
    if timeout_ms == 0 {
        return Err(Status::TIMEOUT);
    }
    if !rtos::may_block() || holds_gil() {
        return Err(Status::WRONG_CONTEXT);
    }
    let ticks = match timeout_ms {
        u32::MAX => FOREVER,
        ms => rtos::ticks_for_us(u64::from(ms) * 1000),
    };
    let mut result = Ok(false);
    shared.event().wait(ticks, || {
        result = done();
        result != Ok(false)
    });
    if result? { Ok(()) } else { Err(Status::TIMEOUT) }
}

/// Makes a queue: see the header.
///
/// # Safety
/// `name` is null or a terminated string, `queue` a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_queue_new(
    name: *const c_char,
    size: usize,
    length: usize,
    queue: *mut *mut c_void,
) -> Status {
    if size == 0 {
        return Status::BAD_ARGUMENT;
    }
    // SAFETY: the caller's promise.
    unsafe { make(Kind::Queue { message: size, capacity: length }, name, 0, queue) }
}

/// Makes a semaphore: see the header.
///
/// # Safety
/// As for [`ts_queue_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_semaphore_new(
    name: *const c_char,
    value: usize,
    most: usize,
    semaphore: *mut *mut c_void,
) -> Status {
    // SAFETY: the caller's promise.
    unsafe { make(Kind::Semaphore { most }, name, value, semaphore) }
}

/// Makes a mutex: see the header.
///
/// # Safety
/// As for [`ts_queue_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_mutex_new(name: *const c_char, mutex: *mut *mut c_void) -> Status {
    // SAFETY: the caller's promise.
    unsafe { make(Kind::Mutex, name, 0, mutex) }
}

/// Makes a group of bits: see the header.
///
/// # Safety
/// As for [`ts_queue_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_group_new(name: *const c_char, group: *mut *mut c_void) -> Status {
    // SAFETY: the caller's promise.
    unsafe { make(Kind::EventGroup, name, 0, group) }
}

/// Opens an object by its name: see the header.
///
/// # Safety
/// As for [`ts_queue_new`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_object_open(name: *const c_char, object: *mut *mut c_void) -> Status {
    let open = || {
        require(!object.is_null())?;
        // SAFETY: the caller's promise.
        let shared = Shared::open(unsafe { terminated(name) }?).ok_or(Status::NOT_FOUND)?;
        // SAFETY: as above.
        unsafe { put(object, shared.into_raw().as_ptr().cast()) }
    };
    open().into()
}

/// Lets go of an object: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_object_close(object: *mut c_void, for_all: i32) -> Status {
    let close = || {
        not_in_interrupts()?;
        let shared = ManuallyDrop::into_inner(known(object)?);
        if for_all != 0 {
            shared.close();
        }
        Ok(())
    };
    close().into()
}

/// Puts a message into a queue: see the header.
///
/// # Safety
/// `len` bytes at `message`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_queue_send(
    queue: *mut c_void,
    message: *const u8,
    len: usize,
    urgent: i32,
    timeout_ms: u32,
) -> Status {
    let send = || {
        let shared = known(queue)?;
        // SAFETY: the caller's promise.
        let message = unsafe { bytes(message, len) }?;
        match shared.kind() {
            Kind::Queue { message: size, .. } => require(size > 0 && len <= size)?,
            _ => return Err(Status::BAD_ARGUMENT),
        }
        attempt(&shared, timeout_ms, || shared.try_send(message, urgent != 0))
    };
    send().into()
}

/// Takes a message out of a queue: see the header.
///
/// # Safety
/// `size` bytes at `buf` are the caller's; `len` is null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_queue_receive(
    queue: *mut c_void,
    buf: *mut u8,
    size: usize,
    len: *mut usize,
    timeout_ms: u32,
) -> Status {
    let receive = || {
        let shared = known(queue)?;
        match shared.kind() {
            // Nothing that does not fit is taken.
            Kind::Queue { message, .. } => {
                require(message > 0 && size >= message && !buf.is_null())?;
            }
            _ => return Err(Status::BAD_ARGUMENT),
        }
        // SAFETY: the caller's promise.
        let buf = unsafe { core::slice::from_raw_parts_mut(buf, size) };
        let mut got = 0;
        attempt(&shared, timeout_ms, || {
            let n = shared.try_receive(buf, false)?;
            got = n.unwrap_or(0);
            Ok(n.is_some())
        })?;
        // SAFETY: as above.
        if len.is_null() { Ok(()) } else { unsafe { put(len, got) } }
    };
    receive().into()
}

/// Takes from a semaphore, or a mutex: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_object_take(object: *mut c_void, timeout_ms: u32) -> Status {
    let take = || {
        let shared = known(object)?;
        match shared.kind() {
            Kind::Semaphore { .. } => {}
            Kind::Mutex if !rtos::in_isr() => {}
            Kind::Mutex => return Err(Status::WRONG_CONTEXT),
            _ => return Err(Status::BAD_ARGUMENT),
        }
        attempt(&shared, timeout_ms, || shared.try_take())
    };
    take().into()
}

/// Gives to a semaphore, or frees a mutex: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_object_give(object: *mut c_void) -> Status {
    let give = || {
        let shared = known(object)?;
        match shared.kind() {
            Kind::Semaphore { .. } => {}
            Kind::Mutex if !rtos::in_isr() => {}
            Kind::Mutex => return Err(Status::WRONG_CONTEXT),
            _ => return Err(Status::BAD_ARGUMENT),
        }
        if shared.give()? { Ok(()) } else { Err(Status::WRONG_STATE) }
    };
    give().into()
}

/// The bits that there are, as Python has them.
const BITS: u32 = (1 << 30) - 1;

/// Changes the bits of a group: see the header.
///
/// # Safety
/// `now` is null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_group_change(
    group: *mut c_void,
    clear: u32,
    set: u32,
    now: *mut u32,
) -> Status {
    let change = || {
        let shared = known(group)?;
        require(shared.kind() == Kind::EventGroup && (clear | set) & !BITS == 0)?;
        let bits = shared.change_bits(clear as usize, set as usize)?;
        // SAFETY: the caller's promise.
        if now.is_null() { Ok(()) } else { unsafe { put(now, bits as u32) } }
    };
    change().into()
}

/// Waits for bits of a group: see the header.
///
/// # Safety
/// `before` is null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_group_wait(
    group: *mut c_void,
    bits: u32,
    all: i32,
    clear: i32,
    timeout_ms: u32,
    before: *mut u32,
) -> Status {
    let wait = || {
        let shared = known(group)?;
        require(shared.kind() == Kind::EventGroup && bits != 0 && bits & !BITS == 0)?;
        let mut got = 0;
        attempt(&shared, timeout_ms, || {
            let met = shared.try_bits(bits as usize, all != 0, clear != 0)?;
            got = met.unwrap_or(0);
            Ok(met.is_some())
        })?;
        // SAFETY: the caller's promise.
        if before.is_null() { Ok(()) } else { unsafe { put(before, got as u32) } }
    };
    wait().into()
}
