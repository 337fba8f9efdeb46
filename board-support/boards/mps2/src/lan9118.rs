//! The Ethernet controller: a SMSC LAN9118, driven by its interrupt.
//!
//! The interrupt says that frames have come, switches itself off and wakes lwIP's task, which empties the receiver and
//! switches it on again. Sending copies a frame into the transmitter; one that has no room is lost, as on a wire.
//!
//! Invariant: the data and status FIFOs are touched by lwIP's drivers calls only, one at a time, with the core locked;
//! the interrupt handler touches `INT_EN` alone.
//!
//! Source: SMSC LAN9118 datasheet, chapters 3 and 5.

use core::sync::atomic::{AtomicBool, Ordering};

use spin::Once;
use threadsnake_net::{Config, Driver, Errno, FRAME, Interface};

use crate::irq::{self, Priority};
use crate::regs::irq::ETHERNET;
use crate::regs::lan9118::*;
use crate::{entropy, options};

/// The controller.
struct Lan9118;

static INTERFACE: Once<Interface> = Once::new();
/// The controller is there and works.
static IS_UP: AtomicBool = AtomicBool::new(false);

/// Tells the network about the controller. Before the scheduler starts.
pub fn configure() {
    threadsnake_net::configure(Config {
        random: options::get().entropy.map(|_| random as fn() -> u32),
        bring_up,
        has_lan: true,
        radio: None,
        happened: |_| {},
    });
}

/// Where there is a source, what it gives.
fn random() -> u32 {
    let mut bytes = [0; 4];
    entropy::fill(&mut bytes);
    u32::from_ne_bytes(bytes)
}

/// Polls that a reset or an access to the MAC may take.
const POLLS: u32 = 100_000;

/// Waits for a bit to clear; false if it does not.
fn cleared(register: crate::regs::Reg, bit: u32) -> bool {
    (0..POLLS).any(|_| register.read() & bit == 0)
}

fn mac_read(index: u32) -> u32 {
    cleared(MAC_CSR_CMD, MAC_BUSY);
    MAC_CSR_CMD.write(MAC_BUSY | MAC_READ | index);
    cleared(MAC_CSR_CMD, MAC_BUSY);
    MAC_CSR_DATA.read()
}

fn mac_write(index: u32, value: u32) {
    cleared(MAC_CSR_CMD, MAC_BUSY);
    MAC_CSR_DATA.write(value);
    MAC_CSR_CMD.write(MAC_BUSY | index);
    cleared(MAC_CSR_CMD, MAC_BUSY);
}

/// Resets and starts the controller; its Ethernet address, `None` if it is not there.
fn start() -> Option<[u8; 6]> {
    if BYTE_TEST.read() != BYTE_ORDER {
        return None;
    }
    HW_CFG.write(SOFT_RESET);
    if !cleared(HW_CFG, SOFT_RESET) {
        return None;
    }
    // 5 KiB of the 16 for sending.
    HW_CFG.write(TX_5_KIB | MUST_BE_ONE);
    let (low, high) = (mac_read(MAC_ADDRL), mac_read(MAC_ADDRH));
    let ([a, b, c, d], [e, f, ..]) = (low.to_le_bytes(), high.to_le_bytes());
    // Multicast frames, too: lwIP drops those of groups that nobody joined.
    mac_write(MAC_CR, FULL_DUPLEX | PASS_ALL_MULTICAST | MAC_TX_ENABLE | MAC_RX_ENABLE);
    TX_CFG.write(TX_ON);
    RX_CFG.write(0);
    FIFO_INT.write(0);
    INT_STS.write(u32::MAX);
    IRQ_CFG.write(IRQ_ENABLE | IRQ_ACTIVE_HIGH | IRQ_PUSH_PULL);
    Some([a, b, c, d, e, f])
}

/// Adds the interface, which asks for a lease at once; in the task that starts the stack.
fn bring_up() {
    let Some(mac) = start() else { return log::error!("no LAN9118") };
    IS_UP.store(true, Ordering::Release);
    let added = Interface::add(*b"en", mac, &Lan9118).and_then(|interface| {
        INTERFACE.call_once(|| interface);
        irq::enable(ETHERNET, Priority::Device);
        INT_EN.write(RX_STATUS_LEVEL);
        threadsnake_net::lan::set_interface(interface);
        interface.set_active(true)?;
        interface.set_dhcp(true)
    });
    if let Err(Errno(number)) = added {
        log::error!("no network: error {number}");
    }
}

/// The handler of the interrupt.
pub unsafe extern "C" fn interrupt() {
    INT_EN.write(0);
    if let Some(interface) = INTERFACE.get() {
        interface.changed();
    }
}

/// How many frames wait.
fn waiting() -> u32 {
    RX_FIFO_INF.read() >> 16 & 0xFF
}

impl Driver for Lan9118 {
    fn transmit(&self, frame: &[u8]) -> bool {
        let n = frame.len() as u32;
        // Two commands, and the data in whole words.
        if !IS_UP.load(Ordering::Acquire) || TX_FIFO_INF.read() & 0xFFFF < n.next_multiple_of(4) + 8
        {
            return false;
        }
        TX_DATA.write(TX_FIRST | TX_LAST | n);
        TX_DATA.write(n << 16 | n);
        for word in frame.chunks(4) {
            let mut bytes = [0; 4];
            bytes[..word.len()].copy_from_slice(word);
            TX_DATA.write(u32::from_le_bytes(bytes));
        }
        while TX_FIFO_INF.read() >> 16 & 0xFF != 0 {
            // What became of earlier frames; nobody asks.
            TX_STATUS.read();
        }
        // Should lwIP's mailbox have been full when the interrupt came, the frames are remembered here.
        if waiting() != 0
            && let Some(interface) = INTERFACE.get()
        {
            interface.changed();
        }
        true
    }

    /// The emulated line is never cut.
    fn has_link(&self) -> bool {
        IS_UP.load(Ordering::Acquire)
    }

    fn receive(&self, mut frame: Option<&mut [u8; FRAME]>) -> usize {
        loop {
            if waiting() == 0 {
                INT_STS.write(RX_STATUS_LEVEL);
                INT_EN.write(RX_STATUS_LEVEL);
                // One that came before the interrupt was on made none.
                if waiting() == 0 {
                    return 0;
                }
                INT_EN.write(0);
            }
            let status = RX_STATUS.read();
            let whole = (status >> 16 & 0x3FFF) as usize;
            // The last four bytes are the check sum.
            let n = whole.saturating_sub(4);
            let room = frame.as_deref_mut().filter(|_| status & RX_ERROR == 0 && n <= FRAME);
            let is_taken = room.is_some();
            let mut to = room.map_or(&mut [][..], |frame| &mut frame[..n]).chunks_mut(4);
            for _ in 0..whole.div_ceil(4) {
                let word = RX_DATA.read().to_le_bytes();
                if let Some(to) = to.next() {
                    to.copy_from_slice(&word[..to.len()]);
                }
            }
            if is_taken || frame.is_none() {
                return n.clamp(1, FRAME);
            }
        }
    }
}
