//! `cargo xtask run`: the simulated board at its prompt, or an emulated one under QEMU.

use std::io::IsTerminal;
use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::args::Args;
use crate::packages::{self, Work};
use crate::{firmware, process, qemu};

/// Builds what is to run and becomes it.
///
/// # Errors
/// Something is missing, the build failed, or the program could not be started. Success does not
/// return: the process is replaced, so that signals, terminal and exit code are the program's.
pub fn main(mut args: Args) -> Result<bool, String> {
    let yes = args.flag("--yes");
    let board = args.option("--board")?;
    args.finish()?;

    let mut command = match board {
        None => {
            packages::ensure(&[Work::Simulator], yes)?;
            let mut command = Command::new(process::build_simulator()?);
            command.arg("--board");
            command
        }
        Some(board) => {
            let board = qemu::known(&board)?;
            packages::ensure(&[Work::Boards], yes)?;
            let firmware = firmware::build(board)?;
            if std::io::stdin().is_terminal() {
                // The escape character is Ctrl-], as telnet's, because Ctrl-A is Python's raw mode.
                eprintln!("Ctrl-] x ends the emulator");
                let mut command = qemu::command(board, &firmware, "mon:stdio");
                command.args(["-echr", "0x1d"]);
                command
            } else {
                qemu::command(board, &firmware, "stdio")
            }
        }
    };
    let error = command.exec();
    Err(format!("cannot start {}: {error}", process::show(&command)))
}
