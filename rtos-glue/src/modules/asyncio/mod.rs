//! `asyncio`: cooperative tasks, one event loop a thread.
//!
//! The scheduler is here: tasks, their queue, the loop, sleeping, waiting for streams. What is built of coroutines on
//! top (`Event`, `Lock`, `gather`, streams …) is Python text beside it, loaded when it is imported first.
//!
//! Source: MicroPython library reference, "asyncio". Differences: a loop a thread, which other threads may make tasks
//! of theirs ready in; `asyncio.TimeoutError` is the built-in one, as in CPython.
#![forbid(unsafe_code)]

mod event_loop;
mod io;
mod queue;
mod task;

use event_loop::{EventLoop, loop_create_task, loop_run_until_complete};
use task::Task;
use threadsnake_vm::object::Res;
use threadsnake_vm::types::exceptions::TIMEOUT_ERROR;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Vm, py_module};

py_module! {
    /// `_asyncio`: what the text of `asyncio` takes from here.
    pub static ASYNCIO: _asyncio, extensible false;
    entries {
        CancelledError: task::CANCELLED_ERROR.rom();
        Flag: io::FLAG.rom();
        Loop: event_loop::LOOP.rom();
        Task: task::TASK.rom();
        TaskQueue: queue::TASK_QUEUE.rom();
        TimeoutError: TIMEOUT_ERROR.rom();
        create_task = F1(create_task);
        current_task = F0(current_task);
        get_event_loop = F0(get_event_loop);
        new_event_loop = F0(new_event_loop);
        ready = F2(io::ready);
        run = F1(run);
        run_until_complete = F1(run);
        sleep = F1(io::sleep);
        sleep_ms = F1(io::sleep_ms);
    }
}

/// The text of `asyncio`.
pub const TEXT: &str = include_str!("asyncio.py");
/// The text of its streams.
pub const STREAMS: &str = include_str!("_asyncio_streams.py");

/// `asyncio.get_event_loop()`: the calling thread's.
fn get_event_loop(vm: &mut Vm) -> Res {
    Ok(EventLoop::current(vm)?.value())
}

/// `asyncio.new_event_loop()`: a new one for the calling thread.
fn new_event_loop(vm: &mut Vm) -> Res {
    Ok(EventLoop::renew(vm)?.value())
}

/// `asyncio.create_task(coro)`: a new task of the calling thread's loop.
fn create_task(vm: &mut Vm, coro: Value) -> Res {
    let of = get_event_loop(vm)?;
    loop_create_task(vm, of, coro)
}

/// `asyncio.run(coro)`: runs a new task until it has ended; its result.
fn run(vm: &mut Vm, coro: Value) -> Res {
    let of = get_event_loop(vm)?;
    loop_run_until_complete(vm, of, coro)
}

/// `asyncio.current_task()`: the task that runs. Raises `RuntimeError` outside of one.
fn current_task(vm: &mut Vm) -> Res {
    EventLoop::running_task(vm).map(Task::value)
}
