//! The errors of Mbed TLS by number and by name.

use core::fmt;

/// Why a call did not do its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    /// The transport has nothing to read: call again when it has.
    WantRead,
    /// The transport takes nothing more: call again, with the same bytes, when it does.
    WantWrite,
    /// The handshake stopped at certificates that somebody wants to see: call again after that.
    Seen,
    /// The arena is used up.
    Memory,
    /// There are as many contexts or sessions as there may be.
    TooMany,
    /// There is no such context or session, any more.
    Gone,
    /// The transport's error, an errno number.
    Errno(i32),
    /// An error of Mbed TLS, below zero.
    Library(i32),
}

impl Error {
    /// The peer said that it will send nothing more.
    pub const CLOSE_NOTIFY: Error = Error::Library(-0x7880);
    /// The peer's certificate does not pass.
    pub const NOT_VERIFIED: Error = Error::Library(-0x2700);
    /// A certificate, or a list of them, makes no sense.
    pub const BAD_CERTIFICATE: Error = Error::Library(-0x2800);
    /// A key makes no sense.
    pub const BAD_KEY: Error = Error::Library(-0x3e80);
    /// Unknown suites.
    pub const BAD_CONFIG: Error = Error::Library(-0x5e80);
    /// There is no entropy source.
    pub const NO_ENTROPY: Error = Error::Library(-0x003c);
    /// The peer sends tickets for a next time, which nobody wants: not an error.
    pub(crate) const TICKET: Error = Error::Library(-0x7b00);
}

/// The names of the errors, sorted by number, numbers without their sign.
static NAMES: &[(u16, &str)] = include!(concat!(env!("OUT_DIR"), "/errors.rs"));

/// The name of an error of Mbed TLS; where two numbers are added up, both names.
#[derive(Clone, Copy, Debug)]
pub struct Name(pub i32);

fn part(number: i32) -> Option<&'static str> {
    let number = u16::try_from(number).ok()?;
    NAMES.binary_search_by_key(&number, |entry| entry.0).ok().map(|at| NAMES[at].1)
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.0.checked_neg().unwrap_or(0);
        let (high, low) = (number & !0x7f, number & 0x7f);
        let mut join = "";
        for number in [high, low] {
            if number == 0 {
                continue;
            }
            f.write_str(join)?;
            match part(number) {
                Some(name) => write!(f, "MBEDTLS_ERR_{name}")?,
                None => write!(f, "MBEDTLS_ERR_UNKNOWN ({number:#06x})")?,
            }
            join = "+";
        }
        Ok(())
    }
}
