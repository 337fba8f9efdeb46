//! `cargo xtask test`: everything that must be green, counted.
//!
//! The order is from cheap to dear. A step that cannot even begin (a build failed, a package is
//! missing) counts as one failure; the steps that do not depend on it still run. The last line is
//! `N passed, N failed`, alone.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::args::Args;
use crate::packages::{self, Work};
use crate::tally::Tally;
use crate::{
    cargo_count, docs, firmware, frozen, fuzz, language, names, process, qemu, sanitize, tidy,
    transcript, upstream,
};

/// The package of the static library.
const C_LIBRARY: &str = "threadsnake-capi";

/// How long a test script may take, builds of its own included.
const SCRIPT_LIMIT: Duration = Duration::from_secs(900);

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

    let mut works = vec![Work::Simulator, Work::Tests, Work::Fuzzing];
    if !host_only {
        works.push(Work::Boards);
    }
    if let Err(why) = packages::ensure(&works, yes) {
        tally.check("packages", Err(why));
    }

    tally.check("tidy", tidy::check());
    let manifests = [
        "Cargo.toml",
        "board-support/boards/bootmgr/Cargo.toml",
        "board-support/boards/mps2/Cargo.toml",
        "tools/fuzz/Cargo.toml",
    ];
    for manifest in manifests.into_iter().filter(|file| process::root().join(file).exists()) {
        let mut fmt = process::cargo();
        fmt.args(["fmt", "--all", "--check", "--manifest-path", manifest]);
        tally.check(&format!("cargo fmt of {manifest}"), process::run(&mut fmt));
    }
    // The library for C has no `std`, which the host's tools make the VM use when they are built together.
    for rooms in [&["--workspace", "--exclude", C_LIBRARY][..], &["--package", C_LIBRARY]] {
        let mut clippy = process::cargo();
        clippy
            .args(["clippy", "--quiet", "--all-targets"])
            .args(rooms)
            .args(["--", "-D", "warnings"]);
        tally.check(&format!("cargo clippy {}", rooms[0]), process::run(&mut clippy));
    }
    cargo_tests(&mut tally);

    match process::build_simulator() {
        Err(why) => tally.check("the simulator builds", Err(why)),
        Ok(simulator) => {
            tally.check("the simulator builds", Ok(()));
            language::on_simulator(&simulator, &[], &mut tally);
            language::precompiled_on_simulator(&simulator, &[], &mut tally);
            transcript::play_all(None, &simulator, &[], &mut tally);
            tally.check("tests/reference/names.txt", names::check(&simulator));
            docs::run_all(&simulator, &[], &mut tally);
            let mut board = Command::new(&simulator);
            board.args(["--board", "--pty"]);
            host_tools("the simulator", &board, &mut tally);
        }
    }
    if host_only {
        println!("skipped: emulated boards (--host)");
    } else {
        for board in qemu::BOARDS {
            on_board(board, &mut tally);
        }
    }
    frozen::test(host_only, &mut tally);
    sanitize::test(&mut tally);
    fuzz::test(&mut tally);
    examples(host_only, &mut tally);
    appliance(&mut tally);
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

/// The programs of `tests/language` that need nothing beyond profile `upstream`.
const SMALL: [&str; 5] =
    ["class_flags_later", "containers_sort", "memory_promises", "road", "small_profile"];

/// The firmware of `board`, then its boot tests, and the language tests and transcripts on it.
fn on_board(board: &str, tally: &mut Tally) {
    let firmware = match firmware::build(board) {
        Ok(firmware) => firmware,
        Err(why) => return tally.check(&format!("firmware for {board}"), Err(why)),
    };
    tally.check(&format!("firmware for {board}"), Ok(()));
    // One board is enough for the others; without a profile the firmware is the full one.
    let profiles = firmware::PROFILES.into_iter().filter(|&name| name != "full");
    for profile in profiles.filter(|_| board == "mps2-an385") {
        let built = firmware::build_profile(board, profile);
        if let (Ok(image), "upstream") = (&built, profile) {
            match firmware::check_upstream(board, image) {
                Ok(false) => println!("skipped: size of profile upstream (a compiled library)"),
                checked => tally.check("size of profile upstream", checked.map(drop)),
            }
            language::on_board(board, image, false, &SMALL.map(str::to_owned), tally);
        }
        tally.check(&format!("firmware for {board}, profile {profile}"), built.map(drop));
    }
    for (name, script) in [("boot tests", "boot.py"), ("network tests", "network.py")] {
        let script = process::root().join("board-support/boards/mps2/tests").join(script);
        let mut tests = Command::new("python3");
        tests.arg(script).arg(board).arg(&firmware);
        counted(&format!("{name} on {board}"), &mut tests, tally);
    }
    // The boot manager is the same on both; one is enough, for it takes another link of the firmware.
    if board == "mps2-an385" {
        boot_manager(board, tally);
    }
    transcript::play_all(Some(board), &firmware, &[], tally);
    if board == "mps2-an500" {
        host_tools(board, &qemu::command(board, &firmware, "pty"), tally);
    }
    language::on_board(board, &firmware, false, &[], tally);
    if board == "mps2-an385" {
        match firmware::build_single(board) {
            Ok(firmware) => language::on_board(board, &firmware, true, &[], tally),
            Err(why) => tally.check(&format!("firmware for {board}, single precision"), Err(why)),
        }
    }
}

