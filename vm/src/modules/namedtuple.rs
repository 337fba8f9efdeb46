//! `collections.namedtuple`: a class derived from `tuple`, whose methods are objects of one native type.
//!
//! Source: Python Library Reference, "namedtuple()".

use crate::object::{
    Args, Class, Descriptor, DescriptorKind, Dict, Instance, List, Native, Res, Str, StrBuilder,
    Tuple, array_items,
};
use crate::types::tuple::{TUPLE, collect_tuple};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_type, types};

py_type! {
    /// A method of a named tuple's class. Words: what it does ([`Method`]), and the field's index or the names.
    pub static NAMEDTUPLE_METHOD: function, base types::OBJECT;
    slots { call: call_method, binds: true, is_final: true }
    entries {}
}

/// What a method does, by number.
type Method = i32;
/// A field's getter; the word is its index.
const GET: Method = 0;
/// `__repr__()`
const REPR: Method = 1;
/// `__new__(class, …)`; words: the names and the tuple of defaults.
const NEW: Method = 2;
/// `_asdict()`
const AS_DICT: Method = 3;
/// `_replace(**fields)`
const REPLACE: Method = 4;
/// `_make(iterable)`
const MAKE: Method = 5;

/// All that MicroPython's port to QEMU does not have.
const HAS_MORE: bool = cfg!(feature = "extra");

/// `namedtuple(typename, field_names, *, rename=False, defaults=None, module=None)`
///
/// `field_names` is an iterable of names or a string of them, separated by spaces or, as CPython has it, commas.
pub fn namedtuple(vm: &mut Vm, args: &[Value]) -> Res {
    let fields = field_names(vm, args[1])?;
    let mut defaults = Vm::empty_tuple();
    if HAS_MORE {
        if !args[2].is_undef() && vm.truth(args[2])? {
            rename(vm, fields)?;
        }
        if !args[3].is_undef() && !args[3].is_none() {
            defaults = collect_tuple(vm, args[3])?;
        }
        if Tuple::from_known(defaults).len() > fields.len(vm) {
            return Err(vm.raise(exc::TYPE_ERROR, "Got more default values than field names"));
        }
    }
    let names = types::tuple::of_list(vm, fields)?;
    let namespace = vm.new_dict()?;
    if HAS_MORE {
        // No attributes beside the fields.
        namespace.set_name(vm, q::__slots__.value(), Vm::empty_tuple())?;
        namespace.set_name(vm, q::_fields.value(), names)?;
        namespace.set_name(vm, q::__match_args__.value(), names)?;
    }
    let methods = [
        (q::__repr__.rom(), REPR),
        (q::__new__.rom(), NEW),
        (q::_asdict.rom(), AS_DICT),
        (q::_replace.rom(), REPLACE),
        (q::_make.rom(), MAKE),
    ];
    let n_methods = if HAS_MORE { methods.len() } else { 2 };
    for (name, method) in &methods[..n_methods] {
        add_method(vm, namespace, name.0, *method, [names, defaults])?;
    }
    for i in 0..fields.len(vm) {
        let Some(name) = fields.get(vm, i) else { break };
        add_method(vm, namespace, name, GET, [Value::from_len(i), Value::NONE])?;
    }
    let bases = vm.new_tuple(&[TUPLE.value()])?;
    vm.call(types::TYPE.value(), &[args[0], bases, namespace.value()])
}

fn add_method(
    vm: &mut Vm,
    namespace: Dict,
    name: Value,
    method: Method,
    words: [Value; 2],
) -> Result<(), Raise> {
    let words = [Value::int(method), words[0], words[1]];
    // Only `__new__` has defaults.
    let n = if method == NEW { 3 } else { 2 };
    let mut function = Native::new(vm, NAMEDTUPLE_METHOD.value(), &words[..n])?.value();
    let kind = match method {
        GET => DescriptorKind::Property,
        NEW => DescriptorKind::StaticMethod,
        _ => DescriptorKind::ClassMethod,
    };
    if matches!(method, GET | NEW | MAKE) {
        let none = Value::NONE;
        function = Descriptor::new(vm, kind, function, none, none, none)?;
    }
    namespace.set_name(vm, name, function)
}

/// The fields as a list of interned strings.
fn field_names(vm: &mut Vm, v: Value) -> Result<List, Raise> {
    let mut names = v;
    if let Some(text) = vm.cast::<Str>(v) {
        names = text.value();
        if HAS_MORE {
            let comma = vm.new_str(",")?;
            names = vm.call_method(names, q::replace.value(), &[comma, q::SPACE.value()])?;
        }
        names = vm.call_method(names, q::split.value(), &[])?;
    }
    let list = vm.collect_list(names)?;
    for i in 0..list.len(vm) {
        let name = list.get(vm, i).unwrap_or(Value::NONE);
        let name = vm.name_arg(name)?;
        list.set(vm, i, name);
    }
    Ok(list)
}

