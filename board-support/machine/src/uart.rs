//! `machine.UART`: a serial port as a stream.
//!
//! A VM has one object for each port. Reading waits for the first character and then between characters, without the
//! GIL; nothing in time is `None`. The usual times are those of 16 characters on the line.
//!
//! Sources: the WiPy's library reference, "class UART"; MicroPython library reference, "class UART".

use threadsnake_drivers::hal::{HalError, Parity, PinId, Pull, SerialConfig, Uart};
use threadsnake_drivers::{self as drivers, hardware, irq as lines, timers};
use threadsnake_vm::object::{
    Args, Ioctl, Native, Res, RomFn, StrBuilder, StreamSlots, Style, poll,
};
use threadsnake_vm::types::stream::IOBASE;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, py_type, rom_call};

use crate::args::{self, device, errno, given, int, int_in, invalid, sequence};
use crate::irq::{self, How, Source};
use crate::state::{self, Item};
use crate::{number, pin};

py_type! {
    /// `machine.UART`.
    pub static UART: UART, base IOBASE;
    slots { new: uart_new, repr: uart_repr, stream: &STREAM, event: uart_event, is_final: true }
    entries {
        any = F1(uart_any);
        deinit = F1(uart_deinit);
        init = Raw(uart_init);
        irq = Kw(uart_irq; _, trigger?, priority?, handler?, wake?, hard?);
        readall = F1(uart_readall);
        sendbreak = F1(uart_sendbreak);
        txdone = F1(uart_txdone);
        EVEN: number(0);
        ODD: number(1);
        RX_ANY: number(RX_ANY as i32);
        IRQ_RX: number(RX_ANY as i32);
        RTS: number(1);
        CTS: number(2);
    }
}

static STREAM: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };

const RX_ANY: i64 = 1;

/// Words: its number, baud rate (0: off), bits and parity and stop bits, times in microseconds, the `irq` object.
const NUMBER: usize = 0;
const BAUD: usize = 1;
const HOW: usize = 2;
const TIMEOUT: usize = 3;
const TIMEOUT_CHAR: usize = 4;
const IRQ: usize = 5;

/// What is waited for by default, in bits of the line: 16 characters of 11.
const PATIENCE_BITS: i64 = 16 * 11;

static NEW: RomFn = RomFn::free(
    q::UART,
    rom_call!(Kw(new_bound; id?, baudrate?, bits?, parity?, stop?, *, pins?, tx?, rx?, timeout?, timeout_char?)),
);
static INIT: RomFn = RomFn::free(
    q::init,
    rom_call!(Kw(init_bound; _, baudrate?, bits?, parity?, stop?, *, pins?, tx?, rx?, timeout?, timeout_char?)),
);

/// `UART(id, baudrate=9600, bits=8, parity=None, stop=1, *, pins=(TX, RX, RTS, CTS), tx, rx, timeout, timeout_char)`; without
/// an id that of the pins, else 0.
fn uart_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &NEW, args)
}

fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let number = match given(args[0]) {
        Some(id) => usize::try_from(vm.int_to_i64(id)?).unwrap_or(usize::MAX),
        None => by_pins(vm, &args[1..])?,
    };
    device(vm, hardware().uarts.get(number))?;
    let object = state::nth(vm, Item::Uarts, number, |vm| {
        let zero = Value::int(0);
        let words = [Value::from_len(number), zero, zero, zero, zero, Value::UNDEF];
        Ok(Native::new(vm, UART.value(), &words)?.value())
    })?;
    init(vm, Native::from_known(object), &args[1..])?;
    Ok(object)
}

/// The names of the functions that a port's pins have.
const FUNCTIONS: [[&str; 4]; 4] = [
    ["UART0_TX", "UART0_RX", "UART0_RTS", "UART0_CTS"],
    ["UART1_TX", "UART1_RX", "UART1_RTS", "UART1_CTS"],
    ["UART2_TX", "UART2_RX", "UART2_RTS", "UART2_CTS"],
    ["UART3_TX", "UART3_RX", "UART3_RTS", "UART3_CTS"],
];

/// The first port that the given pins fit; 0 without pins.
fn by_pins(vm: &mut Vm, args: &[Value]) -> Result<usize, Raise> {
    let pins = pins_of(vm, args)?;
    let fits = |number: usize| {
        pins.iter().zip(FUNCTIONS[number]).all(|(pin, name)| {
            pin.is_none_or(|pin| {
                pin::info(pin).is_some_and(|i| i.functions.iter().any(|f| f.name == name))
            })
        })
    };
    Ok((0..hardware().uarts.len().min(FUNCTIONS.len())).find(|&n| fits(n)).unwrap_or(0))
}

