//! `list`: a length and an array that grows.

use super::object;
use super::strings::{count, payload};
use crate::value::header::{BLOCK, WORD};
use crate::value::{Kind, Value};
use crate::{Raise, Vm};

object!(

    /// `list`.
    List, ListObj, List {
        /// Number of items.
        length, set_length: u32;
        /// The Array that holds them, `UNDEF` while nothing was ever stored. Places from the length on are `UNDEF`.
        array, set_array: Value;
    }
);

/// The values of an Array.
// A call in small images.
#[cfg_attr(not(feature = "extra"), inline(never))]
pub(crate) fn array_items<'a>(array: Value) -> &'a mut [Value] {
    if array.is_undef() {
        return &mut [];
    }
    // SAFETY: an Array holds `count` initialised values from offset 8; callers keep it exclusive through `&mut Vm`.
    unsafe { core::slice::from_raw_parts_mut(payload(array).cast(), count(array)) }
}

/// The items of a list or a tuple for a caller that needs the VM meanwhile: it uses them only until they may be changed, and
/// changes those of a tuple only while nobody else knows it.
// A call in small images.
#[cfg_attr(feature = "extra", inline(always))]
#[cfg_attr(not(feature = "extra"), inline(never))]
pub(crate) fn sequence_items<'a>(vm: &Vm, v: Value) -> &'a mut [Value] {
    if v.is_kind(Kind::Tuple) {
        return array_items(v);
    }
    let list = List::from_known(v);
    &mut array_items(list.array(vm))[..list.len(vm)]
}

impl Vm {
    /// An Array of `n` times `UNDEF`.
    pub(crate) fn new_array(&mut self, n: usize) -> Result<Value, Raise> {
        let v = self.alloc_counted(Kind::Array, 0, n, WORD)?;
        for i in 0..n {
            // SAFETY: the object was just made with room for `n` values.
            unsafe { payload(v).cast::<Value>().add(i).write(Value::UNDEF) };
        }
        Ok(v)
    }

    /// An empty list.
    pub fn new_list(&mut self) -> Result<List, Raise> {
        List::alloc(self, 0, 0, Value::UNDEF)
    }

    /// A list of these items.
    pub fn new_list_from(&mut self, items: &[Value]) -> Result<List, Raise> {
        let mut array = Value::UNDEF;
        if !items.is_empty() {
            array = self.alloc_counted(Kind::Array, 0, items.len(), WORD)?;
            // SAFETY: the object was just made with room for them.
            unsafe {
                core::ptr::copy_nonoverlapping(items.as_ptr(), payload(array).cast(), items.len())
            };
        }
        List::alloc(self, 0, items.len() as u32, array)
    }
}

impl List {
    /// Number of items.
    #[inline(always)]
    pub fn len(self, vm: &Vm) -> usize {
        self.length(vm) as usize
    }

    /// True for an empty list.
    pub fn is_empty(self, vm: &Vm) -> bool {
        self.length(vm) == 0
    }

    /// The items, until somebody may change them.
    #[inline(always)]
    pub fn items(self, vm: &Vm) -> &[Value] {
        &array_items(self.array(vm))[..self.len(vm)]
    }

    /// The items for a caller that needs the VM meanwhile: it uses them only until the list may be changed.
    #[inline]
    pub(crate) fn held_items<'a>(self, vm: &Vm) -> &'a [Value] {
        &array_items(self.array(vm))[..self.len(vm)]
    }

    /// The items, to be changed in place.
    #[inline(always)]
    pub fn items_mut(self, vm: &mut Vm) -> &mut [Value] {
        let n = self.len(vm);
        &mut array_items(self.array(vm))[..n]
    }

    /// One item.
    // A call in small images: it is in very many natives.
    #[cfg_attr(feature = "extra", inline(always))]
    #[cfg_attr(not(feature = "extra"), inline(never))]
    pub fn get(self, vm: &Vm, i: usize) -> Option<Value> {
        self.items(vm).get(i).copied()
    }

    /// Replaces an item; ignored outside the list.
    // A call in small images: it is in very many natives.
    #[cfg_attr(feature = "extra", inline(always))]
    #[cfg_attr(not(feature = "extra"), inline(never))]
    pub fn set(self, vm: &mut Vm, i: usize, value: Value) {
        if let Some(place) = self.items_mut(vm).get_mut(i) {
            *place = value;
        }
    }

