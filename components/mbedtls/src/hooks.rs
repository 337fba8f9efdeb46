//! What Mbed TLS asks of its surroundings: memory of the arena, the clock, entropy; and the transport of the call.

use core::cell::Cell;
use core::ffi::c_void;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use critical_section::Mutex;
use threadsnake_arena::{Arena, Block};

use crate::{Io, Transport};

/// The memory of Mbed TLS, given by the board: certificates, keys and sessions.
pub static ARENA: Arena = Arena::new();
/// Something was refused since this was cleared.
static REFUSED: AtomicBool = AtomicBool::new(false);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// What the board has; each is called in the task that uses TLS.
#[derive(Clone, Copy, Debug)]
pub struct Hooks {
    /// Fills a buffer from an entropy source; false where there is none.
    pub entropy: fn(&mut [u8]) -> bool,
    /// Seconds since 1970; 0 for a clock that is not set, which makes every certificate one of the future.
    pub now: fn() -> i64,
    /// Milliseconds of a clock that never goes back.
    pub uptime_ms: fn() -> i64,
}

static HOOKS: Mutex<Cell<Option<Hooks>>> = Mutex::new(Cell::new(None));

pub fn set(hooks: Hooks) {
    critical_section::with(|cs| HOOKS.borrow(cs).set(Some(hooks)));
}

fn hooks() -> Option<Hooks> {
    critical_section::with(|cs| HOOKS.borrow(cs).get())
}

/// The most bytes of the arena that were in use at once since the last call.
pub fn take_peak() -> usize {
    PEAK.swap(ARENA.used(), Ordering::Relaxed)
}

/// Whether memory was refused since the last call.
pub fn take_refused() -> bool {
    REFUSED.swap(false, Ordering::Relaxed)
}

/// Room for the [`Block`] before the memory that it owns; keeps the alignment.
const OWNER: usize = size_of::<Block>().next_multiple_of(16);

#[unsafe(no_mangle)]
extern "C" fn ts_tls_calloc(count: usize, bytes: usize) -> *mut c_void {
    let block =
        count.checked_mul(bytes).and_then(|n| n.checked_add(OWNER)).and_then(|n| ARENA.block(n));
    PEAK.fetch_max(ARENA.used(), Ordering::Relaxed);
    let Some(block) = block else {
        REFUSED.store(true, Ordering::Relaxed);
        return core::ptr::null_mut();
    };
    let at = block.as_ptr();
    // SAFETY: the block is ours, 16-aligned, and has room for its owner before the memory that is handed out.
    unsafe {
        at.cast::<Block>().write(block);
        at.add(OWNER).cast()
    }
}

/// # Safety
/// Null, or what `ts_tls_calloc` returned, once.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_tls_free(memory: *mut c_void) {
    if !memory.is_null() {
        // SAFETY: the owner stands before the memory (`ts_tls_calloc`), and is read once.
        drop(unsafe { memory.cast::<u8>().sub(OWNER).cast::<Block>().read() });
    }
}

#[unsafe(no_mangle)]
extern "C" fn ts_tls_now() -> i64 {
    hooks().map_or(0, |hooks| (hooks.now)())
}

#[unsafe(no_mangle)]
extern "C" fn ts_tls_uptime_ms() -> i64 {
    hooks().map_or(0, |hooks| (hooks.uptime_ms)())
}

/// # Safety
/// `to` has `n` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_tls_entropy(to: *mut u8, n: u32) -> i32 {
    // SAFETY: the caller's promise; entropy's buffer is Mbed TLS' own, and was cleared or written before.
    let to = unsafe { core::slice::from_raw_parts_mut(to, n as usize) };
    hooks().is_some_and(|hooks| (hooks.entropy)(to)).into()
}

/// The transport of one call, and why it failed.
pub struct Lent<'a> {
    pub transport: &'a mut dyn Transport,
    pub errno: Option<i32>,
}

const WANT_READ: i32 = -0x6900;
const WANT_WRITE: i32 = -0x6880;
const RECEIVE_FAILED: i32 = -0x004c;
const SEND_FAILED: i32 = -0x004e;

impl Lent<'_> {
    fn answer(&mut self, moved: Result<usize, Io>, wait: i32, failed: i32) -> i32 {
        match moved {
            Ok(n) => i32::try_from(n).unwrap_or(failed),
            Err(Io::Wait) => wait,
            Err(Io::Errno(errno)) => {
                self.errno = Some(errno);
                failed
            }
        }
    }
}

/// # Safety
/// `lent` is the [`Lent`] of the running call; `from` has `n` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_tls_send(lent: *mut c_void, from: *const u8, n: u32) -> i32 {
    // SAFETY: the caller's promise.
    let (lent, from) =
        unsafe { (&mut *lent.cast::<Lent<'_>>(), core::slice::from_raw_parts(from, n as usize)) };
    let moved = lent.transport.send(from);
    lent.answer(moved, WANT_WRITE, SEND_FAILED)
}

/// # Safety
/// `lent` is the [`Lent`] of the running call; `to` has `n` bytes, of Mbed TLS' own, cleared or written before.
#[unsafe(no_mangle)]
unsafe extern "C" fn ts_tls_receive(lent: *mut c_void, to: *mut u8, n: u32) -> i32 {
    // SAFETY: the caller's promise.
    let (lent, to) =
        unsafe { (&mut *lent.cast::<Lent<'_>>(), core::slice::from_raw_parts_mut(to, n as usize)) };
    let moved = lent.transport.receive(to);
    lent.answer(moved, WANT_READ, RECEIVE_FAILED)
}
