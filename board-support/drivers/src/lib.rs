//! Drivers: the board's devices, made safe for several tasks and several VMs.
//!
//! They exist once per image. A board describes itself with [`install`] before the scheduler starts; until then, and
//! for what it leaves out, everything answers [`HalError::Missing`]. Quick devices are called straight through
//! [`hardware`]; buses belong to service tasks. Interrupts arrive at a [`irq::Line`], which fires a handler in
//! the VM that connected it. [`release`] lets go of all that a VM has opened.
//!
//! The rooms: `irq` (from interrupts to handlers), `timers` (many timers from one alarm), `clock` (calendar alarm),
//! `sleep` (what ends a sleep), `heartbeat`, `bus` (services).
#![no_std]

pub mod bus;
pub mod c;
pub mod clock;
pub mod heartbeat;
pub mod irq;
pub mod sleep;
mod soft;
pub mod timers;

pub use soft::{SoftI2c, SoftSpi};
pub use threadsnake_hal as hal;

use hal::{HalError, Hardware};
use spin::Once;
use threadsnake_glue::select::{self, Event, Source};
use threadsnake_vm::{Raise, Vm, VmHandle};

static HARDWARE: Once<Hardware> = Once::new();

/// Tells the drivers what the board has, and connects its interrupts. Once, before the scheduler starts.
pub fn install(hardware: Hardware) {
    let hardware = HARDWARE.call_once(|| hardware);
    if let Some(gpio) = hardware.gpio {
        gpio.listen(irq::pin_event);
    }
    if let Some(alarm) = hardware.alarm {
        alarm.listen(timers::on_alarm);
    }
    for (number, uart) in hardware.uarts.iter().enumerate() {
        uart.listen(number, irq::serial_event);
    }
}

/// What the board has; nothing before [`install`].
pub fn hardware() -> &'static Hardware {
    HARDWARE.get().unwrap_or(&Hardware::NONE)
}

/// Lets go of what this VM holds: handlers, timers, buses. What runs on without Python goes on: clock, watchdog, pin
/// levels. Tasks, without the GIL.
pub fn release(vm: VmHandle) {
    irq::release(vm);
    timers::release(vm);
    bus::release(vm);
}

/// Waits, without the GIL, until `is_ready`, at most `timeout_us`; whether it is ready. Whoever makes it ready notifies
/// `event` afterwards. A task that is attached to the VM.
///
/// # Errors
/// What is pending: `KeyboardInterrupt`, a kill. `RuntimeError` in a hard interrupt handler.
pub fn wait(
    vm: &mut Vm,
    event: &Event,
    timeout_us: Option<u64>,
    mut is_ready: impl FnMut() -> bool,
) -> Result<bool, Raise> {
    vm.check_may_wait()?;
    let mut sources = |_: &mut Vm, i| if i == 0 { Source::Event(event) } else { Source::End };
    select::wait(vm, timeout_us, &mut sources, &mut |_| Ok(is_ready()))
}

/// Fills `buf` with true random bytes; false where there is no source. Tasks.
pub fn entropy(buf: &mut [u8]) -> bool {
    hardware().entropy.ok_or(HalError::Missing).and_then(|source| source.fill(buf)).is_ok()
}
