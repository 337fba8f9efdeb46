//! A VM from `ts_create` to `ts_destroy`: its memory, its task, its states.
//!
//! The memory that C gives is cut into the [`TsVm`], the control block and stack of the VM's own task, those of
//! the tasks of its threads, and the heap.
//! The task is made at the first start and parks when its program has ended, so that a VM can be started again; it
//! is deleted, by the destroying task, when the memory goes back.
//!
//! # Invariants
//! - L1. `state` is `RUNNING` from `ts_start` until the VM's task has left the crew and will not touch the heap again;
//!   only in `RUNNING` is anybody attached.
//! - L2. `main`, `argument`, `result` and `task` are written while no other task looks at them: by `ts_start` before
//!   `RUNNING`, by the VM's task before `ENDED` (the task once, when it begins).

use super::config::{ABI_VERSION, Main, TsConfig};
use super::lend::lend;
use super::{Rooms, Status, board::CBoard, module, registry, require, wait::Posts};
use crate::host::{NativeStack, RtosHost, RunConfig};
use crate::pool::Pool;
use crate::rtos::{self, FOREVER, OneTask, Task};
use core::cell::Cell;
use core::ffi::{CStr, c_void};
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use critical_section::Mutex;
use threadsnake_vm::heap::Region;
use threadsnake_vm::object::{Exception, Tuple};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Vm, VmHandle, exc};

/// `TS_CREATED` and its fellows.
pub mod state {
    /// Not started yet.
    pub const CREATED: u32 = 0;
    /// Started, and not ended.
    pub const RUNNING: u32 = 1;
    /// Ended; may be started again.
    pub const ENDED: u32 = 2;
    /// A panic in one of its tasks: its memory can not be had back.
    pub const DEAD: u32 = 3;
}

const HOST_IS_A_PC: bool = cfg!(target_pointer_width = "64");

/// What natives and an interrupt may need below Python's own part of a stack, and the most that Python uses.
pub const NATIVE_STACK: NativeStack = if HOST_IS_A_PC {
    NativeStack { reserve: 256 * 1024, most: 1024 * 1024 }
} else {
    NativeStack { reserve: 8 * 1024, most: usize::MAX }
};

/// `TS_MIN_STACK`.
const MIN_STACK_BYTES: u32 = 20 * 1024;
/// `TS_MIN_HEAP`: a VM comes up and runs a small program.
const MIN_HEAP_BYTES: usize = if HOST_IS_A_PC { 32 * 1024 } else { 16 * 1024 };
/// The least `thread_stack_bytes`: a thread calls and converts.
const MIN_THREAD_STACK_BYTES: u32 = 12 * 1024;
/// Room for the kernel's control block, generously.
const CONTROL_BYTES: usize = 512;

/// `ts_vm`.
pub struct TsVm {
    pub(super) next: Cell<*const TsVm>,
    host: RtosHost<CBoard>,
    state: AtomicU32,
    /// The VM's own task is attached, so others may follow; false again before the next life.
    up: AtomicBool,
    stop: AtomicBool,
    kill: AtomicBool,
    /// `ts_interrupt` or `ts_stop` was called in this life.
    interrupt: AtomicBool,
    main: Cell<Option<Main>>,
    argument: Cell<*mut c_void>,
    result: Cell<Status>,
    task: Cell<Option<Task>>,
    /// Who waits; inside [`OneTask`].
    waiters: Cell<*const Waiter>,
    pub(super) posts: Posts,
    pool: Pool,
    task_memory: NonNull<[u8]>,
    heap: NonNull<[u8]>,
}

// SAFETY: L2 for the cells that name it; `next` is the registry's, the others say how they are used.
unsafe impl Sync for TsVm {}

/// A task in `ts_join` or waiting to attach, on its stack.
struct Waiter {
    task: Task,
    next: Cell<*const Waiter>,
}

