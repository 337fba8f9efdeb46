//! The task `python`, in which the interpreter lives.

use core::ffi::c_void;
use core::ptr::NonNull;

use threadsnake_glue::rtos::Task;

use crate::board::{self, CREW};
use crate::{memory, options, selftest, uart};

/// The task's memory in bytes: its control block and its stack.
const TASK_BYTES: usize = 32 * 1024;

/// In the middle, so that C tasks go above and below.
const PRIORITY: u32 = 4;

/// Makes the task; `None` if there is no memory for it.
pub fn start() -> Option<Task> {
    let task = NonNull::from(memory::take(TASK_BYTES)?);
    // SAFETY: the memory is 16-aligned and nobody else's; `run` takes any argument.
    unsafe { Task::spawn(run, core::ptr::null_mut(), c"python", PRIORITY, task) }
}

/// The life of the task.
extern "C" fn run(_: *mut c_void) {
    if let Some(test) = options::get().self_test {
        selftest::run(test);
    }
    CREW.enter(|| {
        uart::write(b"ready\r\n");
        loop {
            let mut buf = [0; 64];
            let n = board::console_read(&mut buf, None);
            uart::write(&buf[..n]);
        }
    })
}
