//! `object`, the base of all classes, and `dir`.
//!
//! Source: Python Language Reference, "Data model".

use super::set;
use crate::object::{
    Args, Class, ClassFlags, Dict, Exception, Instance, Res, RomEntries, RomEntry, RomFn, RomType,
    Set, StrBuilder, Style, array_items,
};
use crate::ops::{Mro, is_class};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, rom_entries, types};
/// `object`.
pub static OBJECT: RomType = RomType::new(
    q::object,
    None,
    crate::rom_slots!(new: object_new, repr: object_repr),
    rom_entries!([]
        __init__ = Raw(object_init);
        __new__ = Raw(object_dunder_new);
        __setattr__ = F3(object_setattr);
        __delattr__ = F2(object_delattr);
        #[cfg(feature = "extra")]
        __getattribute__ = F2(object_getattribute);
        #[cfg(feature = "extra")]
        __repr__ = F1(object_dunder_repr);
        #[cfg(feature = "extra")]
        __str__ = F1(object_dunder_str);
        #[cfg(feature = "extra")]
        __eq__ = F2(object_eq);
        #[cfg(feature = "extra")]
        __ne__ = F2(object_ne);
        #[cfg(feature = "extra")]
        __hash__ = F1(object_hash);
        #[cfg(feature = "extra")]
        __init_subclass__: { static F: RomFn = RomFn::new(q::__init_subclass__, crate::object::NativeFn::Raw(object_init_subclass)); F.rom() };
        #[cfg(feature = "extra")]
        __dir__ = F1(object_dir);
    ),
);

fn object_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    if !args.pos.is_empty() || !args.names.is_empty() {
        return Err(vm.wrong_count(0, 0, args.pos.len()));
    }
    if class == OBJECT.value() {
        return Ok(crate::object::Native::new(vm, class, &[])?.value());
    }
    match Class::from_value(class) {
        Some(c) => vm.allocate_instance(c, &args),
        None => Err(vm.raise(exc::TYPE_ERROR, "object.__new__: not a class")),
    }
}

fn object_init(vm: &mut Vm, args: Args<'_>) -> Res {
    let Some(&this) = args.pos.first() else { return Err(vm.wrong_count(1, 1, 0)) };
    // Arguments that __new__ took are not ours to judge.
    let extra = args.pos.len() > 1 || !args.names.is_empty();
    let class = vm.type_of(this);
    let lenient = Class::from_value(class).is_some_and(|c| c.has(vm, ClassFlags::NEW));
    if extra && !lenient {
        return Err(vm.wrong_count(1, 1, args.pos.len()));
    }
    Ok(Value::NONE)
}

/// `object.__new__(class)`.
fn object_dunder_new(vm: &mut Vm, args: Args<'_>) -> Res {
    let Some((&class, rest)) = args.pos.split_first() else { return Err(vm.wrong_count(1, 1, 0)) };
    match (Class::from_value(class), RomType::from_value(class)) {
        (Some(c), _) => vm.allocate_instance(c, &Args { pos: rest, ..args }),
        _ => Err(vm.raise(exc::TYPE_ERROR, "__new__ arg must be a type")),
    }
}

fn object_setattr(vm: &mut Vm, this: Value, name: Value, value: Value) -> Res {
    let name = vm.name_arg(name)?;
    match Instance::from_value(this) {
        Some(i) => vm.generic_change(i, name, value)?,
        None => vm.set_attr(this, name, value)?,
    }
    Ok(Value::NONE)
}

fn object_delattr(vm: &mut Vm, this: Value, name: Value) -> Res {
    object_setattr(vm, this, name, Value::UNDEF)
}

fn object_getattribute(vm: &mut Vm, this: Value, name: Value) -> Res {
    let name = vm.name_arg(name)?;
    match Instance::from_value(this) {
        Some(i) => {
            let v = vm.generic_find(i, name)?;
            if v.is_undef() { Err(vm.no_attribute(this, name)) } else { Ok(v) }
        }
        None => vm.get_attr(this, name),
    }
}

