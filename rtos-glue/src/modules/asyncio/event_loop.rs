//! `Loop`: runs the tasks of one thread.
//!
//! Each thread has a loop of its own, made when it is asked for first. A loop with nothing to do waits in the wait
//! service ([`crate::select`]) for its streams and until its next task is due, and wakes up for nothing else.

use super::io::Streams;
use super::queue::{PERIOD, TaskQueue, distance};
use super::task::{CANCELLED_ERROR, QUEUE, Task};
use threadsnake_vm::object::{Exception, Generator, Native, Res, Tuple};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Resumed, Vm, exc, py_type};

py_type! {
    /// `asyncio.Loop`.
    pub static LOOP: Loop, base OBJECT;
    slots { is_final: true }
    entries {
        create_task = F2(loop_create_task);
        run_forever = F1(loop_run_forever);
        run_until_complete = F2(loop_run_until_complete);
        stop = F1(loop_stop);
        close = F1(loop_close);
        set_exception_handler = F2(loop_set_exception_handler);
        get_exception_handler = F1(loop_get_exception_handler);
        default_exception_handler = F2(loop_default_exception_handler);
        call_exception_handler = F2(loop_call_exception_handler);
    }
}

/// Word: the queue of those that are ready or sleep.
const READY: usize = 0;
/// Word: the task that runs, or `None`.
const RUNNING: usize = 1;
/// Word: the lists of [`Streams`].
const STREAMS: usize = 2;
/// Word: the exception handler, or `None`.
const HANDLER: usize = 3;
/// Word: while `run_forever` runs, the mark that ends it.
const STOPPER: usize = 4;
/// Word: the identity of the loop's thread.
const THREAD: usize = 5;
/// Word: what `sleep` returns as a rule.
pub const NAP: usize = 6;
const WORDS: usize = 7;

/// A loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventLoop(Native);

impl EventLoop {
    /// The loop behind a value.
    pub fn of(v: Value) -> Option<Self> {
        Native::from_value(v).filter(|n| n.class() == LOOP.value()).map(Self)
    }

    /// The calling thread's.
    pub fn current(vm: &mut Vm) -> Result<Self, Raise> {
        match vm.thread_state(q::asyncio.value()).and_then(Self::of) {
            Some(this) => Ok(this),
            None => Self::renew(vm),
        }
    }

    /// Gives the calling thread a new loop.
    pub fn renew(vm: &mut Vm) -> Result<Self, Raise> {
        let mut words = [Value::NONE; WORDS];
        words[READY] = TaskQueue::new(vm)?.value();
        words[STREAMS] = Streams::make(vm)?;
        words[THREAD] = Value::from_len(vm.thread_id() as usize);
        words[NAP] = super::io::new_nap(vm)?;
        let this = Self(Native::new(vm, LOOP.value(), &words)?);
        vm.set_thread_state(q::asyncio.value(), this.value())?;
        Ok(this)
    }

    /// The loop as a value.
    pub fn value(self) -> Value {
        self.0.value()
    }

    /// One of its words.
    pub fn get(self, vm: &Vm, word: usize) -> Value {
        self.0.get(vm, word)
    }

    /// The time by which tasks are due: milliseconds modulo [`PERIOD`], as `time.ticks_ms`.
    pub fn now_ms(vm: &Vm) -> i64 {
        (vm.host().ticks_us() / 1000) as i64 % PERIOD
    }

    /// The tasks that are ready or sleep.
    pub fn ready(self, vm: &Vm) -> TaskQueue {
        TaskQueue::of(self.get(vm, READY)).expect("every loop has its queue")
    }

    /// The streams that tasks wait for.
    pub fn streams(self, vm: &Vm) -> Streams {
        Streams::of(self.get(vm, STREAMS))
    }

    /// The task that runs.
    pub fn task(self, vm: &Vm) -> Option<Task> {
        Task::of(self.get(vm, RUNNING))
    }

    /// The task that runs in the calling thread; `RuntimeError` without one.
    pub fn running_task(vm: &mut Vm) -> Result<Task, Raise> {
        match Self::current(vm)?.task(vm) {
            Some(task) => Ok(task),
            None => Err(vm.raise(exc::RUNTIME_ERROR, "no running event loop")),
        }
    }

    /// Makes a task, ready to run.
    pub fn create_task(self, vm: &mut Vm, coro: Value) -> Result<Task, Raise> {
        let is_coro =
            Generator::from_value(coro).is_some() || vm.find_attr(coro, q::send.value())?.is_some();
        if !is_coro {
            return Err(vm.raise(exc::TYPE_ERROR, "coroutine expected"));
        }
        let task = Task::new(vm, self, coro)?;
        self.make_ready(vm, task)?;
        Ok(task)
    }

