//! What AddressSanitizer is told: free blocks must not be touched.
//!
//! Without `--cfg threadsnake_asan`, which comes with `-Zsanitizer=address`, both functions are nothing. Poison is laid
//! where memory dies and taken away where it is handed out; memory that was never handed out is not poisoned, so that
//! regions may be anything.

#[cfg(threadsnake_asan)]
unsafe extern "C" {
    safe fn __asan_poison_memory_region(at: *const core::ffi::c_void, bytes: usize);
    safe fn __asan_unpoison_memory_region(at: *const core::ffi::c_void, bytes: usize);
}

/// The bytes from `at` up to `end` belong to no object from now on.
#[inline(always)]
pub(super) fn poison(at: usize, end: usize) {
    #[cfg(threadsnake_asan)]
    __asan_poison_memory_region(core::ptr::without_provenance(at), end - at);
    let _ = (at, end);
}

/// The bytes from `at` up to `end` may be used from now on.
#[inline(always)]
pub(super) fn unpoison(at: usize, end: usize) {
    #[cfg(threadsnake_asan)]
    __asan_unpoison_memory_region(core::ptr::without_provenance(at), end - at);
    let _ = (at, end);
}

/// Memory that others may have had before, or will have, is theirs alone.
#[cfg(threadsnake_asan)]
impl Drop for super::Heap {
    fn drop(&mut self) {
        for span in self.spans() {
            unpoison(span.low(), span.high());
        }
    }
}
