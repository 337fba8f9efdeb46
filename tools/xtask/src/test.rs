//! `cargo xtask test`: everything that must be green, counted.
//!
//! The order is from cheap to dear. A step that cannot even begin (a build failed, a package is
//! missing) counts as one failure; the steps that do not depend on it still run. The last line is
//! `N passed, N failed`, alone.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::console::Console;
use crate::packages::{self, Work};
use crate::tally::Tally;
use crate::transcript::Transcript;
use crate::{cargo_count, firmware, language, process, qemu, tidy, upstream};

/// Runs all tests. `--host` leaves out the emulated boards, for a quick look.
///
/// # Errors
/// Only for an unknown argument; whatever else goes wrong is a failed test.
pub fn main(mut args: Args) -> Result<bool, String> {
    let yes = args.flag("--yes");
    let host_only = args.flag("--host");
    args.finish()?;
    let started = Instant::now();
    let mut tally = Tally::default();

    let mut works = vec![Work::Simulator, Work::Example];
    if !host_only {
        works.push(Work::Boards);
    }
    if let Err(why) = packages::ensure(&works, yes) {
        tally.check("packages", Err(why));
    }

    tally.check("tidy", tidy::check());
    tally.check("cargo fmt", process::run(process::cargo().args(["fmt", "--all", "--check"])));
    let mut clippy = process::cargo();
    clippy.args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    tally.check("cargo clippy", process::run(&mut clippy));
    cargo_tests(&mut tally);

    match process::build_simulator() {
        Err(why) => tally.check("the simulator builds", Err(why)),
        Ok(simulator) => {
            tally.check("the simulator builds", Ok(()));
            language::on_simulator(&simulator, &mut tally);
            let mut board = Command::new(&simulator);
            transcripts("simulator", board.arg("--board"), &mut tally);
        }
    }
    if host_only {
        println!("skipped: emulated boards (--host)");
    } else {
        for board in qemu::BOARDS {
            on_board(board, &mut tally);
        }
    }
    examples(host_only, &mut tally);
    upstream_suite(&mut tally);

    println!("took {} s", started.elapsed().as_secs());
    Ok(tally.finish())
}

/// The workspace's own tests, counted from what cargo prints.
fn cargo_tests(tally: &mut Tally) {
    let mut command = process::cargo();
    command.args(["test", "--workspace", "--no-fail-fast"]);
    match process::capture(&mut command, b"", None, true) {
        Err(why) => tally.check("cargo test", Err(why)),
        Ok(outcome) => {
            let (passed, failed) = cargo_count::count(&outcome.text());
            // A failure to compile fails no test, and yet is one.
            let failed = if outcome.success() { failed } else { failed.max(1) };
            tally.add("cargo test", passed, failed);
        }
    }
}

/// The firmware of `board`, then the language tests and transcripts on it.
fn on_board(board: &str, tally: &mut Tally) {
    let firmware = match firmware::build(board) {
        Ok(firmware) => firmware,
        Err(why) => return tally.check(&format!("firmware for {board}"), Err(why)),
    };
    tally.check(&format!("firmware for {board}"), Ok(()));
    transcripts(board, &mut qemu::command(board, &firmware, "stdio"), tally);
    language::on_board(board, &firmware, tally);
}

/// All transcripts that concern `place`, each in a process of its own.
fn transcripts(place: &str, command: &mut Command, tally: &mut Tally) {
    let kind = if place == "simulator" { "simulator" } else { "boards" };
    for path in language::files(&process::root().join("tests/repl"), "transcript") {
        let name = format!("{} on {place}", path.file_name().unwrap_or_default().display());
        let mut play = || {
            let text = std::fs::read_to_string(&path).map_err(|e| e.to_string())?;
            let transcript = Transcript::parse(&text)?;
            if transcript.only.as_deref().is_some_and(|only| only != kind) {
                return Ok(false);
            }
            transcript.play(&mut Console::start(command)?)?;
            Ok(true)
        };
        match play() {
            Ok(false) => {}
            result => tally.check(&name, result.map(drop)),
        }
    }
}

/// The C firmware example: CMake alone builds it, for the host and for a Cortex-M3.
///
/// It takes part through `examples/c-firmware/test.sh`, which is given a build folder and `host` or
/// `mps2-an385`, builds there, runs the result and fails unless it behaves.
fn examples(host_only: bool, tally: &mut Tally) {
    let script = process::root().join("examples/c-firmware/test.sh");
    if !script.exists() {
        println!("skipped: examples/c-firmware (not there)");
        return;
    }
    let boards: &[&str] = if host_only { &["host"] } else { &["host", "mps2-an385"] };
    for board in boards {
        let build = process::target_dir().join("example").join(board);
        let run = || run_example(&script, &build, board);
        tally.check(&format!("examples/c-firmware for {board}"), run());
    }
}

fn run_example(script: &Path, build: &Path, board: &str) -> Result<(), String> {
    std::fs::create_dir_all(build).map_err(|e| format!("{}: {e}", build.display()))?;
    let mut command = Command::new(script);
    command.arg(build).arg(board);
    let outcome = process::capture(&mut command, b"", Some(Duration::from_secs(900)), true)?;
    if outcome.success() { Ok(()) } else { Err("it failed; see above".to_owned()) }
}

/// Upstream's suites, when `THREADSNAKE_UPSTREAM` names a checkout.
fn upstream_suite(tally: &mut Tally) {
    match std::env::var("THREADSNAKE_UPSTREAM") {
        Err(_) => println!("skipped: upstream's suites (THREADSNAKE_UPSTREAM names no checkout)"),
        Ok(checkout) => {
            let result = upstream::main(Args::new([checkout])).and_then(|green| {
                if green { Ok(()) } else { Err("the table of differences is stale".to_owned()) }
            });
            tally.check("upstream's suites", result);
        }
    }
}
