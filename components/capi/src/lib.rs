//! The component as a static library for C firmware.
//!
//! The functions of `rtos-glue/include/threadsnake.h` are defined in that room. Here are those of the other headers
//! beside it, which exist where the library is built with them, and what a final Rust artefact needs: critical
//! sections, a panic handler and an allocator. Nothing here has `std`, on no target.
#![no_std]
// Tests of this crate, of which there are none, would have the test harness's.
#![cfg(not(test))]

#[cfg(any(feature = "net", feature = "storage"))]
mod given;
#[cfg(feature = "machine")]
mod machine;
#[cfg(feature = "net")]
mod net;
#[cfg(any(feature = "machine", feature = "net", feature = "storage"))]
mod rooms;
#[cfg(feature = "servers")]
mod servers;
#[cfg(feature = "storage")]
mod storage;
#[cfg(feature = "tls")]
mod tls;

use threadsnake_glue::heap::KernelHeap;

critical_section::set_impl!(threadsnake_glue::KernelSection);

#[global_allocator]
static HEAP: KernelHeap = KernelHeap;

#[panic_handler]
fn panic(info: &core::panic::PanicInfo<'_>) -> ! {
    threadsnake_glue::capi::panicked(info)
}

/// What unwinding asks of every frame. Nothing of ours unwinds; but on POSIX the kernel's port ends a task by
/// cancelling its thread, and that walks through our frames: 8 is "nothing to do here, go on" (Itanium C++ ABI,
/// "Exception Handling", `_URC_CONTINUE_UNWIND`).
#[cfg(not(target_os = "none"))]
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() -> i32 {
    8
}
