//! `dict` and `collections.OrderedDict`, which differ in comparison, printing and `popitem` only: every dictionary
//! keeps the order of insertion.
//!
//! Source: Python Library Reference, "Mapping Types", "collections".

use super::common;
use crate::object::{
    Args, BinaryOp, CompareOp, Dict, NativeFn, ORDERED, READ_ONLY, Res, RomDescriptor, RomFn,
    StrBuilder, Style, TableRef, Tuple, set_aux,
};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_type};

pub use super::dict_view::DICT_VIEW;
use super::dict_view::{dict_items, dict_keys, dict_values};

py_type! {
    /// `dict`.
    pub static DICT: dict, base super::OBJECT;
    slots {
        new: dict_new, repr: dict_repr, len: common::table_len, binary: dict_binary, compare: dict_compare,
        contains: common::table_contains, set_item: dict_set_item, filled_by_init: true,
    }
    entries {
        clear = F1(dict_clear);
        copy = F1(dict_copy);
        fromkeys: FROMKEYS.rom();
        get = Var(2, 3, dict_get);
        items = F1(dict_items);
        keys = F1(dict_keys);
        pop = Var(2, 3, dict_pop);
        #[cfg(feature = "extra")]
        popitem = Kw(dict_popitem; _, last?);
        #[cfg(not(feature = "extra"))]
        popitem = Var(1, 1, dict_popitem);
        setdefault = Var(2, 3, dict_setdefault);
        update = Raw(dict_update);
        values = F1(dict_values);
        #[cfg(feature = "extra")]
        __len__: common::LEN.rom();
        __getitem__: common::GETITEM.rom();
        __setitem__: common::SETITEM.rom();
        __delitem__: common::DELITEM.rom();
        #[cfg(feature = "extra")]
        __contains__: common::CONTAINS.rom();
        #[cfg(feature = "extra")]
        __iter__: common::ITER.rom();
        #[cfg(feature = "extra")]
        __reversed__: common::REVERSED.rom();
    }
}

py_type! {
    /// `collections.OrderedDict`.
    pub static ORDERED_DICT: OrderedDict, base DICT;
    slots {
        new: ordered_new, repr: ordered_repr, len: common::table_len, binary: dict_binary, compare: dict_compare,
        contains: common::table_contains, set_item: dict_set_item, filled_by_init: true,
    }
    entries {
        #[cfg(feature = "extra")]
        move_to_end = Kw(ordered_move_to_end; _, key, last?);
    }
}

static FROMKEYS_FN: RomFn = RomFn::new(q::fromkeys, NativeFn::Var(2, 3, dict_fromkeys));
static FROMKEYS: RomDescriptor = RomDescriptor::class_method(&FROMKEYS_FN);

/// The dictionary of a method's first argument.
pub(super) fn this(vm: &mut Vm, v: Value) -> Result<Dict, Raise> {
    vm.expect::<Dict>(v, &DICT)
}

/// As `this`, for a method that changes it; `TypeError` for a namespace in ROM.
fn writable(vm: &mut Vm, v: Value) -> Result<Dict, Raise> {
    let dict = this(vm, v)?;
    check_writable(vm, dict)?;
    Ok(dict)
}

fn check_writable(vm: &mut Vm, dict: Dict) -> Result<(), Raise> {
    if dict.aux() & READ_ONLY == 0 {
        return Ok(());
    }
    Err(vm.raise(exc::TYPE_ERROR, "'dict' object doesn't support item assignment"))
}

fn is_ordered(dict: Dict) -> bool {
    dict.aux() & ORDERED != 0
}

fn make_ordered(vm: &mut Vm, dict: Dict) {
    set_aux(vm, dict.value(), dict.aux() | ORDERED);
}

/// A writable copy of the same type.
fn copy(vm: &mut Vm, dict: Dict) -> Result<Dict, Raise> {
    let new = dict.copy(vm)?;
    if is_ordered(dict) {
        make_ordered(vm, new);
    }
    Ok(new)
}

// ---- slots

fn dict_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let dict = vm.new_dict()?;
    fill(vm, dict, args)?;
    Ok(dict.value())
}

fn ordered_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let dict = vm.new_dict()?;
    make_ordered(vm, dict);
    fill(vm, dict, args)?;
    Ok(dict.value())
}

