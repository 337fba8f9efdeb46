//! The heap: blocks in caller-supplied regions, allocation, marking, sweeping, finalisers and weak references.
//!
//! Knows objects by their [`Header`] only, and nothing of the VM: whoever owns the [`Heap`] decides when to collect
//! and names the roots. A collection is
//!
//! ```text
//! begin_mark    mark_value and mark_words_conservatively for every root    settle    finish_mark
//! ```
//!
//! with no allocation in between. `settle` decides over finalisers and weak references; after it, and only until
//! `finish_mark`, [`Heap::is_marked`] tells whether an object survives (for weak tables of the VM's own).
//!
//! An allocation bumps a cursor through a *run* of free blocks; runs are looked for a bitmap word at a time, when they
//! are needed. Sweeping is a swap of the two bitmaps and clearing what is left. Nothing is ever moved, and nothing but
//! a bitmap is cleared.
//!
//! # Invariants
//! 1. The regions belong to this heap alone, for its life. Their provenance is exposed; object pointers are made from it.
//! 2. A set start bit is the first block of an object with a valid header; its blocks lie inside one region and in no
//!    other object. While marking, a marked object has its mark bit set instead of its start bit.
//! 3. The blocks from `cursor` to `run_end` belong to no object, and `cursor <= limit <= run_end`.
//! 4. The bit behind a region's last block is set in both bitmaps (`region.rs`). Except while marking, no other mark bit is.
//! 5. `holes` and `runs`, from where free runs are looked for, never point into the inside of an object, and
//!    `holes <= runs`; `spare` is free and lies before `holes`.
//! 6. Between [`Heap::begin_mark`] and [`Heap::finish_mark`] nothing is allocated, freed or resized.
//!
//! # Tests under the sanitizer
//! `cargo xtask sanitize` runs the tests of the VM under AddressSanitizer, which is told of free blocks (`poison.rs`).

mod alloc;
pub mod buf;
mod finalise;
mod mark;
mod poison;
mod region;
mod stats;
#[cfg(test)]
mod tests;
mod weak;

use core::ptr::NonNull;

use crate::value::Value;
pub use crate::value::header::BLOCK;
use crate::value::header::{Header, Kind, Scan, WORD};
pub use buf::{Buf, RawMemory};
pub use stats::Stats;

use alloc::{Position, Run};
use mark::Marker;
use poison::unpoison;
use region::{BITS, GROUP, RegionId, Span, load, store};

/// The most regions a heap can have.
pub const MAX_REGIONS: usize = if cfg!(feature = "regions") { 8 } else { 1 };
/// Bytes before the payload of an object with a count.
pub const COUNTED_HEADER: usize = 8;

/// A piece of memory for a heap.
#[derive(Clone, Copy, Debug)]
pub struct Region {
    /// Its first byte; need not be aligned.
    pub start: *mut u8,
    /// Bytes.
    pub len: usize,
}

/// There is no memory: collect and try again, unless [`Heap::refused`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoMemory;

/// A heap. See the module's documentation.
// The fields of the fast path come first: a short offset makes for short instructions.
#[repr(C)]
pub struct Heap {
    /// Where instances note their shapes while marking: address and stride, 0 for nowhere.
    instance_marks: (usize, usize),
    /// Address of the next block to hand out.
    cursor: usize,
    /// How far `cursor` may go without asking [`Heap::alloc_slow`].
    limit: usize,
    /// Where the start bitmap of the run's region would have the word of address 0.
    bits: usize,
    /// Where the current run ends.
    run_end: usize,
    /// Where the current run began.
    run_from: usize,
    run_region: RegionId,
    /// Bytes taken from earlier runs since the last collection.
    spent: usize,
    /// What was allocated since the last collection when the searches began anew.
    searched: usize,
    /// Bytes allocated since a collection at which the next one is due.
    threshold: usize,
    lock_depth: usize,
    /// Allocations until one fails, for tests; 0: none.
    fail_in: usize,
    refused: bool,
    /// `limit` is less than `run_end` or may become so: locked, a test, or a threshold.
    held: bool,
    marking: bool,
    settled: bool,
    /// Objects that the last collection freed.
    freed: usize,
    /// Runs of any size are looked for from here; everything before it, `spare` excepted, is in use.
    holes: Position,
    /// Runs of two and more blocks are looked for from here.
    runs: Position,
    /// No run that was passed over on the way to `runs` is longer than this, in blocks.
    skipped: usize,
    /// Freed blocks before `holes`.
    spare: Run,
    n_regions: usize,
    spans: [Span; MAX_REGIONS],
    marker: Marker,
    finalisers: finalise::Finalisers,
    weak: weak::WeakList,
}

