//! The interpreter's surroundings on an RTOS: [`Host`] over a crew of tasks and a [`Board`].
//!
//! One [`RtosHost`] serves one VM at a time, and the next one after that has ended (soft reset). The crew has the
//! GIL and the waits; the board has what differs between machines, and never waits for Python.

use crate::crew::Crew;
use crate::frozen;
use crate::pool::Pool;
#[cfg(feature = "gil")]
use crate::pool::{Arguments, Job, PoolError};
use crate::rtos::{self, OneTask, Task};
use core::cell::Cell;
#[cfg(feature = "gil")]
use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, Ordering};
use threadsnake_vm::heap::Region;
#[cfg(feature = "thread")]
use threadsnake_vm::host::StartError;
pub use threadsnake_vm::host::ThreadMain;
use threadsnake_vm::host::{Host, PathKind};
use threadsnake_vm::object::frozen::FrozenImage;
use threadsnake_vm::object::{MemoryRegion, RomModule};
use threadsnake_vm::value::Value;
use threadsnake_vm::{CreateError, Raise, StackBounds, Vm, VmConfig, VmHandle};

/// What a machine has to offer to one VM. Called from any task of the crew, with the GIL or without.
pub trait Board: Sync + 'static {
    /// Microseconds since some start; monotonic, never goes back. Any context; does not block.
    fn ticks_us() -> u64;

    /// Nanoseconds since 1970-01-01 00:00 UTC, `None` without a clock. Any context; does not block.
    fn unix_time_ns(&self) -> Option<u64>;

    /// Writes to the console, whole; may block. Without the GIL.
    fn console_write(&self, bytes: &[u8]);

    /// True if the console is like a serial line, where a new line needs CR LF: in text, an LF without a CR gets one.
    fn console_wants_cr(&self) -> bool;

    /// Writes diagnostics to a place of their own; false if there is none but the console. May block. Without the GIL.
    fn console_write_error(&self, bytes: &[u8]) -> bool {
        let _ = bytes;
        false
    }

    /// Moves what has arrived at the console into `buf`; 0 if nothing has. Does not block. When more arrives, the
    /// board calls [`RtosHost::input_arrived`].
    fn console_try_read(&self, buf: &mut [u8]) -> usize;

    /// True if `console_try_read` would return bytes.
    fn console_is_readable(&self) -> bool;

    /// True if the console is closed at the other end and all of its bytes are read.
    fn console_is_at_end(&self) -> bool {
        false
    }

    /// From now on the board answers this byte with [`RtosHost::interrupt`] instead of queueing it.
    fn set_interrupt_char(&self, byte: Option<u8>) {
        let _ = byte;
    }

    /// Fills `buf` from an entropy source; false where there is none.
    fn entropy(&self, buf: &mut [u8]) -> bool {
        let _ = buf;
        false
    }

    /// The memory that scripts may use by its address (`uctypes`): registers, a frame buffer.
    fn memory_regions(&self) -> &[MemoryRegion] {
        &[]
    }

    /// What `path` names, for `import`. With the GIL; may run Python.
    ///
    /// # Errors
    /// What a file system written in Python raises.
    fn import_stat(&self, vm: &mut Vm, path: &str) -> Result<PathKind, Raise>;

    /// The module of that name if the image has one beside those in Rust: made anew, the interpreter keeps it.
    /// With the GIL; may run Python.
    ///
    /// # Errors
    /// What making it raises.
    fn import_module(&self, vm: &mut Vm, name: &str) -> Result<Option<Value>, Raise> {
        let _ = (vm, name);
        Ok(None)
    }

    /// Runs what was posted before [`VmHandle::notify_posted`]. With the GIL; may run Python.
    ///
    /// # Errors
    /// Only when the thread is to end; other exceptions are reported.
    fn posted(&self, vm: &mut Vm) -> Result<(), Raise> {
        let _ = vm;
        Ok(())
    }

    /// `open(path, mode)`: a stream. With the GIL; may run Python.
    ///
    /// # Errors
    /// `OSError`; what a file system written in Python raises.
    fn open(&self, vm: &mut Vm, path: Value, mode: &str) -> Result<Value, Raise>;

    /// `sys.platform`.
    fn platform(&self) -> &'static str;

    /// The machine in the banner.
    fn machine(&self) -> &'static str;

    /// Where threads that Python starts run, if it may start any.
    fn threads(&self) -> Option<Threads> {
        None
    }

    /// The seconds between 1970-01-01 and the epoch of `time.time()`.
    fn epoch_offset_s(&self) -> u64 {
        0
    }

    /// In an interrupt: the lowest address of its stack that a hard handler in Python may reach, so that natives and
    /// interrupts of higher priority find room below; `None`: handlers run in tasks only.
    fn interrupt_stack_limit() -> Option<usize> {
        None
    }
}

