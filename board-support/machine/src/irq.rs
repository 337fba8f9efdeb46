//! The `irq` object: a handler, what calls it, and whose it is.
//!
//! An object belongs to one source. Its handler is known to the VM while it is armed: the VM calls [`deliver`]
//! with the object, soft or hard, and that calls the script's function with the parent – the pin, the timer channel.
//! While it runs, `flags()` says what came.

use threadsnake_drivers::irq::{self, Line};
use threadsnake_drivers::timers::TimerId;
use threadsnake_hal::{PinId, Trigger};
use threadsnake_vm::object::{Args, Native, Res, RomFn};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{HandlerId, Raise, Vm, py_type, rom_call};

use crate::args::{self, given, int_in};
use crate::{pin, timer};

py_type! {
    /// What `irq()` of pins, timers, serial ports, the clock and the network returns.
    pub static IRQ: irq, base OBJECT;
    slots { call: irq_call, is_final: true }
    entries {
        init = Raw(irq_init);
        enable = F1(irq_enable);
        disable = F1(irq_disable);
        flags = F1(irq_flags);
        trigger = Var(1, 2, irq_trigger);
    }
}

/// Words.
const PARENT: usize = 0;
const HANDLER: usize = 1;
const SOURCE: usize = 2;
const FLAGS: usize = 3;
const TRIGGER: usize = 4;
/// The VM's number of the handler, -1 while not armed.
const ID: usize = 5;
/// Priority and, in bit 3, whether it is hard.
const HOW: usize = 6;
const HARD: isize = 8;

/// What interrupts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A pin, by its number.
    Pin(u8),
    /// A serial port.
    Uart(u8),
    /// A timer of the drivers; 255: not yet known.
    Timer(u8),
    /// The calendar's alarm.
    Clock,
    /// The network.
    Network,
}

impl Source {
    fn pack(self) -> Value {
        let (kind, n) = match self {
            Source::Pin(n) => (0, n),
            Source::Uart(n) => (1, n),
            Source::Timer(n) => (2, n),
            Source::Clock => (3, 0),
            Source::Network => (4, 0),
        };
        Value::int(kind << 8 | i32::from(n))
    }

    fn unpack(v: Value) -> Source {
        let n = v.as_small_int().unwrap_or(0);
        match n >> 8 {
            0 => Source::Pin(n as u8),
            1 => Source::Uart(n as u8),
            2 => Source::Timer(n as u8),
            3 => Source::Clock,
            _ => Source::Network,
        }
    }

    fn line(self) -> Option<&'static Line> {
        match self {
            Source::Pin(n) => irq::pin(PinId(n)),
            Source::Uart(n) => irq::uart(n.into()),
            Source::Timer(n) => TimerId::from_number(n.into()).map(irq::timer),
            Source::Clock => Some(&irq::CLOCK),
            Source::Network => Some(&irq::NETWORK),
        }
    }
}

/// How a handler is to be called.
#[derive(Clone, Copy)]
pub struct How {
    /// 1 to 7.
    pub priority: u8,
    /// At once, with restrictions.
    pub hard: bool,
}

impl How {
    /// From the arguments `priority` and `hard`; `ValueError` for a priority that is not 1 to 7.
    pub fn of(vm: &mut Vm, priority: Value, hard: Value) -> Result<How, Raise> {
        let priority = int_in(vm, priority, 1, 1..=7)? as u8;
        Ok(How { priority, hard: args::flag(vm, hard, false)? })
    }
}

/// An object that is not armed. `parent` is what the handler gets; `UNDEF`: nothing.
pub fn new(vm: &mut Vm, parent: Value, source: Source) -> Result<Native, Raise> {
    let words = [
        parent,
        Value::NONE,
        source.pack(),
        Value::int(0),
        Value::int(0),
        Value::int(-1),
        Value::int(1),
    ];
    Native::new(vm, IRQ.value(), &words)
}

fn this(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    args::this(vm, v, &IRQ)
}

fn word(vm: &Vm, irq: Native, i: usize) -> isize {
    irq.get(vm, i).as_small_int().unwrap_or(0)
}

/// The trigger that was set last.
pub fn trigger(vm: &Vm, irq: Native) -> i64 {
    word(vm, irq, TRIGGER) as i64
}

/// Changes what interrupts, while not armed.
pub fn set_source(vm: &mut Vm, irq: Native, source: Source) {
    irq.set(vm, SOURCE, source.pack());
}

/// True if the script gave it a function.
pub fn has_handler(vm: &Vm, irq: Native) -> bool {
    !irq.get(vm, HANDLER).is_none()
}

/// Gives the object its function (`None`: no one) and its trigger, and arms it. `TypeError` for what cannot be called.
pub fn set(vm: &mut Vm, irq: Native, handler: Value, trigger: i64, how: How) -> Result<(), Raise> {
    disarm(vm, irq);
    irq.set(vm, HANDLER, given(handler).unwrap_or(Value::NONE));
    irq.set(vm, TRIGGER, Value::small_int(trigger as isize).unwrap_or(Value::int(0)));
    let bits = isize::from(how.priority) | if how.hard { HARD } else { 0 };
    irq.set(vm, HOW, Value::small_int(bits).unwrap_or(Value::int(1)));
    arm(vm, irq)
}