static ROOMS: Mutex<Cell<Rooms>> = Mutex::new(Cell::new(Rooms {
    modules: &[crate::modules::MODULES],
    import_stat: None,
    open: None,
    ended: || {},
}));

/// Gives VMs that are started later what other rooms have. For whoever makes a static library of several rooms. Any
/// context.
pub fn set_rooms(rooms: Rooms) {
    critical_section::with(|cs| ROOMS.borrow(cs).set(rooms));
}

/// What VMs get.
pub(super) fn rooms() -> Rooms {
    critical_section::with(|cs| ROOMS.borrow(cs).get())
}

impl TsVm {
    pub(super) fn host(&self) -> &RtosHost<CBoard> {
        &self.host
    }

    pub(super) fn config(&self) -> &TsConfig {
        self.host.board().config()
    }

    pub(super) fn state(&self) -> u32 {
        self.state.load(Ordering::Acquire)
    }

    /// The VM's own task, once it was made.
    pub(super) fn task(&self) -> Option<Task> {
        self.task.get()
    }

    /// The tasks of the threads that Python starts.
    pub(super) fn pool(&'static self) -> &'static Pool {
        &self.pool
    }

    /// The VM as C names it.
    pub(super) fn as_ptr(&self) -> *const TsVm {
        self
    }

    /// Marks the VM as lost, and wakes whoever waits for its end. Any context.
    pub(super) fn die(&self) {
        self.state.store(state::DEAD, Ordering::Release);
        if rtos::may_block() {
            self.wake_waiters();
        }
    }

    fn wake_waiters(&self) {
        let _alone = OneTask::begin();
        // SAFETY: waiters are linked while they wait, and no other task runs.
        let waiters = core::iter::successors(unsafe { self.waiters.get().as_ref() }, |w| unsafe {
            w.next.get().as_ref()
        });
        waiters.for_each(|waiter| waiter.task.notify());
    }

    /// One life of the VM, in its own task.
    fn live(&'static self) {
        let regions = [Region { start: self.heap.as_ptr().cast(), len: self.heap.len() }];
        let config = RunConfig {
            regions: &regions,
            modules: rooms().modules,
            value_stack_limit: 0,
            stack: NATIVE_STACK,
        };
        // SAFETY: the heap is this VM's (A1), the last life in it has ended, and the task is not attached.
        let result = unsafe { self.host.run(&config, |vm| self.main_thread(vm)) };
        (rooms().ended)();
        self.result.set(result.unwrap_or(Status::NO_MEMORY));
        self.state.store(state::ENDED, Ordering::Release);
        self.wake_waiters();
    }

    fn main_thread(&'static self, vm: &mut Vm) -> Status {
        // What came before there was a VM to tell.
        if self.kill.load(Ordering::Acquire) {
            vm.handle().kill();
        }
        if self.interrupt.load(Ordering::Acquire) {
            vm.handle().interrupt();
        }
        if !self.posts.is_empty() {
            vm.handle().notify_posted();
        }
        self.up.store(true, Ordering::Release);
        self.wake_waiters();
        let status = match self.main.get() {
            Some(main) => lend(self, vm, || main(self, self.argument.get())),
            None => self.serve(vm),
        };
        if vm.handle().is_killed() {
            return Status::KILLED;
        }
        if !vm.is_raising() {
            return status;
        }
        let exception = vm.take_exception();
        if vm.exception_is(exception, exc::SYSTEM_EXIT) {
            return if leaves_well(vm, exception) { Status::OK } else { Status::RAISED };
        }
        vm.print_exception(exception);
        Status::RAISED
    }

    /// Interrupts the main thread, which may not be there yet. Any context.
    fn interrupt(&self) {
        self.interrupt.store(true, Ordering::Release);
        self.host.interrupt();
    }

    /// What a VM without a main function does: serves callbacks until it is stopped.
    fn serve(&self, vm: &mut Vm) -> Status {
        loop {
            match vm.wait_until(None, |_| Ok(self.stop.load(Ordering::Acquire))) {
                Ok(_) => return Status::OK,
                // There is no program that the interrupt could be for.
                Err(_) if vm.catch(exc::KEYBOARD_INTERRUPT) => {}
                Err(raise) => return raise.into(),
            }
        }
    }

    /// The VM for a task that wants to attach, once it is up; `None` if it ends or does not run. It will wait for
    /// that task to leave, which calls `Crew::unexpect` when it is in the crew.
    pub(super) fn expect_attachment(&self) -> Option<VmHandle> {
        // However that ends, the next lines see it.
        let _ = self.wait_for(TS_FOREVER, || self.up.load(Ordering::Acquire));
        rtos::critical(|| {
            let up = self.state() == state::RUNNING && self.up.load(Ordering::Acquire);
            let vm = self.host.vm().filter(|vm| up && !vm.is_killed())?;
            self.host.crew().expect();
            Some(vm)
        })
    }
}

/// `SystemExit` without an argument, or with `None` or 0.
fn leaves_well(vm: &Vm, exception: Value) -> bool {
    let args = Exception::from_value(exception).and_then(|e| Tuple::from_value(e.args(vm)));
    let first = args.and_then(|args| args.items().first().copied());
    first.is_none_or(|code| code.is_none() || code == Value::int(0))
}

/// The life of a VM's own task.
unsafe extern "C" fn task_main(vm: *mut c_void) {
    // SAFETY: `ts_start` passes its VM, which lives as long as this task (A1).
    let vm: &'static TsVm = unsafe { &*vm.cast::<TsVm>() };
    vm.task.set(Some(Task::current()));
    loop {
        while vm.state() != state::RUNNING {
            rtos::notified(FOREVER);
        }
        vm.live();
    }
}

/// The configuration as this library knows it, checked.
///
/// # Safety
/// `config` is null or points to a structure of as many bytes as its first field says.
unsafe fn read_config(config: *const TsConfig) -> Result<TsConfig, Status> {
    require(!config.is_null())?;
    // SAFETY: the caller's promise; the size is looked at before the rest.
    let config = unsafe {
        require((&raw const (*config).size).read() as usize >= size_of::<TsConfig>())?;
        config.read()
    };
    require(config.abi_version == ABI_VERSION)?;
    require(config.priority < rtos::priorities() && config.stack_bytes >= MIN_STACK_BYTES)?;
    require(config.threads == 0 || config.thread_stack_bytes >= MIN_THREAD_STACK_BYTES)?;
    // SAFETY: the caller's modules are valid tables.
    unsafe { module::check(&config) }?;
    Ok(config)
}

/// Creates a VM in the caller's memory: see the header.
///
/// # Safety
/// As the header says of each argument.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_create(
    config: *const TsConfig,
    memory: *mut c_void,
    size: usize,
    vm: *mut *const TsVm,
) -> Status {
    let create = || {
        if rtos::in_isr() {
            return Err(Status::WRONG_CONTEXT);
        }
        require(!vm.is_null() && !memory.is_null())?;
        // SAFETY: the caller's promise.
        let config = unsafe { read_config(config) }?;
        let memory = memory.cast::<u8>();
        let skip = memory.align_offset(16);
        let head = size_of::<TsVm>().next_multiple_of(16);
        let sizes = || {
            let stack = (config.stack_bytes as usize).checked_next_multiple_of(16)?;
            let stack = stack.checked_add(CONTROL_BYTES)?;
            let thread = Pool::block_bytes(config.thread_stack_bytes as usize)?;
            let threads = thread.checked_mul(config.threads as usize)?;
            let own = (skip + head).checked_add(stack)?;
            Some((stack, threads, own, own.checked_add(threads)?))
        };
        let (stack, threads, own, taken) = sizes().ok_or(Status::NO_MEMORY)?;
        let heap_bytes = size.checked_sub(taken).ok_or(Status::NO_MEMORY)? & !15;
        if heap_bytes < MIN_HEAP_BYTES {
            return Err(Status::NO_MEMORY);
        }
        let part = |offset, len| -> Result<NonNull<[u8]>, Status> {
            let start = NonNull::new(memory.wrapping_add(offset)).ok_or(Status::BAD_ARGUMENT)?;
            Ok(NonNull::slice_from_raw_parts(start, len))
        };
        let made = TsVm {
            next: Cell::new(ptr::null()),
            host: RtosHost::new(CBoard::new(config)),
            state: AtomicU32::new(state::CREATED),
            up: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            kill: AtomicBool::new(false),
            interrupt: AtomicBool::new(false),
            main: Cell::new(None),
            argument: Cell::new(ptr::null_mut()),
            result: Cell::new(Status::OK),
            task: Cell::new(None),
            waiters: Cell::new(ptr::null()),
            posts: Posts::new(),
            pool: Pool::new(),
            task_memory: part(skip + head, stack)?,
            heap: part(taken, heap_bytes)?,
        };
        let place = memory.wrapping_add(skip).cast::<TsVm>();
        // SAFETY: the memory is the caller's gift, aligned and large enough; A1 from here on.
        let made: &'static TsVm = unsafe {
            place.write(made);
            &*place
        };
        made.host.board().set_owner(made);
        if threads > 0 {
            let mut memory = part(own, threads)?;
            // SAFETY: this part is the pool's until `ts_destroy`.
            made.pool.add_memory(unsafe { memory.as_mut() }, config.thread_stack_bytes as usize);
        }
        registry::add(made);
        // SAFETY: not null, and the caller's variable.
        unsafe { vm.write(made) };
        Ok(())
    };
    create().into()
}

