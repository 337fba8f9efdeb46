//! Running Python from C: source text, files, imports, calls; figures.

use super::config::Stats;
use super::lend::borrow;
use super::life::TsVm;
use super::text::{put, terminated, text};
use super::value::{Given, given, values};
use super::{Status, require};
use core::ffi::c_char;
use threadsnake_vm::compiler::Mode;
use threadsnake_vm::modules::exec::compile_file;
use threadsnake_vm::value::Value;

/// Runs source text in `__main__`: see the header.
///
/// # Safety
/// `name` is a terminated string; `len` bytes at `source`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_exec_string(
    vm: *const TsVm,
    name: *const c_char,
    source: *const c_char,
    len: usize,
) -> Status {
    borrow(vm, |_, vm| {
        // SAFETY: the caller's promise.
        let (name, mut source) =
            unsafe { (terminated(name)?, super::text::bytes(source.cast(), len)?) };
        let globals = vm.main_globals();
        vm.exec_source(&mut source, name, Mode::Module, globals)?;
        Ok(())
    })
}

/// Runs a file in `__main__`: see the header.
///
/// # Safety
/// `path` is a terminated string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_exec_file(vm: *const TsVm, path: *const c_char) -> Status {
    borrow(vm, |_, vm| {
        // SAFETY: the caller's promise.
        let code = compile_file(vm, unsafe { terminated(path) }?)?;
        let globals = vm.main_globals();
        vm.run_code(code, globals, globals.value())?;
        Ok(())
    })
}

/// Evaluates an expression in `__main__`: see the header.
///
/// # Safety
/// `len` bytes at `source`; `result` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_eval(
    vm: *const TsVm,
    source: *const c_char,
    len: usize,
    result: *mut Value,
) -> Status {
    borrow(vm, |_, vm| {
        require(!result.is_null())?;
        // SAFETY: the caller's promise.
        let mut source = unsafe { super::text::bytes(source.cast(), len) }?;
        let globals = vm.main_globals();
        let value = vm.exec_source(&mut source, "<string>", Mode::Eval, globals)?;
        // SAFETY: the caller's promise.
        unsafe { put(result, value) }
    })
}

/// Imports a module: see the header.
///
/// # Safety
/// `name` is a terminated string; `module` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_import(
    vm: *const TsVm,
    name: *const c_char,
    module: *mut Value,
) -> Status {
    borrow(vm, |_, vm| {
        require(!module.is_null())?;
        // SAFETY: the caller's promise.
        let name = vm.intern(unsafe { terminated(name) }?)?;
        let found = vm.import(name)?;
        // SAFETY: the caller's promise.
        unsafe { put(module, found) }
    })
}

/// Calls something: see the header.
///
/// # Safety
/// `n_args` values at `args`; `result` is null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_call(
    vm: *const TsVm,
    function: Given,
    args: *const Given,
    n_args: usize,
    result: *mut Value,
) -> Status {
    borrow(vm, |_, vm| {
        // SAFETY: the caller's promise.
        let args = unsafe { values(args, n_args) }?;
        let value = vm.call(given(function)?, args)?;
        if result.is_null() {
            return Ok(());
        }
        // SAFETY: the caller's promise.
        unsafe { put(result, value) }
    })
}

/// Calls a method: see the header.
///
/// # Safety
/// `name` is a terminated string; `n_args` values at `args`; `result` is null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_call_method(
    vm: *const TsVm,
    object: Given,
    name: *const c_char,
    args: *const Given,
    n_args: usize,
    result: *mut Value,
) -> Status {
    borrow(vm, |_, vm| {
        // SAFETY: the caller's promise.
        let (name, args) = unsafe { (terminated(name)?, values(args, n_args)?) };
        let name = vm.intern(name)?;
        let value = vm.call_method(given(object)?, name, args)?;
        if result.is_null() {
            return Ok(());
        }
        // SAFETY: the caller's promise.
        unsafe { put(result, value) }
    })
}

/// Writes to the console as `print` does: see the header.
///
/// # Safety
/// `len` bytes at `message`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_print(vm: *const TsVm, message: *const c_char, len: usize) -> Status {
    borrow(vm, |_, vm| {
        // SAFETY: the caller's promise.
        let message = unsafe { text(message, len) }?;
        Ok(vm.write_stdout(message.as_bytes())?)
    })
}

/// Runs a full collection: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_collect(vm: *const TsVm) -> Status {
    borrow(vm, |_, vm| {
        vm.collect();
        Ok(vm.safe_point()?)
    })
}

/// Figures: see the header.
///
/// # Safety
/// `stats` points to a structure of as many bytes as its first field says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_get_stats(vm: *const TsVm, stats: *mut Stats) -> Status {
    borrow(vm, |owner, vm| {
        require(!stats.is_null())?;
        // SAFETY: the caller's promise.
        let size = unsafe { (&raw const (*stats).size).read() };
        require(size as usize >= size_of::<Stats>())?;
        let (heap, collections) = vm.heap_stats();
        let handlers = vm.handle().handler_stats();
        let figures = Stats {
            size,
            collections,
            heap_total: heap.total,
            heap_used: heap.used,
            heap_largest_free: heap.max_free_run_blocks * threadsnake_vm::heap::BLOCK,
            n_objects: heap.n_objects,
            stack_unused: owner.task().map_or(0, |task| task.stack_unused()),
            n_tasks: owner.host().crew().len() as u32,
            handlers_at_once: handlers.at_once,
            handlers_later: handlers.later,
            handler_wait_us: handlers.longest_wait_us,
        };
        // SAFETY: the caller's promise.
        unsafe { put(stats, figures) }
    })
}