impl Heap {
    /// A heap without memory. Not a constant: that would be half a kilobyte of zeros in flash.
    #[inline(always)]
    pub fn empty() -> Heap {
        Heap {
            instance_marks: (0, 0),
            cursor: 0,
            limit: 0,
            bits: 0,
            run_end: 0,
            run_from: 0,
            run_region: RegionId::new(0),
            spent: 0,
            searched: 0,
            threshold: usize::MAX,
            lock_depth: 0,
            fail_in: 0,
            refused: false,
            held: false,
            marking: false,
            settled: false,
            freed: 0,
            holes: Position::new(RegionId::new(0), 0),
            runs: Position::new(RegionId::new(0), 0),
            skipped: 0,
            spare: Run::NONE,
            n_regions: 0,
            spans: [Span::NONE; MAX_REGIONS],
            marker: Marker::new(),
            finalisers: finalise::Finalisers::new(),
            weak: weak::WeakList::new(),
        }
    }

    /// Gives an empty heap these regions (at most [`MAX_REGIONS`]; the first are used first).
    ///
    /// A region that begins where another ends may lose up to a kilobyte at its start, so that no bit stands for both.
    /// A region too small for bitmaps and a few blocks is left out; false when that leaves none.
    ///
    /// # Safety
    /// The regions are writable memory, do not overlap, and are touched by nobody else for the life of the heap and of
    /// every object in it.
    pub unsafe fn add_regions(&mut self, regions: &[Region]) -> bool {
        for region in regions.iter().take(MAX_REGIONS) {
            let (mut start, mut len) = (region.start, region.len);
            let base = start.addr() / GROUP * GROUP;
            let neighbour = |other: &Region| {
                let (low, high) =
                    (other.start.addr(), other.start.addr().saturating_add(other.len));
                low < start.addr() && high > base
            };
            if MAX_REGIONS > 1 && regions.iter().any(neighbour) {
                let skip = start.addr().wrapping_neg() % GROUP;
                start = start.wrapping_add(skip);
                len = len.saturating_sub(skip);
            }
            // SAFETY: the caller's promise.
            if let Some(span) = unsafe { Span::new(start, len) } {
                self.spans[self.n_regions] = span;
                self.n_regions += 1;
            }
        }
        self.reset_search();
        self.n_regions != 0
    }

    /// Takes `blocks` (at least 1) contiguous blocks. The memory is not cleared. O(1) where the current run has room.
    ///
    /// `None`: collect and try once more, unless [`Heap::refused`] says that this is of no use.
    ///
    /// # Safety
    /// A valid header (and count, for a large object) of exactly this size must be there before the next call to the heap.
    #[inline(always)]
    pub unsafe fn alloc(&mut self, blocks: usize) -> Option<NonNull<u8>> {
        // SAFETY: the caller's promise.
        match unsafe { self.alloc_here(blocks) } {
            None => self.alloc_slow(blocks),
            object => object,
        }
    }

    /// As [`Heap::alloc`], but `None` when the current run has no room or must not be used without asking.
    ///
    /// # Safety
    /// As of [`Heap::alloc`].
    #[inline(always)]
    pub unsafe fn alloc_here(&mut self, blocks: usize) -> Option<NonNull<u8>> {
        debug_assert!(blocks > 0 && !self.marking);
        let at = self.cursor;
        if (self.limit - at) / BLOCK < blocks {
            return None;
        }
        self.cursor = at + blocks * BLOCK;
        let word = self.bits.wrapping_add(at / GROUP * WORD);
        // SAFETY: `at` lies in the current run, so that this is the word of its start bit.
        unsafe { store(word, load(word) | 1 << (at / BLOCK % BITS)) };
        unpoison(at, self.cursor);
        // SAFETY: no region begins at address 0, and without a run there was no room.
        Some(unsafe { NonNull::new_unchecked(core::ptr::with_exposed_provenance_mut(at)) })
    }

