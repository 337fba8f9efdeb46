//! The board's storage: a flash chip and an SD card, each a file of the host or memory, behind service tasks.
//!
//! The chip behaves as NOR flash: erasing sets a block's bits, writing clears some. A file outlives the process, also one
//! that is killed: what littlefs has written is there at the next start.

use core::sync::atomic::{AtomicBool, Ordering};
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;
use threadsnake_boot::layout::Layout;
use threadsnake_glue::service::Service;
use threadsnake_net::modules::ssl;
use threadsnake_storage::chip::{self, Chip, Hidden, User};
use threadsnake_storage::device::BlockDevice;
use threadsnake_storage::engine::{ARENA, Kind, Options};
use threadsnake_storage::served::{Disk, Served};
use threadsnake_storage::volume::{Errno, Request, Volume, register_device};

/// Memory for mounted file systems and open files.
const ARENA_BYTES: usize = 1024 * 1024;
/// Bytes that the chip reads and writes at least.
const PAGE: u32 = 64;
/// How the chip is divided: two slots for updates, hidden files, 4 MiB for the user.
pub const LAYOUT: Layout = Layout::new(4096, 0x10_0000, 0x1_0000, 0x40_0000);
/// Bytes of a sector of the card, and of a new card.
const SECTOR: u32 = 512;
const CARD_BYTES: u64 = 16 * 1024 * 1024;
/// The services are above Python, so that a busy script delays nobody's files.
const PRIORITY: u32 = crate::tasks::PYTHON_PRIORITY + 2;
/// What the kernel is told of a service's stack; the real one is the thread's.
const SERVICE_BYTES: usize = 8192;

/// Gives the file systems their memory. Once, before the scheduler starts.
pub fn give_memory() {
    ARENA.give(Box::leak(vec![0; ARENA_BYTES].into_boxed_slice()));
}

/// Bytes that stay: a file, or memory.
#[derive(Debug)]
enum Store {
    File(File),
    Memory(Box<[u8]>),
}

/// Tasks call these: they only enter the kernel.
impl Store {
    /// Opens a file of at least `bytes` bytes; a shorter one grows, filled with `fill`.
    fn open(path: Option<&OsString>, bytes: u64, fill: u8) -> io::Result<Store> {
        let Some(path) = path else {
            return Ok(Store::Memory(vec![fill; bytes as usize].into_boxed_slice()));
        };
        let file =
            File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        let len = file.metadata()?.len();
        if len < bytes {
            file.write_all_at(&vec![fill; (bytes - len) as usize], len)?;
        }
        Ok(Store::File(file))
    }

    fn len(&self) -> u64 {
        match self {
            Store::File(file) => file.metadata().map_or(0, |metadata| metadata.len()),
            Store::Memory(bytes) => bytes.len() as u64,
        }
    }

    fn read(&self, at: u64, buf: &mut [u8]) -> Result<(), Errno> {
        match self {
            Store::File(file) => file.read_exact_at(buf, at).map_err(|_| Errno::EIO),
            Store::Memory(bytes) => {
                let part = bytes.get(at as usize..).and_then(|rest| rest.get(..buf.len()));
                buf.copy_from_slice(part.ok_or(Errno::EIO)?);
                Ok(())
            }
        }
    }

    fn write(&mut self, at: u64, data: &[u8]) -> Result<(), Errno> {
        match self {
            Store::File(file) => file.write_all_at(data, at).map_err(|_| Errno::EIO),
            Store::Memory(bytes) => {
                let part = bytes.get_mut(at as usize..).and_then(|rest| rest.get_mut(..data.len()));
                part.ok_or(Errno::EIO)?.copy_from_slice(data);
                Ok(())
            }
        }
    }
}

/// The flash chip.
#[derive(Debug)]
pub struct Flash {
    store: Store,
}

impl Flash {
    /// Where a part of a block is on the chip.
    fn place(block: u32, offset: u32, len: usize) -> Result<u64, Errno> {
        let inside = u64::from(offset) + len as u64 <= u64::from(LAYOUT.block);
        let at = u64::from(block) * u64::from(LAYOUT.block) + u64::from(offset);
        if !inside || at + len as u64 > u64::from(LAYOUT.len()) {
            return Err(Errno::EINVAL);
        }
        Ok(at)
    }
}

impl BlockDevice for Flash {
    fn block_size(&mut self) -> Result<u32, Errno> {
        Ok(LAYOUT.block)
    }

    fn block_count(&mut self) -> Result<u32, Errno> {
        Ok(LAYOUT.len() / LAYOUT.block)
    }

    fn read(&mut self, block: u32, offset: u32, buf: &mut [u8]) -> Result<(), Errno> {
        self.store.read(Self::place(block, offset, buf.len())?, buf)
    }

    fn write(&mut self, block: u32, offset: u32, data: &[u8]) -> Result<(), Errno> {
        let mut at = Self::place(block, offset, data.len())?;
        let mut old = [0; 1024];
        for piece in data.chunks(old.len()) {
            let old = &mut old[..piece.len()];
            self.store.read(at, old)?;
            old.iter_mut().zip(piece).for_each(|(old, new)| *old &= new);
            self.store.write(at, old)?;
            at += piece.len() as u64;
        }
        Ok(())
    }

