//! The board's Ethernet interface, where it has one: `network.LAN` and the board's start speak of the same.

use core::cell::Cell;
use critical_section::Mutex;
use lwip_sys::{Errno, Interface};

use crate::stack;

static INTERFACE: Mutex<Cell<Option<Interface>>> = Mutex::new(Cell::new(None));

/// Names the interface; the board's `bring_up` calls it.
pub fn set_interface(interface: Interface) {
    critical_section::with(|cs| INTERFACE.borrow(cs).set(Some(interface)));
}

/// The interface; starts the stack. Tasks, without the GIL.
///
/// # Errors
/// `ENODEV`: the board has none; those of [`stack::start`].
pub fn interface() -> Result<Interface, Errno> {
    stack::start()?;
    critical_section::with(|cs| INTERFACE.borrow(cs).get()).ok_or(Errno::ENODEV)
}

/// Switches the interface on or off; switched on without an address, it asks for one.
///
/// # Errors
/// As [`interface`]; `ENOMEM`.
pub fn set_active(is_active: bool) -> Result<(), Errno> {
    let interface = interface()?;
    interface.set_active(is_active)?;
    let state = interface.state()?;
    match is_active && state.address.is_unspecified() && !state.dhcp {
        true => interface.set_dhcp(true),
        false => Ok(()),
    }
}
