//! `machine.I2C` in both forms, and `machine.SoftI2C`.
//!
//! A transfer is a request to the bus's service; `SoftI2C` moves the pins in the calling task. Buffers are pinned and
//! the GIL is free meanwhile. Where the documents differ on what is returned, it is a count.
//!
//! Sources: the WiPy's library reference, "class I2C"; MicroPython library reference, "class I2C".

use threadsnake_drivers::hal::{HalError, I2c, I2cConfig, Operation, PinId};
use threadsnake_drivers::{SoftI2c, bus};
use threadsnake_vm::object::{
    Args, Buffer, List, Native, Res, RomFn, RomType, StrBuilder, Style, Tuple,
};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type, rom_call};

use crate::args::{self, device, errno, flag, given, int, int_in, invalid, sequence};
use crate::{number, pin};

/// What both classes have.
macro_rules! entries {
    () => {
        threadsnake_vm::rom_entries!([]
            deinit = F1(i2c_deinit);
            readfrom = Kw(i2c_readfrom; _, addr, nbytes, stop?);
            readfrom_into = Kw(i2c_readfrom_into; _, addr, buf, stop?);
            readfrom_mem = Kw(i2c_readfrom_mem; _, addr, memaddr, nbytes, *, addrsize?);
            readfrom_mem_into = Kw(i2c_readfrom_mem_into; _, addr, memaddr, buf, *, addrsize?);
            scan = F1(i2c_scan);
            writeto = Kw(i2c_writeto; _, addr, buf, stop?);
            writeto_mem = Kw(i2c_writeto_mem; _, addr, memaddr, buf, *, addrsize?);
            writevto = Kw(i2c_writevto; _, addr, vector, stop?);
        )
    };
}

const SHARED: &[threadsnake_vm::object::RomEntry] = entries!();

py_type! {
    /// `machine.I2C`.
    pub static I2C: I2C, base OBJECT;
    slots { new: i2c_new, repr: i2c_repr, is_final: true }
    entries {
        init = Raw(i2c_init);
        MASTER: number(0);
        CONTROLLER: number(0);
    } shared SHARED
}

py_type! {
    /// `machine.SoftI2C`.
    pub static SOFT_I2C: SoftI2C, base OBJECT;
    slots { new: soft_new, repr: soft_repr, is_final: true }
    entries {
        init = Kw(soft_init; _, *, scl?, sda?, freq?, timeout?);
        readinto = Var(2, 3, soft_readinto);
        start = F1(soft_start);
        stop = F1(soft_stop);
        write = F2(soft_write);
    } shared SHARED
}

/// Words: number of the bus (-1: soft), frequency (0: off), pins, time-out, whether between start and stop.
const BUS: usize = 0;
const FREQ: usize = 1;
const SCL: usize = 2;
const SDA: usize = 3;
const TIMEOUT: usize = 4;
const BUSY: usize = 5;

/// What a device may hold the clock for, if nothing else is said.
const TIMEOUT_US: i64 = 20_000;

static NEW: RomFn = RomFn::free(
    q::I2C,
    rom_call!(Kw(new_bound; id?, mode?, *, baudrate?, pins?, scl?, sda?, freq?, timeout?)),
);
static INIT: RomFn = RomFn::free(
    q::init,
    rom_call!(Kw(init_bound; _, mode?, *, baudrate?, pins?, scl?, sda?, freq?, timeout?)),
);

/// `I2C(id=0, mode=MASTER, *, baudrate=100000, pins=(SDA, SCL))`, `I2C(id=0, *, scl, sda, freq=400000, timeout)`
fn i2c_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &NEW, args)
}

fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let id = int(vm, args[0], 0)?;
    let number = usize::try_from(id).unwrap_or(usize::MAX);
    device(vm, bus::i2c(number))?;
    let this = object(vm, &I2C, Value::from_len(number))?;
    init(vm, this, &args[1..])?;
    Ok(this.value())
}

