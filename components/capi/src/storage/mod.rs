//! Volumes for C: what `threadsnake_storage.h` declares. A block device in C, the file system on it, the task that
//! owns both, and the files of it for C's tasks.
//!
//! # Invariants
//! - S1. A volume lies at the beginning of the memory that C gave for it, for ever, and is in [`VOLUMES`]; a pointer
//!   from C is compared with those before it is followed.
//! - S2. A device's functions are called by the volume's task only, one at a time; all that must be there are.

mod device;
mod file;

use core::cell::Cell;
use core::ffi::{c_char, c_void};
use critical_section::Mutex;
use device::{CBlockDevice, Device};
use threadsnake_glue::capi::Status;
use threadsnake_glue::rtos;
use threadsnake_glue::service::Service;
use threadsnake_storage::engine::{ARENA, Kind, Options};
use threadsnake_storage::served::{Disk, Served};
use threadsnake_storage::volume::{MAX_VOLUMES, register, register_device, registered};

use crate::given;

/// `ts_storage_config`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct StorageConfig {
    size: u32,
    memory: *mut c_void,
    memory_size: usize,
    unix_time_s: Option<extern "C" fn() -> u64>,
}

/// `ts_volume_config`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct VolumeConfig {
    size: u32,
    kind: i32,
    device: *const CBlockDevice,
    mount_point: *const c_char,
    name: *const c_char,
    priority: u32,
    lookahead: u32,
    memory: *mut c_void,
    memory_size: usize,
}

/// `ts_volume`.
pub struct CVolume {
    served: Served<Device>,
}

type Known = [Option<&'static CVolume>; MAX_VOLUMES];

static VOLUMES: Mutex<Cell<Known>> = Mutex::new(Cell::new([None; MAX_VOLUMES]));

/// The clock of files; set before the first volume.
static CLOCK: Mutex<Cell<Option<extern "C" fn() -> u64>>> = Mutex::new(Cell::new(None));
/// The arena has its memory.
static IS_READY: Mutex<Cell<bool>> = Mutex::new(Cell::new(false));

/// The least `ts_storage_config.memory_size`: a mounted file system and a file.
const MIN_ARENA_BYTES: usize = 16 * 1024;
/// The least `ts_volume_config.memory_size`, `TS_VOLUME_MEMORY`.
const MIN_VOLUME_BYTES: usize = 12 * 1024;
/// The longest mount point, as tasks without a VM see it.
const POINT_MAX: usize = threadsnake_storage::view::POINT_MAX;

fn clock() -> Option<u64> {
    let clock = critical_section::with(|cs| CLOCK.borrow(cs).get());
    clock.map(|clock| clock().saturating_mul(1_000_000_000))
}

/// The volume behind a pointer from C. Any context.
fn find(volume: *const CVolume) -> Option<&'static CVolume> {
    let known = critical_section::with(|cs| VOLUMES.borrow(cs).get());
    known.into_iter().flatten().find(|&known| core::ptr::eq(known, volume))
}

/// Gives all file systems their memory: see the header.
///
/// # Safety
/// As the header says of the structure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_storage_init(config: *const StorageConfig) -> Status {
    let init = || {
        if rtos::in_isr() {
            return Err(Status::WRONG_CONTEXT);
        }
        // SAFETY: the caller's promise.
        let config = unsafe { given::structure(config) }?;
        if config.memory_size < MIN_ARENA_BYTES {
            return Err(Status::NO_MEMORY);
        }
        if config.memory.is_null() {
            return Err(Status::BAD_ARGUMENT);
        }
        if critical_section::with(|cs| IS_READY.borrow(cs).replace(true)) {
            return Err(Status::WRONG_STATE);
        }
        // SAFETY: the caller's promise.
        ARENA.give(unsafe { given::memory(config.memory.cast(), config.memory_size) }?);
        critical_section::with(|cs| CLOCK.borrow(cs).set(config.unix_time_s));
        crate::rooms::join();
        Ok(())
    };
    init().into()
}