/// Starts the VM's task: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_start(vm: *const TsVm, main: Option<Main>, argument: *mut c_void) -> Status {
    let start = || {
        if rtos::in_isr() {
            return Err(Status::WRONG_CONTEXT);
        }
        let vm = registry::find(vm)?;
        let begun = rtos::critical(|| match vm.state() {
            state::CREATED | state::ENDED => {
                vm.main.set(main);
                vm.argument.set(argument);
                vm.result.set(Status::OK);
                vm.up.store(false, Ordering::Relaxed);
                vm.posts.clear();
                vm.host.board().begin();
                vm.stop.store(false, Ordering::Relaxed);
                vm.kill.store(false, Ordering::Relaxed);
                vm.interrupt.store(false, Ordering::Relaxed);
                vm.state.store(state::RUNNING, Ordering::Release);
                Ok(())
            }
            state::DEAD => Err(Status::DEAD),
            _ => Err(Status::WRONG_STATE),
        });
        begun?;
        if let Some(task) = vm.task.get() {
            task.notify();
            return Ok(());
        }
        let name = match vm.config().name.is_null() {
            true => c"python",
            // SAFETY: the configuration's name is a terminated string.
            false => unsafe { CStr::from_ptr(vm.config().name) },
        };
        let argument = vm.as_ptr().cast_mut().cast();
        // SAFETY: the memory is for this task alone (A1), and `task_main` takes a VM.
        let task =
            unsafe { Task::spawn(task_main, argument, name, vm.config().priority, vm.task_memory) };
        if task.is_none() {
            vm.state.store(state::CREATED, Ordering::Release);
            return Err(Status::NO_MEMORY);
        }
        Ok(())
    };
    start().into()
}

