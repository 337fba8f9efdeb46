//! `cargo xtask fuzz`: the fuzz targets of `tools/fuzz`, each for a bounded time.
//!
//! libFuzzer comes with the crate `libfuzzer-sys`; its instrumentation is LLVM's, which a stable compiler passes on.
//! AddressSanitizer is used where the compiler came with its runtime. The corpus begins with our language tests and
//! grows under `target/fuzz/corpus`; what breaks something is kept in `target/fuzz/crashes`, and named.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::args::Args;
use crate::language::files;
use crate::packages::{self, Work};
use crate::tally::Tally;
use crate::{process, sanitize};

/// The targets: source text, precompiled files.
const TARGETS: &[&str] = &["source", "file"];
/// Where programs for the corpus are.
const PROGRAMS: &[&str] = &["tests/language", "vm/tests/programs", "vm/tests/bytecode"];
/// How long a target runs in the test command, in seconds.
const SECONDS: u64 = 10;
/// What a target may take beyond its time.
const GRACE: Duration = Duration::from_secs(60);
/// The instrumentation of libFuzzer.
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];
/// The command of its own: `fuzz [TARGET ...] [--seconds N]`.
///
/// # Errors
/// An argument is unknown, or something is missing.
pub fn main(mut args: Args, seconds: u64) -> Result<bool, String> {
    let yes = args.flag("--yes");
    let seconds = args.number("--seconds")?.unwrap_or(seconds);
    let names: Vec<String> = std::iter::from_fn(|| args.positional()).collect();
    args.finish()?;
    if let Some(name) = names.iter().find(|name| !TARGETS.contains(&name.as_str())) {
        return Err(format!("no fuzz target {name:?}: there are {}", TARGETS.join(", ")));
    }
    packages::ensure(&[Work::Simulator, Work::Fuzzing], yes)?;
    let mut tally = Tally::default();
    run(&names, seconds, &mut tally);
    Ok(tally.finish())
}

/// Both targets, for a short while.
pub fn test(tally: &mut Tally) {
    run(&[], SECONDS, tally);
}

fn run(names: &[String], seconds: u64, tally: &mut Tally) {
    let prepared = build().and_then(|programs| corpus().map(|()| programs));
    let programs = match prepared {
        Ok(programs) => programs,
        Err(why) => return tally.check("the fuzz targets build", Err(why)),
    };
    for name in TARGETS {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            tally.check(&format!("fuzzing {name}, {seconds} s"), fuzz(&programs, name, seconds));
        }
    }
}

fn folder() -> PathBuf {
    process::target_dir().join("fuzz")
}

/// Builds the targets; the folder with the programs.
fn build() -> Result<PathBuf, String> {
    let host = sanitize::host()?;
    let sanitizer = if sanitize::has_runtime(&host)? { sanitize::FLAGS } else { &[] };
    let mut command = sanitize::cargo(&host, &[FLAGS, sanitizer].concat(), &folder(), "build");
    command.args(["--release", "--manifest-path", "tools/fuzz/Cargo.toml"]);
    process::run(&mut command)?;
    Ok(folder().join(host).join("release"))
}

/// Puts our programs into the corpus of both targets: as text, and precompiled without the header.
fn corpus() -> Result<(), String> {
    let cross = process::build_cross()?;
    let [sources, precompiled] = ["source", "file"].map(|name| folder().join("corpus").join(name));
    for folder in [&sources, &precompiled, &folder().join("crashes")] {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    for room in PROGRAMS {
        for path in files(&process::root().join(room), "py") {
            let Some(name) = path.file_stem() else { continue };
            let copied = std::fs::copy(&path, sources.join(name));
            copied.map_err(|e| format!("{}: {e}", path.display()))?;
            let mut command = Command::new(&cross);
            command.args(["-s", "fuzz.py", "-o", "-"]).arg(&path);
            let made = command.output().map_err(|e| format!("{}: {e}", cross.display()))?;
            // The header is nothing to play with; a program with a fault in it has no file.
            if let Some(body) = made.stdout.get(HEADER_BYTES..) {
                let file = precompiled.join(name);
                std::fs::write(&file, body).map_err(|e| format!("{}: {e}", file.display()))?;
            }
        }
    }
    Ok(())
}

/// Bytes of a precompiled file that the target puts there itself (`vm/src/bytecode/file.rs`).
const HEADER_BYTES: usize = 9;

fn fuzz(programs: &Path, name: &str, seconds: u64) -> Result<(), String> {
    let folder = folder();
    let mut command = Command::new(programs.join(name));
    command.current_dir(&folder).env("ASAN_OPTIONS", sanitize::OPTIONS);
    command.args([
        "-timeout=20",
        "-rss_limit_mb=1024",
        "-max_len=16384",
        "-artifact_prefix=crashes/",
    ]);
    command.arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-dict={}", process::root().join("tools/fuzz/python.dict").display()));
    command.arg(format!("corpus/{name}"));
    let limit = Duration::from_secs(seconds) + GRACE;
    let outcome = process::capture(&mut command, b"", Some(limit), false)?;
    if outcome.success() {
        return Ok(());
    }
    let text = outcome.text();
    let tail: Vec<_> = text.lines().rev().take(60).collect();
    let tail: Vec<_> = tail.into_iter().rev().collect();
    Err(format!("in {}:\n{}", folder.display(), tail.join("\n")))
}
