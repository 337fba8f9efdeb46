//! Encoding and decoding: UTF-8 and ASCII, with the error handlers `strict`, `ignore` and `replace`.
//!
//! Source: Python Library Reference, "codecs — Error Handlers". Other encodings raise `LookupError`.

use super::text::is_absent;
use crate::object::{Blob, Flavor, Res, Str, StrBuilder};
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// True for a name of an encoding that is another but for case, `-` and `_`.
fn is_called(name: &[u8], what: &[u8]) -> bool {
    let mut left = what.iter();
    name.iter()
        .filter(|b| !matches!(b, b'-' | b'_'))
        .all(|b| left.next() == Some(&b.to_ascii_lowercase()))
        && left.next().is_none()
}

/// True when an encoding is ASCII, false for UTF-8.
fn is_ascii(vm: &mut Vm, encoding: Value) -> Result<bool, Raise> {
    if is_absent(encoding) {
        return Ok(false);
    }
    let name = vm.expect::<Str>(encoding, &super::str::STR)?;
    let ascii = is_called(name.as_bytes(), b"ascii");
    if !ascii && !is_called(name.as_bytes(), b"utf8") {
        return Err(vm.raise_about(exc::LOOKUP_ERROR, "unknown encoding: %", name.value()));
    }
    Ok(ascii)
}

/// What becomes of that which cannot be converted: nothing, or this; `None` for an error.
fn replacement(vm: &mut Vm, errors: Value, flavor: Flavor) -> Result<Option<&'static str>, Raise> {
    if is_absent(errors) {
        return Ok(None);
    }
    let handler = vm.expect::<Str>(errors, &super::str::STR)?;
    Ok(match handler.as_str() {
        // MicroPython encodes strictly only.
        _ if flavor != Flavor::Str && !cfg!(feature = "extra") => None,
        "ignore" => Some(""),
        "replace" => Some(if flavor == Flavor::Str { "\u{fffd}" } else { "?" }),
        _ => None,
    })
}

/// The text that bytes stand for, or the bytes that stand for a text, whichever a flavor is.
pub fn convert(vm: &mut Vm, blob: Blob, encoding: Value, errors: Value, flavor: Flavor) -> Res {
    let ascii = is_ascii(vm, encoding)?;
    let Some(replacement) = replacement(vm, errors, flavor)? else {
        if ascii && !blob.bytes(vm).is_ascii() {
            return Err(vm.raise(exc::UNICODE_ERROR, ""));
        }
        return blob.copy(vm, flavor, 0, usize::MAX);
    };
    let encodes = flavor != Flavor::Str;
    let bytes = blob.to_bytes(vm)?;
    let mut rest = bytes.as_bytes();
    let mut out = StrBuilder::new();
    while !rest.is_empty() {
        let (good, bad) = match core::str::from_utf8(rest) {
            // A character beyond ASCII is bad as a whole where it is encoded, else byte by byte.
            _ if ascii && !rest[0].is_ascii() => {
                (0, if encodes { super::text::char_width(rest, 0) } else { 1 })
            }
            _ if ascii => (1, 0),
            Ok(_) => (rest.len(), 0),
            Err(e) => (e.valid_up_to(), e.error_len().unwrap_or(rest.len())),
        };
        out.push_bytes(vm, &rest[..good]);
        if bad > 0 {
            out.push_str(vm, replacement);
        }
        rest = rest.get(good + bad..).unwrap_or_default();
        vm.tick(20)?;
    }
    out.finish(vm, flavor)
}
