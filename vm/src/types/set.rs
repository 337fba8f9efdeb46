//! `set` and `frozenset`: one layout, told apart by a flag.
//!
//! Source: Python Library Reference, "Set Types".

use super::common::{self, positional};
use crate::object::{
    Args, BinaryOp, CompareOp, FROZEN, Res, Set, StrBuilder, Style, TableRef, set_aux,
};
use crate::value::Value;
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `set`.
    pub static SET: set, base super::OBJECT;
    slots {
        new: set_new, repr: set_repr, len: set_len, binary: set_binary, compare: set_compare, contains: set_contains,
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
        new: frozenset_new, repr: set_repr, len: set_len, hash: frozenset_hash, binary: set_binary,
        compare: set_compare, contains: set_contains,
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

/// What is done with the items of an iterable.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Each {
    /// They are added.
    Add,
    /// They are removed.
    Remove,
    /// They are added if they are missing, else removed.
    Toggle,
}

/// Adds, removes or toggles all that an iterable gives. A set is walked by entry number, so that it may change.
fn change_all(vm: &mut Vm, set: Set, iterable: Value, how: Each) -> Result<(), Raise> {
    if vm.native_part(iterable) == set.value() {
        if how != Each::Add {
            TableRef::set(set).clear(vm);
        }
        return Ok(());
    }
    let other = Set::from_value(iterable);
    let mut from = 0;
    // A set needs no cursor, which is as good as one at its end.
    let mut cursor = vm.cursor(if other.is_some() { Vm::empty_tuple() } else { iterable })?;
    loop {
        let next = match other {
            Some(other) => other.next_item(vm, &mut from),
            None => vm.cursor_next(&mut cursor)?,
        };
        let Some(item) = next else { return Ok(()) };
        let removed = how != Each::Add && set.remove(vm, item)?;
        if !removed && how != Each::Remove {
            set.add(vm, item)?;
        }
        vm.tick(5)?;
    }
}

/// Adds all that an iterable gives.
pub(super) fn add_all(vm: &mut Vm, set: Set, iterable: Value) -> Result<(), Raise> {
    change_all(vm, set, iterable, Each::Add)
}

/// Any iterable as a set: a set as it is, anything else collected.
fn as_set(vm: &mut Vm, v: Value) -> Result<Set, Raise> {
    match vm.cast::<Set>(v) {
        Some(set) => Ok(set),
        None => collect_set(vm, v),
    }
}

/// The items of `set` that are in `other`.
fn filtered(vm: &mut Vm, set: Set, other: Set) -> Result<Set, Raise> {
    let new = vm.new_set()?;
    let mut from = 0;
    while let Some(item) = set.next_item(vm, &mut from) {
        if other.contains(vm, item)? {
            new.add(vm, item)?;
        }
        vm.tick(5)?;
    }
    Ok(new)
}

/// The set `set op= other` for `&`, `|`, `-` and `^` with any iterable: a new one for `&`, else `set` itself is changed.
fn combine(vm: &mut Vm, op: BinaryOp, set: Set, other: Value) -> Result<Set, Raise> {
    let how = match op {
        BinaryOp::Or => Each::Add,
        BinaryOp::Sub => Each::Remove,
        _ => {
            let other = as_set(vm, other)?;
            if op == BinaryOp::And {
                return filtered(vm, set, other);
            }
            change_all(vm, set, other.value(), Each::Toggle)?;
            return Ok(set);
        }
    };
    change_all(vm, set, other, how)?;
    Ok(set)
}

/// The first argument combined with each of the others in turn: as a new set of its type, or in place.
fn combined(vm: &mut Vm, op: BinaryOp, args: &[Value], inplace: bool) -> Res {
    let set = if inplace { writable(vm, args[0])? } else { this(vm, args[0])? };
    let needs_copy = !inplace && (op != BinaryOp::And || args.len() == 1);
    let mut result = if needs_copy { collect_set(vm, set.value())? } else { set };
    for &other in &args[1..] {
        result = combine(vm, op, result, other)?;
    }
    if !inplace {
        freeze(vm, result, set.is_frozen());
        return Ok(result.value());
    }
    if result != set {
        // The set gets the items of the new one, which nobody else knows.
        TableRef::set(set).take(vm, TableRef::set(result));
    }
    Ok(Value::NONE)
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
    let set = vm.new_set()?;
    if let [iterable, ..] = positional(vm, args, 0, 1)? {
        add_all(vm, set, *iterable)?;
    }
    Ok(set.value())
}

fn frozenset_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    if let [v, ..] = *positional(vm, args, 0, 1)?
        && Set::from_value(v).is_some_and(|s| s.is_frozen())
    {
        return Ok(v);
    }
    let set = set_new(vm, SET.value(), args)?;
    freeze(vm, Set::from_known(set), true);
    Ok(set)
}

/// `{1, 2}`, `set()`, `frozenset({1, 2})`, `frozenset()`
fn set_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let set = Set::from_known(v);
    if set.is_frozen() {
        out.push_str(vm, "frozenset(")?;
    } else if set.is_empty(vm) {
        return out.push_str(vm, "set()");
    }
    if !set.is_empty(vm) {
        let mut from = 0;
        let mut before = "{";
        while let Some(item) = set.next_item(vm, &mut from) {
            out.push_str(vm, before)?;
            before = ", ";
            vm.format(item, out, Style::Repr)?;
            vm.tick(10)?;
        }
        out.push_str(vm, "}")?;
    }
    if set.is_frozen() { out.push_str(vm, ")") } else { Ok(()) }
}

fn set_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(Set::from_known(v).len(vm))
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

fn set_contains(vm: &mut Vm, v: Value, item: Value) -> Result<bool, Raise> {
    Set::from_known(v).contains(vm, item)
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
        combined(vm, op, &[a, b], true)?;
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
