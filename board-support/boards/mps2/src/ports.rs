//! The serial ports for programs: UART1 and UART2. Received bytes come by interrupt and wait in a ring; what does not fit is
//! lost, as on the line.
//!
//! Invariant: a ring's `head` is written by its interrupt handler alone and `tail` inside critical sections alone; both
//! count bytes, and `head - tail` is at most [`RING_BYTES`].
//!
//! Source: CMSDK Technical Reference Manual, APB UART.

use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use spin::Once;
use threadsnake_drivers::hal::{HalError, Parity, SerialConfig, SerialEvent, SerialListener, Uart};

use crate::irq::{self, Priority};
use crate::regs::{CLOCK_HZ, UARTS, irq::UART1_RX, irq::UART2_RX, uart0};
use crate::time;

const RING_BYTES: usize = 256;

struct Ring {
    bytes: [AtomicU8; RING_BYTES],
    head: AtomicUsize,
    tail: AtomicUsize,
}

static RINGS: [Ring; 2] = [const {
    Ring {
        bytes: [const { AtomicU8::new(0) }; RING_BYTES],
        head: AtomicUsize::new(0),
        tail: AtomicUsize::new(0),
    }
}; 2];

static LISTENER: Once<SerialListener> = Once::new();

/// One of the two.
pub struct Port(pub usize);

impl Uart for Port {
    fn configure(&self, config: &SerialConfig) -> Result<(), HalError> {
        // The UART knows 8 bits without parity and one stop bit.
        let plain = config.bits == 8 && config.parity == Parity::None && config.stop == 1;
        let divider = CLOCK_HZ / config.baud;
        if !plain || divider < 16 {
            return Err(HalError::Invalid);
        }
        let (regs, ring) = (UARTS[self.0], &RINGS[self.0]);
        regs.ctrl.write(0);
        critical_section::with(|_| {
            ring.tail.store(ring.head.load(Ordering::Relaxed), Ordering::Relaxed);
        });
        regs.bauddiv.write(divider);
        regs.ctrl.write(uart0::TX_ENABLE | uart0::RX_ENABLE | uart0::RX_INT_ENABLE);
        irq::enable([UART1_RX, UART2_RX][self.0], Priority::Device);
        Ok(())
    }

    fn release(&self) {
        UARTS[self.0].ctrl.write(0);
    }

    fn try_write(&self, bytes: &[u8]) -> usize {
        let regs = UARTS[self.0];
        let mut n = 0;
        // The transmitter keeps one byte; a port that is slow takes the rest in a moment.
        for &byte in bytes {
            let until = time::ticks_us() + 2000;
            while regs.state.read() & uart0::TX_FULL != 0 {
                if time::ticks_us() > until {
                    return n;
                }
            }
            regs.data.write(byte.into());
            n += 1;
        }
        n
    }

    fn try_read(&self, buf: &mut [u8]) -> usize {
        let ring = &RINGS[self.0];
        critical_section::with(|_| {
            let tail = ring.tail.load(Ordering::Relaxed);
            let n = buf.len().min(ring.head.load(Ordering::Acquire).wrapping_sub(tail));
            for (i, byte) in buf[..n].iter_mut().enumerate() {
                *byte = ring.bytes[tail.wrapping_add(i) % RING_BYTES].load(Ordering::Relaxed);
            }
            ring.tail.store(tail.wrapping_add(n), Ordering::Release);
            n
        })
    }

    fn available(&self) -> usize {
        let ring = &RINGS[self.0];
        ring.head.load(Ordering::Acquire).wrapping_sub(ring.tail.load(Ordering::Relaxed))
    }

    fn sent_at_us(&self) -> u64 {
        let is_sent = UARTS[self.0].state.read() & uart0::TX_FULL == 0;
        if is_sent { 0 } else { time::ticks_us() + 100 }
    }

    fn send_break(&self, _: u32) {
        // The UART has none.
    }

    fn listen(&self, _: usize, listener: SerialListener) {
        LISTENER.call_once(|| listener);
    }
}

/// Takes what a port has received. `number` is the driver's: 0 is the console.
fn received(port: usize) {
    let (regs, ring) = (UARTS[port], &RINGS[port]);
    regs.int.write(uart0::INT_RX);
    let mut head = ring.head.load(Ordering::Relaxed);
    while regs.state.read() & uart0::RX_FULL != 0 {
        let byte = regs.data.read() as u8;
        if head.wrapping_sub(ring.tail.load(Ordering::Acquire)) < RING_BYTES {
            ring.bytes[head % RING_BYTES].store(byte, Ordering::Relaxed);
            head = head.wrapping_add(1);
            ring.head.store(head, Ordering::Release);
        }
    }
    if let Some(listener) = LISTENER.get() {
        listener(port + 1, SerialEvent::RECEIVED);
    }
}

/// The handler of UART1.
pub unsafe extern "C" fn receive_interrupt_1() {
    received(0);
}

/// The handler of UART2.
pub unsafe extern "C" fn receive_interrupt_2() {
    received(1);
}
