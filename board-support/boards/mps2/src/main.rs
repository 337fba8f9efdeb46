//! Firmware for the Arm MPS2 boards with the AN385 (Cortex-M3) and AN500 (Cortex-M7) images, as QEMU
//! emulates them: the C kernel, and the interpreter in a task.
//!
//! The order of life: `startup::reset` → [`main`] → the scheduler → the task `python`. What a
//! report of a fault says, and how tests ask for it, is in [`fault`] and [`options`].
#![no_std]
#![no_main]

extern crate alloc;

mod fault;
mod irq;
mod kernel;
mod options;
mod regs;
mod selftest;
mod semihost;
mod startup;
mod time;
mod uart;

use freertos_rust::{Duration, InterruptContext, Semaphore, Task, TaskPriority};
use spin::Once;

unsafe extern "C" {
    fn vTaskStartScheduler();
}

static RECEIVED: Once<Semaphore> = Once::new();

/// Called by the start-up code, on the interrupt stack, with interrupts enabled and all devices off.
extern "C" fn main() -> ! {
    uart::init();
    options::init();
    fault::init();
    time::init();
    RECEIVED.call_once(|| Semaphore::new_binary().expect("fresh kernel heap"));
    uart::start(uart::Listener { received, interrupted: received }).expect("fresh kernel heap");
    Task::new()
        .name("python")
        .stack_size(6144)
        .priority(TaskPriority(3))
        .start(|_| python())
        .expect("fresh kernel heap");
    // SAFETY: the kernel takes over; what is on the interrupt stack now is never used again.
    unsafe { vTaskStartScheduler() };
    unreachable!("the scheduler does not end");
}

fn received(context: &mut InterruptContext) {
    if let Some(semaphore) = RECEIVED.get() {
        semaphore.give_from_isr(context);
    }
}

fn python() {
    if let Some(test) = options::get().self_test {
        selftest::run(test);
    }
    uart::write(b"ready\r\n");
    loop {
        let mut buf = [0; 64];
        let n = uart::read(&mut buf);
        uart::write(&buf[..n]);
        if n == 0
            && let Some(semaphore) = RECEIVED.get()
        {
            let _ = semaphore.take(Duration::infinite());
        }
    }
}
