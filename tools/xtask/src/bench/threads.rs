//! `cargo xtask bench threads [--board BOARD]`: threads and C tasks beside each other.
//!
//! `examples/c-firmware/bench` measures, built by CMake for this machine and, with `--board`, for that board, whose figures
//! are then the ones that are judged; here their lines become tables, and their addresses names. Under QEMU every
//! instruction takes one virtual nanosecond and idle time passes at once, so figures repeat exactly; on the host they
//! tell about the machine as well. With `--upstream CHECKOUT` the canary also sings while upstream's programs about threads
//! run. With `--a` (an image, with `--board`) and `--unix` (a command) the requests run on those interpreters and on
//! ours, in turns, as far as they have threads.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::args::Args;
use crate::bench::lines::Lines;
use crate::bench::side::Side;
use crate::packages::{self, Work};
use crate::{example, language, process, qemu};

/// How long the firmware may take.
const LIMIT: Duration = Duration::from_secs(1800);
/// The program that both interpreters run.
const REQUESTS: &str = include_str!("../../../../examples/c-firmware/bench/requests.py");
/// How many requests that are.
const N_REQUESTS: u32 = 1000;

/// What the tables call this machine.
const SIMULATOR: &str = "simulator";

/// What we set out to stay within.
const MOST_BESIDE_SLEEPING: f64 = 1.02;
const MOST_BESIDE_BUSY: f64 = 2.0 * 1.2;

/// Prints the tables; green when every gate is met.
///
/// # Errors
/// The firmware is not built or does not come to its end, or a side fails.
pub fn main(mut args: Args) -> Result<bool, String> {
    let yes = args.flag("--yes");
    let board = args.option("--board")?;
    let (a, b, unix) = (args.option("--a")?, args.option("--b")?, args.option("--unix")?);
    let checkout = args.option("--upstream")?;
    let rounds = args.number("--rounds")?.unwrap_or(1).max(1);
    args.finish()?;
    let mut works = vec![Work::Simulator, Work::Tests];
    if let Some(board) = &board {
        qemu::known(board)?;
        works.push(Work::Boards);
    }
    packages::ensure(&works, yes)?;
    let line = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    println!("`cargo xtask {line}`\n");

    let loads = checkout.map(|checkout| loads(Path::new(&checkout))).transpose()?;
    let mut runs = Vec::new();
    if let Some(board) = &board {
        runs.push(Run::new(Some(board), loads.as_deref())?);
    }
    runs.push(Run::new(None, loads.as_deref())?);
    let mut green = requests(&runs)?;
    handover(&runs)?;
    for run in &runs {
        let kept = canary(run)?;
        green &= kept || run.name != runs[0].name;
    }
    green &= rest(&runs)?;

    let mut sides = Vec::new();
    let board = board.as_deref();
    if let Some(a) = a {
        sides.push(("A", Side::new(&a, board)));
    }
    if !sides.is_empty() || b.is_some() {
        let b = b.map_or_else(|| Side::ours(board), |b| Ok(Side::new(&b, board)))?;
        sides.push(("B", b));
    }
    if let Some(unix) = unix {
        sides.push(("A on the host", Side::new(&unix, None)));
        sides.push(("simulator", Side::ours(None)?));
    }
    if !sides.is_empty() {
        beside(&sides, rounds)?;
    }
    Ok(green)
}

/// A folder with nothing but upstream's programs about threads.
fn loads(checkout: &Path) -> Result<PathBuf, String> {
    let from = checkout.join("tests/thread");
    let to = process::target_dir().join("bench/loads");
    let failed = |e: std::io::Error| format!("{}: {e}", to.display());
    if to.exists() {
        std::fs::remove_dir_all(&to).map_err(failed)?;
    }
    std::fs::create_dir_all(&to).map_err(failed)?;
    let programs = language::files(&from, "py");
    if programs.is_empty() {
        return Err(format!("{}: no programs there", from.display()));
    }
    for program in programs {
        std::fs::copy(&program, to.join(program.file_name().unwrap_or_default()))
            .map_err(failed)?;
    }
    Ok(to)
}

