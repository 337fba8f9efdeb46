//! `machine.SPI` in both forms, and `machine.SoftSPI`.
//!
//! An exchange is a request to the bus's service; `SoftSPI` moves the pins in the calling task.
//!
//! Sources: the WiPy's library reference, "class SPI"; MicroPython library reference, "class SPI".

use threadsnake_drivers::hal::{PinId, Spi, SpiConfig};
use threadsnake_drivers::{SoftSpi, bus};
use threadsnake_vm::object::{
    Args, Buffer, ByteArray, Native, Res, RomFn, RomType, StrBuilder, Style,
};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type, rom_call};

use crate::args::{self, device, errno, given, int, int_in, invalid, sequence};
use crate::{number, pin};

const SHARED: &[threadsnake_vm::object::RomEntry] = threadsnake_vm::rom_entries!([]
    deinit = F1(spi_deinit);
    init = Raw(spi_init);
    read = Kw(spi_read; _, nbytes, write?);
    readinto = Kw(spi_readinto; _, buf, write?);
    write = F2(spi_write);
    write_readinto = F3(spi_write_readinto);
    MSB: number(0);
    LSB: number(1);
);

py_type! {
    /// `machine.SPI`.
    pub static SPI: SPI, base OBJECT;
    slots { new: spi_new, repr: spi_repr, is_final: true }
    entries { MASTER: number(0); CONTROLLER: number(0); } shared SHARED
}

py_type! {
    /// `machine.SoftSPI`.
    pub static SOFT_SPI: SoftSPI, base OBJECT;
    slots { new: soft_new, repr: soft_repr, is_final: true }
    entries { CONTROLLER: number(0); } shared SHARED
}

/// Words: number of the bus (-1: soft), frequency (0: off), polarity and phase and bits and order, pins.
const BUS: usize = 0;
const FREQ: usize = 1;
const HOW: usize = 2;
const PINS: usize = 3;

static NEW: RomFn = RomFn::free(
    q::SPI,
    rom_call!(Kw(new_bound; id?, mode?, baudrate?, *, polarity?, phase?, bits?, firstbit?, pins?, sck?, mosi?, miso?)),
);
static INIT: RomFn = RomFn::free(
    q::init,
    rom_call!(Kw(init_bound; _, mode?, baudrate?, *, polarity?, phase?, bits?, firstbit?, pins?, sck?, mosi?, miso?)),
);

fn object(vm: &mut Vm, class: &'static RomType, bus: Value) -> Result<Native, Raise> {
    let none = Value::int(-1);
    Native::new(vm, class.value(), &[bus, Value::int(0), Value::int(8), none, none, none])
}

/// `SPI(id=0, mode=MASTER, baudrate=1000000, *, polarity=0, phase=0, bits=8, firstbit=MSB, pins=(CLK, MOSI, MISO))`,
/// `SPI(id=0, baudrate=1000000, *, polarity=0, phase=0, bits=8, firstbit=MSB, sck, mosi, miso)`
fn spi_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &NEW, args)
}

fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let number = usize::try_from(int(vm, args[0], 0)?).unwrap_or(usize::MAX);
    device(vm, bus::spi(number))?;
    let this = object(vm, &SPI, Value::from_len(number))?;
    init(vm, this, &args[1..])?;
    Ok(this.value())
}

/// `init(…)`: as the constructor's other arguments.
fn spi_init(vm: &mut Vm, args: Args<'_>) -> Res {
    args::bind(vm, &INIT, args)
}

fn init_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let this = either(vm, args[0])?;
    init(vm, this, &args[1..])?;
    Ok(Value::NONE)
}

fn word(vm: &Vm, this: Native, i: usize) -> i64 {
    this.get(vm, i).as_small_int().unwrap_or(0) as i64
}

