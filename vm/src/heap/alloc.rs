//! The slow paths of allocation: looking for free runs, giving blocks back, resizing in place.
//!
//! Two searches go through the heap after each collection, both forward, both skipping live objects by their size:
//! `holes` takes every run and serves requests for one block; `runs` takes the first run that is long enough and serves
//! the others. What `runs` passes over is found by `holes` later, so that nothing is lost to small objects; a second
//! round of `runs` starts where `holes` is, if something long enough was passed over. There is one current run at a
//! time: what remains of it when a request does not fit goes back to the search that will come by, or becomes `spare`.

use core::ptr::NonNull;

use super::mark::spoil;
use super::poison::{poison, unpoison};
use super::region::{BITS, GROUP, RegionId, Span, load, store};
use super::{
    BLOCK, COUNTED_HEADER, Header, Heap, MAX_REGIONS, Scan, WORD, blocks_at, count_at, header_at,
    set_count,
};

/// A place in the heap, ordered as the searches go: number of the region, then of the block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Position(usize);

impl Position {
    // Of a single region the bit is never set.
    const SHIFT: u32 = usize::BITS - if MAX_REGIONS > 1 { MAX_REGIONS.ilog2() } else { 1 };

    pub const fn new(region: RegionId, block: usize) -> Position {
        Position(region.number() << Self::SHIFT | block)
    }

    pub fn region(self) -> RegionId {
        RegionId::new(self.0 >> Self::SHIFT)
    }

    pub fn block(self) -> usize {
        self.0 & ((1 << Self::SHIFT) - 1)
    }
}

/// Free blocks, from `start` up to `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub region: RegionId,
    pub start: usize,
    pub end: usize,
}

impl Run {
    pub const NONE: Run = Run { region: RegionId::new(0), start: 0, end: 0 };

    pub fn len(&self) -> usize {
        self.end - self.start
    }
}

impl Heap {
    /// [`Heap::alloc`] when the current run has no room, or must not be used without asking. The caller writes the header.
    #[cold]
    #[inline(never)]
    pub(crate) fn alloc_slow(&mut self, blocks: usize) -> Option<NonNull<u8>> {
        self.refused = false;
        if self.held && !self.may_allocate() {
            return None;
        }
        if (self.run_end - self.cursor) / BLOCK < blocks && !self.find_run(blocks) {
            return None;
        }
        let at = self.cursor;
        self.cursor = at + blocks * BLOCK;
        self.limit = self.run_end;
        if self.held {
            self.set_limit();
        }
        let word = self.bits.wrapping_add(at / GROUP * WORD);
        // SAFETY: `at` lay in the current run, so that this is the word of its start bit.
        unsafe { store(word, load(word) | 1 << (at / BLOCK % BITS)) };
        unpoison(at, self.cursor);
        NonNull::new(core::ptr::with_exposed_provenance_mut(at))
    }

    /// Whether locks, tests and the threshold let the next allocation through.
    #[cold]
    #[inline(never)]
    fn may_allocate(&mut self) -> bool {
        self.refused = self.lock_depth != 0 || self.fail_in == 1;
        self.fail_in = self.fail_in.saturating_sub(1);
        self.set_limit();
        // With a threshold of 0 a collection is due after every allocation, not before every attempt.
        !self.refused && self.allocated() < self.threshold.max(1)
    }

    /// Says how far the fast path may go by itself.
    pub(super) fn set_limit(&mut self) {
        let stop = self.lock_depth != 0 || self.fail_in != 0;
        self.held = stop || self.threshold != usize::MAX;
        let room = if stop { 0 } else { self.threshold.saturating_sub(self.allocated()) };
        self.limit = self.cursor + room.min(self.run_end - self.cursor);
    }

    /// Forgets the current run and starts the searches anew, after a collection.
    pub(super) fn reset_search(&mut self) {
        (self.cursor, self.limit, self.run_end, self.run_from) = (0, 0, 0, 0);
        (self.spent, self.searched) = (0, 0);
        self.holes = Position::new(RegionId::new(0), self.spans[0].first);
        self.runs = self.holes;
        self.skipped = 0;
        self.spare = Run::NONE;
    }

    /// Lets the next allocations look for room from the start of the heap, so that objects which stay do not end up
    /// between the holes that others left. Does so once for every 32nd part of the heap that was allocated: on average
    /// the search costs next to nothing.
    pub fn search_anew(&mut self) {
        let allocated = self.allocated();
        let total: usize = self.spans().iter().map(Span::bytes).sum();
        if allocated - self.searched < total / 32 {
            return;
        }
        self.reset_search();
        (self.spent, self.searched) = (allocated, allocated);
    }

