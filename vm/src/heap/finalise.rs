//! Finalisers: objects whose end somebody wants to know of.
//!
//! Registered objects stand in a table, itself an object of the heap. When a collection does not reach one, it becomes
//! *pending*: it is kept, with all it refers to, until [`Heap::take_finalisable`] hands it out. It is no longer
//! registered then, and dies at the next collection that does not reach it, unless it was registered again.
//! Objects that die together become pending together, and are handed out in the order in which they were registered.

use core::ptr::NonNull;

use super::region::{load, store};
use super::{COUNTED_HEADER, Heap, NoMemory, WORD, count_at};
use crate::value::{Header, Value};

/// The table: addresses of objects, plus one while they are registered, as they are when pending; 0 when taken out.
pub(super) struct Finalisers {
    /// Address of the table, a `Raw` object; 0: there is none yet.
    table: usize,
    /// Words in use.
    len: usize,
    /// How many of them are pending.
    n_pending: usize,
    /// No word before this one is pending.
    next: usize,
}

impl Finalisers {
    pub const fn new() -> Finalisers {
        Finalisers { table: 0, len: 0, n_pending: 0, next: 0 }
    }

    fn capacity(&self) -> usize {
        // SAFETY: the table is a live object with a count.
        if self.table == 0 { 0 } else { unsafe { count_at(self.table) as usize / WORD } }
    }

    fn get(&self, i: usize) -> usize {
        debug_assert!(i < self.len);
        // SAFETY: `i` is less than `len`, which is at most the capacity.
        unsafe { load(self.table + COUNTED_HEADER + i * WORD) }
    }

    fn put(&self, i: usize, word: usize) {
        debug_assert!(i < self.len);
        // SAFETY: as in `get`.
        unsafe { store(self.table + COUNTED_HEADER + i * WORD, word) };
    }

    /// Closes the gaps.
    fn compact(&mut self) {
        let mut kept = 0;
        for i in 0..self.len {
            let word = self.get(i);
            if word != 0 {
                self.put(kept, word);
                kept += 1;
            }
        }
        self.len = kept;
        self.next = 0;
    }
}

impl Heap {
    /// Asks for `object`, of this heap, to be kept and handed out when nobody refers to it any more. May allocate.
    ///
    /// # Errors
    /// As for [`Heap::alloc`].
    pub fn register_finaliser(&mut self, object: Value) -> Result<(), NoMemory> {
        if self.finalisers.len == self.finalisers.capacity() {
            self.finalisers.compact();
        }
        if self.finalisers.len == self.finalisers.capacity() {
            self.grow_finalisers().ok_or(NoMemory)?;
        }
        self.finalisers.len += 1;
        self.finalisers.put(self.finalisers.len - 1, object.bits() | 1);
        Ok(())
    }

    /// The next object that is to be finalised. The caller must keep it alive from here on.
    pub fn take_finalisable(&mut self) -> Option<Value> {
        let table = &mut self.finalisers;
        if table.n_pending == 0 {
            return None;
        }
        for i in table.next..table.len {
            let word = table.get(i);
            if word != 0 && word & 1 == 0 {
                table.put(i, 0);
                table.n_pending -= 1;
                table.next = i + 1;
                let object = core::ptr::with_exposed_provenance::<Header>(word);
                // SAFETY: pending objects are live.
                return Some(unsafe { Value::from_object(object) });
            }
        }
        None
    }

    /// How many objects wait for [`Heap::take_finalisable`].
    pub fn n_finalisable(&self) -> usize {
        self.finalisers.n_pending
    }

    /// Makes all registered objects pending, reachable or not: the end of the VM, or a soft reset.
    pub fn finalise_all(&mut self) {
        self.make_pending(|_, _| true);
    }

    /// Makes the registered objects pending for which `dead` holds.
    fn make_pending(&mut self, dead: impl Fn(&Heap, usize) -> bool) {
        for i in 0..self.finalisers.len {
            let word = self.finalisers.get(i);
            if word & 1 == 1 && dead(self, word - 1) {
                self.finalisers.put(i, word - 1);
                self.finalisers.n_pending += 1;
                self.finalisers.next = self.finalisers.next.min(i);
            }
        }
    }

    /// Marks the table and the objects that became pending earlier.
    pub(super) fn mark_finalisable(&mut self) {
        if self.finalisers.table != 0 {
            self.mark_object(self.finalisers.table);
            self.finalisers.compact();
            self.mark_all_pending();
        }
    }

    /// Makes the registered objects pending that nobody reached, and marks them.
    pub(super) fn queue_finalisers(&mut self) {
        let before = self.finalisers.n_pending;
        self.make_pending(|heap, object| !heap.is_marked_at(object));
        if self.finalisers.n_pending != before {
            self.mark_all_pending();
        }
    }

    fn mark_all_pending(&mut self) {
        if self.finalisers.n_pending == 0 {
            return;
        }
        for i in 0..self.finalisers.len {
            let word = self.finalisers.get(i);
            if word & 1 == 0 {
                self.mark_object(word);
            }
        }
    }

    /// Doubles the table.
    fn grow_finalisers(&mut self) -> Option<()> {
        let old = self.finalisers.table;
        let bytes = self.finalisers.capacity() * WORD;
        let new =
            self.alloc_bytes((2 * bytes).max(2 * super::BLOCK - COUNTED_HEADER))?.addr().get();
        self.finalisers.table = new;
        let Some(table) = NonNull::new(core::ptr::with_exposed_provenance_mut::<u8>(old)) else {
            return Some(());
        };
        for at in (COUNTED_HEADER..COUNTED_HEADER + bytes).step_by(WORD) {
            // SAFETY: both tables have this word.
            unsafe { store(new + at, load(old + at)) };
        }
        // SAFETY: the old table is referred to by nobody else.
        unsafe { self.free(table) };
        Some(())
    }
}
