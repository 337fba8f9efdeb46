//! Hash tables, insertion-ordered: what a `dict` or a `set` refers to.
//!
//! A table is one object: entries in insertion order (`stride` words each: key, for a dictionary the value, and for
//! keys whose hash is not cheap the hash), then an open-addressing index of entry numbers. Tables of up to
//! [`LINEAR`] entries have no index and are searched from the front.
//!
//! # Invariants
//! 1. Entries `0..used` are written; a removed entry has the key `DELETED`; entries from `used` on are `UNDEF`.
//! 2. With an index, every live entry's number plus one is found by probing from its hash; 0 is an empty slot.
//!    A removed entry keeps its slot.
//! 3. `live` counts the entries that are not removed.
//! 4. The `MIXED` flag is set unless every key is an interned string or a small int. Name lookups rely on it.

use super::dict::{DictObj, HASHED, HIDES_NOTHING, MIXED, ORDERED, READ_ONLY, STRIDE};
use super::strings::{Str, count, payload};
use super::{Dict, Set};
use crate::value::header::WORD;
use crate::value::{Header, Kind, Value};
use crate::{Raise, SHORTCUTS, Vm};

/// Entries a table has at most without an index.
pub const LINEAR: usize = 8;

/// A dictionary or a set, for the code that is the same for both.
#[derive(Clone, Copy)]
pub struct TableRef(Value);

/// Where the entries and the index of a table are: what a search works with, until the table is replaced.
#[derive(Clone, Copy)]
struct Layout {
    entries: *mut Value,
    index: *mut u8,
    /// Slots of the index less one; 0 without an index.
    mask: usize,
    log_size: u16,
}

impl Layout {
    #[inline(always)]
    fn of(table: Value) -> Layout {
        let head = table.object_ptr();
        // SAFETY: a Table has a header and a count.
        let (aux, n) = unsafe { ((*head.cast::<Header>()).aux, head.add(4).cast::<u32>().read()) };
        let slots = 1usize << (aux & 31);
        let log_size = aux >> 5;
        let base = head.wrapping_add(8);
        Layout {
            entries: base.cast(),
            // The index is the end of the payload. Without one nobody looks.
            index: base.wrapping_add((n as usize).wrapping_sub(slots << log_size)),
            mask: slots - 1,
            log_size,
        }
    }

    #[inline(always)]
    fn has_index(&self) -> bool {
        self.mask != 0
    }

    #[inline(always)]
    fn get(&self, slot: usize) -> usize {
        let p = self.index.wrapping_add((slot & self.mask) << self.log_size);
        // SAFETY: the slot is masked to the index, which `of` located inside the table's payload, aligned to its slot size.
        unsafe {
            match self.log_size {
                0 => p.read() as usize,
                1 => p.cast::<u16>().read() as usize,
                _ => p.cast::<u32>().read() as usize,
            }
        }
    }

    #[inline(always)]
    fn set(&self, slot: usize, n: usize) {
        let p = self.index.wrapping_add((slot & self.mask) << self.log_size);
        // SAFETY: as in `get`; the entry number fits because the slot size was chosen for the capacity.
        unsafe {
            match self.log_size {
                0 => p.write(n as u8),
                1 => p.cast::<u16>().write(n as u16),
                _ => p.cast::<u32>().write(n as u32),
            }
        }
    }
}

#[inline(always)]
fn spread(hash: usize) -> usize {
    // Multiplying spreads runs of small ints and the 14 bits of a string's hash over large tables.
    (hash as u32).wrapping_mul(0x9E37_79B1) as usize >> 7
}

impl TableRef {
    /// The dictionary as a table.
    #[inline(always)]
    pub fn dict(d: Dict) -> TableRef {
        TableRef(d.value())
    }

    /// The set as a table.
    #[inline(always)]
    pub fn set(s: Set) -> TableRef {
        TableRef(s.value())
    }

    /// The table of a dictionary or a set.
    #[inline(always)]
    pub fn of(owner: Value) -> TableRef {
        TableRef(owner)
    }

    #[inline(always)]
    fn flags(self) -> u16 {
        // SAFETY: the owner is a Dict or a Set.
        unsafe { (*self.as_dict()).header.aux }
    }

