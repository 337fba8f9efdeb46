//! `machine.Pin` and `machine.PinBase`.
//!
//! A VM has one object for each pin of the board's table. Words: the pin's number, its `irq` object.
//!
//! Source: the WiPy's library reference, "class Pin"; MicroPython library reference, "class Pin". `Pin(id)` alone leaves
//! the pin as it is.

use threadsnake_drivers::{hardware, sleep};
use threadsnake_hal::{Drive, Gpio, HalError, PinConfig, PinId, PinInfo, PinMode, Pull, Trigger};
use threadsnake_vm::object::{Args, AttrOp, Native, Res, RomFn, RomModule, Str, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::names::q;
use threadsnake_vm::value::{RomValue, Value};
use threadsnake_vm::{Raise, Vm, exc, py_type, rom_call};

use crate::args::{self, device, given, int, int_in, invalid};
use crate::irq::{self, How, Source};
use crate::number;
use crate::state::{self, Item};

py_type! {
    /// `machine.PinBase`: what classes of pins written in Python derive from.
    pub static PIN_BASE: PinBase, base OBJECT;
    slots { new: base_new, is_abstract: true }
    entries {}
}

py_type! {
    /// `machine.Pin`.
    pub static PIN: Pin, base PIN_BASE;
    slots { new: pin_new, call: pin_call, repr: pin_repr }
    entries {
        alt_list = F1(pin_alt_list);
        drive = Var(1, 2, pin_drive);
        high = F1(pin_on);
        id = F1(pin_id);
        init = Raw(pin_init);
        irq = Raw(pin_irq);
        low = F1(pin_off);
        mode = Var(1, 2, pin_mode);
        off = F1(pin_off);
        on = F1(pin_on);
        pull = Var(1, 2, pin_pull);
        toggle = F1(pin_toggle);
        value = Var(1, 2, pin_value);
        board: RomValue(BOARD.value());
        IN: number(0);
        OUT: number(1);
        ALT: number(2);
        ALT_OPEN_DRAIN: number(3);
        OPEN_DRAIN: number(0x10);
        PULL_UP: number(PULL_UP as i32);
        PULL_DOWN: number(PULL_DOWN as i32);
        LOW_POWER: number(0x20);
        MED_POWER: number(0x40);
        HIGH_POWER: number(0x60);
        DRIVE_0: number(0x20);
        DRIVE_1: number(0x40);
        DRIVE_2: number(0x60);
        IRQ_FALLING: number(1);
        IRQ_RISING: number(2);
        IRQ_LOW_LEVEL: number(4);
        IRQ_HIGH_LEVEL: number(8);
    }
}

/// `Pin.board`: the pins by their names.
pub static BOARD: RomModule = RomModule::new(q::board, false, &[]).with_attr(board_attr);

/// Word: the pin's number.
const NUMBER: usize = 0;
/// Word: its `irq` object, `UNDEF` before the first.
const IRQ: usize = 1;

const PULL_UP: i64 = 0x100;
const PULL_DOWN: i64 = 0x200;

fn base_new(vm: &mut Vm, class: Value, _: Args<'_>) -> Res {
    Ok(Native::new(vm, class, &[])?.value())
}

/// The ports, if there are any.
pub fn gpio(vm: &mut Vm) -> Result<&'static dyn Gpio, Raise> {
    device(vm, hardware().gpio)
}

/// The pins of the board.
fn pins() -> &'static [PinInfo] {
    hardware().gpio.map_or(&[], Gpio::pins)
}

/// What the table says of a pin.
pub fn info(pin: PinId) -> Option<&'static PinInfo> {
    pins().get(usize::from(pin.0))
}

/// The pin that some object is.
pub fn native(vm: &Vm, v: Value) -> Option<PinId> {
    let native = Native::from_value(vm.native_part(v)).filter(|n| n.class() == PIN.value())?;
    Some(PinId(native.get(vm, NUMBER).as_small_int()? as u8))
}

