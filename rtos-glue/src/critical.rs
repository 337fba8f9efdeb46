//! `critical-section` for images: the kernel's critical sections. What is linked last says that it has them, with
//! `critical_section::set_impl!(threadsnake_glue::KernelSection)`; test programs without a kernel have others.
//!
//! On Cortex-M these mask interrupts up to the kernel's syscall priority only; interrupts above it must not
//! use what the section protects, as they must not use the kernel.

use crate::rtos;
use critical_section::RawRestoreState;

/// The kernel's critical sections.
#[derive(Debug)]
pub struct KernelSection;

// SAFETY: between `ts_rtos_lock` and `ts_rtos_unlock` no other task and no interrupt that may call the kernel
// runs; the sections nest, and are memory barriers on every port.
unsafe impl critical_section::Impl for KernelSection {
    unsafe fn acquire() -> RawRestoreState {
        rtos::lock_raw()
    }

    unsafe fn release(saved: RawRestoreState) {
        // SAFETY: the caller passes on what `acquire` returned.
        unsafe { rtos::unlock_raw(saved) }
    }
}