/// The pins in the arguments after the id: TX, RX, RTS, CTS.
fn pins_of(vm: &mut Vm, args: &[Value]) -> Result<[Option<PinId>; 4], Raise> {
    let mut found = [None; 4];
    let (items, n) = match given(args[4]) {
        Some(pins) => match sequence::<4>(vm, pins) {
            Some((items, n @ (2 | 4))) => (items, n),
            _ => return Err(invalid(vm)),
        },
        None => ([args[5], args[6], Value::UNDEF, Value::UNDEF], 2),
    };
    for (place, &item) in found.iter_mut().zip(&items[..n]) {
        if let Some(item) = given(item) {
            *place = Some(pin::find(vm, item)?);
        }
    }
    Ok(found)
}

/// `UART.init(…)`: as the constructor's other arguments.
fn uart_init(vm: &mut Vm, args: Args<'_>) -> Res {
    args::bind(vm, &INIT, args)
}

fn init_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let this = args::this(vm, args[0], &UART)?;
    init(vm, this, &args[1..])?;
    Ok(Value::NONE)
}

/// Switches the port on: baudrate, bits, parity, stop, pins, tx, rx, timeout, timeout_char.
fn init(vm: &mut Vm, this: Native, args: &[Value]) -> Result<(), Raise> {
    let baud = int_in(vm, args[0], 9600, 1..=i64::from(i32::MAX))?;
    let bits = int_in(vm, args[1], 8, 5..=8)?;
    let parity = match given(args[2]) {
        None => Parity::None,
        Some(parity) => match int_in(vm, parity, 0, 0..=1)? {
            0 => Parity::Even,
            _ => Parity::Odd,
        },
    };
    let stop = if int(vm, args[3], 1)? == 1 { 1 } else { 2 };
    let [tx, rx, rts, cts] = pins_of(vm, args)?;
    // Without a direction its flow cannot be controlled.
    if (rts.is_some() && rx.is_none()) || (cts.is_some() && tx.is_none()) {
        return Err(invalid(vm));
    }
    let (number, port) = (number_of(vm, this), port(vm, this)?);
    let names = FUNCTIONS.get(number).copied().unwrap_or(FUNCTIONS[0]);
    // The usual pins if nothing is said; with `pins=None` the pins stay as they are.
    let leave = args[4].is_none();
    let usual = |i: usize| if i < 2 { pin::with_function(names[i]) } else { None };
    let pins = match [tx, rx, rts, cts] {
        [None, None, None, None] if args[4].is_undef() => [usual(0), usual(1), None, None],
        pins => pins,
    };
    if !leave {
        for (pin, name) in pins.iter().zip(names) {
            if let Some(pin) = *pin {
                pin::assign(vm, pin, &[name], Pull::Up)?;
            }
        }
        pin::free_others(vm, &names, &pins)?;
    }
    let config = SerialConfig {
        baud: baud as u32,
        bits: bits as u8,
        parity,
        stop,
        pins,
        assign_pins: !leave,
    };
    args::check(vm, port.configure(&config))?;
    this.set(vm, BAUD, Value::int(baud as i32));
    let how = bits | (parity as i64) << 8 | i64::from(stop) << 16;
    this.set(vm, HOW, Value::int(how as i32));
    let patience = (PATIENCE_BITS * 1_000_000 / baud).max(1000);
    for (i, v) in [TIMEOUT, TIMEOUT_CHAR].into_iter().zip(&args[7..]) {
        let us = match given(*v) {
            Some(v) => int_in(vm, v, 0, 0..=1_000_000)? * 1000,
            None => patience.min(1_000_000),
        };
        this.set(vm, i, Value::int(us as i32));
    }
    Ok(())
}

fn word(vm: &Vm, this: Native, i: usize) -> i64 {
    this.get(vm, i).as_small_int().unwrap_or(0) as i64
}

fn number_of(vm: &Vm, this: Native) -> usize {
    word(vm, this, NUMBER) as usize
}

fn port(vm: &mut Vm, this: Native) -> Result<&'static dyn Uart, Raise> {
    let number = number_of(vm, this);
    Ok(*device(vm, hardware().uarts.get(number))?)
}

/// The port, which is on; else `OSError(EPERM)`.
fn open(vm: &mut Vm, v: Value) -> Result<(Native, &'static dyn Uart), Raise> {
    let this = args::this(vm, v, &UART)?;
    if word(vm, this, BAUD) == 0 {
        return Err(vm.raise_os_error(errno::EPERM));
    }
    let port = port(vm, this)?;
    Ok((this, port))
}

/// Waits until the port has bytes; whether it has.
fn wait(vm: &mut Vm, this: Native, port: &'static dyn Uart, us: u64) -> Result<bool, Raise> {
    let number = number_of(vm, this);
    match lines::uart_changed(number) {
        _ if port.available() > 0 => Ok(true),
        Some(event) => drivers::wait(vm, event, Some(us), || port.available() > 0),
        None => Ok(false),
    }
}

fn read(vm: &mut Vm, v: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let (this, port) = open(vm, v)?;
    let mut n = 0;
    let mut patience = word(vm, this, TIMEOUT) as u64;
    while n < buf.len() && wait(vm, this, port, patience)? {
        n += port.try_read(&mut buf[n..]);
        patience = word(vm, this, TIMEOUT_CHAR) as u64;
    }
    Ok((n > 0 || buf.is_empty()).then_some(n))
}

