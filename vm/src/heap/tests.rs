//! Tests of the heap against a shadow model. They own no VM: objects are tuples, lists of words and byte strings.

extern crate std;

use std::collections::{HashMap, HashSet};
use std::vec;
use std::vec::Vec;

use super::buf::{Buf, RawMemory};
use super::*;
use crate::value::Value;

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
        let heap = unsafe { Heap::new(&regions) }.unwrap();
        Fixture { heap, _memory: memory }
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

/// A small generator of pseudo-random numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % n
    }
}

#[test]
fn a_heap_needs_room_for_a_few_blocks() {
    let mut memory = vec![0u64; 64];
    let start = memory.as_mut_ptr().cast::<u8>();
    for len in 0..64 {
        // SAFETY: the heap is dropped at once.
        assert!(unsafe { Heap::new(&[Region { start, len }]) }.is_none(), "{len}");
    }
    // SAFETY: as above.
    assert!(unsafe { Heap::new(&[]) }.is_none());
    // SAFETY: as above.
    let heap = unsafe { Heap::new(&[Region { start, len: 16 }, Region { start, len: 512 }]) };
    assert_eq!(heap.unwrap().n_regions, 1);
}

#[test]
fn unaligned_regions_are_used_to_the_last_block() {
    let mut memory = vec![0u8; 5000];
    for skew in 0..40 {
        for len in [1000, 1024, 3000, 4096, 4900] {
            let start = memory[skew..].as_mut_ptr();
            // SAFETY: the memory outlives the heap.
            let mut heap = unsafe { Heap::new(&[Region { start, len }]) }.unwrap();
            let total = heap.stats().total;
            assert!(total > len - len / 32 - 80, "{total} of {len}");
            let mut seen = HashSet::new();
            while let Some(object) = heap.alloc_object(Kind::Float, 0, 16) {
                let at = object.as_ptr() as usize;
                assert!(at.is_multiple_of(BLOCK) && seen.insert(at));
                assert!(at >= start as usize && at + BLOCK <= start as usize + len);
            }
            assert_eq!(seen.len() * BLOCK, total);
            assert!(!heap.refused());
            heap.check_invariants();
        }
    }
}

#[test]
fn what_is_reachable_stays_and_the_rest_goes() {
    let mut f = Fixture::new(&[16384]);
    let leaf = f.bytes(100);
    let inner = f.tuple(&[Value::NONE, leaf]);
    let outer = f.tuple(&[inner, Value::int(3), inner]);
    let dead = f.tuple(&[inner, outer]);
    f.collect(&[outer]);
    assert!(f.is_alive(leaf) && f.is_alive(inner) && f.is_alive(outer) && !f.is_alive(dead));
    assert_eq!(f.heap.freed(), 1);
    f.collect(&[]);
    assert_eq!((f.n_objects(), f.heap.freed()), (0, 3));
    assert_eq!(f.heap.stats().free, f.heap.stats().total);
}

#[test]
fn cycles_are_collected() {
    let mut f = Fixture::new(&[16384]);
    let a = f.tuple(&[Value::NONE, Value::NONE]);
    let b = f.tuple(&[a, a]);
    set(a, 0, b);
    f.collect(&[b]);
    assert_eq!(f.n_objects(), 2);
    f.collect(&[]);
    assert_eq!(f.n_objects(), 0);
}

#[test]
fn tables_are_scanned_without_their_index() {
    let mut f = Fixture::new(&[16384]);
    let (key, hidden) = (f.bytes(3), f.bytes(5));
    // Three entries of two words; an index of eight slots of one byte.
    let bytes = 8 + 6 * WORD + 8;
    let table = value(f.heap.alloc_object(Kind::Table, 3, bytes).unwrap());
    for i in 0..6 {
        set(table, i, if i == 5 { key } else { Value::UNDEF });
    }
    if WORD == 8 {
        set(table, 6, hidden);
    }
    f.collect(&[table]);
    assert!(f.is_alive(table) && f.is_alive(key) && !f.is_alive(hidden));
}

