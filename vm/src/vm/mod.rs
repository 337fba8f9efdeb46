//! The VM's state: what all threads share, and the record of each attached task.
//!
//! [`Vm`] is a *per-task handle*: the thread record itself, with a raw pointer to the shared state. Only the task
//! that owns the GIL uses its `Vm`; reading objects borrows it, changing them borrows it mutably. [`VmHandle`] is
//! what other tasks and interrupt handlers hold.
//!
//! # Invariants
//! 1. `shared` points to a live [`Shared`] as long as any thread record or handle is used (the creator's promise).
//! 2. A task touches the shared state's non-atomic parts only while it owns the GIL.
//! 3. Every attached thread record is in the list `Shared::threads`; between `unlocked`'s release and re-take of
//!    the GIL its `saved_sp` bounds the live part of its native stack, registers spilled.

mod attach;
mod console;
mod errors;
mod gc;
mod handlers;
mod inspect;
pub mod intern;
mod references;
pub mod shapes;
mod threads;
#[cfg(test)]
mod token_tests;

pub use attach::{CreateError, StackBounds, VmConfig, VmHandle};
pub use console::Tap;
pub(crate) use errors::Message;
pub use gc::Unlocked;
pub use handlers::{HANDLERS, HandlerId, HandlerStats};

use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use crate::heap::Heap;
use crate::host::Host;
use crate::interp::Frame;
use crate::object::frozen::FrozenImage;
use crate::object::{Dict, RomModule};
use crate::value::Value;

/// An exception is on its way: it is parked in the thread record.
///
/// Whoever gets one either passes it on or takes the exception with [`Vm::take_exception`].
#[derive(Debug)]
#[must_use]
pub struct Raise(pub(crate) ());

/// Bits of the word that safe points test.
pub mod pending {
    /// Another task waits for the GIL and the slice is over.
    pub const GIL: u32 = 1;
    /// `KeyboardInterrupt` for the main thread.
    pub const INTERRUPT: u32 = 2;
    /// Callbacks are scheduled.
    pub const SCHEDULE: u32 = 4;
    /// The VM is to end: unwind without running Python.
    pub const KILL: u32 = 8;
    /// Finalisers wait.
    pub const FINALISERS: u32 = 16;
    /// Other tasks or interrupts posted something: the host runs it.
    pub const POSTED: u32 = 32;
    /// Always set where threads change at random: see [`crate::Vm::switch_at_random`].
    pub const RANDOM: u32 = 256;
    /// Interrupt handlers were fired.
    pub const HANDLERS: u32 = 64;
    /// A hard interrupt handler runs: safe points count.
    pub const BUDGET: u32 = 128;
    /// Set while a thread traces: see `interp::trace`.
    pub const TRACE: u32 = 512;
}

/// Callbacks that `micropython.schedule` can hold.
pub const SCHEDULE_DEPTH: usize = 8;

/// Values that the shared state keeps alive, scanned as a root.
#[repr(C)]
pub(crate) struct Roots {
    /// `sys.modules`.
    pub modules: Value,
    /// `sys.ps1` and `sys.ps2` where the script set them.
    pub prompts: [Value; 2],
    /// Names set in `builtins`, `_` among them; `UNDEF` while none.
    pub builtin_overrides: Value,
    /// Globals of `__main__`.
    pub main_globals: Value,
    /// `sys.path`, `sys.argv`.
    pub sys_path: Value,
    pub sys_argv: Value,
    /// The Raw object that holds the table of shapes, and the weak table of interned strings.
    pub shapes: Value,
    pub interned: Value,
    /// Attributes of functions: dict from function to dict.
    pub function_attributes: Value,
    /// Source file of the code being compiled.
    pub compiling: Value,
    /// `sys.stdin`, `sys.stdout`, `sys.stderr` where the script replaced them.
    pub streams: [Value; 3],
    /// Interrupt handlers, the value stack of hard ones, what they printed and what one of them let out: see `handlers`.
    pub handlers: Value,
    pub handler_stack: Value,
    pub handler_text: Value,
    pub handler_report: Value,
    /// Free for modules: one dict from a module's name to what it keeps.
    pub module_state: Value,
    /// What embedders keep alive (`ts_ref`).
    pub references: Value,
    /// Raw memory set aside for exceptions; see `Vm::set_reserve`.
    pub reserve: Value,
    /// Pairs of callback and argument.
    pub schedule: [(Value, Value); SCHEDULE_DEPTH],
}

