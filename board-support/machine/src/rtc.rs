//! `machine.RTC`: the calendar clock, its alarm, the bytes it keeps.
//!
//! `RTC()` takes the clock as it is; one that was never set begins on 1 January 2015. Words: the `irq` object, the period
//! of the alarm that repeats.
//!
//! Sources: the WiPy's library reference, "class RTC"; MicroPython library reference, "class RTC".

use threadsnake_drivers::{clock, hardware, sleep};
use threadsnake_vm::modules::time::{civil, days_of};
use threadsnake_vm::object::{Args, Native, Res, RomFn, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type, rom_call};

use crate::args::{self, device, flag, given, int_in, invalid, only_zero, sequence};
use crate::irq::{self, How, Source};
use crate::number;
use crate::state::{self, Item};

py_type! {
    /// `machine.RTC`.
    pub static RTC: RTC, base OBJECT;
    slots { new: rtc_new, repr: rtc_repr, is_final: true }
    entries {
        alarm = Kw(rtc_alarm; _, id?, time?, *, repeat?);
        alarm_cancel = Kw(rtc_cancel; _, alarm_id?);
        alarm_left = Kw(rtc_left; _, alarm_id?);
        cancel = Kw(rtc_cancel; _, alarm_id?);
        datetime = Var(1, 2, rtc_datetime);
        deinit = F1(rtc_deinit);
        init = Kw(rtc_init; _, datetime?);
        irq = Kw(rtc_irq; _, trigger?, handler?, wake?, priority?, hard?);
        memory = Var(1, 2, rtc_memory);
        now = F1(rtc_now);
        ALARM0: number(ALARM0 as i32);
    }
}

const ALARM0: i64 = clock::ALARM0 as i64;
const IRQ: usize = 0;

const US: u64 = 1_000_000;
/// 1 January 2015.
const DEFAULT_US: u64 = 1_420_070_400 * US;

static NEW: RomFn = RomFn::free(q::RTC, rom_call!(Kw(new_bound; id?, datetime?)));

/// `RTC(id=0, datetime=None)`
fn rtc_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &NEW, args)
}

fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    device(vm, hardware().rtc)?;
    only_zero(vm, args[0])?;
    if let Some(datetime) = given(args[1]) {
        init(vm, datetime)?;
    } else if clock::now_us().is_none() {
        args::check(vm, clock::set_us(DEFAULT_US))?;
    }
    let there = state::get(vm, Item::Rtc)?;
    if !there.is_undef() {
        return Ok(there);
    }
    let object = Native::new(vm, RTC.value(), &[Value::UNDEF])?.value();
    state::set(vm, Item::Rtc, object)?;
    Ok(object)
}

/// Fields of a moment: year, month, day, hour, minute, second, microsecond.
type Fields = [i64; 7];

/// Microseconds since 1970 of a moment; `ValueError` for one that is not in the calendar.
fn us_of(vm: &mut Vm, fields: Fields) -> Result<u64, Raise> {
    let [year, month, day, hour, minute, second, us] = fields;
    let in_calendar = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && day >= 1
        && day <= days_of(year, month + 1) - days_of(year, month)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second)
        && (0..1_000_000).contains(&us);
    if !in_calendar {
        return Err(invalid(vm));
    }
    let seconds = (days_of(year, month) + day - 1) * 86_400 + hour * 3600 + minute * 60 + second;
    Ok(seconds as u64 * US + us as u64)
}

/// The fields of a moment, and the weekday, Monday being 0.
fn fields_of(us: u64) -> (Fields, i64) {
    let (seconds, us) = ((us / US) as i64, (us % US) as i64);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let fields = [year, month.into(), day.into(), second / 3600, second / 60 % 60, second % 60, us];
    (fields, (days + 3) % 7)
}

/// A moment from a tuple of 3 to 8 items: year, month, day, hour, minute, second, microsecond, time zone.
fn moment(vm: &mut Vm, v: Value) -> Result<u64, Raise> {
    let Some((items, n)) = sequence::<8>(vm, v).filter(|&(_, n)| n >= 3) else {
        return Err(vm.raise(exc::TYPE_ERROR, "a date is a tuple of 3 to 8 items"));
    };
    let mut fields = [0; 7];
    for (field, &item) in fields.iter_mut().zip(&items[..n]) {
        *field = vm.int_to_i64(item)?;
    }
    us_of(vm, fields)
}

fn now(vm: &mut Vm) -> Result<u64, Raise> {
    device(vm, clock::now_us())
}

fn init(vm: &mut Vm, datetime: Value) -> Result<(), Raise> {
    let us = moment(vm, datetime)?;
    args::check(vm, clock::set_us(us))
}

/// `RTC.init(datetime)`; without one the default date.
fn rtc_init(vm: &mut Vm, args: &[Value]) -> Res {
    args::this(vm, args[0], &RTC)?;
    match given(args[1]) {
        Some(datetime) => init(vm, datetime)?,
        None => args::check(vm, clock::set_us(DEFAULT_US))?,
    }
    Ok(Value::NONE)
}

/// `RTC.deinit()`: the default date again.
fn rtc_deinit(vm: &mut Vm, v: Value) -> Res {
    args::this(vm, v, &RTC)?;
    clock::cancel_alarm();
    args::check(vm, clock::set_us(DEFAULT_US))?;
    Ok(Value::NONE)
}

