//! `object`, the base of all classes, and `dir`.
//!
//! Source: Python Language Reference, "Data model".

use crate::object::{
    Args, Class, ClassFlags, Dict, Exception, Instance, Res, RomFn, RomType, StrBuilder, Style,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, rom_entries, types};
/// `object`.
pub static OBJECT: RomType = RomType::new(
    q::object.rom(),
    None,
    &crate::object::Slots {
        new: Some(object_new),
        repr: Some(object_repr),
        ..crate::object::Slots::NONE
    },
    rom_entries!([]
        __init__ = Raw(object_init);
        __new__ = Raw(object_dunder_new);
        __setattr__ = F3(object_setattr);
        __delattr__ = F2(object_delattr);
        __getattribute__ = F2(object_getattribute);
        __repr__ = F1(object_dunder_repr);
        __str__ = F1(object_dunder_str);
        __eq__ = F2(object_eq);
        __ne__ = F2(object_ne);
        __hash__ = F1(object_hash);
        __init_subclass__: { static F: RomFn = RomFn::new(q::__init_subclass__.rom(), crate::object::NativeFn::Raw(object_init_subclass)); F.rom() };
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
        Some(c) => vm.allocate_instance(c, args),
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
        (Some(c), _) => vm.allocate_instance(c, Args { pos: rest, ..args }),
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
        Some(i) => match vm.generic_find(i, name)? {
            Some(v) => Ok(v),
            None => Err(vm.no_attribute(this, name)),
        },
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
    if let Some(f) = vm.python_method(object, q::__dir__.value())? {
        let names = vm.call(f, &[])?;
        let list = vm.collect_list(names)?;
        types::list::sort(vm, list, Value::NONE, false, true)?;
        return Ok(list.value());
    }
    let names = vm.new_set()?;
    let add_dict = |vm: &mut Vm, d: Dict| -> Result<(), Raise> {
        let mut from = 0;
        while let Some((i, key, _)) = d.entry(vm, from) {
            from = i + 1;
            names.add(vm, key)?;
        }
        Ok(())
    };
    match object.kind() {
        Some(Kind::Module) => {
            let d = crate::object::Module::from_known(object).globals(vm);
            add_dict(vm, Dict::from_known(d))?;
        }
        Some(Kind::RomModule) => {
            if let Some(m) = crate::object::RomModule::from_value(object) {
                names.add(vm, q::__name__.value())?;
                for e in m.entries {
                    names.add(vm, e.0.0)?;
                }
                for name in m.computed {
                    names.add(vm, name.0)?;
                }
            }
            if let Some(over) = vm.rom_override(object) {
                add_dict(vm, over)?;
            }
        }
        _ => {
            if let Some(i) = Instance::from_value(object) {
                match i.dict(vm) {
                    Some(d) => add_dict(vm, d)?,
                    None => {
                        let mut at = 0;
                        let n = vm.shape(i.shape_id()).len();
                        while at < n {
                            if let Some((name, _)) = i.attribute(vm, at) {
                                names.add(vm, name.value())?;
                            }
                            at += 1;
                        }
                    }
                }
            }
            if let Some(e) = Exception::from_value(object)
                && let Some(d) = Dict::from_value(e.attributes(vm))
            {
                add_dict(vm, d)?;
            }
            let is_class = matches!(object.kind(), Some(Kind::Class | Kind::RomType));
            let start = if is_class { object } else { vm.type_of(object) };
            let classes = vm.new_list()?;
            let mut order = [Value::UNDEF; 64];
            let mut n = 0;
            vm.walk_mro(start, |c| {
                if n < order.len() {
                    order[n] = c;
                    n += 1;
                }
                None::<()>
            });
            for &c in &order[..n] {
                classes.push(vm, c)?;
                match (Class::from_value(c), RomType::from_value(c)) {
                    (Some(k), _) => add_dict(vm, k.namespace(vm))?,
                    (_, Some(t)) => {
                        for e in t.entries {
                            names.add(vm, e.0.0)?;
                        }
                    }
                    _ => {}
                }
            }
            names.add(vm, q::__class__.value())?;
        }
    }
    let list = vm.collect_list(names.value())?;
    types::list::sort(vm, list, Value::NONE, false, true)?;
    Ok(list.value())
}
