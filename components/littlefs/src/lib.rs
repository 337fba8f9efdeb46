//! littlefs: file systems that survive a power cut at any moment, on flash.
//!
//! A [`Filesystem`] owns littlefs' state in an arena and is lent its device for each call: so the device may be a chip
//! that a service task owns, or a Python object that is called in the calling thread. Geometry is chosen at run time.
//!
//! Errors are errno numbers, positive; [`CORRUPT`] for a volume or block that makes no sense.
//!
//! Invariants:
//! - L1. A block that littlefs knows (volume, file, directory) is in the arena, does not move, and is given back only
//!   after littlefs has let go of it.
//! - L2. The volume's device pointer is valid during a call and null otherwise.
//!
//! Source: littlefs' `lfs.h`, and its `SPEC.md` for the format.
#![cfg_attr(not(test), no_std)]

mod ffi;

use core::ffi::{CStr, c_void};
pub use ffi::Geometry;
use ffi::{Api, V2};
use threadsnake_arena::{Arena, Block};

/// "This makes no sense": a corrupt volume or a bad block.
pub const CORRUPT: i32 = 84;
const EBADF: i32 = 9;
const ENOMEM: i32 = 12;
const EINVAL: i32 = 22;
const EMFILE: i32 = 24;
const ENAMETOOLONG: i32 = 36;

/// The longest path, in bytes.
pub const PATH_MAX: usize = 255;
/// How many files may be open at once.
pub const MAX_FILES: usize = 16;
/// How many directories may be listed at once.
pub const MAX_DIRS: usize = 8;
/// The longest name, in bytes.
pub const NAME_MAX: usize = 255;

/// A result; the error is an errno number.
pub type Result<T> = core::result::Result<T, i32>;

/// What a volume lives on: blocks that are erased whole and written in parts.
pub trait Flash {
    /// Reads from a block. `offset` and length are multiples of the read size.
    ///
    /// # Errors
    /// An errno number.
    fn read(&mut self, block: u32, offset: u32, buf: &mut [u8]) -> Result<()>;

    /// Writes to an erased part of a block. `offset` and length are multiples of the write size.
    ///
    /// # Errors
    /// An errno number; [`CORRUPT`] for a block that is worn out.
    fn prog(&mut self, block: u32, offset: u32, data: &[u8]) -> Result<()>;

    /// Erases a block; what it contains afterwards does not matter.
    ///
    /// # Errors
    /// As [`Flash::prog`].
    fn erase(&mut self, block: u32) -> Result<()>;

    /// Returns when everything written is safe.
    ///
    /// # Errors
    /// An errno number.
    fn sync(&mut self) -> Result<()>;
}

/// A format on disk.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Version {
    /// littlefs 1.
    #[cfg(feature = "v1")]
    One,
    /// littlefs 2, disk version 2.1.
    Two,
}

impl Version {
    fn api(self) -> &'static Api {
        match self {
            #[cfg(feature = "v1")]
            Version::One => &ffi::V1,
            Version::Two => &V2,
        }
    }
}

/// How to open a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Mode {
    pub read: bool,
    pub write: bool,
    pub append: bool,
    pub create: bool,
    pub exclusive: bool,
    pub truncate: bool,
}

/// What is known of a file or directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stat {
    /// True for a directory.
    pub is_dir: bool,
    /// Bytes of a file.
    pub size: u32,
    /// Nanoseconds since 1970 of the last change, where the volume has them.
    pub modified_ns: Option<u64>,
}

/// An open file or directory: 16 bits, then the place in the table.
pub type Id = u32;

#[derive(Debug)]
struct Open {
    block: Block,
    id: Id,
    /// Opened for writing, with a time.
    has_time: bool,
}

/// A mounted volume.
pub struct Filesystem {
    api: &'static Api,
    arena: &'static Arena,
    geometry: Geometry,
    volume: Block,
    files: [Option<Open>; MAX_FILES],
    dirs: [Option<Open>; MAX_DIRS],
    /// Of the next file or directory, in the upper bits of its number.
    generation: u32,
}

// SAFETY: the blocks are the file system's alone, and littlefs has no state outside them.
unsafe impl Send for Filesystem {}

impl core::fmt::Debug for Filesystem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Filesystem").field("geometry", &self.geometry).finish_non_exhaustive()
    }
}

/// The device as the shim calls it.
type Lent<'a> = &'a mut dyn Flash;

