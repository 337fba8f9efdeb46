//! `TaskQueue`: tasks in the order of their time, then of their arrival. A pairing heap through the tasks themselves,
//! so that nothing that a task waits for allocates.
//!
//! # Invariants
//! - Q1. A task's word `QUEUE` names the queue that it is in; a task is in one queue at most.
//! - Q2. `CHILD` is a task's first child and `NEXT` its next sibling; `BACK` is the previous sibling, the parent for a
//!   first child, and `None` for the root. All three are `None` outside a queue.

use super::event_loop::EventLoop;
use super::task::{BACK, CHILD, DUE, NEXT, ORDER, QUEUE, Task};
use threadsnake_vm::object::{Args, Native, Res};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc, py_type};

py_type! {
    /// `asyncio.TaskQueue`. `await queue` puts the running task into it, until somebody wakes it.
    pub static TASK_QUEUE: TaskQueue, base OBJECT;
    slots { new: queue_new, bool: queue_bool, iter: itself, next: queue_next, is_final: true }
    entries {
        push = Var(2, 3, queue_push);
        pop = F1(queue_pop);
        peek = F1(queue_peek);
        remove = F2(queue_remove);
        wake = Var(1, 2, queue_wake);
    }
}

/// Word: the first task, or `None`.
const ROOT: usize = 0;
/// Word: counts the tasks that were put in.
const COUNT: usize = 1;

/// Times and counts wrap around here: they are small ints on every target.
pub const PERIOD: i64 = 1 << 30;

/// The signed distance from `b` to `a`, both modulo [`PERIOD`].
pub fn distance(a: i64, b: i64) -> i64 {
    (a - b + PERIOD / 2).rem_euclid(PERIOD) - PERIOD / 2
}

/// A queue of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskQueue(Native);

impl TaskQueue {
    /// An empty one.
    pub fn new(vm: &mut Vm) -> Result<Self, Raise> {
        Ok(Self(Native::new(vm, TASK_QUEUE.value(), &[Value::NONE, Value::int(0)])?))
    }

    /// The queue behind a value.
    pub fn of(v: Value) -> Option<Self> {
        Native::from_value(v).filter(|n| n.class() == TASK_QUEUE.value()).map(Self)
    }

    /// The queue as a value.
    pub fn value(self) -> Value {
        self.0.value()
    }

    /// The task that is first.
    pub fn first(self, vm: &Vm) -> Option<Task> {
        Task::of(self.0.get(vm, ROOT))
    }

    /// Puts in a task that is in no queue; `due` modulo [`PERIOD`].
    pub fn push(self, vm: &mut Vm, task: Task, due: i64) {
        let order = self.0.get(vm, COUNT).as_small_int().unwrap_or(0) as i64;
        self.0.set(vm, COUNT, small((order + 1) % PERIOD));
        task.set(vm, DUE, small(due));
        task.set(vm, ORDER, small(order));
        task.set(vm, QUEUE, self.value());
        let root = match self.first(vm) {
            Some(root) => meld(vm, root, task),
            None => task,
        };
        self.0.set(vm, ROOT, root.value());
    }

    /// Takes out the first task.
    pub fn pop(self, vm: &mut Vm) -> Option<Task> {
        let first = self.first(vm)?;
        let root = take_children(vm, first);
        self.0.set(vm, ROOT, root.map_or(Value::NONE, Task::value));
        first.set(vm, QUEUE, Value::NONE);
        Some(first)
    }

    /// Takes out a task, which is in this queue.
    pub fn remove(self, vm: &mut Vm, task: Task) {
        if self.first(vm) == Some(task) {
            self.pop(vm);
            return;
        }
        cut(vm, task);
        if let (Some(children), Some(root)) = (take_children(vm, task), self.first(vm)) {
            let root = meld(vm, root, children);
            self.0.set(vm, ROOT, root.value());
        }
        task.set(vm, QUEUE, Value::NONE);
    }

    /// Makes up to `n` tasks ready to run, in their loops.
    pub fn wake(self, vm: &mut Vm, n: usize) -> Result<usize, Raise> {
        let mut woken = 0;
        while woken < n
            && let Some(task) = self.pop(vm)
        {
            task.make_ready(vm)?;
            woken += 1;
        }
        Ok(woken)
    }
}

fn small(n: i64) -> Value {
    Value::int(n as i32)
}

fn number(vm: &Vm, task: Task, word: usize) -> i64 {
    task.get(vm, word).as_small_int().unwrap_or(0) as i64
}

fn before(vm: &Vm, a: Task, b: Task) -> bool {
    match distance(number(vm, a, DUE), number(vm, b, DUE)) {
        0 => distance(number(vm, a, ORDER), number(vm, b, ORDER)) < 0,
        d => d < 0,
    }
}

/// Makes one heap of two; returns its root.
fn meld(vm: &mut Vm, a: Task, b: Task) -> Task {
    let (root, child) = if before(vm, b, a) { (b, a) } else { (a, b) };
    let second = root.get(vm, CHILD);
    child.set(vm, NEXT, second);
    child.set(vm, BACK, root.value());
    if let Some(second) = Task::of(second) {
        second.set(vm, BACK, child.value());
    }
    root.set(vm, CHILD, child.value());
    root.set(vm, NEXT, Value::NONE);
    root.set(vm, BACK, Value::NONE);
    root
}

