//! `collections.namedtuple`: a class derived from `tuple`, whose methods are objects of one native type.
//!
//! Source: Python Library Reference, "namedtuple()".

use crate::object::{
    Args, Class, Descriptor, DescriptorKind, Dict, Instance, List, Native, Res, Str, StrBuilder,
    Style, Tuple,
};
use crate::types::tuple::{TUPLE, collect_tuple, of_list};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_type, types};

py_type! {
    /// A method of a named tuple's class. Words: which one ([`Method`]), and the field's index or the names.
    pub static NAMEDTUPLE_METHOD: function, base types::OBJECT;
    slots { call: call_method, binds: true, is_final: true }
    entries {}
}

/// The methods of a named tuple's class, by number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    /// A field's getter; the word is its index.
    Get,
    /// `__new__(class, …)`; words: the names and the tuple of defaults.
    New,
    /// `__repr__()`
    Repr,
    /// `_asdict()`
    AsDict,
    /// `_replace(**fields)`
    Replace,
    /// `_make(iterable)`
    Make,
}

impl Method {
    const ALL: [Method; 6] =
        [Method::Get, Method::New, Method::Repr, Method::AsDict, Method::Replace, Method::Make];

    fn make(self, vm: &mut Vm, word: Value, defaults: Value) -> Res {
        let words = [Value::int(self as i32), word, defaults];
        Ok(Native::new(vm, NAMEDTUPLE_METHOD.value(), &words)?.value())
    }
}

/// `namedtuple(typename, field_names, *, rename=False, defaults=None, module=None)`
///
/// `field_names` is an iterable of names or a string of them, separated by spaces or commas.
pub fn namedtuple(vm: &mut Vm, args: &[Value]) -> Res {
    let fields = field_names(vm, args[1])?;
    if !args[2].is_undef() && vm.truth(args[2])? {
        rename(vm, fields)?;
    }
    let names = of_list(vm, fields)?;
    let defaults = match args[3] {
        v if v.is_undef() || v.is_none() => Vm::empty_tuple(),
        v => collect_tuple(vm, v)?,
    };
    let n_defaults = Tuple::from_known(defaults).len();
    if n_defaults > fields.len(vm) {
        return Err(vm.raise(exc::TYPE_ERROR, "Got more default values than field names"));
    }
    let namespace = vm.new_dict()?;
    let new = Method::New.make(vm, names, defaults)?;
    let new = descriptor(vm, DescriptorKind::StaticMethod, new)?;
    let make = Method::Make.make(vm, names, Value::UNDEF)?;
    let make = descriptor(vm, DescriptorKind::ClassMethod, make)?;
    namespace.set_name(vm, q::__new__.value(), new)?;
    namespace.set_name(vm, q::_make.value(), make)?;
    for (name, method) in [
        (q::__repr__.value(), Method::Repr),
        (q::_asdict.value(), Method::AsDict),
        (q::_replace.value(), Method::Replace),
    ] {
        let method = method.make(vm, names, Value::UNDEF)?;
        namespace.set_name(vm, name, method)?;
    }
    namespace.set_name(vm, q::_fields.value(), names)?;
    namespace.set_name(vm, q::__match_args__.value(), names)?;
    // No attributes beside the fields.
    namespace.set_name(vm, q::__slots__.value(), Vm::empty_tuple())?;
    for i in 0..fields.len(vm) {
        let Some(name) = fields.get(vm, i) else { break };
        let getter = Method::Get.make(vm, Value::from_len(i), Value::UNDEF)?;
        let property = descriptor(vm, DescriptorKind::Property, getter)?;
        namespace.set_name(vm, name, property)?;
    }
    let bases = vm.new_tuple(&[TUPLE.value()])?;
    vm.call(types::TYPE.value(), &[args[0], bases, namespace.value()])
}

fn descriptor(vm: &mut Vm, kind: DescriptorKind, get: Value) -> Res {
    Descriptor::new(vm, kind, get, Value::NONE, Value::NONE, Value::NONE)
}

