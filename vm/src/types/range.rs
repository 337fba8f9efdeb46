//! `range`.
use super::OBJECT;
use crate::object::*;
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `range`.
    pub static RANGE: range, base OBJECT;
    slots { new: range_new }
    entries {}
}

fn range_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let (a, b, c) = match *args.pos {
        [n] => (Value::int(0), n, Value::int(1)),
        [a, b] => (a, b, Value::int(1)),
        [a, b, c] => (a, b, c),
        _ => return Err(vm.wrong_count(1, 3, args.pos.len())),
    };
    Ok(Range::alloc(vm, 0, a, b, c)?.value())
}
/// Next of a range with big numbers.
pub fn big_next(_vm: &mut Vm, _it: Iterator) -> Res {
    Ok(Value::STOP)
}
#[allow(unused)]
fn _x() -> Result<(), Raise> {
    Ok(())
}