/// The measurements of one machine.
struct Run {
    /// What the tables call it.
    name: String,
    elf: PathBuf,
    lines: Lines,
}

impl Run {
    /// Builds the firmware and runs it.
    fn new(board: Option<&str>, loads: Option<&Path>) -> Result<Self, String> {
        let name = board.unwrap_or(SIMULATOR).to_owned();
        let config = process::root().join("examples/c-firmware/bench/config");
        let options = [
            "-DBENCH=ON".to_owned(),
            format!("-DCONFIG_DIR={}", config.display()),
            format!("-DLOADS={}", loads.unwrap_or(Path::new("")).display()),
        ];
        let elf = example::build(board, "bench", &options)?.join("bench/bench");
        let text = example::run(&elf, board, LIMIT)?;
        if text.lines().any(|line| line.trim() == "DONE") {
            return Ok(Self { name, elf, lines: Lines(text) });
        }
        Err(format!("the firmware did not end well: {}", super::side::last_line(&text)))
    }
}

const ROWS: [(&str, &str); 4] = [
    ("main", "on the main thread"),
    ("thread", "in a thread"),
    ("busy", "in a thread, beside one that computes"),
    ("sleeping", "in a thread, beside one that sleeps"),
];

/// The heading of a table with the same columns for each machine.
fn heading(first: &str, runs: &[Run], columns: &[&str]) {
    print!("| {first} |");
    for run in runs {
        columns.iter().for_each(|column| print!(" {}{column} |", run.name));
    }
    println!("\n|--|{}", "--:|".repeat(runs.len() * columns.len()));
}

/// The first machine is judged.
fn requests(runs: &[Run]) -> Result<bool, String> {
    heading("requests of a C task, answered (gate)", runs, &[": µs each", ": of a thread alone"]);
    let mut green = true;
    for (which, words) in ROWS {
        let most = match which {
            "busy" => Some(MOST_BESIDE_BUSY),
            "sleeping" => Some(MOST_BESIDE_SLEEPING),
            _ => None,
        };
        let gate = most.map_or(String::new(), |most| format!(" (at most {most:.2})"));
        print!("| {words}{gate} |");
        for (i, run) in runs.iter().enumerate() {
            let alone = f64::from(run.lines.first("requests", "thread")?);
            let took = f64::from(run.lines.first("requests", which)?);
            green &= i > 0 || most.is_none_or(|most| took <= alone * most);
            print!(" {:.1} | {:.3} |", took / f64::from(N_REQUESTS), took / alone);
        }
        println!();
    }
    println!();
    Ok(green)
}

fn handover(runs: &[Run]) -> Result<(), String> {
    println!("Hand-over of the GIL: nanoseconds, and bytecodes in brackets.\n");
    heading("to whom, busy threads", runs, &[" p50", " p99", " max"]);
    let kinds =
        [("asked", "a task of higher priority that asks"), ("slice", "the next at a slice's end")];
    for (kind, words) in kinds {
        for (threads, _) in runs[0].lines.all(kind) {
            print!("| {words}, {threads} |");
            for run in runs {
                // Four instructions of bytecode make a turn of the loop.
                let bytecode = f64::from(run.lines.first("loop", "turn")?.max(1)) / 4.0;
                for ns in run.lines.one(kind, threads)? {
                    print!(" {ns} ({:.0}) |", f64::from(ns) / bytecode);
                }
            }
            println!();
        }
    }
    print!("| letting go of a GIL that nobody wants, and taking it again |");
    for run in runs {
        print!(" {} | | |", run.lines.first("release", "0")?);
    }
    println!("\n");
    Ok(())
}

