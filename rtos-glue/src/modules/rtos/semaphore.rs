//! `rtos.Semaphore`: a count that threads, VMs and C tasks take from and add to.

use super::handle::{self, STREAM, closed, timeout_us, wait_for};
use crate::shared::Kind;
use threadsnake_vm::object::{Args, Res};
use threadsnake_vm::types::stream::IOBASE;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

py_type! {
    /// `rtos.Semaphore(value=1[, most, name])`; `most` is `value` or 1 if absent, whichever is higher.
    pub static SEMAPHORE: Semaphore, base IOBASE;
    slots { new: semaphore_new, stream: &STREAM, event: handle::event, finalise: handle::finalise, is_final: true }
    entries {
        __enter__ = F1(semaphore_enter);
        __exit__ = Var(4, 4, semaphore_exit);
        acquire = Kw(semaphore_acquire; _, timeout?);
        close = F1(handle::close);
        release = F1(semaphore_release);
        try_acquire = F1(semaphore_try_acquire);
        value = F1(semaphore_value);
    }
}

fn semaphore_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let names = [q::value.value(), q::most.value(), q::name.value()];
    let [value, most, name] = handle::parameters(vm, args, names)?;
    let value =
        if value.is_undef() { 1 } else { usize::try_from(vm.index(value)?).unwrap_or(usize::MAX) };
    let most = match most {
        v if v.is_undef() || v.is_none() => value.max(1),
        v => usize::try_from(vm.index(v)?).unwrap_or(0),
    };
    let name = handle::name_arg(vm, name)?;
    handle::make(vm, &SEMAPHORE, Kind::Semaphore { most }, name, value, Value::NONE)
}

/// `semaphore.acquire(timeout=-1)`: takes one; waits for it. Raises `OSError(ETIMEDOUT)`, `OSError(EPIPE)`.
fn semaphore_acquire(vm: &mut Vm, args: &[Value]) -> Res {
    let shared = handle::this(vm, args[0], &SEMAPHORE)?;
    let timeout_us = timeout_us(vm, args[1])?;
    wait_for(vm, &shared, timeout_us, |vm| taken(vm, &shared))
}

fn taken(vm: &mut Vm, shared: &crate::shared::Shared) -> Result<Option<Value>, Raise> {
    match shared.try_take() {
        Ok(taken) => Ok(taken.then_some(Value::NONE)),
        Err(end) => Err(closed(vm, end)),
    }
}

fn semaphore_enter(vm: &mut Vm, v: Value) -> Res {
    semaphore_acquire(vm, &[v, Value::UNDEF])
}

fn semaphore_exit(vm: &mut Vm, args: &[Value]) -> Res {
    semaphore_release(vm, args[0])
}

/// `semaphore.try_acquire()`: takes one without waiting; whether there was one.
fn semaphore_try_acquire(vm: &mut Vm, v: Value) -> Res {
    let shared = handle::this(vm, v, &SEMAPHORE)?;
    Ok(Value::bool(taken(vm, &shared)?.is_some()))
}

/// `semaphore.release()`: adds one. Raises `ValueError` above the highest count.
fn semaphore_release(vm: &mut Vm, v: Value) -> Res {
    let shared = handle::this(vm, v, &SEMAPHORE)?;
    match shared.give() {
        Ok(true) => Ok(Value::NONE),
        Ok(false) => Err(vm.raise(exc::VALUE_ERROR, "semaphore released too many times")),
        Err(end) => Err(closed(vm, end)),
    }
}

/// `semaphore.value()`: the count.
fn semaphore_value(vm: &mut Vm, v: Value) -> Res {
    Ok(Value::from_len(handle::this(vm, v, &SEMAPHORE)?.count()))
}
