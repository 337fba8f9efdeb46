//! `simboard`: the world outside the simulated board, for scripts.
//!
//! There is nothing like it on real boards; tests use it to set up what a program is to meet.

use core::cell::RefCell;
use critical_section::Mutex;
use threadsnake_drivers::hal::{PinId, PwmConfig};
use threadsnake_drivers::timers::{self, TimerId};
use threadsnake_vm::object::{List, Res};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc, py_module};

use super::pins::PINS;
use super::{analog, gpio, serial};
use threadsnake_vm::object::Str;

py_module! {
    /// `simboard`.
    pub static SIMBOARD: simboard, extensible false;
    entries {
        adc = F2(adc);
        after = Var(3, 3, after);
        bme280 = F3(bme280);
        drive = F2(drive);
        i2c = Var(1, 2, i2c);
        i2c_pins = Var(0, 2, i2c_pins);
        insert = F1(insert);
        pwm = F1(pwm);
        uart = F2(uart);
        unwire = F0(unwire);
        wire = F2(wire);
    }
}

/// A pin by its name, by its object's name, or by its number.
fn pin(vm: &mut Vm, v: Value) -> Result<PinId, Raise> {
    let at = if let Some(name) = vm.cast::<Str>(v) {
        PINS.iter().position(|pin| pin.name == name.as_str())
    } else {
        let number = vm.index(v)?;
        PINS.iter().position(|pin| pin.number as isize == number)
    };
    match at {
        Some(at) => Ok(PinId(at as u8)),
        None => Err(vm.raise(exc::VALUE_ERROR, "no such pin")),
    }
}

/// `wire(a, b)`: connects two pins.
fn wire(vm: &mut Vm, a: Value, b: Value) -> Res {
    let (a, b) = (pin(vm, a)?, pin(vm, b)?);
    gpio::wire(a, b);
    Ok(Value::NONE)
}

/// `unwire()`: takes away all wires and everything that drives from outside.
fn unwire(_: &mut Vm) -> Res {
    gpio::unwire();
    Ok(Value::NONE)
}

/// `insert(there)`: puts the SD card into its place, or takes it out.
fn insert(vm: &mut Vm, there: Value) -> Res {
    let there = vm.truth(there)?;
    crate::storage::insert_card(there);
    Ok(Value::NONE)
}

fn level(vm: &mut Vm, v: Value) -> Result<Option<bool>, Raise> {
    if v.is_none() { Ok(None) } else { vm.truth(v).map(Some) }
}

/// `drive(pin, level)`: drives a pin from outside; `None` lets go of it.
fn drive(vm: &mut Vm, name: Value, v: Value) -> Res {
    let (pin, level) = (pin(vm, name)?, level(vm, v)?);
    gpio::drive(pin, level);
    Ok(Value::NONE)
}

/// What `after` is to do, by the number of its timer.
type Later = [Option<(PinId, Option<bool>)>; timers::TIMERS];

static LATER: Mutex<RefCell<Later>> = Mutex::new(RefCell::new([None; timers::TIMERS]));

fn later(timer: TimerId) {
    let what = critical_section::with(|cs| LATER.borrow_ref_mut(cs)[timer.number()].take());
    timers::free(timer);
    if let Some((pin, level)) = what {
        gpio::drive(pin, level);
    }
}

/// `after(ms, pin, level)`: as `drive`, in an interrupt, so many milliseconds from now.
fn after(vm: &mut Vm, args: &[Value]) -> Res {
    let ms = vm.int_to_i64(args[0])?;
    let (pin, level) = (pin(vm, args[1])?, level(vm, args[2])?);
    let Some(timer) = timers::allocate(None, later) else { return Err(vm.raise_os_error(16)) };
    critical_section::with(|cs| {
        LATER.borrow_ref_mut(cs)[timer.number()] = Some((pin, level));
    });
    timers::start(timer, u64::try_from(ms).unwrap_or(0) * 1000, 0);
    Ok(Value::NONE)
}

/// `adc(channel, value)`: what a channel measures: a number, a list of numbers that come in turn, or `None`.
fn adc(vm: &mut Vm, channel: Value, v: Value) -> Res {
    let channel = usize::try_from(vm.index(channel)?).unwrap_or(usize::MAX);
    let mut values = [0; analog::SAMPLES];
    let mut n = 0;
    if let Some(list) = vm.cast::<List>(v) {
        while let Some(item) = list.get(vm, n) {
            let Some(place) = values.get_mut(n) else { break };
            *place = vm.index(item)?.clamp(0, 4095) as u16;
            n += 1;
        }
    } else if !v.is_none() {
        values[0] = vm.index(v)?.clamp(0, 4095) as u16;
        n = 1;
    }
    if !analog::feed(channel, &values[..n]) {
        return Err(vm.raise(exc::VALUE_ERROR, "no such channel"));
    }
    Ok(Value::NONE)
}

/// `pwm(pin)`: the wave at a pin: frequency, duty of 65536, inverted; or `None`.
fn pwm(vm: &mut Vm, name: Value) -> Res {
    let pin = pin(vm, name)?;
    match gpio::wave(pin) {
        None => Ok(Value::NONE),
        Some(PwmConfig { freq_hz, duty, inverted }) => {
            let freq = vm.int_from_u64(freq_hz.into())?;
            vm.new_tuple(&[freq, Value::from_len(duty as usize), Value::bool(inverted)])
        }
    }
}

/// `i2c(address)`: the registers of a peer, or `None`; `i2c(address, registers)`: puts a peer there, or with `None` takes it
/// away.
fn i2c(vm: &mut Vm, args: &[Value]) -> Res {
    let address = u8::try_from(vm.index(args[0])?).unwrap_or(u8::MAX);
    let Some(&registers) = args.get(1) else {
        return match super::i2c::peer(address) {
            Some(registers) => vm.new_bytes(&registers),
            None => Ok(Value::NONE),
        };
    };
    let done = if registers.is_none() {
        super::i2c::set_peer(address, None)
    } else {
        let buffer = vm.expect_buffer(registers)?;
        super::i2c::set_peer(address, Some(buffer.bytes(vm)))
    };
    if done { Ok(Value::NONE) } else { Err(vm.raise(exc::VALUE_ERROR, "no place for a peer")) }
}

/// `i2c_pins(scl, sda)`: connects the I2C devices to two pins, for a bus made by software; without pins to none.
fn i2c_pins(vm: &mut Vm, args: &[Value]) -> Res {
    let pins = match *args {
        [scl, sda] => Some((pin(vm, scl)?, pin(vm, sda)?)),
        _ => None,
    };
    gpio::connect_i2c(pins);
    Ok(Value::NONE)
}

/// `bme280(temperature, pressure, humidity)`: the raw results that the sensor gives next.
fn bme280(vm: &mut Vm, t: Value, p: Value, h: Value) -> Res {
    let mut raw = [0; 3];
    for (raw, v) in raw.iter_mut().zip([t, p, h]) {
        *raw = vm.index(v)? as u32;
    }
    super::i2c::measure(raw);
    Ok(Value::NONE)
}

/// `uart(number, bytes)`: lets bytes arrive at a serial port; whether it is on.
fn uart(vm: &mut Vm, number: Value, bytes: Value) -> Res {
    let number = usize::try_from(vm.index(number)?).unwrap_or(usize::MAX);
    let buffer = vm.expect_buffer(bytes)?;
    Ok(Value::bool(serial::arrive(number, buffer.bytes(vm))))
}
