//! `machine.Timer` in both forms, and the WiPy's `TimerChannel`.
//!
//! The WiPy's: timers 0 to 3 with channels A and B, each with a frequency of its own and an `irq`. Today's: any number
//! of timers -1, and 0 to 3, with a period or frequency and a callback. Both are timers of the drivers, which exist
//! only while a handler is there to be called.
//!
//! Sources: the WiPy's library reference, "class Timer" and "class TimerChannel"; MicroPython library reference,
//! "class Timer".

use threadsnake_drivers::hardware;
use threadsnake_drivers::timers::{self, TimerId};
use threadsnake_hal::{HalError, PwmConfig};
use threadsnake_vm::object::{Args, Native, Res, RomFn, RomType, StrBuilder, Style};
use threadsnake_vm::types::{OBJECT, float};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, py_type, rom_call};

use crate::args::{self, errno, given, int, int_in, invalid};
use crate::irq::{self, How, Source};
use crate::state::{self, Item};
use crate::{number, pin};

py_type! {
    /// `machine.Timer`.
    pub static TIMER: Timer, base OBJECT;
    slots { new: timer_new, repr: timer_repr, is_final: true }
    entries {
        callback = F2(timer_callback);
        channel = Raw(timer_channel);
        deinit = F1(timer_deinit);
        init = Raw(timer_init);
        value = F1(timer_value);
        ONE_SHOT: number(ONE_SHOT as i32);
        PERIODIC: number(PERIODIC as i32);
        PWM: number(PWM as i32);
        A: number(A as i32);
        B: number(B as i32);
        POSITIVE: number(1);
        NEGATIVE: number(2);
        TIMEOUT: number(TIMEOUT as i32);
        MATCH: number(MATCH as i32);
    }
}

py_type! {
    /// What `Timer.channel` returns.
    pub static CHANNEL: TimerChannel, base OBJECT;
    slots { repr: channel_repr, is_final: true }
    entries {
        duty_cycle = Var(1, 3, channel_duty_cycle);
        freq = Var(1, 2, channel_freq);
        irq = Raw(channel_irq);
        period = Var(1, 2, channel_period);
        time = Var(1, 2, channel_period);
    }
}

const ONE_SHOT: i64 = 0x31;
const PERIODIC: i64 = 0x32;
const PWM: i64 = 0x0a;
const A: i64 = 0xff;
const B: i64 = 0xff00;
const TIMEOUT: i64 = 1;
const MATCH: i64 = 2;

/// Words of both types: the period in microseconds, the `irq` object (`UNDEF` before the first), the drivers' timer
/// (-1: none), the mode.
const PERIOD: usize = 0;
const IRQ: usize = 1;
const DRIVER: usize = 2;
const MODE: usize = 3;

/// Words of a timer: its number, its width (0: not initialised), its channels.
const ID: usize = 4;
const WIDTH: usize = 5;
const CHANNEL_A: usize = 6;
const CHANNEL_B: usize = 7;

/// Words of a channel: its timer, which it is, frequency, polarity, duty cycle in hundredths of a percent.
const PARENT: usize = 4;
const WHICH: usize = 5;
const FREQ: usize = 6;
const POLARITY: usize = 7;
const DUTY: usize = 8;

/// The numbered timers.
const NUMBERED: i64 = 4;
/// The longest period, in microseconds: 17 minutes fit a small int of 31 bits.
const LONGEST: i64 = (1 << 30) - 1;

fn word(vm: &Vm, object: Native, i: usize) -> i64 {
    object.get(vm, i).as_small_int().unwrap_or(0) as i64
}

fn set_word(vm: &mut Vm, object: Native, i: usize, n: i64) {
    object.set(vm, i, Value::small_int(n as isize).unwrap_or(Value::int(0)));
}

fn this(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    args::this(vm, v, &TIMER)
}

/// A timer that is not initialised.
pub fn new_object(vm: &mut Vm, class: &'static RomType, id: i64) -> Result<Native, Raise> {
    let id = Value::small_int(id as isize).unwrap_or(Value::int(-1));
    let words = [
        Value::int(0),
        Value::UNDEF,
        Value::int(-1),
        Value::int(0),
        id,
        Value::int(0),
        Value::UNDEF,
        Value::UNDEF,
    ];
    Native::new(vm, class.value(), &words)
}

