//! A crew: the tasks attached to one VM, with their GIL and their waits.
//!
//! Without the feature `gil` a VM has one task, which always holds its GIL.
//!
//! A task attaches for the length of a call ([`Crew::enter`]), to one crew or to several inside one another; its
//! per-task pointer leads to the innermost seat. Waits end by time, by [`Crew::wake`] or by what they wait for;
//! whoever ends one sets bits in the seat, then notifies the task, so nothing that happens between a look and
//! the wait is lost.
//!
//! Invariants:
//! - C1. A seat is in the crew's list, and in its task's chain, exactly while `enter` runs.
//! - C2. The list changes in critical sections only; it is walked inside one, or with other tasks kept out.

#[cfg(feature = "gil")]
use crate::gil::{Gil, Request};
use crate::rtos::{self, FOREVER, OneTask, Task};
use crate::seat::Seat;
use crate::select::Event;
use core::cell::Cell;
use core::pin::{Pin, pin};
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

/// The VM wants the task to look at its pending flags.
const WOKEN: u32 = 1;
/// The task waits for input.
const READING: u32 = 2;

/// How long a task may take to leave before it is reported, in microseconds.
#[cfg(feature = "gil")]
const PATIENCE_US: u64 = 5_000_000;

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// What was waited for is there.
    Ready,
    /// [`Crew::wake`] was called.
    Woken,
    /// The time is over.
    TimedOut,
}

/// The tasks attached to one VM.
#[derive(Debug)]
pub struct Crew {
    #[cfg(feature = "gil")]
    gil: Gil,
    seats: Cell<*const Seat>,
    /// Tasks that were started and will enter. In critical sections.
    #[cfg(feature = "gil")]
    expected: Cell<usize>,
    /// How many times a wait was interrupted.
    wakeups: AtomicU32,
    /// Of all that has no event of its own: the console, streams in the VM.
    pub(crate) changed: Event,
    clock: fn() -> u64,
}

// SAFETY: `seats` is used as C2 says.
unsafe impl Sync for Crew {}
// SAFETY: as above; an empty crew belongs to no task, and one in use is borrowed.
unsafe impl Send for Crew {}

impl Crew {
    /// A crew without tasks. `clock` counts microseconds, never goes back, and may be called in any context.
    pub const fn new(clock: fn() -> u64) -> Self {
        Self {
            #[cfg(feature = "gil")]
            gil: Gil::new(clock),
            seats: Cell::new(ptr::null()),
            #[cfg(feature = "gil")]
            expected: Cell::new(0),
            wakeups: AtomicU32::new(0),
            changed: Event::new(),
            clock,
        }
    }

    /// Sets what asks the interpreter to call [`Crew::gil_yield`] at its next safe point. Tasks.
    #[cfg(feature = "gil")]
    pub fn set_request(&self, request: Option<Request>) {
        self.gil.set_request(request);
    }

    /// Attaches the calling task while `work` runs. The task does not hold the GIL at the beginning and must not
    /// at the end.
    pub fn enter<R>(&self, work: impl FnOnce() -> R) -> R {
        let seat = pin!(Seat::new(self));
        let seat = seat.as_ref();
        self.sit(seat);
        let _leaving = Leaving { crew: self, seat };
        work()
    }

    /// Announces a task that will enter with [`Crew::enter_expected`], or that will not ([`Crew::unexpect`]).
    #[cfg(feature = "gil")]
    pub(crate) fn expect(&self) {
        rtos::critical(|| self.expected.set(self.expected.get() + 1));
    }

    /// An announced task will not come.
    #[cfg(feature = "gil")]
    pub(crate) fn unexpect(&self) {
        rtos::critical(|| self.expected.set(self.expected.get() - 1));
    }

    /// As [`Crew::enter`], for a task that was announced.
    #[cfg(feature = "gil")]
    pub(crate) fn enter_expected<R>(&self, work: impl FnOnce() -> R) -> R {
        self.enter(|| {
            self.unexpect();
            work()
        })
    }

