//! `float`.
use super::OBJECT;
use crate::object::*;
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `float`.
    pub static FLOAT: float, base OBJECT;
    slots {  }
    entries {}
}

/// Float arithmetic, when both are numbers.
pub fn fast_binary(
    _vm: &mut Vm,
    _op: u8,
    _lhs: Value,
    _rhs: Value,
) -> Option<Result<Value, Raise>> {
    None
}
/// A number as a float.
pub fn number_of(vm: &Vm, v: Value) -> Option<f64> {
    if let Some(n) = v.as_small_int() {
        return Some(n as f64);
    }
    Float::from_value(v).map(|f| f.number(vm))
}
#[allow(unused)]
fn _x() -> Res {
    Ok(Value::NONE)
}