/// The tasks for threads that Python starts.
#[derive(Debug, Clone, Copy)]
pub struct Threads {
    /// The tasks, all with stacks of one size.
    pub pool: &'static Pool,
    /// That size in bytes, as far as Python is concerned. On POSIX the pool knows no true one.
    pub stack_bytes: usize,
}

/// What a VM is made of.
#[derive(Clone, Copy)]
pub struct RunConfig<'a> {
    /// The heap, each region 16-byte aligned.
    pub regions: &'a [Region],
    /// Native modules beside the interpreter's own.
    pub modules: &'static [&'static [&'static RomModule]],
    /// The most bytes of value stack that a thread may use; 0: a quarter of the memory.
    pub value_stack_limit: usize,
    /// How much native stack Python may use.
    pub stack: NativeStack,
}

/// How much of its native stack a task may use for Python.
#[derive(Debug, Clone, Copy)]
pub struct NativeStack {
    /// Bytes at the end that stay free for what natives and the kernel call.
    pub reserve: usize,
    /// The most bytes that are used, however large the stack is.
    pub most: usize,
}

impl NativeStack {
    /// The lowest address that the interpreter may use in the calling task.
    pub fn bounds(self) -> StackBounds {
        let (low, high) = rtos::stack_bounds();
        StackBounds { limit: high.saturating_sub(self.most).max(low.saturating_add(self.reserve)) }
    }
}

/// The surroundings of a VM: see the module.
pub struct RtosHost<B> {
    board: B,
    crew: Crew,
    /// The VM, while there is one. Written in critical sections.
    vm: Cell<Option<VmHandle>>,
    /// For the threads of the VM; set with it.
    stack: Cell<NativeStack>,
    /// The last byte written to the console was a CR.
    after_cr: AtomicBool,
}

// SAFETY: `vm` changes in critical sections only, `stack` while no other task uses it; the rest is `Sync`.
unsafe impl<B: Sync> Sync for RtosHost<B> {}

impl<B: Board> RtosHost<B> {
    /// Surroundings without a VM.
    pub const fn new(board: B) -> Self {
        Self {
            board,
            crew: Crew::new(B::ticks_us),
            vm: Cell::new(None),
            stack: Cell::new(NativeStack { reserve: 0, most: usize::MAX }),
            after_cr: AtomicBool::new(false),
        }
    }

    /// The board.
    pub fn board(&self) -> &B {
        &self.board
    }

    /// The tasks attached to the VM.
    pub fn crew(&self) -> &Crew {
        &self.crew
    }

    /// The VM, while there is one. Any context.
    pub fn vm(&self) -> Option<VmHandle> {
        rtos::critical(|| self.vm.get())
    }

    /// Ends waits for console input; the board calls it when bytes or the end arrive. Any context.
    pub fn input_arrived(&self) {
        self.crew.input_arrived();
    }

    /// Raises `KeyboardInterrupt` in the main thread. Any context.
    pub fn interrupt(&self) {
        self.with_vm(VmHandle::interrupt);
    }

    /// Ends the VM: all its threads unwind, and `run` returns. Any context.
    pub fn kill(&self) {
        self.with_vm(VmHandle::kill);
    }

    /// Writes the Python traceback of every thread, when the system has stopped: after a fault, a panic, a stack overflow.
    /// Takes no lock.
    ///
    /// # Safety
    /// No other task runs any more.
    pub unsafe fn write_stopped_threads(&self, out: &mut dyn core::fmt::Write) {
        if let Some(vm) = self.vm.get() {
            // SAFETY: the VM is not destroyed while it is named here, and nobody runs.
            unsafe { vm.write_stopped_threads(out) };
        }
    }

    /// Calls `f` with the VM, which does not end meanwhile; false if there is none. Any context; `f` does not block.
    pub fn with_vm(&self, f: impl FnOnce(VmHandle)) -> bool {
        let in_isr = rtos::in_isr();
        if !in_isr && !rtos::is_started() {
            return false;
        }
        // No task runs while an interrupt does, and only a task ends a VM.
        let _alone = (!in_isr).then(OneTask::begin);
        self.vm.get().map(f).is_some()
    }

