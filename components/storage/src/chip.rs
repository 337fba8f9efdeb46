//! A flash chip that is divided by a layout, behind one service task: the user's volume, the hidden files, the update
//! slots.
//!
//! Whoever opens [`IMAGE`] on the user's volume for writing writes to an update slot instead; closing the file has the
//! image tried at the next start. There is no such file otherwise: it is not listed and cannot be read.
//!
//! The hidden files are a volume of their own that no VM mounts: what FTP uploads to [`CREDENTIALS`] goes there, and
//! `ssl` reads it where there is no ordinary file of that name. (The WiPy hid its radio's firmware likewise; ours has none,
//! and those names are ordinary ones.)
//!
//! Source: WiPy general documentation, "Upgrading the firmware Over The Air"; WiPy library reference, "ssl".

use threadsnake_glue::service::Service;
use threadsnake_layout::{Layout, Range};
use threadsnake_vm::Vm;
use threadsnake_vm::object::{ByteArray, Res, RomType, Str, poll};
use threadsnake_vm::value::Value;

use crate::device::BlockDevice;
use crate::engine::{Kind, Options};
use crate::filesystem::{raise, type_of};
use crate::served::Contents;
use crate::update::Update;
use crate::volume::{
    Errno, FileId, OpenMode, Reply, Request, Volume, named, register, register_device, registered,
};

/// Where an image is written to, on the user's volume.
pub const IMAGE: &str = "/sys/mcuimg.bin";
/// Where FTP uploads what `ssl` proves and checks identities with.
pub const CREDENTIALS: [&str; 3] =
    ["/flash/cert/ca.pem", "/flash/cert/cert.pem", "/flash/cert/private.key"];
/// The folder of [`CREDENTIALS`]: below it a hidden file has the same name.
const FOLDER: &str = "/flash/cert";
/// The name of the volume of hidden files.
const HIDDEN: &str = "hidden";
/// The image that is being written. The file systems' own numbers are small.
const IMAGE_FILE: FileId = FileId(0x7fff);

/// What the service task owns.
#[derive(Debug)]
pub struct Chip<D> {
    device: D,
    layout: Layout,
    user: Contents,
    hidden: Contents,
    update: Option<Update>,
}

/// A range of the chip as a device of its own.
struct Part<'a, D> {
    device: &'a mut D,
    first: u32,
    count: u32,
}

impl<'a, D: BlockDevice> Part<'a, D> {
    fn new(device: &'a mut D, layout: &Layout, range: Range) -> Self {
        Part { device, first: range.start / layout.block, count: range.len / layout.block }
    }

    fn block(&self, block: u32) -> Result<u32, Errno> {
        if block < self.count { Ok(self.first + block) } else { Err(Errno::EINVAL) }
    }
}

impl<D: BlockDevice> BlockDevice for Part<'_, D> {
    fn block_size(&mut self) -> Result<u32, Errno> {
        self.device.block_size()
    }

    fn block_count(&mut self) -> Result<u32, Errno> {
        Ok(self.count)
    }

    fn read(&mut self, block: u32, offset: u32, buf: &mut [u8]) -> Result<(), Errno> {
        let block = self.block(block)?;
        self.device.read(block, offset, buf)
    }

    fn write(&mut self, block: u32, offset: u32, data: &[u8]) -> Result<(), Errno> {
        let block = self.block(block)?;
        self.device.write(block, offset, data)
    }

    fn erase(&mut self, block: u32) -> Result<(), Errno> {
        let block = self.block(block)?;
        self.device.erase(block)
    }

    fn sync(&mut self) -> Result<(), Errno> {
        self.device.sync()
    }
}

impl<D: BlockDevice> Chip<D> {
    /// A chip of at least as many blocks as the layout has. `options` and `clock` are those of the user's volume,
    /// littlefs 2.
    pub const fn new(
        device: D,
        layout: Layout,
        options: Options,
        clock: fn() -> Option<u64>,
    ) -> Self {
        let hidden = Options { keeps_times: false, ..options };
        Chip {
            device,
            layout,
            user: Contents::new(Kind::Lfs2, options, clock),
            hidden: Contents::new(Kind::Lfs2, hidden, || None),
            update: None,
        }
    }

    /// The device, for what is no request.
    pub fn device(&mut self) -> &mut D {
        &mut self.device
    }

    /// Does what the user's volume is asked.
    ///
    /// # Errors
    /// As [`Volume::perform`]. For the image: `EBUSY` where another is being written, `EINVAL` for reading, appending and
    /// seeking, `ENOSPC` behind the end of the slot.
    pub fn perform(&mut self, request: Request<'_>) -> Result<Reply, Errno> {
        match request {
            Request::Open { path: IMAGE, mode } if mode.write => self.open_image(mode),
            Request::Write { file: IMAGE_FILE, data } => match &mut self.update {
                Some(update) => update.write(&mut self.device, data).map(Reply::Count),
                None => Err(Errno::EBADF),
            },
            Request::Flush { file: IMAGE_FILE } => Ok(Reply::Done),
            Request::Poll { file: IMAGE_FILE, events } => Ok(Reply::Count(events & poll::WRITE)),
            Request::Close { file: IMAGE_FILE } => match self.update.take() {
                Some(update) => update.end(&mut self.device).map(|()| Reply::Done),
                None => Err(Errno::EBADF),
            },
            Request::Read { file: IMAGE_FILE, .. } | Request::Seek { file: IMAGE_FILE, .. } => {
                Err(Errno::EINVAL)
            }
            request => {
                let mut part = Part::new(&mut self.device, &self.layout, self.layout.user);
                self.user.perform(&mut part, request)
            }
        }
    }

