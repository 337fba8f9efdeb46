//! `time`: the clock, waiting, and ticks for short measurements.
//!
//! Seconds count from the host's epoch, in UTC: there are no time zones, so local time is UTC. Without a clock they count
//! from the host's start. Ticks wrap around at [`PERIOD`], on every target the same.
//! Source: Python Library Reference, "time"; the calendar is the proleptic Gregorian one.
#![forbid(unsafe_code)]

use crate::num::Real;
use crate::object::{Float, Res};
use crate::types::slice::clamped_index;
use crate::types::{float, number};
use crate::value::Value;
use crate::{Vm, exc, py_module};

py_module! {
    /// `time`. Source: Python Library Reference, "time".
    pub static TIME: time, extensible true;
    entries {
        #[cfg(feature = "extra")]
        time = F0(time_time);
        #[cfg(feature = "extra")]
        time_ns = F0(time_time_ns);
        #[cfg(feature = "extra")]
        gmtime = Var(0, 1, time_gmtime);
        #[cfg(feature = "extra")]
        localtime = Var(0, 1, time_gmtime);
        #[cfg(feature = "extra")]
        mktime = F1(time_mktime);
        sleep = F1(time_sleep);
        sleep_ms = F1(time_sleep_ms);
        sleep_us = F1(time_sleep_us);
        ticks_ms = F0(time_ticks_ms);
        ticks_us = F0(time_ticks_us);
        ticks_cpu = F0(time_ticks_us);
        ticks_add = F2(time_ticks_add);
        ticks_diff = F2(time_ticks_diff);
    }
}

/// Ticks wrap around here, as words do: they fit a small int on every target.
const PERIOD: u32 = 1 << 30;

const DAY_S: i64 = 86_400;
/// Days of 400 years.
const CYCLE_DAYS: i64 = 146_097;
/// Days from 1 March of the year 0 to 1 January 1970.
const EPOCH_DAY: i64 = 719_468;

/// Nanoseconds since the epoch.
fn now_ns(vm: &Vm) -> i128 {
    match vm.host().unix_time_ns() {
        Some(ns) => i128::from(ns) - epoch_s(vm) as i128 * 1_000_000_000,
        None => i128::from(vm.host().ticks_us()) * 1000,
    }
}

/// The epoch in seconds after 1970.
fn epoch_s(vm: &Vm) -> i64 {
    vm.host().epoch_offset_s() as i64
}

fn now_s(vm: &Vm) -> i64 {
    now_ns(vm).div_euclid(1_000_000_000) as i64
}

/// `time.time()`: whole seconds since the epoch.
fn time_time(vm: &mut Vm) -> Res {
    let now = now_s(vm);
    vm.int_from_i64(now)
}

/// `time.time_ns()`: nanoseconds since the epoch.
fn time_time_ns(vm: &mut Vm) -> Res {
    let now = now_ns(vm);
    vm.int_from_i128(now)
}

/// `time.gmtime([seconds])`, `time.localtime([seconds])`: year, month, day, hour, minute, second, weekday (Monday is
/// 0), day of the year (from 1).
fn time_gmtime(vm: &mut Vm, args: &[Value]) -> Res {
    let seconds = match args.first() {
        None => now_s(vm),
        Some(v) if v.is_none() => now_s(vm),
        Some(&v) => match Float::from_value(v).map(|f| Real::floor(f.number(vm))) {
            Some(f) if f.abs() < 1e18 => f as i64,
            Some(_) => return Err(number::too_large(vm)),
            None => vm.int_to_i64(v)?,
        },
    };
    let Some(unix) = seconds.checked_add(epoch_s(vm)) else {
        return Err(number::too_large(vm));
    };
    let (days, second) = (unix.div_euclid(DAY_S), unix.rem_euclid(DAY_S) as i32);
    let (year, month, day) = civil(days);
    let yearday = days - days_of(year, 1) + 1;
    let year = vm.int_from_i64(year)?;
    vm.new_tuple(&[
        year,
        Value::int(month),
        Value::int(day),
        Value::int(second / 3600),
        Value::int(second / 60 % 60),
        Value::int(second % 60),
        // 1 January 1970 was a Thursday.
        Value::int((days + 3).rem_euclid(7) as i32),
        Value::int(yearday as i32),
    ])
}

