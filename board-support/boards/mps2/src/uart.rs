//! UART0, the console: received bytes come by interrupt and wait in a ring; sending waits for the line.
//!
//! Invariants:
//! 1. No received byte is lost: when the ring is full, the interrupt is switched off and the byte stays in
//!    the receiver (QEMU then holds its side back) until a reader has made room.
//! 2. `HEAD` is written by the interrupt handler and, what was typed elsewhere, inside critical sections, which keep the
//!    handler out; `TAIL` inside critical sections alone. Both count bytes since start, and `HEAD - TAIL` is at most
//!    [`RING_BYTES`].
//!
//! Source: CMSDK Technical Reference Manual, APB UART.

use core::fmt;
use core::sync::atomic::{AtomicU8, AtomicU32, AtomicUsize, Ordering};

use freertos_rust::{CriticalRegion, Duration, FreeRtosError, InterruptContext, Mutex, Semaphore};
use spin::Once;

use crate::irq::{self, Priority};
use crate::regs::irq::{UART0_RX, UART0_TX};
use crate::regs::{CLOCK_HZ, uart0};

/// How many bytes may wait. Raw-paste mode alone needs 256.
const RING_BYTES: usize = 1024;

static RING: [AtomicU8; RING_BYTES] = [const { AtomicU8::new(0) }; RING_BYTES];
static HEAD: AtomicUsize = AtomicUsize::new(0);
static TAIL: AtomicUsize = AtomicUsize::new(0);

/// The byte that interrupts a program, or [`NO_BYTE`].
static INTERRUPT_CHAR: AtomicU32 = AtomicU32::new(NO_BYTE);
const NO_BYTE: u32 = 0x100;

/// Whom the interrupt handler tells; both are called in any context.
#[derive(Clone, Copy)]
pub struct Listener {
    /// Bytes have arrived.
    pub received: fn(),
    /// The interrupt character has arrived (and is not in the ring).
    pub interrupted: fn(),
}

/// What waits need of the kernel.
struct Started {
    listener: Listener,
    /// Given when a byte has left.
    sent: Semaphore,
    /// Held by the task that sends.
    sending: Mutex<()>,
}

static STARTED: Once<Started> = Once::new();

const CTRL_ON: u32 = uart0::TX_ENABLE | uart0::RX_ENABLE | uart0::RX_INT_ENABLE;

/// Switches the UART on, for polled output. The divider matters to hardware only (115 200 baud).
pub fn init() {
    uart0::BAUDDIV.write(CLOCK_HZ / 115_200);
    uart0::CTRL.write(uart0::TX_ENABLE | uart0::RX_ENABLE);
}

/// Switches its interrupts on, for everything else here. Before the scheduler starts.
///
/// # Errors
/// The kernel's heap is used up.
pub fn start(listener: Listener) -> Result<(), FreeRtosError> {
    let started = Started { listener, sent: Semaphore::new_binary()?, sending: Mutex::new(())? };
    STARTED.call_once(|| started);
    uart0::CTRL.write(CTRL_ON);
    irq::enable(UART0_RX, Priority::Device);
    irq::enable(UART0_TX, Priority::Device);
    fetch_waiting();
    Ok(())
}

/// Sets and clears bits of `CTRL`; in a task inside a critical section, because the handlers do it too.
fn change_ctrl(set: u32, clear: u32) {
    uart0::CTRL.write(uart0::CTRL.read() & !clear | set);
}

/// Calls the handler for a byte that came while the interrupt was off: the UART notes no event then.
fn fetch_waiting() {
    if uart0::STATE.read() & uart0::RX_FULL != 0 {
        irq::raise(UART0_RX);
    }
}

/// The byte that interrupts a program from now on; `None`: no byte does. Any context.
pub fn set_interrupt_char(byte: Option<u8>) {
    INTERRUPT_CHAR.store(byte.map_or(NO_BYTE, u32::from), Ordering::Relaxed);
}

/// True while a program runs: a byte interrupts it. Any context.
#[cfg(feature = "servers")]
pub fn is_interruptible() -> bool {
    INTERRUPT_CHAR.load(Ordering::Relaxed) != NO_BYTE
}

/// Takes bytes that were typed elsewhere, as if they had come here, until the ring is full; returns how many. Tasks only.
///
/// Interrupts are off for a byte at a time.
#[cfg(feature = "servers")]
pub fn type_in(bytes: &[u8]) -> usize {
    let Some(Started { listener, .. }) = STARTED.get() else { return 0 };
    let is_taken = |&&byte: &&u8| {
        let _critical = CriticalRegion::enter();
        take(byte, listener)
    };
    let taken = bytes.iter().take_while(is_taken).count();
    (listener.received)();
    taken
}

