//! `bytes`.
use super::OBJECT;
use crate::py_type;

py_type! {
    /// `bytes`.
    pub static BYTES: bytes, base OBJECT;
    slots {  }
    entries {}
}