#[test]
fn words_of_instances_need_not_be_values() {
    let mut f = Fixture::new(&[16384]);
    let (kept, other) = (f.bytes(3), f.bytes(40));
    let instance = value(f.heap.alloc_object(Kind::Instance, 7, 4 * WORD).unwrap());
    let at = instance.bits() - 1;
    // SAFETY: words of the new object.
    unsafe {
        store(at + WORD, kept.bits());
        // Neither an untagged nor an interior pointer counts here.
        store(at + 2 * WORD, other.bits() - 1);
        store(at + 3 * WORD, other.bits() + BLOCK);
    }
    f.collect(&[instance]);
    assert!(f.is_alive(kept) && !f.is_alive(other));
}

#[test]
fn the_tail_of_a_scanned_object_is_cleared() {
    let mut f = Fixture::new(&[16384]);
    for bytes in WORD..=200 {
        let object = f.heap.alloc_object(Kind::Bytes, 0, 8 + 216).unwrap();
        // SAFETY: fills the object's payload, then frees it.
        unsafe {
            core::ptr::write_bytes(object.as_ptr().add(8), 0xff, 216);
            f.heap.free(object);
        }
        let again = f.heap.alloc_object(Kind::Instance, 0, bytes).unwrap();
        assert_eq!(again, object);
        // SAFETY: a live object.
        let size = unsafe { f.heap.size_of(again) };
        for at in (bytes.next_multiple_of(WORD)..size).step_by(WORD) {
            // SAFETY: a word of the object.
            assert_eq!(unsafe { load(again.as_ptr() as usize + at) }, 0);
        }
        // SAFETY: nobody refers to it.
        unsafe { f.heap.free(again) };
    }
}

#[test]
fn conservative_roots_may_be_tagged_untagged_or_interior() {
    for offset in [0, 1, 8, 15, 16, 100, 1007] {
        let mut f = Fixture::new(&[16384]);
        let (before, object, after) = (f.bytes(3), f.bytes(1000), f.bytes(3));
        let stack = [0, 1, usize::MAX, object.bits() - 1 + offset, 12345];
        f.heap.begin_mark();
        // SAFETY: a live array.
        unsafe { f.heap.mark_words_conservatively(stack.as_ptr(), stack.len()) };
        f.heap.finish_mark();
        assert!(f.is_alive(object) && !f.is_alive(before) && !f.is_alive(after), "{offset}");
    }
}

#[test]
fn addresses_of_nothing_find_no_object() {
    let mut f = Fixture::new(&[16384]);
    let object = f.bytes(1);
    let at = object.bits() - 1;
    assert_eq!(f.heap.find_object(at + 15), Some(pointer(object)));
    for addr in [0, 16, at - 1, at + 16, at + 4000, at + (1 << 20), usize::MAX] {
        assert_eq!(f.heap.find_object(addr), None, "{addr:#x}");
    }
    assert!(f.heap.contains(object.object_ptr()) && !f.heap.contains(core::ptr::null()));
}

#[test]
fn large_objects_have_their_size_from_the_count() {
    let mut f = Fixture::new(&[65536]);
    for blocks in [254, 255, 256, 257, 1000] {
        let object = f.heap.alloc_object(Kind::Bytes, 0, blocks * BLOCK).unwrap();
        // SAFETY: a live object.
        assert_eq!(unsafe { f.heap.size_of(object) }, blocks * BLOCK);
        let end = object.as_ptr() as usize + blocks * BLOCK;
        assert_eq!(f.heap.find_object(end - 1), Some(object));
        let tuple = f.try_tuple((blocks * BLOCK - 8) / WORD).unwrap();
        // SAFETY: a live object.
        assert_eq!(unsafe { f.heap.size_of(pointer(tuple)) }, blocks * BLOCK);
        f.collect(&[tuple]);
        assert_eq!(f.heap.stats().max_object_blocks, blocks);
    }
    assert!(f.heap.alloc_object(Kind::Instance, 0, 256 * BLOCK).is_none());
    assert!(f.heap.alloc_object(Kind::Bytes, 0, usize::MAX).is_none());
    assert!(f.heap.alloc_object(Kind::Bytes, 0, usize::MAX - 15).is_none());
    f.heap.check_invariants();
}

