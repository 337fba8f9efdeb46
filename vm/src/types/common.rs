//! What several built-in types share: argument counting, comparison and printing of sequences, and the special
//! methods (`__len__`, `__getitem__`, …) that subclasses reach through `super()`.

use crate::object::{
    Args, CompareOp, Dict, DictView, NativeFn, Res, RomFn, StrBuilder, TableRef, sequence_items,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm, exc};

/// The positional arguments of a function that takes no keywords; `TypeError` unless they are `min..=max`.
pub fn positional<'a>(
    vm: &mut Vm,
    args: Args<'a>,
    min: usize,
    max: usize,
) -> Result<&'a [Value], Raise> {
    if !args.names.is_empty() {
        return Err(vm.raise(exc::TYPE_ERROR, "function doesn't take keyword arguments"));
    }
    let n = args.pos.len();
    if n < min || n > max {
        return Err(vm.wrong_count(min, max, n));
    }
    Ok(args.pos)
}

/// The one positional argument that a type takes or not; an empty tuple in its place.
pub fn optional(vm: &mut Vm, args: Args<'_>) -> Res {
    Ok(positional(vm, args, 0, 1)?.first().copied().unwrap_or(Vm::empty_tuple()))
}

/// What scripts that call the class of things that only the VM makes get.
#[cold]
pub fn no_instances(vm: &mut Vm, class: Value) -> Raise {
    let name = vm.class_name(class);
    vm.raise_about(exc::TYPE_ERROR, "cannot create '%' instances", name)
}

/// The place of a name among others; their number if it is none of them.
#[inline(never)]
pub(crate) fn place_of(name: Value, names: &[Value]) -> usize {
    names.iter().position(|&n| n == name).unwrap_or(names.len())
}

/// True for what counts as a number of repetitions.
pub fn is_int(v: Value) -> bool {
    v.is_small_int() || v.is_bool() || v.is_kind(Kind::Int)
}

/// One item of a list, a tuple or a deque that may have changed its length; `None` beyond its end.
// A call in small images.
#[cfg_attr(feature = "extra", inline(always))]
#[cfg_attr(not(feature = "extra"), inline(never))]
pub fn item_at(vm: &Vm, v: Value, i: usize) -> Option<Value> {
    if !cfg!(feature = "extra") || v.is_kind(Kind::List) || v.is_kind(Kind::Tuple) {
        return sequence_items(vm, v).get(i).copied();
    }
    crate::modules::deque::item_at(vm, v, i)
}

/// Lexicographic comparison of two sequences of one type. Items that Python code takes away meanwhile end it.
pub fn compare_sequences(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let mut i = 0;
    loop {
        match (item_at(vm, a, i), item_at(vm, b, i)) {
            (Some(x), Some(y)) => {
                // The same object counts as equal to itself.
                if x != y && !vm.equal(x, y)? {
                    return match op {
                        CompareOp::Eq => Ok(Value::FALSE),
                        CompareOp::Ne => Ok(Value::TRUE),
                        _ => vm.compare(op, x, y),
                    };
                }
            }
            (x, y) => return Ok(Value::bool(op.holds(x.is_some().cmp(&y.is_some())))),
        }
        i += 1;
        vm.tick_inline(2)?;
    }
}

/// Appends the reprs of what an iterable or a dictionary's view gives, separated by commas; of a dictionary itself
/// `key: value`. It may change meanwhile.
pub fn push_items(vm: &mut Vm, out: &mut StrBuilder, v: Value) -> Result<(), Raise> {
    // Of keys, values and items, as views are numbered, and of entries.
    static EACH: [&[u8]; 4] = [b", !", b", !", b", (!, !)", b", !: !"];
    let (source, how) = match DictView::from_value(v) {
        Some(view) => (view.dict(vm), view.aux() as usize % 4),
        None => (v, if v.is_kind(Kind::Dict) { 3 } else { 0 }),
    };
    let mut cursor = vm.cursor(source)?;
    // The first follows no comma.
    let mut from = 2;
    loop {
        cursor.follow(vm);
        let Some(item) = vm.cursor_next(&mut cursor)? else { return Ok(()) };
        let value = Dict::from_value(source).map_or(item, |dict| cursor.value(vm, dict));
        let first = if how == super::dict_view::VALUES as usize { value } else { item };
        vm.push_parts(out, &EACH[how][from..], &[first, value])?;
        from = 0;
        vm.tick(10)?;
    }
}

/// The index of the first item from `start` that equals `item`, before `stop`.
pub fn find_item(
    vm: &mut Vm,
    v: Value,
    item: Value,
    start: usize,
    stop: usize,
) -> Result<Option<usize>, Raise> {
    let mut i = start;
    if SHORTCUTS && item.is_small_int() && matches!(v.kind(), Some(Kind::List | Kind::Tuple)) {
        // Small ints differ or are the same. No more of them than a safe point may wait for.
        let items = sequence_items(vm, v);
        let some = items.get(start..stop.min(items.len()).min(start + 500)).unwrap_or_default();
        i += some.iter().take_while(|&&x| x.is_small_int() && x != item).count();
    }
    while i < stop {
        let Some(x) = item_at(vm, v, i) else { break };
        if x == item || vm.equal(x, item)? {
            return Ok(Some(i));
        }
        i += 1;
        vm.tick_inline(2)?;
    }
    Ok(None)
}

