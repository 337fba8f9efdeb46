//! Buffers of plain data.

use super::*;
use crate::heap::buf::{self, Buf, RawMemory};

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
    for i in 0..n {
        assert_eq!(a.get(&f.heap, i as u32), item(i));
        assert_eq!(b.get(&f.heap, i as u32), item(i + 2));
    }
    a.truncate(2);
    assert_eq!((a.pop(&mut f.heap), a.pop(&mut f.heap)), (Some(item(1)), Some(item(0))));
    assert!(a.pop(&mut f.heap).is_none() && a.is_empty());
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
