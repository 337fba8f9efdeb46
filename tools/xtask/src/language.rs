//! Our own language tests: programs in `tests/language` beside what they must print.
//!
//! Every `NAME.py` directly in the folder is a test and has a `NAME.exp`: everything it prints,
//! tracebacks included; folders below it are modules and data for them. Comment lines at the top of
//! a program may say:
//!
//! - `# only: simulator` or `# only: boards`: runs only there;
//! - `# floats: double` or `# floats: single`: needs floats of this precision;
//! - `# args: WORDS`: options and arguments for the simulator, before the file name;
//! - `# exit: N`: ends with this exit code instead of 0 (simulator).
//!
//! `cargo xtask language [NAME ...]` runs all or the named ones on the simulator, or with `--board`
//! on an emulated board; `--interpreter FILE` takes this program or image instead of building one.
//! `--board BOARD --single` builds floats of single precision. With `--precompiled` each goes through the cross-compiler first, and prints the same.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::args::Args;
use crate::console::Console;
use crate::process::Outcome;
use crate::tally::Tally;
use crate::{firmware, process, qemu};

/// How long a program may run.
const LIMIT: Duration = Duration::from_secs(60);
/// How long a board may take to its prompt.
const BOOT_LIMIT: Duration = Duration::from_secs(30);

/// One program and what it says about itself.
struct Program {
    path: PathBuf,
    name: String,
    only: Option<String>,
    floats: Option<String>,
    args: Vec<String>,
    exit: i32,
}

impl Program {
    /// Whether it says nothing against this place and these floats.
    fn runs(&self, place: &str, floats: &str) -> bool {
        self.only.as_deref().is_none_or(|only| only == place)
            && self.floats.as_deref().is_none_or(|needed| needed == floats)
    }
}

/// The command of its own.
///
/// # Errors
/// A build failed or an argument is unknown.
pub fn main(mut args: Args) -> Result<bool, String> {
    let single = args.flag("--single");
    let (place, program) = if single {
        let board = args.option("--board")?.ok_or("--single needs --board")?;
        let board = qemu::known(&board)?;
        (Some(board.to_owned()), firmware::build_single(board)?)
    } else {
        place_and_program(&mut args)?
    };
    let precompiled = args.flag("--precompiled");
    let names: Vec<String> = std::iter::from_fn(|| args.positional()).collect();
    args.finish()?;
    let mut tally = Tally::default();
    match place {
        None if precompiled => precompiled_on_simulator(&program, &names, &mut tally),
        None => on_simulator(&program, &names, &mut tally),
        Some(board) => on_board(&board, &program, single, &names, &mut tally),
    }
    Ok(tally.finish())
}

/// Takes `--board` and `--interpreter`: where a test runs, and with what.
///
/// # Errors
/// The board does not exist, or what runs there does not build.
pub fn place_and_program(args: &mut Args) -> Result<(Option<String>, PathBuf), String> {
    let board = args.option("--board")?;
    let program = match (&board, args.option("--interpreter")?) {
        (_, Some(file)) => std::fs::canonicalize(&file).map_err(|e| format!("{file}: {e}"))?,
        (None, None) => process::build_simulator()?,
        (Some(board), None) => firmware::build(qemu::known(board)?)?,
    };
    Ok((board, program))
}

/// Runs the programs named, or all, on the simulator, some at a time.
pub fn on_simulator(simulator: &Path, names: &[String], tally: &mut Tally) {
    side_by_side(names, tally, "", |program| {
        simulate(simulator, program, program.path.file_name().unwrap_or_default())
    });
}

/// The same after the cross-compiler: they must print the same.
pub fn precompiled_on_simulator(simulator: &Path, names: &[String], tally: &mut Tally) {
    let folder = process::target_dir().join("precompiled");
    let made = std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()));
    match made.and_then(|()| process::build_cross()) {
        Err(why) => tally.check("the cross-compiler builds", Err(why)),
        Ok(cross) => side_by_side(names, tally, ", precompiled", |program| {
            let name = program.path.file_name().unwrap_or_default();
            let file = folder.join(name).with_extension("mpy");
            let mut command = Command::new(&cross);
            command.args(program.args.iter().filter(|word| word.starts_with("-O")));
            command.arg("-o").arg(&file).arg("-s").arg(name).arg(&program.path);
            match process::capture(&mut command, b"", Some(LIMIT), false)? {
                outcome if outcome.success() => simulate(simulator, program, file.as_os_str()),
                // No program: the compiler says what the interpreter would have said.
                outcome => judge(program, &outcome),
            }
        }),
    }
}

/// Runs the programs for the simulator by `run`, some at a time.
fn side_by_side(
    names: &[String],
    tally: &mut Tally,
    how: &str,
    run: impl Fn(&Program) -> Result<(), String> + Sync,
) {
    let programs = match programs(names) {
        Ok(programs) => programs,
        Err(why) => return tally.check("tests/language", Err(why)),
    };
    let programs: Vec<_> =
        programs.iter().filter(|program| program.runs("simulator", "double")).collect();
    let next = AtomicUsize::new(0);
    let tally = Mutex::new(tally);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = run(program);
                    if let Ok(mut tally) = tally.lock() {
                        tally.check(&format!("{}{how}", program.name), result);
                    }
                }
            });
        }
    });
}

