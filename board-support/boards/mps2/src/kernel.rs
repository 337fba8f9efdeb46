//! What the kernel asks of the board: memory for Rust's `alloc`, the idle hook, and a name for reports.
//!
//! Invariant: the kernel's heap serves RTOS objects only; the interpreter never allocates here.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::asm;
use core::ffi::{CStr, c_char, c_void};

unsafe extern "C" {
    fn xTaskGetCurrentTaskHandle() -> *mut c_void;
    fn pcTaskGetName(task: *mut c_void) -> *const c_char;
    fn pvPortMalloc(bytes: usize) -> *mut c_void;
    fn vPortFree(block: *mut c_void);
}

/// How many words the port saves below the frame that the processor pushes, at the least: r4 to r11, and
/// on the Cortex-M7 the exception return value. (With FPU registers in use there are 16 more.)
pub const SAVED_WORDS: usize = if cfg!(board = "mps2-an500") { 9 } else { 8 };

/// The name of the running task; `None` before the scheduler has started.
pub fn current_task_name() -> Option<&'static CStr> {
    // SAFETY: a look at the kernel's variable.
    let task = unsafe { xTaskGetCurrentTaskHandle() };
    if task.is_null() {
        return None;
    }
    // SAFETY: `task` is a task handle, and the kernel keeps a name with its terminator in every task.
    Some(unsafe { CStr::from_ptr(pcTaskGetName(task)) })
}

/// The kernel's heap as Rust's.
struct KernelHeap;

/// `portBYTE_ALIGNMENT`.
const ALIGNMENT: usize = 8;

// SAFETY: `pvPortMalloc` returns null or a block of the size asked for, aligned to `ALIGNMENT`, that is the
// caller's until `vPortFree`; what needs more alignment is refused.
unsafe impl GlobalAlloc for KernelHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGNMENT {
            return core::ptr::null_mut();
        }
        // SAFETY: any size may be asked for.
        unsafe { pvPortMalloc(layout.size()).cast() }
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the block came from `alloc`.
        unsafe { vPortFree(block.cast()) }
    }
}

#[global_allocator]
static HEAP: KernelHeap = KernelHeap;

/// The idle hook: sleeps until the next interrupt.
#[unsafe(no_mangle)]
extern "C" fn vApplicationIdleHook() {
    // SAFETY: waiting has no effect on memory.
    unsafe { asm!("dsb", "wfi", options(nostack)) };
}
