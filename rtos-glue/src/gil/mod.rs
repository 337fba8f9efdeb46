//! The global interpreter lock of one VM: fair, handed over directly, with priority inheritance.
//!
//! The holder is one word; taking and giving a free GIL is one compare-and-swap. Tasks that must wait queue up;
//! whoever gives the GIL away names the next holder ([`turn`] has the order), so nobody snatches it in between.
//! A holder that works on is asked, through a word that the interpreter tests at its safe points, when its turn
//! should end. That time is kept by one of the waiting tasks, the *keeper*, in its own timed wait: there is no
//! timer, and no task wakes up while nobody waits.
//!
//! Invariants:
//! - G1. The holder and every waiter are seats in use, each at most once; a seat's owner task is the only one
//!   that takes, yields or gives with it.
//! - G2. Queue, keeper and the claims of waiters change only inside [`OneTask`]; no interrupt touches a GIL.
//! - G3. The bit [`WAITERS`] is set exactly while the queue is not empty and somebody holds the GIL; the queue is
//!   empty while nobody does.
//! - G4. The holder's effective priority is at least that of every waiter, the keeper's at least the holder's;
//!   every other task runs at its own.

pub mod turn;

use crate::rtos::{self, FOREVER, OneTask, Task};
use crate::seat::Seat;
use core::cell::Cell;
use core::ptr;
use core::sync::atomic::{AtomicUsize, Ordering};
use turn::{Claim, MAX_PASSED, Turn};

/// In the holder word: somebody waits. Seats are aligned, so the bit is free.
const WAITERS: usize = 1;

/// A global interpreter lock.
#[derive(Debug)]
pub struct Gil {
    /// The holder's seat, with [`WAITERS`]; 0 while the GIL is free.
    holder: AtomicUsize,
    /// The queue, in no order: linked through the seats.
    waiters: Cell<*const Seat>,
    /// The waiter that keeps the time, or null.
    keeper: Cell<*const Seat>,
    arrivals: Cell<u32>,
    /// Microseconds; any context, monotonic.
    clock: fn() -> u64,
    /// Asks the holder to hand over: called inside [`OneTask`].
    request: Cell<Option<Request>>,
}

/// What asks the interpreter to call [`Gil::yield_to_next`] at its next safe point, and its argument.
pub type Request = (fn(*const ()), *const ());

// SAFETY: the cells are used only as G2 says, on a kernel that runs one task at a time.
unsafe impl Sync for Gil {}
// SAFETY: as above; nothing belongs to a task.
unsafe impl Send for Gil {}

impl Gil {
    /// A free GIL. `clock` counts microseconds.
    pub const fn new(clock: fn() -> u64) -> Self {
        Self {
            holder: AtomicUsize::new(0),
            waiters: Cell::new(ptr::null()),
            keeper: Cell::new(ptr::null()),
            arrivals: Cell::new(0),
            clock,
            request: Cell::new(None),
        }
    }

    /// Sets what asks the holder to call [`Gil::yield_to_next`]; it must not block. `None`: nobody can be asked, so
    /// a holder keeps the GIL until it gives it up.
    pub fn set_request(&self, request: Option<Request>) {
        let _alone = OneTask::begin();
        self.request.set(request);
    }

    /// True if `seat` holds the GIL.
    pub fn is_held_by(&self, seat: &Seat) -> bool {
        self.holder.load(Ordering::Relaxed) & !WAITERS == ptr::from_ref(seat).addr()
    }

    /// Blocks the calling task, whose seat this is and which does not hold the GIL, until it does.
    pub(crate) fn take(&self, seat: &Seat) {
        let now_us = (self.clock)();
        // Written before the seat can be seen as the holder.
        seat.since_us.set(now_us);
        let me = ptr::from_ref(seat).expose_provenance();
        if self.holder.compare_exchange(0, me, Ordering::Acquire, Ordering::Relaxed).is_ok() {
            return;
        }
        let ticks = {
            let alone = OneTask::begin();
            let Some(holder) = self.holder(&alone) else {
                self.holder.store(me, Ordering::Relaxed); // G3: nobody waits.
                return;
            };
            self.join(&alone, seat, holder, now_us, false);
            if seat.claim.get().priority > holder.effective.get() {
                set_effective(holder, seat.claim.get().priority);
            }
            self.keep_time(&alone, seat, holder);
            self.ticks_to_wait(&alone, seat, holder)
        };
        self.wait_turn(seat, ticks);
    }

