//! The process's console: standard input and output, or a pseudo-terminal.
//!
//! A host thread reads, because a task must not block in a system call; it starts with the first read, so a
//! program that never reads leaves standard input to others. What it reads waits in a queue; when that is full,
//! it stops reading. An interrupt character is taken out where it arrives, so it works while a script runs.
//! Tasks and the thread share the queue under a lock that tasks take masked and hold for a copy.

use crate::posix::{self, Line, masked};
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use threadsnake_glue::Crew;

/// How many bytes wait at most; raw-paste mode needs 256.
const QUEUE_BYTES: usize = 4096;
/// The key that ends the process when a terminal is the board's console: Ctrl-].
const LEAVE: u8 = 0x1d;
/// No interrupt character.
const NO_CHAR: u32 = u32::MAX;

/// The interrupt line of the console: input, the interrupt character, SIGINT.
const LINE: Line = Line::new(0);

struct Queue {
    bytes: VecDeque<u8>,
    closed: bool,
}

static QUEUE: Mutex<Queue> = Mutex::new(Queue { bytes: VecDeque::new(), closed: false });
/// There is room again.
static ROOM: Condvar = Condvar::new();
static READER_RUNS: AtomicBool = AtomicBool::new(false);
static INPUT_FD: AtomicI32 = AtomicI32::new(0);
static OUTPUT_FD: AtomicI32 = AtomicI32::new(1);
/// The byte that interrupts, or [`NO_CHAR`].
static INTERRUPT_CHAR: AtomicU32 = AtomicU32::new(NO_CHAR);
/// The byte that ends the process, or [`NO_CHAR`].
static LEAVE_CHAR: AtomicU32 = AtomicU32::new(NO_CHAR);
/// The interrupt character, or SIGINT, arrived; not yet passed on.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Who is told of input, and what interrupts the script.
#[derive(Clone, Copy)]
pub struct Listener {
    /// Its waits end when input arrives.
    pub crew: &'static Crew,
    /// Interrupts the script; called in interrupt context.
    pub interrupt: fn(),
}

static LISTENER: std::sync::OnceLock<Listener> = std::sync::OnceLock::new();

fn queue() -> MutexGuard<'static, Queue> {
    QUEUE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Connects the console to a crew; once. Also takes SIGINT from now on.
pub fn listen(listener: Listener) {
    extern "C" fn on_sigint(_: libc::c_int) {
        INTERRUPTED.store(true, Ordering::Relaxed);
        LINE.raise();
    }
    if masked(|| LISTENER.set(listener)).is_err() {
        return;
    }
    LINE.connect(|| {
        // Set before the line was connected; `get` only reads.
        let Some(listener) = LISTENER.get() else { return };
        if INTERRUPTED.swap(false, Ordering::Relaxed) {
            (listener.interrupt)();
        }
        listener.crew.input_arrived();
    });
    // SAFETY: the handler only stores to an atomic and sends a signal; the structure is complete.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction = on_sigint as extern "C" fn(libc::c_int) as usize;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(libc::SIGINT, &action, core::ptr::null_mut());
    }
}

/// Moves what has arrived into `buf`; 0 if nothing has. Starts to read, the first time. Tasks.
pub fn try_read(buf: &mut [u8]) -> usize {
    start_reader();
    masked(|| {
        let mut queue = queue();
        let n = queue.bytes.len().min(buf.len());
        for (to, from) in buf.iter_mut().zip(queue.bytes.drain(..n)) {
            *to = from;
        }
        ROOM.notify_one();
        n
    })
}

/// True if `try_read` would return bytes. Tasks.
pub fn is_readable() -> bool {
    start_reader();
    masked(|| !queue().bytes.is_empty())
}

/// True if the other end is closed and all its bytes are read. Tasks.
pub fn is_at_end() -> bool {
    start_reader();
    masked(|| {
        let queue = queue();
        queue.closed && queue.bytes.is_empty()
    })
}

/// Writes all of `bytes`; false if the other end is gone. Tasks.
pub fn write(bytes: &[u8]) -> bool {
    posix::write_all(OUTPUT_FD.load(Ordering::Relaxed), bytes)
}

/// Queues bytes that were typed elsewhere, as if they had arrived here, until the interrupt character or a full queue;
/// returns how many were taken. Tasks.
pub fn type_in(bytes: &[u8]) -> usize {
    let taken = masked(|| {
        let mut queue = queue();
        let mut taken = 0;
        for &byte in bytes {
            if u32::from(byte) == INTERRUPT_CHAR.load(Ordering::Relaxed) {
                INTERRUPTED.store(true, Ordering::Relaxed);
            } else if queue.bytes.len() < QUEUE_BYTES {
                queue.bytes.push_back(byte);
            } else {
                break;
            }
            taken += 1;
        }
        taken
    });
    LINE.raise();
    taken
}

/// True while a program runs: a byte interrupts it.
pub fn is_interruptible() -> bool {
    INTERRUPT_CHAR.load(Ordering::Relaxed) != NO_CHAR
}

/// Sets the byte that interrupts.
pub fn set_interrupt_char(byte: Option<u8>) {
    INTERRUPT_CHAR.store(byte.map_or(NO_CHAR, u32::from), Ordering::Relaxed);
}

