//! Encoding and decoding: UTF-8 and ASCII, with the error handlers `strict`, `ignore` and `replace`.
//!
//! Source: Python Library Reference, "codecs — Error Handlers". Other encodings raise `LookupError`.

use super::text::is_absent;
use crate::object::{Blob, Flavor, Res, Str, StrBuilder};
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// What happens to what cannot be converted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Errors {
    Strict,
    Ignore,
    Replace,
}

/// True for a name of an encoding that is another but for case, `-` and `_`.
fn is_called(name: &[u8], what: &[u8]) -> bool {
    let mut left = what;
    for b in name.iter().filter(|b| !matches!(b, b'-' | b'_')) {
        match left.split_first() {
            Some((first, rest)) if *first == b.to_ascii_lowercase() => left = rest,
            _ => return false,
        }
    }
    left.is_empty()
}

/// The arguments `encoding` and `errors`: whether only ASCII is allowed, and the error handler.
fn arguments(vm: &mut Vm, encoding: Value, errors: Value) -> Result<(bool, Errors), Raise> {
    let mut ascii = false;
    if !is_absent(encoding) {
        let name = vm.expect::<Str>(encoding, &super::str::STR)?;
        ascii = is_called(name.as_bytes(), b"ascii");
        if !ascii && !is_called(name.as_bytes(), b"utf8") {
            return Err(vm.raise_about(exc::LOOKUP_ERROR, "unknown encoding: %", name.value()));
        }
    }
    if is_absent(errors) {
        return Ok((ascii, Errors::Strict));
    }
    let handler = vm.expect::<Str>(errors, &super::str::STR)?;
    Ok((
        ascii,
        match handler.as_str() {
            "ignore" => Errors::Ignore,
            "replace" => Errors::Replace,
            _ => Errors::Strict,
        },
    ))
}

/// The text that bytes stand for.
pub fn decode(vm: &mut Vm, blob: Blob, encoding: Value, errors: Value) -> Res {
    let (ascii, errors) = arguments(vm, encoding, errors)?;
    let bytes = blob.bytes(vm);
    if if ascii { bytes.is_ascii() } else { core::str::from_utf8(bytes).is_ok() } {
        return blob.copy(vm, Flavor::Str, 0, usize::MAX);
    }
    if errors == Errors::Strict {
        return Err(vm.raise(exc::UNICODE_ERROR, ""));
    }
    let bytes = blob.to_bytes(vm)?;
    let mut rest = bytes.as_bytes();
    let mut out = StrBuilder::new();
    while !rest.is_empty() {
        let (good, bad) = if ascii {
            let good = usize::from(rest[0].is_ascii());
            (good, 1 - good)
        } else {
            match core::str::from_utf8(rest) {
                Ok(_) => (rest.len(), 0),
                Err(e) => (e.valid_up_to(), e.error_len().unwrap_or(rest.len())),
            }
        };
        out.push_bytes(vm, &rest[..good])?;
        if bad > 0 && errors == Errors::Replace {
            out.push_char(vm, char::REPLACEMENT_CHARACTER)?;
        }
        rest = rest.get(good + bad..).unwrap_or_default();
        vm.tick(20)?;
    }
    out.finish_str(vm)
}

/// The bytes that stand for a text.
pub fn encode(vm: &mut Vm, s: Str, encoding: Value, errors: Value) -> Res {
    let (ascii, errors) = arguments(vm, encoding, errors)?;
    if !ascii || s.is_ascii() {
        return vm.new_bytes(s.as_bytes());
    }
    if errors == Errors::Strict {
        return Err(vm.raise(exc::UNICODE_ERROR, ""));
    }
    let mut out = StrBuilder::new();
    for &b in s.as_bytes() {
        // A character beyond ASCII is seen by its first byte.
        match b {
            0..0x80 => out.push_byte(vm, b)?,
            0xc0.. if errors == Errors::Replace => out.push_byte(vm, b'?')?,
            _ => {}
        }
        vm.tick(10)?;
    }
    out.finish_bytes(vm)
}
