//! `cargo xtask upstream CHECKOUT`: upstream's own test suites, run unmodified against ours.
//!
//! The checkout is only read: its `tests` are copied to a scratch folder under `target`, where
//! programs may leave files behind, and upstream's `run-tests.py` runs there. What does not pass is
//! compared with the committed table (see `differences.rs`): `tests/upstream/differences.txt` for
//! the simulator, `differences-BOARD.txt` for an emulated board.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::Args;
use crate::differences::{EXCLUDED, Results, Table, UNEXPLAINED, Verdict};
use crate::packages::{self, Work};
use crate::{firmware, frozen, language, process, qemu};

/// The suites, by folder of upstream's `tests`; boards have no files and no command line.
const SUITES: &[&str] =
    &["basics", "extmod", "float", "micropython", "misc", "stress", "thread", "unicode"];
/// Those for the host alone; `cpydiff` are the known differences from CPython, which upstream fails.
const HOST_SUITES: &[&str] = &["cmdline", "cpydiff", "import", "io"];

/// Gives a board a source of entropy, as the host has one.
const ENTROPY: &str = "enable=on,target=native,arg=firmware,arg=entropy=/dev/urandom";

/// What is under test.
struct Target {
    /// The simulator or firmware.
    program: PathBuf,
    board: Option<String>,
    /// The emulated board's clock counts its instructions instead of following ours.
    virtual_time: bool,
}

/// Runs the suites and compares. Options: `--only SUITE_OR_TEST` (repeatable), `--board BOARD`,
/// `--interpreter FILE` instead of building the simulator or firmware (with `unittest` frozen), `--update` (rewrites the
/// table, keeping reasons), `--reference FILE` (repeatable: tests that pass elsewhere, one path a
/// line; how many of them pass here is printed), `--jobs N`.
///
/// # Errors
/// The checkout is none, a build failed, or the runner broke down.
pub fn main(mut args: Args) -> Result<bool, String> {
    let yes = args.flag("--yes");
    let update = args.flag("--update");
    let board = args.option("--board")?;
    let interpreter = args.option("--interpreter")?.map(PathBuf::from);
    let jobs = args.number("--jobs")?;
    let mut reference: Option<String> = None;
    while let Some(file) = args.option("--reference")? {
        let text = std::fs::read_to_string(&file).map_err(|e| format!("{file}: {e}"))?;
        reference.get_or_insert_default().push_str(&text);
    }
    let mut only = Vec::new();
    while let Some(part) = args.option("--only")? {
        only.push(part.trim_end_matches('/').to_owned());
    }
    let checkout = args.positional().ok_or("usage: cargo xtask upstream CHECKOUT [options]")?;
    args.finish()?;
    let checkout = std::fs::canonicalize(&checkout).map_err(|e| format!("{checkout}: {e}"))?;
    if !checkout.join("tests/run-tests.py").exists() {
        return Err(format!("{}: no tests/run-tests.py there", checkout.display()));
    }

    let target = prepare(&checkout, board, interpreter, yes)?;
    let place = target.board.as_deref().unwrap_or("simulator");
    let scratch = process::target_dir().join("upstream").join(place);
    let tree = copy(&checkout, &scratch)?;
    if target.board.is_none() {
        run_coverage_tests(&tree)?;
    }
    let selected = |test: &str| {
        only.is_empty()
            || only.iter().any(|part| {
                test.strip_prefix(part.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest == ".py" || rest.starts_with('/'))
            })
    };
    let tests = list(&tree, target.board.is_some(), selected);
    if tests.is_empty() {
        return Err("no test is selected".to_owned());
    }
    let file = process::root().join("tests/upstream").join(match &target.board {
        None => "differences.txt".to_owned(),
        Some(board) => format!("differences-{board}.txt"),
    });
    let table = match std::fs::read_to_string(&file) {
        Ok(text) => Table::parse(&text).map_err(|e| format!("{}: {e}", file.display()))?,
        Err(_) => Table::default(),
    };

    let mut results = run_all(&target, &tree, &scratch, tests, jobs)?;
    retry(&target, &tree, &scratch, &table, &mut results)?;
    report(&results, &table, reference.as_deref());

    let table = if update {
        let table = table.updated(&results, selected);
        std::fs::create_dir_all(process::root().join("tests/upstream"))
            .and_then(|()| std::fs::write(&file, table.write(&remarks(place))))
            .map_err(|e| format!("{}: {e}", file.display()))?;
        table
    } else {
        table
    };
    let unexplained = table.entries.values().filter(|e| e.reason == UNEXPLAINED).count();
    println!("{} entries in the table, {unexplained} unexplained", table.entries.len());
    let stale = table.stale(&results, selected);
    for line in &stale {
        println!("stale: {line}");
    }
    Ok(stale.is_empty())
}

