//! Writing an image to an update slot: the one that is not in use is erased and filled as bytes come, and when they end
//! the boot record says that it is to be tried.
//!
//! Nothing is checked here: the boot manager does that before it starts the image, and goes back to the one before it
//! when it is damaged or was not written to its end.
//!
//! # Invariants
//! 1. The image that runs is never written to; one that waits for its first start is what a next update overwrites.
//! 2. The record changes last, and in the block that does not hold the valid one: a power cut at any moment leaves
//!    something to boot.
//! 3. Only whole pages are written, each once after its block was erased.
//!
//! Source: WiPy general documentation, "Upgrading the firmware Over The Air".

use threadsnake_layout::{Image, Layout, RECORD_BYTES, Range, Record, Status};

use crate::device::BlockDevice;
use crate::volume::Errno;

/// Bytes that are written at once: a multiple of what any chip wants, a part of every block.
const PAGE: usize = 256;

/// An image on its way to its slot.
#[derive(Debug)]
pub struct Update {
    layout: Layout,
    /// What will be tried, and what comes back if that fails.
    next: Record,
    /// Bytes that are on the chip; whole pages.
    written: u32,
    page: [u8; PAGE],
    /// Bytes that wait in the page.
    filled: usize,
    has_failed: bool,
}

/// The record that counts.
fn record(device: &mut dyn BlockDevice, layout: &Layout) -> Result<Record, Errno> {
    let mut records = [[0; RECORD_BYTES]; 2];
    for (i, record) in (0..).zip(&mut records) {
        let mut page = [0; PAGE];
        device.read(layout.record.start / layout.block + i, 0, &mut page)?;
        record.copy_from_slice(&page[..RECORD_BYTES]);
    }
    Ok(Record::newest([&records[0], &records[1]]))
}

impl Update {
    /// Chooses the slot. Writes nothing yet.
    ///
    /// # Errors
    /// Those of the device.
    pub fn begin(device: &mut dyn BlockDevice, layout: &Layout) -> Result<Self, Errno> {
        let now = record(device, layout)?;
        let next = match now {
            // Nobody knows yet whether that one is any good.
            Record { status: Status::Check, active, previous, .. } => {
                now.next(active, Status::Check, previous)
            }
            Record { active: active @ Image::First, .. } => {
                now.next(Image::Second, Status::Check, active)
            }
            Record { active, .. } => now.next(Image::First, Status::Check, active),
        };
        let layout = *layout;
        Ok(Update { layout, next, written: 0, page: [0xff; PAGE], filled: 0, has_failed: false })
    }

    fn slot(&self) -> Range {
        self.layout.image(self.next.active)
    }

    /// Takes the next bytes; returns how many: fewer than there are where the slot ends.
    ///
    /// # Errors
    /// `ENOSPC` behind the end of the slot; those of the device, after which the update is no more.
    pub fn write(&mut self, device: &mut dyn BlockDevice, data: &[u8]) -> Result<usize, Errno> {
        if self.has_failed {
            return Err(Errno::EIO);
        }
        let room = (self.slot().len - self.written) as usize - self.filled;
        if room == 0 && !data.is_empty() {
            return Err(Errno::ENOSPC);
        }
        let taken = data.len().min(room);
        let mut rest = &data[..taken];
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(rest.len().min(PAGE - self.filled));
            self.page[self.filled..][..piece.len()].copy_from_slice(piece);
            self.filled += piece.len();
            rest = later;
            if self.filled == PAGE {
                self.flush(device)?;
            }
        }
        Ok(taken)
    }

    fn flush(&mut self, device: &mut dyn BlockDevice) -> Result<(), Errno> {
        let at = self.slot().start + self.written;
        let (block, offset) = (at / self.layout.block, at % self.layout.block);
        let erased = if offset == 0 { device.erase(block) } else { Ok(()) };
        let result = erased.and_then(|()| device.write(block, offset, &self.page));
        self.has_failed |= result.is_err();
        self.written += PAGE as u32;
        self.page.fill(0xff);
        self.filled = 0;
        result
    }

    /// Ends the image and has it tried at the next start, unless nothing came or the chip failed.
    ///
    /// # Errors
    /// Those of the device.
    pub fn end(mut self, device: &mut dyn BlockDevice) -> Result<(), Errno> {
        if self.filled > 0 && !self.has_failed {
            self.flush(device)?;
        }
        if self.written == 0 || self.has_failed {
            return Ok(());
        }
        device.sync()?;
        let mut page = [0xff; PAGE];
        page[..RECORD_BYTES].copy_from_slice(&self.next.encode());
        let block = self.layout.record.start / self.layout.block + self.next.place();
        device.erase(block)?;
        device.write(block, 0, &page)?;
        device.sync()
    }
}
