//! What the editor must know of UTF-8 text: where characters end, how wide they are, what a word is.
//!
//! # Invariants
//! - All text here is valid UTF-8, for it was checked when it was typed.

/// The number of columns that `text` takes on a terminal. Combining characters take none, East Asian wide ones
/// and emoji two (after Unicode Standard Annex 11, by whole blocks); without the feature `extra` all take one.
pub(crate) fn columns(text: &[u8]) -> usize {
    (0..text.len()).filter(|&at| is_start(text[at])).map(|at| width(&text[at..])).sum()
}

/// True for the first byte of a character.
fn is_start(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// Of the character that `text` begins with.
#[cfg(not(feature = "extra"))]
fn width(_: &[u8]) -> usize {
    1
}

/// Of the character that `text` begins with.
#[cfg(feature = "extra")]
fn width(text: &[u8]) -> usize {
    let end = (1..text.len()).find(|&at| is_start(text[at])).unwrap_or(text.len());
    let char = core::str::from_utf8(&text[..end]).ok().and_then(|text| text.chars().next());
    match char.map_or(0, u32::from) {
        0x300..=0x36f | 0x200b..=0x200f | 0x20d0..=0x20ff | 0xfe00..=0xfe0f => 0,
        0x1100..=0x115f
        | 0x2e80..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Whether a character that stands by itself begins at `at`, or the text ends there.
fn is_edge(text: &[u8], at: usize) -> bool {
    at >= text.len() || is_start(text[at]) && width(&text[at..]) > 0
}

/// Where the character before `at` begins, its combining characters being part of it; 0 at the start of `text`.
pub(crate) fn char_before(text: &[u8], at: usize) -> usize {
    (0..at).rev().find(|&at| is_edge(text, at)).unwrap_or(0)
}

/// Where the character at `at` ends, its combining characters being part of it; the length at the end.
pub(crate) fn char_after(text: &[u8], at: usize) -> usize {
    (at + 1..text.len()).find(|&at| is_edge(text, at)).unwrap_or(text.len())
}

/// Where the word before `at` begins: letters and digits, after whatever separates them from `at`.
#[cfg(feature = "extra")]
pub(crate) fn word_before(text: &[u8], at: usize) -> usize {
    let end = text[..at].iter().rposition(|&byte| in_word(byte)).map_or(0, |last| last + 1);
    text[..end].iter().rposition(|&byte| !in_word(byte)).map_or(0, |last| last + 1)
}

/// Where the word after `at` ends.
#[cfg(feature = "extra")]
pub(crate) fn word_after(text: &[u8], at: usize) -> usize {
    let find = |from: usize, wanted: bool| {
        text[from..]
            .iter()
            .position(|&byte| in_word(byte) == wanted)
            .map_or(text.len(), |n| from + n)
    };
    find(find(at, true), false)
}

/// True for the bytes of an identifier; every character beyond ASCII counts.
pub(crate) fn in_identifier(byte: u8) -> bool {
    byte == b'_' || in_word(byte)
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_walked_whole_and_measured() {
        let text = "aé日😀e\u{301}".as_bytes();
        assert_eq!(columns(text), 1 + 1 + 2 + 2 + 1);
        let mut ends = vec![0];
        while *ends.last().unwrap() < text.len() {
            ends.push(char_after(text, *ends.last().unwrap()));
        }
        assert_eq!(ends, [0, 1, 3, 6, 10, 13]);
        for pair in ends.windows(2) {
            assert_eq!(char_before(text, pair[1]), pair[0]);
        }
    }

    #[test]
    fn words_are_letters_and_digits() {
        let text = b"ab  cd_e(1)";
        let starts: Vec<_> = (0..=text.len()).map(|at| word_before(text, at)).collect();
        assert_eq!(starts, [0, 0, 0, 0, 0, 4, 4, 4, 7, 7, 9, 9]);
        let ends: Vec<_> = (0..=text.len()).map(|at| word_after(text, at)).collect();
        assert_eq!(ends, [2, 2, 6, 6, 6, 6, 8, 8, 10, 10, 11, 11]);
    }
}
