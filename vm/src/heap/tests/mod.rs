//! Tests of the heap. They own no VM: objects are tuples, byte strings and words.

extern crate std;

mod alloc;
mod buf;
mod dying;
mod mark;
#[cfg(threadsnake_asan)]
mod poison;
mod random;

use std::vec;
use std::vec::Vec;

use super::*;
use crate::value::Value;

/// A heap in these regions.
///
/// # Safety
/// As of [`Heap::add_regions`].
unsafe fn new_heap(regions: &[Region]) -> Option<Heap> {
    let mut heap = Heap::empty();
    // SAFETY: the caller's promise.
    unsafe { heap.add_regions(regions) }.then_some(heap)
}

/// Memory for a heap, and the heap in it.
struct Fixture {
    heap: Heap,
    /// Keeps the memory of the regions.
    _memory: Vec<Vec<u64>>,
}

impl Fixture {
    fn new(sizes: &[usize]) -> Fixture {
        let mut memory: Vec<Vec<u64>> = sizes.iter().map(|n| vec![0; n / 8]).collect();
        let regions: Vec<Region> = memory
            .iter_mut()
            .map(|m| Region { start: m.as_mut_ptr().cast(), len: m.len() * 8 })
            .collect();
        // SAFETY: the memory lives as long as the heap and nobody else uses it.
        let heap = unsafe { new_heap(&regions) }.unwrap();
        Fixture { heap, _memory: memory }
    }

    /// A heap whose regions adjoin, in falling order of their addresses.
    fn with_adjoining(sizes: &[usize]) -> Fixture {
        let mut memory = vec![0u64; sizes.iter().sum::<usize>() / 8 + 1];
        let mut at = memory.as_mut_ptr().cast::<u8>();
        let mut regions = vec![];
        for &len in sizes {
            regions.insert(0, Region { start: at, len });
            at = at.wrapping_add(len);
        }
        // SAFETY: the memory lives as long as the heap and nobody else uses it.
        let heap = unsafe { new_heap(&regions) }.unwrap();
        Fixture { heap, _memory: vec![memory] }
    }

    /// A tuple of small ints 0, if there is room.
    fn try_tuple(&mut self, n: usize) -> Option<Value> {
        let object = self.heap.alloc_object(Kind::Tuple, 0, 8 + n * WORD)?;
        for i in 0..n {
            set(value(object), i, Value::int(0));
        }
        Some(value(object))
    }

    fn tuple(&mut self, items: &[Value]) -> Value {
        let tuple = self.try_tuple(items.len()).unwrap();
        for (i, &item) in items.iter().enumerate() {
            set(tuple, i, item);
        }
        tuple
    }

    fn bytes(&mut self, n: usize) -> Value {
        value(self.heap.alloc_object(Kind::Bytes, 0, 8 + n).unwrap())
    }

    fn collect(&mut self, roots: &[Value]) {
        self.heap.begin_mark();
        for &root in roots {
            self.heap.mark_value(root);
        }
        self.heap.finish_mark();
        self.heap.check_invariants();
    }

    fn is_alive(&self, v: Value) -> bool {
        self.heap.objects().any(|o| o == v.object_ptr().cast_const())
    }

    fn n_objects(&self) -> usize {
        self.heap.stats().n_objects
    }
}

fn value(object: NonNull<u8>) -> Value {
    // SAFETY: the tests make values of objects just made.
    unsafe { Value::from_object(object.as_ptr().cast()) }
}

fn pointer(v: Value) -> NonNull<u8> {
    NonNull::new(v.object_ptr()).unwrap()
}

fn set(tuple: Value, i: usize, item: Value) {
    // SAFETY: the tests set items that are there.
    unsafe { tuple.object_ptr().add(8).cast::<Value>().add(i).write(item) }
}

fn get(tuple: Value, i: usize) -> Value {
    // SAFETY: the tests get items that are there.
    unsafe { tuple.object_ptr().add(8).cast::<Value>().add(i).read() }
}
