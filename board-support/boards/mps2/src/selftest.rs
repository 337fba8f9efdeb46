//! Failures on purpose, so that the boot tests can prove that each kind is reported (see
//! [`options::SelfTest`](crate::options::SelfTest)).

use core::arch::asm;
use core::hint::black_box;

use crate::options::SelfTest;
use crate::regs::irq;
use crate::semihost;

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