/// Puts a byte into the ring, or interrupts if it is the one for that; false if the ring is full. By invariant 2 only in
/// the handler or in a critical section.
fn take(byte: u8, listener: &Listener) -> bool {
    if u32::from(byte) == INTERRUPT_CHAR.load(Ordering::Relaxed) {
        (listener.interrupted)();
        return true;
    }
    let head = HEAD.load(Ordering::Relaxed);
    if head.wrapping_sub(TAIL.load(Ordering::Acquire)) == RING_BYTES {
        return false;
    }
    RING[head % RING_BYTES].store(byte, Ordering::Relaxed);
    HEAD.store(head.wrapping_add(1), Ordering::Release);
    true
}

/// Whether bytes wait. Any context.
pub fn readable() -> bool {
    HEAD.load(Ordering::Acquire) != TAIL.load(Ordering::Relaxed)
}

/// Whether there is room for much. Any context.
#[cfg(feature = "servers")]
pub fn is_half_empty() -> bool {
    let waiting = HEAD.load(Ordering::Relaxed).wrapping_sub(TAIL.load(Ordering::Relaxed));
    waiting <= RING_BYTES / 2
}

/// Moves bytes that wait into `buf`, oldest first, and returns how many; does not block. Tasks only.
///
/// Interrupts are off for at most 32 bytes at a time.
pub fn read(buf: &mut [u8]) -> usize {
    let mut moved = 0;
    for part in buf.chunks_mut(32) {
        let _critical = CriticalRegion::enter();
        let tail = TAIL.load(Ordering::Relaxed);
        let n = part.len().min(HEAD.load(Ordering::Acquire).wrapping_sub(tail));
        for (i, byte) in part[..n].iter_mut().enumerate() {
            *byte = RING[tail.wrapping_add(i) % RING_BYTES].load(Ordering::Relaxed);
        }
        TAIL.store(tail.wrapping_add(n), Ordering::Release);
        // Invariant 1: there is room again.
        change_ctrl(uart0::RX_INT_ENABLE, 0);
        fetch_waiting();
        moved += n;
        if n < part.len() {
            break;
        }
    }
    moved
}

/// Sends all of `bytes`, with no other task's in between; waits where the line is slower. Tasks only.
pub fn write(bytes: &[u8]) {
    let Some(started) = STARTED.get() else {
        return bytes.iter().for_each(|&byte| send_polled(byte));
    };
    let _sending = started.sending.lock(Duration::infinite());
    for &byte in bytes {
        wait_for_room(&started.sent);
        uart0::DATA.write(u32::from(byte));
    }
}

/// Returns when the transmitter takes a byte: polls as long as a byte lasts at 115 200 baud, then sleeps.
fn wait_for_room(sent: &Semaphore) {
    const POLLS: u32 = 500;
    for _ in 0..POLLS {
        if uart0::STATE.read() & uart0::TX_FULL == 0 {
            return;
        }
    }
    // The interrupt is on only while somebody sleeps: otherwise there would be one for every byte.
    let switch = |set, clear| {
        let _critical = CriticalRegion::enter();
        change_ctrl(set, clear);
    };
    switch(uart0::TX_INT_ENABLE, 0);
    while uart0::STATE.read() & uart0::TX_FULL != 0 {
        // An old token only makes us look again; the limit is for a byte that left before the switch.
        let _ = sent.take(Duration::ms(10));
    }
    switch(0, uart0::TX_INT_ENABLE);
}

/// The handler of the receive interrupt.
pub unsafe extern "C" fn receive_interrupt() {
    uart0::INT.write(uart0::INT_RX);
    let Some(Started { listener, .. }) = STARTED.get() else { return };
    while uart0::STATE.read() & uart0::RX_FULL != 0 {
        if HEAD.load(Ordering::Relaxed).wrapping_sub(TAIL.load(Ordering::Acquire)) == RING_BYTES {
            // Invariant 1.
            change_ctrl(0, uart0::RX_INT_ENABLE);
            break;
        }
        // There is room for it.
        take(uart0::DATA.read() as u8, listener);
    }
    (listener.received)();
}

/// The handler of the transmit interrupt.
pub unsafe extern "C" fn transmit_interrupt() {
    uart0::INT.write(uart0::INT_TX);
    if let Some(started) = STARTED.get() {
        started.sent.give_from_isr(&mut InterruptContext::new());
    }
}

/// Polled output for reports of faults: needs nothing but the UART itself. A line feed becomes CR LF.
pub struct Polled;

impl fmt::Write for Polled {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if byte == b'\n' {
                send_polled(b'\r');
            }
            send_polled(byte);
        }
        Ok(())
    }
}

/// Sends a byte without the interrupt, once there is room.
pub fn send_polled(byte: u8) {
    while uart0::STATE.read() & uart0::TX_FULL != 0 {}
    uart0::DATA.write(u32::from(byte));
}
