//! FAT12, FAT16 and FAT32 by ChaN's FatFs: for SD cards, and for flash that a computer is to read.
//!
//! As in `threadsnake-littlefs`, a [`Filesystem`] keeps its state in an arena and is lent its device for each call.
//! FatFs knows volumes by drive numbers, of which an image has ten.
//!
//! Errors are errno numbers, positive.
//!
//! Invariants:
//! - F1. A block that FatFs knows (volume, file, directory) is in the arena, does not move, and is given back only after
//!   FatFs has let go of it.
//! - F2. A drive's device pointer is valid during a call and null otherwise.
//! - F3. A drive number has one owner, a [`Drive`].
//! - F4. A file that is open for writing is open for nothing else but reading: two writers would damage the volume, and
//!   so would one whose entry or clusters are gone. Whoever comes later takes the file over: the earlier ones are closed,
//!   what they wrote being safe, and are told `EBADF` when they go on. (Scripts forget to close files.)
//!
//! Source: FatFs' documentation (`00index_e.html`); Microsoft, "FAT32 File System Specification" 1.03.
#![cfg_attr(not(test), no_std)]

mod ffi;
mod small;
mod time;

use core::ffi::{CStr, c_void};
use core::sync::atomic::{AtomicU32, Ordering};
use threadsnake_arena::{Arena, Block};

const ENOENT: i32 = 2;
const EIO: i32 = 5;
const EBADF: i32 = 9;
const ENOMEM: i32 = 12;
const EACCES: i32 = 13;
const EBUSY: i32 = 16;
const EEXIST: i32 = 17;
const ENODEV: i32 = 19;
const EISDIR: i32 = 21;
const ENOTDIR: i32 = 20;
const EINVAL: i32 = 22;
const EMFILE: i32 = 24;
const ENOSPC: i32 = 28;
const EROFS: i32 = 30;
const ENAMETOOLONG: i32 = 36;

/// The longest path, in bytes.
pub const PATH_MAX: usize = 255;
/// The longest name, in bytes.
pub const NAME_MAX: usize = 255;
/// How many files may be open at once.
pub const MAX_FILES: usize = 16;
/// How many directories may be listed at once.
pub const MAX_DIRS: usize = 8;
/// Bytes of the buffer for making a volume.
const WORK_BYTES: usize = 4096;

/// A result; the error is an errno number.
pub type Result<T> = core::result::Result<T, i32>;

/// What a volume lives on: sectors that are read and written whole.
pub trait Disk {
    /// Bytes of a sector: 512, 1024, 2048 or 4096.
    fn sector_size(&mut self) -> u32;

    /// How many sectors there are.
    fn sectors(&mut self) -> u32;

    /// True if it must not be written.
    fn is_read_only(&mut self) -> bool;

    /// Reads whole sectors.
    ///
    /// # Errors
    /// An errno number: `ENODEV` where there is no medium any more.
    fn read(&mut self, sector: u32, buf: &mut [u8]) -> Result<()>;

    /// Writes whole sectors.
    ///
    /// # Errors
    /// As [`Disk::read`].
    fn write(&mut self, sector: u32, data: &[u8]) -> Result<()>;

    /// Returns when everything written is safe.
    ///
    /// # Errors
    /// As [`Disk::read`].
    fn sync(&mut self) -> Result<()>;
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
    /// Seconds since 1970 of the last change, in steps of two; FAT keeps local time, which is taken as UTC.
    pub modified_s: u64,
}

/// How much room a volume has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Space {
    /// Bytes of a cluster.
    pub cluster_bytes: u32,
    /// Clusters in all.
    pub clusters: u32,
    /// Clusters that are free.
    pub free: u32,
}

/// An open file or directory: 16 bits, then the place in the table.
pub type Id = u32;

#[derive(Debug)]
struct Open {
    block: Block,
    id: Id,
    /// Which entry it is; 0 for a directory.
    entry: u64,
    writes: bool,
}

