//! Weak references.

use crate::object::{Args, Res};
use crate::value::Value;
use crate::{Vm, exc, py_type};

use super::OBJECT;

py_type! {
    /// `weakref.ref`.
    pub static REF: r#ref, base OBJECT;
    slots { new: ref_new, call: ref_call }
    entries {}
}

fn ref_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let (&[target], callback) = (match args.pos {
        [target] | [target, _] => {
            (core::slice::from_ref(target), args.pos.get(1).copied().unwrap_or(Value::UNDEF))
        }
        _ => return Err(vm.wrong_count(1, 2, args.pos.len())),
    }) else {
        return Err(vm.wrong_count(1, 2, args.pos.len()));
    };
    if !target.is_object() {
        return Err(vm.raise(exc::TYPE_ERROR, "cannot create weak reference to this object"));
    }
    let callback = if callback.is_none() { Value::UNDEF } else { callback };
    vm.new_weak(target, callback)
}

fn ref_call(vm: &mut Vm, v: Value, _args: Args<'_>) -> Res {
    let target = vm.shared().heap.weak_target(v);
    Ok(if target.is_undef() { Value::NONE } else { target })
}
