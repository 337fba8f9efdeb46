//! `type`: what classes answer by themselves, what may be changed in them; `isinstance` and `issubclass`.
//!
//! Source: Python Language Reference, "Data model".

use super::OBJECT;
use super::class_statement::make_class;
use crate::object::{
    Args, Class, ClassFlags, Dict, Instance, Res, RomType, Str, StrBuilder, Style, Tuple,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};
py_type! {
    /// `type`, the class of classes.
    pub static TYPE: r#type, base OBJECT;
    slots { new: type_new, call: type_call_slot, repr: type_repr, attr: type_attr }
    entries {
        mro = F1(type_mro);
        __call__ = Raw(type_dunder_call);
        __new__ = Raw(type_dunder_new);
        __instancecheck__ = F2(type_instancecheck);
        __subclasscheck__ = F2(type_subclasscheck);
        __prepare__ = Raw(type_prepare);
    }
}

fn type_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    match *args.pos {
        [v] if class == TYPE.value() && args.names.is_empty() => Ok(vm.type_of(v)),
        [name, bases, namespace] => {
            let (Some(name), Some(bases), Some(namespace)) =
                (vm.cast::<Str>(name), vm.cast::<Tuple>(bases), vm.cast::<Dict>(namespace))
            else {
                return Err(
                    vm.raise(exc::TYPE_ERROR, "type() takes a name, a tuple of bases and a dict")
                );
            };
            let name = vm.intern_str(name)?;
            let namespace = namespace.copy(vm)?;
            make_class(vm, class, name, bases, namespace, Args { pos: &[], ..args })
        }
        _ => Err(vm.raise(exc::TYPE_ERROR, "type takes 1 or 3 arguments")),
    }
}

/// Calling a class that is reached as a value of kind Class goes through `begin_class`; this serves ROM types.
fn type_call_slot(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    match RomType::from_value(class) {
        Some(t) => vm.call_type(t, args),
        None => vm.call_args(class, args),
    }
}

/// `type.__call__(class, …)`: what a metaclass's `__call__` delegates to.
fn type_dunder_call(vm: &mut Vm, args: Args<'_>) -> Res {
    let Some((&class, rest)) = args.pos.split_first() else { return Err(vm.wrong_count(1, 1, 0)) };
    match Class::from_value(class) {
        // With this flag no frame is left behind.
        Some(c) => vm.begin_instance(
            c,
            Args { pos: rest, ..args },
            core::ptr::null_mut(),
            crate::interp::ENTRY,
        ),
        None => vm.call_args(class, Args { pos: rest, ..args }),
    }
}

/// `type.__new__(metaclass, name, bases, namespace)`.
fn type_dunder_new(vm: &mut Vm, args: Args<'_>) -> Res {
    match args.pos.split_first() {
        Some((&meta, rest)) if rest.len() == 3 => type_new(vm, meta, Args { pos: rest, ..args }),
        _ => Err(
            vm.raise(exc::TYPE_ERROR, "type.__new__() takes a metaclass, a name, bases and a dict")
        ),
    }
}

fn type_prepare(vm: &mut Vm, _args: Args<'_>) -> Res {
    Ok(vm.new_dict()?.value())
}

fn type_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let name = Str::from_known(vm.class_name(v));
    out.push_str(vm, "<class '")?;
    out.push_str(vm, name.as_str())?;
    out.push_str(vm, "'>")
}

fn type_attr(_vm: &mut Vm, _class: Value, _name: Value, _op: crate::object::AttrOp) -> Res {
    Ok(Value::UNDEF)
}

fn type_mro(vm: &mut Vm, class: Value) -> Res {
    let tuple = mro_tuple(vm, class)?;
    Ok(vm.collect_list(tuple)?.value())
}

/// `__mro__`.
fn mro_tuple(vm: &mut Vm, class: Value) -> Res {
    let mut order = [Value::UNDEF; 64];
    let mut n = 0;
    vm.walk_mro(class, |c| {
        if n < order.len() {
            order[n] = c;
            n += 1;
        }
        None::<()>
    });
    vm.new_tuple(&order[..n])
}

