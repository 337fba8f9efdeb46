//! Block devices: what native file systems live on.
//!
//! Source: MicroPython library reference, "vfs", "Block devices" (the split into a simple and an extended interface).

use crate::volume::Errno;

/// A device of numbered blocks of one size. Called by one task at a time.
pub trait BlockDevice {
    /// Bytes of a block: a power of two, 64 at least; 512 to 4096 for FAT.
    ///
    /// # Errors
    /// `ENODEV` where there is no medium.
    fn block_size(&mut self) -> Result<u32, Errno>;

    /// How many blocks there are.
    ///
    /// # Errors
    /// As [`BlockDevice::block_size`].
    fn block_count(&mut self) -> Result<u32, Errno>;

    /// Reads inside a block, from `offset` on.
    ///
    /// # Errors
    /// `ENODEV` where there is no medium any more, `EIO`.
    fn read(&mut self, block: u32, offset: u32, buf: &mut [u8]) -> Result<(), Errno>;

    /// Writes inside a block, to what was erased before.
    ///
    /// # Errors
    /// As [`BlockDevice::read`]; `EROFS`.
    fn write(&mut self, block: u32, offset: u32, data: &[u8]) -> Result<(), Errno>;

    /// Erases a block; what it contains afterwards is not said.
    ///
    /// # Errors
    /// As [`BlockDevice::write`].
    fn erase(&mut self, block: u32) -> Result<(), Errno>;

    /// Returns when everything written is safe from a power cut.
    ///
    /// # Errors
    /// As [`BlockDevice::write`].
    fn sync(&mut self) -> Result<(), Errno>;

    /// True if it cannot be written.
    fn is_read_only(&mut self) -> bool {
        false
    }

    /// Reads whole blocks.
    ///
    /// # Errors
    /// As [`BlockDevice::read`].
    fn read_blocks(&mut self, block: u32, buf: &mut [u8]) -> Result<(), Errno> {
        let size = self.block_size()? as usize;
        for (i, piece) in (0..).zip(buf.chunks_mut(size.max(1))) {
            self.read(block.checked_add(i).ok_or(Errno::EINVAL)?, 0, piece)?;
        }
        Ok(())
    }

    /// Writes whole blocks, whatever they contain.
    ///
    /// # Errors
    /// As [`BlockDevice::write`].
    fn write_blocks(&mut self, block: u32, data: &[u8]) -> Result<(), Errno> {
        let size = self.block_size()? as usize;
        for (i, piece) in (0..).zip(data.chunks(size.max(1))) {
            let block = block.checked_add(i).ok_or(Errno::EINVAL)?;
            self.erase(block)?;
            self.write(block, 0, piece)?;
        }
        Ok(())
    }
}
