//! `set` and `frozenset`: one layout, told apart by a flag.
//!
//! Source: Python Library Reference, "Set Types".

use super::common::{self, positional};
use crate::object::{
    Args, BinaryOp, CompareOp, FROZEN, Res, Set, StrBuilder, Style, TableRef, aux, set_aux,
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
        symmetric_difference = F2(set_symmetric_difference);
        symmetric_difference_update = F2(set_symmetric_difference_update);
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
        symmetric_difference = F2(set_symmetric_difference);
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
        let v = set.value();
        set_aux(vm, v, aux(v) | FROZEN);
    }
}

/// A new `set` of all that an iterable gives.
pub fn collect_set(vm: &mut Vm, iterable: Value) -> Result<Set, Raise> {
    let set = vm.new_set()?;
    add_all(vm, set, iterable)?;
    Ok(set)
}

/// Calls `f` with each item of an iterable. A set is walked by entry number, so that `f` may change it.
fn each(
    vm: &mut Vm,
    iterable: Value,
    mut f: impl FnMut(&mut Vm, Value) -> Result<(), Raise>,
) -> Result<(), Raise> {
    if let Some(set) = Set::from_value(iterable) {
        let mut from = 0;
        while let Some((i, item)) = set.entry(vm, from) {
            from = i + 1;
            f(vm, item)?;
            vm.tick(5)?;
        }
        return Ok(());
    }
    let it = vm.iter(iterable)?;
    while let Some(item) = vm.next(it)? {
        f(vm, item)?;
        vm.tick(5)?;
    }
    Ok(())
}

fn add_all(vm: &mut Vm, set: Set, iterable: Value) -> Result<(), Raise> {
    if iterable == set.value() {
        return Ok(());
    }
    each(vm, iterable, |vm, item| set.add(vm, item))
}

/// Any iterable as a set: a set as it is, anything else collected.
fn as_set(vm: &mut Vm, v: Value) -> Result<Set, Raise> {
    match vm.cast::<Set>(v) {
        Some(set) => Ok(set),
        None => collect_set(vm, v),
    }
}

/// A copy, frozen as the original.
fn copy(vm: &mut Vm, set: Set) -> Result<Set, Raise> {
    let new = collect_set(vm, set.value())?;
    freeze(vm, new, set.is_frozen());
    Ok(new)
}

/// The items of `set` that are in `other`, or with `inside` false those that are not.
fn filtered(vm: &mut Vm, set: Set, other: Set, inside: bool) -> Result<Set, Raise> {
    let new = vm.new_set()?;
    each(vm, set.value(), |vm, item| {
        if other.contains(vm, item)? == inside { new.add(vm, item) } else { Ok(()) }
    })?;
    Ok(new)
}

/// Removes the items of an iterable.
fn remove_all(vm: &mut Vm, set: Set, iterable: Value) -> Result<(), Raise> {
    if vm.cast::<Set>(iterable) == Some(set) {
        TableRef::set(set).clear(vm);
        return Ok(());
    }
    each(vm, iterable, |vm, item| set.remove(vm, item).map(|_| ()))
}

/// Adds those items of `other` that are missing and removes those that are there.
fn toggle_all(vm: &mut Vm, set: Set, other: Set) -> Result<(), Raise> {
    if other == set {
        TableRef::set(set).clear(vm);
        return Ok(());
    }
    each(
        vm,
        other.value(),
        |vm, item| if set.remove(vm, item)? { Ok(()) } else { set.add(vm, item) },
    )
}

/// Gives `set` the items of `new`, which nobody else knows.
fn replace(vm: &mut Vm, set: Set, new: Set) {
    TableRef::set(set).take(vm, TableRef::set(new));
}

