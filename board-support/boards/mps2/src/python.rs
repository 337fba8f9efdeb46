//! The task `python`: the boot sequence, the interpreter at its prompt, made anew after every soft reset.

use core::ffi::c_void;
use core::fmt::Write;
use core::ptr::NonNull;

use threadsnake_boot::{Ended, Main, Profile};
use threadsnake_glue::host::{NativeStack, RunConfig};
use threadsnake_glue::modules;
use threadsnake_glue::rtos::{self, Task};
use threadsnake_repl::Prompt;
use threadsnake_vm::heap::Region;
use threadsnake_vm::object::RomModule;

use crate::board::HOST;
#[cfg(feature = "flash")]
use crate::flash;
use crate::{fault, memory, options, uart};

/// The task's memory in bytes: its control block and its stack.
const TASK_BYTES: usize = 64 * 1024;

/// How much of the stack Python uses: the rest is for what natives call at their deepest, and for the frame
/// that an interrupt pushes.
const NATIVE_STACK: NativeStack = NativeStack { reserve: 8 * 1024, most: usize::MAX };

/// The tasks of threads that Python starts.
#[cfg(feature = "threads")]
pub mod threads {
    use threadsnake_glue::host::Threads;
    use threadsnake_glue::pool::Pool;

    /// How many there may be, and the stack of each in bytes.
    const COUNT: usize = 16;
    const STACK_BYTES: usize = 24 * 1024;
    /// Bytes for each: its stack, its control block and the pool's own.
    const BYTES: usize = STACK_BYTES + 1024;

    static POOL: Pool = Pool::new();

    /// The tasks.
    pub const ALL: Threads = Threads { pool: &POOL, stack_bytes: STACK_BYTES };

    /// Gives them their memory. Once.
    pub fn start() {
        if let Some(memory) = crate::memory::take(COUNT * BYTES) {
            POOL.add_memory(memory, STACK_BYTES);
        }
    }
}

/// In the middle, so that C tasks go above and below.
const PRIORITY: u32 = 4;

/// What may be typed or sent as one text; raw-paste mode needs no room.
const LINE_BYTES: usize = 16 * 1024;
const HISTORY_BYTES: usize = 1024;

/// Makes the task; `None` if there is no memory for it.
pub fn start() -> Option<Task> {
    let task = NonNull::from(memory::take(TASK_BYTES)?);
    // SAFETY: the memory is 16-aligned and nobody else's; `run` takes any argument.
    unsafe { Task::spawn(run, core::ptr::null_mut(), c"python", PRIORITY, task) }
}

/// The life of the task.
extern "C" fn run(_: *mut c_void) {
    let options = options::get();
    #[cfg(feature = "self-test")]
    match options.self_test {
        Some(_) if options.late => crate::selftest::run_later(),
        Some(test) => crate::selftest::run(test),
        None => {}
    }
    #[cfg(feature = "threads")]
    threads::start();
    let (line, history) = (memory::take(LINE_BYTES), memory::take(HISTORY_BYTES));
    let bytes = options.heap_bytes.min(memory::left());
    if let (Some(line), Some(history), Some(heap)) = (line, history, memory::take(bytes)) {
        talk(line, history, heap);
    }
    fault::number(bytes as u32);
    let _ = uart::Polled.write_str(" bytes are too few for the interpreter\n");
    loop {
        rtos::notified(rtos::FOREVER);
    }
}

/// The native modules beside the interpreter's own.
static MODULES: &[&[&RomModule]] = &[
    modules::MODULES,
    #[cfg(feature = "machine")]
    threadsnake_machine::MODULES,
    #[cfg(feature = "net")]
    threadsnake_net::MODULES,
    threadsnake_storage::MODULES,
];

/// Runs the prompt for ever; returns if `heap` is too small.
fn talk(line: &mut [u8], history: &mut [u8], heap: &mut [u8]) {
    let config = RunConfig {
        regions: &[Region { start: heap.as_mut_ptr(), len: heap.len() }],
        modules: MODULES,
        value_stack_limit: 0,
        stack: NATIVE_STACK,
    };
    let profile = Profile { path: mount_files(), ..PROFILE };
    let mut prompt = Prompt::new(line, history);
    // SAFETY: the heap is ours, and the last VM in it has ended.
    let run_vm = |main: Main<'_>| unsafe { HOST.run(&config, main) };
    // The console has no end: it is the heap that is too small.
    let (Ended::TooSmall | Ended::Closed) = threadsnake_boot::run(&profile, &mut prompt, run_vm);
}

/// Mounts what has the board's files; where programs are then.
fn mount_files() -> &'static [&'static str] {
    #[cfg(feature = "host-files")]
    if options::get().files.is_some() {
        crate::files::install();
        // The root folder also without a name: tools take that one out.
        return &["", "/lib"];
    }
    #[cfg(feature = "flash")]
    flash::install();
    PROFILE.path
}

/// What these boards add to the boot sequence.
const PROFILE: Profile = Profile {
    power_up: &[
        #[cfg(feature = "servers")]
        |_| crate::servers::power_up(),
    ],
    power_down: &[],
    #[cfg(feature = "flash")]
    flash: flash::volume,
    begin: &[],
    end: &[],
    was_reset: || false,
    path: &["", "/flash", "/flash/lib"],
    failed: || {},
};
