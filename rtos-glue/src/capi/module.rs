//! C modules: tables in ROM, found by `import`.
//!
//! A table becomes a module object when it is first imported: a dictionary with a function object (two words: the
//! table's entry and the VM) for each name. A module that is never imported costs no RAM.

use super::Status;
use super::config::{Function, Module, TsConfig};
use super::lend::lend;
use super::life::TsVm;
use super::require;
use core::ffi::{CStr, c_char};
use threadsnake_vm::object::{Args, Dict, Native, Res, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

py_type! {
    /// A function in C.
    pub static C_FUNCTION: function, base OBJECT;
    slots { call: call, repr: repr, is_final: true }
    entries {}
}

/// Words of a [`C_FUNCTION`].
const ENTRY: usize = 0;
const OWNER: usize = 1;

/// The text of a terminated name in a checked table.
fn text(name: *const c_char) -> &'static str {
    // SAFETY: `check` saw that it is a terminated string; tables live as long as the VM.
    unsafe { CStr::from_ptr(name) }.to_str().unwrap_or_default()
}

/// Sees whether the tables are whole: names in UTF-8, functions, bounds in order.
///
/// # Safety
/// The counts in the tables are right, and what is not null is valid.
pub unsafe fn check(config: &TsConfig) -> Result<(), Status> {
    require(config.n_modules == 0 || !config.modules.is_null())?;
    for i in 0..config.n_modules {
        // SAFETY: the caller's promise.
        let module = unsafe { (*config.modules.add(i)).as_ref() }.ok_or(Status::BAD_ARGUMENT)?;
        // SAFETY: as above.
        unsafe { check_name(module.name) }?;
        require(module.n_functions == 0 || !module.functions.is_null())?;
        // SAFETY: as above.
        for function in unsafe { functions(module) } {
            // SAFETY: as above.
            unsafe { check_name(function.name) }?;
            require(function.call.is_some() && function.min_args <= function.max_args)?;
        }
    }
    Ok(())
}

/// # Safety
/// `name` is null or a terminated string.
unsafe fn check_name(name: *const c_char) -> Result<(), Status> {
    require(!name.is_null())?;
    // SAFETY: the caller's promise.
    require(unsafe { CStr::from_ptr(name) }.to_str().is_ok())
}

/// # Safety
/// The module's table is valid.
unsafe fn functions(module: &'static Module) -> &'static [Function] {
    if module.n_functions == 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { core::slice::from_raw_parts(module.functions, module.n_functions) }
}

/// The C module of that name, made anew.
pub fn import(vm: &mut Vm, owner: &'static TsVm, name: &str) -> Result<Option<Value>, Raise> {
    let config = owner.config();
    for i in 0..config.n_modules {
        // SAFETY: `check` saw the tables; they live as long as the VM.
        let module: &'static Module = unsafe { &**config.modules.add(i) };
        if text(module.name) == name {
            return make(vm, owner, module).map(Some);
        }
    }
    Ok(None)
}

fn make(vm: &mut Vm, owner: &'static TsVm, module: &'static Module) -> Res {
    let globals: Dict = vm.new_dict()?;
    let name = vm.intern(text(module.name))?;
    globals.set_name(vm, q::__name__.value(), name)?;
    // SAFETY: `check` saw the table.
    for function in unsafe { functions(module) } {
        let name = vm.intern(text(function.name))?;
        let entry = Value::from_even(core::ptr::from_ref(function).expose_provenance());
        let vm_word = Value::from_even(core::ptr::from_ref(owner).expose_provenance());
        let object = Native::new(vm, C_FUNCTION.value(), &[entry, vm_word])?;
        globals.set_name(vm, name, object.value())?;
    }
    let object = vm.new_module(globals)?;
    if let Some(init) = module.init {
        let status = lend(owner, vm, || init(owner, object));
        outcome(vm, status)?;
    }
    Ok(object)
}

/// What the status of C code means to Python.
pub fn outcome(vm: &mut Vm, status: Status) -> Result<(), Raise> {
    if vm.is_raising() {
        return Err(vm.pass_on());
    }
    match status {
        Status::OK => Ok(()),
        Status::NO_MEMORY => Err(vm.no_memory()),
        Status::TIMEOUT => Err(vm.raise_os_error(ETIMEDOUT)),
        Status(number) => Err(vm.raise_fmt(
            exc::RUNTIME_ERROR,
            format_args!("the function in C failed with status {number}"),
        )),
    }
}

/// `errno.ETIMEDOUT`.
const ETIMEDOUT: i32 = 110;

fn entry(vm: &Vm, function: Value) -> &'static Function {
    let address = Native::from_known(function).get(vm, ENTRY).as_even();
    // SAFETY: `make` stored the address of a table's entry.
    unsafe { &*core::ptr::with_exposed_provenance::<Function>(address) }
}

fn call(vm: &mut Vm, function: Value, args: Args<'_>) -> Res {
    let entry = entry(vm, function);
    let address = Native::from_known(function).get(vm, OWNER).as_even();
    // SAFETY: `make` stored the address of this VM, which lives while its code runs.
    let owner: &'static TsVm = unsafe { &*core::ptr::with_exposed_provenance::<TsVm>(address) };
    if !args.names.is_empty() {
        return Err(vm.raise(exc::TYPE_ERROR, "function doesn't take keyword arguments"));
    }
    let (min, max, n) = (entry.min_args, entry.max_args, args.pos.len());
    if n < usize::from(min) || (max != 255 && n > usize::from(max)) {
        return Err(vm.wrong_count(min.into(), max.into(), n));
    }
    let Some(code) = entry.call else { return Ok(Value::NONE) };
    vm.enter_native()?;
    let mut result = Some(Value::NONE);
    let status = lend(owner, vm, || code(owner, args.pos.as_ptr(), n, &mut result));
    outcome(vm, status)?;
    Ok(result.unwrap_or(Value::NONE))
}

fn repr(vm: &mut Vm, function: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    out.push_str(vm, "<function ");
    out.push_str(vm, text(entry(vm, function).name));
    out.push_str(vm, ">");
    Ok(())
}