/// The pin that an argument names: an object, a name, a number. `ValueError` for an unknown one.
pub fn find(vm: &mut Vm, v: Value) -> Result<PinId, Raise> {
    if let Some(pin) = native(vm, v) {
        return Ok(pin);
    }
    let at = if let Some(name) = vm.cast::<Str>(v) {
        pins().iter().position(|pin| pin.name == name.as_str())
    } else if let Some(n) = v.as_small_int() {
        pins().iter().position(|pin| isize::from(pin.number) == n)
    } else {
        return Err(vm.raise(exc::TYPE_ERROR, "a pin is an object, a name or a number"));
    };
    match at {
        Some(at) => Ok(PinId(at as u8)),
        None => Err(vm.raise(exc::VALUE_ERROR, "invalid pin")),
    }
}

/// The first pin with a function of that name.
pub fn with_function(name: &str) -> Option<PinId> {
    let has = |pin: &PinInfo| pin.functions.iter().any(|function| function.name == name);
    pins().iter().position(has).map(|at| PinId(at as u8))
}

/// The object of a pin.
pub fn object(vm: &mut Vm, pin: PinId) -> Res {
    state::nth(vm, Item::Pins, pin.0.into(), |vm| {
        let words = [Value::from_len(pin.0.into()), Value::UNDEF];
        Ok(Native::new(vm, PIN.value(), &words)?.value())
    })
}

fn this(vm: &mut Vm, v: Value) -> Result<PinId, Raise> {
    let native = args::this(vm, v, &PIN)?;
    Ok(PinId(native.get(vm, NUMBER).as_small_int().unwrap_or(0) as u8))
}

/// Chooses what interrupts at a pin.
pub fn set_trigger(vm: &mut Vm, pin: PinId, trigger: Option<Trigger>) -> Result<(), Raise> {
    let gpio = gpio(vm)?;
    args::check(vm, gpio.set_trigger(pin, trigger))
}

/// True if the level that wakes is at the pin already.
pub fn wakes_now(vm: &mut Vm, pin: PinId) -> Result<bool, Raise> {
    let object = object(vm, pin)?;
    let Some(irq) = Native::from_value(Native::from_known(object).get(vm, IRQ)) else {
        return Ok(false);
    };
    let (trigger, level) = (irq::trigger(vm, irq), gpio(vm)?.read(pin));
    let wanted = if level { Trigger::HIGH } else { Trigger::LOW };
    Ok(trigger & i64::from(wanted.0) != 0)
}

/// `Pin.board.NAME`
fn board_attr(vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    let (Some(name), AttrOp::Load) = (Str::from_value(name), op) else { return Ok(Value::UNDEF) };
    match pins().iter().position(|pin| pin.name == name.as_str()) {
        Some(at) => object(vm, PinId(at as u8)),
        None => Ok(Value::UNDEF),
    }
}

static NEW: RomFn =
    RomFn::free(q::Pin, rom_call!(Kw(new_bound; id, mode?, pull?, value?, *, drive?, alt?)));
static INIT: RomFn =
    RomFn::free(q::init, rom_call!(Kw(init_bound; _, mode?, pull?, value?, *, drive?, alt?)));

/// `Pin(id, mode, pull, value, *, drive, alt)`: what is not given stays, or gets its default when something is.
fn pin_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &NEW, args)
}

fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    gpio(vm)?;
    let pin = find(vm, args[0])?;
    if args[1..].iter().any(|v| !v.is_undef()) {
        configure(vm, pin, &args[1..])?;
    }
    object(vm, pin)
}

/// `Pin.init(mode, pull, value, *, drive, alt)`
fn pin_init(vm: &mut Vm, args: Args<'_>) -> Res {
    args::bind(vm, &INIT, args)
}

fn init_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let pin = this(vm, args[0])?;
    configure(vm, pin, &args[1..])?;
    Ok(Value::NONE)
}

