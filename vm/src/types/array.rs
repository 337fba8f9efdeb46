//! `bytearray`, `array.array`.
use super::OBJECT;
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `bytearray`.
    pub static BYTEARRAY: bytearray, base OBJECT;
    slots {  }
    entries {}
}

py_type! {
    /// `array`.
    pub static ARRAY: array, base OBJECT;
    slots {  }
    entries {}
}

/// Item of a bytes-like object.
pub fn item_at(_vm: &mut Vm, _v: Value, _i: usize) -> Result<Option<Value>, Raise> {
    Ok(None)
}
