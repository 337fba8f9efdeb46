//! TCP as the servers use it.

use threadsnake_storage::volume::Errno;

/// A way to the network. Nothing here waits: what cannot be done now is `EAGAIN`.
pub trait Network {
    /// A listening or connected socket; dropping it closes it, after what was sent has gone out.
    type Socket;

    /// Listens on a port of every interface.
    ///
    /// # Errors
    /// `EADDRINUSE`, `ENOMEM`.
    fn listen(&mut self, port: u16) -> Result<Self::Socket, Errno>;

    /// The next connection of a listener.
    ///
    /// # Errors
    /// `EAGAIN`: there is none.
    fn accept(&mut self, listener: &mut Self::Socket) -> Result<Self::Socket, Errno>;

    /// Moves what has arrived to `buf`, which is not empty; 0 when the peer will send no more.
    ///
    /// # Errors
    /// `EAGAIN`: nothing has. Others: the connection is gone.
    fn receive(&mut self, socket: &mut Self::Socket, buf: &mut [u8]) -> Result<usize, Errno>;

    /// Sends some of `bytes`, at least one; returns how many.
    ///
    /// # Errors
    /// `EAGAIN`: there is no room. Others: the connection is gone.
    fn send(&mut self, socket: &mut Self::Socket, bytes: &[u8]) -> Result<usize, Errno>;

    /// The IPv4 address and port by which the peer of `socket` reaches a listener on `port`: the board's own address,
    /// unless a translator stands between.
    fn reached_at(&self, socket: &Self::Socket, port: u16) -> ([u8; 4], u16);
}
