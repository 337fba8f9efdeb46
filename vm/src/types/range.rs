//! `range`: plain arithmetic while all numbers fit a machine word, which they must without the feature `extra`, else
//! Python's.
//!
//! Source: Python Library Reference, "Ranges".

use super::common::{self, positional};
use super::int;
use super::number;
use super::slice;
use crate::object::{
    Args, AttrOp, BinaryOp, CompareOp, IterKind, Iterator, Range, Res, Slice, StrBuilder, Style,
    UnaryOp,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm, exc, py_type};

py_type! {
    /// `range`.
    pub static RANGE: range, base super::OBJECT;
    slots {
        #[cfg(feature = "extra")]
        bool: range_bool,
        #[cfg(feature = "extra")]
        hash: range_hash,
        #[cfg(feature = "extra")]
        compare: range_compare,
        #[cfg(feature = "extra")]
        contains: range_contains,
        new: range_new, repr: range_repr, len: range_len, get_item: range_get_item, attr: range_attr, is_final: true,
    }
    entries {
        #[cfg(feature = "extra")]
        count = F2(range_count);
        #[cfg(feature = "extra")]
        index = F2(range_index);
        #[cfg(feature = "extra")]
        __len__: common::LEN.rom();
        #[cfg(feature = "extra")]
        __getitem__: common::GETITEM.rom();
        #[cfg(feature = "extra")]
        __contains__: common::CONTAINS.rom();
        #[cfg(feature = "extra")]
        __iter__: common::ITER.rom();
        #[cfg(feature = "extra")]
        __reversed__: common::REVERSED.rom();
    }
}

/// The next number of a range that is not all small ints: `a` is the number, `b` the stop, `c` the step.
pub fn big_next(vm: &mut Vm, it: Iterator) -> Res {
    let (now, stop, step) = (it.a(vm), it.b(vm), it.c(vm));
    let left = if let Some([now, stop, step]) = words(&[now, stop, step]) {
        if step < 0 { stop < now } else { now < stop }
    } else if cfg!(feature = "extra") {
        if is_negative(vm, step)? { vm.less(stop, now)? } else { vm.less(now, stop)? }
    } else {
        // The number after the last one is beyond a word.
        false
    };
    if !left {
        return Ok(Value::STOP);
    }
    let following = int::arith(vm, BinaryOp::Add, now, step)?;
    it.set_a(vm, following);
    Ok(now)
}

/// An iterator over a range from its end.
pub fn reversed(vm: &mut Vm, v: Value) -> Res {
    let [start, stop, step] = parts(vm, v);
    if SHORTCUTS && let [Some(a), Some(b), Some(by)] = [start, stop, step].map(Value::as_small_int)
    {
        let n = slice::count(a, b, by) as isize;
        let ends = [-by, a + (n - 1) * by, a - by].map(Value::small_int);
        if let [Some(back), Some(first), Some(end)] = ends {
            return Iterator::new(vm, IterKind::Walk, back, first, end);
        }
    }
    let n = len_value(vm, v)?;
    let last = int::arith(vm, BinaryOp::Sub, n, Value::int(1))?;
    let first = item(vm, v, last)?;
    let back = vm.unary(UnaryOp::Neg, step)?;
    let stop = int::arith(vm, BinaryOp::Sub, start, step)?;
    match [back, first, stop].iter().all(|v| v.is_small_int()) {
        true => Iterator::new(vm, IterKind::Walk, back, first, stop),
        false => Iterator::new(vm, IterKind::Range, first, stop, back),
    }
}

fn parts(vm: &Vm, v: Value) -> [Value; 3] {
    let r = Range::from_known(v);
    [r.start(vm), r.stop(vm), r.step(vm)]
}

/// The numbers if all fit machine words.
#[inline(never)]
fn words(&[start, stop, step]: &[Value; 3]) -> Option<[isize; 3]> {
    Some([number::word(start)?, number::word(stop)?, number::word(step)?])
}