    /// Gives the GIL, which the calling task holds with `seat`, to the next in line or to nobody.
    pub(crate) fn give(&self, seat: &Seat) {
        let now_us = (self.clock)();
        let me = ptr::from_ref(seat).addr();
        let free =
            self.holder.compare_exchange(me, 0, Ordering::Release, Ordering::Relaxed).is_ok();
        if !free {
            let alone = OneTask::begin();
            // G3: the exchange failed for the bit, so there is a best waiter.
            if let Some(best) = self.best(&alone) {
                let next = self.grant(&alone, best, now_us);
                if let Some(keeper) = self.best(&alone) {
                    self.keep_time(&alone, keeper, next);
                    self.ask_if_due(&alone, next);
                    keeper.task.notify();
                } else {
                    self.dismiss_keeper(&alone);
                }
            }
            set_effective(seat, seat.claim.get().priority);
        }
        seat.account(now_us);
    }

    /// Hands the GIL over to the next in line, if its time has come, and takes it again.
    pub(crate) fn yield_to_next(&self, seat: &Seat) {
        if self.holder.load(Ordering::Relaxed) & WAITERS == 0 {
            return;
        }
        let ticks = {
            let alone = OneTask::begin();
            let now_us = (self.clock)();
            let Some(best) = self.best(&alone) else { return };
            if now_us < best.claim.get().due_us(&seat.turn()) {
                return; // Asked for somebody who has had it meanwhile.
            }
            seat.account(now_us);
            let next = self.grant(&alone, best, now_us);
            self.join(&alone, seat, next, now_us, true);
            set_effective(seat, seat.claim.get().priority);
            if seat.claim.get().priority > next.effective.get() {
                set_effective(next, seat.claim.get().priority);
            }
            self.keep_time(&alone, seat, next);
            self.ticks_to_wait(&alone, seat, next)
        };
        self.wait_turn(seat, ticks);
    }

    /// Changes the priority of a task that has a seat; takes effect at once, inheritance kept.
    pub(crate) fn set_priority(&self, seat: &Seat, priority: u32) {
        let alone = OneTask::begin();
        let priority = priority.min(rtos::priorities() - 1);
        seat.claim.set(Claim { priority, ..seat.claim.get() });
        let holder = self.holder(&alone);
        let is_holder = holder.is_some_and(|holder| ptr::eq(holder, seat));
        let inherited = if is_holder { self.highest(&alone) } else { 0 };
        set_effective(seat, priority.max(inherited));
        if let Some(holder) = holder {
            let floor = self.highest(&alone).max(holder.claim.get().priority);
            set_effective(holder, floor);
            if let Some(keeper) = self.keeper(&alone) {
                set_effective(keeper, floor.max(keeper.claim.get().priority));
            }
        }
    }

    /// Waits until the seat is the holder, keeping the time while that is its duty; looks again after `ticks`.
    fn wait_turn(&self, seat: &Seat, mut ticks: u32) {
        loop {
            rtos::notified(ticks);
            let alone = OneTask::begin();
            ticks = match self.holder(&alone) {
                Some(holder) if !ptr::eq(holder, seat) => self.ticks_to_wait(&alone, seat, holder),
                _ => return,
            };
        }
    }

    /// How long the waiter `seat` may sleep.
    fn ticks_to_wait(&self, alone: &OneTask, seat: &Seat, holder: &Seat) -> u32 {
        if !ptr::eq(self.keeper.get(), seat) {
            return FOREVER;
        }
        match self.ask_if_due(alone, holder) {
            Some(left_us) => rtos::ticks_for_us(left_us),
            None => FOREVER, // Whoever gets the GIL next sees to a new keeper.
        }
    }

    /// Asks the holder to hand over if it is time; else how long it is till then, in microseconds. Whoever makes a waiter or a
    /// holder does this at once: the keeper, of equal priority, may not run before the next tick.
    fn ask_if_due(&self, alone: &OneTask, holder: &Seat) -> Option<u64> {
        let best = self.best(alone)?;
        let now_us = (self.clock)();
        let due_us = best.claim.get().due_us(&holder.turn());
        if now_us < due_us {
            return Some(due_us - now_us);
        }
        if best.claim.get().priority < holder.claim.get().priority {
            best.claim.set(Claim { passed: MAX_PASSED, ..best.claim.get() });
        }
        if let Some((request, argument)) = self.request.get() {
            request(argument);
        }
        None
    }

