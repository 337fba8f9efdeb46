//! The bytes of a Telnet connection.
//!
//! Source: RFC 854 (commands, the network virtual terminal), RFC 855 (options).

/// Telnet's commands and options that are used here.
pub mod code {
    pub const IAC: u8 = 255;
    pub const DONT: u8 = 254;
    pub const DO: u8 = 253;
    pub const WONT: u8 = 252;
    pub const WILL: u8 = 251;
    pub const SUB_BEGIN: u8 = 250;
    pub const ERASE_LINE: u8 = 248;
    pub const ERASE_CHAR: u8 = 247;
    pub const ARE_YOU_THERE: u8 = 246;
    pub const INTERRUPT: u8 = 244;
    pub const BREAK: u8 = 243;
    pub const SUB_END: u8 = 240;
    pub const ECHO: u8 = 1;
    pub const SUPPRESS_GO_AHEAD: u8 = 3;
    pub const LINE_MODE: u8 = 34;
}

/// What a byte completes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// A byte of data; CR for the end of a line.
    Data(u8),
    /// Interrupt the process.
    Interrupt,
    /// Is anybody there?
    AreYouThere,
    /// The client wants to do something (`WILL`): refuse with `DONT`.
    Will(u8),
    /// The client wants us to do something.
    Do(u8),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum State {
    #[default]
    Data,
    /// After a CR: an LF or NUL belongs to it.
    Return,
    Command,
    /// The option of this command follows.
    Option(u8),
    Sub,
    SubCommand,
}

/// Where in the stream we are.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parser(State);

impl Parser {
    /// Takes the next byte.
    pub fn take(&mut self, byte: u8) -> Option<Input> {
        let before = core::mem::take(&mut self.0);
        match before {
            State::Return if byte == b'\n' || byte == 0 => None,
            State::Data | State::Return => match byte {
                code::IAC => {
                    self.0 = State::Command;
                    None
                }
                0 => None,
                b'\r' => {
                    self.0 = State::Return;
                    Some(Input::Data(b'\r'))
                }
                byte => Some(Input::Data(byte)),
            },
            State::Command => match byte {
                code::IAC => Some(Input::Data(code::IAC)),
                code::WILL..=code::DONT => {
                    self.0 = State::Option(byte);
                    None
                }
                code::SUB_BEGIN => {
                    self.0 = State::Sub;
                    None
                }
                code::INTERRUPT | code::BREAK => Some(Input::Interrupt),
                code::ARE_YOU_THERE => Some(Input::AreYouThere),
                code::ERASE_CHAR => Some(Input::Data(0x7f)),
                code::ERASE_LINE => Some(Input::Data(0x15)),
                _ => None,
            },
            State::Option(code::WILL) => Some(Input::Will(byte)),
            State::Option(code::DO) => Some(Input::Do(byte)),
            State::Option(_) => None,
            State::Sub => {
                self.0 = if byte == code::IAC { State::SubCommand } else { State::Sub };
                None
            }
            State::SubCommand => {
                self.0 = if byte == code::SUB_END { State::Data } else { State::Sub };
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(bytes: &[u8]) -> Vec<u8> {
        let mut parser = Parser::default();
        let inputs = bytes.iter().filter_map(|&byte| parser.take(byte));
        inputs.filter_map(|i| if let Input::Data(byte) = i { Some(byte) } else { None }).collect()
    }

    #[test]
    fn ends_of_lines_are_one_return() {
        assert_eq!(data(b"a\r\nb\r\0c\rd\n\0e"), b"a\rb\rc\rd\ne");
    }

    #[test]
    fn text_of_eight_bits_passes_and_doubled_bytes_are_single() {
        assert_eq!(data("é€".as_bytes()), "é€".as_bytes());
        assert_eq!(data(b"a\xff\xffb"), b"a\xffb");
    }

    #[test]
    fn negotiation_is_no_text() {
        assert_eq!(data(b"a\xff\xfd\x03\xff\xfb\x18\xff\xfa\x18\0xterm\xff\xff\xff\xf0b"), b"ab");
        let mut parser = Parser::default();
        let all: Vec<_> = b"\xff\xfd\x1f\xff\xfb\x18\xff\xf4\xff\xf6\xff\xfc\x01\xff\xf1"
            .iter()
            .filter_map(|&byte| parser.take(byte))
            .collect();
        let expected = [Input::Do(0x1f), Input::Will(0x18), Input::Interrupt, Input::AreYouThere];
        assert_eq!(all, expected);
    }
}