fn is_negative(vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    vm.less(v, Value::int(0))
}

/// An int, small or big, from any object that is one.
fn int_arg(vm: &mut Vm, v: Value) -> Res {
    let n = vm.integer_arg(v)?;
    Ok(if n.is_bool() { Value::int((n == Value::TRUE) as i32) } else { n })
}

/// The number of items if a machine word holds it. Without the feature `extra` one does.
#[inline(never)]
fn count(vm: &Vm, v: Value) -> Option<usize> {
    words(&parts(vm, v)).map(|[start, stop, step]| slice::count(start, stop, step))
}

/// The number of items, as an int of any size.
fn len_value(vm: &mut Vm, v: Value) -> Res {
    let n = count(vm, v);
    if n.is_some() || !cfg!(feature = "extra") {
        return vm.int_from_u64(n.unwrap_or(0) as u64);
    }
    let [start, stop, step] = parts(vm, v);
    let (low, high, step) = if is_negative(vm, step)? {
        (stop, start, vm.unary(UnaryOp::Neg, step)?)
    } else {
        (start, stop, step)
    };
    if !vm.less(low, high)? {
        return Ok(Value::int(0));
    }
    let span = int::arith(vm, BinaryOp::Sub, high, low)?;
    let span = int::arith(vm, BinaryOp::Sub, span, Value::int(1))?;
    let steps = int::arith(vm, BinaryOp::FloorDiv, span, step)?;
    int::arith(vm, BinaryOp::Add, steps, Value::int(1))
}

/// Item `i`, an int: `start + i * step`.
fn item(vm: &mut Vm, v: Value, i: Value) -> Res {
    let [start, _, step] = parts(vm, v);
    let offset = int::arith(vm, BinaryOp::Mul, i, step)?;
    int::arith(vm, BinaryOp::Add, start, offset)
}

/// Where an int is in the range.
fn position(vm: &mut Vm, v: Value, item: Value) -> Result<Option<Value>, Raise> {
    let [start, _, step] = parts(vm, v);
    let offset = int::arith(vm, BinaryOp::Sub, item, start)?;
    let rest = int::arith(vm, BinaryOp::Mod, offset, step)?;
    if rest != Value::int(0) {
        return Ok(None);
    }
    let i = int::arith(vm, BinaryOp::FloorDiv, offset, step)?;
    let n = len_value(vm, v)?;
    Ok(if is_negative(vm, i)? || !vm.less(i, n)? { None } else { Some(i) })
}

// ---- slots

fn range_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let mut parts = [Value::int(0), Value::int(0), Value::int(1)];
    let given = positional(vm, args, 1, 3)?;
    let at = if given.len() == 1 { 1 } else { 0 };
    for (part, &v) in parts[at..].iter_mut().zip(given) {
        *part = int_arg(vm, v)?;
    }
    new(vm, parts)
}

/// A range of these numbers; `ValueError` for a step of 0.
fn new(vm: &mut Vm, parts: [Value; 3]) -> Res {
    let [start, stop, step] = parts;
    if step == Value::int(0) {
        return Err(vm.raise(exc::VALUE_ERROR, "zero step"));
    }
    if cfg!(not(feature = "extra")) && words(&parts).is_none() {
        return Err(number::too_large(vm));
    }
    Ok(Range::alloc(vm, 0, start, stop, step)?.value())
}

fn range_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let parts = parts(vm, v);
    let has_step = parts[2] != Value::int(1);
    let text: &[u8] = if has_step { b"range(!, !, !)" } else { b"range(!, !)" };
    vm.push_parts(out, text, &parts)
}

fn range_bool(vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    Ok(len_value(vm, v)? != Value::int(0))
}

fn range_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    // A length may be beyond the small ints, but not beyond a machine word.
    match count(vm, v) {
        Some(n) if n <= isize::MAX as usize => Ok(n),
        None if cfg!(feature = "extra") => {
            let n = len_value(vm, v)?;
            number::word(n).map(|n| n as usize).ok_or_else(|| number::too_large(vm))
        }
        _ => Err(number::too_large(vm)),
    }
}

