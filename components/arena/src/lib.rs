//! Bounded memory for third-party libraries: each has an arena of its own, so that one that runs out starves nobody.
//!
//! An arena is given its memory once, by the board. What does not fit is refused; the caller answers `ENOMEM`.
//!
//! Invariant: a block belongs to one [`Block`] or [`Held`] until that is dropped.
#![cfg_attr(not(test), no_std)]

use core::alloc::Layout;
use core::cell::RefCell;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use critical_section::Mutex;
use linked_list_allocator::Heap;

/// What every block is aligned to.
const ALIGN: usize = 16;

/// An arena.
pub struct Arena {
    heap: Mutex<RefCell<Heap>>,
}

impl core::fmt::Debug for Arena {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Arena").field("used", &self.used()).field("size", &self.size()).finish()
    }
}

impl Default for Arena {
    fn default() -> Self {
        Self::new()
    }
}

impl Arena {
    /// An arena without memory.
    pub const fn new() -> Self {
        Self { heap: Mutex::new(RefCell::new(Heap::empty())) }
    }

    fn with<R>(&self, f: impl FnOnce(&mut Heap) -> R) -> R {
        critical_section::with(|cs| f(&mut self.heap.borrow_ref_mut(cs)))
    }

    /// Gives the arena its memory; a second time does nothing.
    pub fn give(&'static self, memory: &'static mut [u8]) {
        self.with(|heap| {
            // The allocator keeps a list in free memory, which wants room for one entry.
            if heap.size() == 0 && memory.len() >= 64 {
                // SAFETY: the memory is nobody else's, for ever, and the heap is empty.
                unsafe { heap.init(memory.as_mut_ptr(), memory.len()) };
            }
        });
    }

    /// Bytes that are in use, those lost between blocks included.
    pub fn used(&self) -> usize {
        self.with(|heap| heap.used())
    }

    /// Bytes in all.
    pub fn size(&self) -> usize {
        self.with(|heap| heap.size())
    }

    /// A block of `bytes` bytes, 16-aligned, all zero; `None` where there is not so much. Tasks; O(free blocks).
    pub fn block(&'static self, bytes: usize) -> Option<Block> {
        let layout = Layout::from_size_align(bytes.max(1), ALIGN).ok()?;
        let at = self.with(|heap| heap.allocate_first_fit(layout)).ok()?;
        // SAFETY: the block is ours and has that many bytes.
        unsafe { at.write_bytes(0, layout.size()) };
        Some(Block { at, layout, arena: self })
    }

    /// Moves a value into the arena; gives it back where there is no room.
    ///
    /// # Errors
    /// The value.
    pub fn hold<T>(&'static self, value: T) -> Result<Held<T>, T> {
        const { assert!(align_of::<T>() <= ALIGN) };
        match self.block(size_of::<T>()) {
            Some(block) => {
                let at = block.at.cast::<T>();
                // SAFETY: the block is ours, large enough and aligned.
                unsafe { at.write(value) };
                Ok(Held { at, _block: block })
            }
            None => Err(value),
        }
    }
}

/// A block of an arena, given back when dropped. It does not move.
#[derive(Debug)]
pub struct Block {
    at: NonNull<u8>,
    layout: Layout,
    arena: &'static Arena,
}

// SAFETY: a block is plain memory with one owner.
unsafe impl Send for Block {}
// SAFETY: a shared block only tells its address.
unsafe impl Sync for Block {}

impl Block {
    /// Where it begins.
    pub fn as_ptr(&self) -> *mut u8 {
        self.at.as_ptr()
    }

    /// Its bytes, for one who shares the block with nobody.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: the block is ours, has that many bytes, and they were cleared.
        unsafe { core::slice::from_raw_parts_mut(self.at.as_ptr(), self.layout.size()) }
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.layout.size()
    }

    /// Never: a block has a byte at least.
    pub fn is_empty(&self) -> bool {
        false
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: the block came from this arena with this layout, and has one owner.
        self.arena.with(|heap| unsafe { heap.deallocate(self.at, self.layout) });
    }
}

/// A value in an arena, dropped with its owner.
#[derive(Debug)]
pub struct Held<T> {
    at: NonNull<T>,
    _block: Block,
}

// SAFETY: the value has one owner and moves with it.
unsafe impl<T: Send> Send for Held<T> {}
// SAFETY: a shared owner lends shared values only.
unsafe impl<T: Sync> Sync for Held<T> {}

impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the value is there, and this is its one owner.
        unsafe { self.at.as_ref() }
    }
}

impl<T> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { self.at.as_mut() }
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        // SAFETY: the value is there, and is not used again; the block is given back afterwards.
        unsafe { self.at.drop_in_place() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use threadsnake_test_section as _;

    fn arena(bytes: usize) -> &'static Arena {
        let arena: &'static Arena = Box::leak(Box::new(Arena::new()));
        arena.give(Box::leak(vec![0xff; bytes].into_boxed_slice()));
        arena
    }

    #[test]
    fn what_does_not_fit_is_refused_and_what_was_given_back_fits_again() {
        let arena = arena(4096);
        assert!(arena.block(5000).is_none());
        let all: Vec<_> = core::iter::from_fn(|| arena.block(100)).collect();
        assert!(all.len() >= 30);
        assert!(all.iter().all(|block| block.as_ptr().addr().is_multiple_of(16)));
        drop(all);
        assert_eq!(arena.used(), 0);
        assert!(arena.block(3500).is_some());
    }

    #[test]
    fn a_held_value_is_dropped_once() {
        let arena = arena(4096);
        let shared = std::rc::Rc::new(());
        let held = arena.hold((7, shared.clone())).expect("room");
        assert_eq!((held.0, std::rc::Rc::strong_count(&shared)), (7, 2));
        drop(held);
        assert_eq!((arena.used(), std::rc::Rc::strong_count(&shared)), (0, 1));
        assert!(arena.hold([0u8; 5000]).is_err());
    }

    #[test]
    fn an_arena_without_memory_refuses_everything() {
        static EMPTY: Arena = Arena::new();
        assert!(EMPTY.block(1).is_none());
    }
}