/// Lets the source call the handler.
pub fn arm(vm: &mut Vm, irq: Native) -> Result<(), Raise> {
    let source = Source::unpack(irq.get(vm, SOURCE));
    let Some(line) = source.line() else { return Ok(()) };
    if has_handler(vm, irq) && word(vm, irq, ID) < 0 {
        let how = word(vm, irq, HOW);
        let function = DELIVER.rom().0;
        let id = vm.new_handler(function, irq.value(), how as u8 & 7, how & HARD != 0)?;
        irq.set(vm, ID, Value::from_len(id.number()));
        line.connect(vm.handle(), id);
    }
    match source {
        Source::Pin(n) => pin::set_trigger(vm, PinId(n), Some(Trigger(trigger(vm, irq) as u8))),
        Source::Timer(_) => timer::set_running(vm, irq.get(vm, PARENT), true),
        _ => Ok(()),
    }
}

/// The source calls nobody any more.
pub fn disarm(vm: &mut Vm, irq: Native) {
    let source = Source::unpack(irq.get(vm, SOURCE));
    // What was once allowed can be taken back.
    let done = match source {
        Source::Pin(n) => pin::set_trigger(vm, PinId(n), None),
        Source::Timer(_) => timer::set_running(vm, irq.get(vm, PARENT), false),
        _ => Ok(()),
    };
    if let Err(raise) = done {
        vm.forget(raise);
    }
    if let Some(line) = source.line() {
        line.disconnect(vm.handle());
    }
    let id = usize::try_from(word(vm, irq, ID)).ok().and_then(HandlerId::from_number);
    if let Some(id) = id {
        vm.remove_handler(id);
    }
    irq.set(vm, ID, Value::int(-1));
}

/// What the VM calls when the source has interrupted.
static DELIVER: RomFn = RomFn::free(q::irq, rom_call!(F1(deliver))).for_handlers();

/// Calls a handler with its argument, if it has one.
fn call(vm: &mut Vm, handler: Value, argument: Value) -> Res {
    let arguments = [argument];
    vm.call(handler, if argument.is_undef() { &[] } else { &arguments })
}

fn deliver(vm: &mut Vm, object: Value) -> Res {
    let irq = this(vm, object)?;
    let (handler, parent) = (irq.get(vm, HANDLER), irq.get(vm, PARENT));
    // It was queued and then taken back.
    if word(vm, irq, ID) < 0 || handler.is_none() {
        return Ok(Value::NONE);
    }
    let source = Source::unpack(irq.get(vm, SOURCE));
    let flags = source.line().map_or(0, Line::take_flags);
    irq.set(vm, FLAGS, Value::int(flags as i32));
    if let Source::Timer(_) = source {
        timer::came(vm, parent, irq);
    }
    let result = call(vm, handler, parent);
    irq.set(vm, FLAGS, Value::int(0));
    if result.is_err() && word(vm, irq, HOW) & HARD != 0 {
        disarm(vm, irq);
    }
    result
}

/// `irq()`: calls the function as the interrupt would, without flags.
fn irq_call(vm: &mut Vm, v: Value, args: Args<'_>) -> Res {
    threadsnake_vm::types::common::positional(vm, args, 0, 0)?;
    let irq = this(vm, v)?;
    let (handler, parent) = (irq.get(vm, HANDLER), irq.get(vm, PARENT));
    if handler.is_none() { Ok(Value::NONE) } else { call(vm, handler, parent) }
}

/// `irq.init(…)`: as the parent's `irq(…)`, on the same object.
fn irq_init(vm: &mut Vm, args: Args<'_>) -> Res {
    let Some((&v, rest)) = args.pos.split_first() else { return Err(vm.wrong_count(1, 1, 0)) };
    let parent = this(vm, v)?.get(vm, PARENT);
    let function = vm.get_attr(parent, q::irq.value())?;
    vm.call_args(function, Args { pos: rest, ..args })?;
    Ok(Value::NONE)
}

/// `irq.enable()`
fn irq_enable(vm: &mut Vm, v: Value) -> Res {
    let irq = this(vm, v)?;
    arm(vm, irq)?;
    Ok(Value::NONE)
}

/// `irq.disable()`
fn irq_disable(vm: &mut Vm, v: Value) -> Res {
    let irq = this(vm, v)?;
    disarm(vm, irq);
    Ok(Value::NONE)
}

/// `irq.flags()`: in the handler what has come, 0 elsewhere.
fn irq_flags(vm: &mut Vm, v: Value) -> Res {
    let irq = this(vm, v)?;
    Ok(irq.get(vm, FLAGS))
}

/// `irq.trigger([trigger])`: the trigger as it was; with an argument it is changed.
fn irq_trigger(vm: &mut Vm, args: &[Value]) -> Res {
    let irq = this(vm, args[0])?;
    let before = irq.get(vm, TRIGGER);
    if let Some(&trigger) = args.get(1) {
        let trigger = vm.int_to_i64(trigger)?;
        let how = word(vm, irq, HOW);
        let how = How { priority: how as u8 & 7, hard: how & HARD != 0 };
        let handler = irq.get(vm, HANDLER);
        set(vm, irq, handler, trigger, how)?;
    }
    Ok(before)
}