fn remarks(place: &str) -> [&str; 3] {
    [
        "Tests of upstream's that do not pass here, each with the reason (tab separated).",
        "Checked by `cargo xtask upstream CHECKOUT`, which fails when a line is no longer true; place:",
        place,
    ]
}

/// Installs and builds what the run needs.
fn prepare(
    checkout: &Path,
    board: Option<String>,
    interpreter: Option<PathBuf>,
    yes: bool,
) -> Result<Target, String> {
    let absolute = |path: PathBuf| {
        std::fs::canonicalize(&path).map_err(|e| format!("{}: {e}", path.display()))
    };
    let program = match (&board, interpreter) {
        (None, interpreter) => {
            packages::ensure(&[Work::Simulator, Work::Upstream], yes)?;
            interpreter.map_or_else(process::build_simulator, Ok)?
        }
        (Some(board), interpreter) => {
            packages::ensure(&[Work::Boards, Work::Upstream], yes)?;
            let board = qemu::known(board)?;
            interpreter.map_or_else(|| build_firmware(checkout, board), Ok)?
        }
    };
    Ok(Target { program: absolute(program)?, board, virtual_time: false })
}

/// Firmware with what the tests import frozen into it: a board has no files to import from.
fn build_firmware(checkout: &Path, board: &str) -> Result<PathBuf, String> {
    let folder = process::target_dir().join("upstream");
    let manifest = folder.join("manifest.py");
    let unittest = library(checkout)?.join("python-stdlib/unittest");
    let line = format!("package(\"unittest\", base_path=\"{}\")\n", unittest.display());
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&manifest, line))
        .map_err(|e| format!("{}: {e}", manifest.display()))?;
    firmware::build_frozen(board, &frozen::freeze(Some(&manifest), None, "upstream")?)
}

/// The folder of micropython-lib.
fn library(checkout: &Path) -> Result<PathBuf, String> {
    let libraries = [checkout.join("lib/micropython-lib"), checkout.join("../micropython-lib")];
    libraries.into_iter().find(|l| l.join("python-stdlib/unittest").is_dir()).ok_or_else(|| {
        let checkout = checkout.display();
        format!("{checkout} lacks the submodule lib/micropython-lib, and there is none beside it")
    })
}

/// Copies the checkout's tests below `scratch` beside links to what they use; returns `tests`.
fn copy(checkout: &Path, scratch: &Path) -> Result<PathBuf, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", scratch.display());
    let tree = scratch.join("tree");
    if tree.exists() {
        std::fs::remove_dir_all(&tree).map_err(failed)?;
    }
    std::fs::create_dir_all(tree.join("lib")).map_err(failed)?;
    let library = library(checkout)?;
    let link =
        |from: &Path, to: &str| std::os::unix::fs::symlink(from, tree.join(to)).map_err(failed);
    link(&library, "lib/micropython-lib")?;
    for folder in ["extmod", "tools", "mpy-cross"] {
        link(&checkout.join(folder), folder)?;
    }
    process::run(Command::new("cp").arg("-r").arg(checkout.join("tests")).arg(&tree))?;
    Ok(tree.join("tests"))
}

/// Has the runner run the few tests that it keeps for upstream's coverage build, which are references here: it asks
/// with a program whether there is that build's C module.
fn run_coverage_tests(tests: &Path) -> Result<(), String> {
    let question = tests.join("feature_check/coverage.py");
    std::fs::write(&question, "print('coverage')\n")
        .map_err(|e| format!("{}: {e}", question.display()))
}

