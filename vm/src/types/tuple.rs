//! `tuple`.
//!
//! Source: Python Library Reference, "Immutable Sequence Types".

use super::common::{self, positional};
use super::slice::Bounds;
use crate::object::{
    Args, BinaryOp, CompareOp, List, Res, Slice, StrBuilder, Style, Tuple, array_items,
};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `tuple`.
    pub static TUPLE: tuple, base super::OBJECT;
    slots {
        new: tuple_new, repr: tuple_repr, len: tuple_len, hash: tuple_hash, binary: tuple_binary,
        compare: tuple_compare, contains: tuple_contains, get_item: tuple_get_item,
    }
    entries {
        count = F2(tuple_count);
        index = Var(2, 4, tuple_index);
        #[cfg(feature = "extra")]
        __len__: common::LEN.rom();
        #[cfg(feature = "extra")]
        __getitem__: common::GETITEM.rom();
        #[cfg(feature = "extra")]
        __contains__: common::CONTAINS.rom();
        #[cfg(feature = "extra")]
        __iter__: common::ITER.rom();
        #[cfg(feature = "extra")]
        __hash__: common::HASH.rom();
    }
}

/// A tuple of all that an iterable gives; a tuple itself as it is.
pub fn collect_tuple(vm: &mut Vm, iterable: Value) -> Res {
    if Tuple::from_value(iterable).is_some() {
        return Ok(iterable);
    }
    let list = match List::from_value(iterable) {
        Some(list) => list,
        None => vm.collect_list(iterable)?,
    };
    of_list(vm, list)
}

/// A tuple of a list's items.
pub fn of_list(vm: &mut Vm, list: List) -> Res {
    // Making a tuple runs no Python, so the list stays what it is meanwhile.
    vm.new_tuple(list.held_items(vm))
}

fn item_at(_vm: &Vm, v: Value, i: usize) -> Option<Value> {
    Tuple::from_known(v).items().get(i).copied()
}

fn tuple_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    match positional(vm, args, 0, 1)? {
        [iterable, ..] => collect_tuple(vm, *iterable),
        [] => Ok(Vm::empty_tuple()),
    }
}

fn tuple_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, "(")?;
    common::push_items(vm, out, v, item_at)?;
    out.push_str(vm, if Tuple::from_known(v).len() == 1 { ",)" } else { ")" })
}

fn tuple_len(_vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(Tuple::from_known(v).len())
}

fn tuple_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    let tuple = Tuple::from_known(v);
    let mut hash = tuple.len();
    for &item in tuple.items() {
        hash = hash.wrapping_mul(1_000_003) ^ vm.hash(item)?;
        vm.tick(2)?;
    }
    Ok(hash)
}

/// `a + b` of two tuples, `a * n`, `n * a`.
fn tuple_binary(vm: &mut Vm, op: BinaryOp, a: Value, b: Value, _inplace: bool) -> Res {
    match (op, Tuple::from_value(a), Tuple::from_value(b)) {
        (BinaryOp::Add, Some(x), Some(y)) => {
            let new = vm.new_tuple_of(x.len() + y.len())?;
            let (first, second) = array_items(new).split_at_mut(x.len());
            first.copy_from_slice(x.items());
            second.copy_from_slice(y.items());
            Ok(new)
        }
        (BinaryOp::Mul, Some(x), None) if common::is_int(b) => repeat(vm, x, b),
        (BinaryOp::Mul, None, Some(y)) if common::is_int(a) => repeat(vm, y, a),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn repeat(vm: &mut Vm, tuple: Tuple, times: Value) -> Res {
    let n = tuple.len();
    let total = common::repeated_len(vm, n, times)?;
    let new = vm.new_tuple_of(total)?;
    if total > 0 {
        let items = array_items(new);
        items[..n].copy_from_slice(tuple.items());
        common::repeat_first(items, n);
    }
    Ok(new)
}

fn tuple_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let Some(y) = Tuple::from_value(b) else { return Ok(Value::NOT_IMPLEMENTED) };
    if op == CompareOp::Eq && Tuple::from_known(a).len() != y.len() {
        return Ok(Value::FALSE);
    }
    common::compare_sequences(vm, op, a, b, item_at)
}

fn tuple_contains(vm: &mut Vm, v: Value, item: Value) -> Result<bool, Raise> {
    Ok(common::find_item(vm, v, item, 0, usize::MAX, item_at)?.is_some())
}

fn tuple_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    let tuple = Tuple::from_known(v);
    if let Some(s) = Slice::from_value(index) {
        let bounds = Bounds::of(vm, s)?;
        return part(vm, tuple, bounds);
    }
    let at = vm.sequence_index(index, tuple.len(), q::tuple.value())?;
    Ok(tuple.items()[at])
}

/// A tuple of the items that a slice selects.
pub fn part(vm: &mut Vm, tuple: Tuple, bounds: Bounds) -> Res {
    let part = bounds.select(tuple.len());
    match part.step {
        1 if part.len == tuple.len() => Ok(tuple.value()),
        1 => vm.new_tuple(&tuple.items()[part.start..part.start + part.len]),
        _ => {
            let new = vm.new_tuple_of(part.len)?;
            common::gather(array_items(new), tuple.items(), part);
            Ok(new)
        }
    }
}

fn tuple_count(vm: &mut Vm, v: Value, item: Value) -> Res {
    let tuple = vm.expect::<Tuple>(v, &TUPLE)?;
    common::count_item(vm, tuple.value(), item, item_at)
}

/// `tuple.index(item[, start[, stop]])`
fn tuple_index(vm: &mut Vm, args: &[Value]) -> Res {
    let tuple = vm.expect::<Tuple>(args[0], &TUPLE)?;
    common::index_of(vm, tuple.value(), &args[1..], tuple.len(), item_at)
}
