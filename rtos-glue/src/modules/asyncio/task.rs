//! `Task`: a coroutine that an event loop runs.
//!
//! A task is ready or sleeps (in its loop's queue), waits in another queue, for another task, or for a stream. What it
//! awaits *parks* it: the word [`FLAGS`] says so, and whoever awaits looks there when the task runs again, so that an
//! awaited object needs no state of its own.

use super::event_loop::EventLoop;
use super::queue::TaskQueue;
use threadsnake_vm::object::{AttrOp, Native, Res, RomType, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::types::exceptions::{BASE_EXCEPTION, EXCEPTION_SLOTS};
use threadsnake_vm::types::function::is_callable;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

/// `asyncio.CancelledError`, raised in a task that is cancelled.
pub static CANCELLED_ERROR: RomType =
    RomType::new(q::CancelledError, Some(&BASE_EXCEPTION), EXCEPTION_SLOTS, &[]);

py_type! {
    /// `asyncio.Task`. `await task` waits for its end.
    pub static TASK: Task, base OBJECT;
    slots { repr: task_repr, iter: task_iter, next: task_next, attr: task_attr, is_final: true }
    entries {
        done = F1(task_done);
        cancel = F1(task_cancel);
        result = F1(task_result);
        watch = F2(task_watch);
        wake = F1(task_wake);
    }
}

/// Word: the coroutine, or `None` for the mark that stops a loop.
const CORO: usize = 0;
/// Word: the result, or the exception.
const OUTCOME: usize = 1;
/// Word: see below.
const FLAGS: usize = 2;
/// Word: what to do at the end: `None`, a queue of tasks to wake, or a function to call with the task.
const WATCHER: usize = 3;
/// Word: the exception to raise in the coroutine when it runs next, or `None`.
const RAISING: usize = 4;
/// Word: the task that this one awaits, or `None`.
const AWAITS: usize = 5;
/// Word: the task's loop.
const LOOP: usize = 6;
/// Word: the queue that it is in, the loop if it waits for a stream, or `None`.
pub const QUEUE: usize = 7;
/// Word: when it is to run, in milliseconds.
pub const DUE: usize = 8;
/// Word: orders those that are due at the same time.
pub const ORDER: usize = 9;
/// Word of the queue: see there.
pub const CHILD: usize = 10;
/// As `CHILD`.
pub const NEXT: usize = 11;
/// As `CHILD`.
pub const BACK: usize = 12;
const WORDS: usize = 13;

/// The coroutine has ended.
const DONE: i32 = 1;
/// By an exception.
const FAILED: i32 = 2;
/// Somebody has seen how.
const SEEN: i32 = 4;
/// Something that is awaited has suspended the task.
const PARKED: i32 = 8;

/// A task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task(Native);

impl Task {
    /// A task of a loop, in no queue yet.
    pub fn new(vm: &mut Vm, of: EventLoop, coro: Value) -> Result<Self, Raise> {
        let mut words = [Value::NONE; WORDS];
        words[CORO] = coro;
        words[LOOP] = of.value();
        for word in [FLAGS, DUE, ORDER] {
            words[word] = Value::int(0);
        }
        Ok(Self(Native::new(vm, TASK.value(), &words)?))
    }

    /// The task behind a value.
    pub fn of(v: Value) -> Option<Self> {
        Native::from_value(v).filter(|n| n.class() == TASK.value()).map(Self)
    }

    /// As `of`, or `TypeError`.
    pub fn expect(vm: &mut Vm, v: Value) -> Result<Self, Raise> {
        match Self::of(v) {
            Some(task) => Ok(task),
            None => Err(vm.raise(exc::TYPE_ERROR, "a Task is required")),
        }
    }

    /// The task as a value.
    pub fn value(self) -> Value {
        self.0.value()
    }

    /// One of its words.
    pub fn get(self, vm: &Vm, word: usize) -> Value {
        self.0.get(vm, word)
    }

    /// Sets one of its words.
    pub fn set(self, vm: &mut Vm, word: usize, value: Value) {
        self.0.set(vm, word, value);
    }

    fn flags(self, vm: &Vm) -> i32 {
        self.get(vm, FLAGS).as_small_int().unwrap_or(0) as i32
    }

    fn add_flags(self, vm: &mut Vm, flags: i32) {
        let flags = self.flags(vm) | flags;
        self.set(vm, FLAGS, Value::int(flags));
    }

    /// The coroutine; `None` for the mark that stops a loop.
    pub fn coro(self, vm: &Vm) -> Value {
        self.get(vm, CORO)
    }

    /// True when the coroutine has ended.
    pub fn is_done(self, vm: &Vm) -> bool {
        self.flags(vm) & DONE != 0
    }

    /// The exception that ended it, if one did and nobody has seen it.
    pub fn unseen_exception(self, vm: &Vm) -> Option<Value> {
        if self.flags(vm) & (FAILED | SEEN) == FAILED { Some(self.get(vm, OUTCOME)) } else { None }
    }

    /// What it returned or raised; it is done, and somebody has seen it now.
    pub fn outcome(self, vm: &mut Vm) -> Res {
        self.add_flags(vm, SEEN);
        let outcome = self.get(vm, OUTCOME);
        if self.flags(vm) & FAILED != 0 { Err(vm.raise_value(outcome)) } else { Ok(outcome) }
    }

    /// Takes the exception that is to be raised in it.
    pub fn take_raising(self, vm: &mut Vm) -> Option<Value> {
        let exception = self.get(vm, RAISING);
        self.set(vm, RAISING, Value::NONE);
        Some(exception).filter(|e| !e.is_none())
    }

    /// Marks the running task as suspended by what it awaits.
    pub fn park(self, vm: &mut Vm) {
        self.add_flags(vm, PARKED);
    }

    /// True if what it awaits has suspended it already; not any more then.
    pub fn unpark(self, vm: &mut Vm) -> bool {
        let flags = self.flags(vm);
        self.set(vm, FLAGS, Value::int(flags & !PARKED));
        flags & PARKED != 0
    }

    /// Lets the task, which is in no queue, run as soon as its loop comes to it. May be another thread's.
    pub fn make_ready(self, vm: &mut Vm) -> Result<(), Raise> {
        self.set(vm, AWAITS, Value::NONE);
        match EventLoop::of(self.get(vm, LOOP)) {
            Some(of) => of.make_ready(vm, self),
            None => Ok(()),
        }
    }

    /// Takes the task out of wherever it waits.
    fn leave(self, vm: &mut Vm) {
        let place = self.get(vm, QUEUE);
        if let Some(queue) = TaskQueue::of(place) {
            queue.remove(vm, self);
        } else if let Some(of) = EventLoop::of(place) {
            of.forget_stream_of(vm, self);
        }
    }

    /// The coroutine has ended so: whoever waits for that runs. True if nobody did.
    pub fn finish(self, vm: &mut Vm, outcome: Value, failed: bool) -> Result<bool, Raise> {
        self.set(vm, OUTCOME, outcome);
        self.add_flags(vm, if failed { DONE | FAILED } else { DONE });
        let watcher = self.get(vm, WATCHER);
        self.set(vm, WATCHER, Value::NONE);
        if let Some(queue) = TaskQueue::of(watcher) {
            return Ok(queue.wake(vm, usize::MAX)? == 0);
        }
        if watcher.is_none() {
            return Ok(true);
        }
        self.add_flags(vm, SEEN);
        vm.call(watcher, &[self.value()])?;
        Ok(false)
    }
}

fn task_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    vm.push_fmt(out, format_args!("<Task {:#x}>", v.bits()));
    Ok(())
}