#[test]
fn a_list_nested_in_every_way_is_marked_whatever_the_stack_holds() {
    // Chains through the first, the last and both values, far deeper than the stack.
    for shape in 0..4 {
        let mut f = Fixture::new(&[1 << 18, 1 << 18]);
        let leaf = f.bytes(1);
        let empty = f.tuple(&[]);
        let mut top = leaf;
        let mut n = 2;
        let mut nodes = vec![];
        while let Some(node) = f.try_tuple(3) {
            let other = if n % 2 == 0 { leaf } else { empty };
            let items = match shape {
                0 => [top, Value::NONE, other],
                1 => [other, Value::int(1), top],
                2 => [other, top, other],
                _ => [top, top, empty],
            };
            for (i, item) in items.into_iter().enumerate() {
                set(node, i, item);
            }
            nodes.push(node);
            top = node;
            n += 1;
        }
        assert!(n > 10_000 / (WORD / 4));
        f.collect(&[top]);
        assert_eq!(f.n_objects(), n, "shape {shape}");
        let mut below = leaf;
        for (i, &node) in nodes.iter().enumerate() {
            let place = [0, 2, 1, 0][shape];
            assert!(get(node, place) == below, "shape {shape}, node {i}");
            if shape == 3 {
                assert!(get(node, 1) == below);
            }
            below = node;
        }
        f.collect(&[]);
        assert_eq!(f.n_objects(), 0);
    }
}

#[test]
fn a_wide_list_of_deep_trees_is_marked() {
    fn tree(f: &mut Fixture, depth: usize) -> Value {
        if depth == 0 {
            return f.bytes(2);
        }
        let (left, right) = (tree(f, depth - 1), tree(f, depth - 1));
        f.tuple(&[left, Value::NONE, right])
    }
    let mut f = Fixture::new(&[1 << 18]);
    let trees: Vec<Value> = (0..10).map(|_| tree(&mut f, 7)).collect();
    let top = f.tuple(&trees);
    let n = f.n_objects();
    assert_eq!(n, 10 * 255 + 1);
    f.collect(&[top]);
    assert_eq!(f.n_objects(), n);
}

#[test]
fn holes_are_used_up_by_small_objects_and_long_runs_by_large_ones() {
    let mut f = Fixture::new(&[16384]);
    let mut all = vec![];
    while let Some(v) = f.try_tuple(8 / WORD) {
        all.push(v);
    }
    // Single holes everywhere, and one run of three blocks near the end.
    let last = all.len() - 10;
    let kept: Vec<Value> =
        (0..all.len()).filter(|&i| i % 2 == 0 && i != last - last % 2).map(|i| all[i]).collect();
    f.collect(&kept);
    let free = f.heap.stats().free / BLOCK;
    let three = f.try_tuple((3 * BLOCK - 8) / WORD).unwrap();
    assert!(f.try_tuple((2 * BLOCK - 8) / WORD).is_none());
    for i in 3..free {
        assert!(f.try_tuple(8 / WORD).is_some(), "{i} of {free}");
    }
    assert!(f.try_tuple(8 / WORD).is_none());
    assert_eq!(f.heap.stats().free, 0);
    assert!(f.is_alive(three));
    f.heap.check_invariants();
}

#[test]
fn a_run_that_was_passed_over_is_found_again() {
    let mut f = Fixture::new(&[16384]);
    let objects: Vec<Value> = (0..20).map(|_| f.bytes(5 * BLOCK - 8)).collect();
    let kept: Vec<Value> = objects.iter().copied().skip(1).step_by(2).collect();
    f.collect(&kept);
    // Too large for the holes, so they are passed over; then small enough for them.
    f.bytes(10 * BLOCK - 8);
    while f.heap.alloc_object(Kind::Bytes, 0, 200 * BLOCK).is_some() {}
    while f.heap.alloc_object(Kind::Bytes, 0, 6 * BLOCK).is_some() {}
    for _ in 0..10 {
        f.bytes(5 * BLOCK - 8);
    }
    f.heap.check_invariants();
}

#[test]
fn freed_blocks_are_used_again_without_a_collection() {
    let mut f = Fixture::new(&[16384]);
    let n = f.heap.stats().total / BLOCK;
    for i in 0..10 * n {
        let (a, b) = (f.bytes(24), f.bytes(8 + i % 500));
        // SAFETY: nobody refers to them.
        unsafe {
            f.heap.free(pointer(a));
            f.heap.free(pointer(b));
        }
    }
    assert_eq!(f.n_objects(), 0);
    f.heap.check_invariants();
}

