//! Finalisers and weak references.

use std::vec::Vec;

use super::*;

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
fn many_finalisers_are_handed_out_in_their_order() {
    let mut f = Fixture::new(&[1 << 17]);
    let all: Vec<Value> = (0..1000).map(|_| f.bytes(1)).collect();
    for &v in &all {
        assert!(f.heap.register_finaliser(v).is_ok());
    }
    f.collect(&[]);
    assert_eq!(f.heap.n_finalisable(), 1000);
    for (i, &v) in all.iter().enumerate() {
        assert!(f.heap.take_finalisable() == Some(v), "{i}");
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