fn object(vm: &mut Vm, class: &'static RomType, bus: Value) -> Result<Native, Raise> {
    let none = Value::int(-1);
    Native::new(
        vm,
        class.value(),
        &[bus, Value::int(0), none, none, Value::int(TIMEOUT_US as i32), Value::FALSE],
    )
}

/// `I2C.init(…)`: as the constructor's other arguments.
fn i2c_init(vm: &mut Vm, args: Args<'_>) -> Res {
    args::bind(vm, &INIT, args)
}

fn init_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let this = args::this(vm, args[0], &I2C)?;
    init(vm, this, &args[1..])?;
    Ok(Value::NONE)
}

/// Switches the bus on: mode, baudrate, pins, scl, sda, freq, timeout.
fn init(vm: &mut Vm, this: Native, args: &[Value]) -> Result<(), Raise> {
    let &[mode, baudrate, pins, scl, sda, freq, timeout] = args else { return Err(invalid(vm)) };
    int_in(vm, mode, 0, 0..=0)?;
    let freq = given(freq).or(given(baudrate)).unwrap_or(Value::UNDEF);
    let freq_hz = int_in(vm, freq, 100_000, 1..=i64::from(i32::MAX))?.clamp(50_000, 400_000);
    let timeout = int_in(vm, timeout, TIMEOUT_US, 1..=1_000_000)?;
    let pins = match (given(scl), given(sda), given(pins)) {
        (Some(scl), Some(sda), None) => Some([pin::find(vm, scl)?, pin::find(vm, sda)?]),
        (None, None, Some(pins)) => {
            let Some((items, 2)) = sequence::<2>(vm, pins) else { return Err(invalid(vm)) };
            Some([pin::find(vm, items[1])?, pin::find(vm, items[0])?])
        }
        (None, None, None) => None,
        _ => return Err(invalid(vm)),
    };
    let config = I2cConfig { freq_hz: freq_hz as u32, pins, timeout_us: timeout as u32 };
    vm.check_may_wait()?;
    let (port, owner) = (port(vm, this)?, vm.handle());
    let done = vm.unlocked(|_| port.configure(config, Some(owner)));
    args::check(vm, done)?;
    this.set(vm, FREQ, Value::int(freq_hz as i32));
    Ok(())
}

fn word(vm: &Vm, this: Native, i: usize) -> i64 {
    this.get(vm, i).as_small_int().unwrap_or(0) as i64
}

fn port(vm: &mut Vm, this: Native) -> Result<&'static bus::Port<dyn I2c>, Raise> {
    let number = word(vm, this, BUS) as usize;
    device(vm, bus::i2c(number))
}

/// A bus of either class, which is on.
fn bus_of(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    let this = match Native::from_value(v).filter(|n| n.class() == SOFT_I2C.value()) {
        Some(soft) => soft,
        None => args::this(vm, v, &I2C)?,
    };
    if word(vm, this, FREQ) == 0 {
        return Err(vm.raise_os_error(errno::EPERM));
    }
    Ok(this)
}

/// The bus that a `SoftI2C` object describes.
fn soft(vm: &Vm, this: Native) -> SoftI2c {
    let pin = |i| PinId(word(vm, this, i) as u8);
    let (freq, timeout) = (word(vm, this, FREQ) as u32, word(vm, this, TIMEOUT) as u32);
    SoftI2c::new(pin(SCL), pin(SDA), freq, timeout).in_transfer(this.get(vm, BUSY) == Value::TRUE)
}