fn write(vm: &mut Vm, v: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    let (this, port) = open(vm, v)?;
    let Some(event) = lines::uart_changed(number_of(vm, this)) else { return Ok(None) };
    let mut n = port.try_write(bytes);
    while n < bytes.len() {
        // A port that takes nothing for so long is stuck.
        let mut moved = 0;
        drivers::wait(vm, event, Some(1_000_000), || {
            moved = port.try_write(&bytes[n..]);
            moved > 0
        })?;
        if moved == 0 {
            return Err(args::raise(vm, HalError::Bus));
        }
        n += moved;
    }
    vm.safe_point()?;
    Ok(Some(n))
}

fn ioctl(vm: &mut Vm, v: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    if request == Ioctl::Close {
        uart_deinit(vm, v)?;
        return Ok(0);
    }
    let (_, port) = open(vm, v)?;
    match request {
        Ioctl::Flush => {
            let left = port.sent_at_us().saturating_sub(timers::now_us());
            if left > 0 {
                vm.wait_until(Some(left), |_| Ok(false))?;
            }
            Ok(0)
        }
        Ioctl::Poll => {
            let readable = if port.available() > 0 { poll::READ } else { 0 };
            Ok(argument & (readable | poll::WRITE))
        }
        _ => Err(vm.raise_os_error(threadsnake_vm::types::stream::errno::EINVAL)),
    }
}

/// The event for `select`.
fn uart_event(vm: &mut Vm, v: Value) -> usize {
    let number = number_of(vm, Native::from_known(v));
    lines::uart_changed(number).map_or(0, |event| event.address())
}

/// `any()`: how many bytes can be read.
fn uart_any(vm: &mut Vm, v: Value) -> Res {
    let (_, port) = open(vm, v)?;
    Ok(Value::from_len(port.available()))
}

/// `readall()`: as `read()`.
fn uart_readall(vm: &mut Vm, v: Value) -> Res {
    vm.call_method(v, q::read.value(), &[])
}

/// `txdone()`: whether all is sent.
fn uart_txdone(vm: &mut Vm, v: Value) -> Res {
    let (_, port) = open(vm, v)?;
    Ok(Value::bool(port.sent_at_us() <= timers::now_us()))
}

/// `sendbreak()`: holds the line low for 13 bits.
fn uart_sendbreak(vm: &mut Vm, v: Value) -> Res {
    let (_, port) = open(vm, v)?;
    port.send_break(13);
    Ok(Value::NONE)
}

/// `deinit()`
fn uart_deinit(vm: &mut Vm, v: Value) -> Res {
    let this = args::this(vm, v, &UART)?;
    if let Some(irq) = Native::from_value(this.get(vm, IRQ)) {
        irq::disarm(vm, irq);
    }
    port(vm, this)?.release();
    this.set(vm, BAUD, Value::int(0));
    Ok(Value::NONE)
}

/// `irq(trigger=RX_ANY, priority=1, handler=None, wake=IDLE)`: calls the handler when characters have come.
fn uart_irq(vm: &mut Vm, args: &[Value]) -> Res {
    let (this, _) = open(vm, args[0])?;
    let irq = match Native::from_value(this.get(vm, IRQ)) {
        Some(irq) => irq,
        None => {
            let source = Source::Uart(number_of(vm, this) as u8);
            let irq = irq::new(vm, this.value(), source)?;
            this.set(vm, IRQ, irq.value());
            irq
        }
    };
    if args[1..].iter().all(|v| v.is_undef()) {
        return Ok(irq.value());
    }
    // Today the handler comes first.
    let (trigger, handler) = match given(args[1]) {
        Some(first) if first.as_small_int().is_none() => (args[2], first),
        _ => (args[1], args[3]),
    };
    let priority = if trigger == args[2] { Value::UNDEF } else { args[2] };
    let trigger = int_in(vm, trigger, RX_ANY, RX_ANY..=RX_ANY)?;
    if let Some(wake) = given(args[4]) {
        int_in(vm, wake, 1, 1..=1)?;
    }
    let how = How::of(vm, priority, args[5])?;
    irq::set(vm, irq, handler, trigger, how)?;
    Ok(irq.value())
}

fn uart_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let this = args::this(vm, v, &UART)?;
    let (number, baud, how) = (word(vm, this, NUMBER), word(vm, this, BAUD), word(vm, this, HOW));
    if baud == 0 {
        vm.push_fmt(out, format_args!("UART({number})"));
        return Ok(());
    }
    let (bits, stop) = (how & 0xff, how >> 16);
    let parity = match how >> 8 & 0xff {
        0 => "None",
        1 => "UART.EVEN",
        _ => "UART.ODD",
    };
    vm.push_fmt(
        out,
        format_args!("UART({number}, baudrate={baud}, bits={bits}, parity={parity}, stop={stop})"),
    );
    Ok(())
}
