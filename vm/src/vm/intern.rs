//! Interned strings: names that the compiler or `setattr` needs at run time.
//!
//! ROM names come first, then those of the frozen image; others live in a weak table, so that a name nobody uses any more
//! goes away at the next collection. Equal interned strings are the same object.
//!
//! # Invariants
//! 1. The table is a Raw object of words: 0 is empty, else the word of an interned heap string; open addressing by
//!    the string's hash; at most three quarters are in use.

use super::Vm;
use crate::Raise;
use crate::object::{Str, raw_bytes, set_aux};
use crate::value::header::WORD;
use crate::value::names::{STR_INTERNED, hash_bytes, rom_name};
use crate::value::{Header, Kind, Value};

fn words<'a>(table: Value) -> &'a mut [usize] {
    let bytes = raw_bytes(table);
    if bytes.is_empty() {
        return &mut [];
    }
    // SAFETY: a Raw payload is 8-byte aligned and the table was made of whole words.
    unsafe { core::slice::from_raw_parts_mut(bytes.as_mut_ptr().cast(), bytes.len() / WORD) }
}

fn value_of(word: usize) -> Value {
    // SAFETY: invariant 1: the word is the address of a live string of the heap, whose region is exposed.
    unsafe { Value::from_object(core::ptr::with_exposed_provenance::<Header>(word)) }
}

/// The most bytes of a name: of a variable, attribute, keyword or module.
pub const NAME_MAX: usize = 255;

impl Vm {
    fn find_interned(&self, text: &[u8], hash: u16) -> Option<Value> {
        if let Some(v) = rom_name(text, hash) {
            return Some(v);
        }
        if let Some(v) = self.frozen().and_then(|image| image.name(text, hash)) {
            return Some(v);
        }
        let table = words(self.shared().roots.interned);
        let mask = table.len().checked_sub(1)?;
        let mut i = hash as usize;
        loop {
            match table[i & mask] {
                0 => return None,
                word => {
                    let v = value_of(word);
                    if Str::from_known(v).as_bytes() == text {
                        return Some(v);
                    }
                }
            }
            i += 1;
        }
    }

    fn add_interned(&mut self, v: Value) -> Result<(), Raise> {
        let n = self.shared().interned_count as usize;
        if (n + 1) * 4 > words(self.shared().roots.interned).len() * 3 {
            self.resize_interned((n + 1) * 2)?;
        }
        insert(words(self.shared().roots.interned), v);
        self.shared_mut().interned_count += 1;
        set_aux(self, v, crate::object::aux(v) | STR_INTERNED);
        Ok(())
    }

    fn resize_interned(&mut self, n: usize) -> Result<(), Raise> {
        let slots = n.next_power_of_two().max(16);
        let new = self.alloc_counted(Kind::Raw, 0, slots * WORD, 1)?;
        words(new).fill(0);
        let old = self.shared().roots.interned;
        for &word in words(old).iter().filter(|&&w| w != 0) {
            insert(words(new), value_of(word));
        }
        self.shared_mut().roots.interned = new;
        if !old.is_undef() {
            self.free_raw(old);
        }
        Ok(())
    }

    /// The interned string equal to `text`.
    pub fn intern(&mut self, text: &str) -> Result<Value, Raise> {
        if let Some(v) = self.find_interned(text.as_bytes(), hash_bytes(text.as_bytes())) {
            return Ok(v);
        }
        let v = self.new_str(text)?;
        self.add_interned(v)?;
        Ok(v)
    }

    /// The interned string equal to this one, which is a name; the string itself where none was. `RuntimeError` for one
    /// of more than [`NAME_MAX`] bytes.
    pub fn intern_str(&mut self, s: Str) -> Result<Value, Raise> {
        if s.byte_len() > NAME_MAX {
            return Err(self.name_too_long());
        }
        if s.is_interned() {
            return Ok(s.value());
        }
        if let Some(v) = self.find_interned(s.as_bytes(), s.hash14()) {
            return Ok(v);
        }
        self.add_interned(s.value())?;
        Ok(s.value())
    }

    /// What a name of more than [`NAME_MAX`] bytes raises.
    #[cold]
    pub(crate) fn name_too_long(&mut self) -> Raise {
        self.raise(crate::exc::RUNTIME_ERROR, "name too long")
    }

    /// The interned string equal to `text` if there is one already; allocates nothing.
    pub fn find_name(&self, text: &str) -> Option<Value> {
        self.find_interned(text.as_bytes(), hash_bytes(text.as_bytes()))
    }

    /// What is at place `i` of the table of interned strings in the heap; `None` behind its end.
    pub(crate) fn interned_at(&self, i: usize) -> Option<Option<Str>> {
        let &word = words(self.shared().roots.interned).get(i)?;
        Some(if word == 0 { None } else { Some(Str::from_known(value_of(word))) })
    }

    /// After marking: forgets the strings that nobody else refers to.
    pub(crate) fn prune_interned(&mut self) {
        let table = words(self.shared().roots.interned);
        if table.is_empty() {
            return;
        }
        let mut n = 0;
        // Dead entries go first, then the rest is put where probing finds it again.
        for word in table.iter_mut().filter(|w| **w != 0) {
            if self.shared().heap.is_marked(value_of(*word)) {
                n += 1;
            } else {
                *word = 0;
            }
        }
        if n != self.shared().interned_count {
            self.shared_mut().interned_count = n;
            let mask = table.len() - 1;
            // Each cluster after a hole is taken out and inserted again.
            let Some(hole) = table.iter().position(|&w| w == 0) else { return };
            for step in 1..=mask {
                let i = (hole + step) & mask;
                if table[i] != 0 {
                    let v = value_of(core::mem::take(&mut table[i]));
                    insert(table, v);
                }
            }
        }
    }
}

fn insert(table: &mut [usize], v: Value) {
    let mask = table.len() - 1;
    let mut i = Str::from_known(v).hash14() as usize;
    while table[i & mask] != 0 {
        i += 1;
    }
    table[i & mask] = v.bits();
}