#[test]
fn the_youngest_object_grows_in_place_and_shrinks() {
    let mut f = Fixture::new(&[65536]);
    let other = f.bytes(100);
    let object = pointer(f.bytes(1));
    let free = f.heap.stats().free;
    for bytes in (17..20_000).step_by(37) {
        // SAFETY: a live object.
        unsafe {
            assert!(f.heap.try_grow(object, bytes));
            assert_eq!(f.heap.size_of(object), bytes.next_multiple_of(BLOCK));
            assert_eq!(count_at(object.as_ptr() as usize) as usize, bytes - 8);
        }
    }
    for bytes in (8..20_000).rev().step_by(41) {
        // SAFETY: a live object.
        unsafe {
            f.heap.shrink(object, bytes);
            assert_eq!(f.heap.size_of(object), bytes.next_multiple_of(BLOCK));
        }
    }
    // SAFETY: a live object.
    unsafe { f.heap.shrink(object, 8) };
    assert_eq!(f.heap.stats().free, free);
    // SAFETY: a live object.
    assert!(!unsafe { f.heap.try_grow(pointer(other), 200) });
    // SAFETY: a live object.
    assert!(!unsafe { f.heap.try_grow(object, 70_000) });
    // SAFETY: a live object.
    assert!(!unsafe { f.heap.try_grow(object, usize::MAX - 8) });
    f.heap.check_invariants();
}

#[test]
fn a_locked_heap_refuses() {
    let mut f = Fixture::new(&[4096]);
    let v = f.bytes(1);
    f.heap.lock();
    f.heap.lock();
    assert!(f.try_tuple(1).is_none() && f.heap.refused());
    // SAFETY: a live object.
    assert!(!unsafe { f.heap.try_grow(pointer(v), 100) });
    f.collect(&[v]);
    assert!(f.try_tuple(1).is_none() && f.heap.refused());
    assert_eq!(f.heap.unlock(), 1);
    assert!(f.try_tuple(1).is_none());
    assert_eq!(f.heap.unlock(), 0);
    assert!(f.try_tuple(1).is_some() && !f.heap.refused());
    assert_eq!(f.heap.unlock(), 0);
}

#[test]
fn the_threshold_asks_for_a_collection_in_time() {
    let mut f = Fixture::new(&[65536]);
    for threshold in [0, 1, 100, 1000] {
        f.heap.set_threshold(threshold);
        for _ in 0..3 {
            f.collect(&[]);
            let mut n = 0;
            while f.try_tuple(8 / WORD).is_some() {
                n += 1;
            }
            assert!(!f.heap.refused());
            assert_eq!(n, threshold.div_ceil(BLOCK).max(1));
            f.collect(&[]);
            assert!(f.try_tuple(100).is_some());
        }
    }
    f.heap.set_threshold(usize::MAX);
    let mut n = 0;
    while f.try_tuple(8 / WORD).is_some() {
        n += 1;
    }
    assert!(n > 3900);
}

#[test]
fn an_allocation_fails_on_request() {
    let mut f = Fixture::new(&[4096]);
    for n in 1..10 {
        f.heap.fail_after(n);
        for i in 1..12 {
            assert_eq!(f.try_tuple(1).is_none(), i == n);
            assert!(i != n || f.heap.refused());
        }
    }
}

#[test]
fn finalisers_come_in_order_once_and_keep_what_they_need() {
    let mut f = Fixture::new(&[16384]);
    let kept = f.bytes(1);
    let leaf = f.bytes(1);
    let a = f.tuple(&[leaf]);
    let b = f.tuple(&[a]);
    let c = f.tuple(&[b]);
    for v in [a, kept, c, b] {
        assert!(f.heap.register_finaliser(v).is_ok());
    }
    f.collect(&[kept, c]);
    assert_eq!(f.heap.n_finalisable(), 0);
    f.collect(&[kept]);
    assert_eq!(f.heap.n_finalisable(), 3);
    // They wait as long as nobody takes them.
    f.collect(&[kept]);
    assert!(f.is_alive(leaf) && f.is_alive(a) && f.is_alive(b) && f.is_alive(c));
    assert!(f.heap.take_finalisable() == Some(a));
    assert!(f.heap.take_finalisable() == Some(c));
    f.collect(&[kept]);
    assert!(f.is_alive(a) && !f.is_alive(c));
    assert!(f.heap.take_finalisable() == Some(b));
    assert!(f.heap.take_finalisable().is_none());
    // Resurrected by its finaliser: it is not finalised again.
    f.collect(&[kept, a]);
    assert!(f.is_alive(a) && !f.is_alive(b));
    f.collect(&[kept]);
    assert!(!f.is_alive(a) && f.heap.take_finalisable().is_none());
    f.heap.finalise_all();
    assert!(f.heap.take_finalisable() == Some(kept) && f.heap.take_finalisable().is_none());
}

