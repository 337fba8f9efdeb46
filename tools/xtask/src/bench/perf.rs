//! `cargo xtask bench perf CHECKOUT --a CMD --b CMD`: two interpreters on the same work in one run.
//!
//! The programs are those of upstream's `tests/perf_bench`, each put together with its `benchrun.py`
//! as upstream's runner does it, read from the checkout and changed in nothing. The two sides take
//! turns, with heaps of the same size, and must print the same results. A ratio is cost of A over
//! cost of B: how many times faster B is. What is compared is
//!
//! - on the host, the least of several times that a program measures itself;
//! - on the host with `--count`, instructions by callgrind: those of the whole program less those of
//!   a run that only defines its functions;
//! - on an emulated board, where A and B are firmware images, the time that the program measures
//!   itself while every instruction takes one virtual nanosecond: 1 µs is 1000 instructions.
//!
//! `core_import_mpy_*` hold a precompiled file of upstream's and are reported apart: a side whose
//! `sys.implementation` does not name the format of such files gets its own instead, made by
//! `threadsnake-cross` of the source that stands in the program. `viper_*` run only with `--viper`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::Args;
use crate::bench::side::{Side, last_line};
use crate::language;
use crate::packages::Work;
use crate::process;

/// How the cost of a program is taken.
struct Method {
    /// Count instructions on the host.
    count: bool,
    rounds: u64,
    heap: u64,
    /// Upstream's parameters: the processor's speed in MHz and its memory in KB.
    n: u64,
    m: u64,
}

/// A program's cost on one side and what it computed.
struct Reading {
    /// Microseconds, or instructions with `--count`.
    cost: f64,
    result: String,
}

/// Runs the benchmarks and prints a Markdown table. See [`crate`]'s usage for the options.
///
/// # Errors
/// A side is missing or does not start, or the checkout is none.
pub fn main(mut args: Args) -> Result<bool, String> {
    let viper = args.flag("--viper");
    let count = args.flag("--count");
    let (board, a, b) = super::sides(&mut args, if count { &[Work::Counting] } else { &[] })?;
    let on_host = board.is_none();
    if count && !on_host {
        return Err("on a board instructions are counted anyway".to_owned());
    }
    let method = Method {
        count,
        rounds: args.number("--rounds")?.unwrap_or(if on_host && !count { 5 } else { 1 }).max(1),
        heap: args.number("--heap")?.unwrap_or(2 << 20),
        n: args.number("--n")?.unwrap_or(if on_host { 1000 } else { 100 }),
        m: args.number("--m")?.unwrap_or(if on_host { 1000 } else { 100 }),
    };
    let mut only = Vec::new();
    while let Some(name) = args.option("--only")? {
        only.push(name);
    }
    let checkout = args.positional().ok_or("usage: cargo xtask bench perf CHECKOUT --a CMD")?;
    args.finish()?;
    let folder = PathBuf::from(checkout).join("tests/perf_bench");
    let programs = programs(&folder, &only, viper)?;

    let unit = if on_host && !count { "ms" } else { "million instructions" };
    let (imports, others): (Vec<_>, Vec<_>) =
        programs.into_iter().partition(|(name, _)| name.starts_with(IMPORTS));
    let heading = format!("| program | A ({unit}) | B ({unit}) | A / B |\n|--|--:|--:|--:|");
    // Microseconds and instructions alike are shown in units a thousand (host) or a million times
    // larger; a virtual microsecond is a thousand instructions.
    let scale = if count { 1e6 } else { 1e3 };
    let mut failures = 0;
    let mut row = |name: &str, costs: Result<[f64; 2], String>| match costs {
        Ok([a, b]) => {
            println!("| {name} | {:.2} | {:.2} | {:.2} |", a / scale, b / scale, a / b);
            Some(a / b)
        }
        Err(why) => {
            failures += 1;
            println!("| {name} | {} | | |", why.replace('\n', " ").replace('|', "/"));
            None
        }
    };
    let benchrun = text(&folder.join("benchrun.py"))?;
    let mut ratios: Vec<(String, f64)> = Vec::new();
    if !others.is_empty() {
        println!("{heading}");
    }
    for (name, path) in others {
        let program = format!("{}\n{benchrun}", text(&path)?);
        if let Some(ratio) = row(&name, compare(&method, [&a, &b], [&program, &program])) {
            ratios.push((name, ratio));
        }
    }
    if let Some((name, least)) = ratios.iter().min_by(|x, y| x.1.total_cmp(&y.1)) {
        let logs: f64 = ratios.iter().map(|(_, ratio)| ratio.ln()).sum();
        let mean = (logs / ratios.len() as f64).exp();
        println!("| **geometric mean of {}** | | | **{mean:.2}** |", ratios.len());
        println!("| least: {name} | | | {least:.2} |");
    }
    if !imports.is_empty() {
        println!("\nImporting, each side its own precompiled file:\n\n{heading}");
        let takes = [takes_upstream_files(&a)?, takes_upstream_files(&b)?];
        for (name, path) in imports {
            let theirs = text(&path)?;
            let ours = with_own_file(&theirs)?;
            let [a_runs, b_runs] =
                takes.map(|takes| format!("{}\n{benchrun}", if takes { &theirs } else { &ours }));
            row(&name, compare(&method, [&a, &b], [&a_runs, &b_runs]));
        }
    }
    Ok(failures == 0)
}

/// What the programs are called that hold a precompiled file.
const IMPORTS: &str = "core_import_mpy";

