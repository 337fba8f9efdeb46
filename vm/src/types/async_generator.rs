//! Asynchronous generators: `async def` with `yield`.
//!
//! The object is a generator like others; each of `__anext__()`, `asend()`, `athrow()` and `aclose()` makes an awaitable
//! *step* that runs it until its next `yield`. What the generator awaits meanwhile passes through the step. No value is
//! wrapped: a generator suspended in `yield from` awaits, any other suspension is a `yield`.
//!
//! As in MicroPython such a function may also be awaited like a coroutine, or driven with `send()`; then its `yield`s go
//! out as they are, and its value is what it returns.
//!
//! Source: Python Language Reference, "Asynchronous generator functions"; PEP 525.

use crate::interp::Resumed;
use crate::object::{Generator, Native, Res};
use crate::value::Value;
use crate::{Raise, Vm, exc, py_type};

use super::OBJECT;
use super::generator::{
    generator_attr, generator_close, generator_dunder_next, generator_itself, generator_next,
    generator_pend_throw, generator_repr, generator_send, generator_throw,
};

py_type! {
    /// An asynchronous generator.
    pub static ASYNC_GENERATOR: async_generator, base OBJECT;
    slots { repr: generator_repr, next: generator_next, attr: generator_attr, is_final: true }
    entries {
        __aiter__ = F1(generator_itself);
        __anext__ = F1(anext);
        asend = F2(asend);
        athrow = Var(2, 4, athrow);
        aclose = F1(aclose);
        __await__ = F1(generator_itself);
        __next__ = F1(generator_dunder_next);
        send = F2(generator_send);
        throw = Var(2, 4, generator_throw);
        pend_throw = F2(generator_pend_throw);
        close = F1(generator_close);
    }
}

py_type! {
    /// One step of an asynchronous generator. Words: the generator, what to send or raise, a [`mode`].
    pub static STEP: async_generator_asend, base OBJECT;
    slots { iter: step_itself, next: step_next, is_final: true }
    entries {
        __await__ = F1(step_itself);
        __iter__ = F1(step_itself);
        __next__ = F1(step_dunder_next);
        send = F2(step_send);
        throw = Var(2, 4, step_throw);
        close = F1(step_close);
    }
}

const GENERATOR: usize = 0;
const ARGUMENT: usize = 1;
const MODE: usize = 2;

/// What a step does when it is resumed.
mod mode {
    /// Sends its argument into the generator.
    pub const SEND: i32 = 0;
    /// Raises its argument inside.
    pub const THROW: i32 = 1;
    /// Raises `GeneratorExit` inside.
    pub const CLOSE: i32 = 2;
    /// It has begun: sends on what it is sent.
    pub const BEGUN: i32 = 3;
    /// As `BEGUN`, for `aclose()`.
    pub const CLOSING: i32 = 4;
    /// It is over.
    pub const OVER: i32 = 5;
}

fn step(vm: &mut Vm, generator: Value, argument: Value, mode: i32) -> Res {
    vm.expect::<Generator>(generator, &ASYNC_GENERATOR)?;
    Ok(Native::new(vm, STEP.value(), &[generator, argument, Value::int(mode)])?.value())
}

fn anext(vm: &mut Vm, this: Value) -> Res {
    step(vm, this, Value::NONE, mode::SEND)
}

fn asend(vm: &mut Vm, this: Value, value: Value) -> Res {
    step(vm, this, value, mode::SEND)
}

/// `athrow(type_or_value[, value[, traceback]])`.
fn athrow(vm: &mut Vm, args: &[Value]) -> Res {
    let exception = super::generator::thrown(vm, args)?;
    step(vm, args[0], exception, mode::THROW)
}

fn aclose(vm: &mut Vm, this: Value) -> Res {
    step(vm, this, Value::NONE, mode::CLOSE)
}

fn step_itself(_vm: &mut Vm, this: Value) -> Res {
    Ok(this)
}

