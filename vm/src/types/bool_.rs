//! `bool`.
use super::OBJECT;
use crate::object::*;
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `bool`.
    pub static BOOL: bool, base OBJECT;
    slots { repr: bool_repr }
    entries {}
}

fn bool_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, if v == Value::TRUE { "True" } else { "False" })
}
