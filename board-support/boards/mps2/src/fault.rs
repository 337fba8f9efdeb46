//! The end of the line: hard faults, stack overflows, failed kernel asserts and Rust panics say what
//! happened and where on the console, and stop the system.
//!
//! Without the feature `report` it says so in numbers: the exception and the registers.
//!
//! Invariants:
//! 1. Nothing here allocates, blocks, or needs the kernel to be in order: output is polled, and
//!    interrupts are off.
//! 2. The report is written once; a fault inside the report stops at once.
//!
//! Source: ARMv7-M Architecture Reference Manual, B1.5.6 (exception entry), B3.2.15 (CFSR).

use core::arch::{asm, naked_asm};
use core::ffi::{CStr, c_char};
use core::fmt::Write;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

#[cfg(any(feature = "machine", feature = "report"))]
use crate::board::HOST;
use crate::regs::scs;
use crate::uart::Polled;
use crate::{kernel, uart};
#[cfg(feature = "options")]
use crate::{options, semihost};

/// Why the system stopped; as the exit code where one was asked for.
#[derive(Clone, Copy)]
#[repr(u32)]
pub enum Stop {
    /// A Rust panic.
    Panic = 101,
    /// A fault that the processor reported.
    Fault = 102,
    /// A task ran over the end of its stack.
    StackOverflow = 103,
    /// A failed `configASSERT` of the kernel.
    Assert = 104,
}

/// What the processor pushes when it takes an exception.
#[repr(C)]
struct Frame {
    r0: u32,
    r1: u32,
    r2: u32,
    r3: u32,
    r12: u32,
    lr: u32,
    pc: u32,
    psr: u32,
}

/// Gives the faults their own exceptions, so that the report names them; makes a division by zero one; and
/// switches the guards of the task stacks on.
pub fn init() {
    scs::SHCSR.write(scs::SHCSR.read() | scs::FAULTS_ENABLE);
    scs::CCR.write(scs::CCR.read() | scs::DIV_0_TRP);
    // Region 0 lies in the code memory until the kernel moves it to the first task's stack.
    scs::MPU_RNR.write(0);
    scs::MPU_RBAR.write(0);
    scs::MPU_RASR.write(GUARD_ATTRIBUTES);
    scs::MPU_CTRL.write(scs::MPU_ON);
    // SAFETY: the barriers make the change effective before what follows.
    unsafe { asm!("dsb", "isb", options(nostack)) };
}

/// The size of a guard (`configGUARD_BYTES` of FreeRTOSConfig.h).
const GUARD_BYTES: u32 = 128;

/// `MPU_RASR`: never executed, read-only, normal memory, [`GUARD_BYTES`], enabled.
const GUARD_ATTRIBUTES: u32 =
    1 << 28 | 0b110 << 24 | 0b001_011 << 16 | (GUARD_BYTES.ilog2() - 1) << 1 | 1;

/// Whether the fault is a write into the guard of the running task's stack.
fn hit_guard() -> bool {
    let guard = scs::MPU_RBAR.read() & !(GUARD_BYTES - 1);
    let cfsr = scs::CFSR.read();
    let address = scs::MMFAR.read();
    cfsr & DATA_ACCESS != 0 && cfsr & MMFAR_VALID != 0 && (guard..guard + GUARD_BYTES).contains(&address)
        // The processor could not push the frame, and only the guard is there to forbid that.
        || cfsr & FRAME_NOT_STACKED_BY_MPU != 0
}

/// `CFSR` bits.
const DATA_ACCESS: u32 = 1 << 1;
const FRAME_NOT_STACKED_BY_MPU: u32 = 1 << 4;
const MMFAR_VALID: u32 = 1 << 7;
const FRAME_NOT_STACKED: u32 = 1 << 12 | FRAME_NOT_STACKED_BY_MPU;
const BFAR_VALID: u32 = 1 << 15;