    fn set_flags(self, _vm: &mut Vm, flags: u16) {
        // SAFETY: as above; `&mut Vm` makes us the only one.
        unsafe { (*self.as_dict()).header.aux = flags }
    }

    /// True for a dictionary, whose entries have values.
    #[inline(always)]
    fn is_dict(self) -> bool {
        // SAFETY: as above.
        unsafe { (*self.as_dict()).header.kind_number() == Kind::Dict as usize }
    }

    #[inline(always)]
    fn is_hashed(self) -> bool {
        self.flags() & HASHED != 0
    }

    /// Words of an entry: 2 of a dictionary, 1 of a set; one more with `HASHED`.
    #[inline(always)]
    fn stride(self) -> usize {
        (self.flags() >> STRIDE) as usize
    }

    #[inline(always)]
    fn as_dict(self) -> *mut DictObj {
        // Dict and Set objects have the same layout.
        self.0.object_ptr().cast()
    }

    #[inline(always)]
    fn table(self) -> Value {
        // SAFETY: the owner is a Dict or a Set.
        unsafe { (*self.as_dict()).table }
    }

    /// Entries in use, removed ones included: the bound of entry numbers.
    #[inline(always)]
    pub fn used(self) -> usize {
        // SAFETY: as above.
        unsafe { (*self.as_dict()).used as usize }
    }

    /// Entries that are not removed.
    #[inline(always)]
    pub fn live(self) -> usize {
        // SAFETY: as above.
        unsafe { (*self.as_dict()).live as usize }
    }

    #[inline(always)]
    fn set_counts(self, _vm: &mut Vm, used: usize, live: usize) {
        // SAFETY: as above; `&mut Vm` makes us the only one.
        unsafe {
            (*self.as_dict()).used = used as u32;
            (*self.as_dict()).live = live as u32;
        }
    }

    /// Where entry `i` is.
    #[inline(always)]
    fn place(self, i: usize) -> *mut Value {
        payload(self.table()).cast::<Value>().wrapping_add(i * self.stride())
    }

    /// Key of entry `i`; `None` for a removed entry or beyond the last.
    #[inline(always)]
    pub fn key(self, _vm: &Vm, i: usize) -> Option<Value> {
        if i >= self.used() {
            return None;
        }
        // SAFETY: invariant 1.
        let key = unsafe { *self.place(i) };
        if key == Value::DELETED { None } else { Some(key) }
    }

    /// Value of entry `i` of a dictionary, which exists.
    #[inline(always)]
    pub fn value(self, _vm: &Vm, i: usize) -> Value {
        // SAFETY: invariant 1.
        if i < self.used() { unsafe { *self.place(i).add(1) } } else { Value::UNDEF }
    }

    /// Replaces the value of entry `i` of a dictionary, which exists.
    #[inline(always)]
    pub fn set_value(self, _vm: &mut Vm, i: usize, value: Value) {
        if i < self.used() {
            // SAFETY: invariant 1; `&mut Vm` makes us the only one.
            unsafe { *self.place(i).add(1) = value };
        }
    }

    /// The next live entry at or after `i`.
    #[inline]
    pub fn next(self, vm: &Vm, mut i: usize) -> Option<usize> {
        while i < self.used() {
            if self.key(vm, i).is_some() {
                return Some(i);
            }
            i += 1;
        }
        None
    }

    /// The value of `name` if entry `hint` has that key: what instruction hints are verified with.
    #[inline(always)]
    pub(crate) fn hinted(d: Dict, hint: u8, name: Value) -> Option<Value> {
        // SAFETY: a Dict; its table, which is there when `used` is not 0, has two words an entry without `HASHED`.
        unsafe {
            let obj = d.raw();
            if (hint as u32) < (*obj).used && (*obj).header.aux & HASHED == 0 {
                let entry = payload((*obj).table).cast::<Value>().add(hint as usize * 2);
                if *entry == name {
                    return Some(*entry.add(1));
                }
            }
        }
        None
    }