/// A drive number.
#[derive(Debug)]
struct Drive(u32);

static DRIVES: AtomicU32 = AtomicU32::new(0);

impl Drive {
    fn take() -> Result<Self> {
        let all = (1u32 << ffi::ts_fat_drives()) - 1;
        let add = |used: u32| (used != all).then(|| used | (used + 1));
        let taken = DRIVES.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        taken.map(|used| Drive((!used).trailing_zeros())).map_err(|_| EMFILE)
    }
}

impl Drop for Drive {
    fn drop(&mut self) {
        DRIVES.fetch_and(!(1 << self.0), Ordering::Relaxed);
    }
}

/// The device as the shim calls it, and the last error it gave: FatFs has one number for all.
struct Lent<'a> {
    disk: &'a mut dyn Disk,
    error: i32,
    sector_size: u32,
    is_mounting: bool,
}

impl Lent<'_> {
    fn answer(&mut self, result: Result<()>) -> u32 {
        match result {
            Ok(()) => 0,
            Err(EROFS) => 2,
            Err(errno) => {
                self.error = errno;
                1
            }
        }
    }
}

/// # Safety
/// Called by FatFs during a call: F2; the buffer has `count` sectors.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_fat_read(
    device: *mut c_void,
    buffer: *mut u8,
    sector: u32,
    count: u32,
) -> u32 {
    // SAFETY: the caller's promise.
    let (lent, buf) = unsafe {
        let lent = &mut *device.cast::<Lent<'_>>();
        let bytes = count as usize * lent.sector_size as usize;
        (lent, core::slice::from_raw_parts_mut(buffer, bytes))
    };
    let result = lent.disk.read(sector, buf);
    if lent.is_mounting {
        small::accept(buf);
    }
    lent.answer(result)
}

/// # Safety
/// As [`ts_fat_read`].
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_fat_write(
    device: *mut c_void,
    buffer: *const u8,
    sector: u32,
    count: u32,
) -> u32 {
    // SAFETY: the caller's promise.
    let (lent, data) = unsafe {
        let lent = &mut *device.cast::<Lent<'_>>();
        let bytes = count as usize * lent.sector_size as usize;
        (lent, core::slice::from_raw_parts(buffer, bytes))
    };
    let result = lent.disk.write(sector, data);
    lent.answer(result)
}

/// # Safety
/// F2.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_fat_sync(device: *mut c_void) -> u32 {
    // SAFETY: the caller's promise.
    let lent = unsafe { &mut *device.cast::<Lent<'_>>() };
    let result = lent.disk.sync();
    lent.answer(result)
}

/// # Safety
/// F2.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_fat_sectors(device: *mut c_void) -> u32 {
    // SAFETY: the caller's promise.
    unsafe { &mut *device.cast::<Lent<'_>>() }.disk.sectors()
}

/// # Safety
/// F2.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_fat_sector_size(device: *mut c_void) -> u32 {
    // SAFETY: the caller's promise.
    unsafe { &mut *device.cast::<Lent<'_>>() }.sector_size
}

/// # Safety
/// F2.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_fat_is_read_only(device: *mut c_void) -> u32 {
    // SAFETY: the caller's promise.
    unsafe { &mut *device.cast::<Lent<'_>>() }.disk.is_read_only().into()
}

/// Lends `disk` to a drive while `f` runs; `now_s` are seconds since 1970 for what is written, 0 for unknown.
fn lend(drive: u32, disk: &mut dyn Disk, now_s: u64, f: impl FnOnce() -> u32) -> Result<()> {
    lend_to(drive, disk, now_s, false, f)
}

