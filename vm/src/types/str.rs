//! `str`.
use super::OBJECT;
use crate::object::*;
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `str`.
    pub static STR: str, base OBJECT;
    slots { new: str_new, repr: str_repr, len: str_len, binary: str_binary }
    entries {}
}
fn str_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    match args.pos {
        [] => Ok(crate::value::names::q::EMPTY.value()),
        &[v, ..] => vm.str(v),
    }
}
fn str_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, style: Style) -> Result<(), Raise> {
    let s = Str::from_known(v);
    if style == Style::Str {
        return out.push_str(vm, s.as_str());
    }
    out.push_str(vm, "'")?;
    out.push_str(vm, s.as_str())?;
    out.push_str(vm, "'")
}
fn str_len(_vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(Str::from_known(v).char_len())
}
fn str_binary(vm: &mut Vm, op: BinaryOp, lhs: Value, rhs: Value, _inplace: bool) -> Res {
    if op == BinaryOp::Add && Str::from_value(lhs).is_some() && Str::from_value(rhs).is_some() {
        return concat(vm, &[lhs, rhs]);
    }
    Ok(Value::NOT_IMPLEMENTED)
}
/// Joins strings.
pub fn concat(vm: &mut Vm, parts: &[Value]) -> Res {
    let mut out = StrBuilder::new();
    for &p in parts {
        out.push_str(vm, Str::from_known(p).as_str())?;
    }
    out.finish_str(vm)
}
/// `format(value, spec)`.
pub fn format_value(vm: &mut Vm, value: Value, _spec: Value, conv: u8) -> Res {
    if conv >= 2 { vm.repr(value) } else { vm.str(value) }
}
