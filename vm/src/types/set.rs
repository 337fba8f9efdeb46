//! `set` and `frozenset`: one layout, told apart by a flag.
//!
//! Source: Python Library Reference, "Set Types".

use super::common;
use crate::object::{
    Args, BinaryOp, CompareOp, FROZEN, Res, Set, StrBuilder, Style, TableRef, set_aux,
};
use crate::value::Value;
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `set`.
    pub static SET: set, base super::OBJECT;
    slots {
        new: set_new, repr: set_repr, len: common::table_len, binary: set_binary, compare: set_compare,
        contains: common::table_contains,
        filled_by_init: true,
    }
    entries {
        add = F2(set_add);
        clear = F1(set_clear);
        copy = F1(set_copy);
        difference = Var(1, 255, set_difference);
        difference_update = Var(1, 255, set_difference_update);
        discard = F2(set_discard);
        intersection = Var(1, 255, set_intersection);
        intersection_update = Var(1, 255, set_intersection_update);
        isdisjoint = F2(set_isdisjoint);
        issubset = F2(set_issubset);
        issuperset = F2(set_issuperset);
        pop = F1(set_pop);
        remove = F2(set_remove);
        symmetric_difference = Var(2, 2, set_symmetric_difference);
        symmetric_difference_update = Var(2, 2, set_symmetric_difference_update);
        union = Var(1, 255, set_union);
        update = Var(1, 255, set_update);
        #[cfg(feature = "extra")]
        __len__: common::LEN.rom();
        __contains__: common::CONTAINS.rom();
        #[cfg(feature = "extra")]
        __iter__: common::ITER.rom();
    }
}

py_type! {
    /// `frozenset`.
    pub static FROZENSET: frozenset, base super::OBJECT;
    slots {
        new: frozenset_new, repr: set_repr, len: common::table_len, hash: frozenset_hash, binary: set_binary,
        compare: set_compare, contains: common::table_contains,
    }
    entries {
        copy = F1(set_copy);
        difference = Var(1, 255, set_difference);
        intersection = Var(1, 255, set_intersection);
        isdisjoint = F2(set_isdisjoint);
        issubset = F2(set_issubset);
        issuperset = F2(set_issuperset);
        symmetric_difference = Var(2, 2, set_symmetric_difference);
        union = Var(1, 255, set_union);
        #[cfg(feature = "extra")]
        __len__: common::LEN.rom();
        __contains__: common::CONTAINS.rom();
        #[cfg(feature = "extra")]
        __iter__: common::ITER.rom();
        #[cfg(feature = "extra")]
        __hash__: common::HASH.rom();
    }
}

/// The set of a method's first argument.
fn this(vm: &mut Vm, v: Value) -> Result<Set, Raise> {
    vm.expect::<Set>(v, &SET)
}

/// As `this`, for a method that changes it.
fn writable(vm: &mut Vm, v: Value) -> Result<Set, Raise> {
    let set = this(vm, v)?;
    if set.is_frozen() {
        return Err(vm.raise(exc::TYPE_ERROR, "can't convert 'frozenset' object to set implicitly"));
    }
    Ok(set)
}

/// Makes a set that nobody knows yet a `frozenset` if `frozen`.
fn freeze(vm: &mut Vm, set: Set, frozen: bool) {
    if frozen {
        set_aux(vm, set.value(), set.aux() | FROZEN);
    }
}

/// A new `set` of all that an iterable gives.
pub fn collect_set(vm: &mut Vm, iterable: Value) -> Result<Set, Raise> {
    let set = vm.new_set()?;
    add_all(vm, set, iterable)?;
    Ok(set)
}

/// Adds all that an iterable gives.
pub(super) fn add_all(vm: &mut Vm, set: Set, iterable: Value) -> Result<(), Raise> {
    let mut cursor = vm.cursor(iterable)?;
    while let Some(item) = vm.cursor_next(&mut cursor)? {
        set.add(vm, item)?;
        vm.tick(5)?;
        cursor.follow(vm);
    }
    Ok(())
}

