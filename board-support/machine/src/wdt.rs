//! `machine.WDT`: resets the system unless it is fed. It cannot be stopped, and runs on over a soft reset.
//!
//! Sources: the WiPy's library reference, "class WDT"; MicroPython library reference, "class WDT". The time-out is in
//! milliseconds.

use threadsnake_drivers::hardware;
use threadsnake_vm::object::{Args, Native, Res, RomFn, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, py_type, rom_call};

use crate::args::{self, device, errno, int_in, only_zero};
use crate::state::{self, Item};

py_type! {
    /// `machine.WDT`.
    pub static WDT: WDT, base OBJECT;
    slots { new: wdt_new, repr: wdt_repr, is_final: true }
    entries { feed = F1(wdt_feed); }
}

static NEW: RomFn = RomFn::free(q::WDT, rom_call!(Kw(new_bound; id?, timeout?)));

/// `WDT(id=0, timeout=5000)`: once in a VM.
///
/// Raises `OSError(ENODEV)` for another number, `ValueError` for less than a second, `OSError(EPERM)` the second time.
fn wdt_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    args::bind(vm, &NEW, args)
}

fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let watchdog = device(vm, hardware().watchdog)?;
    only_zero(vm, args[0])?;
    let timeout = int_in(vm, args[1], 5000, 1000..=i64::from(i32::MAX))?;
    if !state::get(vm, Item::Wdt)?.is_undef() {
        return Err(vm.raise_os_error(errno::EPERM));
    }
    let object = Native::new(vm, WDT.value(), &[])?.value();
    args::check(vm, watchdog.start(timeout as u32))?;
    state::set(vm, Item::Wdt, object)?;
    Ok(object)
}

/// `WDT.feed()`
fn wdt_feed(vm: &mut Vm, v: Value) -> Res {
    args::this(vm, v, &WDT)?;
    device(vm, hardware().watchdog)?.feed();
    Ok(Value::NONE)
}

fn wdt_repr(vm: &mut Vm, _: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    out.push_str(vm, "<WDT>");
    Ok(())
}
