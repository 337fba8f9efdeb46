//! `array`: the type `array.array`. Source: Python Library Reference, "array".

use crate::py_module;
use crate::types::array::ARRAY as ARRAY_TYPE;

py_module! {
    /// `array`.
    pub static ARRAY: array, extensible true;
    entries {
        array: ARRAY_TYPE.rom();
    }
}
