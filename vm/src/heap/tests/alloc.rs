//! Finding, giving back and resizing blocks; the figures.

use std::collections::HashSet;
use std::vec;

use super::*;

#[test]
fn a_heap_needs_room_for_a_few_blocks() {
    let mut memory = vec![0u64; 64];
    let start = memory.as_mut_ptr().cast::<u8>();
    for len in 0..64 {
        // SAFETY: the heap is dropped at once.
        assert!(unsafe { new_heap(&[Region { start, len }]) }.is_none(), "{len}");
    }
    // SAFETY: as above.
    assert!(unsafe { new_heap(&[]) }.is_none());
    // SAFETY: as above.
    let heap = unsafe { new_heap(&[Region { start, len: 16 }, Region { start, len: 512 }]) };
    assert_eq!(heap.unwrap().n_regions, 1);
}

#[test]
fn unaligned_regions_are_used_to_the_last_block() {
    let mut memory = vec![0u8; 5000];
    for skew in 0..40 {
        for len in [1000, 1024, 3000, 4096, 4900] {
            let start = memory[skew..].as_mut_ptr();
            // SAFETY: the memory outlives the heap.
            let mut heap = unsafe { new_heap(&[Region { start, len }]) }.unwrap();
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
            assert_eq!(unsafe { load(again.as_ptr() as usize + at) }, Value::UNDEF.bits());
        }
        // SAFETY: nobody refers to it.
        unsafe { f.heap.free(again) };
    }
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
        letters.resize(before + blocks, 0);
        let here = &mut letters[before..];
        f.heap.map(region, 0, here);
        assert!(!here.contains(&0));
        let mut part = [b' '; 3];
        f.heap.map(region, 2, &mut part);
        assert_eq!(part, here[2..5]);
    }
    let free = letters.iter().filter(|&&c| c == b'.').count();
    assert_eq!((free * BLOCK, letters.len() * BLOCK), (stats.free, stats.total));
    assert_eq!(stats.used + stats.free, stats.total);
    assert_eq!((stats.n_objects, stats.max_object_blocks), (5, 7));
    let text = std::string::String::from_utf8(letters).unwrap();
    let expected = if WORD == 8 { "ST=FLS======." } else { "STFLS======." };
    assert!(text.starts_with(expected), "{text}");
}