    fn open_image(&mut self, mode: OpenMode) -> Result<Reply, Errno> {
        if mode.read || mode.append {
            return Err(Errno::EINVAL);
        }
        if self.update.is_some() {
            return Err(Errno::EBUSY);
        }
        self.update = Some(Update::begin(&mut self.device, &self.layout)?);
        Ok(Reply::File { file: IMAGE_FILE, is_seekable: false })
    }

    /// Does what the volume of hidden files is asked: it is formatted when it is first written to, and takes memory only
    /// while a file is open.
    ///
    /// # Errors
    /// As [`Volume::perform`].
    pub fn perform_hidden(&mut self, request: Request<'_>) -> Result<Reply, Errno> {
        let is_new = matches!(&request, Request::Open { mode, .. } if mode.create);
        let mut part = Part::new(&mut self.device, &self.layout, self.layout.hidden);
        if is_new && self.hidden.perform(&mut part, Request::Mount) == Err(Errno::ENODEV) {
            self.hidden.perform(&mut part, Request::Format)?;
        }
        let result = self.hidden.perform(&mut part, request);
        self.hidden.rest();
        result
    }
}

/// The user's volume. The board makes one, for ever, and [`install`]s it.
#[derive(Debug)]
pub struct User<D: 'static>(&'static Service<Chip<D>>);

/// The volume of hidden files, likewise.
#[derive(Debug)]
pub struct Hidden<D: 'static>(&'static Service<Chip<D>>);

impl<D: BlockDevice + Send + 'static> User<D> {
    /// Both volumes of a chip.
    pub const fn volumes(chip: &'static Service<Chip<D>>) -> (Self, Hidden<D>) {
        (User(chip), Hidden(chip))
    }
}

impl<D: BlockDevice + Send + 'static> Volume for User<D> {
    fn perform(&self, request: Request<'_>) -> Result<Reply, Errno> {
        self.0.call(|chip| chip.perform(request))
    }

    fn filesystem_type(&self) -> &'static RomType {
        type_of(Kind::Lfs2)
    }
}

impl<D: BlockDevice + Send + 'static> Volume for Hidden<D> {
    fn perform(&self, request: Request<'_>) -> Result<Reply, Errno> {
        self.0.call(|chip| chip.perform_hidden(request))
    }

    fn filesystem_type(&self) -> &'static RomType {
        type_of(Kind::Lfs2)
    }
}

/// Gives the image a chip's volumes: the user's at `/flash` in every VM from now on. Once, before the first VM.
pub fn install(user: &'static dyn Volume, hidden: &'static dyn Volume) {
    register(user, "/flash");
    register_device(hidden, HIDDEN);
}

fn hidden() -> Option<&'static dyn Volume> {
    named(HIDDEN).and_then(registered).map(|r| r.volume)
}

/// Where an upload to this absolute path goes, when it goes to a hidden file. Tasks.
pub fn upload(path: &str) -> Option<(&'static dyn Volume, &str)> {
    let inside = CREDENTIALS.contains(&path).then(|| path.strip_prefix(FOLDER))??;
    Some((hidden()?, inside))
}

/// The contents of a hidden file, for who works with credentials: a `bytearray`, `None` where there is none. No script
/// gets at it otherwise.
///
/// # Errors
/// `MemoryError`; `OSError` of the chip.
pub fn read_hidden(vm: &mut Vm, path: Str) -> Res {
    let Some((volume, path)) = upload(path.as_str()) else { return Ok(Value::NONE) };
    let size = match vm.unlocked(|_| volume.perform(Request::Stat { path })) {
        Ok(Reply::Stat(stat)) => usize::try_from(stat.size).unwrap_or(usize::MAX),
        Err(Errno::ENOENT | Errno::ENODEV) => return Ok(Value::NONE),
        Ok(_) => return Err(raise(vm, Errno::EIO)),
        Err(errno) => return Err(raise(vm, errno)),
    };
    let contents = ByteArray::new(vm, 0, size)?.value();
    let buffer = vm.expect_writable(contents)?;
    let read = vm.with_bytes_mut(buffer, |vm, buf| vm.unlocked(|_| read_whole(volume, path, buf)));
    match read {
        Ok(()) => Ok(contents),
        Err(errno) => Err(raise(vm, errno)),
    }
}

/// Fills `buf` from the start of a file; `EIO` where there is less.
fn read_whole(volume: &dyn Volume, path: &str, mut buf: &mut [u8]) -> Result<(), Errno> {
    let mode = OpenMode {
        read: true,
        write: false,
        append: false,
        create: false,
        exclusive: false,
        truncate: false,
    };
    let Reply::File { file, .. } = volume.perform(Request::Open { path, mode })? else {
        return Err(Errno::EIO);
    };
    let mut result = Ok(());
    while !buf.is_empty() && result.is_ok() {
        match volume.perform(Request::Read { file, buf }) {
            Ok(Reply::Count(n)) if n > 0 => buf = buf.get_mut(n..).unwrap_or_default(),
            Ok(_) => result = Err(Errno::EIO),
            Err(errno) => result = Err(errno),
        }
    }
    volume.perform(Request::Close { file }).and(result)
}
