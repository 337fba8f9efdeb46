//! Many timers from the board's one alarm.
//!
//! A timer has a time, perhaps a period, and a function that the alarm's interrupt calls with the timer's number.
//! Periods do not drift: the next time counts from the last one that was due, not from when it was served; what could
//! not be served in time is left out.

use core::cell::RefCell;
use critical_section::Mutex;
use threadsnake_vm::VmHandle;

use crate::{hardware, irq};

/// How many timers there are.
pub const TIMERS: usize = 32;

/// Names a timer that was allocated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimerId(u8);

impl TimerId {
    /// Its number, below [`TIMERS`].
    pub fn number(self) -> usize {
        self.0.into()
    }

    /// The timer with that number, which `number` gave.
    pub fn from_number(number: usize) -> Option<TimerId> {
        u8::try_from(number).ok().filter(|&n| usize::from(n) < TIMERS).map(TimerId)
    }
}

#[derive(Clone, Copy)]
struct Timer {
    /// `None`: the timer is free.
    action: Option<fn(TimerId)>,
    owner: Option<VmHandle>,
    /// `None`: it does not run.
    at_us: Option<u64>,
    /// 0: once.
    period_us: u64,
}

const FREE: Timer = Timer { action: None, owner: None, at_us: None, period_us: 0 };

type Table = [Timer; TIMERS];

static TABLE: Mutex<RefCell<Table>> = Mutex::new(RefCell::new([FREE; TIMERS]));

fn with<R>(f: impl FnOnce(&mut Table) -> R) -> R {
    critical_section::with(|cs| f(&mut TABLE.borrow_ref_mut(cs)))
}

/// Microseconds on the alarm's clock, 0 without one. Any context.
pub fn now_us() -> u64 {
    hardware().alarm.map_or(0, |alarm| alarm.now_us())
}

/// A timer that does not run yet; `None` when all are taken or the board has no alarm. `owner` is the VM whose end
/// frees it, if any.
pub fn allocate(owner: Option<VmHandle>, action: fn(TimerId)) -> Option<TimerId> {
    hardware().alarm?;
    with(|table| {
        let n = table.iter().position(|timer| timer.action.is_none())?;
        table[n] = Timer { action: Some(action), owner, ..FREE };
        Some(TimerId(n as u8))
    })
}

/// The action of timers that Python handles.
pub fn fire_line(timer: TimerId) {
    irq::timer(timer).fire(1);
}

/// Stops the timer and gives it back.
pub fn free(timer: TimerId) {
    with(|table| table[timer.number()] = FREE);
    set_alarm();
}

/// Frees all timers of a VM.
pub fn release(vm: VmHandle) {
    with(|table| {
        for timer in table.iter_mut().filter(|timer| timer.owner == Some(vm)) {
            *timer = FREE;
        }
    });
    set_alarm();
}

/// Lets the timer come in `in_us`, and then every `period_us` if that is not 0. Any context.
pub fn start(timer: TimerId, in_us: u64, period_us: u64) {
    let at_us = now_us().saturating_add(in_us);
    with(|table| {
        let timer = &mut table[timer.number()];
        if timer.action.is_some() {
            (timer.at_us, timer.period_us) = (Some(at_us), period_us);
        }
    });
    set_alarm();
}

/// Stops the timer. Any context.
pub fn stop(timer: TimerId) {
    with(|table| table[timer.number()].at_us = None);
    set_alarm();
}

/// Microseconds until the timer comes; `None` if it does not run.
pub fn left_us(timer: TimerId) -> Option<u64> {
    let at = with(|table| table[timer.number()].at_us)?;
    Some(at.saturating_sub(now_us()))
}

/// Sets the alarm to what comes first.
fn set_alarm() {
    let Some(alarm) = hardware().alarm else { return };
    // Together, or an interrupt in between would set a later time.
    with(|table| alarm.set(table.iter().filter_map(|timer| timer.at_us).min()));
}

/// The alarm's interrupt.
pub(crate) fn on_alarm() {
    let due = with(|table| take_due(table, now_us()));
    for (n, action) in due.into_iter().enumerate() {
        if let Some(action) = action {
            action(TimerId(n as u8));
        }
    }
    set_alarm();
}

/// The actions of timers that are due, which are set to their next time.
fn take_due(table: &mut Table, now_us: u64) -> [Option<fn(TimerId)>; TIMERS] {
    let mut due = [None; TIMERS];
    for (timer, due) in table.iter_mut().zip(&mut due) {
        let Some(at) = timer.at_us.filter(|&at| at <= now_us) else { continue };
        *due = timer.action;
        timer.at_us = match timer.period_us {
            0 => None,
            period => Some(at + ((now_us - at) / period + 1) * period),
        };
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_does_not_drift_and_missed_ones_are_left_out() {
        let mut table = [FREE; TIMERS];
        table[3] = Timer { action: Some(|_| ()), at_us: Some(100), period_us: 50, owner: None };
        assert!(take_due(&mut table, 99).iter().all(Option::is_none));
        assert!(take_due(&mut table, 107)[3].is_some());
        assert_eq!(table[3].at_us, Some(150));
        assert!(take_due(&mut table, 420)[3].is_some());
        assert_eq!(table[3].at_us, Some(450));
    }

    #[test]
    fn what_runs_once_stops() {
        let mut table = [FREE; TIMERS];
        table[0] = Timer { action: Some(|_| ()), at_us: Some(5), period_us: 0, owner: None };
        assert!(take_due(&mut table, 5)[0].is_some());
        assert_eq!(table[0].at_us, None);
    }
}
