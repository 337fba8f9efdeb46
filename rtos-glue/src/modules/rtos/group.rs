//! `rtos.EventGroup`: bits that are set, cleared and waited for together; 30 of them, so that they fit a small int.

use super::handle::{self, STREAM, closed, timeout_us, wait_for};
use crate::shared::Kind;
use threadsnake_vm::object::{Args, Res};
use threadsnake_vm::types::stream::IOBASE;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

py_type! {
    /// `rtos.EventGroup([name])`
    pub static EVENT_GROUP: EventGroup, base IOBASE;
    slots { new: group_new, stream: &STREAM, event: handle::event, finalise: handle::finalise, is_final: true }
    entries {
        clear = F2(group_clear);
        close = F1(handle::close);
        get = F1(group_get);
        set = F2(group_set);
        wait = Kw(group_wait; _, _, all?, clear?, timeout?);
    }
}

/// All bits that there are.
const BITS: usize = (1 << 30) - 1;

fn group_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let [name] = handle::parameters(vm, args, [q::name.value()])?;
    let name = handle::name_arg(vm, name)?;
    handle::make(vm, &EVENT_GROUP, Kind::EventGroup, name, 0, Value::NONE)
}

fn bits_arg(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    match usize::try_from(vm.index(v)?) {
        Ok(bits) if bits <= BITS => Ok(bits),
        _ => Err(vm.raise(exc::VALUE_ERROR, "bits out of range")),
    }
}

fn change(vm: &mut Vm, v: Value, clear: usize, set: usize) -> Res {
    match handle::this(vm, v, &EVENT_GROUP)?.change_bits(clear, set) {
        Ok(bits) => Ok(Value::from_len(bits & BITS)),
        Err(end) => Err(closed(vm, end)),
    }
}

/// `group.set(bits)`: sets them; all bits then.
fn group_set(vm: &mut Vm, v: Value, bits: Value) -> Res {
    let bits = bits_arg(vm, bits)?;
    change(vm, v, 0, bits)
}

/// `group.clear(bits)`: clears them; all bits then.
fn group_clear(vm: &mut Vm, v: Value, bits: Value) -> Res {
    let bits = bits_arg(vm, bits)?;
    change(vm, v, bits, 0)
}

/// `group.get()`: all bits.
fn group_get(vm: &mut Vm, v: Value) -> Res {
    change(vm, v, 0, 0)
}

/// `group.wait(bits, all=False, clear=False, timeout=-1)`: waits until one of the bits is set, or all of them; clears
/// them if that is asked for. All bits, before that. Raises `OSError(ETIMEDOUT)`, `OSError(EPIPE)`.
fn group_wait(vm: &mut Vm, args: &[Value]) -> Res {
    let shared = handle::this(vm, args[0], &EVENT_GROUP)?;
    let wanted = bits_arg(vm, args[1])?;
    let all = !args[2].is_undef() && vm.truth(args[2])?;
    let clear = !args[3].is_undef() && vm.truth(args[3])?;
    let timeout_us = timeout_us(vm, args[4])?;
    wait_for(vm, &shared, timeout_us, |vm| match shared.try_bits(wanted, all, clear) {
        Ok(bits) => Ok(bits.map(|bits| Value::from_len(bits & BITS))),
        Err(end) => Err(closed(vm, end)),
    })
}
