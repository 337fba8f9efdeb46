//! The kernel's heap as Rust's allocator, for images without another one.
//!
//! It serves RTOS objects (the crate `freertos-rust` boxes a few) and boards' buffers; no byte that a script
//! makes the interpreter allocate comes from here. A request that cannot be met is a null pointer, as the
//! trait says; it is never retried.

use crate::rtos;
use core::alloc::{GlobalAlloc, Layout};

/// Allocates from the kernel's heap. A board without `std` says
/// `#[global_allocator] static HEAP: KernelHeap = KernelHeap;`. Tasks only; not before the kernel's heap works.
#[derive(Debug, Clone, Copy)]
pub struct KernelHeap;

/// What every block of the kernel's heap is aligned to on every port.
const KERNEL_ALIGN: usize = 8;

// SAFETY: blocks come from `pvPortMalloc`, which is safe among tasks; a stricter alignment is made by asking for
// `align` more bytes and keeping the block's address in the word below the aligned one.
unsafe impl GlobalAlloc for KernelHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= KERNEL_ALIGN {
            return rtos::kernel_malloc(layout.size());
        }
        let Some(size) = layout.size().checked_add(layout.align()) else {
            return core::ptr::null_mut();
        };
        let block = rtos::kernel_malloc(size);
        if block.is_null() {
            return block;
        }
        // The block is 8-aligned and `align` is 16 or more, so this leaves at least 8 bytes below the result.
        let offset = layout.align() - block.addr() % layout.align();
        // SAFETY: `offset` is in `8..=align`, so the result and the word below it lie in the block.
        unsafe {
            let aligned = block.add(offset);
            aligned.cast::<*mut u8>().sub(1).write(block);
            aligned
        }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        let block = if layout.align() <= KERNEL_ALIGN {
            at
        } else {
            // SAFETY: `alloc` wrote the block's address there.
            unsafe { at.cast::<*mut u8>().sub(1).read() }
        };
        // SAFETY: the block came from `kernel_malloc`, and the caller gives it back once.
        unsafe { rtos::kernel_free(block) }
    }
}
