//! `machine.Signal`: a pin that may mean the opposite of its level.
//!
//! Source: MicroPython library reference, "class Signal".

use threadsnake_vm::object::{Args, Native, Res};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

use crate::args;
use crate::pin::{PIN, PIN_BASE};

py_type! {
    /// `machine.Signal`.
    pub static SIGNAL: Signal, base OBJECT;
    slots { new: signal_new, call: signal_call }
    entries {
        off = F1(signal_off);
        on = F1(signal_on);
        value = Var(1, 2, signal_value);
    }
}

/// Word: the pin.
const PIN_OBJECT: usize = 0;
/// Word: whether it is inverted.
const INVERTED: usize = 1;

/// `Signal(pin, invert=False)`, `Signal(arguments of Pin, *, invert=False)`.
fn signal_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    let inverted = match args.keyword(q::invert.value()) {
        Some(v) => vm.truth(v)?,
        None => false,
    };
    let Some(&first) = args.pos.first() else { return Err(vm.wrong_count(1, 1, 0)) };
    let is_pin = vm.is_instance(first, PIN_BASE.value());
    let (pin, inverted) = match *args.pos {
        [pin] if is_pin => (pin, inverted),
        [pin, inverted] if is_pin => (pin, vm.truth(inverted)?),
        _ if is_pin => return Err(vm.raise(exc::TYPE_ERROR, "too many arguments")),
        _ => (new_pin(vm, args)?, inverted),
    };
    Ok(Native::new(vm, SIGNAL.value(), &[pin, Value::bool(inverted)])?.value())
}

/// A pin from all arguments but `invert`.
fn new_pin(vm: &mut Vm, args: Args<'_>) -> Res {
    let (mut names, mut values, mut n) = ([Value::UNDEF; 8], [Value::UNDEF; 8], 0);
    for (&name, &value) in args.names.iter().zip(args.values) {
        if name != q::invert.value() && n < names.len() {
            (names[n], values[n]) = (name, value);
            n += 1;
        }
    }
    vm.call_args(PIN.value(), Args { pos: args.pos, names: &names[..n], values: &values[..n] })
}

fn this(vm: &mut Vm, v: Value) -> Result<(Value, bool), Raise> {
    let signal = args::this(vm, v, &SIGNAL)?;
    Ok((signal.get(vm, PIN_OBJECT), signal.get(vm, INVERTED) == Value::TRUE))
}

/// `Signal.value([active])`
fn signal_value(vm: &mut Vm, args: &[Value]) -> Res {
    let (pin, inverted) = this(vm, args[0])?;
    match args.get(1) {
        None => {
            let level = vm.call_method(pin, q::value.value(), &[])?;
            if !inverted {
                return Ok(level);
            }
            let level = vm.truth(level)?;
            Ok(Value::int((!level).into()))
        }
        Some(&active) => {
            let level = vm.truth(active)? != inverted;
            vm.call_method(pin, q::value.value(), &[Value::int(level.into())])?;
            Ok(Value::NONE)
        }
    }
}

fn signal_call(vm: &mut Vm, v: Value, args: Args<'_>) -> Res {
    match *threadsnake_vm::types::common::positional(vm, args, 0, 1)? {
        [active] => signal_value(vm, &[v, active]),
        _ => signal_value(vm, &[v]),
    }
}

fn signal_on(vm: &mut Vm, v: Value) -> Res {
    signal_value(vm, &[v, Value::TRUE])
}

fn signal_off(vm: &mut Vm, v: Value) -> Res {
    signal_value(vm, &[v, Value::FALSE])
}