/// `await task`: refused if somebody watches it otherwise.
fn task_iter(vm: &mut Vm, v: Value) -> Res {
    let task = Task::expect(vm, v)?;
    if !task.is_done(vm) {
        let watcher = task.get(vm, WATCHER);
        if watcher.is_none() {
            let queue = TaskQueue::new(vm)?;
            task.set(vm, WATCHER, queue.value());
        } else if TaskQueue::of(watcher).is_none() {
            return Err(vm.raise(exc::RUNTIME_ERROR, "can't wait"));
        }
    } else {
        task.add_flags(vm, SEEN);
    }
    Ok(v)
}

fn task_next(vm: &mut Vm, v: Value) -> Res {
    let task = Task::expect(vm, v)?;
    if task.is_done(vm) {
        if let Ok(me) = EventLoop::running_task(vm) {
            me.unpark(vm);
        }
        let result = task.outcome(vm)?;
        return if result.is_none() { Ok(Value::STOP) } else { Err(vm.raise_stop(result)) };
    }
    let me = EventLoop::running_task(vm)?;
    let Some(queue) = TaskQueue::of(task.get(vm, WATCHER)) else {
        return Err(vm.raise(exc::RUNTIME_ERROR, "can't wait"));
    };
    me.park(vm);
    me.set(vm, AWAITS, v);
    let now = EventLoop::now_ms(vm);
    queue.push(vm, me, now);
    Ok(Value::NONE)
}