/// An entry of the method cache: where a name was found for a class.
#[derive(Clone, Copy)]
pub(crate) struct CacheEntry {
    pub class: Option<Value>,
    pub name: Option<Value>,
    pub found: Option<Value>,
}

impl CacheEntry {
    pub const EMPTY: CacheEntry = CacheEntry { class: None, name: None, found: None };
}

/// Entries of the method cache; a power of two.
pub(crate) const METHOD_CACHE: usize = 64;

/// The place of a class (or a shape, as a small int) and a name in the method cache.
#[inline(always)]
pub(crate) fn method_slot(class: Value, name: Value) -> usize {
    ((class.bits() >> 1) ^ (class.bits() >> 4) ^ (name.bits() >> 3)) & (METHOD_CACHE - 1)
}

/// What all threads of one VM share.
// What is used most comes first: a short offset makes for short instructions. So in `Roots`.
#[repr(C)]
pub(crate) struct Shared {
    pub pending: AtomicU32,
    /// The record of the thread that owns the GIL; null while nobody does.
    pub owner: AtomicPtr<Vm>,
    pub host: &'static dyn Host,
    pub roots: Roots,
    pub heap: Heap,
    pub interrupts: handlers::Interrupts,
    pub threads: *mut Vm,
    pub main_thread: *mut Vm,
    pub modules: &'static [&'static [&'static RomModule]],
    pub frozen: Option<&'static FrozenImage>,
    pub method_cache: [CacheEntry; METHOD_CACHE],
    pub shape_count: u32,
    pub interned_count: u32,
    pub schedule_head: u8,
    pub schedule_len: u8,
    pub schedule_lock: u8,
    /// Bytes that hard handlers printed and that did not go out yet.
    pub handler_said: u16,
    /// Handlers, callbacks and hand-overs are held back (`machine.disable_irq`).
    pub handlers_held: bool,
    pub opt_level: u8,
    pub collections: u32,
    /// Bytes allocated before the last collection, modulo the word.
    pub allocated_before: usize,
    /// The most bytes in use that `heap_totals` has seen.
    pub peak: usize,
    pub next_thread_id: u32,
    /// Counts the calls of `wait_on`; wraps.
    pub wait_tickets: u32,
    /// The state of the generator behind `Vm::switch_at_random`, 0 without.
    pub random_switch: u32,
    /// Bytes of value stack a thread may use.
    pub value_stack_limit: u32,
    /// How much `Roots::reserve` is to have.
    pub reserve_bytes: u32,
    /// `gc.disable()` was called.
    pub gc_disabled: bool,
    /// Some record of the shape table is free.
    pub shape_holes: bool,
    /// The second terminal: see `console`. And whether it was set since it was last taken out.
    pub tap: Option<Tap>,
    pub tap_changed: bool,
}

/// A task's hold on a VM: the thread record. See the module's documentation.
#[repr(C)]
pub struct Vm {
    pub(crate) shared: NonNull<Shared>,
    /// Innermost frame, null outside Python.
    pub(crate) frame: *mut Frame,
    /// This record's own address where hard handlers have to wait, any other word elsewhere: see `handlers`.
    pub(crate) structural: AtomicPtr<()>,
    /// The value stack: the current chunk (Raw), its bounds, and the bytes of all chunks.
    pub(crate) chunk: Value,
    pub(crate) spare_chunk: Value,
    pub(crate) chunk_base: *mut Value,
    pub(crate) chunk_end: *mut Value,
    pub(crate) stack_bytes: u32,
    /// The parked exception, `UNDEF` when none.
    pub(crate) exception: Value,
    /// What came with the last `STOP`: the value of the `StopIteration` that stood for it.
    pub(crate) stop_argument: Value,
    /// The exception being handled (`sys.exc_info`), `NONE` when none.
    pub(crate) handled: Value,
    /// Lowest address that this task's native stack may reach, and its highest.
    pub(crate) native_limit: usize,
    pub(crate) native_base: usize,
    /// Stack pointer at the last release of the GIL.
    pub(crate) saved_sp: usize,
    /// Depth of `micropython.heap_lock` while this thread is without the GIL; the heap has it otherwise.
    pub(crate) heap_lock: u32,
    /// True while unwinding for a kill: no Python handler runs.
    pub(crate) killed: bool,
    /// The exception was raised again: its traceback has this frame already.
    pub(crate) reraising: bool,
    /// Ticks until a long native looks at the pending word again.
    pub(crate) native_ticks: u32,
    /// `_thread.get_ident`.
    pub(crate) id: u32,
    /// Safe points left to the hard interrupt handler that runs with this record; 0: none does.
    pub(crate) hard_budget: u32,
    /// The host's name of this task.
    pub(crate) task: usize,
    /// The bits that other threads have notified this one of.
    pub(crate) notified: u32,
    /// What modules keep for this thread: a dictionary, or `UNDEF`.
    pub(crate) state: Value,
    /// What `wait_on` waits for.
    pub(crate) waiting: threads::Waiting,
    /// What `sys.settrace` was given.
    #[cfg(feature = "settrace")]
    pub(crate) tracer: crate::interp::Tracer,
    pub(crate) next: *mut Vm,
    _not_send: PhantomData<UnsafeCell<*mut ()>>,
}

impl Vm {
    #[inline(always)]
    pub(crate) fn shared(&self) -> &Shared {
        // SAFETY: invariants 1 and 2.
        unsafe { self.shared.as_ref() }
    }