    /// The first half of `enter`; [`Crew::stand_up`] is the second, by the same task, before the seat moves or ends.
    pub(crate) fn sit(&self, seat: Pin<&Seat>) {
        rtos::critical(|| {
            seat.sibling.set(self.seats.get());
            self.seats.set(&raw const *seat);
        });
        seat.task.set_data((&raw const *seat).cast_mut().cast());
    }

    pub(crate) fn stand_up(&self, seat: Pin<&Seat>) {
        #[cfg(feature = "gil")]
        debug_assert!(!self.gil.is_held_by(&seat));
        seat.task.set_data(seat.outer.cast_mut().cast());
        rtos::critical(|| {
            let mut link = &self.seats;
            // SAFETY: C1 and C2: the list holds seats in use and does not change meanwhile.
            while let Some(other) = unsafe { link.get().as_ref() } {
                if ptr::eq(other, &*seat) {
                    link.set(other.sibling.get());
                    break;
                }
                link = &other.sibling;
            }
        });
        // Whoever waits for the others to leave looks again.
        self.input_arrived();
    }

    /// The calling task's seat in this crew, if it is attached.
    pub(crate) fn seat(&self) -> Option<&Seat> {
        let mut seat: *const Seat = Task::current().data().cast();
        // SAFETY: C1: the chain holds seats in use of the calling task, which cannot leave while it is here.
        while let Some(found) = unsafe { seat.as_ref() } {
            if ptr::eq(found.crew, self) {
                return Some(found);
            }
            seat = found.outer;
        }
        None
    }

    /// As `seat`, for calls that only an attached task may make.
    pub(crate) fn my_seat(&self) -> &Seat {
        self.seat().expect("the calling task is attached to this crew")
    }

    /// True if the calling task is attached.
    pub fn is_attached(&self) -> bool {
        self.seat().is_some()
    }

    /// How many tasks are attached.
    pub fn len(&self) -> usize {
        let _alone = OneTask::begin();
        self.seats().count()
    }

    /// True if no task is attached.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Blocks the calling task until it holds the GIL, which it does not hold yet.
    pub fn gil_take(&self) {
        #[cfg(feature = "gil")]
        self.gil.take(self.my_seat());
    }

    /// Gives up the GIL, which the calling task holds.
    pub fn gil_give(&self) {
        #[cfg(feature = "gil")]
        self.gil.give(self.my_seat());
    }

    /// Lets the next in line have the GIL, if its time has come. Returns with the GIL.
    pub fn gil_yield(&self) {
        #[cfg(feature = "gil")]
        self.gil.yield_to_next(self.my_seat());
    }

    /// True if the calling task holds the GIL.
    #[cfg(feature = "gil")]
    pub fn gil_is_mine(&self) -> bool {
        self.seat().is_some_and(|seat| self.gil.is_held_by(seat))
    }

    /// The calling task's own priority, without inheritance.
    #[cfg(feature = "gil")]
    pub fn priority(&self) -> u32 {
        self.my_seat().claim.get().priority
    }

    /// Sets the calling task's own priority; inheritance goes on.
    #[cfg(feature = "gil")]
    pub fn set_priority(&self, priority: u32) {
        self.gil.set_priority(self.my_seat(), priority);
    }

    /// Waits until [`Crew::wake`] is called or `timeout_us` have passed (`None`: no limit). A wake-up since the
    /// last wait counts. Without the GIL. [`Crew::input_arrived`] does not disturb it: who sleeps costs nothing.
    pub fn wait(&self, timeout_us: Option<u64>) -> Wait {
        self.wait_for(timeout_us, 0, &mut || false)
    }

