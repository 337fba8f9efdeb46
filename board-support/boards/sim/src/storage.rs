//! The board's storage: its memory, its flash and its SD card, each a file of the host or memory.

use threadsnake_storage::engine::ARENA;

/// Memory for mounted file systems and open files.
const ARENA_BYTES: usize = 1024 * 1024;

/// Gives the file systems their memory. Once, before the scheduler starts.
pub fn give_memory() {
    ARENA.give(Box::leak(vec![0; ARENA_BYTES].into_boxed_slice()));
}
