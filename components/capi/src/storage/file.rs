//! Files for C's tasks: requests to a volume's service, beside Python and without the GIL.
//!
//! Results are zero or more, or a negative error number. Every function checks its context, the volume and what C passes
//! before the service sees anything of it.

use core::ffi::c_char;
use threadsnake_glue::{capi, rtos};
use threadsnake_storage::volume::{
    DirId, EntryKind, Errno, FileId, NAME_MAX, OpenMode, Reply, Request, Stat, Volume, Whence,
};

use super::{CVolume, find};
use crate::given;

/// Called by an interrupt, before the scheduler runs, or with a GIL that would be held while the volume works.
const EDEADLK: Errno = Errno(35);

/// `ts_file` and `ts_dir`: null or the volume, and the number there.
#[repr(C)]
pub struct COpen {
    volume: *const CVolume,
    number: u32,
}

/// `ts_stat`.
#[repr(C)]
pub struct CStat {
    size: u64,
    modified_s: u64,
    is_dir: u32,
}

/// `ts_entry`.
#[repr(C)]
pub struct CEntry {
    name: [u8; NAME_MAX + 1],
    size: u64,
    is_dir: u32,
}

/// `ts_space`.
#[repr(C)]
pub struct CSpace {
    total: u64,
    free: u64,
}

/// The number that C gets.
fn number(result: Result<usize, Errno>) -> i32 {
    match result {
        Ok(n) => i32::try_from(n).unwrap_or(i32::MAX),
        Err(errno) => errno.0.saturating_neg(),
    }
}

/// Asks a volume, where that is allowed.
fn ask(volume: *const CVolume, request: Request<'_>) -> Result<Reply, Errno> {
    if !rtos::may_block() || capi::holds_gil() {
        return Err(EDEADLK);
    }
    find(volume).ok_or(Errno::EINVAL)?.served.perform(request)
}

fn done(result: Result<Reply, Errno>) -> i32 {
    number(result.map(|_| 0))
}

/// A path that a volume understands: absolute, without `.`, `..` and empty parts.
///
/// # Safety
/// Null or a terminated text.
unsafe fn path<'a>(text: *const c_char) -> Result<&'a str, Errno> {
    // SAFETY: the caller's promise.
    let path = unsafe { given::text(text) }.map_err(|_| Errno::EINVAL)?;
    let parts = path.strip_prefix('/').ok_or(Errno::EINVAL)?;
    let is_plain = |part: &str| !matches!(part, "" | "." | "..");
    if parts.is_empty() || parts.split('/').all(is_plain) { Ok(path) } else { Err(Errno::EINVAL) }
}

/// Asks for something about a path.
///
/// # Safety
/// As [`path`].
unsafe fn ask_path(
    volume: *const CVolume,
    text: *const c_char,
    request: impl FnOnce(&str) -> Request<'_>,
) -> Result<Reply, Errno> {
    // SAFETY: the caller's promise.
    ask(volume, request(unsafe { path(text) }?))
}

/// An open file or directory of C's.
///
/// # Safety
/// Null, or a structure that `ts_file_open` or `ts_dir_open` has filled, or zeros.
unsafe fn open<'a>(of: *mut COpen) -> Result<&'a mut COpen, Errno> {
    // SAFETY: the caller's promise.
    let open = unsafe { of.as_mut() }.ok_or(Errno::EINVAL)?;
    if open.volume.is_null() { Err(Errno::EBADF) } else { Ok(open) }
}

/// `r`, `w`, `a` or `x`, and perhaps `+`, as `fopen` has them; `b` changes nothing.
fn mode_of(text: &str) -> Option<OpenMode> {
    let mut flags = text.chars();
    let first = flags.next()?;
    let (mut plus, mut known) = (false, matches!(first, 'r' | 'w' | 'a' | 'x'));
    for flag in flags {
        plus |= flag == '+';
        known &= matches!(flag, '+' | 'b');
    }
    known.then_some(OpenMode {
        read: first == 'r' || plus,
        write: first != 'r' || plus,
        append: first == 'a',
        create: first != 'r',
        exclusive: first == 'x',
        truncate: first == 'w',
    })
}

/// Looks for the file system, and makes one where there is none and that is wanted: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_volume_mount(volume: *const CVolume, format: i32) -> i32 {
    match ask(volume, Request::Mount) {
        Err(Errno::ENODEV) if format != 0 => {
            done(ask(volume, Request::Format).and_then(|_| ask(volume, Request::Mount)))
        }
        result => done(result),
    }
}

/// Makes an empty file system: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_volume_format(volume: *const CVolume) -> i32 {
    done(ask(volume, Request::Format))
}