/// What a class answers by itself: `__name__`, `__bases__`, ….
pub fn get_class_attr(vm: &mut Vm, class: Value, name: Value) -> Result<Option<Value>, Raise> {
    let v = match name {
        n if n == q::__name__.value() => vm.class_name(class),
        n if n == q::__class__.value() => vm.type_of(class),
        n if n == q::__bases__.value() => {
            match (Class::from_value(class), RomType::from_value(class)) {
                (Some(c), _) if Tuple::from_known(c.bases(vm)).is_empty() => {
                    vm.new_tuple(&[OBJECT.value()])?
                }
                (Some(c), _) => c.bases(vm),
                (_, Some(t)) => match t.base {
                    Some(b) => vm.new_tuple(&[b.value()])?,
                    None => Vm::empty_tuple(),
                },
                _ => return Ok(None),
            }
        }
        n if n == q::__base__.value() => {
            match (Class::from_value(class), RomType::from_value(class)) {
                (Some(c), _) => c.single_base(vm).unwrap_or(OBJECT.value()),
                (_, Some(t)) => t.base.map_or(Value::NONE, |b| b.value()),
                _ => return Ok(None),
            }
        }
        n if n == q::__mro__.value() => mro_tuple(vm, class)?,
        n if n == q::__dict__.value() => {
            match (Class::from_value(class), RomType::from_value(class)) {
                (Some(c), _) => {
                    let copy = c.namespace(vm).copy(vm)?;
                    crate::object::set_aux(
                        vm,
                        copy.value(),
                        crate::object::aux(copy.value()) | crate::object::READ_ONLY,
                    );
                    copy.value()
                }
                (_, Some(t)) => {
                    let d = vm.new_dict()?;
                    for e in t.entries {
                        d.set_name(vm, e.0.0, e.1.0)?;
                    }
                    crate::object::set_aux(
                        vm,
                        d.value(),
                        crate::object::aux(d.value()) | crate::object::READ_ONLY,
                    );
                    d.value()
                }
                _ => return Ok(None),
            }
        }
        n if n == q::__qualname__.value() => match Class::from_value(class) {
            Some(c) => c.namespace(vm).get_name(vm, name).unwrap_or(c.name(vm)),
            None => vm.class_name(class),
        },
        n if n == q::__doc__.value() => match Class::from_value(class) {
            Some(c) => c.namespace(vm).get_name(vm, name).unwrap_or(Value::NONE),
            None => Value::NONE,
        },
        n if n == q::__module__.value() && RomType::from_value(class).is_some() => {
            q::builtins.value()
        }
        _ => return Ok(None),
    };
    Ok(Some(v))
}

/// Stores or deletes (`UNDEF`) an attribute of a class.
pub fn change_class_attr(
    vm: &mut Vm,
    class: Class,
    name: Value,
    value: Value,
) -> Result<(), Raise> {
    let metaclass = class.metaclass(vm);
    if metaclass != TYPE.value() {
        let hook = if value.is_undef() { q::__delattr__.value() } else { q::__setattr__.value() };
        if let Some(f) = vm.lookup_in_class(metaclass, hook)
            && f.is_kind(Kind::Function)
        {
            let args = [class.value(), name, value];
            vm.call(f, if value.is_undef() { &args[..2] } else { &args })?;
            return Ok(());
        }
        if let Some(found) = vm.lookup_in_class(metaclass, name)
            && vm.is_data_descriptor(found)
        {
            return vm.change_through(found, class.value(), name, value);
        }
    }
    if name == q::__name__.value() && !value.is_undef() {
        let name = vm.name_arg(value)?;
        class.set_name(vm, name);
        return Ok(());
    }
    vm.clear_method_cache();
    if value.is_undef() {
        if !class.namespace(vm).remove_name(vm, name) {
            return Err(vm.no_attribute(class.value(), name));
        }
        return Ok(());
    }
    class.namespace(vm).set_name(vm, name, value)?;
    let flags = flag_of(vm, name, value);
    if flags != 0 {
        vm.add_class_flags(class, flags);
    }
    Ok(())
}

/// The flag that defining a name gives a class.
pub(super) fn flag_of(vm: &Vm, name: Value, value: Value) -> u16 {
    let by_name = match name {
        n if n == q::__getattr__.value() => ClassFlags::GETATTR,
        n if n == q::__setattr__.value() || n == q::__delattr__.value() => ClassFlags::SETATTR,
        n if n == q::__getattribute__.value() => ClassFlags::GETATTRIBUTE,
        n if n == q::__del__.value() => ClassFlags::DEL,
        n if n == q::__init__.value() => ClassFlags::INIT,
        n if n == q::__new__.value() => ClassFlags::NEW,
        _ => 0,
    };
    by_name | if vm.is_data_descriptor(value) { ClassFlags::DATA_DESCRIPTOR } else { 0 }
}

