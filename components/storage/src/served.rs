//! Volumes that a service task owns: a block device and the file system on it, for Python threads, C tasks and
//! servers alike, without the GIL.
//!
//! The file system is mounted by the first request that needs it. Where the medium is gone, its files are closed:
//! whoever asks for one is told `EBADF`, and the next path is looked up on what is there then.

use threadsnake_glue::service::Service;
use threadsnake_vm::object::RomType;

use crate::device::BlockDevice;
use crate::engine::{Engine, Kind, Options};
use crate::filesystem::type_of;
use crate::volume::{Errno, Reply, Request, Volume};

/// What the service task owns.
#[derive(Debug)]
pub struct Disk<D> {
    device: D,
    contents: Contents,
}

impl<D: BlockDevice> Disk<D> {
    /// A device and what is expected on it. `clock`: nanoseconds since 1970, where there is one.
    pub const fn new(device: D, kind: Kind, options: Options, clock: fn() -> Option<u64>) -> Self {
        Disk { device, contents: Contents::new(kind, options, clock) }
    }

    /// The device, for what is no request: a test that cuts its power, a driver's own settings.
    pub fn device(&mut self) -> &mut D {
        &mut self.device
    }

    /// Forgets the file system: the next request mounts it again. Files that were open are so no more.
    pub fn forget(&mut self) {
        self.contents.engine = None;
    }

    /// Does what is asked.
    ///
    /// # Errors
    /// As [`Volume::perform`]; `ENODEV` where there is no medium or nothing mountable on it.
    pub fn perform(&mut self, request: Request<'_>) -> Result<Reply, Errno> {
        self.contents.perform(&mut self.device, request)
    }
}

/// The file system on a device, or on a part of one.
#[derive(Debug)]
pub(crate) struct Contents {
    kind: Kind,
    options: Options,
    /// The mounted one.
    engine: Option<Engine>,
    clock: fn() -> Option<u64>,
}

impl Contents {
    pub(crate) const fn new(kind: Kind, options: Options, clock: fn() -> Option<u64>) -> Self {
        Contents { kind, options, engine: None, clock }
    }

    /// As [`Disk::perform`], on the device that is this one's.
    pub(crate) fn perform(
        &mut self,
        device: &mut dyn BlockDevice,
        request: Request<'_>,
    ) -> Result<Reply, Errno> {
        let result = self.perform_any(device, request);
        if result == Err(Errno::ENODEV) {
            self.engine = None;
        }
        result
    }

    /// Gives the memory of the mounted file system back if nothing is open there.
    #[cfg(feature = "littlefs")]
    pub(crate) fn rest(&mut self) {
        if self.engine.as_ref().is_some_and(|engine| engine.open_count() == 0) {
            self.engine = None;
        }
    }

    fn perform_any(
        &mut self,
        device: &mut dyn BlockDevice,
        request: Request<'_>,
    ) -> Result<Reply, Errno> {
        match request {
            Request::Format => {
                self.engine = None;
                Engine::format(self.kind, &self.options, device).map(|()| Reply::Done)
            }
            Request::Mount => {
                if self.engine.as_ref().is_none_or(|engine| engine.open_count() == 0) {
                    self.engine = None;
                    self.engine = Some(Engine::mount(self.kind, &self.options, device)?);
                }
                Ok(Reply::Done)
            }
            Request::Blocks => {
                let (size, count) = (device.block_size()?, device.block_count()?);
                Ok(Reply::Blocks { size, count })
            }
            Request::ReadBlocks { block, offset, buf } => {
                read_across(device, block, offset, buf).map(|()| Reply::Done)
            }
            Request::WriteBlocks { block, offset: None, data } => {
                let size = device.block_size()? as usize;
                if !data.len().is_multiple_of(size.max(1)) {
                    return Err(Errno::EINVAL);
                }
                device.write_blocks(block, data).map(|()| Reply::Done)
            }
            Request::WriteBlocks { block, offset: Some(offset), data } => {
                device.write(block, offset, data).map(|()| Reply::Done)
            }
            Request::EraseBlock { block } => device.erase(block).map(|()| Reply::Done),
            // Nothing is open without a file system, and nothing to be made safe.
            Request::Sync if self.engine.is_none() => Ok(Reply::Done),
            Request::Read { .. }
            | Request::Write { .. }
            | Request::Seek { .. }
            | Request::Flush { .. }
            | Request::Close { .. }
            | Request::Poll { .. }
            | Request::NextEntry { .. }
            | Request::CloseDir { .. }
                if self.engine.is_none() =>
            {
                Err(Errno::EBADF)
            }
            request => {
                let engine = match &mut self.engine {
                    Some(engine) => engine,
                    none => none.insert(Engine::mount(self.kind, &self.options, device)?),
                };
                engine.perform(device, (self.clock)(), request)
            }
        }
    }
}

/// Reads from inside a block on, across blocks.
fn read_across(
    device: &mut dyn BlockDevice,
    block: u32,
    offset: u32,
    buf: &mut [u8],
) -> Result<(), Errno> {
    if offset == 0 {
        return device.read_blocks(block, buf);
    }
    let room = device.block_size()?.checked_sub(offset).ok_or(Errno::EINVAL)? as usize;
    let (first, rest) = buf.split_at_mut(room.min(buf.len()));
    device.read(block, offset, first)?;
    match rest.is_empty() {
        true => Ok(()),
        false => device.read_blocks(block.checked_add(1).ok_or(Errno::EINVAL)?, rest),
    }
}

/// A volume behind a service task. The board makes one per device, for ever, and registers it.
#[derive(Debug)]
pub struct Served<D: 'static> {
    service: &'static Service<Disk<D>>,
    kind: Kind,
}

impl<D: BlockDevice + Send + 'static> Served<D> {
    /// The volume over a service that was started with this kind.
    pub const fn new(service: &'static Service<Disk<D>>, kind: Kind) -> Self {
        Served { service, kind }
    }

    /// The service, for what is no request.
    pub fn service(&self) -> &'static Service<Disk<D>> {
        self.service
    }
}

impl<D: BlockDevice + Send + 'static> Volume for Served<D> {
    fn perform(&self, request: Request<'_>) -> Result<Reply, Errno> {
        self.service.call(|disk| disk.perform(request))
    }

    fn filesystem_type(&self) -> &'static RomType {
        type_of(self.kind)
    }
}
