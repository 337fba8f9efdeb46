//! Making classes: the class statement and `type(name, bases, namespace)`.
//!
//! Source: Python Language Reference, "Class definitions" and "Data model"; "The Python 2.3 Method Resolution Order" for
//! C3; PEP 560.

use super::class::flag_of;
use super::{OBJECT, TYPE};
use crate::object::{
    Args, Class, ClassFlags, Descriptor, DescriptorKind, Dict, Function, List, Res, RomFn, RomType,
    Tuple,
};
use crate::ops::{Mro, is_class};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};
/// `__build_class__(body, name, *bases, metaclass=…, **keywords)`: the class statement.
pub fn build_class(vm: &mut Vm, args: Args<'_>) -> Res {
    let &[body, name, ref bases @ ..] = args.pos else {
        return Err(vm.wrong_count(2, 2, args.pos.len()));
    };
    let bases = Tuple::from_known(bases_tuple(vm, bases)?);
    if !cfg!(feature = "extra") && !args.names.is_empty() {
        return Err(vm.raise(exc::TYPE_ERROR, "function doesn't take keyword arguments"));
    }
    let mut metaclass = TYPE.value();
    if !cfg!(feature = "extra") {
        // As in MicroPython, the first base decides.
        if let Some(&base) = bases.items().first() {
            metaclass = vm.type_of(base);
        }
    } else if let Some(given) = args.keyword(q::metaclass.value()) {
        metaclass = given;
    }
    if cfg!(feature = "extra") && is_class(metaclass) {
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
    let n = if cfg!(feature = "extra") { args.names.len() } else { 0 };
    let kept = if n > 0 { vm.new_array(n * 2)? } else { Value::UNDEF };
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
    let namespace = if cfg!(feature = "extra")
        && metaclass != TYPE.value()
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
    let mut cell = None;
    let dict = if cfg!(feature = "extra") {
        Dict::from_value(namespace)
    } else {
        Some(Dict::from_known(namespace))
    };
    if let Some(d) = dict {
        cell = d.get_name(vm, q::__classcell__.value());
        d.remove_name(vm, q::__classcell__.value());
    }
    let class = if metaclass == TYPE.value() {
        let Some(namespace) = dict else {
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

/// The bases as a tuple. What is no class may stand for some: PEP 560.
fn bases_tuple(vm: &mut Vm, bases: &[Value]) -> Res {
    let all = vm.new_tuple(bases)?;
    // What is no class `make_class` refuses.
    if !cfg!(feature = "extra") || bases.iter().all(|&base| is_class(base)) {
        return Ok(all);
    }
    let out = vm.new_list()?;
    for &base in Tuple::from_known(all).items() {
        if is_class(base) {
            out.push(vm, base)?;
            continue;
        }
        match vm.find_attr(base, q::__mro_entries__.value())? {
            Some(f) => {
                let entries = vm.call(f, &[all])?;
                vm.extend_list(out, entries)?;
            }
            None => return Err(not_a_base(vm)),
        }
    }
    super::tuple::of_list(vm, out)
}

#[cold]
fn not_a_base(vm: &mut Vm) -> Raise {
    vm.raise(exc::TYPE_ERROR, "type is not an acceptable base type")
}

/// What is a static or class method without a decorator.
const IMPLICIT: &[(Value, DescriptorKind)] = &[
    (q::__new__.value(), DescriptorKind::StaticMethod),
    #[cfg(feature = "extra")]
    (q::__init_subclass__.value(), DescriptorKind::ClassMethod),
    #[cfg(feature = "extra")]
    (q::__class_getitem__.value(), DescriptorKind::ClassMethod),
];

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
                if t.slots.is_final() {
                    let text = "type '%' is not an acceptable base type";
                    return Err(vm.raise_about(exc::TYPE_ERROR, text, t.name()));
                }
                if !core::ptr::eq(t, &OBJECT) {
                    if !t.slots.is_abstract() {
                        native = join_native(vm, native, t.value())?;
                    }
                    n_real += 1;
                    if t.is_subtype(exc::BASE_EXCEPTION.rom_type()) {
                        flags |= ClassFlags::EXCEPTION;
                    }
                    if t.is_subtype(&TYPE) {
                        flags |= ClassFlags::METACLASS;
                    }
                }
            }
            _ => return Err(not_a_base(vm)),
        }
    }
    let mut e = namespace.entries();
    let mut sets_names = false;
    while e.advance(vm) {
        flags |= flag_of(vm, e.key, e.value);
        sets_names |= e.value.is_kind(Kind::Instance);
    }
    // `__eq__` without `__hash__`, or `__hash__ = None`.
    let hash = namespace.get_name(vm, q::__hash__.value());
    if hash.is_some() || namespace.get_name(vm, q::__eq__.value()).is_some() {
        flags &= !ClassFlags::UNHASHABLE;
        if hash.is_none_or(|h| h.is_none()) {
            flags |= ClassFlags::UNHASHABLE;
        }
    }
    flags &= !ClassFlags::SLOTS;
    if cfg!(feature = "extra")
        && let Some(names) = namespace.get_name(vm, q::__slots__.value())
        && !vm.contains(names, q::__dict__.value())?
    {
        flags |= ClassFlags::SLOTS;
    }
    for &(name, kind) in IMPLICIT {
        if let Some(f) = namespace.get_name(vm, name)
            && f.is_kind(Kind::Function)
        {
            let wrapped = Descriptor::new(vm, kind, f, Value::NONE, Value::NONE, Value::NONE)?;
            namespace.set_name(vm, name, wrapped)?;
        }
    }
    if let Some(init) = namespace.get_name(vm, q::__init__.value()).and_then(Function::from_value) {
        slots = slots.max(init.code().get().slots);
    }
    // `object` alone is no base to follow.
    let bases = if n_real == 0 { Tuple::from_known(Vm::empty_tuple()) } else { bases };
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
    if sets_names {
        // A copy, because __set_name__ may change the namespace.
        let mut e = namespace.copy(vm)?.entries();
        while e.advance(vm) {
            vm.call_python_method(e.value, q::__set_name__.value(), &[class.value(), e.key])?;
        }
    }
    if !cfg!(feature = "extra") {
        return Ok(class.value());
    }
    let f = vm.find_after(class.value(), class.value(), q::__init_subclass__.value());
    if !f.is_undef() && RomFn::from_value(f).is_none() {
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

/// A class needs its order written down when a class on the way has several bases.
fn needs_mro(vm: &Vm, bases: Tuple) -> bool {
    bases.len() > 1
        || bases
            .items()
            .iter()
            .any(|&b| Class::from_value(b).is_some_and(|c| c.mro(vm).is_object()))
}

/// The order in which a class with several bases is searched: C3.
#[cfg(feature = "extra")]
fn linearise(vm: &mut Vm, class: Value, bases: Tuple) -> Res {
    // The orders of the bases and the bases themselves, `UNDEF` behind each. What was merged is `DELETED`. `object` is the
    // end of every order and is left out.
    let orders = vm.new_list()?;
    for &base in bases.items() {
        let mut order = Mro::of(base);
        while let Some(c) = order.next(vm) {
            push_unless_object(vm, orders, c)?;
        }
        orders.push(vm, Value::UNDEF)?;
    }
    for &base in bases.items() {
        push_unless_object(vm, orders, base)?;
    }
    let out = vm.new_list_from(&[class])?;
    loop {
        let left = orders.items_mut(vm);
        let next = next_in_order(left);
        if next.is_undef() {
            return super::tuple::of_list(vm, out);
        }
        if next == Value::DELETED {
            return Err(vm.raise(
                exc::TYPE_ERROR,
                "can't create consistent method resolution order (MRO) for bases",
            ));
        }
        for place in left {
            if *place == next {
                *place = Value::DELETED;
            }
        }
        out.push(vm, next)?;
    }
}

/// The order in which a class with several bases is searched: those of the bases in turn, a class that is in several of
/// them where it is last. Orders that contradict each other are as good, as in MicroPython, which goes by depth alone.
#[cfg(not(feature = "extra"))]
fn linearise(vm: &mut Vm, class: Value, bases: Tuple) -> Res {
    let out = vm.new_list_from(&[class])?;
    for &base in bases.items() {
        let mut order = Mro::of(base);
        while let Some(c) = order.next(vm) {
            if let Some(at) = out.items(vm).iter().position(|&other| other == c) {
                out.remove(vm, at);
            }
            push_unless_object(vm, out, c)?;
        }
    }
    super::tuple::of_list(vm, out)
}

fn push_unless_object(vm: &mut Vm, list: List, class: Value) -> Result<(), Raise> {
    if class == OBJECT.value() { Ok(()) } else { list.push(vm, class) }
}

/// The first class that stands at the front of an order and nowhere behind another: `UNDEF` when all were merged, `DELETED`
/// when there is none.
#[cfg(feature = "extra")]
fn next_in_order(orders: &[Value]) -> Value {
    let mut next = Value::UNDEF;
    let mut is_front = true;
    for &c in orders {
        if c == Value::DELETED {
            continue;
        }
        if is_front && !c.is_undef() {
            if !is_behind(orders, c) {
                return c;
            }
            next = Value::DELETED;
        }
        is_front = c.is_undef();
    }
    next
}

/// True if a class stands behind the front of an order.
#[cfg(feature = "extra")]
fn is_behind(orders: &[Value], class: Value) -> bool {
    let mut is_front = true;
    for &c in orders {
        if c != Value::DELETED {
            if c == class && !is_front {
                return true;
            }
            is_front = c.is_undef();
        }
    }
    false
}
