//! Hash tables: `dict`, `set` and `frozenset`, insertion-ordered.
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

use super::object;
use super::strings::{Str, count, payload};
use crate::value::header::WORD;
use crate::value::{Kind, Value};
use crate::{Raise, Vm};

/// Entries a table has at most without an index.
pub const LINEAR: usize = 8;

/// Flag of `Dict`/`Set` objects: some key is not an interned string.
pub const MIXED: u16 = 1 << 1;
/// Flag of `Dict`/`Set` objects: entries carry their hash, as a small int, in a further word.
pub const HASHED: u16 = 1 << 2;
/// Flag of a `Set`: `frozenset`.
pub const FROZEN: u16 = 1;
/// Flag of a `Dict`: may not be changed (a ROM module's namespace, a proxy).
pub const READ_ONLY: u16 = 1 << 3;
/// Flag of a `Dict`: its Python type is `OrderedDict`.
pub const ORDERED: u16 = 1 << 4;

object!(
    /// `dict`.
    Dict, DictObj, Dict {
        /// Entries in use, removed ones included.
        used, set_used: u32;
        /// The Table, `UNDEF` while empty.
        table, set_table: Value;
        /// Entries that are not removed.
        live, set_live: u32;
    }
);
object!(
    /// `set`, and `frozenset` with aux bit 0.
    Set, SetObj, Set {
        /// Entries in use, removed ones included.
        used, set_used: u32;
        /// The Table, `UNDEF` while empty.
        table, set_table: Value;
        /// Entries that are not removed.
        live, set_live: u32;
    }
);

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

/// The index of a table: slots and the size of one in bytes. No slots without an index.
struct Index {
    base: *mut u8,
    mask: usize,
    log_size: u16,
}

impl Index {
    fn of(table: Value) -> Option<Index> {
        let header = table.header()?;
        let log = header.aux & 31;
        if log == 0 {
            return None;
        }
        let n = header.table_entries(count(table) as u32);
        Some(Index {
            base: payload(table).wrapping_add(n * WORD),
            mask: (1 << log) - 1,
            log_size: header.aux >> 5 & 3,
        })
    }

