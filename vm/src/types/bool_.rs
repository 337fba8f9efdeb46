//! `bool`: two integers with names of their own.
//!
//! Source: Python Library Reference, "Boolean Type". `&`, `|` and `^` of two bools are bools, all other arithmetic is
//! that of `int`.
#![forbid(unsafe_code)]

use super::common::positional;
use super::int;
use crate::object::{Args, Res, StrBuilder, Style};
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// Built-in `bool`.
    pub static BOOL: bool, base int::INT;
    slots {
        new: bool_new, repr: bool_repr, bool: bool_bool, hash: bool_hash, unary: int::int_unary,
        binary: int::int_binary, compare: int::int_compare, is_final: true
    }
    entries {}
}

/// `bool([x])`: the truth of `x`. May run Python.
fn bool_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    match *positional(vm, args, 0, 1)? {
        [v, ..] => Ok(Value::bool(vm.truth(v)?)),
        [] => Ok(Value::FALSE),
    }
}

fn bool_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, if v == Value::TRUE { "True" } else { "False" });
    Ok(())
}

fn bool_bool(_vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    Ok(v == Value::TRUE)
}

fn bool_hash(_vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok((v == Value::TRUE) as usize)
}