fn object_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let name = vm.type_name(v);
    vm.push_default_repr(out, name, v)
}

fn object_dunder_repr(vm: &mut Vm, this: Value) -> Res {
    let mut out = StrBuilder::new();
    // The default form, even where the class overrides it.
    match this.kind() {
        Some(Kind::Instance) => object_repr(vm, this, &mut out, Style::Repr)?,
        _ => vm.format(this, &mut out, Style::Repr)?,
    }
    out.finish_str(vm)
}

fn object_dunder_str(vm: &mut Vm, this: Value) -> Res {
    match this.kind() {
        Some(Kind::Instance) => vm.repr(this),
        _ => vm.str(this),
    }
}

fn object_eq(_vm: &mut Vm, a: Value, b: Value) -> Res {
    Ok(if a == b { Value::TRUE } else { Value::NOT_IMPLEMENTED })
}

fn object_ne(_vm: &mut Vm, a: Value, b: Value) -> Res {
    Ok(if a == b { Value::FALSE } else { Value::NOT_IMPLEMENTED })
}

fn object_hash(_vm: &mut Vm, a: Value) -> Res {
    Ok(Value::from_len(a.bits() >> 4))
}

fn object_init_subclass(_vm: &mut Vm, _args: Args<'_>) -> Res {
    Ok(Value::NONE)
}

fn object_dir(vm: &mut Vm, this: Value) -> Res {
    dir(vm, this)
}

/// The names of an object's attributes, sorted: `dir(object)`.
pub fn dir(vm: &mut Vm, object: Value) -> Res {
    if let Some(names) = vm.call_python_method(object, q::__dir__.value(), &[])? {
        return sorted(vm, names);
    }
    let names = vm.new_set()?;
    match object.kind() {
        Some(Kind::Module) => {
            let d = crate::object::Module::from_known(object).globals(vm);
            set::add_all(vm, names, d)?;
        }
        Some(Kind::RomModule) => {
            if let Some(m) = crate::object::RomModule::from_value(object) {
                names.add(vm, q::__name__.value())?;
                for name in m.computed {
                    names.add(vm, name.value())?;
                }
                add_entries(vm, names, m.entries())?;
            }
            if let Some(over) = vm.rom_override(object) {
                set::add_all(vm, names, over.value())?;
            }
        }
        _ => {
            if let Some(i) = Instance::from_value(object) {
                let shape = *vm.shape(i.shape_id());
                for &name in &array_items(shape.keys)[..shape.len()] {
                    // The native part has no name.
                    if !name.is_undef() {
                        names.add(vm, name)?;
                    }
                }
                if let Some(d) = i.dict(vm) {
                    set::add_all(vm, names, d.value())?;
                }
            }
            if cfg!(feature = "extra")
                && let Some(e) = Exception::from_value(object)
                && let Some(d) = Dict::from_value(e.attributes(vm))
            {
                set::add_all(vm, names, d.value())?;
            }
            let start = if is_class(object) { object } else { vm.type_of(object) };
            let mut order = Mro::of(start);
            while let Some(c) = order.next(vm) {
                match RomType::from_value(c) {
                    Some(t) => add_entries(vm, names, t.entries())?,
                    None => set::add_all(vm, names, Class::from_known(c).dict(vm))?,
                }
            }
            names.add(vm, q::__class__.value())?;
        }
    }
    sorted(vm, names.value())
}

fn add_entries(vm: &mut Vm, names: Set, entries: &'static [RomEntry]) -> Result<(), Raise> {
    for e in RomEntries(entries) {
        names.add(vm, e.name())?;
    }
    Ok(())
}

fn sorted(vm: &mut Vm, names: Value) -> Res {
    let list = vm.collect_list(names)?;
    types::list::sort(vm, list, Value::NONE, false, true)?;
    Ok(list.value())
}