    /// Makes room for `n` items in all.
    pub fn reserve(self, vm: &mut Vm, n: usize) -> Result<(), Raise> {
        let array = self.array(vm);
        let capacity = array_items(array).len();
        if n <= capacity {
            return Ok(());
        }
        // Whole blocks; a list that grows gets an eighth over, so that appends are amortised O(1).
        let over = if capacity == 0 { 0 } else { n / 8 };
        if n > usize::MAX / 32 {
            return Err(vm.no_memory());
        }
        const HEAD: usize = 8 / WORD;
        let wanted = ((n + over + HEAD - 1) | (BLOCK / WORD - 1)) + 1 - HEAD;
        if !array.is_undef() && vm.try_grow(array, wanted, WORD) {
            array_items(array)[capacity..].fill(Value::UNDEF);
            return Ok(());
        }
        let new = vm.alloc_counted(Kind::Array, 0, wanted, WORD)?;
        // SAFETY: the object was just made with room for `wanted` values; all of them are written.
        unsafe {
            let (from, to) = (array_items(array), payload(new).cast::<Value>());
            core::ptr::copy_nonoverlapping(from.as_ptr(), to, from.len());
            for i in from.len()..wanted {
                to.add(i).write(Value::UNDEF);
            }
        }
        self.set_array(vm, new);
        if !array.is_undef() {
            vm.free_raw(array);
        }
        Ok(())
    }

    /// Lengthens it; the new places hold `UNDEF` until the caller fills them, before anything else runs.
    pub(crate) fn resize(self, vm: &mut Vm, n: usize) -> Result<(), Raise> {
        self.reserve(vm, n)?;
        self.set_length(vm, n as u32);
        Ok(())
    }

    /// Appends an item.
    #[inline]
    pub fn push(self, vm: &mut Vm, value: Value) -> Result<(), Raise> {
        let n = self.len(vm);
        let array = self.array(vm);
        if array.is_undef() || n == count(array) {
            self.reserve(vm, n + 1)?;
        }
        array_items(self.array(vm))[n] = value;
        self.set_length(vm, n as u32 + 1);
        Ok(())
    }

    /// Appends these items, which do not lie in this list.
    pub fn extend_from(self, vm: &mut Vm, items: &[Value]) -> Result<(), Raise> {
        let n = self.len(vm);
        self.reserve(vm, n + items.len())?;
        array_items(self.array(vm))[n..n + items.len()].copy_from_slice(items);
        self.set_length(vm, (n + items.len()) as u32);
        Ok(())
    }

    /// Forgets the items and gives their memory back.
    pub(crate) fn clear(self, vm: &mut Vm) {
        let array = self.array(vm);
        self.set_length(vm, 0);
        self.set_array(vm, Value::UNDEF);
        if !array.is_undef() {
            vm.free_raw(array);
        }
    }

    /// Gives the memory of a list back that nobody refers to any more.
    pub(crate) fn free(self, vm: &mut Vm) {
        self.clear(vm);
        vm.free_raw(self.value());
    }

    /// Shortens to `n` items.
    pub fn truncate(self, vm: &mut Vm, n: usize) {
        let len = self.len(vm);
        if n < len {
            array_items(self.array(vm))[n..len].fill(Value::UNDEF);
            self.set_length(vm, n as u32);
        }
    }

    /// Removes and returns the last item.
    pub fn pop(self, vm: &mut Vm) -> Option<Value> {
        let last = self.get(vm, self.len(vm).checked_sub(1)?)?;
        self.truncate(vm, self.len(vm) - 1);
        Some(last)
    }

    /// Inserts before `at`, which is at most the length.
    pub fn insert(self, vm: &mut Vm, at: usize, value: Value) -> Result<(), Raise> {
        let n = self.len(vm);
        self.push(vm, value)?;
        let items = self.items_mut(vm);
        items.copy_within(at..n, at + 1);
        items[at] = value;
        Ok(())
    }

    /// Removes the item at `at`, which must exist.
    pub fn remove(self, vm: &mut Vm, at: usize) -> Option<Value> {
        let items = self.items_mut(vm);
        let value = *items.get(at)?;
        items.copy_within(at + 1.., at);
        let n = self.len(vm) - 1;
        self.truncate(vm, n);
        Some(value)
    }
}
