//! `complex`.
use super::OBJECT;
use crate::py_type;

py_type! {
    /// `complex`.
    pub static COMPLEX: complex, base OBJECT;
    slots {  }
    entries {}
}