/// Gives fields whose names are taken or no names the names `_0`, `_1`, ….
fn rename(vm: &mut Vm, fields: List) -> Result<(), Raise> {
    for i in 0..fields.len(vm) {
        let Some(name) = fields.get(vm, i) else { break };
        let text = Str::from_known(name);
        let text = text.as_str();
        // As in source text, whatever is not ASCII is a letter.
        let is_name = !text.starts_with(|c: char| c == '_' || c.is_ascii_digit())
            && text.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric() || b >= 128);
        if !is_name || fields.items(vm)[..i].contains(&name) {
            let mut out = StrBuilder::new();
            vm.push_parts(&mut out, b"_%", &[Value::from_len(i)])?;
            let new = out.finish_str(vm)?;
            let new = vm.name_arg(new)?;
            fields.set(vm, i, new);
        }
    }
    Ok(())
}

/// `method(self or class, …)`
fn call_method(vm: &mut Vm, method: Value, args: Args<'_>) -> Res {
    let method = Native::from_known(method);
    let (which, word) = (method.get(vm, 0).known_int(), method.get(vm, 1));
    let Some((&this, rest)) = args.pos.split_first() else { return Err(vm.wrong_count(1, 1, 0)) };
    match which as Method {
        NEW => {
            let defaults = Tuple::from_known(method.get(vm, 2));
            return new(vm, this, Tuple::from_known(word), defaults, Args { pos: rest, ..args });
        }
        MAKE if HAS_MORE => {
            let &[iterable] = rest else { return Err(vm.wrong_count(1, 1, rest.len())) };
            let items = collect_tuple(vm, iterable)?;
            return vm.call(this, Tuple::from_known(items).items());
        }
        _ => {}
    }
    let tuple = vm.expect::<Tuple>(this, &TUPLE)?;
    match which as Method {
        GET => {
            let i = word.known_int() as usize;
            Ok(tuple.items().get(i).copied().unwrap_or(Value::NONE))
        }
        AS_DICT if HAS_MORE => {
            let dict = vm.call(types::dict::ORDERED_DICT.value(), &[])?;
            for (&name, &v) in Tuple::from_known(word).items().iter().zip(tuple.items()) {
                Dict::from_known(dict).set_name(vm, name, v)?;
            }
            Ok(dict)
        }
        REPLACE if HAS_MORE => replace(vm, this, Tuple::from_known(word), tuple, args),
        // REPR
        _ => {
            let mut out = StrBuilder::new();
            let name = vm.type_name(this);
            out.push_str(vm, name.as_str());
            types::attrtuple::push_named(vm, &mut out, word, tuple.value())?;
            out.finish_str(vm)
        }
    }
}

/// A tuple of the given values, or of the defaults at the end, as an instance of `class`.
fn new(vm: &mut Vm, class: Value, names: Tuple, defaults: Tuple, args: Args<'_>) -> Res {
    let n = names.len();
    let Some(class) = Class::from_value(class) else {
        return Err(vm.raise(exc::TYPE_ERROR, "__new__ arg must be a type"));
    };
    let given = args.pos.len() + args.names.len();
    if given > n || !HAS_MORE && given < n {
        return Err(wrong_count(vm, class, n, given));
    }
    let array = vm.new_array(n)?;
    let items = array_items(array);
    items[..args.pos.len()].copy_from_slice(args.pos);
    for (&name, &value) in args.names.iter().zip(args.values) {
        match place_of(vm, names, items, name)? {
            place if place.is_undef() => *place = value,
            _ => return Err(vm.repeated_keyword(name)),
        }
    }
    if HAS_MORE {
        let first_default = n - defaults.len();
        for (i, place) in items.iter_mut().enumerate() {
            if place.is_undef() {
                if i < first_default {
                    return Err(wrong_count(vm, class, n, given));
                }
                *place = defaults.items()[i - first_default];
            }
        }
    }
    let tuple = vm.new_tuple(items)?;
    Ok(Instance::new(vm, class, tuple)?.value())
}

/// The place of the field `name`; `TypeError` for a name that no field has.
fn place_of<'a>(
    vm: &mut Vm,
    names: Tuple,
    items: &'a mut [Value],
    name: Value,
) -> Result<&'a mut Value, Raise> {
    match names.items().iter().zip(items).find(|(field, _)| **field == name) {
        Some((_, place)) => Ok(place),
        None => Err(vm.raise_about(exc::TYPE_ERROR, "unexpected keyword argument '%'", name)),
    }
}

fn wrong_count(vm: &mut Vm, class: Class, n: usize, given: usize) -> Raise {
    let values = [class.name(vm), Value::from_len(n), Value::from_len(given)];
    vm.raise_filled(exc::TYPE_ERROR, crate::interp::call::WRONG_COUNT, &values)
}

/// `_replace(**fields)`: the same tuple with other values in some fields.
fn replace(vm: &mut Vm, this: Value, names: Tuple, tuple: Tuple, args: Args<'_>) -> Res {
    if args.pos.len() > 1 {
        return Err(vm.wrong_count(1, 1, args.pos.len()));
    }
    let array = vm.new_array(tuple.len())?;
    let items = array_items(array);
    items.copy_from_slice(tuple.items());
    for (&name, &value) in args.names.iter().zip(args.values) {
        *place_of(vm, names, items, name)? = value;
    }
    let new = vm.new_tuple(items)?;
    match Class::from_value(vm.type_of(this)) {
        Some(class) => Ok(Instance::new(vm, class, new)?.value()),
        None => Ok(new),
    }
}