/// The selected tests, as upstream's runner spells them.
fn list(tests: &Path, on_board: bool, selected: impl Fn(&str) -> bool) -> Vec<String> {
    let suites = SUITES.iter().chain(if on_board { &[] } else { HOST_SUITES });
    let paths = suites.flat_map(|suite| language::files(&tests.join(suite), "py"));
    let names = paths.filter_map(|path| Some(path.strip_prefix(tests).ok()?.to_str()?.to_owned()));
    names.filter(|test| selected(test)).collect()
}

/// Runs `tests` until all have a result: a board that has crashed is started again for the rest.
fn run_all(
    target: &Target,
    tree: &Path,
    scratch: &Path,
    mut tests: Vec<String>,
    jobs: Option<u64>,
) -> Result<Results, String> {
    let mut all = Results::new();
    while !tests.is_empty() {
        let results = run_once(target, tree, scratch, &tests, jobs)?;
        let before = tests.len();
        tests.retain(|test| !results.contains_key(test));
        all.extend(results);
        if tests.len() == before {
            return Err("the runner gave no results; see its output above".to_owned());
        }
    }
    Ok(all)
}

/// Runs unlisted failures once more, one at a time, and boards in virtual time: a test that passes then failed for the
/// load of this machine.
fn retry(
    target: &Target,
    tree: &Path,
    scratch: &Path,
    table: &Table,
    results: &mut Results,
) -> Result<(), String> {
    let again: Vec<String> = results
        .iter()
        .filter(|&(test, &verdict)| verdict == Verdict::Fail && !table.entries.contains_key(test))
        .map(|(test, _)| test.clone())
        .collect();
    // More than a few are no accident.
    if !again.is_empty() && again.len() <= 20 {
        println!("once more, alone: {}", again.join(" "));
        let Target { program, board, .. } = target;
        let virtual_time = board.is_some();
        let target = Target { program: program.clone(), board: board.clone(), virtual_time };
        results.extend(run_all(&target, tree, scratch, again, Some(1))?);
    }
    Ok(())
}

/// One run of upstream's runner. Tests without a result were not reached, or met a dead board.
fn run_once(
    target: &Target,
    tree: &Path,
    scratch: &Path,
    tests: &[String],
    jobs: Option<u64>,
) -> Result<Results, String> {
    let python = python(target.board.is_some())?;
    let results = scratch.join("results");
    std::fs::create_dir_all(&results).map_err(|e| format!("{}: {e}", results.display()))?;
    let summary = results.join("_results.json");
    std::fs::remove_file(&summary).ok();

    let mut command = Command::new(python);
    command.current_dir(tree).arg("-B").arg("run-tests.py").arg("-r").arg(&results);
    if let Some(jobs) = jobs {
        command.args(["-j", &jobs.to_string()]);
    }
    match &target.board {
        None => {
            command.env("MICROPY_MICROPYTHON", &target.program);
        }
        Some(board) => {
            let mut qemu = qemu::command(board, &target.program, "pty");
            qemu.args(["-semihosting-config", ENTROPY]);
            if target.virtual_time {
                qemu.args(["-icount", "shift=0"]);
            }
            command.args(["-t", &format!("execpty:{}", process::show(&qemu))]);
        }
    }
    command.args(tests);
    let outcome = process::capture(&mut command, b"", None, true)?;
    if !summary.exists() {
        return Err("upstream's runner broke down; see its output above".to_owned());
    }

    // The runner's JSON is read by Python, which is here anyway.
    let script = "import json, sys\n\
                  for r in json.load(open(sys.argv[1]))['results']: print(r[0], r[1], sep='\\t')";
    let lines = process::stdout_of(Command::new(python).args(["-c", script]).arg(&summary))?;
    let mut verdicts = Results::new();
    for line in lines.lines() {
        let parsed = line.split_once('\t').and_then(|(t, w)| Some((t, Verdict::from_word(w)?)));
        let (test, verdict) = parsed.ok_or_else(|| format!("unknown result: {line}"))?;
        verdicts.insert(test.to_owned(), verdict);
    }
    forget_unreached(&outcome.text(), tests, &mut verdicts);
    Ok(verdicts)
}

