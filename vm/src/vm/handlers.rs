//! Interrupt handlers written in Python.
//!
//! A device driver asks for a handler number, and its interrupt *fires* that number from any context: one atomic bit.
//! The next safe point of any thread, or the end of its wait, sees to the bits that are set, those of higher priority
//! first. A *soft* handler goes into the queue of `micropython.schedule` and is lost when that is full. A *hard* one
//! runs at once, in the thread that came by, with restrictions: the heap is locked, it may not wait, nothing else
//! runs meanwhile, it has a budget of safe points, and when it lets an exception out it is reported and removed.
//! A safe point is never inside a structural update, so none is seen half done.
//!
//! # Invariants
//! 1. `Roots::handlers` is `UNDEF` or a list of three items a handler: function (`UNDEF`: the number is free),
//!    argument, and priority with the bit for hard ones as a small int.
//! 2. A thread's `hard_budget` is not zero exactly while it runs a hard handler, and [`pending::BUDGET`] is set then.
//!
//! Source: MicroPython manual, "Writing interrupt handlers".

use core::sync::atomic::{AtomicU32, Ordering};

use super::{Raise, Vm, VmHandle, pending};
use crate::exc;
use crate::object::List;
use crate::value::Value;

/// How many handlers a VM has at most.
pub const HANDLERS: usize = 64;
/// The bits of [`HANDLERS`], in words.
pub(crate) type Fired = [AtomicU32; HANDLERS / 32];

/// Items of a handler in the list.
const ITEMS: usize = 3;
const HARD: isize = 1;

/// Names a handler of a VM.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HandlerId(u8);

impl HandlerId {
    /// Its number, below [`HANDLERS`].
    pub fn number(self) -> usize {
        self.0.into()
    }

    /// The handler with that number, which `number` gave.
    pub fn from_number(number: usize) -> Option<HandlerId> {
        u8::try_from(number).ok().filter(|&n| usize::from(n) < HANDLERS).map(HandlerId)
    }

    fn bit(self) -> u32 {
        1 << (self.0 % 32)
    }
}

impl VmHandle {
    /// Makes the handler run soon; fired twice before that, it runs once. Any context, ISR included; in a task, with
    /// the others kept out as long as somebody may end the VM.
    pub fn fire(self, handler: HandlerId) {
        self.fired()[handler.number() / 32].fetch_or(handler.bit(), Ordering::AcqRel);
        self.post(pending::HANDLERS);
    }
}

impl Vm {
    /// A number for a handler, which runs `function(argument)`. `priority` orders handlers that fired together, higher
    /// ones first. `OSError(ENOMEM)` when all numbers are taken.
    pub fn new_handler(
        &mut self,
        function: Value,
        argument: Value,
        priority: u8,
        is_hard: bool,
    ) -> Result<HandlerId, Raise> {
        const ENOMEM: i32 = 12;
        let list = match List::from_value(self.shared().roots.handlers) {
            Some(list) => list,
            None => {
                let list = self.new_list()?;
                self.shared_mut().roots.handlers = list.value();
                list
            }
        };
        let free = list.items(self).chunks(ITEMS).position(|handler| handler[0].is_undef());
        let n = free.unwrap_or(list.len(self) / ITEMS);
        if n >= HANDLERS {
            return Err(self.raise_os_error(ENOMEM));
        }
        if free.is_none() {
            list.extend_from(self, &[Value::UNDEF; ITEMS])?;
        }
        let how = isize::from(priority) << 1 | if is_hard { HARD } else { 0 };
        let how = Value::small_int(how).unwrap_or(Value::int(0));
        for (i, item) in [function, argument, how].into_iter().enumerate() {
            list.set(self, n * ITEMS + i, item);
        }
        let id = HandlerId(n as u8);
        self.shared().fired[n / 32].fetch_and(!id.bit(), Ordering::AcqRel);
        Ok(id)
    }

    /// Gives the number back; what was fired and has not run will not run. Its driver no longer fires it.
    pub fn remove_handler(&mut self, handler: HandlerId) {
        let n = handler.number();
        self.shared().fired[n / 32].fetch_and(!handler.bit(), Ordering::AcqRel);
        if let Some(list) = List::from_value(self.shared().roots.handlers) {
            for i in 0..ITEMS {
                if n * ITEMS + i < list.len(self) {
                    list.set(self, n * ITEMS + i, Value::UNDEF);
                }
            }
        }
    }