/// `TS_OK` for a VM that runs.
pub(super) fn running(vm: *const TsVm) -> Result<&'static TsVm, Status> {
    let vm = registry::find(vm)?;
    match vm.state() {
        state::RUNNING => Ok(vm),
        state::DEAD => Err(Status::DEAD),
        _ => Err(Status::WRONG_STATE),
    }
}

/// Asks the program to end: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_stop(vm: *const TsVm) -> Status {
    let stop = || {
        let vm = running(vm)?;
        vm.stop.store(true, Ordering::Release);
        vm.interrupt();
        Ok(())
    };
    stop().into()
}

/// Raises `KeyboardInterrupt`: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_interrupt(vm: *const TsVm) -> Status {
    running(vm).map(TsVm::interrupt).into()
}

/// What shall interrupt, or minus one: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_get_interrupt_char(vm: *const TsVm) -> i32 {
    registry::find(vm).map_or(-1, |vm| vm.host.board().interrupt_char())
}

/// Ends the VM without its consent: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_kill(vm: *const TsVm) -> Status {
    let kill = || {
        let vm = running(vm)?;
        vm.kill.store(true, Ordering::Release);
        vm.host.kill();
        Ok(())
    };
    kill().into()
}

/// `TS_CREATED` and so on, or minus one for no VM: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_get_state(vm: *const TsVm) -> i32 {
    registry::find(vm).map_or(-1, |vm| vm.state() as i32)
}