/// Removes the failures of tests that could not even begin because an earlier one had brought the
/// board down; the first test of a run always counts.
fn forget_unreached(output: &str, tests: &[String], verdicts: &mut Results) {
    for line in output.lines().filter(|line| line.ends_with("raw REPL failed")) {
        let test = line.split_whitespace().nth(1).unwrap_or_default();
        if tests.first().is_some_and(|first| first != test) {
            verdicts.remove(test);
        }
    }
}

/// A Python for the runner; talking to a board takes one that has `serial`.
fn python(serial: bool) -> Result<&'static str, String> {
    let module = if serial { "import serial" } else { "import json" };
    let fits = |python: &&str| {
        Command::new(python).args(["-c", module]).output().is_ok_and(|out| out.status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(fits).ok_or("python3 lacks serial".to_owned())
}

/// What a test is counted with: its suite, and in `extmod` the module that it is about (`vfs_fat_more.py`: `vfs`).
fn group(test: &str) -> String {
    let (suite, name) = test.split_once('/').unwrap_or((test, ""));
    match name.split(|c: char| !c.is_ascii_alphabetic()).next() {
        Some(module) if suite == "extmod" => format!("{suite}/{module}"),
        _ => suite.to_owned(),
    }
}

/// Counts of one group.
#[derive(Clone, Copy, Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
    /// Tests in the reference, those that the table excludes apart.
    reference: usize,
    /// Those of them that pass here.
    common: usize,
    /// Tests in the reference that the table excludes.
    excluded: usize,
}

/// Prints the counts by group as a Markdown table, and the share of `reference` that passes.
fn report(results: &Results, table: &Table, reference: Option<&str>) {
    let reference: BTreeSet<&str> = reference.unwrap_or_default().lines().map(str::trim).collect();
    let excluded = |test: &str| {
        table.entries.get(test).is_some_and(|entry| entry.reason.starts_with(EXCLUDED))
    };
    let mut groups: BTreeMap<String, Counts> = BTreeMap::new();
    let mut all = Counts::default();
    for (test, &verdict) in results {
        for counts in [groups.entry(group(test)).or_default(), &mut all] {
            match verdict {
                Verdict::Pass => counts.passed += 1,
                Verdict::Fail | Verdict::Ignored => counts.failed += 1,
                Verdict::Skip => counts.skipped += 1,
            }
            match reference.contains(test.as_str()) {
                true if excluded(test) => counts.excluded += 1,
                true => {
                    counts.reference += 1;
                    counts.common += usize::from(verdict == Verdict::Pass);
                }
                false => {}
            }
        }
    }
    println!("| group | passed | failed | skipped | reference | passes here | % | excluded |");
    println!("|--|--:|--:|--:|--:|--:|--:|--:|");
    for (name, counts) in groups.iter().map(|(n, c)| (n.as_str(), c)).chain([("all", &all)]) {
        let Counts { passed, failed, skipped, reference, common, excluded } = *counts;
        let share = match reference {
            0 => String::new(),
            reference => format!("{:.1}", 100.0 * common as f64 / reference as f64),
        };
        println!(
            "| {name} | {passed} | {failed} | {skipped} | {reference} | {common} | {share} | {excluded} |"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_by_suite_and_extmod_by_module() {
        for (test, expected) in [
            ("io/file1.py", "io"),
            ("extmod/re1.py", "extmod/re"),
            ("extmod/vfs_fat_more.py", "extmod/vfs"),
            ("extmod/framebuf16.py", "extmod/framebuf"),
        ] {
            assert_eq!(group(test), expected);
        }
    }

    #[test]
    fn tests_that_met_a_dead_board_are_run_again_but_never_the_first() {
        let output = "FAIL  a/1.py raw REPL failed\npass  a/2.py \nFAIL  a/3.py raw REPL failed\n";
        let tests = ["a/1.py", "a/2.py", "a/3.py"].map(str::to_owned);
        let mut verdicts = Results::new();
        for test in &tests {
            verdicts.insert(test.clone(), Verdict::Fail);
        }
        forget_unreached(output, &tests, &mut verdicts);
        assert_eq!(verdicts.keys().collect::<Vec<_>>(), ["a/1.py", "a/2.py"]);
    }
}
