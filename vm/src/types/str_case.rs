//! Methods of text that look at single characters: case, classes, translation. Letters are those of ASCII, as in
//! MicroPython; the functions on bytes serve `str`, `bytes` and `bytearray`.
//!
//! Source: Python Library Reference, "String Methods".

use super::text::{self, ByteSet, LETTERS, LOWER, NO_SPACE, UPPER};
use crate::object::{Dict, Flavor, Pieces, Res, Str, StrBuilder};
use crate::value::Value;
use crate::{Vm, exc};

// Case. Letters are those of ASCII.

/// Changes the case of the letters in a set.
fn change_case(vm: &mut Vm, this: Value, letters: &ByteSet) -> Res {
    let text = text::this(vm, this)?;
    let len = text.len(vm);
    // Many strings stay what they are.
    let flavor = text.flavor();
    if flavor != Flavor::ByteArray && text::scan(vm, text, 0, len, letters)? == len {
        return Ok(text.value());
    }
    let mut out = Pieces::new(vm, flavor, len)?;
    out.push(text.bytes(vm));
    for b in out.bytes_mut() {
        if letters.has(*b) {
            *b ^= b'a' ^ b'A';
        }
    }
    out.finish(vm)
}

/// `lower()`, `casefold()`
pub(super) fn text_lower(vm: &mut Vm, this: Value) -> Res {
    change_case(vm, this, &UPPER)
}

/// `upper()`
pub(super) fn text_upper(vm: &mut Vm, this: Value) -> Res {
    change_case(vm, this, &LOWER)
}

/// `swapcase()`
pub(super) fn text_swapcase(vm: &mut Vm, this: Value) -> Res {
    change_case(vm, this, &LETTERS)
}

/// `capitalize()`: the first character upper, the others lower.
pub(super) fn text_capitalize(vm: &mut Vm, this: Value) -> Res {
    words(vm, this, |first, _| first)
}

/// `title()`: every word with an initial upper-case letter.
pub(super) fn text_title(vm: &mut Vm, this: Value) -> Res {
    words(vm, this, |_, before| !before.is_ascii_alphabetic())
}

/// Upper case where `upper` says so, given whether the byte is the first and what stands before it; else lower.
fn words(vm: &mut Vm, this: Value, upper: fn(bool, u8) -> bool) -> Res {
    let text = text::this(vm, this)?;
    let len = text.len(vm);
    let mut out = Pieces::new(vm, text.flavor(), len)?;
    out.push(text.bytes(vm));
    let mut before = 0;
    for (i, b) in out.bytes_mut().iter_mut().enumerate() {
        *b = if upper(i == 0, before) { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() };
        before = *b;
    }
    out.finish(vm)
}

// Classes of characters.

/// True for a text that is not empty and has no byte of a set.
fn none_of(vm: &mut Vm, this: Value, set: &ByteSet) -> Res {
    let text = text::this(vm, this)?;
    let len = text.len(vm);
    Ok(Value::bool(len > 0 && text::scan(vm, text, 0, len, set)? == len))
}

static NO_LETTERS: ByteSet = LETTERS.others();
static NO_DIGITS: ByteSet = ByteSet::ranges(&[(b'0', b'9')]).others();
static NO_ALPHANUMERICS: ByteSet =
    ByteSet::ranges(&[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]).others();
