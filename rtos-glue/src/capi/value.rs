//! Values of the simple types, to C and from C, and references.

use super::lend::borrow;
use super::life::TsVm;
use super::text::{bytes, put, put_new, text};
use super::{Status, require};
use core::ffi::c_char;
use threadsnake_vm::num::Real;
use threadsnake_vm::object::{Bytes, Float, Handle, Int, Str};
use threadsnake_vm::value::{Kind, Scalar, Value};
use threadsnake_vm::{Raise, Vm, exc};

/// What C gives for a value: a word of zeros is none.
pub type Given = Option<Value>;

/// The value; `BAD_ARGUMENT` for none.
pub fn given(value: Given) -> Result<Value, Status> {
    value.filter(|value| !value.is_undef()).ok_or(Status::BAD_ARGUMENT)
}

/// The values at `start`; `BAD_ARGUMENT` if one is none.
///
/// # Safety
/// `n` values at `start`.
pub unsafe fn values<'a>(start: *const Given, n: usize) -> Result<&'a [Value], Status> {
    if n == 0 {
        return Ok(&[]);
    }
    require(!start.is_null() && n <= isize::MAX as usize / size_of::<Value>())?;
    // SAFETY: the caller's promise.
    let all = unsafe { core::slice::from_raw_parts(start, n) };
    for &value in all {
        given(value)?;
    }
    // SAFETY: the same memory; there is a value in each.
    Ok(unsafe { core::slice::from_raw_parts(start.cast(), n) })
}

/// `None`: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_none() -> Value {
    Value::NONE
}

/// `True` or `False`: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_bool(truth: i32) -> Value {
    Value::bool(truth != 0)
}

/// `TS_TYPE_…`: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_type_of(value: Given) -> i32 {
    let Ok(value) = given(value) else { return -1 };
    match value.kind() {
        _ if value.is_none() => 0,
        _ if value.is_bool() => 1,
        _ if value.is_small_int() => 2,
        Some(Kind::Int) => 2,
        Some(Kind::Float) => 3,
        Some(Kind::Str) => 4,
        Some(Kind::Bytes) => 5,
        Some(Kind::Tuple) => 6,
        Some(Kind::List) => 7,
        Some(Kind::Dict) => 8,
        _ => 9,
    }
}

/// An `int` of 64 bits.
pub fn new_int(vm: &mut Vm, number: i64) -> Result<Value, Raise> {
    if let Some(small) = isize::try_from(number).ok().and_then(Value::small_int) {
        return Ok(small);
    }
    let magnitude = number.unsigned_abs();
    let limbs = [magnitude as u32, (magnitude >> 32) as u32];
    let n = if limbs[1] == 0 { 1 } else { 2 };
    vm.new_big_int(number < 0, &limbs[..n])
}

/// The number of an `int`, a `bool` or an object with `__index__`, if 64 bits hold it.
fn get_int(vm: &mut Vm, value: Value) -> Result<i64, Raise> {
    let Some(int) = vm.cast::<Int>(value) else { return vm.index(value).map(|n| n as i64) };
    let number = match *int.limbs() {
        [low] => Some(i128::from(low)),
        [low, high] => Some(i128::from(high) << 32 | i128::from(low)),
        _ => None,
    };
    let signed = number.map(|number| if int.is_negative() { -number } else { number });
    match signed.and_then(|number| i64::try_from(number).ok()) {
        Some(number) => Ok(number),
        None => Err(vm.raise(exc::OVERFLOW_ERROR, "int too big for C")),
    }
}

/// Makes an `int`: see the header.
///
/// # Safety
/// `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_new_int(vm: *const TsVm, number: i64, value: *mut Value) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe { put_new(value, || Ok(new_int(vm, number)?)) })
}

/// Makes a `float`: see the header.
///
/// # Safety
/// `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_new_float(vm: *const TsVm, number: f64, value: *mut Value) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe { put_new(value, || Ok(vm.new_float(number as Scalar)?)) })
}

/// Makes a `str`: see the header.
///
/// # Safety
/// `len` bytes at `start`; `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_new_str(
    vm: *const TsVm,
    start: *const c_char,
    len: usize,
    value: *mut Value,
) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe { put_new(value, || Ok(vm.new_str(text(start, len)?)?)) })
}

