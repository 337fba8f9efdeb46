//! Classes: `type`, `object`, `super`, `property` and its kin, class statements, `isinstance`.
//!
//! Source: Python Language Reference, "Data model"; "The Python 2.3 Method Resolution Order" for C3.

use crate::object::{
    Args, Class, ClassFlags, Descriptor, DescriptorKind, Dict, Exception, Instance, List, Res,
    RomFn, RomType, Str, StrBuilder, Style, Super, Tuple,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type, rom_entries, types};

/// `object`.
pub static OBJECT: RomType = RomType::new(
    q::object.rom(),
    None,
    crate::object::Slots {
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

py_type! {
    /// `super`.
    pub static SUPER: super_, base OBJECT;
    slots { new: super_new, repr: super_repr }
    entries {}
}

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

// ---- object

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

// ---- type

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
        Some(c) => {
            let mut result = Value::UNDEF;
            match vm.begin_instance(
                c,
                Args { pos: rest, ..args },
                &raw mut result,
                crate::interp::ENTRY,
            )? {
                crate::interp::Called::Value(v) => Ok(v),
                crate::interp::Called::Frame => Ok(result),
            }
        }
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
fn flag_of(vm: &Vm, name: Value, value: Value) -> u16 {
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

/// `__build_class__(body, name, *bases, metaclass=…, **keywords)`: the class statement.
pub fn build_class(vm: &mut Vm, args: Args<'_>) -> Res {
    let &[body, name, ref bases @ ..] = args.pos else {
        return Err(vm.wrong_count(2, 2, args.pos.len()));
    };
    // Bases that are no classes may stand for some: PEP 560.
    let bases_list = vm.new_list_from(bases)?;
    let orig = bases_list;
    let bases = bases_tuple(vm, orig)?;
    let bases = Tuple::from_known(bases);
    let mut metaclass = args.keyword(q::metaclass.value()).unwrap_or(TYPE.value());
    if RomType::from_value(metaclass).is_some() || Class::from_value(metaclass).is_some() {
        for &base in bases.items() {
            let m = vm.type_of(base);
            if vm.is_subclass(m, metaclass) {
                metaclass = m;
            } else if !vm.is_subclass(metaclass, m) {
                return Err(vm.raise(exc::TYPE_ERROR, "metaclass conflict"));
            }
        }
    }
    // The other keywords go to __prepare__, the metaclass and __init_subclass__.
    let n = args.names.len();
    let kept = vm.new_array(n * 2)?;
    let (kept_names, kept_values) = crate::object::array_items(kept).split_at_mut(n);
    let mut count = 0;
    for i in 0..n {
        if args.names[i] != q::metaclass.value() {
            kept_names[count] = args.names[i];
            kept_values[count] = args.values[i];
            count += 1;
        }
    }
    let keywords = Args { pos: &[], names: &kept_names[..count], values: &kept_values[..count] };
    let namespace = if metaclass != TYPE.value()
        && let Some(prepare) = vm.find_attr(metaclass, q::__prepare__.value())?
        && RomFn::from_value(prepare).is_none()
    {
        vm.call_args(prepare, Args { pos: &[name, bases.value()], ..keywords })?
    } else {
        vm.new_dict()?.value()
    };
    let Some(function) = crate::object::Function::from_value(body) else {
        return Err(vm.raise(exc::TYPE_ERROR, "__build_class__: body must be a function"));
    };
    // The body's frame has the namespace in its first register.
    vm.run_with_namespace(function, namespace)?;
    let cell = match Dict::from_value(namespace) {
        Some(d) => {
            let cell = d.get_name(vm, q::__classcell__.value());
            d.remove_name(vm, q::__classcell__.value());
            cell
        }
        None => None,
    };
    let class = if metaclass == TYPE.value() {
        let Some(namespace) = Dict::from_value(namespace) else {
            return Err(vm.raise(exc::TYPE_ERROR, "namespace must be a dict"));
        };
        let name = vm.name_arg(name)?;
        make_class(vm, metaclass, name, bases, namespace, keywords)?
    } else {
        vm.call_args(metaclass, Args { pos: &[name, bases.value(), namespace], ..keywords })?
    };
    if let Some(cell) = cell.and_then(crate::object::Cell::from_value) {
        cell.set_content(vm, class);
    }
    core::hint::black_box(kept);
    Ok(class)
}

fn bases_tuple(vm: &mut Vm, list: List) -> Res {
    let out = vm.new_list()?;
    for i in 0..list.len(vm) {
        let base = list.get(vm, i).unwrap_or(Value::NONE);
        if matches!(base.kind(), Some(Kind::Class | Kind::RomType)) {
            out.push(vm, base)?;
            continue;
        }
        match vm.find_attr(base, q::__mro_entries__.value())? {
            Some(f) => {
                let items = crate::object::array_items(list.array(vm));
                let n = list.len(vm);
                let all = vm.new_tuple(&items[..n])?;
                let entries = vm.call(f, &[all])?;
                vm.extend_list(out, entries)?;
            }
            None => return Err(vm.raise(exc::TYPE_ERROR, "type is not an acceptable base type")),
        }
    }
    let n = out.len(vm);
    let items = crate::object::array_items(out.array(vm));
    vm.new_tuple(&items[..n])
}

/// Makes a class of its parts; runs `__set_name__` and `__init_subclass__`.
fn make_class(
    vm: &mut Vm,
    metaclass: Value,
    name: Value,
    bases: Tuple,
    namespace: Dict,
    keywords: Args<'_>,
) -> Res {
    let mut flags = 0;
    let mut native = Value::UNDEF;
    let mut slots = 0;
    let mut n_real = 0;
    for &base in bases.items() {
        match (Class::from_value(base), RomType::from_value(base)) {
            (Some(c), _) => {
                flags |= c.flags(vm);
                slots = slots.max(c.slots(vm));
                let theirs = c.native_base(vm);
                native = join_native(vm, native, theirs)?;
                n_real += 1;
            }
            (_, Some(t)) => {
                if t.slots.is_final {
                    let name = Str::from_known(t.name.0);
                    return Err(vm.raise_fmt(
                        exc::TYPE_ERROR,
                        format_args!("type '{}' is not an acceptable base type", name.as_str()),
                    ));
                }
                if !core::ptr::eq(t, &OBJECT) {
                    if !t.slots.is_abstract {
                        native = join_native(vm, native, t.value())?;
                    }
                    n_real += 1;
                    if t.is_subtype(exc::BASE_EXCEPTION) {
                        flags |= ClassFlags::EXCEPTION;
                    }
                    if t.is_subtype(&TYPE) {
                        flags |= ClassFlags::METACLASS;
                    }
                }
            }
            _ => return Err(vm.raise(exc::TYPE_ERROR, "type is not an acceptable base type")),
        }
    }
    let mut from = 0;
    while let Some((i, key, value)) = namespace.entry(vm, from) {
        from = i + 1;
        flags |= flag_of(vm, key, value);
    }
    if namespace.get_name(vm, q::__eq__.value()).is_some() {
        match namespace.get_name(vm, q::__hash__.value()) {
            None => flags |= ClassFlags::UNHASHABLE,
            Some(h) if h.is_none() => flags |= ClassFlags::UNHASHABLE,
            Some(_) => flags &= !ClassFlags::UNHASHABLE,
        }
    } else if let Some(h) = namespace.get_name(vm, q::__hash__.value()) {
        flags = if h.is_none() {
            flags | ClassFlags::UNHASHABLE
        } else {
            flags & !ClassFlags::UNHASHABLE
        };
    }
    if namespace.get_name(vm, q::__slots__.value()).is_some() {
        flags |= ClassFlags::SLOTS;
    } else {
        flags &= !ClassFlags::SLOTS;
    }
    // __new__ is a static method, __init_subclass__ and __class_getitem__ class methods, without a decorator.
    for (name, kind) in [
        (q::__new__.value(), DescriptorKind::StaticMethod),
        (q::__init_subclass__.value(), DescriptorKind::ClassMethod),
        (q::__class_getitem__.value(), DescriptorKind::ClassMethod),
    ] {
        if let Some(f) = namespace.get_name(vm, name)
            && f.is_kind(Kind::Function)
        {
            let wrapped = Descriptor::new(vm, kind, f, Value::NONE, Value::NONE, Value::NONE)?;
            namespace.set_name(vm, name, wrapped)?;
        }
    }
    if let Some(init) =
        namespace.get_name(vm, q::__init__.value()).and_then(crate::object::Function::from_value)
    {
        slots = slots.max(init.code().get().slots);
    }
    // `object` alone is no base to follow.
    let bases = if n_real < bases.len() && n_real == 0 {
        Tuple::from_known(Vm::empty_tuple())
    } else {
        bases
    };
    let slots = slots.min(crate::object::MAX_SLOTS as u8);
    let class = Class::alloc(
        vm,
        0,
        flags,
        slots,
        name,
        bases.value(),
        Value::UNDEF,
        namespace.value(),
        native,
        metaclass,
        Value::UNDEF,
    )?;
    if needs_mro(vm, bases) {
        let mro = linearise(vm, class.value(), bases)?;
        class.set_mro(vm, mro);
    }
    set_names(vm, class)?;
    let parent = vm.find_after(class.value(), class.value(), q::__init_subclass__.value())?;
    if let Some((f, _, _)) = parent
        && RomFn::from_value(f).is_none()
    {
        let bound = vm.bind_to_class(f, class.value())?;
        vm.call_args(bound, keywords)?;
    } else if !keywords.names.is_empty() {
        return Err(vm.raise(exc::TYPE_ERROR, "__init_subclass__() takes no keyword arguments"));
    }
    Ok(class.value())
}

/// The common native base of two: one must be derived from the other.
fn join_native(vm: &mut Vm, a: Value, b: Value) -> Res {
    let (Some(x), Some(y)) = (RomType::from_value(a), RomType::from_value(b)) else {
        return Ok(if a.is_undef() { b } else { a });
    };
    if x.is_subtype(y) {
        Ok(a)
    } else if y.is_subtype(x) {
        Ok(b)
    } else {
        Err(vm.raise(exc::TYPE_ERROR, "multiple bases have instance lay-out conflict"))
    }
}

fn set_names(vm: &mut Vm, class: Class) -> Result<(), Raise> {
    // A copy, because __set_name__ may change the namespace.
    let mut needed = false;
    let namespace = class.namespace(vm);
    let mut from = 0;
    while let Some((i, _, value)) = namespace.entry(vm, from) {
        from = i + 1;
        needed |= value.is_kind(Kind::Instance);
    }
    if !needed {
        return Ok(());
    }
    let copy = namespace.copy(vm)?;
    from = 0;
    while let Some((i, key, value)) = copy.entry(vm, from) {
        from = i + 1;
        if let Some(f) = vm.python_method(value, q::__set_name__.value())? {
            vm.call(f, &[class.value(), key])?;
        }
    }
    Ok(())
}

/// A class needs its order written down when a class on the way has several bases.
fn needs_mro(vm: &Vm, bases: Tuple) -> bool {
    bases.len() > 1
        || bases
            .items()
            .iter()
            .any(|&b| Class::from_value(b).is_some_and(|c| c.mro(vm).is_object()))
}

/// C3: the order in which a class with several bases is searched.
fn linearise(vm: &mut Vm, class: Value, bases: Tuple) -> Res {
    let sequences = vm.new_list()?;
    for &base in bases.items() {
        let order = vm.new_list()?;
        let mut items = [Value::UNDEF; 64];
        let mut n = 0;
        vm.walk_mro(base, |c| {
            if c != OBJECT.value() && n < items.len() {
                items[n] = c;
                n += 1;
            }
            None::<()>
        });
        for &c in &items[..n] {
            order.push(vm, c)?;
        }
        sequences.push(vm, order.value())?;
    }
    let direct = vm.new_list_from(bases.items())?;
    sequences.push(vm, direct.value())?;
    let out = vm.new_list_from(&[class])?;
    let n = sequences.len(vm);
    loop {
        let sequence = |vm: &Vm, i| List::from_known(sequences.get(vm, i).unwrap_or(Value::NONE));
        let mut chosen = None;
        let mut left = false;
        for i in 0..n {
            let Some(head) = sequence(vm, i).get(vm, 0) else { continue };
            left = true;
            let in_a_tail =
                (0..n).any(|j| sequence(vm, j).items(vm).iter().skip(1).any(|&c| c == head));
            if !in_a_tail {
                chosen = Some(head);
                break;
            }
        }
        if !left {
            break;
        }
        let Some(head) = chosen else {
            return Err(vm.raise(
                exc::TYPE_ERROR,
                "can't create consistent method resolution order (MRO) for bases",
            ));
        };
        if head != OBJECT.value() {
            out.push(vm, head)?;
        }
        for i in 0..n {
            let s = sequence(vm, i);
            if s.get(vm, 0) == Some(head) {
                s.remove(vm, 0);
            }
        }
    }
    let n = out.len(vm);
    let items = crate::object::array_items(out.array(vm));
    vm.new_tuple(&items[..n])
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
    for &list in &lists[..n] {
        if let Some(one) = Str::from_value(list) {
            if one.as_bytes() == Str::from_known(name).as_bytes() {
                return Ok(true);
            }
        } else if vm.contains(list, name)? {
            return Ok(true);
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

/// `__init__` of every native base, as `super()` finds it.
pub static NATIVE_INIT: RomFn =
    RomFn::new(q::__init__.rom(), crate::object::NativeFn::Raw(native_init)).for_handlers();

/// What `super().name` gives for a native base: `__init__` fills the native part, `__new__` makes it.
pub fn native_super(
    vm: &mut Vm,
    object: Value,
    class: Value,
    name: Value,
    found: Value,
) -> Result<Option<Value>, Raise> {
    if name == q::__init__.value()
        && class != OBJECT.value()
        && Instance::from_value(object).is_some()
    {
        let _ = vm;
        return Ok(Some(NATIVE_INIT.rom().0));
    }
    Ok(if found.is_undef() { None } else { Some(found) })
}

/// `Base.__init__(self, …)` of a subclass of a built-in type: makes the native part anew.
fn native_init(vm: &mut Vm, args: Args<'_>) -> Res {
    let Some((&this, rest)) = args.pos.split_first() else { return Err(vm.wrong_count(1, 1, 0)) };
    let Some(i) = Instance::from_value(this) else { return Ok(Value::NONE) };
    let class = i.class(vm);
    if let Some(t) = RomType::from_value(class.native_base(vm))
        && (types::is_filled_by_init(t) || t.slots.made_by_init)
        && let Some(new) = t.slots.new
    {
        let part = new(vm, t.value(), Args { pos: rest, ..args })?;
        i.set_slot(vm, 0, part);
    }
    Ok(Value::NONE)
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

// ---- super

fn super_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let &[class, object] = args.pos else { return Err(vm.wrong_count(2, 2, args.pos.len())) };
    if !matches!(class.kind(), Some(Kind::Class | Kind::RomType)) {
        return Err(vm.raise(exc::TYPE_ERROR, "first argument to super() must be type"));
    }
    let is_class = matches!(object.kind(), Some(Kind::Class | Kind::RomType));
    if !(vm.is_instance(object, class) || is_class && vm.is_subclass(object, class)) {
        return Err(vm.raise(exc::TYPE_ERROR, "obj must be an instance or subtype of type"));
    }
    Ok(Super::alloc(vm, 0, class, object)?.value())
}

fn super_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let s = Super::from_known(v);
    let (class, object) = (s.class(vm), s.object(vm));
    out.push_str(vm, "<super: ")?;
    vm.format(class, out, Style::Repr)?;
    out.push_str(vm, ", ")?;
    vm.format(object, out, Style::Repr)?;
    out.push_str(vm, ">")
}

// ---- property, classmethod, staticmethod

fn property_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let mut parts = [Value::NONE; 4];
    if args.pos.len() > 4 {
        return Err(vm.wrong_count(0, 4, args.pos.len()));
    }
    parts[..args.pos.len()].copy_from_slice(args.pos);
    let names = [q::fget.value(), q::fset.value(), q::fdel.value(), q::doc.value()];
    for (&name, &v) in args.names.iter().zip(args.values) {
        match names.iter().position(|&n| n == name) {
            Some(i) => parts[i] = v,
            None => return Err(vm.raise(exc::TYPE_ERROR, "unexpected keyword argument")),
        }
    }
    Descriptor::new(vm, DescriptorKind::Property, parts[0], parts[1], parts[2], parts[3])
}

fn property_attr(vm: &mut Vm, v: Value, name: Value, op: crate::object::AttrOp) -> Res {
    if op != crate::object::AttrOp::Load {
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
    let mut parts = [d.get(vm), d.set(vm), d.delete(vm)];
    let doc = d.doc(vm);
    parts[i] = f;
    Descriptor::new(vm, DescriptorKind::Property, parts[0], parts[1], parts[2], doc)
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
