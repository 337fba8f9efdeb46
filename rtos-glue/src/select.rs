//! The wait service: a task waits for any of several things to become ready.
//!
//! Whatever can become ready has an [`Event`]: a socket, a serial port, a queue. A task that waits registers with the
//! events of all that it waits for, looks whether something is ready already, and sleeps. Whoever changes the
//! readiness of a thing calls [`Event::notify`] *after* the change; so nothing that happens between the look and the
//! sleep is lost, and nobody polls. The registrations lie on the stack of the task that waits: nothing is allocated.
//!
//! Python's objects name their events by address, in the slot `event` of their type. What is in the VM itself, and the
//! console, shares one event of the crew ([`Crew::changed`]).
//!
//! # Invariants
//! - W1. A registration is in the list of its event exactly while it says so; both change in critical sections only.
//! - W2. A registration leaves its list before its memory is used for something else, an event empties its list
//!   before; so each may go first. No task is deleted while it waits (`pool`), a killed one leaves by itself.

use crate::crew::Crew;
use crate::rtos::{self, FOREVER, Task};
use core::cell::Cell;
use core::pin::{Pin, pin};
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};
use threadsnake_vm::types::stream::Stream;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc};

/// Something that tasks can wait for: see the module. It does not move while anybody waits for it.
#[derive(Debug)]
pub struct Event {
    /// The registrations, linked by `next`. In critical sections.
    first: Cell<*const Registration>,
}

// SAFETY: W1.
unsafe impl Sync for Event {}
// SAFETY: as above; an event belongs to no task.
unsafe impl Send for Event {}

impl Default for Event {
    fn default() -> Self {
        Self::new()
    }
}

impl Event {
    /// An event that nobody waits for.
    pub const fn new() -> Self {
        Self { first: Cell::new(ptr::null()) }
    }

    /// Readiness has changed: the tasks that wait look again. Any context; O(waiting tasks) in a critical section.
    pub fn notify(&self) {
        if self.first.get().is_null() {
            return; // Whoever registers after this looks after this.
        }
        rtos::critical(|| {
            for registration in self.registrations() {
                registration.fire();
            }
        });
    }

    /// Blocks the calling task, which needs no VM, until `is_ready`, at most `ticks` ([`rtos::FOREVER`]: no limit);
    /// whether it is ready. Tasks; not with a GIL held. `is_ready` is asked at least once, and whenever the event is
    /// notified.
    pub fn wait(&self, ticks: u32, mut is_ready: impl FnMut() -> bool) -> bool {
        wait_any(&[self], ticks, &mut is_ready)
    }

    /// What the slot `event` of a Python object answers.
    pub fn address(&self) -> usize {
        ptr::from_ref(self).expose_provenance()
    }

    /// The event at an address; `None` for 0.
    ///
    /// # Safety
    /// The address is 0 or that of an event that lives as long as the result.
    pub(crate) unsafe fn at<'a>(address: usize) -> Option<&'a Self> {
        // SAFETY: the caller's promise.
        unsafe { ptr::with_exposed_provenance::<Self>(address).as_ref() }
    }

    /// The registrations; in one critical section (W1).
    fn registrations(&self) -> impl Iterator<Item = &Registration> {
        // SAFETY: W1 and W2: linked registrations are in use. The next is read before the caller sees one.
        core::iter::successors(unsafe { self.first.get().as_ref() }, |registration| unsafe {
            registration.next.get().as_ref()
        })
    }
}

impl Drop for Event {
    /// Whoever waits looks again, and finds out from the thing itself that it has ended.
    fn drop(&mut self) {
        rtos::critical(|| {
            while let Some(registration) = {
                // SAFETY: as in `registrations`.
                unsafe { self.first.get().as_ref() }
            } {
                self.first.set(registration.next.get());
                registration.event.set(ptr::null());
                registration.fire();
            }
        });
    }
}

/// A task's interest in one event.
#[derive(Debug)]
struct Registration {
    /// The event in whose list this is; null when it is in none. In critical sections.
    event: Cell<*const Event>,
    /// As `event`.
    next: Cell<*const Registration>,
    task: Task,
    /// Set when any of the events is notified; lives as long as the registration.
    fired: *const AtomicBool,
}

