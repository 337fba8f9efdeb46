//! `list`.
//!
//! Source: Python Library Reference, "Mutable Sequence Types".

use super::slice::{Bounds, Selection};
use super::{common, sequence};
use crate::object::{Args, BinaryOp, List, Res, Slice, sequence_items};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

pub use super::sort::sort;

py_type! {
    /// `list`.
    pub static LIST: list, base super::OBJECT;
    slots {
        new: list_new, repr: sequence::repr, len: sequence::len, binary: list_binary, compare: sequence::compare,
        contains: common::contains, get_item: sequence::get_item, set_item: list_set_item, filled_by_init: true,
    }
    entries {
        append = F2(list_append);
        clear = F1(list_clear);
        copy = F1(list_copy);
        count = F2(sequence::count);
        extend = F2(list_extend);
        index = Var(2, 4, sequence::index);
        insert = F3(list_insert);
        pop = Var(1, 2, list_pop);
        remove = F2(list_remove);
        reverse = F1(list_reverse);
        sort = Kw(list_sort; _, *, key?, reverse?);
        #[cfg(feature = "extra")]
        __len__: common::LEN.rom();
        #[cfg(feature = "extra")]
        __getitem__: common::GETITEM.rom();
        #[cfg(feature = "extra")]
        __setitem__: common::SETITEM.rom();
        #[cfg(feature = "extra")]
        __delitem__: common::DELITEM.rom();
        #[cfg(feature = "extra")]
        __contains__: common::CONTAINS.rom();
        #[cfg(feature = "extra")]
        __iter__: common::ITER.rom();
        #[cfg(feature = "extra")]
        __reversed__: common::REVERSED.rom();
    }
}

fn this(vm: &mut Vm, v: Value) -> Result<List, Raise> {
    vm.expect::<List>(v, &LIST)
}

// ---- slots

fn list_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let iterable = common::optional(vm, args)?;
    Ok(vm.collect_list(iterable)?.value())
}

/// `a += iterable`, `a *= n`, and what tuples have, too.
fn list_binary(vm: &mut Vm, op: BinaryOp, a: Value, b: Value, inplace: bool) -> Res {
    let target = List::from_value(a).filter(|_| inplace);
    if let (BinaryOp::Add, Some(list)) = (op, target) {
        vm.extend_list(list, b)?;
        return Ok(a);
    }
    let new = sequence::binary(vm, op, a, b, inplace)?;
    if let (Some(list), Some(product)) = (target, List::from_value(new)) {
        // Nobody else knows the new one.
        let (array, n) = (product.array(vm), product.length(vm));
        list.clear(vm);
        list.set_array(vm, array);
        list.set_length(vm, n);
        return Ok(a);
    }
    Ok(new)
}

fn list_set_item(vm: &mut Vm, v: Value, index: Value, value: Value) -> Result<(), Raise> {
    let list = List::from_known(v);
    if let Some(slice) = Slice::from_value(index) {
        let parts = [slice.start(vm), slice.stop(vm), slice.step(vm)];
        return if !value.is_undef() {
            replace_part(vm, list, parts, value)
        } else if cfg!(feature = "extra") {
            delete_slice(vm, list, slice)
        } else {
            replace_part(vm, list, parts, Vm::empty_tuple())
        };
    }
    let at = vm.sequence_index(index, list.len(vm), q::list.value())?;
    // Working the index out may have shortened the list.
    if at >= list.len(vm) {
        return Err(vm.raise(exc::INDEX_ERROR, "list index out of range"));
    }
    if value.is_undef() {
        list.remove(vm, at);
    } else {
        list.set(vm, at, value);
    }
    Ok(())
}

fn delete_slice(vm: &mut Vm, list: List, slice: Slice) -> Result<(), Raise> {
    let bounds = Bounds::of(vm, slice)?;
    let n = list.len(vm);
    let mut part = bounds.select(n);
    if part.len == 0 {
        return Ok(());
    }
    if part.step < 0 {
        part = Selection { start: part.at(part.len - 1), step: -part.step, len: part.len };
    }
    let items = list.items_mut(vm);
    // Every kept item moves down by the number of those deleted before it.
    for i in 0..part.len {
        let from = part.at(i) + 1;
        let to = if i + 1 < part.len { part.at(i + 1) } else { n };
        items.copy_within(from..to, from - 1 - i);
    }
    list.truncate(vm, n - part.len);
    Ok(())
}

