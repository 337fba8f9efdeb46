//! The telnet and FTP servers: their protocols, and the one task that serves all sessions.
//!
//! The protocols do no input or output of their own: a session takes what has arrived and makes what is to be sent, over
//! [`Network`] and [`Files`], neither of which blocks on a peer. So they are tested without a network, one task serves
//! several sessions in fixed memory, and a peer that stalls holds up nobody else.
//!
//! # Invariants
//! 1. Nothing but the class `network.Server` holds the GIL or knows an interpreter; sessions survive its end.
//! 2. A session's memory is its own and fixed: what does not fit is refused with a reply, never cut.
//! 3. A session that is heard nothing of for the time-out ends, whatever it was doing.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod date;
mod files;
pub mod ftp;
mod module;
mod network;
mod out;
mod path;
mod settings;
mod task;
pub mod telnet;

#[cfg(test)]
mod testing;

pub use files::{Files, Place};
pub use module::{DEFAULT_LOGIN, OwnLogin, SERVER, extension, set_own_login};
pub use network::Network;
pub use settings::{Settings, TooLong};
pub use task::{
    Board, FTP_SESSIONS, Line, configure, has_read, reset, settings, show, start, stop,
};

/// What a session looks at whenever it runs.
#[derive(Debug)]
pub struct Context<'a, F> {
    /// The mounted volumes.
    pub files: &'a F,
    /// Credentials and time-out, as they are now.
    pub settings: &'a Settings,
    /// Milliseconds since some start; monotonic.
    pub now_ms: u64,
    /// Seconds since 1970-01-01, by the board's clock.
    pub unix_s: u64,
}

/// What became of a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// It can do no more until something arrives, or leaves.
    Idle,
    /// It did something and may do more.
    Busy,
    /// It is over: drop it, and its sockets with it.
    Over,
}
