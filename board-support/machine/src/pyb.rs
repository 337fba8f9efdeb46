//! `pyb`: as much of the pyboard's module as the chapter "Writing interrupt handlers" needs, over the same drivers.
//!
//! Its timers, external interrupts and switch call *hard* handlers, as the pyboard does. LEDs and the switch are those
//! that the board lists.
//!
//! Source: MicroPython library reference, "pyb", "class Timer", "class LED", "class ExtInt", "class Switch".

use threadsnake_drivers::hardware;
use threadsnake_hal::{Gpio, PinConfig, PinId, PinMode, Pull};
use threadsnake_vm::object::{Args, Native, Res, RomFn, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::names::q;
use threadsnake_vm::value::{Scalar, Value};
use threadsnake_vm::{Raise, Vm, py_module, py_type, rom_call};

use crate::args::{self, device, errno, given, int_in, invalid};
use crate::irq::{self, How, Source};
use crate::state::{self, Item};
use crate::{number, pin, system, timer};

py_module! {
    /// `pyb`.
    pub static PYB: pyb, extensible false;
    entries {
        ExtInt: EXT_INT.rom();
        LED: LED.rom();
        Pin: pin::PIN.rom();
        Switch: SWITCH.rom();
        Timer: TIMER.rom();
        delay = F1(delay);
        disable_irq = F0(system::disable_irq);
        elapsed_micros = F1(elapsed_micros);
        elapsed_millis = F1(elapsed_millis);
        enable_irq = Var(0, 1, system::enable_irq);
        freq = Var(0, 1, system::freq);
        hard_reset = F0(system::reset);
        micros = F0(micros);
        millis = F0(millis);
        rng = F0(rng);
        udelay = F1(udelay);
        unique_id = F0(system::unique_id);
        wfi = F0(system::idle);
    }
}

const HARD: How = How { priority: 1, hard: true };

py_type! {
    /// `pyb.Timer`.
    pub static TIMER: Timer, base OBJECT;
    slots { new: timer_new, repr: timer_repr, is_final: true }
    entries {
        callback = F2(timer_callback);
        deinit = F1(timer_deinit);
        freq = Var(1, 2, timer_freq);
        init = Kw(timer_init; _, *, freq?, callback?);
    }
}

/// The pyboard's timers are numbered from 1.
const TIMERS: i64 = 14;
/// Where they are kept: behind those of `machine`.
const FIRST: usize = 4;

static NEW: RomFn = RomFn::free(q::Timer, rom_call!(Kw(new_bound; id, *, freq?, callback?)));

/// `Timer(id, *, freq, callback)`
fn timer_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &NEW, args)
}

fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    device(vm, hardware().alarm)?;
    let id = int_in(vm, args[0], 0, 1..=TIMERS)?;
    let object = state::nth(vm, Item::Timers, FIRST + id as usize, |vm| {
        Ok(timer::new_object(vm, &TIMER, id)?.value())
    })?;
    if args[1..].iter().any(|v| !v.is_undef()) {
        init(vm, Native::from_known(object), &args[1..])?;
    }
    Ok(object)
}

/// `Timer.init(*, freq, callback)`
fn timer_init(vm: &mut Vm, args: &[Value]) -> Res {
    let timer = args::this(vm, args[0], &TIMER)?;
    init(vm, timer, &args[1..])?;
    Ok(Value::NONE)
}

fn init(vm: &mut Vm, timer: Native, args: &[Value]) -> Result<(), Raise> {
    let none = Value::UNDEF;
    let callback = args[1];
    timer::init(vm, timer, &[none, none, args[0], none, callback, Value::TRUE, none])
}

/// `Timer.callback(function)`: called with the timer, in an interrupt; `None` stops it.
fn timer_callback(vm: &mut Vm, v: Value, callback: Value) -> Res {
    let timer = args::this(vm, v, &TIMER)?;
    timer::set_callback(vm, timer, callback, true)
}

/// `Timer.freq([hz])`
fn timer_freq(vm: &mut Vm, args: &[Value]) -> Res {
    let timer = args::this(vm, args[0], &TIMER)?;
    match args.get(1) {
        None => match timer::period_us(vm, timer) {
            0 => Ok(Value::int(0)),
            us if 1_000_000 % us == 0 => vm.int_from_i64(1_000_000 / us),
            us => vm.new_float(1e6 / us as Scalar),
        },
        Some(&freq) => {
            timer::set_freq(vm, timer, freq)?;
            Ok(Value::NONE)
        }
    }
}

/// `Timer.deinit()`
fn timer_deinit(vm: &mut Vm, v: Value) -> Res {
    let timer = args::this(vm, v, &TIMER)?;
    timer::deinit(vm, timer);
    Ok(Value::NONE)
}

fn timer_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let timer = args::this(vm, v, &TIMER)?;
    let id = timer::number_of(vm, timer);
    vm.push_fmt(out, format_args!("Timer({id})"));
    Ok(())
}

