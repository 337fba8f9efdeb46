//! What a VM has of this room: one list, and a guard whose finaliser releases the drivers.

use threadsnake_drivers as drivers;
use threadsnake_vm::object::{List, Native};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, py_type};

/// Items of the list.
#[derive(Clone, Copy)]
pub enum Item {
    /// The guard.
    Guard,
    /// A list of the pins, by their place in the board's table; `UNDEF` where none was asked for.
    Pins,
    /// A list of the numbered timers, likewise.
    Timers,
    /// The clock.
    Rtc,
    /// The watchdog.
    Wdt,
    /// A list of the serial ports.
    Uarts,
    /// `mem8`, `mem16`, `mem32`.
    Mem8,
    Mem16,
    Mem32,
    /// The `irq` object of the radio.
    Network,
}

const ITEMS: usize = Item::Network as usize + 1;

py_type! {
    /// Its end is the VM's end.
    pub static GUARD: object, base OBJECT;
    slots { finalise: finalise, is_final: true }
    entries {}
}

/// Runs when the VM ends: nothing of it may be called by an interrupt any more.
fn finalise(vm: &mut Vm, _: Value) {
    let handle = vm.handle();
    vm.unlocked(|_| drivers::release(handle));
}

/// The VM's list, made at the first call.
pub fn of(vm: &mut Vm) -> Result<List, Raise> {
    if let Some(list) = vm.module_state(q::machine.value()).and_then(List::from_value) {
        return Ok(list);
    }
    let list = vm.new_list_from(&[Value::UNDEF; ITEMS])?;
    let guard = Native::new(vm, GUARD.value(), &[])?;
    vm.register_finaliser(guard.value())?;
    list.set(vm, Item::Guard as usize, guard.value());
    for item in [Item::Pins, Item::Timers, Item::Uarts] {
        let inner = vm.new_list()?;
        list.set(vm, item as usize, inner.value());
    }
    vm.set_module_state(q::machine.value(), list.value())?;
    Ok(list)
}

/// An item; `UNDEF` as long as nobody set it.
pub fn get(vm: &mut Vm, item: Item) -> Result<Value, Raise> {
    let list = of(vm)?;
    Ok(list.get(vm, item as usize).unwrap_or(Value::UNDEF))
}

/// Sets an item.
pub fn set(vm: &mut Vm, item: Item, value: Value) -> Result<(), Raise> {
    let list = of(vm)?;
    list.set(vm, item as usize, value);
    Ok(())
}

/// Object `n` of one of the lists, made by `make` at the first call.
pub fn nth(
    vm: &mut Vm,
    item: Item,
    n: usize,
    make: impl FnOnce(&mut Vm) -> Result<Value, Raise>,
) -> Result<Value, Raise> {
    let list = get(vm, item)?;
    let Some(list) = List::from_value(list) else { return Ok(Value::UNDEF) };
    while list.len(vm) <= n {
        list.push(vm, Value::UNDEF)?;
    }
    match list.get(vm, n) {
        Some(object) if !object.is_undef() => Ok(object),
        _ => {
            let object = make(vm)?;
            list.set(vm, n, object);
            Ok(object)
        }
    }
}