    #[inline(always)]
    pub(crate) fn shared_mut(&mut self) -> &mut Shared {
        // SAFETY: invariants 1 and 2; `&mut self` makes this borrow the only one of this task.
        unsafe { self.shared.as_mut() }
    }

    /// Remembers the Python method that instances of a shape have under a name: no slot and no descriptor hides it.
    pub(crate) fn cache_method(&self, shape: shapes::ShapeId, name: Value, found: Value) {
        let class = Value::from_len(shape as usize);
        self.cache(
            method_slot(class, name),
            CacheEntry { class: Some(class), name: Some(name), found: Some(found) },
        );
    }

    /// What `cache_method` remembered.
    #[inline(always)]
    pub(crate) fn cached_method(&self, shape: shapes::ShapeId, name: Value) -> Option<Value> {
        let class = Value::from_len(shape as usize);
        let e = &self.shared().method_cache[method_slot(class, name)];
        if e.class == Some(class) && e.name == Some(name) { e.found } else { None }
    }

    /// Writes an entry of the method cache.
    pub(crate) fn cache(&self, slot: usize, entry: CacheEntry) {
        // The dispatch loop reads entries in several steps.
        if self.in_hard_handler() {
            return;
        }
        // SAFETY: invariant 2; entries are read and written as copies only, so no reference to one lives.
        unsafe { (*self.shared.as_ptr()).method_cache[slot] = entry };
    }

    /// The surroundings.
    pub fn host(&self) -> &'static dyn Host {
        self.shared().host
    }

    /// A handle for other tasks.
    pub fn handle(&self) -> VmHandle {
        VmHandle::of(self.shared)
    }

    /// This thread's identity, unique among live threads.
    pub fn thread_id(&self) -> u32 {
        self.id
    }

    /// True on the VM's main thread.
    pub fn is_main_thread(&self) -> bool {
        core::ptr::eq(self, self.shared().main_thread)
    }

    /// Globals of `__main__`.
    pub fn main_globals(&self) -> Dict {
        Dict::from_known(self.shared().roots.main_globals)
    }

    /// The dictionary `sys.modules`.
    pub fn modules(&self) -> Dict {
        Dict::from_known(self.shared().roots.modules)
    }

    /// What [`Vm::set_module_state`] keeps under that name.
    pub fn module_state(&self, name: Value) -> Option<Value> {
        Dict::from_value(self.shared().roots.module_state)?.get_name(self, name)
    }

    /// Keeps something for a native module for the life of the VM; `name` is the module's.
    pub fn set_module_state(&mut self, name: Value, state: Value) -> Result<(), Raise> {
        let all = match Dict::from_value(self.shared().roots.module_state) {
            Some(all) => all,
            None => {
                let all = self.new_dict()?;
                self.shared_mut().roots.module_state = all.value();
                all
            }
        };
        all.set_name(self, name, state)
    }

    /// The compiler's optimisation level, 0 to 3.
    pub fn opt_level(&self) -> u8 {
        self.shared().opt_level
    }

    /// Sets the compiler's optimisation level.
    pub fn set_opt_level(&mut self, level: u8) {
        self.shared_mut().opt_level = level.min(3);
    }

    /// Fails with `RuntimeError` when the task's native stack is nearly used up. For natives that recurse.
    #[inline(never)]
    pub fn enter_native(&mut self) -> Result<(), Raise> {
        self.enter_native_inline()
    }