/// Makes Ctrl-] end the process.
pub fn leave_by_key() {
    LEAVE_CHAR.store(LEAVE.into(), Ordering::Relaxed);
}

/// Moves the console to a new pseudo-terminal and returns its name. Before the scheduler starts.
///
/// # Errors
/// What the system says.
pub fn open_pty() -> io::Result<String> {
    // SAFETY: plain calls; each result is checked, and `name` is a live array of the length that is passed.
    unsafe {
        let main = libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC);
        if main < 0 || libc::grantpt(main) != 0 || libc::unlockpt(main) != 0 {
            return Err(io::Error::last_os_error());
        }
        let mut name = [0; 128];
        if libc::ptsname_r(main, name.as_mut_ptr(), name.len()) != 0 {
            return Err(io::Error::last_os_error());
        }
        // Kept open, so that reads do not fail while nobody has it open; raw, so that no byte is changed.
        let other = libc::open(name.as_ptr(), libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC);
        if other < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut mode = terminal_mode(other)?;
        libc::cfmakeraw(&mut mode);
        libc::tcsetattr(other, libc::TCSANOW, &mode);
        INPUT_FD.store(main, Ordering::Relaxed);
        OUTPUT_FD.store(main, Ordering::Relaxed);
        Ok(core::ffi::CStr::from_ptr(name.as_ptr()).to_string_lossy().into_owned())
    }
}

fn start_reader() {
    if !READER_RUNS.swap(true, Ordering::Relaxed) && masked(|| posix::host_thread(read_on)).is_err()
    {
        masked(|| queue().closed = true);
    }
}

/// The host thread: reads until the end.
fn read_on() {
    let fd = INPUT_FD.load(Ordering::Relaxed);
    let mut buf = [0u8; 512];
    loop {
        // SAFETY: the pointer and the length are those of a live array.
        let n = unsafe { libc::read(fd, buf.as_mut_ptr().cast(), buf.len()) };
        let arrived = match usize::try_from(n) {
            Ok(0) => break,
            Ok(n) => &buf[..n],
            Err(_) if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => break,
        };
        for &byte in arrived {
            if u32::from(byte) == LEAVE_CHAR.load(Ordering::Relaxed) {
                leave(0);
            }
            if u32::from(byte) == INTERRUPT_CHAR.load(Ordering::Relaxed) {
                INTERRUPTED.store(true, Ordering::Relaxed);
                LINE.raise();
                continue;
            }
            let mut queue = queue();
            while queue.bytes.len() >= QUEUE_BYTES {
                queue = ROOM.wait(queue).unwrap_or_else(PoisonError::into_inner);
            }
            queue.bytes.push_back(byte);
        }
        LINE.raise();
    }
    queue().closed = true;
    LINE.raise();
}

/// The mode of the terminal on standard input before the process changed it.
static MODE_BEFORE: Mutex<Option<libc::termios>> = Mutex::new(None);

fn terminal_mode(fd: libc::c_int) -> io::Result<libc::termios> {
    // SAFETY: `mode` is a variable that `tcgetattr` fills.
    unsafe {
        let mut mode: libc::termios = core::mem::zeroed();
        if libc::tcgetattr(fd, &mut mode) == 0 { Ok(mode) } else { Err(io::Error::last_os_error()) }
    }
}

static RAW: AtomicBool = AtomicBool::new(false);

/// True if standard input is a terminal.
pub fn is_terminal() -> bool {
    // SAFETY: no preconditions.
    unsafe { libc::isatty(0) == 1 }
}

/// Switches the terminal on standard input, if it is one, to raw mode (bytes as they are typed, no echo, no
/// signals) or back.
pub fn set_raw(raw: bool) {
    masked(|| {
        let mut before = MODE_BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
        if before.is_none() {
            *before = terminal_mode(0).ok();
            for signal in [libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT] {
                // SAFETY: the handler is of the right type. It takes a lock that is held in masked sections only.
                unsafe {
                    libc::signal(signal, on_end_signal as extern "C" fn(libc::c_int) as usize)
                };
            }
        }
        let Some(before) = *before else { return };
        let mut mode = before;
        if raw {
            mode.c_iflag &= !(libc::BRKINT | libc::ICRNL | libc::INPCK | libc::ISTRIP | libc::IXON);
            mode.c_oflag &= !libc::OPOST;
            mode.c_lflag &= !(libc::ECHO | libc::ICANON | libc::IEXTEN | libc::ISIG);
            mode.c_cc[libc::VMIN] = 1;
            mode.c_cc[libc::VTIME] = 0;
        }
        // SAFETY: `mode` is a complete terminal mode.
        unsafe { libc::tcsetattr(0, libc::TCSADRAIN, &mode) };
        RAW.store(raw, Ordering::Relaxed);
    });
}

/// True while the terminal is in raw mode.
pub fn is_raw() -> bool {
    RAW.load(Ordering::Relaxed)
}

/// Restores the terminal and ends the process, as these signals would have ended it.
extern "C" fn on_end_signal(signal: libc::c_int) {
    leave(128 + signal)
}

/// Restores the terminal and ends the process. Any thread.
pub fn leave(code: i32) -> ! {
    if masked(|| MODE_BEFORE.try_lock().is_ok_and(|before| before.is_some())) {
        set_raw(false);
    }
    posix::exit(code)
}