/// The mount point of a configuration, checked; empty for none.
///
/// # Safety
/// Null or a terminated text that lives for ever.
unsafe fn mount_point(text: *const c_char) -> Result<&'static str, Status> {
    if text.is_null() {
        return Ok("");
    }
    // SAFETY: the caller's promise.
    let point: &'static str = unsafe { given::text(text) }?;
    let is_one =
        point == "/" || point.starts_with('/') && !point.ends_with('/') && point.len() <= POINT_MAX;
    let is_taken =
        (0..).map_while(registered).any(|other| other.mount_point == point && !point.is_empty());
    match (is_one, is_taken) {
        (false, _) => Err(Status::BAD_ARGUMENT),
        (true, true) => Err(Status::EXISTS),
        (true, false) => Ok(point),
    }
}

/// Makes a volume and its task: see the header.
///
/// # Safety
/// As the header says of each argument.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_volume_new(
    config: *const VolumeConfig,
    volume: *mut *const CVolume,
) -> Status {
    let new = || {
        if rtos::in_isr() {
            return Err(Status::WRONG_CONTEXT);
        }
        if !critical_section::with(|cs| IS_READY.borrow(cs).get()) {
            return Err(Status::WRONG_STATE);
        }
        // SAFETY: the caller's promise.
        let config = unsafe { given::structure(config) }?;
        let kind = match config.kind {
            0 => Kind::Lfs2,
            1 => Kind::Fat,
            _ => return Err(Status::BAD_ARGUMENT),
        };
        // SAFETY: the caller's promise; the device and the texts live for ever.
        let (device, point, name) = unsafe {
            (
                Device::new(config.device)?,
                mount_point(config.mount_point)?,
                given::text(config.name)?,
            )
        };
        // SAFETY: as above.
        let task_name = unsafe { given::name(config.name) }?;
        if config.priority >= rtos::priorities() || volume.is_null() {
            return Err(Status::BAD_ARGUMENT);
        }
        if config.memory_size < MIN_VOLUME_BYTES {
            return Err(Status::NO_MEMORY);
        }
        if registered(MAX_VOLUMES - 1).is_some() {
            return Err(Status::FULL);
        }
        // SAFETY: the caller's promise.
        let memory = unsafe { given::memory(config.memory.cast(), config.memory_size) }?;
        let made = make(device, kind, config.lookahead, task_name, config.priority, memory)?;
        let is_known = match point {
            "" => register_device(&made.served, name),
            point => register(&made.served, point),
        };
        if !is_known {
            return Err(Status::FULL);
        }
        critical_section::with(|cs| {
            let mut known = VOLUMES.borrow(cs).get();
            if let Some(place) = known.iter_mut().find(|place| place.is_none()) {
                *place = Some(made);
            }
            VOLUMES.borrow(cs).set(known);
        });
        // SAFETY: not null, and the caller's variable.
        unsafe { volume.write(made) };
        Ok(())
    };
    new().into()
}

/// A volume at the beginning of `memory`, its service behind it.
fn make(
    device: Device,
    kind: Kind,
    lookahead: u32,
    name: &core::ffi::CStr,
    priority: u32,
    memory: &'static mut [u8],
) -> Result<&'static CVolume, Status> {
    let skip = memory.as_ptr().align_offset(16);
    let head = size_of::<CVolume>().next_multiple_of(16);
    let memory = memory.get_mut(skip..).ok_or(Status::NO_MEMORY)?;
    let (place, rest) = memory.split_at_mut_checked(head).ok_or(Status::NO_MEMORY)?;
    let keeps_times = critical_section::with(|cs| CLOCK.borrow(cs).get()).is_some();
    let (read_size, write_size) = device.sizes();
    let lookahead = if lookahead == 0 { Options::default().lookahead } else { lookahead };
    let options = Options { read_size, write_size, lookahead, keeps_times };
    let disk = Disk::new(device, kind, options, clock);
    let service = Service::start(disk, name, priority, rest).ok_or(Status::NO_MEMORY)?;
    let place = place.as_mut_ptr().cast::<CVolume>();
    // SAFETY: the place is aligned, large enough, and ours for ever (S1).
    Ok(unsafe {
        place.write(CVolume { served: Served::new(service, kind) });
        &*place
    })
}
