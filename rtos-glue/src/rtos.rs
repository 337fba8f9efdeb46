//! The kernel as the glue uses it: a safe face of `shim/ts_rtos.h`.
//!
//! Times are in ticks of [`tick_hz`]; [`FOREVER`] waits without limit.

use core::ffi::{CStr, c_char, c_void};
use core::marker::PhantomData;
use core::ptr::NonNull;

mod ffi {
    use super::{c_char, c_void};
    unsafe extern "C" {
        pub safe fn ts_rtos_start();
        pub safe fn ts_rtos_end();
        pub safe fn ts_rtos_state() -> u32;
        pub safe fn ts_rtos_in_isr() -> u32;
        pub safe fn ts_rtos_priorities() -> u32;
        pub safe fn ts_rtos_tick_hz() -> u32;
        pub safe fn ts_rtos_ticks() -> u32;
        pub fn ts_rtos_task_new(
            entry: unsafe extern "C" fn(*mut c_void),
            argument: *mut c_void,
            name: *const c_char,
            priority: u32,
            memory: *mut c_void,
            bytes: u32,
        ) -> *mut c_void;
        pub safe fn ts_rtos_uptime_us() -> u64;
        pub fn ts_rtos_task_delete(task: *mut c_void);
        pub safe fn ts_rtos_task_current() -> *mut c_void;
        pub fn ts_rtos_stack_bounds(low: *mut usize, high: *mut usize);
        pub fn ts_rtos_stack_unused(task: *mut c_void) -> u32;
        pub fn ts_rtos_task_name(task: *mut c_void) -> *const c_char;
        pub fn ts_rtos_priority(task: *mut c_void) -> u32;
        pub fn ts_rtos_set_priority(task: *mut c_void, priority: u32);
        pub fn ts_rtos_task_data(task: *mut c_void) -> *mut c_void;
        pub fn ts_rtos_set_task_data(task: *mut c_void, data: *mut c_void);
        pub safe fn ts_rtos_delay(ticks: u32);
        pub safe fn ts_rtos_yield();
        pub fn ts_rtos_notify(task: *mut c_void);
        pub safe fn ts_rtos_notified(ticks: u32) -> u32;
        pub safe fn ts_rtos_suspend_all();
        pub safe fn ts_rtos_resume_all();
        pub safe fn ts_rtos_lock() -> u32;
        pub fn ts_rtos_unlock(saved: u32);
        pub safe fn ts_rtos_malloc(bytes: u32) -> *mut c_void;
        pub fn ts_rtos_free(block: *mut c_void);
    }
}

/// A wait without limit, in ticks.
pub const FOREVER: u32 = u32::MAX;

/// A kernel task that lives: tasks of ours are deleted only with the last use of their handle, and others are
/// named only while they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task(NonNull<c_void>);

// SAFETY: a handle is a name; every kernel call that takes one may come from any task.
unsafe impl Send for Task {}
// SAFETY: as above.
unsafe impl Sync for Task {}

impl Task {
    /// The calling task. The scheduler runs, and this is not an interrupt.
    pub fn current() -> Self {
        let handle = ffi::ts_rtos_task_current();
        debug_assert!(!handle.is_null());
        // SAFETY: the kernel has a current task from the first creation of one.
        Self(unsafe { NonNull::new_unchecked(handle) })
    }

    /// The calling task, or the first one to run; `None` before any was made.
    pub(crate) fn if_any() -> Option<Self> {
        NonNull::new(ffi::ts_rtos_task_current()).map(Self)
    }

    /// Ends the task; its memory is free again at once.
    ///
    /// # Safety
    /// Another task calls this, the task holds and uses nothing that others need, and no copy of the handle is
    /// used afterwards.
    pub(crate) unsafe fn delete(self) {
        // SAFETY: the task lives, and it is not the calling one.
        unsafe { ffi::ts_rtos_task_delete(self.0.as_ptr()) }
    }

    /// Makes a task that runs `entry(argument)`, in `memory` for ever: its control block, then its stack.
    /// `None` if the memory is too small or `priority` is not below [`priorities`]. `entry` must not return.
    ///
    /// # Safety
    /// `memory` is 16-byte aligned, and nothing else uses it from now on. `entry` may be called with `argument`.
    pub unsafe fn spawn(
        entry: unsafe extern "C" fn(*mut c_void),
        argument: *mut c_void,
        name: &CStr,
        priority: u32,
        memory: NonNull<[u8]>,
    ) -> Option<Self> {
        if priority >= priorities() || !memory.addr().get().is_multiple_of(16) {
            return None;
        }
        let bytes = u32::try_from(memory.len()).ok()?;
        // SAFETY: the caller's promise; the kernel copies the name.
        let handle = unsafe {
            ffi::ts_rtos_task_new(
                entry,
                argument,
                name.as_ptr(),
                priority,
                memory.cast().as_ptr(),
                bytes,
            )
        };
        NonNull::new(handle).map(Self)
    }

    /// The kernel's handle.
    pub fn handle(self) -> NonNull<c_void> {
        self.0
    }

    /// The task's name.
    pub fn name(&self) -> &CStr {
        // SAFETY: the name is a terminated array in the control block, and never changes.
        unsafe { CStr::from_ptr(ffi::ts_rtos_task_name(self.0.as_ptr())) }
    }

    /// The priority it has now, inheritance included.
    pub fn priority(self) -> u32 {
        // SAFETY: the task lives.
        unsafe { ffi::ts_rtos_priority(self.0.as_ptr()) }
    }

