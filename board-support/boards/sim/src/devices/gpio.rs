//! Pins, wires between them, and what drives them.
//!
//! Pins that are wired together form a net. A net is low if anything drives it low, else high if anything drives it
//! high, else what its resistors say, else low. Whatever may change a net looks for edges afterwards.

use core::cell::RefCell;
use critical_section::Mutex;
use threadsnake_drivers::hal::{
    Gpio, HalError, Level, PinConfig, PinId, PinInfo, PinListener, PinMode, Pull, Pwm, PwmConfig,
    Trigger,
};

use super::alarm::now_us;
use super::i2c::Bits;
use super::pins::PINS;

const N: usize = 32;

/// A pin, and what is connected to it from outside.
#[derive(Clone, Copy)]
struct Pin {
    config: PinConfig,
    latch: Level,
    /// What drives the pin from outside.
    outside: Option<Level>,
    wave: Option<PwmConfig>,
    trigger: Option<Trigger>,
    /// The level when edges were looked for last.
    seen: Level,
    /// How often its level changed.
    edges: u32,
    /// The pins of its net, besides itself perhaps.
    net: u32,
}

/// A bus of I2C devices on two pins: the clock, the data, and what the devices see.
type SoftBus = Option<(usize, usize, Bits)>;

struct State {
    pins: [Pin; N],
    bus: SoftBus,
    listener: Option<PinListener>,
}

const IDLE: Pin = Pin {
    config: PinConfig::RESET,
    latch: false,
    outside: None,
    wave: None,
    trigger: None,
    seen: false,
    edges: 0,
    net: 0,
};

static STATE: Mutex<RefCell<State>> =
    Mutex::new(RefCell::new(State { pins: [IDLE; N], bus: None, listener: None }));

fn with<R>(f: impl FnOnce(&mut State) -> R) -> R {
    critical_section::with(|cs| f(&mut STATE.borrow_ref_mut(cs)))
}

/// The level of a wave at a time.
fn wave_level(wave: PwmConfig, now_us: u64) -> Level {
    let cycle = now_us as u128 * u128::from(wave.freq_hz) * 65_536 / 1_000_000;
    ((cycle % 65_536) < u128::from(wave.duty)) != wave.inverted
}

impl State {
    fn net(&self, pin: usize) -> u32 {
        self.pins[pin].net | 1 << pin
    }

    fn level(&self, pin: usize, now_us: u64) -> Level {
        let net = self.net(pin);
        let (mut low, mut high, mut up, mut down) = (false, false, false, false);
        for (_, pin) in self.pins.iter().enumerate().filter(|(i, _)| net & 1 << i != 0) {
            let mut drive = |level: Level| if level { high = true } else { low = true };
            match pin.config.mode {
                PinMode::Out => drive(pin.latch),
                PinMode::OpenDrain if !pin.latch => drive(false),
                _ => {}
            }
            if let Some(wave) = pin.wave {
                drive(wave_level(wave, now_us));
            }
            if let Some(level) = pin.outside {
                drive(level);
            }
            up |= pin.config.pull == Pull::Up;
            down |= pin.config.pull == Pull::Down;
        }
        !low && (high || (up && !down))
    }

    /// Shows the I2C devices the levels of their lines; they may pull at one.
    fn follow_bus(&mut self) {
        let Some((scl, sda, mut bits)) = self.bus else { return };
        let now = now_us();
        let pulls = bits.follow(self.level(scl, now), self.level(sda, now));
        self.pins[sda].outside = pulls.then_some(false);
        // What the devices do themselves is no start and no stop.
        bits.settle(self.level(sda, now));
        self.bus = Some((scl, sda, bits));
    }

    /// What the last change did: the triggers that came, by pin.
    fn edges(&mut self) -> [Option<Trigger>; N] {
        let now = now_us();
        let mut came = [None; N];
        for (i, came) in came.iter_mut().enumerate() {
            let level = self.level(i, now);
            let pin = &mut self.pins[i];
            if level == pin.seen {
                continue;
            }
            pin.seen = level;
            pin.edges = pin.edges.wrapping_add(1);
            let wanted = pin.trigger.map_or(0, |trigger| trigger.0);
            let (edge, steady) = match level {
                true => (Trigger::RISING, Trigger::HIGH),
                false => (Trigger::FALLING, Trigger::LOW),
            };
            let bits = wanted & (edge.0 | steady.0);
            *came = (bits != 0).then_some(Trigger(bits));
        }
        came
    }
}

/// Changes something, and tells the listener what came of it.
fn change<R>(f: impl FnOnce(&mut State) -> R) -> R {
    let (result, came, listener) = with(|state| {
        let result = f(state);
        state.follow_bus();
        (result, state.edges(), state.listener)
    });
    if let Some(listener) = listener {
        for (i, trigger) in came.into_iter().enumerate() {
            if let Some(trigger) = trigger {
                listener(PinId(i as u8), trigger);
            }
        }
    }
    result
}

