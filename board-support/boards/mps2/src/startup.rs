//! From reset to `main`: the vector table and the start-up code.
//!
//! Invariants:
//! 1. No Rust code runs before `.data` and `.bss` are as the compiler believes them to be, and (on
//!    the Cortex-M7) before the FPU is on: [`reset`] is assembly.
//! 2. The kernel's three handlers stand in the table themselves, without a wrapper; the kernel
//!    asserts that when it starts.
//!
//! Source: ARMv7-M Architecture Reference Manual, B1.5 (exception model).

use core::arch::naked_asm;

#[cfg(feature = "machine")]
use crate::{devices, ports};
use crate::{fault, regs::irq, time, uart};

/// One entry of the vector table.
#[derive(Clone, Copy)]
#[repr(C)]
pub union Vector {
    handler: unsafe extern "C" fn(),
    stack: *const u32,
    reserved: usize,
}

// SAFETY: the table is never written.
unsafe impl Sync for Vector {}

unsafe extern "C" {
    /// Ends of the interrupt stack (linker script); only their addresses mean anything.
    static __stack_top: u32;
    static __stack_start: u32;
    fn vPortSVCHandler();
    fn xPortPendSVHandler();
    fn xPortSysTickHandler();
}

const fn handler(handler: unsafe extern "C" fn()) -> Vector {
    Vector { handler }
}

/// The addresses of the interrupt stack.
pub fn interrupt_stack() -> core::ops::Range<usize> {
    (&raw const __stack_start).addr()..(&raw const __stack_top).addr()
}

/// The vector table: 16 system exceptions, then the interrupt lines.
#[used]
#[unsafe(link_section = ".vectors")]
static VECTORS: [Vector; 16 + irq::COUNT] = {
    let mut table = [handler(fault::entry); 16 + irq::COUNT];
    table[0] = Vector { stack: &raw const __stack_top };
    table[1] = handler(reset);
    #[cfg(feature = "machine")]
    {
        // The watchdog's first time-out; the second resets.
        table[2] = handler(devices::watchdog_interrupt);
        table[16 + irq::UART1_RX] = handler(ports::receive_interrupt_1);
        table[16 + irq::UART2_RX] = handler(ports::receive_interrupt_2);
        table[16 + irq::TIMER1] = handler(devices::alarm_interrupt);
    }
    // 3 hard fault, 4 memory management, 5 bus fault, 6 usage fault: `fault::entry`.
    let mut reserved = 7;
    while reserved <= 10 {
        table[reserved] = Vector { reserved: 0 };
        reserved += 1;
    }
    table[11] = handler(vPortSVCHandler);
    // 12 debug monitor: `fault::entry`.
    table[13] = Vector { reserved: 0 };
    table[14] = handler(xPortPendSVHandler);
    table[15] = handler(xPortSysTickHandler);
    table[16 + irq::UART0_RX] = handler(uart::receive_interrupt);
    table[16 + irq::UART0_TX] = handler(uart::transmit_interrupt);
    #[cfg(feature = "net")]
    {
        table[16 + irq::ETHERNET] = handler(crate::lan9118::interrupt);
    }
    table[16 + irq::TIMER0] = handler(time::wrap_interrupt);
    table
};

/// The first instruction after reset: fills `.data`, clears `.bss`, switches the FPU on.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn reset() {
    naked_asm!(
        "ldr r0, =__data_start",
        "ldr r1, =__data_end",
        "ldr r2, =__data_load",
        "1: cmp r0, r1",
        "ittt lo",
        "ldrlo r3, [r2], #4",
        "strlo r3, [r0], #4",
        "blo 1b",
        "ldr r0, =__bss_start",
        "ldr r1, =__bss_end",
        "movs r3, #0",
        "movs r4, #0",
        "movs r5, #0",
        "movs r6, #0",
        // Four words at a time: there are more than half a million bytes.
        "sub r2, r1, r0",
        "bic r2, r2, #15",
        "add r2, r0, r2",
        "2: cmp r0, r2",
        "itt lo",
        "stmialo r0!, {{r3, r4, r5, r6}}",
        "blo 2b",
        "3: cmp r0, r1",
        "itt lo",
        "strlo r3, [r0], #4",
        "blo 3b",
        // CPACR: full access to coprocessors 10 and 11. Without an FPU these bits ignore writes.
        "ldr r0, =0xE000ED88",
        "ldr r1, [r0]",
        "orr r1, r1, #(0xF << 20)",
        "str r1, [r0]",
        "dsb",
        "isb",
        "bl {main}",
        "udf #0",
        main = sym crate::main,
    )
}
