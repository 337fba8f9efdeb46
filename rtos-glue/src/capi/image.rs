//! What there is once in an image: the clock, the log's sink, what a panic does.

use super::Status;
use super::config::ABI_VERSION;
use super::life::TsVm;
use crate::{journal, rtos};
use core::ffi::c_char;
use core::fmt::Write;
use core::sync::atomic::{AtomicPtr, Ordering};

type Clock = extern "C" fn() -> u64;
type LowestAddress = extern "C" fn() -> usize;
type LogSink = extern "C" fn(line: *const u8, len: usize);
type PanicHook = extern "C" fn(message: *const u8, len: usize);

/// A function of C's that may be set once in a while; null: none.
struct Hook(AtomicPtr<()>);

impl Hook {
    const fn new() -> Self {
        Self(AtomicPtr::new(core::ptr::null_mut()))
    }

    fn set(&self, function: *mut ()) {
        self.0.store(function, Ordering::Release);
    }

    /// # Safety
    /// `F` is the type of the function pointers that are `set`.
    unsafe fn get<F: Copy>(&self) -> Option<F> {
        const { assert!(size_of::<F>() == size_of::<*mut ()>()) };
        let function = self.0.load(Ordering::Acquire);
        // SAFETY: not null, and the caller's promise.
        (!function.is_null()).then(|| unsafe { core::mem::transmute_copy::<*mut (), F>(&function) })
    }
}

static CLOCK: Hook = Hook::new();
static INTERRUPT_STACK: Hook = Hook::new();
static LOG_SINK: Hook = Hook::new();
static PANIC_HOOK: Hook = Hook::new();

fn address<F>(function: Option<F>, cast: impl FnOnce(F) -> *mut ()) -> *mut () {
    function.map_or(core::ptr::null_mut(), cast)
}

/// Microseconds: of the clock that C has set, else of the kernel's ticks. Any context.
pub fn now_us() -> u64 {
    // SAFETY: `ts_set_clock` sets a `Clock`.
    match unsafe { CLOCK.get::<Clock>() } {
        Some(clock) => clock(),
        None => rtos::uptime_us(),
    }
}

/// `TS_ABI_VERSION` of the library: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_abi_version() -> u32 {
    ABI_VERSION
}

/// Sets the clock: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_set_clock(clock: Option<Clock>) -> Status {
    if rtos::is_started() {
        return Status::WRONG_STATE;
    }
    CLOCK.set(address(clock, |f| f as *mut ()));
    Status::OK
}

/// How far hard handlers may use the stack of the interrupt that runs; `None`: not at all.
pub fn interrupt_stack_limit() -> Option<usize> {
    // SAFETY: `ts_set_interrupt_stack` sets a `LowestAddress`.
    unsafe { INTERRUPT_STACK.get::<LowestAddress>() }.map(|lowest| lowest())
}

/// Sets the stack of hard handlers: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_set_interrupt_stack(lowest: Option<LowestAddress>) -> Status {
    if rtos::is_started() {
        return Status::WRONG_STATE;
    }
    INTERRUPT_STACK.set(address(lowest, |f| f as *mut ()));
    Status::OK
}

/// Sets level and sink of the log: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_set_log(level: i32, sink: Option<LogSink>) -> Status {
    let level = match level {
        0 => log::LevelFilter::Off,
        1 => log::LevelFilter::Error,
        2 => log::LevelFilter::Warn,
        3 => log::LevelFilter::Info,
        4 => log::LevelFilter::Debug,
        5 => log::LevelFilter::Trace,
        _ => return Status::BAD_ARGUMENT,
    };
    LOG_SINK.set(address(sink, |f| f as *mut ()));
    journal::set(
        level,
        sink.map(|_| -> journal::Console {
            |line| {
                // SAFETY: `ts_set_log` sets a `LogSink`.
                if let Some(sink) = unsafe { LOG_SINK.get::<LogSink>() } {
                    sink(line.as_ptr(), line.len());
                }
            }
        }),
    );
    Status::OK
}

/// Reads the log's ring: see the header.
///
/// # Safety
/// `size` bytes at `buf`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_read_log(buf: *mut c_char, size: usize) -> usize {
    if buf.is_null() || size == 0 || size > isize::MAX as usize {
        return 0;
    }
    // SAFETY: the caller's promise; the bytes are cleared before they count as initialised.
    let buf = unsafe {
        buf.write_bytes(0, size);
        core::slice::from_raw_parts_mut(buf.cast::<u8>(), size)
    };
    journal::read(buf)
}

/// Sets what a panic calls: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_set_panic_hook(hook: Option<PanicHook>) -> Status {
    PANIC_HOOK.set(address(hook, |f| f as *mut ()));
    Status::OK
}

/// What the panic handler of an image does: reports, marks the VMs of the task as dead, calls C's hook, and stops the
/// task for good. A broken invariant of ours is the only reason to come here.
pub fn panicked(info: &core::panic::PanicInfo<'_>) -> ! {
    let mut text = Text { bytes: [0; 200], len: 0 };
    let _ = write!(text, "{info}");
    let text = &text.bytes[..text.len];
    let crews = |vm: &TsVm| !rtos::in_isr() && vm.host().crew().is_attached();
    let mut dying: [Option<&'static TsVm>; 4] = [None; 4];
    rtos::critical(|| {
        let mine = super::registry::all().filter(|vm| crews(vm));
        dying.iter_mut().zip(mine).for_each(|(place, vm)| *place = Some(vm));
    });
    for vm in dying.into_iter().flatten() {
        if vm.host().crew().gil_is_mine() {
            // SAFETY: this task has the GIL and never goes on, so no thread of the VM changes anything.
            unsafe { vm.host().write_stopped_threads(&mut LogLines::default()) };
        }
        vm.die();
    }
    // SAFETY: `ts_set_panic_hook` sets a `PanicHook`.
    if let Some(hook) = unsafe { PANIC_HOOK.get::<PanicHook>() } {
        hook(text.as_ptr(), text.len());
    }
    loop {
        if rtos::may_block() {
            rtos::notified(rtos::FOREVER);
        }
    }
}

/// Text for the log, line by line; lines are cut to what fits.
struct LogLines {
    line: Text,
}

impl Default for LogLines {
    fn default() -> Self {
        Self { line: Text { bytes: [0; 200], len: 0 } }
    }
}

impl Write for LogLines {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        for part in text.split_inclusive('\n') {
            self.line.write_str(part.trim_end_matches('\n'))?;
            if part.ends_with('\n') {
                let line = &self.line.bytes[..self.line.len];
                log::error!("{}", core::str::from_utf8(line).unwrap_or("?"));
                self.line.len = 0;
            }
        }
        Ok(())
    }
}

/// A message cut to what fits.
struct Text {
    bytes: [u8; 200],
    len: usize,
}

impl Write for Text {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let n = text.len().min(self.bytes.len() - self.len);
        self.bytes[self.len..self.len + n].copy_from_slice(&text.as_bytes()[..n]);
        self.len += n;
        Ok(())
    }
}
