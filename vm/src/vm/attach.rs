//! Making a VM, attaching tasks to it, ending it.

use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use super::threads::Waiting;
use super::{CacheEntry, METHOD_CACHE, Roots, SCHEDULE_DEPTH, Shared, Vm, pending};
use crate::heap::{Heap, Region};
use crate::host::Host;
use crate::object::RomModule;
use crate::value::Value;
use crate::value::names::q;

/// What a VM is made with.
pub struct VmConfig<'a> {
    /// Memory for everything the VM ever allocates. The first region also holds the shared state.
    pub regions: &'a [Region],
    /// The surroundings.
    pub host: &'static dyn Host,
    /// Native modules of other rooms, beside the VM's own.
    pub modules: &'static [&'static [&'static RomModule]],
    /// The most bytes of value stack (Python frames) that a thread may use; 0: a quarter of the memory.
    pub value_stack_limit: usize,
}

/// Why a VM could not be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CreateError {
    /// The regions are too small, or not aligned to 16 bytes.
    TooSmall,
}

/// The native stack of a task that attaches.
#[derive(Clone, Copy, Debug)]
pub struct StackBounds {
    /// The lowest address the interpreter may use: the end of the stack plus a reserve for what natives call.
    pub limit: usize,
}

/// A reference to a VM for tasks that are not attached and for interrupt handlers.
///
/// May be used until the VM is destroyed; whoever destroys it sees to that.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VmHandle(NonNull<Shared>);

// SAFETY: a handle only reaches the atomic pending word and the host, which is made for several tasks; attaching
// takes the GIL first.
unsafe impl Send for VmHandle {}
// SAFETY: as above.
unsafe impl Sync for VmHandle {}

impl VmHandle {
    /// # Safety
    /// The VM lives, and no task changes it while the reference is used.
    pub(super) unsafe fn shared_of_stopped<'a>(self) -> &'a Shared {
        // SAFETY: the caller's promise.
        unsafe { self.0.as_ref() }
    }

    /// What the VM itself takes of the start of the first region, in bytes.
    pub const STATE_BYTES: usize = size_of::<Shared>().next_multiple_of(16);

    pub(super) fn of(shared: NonNull<Shared>) -> VmHandle {
        VmHandle(shared)
    }

    /// Makes a VM in the given memory. Nobody is attached yet; the first task that attaches is the main thread.
    ///
    /// # Safety
    /// The regions are writable memory that nobody else uses until [`VmHandle::destroy`].
    pub unsafe fn create(config: &VmConfig<'_>) -> Result<VmHandle, CreateError> {
        let Some((first, rest)) = config.regions.split_first() else {
            return Err(CreateError::TooSmall);
        };
        let head = Self::STATE_BYTES;
        if first.len < head + 2048 || !first.start.addr().is_multiple_of(16) || rest.len() > 3 {
            return Err(CreateError::TooSmall);
        }
        let mut regions = [const { Region { start: core::ptr::null_mut(), len: 0 } }; 4];
        regions[0] = Region { start: first.start.wrapping_add(head), len: first.len - head };
        for (to, from) in regions[1..].iter_mut().zip(rest) {
            *to = Region { start: from.start, len: from.len };
        }
        let total: usize = config.regions.iter().map(|r| r.len).sum();
        let none = (Value::UNDEF, Value::UNDEF);
        let shared = Shared {
            pending: AtomicU32::new(0),
            interrupts: Default::default(),
            owner: AtomicPtr::new(core::ptr::null_mut()),
            heap: Heap::empty(),
            roots: Roots {
                modules: Value::UNDEF,
                prompts: [Value::UNDEF; 2],
                builtin_overrides: Value::UNDEF,
                main_globals: Value::UNDEF,
                sys_path: Value::UNDEF,
                sys_argv: Value::UNDEF,
                shapes: Value::UNDEF,
                interned: Value::UNDEF,
                function_attributes: Value::UNDEF,
                compiling: Value::UNDEF,
                streams: [Value::UNDEF; 3],
                schedule: [none; SCHEDULE_DEPTH],
                handlers: Value::UNDEF,
                handler_stack: Value::UNDEF,
                handler_text: Value::UNDEF,
                handler_report: Value::UNDEF,
                module_state: Value::UNDEF,
                references: Value::UNDEF,
                reserve: Value::UNDEF,
            },
            threads: core::ptr::null_mut(),
            main_thread: core::ptr::null_mut(),
            host: config.host,
            modules: config.modules,
            frozen: config.host.frozen(),
            method_cache: [CacheEntry::EMPTY; METHOD_CACHE],
            shape_count: 0,
            interned_count: 0,
            schedule_head: 0,
            schedule_len: 0,
            schedule_lock: 0,
            handler_said: 0,
            handlers_held: false,
            opt_level: 0,
            collections: 0,
            allocated_before: 0,
            peak: 0,
            next_thread_id: 1,
            wait_tickets: 0,
            random_switch: 0,
            value_stack_limit: if config.value_stack_limit == 0 {
                total / 4
            } else {
                config.value_stack_limit
            } as u32,
            reserve_bytes: 0,
            gc_disabled: false,
            shape_holes: false,
            tap: None,
            tap_changed: false,
        };
        let at = first.start.cast::<Shared>();
        // SAFETY: the first region begins with room for it, aligned; the caller's promise, without that part.
        let fits = unsafe {
            at.write(shared);
            (*at).heap.add_regions(&regions[..=rest.len()])
        };
        NonNull::new(at).filter(|_| fits).map(VmHandle).ok_or(CreateError::TooSmall)
    }

