//! `_thread`: threads and locks.
//!
//! A thread is a task of the host's ([`threadsnake_vm::host::Host::start_thread`]) that calls one function. Its function
//! and arguments wait in a list of the VM's until it has come, so they live no matter what its creator does. A lock is
//! a binary semaphore: any thread may release it.
//!
//! Source: Python Library Reference, "_thread". Differences from it, as MicroPython has them: no `interrupt_main` and no
//! `error`; `stack_size()` without an argument goes back to the default.
//!
//! # Invariants
//! 1. The module's state is a list: the stack size, then one tuple for each thread that was started and has not begun.
//! 2. A lock that is not locked and has threads waiting on it has one of them awake, or about to be.

use crate::{Crew, rtos};
use threadsnake_vm::host::StartError;
use threadsnake_vm::object::{Args, Dict, List, Native, Res, Str, Tuple};
use threadsnake_vm::types::tuple::TUPLE;
use threadsnake_vm::types::{OBJECT, float};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_module, py_type};

py_module! {
    /// `_thread`.
    pub static THREAD: _thread, extensible false;
    entries {
        LockType: LOCK.rom();
        allocate_lock = F0(allocate_lock);
        exit = F0(exit);
        get_ident = F0(get_ident);
        idents = F0(idents);
        main_ident = F0(main_ident);
        priority = Var(0, 1, priority);
        stack_size = Var(0, 1, stack_size);
        start_new_thread = Var(2, 3, start_new_thread);
    }
}

py_type! {
    /// `_thread.LockType`. Word 0: whether it is locked.
    pub static LOCK: lock, base OBJECT;
    slots { is_final: true }
    entries {
        __enter__ = F1(lock_enter);
        __exit__ = Var(4, 4, lock_exit);
        acquire = Kw(lock_acquire; _, blocking?, timeout?);
        locked = F1(lock_locked);
        release = F1(lock_release);
    }
}

/// How often, and how long each time, a start waits for the task of a thread that has just ended.
const RETRIES: u32 = 5;
const RETRY_US: u64 = 1_000;

/// The module's state (invariant 1).
fn state(vm: &mut Vm) -> Result<List, Raise> {
    let name = q::_thread.value();
    if let Some(list) = vm.module_state(name).and_then(List::from_value) {
        return Ok(list);
    }
    let list = vm.new_list_from(&[Value::int(0)])?;
    vm.set_module_state(name, list.value())?;
    Ok(list)
}

/// `_thread.start_new_thread(function, args[, kwargs])`: the thread's identity. `args` is a tuple or list, `kwargs` a
/// dictionary.
///
/// Raises `TypeError`, and `OSError` when no task is free or none has as much stack as `stack_size` asked for.
fn start_new_thread(vm: &mut Vm, args: &[Value]) -> Res {
    vm.check_may_wait()?;
    let function = args[0];
    let positional = vm.collect_sequence(args[1])?;
    let positional = vm.call(TUPLE.value(), &[positional.value()])?;
    let (names, values) = keywords(vm, args.get(2).copied())?;
    let id = Value::from_len(vm.new_thread_id() as usize);
    let thread = vm.new_tuple(&[id, function, positional, names, values])?;
    let state = state(vm)?;
    state.push(vm, thread)?;
    match start(vm, state, thread) {
        Ok(()) => Ok(id),
        Err(raise) => {
            take_started(vm, thread.bits());
            Err(raise)
        }
    }
}

/// The names and the values of a dictionary of keyword arguments, as tuples.
fn keywords(vm: &mut Vm, kwargs: Option<Value>) -> Result<(Value, Value), Raise> {
    let (names, values) = (vm.new_list()?, vm.new_list()?);
    if let Some(kwargs) = kwargs {
        let Some(kwargs) = vm.cast::<Dict>(kwargs) else {
            return Err(vm.raise(exc::TYPE_ERROR, "expecting a dict for keyword args"));
        };
        let mut from = 0;
        while let Some((at, name, value)) = kwargs.entry(vm, from) {
            from = at + 1;
            let name = vm.name_arg(name)?;
            names.push(vm, name)?;
            values.push(vm, value)?;
        }
    }
    let names = vm.call(TUPLE.value(), &[names.value()])?;
    let values = vm.call(TUPLE.value(), &[values.value()])?;
    Ok((names, values))
}

