//! Requests as littlefs understands them.

use threadsnake_littlefs as lfs;

use super::reply::{ENOSYS, entry, poll, space, stat, whence_number};
use super::{ARENA, Kind, Options};
use crate::device::BlockDevice;
use crate::volume::{DirId, Errno, FileId, OpenMode, Reply, Request};

/// A mounted littlefs, and whether it keeps times.
#[derive(Debug)]
pub struct Mounted(lfs::Filesystem, bool);

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

fn version(kind: Kind) -> lfs::Version {
    match kind {
        #[cfg(feature = "lfs1")]
        Kind::Lfs1 => lfs::Version::One,
        _ => lfs::Version::Two,
    }
}

fn geometry(options: &Options, device: &mut dyn BlockDevice) -> Result<lfs::Geometry, Errno> {
    let (size, count) = (device.block_size()?, device.block_count()?);
    let Options { read_size, write_size, lookahead, .. } = *options;
    lfs::Geometry::new(size, count, read_size, write_size, lookahead).map_err(Errno)
}

/// Makes an empty file system.
pub fn format(kind: Kind, options: &Options, device: &mut dyn BlockDevice) -> Result<(), Errno> {
    let geometry = geometry(options, device)?;
    lfs::format(version(kind), &geometry, &ARENA, &mut AsFlash(device)).map_err(Errno)
}

impl Mounted {
    pub fn mount(
        kind: Kind,
        options: &Options,
        device: &mut dyn BlockDevice,
    ) -> Result<Self, Errno> {
        let geometry = geometry(options, device)?;
        match lfs::Filesystem::mount(version(kind), &geometry, &ARENA, &mut AsFlash(device)) {
            Ok(fs) => Ok(Mounted(fs, options.keeps_times)),
            Err(lfs::CORRUPT) => Err(Errno::ENODEV),
            Err(errno) => Err(Errno(errno)),
        }
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
        let now_ns = now_ns.filter(|_| self.1);
        perform(&mut self.0, &mut AsFlash(device), now_ns, request).map_err(Errno)
    }
}

fn perform(
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
        Request::Poll { events, .. } => Ok(poll(events)),
        Request::OpenDir { path } => fs.open_dir(flash, path).map(|id| Reply::Dir(DirId(id))),
        Request::NextEntry { dir, name } => {
            let found = fs.next_entry(flash, dir.0, name)?;
            Ok(entry(found.map(|(len, stat)| (len, stat.is_dir, stat.size))))
        }
        Request::CloseDir { dir } => fs.close_dir(flash, dir.0).map(done),
        Request::Stat { path } => {
            let found = fs.stat(flash, path)?;
            let seconds = found.modified_ns.unwrap_or(0) / 1_000_000_000;
            Ok(stat(found.is_dir, found.size, seconds))
        }
        Request::VolumeStat { .. } => {
            let (size, count) = (fs.geometry().block_size, fs.geometry().block_count);
            let used = fs.used_blocks(flash)?;
            Ok(space(size, count, count.saturating_sub(used)))
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
