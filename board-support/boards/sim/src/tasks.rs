//! The process's pool of tasks, and the way from `main` into the first of them.

use crate::board::HOST;
use core::ptr::null_mut;
use threadsnake_glue::pool::{Job, Pool};
use threadsnake_glue::rtos;

/// The priority of the interpreter's main thread, and of its other threads unless they ask for another.
pub const PYTHON_PRIORITY: u32 = 4;

/// How many tasks the pool has: the main thread and 63 others.
const TASKS: usize = 64;
/// What the kernel is told of each stack. The real one is the thread's, of 8 MiB.
const STACK_BYTES: usize = 4096;
/// Bytes for each task: stack, control block and the pool's own.
const BLOCK_BYTES: usize = STACK_BYTES + 1024;

/// The tasks of all Python threads.
pub static POOL: Pool = Pool::new();

/// A panic, which ends the process, says where every Python thread is as well.
fn report_panics() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        usual(info);
        if rtos::is_started() && HOST.crew().gil_is_mine() {
            let mut text = String::new();
            // SAFETY: the calling task has the GIL and does not go on, so no thread changes anything.
            unsafe { HOST.write_stopped_threads(&mut text) };
            crate::posix::write_all(2, text.as_bytes());
        }
    }));
}

/// Runs `first` in a task and, in the calling thread, the scheduler. `first` ends the process.
pub fn run(first: fn()) -> ! {
    report_panics();
    let memory = Box::leak(vec![0u8; TASKS * BLOCK_BYTES].into_boxed_slice());
    POOL.add_memory(memory, STACK_BYTES);
    let job = Job {
        run: |[function, ..]| {
            // SAFETY: `function` is the `fn()` below.
            let first: fn() = unsafe { core::mem::transmute(function) };
            first();
        },
        arguments: [first as *mut _, null_mut(), null_mut(), null_mut()],
    };
    match POOL.run(job, PYTHON_PRIORITY, 0) {
        Ok(_) => rtos::start(),
        Err(error) => eprintln!("cannot make the first task: {error:?}"),
    }
    // `first` returned or there was nothing to start.
    crate::posix::exit(70)
}
