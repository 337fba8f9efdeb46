//! Names to addresses.
//!
//! Source: RFC 1035 (DNS, by lwIP); RFC 6761, section 6.3 (`localhost`).

use core::ffi::CStr;
use core::net::Ipv4Addr;
use lwip_sys::{Errno, Query};

use crate::stack::{self, name_event};
use crate::wait::until;

/// The longest name, in bytes.
pub const NAME_MAX: usize = 255;

/// What can be said of a name without asking anybody: four numbers, `localhost`, nothing for any address.
pub fn without_query(name: &str) -> Option<Ipv4Addr> {
    match name {
        "" => Some(Ipv4Addr::UNSPECIFIED),
        name if name.eq_ignore_ascii_case("localhost") => Some(Ipv4Addr::LOCALHOST),
        name => name.parse().ok(),
    }
}

/// Begins to ask for a name; starts the stack. The caller waits for [`name_event`].
///
/// # Errors
/// `ENOENT`: that is no name; those of [`Query::new`].
pub fn query(name: &str) -> Result<Query, Errno> {
    let mut text = [0; NAME_MAX + 1];
    if name.len() > NAME_MAX {
        return Err(Errno::ENOENT);
    }
    text[..name.len()].copy_from_slice(name.as_bytes());
    let name = CStr::from_bytes_until_nul(&text).map_err(|_| Errno::ENOENT)?;
    stack::start()?;
    match Query::new(name) {
        Err(Errno::EINVAL) => Err(Errno::ENOENT),
        other => other,
    }
}

/// How a query stands: `EAGAIN` while it goes on.
///
/// # Errors
/// As above; those of [`Query::result`].
pub fn answer(query: &Query) -> Result<Ipv4Addr, Errno> {
    match query.result() {
        Err(Errno::EINPROGRESS) => Err(Errno::EAGAIN),
        other => other,
    }
}

/// The address of a name. Tasks, without the GIL; `ticks` as [`Event::wait`](threadsnake_glue::select::Event::wait).
///
/// # Errors
/// `ENOENT`: there is no such name, or nobody to ask; `EBUSY`: too many ask; `ETIMEDOUT`.
pub fn resolve(name: &str, ticks: u32) -> Result<Ipv4Addr, Errno> {
    if let Some(address) = without_query(name) {
        return Ok(address);
    }
    let query = query(name)?;
    until(name_event(query.number()), ticks, || answer(&query))
}
