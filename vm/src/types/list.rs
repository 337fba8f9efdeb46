//! `list`.
//!
//! Source: Python Library Reference, "Mutable Sequence Types".

use super::common::{self, positional};
use super::slice::{Bounds, Selection};
use crate::object::{Args, BinaryOp, CompareOp, List, Res, Slice, StrBuilder, Style, Tuple};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

pub use super::sort::sort;

py_type! {
    /// `list`.
    pub static LIST: list, base super::OBJECT;
    slots {
        new: list_new, repr: list_repr, len: list_len, binary: list_binary, compare: list_compare,
        contains: list_contains, get_item: list_get_item, set_item: list_set_item,
    }
    entries {
        append = F2(list_append);
        clear = F1(list_clear);
        copy = F1(list_copy);
        count = F2(list_count);
        extend = F2(list_extend);
        index = Var(2, 4, list_index);
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

fn item_at(vm: &Vm, v: Value, i: usize) -> Option<Value> {
    List::from_known(v).get(vm, i)
}

// ---- slots

fn list_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    match positional(vm, args, 0, 1)? {
        [iterable, ..] => Ok(vm.collect_list(*iterable)?.value()),
        [] => Ok(vm.new_list()?.value()),
    }
}

fn list_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, "[")?;
    common::push_items(vm, out, v, item_at)?;
    out.push_str(vm, "]")
}

fn list_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(List::from_known(v).len(vm))
}

/// `a + b` of two lists, `a += iterable`, `a * n`, `n * a`, `a *= n`.
fn list_binary(vm: &mut Vm, op: BinaryOp, a: Value, b: Value, inplace: bool) -> Res {
    match (op, List::from_value(a), List::from_value(b)) {
        (BinaryOp::Add, Some(x), _) if inplace => {
            vm.extend_list(x, b)?;
            Ok(a)
        }
        (BinaryOp::Add, Some(x), Some(y)) => {
            Ok(vm.new_list_of_both(x.held_items(vm), y.held_items(vm))?.value())
        }
        (BinaryOp::Mul, Some(x), None) if common::is_int(b) => repeat(vm, x, b, inplace),
        (BinaryOp::Mul, None, Some(y)) if common::is_int(a) => repeat(vm, y, a, false),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn repeat(vm: &mut Vm, list: List, times: Value, inplace: bool) -> Res {
    let n = list.len(vm);
    let total = common::repeated_len(vm, n, times)?;
    let target =
        if inplace { list } else { vm.new_list_from(&list.held_items(vm)[..n.min(total)])? };
    if total <= n {
        target.truncate(vm, total);
    } else {
        resize(vm, target, total)?;
        common::repeat_first(target.items_mut(vm), n);
    }
    Ok(target.value())
}

/// Lengthens a list; the new places hold `UNDEF` until the caller fills them, before anything else runs.
fn resize(vm: &mut Vm, list: List, n: usize) -> Result<(), Raise> {
    list.reserve(vm, n)?;
    list.set_length(vm, n as u32);
    Ok(())
}

fn list_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let Some(y) = List::from_value(b) else { return Ok(Value::NOT_IMPLEMENTED) };
    if op == CompareOp::Eq && List::from_known(a).len(vm) != y.len(vm) {
        return Ok(Value::FALSE);
    }
    common::compare_sequences(vm, op, a, b, item_at)
}

fn list_contains(vm: &mut Vm, v: Value, item: Value) -> Result<bool, Raise> {
    Ok(common::find_item(vm, v, item, 0, usize::MAX, item_at)?.is_some())
}

fn list_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    let list = List::from_known(v);
    if let Some(slice) = Slice::from_value(index) {
        let bounds = Bounds::of(vm, slice)?;
        return part(vm, list, bounds);
    }
    let at = vm.sequence_index(index, list.len(vm), q::list.value())?;
    match list.get(vm, at) {
        Some(item) => Ok(item),
        None => Err(vm.raise(exc::INDEX_ERROR, "list index out of range")),
    }
}

/// A new list of the items that a slice selects.
pub fn part(vm: &mut Vm, list: List, bounds: Bounds) -> Res {
    let part = bounds.select(list.len(vm));
    // Making a list runs no Python, so the other stays what it is meanwhile.
    let items = list.held_items(vm);
    if part.step == 1 {
        let items = &items[part.start..part.start + part.len];
        return Ok(vm.new_list_from(items)?.value());
    }
    let new = vm.new_list()?;
    resize(vm, new, part.len)?;
    common::gather(new.items_mut(vm), items, part);
    Ok(new.value())
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
    // A tuple and another list are taken as they are; anything else is copied, because it may be or use the list itself.
    // Parts that are no ints may run Python, which may change the other list.
    let plain = parts.iter().all(|v| v.is_none() || v.is_small_int());
    let source = match value.kind() {
        Some(Kind::Tuple) => value,
        Some(Kind::List) if plain && value != list.value() => value,
        _ => vm.collect_list(value)?.value(),
    };
    let tuple = Tuple::from_value(source);
    let new = match &tuple {
        Some(t) => t.items(),
        None => List::from_known(source).held_items(vm),
    };
    let bounds = Bounds::of_parts(vm, parts)?;
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
    let end = part.start + part.len;
    if new.len() > part.len {
        resize(vm, list, n + new.len() - part.len)?;
    }
    let items = list.items_mut(vm);
    items.copy_within(end..n, part.start + new.len());
    items[part.start..part.start + new.len()].copy_from_slice(new);
    list.truncate(vm, n - part.len + new.len());
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

fn list_count(vm: &mut Vm, v: Value, item: Value) -> Res {
    let list = this(vm, v)?;
    common::count_item(vm, list.value(), item, item_at)
}

fn list_extend(vm: &mut Vm, v: Value, iterable: Value) -> Res {
    let list = this(vm, v)?;
    vm.extend_list(list, iterable)?;
    Ok(Value::NONE)
}

/// `list.index(item[, start[, stop]])`
fn list_index(vm: &mut Vm, args: &[Value]) -> Res {
    let list = this(vm, args[0])?;
    let n = list.len(vm);
    common::index_of(vm, list.value(), &args[1..], n, item_at)
}

/// `list.insert(index, item)`; an index outside the list means its nearer end.
fn list_insert(vm: &mut Vm, v: Value, index: Value, item: Value) -> Res {
    let list = this(vm, v)?;
    let i = super::slice::clamped_index(vm, index)?;
    let n = list.len(vm) as isize;
    let at = if i < 0 { i + n } else { i }.clamp(0, n);
    list.insert(vm, at as usize, item)?;
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
    match common::find_item(vm, list.value(), item, 0, usize::MAX, item_at)? {
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
