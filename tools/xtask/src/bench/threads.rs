//! `cargo xtask bench threads [--board BOARD] [--a CMD]`: threads and C tasks beside each other.
//!
//! `examples/c-firmware/bench` measures, built by CMake for the board or for this machine; here its lines become tables,
//! and its addresses names. Under QEMU every instruction takes one virtual nanosecond and idle time passes at once, so
//! figures repeat exactly; on the host they tell about the machine as well. With `--a` the requests run on that
//! interpreter (an image, with `--board`) and on ours, in turns, as far as it has threads.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::args::Args;
use crate::bench::side::Side;
use crate::packages::{self, Work};
use crate::{process, qemu};

/// How long the firmware may take.
const LIMIT: Duration = Duration::from_secs(1800);
/// The program that both interpreters run.
const REQUESTS: &str = include_str!("../../../../examples/c-firmware/bench/requests.py");
/// How many requests that are.
const N_REQUESTS: u32 = 1000;

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
    let (a, b) = (args.option("--a")?, args.option("--b")?);
    let rounds = args.number("--rounds")?.unwrap_or(1).max(1);
    args.finish()?;
    let mut works = vec![Work::Simulator, Work::Tests];
    if let Some(board) = &board {
        qemu::known(board)?;
        works.push(Work::Boards);
    }
    packages::ensure(&works, yes)?;
    let line = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let elf = build(board.as_deref())?;
    let lines = Lines(run(&elf, board.as_deref())?);
    println!("`cargo xtask {line}`\n");
    let mut green = requests(&lines)?;
    handover(&lines)?;
    green &= canary(&lines, board.is_some().then_some(elf.as_path()))?;
    green &= rest(&lines)?;
    if let Some(a) = a {
        let b = b.map_or_else(
            || Side::ours(board.as_deref()),
            |b| Ok(Side::new(&b, board.as_deref())),
        )?;
        beside(&Side::new(&a, board.as_deref()), &b, rounds)?;
    }
    Ok(green)
}

/// Builds the firmware with CMake alone.
fn build(board: Option<&str>) -> Result<PathBuf, String> {
    let example = process::root().join("examples/c-firmware");
    let name = board.unwrap_or("host");
    let dir = process::target_dir().join("bench").join(name);
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(&example).arg("-B").arg(&dir).args(["-DBENCH=ON", "-DTESTS=OFF"]);
    configure.arg(format!("-DBOARD={name}"));
    configure.arg(format!("-DCONFIG_DIR={}", example.join("bench/config").display()));
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
    Ok(dir.join("bench/bench"))
}

/// The lines that the firmware prints.
fn run(elf: &Path, board: Option<&str>) -> Result<String, String> {
    let mut command = match board {
        None => Command::new(elf),
        Some(board) => {
            let mut command = qemu::command(board, elf, "stdio");
            command.args(["-icount", "shift=0,sleep=off"]);
            command
        }
    };
    let outcome = process::capture(&mut command, b"", Some(LIMIT), false)?;
    let text = outcome.text();
    if text.lines().any(|line| line.trim() == "DONE") {
        return Ok(text);
    }
    Err(format!("the firmware did not end well: {}", super::side::last_line(&text)))
}

/// What was printed: lines `WHAT WHICH NUMBER ...`, among others.
struct Lines(String);

impl Lines {
    /// All of one kind, by their second word.
    fn all(&self, what: &str) -> Vec<(&str, Vec<u32>)> {
        let line = |line: &'_ str| -> Option<(usize, Vec<u32>)> {
            let rest = line.strip_prefix(what)?.strip_prefix(' ')?;
            let which = rest.split(' ').next()?;
            let numbers = rest[which.len()..].split_whitespace().map(|n| n.parse().ok());
            Some((which.len(), numbers.collect::<Option<Vec<_>>>()?))
        };
        let parsed = self.0.lines().filter_map(|text| {
            let (len, numbers) = line(text)?;
            let from = what.len() + 1;
            Some((&text[from..from + len], numbers))
        });
        parsed.collect()
    }

    /// The numbers of one line.
    fn one(&self, what: &str, which: &str) -> Result<Vec<u32>, String> {
        let found = self.all(what).into_iter().find(|(other, _)| *other == which);
        found.map(|(_, numbers)| numbers).ok_or_else(|| format!("no line {what} {which}"))
    }

    fn first(&self, what: &str, which: &str) -> Result<u32, String> {
        let numbers = self.one(what, which)?;
        numbers.first().copied().ok_or_else(|| format!("no number in {what} {which}"))
    }
}

const ROWS: [(&str, &str); 4] = [
    ("main", "on the main thread"),
    ("thread", "in a thread"),
    ("busy", "in a thread, beside one that computes"),
    ("sleeping", "in a thread, beside one that sleeps"),
];

fn requests(lines: &Lines) -> Result<bool, String> {
    println!("| requests of a C task, answered | µs each | of a thread alone | at most |");
    println!("|--|--:|--:|--:|");
    let alone = f64::from(lines.first("requests", "thread")?);
    let mut green = true;
    for (which, words) in ROWS {
        let took = f64::from(lines.first("requests", which)?);
        let most = match which {
            "busy" => Some(MOST_BESIDE_BUSY),
            "sleeping" => Some(MOST_BESIDE_SLEEPING),
            _ => None,
        };
        green &= most.is_none_or(|most| took <= alone * most);
        let most = most.map_or(String::new(), |most| format!("{most:.2}"));
        println!(
            "| {words} | {:.1} | {:.3} | {most} |",
            took / f64::from(N_REQUESTS),
            took / alone
        );
    }
    println!();
    Ok(green)
}

