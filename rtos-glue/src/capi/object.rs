//! Attributes, items, containers and the globals of `__main__`.

use super::lend::borrow;
use super::life::TsVm;
use super::text::{put, put_new, terminated};
use super::value::{Given, given, values};
use super::{Status, require};
use core::ffi::c_char;
use threadsnake_vm::value::Value;

/// Makes a `list`: see the header.
///
/// # Safety
/// `n` values at `items`; `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_new_list(
    vm: *const TsVm,
    items: *const Given,
    n: usize,
    value: *mut Value,
) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe {
        put_new(value, || Ok(vm.new_list_from(values(items, n)?)?.value()))
    })
}

/// Makes a `tuple`: see the header.
///
/// # Safety
/// `n` values at `items`; `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_new_tuple(
    vm: *const TsVm,
    items: *const Given,
    n: usize,
    value: *mut Value,
) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe { put_new(value, || Ok(vm.new_tuple(values(items, n)?)?)) })
}

/// Makes an empty `dict`: see the header.
///
/// # Safety
/// `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_new_dict(vm: *const TsVm, value: *mut Value) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe { put_new(value, || Ok(vm.new_dict()?.value())) })
}

/// `len(object)`: see the header.
///
/// # Safety
/// `n` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_len(vm: *const TsVm, object: Given, n: *mut usize) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe { put_new(n, || Ok(vm.len(given(object)?)?)) })
}

/// `object[key]`: see the header.
///
/// # Safety
/// `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_get_item(
    vm: *const TsVm,
    object: Given,
    key: Given,
    value: *mut Value,
) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe { put_new(value, || Ok(vm.get_item(given(object)?, given(key)?)?)) })
}

/// `object[key] = value`: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_set_item(vm: *const TsVm, object: Given, key: Given, value: Given) -> Status {
    borrow(vm, |_, vm| Ok(vm.set_item(given(object)?, given(key)?, given(value)?)?))
}

/// `object.name`: see the header.
///
/// # Safety
/// `name` is a terminated string; `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_get_attr(
    vm: *const TsVm,
    object: Given,
    name: *const c_char,
    value: *mut Value,
) -> Status {
    borrow(vm, |_, vm| {
        // SAFETY: the caller's promise.
        let name = vm.intern(unsafe { terminated(name) }?)?;
        // SAFETY: as above.
        unsafe { put_new(value, || Ok(vm.get_attr(given(object)?, name)?)) }
    })
}

/// `object.name = value`: see the header.
///
/// # Safety
/// `name` is a terminated string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_set_attr(
    vm: *const TsVm,
    object: Given,
    name: *const c_char,
    value: Given,
) -> Status {
    borrow(vm, |_, vm| {
        let value = given(value)?;
        // SAFETY: the caller's promise.
        let name = vm.intern(unsafe { terminated(name) }?)?;
        Ok(vm.set_attr(given(object)?, name, value)?)
    })
}

/// A global of `__main__`: see the header.
///
/// # Safety
/// `name` is a terminated string; `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_get_global(
    vm: *const TsVm,
    name: *const c_char,
    value: *mut Value,
) -> Status {
    borrow(vm, |_, vm| {
        require(!value.is_null())?;
        // SAFETY: the caller's promise.
        let text = unsafe { terminated(name) }?;
        let name = vm.intern(text)?;
        let Some(found) = vm.main_globals().get_name(vm, name) else {
            let message = format_args!("name '{text}' isn't defined");
            return Err(vm.raise_fmt(threadsnake_vm::exc::NAME_ERROR, message).into());
        };
        // SAFETY: as above.
        unsafe { put(value, found) }
    })
}

/// Sets a global of `__main__`: see the header.
///
/// # Safety
/// `name` is a terminated string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_set_global(
    vm: *const TsVm,
    name: *const c_char,
    value: Given,
) -> Status {
    borrow(vm, |_, vm| {
        let value = given(value)?;
        // SAFETY: the caller's promise.
        let name = vm.intern(unsafe { terminated(name) }?)?;
        let globals = vm.main_globals();
        Ok(globals.set_name(vm, name, value)?)
    })
}