fn mode_of(vm: &mut Vm, v: Value) -> Result<PinMode, Raise> {
    Ok(match int(vm, v, 0)? {
        0 => PinMode::In,
        1 => PinMode::Out,
        2 => PinMode::Alt,
        3 => PinMode::AltOpenDrain,
        0x10 => PinMode::OpenDrain,
        _ => return Err(invalid(vm)),
    })
}

/// The resistor that an argument asks for.
pub fn pull_of(vm: &mut Vm, v: Value) -> Result<Pull, Raise> {
    let Some(v) = given(v) else { return Ok(Pull::None) };
    Ok(match vm.int_to_i64(v)? {
        PULL_UP => Pull::Up,
        PULL_DOWN => Pull::Down,
        _ => return Err(invalid(vm)),
    })
}

fn drive_of(vm: &mut Vm, v: Value) -> Result<Drive, Raise> {
    Ok(match int(vm, v, 0x40)? {
        0x20 => Drive::Low,
        0x40 => Drive::Medium,
        0x60 => Drive::High,
        _ => return Err(invalid(vm)),
    })
}

/// Sets up a pin: mode, pull, value, drive, alt.
fn configure(vm: &mut Vm, pin: PinId, given: &[Value]) -> Result<(), Raise> {
    let &[mode, pull, value, drive, alt] = given else { return Err(invalid(vm)) };
    let config = PinConfig {
        mode: mode_of(vm, if mode.is_none() { Value::UNDEF } else { mode })?,
        pull: pull_of(vm, pull)?,
        drive: drive_of(vm, drive)?,
        function: int_in(vm, alt, -1, -1..=15)? as i8,
    };
    let is_alt = matches!(config.mode, PinMode::Alt | PinMode::AltOpenDrain);
    let known = |n: i8| {
        info(pin).is_some_and(|pin| pin.functions.iter().any(|f| i32::from(f.number) == n.into()))
    };
    // A function only where it is asked for, and only one that the pin has.
    let fits =
        if is_alt { alt.is_undef() || known(config.function) } else { config.function == -1 };
    if !fits {
        return Err(invalid(vm));
    }
    let gpio = gpio(vm)?;
    if !value.is_undef() {
        let level = vm.truth(value)?;
        gpio.write(pin, level);
    }
    if is_alt && config.function >= 0 {
        free_function(gpio, pin, config.function);
    }
    args::check(vm, gpio.configure(pin, config))
}

/// Takes the function away from the pin that has it now.
fn free_function(gpio: &dyn Gpio, pin: PinId, number: i8) {
    let name_at = |pin: PinId, number: i8| {
        let functions = info(pin)?.functions;
        functions.iter().find(|f| i32::from(f.number) == number.into()).map(|f| f.name)
    };
    let Some(wanted) = name_at(pin, number) else { return };
    for other in (0..pins().len()).map(|at| PinId(at as u8)).filter(|&other| other != pin) {
        let config = gpio.config(other);
        let is_alt = matches!(config.mode, PinMode::Alt | PinMode::AltOpenDrain);
        if is_alt && name_at(other, config.function) == Some(wanted) {
            // Every pin can be an input.
            let _ = gpio.configure(other, PinConfig::RESET);
        }
    }
}

/// Gives a pin to the function of that name; `ValueError` if it does not have it.
pub fn assign(vm: &mut Vm, pin: PinId, names: &[&str], pull: Pull) -> Result<(), Raise> {
    let function = info(pin)
        .and_then(|info| info.functions.iter().find(|function| names.contains(&function.name)));
    let Some(function) = function else { return Err(invalid(vm)) };
    let gpio = gpio(vm)?;
    free_function(gpio, pin, function.number as i8);
    let config =
        PinConfig { mode: PinMode::Alt, pull, function: function.number as i8, ..PinConfig::RESET };
    args::check(vm, gpio.configure(pin, config))
}