    /// Makes a `Raw` object with a payload of that many bytes. `None` as for [`Heap::alloc`].
    #[inline(never)]
    pub fn alloc_bytes(&mut self, bytes: usize) -> Option<NonNull<u8>> {
        let blocks = (COUNTED_HEADER + bytes).div_ceil(BLOCK);
        // SAFETY: header and count follow.
        unsafe {
            let object = self.alloc(blocks)?;
            let small = if blocks <= 255 { blocks as u8 } else { 0 };
            object.cast().write(Header::new(Kind::Raw, small, 0));
            set_count(object, bytes);
            Some(object)
        }
    }

    /// Makes an object of `bytes` bytes, header included, and writes its header; for kinds with a count also the count,
    /// as large as there is room for. The rest is not cleared, but for the words behind `bytes` in the last block of
    /// kinds that are scanned to their end. `None` as for [`Heap::alloc`], and for more than 255 blocks of a kind without a
    /// count (then collecting is in vain). Tables: `aux` says how much of the payload is index, see [`Header::table_entries`].
    ///
    /// What is not overwritten before the next collection is what some dead object left: it may keep objects alive, but
    /// does no other harm.
    #[inline(never)]
    pub fn alloc_object(&mut self, kind: Kind, aux: u16, bytes: usize) -> Option<NonNull<u8>> {
        let header = Header::new(kind, 0, aux);
        let blocks = bytes.div_ceil(BLOCK);
        let small = if blocks <= 255 { blocks as u8 } else { 0 };
        let by_blocks = matches!(header.scan(), Scan::Words | Scan::Leaf);
        debug_assert!(bytes >= if by_blocks { WORD } else { COUNTED_HEADER });
        if small == 0 && (by_blocks || bytes > u32::MAX as usize) {
            return None;
        }
        // SAFETY: header and count follow.
        let object = unsafe { self.alloc(blocks)? };
        // SAFETY: the object has a block at least.
        unsafe { object.cast().write(Header::new(kind, small, aux)) };
        match header.scan() {
            // SAFETY: words of the object's last block.
            Scan::Words => unsafe { clear_tail(object, bytes) },
            Scan::Leaf => {}
            // SAFETY: objects with a count have eight bytes at least.
            Scan::Counted => unsafe {
                set_count(object, (bytes - COUNTED_HEADER) / WORD);
            },
            // SAFETY: as above.
            Scan::LeafBytes | Scan::Table | Scan::Code => unsafe {
                set_count(object, bytes - COUNTED_HEADER);
            },
        }
        Some(object)
    }

    /// True when the last failure of an allocation had a reason that a collection does not mend: the heap is locked, or a test
    /// asked for the failure.
    pub fn refused(&self) -> bool {
        self.refused
    }

    /// Forbids allocation until [`Heap::unlock`] was called as often.
    pub fn lock(&mut self) {
        self.lock_depth += 1;
        self.set_limit();
    }

    /// Takes back one [`Heap::lock`]; the depth that remains.
    pub fn unlock(&mut self) -> usize {
        self.lock_depth = self.lock_depth.saturating_sub(1);
        self.set_limit();
        self.lock_depth
    }

    /// Locks the heap as often as that altogether.
    pub(crate) fn restore_lock(&mut self, depth: usize) {
        self.lock_depth = depth;
        self.set_limit();
    }

    /// How often the heap is locked.
    pub fn lock_depth(&self) -> usize {
        self.lock_depth
    }

    /// Makes allocations ask for a collection (fail without [`Heap::refused`]) once `bytes` have been allocated since the
    /// last. `usize::MAX`: never before memory runs out.
    pub fn set_threshold(&mut self, bytes: usize) {
        self.threshold = bytes;
        self.set_limit();
    }

    /// As last set by [`Heap::set_threshold`].
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Bytes allocated since the last collection.
    pub fn allocated(&self) -> usize {
        self.spent + (self.cursor - self.run_from)
    }

