//! `memoryview`.
use super::OBJECT;
use crate::py_type;

py_type! {
    /// `memoryview`.
    pub static MEMORYVIEW: memoryview, base OBJECT;
    slots {  }
    entries {}
}
