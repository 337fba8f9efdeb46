//! The board's flash: these boards have none that QEMU models, so a part of the PSRAM stands for it.
//!
//! It is divided as on a real board ([`LAYOUT`]) and is used by its rules: what is written was erased before, and the
//! contents survive every reset but the one by which QEMU starts. A service task owns it: the user's volume, `/flash`,
//! the hidden files, the update slots.
//!
//! Invariant: nobody else uses the PSRAM while this program runs; it is handed out once, to the service.

use spin::Once;
use threadsnake_glue::service::Service;
use threadsnake_storage::chip::{self, Chip, Hidden, User};
use threadsnake_storage::device::BlockDevice;
use threadsnake_storage::engine::{ARENA, Options};
use threadsnake_storage::volume::{Errno, Volume};

use crate::layout::LAYOUT;
use crate::memory;

/// Bytes that the chip reads and writes at least.
const PAGE: u32 = 64;
/// Memory for mounted file systems and open files.
const ARENA_BYTES: usize = 64 * 1024;
/// The service's task: its control block and its stack, of which littlefs has used 6.9 KiB at most in tests.
const SERVICE_BYTES: usize = 12 * 1024;
/// Above Python.
const PRIORITY: u32 = 6;

unsafe extern "C" {
    /// Where the chip begins (linker script); only its address means anything.
    static __flash_start: u8;
}

static VOLUMES: Once<(User<Flash>, Hidden<Flash>)> = Once::new();

/// The chip.
pub struct Flash(&'static mut [u8]);

impl Flash {
    fn part(&mut self, block: u32, offset: u32, len: usize) -> Result<&mut [u8], Errno> {
        let inside = offset as usize + len <= LAYOUT.block as usize;
        let start = (block as usize).checked_mul(LAYOUT.block as usize).ok_or(Errno::EINVAL)?;
        let part = self.0.get_mut(start..).and_then(|rest| rest.get_mut(offset as usize..));
        part.and_then(|rest| rest.get_mut(..len)).filter(|_| inside).ok_or(Errno::EINVAL)
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
        buf.copy_from_slice(self.part(block, offset, buf.len())?);
        Ok(())
    }

    fn write(&mut self, block: u32, offset: u32, data: &[u8]) -> Result<(), Errno> {
        let part = self.part(block, offset, data.len())?;
        part.iter_mut().zip(data).for_each(|(old, new)| *old &= new);
        Ok(())
    }

    fn erase(&mut self, block: u32) -> Result<(), Errno> {
        self.part(block, 0, LAYOUT.block as usize)?.fill(0xff);
        Ok(())
    }

    fn sync(&mut self) -> Result<(), Errno> {
        Ok(())
    }
}

/// Makes the volumes and mounts the user's at `/flash` in every VM from now on. Once, before the first VM. Without
/// memory the board has no files.
pub fn install() {
    let (Some(arena), Some(service)) = (memory::take(ARENA_BYTES), memory::take(SERVICE_BYTES))
    else {
        return;
    };
    ARENA.give(arena);
    let start = (&raw const __flash_start).expose_provenance();
    // SAFETY: the invariant: the range lies in the PSRAM, is nobody else's, and any bytes in it are valid.
    let bytes = unsafe {
        let start = core::ptr::with_exposed_provenance_mut(start);
        core::slice::from_raw_parts_mut(start, LAYOUT.len() as usize)
    };
    let options = Options { read_size: PAGE, write_size: PAGE, lookahead: 64, keeps_times: false };
    let chip = Chip::new(Flash(bytes), LAYOUT, options, || None);
    if let Some(service) = Service::start(chip, c"flash", PRIORITY, service) {
        let (user, hidden) = VOLUMES.call_once(|| User::volumes(service));
        chip::install(user, hidden);
    }
}

/// The volume at `/flash`, if there is one.
pub fn volume() -> Option<&'static dyn Volume> {
    VOLUMES.get().map(|(user, _)| user as &dyn Volume)
}
