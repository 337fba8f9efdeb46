//! Weak references: objects that are told when their target dies.
//!
//! Layout of a [`Kind::WeakRef`], in words: header; the target's address plus one, so that the collector does not see it,
//! or [`Value::UNDEF`] when it is dead; the next weak reference of the list it stands in, plus one as well; the callback.
//! Weak references with a living target stand in one list, newest first; a live one with a callback whose target has died
//! is moved to another, *due*, which keeps it alive until [`Heap::take_weak_callback`] hands it out. Both end with 0, plus one.
//!
//! A target counts as dead as soon as the roots do not reach it, even if it is kept for a finaliser.

use core::ptr::NonNull;

use super::region::{load, store};
use super::{Heap, WORD};
use crate::value::{Header, Kind, Value};

/// This build has weak references.
const BUILT: bool = cfg!(feature = "weakref");
const TARGET: usize = WORD;
const NEXT: usize = 2 * WORD;
const CALLBACK: usize = 3 * WORD;
/// Bytes of a weak reference.
pub const WEAK_BYTES: usize = 4 * WORD;

/// The two lists.
pub(super) struct WeakList {
    /// Address of the first one whose target lives.
    pub live: usize,
    /// Address of the first one whose callback is due.
    pub due: usize,
}

impl WeakList {
    pub const fn new() -> WeakList {
        WeakList { live: 0, due: 0 }
    }
}

/// The address that is hidden in a field.
///
/// # Safety
/// There is a weak reference at `weak`.
unsafe fn hidden(weak: usize, offset: usize) -> usize {
    // SAFETY: the caller's promise.
    unsafe { load(weak + offset) & !1 }
}

/// # Safety
/// There is a weak reference at `weak`.
unsafe fn hide(weak: usize, offset: usize, address: usize) {
    // SAFETY: the caller's promise.
    unsafe { store(weak + offset, address | 1) };
}

impl Heap {
    /// Makes a weak reference to an object. `callback` is [`Value::UNDEF`] or what [`Heap::weak_callback`] gives back.
    /// `None` as for [`Heap::alloc`]; `target` and `callback` must be rooted by the caller.
    pub fn new_weak(&mut self, target: Value, callback: Value) -> Option<Value> {
        debug_assert!(target.is_object());
        let object = self.alloc_object(Kind::WeakRef, 0, WEAK_BYTES)?;
        let weak = object.addr().get();
        // SAFETY: the object has these words; values are written as the pointers they may be.
        unsafe {
            object.add(TARGET).cast::<Value>().write(target);
            hide(weak, NEXT, 0);
            object.add(CALLBACK).cast::<Value>().write(callback);
            if target.is_object() && self.contains(target.object_ptr()) {
                hide(weak, TARGET, target.bits());
                hide(weak, NEXT, self.weak.live);
                self.weak.live = weak;
            }
        }
        // SAFETY: the object is complete.
        Some(unsafe { Value::from_object(object.as_ptr().cast::<Header>()) })
    }

    /// The target of a weak reference, [`Value::UNDEF`] when it is dead. Not while marking.
    pub fn weak_target(&self, weak: Value) -> Value {
        debug_assert!(weak.is_kind(Kind::WeakRef));
        // SAFETY: an object of this kind has that word.
        let word = unsafe { load(weak.bits() + TARGET) };
        if word & 1 == 0 {
            // Dead, or never was an object of this heap: a value as it stands.
            // SAFETY: it was written from a value.
            return unsafe { weak.object_ptr().add(TARGET).cast::<Value>().read() };
        }
        // SAFETY: a target that has died was replaced, so this one lives.
        unsafe { Value::from_object(core::ptr::with_exposed_provenance(word - 1)) }
    }

    /// The callback of a weak reference.
    pub fn weak_callback(&self, weak: Value) -> Value {
        debug_assert!(weak.is_kind(Kind::WeakRef));
        // SAFETY: an object of this kind has that word, a value.
        unsafe { weak.object_ptr().add(CALLBACK).cast::<Value>().read() }
    }

    /// True while [`Heap::take_weak_callback`] has something to give.
    pub fn has_weak_callback(&self) -> bool {
        BUILT && self.weak.due != 0
    }

    /// A weak reference whose target has died and whose callback is to be called. The caller must keep it alive from here on.
    pub fn take_weak_callback(&mut self) -> Option<Value> {
        if !BUILT {
            return None;
        }
        let weak = NonNull::new(core::ptr::with_exposed_provenance_mut::<Header>(self.weak.due))?;
        // SAFETY: the list is made of live weak references.
        unsafe {
            self.weak.due = hidden(weak.addr().get(), NEXT);
            Some(Value::from_object(weak.as_ptr()))
        }
    }

    /// Marks all that waits for somebody to take it: due weak references and pending objects.
    pub(super) fn mark_pending(&mut self) {
        let mut weak = self.weak.due;
        while BUILT && weak != 0 {
            self.mark_object(weak);
            // SAFETY: the list is made of live weak references.
            weak = unsafe { hidden(weak, NEXT) };
        }
        self.mark_finalisable();
    }

    /// Tells the weak references whose targets were not reached.
    pub(super) fn clear_weak(&mut self) {
        if !BUILT {
            return;
        }
        let mut weak = core::mem::take(&mut self.weak.live);
        let mut kept = 0;
        // Those with a callback, apart from those whose callback is a native object: a `finalize`.
        let mut fresh = [0; 2];
        while weak != 0 {
            // SAFETY: the list is made of weak references that were alive after the last collection; they are intact.
            unsafe {
                let next = hidden(weak, NEXT);
                if self.is_marked_at(hidden(weak, TARGET)) {
                    hide(weak, NEXT, kept);
                    kept = weak;
                } else {
                    store(weak + TARGET, Value::UNDEF.bits());
                    let at = core::ptr::with_exposed_provenance::<u8>(weak);
                    let callback = at.add(CALLBACK).cast::<Value>().read();
                    if !callback.is_undef() && self.is_marked_at(weak) {
                        let list = &mut fresh[usize::from(callback.is_kind(Kind::Native))];
                        hide(weak, NEXT, *list);
                        *list = weak;
                    }
                }
                weak = next;
            }
        }
        self.weak.live = kept;
        // Both have the oldest first; callbacks run newest first, those of `finalize` before the others.
        for mut fresh in fresh {
            while fresh != 0 {
                // SAFETY: as above.
                unsafe {
                    let next = hidden(fresh, NEXT);
                    hide(fresh, NEXT, self.weak.due);
                    self.weak.due = fresh;
                    fresh = next;
                }
            }
        }
    }

    /// Takes the weak references out of the list that die themselves. Turns the list around once more.
    pub(super) fn relink_weak(&mut self) {
        if !BUILT {
            return;
        }
        let mut weak = core::mem::take(&mut self.weak.live);
        while weak != 0 {
            // SAFETY: as in `clear_weak`.
            unsafe {
                let next = hidden(weak, NEXT);
                if self.is_marked_at(weak) {
                    hide(weak, NEXT, self.weak.live);
                    self.weak.live = weak;
                }
                weak = next;
            }
        }
    }
}
