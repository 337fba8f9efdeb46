//! The functions of `machine` for the board as a whole: reset, sleep, interrupts, identity.
//!
//! Reset and sleep belong to whoever built the system; a refusal is `OSError(EPERM)`.
//!
//! Sources: the WiPy's library reference, "machine"; MicroPython library reference, "machine".

use core::sync::atomic::{AtomicU32, Ordering};

use threadsnake_boot::state as boot;
use threadsnake_drivers::{self as drivers, hardware, sleep};
use threadsnake_hal::{PinId, Power, Sleep, WakeReason};
use threadsnake_vm::object::{Res, Str};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc};

use crate::args::{self, device, errno};
use crate::pin;
use crate::state;

fn power(vm: &mut Vm) -> Result<&'static dyn Power, Raise> {
    device(vm, hardware().power)
}

/// Waits for the end of the VM, which somebody has asked for.
fn wait_for_end(vm: &mut Vm) -> Res {
    vm.wait_until(None, |_| Ok(false))?;
    Ok(Value::NONE)
}

/// `reset()`: as the button does.
pub fn reset(vm: &mut Vm) -> Res {
    let power = power(vm)?;
    vm.check_may_wait()?;
    let done = vm.unlocked(|_| power.reset());
    args::check(vm, done)?;
    wait_for_end(vm)
}

/// `soft_reset()`: a new interpreter.
pub fn soft_reset(vm: &mut Vm) -> Res {
    Err(vm.raise(exc::SYSTEM_EXIT, ""))
}

/// `reset_cause()`
pub fn reset_cause(vm: &mut Vm) -> Res {
    power(vm)?;
    Ok(Value::int(boot::reset_cause() as i32))
}

/// `wake_reason()`
pub fn wake_reason(vm: &mut Vm) -> Res {
    let reason = match sleep::reason() {
        WakeReason::None => power(vm)?.wake_reason(),
        reason => reason,
    };
    Ok(Value::int(reason as i32))
}

/// `freq()`: the processor's clock in Hz. It cannot be changed: `NotImplementedError`.
pub fn freq(vm: &mut Vm, args: &[Value]) -> Res {
    if !args.is_empty() {
        return Err(vm.raise(exc::NOT_IMPLEMENTED_ERROR, ""));
    }
    let hz = power(vm)?.freq_hz();
    vm.int_from_u64(hz.into())
}

/// `unique_id()`: six bytes.
pub fn unique_id(vm: &mut Vm) -> Res {
    let id = power(vm)?.unique_id();
    vm.new_bytes(&id)
}

/// `idle()`: lets the processor rest until an interrupt comes, at most a millisecond.
pub fn idle(vm: &mut Vm) -> Res {
    vm.wait_until(Some(1000), |_| Ok(false))?;
    Ok(Value::NONE)
}

/// `lightsleep([ms])`, `sleep()`: waits for what may wake the system, at most so long.
pub fn lightsleep(vm: &mut Vm, args: &[Value]) -> Res {
    sleep_for(vm, args, Sleep::Light)?;
    Ok(Value::NONE)
}

/// `deepsleep([ms])`: the same, then a start from the beginning.
pub fn deepsleep(vm: &mut Vm, args: &[Value]) -> Res {
    sleep_for(vm, args, Sleep::Deep)?;
    wait_for_end(vm)
}

