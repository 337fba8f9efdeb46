//! `slice`, and what a slice selects of a sequence.
//!
//! Source: Python Library Reference, "slice objects"; Language Reference, 6.3.3.

use super::common::positional;
use crate::object::{Args, AttrOp, CompareOp, Int, Res, Slice, StrBuilder, Style};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `slice`.
    pub static SLICE: slice, base super::OBJECT;
    slots {
        #[cfg(feature = "extra")]
        new: slice_new,
        // Without a hash beside it, it keeps slices from being keys.
        compare: slice_compare,
        repr: slice_repr, attr: slice_attr, is_final: true,
    }
    entries {
        indices = F2(slice_indices);
    }
}

/// What a slice selects of a sequence: the items at `start`, `start + step`, …, `len` of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Selection {
    /// Index of the first item; at most the sequence's length. Where a deleted or replaced part of step 1 begins.
    pub start: usize,
    /// Distance between items; not zero.
    pub step: isize,
    /// Number of items.
    pub len: usize,
}

impl Selection {
    /// Index of item `i` of the selection, which is below `len`.
    #[inline]
    pub fn at(self, i: usize) -> usize {
        self.start.wrapping_add_signed(self.step.wrapping_mul(i as isize))
    }
}

/// A slice's parts as plain numbers, so that nothing that follows runs Python. An absent one lies beyond any sequence, at
/// the end where its kind of slice begins or stops.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    start: isize,
    stop: isize,
    step: isize,
}

impl Bounds {
    /// The numbers of a slice. Calls `__index__`; `ValueError` for a step of 0, `TypeError` for what is no int.
    pub fn of(vm: &mut Vm, slice: Slice) -> Result<Bounds, Raise> {
        let parts = [slice.start(vm), slice.stop(vm), slice.step(vm)];
        Bounds::of_parts(vm, parts)
    }

    /// The numbers of a slice whose start, stop and step these are; as [`Bounds::of`].
    pub fn of_parts(vm: &mut Vm, [start, stop, step]: [Value; 3]) -> Result<Bounds, Raise> {
        let number = |vm: &mut Vm, v: Value, absent| match v.as_small_int() {
            Some(n) => Ok(n),
            None if v.is_none() => Ok(absent),
            None => clamped_index(vm, v),
        };
        let step = number(vm, step, 1)?;
        let (first, last) = match step {
            0 => return Err(vm.raise(exc::VALUE_ERROR, "slice step can't be zero")),
            ..0 => (Value::SMALL_INT_MAX, Value::SMALL_INT_MIN),
            _ => (Value::SMALL_INT_MIN, Value::SMALL_INT_MAX),
        };
        Ok(Bounds { start: number(vm, start, first)?, stop: number(vm, stop, last)?, step })
    }

    /// Start, stop and step in a sequence of `len` items, as `slice.indices` gives them: the first two lie in
    /// `-1..len` with a negative step, else in `0..=len`.
    #[inline]
    pub fn indices(self, len: usize) -> (isize, isize, isize) {
        let len = len as isize;
        let lowest = if self.step < 0 { -1 } else { 0 };
        let bound = |i: isize| if i < 0 { i + len } else { i }.clamp(lowest, lowest + len);
        (bound(self.start), bound(self.stop), self.step)
    }

    /// What they select of a sequence of `len` items.
    pub fn select(self, len: usize) -> Selection {
        let (start, stop, step) = self.indices(len);
        if step == 1 {
            return Selection { start: start as usize, step, len: (stop - start).max(0) as usize };
        }
        // With a negative step an empty selection may start at -1.
        Selection { start: start.max(0) as usize, step, len: count(start, stop, step) }
    }
}

/// Start, stop and step of a slice in a sequence of `len` items; see [`Bounds`].
///
/// May run Python, after which a mutable sequence may have another length: then use [`Bounds`] itself.
pub fn slice_bounds(vm: &mut Vm, slice: Slice, len: usize) -> Result<(isize, isize, isize), Raise> {
    Ok(Bounds::of(vm, slice)?.indices(len))
}

