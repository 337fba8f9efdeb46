//! Displays, comprehensions, formatted strings, unpacking. See the module above for what results mean.

use super::*;
use crate::exc;
use crate::object::{Dict, List, Set, Slice, Str, Tuple};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, SHORTCUTS, Vm, types};

pub(in crate::interp) fn build_set(vm: &mut Vm, items: &[Value]) -> Res {
    let set = vm.new_set()?;
    for &v in items {
        set.add(vm, v)?;
    }
    Ok(set.value())
}

pub(in crate::interp) fn build_dict(vm: &mut Vm, items: &[Value]) -> Res {
    let dict = vm.new_dict_with_capacity(items.len() / 2)?;
    for pair in items.chunks_exact(2) {
        dict.set(vm, pair[0], pair[1])?;
    }
    Ok(dict.value())
}

pub(in crate::interp) fn build_slice(vm: &mut Vm, start: Value, stop: Value, step: Value) -> Res {
    Slice::alloc(vm, 0, start, stop, step).map(|s| s.value())
}

pub(in crate::interp) fn build_string(vm: &mut Vm, items: &[Value]) -> Res {
    types::str::concat(vm, items)
}

pub(in crate::interp) fn format_value(vm: &mut Vm, value: Value, spec: Value, conv: u8) -> Res {
    types::str::format_value(vm, value, spec, conv)
}

pub(in crate::interp) fn build_template(vm: &mut Vm, strings: Value, interpolations: Value) -> Res {
    types::template::new_template(vm, strings, interpolations)
}

pub(in crate::interp) fn build_interpolation(
    vm: &mut Vm,
    value: Value,
    expression: Value,
    conv: u8,
    spec: Value,
) -> Res {
    types::template::new_interpolation(vm, value, expression, conv, spec)
}

#[inline]
pub(in crate::interp) fn list_append(vm: &mut Vm, list: Value, v: Value) -> Result<(), Raise> {
    List::from_known(list).push(vm, v)
}

pub(in crate::interp) fn list_extend(vm: &mut Vm, list: Value, v: Value) -> Result<(), Raise> {
    vm.extend_list(List::from_known(list), v)
}

pub(in crate::interp) fn list_to_tuple(vm: &mut Vm, list: Value) -> Res {
    let list = List::from_known(list);
    let items = crate::object::array_items(list.array(vm));
    let n = list.len(vm);
    vm.new_tuple(&items[..n])
}

pub(in crate::interp) fn set_add(vm: &mut Vm, set: Value, v: Value) -> Result<(), Raise> {
    Set::from_known(set).add(vm, v)
}

pub(in crate::interp) fn set_update(vm: &mut Vm, set: Value, v: Value) -> Result<(), Raise> {
    let mut c = vm.cursor(v)?;
    while let Some(item) = vm.cursor_next(&mut c)? {
        Set::from_known(set).add(vm, item)?;
    }
    Ok(())
}

pub(in crate::interp) fn dict_update(
    vm: &mut Vm,
    dict: Value,
    source: Value,
    merge: bool,
) -> Result<(), Raise> {
    let dict = Dict::from_known(dict);
    let add = |vm: &mut Vm, key: Value, value: Value| -> Result<(), Raise> {
        if merge {
            let Some(name) = vm.cast::<Str>(key) else {
                return Err(vm.raise(exc::TYPE_ERROR, "keywords must be strings"));
            };
            let name = vm.intern_str(name)?;
            if dict.get_name(vm, name).is_some() {
                return Err(vm.repeated_keyword(name));
            }
            return dict.set_name(vm, name, value);
        }
        dict.set(vm, key, value)
    };
    if let Some(other) = vm.cast::<Dict>(source) {
        let mut from = 0;
        while let Some((i, key, value)) = other.entry(vm, from) {
            from = i + 1;
            add(vm, key, value)?;
        }
        return Ok(());
    }
    let Some(keys) = vm.find_attr(source, q::keys.value())? else {
        let name = vm.type_name(source).value();
        return Err(vm.raise_about(exc::TYPE_ERROR, "'%' object is not a mapping", name));
    };
    let keys = vm.call(keys, &[])?;
    let mut c = vm.cursor(keys)?;
    while let Some(key) = vm.cursor_next(&mut c)? {
        let value = vm.get_item(source, key)?;
        add(vm, key, value)?;
    }
    Ok(())
}

pub(in crate::interp) fn unpack(
    vm: &mut Vm,
    src: Value,
    at: *mut Value,
    n: usize,
) -> Result<(), Raise> {
    let put = |i: usize, v: Value| {
        // SAFETY: `n` registers of the running frame from `at`.
        unsafe { *at.add(i) = v }
    };
    if SHORTCUTS && let Some(t) = Tuple::from_value(src) {
        if t.len() != n {
            return Err(wrong_length(vm, t.len(), n));
        }
        for (i, &v) in t.items().iter().enumerate() {
            put(i, v);
        }
        return Ok(());
    }
    if SHORTCUTS && let Some(l) = List::from_value(src) {
        if l.len(vm) != n {
            return Err(wrong_length(vm, l.len(vm), n));
        }
        for (i, &v) in l.items(vm).iter().enumerate() {
            put(i, v);
        }
        return Ok(());
    }
    let mut c = vm.cursor(src)?;
    for i in 0..n {
        let v = vm.cursor_word(&mut c)?;
        if v == Value::STOP {
            return Err(wrong_length(vm, i, n));
        }
        put(i, v);
    }
    if vm.cursor_word(&mut c)? != Value::STOP {
        return Err(wrong_length(vm, n + 1, n));
    }
    Ok(())
}

#[cold]
fn wrong_length(vm: &mut Vm, given: usize, wanted: usize) -> Raise {
    if given < wanted {
        vm.raise_about(
            exc::VALUE_ERROR,
            "need more than % values to unpack",
            Value::from_len(given),
        )
    } else {
        vm.raise_about(
            exc::VALUE_ERROR,
            "too many values to unpack (expected %)",
            Value::from_len(wanted),
        )
    }
}

pub(in crate::interp) fn unpack_ex(
    vm: &mut Vm,
    src: Value,
    at: *mut Value,
    before: usize,
    after: usize,
) -> Result<(), Raise> {
    let list = vm.collect_list(src)?;
    let n = list.len(vm);
    if n < before + after {
        return Err(vm.raise_about(
            exc::VALUE_ERROR,
            "need more than % values to unpack",
            Value::from_len(n),
        ));
    }
    let middle = crate::object::array_items(list.array(vm));
    let rest = vm.new_list_from(&middle[before..n - after])?;
    let put = |i: usize, v: Value| {
        // SAFETY: `before + 1 + after` registers of the running frame from `at`.
        unsafe { *at.add(i) = v }
    };
    for (i, &v) in list.items(vm)[..before].iter().enumerate() {
        put(i, v);
    }
    put(before, rest.value());
    for (i, &v) in list.items(vm)[n - after..].iter().enumerate() {
        put(before + 1 + i, v);
    }
    Ok(())
}