    /// Makes a run of at least `blocks` blocks the current one.
    fn find_run(&mut self, blocks: usize) -> bool {
        self.spent = self.allocated();
        if self.cursor != self.run_end {
            self.retire();
        }
        (self.cursor, self.limit, self.run_end, self.run_from) = (0, 0, 0, 0);
        if self.spare.len() >= blocks {
            let run = core::mem::replace(&mut self.spare, Run::NONE);
            self.open(run);
            return true;
        }
        if blocks == 1 {
            let (found, at) = self.seek(self.holes, 1);
            self.holes = at;
            // This also keeps `runs` out of the inside of the new run.
            if self.runs < at {
                self.runs = at;
            }
            return found;
        }
        let (mut found, mut at) = self.seek(self.runs.max(self.holes), blocks);
        if !found && self.skipped >= blocks {
            self.skipped = 0;
            (found, at) = self.seek(self.holes, blocks);
        }
        self.runs = at;
        found
    }

    /// Makes the first run of at least `blocks` blocks from `at` on the current one; whether there is one, and where it
    /// ends. `skipped` grows to the longest run passed over.
    fn seek(&mut self, at: Position, blocks: usize) -> (bool, Position) {
        let (mut region, mut block) = (at.region(), at.block());
        loop {
            let span = *self.span(region);
            loop {
                let next = span.next_start(block);
                let free = next - block;
                if free >= blocks {
                    self.open(Run { region, start: block, end: next });
                    return (true, Position::new(region, next));
                }
                self.skipped = self.skipped.max(free);
                if next == span.blocks {
                    break;
                }
                // SAFETY: invariant 2.
                block = next + unsafe { blocks_at(span.addr(next)) };
            }
            if region.number() + 1 >= self.n_regions() {
                return (false, Position::new(region, span.blocks));
            }
            region = RegionId::new(region.number() + 1);
            block = self.span(region).first;
        }
    }

    /// Makes `run` the current one.
    #[inline(always)]
    fn open(&mut self, run: Run) {
        let span = &self.spans[run.region.number()];
        self.bits = span.start.wrapping_sub(span.base / GROUP * WORD);
        self.cursor = span.addr(run.start);
        self.run_from = self.cursor;
        self.run_end = span.addr(run.end);
        self.run_region = run.region;
    }

    /// Gives the rest of the current run back to the search that will come by, or makes it `spare`.
    fn retire(&mut self) {
        let span = self.span(self.run_region);
        let (start, end) = (span.block(self.cursor), span.block(self.run_end));
        if self.holes == Position::new(self.run_region, end) {
            self.holes = Position::new(self.run_region, start);
        }
        self.release(Run { region: self.run_region, start, end });
    }

    /// Tells the searches of blocks that are free now.
    fn release(&mut self, mut run: Run) {
        let position = Position::new(run.region, run.start);
        if position < self.runs {
            // It may adjoin others: more than the longest run does no harm but a search in vain.
            self.skipped = self.skipped.saturating_add(run.len());
        }
        if position < self.holes {
            if self.spare.region == run.region && self.spare.end == run.start {
                run.start = self.spare.start;
            } else if self.spare.region == run.region && self.spare.start == run.end {
                run.end = self.spare.end;
            }
            if run.len() > self.spare.len() {
                self.spare = run;
            }
        }
    }

    /// Frees blocks that an object has given up.
    fn give_back(&mut self, start: usize, end: usize) {
        if end == self.cursor && start >= self.run_from {
            self.cursor = start;
            let span = self.span(self.run_region);
            let before = span.addr(self.spare.start);
            let adjoins =
                self.spare.region == self.run_region && self.spare.end == span.block(start);
            if self.spare.len() != 0 && adjoins && before >= self.run_from {
                self.cursor = before;
                self.spare = Run::NONE;
            }
            self.set_limit();
        } else if let Some(region) = self.region_of(start) {
            let span = self.span(region);
            self.release(Run { region, start: span.block(start), end: span.block(end) });
        }
    }

    /// Frees an object at once.
    ///
    /// # Safety
    /// `object` is a live object of this heap to which nobody refers any more, and has no finaliser.
    pub unsafe fn free(&mut self, object: NonNull<u8>) {
        debug_assert!(!self.marking);
        let start = object.addr().get();
        // SAFETY: the caller's promise.
        let end = start + unsafe { self.size_of(object) };
        let Some(span) = self.span_of(start) else { return };
        debug_assert!(span.get(span.start, span.block(start)), "free of no object");
        span.clear(span.start, span.block(start));
        if cfg!(debug_assertions) {
            // SAFETY: the object was the caller's to free.
            unsafe { spoil(start, end) };
        }
        poison(start, end);
        self.give_back(start, end);
    }

