//! Marking: finds all objects that can be reached from the roots, in bounded memory and linear time.
//!
//! Depth first. What is left of an object when the search descends into one of its values is pushed onto a stack of
//! fixed size, except when no more pointers are left in it. When the stack is full, the way back is kept in
//! the objects themselves: the word that was followed is overwritten with the address of the word that was followed
//! before (a *reversed* word), and restored on the way back. The object that a reversed word lies in is found through
//! the bitmaps. So the search never recurses, never gives up, and visits every object once.
//!
//! A word counts as a pointer when it is one to the first block of an object, as told by the start bits;
//! so it does no harm when the words of an object were never written, or are not values at all. Marking an object
//! moves its bit from the start bitmap to the mark bitmap: the start bit alone says "an object, and not yet marked".

use super::poison::poison;
use super::region::{BITS, RegionId, Span, load, store};
use super::{
    BLOCK, COUNTED_HEADER, Heap, Kind, MAX_REGIONS, Scan, WORD, blocks_at, count_at, header_at,
};
use crate::value::Value;
use crate::value::header::{CODE_VALUES, CodeHead, SCAN};

/// Places on the stack. Deeper structures are traced by reversal, at three times the cost.
const DEPTH: usize = 32;
/// Offset of the only value in a list: its length is before it, nothing behind it.
const LIST_ARRAY: usize = 8;
/// Binary logarithm of [`BLOCK`].
const BLOCK_LOG: u32 = BLOCK.trailing_zeros();

/// What the search has to come back to. Empty between two roots.
pub(super) struct Marker {
    /// The words that are left of objects: from, up to.
    stack: [(usize, usize); DEPTH],
    /// Address of the word reversed last, 0: none. Not 0 only while the stack is full.
    reversed: usize,
}

impl Marker {
    pub const fn new() -> Marker {
        Marker { stack: [(0, 0); DEPTH], reversed: 0 }
    }
}

impl Heap {
    /// Begins a collection. From here to [`Heap::finish_mark`], nothing else but marking and looking may be done.
    pub fn begin_mark(&mut self) {
        self.marking = true;
        self.settled = false;
    }

    /// Marks a value and all that can be reached from it. Values that are no objects of this heap are ignored.
    #[inline]
    pub fn mark_value(&mut self, value: Value) {
        if value.is_object() {
            self.mark_object(value.bits());
        }
    }

    /// Marks what words refer to that may or may not be values: interior pointers count too.
    ///
    /// # Safety
    /// `from` points to `n` words that may be read.
    pub unsafe fn mark_words_conservatively(&mut self, from: *const usize, n: usize) {
        // Most words are far from any region.
        let low = self.spans().iter().map(Span::low).min().unwrap_or(0);
        let length = self.spans().iter().map(Span::high).max().unwrap_or(0) - low;
        for i in 0..n {
            // SAFETY: the caller's promise. Volatile, because a native stack is made of other people's variables.
            let word = unsafe { from.add(i).read_volatile() };
            if word.wrapping_sub(low) < length {
                self.mark_around(word);
            }
        }
    }

    /// Marks the object that has a byte at this address, if there is one.
    #[inline(never)]
    fn mark_around(&mut self, addr: usize) {
        let around = |span: &&Span| addr.wrapping_sub(span.low()) < span.bytes();
        let Some(span) = self.spans().iter().find(around) else { return };
        // Most are marked already, and most addresses are of first blocks.
        if span.get(span.mark, span.block(addr)) {
            return;
        }
        let found = span.previous_start(span.block(addr));
        let Some(block) = found.filter(|&block| span.get(span.start, block)) else { return };
        let object = span.addr(block);
        // SAFETY: invariant 2.
        if addr < object + unsafe { blocks_at(object) } * BLOCK {
            self.mark_object(object);
        }
    }

    /// As [`Heap::mark_words_conservatively`], but only for pointers to the first byte of an object: what
    /// register windows and the like hold, which were values when they were written. A good deal faster.
    ///
    /// # Safety
    /// `from` points to `n` words that may be read.
    pub unsafe fn mark_words(&mut self, from: *const Value, n: usize) {
        let at = from.expose_provenance();
        // The search overwrites no word of a root: it comes back to these over the stack.
        self.trace(RegionId::new(0), at, at + n * WORD);
    }

    /// Whether an object survives: true for values that are no objects of this heap. Meaningful between
    /// [`Heap::settle`] and [`Heap::finish_mark`].
    pub fn is_marked(&self, value: Value) -> bool {
        !value.is_object() || self.is_marked_at(value.bits())
    }

    /// Decides over finalisers and weak references, when all roots are marked; marks what is kept for a finaliser.
    pub fn settle(&mut self) {
        debug_assert!(self.marking && !self.settled);
        self.mark_pending();
        self.clear_weak();
        self.queue_finalisers();
        self.relink_weak();
        self.settled = true;
    }

