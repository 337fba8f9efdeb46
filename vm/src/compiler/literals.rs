//! The values of numeric literals.
//!
//! Source: Python Language Reference, "Numeric literals".
#![forbid(unsafe_code)]

use crate::value::{Kind, Scalar, Value};
use crate::{Raise, Vm};

/// The value of a number without underscores; `None` where it is malformed. Raises `MemoryError`.
pub fn number(vm: &mut Vm, text: &[u8]) -> Result<Option<Value>, Raise> {
    let Ok(text) = core::str::from_utf8(text) else { return Ok(None) };
    let (base, digits) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &text[2..]),
        [b'0', b'o' | b'O', ..] => (8, &text[2..]),
        [b'0', b'b' | b'B', ..] => (2, &text[2..]),
        _ => (10, text),
    };
    if !digits.is_empty() && digits.bytes().all(|c| (c as char).is_digit(base)) {
        return integer(vm, digits, base);
    }
    if base != 10 {
        return Ok(None);
    }
    match text.strip_suffix(['j', 'J']) {
        Some(_) if !Kind::Complex.is_built() => Ok(None),
        Some(imaginary) => match float(imaginary) {
            Some(im) => vm.new_complex(0.0, im).map(Some),
            None => Ok(None),
        },
        None => match float(text) {
            Some(f) => vm.new_float(f).map(Some),
            None => Ok(None),
        },
    }
}

/// The value of digits that are known to fit the base.
fn integer(vm: &mut Vm, digits: &str, base: u32) -> Result<Option<Value>, Raise> {
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Ok(Some(Value::int(0)));
    }
    if base == 10 && significant.len() != digits.len() {
        return Ok(None); // 01 was octal once; today it is an error
    }
    match isize::from_str_radix(significant, base).ok().and_then(Value::small_int) {
        Some(value) => Ok(Some(value)),
        None => vm.int_from_digits(significant, base).map(Some),
    }
}

/// The value of digits with at most one point and one exponent; none in a build without floats.
fn float(text: &str) -> Option<Scalar> {
    if !Kind::Float.is_built() {
        return None;
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let digits = |s: &str| s.bytes().all(|c| c.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let sound = digits(whole) && digits(part) && whole.len() + part.len() > 0;
    let sound = sound
        && exponent.is_none_or(|e| {
            let e = e.strip_prefix(['+', '-']).unwrap_or(e);
            !e.is_empty() && digits(e)
        });
    if sound { crate::num::float::parse(text) } else { None }
}
