//! The names of the reference documents: `cargo xtask names`.
//!
//! `tests/reference/names.txt` lists what the documents name, `absent.txt` what we have not, with the reason, and
//! `check.py` compares both with what is there. It runs on the simulated board with an SD card and an access point in
//! the air; the lists are put on its flash first.

use std::path::Path;
use std::time::Duration;

use crate::args::Args;
use crate::tally::Tally;
use crate::{docs, process};

/// How long the program may run.
const LIMIT: Duration = Duration::from_secs(60);
/// All that it prints when the lists are true: one of its checks is of `sys.print_exception`.
const WANTED: &str = "KeyError: 'to sys.stdout'\nchecked True\n";

/// The command of its own.
///
/// # Errors
/// A build failed or an argument is unknown.
pub fn main(mut args: Args) -> Result<bool, String> {
    let simulator = match args.option("--interpreter")? {
        Some(file) => std::fs::canonicalize(&file).map_err(|e| format!("{file}: {e}"))?,
        None => process::build_simulator()?,
    };
    args.finish()?;
    let mut tally = Tally::default();
    tally.check("tests/reference/names.txt", check(&simulator));
    Ok(tally.finish())
}

/// Runs the check.
///
/// # Errors
/// What is missing, or in the table and there; or the program did not run.
pub fn check(simulator: &Path) -> Result<(), String> {
    let folder = process::root().join("tests/reference");
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))
    };
    let args = ["--sd", "card.img", "--air", "somewhere"].map(str::to_owned);
    let mut console = docs::boot(simulator, &args)?;
    for name in ["names.txt", "absent.txt"] {
        let write = format!("with open({name:?}, 'w') as f:\n    f.write({:?})\n", read(name)?);
        let execution = console.execute(write.as_bytes(), LIMIT)?;
        if !execution.error.is_empty() {
            return Err(execution.text());
        }
    }
    let printed = console.execute(read("check.py")?.as_bytes(), LIMIT)?.text();
    if printed == WANTED { Ok(()) } else { Err(printed) }
}