/// Unlinks a task, with its children, from its parent and siblings.
fn cut(vm: &mut Vm, task: Task) {
    let (next, back) = (task.get(vm, NEXT), task.get(vm, BACK));
    if let Some(back) = Task::of(back) {
        let is_parent = back.get(vm, CHILD) == task.value();
        back.set(vm, if is_parent { CHILD } else { NEXT }, next);
    }
    if let Some(next) = Task::of(next) {
        next.set(vm, BACK, back);
    }
    task.set(vm, NEXT, Value::NONE);
    task.set(vm, BACK, Value::NONE);
}

/// Makes one heap of a task's children; it has none then.
fn take_children(vm: &mut Vm, task: Task) -> Option<Task> {
    let mut rest = Task::of(task.get(vm, CHILD));
    task.set(vm, CHILD, Value::NONE);
    // Pairs from left to right, stacked through `BACK`; then all from right to left.
    let mut pairs: Option<Task> = None;
    while let Some(a) = rest {
        let b = Task::of(a.get(vm, NEXT));
        rest = b.and_then(|b| Task::of(b.get(vm, NEXT)));
        a.set(vm, NEXT, Value::NONE);
        a.set(vm, BACK, Value::NONE);
        let pair = match b {
            Some(b) => meld(vm, a, b),
            None => a,
        };
        pair.set(vm, BACK, pairs.map_or(Value::NONE, Task::value));
        pairs = Some(pair);
    }
    let mut root: Option<Task> = None;
    while let Some(pair) = pairs {
        pairs = Task::of(pair.get(vm, BACK));
        pair.set(vm, BACK, Value::NONE);
        root = Some(match root {
            Some(root) => meld(vm, pair, root),
            None => pair,
        });
    }
    root
}

fn queue_new(vm: &mut Vm, _class: Value, _args: Args<'_>) -> Res {
    Ok(TaskQueue::new(vm)?.value())
}

fn this(vm: &mut Vm, v: Value) -> Result<TaskQueue, Raise> {
    match TaskQueue::of(v) {
        Some(queue) => Ok(queue),
        None => Err(vm.raise(exc::TYPE_ERROR, "a TaskQueue is required")),
    }
}

fn queue_bool(vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    Ok(this(vm, v)?.first(vm).is_some())
}

/// `queue.push(task[, due])`: puts in a task; `due` in ticks of `time.ticks_ms`, now if absent.
fn queue_push(vm: &mut Vm, args: &[Value]) -> Res {
    let queue = this(vm, args[0])?;
    let task = Task::expect(vm, args[1])?;
    let due = match args.get(2) {
        Some(&due) => vm.int_to_i64(due)?.rem_euclid(PERIOD),
        None => EventLoop::now_ms(vm),
    };
    if !task.get(vm, QUEUE).is_none() {
        return Err(vm.raise(exc::RUNTIME_ERROR, "task is in a queue"));
    }
    queue.push(vm, task, due);
    Ok(Value::NONE)
}

/// `queue.peek()`: the first task, or `None`.
fn queue_peek(vm: &mut Vm, v: Value) -> Res {
    Ok(this(vm, v)?.first(vm).map_or(Value::NONE, Task::value))
}

/// `queue.pop()`: takes out the first task. Raises `IndexError` without one.
fn queue_pop(vm: &mut Vm, v: Value) -> Res {
    match this(vm, v)?.pop(vm) {
        Some(task) => Ok(task.value()),
        None => Err(vm.raise(exc::INDEX_ERROR, "empty heap")),
    }
}

/// `queue.remove(task)`: takes out a task, which may be elsewhere.
fn queue_remove(vm: &mut Vm, v: Value, task: Value) -> Res {
    let queue = this(vm, v)?;
    let task = Task::expect(vm, task)?;
    if task.get(vm, QUEUE) == v {
        queue.remove(vm, task);
    }
    Ok(Value::NONE)
}

/// `queue.wake([n])`: makes all tasks, or the first `n`, ready to run; how many there were.
fn queue_wake(vm: &mut Vm, args: &[Value]) -> Res {
    let queue = this(vm, args[0])?;
    let n = match args.get(1) {
        Some(&n) => usize::try_from(vm.index(n)?).unwrap_or(0),
        None => usize::MAX,
    };
    Ok(Value::from_len(queue.wake(vm, n)?))
}

fn itself(_vm: &mut Vm, v: Value) -> Res {
    Ok(v)
}

/// What `await queue` does: parks the running task here.
fn queue_next(vm: &mut Vm, v: Value) -> Res {
    let queue = this(vm, v)?;
    let task = EventLoop::running_task(vm)?;
    if task.unpark(vm) {
        return Ok(Value::STOP);
    }
    task.park(vm);
    let now = EventLoop::now_ms(vm);
    queue.push(vm, task, now);
    Ok(Value::NONE)
}
