//! `cargo xtask bench KIND`: two interpreters measured by the same script in one session.
//!
//! Every kind prints a Markdown table below the command that made it, ready to be committed. A is
//! the one to compare with, given by `--a`; B is ours unless `--b` says otherwise. With `--board`
//! both are firmware images.

mod board;
mod compile_heap;
mod heap;
mod lines;
mod memory;
mod perf;
mod side;
mod threads;

use crate::args::Args;
use crate::packages::{self, Work};
use side::Side;

/// Runs the benchmark that the first word names.
///
/// # Errors
/// An argument is missing or unknown, or a side does not build.
pub fn main(mut args: Args) -> Result<bool, String> {
    let kind = args.positional();
    match kind.as_deref() {
        Some("perf") => perf::main(args),
        Some("memory") => memory::main(args),
        Some("heap") => heap::main(args),
        Some("threads") => threads::main(args),
        Some("board") => board::main(args),
        Some("compile-heap") => compile_heap::main(args),
        _ => {
            Err("usage: cargo xtask bench perf|memory|heap|threads|board|compile-heap ..."
                .to_owned())
        }
    }
}

/// Takes `--board`, `--a`, `--b` and `--yes`, installs what is missing, and prints the command.
fn sides(args: &mut Args, extra: &[Work]) -> Result<(Option<String>, Side, Side), String> {
    let yes = args.flag("--yes");
    let board = args.option("--board")?;
    let (a, b) = (args.option("--a")?, args.option("--b")?);
    let a = a.ok_or("--a names the interpreter to compare with")?;
    let mut works = vec![if board.is_none() { Work::Simulator } else { Work::Boards }];
    works.extend(extra);
    packages::ensure(&works, yes)?;
    let board_name = board.as_deref();
    let b = b.map_or_else(|| Side::ours(board_name), |b| Ok(Side::new(&b, board_name)))?;
    let line = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    println!("`cargo xtask {line}`\n");
    Ok((board.clone(), Side::new(&a, board_name), b))
}
