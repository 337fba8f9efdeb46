//! The network: sockets, interfaces and names for Python and for native code.
//!
//! lwIP below (`lwip-sys`) never blocks; who waits, waits for an [`Event`](threadsnake_glue::select::Event): a native
//! task with [`Socket`] and [`resolve`], a Python thread with [`wait::blocking`], without the GIL, open to Ctrl-C and to
//! the end of its VM. Servers and TLS use the native half; nothing of it knows the VM.
//!
//! The stack starts with the first use, [`start`], so an image that never uses it pays nothing at run time.
//!
//! The rooms: `stack` (start, events), `socket` and `name` (native), `lan`, `wlan` and `dhcp_server` (interfaces), `wait`
//! (for Python threads), `tls`, `modules` (Python).
#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod dhcp_server;
pub mod lan;
pub mod modules;
pub mod name;
pub mod socket;
pub mod stack;
#[cfg(feature = "tls")]
pub mod tls;
pub mod wait;
pub mod wlan;

pub use lwip_sys::{
    Driver, Errno, FRAME, Handle, Interface, InterfaceState, Kind, SocketOption, dns, ready,
    set_dns, set_hostname,
};
pub use modules::MODULES;
pub use name::resolve;
pub use socket::Socket;
pub use stack::{Config, configure, start};
