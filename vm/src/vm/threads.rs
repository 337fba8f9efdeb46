//! Threads of one VM that wait for one another.
//!
//! A thread waits *on* an object (a lock, a queue); whoever changes the object wakes one thread that waits on it and
//! no other, so that blocked threads cost nothing. Who waits for what is written in the thread records: nothing is
//! allocated, and nothing is left behind by a thread that is interrupted or killed.
//!
//! # Invariants
//! 1. A record's `waiting` names the object of the innermost `wait_on` of its thread; a callback that runs meanwhile
//!    and waits itself hides the outer one, which looks again when the callback has ended.
//! 2. Earlier tickets are woken first.

use super::{Raise, Vm};
use crate::object::Dict;
use crate::value::Value;

/// What a thread waits on.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Waiting {
    /// The object, `UNDEF` while the thread waits on none.
    object: Value,
    ticket: u32,
    /// Another thread has woken this one, which has not looked yet.
    woken: bool,
    /// It was woken and came too late: nobody goes before it again.
    passed_over: bool,
}

impl Waiting {
    pub(crate) const NOTHING: Waiting =
        Waiting { object: Value::UNDEF, ticket: 0, woken: false, passed_over: false };

    /// The object, `UNDEF` for none.
    pub(crate) fn object(&self) -> Value {
        self.object
    }

    fn is_on(&self, object: Value) -> bool {
        self.object == object
    }

    /// True if this ticket was drawn before the other.
    fn before(&self, other: &Waiting) -> bool {
        self.ticket.wrapping_sub(other.ticket).cast_signed() < 0
    }
}

impl Vm {
    /// An identity for a thread that is about to start; see [`Vm::set_thread_id`].
    pub fn new_thread_id(&mut self) -> u32 {
        let s = self.shared_mut();
        let id = s.next_thread_id;
        s.next_thread_id = id.wrapping_add(1).max(1);
        id
    }

    /// Gives this thread the identity that its creator drew with [`Vm::new_thread_id`].
    pub fn set_thread_id(&mut self, id: u32) {
        self.id = id;
    }

    /// The record of the `n`th attached thread, in no order.
    pub(crate) fn nth_thread(&self, n: usize) -> Option<*const Vm> {
        let mut at = self.shared().threads.cast_const();
        for _ in 0..n {
            // SAFETY: as in `wake_one`; nothing is changed.
            at = unsafe { at.as_ref() }?.next;
        }
        Some(at).filter(|at| !at.is_null())
    }

    /// The identity of the `n`th attached thread, in no order.
    pub fn nth_thread_id(&self, n: usize) -> Option<u32> {
        // SAFETY: as in `wake_one`; nothing is changed.
        Some(unsafe { &*self.nth_thread(n)? }.id)
    }

    /// The identity of the main thread, 0 when it has ended.
    pub fn main_thread_id(&self) -> u32 {
        // SAFETY: the main thread's record is live while it is named; nothing is changed.
        unsafe { self.shared().main_thread.as_ref() }.map_or(0, |main| main.id)
    }

    /// What [`Vm::set_thread_state`] keeps under that name.
    pub fn thread_state(&self, name: Value) -> Option<Value> {
        Dict::from_value(self.state)?.get_name(self, name)
    }

    /// Keeps something for a native module for the life of this thread; `name` is the module's.
    pub fn set_thread_state(&mut self, name: Value, state: Value) -> Result<(), Raise> {
        let all = match Dict::from_value(self.state) {
            Some(all) => all,
            None => {
                let all = self.new_dict()?;
                self.state = all.value();
                all
            }
        };
        all.set_name(self, name, state)
    }

    /// Notifies the thread with this identity of these bits, besides those that it has not taken yet; false if there is
    /// no such thread.
    pub fn notify_thread(&mut self, id: u32, bits: u32) -> bool {
        let mut at = self.shared().threads;
        while !at.is_null() {
            // SAFETY: as in `wake_one`.
            unsafe {
                if (*at).id == id {
                    (*at).notified |= bits;
                    self.host().wake_task((*at).task);
                    return true;
                }
                at = (*at).next;
            }
        }
        false
    }

    /// Takes the bits that this thread was notified of; 0 for none.
    pub fn take_notified(&mut self) -> u32 {
        core::mem::take(&mut self.notified)
    }

    /// Ends the wait of the thread with this identity, if there is one; it looks again at what it waits for.
    pub fn wake_thread(&mut self, id: u32) {
        let mut at = self.shared().threads.cast_const();
        // SAFETY: as in `wake_one`; nothing is changed.
        while let Some(thread) = unsafe { at.as_ref() } {
            if thread.id == id {
                self.host().wake_task(thread.task);
            }
            at = thread.next;
        }
    }

    /// As [`Vm::wait_until`], for an object: [`Vm::wake_one`] makes this thread ask `done` again.
    ///
    /// A thread that stops waiting without getting what it was woken for passes the wake-up on: the caller does that
    /// after `Ok(false)` and `Err`.
    ///
    /// # Errors
    /// What a safe point or `done` raises.
    pub fn wait_on(
        &mut self,
        object: Value,
        timeout_us: Option<u64>,
        mut done: impl FnMut(&mut Vm) -> Result<bool, Raise>,
    ) -> Result<bool, Raise> {
        let s = self.shared_mut();
        s.wait_tickets = s.wait_tickets.wrapping_add(1);
        let waiting = Waiting { object, ticket: s.wait_tickets, ..Waiting::NOTHING };
        let outer = core::mem::replace(&mut self.waiting, waiting);
        let result = self.wait_until(timeout_us, |vm| {
            let is_done = done(vm)?;
            vm.waiting.passed_over |= vm.waiting.woken && !is_done;
            vm.waiting.woken = false;
            Ok(is_done)
        });
        self.waiting = outer;
        result
    }

    /// Wakes the thread that has waited longest on this object, of those that were not woken yet.
    pub fn wake_one(&mut self, object: Value) {
        let mut first: *mut Vm = core::ptr::null_mut();
        let mut at = self.shared().threads;
        // SAFETY: listed records are live; this task owns the GIL, so no other uses its record. No reference to one is
        // made, for one of them is this thread's own.
        unsafe {
            while !at.is_null() {
                let waiting = (*at).waiting;
                let is_first = first.is_null() || waiting.before(&(*first).waiting);
                if waiting.is_on(object) && !waiting.woken && is_first {
                    first = at;
                }
                at = (*at).next;
            }
            if !first.is_null() {
                (*first).waiting.woken = true;
                self.host().wake_task((*first).task);
            }
        }
    }

    /// True if another thread that waits on this object came before this one and was passed over already.
    pub fn must_queue(&self, object: Value) -> bool {
        let mut at = self.shared().threads.cast_const();
        // SAFETY: as in `wake_one`; nothing is changed, so references may overlap.
        while let Some(thread) = unsafe { at.as_ref() } {
            at = thread.next;
            let waiting = &thread.waiting;
            let is_other = !core::ptr::eq(thread, self);
            let is_earlier = !self.waiting.is_on(object) || waiting.before(&self.waiting);
            if is_other && waiting.is_on(object) && waiting.passed_over && is_earlier {
                return true;
            }
        }
        false
    }
}