    #[inline(always)]
    fn get(&self, slot: usize) -> usize {
        let p = self.base.wrapping_add((slot & self.mask) << self.log_size);
        // SAFETY: the slot is masked to the index, which `table_entries` located inside the table's payload, aligned to its slot size.
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
        let p = self.base.wrapping_add((slot & self.mask) << self.log_size);
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

    /// The same table after Python code may have changed its flags.
    fn refreshed(self) -> TableRef {
        let stride = if self.owner.is_kind(Kind::Dict) { 2 } else { 1 };
        TableRef { owner: self.owner, stride }.with_flags()
    }

    #[inline(always)]
    fn flags(self) -> u16 {
        super::aux(self.owner)
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
        let key = words(self.table())[i * self.stride];
        if key == Value::DELETED { None } else { Some(key) }
    }

    /// Value of entry `i` of a dictionary, which exists.
    #[inline(always)]
    pub fn value(self, _vm: &Vm, i: usize) -> Value {
        words(self.table())[i * self.stride + 1]
    }

    /// Replaces the value of entry `i` of a dictionary, which exists.
    pub fn set_value(self, _vm: &mut Vm, i: usize, value: Value) {
        words(self.table())[i * self.stride + 1] = value;
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

    /// Finds an interned string by identity, and by text only where other strings may be keys.
    #[inline]
    pub fn find_name(self, vm: &Vm, name: Value) -> Option<usize> {
        let table = self.table();
        let entries = words(table);
        let stride = self.stride;
        match Index::of(table) {
            None => {
                let mut i = 0;
                for _ in 0..self.used() {
                    if entries[i] == name {
                        return Some(i / stride);
                    }
                    i += stride;
                }
            }
            Some(index) => {
                let mut slot = spread(Str::from_known(name).hash14() as usize);
                loop {
                    match index.get(slot) {
                        0 => break,
                        n if entries[(n - 1) * stride] == name => return Some(n - 1),
                        _ => slot += 1,
                    }
                }
            }
        }
        if self.flags() & MIXED != 0 { self.find_str(vm, Str::from_known(name)) } else { None }
    }

    /// Finds a string by its text. Runs no Python: instances that claim to equal a string are not asked.
    pub fn find_str(self, _vm: &Vm, key: Str) -> Option<usize> {
        let table = self.table();
        let entries = words(table);
        let stride = self.stride;
        let is = |entry: Value| {
            entry == key.value() || Str::from_value(entry).is_some_and(|s| s.equals(key))
        };
        match Index::of(table) {
            None => (0..self.used()).find(|&i| is(entries[i * stride])),
            Some(index) => {
                let mut slot = spread(key.hash14() as usize);
                loop {
                    match index.get(slot) {
                        0 => return None,
                        n if is(entries[(n - 1) * stride]) => return Some(n - 1),
                        _ => slot += 1,
                    }
                }
            }
        }
    }

    /// Finds a key. May run Python (`__hash__`, `__eq__`); `TypeError` for an unhashable key.
    pub fn find(self, vm: &mut Vm, key: Value) -> Result<Option<usize>, Raise> {
        // Strings and small ints only equal their like unless instances are among the keys.
        if let Some(key) = Str::from_value(key)
            && self.flags() & HASHED == 0
        {
            return Ok(self.find_str(vm, key));
        }
        let hash = vm.hash(key)?;
        match self.search(vm, key, hash)? {
            Found::At(i) => Ok(Some(i)),
            Found::Missing => Ok(None),
        }
    }

    fn search(self, vm: &mut Vm, key: Value, hash: usize) -> Result<Found, Raise> {
        'again: loop {
            // Comparing may run Python, which may change the table: then the search begins again.
            let this = self.refreshed();
            let table = this.table();
            let header = table.header();
            let used = this.used();
            let hashed = this.flags() & HASHED != 0;
            let index = Index::of(table);
            let mut slot = spread(hash);
            let mut linear = 0;
            loop {
                let i = match &index {
                    None if linear == used => return Ok(Found::Missing),
                    None => {
                        linear += 1;
                        linear - 1
                    }
                    Some(index) => match index.get(slot) {
                        0 => return Ok(Found::Missing),
                        n => {
                            slot += 1;
                            n - 1
                        }
                    },
                };
                let entry = words(table)[i * this.stride];
                if entry == key {
                    return Ok(Found::At(i));
                }
                if entry == Value::DELETED
                    || hashed && words(table)[i * this.stride + this.stride - 1] != hash_word(hash)
                {
                    continue;
                }
                if both_plain(entry, key) {
                    continue;
                }
                let equal = vm.equal(entry, key)?;
                let now = self.refreshed();
                let is_same = now.table() == table
                    && now.stride == this.stride
                    && now.used() == used
                    && table.header() == header
                    && words(table).get(i * this.stride) == Some(&entry);
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
    fn append(self, vm: &mut Vm, key: Value, value: Value, hash: usize) -> Result<(), Raise> {
        let interned = Str::from_value(key).is_some_and(Str::is_interned);
        let cheap = has_cheap_hash(key);
        if !interned && self.flags() & MIXED == 0 {
            super::set_aux(vm, self.owner, self.flags() | MIXED);
        }
        let mut this = self;
        if !cheap && self.flags() & HASHED == 0 {
            this = self.rebuild(vm, self.live() + 1, true)?;
        }
        if this.used() * this.stride >= words(this.table()).len() {
            this = this.rebuild(vm, this.live() + 1, this.flags() & HASHED != 0)?;
        }
        let used = this.used();
        let entries = words(this.table());
        let at = used * this.stride;
        entries[at] = key;
        if this.owner.is_kind(Kind::Dict) {
            entries[at + 1] = value;
        }
        if this.flags() & HASHED != 0 {
            entries[at + this.stride - 1] = hash_word(hash);
        }
        if let Some(index) = Index::of(this.table()) {
            let mut slot = spread(hash);
            while index.get(slot) != 0 {
                slot += 1;
            }
            index.set(slot, used + 1);
        }
        this.set_counts(vm, used + 1, this.live() + 1);
        Ok(())
    }

    /// Moves the live entries to a new table with room for at least `n` entries.
    fn rebuild(self, vm: &mut Vm, n: usize, hashed: bool) -> Result<TableRef, Raise> {
        let is_dict = self.owner.is_kind(Kind::Dict);
        let stride = if is_dict { 2 } else { 1 } + hashed as usize;
        // Small tables grow to fill whole blocks, larger ones by half.
        let capacity = match n {
            0..=1 => 1,
            2..=3 => 3,
            4..=5 => 5,
            6..=LINEAR => LINEAR,
            _ => n + n / 2,
        };
        let (log, log_size) = if capacity <= LINEAR {
            (0, 0)
        } else {
            // At most two thirds of the index are in use.
            let slots = (capacity + capacity / 2).next_power_of_two();
            (
                slots.trailing_zeros() as u16,
                if capacity < 255 {
                    0
                } else if capacity < 65535 {
                    1
                } else {
                    2
                },
            )
        };
        let index_bytes = if log == 0 { 0 } else { (1usize << log) << log_size };
        let Some(bytes) =
            capacity.checked_mul(stride * WORD).and_then(|b| b.checked_add(index_bytes))
        else {
            return Err(vm.no_memory());
        };
        let table = vm.alloc_counted(Kind::Table, log | log_size << 5, bytes, 1)?;
        // SAFETY: the table was just made with room for `bytes`.
        unsafe { core::ptr::write_bytes(payload(table), 0, bytes) };
        let new = words(table);
        new.fill(Value::UNDEF);
        let old = self.table();
        let (mut live, mut from) = (0, 0);
        let index = Index::of(table);
        while let Some(i) = self.next(vm, from) {
            from = i + 1;
            let entry = &words(old)[i * self.stride..(i + 1) * self.stride];
            let hash = if self.flags() & HASHED != 0 {
                hash_of_word(entry[self.stride - 1])
            } else {
                vm.cheap_hash(entry[0])
            };
            new[live * stride] = entry[0];
            if is_dict {
                new[live * stride + 1] = entry[1];
            }
            if hashed {
                new[live * stride + stride - 1] = hash_word(hash);
            }
            if let Some(index) = &index {
                let mut slot = spread(hash);
                while index.get(slot) != 0 {
                    slot += 1;
                }
                index.set(slot, live + 1);
            }
            live += 1;
        }
        if hashed {
            super::set_aux(vm, self.owner, self.flags() | HASHED);
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
        super::set_aux(vm, self.owner, self.flags() | kept);
        other.clear(vm);
    }

    /// Adds or replaces. Returns the entry's number. May run Python.
    pub fn insert(self, vm: &mut Vm, key: Value, value: Value) -> Result<(), Raise> {
        if let Some(text) = Str::from_value(key)
            && self.flags() & HASHED == 0
        {
            return match self.find_str(vm, text) {
                Some(i) => {
                    if self.owner.is_kind(Kind::Dict) {
                        self.set_value(vm, i, value);
                    }
                    Ok(())
                }
                None => self.append(vm, key, value, text.hash14() as usize),
            };
        }
        let hash = vm.hash(key)?;
        let found = self.search(vm, key, hash)?;
        let this = self.refreshed();
        match found {
            Found::At(i) => {
                if this.owner.is_kind(Kind::Dict) {
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
        entry.fill(Value::UNDEF);
        entry[0] = Value::DELETED;
        let live = self.live() - 1;
        let used = self.used();
        if live == 0 {
            self.clear(vm);
        } else if i + 1 == used && Index::of(table).is_none() {
            entry[0] = Value::UNDEF;
            self.set_counts(vm, used - 1, live);
        } else {
            self.set_counts(vm, used, live);
        }
    }

    /// Removes everything.
    pub fn clear(self, vm: &mut Vm) {
        let table = self.table();
        // SAFETY: the owner is a Dict or a Set.
        unsafe { (*self.as_dict()).table = Value::UNDEF };
        self.set_counts(vm, 0, 0);
        super::set_aux(vm, self.owner, self.flags() & !(MIXED | HASHED));
        if !table.is_undef() {
            vm.free_raw(table);
        }
    }
}

/// True for pairs that are equal only if they are the same word: small ints, `None`, names.
#[inline(always)]
fn both_plain(a: Value, b: Value) -> bool {
    let plain = |v: Value| {
        v.is_small_int() || v.is_none() || Str::from_value(v).is_some_and(Str::is_interned)
    };
    plain(a) && plain(b)
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

impl Vm {
    /// An empty dictionary.
    pub fn new_dict(&mut self) -> Result<Dict, Raise> {
        Dict::alloc(self, 0, 0, Value::UNDEF, 0)
    }

    /// An empty dictionary with room for `n` entries.
    pub fn new_dict_with_capacity(&mut self, n: usize) -> Result<Dict, Raise> {
        let d = self.new_dict()?;
        if n > 0 {
            TableRef::dict(d).rebuild(self, n, false)?;
        }
        Ok(d)
    }

    /// An empty set.
    pub fn new_set(&mut self) -> Result<Set, Raise> {
        Set::alloc(self, 0, 0, Value::UNDEF, 0)
    }
}

impl Dict {
    /// Number of keys.
    pub fn len(self, vm: &Vm) -> usize {
        self.live(vm) as usize
    }

    /// True for an empty dictionary.
    pub fn is_empty(self, vm: &Vm) -> bool {
        self.live(vm) == 0
    }

    /// Value of an interned string key. Runs no Python.
    #[inline]
    pub fn get_name(self, vm: &Vm, name: Value) -> Option<Value> {
        let t = TableRef::dict(self);
        t.find_name(vm, name).map(|i| t.value(vm, i))
    }

    /// Sets the value of an interned string key. Runs no Python.
    pub fn set_name(self, vm: &mut Vm, name: Value, value: Value) -> Result<(), Raise> {
        let t = TableRef::dict(self);
        match t.find_name(vm, name) {
            Some(i) => {
                t.set_value(vm, i, value);
                Ok(())
            }
            None => t.append(vm, name, value, Str::from_known(name).hash14() as usize),
        }
    }

    /// Removes an interned string key; false when it is not there.
    pub fn remove_name(self, vm: &mut Vm, name: Value) -> bool {
        let t = TableRef::dict(self);
        let found = t.find_name(vm, name);
        if let Some(i) = found {
            t.remove_at(vm, i);
        }
        found.is_some()
    }

    /// Value of a key. May run Python.
    pub fn get(self, vm: &mut Vm, key: Value) -> Result<Option<Value>, Raise> {
        let found = TableRef::dict(self).find(vm, key)?;
        Ok(found.map(|i| TableRef::dict(self).value(vm, i)))
    }

    /// Sets the value of a key. May run Python.
    pub fn set(self, vm: &mut Vm, key: Value, value: Value) -> Result<(), Raise> {
        TableRef::dict(self).insert(vm, key, value)
    }

    /// Removes a key and returns its value. May run Python.
    pub fn remove(self, vm: &mut Vm, key: Value) -> Result<Option<Value>, Raise> {
        let Some(i) = TableRef::dict(self).find(vm, key)? else { return Ok(None) };
        let t = TableRef::dict(self);
        let value = t.value(vm, i);
        t.remove_at(vm, i);
        Ok(Some(value))
    }

    /// The entry at or after `from`: its number, key and value. For iteration: the next call takes the number plus one.
    #[inline]
    pub fn entry(self, vm: &Vm, from: usize) -> Option<(usize, Value, Value)> {
        let t = TableRef::dict(self);
        let i = t.next(vm, from)?;
        Some((i, t.key(vm, i)?, t.value(vm, i)))
    }

    /// A copy with the same order.
    pub fn copy(self, vm: &mut Vm) -> Result<Dict, Raise> {
        let new = vm.new_dict_with_capacity(self.len(vm))?;
        let mut from = 0;
        while let Some((i, key, value)) = self.entry(vm, from) {
            from = i + 1;
            new.set(vm, key, value)?;
        }
        Ok(new)
    }
}

impl Set {
    /// Number of items.
    pub fn len(self, vm: &Vm) -> usize {
        self.live(vm) as usize
    }

    /// True for an empty set.
    pub fn is_empty(self, vm: &Vm) -> bool {
        self.live(vm) == 0
    }

    /// True for a `frozenset`.
    pub fn is_frozen(self) -> bool {
        super::aux(self.value()) & FROZEN != 0
    }

    /// True when the key is in the set. May run Python.
    pub fn contains(self, vm: &mut Vm, key: Value) -> Result<bool, Raise> {
        Ok(TableRef::set(self).find(vm, key)?.is_some())
    }

    /// Adds a key. May run Python.
    pub fn add(self, vm: &mut Vm, key: Value) -> Result<(), Raise> {
        TableRef::set(self).insert(vm, key, Value::UNDEF)
    }

    /// Removes a key; false when it is not there. May run Python.
    pub fn remove(self, vm: &mut Vm, key: Value) -> Result<bool, Raise> {
        let Some(i) = TableRef::set(self).find(vm, key)? else { return Ok(false) };
        TableRef::set(self).remove_at(vm, i);
        Ok(true)
    }

    /// The item at or after `from` and its number.
    pub fn entry(self, vm: &Vm, from: usize) -> Option<(usize, Value)> {
        let t = TableRef::set(self);
        let i = t.next(vm, from)?;
        Some((i, t.key(vm, i)?))
    }
}