/// `task.coro`
fn task_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let task = Task::expect(vm, v)?;
    Ok(if name == q::coro.value() && op == AttrOp::Load { task.coro(vm) } else { Value::UNDEF })
}

/// `task.done()`: whether the coroutine has ended.
fn task_done(vm: &mut Vm, v: Value) -> Res {
    let task = Task::expect(vm, v)?;
    Ok(Value::bool(task.is_done(vm)))
}

/// `task.result()`: what the coroutine returned; what it raised is raised. `RuntimeError` while it has not ended.
fn task_result(vm: &mut Vm, v: Value) -> Res {
    let task = Task::expect(vm, v)?;
    if !task.is_done(vm) {
        return Err(vm.raise(exc::RUNTIME_ERROR, "task is not done"));
    }
    task.outcome(vm)
}

/// `task.cancel()`: raises `CancelledError` in the coroutine, in the innermost task that it awaits; false if it has
/// ended. Raises `RuntimeError` in the task itself.
fn task_cancel(vm: &mut Vm, v: Value) -> Res {
    let mut task = Task::expect(vm, v)?;
    if task.is_done(vm) {
        return Ok(Value::bool(false));
    }
    if EventLoop::current(vm)?.task(vm) == Some(task) {
        return Err(vm.raise(exc::RUNTIME_ERROR, "can't cancel self"));
    }
    while let Some(inner) = Task::of(task.get(vm, AWAITS)) {
        task = inner;
    }
    let exception = vm.new_exception(CANCELLED_ERROR.value(), Vm::empty_tuple())?;
    task.set(vm, RAISING, exception);
    bring_forward(vm, task)?;
    Ok(Value::bool(true))
}

/// Lets a task run soon, wherever it waits; one that is ready keeps its turn.
fn bring_forward(vm: &mut Vm, task: Task) -> Result<(), Raise> {
    let now = EventLoop::now_ms(vm);
    let is_ready = EventLoop::of(task.get(vm, LOOP)).is_some_and(|of| {
        let due = task.get(vm, DUE).as_small_int().unwrap_or(0) as i64;
        task.get(vm, QUEUE) == of.ready(vm).value() && super::queue::distance(due, now) <= 0
    });
    if is_ready {
        return Ok(());
    }
    task.leave(vm);
    task.make_ready(vm)
}

/// `task.wake()`: ends its sleep, if it sleeps.
fn task_wake(vm: &mut Vm, v: Value) -> Res {
    let task = Task::expect(vm, v)?;
    if !task.is_done(vm) && !task.get(vm, QUEUE).is_none() {
        bring_forward(vm, task)?;
    }
    Ok(Value::NONE)
}

/// `task.watch(function)`: calls `function(task)` at its end; `None` takes that back. False if the task is done.
/// Raises `RuntimeError` if somebody awaits or watches it.
fn task_watch(vm: &mut Vm, v: Value, function: Value) -> Res {
    let task = Task::expect(vm, v)?;
    if task.is_done(vm) {
        return Ok(Value::bool(false));
    }
    let now = task.get(vm, WATCHER);
    let is_awaited = TaskQueue::of(now).is_some_and(|queue| queue.first(vm).is_some());
    if function.is_none() {
        if !is_awaited {
            task.set(vm, WATCHER, Value::NONE);
        }
        return Ok(Value::bool(true));
    }
    if is_awaited || TaskQueue::of(now).is_none() && !now.is_none() {
        return Err(vm.raise(exc::RUNTIME_ERROR, "can't gather"));
    }
    if !is_callable(vm, function) {
        return Err(vm.raise(exc::TYPE_ERROR, "object not callable"));
    }
    task.set(vm, WATCHER, function);
    Ok(Value::bool(true))
}
