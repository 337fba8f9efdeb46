//! Failures on purpose, so that the boot tests can prove that each kind is reported (see
//! [`options::SelfTest`](crate::options::SelfTest)).

use core::arch::asm;
use core::hint::black_box;

use threadsnake_glue::rtos::{self, Task};
use threadsnake_glue::shared::Shared;

use crate::options::{self, SelfTest};
use crate::regs::irq;
use crate::{memory, semihost};

/// An address where neither board has anything.
const NOWHERE: *const u32 = 0x3000_0000 as *const u32;

unsafe extern "C" {
    fn vTaskPrioritySet(task: *mut core::ffi::c_void, priority: u32);
}

/// Fails as `test` says, in the calling task.
pub fn run(test: SelfTest) {
    match test {
        SelfTest::Bus => read_nowhere(),
        // SAFETY: none; the fault is the purpose.
        SelfTest::Undefined => unsafe { asm!("udf #0") },
        SelfTest::Isr => raise_unused_line(),
        SelfTest::Stack => {
            black_box(recurse(1_000_000));
        }
        // SAFETY: the kernel asserts that the priority exists.
        SelfTest::Assert => unsafe { vTaskPrioritySet(core::ptr::null_mut(), 1000) },
        SelfTest::Panic => panic!("on purpose"),
        SelfTest::Exit => semihost::exit(42),
    }
}

/// Starts a task that fails so once Python has made the semaphore `fault`.
pub fn run_later() {
    const PRIORITY: u32 = 6;
    if let Some(stack) = memory::take(4096) {
        Task::start(fail_when_told, c"selftest", PRIORITY, stack);
    }
}

fn fail_when_told() -> ! {
    while Shared::open("fault").is_none() {
        rtos::delay(1);
    }
    if let Some(test) = options::get().self_test {
        run(test);
    }
    loop {
        rtos::notified(rtos::FOREVER);
    }
}

fn read_nowhere() {
    // SAFETY: none; the fault is the purpose.
    black_box(unsafe { NOWHERE.read_volatile() });
}

/// Raises a line whose handler is the fault handler.
fn raise_unused_line() {
    let line = irq::COUNT - 1;
    crate::irq::enable(line, crate::irq::Priority::Device);
    crate::irq::raise(line);
}

/// Uses about 100 bytes of stack a level.
fn recurse(depth: u32) -> u32 {
    let local = black_box([depth; 16]);
    if depth == 0 { 0 } else { recurse(depth - 1) + local[3] }
}