fn index(pin: PinId) -> Option<usize> {
    Some(usize::from(pin.0)).filter(|&i| i < PINS.len())
}

/// Connects two pins; wires of wires are one net.
pub fn wire(a: PinId, b: PinId) {
    let (Some(a), Some(b)) = (index(a), index(b)) else { return };
    change(|state| {
        let net = state.net(a) | state.net(b);
        for (_, pin) in state.pins.iter_mut().enumerate().filter(|(i, _)| net & 1 << i != 0) {
            pin.net = net;
        }
    });
}

/// Takes all wires away, and what drives from outside.
pub fn unwire() {
    change(|state| {
        for pin in &mut state.pins {
            (pin.net, pin.outside) = (0, None);
        }
    });
}

/// Drives a pin from outside, or lets go of it.
pub fn drive(pin: PinId, level: Option<Level>) {
    if let Some(i) = index(pin) {
        change(|state| state.pins[i].outside = level);
    }
}

/// True if a wire connects the pins, or they are the same.
pub fn are_connected(a: PinId, b: PinId) -> bool {
    let (Some(a), Some(b)) = (index(a), index(b)) else { return false };
    with(|state| state.net(a) & 1 << b != 0)
}

/// Connects the I2C devices to a clock and a data pin, or to none.
pub fn connect_i2c(pins: Option<(PinId, PinId)>) {
    let pins = pins.and_then(|(scl, sda)| Some((index(scl)?, index(sda)?)));
    change(|state| {
        if let Some((_, sda, _)) = state.bus {
            state.pins[sda].outside = None;
        }
        state.bus = pins.map(|(scl, sda)| (scl, sda, Bits::new()));
    });
}

/// How often a pin's level has changed.
pub fn edges(pin: PinId) -> u32 {
    index(pin).map_or(0, |i| with(|state| state.pins[i].edges))
}

/// True if an output of the board drives the pin.
pub fn is_driven(pin: PinId) -> bool {
    matches!(SimGpio.config(pin).mode, PinMode::Out | PinMode::OpenDrain)
}

/// The level of a pin's net.
pub fn level(pin: PinId) -> Level {
    SimGpio.read(pin)
}

/// The wave on a pin.
pub fn wave(pin: PinId) -> Option<PwmConfig> {
    with(|state| state.pins[index(pin)?].wave)
}

/// All pins as after a reset; what is outside stays.
pub fn reset() {
    change(|state| {
        for pin in &mut state.pins {
            (pin.config, pin.latch) = (PinConfig::RESET, false);
            (pin.wave, pin.trigger) = (None, None);
        }
    });
}

/// The ports.
pub struct SimGpio;

impl Gpio for SimGpio {
    fn pins(&self) -> &'static [PinInfo] {
        PINS
    }

    fn configure(&self, pin: PinId, config: PinConfig) -> Result<(), HalError> {
        let i = index(pin).ok_or(HalError::Invalid)?;
        change(|state| {
            let pin = &mut state.pins[i];
            pin.config = config;
            // The port takes the pin away from its wave.
            if !matches!(config.mode, PinMode::Alt | PinMode::AltOpenDrain) {
                pin.wave = None;
            }
        });
        Ok(())
    }

    fn config(&self, pin: PinId) -> PinConfig {
        index(pin).map_or(PinConfig::RESET, |i| with(|state| state.pins[i].config))
    }

    fn read(&self, pin: PinId) -> Level {
        index(pin).is_some_and(|i| with(|state| state.level(i, now_us())))
    }

    fn write(&self, pin: PinId, level: Level) {
        if let Some(i) = index(pin) {
            change(|state| state.pins[i].latch = level);
        }
    }

    fn latch(&self, pin: PinId) -> Level {
        index(pin).is_some_and(|i| with(|state| state.pins[i].latch))
    }

    fn set_trigger(&self, pin: PinId, trigger: Option<Trigger>) -> Result<(), HalError> {
        let i = index(pin).ok_or(HalError::Invalid)?;
        change(|state| {
            state.pins[i].trigger = trigger;
            // A level that is there already triggers now.
            if trigger.is_some_and(|t| t.0 & (Trigger::LOW.0 | Trigger::HIGH.0) != 0) {
                state.pins[i].seen = trigger == Some(Trigger::LOW);
            }
        });
        Ok(())
    }

    fn listen(&self, listener: PinListener) {
        with(|state| state.listener = Some(listener));
    }
}

impl Pwm for SimGpio {
    fn start(&self, pin: PinId, config: PwmConfig) -> Result<(), HalError> {
        let i = index(pin).ok_or(HalError::Invalid)?;
        change(|state| {
            let pin = &mut state.pins[i];
            pin.wave = Some(config);
            pin.config = PinConfig { mode: PinMode::Alt, ..pin.config };
        });
        Ok(())
    }

    fn stop(&self, pin: PinId) {
        if let Some(i) = index(pin) {
            change(|state| {
                state.pins[i].wave = None;
                state.pins[i].config = PinConfig::RESET;
            });
        }
    }
}