static NEW: RomFn = RomFn::free(
    q::Timer,
    rom_call!(Kw(new_bound; id?, mode?, *, width?, freq?, period?, callback?, hard?, tick_hz?)),
);
static INIT: RomFn = RomFn::free(
    q::init,
    rom_call!(Kw(init_bound; _, mode?, *, width?, freq?, period?, callback?, hard?, tick_hz?)),
);

/// `Timer(id=-1, mode, *, width=16)`, `Timer(id=-1, mode, *, freq, period, callback, hard=False, tick_hz=1000)`.
fn timer_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &NEW, args)
}

fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let id = int(vm, args[0], -1)?;
    if !(-1..NUMBERED).contains(&id) || hardware().alarm.is_none() {
        return Err(vm.raise_os_error(errno::ENODEV));
    }
    let object = match usize::try_from(id) {
        Ok(n) => state::nth(vm, Item::Timers, n, |vm| Ok(new_object(vm, &TIMER, id)?.value()))?,
        Err(_) => new_object(vm, &TIMER, id)?.value(),
    };
    if args[1..].iter().any(|v| !v.is_undef()) {
        init(vm, Native::from_known(object), &args[1..])?;
    }
    Ok(object)
}

/// `Timer.init(…)`: as the constructor's other arguments.
fn timer_init(vm: &mut Vm, args: Args<'_>) -> Res {
    args::bind(vm, &INIT, args)
}

fn init_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let timer = this(vm, args[0])?;
    init(vm, timer, &args[1..])?;
    Ok(Value::NONE)
}

/// Sets up a timer: mode, width, freq, period, callback, hard, tick_hz.
pub fn init(vm: &mut Vm, timer: Native, args: &[Value]) -> Result<(), Raise> {
    let &[mode, width, freq, period, callback, hard, tick_hz] = args else {
        return Err(invalid(vm));
    };
    let mode = int(vm, mode, PERIODIC)?;
    let width = int(vm, width, 16)?;
    let fits = matches!((mode, width), (ONE_SHOT | PERIODIC, 16 | 32) | (PWM, 16));
    if !fits {
        return Err(invalid(vm));
    }
    let tick_hz = int_in(vm, tick_hz, 1000, 1..=1_000_000)?;
    let period = match (given(freq), given(period)) {
        (Some(_), Some(_)) => return Err(invalid(vm)),
        (Some(freq), None) => Some(period_of_freq(vm, freq)?),
        (None, Some(period)) => {
            let period = vm.int_to_i64(period)?;
            let us = i128::from(period) * 1_000_000 / i128::from(tick_hz);
            Some(period_in_range(vm, i64::try_from(us).unwrap_or(i64::MAX))?)
        }
        (None, None) => None,
    };
    let how = How { priority: 1, hard: args::flag(vm, hard, false)? };
    if given(callback).is_some() && period.is_none() {
        return Err(invalid(vm));
    }
    deinit(vm, timer);
    set_word(vm, timer, MODE, mode);
    set_word(vm, timer, WIDTH, width);
    if let Some(period) = period {
        set_word(vm, timer, PERIOD, period);
        if let Some(callback) = given(callback) {
            set_handler(vm, timer, callback, TIMEOUT, how)?;
        }
    }
    Ok(())
}

fn period_in_range(vm: &mut Vm, us: i64) -> Result<i64, Raise> {
    if (1..=LONGEST).contains(&us) { Ok(us) } else { Err(invalid(vm)) }
}

/// The period of a frequency, in microseconds; both may be fractions.
fn period_of_freq(vm: &mut Vm, freq: Value) -> Result<i64, Raise> {
    if let Some(hz) = freq.as_small_int() {
        return if hz > 0 {
            period_in_range(vm, (1_000_000 / hz as i64).max(1))
        } else {
            Err(invalid(vm))
        };
    }
    let hz = float::to_f64(vm, freq)?;
    if hz > 0.0 { period_in_range(vm, (1e6 / hz) as i64) } else { Err(invalid(vm)) }
}

/// Gives a timer or channel its handler, and starts it.
pub fn set_handler(
    vm: &mut Vm,
    object: Native,
    handler: Value,
    trigger: i64,
    how: How,
) -> Result<Native, Raise> {
    let irq = match Native::from_value(object.get(vm, IRQ)) {
        Some(irq) => irq,
        None => {
            let irq = irq::new(vm, object.value(), Source::Timer(u8::MAX))?;
            object.set(vm, IRQ, irq.value());
            irq
        }
    };
    if driver(vm, object).is_none() {
        let Some(timer) = timers::allocate(Some(vm.handle()), timers::fire_line) else {
            return Err(args::raise(vm, HalError::Busy));
        };
        set_word(vm, object, DRIVER, timer.number() as i64);
        irq::set_source(vm, irq, Source::Timer(timer.number() as u8));
    }
    irq::set(vm, irq, handler, trigger, how)?;
    Ok(irq)
}

