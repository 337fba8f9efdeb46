//! Random work, checked against a model that knows what must be alive and what must be in it.

use std::collections::{HashMap, HashSet};
use std::vec;
use std::vec::Vec;

use super::*;

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

/// Random allocation, linking, freeing, resizing and collection, checked against a model: whatever is reachable must keep
/// its contents, whatever is not must go, and nothing may overlap.
fn check_random(seed: u64, mut f: Fixture, steps: usize) {
    /// What an object should be: its number, written in its payload, and what it refers to.
    struct Model {
        size: usize,
        refs: Vec<Value>,
    }
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
        let found: HashSet<usize> = f.heap.objects().map(|o| o.addr()).collect();
        assert_eq!(found, expected, "step {step}");
        model.retain(|v, _| expected.contains(v));
        for (&bits, model) in &model {
            let header = bits as *const u8;
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
        check_random(seed, Fixture::new(&[8192]), 4000);
        check_random(seed << 32, Fixture::new(&[2000, 40_000, 1200]), 4000);
    }
}

#[test]
fn random_work_in_adjoining_regions_agrees_with_the_model() {
    for seed in 1..20 {
        let sizes = [1000 + seed as usize % 7 * 8, 2056, 3000, 4096, 10_000];
        check_random(seed << 20, Fixture::with_adjoining(&sizes), 4000);
    }
}
