//! Interrupt lines: their priorities and their switches.

use crate::regs::scs;

/// How urgent a line is. The kernel's ceiling (`configMAX_SYSCALL_INTERRUPT_PRIORITY`) is 0x20.
#[derive(Clone, Copy)]
pub enum Priority {
    /// Never held back by the kernel; the handler must not call it.
    AboveKernel = 0x00,
    /// May call the kernel's `FromISR` functions.
    Device = 0x60,
}

/// Lets interrupt line `line` (below [`COUNT`](crate::regs::irq::COUNT)) in. Start-up only.
pub fn enable(line: usize, priority: Priority) {
    let word = scs::nvic_ipr_word(line);
    let shift = 8 * (line % 4);
    word.write(word.read() & !(0xFF << shift) | (priority as u32) << shift);
    scs::NVIC_ISER.write(1 << line);
}

/// Makes the handler of `line` run as if the device had asked for it. Any context.
pub fn raise(line: usize) {
    scs::NVIC_ISPR.write(1 << line);
}
