//! Starting other programs, and where things are in this repository.
//!
//! A program that is judged runs under a limit and is killed when it passes it; a builder runs as
//! long as it likes, because only its caller knows how slow the machine is.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// The root folder of the repository.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.ancestors().nth(2).map_or(package.clone(), Path::to_path_buf)
}

/// Cargo's target folder: `CARGO_TARGET_DIR`, or `target` in the repository.
pub fn target_dir() -> PathBuf {
    let dir = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    root().join(dir)
}

/// The cargo that runs us, so that a nested build uses the same toolchain; works in [`root`].
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// A command line as a person would type it; for messages and tables.
pub fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quoted = words.map(|word| {
        let word = word.to_string_lossy();
        if word.contains([' ', '"', '*']) { format!("'{word}'") } else { word.into_owned() }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// Runs `command` with our own input and output.
///
/// # Errors
/// It could not be started, or did not succeed; the text names the command.
pub fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|e| format!("cannot start {}: {e}", show(command)))?;
    if status.success() { Ok(()) } else { Err(format!("{} failed ({status})", show(command))) }
}

/// What a program printed, and how it ended.
pub struct Outcome {
    /// Standard output and standard error in the order in which they were written.
    pub output: Vec<u8>,
    /// How it ended; `None` when it was killed for passing its limit.
    pub status: Option<ExitStatus>,
}

impl Outcome {
    /// The output as text; broken UTF-8 becomes replacement characters.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).into_owned()
    }

    /// True for exit code 0.
    pub fn success(&self) -> bool {
        self.status.is_some_and(|status| status.success())
    }
}

/// Runs `command` with `input` on its standard input and gathers what it prints.
///
/// `echo` also passes the output on to ours as it comes. `limit` counts from the start.
///
/// # Errors
/// It could not be started. Failing and passing the limit are outcomes, not errors.
pub fn capture(
    command: &mut Command,
    input: &[u8],
    limit: Option<Duration>,
    echo: bool,
) -> Result<Outcome, String> {
    let started = Instant::now();
    let shown = show(command);
    let failed = |e: std::io::Error| format!("cannot start {shown}: {e}");
    let (mut reader, writer) = std::io::pipe().map_err(failed)?;
    command.stdin(Stdio::piped());
    command.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
    let mut child = command.spawn().map_err(failed)?;
    // The command keeps our ends of the pipe until it is told otherwise: without this the reader
    // would never see the end.
    command.stdout(Stdio::null()).stderr(Stdio::null());

    if let Some(mut stdin) = child.stdin.take() {
        let input = input.to_vec();
        // A program that ends without reading its input is its own affair.
        std::thread::spawn(move || stdin.write_all(&input).ok());
    }
    let (sender, chunks) = channel();
    std::thread::spawn(move || {
        let mut chunk = [0; 4096];
        while let Ok(n @ 1..) = reader.read(&mut chunk) {
            if sender.send(chunk[..n].to_vec()).is_err() {
                break;
            }
        }
    });

    let mut output = Vec::new();
    loop {
        let chunk = match limit {
            None => chunks.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(limit) => chunks.recv_timeout(limit.saturating_sub(started.elapsed())),
        };
        match chunk {
            Ok(chunk) => {
                if echo {
                    std::io::stdout().write_all(&chunk).ok();
                }
                output.extend(chunk);
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = child.wait().map_err(|e| format!("{shown}: {e}"))?;
                return Ok(Outcome { output, status: Some(status) });
            }
            Err(RecvTimeoutError::Timeout) => {
                child.kill().ok();
                child.wait().ok();
                return Ok(Outcome { output, status: None });
            }
        }
    }
}

/// The standard output of a program that must succeed, trimmed.
///
/// # Errors
/// It could not be started, or failed.
pub fn stdout_of(command: &mut Command) -> Result<String, String> {
    let out = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|e| format!("cannot start {}: {e}", show(command)))?;
    if !out.status.success() {
        return Err(format!("{} failed ({})", show(command), out.status));
    }
    Ok(String::from_utf8_lossy(&out.stdout).trim().to_owned())
}

/// Builds `target/release/threadsnake`, the simulator, and returns its path.
///
/// # Errors
/// The build failed.
pub fn build_simulator() -> Result<PathBuf, String> {
    run(cargo().args(["build", "--release", "--package", "threadsnake"]))?;
    Ok(target_dir().join("release/threadsnake"))
}

/// Builds `target/debug/threadsnake-cross`, the cross-compiler, and returns its path.
///
/// # Errors
/// The build failed.
pub fn build_cross() -> Result<PathBuf, String> {
    run(cargo().args(["build", "--quiet", "--package", "threadsnake-cross"]))?;
    Ok(target_dir().join("debug/threadsnake-cross"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn output_and_errors_come_in_order_with_the_exit_code() {
        let out = capture(&mut sh("cat; echo b >&2; echo c; exit 3"), b"a\n", None, false);
        let out = out.expect("sh runs");
        assert_eq!(out.text(), "a\nb\nc\n");
        assert_eq!(out.status.and_then(|s| s.code()), Some(3));
        assert!(!out.success());
    }

    #[test]
    fn a_program_that_passes_its_limit_is_killed() {
        let mut endless = Command::new("tail");
        endless.args(["-f", "/dev/null"]);
        let out = capture(&mut endless, b"", Some(Duration::from_millis(20)), false);
        assert!(out.expect("tail runs").status.is_none());
    }
}
