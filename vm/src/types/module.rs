//! Modules, made at run time or in ROM.

use crate::object::{Args, Dict, Module, Res, RomModule, StrBuilder, Style};
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

fn module_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    if !cfg!(feature = "extra") {
        return Err(super::common::no_instances(vm, class));
    }
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
    let text = if file.is_some() { &b"<module '%' from '%'>"[..] } else { b"<module '%'>" };
    let none = q::EMPTY.value();
    vm.push_parts(out, text, &[name.unwrap_or(none), file.unwrap_or(none)])
}

impl Vm {
    /// A module with this namespace.
    pub fn new_module(&mut self, globals: Dict) -> Res {
        Ok(Module::alloc(self, 0, globals.value())?.value())
    }
}
