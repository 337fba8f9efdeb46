//! Files for Python: volumes, the mount table, `os`, `vfs`, `open`.
//!
//! A [`Volume`] is a file system in native code. It exists once per image, serves Python threads, C tasks and servers
//! alike, and is never called with the GIL held; a volume that owns a device sits behind a service task that takes
//! the same requests from a queue. A file system written in Python is an object with the methods that the MicroPython
//! library reference lists under "vfs"; it runs in the thread that calls it.
//!
//! Each VM has a mount table of its own, which begins with the volumes that the board [`register`]ed for it.
//!
//! The rooms: `volume` (the trait, its requests, the registry), `device` (what file systems live on), `engine` (littlefs
//! and FAT, each a build feature), `served` (a device and its file system behind a service task), `chip` (a
//! whole flash chip: the user's volume, hidden files, updates), `update` (an image for the boot manager), `path`, `table` (mounts, `open`, `import`),
//! `rom` (read-only images in memory), `script` (file systems on Python devices), `filesystem` (one as a Python object), `file` and `dir` (what it opens),
//! `blockdev` and `sd` (a device as a Python object), `os`, `dupterm` and `vfs` (the modules), `view` (the mount table for servers and C).
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "volumes")]
mod blockdev;
#[cfg(feature = "littlefs")]
pub mod chip;
pub mod device;
#[cfg(feature = "volumes")]
mod dir;
#[cfg(feature = "extra")]
mod dupterm;
#[cfg(feature = "volumes")]
pub mod engine;
#[cfg(feature = "volumes")]
mod file;
#[cfg_attr(not(feature = "volumes"), path = "no_filesystem.rs")]
mod filesystem;
mod os;
pub mod path;
#[cfg(feature = "rom")]
mod rom;
#[cfg(feature = "volumes")]
mod script;
#[cfg(feature = "volumes")]
mod sd;
#[cfg(feature = "volumes")]
pub mod served;
mod table;
#[cfg(feature = "littlefs")]
mod update;
mod vfs;
pub mod view;
pub mod volume;

#[cfg(feature = "volumes")]
pub use blockdev::device_object;
#[cfg(feature = "fat")]
pub use filesystem::VFS_FAT;
#[cfg(feature = "littlefs")]
pub use filesystem::VFS_LFS2;
#[cfg(feature = "volumes")]
pub use filesystem::VFS_POSIX;
#[cfg(feature = "volumes")]
pub use sd::SD;
pub use table::{import_stat, open};
pub use volume::{Volume, register};

use threadsnake_vm::object::RomModule;

/// The modules of this component, for `RunConfig::modules`.
pub static MODULES: &[&RomModule] = &[&os::OS, &vfs::VFS];
