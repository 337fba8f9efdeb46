//! The host's files as a volume, and its environment: what `os` has in the host personality.
//!
//! Volumes are called without the GIL. Calls that only enter the kernel are made as they are; those for which the C
//! library takes a lock (directories, the environment, new processes) are masked. A file that may keep a reader
//! waiting (a FIFO, a terminal) is opened without blocking and answers `EAGAIN`; the same holds for the process's
//! own three, which are looked at before they are read or written.
//!
//! Source: POSIX.1-2017, System Interfaces.

use crate::posix::masked;
use std::ffi::{CStr, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::DirEntryExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::sync::{Mutex, PoisonError};
use threadsnake_glue::rtos;
use threadsnake_storage::VFS_POSIX;
use threadsnake_storage::volume::{
    DirId, Entry, EntryKind, Environment, Errno, FileId, NAME_MAX, OpenMode, Reply, Request, Stat,
    Volume, VolumeStat, register, set_environment,
};
use threadsnake_vm::object::{RomType, Whence, poll};

/// The host's files, from its root.
#[derive(Debug)]
pub struct HostFiles;

/// The process's environment.
#[derive(Debug)]
pub struct HostEnvironment;

/// Gives the image the host's files, at `/`, and its environment. Once, before the first VM.
pub fn install() {
    register(&HostFiles, "/");
    set_environment(&HostEnvironment);
}

/// The longest path, with its terminator.
const PATH_BYTES: usize = libc::PATH_MAX as usize;

/// Calls `f` with a terminated copy of a path; the C library's memory is not asked for any.
fn with_c_path<R>(path: &str, f: impl FnOnce(&CStr) -> Result<R, Errno>) -> Result<R, Errno> {
    let mut bytes = [0; PATH_BYTES];
    let Some(place) = bytes.get_mut(..path.len()).filter(|_| path.len() < PATH_BYTES) else {
        return Err(Errno::ENAMETOOLONG);
    };
    place.copy_from_slice(path.as_bytes());
    match CStr::from_bytes_with_nul(&bytes[..=path.len()]) {
        Ok(path) => f(path),
        // No file has a null character in its name.
        Err(_) => Err(Errno::ENOENT),
    }
}

fn last_errno() -> Errno {
    errno_of(&io::Error::last_os_error())
}

fn errno_of(error: &io::Error) -> Errno {
    Errno(error.raw_os_error().unwrap_or(libc::EIO))
}

/// A system call, repeated while signals break it off.
fn call(mut system_call: impl FnMut() -> i64) -> Result<u64, Errno> {
    loop {
        match u64::try_from(system_call()) {
            Ok(result) => return Ok(result),
            Err(_) => match last_errno() {
                Errno(libc::EINTR) => {}
                errno => return Err(errno),
            },
        }
    }
}

/// A system call with a path that answers nothing.
fn with_path(path: &str, system_call: impl Fn(&CStr) -> i32) -> Result<Reply, Errno> {
    with_c_path(path, |path| call(|| system_call(path).into()).map(|_| Reply::Done))
}

fn file_stat(fd: i32) -> Result<libc::stat, Errno> {
    // SAFETY: plain data, filled by the call.
    let mut stat: libc::stat = unsafe { core::mem::zeroed() };
    // SAFETY: `stat` is a variable of that type.
    call(|| unsafe { libc::fstat(fd, &mut stat) }.into())?;
    Ok(stat)
}

/// The answer for an open file.
fn opened(fd: i32) -> Result<Reply, Errno> {
    let stat = file_stat(fd)?;
    let is_seekable = stat.st_mode & libc::S_IFMT == libc::S_IFREG;
    Ok(Reply::File { file: FileId(fd.unsigned_abs()), is_seekable })
}

fn open(path: &str, mode: OpenMode) -> Result<Reply, Errno> {
    let mut flags = match (mode.read, mode.write) {
        (_, false) => libc::O_RDONLY,
        (false, true) => libc::O_WRONLY,
        (true, true) => libc::O_RDWR,
    };
    for (wanted, flag) in [
        (mode.append, libc::O_APPEND),
        (mode.create, libc::O_CREAT),
        (mode.exclusive, libc::O_EXCL),
        (mode.truncate, libc::O_TRUNC),
        (true, libc::O_CLOEXEC | libc::O_NONBLOCK),
    ] {
        flags |= if wanted { flag } else { 0 };
    }
    // SAFETY: the path is terminated.
    let open = |path: &CStr| call(|| unsafe { libc::open(path.as_ptr(), flags, 0o644) }.into());
    opened(with_c_path(path, open)? as i32)
}

/// Which of `events` (bits of `object::poll`, the same as the system's) are there now.
fn ready(fd: i32, events: usize) -> Result<usize, Errno> {
    let mut fds = [libc::pollfd { fd, events: events as libc::c_short, revents: 0 }];
    // SAFETY: `fds` is an array of the length that is passed.
    call(|| unsafe { libc::poll(fds.as_mut_ptr(), 1, 0) }.into())?;
    Ok(fds[0].revents as u16 as usize)
}

/// `EAGAIN` if one of the process's own files would keep the caller waiting.
fn check_ready(fd: i32, event: usize) -> Result<(), Errno> {
    if fd <= 2 && ready(fd, event)? == 0 { Err(Errno::EAGAIN) } else { Ok(()) }
}

fn fd_of(file: FileId) -> i32 {
    i32::try_from(file.0).unwrap_or(-1)
}

fn read(fd: i32, buf: &mut [u8]) -> Result<Reply, Errno> {
    check_ready(fd, poll::READ)?;
    // SAFETY: the pointer and the length are those of a live slice.
    let n = call(|| unsafe { libc::read(fd, buf.as_mut_ptr().cast(), buf.len()) } as i64)?;
    // A FIFO that nobody has opened for writing yet is not at its end.
    if n == 0 && !buf.is_empty() && ready(fd, poll::READ)? == 0 {
        return Err(Errno::EAGAIN);
    }
    Ok(Reply::Count(n as usize))
}

fn write(fd: i32, data: &[u8]) -> Result<Reply, Errno> {
    check_ready(fd, poll::WRITE)?;
    // SAFETY: the pointer and the length are those of a live slice.
    let n = call(|| unsafe { libc::write(fd, data.as_ptr().cast(), data.len()) } as i64)?;
    Ok(Reply::Count(n as usize))
}

fn seek(fd: i32, offset: i64, whence: Whence) -> Result<Reply, Errno> {
    let whence = match whence {
        Whence::Start => libc::SEEK_SET,
        Whence::Current => libc::SEEK_CUR,
        Whence::End => libc::SEEK_END,
    };
    // SAFETY: no preconditions.
    call(|| unsafe { libc::lseek(fd, offset, whence) }).map(Reply::Position)
}

fn flush(fd: i32) -> Result<Reply, Errno> {
    // SAFETY: no preconditions.
    match call(|| unsafe { libc::fsync(fd) }.into()) {
        // What cannot be synchronised has nothing to lose.
        Ok(_) | Err(Errno(libc::EINVAL | libc::EROFS | libc::ENOTSUP)) => Ok(Reply::Done),
        Err(errno) => Err(errno),
    }
}

/// The process's own three stay open.
fn close(fd: i32) -> Result<Reply, Errno> {
    // SAFETY: the descriptor was given out by `open` or `adopt`, and is given back here. Not repeated: it is closed
    // even when a signal breaks the call off.
    if fd > 2 && unsafe { libc::close(fd) } != 0 && last_errno() != Errno(libc::EINTR) {
        return Err(last_errno());
    }
    Ok(Reply::Done)
}

/// Directories being listed, by number. Locked by masked tasks only, one after another.
static DIRS: Mutex<Vec<Option<std::fs::ReadDir>>> = Mutex::new(Vec::new());

fn open_dir(path: &str) -> Result<Reply, Errno> {
    masked(|| {
        let dir = std::fs::read_dir(path).map_err(|error| errno_of(&error))?;
        let mut dirs = DIRS.lock().unwrap_or_else(PoisonError::into_inner);
        let free = dirs.iter().position(Option::is_none).unwrap_or(dirs.len());
        if free == dirs.len() {
            dirs.push(None);
        }
        dirs[free] = Some(dir);
        Ok(Reply::Dir(DirId(free as u32)))
    })
}

fn next_entry(dir: DirId, name: &mut [u8; NAME_MAX]) -> Result<Reply, Errno> {
    masked(|| {
        let mut dirs = DIRS.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(Some(dir)) = dirs.get_mut(dir.0 as usize) else { return Err(Errno::EBADF) };
        let entry = match dir.next() {
            None => return Ok(Reply::Entry(None)),
            Some(entry) => entry.map_err(|error| errno_of(&error))?,
        };
        let file_name = entry.file_name();
        let bytes = file_name.as_bytes();
        let name_len = bytes.len().min(NAME_MAX);
        name[..name_len].copy_from_slice(&bytes[..name_len]);
        let kind = match entry.file_type() {
            Ok(kind) if kind.is_dir() => EntryKind::Directory,
            Ok(kind) if kind.is_file() => EntryKind::File,
            _ => EntryKind::Other,
        };
        Ok(Reply::Entry(Some(Entry { name_len, kind, inode: entry.ino(), size: None })))
    })
}

fn close_dir(dir: DirId) -> Result<Reply, Errno> {
    masked(|| {
        let mut dirs = DIRS.lock().unwrap_or_else(PoisonError::into_inner);
        match dirs.get_mut(dir.0 as usize).and_then(Option::take) {
            Some(_) => Ok(Reply::Done),
            None => Err(Errno::EBADF),
        }
    })
}

fn stat(path: &str) -> Result<Reply, Errno> {
    // SAFETY: plain data, filled by the call.
    let mut stat: libc::stat = unsafe { core::mem::zeroed() };
    with_c_path(path, |path| {
        // SAFETY: the path is terminated, and `stat` a variable of that type.
        call(|| unsafe { libc::stat(path.as_ptr(), &mut stat) }.into())
    })?;
    Ok(Reply::Stat(Stat {
        mode: stat.st_mode,
        inode: stat.st_ino,
        device: stat.st_dev,
        links: stat.st_nlink as u64,
        user: stat.st_uid,
        group: stat.st_gid,
        size: stat.st_size.max(0) as u64,
        times: [stat.st_atime, stat.st_mtime, stat.st_ctime].map(|t| t.max(0) as u64),
    }))
}

fn volume_stat(path: &str) -> Result<Reply, Errno> {
    // SAFETY: plain data, filled by the call.
    let mut stat: libc::statvfs = unsafe { core::mem::zeroed() };
    with_c_path(path, |path| {
        // SAFETY: the path is terminated, and `stat` a variable of that type.
        call(|| unsafe { libc::statvfs(path.as_ptr(), &mut stat) }.into())
    })?;
    Ok(Reply::VolumeStat(VolumeStat {
        block_size: stat.f_bsize,
        fragment_size: stat.f_frsize,
        blocks: [stat.f_blocks, stat.f_bfree, stat.f_bavail],
        files: [stat.f_files, stat.f_ffree, stat.f_favail],
        flags: stat.f_flag,
        name_max: stat.f_namemax,
    }))
}

fn current_dir(buf: &mut [u8]) -> Result<Reply, Errno> {
    // SAFETY: the pointer and the length are those of a live slice.
    if unsafe { libc::getcwd(buf.as_mut_ptr().cast(), buf.len()) }.is_null() {
        return Err(match last_errno() {
            Errno(libc::ERANGE) => Errno::ENAMETOOLONG,
            errno => errno,
        });
    }
    Ok(Reply::Count(buf.iter().position(|&byte| byte == 0).unwrap_or(0)))
}

fn rename(from: &str, to: &str) -> Result<Reply, Errno> {
    with_c_path(from, |from| {
        // SAFETY: both paths are terminated.
        with_path(to, |to| unsafe { libc::rename(from.as_ptr(), to.as_ptr()) })
    })
}

impl Volume for HostFiles {
    fn perform(&self, request: Request<'_>) -> Result<Reply, Errno> {
        match request {
            Request::Open { path, mode } => open(path, mode),
            Request::Adopt { number, .. } => opened(number),
            Request::Read { file, buf } => read(fd_of(file), buf),
            Request::Write { file, data } => write(fd_of(file), data),
            Request::Seek { file, offset, whence } => seek(fd_of(file), offset, whence),
            Request::Flush { file } => flush(fd_of(file)),
            Request::Close { file } => close(fd_of(file)),
            Request::Poll { file, events } => ready(fd_of(file), events).map(Reply::Count),
            Request::OpenDir { path } => open_dir(path),
            Request::NextEntry { dir, name } => next_entry(dir, name),
            Request::CloseDir { dir } => close_dir(dir),
            Request::Stat { path } => stat(path),
            Request::VolumeStat { path } => volume_stat(path),
            Request::MakeDir { path } => with_path(path, |path| {
                // SAFETY: the path is terminated.
                unsafe { libc::mkdir(path.as_ptr(), 0o777) }
            }),
            Request::RemoveDir { path } => with_path(path, |path| {
                // SAFETY: the path is terminated.
                unsafe { libc::rmdir(path.as_ptr()) }
            }),
            Request::Remove { path } => with_path(path, |path| {
                // SAFETY: the path is terminated.
                unsafe { libc::unlink(path.as_ptr()) }
            }),
            Request::ChangeDir { path } => with_path(path, |path| {
                // SAFETY: the path is terminated.
                unsafe { libc::chdir(path.as_ptr()) }
            }),
            Request::Rename { from, to } => rename(from, to),
            Request::Sync => {
                // SAFETY: no preconditions.
                unsafe { libc::sync() };
                Ok(Reply::Done)
            }
            Request::CurrentDir { buf } => current_dir(buf),
            Request::Mount
            | Request::Format
            | Request::Blocks
            | Request::ReadBlocks { .. }
            | Request::WriteBlocks { .. }
            | Request::EraseBlock { .. } => Err(Errno::ENOSYS),
        }
    }

    fn filesystem_type(&self) -> &'static RomType {
        &VFS_POSIX
    }

    fn has_current_dir(&self) -> bool {
        true
    }
}

