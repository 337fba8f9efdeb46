//! The stable merge sort behind `list.sort` and `sorted`.
//!
//! Comparisons and key functions are Python code that may do anything, and any allocation may fail.
//!
//! # Invariants
//! 1. While a list is sorted it is empty to everybody else: its items are ours alone.
//! 2. Whenever sorting ends, with or without success, the items are a permutation of what they were.

use crate::object::{Float, List, Str, array_items};
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// Runs of up to this many items are sorted by insertion.
const SHORT: usize = 8;

/// Sorts a list in place: stable, by `<` of the items or of `key(item)` unless `key` is `None`.
///
/// O(n log n) comparisons, O(n) in a sorted list; needs room for half the items (with a key, for twice that).
/// Raises what the comparisons raise; `ValueError` when the list was changed meanwhile.
///
/// One step to other threads unless comparing runs Python, as programs expect of `list.sort`; not if nobody else has
/// the list (`is_private`).
pub fn sort(
    vm: &mut Vm,
    list: List,
    key: Value,
    reverse: bool,
    is_private: bool,
) -> Result<(), Raise> {
    let (array, n) = (list.array(vm), list.len(vm));
    if n == 0 || n == 1 && key.is_none() {
        return Ok(());
    }
    list.set_array(vm, Value::UNDEF);
    list.set_length(vm, 0);
    let items = &mut array_items(array)[..n];
    let sorted = sort_items(vm, items, key, reverse, is_private);
    let changed = list.len(vm) != 0 || !list.array(vm).is_undef();
    list.set_array(vm, array);
    list.set_length(vm, n as u32);
    sorted?;
    if changed { Err(vm.raise(exc::VALUE_ERROR, "list modified during sort")) } else { Ok(()) }
}

fn sort_items(
    vm: &mut Vm,
    items: &mut [Value],
    key: Value,
    reverse: bool,
    is_private: bool,
) -> Result<(), Raise> {
    let n = items.len();
    let scratch = vm.new_array(n / 2)?;
    let mut scratch = Run { keys: array_items(scratch), items: None, is_private };
    if key.is_none() {
        let run = Run { keys: items, items: None, is_private };
        return sort_run(vm, run, &mut scratch, reverse);
    }
    let keys = array_items(vm.new_array(n)?);
    for (place, &item) in keys.iter_mut().zip(items.iter()) {
        *place = vm.call(key, &[item])?;
    }
    scratch.items = Some(array_items(vm.new_array(n / 2)?));
    sort_run(vm, Run { keys, items: Some(items), is_private }, &mut scratch, reverse)
}

/// Keys to be ordered, and the items that move with them; without items the keys are the items.
struct Run<'a> {
    keys: &'a mut [Value],
    items: Option<&'a mut [Value]>,
    /// Nobody else has the list.
    is_private: bool,
}

impl Run<'_> {
    fn part(&mut self, from: usize, to: usize) -> Run<'_> {
        let items = self.items.as_mut().map(|i| &mut i[from..to]);
        Run { keys: &mut self.keys[from..to], items, is_private: self.is_private }
    }

    /// Does the same to keys and items.
    fn both(&mut self, f: impl Fn(&mut [Value])) {
        f(self.keys);
        if let Some(items) = &mut self.items {
            f(items);
        }
    }

    /// Copies `n` entries of another run.
    fn copy(&mut self, to: usize, other: &Run<'_>, from: usize, n: usize) {
        self.keys[to..to + n].copy_from_slice(&other.keys[from..from + n]);
        if let (Some(mine), Some(theirs)) = (&mut self.items, &other.items) {
            mine[to..to + n].copy_from_slice(&theirs[from..from + n]);
        }
    }
}

fn sort_run(
    vm: &mut Vm,
    mut run: Run<'_>,
    scratch: &mut Run<'_>,
    reverse: bool,
) -> Result<(), Raise> {
    // Reversed before and after, equal items keep their order.
    if reverse {
        run.both(|v| v.reverse());
    }
    let sorted = merge_sort(vm, &mut run, scratch);
    if reverse {
        run.both(|v| v.reverse());
    }
    sorted
}

/// Recurses at most as deep as the length has bits.
fn merge_sort(vm: &mut Vm, run: &mut Run<'_>, scratch: &mut Run<'_>) -> Result<(), Raise> {
    let n = run.keys.len();
    if n <= SHORT {
        return insertion_sort(vm, run);
    }
    let middle = n / 2;
    merge_sort(vm, &mut run.part(0, middle), scratch)?;
    merge_sort(vm, &mut run.part(middle, n), scratch)?;
    if less(vm, run.keys[middle], run.keys[middle - 1])? {
        merge(vm, run, middle, scratch)?;
    }
    Ok(())
}

fn insertion_sort(vm: &mut Vm, run: &mut Run<'_>) -> Result<(), Raise> {
    for i in 1..run.keys.len() {
        let key = run.keys[i];
        if !less(vm, key, run.keys[i - 1])? {
            continue;
        }
        // The first place whose item is greater; that before `i` is.
        let (mut low, mut high) = (0, i - 1);
        while low < high {
            let middle = (low + high) / 2;
            if less(vm, key, run.keys[middle])? {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        run.both(|v| v[low..=i].rotate_right(1));
    }
    Ok(())
}

/// Merges the sorted halves before and from `middle`.
fn merge(
    vm: &mut Vm,
    run: &mut Run<'_>,
    middle: usize,
    scratch: &mut Run<'_>,
) -> Result<(), Raise> {
    scratch.copy(0, run, 0, middle);
    let (mut left, mut right, mut to) = (0, middle, 0);
    let mut result = Ok(());
    while left < middle && right < run.keys.len() {
        let passed = if run.is_private { vm.tick_shared(4) } else { Ok(()) };
        match passed.and_then(|()| less(vm, run.keys[right], scratch.keys[left])) {
            Ok(true) => {
                run.both(|v| v[to] = v[right]);
                right += 1;
            }
            Ok(false) => {
                run.copy(to, scratch, left, 1);
                left += 1;
            }
            Err(raise) => {
                result = Err(raise);
                break;
            }
        }
        to += 1;
    }
    // INVARIANT 2: the gap is as wide as what is left of the left half, after an error, too.
    run.copy(to, scratch, left, middle - left);
    result
}

/// `a < b`, fast for small ints, strings and floats.
#[inline]
pub fn less(vm: &mut Vm, a: Value, b: Value) -> Result<bool, Raise> {
    if let (Some(a), Some(b)) = (a.as_small_int(), b.as_small_int()) {
        vm.tick_inline(1)?;
        return Ok(a < b);
    }
    vm.tick_inline(4)?;
    if let (Some(a), Some(b)) = (Str::from_value(a), Str::from_value(b)) {
        // UTF-8 orders as its code points do.
        return Ok(a.as_bytes() < b.as_bytes());
    }
    if let (Some(a), Some(b)) = (Float::from_value(a), Float::from_value(b)) {
        return Ok(a.number(vm) < b.number(vm));
    }
    vm.less(a, b)
}