    /// Where the value of `name` is if entry `hint` has that key and the dictionary may be changed.
    #[inline(always)]
    pub(crate) fn hinted_place(d: Dict, hint: u8, name: Value) -> Option<*mut Value> {
        // SAFETY: as in `hinted`.
        unsafe {
            let obj = d.raw();
            if (hint as u32) < (*obj).used && (*obj).header.aux & (HASHED | READ_ONLY) == 0 {
                let entry = payload((*obj).table).cast::<Value>().add(hint as usize * 2);
                if *entry == name {
                    return Some(entry.add(1));
                }
            }
        }
        None
    }

    /// The first entry whose key `is` accepts, of those that may have the hash.
    #[inline(always)]
    fn find_where(self, hash: usize, is: impl Fn(Value) -> bool) -> Option<usize> {
        let used = self.used();
        if used == 0 {
            return None;
        }
        let layout = Layout::of(self.table());
        let stride = self.stride();
        if !layout.has_index() {
            let mut at = 0;
            for i in 0..used {
                // SAFETY: invariant 1.
                if is(unsafe { *layout.entries.add(at) }) {
                    return Some(i);
                }
                at += stride;
            }
            return None;
        }
        let mut slot = spread(hash);
        loop {
            let n = layout.get(slot);
            if n == 0 {
                return None;
            }
            // SAFETY: invariant 2.
            if is(unsafe { *layout.entries.add((n - 1) * stride) }) {
                return Some(n - 1);
            }
            slot += 1;
        }
    }

    /// Searches for a key. Returns 0, or the number plus one of an entry that has the key or [may have it](Self::may_have),
    /// the latter only of a number of `after` or more: entries with the same hash are met in their order.
    #[inline(never)]
    fn look(self, key: Value, hash: usize, after: usize) -> usize {
        let used = self.used();
        if used == 0 {
            return 0;
        }
        let layout = Layout::of(self.table());
        let mut slot = spread(hash);
        // Without an index the number of the next entry, else that of the one that was found.
        let mut n = 0;
        loop {
            if layout.has_index() {
                n = layout.get(slot);
                slot += 1;
                if n == 0 {
                    return 0;
                }
            } else if n == used {
                return 0;
            } else {
                n += 1;
            }
            // SAFETY: invariants 1 and 2: an entry of the table.
            unsafe {
                let entry = layout.entries.add((n - 1) * self.stride());
                if *entry == key || n > after && self.may_have(entry, key, hash) {
                    return n;
                }
            }
        }
    }

    /// Whether an entry may have a key that is another object: only `Vm::equal` knows if one is neither a string nor a small
    /// int nor `None` and the other one has the same hash.
    ///
    /// # Safety
    /// The entry is one of the table's.
    #[inline(never)]
    unsafe fn may_have(self, entry: *const Value, key: Value, hash: usize) -> bool {
        // SAFETY: the caller's promise; the last word of an entry is its hash if it is hashed.
        let (mine, last) = unsafe { (*entry, *entry.add(self.stride() - 1)) };
        let plain = |v: Value, text: Option<Str>| v.is_small_int() || v.is_none() || text.is_some();
        match (Str::from_value(mine), Str::from_value(key)) {
            (Some(x), Some(y)) => x.equals(y),
            (x, y) => {
                mine != Value::DELETED
                    && !(plain(mine, x) && plain(key, y))
                    && (!self.is_hashed() || last == hash_word(hash))
            }
        }
    }

    /// True for a key that can only equal a key of the table if they are the same.
    #[inline(always)]
    fn is_exact(self, key: Value) -> bool {
        self.flags() & MIXED == 0 && is_exact(key)
    }

    /// Finds an interned string. Runs no Python: instances that claim to equal a string are not asked.
    pub fn find_name(self, vm: &Vm, name: Value) -> Option<usize> {
        let hash = Str::from_known(name).hash14() as usize;
        let is_exact = self.flags() & MIXED == 0;
        if SHORTCUTS {
            return if is_exact {
                self.find_where(hash, |key| key == name)
            } else {
                self.find_str(name)
            };
        }
        let mut n = if is_exact { usize::MAX } else { 0 };
        loop {
            n = self.look(name, hash, n);
            let i = n.checked_sub(1)?;
            if self.key(vm, i).is_some_and(|key| key.is_kind(Kind::Str)) {
                return Some(i);
            }
        }
    }