/// A transfer on either bus; its operations run without the GIL.
fn transfer(
    vm: &mut Vm,
    this: Native,
    address: Value,
    operations: &mut [Operation<'_>],
    stop: bool,
) -> Result<(), Raise> {
    let address = int_in(vm, address, 0, 0..=0x3ff)? as u16;
    vm.check_may_wait()?;
    let result = if word(vm, this, BUS) < 0 {
        let mut bus = soft(vm, this);
        let (bus, result) = vm.unlocked(move |_| {
            let result = bus.transfer(address, operations, stop);
            (bus, result)
        });
        this.set(vm, BUSY, Value::bool(bus.is_busy()));
        result
    } else {
        let port = port(vm, this)?;
        vm.unlocked(|_| port.transfer(address, operations, stop))
    };
    vm.safe_point()?;
    args::check(vm, result)
}

/// `deinit()`
fn i2c_deinit(vm: &mut Vm, v: Value) -> Res {
    let Ok(this) = bus_of(vm, v) else {
        // Off already.
        vm.take_exception();
        return Ok(Value::NONE);
    };
    if word(vm, this, BUS) < 0 {
        soft(vm, this).release();
    } else {
        vm.check_may_wait()?;
        let port = port(vm, this)?;
        vm.unlocked(|_| port.release());
    }
    this.set(vm, FREQ, Value::int(0));
    Ok(Value::NONE)
}

/// `scan()`: the addresses from 0x08 to 0x77 that answer.
fn i2c_scan(vm: &mut Vm, v: Value) -> Res {
    let this = bus_of(vm, v)?;
    let found = vm.new_list()?;
    for address in 0x08..=0x77 {
        let address = Value::int(address);
        match transfer(vm, this, address, &mut [Operation::Write(&[])], true) {
            Ok(()) => found.push(vm, address)?,
            Err(raise) if vm.raised(exc::OS_ERROR) => vm.forget(raise),
            Err(raise) => return Err(raise),
        }
    }
    Ok(found.value())
}

/// How many bytes to read; `ValueError` for a negative number.
fn count(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    match usize::try_from(vm.int_to_i64(v)?) {
        Ok(n) => Ok(n),
        Err(_) => Err(invalid(vm)),
    }
}

/// Calls `f` with the bytes of an argument: a buffer, or one byte as a number.
fn with_bytes<R>(
    vm: &mut Vm,
    v: Value,
    f: impl FnOnce(&mut Vm, &[u8]) -> Result<R, Raise>,
) -> Result<R, Raise> {
    if let Some(n) = v.as_small_int() {
        return f(vm, &[n as u8]);
    }
    let buffer = vm.expect_buffer(v)?;
    vm.with_bytes(buffer, f)
}

/// Makes a `bytes` of `n` and fills it with `f`.
fn fill(vm: &mut Vm, n: usize, f: impl FnOnce(&mut Vm, &mut [u8]) -> Result<(), Raise>) -> Res {
    let bytes = threadsnake_vm::object::ByteArray::new(vm, 0, n)?;
    let buffer = Buffer::of_array(bytes);
    vm.with_bytes_mut(buffer, f)?;
    Ok(buffer.to_bytes(vm)?.value())
}

/// `readfrom(addr, nbytes, stop=True)`: bytes.
fn i2c_readfrom(vm: &mut Vm, args: &[Value]) -> Res {
    let (this, n, stop) = (bus_of(vm, args[0])?, count(vm, args[2])?, flag(vm, args[3], true)?);
    fill(vm, n, |vm, buf| transfer(vm, this, args[1], &mut [Operation::Read(buf)], stop))
}

/// `readfrom_into(addr, buf, stop=True)`: how many bytes.
fn i2c_readfrom_into(vm: &mut Vm, args: &[Value]) -> Res {
    let (this, stop) = (bus_of(vm, args[0])?, flag(vm, args[3], true)?);
    let buffer = vm.expect_writable(args[2])?;
    vm.with_bytes_mut(buffer, |vm, buf| {
        let n = buf.len();
        transfer(vm, this, args[1], &mut [Operation::Read(buf)], stop)?;
        Ok(Value::from_len(n))
    })
}

/// `writeto(addr, buf, stop=True)`: how many bytes.
fn i2c_writeto(vm: &mut Vm, args: &[Value]) -> Res {
    let (this, stop) = (bus_of(vm, args[0])?, flag(vm, args[3], true)?);
    with_bytes(vm, args[2], |vm, bytes| {
        transfer(vm, this, args[1], &mut [Operation::Write(bytes)], stop)?;
        Ok(Value::from_len(bytes.len()))
    })
}

/// `writevto(addr, vector, stop=True)`: the buffers of a tuple or list in one transfer.
fn i2c_writevto(vm: &mut Vm, args: &[Value]) -> Res {
    let (this, stop) = (bus_of(vm, args[0])?, flag(vm, args[3], true)?);
    if vm.cast::<Tuple>(args[2]).is_none() && vm.cast::<List>(args[2]).is_none() {
        return Err(vm.raise(exc::TYPE_ERROR, "a vector is a tuple or list"));
    }
    // One after the other in memory: the bus knows no gaps.
    let mut all = StrBuilder::new();
    let mut cursor = vm.cursor(args[2])?;
    while let Some(item) = vm.cursor_next(&mut cursor)? {
        let buffer = vm.expect_buffer(item)?;
        all.push_buffer(vm, buffer);
    }
    let all = all.finish_bytes(vm)?;
    let buffer = vm.expect_buffer(all)?;
    vm.with_bytes(buffer, |vm, bytes| {
        transfer(vm, this, args[1], &mut [Operation::Write(bytes)], stop)?;
        Ok(Value::from_len(bytes.len()))
    })
}

/// The bytes of an address in a device's memory, highest first, and how many they are.
fn memory_address(vm: &mut Vm, address: Value, size: Value) -> Result<([u8; 4], usize), Raise> {
    let bits = int(vm, size, 8)?;
    if !matches!(bits, 8 | 16 | 24 | 32) {
        return Err(invalid(vm));
    }
    let n = bits as usize / 8;
    let mut bytes = (vm.int_low_u64(address)? as u32).to_be_bytes();
    bytes.rotate_left(4 - n);
    Ok((bytes, n))
}

/// `readfrom_mem(addr, memaddr, nbytes, *, addrsize=8)`: bytes.
fn i2c_readfrom_mem(vm: &mut Vm, args: &[Value]) -> Res {
    let (this, n) = (bus_of(vm, args[0])?, count(vm, args[3])?);
    let (place, size) = memory_address(vm, args[2], args[4])?;
    fill(vm, n, |vm, buf| {
        let mut operations = [Operation::Write(&place[..size]), Operation::Read(buf)];
        transfer(vm, this, args[1], &mut operations, true)
    })
}

/// `readfrom_mem_into(addr, memaddr, buf, *, addrsize=8)`: how many bytes.
fn i2c_readfrom_mem_into(vm: &mut Vm, args: &[Value]) -> Res {
    let this = bus_of(vm, args[0])?;
    let (place, size) = memory_address(vm, args[2], args[4])?;
    let buffer = vm.expect_writable(args[3])?;
    vm.with_bytes_mut(buffer, |vm, buf| {
        let n = buf.len();
        let mut operations = [Operation::Write(&place[..size]), Operation::Read(buf)];
        transfer(vm, this, args[1], &mut operations, true)?;
        Ok(Value::from_len(n))
    })
}

/// `writeto_mem(addr, memaddr, buf, *, addrsize=8)`: how many bytes.
fn i2c_writeto_mem(vm: &mut Vm, args: &[Value]) -> Res {
    let this = bus_of(vm, args[0])?;
    let (place, size) = memory_address(vm, args[2], args[4])?;
    with_bytes(vm, args[3], |vm, bytes| {
        let mut operations = [Operation::Write(&place[..size]), Operation::Write(bytes)];
        transfer(vm, this, args[1], &mut operations, true)?;
        Ok(Value::from_len(bytes.len()))
    })
}

fn i2c_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let this = args::this(vm, v, &I2C)?;
    let (number, freq) = (word(vm, this, BUS), word(vm, this, FREQ));
    match freq {
        0 => vm.push_fmt(out, format_args!("I2C({number})")),
        _ => vm.push_fmt(out, format_args!("I2C({number}, I2C.MASTER, baudrate={freq})")),
    }
    Ok(())
}