    /// Puts a task that is in no queue behind those that are ready; the loop may be another thread's.
    pub fn make_ready(self, vm: &mut Vm, task: Task) -> Result<(), Raise> {
        let now = Self::now_ms(vm);
        self.ready(vm).push(vm, task, now);
        let thread = self.get(vm, THREAD).as_small_int().unwrap_or(0) as u32;
        if thread != vm.thread_id() {
            vm.wake_thread(thread);
        }
        Ok(())
    }

    /// A task waits for a stream no more.
    pub fn forget_stream_of(self, vm: &mut Vm, task: Task) {
        self.streams(vm).forget(vm, task);
        task.set(vm, QUEUE, Value::NONE);
    }

    /// Runs tasks until `until` has ended; without it, until none is left that could run.
    fn run(self, vm: &mut Vm, until: Option<Task>) -> Res {
        let outer = self.get(vm, RUNNING);
        let result = self.run_tasks(vm, until);
        self.0.set(vm, RUNNING, outer);
        result
    }

    fn run_tasks(self, vm: &mut Vm, until: Option<Task>) -> Res {
        if let Some(task) = until.filter(|task| task.is_done(vm)) {
            return task.outcome(vm);
        }
        loop {
            self.0.set(vm, RUNNING, Value::NONE);
            if !self.wait_for_work(vm, until.is_some())? {
                return Ok(Value::NONE);
            }
            let Some(task) = self.ready(vm).pop(vm) else { continue };
            if task.is_done(vm) {
                if task.unseen_exception(vm).is_some() {
                    self.report(vm, task)?;
                }
                continue;
            }
            if task.coro(vm).is_none() {
                return Ok(Value::NONE); // The mark of `stop`.
            }
            self.0.set(vm, RUNNING, task.value());
            let (outcome, failed) = match step(vm, task) {
                Ok(Resumed::Yielded(_)) => continue,
                Ok(Resumed::Returned(v)) => (v, false),
                Err(_) if is_outcome(vm) => (vm.take_exception(), true),
                Err(raise) => return Err(raise),
            };
            self.0.set(vm, RUNNING, Value::NONE);
            let is_unnoticed = task.finish(vm, outcome, failed)?;
            if until == Some(task) {
                return task.outcome(vm);
            }
            if failed && is_unnoticed && !is_cancelled(vm, outcome) {
                // Whoever awaits it before its turn comes again gets the exception.
                task.make_ready(vm)?;
            }
        }
    }

    /// Waits until a task can run; false if none ever will and `is_endless` is not said.
    fn wait_for_work(self, vm: &mut Vm, is_endless: bool) -> Result<bool, Raise> {
        loop {
            let (ready, streams) = (self.ready(vm), self.streams(vm));
            let head = ready.first(vm);
            let timeout_us = match head {
                Some(head) => Some(self.us_until(vm, head)),
                None if streams.is_empty(vm) && !is_endless => return Ok(false),
                None => None,
            };
            if timeout_us == Some(0) && streams.is_empty(vm) {
                vm.safe_point()?;
                return Ok(true);
            }
            // A callback or another thread may make tasks ready meanwhile.
            streams.wait(vm, timeout_us, &|vm| ready.first(vm) != head)?;
            streams.take_ready(vm)?;
            if let Some(head) = ready.first(vm)
                && self.us_until(vm, head) == 0
            {
                return Ok(true);
            }
        }
    }

    /// Microseconds until a task is due.
    fn us_until(self, vm: &Vm, task: Task) -> u64 {
        let now_us = vm.host().ticks_us();
        let due = task.get(vm, super::task::DUE).as_small_int().unwrap_or(0) as i64;
        let ms = distance(due, (now_us / 1000) as i64 % PERIOD);
        u64::try_from(ms).unwrap_or(0).saturating_mul(1000).saturating_sub(now_us % 1000)
    }

    /// Tells the exception handler of an exception that nobody awaited.
    fn report(self, vm: &mut Vm, task: Task) -> Result<(), Raise> {
        let Some(exception) = task.unseen_exception(vm) else { return Ok(()) };
        let context = vm.new_dict()?;
        let message = vm.new_str("Task exception wasn't retrieved")?;
        context.set_name(vm, q::message.value(), message)?;
        context.set_name(vm, q::exception.value(), exception)?;
        context.set_name(vm, q::future.value(), task.value())?;
        loop_call_exception_handler(vm, self.value(), context.value())?;
        Ok(())
    }
}

fn is_cancelled(vm: &Vm, exception: Value) -> bool {
    vm.is_subclass(vm.exception_class(exception), CANCELLED_ERROR.value())
}

/// True if the parked exception ends a task; others end the loop.
fn is_outcome(vm: &Vm) -> bool {
    !vm.handle().is_killed()
        && (vm.raised(exc::EXCEPTION) || vm.raised_class(CANCELLED_ERROR.value()))
}

