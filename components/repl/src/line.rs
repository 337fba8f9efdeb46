//! The input buffer: bytes of the caller, edited in place, never outgrown.
//!
//! # Invariants
//! - `len` never exceeds the storage.

use core::ops::Range;

use crate::{Console, Source, SourceError};

/// Memory for text that the caller lends to the prompt. Fixed memory is a `[u8; N]` or a `&mut [u8]`.
pub trait LineBuffer {
    /// All of the memory, used or not.
    fn bytes(&self) -> &[u8];

    /// The same, to write.
    fn bytes_mut(&mut self) -> &mut [u8];

    /// Asked when the memory is too small: makes it `at_least` bytes and keeps what is in it, or returns false
    /// and changes nothing. Fixed memory never grows.
    fn grow(&mut self, at_least: usize) -> bool {
        let _ = at_least;
        false
    }
}

impl<const N: usize> LineBuffer for [u8; N] {
    fn bytes(&self) -> &[u8] {
        self
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl LineBuffer for &mut [u8] {
    fn bytes(&self) -> &[u8] {
        self
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        self
    }
}

/// The text did not fit; nothing changed.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Full;

/// Text in a [`LineBuffer`].
pub(crate) struct Line<B> {
    storage: B,
    len: usize,
}

impl<B: LineBuffer> Line<B> {
    pub fn new(storage: B) -> Self {
        Line { storage, len: 0 }
    }

    pub fn text(&self) -> &[u8] {
        &self.storage.bytes()[..self.len]
    }

    pub fn len(&self) -> usize {
        self.len
    }

    /// The size of the memory as it is now.
    pub fn capacity(&self) -> usize {
        self.storage.bytes().len()
    }

    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Makes sure that `more` bytes can be added.
    pub fn reserve(&mut self, more: usize) -> Result<(), Full> {
        let len = self.len + more;
        if len > self.capacity() && !self.storage.grow(len) || len > self.capacity() {
            return Err(Full);
        }
        Ok(())
    }

    /// Inserts `bytes` at `at`, which is at most `len`. O(len).
    pub fn insert(&mut self, at: usize, bytes: &[u8]) -> Result<(), Full> {
        self.reserve(bytes.len())?;
        let len = self.len + bytes.len();
        let storage = self.storage.bytes_mut();
        storage.copy_within(at..self.len, at + bytes.len());
        storage[at..at + bytes.len()].copy_from_slice(bytes);
        self.len = len;
        Ok(())
    }

    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.insert(self.len, bytes)
    }

    /// Removes `range`, which lies inside the text. O(len).
    pub fn remove(&mut self, range: Range<usize>) {
        let len = self.len - range.len();
        self.storage.bytes_mut().copy_within(range.end..self.len, range.start);
        self.len = len;
    }
}

/// A text in memory as a [`Source`].
pub(crate) struct TextSource<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> TextSource<'a> {
    pub fn new(text: &'a [u8]) -> Self {
        TextSource { text, at: 0 }
    }
}

impl Source for TextSource<'_> {
    fn read(&mut self, _: &mut dyn Console, buf: &mut [u8]) -> Result<usize, SourceError> {
        let rest = &self.text[self.at..];
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_buffer_refuses_what_does_not_fit_and_keeps_the_rest() {
        let mut line = Line::new([0; 4]);
        assert_eq!(line.insert(0, b"bc"), Ok(()));
        assert_eq!(line.insert(0, b"a"), Ok(()));
        assert_eq!(line.push(b"de"), Err(Full));
        assert_eq!(line.text(), b"abc");
        line.remove(1..2);
        assert_eq!(line.text(), b"ac");
    }

    struct Growing(Vec<u8>);

    impl LineBuffer for Growing {
        fn bytes(&self) -> &[u8] {
            &self.0
        }
        fn bytes_mut(&mut self) -> &mut [u8] {
            &mut self.0
        }
        fn grow(&mut self, at_least: usize) -> bool {
            self.0.resize(at_least, 0);
            true
        }
    }

    #[test]
    fn a_growing_buffer_is_asked_for_more() {
        let mut line = Line::new(Growing(Vec::new()));
        assert_eq!(line.push(b"abc"), Ok(()));
        assert_eq!(line.insert(1, b"xyz"), Ok(()));
        assert_eq!(line.text(), b"axyzbc");
    }
}