static SOFT_NEW: RomFn =
    RomFn::free(q::SoftI2C, rom_call!(Kw(soft_bound; scl, sda, *, freq?, timeout?)));

/// `SoftI2C(scl, sda, *, freq=400000, timeout=50000)`
fn soft_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &SOFT_NEW, args)
}

fn soft_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let this = object(vm, &SOFT_I2C, Value::int(-1))?;
    soft_set(vm, this, args)?;
    Ok(this.value())
}

/// `SoftI2C.init(*, scl, sda, freq, timeout)`
fn soft_init(vm: &mut Vm, args: &[Value]) -> Res {
    let this = args::this(vm, args[0], &SOFT_I2C)?;
    soft_set(vm, this, &args[1..])?;
    Ok(Value::NONE)
}

fn soft_set(vm: &mut Vm, this: Native, args: &[Value]) -> Result<(), Raise> {
    for (i, &v) in [SCL, SDA].into_iter().zip(args) {
        if let Some(v) = given(v) {
            let pin = pin::find(vm, v)?;
            this.set(vm, i, Value::from_len(pin.0.into()));
        }
    }
    let freq = int_in(vm, args[2], 400_000, 1..=1_000_000)?;
    let timeout = int_in(vm, args[3], 50_000, 1..=1_000_000)?;
    this.set(vm, FREQ, Value::int(freq as i32));
    this.set(vm, TIMEOUT, Value::int(timeout as i32));
    let config = I2cConfig { freq_hz: freq as u32, pins: None, timeout_us: timeout as u32 };
    let done = soft(vm, this).configure(&config);
    args::check(vm, done)
}