    /// Makes a VM, runs `main` in the calling task as its main thread with the GIL held, then ends the VM: the
    /// other threads unwind, finalisers run, and the memory is free again.
    ///
    /// # Errors
    /// [`CreateError`]: the memory is too small.
    ///
    /// # Safety
    /// Nobody else uses the regions meanwhile. The calling task is not attached.
    pub unsafe fn run<R>(
        &'static self,
        config: &RunConfig<'_>,
        main: impl FnOnce(&mut Vm) -> R,
    ) -> Result<R, CreateError> {
        let vm_config = VmConfig {
            regions: config.regions,
            host: self,
            modules: config.modules,
            value_stack_limit: config.value_stack_limit,
        };
        // SAFETY: the caller's promise about the regions; the VM is destroyed below.
        let vm = unsafe { VmHandle::create(&vm_config) }?;
        self.stack.set(config.stack);
        rtos::critical(|| self.vm.set(Some(vm)));
        #[cfg(feature = "gil")]
        self.crew.set_request(Some((Self::ask_for_gil, core::ptr::from_ref(self).cast())));
        let stack = config.stack.bounds();

        self.crew.enter(|| {
            // SAFETY: the VM lives, the task is not attached, and the bounds are its own.
            let result = unsafe {
                vm.attach(stack, |vm| {
                    let result = main(vm);
                    threadsnake_vm::modules::sys::run_atexit(vm);
                    result
                })
            };
            vm.kill();
            #[cfg(feature = "gil")]
            self.crew.wait_for_others_to_leave();
            #[cfg(feature = "gil")]
            self.crew.set_request(None);
            rtos::critical(|| self.vm.set(None));
            // SAFETY: no task is attached, and no copy of the handle is left but this.
            unsafe { vm.destroy(stack) };
            result
        })
    }
}

#[cfg(feature = "gil")]
impl<B: Board> RtosHost<B> {
    /// Asks for the GIL, on behalf of a task that waits for it.
    fn ask_for_gil(host: *const ()) {
        // SAFETY: `host` is one that `run` passes, which lives for ever.
        if let Some(vm) = unsafe { &*host.cast::<Self>() }.vm() {
            vm.request_gil();
        }
    }

    /// Starts another thread of the VM in a task of `pool`: `main(vm, argument)`, with the GIL held. The caller
    /// is attached itself, so the VM does not end before the thread has come and gone.
    ///
    /// # Errors
    /// [`PoolError`]: there is no task for it.
    pub fn spawn(
        &'static self,
        pool: &'static Pool,
        priority: u32,
        stack_bytes: usize,
        main: ThreadMain,
        argument: usize,
    ) -> Result<Task, PoolError> {
        let arguments = [
            core::ptr::from_ref(self).cast_mut().cast(),
            main as *mut c_void,
            core::ptr::without_provenance_mut(argument),
            core::ptr::null_mut(),
        ];
        self.crew.expect();
        let started = pool.run(Job { run: Self::thread, arguments }, priority, stack_bytes);
        if started.is_err() {
            self.crew.unexpect();
        }
        started
    }

    /// The job of `spawn`.
    fn thread([host, main, argument, _]: Arguments) {
        // SAFETY: `spawn` passes its `self`, which lives for ever, and a `ThreadMain`.
        let (host, main) = unsafe {
            (&*host.cast::<Self>(), core::mem::transmute::<*mut c_void, ThreadMain>(main))
        };
        host.crew.enter_expected(|| {
            let Some(vm) = host.vm() else { return };
            // SAFETY: the VM lives while a task of it is attached or expected; this task is not attached yet, and
            // the bounds are its own. An error is only possible for the first attachment.
            let _ = unsafe { vm.attach(host.stack.get().bounds(), |vm| main(vm, argument.addr())) };
        });
    }
}

impl<B: Board> Host for RtosHost<B> {
    fn ticks_us(&self) -> u64 {
        B::ticks_us()
    }

    fn unix_time_ns(&self) -> Option<u64> {
        self.board.unix_time_ns()
    }

