//! Text and buffers from C: a pointer and a length.

use super::{Status, require};
use core::ffi::c_char;

/// The bytes at `start`; empty ones may be null.
///
/// # Safety
/// `len` bytes at `start` stay as they are while the result is used.
pub unsafe fn bytes<'a>(start: *const u8, len: usize) -> Result<&'a [u8], Status> {
    if len == 0 {
        return Ok(&[]);
    }
    require(!start.is_null() && len <= isize::MAX as usize)?;
    // SAFETY: the caller's promise.
    Ok(unsafe { core::slice::from_raw_parts(start, len) })
}

/// The same as text; `BAD_ARGUMENT` for what is no UTF-8.
///
/// # Safety
/// As for [`bytes`].
pub unsafe fn text<'a>(start: *const c_char, len: usize) -> Result<&'a str, Status> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes(start.cast(), len) }?;
    core::str::from_utf8(bytes).map_err(|_| Status::BAD_ARGUMENT)
}

/// A terminated text; `BAD_ARGUMENT` for null and for what is no UTF-8.
///
/// # Safety
/// `start` is null or a terminated string that stays as it is while the result is used.
pub unsafe fn terminated<'a>(start: *const c_char) -> Result<&'a str, Status> {
    require(!start.is_null())?;
    // SAFETY: the caller's promise.
    let text = unsafe { core::ffi::CStr::from_ptr(start) };
    text.to_str().map_err(|_| Status::BAD_ARGUMENT)
}

/// Writes a result to the caller's variable; `BAD_ARGUMENT` for null.
///
/// # Safety
/// `to` is null or a variable.
pub unsafe fn put<T>(to: *mut T, value: T) -> Result<(), Status> {
    require(!to.is_null())?;
    // SAFETY: the caller's promise.
    unsafe { to.write(value) };
    Ok(())
}

/// As [`put`], of a value that is only made if there is where to put it.
///
/// # Safety
/// As for [`put`].
pub unsafe fn put_new<T>(
    to: *mut T,
    make: impl FnOnce() -> Result<T, Status>,
) -> Result<(), Status> {
    require(!to.is_null())?;
    // SAFETY: the caller's promise.
    unsafe { put(to, make()?) }
}
