//! `help()`: what an object is and has, for the prompt.

use crate::object::{List, Res, Str, StrBuilder, Style};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm};

const WELCOME: &str = "Welcome to Threadsnake, a Python for FreeRTOS.

For a description of an object:   help(obj)
For the names of its attributes:  dir(obj)
For the modules that are built in: help('modules')

Ctrl-A raw mode, Ctrl-B normal mode, Ctrl-C interrupt, Ctrl-D soft reset, Ctrl-E paste mode
";

/// `help([object])`
pub fn help(vm: &mut Vm, args: &[Value]) -> Res {
    let mut out = StrBuilder::new();
    match args.first() {
        None => out.push_str(vm, WELCOME)?,
        Some(&topic) if Str::from_value(topic).is_some_and(|s| s.as_bytes() == b"modules") => {
            modules(vm, &mut out)?
        }
        Some(&object) => describe(vm, &mut out, object)?,
    }
    out.check(vm)?;
    vm.write_stdout(out.as_bytes())?;
    out.discard(vm);
    Ok(Value::NONE)
}

fn modules(vm: &mut Vm, out: &mut StrBuilder) -> Result<(), Raise> {
    let names = vm.new_list()?;
    let mut n = 0;
    while let Some(module) = vm.native_module_at(n) {
        names.push(vm, module.name())?;
        n += 1;
    }
    crate::types::list::sort(vm, names, Value::NONE, false, true)?;
    for i in 0..names.len(vm) {
        let name = names.get(vm, i).unwrap_or(q::EMPTY.value());
        vm.format(name, out, Style::Str)?;
        out.push_str(vm, "\n")?;
    }
    out.push_str(vm, "Plus any modules on the filesystem\n")
}

fn describe(vm: &mut Vm, out: &mut StrBuilder, object: Value) -> Result<(), Raise> {
    out.push_str(vm, "object ")?;
    vm.format(object, out, Style::Str)?;
    out.push_str(vm, " is of type ")?;
    let class = vm.type_name(object);
    out.push_str(vm, class.as_str())?;
    out.push_str(vm, "\n")?;
    // Plain values have nothing of their own to show but their type's methods.
    let shown = match object.kind() {
        Some(Kind::Module | Kind::RomModule | Kind::Class | Kind::RomType | Kind::Instance) => {
            object
        }
        _ => vm.type_of(object),
    };
    let names = crate::types::object::dir(vm, shown)?;
    let names = List::from_known(names);
    for i in 0..names.len(vm) {
        let Some(name) = names.get(vm, i) else { break };
        let hidden = Str::from_value(name).is_some_and(|s| s.as_bytes().starts_with(b"__"));
        if hidden {
            continue;
        }
        let name = vm.name_arg(name)?;
        if let Some(v) = vm.find_attr(shown, name)? {
            out.push_str(vm, "  ")?;
            vm.format(name, out, Style::Str)?;
            out.push_str(vm, " -- ")?;
            vm.format(v, out, Style::Str)?;
            out.push_str(vm, "\n")?;
        }
    }
    Ok(())
}
