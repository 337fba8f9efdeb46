//! `type`: what classes answer by themselves, what may be changed in them; `isinstance` and `issubclass`.
//!
//! Source: Python Language Reference, "Data model".

use super::OBJECT;
use super::class_statement::make_class;
use super::common::place_of;
use crate::interp::Target;
use crate::object::{
    Args, Class, ClassFlags, Dict, Instance, READ_ONLY, Res, RomType, Str, StrBuilder, Style,
    Tuple, set_aux,
};
use crate::ops::{Mro, is_class};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_type};
py_type! {
    /// `type`, the class of classes.
    pub static TYPE: r#type, base OBJECT;
    slots { new: type_new, call: type_call_slot, repr: type_repr, attr: type_attr }
    entries {
        #[cfg(feature = "extra")]
        mro = F1(type_mro);
        #[cfg(feature = "extra")]
        __call__ = Raw(type_dunder_call);
        #[cfg(feature = "extra")]
        __new__ = Raw(type_dunder_new);
        #[cfg(feature = "extra")]
        __instancecheck__ = F2(type_instancecheck);
        #[cfg(feature = "extra")]
        __subclasscheck__ = F2(type_subclasscheck);
        #[cfg(feature = "extra")]
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
        Some(c) => vm.begin_instance(c, &Args { pos: rest, ..args }, &Target::NATIVE),
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
    let name = vm.class_name(v);
    vm.push_parts(out, b"<class '%'>", &[name])
}

fn type_attr(_vm: &mut Vm, _class: Value, _name: Value, _op: crate::object::AttrOp) -> Res {
    Ok(Value::UNDEF)
}

fn type_mro(vm: &mut Vm, class: Value) -> Res {
    Ok(Mro::of(class).collect(vm)?.value())
}

/// Names that [`get_class_attr`] answers.
const OWN_NAMES: &[Value] = &[
    q::__name__.value(),
    q::__class__.value(),
    q::__bases__.value(),
    q::__dict__.value(),
    #[cfg(feature = "extra")]
    q::__base__.value(),
    #[cfg(feature = "extra")]
    q::__mro__.value(),
    #[cfg(feature = "extra")]
    q::__qualname__.value(),
    #[cfg(feature = "extra")]
    q::__doc__.value(),
    #[cfg(feature = "extra")]
    q::__module__.value(),
];

/// False for most of the names that mean nothing to the language.
fn may_be_special(name: Value) -> bool {
    Str::from_known(name).as_bytes().first() == Some(&b'_')
}

/// What a class answers by itself: `__name__`, `__bases__`, …; `UNDEF` for other names.
pub fn get_class_attr(vm: &mut Vm, class: Value, name: Value) -> Res {
    if !may_be_special(name) {
        return Ok(Value::UNDEF);
    }
    let object = OBJECT.value();
    let base = match RomType::from_value(class) {
        Some(t) => t.base.map_or(Value::NONE, |b| b.value()),
        None => Class::from_known(class).single_base(vm).unwrap_or(object),
    };
    let made = Class::from_value(class);
    let own = |vm: &Vm| made.and_then(|c| c.namespace(vm).get_name(vm, name));
    Ok(match place_of(name, OWN_NAMES) {
        0 => vm.class_name(class),
        1 => vm.type_of(class),
        2 => match made {
            Some(c) if base != object => c.bases(vm),
            _ if base.is_none() => Vm::empty_tuple(),
            _ => vm.new_tuple(&[base])?,
        },
        3 => {
            let dict = match RomType::from_value(class) {
                Some(t) => vm.dict_of_entries(t.entries())?,
                None => Class::from_known(class).namespace(vm).copy(vm)?,
            };
            set_aux(vm, dict.value(), dict.aux() | READ_ONLY);
            dict.value()
        }
        _ if !cfg!(feature = "extra") => Value::UNDEF,
        4 => base,
        5 => {
            let order = Mro::of(class).collect(vm)?;
            super::tuple::of_list(vm, order)?
        }
        6 => own(vm).unwrap_or_else(|| vm.class_name(class)),
        7 => own(vm).unwrap_or(Value::NONE),
        8 if made.is_none() => q::builtins.value(),
        _ => Value::UNDEF,
    })
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
        if let Some(f) = vm.attr_changer(metaclass, value) {
            return vm.call_changer(f, &[class.value(), name, value]);
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
    let namespace = class.namespace(vm);
    if value.is_undef() {
        return vm.delete_name(class.value(), namespace, name);
    }
    namespace.set_name(vm, name, value)?;
    let flags = flag_of(vm, name, value);
    if flags != 0 {
        vm.add_class_flags(class, flags);
    }
    Ok(())
}

/// Names whose definition gives a class a flag.
const FLAGS: &[(Value, u16)] = &[
    (q::__getattr__.value(), ClassFlags::GETATTR),
    (q::__setattr__.value(), ClassFlags::SETATTR),
    (q::__delattr__.value(), ClassFlags::SETATTR),
    #[cfg(feature = "extra")]
    (q::__getattribute__.value(), ClassFlags::GETATTRIBUTE),
    (q::__del__.value(), ClassFlags::DEL),
    (q::__init__.value(), ClassFlags::INIT),
    (q::__new__.value(), ClassFlags::NEW),
];

/// The flag that defining a name gives a class.
pub(super) fn flag_of(vm: &Vm, name: Value, value: Value) -> u16 {
    let mut by_name = 0;
    if may_be_special(name) {
        by_name = FLAGS.iter().find(|&&(n, _)| n == name).map_or(0, |&(_, flag)| flag);
    }
    by_name | if vm.is_data_descriptor(value) { ClassFlags::DATA_DESCRIPTOR } else { 0 }
}

/// Whether `__slots__` of a class or its bases name an attribute.
pub fn slots_allow(vm: &mut Vm, class: Class, name: Value) -> Result<bool, Raise> {
    let mut found = false;
    let mut order = Mro::of(class.value());
    while let Some(c) = order.next(vm) {
        let Some(c) = Class::from_value(c) else { continue };
        let Some(names) = c.namespace(vm).get_name(vm, q::__slots__.value()) else {
            return Ok(true);
        };
        // With `__dict__` among them any other name will do, too.
        for name in [name, q::__dict__.value()] {
            found |= match Str::from_value(names) {
                Some(one) => one.equals(Str::from_known(name)),
                None => vm.contains(names, name)?,
            };
        }
    }
    Ok(found)
}

/// `instance.__class__ = …` and `instance.__dict__ = …`.
pub fn set_special(vm: &mut Vm, object: Instance, name: Value, value: Value) -> Result<(), Raise> {
    if name == q::__dict__.value() {
        let Some(new) = vm.cast::<Dict>(value) else {
            return Err(vm.raise(exc::TYPE_ERROR, "__dict__ must be a dict"));
        };
        let dict = object.make_dict(vm)?;
        crate::object::TableRef::dict(dict).clear(vm);
        return super::dict::update(vm, dict, new.value());
    }
    let Some(class) = Class::from_value(value) else {
        return Err(vm.raise(exc::TYPE_ERROR, "__class__ must be set to a class"));
    };
    if class.native_base(vm) != object.class(vm).native_base(vm) {
        return Err(vm.raise(exc::TYPE_ERROR, "__class__ assignment: object layout differs"));
    }
    object.make_dict(vm)?;
    let shape = vm.dict_shape(class)?;
    set_aux(vm, object.value(), shape);
    Ok(())
}

/// `isinstance(v, class)` for one class or a tuple of them.
pub fn is_instance_of(vm: &mut Vm, v: Value, class: Value) -> Result<bool, Raise> {
    is_in(vm, v, class, true)
}

/// `issubclass(class, base)` for one base or a tuple of them.
pub fn is_subclass_of(vm: &mut Vm, class: Value, base: Value) -> Result<bool, Raise> {
    if !is_class(class) {
        return Err(vm.raise(exc::TYPE_ERROR, "issubclass() arg 1 must be a class"));
    }
    is_in(vm, class, base, false)
}

/// Whether a class, or the class of an instance, is another one or derived from it.
fn is_in(vm: &mut Vm, v: Value, class: Value, is_instance: bool) -> Result<bool, Raise> {
    vm.enter_native()?;
    if let Some(t) = Tuple::from_value(class) {
        for &c in t.items() {
            if is_in(vm, v, c, is_instance)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    let (hook, text) = if is_instance {
        (q::__instancecheck__.value(), "isinstance() arg 2 must be a class or a tuple of classes")
    } else {
        (q::__subclasscheck__.value(), "issubclass() arg 2 must be a class or a tuple of classes")
    };
    if cfg!(feature = "extra")
        && let Some(r) = vm.call_python_method(class, hook, &[v])?
    {
        return vm.truth(r);
    }
    if !is_class(class) {
        return Err(vm.raise(exc::TYPE_ERROR, text));
    }
    Ok(vm.is_subclass(if is_instance { vm.type_of(v) } else { v }, class))
}

fn type_instancecheck(vm: &mut Vm, class: Value, v: Value) -> Res {
    Ok(Value::bool(vm.is_instance(v, class)))
}

fn type_subclasscheck(vm: &mut Vm, base: Value, class: Value) -> Res {
    Ok(Value::bool(vm.is_subclass(class, base)))
}