    /// Sets the priority; one that is too high is taken as the highest.
    pub fn set_priority(self, priority: u32) {
        // SAFETY: the task lives and the priority is in range.
        unsafe { ffi::ts_rtos_set_priority(self.0.as_ptr(), priority.min(priorities() - 1)) }
    }

    /// Bytes of its stack that were never used. Meaningless on POSIX.
    pub fn stack_unused(self) -> u32 {
        // SAFETY: the task lives.
        unsafe { ffi::ts_rtos_stack_unused(self.0.as_ptr()) }
    }

    /// Ends the task's [`notified`], now or the next time it calls it. Any context.
    pub fn notify(self) {
        // SAFETY: the task lives.
        unsafe { ffi::ts_rtos_notify(self.0.as_ptr()) }
    }

    /// Our pointer in the task; null in a new one.
    pub(crate) fn data(self) -> *mut c_void {
        // SAFETY: the task lives.
        unsafe { ffi::ts_rtos_task_data(self.0.as_ptr()) }
    }

    /// Sets our pointer in the task.
    pub(crate) fn set_data(self, data: *mut c_void) {
        // SAFETY: the task lives; only this crate reads the pointer back.
        unsafe { ffi::ts_rtos_set_task_data(self.0.as_ptr(), data) }
    }
}

/// Waits until the calling task is notified, at most `ticks`; false on time-out. Notifications do not add up,
/// and one may be meant for an earlier wait: look at what you wait for, and wait again.
pub fn notified(ticks: u32) -> bool {
    ffi::ts_rtos_notified(ticks) != 0
}

/// The stack of the calling task: its lowest address, and the address after its highest.
pub fn stack_bounds() -> (usize, usize) {
    let (mut low, mut high) = (0, 0);
    // SAFETY: both point to variables.
    unsafe { ffi::ts_rtos_stack_bounds(&mut low, &mut high) };
    (low, high)
}

/// Starts the scheduler. On POSIX it returns after [`end`]; elsewhere never.
pub fn start() {
    ffi::ts_rtos_start();
}

/// Ends the scheduler (POSIX only). The calling task does not go on.
pub fn end() {
    ffi::ts_rtos_end();
}

/// True once the scheduler has been started.
pub fn is_started() -> bool {
    ffi::ts_rtos_state() != 0
}

/// True in a task that may block: not in an interrupt, the scheduler started and not suspended.
pub fn may_block() -> bool {
    ffi::ts_rtos_in_isr() == 0 && ffi::ts_rtos_state() == 1
}

/// True in an interrupt. Any context.
pub fn in_isr() -> bool {
    ffi::ts_rtos_in_isr() != 0
}

/// How many priorities there are: valid ones are `0..priorities()`, a higher number goes first.
pub fn priorities() -> u32 {
    ffi::ts_rtos_priorities()
}

/// Ticks per second.
pub fn tick_hz() -> u32 {
    ffi::ts_rtos_tick_hz()
}

/// Ticks since the scheduler started; wraps. Any context.
pub fn ticks() -> u32 {
    ffi::ts_rtos_ticks()
}

/// Microseconds since the start in steps of a tick; never goes back. Any context.
pub fn uptime_us() -> u64 {
    ffi::ts_rtos_uptime_us()
}

/// The fewest ticks that are at least `us` microseconds, never [`FOREVER`].
pub fn ticks_for_us(us: u64) -> u32 {
    let ticks = us.saturating_mul(u64::from(tick_hz())).div_ceil(1_000_000);
    u32::try_from(ticks).unwrap_or(FOREVER).min(FOREVER - 1)
}

/// Blocks the calling task for `ticks`.
pub fn delay(ticks: u32) {
    ffi::ts_rtos_delay(ticks);
}

/// Lets other tasks of the same priority run.
pub fn yield_now() {
    ffi::ts_rtos_yield();
}

/// While it lives, no other task runs; interrupts do. Nothing may block meanwhile. Nests.
#[derive(Debug)]
pub struct OneTask(PhantomData<*mut ()>);

impl OneTask {
    /// Keeps the others out. Tasks only, with the scheduler started.
    pub fn begin() -> Self {
        ffi::ts_rtos_suspend_all();
        Self(PhantomData)
    }
}

impl Drop for OneTask {
    fn drop(&mut self) {
        ffi::ts_rtos_resume_all();
    }
}

/// Runs `section` with neither other tasks nor interrupts running. Any context. Keep it short.
pub fn critical<R>(section: impl FnOnce() -> R) -> R {
    let saved = lock_raw();
    let result = section();
    // SAFETY: `saved` is from the matching call.
    unsafe { unlock_raw(saved) };
    result
}

pub(crate) fn lock_raw() -> u32 {
    ffi::ts_rtos_lock()
}

/// # Safety
/// `saved` came from the matching [`lock_raw`], in the same context.
pub(crate) unsafe fn unlock_raw(saved: u32) {
    // SAFETY: the caller's promise.
    unsafe { ffi::ts_rtos_unlock(saved) }
}

/// A block of the kernel's heap, 8-aligned; null when there is none.
pub(crate) fn kernel_malloc(bytes: usize) -> *mut u8 {
    match u32::try_from(bytes) {
        Ok(bytes) => ffi::ts_rtos_malloc(bytes).cast(),
        Err(_) => core::ptr::null_mut(),
    }
}

/// # Safety
/// `block` came from [`kernel_malloc`], and is given back once.
pub(crate) unsafe fn kernel_free(block: *mut u8) {
    // SAFETY: the caller's promise.
    unsafe { ffi::ts_rtos_free(block.cast()) }
}
