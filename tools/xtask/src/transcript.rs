//! Transcripts: conversations with the prompt, checked byte for byte.
//!
//! A transcript is a text file in `tests/repl`, one step a line, blank lines and `#` comments apart:
//!
//! ```text
//! send "print(6 * 7)\r"        types these bytes
//! expect "print(6 * 7)\r\n"    the next bytes are exactly these
//! until ">>> "                 skips everything up to and including these
//! exit 0                       closes nothing, waits for the process to end with this code
//! only simulator               the whole file runs on the simulator (or on `boards`) alone
//! ```
//!
//! `cargo xtask repl [NAME ...]` plays all or the named ones with the simulated board, or with
//! `--board` on an emulated one; `--interpreter FILE` takes this program or image as it is.
//!
//! Escapes are `\r`, `\n`, `\t`, `\\`, `\"` and `\xNN`.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::args::Args;
use crate::console::Console;
use crate::tally::Tally;
use crate::{language, process, qemu};

/// How long a step may take; ample for an emulated board on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

/// The command of its own.
///
/// # Errors
/// A build failed or an argument is unknown.
pub fn main(mut args: Args) -> Result<bool, String> {
    let (place, program) = language::place_and_program(&mut args)?;
    let names: Vec<String> = std::iter::from_fn(|| args.positional()).collect();
    args.finish()?;
    let mut tally = Tally::default();
    play_all(place.as_deref(), &program, &names, &mut tally);
    Ok(tally.finish())
}

/// Plays the transcripts named, or all, that concern the place, each in a process of its own.
///
/// Without `board` the program is the simulator, and with one that board's firmware.
pub fn play_all(board: Option<&str>, program: &Path, names: &[String], tally: &mut Tally) {
    let (kind, place) = board.map_or(("simulator", "simulator"), |board| ("boards", board));
    let folder = process::root().join("tests/repl");
    let files = language::files(&folder, "transcript");
    for path in files.into_iter().filter(|path| language::named(path, names)) {
        let play = || {
            let text = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
            let transcript = Transcript::parse(&text)?;
            if transcript.only.as_deref().is_some_and(|only| only != kind) {
                return Ok(false);
            }
            let mut command = match board {
                Some(board) => qemu::command(board, program, "stdio"),
                None => Command::new(program),
            };
            if board.is_none() {
                command.arg("--board");
            }
            transcript.play(&mut Console::start(&mut command)?)?;
            Ok(true)
        };
        let stem = path.file_stem().unwrap_or_default();
        match play() {
            Ok(false) => {}
            result => {
                let name = format!("tests/repl/{} on {place}", stem.display());
                tally.check(&name, result.map(drop));
            }
        }
    }
}

/// A parsed transcript.
#[derive(Debug, PartialEq)]
pub struct Transcript {
    /// `simulator` or `boards`, when it runs only there.
    pub only: Option<String>,
    steps: Vec<(usize, Step)>,
}

#[derive(Debug, PartialEq)]
enum Step {
    Send(Vec<u8>),
    Expect(Vec<u8>),
    Until(Vec<u8>),
    Exit(i32),
}

impl Transcript {
    /// Parses a transcript's text.
    ///
    /// # Errors
    /// A line is not a step; the text begins with its number.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut transcript = Self { only: None, steps: Vec::new() };
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
            let fault = |what: &str| format!("line {number}: {what}: {line}");
            let bytes = || unquote(rest).ok_or_else(|| fault("not a quoted string"));
            let step = match verb {
                "send" => Step::Send(bytes()?),
                "expect" => Step::Expect(bytes()?),
                "until" => Step::Until(bytes()?),
                "exit" => Step::Exit(rest.parse().map_err(|_| fault("not an exit code"))?),
                "only" if matches!(rest, "simulator" | "boards") => {
                    transcript.only = Some(rest.to_owned());
                    continue;
                }
                _ => return Err(fault("not a step")),
            };
            transcript.steps.push((number, step));
        }
        Ok(transcript)
    }

    /// Holds the conversation.
    ///
    /// # Errors
    /// A step failed; the text begins with its line number.
    pub fn play(&self, console: &mut Console) -> Result<(), String> {
        for (number, step) in &self.steps {
            let result = match step {
                Step::Send(bytes) => console.send(bytes),
                Step::Until(mark) => console.until(mark, LIMIT).map(drop),
                Step::Expect(bytes) => console.take(bytes.len(), LIMIT).and_then(|came| {
                    if came == *bytes {
                        return Ok(());
                    }
                    let (wanted, came) = (bytes.escape_ascii(), came.escape_ascii());
                    Err(format!("expected \"{wanted}\"\n    came \"{came}\""))
                }),
                Step::Exit(code) => match console.end(LIMIT)? {
                    came if came == *code => Ok(()),
                    came => Err(format!("exit code {came} instead of {code}")),
                },
            };
            result.map_err(|why| format!("line {number}: {why}"))?;
        }
        Ok(())
    }
}

/// The bytes of a quoted string; `None` if it is not one.
fn unquote(text: &str) -> Option<Vec<u8>> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let c = match c {
            '"' => return None,
            '\\' => match chars.next()? {
                'r' => '\r',
                'n' => '\n',
                't' => '\t',
                c @ ('\\' | '"') => c,
                'x' => {
                    let digits = [chars.next()?, chars.next()?];
                    let value = digits.iter().try_fold(0, |n, d| Some(n * 16 + d.to_digit(16)?))?;
                    bytes.push(u8::try_from(value).ok()?);
                    continue;
                }
                _ => return None,
            },
            c => c,
        };
        bytes.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_unquoted() {
        assert_eq!(unquote(r#""a\r\n\x04\"é""#), Some("a\r\n\x04\"é".as_bytes().to_vec()));
        for bad in ["a", "\"a", r#""\q""#, r#""\x4""#, r#""a"b""#] {
            assert_eq!(unquote(bad), None, "{bad}");
        }
    }

    #[test]
    fn faulty_lines_are_named() {
        let error = Transcript::parse("# fine\nsend \"x\"\nshout \"x\"\n").expect_err("bad verb");
        assert!(error.starts_with("line 3:"), "{error}");
    }

    #[test]
    fn a_conversation_is_checked_byte_for_byte() {
        let play = |text: &str| {
            let mut cat = Console::start(Command::new("sh").args(["-c", "head -n 1; exit 3"]))?;
            Transcript::parse(text)?.play(&mut cat)
        };
        assert_eq!(play("send \"one two\\n\"\nexpect \"one\"\nuntil \"\\n\"\nexit 3\n"), Ok(()));
        let error = play("send \"one\\n\"\nexpect \"two\"\n").expect_err("wrong bytes");
        assert!(error.contains("line 2") && error.contains("came \"one\""), "{error}");
    }
}
