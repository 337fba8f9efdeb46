//! The emulated boards: their names and how QEMU is called for each.

use std::path::Path;
use std::process::Command;

/// The boards that firmware exists for, by the names of QEMU's machines.
pub const BOARDS: [&str; 2] = ["mps2-an385", "mps2-an500"];

/// Checks a board's name.
///
/// # Errors
/// There is no such board; the text lists those there are.
pub fn known(board: &str) -> Result<&str, String> {
    if BOARDS.contains(&board) {
        return Ok(board);
    }
    Err(format!("unknown board {board:?}; there are: {}", BOARDS.join(", ")))
}

/// QEMU running `firmware` on `board`, its console on `serial` (`stdio`, `mon:stdio`, `pty`).
pub fn command(board: &str, firmware: &Path, serial: &str) -> Command {
    let mut command = Command::new("qemu-system-arm");
    command.args(["-M", board, "-nographic", "-semihosting"]);
    if !serial.starts_with("mon:") {
        command.args(["-monitor", "none"]);
    }
    command.args(["-serial", serial, "-kernel"]).arg(firmware);
    command
}
