//! Critical sections for test programs that link no kernel: `use threadsnake_test_section as _;`.
//!
//! The crate's own implementation for `std` cannot be used: its state is of another type than the glue's, and both
//! would be asked for in one build.

use core::sync::atomic::{AtomicBool, Ordering};

struct Section;
critical_section::set_impl!(Section);

static LOCKED: AtomicBool = AtomicBool::new(false);

// SAFETY: whoever has set the flag is alone until it clears it; no section here is inside another.
unsafe impl critical_section::Impl for Section {
    unsafe fn acquire() -> critical_section::RawRestoreState {
        while LOCKED.swap(true, Ordering::Acquire) {
            std::hint::spin_loop();
        }
        Default::default()
    }

    unsafe fn release(_: critical_section::RawRestoreState) {
        LOCKED.store(false, Ordering::Release);
    }
}
