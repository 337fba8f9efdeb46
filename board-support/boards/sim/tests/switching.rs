//! The programs about threads, with threads that change at random safe points. What they print must not depend on it.
//!
//! Runs for a bounded time; `SWITCH_SEEDS=FROM:TO` in the environment tries those seeds instead, however long it takes.
//! A failure names the seed. The order in which sleeping threads wake is the host's, so a seed repeats a run up to that.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

// Links what the link options of this package ask for.
use threadsnake_sim as _;

/// How long the test may go on trying seeds.
const BUDGET: Duration = Duration::from_secs(15);
const PROGRAMS: &[&str] = &[
    "asyncio_loop",
    "rtos_objects",
    "select_poll",
    "thread_lock",
    "thread_mutate",
    "thread_start",
    "threading_all",
    "threading_queue",
];

/// Runs a program with a seed; what is wrong with its output.
fn run(name: &str, seed: u32) -> Result<(), String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/language");
    let expected = std::fs::read_to_string(folder.join(name).with_extension("exp"));
    let output = Command::new(env!("CARGO_BIN_EXE_threadsnake"))
        .args(["-X", &format!("switch={seed}")])
        .arg(folder.join(name).with_extension("py"))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if Ok(printed.as_ref()) == expected.as_deref().map_err(|_| ()) && output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{name} with -X switch={seed} ended with {}:\n{printed}{said}", output.status))
}

#[test]
fn programs_do_not_notice_when_threads_change() {
    let started = Instant::now();
    let asked = std::env::var("SWITCH_SEEDS").ok();
    let range = asked.as_deref().and_then(|text| text.split_once(':'));
    let range = range.and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    let (from, to): (u32, u32) = range.unwrap_or((1, u32::MAX));
    for seed in from..to {
        if asked.is_none() && started.elapsed() > BUDGET {
            return;
        }
        for name in PROGRAMS {
            if let Err(text) = run(name, seed) {
                panic!("{text}");
            }
        }
    }
}
