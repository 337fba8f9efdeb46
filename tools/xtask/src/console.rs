//! A conversation with an interpreter over its console: the simulated board's, or an emulated one's.
//!
//! Every wait is for bytes, up to a limit; nothing here sleeps. What has arrived and was not asked
//! for yet stays pending, so that a conversation can be checked byte for byte.
//!
//! The raw modes are those of MicroPython's reference manual, "The MicroPython interactive
//! interpreter mode": Ctrl-A enters raw mode, `Ctrl-E A Ctrl-A` starts a raw paste, whose window
//! keeps a slow receiver from losing input.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A running interpreter and both directions of its console. Dropping it ends the process.
pub struct Console {
    child: Child,
    input: ChildStdin,
    arriving: Receiver<Vec<u8>>,
    pending: Vec<u8>,
}

/// What a program printed in raw mode.
pub struct Execution {
    /// Its output, line ends as they came.
    pub output: Vec<u8>,
    /// The traceback, empty when it ended normally.
    pub error: Vec<u8>,
}

impl Execution {
    /// Output and traceback as text with plain line ends.
    pub fn text(&self) -> String {
        let bytes = [self.output.as_slice(), self.error.as_slice()].concat();
        String::from_utf8_lossy(&bytes).replace("\r\n", "\n")
    }
}

impl Console {
    /// Starts `command`, whose standard input and output are the console.
    ///
    /// # Errors
    /// It could not be started.
    pub fn start(command: &mut Command) -> Result<Self, String> {
        let shown = crate::process::show(command);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|e| format!("cannot start {shown}: {e}"))?;
        let (Some(input), Some(mut output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("{shown}: no pipes"));
        };
        let (sender, arriving) = channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(n @ 1..) = output.read(&mut chunk) {
                if sender.send(chunk[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, input, arriving, pending: Vec::new() })
    }

