//! File systems in native code over a block device: requests as littlefs and FatFs understand them.
//!
//! The libraries take their memory from [`ARENA`], which the board fills; when it is used up they answer `ENOMEM`.

#[cfg(feature = "fat")]
mod fat;
#[cfg(feature = "littlefs")]
mod lfs;
#[cfg(any(feature = "fat", feature = "littlefs"))]
mod reply;

use threadsnake_arena::Arena;

use crate::device::BlockDevice;
use crate::volume::{Errno, Reply, Request};

/// The memory of all file systems and open files of the image.
pub static ARENA: Arena = Arena::new();

/// A kind of file system. Each is a build feature: without any of them nothing on a device can be mounted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// littlefs 1.
    #[cfg(feature = "lfs1")]
    Lfs1,
    /// littlefs 2.
    #[cfg(feature = "littlefs")]
    Lfs2,
    /// FAT.
    #[cfg(feature = "fat")]
    Fat,
}

impl Kind {
    /// What a device has on which no kind is marked.
    #[cfg(feature = "fat")]
    pub const UNMARKED: Option<Kind> = Some(Kind::Fat);
    /// What a device has on which no kind is marked: nothing.
    #[cfg(not(feature = "fat"))]
    pub const UNMARKED: Option<Kind> = None;

    /// True for FAT.
    pub fn is_fat(self) -> bool {
        match self {
            #[cfg(feature = "fat")]
            Kind::Fat => true,
            #[cfg(feature = "littlefs")]
            _ => false,
        }
    }
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
    /// littlefs.
    #[cfg(feature = "littlefs")]
    Lfs(lfs::Mounted),
    /// FAT.
    #[cfg(feature = "fat")]
    Fat(fat::Mounted),
}

#[cfg_attr(not(feature = "littlefs"), allow(unused_variables, reason = "FAT has no options"))]
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
        match kind {
            #[cfg(feature = "fat")]
            Kind::Fat => fat::format(device),
            #[cfg(feature = "littlefs")]
            _ => lfs::format(kind, options, device),
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
        match kind {
            #[cfg(feature = "fat")]
            Kind::Fat => fat::Mounted::mount(device).map(Engine::Fat),
            #[cfg(feature = "littlefs")]
            _ => lfs::Mounted::mount(kind, options, device).map(Engine::Lfs),
        }
    }

    /// How many files and directories are open.
    pub fn open_count(&self) -> usize {
        match *self {
            #[cfg(feature = "littlefs")]
            Engine::Lfs(ref fs) => fs.open_count(),
            #[cfg(feature = "fat")]
            Engine::Fat(ref fs) => fs.open_count(),
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
        match *self {
            #[cfg(feature = "littlefs")]
            Engine::Lfs(ref mut fs) => fs.perform(device, now_ns, request),
            #[cfg(feature = "fat")]
            Engine::Fat(ref mut fs) => fs.perform(device, now_ns, request),
        }
    }
}
