//! File systems in native code over a block device: requests as littlefs and FatFs understand them.
//!
//! The libraries take their memory from [`ARENA`], which the board fills; when it is used up they answer `ENOMEM`.

use threadsnake_arena::Arena;
use threadsnake_fatfs as fat;
use threadsnake_littlefs as lfs;
use threadsnake_vm::object::{Whence, poll};

use crate::device::BlockDevice;
use crate::volume::{
    DirId, Entry, EntryKind, Errno, FileId, NAME_MAX, OpenMode, Reply, Request, Stat, VolumeStat,
};

/// The memory of all file systems and open files of the image.
pub static ARENA: Arena = Arena::new();

/// A kind of file system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// littlefs 1.
    #[cfg(feature = "lfs1")]
    Lfs1,
    /// littlefs 2.
    Lfs2,
    /// FAT.
    Fat,
}

/// What littlefs has to know beside the device's blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// Reads are multiples of this many bytes.
    pub read_size: u32,
    /// Writes are multiples of this many bytes.
    pub write_size: u32,
    /// Bytes of the map in which free blocks are noted.
    pub lookahead: u32,
    /// True to keep the time of each file's last change.
    pub keeps_times: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options { read_size: 32, write_size: 32, lookahead: 32, keeps_times: true }
    }
}

/// A mounted file system.
#[derive(Debug)]
pub enum Engine {
    /// littlefs, and whether it keeps times.
    Lfs(lfs::Filesystem, bool),
    /// FAT, the bytes and the number of its sectors.
    Fat(fat::Filesystem, u32, u32),
}

struct AsFlash<'a>(&'a mut dyn BlockDevice);

impl lfs::Flash for AsFlash<'_> {
    fn read(&mut self, block: u32, offset: u32, buf: &mut [u8]) -> lfs::Result<()> {
        self.0.read(block, offset, buf).map_err(|errno| errno.0)
    }

    fn prog(&mut self, block: u32, offset: u32, data: &[u8]) -> lfs::Result<()> {
        self.0.write(block, offset, data).map_err(|errno| errno.0)
    }

    fn erase(&mut self, block: u32) -> lfs::Result<()> {
        self.0.erase(block).map_err(|errno| errno.0)
    }

    fn sync(&mut self) -> lfs::Result<()> {
        self.0.sync().map_err(|errno| errno.0)
    }
}

struct AsDisk<'a> {
    device: &'a mut dyn BlockDevice,
    size: u32,
    count: u32,
}

/// FAT knows a few errors of a device only.
fn disk_error(errno: Errno) -> i32 {
    match errno {
        Errno::ENODEV | Errno::EROFS => errno.0,
        _ => Errno::EIO.0,
    }
}

impl fat::Disk for AsDisk<'_> {
    fn sector_size(&mut self) -> u32 {
        self.size
    }

    fn sectors(&mut self) -> u32 {
        self.count
    }

    fn is_read_only(&mut self) -> bool {
        self.device.is_read_only()
    }

    fn read(&mut self, sector: u32, buf: &mut [u8]) -> fat::Result<()> {
        self.device.read_blocks(sector, buf).map_err(disk_error)
    }

    fn write(&mut self, sector: u32, data: &[u8]) -> fat::Result<()> {
        self.device.write_blocks(sector, data).map_err(disk_error)
    }

    fn sync(&mut self) -> fat::Result<()> {
        self.device.sync().map_err(disk_error)
    }
}

fn lfs_version(kind: Kind) -> Option<lfs::Version> {
    match kind {
        #[cfg(feature = "lfs1")]
        Kind::Lfs1 => Some(lfs::Version::One),
        Kind::Lfs2 => Some(lfs::Version::Two),
        Kind::Fat => None,
    }
}

fn geometry(options: &Options, device: &mut dyn BlockDevice) -> Result<lfs::Geometry, Errno> {
    let (size, count) = (device.block_size()?, device.block_count()?);
    let Options { read_size, write_size, lookahead, .. } = *options;
    lfs::Geometry::new(size, count, read_size, write_size, lookahead).map_err(Errno)
}

impl Engine {
    /// Makes an empty file system on a device.
    ///
    /// # Errors
    /// `ENOMEM`; `EINVAL`, `ENOSPC`, `EIO` for a device of no use; what the device answers.
    pub fn format(
        kind: Kind,
        options: &Options,
        device: &mut dyn BlockDevice,
    ) -> Result<(), Errno> {
        match lfs_version(kind) {
            Some(version) => {
                let geometry = geometry(options, device)?;
                lfs::format(version, &geometry, &ARENA, &mut AsFlash(device)).map_err(Errno)
            }
            None => {
                let (size, count) = (device.block_size()?, device.block_count()?);
                fat::format(&ARENA, &mut AsDisk { device, size, count }).map_err(Errno)
            }
        }
    }

