//! Bytes of a terminal into keys: control codes, escape sequences (ECMA-48), UTF-8, the three line ends.
//!
//! # Invariants
//! - A sequence that is cut short by a control code or an ESC is dropped; the code keeps its meaning, so that
//!   Ctrl-C always gets through.
//! - Text leaves here as whole, valid characters only.

/// A key press.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Key {
    /// One character as UTF-8: the bytes and how many count.
    Char([u8; 4], usize),
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
    WordLeft,
    WordRight,
    KillLeft,
    KillRight,
    KillWordLeft,
    KillWordRight,
    /// Bytes that are no UTF-8; they are gone.
    Invalid,
}

#[derive(Clone, Copy)]
enum State {
    Ground,
    /// After ESC.
    Escape,
    /// After ESC O.
    Ss3,
    /// After ESC [, with the first two numbers.
    Csi {
        numbers: [u8; 2],
        index: usize,
    },
    /// Inside a character: bytes so far, how many, how many it takes.
    Utf8 {
        bytes: [u8; 4],
        have: usize,
        need: usize,
    },
}

/// The decoder. It lives as long as the prompt, for a CR LF may be cut anywhere.
pub(crate) struct Keys {
    state: State,
    /// The other line end, if the last byte was one: CR LF and LF CR are one Enter.
    twin: Option<u8>,
}

const ESC: u8 = 0x1b;

impl Keys {
    pub fn new() -> Self {
        Keys { state: State::Ground, twin: None }
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
            State::Utf8 { mut bytes, have, need } if byte & 0xc0 == 0x80 => {
                bytes[have] = byte;
                let have = have + 1;
                if have < need {
                    self.state = State::Utf8 { bytes, have, need };
                    return (false, None);
                }
                match core::str::from_utf8(&bytes[..need]) {
                    Ok(_) => (false, Some(Key::Char(bytes, need))),
                    Err(_) => (false, Some(Key::Invalid)),
                }
            }
            State::Utf8 { .. } => (true, self.ground(byte)),
            State::Ground => (false, self.ground(byte)),
            _ if byte < 0x20 => (false, self.ground(byte)),
            State::Escape => (false, self.escape(byte)),
            State::Ss3 => (false, cursor_key(byte, 0)),
            State::Csi { numbers, index } => (false, self.csi(byte, numbers, index)),
        }
    }

    fn ground(&mut self, byte: u8) -> Option<Key> {
        let need = match byte {
            0 => return None,
            b'\t' => return Some(Key::Tab),
            b'\r' | b'\n' => return Some(Key::Enter),
            8 | 0x7f => return Some(Key::Backspace),
            ESC => {
                self.state = State::Escape;
                return None;
            }
            1..0x20 => return Some(Key::Control(byte)),
            0x20..0x7f => return Some(Key::Char([byte, 0, 0, 0], 1)),
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return Some(Key::Invalid),
        };
        self.state = State::Utf8 { bytes: [byte, 0, 0, 0], have: 1, need };
        None
    }

    fn escape(&mut self, byte: u8) -> Option<Key> {
        match byte {
            b'[' => self.state = State::Csi { numbers: [0; 2], index: 0 },
            b'O' => self.state = State::Ss3,
            b'b' => return Some(Key::WordLeft),
            b'f' => return Some(Key::WordRight),
            b'd' => return Some(Key::KillWordRight),
            0x7f => return Some(Key::KillWordLeft),
            _ => {}
        }
        None
    }

    fn csi(&mut self, byte: u8, mut numbers: [u8; 2], mut index: usize) -> Option<Key> {
        match byte {
            b'0'..=b'9' => {
                if let Some(number) = numbers.get_mut(index) {
                    *number = number.saturating_mul(10).saturating_add(byte - b'0');
                }
            }
            b';' => index += 1,
            b'~' => {
                return match numbers[0] {
                    1 | 7 => Some(Key::Home),
                    4 | 8 => Some(Key::End),
                    3 => Some(Key::Delete),
                    _ => None,
                };
            }
            // Any other final byte ends the sequence.
            0x40..=0x7e => return cursor_key(byte, numbers[1]),
            _ => {}
        }
        self.state = State::Csi { numbers, index };
        None
    }
}

/// The key of a sequence's final byte; `modifier` as xterm sends it: 5 is Ctrl, 3 is Alt.
fn cursor_key(byte: u8, modifier: u8) -> Option<Key> {
    let by_word = matches!(modifier, 3 | 5);
    match byte {
        b'A' => Some(Key::Up),
        b'B' => Some(Key::Down),
        b'C' if by_word => Some(Key::WordRight),
        b'C' => Some(Key::Right),
        b'D' if by_word => Some(Key::WordLeft),
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
        let mut keys = Keys::new();
        let mut found = Vec::new();
        for &byte in bytes {
            let (lost, key) = keys.push(byte);
            found.extend(lost.then_some(Key::Invalid));
            found.extend(key);
        }
        found
    }

    fn char(c: char) -> Key {
        let mut bytes = [0; 4];
        let len = c.encode_utf8(&mut bytes).len();
        Key::Char(bytes, len)
    }

    #[test]
    fn each_line_end_is_one_enter() {
        for (bytes, enters) in
            [(&b"\r"[..], 1), (b"\n", 1), (b"\r\n", 1), (b"\n\r", 1), (b"\r\r", 2), (b"\n\n", 2)]
        {
            assert_eq!(keys(bytes), vec![Key::Enter; enters], "{bytes:?}");
        }
        assert_eq!(keys(b"\r\n\n"), [Key::Enter, Key::Enter]);
        assert_eq!(keys(b"\ra\n"), [Key::Enter, char('a'), Key::Enter]);
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
        assert_eq!(keys("é日😀".as_bytes()), [char('é'), char('日'), char('😀')]);
        assert_eq!(keys(b"\xc3a"), [Key::Invalid, char('a')]);
        assert_eq!(keys(b"\xe6\x97\r"), [Key::Invalid, Key::Enter]);
        assert_eq!(keys(b"\x80\xff\xc0"), [Key::Invalid; 3]);
        assert_eq!(keys(b"\xed\xa0\x80"), [Key::Invalid]);
        assert_eq!(keys(b"\0"), []);
    }
}
