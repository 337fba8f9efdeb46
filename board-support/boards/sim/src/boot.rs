//! The board personality: the console's prompt, one VM after another until the console is closed.

use crate::board::{HOST, MODULES, Personality};
use crate::console::{self, Listener};
use crate::options::Options;
use crate::program::NATIVE_STACK;
use crate::{devices, net, posix, servers, storage, tasks};
use core::sync::atomic::{AtomicUsize, Ordering};
use threadsnake_boot::{Ended, Main, Profile, state};
use threadsnake_drivers::heartbeat;
use threadsnake_glue::host::RunConfig;
use threadsnake_repl::{LineBuffer, Prompt};
use threadsnake_vm::heap::Region;

/// The most bytes of one statement, or one program in raw mode, at the prompt.
const MAX_LINE_BYTES: usize = 4 * 1024 * 1024;
/// Bytes for the lines typed before.
const HISTORY_BYTES: usize = 4096;

/// The prompt of this process.
pub type SimPrompt = Prompt<GrowingBuffer, [u8; HISTORY_BYTES]>;

/// A new prompt.
pub fn new_prompt() -> SimPrompt {
    Prompt::new(GrowingBuffer(Vec::new()), [0; HISTORY_BYTES])
}

/// Memory for what is typed, of the host's, as much as it takes.
#[derive(Debug)]
pub struct GrowingBuffer(Vec<u8>);

impl LineBuffer for GrowingBuffer {
    fn bytes(&self) -> &[u8] {
        &self.0
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    fn grow(&mut self, at_least: usize) -> bool {
        if at_least > MAX_LINE_BYTES {
            return false;
        }
        self.0.resize(at_least.next_power_of_two().max(256), 0);
        true
    }
}

/// What the simulated board adds to the boot sequence: each service of the board has its lines here.
static PROFILE: Profile = Profile {
    power_up: &[
        |_| storage::prepare_card(),
        |_| heartbeat::set(true),
        |_| net::power_up(),
        |_| servers::power_up(),
    ],
    power_down: &[servers::power_down],
    flash: storage::flash,
    begin: &[],
    end: &[],
    was_reset: devices::power::take_reset,
    path: &["", "/flash", "/flash/lib"],
    failed: heartbeat::flash,
};

static HEAP_BYTES: AtomicUsize = AtomicUsize::new(0);

/// Moves the console to a new pseudo-terminal and prints its name, the first line that tools look for. Before [`run`].
///
/// # Errors
/// A line of text: the system has none.
pub fn open_pty() -> Result<(), String> {
    let name = console::open_pty().map_err(|error| format!("no pty: {error}"))?;
    println!("{name}");
    Ok(())
}

/// Boots the board, on standard input and output unless the console is elsewhere already.
pub fn run(options: &Options) -> ! {
    HOST.board().become_(Personality::Board);
    HEAP_BYTES.store(options.heap_bytes, Ordering::Relaxed);
    state::set_safe_boot(options.safe_boot);
    storage::give_memory();
    let [flash, sd] = options.chips.each_ref().map(Option::as_ref);
    if let Err(error) = storage::install(flash, sd) {
        eprintln!("threadsnake: storage: {error}");
        std::process::exit(1)
    }
    devices::start();
    heartbeat::start(devices::pins::gp(25));
    if !options.pty && console::is_terminal() {
        console::leave_by_key();
        console::set_raw(true);
    }
    servers::start(&options.forwards);
    tasks::run(in_task)
}

fn in_task() {
    console::listen(Listener { crew: HOST.crew(), interrupt: || HOST.interrupt() });
    let bytes = HEAP_BYTES.load(Ordering::Relaxed);
    let memory = Box::leak(vec![0u128; bytes.div_ceil(16)].into_boxed_slice());
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: bytes }];
    let config = RunConfig {
        regions: &regions,
        modules: MODULES,
        value_stack_limit: 0,
        stack: NATIVE_STACK,
    };
    let mut prompt = new_prompt();
    // SAFETY: the memory is nobody else's, and this task is not attached.
    let run_vm = |main: Main<'_>| unsafe { HOST.run(&config, main) };
    match threadsnake_boot::run(&PROFILE, &mut prompt, run_vm) {
        Ended::Closed => console::leave(0),
        Ended::TooSmall => {
            let text = format!("threadsnake: heap too small: {bytes} bytes\r\n");
            posix::write_all(2, text.as_bytes());
            console::leave(1)
        }
    }
}
