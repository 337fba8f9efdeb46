//! `dict`, `set` and `frozenset`: owners of a hash table (`table.rs`), insertion-ordered.

use super::object;
use super::table::TableRef;
use crate::value::Value;
use crate::{Raise, Vm};

/// Flag of `Dict`/`Set` objects: some key is neither an interned string nor a small int.
pub const MIXED: u16 = 1 << 1;
/// Flag of `Dict`/`Set` objects: entries carry their hash, as a small int, in a further word.
pub const HASHED: u16 = 1 << 2;
/// Flag of a `Set`: `frozenset`.
pub const FROZEN: u16 = 1;
/// Flag of a `Dict`: may not be changed (a ROM module's namespace, a proxy).
pub const READ_ONLY: u16 = 1 << 3;
/// Flag of a `Dict`: none of its keys but `__name__` is also in `builtins`. Whoever checked that sets it; a new key that
/// could be one clears it.
pub const HIDES_NOTHING: u16 = 1 << 5;
/// Flag of a `Dict`: some key was in `builtins` when somebody checked.
pub const HIDES_SOMETHING: u16 = 1 << 6;
/// Flag of a `Dict`: its Python type is `OrderedDict`.
pub const ORDERED: u16 = 1 << 4;
/// Where the words of an entry are counted in the aux of `Dict`/`Set` objects: 2 of a dictionary, 1 of a set; one more with
/// `HASHED`.
pub(super) const STRIDE: u16 = 8;

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

impl Vm {
    /// An empty dictionary.
    pub fn new_dict(&mut self) -> Result<Dict, Raise> {
        Dict::alloc(self, 2 << STRIDE, 0, Value::UNDEF, 0)
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
        Set::alloc(self, 1 << STRIDE, 0, Value::UNDEF, 0)
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
        TableRef::dict(self).insert_name(vm, name, value)
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

    /// A walk over the entries, during which the dictionary may change.
    pub fn entries(self) -> Entries {
        Entries { dict: self, next: 0, key: Value::UNDEF, value: Value::UNDEF }
    }

    /// A copy with the same order.
    pub fn copy(self, vm: &mut Vm) -> Result<Dict, Raise> {
        let new = vm.new_dict_with_capacity(self.len(vm))?;
        let mut e = self.entries();
        while e.advance(vm) {
            new.set(vm, e.key, e.value)?;
        }
        Ok(new)
    }
}

/// A walk over the entries of a dictionary in their order; see [`Dict::entries`].
pub struct Entries {
    dict: Dict,
    next: usize,
    /// The key of the entry that was reached.
    pub key: Value,
    /// Its value.
    pub value: Value,
}

impl Entries {
    /// Goes to the next entry; false at the end.
    #[inline(never)]
    pub fn advance(&mut self, vm: &Vm) -> bool {
        let table = TableRef::dict(self.dict);
        let Some(i) = table.next(vm, self.next) else { return false };
        self.next = i + 1;
        self.key = table.key(vm, i).unwrap_or(Value::UNDEF);
        self.value = table.value(vm, i);
        true
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
        self.aux() & FROZEN != 0
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

    /// The item at or after entry number `from`, which then is the number after it.
    pub fn next_item(self, vm: &Vm, from: &mut usize) -> Option<Value> {
        let table = TableRef::set(self);
        let i = table.next(vm, *from)?;
        *from = i + 1;
        table.key(vm, i)
    }
}
