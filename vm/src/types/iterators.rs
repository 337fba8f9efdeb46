//! The types of built-in iterators. Their steps are in `ops/iter.rs`; here is how they are made.
//!
//! Source: Python Library Reference, "Built-in Functions": `enumerate`, `filter`, `map`, `reversed`, `zip`.

use super::common;
use crate::object::{Args, IterKind, Iterator, Param, Res, RomType, array_items};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Vm, exc, py_type, rom_params};

py_type! {
    /// What `iter()` returns for built-in types.
    pub static ITERATOR: iterator, base super::OBJECT;
    slots { is_final: true }
    entries {
        __iter__: common::ITER.rom();
        __next__: common::NEXT.rom();
    }
}

py_type! {
    /// `enumerate`.
    pub static ENUMERATE: enumerate, base ITERATOR;
    slots { new: enumerate_new }
    entries {}
}

py_type! {
    /// `filter`.
    pub static FILTER: filter, base ITERATOR;
    slots { new: filter_new }
    entries {}
}

py_type! {
    /// `map`.
    pub static MAP: map, base ITERATOR;
    slots { new: map_new }
    entries {}
}

py_type! {
    /// `reversed`.
    pub static REVERSED: reversed, base ITERATOR;
    slots { new: reversed_new }
    entries {}
}

py_type! {
    /// `zip`.
    pub static ZIP: zip, base ITERATOR;
    slots { new: zip_new }
    entries {}
}

/// The type of an iterator object.
pub fn type_of(v: Value) -> &'static RomType {
    match Iterator::from_known(v).kind() {
        IterKind::Enumerate => &ENUMERATE,
        IterKind::Filter => &FILTER,
        IterKind::Map => &MAP,
        IterKind::Reversed => &REVERSED,
        IterKind::Zip => &ZIP,
        _ => &ITERATOR,
    }
}

/// `reversed(v)`: by `__reversed__`, or by length and index.
pub fn reversed(vm: &mut Vm, v: Value) -> Res {
    vm.enter_native()?;
    if let Some(v) = vm.call_python_method(v, q::__reversed__.value(), &[])? {
        return Ok(v);
    }
    let part = vm.native_part(v);
    let is_sequence = match part.kind() {
        Some(Kind::Range) if cfg!(feature = "extra") => return super::range::reversed(vm, part),
        Some(Kind::Dict | Kind::DictView) if cfg!(feature = "extra") => {
            // A copy: a dictionary has no index to count down by.
            let list = vm.collect_list(part)?;
            return reversed(vm, list.value());
        }
        Some(Kind::Instance) => vm.python_method(v, q::__getitem__.value())?.is_some(),
        _ => vm.rom_type_of(part).slots.get_item().is_some(),
    };
    if !is_sequence {
        return Err(vm.type_error(v, "'%' object isn't reversible"));
    }
    let n = vm.len(v)?;
    Iterator::new(vm, IterKind::Reversed, v, Value::from_len(n), Value::NONE)
}

/// `enumerate(iterable, start=0)`
fn enumerate_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    const PARAMS: &[Param] = rom_params!([] false; iterable, start?);
    vm.call_bound(PARAMS, enumerate_from, args)
}

fn enumerate_from(vm: &mut Vm, args: &[Value]) -> Res {
    let mut start = args[1];
    if start.is_undef() {
        start = Value::int(0);
    } else if !common::is_int(start) {
        vm.index(start)?;
    }
    let it = vm.iter(args[0])?;
    Iterator::new(vm, IterKind::Enumerate, it, start, Value::NONE)
}

/// `filter(function or None, iterable)`
fn filter_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let &[function, iterable] = common::positional(vm, args, 2, 2)? else {
        return Err(vm.wrong_count(2, 2, 0));
    };
    let it = vm.iter(iterable)?;
    Iterator::new(vm, IterKind::Filter, function, it, Value::NONE)
}

/// `map(function, iterable, *iterables)`
fn map_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let Some((&function, sources)) = common::positional(vm, args, 2, usize::MAX)?.split_first()
    else {
        return Err(vm.wrong_count(2, usize::MAX, 0));
    };
    let iterators = iterators(vm, sources)?;
    Iterator::new(vm, IterKind::Map, function, iterators, Value::NONE)
}

/// `reversed(sequence)`
fn reversed_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let &[v] = common::positional(vm, args, 1, 1)? else { return Err(vm.wrong_count(1, 1, 0)) };
    reversed(vm, v)
}

/// `zip(*iterables, strict=False)`
fn zip_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let strict = match *args.names {
        [] => false,
        [name] if cfg!(feature = "extra") && name == q::strict.value() => {
            vm.truth(args.values[0])?
        }
        _ => return Err(vm.raise(exc::TYPE_ERROR, "extra keyword arguments given")),
    };
    let iterators = iterators(vm, args.pos)?;
    Iterator::new(vm, IterKind::Zip, iterators, Value::NONE, Value::bool(strict))
}

/// A tuple of iterators over these.
fn iterators(vm: &mut Vm, sources: &[Value]) -> Res {
    let tuple = vm.new_tuple_of(sources.len())?;
    for (place, &source) in array_items(tuple).iter_mut().zip(sources) {
        *place = vm.iter(source)?;
    }
    Ok(tuple)
}