    /// Ends a collection: what is not marked is free from now on. Calls [`Heap::settle`] if that was not done.
    pub fn finish_mark(&mut self) {
        if !self.settled {
            self.settle();
        }
        if cfg!(debug_assertions) {
            self.spoil_dead();
        }
        self.freed = 0;
        let n = self.n_regions();
        for span in self.spans.iter_mut().take(n) {
            core::mem::swap(&mut span.start, &mut span.mark);
            self.freed += span.clear_mark();
        }
        self.marking = false;
        self.instance_marks = (0, 0);
        self.reset_search();
        if cfg!(debug_assertions) {
            self.check_invariants();
        }
    }

    /// From here to [`Heap::finish_mark`], every instance that is marked sets the byte at `base + stride * aux`: the
    /// mark of its shape.
    ///
    /// # Safety
    /// There is such a byte for the aux of every object of kind `Instance`, in memory that stays while marking.
    pub unsafe fn note_instances(&mut self, base: *mut u8, stride: usize) {
        self.instance_marks = (base.expose_provenance(), stride);
    }

    /// # Safety
    /// There is an object.
    #[inline(always)]
    unsafe fn note_instance(&self, object: usize) {
        // SAFETY: the caller's promise.
        let header = unsafe { header_at(object) };
        let (base, stride) = self.instance_marks;
        if header.kind_number() == Kind::Instance as usize && base != 0 {
            let at = base + stride * header.aux as usize;
            // SAFETY: promised to `note_instances`.
            unsafe { core::ptr::with_exposed_provenance_mut::<u8>(at).write(1) };
        }
    }

    pub(super) fn is_marked_at(&self, object: usize) -> bool {
        match self.region_of(object) {
            Some(region) => {
                let span = self.span(region);
                span.get(span.mark, span.block(object))
            }
            None => true,
        }
    }

    /// Marks the object at an address, if there is one.
    #[inline(never)]
    pub(super) fn mark_object(&mut self, object: usize) {
        // The search begins with a word that refers to it, and overwrites none of a root.
        let at = (&raw const object).expose_provenance();
        self.trace(RegionId::new(0), at, at + WORD);
    }

    /// Where the object's values are, without what precedes the first pointer; notes an instance.
    ///
    /// # Safety
    /// There is an object (invariant 2).
    #[inline(always)]
    unsafe fn pointers_of(&self, object: usize) -> (usize, usize) {
        // SAFETY: the caller's promise, here and below.
        let header = unsafe { header_at(object) };
        let (at, end) = if header.kind_number() > Kind::List as usize {
            if header.kind_number() == Kind::Instance as usize {
                // SAFETY: as above.
                unsafe { self.note_instance(object) };
            }
            (object + WORD, object + header.blocks as usize * BLOCK)
        } else if header.kind_number() == Kind::List as usize {
            (object + LIST_ARRAY, object + LIST_ARRAY + WORD)
        } else {
            // SAFETY: as above.
            unsafe { values_of(object) }
        };
        // SAFETY: the words are the object's.
        (unsafe { skip_to_pointer(at, end) }, end)
    }

    /// Marks all that can be reached from the words `at..end`, which lie in a marked object of `region`.
    #[inline(never)]
    fn trace(&mut self, region: RegionId, mut at: usize, mut end: usize) {
        // The region that the last pointer led to; most lead to the same.
        let Span { mut base, mut blocks, mut start, mut mark, .. } = *self.span(region);
        let mut depth = 0;
        loop {
            while at != end {
                // SAFETY: `at` lies in an object.
                let word = unsafe { load(at) };
                at += WORD;
                // One comparison tells a pointer to a block of this region from all other words.
                let block = word.wrapping_sub(base).rotate_right(BLOCK_LOG);
                if block >= blocks {
                    if word & 3 == 0
                        && MAX_REGIONS > 1
                        && let Some(span) = self.span_with_block_at(word)
                    {
                        Span { base, blocks, start, mark, .. } = *span;
                        at -= WORD;
                    }
                    continue;
                }
                let (index, bit) = (block / BITS * WORD, 1 << (block % BITS));
                // SAFETY: the block is one of the region's.
                let starts = unsafe { load(start + index) };
                if starts & bit == 0 {
                    continue;
                }
                // SAFETY: as above.
                unsafe {
                    store(start + index, starts & !bit);
                    store(mark + index, load(mark + index) | bit);
                }
                // SAFETY: invariant 2: the start bit was set.
                let (child_at, child_end) = unsafe { self.pointers_of(word) };
                if child_at == child_end {
                    continue;
                }
                let followed = at - WORD;
                // SAFETY: the words lie in one object.
                at = unsafe { skip_to_pointer(at, end) };
                // A reversed word needs the objects above it to come back to it one by one.
                if at != end || self.marker.reversed != 0 {
                    if let Some(place) = self.marker.stack.get_mut(depth) {
                        *place = (at, end);
                        depth += 1;
                    } else {
                        // SAFETY: the word belongs to a marked object; `come_back` restores it.
                        unsafe { store_pointer(followed, self.marker.reversed) };
                        self.marker.reversed = followed;
                    }
                }
                (at, end) = (child_at, child_end);
            }
            if self.marker.reversed != 0 {
                (at, end) = self.come_back(at - WORD);
            } else if let Some(&rest) = self.marker.stack.get(depth.wrapping_sub(1)) {
                depth -= 1;
                (at, end) = rest;
            } else {
                return;
            }
        }
    }

