//! `cargo xtask bench board --board BOARD --a CMD`: start-up, memory, sockets, TLS and FTP of an emulated board.
//!
//! `board-support/boards/mps2/tests/figures.py` measures, on the firmware as it is (B), on one with an echo server in C,
//! and, what both can do, on the other interpreter's (A).

use std::process::Command;

use crate::args::Args;
use crate::packages::Work;
use crate::{firmware, process};

/// Prints the tables; green when everything could be measured.
///
/// # Errors
/// A side is missing, there is no board, or a build failed.
pub fn main(mut args: Args) -> Result<bool, String> {
    let (board, a, b) = super::sides(&mut args, &[Work::Tests])?;
    args.finish()?;
    let board = board.ok_or("--board names the emulated board")?;
    let bench = firmware::build_bench(&board)?;
    let script = process::root().join("board-support/boards/mps2/tests/figures.py");
    let mut command = Command::new("python3");
    command.arg(script).arg(&board).arg(b.image()).arg(bench).arg(a.image());
    process::run(&mut command).map(|()| true)
}
