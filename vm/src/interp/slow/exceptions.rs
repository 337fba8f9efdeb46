//! Exceptions and imports. See the module above for what results mean.

use crate::exc;
use crate::object::{Dict, Exception, Res, Tuple};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, types};

// ---- exceptions
pub(in crate::interp) fn matches_exception(
    vm: &mut Vm,
    exception: Value,
    class: Value,
) -> Result<bool, Raise> {
    if let Some(t) = Tuple::from_value(class) {
        for &c in t.items() {
            if matches_exception(vm, exception, c)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if !matches!(class.kind(), Some(Kind::RomType | Kind::Class)) {
        return Err(vm.raise(exc::TYPE_ERROR, "exceptions must derive from BaseException"));
    }
    Ok(vm.is_subclass(vm.exception_class(exception), class))
}

/// Makes an exception object of what `raise` was given.
fn exception_of(vm: &mut Vm, v: Value) -> Res {
    if v.is_kind(Kind::Exception) {
        return Ok(v);
    }
    if matches!(v.kind(), Some(Kind::RomType | Kind::Class))
        && vm.is_subclass(v, exc::BASE_EXCEPTION.value())
    {
        let e = vm.call(v, &[])?;
        if e.is_kind(Kind::Exception) {
            return Ok(e);
        }
    }
    Err(vm.raise(exc::TYPE_ERROR, "exceptions must derive from BaseException"))
}

/// Raises what `raise` was given, an exception or a class; `cause` is `UNDEF` without `from`.
pub(in crate::interp) fn raise(vm: &mut Vm, v: Value, cause: Value) -> Result<(), Raise> {
    let exception = exception_of(vm, v)?;
    // MicroPython knows no causes.
    if cfg!(feature = "extra") && !cause.is_undef() {
        let cause = if cause.is_none() { cause } else { exception_of(vm, cause)? };
        let e = Exception::from_known(exception);
        e.set_cause(vm, cause);
        let aux = crate::object::aux(exception);
        crate::object::set_aux(vm, exception, aux | 1);
    }
    Err(vm.raise_value(exception))
}

pub(in crate::interp) fn raise_again(vm: &mut Vm) -> Result<(), Raise> {
    if vm.handled.is_none() {
        return Err(vm.raise(exc::RUNTIME_ERROR, "no active exception to reraise"));
    }
    vm.exception = vm.handled;
    Err(Raise(()))
}

pub(in crate::interp) fn exc_info(
    vm: &mut Vm,
    exception: Value,
    at: *mut Value,
) -> Result<(), Raise> {
    let class = vm.exception_class(exception);
    let traceback = types::exceptions::traceback_of(vm, exception)?;
    // SAFETY: three registers of the running frame.
    unsafe {
        *at = class;
        *at.add(1) = exception;
        *at.add(2) = traceback;
    }
    Ok(())
}

pub(in crate::interp) fn split_group(vm: &mut Vm, at: *mut Value) -> Result<(), Raise> {
    // SAFETY: three registers of the running frame.
    let (group, classes) = unsafe { (*at, *at.add(1)) };
    let (matching, rest) = types::exceptions::split_group(vm, group, classes)?;
    // SAFETY: as above.
    unsafe {
        *at = rest;
        *at.add(2) = matching;
    }
    Ok(())
}

pub(in crate::interp) fn raise_group(vm: &mut Vm, at: *mut Value) -> Result<(), Raise> {
    // SAFETY: three registers of the running frame.
    let (raised, rest, original) = unsafe { (*at, *at.add(1), *at.add(2)) };
    types::exceptions::raise_group(vm, raised, rest, original)
}

// ---- imports
pub(in crate::interp) fn import_name(vm: &mut Vm, name: Value, level: Value, from: Value) -> Res {
    if let Some(over) = Dict::from_value(vm.shared().roots.builtin_overrides)
        && let Some(f) = over.get_name(vm, q::__import__.value())
    {
        let (globals, locals) = (vm.current_globals().value(), vm.current_namespace());
        return vm.call(f, &[name, globals, locals, from, level]);
    }
    let level = level.as_small_int().unwrap_or(0) as usize;
    let globals = vm.current_globals();
    crate::modules::import::import(vm, name, level, from, globals)
}

pub(in crate::interp) fn import_from(vm: &mut Vm, module: Value, name: Value) -> Res {
    crate::modules::import::import_from(vm, module, name)
}

pub(in crate::interp) fn import_star(
    vm: &mut Vm,
    module: Value,
    space: Value,
) -> Result<(), Raise> {
    crate::modules::import::import_star(vm, module, space)
}