fn sleep_for(vm: &mut Vm, args: &[Value], kind: Sleep) -> Result<(), Raise> {
    let timeout_us = match args.first().and_then(|&ms| args::given(ms)) {
        None => None,
        Some(ms) => Some(u64::try_from(vm.int_to_i64(ms)?).unwrap_or(0).saturating_mul(1000)),
    };
    state::of(vm)?;
    let power = power(vm)?;
    vm.check_may_wait()?;
    let begun = vm.unlocked(|_| power.sleep_begins(kind));
    args::check(vm, begun)?;
    let bit = match kind {
        Sleep::Light => sleep::when::SLEEP,
        Sleep::Deep => sleep::when::DEEP,
    };
    sleep::begin(bit);
    // A level that wakes may be there already.
    for n in 0..hardware().gpio.map_or(0, |gpio| gpio.pins().len()) {
        let id = PinId(n as u8);
        if sleep::pin(id) & bit != 0 && pin::wakes_now(vm, id)? {
            sleep::wake(WakeReason::Pin);
        }
    }
    let result = drivers::wait(vm, &sleep::OVER, timeout_us, sleep::is_over);
    let reason = sleep::end();
    // An exception ended the sleep, not the system's start.
    if result.is_ok() || kind == Sleep::Light {
        let reason = reason.unwrap_or(WakeReason::None);
        vm.unlocked(|_| power.sleep_ends(kind, reason));
    }
    result.map(|_| ())
}

/// `disable_irq()`: holds back handlers and changes of threads in this VM; how it was, for `enable_irq`.
pub fn disable_irq(vm: &mut Vm) -> Res {
    Ok(Value::bool(vm.allow_handlers(false)))
}

/// `enable_irq(state=True)`
pub fn enable_irq(vm: &mut Vm, args: &[Value]) -> Res {
    let allow = match args.first() {
        None => true,
        Some(&state) => vm.truth(state)?,
    };
    vm.allow_handlers(allow);
    Ok(Value::NONE)
}

/// `rng()`: 24 random bits; `OSError(ENODEV)` without a source.
pub fn rng(vm: &mut Vm) -> Res {
    vm.check_may_wait()?;
    let mut bytes = [0; 4];
    let host = vm.host();
    let filled =
        vm.unlocked(|_| drivers::entropy(&mut bytes[..3])) || host.entropy(&mut bytes[..3]);
    if !filled {
        return Err(vm.raise_os_error(errno::ENODEV));
    }
    Ok(Value::int(i32::from_le_bytes(bytes)))
}

/// Random bits without waiting, from a generator that `seed` seeds the first time; `None` if it cannot.
///
/// Source: Marsaglia, "Xorshift RNGs", 2003.
pub fn quick_random(seed: impl FnOnce(&mut [u8]) -> bool) -> Option<u32> {
    static STATE: AtomicU32 = AtomicU32::new(0);
    let mut x = STATE.load(Ordering::Relaxed);
    if x == 0 {
        let mut bytes = [0; 4];
        if !drivers::entropy(&mut bytes) && !seed(&mut bytes) {
            return None;
        }
        x = u32::from_le_bytes(bytes).max(1);
    }
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    STATE.store(x, Ordering::Relaxed);
    Some(x)
}

/// `main(name)`: the script that boot runs in the place of `main.py`.
pub fn main(vm: &mut Vm, name: Value) -> Res {
    match vm.cast::<Str>(name) {
        Some(name) if boot::set_main(name.as_str()) => Ok(Value::NONE),
        _ => Err(vm.raise(exc::VALUE_ERROR, "the name of a script is a short str")),
    }
}

/// `info([verbose])`: prints what the board is, and the figures of the heap.
pub fn info(vm: &mut Vm, args: &[Value]) -> Res {
    let _ = args;
    let machine = vm.host().machine();
    let (heap, collections) = vm.heap_stats();
    let mut out = threadsnake_vm::object::StrBuilder::new();
    vm.push_fmt(&mut out, format_args!("{machine}\n"));
    if let Some(power) = hardware().power {
        let [a, b, c, d, e, f] = power.unique_id();
        vm.push_fmt(
            &mut out,
            format_args!(
                "ID={a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{f:02x}\nclock={}\n",
                power.freq_hz()
            ),
        );
    }
    let (total, used, free) = (heap.total, heap.used, heap.free);
    vm.push_fmt(
        &mut out,
        format_args!("GC: total={total} used={used} free={free} collections={collections}\n"),
    );
    let text = out.finish_str(vm)?;
    let text = Str::from_known(text);
    vm.write_stdout(text.as_bytes())?;
    Ok(Value::NONE)
}
