//! One region of memory: its bitmaps, and the arithmetic between addresses and blocks.
//!
//! A region begins with two bitmaps, *start* and *mark*; the rest of it is blocks of [`BLOCK`] bytes. Blocks are
//! numbered from `base`, which lies at or below the region and is a multiple of [`GROUP`]: so the bit of a block
//! follows from its address alone, and the fast path of the allocator needs neither `base` nor a subtraction.
//! The blocks from `base` to `first` are the bitmaps' (or nobody's of this heap): their bits are never set.
//! Bit `blocks`, behind the last block, is always set in both bitmaps: it ends every search.

use crate::value::header::{BLOCK, WORD};

/// Bits of a bitmap word.
pub(super) const BITS: usize = WORD * 8;
/// Bytes of heap that one bitmap word speaks for.
pub(super) const GROUP: usize = BLOCK * BITS;
/// Fewer blocks than this make no region.
const LEAST_BLOCKS: usize = 8;

/// The number of a region; nothing in a build for one region.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct RegionId(#[cfg(feature = "regions")] usize);

impl RegionId {
    pub const fn new(number: usize) -> RegionId {
        let _ = number;
        RegionId(
            #[cfg(feature = "regions")]
            number,
        )
    }

    #[inline(always)]
    pub const fn number(self) -> usize {
        #[cfg(feature = "regions")]
        return self.0;
        #[cfg(not(feature = "regions"))]
        0
    }
}

/// Reads a word of a region.
///
/// # Safety
/// `addr` is a multiple of [`WORD`] inside a region of the heap (invariant 1).
#[inline(always)]
pub(super) unsafe fn load(addr: usize) -> usize {
    // SAFETY: the caller's promise; regions are exposed when the heap is made.
    unsafe { core::ptr::with_exposed_provenance::<usize>(addr).read() }
}

/// Writes a word of a region.
///
/// # Safety
/// As for [`load`]; the word may be overwritten.
#[inline(always)]
pub(super) unsafe fn store(addr: usize, word: usize) {
    // SAFETY: the caller's promise.
    unsafe { core::ptr::with_exposed_provenance_mut::<usize>(addr).write(word) }
}

/// Where a region's parts are. All addresses are exposed ones.
#[derive(Clone, Copy)]
pub(super) struct Span {
    /// Address of block 0, a multiple of [`GROUP`].
    pub base: usize,
    /// Number of the first block that can be allocated.
    pub first: usize,
    /// Number of the block behind the last.
    pub blocks: usize,
    /// Address of the start bitmap.
    pub start: usize,
    /// Address of the mark bitmap.
    pub mark: usize,
}

impl Span {
    pub const NONE: Span = Span { base: 0, first: 0, blocks: 0, start: 0, mark: 0 };

    /// Lays out the region and clears its bitmaps; `None` when it is too small.
    ///
    /// # Safety
    /// The memory is exclusive and lives as long as the span is used (invariant 1).
    pub unsafe fn new(start: *mut u8, len: usize) -> Option<Span> {
        let low = start.expose_provenance().checked_next_multiple_of(WORD)?;
        let high = start.addr().checked_add(len)? / BLOCK * BLOCK;
        let base = low / GROUP * GROUP;
        let blocks = high.checked_sub(base)? / BLOCK;
        let map_bytes = (blocks / BITS + 1) * WORD;
        let first = (low.checked_add(2 * map_bytes)? - base).div_ceil(BLOCK);
        if low > high || blocks < first + LEAST_BLOCKS {
            return None;
        }
        let span = Span { base, first, blocks, start: low, mark: low + map_bytes };
        for i in 0..2 * (blocks / BITS + 1) {
            // SAFETY: the bitmaps lie inside the region.
            unsafe { store(low + i * WORD, 0) };
        }
        span.set(span.start, blocks);
        span.set(span.mark, blocks);
        Some(span)
    }

    /// Bytes of each bitmap.
    pub fn map_bytes(&self) -> usize {
        (self.blocks / BITS + 1) * WORD
    }

