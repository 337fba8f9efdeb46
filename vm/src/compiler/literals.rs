//! The values of numeric literals.
//!
//! Source: Python Language Reference, "Numeric literals".
#![forbid(unsafe_code)]

use crate::num::float::parse;
use crate::types::int;
use crate::value::{Kind, Value};
use crate::{Raise, Vm};

/// The value of a number without underscores, which begins with a digit or a point and has no sign but in its
/// exponent; `None` where it is malformed. Raises `MemoryError`.
pub fn number(vm: &mut Vm, text: &[u8]) -> Result<Option<Value>, Raise> {
    if let Some(value) = int::from_text(vm, text, 0)? {
        return Ok(Some(value));
    }
    // 01 was octal once; today it is an error.
    if !Kind::Float.is_built() || text.iter().all(u8::is_ascii_digit) {
        return Ok(None);
    }
    let (digits, imaginary) = match text {
        [digits @ .., b'j' | b'J'] if Kind::Complex.is_built() => (digits, true),
        _ => (text, false),
    };
    let Some(number) = core::str::from_utf8(digits).ok().and_then(parse) else { return Ok(None) };
    if imaginary { vm.new_complex(0.0, number) } else { vm.new_float(number) }.map(Some)
}
