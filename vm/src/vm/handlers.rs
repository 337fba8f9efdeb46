//! Interrupt handlers written in Python.
//!
//! A device driver asks for a handler number, and its interrupt *fires* that number from any context. A *soft* handler
//! goes into the queue of `micropython.schedule` at the next safe point of any thread, or at the end of its wait, and is
//! lost when that is full. A *hard* one runs before the interrupt returns, on the interrupt's stack, with restrictions:
//! the heap is locked, it may not wait, it may call natives of the rooms that never wait, and it has a budget of safe
//! points; when it lets an exception out it is removed. What it prints and what it lets out goes to the console at the
//! next safe point of a thread.
//!
//! A hard handler sees nothing half done. The thread that owns the GIL is in a *structural* section while it is inside a
//! native, the allocator, the collector or one of the interpreter's own functions, but not in the dispatch loop's own
//! instructions, which leave nothing half done. A handler that finds it there, finds another hard handler running, or
//! has no stack to run on, waits for the next safe point and runs there under the same rules. How long the longest of
//! them had to wait is counted.
//!
//! What the dispatch loop reads in two steps – a length, then an item – a handler must not take apart: inside one,
//! clearing a list or a dictionary keeps its memory, nothing is freed, and the method cache is left alone.
//!
//! # Invariants
//! 1. `Roots::handlers` is `UNDEF` or a list of three items a handler: function (`UNDEF`: the number is free),
//!    argument, and priority with the bit for hard ones as a small int.
//! 2. A thread record's `hard_budget` is not zero exactly while a hard handler runs with it; it is a record of its own,
//!    in no list, and [`pending::BUDGET`] is set then. At most one exists in a VM: [`Interrupts::running`].
//! 3. `Roots::handler_stack` and `handler_text` are Raw objects from the first hard handler on: the value stack of all, and
//!    room for what they print, of which `handler_said` bytes are in use.
//! 4. While nobody owns the GIL, or its owner is in no structural section, nothing in the heap or in the shared state is
//!    half changed, and the owner uses nothing there but single words, which are right whatever a handler does.
//! 5. A thread is in a structural section while `Vm::structural` has the record's own address: one store of a register to
//!    enter, one of another register to leave. `Shared::owner` is written by the owner of the GIL.
//!
//! Source: MicroPython manual, "Writing interrupt handlers".

use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering, compiler_fence};

use super::{Raise, Shared, StackBounds, Vm, VmHandle, pending};
use crate::exc;
use crate::object::{List, raw_bytes};
use crate::value::header::WORD;
use crate::value::{Kind, Value};

/// This build has handlers.
const HANDLED: bool = cfg!(feature = "handlers");
/// How many handlers a VM has at most.
pub const HANDLERS: usize = 64;
/// A bit for each of [`HANDLERS`], in words.
type Bits = [AtomicU32; HANDLERS / 32];

/// Words of the value stack of hard handlers.
const STACK: usize = if WORD == 4 { 256 } else { 512 };

/// The most bytes that hard handlers print between two safe points; more is lost.
const TEXT: usize = 128;

/// What interrupts see of a VM.
#[derive(Default)]
pub(crate) struct Interrupts {
    /// Handlers that were fired and did not run yet.
    fired: Bits,
    /// The hard ones among all.
    hard: Bits,
    /// A hard handler runs.
    running: AtomicBool,
    /// When the first of the hard handlers that wait was fired, in microseconds, not 0; 0: none waits.
    waiting_since: AtomicU32,
    /// The longest wait of a hard handler that was seen, in microseconds.
    longest_wait_us: AtomicU32,
    /// How many hard handlers ran in their interrupt, and how many had to wait; both wrap.
    at_once: AtomicU32,
    later: AtomicU32,
}