    /// Adds `seat` to the queue behind `holder`.
    fn join(&self, _: &OneTask, seat: &Seat, holder: &Seat, now_us: u64, yielded: bool) {
        let mut claim = seat.claim.get();
        claim.arrival = self.arrivals.get();
        claim.passed = 0;
        claim.yielded = yielded;
        claim.near(&holder.turn(), now_us);
        seat.claim.set(claim);
        self.arrivals.set(claim.arrival.wrapping_add(1));
        seat.next.set(self.waiters.get());
        self.waiters.set(seat);
        self.holder.fetch_or(WAITERS, Ordering::Relaxed);
    }

    /// Makes the waiter `next` the holder, in place of the calling task, and wakes it.
    fn grant<'a>(&self, alone: &OneTask, next: &'a Seat, now_us: u64) -> &'a Seat {
        let mut link = &self.waiters;
        while let Some(seat) = self.seat(alone, link.get()) {
            if ptr::eq(seat, next) {
                link.set(next.next.get());
                break;
            }
            link = &seat.next;
        }
        for seat in self.queue(alone) {
            let mut claim = seat.claim.get();
            claim.pass_over(&next.claim.get());
            seat.claim.set(claim);
        }
        if ptr::eq(self.keeper.get(), next) {
            self.keeper.set(ptr::null());
        }
        next.since_us.set(now_us);
        set_effective(next, self.highest(alone).max(next.claim.get().priority));
        let bit = if self.waiters.get().is_null() { 0 } else { WAITERS };
        self.holder.store(ptr::from_ref(next).expose_provenance() | bit, Ordering::Release);
        next.task.notify();
        next
    }

    /// Makes the waiter `seat` the keeper of the time of `holder`.
    fn keep_time(&self, alone: &OneTask, seat: &Seat, holder: &Seat) {
        if !ptr::eq(self.keeper.get(), seat) {
            self.dismiss_keeper(alone);
            self.keeper.set(seat);
        }
        set_effective(seat, seat.claim.get().priority.max(holder.effective.get()));
    }

    fn dismiss_keeper(&self, alone: &OneTask) {
        if let Some(keeper) = self.keeper(alone) {
            set_effective(keeper, keeper.claim.get().priority);
        }
        self.keeper.set(ptr::null());
    }

    /// The waiter that goes next.
    fn best<'a>(&self, alone: &'a OneTask) -> Option<&'a Seat> {
        self.queue(alone).reduce(|best, seat| {
            if seat.claim.get().before(&best.claim.get()) { seat } else { best }
        })
    }

    /// The highest priority among the waiters, 0 without any.
    fn highest(&self, alone: &OneTask) -> u32 {
        self.queue(alone).map(|seat| seat.claim.get().priority).max().unwrap_or(0)
    }

    fn queue<'a>(&self, _: &'a OneTask) -> impl Iterator<Item = &'a Seat> + use<'a> {
        // SAFETY: G1 and G2: linked seats are in use, and the queue does not change while `alone` lives, except by
        // the one task that has it, which does not iterate meanwhile.
        core::iter::successors(unsafe { self.waiters.get().as_ref() }, |seat| unsafe {
            seat.next.get().as_ref()
        })
    }

    fn holder<'a>(&self, alone: &'a OneTask) -> Option<&'a Seat> {
        let address = self.holder.load(Ordering::Relaxed) & !WAITERS;
        self.seat(alone, ptr::with_exposed_provenance(address))
    }

    fn keeper<'a>(&self, alone: &'a OneTask) -> Option<&'a Seat> {
        self.seat(alone, self.keeper.get())
    }

    fn seat<'a>(&self, _: &'a OneTask, seat: *const Seat) -> Option<&'a Seat> {
        // SAFETY: G1: holder, keeper and waiters are seats in use, and no other task runs to end its use.
        unsafe { seat.as_ref() }
    }
}

/// Sets the priority a seat's task runs at, if it is another one.
fn set_effective(seat: &Seat, priority: u32) {
    if seat.effective.replace(priority) != priority {
        seat.task.set_priority(priority);
    }
}

impl Seat {
    /// The turn of the holder.
    fn turn(&self) -> Turn {
        let claim = self.claim.get();
        Turn { priority: claim.priority, served_us: claim.served_us, since_us: self.since_us.get() }
    }

    /// Adds the turn that ends at `now_us` to what the task has been served.
    fn account(&self, now_us: u64) {
        let served_us = self.turn().served_at(now_us);
        self.claim.set(Claim { served_us, ..self.claim.get() });
    }

    /// A seat for `task`, which runs at its own priority now.
    pub(crate) fn claim_of(task: Task) -> Claim {
        Claim { priority: task.priority(), served_us: 0, arrival: 0, passed: 0, yielded: false }
    }
}
