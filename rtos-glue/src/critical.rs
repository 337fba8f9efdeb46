//! `critical-section` for the image: the kernel's critical sections.
//!
//! On Cortex-M these mask interrupts up to the kernel's syscall priority only; interrupts above it must not
//! use what the section protects, as they must not use the kernel.

use crate::rtos;
use critical_section::RawRestoreState;

struct KernelSection;
critical_section::set_impl!(KernelSection);

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