/// Adds what `dict(…)` and `update(…)` are given: at most one mapping or iterable of pairs, then keywords.
fn fill(vm: &mut Vm, dict: Dict, args: Args<'_>) -> Result<(), Raise> {
    if args.pos.len() > 1 {
        return Err(vm.wrong_count(0, 1, args.pos.len()));
    }
    if let Some(&source) = args.pos.first() {
        update(vm, dict, source)?;
    }
    for (&name, &value) in args.names.iter().zip(args.values) {
        dict.set_name(vm, name, value)?;
    }
    Ok(())
}

/// Adds the entries of a mapping or of an iterable of pairs.
pub fn update(vm: &mut Vm, dict: Dict, source: Value) -> Result<(), Raise> {
    // A mapping is walked by its keys.
    let other = vm.cast::<Dict>(source);
    let mut keys = other.map(|other| other.value());
    if keys.is_none()
        && let Some(function) = vm.find_attr(source, q::keys.value())?
    {
        keys = Some(vm.call(function, &[])?);
    }
    let mut cursor = vm.cursor(keys.unwrap_or(source))?;
    while let Some(item) = vm.cursor_next(&mut cursor)? {
        let (key, value) = match (other, keys) {
            (Some(other), _) => (item, cursor.value(vm, other)),
            (None, Some(_)) => (item, vm.get_item(source, item)?),
            (None, None) => pair(vm, item)?,
        };
        dict.set(vm, key, value)?;
        vm.tick(5)?;
        cursor.follow(vm);
    }
    Ok(())
}

/// The two items of an iterable; `ValueError` for another number of them.
fn pair(vm: &mut Vm, v: Value) -> Result<(Value, Value), Raise> {
    let tuple = super::tuple::collect_tuple(vm, v)?;
    match *Tuple::from_known(tuple).items() {
        [a, b] => Ok((a, b)),
        _ => Err(vm.raise(exc::VALUE_ERROR, "dict update sequence has wrong length")),
    }
}

fn dict_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    vm.push_parts(out, b"{*}", &[v])
}

fn ordered_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    vm.push_parts(out, b"OrderedDict({*})", &[v])
}

