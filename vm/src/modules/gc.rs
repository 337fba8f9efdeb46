//! `gc`. Source: MicroPython library reference, "gc".

use crate::heap::BLOCK;
use crate::object::Res;
use crate::value::Value;
use crate::{Vm, py_module};

py_module! {
    /// `gc`.
    pub static GC: gc, extensible false;
    entries {
        collect = Var(0, 1, gc_collect);
        enable = F0(gc_enable);
        disable = F0(gc_disable);
        isenabled = F0(gc_isenabled);
        mem_free = F0(gc_mem_free);
        mem_alloc = F0(gc_mem_alloc);
        threshold = Var(0, 1, gc_threshold);
    }
}

/// `gc.collect()`: the number of objects that were freed.
fn gc_collect(vm: &mut Vm, _args: &[Value]) -> Res {
    let n = vm.collect();
    vm.safe_point()?;
    Ok(Value::from_len(n))
}

/// Automatic collection on again.
fn gc_enable(vm: &mut Vm) -> Res {
    vm.shared_mut().gc_disabled = false;
    Ok(Value::NONE)
}

/// Automatic collection off: an allocation that would need one raises `MemoryError`.
fn gc_disable(vm: &mut Vm) -> Res {
    vm.shared_mut().gc_disabled = true;
    Ok(Value::NONE)
}

fn gc_isenabled(vm: &mut Vm) -> Res {
    Ok(Value::bool(!vm.shared().gc_disabled))
}

fn gc_mem_free(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.shared().heap.stats().free))
}

fn gc_mem_alloc(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.shared().heap.stats().used))
}

/// `gc.threshold([bytes])`: collect after that many bytes; negative: only when memory runs out.
fn gc_threshold(vm: &mut Vm, args: &[Value]) -> Res {
    let heap = &mut vm.shared_mut().heap;
    match args.first() {
        None => Ok(match heap.threshold() {
            usize::MAX => Value::int(-1),
            n => Value::from_len(n),
        }),
        Some(&n) => {
            let n = vm.index(n)?;
            vm.shared_mut().heap.set_threshold(if n < 0 {
                usize::MAX
            } else {
                n as usize & !(BLOCK - 1)
            });
            Ok(Value::NONE)
        }
    }
}