/// Waits for the end: see the header.
///
/// # Safety
/// `result` is null or points to a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_join(vm: *const TsVm, timeout_ms: u32, result: *mut Status) -> Status {
    let join = || {
        if !rtos::may_block() {
            return Err(Status::WRONG_CONTEXT);
        }
        let vm = registry::find(vm)?;
        if vm.state() == state::CREATED || vm.host.crew().is_attached() {
            return Err(Status::WRONG_STATE);
        }
        vm.wait_for(timeout_ms, || false)?;
        if !result.is_null() {
            // SAFETY: the caller's variable.
            unsafe { result.write(vm.result.get()) };
        }
        Ok(())
    };
    join().into()
}

/// `TS_FOREVER`.
const TS_FOREVER: u32 = u32::MAX;

impl TsVm {
    /// Waits until the VM does not run or `done`, which [`TsVm::wake_waiters`] makes it look at again.
    fn wait_for(&self, timeout_ms: u32, done: impl Fn() -> bool) -> Result<(), Status> {
        let waiter = Waiter { task: Task::current(), next: Cell::new(ptr::null()) };
        {
            let _alone = OneTask::begin();
            waiter.next.set(self.waiters.get());
            self.waiters.set(&waiter);
        }
        let deadline_us = super::image::now_us().saturating_add(u64::from(timeout_ms) * 1000);
        let outcome = loop {
            match self.state() {
                state::RUNNING if done() => break Ok(()),
                state::RUNNING => {}
                state::DEAD => break Err(Status::DEAD),
                _ => break Ok(()),
            }
            let ticks = match deadline_us.saturating_sub(super::image::now_us()) {
                _ if timeout_ms == TS_FOREVER => FOREVER,
                0 => break Err(Status::TIMEOUT),
                left_us => rtos::ticks_for_us(left_us),
            };
            rtos::notified(ticks);
        };
        let _alone = OneTask::begin();
        let mut link = &self.waiters;
        // SAFETY: as in `wake_waiters`.
        while let Some(other) = unsafe { link.get().as_ref() } {
            if ptr::eq(other, &waiter) {
                link.set(other.next.get());
                break;
            }
            link = &other.next;
        }
        outcome
    }
}

/// Gives the memory back: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_destroy(vm: *const TsVm) -> Status {
    let destroy = || {
        if rtos::in_isr() {
            return Err(Status::WRONG_CONTEXT);
        }
        let vm = registry::find(vm)?;
        match vm.state() {
            state::DEAD => return Err(Status::DEAD),
            state::RUNNING => return Err(Status::WRONG_STATE),
            _ if !vm.waiters.get().is_null() => return Err(Status::WRONG_STATE),
            _ => {}
        }
        if registry::remove(vm) {
            // SAFETY: the VM does not run, so its tasks, others than this one, are parked or about to be.
            unsafe { vm.pool.delete_tasks() };
            if let Some(task) = vm.task.take() {
                // SAFETY: as above.
                unsafe { task.delete() };
            }
        }
        Ok(())
    };
    destroy().into()
}