/// `a | b`, `a |= b`.
fn dict_binary(vm: &mut Vm, op: BinaryOp, a: Value, b: Value, inplace: bool) -> Res {
    let Some(left) = Dict::from_value(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    if op != BinaryOp::Or {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if inplace {
        check_writable(vm, left)?;
        update(vm, left, b)?;
        return Ok(a);
    }
    if Dict::from_value(b).is_none() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let new = copy(vm, left)?;
    update(vm, new, b)?;
    Ok(new.value())
}

/// Equality; two `OrderedDict`s must have the same order, too.
fn dict_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let (x, Some(y)) = (Dict::from_known(a), Dict::from_value(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    if op != CompareOp::Eq {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if x.len(vm) != y.len(vm) {
        return Ok(Value::FALSE);
    }
    let in_order = is_ordered(x) && is_ordered(y);
    let (mut mine, mut theirs) = (x.entries(), y.entries());
    while mine.advance(vm) {
        let other = if in_order {
            let same = theirs.advance(vm) && vm.equal(mine.key, theirs.key)?;
            if same { Some(theirs.value) } else { None }
        } else {
            y.get(vm, mine.key)?
        };
        match other {
            Some(other) if vm.equal(mine.value, other)? => {}
            _ => return Ok(Value::FALSE),
        }
        vm.tick(5)?;
    }
    Ok(Value::TRUE)
}

fn dict_set_item(vm: &mut Vm, v: Value, key: Value, value: Value) -> Result<(), Raise> {
    let dict = Dict::from_known(v);
    check_writable(vm, dict)?;
    if !value.is_undef() {
        return dict.set(vm, key, value);
    }
    match dict.remove(vm, key)? {
        Some(_) => Ok(()),
        None => Err(vm.raise_with(exc::KEY_ERROR, &[key])),
    }
}

// ---- methods

fn dict_clear(vm: &mut Vm, v: Value) -> Res {
    let dict = writable(vm, v)?;
    TableRef::dict(dict).clear(vm);
    Ok(Value::NONE)
}

fn dict_copy(vm: &mut Vm, v: Value) -> Res {
    let dict = this(vm, v)?;
    Ok(copy(vm, dict)?.value())
}

/// `dict.fromkeys(iterable[, value])`, a class method.
fn dict_fromkeys(vm: &mut Vm, args: &[Value]) -> Res {
    let value = args.get(2).copied().unwrap_or(Value::NONE);
    let new = vm.call(args[0], &[])?;
    let it = vm.iter(args[1])?;
    while let Some(key) = vm.next(it)? {
        vm.set_item(new, key, value)?;
        vm.tick(5)?;
    }
    Ok(new)
}

/// `dict.get(key[, default])`
fn dict_get(vm: &mut Vm, args: &[Value]) -> Res {
    let dict = this(vm, args[0])?;
    let found = dict.get(vm, args[1])?;
    Ok(found.or(args.get(2).copied()).unwrap_or(Value::NONE))
}

/// `dict.pop(key[, default])`
fn dict_pop(vm: &mut Vm, args: &[Value]) -> Res {
    let dict = writable(vm, args[0])?;
    match dict.remove(vm, args[1])?.or(args.get(2).copied()) {
        Some(v) => Ok(v),
        None => Err(vm.raise_with(exc::KEY_ERROR, &[args[1]])),
    }
}

/// `dict.popitem()`: removes the last entry; of an `OrderedDict` with `last=False` the first.
fn dict_popitem(vm: &mut Vm, args: &[Value]) -> Res {
    let dict = writable(vm, args[0])?;
    let last = !cfg!(feature = "extra") || args[1].is_undef() || vm.truth(args[1])?;
    let table = TableRef::dict(dict);
    table.compact(vm);
    let mut at = if last { table.used() } else { table.next(vm, 0).map_or(0, |i| i + 1) };
    while at > 0 && table.key(vm, at - 1).is_none() {
        at -= 1;
    }
    let Some(i) = at.checked_sub(1) else {
        return Err(vm.raise(exc::KEY_ERROR, "popitem(): dictionary is empty"));
    };
    let (key, value) = (table.key(vm, i).unwrap_or(Value::NONE), table.value(vm, i));
    let item = vm.new_tuple(&[key, value])?;
    table.remove_at(vm, i);
    Ok(item)
}

/// `dict.setdefault(key[, default])`
fn dict_setdefault(vm: &mut Vm, args: &[Value]) -> Res {
    let dict = writable(vm, args[0])?;
    if let Some(v) = dict.get(vm, args[1])? {
        return Ok(v);
    }
    let value = args.get(2).copied().unwrap_or(Value::NONE);
    dict.set(vm, args[1], value)?;
    Ok(value)
}

/// `dict.update([mapping or iterable of pairs], **entries)`
fn dict_update(vm: &mut Vm, args: Args<'_>) -> Res {
    let Some((&first, rest)) = args.pos.split_first() else { return Err(vm.wrong_count(1, 2, 0)) };
    let dict = writable(vm, first)?;
    fill(vm, dict, Args { pos: rest, ..args })?;
    Ok(Value::NONE)
}

/// `OrderedDict.move_to_end(key, last=True)`
fn ordered_move_to_end(vm: &mut Vm, args: &[Value]) -> Res {
    let dict = writable(vm, args[0])?;
    let key = args[1];
    let last = args[2].is_undef() || vm.truth(args[2])?;
    TableRef::dict(dict).reserve_one(vm)?;
    let Some(i) = TableRef::dict(dict).find(vm, key)? else {
        return Err(vm.raise_with(exc::KEY_ERROR, &[key]));
    };
    let Some((_, key, value)) = dict.entry(vm, i) else { return Ok(Value::NONE) };
    if dict.len(vm) == 1 {
        // It is first and last.
    } else if last {
        TableRef::dict(dict).remove_at(vm, i);
        dict.set(vm, key, value)?;
    } else {
        // To the front: the other entries follow it in a new table.
        let new = vm.new_dict_with_capacity(dict.len(vm))?;
        new.set(vm, key, value)?;
        update_missing(vm, new, dict)?;
        TableRef::dict(dict).take(vm, TableRef::dict(new));
    }
    Ok(Value::NONE)
}

fn update_missing(vm: &mut Vm, dict: Dict, source: Dict) -> Result<(), Raise> {
    let mut e = source.entries();
    while e.advance(vm) {
        if dict.get(vm, e.key)?.is_none() {
            dict.set(vm, e.key, e.value)?;
        }
        vm.tick(10)?;
    }
    Ok(())
}