    /// Attaches the calling task for the duration of `f`, which runs with the GIL held.
    ///
    /// The first attachment is the main thread; it prepares the built-in state. `Err` when the memory is too small
    /// for that.
    ///
    /// # Safety
    /// The VM lives; the calling task is not attached to it; `stack.limit` lies in the calling task's stack.
    pub unsafe fn attach<R>(
        self,
        stack: StackBounds,
        f: impl FnOnce(&mut Vm) -> R,
    ) -> Result<R, CreateError> {
        // SAFETY: the VM lives, and the host is immutable.
        let host = unsafe { (*self.0.as_ptr()).host };
        host.gil_take();
        let mut vm = Vm::record(self.0, stack);
        vm.gil_taken();
        let result = attached(&mut vm, f);
        vm.giving_gil();
        host.gil_give();
        result
    }

    /// As [`VmHandle::attach`], for callers that cannot be a closure: attaches the calling task, with the GIL held,
    /// until [`Vm::detach`]. `base` is the end of the part of its native stack that may hold values.
    ///
    /// # Safety
    /// As for [`VmHandle::attach`]; `record` is valid and stays where it is until the task detaches; `base` is in
    /// the calling task's stack, above everything that will hold values.
    pub unsafe fn attach_record(
        self,
        record: NonNull<Vm>,
        stack: StackBounds,
        base: usize,
    ) -> Result<(), CreateError> {
        // SAFETY: the VM lives, and the host is immutable.
        let host = unsafe { (*self.0.as_ptr()).host };
        host.gil_take();
        // SAFETY: the caller's promise; from here on the record is this task's.
        let vm = unsafe {
            record.write(Vm::record(self.0, stack));
            &mut *record.as_ptr()
        };
        vm.native_base = base;
        vm.gil_taken();
        let begun = vm.begin();
        if begun.is_err() {
            vm.end();
            vm.giving_gil();
            host.gil_give();
        }
        begun
    }

    /// Makes the host's [`Host::posted`] run at the next safe point of any thread. Any context, ISR included.
    pub fn notify_posted(self) {
        self.post(pending::POSTED);
    }

    /// Raises `KeyboardInterrupt` in the main thread at its next safe point or wait. Any context, ISR included.
    pub fn interrupt(self) {
        self.post(pending::INTERRUPT);
    }

    /// Makes the owner of the GIL hand it over at its next safe point. Any context, ISR included.
    pub fn request_gil(self) {
        // SAFETY: the VM lives; the word is atomic.
        unsafe { (*self.0.as_ptr()).pending.fetch_or(pending::GIL, Ordering::AcqRel) };
    }

    /// Ends the VM: every thread unwinds at its next safe point or wait, without running Python. Any context.
    pub fn kill(self) {
        self.post(pending::KILL);
    }

    /// True after [`VmHandle::kill`].
    pub fn is_killed(self) -> bool {
        // SAFETY: the VM lives; the word is atomic.
        unsafe { (*self.0.as_ptr()).pending.load(Ordering::Acquire) & pending::KILL != 0 }
    }

    pub(super) fn interrupts(&self) -> &super::handlers::Interrupts {
        // SAFETY: the VM lives; the words are atomic.
        unsafe { &(*self.0.as_ptr()).interrupts }
    }

    pub(super) fn raw(self) -> NonNull<Shared> {
        self.0
    }

    pub(super) fn post(self, bits: u32) {
        // SAFETY: the VM lives; the word is atomic and the host made for several tasks.
        unsafe {
            (*self.0.as_ptr()).pending.fetch_or(bits, Ordering::AcqRel);
            (*self.0.as_ptr()).host.wake();
        }
    }

