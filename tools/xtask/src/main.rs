//! The developer commands of this repository: `cargo xtask COMMAND`, one file a command.
//!
//! Nothing here is linked into a product. A command returns whether what it checked was green; an
//! `Err` is a command that could not do its work, with one line that says why.

mod args;
mod bench;
mod cargo_count;
mod console;
mod differences;
mod docs;
mod example;
mod firmware;
mod frozen;
mod fuzz;
mod language;
mod names;
mod packages;
mod process;
mod qemu;
mod run;
mod sanitize;
mod soak;
mod tally;
mod test;
mod tidy;
mod transcript;
mod upstream;

use std::process::ExitCode;

use args::Args;

const USAGE: &str = "\
cargo xtask COMMAND

run [--yes] [--board BOARD]       the simulated board, or an emulated one, at its prompt
test [--yes] [--host]             all tests; --host leaves the emulated boards out
language [--precompiled] [NAME ...]   our language tests (tests/language) on the simulator
    --single                      with floats of single precision, on a board
repl [NAME ...]                   transcripts of the prompt (tests/repl) on the simulator
    --board BOARD  --interpreter FILE
docs [NAME ...]                   the code blocks of the documentation (docs/NAME.md) on the simulator
    --interpreter FILE
names                             the names of the reference documents (tests/reference), likewise
frozen [--host]                   the frozen modules of tests/frozen, on the simulator and mps2-an385
fuzz [--seconds N] [source|file]  the fuzz targets (tools/fuzz), a minute each
sanitize                          the VM's tests under AddressSanitizer, the heap's under Miri
firmware BOARD [--sizes]          builds target/firmware/BOARD.elf; tells what takes how much of it
    --slots                       BOARD-boot.elf, the boot manager, and BOARD-slot.img, what it boots
    --profile PROFILE               BOARD-PROFILE.elf: minimal, wipy, upstream or full
    --frozen MANIFEST  --names FILE   BOARD-frozen.elf, with these modules and names in ROM
upstream CHECKOUT [options]       upstream's test suites against the table of differences
    --only SUITE_OR_TEST  --board BOARD  --interpreter FILE  --update  --reference FILE  --jobs N
bench perf CHECKOUT --a CMD       upstream's benchmarks on two interpreters, interleaved
    --count  --rounds N  --heap BYTES  --n N  --m M  --only NAME  --viper
bench memory --a CMD              what objects take of the heap
bench heap --board BOARD --a IMAGE  what collections and allocations cost
bench board --board BOARD --a IMAGE   start-up, memory, sockets, TLS and FTP of a board
bench threads [--board BOARD]     threads and C tasks beside each other, on the simulator and the board
    --upstream CHECKOUT: also while upstream's programs about threads run
    --a CMD [--b CMD]  --unix CMD: the requests on all, in turns  --rounds N
bench compile-heap CHECKOUT --a CMD   the smallest heap that compiles a file
    all but threads: --b CMD (ours, if not given)  --board BOARD (CMD is then an image)
soak [--lives N] [--board BOARD]  a VM started and killed 10 000 times, in the tests of the C API
tidy                              the house rules that no compiler checks

BOARD is mps2-an385 or mps2-an500. --yes installs missing Debian packages without asking.
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let mut args = Args::new(words);
    let result = match command.as_str() {
        "run" => run::main(args),
        "test" => test::main(args),
        "firmware" => {
            let board = args.positional().ok_or("usage: cargo xtask firmware BOARD".to_owned());
            board.and_then(|board| firmware(&board, args))
        }
        "upstream" => upstream::main(args),
        "language" => language::main(args),
        "repl" => transcript::main(args),
        "docs" => docs::main(args),
        "frozen" => frozen::main(args),
        "names" => names::main(args),
        "fuzz" => fuzz::main(args, 60),
        "sanitize" => sanitize::main(args),
        "bench" => bench::main(args),
        "soak" => soak::main(args),
        "tidy" => tidy::main(args),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(true)
        }
        _ => Err(format!("no command {command:?}\n\n{USAGE}")),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::from(2)
        }
    }
}

fn firmware(board: &str, mut args: Args) -> Result<bool, String> {
    let yes = args.flag("--yes");
    let sizes = args.flag("--sizes");
    let slots = args.flag("--slots");
    let profile = args.option("--profile")?;
    let frozen = frozen::from_args(&mut args)?;
    args.finish()?;
    let board = qemu::known(board)?;
    packages::ensure(&[packages::Work::Boards], yes)?;
    if slots {
        for file in firmware::build_slots(board)? {
            println!("{}", file.display());
        }
        return Ok(true);
    }
    let image = match (profile, frozen) {
        (Some(_), Some(_)) => return Err("--profile or --frozen, not both".into()),
        (Some(profile), None) => firmware::build_profile(board, &profile)?,
        (None, Some(frozen)) => firmware::build_frozen(board, &frozen)?,
        (None, None) => firmware::build(board)?,
    };
    println!("{}", image.display());
    if sizes {
        print!("{}", firmware::sizes(&image)?);
    }
    Ok(true)
}
