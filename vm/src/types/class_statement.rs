//! Making classes: the class statement and `type(name, bases, namespace)`.
//!
//! Source: Python Language Reference, "Class definitions" and "Data model"; "The Python 2.3 Method Resolution Order" for
//! C3; PEP 560.

use super::class::flag_of;
use super::{OBJECT, TYPE};
use crate::object::{
    Args, Class, ClassFlags, Descriptor, DescriptorKind, Dict, List, Res, RomFn, RomType, Str,
    Tuple,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};
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
pub(super) fn make_class(
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
    flags &= !ClassFlags::SLOTS;
    if let Some(names) = namespace.get_name(vm, q::__slots__.value())
        && !vm.contains(names, q::__dict__.value())?
    {
        flags |= ClassFlags::SLOTS;
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