fn handover(lines: &Lines) -> Result<(), String> {
    let turn = lines.first("loop", "turn")?;
    println!(
        "| hand-over of the GIL | busy threads | p50 (ns) | p99 (ns) | max (ns) | max (bytecodes) |"
    );
    println!("|--|--:|--:|--:|--:|--:|");
    let kinds =
        [("asked", "asked for by a task of higher priority"), ("slice", "at the end of a slice")];
    for (kind, words) in kinds {
        for (threads, numbers) in lines.all(kind) {
            let [p50, p99, max] = numbers[..] else { return Err(format!("{kind}: three numbers")) };
            // Four instructions of bytecode make a turn of the loop.
            let bytecodes = f64::from(max) * 4.0 / f64::from(turn.max(1));
            println!("| {words} | {threads} | {p50} | {p99} | {max} | {bytecodes:.0} |");
        }
    }
    println!(
        "\nLetting go of a GIL that nobody wants and taking it again: {} ns.\n",
        lines.first("release", "0")?
    );
    Ok(())
}

fn canary(lines: &Lines, elf: Option<&Path>) -> Result<bool, String> {
    println!(
        "| while Python does | canary ran | missed | interrupt late (ns) | canary late (ns) | \
         longest critical section (ns) | longest section alone (ns) |"
    );
    println!("|--|--:|--:|--:|--:|--|--|");
    let mut green = true;
    for (when, numbers) in lines.all("canary") {
        let [runs, missed, isr, task, pc] = numbers[..] else {
            return Err("canary: numbers".into());
        };
        let sections = lines.one("sections", when)?;
        let [masked, masked_by, alone, alone_by] = sections[..] else {
            return Err("sections: numbers".into());
        };
        green &= missed == 0 && task < 1_000_000;
        let isr = if isr > 0 { format!("{isr}{}", place(elf, pc)) } else { isr.to_string() };
        println!(
            "| {when} | {runs} | {missed} | {isr} | {task} | {masked}{} | {alone}{} |",
            place(elf, masked_by),
            if alone > 0 { place(elf, alone_by) } else { String::new() }
        );
    }
    println!();
    Ok(green)
}

/// The function at an address, in brackets.
fn place(elf: Option<&Path>, address: u32) -> String {
    let Some(elf) = elf.filter(|_| address != 0) else { return String::new() };
    let mut command = Command::new("arm-none-eabi-addr2line");
    command.args(["-f", "-C", "-e"]).arg(elf).arg(format!("{address:#x}"));
    let text = process::stdout_of(&mut command).unwrap_or_default();
    let name = text.lines().next().unwrap_or_default();
    // The path's last two parts say enough: the type and its method.
    let name = name.split('<').next_back().unwrap_or_default();
    let parts: Vec<_> = name.trim_end_matches('>').rsplit("::").take(2).collect();
    format!(" ({})", parts.into_iter().rev().collect::<Vec<_>>().join("::"))
}

fn rest(lines: &Lines) -> Result<bool, String> {
    let turns = lines.first("idle", "turns")?;
    println!("| other | |\n|--|--:|");
    println!("| bytes of the heap for a thread | {} |", lines.first("bytes", "heap")?);
    println!("| bytes of its task (stack of 16 KiB) | {} |", lines.first("bytes", "stack")?);
    println!(
        "| bytes of the kernel's heap that do not come back | {} |",
        lines.first("kernel", "heap")?
    );
    println!("| tasks woken in 60 s, four threads and an event loop waiting | {turns} |\n");
    Ok(turns == 0)
}

/// The requests on two interpreters in turns, without a C task: the least of some rounds.
fn beside(a: &Side, b: &Side, rounds: u64) -> Result<(), String> {
    let mut least: [Vec<(String, u32)>; 2] = [Vec::new(), Vec::new()];
    for _ in 0..rounds {
        for (side, least) in [a, b].into_iter().zip(&mut least) {
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
    println!("| the same program, asking itself | A (µs each) | B (µs each) |\n|--|--:|--:|");
    for (which, words) in ROWS {
        let figure = |side: &[(String, u32)]| {
            let found = side.iter().find(|(other, _)| other == which);
            found.map_or("no threads".to_owned(), |(_, took)| {
                format!("{:.1}", f64::from(*took) / f64::from(N_REQUESTS))
            })
        };
        println!("| {words} | {} | {} |", figure(&least[0]), figure(&least[1]));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_among_others() {
        let lines =
            Lines("xxxx\nasked 2 1 2 3\nasked 16 4 5 6\nasked not this\nidle turns 0\n".into());
        assert_eq!(lines.all("asked"), [("2", vec![1, 2, 3]), ("16", vec![4, 5, 6])]);
        assert_eq!(lines.first("idle", "turns"), Ok(0));
        assert!(lines.one("idle", "other").is_err());
    }
}
