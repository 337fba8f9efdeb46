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
//! 4. The `MIXED` flag is set unless every key is an interned string. Name lookups rely on it.

use super::dict::{DictObj, HASHED, HIDES_NOTHING, MIXED, ORDERED, READ_ONLY};
use super::strings::{Str, count, payload};
use super::{Dict, Set};
use crate::value::header::WORD;
use crate::value::names::STR_HASH;
use crate::value::{Header, Kind, Value};
use crate::{Raise, Vm};

/// Entries a table has at most without an index.
pub const LINEAR: usize = 8;

/// A dictionary or a set, for the code that is the same for both.
#[derive(Clone, Copy)]
pub struct TableRef {
    owner: Value,
    /// 2 for a dictionary, 1 for a set; one more with `HASHED`.
    stride: usize,
}

/// The words of a table's entries.
fn words<'a>(table: Value) -> &'a mut [Value] {
    let Some(header) = table.header() else { return &mut [] };
    let n = header.table_entries(count(table) as u32);
    // SAFETY: a Table's payload begins with that many initialised values; callers keep it exclusive through the Vm token.
    unsafe { core::slice::from_raw_parts_mut(payload(table).cast(), n) }
}

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

    /// Key of the entry that begins at word `at`.
    ///
    /// # Safety
    /// The entry is one of the table's.
    #[inline(always)]
    unsafe fn key(&self, at: usize) -> Value {
        // SAFETY: the caller's promise; all words of entries are initialised.
        unsafe { *self.entries.add(at) }
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

    /// Enters entry `i`, whose hash is not in the index yet.
    #[inline(always)]
    fn enter(&self, hash: usize, i: usize) {
        let mut slot = spread(hash);
        while self.get(slot) != 0 {
            slot += 1;
        }
        self.set(slot, i + 1);
    }
}