    /// As [`Vm::enter_native`], for operators, whose speed shows.
    #[inline(always)]
    pub(crate) fn enter_native_inline(&mut self) -> Result<(), Raise> {
        if stack_pointer() < self.native_limit { Err(self.recursion_error()) } else { Ok(()) }
    }

    /// For natives whose work grows with their data: call it with the number of steps done since the last call (a step is
    /// worth a few instructions), so that a kill and `KeyboardInterrupt` end them. Neither other threads nor callbacks run
    /// meanwhile: what a native does to a list or a dictionary is one step to them, unless it calls Python itself.
    #[inline(never)]
    pub fn tick(&mut self, steps: usize) -> Result<(), Raise> {
        self.tick_inline(steps)
    }

    /// As [`Vm::tick`], for the loops whose speed shows.
    #[inline(always)]
    pub(crate) fn tick_inline(&mut self, steps: usize) -> Result<(), Raise> {
        let left = self.native_ticks as usize;
        if steps < left {
            self.native_ticks = (left - steps) as u32;
            return Ok(());
        }
        self.native_ticks = 1000;
        self.stop_point()
    }

    /// As [`Vm::tick`], for natives that nobody notices while they work: what they read cannot change and what they
    /// write nobody else has, or they run Python anyway. A whole safe point: other threads, callbacks and finalisers run.
    #[inline(never)]
    pub fn tick_shared(&mut self, steps: usize) -> Result<(), Raise> {
        self.tick_shared_inline(steps)
    }

    /// As [`Vm::tick_shared`], for the loops whose speed shows.
    #[inline(always)]
    pub(crate) fn tick_shared_inline(&mut self, steps: usize) -> Result<(), Raise> {
        let left = self.native_ticks as usize;
        if steps < left {
            self.native_ticks = (left - steps) as u32;
            return Ok(());
        }
        self.native_ticks = 1000;
        self.safe_point()
    }

    /// The part of a safe point that only ends things.
    fn stop_point(&mut self) -> Result<(), Raise> {
        let bits = self.shared().pending.load(Ordering::Acquire);
        let stops =
            bits & pending::KILL != 0 || bits & pending::INTERRUPT != 0 && self.is_main_thread();
        if stops { self.end_by(bits) } else { Ok(()) }
    }

    /// Raises for the pending kill or `KeyboardInterrupt`, whichever is among these bits.
    #[cold]
    fn end_by(&mut self, bits: u32) -> Result<(), Raise> {
        if bits & pending::KILL != 0 {
            self.killed = true;
            return Err(self.kill_exception());
        }
        self.clear_pending(pending::INTERRUPT);
        Err(self.raise(crate::exc::KEYBOARD_INTERRUPT, ""))
    }

    /// Bytes of native and value stack that this task uses, and the most it may.
    pub fn stack_use(&self) -> (usize, usize) {
        let mut python = self.stack_bytes as usize;
        if !self.frame.is_null() {
            // SAFETY: `frame` is the live innermost frame.
            let top = unsafe { (*self.frame).top }.addr();
            let low = self.frame.addr();
            // The free part of the innermost chunk lies between the window's end and the lowest record.
            if self.chunk_base.addr() <= top && top <= low && low < self.chunk_end.addr() {
                python = python.saturating_sub(low - top);
            }
        }
        let native = self.native_base.saturating_sub(stack_pointer());
        let most = self.native_base.saturating_sub(self.native_limit);
        (python + native, most + self.shared().value_stack_limit as usize)
    }

    /// True when a safe point has something to do.
    #[inline(always)]
    pub(crate) fn is_pending(&self) -> bool {
        self.shared().pending.load(Ordering::Relaxed) != 0
    }

    /// Lets whatever is pending happen: GIL hand-over, scheduled callbacks, finalisers, `KeyboardInterrupt`, kill.
    pub fn safe_point(&mut self) -> Result<(), Raise> {
        if !self.is_pending() {
            return Ok(());
        }
        self.handle_pending()
    }