/// Makes everything written safe from a power cut: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_volume_sync(volume: *const CVolume) -> i32 {
    done(ask(volume, Request::Sync))
}

/// Room in all, and left: see the header.
///
/// # Safety
/// `space` is null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_volume_space(volume: *const CVolume, space: *mut CSpace) -> i32 {
    let get = || {
        // SAFETY: the caller's promise.
        let space = unsafe { space.as_mut() }.ok_or(Errno::EINVAL)?;
        let Reply::VolumeStat(stat) = ask(volume, Request::VolumeStat { path: "/" })? else {
            return Err(Errno::EIO);
        };
        let bytes = |blocks: u64| blocks.saturating_mul(stat.fragment_size);
        *space = CSpace { total: bytes(stat.blocks[0]), free: bytes(stat.blocks[1]) };
        Ok(0)
    };
    number(get())
}

/// Size and kind of what a path names: see the header.
///
/// # Safety
/// `name` is null or a terminated text; `stat` null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_volume_stat(
    volume: *const CVolume,
    name: *const c_char,
    stat: *mut CStat,
) -> i32 {
    let get = || {
        // SAFETY: the caller's promise.
        let stat = unsafe { stat.as_mut() }.ok_or(Errno::EINVAL)?;
        // SAFETY: the caller's promise.
        match unsafe { ask_path(volume, name, |path| Request::Stat { path }) }? {
            Reply::Stat(Stat { mode, size, times, .. }) => {
                let is_dir = mode & EntryKind::Directory.mode() != 0;
                *stat = CStat { size, modified_s: times[1], is_dir: is_dir.into() };
                Ok(0)
            }
            _ => Err(Errno::EIO),
        }
    };
    number(get())
}

/// Makes a directory: see the header.
///
/// # Safety
/// `name` is null or a terminated text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_volume_make_dir(volume: *const CVolume, name: *const c_char) -> i32 {
    // SAFETY: the caller's promise.
    done(unsafe { ask_path(volume, name, |path| Request::MakeDir { path }) })
}

/// Removes a file or an empty directory: see the header.
///
/// # Safety
/// `name` is null or a terminated text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_volume_remove(volume: *const CVolume, name: *const c_char) -> i32 {
    // SAFETY: the caller's promise.
    let ask = |request: fn(&str) -> Request<'_>| unsafe { ask_path(volume, name, request) };
    match ask(|path| Request::Remove { path }) {
        Err(Errno::EISDIR) => done(ask(|path| Request::RemoveDir { path })),
        result => done(result),
    }
}

/// Renames a file or directory: see the header.
///
/// # Safety
/// Both names are null or terminated texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_volume_rename(
    volume: *const CVolume,
    from: *const c_char,
    to: *const c_char,
) -> i32 {
    // SAFETY: the caller's promise.
    let rename = || unsafe { ask(volume, Request::Rename { from: path(from)?, to: path(to)? }) };
    done(rename())
}

/// Opens a file: see the header.
///
/// # Safety
/// Both texts are null or terminated; `file` is null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_file_open(
    volume: *const CVolume,
    name: *const c_char,
    mode: *const c_char,
    file: *mut COpen,
) -> i32 {
    let open = || {
        // SAFETY: the caller's promise.
        let (mode, file) = unsafe { (given::text(mode), file.as_mut()) };
        let mode = mode.ok().and_then(mode_of).ok_or(Errno::EINVAL)?;
        let file = file.ok_or(Errno::EINVAL)?;
        // SAFETY: the caller's promise.
        match unsafe { ask_path(volume, name, |path| Request::Open { path, mode }) }? {
            Reply::File { file: FileId(number), .. } => {
                *file = COpen { volume, number };
                Ok(0)
            }
            _ => Err(Errno::EIO),
        }
    };
    number(open())
}

/// Reads from the position on: see the header.
///
/// # Safety
/// `file` as for every function of files; `size` bytes at `buf`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_file_read(file: *mut COpen, buf: *mut u8, size: usize) -> i32 {
    let read = || {
        // SAFETY: the caller's promise.
        let file = unsafe { open(file) }?;
        if buf.is_null() {
            return if size == 0 { Ok(0) } else { Err(Errno::EINVAL) };
        }
        // SAFETY: the caller's promise; what is longer than a result can say is read in several calls.
        let buf = unsafe { core::slice::from_raw_parts_mut(buf, size.min(i32::MAX as usize)) };
        match ask(file.volume, Request::Read { file: FileId(file.number), buf })? {
            Reply::Count(n) => Ok(n),
            _ => Err(Errno::EIO),
        }
    };
    number(read())
}