/// Replaces what the slice with this start, stop and step selects.
pub fn replace_part(vm: &mut Vm, list: List, parts: [Value; 3], value: Value) -> Result<(), Raise> {
    // This may run Python, which may change the other list.
    let bounds = Bounds::of_parts(vm, parts)?;
    // A tuple and another list are taken as they are; anything else is copied, because it may be or use the list itself.
    let source = match value.kind() {
        Some(Kind::Tuple) => value,
        Some(Kind::List) if value != list.value() => value,
        _ => vm.collect_list(value)?.value(),
    };
    let new = &*sequence_items(vm, source);
    let n = list.len(vm);
    let part = bounds.select(n);
    if part.step != 1 && !cfg!(feature = "extra") {
        // As MicroPython's builds of this size.
        return Err(vm.raise(exc::NOT_IMPLEMENTED_ERROR, ""));
    }
    if part.step != 1 {
        if part.len != new.len() {
            return Err(vm.raise_fmt(
                exc::VALUE_ERROR,
                format_args!(
                    "attempt to assign sequence of size {} to extended slice of size {}",
                    new.len(),
                    part.len
                ),
            ));
        }
        let items = list.items_mut(vm);
        for (i, &item) in new.iter().enumerate() {
            items[part.at(i)] = item;
        }
        return Ok(());
    }
    let (end, new_end) = (part.start + part.len, part.start + new.len());
    if new_end > end {
        list.resize(vm, n + new_end - end)?;
    }
    if new_end != end {
        list.items_mut(vm).copy_within(end..n, new_end);
    }
    list.items_mut(vm)[part.start..new_end].copy_from_slice(new);
    if new_end < end {
        list.truncate(vm, n + new_end - end);
    }
    Ok(())
}

// ---- methods

fn list_append(vm: &mut Vm, v: Value, item: Value) -> Res {
    this(vm, v)?.push(vm, item)?;
    Ok(Value::NONE)
}

fn list_clear(vm: &mut Vm, v: Value) -> Res {
    let list = this(vm, v)?;
    if vm.in_hard_handler() {
        // An interrupted instruction that has read the length reads the array next.
        list.truncate(vm, 0);
    } else {
        list.clear(vm);
    }
    Ok(Value::NONE)
}

fn list_copy(vm: &mut Vm, v: Value) -> Res {
    let list = this(vm, v)?;
    Ok(vm.new_list_from(list.held_items(vm))?.value())
}

fn list_extend(vm: &mut Vm, v: Value, iterable: Value) -> Res {
    let list = this(vm, v)?;
    vm.extend_list(list, iterable)?;
    Ok(Value::NONE)
}

/// `list.insert(index, item)`; an index outside the list means its nearer end.
fn list_insert(vm: &mut Vm, v: Value, index: Value, item: Value) -> Res {
    let list = this(vm, v)?;
    let at = common::clamped_place(vm, index, list.len(vm))?;
    // Working the index out may have shortened the list.
    list.insert(vm, at.min(list.len(vm)), item)?;
    Ok(Value::NONE)
}

/// `list.pop([index])`: removes the item at `index` (default: the last) and returns it.
fn list_pop(vm: &mut Vm, args: &[Value]) -> Res {
    let list = this(vm, args[0])?;
    if list.is_empty(vm) {
        return Err(vm.raise(exc::INDEX_ERROR, "pop from empty list"));
    }
    let popped = match args.get(1) {
        None => list.pop(vm),
        Some(&index) => {
            let at = vm.sequence_index(index, list.len(vm), q::list.value())?;
            list.remove(vm, at)
        }
    };
    match popped {
        Some(item) => Ok(item),
        None => Err(vm.raise(exc::INDEX_ERROR, "pop from empty list")),
    }
}

fn list_remove(vm: &mut Vm, v: Value, item: Value) -> Res {
    let list = this(vm, v)?;
    match common::find_item(vm, list.value(), item, 0, usize::MAX)? {
        Some(at) => {
            list.remove(vm, at);
            Ok(Value::NONE)
        }
        None => Err(vm.raise(exc::VALUE_ERROR, "object not in sequence")),
    }
}

fn list_reverse(vm: &mut Vm, v: Value) -> Res {
    this(vm, v)?.items_mut(vm).reverse();
    Ok(Value::NONE)
}

/// `list.sort(*, key=None, reverse=False)`
fn list_sort(vm: &mut Vm, args: &[Value]) -> Res {
    let list = this(vm, args[0])?;
    sort_by(vm, list, args[1], args[2], false)?;
    Ok(Value::NONE)
}

/// Sorts with `key` and `reverse` as keyword arguments left them: `UNDEF` where absent.
pub fn sort_by(
    vm: &mut Vm,
    list: List,
    key: Value,
    reverse: Value,
    is_private: bool,
) -> Result<(), Raise> {
    let key = if key.is_undef() { Value::NONE } else { key };
    let reverse = !reverse.is_undef() && vm.truth(reverse)?;
    sort(vm, list, key, reverse, is_private)
}
