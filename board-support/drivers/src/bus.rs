//! Buses as services: each controller belongs to a task, requests come through its queue.
//!
//! A request's buffers stay with the caller, who waits; so they may lie on its stack or be pinned in a VM's heap.
//! A transfer takes a bounded time, so waiting for one needs no end by force.

use core::cell::Cell;
use core::ffi::CStr;
use spin::Once;
use threadsnake_glue::rtos;
use threadsnake_glue::service::Service;
use threadsnake_hal::{HalError, I2c, I2cConfig, Operation, Spi, SpiConfig};
use threadsnake_vm::VmHandle;

/// How many buses of a kind there are at most.
const BUSES: usize = 4;

type Device<D> = &'static mut D;

/// A bus and who opened it.
pub struct Port<D: ?Sized + Send + 'static> {
    service: &'static Service<Device<D>>,
    /// The VM whose end releases the bus. In critical sections.
    owner: Cell<Option<VmHandle>>,
}

// SAFETY: the owner is used in critical sections only; a service is made for several tasks.
unsafe impl<D: ?Sized + Send + 'static> Sync for Port<D> {}
// SAFETY: as above; a handle may be used by any task.
unsafe impl<D: ?Sized + Send + 'static> Send for Port<D> {}

impl<D: ?Sized + Send + 'static> Port<D> {
    fn new(service: &'static Service<Device<D>>) -> Port<D> {
        Port { service, owner: Cell::new(None) }
    }

    fn set_owner(&self, owner: Option<VmHandle>) -> Option<VmHandle> {
        rtos::critical(|| self.owner.replace(owner))
    }
}

type Ports<D> = [Once<Port<D>>; BUSES];

static I2C: Ports<dyn I2c> = [const { Once::new() }; BUSES];
static SPI: Ports<dyn Spi> = [const { Once::new() }; BUSES];

fn add<D: ?Sized + Send + 'static>(
    ports: &'static Ports<D>,
    number: usize,
    device: Device<D>,
    name: &CStr,
    priority: u32,
    memory: &'static mut [u8],
) -> Result<(), HalError> {
    let place = ports.get(number).ok_or(HalError::Invalid)?;
    let service = Service::start(device, name, priority, memory).ok_or(HalError::Missing)?;
    place.call_once(|| Port::new(service));
    Ok(())
}

/// Starts the service of I2C bus `number` in `memory`; see [`Service::start`]. Once for each, at start-up.
///
/// # Errors
/// [`HalError::Invalid`]: the number is too high. [`HalError::Missing`]: the memory is too small.
pub fn add_i2c(
    number: usize,
    device: &'static mut dyn I2c,
    priority: u32,
    memory: &'static mut [u8],
) -> Result<(), HalError> {
    add(&I2C, number, device, c"i2c", priority, memory)
}

/// Starts the service of SPI bus `number`, likewise.
///
/// # Errors
/// As [`add_i2c`].
pub fn add_spi(
    number: usize,
    device: &'static mut dyn Spi,
    priority: u32,
    memory: &'static mut [u8],
) -> Result<(), HalError> {
    add(&SPI, number, device, c"spi", priority, memory)
}

/// The I2C bus of that number.
pub fn i2c(number: usize) -> Option<&'static Port<dyn I2c>> {
    I2C.get(number)?.get()
}

/// The SPI bus of that number.
pub fn spi(number: usize) -> Option<&'static Port<dyn Spi>> {
    SPI.get(number)?.get()
}

impl Port<dyn I2c> {
    /// Switches the bus on, or changes it, for `owner`. Tasks, without the GIL.
    ///
    /// # Errors
    /// Those of [`I2c::configure`].
    pub fn configure(&self, config: I2cConfig, owner: Option<VmHandle>) -> Result<(), HalError> {
        self.set_owner(owner);
        self.service.call(|bus| bus.configure(&config))
    }

    /// Switches the bus off. Tasks, without the GIL.
    pub fn release(&self) {
        self.service.call(|bus| bus.release());
    }

    /// A transfer. Tasks, without the GIL.
    ///
    /// # Errors
    /// Those of [`I2c::transfer`].
    pub fn transfer(
        &self,
        address: u16,
        operations: &mut [Operation<'_>],
        stop: bool,
    ) -> Result<(), HalError> {
        self.service.call(|bus| bus.transfer(address, operations, stop))
    }
}

impl Port<dyn Spi> {
    /// Switches the bus on, or changes it, for `owner`. Tasks, without the GIL.
    ///
    /// # Errors
    /// Those of [`Spi::configure`].
    pub fn configure(&self, config: SpiConfig, owner: Option<VmHandle>) -> Result<(), HalError> {
        self.set_owner(owner);
        self.service.call(|bus| bus.configure(&config))
    }

    /// Switches the bus off. Tasks, without the GIL.
    pub fn release(&self) {
        self.service.call(|bus| bus.release());
    }

    /// Exchanges the bytes in place. Tasks, without the GIL.
    ///
    /// # Errors
    /// Those of [`Spi::exchange`].
    pub fn exchange(&self, bytes: &mut [u8]) -> Result<(), HalError> {
        self.service.call(|bus| bus.exchange(bytes))
    }
}

/// Switches off the buses that a VM has opened. Tasks, without the GIL.
pub(crate) fn release(vm: VmHandle) {
    for port in I2C.iter().filter_map(Once::get) {
        if port.owner_is(vm) {
            port.release();
        }
    }
    for port in SPI.iter().filter_map(Once::get) {
        if port.owner_is(vm) {
            port.release();
        }
    }
}

impl<D: ?Sized + Send + 'static> Port<D> {
    /// True if that VM opened the bus last; then nobody did any more.
    fn owner_is(&self, vm: VmHandle) -> bool {
        rtos::critical(|| self.owner.get() == Some(vm)) && self.set_owner(None).is_some()
    }
}
