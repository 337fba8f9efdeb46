//! `machine.ADC` in both forms, and the WiPy's `ADCChannel`.
//!
//! `ADC()`, `ADC(0)` is the WiPy's block, with `channel()`; `ADC(pin)` is today's, one converter on a pin. Words of both
//! types: the channel (-1: the block), whether it is on; of a channel also its block.
//!
//! Sources: the WiPy's library reference, "class ADC"; MicroPython library reference, "class ADC".

use threadsnake_drivers::hardware;
use threadsnake_hal::{Adc, PinId};
use threadsnake_vm::object::{Args, Native, Res, RomFn, Str, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, py_type, rom_call};

use crate::args::{self, device, errno, given, int_in, invalid, only_zero};
use crate::pin;

py_type! {
    /// `machine.ADC`.
    pub static ADC: ADC, base OBJECT;
    slots { new: adc_new, repr: adc_repr, is_final: true }
    entries {
        channel = Kw(adc_channel; _, id?, *, pin?);
        deinit = F1(deinit);
        init = Kw(adc_init; _, *, bits?);
        read = F1(read_raw);
        read_u16 = F1(read_u16);
        read_uv = F1(read_uv);
    }
}

py_type! {
    /// What `ADC.channel` returns.
    pub static CHANNEL: ADCChannel, base OBJECT;
    slots { call: channel_call, repr: channel_repr, is_final: true }
    entries {
        deinit = F1(deinit);
        init = F1(channel_init);
        read_u16 = F1(read_u16);
        read_uv = F1(read_uv);
        value = F1(read_raw);
    }
}

const NUMBER: usize = 0;
const ON: usize = 1;
const BLOCK: usize = 2;

static NEW: RomFn = RomFn::free(q::ADC, rom_call!(Kw(new_bound; id?, *, bits?, atten?)));

/// `ADC(id=0, *, bits=12)`, `ADC(pin)`
fn adc_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &NEW, args)
}

fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let adc = adc(vm)?;
    let is_pin = pin::native(vm, args[0]).is_some() || vm.cast::<Str>(args[0]).is_some();
    let channel = if is_pin {
        let pin = pin::find(vm, args[0])?;
        let Some(channel) = channel_of(adc, pin) else { return Err(invalid(vm)) };
        channel as i32
    } else {
        only_zero(vm, args[0])?;
        -1
    };
    int_in(vm, args[1], adc.bits().into(), adc.bits().into()..=adc.bits().into())?;
    let words = [Value::int(channel), Value::TRUE, Value::UNDEF];
    Ok(Native::new(vm, ADC.value(), &words)?.value())
}

fn adc(vm: &mut Vm) -> Result<&'static dyn Adc, Raise> {
    device(vm, hardware().adc)
}

fn channel_of(adc: &dyn Adc, pin: PinId) -> Option<usize> {
    adc.channels().iter().position(|&other| other == pin)
}

/// A converter or a channel.
fn this(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    match Native::from_value(v).filter(|n| n.class() == CHANNEL.value()) {
        Some(channel) => Ok(channel),
        None => args::this(vm, v, &ADC),
    }
}

fn is_on(vm: &Vm, this: Native) -> bool {
    this.get(vm, ON) == Value::TRUE
}

/// `ADC.channel(id, *, pin)`: either, or both if they agree.
fn adc_channel(vm: &mut Vm, args: &[Value]) -> Res {
    let block = args::this(vm, args[0], &ADC)?;
    let adc = adc(vm)?;
    if !is_on(vm, block) {
        return Err(vm.raise_os_error(errno::EPERM));
    }
    let by_pin = match given(args[2]) {
        None => None,
        Some(pin) => {
            let pin = pin::find(vm, pin)?;
            match channel_of(adc, pin) {
                Some(channel) => Some(channel),
                None => return Err(invalid(vm)),
            }
        }
    };
    let most = adc.channels().len() as i64 - 1;
    let channel = match (given(args[1]), by_pin) {
        (Some(id), by_pin) => {
            let id = int_in(vm, id, 0, 0..=most)? as usize;
            if by_pin.is_some_and(|channel| channel != id) {
                return Err(invalid(vm));
            }
            id
        }
        (None, Some(channel)) => channel,
        (None, None) => return Err(invalid(vm)),
    };
    let words = [Value::from_len(channel), Value::TRUE, block.value()];
    Ok(Native::new(vm, CHANNEL.value(), &words)?.value())
}

