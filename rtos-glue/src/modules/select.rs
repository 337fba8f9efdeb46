//! `select`: waiting for streams, and for RTOS objects, over the wait service ([`crate::select`]).
//!
//! Works without a network. Whatever has a stream's `ioctl` can be polled; native objects are waited for without
//! polling and without the GIL, a stream written in Python is asked again at a bounded rate.
//!
//! Source: MicroPython library reference, "select". Difference: `ipoll` makes a list of new tuples first, and not one tuple
//! that is used again and again.
#![forbid(unsafe_code)]

use crate::Crew;
use crate::select::{Source, wait};
use threadsnake_vm::object::{Ioctl, List, Native, Res, poll};
use threadsnake_vm::types::stream::Stream;
use threadsnake_vm::types::{OBJECT, float};
use threadsnake_vm::value::{RomValue, Value};
use threadsnake_vm::{Raise, Vm, exc, py_module, py_type};

py_module! {
    /// `select`.
    pub static SELECT: select, extensible true;
    entries {
        poll = F0(new_poll);
        select = Var(3, 4, select_select);
        POLLIN: bits(poll::READ);
        POLLOUT: bits(poll::WRITE);
        POLLERR: bits(poll::ERROR);
        POLLHUP: bits(poll::HANG_UP);
    }
}

py_type! {
    /// What `select.poll()` makes: see [`Poll`].
    pub static POLL: poll, base OBJECT;
    slots { is_final: true }
    entries {
        register = Var(2, 3, poll_register);
        unregister = F2(poll_unregister);
        modify = F3(poll_modify);
        poll = Var(1, 2, poll_poll);
        ipoll = Var(1, 3, poll_ipoll);
    }
}

const fn bits(bits: usize) -> RomValue {
    RomValue(Value::int(bits as i32))
}

/// Word: a list of what is registered, [`ENTRY`] items each: the object, what is wanted of it, what it is ready for.
const ENTRIES: usize = 0;

/// Items of the list for each object.
const ENTRY: usize = 3;
/// Flag of `ipoll`: what was reported is not wanted any more, until it is modified.
const ONE_SHOT: isize = 1;
/// What is wanted unless something else is said.
const DEFAULT: usize = poll::READ | poll::WRITE;
const ENOENT: i32 = 2;

/// The objects that are polled.
#[derive(Debug, Clone, Copy)]
pub struct Poll(List);

impl Poll {
    /// Without objects.
    pub fn new(vm: &mut Vm) -> Result<Self, Raise> {
        Ok(Self(vm.new_list()?))
    }

    /// What is registered, as a value for [`Poll::of`].
    pub fn value(self) -> Value {
        self.0.value()
    }

    /// The objects of [`Poll::value`].
    pub fn of(list: List) -> Self {
        Self(list)
    }

    /// Which entry an object has.
    pub fn index_of(self, vm: &Vm, object: Value) -> Option<usize> {
        self.find(vm, object).map(|at| at / ENTRY)
    }

    /// Forgets an entry.
    pub fn remove_at(self, vm: &mut Vm, i: usize) {
        for _ in 0..ENTRY {
            self.0.remove(vm, i * ENTRY);
        }
    }

    /// Changes what is wanted of an entry.
    pub fn want(self, vm: &mut Vm, i: usize, wanted: usize) {
        self.0.set(vm, i * ENTRY + 1, Value::from_len(wanted));
    }

    /// What an entry was ready for when it was asked last; from now on nothing. `None` behind the last entry.
    pub fn take_bits(self, vm: &mut Vm, i: usize) -> Option<usize> {
        self.0.get(vm, i * ENTRY)?;
        let bits = self.number(vm, i * ENTRY + 2);
        self.0.set(vm, i * ENTRY + 2, Value::int(0));
        Some(bits)
    }

    fn number(self, vm: &Vm, i: usize) -> usize {
        self.0.get(vm, i).map_or(0, Value::known_int) as usize
    }

    /// The index of an object's entry.
    fn find(self, vm: &Vm, object: Value) -> Option<usize> {
        self.0.items(vm).iter().step_by(ENTRY).position(|&o| o == object).map(|i| i * ENTRY)
    }