/// The boot manager of `board`, started with what may be on flash.
fn boot_manager(board: &str, tally: &mut Tally) {
    match firmware::build_slots(board) {
        Err(why) => tally.check(&format!("boot manager for {board}"), Err(why)),
        Ok([manager, image]) => {
            let script = process::root().join("board-support/boards/mps2/tests/bootmgr.py");
            let mut boot = Command::new("python3");
            boot.arg(script).arg(board).arg(manager).arg(image);
            counted(&format!("boot manager on {board}"), &mut boot, tally);
        }
    }
}

/// What people do with mpremote and with Thonny, on the board that `command` starts.
fn host_tools(board: &str, command: &Command, tally: &mut Tally) {
    let tools = match packages::host_tools() {
        Err(why) => return tally.check("mpremote and Thonny install", Err(why)),
        Ok(tools) => tools,
    };
    for (script, tool) in [("mpremote.py", "mpremote"), ("thonny_backend.py", "python")] {
        let mut test = Command::new("python3");
        test.arg(process::root().join("tests/tools").join(script));
        test.arg(tools.join(tool)).arg(command.get_program()).args(command.get_args());
        counted(&format!("{script} on {board}"), &mut test, tally);
    }
}

/// Runs a test script that ends with a line `N passed, N failed` of its own, and adds the counts.
fn counted(name: &str, command: &mut Command, tally: &mut Tally) {
    let outcome = process::capture(command, b"", Some(SCRIPT_LIMIT), true);
    let counts = outcome.and_then(|outcome| {
        let text = outcome.text();
        let last = text.trim_end().lines().last().unwrap_or_default();
        match cargo_count::summary(last) {
            // An exit code that the counts do not explain is a failure as well.
            Some((passed, 0)) if !outcome.success() => Ok((passed, 1)),
            Some(counts) => Ok(counts),
            None => Err(format!("no summary in the last line: {last}")),
        }
    });
    match counts {
        Ok((passed, failed)) => tally.add(name, passed, failed),
        Err(why) => tally.check(name, Err(why)),
    }
}

/// The examples in C: CMake alone builds them, for the host, a Cortex-M3 and a Cortex-M7.
///
/// Each takes part through a script, which is given a build folder and `host` or a board, builds there, runs the result,
/// and ends with `N passed, N failed`.
fn examples(host_only: bool, tally: &mut Tally) {
    const SCRIPTS: [(&str, &str, &str); 2] =
        [("c-firmware", "bash", "test.sh"), ("c-appliance", "python3", "test.py")];
    let boards: &[&str] = if host_only { &["host"] } else { &["host", "mps2-an385", "mps2-an500"] };
    for (example, program, script) in SCRIPTS {
        for board in boards {
            let build = process::target_dir().join("example").join(example).join(board);
            let mut command = Command::new(program);
            command.arg(process::root().join("examples").join(example).join(script));
            command.arg(&build).arg(board);
            counted(&format!("examples/{example} for {board}"), &mut command, tally);
        }
    }
}

/// The demonstration appliance on the simulator, under load from this machine.
fn appliance(tally: &mut Tally) {
    let mut build = process::cargo();
    build.args(["build", "--quiet", "--package", "threadsnake", "--example", "appliance"]);
    if let Err(why) = process::run(&mut build) {
        return tally.check("the appliance builds", Err(why));
    }
    let mut command = Command::new("python3");
    command.arg(process::root().join("examples/appliance/test.py"));
    command.arg(process::target_dir().join("debug/examples/appliance"));
    counted("examples/appliance", &mut command, tally);
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