#[test]
fn many_finalisers_may_be_registered_and_taken_back() {
    let mut f = Fixture::new(&[1 << 17]);
    let all: Vec<Value> = (0..1000).map(|_| f.bytes(1)).collect();
    for &v in &all {
        assert!(f.heap.register_finaliser(v).is_ok());
    }
    for &v in all.iter().step_by(2) {
        assert!(f.heap.unregister_finaliser(v));
        assert!(!f.heap.unregister_finaliser(v));
    }
    f.collect(&[]);
    assert_eq!(f.heap.n_finalisable(), 500);
    assert!(f.heap.unregister_finaliser(all[1]));
    for i in (3..1000).step_by(2) {
        assert!(f.heap.take_finalisable() == Some(all[i]), "{i}");
    }
    assert!(f.heap.take_finalisable().is_none());
    f.collect(&[]);
    // Only the table is left.
    assert_eq!(f.n_objects(), 1);
}

#[test]
fn registering_a_finaliser_may_run_out_of_memory() {
    let mut f = Fixture::new(&[4096]);
    let v = f.bytes(1);
    f.heap.fail_after(1);
    assert_eq!(f.heap.register_finaliser(v), Err(NoMemory));
    assert_eq!(f.heap.register_finaliser(v), Ok(()));
    f.collect(&[]);
    assert!(f.heap.take_finalisable() == Some(v));
}

#[test]
fn weak_references_are_cleared_and_call_back() {
    let mut f = Fixture::new(&[16384]);
    let target = f.bytes(1);
    let callback = f.bytes(2);
    let silent = f.heap.new_weak(target, Value::UNDEF).unwrap();
    let loud = f.heap.new_weak(target, callback).unwrap();
    let forgotten = f.heap.new_weak(target, callback).unwrap();
    f.collect(&[silent, loud, target]);
    assert!(f.heap.weak_target(silent) == target && f.heap.weak_target(loud) == target);
    assert!(!f.is_alive(forgotten) && f.is_alive(callback));
    assert!(f.heap.take_weak_callback().is_none());
    f.collect(&[silent, loud]);
    assert!(!f.is_alive(target));
    assert!(f.heap.weak_target(silent).is_undef() && f.heap.weak_target(loud).is_undef());
    // It waits, with its callback, as long as nobody takes it.
    f.collect(&[silent]);
    assert!(f.heap.take_weak_callback() == Some(loud));
    assert!(f.heap.weak_callback(loud) == callback && f.is_alive(callback));
    assert!(f.heap.take_weak_callback().is_none());
    f.collect(&[]);
    assert_eq!(f.n_objects(), 0);
}

#[test]
fn a_weak_reference_to_a_finalised_object_is_cleared_at_once() {
    let mut f = Fixture::new(&[16384]);
    let inner = f.bytes(1);
    let other = f.bytes(1);
    let own = f.heap.new_weak(other, Value::UNDEF).unwrap();
    let dying = f.tuple(&[inner, own]);
    let weak = f.heap.new_weak(dying, Value::UNDEF).unwrap();
    let weak_inner = f.heap.new_weak(inner, Value::UNDEF).unwrap();
    assert!(f.heap.register_finaliser(dying).is_ok());
    f.collect(&[weak, weak_inner, other]);
    assert!(f.heap.weak_target(weak).is_undef() && f.heap.weak_target(weak_inner).is_undef());
    // The weak reference that was resurrected with its owner still works.
    assert!(f.is_alive(inner) && f.heap.weak_target(own) == other);
    f.collect(&[]);
    assert!(f.is_alive(own) && f.heap.weak_target(own).is_undef());
}