    /// The region that has a block at exactly `addr`.
    #[cold]
    #[inline(never)]
    fn span_with_block_at(&self, addr: usize) -> Option<&Span> {
        if addr.is_multiple_of(BLOCK) { self.span_of(addr) } else { None }
    }

    /// Goes back from the object that `inside` lies in, which is done, over the word reversed last; what is left of the
    /// object that this word lies in.
    #[cold]
    #[inline(never)]
    fn come_back(&mut self, inside: usize) -> (usize, usize) {
        let child = self.marked_object_with(inside);
        let followed = self.marker.reversed;
        // SAFETY: `trace` has reversed this word; it was the pointer to `child`.
        unsafe {
            self.marker.reversed = load(followed);
            store_pointer(followed, child);
        }
        // SAFETY: invariant 2.
        let (_, end) = unsafe { values_of(self.marked_object_with(followed)) };
        (followed + WORD, end)
    }

    /// The marked object that has this address inside.
    fn marked_object_with(&self, inside: usize) -> usize {
        let object = self.region_of(inside).and_then(|region| {
            let span = self.span(region);
            Some(span.addr(span.previous_start(span.block(inside))?))
        });
        debug_assert!(object.is_some());
        object.unwrap_or(inside)
    }

    /// Spoils what dies. Debug builds only.
    fn spoil_dead(&self) {
        for span in self.spans() {
            let mut block = span.next_start(span.first);
            while block != span.blocks {
                let object = span.addr(block);
                // SAFETY: start bits that are left belong to dead objects, intact until here.
                let end = object + unsafe { blocks_at(object) } * BLOCK;
                // SAFETY: nobody uses a dead object.
                unsafe { spoil(object, end) };
                poison(object, end);
                block = span.next_start(span.block(end));
            }
        }
    }
}

/// Overwrites free memory, so that a use of it does not go unnoticed.
///
/// # Safety
/// The memory from `at` to `end` is the heap's and belongs to no object.
pub(super) unsafe fn spoil(at: usize, end: usize) {
    const SPOILT: usize = usize::MAX / 255 * 0xdb;
    for at in (at..end).step_by(WORD) {
        // SAFETY: the caller's promise.
        unsafe { store(at, SPOILT) };
    }
}

/// Writes a pointer, with its provenance.
///
/// # Safety
/// As for [`store`].
unsafe fn store_pointer(at: usize, pointer: usize) {
    let pointer = core::ptr::with_exposed_provenance_mut::<u8>(pointer);
    // SAFETY: the caller's promise.
    unsafe { core::ptr::with_exposed_provenance_mut::<*mut u8>(at).write(pointer) };
}

/// The first word from `at` on that looks like a pointer; `end` if there is none.
///
/// # Safety
/// The words lie in one object.
#[inline(always)]
unsafe fn skip_to_pointer(mut at: usize, end: usize) -> usize {
    // SAFETY: the caller's promise.
    while at != end && unsafe { load(at) } & 3 != 0 {
        at += WORD;
    }
    at
}

/// From where up to where the object at `object` has values; an empty range if it has none.
///
/// # Safety
/// There is an object (invariant 2).
#[inline(always)]
unsafe fn values_of(object: usize) -> (usize, usize) {
    const {
        let mut kind = 0;
        while kind < SCAN.len() {
            assert!(kind >= Kind::RomType as usize || scan_of(kind) as u8 == SCAN[kind] as u8);
            kind += 1;
        }
    }
    // SAFETY: the caller's promise, here and below.
    let header = unsafe { header_at(object) };
    let at = object + COUNTED_HEADER;
    match scan_of(header.kind_number()) {
        Scan::Words => (object + WORD, object + header.blocks as usize * BLOCK),
        // SAFETY: a kind with a count.
        Scan::Counted => (at, at + unsafe { count_at(object) } as usize * WORD),
        // SAFETY: a kind with a count.
        Scan::Table => (at, at + header.table_entries(unsafe { count_at(object) }) * WORD),
        Scan::Code => {
            // SAFETY: a code object begins with a `CodeHead`.
            let head = unsafe { *core::ptr::with_exposed_provenance::<CodeHead>(object) };
            (object + CODE_VALUES, object + CODE_VALUES + head.n_values as usize * WORD)
        }
        Scan::LeafBytes | Scan::Leaf => (object, object),
    }
}

/// The same as [`Header::scan`](crate::value::Header::scan) for kinds that are in the heap, by comparison.
#[inline(always)]
const fn scan_of(kind: usize) -> Scan {
    if kind > Kind::Code as usize {
        Scan::Words
    } else if kind < Kind::Float as usize {
        Scan::LeafBytes
    } else if kind < Kind::Tuple as usize {
        Scan::Leaf
    } else if kind < Kind::Table as usize {
        Scan::Counted
    } else if kind == Kind::Table as usize {
        Scan::Table
    } else {
        Scan::Code
    }
}