fn is_subset(vm: &mut Vm, a: Set, b: Set) -> Result<bool, Raise> {
    if a.len(vm) > b.len(vm) {
        return Ok(false);
    }
    let mut from = 0;
    while let Some((i, item)) = a.entry(vm, from) {
        from = i + 1;
        if !b.contains(vm, item)? {
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
        out.push_str(vm, "{")?;
        while let Some((i, item)) = set.entry(vm, from) {
            if from > 0 {
                out.push_str(vm, ", ")?;
            }
            from = i + 1;
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
    while let Some((i, item)) = set.entry(vm, from) {
        from = i + 1;
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
    let (Some(x), Some(y)) = (Set::from_value(a), Set::from_value(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let inplace = inplace && !x.is_frozen();
    let target = |vm: &mut Vm| if inplace { Ok(x) } else { collect_set(vm, a) };
    let result = match op {
        BinaryOp::Or => {
            let target = target(vm)?;
            add_all(vm, target, b)?;
            target
        }
        BinaryOp::Xor => {
            let target = target(vm)?;
            toggle_all(vm, target, y)?;
            target
        }
        BinaryOp::Sub if inplace => {
            remove_all(vm, x, b)?;
            x
        }
        BinaryOp::Sub | BinaryOp::And => {
            let new = filtered(vm, x, y, op == BinaryOp::And)?;
            if inplace {
                replace(vm, x, new);
                x
            } else {
                new
            }
        }
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    if !inplace {
        freeze(vm, result, x.is_frozen());
    }
    Ok(result.value())
}

/// Order is inclusion.
fn set_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let (x, Some(y)) = (Set::from_known(a), Set::from_value(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (n, m) = (x.len(vm), y.len(vm));
    let holds = match op {
        CompareOp::Eq => n == m && is_subset(vm, x, y)?,
        CompareOp::Ne => n != m || !is_subset(vm, x, y)?,
        CompareOp::Le => is_subset(vm, x, y)?,
        CompareOp::Lt => n < m && is_subset(vm, x, y)?,
        CompareOp::Ge => is_subset(vm, y, x)?,
        CompareOp::Gt => n > m && is_subset(vm, y, x)?,
    };
    Ok(Value::bool(holds))
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
    let Some((i, item)) = set.entry(vm, 0) else {
        return Err(vm.raise(exc::KEY_ERROR, "pop from an empty set"));
    };
    TableRef::set(set).remove_at(vm, i);
    Ok(item)
}

fn set_update(vm: &mut Vm, args: &[Value]) -> Res {
    let set = writable(vm, args[0])?;
    for &other in &args[1..] {
        add_all(vm, set, other)?;
    }
    Ok(Value::NONE)
}

fn set_difference_update(vm: &mut Vm, args: &[Value]) -> Res {
    let set = writable(vm, args[0])?;
    for &other in &args[1..] {
        remove_all(vm, set, other)?;
    }
    Ok(Value::NONE)
}

fn set_intersection_update(vm: &mut Vm, args: &[Value]) -> Res {
    let set = writable(vm, args[0])?;
    for &other in &args[1..] {
        let other = as_set(vm, other)?;
        let new = filtered(vm, set, other, true)?;
        replace(vm, set, new);
    }
    Ok(Value::NONE)
}

fn set_symmetric_difference_update(vm: &mut Vm, v: Value, other: Value) -> Res {
    let set = writable(vm, v)?;
    let other = as_set(vm, other)?;
    toggle_all(vm, set, other)?;
    Ok(Value::NONE)
}

// ---- methods that make a new one

fn set_copy(vm: &mut Vm, v: Value) -> Res {
    let set = this(vm, v)?;
    if set.is_frozen() { Ok(set.value()) } else { Ok(copy(vm, set)?.value()) }
}

/// A copy of the first argument as a `set`, changed by `f`, then of the first argument's type.
fn changed(vm: &mut Vm, v: Value, f: impl FnOnce(&mut Vm, Set) -> Result<(), Raise>) -> Res {
    let set = this(vm, v)?;
    let new = collect_set(vm, set.value())?;
    f(vm, new)?;
    freeze(vm, new, set.is_frozen());
    Ok(new.value())
}

fn set_union(vm: &mut Vm, args: &[Value]) -> Res {
    changed(vm, args[0], |vm, new| args[1..].iter().try_for_each(|&other| add_all(vm, new, other)))
}

fn set_difference(vm: &mut Vm, args: &[Value]) -> Res {
    changed(vm, args[0], |vm, new| {
        args[1..].iter().try_for_each(|&other| remove_all(vm, new, other))
    })
}

fn set_intersection(vm: &mut Vm, args: &[Value]) -> Res {
    let set = this(vm, args[0])?;
    let mut result = set;
    for &other in &args[1..] {
        let other = as_set(vm, other)?;
        result = filtered(vm, result, other, true)?;
    }
    if result == set {
        return Ok(copy(vm, set)?.value());
    }
    freeze(vm, result, set.is_frozen());
    Ok(result.value())
}

fn set_symmetric_difference(vm: &mut Vm, v: Value, other: Value) -> Res {
    let other = as_set(vm, other)?;
    changed(vm, v, |vm, new| toggle_all(vm, new, other))
}

// ---- questions

fn set_isdisjoint(vm: &mut Vm, v: Value, other: Value) -> Res {
    let (set, other) = (this(vm, v)?, as_set(vm, other)?);
    let mut from = 0;
    while let Some((i, item)) = other.entry(vm, from) {
        from = i + 1;
        if set.contains(vm, item)? {
            return Ok(Value::FALSE);
        }
        vm.tick(5)?;
    }
    Ok(Value::TRUE)
}

fn set_issubset(vm: &mut Vm, v: Value, other: Value) -> Res {
    let (set, other) = (this(vm, v)?, as_set(vm, other)?);
    Ok(Value::bool(is_subset(vm, set, other)?))
}

fn set_issuperset(vm: &mut Vm, v: Value, other: Value) -> Res {
    let (set, other) = (this(vm, v)?, as_set(vm, other)?);
    Ok(Value::bool(is_subset(vm, other, set)?))
}