/// Makes `bytes`: see the header.
///
/// # Safety
/// `len` bytes at `start`; `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_new_bytes(
    vm: *const TsVm,
    start: *const u8,
    len: usize,
    value: *mut Value,
) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe { put_new(value, || Ok(vm.new_bytes(bytes(start, len)?)?)) })
}

/// The number of an `int`: see the header.
///
/// # Safety
/// `number` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_get_int(vm: *const TsVm, value: Given, number: *mut i64) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe { put_new(number, || Ok(get_int(vm, given(value)?)?)) })
}

/// The number of a `float` or `int`: see the header.
///
/// # Safety
/// `number` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_get_float(vm: *const TsVm, value: Given, number: *mut f64) -> Status {
    borrow(vm, |_, vm| {
        require(!number.is_null())?;
        let value = given(value)?;
        let found = match vm.cast::<Float>(value) {
            Some(float) => float.number(vm).to_f64(),
            None => get_int(vm, value)? as f64,
        };
        // SAFETY: the caller's promise.
        unsafe { put(number, found) }
    })
}

/// The truth of anything: see the header.
///
/// # Safety
/// `truth` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_get_bool(vm: *const TsVm, value: Given, truth: *mut i32) -> Status {
    // SAFETY: the caller's promise.
    borrow(vm, |_, vm| unsafe { put_new(truth, || Ok(i32::from(vm.truth(given(value)?)?))) })
}

/// The bytes of an object of kind `H`, or a `TypeError`.
fn inside<H: Handle>(
    vm: &mut Vm,
    value: Given,
    wanted: &str,
    start: *mut *const u8,
    len: *mut usize,
) -> Result<(), Status> {
    require(!start.is_null() && !len.is_null())?;
    let value = given(value)?;
    let Some(object) = vm.cast::<H>(value) else {
        let name = vm.type_name(value);
        let message = format_args!("{wanted} expected, not {}", name.as_str());
        return Err(vm.raise_fmt(exc::TYPE_ERROR, message).into());
    };
    let found = vm.str_bytes(object.value());
    // SAFETY: the callers' callers' variables.
    unsafe {
        put(start, found.as_ptr())?;
        put(len, found.len())
    }
}

/// The text of a `str`: see the header.
///
/// # Safety
/// `start` and `len` are variables.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_get_str(
    vm: *const TsVm,
    value: Given,
    start: *mut *const u8,
    len: *mut usize,
) -> Status {
    borrow(vm, |_, vm| inside::<Str>(vm, value, "str", start, len))
}

/// The bytes of a `bytes`: see the header.
///
/// # Safety
/// `start` and `len` are variables.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_get_bytes(
    vm: *const TsVm,
    value: Given,
    start: *mut *const u8,
    len: *mut usize,
) -> Status {
    borrow(vm, |_, vm| inside::<Bytes>(vm, value, "bytes", start, len))
}

/// `str(value)` or `repr(value)`: see the header.
///
/// # Safety
/// `result` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_str(
    vm: *const TsVm,
    value: Given,
    as_repr: i32,
    result: *mut Value,
) -> Status {
    borrow(vm, |_, vm| {
        require(!result.is_null())?;
        let value = given(value)?;
        let text = if as_repr != 0 { vm.repr(value)? } else { vm.str(value)? };
        // SAFETY: the caller's promise.
        unsafe { put(result, text) }
    })
}

/// Keeps a value: see the header.
///
/// # Safety
/// `reference` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_ref_new(vm: *const TsVm, value: Given, reference: *mut u32) -> Status {
    borrow(vm, |_, vm| {
        require(!reference.is_null())?;
        let number = vm.keep(given(value)?)? + 1;
        // SAFETY: the caller's promise.
        unsafe { put(reference, number) }
    })
}

/// The value of a reference: see the header.
///
/// # Safety
/// `value` is a variable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_ref_get(vm: *const TsVm, reference: u32, value: *mut Value) -> Status {
    borrow(vm, |_, vm| {
        let kept = reference.checked_sub(1).and_then(|number| vm.kept(number));
        // SAFETY: the caller's promise.
        unsafe { put(value, kept.ok_or(Status::BAD_ARGUMENT)?) }
    })
}

/// Ends a reference: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_ref_free(vm: *const TsVm, reference: u32) -> Status {
    super::lend::borrow_raising(vm, |_, vm| {
        require(reference.checked_sub(1).is_some_and(|number| vm.release(number)))
    })
}
