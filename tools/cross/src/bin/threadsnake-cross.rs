//! `threadsnake-cross`: compiles one Python source to a file that every board imports.

use std::io::{Read, Write};
use std::process::ExitCode;

use threadsnake_cross::compile::to_file;
use threadsnake_cross::options::{Instead, Options, USAGE, parse};
use threadsnake_vm::bytecode::file::{FINGERPRINT, FORMAT};

fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(Instead::Help) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(Instead::Version) => {
            println!(
                "Threadsnake {} (MicroPython 1.29.0); threadsnake-cross emitting mpy v{FORMAT}, \
                 instructions {FINGERPRINT:08x}",
                env!("CARGO_PKG_VERSION")
            );
            return ExitCode::SUCCESS;
        }
        Err(Instead::Mistake(text)) => {
            eprint!("threadsnake-cross: {text}\n{USAGE}");
            return ExitCode::FAILURE;
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => {
            eprint!("{text}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    let Options { input, output, name, how } = options;
    let is_stdin = input == "-";
    let source = if is_stdin {
        let mut text = Vec::new();
        std::io::stdin().lock().read_to_end(&mut text).map(|_| text)
    } else {
        std::fs::read(input)
    };
    let source = source.map_err(|error| format!("threadsnake-cross: {input}: {error}\n"))?;
    let stdin_name = if is_stdin { "<stdin>" } else { input };
    let file = to_file(&source, name.as_deref().unwrap_or(stdin_name), how)?;
    let beside = match input.strip_suffix(".py") {
        _ if is_stdin => "-".to_owned(),
        Some(base) => format!("{base}.mpy"),
        None => format!("{input}.mpy"),
    };
    let output = output.as_deref().unwrap_or(&beside);
    let written = match output {
        "-" => std::io::stdout().lock().write_all(&file),
        path => std::fs::write(path, &file),
    };
    written.map_err(|error| format!("threadsnake-cross: {output}: {error}\n"))
}