/// Writes all of it: see the header.
///
/// # Safety
/// `file` as for every function of files; `len` bytes at `data`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_file_write(file: *mut COpen, data: *const u8, len: usize) -> i32 {
    let write = || {
        // SAFETY: the caller's promise.
        let file = unsafe { open(file) }?;
        if len > i32::MAX as usize || data.is_null() && len > 0 {
            return Err(Errno::EINVAL);
        }
        let mut rest: &[u8] = match len {
            0 => &[],
            // SAFETY: the caller's promise.
            _ => unsafe { core::slice::from_raw_parts(data, len) },
        };
        while !rest.is_empty() {
            match ask(file.volume, Request::Write { file: FileId(file.number), data: rest })? {
                Reply::Count(n) if n > 0 => rest = rest.get(n..).unwrap_or_default(),
                _ => return Err(Errno::ENOSPC),
            }
        }
        Ok(len)
    };
    number(write())
}

/// Moves the position: see the header.
///
/// # Safety
/// `file` as for every function of files.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_file_seek(file: *mut COpen, offset: i64, whence: i32) -> i64 {
    let seek = || {
        // SAFETY: the caller's promise.
        let file = unsafe { open(file) }?;
        let whence = match whence {
            0 => Whence::Start,
            1 => Whence::Current,
            2 => Whence::End,
            _ => return Err(Errno::EINVAL),
        };
        match ask(file.volume, Request::Seek { file: FileId(file.number), offset, whence })? {
            Reply::Position(position) => i64::try_from(position).map_err(|_| Errno::EINVAL),
            _ => Err(Errno::EIO),
        }
    };
    seek().unwrap_or_else(|errno| -i64::from(errno.0))
}

/// Makes what was written safe from a power cut: see the header.
///
/// # Safety
/// `file` as for every function of files.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_file_sync(file: *mut COpen) -> i32 {
    // SAFETY: the caller's promise.
    let file = unsafe { open(file) };
    done(file.and_then(|file| ask(file.volume, Request::Flush { file: FileId(file.number) })))
}

/// Ends an open file or directory, whatever the volume says to that.
fn close(open: &mut COpen, request: Request<'_>) -> Result<Reply, Errno> {
    let result = ask(open.volume, request);
    if result != Err(EDEADLK) {
        open.volume = core::ptr::null();
    }
    result
}

/// Closes a file: see the header.
///
/// # Safety
/// `file` as for every function of files.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_file_close(file: *mut COpen) -> i32 {
    // SAFETY: the caller's promise.
    let file = unsafe { open(file) };
    done(file.and_then(|file| {
        let request = Request::Close { file: FileId(file.number) };
        close(file, request)
    }))
}

/// Begins to list a directory: see the header.
///
/// # Safety
/// `name` is null or a terminated text, `dir` null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_dir_open(
    volume: *const CVolume,
    name: *const c_char,
    dir: *mut COpen,
) -> i32 {
    let open = || {
        // SAFETY: the caller's promise.
        let dir = unsafe { dir.as_mut() }.ok_or(Errno::EINVAL)?;
        // SAFETY: the caller's promise.
        match unsafe { ask_path(volume, name, |path| Request::OpenDir { path }) }? {
            Reply::Dir(DirId(number)) => {
                *dir = COpen { volume, number };
                Ok(0)
            }
            _ => Err(Errno::EIO),
        }
    };
    number(open())
}

/// The next entry: see the header.
///
/// # Safety
/// `dir` as for every function of directories; `entry` is null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_dir_next(dir: *mut COpen, entry: *mut CEntry) -> i32 {
    let next = || {
        // SAFETY: the caller's promise.
        let (dir, entry) = unsafe { (open(dir)?, entry.as_mut().ok_or(Errno::EINVAL)?) };
        let mut name = [0; NAME_MAX];
        match ask(dir.volume, Request::NextEntry { dir: DirId(dir.number), name: &mut name })? {
            Reply::Entry(None) => Ok(0),
            Reply::Entry(Some(found)) => {
                entry.name = [0; NAME_MAX + 1];
                let len = found.name_len.min(NAME_MAX);
                entry.name[..len].copy_from_slice(&name[..len]);
                entry.size = found.size.unwrap_or(0);
                entry.is_dir = (found.kind == EntryKind::Directory).into();
                Ok(1)
            }
            _ => Err(Errno::EIO),
        }
    };
    number(next())
}

/// Ends listing: see the header.
///
/// # Safety
/// `dir` as for every function of directories.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_dir_close(dir: *mut COpen) -> i32 {
    // SAFETY: the caller's promise.
    let dir = unsafe { open(dir) };
    done(dir.and_then(|dir| {
        let request = Request::CloseDir { dir: DirId(dir.number) };
        close(dir, request)
    }))
}
