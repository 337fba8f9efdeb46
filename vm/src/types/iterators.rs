//! Built-in iterators.
use super::OBJECT;
use crate::object::RomType;
use crate::py_type;
use crate::value::Value;

py_type! {
    /// `iterator`.
    pub static ITERATOR: iterator, base OBJECT;
    slots {  }
    entries {}
}

/// The type of an iterator.
pub fn type_of(_v: Value) -> &'static RomType {
    &ITERATOR
}
