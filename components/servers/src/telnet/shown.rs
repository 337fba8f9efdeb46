//! What the console showed last, for all sessions.
//!
//! Whoever writes to the console adds to it; every session reads it with a place of its own. Nothing is lost while the
//! writer waits for the slowest session; one that it does not want to wait for any longer loses its oldest bytes.

/// The last `N` bytes of the console's output. `N` is a power of two.
#[derive(Debug)]
pub struct Shown<const N: usize> {
    ring: [u8; N],
    /// Bytes since start, modulo 2^32.
    written: u32,
}

/// How far a session has read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct View(u32);

impl<const N: usize> Shown<N> {
    /// Nothing yet.
    pub const fn new() -> Self {
        const { assert!(N.is_power_of_two() && N < 1 << 31) };
        Shown { ring: [0; N], written: 0 }
    }

    /// The place of a reader that starts now.
    pub fn view(&self) -> View {
        View(self.written)
    }

    /// How many bytes can be added before the slowest of these readers loses one; `N` without readers.
    pub fn room<'a>(&self, views: impl Iterator<Item = &'a View>) -> usize {
        let longest = views.map(|view| self.written.wrapping_sub(view.0) as usize).max();
        N.saturating_sub(longest.unwrap_or(0))
    }

    /// Adds bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.ring[self.written as usize % N] = byte;
            self.written = self.written.wrapping_add(1);
        }
    }

    /// Moves the next bytes for a reader to `buf`; returns how many.
    pub fn read(&self, view: &mut View, buf: &mut [u8]) -> usize {
        let behind = self.written.wrapping_sub(view.0) as usize;
        if behind > N {
            view.0 = self.written.wrapping_sub(N as u32);
        }
        let n = behind.min(N).min(buf.len());
        for to in &mut buf[..n] {
            *to = self.ring[view.0 as usize % N];
            view.0 = view.0.wrapping_add(1);
        }
        n
    }
}

impl<const N: usize> Default for Shown<N> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<const N: usize>(shown: &Shown<N>, view: &mut View) -> Vec<u8> {
        let mut buf = [0; 100];
        let n = shown.read(view, &mut buf);
        buf[..n].to_vec()
    }

    #[test]
    fn every_reader_gets_everything_from_its_start() {
        let mut shown = Shown::<8>::new();
        let mut first = shown.view();
        shown.add(b"abc");
        let mut second = shown.view();
        shown.add(b"de");
        assert_eq!(shown.room([first, second].iter()), 3);
        assert_eq!(all(&shown, &mut first), b"abcde");
        assert_eq!(all(&shown, &mut second), b"de");
        assert_eq!(shown.room([first, second].iter()), 8);
    }

    #[test]
    fn a_reader_that_is_left_behind_loses_the_oldest() {
        let mut shown = Shown::<8>::new();
        let mut view = shown.view();
        shown.add(b"0123456789abc");
        assert_eq!(shown.room([view].iter()), 0);
        assert_eq!(all(&shown, &mut view), b"56789abc");
    }
}
