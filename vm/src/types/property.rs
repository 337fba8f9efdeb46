//! `property`, `classmethod`, `staticmethod`.
//!
//! Source: Python Library Reference, "Built-in Functions"; Python Language Reference, "Implementing Descriptors".

use super::OBJECT;
use crate::object::{Args, Descriptor, DescriptorKind, Param, Res};
use crate::value::Value;
use crate::value::names::q;
use crate::{Vm, py_type, rom_params};
py_type! {
    /// `property`.
    pub static PROPERTY: property, base OBJECT;
    slots { new: property_new, attr: property_attr }
    entries {
        getter = F2(property_getter);
        setter = F2(property_setter);
        deleter = F2(property_deleter);
    }
}

py_type! {
    /// `classmethod`.
    pub static CLASSMETHOD: classmethod, base OBJECT;
    slots { new: classmethod_new, attr: property_attr }
    entries {}
}

py_type! {
    /// `staticmethod`.
    pub static STATICMETHOD: staticmethod, base OBJECT;
    slots { new: staticmethod_new, attr: property_attr, call: staticmethod_call }
    entries {}
}

fn property_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    const PARAMS: &[Param] = rom_params!([] false; fget?, fset?, fdel?, doc?);
    vm.call_bound(PARAMS, of_parts, args)
}

/// A property of getter, setter, deleter and docstring, `UNDEF` where there is none.
fn of_parts(vm: &mut Vm, parts: &[Value]) -> Res {
    let mut all = [Value::NONE; 4];
    for (place, &part) in all.iter_mut().zip(parts) {
        if !part.is_undef() {
            *place = part;
        }
    }
    let [get, set, delete, doc] = all;
    Descriptor::new(vm, DescriptorKind::Property, get, set, delete, doc)
}

fn property_attr(vm: &mut Vm, v: Value, name: Value, op: crate::object::AttrOp) -> Res {
    if op != crate::object::AttrOp::Load || !cfg!(feature = "extra") {
        return Ok(Value::UNDEF);
    }
    let d = Descriptor::from_known(v);
    Ok(match name {
        n if n == q::fget.value() || n == q::__func__.value() || n == q::__wrapped__.value() => {
            d.get(vm)
        }
        n if n == q::fset.value() => d.set(vm),
        n if n == q::fdel.value() => d.delete(vm),
        n if n == q::__doc__.value() => d.doc(vm),
        _ => Value::UNDEF,
    })
}

fn property_with(vm: &mut Vm, this: Value, i: usize, f: Value) -> Res {
    let d = vm.expect::<Descriptor>(this, &PROPERTY)?;
    let mut parts = [d.get(vm), d.set(vm), d.delete(vm), d.doc(vm)];
    parts[i] = f;
    of_parts(vm, &parts)
}

fn property_getter(vm: &mut Vm, this: Value, f: Value) -> Res {
    property_with(vm, this, 0, f)
}

fn property_setter(vm: &mut Vm, this: Value, f: Value) -> Res {
    property_with(vm, this, 1, f)
}

fn property_deleter(vm: &mut Vm, this: Value, f: Value) -> Res {
    property_with(vm, this, 2, f)
}

fn one_function(vm: &mut Vm, kind: DescriptorKind, args: Args<'_>) -> Res {
    let &[f] = args.pos else { return Err(vm.wrong_count(1, 1, args.pos.len())) };
    Descriptor::new(vm, kind, f, Value::NONE, Value::NONE, Value::NONE)
}

fn classmethod_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    one_function(vm, DescriptorKind::ClassMethod, args)
}

fn staticmethod_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    one_function(vm, DescriptorKind::StaticMethod, args)
}

fn staticmethod_call(vm: &mut Vm, v: Value, args: Args<'_>) -> Res {
    let f = Descriptor::from_known(v).get(vm);
    vm.call_args(f, args)
}