/// Runs the programs named, or all, on an emulated board, each after a soft reset. `single`: its floats have that
/// precision.
pub fn on_board(board: &str, firmware: &Path, single: bool, names: &[String], tally: &mut Tally) {
    let floats = if single { "single" } else { "double" };
    let programs = match programs(names) {
        Ok(programs) => programs,
        Err(why) => return tally.check("tests/language", Err(why)),
    };
    let mut console: Option<Console> = None;
    let mut dead = false;
    for program in programs.iter().filter(|program| program.runs("boards", floats)) {
        let precision = if single { ", single precision" } else { "" };
        let name = format!("{} on {board}{precision}", program.name);
        if dead {
            tally.check(&name, Err("not run: the board does not start".to_owned()));
            continue;
        }
        let result = boot(&mut console, board, firmware);
        dead = result.is_err();
        let result = result.and_then(|console| emulate(console, program));
        if result.is_err() {
            // Whatever state it is in, the next program gets a fresh one.
            console = None;
        }
        tally.check(&name, result);
    }
}

fn simulate(simulator: &Path, program: &Program, file: &OsStr) -> Result<(), String> {
    let mut command = Command::new(simulator);
    command.args(&program.args).arg(file);
    command.current_dir(program.path.parent().unwrap_or(Path::new(".")));
    judge(program, &process::capture(&mut command, b"", Some(LIMIT), false)?)
}

/// Compares how a run ended and what it printed with what the program says and its expected output.
fn judge(program: &Program, outcome: &Outcome) -> Result<(), String> {
    let ended = match outcome.status {
        None => Err(format!("still running after {} s", LIMIT.as_secs())),
        Some(status) if status.code() == Some(program.exit) => Ok(()),
        Some(status) => Err(format!("ended with {status}, not {}", program.exit)),
    };
    match (ended, compare(program, &outcome.text())) {
        (Err(end), Err(output)) => Err(format!("{end}\n{output}")),
        (ended, compared) => ended.and(compared),
    }
}

/// A board at the raw prompt: the running one after a soft reset, or a new one.
fn boot<'a>(
    console: &'a mut Option<Console>,
    board: &str,
    firmware: &Path,
) -> Result<&'a mut Console, String> {
    if let Some(running) = console {
        // In raw mode Ctrl-D with nothing typed is a soft reset.
        let reset = running.send(b"\x04");
        let prompt = b"raw REPL; CTRL-B to exit\r\n>";
        if reset.and_then(|()| running.until(prompt, BOOT_LIMIT)).is_err() {
            *console = None;
        }
    }
    if console.is_none() {
        let mut started = Console::start(&mut qemu::command(board, firmware, "stdio"))?;
        started.until(b">>> ", BOOT_LIMIT)?;
        started.enter_raw(BOOT_LIMIT)?;
        *console = Some(started);
    }
    console.as_mut().ok_or_else(|| "no console".to_owned())
}

fn emulate(console: &mut Console, program: &Program) -> Result<(), String> {
    let source = std::fs::read(&program.path).map_err(|e| e.to_string())?;
    compare(program, &console.execute(&source, LIMIT)?.text())
}

/// Compares with the expected output; a difference is shown from its first line on.
fn compare(program: &Program, output: &str) -> Result<(), String> {
    let path = program.path.with_extension("exp");
    let expected =
        std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    if output == expected {
        return Ok(());
    }
    let (wanted, came): (Vec<_>, Vec<_>) = (expected.lines().collect(), output.lines().collect());
    let at = (0..).find(|&i| wanted.get(i) != came.get(i) || i > wanted.len()).unwrap_or(0);
    let show = |lines: &[&str]| match lines.get(at..) {
        Some([]) | None => "(the end)".to_owned(),
        Some(rest) => rest[..rest.len().min(8)].join("\n  "),
    };
    Err(format!("line {}\nwanted:\n  {}\ncame:\n  {}", at + 1, show(&wanted), show(&came)))
}

/// The programs whose file names, without the extension, are in `names`; all if it is empty.
fn programs(names: &[String]) -> Result<Vec<Program>, String> {
    let folder = process::root().join("tests/language");
    let mut programs = Vec::new();
    for path in files(&folder, "py").into_iter().filter(|path| named(path, names)) {
        let text =
            std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let name = path.strip_prefix(process::root()).unwrap_or(&path).display().to_string();
        let mut program =
            Program { path, name, only: None, floats: None, args: Vec::new(), exit: 0 };
        for line in text.lines().take_while(|line| line.starts_with('#')) {
            let Some((key, value)) = line[1..].trim().split_once(':') else { continue };
            let value = value.trim();
            match key {
                "only" => program.only = Some(value.to_owned()),
                "floats" => program.floats = Some(value.to_owned()),
                "args" => program.args = value.split_whitespace().map(str::to_owned).collect(),
                "exit" => {
                    let code = value.parse();
                    program.exit = code.map_err(|_| format!("{}: exit {value}", program.name))?;
                }
                _ => {}
            }
        }
        programs.push(program);
    }
    Ok(programs)
}

/// True if the file `path` is one of `names`, or there are none.
pub fn named(path: &Path, names: &[String]) -> bool {
    let stem = path.file_stem().unwrap_or_default();
    names.is_empty() || names.iter().any(|name| stem == name.as_str())
}

/// The files of `folder` with `extension`, sorted; none if there is no such folder.
pub fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    paths.sort();
    paths
}