#[test]
fn weak_tables_of_the_vm_see_what_survives() {
    let mut f = Fixture::new(&[16384]);
    let (kept, resurrected, dead) = (f.bytes(1), f.bytes(1), f.bytes(1));
    let owner = f.tuple(&[resurrected]);
    assert!(f.heap.register_finaliser(owner).is_ok());
    f.heap.begin_mark();
    f.heap.mark_value(kept);
    f.heap.settle();
    assert!(f.heap.is_marked(kept) && f.heap.is_marked(resurrected) && !f.heap.is_marked(dead));
    assert!(f.heap.is_marked(Value::NONE) && f.heap.is_marked(Value::int(8)));
    f.heap.finish_mark();
    assert!(f.is_alive(resurrected) && !f.is_alive(dead));
}

#[test]
fn figures_and_map_tell_the_same() {
    let mut f = Fixture::new(&[2048, 4096]);
    f.bytes(1);
    f.tuple(&[Value::NONE; 2]);
    f.heap.alloc_object(Kind::Float, 0, 16).unwrap();
    f.heap.alloc_object(Kind::List, 0, 16).unwrap();
    f.bytes(100);
    let stats = f.heap.stats();
    let mut letters = vec![];
    for (region, (_, blocks)) in f.heap.block_ranges().enumerate() {
        let before = letters.len();
        letters.extend(f.heap.map(region));
        assert_eq!(letters.len() - before, blocks);
    }
    let free = letters.iter().filter(|&&c| c == b'.').count();
    assert_eq!((free * BLOCK, letters.len() * BLOCK), (stats.free, stats.total));
    assert_eq!(stats.used + stats.free, stats.total);
    assert_eq!((stats.n_objects, stats.max_object_blocks), (5, 7));
    let text = std::string::String::from_utf8(letters).unwrap();
    let expected = if WORD == 8 { "ST=FLS======." } else { "STFLS======." };
    assert!(text.starts_with(expected), "{text}");
}

/// Random allocation, linking, freeing, resizing and collection, checked against a model: whatever is reachable must keep
/// its contents, whatever is not must go, and nothing may overlap.
fn check_random(seed: u64, sizes: &[usize], steps: usize) {
    /// What an object should be: its number, written in its payload, and what it refers to.
    struct Model {
        size: usize,
        refs: Vec<Value>,
    }
    let mut f = Fixture::new(sizes);
    let mut random = Random(seed);
    let mut model: HashMap<usize, Model> = HashMap::new();
    let mut roots: Vec<Value> = vec![];
    let mut collections = 0;
    let live = |model: &HashMap<usize, Model>, roots: &[Value]| {
        let mut seen = HashSet::new();
        let mut todo: Vec<Value> = roots.to_vec();
        while let Some(v) = todo.pop() {
            if seen.insert(v.bits()) {
                todo.extend(&model[&v.bits()].refs);
            }
        }
        seen
    };
    for step in 0..steps {
        let kind = random.below(100);
        if kind < 70 {
            let size = match random.below(20) {
                0 => random.below(600),
                1..4 => random.below(40),
                _ => random.below(5),
            };
            let made = if random.below(2) == 0 {
                let bytes = f.heap.alloc_object(Kind::Bytes, 0, 8 + size);
                bytes.map(|o| (value(o), vec![]))
            } else {
                f.try_tuple(size).map(|tuple| {
                    let mut refs = vec![];
                    for i in 0..size.min(roots.len()) {
                        let other = roots[random.below(roots.len())];
                        set(tuple, i, other);
                        refs.push(other);
                    }
                    (tuple, refs)
                })
            };
            if let Some((v, refs)) = made {
                if v.is_kind(Kind::Bytes) {
                    // SAFETY: the payload of a new object.
                    unsafe {
                        let fill = (v.bits() >> 4) as u8;
                        core::ptr::write_bytes(v.object_ptr().add(8), fill, size);
                    }
                }
                assert!(model.insert(v.bits(), Model { size, refs }).is_none(), "step {step}");
                roots.push(v);
                continue;
            }
        } else if kind < 95 && !roots.is_empty() {
            let i = random.below(roots.len());
            let v = roots[i];
            let reachable_without = || {
                let others: Vec<Value> = roots.iter().copied().filter(|&r| r != v).collect();
                live(&model, &others).contains(&v.bits())
            };
            if kind < 85 || !v.is_kind(Kind::Bytes) {
                roots.swap_remove(i);
            } else if kind < 88 && !reachable_without() {
                roots.retain(|&r| r != v);
                model.remove(&v.bits());
                // SAFETY: no root and no object refers to it.
                unsafe { f.heap.free(pointer(v)) };
            } else {
                let model = model.get_mut(&v.bits()).unwrap();
                let size = random.below(2 * model.size + 20);
                // SAFETY: a live object; new payload is filled.
                unsafe {
                    if size < model.size {
                        f.heap.shrink(pointer(v), 8 + size);
                        model.size = size;
                    } else if f.heap.try_grow(pointer(v), 8 + size) {
                        let new = v.object_ptr().add(8 + model.size);
                        core::ptr::write_bytes(new, (v.bits() >> 4) as u8, size - model.size);
                        model.size = size;
                    }
                }
            }
            continue;
        } else if random.below(10) != 0 {
            continue;
        }
        // Out of memory, or at random.
        f.collect(&roots);
        collections += 1;
        let expected = live(&model, &roots);
        let found: HashSet<usize> = f.heap.objects().map(|o| o.addr() + 1).collect();
        assert_eq!(found, expected, "step {step}");
        model.retain(|v, _| expected.contains(v));
        for (&bits, model) in &model {
            let header = (bits - 1) as *const u8;
            let v = value(NonNull::new(header.cast_mut()).unwrap());
            for (i, &item) in model.refs.iter().enumerate() {
                assert!(get(v, i) == item);
            }
            if v.is_kind(Kind::Bytes) {
                // SAFETY: the payload.
                let bytes =
                    unsafe { core::slice::from_raw_parts(v.object_ptr().add(8), model.size) };
                assert!(bytes.iter().all(|&b| b == (bits >> 4) as u8), "step {step}");
            }
        }
        if random.below(3) == 0 {
            roots.truncate(random.below(roots.len() + 1));
        }
    }
    assert!(collections > 3);
    f.heap.check_invariants();
}