    /// Finds a string by its text. Runs no Python.
    #[inline(never)]
    fn find_str(self, key: Value) -> Option<usize> {
        let text = Str::from_known(key);
        self.find_where(text.hash14() as usize, |entry| {
            entry == key || Str::from_value(entry).is_some_and(|other| other.equals(text))
        })
    }

    /// Whether a key is a string that only strings can equal, to be found by `find_str`.
    #[inline(always)]
    fn is_text(self, key: Value) -> bool {
        SHORTCUTS && key.is_kind(Kind::Str) && !self.is_hashed()
    }

    /// The hash of a key. An `OrderedDict` takes unhashable keys as in MicroPython: all have one.
    fn hash(self, vm: &mut Vm, key: Value) -> Result<usize, Raise> {
        if SHORTCUTS && key.is_small_int() {
            return Ok(vm.cheap_hash(key));
        }
        match vm.hash(key) {
            Err(_) if self.flags() & ORDERED != 0 && vm.catch(crate::exc::TYPE_ERROR) => Ok(0),
            hash => hash,
        }
    }

    /// Finds a key. May run Python (`__hash__`, `__eq__`); `TypeError` for an unhashable key, unless the table is empty.
    #[inline]
    pub fn find(self, vm: &mut Vm, key: Value) -> Result<Option<usize>, Raise> {
        if self.is_text(key) { Ok(self.find_str(key)) } else { self.find_hashed(vm, key) }
    }

    /// As [`TableRef::find`], for any key.
    #[inline(never)]
    fn find_hashed(self, vm: &mut Vm, key: Value) -> Result<Option<usize>, Raise> {
        if self.live() == 0 {
            return Ok(None);
        }
        let hash = self.hash(vm, key)?;
        self.search(vm, key, hash)
    }

    fn search(self, vm: &mut Vm, key: Value, hash: usize) -> Result<Option<usize>, Raise> {
        if SHORTCUTS && self.is_exact(key) {
            return Ok(self.find_where(hash, |entry| entry == key));
        }
        let mut n = if self.is_exact(key) { usize::MAX } else { 0 };
        loop {
            n = self.look(key, hash, n);
            let Some(i) = n.checked_sub(1) else { return Ok(None) };
            let Some(entry) = self.key(vm, i) else { return Ok(None) };
            if entry == key || entry.is_kind(Kind::Str) && key.is_kind(Kind::Str) {
                return Ok(Some(i));
            }
            let equal = vm.equal(entry, key)?;
            // Comparing may have run Python, which may have changed the table. If the entry is still there, those with the
            // same hash that follow it are the ones that it was not compared with yet; else the search begins again.
            if self.key(vm, i) != Some(entry) {
                n = 0;
            } else if equal {
                return Ok(Some(i));
            }
        }
    }

    /// Adds a key that is not in the table, as the last entry. For a dictionary `value` is its value.
    #[inline(never)]
    fn append(self, vm: &mut Vm, key: Value, value: Value, hash: usize) -> Result<(), Raise> {
        let mut flags = self.flags();
        if !is_exact(key) {
            flags |= MIXED;
        }
        if key.header().is_some_and(|h| h.blocks == 0) {
            flags &= !HIDES_NOTHING;
        }
        self.set_flags(vm, flags);
        if !self.is_hashed() && !has_cheap_hash(key) {
            self.rebuild(vm, self.live() + 1, true)?;
        }
        self.reserve_one(vm)?;
        self.put(vm, key, value, hash);
        Ok(())
    }

    /// Adds an entry, for which there is room.
    #[inline(never)]
    fn put(self, vm: &mut Vm, key: Value, value: Value, hash: usize) {
        let used = self.used();
        let layout = Layout::of(self.table());
        // SAFETY: there is room for one entry more behind those in use.
        unsafe {
            let entry = self.place(used);
            // Without a hash another word takes its place.
            *entry.add(self.stride() - 1) = hash_word(hash);
            if self.is_dict() {
                *entry.add(1) = value;
            }
            *entry = key;
        }
        if layout.has_index() {
            let mut slot = spread(hash);
            while layout.get(slot) != 0 {
                slot += 1;
            }
            layout.set(slot, used + 1);
        }
        self.set_counts(vm, used + 1, self.live() + 1);
    }

