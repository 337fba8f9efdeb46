//! What tasks wait for besides other tasks: time, streams, and a flag that anybody may set.

use super::event_loop::{EventLoop, NAP};
use super::queue::PERIOD;
use super::task::{QUEUE, Task};
use crate::modules::select::Poll;
use threadsnake_vm::object::{Args, Ioctl, List, Native, Res, StreamSlots, poll};
use threadsnake_vm::types::stream::{IOBASE, errno};
use threadsnake_vm::types::{OBJECT, float};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc, py_type};

py_type! {
    /// What `asyncio.sleep_ms` returns. Words: see [`new_nap`].
    pub static NAP_TYPE: sleep, base OBJECT;
    slots { iter: itself, next: nap_next, is_final: true }
    entries {}
}

py_type! {
    /// What `asyncio.ready` returns. Words: the stream, what it is to be ready for.
    pub static READY_TYPE: ready, base OBJECT;
    slots { iter: itself, next: ready_next, is_final: true }
    entries {}
}

py_type! {
    /// The native part of `asyncio.ThreadSafeFlag`. Word: whether it is set.
    pub static FLAG: Flag, base IOBASE;
    slots { new: flag_new, stream: &FLAG_STREAM }
    entries {
        set = F1(flag_set);
        clear = F1(flag_clear);
        is_set = F1(flag_is_set);
    }
}

static FLAG_STREAM: StreamSlots =
    StreamSlots { read: no_read, write: no_write, seek: None, ioctl: flag_ioctl, is_text: false };

fn itself(_vm: &mut Vm, v: Value) -> Res {
    Ok(v)
}

/// Word of a nap: when it ends.
const UNTIL: usize = 0;
/// Word of a nap: the task that it is for, until that awaits it.
const SLEEPER: usize = 1;

/// A nap of nobody's. Each loop has one, so that `sleep_ms` need not allocate; only what is not awaited at once does.
pub fn new_nap(vm: &mut Vm) -> Res {
    Ok(Native::new(vm, NAP_TYPE.value(), &[Value::int(0), Value::NONE])?.value())
}

/// `asyncio.sleep_ms(t)`: awaited, it lets other tasks run for at least so many milliseconds. Raises `OverflowError`
/// above half the period of `time.ticks_ms`.
pub fn sleep_ms(vm: &mut Vm, t: Value) -> Res {
    let ms = vm.int_to_i64(t)?.max(0);
    sleep_for(vm, ms)
}

/// `asyncio.sleep(t)`: as `sleep_ms`, in seconds.
pub fn sleep(vm: &mut Vm, t: Value) -> Res {
    let ms = match t.as_small_int() {
        Some(s) => (s as i64).saturating_mul(1000),
        None => (float::to_scalar(vm, t)? * 1e3) as i64,
    };
    sleep_for(vm, ms.max(0))
}

fn sleep_for(vm: &mut Vm, ms: i64) -> Res {
    if ms >= PERIOD / 2 {
        return Err(vm.raise(exc::OVERFLOW_ERROR, "ticks interval overflow"));
    }
    let until = Value::int(((EventLoop::now_ms(vm) + ms) % PERIOD) as i32);
    let of = EventLoop::current(vm)?;
    let sleeper = of.task(vm).map_or(Value::NONE, Task::value);
    let mut nap = Native::from_known(of.get(vm, NAP));
    if sleeper.is_none() || !nap.get(vm, SLEEPER).is_none() {
        nap = Native::from_known(new_nap(vm)?);
    }
    nap.set(vm, UNTIL, until);
    nap.set(vm, SLEEPER, sleeper);
    Ok(nap.value())
}

fn nap_next(vm: &mut Vm, v: Value) -> Res {
    let nap = Native::from_known(v);
    let of = EventLoop::current(vm)?;
    let task = EventLoop::running_task(vm)?;
    if task.unpark(vm) {
        return Ok(Value::STOP);
    }
    nap.set(vm, SLEEPER, Value::NONE);
    task.park(vm);
    let until = nap.get(vm, UNTIL).as_small_int().unwrap_or(0) as i64;
    of.ready(vm).push(vm, task, until);
    Ok(Value::NONE)
}

/// `asyncio.ready(stream, eventmask)`: awaited, it waits until the stream is ready for one of these.
pub fn ready(vm: &mut Vm, stream: Value, wanted: Value) -> Res {
    Ok(Native::new(vm, READY_TYPE.value(), &[stream, wanted])?.value())
}

fn ready_next(vm: &mut Vm, v: Value) -> Res {
    let wait = Native::from_known(v);
    let of = EventLoop::current(vm)?;
    let task = EventLoop::running_task(vm)?;
    if task.unpark(vm) {
        return Ok(Value::STOP);
    }
    let (stream, wanted) = (wait.get(vm, 0), wait.get(vm, 1));
    let wanted = vm.index(wanted)? as usize;
    of.streams(vm).add(vm, stream, wanted, task)?;
    task.park(vm);
    task.set(vm, QUEUE, of.value());
    Ok(Value::NONE)
}

/// The streams that a loop's tasks wait for, and who waits: a poll set, and a list with a pair for each of its entries,
/// the task that waits to read and the one that waits to write.
#[derive(Debug, Clone, Copy)]
pub struct Streams {
    poll: Poll,
    waiters: List,
}

const READER: usize = 0;
const WRITER: usize = 1;

impl Streams {
    /// None yet; as the value that [`Streams::of`] takes.
    pub fn make(vm: &mut Vm) -> Res {
        let poll = Poll::new(vm)?.value();
        let waiters = vm.new_list()?.value();
        vm.new_tuple(&[poll, waiters])
    }

