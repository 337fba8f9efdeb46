//! `builtins`.
use crate::object::*;
use crate::types::*;
use crate::value::Value;
use crate::{Vm, py_module};

py_module! {
    /// `builtins`.
    pub static BUILTINS: builtins, extensible false;
    entries {
        __build_class__ = Raw(class::build_class);
        print = Raw(super::io::print);
        input = Var(0, 1, super::io::input);
        open = Kw(super::io::open; file, mode?, buffering?, encoding?, errors?, newline?);
        len = F1(len);
        repr = F1(repr);
        isinstance = F2(isinst);
        range: range::RANGE.rom();
        str: str::STR.rom();
        list: list::LIST.rom();
        object: OBJECT.rom();
        r#type: TYPE.rom();
        Exception: crate::exc::EXCEPTION.rom();
        ValueError: crate::exc::VALUE_ERROR.rom();
        super_: SUPER.rom();
        property: class::PROPERTY.rom();
    }
}
fn len(vm: &mut Vm, v: Value) -> Res {
    Ok(Value::from_len(vm.len(v)?))
}
fn repr(vm: &mut Vm, v: Value) -> Res {
    vm.repr(v)
}
fn isinst(vm: &mut Vm, v: Value, c: Value) -> Res {
    Ok(Value::bool(class::is_instance_of(vm, v, c)?))
}
