//! One of two interpreters that are compared: a command on the host, or a firmware image.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::console::Console;
use crate::{firmware, process, qemu};

/// How long one program may take.
const LIMIT: Duration = Duration::from_secs(600);
/// How long a board may take to its prompt.
const BOOT_LIMIT: Duration = Duration::from_secs(30);

/// An interpreter under measurement.
pub struct Side {
    /// The command's words, or the image alone.
    words: Vec<String>,
    board: Option<String>,
}

impl Side {
    /// A side from a command line, or with `board` from the path of an image.
    pub fn new(line: &str, board: Option<&str>) -> Self {
        let words = line.split_whitespace().map(str::to_owned).collect();
        Self { words, board: board.map(str::to_owned) }
    }

    /// Our own interpreter, freshly built.
    ///
    /// # Errors
    /// The build failed.
    pub fn ours(board: Option<&str>) -> Result<Self, String> {
        let path = match board {
            None => process::build_simulator()?,
            Some(board) => firmware::build(qemu::known(board)?)?,
        };
        Ok(Self { words: vec![path.display().to_string()], board: board.map(str::to_owned) })
    }

    /// The path of an image, or the command's first word.
    pub fn image(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Runs a program and returns all it printed.
    ///
    /// On the host it is given on standard input, with `options` before; `wrapper` are the words of a
    /// tool that runs the interpreter. On a board it goes through the raw prompt of a fresh QEMU in
    /// which every instruction takes one virtual nanosecond.
    ///
    /// # Errors
    /// It did not start, failed or took too long; the text is the last line it printed.
    pub fn run(
        &self,
        wrapper: &[&str],
        options: &[String],
        program: &str,
    ) -> Result<String, String> {
        match &self.board {
            Some(board) => self.emulate(board, program),
            None => self.host(wrapper, options, program),
        }
    }

    fn host(&self, wrapper: &[&str], options: &[String], program: &str) -> Result<String, String> {
        let mut words = wrapper.iter().copied().chain(self.words.iter().map(String::as_str));
        let mut command = Command::new(words.next().ok_or("no command")?);
        command.args(words).args(options);
        let outcome = process::capture(&mut command, program.as_bytes(), Some(LIMIT), false)?;
        if outcome.success() { Ok(outcome.text()) } else { Err(last_line(&outcome.text())) }
    }

    fn emulate(&self, board: &str, program: &str) -> Result<String, String> {
        let image = self.words.first().ok_or("no firmware")?;
        let mut command = qemu::command(board, Path::new(image), "stdio");
        command.args(["-icount", "shift=0"]);
        let mut console = Console::start(&mut command)?;
        console.until(b">>> ", BOOT_LIMIT)?;
        console.enter_raw(BOOT_LIMIT)?;
        let execution = console.execute(program.as_bytes(), LIMIT)?;
        if execution.error.is_empty() {
            Ok(execution.text())
        } else {
            Err(last_line(&execution.text()))
        }
    }
}

/// The last line of an output, which says most about a failure.
pub fn last_line(output: &str) -> String {
    output.trim_end().lines().last().unwrap_or("no output").to_owned()
}