    fn erase(&mut self, block: u32) -> Result<(), Errno> {
        let at = Self::place(block, 0, LAYOUT.block as usize)?;
        self.store.write(at, &[0xff; LAYOUT.block as usize])
    }

    fn sync(&mut self) -> Result<(), Errno> {
        Ok(())
    }
}

/// The SD card.
#[derive(Debug)]
pub struct Card {
    store: Store,
    sectors: u32,
}

/// True while a card is in its place.
static INSERTED: AtomicBool = AtomicBool::new(true);

/// Puts the card in or takes it out.
pub fn insert_card(inserted: bool) {
    INSERTED.store(inserted, Ordering::Relaxed);
}

impl Card {
    fn place(&self, sector: u32, offset: u32, len: usize) -> Result<u64, Errno> {
        if !INSERTED.load(Ordering::Relaxed) {
            return Err(Errno::ENODEV);
        }
        let at = u64::from(sector) * u64::from(SECTOR) + u64::from(offset);
        let end = at + len as u64;
        if end <= u64::from(self.sectors) * u64::from(SECTOR) { Ok(at) } else { Err(Errno::EINVAL) }
    }
}

impl BlockDevice for Card {
    fn block_size(&mut self) -> Result<u32, Errno> {
        Ok(SECTOR)
    }

    fn block_count(&mut self) -> Result<u32, Errno> {
        self.place(0, 0, 0).map(|_| self.sectors)
    }

    fn read(&mut self, block: u32, offset: u32, buf: &mut [u8]) -> Result<(), Errno> {
        self.store.read(self.place(block, offset, buf.len())?, buf)
    }

    fn write(&mut self, block: u32, offset: u32, data: &[u8]) -> Result<(), Errno> {
        self.store.write(self.place(block, offset, data.len())?, data)
    }

    fn erase(&mut self, block: u32) -> Result<(), Errno> {
        self.place(block, 0, SECTOR as usize).map(|_| ())
    }

    fn sync(&mut self) -> Result<(), Errno> {
        self.place(0, 0, 0).map(|_| ())
    }

    fn read_blocks(&mut self, block: u32, buf: &mut [u8]) -> Result<(), Errno> {
        self.read(block, 0, buf)
    }

    fn write_blocks(&mut self, block: u32, data: &[u8]) -> Result<(), Errno> {
        self.write(block, 0, data)
    }
}

static FLASH: OnceLock<(User<Flash>, Hidden<Flash>)> = OnceLock::new();
static CARD: OnceLock<Served<Card>> = OnceLock::new();

fn clock() -> Option<u64> {
    Some(crate::devices::power::unix_time_ns())
}

/// Makes the volumes: `/flash`, littlefs, and the card, FAT, which scripts mount. Once, before the scheduler starts.
///
/// # Errors
/// What the system says of a file, or that there is no memory for a service.
pub fn install(flash: Option<&OsString>, card: Option<&OsString>) -> io::Result<()> {
    let flash = Flash { store: Store::open(flash, LAYOUT.len().into(), 0xff)? };
    let options = Options { read_size: PAGE, write_size: PAGE, lookahead: 128, keeps_times: true };
    let flash = serve(Chip::new(flash, LAYOUT, options, clock), c"flash")?;
    let (user, hidden) = FLASH.get_or_init(|| User::volumes(flash));
    chip::install(user, hidden);
    ssl::set_hidden(chip::read_hidden);

    let store = Store::open(card, CARD_BYTES, 0)?;
    let sectors = u32::try_from(store.len() / u64::from(SECTOR)).unwrap_or(u32::MAX);
    let card = Card { store, sectors };
    let card = serve(Disk::new(card, Kind::Fat, Options::default(), clock), c"sd")?;
    register_device(CARD.get_or_init(|| Served::new(card, Kind::Fat)), "sd");
    Ok(())
}

fn serve<S: Send>(state: S, name: &core::ffi::CStr) -> io::Result<&'static Service<S>> {
    let bytes = size_of::<Service<S>>() + SERVICE_BYTES;
    let memory = Box::leak(vec![0; bytes].into_boxed_slice());
    Service::start(state, name, PRIORITY, memory)
        .ok_or_else(|| io::Error::other("no memory for a service task"))
}

/// The volume at `/flash`, for the boot sequence.
pub fn flash() -> Option<&'static dyn Volume> {
    FLASH.get().map(|(user, _)| user as &dyn Volume)
}

/// A new card comes with a file system: one without gets it when the board is switched on.
pub fn prepare_card() {
    if let Some(card) = CARD.get()
        && card.perform(Request::Mount) == Err(Errno::ENODEV)
        && INSERTED.load(Ordering::Relaxed)
        && let Err(errno) = card.perform(Request::Format)
    {
        log::error!("sd: error {}", errno.0);
    }
}