/// What makes two ranges equal: the length, the start unless empty, the step if there is more than one item.
fn identity(vm: &mut Vm, v: Value) -> Result<[Value; 3], Raise> {
    let n = len_value(vm, v)?;
    let [start, _, step] = parts(vm, v);
    Ok(match n.as_small_int() {
        Some(0) => [n, Value::NONE, Value::NONE],
        Some(1) => [n, start, Value::NONE],
        _ => [n, start, step],
    })
}

fn range_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    let parts = identity(vm, v)?;
    let tuple = vm.new_tuple(&parts)?;
    vm.hash(tuple)
}

fn range_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    if op != CompareOp::Eq || !b.is_kind(Kind::Range) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let (x, y) = (identity(vm, a)?, identity(vm, b)?);
    for (x, y) in x.into_iter().zip(y) {
        if !vm.equal(x, y)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn range_contains(vm: &mut Vm, v: Value, item: Value) -> Result<bool, Raise> {
    if common::is_int(item) {
        let item = int_arg(vm, item)?;
        return Ok(position(vm, v, item)?.is_some());
    }
    // Other objects may equal some number.
    let it = vm.iter(v)?;
    while let Some(n) = vm.next(it)? {
        if vm.equal(n, item)? {
            return Ok(true);
        }
        vm.tick_shared(10)?;
    }
    Ok(false)
}

fn range_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    if let Some(s) = Slice::from_value(index) {
        let n = range_len(vm, v)?;
        let (from, to, by) = slice::slice_bounds(vm, s, n)?;
        let [_, _, step] = parts(vm, v);
        let [from, to, by] = [from, to, by].map(|n| Value::small_int(n).unwrap_or(Value::int(0)));
        let (start, stop) = (item(vm, v, from)?, item(vm, v, to)?);
        let step = int::arith(vm, BinaryOp::Mul, step, by)?;
        return new(vm, [start, stop, step]);
    }
    let mut i = index;
    if cfg!(feature = "extra") && (index.is_kind(Kind::Int) || count(vm, v).is_none()) {
        let n = len_value(vm, v)?;
        if !index.is_kind(Kind::Int) {
            // The message for what is no int; the length is checked below.
            vm.sequence_index(index, isize::MAX as usize, q::range.value())?;
            i = int_arg(vm, index)?;
        }
        if is_negative(vm, i)? {
            i = int::arith(vm, BinaryOp::Add, i, n)?;
        }
        if is_negative(vm, i)? || !vm.less(i, n)? {
            return Err(vm.raise(exc::INDEX_ERROR, "range index out of range"));
        }
    } else {
        let n = range_len(vm, v)?;
        let at = vm.sequence_index(index, n, q::range.value())?;
        i = vm.int_from_u64(at as u64)?;
    }
    item(vm, v, i)
}

fn range_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let [start, stop, step] = parts(vm, v);
    Ok(match name {
        _ if op != AttrOp::Load => Value::UNDEF,
        n if n == q::start.value() => start,
        n if n == q::stop.value() => stop,
        n if n == q::step.value() => step,
        _ => Value::UNDEF,
    })
}

// ---- methods

fn range_count(vm: &mut Vm, v: Value, item: Value) -> Res {
    let range = vm.expect::<Range>(v, &RANGE)?;
    Ok(Value::int(range_contains(vm, range.value(), item)? as i32))
}

fn range_index(vm: &mut Vm, v: Value, item: Value) -> Res {
    let range = vm.expect::<Range>(v, &RANGE)?;
    if common::is_int(item) {
        let item = int_arg(vm, item)?;
        if let Some(i) = position(vm, range.value(), item)? {
            return Ok(i);
        }
    }
    Err(vm.raise(exc::VALUE_ERROR, "object not in sequence"))
}
