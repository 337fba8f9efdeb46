//! What AddressSanitizer knows of the heap's blocks.

use super::*;

unsafe extern "C" {
    safe fn __asan_address_is_poisoned(at: *const core::ffi::c_void) -> core::ffi::c_int;
}

fn is_poisoned(v: Value, offset: usize) -> bool {
    __asan_address_is_poisoned(v.object_ptr().cast_const().wrapping_byte_add(offset).cast()) != 0
}

#[test]
fn dead_and_freed_blocks_are_poisoned_until_they_are_used_again() {
    let mut f = Fixture::new(&[4096]);
    let (kept, dead) = (f.tuple(&[]), f.bytes(40));
    assert!(!is_poisoned(dead, 0));
    f.collect(&[kept]);
    assert!(is_poisoned(dead, 0) && is_poisoned(dead, 32) && !is_poisoned(kept, 0));
    let again = f.bytes(40);
    assert_eq!(again, dead);
    assert!(!is_poisoned(again, 0) && !is_poisoned(again, 32));
    // SAFETY: nobody refers to these objects but this test, which reads nothing of them.
    unsafe { f.heap.shrink(pointer(again), 16) };
    assert!(!is_poisoned(again, 0) && is_poisoned(again, 32));
    // SAFETY: as above.
    assert!(unsafe { f.heap.try_grow(pointer(again), 48) });
    assert!(!is_poisoned(again, 32));
    // SAFETY: as above.
    unsafe { f.heap.free(pointer(again)) };
    assert!(is_poisoned(again, 0));
}