/// Lets the coroutine run up to its next wait.
fn step(vm: &mut Vm, task: Task) -> Result<Resumed, Raise> {
    let (coro, raising) = (task.coro(vm), task.take_raising(vm));
    if let Some(generator) = Generator::from_value(coro) {
        return match raising {
            None => vm.resume(generator, Value::NONE),
            Some(exception) => {
                task.unpark(vm);
                vm.resume_with_exception(generator, exception)
            }
        };
    }
    let result = match raising {
        None => vm.call_method(coro, q::send.value(), &[Value::NONE]),
        Some(exception) => {
            task.unpark(vm);
            vm.call_method(coro, q::throw.value(), &[exception])
        }
    };
    match result {
        Ok(v) => Ok(Resumed::Yielded(v)),
        Err(_) if !vm.handle().is_killed() && vm.raised(exc::STOP_ITERATION) => {
            let stop = vm.take_exception();
            let args = Exception::from_value(stop).and_then(|e| Tuple::from_value(e.args(vm)));
            Ok(Resumed::Returned(
                args.and_then(|args| args.items().first().copied()).unwrap_or(Value::NONE),
            ))
        }
        Err(raise) => Err(raise),
    }
}

fn this(vm: &mut Vm, v: Value) -> Result<EventLoop, Raise> {
    match EventLoop::of(v) {
        Some(this) => Ok(this),
        None => Err(vm.raise(exc::TYPE_ERROR, "a Loop is required")),
    }
}

/// The task of an awaitable: itself, or a new one.
pub fn promote(vm: &mut Vm, of: EventLoop, v: Value) -> Result<Task, Raise> {
    match Task::of(v) {
        Some(task) => Ok(task),
        None => of.create_task(vm, v),
    }
}

/// `loop.create_task(coro)`: a new task, ready to run. Raises `TypeError` for what is no coroutine.
pub fn loop_create_task(vm: &mut Vm, v: Value, coro: Value) -> Res {
    Ok(this(vm, v)?.create_task(vm, coro)?.value())
}

/// `loop.run_forever()`: runs until `stop()`, or until no task is left that could run.
fn loop_run_forever(vm: &mut Vm, v: Value) -> Res {
    let of = this(vm, v)?;
    let stopper = Task::new(vm, of, Value::NONE)?;
    of.0.set(vm, STOPPER, stopper.value());
    let result = of.run(vm, None);
    of.0.set(vm, STOPPER, Value::NONE);
    result
}

/// `loop.run_until_complete(awaitable)`: runs until that task has ended, whose result or exception this is.
pub fn loop_run_until_complete(vm: &mut Vm, v: Value, awaitable: Value) -> Res {
    let of = this(vm, v)?;
    let task = promote(vm, of, awaitable)?;
    of.run(vm, Some(task))
}

/// `loop.stop()`: `run_forever` ends when the tasks that are ready now have run.
fn loop_stop(vm: &mut Vm, v: Value) -> Res {
    let of = this(vm, v)?;
    if let Some(stopper) = Task::of(of.get(vm, STOPPER)) {
        of.0.set(vm, STOPPER, Value::NONE);
        of.make_ready(vm, stopper)?;
    }
    Ok(Value::NONE)
}

/// `loop.close()`: nothing.
fn loop_close(_vm: &mut Vm, _v: Value) -> Res {
    Ok(Value::NONE)
}

/// `loop.set_exception_handler(handler)`: calls `handler(loop, context)` for exceptions that nobody awaits; `None` for
/// the default.
fn loop_set_exception_handler(vm: &mut Vm, v: Value, handler: Value) -> Res {
    this(vm, v)?.0.set(vm, HANDLER, handler);
    Ok(Value::NONE)
}

/// `loop.get_exception_handler()`
fn loop_get_exception_handler(vm: &mut Vm, v: Value) -> Res {
    Ok(this(vm, v)?.get(vm, HANDLER))
}

/// `loop.default_exception_handler(context)`: prints the message, the task and the traceback to `sys.stderr`.
fn loop_default_exception_handler(vm: &mut Vm, _v: Value, context: Value) -> Res {
    let message = vm.get_item(context, q::message.value())?;
    let future = vm.get_item(context, q::future.value())?;
    let exception = vm.get_item(context, q::exception.value())?;
    let message = vm.str(message)?;
    let coro = Task::of(future).map_or(Value::NONE, |task| task.coro(vm));
    let (future, coro) = (vm.repr(future)?, vm.repr(coro)?);
    for text in [message, q::NEWLINE.value(), future, q::SPACE.value(), coro, q::NEWLINE.value()] {
        let bytes = threadsnake_vm::object::Str::from_known(text);
        vm.write_text(bytes.as_bytes(), true);
    }
    vm.print_exception(exception);
    Ok(Value::NONE)
}

/// `loop.call_exception_handler(context)`
fn loop_call_exception_handler(vm: &mut Vm, v: Value, context: Value) -> Res {
    let handler = this(vm, v)?.get(vm, HANDLER);
    if handler.is_none() {
        return loop_default_exception_handler(vm, v, context);
    }
    vm.call(handler, &[v, context])
}