/// The fields as a list of interned strings.
fn field_names(vm: &mut Vm, v: Value) -> Result<List, Raise> {
    let list = vm.new_list()?;
    if let Some(text) = vm.cast::<Str>(v) {
        for name in text.as_str().split([' ', ',', '\t', '\n']).filter(|name| !name.is_empty()) {
            let name = vm.intern(name)?;
            list.push(vm, name)?;
        }
        return Ok(list);
    }
    let it = vm.iter(v)?;
    while let Some(name) = vm.next(it)? {
        let name = vm.name_arg(name)?;
        list.push(vm, name)?;
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
            vm.push_fmt(&mut out, format_args!("_{i}"))?;
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
    let (which, word) = (method.get(vm, 0), method.get(vm, 1));
    let which = Method::ALL[which.as_small_int().unwrap_or(0) as usize % Method::ALL.len()];
    let Some((&this, rest)) = args.pos.split_first() else { return Err(vm.wrong_count(1, 1, 0)) };
    match which {
        Method::New => {
            let defaults = Tuple::from_known(method.get(vm, 2));
            return new(vm, this, Tuple::from_known(word), defaults, Args { pos: rest, ..args });
        }
        Method::Make => {
            let &[iterable] = rest else { return Err(vm.wrong_count(1, 1, rest.len())) };
            let items = collect_tuple(vm, iterable)?;
            return vm.call(this, Tuple::from_known(items).items());
        }
        _ => {}
    }
    let tuple = vm.expect::<Tuple>(this, &TUPLE)?;
    if which == Method::Get {
        let i = word.as_small_int().unwrap_or(0) as usize;
        return Ok(tuple.items().get(i).copied().unwrap_or(Value::NONE));
    }
    let names = Tuple::from_known(word);
    match which {
        Method::Repr => repr(vm, this, names, tuple),
        Method::AsDict => {
            let dict = vm.call(types::dict::ORDERED_DICT.value(), &[])?;
            for (&name, &v) in names.items().iter().zip(tuple.items()) {
                Dict::from_known(dict).set_name(vm, name, v)?;
            }
            Ok(dict)
        }
        _ => replace(vm, this, names, tuple, args),
    }
}

/// A tuple of the given values, or of the defaults at the end, as an instance of `class`.
fn new(vm: &mut Vm, class: Value, names: Tuple, defaults: Tuple, args: Args<'_>) -> Res {
    let n = names.len();
    let Some(class) = Class::from_value(class) else {
        return Err(vm.raise(exc::TYPE_ERROR, "__new__ arg must be a type"));
    };
    let given = args.pos.len() + args.names.len();
    if given > n {
        return Err(wrong_count(vm, class, n, given));
    }
    let array = vm.new_array(n)?;
    let items = crate::object::array_items(array);
    items[..args.pos.len()].copy_from_slice(args.pos);
    for (&name, &value) in args.names.iter().zip(args.values) {
        match names.items().iter().position(|&field| field == name) {
            Some(i) if items[i].is_undef() => items[i] = value,
            Some(_) => {
                return Err(keyword_error(vm, "function got multiple values for argument", name));
            }
            None => return Err(keyword_error(vm, "unexpected keyword argument", name)),
        }
    }
    let first_default = n - defaults.len();
    for (i, place) in items.iter_mut().enumerate() {
        if place.is_undef() {
            match i.checked_sub(first_default) {
                Some(at) => *place = defaults.items()[at],
                None => return Err(wrong_count(vm, class, n, given)),
            }
        }
    }
    let tuple = vm.new_tuple(items)?;
    Ok(Instance::new(vm, class, tuple)?.value())
}

fn wrong_count(vm: &mut Vm, class: Class, n: usize, given: usize) -> Raise {
    let name = Str::from_known(class.name(vm));
    let name = name.as_str();
    vm.raise_fmt(
        exc::TYPE_ERROR,
        format_args!("{name}() takes {n} positional arguments but {given} were given"),
    )
}

fn keyword_error(vm: &mut Vm, what: &str, name: Value) -> Raise {
    let name = Str::from_known(name);
    vm.raise_fmt(exc::TYPE_ERROR, format_args!("{what} '{}'", name.as_str()))
}

/// `Name(field=value, …)`
fn repr(vm: &mut Vm, this: Value, names: Tuple, tuple: Tuple) -> Res {
    let mut out = StrBuilder::new();
    let name = vm.type_name(this);
    out.push_str(vm, name.as_str())?;
    out.push_str(vm, "(")?;
    for (i, (&name, &v)) in names.items().iter().zip(tuple.items()).enumerate() {
        if i > 0 {
            out.push_str(vm, ", ")?;
        }
        vm.format(name, &mut out, Style::Str)?;
        out.push_str(vm, "=")?;
        vm.format(v, &mut out, Style::Repr)?;
    }
    out.push_str(vm, ")")?;
    out.finish_str(vm)
}

/// `_replace(**fields)`: the same tuple with other values in some fields.
fn replace(vm: &mut Vm, this: Value, names: Tuple, tuple: Tuple, args: Args<'_>) -> Res {
    if args.pos.len() > 1 {
        return Err(vm.wrong_count(1, 1, args.pos.len()));
    }
    let array = vm.new_array(tuple.len())?;
    let items = crate::object::array_items(array);
    items.copy_from_slice(tuple.items());
    for (&name, &value) in args.names.iter().zip(args.values) {
        match names.items().iter().position(|&field| field == name) {
            Some(i) if i < items.len() => items[i] = value,
            _ => return Err(keyword_error(vm, "unexpected keyword argument", name)),
        }
    }
    let new = vm.new_tuple(items)?;
    match Class::from_value(vm.type_of(this)) {
        Some(class) => Ok(Instance::new(vm, class, new)?.value()),
        None => Ok(new),
    }
}