/// The handler of every fault: finds the pushed frame and calls [`report`].
#[unsafe(naked)]
pub unsafe extern "C" fn entry() {
    naked_asm!(
        "tst lr, #4",
        "ite eq",
        "mrseq r0, msp",
        "mrsne r0, psp",
        "mov r1, lr",
        "push {{r4, lr}}",
        "bl {report}",
        "pop {{r4, pc}}",
        report = sym report,
    )
}

/// Reports the fault whose frame is at `frame`, and stops. Returns only from an unanswered semihosting
/// call, whose result it sets to -1.
extern "C" fn report(frame: *mut Frame, exc_return: u32) {
    let exception = scs::ICSR.read() & 0x1FF;
    #[cfg(feature = "options")]
    if in_ram(frame) && scs::CFSR.read() & FRAME_NOT_STACKED == 0 {
        // SAFETY: as below.
        let frame = unsafe { &mut *frame };
        if instruction_at(frame.pc) == Some(semihost::CALL_INSTRUCTION) {
            frame.r0 = u32::MAX;
            frame.pc += 2;
            // The debug event stays noted otherwise: bits are cleared by writing ones.
            scs::HFSR.write(scs::HFSR.read());
            return;
        }
    }
    let overflow = hit_guard();
    let (what, counted) =
        if overflow { ("stack overflow", None) } else { name_of_exception(exception) };
    begin(what);
    if let Some(n) = counted {
        number(n);
    }
    say(" in ");
    // Bit 3 tells thread from handler mode.
    if overflow || exc_return & 8 != 0 {
        task()
    } else {
        say("an interrupt handler")
    }
    let mut sp = frame as usize;
    if in_ram(frame) && scs::CFSR.read() & FRAME_NOT_STACKED == 0 {
        // SAFETY: the processor pushed a frame here, in RAM, for this exception; nothing else uses it now.
        let Frame { r0, r1, r2, r3, r12, lr, pc, psr } = unsafe { &*frame };
        sp += size_of::<Frame>();
        words(&[("\npc", *pc), (" lr", *lr), (" sp", sp as u32), (" psr", *psr)]);
        words(&[("\nr0", *r0), (" r1", *r1), (" r2", *r2), (" r3", *r3), (" r12", *r12)]);
    } else {
        words(&[("\nno frame: the stack pointer was", sp as u32)]);
    }
    status();
    callers(sp);
    stop(if overflow { Stop::StackOverflow } else { Stop::Fault })
}

/// Writes what looks like the chain of callers in the stack from `sp` upwards: words that point behind a
/// call instruction. Stale ones may be among them.
fn callers(sp: usize) {
    if !cfg!(feature = "report") {
        return;
    }
    const MOST: usize = 8;
    const WORDS: usize = 1024;
    let stack = (sp..sp.saturating_add(4 * WORDS)).step_by(4).map(|at| at as *const u32);
    // SAFETY: all of SRAM is readable, and `sp` was checked to be a multiple of 4 with it.
    let values = stack.take_while(|&at| in_ram(at)).map(|at| unsafe { at.read_volatile() });
    say("\ncalled from");
    for address in values.filter_map(call_before).take(MOST) {
        words(&[("", address)]);
    }
}

/// The address of the call instruction that `address` would return behind.
fn call_before(address: u32) -> Option<u32> {
    if address.is_multiple_of(2) {
        return None;
    }
    let blx = address.checked_sub(3)?;
    if instruction_at(blx)? & 0xFF87 == 0x4780 {
        return Some(blx);
    }
    let bl = address.checked_sub(5)?;
    let is_bl = instruction_at(bl)? & 0xF800 == 0xF000 && instruction_at(blx)? & 0xD000 == 0xD000;
    is_bl.then_some(bl)
}

/// The instruction at `pc`, if `pc` lies in the image's code.
fn instruction_at(pc: u32) -> Option<u16> {
    unsafe extern "C" {
        /// The end of the code (linker script); only its address means anything.
        static __text_end: u32;
    }
    if !pc.is_multiple_of(2) || pc >= (&raw const __text_end) as u32 {
        return None;
    }
    // SAFETY: the code memory, which begins at 0, is readable everywhere, and `pc` is even.
    Some(unsafe { (pc as *const u16).read_volatile() })
}