/// Finds a task for the thread that the tuple describes.
fn start(vm: &mut Vm, state: List, thread: Value) -> Result<(), Raise> {
    let stack_bytes = state.get(vm, 0).and_then(Value::as_small_int).unwrap_or(0);
    let stack_bytes = usize::try_from(stack_bytes).unwrap_or(0);
    for _ in 0..RETRIES {
        match vm.host().start_thread(thread_main, thread.bits(), stack_bytes) {
            Ok(()) => return Ok(()),
            Err(StartError::StackTooBig) => break,
            Err(StartError::NoTask) => {
                vm.wait_until(Some(RETRY_US), |_| Ok(false))?;
            }
        }
    }
    Err(vm.raise(exc::OS_ERROR, "can't create thread"))
}

/// Takes the tuple with these bits out of the module's state.
fn take_started(vm: &mut Vm, bits: usize) -> Option<Tuple> {
    let state = vm.module_state(q::_thread.value()).and_then(List::from_value)?;
    let at = state.items(vm).iter().position(|thread| thread.bits() == bits)?;
    Tuple::from_value(state.remove(vm, at)?)
}

/// The life of a thread: the call, and a report if it raised. `SystemExit` ends a thread silently, as does a kill.
fn thread_main(vm: &mut Vm, bits: usize) {
    let Some(thread) = take_started(vm, bits) else { return };
    let &[id, function, positional, names, values] = thread.items() else { return };
    vm.set_thread_id(id.as_small_int().and_then(|id| u32::try_from(id).ok()).unwrap_or(0));
    let (positional, names, values) =
        (Tuple::from_known(positional), Tuple::from_known(names), Tuple::from_known(values));
    let args = Args { pos: positional.items(), names: names.items(), values: values.items() };
    let result = vm.safe_point().and_then(|()| vm.call_args(function, args));
    if result.is_err() {
        let exception = vm.take_exception();
        if !vm.exception_is(exception, exc::SYSTEM_EXIT) {
            report(vm, function, exception);
        }
    }
}

/// Says which thread ended with which exception.
fn report(vm: &mut Vm, function: Value, exception: Value) {
    vm.write_text(b"Unhandled exception in thread started by ", true);
    match vm.repr(function) {
        Ok(text) => vm.write_text(Str::from_known(text).as_bytes(), true),
        Err(raise) => vm.forget(raise),
    }
    vm.write_text(b"\n", true);
    vm.print_exception(exception);
}

/// `_thread.exit()`: ends the calling thread.
fn exit(vm: &mut Vm) -> Res {
    Err(vm.raise(exc::SYSTEM_EXIT, ""))
}

/// `_thread.get_ident()`: a number that no other living thread has; never 0.
fn get_ident(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.thread_id() as usize))
}

/// `_thread.idents()`: the identities of the threads that run or wait now, in a list. An extension, for `threading`.
fn idents(vm: &mut Vm) -> Res {
    let list = vm.new_list()?;
    // Making room may let finalisers wait, but nobody else runs: the threads stay.
    let mut at = 0;
    while let Some(id) = vm.nth_thread_id(at) {
        list.push(vm, Value::from_len(id as usize))?;
        at += 1;
    }
    Ok(list.value())
}

/// `_thread.main_ident()`: the identity of the main thread; 0 when it has ended. An extension, for `threading`.
fn main_ident(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.main_thread_id() as usize))
}

/// `_thread.priority([priority])`: the calling thread's priority, which it had before if a new one is given; threads
/// that it starts begin with it. 0 is the lowest. An extension. Raises `ValueError` for one that the kernel does not have.
fn priority(vm: &mut Vm, args: &[Value]) -> Res {
    vm.check_may_wait()?;
    let Some(crew) = Crew::of(vm) else {
        return Err(vm.raise(exc::RUNTIME_ERROR, "no scheduler"));
    };
    let before = Value::from_len(crew.priority() as usize);
    if let Some(&new) = args.first() {
        let new = u32::try_from(vm.index(new)?).ok().filter(|&p| p < rtos::priorities());
        let Some(new) = new else {
            return Err(vm.raise(exc::VALUE_ERROR, "priority not valid"));
        };
        crew.set_priority(new);
    }
    Ok(before)
}