fn driver(vm: &Vm, object: Native) -> Option<TimerId> {
    usize::try_from(word(vm, object, DRIVER)).ok().and_then(TimerId::from_number)
}

/// Starts or stops what calls the handler of a timer or channel.
pub fn set_running(vm: &mut Vm, object: Value, on: bool) -> Result<(), Raise> {
    let object = Native::from_known(object);
    let Some(timer) = driver(vm, object) else { return Ok(()) };
    let called =
        Native::from_value(object.get(vm, IRQ)).is_some_and(|irq| irq::has_handler(vm, irq));
    if !on || !called {
        timers::stop(timer);
        return Ok(());
    }
    let period = word(vm, object, PERIOD).max(1) as u64;
    match word(vm, object, MODE) {
        ONE_SHOT => timers::start(timer, period, 0),
        PWM => {
            let duty = word(vm, object, DUTY) as u64;
            timers::start(timer, period * duty / 10_000, period);
        }
        _ => timers::start(timer, period, period),
    }
    Ok(())
}

/// The handler of a timer is about to be called: one that runs once has ended.
pub fn came(vm: &mut Vm, object: Value, irq: Native) {
    let object = Native::from_known(object);
    if object.class() != CHANNEL.value() && word(vm, object, MODE) == ONE_SHOT {
        irq::disarm(vm, irq);
        forget_driver(vm, object);
        object.set(vm, IRQ, Value::UNDEF);
    }
}

fn forget_driver(vm: &mut Vm, object: Native) {
    if let Some(timer) = driver(vm, object) {
        timers::free(timer);
    }
    set_word(vm, object, DRIVER, -1);
}

/// Stops a timer or channel and lets go of its handler.
fn stop(vm: &mut Vm, object: Native) {
    if let Some(irq) = Native::from_value(object.get(vm, IRQ)) {
        irq::disarm(vm, irq);
        irq::set_source(vm, irq, Source::Timer(u8::MAX));
    }
    forget_driver(vm, object);
    object.set(vm, IRQ, Value::UNDEF);
}

/// Stops a timer with its channels; it is not initialised then.
pub fn deinit(vm: &mut Vm, timer: Native) {
    stop(vm, timer);
    for i in [CHANNEL_A, CHANNEL_B] {
        if let Some(channel) = Native::from_value(timer.get(vm, i)) {
            stop(vm, channel);
            if let (Some(pin), Some(pwm)) = (pwm_pin(vm, channel), hardware().pwm) {
                pwm.stop(pin);
            }
        }
        timer.set(vm, i, Value::UNDEF);
    }
    set_word(vm, timer, WIDTH, 0);
}

/// `Timer.deinit()`
fn timer_deinit(vm: &mut Vm, v: Value) -> Res {
    let timer = this(vm, v)?;
    deinit(vm, timer);
    Ok(Value::NONE)
}

/// `Timer.callback(function)`: another function for a timer that has a period; `None` stops it.
fn timer_callback(vm: &mut Vm, v: Value, callback: Value) -> Res {
    let timer = this(vm, v)?;
    set_callback(vm, timer, callback, false)
}

/// As `Timer.callback`.
pub fn set_callback(vm: &mut Vm, timer: Native, callback: Value, hard: bool) -> Res {
    if callback.is_none() {
        stop(vm, timer);
        return Ok(Value::NONE);
    }
    if word(vm, timer, PERIOD) == 0 {
        return Err(vm.raise_os_error(errno::EPERM));
    }
    set_handler(vm, timer, callback, TIMEOUT, How { priority: 1, hard })?;
    Ok(Value::NONE)
}

/// The number of a timer.
pub fn number_of(vm: &Vm, timer: Native) -> i64 {
    word(vm, timer, ID)
}

/// The period of a timer in microseconds; 0 before it has one.
pub fn period_us(vm: &Vm, timer: Native) -> i64 {
    word(vm, timer, PERIOD)
}