py_type! {
    /// `pyb.LED`. Word 0: its pin.
    pub static LED: LED, base OBJECT;
    slots { new: led_new, repr: led_repr, is_final: true }
    entries {
        intensity = Var(1, 2, led_intensity);
        off = F1(led_off);
        on = F1(led_on);
        toggle = F1(led_toggle);
    }
}

/// `LED(id)`, from 1.
fn led_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    let &[id] = threadsnake_vm::types::common::positional(vm, args, 1, 1)? else {
        return Err(invalid(vm));
    };
    let id = vm.int_to_i64(id)?;
    let led = usize::try_from(id - 1).ok().and_then(|i| hardware().leds.get(i));
    let Some(&pin) = led else { return Err(invalid(vm)) };
    let gpio = pin::gpio(vm)?;
    let output = PinConfig { mode: PinMode::Out, ..PinConfig::RESET };
    args::check(vm, gpio.configure(pin, output))?;
    let id = Value::int(id as i32);
    Ok(Native::new(vm, LED.value(), &[Value::from_len(pin.0.into()), id])?.value())
}

/// The pin in word 0 of an object, and the port.
fn pin_of(vm: &mut Vm, object: Native) -> Result<(PinId, &'static dyn Gpio), Raise> {
    let pin = PinId(object.get(vm, 0).as_small_int().unwrap_or(0) as u8);
    Ok((pin, pin::gpio(vm)?))
}

fn led(vm: &mut Vm, v: Value) -> Result<(PinId, &'static dyn Gpio), Raise> {
    let led = args::this(vm, v, &LED)?;
    pin_of(vm, led)
}

fn led_on(vm: &mut Vm, v: Value) -> Res {
    let (pin, gpio) = led(vm, v)?;
    gpio.write(pin, true);
    Ok(Value::NONE)
}

fn led_off(vm: &mut Vm, v: Value) -> Res {
    let (pin, gpio) = led(vm, v)?;
    gpio.write(pin, false);
    Ok(Value::NONE)
}

fn led_toggle(vm: &mut Vm, v: Value) -> Res {
    let (pin, gpio) = led(vm, v)?;
    gpio.write(pin, !gpio.latch(pin));
    Ok(Value::NONE)
}

/// `LED.intensity([0 to 255])`: any but 0 is on.
fn led_intensity(vm: &mut Vm, args: &[Value]) -> Res {
    let (pin, gpio) = led(vm, args[0])?;
    match args.get(1) {
        None => Ok(Value::int(if gpio.latch(pin) { 255 } else { 0 })),
        Some(&n) => {
            let n = int_in(vm, n, 0, 0..=255)?;
            gpio.write(pin, n > 0);
            Ok(Value::NONE)
        }
    }
}

fn led_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let led = args::this(vm, v, &LED)?;
    let id = led.get(vm, 1).as_small_int().unwrap_or(0);
    vm.push_fmt(out, format_args!("LED({id})"));
    Ok(())
}

py_type! {
    /// `pyb.ExtInt`. Words: its pin, its `irq` object.
    pub static EXT_INT: ExtInt, base OBJECT;
    slots { new: ext_int_new, is_final: true }
    entries {
        disable = F1(ext_int_disable);
        enable = F1(ext_int_enable);
        line = F1(ext_int_line);
        swint = F1(ext_int_swint);
        IRQ_FALLING: number(1);
        IRQ_RISING: number(2);
        IRQ_RISING_FALLING: number(3);
    }
}

const IRQ: usize = 1;

static EXT_INT_NEW: RomFn =
    RomFn::free(q::ExtInt, rom_call!(Kw(ext_int_bound; pin, mode, pull, callback)));

/// `ExtInt(pin, mode, pull, callback)`: the callback gets the number of the line, which is the pin's.
fn ext_int_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &EXT_INT_NEW, args)
}

fn ext_int_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let pin = pin::find(vm, args[0])?;
    let mode = int_in(vm, args[1], 0, 1..=3)?;
    let pull = pin::pull_of(vm, args[2])?;
    let gpio = pin::gpio(vm)?;
    args::check(vm, gpio.configure(pin, PinConfig { pull, ..PinConfig::RESET }))?;
    let line = Value::from_len(pin::info(pin).map_or(0, |info| info.number.into()));
    watch(vm, &EXT_INT, pin, line, args[3], mode)
}

/// An object of a class with pin and `irq`: the handler gets `argument`.
fn watch(
    vm: &mut Vm,
    class: &'static threadsnake_vm::object::RomType,
    pin: PinId,
    argument: Value,
    handler: Value,
    trigger: i64,
) -> Res {
    let irq = irq::new(vm, argument, Source::Pin(pin.0))?;
    irq::set(vm, irq, handler, trigger, HARD)?;
    let words = [Value::from_len(pin.0.into()), irq.value()];
    Ok(Native::new(vm, class.value(), &words)?.value())
}