    /// Ends the VM's life: runs native finalisers. Afterwards its memory may be used for something else.
    ///
    /// # Safety
    /// No task is attached, and no copy of the handle is used afterwards.
    pub unsafe fn destroy(self, stack: StackBounds) {
        // SAFETY: the caller's promise.
        let _ = unsafe {
            self.attach(stack, |vm| {
                vm.killed = true;
                vm.finalise_all();
            })
        };
    }
}

/// Separate, so that everything `f` keeps on the native stack is below the record's base.
#[inline(never)]
fn attached<R>(vm: &mut Vm, f: impl FnOnce(&mut Vm) -> R) -> Result<R, CreateError> {
    vm.native_base = (&raw mut *vm).expose_provenance();
    let result = vm.begin().map(|()| f(vm));
    vm.end();
    result
}

fn vm_next(vm: *mut Vm) -> *mut Vm {
    // SAFETY: callers pass listed records, and own the GIL.
    unsafe { (*vm).next }
}

impl Vm {
    /// A thread record, not in the list yet.
    pub(super) fn record(shared: NonNull<Shared>, stack: StackBounds) -> Vm {
        // SAFETY: the VM lives, and the host is immutable.
        let host = unsafe { (*shared.as_ptr()).host };
        Vm {
            shared,
            frame: core::ptr::null_mut(),
            structural: AtomicPtr::new(core::ptr::null_mut()),
            chunk: Value::UNDEF,
            spare_chunk: Value::UNDEF,
            chunk_base: core::ptr::null_mut(),
            chunk_end: core::ptr::null_mut(),
            stack_bytes: 0,
            exception: Value::UNDEF,
            stop_argument: Value::NONE,
            handled: Value::NONE,
            native_limit: stack.limit,
            native_base: 0,
            saved_sp: usize::MAX,
            heap_lock: 0,
            killed: false,
            reraising: false,
            native_ticks: 1000,
            id: 0,
            hard_budget: 0,
            task: host.current_task(),
            notified: 0,
            state: Value::UNDEF,
            waiting: Waiting::NOTHING,
            #[cfg(feature = "settrace")]
            tracer: crate::interp::Tracer::NOTHING,
            next: core::ptr::null_mut(),
            _not_send: PhantomData,
        }
    }

    /// Puts the record into the list; the first one prepares the built-in state. [`Vm::end`] follows in any case.
    fn begin(&mut self) -> Result<(), CreateError> {
        let this: *mut Vm = self;
        let id = self.new_thread_id();
        let s = self.shared_mut();
        let before = s.threads;
        s.threads = this;
        if s.main_thread.is_null() {
            s.main_thread = this;
        }
        self.id = id;
        self.next = before;
        if self.shared().roots.modules.is_undef() && self.init().is_err() {
            return Err(CreateError::TooSmall);
        }
        Ok(())
    }

    /// Takes the record out of the list, wherever in it.
    fn end(&mut self) {
        self.unlock_heap();
        self.drop_spare_chunk();
        #[cfg(feature = "settrace")]
        self.end_trace();
        let this: *mut Vm = self;
        let next = self.next;
        let s = self.shared_mut();
        if s.threads == this {
            s.threads = next;
        } else {
            let mut at = s.threads;
            while !at.is_null() && vm_next(at) != this {
                at = vm_next(at);
            }
            if !at.is_null() {
                // SAFETY: a listed record; we own the GIL.
                unsafe { (*at).next = next };
            }
        }
        if s.main_thread == this {
            s.main_thread = core::ptr::null_mut();
        }
    }

    /// Ends what [`VmHandle::attach_record`] began: gives up the GIL; the record's memory is the caller's again.
    ///
    /// # Safety
    /// `record` was attached so, by the calling task, and nothing refers to it.
    pub unsafe fn detach(record: NonNull<Vm>) {
        // SAFETY: the caller's promise.
        let vm = unsafe { &mut *record.as_ptr() };
        vm.end();
        vm.giving_gil();
        vm.host().gil_give();
    }

    /// What every VM has before its first instruction.
    fn init(&mut self) -> Result<(), super::Raise> {
        self.init_shapes()?;
        let modules = self.new_dict()?;
        self.shared_mut().roots.modules = modules.value();
        let globals = self.new_dict()?;
        self.shared_mut().roots.main_globals = globals.value();
        globals.set_name(self, q::__name__.value(), q::__main__.value())?;
        let main = self.new_module(globals)?;
        modules.set_name(self, q::__main__.value(), main)?;
        let path = self.new_list()?;
        self.shared_mut().roots.sys_path = path.value();
        let argv = self.new_list()?;
        self.shared_mut().roots.sys_argv = argv.value();
        Ok(())
    }

    /// Runs every registered finaliser; Python ones not when the VM was killed.
    pub fn finalise_all(&mut self) {
        self.shared_mut().heap.finalise_all();
        self.run_finalisers();
    }
}