/// `item in v`
pub fn contains(vm: &mut Vm, v: Value, item: Value) -> Result<bool, Raise> {
    Ok(find_item(vm, v, item, 0, usize::MAX)?.is_some())
}

/// `key in v` of a dictionary or a set.
pub fn table_contains(vm: &mut Vm, v: Value, key: Value) -> Result<bool, Raise> {
    Ok(TableRef::of(v).find(vm, key)?.is_some())
}

/// `len(v)` of a dictionary or a set.
pub fn table_len(_vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(TableRef::of(v).live())
}

/// How many items equal `item`.
pub fn count_item(vm: &mut Vm, v: Value, item: Value) -> Res {
    let (mut n, mut i) = (0, 0);
    while let Some(x) = item_at(vm, v, i) {
        n += (x == item || vm.equal(x, item)?) as usize;
        i += 1;
        vm.tick(2)?;
    }
    Ok(Value::from_len(n))
}

/// The place in a sequence of `len` items that an index means; outside of it the nearer end.
#[inline(never)]
pub fn clamped_place(vm: &mut Vm, index: Value, len: usize) -> Result<usize, Raise> {
    let i = super::slice::clamped_index(vm, index)?;
    let len = len as isize;
    Ok(if i < 0 { i + len } else { i }.clamp(0, len) as usize)
}

/// `index(item[, start[, stop]])` of a sequence of `len` items; `ValueError` when it is not there.
///
/// `args` begins with the item.
pub fn index_of(vm: &mut Vm, v: Value, args: &[Value], len: usize) -> Res {
    let start = args.get(1).map_or(Ok(0), |&v| clamped_place(vm, v, len))?;
    let stop = args.get(2).map_or(Ok(len), |&v| clamped_place(vm, v, len))?;
    match find_item(vm, v, args[0], start, stop)? {
        Some(i) => Ok(Value::from_len(i)),
        None => Err(vm.raise(exc::VALUE_ERROR, "object not in sequence")),
    }
}

macro_rules! special_methods {
    ($($(#[$doc:meta])* $ID:ident = $name:ident, $call:expr;)*) => {
        $($(#[$doc])* pub static $ID: RomFn = RomFn::new(q::$name, $call).for_handlers();)*
    };
}

// Called through the class (`list.__len__(x)`), a method gets the instance of a subclass itself: it then means the
// native part, not the subclass's own method of that name.
special_methods! {
    /// `__len__()`
    LEN = __len__, NativeFn::F1(|vm, this| {
        let n = vm.len(vm.native_part(this))?;
        vm.int_from_u64(n as u64)
    });
    /// `__getitem__(index)`
    GETITEM = __getitem__, NativeFn::F2(|vm, this, index| vm.get_item(vm.native_part(this), index));
    /// `__setitem__(index, value)`
    SETITEM = __setitem__,
        NativeFn::F3(|vm, this, index, value| none(vm.set_item(vm.native_part(this), index, value)));
    /// `__delitem__(index)`
    DELITEM = __delitem__, NativeFn::F2(|vm, this, index| none(vm.delete_item(vm.native_part(this), index)));
    /// `__contains__(item)`
    CONTAINS = __contains__,
        NativeFn::F2(|vm, this, item| Ok(Value::bool(vm.contains(vm.native_part(this), item)?)));
    /// `__hash__()`
    HASH = __hash__, NativeFn::F1(|vm, this| hash_value(vm, vm.native_part(this)));
    /// `__iter__()`
    ITER = __iter__, NativeFn::F1(|vm, this| vm.iter(vm.native_part(this)));
    /// `__next__()`
    NEXT = __next__, NativeFn::F1(special_next);
    /// `__reversed__()`
    REVERSED = __reversed__, NativeFn::F1(|vm, this| super::iterators::reversed(vm, vm.native_part(this)));
}

/// `hash(v)` as an int: the hash's bits are signed, so that a small int is its own.
pub fn hash_value(vm: &mut Vm, v: Value) -> Res {
    let hash = vm.hash(v)? << 2;
    Ok(Value::small_int(hash as isize >> 2).unwrap_or(Value::int(0)))
}

fn none(done: Result<(), Raise>) -> Res {
    done.map(|()| Value::NONE)
}

fn special_next(vm: &mut Vm, this: Value) -> Res {
    match vm.next(vm.native_part(this))? {
        Some(v) => Ok(v),
        None => Err(vm.raise_with(exc::STOP_ITERATION, &[])),
    }
}
