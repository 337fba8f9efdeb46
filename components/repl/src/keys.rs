//! Bytes of a terminal into keys: control codes, escape sequences (ECMA-48), UTF-8, the three line ends.
//!
//! # Invariants
//! - A sequence that is cut short by a control code or an ESC is dropped; the code keeps its meaning, so that
//!   Ctrl-C always gets through.
//! - Text leaves here as whole, valid characters only.

/// A key press.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Key {
    /// One character: [`Keys::char`].
    Char,
    /// A control code without a name below, 1-31.
    Control(u8),
    Enter,
    Tab,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    KillLeft,
    KillRight,
    #[cfg(feature = "extra")]
    WordLeft,
    #[cfg(feature = "extra")]
    WordRight,
    #[cfg(feature = "extra")]
    KillWordLeft,
    #[cfg(feature = "extra")]
    KillWordRight,
    /// Bytes that are no UTF-8; they are gone.
    Invalid,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    /// After ESC.
    Escape,
    /// After ESC O.
    Ss3,
    /// After ESC [: the first numbers are in `bytes`, and `have` says which is being read.
    Csi,
    /// Inside a character: `have` of its `need` bytes are in `bytes`.
    Utf8,
}

/// The decoder. It lives as long as the prompt, for a CR LF may be cut anywhere.
pub(crate) struct Keys {
    state: State,
    bytes: [u8; 4],
    have: usize,
    need: usize,
    /// The other line end, if the last byte was one: CR LF and LF CR are one Enter.
    twin: Option<u8>,
}

const ESC: u8 = 0x1b;

impl Keys {
    pub fn new() -> Self {
        Keys { state: State::Ground, bytes: [0; 4], have: 0, need: 0, twin: None }
    }

    /// The character of [`Key::Char`], until the next byte.
    pub fn char(&self) -> &[u8] {
        &self.bytes[..self.need]
    }

    /// True, once, for the second byte of a CR LF or LF CR; takes note of `byte` otherwise.
    pub fn is_second_of_line_end(&mut self, byte: u8) -> bool {
        let twin = self.twin.take();
        if twin == Some(byte) {
            return true;
        }
        self.twin = match byte {
            b'\r' => Some(b'\n'),
            b'\n' => Some(b'\r'),
            _ => None,
        };
        false
    }

    /// Takes the next byte. Returns whether an unfinished character was lost, and the key that is complete now.
    pub fn push(&mut self, byte: u8) -> (bool, Option<Key>) {
        if self.is_second_of_line_end(byte) {
            return (false, None);
        }
        let state = core::mem::replace(&mut self.state, State::Ground);
        match state {
            State::Utf8 if byte & 0xc0 == 0x80 => {
                self.bytes[self.have] = byte;
                self.have += 1;
                if self.have < self.need {
                    self.state = State::Utf8;
                    return (false, None);
                }
                let is_valid = core::str::from_utf8(self.char()).is_ok();
                (false, Some(if is_valid { Key::Char } else { Key::Invalid }))
            }
            State::Utf8 => (true, self.ground(byte)),
            State::Ground => (false, self.ground(byte)),
            _ if byte < 0x20 => (false, self.ground(byte)),
            State::Escape => (false, self.escape(byte)),
            State::Ss3 => (false, cursor_key(byte, 0)),
            State::Csi => (false, self.csi(byte)),
        }
    }

    fn ground(&mut self, byte: u8) -> Option<Key> {
        self.bytes = [byte, 0, 0, 0];
        self.have = 1;
        self.need = match byte {
            0 => return None,
            b'\t' => return Some(Key::Tab),
            b'\r' | b'\n' => return Some(Key::Enter),
            8 | 0x7f => return Some(Key::Backspace),
            ESC => {
                self.state = State::Escape;
                return None;
            }
            1..0x20 => return Some(Key::Control(byte)),
            0x20..0x7f => {
                self.need = 1;
                return Some(Key::Char);
            }
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return Some(Key::Invalid),
        };
        self.state = State::Utf8;
        None
    }