    /// For tests: the `n`-th allocation from now (from 1) fails, with [`Heap::refused`]; 0 takes it back.
    pub fn fail_after(&mut self, n: usize) {
        self.fail_in = n;
        self.set_limit();
    }

    /// True while the failure that [`Heap::fail_after`] asked for is still to come.
    #[cfg(test)]
    pub(crate) fn fails_later(&self) -> bool {
        self.fail_in != 0
    }

    /// Bytes of an object, whole blocks.
    ///
    /// # Safety
    /// `object` is a live object of this heap.
    #[inline]
    pub unsafe fn size_of(&self, object: NonNull<u8>) -> usize {
        // SAFETY: the caller's promise.
        unsafe { blocks_at(object.addr().get()) * BLOCK }
    }

    /// True for a pointer into one of the regions.
    #[inline]
    pub fn contains(&self, pointer: *const u8) -> bool {
        self.region_of(pointer.addr()).is_some()
    }

    /// The live object that has a byte at `addr`, which may be any number.
    pub fn find_object(&self, addr: usize) -> Option<NonNull<u8>> {
        let region = self.region_of(addr)?;
        let span = self.span(region);
        let block = span.previous_start(span.block(addr))?;
        let object = span.addr(block);
        // SAFETY: invariant 2.
        let end = object + unsafe { blocks_at(object) } * BLOCK;
        if addr < end { NonNull::new(core::ptr::with_exposed_provenance_mut(object)) } else { None }
    }

    /// The region with blocks at `addr`.
    #[inline]
    fn region_of(&self, addr: usize) -> Option<RegionId> {
        self.spans()
            .iter()
            .position(|span| span.low() <= addr && addr < span.high())
            .map(RegionId::new)
    }

    #[inline(always)]
    fn span(&self, region: RegionId) -> &Span {
        &self.spans[region.number()]
    }

    /// How many there are; a build for one region does without the number.
    #[inline(always)]
    fn n_regions(&self) -> usize {
        if MAX_REGIONS > 1 { self.n_regions } else { 1 }
    }

    #[inline(always)]
    fn spans(&self) -> &[Span] {
        &self.spans[..self.n_regions()]
    }
}

/// Writes `UNDEF` to the words behind the first `bytes` of an object, up to the end of the block.
///
/// # Safety
/// They are the object's.
#[inline(always)]
pub(crate) unsafe fn clear_tail(object: NonNull<u8>, bytes: usize) {
    let mut at = bytes.next_multiple_of(WORD);
    while !at.is_multiple_of(BLOCK) {
        // SAFETY: the caller's promise.
        unsafe { object.add(at).cast().write(Value::UNDEF) };
        at += WORD;
    }
}

/// Writes the count of an object.
///
/// # Safety
/// `object` is a live object of a kind with a count, and has room for that many.
#[inline(always)]
unsafe fn set_count(object: NonNull<u8>, count: usize) {
    // SAFETY: the caller's promise.
    unsafe { object.add(4).cast::<u32>().write(count as u32) };
}

/// The header of the object at `addr`.
///
/// # Safety
/// There is an object at `addr` (invariant 2).
#[inline(always)]
unsafe fn header_at(addr: usize) -> Header {
    // SAFETY: the caller's promise.
    unsafe { core::ptr::with_exposed_provenance::<Header>(addr).read() }
}

/// The count of the object at `addr`.
///
/// # Safety
/// There is an object of a kind with a count at `addr`.
#[inline(always)]
unsafe fn count_at(addr: usize) -> u32 {
    // SAFETY: the caller's promise.
    unsafe { core::ptr::with_exposed_provenance::<u32>(addr + 4).read() }
}

/// How many blocks the object at `addr` has.
///
/// # Safety
/// As for [`header_at`].
#[inline(always)]
unsafe fn blocks_at(addr: usize) -> usize {
    // SAFETY: the caller's promise.
    let header = unsafe { header_at(addr) };
    if header.blocks != 0 { header.blocks as usize } else { large_blocks_at(addr, header) }
}

#[cold]
#[inline(never)]
fn large_blocks_at(addr: usize, header: Header) -> usize {
    // SAFETY: large objects are of a kind with a count.
    let count = unsafe { count_at(addr) };
    (COUNTED_HEADER + header.large_payload(count)).div_ceil(BLOCK)
}
