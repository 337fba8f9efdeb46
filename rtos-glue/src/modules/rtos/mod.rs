//! `rtos`: what Python sees of the system around it: objects that it shares with C tasks, the kernel's tasks and heap,
//! software timers, the log.
//!
//! Times are in milliseconds; a time-out of -1 is none, and what takes too long is `OSError(ETIMEDOUT)`. Every object
//! can be given to `select.poll`, and so to `asyncio.ready`. What was made by a VM that has ended is closed: `OSError(EPIPE)`.
#![forbid(unsafe_code)]

mod group;
mod handle;
mod log;
mod mutex;
mod queue;
mod semaphore;
mod system;
mod timer;

pub use timer::run_due;

use threadsnake_vm::py_module;

py_module! {
    /// `rtos`.
    pub static RTOS: rtos, extensible false;
    entries {
        EventGroup: group::EVENT_GROUP.rom();
        Mutex: mutex::MUTEX.rom();
        Queue: queue::QUEUE.rom();
        Semaphore: semaphore::SEMAPHORE.rom();
        Timer: timer::TIMER.rom();
        delay_until = F2(system::delay_until);
        handlers = F0(system::handlers);
        heap = F0(system::heap);
        log = Var(1, 2, log::rtos_log);
        log_level = Var(0, 1, log::rtos_log_level);
        notified = Kw(system::notified; timeout?);
        notify = Var(1, 2, system::notify);
        open = F1(handle::open);
        read_log = F0(log::rtos_read_log);
        tasks = F0(system::tasks);
        tracebacks = F0(system::tracebacks);
        wakeups = F0(system::wakeups);
    }
}
