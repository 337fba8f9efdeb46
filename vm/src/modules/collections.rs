//! `collections`.
use crate::types::OBJECT;
use crate::{py_module, py_type};

py_type! {
    /// `deque`.
    pub static DEQUE: deque, base OBJECT;
    slots { }
    entries {}
}
py_module! {
    /// `collections`.
    pub static COLLECTIONS: collections, extensible true;
    entries { deque: DEQUE.rom(); }
}