fn ext_int_irq(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    let this = args::this(vm, v, &EXT_INT)?;
    Ok(Native::from_known(this.get(vm, IRQ)))
}

fn ext_int_enable(vm: &mut Vm, v: Value) -> Res {
    let irq = ext_int_irq(vm, v)?;
    irq::arm(vm, irq)?;
    Ok(Value::NONE)
}

fn ext_int_disable(vm: &mut Vm, v: Value) -> Res {
    let irq = ext_int_irq(vm, v)?;
    irq::disarm(vm, irq);
    Ok(Value::NONE)
}

/// `ExtInt.line()`
fn ext_int_line(vm: &mut Vm, v: Value) -> Res {
    let this = args::this(vm, v, &EXT_INT)?;
    let (pin, _) = pin_of(vm, this)?;
    Ok(Value::from_len(pin::info(pin).map_or(0, |info| info.number.into())))
}

/// `ExtInt.swint()`: calls the callback as the interrupt would.
fn ext_int_swint(vm: &mut Vm, v: Value) -> Res {
    let irq = ext_int_irq(vm, v)?;
    vm.call(irq.value(), &[])?;
    Ok(Value::NONE)
}

py_type! {
    /// `pyb.Switch`. Words: its pin, its `irq` object.
    pub static SWITCH: Switch, base OBJECT;
    slots { new: switch_new, call: switch_call, is_final: true }
    entries {
        callback = F2(switch_callback);
        value = F1(switch_value);
    }
}

/// `Switch()`
fn switch_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    threadsnake_vm::types::common::positional(vm, args, 0, 0)?;
    let pin = device(vm, hardware().button)?;
    let gpio = pin::gpio(vm)?;
    args::check(vm, gpio.configure(pin, PinConfig { pull: Pull::Up, ..PinConfig::RESET }))?;
    watch(vm, &SWITCH, pin, Value::UNDEF, Value::NONE, 1)
}

/// `Switch.value()`: whether it is pressed.
fn switch_value(vm: &mut Vm, v: Value) -> Res {
    let this = args::this(vm, v, &SWITCH)?;
    let (pin, gpio) = pin_of(vm, this)?;
    Ok(Value::bool(!gpio.read(pin)))
}

fn switch_call(vm: &mut Vm, v: Value, args: Args<'_>) -> Res {
    threadsnake_vm::types::common::positional(vm, args, 0, 0)?;
    switch_value(vm, v)
}

/// `Switch.callback(function)`: called without arguments when it is pressed; `None`: nothing is.
fn switch_callback(vm: &mut Vm, v: Value, callback: Value) -> Res {
    let this = args::this(vm, v, &SWITCH)?;
    let irq = Native::from_known(this.get(vm, IRQ));
    irq::set(vm, irq, given(callback).unwrap_or(Value::NONE), 1, HARD)?;
    Ok(Value::NONE)
}

/// `delay(ms)`
fn delay(vm: &mut Vm, ms: Value) -> Res {
    wait(vm, ms, 1000)
}

/// `udelay(us)`
fn udelay(vm: &mut Vm, us: Value) -> Res {
    wait(vm, us, 1)
}

fn wait(vm: &mut Vm, n: Value, unit_us: u64) -> Res {
    let n = u64::try_from(vm.int_to_i64(n)?).unwrap_or(0);
    vm.wait_until(Some(n.saturating_mul(unit_us)), |_| Ok(false))?;
    Ok(Value::NONE)
}

/// The pyboard's counters wrap at 30 bits.
const WRAP: u64 = 1 << 30;

fn now(vm: &mut Vm, unit_us: u64) -> u64 {
    vm.host().ticks_us() / unit_us % WRAP
}

fn millis(vm: &mut Vm) -> Res {
    Ok(Value::from_len(now(vm, 1000) as usize))
}

fn micros(vm: &mut Vm) -> Res {
    Ok(Value::from_len(now(vm, 1) as usize))
}

fn elapsed(vm: &mut Vm, start: Value, unit_us: u64) -> Res {
    let start = vm.int_to_i64(start)? as u64;
    Ok(Value::from_len((now(vm, unit_us).wrapping_sub(start) % WRAP) as usize))
}

/// `elapsed_millis(start)`
fn elapsed_millis(vm: &mut Vm, start: Value) -> Res {
    elapsed(vm, start, 1000)
}

/// `elapsed_micros(start)`
fn elapsed_micros(vm: &mut Vm, start: Value) -> Res {
    elapsed(vm, start, 1)
}

/// `rng()`: 30 random bits. May be called in handlers, so it does not wait for the system's source: a generator that was
/// seeded from it.
fn rng(vm: &mut Vm) -> Res {
    let host = vm.host();
    match system::quick_random(|seed| host.entropy(seed)) {
        Some(bits) => Ok(Value::from_len((bits >> 2) as usize)),
        None => Err(vm.raise_os_error(errno::ENODEV)),
    }
}
