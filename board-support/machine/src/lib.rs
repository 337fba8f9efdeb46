//! The Python face of hardware: `machine`, `wipy`, `pyb`.
//!
//! Classes are in the form of the WiPy and in today's at once: a constructor looks at which arguments it is given.
//! All of them work through `threadsnake-drivers`; what the board does not have raises `OSError(ENODEV)`. Waiting for a
//! device happens without the GIL, with buffers pinned.
//!
//! Each VM keeps its objects (pins, timers, the clock) in one list of its own; when it ends, a finaliser releases what
//! it holds of the drivers.
//!
//! Sources: MicroPython library reference, "machine", and the WiPy's quick reference and library reference of 1.8.3.
//! Where they disagree, both calls work.
#![no_std]
#![forbid(unsafe_code)]

mod adc;
mod args;
mod i2c;
mod irq;
mod memory;
mod network;
mod pin;
mod pulse;
mod pwm;
mod pyb;
mod rtc;
mod signal;
mod spi;
mod state;
mod system;
mod timer;
mod uart;
mod wdt;
mod wipy;

pub use network::wlan_irq;

use threadsnake_vm::object::{AttrOp, Res, RomModule};
use threadsnake_vm::value::names::q;
use threadsnake_vm::value::{RomValue, Value};
use threadsnake_vm::{Vm, py_module};

/// The modules of this room, for `RunConfig::modules`.
pub static MODULES: &[&RomModule] = &[&MACHINE, &pyb::PYB, &wipy::WIPY];

py_module! {
    /// `machine`, also `umachine`.
    pub static MACHINE: machine, extensible true;
    entries {
        ADC: adc::ADC.rom();
        I2C: i2c::I2C.rom();
        PWM: pwm::PWM.rom();
        Pin: pin::PIN.rom();
        PinBase: pin::PIN_BASE.rom();
        RTC: rtc::RTC.rom();
        SD: threadsnake_storage::SD.rom();
        SPI: spi::SPI.rom();
        Signal: signal::SIGNAL.rom();
        SoftI2C: i2c::SOFT_I2C.rom();
        SoftSPI: spi::SOFT_SPI.rom();
        Timer: timer::TIMER.rom();
        UART: uart::UART.rom();
        WDT: wdt::WDT.rom();
        deepsleep = Var(0, 1, system::deepsleep);
        disable_irq = F0(system::disable_irq);
        enable_irq = Var(0, 1, system::enable_irq);
        freq = Var(0, 1, system::freq);
        idle = F0(system::idle);
        info = Var(0, 1, system::info);
        lightsleep = Var(0, 1, system::lightsleep);
        main = F1(system::main);
        reset = F0(system::reset);
        reset_cause = F0(system::reset_cause);
        rng = F0(system::rng);
        sleep = Var(0, 1, system::lightsleep);
        soft_reset = F0(system::soft_reset);
        time_pulse_us = Var(2, 3, pulse::time_pulse_us);
        unique_id = F0(system::unique_id);
        wake_reason = F0(system::wake_reason);
        IDLE: number(1);
        SLEEP: number(2);
        DEEPSLEEP: number(4);
        PWRON_RESET: number(0);
        POWER_ON: number(0);
        HARD_RESET: number(1);
        WDT_RESET: number(2);
        DEEPSLEEP_RESET: number(3);
        SOFT_RESET: number(4);
        PWRON_WAKE: number(0);
        WLAN_WAKE: number(1);
        PIN_WAKE: number(2);
        RTC_WAKE: number(3);
    }
    with with_attr(machine_attr)
    with with_computed(&[q::mem8, q::mem16, q::mem32])
    with with_init(init)
}

/// A constant of a table.
const fn number(n: i32) -> RomValue {
    RomValue(Value::int(n))
}

/// The memory objects, which are made when they are asked for.
fn machine_attr(vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    if op == AttrOp::Load { memory::object(vm, name) } else { Ok(Value::UNDEF) }
}

fn init(vm: &mut Vm) -> Result<(), threadsnake_vm::Raise> {
    state::of(vm).map(|_| ())
}