/// Any iterable as a set: a set as it is, anything else collected.
fn as_set(vm: &mut Vm, v: Value) -> Result<Set, Raise> {
    match vm.cast::<Set>(v) {
        Some(set) => Ok(set),
        None => collect_set(vm, v),
    }
}

/// `set op= other` for `&`, `|`, `-` and `^` with any iterable.
fn change(vm: &mut Vm, op: BinaryOp, set: Set, other: Value) -> Result<(), Raise> {
    if op == BinaryOp::Or {
        return add_all(vm, set, other);
    }
    let other = as_set(vm, other)?;
    // Either is walked by entry number, so that it may change.
    let walked = if op == BinaryOp::And { set } else { other };
    let mut from = 0;
    while let Some(item) = walked.next_item(vm, &mut from) {
        if op == BinaryOp::And {
            if !other.contains(vm, item)? {
                set.remove(vm, item)?;
            }
        } else if !set.remove(vm, item)? && op == BinaryOp::Xor {
            set.add(vm, item)?;
        }
        vm.tick(5)?;
    }
    Ok(())
}

/// The first argument combined with each of the others in turn: as a new set of its type, or in place.
fn combined(vm: &mut Vm, op: BinaryOp, args: &[Value], inplace: bool) -> Res {
    let set = if inplace { writable(vm, args[0])? } else { this(vm, args[0])? };
    let result = if inplace { set } else { collect_set(vm, set.value())? };
    for &other in &args[1..] {
        change(vm, op, result, other)?;
    }
    if inplace {
        return Ok(Value::NONE);
    }
    freeze(vm, result, set.is_frozen());
    Ok(result.value())
}

fn is_subset(vm: &mut Vm, a: Set, b: Set) -> Result<bool, Raise> {
    if a.len(vm) > b.len(vm) {
        return Ok(false);
    }
    has_only(vm, a, b, true)
}

/// Whether all items of `a` are in `b`, or with `inside` false none of them.
fn has_only(vm: &mut Vm, a: Set, b: Set, inside: bool) -> Result<bool, Raise> {
    let mut from = 0;
    while let Some(item) = a.next_item(vm, &mut from) {
        if b.contains(vm, item)? != inside {
            return Ok(false);
        }
        vm.tick(5)?;
    }
    Ok(true)
}

// ---- slots

fn set_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let iterable = common::optional(vm, args)?;
    Ok(collect_set(vm, iterable)?.value())
}

fn frozenset_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let iterable = common::optional(vm, args)?;
    if Set::from_value(iterable).is_some_and(|s| s.is_frozen()) {
        return Ok(iterable);
    }
    let set = collect_set(vm, iterable)?;
    freeze(vm, set, true);
    Ok(set.value())
}

/// `{1, 2}`, `set()`, `frozenset({1, 2})`, `frozenset()`
fn set_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let set = Set::from_known(v);
    let text: &[u8] = match (set.is_frozen(), set.is_empty(vm)) {
        (false, false) => b"{*}",
        (false, true) => b"set()",
        (true, false) => b"frozenset({*})",
        (true, true) => b"frozenset()",
    };
    vm.push_parts(out, text, &[v])
}

/// The same for every order of the items.
fn frozenset_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    let set = Set::from_known(v);
    let mut hash = set.len(vm);
    let mut from = 0;
    while let Some(item) = set.next_item(vm, &mut from) {
        hash ^= vm.hash(item)?.wrapping_mul(0x9E37_79B1);
        vm.tick(2)?;
    }
    Ok(hash)
}