    #[cold]
    #[inline(never)]
    fn handle_pending(&mut self) -> Result<(), Raise> {
        let bits = self.shared().pending.load(Ordering::Acquire);
        if bits & pending::KILL != 0 {
            self.killed = true;
            return Err(self.kill_exception());
        }
        if self.in_hard_handler() {
            return self.spend_budget();
        }
        let is_held = self.shared().handlers_held;
        if bits & pending::GIL != 0 && !is_held {
            self.clear_pending(pending::GIL);
            self.hand_over();
        }
        if cfg!(feature = "extra") && bits & pending::RANDOM != 0 && self.draws_switch() {
            self.unlocked(|_| ());
        }
        if bits & pending::INTERRUPT != 0 && self.is_main_thread() {
            self.clear_pending(pending::INTERRUPT);
            return Err(self.raise(crate::exc::KEYBOARD_INTERRUPT, ""));
        }
        if bits & pending::FINALISERS != 0 {
            self.clear_pending(pending::FINALISERS);
            self.run_finalisers();
        }
        if is_held {
            return Ok(());
        }
        if bits & pending::HANDLERS != 0 {
            self.clear_pending(pending::HANDLERS);
            self.run_handlers();
        }
        if bits & pending::POSTED != 0 {
            self.clear_pending(pending::POSTED);
            let parked = core::mem::replace(&mut self.exception, Value::UNDEF);
            self.host().posted(self)?;
            self.exception = parked;
        }
        // A handler may just have been scheduled.
        if self.shared().pending.load(Ordering::Relaxed) & pending::SCHEDULE != 0 {
            self.run_scheduled()?;
        }
        Ok(())
    }

    #[inline(never)]
    pub(crate) fn clear_pending(&self, bits: u32) {
        self.shared().pending.fetch_and(!bits, Ordering::AcqRel);
    }

    #[inline(never)]
    pub(crate) fn set_pending(&self, bits: u32) {
        self.shared().pending.fetch_or(bits, Ordering::AcqRel);
    }

    /// Runs at most one scheduled callback; one that raises is reported and forgotten.
    fn run_scheduled(&mut self) -> Result<(), Raise> {
        let s = self.shared_mut();
        if s.schedule_lock > 0 {
            return Ok(());
        }
        if s.schedule_len == 0 {
            self.clear_pending(pending::SCHEDULE);
            return Ok(());
        }
        let at = s.schedule_head as usize;
        let (callback, argument) =
            core::mem::replace(&mut s.roots.schedule[at], (Value::UNDEF, Value::UNDEF));
        s.schedule_head = (at + 1) as u8 % SCHEDULE_DEPTH as u8;
        s.schedule_len -= 1;
        s.schedule_lock += 1;
        if s.schedule_len == 0 {
            self.clear_pending(pending::SCHEDULE);
        } else {
            // If this safe point belongs to a wait, the rest must not wait with it.
            self.host().wake_task(self.task);
        }
        let parked = core::mem::replace(&mut self.exception, Value::UNDEF);
        let result = self.call(callback, &[argument]);
        self.shared_mut().schedule_lock -= 1;
        if result.is_err() {
            let exception = self.take_exception();
            if self.killed {
                self.exception = exception;
                return Err(Raise(()));
            }
            self.print_exception(exception);
        }
        self.exception = parked;
        Ok(())
    }

    /// True while the VM ends: finalisers of natives run, Python does not.
    pub fn is_ending(&self) -> bool {
        self.killed
    }

    /// From now on threads change at random safe points, one in eight, besides when they must: to find what programs and
    /// natives take for granted. The same seed, not 0, makes the same choices.
    pub fn switch_at_random(&mut self, seed: u32) {
        self.shared_mut().random_switch = seed;
        self.set_pending(pending::RANDOM);
    }

    /// Draws whether this safe point hands over.
    fn draws_switch(&mut self) -> bool {
        // Marsaglia, "Xorshift RNGs", 2003: never 0, with a period of 2^32 - 1.
        let mut x = self.shared().random_switch;
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        self.shared_mut().random_switch = x;
        x >> 29 == 0
    }

    /// True when the next safe point runs a scheduled callback: a thread does not sleep then.
    pub fn has_callback(&self) -> bool {
        let s = self.shared();
        s.schedule_lock == 0 && s.schedule_len > 0
    }

    /// Queues `callback(argument)` for the next safe point of any thread; false when the queue is full.
    pub fn schedule(&mut self, callback: Value, argument: Value) -> bool {
        let s = self.shared_mut();
        if s.schedule_len as usize == SCHEDULE_DEPTH {
            return false;
        }
        let at = (s.schedule_head + s.schedule_len) as usize % SCHEDULE_DEPTH;
        s.roots.schedule[at] = (callback, argument);
        s.schedule_len += 1;
        self.set_pending(pending::SCHEDULE);
        true
    }
}

/// The address of something near the top of the native stack.
#[inline(always)]
pub(crate) fn stack_pointer() -> usize {
    let here = 0u8;
    core::hint::black_box(&raw const here).addr()
}