    fn escape(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'[' => {
                self.state = State::Csi;
                self.bytes = [0; 4];
                self.have = 0;
            }
            b'O' => self.state = State::Ss3,
            #[cfg(feature = "extra")]
            b'b' => return Some(Key::WordLeft),
            #[cfg(feature = "extra")]
            b'f' => return Some(Key::WordRight),
            #[cfg(feature = "extra")]
            b'd' => return Some(Key::KillWordRight),
            #[cfg(feature = "extra")]
            0x7f => return Some(Key::KillWordLeft),
            _ => {}
        }
        None
    }

    fn csi(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'0'..=b'9' => {
                if let Some(number) = self.bytes.get_mut(self.have) {
                    *number = number.saturating_mul(10).saturating_add(byte - b'0');
                }
            }
            b';' => self.have += 1,
            b'~' => {
                return match self.bytes[0] {
                    1 | 7 => Some(Key::Home),
                    4 | 8 => Some(Key::End),
                    3 => Some(Key::Delete),
                    _ => None,
                };
            }
            // Any other final byte ends the sequence.
            0x40..=0x7e => return cursor_key(byte, self.bytes[1]),
            _ => {}
        }
        self.state = State::Csi;
        None
    }
}

/// The key of a sequence's final byte; `modifier` as xterm sends it: 5 is Ctrl, 3 is Alt.
fn cursor_key(byte: u8, modifier: u8) -> Option<Key> {
    #[cfg(feature = "extra")]
    match byte {
        b'C' if matches!(modifier, 3 | 5) => return Some(Key::WordRight),
        b'D' if matches!(modifier, 3 | 5) => return Some(Key::WordLeft),
        _ => {}
    }
    let _ = modifier;
    match byte {
        b'A' => Some(Key::Up),
        b'B' => Some(Key::Down),
        b'C' => Some(Key::Right),
        b'D' => Some(Key::Left),
        b'H' => Some(Key::Home),
        b'F' => Some(Key::End),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        typed(bytes).0
    }

    /// The keys, and their characters.
    fn typed(bytes: &[u8]) -> (Vec<Key>, String) {
        let mut keys = Keys::new();
        let (mut found, mut text) = (Vec::new(), Vec::new());
        for &byte in bytes {
            let (lost, key) = keys.push(byte);
            found.extend(lost.then_some(Key::Invalid));
            found.extend(key);
            if key == Some(Key::Char) {
                text.extend(keys.char());
            }
        }
        (found, String::from_utf8(text).unwrap())
    }

    #[test]
    fn each_line_end_is_one_enter() {
        for (bytes, enters) in
            [(&b"\r"[..], 1), (b"\n", 1), (b"\r\n", 1), (b"\n\r", 1), (b"\r\r", 2), (b"\n\n", 2)]
        {
            assert_eq!(keys(bytes), vec![Key::Enter; enters], "{bytes:?}");
        }
        assert_eq!(keys(b"\r\n\n"), [Key::Enter, Key::Enter]);
        assert_eq!(keys(b"\ra\n"), [Key::Enter, Key::Char, Key::Enter]);
    }

    #[test]
    fn sequences_are_keys_and_leave_no_rest() {
        let all = b"\x1b[A\x1b[B\x1b[C\x1b[D\x1b[H\x1b[F\x1bOH\x1bOF\x1bOA\x1b[1~\x1b[7~\x1b[4~\x1b[8~\x1b[3~";
        use Key::*;
        assert_eq!(
            keys(all),
            [Up, Down, Right, Left, Home, End, Home, End, Up, Home, Home, End, End, Delete]
        );
        assert_eq!(
            keys(b"\x1bb\x1bf\x1bd\x1b\x7f\x1b[1;5D\x1b[1;5C\x1b[1;3D"),
            [WordLeft, WordRight, KillWordRight, KillWordLeft, WordLeft, WordRight, WordLeft]
        );
        assert_eq!(
            keys(b"\x1b[15~\x1b[2~\x1b[9;5~\x1b[200~\x1bOP\x1bx\x1b[?25h\x1b[99999;9;9R"),
            []
        );
        assert_eq!(keys(b"\x1b\x1b[D"), [Left]);
    }

    #[test]
    fn control_codes_break_a_sequence() {
        assert_eq!(
            keys(b"\x1b\x03\x1b[1;5\x03\x1bO\r"),
            [Key::Control(3), Key::Control(3), Key::Enter]
        );
    }

    #[test]
    fn characters_are_whole_or_invalid() {
        assert_eq!(typed("é日😀".as_bytes()), (vec![Key::Char; 3], "é日😀".into()));
        assert_eq!(typed(b"\xc3a"), (vec![Key::Invalid, Key::Char], "a".into()));
        assert_eq!(keys(b"\xe6\x97\r"), [Key::Invalid, Key::Enter]);
        assert_eq!(keys(b"\x80\xff\xc0"), [Key::Invalid; 3]);
        assert_eq!(keys(b"\xed\xa0\x80"), [Key::Invalid]);
        assert_eq!(keys(b"\0"), []);
    }
}
