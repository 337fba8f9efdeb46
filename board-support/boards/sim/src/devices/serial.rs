//! Two serial ports. What one sends arrives, at once, at every port whose RX pin is on the net of its TX pin; the time
//! that it would take on the line is only counted.

use core::cell::RefCell;
use critical_section::Mutex;
use threadsnake_drivers::hal::{
    Gpio, HalError, PinId, PinMode, SerialConfig, SerialEvent, SerialListener, Uart,
};

use super::alarm::now_us;
use super::gpio::{SimGpio, are_connected};
use super::pins::PINS;

const PORTS: usize = 2;
/// What a port keeps until it is read; what comes later is lost.
const RING: usize = 256;

struct Port {
    config: Option<SerialConfig>,
    ring: [u8; RING],
    /// Bytes that came and that were read, since it was switched on.
    came: usize,
    read: usize,
    sent_at_us: u64,
}

const OFF: Port = Port { config: None, ring: [0; RING], came: 0, read: 0, sent_at_us: 0 };

struct State {
    ports: [Port; PORTS],
    listener: Option<SerialListener>,
}

static STATE: Mutex<RefCell<State>> =
    Mutex::new(RefCell::new(State { ports: [OFF; PORTS], listener: None }));

fn with<R>(f: impl FnOnce(&mut State) -> R) -> R {
    critical_section::with(|cs| f(&mut STATE.borrow_ref_mut(cs)))
}

/// The pin that has a function now.
fn pin_with(name: &str) -> Option<PinId> {
    (0..PINS.len()).map(|at| PinId(at as u8)).find(|&pin| {
        let config = SimGpio.config(pin);
        matches!(config.mode, PinMode::Alt | PinMode::AltOpenDrain)
            && PINS[usize::from(pin.0)]
                .functions
                .iter()
                .any(|f| f.name == name && i32::from(f.number) == config.function.into())
    })
}

const TX: [&str; PORTS] = ["UART0_TX", "UART1_TX"];
const RX: [&str; PORTS] = ["UART0_RX", "UART1_RX"];

/// Lets bytes arrive at a port from outside; false if it is off.
pub fn arrive(number: usize, bytes: &[u8]) -> bool {
    let listener = with(|state| {
        let port = state.ports.get_mut(number).filter(|port| port.config.is_some())?;
        for &byte in bytes {
            // One place stays free, as in the port of the WiPy.
            if port.came - port.read < RING - 1 {
                port.ring[port.came % RING] = byte;
                port.came += 1;
            }
        }
        state.listener
    });
    if let Some(listener) = listener {
        listener(number, SerialEvent::RECEIVED);
    }
    listener.is_some()
}

/// Switches all ports off.
pub fn reset() {
    with(|state| state.ports = [OFF; PORTS]);
}

/// A port.
pub struct SimUart(pub usize);

impl Uart for SimUart {
    fn configure(&self, config: &SerialConfig) -> Result<(), HalError> {
        with(|state| state.ports[self.0] = Port { config: Some(*config), ..OFF });
        Ok(())
    }

    fn release(&self) {
        with(|state| state.ports[self.0] = OFF);
    }

    fn try_write(&self, bytes: &[u8]) -> usize {
        let frame_us = with(|state| {
            let config = state.ports[self.0].config?;
            Some(u64::from(config.frame_bits()) * 1_000_000 / u64::from(config.baud))
        });
        let Some(frame_us) = frame_us else { return 0 };
        with(|state| {
            let port = &mut state.ports[self.0];
            port.sent_at_us = port.sent_at_us.max(now_us()) + frame_us * bytes.len() as u64;
        });
        if let Some(tx) = pin_with(TX[self.0]) {
            for (number, name) in RX.into_iter().enumerate() {
                if pin_with(name).is_some_and(|rx| are_connected(tx, rx)) {
                    arrive(number, bytes);
                }
            }
        }
        bytes.len()
    }

    fn try_read(&self, buf: &mut [u8]) -> usize {
        with(|state| {
            let port = &mut state.ports[self.0];
            let n = buf.len().min(port.came - port.read);
            for byte in &mut buf[..n] {
                *byte = port.ring[port.read % RING];
                port.read += 1;
            }
            n
        })
    }

    fn available(&self) -> usize {
        with(|state| state.ports[self.0].came - state.ports[self.0].read)
    }

    fn sent_at_us(&self) -> u64 {
        with(|state| state.ports[self.0].sent_at_us)
    }

    fn send_break(&self, bits: u32) {
        with(|state| {
            let port = &mut state.ports[self.0];
            let baud = port.config.map_or(1, |config| config.baud);
            port.sent_at_us =
                port.sent_at_us.max(now_us()) + u64::from(bits) * 1_000_000 / u64::from(baud);
        });
    }

    fn listen(&self, _: usize, listener: SerialListener) {
        with(|state| state.listener = Some(listener));
    }
}