/// One step of a soft bus.
fn step<R>(
    vm: &mut Vm,
    v: Value,
    f: impl FnOnce(&mut SoftI2c) -> Result<R, HalError>,
) -> Result<R, Raise> {
    let this = args::this(vm, v, &SOFT_I2C)?;
    let mut bus = soft(vm, this);
    let result = f(&mut bus);
    this.set(vm, BUSY, Value::bool(bus.is_busy()));
    args::check(vm, result)
}

/// `start()`
fn soft_start(vm: &mut Vm, v: Value) -> Res {
    step(vm, v, SoftI2c::start)?;
    Ok(Value::NONE)
}

/// `stop()`
fn soft_stop(vm: &mut Vm, v: Value) -> Res {
    step(vm, v, SoftI2c::stop)?;
    Ok(Value::NONE)
}

/// `write(buf)`: how many bytes were acknowledged.
fn soft_write(vm: &mut Vm, v: Value, bytes: Value) -> Res {
    with_bytes(vm, bytes, |vm, bytes| {
        let mut n = 0;
        for &byte in bytes {
            if !step(vm, v, |bus| bus.send(byte))? {
                break;
            }
            n += 1;
        }
        Ok(Value::from_len(n))
    })
}

/// `readinto(buf, nack=True)`: reads; the last byte is not acknowledged unless `nack` is false.
fn soft_readinto(vm: &mut Vm, args: &[Value]) -> Res {
    let nack = flag(vm, args.get(2).copied().unwrap_or(Value::UNDEF), true)?;
    let buffer = vm.expect_writable(args[1])?;
    vm.with_bytes_mut(buffer, |vm, buf| {
        let n = buf.len();
        for (i, byte) in buf.iter_mut().enumerate() {
            *byte = step(vm, args[0], |bus| bus.receive(i + 1 < n || !nack))?;
        }
        Ok(Value::NONE)
    })
}

fn soft_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let this = args::this(vm, v, &SOFT_I2C)?;
    let name = |i| pin::info(PinId(word(vm, this, i) as u8)).map_or("", |info| info.name);
    let (scl, sda, freq) = (name(SCL), name(SDA), word(vm, this, FREQ));
    vm.push_fmt(out, format_args!("SoftI2C(scl={scl}, sda={sda}, freq={freq})"));
    Ok(())
}
