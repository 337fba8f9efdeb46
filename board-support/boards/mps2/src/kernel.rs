//! What the kernel's heap and its tasks are to the rest of the board.
//!
//! Invariant: the kernel's heap serves RTOS objects only; the interpreter never allocates here.

use core::ffi::{CStr, c_char, c_void};

use threadsnake_glue::heap::KernelHeap;

unsafe extern "C" {
    fn xTaskGetCurrentTaskHandle() -> *mut c_void;
    fn pcTaskGetName(task: *mut c_void) -> *const c_char;
}

/// How many words the port has saved at `saved`, below the frame that the processor pushed: r4 to r11; on the
/// Cortex-M7 also the exception return value and, if its bit 4 is clear, s16 to s31.
///
/// # Safety
/// `saved` is the saved stack pointer of a task that does not run.
pub unsafe fn saved_words(saved: *const u32) -> usize {
    if !cfg!(board = "mps2-an500") {
        return 8;
    }
    // SAFETY: the caller's promise; the value is the ninth word.
    let exception_return = unsafe { saved.add(8).read() };
    if exception_return & 1 << 4 == 0 { 25 } else { 9 }
}

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

#[global_allocator]
static HEAP: KernelHeap = KernelHeap;