/// Switches the bus on: mode, baudrate, polarity, phase, bits, firstbit, pins, sck, mosi, miso.
fn init(vm: &mut Vm, this: Native, args: &[Value]) -> Result<(), Raise> {
    let &[mode, baudrate, polarity, phase, bits, firstbit, pins, sck, mosi, miso] = args else {
        return Err(invalid(vm));
    };
    // Today the baudrate comes second; a mode there can only be 0.
    let mode_is_rate = !mode.is_undef() && baudrate.is_undef() && int(vm, mode, 0)? != 0;
    let baudrate = if mode_is_rate { mode } else { baudrate };
    if !mode_is_rate {
        int_in(vm, mode, 0, 0..=0)?;
    }
    let freq = int_in(vm, baudrate, 1_000_000, 1..=1_000_000_000)?;
    let polarity = int_in(vm, polarity, 0, 0..=1)?;
    let phase = int_in(vm, phase, 0, 0..=1)?;
    let bits = int(vm, bits, 8)?;
    let lsb = int_in(vm, firstbit, 0, 0..=1)?;
    if !matches!(bits, 8 | 16 | 32) {
        return Err(invalid(vm));
    }
    let singles = [sck, mosi, miso];
    let chosen = match given(pins) {
        Some(pins) => match sequence::<3>(vm, pins) {
            Some((items, 3)) => Some(items),
            _ => return Err(invalid(vm)),
        },
        None if singles.iter().all(|&v| given(v).is_some()) => Some(singles),
        None if singles.iter().all(|&v| given(v).is_none()) => None,
        None => return Err(invalid(vm)),
    };
    if let Some(chosen) = chosen {
        for (i, v) in chosen.into_iter().enumerate() {
            let pin = pin::find(vm, v)?;
            this.set(vm, PINS + i, Value::from_len(pin.0.into()));
        }
    }
    this.set(vm, FREQ, Value::int(freq as i32));
    let how = bits | polarity << 8 | phase << 9 | lsb << 10;
    this.set(vm, HOW, Value::int(how as i32));
    let config = config(vm, this);
    let done = if word(vm, this, BUS) < 0 {
        match soft(vm, this) {
            Some(mut bus) => bus.configure(&config),
            None => return Err(invalid(vm)),
        }
    } else {
        vm.check_may_wait()?;
        let (port, owner) = (port(vm, this)?, vm.handle());
        vm.unlocked(|_| port.configure(config, Some(owner)))
    };
    if done.is_err() {
        this.set(vm, FREQ, Value::int(0));
    }
    args::check(vm, done)
}

fn pins_of(vm: &Vm, this: Native) -> Option<[PinId; 3]> {
    let pin = |i| u8::try_from(word(vm, this, PINS + i)).ok().map(PinId);
    Some([pin(0)?, pin(1)?, pin(2)?])
}

fn config(vm: &Vm, this: Native) -> SpiConfig {
    let how = word(vm, this, HOW);
    SpiConfig {
        freq_hz: word(vm, this, FREQ) as u32,
        bits: how as u8,
        polarity: how & 1 << 8 != 0,
        phase: how & 1 << 9 != 0,
        lsb_first: how & 1 << 10 != 0,
        pins: pins_of(vm, this),
    }
}

fn soft(vm: &Vm, this: Native) -> Option<SoftSpi> {
    Some(SoftSpi::new(pins_of(vm, this)?).with(&config(vm, this)))
}

fn port(vm: &mut Vm, this: Native) -> Result<&'static bus::Port<dyn Spi>, Raise> {
    let number = word(vm, this, BUS) as usize;
    device(vm, bus::spi(number))
}

fn either(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    match Native::from_value(v).filter(|n| n.class() == SOFT_SPI.value()) {
        Some(soft) => Ok(soft),
        None => args::this(vm, v, &SPI),
    }
}

/// A bus of either class, which is on.
fn bus_of(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    let this = either(vm, v)?;
    if word(vm, this, FREQ) == 0 {
        return Err(vm.raise_os_error(errno::EPERM));
    }
    Ok(this)
}

/// Exchanges pinned bytes in place, without the GIL.
fn exchange(vm: &mut Vm, this: Native, bytes: &mut [u8]) -> Result<(), Raise> {
    vm.check_may_wait()?;
    let result = if word(vm, this, BUS) < 0 {
        let Some(mut bus) = soft(vm, this) else { return Err(invalid(vm)) };
        vm.unlocked(move |_| bus.exchange(bytes))
    } else {
        let port = port(vm, this)?;
        vm.unlocked(|_| port.exchange(bytes))
    };
    vm.safe_point()?;
    args::check(vm, result)
}

/// `deinit()`
fn spi_deinit(vm: &mut Vm, v: Value) -> Res {
    let this = either(vm, v)?;
    if word(vm, this, BUS) >= 0 {
        vm.check_may_wait()?;
        let port = port(vm, this)?;
        vm.unlocked(|_| port.release());
    } else if let Some(mut bus) = soft(vm, this) {
        bus.release();
    }
    this.set(vm, FREQ, Value::int(0));
    Ok(Value::NONE)
}

/// `read(nbytes, write=0)`: bytes.
fn spi_read(vm: &mut Vm, args: &[Value]) -> Res {
    let this = bus_of(vm, args[0])?;
    let n = int_in(vm, args[1], 0, 0..=i64::from(i32::MAX))? as usize;
    let out = int(vm, args[2], 0)? as u8;
    let bytes = ByteArray::new(vm, 0, n)?;
    let buffer = Buffer::of_array(bytes);
    vm.with_bytes_mut(buffer, |vm, buf| {
        buf.fill(out);
        exchange(vm, this, buf)
    })?;
    Ok(buffer.to_bytes(vm)?.value())
}