    /// Types `bytes`.
    ///
    /// # Errors
    /// The process has ended.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let sent = self.input.write_all(bytes).and_then(|()| self.input.flush());
        sent.map_err(|e| format!("the console is closed: {e}"))
    }

    /// Takes everything up to and including the first `mark`.
    ///
    /// # Errors
    /// The mark did not come within `limit`, or the process ended; the text shows what came.
    pub fn until(&mut self, mark: &[u8], limit: Duration) -> Result<Vec<u8>, String> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(at) = find(&self.pending, mark) {
                return Ok(self.pending.drain(..at + mark.len()).collect());
            }
            self.more(deadline).map_err(|why| {
                let came = self.pending.escape_ascii();
                format!("{why} while waiting for \"{}\"; came: \"{came}\"", mark.escape_ascii())
            })?;
        }
    }

    /// Takes exactly `n` bytes.
    ///
    /// # Errors
    /// As [`Console::until`].
    pub fn take(&mut self, n: usize, limit: Duration) -> Result<Vec<u8>, String> {
        let deadline = Instant::now() + limit;
        while self.pending.len() < n {
            self.more(deadline)
                .map_err(|why| format!("{why}; came: \"{}\"", self.pending.escape_ascii()))?;
        }
        Ok(self.pending.drain(..n).collect())
    }

    /// Waits for the process to close its console, and returns its exit code.
    ///
    /// # Errors
    /// It did not end within `limit`, or was ended by a signal.
    pub fn end(&mut self, limit: Duration) -> Result<i32, String> {
        let deadline = Instant::now() + limit;
        while self.more(deadline).is_ok() {}
        if Instant::now() >= deadline {
            return Err("it did not end".to_owned());
        }
        let status = self.child.wait().map_err(|e| e.to_string())?;
        status.code().ok_or_else(|| format!("it was ended ({status})"))
    }

    /// From a friendly prompt, or whatever runs, into raw mode.
    ///
    /// # Errors
    /// No raw prompt within `limit`.
    pub fn enter_raw(&mut self, limit: Duration) -> Result<(), String> {
        self.send(b"\r\x03\x01")?;
        self.until(b"raw REPL; CTRL-B to exit\r\n>", limit).map(drop)
    }

    /// Runs `source` from the raw prompt, by raw paste where the interpreter knows it.
    ///
    /// # Errors
    /// The protocol was not kept, or the program passed `limit`.
    pub fn execute(&mut self, source: &[u8], limit: Duration) -> Result<Execution, String> {
        self.send(b"\x05A\x01")?;
        match self.take(2, limit)?.as_slice() {
            b"R\x01" => self.paste(source, limit)?,
            b"R\x00" => self.type_raw(source, limit)?,
            _ => {
                // An interpreter that does not know the request treats it as an empty program.
                self.until(b">", limit)?;
                self.type_raw(source, limit)?;
            }
        }
        let mut output = self.until(b"\x04", limit)?;
        let mut error = self.until(b"\x04", limit)?;
        self.until(b">", limit)?;
        output.pop();
        error.pop();
        Ok(Execution { output, error })
    }

    /// Sends `source` in raw mode, without flow control.
    fn type_raw(&mut self, source: &[u8], limit: Duration) -> Result<(), String> {
        self.send(source)?;
        self.send(b"\x04")?;
        self.until(b"OK", limit).map(drop)
    }

    /// Sends `source` in raw-paste mode: never more than the windows granted so far.
    fn paste(&mut self, source: &[u8], limit: Duration) -> Result<(), String> {
        let window = self.take(2, limit)?;
        let window = usize::from(window[0]) | usize::from(window[1]) << 8;
        let mut room = window;
        let mut rest = source;
        while !rest.is_empty() {
            while room == 0 || !self.pending.is_empty() {
                match self.take(1, limit)?[0] {
                    0x01 => room += window,
                    // The receiver ends early, having found an error; it wants the same from us.
                    0x04 => return self.send(b"\x04"),
                    other => return Err(format!("raw paste: unexpected byte {other:#04x}")),
                }
            }
            let n = room.min(rest.len());
            self.send(&rest[..n])?;
            rest = &rest[n..];
            room -= n;
        }
        self.send(b"\x04")?;
        // Grants may still be on their way; the acknowledgement ends them.
        self.until(b"\x04", limit).map(drop)
    }

    /// Waits for some bytes.
    fn more(&mut self, deadline: Instant) -> Result<(), String> {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.arriving.recv_timeout(left) {
            Ok(bytes) => {
                self.pending.extend(bytes);
                Ok(())
            }
            Err(RecvTimeoutError::Timeout) => Err("nothing more came".to_owned()),
            Err(RecvTimeoutError::Disconnected) => Err("the console was closed".to_owned()),
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn fake(script: &str) -> Console {
        let mut command = Command::new("sh");
        Console::start(command.args(["-c", script])).expect("sh starts")
    }

    #[test]
    fn what_was_not_asked_for_stays_pending() {
        let mut console = fake("printf 'one two three'");
        assert_eq!(console.until(b"one ", LIMIT), Ok(b"one ".to_vec()));
        assert_eq!(console.take(3, LIMIT), Ok(b"two".to_vec()));
        assert_eq!(console.until(b"ee", LIMIT), Ok(b" three".to_vec()));
        assert!(console.until(b"four", LIMIT).is_err());
        assert_eq!(console.end(LIMIT), Ok(0));
    }

    #[test]
    fn raw_paste_keeps_to_the_window_and_splits_output_from_errors() {
        // A window of two; two more are granted after the first two bytes, then the end comes.
        let mut console = fake(
            "r() { dd bs=1 count=$1 status=none of=/dev/null; }; \
             r 3; printf 'R\\001\\002\\000'; r 2; printf '\\001'; \
             r 2; printf '\\004out\\r\\n\\004err\\004>'",
        );
        let execution = console.execute(b"abc", LIMIT).expect("the protocol is kept");
        assert_eq!(
            (execution.output.as_slice(), execution.error.as_slice()),
            (&b"out\r\n"[..], &b"err"[..])
        );
        assert_eq!(execution.text(), "out\nerr");
    }

    #[test]
    fn an_interpreter_without_raw_paste_gets_the_program_typed() {
        let mut console = fake(
            "r() { dd bs=1 count=$1 status=none of=/dev/null; }; \
             r 3; printf 'R\\000'; r 4; printf 'OKout\\004\\004>'",
        );
        let execution = console.execute(b"abc", LIMIT).expect("the protocol is kept");
        assert_eq!(execution.text(), "out");
    }
}