    /// True while the handler has its number; hard ones lose it when they let an exception out.
    pub fn has_handler(&self, handler: HandlerId) -> bool {
        self.handler(handler.number()).is_some()
    }

    fn handler(&self, n: usize) -> Option<(Value, Value, isize)> {
        let list = List::from_value(self.shared().roots.handlers)?;
        let &[function, argument, how] = list.items(self).chunks(ITEMS).nth(n)? else {
            return None;
        };
        (!function.is_undef()).then(|| (function, argument, how.as_small_int().unwrap_or(0)))
    }

    /// Holds back handlers, callbacks and changes of the running thread, or (`true`) lets them happen again; returns
    /// how it was. A thread that waits lets others run all the same.
    pub fn allow_handlers(&mut self, allow: bool) -> bool {
        !core::mem::replace(&mut self.shared_mut().handlers_held, !allow)
    }

    /// True in a hard handler.
    pub fn in_hard_handler(&self) -> bool {
        self.hard_budget > 0
    }

    /// The part of a safe point that a hard handler takes: it counts, and lets nothing else happen.
    pub(super) fn spend_budget(&mut self) -> Result<(), Raise> {
        self.hard_budget -= 1;
        if self.hard_budget > 0 {
            return Ok(());
        }
        // A handler that catches this meets it again.
        self.hard_budget = 1;
        Err(self.raise(exc::RUNTIME_ERROR, "interrupt handler takes too long"))
    }

    /// Fails where waiting is not allowed.
    ///
    /// # Errors
    /// `RuntimeError` in a hard handler.
    pub fn check_may_wait(&mut self) -> Result<(), Raise> {
        if self.in_hard_handler() {
            return Err(self.raise(exc::RUNTIME_ERROR, "can't wait in an interrupt handler"));
        }
        Ok(())
    }

    /// Sees to the handlers that were fired.
    pub(super) fn run_handlers(&mut self) -> Result<(), Raise> {
        while let Some((n, how)) = self.most_urgent() {
            let id = HandlerId(n as u8);
            self.shared().fired[n / 32].fetch_and(!id.bit(), Ordering::AcqRel);
            let Some((function, argument, _)) = self.handler(n) else { continue };
            if how & HARD == 0 {
                self.schedule(function, argument);
            } else {
                self.run_hard(id, function, argument)?;
            }
        }
        Ok(())
    }

    /// The fired handler with the highest priority.
    fn most_urgent(&self) -> Option<(usize, isize)> {
        let mut best: Option<(usize, isize)> = None;
        for (word, bits) in self.shared().fired.iter().enumerate() {
            let mut bits = bits.load(Ordering::Acquire);
            while bits != 0 {
                let n = word * 32 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let how = self.handler(n).map_or(0, |(_, _, how)| how);
                if best.is_none_or(|(_, best)| how >> 1 > best >> 1) {
                    best = Some((n, how));
                }
            }
        }
        best
    }

    fn run_hard(&mut self, id: HandlerId, function: Value, argument: Value) -> Result<(), Raise> {
        let budget = self.host().handler_budget().max(1);
        let outer = core::mem::replace(&mut self.hard_budget, budget);
        let parked = core::mem::replace(&mut self.exception, Value::UNDEF);
        self.keep_spare_chunk();
        let s = self.shared_mut();
        s.heap.lock();
        s.schedule_lock += 1;
        self.set_pending(pending::BUDGET);
        let result = self.call(function, &[argument]);
        self.hard_budget = outer;
        let s = self.shared_mut();
        s.schedule_lock -= 1;
        s.heap.unlock();
        self.clear_pending(pending::BUDGET);
        if result.is_err() {
            let exception = self.take_exception();
            if self.killed {
                self.exception = exception;
                return Err(Raise(()));
            }
            self.remove_handler(id);
            self.write_text(b"Uncaught exception in interrupt handler\n", true);
            self.print_exception(exception);
        }
        self.exception = parked;
        Ok(())
    }
}
