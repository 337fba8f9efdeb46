//! The start of the stack, and the events that it notifies.
//!
//! Invariant: [`start`] has succeeded before lwIP is used; the functions that begin something (a socket, a query) call
//! it.

use core::cell::Cell;
use core::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use critical_section::Mutex;
use lwip_sys::{Errno, Hooks, INTERFACES};
use threadsnake_glue::rtos;
use threadsnake_glue::select::Event;

use crate::wlan::Radio;

/// What the stack needs of the board; set before the first [`start`].
#[derive(Clone, Copy)]
pub struct Config {
    /// A number from an entropy source; `None` where there is none, then a counter is scrambled. Any task.
    pub random: Option<fn() -> u32>,
    /// Adds the board's interfaces; called once, in the task that starts the stack.
    pub bring_up: fn(),
    /// The board has an Ethernet interface: [`crate::lan`].
    pub has_lan: bool,
    /// The board's radio.
    pub radio: Option<&'static dyn Radio>,
    /// Called when something has happened, with the core locked: it must only notify.
    pub happened: fn(Happened),
}

/// What has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    /// Something came for a socket.
    Socket,
    /// An address, a link or a lease has changed, or the stations at the access point.
    Interface,
}

static CONFIG: Mutex<Cell<Option<Config>>> = Mutex::new(Cell::new(None));

/// Says what the board has. Without it there is the loopback only.
pub fn configure(config: Config) {
    critical_section::with(|cs| CONFIG.borrow(cs).set(Some(config)));
}

pub(crate) fn config() -> Option<Config> {
    critical_section::with(|cs| CONFIG.borrow(cs).get())
}

const IDLE: u8 = 0;
const STARTING: u8 = 1;
const RUNNING: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(IDLE);
/// Notified when `STATE` leaves `STARTING`.
static STARTED: Event = Event::new();

/// Starts the stack if it does not run; whoever comes meanwhile waits. Tasks, without the GIL.
///
/// # Errors
/// `ENOMEM`: the kernel's heap is used up.
pub fn start() -> Result<(), Errno> {
    loop {
        match STATE.compare_exchange(IDLE, STARTING, Ordering::Acquire, Ordering::Acquire) {
            Ok(_) => break,
            Err(RUNNING) => return Ok(()),
            Err(_) => {
                STARTED.wait(rtos::FOREVER, || STATE.load(Ordering::Acquire) != STARTING);
            }
        }
    }
    static HOOKS: Hooks = Hooks { random, socket_changed, name_changed, interface_changed };
    let result = lwip_sys::start(&HOOKS);
    if let (Ok(()), Some(config)) = (result, config()) {
        (config.bring_up)();
    }
    STATE.store(if result.is_ok() { RUNNING } else { IDLE }, Ordering::Release);
    STARTED.notify();
    result
}

/// Waits until what was sent to other machines has arrived, at most `ticks`: before the machine is switched off. Asks
/// again every tick, for connections that nobody has any more tell nobody.
pub fn drain(ticks: u32) {
    let start = rtos::ticks();
    while lwip_sys::unsent() != 0 && rtos::ticks().wrapping_sub(start) < ticks {
        rtos::delay(1);
    }
}

/// How many sockets there may be in any build.
const MOST_SOCKETS: usize = 64;

/// Notified when the socket of that number may have become ready.
static SOCKETS: [Event; MOST_SOCKETS] = [const { Event::new() }; MOST_SOCKETS];
/// Notified when a query for a name has ended.
pub(crate) static NAMES: Event = Event::new();
/// Notified when address, link or lease of that interface has changed.
static INTERFACE: [Event; INTERFACES] = [const { Event::new() }; INTERFACES];

/// The event of the socket of that number.
pub fn socket_event(number: usize) -> &'static Event {
    &SOCKETS[number % MOST_SOCKETS]
}

/// The event of that interface.
pub fn interface_event(number: usize) -> &'static Event {
    &INTERFACE[number % INTERFACES]
}

extern "C" fn socket_changed(number: u32) {
    socket_event(number as usize).notify();
    happened(Happened::Socket);
}

fn happened(what: Happened) {
    if let Some(config) = config() {
        (config.happened)(what);
    }
}

extern "C" fn name_changed() {
    NAMES.notify();
}

extern "C" fn interface_changed(number: u32) {
    interface_event(number as usize).notify();
    happened(Happened::Interface);
}

extern "C" fn random() -> u32 {
    if let Some(random) = config().and_then(|config| config.random) {
        return random();
    }
    // No secret, but not the same after every reset either.
    static STEPS: AtomicU32 = AtomicU32::new(0);
    let step = STEPS.fetch_add(0x9e37_79b9, Ordering::Relaxed) ^ rtos::ticks();
    let mixed = (step ^ step >> 16).wrapping_mul(0x85eb_ca6b);
    (mixed ^ mixed >> 13).wrapping_mul(0xc2b2_ae35)
}
