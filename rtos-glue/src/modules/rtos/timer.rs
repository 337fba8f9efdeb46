//! `rtos.Timer`: calls a function after some time, once or again and again, as `micropython.schedule` does.

use super::handle;
use crate::modules::handles::{give_back_ticker, take_ticker, with_ticker};
use crate::rtos;
use crate::ticker::TickerRef;
use threadsnake_vm::object::{Args, List, Native, Res};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::types::function::is_callable;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

py_type! {
    /// `rtos.Timer(callback, period[, repeat=True])`: calls `callback(timer)` every `period` milliseconds from its start.
    pub static TIMER: Timer, base OBJECT;
    slots { new: timer_new, finalise: finalise, is_final: true }
    entries {
        close = F1(timer_close);
        start = F1(timer_start);
        stop = F1(timer_stop);
    }
}

/// Word: the kernel's timer, or `None` when it is closed.
const HANDLE: usize = 0;
const CALLBACK: usize = 1;
/// Word: the period in ticks.
const TICKS: usize = 2;
const REPEAT: usize = 3;

const EBADF: i32 = 9;
const ENOMEM: i32 = 12;
const EAGAIN: i32 = 11;

fn timer_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let names = [q::callback.value(), q::period.value(), q::repeat.value()];
    let [callback, period, repeat] = handle::parameters(vm, args, names)?;
    if callback.is_undef() || period.is_undef() || !is_callable(vm, callback) {
        return Err(vm.raise(exc::TYPE_ERROR, "a function and a period are required"));
    }
    let ms = vm.int_to_i64(period)?;
    let us = u64::try_from(ms).ok().filter(|&ms| (1..1 << 30).contains(&ms)).map(|ms| ms * 1000);
    let Some(us) = us else {
        return Err(vm.raise(exc::VALUE_ERROR, "period out of range"));
    };
    let ticks = Value::from_len(rtos::ticks_for_us(us).min(1 << 29) as usize);
    let repeat = Value::bool(repeat.is_undef() || vm.truth(repeat)?);
    let words = [Value::NONE, callback, ticks, repeat];
    let timer = Native::new(vm, TIMER.value(), &words)?;
    vm.register_finaliser(timer.value())?;
    let Some(ticker) = TickerRef::new(vm.handle()) else {
        return Err(vm.raise_os_error(ENOMEM));
    };
    timer.set(vm, HANDLE, give_back_ticker(ticker));
    Ok(timer.value())
}

fn this(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    match Native::from_value(v).filter(|n| n.class() == TIMER.value()) {
        Some(timer) => Ok(timer),
        None => Err(vm.raise(exc::TYPE_ERROR, "a Timer is required")),
    }
}

/// The timers that run: they live, whoever refers to them.
fn running(vm: &mut Vm) -> Result<List, Raise> {
    let name = q::rtos.value();
    if let Some(list) = vm.module_state(name).and_then(List::from_value) {
        return Ok(list);
    }
    let list = vm.new_list()?;
    vm.set_module_state(name, list.value())?;
    Ok(list)
}

fn forget(vm: &mut Vm, v: Value) {
    if let Some(list) = vm.module_state(q::rtos.value()).and_then(List::from_value)
        && let Some(at) = list.items(vm).iter().position(|&timer| timer == v)
    {
        list.remove(vm, at);
    }
}

/// `timer.start()`: from now on; one that runs starts again. Raises `OSError`.
fn timer_start(vm: &mut Vm, v: Value) -> Res {
    let timer = this(vm, v)?;
    let list = running(vm)?;
    if !list.items(vm).contains(&v) {
        list.push(vm, v)?;
    }
    let ticks = timer.get(vm, TICKS).as_small_int().unwrap_or(1) as u32;
    let repeat = timer.get(vm, REPEAT) == Value::bool(true);
    // The kernel's timer task may have to make room: not with the GIL held.
    let handle = timer.get(vm, HANDLE).as_small_int();
    let started = vm.unlocked(move |_| {
        let word = handle.and_then(Value::small_int).unwrap_or(Value::NONE);
        with_ticker(word, |ticker| ticker.start(ticks, repeat))
    });
    let number = match started {
        Some(true) => return Ok(Value::NONE),
        Some(false) => EAGAIN,
        None => EBADF,
    };
    forget(vm, v);
    Err(vm.raise_os_error(number))
}

/// `timer.stop()`
fn timer_stop(vm: &mut Vm, v: Value) -> Res {
    let timer = this(vm, v)?;
    forget(vm, v);
    with_ticker(timer.get(vm, HANDLE), |ticker| {
        ticker.stop();
        ticker.take_fired()
    });
    Ok(Value::NONE)
}

/// `timer.close()`: stops it for good.
fn timer_close(vm: &mut Vm, v: Value) -> Res {
    this(vm, v)?;
    forget(vm, v);
    finalise(vm, v);
    Ok(Value::NONE)
}

fn finalise(vm: &mut Vm, v: Value) {
    let timer = Native::from_known(v);
    let handle = timer.get(vm, HANDLE);
    timer.set(vm, HANDLE, Value::NONE);
    drop(take_ticker(handle));
}

/// Schedules the callbacks of timers that have expired; what does not fit the queue of callbacks is dropped, as
/// `micropython.schedule` would refuse it.
///
/// # Errors
/// None so far.
pub fn run_due(vm: &mut Vm) -> Result<(), Raise> {
    let Some(list) = vm.module_state(q::rtos.value()).and_then(List::from_value) else {
        return Ok(());
    };
    let mut at = 0;
    while let Some(v) = list.get(vm, at) {
        at += 1;
        let timer = Native::from_known(v);
        let fired = with_ticker(timer.get(vm, HANDLE), TickerRef::take_fired).unwrap_or(0);
        if fired == 0 {
            continue;
        }
        let callback = timer.get(vm, CALLBACK);
        vm.schedule(callback, v);
        if timer.get(vm, REPEAT) != Value::bool(true) {
            at -= 1;
            list.remove(vm, at);
        }
    }
    Ok(())
}
