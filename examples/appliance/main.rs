//! The appliance's firmware: the simulated board, and a task in C that it has beside Python (`logger.c`). Takes the options
//! of `threadsnake --board`.
//!
//! `cargo run -p threadsnake --example appliance -- --board --forward tcp:8080:80`

use threadsnake_sim::options::{Instead, parse};
use threadsnake_sim::{board::Personality, boot, net, posix};

unsafe extern "C" {
    /// See `logger.c`.
    safe fn appliance_start_logger(write: extern "C" fn(*const u8, usize)) -> i32;
}

/// A line of the log, for whoever watches standard error.
extern "C" fn write_line(text: *const u8, len: usize) {
    // SAFETY: the caller's text.
    posix::write_all(2, unsafe { core::slice::from_raw_parts(text, len) });
}

fn fail(text: &str) -> ! {
    eprintln!("appliance: {text}");
    std::process::exit(1)
}

fn main() {
    let mut options = match parse(std::env::args_os().skip(1), false) {
        Ok(options) if options.board => options,
        Ok(_) => fail("it is a board: --board"),
        Err(Instead::Mistake(text)) => fail(&text),
        Err(_) => fail("the options are those of threadsnake --board"),
    };
    if let Err(text) = net::prepare(Personality::Board, &mut options) {
        fail(&text)
    }
    if appliance_start_logger(write_line) == 0 {
        fail("no room for the log")
    }
    boot::run(&options)
}
