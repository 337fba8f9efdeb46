//! `set`.
use super::OBJECT;
use crate::py_type;

py_type! {
    /// `set`.
    pub static SET: set, base OBJECT;
    slots {  }
    entries {}
}

py_type! {
    /// `frozenset`.
    pub static FROZENSET: frozenset, base OBJECT;
    slots {  }
    entries {}
}