/// Another frequency; a timer that runs goes on with it.
pub fn set_freq(vm: &mut Vm, timer: Native, freq: Value) -> Result<(), Raise> {
    let us = period_of_freq(vm, freq)?;
    set_word(vm, timer, PERIOD, us);
    set_running(vm, timer.value(), true)
}

/// `Timer.value()`: microseconds until it comes; 0 if it does not run.
fn timer_value(vm: &mut Vm, v: Value) -> Res {
    let timer = this(vm, v)?;
    let left = driver(vm, timer).and_then(timers::left_us).unwrap_or(0);
    vm.int_from_u64(left)
}

fn timer_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let timer = this(vm, v)?;
    let (id, mode) = (word(vm, timer, ID), word(vm, timer, MODE));
    vm.push_fmt(out, format_args!("Timer({id}"));
    let mode = match mode {
        ONE_SHOT => ", mode=Timer.ONE_SHOT)",
        PERIODIC => ", mode=Timer.PERIODIC)",
        PWM => ", mode=Timer.PWM)",
        _ => ")",
    };
    out.push_str(vm, mode);
    Ok(())
}

static CHANNEL_FN: RomFn = RomFn::free(
    q::channel,
    rom_call!(Kw(channel_bound; _, channel, *, freq?, period?, polarity?, duty_cycle?)),
);

/// `Timer.channel(channel, *, freq, period, polarity=POSITIVE, duty_cycle=0)`; the channel alone: the object that is
/// there, or `None`.
fn timer_channel(vm: &mut Vm, args: Args<'_>) -> Res {
    args::bind(vm, &CHANNEL_FN, args)
}

fn channel_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let timer = this(vm, args[0])?;
    let which = vm.int_to_i64(args[1])?;
    let width = word(vm, timer, WIDTH);
    if width == 0 {
        return Err(vm.raise_os_error(errno::EPERM));
    }
    let at = match (which, width) {
        (A, 16) => CHANNEL_A,
        (B, 16) => CHANNEL_B,
        (0xffff, 32) => CHANNEL_A,
        _ => return Err(invalid(vm)),
    };
    let mode = word(vm, timer, MODE);
    let (freq, period) = match (given(args[2]), given(args[3])) {
        (Some(freq), None) => (vm.int_to_i64(freq)?, period_of_freq(vm, freq)?),
        (None, Some(period)) => {
            let us = vm.int_to_i64(period)?;
            let us = period_in_range(vm, us)?;
            (1_000_000 / us, us)
        }
        (None, None) if args[2..].iter().all(|v| v.is_undef()) => {
            let there = timer.get(vm, at);
            return Ok(if there.is_undef() { Value::NONE } else { there });
        }
        _ => return Err(invalid(vm)),
    };
    let polarity = int_in(vm, args[4], 1, 1..=2)?;
    let duty = int(vm, args[5], 0)?.clamp(0, 10_000);
    if let Some(old) = Native::from_value(timer.get(vm, at)) {
        stop(vm, old);
    }
    let words = [
        Value::int(period as i32),
        Value::UNDEF,
        Value::int(-1),
        Value::int(mode as i32),
        timer.value(),
        Value::int(which as i32),
        Value::small_int(freq as isize).unwrap_or(Value::int(0)),
        Value::int(polarity as i32),
        Value::int(duty as i32),
    ];
    let channel = Native::new(vm, CHANNEL.value(), &words)?;
    timer.set(vm, at, channel.value());
    apply_pwm(vm, channel)?;
    Ok(channel.value())
}

/// The pin that a channel's wave comes out of: the one with the function `TIM<n>_PWM<A|B>`.
fn pwm_pin(vm: &Vm, channel: Native) -> Option<threadsnake_hal::PinId> {
    if word(vm, channel, MODE) != PWM {
        return None;
    }
    let timer = Native::from_value(channel.get(vm, PARENT))?;
    const NAMES: [[&str; 2]; NUMBERED as usize] = [
        ["TIM0_PWMA", "TIM0_PWMB"],
        ["TIM1_PWMA", "TIM1_PWMB"],
        ["TIM2_PWMA", "TIM2_PWMB"],
        ["TIM3_PWMA", "TIM3_PWMB"],
    ];
    let names = NAMES.get(word(vm, timer, ID) as usize)?;
    pin::with_function(names[usize::from(word(vm, channel, WHICH) == B)])
}