    /// Bytes of all blocks.
    pub fn bytes(&self) -> usize {
        (self.blocks - self.first) * BLOCK
    }

    #[inline(always)]
    pub fn addr(&self, block: usize) -> usize {
        self.base + block * BLOCK
    }

    #[inline(always)]
    pub fn block(&self, addr: usize) -> usize {
        (addr - self.base) / BLOCK
    }

    /// Address of the first block.
    pub fn low(&self) -> usize {
        self.addr(self.first)
    }

    /// Address behind the last block.
    pub fn high(&self) -> usize {
        self.addr(self.blocks)
    }

    /// The word of `map` that has the bit of `block`, which is at most `blocks`.
    #[inline(always)]
    fn word(&self, map: usize, block: usize) -> usize {
        debug_assert!(block <= self.blocks);
        // SAFETY: a bitmap has a bit for every block and the end.
        unsafe { load(map + block / BITS * WORD) }
    }

    #[inline(always)]
    pub fn get(&self, map: usize, block: usize) -> bool {
        self.word(map, block) >> (block % BITS) & 1 != 0
    }

    /// As `get`, for the bits behind the last block as well.
    pub fn get_raw(&self, map: usize, bit: usize) -> bool {
        debug_assert!(bit / BITS <= self.blocks / BITS);
        // SAFETY: inside the bitmap.
        let word = unsafe { load(map + bit / BITS * WORD) };
        word >> (bit % BITS) & 1 != 0
    }

    #[inline(always)]
    pub fn set(&self, map: usize, block: usize) {
        let word = self.word(map, block) | 1 << (block % BITS);
        // SAFETY: as in `word`; the bitmaps are the heap's own.
        unsafe { store(map + block / BITS * WORD, word) };
    }

    #[inline(always)]
    pub fn clear(&self, map: usize, block: usize) {
        let word = self.word(map, block) & !(1 << (block % BITS));
        // SAFETY: as in `set`.
        unsafe { store(map + block / BITS * WORD, word) };
    }

    /// Clears the mark bitmap; how many bits were set, without the one at the end, which stays. Fast over words of 0.
    pub fn clear_mark(&self) -> usize {
        // The bit behind the last block is not counted.
        self.clear(self.mark, self.blocks);
        let end = self.mark + self.map_bytes();
        let (mut bits, mut at) = (0, self.mark);
        while at != end {
            // SAFETY: the words are inside the bitmap, as is everything before `end`.
            unsafe {
                while end - at >= 4 * WORD
                    && load(at) | load(at + WORD) | load(at + 2 * WORD) | load(at + 3 * WORD) == 0
                {
                    at += 4 * WORD;
                }
                if at != end {
                    bits += load(at).count_ones() as usize;
                    store(at, 0);
                    at += WORD;
                }
            }
        }
        self.set(self.mark, self.blocks);
        bits
    }

    /// The first block from `block` on whose start bit is set; the region's end if there is none.
    #[inline]
    pub fn next_start(&self, block: usize) -> usize {
        let rest = self.word(self.start, block) >> (block % BITS);
        if rest != 0 {
            return block + rest.trailing_zeros() as usize;
        }
        let mut group = block / BITS * BITS;
        loop {
            // The bit behind the last block ends the search.
            group += BITS;
            let word = self.word(self.start, group);
            if word != 0 {
                return group + word.trailing_zeros() as usize;
            }
        }
    }

    /// The last block up to `block` whose bit is set in either bitmap: the object there, marked or not.
    #[inline(never)]
    pub fn previous_start(&self, block: usize) -> Option<usize> {
        let (map, other) = (self.start, self.mark);
        let mut group = block / BITS;
        let above = BITS - 1 - block % BITS;
        let mut word = (self.word(map, block) | self.word(other, block)) << above >> above;
        while word == 0 {
            if group <= self.first / BITS {
                return None;
            }
            group -= 1;
            word = self.word(map, group * BITS) | self.word(other, group * BITS);
        }
        Some(group * BITS + BITS - 1 - word.leading_zeros() as usize)
    }
}