static NO_NAME_PARTS: ByteSet =
    ByteSet::ranges(&[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z'), (0x80, 0xff)])
        .others();
static NO_ASCII: ByteSet = ByteSet::ranges(&[(0x80, 0xff)]);
static CONTROLS: ByteSet = ByteSet::ranges(&[(0, 0x1f), (0x7f, 0x7f)]);

/// `isalpha()`
pub(super) fn text_isalpha(vm: &mut Vm, this: Value) -> Res {
    none_of(vm, this, &NO_LETTERS)
}

/// `isdigit()`, `isdecimal()`, `isnumeric()`
pub(super) fn text_isdigit(vm: &mut Vm, this: Value) -> Res {
    none_of(vm, this, &NO_DIGITS)
}

/// `isalnum()`
pub(super) fn text_isalnum(vm: &mut Vm, this: Value) -> Res {
    none_of(vm, this, &NO_ALPHANUMERICS)
}

/// `isspace()`
pub(super) fn text_isspace(vm: &mut Vm, this: Value) -> Res {
    none_of(vm, this, &NO_SPACE)
}

/// True when no byte is of a set, nor when there are none.
fn empty_or_none_of(vm: &mut Vm, this: Value, set: &ByteSet) -> Res {
    let text = text::this(vm, this)?;
    let len = text.len(vm);
    Ok(Value::bool(text::scan(vm, text, 0, len, set)? == len))
}

/// `isascii()`
pub(super) fn text_isascii(vm: &mut Vm, this: Value) -> Res {
    empty_or_none_of(vm, this, &NO_ASCII)
}

/// `isprintable()`: no control character.
pub(super) fn str_isprintable(vm: &mut Vm, this: Value) -> Res {
    empty_or_none_of(vm, this, &CONTROLS)
}

/// True when there is a letter and none of the other case.
fn one_case(vm: &mut Vm, this: Value, other: &ByteSet) -> Res {
    let text = text::this(vm, this)?;
    let len = text.len(vm);
    let holds = text::scan(vm, text, 0, len, other)? == len
        && text::scan(vm, text, 0, len, &LETTERS)? < len;
    Ok(Value::bool(holds))
}

/// `islower()`
pub(super) fn text_islower(vm: &mut Vm, this: Value) -> Res {
    one_case(vm, this, &UPPER)
}

/// `isupper()`
pub(super) fn text_isupper(vm: &mut Vm, this: Value) -> Res {
    one_case(vm, this, &LOWER)
}

/// `istitle()`
pub(super) fn text_istitle(vm: &mut Vm, this: Value) -> Res {
    let text = text::this(vm, this)?;
    let (mut before, mut any) = (0u8, false);
    let mut holds = true;
    for &b in text.bytes(vm) {
        if b.is_ascii_alphabetic() {
            any = true;
            holds &= b.is_ascii_uppercase() != before.is_ascii_alphabetic();
        }
        before = b;
    }
    Ok(Value::bool(any && holds))
}

/// `isidentifier()`: characters beyond ASCII count as letters, as they do in source text.
pub(super) fn str_isidentifier(vm: &mut Vm, this: Value) -> Res {
    let text = text::this(vm, this)?;
    if text.bytes(vm).first().is_some_and(|b| b.is_ascii_digit()) {
        return Ok(Value::FALSE);
    }
    none_of(vm, this, &NO_NAME_PARTS)
}

// Translation.

/// `str.translate(table)`: `table[code point]` is a code point, a string, or `None` to delete; what is not found stays.
pub(super) fn str_translate(vm: &mut Vm, this: Value, table: Value) -> Res {
    let s = vm.expect::<Str>(this, &super::str::STR)?;
    let mut out = StrBuilder::new();
    for c in s.as_str().chars() {
        let key = Value::int(u32::from(c) as i32);
        let to = match vm.get_item(table, key) {
            Ok(v) => v,
            Err(raise) => {
                if !vm.catch(exc::LOOKUP_ERROR) {
                    return Err(raise);
                }
                key
            }
        };
        if let Some(text) = vm.cast::<Str>(to) {
            out.push_str(vm, text.as_str());
        } else if !to.is_none() {
            match u32::try_from(vm.index(to)?).ok().and_then(char::from_u32) {
                Some(c) => out.push_char(vm, c),
                None => return Err(vm.raise(exc::VALUE_ERROR, "char not in range(0x110000)")),
            }
        }
        vm.tick(20)?;
    }
    out.finish_str(vm)
}

/// `str.maketrans(x[, y[, z]])`: a dictionary for `translate`.
pub(super) fn str_maketrans(vm: &mut Vm, args: &[Value]) -> Res {
    let dict = vm.new_dict()?;
    let code = |c: char| Value::int(u32::from(c) as i32);
    let &[from, to, ..] = args else {
        let source = vm.expect::<Dict>(args[0], &super::dict::DICT)?;
        let mut at = 0;
        while let Some((i, key, value)) = source.entry(vm, at) {
            let key = match Str::from_value(key) {
                Some(s) if s.char_len() == 1 => s.as_str().chars().next().map_or(key, code),
                Some(_) => {
                    return Err(vm.raise(
                        exc::VALUE_ERROR,
                        "string keys in translate table must be of length 1",
                    ));
                }
                None => key,
            };
            dict.set(vm, key, value)?;
            at = i + 1;
        }
        return Ok(dict.value());
    };
    let (from, to) =
        (vm.expect::<Str>(from, &super::str::STR)?, vm.expect::<Str>(to, &super::str::STR)?);
    if from.char_len() != to.char_len() {
        let text = "the first two maketrans arguments must have equal length";
        return Err(vm.raise(exc::VALUE_ERROR, text));
    }
    for (a, b) in from.as_str().chars().zip(to.as_str().chars()) {
        dict.set(vm, code(a), code(b))?;
        vm.tick(10)?;
    }
    if let Some(&deleted) = args.get(2) {
        let deleted = vm.expect::<Str>(deleted, &super::str::STR)?;
        for c in deleted.as_str().chars() {
            dict.set(vm, code(c), Value::NONE)?;
            vm.tick(10)?;
        }
    }
    Ok(dict.value())
}