/// What a slice selects of an immutable sequence of `len` items; errors as [`Bounds::of`].
pub fn select(vm: &mut Vm, slice: Slice, len: usize) -> Result<Selection, Raise> {
    Ok(Bounds::of(vm, slice)?.select(len))
}

/// How many numbers there are from `start` to before `stop`.
pub fn count(start: isize, stop: isize, step: isize) -> usize {
    let (low, high) = if step < 0 { (stop, start) } else { (start, stop) };
    if low < high { (high.abs_diff(low) - 1) / step.unsigned_abs() + 1 } else { 0 }
}

/// An index that may be any int: those beyond the small ints become the nearest of them. Calls `__index__`.
pub fn clamped_index(vm: &mut Vm, v: Value) -> Result<isize, Raise> {
    if let Some(n) = v.as_small_int() {
        return Ok(n);
    }
    let mut v = v;
    if v.is_kind(Kind::Instance) {
        if cfg!(feature = "extra")
            && let Some(n) = vm.call_python_method(v, q::__index__.value(), &[])?
        {
            v = n;
        }
        v = vm.native_part(v);
    }
    match Int::from_value(v) {
        Some(i) => Ok(if i.is_negative() { Value::SMALL_INT_MIN } else { Value::SMALL_INT_MAX }),
        None => vm.index(v),
    }
}

fn slice_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let none = Value::NONE;
    let (start, stop, step) = match *positional(vm, args, 1, 3)? {
        [stop] => (none, stop, none),
        [start, stop] => (start, stop, none),
        [start, stop, step, ..] => (start, stop, step),
        [] => (none, none, none),
    };
    Ok(Slice::alloc(vm, 0, start, stop, step)?.value())
}

fn parts(vm: &Vm, v: Value) -> [Value; 3] {
    let s = Slice::from_known(v);
    [s.start(vm), s.stop(vm), s.step(vm)]
}

fn slice_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let parts = parts(vm, v);
    vm.push_parts(out, b"slice(!, !, !)", &parts)
}

fn slice_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    if !cfg!(feature = "extra") || op != CompareOp::Eq || !b.is_kind(Kind::Slice) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    for (x, y) in parts(vm, a).into_iter().zip(parts(vm, b)) {
        if !vm.equal(x, y)? {
            return Ok(Value::FALSE);
        }
    }
    Ok(Value::TRUE)
}

fn slice_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let [start, stop, step] = parts(vm, v);
    Ok(match name {
        _ if op != AttrOp::Load => Value::UNDEF,
        n if n == q::start.value() => start,
        n if n == q::stop.value() => stop,
        n if n == q::step.value() => step,
        _ => Value::UNDEF,
    })
}

/// `slice.indices(len)`: the bounds in a sequence of that length, as a tuple of three.
fn slice_indices(vm: &mut Vm, this: Value, len: Value) -> Res {
    let slice = vm.expect::<Slice>(this, &SLICE)?;
    let len = clamped_index(vm, len)?;
    if len < 0 {
        return Err(vm.raise(exc::VALUE_ERROR, "length should not be negative"));
    }
    let (start, stop, step) = slice_bounds(vm, slice, len as usize)?;
    // All lie between the small ints' bounds.
    let out = [start, stop, step].map(|n| Value::small_int(n).unwrap_or(Value::NONE));
    vm.new_tuple(&out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_the_number_of_steps_before_the_stop() {
        for (start, stop, step, n) in [
            (0, 0, 1, 0),
            (0, 5, 1, 5),
            (0, 5, 2, 3),
            (5, 0, 1, 0),
            (4, -1, -1, 5),
            (4, -1, -2, 3),
            (4, 0, -2, 2),
            (0, 9, 100, 1),
        ] {
            assert_eq!(count(start, stop, step), n, "{start} {stop} {step}");
        }
    }

    #[test]
    fn a_selection_counts_from_its_start() {
        let s = Selection { start: 4, step: -2, len: 3 };
        assert_eq!([0, 1, 2].map(|i| s.at(i)), [4, 2, 0]);
    }
}
