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
        #[cfg(feature = "gil")]
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
        pub fn ts_rtos_tasks(tasks: *mut super::TaskInfo, most: u32, run_time: *mut u64) -> u32;
        pub fn ts_rtos_heap(free_bytes: *mut u32, least_bytes: *mut u32);
        pub fn ts_rtos_timer_new(owner: *mut c_void) -> *mut c_void;
        pub fn ts_rtos_timer_start(timer: *mut c_void, ticks: u32, repeat: u32) -> u32;
        pub fn ts_rtos_timer_stop(timer: *mut c_void) -> u32;
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
    #[cfg(feature = "gil")]
    pub(crate) fn if_any() -> Option<Self> {
        NonNull::new(ffi::ts_rtos_task_current()).map(Self)
    }

    /// Ends the task; its memory is free again at once.
    ///
    /// # Safety
    /// Another task calls this, the task holds and uses nothing that others need, and no copy of the handle is
    /// used afterwards.
    #[cfg(feature = "gil")]
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

    /// Starts a task that runs `body` for ever, in `memory`: its control block, then its stack (16 bytes are lost where
    /// `memory` is not aligned). `None` if the memory is too small or the priority is none. As [`Task::spawn`].
    pub fn start(
        body: fn() -> !,
        name: &CStr,
        priority: u32,
        memory: &'static mut [u8],
    ) -> Option<Self> {
        unsafe extern "C" fn run(body: *mut c_void) {
            // SAFETY: `start` passes a function of this type.
            let body = unsafe { core::mem::transmute::<*mut c_void, fn() -> !>(body) };
            body()
        }
        let skip = memory.as_ptr().align_offset(16);
        let memory = memory.get_mut(skip..)?;
        // SAFETY: the memory is aligned, and nobody else's for ever.
        unsafe { Self::spawn(run, body as *mut c_void, name, priority, NonNull::from(memory)) }
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

/// What the kernel knows of a task; as `ts_rtos_task_info`.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct TaskInfo {
    task: *mut c_void,
    name: [u8; 16],
    /// 0 running, 1 ready, 2 blocked, 3 suspended, 4 deleted.
    pub state: u32,
    /// The priority it has now.
    pub priority: u32,
    /// Bytes of its stack that were never used. Meaningless on POSIX.
    pub stack_unused: u32,
    /// How long it has run, in units of the kernel's counter; 0 where it keeps none.
    pub run_time: u64,
}

impl TaskInfo {
    /// Of no task.
    pub const NONE: Self = Self {
        task: core::ptr::null_mut(),
        name: [0; 16],
        state: 0,
        priority: 0,
        stack_unused: 0,
        run_time: 0,
    };

    /// Its name, up to what is no UTF-8.
    pub fn name(&self) -> &str {
        let end = self.name.iter().position(|&byte| byte == 0).unwrap_or(self.name.len());
        match core::str::from_utf8(&self.name[..end]) {
            Ok(name) => name,
            Err(error) => {
                core::str::from_utf8(&self.name[..error.valid_up_to()]).unwrap_or_default()
            }
        }
    }
}

/// Describes tasks, as many as fit; how many there are, and the kernel's counter of run time now (0: it keeps none).
/// Takes memory from the kernel's heap meanwhile; 0 tasks if there is none. Tasks only.
pub fn tasks(infos: &mut [TaskInfo]) -> (usize, u64) {
    let mut run_time = 0;
    let most = u32::try_from(infos.len()).unwrap_or(u32::MAX);
    // SAFETY: there is room for `most` of them.
    let n = unsafe { ffi::ts_rtos_tasks(infos.as_mut_ptr(), most, &mut run_time) };
    (n as usize, run_time)
}

/// Bytes of the kernel's heap that are free, and that were free at the worst moment; 0 where the heap does not know.
pub fn heap() -> (usize, usize) {
    let (mut free, mut least) = (0, 0);
    // SAFETY: both point to variables.
    unsafe { ffi::ts_rtos_heap(&mut free, &mut least) };
    (free as usize, least as usize)
}

/// A software timer of the kernel, which is never deleted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KernelTimer(NonNull<c_void>);

// SAFETY: as for `Task`: a name, whose calls may come from any task.
unsafe impl Send for KernelTimer {}
// SAFETY: as above.
unsafe impl Sync for KernelTimer {}

impl KernelTimer {
    /// A timer that calls the function at `owner` with it, in the kernel's timer task. `None` without memory or timers.
    ///
    /// # Safety
    /// `owner` lives for ever and begins with an `extern "C" fn(*mut c_void)` that may be called with it.
    pub(crate) unsafe fn new(owner: *mut c_void) -> Option<Self> {
        // SAFETY: the caller's promise.
        NonNull::new(unsafe { ffi::ts_rtos_timer_new(owner) }).map(Self)
    }

    /// Starts it; false if the timer task is not served.
    pub(crate) fn start(self, ticks: u32, repeat: bool) -> bool {
        // SAFETY: timers are never deleted.
        unsafe { ffi::ts_rtos_timer_start(self.0.as_ptr(), ticks.max(1), repeat.into()) != 0 }
    }

    /// Stops it; false if the timer task is not served.
    pub(crate) fn stop(self) -> bool {
        // SAFETY: timers are never deleted.
        unsafe { ffi::ts_rtos_timer_stop(self.0.as_ptr()) != 0 }
    }
}
