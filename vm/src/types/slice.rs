//! `slice`.
use super::OBJECT;
use crate::py_type;

py_type! {
    /// `slice`.
    pub static SLICE: slice, base OBJECT;
    slots {  }
    entries {}
}
