//! What `list` and `tuple` have in common: all that leaves them as they are.
//!
//! Every function takes a value that is one of the two, natively.
//!
//! Source: Python Library Reference, "Common Sequence Operations".

use super::common;
use super::slice::Bounds;
use crate::object::{
    BinaryOp, CompareOp, List, Res, Slice, StrBuilder, Style, Tuple, array_items, sequence_items,
};
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

/// The list or tuple of a method's first argument.
fn this(vm: &mut Vm, v: Value) -> Res {
    match vm.cast::<Tuple>(v) {
        Some(tuple) => Ok(tuple.value()),
        None => Ok(vm.expect::<List>(v, &super::list::LIST)?.value()),
    }
}

/// A new list or tuple, as `like` is one, of `n` times `UNDEF`, and its items, for the caller to fill before anything else
/// runs.
fn new_like<'a>(vm: &mut Vm, like: Value, n: usize) -> Result<(Value, &'a mut [Value]), Raise> {
    if like.is_kind(Kind::Tuple) {
        let tuple = vm.new_tuple_of(n)?;
        return Ok((tuple, array_items(tuple)));
    }
    let array = if n == 0 { Value::UNDEF } else { vm.new_array(n)? };
    Ok((List::alloc(vm, 0, n as u32, array)?.value(), array_items(array)))
}

/// A new list or tuple, as `like` is one, of these items.
fn new_from(vm: &mut Vm, like: Value, items: &[Value]) -> Res {
    if like.is_kind(Kind::Tuple) {
        return vm.new_tuple(items);
    }
    Ok(vm.new_list_from(items)?.value())
}

/// `(…)`, `[…]`
pub fn repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let text: &[u8] = match Tuple::from_value(v) {
        None => b"[*]",
        Some(tuple) if tuple.len() == 1 => b"(*,)",
        Some(_) => b"(*)",
    };
    vm.push_parts(out, text, &[v])
}

/// `len(v)`
pub fn len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(sequence_items(vm, v).len())
}

/// `a + b` of two of a type, `a * n`, `n * a`.
pub fn binary(vm: &mut Vm, op: BinaryOp, a: Value, b: Value, _inplace: bool) -> Res {
    let is_sequence = |v: Value| matches!(v.kind(), Some(Kind::List | Kind::Tuple));
    match op {
        BinaryOp::Add if a.kind() == b.kind() => {
            let (first, then) = (sequence_items(vm, a), sequence_items(vm, b));
            let (sum, items) = new_like(vm, a, first.len() + then.len())?;
            let (to, rest) = items.split_at_mut(first.len());
            to.copy_from_slice(first);
            rest.copy_from_slice(then);
            Ok(sum)
        }
        BinaryOp::Mul => {
            let (v, times) = if is_sequence(a) { (a, b) } else { (b, a) };
            if common::is_int(times) { repeat(vm, v, times) } else { Ok(Value::NOT_IMPLEMENTED) }
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// `v * times`
fn repeat(vm: &mut Vm, v: Value, times: Value) -> Res {
    let items = sequence_items(vm, v);
    let n = vm.index(times)?.max(0) as usize;
    let Some(n) = items.len().checked_mul(n) else { return Err(vm.no_memory()) };
    let (product, to) = new_like(vm, v, n)?;
    let mut done = items.len().min(n);
    to[..done].copy_from_slice(&items[..done]);
    while done < n {
        // As much again as there is.
        let more = done.min(n - done);
        to.copy_within(..more, done);
        done += more;
    }
    Ok(product)
}

/// Comparison of two of a type: lexicographic.
pub fn compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    if a.kind() != b.kind() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if op == CompareOp::Eq && sequence_items(vm, a).len() != sequence_items(vm, b).len() {
        return Ok(Value::FALSE);
    }
    common::compare_sequences(vm, op, a, b)
}

/// `v[index]`
pub fn get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    if let Some(slice) = Slice::from_value(index) {
        let bounds = Bounds::of(vm, slice)?;
        return part(vm, v, bounds);
    }
    let name = vm.type_name(v).value();
    let at = vm.sequence_index(index, sequence_items(vm, v).len(), name)?;
    // Working the index out may have shortened a list.
    match common::item_at(vm, v, at) {
        Some(item) => Ok(item),
        None => Err(vm.raise(exc::INDEX_ERROR, "list index out of range")),
    }
}

/// The items that a slice selects, as a list or tuple of its own.
pub fn part(vm: &mut Vm, v: Value, bounds: Bounds) -> Res {
    // Making a list runs no Python, so the other stays what it is meanwhile.
    let items = sequence_items(vm, v);
    let part = bounds.select(items.len());
    if part.step == 1 {
        if part.len == items.len() && v.is_kind(Kind::Tuple) {
            return Ok(v);
        }
        return new_from(vm, v, &items[part.start..part.start + part.len]);
    }
    let (new, to) = new_like(vm, v, part.len)?;
    let mut at = part.start;
    for place in to {
        *place = items[at];
        at = at.wrapping_add_signed(part.step);
    }
    Ok(new)
}

/// `v.count(item)`
pub fn count(vm: &mut Vm, v: Value, item: Value) -> Res {
    let v = this(vm, v)?;
    common::count_item(vm, v, item)
}

/// `v.index(item[, start[, stop]])`
pub fn index(vm: &mut Vm, args: &[Value]) -> Res {
    let v = this(vm, args[0])?;
    let n = sequence_items(vm, v).len();
    common::index_of(vm, v, &args[1..], n)
}