    /// Waits until `is_ready`, as [`Crew::wait`] otherwise. Whoever makes it ready calls [`Crew::input_arrived`]
    /// afterwards. What is ready goes before a wake-up, which then counts for the next wait.
    pub fn wait_until(&self, timeout_us: Option<u64>, mut is_ready: impl FnMut() -> bool) -> Wait {
        self.wait_for(timeout_us, READING, &mut is_ready)
    }

    /// Waits with these bits of the seat set.
    fn wait_for(
        &self,
        timeout_us: Option<u64>,
        bits: u32,
        is_ready: &mut dyn FnMut() -> bool,
    ) -> Wait {
        let seat = self.my_seat();
        seat.events.fetch_or(bits, Ordering::Relaxed);
        let deadline_us = timeout_us.map(|timeout_us| (self.clock)().saturating_add(timeout_us));
        let outcome = loop {
            if is_ready() {
                break Wait::Ready;
            }
            if seat.events.fetch_and(!WOKEN, Ordering::Relaxed) & WOKEN != 0 {
                break Wait::Woken;
            }
            let ticks = match deadline_us {
                None => FOREVER,
                Some(deadline_us) => match deadline_us.saturating_sub((self.clock)()) {
                    0 => break Wait::TimedOut,
                    left_us => rtos::ticks_for_us(left_us),
                },
            };
            rtos::notified(ticks);
            self.wakeups.fetch_add(1, Ordering::Relaxed);
        };
        seat.events.fetch_and(!bits, Ordering::Relaxed);
        outcome
    }

    /// How many times waiting tasks of this crew were woken so far, by whatever; wraps. Any context.
    pub fn wakeups(&self) -> u32 {
        self.wakeups.load(Ordering::Relaxed)
    }

    /// Ends the waits of all attached tasks, now or the next time they wait. Any context.
    pub fn wake(&self) {
        self.tell(|seat| {
            seat.events.fetch_or(WOKEN, Ordering::Relaxed);
            true
        });
    }

    /// As [`Crew::wake`] for one task, which is attached: the address of its kernel handle. Tasks.
    pub fn wake_task(&self, task: usize) {
        self.tell(|seat| {
            let is_meant = seat.task.handle().addr().get() == task;
            if is_meant {
                seat.events.fetch_or(WOKEN, Ordering::Relaxed);
            }
            is_meant
        });
    }

    /// Waits until the calling task is the only one attached, and none is about to be. Without the GIL, which the others may need to leave.
    /// A task that stays is in native code that does not come back; it is reported to the log, again and again.
    #[cfg(feature = "gil")]
    pub fn wait_for_others_to_leave(&self) {
        loop {
            let alone = || self.len() == 1 && rtos::critical(|| self.expected.get() == 0);
            match self.wait_until(Some(PATIENCE_US), alone) {
                Wait::Ready => return,
                Wait::Woken => {}
                Wait::TimedOut => log::error!("{} tasks do not leave their VM", self.len() - 1),
            }
        }
    }

    /// Makes the tasks in [`Crew::wait_until`] look again. Any context.
    pub fn input_arrived(&self) {
        self.tell(|seat| seat.events.load(Ordering::Relaxed) & READING != 0);
        self.changed.notify();
    }

    /// Notifies the tasks whose seats `choose` takes.
    fn tell(&self, choose: impl Fn(&Seat) -> bool) {
        let notify =
            || self.seats().filter(|seat| choose(seat)).for_each(|seat| seat.task.notify());
        if rtos::in_isr() {
            rtos::critical(notify);
        } else {
            let _alone = OneTask::begin();
            notify();
        }
    }

    /// The attached seats; called as C2 says.
    fn seats(&self) -> impl Iterator<Item = &Seat> {
        // SAFETY: C1 and C2.
        core::iter::successors(unsafe { self.seats.get().as_ref() }, |seat| unsafe {
            seat.sibling.get().as_ref()
        })
    }
}

/// Ends the use of a seat.
struct Leaving<'a> {
    crew: &'a Crew,
    seat: Pin<&'a Seat>,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.crew.stand_up(self.seat);
    }
}