    /// Mounts the file system on a device.
    ///
    /// # Errors
    /// `ENODEV` where there is none of this kind, `ENOMEM`; what the device answers.
    pub fn mount(
        kind: Kind,
        options: &Options,
        device: &mut dyn BlockDevice,
    ) -> Result<Self, Errno> {
        match lfs_version(kind) {
            Some(version) => {
                let geometry = geometry(options, device)?;
                let mounted =
                    lfs::Filesystem::mount(version, &geometry, &ARENA, &mut AsFlash(device));
                match mounted {
                    Ok(fs) => Ok(Engine::Lfs(fs, options.keeps_times)),
                    Err(lfs::CORRUPT) => Err(Errno::ENODEV),
                    Err(errno) => Err(Errno(errno)),
                }
            }
            None => {
                let (size, count) = (device.block_size()?, device.block_count()?);
                let fs = fat::Filesystem::mount(&ARENA, &mut AsDisk { device, size, count });
                Ok(Engine::Fat(fs.map_err(Errno)?, size, count))
            }
        }
    }

    /// How many files and directories are open.
    pub fn open_count(&self) -> usize {
        match self {
            Engine::Lfs(fs, _) => fs.open_count(),
            Engine::Fat(fs, ..) => fs.open_count(),
        }
    }

    /// Does what is asked. `now_ns`: nanoseconds since 1970, where there is a clock.
    ///
    /// # Errors
    /// Those of the request; `ENOSYS` for what only a whole volume can.
    pub fn perform(
        &mut self,
        device: &mut dyn BlockDevice,
        now_ns: Option<u64>,
        request: Request<'_>,
    ) -> Result<Reply, Errno> {
        match self {
            Engine::Lfs(fs, keeps_times) => {
                perform_lfs(fs, &mut AsFlash(device), now_ns.filter(|_| *keeps_times), request)
            }
            Engine::Fat(fs, size, count) => {
                let now_s = now_ns.unwrap_or(0) / 1_000_000_000;
                let disk = &mut AsDisk { device, size: *size, count: *count };
                perform_fat(fs, disk, now_s, request)
            }
        }
        .map_err(Errno)
    }
}

fn whence_number(whence: Whence) -> i32 {
    match whence {
        Whence::Start => 0,
        Whence::Current => 1,
        Whence::End => 2,
    }
}

fn kind_of(is_dir: bool) -> EntryKind {
    if is_dir { EntryKind::Directory } else { EntryKind::File }
}

fn stat_reply(is_dir: bool, size: u32, modified_s: u64) -> Reply {
    let times = [modified_s; 3];
    Reply::Stat(Stat { mode: kind_of(is_dir).mode(), size: size.into(), times, ..Stat::default() })
}

fn space_reply(block: u32, blocks: u32, free: u32) -> Reply {
    Reply::VolumeStat(VolumeStat {
        block_size: block.into(),
        fragment_size: block.into(),
        blocks: [blocks.into(), free.into(), free.into()],
        name_max: NAME_MAX as u64,
        ..VolumeStat::default()
    })
}

fn entry_reply(found: Option<(usize, bool, u32)>) -> Reply {
    Reply::Entry(found.map(|(name_len, is_dir, size)| Entry {
        name_len,
        kind: kind_of(is_dir),
        inode: 0,
        size: Some(size.into()),
    }))
}

/// A file of a device is always ready.
fn poll_reply(events: usize) -> Reply {
    Reply::Count(events & (poll::READ | poll::WRITE))
}

const ENOSYS: i32 = Errno::ENOSYS.0;

