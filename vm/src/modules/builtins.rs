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
        print = Raw(print);
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
fn print(vm: &mut Vm, args: Args<'_>) -> Res {
    for (i, &v) in args.pos.iter().enumerate() {
        if i > 0 {
            vm.write_stdout(b" ")?;
        }
        let s = vm.str(v)?;
        vm.write_stdout(Str::from_known(s).as_bytes())?;
    }
    vm.write_stdout(b"\n")?;
    Ok(Value::NONE)
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