/// `ADC.init(*, bits=12)`
fn adc_init(vm: &mut Vm, args: &[Value]) -> Res {
    let this = args::this(vm, args[0], &ADC)?;
    let bits = adc(vm)?.bits().into();
    int_in(vm, args[1], bits, bits..=bits)?;
    this.set(vm, ON, Value::TRUE);
    Ok(Value::NONE)
}

/// `ADCChannel.init()`
fn channel_init(vm: &mut Vm, v: Value) -> Res {
    let channel = this(vm, v)?;
    if !is_on(vm, Native::from_known(channel.get(vm, BLOCK))) {
        return Err(vm.raise_os_error(errno::EPERM));
    }
    channel.set(vm, ON, Value::TRUE);
    Ok(Value::NONE)
}

/// `ADC.deinit()`, `ADCChannel.deinit()`
fn deinit(vm: &mut Vm, v: Value) -> Res {
    let this = this(vm, v)?;
    this.set(vm, ON, Value::FALSE);
    Ok(Value::NONE)
}

/// Measures; `OSError(EPERM)` when the channel or its block is off.
fn measure(vm: &mut Vm, v: Value) -> Result<u16, Raise> {
    let this = this(vm, v)?;
    let adc = adc(vm)?;
    let block = Native::from_value(this.get(vm, BLOCK)).unwrap_or(this);
    if !is_on(vm, this) || !is_on(vm, block) {
        return Err(vm.raise_os_error(errno::EPERM));
    }
    let Some(channel) = this.get(vm, NUMBER).as_small_int().and_then(|n| usize::try_from(n).ok())
    else {
        return Err(invalid(vm));
    };
    vm.check_may_wait()?;
    let read = vm.unlocked(|_| adc.read(channel));
    args::check(vm, read)
}

/// `ADCChannel.value()`, `ADC.read()`: as many bits as the converter has.
fn read_raw(vm: &mut Vm, v: Value) -> Res {
    Ok(Value::int(measure(vm, v)?.into()))
}

/// `read_u16()`: 0 to 65535.
fn read_u16(vm: &mut Vm, v: Value) -> Res {
    let (n, bits) = (u32::from(measure(vm, v)?), u32::from(adc(vm)?.bits()));
    // The bits again below, so that the highest result is the highest number.
    let scaled = n << (16 - bits) | n >> (2 * bits - 16);
    Ok(Value::from_len(scaled as usize))
}

/// `read_uv()`: microvolts.
fn read_uv(vm: &mut Vm, v: Value) -> Res {
    let (n, adc) = (u64::from(measure(vm, v)?), adc(vm)?);
    let uv = n * u64::from(adc.reference_uv()) / ((1 << adc.bits()) - 1);
    vm.int_from_u64(uv)
}

fn channel_call(vm: &mut Vm, v: Value, args: Args<'_>) -> Res {
    threadsnake_vm::types::common::positional(vm, args, 0, 0)?;
    read_raw(vm, v)
}

fn adc_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let this = this(vm, v)?;
    let (adc, channel) = (adc(vm)?, this.get(vm, NUMBER).as_small_int().unwrap_or(-1));
    let pin = usize::try_from(channel).ok().and_then(|n| adc.channels().get(n));
    match pin.and_then(|&pin| pin::info(pin)) {
        Some(info) => vm.push_fmt(out, format_args!("ADC(Pin('{}'))", info.name)),
        None if is_on(vm, this) => vm.push_fmt(out, format_args!("ADC(0, bits={})", adc.bits())),
        None => out.push_str(vm, "ADC(0)"),
    }
    Ok(())
}

fn channel_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let this = this(vm, v)?;
    let n = this.get(vm, NUMBER).as_small_int().unwrap_or(0);
    let pin = adc(vm)?.channels().get(n as usize).and_then(|&pin| pin::info(pin));
    match pin {
        Some(info) if is_on(vm, this) => {
            vm.push_fmt(out, format_args!("ADCChannel({n}, pin={})", info.name))
        }
        _ => vm.push_fmt(out, format_args!("ADCChannel({n})")),
    }
    Ok(())
}
