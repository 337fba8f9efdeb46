//! Modules, made at run time or in ROM.

use crate::object::{Args, Dict, Module, Res, RomModule, Str, StrBuilder, Style};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, py_type};

use super::OBJECT;

py_type! {
    /// `module`.
    pub static MODULE: module, base OBJECT;
    slots { new: module_new, repr: module_repr, is_final: true }
    entries {}
}

fn module_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let Some(&name) = args.pos.first() else { return Err(vm.wrong_count(1, 2, 0)) };
    let globals = vm.new_dict()?;
    globals.set_name(vm, q::__name__.value(), name)?;
    vm.new_module(globals)
}

fn module_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let (name, file) = match (Module::from_value(v), RomModule::from_value(v)) {
        (Some(m), _) => {
            let globals = Dict::from_known(m.globals(vm));
            (globals.get_name(vm, q::__name__.value()), globals.get_name(vm, q::__file__.value()))
        }
        (_, Some(m)) => (Some(m.name()), None),
        _ => (None, None),
    };
    out.push_str(vm, "<module '")?;
    if let Some(name) = name.and_then(Str::from_value) {
        out.push_str(vm, name.as_str())?;
    }
    out.push_str(vm, "'")?;
    if let Some(file) = file.and_then(Str::from_value) {
        out.push_str(vm, " from '")?;
        out.push_str(vm, file.as_str())?;
        out.push_str(vm, "'")?;
    }
    out.push_str(vm, ">")
}

impl Vm {
    /// A module with this namespace.
    pub fn new_module(&mut self, globals: Dict) -> Res {
        Ok(Module::alloc(self, 0, globals.value())?.value())
    }
}