/// Year, month and day of a day since 1970.
pub fn civil(days: i64) -> (i64, i32, i32) {
    // Years begin in March here, so that the leap day is the last.
    let shifted = days + EPOCH_DAY;
    let (cycle, day) = (shifted.div_euclid(CYCLE_DAYS), shifted.rem_euclid(CYCLE_DAYS));
    let year = (day - day / 1460 + day / 36_524 - day / (CYCLE_DAYS - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = (day - (153 * month + 2) / 5 + 1) as i32;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (cycle * 400 + year + i64::from(month <= 2), month as i32, day)
}

/// The first day of a month in days since 1970; months beyond 1 to 12 belong to other years.
pub fn days_of(year: i64, month: i64) -> i64 {
    let (year, month) = (year + (month - 3).div_euclid(12), (month - 3).rem_euclid(12));
    let (cycle, year) = (year.div_euclid(400), year.rem_euclid(400));
    cycle * CYCLE_DAYS + 365 * year + year / 4 - year / 100 + (153 * month + 2) / 5 - EPOCH_DAY
}

/// `time.mktime(tuple)`: the seconds of a tuple or list of 8 or 9 items as `gmtime` gives; weekday and day of the year
/// do not matter. Months, days and times beyond their ranges carry over.
fn time_mktime(vm: &mut Vm, v: Value) -> Res {
    let given = vm.collect_sequence(v)?;
    let given = given.items(vm);
    let &([a, b, c, d, e, f, _, _] | [a, b, c, d, e, f, _, _, _]) = given else {
        return Err(vm.raise(exc::TYPE_ERROR, "mktime needs a tuple of length 8 or 9"));
    };
    let items = [a, b, c, d, e, f];
    let mut fields = [0; 6];
    for (field, &item) in fields.iter_mut().zip(&items) {
        let n = vm.int_to_i64(item)?;
        // No sum of them overflows then.
        *field = match i32::try_from(n) {
            Ok(n) => n.into(),
            Err(_) => return Err(number::too_large(vm)),
        };
    }
    let [year, month, day, hour, minute, second] = fields;
    let days = days_of(year, month) + day - 1;
    let seconds = days * DAY_S + hour * 3600 + minute * 60 + second;
    let seconds = seconds - epoch_s(vm);
    vm.int_from_i64(seconds)
}

/// Waits, while other tasks run and callbacks are called; `KeyboardInterrupt` ends it. Nothing that is not above zero
/// waits, but lets others run all the same.
fn sleep_us(vm: &mut Vm, us: i64) -> Res {
    match u64::try_from(us) {
        Ok(us @ 1..) => {
            vm.wait_until(Some(us), |_| Ok(false))?;
        }
        _ => {
            vm.check_may_wait()?;
            vm.unlocked(|_| ());
            vm.safe_point()?;
        }
    }
    Ok(Value::NONE)
}

/// `n` units of so many microseconds. More than half a word are as many.
fn sleep_units(vm: &mut Vm, n: isize, unit_us: i64) -> Res {
    let n = n.clamp(0, i32::MAX as isize);
    sleep_us(vm, n as i64 * unit_us)
}

/// `time.sleep(seconds)`
fn time_sleep(vm: &mut Vm, v: Value) -> Res {
    if let Some(s) = v.as_small_int() {
        return sleep_units(vm, s, 1_000_000);
    }
    // Saturates; NaN is 0.
    let us = (float::to_scalar(vm, v)? * 1e6) as i64;
    sleep_us(vm, us)
}

/// `time.sleep_ms(milliseconds)`
fn time_sleep_ms(vm: &mut Vm, v: Value) -> Res {
    let ms = clamped_index(vm, v)?;
    sleep_units(vm, ms, 1000)
}

/// `time.sleep_us(microseconds)`
fn time_sleep_us(vm: &mut Vm, v: Value) -> Res {
    let us = clamped_index(vm, v)?;
    sleep_units(vm, us, 1)
}

/// `time.ticks_ms()`: milliseconds since some start, modulo [`PERIOD`].
fn time_ticks_ms(vm: &mut Vm) -> Res {
    Ok(ticks(vm.host().ticks_us() / 1000))
}

/// `time.ticks_us()`, `time.ticks_cpu()`: microseconds, likewise.
fn time_ticks_us(vm: &mut Vm) -> Res {
    Ok(ticks(vm.host().ticks_us()))
}

/// The ticks that a number of units is.
fn ticks(n: u64) -> Value {
    Value::int((n as u32 % PERIOD) as i32)
}

/// `time.ticks_add(ticks, delta)`: `OverflowError` unless `delta` is less than half a period either way.
fn time_ticks_add(vm: &mut Vm, start: Value, delta: Value) -> Res {
    let start = vm.int_low_u64(start)?;
    let delta = clamped_index(vm, delta)?;
    if delta.unsigned_abs() >= PERIOD as usize / 2 {
        return Err(vm.raise(exc::OVERFLOW_ERROR, "ticks interval overflow"));
    }
    Ok(ticks(start.wrapping_add(delta as u64)))
}

/// `time.ticks_diff(end, start)`: from minus half a period up to half a period, `end` being later where it is above 0.
fn time_ticks_diff(vm: &mut Vm, end: Value, start: Value) -> Res {
    let (end, start) = (vm.int_low_u64(end)?, vm.int_low_u64(start)?);
    let half = PERIOD / 2;
    let difference = (end as u32).wrapping_sub(start as u32).wrapping_add(half) % PERIOD;
    Ok(Value::int(difference as i32 - half as i32))
}