fn text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// True when a side takes precompiled files of upstream's.
fn takes_upstream_files(side: &Side) -> Result<bool, String> {
    let question = "import sys\nprint(hasattr(sys.implementation, '_mpy'))\n";
    Ok(side.run(&[], &[], question)?.trim() == "True")
}

/// A program that holds a precompiled file (`file_data = …`) and its source (the first text between `\"\"\"`), with a
/// file that our own cross-compiler makes of that source.
fn with_own_file(program: &str) -> Result<String, String> {
    let unknown = || "the program holds no source or no file".to_owned();
    let source = program.split("\"\"\"").nth(1).ok_or_else(unknown)?;
    let folder = process::target_dir().join("perf");
    let (python, made) = (folder.join("test.py"), folder.join("test.mpy"));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&python, source.trim_start()))
        .map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut cross = Command::new(process::build_cross()?);
    process::run(cross.current_dir(&folder).args(["-o", "test.mpy", "test.py"]))?;
    let mut bytes = std::fs::read(&made).map_err(|e| format!("{}: {e}", made.display()))?;
    // The program's file object cannot give less than it is asked for, and has to look as if it went on.
    bytes.resize(bytes.len() + READ_AHEAD, 0);
    let literal: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    let mut found = false;
    let lines = program.lines().map(|line| {
        if line.starts_with("file_data = ") {
            found = true;
            format!("file_data = b'{literal}'\n")
        } else {
            format!("{line}\n")
        }
    });
    let replaced = lines.collect();
    if found { Ok(replaced) } else { Err(unknown()) }
}

/// The most bytes that our import reads at once.
const READ_AHEAD: usize = 512;

/// The programs by name.
fn programs(folder: &Path, only: &[String], viper: bool) -> Result<Vec<(String, PathBuf)>, String> {
    let named = language::files(folder, "py").into_iter().filter_map(|path| {
        let name = path.file_stem()?.to_str()?.to_owned();
        let wanted = match only {
            [] => viper || !name.starts_with("viper_"),
            only => only.contains(&name),
        };
        (wanted && name != "benchrun").then_some((name, path))
    });
    let programs: Vec<_> = named.collect();
    if programs.is_empty() {
        return Err(format!("{}: no benchmark there", folder.display()));
    }
    Ok(programs)
}

/// The cost of one program on both sides, each of which has its form of it.
fn compare(method: &Method, sides: [&Side; 2], programs: [&str; 2]) -> Result<[f64; 2], String> {
    let mut least = [f64::INFINITY; 2];
    let mut results: [Option<String>; 2] = [None, None];
    for _ in 0..method.rounds {
        for (at, side) in sides.into_iter().enumerate() {
            let name = ["A", "B"][at];
            let reading = read(side, method, programs[at]).map_err(|e| format!("{name}: {e}"))?;
            least[at] = least[at].min(reading.cost);
            if *results[at].get_or_insert(reading.result.clone()) != reading.result {
                return Err(format!("{name}: results differ from run to run"));
            }
        }
    }
    if results[0] != results[1] {
        return Err("A and B compute different results".to_owned());
    }
    Ok(least)
}

/// Runs a program once on one side.
fn read(side: &Side, method: &Method, definitions: &str) -> Result<Reading, String> {
    let program = format!("{definitions}\nbm_run({}, {})\n", method.n, method.m);
    let heap = ["-X".to_owned(), format!("heapsize={}", method.heap)];
    if !method.count {
        return parse(&side.run(&[], &heap, &program)?);
    }
    let counting = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"];
    let whole = side.run(&counting, &heap, &program)?;
    let idle = side.run(&counting, &heap, definitions)?;
    let cost = instructions(&whole)? - instructions(&idle)?;
    let output: String = whole.lines().filter(|line| !line.starts_with("==")).collect();
    Ok(Reading { cost, ..parse(&output)? })
}

/// Takes a program's line apart: microseconds, a norm, and the result.
fn parse(output: &str) -> Result<Reading, String> {
    let mut fields = output.trim().splitn(3, ' ');
    let time = fields.next().and_then(|time| time.parse::<f64>().ok());
    match (time, fields.next(), fields.next()) {
        (Some(cost), Some(_), Some(result)) if cost > 0.0 => {
            Ok(Reading { cost, result: result.to_owned() })
        }
        _ => Err(last_line(output)),
    }
}

/// The count in callgrind's summary.
fn instructions(output: &str) -> Result<f64, String> {
    let line = output.lines().find(|line| line.contains("I   refs:"));
    let count = line.and_then(|line| line.rsplit(':').next());
    let count = count.and_then(|count| count.trim().replace(',', "").parse().ok());
    count.ok_or_else(|| format!("no instruction count: {}", last_line(output)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_program_is_taken_apart() {
        let reading = parse("14560 10000 (1, 2)\n").expect("a reading");
        assert_eq!((reading.cost, reading.result.as_str()), (14560.0, "(1, 2)"));
        assert!(parse("SKIP\n").is_err());
        assert!(parse("-1 -1 SKIP: no matching params\n").is_err());
        assert_eq!(parse("Traceback\nNameError: x\n").err().as_deref(), Some("NameError: x"));
    }

    #[test]
    fn callgrinds_count_is_found() {
        let output = "14560 1 2\n==1== Collected : 5\n==1== I   refs:      182,073,740\n";
        assert_eq!(instructions(output), Ok(182_073_740.0));
    }
}
