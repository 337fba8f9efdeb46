//! Exceptions on their way between Python and C.

use super::lend::{borrow, borrow_raising};
use super::life::TsVm;
use super::text::{put, text};
use super::value::{Given, given};
use super::{Status, require};
use core::ffi::c_char;
use threadsnake_vm::object::Exception;
use threadsnake_vm::value::Value;
use threadsnake_vm::{ExcType, Vm, exc};

/// `ts_exception`: the built-in types that C names by number.
const TYPES: [ExcType; 18] = [
    exc::BASE_EXCEPTION,
    exc::EXCEPTION,
    exc::SYSTEM_EXIT,
    exc::KEYBOARD_INTERRUPT,
    exc::ATTRIBUTE_ERROR,
    exc::EOF_ERROR,
    exc::IMPORT_ERROR,
    exc::INDEX_ERROR,
    exc::KEY_ERROR,
    exc::MEMORY_ERROR,
    exc::NAME_ERROR,
    exc::NOT_IMPLEMENTED_ERROR,
    exc::OS_ERROR,
    exc::OVERFLOW_ERROR,
    exc::RUNTIME_ERROR,
    exc::STOP_ITERATION,
    exc::TYPE_ERROR,
    exc::VALUE_ERROR,
];

fn class(kind: i32) -> Result<ExcType, Status> {
    let kind = usize::try_from(kind).ok();
    kind.and_then(|kind| TYPES.get(kind)).copied().ok_or(Status::BAD_ARGUMENT)
}

/// Raises an exception of a built-in type: see the header.
///
/// # Safety
/// `len` bytes at `message`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_raise(
    vm: *const TsVm,
    kind: i32,
    message: *const c_char,
    len: usize,
) -> Status {
    borrow(vm, |_, vm| {
        // SAFETY: the caller's promise.
        let message = unsafe { text(message, len) }?;
        Err(vm.raise(class(kind)?, message).into())
    })
}

/// Raises `OSError(number)`: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_raise_os_error(vm: *const TsVm, number: i32) -> Status {
    borrow(vm, |_, vm| Err(vm.raise_os_error(number).into()))
}

/// Raises an exception object: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_raise_value(vm: *const TsVm, exception: Given) -> Status {
    borrow(vm, |_, vm| {
        let exception = given(exception)?;
        require(Exception::from_value(exception).is_some())?;
        Err(vm.raise_value(exception).into())
    })
}

/// 1 if the pending exception is of that type: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_exception_is(vm: *const TsVm, kind: i32) -> i32 {
    let mut is = 0;
    borrow_raising(vm, |_, vm| {
        is = i32::from(vm.is_raising() && vm.raised(class(kind)?));
        Ok(())
    });
    is
}

/// Takes the pending exception: see the header.
///
/// # Safety
/// `exception` is null or a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_exception_take(vm: *const TsVm, exception: *mut Value) -> Status {
    borrow_raising(vm, |_, vm| {
        if !vm.is_raising() || exception.is_null() {
            return Err(Status::BAD_ARGUMENT);
        }
        let taken = vm.take_exception();
        // SAFETY: the caller's promise.
        unsafe { put(exception, taken) }
    })
}

/// Drops the pending exception, if there is one: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_exception_clear(vm: *const TsVm) -> Status {
    borrow_raising(vm, |_, vm| {
        if vm.is_raising() {
            vm.take_exception();
        }
        Ok(())
    })
}

/// Prints the pending exception and drops it: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_exception_print(vm: *const TsVm) -> Status {
    borrow_raising(vm, |_, vm| {
        require(vm.is_raising())?;
        report_left(vm);
        Ok(())
    })
}

/// Prints what is parked, unless it says that the VM ends; afterwards nothing is.
pub fn report_left(vm: &mut Vm) {
    if !vm.is_raising() {
        return;
    }
    let exception = vm.take_exception();
    if !vm.handle().is_killed() && !vm.exception_is(exception, exc::SYSTEM_EXIT) {
        vm.print_exception(exception);
    }
}
