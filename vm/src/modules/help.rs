//! `help()`: what an object is and has, for the prompt.

use crate::object::{Res, Str, StrBuilder, Style};
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
        None => out.push_str(vm, WELCOME),
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

/// Appends a text in which each `%` stands for one of the values.
#[inline(never)]
fn say(vm: &mut Vm, out: &mut StrBuilder, text: &str, values: &[Value]) -> Result<(), Raise> {
    let mut values = values.iter();
    for &b in text.as_bytes() {
        if b != b'%' {
            out.push_byte(vm, b);
        } else if let Some(&v) = values.next() {
            vm.format(v, out, Style::Str)?;
        }
    }
    Ok(())
}

fn modules(vm: &mut Vm, out: &mut StrBuilder) -> Result<(), Raise> {
    let names = vm.new_list()?;
    let mut n = 0;
    while let Some(module) = vm.native_module_at(n) {
        names.push(vm, module.name())?;
        n += 1;
    }
    crate::types::list::sort(vm, names, Value::NONE, false, true)?;
    for i in 0..n {
        let name = names.get(vm, i).unwrap_or(Value::NONE);
        say(vm, out, "%\n", &[name])?;
    }
    out.push_str(vm, "Plus any modules on the filesystem\n");
    Ok(())
}

fn describe(vm: &mut Vm, out: &mut StrBuilder, object: Value) -> Result<(), Raise> {
    let class = vm.type_name(object);
    say(vm, out, "object % is of type %\n", &[object, class.value()])?;
    // Plain values have nothing of their own to show but their type's methods.
    let shown = match object.kind() {
        Some(Kind::Module | Kind::RomModule | Kind::Class | Kind::RomType | Kind::Instance) => {
            object
        }
        _ => vm.type_of(object),
    };
    let names = crate::types::object::dir(vm, shown)?;
    let mut names = vm.cursor(names)?;
    while let Some(name) = vm.cursor_next(&mut names)? {
        let name = vm.name_arg(name)?;
        if !Str::from_known(name).as_bytes().starts_with(b"__")
            && let Some(v) = vm.find_attr(shown, name)?
        {
            say(vm, out, "  % -- %\n", &[name, v])?;
        }
    }
    Ok(())
}