/// What became of the hard handlers that were fired; the counts wrap.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct HandlerStats {
    /// How many ran before their interrupt returned.
    pub at_once: u32,
    /// How many interrupts had to leave one to a safe point.
    pub later: u32,
    /// How long one had to wait at most for its safe point, in microseconds.
    pub longest_wait_us: u32,
}

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
    /// Makes the handler run: a hard one at once where that is possible, anyone else soon; fired twice before that, it
    /// runs once. Any context, ISR included; in a task, with the others kept out as long as somebody may end the VM.
    pub fn fire(self, handler: HandlerId) {
        let interrupts = self.interrupts();
        let (word, bit) = (handler.number() / 32, handler.bit());
        interrupts.fired[word].fetch_or(bit, Ordering::AcqRel);
        if interrupts.hard[word].load(Ordering::Acquire) & bit != 0 && self.serve_interrupt() {
            return;
        }
        self.post(pending::HANDLERS);
    }

    /// What became of the hard handlers so far. Any context.
    pub fn handler_stats(self) -> HandlerStats {
        let interrupts = self.interrupts();
        HandlerStats {
            at_once: interrupts.at_once.load(Ordering::Relaxed),
            later: interrupts.later.load(Ordering::Relaxed),
            longest_wait_us: interrupts.longest_wait_us.load(Ordering::Relaxed),
        }
    }

    /// Runs the hard handlers that were fired, in an interrupt that has a stack for them; false if they have to wait.
    fn serve_interrupt(self) -> bool {
        // SAFETY: the VM lives; the host is immutable.
        let host = unsafe { (*self.raw().as_ptr()).host };
        let Some(stack) = host.interrupt_stack() else { return false };
        let interrupts = self.interrupts();
        // SAFETY: as above; the words are atomic, and the record of the GIL's owner lives.
        let is_structural = unsafe {
            let owner = (*self.raw().as_ptr()).owner.load(Ordering::Relaxed);
            !owner.is_null()
                && core::ptr::eq((*owner).structural.load(Ordering::Relaxed), owner.cast())
        };
        compiler_fence(Ordering::SeqCst);
        if is_structural
            || interrupts.running.load(Ordering::Relaxed)
            || self.is_killed()
            // SAFETY: changed inside structural sections only.
            || unsafe { (*self.raw().as_ptr()).handlers_held }
        {
            interrupts.later.fetch_add(1, Ordering::Relaxed);
            let now = host.ticks_us() as u32 | 1;
            let _ = interrupts.waiting_since.compare_exchange(
                0,
                now,
                Ordering::Relaxed,
                Ordering::Relaxed,
            );
            return false;
        }
        // SAFETY: invariant 4: as good as having the GIL. No task runs before this interrupt has ended, and the one that
        // owns the GIL, if any, goes on as if nothing had been.
        let mut vm = unsafe { Vm::for_handlers(self.raw(), stack) };
        let mut n = 0;
        while let Some((id, _)) = vm.most_urgent(true) {
            vm.run_hard(id);
            n += 1;
        }
        interrupts.at_once.fetch_add(n, Ordering::Relaxed);
        // Soft handlers, callbacks and text need a thread.
        if vm.has_callback() || vm.most_urgent(false).is_some() || vm.has_report() {
            self.post(pending::HANDLERS);
        }
        true
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
        if is_hard && self.shared().roots.handler_stack.is_undef() {
            let text = self.alloc_counted(Kind::Raw, 0, TEXT, 1)?;
            self.shared_mut().roots.handler_text = text;
            let stack = self.alloc_counted(Kind::Raw, 0, STACK * WORD, 1)?;
            self.shared_mut().roots.handler_stack = stack;
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
        let interrupts = &self.shared().interrupts;
        interrupts.fired[n / 32].fetch_and(!id.bit(), Ordering::AcqRel);
        if is_hard {
            interrupts.hard[n / 32].fetch_or(id.bit(), Ordering::AcqRel);
        }
        Ok(id)
    }

    /// Gives the number back; what was fired and has not run will not run. Its driver no longer fires it.
    pub fn remove_handler(&mut self, handler: HandlerId) {
        let n = handler.number();
        let interrupts = &self.shared().interrupts;
        interrupts.hard[n / 32].fetch_and(!handler.bit(), Ordering::AcqRel);
        interrupts.fired[n / 32].fetch_and(!handler.bit(), Ordering::AcqRel);
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
    #[inline(always)]
    pub fn in_hard_handler(&self) -> bool {
        HANDLED && self.hard_budget > 0
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

    /// What a native raises that hard handlers must not call.
    #[cold]
    pub(crate) fn not_in_handler(&mut self) -> Raise {
        self.raise(exc::RUNTIME_ERROR, "not allowed in an interrupt handler")
    }

    /// Nothing of the heap may be relied on until [`Vm::leave_structural`]: hard handlers wait. The sections do not nest.
    #[inline(always)]
    pub(crate) fn enter_structural(&self) {
        if !HANDLED {
            return;
        }
        self.structural.store((&raw const *self).cast_mut().cast(), Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
    }

    /// Hard handlers may run in interrupts from here on. `elsewhere` is any address but the record's, best one that is in a
    /// register.
    #[inline(always)]
    pub(crate) fn leave_structural(&self, elsewhere: *const u8) {
        if !HANDLED {
            return;
        }
        compiler_fence(Ordering::SeqCst);
        self.structural.store(elsewhere.cast_mut().cast(), Ordering::Relaxed);
    }

    /// This thread owns the GIL now, and is in a structural section.
    pub(super) fn gil_taken(&mut self) {
        if !HANDLED {
            return;
        }
        self.enter_structural();
        let this: *mut Vm = self;
        self.shared().owner.store(this, Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
    }

    /// This thread gives the GIL away next.
    pub(super) fn giving_gil(&self) {
        if !HANDLED {
            return;
        }
        compiler_fence(Ordering::SeqCst);
        self.shared().owner.store(core::ptr::null_mut(), Ordering::Relaxed);
    }

    /// Sees to the handlers that were fired. A safe point; hard ones run here when they could not in their interrupt.
    pub(super) fn run_handlers(&mut self) {
        if !HANDLED {
            return;
        }
        let since = self.shared().interrupts.waiting_since.swap(0, Ordering::Relaxed);
        if since != 0 {
            let waited = (self.host().ticks_us() as u32).wrapping_sub(since);
            self.shared().interrupts.longest_wait_us.fetch_max(waited, Ordering::Relaxed);
        }
        while let Some((id, how)) = self.most_urgent(false) {
            if how & HARD != 0 {
                let stack = StackBounds { limit: self.native_limit };
                // SAFETY: this thread owns the GIL, and its own record rests meanwhile.
                unsafe { Vm::for_handlers(self.shared, stack) }.run_hard(id);
            } else if let Some((function, argument, _)) = self.take_fired(id) {
                self.schedule(function, argument);
            }
        }
        if self.has_report() {
            self.print_report();
        }
    }

    /// True if hard handlers printed something, or one let an exception out.
    fn has_report(&self) -> bool {
        let s = self.shared();
        s.handler_said > 0 || !s.roots.handler_report.is_undef()
    }

    #[cold]
    fn print_report(&mut self) {
        let mut text = [0; TEXT];
        let s = self.shared_mut();
        let n = core::mem::take(&mut s.handler_said).into();
        let exception = core::mem::replace(&mut s.roots.handler_report, Value::UNDEF);
        text.copy_from_slice(raw_bytes(s.roots.handler_text));
        self.write_text(&text[..n], false);
        if !exception.is_undef() {
            self.write_text(b"Uncaught exception in interrupt handler\n", true);
            self.print_exception(exception);
        }
    }

    /// Keeps what a hard handler prints until a thread can write it.
    pub(super) fn say_later(&mut self, bytes: &[u8]) {
        let said = usize::from(self.shared().handler_said);
        let room = &mut raw_bytes(self.shared().roots.handler_text)[said..];
        let n = bytes.len().min(room.len());
        room[..n].copy_from_slice(&bytes[..n]);
        self.shared_mut().handler_said = (said + n) as u16;
    }

    /// The fired handler with the highest priority, if asked so among the hard ones; and how it is called.
    fn most_urgent(&self, only_hard: bool) -> Option<(HandlerId, isize)> {
        let interrupts = &self.shared().interrupts;
        let mut best: Option<(HandlerId, isize)> = None;
        for (word, (fired, hard)) in interrupts.fired.iter().zip(&interrupts.hard).enumerate() {
            let mut bits = fired.load(Ordering::Acquire);
            if only_hard {
                bits &= hard.load(Ordering::Acquire);
            }
            while bits != 0 {
                let id = HandlerId(word as u8 * 32 + bits.trailing_zeros() as u8);
                bits &= bits - 1;
                let how = self.handler(id.number()).map_or(0, |(_, _, how)| how);
                if best.is_none_or(|(_, best)| how >> 1 > best >> 1) {
                    best = Some((id, how));
                }
            }
        }
        best
    }

    /// The handler, whose firing is answered with that; `None`: it is nobody's any more.
    fn take_fired(&self, id: HandlerId) -> Option<(Value, Value, isize)> {
        self.shared().interrupts.fired[id.number() / 32].fetch_and(!id.bit(), Ordering::AcqRel);
        self.handler(id.number())
    }

    /// A record for hard handlers; it is in no list and owns no memory.
    ///
    /// # Safety
    /// The VM lives. The caller owns the GIL or stands in for whoever does (invariant 4), and uses no other record of
    /// the VM until it has dropped this one. `stack` is its native stack's.
    unsafe fn for_handlers(shared: NonNull<Shared>, stack: StackBounds) -> Vm {
        let mut vm = Vm::record(shared, stack);
        let stack = vm.shared().roots.handler_stack;
        if stack.is_object() {
            vm.chunk = stack;
            vm.chunk_base = stack.object_ptr().wrapping_add(8).cast();
            vm.chunk_end = vm.chunk_base.wrapping_add(STACK);
        }
        vm
    }

    /// Runs a hard handler; the record is one of `for_handlers`.
    fn run_hard(&mut self, id: HandlerId) {
        let Some((function, argument, _)) = self.take_fired(id) else { return };
        self.shared().interrupts.running.store(true, Ordering::Relaxed);
        self.hard_budget = self.host().handler_budget().max(1);
        let s = self.shared_mut();
        let depth = s.heap.lock_depth();
        s.heap.restore_lock(depth + 1);
        s.schedule_lock += 1;
        self.set_pending(pending::BUDGET);
        let result = self.call(function, &[argument]);
        if result.is_err() {
            let exception = self.take_exception();
            if !self.killed {
                self.remove_handler(id);
                self.shared_mut().roots.handler_report = exception;
            }
        }
        self.hard_budget = 0;
        self.clear_pending(pending::BUDGET);
        let s = self.shared_mut();
        s.schedule_lock -= 1;
        // However often the handler called `heap_unlock`.
        s.heap.restore_lock(depth);
        s.interrupts.running.store(false, Ordering::Relaxed);
    }
}