/// Whether a `T` can be at `address`: a multiple of 4, and all of it in the SRAM.
fn in_ram<T>(address: *const T) -> bool {
    const SRAM: core::ops::Range<usize> = 0x2000_0000..0x2040_0000;
    let at = address as usize;
    at.is_multiple_of(4) && SRAM.contains(&at) && SRAM.end - at >= size_of::<T>()
}

/// Writes the fault status registers, with the names of the bits that are set.
fn status() {
    /// Bit of `CFSR` and its meaning.
    const CAUSES: [(u32, &str); 14] = [
        (0, "instruction access violation"),
        (1, "data access violation"),
        (3, "unstacking violation"),
        (4, "stacking violation"),
        (8, "instruction bus error"),
        (9, "precise bus error"),
        (10, "imprecise bus error"),
        (11, "unstacking bus error"),
        (12, "stacking bus error"),
        (16, "undefined instruction"),
        (17, "invalid state"),
        (18, "invalid return"),
        (19, "no coprocessor"),
        (25, "division by zero"),
    ];
    let cfsr = scs::CFSR.read();
    words(&[("\ncfsr", cfsr), (" hfsr", scs::HFSR.read())]);
    if cfg!(feature = "report") {
        if cfsr & MMFAR_VALID != 0 {
            words(&[(" mmfar", scs::MMFAR.read())]);
        }
        if cfsr & BFAR_VALID != 0 {
            words(&[(" bfar", scs::BFAR.read())]);
        }
        for (bit, cause) in CAUSES {
            if cfsr & 1 << bit != 0 {
                say(": ");
                say(cause);
            }
        }
    }
}

/// The name of an exception, and the number after it.
fn name_of_exception(exception: u32) -> (&'static str, Option<u32>) {
    let name = match exception {
        _ if !cfg!(feature = "report") => return ("exception ", Some(exception)),
        2 => "NMI",
        3 => "hard fault",
        4 => "memory management fault",
        5 => "bus fault",
        6 => "usage fault",
        12 => "debug monitor",
        16.. => return ("unexpected interrupt ", Some(exception - 16)),
        _ => return ("exception ", Some(exception)),
    };
    (name, None)
}

/// Writes who calls: the interrupt handler that is active, or the running task.
fn context() {
    match scs::ICSR.read() & 0x1FF {
        0 => task(),
        n => {
            say("exception handler ");
            number(n);
        }
    }
}

/// Writes which task is running.
fn task() {
    match kernel::current_task_name() {
        Some(running) => task_called(running),
        None => say("start-up code"),
    }
}

fn task_called(task: &CStr) {
    say("task ");
    name(task);
}

/// Writes a C string that may be damaged: what is not printable shows as `?`.
fn name(text: &CStr) {
    for &byte in text.to_bytes() {
        say_byte(if (b' '..=b'~').contains(&byte) { byte } else { b'?' });
    }
}

fn say_byte(byte: u8) {
    uart::send_polled(byte);
}

fn say(text: &str) {
    let _ = Polled.write_str(text);
}

/// Writes words in hexadecimal, each after what it is.
fn words(all: &[(&str, u32)]) {
    for &(what, word) in all {
        say(what);
        say_byte(b' ');
        for digit in (0..8).rev() {
            say_byte(b"0123456789abcdef"[(word >> (4 * digit) & 15) as usize]);
        }
    }
}

/// Writes a number in decimal, without waiting for an interrupt.
pub fn number(n: u32) {
    if n >= 10 {
        number(n / 10);
    }
    say_byte(b'0' + (n % 10) as u8);
}

/// Interrupts off, the console ready for the report, and what it is about.
fn begin(what: &str) {
    static REPORTING: AtomicBool = AtomicBool::new(false);
    interrupts_off();
    if REPORTING.swap(true, Ordering::Relaxed) {
        park();
    }
    say("\n*** ");
    say(what);
}

