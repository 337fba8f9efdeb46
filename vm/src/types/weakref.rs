//! Weak references: `weakref.ref` and `weakref.finalize`.
//!
//! A `finalize` is a native object of four words: its weak reference (whose callback it is), function, positional
//! arguments (tuple), keyword arguments (dict, `UNDEF` for none). While it is alive it stands in a dictionary that the VM
//! keeps for the module, so that it outlives the names of the script; dead ones have an `UNDEF` function.

use crate::object::{Args, AttrOp, Dict, Native, Res, StrBuilder, Style, Tuple};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_type};

use super::OBJECT;

py_type! {
    /// `weakref.ref`.
    pub static REF: r#ref, base OBJECT;
    slots { new: ref_new, call: ref_call, repr: ref_repr, is_final: true }
    entries {}
}

py_type! {
    /// `weakref.finalize`.
    pub static FINALIZE: finalize, base OBJECT;
    slots { new: finalize_new, call: finalize_call, attr: finalize_attr, is_final: true }
    entries {
        detach = F1(finalize_detach);
        peek = F1(finalize_peek);
    }
}

/// Words of a `finalize`.
const WEAK: usize = 0;
const FUNCTION: usize = 1;
const ARGS: usize = 2;
const KEYWORDS: usize = 3;

/// Fails for what is no object of the heap: it never dies.
fn check_target(vm: &mut Vm, target: Value) -> Result<(), Raise> {
    if target.is_object() && vm.shared().heap.contains(target.object_ptr()) {
        return Ok(());
    }
    Err(vm.raise(exc::TYPE_ERROR, "not a heap object"))
}

/// `ref(object, callback=None)`.
fn ref_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let args = super::common::positional(vm, args, 1, 2)?;
    check_target(vm, args[0])?;
    let callback = args.get(1).copied().filter(|c| !c.is_none()).unwrap_or(Value::UNDEF);
    vm.new_weak(args[0], callback)
}

fn target_of(vm: &Vm, weak: Value) -> Value {
    let target = vm.shared().heap.weak_target(weak);
    if target.is_undef() { Value::NONE } else { target }
}

fn ref_call(vm: &mut Vm, v: Value, args: Args<'_>) -> Res {
    super::common::positional(vm, args, 0, 0)?;
    Ok(target_of(vm, v))
}

/// Like MicroPython's, without what it refers to.
fn ref_repr(vm: &mut Vm, _v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, "<ref>");
    Ok(())
}

/// `finalize(object, function, *args, **kwargs)`.
fn finalize_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let &[target, function, ref rest @ ..] = args.pos else {
        return Err(vm.wrong_count(2, 2, args.pos.len()));
    };
    check_target(vm, target)?;
    let rest = vm.new_tuple(rest)?;
    let mut keywords = Value::UNDEF;
    if !args.names.is_empty() {
        let d = vm.new_dict()?;
        for (&name, &value) in args.names.iter().zip(args.values) {
            d.set_name(vm, name, value)?;
        }
        keywords = d.value();
    }
    let this = Native::new(vm, FINALIZE.value(), &[Value::UNDEF, function, rest, keywords])?;
    let weak = vm.new_weak(target, this.value())?;
    this.set(vm, WEAK, weak);
    let all = match vm.module_state(q::weakref.value()).and_then(Dict::from_value) {
        Some(all) => all,
        None => {
            let all = vm.new_dict()?;
            vm.set_module_state(q::weakref.value(), all.value())?;
            all
        }
    };
    all.set(vm, this.value(), Value::NONE)?;
    Ok(this.value())
}

/// Function, arguments and keywords of a `finalize` that was alive until now, with its target; `None` when it was not.
fn take(vm: &mut Vm, this: Native) -> Result<Option<[Value; 4]>, Raise> {
    let function = this.get(vm, FUNCTION);
    if function.is_undef() {
        return Ok(None);
    }
    let target = target_of(vm, this.get(vm, WEAK));
    let parts = [target, function, this.get(vm, ARGS), this.get(vm, KEYWORDS)];
    if let Some(all) = vm.module_state(q::weakref.value()).and_then(Dict::from_value) {
        all.remove(vm, this.value())?;
    }
    for i in [FUNCTION, ARGS, KEYWORDS] {
        this.set(vm, i, Value::UNDEF);
    }
    Ok(Some(parts))
}

/// Calls the function, once: by the script or, with the weak reference, because the target has died.
fn finalize_call(vm: &mut Vm, v: Value, _args: Args<'_>) -> Res {
    let Some([_, function, args, keywords]) = take(vm, Native::from_known(v))? else {
        return Ok(Value::NONE);
    };
    let args = Tuple::from_known(args);
    let (names, values) = (vm.new_list()?, vm.new_list()?);
    if let Some(d) = Dict::from_value(keywords) {
        let mut from = 0;
        while let Some((i, name, value)) = d.entry(vm, from) {
            from = i + 1;
            names.push(vm, name)?;
            values.push(vm, value)?;
        }
    }
    // Both lists are this function's alone: nobody changes them during the call.
    let n = names.len(vm);
    let names = vm.new_tuple(&crate::object::array_items(names.array(vm))[..n])?;
    let values = vm.new_tuple(&crate::object::array_items(values.array(vm))[..n])?;
    let (names, values) = (Tuple::from_known(names), Tuple::from_known(values));
    vm.call_args(function, Args { pos: args.items(), names: names.items(), values: values.items() })
}

/// `(object, function, args, kwargs)`, as `peek` and `detach` return it.
fn described(vm: &mut Vm, parts: [Value; 4]) -> Res {
    let [target, function, args, keywords] = parts;
    let keywords = match Dict::from_value(keywords) {
        Some(d) => d.value(),
        None => vm.new_dict()?.value(),
    };
    vm.new_tuple(&[target, function, args, keywords])
}

/// `finalize.detach()`: what it was, which it is no longer; `None` when it was dead.
fn finalize_detach(vm: &mut Vm, v: Value) -> Res {
    match take(vm, Native::from_known(v))? {
        Some(parts) => described(vm, parts),
        None => Ok(Value::NONE),
    }
}

/// `finalize.peek()`: what it is; `None` when it is dead.
fn finalize_peek(vm: &mut Vm, v: Value) -> Res {
    let this = Native::from_known(v);
    let function = this.get(vm, FUNCTION);
    if function.is_undef() {
        return Ok(Value::NONE);
    }
    let target = target_of(vm, this.get(vm, WEAK));
    let parts = [target, function, this.get(vm, ARGS), this.get(vm, KEYWORDS)];
    described(vm, parts)
}

fn finalize_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    Ok(if op == AttrOp::Load && name == q::alive.value() {
        Value::bool(!Native::from_known(v).get(vm, FUNCTION).is_undef())
    } else {
        Value::UNDEF
    })
}
