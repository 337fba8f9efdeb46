//! `tuple`.
use super::OBJECT;
use crate::object::*;
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `tuple`.
    pub static TUPLE: tuple, base OBJECT;
    slots { repr: tuple_repr, len: tuple_len }
    entries {}
}

fn tuple_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, "[")?;
    let n = vm.len(v)?;
    for i in 0..n {
        if i > 0 {
            out.push_str(vm, ", ")?;
        }
        let item = Tuple::from_known(v).items()[i];
        vm.format(item, out, Style::Repr)?;
    }
    out.push_str(vm, "]")
}

fn tuple_len(_vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(Tuple::from_known(v).len())
}
#[allow(unused)]
fn _x() -> Res {
    Ok(Value::NONE)
}
