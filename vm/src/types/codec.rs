//! Encoding and decoding: UTF-8 and ASCII, with the error handlers `strict`, `ignore` and `replace`.
//!
//! Source: Python Library Reference, "codecs — Error Handlers". Other encodings raise `LookupError`.

use super::text::is_absent;
use crate::object::{Buffer, Flavor, Res, Str, StrBuilder};
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// What happens to what cannot be converted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Errors {
    Strict,
    Ignore,
    Replace,
}

/// The arguments `encoding` and `errors`: whether only ASCII is allowed, and the error handler.
fn arguments(vm: &mut Vm, encoding: Value, errors: Value) -> Result<(bool, Errors), Raise> {
    let mut ascii = false;
    if !is_absent(encoding) {
        let name = vm.expect::<Str>(encoding, &super::str::STR)?;
        let is = |what: &str| {
            let letters = name.as_str().bytes().filter(|b| !matches!(b, b'-' | b'_'));
            letters.map(|b| b.to_ascii_lowercase()).eq(what.bytes())
        };
        ascii = is("ascii");
        if !ascii && !is("utf8") {
            return Err(vm.raise_fmt(
                exc::LOOKUP_ERROR,
                format_args!("unknown encoding: {}", name.as_str()),
            ));
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
pub fn decode(vm: &mut Vm, buffer: Buffer, encoding: Value, errors: Value) -> Res {
    let (ascii, errors) = arguments(vm, encoding, errors)?;
    let bytes = buffer.bytes(vm);
    if if ascii { bytes.is_ascii() } else { core::str::from_utf8(bytes).is_ok() } {
        return buffer.copy(vm, Flavor::Str);
    }
    if errors == Errors::Strict {
        return Err(vm.raise(exc::UNICODE_ERROR, ""));
    }
    let bytes = buffer.to_bytes(vm)?;
    let mut rest = bytes.as_bytes();
    let mut out = StrBuilder::new();
    while !rest.is_empty() {
        let (good, bad) = if ascii {
            let n = rest.iter().position(|b| !b.is_ascii()).unwrap_or(rest.len());
            (n, 1)
        } else {
            match core::str::from_utf8(rest) {
                Ok(_) => (rest.len(), 0),
                Err(e) => (e.valid_up_to(), e.error_len().unwrap_or(rest.len())),
            }
        };
        out.push_bytes(vm, &rest[..good])?;
        if good < rest.len() && errors == Errors::Replace {
            out.push_char(vm, char::REPLACEMENT_CHARACTER)?;
        }
        rest = rest.get(good + bad..).unwrap_or(&[]);
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
    let mut out = StrBuilder::new();
    for c in s.as_str().chars() {
        if c.is_ascii() {
            out.push_bytes(vm, &[c as u8])?;
        } else {
            match errors {
                Errors::Strict => return Err(vm.raise(exc::UNICODE_ERROR, "")),
                Errors::Ignore => {}
                Errors::Replace => out.push_bytes(vm, b"?")?,
            }
        }
        vm.tick(10)?;
    }
    out.finish_bytes(vm)
}