    /// Cuts an object of a kind with a count (not a table) down to `bytes` bytes, header included, in place; its count is
    /// made to fit. Nothing happens when `bytes` is not less than what it has.
    ///
    /// # Safety
    /// `object` is a live object of this heap, of such a kind.
    pub unsafe fn shrink(&mut self, object: NonNull<u8>, bytes: usize) {
        debug_assert!(!self.marking && bytes >= COUNTED_HEADER);
        let start = object.addr().get();
        // SAFETY: the caller's promise.
        let old = unsafe { self.size_of(object) };
        // SAFETY: the caller's promise; the count only gets smaller.
        unsafe {
            let room = count_for(header_at(start), bytes);
            if room < count_at(start) as usize {
                set_count(object, room);
            }
        }
        let new = bytes.next_multiple_of(BLOCK);
        if new < old {
            // SAFETY: the object keeps `new` bytes.
            unsafe { resize_header(object, new) };
            poison(start + new, start + old);
            self.give_back(start + new, start + old);
        }
    }

    /// Enlarges an object of a kind with a count (not a table) to at least `bytes` bytes, header included, if the blocks
    /// behind it are free; its count becomes what there is room for in `bytes`. False: nothing was changed. New room is
    /// not cleared. O(1) for the youngest object.
    ///
    /// # Safety
    /// `object` is a live object of this heap, of such a kind.
    pub unsafe fn try_grow(&mut self, object: NonNull<u8>, bytes: usize) -> bool {
        debug_assert!(!self.marking);
        let start = object.addr().get();
        // SAFETY: the caller's promise.
        let end = start + unsafe { self.size_of(object) };
        let Some(region) = self.region_of(start) else { return false };
        let span = self.span(region);
        if bytes > span.high() - start || bytes > u32::MAX as usize {
            return false;
        }
        let new_end = start + bytes.next_multiple_of(BLOCK);
        if new_end > end {
            if end == self.cursor && region == self.run_region {
                if new_end > self.limit {
                    return false;
                }
                self.cursor = new_end;
            } else if self.lock_depth != 0 || !self.take_gap(region, end, new_end) {
                return false;
            }
        }
        unpoison(end, new_end.max(end));
        // SAFETY: the blocks up to `new_end` are the object's now.
        unsafe {
            let header = header_at(start);
            resize_header(object, new_end.max(end) - start);
            set_count(object, count_for(header, bytes).max(count_at(start) as usize));
        }
        true
    }

    /// Takes the free blocks between these addresses, the first of which lies right behind an object; false if some are in use.
    fn take_gap(&mut self, region: RegionId, from: usize, to: usize) -> bool {
        let span = *self.span(region);
        let (first, last) = (span.block(from), span.block(to));
        let mut free_until = span.next_start(first);
        if region == self.run_region && from < self.cursor && self.cursor < span.addr(free_until) {
            free_until = span.block(self.cursor);
        }
        if free_until < last {
            return false;
        }
        for position in [&mut self.holes, &mut self.runs] {
            if position.region() == region && (first..last).contains(&position.block()) {
                *position = Position::new(region, last);
            }
        }
        let spare = self.spare;
        if spare.region == region && spare.start < last && first < spare.end {
            self.spare = Run::NONE;
        }
        true
    }

    /// The region with blocks at `addr`.
    pub(super) fn span_of(&self, addr: usize) -> Option<&Span> {
        Some(self.span(self.region_of(addr)?))
    }
}

/// The count for which an object with this header has room in `bytes`.
fn count_for(header: Header, bytes: usize) -> usize {
    debug_assert!(matches!(header.scan(), Scan::Counted | Scan::LeafBytes));
    let payload = bytes - COUNTED_HEADER;
    if header.scan() == Scan::Counted {
        debug_assert!(payload.is_multiple_of(WORD));
        payload / WORD
    } else {
        payload
    }
}

/// Writes the number of blocks of an object that has `bytes` bytes now.
///
/// # Safety
/// `object` is an object with these bytes; a large one has a count that says so, or gets it next.
unsafe fn resize_header(object: NonNull<u8>, bytes: usize) {
    let blocks = bytes / BLOCK;
    let blocks = if blocks <= 255 { blocks as u8 } else { 0 };
    // SAFETY: the caller's promise; `blocks` is the second byte of a header.
    unsafe { object.add(1).write(blocks) };
}
