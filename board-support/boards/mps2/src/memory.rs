//! The SRAM behind the variables: what the linker script leaves over is handed out once, at start-up.
//!
//! Invariant: a block is handed out at most once, because `NEXT` only grows; nothing else uses this memory.

use core::sync::atomic::{AtomicUsize, Ordering};

unsafe extern "C" {
    /// Ends of the memory (linker script); only their addresses mean anything.
    static __heap_start: u8;
    static __heap_end: u8;
}

/// What every block is aligned to.
const ALIGNMENT: usize = 16;

/// How many bytes are gone.
static NEXT: AtomicUsize = AtomicUsize::new(0);

fn start() -> usize {
    (&raw const __heap_start).expose_provenance().next_multiple_of(ALIGNMENT)
}

fn total() -> usize {
    (&raw const __heap_end).expose_provenance() - start()
}

/// How many bytes are left.
pub fn left() -> usize {
    total() - NEXT.load(Ordering::Relaxed)
}

/// Takes `bytes` bytes, cleared, 16-aligned, for good; `None` if there are not so many left.
pub fn take(bytes: usize) -> Option<&'static mut [u8]> {
    let rounded = bytes.checked_next_multiple_of(ALIGNMENT)?;
    let grow = |gone: usize| gone.checked_add(rounded).filter(|&gone| gone <= total());
    let gone = NEXT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, grow).ok()?;
    let block = core::ptr::with_exposed_provenance_mut::<u8>(start() + gone);
    // SAFETY: the invariant: the block lies in SRAM that nobody else has or gets.
    unsafe {
        block.write_bytes(0, bytes);
        Some(core::slice::from_raw_parts_mut(block, bytes))
    }
}
