//! The types of `None`, `Ellipsis` and `NotImplemented`.

use crate::object::{StrBuilder, Style};
use crate::value::Value;
use crate::{Raise, Vm, py_type};

use super::OBJECT;

py_type! {
    /// The type of `None`.
    pub static NONE_TYPE: NoneType, base OBJECT;
    slots { repr: singleton_repr, is_final: true }
    entries {}
}

py_type! {
    /// The type of `...`.
    pub static ELLIPSIS_TYPE: ellipsis, base OBJECT;
    slots { repr: singleton_repr, is_final: true }
    entries {}
}

py_type! {
    /// The type of `NotImplemented`.
    pub static NOT_IMPLEMENTED_TYPE: NotImplementedType, base OBJECT;
    slots { repr: singleton_repr, is_final: true }
    entries {}
}

fn singleton_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(
        vm,
        match v {
            v if v == Value::ELLIPSIS => "Ellipsis",
            v if v == Value::NOT_IMPLEMENTED => "NotImplemented",
            _ => "None",
        },
    );
    Ok(())
}
