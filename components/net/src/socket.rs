//! Sockets for native tasks: servers, TLS, tests.
//!
//! A [`Socket`] owns its handle and closes it. The calls that wait take a limit in ticks ([`rtos::FOREVER`]: none; 0: try
//! once) and answer `ETIMEDOUT` after it, `EAGAIN` for 0. Any task may use a socket, several at once; none with the
//! GIL.
//!
//! Source: POSIX.1-2017, "Sockets".

use core::net::SocketAddrV4;
use lwip_sys::{Errno, Handle, Kind};
use threadsnake_glue::rtos;
use threadsnake_glue::select::Event;

use crate::stack::{self, socket_event};
use crate::wait::until;

/// An open socket.
#[derive(Debug)]
pub struct Socket(Handle);

impl Drop for Socket {
    fn drop(&mut self) {
        // Another task may have closed it by its handle.
        let _ = self.0.close();
    }
}

#[allow(
    clippy::missing_errors_doc,
    reason = "errno, as the calls of POSIX with these names have them"
)]
impl Socket {
    /// A new socket; starts the stack.
    pub fn new(kind: Kind) -> Result<Socket, Errno> {
        stack::start()?;
        lwip_sys::socket(kind).map(Socket)
    }

    /// A stream that listens at this address.
    pub fn listener(address: SocketAddrV4, backlog: u32) -> Result<Socket, Errno> {
        let socket = Socket::new(Kind::Stream)?;
        socket.0.set_option(lwip_sys::SocketOption::ReuseAddress, 1)?;
        socket.0.bind(address)?;
        socket.0.listen(backlog)?;
        Ok(socket)
    }

    /// Owns a handle that nobody else will close.
    pub fn from_handle(handle: Handle) -> Socket {
        Socket(handle)
    }

    /// Its handle, for the calls that do not wait.
    pub fn handle(&self) -> Handle {
        self.0
    }

    /// Gives up the ownership of the handle.
    pub fn into_handle(self) -> Handle {
        let handle = self.0;
        core::mem::forget(self);
        handle
    }

    /// Notified when the socket may have become ready.
    pub fn event(&self) -> &'static Event {
        socket_event(self.0.number())
    }

    /// The next connection and where it comes from.
    pub fn accept(&self, ticks: u32) -> Result<(Socket, SocketAddrV4), Errno> {
        let (handle, from) = until(self.event(), ticks, || self.0.accept())?;
        Ok((Socket(handle), from))
    }

    /// Connects; after a time-out it goes on.
    pub fn connect(&self, to: SocketAddrV4, ticks: u32) -> Result<(), Errno> {
        match self.0.connect(to) {
            Err(Errno::EINPROGRESS) => until(self.event(), ticks, || connected(self.0)),
            other => other,
        }
    }

    /// Receives at least one byte; 0 at the end.
    pub fn receive(&self, buf: &mut [u8], ticks: u32) -> Result<usize, Errno> {
        until(self.event(), ticks, || self.0.receive(buf, false)).map(|(n, _)| n)
    }

    /// Receives a datagram.
    pub fn receive_from(&self, buf: &mut [u8], ticks: u32) -> Result<(usize, SocketAddrV4), Errno> {
        until(self.event(), ticks, || self.0.receive(buf, false))
    }

    /// Sends some of the bytes, at least one.
    pub fn send(&self, bytes: &[u8], ticks: u32) -> Result<usize, Errno> {
        until(self.event(), ticks, || self.0.send(bytes))
    }

    /// Sends all of the bytes; `ticks` is the limit for each step. After an error some may have been sent.
    pub fn send_all(&self, mut bytes: &[u8], ticks: u32) -> Result<(), Errno> {
        while !bytes.is_empty() {
            let n = self.send(bytes, ticks)?;
            bytes = &bytes[n.min(bytes.len())..];
        }
        Ok(())
    }

    /// [`Socket::receive`] without a limit.
    pub fn read(&self, buf: &mut [u8]) -> Result<usize, Errno> {
        self.receive(buf, rtos::FOREVER)
    }
}

/// How an attempt to connect stands: `EAGAIN` while it goes on.
///
/// # Errors
/// As above; why it failed.
pub fn connected(handle: Handle) -> Result<(), Errno> {
    match handle.connected() {
        Err(Errno::EINPROGRESS) => Err(Errno::EAGAIN),
        other => other,
    }
}