/// Where a search ended.
enum Found {
    /// The entry's number.
    At(usize),
    /// Not in the table.
    Missing,
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
        TableRef { owner: d.value(), stride: 2 }.with_flags()
    }

    /// The set as a table.
    #[inline(always)]
    pub fn set(s: Set) -> TableRef {
        TableRef { owner: s.value(), stride: 1 }.with_flags()
    }

    #[inline(always)]
    fn with_flags(mut self) -> TableRef {
        if self.flags() & HASHED != 0 {
            self.stride += 1;
        }
        self
    }

    /// The table of a dictionary or a set.
    pub fn of(owner: Value) -> TableRef {
        let stride = if owner.is_kind(Kind::Dict) { 2 } else { 1 };
        TableRef { owner, stride }.with_flags()
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
    fn as_dict(self) -> *mut DictObj {
        // Dict and Set objects have the same layout.
        self.owner.object_ptr().cast()
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

    fn set_counts(self, _vm: &mut Vm, used: usize, live: usize) {
        // SAFETY: as above; `&mut Vm` makes us the only one.
        unsafe {
            (*self.as_dict()).used = used as u32;
            (*self.as_dict()).live = live as u32;
        }
    }

    /// Key of entry `i`; `None` for a removed entry or beyond the last.
    #[inline(always)]
    pub fn key(self, _vm: &Vm, i: usize) -> Option<Value> {
        if i >= self.used() {
            return None;
        }
        // SAFETY: invariant 1.
        let key = unsafe { Layout::of(self.table()).key(i * self.stride) };
        if key == Value::DELETED { None } else { Some(key) }
    }

    /// Where the value of entry `i` of a dictionary is.
    #[inline(always)]
    fn place(self, i: usize) -> Option<*mut Value> {
        let at = i * self.stride + 1;
        // The last word of the entry is `stride - 1` at least.
        if i < self.used() && self.stride > 1 {
            Some(payload(self.table()).cast::<Value>().wrapping_add(at))
        } else {
            None
        }
    }

    /// Value of entry `i` of a dictionary, which exists.
    #[inline(always)]
    pub fn value(self, _vm: &Vm, i: usize) -> Value {
        // SAFETY: invariant 1.
        self.place(i).map_or(Value::UNDEF, |place| unsafe { *place })
    }

    /// Replaces the value of entry `i` of a dictionary, which exists.
    #[inline(always)]
    pub fn set_value(self, _vm: &mut Vm, i: usize, value: Value) {
        if let Some(place) = self.place(i) {
            // SAFETY: invariant 1; `&mut Vm` makes us the only one.
            unsafe { *place = value };
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
    fn look(self, hash: usize, is: impl Fn(Value) -> bool) -> Option<usize> {
        let used = self.used();
        if used == 0 {
            return None;
        }
        let layout = Layout::of(self.table());
        let stride = self.stride;
        if !layout.has_index() {
            let mut at = 0;
            for i in 0..used {
                // SAFETY: invariant 1.
                if is(unsafe { layout.key(at) }) {
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
            if is(unsafe { layout.key((n - 1) * stride) }) {
                return Some(n - 1);
            }
            slot += 1;
        }
    }

    /// Finds an interned string by identity, and by text only where other strings may be keys.
    pub fn find_name(self, vm: &Vm, name: Value) -> Option<usize> {
        let key = Str::from_known(name);
        if self.flags() & MIXED != 0 {
            return self.find_str(vm, key);
        }
        self.look(key.hash14() as usize, |entry| entry == name)
    }

    /// Finds a string by its text. Runs no Python: instances that claim to equal a string are not asked.
    pub fn find_str(self, _vm: &Vm, key: Str) -> Option<usize> {
        self.look(key.hash14() as usize, |entry| {
            entry == key.value()
                || entry.header().is_some_and(|h| {
                    h.kind() == Kind::Str && (h.aux ^ super::aux(key.value())) & STR_HASH == 0
                }) && Str::from_known(entry).equals(key)
        })
    }

    /// Finds a small int. `None`: keys that may equal it without being it are in the way; only `search` knows.
    fn find_small_int(self, key: Value, hash: usize) -> Option<Found> {
        let found = self.look(hash, |entry| entry == key || !is_plain(entry));
        match found {
            None => Some(Found::Missing),
            // SAFETY: `look` found the entry.
            Some(i) if unsafe { Layout::of(self.table()).key(i * self.stride) } == key => {
                Some(Found::At(i))
            }
            Some(_) => None,
        }
    }

    /// The hash of a key. An `OrderedDict` takes unhashable keys as in MicroPython: all have one.
    fn hash(self, vm: &mut Vm, key: Value) -> Result<usize, Raise> {
        match vm.hash(key) {
            Err(_) if self.flags() & ORDERED != 0 && vm.catch(crate::exc::TYPE_ERROR) => Ok(0),
            hash => hash,
        }
    }

    /// Finds a key. May run Python (`__hash__`, `__eq__`); `TypeError` for an unhashable key, unless the table is empty.
    pub fn find(self, vm: &mut Vm, key: Value) -> Result<Option<usize>, Raise> {
        // Strings and small ints only equal their like unless instances are among the keys.
        if let Some(key) = Str::from_value(key)
            && self.flags() & HASHED == 0
        {
            return Ok(self.find_str(vm, key));
        }
        if self.live() == 0 {
            return Ok(None);
        }
        let hash = self.hash(vm, key)?;
        match self.search(vm, key, hash)? {
            Found::At(i) => Ok(Some(i)),
            Found::Missing => Ok(None),
        }
    }

    fn search(self, vm: &mut Vm, key: Value, hash: usize) -> Result<Found, Raise> {
        if key.is_small_int()
            && let Some(found) = self.find_small_int(key, hash)
        {
            return Ok(found);
        }
        'again: loop {
            // Comparing may run Python, which may change the table: then the search begins again.
            let this = TableRef::of(self.owner);
            let table = this.table();
            let used = this.used();
            if used == 0 {
                return Ok(Found::Missing);
            }
            let header = table.header();
            let hashed = this.flags() & HASHED != 0;
            let layout = Layout::of(table);
            let mut slot = spread(hash);
            // Without an index the number of the next entry, else that of the one that was found.
            let mut next = 0;
            loop {
                if layout.has_index() {
                    next = layout.get(slot);
                    slot += 1;
                    if next == 0 {
                        return Ok(Found::Missing);
                    }
                } else {
                    if next == used {
                        return Ok(Found::Missing);
                    }
                    next += 1;
                }
                let i = next - 1;
                // SAFETY: invariants 1 and 2: an entry of the table, its last word the hash if it is hashed. The table
                // is still what `layout` says: nothing has run since, or `is_same`.
                let (entry, last) = unsafe {
                    let at = i * this.stride;
                    (layout.key(at), layout.key(at + this.stride - 1))
                };
                if entry == key {
                    return Ok(Found::At(i));
                }
                if entry == Value::DELETED
                    || hashed && last != hash_word(hash)
                    || both_plain(entry, key)
                {
                    continue;
                }
                let equal = vm.equal(entry, key)?;
                let now = TableRef::of(self.owner);
                let is_same = now.table() == table
                    && now.stride == this.stride
                    && now.used() == used
                    && table.header() == header
                    && now.key(vm, i) == Some(entry);
                if !is_same {
                    continue 'again;
                }
                if equal {
                    return Ok(Found::At(i));
                }
            }
        }
    }

    /// Adds a key that is not in the table, as the last entry. For a dictionary `value` is its value.
    pub(super) fn append(
        self,
        vm: &mut Vm,
        key: Value,
        value: Value,
        hash: usize,
    ) -> Result<(), Raise> {
        let interned = Str::from_value(key).is_some_and(Str::is_interned);
        let cheap = has_cheap_hash(key);
        if !interned && self.flags() & MIXED == 0 {
            self.set_flags(vm, self.flags() | MIXED);
        }
        let in_rom = key.header().is_some_and(|h| h.blocks == 0);
        if in_rom && self.flags() & HIDES_NOTHING != 0 {
            self.set_flags(vm, self.flags() & !HIDES_NOTHING);
        }
        let mut this = self;
        if !cheap && self.flags() & HASHED == 0 {
            this = self.rebuild(vm, self.live() + 1, true)?;
        }
        if this.used() * this.stride >= words(this.table()).len() {
            this = this.rebuild(vm, this.live() + 1, this.flags() & HASHED != 0)?;
        }
        let used = this.used();
        let layout = Layout::of(this.table());
        // SAFETY: there is room for one entry more behind those in use.
        unsafe {
            let entry = layout.entries.add(used * this.stride);
            *entry = key;
            if this.is_dict() {
                *entry.add(1) = value;
            }
            if this.flags() & HASHED != 0 {
                *entry.add(this.stride - 1) = hash_word(hash);
            }
        }
        if layout.has_index() {
            layout.enter(hash, used);
        }
        this.set_counts(vm, used + 1, this.live() + 1);
        Ok(())
    }

    /// Moves the live entries to a new table with room for at least `n` entries.
    pub(super) fn rebuild(self, vm: &mut Vm, n: usize, hashed: bool) -> Result<TableRef, Raise> {
        let is_dict = self.is_dict();
        let stride = if is_dict { 2 } else { 1 } + hashed as usize;
        // Small tables grow to fill whole blocks, larger ones by half.
        let capacity = match (n, stride) {
            (0..=2, 1) => 2,
            (3..=6, 1) => 6,
            (0..=1, 2..) => 1,
            (2..=3, 2..) => 3,
            (4..=5, 2..) => 5,
            (..=LINEAR, _) => LINEAR,
            _ => n + n / 2,
        };
        let (mut log, mut log_size, mut index_bytes) = (0, 0, 0);
        if capacity > LINEAR {
            // At most two thirds of the index are in use.
            log = usize::BITS as u16 - (capacity + capacity / 2 - 1).leading_zeros() as u16;
            log_size = (capacity >= 255) as u16 + (capacity >= 65535) as u16;
            index_bytes = (1usize << log) << log_size;
        }
        let Some(bytes) =
            capacity.checked_mul(stride * WORD).and_then(|b| b.checked_add(index_bytes))
        else {
            return Err(vm.no_memory());
        };
        let table = vm.alloc_counted(Kind::Table, log | log_size << 5, bytes, 1)?;
        let new = Layout::of(table);
        // SAFETY: the table was just made with room for `bytes`: entries, then the index.
        unsafe {
            let end = new.entries.add(capacity * stride);
            let mut at = new.entries;
            while at < end {
                at.write(Value::UNDEF);
                at = at.add(1);
            }
            core::ptr::write_bytes(end.cast::<u8>(), 0, index_bytes);
        }
        let old = self.table();
        let (mut live, mut from) = (0, 0);
        while let Some(i) = self.next(vm, from) {
            from = i + 1;
            // SAFETY: entry `i` is one of the old table's, and the new one has room for all live ones.
            unsafe {
                let entry = payload(old).cast::<Value>().add(i * self.stride);
                let place = new.entries.add(live * stride);
                let hash = if self.flags() & HASHED != 0 {
                    hash_of_word(*entry.add(self.stride - 1))
                } else {
                    vm.cheap_hash(*entry)
                };
                *place = *entry;
                if is_dict {
                    *place.add(1) = *entry.add(1);
                }
                if hashed {
                    *place.add(stride - 1) = hash_word(hash);
                }
                if new.has_index() {
                    new.enter(hash, live);
                }
            }
            live += 1;
        }
        if hashed {
            self.set_flags(vm, self.flags() | HASHED);
        }
        // SAFETY: the owner is a Dict or a Set.
        unsafe { (*self.as_dict()).table = table };
        self.set_counts(vm, live, live);
        if !old.is_undef() {
            vm.free_raw(old);
        }
        Ok(TableRef { owner: self.owner, stride })
    }

    /// Makes room for one more entry, so that adding it allocates nothing. May renumber the entries.
    pub fn reserve_one(self, vm: &mut Vm) -> Result<(), Raise> {
        if self.used() * self.stride >= words(self.table()).len() {
            self.rebuild(vm, self.live() + 1, self.flags() & HASHED != 0)?;
        }
        Ok(())
    }

    /// Drops removed entries once they outnumber the others, so that looking for the first or last one that is left
    /// stays cheap on average. Renumbers the entries; does nothing when there is no memory for it.
    pub fn compact(self, vm: &mut Vm) {
        if self.used() > 2 * self.live() + LINEAR
            && self.rebuild(vm, self.live(), self.flags() & HASHED != 0).is_err()
        {
            // Nothing was changed; there is just no room for a second table.
            vm.catch(crate::exc::MEMORY_ERROR);
        }
    }

    /// Takes over the entries of another table of the same kind, which becomes empty.
    pub fn take(self, vm: &mut Vm, other: TableRef) {
        self.clear(vm);
        let (table, used, live) = (other.table(), other.used(), other.live());
        let kept = other.flags() & (MIXED | HASHED);
        // SAFETY: both owners are Dicts or both Sets; `other` lets go of the table before anybody can look.
        unsafe {
            (*self.as_dict()).table = table;
            (*other.as_dict()).table = Value::UNDEF;
        }
        self.set_counts(vm, used, live);
        self.set_flags(vm, self.flags() & !HIDES_NOTHING | kept);
        other.clear(vm);
    }

    /// Adds or replaces. Returns the entry's number. May run Python.
    pub fn insert(self, vm: &mut Vm, key: Value, value: Value) -> Result<(), Raise> {
        if let Some(text) = Str::from_value(key)
            && self.flags() & HASHED == 0
        {
            return match self.find_str(vm, text) {
                Some(i) => {
                    if self.is_dict() {
                        self.set_value(vm, i, value);
                    }
                    Ok(())
                }
                None => self.append(vm, key, value, text.hash14() as usize),
            };
        }
        let hash = self.hash(vm, key)?;
        let found = self.search(vm, key, hash)?;
        let this = TableRef::of(self.owner);
        match found {
            Found::At(i) => {
                if this.is_dict() {
                    this.set_value(vm, i, value);
                }
                Ok(())
            }
            Found::Missing => this.append(vm, key, value, hash),
        }
    }

    /// Removes entry `i`, which exists.
    pub fn remove_at(self, vm: &mut Vm, i: usize) {
        let table = self.table();
        let entry = &mut words(table)[i * self.stride..(i + 1) * self.stride];
        // An interrupted instruction that has read the key reads the value next.
        if !vm.in_hard_handler() {
            entry.fill(Value::UNDEF);
        }
        entry[0] = Value::DELETED;
        let live = self.live() - 1;
        let used = self.used();
        if vm.in_hard_handler() {
            return self.set_counts(vm, used, live);
        }
        if live == 0 {
            self.clear(vm);
        } else if i + 1 == used && !Layout::of(table).has_index() {
            entry[0] = Value::UNDEF;
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
        self.set_flags(vm, self.flags() & !(MIXED | HASHED));
        if !table.is_undef() {
            vm.free_raw(table);
        }
    }
}

/// True for pairs that are equal only if they are the same word: small ints, `None`, names.
#[inline(always)]
fn both_plain(a: Value, b: Value) -> bool {
    is_plain(a) && is_plain(b)
}

#[inline(always)]
fn is_plain(v: Value) -> bool {
    v.is_small_int()
        || v.is_none()
        || v == Value::DELETED
        || Str::from_value(v).is_some_and(Str::is_interned)
}

fn hash_word(hash: usize) -> Value {
    Value::from_len(hash & (usize::MAX >> 1))
}

fn hash_of_word(word: Value) -> usize {
    word.as_small_int().unwrap_or(0) as usize & (usize::MAX >> 1)
}

/// True for keys whose hash `Vm::cheap_hash` computes without running Python.
pub(crate) fn has_cheap_hash(key: Value) -> bool {
    !key.is_object()
        || matches!(key.kind(), Some(Kind::Str | Kind::Bytes | Kind::Int | Kind::Float))
}
