//! Frozen modules: making the source of an image from a manifest, and the test that images have of it.
//!
//! `tests/frozen` holds a manifest, the modules that it freezes, and a program that uses them, beside what it prints. It
//! runs on the simulator and on an emulated board, each built with that manifest.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::args::Args;
use crate::console::Console;
use crate::tally::Tally;
use crate::{firmware, process, qemu};

/// How long the board may take to its prompt, and the program to its end.
const LIMIT: Duration = Duration::from_secs(60);

/// Takes `--frozen MANIFEST` and `--names FILE`; the source of the image that they ask for, if they do.
///
/// # Errors
/// The manifest or what it names is wrong.
pub fn from_args(args: &mut Args) -> Result<Option<PathBuf>, String> {
    let (manifest, names) = (args.option("--frozen")?, args.option("--names")?);
    if manifest.is_none() && names.is_none() {
        return Ok(None);
    }
    freeze(manifest.as_deref().map(Path::new), names.as_deref().map(Path::new), "frozen").map(Some)
}

/// Makes `target/frozen/NAME.rs` of a manifest and a list of names.
///
/// # Errors
/// The manifest or what it names is wrong.
pub fn freeze(
    manifest: Option<&Path>,
    names: Option<&Path>,
    name: &str,
) -> Result<PathBuf, String> {
    let folder = process::target_dir().join("frozen");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let file = folder.join(name).with_extension("rs");
    let mut command = process::cargo();
    command.args([
        "run",
        "--quiet",
        "--package",
        "threadsnake-cross",
        "--bin",
        "threadsnake-freeze",
    ]);
    command.arg("--").arg("-o").arg(&file);
    // The command works in the root folder; what was named is relative to ours.
    for (option, path) in [("--names", names), ("", manifest)] {
        let Some(path) = path else { continue };
        let path = path.canonicalize().map_err(|e| format!("{}: {e}", path.display()))?;
        command.args(Some(option).filter(|option| !option.is_empty())).arg(path);
    }
    process::run(&mut command)?;
    Ok(file)
}

/// The command of its own.
///
/// # Errors
/// An argument is unknown.
pub fn main(mut args: Args) -> Result<bool, String> {
    let host_only = args.flag("--host");
    args.finish()?;
    let mut tally = Tally::default();
    test(host_only, &mut tally);
    Ok(tally.finish())
}

/// Runs `tests/frozen` on the simulator and, unless told otherwise, on a board.
pub fn test(host_only: bool, tally: &mut Tally) {
    let folder = process::root().join("tests/frozen");
    let image = match freeze(Some(&folder.join("manifest.py")), None, "test") {
        Ok(image) => image,
        Err(why) => return tally.check("tests/frozen", Err(why)),
    };
    tally.check("tests/frozen on the simulator", on_simulator(&folder, &image));
    if !host_only {
        tally.check("tests/frozen on mps2-an385", on_board(&folder, &image, "mps2-an385"));
    }
}

fn on_simulator(folder: &Path, image: &Path) -> Result<(), String> {
    let mut build = process::cargo();
    build.args(["build", "--quiet", "--package", "threadsnake"]).env("THREADSNAKE_FROZEN", image);
    process::run(&mut build)?;
    // In place of an ordinary one, which the next build puts there again.
    let mut command = Command::new(process::target_dir().join("debug/threadsnake"));
    command.arg("check.py").current_dir(folder);
    compare(folder, &process::capture(&mut command, b"", Some(LIMIT), false)?.text())
}

fn on_board(folder: &Path, image: &Path, board: &str) -> Result<(), String> {
    let elf = firmware::build_frozen(board, image)?;
    let mut console = Console::start(&mut qemu::command(board, &elf, "stdio"))?;
    console.until(b">>> ", LIMIT)?;
    console.enter_raw(LIMIT)?;
    let program = folder.join("check.py");
    let source = std::fs::read(&program).map_err(|e| format!("{}: {e}", program.display()))?;
    compare(folder, &console.execute(&source, LIMIT)?.text())
}

fn compare(folder: &Path, output: &str) -> Result<(), String> {
    let file = folder.join("check.exp");
    let expected =
        std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let differs = output.lines().zip(expected.lines()).find(|(came, wanted)| came != wanted);
    match differs {
        Some((came, wanted)) => Err(format!("wanted:\n  {wanted}\ncame:\n  {came}")),
        None if output == expected => Ok(()),
        None => Err(format!("wanted:\n{expected}\ncame:\n{output}")),
    }
}
