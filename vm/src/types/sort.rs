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
/// O(n log n) comparisons, O(n) in a sorted list; needs room for half the items (with a key, for two words each).
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
    if key.is_none() {
        let scratch = array_items(vm.new_array(n / 2)?);
        return merge_sort(vm, items, &mut Order { scratch, stride: 1, reverse, is_private });
    }
    // Each key before its item. The list's own places are free for merging then.
    let pairs = array_items(vm.new_array(n * 2)?);
    for (pair, &item) in pairs.chunks_exact_mut(2).zip(items.iter()) {
        pair[0] = vm.call(key, &[item])?;
        pair[1] = item;
    }
    let sorted =
        merge_sort(vm, pairs, &mut Order { scratch: &mut *items, stride: 2, reverse, is_private });
    for (place, pair) in items.iter_mut().zip(pairs.chunks_exact(2)) {
        *place = pair[1];
    }
    sorted
}

/// What is sorted how. Places below are those of words; an entry's first word is what is compared.
struct Order<'a> {
    /// Room for half of them.
    scratch: &'a mut [Value],
    /// Words of an entry: 1, or 2 with a key before each item.
    stride: usize,
    /// The greatest first; equal items keep their order all the same.
    reverse: bool,
    /// Nobody else has the list.
    is_private: bool,
}

impl Order<'_> {
    /// Whether the later entry `b` must go before `a`.
    #[inline]
    fn swaps(&self, vm: &mut Vm, a: Value, b: Value) -> Result<bool, Raise> {
        let (a, b) = if self.reverse { (b, a) } else { (a, b) };
        less(vm, b, a)
    }
}

/// Recurses at most as deep as the length has bits.
fn merge_sort(vm: &mut Vm, run: &mut [Value], order: &mut Order<'_>) -> Result<(), Raise> {
    let n = run.len() >> (order.stride - 1);
    if cfg!(feature = "extra") && n <= SHORT {
        return insertion_sort(vm, run, order);
    }
    if n < 2 {
        return Ok(());
    }
    let middle = n / 2 * order.stride;
    merge_sort(vm, &mut run[..middle], order)?;
    merge_sort(vm, &mut run[middle..], order)?;
    if order.swaps(vm, run[middle - order.stride], run[middle])? {
        merge(vm, run, middle, order)?;
    }
    Ok(())
}

fn insertion_sort(vm: &mut Vm, run: &mut [Value], order: &Order<'_>) -> Result<(), Raise> {
    let stride = order.stride;
    let mut i = stride;
    while i < run.len() {
        let key = run[i];
        if order.swaps(vm, run[i - stride], key)? {
            // The first place whose item must go behind; that before `i` is one.
            let (mut low, mut high) = (0, i / stride - 1);
            while low < high {
                let middle = (low + high) / 2;
                if order.swaps(vm, run[middle * stride], key)? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            let to = low * stride;
            let item = run[i + stride - 1];
            run.copy_within(to..i, to + stride);
            run[to] = key;
            run[to + stride - 1] = item;
        }
        i += stride;
    }
    Ok(())
}

/// Merges the sorted halves before and from `middle`.
fn merge(
    vm: &mut Vm,
    run: &mut [Value],
    middle: usize,
    order: &mut Order<'_>,
) -> Result<(), Raise> {
    order.scratch[..middle].copy_from_slice(&run[..middle]);
    let (mut left, mut right, mut to) = (0, middle, 0);
    let mut result = Ok(());
    while left < middle && right < run.len() {
        let passed = if order.is_private { vm.tick_shared_inline(4) } else { Ok(()) };
        let from_right =
            match passed.and_then(|()| order.swaps(vm, order.scratch[left], run[right])) {
                Ok(from_right) => from_right,
                Err(raise) => {
                    result = Err(raise);
                    break;
                }
            };
        for i in 0..order.stride {
            run[to + i] = if from_right { run[right + i] } else { order.scratch[left + i] };
        }
        *(if from_right { &mut right } else { &mut left }) += order.stride;
        to += order.stride;
    }
    // INVARIANT 2: the gap is as wide as what is left of the left half, after an error, too.
    run[to..to + middle - left].copy_from_slice(&order.scratch[left..middle]);
    result
}

/// `a < b`, fast for small ints, strings and floats.
#[inline]
pub fn less(vm: &mut Vm, a: Value, b: Value) -> Result<bool, Raise> {
    let ints = a.is_small_int() && b.is_small_int();
    vm.tick_inline(if ints { 1 } else { 4 })?;
    if ints {
        // Words of small ints are in their order.
        return Ok((a.bits() as isize) < b.bits() as isize);
    }
    if cfg!(feature = "extra")
        && let (Some(a), Some(b)) = (Str::from_value(a), Str::from_value(b))
    {
        // UTF-8 orders as its code points do.
        return Ok(a.as_bytes() < b.as_bytes());
    }
    if cfg!(feature = "extra")
        && let (Some(a), Some(b)) = (Float::from_value(a), Float::from_value(b))
    {
        return Ok(a.number(vm) < b.number(vm));
    }
    vm.less(a, b)
}
