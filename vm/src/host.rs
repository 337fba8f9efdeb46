//! What the VM asks of its surroundings, and what an embedder tells it at creation.
//!
//! The glue room implements [`Host`] over an RTOS; the VM knows nothing else of the outside world.
//! One `Host` serves one VM. All methods may be called from several tasks.

use crate::object::MemoryRegion;
use crate::object::frozen::FrozenImage;
use crate::value::Value;
use crate::{Raise, StackBounds, Vm};

/// What a new thread runs, with the GIL held: its VM, and the argument of [`Host::start_thread`].
pub type ThreadMain = fn(&mut Vm, usize);

/// Why no thread could be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StartError {
    /// There is no task for it: all are busy, or the VM has one thread only.
    NoTask,
    /// No task has a stack as large as that.
    StackTooBig,
}

/// What a path is, for `import`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PathKind {
    /// Nothing there.
    Missing,
    /// A regular file.
    File,
    /// A directory.
    Dir,
}

/// Services of the system that the VM is a guest of.
pub trait Host {
    /// Microseconds since some start; monotonic, never goes back. Any context; does not block.
    fn ticks_us(&self) -> u64;

    /// Nanoseconds since 1970-01-01 00:00 UTC, `None` without a clock. Any context; does not block.
    fn unix_time_ns(&self) -> Option<u64>;

    /// Blocks the calling task until it owns the GIL. The task does not own it yet.
    fn gil_take(&self);

    /// Gives up the GIL, which the calling task owns. Does not block.
    fn gil_give(&self);

    /// Hands the GIL over to the task that is next in line and takes it again. Called at a safe point
    /// after somebody set [`crate::pending::GIL`]; clears nothing. Returns owning the GIL.
    fn gil_yield(&self);

    /// Waits until `timeout_us` have passed (`None`: for ever) or [`Host::wake`] is called, whichever is
    /// first; a wake-up between the last wait and this one counts. Called without the GIL.
    fn wait(&self, timeout_us: Option<u64>);

    /// Ends the waits (`wait`, `console_read`, lock waits) of every task attached to this VM, now or the next
    /// time they wait; they look at the VM's pending flags and may wait again. Any context, ISR included.
    fn wake(&self);

    /// A stream that lives in the VM, or anything else without an event of its own ([`crate::object::Slots::event`]),
    /// became ready, or is no longer. Any context, ISR included; cheap while nobody waits for it.
    fn stream_changed(&self) {}

    /// What the host's own room finds itself by: null, or what that room says.
    fn room(&self) -> *const () {
        core::ptr::null()
    }

    /// Names the calling task, which is attached, for [`Host::wake_task`].
    fn current_task(&self) -> usize {
        0
    }

    /// As [`Host::wake`] for one attached task. Called from a task that owns the GIL.
    fn wake_task(&self, task: usize) {
        let _ = task;
        self.wake();
    }

    /// Starts another thread of the VM with at least `stack_bytes` of native stack (0: what the host thinks best), at
    /// the calling task's priority: it attaches and runs `main(vm, argument)`. Called with the GIL; does not block.
    ///
    /// # Errors
    /// [`StartError`].
    fn start_thread(
        &'static self,
        main: ThreadMain,
        argument: usize,
        stack_bytes: usize,
    ) -> Result<(), StartError> {
        let _ = (main, argument, stack_bytes);
        Err(StartError::NoTask)
    }

    /// Writes to the console, whole; may block. Called without the GIL. Bytes go out unchanged.
    fn console_write(&self, bytes: &[u8]);

    /// As `console_write`, for text: where the console is a serial line, newlines go out as CR LF.
    fn console_write_text(&self, bytes: &[u8]) {
        self.console_write(bytes);
    }

    /// As `console_write_text`, for diagnostics: uncaught exceptions and `sys.stderr`.
    fn console_write_error(&self, bytes: &[u8]) {
        self.console_write_text(bytes);
    }

    /// True when the console is a serial line: a CR read as text is a newline, and `input()` echoes.
    fn console_is_serial(&self) -> bool {
        false
    }

    /// Reads 1 to `buf.len()` bytes that have arrived. Waits for the first as long as [`Host::wait`] would.
    /// Returns 0 on time-out, wake-up or end of file ([`Host::console_eof`] tells). Called without the GIL.
    fn console_read(&self, buf: &mut [u8], timeout_us: Option<u64>) -> usize;

    /// True when the console has been closed at the other end and all of its bytes are read.
    fn console_eof(&self) -> bool {
        false
    }

    /// True when `console_read` would return at once with bytes.
    fn console_readable(&self) -> bool;

    /// The byte that interrupts the main thread (`micropython.kbd_intr`); `None`: no byte does.
    fn set_interrupt_char(&self, byte: Option<u8>) {
        let _ = byte;
    }

    /// Fills `buf` from an entropy source; false where there is none.
    fn entropy(&self, buf: &mut [u8]) -> bool;

    /// What `path` names, for `import`. May run Python (a file system written in Python).
    fn import_stat(&self, vm: &mut Vm, path: &str) -> Result<PathKind, Raise>;

    /// The module of that name if the embedder has one, made anew; `import` keeps it. Files do not override it.
    fn import_module(&self, vm: &mut Vm, name: &str) -> Result<Option<Value>, Raise> {
        let _ = (vm, name);
        Ok(None)
    }

    /// The memory that `uctypes` and the like may use by its address, beside the VM's own objects.
    fn memory_regions(&self) -> &[MemoryRegion] {
        &[]
    }

    /// The frozen modules of the image; asked for once, when the VM is made.
    fn frozen(&self) -> Option<&'static FrozenImage> {
        None
    }

    /// Runs what other tasks and interrupts posted before [`crate::VmHandle::notify_posted`]. May run Python;
    /// reports what that raises itself. `Err` only when the thread is to end.
    fn posted(&self, vm: &mut Vm) -> Result<(), Raise> {
        let _ = vm;
        Ok(())
    }

    /// In an interrupt, the part of its stack that hard handlers may use; `None` in a task, and where interrupts have no
    /// room for Python: then handlers run at the next safe point. Any context; does not block.
    fn interrupt_stack(&self) -> Option<StackBounds> {
        None
    }

    /// How many safe points (backward jumps, calls) a hard interrupt handler may pass before it is ended.
    fn handler_budget(&self) -> u32 {
        10_000
    }

    /// `open(path, mode)` for the built-in function and for `import`: a stream object. May run Python.
    fn open(&self, vm: &mut Vm, path: Value, mode: &str) -> Result<Value, Raise>;

    /// `sys.platform`.
    fn platform(&self) -> &'static str;

    /// The machine in the banner and in `sys.implementation._machine`.
    fn machine(&self) -> &'static str;

    /// The seconds between 1970-01-01 and the epoch of `time.time()` (0, or 946 684 800 for 2000).
    fn epoch_offset_s(&self) -> u64;
}
