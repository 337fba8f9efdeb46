//! What is reached and what is not.

use std::vec;
use std::vec::Vec;

use super::*;

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
    let at = instance.bits();
    // SAFETY: words of the new object.
    unsafe {
        store(at + WORD, kept.bits());
        // Neither a hidden nor an interior pointer counts here.
        store(at + 2 * WORD, other.bits() | 1);
        store(at + 3 * WORD, other.bits() + BLOCK);
    }
    f.collect(&[instance]);
    assert!(f.is_alive(kept) && !f.is_alive(other));
}

#[test]
fn conservative_roots_may_be_hidden_or_interior() {
    for offset in [0, 1, 8, 15, 16, 100, 1007] {
        let mut f = Fixture::new(&[16384]);
        let (before, object, after) = (f.bytes(3), f.bytes(1000), f.bytes(3));
        let stack = [0, 1, usize::MAX, object.bits() + offset, 12345];
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
    let at = object.bits();
    assert_eq!(f.heap.find_object(at + 15), Some(pointer(object)));
    for addr in [0, 16, at - 1, at + 16, at + 4000, at + (1 << 20), usize::MAX] {
        assert_eq!(f.heap.find_object(addr), None, "{addr:#x}");
    }
    assert!(f.heap.contains(object.object_ptr()) && !f.heap.contains(core::ptr::null()));
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
fn windows_are_scanned_for_pointers_to_objects_only() {
    let mut f = Fixture::new(&[1 << 16]);
    let (inner, other) = (f.bytes(3), f.bytes(100));
    let mut tops = vec![];
    for _ in 0..100 {
        let pair = f.tuple(&[inner, Value::NONE]);
        tops.push(f.tuple(&[pair, inner]));
    }
    tops.push(Value::from_even(other.bits()));
    tops.push(Value::UNDEF);
    f.heap.begin_mark();
    // SAFETY: live words.
    unsafe {
        f.heap.mark_words(tops.as_ptr(), tops.len());
        f.heap.mark_words(tops.as_ptr(), 0);
    }
    f.heap.finish_mark();
    assert!(f.is_alive(inner) && !f.is_alive(other));
    assert_eq!(f.n_objects(), 201);
}
