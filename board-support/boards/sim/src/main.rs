//! `threadsnake`: Python on the simulated board, or as a program of the host.
//!
//! `main` reads the command line and the program's text before the kernel starts, so that what is wrong with them is
//! said at once; everything after that runs in tasks.

use std::io::{IsTerminal, Read};
use std::os::unix::ffi::OsStrExt;
use threadsnake_sim::board::Personality;
use threadsnake_sim::options::{Emit, Instead, Options, Program, USAGE, parse};
use threadsnake_sim::program::{Start, Work};
use threadsnake_sim::{boot, net, program};

fn main() {
    // As every program that writes to a pipe: the end of its reader ends it.
    // SAFETY: the default action is a valid handler.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let inspect = std::env::var_os("MICROPYINSPECT").is_some_and(|value| !value.is_empty());
    let mut options = match parse(std::env::args_os().skip(1), inspect) {
        Ok(options) => options,
        Err(Instead::Help) => {
            print!("{USAGE}");
            return;
        }
        Err(Instead::Version) => {
            println!("{}", program::version());
            return;
        }
        Err(Instead::Mistake(text)) => fail(&format!("{text}\n{USAGE}")),
    };
    match options.emit {
        Emit::Bytecode => {}
        Emit::Native | Emit::Viper => {
            fail("this build makes bytecode only, no native or viper code\n")
        }
    }
    let personality = if options.board { Personality::Board } else { Personality::Host };
    let pty = if options.board && options.pty { boot::open_pty() } else { Ok(()) };
    if let Err(text) = pty.and_then(|()| net::prepare(personality, &mut options)) {
        fail(&format!("{text}\n"))
    }
    if options.board { boot::run(&options) } else { program::run(start(options)) }
}

/// Says what is wrong and ends the process.
fn fail(text: &str) -> ! {
    eprint!("threadsnake: {text}");
    std::process::exit(1)
}

/// The program's text, and where modules are searched.
fn start(options: Options) -> Start {
    let is_terminal = std::io::stdin().is_terminal();
    let mut first_path = Vec::new();
    let work = match options.program {
        Program::Command(text) => Work::Text { text, name: "<string>".into(), is_file: false },
        Program::Module(name) => Work::Module(name),
        Program::Script(path) => {
            if let Ok(Some(folder)) =
                path_of(&path).map(|path| path.parent().map(ToOwned::to_owned))
            {
                first_path = folder.into_os_string().into_encoded_bytes();
            }
            match std::fs::read(&path) {
                Ok(text) => {
                    Work::Text { text, name: path.to_string_lossy().into_owned(), is_file: true }
                }
                Err(error) => {
                    fail(&format!("can't open file '{}': {error}\n", path.to_string_lossy()))
                }
            }
        }
        Program::Default if is_terminal => Work::Prompt,
        Program::Default | Program::Stdin => {
            let mut text = Vec::new();
            match std::io::stdin().lock().read_to_end(&mut text) {
                Ok(_) => Work::Text { text, name: "<stdin>".into(), is_file: false },
                Err(error) => fail(&format!("can't read standard input: {error}\n")),
            }
        }
    };
    let mut path = vec![first_path];
    path.extend(search_path());
    Start {
        work,
        argv: options.argv,
        path,
        inspect: options.inspect,
        compile_only: options.compile_only,
        optimise: options.optimise,
        verbose: options.verbose,
        switch: options.switch,
        heap_bytes: options.heap_bytes,
    }
}

fn path_of(path: &std::ffi::OsStr) -> std::io::Result<std::path::PathBuf> {
    std::fs::canonicalize(path)
}

/// The folders of `MICROPYPATH`, or the usual ones.
fn search_path() -> Vec<Vec<u8>> {
    let home = std::env::var_os("HOME");
    let text = std::env::var_os("MICROPYPATH")
        .unwrap_or_else(|| ".frozen:~/.micropython/lib:/usr/lib/micropython".into());
    text.as_bytes()
        .split(|&byte| byte == b':')
        .map(|folder| match (folder.strip_prefix(b"~/"), &home) {
            (Some(rest), Some(home)) => [home.as_bytes(), b"/", rest].concat(),
            _ => folder.to_vec(),
        })
        .collect()
}