impl Registration {
    fn new(task: Task, fired: &AtomicBool) -> Self {
        Self { event: Cell::new(ptr::null()), next: Cell::new(ptr::null()), task, fired }
    }

    fn fire(&self) {
        // SAFETY: the flag is on the stack of the task that waits, below which no registration of its lives.
        unsafe { &*self.fired }.store(true, Ordering::Relaxed);
        self.task.notify();
    }

    fn enter(self: Pin<&Self>, event: &Event) {
        rtos::critical(|| {
            self.event.set(event);
            self.next.set(event.first.get());
            event.first.set(&raw const *self);
        });
    }

    fn leave(&self) {
        rtos::critical(|| {
            // SAFETY: W1 and W2: an event that ends says so here.
            let Some(event) = (unsafe { self.event.replace(ptr::null()).as_ref() }) else { return };
            let mut link = &event.first;
            // SAFETY: as in `registrations`.
            while let Some(at) = unsafe { link.get().as_ref() } {
                if ptr::eq(at, self) {
                    link.set(self.next.get());
                    break;
                }
                link = &at.next;
            }
        });
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.leave();
    }
}

/// As [`Event::wait`] for several events. `is_ready` may wait for something else itself. Uses native stack in proportion
/// to the number of events.
pub fn wait_any(events: &[&Event], ticks: u32, is_ready: &mut dyn FnMut() -> bool) -> bool {
    fn enter_all(events: &[&Event], fired: &AtomicBool, then: &mut dyn FnMut() -> bool) -> bool {
        let Some((event, rest)) = events.split_first() else { return then() };
        let registration = pin!(Registration::new(Task::current(), fired));
        registration.as_ref().enter(event);
        enter_all(rest, fired, then)
    }
    let (start, fired) = (rtos::ticks(), AtomicBool::new(false));
    enter_all(events, &fired, &mut || {
        loop {
            fired.store(false, Ordering::Relaxed);
            if is_ready() {
                return true;
            }
            // What `is_ready` itself waited for may have taken the notification.
            if fired.load(Ordering::Relaxed) {
                continue;
            }
            let left = match ticks {
                FOREVER => FOREVER,
                _ => match ticks.saturating_sub(rtos::ticks().wrapping_sub(start)) {
                    0 => return false,
                    left => left,
                },
            };
            rtos::notified(left);
        }
    })
}

/// How many registrations share a stack frame.
const BATCH: usize = 8;

/// How often a thing is asked that cannot tell: first after this time, then after twice as long, and so on, in
/// microseconds.
const REASK_US: u64 = 1_000;
/// The longest time between two such questions.
const REASK_MOST_US: u64 = 16_000;

/// How one learns that a thing may be ready.
#[derive(Debug, Clone, Copy)]
pub enum Source<'e> {
    /// Its event is notified.
    Event(&'e Event),
    /// It does not tell (a stream written in Python): it is asked again and again, at a bounded rate.
    Silent,
    /// There is no further thing.
    End,
}

impl Source<'_> {
    /// What tells of an object's readiness: its own event, else the crew's.
    pub fn of(vm: &mut Vm, crew: &'static Crew, object: Value) -> Self {
        let part = vm.native_part(object);
        let address = match vm.rom_type_of(part).slots.event() {
            Some(event) => event(vm, part),
            None if Stream::of(vm, object).is_some_and(Stream::is_python) => return Self::Silent,
            None => 0,
        };
        // SAFETY: the slot's promise: the event lives while the object is open, and whoever ends it has the GIL, which
        // the calling task keeps until it has registered. From then on W2 holds.
        Self::Event(unsafe { Event::at(address) }.unwrap_or(&crew.changed))
    }
}