/// Runs a step that was sent `value`: what it awaits, or the end with its value.
fn advance(vm: &mut Vm, this: Value, value: Value) -> Result<Resumed, Raise> {
    let Some(this) = Native::from_value(this).filter(|n| n.class() == STEP.value()) else {
        return Err(vm.raise(exc::TYPE_ERROR, ""));
    };
    let generator = Generator::from_known(this.get(vm, GENERATOR));
    let mode = this.get(vm, MODE).as_small_int().unwrap_or(0) as i32;
    let argument = this.get(vm, ARGUMENT);
    if mode == mode::OVER {
        return Err(vm.raise(exc::RUNTIME_ERROR, "cannot reuse already awaited step"));
    }
    let closes = matches!(mode, mode::CLOSE | mode::CLOSING);
    this.set(vm, MODE, Value::int(if closes { mode::CLOSING } else { mode::BEGUN }));
    let result = match mode {
        // Of what is sent first only `None` is left: it starts the step.
        mode::SEND => vm.resume(generator, argument),
        mode::THROW => vm.resume_with_exception(generator, argument),
        mode::CLOSE if generator.state() == Generator::DONE => Ok(Resumed::Returned(Value::NONE)),
        mode::CLOSE => {
            let exit = vm.new_exception(exc::GENERATOR_EXIT.value(), Vm::empty_tuple())?;
            vm.resume_with_exception(generator, exit)
        }
        _ => vm.resume(generator, value),
    };
    settle(vm, this, generator, result)
}

/// What a run of the generator means for the step that made it.
fn settle(
    vm: &mut Vm,
    this: Native,
    generator: Generator,
    result: Result<Resumed, Raise>,
) -> Result<Resumed, Raise> {
    if let Ok(Resumed::Yielded(_)) = result
        && generator.aux() & Generator::DELEGATING != 0
    {
        return result;
    }
    let closes = this.get(vm, MODE) == Value::int(mode::CLOSING);
    this.set(vm, MODE, Value::int(mode::OVER));
    let ended = Ok(Resumed::Returned(Value::NONE));
    match result {
        Ok(Resumed::Yielded(_)) if closes => {
            Err(vm.raise(exc::RUNTIME_ERROR, "async generator ignored GeneratorExit"))
        }
        Ok(Resumed::Yielded(v)) => Ok(Resumed::Returned(v)),
        Ok(Resumed::Returned(_)) if closes => ended,
        Ok(Resumed::Returned(_)) => Err(vm.raise(exc::STOP_ASYNC_ITERATION, "")),
        Err(_)
            if closes && (vm.catch(exc::GENERATOR_EXIT) || vm.catch(exc::STOP_ASYNC_ITERATION)) =>
        {
            ended
        }
        Err(raise) => Err(raise),
    }
}

fn step_next(vm: &mut Vm, this: Value) -> Res {
    Ok(match advance(vm, this, Value::NONE)? {
        Resumed::Yielded(v) => v,
        Resumed::Returned(v) => vm.stop_with(v),
    })
}

fn step_dunder_next(vm: &mut Vm, this: Value) -> Res {
    step_send(vm, this, Value::NONE)
}

fn step_send(vm: &mut Vm, this: Value, value: Value) -> Res {
    let resumed = advance(vm, this, value)?;
    sent(vm, resumed)
}

/// `throw(type_or_value[, value[, traceback]])`: raises inside the generator, where the step awaits.
fn step_throw(vm: &mut Vm, args: &[Value]) -> Res {
    let this = Native::from_value(args[0]).filter(|n| n.class() == STEP.value());
    let Some(this) = this else { return Err(vm.raise(exc::TYPE_ERROR, "")) };
    let exception = super::generator::thrown(vm, args)?;
    let generator = Generator::from_known(this.get(vm, GENERATOR));
    let result = vm.resume_with_exception(generator, exception);
    let resumed = settle(vm, this, generator, result)?;
    sent(vm, resumed)
}

fn step_close(vm: &mut Vm, this: Value) -> Res {
    if let Some(this) = Native::from_value(this).filter(|n| n.class() == STEP.value()) {
        this.set(vm, MODE, Value::int(mode::OVER));
    }
    Ok(Value::NONE)
}

/// What `send()` and its like return or raise for what the generator did.
fn sent(vm: &mut Vm, resumed: Resumed) -> Res {
    match resumed {
        Resumed::Yielded(v) => Ok(v),
        Resumed::Returned(v) => Err(vm.raise_stop(v)),
    }
}