/// `&`, `|`, `-`, `^` of two sets; the result is of the left one's type. In place a `set` keeps its identity.
fn set_binary(vm: &mut Vm, op: BinaryOp, a: Value, b: Value, inplace: bool) -> Res {
    let (Some(x), Some(_)) = (Set::from_value(a), Set::from_value(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if !matches!(op, BinaryOp::Or | BinaryOp::Xor | BinaryOp::Sub | BinaryOp::And) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if inplace && !x.is_frozen() {
        change(vm, op, x, b)?;
        return Ok(a);
    }
    combined(vm, op, &[a, b], false)
}

/// Order is inclusion.
fn set_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let (x, Some(y)) = (Set::from_known(a), Set::from_value(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (n, m) = (x.len(vm), y.len(vm));
    let (may, small, large) = match op {
        CompareOp::Eq | CompareOp::Ne => (n == m, x, y),
        CompareOp::Le => (true, x, y),
        CompareOp::Lt => (n < m, x, y),
        CompareOp::Ge => (true, y, x),
        CompareOp::Gt => (n > m, y, x),
    };
    let holds = may && is_subset(vm, small, large)?;
    Ok(Value::bool(holds != (op == CompareOp::Ne)))
}

// ---- methods that change the set

fn set_add(vm: &mut Vm, v: Value, item: Value) -> Res {
    writable(vm, v)?.add(vm, item)?;
    Ok(Value::NONE)
}

fn set_clear(vm: &mut Vm, v: Value) -> Res {
    let set = writable(vm, v)?;
    TableRef::set(set).clear(vm);
    Ok(Value::NONE)
}

fn set_discard(vm: &mut Vm, v: Value, item: Value) -> Res {
    writable(vm, v)?.remove(vm, item)?;
    Ok(Value::NONE)
}

fn set_remove(vm: &mut Vm, v: Value, item: Value) -> Res {
    if writable(vm, v)?.remove(vm, item)? {
        Ok(Value::NONE)
    } else {
        Err(vm.raise_with(exc::KEY_ERROR, &[item]))
    }
}

fn set_pop(vm: &mut Vm, v: Value) -> Res {
    let set = writable(vm, v)?;
    TableRef::set(set).compact(vm);
    let mut from = 0;
    let Some(item) = set.next_item(vm, &mut from) else {
        return Err(vm.raise(exc::KEY_ERROR, "pop from an empty set"));
    };
    TableRef::set(set).remove_at(vm, from - 1);
    Ok(item)
}

fn set_update(vm: &mut Vm, args: &[Value]) -> Res {
    combined(vm, BinaryOp::Or, args, true)
}

fn set_difference_update(vm: &mut Vm, args: &[Value]) -> Res {
    combined(vm, BinaryOp::Sub, args, true)
}

fn set_intersection_update(vm: &mut Vm, args: &[Value]) -> Res {
    combined(vm, BinaryOp::And, args, true)
}

fn set_symmetric_difference_update(vm: &mut Vm, args: &[Value]) -> Res {
    combined(vm, BinaryOp::Xor, args, true)
}

// ---- methods that make a new one

fn set_copy(vm: &mut Vm, v: Value) -> Res {
    let set = this(vm, v)?;
    if set.is_frozen() { Ok(set.value()) } else { combined(vm, BinaryOp::Or, &[v], false) }
}

fn set_union(vm: &mut Vm, args: &[Value]) -> Res {
    combined(vm, BinaryOp::Or, args, false)
}

fn set_difference(vm: &mut Vm, args: &[Value]) -> Res {
    combined(vm, BinaryOp::Sub, args, false)
}

fn set_intersection(vm: &mut Vm, args: &[Value]) -> Res {
    combined(vm, BinaryOp::And, args, false)
}

fn set_symmetric_difference(vm: &mut Vm, args: &[Value]) -> Res {
    combined(vm, BinaryOp::Xor, args, false)
}

// ---- questions

fn set_isdisjoint(vm: &mut Vm, v: Value, other: Value) -> Res {
    let (set, other) = (this(vm, v)?, as_set(vm, other)?);
    Ok(Value::bool(has_only(vm, other, set, false)?))
}

fn set_issubset(vm: &mut Vm, v: Value, other: Value) -> Res {
    let (set, other) = (this(vm, v)?, as_set(vm, other)?);
    Ok(Value::bool(is_subset(vm, set, other)?))
}

fn set_issuperset(vm: &mut Vm, v: Value, other: Value) -> Res {
    let (set, other) = (this(vm, v)?, as_set(vm, other)?);
    Ok(Value::bool(is_subset(vm, other, set)?))
}
