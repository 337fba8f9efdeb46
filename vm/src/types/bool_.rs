//! `bool`: two integers with names of their own.
//!
//! Source: Python Library Reference, "Boolean Type". `&`, `|` and `^` of two bools are bools, all other arithmetic is
//! that of `int`.
#![forbid(unsafe_code)]

use super::int;
use crate::object::{Args, Res, StrBuilder, Style};
use crate::value::Value;
use crate::{Raise, Vm, exc, py_type};

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
    if !args.names.is_empty() {
        return Err(vm.raise(exc::TYPE_ERROR, "function doesn't take keyword arguments"));
    }
    match *args.pos {
        [] => Ok(Value::FALSE),
        [v] => Ok(Value::bool(vm.truth(v)?)),
        _ => Err(vm.wrong_count(0, 1, args.pos.len())),
    }
}

fn bool_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, if v == Value::TRUE { "True" } else { "False" })
}

fn bool_bool(_vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    Ok(v == Value::TRUE)
}

fn bool_hash(_vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok((v == Value::TRUE) as usize)
}
