//! `cargo xtask soak [--lives N] [--board BOARD]`: the tests of the C API with many more lives of a VM.
//!
//! A VM is started and killed so often, and a tenth as often with threads, locks and queues; afterwards the kernel must
//! have every byte and every task that it had before. The test command does the same 2000 times.

use std::time::{Duration, Instant};

use crate::args::Args;
use crate::packages::{self, Work};
use crate::{cargo_count, example, qemu};

/// How long that may take.
const LIMIT: Duration = Duration::from_secs(3600);

/// Prints what the tests print; true when none failed.
///
/// # Errors
/// The tests are not built, or do not come to their end.
pub fn main(mut args: Args) -> Result<bool, String> {
    let yes = args.flag("--yes");
    let board = args.option("--board")?;
    let lives = args.number("--lives")?.unwrap_or(10_000);
    args.finish()?;
    let board = board.as_deref().map(qemu::known).transpose()?;
    packages::ensure(
        &[Work::Simulator, Work::Tests, Work::Boards][..2 + usize::from(board.is_some())],
        yes,
    )?;
    let options = ["-DTESTS=ON".to_owned(), format!("-DLIVES={lives}")];
    let elf = example::build(board, "soak", &options)?.join("tests/capi_tests");
    let started = Instant::now();
    let text = example::run(&elf, board, LIMIT)?;
    print!("{text}");
    let last = text.trim_end().lines().last().unwrap_or_default();
    let (_, failed) = cargo_count::summary(last).ok_or("the tests did not come to their end")?;
    println!("{lives} lives, {} s", started.elapsed().as_secs());
    Ok(failed == 0)
}