/// `readinto(buf, write=0)`: how many bytes.
fn spi_readinto(vm: &mut Vm, args: &[Value]) -> Res {
    let this = bus_of(vm, args[0])?;
    let out = int(vm, args[2], 0)? as u8;
    let buffer = vm.expect_writable(args[1])?;
    vm.with_bytes_mut(buffer, |vm, buf| {
        buf.fill(out);
        exchange(vm, this, buf)?;
        Ok(Value::from_len(buf.len()))
    })
}

/// `write(buf)`: how many bytes.
fn spi_write(vm: &mut Vm, v: Value, bytes: Value) -> Res {
    let this = bus_of(vm, v)?;
    if let Some(n) = bytes.as_small_int() {
        exchange(vm, this, &mut [n as u8])?;
        return Ok(Value::int(1));
    }
    let buffer = vm.expect_buffer(bytes)?;
    vm.with_bytes(buffer, |vm, bytes| {
        // The exchange is in place, and these are to stay.
        let mut piece = [0; 64];
        for chunk in bytes.chunks(piece.len()) {
            let piece = &mut piece[..chunk.len()];
            piece.copy_from_slice(chunk);
            exchange(vm, this, piece)?;
        }
        Ok(Value::from_len(bytes.len()))
    })
}

/// `write_readinto(write_buf, read_buf)`: how many bytes; both have the same length.
fn spi_write_readinto(vm: &mut Vm, v: Value, from: Value, to: Value) -> Res {
    let this = bus_of(vm, v)?;
    let (from, to) = (vm.expect_buffer(from)?, vm.expect_writable(to)?);
    if from.len(vm) != to.len(vm) {
        return Err(vm.raise(exc::VALUE_ERROR, "buffers must be the same length"));
    }
    to.copy_from(vm, from);
    vm.with_bytes_mut(to, |vm, buf| {
        exchange(vm, this, buf)?;
        Ok(Value::from_len(buf.len()))
    })
}

fn spi_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let this = args::this(vm, v, &SPI)?;
    let (number, freq) = (word(vm, this, BUS), word(vm, this, FREQ));
    if freq == 0 {
        vm.push_fmt(out, format_args!("SPI({number})"));
        return Ok(());
    }
    let SpiConfig { bits, polarity, phase, lsb_first, .. } = config(vm, this);
    let (polarity, phase) = (u8::from(polarity), u8::from(phase));
    let first = if lsb_first { "LSB" } else { "MSB" };
    vm.push_fmt(
        out,
        format_args!(
            "SPI({number}, SPI.MASTER, baudrate={freq}, bits={bits}, polarity={polarity}, \
             phase={phase}, firstbit=SPI.{first})"
        ),
    );
    Ok(())
}

static SOFT_NEW: RomFn = RomFn::free(
    q::SoftSPI,
    rom_call!(Kw(soft_bound; baudrate?, *, polarity?, phase?, bits?, firstbit?, sck?, mosi?, miso?)),
);

/// `SoftSPI(baudrate=500000, *, polarity=0, phase=0, bits=8, firstbit=MSB, sck, mosi, miso)`
fn soft_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &SOFT_NEW, args)
}

fn soft_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let &[baudrate, polarity, phase, bits, firstbit, sck, mosi, miso] = args else {
        return Err(invalid(vm));
    };
    int_in(vm, bits, 8, 8..=8)?;
    let baudrate = if baudrate.is_undef() { Value::int(500_000) } else { baudrate };
    let this = object(vm, &SOFT_SPI, Value::int(-1))?;
    let none = Value::UNDEF;
    init(vm, this, &[none, baudrate, polarity, phase, bits, firstbit, none, sck, mosi, miso])?;
    Ok(this.value())
}

fn soft_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let this = args::this(vm, v, &SOFT_SPI)?;
    let freq = word(vm, this, FREQ);
    let SpiConfig { polarity, phase, .. } = config(vm, this);
    let (polarity, phase) = (u8::from(polarity), u8::from(phase));
    let pin = |i| pin::info(PinId(word(vm, this, PINS + i) as u8)).map_or("", |info| info.name);
    let (sck, mosi, miso) = (pin(0), pin(1), pin(2));
    vm.push_fmt(
        out,
        format_args!(
            "SoftSPI(baudrate={freq}, polarity={polarity}, phase={phase}, sck={sck}, mosi={mosi}, \
             miso={miso})"
        ),
    );
    Ok(())
}
