//! Objects of native types that have no kind of their own: a type and some words.

use super::handle;
use crate::value::header::WORD;
use crate::value::{Kind, Value};
use crate::{Raise, Vm};

handle!(
    /// An object of a native type. Word 0 after the header word is the type; the rest belongs to the type.
    Native, Native
);

impl Native {
    /// Makes an object with these words. The collector looks at each of them; raw data is stored as small ints.
    pub fn new(vm: &mut Vm, class: Value, words: &[Value]) -> Result<Native, Raise> {
        let p = vm.alloc(Kind::Native, 0, WORD * (2 + words.len()))?;
        // SAFETY: a fresh object with room for the header word, the type and the words.
        unsafe {
            let at = p.as_ptr().add(WORD).cast::<Value>();
            at.write(class);
            for (i, &word) in words.iter().enumerate() {
                at.add(1 + i).write(word);
            }
            Ok(Native(Value::from_object(p.as_ptr().cast())))
        }
    }

    #[inline(always)]
    fn at(self, i: usize) -> *mut Value {
        debug_assert!(
            WORD * (2 + i)
                <= self.0.header().map_or(0, |h| h.blocks as usize) * crate::value::header::BLOCK
        );
        self.0.object_ptr().wrapping_add(WORD * (1 + i)).cast()
    }

    /// The type: a built-in type or a class.
    #[inline(always)]
    pub fn class(self) -> Value {
        // SAFETY: a Native's first word is its type, which never changes.
        unsafe { *self.at(0) }
    }

    /// Word `i` of the type's own; the type knows how many there are.
    #[inline(always)]
    pub fn get(self, _vm: &Vm, i: usize) -> Value {
        // SAFETY: every type reads only the words that it gave to `new` (checked in debug builds).
        unsafe { *self.at(1 + i) }
    }

    /// Sets word `i`.
    #[inline(always)]
    pub fn set(self, _vm: &mut Vm, i: usize, value: Value) {
        // SAFETY: as in `get`.
        unsafe { *self.at(1 + i) = value }
    }
}