/// Ends the report: the exit code where one was asked for; otherwise the processor sleeps.
fn stop(why: Stop) -> ! {
    say("\n");
    #[cfg(feature = "report")]
    // SAFETY: interrupts are off, so no other task runs. What is damaged ends in a second fault, which stops at once.
    unsafe {
        HOST.write_stopped_threads(&mut Polled)
    };
    say("*** stopped\n");
    #[cfg(feature = "options")]
    if options::get().exit_when_stopped {
        semihost::exit(why as u32);
    }
    let _ = why;
    park()
}

fn interrupts_off() {
    // SAFETY: masking interrupts has no other effect on memory.
    unsafe { asm!("cpsid i", options(nostack)) };
}

/// The stack pointer of the caller, more or less: a multiple of 4.
fn stack_pointer() -> usize {
    let sp;
    // SAFETY: reading a register has no effect.
    unsafe { asm!("mov {}, sp", out(reg) sp, options(nomem, nostack)) };
    sp
}

/// Sleeps for ever: with every source of interrupts off, `wfi` does not return.
fn park() -> ! {
    scs::SYST_CSR.write(0);
    scs::NVIC_ICER.write(u32::MAX);
    // What is pending already would end every wait at once.
    scs::NVIC_ICPR.write(u32::MAX);
    scs::ICSR.write(scs::CLEAR_PENDING);
    loop {
        // SAFETY: waiting has no effect on memory.
        unsafe { asm!("wfi", options(nomem, nostack)) };
    }
}

/// Reports that nobody has fed the watchdog: the running task, and where Python's threads are. Interrupts stay off.
#[cfg(feature = "machine")]
pub fn report_watchdog() {
    begin("watchdog in ");
    task();
    say("\n");
    // SAFETY: this is the NMI, which nothing interrupts but a fault, and that is reported no more: the reset follows.
    unsafe { HOST.write_stopped_threads(&mut Polled) };
}

/// `configASSERT`: adds the caller's address to the arguments.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn threadsnake_assert_failed(file: *const c_char, line: u32) -> ! {
    naked_asm!("mov r2, lr", "b {report}", report = sym report_assert)
}

/// Reports the kernel's failed assert at `line` of `file`, seen by the code at `caller`, and stops.
///
/// # Safety
/// `file` is a C string.
unsafe extern "C" fn report_assert(file: *const c_char, line: u32, caller: u32) -> ! {
    begin("kernel assert failed in ");
    context();
    say("\nat ");
    // SAFETY: the caller's promise.
    name(unsafe { CStr::from_ptr(file) });
    say(":");
    number(line);
    words(&[(", pc", caller & !1)]);
    callers(stack_pointer());
    stop(Stop::Assert)
}

/// The kernel's hook: `task`, called `name`, has run over the end of its stack. Called while the
/// kernel switches away from it, so what the task did last is in the frame it left.
///
/// # Safety
/// `task` is a task handle and `name` a C string.
#[unsafe(no_mangle)]
unsafe extern "C" fn vApplicationStackOverflowHook(task: *const *const u32, name: *const c_char) {
    begin("stack overflow in ");
    // SAFETY: the caller's promise.
    let (saved, name) = unsafe { (*task, CStr::from_ptr(name)) };
    task_called(name);
    if in_ram(saved) {
        // SAFETY: the first word of a task's control block is its saved stack pointer; what the port keeps
        // there and the frame above it lie in RAM with it.
        let frame = unsafe { &*saved.add(kernel::saved_words(saved)).cast::<Frame>() };
        let sp = (&raw const *frame).wrapping_add(1).addr();
        words(&[("\npc", frame.pc), (" lr", frame.lr), (" sp", sp as u32)]);
        callers(sp);
    }
    stop(Stop::StackOverflow)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    begin("panic in ");
    context();
    if let Some(location) = info.location() {
        let _ = write!(Polled, "\nat {}:{}: {}", location.file(), location.line(), info.message());
    }
    callers(stack_pointer());
    stop(Stop::Panic)
}