fn answer(result: Result<()>) -> i32 {
    match result {
        Ok(()) => 0,
        Err(errno) => -errno.max(1),
    }
}

/// # Safety
/// Called by littlefs during a call: L2; `buffer` has `size` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_lfs_read(
    device: *mut c_void,
    block: u32,
    offset: u32,
    buffer: *mut u8,
    size: u32,
) -> i32 {
    // SAFETY: the caller's promise.
    let (device, buf) = unsafe {
        (&mut *device.cast::<Lent<'_>>(), core::slice::from_raw_parts_mut(buffer, size as usize))
    };
    answer(device.read(block, offset, buf))
}

/// # Safety
/// As [`ts_lfs_read`].
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_lfs_prog(
    device: *mut c_void,
    block: u32,
    offset: u32,
    buffer: *const u8,
    size: u32,
) -> i32 {
    // SAFETY: the caller's promise.
    let (device, data) = unsafe {
        (&mut *device.cast::<Lent<'_>>(), core::slice::from_raw_parts(buffer, size as usize))
    };
    answer(device.prog(block, offset, data))
}

/// # Safety
/// L2.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_lfs_erase(device: *mut c_void, block: u32) -> i32 {
    // SAFETY: the caller's promise.
    answer(unsafe { &mut *device.cast::<Lent<'_>>() }.erase(block))
}

/// # Safety
/// L2.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_lfs_sync(device: *mut c_void) -> i32 {
    // SAFETY: the caller's promise.
    answer(unsafe { &mut *device.cast::<Lent<'_>>() }.sync())
}

fn check(result: i32) -> Result<u32> {
    u32::try_from(result).map_err(|_| result.saturating_neg())
}

/// Calls `f` with a terminated copy of a path.
fn with_path<R>(path: &str, f: impl FnOnce(&CStr) -> Result<R>) -> Result<R> {
    let mut bytes = [0; PATH_MAX + 1];
    let place = bytes.get_mut(..path.len()).filter(|_| path.len() <= PATH_MAX);
    place.ok_or(ENAMETOOLONG)?.copy_from_slice(path.as_bytes());
    f(CStr::from_bytes_with_nul(&bytes[..=path.len()]).map_err(|_| EINVAL)?)
}

impl Geometry {
    /// The geometry that suits a device of `block_count` blocks of `block_size` bytes, read and written in multiples
    /// of `read_size` and `prog_size`.
    ///
    /// # Errors
    /// `EINVAL` where these do not go together.
    pub fn new(
        block_size: u32,
        block_count: u32,
        read_size: u32,
        prog_size: u32,
        lookahead_size: u32,
    ) -> Result<Self> {
        let cache_size = read_size.max(prog_size).checked_mul(4).ok_or(EINVAL)?.min(block_size);
        let geometry = Geometry {
            read_size,
            prog_size,
            block_size,
            block_count,
            cache_size,
            lookahead_size,
            block_cycles: 100,
        };
        if geometry.is_valid() { Ok(geometry) } else { Err(EINVAL) }
    }

    /// What littlefs takes for granted.
    fn is_valid(&self) -> bool {
        let divides = |a: u32, b: u32| a != 0 && b != 0 && b.is_multiple_of(a);
        divides(self.read_size, self.cache_size)
            && divides(self.prog_size, self.cache_size)
            && divides(self.read_size, self.prog_size.max(self.read_size))
            && divides(self.cache_size, self.block_size)
            && divides(8, self.lookahead_size)
            && (64..=1 << 24).contains(&self.block_size)
            && (2..=i32::MAX as u32).contains(&self.block_count)
            && self.lookahead_size <= 1 << 16
    }
}

/// Makes an empty volume on a device.
///
/// # Errors
/// `ENOMEM`, `EINVAL` for an impossible geometry, what the device answers.
pub fn format(
    version: Version,
    geometry: &Geometry,
    arena: &'static Arena,
    mut device: &mut dyn Flash,
) -> Result<()> {
    if !geometry.is_valid() {
        return Err(EINVAL);
    }
    let api = version.api();
    // SAFETY: the function only computes; the block has the size it names. L2: `device` lives here.
    unsafe {
        let volume = arena.block((api.volume_bytes)(geometry) as usize).ok_or(ENOMEM)?;
        let device = (&raw mut device).cast();
        check((api.format)(volume.as_ptr().cast(), geometry, device)).map(|_| ())
    }
}

impl Filesystem {
    /// Mounts the volume on a device.
    ///
    /// # Errors
    /// [`CORRUPT`] or `EINVAL` where there is none; `ENOMEM`; what the device answers.
    pub fn mount(
        version: Version,
        geometry: &Geometry,
        arena: &'static Arena,
        mut device: &mut dyn Flash,
    ) -> Result<Self> {
        if !geometry.is_valid() {
            return Err(EINVAL);
        }
        let api = version.api();
        // SAFETY: as in `format`; after an error littlefs has let go of the block.
        let volume = unsafe {
            let volume = arena.block((api.volume_bytes)(geometry) as usize).ok_or(ENOMEM)?;
            let device = (&raw mut device).cast();
            let result = (api.mount)(volume.as_ptr().cast(), geometry, device);
            (api.lend)(volume.as_ptr().cast(), core::ptr::null_mut());
            check(result)?;
            volume
        };
        Ok(Filesystem {
            api,
            arena,
            geometry: *geometry,
            volume,
            files: [const { None }; MAX_FILES],
            dirs: [const { None }; MAX_DIRS],
            generation: 0,
        })
    }

    /// The geometry it was mounted with.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Calls littlefs with the volume while it has the device.
    fn call(
        &mut self,
        mut device: &mut dyn Flash,
        f: impl FnOnce(&Api, *mut c_void) -> i32,
    ) -> Result<u32> {
        let volume = self.volume.as_ptr().cast();
        // SAFETY: L1, L2: the volume is mounted, and `device` lives until the second call.
        unsafe { (self.api.lend)(volume, (&raw mut device).cast()) };
        let result = f(self.api, volume);
        // SAFETY: L1.
        unsafe { (self.api.lend)(volume, core::ptr::null_mut()) };
        check(result)
    }

    /// Opens a file. With `now_ns` (nanoseconds since 1970) a file that is written keeps that time.
    ///
    /// # Errors
    /// Those of POSIX; `EMFILE` beyond [`MAX_FILES`], `ENOMEM`.
    pub fn open(
        &mut self,
        device: &mut dyn Flash,
        path: &str,
        mode: Mode,
        now_ns: Option<u64>,
    ) -> Result<Id> {
        let place = self.files.iter().position(Option::is_none).ok_or(EMFILE)?;
        // SAFETY: the function only computes.
        let bytes = unsafe { (self.api.file_bytes)(&self.geometry) };
        let block = self.arena.block(bytes as usize).ok_or(ENOMEM)?;
        let flags = [
            (mode.read, 1),
            (mode.write, 2),
            (mode.create, 0x100),
            (mode.exclusive, 0x200),
            (mode.truncate, 0x400),
            (mode.append, 0x800),
        ];
        let flags = flags.iter().map(|&(wanted, flag)| if wanted { flag } else { 0 }).sum();
        let has_time = mode.write && now_ns.is_some();
        let file = block.as_ptr().cast();
        with_path(path, |path| {
            // SAFETY: L1; the path is terminated. After an error littlefs has let go of the block.
            self.call(device, |api, volume| unsafe {
                (api.file_open)(volume, file, path.as_ptr(), flags, has_time.into())
            })
        })?;
        let id = self.next_id(place);
        self.files[place] = Some(Open { block, id, has_time });
        if let Some(now_ns) = now_ns {
            self.set_time(id, now_ns);
        }
        Ok(id)
    }

    fn next_id(&mut self, place: usize) -> Id {
        self.generation = (self.generation + 1) & 0xffff;
        self.generation << 8 | place as u32
    }

    fn file(&self, id: Id) -> Result<&Open> {
        let open = self.files.get(id as usize & 0xff).and_then(Option::as_ref);
        open.filter(|open| open.id == id).ok_or(EBADF)
    }

    /// Sets the time that a file which was opened for writing gets when it is next made safe. Nothing where the
    /// volume has no times.
    pub fn set_time(&mut self, id: Id, now_ns: u64) {
        if let Ok(open) = self.file(id)
            && open.has_time
        {
            // SAFETY: L1; eight bytes.
            unsafe {
                (self.api.file_mtime)(open.block.as_ptr().cast(), now_ns.to_le_bytes().as_ptr())
            };
        }
    }

    /// Reads at the position; 0 at the end.
    ///
    /// # Errors
    /// `EBADF`, also for a file that is not open for reading; what the device answers.
    pub fn read(&mut self, device: &mut dyn Flash, id: Id, buf: &mut [u8]) -> Result<usize> {
        let file = self.file(id)?.block.as_ptr().cast();
        let len = buf.len().min(i32::MAX as usize) as u32;
        // SAFETY: L1; the buffer has that many bytes.
        let n = self.call(device, |api, volume| unsafe {
            (api.file_read)(volume, file, buf.as_mut_ptr(), len)
        })?;
        Ok(n as usize)
    }

    /// Writes at the position, everything or nothing.
    ///
    /// # Errors
    /// `EBADF`, `ENOSPC`, `EFBIG`; what the device answers.
    pub fn write(&mut self, device: &mut dyn Flash, id: Id, data: &[u8]) -> Result<usize> {
        let file = self.file(id)?.block.as_ptr().cast();
        let len = data.len().min(i32::MAX as usize) as u32;
        // SAFETY: L1; the buffer has that many bytes.
        let n = self.call(device, |api, volume| unsafe {
            (api.file_write)(volume, file, data.as_ptr(), len)
        })?;
        Ok(n as usize)
    }

    /// Moves the position; `whence` 0: from the start, 1: from the position, 2: from the end.
    ///
    /// # Errors
    /// `EINVAL` for a position before the start or too far; `EBADF`.
    pub fn seek(
        &mut self,
        device: &mut dyn Flash,
        id: Id,
        offset: i64,
        whence: i32,
    ) -> Result<u32> {
        let file = self.file(id)?.block.as_ptr().cast();
        let offset = i32::try_from(offset).map_err(|_| EINVAL)?;
        // SAFETY: L1.
        self.call(device, |api, volume| unsafe { (api.file_seek)(volume, file, offset, whence) })
    }

    /// Makes what was written safe.
    ///
    /// # Errors
    /// As [`Filesystem::write`].
    pub fn sync(&mut self, device: &mut dyn Flash, id: Id) -> Result<()> {
        let file = self.file(id)?.block.as_ptr().cast();
        // SAFETY: L1.
        self.call(device, |api, volume| unsafe { (api.file_sync)(volume, file) }).map(|_| ())
    }

    /// Makes all files safe.
    ///
    /// # Errors
    /// The first there was; the others are made safe nevertheless.
    pub fn sync_all(&mut self, device: &mut dyn Flash) -> Result<()> {
        let mut result = Ok(());
        for place in 0..MAX_FILES {
            if let Some(id) = self.files[place].as_ref().map(|open| open.id) {
                result = result.and(self.sync(device, id));
            }
        }
        result
    }

    /// Closes a file; it is closed also after an error.
    ///
    /// # Errors
    /// As [`Filesystem::write`].
    pub fn close(&mut self, device: &mut dyn Flash, id: Id) -> Result<()> {
        let file = self.file(id)?.block.as_ptr().cast();
        // SAFETY: L1; littlefs lets go of the file in any case.
        let result = self.call(device, |api, volume| unsafe { (api.file_close)(volume, file) });
        self.files[id as usize & 0xff] = None;
        result.map(|_| ())
    }

    /// Begins to list a directory.
    ///
    /// # Errors
    /// `ENOENT`, `ENOTDIR`, `EMFILE`, `ENOMEM`; what the device answers.
    pub fn open_dir(&mut self, device: &mut dyn Flash, path: &str) -> Result<Id> {
        let place = self.dirs.iter().position(Option::is_none).ok_or(EMFILE)?;
        // SAFETY: the function only computes.
        let bytes = unsafe { (self.api.dir_bytes)() };
        let block = self.arena.block(bytes as usize).ok_or(ENOMEM)?;
        let dir = block.as_ptr().cast();
        with_path(path, |path| {
            // SAFETY: L1; the path is terminated. After an error littlefs has let go of the block.
            self.call(device, |api, volume| unsafe { (api.dir_open)(volume, dir, path.as_ptr()) })
        })?;
        let id = self.next_id(place);
        self.dirs[place] = Some(Open { block, id, has_time: false });
        Ok(id)
    }

    fn dir(&self, id: Id) -> Result<*mut c_void> {
        let open = self.dirs.get(id as usize & 0xff).and_then(Option::as_ref);
        open.filter(|open| open.id == id).map(|open| open.block.as_ptr().cast()).ok_or(EBADF)
    }

    /// The next entry: its facts and the length of its name in `name`; `None` at the end.
    ///
    /// # Errors
    /// `EBADF`; what the device answers.
    pub fn next_entry(
        &mut self,
        device: &mut dyn Flash,
        id: Id,
        name: &mut [u8; NAME_MAX],
    ) -> Result<Option<(usize, Stat)>> {
        let dir = self.dir(id)?;
        let (mut text, mut info) = ([0u8; NAME_MAX + 1], ffi::Info::default());
        // SAFETY: L1; the name's buffer has 256 bytes.
        let more = self.call(device, |api, volume| unsafe {
            (api.dir_read)(volume, dir, text.as_mut_ptr().cast(), &mut info)
        })?;
        if more == 0 {
            return Ok(None);
        }
        let len = text.iter().position(|&byte| byte == 0).unwrap_or(NAME_MAX).min(NAME_MAX);
        name[..len].copy_from_slice(&text[..len]);
        Ok(Some((len, Stat { is_dir: info.is_dir != 0, size: info.size, modified_ns: None })))
    }

    /// Ends listing.
    ///
    /// # Errors
    /// `EBADF`.
    pub fn close_dir(&mut self, device: &mut dyn Flash, id: Id) -> Result<()> {
        let dir = self.dir(id)?;
        // SAFETY: L1; littlefs lets go of the directory in any case.
        let result = self.call(device, |api, volume| unsafe { (api.dir_close)(volume, dir) });
        self.dirs[id as usize & 0xff] = None;
        result.map(|_| ())
    }

    /// What is at a path.
    ///
    /// # Errors
    /// `ENOENT`, `ENOTDIR`; what the device answers.
    pub fn stat(&mut self, device: &mut dyn Flash, path: &str) -> Result<Stat> {
        let (mut info, mut time) = (ffi::Info::default(), [0; 8]);
        let has_time = with_path(path, |path| {
            // SAFETY: L1; the path is terminated.
            self.call(device, |api, volume| unsafe {
                (api.stat)(volume, path.as_ptr(), &mut info)
            })?;
            // SAFETY: as above; eight bytes.
            Ok(self.call(device, |api, volume| unsafe {
                (api.get_mtime)(volume, path.as_ptr(), time.as_mut_ptr())
            }))
        })?;
        let modified_ns = has_time.ok().map(|_| u64::from_le_bytes(time));
        Ok(Stat { is_dir: info.is_dir != 0, size: info.size, modified_ns })
    }

    /// Makes a directory.
    ///
    /// # Errors
    /// `EEXIST`, `ENOENT`, `ENOSPC`; what the device answers.
    pub fn make_dir(&mut self, device: &mut dyn Flash, path: &str) -> Result<()> {
        with_path(path, |path| {
            // SAFETY: L1; the path is terminated.
            self.call(device, |api, volume| unsafe { (api.mkdir)(volume, path.as_ptr()) })
        })
        .map(|_| ())
    }

    /// Removes a file or an empty directory.
    ///
    /// # Errors
    /// `ENOENT`, `ENOTEMPTY`; what the device answers.
    pub fn remove(&mut self, device: &mut dyn Flash, path: &str) -> Result<()> {
        with_path(path, |path| {
            // SAFETY: L1; the path is terminated.
            self.call(device, |api, volume| unsafe { (api.remove)(volume, path.as_ptr()) })
        })
        .map(|_| ())
    }

    /// Renames; what has the new name is replaced.
    ///
    /// # Errors
    /// `ENOENT`, `ENOTEMPTY`, `EISDIR`, `ENOTDIR`; what the device answers.
    pub fn rename(&mut self, device: &mut dyn Flash, from: &str, to: &str) -> Result<()> {
        with_path(from, |from| {
            with_path(to, |to| {
                // SAFETY: L1; the paths are terminated.
                self.call(device, |api, volume| unsafe {
                    (api.rename)(volume, from.as_ptr(), to.as_ptr())
                })
            })
        })
        .map(|_| ())
    }

    /// How many blocks are in use.
    ///
    /// # Errors
    /// What the device answers.
    pub fn used_blocks(&mut self, device: &mut dyn Flash) -> Result<u32> {
        // SAFETY: L1.
        self.call(device, |api, volume| unsafe { (api.used_blocks)(volume) })
    }

    /// How many files and directories are open.
    pub fn open_count(&self) -> usize {
        self.files.iter().flatten().count() + self.dirs.iter().flatten().count()
    }
}

impl Drop for Filesystem {
    /// Lets go of the volume without touching the device: files that were not closed lose what was not made safe.
    fn drop(&mut self) {
        // SAFETY: L1: littlefs frees nothing, for all buffers are ours, and forgets its list of files with the volume.
        unsafe { (self.api.unmount)(self.volume.as_ptr().cast()) };
    }
}