    /// Moves the live entries to a new table with room for at least `n` entries, which is not less than they are.
    pub(super) fn rebuild(self, vm: &mut Vm, n: usize, hashed: bool) -> Result<(), Raise> {
        let stride = 1 + self.is_dict() as usize + hashed as usize;
        let (mut log, mut log_size, mut index_bytes) = (0, 0, 0);
        // Small tables fill whole blocks, larger ones grow by half.
        let capacity = match (n, stride) {
            (0..=2, 1) => 2,
            (3..=6, 1) => 6,
            (0..=1, 2..) => 1,
            (2..=3, 2..) => 3,
            (4..=5, 2..) => 5,
            (..=LINEAR, _) => LINEAR,
            _ => n + n / 2,
        };
        if capacity > LINEAR {
            // At most two thirds of the index are in use.
            log = usize::BITS as u16 - (capacity + capacity / 2 - 1).leading_zeros() as u16;
            log_size = (capacity >= 255) as u16 + (capacity >= 65535) as u16;
            index_bytes = (1usize << log) << log_size;
        }
        // Entries are at least a word, so that these sizes are below that of the address space.
        let words = capacity * stride;
        let table =
            vm.alloc_counted(Kind::Table, log | log_size << 5, words * WORD + index_bytes, 1)?;
        let place = payload(table).cast::<Value>();
        // SAFETY: the table was just made with room for these words, then the index.
        unsafe {
            for i in 0..words {
                place.add(i).write(Value::UNDEF);
            }
            core::ptr::write_bytes(place.add(words).cast::<u8>(), 0, index_bytes);
        }
        let (old, used, live, old_stride, was_hashed) =
            (self.table(), self.used(), self.live(), self.stride(), self.is_hashed());
        // SAFETY: the owner is a Dict or a Set.
        unsafe { (*self.as_dict()).table = table };
        let flags = self.flags() & !(HASHED | u16::MAX << STRIDE);
        self.set_flags(vm, flags | (stride as u16) << STRIDE | if hashed { HASHED } else { 0 });
        self.set_counts(vm, 0, 0);
        if SHORTCUTS && index_bytes == 0 && old_stride == stride && used == live && used > 0 {
            // SAFETY: entries as they are, all of them live: there is room for `n`.
            unsafe {
                core::ptr::copy_nonoverlapping(payload(old).cast(), place, used * stride);
            }
            self.set_counts(vm, used, used);
        }
        for i in self.used()..used {
            // SAFETY: entry `i` of the old table; its second word is not looked at where there is none.
            let (key, value, last) = unsafe {
                let entry = payload(old).cast::<Value>().add(i * old_stride);
                (*entry, *entry.add((old_stride > 1) as usize), *entry.add(old_stride - 1))
            };
            if key != Value::DELETED {
                let hash = if was_hashed { last.bits() >> 1 } else { vm.cheap_hash(key) };
                self.put(vm, key, value, hash);
            }
        }
        if !old.is_undef() {
            vm.free_raw(old);
        }
        Ok(())
    }

    /// Makes room for one more entry, so that adding it allocates nothing. May renumber the entries.
    pub fn reserve_one(self, vm: &mut Vm) -> Result<(), Raise> {
        let table = self.table();
        let words = table.header().map_or(0, |h| h.table_entries(count(table) as u32));
        if (self.used() + 1) * self.stride() > words {
            self.rebuild(vm, self.live() + 1, self.is_hashed())?;
        }
        Ok(())
    }

    /// Drops removed entries once they outnumber the others, so that looking for the first or last one that is left
    /// stays cheap on average. Renumbers the entries; does nothing when there is no memory for it.
    pub fn compact(self, vm: &mut Vm) {
        if self.used() > 2 * self.live() + LINEAR
            && self.rebuild(vm, self.live(), self.is_hashed()).is_err()
        {
            // Nothing was changed; there is just no room for a second table.
            vm.catch(crate::exc::MEMORY_ERROR);
        }
    }

