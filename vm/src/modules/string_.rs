//! `string`, of which only `string.templatelib` is built in. Source: PEP 750; Python Library Reference,
//! "string.templatelib".

use crate::py_module;
use crate::types::template::{INTERPOLATION, TEMPLATE};
use crate::value::RomValue;

py_module! {
    /// `string`.
    pub static STRING: string, extensible true;
    entries {
        templatelib: RomValue(TEMPLATELIB.value());
    }
}

py_module! {
    /// `string.templatelib`.
    pub static TEMPLATELIB: STRING_TEMPLATELIB, extensible false;
    entries {
        Interpolation: INTERPOLATION.rom();
        Template: TEMPLATE.rom();
    }
}