/// Waits, without the GIL, until `ask` says that something is ready, or `timeout_us` have passed (then returns false).
/// `sources(vm, i)` is what tells of the `i`th thing. `ask` runs with the GIL, at least once, and again when a source
/// told of something; it may run Python. Uses native stack in proportion to the number of things.
///
/// # Errors
/// What `ask` raises; what is pending (`KeyboardInterrupt`, kill); `RuntimeError` for too many things, and in a hard
/// interrupt handler.
pub fn wait<'e>(
    vm: &mut Vm,
    timeout_us: Option<u64>,
    sources: &mut dyn FnMut(&mut Vm, usize) -> Source<'e>,
    ask: &mut dyn FnMut(&mut Vm) -> Result<bool, Raise>,
) -> Result<bool, Raise> {
    let Some(crew) = Crew::of(vm) else {
        return Err(vm.raise(exc::RUNTIME_ERROR, "no scheduler"));
    };
    let deadline_us = timeout_us.map(|us| vm.host().ticks_us().saturating_add(us));
    let mut reask_us = REASK_US;
    loop {
        vm.safe_point()?;
        if ask(vm)? {
            return Ok(true);
        }
        if timeout_us == Some(0) {
            return Ok(false);
        }
        vm.check_may_wait()?;
        let fired = AtomicBool::new(false);
        let mut waiting = Waiting { crew, deadline_us, reask_us, fired: &fired, is_silent: false };
        match waiting.register(vm, sources, 0, ask)? {
            Outcome::Ready => return Ok(true),
            Outcome::TimedOut => return Ok(false),
            Outcome::Again => reask_us = (reask_us * 2).min(REASK_MOST_US),
        }
    }
}

/// How a look and a sleep ended.
enum Outcome {
    Ready,
    TimedOut,
    Again,
}

/// One sleep of [`wait`].
struct Waiting<'a> {
    crew: &'static Crew,
    deadline_us: Option<u64>,
    reask_us: u64,
    fired: &'a AtomicBool,
    is_silent: bool,
}

impl Waiting<'_> {
    /// Registers with the sources from the `at`th on, a few in this frame and the others in further ones; then looks,
    /// and sleeps.
    fn register<'e>(
        &mut self,
        vm: &mut Vm,
        sources: &mut dyn FnMut(&mut Vm, usize) -> Source<'e>,
        at: usize,
        ask: &mut dyn FnMut(&mut Vm) -> Result<bool, Raise>,
    ) -> Result<Outcome, Raise> {
        vm.enter_native()?;
        let task = Task::current();
        let batch: [Registration; BATCH] =
            core::array::from_fn(|_| Registration::new(task, self.fired));
        for (i, registration) in batch.iter().enumerate() {
            match sources(vm, at + i) {
                // SAFETY: `batch` stays where it is until it is dropped, at the end of this function.
                Source::Event(event) => unsafe { Pin::new_unchecked(registration) }.enter(event),
                Source::Silent => self.is_silent = true,
                Source::End => return self.look_and_sleep(vm, ask),
            }
        }
        self.register(vm, sources, at + BATCH, ask)
    }

    fn look_and_sleep(
        &self,
        vm: &mut Vm,
        ask: &mut dyn FnMut(&mut Vm) -> Result<bool, Raise>,
    ) -> Result<Outcome, Raise> {
        if ask(vm)? {
            return Ok(Outcome::Ready);
        }
        let mut left_us = match self.deadline_us {
            None => None,
            Some(deadline_us) => match deadline_us.saturating_sub(vm.host().ticks_us()) {
                0 => return Ok(Outcome::TimedOut),
                left_us => Some(left_us),
            },
        };
        if self.is_silent {
            left_us = Some(left_us.unwrap_or(u64::MAX).min(self.reask_us));
        }
        if vm.has_callback() {
            return Ok(Outcome::Again);
        }
        let (crew, fired) = (self.crew, self.fired);
        vm.unlocked(|_| crew.wait_until(left_us, || fired.load(Ordering::Relaxed)));
        Ok(Outcome::Again)
    }
}

impl Crew {
    /// The crew of a VM that this room runs. `None` for other hosts.
    pub fn of(vm: &Vm) -> Option<&'static Self> {
        let room = vm.host().room().cast::<Self>();
        // SAFETY: a host of this room answers with its crew, which lives as long as the VM runs; others with null.
        unsafe { room.as_ref() }
    }
}