/// True for what can be the name of a variable; `std` panics for anything else.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

impl Environment for HostEnvironment {
    fn get(&self, name: &str, buf: &mut [u8]) -> Option<usize> {
        if !is_name(name) {
            return None;
        }
        masked(|| {
            let value = std::env::var_os(name)?;
            let value = value.as_bytes();
            let n = value.len().min(buf.len());
            buf[..n].copy_from_slice(&value[..n]);
            Some(value.len())
        })
    }

    fn set(&self, name: &str, value: Option<&str>) -> Result<(), Errno> {
        if !is_name(name) || value.is_some_and(|value| value.contains('\0')) {
            return Err(Errno::EINVAL);
        }
        masked(|| match value {
            // SAFETY: a masked task runs alone among the tasks, and the host threads do not use the environment.
            Some(value) => unsafe { std::env::set_var(name, value) },
            // SAFETY: as above.
            None => unsafe { std::env::remove_var(name) },
        });
        Ok(())
    }

    fn run(&self, command: &str) -> Result<i32, Errno> {
        let mut child = masked(|| {
            let mut shell = std::process::Command::new("/bin/sh");
            shell.arg("-c").arg(OsStr::new(command));
            // SAFETY: only sets the signal mask, which a masked parent would hand down; needs no memory.
            unsafe {
                shell.pre_exec(|| {
                    let mut none = core::mem::zeroed();
                    libc::sigemptyset(&mut none);
                    libc::pthread_sigmask(libc::SIG_SETMASK, &none, core::ptr::null_mut());
                    Ok(())
                })
            };
            shell.spawn()
        })
        .map_err(|error| errno_of(&error))?;
        loop {
            match masked(|| child.try_wait()) {
                Ok(None) => rtos::delay(2),
                Ok(Some(status)) => return Ok(status.into_raw()),
                Err(error) => return Err(errno_of(&error)),
            }
        }
    }
}
