//! Requests as FatFs understands them.

use threadsnake_fatfs as fat;

use super::ARENA;
use super::reply::{ENOSYS, entry, poll, space, stat, whence_number};
use crate::device::BlockDevice;
use crate::volume::{DirId, Errno, FileId, OpenMode, Reply, Request};

/// A mounted FAT, the bytes and the number of its sectors.
#[derive(Debug)]
pub struct Mounted(fat::Filesystem, u32, u32);

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

/// Makes an empty file system.
pub fn format(device: &mut dyn BlockDevice) -> Result<(), Errno> {
    let (size, count) = (device.block_size()?, device.block_count()?);
    fat::format(&ARENA, &mut AsDisk { device, size, count }).map_err(Errno)
}

impl Mounted {
    pub fn mount(device: &mut dyn BlockDevice) -> Result<Self, Errno> {
        let (size, count) = (device.block_size()?, device.block_count()?);
        let fs = fat::Filesystem::mount(&ARENA, &mut AsDisk { device, size, count });
        Ok(Mounted(fs.map_err(Errno)?, size, count))
    }

    pub fn open_count(&self) -> usize {
        self.0.open_count()
    }

    pub fn perform(
        &mut self,
        device: &mut dyn BlockDevice,
        now_ns: Option<u64>,
        request: Request<'_>,
    ) -> Result<Reply, Errno> {
        let now_s = now_ns.unwrap_or(0) / 1_000_000_000;
        let disk = &mut AsDisk { device, size: self.1, count: self.2 };
        perform(&mut self.0, disk, now_s, request).map_err(Errno)
    }
}

fn perform(
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
        Request::Poll { events, .. } => Ok(poll(events)),
        Request::OpenDir { path } => fs.open_dir(disk, path).map(|id| Reply::Dir(DirId(id))),
        Request::NextEntry { dir, name } => {
            let found = fs.next_entry(disk, dir.0, name)?;
            Ok(entry(found.map(|(len, stat)| (len, stat.is_dir, stat.size))))
        }
        Request::CloseDir { dir } => fs.close_dir(disk, dir.0).map(done),
        Request::Stat { path } => {
            let found = fs.stat(disk, path)?;
            Ok(stat(found.is_dir, found.size, found.modified_s))
        }
        Request::VolumeStat { .. } => {
            let found = fs.space(disk)?;
            Ok(space(found.cluster_bytes, found.clusters, found.free))
        }
        Request::MakeDir { path } => fs.make_dir(disk, path, now_s).map(done),
        Request::RemoveDir { path } => fs.remove(disk, path, true).map(done),
        Request::Remove { path } => fs.remove(disk, path, false).map(done),
        Request::Rename { from, to } => fs.rename(disk, from, to).map(done),
        Request::Sync => fs.sync_all(disk, now_s).map(done),
        _ => Err(ENOSYS),
    }
}
