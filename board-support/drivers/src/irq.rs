//! From an interrupt to a handler in Python.
//!
//! Each source – a pin, a timer, the calendar's alarm, a serial port, the network – has one [`Line`] in the image. A
//! VM that connects a line owns it; another one may take it over. Who interrupts *fires* the line.
//!
//! Invariants:
//! 1. An owner is written with tasks and interrupts kept out, and read in an interrupt or with tasks kept out; so the
//!    VM that is found there lives until the reader is done, because only tasks end VMs, and they call [`release`]
//!    before.

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering};
use threadsnake_glue::rtos::{self, OneTask};
use threadsnake_glue::select::Event;
use threadsnake_hal::{PinId, SerialEvent, Trigger};
use threadsnake_vm::{HandlerId, VmHandle};

/// How many pins can have handlers.
pub const PINS: usize = 64;
/// How many serial ports can have handlers.
pub const UARTS: usize = 4;

/// Where a source's interrupts arrive.
pub struct Line {
    owner: Cell<Option<(VmHandle, HandlerId)>>,
    flags: AtomicU32,
}

// SAFETY: invariant 1.
unsafe impl Sync for Line {}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl Line {
    /// A line that nobody owns.
    pub const fn new() -> Line {
        Line { owner: Cell::new(None), flags: AtomicU32::new(0) }
    }

    /// Adds `flags` to what the handler will see, and makes it run soon. Any context.
    pub fn fire(&self, flags: u32) {
        let _alone = alone();
        if let Some((vm, handler)) = self.owner.get() {
            self.flags.fetch_or(flags, Ordering::AcqRel);
            vm.fire(handler);
        }
    }

    /// Makes the line fire this handler from now on. A task that is attached to the VM.
    pub fn connect(&self, vm: VmHandle, handler: HandlerId) {
        self.set(Some((vm, handler)));
        self.flags.store(0, Ordering::Release);
    }

    /// Disconnects the line if the VM owns it; the handler it fired. Tasks.
    pub fn disconnect(&self, vm: VmHandle) -> Option<HandlerId> {
        let _alone = alone();
        let (owner, handler) = self.owner.get()?;
        if owner != vm {
            return None;
        }
        rtos::critical(|| self.owner.set(None));
        Some(handler)
    }

    /// What has come since the last call. Any context.
    pub fn take_flags(&self) -> u32 {
        self.flags.swap(0, Ordering::AcqRel)
    }

    fn set(&self, owner: Option<(VmHandle, HandlerId)>) {
        let _alone = alone();
        rtos::critical(|| self.owner.set(owner));
    }
}

/// Keeps other tasks out, where there are any.
fn alone() -> Option<OneTask> {
    (!rtos::in_isr() && rtos::is_started()).then(OneTask::begin)
}

static PIN_LINES: [Line; PINS] = [const { Line::new() }; PINS];
static UART_LINES: [Line; UARTS] = [const { Line::new() }; UARTS];
static UART_CHANGED: [Event; UARTS] = [const { Event::new() }; UARTS];
static TIMER_LINES: [Line; crate::timers::TIMERS] = [const { Line::new() }; crate::timers::TIMERS];
/// The calendar's alarm; its flag is 1.
pub static CLOCK: Line = Line::new();
/// The network's events; whoever runs the network fires it.
pub static NETWORK: Line = Line::new();

/// The line of a pin; `None` for one that cannot have handlers.
pub fn pin(pin: PinId) -> Option<&'static Line> {
    PIN_LINES.get(usize::from(pin.0))
}

/// The line of a serial port.
pub fn uart(number: usize) -> Option<&'static Line> {
    UART_LINES.get(number)
}

/// What is notified when a serial port can be read or written.
pub fn uart_changed(number: usize) -> Option<&'static Event> {
    UART_CHANGED.get(number)
}

/// The line of a timer.
pub fn timer(timer: crate::timers::TimerId) -> &'static Line {
    &TIMER_LINES[timer.number()]
}

/// Disconnects all lines of a VM. A task.
pub fn release(vm: VmHandle) {
    for line in PIN_LINES.iter().chain(&UART_LINES).chain(&TIMER_LINES).chain([&CLOCK, &NETWORK]) {
        line.disconnect(vm);
    }
}

/// The listener of all pins.
pub(crate) fn pin_event(id: PinId, trigger: Trigger) {
    crate::sleep::pin_event(id, trigger);
    if let Some(line) = pin(id) {
        line.fire(trigger.0.into());
    }
}

/// The listener of all serial ports.
pub(crate) fn serial_event(number: usize, event: SerialEvent) {
    if let Some(changed) = UART_CHANGED.get(number) {
        changed.notify();
    }
    if let Some(line) = uart(number) {
        line.fire(event.0.into());
    }
}
