//! `rtos`: the kernel's tasks, heap and time.

use super::handle::crew;
use crate::rtos::{self, TaskInfo};
use threadsnake_vm::object::Res;
use threadsnake_vm::value::{Scalar, Value};
use threadsnake_vm::{Vm, exc};

/// The most tasks that `rtos.tasks` describes.
const MOST_TASKS: usize = 32;

const STATES: [&str; 5] = ["running", "ready", "blocked", "suspended", "deleted"];

/// `rtos.tasks()`: what the kernel knows of each task, C's too, at most 32 of them: name, state, priority, bytes of its
/// stack that were never used, and its share of the processor's time since the start in percent (`None` where the
/// kernel does not count that).
pub fn tasks(vm: &mut Vm) -> Res {
    let mut infos = [TaskInfo::NONE; MOST_TASKS];
    let (n, total) = rtos::tasks(&mut infos);
    if n == 0 {
        return Err(vm.raise(exc::MEMORY_ERROR, "no memory for the list of tasks"));
    }
    let list = vm.new_list()?;
    for info in &infos[..n.min(MOST_TASKS)] {
        let name = vm.new_str(info.name())?;
        let state = vm.new_str(STATES.get(info.state as usize).copied().unwrap_or("unknown"))?;
        let priority = Value::from_len(info.priority as usize);
        let unused = Value::from_len(info.stack_unused as usize);
        let share = match info.run_time.saturating_mul(1000).checked_div(total) {
            Some(per_mille) => vm.new_float(per_mille as Scalar / 10.0)?,
            None => Value::NONE,
        };
        let task = vm.new_tuple(&[name, state, priority, unused, share])?;
        list.push(vm, task)?;
    }
    Ok(list.value())
}

/// `rtos.heap()`: bytes of the kernel's heap that are free, and that were free at the worst moment; `None` where the
/// heap does not know. RTOS objects lie there, Python's do not.
pub fn heap(vm: &mut Vm) -> Res {
    let known = |n| if n == 0 { Value::NONE } else { Value::from_len(n) };
    let (free, least) = rtos::heap();
    vm.new_tuple(&[known(free), known(least)])
}

/// `rtos.delay_until(ticks, period)`: waits until `period` milliseconds after `ticks`, a time of `time.ticks_ms`; that
/// time, for the next call. Does not wait for what has passed.
pub fn delay_until(vm: &mut Vm, ticks: Value, period: Value) -> Res {
    const PERIOD: i64 = 1 << 30;
    let (ticks, period) = (vm.int_to_i64(ticks)?, vm.int_to_i64(period)?);
    if !(0..PERIOD / 2).contains(&period) {
        return Err(vm.raise(exc::VALUE_ERROR, "period out of range"));
    }
    let until = ticks.wrapping_add(period).rem_euclid(PERIOD);
    let now_us = vm.host().ticks_us();
    let now_ms = (now_us / 1000 % PERIOD as u64) as i64;
    let left_ms = (until - now_ms + PERIOD / 2).rem_euclid(PERIOD) - PERIOD / 2;
    let left_us = (left_ms.max(0) as u64 * 1000).saturating_sub(now_us % 1000);
    vm.wait_until(Some(left_us), |_| Ok(false))?;
    Ok(Value::from_len(until as usize))
}

/// The bits of a notification that fit a small int on every target.
const BITS: u32 = (1 << 30) - 1;

/// `rtos.notify(ident, bits=1)`: adds these bits to what the thread of that identity is notified of, and ends its wait for
/// that. Raises `OSError(ESRCH)` if there is no such thread.
pub fn notify(vm: &mut Vm, args: &[Value]) -> Res {
    let id = u32::try_from(vm.index(args[0])?).unwrap_or(0);
    let bits = match args.get(1) {
        Some(&bits) => u32::try_from(vm.index(bits)?).unwrap_or(u32::MAX),
        None => 1,
    };
    if bits & !BITS != 0 {
        return Err(vm.raise(exc::VALUE_ERROR, "bits out of range"));
    }
    const ESRCH: i32 = 3;
    if vm.notify_thread(id, bits) { Ok(Value::NONE) } else { Err(vm.raise_os_error(ESRCH)) }
}

/// `rtos.notified(timeout=-1)`: waits until the calling thread is notified of something; the bits. 0 when the time is over.
pub fn notified(vm: &mut Vm, args: &[Value]) -> Res {
    let timeout_us = super::handle::timeout_us(vm, args[0])?;
    let mut bits = 0;
    vm.wait_until(timeout_us, |vm| {
        bits = vm.take_notified();
        Ok(bits != 0)
    })?;
    Ok(Value::from_len(bits as usize))
}

/// `rtos.wakeups()`: how many times waiting threads of this VM were woken so far, for whatever reason. Wraps at 2**30.
pub fn wakeups(vm: &mut Vm) -> Res {
    Ok(Value::from_len((crew(vm)?.wakeups() & 0x3fff_ffff) as usize))
}

/// `rtos.handlers()`: how many hard interrupt handlers of this VM ran in their interrupt so far, how many interrupts had to
/// leave one to a safe point, and how long one waited for that at most, in microseconds. Wraps at 2**30.
pub fn handlers(vm: &mut Vm) -> Res {
    let stats = vm.handle().handler_stats();
    let figures = [stats.at_once, stats.later, stats.longest_wait_us];
    vm.new_tuple(&figures.map(|n| Value::from_len((n & 0x3fff_ffff) as usize)))
}

/// `rtos.tracebacks()`: where every thread of this VM is and what it waits for, as text: for programs that hang.
pub fn tracebacks(vm: &mut Vm) -> Res {
    vm.thread_report()
}