    /// Takes over the entries of another table of the same kind, which becomes empty.
    pub fn take(self, vm: &mut Vm, other: TableRef) {
        self.clear(vm);
        const KEPT: u16 = MIXED | HASHED | u16::MAX << STRIDE;
        let (table, used, live, kept) =
            (other.table(), other.used(), other.live(), other.flags() & KEPT);
        // SAFETY: both owners are Dicts or both Sets; `other` lets go of the table before anybody can look.
        unsafe {
            (*self.as_dict()).table = table;
            (*other.as_dict()).table = Value::UNDEF;
        }
        self.set_counts(vm, used, live);
        self.set_flags(vm, self.flags() & !(KEPT | HIDES_NOTHING) | kept);
        other.clear(vm);
    }

    /// Adds or replaces. May run Python.
    pub fn insert(self, vm: &mut Vm, key: Value, value: Value) -> Result<(), Raise> {
        let (found, hash) = if self.is_text(key) {
            (self.find_str(key), Str::from_known(key).hash14() as usize)
        } else {
            let hash = self.hash(vm, key)?;
            (self.search(vm, key, hash)?, hash)
        };
        self.store(vm, found, key, value, hash)
    }

    /// As [`TableRef::insert`] for an interned string, without running Python.
    pub fn insert_name(self, vm: &mut Vm, name: Value, value: Value) -> Result<(), Raise> {
        let found = self.find_name(vm, name);
        self.store(vm, found, name, value, Str::from_known(name).hash14() as usize)
    }

    /// Replaces the value of the entry that was found, or adds one.
    #[inline]
    fn store(
        self,
        vm: &mut Vm,
        found: Option<usize>,
        key: Value,
        value: Value,
        hash: usize,
    ) -> Result<(), Raise> {
        match found {
            Some(i) if self.is_dict() => self.set_value(vm, i, value),
            Some(_) => {}
            None => self.append(vm, key, value, hash)?,
        }
        Ok(())
    }

    /// Removes entry `i`, which exists.
    pub fn remove_at(self, vm: &mut Vm, i: usize) {
        let table = self.table();
        let (used, live) = (self.used(), self.live() - 1);
        let entry = self.place(i);
        // An interrupted instruction that has read the key reads the value next.
        let in_handler = vm.in_hard_handler();
        // SAFETY: the caller's promise.
        unsafe {
            if !in_handler {
                for at in 1..self.stride() {
                    *entry.add(at) = Value::UNDEF;
                }
            }
            *entry = Value::DELETED;
        }
        if live == 0 && !in_handler {
            self.clear(vm);
        } else if i + 1 == used && !in_handler && !Layout::of(table).has_index() {
            // SAFETY: as above.
            unsafe { *entry = Value::UNDEF };
            self.set_counts(vm, used - 1, live);
        } else {
            self.set_counts(vm, used, live);
        }
    }

    /// Removes everything.
    pub fn clear(self, vm: &mut Vm) {
        let table = self.table();
        if vm.in_hard_handler() {
            let mut from = 0;
            while let Some(i) = self.next(vm, from) {
                self.remove_at(vm, i);
                from = i + 1;
            }
            return;
        }
        // SAFETY: the owner is a Dict or a Set.
        unsafe { (*self.as_dict()).table = Value::UNDEF };
        self.set_counts(vm, 0, 0);
        let mut flags = self.flags() & !MIXED;
        if flags & HASHED != 0 {
            flags -= HASHED | 1 << STRIDE;
        }
        self.set_flags(vm, flags);
        if !table.is_undef() {
            vm.free_raw(table);
        }
    }
}

/// True for interned strings and small ints: they equal another one only if they are the same.
#[inline(always)]
fn is_exact(key: Value) -> bool {
    key.is_small_int() || Str::from_value(key).is_some_and(Str::is_interned)
}

fn hash_word(hash: usize) -> Value {
    Value::from_len(hash & (usize::MAX >> 1))
}

/// True for keys whose hash `Vm::cheap_hash` computes without running Python.
pub(crate) fn has_cheap_hash(key: Value) -> bool {
    !key.is_object()
        || matches!(key.kind(), Some(Kind::Str | Kind::Bytes | Kind::Int | Kind::Float))
}
