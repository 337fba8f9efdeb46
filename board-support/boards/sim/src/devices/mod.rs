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
pub mod i2c;
pub mod pins;
pub mod power;
pub mod registers;
pub mod serial;
pub mod simboard;
pub mod spi;
mod spi_card;

use threadsnake_drivers::{bus, hal::Hardware, install};

use crate::posix;

/// Bytes for the task of a bus; its real stack is the thread's.
const SERVICE_BYTES: usize = 8192;
/// Above Python.
const SERVICE_PRIORITY: u32 = crate::tasks::PYTHON_PRIORITY + 2;

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
        uarts: &[&serial::SimUart(0), &serial::SimUart(1)],
        leds: &pins::LEDS,
        button: Some(pins::BUTTON),
    });
    let memory = || Box::leak(vec![0; SERVICE_BYTES].into_boxed_slice());
    let (i2c, spi) = (Box::leak(Box::default()), Box::leak(Box::default()));
    let (i2c, spi): (&mut i2c::SimI2c, &mut spi::SimSpi) = (i2c, spi);
    let added = bus::add_i2c(0, i2c, SERVICE_PRIORITY, memory())
        .and_then(|()| bus::add_spi(0, spi, SERVICE_PRIORITY, memory()));
    if added.is_err() {
        posix::write_all(2, b"threadsnake: no memory for the buses\n");
    }
}

/// What a reset does to the devices; wires and what is outside the board stay.
pub fn reset() {
    gpio::reset();
    serial::reset();
}
