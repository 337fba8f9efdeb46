//! The host personality: runs one program, or the prompt, and ends the process with its exit code.

use crate::board::{HOST, MODULES, Personality};
use crate::boot::new_prompt;
use crate::console::{self, Listener};
use crate::posix::{self, masked};
use crate::{devices, files, net, storage, tasks};
use std::sync::OnceLock;
use threadsnake_glue::host::{Board, NativeStack, RunConfig};
use threadsnake_glue::modules::text::join_threads;
use threadsnake_glue::{journal, rtos};
use threadsnake_repl::{Exit, VmEngine};
use threadsnake_vm::bytecode::load::load;
use threadsnake_vm::compiler::{Mode, Source};
use threadsnake_vm::heap::Region;
use threadsnake_vm::host::PathKind;
use threadsnake_vm::modules::exec::{compile_file, frozen_code};
use threadsnake_vm::modules::sys::SYS;
use threadsnake_vm::object::{Exception, Tuple};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{CreateError, Raise, Vm, VmHandle, exc};

/// What to run.
#[derive(Debug)]
pub enum Work {
    /// This source text, or the content of a precompiled file (named `.mpy`).
    Text {
        /// The bytes.
        text: Vec<u8>,
        /// What tracebacks call it.
        name: String,
        /// That is its path, and `__file__`.
        is_file: bool,
    },
    /// The module of this name, as `__main__`.
    Module(String),
    /// Nothing: straight to the prompt.
    Prompt,
}

/// All that the command line and the environment say.
#[derive(Debug)]
pub struct Start {
    /// What to run.
    pub work: Work,
    /// `sys.argv`.
    pub argv: Vec<Vec<u8>>,
    /// `sys.path`.
    pub path: Vec<Vec<u8>>,
    /// The prompt afterwards.
    pub inspect: bool,
    /// Compile, don't run.
    pub compile_only: bool,
    /// The level of optimisation.
    pub optimise: u32,
    /// How much more to say.
    pub verbose: u32,
    /// The seed by which threads change at random.
    pub switch: Option<u32>,
    /// Bytes of heap, without the VM's own state, as MicroPython counts them.
    pub heap_bytes: usize,
}

static START: OnceLock<Start> = OnceLock::new();

/// The name and version that `--version` prints.
pub fn version() -> String {
    format!("Threadsnake {} (MicroPython 1.29.0)", env!("CARGO_PKG_VERSION"))
}

/// Native stack for Python in each task: of 8 MiB, natives get this much to recurse in.
pub const NATIVE_STACK: NativeStack = NativeStack { reserve: 256 * 1024, most: 1024 * 1024 };

/// Runs `start` in a task, and ends the process.
pub fn run(start: Start) -> ! {
    HOST.board().become_(Personality::Host);
    files::install();
    devices::start();
    storage::give_memory();
    if START.set(start).is_err() {
        crate::posix::exit(70);
    }
    tasks::run(|| {
        log_to_stderr(START.get().map_or(0, |start| start.verbose));
        console::listen(Listener { crew: HOST.crew(), interrupt: || HOST.interrupt() });
        let code = match START.get() {
            Some(start) => in_task(start),
            None => 70,
        };
        net::linger();
        console::leave(code)
    })
}

/// Turns the log on as far as `-v` was repeated.
fn log_to_stderr(verbose: u32) {
    let level = match verbose {
        0 => return,
        1 => log::LevelFilter::Info,
        2 => log::LevelFilter::Debug,
        _ => log::LevelFilter::Trace,
    };
    let to_stderr = |line: &[u8]| {
        posix::write_all(2, line);
    };
    journal::set(level, Some(to_stderr));
    log::info!(
        "{}, {} priorities, {} ticks a second",
        version(),
        rtos::priorities(),
        rtos::tick_hz()
    );
}

/// The life of the VM; returns the exit code.
fn in_task(start: &Start) -> i32 {
    let bytes = VmHandle::STATE_BYTES.saturating_add(start.heap_bytes);
    let memory = Box::leak(vec![0u128; bytes.div_ceil(16)].into_boxed_slice());
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: bytes }];
    let config = RunConfig {
        regions: &regions,
        modules: MODULES,
        value_stack_limit: 0,
        stack: NATIVE_STACK,
    };
    loop {
        // SAFETY: the memory is nobody else's, and this task is not attached.
        let ended = unsafe { HOST.run(&config, |vm| main(vm, start)) };
        // A board that is reset runs its program from the beginning.
        if devices::power::take_reset() {
            continue;
        }
        return match ended {
            Ok(code) => code,
            Err(CreateError::TooSmall) => {
                let text = format!("threadsnake: heap too small: {} bytes\n", start.heap_bytes);
                posix::write_all(2, text.as_bytes());
                1
            }
        };
    }
}

