//! `rtos.log` and what goes with it: `log` records of the glue, the board and of scripts themselves, off until somebody
//! turns it on.

use crate::journal;
use log::LevelFilter;
use threadsnake_vm::object::{Res, Str};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Vm, exc};

/// The levels by number, as `rtos.log_level` takes them.
const LEVELS: [LevelFilter; 6] = [
    LevelFilter::Off,
    LevelFilter::Error,
    LevelFilter::Warn,
    LevelFilter::Info,
    LevelFilter::Debug,
    LevelFilter::Trace,
];

/// `rtos.log(message[, level])`: adds a record; `level` from 1, an error, to 5, a trace; 3 without it. What is longer
/// than a line of the log is cut.
pub fn rtos_log(vm: &mut Vm, args: &[Value]) -> Res {
    let message = vm.str(args[0])?;
    let level = match args.get(1) {
        Some(&level) => vm.index(level)?,
        None => 3,
    };
    let level = usize::try_from(level).ok().and_then(|n| LEVELS.get(n)?.to_level());
    let Some(level) = level else {
        return Err(vm.raise(exc::VALUE_ERROR, "level must be from 1 to 5"));
    };
    log::log!(target: "python", level, "{}", Str::from_known(message).as_str());
    Ok(Value::NONE)
}

/// `rtos.log_level([level])`: what is logged, 0 for nothing; for the whole image. Returns the level before.
pub fn rtos_log_level(vm: &mut Vm, args: &[Value]) -> Res {
    let before = LEVELS.iter().position(|&l| l == log::max_level()).unwrap_or(0);
    if let Some(&level) = args.first() {
        let level = vm.index(level)?;
        let Some(&level) = usize::try_from(level).ok().and_then(|n| LEVELS.get(n)) else {
            return Err(vm.raise(exc::VALUE_ERROR, "level must be from 0 to 5"));
        };
        journal::set_level(level);
    }
    Ok(Value::from_len(before))
}

/// `rtos.read_log()`: the oldest records that nobody has read yet, up to 512 bytes; `b''` when there are none. The ring
/// keeps the newest [`journal::RING_BYTES`].
pub fn rtos_read_log(vm: &mut Vm) -> Res {
    let mut buf = [0; 512];
    let n = journal::read(&mut buf);
    vm.new_bytes(&buf[..n])
}