fn lend_to(
    drive: u32,
    disk: &mut dyn Disk,
    now_s: u64,
    is_mounting: bool,
    f: impl FnOnce() -> u32,
) -> Result<()> {
    let sector_size = disk.sector_size();
    if !matches!(sector_size, 512 | 1024 | 2048 | 4096) {
        return Err(EINVAL);
    }
    let mut lent = Lent { disk, error: 0, sector_size, is_mounting };
    // SAFETY: F3; F2: `lent` lives until the second call.
    unsafe { ffi::ts_fat_lend(drive, (&raw mut lent).cast(), time::pack(now_s)) };
    let result = f();
    // SAFETY: F3.
    unsafe { ffi::ts_fat_lend(drive, core::ptr::null_mut(), 0) };
    match result {
        0 => Ok(()),
        1 if lent.error != 0 => Err(lent.error),
        1..=19 => Err(ERRORS[result as usize]),
        _ => Err(EIO),
    }
}

/// The errno numbers of FatFs' results.
const ERRORS: [i32; 20] = [
    0, EIO, EIO, EBUSY, ENOENT, ENOENT, EINVAL, EACCES, EEXIST, EINVAL, EROFS, ENODEV, ENODEV,
    ENODEV, EIO, EIO, EBUSY, ENOMEM, EMFILE, EINVAL,
];

/// Calls `f` with a terminated copy of a path.
fn with_path<R>(path: &str, f: impl FnOnce(&CStr) -> Result<R>) -> Result<R> {
    let mut bytes = [0; PATH_MAX + 1];
    let place = bytes.get_mut(..path.len()).filter(|_| path.len() <= PATH_MAX);
    place.ok_or(ENAMETOOLONG)?.copy_from_slice(path.as_bytes());
    f(CStr::from_bytes_with_nul(&bytes[..=path.len()]).map_err(|_| EINVAL)?)
}

/// Makes an empty volume without a partition table: FAT12 or FAT16, FAT32 on a large device.
///
/// # Errors
/// `ENOMEM`, `EMFILE`, `EINVAL` for sectors of another size, `ENODEV` or `EIO` for a device that is too small; what the
/// device answers.
pub fn format(arena: &'static Arena, disk: &mut dyn Disk) -> Result<()> {
    let mut work = arena.block(WORK_BYTES).ok_or(ENOMEM)?;
    let size = disk.sector_size();
    if !matches!(size, 512 | 1024 | 2048 | 4096) {
        return Err(EINVAL);
    }
    // A device that cannot be read is of no use.
    disk.read(0, &mut work.bytes_mut()[..size as usize])?;
    if disk.sectors() < small::LARGE {
        return small::format(disk, &mut work.bytes_mut()[..size as usize]);
    }
    let drive = Drive::take()?;
    let mut make = |fat32| {
        // SAFETY: F3; the block has that many bytes.
        lend(drive.0, disk, 0, || unsafe {
            ffi::ts_fat_mkfs(drive.0, fat32, work.as_ptr().cast(), WORK_BYTES as u32)
        })
    };
    make(0).or_else(|_| make(1))
}

/// A mounted volume.
pub struct Filesystem {
    drive: Drive,
    arena: &'static Arena,
    _volume: Block,
    files: [Option<Open>; MAX_FILES],
    dirs: [Option<Open>; MAX_DIRS],
    generation: u32,
}

// SAFETY: the blocks are the file system's alone, and FatFs has no other state for its drive but a pointer to them.
unsafe impl Send for Filesystem {}

impl core::fmt::Debug for Filesystem {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Filesystem").field("drive", &self.drive).finish_non_exhaustive()
    }
}