    /// What [`Streams::make`] made.
    pub fn of(v: Value) -> Self {
        let tuple = threadsnake_vm::object::Tuple::from_known(v);
        let list = |i: usize| List::from_known(tuple.items()[i]);
        Self { poll: Poll::of(list(0)), waiters: list(1) }
    }

    /// True while no task waits.
    pub fn is_empty(self, vm: &Vm) -> bool {
        self.poll.is_empty(vm)
    }

    /// A task waits for a stream.
    fn add(self, vm: &mut Vm, stream: Value, wanted: usize, task: Task) -> Result<(), Raise> {
        let place = if wanted & poll::WRITE != 0 { WRITER } else { READER };
        let at = match self.poll.index_of(vm, stream) {
            Some(at) => at,
            None => {
                let at = self.waiters.len(vm) / 2;
                self.waiters.extend_from(vm, &[Value::NONE, Value::NONE])?;
                if let Err(raise) = self.poll.set(vm, stream, 0) {
                    self.waiters.truncate(vm, 2 * at);
                    return Err(raise);
                }
                at
            }
        };
        if self.waiter(vm, at, place).is_some() {
            return Err(vm.raise(exc::RUNTIME_ERROR, "another task waits for the stream"));
        }
        self.waiters.set(vm, 2 * at + place, task.value());
        self.update(vm, at);
        Ok(())
    }

    fn waiter(self, vm: &Vm, at: usize, place: usize) -> Option<Task> {
        self.waiters.get(vm, 2 * at + place).and_then(Task::of)
    }

    /// Polls an entry for what is waited for; forgets it if nobody waits. True if it stays.
    fn update(self, vm: &mut Vm, at: usize) -> bool {
        let wanted = [(READER, poll::READ), (WRITER, poll::WRITE)]
            .map(|(place, bits)| if self.waiter(vm, at, place).is_some() { bits } else { 0 });
        let wanted = wanted[0] | wanted[1];
        if wanted == 0 {
            self.poll.remove_at(vm, at);
            self.waiters.remove(vm, 2 * at);
            self.waiters.remove(vm, 2 * at);
        } else {
            self.poll.want(vm, at, wanted);
        }
        wanted != 0
    }

    /// A task waits no more.
    pub fn forget(self, vm: &mut Vm, task: Task) {
        if let Some(i) = self.waiters.items(vm).iter().position(|&t| t == task.value()) {
            self.waiters.set(vm, i, Value::NONE);
            self.update(vm, i / 2);
        }
    }

    /// Waits until a stream is ready or `or` says so, at most `timeout_us`.
    pub fn wait(
        self,
        vm: &mut Vm,
        timeout_us: Option<u64>,
        or: &dyn Fn(&mut Vm) -> bool,
    ) -> Result<(), Raise> {
        self.poll.wait_or(vm, timeout_us, or)?;
        Ok(())
    }

    /// Makes the tasks ready whose streams were ready when they were asked last.
    pub fn take_ready(self, vm: &mut Vm) -> Result<(), Raise> {
        let mut at = 0;
        while let Some(bits) = self.poll.take_bits(vm, at) {
            for (place, mine) in [(READER, !poll::WRITE), (WRITER, !poll::READ)] {
                if bits & mine != 0
                    && let Some(task) = self.waiter(vm, at, place)
                {
                    self.waiters.set(vm, 2 * at + place, Value::NONE);
                    task.set(vm, QUEUE, Value::NONE);
                    task.make_ready(vm)?;
                }
            }
            if self.update(vm, at) {
                at += 1;
            }
        }
        Ok(())
    }
}

fn flag_new(vm: &mut Vm, class: Value, _args: Args<'_>) -> Res {
    Ok(Native::new(vm, class, &[Value::bool(false)])?.value())
}

fn flag(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    match vm.cast::<Native>(v) {
        Some(native) if vm.is_instance(v, FLAG.value()) => Ok(native),
        _ => Err(vm.raise(exc::TYPE_ERROR, "a flag is required")),
    }
}

/// `flag.set()`, from any thread or callback, or from a handler of interrupts.
fn flag_set(vm: &mut Vm, v: Value) -> Res {
    flag(vm, v)?.set(vm, 0, Value::bool(true));
    vm.host().stream_changed();
    Ok(Value::NONE)
}

/// `flag.clear()`
fn flag_clear(vm: &mut Vm, v: Value) -> Res {
    flag(vm, v)?.set(vm, 0, Value::bool(false));
    Ok(Value::NONE)
}

/// `flag.is_set()`
fn flag_is_set(vm: &mut Vm, v: Value) -> Res {
    let flag = flag(vm, v)?;
    Ok(flag.get(vm, 0))
}

fn flag_ioctl(vm: &mut Vm, v: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Poll if Native::from_known(v).get(vm, 0) == Value::bool(true) => {
            Ok(argument & poll::READ)
        }
        Ioctl::Poll | Ioctl::Close | Ioctl::Flush => Ok(0),
        _ => Err(vm.raise_os_error(errno::EINVAL)),
    }
}

fn no_read(vm: &mut Vm, _: Value, _: &mut [u8]) -> Result<Option<usize>, Raise> {
    Err(vm.raise_os_error(errno::EINVAL))
}

fn no_write(vm: &mut Vm, _: Value, _: &[u8]) -> Result<Option<usize>, Raise> {
    Err(vm.raise_os_error(errno::EINVAL))
}
