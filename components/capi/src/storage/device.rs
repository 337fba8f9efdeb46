//! A block device in C: `ts_block_device`, the twin of [`BlockDevice`].

use core::ffi::c_void;
use threadsnake_glue::capi::Status;
use threadsnake_storage::device::BlockDevice;
use threadsnake_storage::volume::Errno;

type Context = *mut c_void;

/// `ts_block_device`.
#[repr(C)]
pub struct CBlockDevice {
    context: Context,
    block_size: u32,
    block_count: u32,
    read_size: u32,
    write_size: u32,
    is_there: Option<extern "C" fn(Context) -> i32>,
    read: Option<extern "C" fn(Context, u32, u32, *mut u8, usize) -> i32>,
    write: Option<extern "C" fn(Context, u32, u32, *const u8, usize) -> i32>,
    erase: Option<extern "C" fn(Context, u32) -> i32>,
    sync: Option<extern "C" fn(Context) -> i32>,
}

/// A device that lives for ever and can be read, with blocks of a size that file systems can use.
pub struct Device(&'static CBlockDevice);

// SAFETY: invariant S2 of the room: one task calls, which the header says to C.
unsafe impl Send for Device {}

fn done(result: i32) -> Result<(), Errno> {
    if result < 0 { Err(Errno(result.saturating_neg())) } else { Ok(()) }
}

impl Device {
    /// Takes over C's device.
    ///
    /// # Safety
    /// Null, or a structure that lives for ever, as the header describes it.
    pub unsafe fn new(device: *const CBlockDevice) -> Result<Device, Status> {
        // SAFETY: the caller's promise.
        let Some(device) = (unsafe { device.as_ref() }) else { return Err(Status::BAD_ARGUMENT) };
        let is_sound = device.read.is_some()
            && device.block_size.is_power_of_two()
            && device.block_size >= 64
            && device.block_count > 0
            && [device.read_size, device.write_size]
                .iter()
                .all(|&size| size == 0 || device.block_size.is_multiple_of(size));
        if is_sound { Ok(Device(device)) } else { Err(Status::BAD_ARGUMENT) }
    }

    /// The least reads and writes, for littlefs.
    pub fn sizes(&self) -> (u32, u32) {
        let default = |size| if size == 0 { 32 } else { size };
        (default(self.0.read_size), default(self.0.write_size))
    }

    /// `EINVAL` for what is not on the device, `ENODEV` without a medium.
    fn check(&self, block: u32, offset: u32, len: usize) -> Result<(), Errno> {
        if self.0.is_there.is_some_and(|is_there| is_there(self.0.context) == 0) {
            return Err(Errno::ENODEV);
        }
        let size = u64::from(self.0.block_size);
        let end = u64::from(block) * size + u64::from(offset) + len as u64;
        let is_inside = offset < self.0.block_size || len == 0;
        let is_there = is_inside && end <= size * u64::from(self.0.block_count);
        if is_there { Ok(()) } else { Err(Errno::EINVAL) }
    }
}

impl BlockDevice for Device {
    fn block_size(&mut self) -> Result<u32, Errno> {
        self.check(0, 0, 0).map(|()| self.0.block_size)
    }

    fn block_count(&mut self) -> Result<u32, Errno> {
        self.check(0, 0, 0).map(|()| self.0.block_count)
    }

    fn read(&mut self, block: u32, offset: u32, buf: &mut [u8]) -> Result<(), Errno> {
        self.check(block, offset, buf.len())?;
        let read = self.0.read.ok_or(Errno::ENOSYS)?;
        done(read(self.0.context, block, offset, buf.as_mut_ptr(), buf.len()))
    }

    fn write(&mut self, block: u32, offset: u32, data: &[u8]) -> Result<(), Errno> {
        self.check(block, offset, data.len())?;
        let write = self.0.write.ok_or(Errno::EROFS)?;
        done(write(self.0.context, block, offset, data.as_ptr(), data.len()))
    }

    fn erase(&mut self, block: u32) -> Result<(), Errno> {
        self.check(block, 0, self.0.block_size as usize)?;
        if self.0.write.is_none() {
            return Err(Errno::EROFS);
        }
        self.0.erase.map_or(Ok(()), |erase| done(erase(self.0.context, block)))
    }

    fn sync(&mut self) -> Result<(), Errno> {
        self.check(0, 0, 0)?;
        self.0.sync.map_or(Ok(()), |sync| done(sync(self.0.context)))
    }

    fn is_read_only(&mut self) -> bool {
        self.0.write.is_none()
    }

    /// Several blocks are one call.
    fn read_blocks(&mut self, block: u32, buf: &mut [u8]) -> Result<(), Errno> {
        self.read(block, 0, buf)
    }

    /// Several blocks are one call, behind their erasures.
    fn write_blocks(&mut self, block: u32, data: &[u8]) -> Result<(), Errno> {
        self.check(block, 0, data.len())?;
        for (i, _) in (block..).zip(data.chunks(self.0.block_size as usize)) {
            self.erase(i)?;
        }
        self.write(block, 0, data)
    }
}