    /// Adds an object, or changes what is wanted of it. `OSError` if it cannot be polled.
    pub fn set(self, vm: &mut Vm, object: Value, wanted: usize) -> Result<(), Raise> {
        self.add(vm, object, wanted, 0)
    }

    /// As [`Poll::set`]; the bits of `keep` stay wanted.
    fn add(self, vm: &mut Vm, object: Value, wanted: usize, keep: usize) -> Result<(), Raise> {
        if let Some(at) = self.find(vm, object) {
            let wanted = wanted | self.number(vm, at + 1) & keep;
            self.0.set(vm, at + 1, Value::from_len(wanted));
            return Ok(());
        }
        Stream::expect(vm, object)?;
        self.0.extend_from(vm, &[object, Value::from_len(wanted), Value::int(0)])
    }

    /// Forgets an object; nothing if it is not known.
    pub fn remove(self, vm: &mut Vm, object: Value) {
        if let Some(i) = self.index_of(vm, object) {
            self.remove_at(vm, i);
        }
    }

    /// True without objects.
    pub fn is_empty(self, vm: &Vm) -> bool {
        self.0.is_empty(vm)
    }

    /// Waits until something is ready, at most `timeout_us`; how many objects are.
    ///
    /// # Errors
    /// What the objects raise, and what is pending.
    pub fn wait(self, vm: &mut Vm, timeout_us: Option<u64>) -> Result<usize, Raise> {
        self.wait_or(vm, timeout_us, &|_| false)
    }

    /// As [`Poll::wait`]; ends, too, when `or` says so, which is asked after a callback or a wake-up.
    ///
    /// # Errors
    /// As there.
    pub fn wait_or(
        self,
        vm: &mut Vm,
        timeout_us: Option<u64>,
        or: &dyn Fn(&mut Vm) -> bool,
    ) -> Result<usize, Raise> {
        let Some(crew) = Crew::of(vm) else {
            return Err(vm.raise(exc::RUNTIME_ERROR, "no scheduler"));
        };
        let mut ready = 0;
        wait(
            vm,
            timeout_us,
            &mut |vm, i| match self.0.get(vm, i * ENTRY) {
                Some(object) => Source::of(vm, crew, object),
                None => Source::End,
            },
            &mut |vm| {
                ready = self.ask(vm)?;
                Ok(ready > 0 || or(vm))
            },
        )?;
        Ok(ready)
    }

    /// Asks each object what it is ready for; how many are ready.
    fn ask(self, vm: &mut Vm) -> Result<usize, Raise> {
        let (mut at, mut ready) = (0, 0);
        // A stream written in Python may change the list meanwhile.
        while let Some(object) = self.0.get(vm, at) {
            let wanted = self.number(vm, at + 1);
            let bits = Stream::expect(vm, object)?.ioctl(vm, Ioctl::Poll, wanted)?;
            self.0.set(vm, at + 2, Value::from_len(bits));
            ready += usize::from(bits != 0);
            at += ENTRY;
        }
        Ok(ready)
    }
}

/// `select.poll()`: an object that waits for what is registered with it.
fn new_poll(vm: &mut Vm) -> Res {
    let entries = Poll::new(vm)?;
    Ok(Native::new(vm, POLL.value(), &[entries.0.value()])?.value())
}

fn this(vm: &mut Vm, v: Value) -> Result<Poll, Raise> {
    let native = Native::from_value(v).filter(|n| n.class() == POLL.value());
    match native.and_then(|n| List::from_value(n.get(vm, ENTRIES))) {
        Some(entries) => Ok(Poll(entries)),
        None => Err(vm.raise(exc::TYPE_ERROR, "argument must be a poll")),
    }
}

fn mask(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(vm.index(v)?.max(0) as usize & 0xffff)
}

/// `poll.register(obj[, eventmask])`: polls the stream for these events, `POLLIN | POLLOUT` if not said; one that is
/// registered is modified. Raises `OSError` for what is no stream.
fn poll_register(vm: &mut Vm, args: &[Value]) -> Res {
    let poll = this(vm, args[0])?;
    let wanted = match args.get(2) {
        Some(&wanted) => mask(vm, wanted)?,
        None => DEFAULT,
    };
    poll.set(vm, args[1], wanted)?;
    Ok(Value::NONE)
}

