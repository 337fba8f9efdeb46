//! The last lines typed, in memory of the caller.
//!
//! # Invariants
//! - The text is a chain of records, oldest first: the line's length as two bytes, little-endian, and the line.
//! - There are at most [`HISTORY_ENTRIES`] records; none is empty, none equals its predecessor.

use crate::HISTORY_ENTRIES;
use crate::line::{Line, LineBuffer};

/// Bytes of a record before its line.
const HEADER: usize = 2;

/// The lines that Up and Down walk through.
pub(crate) struct History<H> {
    records: Line<H>,
    count: usize,
}

impl<H: LineBuffer> History<H> {
    pub fn new(storage: H) -> Self {
        History { records: Line::new(storage), count: 0 }
    }

    pub fn clear(&mut self) {
        self.records.clear();
        self.count = 0;
    }

    /// Remembers `line` unless it is empty or the newest already. The oldest lines make room; a line that the
    /// memory cannot hold at all is not remembered.
    pub fn add(&mut self, line: &[u8]) {
        let Ok(len) = u16::try_from(line.len()) else { return };
        if line.is_empty() || self.get(0) == Some(line) {
            return;
        }
        if self.count == HISTORY_ENTRIES {
            self.drop_oldest();
        }
        while self.records.reserve(HEADER + line.len()).is_err() {
            if HEADER + line.len() > self.records.capacity() {
                return;
            }
            self.drop_oldest();
        }
        let added = self.records.push(&len.to_le_bytes()).and_then(|()| self.records.push(line));
        if added.is_ok() {
            self.count += 1;
        }
    }

    /// The line `back` lines before the newest. O(count).
    pub fn get(&self, back: usize) -> Option<&[u8]> {
        let skip = self.count.checked_sub(back + 1)?;
        let mut rest = self.records.text();
        for _ in 0..skip {
            rest = split(rest)?.1;
        }
        Some(split(rest)?.0)
    }

    fn drop_oldest(&mut self) {
        if let Some((line, _)) = split(self.records.text()) {
            let size = HEADER + line.len();
            self.records.remove(0..size);
            self.count -= 1;
        }
    }
}

/// The first record's line, and the records after it.
fn split(records: &[u8]) -> Option<(&[u8], &[u8])> {
    let (header, rest) = records.split_first_chunk::<HEADER>()?;
    rest.split_at_checked(usize::from(u16::from_le_bytes(*header)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(history: &History<[u8; 20]>) -> Vec<&[u8]> {
        (0..).map_while(|back| history.get(back)).collect()
    }

    #[test]
    fn the_oldest_lines_make_room() {
        let mut history = History::new([0; 20]);
        for line in [&b"aaaa"[..], b"bbbb", b"", b"bbbb", b"cccc"] {
            history.add(line);
        }
        assert_eq!(lines(&history), [b"cccc", b"bbbb", b"aaaa"]);
        history.add(b"dddddd");
        assert_eq!(lines(&history), [&b"dddddd"[..], b"cccc", b"bbbb"]);
        history.add(&[b'x'; 19]);
        assert_eq!(lines(&history).len(), 3);
        history.add(&[b'x'; 18]);
        assert_eq!(lines(&history), [[b'x'; 18]]);
    }

    #[test]
    fn only_so_many_lines_are_kept() {
        let mut history = History::new([0; 400]);
        for line in b'a'..=b'z' {
            history.add(&[line]);
        }
        assert_eq!(history.get(HISTORY_ENTRIES - 1), Some(&b"s"[..]));
        assert_eq!(history.get(HISTORY_ENTRIES), None);
    }
}