/// Takes these functions away from all pins but these.
pub fn free_others(vm: &mut Vm, names: &[&str], keep: &[Option<PinId>]) -> Result<(), Raise> {
    let gpio = gpio(vm)?;
    for pin in (0..pins().len()).map(|at| PinId(at as u8)) {
        let config = gpio.config(pin);
        let is_alt = matches!(config.mode, PinMode::Alt | PinMode::AltOpenDrain);
        let has = |f: &threadsnake_hal::PinFunction| {
            i32::from(f.number) == config.function.into() && names.contains(&f.name)
        };
        let functions = info(pin).map_or(&[][..], |info| info.functions);
        if is_alt && functions.iter().any(has) && !keep.contains(&Some(pin)) {
            args::check(vm, gpio.configure(pin, PinConfig::RESET))?;
        }
    }
    Ok(())
}

/// `Pin.id()`
fn pin_id(vm: &mut Vm, v: Value) -> Res {
    let pin = this(vm, v)?;
    let name = info(pin).map_or("", |info| info.name);
    vm.new_str(name)
}

/// Reads or, with a second argument, writes.
fn level(vm: &mut Vm, args: &[Value]) -> Res {
    let pin = this(vm, args[0])?;
    let gpio = gpio(vm)?;
    match args.get(1) {
        None => Ok(Value::int(gpio.read(pin).into())),
        Some(&level) => {
            let level = vm.truth(level)?;
            gpio.write(pin, level);
            // A wire may have brought the edge to a pin with a handler.
            vm.safe_point()?;
            Ok(Value::NONE)
        }
    }
}

/// `Pin.value([level])`
fn pin_value(vm: &mut Vm, args: &[Value]) -> Res {
    level(vm, args)
}

/// `pin([level])`
fn pin_call(vm: &mut Vm, v: Value, args: Args<'_>) -> Res {
    match *threadsnake_vm::types::common::positional(vm, args, 0, 1)? {
        [level_] => level(vm, &[v, level_]),
        _ => level(vm, &[v]),
    }
}

fn pin_on(vm: &mut Vm, v: Value) -> Res {
    level(vm, &[v, Value::TRUE])
}

fn pin_off(vm: &mut Vm, v: Value) -> Res {
    level(vm, &[v, Value::FALSE])
}

/// `Pin.toggle()`
fn pin_toggle(vm: &mut Vm, v: Value) -> Res {
    let pin = this(vm, v)?;
    let gpio = gpio(vm)?;
    gpio.write(pin, !gpio.latch(pin));
    vm.safe_point()?;
    Ok(Value::NONE)
}

/// Changes one thing of a pin's configuration.
fn change(
    vm: &mut Vm,
    pin: PinId,
    change: impl FnOnce(&mut Vm, &mut PinConfig) -> Result<(), Raise>,
) -> Res {
    let gpio = gpio(vm)?;
    let mut config = gpio.config(pin);
    change(vm, &mut config)?;
    if !matches!(config.mode, PinMode::Alt | PinMode::AltOpenDrain) {
        config.function = -1;
    }
    args::check(vm, gpio.configure(pin, config))?;
    Ok(Value::NONE)
}

/// `Pin.mode([mode])`
fn pin_mode(vm: &mut Vm, args: &[Value]) -> Res {
    let pin = this(vm, args[0])?;
    match args.get(1) {
        None => Ok(Value::int(gpio(vm)?.config(pin).mode as i32)),
        Some(&mode) => change(vm, pin, |vm, config| {
            config.mode = mode_of(vm, mode)?;
            Ok(())
        }),
    }
}

/// `Pin.pull([pull])`
fn pin_pull(vm: &mut Vm, args: &[Value]) -> Res {
    let pin = this(vm, args[0])?;
    match args.get(1) {
        None => Ok(match gpio(vm)?.config(pin).pull {
            Pull::None => Value::NONE,
            Pull::Up => Value::int(PULL_UP as i32),
            Pull::Down => Value::int(PULL_DOWN as i32),
        }),
        Some(&pull) => change(vm, pin, |vm, config| {
            config.pull = pull_of(vm, pull)?;
            Ok(())
        }),
    }
}

