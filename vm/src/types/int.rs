//! `int`.
use super::OBJECT;
use crate::object::*;
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `int`.
    pub static INT: int, base OBJECT;
    slots { repr: int_repr, binary: int_binary }
    entries {}
}

fn int_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    vm.push_fmt(out, format_args!("{}", v.as_small_int().unwrap_or(0)))
}
fn int_binary(_vm: &mut Vm, _op: BinaryOp, _lhs: Value, _rhs: Value, _inplace: bool) -> Res {
    Ok(Value::NOT_IMPLEMENTED)
}
/// Limbs of a whole float.
pub fn limbs_of_f64(_f: f64, _limbs: &mut [u32; 34]) -> usize {
    0
}
impl Vm {
    /// An int of its digits.
    pub fn int_from_digits(&mut self, digits: &str, base: u32) -> Res {
        match isize::from_str_radix(digits, base).ok().and_then(Value::small_int) {
            Some(v) => Ok(v),
            None => Err(self.raise(crate::exc::OVERFLOW_ERROR, "")),
        }
    }
}
