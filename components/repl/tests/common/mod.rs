//! A scripted console with a toy interpreter behind it, and the checks that the transcript tests share.
//!
//! The toy language has one statement a line: `print TEXT`, `raise` (a traceback), `exit` (`SystemExit`),
//! `value` (an expression statement), `bad` (a syntax error, found as soon as its line is there), `input`
//! (takes one byte from the console and prints it), `late` (a Ctrl-C that comes after the end). All other
//! lines do nothing.
#![allow(dead_code, reason = "each test uses a part of it")]

use threadsnake_repl::{
    Closed, Console, Engine, Exit, Grammar, LineBuffer, Outcome, Prompt, Raised, SOFT_REBOOT,
    Scope, Source, SourceError,
};

/// The first line that every friendly transcript begins with.
pub const BANNER: &str =
    "MicroPython v1 on 2026-01-01; toy\r\nType \"help()\" for more information.\r\n";

/// Names per scope.
pub type Names = &'static [(Scope<'static>, &'static [&'static str])];

#[derive(Default)]
pub struct Toy {
    input: Vec<u8>,
    read: usize,
    pub output: Vec<u8>,
    /// What was compiled.
    pub compiled: Vec<(Grammar, String)>,
    /// The changes of the interrupt character.
    pub interrupt: Vec<Option<u8>>,
    pub prompts_begun: usize,
    names: Names,
    program: Option<(Grammar, Vec<u8>)>,
    exception: Option<&'static str>,
    late: bool,
}

impl Toy {
    pub fn new(input: impl AsRef<[u8]>) -> Self {
        Toy { input: input.as_ref().to_vec(), ..Toy::default() }
    }

    /// The same with names to complete.
    pub fn with_names(names: Names, input: impl AsRef<[u8]>) -> Self {
        Toy { names, ..Toy::new(input) }
    }

    /// Runs `prompt` until the console closes, doing what the owner of a prompt does.
    pub fn talk<L: LineBuffer, H: LineBuffer>(&mut self, prompt: &mut Prompt<L, H>) -> Vec<Exit> {
        let mut exits = Vec::new();
        loop {
            let exit = prompt.run(self);
            exits.push(exit);
            if exit == Exit::Closed {
                return exits;
            }
            self.write(SOFT_REBOOT);
        }
    }

    /// What the console has sent, as text in which bytes that are no UTF-8 are escaped.
    pub fn shown(&self) -> String {
        self.output.escape_ascii().to_string()
    }

    /// Bytes that nobody has read.
    pub fn unread(&self) -> &[u8] {
        &self.input[self.read..]
    }

    fn fail(&mut self, exception: &'static str) -> Raised {
        self.exception = Some(exception);
        Raised
    }
}

impl Console for Toy {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Closed> {
        let count = self.unread().len().min(buf.len());
        if count == 0 {
            return Err(Closed);
        }
        buf[..count].copy_from_slice(&self.input[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
    }

    fn set_interrupt_char(&mut self, byte: Option<u8>) {
        self.interrupt.push(byte);
    }
}

impl Engine for Toy {
    fn compile(&mut self, grammar: Grammar, source: &mut dyn Source) -> Result<(), Raised> {
        let mut text = Vec::new();
        loop {
            let mut piece = [0; 7];
            match source.read(self, &mut piece) {
                Ok(0) => break,
                Ok(count) => text.extend_from_slice(&piece[..count]),
                Err(SourceError::Interrupted) => return Err(self.fail("KeyboardInterrupt: ")),
                Err(SourceError::Closed) => return Err(self.fail("OSError: ")),
            }
            if text.ends_with(b"bad\n") {
                return Err(self.fail("SyntaxError: invalid syntax"));
            }
        }
        self.compiled.push((grammar, String::from_utf8_lossy(&text).into_owned()));
        if text.ends_with(b"bad") {
            return Err(self.fail("SyntaxError: invalid syntax"));
        }
        self.program = Some((grammar, text));
        Ok(())
    }

    fn execute(&mut self) -> Outcome {
        assert_eq!(self.interrupt.last(), Some(&Some(3)));
        let (grammar, text) = self.program.take().expect("something was compiled");
        for line in text.split(|byte| b"\r\n".contains(byte)) {
            match line {
                b"raise" => {
                    self.fail("ValueError: toy");
                    return Outcome::Raised;
                }
                b"exit" => return Outcome::Exit,
                b"value" if grammar != Grammar::File => self.write(b"42\r\n"),
                b"late" => self.late = true,
                b"input" => {
                    let mut byte = [0];
                    assert_eq!(self.read(&mut byte), Ok(1));
                    self.write(&byte);
                }
                _ => {
                    if let Some(shown) = line.strip_prefix(b"print ") {
                        self.write(shown);
                        self.write(b"\r\n");
                    }
                }
            }
        }
        Outcome::Done
    }

    fn settle(&mut self) -> Outcome {
        assert_eq!(self.interrupt.last(), Some(&None));
        if core::mem::take(&mut self.late) {
            self.fail("KeyboardInterrupt: ");
            return Outcome::Raised;
        }
        Outcome::Done
    }

    fn print_exception(&mut self) {
        let exception = self.exception.take().expect("an exception is kept");
        self.write(b"Traceback (most recent call last):\r\n");
        self.write(exception.as_bytes());
        self.write(b"\r\n");
    }

    fn begin_prompt(&mut self) {
        self.prompts_begun += 1;
    }

    fn write_banner(&mut self) {
        self.write(b"MicroPython v1 on 2026-01-01; toy");
    }

    fn complete(&mut self, scope: Scope<'_>, each: &mut dyn FnMut(&str)) {
        for (of, names) in self.names {
            if *of == scope {
                names.iter().for_each(|name| each(name));
            }
        }
    }
}

/// A prompt with room for everything.
pub fn prompt() -> Prompt<[u8; 1000], [u8; 200]> {
    Prompt::new([0; 1000], [0; 200])
}

/// Checks all bytes that follow the banner and the first `>>> `.
#[track_caller]
pub fn check(input: impl AsRef<[u8]>, output: impl AsRef<[u8]>) {
    check_toy(Toy::new(input), output);
}

/// The same with names to complete.
#[track_caller]
pub fn check_names(names: Names, input: impl AsRef<[u8]>, output: impl AsRef<[u8]>) {
    check_toy(Toy::with_names(names, input), output);
}

/// The same in raw mode, entered first; `output` is what follows the first `>`.
#[track_caller]
pub fn check_raw(input: impl AsRef<[u8]>, output: impl AsRef<[u8]>) {
    let input = [b"\x01", input.as_ref()].concat();
    let output = [b"\r\nraw REPL; CTRL-B to exit\r\n>", output.as_ref()].concat();
    check_toy(Toy::new(input), output);
}

#[track_caller]
fn check_toy(mut toy: Toy, output: impl AsRef<[u8]>) {
    toy.talk(&mut prompt());
    let wanted = [BANNER.as_bytes(), b">>> ", output.as_ref()].concat();
    assert_eq!(toy.shown(), wanted.escape_ascii().to_string());
    assert_eq!(toy.interrupt.len() % 2, 0);
}