/// `Pin.drive([drive])`
fn pin_drive(vm: &mut Vm, args: &[Value]) -> Res {
    let pin = this(vm, args[0])?;
    match args.get(1) {
        None => Ok(Value::int((gpio(vm)?.config(pin).drive as i32 + 1) * 0x20)),
        Some(&drive) => change(vm, pin, |vm, config| {
            config.drive = drive_of(vm, drive)?;
            Ok(())
        }),
    }
}

/// `Pin.alt_list()`: name and number of each function.
fn pin_alt_list(vm: &mut Vm, v: Value) -> Res {
    let pin = this(vm, v)?;
    let list = vm.new_list()?;
    for function in info(pin).map_or(&[][..], |info| info.functions) {
        let name = vm.new_str(function.name)?;
        let item = vm.new_tuple(&[name, Value::int(function.number.into())])?;
        list.push(vm, item)?;
    }
    Ok(list.value())
}

fn pin_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let pin = this(vm, v)?;
    let config = gpio(vm)?.config(pin);
    let name = info(pin).map_or("", |info| info.name);
    let mode = match config.mode {
        PinMode::In => "IN",
        PinMode::Out => "OUT",
        PinMode::Alt => "ALT",
        PinMode::AltOpenDrain => "ALT_OPEN_DRAIN",
        PinMode::OpenDrain => "OPEN_DRAIN",
    };
    let pull = match config.pull {
        Pull::None => "None",
        Pull::Up => "Pin.PULL_UP",
        Pull::Down => "Pin.PULL_DOWN",
    };
    let drive = match config.drive {
        Drive::Low => "LOW",
        Drive::Medium => "MED",
        Drive::High => "HIGH",
    };
    let function = config.function;
    vm.push_fmt(
        out,
        format_args!(
            "Pin('{name}', mode=Pin.{mode}, pull={pull}, drive=Pin.{drive}_POWER, alt={function})"
        ),
    );
    Ok(())
}

static IRQ_FN: RomFn =
    RomFn::free(q::irq, rom_call!(Kw(irq_bound; _, handler?, trigger?, priority?, wake?, hard?)));

/// `Pin.irq(handler=None, trigger=IRQ_FALLING | IRQ_RISING, priority=1, wake=None, hard=False)`; without arguments
/// the object that is there.
fn pin_irq(vm: &mut Vm, args: Args<'_>) -> Res {
    args::bind(vm, &IRQ_FN, args)
}

fn irq_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let &[this_, handler, trigger, priority, wake, hard] = args else { return Err(invalid(vm)) };
    let pin = this(vm, this_)?;
    let object = Native::from_known(object(vm, pin)?);
    let irq = match Native::from_value(object.get(vm, IRQ)) {
        Some(irq) => irq,
        None => {
            let irq = irq::new(vm, object.value(), Source::Pin(pin.0))?;
            object.set(vm, IRQ, irq.value());
            irq
        }
    };
    if args[1..].iter().all(|v| v.is_undef()) {
        return Ok(irq.value());
    }
    let trigger = int(vm, trigger, 3)?;
    // Both edges together, or one thing alone.
    if !matches!(trigger, 1..=4 | 8) {
        return Err(invalid(vm));
    }
    let how = How::of(vm, priority, hard)?;
    let bits = match given(wake) {
        None => 0,
        Some(wake) => int_in(vm, wake, 0, 0..=7)? as u8,
    };
    let deep = sleep::when::SLEEP | sleep::when::DEEP;
    if bits & deep != 0 && (trigger == 3 || !info(pin).is_some_and(|pin| pin.wakes)) {
        return Err(args::raise(vm, HalError::Invalid));
    }
    irq::set(vm, irq, handler, trigger, how)?;
    sleep::set_pin(pin, bits);
    Ok(irq.value())
}
