//! Volumes: file systems in native code, asked by requests.
//!
//! # Invariants
//! 1. Nobody calls a volume with the GIL held: any request may wait for a device.
//! 2. A request borrows its buffers until it is answered; a proxy that passes requests on waits for the answer, even
//!    when its task is to end.
//!
//! Source: POSIX.1-2017, System Interfaces (what each request does where its documentation says no more).

use core::cell::Cell;
use critical_section::Mutex;
use threadsnake_vm::object::RomType;
pub use threadsnake_vm::object::Whence;

/// An error number, as Linux has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Errno(pub i32);

#[allow(missing_docs, reason = "the names are those of errno.h")]
impl Errno {
    pub const EPERM: Errno = Errno(1);
    pub const ENOENT: Errno = Errno(2);
    pub const EIO: Errno = Errno(5);
    pub const EBADF: Errno = Errno(9);
    pub const EAGAIN: Errno = Errno(11);
    pub const ENOMEM: Errno = Errno(12);
    pub const EACCES: Errno = Errno(13);
    pub const EBUSY: Errno = Errno(16);
    pub const EEXIST: Errno = Errno(17);
    pub const ENODEV: Errno = Errno(19);
    pub const ENOTDIR: Errno = Errno(20);
    pub const EISDIR: Errno = Errno(21);
    pub const EINVAL: Errno = Errno(22);
    pub const EMFILE: Errno = Errno(24);
    pub const ENOSPC: Errno = Errno(28);
    pub const EROFS: Errno = Errno(30);
    pub const ENAMETOOLONG: Errno = Errno(36);
    pub const ENOSYS: Errno = Errno(38);
    pub const ENOTEMPTY: Errno = Errno(39);
    pub const EOPNOTSUPP: Errno = Errno(95);
}

/// How a file is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpenMode {
    /// May be read.
    pub read: bool,
    /// May be written.
    pub write: bool,
    /// Every write goes to the end.
    pub append: bool,
    /// Made if it is not there.
    pub create: bool,
    /// Made, and must not be there before.
    pub exclusive: bool,
    /// Emptied first.
    pub truncate: bool,
}

/// An open file of a volume, by a number that the volume chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FileId(pub u32);

/// A directory being listed, by a number that the volume chose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DirId(pub u32);

/// What an entry of a directory is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// Anything else, or not known.
    Other,
}

impl EntryKind {
    /// The type bits of a file's mode, as in `os.stat()[0]` and `os.ilistdir()`; 0 for what is neither file nor
    /// directory.
    pub fn mode(self) -> u32 {
        match self {
            EntryKind::File => 0x8000,
            EntryKind::Directory => 0x4000,
            EntryKind::Other => 0,
        }
    }
}

/// What is known of a file or directory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stat {
    /// Type and permissions, as `st_mode`.
    pub mode: u32,
    /// Number of the entry in its volume, 0 where there is none.
    pub inode: u64,
    /// Number of the device.
    pub device: u64,
    /// Number of names.
    pub links: u64,
    /// Owner.
    pub user: u32,
    /// Owning group.
    pub group: u32,
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970-01-01 of the last access, change of contents, change of status; 0 for not known.
    pub times: [u64; 3],
}

/// What is known of a whole volume.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct VolumeStat {
    /// Bytes of a block that files are read and written by.
    pub block_size: u64,
    /// Bytes of a block that the next three count.
    pub fragment_size: u64,
    /// Blocks in all, free ones, and free ones for anybody.
    pub blocks: [u64; 3],
    /// Files in all, free ones, and free ones for anybody.
    pub files: [u64; 3],
    /// Mount flags.
    pub flags: u64,
    /// The longest name, in bytes.
    pub name_max: u64,
}

/// An entry of a directory; its name is in the request's buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Bytes of the name.
    pub name_len: usize,
    /// What it is.
    pub kind: EntryKind,
    /// Its number in the volume, 0 where there is none.
    pub inode: u64,
    /// Bytes of the file, where listing tells.
    pub size: Option<u64>,
}