#[test]
fn random_work_agrees_with_the_model() {
    for seed in 1..20 {
        check_random(seed, &[8192], 4000);
        check_random(seed << 32, &[2000, 40_000, 1200], 4000);
    }
}

fn check_buf<T: buf::Pod + PartialEq + std::fmt::Debug>(item: impl Fn(usize) -> T) {
    let mut f = Fixture::new(&[65536]);
    let (mut a, mut b) = (Buf::new(), Buf::new());
    let n = 16_000 / size_of::<T>();
    for i in 0..n {
        assert_eq!(a.push(&mut f.heap, item(i)), Ok(i as u32));
        assert_eq!(b.push(&mut f.heap, item(i + 1)), Ok(i as u32));
        b.set(&mut f.heap, i as u32, item(i + 2));
    }
    f.heap.check_invariants();
    let joined: Vec<T> = a.slices(&f.heap).flatten().copied().collect();
    assert_eq!(joined.len(), n);
    for (i, &found) in joined.iter().enumerate() {
        assert_eq!((found, found), (item(i), a.get(&f.heap, i as u32)));
        assert_eq!(b.get(&f.heap, i as u32), item(i + 2));
    }
    a.truncate(2);
    assert_eq!((a.pop(&mut f.heap), a.pop(&mut f.heap)), (Some(item(1)), Some(item(0))));
    assert!(a.pop(&mut f.heap).is_none() && a.is_empty());
    assert_eq!(a.slices(&f.heap).map(|s| s.len()).sum::<usize>(), 0);
    a.free(&mut f.heap);
    b.free(&mut f.heap);
    assert_eq!(f.n_objects(), 0);
}

#[test]
fn buffers_hold_what_was_pushed() {
    check_buf(|i| i as u8);
    check_buf(|i| i as u16);
    check_buf(|i| [i as u32; 3]);
    check_buf(|i| (i as u8, i as u64));
    check_buf(|i| [i as u32; 40]);
}

#[test]
fn a_buffer_survives_the_loss_of_an_allocation() {
    let mut f = Fixture::new(&[4096]);
    let mut buf = Buf::new();
    while buf.push(&mut f.heap, buf.len()).is_ok() {}
    let len = buf.len();
    assert!(len > 200);
    for i in 0..len {
        assert_eq!(buf.get(&f.heap, i), i);
    }
    assert_eq!(f.heap.alloc_raw(usize::MAX), Err(NoMemory));
    buf.free(&mut f.heap);
    assert_eq!(f.n_objects(), 0);
}
