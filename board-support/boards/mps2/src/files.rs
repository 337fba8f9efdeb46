//! The host's files, through semihosting, as a volume: so that tests can import, and work on a script needs
//! no copying. Only where the command line names a folder, and then instead of the board's flash.
//!
//! A path is taken below that folder. The host keeps the position of an open file and says nothing of directories
//! but whether they can be entered.

use core::ffi::CStr;

use threadsnake_storage::VFS_POSIX;
use threadsnake_storage::volume::{
    Errno, FileId, OpenMode, Reply, Request, Stat, Volume, register,
};
use threadsnake_vm::object::RomType;

use crate::options;
use crate::semihost::{self, File};

/// The longest path on the host, its end included.
const PATH_BYTES: usize = 512;

/// The folder of the host that the command line names.
#[derive(Debug)]
pub struct HostFolder;

/// Mounts the folder at `/`. Once, before the first VM.
pub fn install() {
    register(&HostFolder, "/");
}

/// Opens `path` followed by `end` on the host.
fn host_open(path: &str, end: &str, mode: usize) -> Result<File, Errno> {
    let root = options::get().files.ok_or(Errno::ENOENT)?;
    let mut whole = [0; PATH_BYTES];
    let mut at = 0;
    for part in [root, "/", path, end] {
        let room = whole.get_mut(at..at + part.len()).ok_or(Errno::ENAMETOOLONG)?;
        room.copy_from_slice(part.as_bytes());
        at += part.len();
    }
    let whole = CStr::from_bytes_until_nul(&whole).map_err(|_| Errno::ENAMETOOLONG)?;
    File::open(whole, mode).map_err(|semihost::Errno(number)| Errno(number))
}

/// The host's number of a mode. Its files are all binary: no line end is changed.
fn host_mode(mode: OpenMode) -> Result<usize, Errno> {
    let access = match mode {
        OpenMode { exclusive: true, .. } => return Err(Errno::ENOSYS),
        OpenMode { append: true, .. } => 2,
        OpenMode { truncate: true, .. } => 1,
        _ => 0,
    };
    Ok(4 * access + 1 + if mode.read && mode.write { 2 } else { 0 })
}

/// A folder can be entered; what can be opened and not entered is a file.
fn stat(path: &str) -> Result<Reply, Errno> {
    let opens = |end| host_open(path, end, 0).map(File::close);
    let mode = match opens("/.") {
        Ok(()) => 0x4000,
        Err(_) => opens("").map(|()| 0x8000)?,
    };
    Ok(Reply::Stat(Stat { mode, ..Stat::default() }))
}

fn file(id: FileId) -> File {
    File::from_number(id.0 as usize)
}

impl Volume for HostFolder {
    fn perform(&self, request: Request<'_>) -> Result<Reply, Errno> {
        match request {
            Request::Open { path, mode } => {
                let opened = host_open(path, "", host_mode(mode)?)?;
                Ok(Reply::File { file: FileId(opened.number() as u32), is_seekable: false })
            }
            Request::Read { file: id, buf } => Ok(Reply::Count(file(id).read(buf))),
            Request::Write { file: id, data } => match file(id).write(data) {
                0 if !data.is_empty() => Err(Errno::EBADF),
                n => Ok(Reply::Count(n)),
            },
            Request::Flush { .. } => Ok(Reply::Done),
            Request::Close { file: id } => {
                file(id).close();
                Ok(Reply::Done)
            }
            Request::Stat { path } => stat(path),
            _ => Err(Errno::ENOSYS),
        }
    }

    fn filesystem_type(&self) -> &'static RomType {
        &VFS_POSIX
    }
}
