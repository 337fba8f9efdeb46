//! The devices of the simulated board: pins with wires between them, clocks, converters, reset and sleep.
//!
//! They behave like the devices of a WiPy as far as a program can see. What is outside the board – a wire, a voltage, a
//! button – is set by the module `simboard`, in the same process. Interrupts come from the alarm's host thread, or happen
//! in the task whose call caused them.
//!
//! State that tasks and interrupts share is kept in critical sections; host threads touch none of it.

pub mod alarm;
pub mod analog;
pub mod gpio;
pub mod pins;
pub mod power;
pub mod registers;
pub mod simboard;

use threadsnake_drivers::{hal::Hardware, install};

/// Connects the devices to the drivers. Once, before the scheduler starts.
pub fn start() {
    alarm::start();
    install(Hardware {
        gpio: Some(&gpio::SimGpio),
        alarm: Some(&alarm::SimAlarm),
        adc: Some(&analog::SimAdc),
        pwm: Some(&gpio::SimGpio),
        rtc: Some(&power::SimRtc),
        watchdog: Some(&power::SimWatchdog),
        power: Some(&power::SimPower),
        entropy: Some(&power::SimEntropy),
        memory: Some(&registers::SimRegisters),
        ..Hardware::NONE
    });
}

/// What a reset does to the devices; wires and what is outside the board stay.
pub fn reset() {
    gpio::reset();
}
