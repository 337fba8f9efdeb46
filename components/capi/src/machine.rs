//! `machine` for VMs that C starts: over the firmware's own drivers.

use threadsnake_drivers::c::{CHal, install_twins};

/// Tells the drivers what the board has, and lets VMs import `machine`: see `ts_hal.h`.
///
/// # Safety
/// `hal` is null or a structure as the header describes it; what it points to lives for ever.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_hal_install(hal: *const CHal) -> i32 {
    // SAFETY: the caller's promise.
    let status = unsafe { install_twins(hal) };
    if status == 0 {
        crate::rooms::join();
    }
    status
}