impl Filesystem {
    /// Mounts the volume on a device, or that of its first partition.
    ///
    /// # Errors
    /// `ENODEV` where there is none, `ENOMEM`, `EMFILE`; what the device answers.
    pub fn mount(arena: &'static Arena, disk: &mut dyn Disk) -> Result<Self> {
        let drive = Drive::take()?;
        let volume = arena.block(ffi::ts_fat_volume_bytes() as usize).ok_or(ENOMEM)?;
        // SAFETY: F1, F3.
        let mounted = lend_to(drive.0, disk, 0, true, || unsafe {
            ffi::ts_fat_mount(drive.0, volume.as_ptr().cast())
        });
        let filesystem = Filesystem {
            drive,
            arena,
            _volume: volume,
            files: [const { None }; MAX_FILES],
            dirs: [const { None }; MAX_DIRS],
            generation: 0,
        };
        // Unmounts when it is dropped.
        mounted.map(|()| filesystem)
    }

    fn call(&self, disk: &mut dyn Disk, now_s: u64, f: impl FnOnce(u32) -> u32) -> Result<()> {
        lend(self.drive.0, disk, now_s, || f(self.drive.0))
    }

    fn next_id(&mut self, place: usize) -> Id {
        self.generation = (self.generation + 1) & 0xffff;
        self.generation << 8 | place as u32
    }

    fn file(&self, id: Id) -> Result<&Open> {
        let open = self.files.get(id as usize & 0xff).and_then(Option::as_ref);
        open.filter(|open| open.id == id).ok_or(EBADF)
    }

