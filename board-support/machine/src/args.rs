//! Arguments and errors that the classes have in common.

use threadsnake_hal::HalError;
use threadsnake_vm::object::{Args, List, Native, Res, RomFn, RomType, Str, Tuple};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc};

/// Linux' numbers.
pub mod errno {
    pub const EPERM: i32 = 1;
    pub const EIO: i32 = 5;
    pub const EBUSY: i32 = 16;
    pub const ENODEV: i32 = 19;
    pub const ETIMEDOUT: i32 = 110;
}

/// The exception for what a device says.
#[cold]
pub fn raise(vm: &mut Vm, error: HalError) -> Raise {
    match error {
        HalError::Missing => vm.raise_os_error(errno::ENODEV),
        HalError::Invalid => invalid(vm),
        HalError::Refused => vm.raise_os_error(errno::EPERM),
        HalError::Bus => vm.raise_os_error(errno::EIO),
        HalError::Timeout => vm.raise_os_error(errno::ETIMEDOUT),
        HalError::Busy => vm.raise_os_error(errno::EBUSY),
    }
}

/// `ValueError` for an argument out of its range.
#[cold]
pub fn invalid(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "invalid argument(s) value")
}

/// The result of a device as Python wants it.
pub fn check<T>(vm: &mut Vm, result: Result<T, HalError>) -> Result<T, Raise> {
    result.map_err(|error| raise(vm, error))
}

/// The device, if the board has one; else `OSError(ENODEV)`.
pub fn device<T>(vm: &mut Vm, device: Option<T>) -> Result<T, Raise> {
    device.ok_or_else(|| vm.raise_os_error(errno::ENODEV))
}

/// An integer that need not be given.
pub fn int(vm: &mut Vm, v: Value, default: i64) -> Result<i64, Raise> {
    if v.is_undef() { Ok(default) } else { vm.int_to_i64(v) }
}

/// An integer in a range, else `ValueError`.
pub fn int_in(
    vm: &mut Vm,
    v: Value,
    default: i64,
    range: core::ops::RangeInclusive<i64>,
) -> Result<i64, Raise> {
    let n = int(vm, v, default)?;
    if range.contains(&n) { Ok(n) } else { Err(invalid(vm)) }
}

/// A truth value that need not be given.
pub fn flag(vm: &mut Vm, v: Value, default: bool) -> Result<bool, Raise> {
    if v.is_undef() { Ok(default) } else { vm.truth(v) }
}

/// What was given and is not `None`.
pub fn given(v: Value) -> Option<Value> {
    (!v.is_undef() && !v.is_none()).then_some(v)
}

/// The identity of a device of which there is only number 0; others are `OSError(ENODEV)`.
pub fn only_zero(vm: &mut Vm, id: Value) -> Result<(), Raise> {
    if int(vm, id, 0)? == 0 { Ok(()) } else { Err(vm.raise_os_error(errno::ENODEV)) }
}

/// The object that a method was called on.
pub fn this(vm: &mut Vm, v: Value, class: &'static RomType) -> Result<Native, Raise> {
    let part = vm.native_part(v);
    match Native::from_value(part).filter(|native| native.class() == class.value()) {
        Some(native) => Ok(native),
        None => Err(vm.raise_fmt(
            exc::TYPE_ERROR,
            format_args!("{} object required", Str::from_known(class.name()).as_str()),
        )),
    }
}

/// The items of a tuple or list; `None` for something else.
pub fn sequence<const MOST: usize>(vm: &Vm, v: Value) -> Option<([Value; MOST], usize)> {
    let part = vm.native_part(v);
    let tuple = Tuple::from_value(part);
    let items = match (&tuple, List::from_value(part)) {
        (Some(tuple), _) => tuple.items(),
        (_, Some(list)) => list.items(vm),
        _ => return None,
    };
    let mut found = [Value::UNDEF; MOST];
    found.get_mut(..items.len())?.copy_from_slice(items);
    Some((found, items.len()))
}

/// Calls a function of a table with the arguments as they came: how constructors take keywords.
pub fn bind(vm: &mut Vm, function: &'static RomFn, args: Args<'_>) -> Res {
    vm.call_args(function.rom().0, args)
}