/// Lets a channel's wave come out of its pin, if it has one.
fn apply_pwm(vm: &mut Vm, channel: Native) -> Result<(), Raise> {
    let (Some(pin), Some(pwm)) = (pwm_pin(vm, channel), hardware().pwm) else { return Ok(()) };
    let config = PwmConfig {
        freq_hz: (1_000_000 / word(vm, channel, PERIOD).max(1)).max(1) as u32,
        duty: (word(vm, channel, DUTY) * 65_536 / 10_000) as u32,
        inverted: word(vm, channel, POLARITY) == 2,
    };
    args::check(vm, pwm.start(pin, config))
}

fn this_channel(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    args::this(vm, v, &CHANNEL)
}

/// `TimerChannel.freq([hz])`
fn channel_freq(vm: &mut Vm, args: &[Value]) -> Res {
    let channel = this_channel(vm, args[0])?;
    let Some(&freq) = args.get(1) else { return Ok(channel.get(vm, FREQ)) };
    let period = period_of_freq(vm, freq)?;
    let hz = vm.int_to_i64(freq)?;
    set_rate(vm, channel, hz, period)
}

/// `TimerChannel.period([microseconds])`
fn channel_period(vm: &mut Vm, args: &[Value]) -> Res {
    let channel = this_channel(vm, args[0])?;
    let Some(&us) = args.get(1) else { return Ok(channel.get(vm, PERIOD)) };
    let us = vm.int_to_i64(us)?;
    let us = period_in_range(vm, us)?;
    set_rate(vm, channel, 1_000_000 / us, us)
}

fn set_rate(vm: &mut Vm, channel: Native, freq: i64, period: i64) -> Res {
    set_word(vm, channel, FREQ, freq);
    set_word(vm, channel, PERIOD, period);
    apply_pwm(vm, channel)?;
    set_running(vm, channel.value(), true)?;
    Ok(Value::NONE)
}

/// `TimerChannel.duty_cycle([hundredths of a percent[, polarity]])`
fn channel_duty_cycle(vm: &mut Vm, args: &[Value]) -> Res {
    let channel = this_channel(vm, args[0])?;
    let Some(&duty) = args.get(1) else { return Ok(channel.get(vm, DUTY)) };
    let duty = vm.int_to_i64(duty)?.clamp(0, 10_000);
    let polarity = args.get(2).copied().unwrap_or(channel.get(vm, POLARITY));
    let polarity = int_in(vm, polarity, 1, 1..=2)?;
    set_word(vm, channel, DUTY, duty);
    set_word(vm, channel, POLARITY, polarity);
    apply_pwm(vm, channel)?;
    Ok(Value::NONE)
}

static IRQ_FN: RomFn =
    RomFn::free(q::irq, rom_call!(Kw(irq_bound; _, handler?, trigger?, priority?, wake?, hard?)));

/// `TimerChannel.irq(handler=None, trigger, priority=1, hard=False)`; the trigger is `TIMEOUT`, with PWM `MATCH`.
fn channel_irq(vm: &mut Vm, args: Args<'_>) -> Res {
    args::bind(vm, &IRQ_FN, args)
}

fn irq_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let channel = this_channel(vm, args[0])?;
    if args[1..].iter().all(|v| v.is_undef()) {
        let there = channel.get(vm, IRQ);
        return Ok(if there.is_undef() { Value::NONE } else { there });
    }
    let wanted = if word(vm, channel, MODE) == PWM { MATCH } else { TIMEOUT };
    int_in(vm, args[2], wanted, wanted..=wanted)?;
    let how = How::of(vm, args[3], args[5])?;
    Ok(set_handler(vm, channel, args[1], wanted, how)?.value())
}

fn channel_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let channel = this_channel(vm, v)?;
    let which = match word(vm, channel, WHICH) {
        A => "Timer.A",
        B => "Timer.B",
        _ => "Timer.A | Timer.B",
    };
    let freq = word(vm, channel, FREQ);
    vm.push_fmt(out, format_args!("timer.channel({which}, freq={freq}"));
    if word(vm, channel, MODE) == PWM {
        let duty = word(vm, channel, DUTY);
        let polarity = if word(vm, channel, POLARITY) == 2 { "NEGATIVE" } else { "POSITIVE" };
        let (whole, part) = (duty / 100, duty % 100);
        vm.push_fmt(out, format_args!(", polarity=Timer.{polarity}, duty_cycle={whole}.{part:02}"));
    }
    out.push_str(vm, ")");
    Ok(())
}