/// Whether `__slots__` of a class or its bases name an attribute.
pub fn slots_allow(vm: &mut Vm, class: Class, name: Value) -> Result<bool, Raise> {
    let mut lists = [Value::UNDEF; 16];
    let mut n = 0;
    let mut open = false;
    vm.walk_mro(class.value(), |c| {
        if let Some(k) = Class::from_value(c) {
            match k.namespace(vm).get_name(vm, q::__slots__.value()) {
                Some(s) if n < lists.len() => {
                    lists[n] = s;
                    n += 1;
                }
                _ => open = true,
            }
        }
        None::<()>
    });
    if open {
        return Ok(true);
    }
    // With `__dict__` among them any other name will do, too.
    for name in [name, q::__dict__.value()] {
        for &list in &lists[..n] {
            if let Some(one) = Str::from_value(list) {
                if one.as_bytes() == Str::from_known(name).as_bytes() {
                    return Ok(true);
                }
            } else if vm.contains(list, name)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// `instance.__class__ = …` and `instance.__dict__ = …`.
pub fn set_special(vm: &mut Vm, object: Instance, name: Value, value: Value) -> Result<(), Raise> {
    if name == q::__dict__.value() {
        let Some(new) = vm.cast::<Dict>(value) else {
            return Err(vm.raise(exc::TYPE_ERROR, "__dict__ must be a dict"));
        };
        let dict = object.make_dict(vm)?;
        crate::object::TableRef::dict(dict).clear(vm);
        let mut from = 0;
        while let Some((i, key, v)) = new.entry(vm, from) {
            from = i + 1;
            dict.set(vm, key, v)?;
        }
        return Ok(());
    }
    let Some(class) = Class::from_value(value) else {
        return Err(vm.raise(exc::TYPE_ERROR, "__class__ must be set to a class"));
    };
    if class.native_base(vm) != object.class(vm).native_base(vm) {
        return Err(vm.raise(exc::TYPE_ERROR, "__class__ assignment: object layout differs"));
    }
    object.make_dict(vm)?;
    let shape = vm.dict_shape(class)?;
    crate::object::set_aux(vm, object.value(), shape);
    Ok(())
}

/// `isinstance(v, class)` for one class or a tuple of them.
pub fn is_instance_of(vm: &mut Vm, v: Value, class: Value) -> Result<bool, Raise> {
    vm.enter_native()?;
    if let Some(t) = Tuple::from_value(class) {
        for &c in t.items() {
            if is_instance_of(vm, v, c)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(f) = vm.metaclass_method(class, q::__instancecheck__.value())? {
        let r = vm.call(f, &[v])?;
        return vm.truth(r);
    }
    if !matches!(class.kind(), Some(Kind::Class | Kind::RomType)) {
        return Err(
            vm.raise(exc::TYPE_ERROR, "isinstance() arg 2 must be a class or a tuple of classes")
        );
    }
    Ok(vm.is_instance(v, class))
}

/// `issubclass(class, base)` for one base or a tuple of them.
pub fn is_subclass_of(vm: &mut Vm, class: Value, base: Value) -> Result<bool, Raise> {
    vm.enter_native()?;
    if !matches!(class.kind(), Some(Kind::Class | Kind::RomType)) {
        return Err(vm.raise(exc::TYPE_ERROR, "issubclass() arg 1 must be a class"));
    }
    if let Some(t) = Tuple::from_value(base) {
        for &b in t.items() {
            if is_subclass_of(vm, class, b)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(f) = vm.metaclass_method(base, q::__subclasscheck__.value())? {
        let r = vm.call(f, &[class])?;
        return vm.truth(r);
    }
    if !matches!(base.kind(), Some(Kind::Class | Kind::RomType)) {
        return Err(
            vm.raise(exc::TYPE_ERROR, "issubclass() arg 2 must be a class or a tuple of classes")
        );
    }
    Ok(vm.is_subclass(class, base))
}

fn type_instancecheck(vm: &mut Vm, class: Value, v: Value) -> Res {
    Ok(Value::bool(vm.is_instance(v, class)))
}

fn type_subclasscheck(vm: &mut Vm, base: Value, class: Value) -> Res {
    Ok(Value::bool(vm.is_subclass(class, base)))
}
