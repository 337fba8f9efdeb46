//! `machine.time_pulse_us`.
//!
//! Source: MicroPython library reference, "machine".

use threadsnake_vm::object::Res;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm};

use crate::{args, pin};

/// `time_pulse_us(pin, level, timeout_us=1000000)`: how long the pin has that level, in microseconds, once it has it;
/// -2 if that does not come in time, -1 if it lasts longer. Looks all the time; other threads run.
pub fn time_pulse_us(vm: &mut Vm, given: &[Value]) -> Res {
    let wanted = vm.truth(given[1])?;
    let timeout = args::int(vm, given.get(2).copied().unwrap_or(Value::UNDEF), 1_000_000)?;
    let timeout = u64::try_from(timeout).unwrap_or(0);
    if wait_while(vm, given[0], !wanted, timeout)?.is_none() {
        return Ok(Value::int(-2));
    }
    match wait_while(vm, given[0], wanted, timeout)? {
        Some(us) => vm.int_from_u64(us),
        None => Ok(Value::int(-1)),
    }
}

/// Looks as long as the pin has a level; how long that was, `None` when it is too long.
fn wait_while(vm: &mut Vm, v: Value, level: bool, timeout: u64) -> Result<Option<u64>, Raise> {
    let start = vm.host().ticks_us();
    loop {
        let now = match pin::native(vm, v) {
            Some(pin) => pin::gpio(vm)?.read(pin),
            None => {
                let level = vm.call_method(v, q::value.value(), &[])?;
                vm.truth(level)?
            }
        };
        let passed = vm.host().ticks_us() - start;
        if now != level {
            return Ok(Some(passed));
        }
        if passed >= timeout {
            return Ok(None);
        }
        vm.safe_point()?;
    }
}
