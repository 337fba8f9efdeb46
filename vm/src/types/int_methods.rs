//! The methods of `int`, also those of `bool`.
#![forbid(unsafe_code)]

use super::int;
use super::number::{self, Integer, Text, compute};
use crate::num::{Shape, limbs};
use crate::object::{BinaryOp, Res, Str};
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// The number that a method was called on; 0 for objects that a method cannot be called on.
fn integer(v: Value) -> Integer {
    Integer::of(v).unwrap_or(Integer::Small(crate::num::int::SmallInt::new(0)))
}

/// `byteorder`: whether it is "little".
fn is_little(vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    if v.is_undef() {
        return Ok(false);
    }
    let order: Str = vm.expect(v, &super::str::STR)?;
    Ok(order.as_bytes() == b"little")
}

/// The number that the first bit beyond so many bytes stands for, or with `signed` the bit before it.
fn above(vm: &mut Vm, n_bytes: usize, signed: bool) -> Res {
    let bits = Value::from_len(n_bytes.saturating_mul(8).min(1 << 29) - usize::from(signed));
    int::arith(vm, BinaryOp::LShift, Value::int(1), bits)
}

fn flag(vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    if v.is_undef() { Ok(false) } else { vm.truth(v) }
}

/// `int.from_bytes(bytes, byteorder='big', *, signed=False)`
///
/// A byte order other than `'little'` counts as `'big'`. `TypeError` for an object that is not bytes-like.
pub fn int_from_bytes(vm: &mut Vm, args: &[Value]) -> Res {
    let signed = flag(vm, args[2])?;
    let little = is_little(vm, args[1])?;
    let Some(text) = number::text_of(vm, args[0])? else {
        return Err(vm.raise(exc::TYPE_ERROR, "object with buffer protocol required"));
    };
    let held = Text::of(text);
    let bytes = held.bytes();
    let len = bytes.len();
    vm.tick(len)?;
    let n = compute(vm, len.div_ceil(4), &mut |out, _| {
        out.fill(0);
        for (i, &byte) in bytes.iter().enumerate() {
            let at = if little { i } else { len - 1 - i };
            out[at / 4] |= u32::from(byte) << (at % 4 * 8);
        }
        Ok(Shape { negative: false, len: limbs::trimmed_len(out) })
    })?;
    let top = if little { bytes.last() } else { bytes.first() };
    if signed && top.is_some_and(|&top| top >= 0x80) {
        let above = above(vm, len, false)?;
        return int::arith(vm, BinaryOp::Sub, n, above);
    }
    Ok(n)
}

/// `int.to_bytes(length=1, byteorder='big', *, signed=False)`: `OverflowError` when the number needs more bytes, or is
/// negative and `signed` is false.
pub fn int_to_bytes(vm: &mut Vm, args: &[Value]) -> Res {
    let len = if args[1].is_undef() { 1 } else { vm.index(args[1])? };
    let Ok(len) = usize::try_from(len) else {
        return Err(vm.raise(exc::VALUE_ERROR, "length argument must be non-negative"));
    };
    let (little, signed) = (is_little(vm, args[2])?, flag(vm, args[3])? && len != 0);
    let mut n = args[0];
    vm.tick(len)?;
    if signed {
        // Half of the numbers are negative; with these added none is, and the highest bit is the opposite.
        let half = above(vm, len, true)?;
        n = int::arith(vm, BinaryOp::Add, n, half)?;
    }
    let n = integer(n);
    let n = n.get();
    if n.is_negative() && !signed {
        return Err(vm.raise(exc::OVERFLOW_ERROR, "can't convert negative int to unsigned"));
    }
    if n.is_negative() || limbs::bit_length(n.magnitude()) > len.saturating_mul(8) {
        let len = Value::from_len(len);
        return Err(vm.raise_about(
            exc::OVERFLOW_ERROR,
            "value would overflow a % byte buffer",
            len,
        ));
    }
    let magnitude = n.magnitude();
    vm.new_bytes_with(len, |out| {
        for (i, out) in out.iter_mut().enumerate() {
            let at = if little { i } else { len - 1 - i };
            let limb = magnitude.get(at / 4).copied().unwrap_or(0);
            let sign = if signed && at == len - 1 { 0x80 } else { 0 };
            *out = (limb >> (at % 4 * 8)) as u8 ^ sign;
        }
    })
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
