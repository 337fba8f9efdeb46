//! The methods of `int`, also those of `bool`.
#![forbid(unsafe_code)]

use super::number::{self, Integer, Text, compute};
use crate::num::bytes::{self, Endian};
use crate::num::limbs;
use crate::object::{Res, Str};
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// The number that a method was called on; 0 for objects that a method cannot be called on.
fn integer(v: Value) -> Integer {
    Integer::of(v).unwrap_or(Integer::Small(crate::num::int::SmallInt::new(0)))
}

/// `byteorder`: big unless it is "little".
fn endian(vm: &mut Vm, v: Value) -> Result<Endian, Raise> {
    if v.is_undef() {
        return Ok(Endian::Big);
    }
    let order: Str = vm.expect(v, &super::str::STR)?;
    Ok(if order.as_bytes() == b"little" { Endian::Little } else { Endian::Big })
}

fn flag(vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    if v.is_undef() { Ok(false) } else { vm.truth(v) }
}

/// `int.from_bytes(bytes, byteorder='big', *, signed=False)`
///
/// A byte order other than `'little'` counts as `'big'`. `TypeError` for an object that is not bytes-like.
pub fn int_from_bytes(vm: &mut Vm, args: &[Value]) -> Res {
    let signed = flag(vm, args[2])?;
    let endian = endian(vm, args[1])?;
    let Some(text) = number::text_of(vm, args[0])? else {
        return Err(vm.raise(exc::TYPE_ERROR, "object with buffer protocol required"));
    };
    let held = Text::of(text);
    let bytes = held.bytes();
    vm.tick(bytes.len())?;
    compute(vm, bytes::from_bytes_len(bytes.len()), &mut |out, _| {
        Ok(bytes::from_bytes(out, bytes, endian, signed))
    })
}

/// `int.to_bytes(length=1, byteorder='big', *, signed=False)`: `OverflowError` when the number needs more bytes, or is
/// negative and `signed` is false.
pub fn int_to_bytes(vm: &mut Vm, args: &[Value]) -> Res {
    let length = if args[1].is_undef() { 1 } else { vm.index(args[1])? };
    let Ok(length) = usize::try_from(length) else {
        return Err(vm.raise(exc::VALUE_ERROR, "length argument must be non-negative"));
    };
    let (endian, signed) = (endian(vm, args[2])?, flag(vm, args[3])?);
    let n = integer(args[0]);
    if n.get().is_negative() && !signed {
        return Err(vm.raise(exc::OVERFLOW_ERROR, "can't convert negative int to unsigned"));
    }
    vm.tick(length)?;
    if !bytes::fits(n.get(), length, signed) {
        let length = Value::from_len(length);
        return Err(vm.raise_about(
            exc::OVERFLOW_ERROR,
            "value would overflow a % byte buffer",
            length,
        ));
    }
    vm.new_bytes_with(length, |out| bytes::to_bytes(out, n.get(), endian))
}

/// `int.bit_length()`: bits of the magnitude.
pub fn int_bit_length(_vm: &mut Vm, v: Value) -> Res {
    Ok(Value::from_len(limbs::bit_length(integer(v).get().magnitude())))
}

/// `int.bit_count()`: ones in the magnitude.
pub fn int_bit_count(_vm: &mut Vm, v: Value) -> Res {
    Ok(Value::from_len(limbs::bit_count(integer(v).get().magnitude())))
}

/// `int.is_integer()`: true.
pub fn int_is_integer(_vm: &mut Vm, _v: Value) -> Res {
    Ok(Value::TRUE)
}

/// `int.as_integer_ratio()`: the number and 1.
pub fn int_as_integer_ratio(vm: &mut Vm, v: Value) -> Res {
    let n = super::int::int_of(vm, v)?;
    vm.new_tuple(&[n, Value::int(1)])
}
