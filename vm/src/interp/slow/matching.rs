//! The `match` statement, and the prompt's expressions. See the module above for what results mean.

use super::*;
use crate::exc;
use crate::object::{Dict, Res, Str, Tuple};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, types};

// ---- match
pub(in crate::interp) fn is_match_sequence(vm: &mut Vm, v: Value) -> bool {
    let part = vm.native_part(v);
    matches!(part.kind(), Some(Kind::List | Kind::Tuple | Kind::Range | Kind::MemoryView))
        || part.is_kind(Kind::ByteArray) && crate::object::aux(part) as u8 != 0
        || types::is_deque(vm, part)
}

pub(in crate::interp) fn is_match_mapping(vm: &mut Vm, v: Value) -> bool {
    vm.native_part(v).is_kind(Kind::Dict)
}

pub(in crate::interp) fn len(vm: &mut Vm, v: Value) -> Res {
    vm.len(v).map(Value::from_len)
}

pub(in crate::interp) fn match_keys(vm: &mut Vm, subject: Value, keys: Value) -> Res {
    let mut look = || -> Res {
        let keys = Tuple::from_known(keys);
        let values = vm.new_list()?;
        let part = vm.native_part(subject);
        for &key in keys.items() {
            let found = match Dict::from_value(part) {
                Some(d) => d.get(vm, key)?,
                None => None,
            };
            match found {
                Some(v) => values.push(vm, v)?,
                None => return Ok(Value::NONE),
            }
        }
        list_to_tuple(vm, values.value())
    };
    look()
}

pub(in crate::interp) fn match_class(
    vm: &mut Vm,
    subject: Value,
    class: Value,
    n: usize,
    names: Value,
) -> Res {
    let mut look = || -> Res {
        if !matches!(class.kind(), Some(Kind::RomType | Kind::Class)) {
            return Err(vm.raise(exc::TYPE_ERROR, "called match pattern must be a class"));
        }
        if !types::class::is_instance_of(vm, subject, class)? {
            return Ok(Value::NONE);
        }
        let values = vm.new_list()?;
        let mut positional = n;
        // For these built-in types one positional pattern matches the whole subject.
        if n == 1 && types::matches_itself(vm, class) {
            values.push(vm, subject)?;
            positional = 0;
        }
        if positional > 0 {
            let args = match vm.find_attr(class, q::__match_args__.value())? {
                Some(t) => t,
                None => Vm::empty_tuple(),
            };
            let Some(args) = Tuple::from_value(args) else {
                return Err(vm.raise(exc::TYPE_ERROR, "__match_args__ must be a tuple"));
            };
            if args.len() < positional {
                let counts = [args.len(), positional].map(Value::from_len);
                let message = "class accepts % positional sub-patterns (% given)";
                return Err(vm.raise_filled(exc::TYPE_ERROR, message, &counts));
            }
            for &name in &args.items()[..positional] {
                let name = vm.name_arg(name)?;
                match vm.find_attr(subject, name)? {
                    Some(v) => values.push(vm, v)?,
                    None => return Ok(Value::NONE),
                }
            }
        }
        if let Some(names) = Tuple::from_value(names) {
            for &name in names.items() {
                match vm.find_attr(subject, name)? {
                    Some(v) => values.push(vm, v)?,
                    None => return Ok(Value::NONE),
                }
            }
        }
        list_to_tuple(vm, values.value())
    };
    look()
}

pub(in crate::interp) fn dict_rest(vm: &mut Vm, subject: Value, keys: Value) -> Res {
    let mut make = || -> Res {
        let rest = match vm.cast::<Dict>(subject) {
            Some(d) => d.copy(vm)?,
            None => vm.new_dict()?,
        };
        for &key in Tuple::from_known(keys).items() {
            rest.remove(vm, key)?;
        }
        Ok(rest.value())
    };
    make()
}

// ---- rest
pub(in crate::interp) fn print_expr(vm: &mut Vm, v: Value) -> Result<(), Raise> {
    if v.is_none() {
        return Ok(());
    }
    vm.set_attr(crate::modules::builtins::BUILTINS.value(), q::UNDERSCORE.value(), v)?;
    let text = vm.repr(v)?;
    vm.write_stdout(Str::from_known(text).as_bytes())?;
    vm.write_stdout(b"\n")
}