/// The longest name of a directory's entry, in bytes.
pub const NAME_MAX: usize = 255;

/// What a volume is asked to do. Paths are absolute within the volume, parts separated by `/`, without `.` and `..`;
/// those of a volume with a current directory of its own ([`Volume::has_current_dir`]) are as the script wrote them.
#[derive(Debug)]
#[allow(missing_docs, reason = "the fields' names say it")]
pub enum Request<'a> {
    /// Opens a file. Answer: [`Reply::File`].
    Open { path: &'a str, mode: OpenMode },
    /// Takes over a file that the system has open already, by its number there. Answer: [`Reply::File`].
    Adopt { number: i32, mode: OpenMode },
    /// Reads up to `buf.len()` bytes at the position. Answer: [`Reply::Count`], 0 at the end; `EAGAIN` where the
    /// caller must come again.
    Read { file: FileId, buf: &'a mut [u8] },
    /// Writes some of the bytes at the position. Answer: [`Reply::Count`]; `EAGAIN` as above.
    Write { file: FileId, data: &'a [u8] },
    /// Moves the position. Answer: [`Reply::Position`].
    Seek { file: FileId, offset: i64, whence: Whence },
    /// Makes what was written safe from a power cut.
    Flush { file: FileId },
    /// Closes the file; its number may be used again, even after an error.
    Close { file: FileId },
    /// Which of these events (bits of `object::poll`) are there. Answer: [`Reply::Count`].
    Poll { file: FileId, events: usize },
    /// Begins to list a directory. Answer: [`Reply::Dir`].
    OpenDir { path: &'a str },
    /// The next entry; its name goes to the start of `name`. Never `.` and `..`. Answer: [`Reply::Entry`].
    NextEntry { dir: DirId, name: &'a mut [u8; NAME_MAX] },
    /// Ends listing.
    CloseDir { dir: DirId },
    /// Answer: [`Reply::Stat`].
    Stat { path: &'a str },
    /// Answer: [`Reply::VolumeStat`].
    VolumeStat { path: &'a str },
    /// Makes a directory.
    MakeDir { path: &'a str },
    /// Removes an empty directory.
    RemoveDir { path: &'a str },
    /// Removes a file.
    Remove { path: &'a str },
    /// Renames a file or directory; one that has the new name already is replaced.
    Rename { from: &'a str, to: &'a str },
    /// Makes everything that was written safe from a power cut.
    Sync,
    /// Changes the volume's current directory.
    ChangeDir { path: &'a str },
    /// Writes the path of the volume's current directory to `buf`. Answer: [`Reply::Count`]; `ENAMETOOLONG`.
    CurrentDir { buf: &'a mut [u8] },
    /// Looks whether there is a file system on the device, which may have been changed. `ENODEV`: there is none.
    Mount,
    /// Makes an empty file system; what was open is so no more.
    Format,
    /// Answer: [`Reply::Blocks`]. Of the device below the file system, as the next three.
    Blocks,
    /// Reads from a block on, across blocks where `buf` is longer.
    ReadBlocks { block: u32, offset: u32, buf: &'a mut [u8] },
    /// Writes from a block on; without an offset whole blocks, erased first, else to what was erased before.
    WriteBlocks { block: u32, offset: Option<u32>, data: &'a [u8] },
    /// Erases a block.
    EraseBlock { block: u32 },
}

/// What a volume answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reply {
    /// Done.
    Done,
    /// An open file; whether it has a position that can be moved.
    File {
        /// Its number.
        file: FileId,
        /// True for a regular file.
        is_seekable: bool,
    },
    /// A directory to list.
    Dir(DirId),
    /// Bytes, or bits.
    Count(usize),
    /// A position in bytes.
    Position(u64),
    /// An entry, or no more.
    Entry(Option<Entry>),
    /// Facts of a path.
    Stat(Stat),
    /// Facts of the volume.
    VolumeStat(VolumeStat),
    /// The device's blocks.
    Blocks {
        /// Bytes of each.
        size: u32,
        /// How many.
        count: u32,
    },
}

/// A file system in native code. Called from any task, several at once, without the GIL.
pub trait Volume: Sync {
    /// Does what is asked and returns when it is done. May wait for a device.
    ///
    /// # Errors
    /// The error number of the operation in POSIX; `ENOSYS` for a request that the volume does not know.
    fn perform(&self, request: Request<'_>) -> Result<Reply, Errno>;

    /// The Python type of file systems on this volume.
    fn filesystem_type(&self) -> &'static RomType;

    /// True for a volume that resolves relative paths itself, by a current directory that is the process's.
    fn has_current_dir(&self) -> bool {
        false
    }
}

/// A volume and where a new VM has it mounted.
#[derive(Clone, Copy)]
pub struct Registered {
    /// The volume.
    pub volume: &'static dyn Volume,
    /// The mount point, such as `/` or `/flash`; empty for one that scripts mount.
    pub mount_point: &'static str,
    /// What drivers find it by, such as `sd`; may be empty.
    pub name: &'static str,
}

/// The process that surrounds the image, where there is one: what `os.getenv` and its like ask. Called from any task,
/// without the GIL.
pub trait Environment: Sync {
    /// Writes the value of a variable to `buf`, as much as fits; returns all its bytes, `None` if it is not set.
    fn get(&self, name: &str, buf: &mut [u8]) -> Option<usize>;

    /// Sets a variable, or removes it.
    ///
    /// # Errors
    /// `EINVAL` for a name that cannot be.
    fn set(&self, name: &str, value: Option<&str>) -> Result<(), Errno>;

    /// Runs a command of the system's and returns its exit status.
    ///
    /// # Errors
    /// What the system says when it cannot.
    fn run(&self, command: &str) -> Result<i32, Errno>;
}

static ENVIRONMENT: Mutex<Cell<Option<&'static dyn Environment>>> = Mutex::new(Cell::new(None));

/// Gives the image an environment, once, before the first VM.
pub fn set_environment(environment: &'static dyn Environment) {
    critical_section::with(|cs| ENVIRONMENT.borrow(cs).set(Some(environment)));
}

/// The image's environment, if it has one. Any context.
pub fn environment() -> Option<&'static dyn Environment> {
    critical_section::with(|cs| ENVIRONMENT.borrow(cs).get())
}

/// How many volumes an image can have.
pub const MAX_VOLUMES: usize = 8;

static REGISTRY: Mutex<Cell<[Option<Registered>; MAX_VOLUMES]>> =
    Mutex::new(Cell::new([None; MAX_VOLUMES]));

/// Adds a volume to the image, for ever; VMs made later find it mounted. False if there are too many. Any context.
pub fn register(volume: &'static dyn Volume, mount_point: &'static str) -> bool {
    add(Registered { volume, mount_point, name: "" })
}

/// As [`register`], for a volume that scripts mount by its device, which a driver finds by this name.
pub fn register_device(volume: &'static dyn Volume, name: &'static str) -> bool {
    add(Registered { volume, mount_point: "", name })
}

fn add(new: Registered) -> bool {
    critical_section::with(|cs| {
        let cell = REGISTRY.borrow(cs);
        let mut all = cell.get();
        match all.iter_mut().find(|place| place.is_none()) {
            Some(place) => {
                *place = Some(new);
                cell.set(all);
                true
            }
            None => false,
        }
    })
}

/// The number of the volume with that name. Any context.
pub fn named(name: &str) -> Option<usize> {
    (0..).map_while(registered).position(|r| r.name == name)
}

/// The volume with that number. Any context.
pub fn registered(number: usize) -> Option<Registered> {
    critical_section::with(|cs| REGISTRY.borrow(cs).get().get(number).copied().flatten())
}
