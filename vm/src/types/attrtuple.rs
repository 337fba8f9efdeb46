//! Tuples whose items have names: `sys.implementation`, `os.uname()`.

use crate::object::{AttrOp, CompareOp, Native, Res, StrBuilder, Style, Tuple};
use crate::value::Value;
use crate::{Raise, Vm, py_type};

use super::common::{item_at, place_of};
use super::tuple::TUPLE;

py_type! {
    /// A tuple with named items. Words: tuple of names, tuple of values.
    pub static ATTR_TUPLE: tuple, base TUPLE;
    slots {
        repr: attr_tuple_repr, len: attr_tuple_len, get_item: attr_tuple_get_item, iter: attr_tuple_iter,
        compare: attr_tuple_compare, hash: attr_tuple_hash, attr: attr_tuple_attr, is_final: true,
    }
    entries {}
}

/// A tuple of these names (interned) and values, as many of both.
pub fn new_attr_tuple(vm: &mut Vm, items: &[(Value, Value)]) -> Res {
    let (names, values) = (vm.new_list()?, vm.new_list()?);
    for &(name, value) in items {
        names.push(vm, name)?;
        values.push(vm, value)?;
    }
    let names = vm.call(TUPLE.value(), &[names.value()])?;
    let values = vm.call(TUPLE.value(), &[values.value()])?;
    Ok(Native::new(vm, ATTR_TUPLE.value(), &[names, values])?.value())
}

/// The values of a tuple with named items, as a plain tuple; `None` for anything else.
pub fn plain_tuple(vm: &Vm, v: Value) -> Option<Tuple> {
    let named = Native::from_value(v).filter(|n| n.class() == ATTR_TUPLE.value())?;
    Tuple::from_value(named.get(vm, 1))
}

fn values_of(vm: &Vm, v: Value) -> Value {
    Native::from_known(v).get(vm, 1)
}

fn attr_tuple_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let names = Native::from_known(v).get(vm, 0);
    push_named(vm, out, names, values_of(vm, v))
}

/// Appends `(name=value, …)` of a tuple of names and a tuple of values.
pub fn push_named(
    vm: &mut Vm,
    out: &mut StrBuilder,
    names: Value,
    values: Value,
) -> Result<(), Raise> {
    let mut before = "(";
    let mut i = 0;
    while let Some(value) = item_at(vm, values, i)
        && let Some(name) = item_at(vm, names, i)
    {
        out.push_str(vm, before);
        before = ", ";
        vm.push_parts(out, b"%=!", &[name, value])?;
        i += 1;
    }
    out.push_str(vm, if i == 0 { "()" } else { ")" });
    Ok(())
}

fn attr_tuple_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(Tuple::from_known(values_of(vm, v)).len())
}

fn attr_tuple_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    let values = values_of(vm, v);
    vm.get_item(values, index)
}

fn attr_tuple_iter(vm: &mut Vm, v: Value) -> Res {
    let values = values_of(vm, v);
    vm.iter(values)
}

fn attr_tuple_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let is_named = Native::from_value(b).is_some_and(|n| n.class() == ATTR_TUPLE.value());
    let b = if is_named { values_of(vm, b) } else { b };
    let a = values_of(vm, a);
    vm.compare(op, a, b)
}

fn attr_tuple_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    let values = values_of(vm, v);
    vm.hash(values)
}

fn attr_tuple_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let names = Tuple::from_known(Native::from_known(v).get(vm, 0));
    let at = if op == AttrOp::Load { place_of(name, names.items()) } else { usize::MAX };
    Ok(item_at(vm, values_of(vm, v), at).unwrap_or(Value::UNDEF))
}