/// The main thread; returns the exit code.
fn main(vm: &mut Vm, start: &Start) -> i32 {
    vm.set_opt_level(start.optimise.min(3) as u8);
    if let Some(seed) = start.switch {
        vm.switch_at_random(seed);
    }
    let result = set_list(vm, q::argv.value(), &start.argv)
        .and_then(|()| set_list(vm, q::path.value(), &start.path))
        .and_then(|()| run_work(vm, start))
        .and_then(|()| match start.work {
            Work::Prompt => Ok(()),
            _ => join_threads(vm),
        });
    let code = match result {
        Ok(()) => 0,
        Err(raise) => {
            let exception = vm.take_exception();
            let _ = raise;
            uncaught(vm, exception)
        }
    };
    // A program may have set it meanwhile.
    let inspect =
        masked(|| std::env::var_os("MICROPYINSPECT").is_some_and(|value| !value.is_empty()));
    let wants_prompt = start.inspect || inspect || matches!(start.work, Work::Prompt);
    if wants_prompt && !devices::power::wants_reset() { prompt(vm) } else { code }
}

/// The prompt, until Ctrl-D, the end of input, or `SystemExit`; returns the exit code.
fn prompt(vm: &mut Vm) -> i32 {
    let is_terminal = console::is_terminal();
    if is_terminal {
        console::set_raw(true);
    }
    let mut prompt = new_prompt();
    let mut engine = VmEngine::new(vm);
    let exit = prompt.run(&mut engine);
    let exception = engine.exception();
    if is_terminal {
        console::set_raw(false);
    }
    match (exit, exception) {
        (Exit::SystemExit, exception) => uncaught(vm, exception),
        _ => 0,
    }
}

/// Sets a list of strings in `sys`. What is no UTF-8 becomes bytes.
fn set_list(vm: &mut Vm, name: Value, items: &[Vec<u8>]) -> Result<(), Raise> {
    let list = vm.new_list()?;
    for item in items {
        let item = match core::str::from_utf8(item) {
            Ok(text) => vm.new_str(text)?,
            Err(_) => vm.new_bytes(item)?,
        };
        list.push(vm, item)?;
    }
    vm.set_attr(SYS.value(), name, list.value())
}

fn run_work(vm: &mut Vm, start: &Start) -> Result<(), Raise> {
    let code = match &start.work {
        Work::Text { text, name, is_file } => {
            if *is_file {
                let file = vm.new_str(name)?;
                vm.main_globals().set_name(vm, q::__file__.value(), file)?;
            }
            let mut text = text.as_slice();
            if *is_file && name.ends_with(".mpy") {
                load(vm, &mut |vm, buf| text.fill(vm, buf))?
            } else {
                vm.compile(&mut text, name, Mode::Module)?
            }
        }
        Work::Module(name) => compile_module(vm, name, &start.path)?,
        Work::Prompt => return Ok(()),
    };
    if start.compile_only {
        return Ok(());
    }
    let globals = vm.main_globals();
    vm.run_code(code, globals, globals.value())?;
    Ok(())
}

/// Compiles the file of the module `name`, or the `__main__` of the package.
fn compile_module(vm: &mut Vm, name: &str, path: &[Vec<u8>]) -> Result<Value, Raise> {
    let relative = name.replace('.', "/");
    for folder in path {
        let folder = String::from_utf8_lossy(folder);
        let base = match folder.as_ref() {
            ".frozen" => match frozen_code(vm, &format!("{relative}.py"))? {
                Some(code) => return Ok(code),
                None => continue,
            },
            "" => relative.clone(),
            folder => format!("{folder}/{relative}"),
        };
        let endings = ["/__main__.py", "/__main__.mpy", ".py", ".mpy"];
        for file in endings.map(|ending| format!("{base}{ending}")) {
            if HOST.board().import_stat(vm, &file)? == PathKind::File {
                return compile_file(vm, &file);
            }
        }
    }
    Err(vm.raise_fmt(exc::IMPORT_ERROR, format_args!("no module named '{name}'")))
}

/// Reports what no one caught; returns the exit code: that of `SystemExit`, else 1.
fn uncaught(vm: &mut Vm, exception: Value) -> i32 {
    if !vm.exception_is(exception, exc::SYSTEM_EXIT) {
        vm.print_exception(exception);
        return 1;
    }
    let args = Exception::from_value(exception).map(|e| Tuple::from_known(e.args(vm)));
    match args.as_ref().and_then(|args| args.items().first()) {
        None => 0,
        Some(value) if value.is_none() => 0,
        Some(&value) => match value.as_small_int() {
            Some(code) => (code & 0xff) as i32,
            None => {
                if let Ok(text) = vm.str(value) {
                    let text = format!("{}\n", String::from_utf8_lossy(vm.str_bytes(text)));
                    posix::write_all(2, text.as_bytes());
                }
                1
            }
        },
    }
}
