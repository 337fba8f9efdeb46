//! What C gives for ever: memory and texts.

#[cfg(feature = "storage")]
use core::ffi::{CStr, c_char};
use threadsnake_glue::capi::Status;

/// Memory that C gives away.
///
/// # Safety
/// `size` bytes at `memory` that nobody else will use, or null.
#[cfg(any(feature = "storage", feature = "tls"))]
pub unsafe fn memory(memory: *mut u8, size: usize) -> Result<&'static mut [u8], Status> {
    if memory.is_null() || size > isize::MAX as usize {
        return Err(Status::BAD_ARGUMENT);
    }
    // SAFETY: the caller's promise; the bytes are cleared before they count as initialised.
    Ok(unsafe {
        memory.write_bytes(0, size);
        core::slice::from_raw_parts_mut(memory, size)
    })
}

/// A terminated text that lives as long as its reader.
///
/// # Safety
/// Such a text, or null.
#[cfg(feature = "storage")]
pub unsafe fn name<'a>(text: *const c_char) -> Result<&'a CStr, Status> {
    if text.is_null() {
        return Err(Status::BAD_ARGUMENT);
    }
    // SAFETY: the caller's promise.
    Ok(unsafe { CStr::from_ptr(text) })
}

/// The same in UTF-8.
///
/// # Safety
/// As [`name`].
#[cfg(feature = "storage")]
pub unsafe fn text<'a>(text: *const c_char) -> Result<&'a str, Status> {
    // SAFETY: the caller's promise.
    unsafe { name(text) }?.to_str().map_err(|_| Status::BAD_ARGUMENT)
}

/// A structure that begins with its size, as the caller knows it, which may be larger than ours.
///
/// # Safety
/// Null, or a structure of at least as many bytes as its first field, a `u32`, says.
pub unsafe fn structure<T: Copy>(given: *const T) -> Result<T, Status> {
    // SAFETY: the caller's promise; the size is looked at before the rest.
    unsafe {
        if given.is_null() || (given.cast::<u32>().read() as usize) < size_of::<T>() {
            return Err(Status::BAD_ARGUMENT);
        }
        Ok(given.read())
    }
}
