//! Names to addresses.
//!
//! Source: RFC 1035 (DNS, by lwIP); RFC 6761, section 6.3 (`localhost`).

use core::ffi::CStr;
use core::net::Ipv4Addr;
use lwip_sys::{Errno, Query};

use crate::stack::{self, NAMES};
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

/// A question for the address of a name, asked when there is room for it; its end ends it.
#[derive(Debug)]
pub struct Question {
    /// The name and a terminator.
    name: [u8; NAME_MAX + 1],
    query: Option<Query>,
}

impl Question {
    /// A question that was not asked yet. `ENOENT`: that is no name.
    ///
    /// # Errors
    /// As above.
    pub fn new(name: &str) -> Result<Self, Errno> {
        let mut text = [0; NAME_MAX + 1];
        if name.len() > NAME_MAX || name.contains('\0') {
            return Err(Errno::ENOENT);
        }
        text[..name.len()].copy_from_slice(name.as_bytes());
        Ok(Self { name: text, query: None })
    }

    /// Asks, the first time, and looks for the answer; starts the stack. The caller waits for [`NAMES`].
    ///
    /// # Errors
    /// `EAGAIN`: not yet; `ENOENT`: there is no such name, or nobody to ask; `ENOMEM`.
    pub fn answer(&mut self) -> Result<Ipv4Addr, Errno> {
        if self.query.is_none() {
            stack::start()?;
            let name = CStr::from_bytes_until_nul(&self.name).map_err(|_| Errno::ENOENT)?;
            match Query::new(name) {
                Ok(query) => self.query = Some(query),
                Err(Errno::EINVAL) => return Err(Errno::ENOENT),
                Err(other) => return Err(other),
            }
        }
        match self.query.as_ref().map(Query::result) {
            Some(Err(Errno::EINPROGRESS)) | None => Err(Errno::EAGAIN),
            Some(other) => other,
        }
    }
}

/// The address of a name. Tasks, without the GIL; `ticks` as [`Event::wait`](threadsnake_glue::select::Event::wait).
///
/// # Errors
/// `ENOENT`: there is no such name, or nobody to ask; `ETIMEDOUT`; `ENOMEM`.
pub fn resolve(name: &str, ticks: u32) -> Result<Ipv4Addr, Errno> {
    if let Some(address) = without_query(name) {
        return Ok(address);
    }
    let mut question = Question::new(name)?;
    until(&NAMES, ticks, || question.answer())
}
