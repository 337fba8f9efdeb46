//! `micropython`. Source: MicroPython library reference, "micropython".

use crate::object::Res;
use crate::value::Value;
use crate::{Vm, exc, py_module};

py_module! {
    /// `micropython`.
    pub static MICROPYTHON: micropython, extensible false;
    entries {
        r#const = F1(itself);
        opt_level = Var(0, 1, opt_level);
        heap_lock = F0(heap_lock);
        heap_unlock = F0(heap_unlock);
        heap_locked = F0(heap_locked);
        schedule = F2(schedule);
        native = F1(itself);
        viper = F1(itself);
        bytecode = F1(itself);
        kbd_intr = F1(kbd_intr);
        alloc_emergency_exception_buf = F1(emergency);
    }
}

fn itself(_vm: &mut Vm, v: Value) -> Res {
    Ok(v)
}

fn opt_level(vm: &mut Vm, args: &[Value]) -> Res {
    match args.first() {
        None => Ok(Value::int(vm.opt_level() as i32)),
        Some(&n) => {
            let n = vm.index(n)?;
            vm.set_opt_level(n.clamp(0, 3) as u8);
            Ok(Value::NONE)
        }
    }
}

fn heap_lock(vm: &mut Vm) -> Res {
    vm.shared_mut().heap.lock();
    Ok(Value::NONE)
}

fn heap_unlock(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.shared_mut().heap.unlock()))
}

fn heap_locked(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.shared().heap.lock_depth()))
}

fn schedule(vm: &mut Vm, callback: Value, argument: Value) -> Res {
    if vm.schedule(callback, argument) {
        Ok(Value::NONE)
    } else {
        Err(vm.raise(exc::RUNTIME_ERROR, "schedule queue full"))
    }
}

fn kbd_intr(vm: &mut Vm, c: Value) -> Res {
    let c = vm.index(c)?;
    vm.host().set_interrupt_char(u8::try_from(c).ok());
    Ok(Value::NONE)
}

/// `alloc_emergency_exception_buf(n)`: memory for an exception that is raised when the heap is full.
fn emergency(vm: &mut Vm, n: Value) -> Res {
    let n = vm.index(n)?;
    match usize::try_from(n) {
        Ok(n) => vm.set_reserve(n)?,
        Err(_) => return Err(vm.raise(exc::VALUE_ERROR, "size must be >= 0")),
    }
    Ok(Value::NONE)
}
