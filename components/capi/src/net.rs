//! The network for C: what `threadsnake_net.h` declares. Drivers of interfaces in C and their addresses.
//!
//! # Invariants
//! - N1. A driver that was added lives for ever, and all of its functions are there.
//! - N2. An interface's number from C is looked up in [`INTERFACES`], which only grows.

use core::cell::Cell;
use core::ffi::c_void;
use core::net::Ipv4Addr;
use critical_section::Mutex;
use threadsnake_glue::capi::{self, Status};
use threadsnake_glue::rtos;
use threadsnake_net::{Config, Driver, Errno, FRAME, Interface, lan, set_dns, stack, wait};

use crate::given;

type Context = *mut c_void;

/// Called by an interrupt, before the scheduler runs, or with a GIL that would be held while others are waited for.
const EDEADLK: Errno = Errno(35);

/// `ts_network_config`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct NetworkConfig {
    size: u32,
    random: Option<extern "C" fn() -> u32>,
}

/// `ts_ethernet`.
#[repr(C)]
pub struct CEthernet {
    context: Context,
    name: [u8; 2],
    mac: [u8; 6],
    transmit: Option<extern "C" fn(Context, *const u8, usize) -> i32>,
    has_link: Option<extern "C" fn(Context) -> i32>,
    receive: Option<extern "C" fn(Context, *mut u8) -> usize>,
}

// SAFETY: the header tells C that its functions are called by any task, one call at a time.
unsafe impl Sync for CEthernet {}

impl Driver for CEthernet {
    fn transmit(&self, frame: &[u8]) -> bool {
        self.transmit.is_some_and(|send| send(self.context, frame.as_ptr(), frame.len()) != 0)
    }

    fn has_link(&self) -> bool {
        self.has_link.is_none_or(|has_link| has_link(self.context) != 0)
    }

    fn receive(&self, frame: Option<&mut [u8; FRAME]>) -> usize {
        let frame = frame.map_or(core::ptr::null_mut(), |frame| frame.as_mut_ptr());
        self.receive.map_or(0, |receive| receive(self.context, frame)).min(FRAME)
    }
}

/// `ts_address`; each number as it is written, `{10, 0, 2, 15}`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct CAddress {
    address: [u8; 4],
    mask: [u8; 4],
    gateway: [u8; 4],
    dns: [u8; 4],
}

/// `ts_interface_state`.
#[repr(C)]
pub struct CState {
    address: [u8; 4],
    mask: [u8; 4],
    gateway: [u8; 4],
    mac: [u8; 6],
    is_active: u8,
    has_link: u8,
}

type Hook<F> = Mutex<Cell<Option<F>>>;

static RANDOM: Hook<extern "C" fn() -> u32> = Mutex::new(Cell::new(None));
/// `ts_network_init` was called.
static IS_READY: Mutex<Cell<bool>> = Mutex::new(Cell::new(false));

type Interfaces = [Option<Interface>; lwip_sys::INTERFACES];

static INTERFACES: Mutex<Cell<Interfaces>> = Mutex::new(Cell::new([None; lwip_sys::INTERFACES]));

fn random() -> u32 {
    critical_section::with(|cs| RANDOM.borrow(cs).get()).map_or(0, |random| random())
}

/// The number that C gets.
fn number(result: Result<usize, Errno>) -> i32 {
    match result {
        Ok(n) => i32::try_from(n).unwrap_or(i32::MAX),
        Err(errno) => errno.0.saturating_neg(),
    }
}

/// A call may wait for lwIP here, and [`ts_network_init`] has been called.
fn ready() -> Result<(), Errno> {
    if !rtos::may_block() || capi::holds_gil() {
        return Err(EDEADLK);
    }
    match critical_section::with(|cs| IS_READY.borrow(cs).get()) {
        true => Ok(()),
        false => Err(Errno::ENODEV),
    }
}

fn find(number: u32) -> Option<Interface> {
    let all = critical_section::with(|cs| INTERFACES.borrow(cs).get());
    all.get(number as usize).copied().flatten()
}

/// The interface of that number, where a call may wait.
fn interface(number: u32) -> Result<Interface, Errno> {
    ready()?;
    find(number).ok_or(Errno::ENODEV)
}

/// Says that there is a network: see the header.
///
/// # Safety
/// As the header says of the structure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_network_init(config: *const NetworkConfig) -> Status {
    let init = || {
        if rtos::in_isr() {
            return Err(Status::WRONG_CONTEXT);
        }
        // SAFETY: the caller's promise.
        let config = unsafe { given::structure(config) }?;
        if critical_section::with(|cs| IS_READY.borrow(cs).replace(true)) {
            return Err(Status::WRONG_STATE);
        }
        critical_section::with(|cs| RANDOM.borrow(cs).set(config.random));
        configure(false);
        crate::rooms::join();
        Ok(())
    };
    init().into()
}