/// `RTC.now()`: year, month, day, hour, minute, second, microsecond, `None`.
fn rtc_now(vm: &mut Vm, v: Value) -> Res {
    args::this(vm, v, &RTC)?;
    let (fields, _) = fields_of(now(vm)?);
    let mut items = [Value::NONE; 8];
    for (item, field) in items.iter_mut().zip(fields) {
        *item = Value::int(field as i32);
    }
    vm.new_tuple(&items)
}

/// `RTC.datetime([tuple])`: year, month, day, weekday, hour, minute, second, microsecond.
fn rtc_datetime(vm: &mut Vm, args: &[Value]) -> Res {
    args::this(vm, args[0], &RTC)?;
    let Some(&datetime) = args.get(1) else {
        let ([year, month, day, hour, minute, second, us], weekday) = fields_of(now(vm)?);
        let items = [year, month, day, weekday, hour, minute, second, us];
        return vm.new_tuple(&items.map(|n| Value::int(n as i32)));
    };
    let Some((items, 8)) = sequence::<8>(vm, datetime) else {
        return Err(vm.raise(exc::TYPE_ERROR, "a date and time is a tuple of 8 items"));
    };
    let mut fields = [0; 8];
    for (field, item) in fields.iter_mut().zip(items) {
        *field = vm.int_to_i64(item)?;
    }
    let [year, month, day, _, hour, minute, second, us] = fields;
    let us = us_of(vm, [year, month, day, hour, minute, second, us])?;
    args::check(vm, clock::set_us(us))?;
    Ok(Value::NONE)
}

/// `RTC.alarm(id=0, time, *, repeat=False)`: in so many milliseconds, or at a moment.
///
/// Raises `OSError(ENODEV)` for another number, `ValueError` for a moment that is past or is to repeat.
fn rtc_alarm(vm: &mut Vm, args: &[Value]) -> Res {
    args::this(vm, args[0], &RTC)?;
    only_zero(vm, args[1])?;
    let repeat = flag(vm, args[3], false)?;
    let Some(time) = given(args[2]) else { return Err(invalid(vm)) };
    let in_us = if sequence::<8>(vm, time).is_some() {
        let (at, now) = (moment(vm, time)?, now(vm)?);
        if repeat || at < now {
            return Err(invalid(vm));
        }
        at - now
    } else {
        int_in(vm, time, 0, 1..=i64::MAX / 1000)? as u64 * 1000
    };
    args::check(vm, clock::set_alarm(in_us, if repeat { in_us } else { 0 }))?;
    Ok(Value::NONE)
}

/// `RTC.alarm_left(alarm_id=0)`: milliseconds until the alarm, 0 without one.
fn rtc_left(vm: &mut Vm, args: &[Value]) -> Res {
    args::this(vm, args[0], &RTC)?;
    only_zero(vm, args[1])?;
    vm.int_from_u64(clock::alarm_left_us().unwrap_or(0) / 1000)
}

/// `RTC.alarm_cancel(alarm_id=0)`, `RTC.cancel(alarm_id=0)`
fn rtc_cancel(vm: &mut Vm, args: &[Value]) -> Res {
    args::this(vm, args[0], &RTC)?;
    only_zero(vm, args[1])?;
    clock::cancel_alarm();
    Ok(Value::NONE)
}

/// `RTC.irq(*, trigger=ALARM0, handler=None, wake=IDLE)`
fn rtc_irq(vm: &mut Vm, args: &[Value]) -> Res {
    let &[object, trigger, handler, wake, priority, hard] = args else { return Err(invalid(vm)) };
    let this = args::this(vm, object, &RTC)?;
    let irq = match Native::from_value(this.get(vm, IRQ)) {
        Some(irq) => irq,
        None => {
            let irq = irq::new(vm, object, Source::Clock)?;
            this.set(vm, IRQ, irq.value());
            irq
        }
    };
    if args[1..].iter().all(|v| v.is_undef()) {
        return Ok(irq.value());
    }
    int_in(vm, trigger, ALARM0, ALARM0..=ALARM0)?;
    let wake = given(wake).unwrap_or(Value::UNDEF);
    let bits = int_in(vm, wake, sleep::when::IDLE.into(), 0..=7)? as u8;
    let how = How::of(vm, priority, hard)?;
    irq::set(vm, irq, handler, ALARM0, how)?;
    sleep::set_clock(bits);
    Ok(irq.value())
}

/// `RTC.memory([bytes])`: what is kept over a soft reset.
fn rtc_memory(vm: &mut Vm, args: &[Value]) -> Res {
    args::this(vm, args[0], &RTC)?;
    match args.get(1) {
        None => {
            let mut bytes = [0; clock::MEMORY_BYTES];
            let n = clock::memory(&mut bytes);
            vm.new_bytes(&bytes[..n])
        }
        Some(&bytes) => {
            let buffer = vm.expect_buffer(bytes)?;
            if !clock::set_memory(buffer.bytes(vm)) {
                return Err(invalid(vm));
            }
            Ok(Value::NONE)
        }
    }
}

fn rtc_repr(vm: &mut Vm, _: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    out.push_str(vm, "<RTC>");
    Ok(())
}
