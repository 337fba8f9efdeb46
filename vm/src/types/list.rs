//! `list`.
use super::OBJECT;
use crate::object::*;
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `list`.
    pub static LIST: list, base OBJECT;
    slots { repr: list_repr, len: list_len }
    entries { append = F2(list_append); }
}

fn list_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, "[")?;
    let n = vm.len(v)?;
    for i in 0..n {
        if i > 0 {
            out.push_str(vm, ", ")?;
        }
        let item = List::from_known(v).get(vm, i).unwrap_or(Value::NONE);
        vm.format(item, out, Style::Repr)?;
    }
    out.push_str(vm, "]")
}

fn list_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(List::from_known(v).len(vm))
}
fn list_append(vm: &mut Vm, l: Value, v: Value) -> Res {
    List::from_known(l).push(vm, v)?;
    Ok(Value::NONE)
}
/// Sorts a list.
pub fn sort(_vm: &mut Vm, _list: List, _key: Value, _reverse: bool) -> Result<(), Raise> {
    Ok(())
}
