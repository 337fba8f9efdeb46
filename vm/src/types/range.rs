//! `range`, whose numbers may be of any size: plain arithmetic while all of them are small ints, else Python's.
//!
//! Source: Python Library Reference, "Ranges".

use super::common::{self, positional};
use super::int;
use super::slice::{self, Bounds};
use crate::object::{
    Args, AttrOp, BinaryOp, CompareOp, IterKind, Iterator, Range, Res, Slice, StrBuilder, Style,
    UnaryOp,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `range`.
    pub static RANGE: range, base super::OBJECT;
    slots {
        new: range_new, repr: range_repr, bool: range_bool, len: range_len, hash: range_hash, compare: range_compare,
        contains: range_contains, get_item: range_get_item, attr: range_attr, is_final: true,
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
    let left = if is_negative(vm, step)? { vm.less(stop, now)? } else { vm.less(now, stop)? };
    if !left {
        return Ok(Value::STOP);
    }
    let following = int::arith(vm, BinaryOp::Add, now, step)?;
    it.set_a(vm, following);
    Ok(now)
}

/// An iterator over a range from its end.
pub fn reversed(vm: &mut Vm, v: Value) -> Res {
    if let Some([start, stop, step]) = small_parts(vm, v) {
        let n = slice::count(start, stop, step) as isize;
        let ends = [start + (n - 1) * step, start - step, -step].map(Value::small_int);
        if let [Some(first), Some(stop), Some(back)] = ends {
            return Iterator::new(vm, IterKind::Range, first, stop, back);
        }
    }
    let [start, _, step] = parts(vm, v);
    let n = len_value(vm, v)?;
    let last = int::arith(vm, BinaryOp::Sub, n, Value::int(1))?;
    let first = item(vm, v, last)?;
    let back = vm.unary(UnaryOp::Neg, step)?;
    let stop = int::arith(vm, BinaryOp::Sub, start, step)?;
    Iterator::new(vm, IterKind::Range, first, stop, back)
}

fn parts(vm: &Vm, v: Value) -> [Value; 3] {
    let r = Range::from_known(v);
    [r.start(vm), r.stop(vm), r.step(vm)]
}

fn small_parts(vm: &Vm, v: Value) -> Option<[isize; 3]> {
    let [start, stop, step] = parts(vm, v);
    Some([start.as_small_int()?, stop.as_small_int()?, step.as_small_int()?])
}

fn is_negative(vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    vm.less(v, Value::int(0))
}

/// An int, small or big, from any object that is one.
fn int_arg(vm: &mut Vm, v: Value) -> Res {
    let n = vm.integer_arg(v)?;
    Ok(if n.is_bool() { Value::int((n == Value::TRUE) as i32) } else { n })
}

/// The number of items, as an int of any size.
fn len_value(vm: &mut Vm, v: Value) -> Res {
    if let Some([start, stop, step]) = small_parts(vm, v) {
        return vm.int_from_u64(slice::count(start, stop, step) as u64);
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
    let (start, stop, step) = match *positional(vm, args, 1, 3)? {
        [start, stop, step] => (start, stop, step),
        [start, stop] => (start, stop, Value::int(1)),
        [stop, ..] => (Value::int(0), stop, Value::int(1)),
        [] => (Value::int(0), Value::int(0), Value::int(1)),
    };
    let (start, stop, step) = (int_arg(vm, start)?, int_arg(vm, stop)?, int_arg(vm, step)?);
    if step == Value::int(0) {
        return Err(vm.raise(exc::VALUE_ERROR, "zero step"));
    }
    Ok(Range::alloc(vm, 0, start, stop, step)?.value())
}

fn range_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let [start, stop, step] = parts(vm, v);
    out.push_str(vm, "range(")?;
    vm.format(start, out, Style::Repr)?;
    out.push_str(vm, ", ")?;
    vm.format(stop, out, Style::Repr)?;
    if step != Value::int(1) {
        out.push_str(vm, ", ")?;
        vm.format(step, out, Style::Repr)?;
    }
    out.push_str(vm, ")")
}

fn range_bool(vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    Ok(len_value(vm, v)? != Value::int(0))
}

fn range_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    let n = len_value(vm, v)?;
    // A length may be beyond the small ints, but not beyond a machine word.
    match isize::try_from(vm.int_to_i64(n)?) {
        Ok(n) => Ok(n as usize),
        Err(_) => {
            Err(vm.raise(exc::OVERFLOW_ERROR, "overflow converting long int to machine word"))
        }
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
        let (from, to, by) = Bounds::of(vm, s)?.indices(n);
        let [_, _, step] = parts(vm, v);
        let number = |n: isize| Value::small_int(n).unwrap_or(Value::int(0));
        let (start, stop) = (item(vm, v, number(from))?, item(vm, v, number(to))?);
        let step = int::arith(vm, BinaryOp::Mul, step, number(by))?;
        return Ok(Range::alloc(vm, 0, start, stop, step)?.value());
    }
    if let (Some([start, stop, step]), Some(i)) = (small_parts(vm, v), index.as_small_int()) {
        let n = slice::count(start, stop, step) as isize;
        let i = if i < 0 { i + n } else { i };
        if i >= 0
            && i < n
            && let Some(found) = Value::small_int(start + i * step)
        {
            return Ok(found);
        }
        return Err(vm.raise(exc::INDEX_ERROR, "range index out of range"));
    }
    let n = len_value(vm, v)?;
    let mut i = match index.kind() {
        Some(Kind::Int) => index,
        _ => {
            // The message for what is no int; the length is checked below.
            vm.sequence_index(index, isize::MAX as usize, q::range.value())?;
            int_arg(vm, index)?
        }
    };
    if is_negative(vm, i)? {
        i = int::arith(vm, BinaryOp::Add, i, n)?;
    }
    if is_negative(vm, i)? || !vm.less(i, n)? {
        return Err(vm.raise(exc::INDEX_ERROR, "range index out of range"));
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