    fn frozen(&self) -> Option<&'static FrozenImage> {
        Some(&frozen::IMAGE).filter(|image| cfg!(feature = "frozen") && !image.is_empty())
    }

    fn gil_take(&self) {
        self.crew.gil_take();
    }

    fn gil_give(&self) {
        self.crew.gil_give();
    }

    fn gil_yield(&self) {
        self.crew.gil_yield();
    }

    fn interrupt_stack(&self) -> Option<StackBounds> {
        if !rtos::in_isr() {
            return None;
        }
        B::interrupt_stack_limit().map(|limit| StackBounds { limit })
    }

    fn wait(&self, timeout_us: Option<u64>) {
        self.crew.wait(timeout_us);
    }

    fn wake(&self) {
        self.crew.wake();
    }

    fn stream_changed(&self) {
        self.crew.changed.notify();
    }

    fn room(&self) -> *const () {
        core::ptr::from_ref(&self.crew).cast()
    }

    fn current_task(&self) -> usize {
        Task::current().handle().as_ptr().expose_provenance()
    }

    fn wake_task(&self, task: usize) {
        self.crew.wake_task(task);
    }

    #[cfg(feature = "thread")]
    fn start_thread(
        &'static self,
        main: ThreadMain,
        argument: usize,
        stack_bytes: usize,
    ) -> Result<(), StartError> {
        let threads = self.board.threads().ok_or(StartError::NoTask)?;
        if stack_bytes > threads.stack_bytes {
            return Err(StartError::StackTooBig);
        }
        match self.spawn(threads.pool, self.crew.priority(), 0, main, argument) {
            Ok(_) => Ok(()),
            Err(PoolError::Full) => Err(StartError::NoTask),
            Err(PoolError::StackTooBig) => Err(StartError::StackTooBig),
        }
    }

    fn console_write(&self, bytes: &[u8]) {
        self.board.console_write(bytes);
    }

    fn console_write_text(&self, bytes: &[u8]) {
        if !self.board.console_wants_cr() {
            return self.board.console_write(bytes);
        }
        let mut after_cr = self.after_cr.load(Ordering::Relaxed);
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, tail) = rest.split_at(at);
            after_cr = line.last().map_or(after_cr, |&byte| byte == b'\r');
            self.board.console_write(line);
            self.board.console_write(if after_cr { b"\n" } else { b"\r\n" });
            (after_cr, rest) = (false, &tail[1..]);
        }
        self.board.console_write(rest);
        after_cr = rest.last().map_or(after_cr, |&byte| byte == b'\r');
        self.after_cr.store(after_cr, Ordering::Relaxed);
    }

    fn console_write_error(&self, bytes: &[u8]) {
        if !self.board.console_write_error(bytes) {
            self.console_write_text(bytes);
        }
    }

    fn console_is_serial(&self) -> bool {
        self.board.console_wants_cr()
    }

    fn console_read(&self, buf: &mut [u8], timeout_us: Option<u64>) -> usize {
        let mut n = 0;
        self.crew.wait_until(timeout_us, || {
            n = self.board.console_try_read(buf);
            n > 0 || self.board.console_is_at_end()
        });
        n
    }

    fn console_eof(&self) -> bool {
        self.board.console_is_at_end()
    }

    fn console_readable(&self) -> bool {
        self.board.console_is_readable()
    }

    fn set_interrupt_char(&self, byte: Option<u8>) {
        self.board.set_interrupt_char(byte);
    }

    fn entropy(&self, buf: &mut [u8]) -> bool {
        self.board.entropy(buf)
    }

    fn import_stat(&self, vm: &mut Vm, path: &str) -> Result<PathKind, Raise> {
        self.board.import_stat(vm, path)
    }

    fn import_module(&self, vm: &mut Vm, name: &str) -> Result<Option<Value>, Raise> {
        #[cfg(any(feature = "asyncio", feature = "thread"))]
        if let Some(module) = crate::modules::text::import(vm, name)? {
            return Ok(Some(module));
        }
        self.board.import_module(vm, name)
    }

    fn posted(&self, vm: &mut Vm) -> Result<(), Raise> {
        #[cfg(feature = "rtos")]
        crate::modules::rtos::run_due(vm)?;
        self.board.posted(vm)
    }

    fn open(&self, vm: &mut Vm, path: Value, mode: &str) -> Result<Value, Raise> {
        self.board.open(vm, path, mode)
    }

    fn platform(&self) -> &'static str {
        self.board.platform()
    }

    fn memory_regions(&self) -> &[MemoryRegion] {
        self.board.memory_regions()
    }

    fn machine(&self) -> &'static str {
        self.board.machine()
    }

    fn epoch_offset_s(&self) -> u64 {
        self.board.epoch_offset_s()
    }
}
