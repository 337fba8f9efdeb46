//! `rtos.Mutex`: owned by one task at a time, of this VM, another one or C. Not recursive; priorities are not inherited.

use super::handle::{self, STREAM, closed, timeout_us, wait_for};
use crate::shared::{Kind, Shared};
use threadsnake_vm::object::{Args, Res};
use threadsnake_vm::types::stream::IOBASE;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

py_type! {
    /// `rtos.Mutex([name])`
    pub static MUTEX: Mutex, base IOBASE;
    slots { new: mutex_new, stream: &STREAM, event: handle::event, finalise: handle::finalise, is_final: true }
    entries {
        __enter__ = F1(mutex_enter);
        __exit__ = Var(4, 4, mutex_exit);
        acquire = Kw(mutex_acquire; _, timeout?);
        close = F1(handle::close);
        locked = F1(mutex_locked);
        release = F1(mutex_release);
        try_acquire = F1(mutex_try_acquire);
    }
}

fn mutex_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let [name] = handle::parameters(vm, args, [q::name.value()])?;
    let name = handle::name_arg(vm, name)?;
    handle::make(vm, &MUTEX, Kind::Mutex, name, 0, Value::NONE)
}

fn taken(vm: &mut Vm, shared: &Shared) -> Result<Option<Value>, Raise> {
    match shared.try_take() {
        Ok(taken) => Ok(taken.then_some(Value::NONE)),
        Err(end) => Err(closed(vm, end)),
    }
}

/// `mutex.acquire(timeout=-1)`: waits until the calling thread owns it. Raises `OSError(ETIMEDOUT)`, `OSError(EPIPE)`.
fn mutex_acquire(vm: &mut Vm, args: &[Value]) -> Res {
    let shared = handle::this(vm, args[0], &MUTEX)?;
    let timeout_us = timeout_us(vm, args[1])?;
    wait_for(vm, &shared, timeout_us, |vm| taken(vm, &shared))
}

fn mutex_enter(vm: &mut Vm, v: Value) -> Res {
    mutex_acquire(vm, &[v, Value::UNDEF])
}

fn mutex_exit(vm: &mut Vm, args: &[Value]) -> Res {
    mutex_release(vm, args[0])
}

/// `mutex.try_acquire()`: the same without waiting; whether the thread owns it now.
fn mutex_try_acquire(vm: &mut Vm, v: Value) -> Res {
    let shared = handle::this(vm, v, &MUTEX)?;
    Ok(Value::bool(taken(vm, &shared)?.is_some()))
}

/// `mutex.release()`. Raises `RuntimeError` if the calling thread does not own it.
fn mutex_release(vm: &mut Vm, v: Value) -> Res {
    let shared = handle::this(vm, v, &MUTEX)?;
    match shared.give() {
        Ok(true) => Ok(Value::NONE),
        Ok(false) => Err(vm.raise(exc::RUNTIME_ERROR, "mutex is not owned")),
        Err(end) => Err(closed(vm, end)),
    }
}

/// `mutex.locked()`: whether some task owns it.
fn mutex_locked(vm: &mut Vm, v: Value) -> Res {
    Ok(Value::bool(handle::this(vm, v, &MUTEX)?.count() == 0))
}
