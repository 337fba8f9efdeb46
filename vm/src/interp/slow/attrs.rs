//! Attributes and methods. See the module above for what results mean.

use super::*;
use crate::exc;
use crate::object::{
    Args, BoundMethod, Class, ClassFlags, Descriptor, DescriptorKind, Dict, Instance, RomFn,
    TableRef,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm};

#[inline(never)]
pub(in crate::interp) fn load_attr(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    hint: *const Hint,
    dst: *mut Value,
) -> Res {
    if let Some(i) = Instance::from_value(obj) {
        let shape = vm.shape(i.shape_id());
        if let Some(at) = shape.find(name) {
            if shape.loads_plainly() {
                note(hint, at);
                return Ok(i.slot(vm, at));
            }
        } else if SHORTCUTS && !shape.is_dict() {
            let class = Class::from_known(shape.class);
            if class.flags(vm) & ClassFlags::GETATTRIBUTE == 0
                && let Some(found) = vm.lookup_in_class(class.value(), name)
                && let Some(d) = Descriptor::from_value(found)
                && d.kind() == DescriptorKind::Property
            {
                let get = d.get(vm);
                if get.is_kind(Kind::Function) {
                    // A property's getter runs as a frame of its own.
                    return vm.begin_call(get, &Args::positional(&[obj]), &Target::register(dst));
                }
            }
        }
    }
    if SHORTCUTS && let Some(m) = crate::object::Module::from_value(obj) {
        let globals = Dict::from_known(m.globals(vm));
        // SAFETY: as in `note`.
        if let Some(v) = TableRef::hinted(globals, unsafe { (*hint).load(Relaxed) }, name) {
            return Ok(v);
        }
        if let Some(v) = find_noted(vm, globals, name, hint) {
            return Ok(v);
        }
    }
    vm.get_attr(obj, name)
}

#[inline(never)]
pub(in crate::interp) fn store_attr(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    value: Value,
    hint: *const Hint,
) -> Result<(), Raise> {
    if let Some(i) = Instance::from_value(obj) {
        let shape = vm.shape(i.shape_id());
        let reserved = name == q::__class__.value() || name == q::__dict__.value();
        if shape.grows_plainly() && !reserved {
            let n = shape.len();
            let next = shape.first_child();
            // An `__init__` that runs again adds what it added to the instance before.
            if SHORTCUTS && next != 0 && n < i.capacity() {
                let child = vm.shape(next);
                if child.len() > n && crate::object::array_items(child.keys)[n] == name {
                    i.set_slot(vm, n, value);
                    crate::object::set_aux(vm, obj, next);
                    return Ok(());
                }
            }
            if let Some(at) = shape.find(name) {
                note(hint, at);
                i.set_slot(vm, at, value);
                return Ok(());
            }
            if shape.stores_plainly() {
                return i.put(vm, name, value);
            }
        }
    }
    vm.set_attr(obj, name, value)
}

#[inline(never)]
pub(in crate::interp) fn load_method(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    hint: *const Hint,
    at: *mut Value,
) -> Result<(), Raise> {
    let put = |function: Value, receiver: Value| {
        // SAFETY: two registers of the running frame.
        unsafe {
            *at = function;
            *at.add(1) = receiver;
        }
    };
    match obj.kind() {
        Some(Kind::Instance) => {
            let i = Instance::from_known(obj);
            let shape = vm.shape(i.shape_id());
            let class = shape.class;
            if shape.loads_plainly() {
                if let Some(slot) = shape.find(name) {
                    put(i.slot(vm, slot), Value::UNDEF);
                    return Ok(());
                }
                if let Some(found) = vm.lookup_in_class(class, name) {
                    if found.is_kind(Kind::Function) {
                        vm.cache_method(i.shape_id(), name, found);
                        put(found, obj);
                        return Ok(());
                    }
                    if SHORTCUTS && RomFn::from_value(found).is_some_and(|f| !f.is_free()) {
                        let receiver = vm.receiver_for(found, obj, class);
                        put(found, receiver);
                        return Ok(());
                    }
                }
            }
        }
        Some(Kind::Module) if SHORTCUTS => {
            let globals = Dict::from_known(crate::object::Module::from_known(obj).globals(vm));
            // SAFETY: as in `note`.
            if let Some(v) = TableRef::hinted(globals, unsafe { (*hint).load(Relaxed) }, name) {
                put(v, Value::UNDEF);
                return Ok(());
            }
            find_noted(vm, globals, name, hint);
        }
        Some(Kind::Class | Kind::RomType | Kind::RomModule | Kind::Super) => {}
        _ => {
            let class = vm.type_of(obj);
            if let Some(found) = vm.lookup_in_class(class, name)
                && (found.is_kind(Kind::Function)
                    || RomFn::from_value(found).is_some_and(|f| !f.is_free()))
                && !(obj.is_kind(Kind::Exception))
            {
                put(found, obj);
                return Ok(());
            }
        }
    }
    let v = vm.get_attr(obj, name)?;
    put_method(vm, v, at);
    Ok(())
}

/// Stores what `LoadMethod` and its like give; a bound method, which was just made, is taken apart again.
#[inline(never)]
fn put_method(vm: &mut Vm, v: Value, at: *mut Value) {
    let (function, receiver) = match BoundMethod::from_value(v) {
        Some(m) => (m.function(vm), m.receiver(vm)),
        None => (v, Value::UNDEF),
    };
    // SAFETY: two registers of the running frame.
    unsafe {
        *at = function;
        *at.add(1) = receiver;
    }
}

pub(in crate::interp) fn load_special(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    at: *mut Value,
) -> Result<(), Raise> {
    let class = vm.type_of(obj);
    let found = match vm.lookup_in_class(class, name) {
        Some(f) => Some(vm.bind_to(f, obj, class)?),
        None if obj.is_kind(Kind::Instance) => None,
        None => vm.find_attr(obj, name)?,
    };
    let Some(v) = found else { return Err(vm.no_attribute(obj, name)) };
    put_method(vm, v, at);
    Ok(())
}

pub(in crate::interp) fn load_super(
    vm: &mut Vm,
    class: Value,
    obj: Value,
    name: Value,
    at: *mut Value,
) -> Result<(), Raise> {
    let found = vm.find_after(class, obj, name);
    if found.is_undef() {
        return Err(vm.raise_about(
            exc::ATTRIBUTE_ERROR,
            "'super' object has no attribute '%'",
            name,
        ));
    }
    if found.is_kind(Kind::Function) && !obj.is_kind(Kind::Class) {
        // SAFETY: two registers of the running frame.
        unsafe {
            *at = found;
            *at.add(1) = obj;
        }
        return Ok(());
    }
    let own = vm.type_of(obj);
    let v = if obj.is_kind(Kind::Class) && !vm.is_subclass(own, class) {
        vm.bind_to_class(found, obj)?
    } else {
        vm.bind_to(found, obj, own)?
    };
    put_method(vm, v, at);
    Ok(())
}