fn perform_lfs(
    fs: &mut lfs::Filesystem,
    flash: &mut AsFlash<'_>,
    now_ns: Option<u64>,
    request: Request<'_>,
) -> Result<Reply, i32> {
    let done = |()| Reply::Done;
    match request {
        Request::Open { path, mode } => {
            let OpenMode { read, write, append, create, exclusive, truncate } = mode;
            let mode = lfs::Mode { read, write, append, create, exclusive, truncate };
            let file = FileId(fs.open(flash, path, mode, now_ns)?);
            Ok(Reply::File { file, is_seekable: true })
        }
        Request::Read { file, buf } => fs.read(flash, file.0, buf).map(Reply::Count),
        Request::Write { file, data } => {
            if let Some(now_ns) = now_ns {
                fs.set_time(file.0, now_ns);
            }
            fs.write(flash, file.0, data).map(Reply::Count)
        }
        Request::Seek { file, offset, whence } => {
            let position = fs.seek(flash, file.0, offset, whence_number(whence))?;
            Ok(Reply::Position(position.into()))
        }
        Request::Flush { file } => fs.sync(flash, file.0).map(done),
        Request::Close { file } => fs.close(flash, file.0).map(done),
        Request::Poll { events, .. } => Ok(poll_reply(events)),
        Request::OpenDir { path } => fs.open_dir(flash, path).map(|id| Reply::Dir(DirId(id))),
        Request::NextEntry { dir, name } => {
            let found = fs.next_entry(flash, dir.0, name)?;
            Ok(entry_reply(found.map(|(len, stat)| (len, stat.is_dir, stat.size))))
        }
        Request::CloseDir { dir } => fs.close_dir(flash, dir.0).map(done),
        Request::Stat { path } => {
            let stat = fs.stat(flash, path)?;
            let seconds = stat.modified_ns.unwrap_or(0) / 1_000_000_000;
            Ok(stat_reply(stat.is_dir, stat.size, seconds))
        }
        Request::VolumeStat { .. } => {
            let (size, count) = (fs.geometry().block_size, fs.geometry().block_count);
            let used = fs.used_blocks(flash)?;
            Ok(space_reply(size, count, count.saturating_sub(used)))
        }
        Request::MakeDir { path } => fs.make_dir(flash, path).map(done),
        Request::RemoveDir { path } => match fs.stat(flash, path)?.is_dir {
            true => fs.remove(flash, path).map(done),
            false => Err(Errno::ENOTDIR.0),
        },
        Request::Remove { path } => match fs.stat(flash, path)?.is_dir {
            true => Err(Errno::EISDIR.0),
            false => fs.remove(flash, path).map(done),
        },
        Request::Rename { from, to } => {
            // littlefs forgets what an open file has not written yet when its entry moves.
            fs.sync_all(flash)?;
            fs.rename(flash, from, to).map(done)
        }
        Request::Sync => fs.sync_all(flash).map(done),
        _ => Err(ENOSYS),
    }
}

fn perform_fat(
    fs: &mut fat::Filesystem,
    disk: &mut AsDisk<'_>,
    now_s: u64,
    request: Request<'_>,
) -> Result<Reply, i32> {
    let done = |()| Reply::Done;
    match request {
        Request::Open { path, mode } => {
            let OpenMode { read, write, append, create, exclusive, truncate } = mode;
            let mode = fat::Mode { read, write, append, create, exclusive, truncate };
            let file = FileId(fs.open(disk, path, mode, now_s)?);
            Ok(Reply::File { file, is_seekable: true })
        }
        Request::Read { file, buf } => fs.read(disk, file.0, buf).map(Reply::Count),
        Request::Write { file, data } => fs.write(disk, file.0, data, now_s).map(Reply::Count),
        Request::Seek { file, offset, whence } => {
            let position = fs.seek(disk, file.0, offset, whence_number(whence))?;
            Ok(Reply::Position(position.into()))
        }
        Request::Flush { file } => fs.sync(disk, file.0, now_s).map(done),
        Request::Close { file } => fs.close(disk, file.0, now_s).map(done),
        Request::Poll { events, .. } => Ok(poll_reply(events)),
        Request::OpenDir { path } => fs.open_dir(disk, path).map(|id| Reply::Dir(DirId(id))),
        Request::NextEntry { dir, name } => {
            let found = fs.next_entry(disk, dir.0, name)?;
            Ok(entry_reply(found.map(|(len, stat)| (len, stat.is_dir, stat.size))))
        }
        Request::CloseDir { dir } => fs.close_dir(disk, dir.0).map(done),
        Request::Stat { path } => {
            let stat = fs.stat(disk, path)?;
            Ok(stat_reply(stat.is_dir, stat.size, stat.modified_s))
        }
        Request::VolumeStat { .. } => {
            let space = fs.space(disk)?;
            Ok(space_reply(space.cluster_bytes, space.clusters, space.free))
        }
        Request::MakeDir { path } => fs.make_dir(disk, path, now_s).map(done),
        Request::RemoveDir { path } => fs.remove(disk, path, true).map(done),
        Request::Remove { path } => fs.remove(disk, path, false).map(done),
        Request::Rename { from, to } => fs.rename(disk, from, to).map(done),
        Request::Sync => fs.sync_all(disk, now_s).map(done),
        _ => Err(ENOSYS),
    }
}
