//! `weakref`. Source: Python Library Reference, "weakref".

use crate::py_module;
use crate::types::weakref::{FINALIZE, REF};

py_module! {
    /// `weakref`.
    pub static WEAKREF: weakref, extensible false;
    entries {
        finalize: FINALIZE.rom();
        r#ref: REF.rom();
    }
}