    /// Makes way for somebody who is to write, remove or rename the file at `path`, or (not `writes`) to read it: F4.
    fn take_over(
        &mut self,
        disk: &mut dyn Disk,
        path: &str,
        writes: bool,
        now_s: u64,
    ) -> Result<()> {
        if self.files.iter().flatten().all(|open| !writes && !open.writes) {
            return Ok(());
        }
        let block = self.arena.block(ffi::ts_fat_file_bytes() as usize).ok_or(ENOMEM)?;
        let file = block.as_ptr().cast();
        let opened = with_path(path, |path| {
            // SAFETY: F1; the path is terminated.
            self.call(disk, 0, |drive| unsafe { ffi::ts_fat_open(drive, file, path.as_ptr(), 1) })
        });
        if opened.is_err() {
            // What is not there is not open.
            return Ok(());
        }
        // SAFETY: F1: the file was just opened.
        let entry = unsafe { ffi::ts_fat_file_entry(file) };
        // SAFETY: as above; it was opened for reading only.
        self.call(disk, 0, |_| unsafe { ffi::ts_fat_close(file) })?;
        for place in 0..MAX_FILES {
            let Some(open) = &self.files[place] else { continue };
            let (id, is_it, is_writer) = (open.id, open.entry == entry, open.writes);
            match (is_it, writes, is_writer) {
                (true, true, _) => self.close(disk, id, now_s)?,
                (true, false, true) => self.sync(disk, id, now_s)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Opens a file. `now_s`: seconds since 1970, 0 for unknown.
    ///
    /// # Errors
    /// `ENOENT`, `EEXIST`, `EISDIR`, `EINVAL` for a name that cannot be, `EACCES` for a file that is read-only, `EROFS`, `EMFILE` beyond [`MAX_FILES`], `ENOMEM`; what the device answers.
    pub fn open(&mut self, disk: &mut dyn Disk, path: &str, mode: Mode, now_s: u64) -> Result<Id> {
        let place = self.files.iter().position(Option::is_none).ok_or(EMFILE)?;
        self.take_over(disk, path, mode.write, now_s)?;
        let block = self.arena.block(ffi::ts_fat_file_bytes() as usize).ok_or(ENOMEM)?;
        let file = block.as_ptr().cast();
        let how = match mode {
            Mode { exclusive: true, .. } => 0x04,
            Mode { truncate: true, .. } => 0x08,
            Mode { append: true, .. } => 0x30,
            Mode { create: true, .. } => 0x10,
            _ => 0,
        };
        let how = how | if mode.read { 1 } else { 0 } | if mode.write { 2 } else { 0 };
        let opened = with_path(path, |path| {
            // SAFETY: F1; the path is terminated.
            self.call(disk, now_s, |drive| unsafe {
                ffi::ts_fat_open(drive, file, path.as_ptr(), how)
            })
        });
        match opened {
            Err(ENOENT | EACCES | EEXIST | EINVAL)
                if self.stat(disk, path).is_ok_and(|stat| stat.is_dir) =>
            {
                return Err(EISDIR);
            }
            other => other?,
        }
        // SAFETY: F1: the file was just opened.
        let entry = unsafe { ffi::ts_fat_file_entry(file) };
        let id = self.next_id(place);
        self.files[place] = Some(Open { block, id, entry, writes: mode.write });
        Ok(id)
    }

    /// Reads at the position; 0 at the end.
    ///
    /// # Errors
    /// `EBADF`, `EACCES` for a file that is not open for reading; what the device answers.
    pub fn read(&mut self, disk: &mut dyn Disk, id: Id, buf: &mut [u8]) -> Result<usize> {
        let file = self.file(id)?.block.as_ptr().cast();
        let (len, mut done) = (buf.len().min(u32::MAX as usize) as u32, 0);
        // SAFETY: F1; the buffer has that many bytes.
        self.call(disk, 0, |_| unsafe {
            ffi::ts_fat_read_file(file, buf.as_mut_ptr(), len, &mut done)
        })?;
        Ok(done as usize)
    }

    /// Writes at the position, less than everything where the volume gets full.
    ///
    /// # Errors
    /// `ENOSPC` where nothing went in, `EBADF`, `EACCES` for a file that is not open for writing; what the device
    /// answers.
    pub fn write(&mut self, disk: &mut dyn Disk, id: Id, data: &[u8], now_s: u64) -> Result<usize> {
        let file = self.file(id)?.block.as_ptr().cast();
        let (len, mut done) = (data.len().min(u32::MAX as usize) as u32, 0);
        // SAFETY: F1; the buffer has that many bytes.
        self.call(disk, now_s, |_| unsafe {
            ffi::ts_fat_write_file(file, data.as_ptr(), len, &mut done)
        })?;
        if done == 0 && len > 0 { Err(ENOSPC) } else { Ok(done as usize) }
    }

    /// Moves the position; `whence` 0: from the start, 1: from the position, 2: from the end. A file that may be
    /// written grows up to it.
    ///
    /// # Errors
    /// `EINVAL` for a position before the start or too far; `EBADF`; `ENOSPC`.
    pub fn seek(&mut self, disk: &mut dyn Disk, id: Id, offset: i64, whence: i32) -> Result<u32> {
        let file = self.file(id)?.block.as_ptr().cast();
        // SAFETY: F1; these only read.
        let base = unsafe {
            match whence {
                0 => 0,
                1 => ffi::ts_fat_tell(file),
                _ => ffi::ts_fat_size(file),
            }
        };
        let position = i64::from(base).checked_add(offset).ok_or(EINVAL)?;
        let position = u32::try_from(position).map_err(|_| EINVAL)?;
        // SAFETY: F1.
        self.call(disk, 0, |_| unsafe { ffi::ts_fat_seek(file, position) })?;
        // SAFETY: F1.
        Ok(unsafe { ffi::ts_fat_tell(file) })
    }

    /// Makes what was written safe.
    ///
    /// # Errors
    /// `EBADF`; what the device answers.
    pub fn sync(&mut self, disk: &mut dyn Disk, id: Id, now_s: u64) -> Result<()> {
        let file = self.file(id)?.block.as_ptr().cast();
        // SAFETY: F1.
        self.call(disk, now_s, |_| unsafe { ffi::ts_fat_sync_file(file) })
    }

    /// Makes all files safe.
    ///
    /// # Errors
    /// The first there was; the others are made safe nevertheless.
    pub fn sync_all(&mut self, disk: &mut dyn Disk, now_s: u64) -> Result<()> {
        let mut result = Ok(());
        for place in 0..MAX_FILES {
            if let Some(id) = self.files[place].as_ref().map(|open| open.id) {
                result = result.and(self.sync(disk, id, now_s));
            }
        }
        result
    }

    /// Closes a file; it is closed also after an error.
    ///
    /// # Errors
    /// As [`Filesystem::sync`].
    pub fn close(&mut self, disk: &mut dyn Disk, id: Id, now_s: u64) -> Result<()> {
        let file = self.file(id)?.block.as_ptr().cast();
        // SAFETY: F1; FatFs keeps no list of files, so one that it fails to close is forgotten just so.
        let result = self.call(disk, now_s, |_| unsafe { ffi::ts_fat_close(file) });
        self.files[id as usize & 0xff] = None;
        result
    }

    /// Begins to list a directory.
    ///
    /// # Errors
    /// `ENOENT`, `EMFILE`, `ENOMEM`; what the device answers.
    pub fn open_dir(&mut self, disk: &mut dyn Disk, path: &str) -> Result<Id> {
        let place = self.dirs.iter().position(Option::is_none).ok_or(EMFILE)?;
        let block = self.arena.block(ffi::ts_fat_dir_bytes() as usize).ok_or(ENOMEM)?;
        let dir = block.as_ptr().cast();
        with_path(path, |path| {
            // SAFETY: F1; the path is terminated.
            self.call(disk, 0, |drive| unsafe { ffi::ts_fat_open_dir(drive, dir, path.as_ptr()) })
        })?;
        let id = self.next_id(place);
        self.dirs[place] = Some(Open { block, id, entry: 0, writes: false });
        Ok(id)
    }

    fn dir(&self, id: Id) -> Result<*mut c_void> {
        let open = self.dirs.get(id as usize & 0xff).and_then(Option::as_ref);
        open.filter(|open| open.id == id).map(|open| open.block.as_ptr().cast()).ok_or(EBADF)
    }

    /// The next entry: its facts and the length of its name in `name`; `None` at the end. Never `.` and `..`.
    ///
    /// # Errors
    /// `EBADF`; what the device answers.
    pub fn next_entry(
        &mut self,
        disk: &mut dyn Disk,
        id: Id,
        name: &mut [u8; NAME_MAX],
    ) -> Result<Option<(usize, Stat)>> {
        let dir = self.dir(id)?;
        let (mut text, mut entry) = ([0u8; NAME_MAX + 1], ffi::Entry::default());
        // SAFETY: F1; the name's buffer has 256 bytes.
        self.call(disk, 0, |_| unsafe {
            ffi::ts_fat_read_dir(dir, text.as_mut_ptr().cast(), &mut entry)
        })?;
        let len = text.iter().position(|&byte| byte == 0).unwrap_or(NAME_MAX).min(NAME_MAX);
        if len == 0 {
            return Ok(None);
        }
        name[..len].copy_from_slice(&text[..len]);
        Ok(Some((len, stat_of(&entry))))
    }

    /// Ends listing.
    ///
    /// # Errors
    /// `EBADF`.
    pub fn close_dir(&mut self, disk: &mut dyn Disk, id: Id) -> Result<()> {
        let dir = self.dir(id)?;
        // SAFETY: F1.
        let result = self.call(disk, 0, |_| unsafe { ffi::ts_fat_close_dir(dir) });
        self.dirs[id as usize & 0xff] = None;
        result
    }

    /// What is at a path.
    ///
    /// # Errors
    /// `ENOENT`, `EINVAL` for a name that cannot be; what the device answers.
    pub fn stat(&mut self, disk: &mut dyn Disk, path: &str) -> Result<Stat> {
        if path.bytes().all(|byte| byte == b'/') {
            // The top has no entry.
            return Ok(Stat { is_dir: true, ..Stat::default() });
        }
        let mut entry = ffi::Entry::default();
        with_path(path, |path| {
            // SAFETY: F3; the path is terminated.
            self.call(disk, 0, |drive| unsafe {
                ffi::ts_fat_stat(drive, path.as_ptr(), &mut entry)
            })
        })?;
        Ok(stat_of(&entry))
    }

    /// Makes a directory.
    ///
    /// # Errors
    /// `EEXIST`, `ENOENT`, `EINVAL`; what the device answers.
    pub fn make_dir(&mut self, disk: &mut dyn Disk, path: &str, now_s: u64) -> Result<()> {
        with_path(path, |path| {
            // SAFETY: F3; the path is terminated.
            self.call(disk, now_s, |drive| unsafe { ffi::ts_fat_mkdir(drive, path.as_ptr()) })
        })
    }

    /// Removes a file, or an empty directory where `dir` says so.
    ///
    /// # Errors
    /// `ENOENT`, `EISDIR`, `ENOTDIR`, `EACCES` for a directory that is not empty and a file that is read-only;
    /// what the device answers.
    pub fn remove(&mut self, disk: &mut dyn Disk, path: &str, dir: bool) -> Result<()> {
        match (self.stat(disk, path)?.is_dir, dir) {
            (true, false) => return Err(EISDIR),
            (false, true) => return Err(ENOTDIR),
            (false, false) => self.take_over(disk, path, true, 0)?,
            (true, true) => {}
        }
        with_path(path, |path| {
            // SAFETY: F3; the path is terminated.
            self.call(disk, 0, |drive| unsafe { ffi::ts_fat_unlink(drive, path.as_ptr()) })
        })
    }

    /// Renames; a file that has the new name is replaced.
    ///
    /// # Errors
    /// `ENOENT`, `EISDIR` where a directory has the new name; what the device answers.
    pub fn rename(&mut self, disk: &mut dyn Disk, from: &str, to: &str) -> Result<()> {
        self.take_over(disk, from, true, 0)?;
        let mut rename = |fs: &mut Self| {
            with_path(from, |from| {
                with_path(to, |to| {
                    // SAFETY: F3; the paths are terminated.
                    fs.call(disk, 0, |drive| unsafe {
                        ffi::ts_fat_rename(drive, from.as_ptr(), to.as_ptr())
                    })
                })
            })
        };
        match rename(self) {
            Err(EEXIST) => {}
            other => return other,
        }
        self.remove(disk, to, false)?;
        with_path(from, |from| {
            with_path(to, |to| {
                // SAFETY: F3; the paths are terminated.
                self.call(disk, 0, |drive| unsafe {
                    ffi::ts_fat_rename(drive, from.as_ptr(), to.as_ptr())
                })
            })
        })
    }

    /// How much room there is. May read the whole table of clusters.
    ///
    /// # Errors
    /// What the device answers.
    pub fn space(&mut self, disk: &mut dyn Disk) -> Result<Space> {
        let mut space = ffi::Space::default();
        // SAFETY: F3.
        self.call(disk, 0, |drive| unsafe { ffi::ts_fat_space(drive, &mut space) })?;
        let ffi::Space { cluster_bytes, clusters, free } = space;
        Ok(Space { cluster_bytes, clusters, free })
    }

    /// How many files and directories are open.
    pub fn open_count(&self) -> usize {
        self.files.iter().flatten().count() + self.dirs.iter().flatten().count()
    }
}

fn stat_of(entry: &ffi::Entry) -> Stat {
    Stat {
        is_dir: entry.is_dir != 0,
        size: if entry.is_dir != 0 { 0 } else { entry.size },
        modified_s: time::unpack(entry.date_time),
    }
}

impl Drop for Filesystem {
    /// Lets go of the volume without touching the device: files that were not closed lose what was not made safe.
    fn drop(&mut self) {
        // SAFETY: F3: FatFs forgets the volume; the blocks are given back afterwards.
        unsafe { ffi::ts_fat_unmount(self.drive.0) };
    }
}
