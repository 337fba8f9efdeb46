//! `machine.PWM`: a square wave on a pin.
//!
//! Source: MicroPython library reference, "class PWM".

use threadsnake_drivers::hardware;
use threadsnake_hal::{PinId, Pwm, PwmConfig};
use threadsnake_vm::object::{Args, Native, Res, RomFn, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, py_type, rom_call};

use crate::args::{self, device, flag, given, int_in};
use crate::pin;

py_type! {
    /// `machine.PWM`.
    pub static PWM: PWM, base OBJECT;
    slots { new: pwm_new, repr: pwm_repr, is_final: true }
    entries {
        deinit = F1(pwm_deinit);
        duty = Var(1, 2, pwm_duty);
        duty_ns = Var(1, 2, pwm_duty_ns);
        duty_u16 = Var(1, 2, pwm_duty_u16);
        freq = Var(1, 2, pwm_freq);
        init = Raw(pwm_init);
    }
}

/// Words: the pin, cycles per second (0: off), duty of 65536, whether the duty is held in nanoseconds, those, inverted.
const PIN: usize = 0;
const FREQ: usize = 1;
const DUTY: usize = 2;
const INVERTED: usize = 3;

static NEW: RomFn = RomFn::free(
    q::PWM,
    rom_call!(Kw(new_bound; dest, *, freq?, duty_u16?, duty_ns?, duty?, invert?)),
);
static INIT: RomFn = RomFn::free(
    q::init,
    rom_call!(Kw(init_bound; _, *, freq?, duty_u16?, duty_ns?, duty?, invert?)),
);

/// `PWM(pin, *, freq, duty_u16, duty_ns, invert)`
fn pwm_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &NEW, args)
}

fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    waves(vm)?;
    let pin = pin::find(vm, args[0])?;
    let words = [Value::from_len(pin.0.into()), Value::int(0), Value::int(0), Value::FALSE];
    let this = Native::new(vm, PWM.value(), &words)?;
    if args[1..].iter().any(|v| !v.is_undef()) {
        change(vm, this, &args[1..])?;
    }
    Ok(this.value())
}

/// `PWM.init(*, freq, duty_u16, duty_ns, invert)`
fn pwm_init(vm: &mut Vm, args: Args<'_>) -> Res {
    args::bind(vm, &INIT, args)
}

fn init_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let this = args::this(vm, args[0], &PWM)?;
    change(vm, this, &args[1..])?;
    Ok(Value::NONE)
}

fn waves(vm: &mut Vm) -> Result<&'static dyn Pwm, Raise> {
    device(vm, hardware().pwm)
}

fn word(vm: &Vm, this: Native, i: usize) -> i64 {
    this.get(vm, i).as_small_int().unwrap_or(0) as i64
}

fn pin_of(vm: &Vm, this: Native) -> PinId {
    PinId(word(vm, this, PIN) as u8)
}

/// Changes what is given – freq, duty_u16, duty_ns, duty, invert – and lets the wave run.
fn change(vm: &mut Vm, this: Native, args: &[Value]) -> Result<(), Raise> {
    let &[freq, duty_u16, duty_ns, duty, invert] = args else { return Ok(()) };
    let freq = int_in(vm, freq, word(vm, this, FREQ), 0..=i64::from(i32::MAX))?;
    let freq = if freq == 0 { 1000 } else { freq };
    let part = if let Some(n) = given(duty_u16) {
        int_in(vm, n, 0, 0..=0xffff)?
    } else if let Some(ns) = given(duty_ns) {
        let ns = int_in(vm, ns, 0, 0..=1_000_000_000 / freq)?;
        ns * freq * 0x10000 / 1_000_000_000
    } else if let Some(n) = given(duty) {
        int_in(vm, n, 0, 0..=1023)? * 64
    } else {
        word(vm, this, DUTY)
    };
    let old = this.get(vm, INVERTED) == Value::TRUE;
    let inverted = flag(vm, invert, old)?;
    // The highest number means always.
    let duty = if part == 0xffff { 0x10000 } else { part } as u32;
    let config = PwmConfig { freq_hz: freq as u32, duty, inverted };
    let (waves, pin) = (waves(vm)?, pin_of(vm, this));
    args::check(vm, waves.start(pin, config))?;
    this.set(vm, FREQ, Value::small_int(freq as isize).unwrap_or(Value::int(0)));
    this.set(vm, DUTY, Value::int(part as i32));
    this.set(vm, INVERTED, Value::bool(inverted));
    Ok(())
}

/// Reads with `get` or sets the argument at place `i` of `change`.
fn access(vm: &mut Vm, args: &[Value], i: usize, get: fn(i64, i64) -> i64) -> Res {
    let this = args::this(vm, args[0], &PWM)?;
    let Some(&v) = args.get(1) else {
        let (freq, duty) = (word(vm, this, FREQ), word(vm, this, DUTY));
        return vm.int_from_i64(get(freq, duty));
    };
    let mut given = [Value::UNDEF; 5];
    given[i] = v;
    change(vm, this, &given)?;
    Ok(Value::NONE)
}

/// `PWM.freq([hz])`
fn pwm_freq(vm: &mut Vm, args: &[Value]) -> Res {
    access(vm, args, 0, |freq, _| freq)
}

/// `PWM.duty_u16([duty])`
fn pwm_duty_u16(vm: &mut Vm, args: &[Value]) -> Res {
    access(vm, args, 1, |_, duty| duty)
}

/// `PWM.duty_ns([nanoseconds])`
fn pwm_duty_ns(vm: &mut Vm, args: &[Value]) -> Res {
    access(vm, args, 2, |freq, duty| (duty * 1_000_000_000 / 0x10000) / freq.max(1))
}

/// `PWM.duty([of 1023])`
fn pwm_duty(vm: &mut Vm, args: &[Value]) -> Res {
    access(vm, args, 3, |_, duty| duty / 64)
}

/// `PWM.deinit()`
fn pwm_deinit(vm: &mut Vm, v: Value) -> Res {
    let this = args::this(vm, v, &PWM)?;
    let pin = pin_of(vm, this);
    waves(vm)?.stop(pin);
    this.set(vm, FREQ, Value::int(0));
    Ok(Value::NONE)
}

fn pwm_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let this = args::this(vm, v, &PWM)?;
    let name = pin::info(pin_of(vm, this)).map_or("", |info| info.name);
    let (freq, duty) = (word(vm, this, FREQ), word(vm, this, DUTY));
    vm.push_fmt(out, format_args!("PWM({name}, freq={freq}, duty_u16={duty})"));
    Ok(())
}
