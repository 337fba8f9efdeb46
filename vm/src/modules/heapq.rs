//! `heapq`: a list as a priority queue.
//!
//! Source: Python Library Reference, "heapq". Items change places in pairs, so a comparison that raises, or that
//! changes the list, loses none; indexes are looked at again after each.

use crate::object::{List, Res};
use crate::types::sort;
use crate::value::Value;
use crate::{Raise, Vm, exc, py_module};

py_module! {
    /// `heapq`.
    pub static HEAPQ: heapq, extensible true;
    entries {
        heapify = F1(heapify);
        heappop = F1(heappop);
        heappush = F2(heappush);
        #[cfg(feature = "extra")]
        heappushpop = F2(heappushpop);
        #[cfg(feature = "extra")]
        heapreplace = F2(heapreplace);
    }
}

fn heap_arg(vm: &mut Vm, v: Value) -> Result<List, Raise> {
    match vm.cast::<List>(v) {
        Some(list) => Ok(list),
        None => Err(vm.raise(exc::TYPE_ERROR, "heap must be a list")),
    }
}

/// `item(a) < item(b)`; false where the list has become too short.
fn less(vm: &mut Vm, heap: List, a: usize, b: usize) -> Result<bool, Raise> {
    match (heap.get(vm, a), heap.get(vm, b)) {
        (Some(x), Some(y)) => sort::less(vm, x, y),
        _ => Ok(false),
    }
}

fn swap(vm: &mut Vm, heap: List, a: usize, b: usize) {
    let items = heap.items_mut(vm);
    if a < items.len() && b < items.len() {
        items.swap(a, b);
    }
}

/// Moves the item at `at` towards the root, but not above `root`, until its parent is not greater.
fn rise(vm: &mut Vm, heap: List, root: usize, mut at: usize) -> Result<(), Raise> {
    while at > root {
        let parent = (at - 1) / 2;
        if !less(vm, heap, at, parent)? {
            break;
        }
        swap(vm, heap, at, parent);
        at = parent;
    }
    Ok(())
}

/// Orders the tree below `root`, of which only `root` may be out of order: it goes down all the way along the
/// smaller children, then up to its place. That compares less often than looking for its place on the way down.
fn sink(vm: &mut Vm, heap: List, root: usize) -> Result<(), Raise> {
    let mut at = root;
    loop {
        let child = 2 * at + 1;
        if child >= heap.len(vm) {
            break;
        }
        let right_is_less = child + 1 < heap.len(vm) && less(vm, heap, child + 1, child)?;
        let child = child + right_is_less as usize;
        swap(vm, heap, at, child);
        at = child;
    }
    rise(vm, heap, root, at)
}

/// `heapify(list)`
fn heapify(vm: &mut Vm, v: Value) -> Res {
    let heap = heap_arg(vm, v)?;
    for i in (0..heap.len(vm) / 2).rev() {
        sink(vm, heap, i)?;
    }
    Ok(Value::NONE)
}

/// `heappush(heap, item)`
fn heappush(vm: &mut Vm, v: Value, item: Value) -> Res {
    let heap = heap_arg(vm, v)?;
    heap.push(vm, item)?;
    let last = heap.len(vm) - 1;
    rise(vm, heap, 0, last)?;
    Ok(Value::NONE)
}

/// `heappop(heap)`: removes and returns the smallest item.
fn heappop(vm: &mut Vm, v: Value) -> Res {
    let heap = heap_arg(vm, v)?;
    let Some(last) = heap.pop(vm) else { return Err(vm.raise(exc::INDEX_ERROR, "empty heap")) };
    let Some(smallest) = heap.get(vm, 0) else { return Ok(last) };
    heap.set(vm, 0, last);
    sink(vm, heap, 0)?;
    Ok(smallest)
}

/// `heapreplace(heap, item)`: `heappop`, then `heappush`.
fn heapreplace(vm: &mut Vm, v: Value, item: Value) -> Res {
    let heap = heap_arg(vm, v)?;
    let Some(smallest) = heap.get(vm, 0) else {
        return Err(vm.raise(exc::INDEX_ERROR, "empty heap"));
    };
    heap.set(vm, 0, item);
    sink(vm, heap, 0)?;
    Ok(smallest)
}

/// `heappushpop(heap, item)`: `heappush`, then `heappop`.
fn heappushpop(vm: &mut Vm, v: Value, item: Value) -> Res {
    let heap = heap_arg(vm, v)?;
    let Some(smallest) = heap.get(vm, 0) else { return Ok(item) };
    if !sort::less(vm, smallest, item)? {
        return Ok(item);
    }
    heap.set(vm, 0, item);
    sink(vm, heap, 0)?;
    Ok(smallest)
}
