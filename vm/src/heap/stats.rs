//! What the heap knows about itself: figures, the map, and the check of its invariants. All of it walks the heap.

use super::region::{BITS, RegionId};
use super::{BLOCK, Heap, Run, Scan, WORD, blocks_at, header_at};
use crate::value::Kind;
use crate::value::header::SCAN;

/// Figures of a heap. Bytes where nothing else is said; bitmaps are not counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Of all blocks.
    pub total: usize,
    /// Of the blocks that objects have.
    pub used: usize,
    /// Of the others.
    pub free: usize,
    /// Objects.
    pub n_objects: usize,
    /// Objects of one block.
    pub n_1block: usize,
    /// Objects of two blocks.
    pub n_2block: usize,
    /// Blocks of the largest object.
    pub max_object_blocks: usize,
    /// Blocks of the longest run of free ones.
    pub max_free_run_blocks: usize,
}

/// A stretch of blocks, as [`Heap::pieces`] finds it.
#[derive(Clone, Copy)]
struct Piece {
    region: RegionId,
    /// The object there; `None`: free blocks.
    object: Option<usize>,
    blocks: usize,
}

impl Heap {
    /// Objects and free runs in the order of their addresses, region by region.
    fn pieces(&self) -> impl Iterator<Item = Piece> {
        let (mut region, mut block) = (RegionId::new(0), self.spans[0].first);
        core::iter::from_fn(move || {
            loop {
                let span = self.span(region);
                let next = span.next_start(block);
                if next > block {
                    let blocks = next - block;
                    block = next;
                    return Some(Piece { region, object: None, blocks });
                }
                if next < span.blocks {
                    let object = span.addr(next);
                    // SAFETY: invariant 2.
                    let blocks = unsafe { blocks_at(object) };
                    block = next + blocks;
                    return Some(Piece { region, object: Some(object), blocks });
                }
                if region.number() + 1 >= self.n_regions() {
                    return None;
                }
                region = RegionId::new(region.number() + 1);
                block = self.span(region).first;
            }
        })
    }

    /// Figures. Not while marking.
    pub fn stats(&self) -> Stats {
        let total = self.spans().iter().map(|span| span.bytes()).sum();
        let mut stats = Stats { total, free: total, ..Stats::default() };
        for piece in self.pieces() {
            if piece.object.is_none() {
                stats.max_free_run_blocks = stats.max_free_run_blocks.max(piece.blocks);
                continue;
            }
            stats.n_objects += 1;
            stats.used += piece.blocks * BLOCK;
            stats.free -= piece.blocks * BLOCK;
            stats.n_1block += usize::from(piece.blocks == 1);
            stats.n_2block += usize::from(piece.blocks == 2);
            stats.max_object_blocks = stats.max_object_blocks.max(piece.blocks);
        }
        stats
    }

    /// Number of objects that the last collection freed: the result of `gc.collect()`.
    pub fn freed(&self) -> usize {
        self.freed
    }

    /// The regions' blocks: address of the first one, and how many. In the order of [`Heap::map`].
    pub fn block_ranges(&self) -> impl Iterator<Item = (usize, usize)> {
        self.spans().iter().map(|span| (span.low(), span.blocks - span.first))
    }

    /// Draws a part of the map of region number `region`, from block `from` on, as `micropython.mem_info(1)` prints it. One letter
    /// for each block: `.` free, `=` the rest of an object, and for its first block `T` tuple, `L` list, `D` dict, `S` str or
    /// bytes, `A` bytearray or array, `F` float, `B` Python function, `M` module, `h` anything else.
    pub fn map(&self, region: usize, from: usize, letters: &mut [u8]) {
        let mut block = 0;
        for piece in self.pieces().filter(|piece| piece.region.number() == region) {
            let (mut letter, rest) = match piece.object {
                None => (b'.', b'.'),
                // SAFETY: invariant 2.
                Some(object) => (letter(unsafe { header_at(object) }.kind()), b'='),
            };
            for _ in 0..piece.blocks {
                if let Some(place) = letters.get_mut(usize::wrapping_sub(block, from)) {
                    *place = letter;
                }
                letter = rest;
                block += 1;
            }
        }
    }

    /// Every object, as a pointer to its header; for tests and tools. Not while marking.
    pub fn objects(&self) -> impl Iterator<Item = *const u8> {
        self.pieces().filter_map(|piece| Some(core::ptr::with_exposed_provenance(piece.object?)))
    }

    /// Panics where an invariant does not hold. Runs after every collection in debug builds.
    pub fn check_invariants(&self) {
        assert!(self.cursor <= self.limit && self.limit <= self.run_end, "invariant 3: order");
        for (region, span) in self.spans().iter().enumerate() {
            assert!(span.get(span.start, span.blocks), "invariant 4: start bitmap");
            assert!(span.get(span.mark, span.blocks), "invariant 4: mark bitmap");
            for block in 0..span.blocks {
                assert!(!span.get(span.mark, block), "invariant 4: mark bit outside of marking");
            }
            for block in 0..span.first {
                assert!(!span.get(span.start, block), "start bit of no block");
            }
            for beyond in span.blocks + 1..span.map_bytes() / WORD * BITS {
                assert!(!span.get_raw(span.start, beyond), "start bit beyond the end");
            }
            if self.cursor != self.run_end && self.run_region.number() == region {
                let block = span.block(self.cursor);
                let end = span.block(self.run_end);
                assert!(span.next_start(block) >= end, "invariant 3: object in the run");
            }
            self.check_region(region);
        }
        assert!(self.holes <= self.runs, "invariant 5: order");
        let run = self.spare;
        assert!(run.len() == 0 || self.is_free(run), "invariant 5: spare");
    }

    fn check_region(&self, region: usize) {
        let span = &self.spans[region];
        let mut block = span.first;
        for piece in self.pieces().filter(|piece| piece.region.number() == region) {
            for position in [self.holes, self.runs] {
                let inside = block < position.block() && position.block() < block + piece.blocks;
                assert!(
                    position.region().number() != region || piece.object.is_none() || !inside,
                    "invariant 5: search position inside of an object"
                );
            }
            if let Some(object) = piece.object {
                // SAFETY: a start bit is set; that the header is right is checked as far as it can be.
                let header = unsafe { header_at(object) };
                assert!((header.kind() as usize) < SCAN.len(), "invariant 2: kind");
                assert!(piece.blocks > 0, "invariant 2: size");
                let counted = !matches!(header.scan(), Scan::Words | Scan::Leaf);
                assert!(counted || header.blocks != 0, "invariant 2: large object without count");
                let next = span.next_start(block + 1);
                assert!(block + piece.blocks <= next, "invariant 2: objects overlap");
            }
            block += piece.blocks;
        }
        assert!(block == span.blocks, "invariant 2: object beyond the end");
    }

    fn is_free(&self, run: Run) -> bool {
        let mut block = self.span(run.region).first;
        for piece in self.pieces().filter(|piece| piece.region == run.region) {
            let overlaps = block < run.end && run.start < block + piece.blocks;
            if overlaps && piece.object.is_some() {
                return false;
            }
            block += piece.blocks;
        }
        true
    }
}

fn letter(kind: Kind) -> u8 {
    match kind {
        Kind::Tuple => b'T',
        Kind::List => b'L',
        Kind::Dict => b'D',
        Kind::Str | Kind::Bytes => b'S',
        Kind::ByteArray => b'A',
        Kind::Float => b'F',
        Kind::Function => b'B',
        Kind::Module => b'M',
        _ => b'h',
    }
}