/// `poll.unregister(obj)`
fn poll_unregister(vm: &mut Vm, v: Value, object: Value) -> Res {
    let poll = this(vm, v)?;
    poll.remove(vm, object);
    Ok(Value::NONE)
}

/// `poll.modify(obj, eventmask)`. Raises `OSError(ENOENT)` for what is not registered.
fn poll_modify(vm: &mut Vm, v: Value, object: Value, wanted: Value) -> Res {
    let poll = this(vm, v)?;
    let wanted = mask(vm, wanted)?;
    let Some(at) = poll.find(vm, object) else { return Err(vm.raise_os_error(ENOENT)) };
    poll.0.set(vm, at + 1, Value::from_len(wanted));
    Ok(Value::NONE)
}

/// A time-out in milliseconds: `None` and negative numbers are none. In microseconds.
fn timeout_ms(vm: &mut Vm, v: Option<&Value>) -> Result<Option<u64>, Raise> {
    match v {
        Some(v) if !v.is_none() => Ok(in_us(match v.as_small_int() {
            Some(ms) => ms,
            None => float::to_scalar(vm, *v)? as isize,
        })),
        _ => Ok(None),
    }
}

/// Milliseconds in microseconds; negative ones are no limit.
fn in_us(ms: isize) -> Option<u64> {
    if ms < 0 { None } else { Some((ms as u64).saturating_mul(1000)) }
}

/// `poll.poll(timeout=-1)`: waits at most so many milliseconds, without limit if that is negative or `None`; a list of
/// pairs of object and events.
fn poll_poll(vm: &mut Vm, args: &[Value]) -> Res {
    let poll = this(vm, args[0])?;
    let timeout_us = timeout_ms(vm, args.get(1))?;
    let flags = match args.get(2) {
        Some(&flags) => vm.index(flags)?,
        None => 0,
    };
    poll.wait(vm, timeout_us)?;
    let list = vm.new_list()?;
    let mut at = 0;
    while let Some(object) = poll.0.get(vm, at) {
        let bits = poll.number(vm, at + 2);
        if bits != 0 {
            if flags & ONE_SHOT != 0 {
                poll.0.set(vm, at + 1, Value::int(0));
            }
            let pair = vm.new_tuple(&[object, Value::from_len(bits)])?;
            list.push(vm, pair)?;
        }
        at += ENTRY;
    }
    Ok(list.value())
}

/// `poll.ipoll(timeout=-1, flags=0)`: as `poll`, as an iterator. With flag 1 nothing more is wanted of the objects that
/// it yields, until they are modified.
fn poll_ipoll(vm: &mut Vm, args: &[Value]) -> Res {
    let pairs = poll_poll(vm, args)?;
    vm.iter(pairs)
}

/// `select.select(rlist, wlist, xlist[, timeout])`: those of the three sequences that are ready to be read, to be
/// written, or have an error. `timeout` in seconds; `None` or absent: no limit.
fn select_select(vm: &mut Vm, args: &[Value]) -> Res {
    let timeout_us = match args.get(3) {
        Some(v) if !v.is_none() => in_us((float::to_scalar(vm, *v)? * 1e3) as isize),
        _ => None,
    };
    let poll = Poll::new(vm)?;
    let wanted = [poll::READ, poll::WRITE, 0];
    for (&objects, wanted) in args.iter().zip(wanted) {
        let it = vm.iter(objects)?;
        while let Some(object) = vm.next(it)? {
            poll.add(vm, object, wanted, usize::MAX)?;
        }
    }
    poll.wait(vm, timeout_us)?;
    let answers =
        [poll::READ | poll::HANG_UP | poll::CLOSED, poll::WRITE, poll::ERROR | poll::CLOSED];
    let mut lists = [Value::NONE; 3];
    for (i, list) in lists.iter_mut().enumerate() {
        let found = vm.new_list()?;
        *list = found.value();
        let it = vm.iter(args[i])?;
        while let Some(object) = vm.next(it)? {
            let ready = poll.find(vm, object).map_or(0, |at| poll.number(vm, at + 2));
            if ready & answers[i] != 0 {
                found.push(vm, object)?;
            }
        }
    }
    vm.new_tuple(&lists)
}
