//! What waits to be sent to a peer.

use heapless::Vec;
use threadsnake_storage::volume::Errno;

use crate::Network;

/// Up to `N` bytes, sent in order.
#[derive(Debug)]
pub struct Out<const N: usize> {
    bytes: Vec<u8, N>,
    sent: usize,
}

impl<const N: usize> Out<N> {
    pub const fn new() -> Self {
        Out { bytes: Vec::new(), sent: 0 }
    }

    /// True if nothing waits.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What waits.
    pub fn waiting(&self) -> &[u8] {
        &self.bytes[self.sent..]
    }

    /// How many more bytes fit.
    pub fn room(&self) -> usize {
        N - self.bytes.len()
    }

    /// Adds all of `bytes`, or nothing and false.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        self.bytes.extend_from_slice(bytes).is_ok()
    }

    /// Forgets what waits.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.sent = 0;
    }

    /// The free part, to be filled from its start by `fill`, which returns how much it filled.
    pub fn fill<E>(
        &mut self,
        fill: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let start = self.bytes.len();
        // Cannot fail: within the capacity.
        let _ = self.bytes.resize(N, 0);
        let filled = fill(&mut self.bytes[start..]);
        self.bytes.truncate(start + filled.as_ref().copied().unwrap_or(0).min(N - start));
        filled
    }

    /// Sends what the network takes; true if that was anything.
    ///
    /// # Errors
    /// The connection is gone.
    pub fn flush<W: Network>(
        &mut self,
        network: &mut W,
        socket: &mut W::Socket,
    ) -> Result<bool, Errno> {
        let before = self.sent;
        let mut moved = false;
        while self.sent < self.bytes.len() {
            match network.send(socket, &self.bytes[self.sent..]) {
                Ok(n) => self.sent += n,
                Err(Errno::EAGAIN) => break,
                Err(gone) => return Err(gone),
            }
            moved |= self.sent > before;
        }
        if self.sent >= self.bytes.len() {
            self.clear();
        }
        Ok(moved)
    }
}

impl<const N: usize> core::fmt::Write for Out<N> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        if self.push(text.as_bytes()) { Ok(()) } else { Err(core::fmt::Error) }
    }
}