/// `_thread.stack_size([bytes])`: how much native stack later threads need at least, 0 for what is usual; returns what
/// it was before. Without an argument it is 0 afterwards.
///
/// Raises `ValueError` for a negative size.
fn stack_size(vm: &mut Vm, args: &[Value]) -> Res {
    let bytes = match args.first() {
        Some(&bytes) => vm.index(bytes)?,
        None => 0,
    };
    let Some(bytes) = Value::small_int(bytes).filter(|_| bytes >= 0) else {
        return Err(vm.raise(exc::VALUE_ERROR, "size not valid"));
    };
    let state = state(vm)?;
    let before = state.get(vm, 0).unwrap_or(Value::int(0));
    state.set(vm, 0, bytes);
    Ok(before)
}

/// `_thread.allocate_lock()`: a lock that is not locked.
fn allocate_lock(vm: &mut Vm) -> Res {
    Ok(Native::new(vm, LOCK.value(), &[Value::bool(false)])?.value())
}

/// The lock that a method was called on.
fn lock(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    match Native::from_value(v).filter(|native| native.class() == LOCK.value()) {
        Some(lock) => Ok(lock),
        None => Err(vm.raise(exc::TYPE_ERROR, "a lock is required")),
    }
}

fn is_locked(vm: &Vm, lock: Native) -> bool {
    lock.get(vm, 0) == Value::bool(true)
}

/// Locks a lock that is free and that no thread was promised.
fn try_lock(vm: &mut Vm, lock: Native) -> bool {
    let is_free = !is_locked(vm, lock) && !vm.must_queue(lock.value());
    if is_free {
        lock.set(vm, 0, Value::bool(true));
    }
    is_free
}

/// `lock.acquire(blocking=True, timeout=-1)`: whether the lock is now the caller's. Waits, without the GIL, at most
/// `timeout` seconds, for ever if that is -1; `KeyboardInterrupt` and what callbacks do come through.
///
/// Raises `ValueError` for another negative time-out, and for one of a call that is not to wait.
fn lock_acquire(vm: &mut Vm, args: &[Value]) -> Res {
    let lock = lock(vm, args[0])?;
    let is_blocking = args[1].is_undef() || vm.truth(args[1])?;
    let timeout_us = match args[2] {
        v if v.is_undef() => None,
        v => match float::to_scalar(vm, v)? {
            -1.0 => None,
            s if !is_blocking || s < 0.0 => {
                return Err(vm.raise(exc::VALUE_ERROR, "timeout value not valid"));
            }
            // Saturates; NaN is 0.
            s => Some((s * 1e6) as u64),
        },
    };
    if try_lock(vm, lock) {
        return Ok(Value::bool(true));
    }
    if !is_blocking {
        return Ok(Value::bool(false));
    }
    let locked = vm.wait_on(lock.value(), timeout_us, |vm| Ok(try_lock(vm, lock)));
    if !matches!(locked, Ok(true)) && !is_locked(vm, lock) {
        vm.wake_one(lock.value()); // Invariant 2: this thread may have been the one awake.
    }
    locked.map(Value::bool)
}

/// `lock.__enter__()`: as `acquire()`.
fn lock_enter(vm: &mut Vm, v: Value) -> Res {
    lock_acquire(vm, &[v, Value::UNDEF, Value::UNDEF])
}

/// `lock.release()`, by any thread. Raises `RuntimeError` if it is not locked.
fn lock_release(vm: &mut Vm, v: Value) -> Res {
    let lock = lock(vm, v)?;
    if !is_locked(vm, lock) {
        return Err(vm.raise(exc::RUNTIME_ERROR, ""));
    }
    lock.set(vm, 0, Value::bool(false));
    vm.wake_one(v);
    Ok(Value::NONE)
}

/// `lock.__exit__(…)`: as `release()`.
fn lock_exit(vm: &mut Vm, args: &[Value]) -> Res {
    lock_release(vm, args[0])
}

/// `lock.locked()`
fn lock_locked(vm: &mut Vm, v: Value) -> Res {
    let lock = lock(vm, v)?;
    Ok(Value::bool(is_locked(vm, lock)))
}