/// Tells the stack what the firmware has.
fn configure(has_lan: bool) {
    let has_random = critical_section::with(|cs| RANDOM.borrow(cs).get()).is_some();
    threadsnake_net::configure(Config {
        random: has_random.then_some(random as fn() -> u32),
        bring_up: || {},
        has_lan,
        radio: None,
        happened: |_| {},
    });
}

/// Keeps an interface; the first is `network.LAN`.
fn keep(interface: Interface) -> usize {
    let number = interface.number();
    critical_section::with(|cs| {
        let mut all = INTERFACES.borrow(cs).get();
        if all.iter().all(Option::is_none) {
            lan::set_interface(interface);
        }
        if let Some(place) = all.get_mut(number) {
            *place = Some(interface);
        }
        INTERFACES.borrow(cs).set(all);
    });
    configure(true);
    number
}

/// Adds an interface: see the header.
///
/// # Safety
/// Null, or a structure that lives for ever, as the header describes it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_network_add(driver: *const CEthernet) -> i32 {
    let add = || {
        ready()?;
        // SAFETY: the caller's promise.
        let driver: &'static CEthernet = unsafe { driver.as_ref() }.ok_or(Errno::EINVAL)?;
        if driver.transmit.is_none() || driver.receive.is_none() {
            return Err(Errno::EINVAL);
        }
        stack::start()?;
        let interface = Interface::add(driver.name, driver.mac, driver)?;
        let number = keep(interface);
        // What came before waits.
        interface.changed();
        Ok(number)
    };
    number(add())
}

/// Takes an interface that C has added to lwIP: see the header.
///
/// # Safety
/// A `struct netif` of lwIP's, which stays, or anything else.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_network_adopt(netif: *mut c_void) -> i32 {
    let adopt = || {
        ready()?;
        if netif.is_null() {
            return Err(Errno::EINVAL);
        }
        stack::start()?;
        // SAFETY: the caller's promise.
        unsafe { Interface::adopt(netif) }.map(keep)
    };
    number(adopt())
}

/// Frames have come, or the line was connected or cut: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_network_changed(interface: u32) {
    if let Some(interface) = find(interface) {
        interface.changed();
    }
}

/// Switches an interface on or off: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_network_set_active(number_of: u32, is_on: i32) -> i32 {
    number(interface(number_of).and_then(|interface| interface.set_active(is_on != 0)).map(|()| 0))
}

/// Sets an address, or asks for one: see the header.
///
/// # Safety
/// `address` is null or points to one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_network_set_address(number_of: u32, address: *const CAddress) -> i32 {
    let set = || {
        let interface = interface(number_of)?;
        // SAFETY: the caller's promise.
        let Some(wanted) = (unsafe { address.as_ref() }) else {
            return interface.set_dhcp(true).map(|()| 0);
        };
        let [address, mask, gateway, dns] =
            [wanted.address, wanted.mask, wanted.gateway, wanted.dns].map(Ipv4Addr::from);
        interface.set_address(address, mask, gateway)?;
        if !dns.is_unspecified() {
            set_dns(0, dns);
        }
        Ok(0)
    };
    number(set())
}

/// Where an interface stands: see the header.
///
/// # Safety
/// `state` is null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_network_get(number_of: u32, state: *mut CState) -> i32 {
    let get = || {
        // SAFETY: the caller's promise.
        let out = unsafe { state.as_mut() }.ok_or(Errno::EINVAL)?;
        let state = interface(number_of)?.state()?;
        *out = CState {
            address: state.address.octets(),
            mask: state.mask.octets(),
            gateway: state.gateway.octets(),
            mac: state.mac,
            is_active: state.is_active.into(),
            has_link: state.has_link.into(),
        };
        Ok(0)
    };
    number(get())
}

/// Waits for an address: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_network_wait(number_of: u32, timeout_ms: u32) -> i32 {
    let wait = || {
        let interface = interface(number_of)?;
        let ticks = match timeout_ms {
            u32::MAX => rtos::FOREVER,
            ms => rtos::ticks_for_us(u64::from(ms) * 1000),
        };
        let is_up = || {
            let state = interface.state()?;
            let is_up = state.is_active && state.has_link && !state.address.is_unspecified();
            if is_up { Ok(0) } else { Err(Errno::EAGAIN) }
        };
        wait::until(stack::interface_event(interface.number()), ticks, is_up)
    };
    number(match wait() {
        Err(Errno::EAGAIN) => Err(Errno::ETIMEDOUT),
        other => other,
    })
}
