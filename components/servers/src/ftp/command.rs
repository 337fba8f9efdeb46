//! The lines of the control connection.
//!
//! Source: RFC 959, section 5.3; RFC 3659; RFC 2428; RFC 854 for the Telnet bytes that clients put before `ABOR`.

use heapless::Vec;

/// The longest line, in bytes, without its end.
pub const LINE_MAX: usize = 300;

/// Collects bytes until a line is whole.
#[derive(Debug, Default)]
pub struct Lines {
    bytes: Vec<u8, LINE_MAX>,
    /// The line is too long: it is dropped up to its end.
    is_overlong: bool,
    /// A Telnet command has begun.
    in_telnet: bool,
}

/// A line of more than [`LINE_MAX`] bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong;

/// A command.
pub type Line = Result<Vec<u8, LINE_MAX>, TooLong>;

impl Lines {
    /// Takes one byte; the line that it ends, if it ends one. Lines end with LF, before which a CR is dropped.
    pub fn take(&mut self, byte: u8) -> Option<Line> {
        const IAC: u8 = 255;
        if self.in_telnet {
            // Commands are of one byte; 251 to 254, of two, are sent by no FTP client.
            self.in_telnet = false;
            return None;
        }
        match byte {
            IAC => self.in_telnet = true,
            b'\n' => {
                if core::mem::take(&mut self.is_overlong) {
                    self.bytes.clear();
                    return Some(Err(TooLong));
                }
                let mut line = core::mem::take(&mut self.bytes);
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Some(Ok(line));
            }
            byte => self.is_overlong |= self.bytes.push(byte).is_err(),
        }
        None
    }
}

macro_rules! verbs {
    ($($verb:ident = $($text:literal)|+;)*) => {
        /// What a client may ask for.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[allow(missing_docs, reason = "the names are the protocol's")]
        pub enum Verb { $($verb,)* }

        impl Verb {
            /// The verb of that name in capital letters.
            fn named(name: &[u8]) -> Option<Verb> {
                $($(if name == $text { return Some(Verb::$verb); })+)*
                None
            }
        }
    };
}

verbs! {
    User = b"USER"; Pass = b"PASS"; Quit = b"QUIT"; Feat = b"FEAT"; Syst = b"SYST"; Noop = b"NOOP";
    Type = b"TYPE"; Mode = b"MODE"; Stru = b"STRU"; Allo = b"ALLO"; Opts = b"OPTS"; Clnt = b"CLNT"; Help = b"HELP";
    Stat = b"STAT"; Pwd = b"PWD" | b"XPWD"; Cwd = b"CWD" | b"XCWD"; Cdup = b"CDUP" | b"XCUP";
    Size = b"SIZE"; Mdtm = b"MDTM"; Pasv = b"PASV"; Epsv = b"EPSV"; Abor = b"ABOR"; Rest = b"REST";
    List = b"LIST"; Nlst = b"NLST"; Mlsd = b"MLSD"; Mlst = b"MLST";
    Retr = b"RETR"; Stor = b"STOR"; Appe = b"APPE";
    Dele = b"DELE"; Rmd = b"RMD" | b"XRMD"; Mkd = b"MKD" | b"XMKD"; Rnfr = b"RNFR"; Rnto = b"RNTO";
}

/// Splits a line: the verb, in any case, then one space, then the argument as it stands, spaces and all.
pub fn parse(line: &[u8]) -> (Option<Verb>, &[u8]) {
    let end = line.iter().position(|&b| b == b' ').unwrap_or(line.len());
    let mut name = [0; 4];
    let verb = match name.get_mut(..end) {
        Some(name) => {
            name.copy_from_slice(&line[..end]);
            name.make_ascii_uppercase();
            Verb::named(name)
        }
        None => None,
    };
    (verb, line.get(end + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8]) -> std::vec::Vec<Line> {
        let mut lines = Lines::default();
        input.iter().filter_map(|&byte| lines.take(byte)).collect()
    }

    fn whole(text: &[u8]) -> Line {
        Ok(Vec::from_slice(text).unwrap())
    }

    #[test]
    fn lines_may_be_split_and_pipelined() {
        assert_eq!(lines(b"USER a\r\nPA"), [whole(b"USER a")]);
        assert_eq!(lines(b"NOOP\nSYST\r\n\r\n"), [whole(b"NOOP"), whole(b"SYST"), whole(b"")]);
    }

    #[test]
    fn an_overlong_line_is_one_error_and_the_next_is_read() {
        let mut input = vec![b'x'; 5000];
        input.extend_from_slice(b"\r\nNOOP\r\n");
        assert_eq!(lines(&input), [Err(TooLong), whole(b"NOOP")]);
    }

    #[test]
    fn telnet_commands_before_abor_are_dropped() {
        assert_eq!(lines(b"\xff\xf4\xff\xf2ABOR\r\n"), [whole(b"ABOR")]);
    }

    #[test]
    fn verbs_are_of_any_case_and_arguments_whole() {
        assert_eq!(parse(b"stor my file .txt"), (Some(Verb::Stor), &b"my file .txt"[..]));
        assert_eq!(parse(b"XPWD"), (Some(Verb::Pwd), &b""[..]));
        assert_eq!(parse(b"LIST  x"), (Some(Verb::List), &b" x"[..]));
        assert_eq!(parse(b"STORE x").0, None);
        assert_eq!(parse(b"").0, None);
    }
}