fn canary(run: &Run) -> Result<bool, String> {
    println!(
        "| {}: while Python does | canary ran | missed | interrupt late (ns) | canary late (ns) | \
         longest critical section (ns) | longest section alone (ns) |",
        run.name
    );
    println!("|--|--:|--:|--:|--:|--|--|");
    let mut green = true;
    for (when, numbers) in run.lines.all("canary") {
        let [runs, missed, isr, task, pc] = numbers[..] else {
            return Err("canary: numbers".into());
        };
        let sections = run.lines.one("sections", when)?;
        let [masked, masked_by, alone, alone_by] = sections[..] else {
            return Err("sections: numbers".into());
        };
        green &= missed == 0 && task < 1_000_000;
        println!(
            "| {when} | {runs} | {missed} | {isr}{} | {task} | {masked}{} | {alone}{} |",
            if isr > 0 { place(run, pc) } else { String::new() },
            place(run, masked_by),
            if alone > 0 { place(run, alone_by) } else { String::new() }
        );
    }
    println!();
    let loads = run.lines.all("load");
    if !loads.is_empty() {
        let failed: Vec<_> = loads.iter().filter(|(_, n)| n[..] != [0]).map(|l| l.0).collect();
        println!(
            "`upstream`: {} of its {} programs about threads came to their end{}{}.\n",
            loads.len() - failed.len(),
            loads.len(),
            if failed.is_empty() { "" } else { "; not " },
            failed.join(", ")
        );
    }
    Ok(green)
}

/// The function at an address, in brackets.
fn place(run: &Run, address: u32) -> String {
    if address == 0 {
        return String::new();
    }
    let tools = if run.name == SIMULATOR { "" } else { "arm-none-eabi-" };
    let mut command = Command::new(format!("{tools}addr2line"));
    command.args(["-f", "-C", "-e"]).arg(&run.elf).arg(format!("{address:#x}"));
    let text = process::stdout_of(&mut command).unwrap_or_default();
    let name = text.lines().next().unwrap_or_default();
    // The path's last two parts say enough: the type and its method.
    let name = name.split('<').next_back().unwrap_or_default();
    let name = name.replace('>', "");
    let parts: Vec<_> = name.rsplit("::").take(2).collect();
    format!(" ({})", parts.into_iter().rev().collect::<Vec<_>>().join("::"))
}

/// The first machine is judged.
fn rest(runs: &[Run]) -> Result<bool, String> {
    heading("other", runs, &[""]);
    for (what, which, words) in [
        ("bytes", "heap", "bytes of the heap for a thread"),
        ("bytes", "stack", "bytes of its task (stack of 16 KiB)"),
        ("kernel", "heap", "bytes of the kernel's heap that do not come back"),
        ("idle", "turns", "tasks woken in 60 s, four threads and an event loop waiting"),
    ] {
        print!("| {words} |");
        for run in runs {
            print!(" {} |", run.lines.first(what, which)?);
        }
        println!();
    }
    println!();
    Ok(runs[0].lines.first("idle", "turns")? == 0)
}

/// The requests on several interpreters in turns, without a C task: the least of some rounds.
fn beside(sides: &[(&str, Side)], rounds: u64) -> Result<(), String> {
    let mut least: Vec<Vec<(String, u32)>> = sides.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for ((_, side), least) in sides.iter().zip(&mut least) {
            let lines = Lines(side.run(&[], &[], REQUESTS)?);
            for (which, numbers) in lines.all("requests") {
                let Some(&took) = numbers.first() else { continue };
                match least.iter_mut().find(|(other, _)| other == which) {
                    Some((_, before)) => *before = took.min(*before),
                    None => least.push((which.to_owned(), took)),
                }
            }
        }
    }
    print!("| the same program, asking itself |");
    sides.iter().for_each(|(name, _)| print!(" {name} (µs each) |"));
    println!("\n|--|{}", "--:|".repeat(sides.len()));
    for (which, words) in ROWS {
        print!("| {words} |");
        for side in &least {
            match side.iter().find(|(other, _)| other == which) {
                Some((_, took)) => print!(" {:.1} |", f64::from(*took) / f64::from(N_REQUESTS)),
                None => print!(" no threads |"),
            }
        }
        println!();
    }
    Ok(())
}
