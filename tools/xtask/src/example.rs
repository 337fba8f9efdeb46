//! Programs of `examples/c-firmware`, built by CMake alone for this machine or an emulated board.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::{process, qemu};

/// Builds the example with more options of CMake's in a folder of its own, named `kind`; returns that folder.
///
/// # Errors
/// CMake or the build failed; the text has what they said.
pub fn build(board: Option<&str>, kind: &str, options: &[String]) -> Result<PathBuf, String> {
    let example = process::root().join("examples/c-firmware");
    let name = board.unwrap_or("host");
    let dir = process::target_dir().join(kind).join(name);
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(&example).arg("-B").arg(&dir).args(options);
    configure.arg(format!("-DBOARD={name}"));
    if let Some(short) = board.and_then(|board| board.strip_prefix("mps2-")) {
        let toolchain = example.join(format!("boards/{short}-toolchain.cmake"));
        configure.arg(format!("-DCMAKE_TOOLCHAIN_FILE={}", toolchain.display()));
        if short == "an500" {
            configure.arg("-DTHREADSNAKE_RUSTFLAGS=-Ctarget-cpu=cortex-m7;--cfg=threadsnake_fp64");
        }
    }
    for command in [&mut configure, Command::new("cmake").arg("--build").arg(&dir).arg("-j2")] {
        let outcome = process::capture(command, b"", None, false)?;
        if !outcome.success() {
            return Err(format!("{} failed:\n{}", process::show(command), outcome.text()));
        }
    }
    Ok(dir)
}

/// Runs a program and returns all it printed; on a board every instruction takes one virtual nanosecond.
///
/// # Errors
/// It did not start.
pub fn run(elf: &Path, board: Option<&str>, limit: Duration) -> Result<String, String> {
    let mut command = match board {
        None => Command::new(elf),
        Some(board) => {
            let mut command = qemu::command(board, elf, "stdio");
            command.args(["-icount", "shift=0,sleep=off"]);
            command
        }
    };
    Ok(process::capture(&mut command, b"", Some(limit), false)?.text())
}
