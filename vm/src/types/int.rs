//! `int`: numbers of any size, the small ones in the value itself.
//!
//! Source: Python Library Reference, "Numeric Types" and "Additional Methods on Integer Types". Every result is
//! normalised: what fits a small int is one. Only memory limits the size; powers and shifts that cannot fit raise
//! `MemoryError` or `OverflowError` before they begin.
#![forbid(unsafe_code)]

use super::common::positional;
pub use super::int_format::format_spec;
use super::number::{self, Integer, compute, small};
use super::{OBJECT, float};
use crate::num::meter::Interrupted;
use crate::num::text::IntText;
use crate::num::{self, Meter, bits, convert, limbs};
use crate::object::{
    Args, AttrOp, BinaryOp, CompareOp, Float, Limbs, Res, StrBuilder, Style, UnaryOp,
};
use crate::value::names::q;
use crate::value::{Kind, Scalar, Value};
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// Built-in `int`.
    pub static INT: int, base OBJECT;
    slots {
        new: int_new, repr: int_repr, bool: int_bool, hash: int_hash, unary: int_unary, binary: int_binary,
        compare: int_compare, attr: int_attr
    }
    entries {
        from_bytes: crate::rom_static!(from_bytes, Kw(super::int_methods::int_from_bytes; bytes, byteorder?, *, signed?));
        to_bytes = Kw(super::int_methods::int_to_bytes; _, length?, byteorder?, *, signed?);
        #[cfg(feature = "extra")]
        bit_length = F1(super::int_methods::int_bit_length);
        #[cfg(feature = "extra")]
        bit_count = F1(super::int_methods::int_bit_count);
        #[cfg(feature = "extra")]
        conjugate = F1(int_pos);
        #[cfg(feature = "extra")]
        as_integer_ratio = F1(super::int_methods::int_as_integer_ratio);
        #[cfg(feature = "extra")]
        is_integer = F1(super::int_methods::int_is_integer);
    }
}

/// `int([x])`, `int(text, base)`. `class` is ignored: a subclass's instance gets the number as its native part.
fn int_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    match *positional(vm, args, 0, 2)? {
        [] => Ok(Value::int(0)),
        [v] => int_of(vm, v),
        [text, base, ..] => {
            let base = vm.index(base)?;
            let Some(text) = number::text_of(vm, text)? else {
                return Err(vm.type_error(text, "can't convert '%' object to str implicitly"));
            };
            let base = u32::try_from(base).unwrap_or(1);
            if base == 1 || base > 36 {
                return Err(vm.raise(exc::VALUE_ERROR, "int() arg 2 must be >= 2 and <= 36"));
            }
            parse(vm, text, base)
        }
    }
}

/// `int(v)`: numbers are truncated, text is read in base 10, other objects are asked for `__int__` and `__index__`.
pub fn int_of(vm: &mut Vm, v: Value) -> Res {
    if let Some(n) = small(v) {
        return vm.int_from_i64(n as i64);
    }
    match v.kind() {
        Some(Kind::Int) => return Ok(v),
        Some(Kind::Float) if Kind::Float.is_built() => {
            let f = Float::from_known(v).number(vm);
            return from_float(vm, f);
        }
        Some(Kind::Instance) => {
            let names: &[Value] = match cfg!(feature = "extra") {
                true => &[q::__int__.value(), q::__index__.value()],
                false => &[q::__int__.value()],
            };
            for &name in names {
                if let Some(n) = vm.call_dunder(v, name)? {
                    return match Integer::of(n) {
                        Some(_) => int_of(vm, n),
                        None => Err(vm.raise(exc::TYPE_ERROR, "__int__ should return an int")),
                    };
                }
            }
            let part = vm.native_part(v);
            if part != v && !part.is_none() {
                return int_of(vm, part);
            }
        }
        Some(Kind::Native) if vm.rom_type_of(v).own(q::__int__.value()).is_some() => {
            return vm.call_method(v, q::__int__.value(), &[]);
        }
        _ => {}
    }
    match number::text_of(vm, v)? {
        Some(text) => parse(vm, text, 10),
        None => Err(vm.type_error(v, "can't convert % to int")),
    }
}

/// The `int` that a text is in this base, 0: as its prefix says; `None` where it is none. Raises `MemoryError`.
pub fn from_text(vm: &mut Vm, text: &[u8], base: u32) -> Result<Option<Value>, Raise> {
    IntText::parse(text, base).map(|read| of_text(vm, &read)).transpose()
}

fn of_text(vm: &mut Vm, read: &IntText<'_>) -> Res {
    compute(vm, read.magnitude_len(), &mut |out, meter| {
        let len = read.magnitude(out, meter)?;
        Ok(num::Shape { negative: read.is_negative() && len != 0, len })
    })
}

/// Reads a `str` or `bytes` object.
fn parse(vm: &mut Vm, text: Value, base: u32) -> Res {
    let held = number::Text::of(text);
    let bytes = held.bytes();
    vm.tick(bytes.len())?;
    if let Some(n) = from_text(vm, bytes, base)? {
        return Ok(n);
    }
    let mut message = StrBuilder::new();
    let parts = [Value::int(base as i32), text];
    vm.push_parts(&mut message, b"invalid syntax for integer with base %: !", &parts)?;
    let message = message.finish_str(vm)?;
    Err(vm.raise_with(exc::VALUE_ERROR, &[message]))
}

/// The integer part of a float. `OverflowError` for infinities, `ValueError` for NaN.
pub fn from_float(vm: &mut Vm, f: Scalar) -> Res {
    // Below 2^62 the conversion is exact.
    if f.abs() < 4.6e18 {
        return vm.int_from_i64(f as i64);
    }
    if f.is_nan() {
        return Err(vm.raise(exc::VALUE_ERROR, "can't convert NaN to int"));
    }
    if f.is_infinite() {
        return Err(vm.raise(exc::OVERFLOW_ERROR, "can't convert inf to int"));
    }
    let mut limbs = [0; convert::MAX_FLOAT_LIMBS];
    let len = limbs_of_float(f, &mut limbs);
    number::new_int(vm, num::Int::new(f < 0.0, &limbs[..len]))
}

/// The magnitude of the integer part of a finite float; how many limbs it has.
pub fn limbs_of_float(f: Scalar, limbs: &mut [u32; convert::MAX_FLOAT_LIMBS]) -> usize {
    convert::from_float(limbs, f)
}

/// The nearest float of an `int` or `bool` object, infinite if it is too large; `None` for other values.
pub fn to_float(_vm: &Vm, v: Value) -> Option<Scalar> {
    if let Some(n) = small(v) {
        return Some(n as Scalar);
    }
    Some(nearest(Integer::of(v)?.get()))
}

/// The nearest float; infinite if the number is too large.
pub fn nearest(n: num::Int<'_>) -> Scalar {
    convert::to_float(n)
}

fn int_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    super::int_format::push_digits(vm, v, 10, out)
}

fn int_bool(_vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    Ok(v != Value::int(0))
}

fn int_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(vm.cheap_hash(v))
}

/// `+n`: the number itself, as an `int` where it is a `bool`.
fn int_pos(vm: &mut Vm, v: Value) -> Res {
    int_unary(vm, UnaryOp::Pos, v)
}

/// `real`, `imag`, `numerator`, `denominator`; also those of `bool`.
pub(super) fn int_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    if op != AttrOp::Load {
        return Ok(Value::UNDEF);
    }
    if name == q::real.value() || name == q::numerator.value() {
        int_pos(vm, v)
    } else if name == q::imag.value() {
        Ok(Value::int(0))
    } else if name == q::denominator.value() {
        Ok(Value::int(1))
    } else {
        Ok(Value::UNDEF)
    }
}

/// `-n`, `+n`, `~n`, `abs(n)`; also those of `bool`.
pub(super) fn int_unary(vm: &mut Vm, op: UnaryOp, v: Value) -> Res {
    let Some(n) = Integer::of(v) else { return Ok(Value::NOT_IMPLEMENTED) };
    let from = match op {
        UnaryOp::Invert => -1,
        UnaryOp::Neg => 0,
        UnaryOp::Abs if n.get().is_negative() => 0,
        // Also what is a bool becomes an int.
        _ => return if v.is_bool() { Ok(Value::int((v == Value::TRUE) as i32)) } else { Ok(v) },
    };
    arith(vm, BinaryOp::Sub, Value::int(from), v)
}

/// Order among integers, exact between integers and floats; also that of `bool`.
pub(super) fn int_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let Some(a) = Integer::of(a) else { return Ok(Value::NOT_IMPLEMENTED) };
    if let Some(f) = Float::from_value(b) {
        let order = convert::compare(a.get(), f.number(vm));
        return Ok(Value::bool(order.map_or(op == CompareOp::Ne, |order| op.holds(order))));
    }
    match Integer::of(b) {
        Some(b) => Ok(Value::bool(op.holds(a.get().cmp(&b.get())))),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// Arithmetic of integers, and of an integer with a float; also that of `bool`.
pub(super) fn int_binary(vm: &mut Vm, op: BinaryOp, lhs: Value, rhs: Value, _inplace: bool) -> Res {
    let (Some(x), Some(y)) = (Integer::of(lhs), Integer::of(rhs)) else {
        return float::float_binary(vm, op, lhs, rhs, false);
    };
    let (a, b) = (x.get(), y.get());
    if let Some(a) = a.to_i64()
        && let Some(b) = b.to_i64()
        && let Some(n) = word_binary(op, a, b)
    {
        if lhs.is_bool()
            && rhs.is_bool()
            && matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Xor)
        {
            return Ok(Value::bool(n != 0));
        }
        return vm.int_from_i64(n);
    }
    match op {
        BinaryOp::MatMul => Ok(Value::NOT_IMPLEMENTED),
        BinaryOp::Pow if !b.is_negative() => power(vm, lhs, rhs, Value::UNDEF),
        _ => big_binary(vm, op, a, b),
    }
}

/// Arithmetic of what a caller knows to be integers, and of floats; `NotImplemented` for other objects.
pub fn arith(vm: &mut Vm, op: BinaryOp, lhs: Value, rhs: Value) -> Res {
    int_binary(vm, op, lhs, rhs, false)
}

/// What 64 bits hold, which is all that a 32-bit target mostly meets beyond its small ints; `None` for the rest.
fn word_binary(op: BinaryOp, a: i64, b: i64) -> Option<i64> {
    Some(match op {
        BinaryOp::Add => a.checked_add(b)?,
        BinaryOp::Sub => a.checked_sub(b)?,
        BinaryOp::Mul => a.checked_mul(b)?,
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        // Big integers do the others as well, in twice the time.
        _ if Kind::Int.is_built() && !cfg!(feature = "extra") => return None,
        BinaryOp::FloorDiv => floor_divide(a, b)?.0,
        BinaryOp::Mod => floor_divide(a, b)?.1,
        BinaryOp::RShift if b >= 0 => a >> b.min(63),
        // No bit that differs from the sign is lost.
        BinaryOp::LShift if (0..64).contains(&b) && a << b >> b == a => a << b,
        _ => return None,
    })
}

/// Quotient, rounded down, and remainder, of the sign of `b`; `None` where `b` is zero or the quotient has 65 bits.
fn floor_divide(a: i64, b: i64) -> Option<(i64, i64)> {
    let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
    let down = rest != 0 && (rest < 0) != (b < 0);
    Some(if down { (quotient - 1, rest + b) } else { (quotient, rest) })
}

/// Whether any two ints have a result, or an error of their own.
pub fn knows(op: BinaryOp) -> bool {
    op != BinaryOp::MatMul && (op != BinaryOp::TrueDiv || Kind::Float.is_built())
}

/// Arithmetic of two `int` objects by an operator that ints [know](knows): nobody searches for methods.
pub fn fast_binary(vm: &mut Vm, op: BinaryOp, lhs: Value, rhs: Value) -> Res {
    if op == BinaryOp::TrueDiv
        && let (Some(a), Some(b)) = (lhs.as_small_int(), rhs.as_small_int())
        && b != 0
        && is_exact(a as i64)
        && is_exact(b as i64)
    {
        return vm.new_float(a as Scalar / b as Scalar);
    }
    arith(vm, op, lhs, rhs)
}

/// True when a float can hold the number.
pub(super) fn is_exact(n: i64) -> bool {
    n.unsigned_abs() <= 1 << Scalar::MANTISSA_DIGITS
}

fn big_binary(vm: &mut Vm, op: BinaryOp, a: num::Int<'_>, b: num::Int<'_>) -> Res {
    type Calculation = fn(
        &mut [u32],
        num::Int<'_>,
        num::Int<'_>,
        &mut Meter<'_>,
    ) -> Result<num::Shape, Interrupted>;
    let divides = matches!(op, BinaryOp::TrueDiv | BinaryOp::FloorDiv | BinaryOp::Mod);
    let (n, f): (fn(usize, usize) -> usize, Calculation) = match op {
        BinaryOp::TrueDiv if !Kind::Float.is_built() => return Ok(Value::NOT_IMPLEMENTED),
        _ if divides && b.is_zero() => return Err(number::zero_division(vm)),
        BinaryOp::Pow if !Kind::Float.is_built() => {
            return Err(vm.raise(exc::VALUE_ERROR, "negative power with no float support"));
        }
        BinaryOp::Pow => return float::pow(vm, nearest(a), nearest(b)),
        BinaryOp::LShift | BinaryOp::RShift if b.is_negative() => {
            return Err(vm.raise(exc::VALUE_ERROR, "negative shift count"));
        }
        // Without big integers, what 64 bits do not hold overflows.
        BinaryOp::TrueDiv if !Kind::Int.is_built() => {
            return vm.new_float(nearest(a) / nearest(b));
        }
        _ if !Kind::Int.is_built() => return Err(number::too_large(vm)),
        BinaryOp::TrueDiv => return true_divide(vm, a, b),
        BinaryOp::LShift | BinaryOp::RShift => return shift(vm, op, a, b),
        BinaryOp::Mul => (limbs::mul_len, num::int::mul),
        BinaryOp::Mod => (num::int::div_len, num::int::modulo),
        BinaryOp::FloorDiv => (num::int::div_len, num::int::floor_div),
        BinaryOp::Sub => (limbs::add_len, num::int::sub),
        BinaryOp::And => (limbs::add_len, bits::and),
        BinaryOp::Or => (limbs::add_len, bits::or),
        BinaryOp::Xor => (limbs::add_len, bits::xor),
        _ => (limbs::add_len, num::int::add),
    };
    compute(vm, n(a.len(), b.len()), &mut |out, meter| f(out, a, b, meter))
}

/// `a / b`, rounded once; infinite when it is too large, as MicroPython has it.
fn true_divide(vm: &mut Vm, a: num::Int<'_>, b: num::Int<'_>) -> Res {
    let mut quotient = 0.0;
    // The limbs are scratch memory; nobody wants the integer.
    compute(vm, convert::true_divide_scratch_len(b.len()), &mut |scratch, meter| {
        quotient = convert::true_divide(a, b, scratch, meter)?;
        Ok(num::Shape { negative: false, len: 0 })
    })?;
    vm.new_float(quotient)
}

/// `a << b`, `a >> b`. A count too large for a machine is an `OverflowError` unless the result is small all the same.
fn shift(vm: &mut Vm, op: BinaryOp, a: num::Int<'_>, b: num::Int<'_>) -> Res {
    type Shift =
        fn(&mut [u32], num::Int<'_>, usize, &mut Meter<'_>) -> Result<num::Shape, Interrupted>;
    let mut count = machine_word(b);
    let mut f: Shift = num::int::shl;
    let n = if op == BinaryOp::RShift {
        f = num::int::shr;
        count = count.or(Some(usize::MAX));
        Some(a.len() + 1)
    } else if a.is_zero() {
        return Ok(Value::int(0));
    } else {
        count.and_then(|count| limbs::shl_len(a.len(), count))
    };
    let (Some(n), Some(count)) = (n, count) else { return Err(number::too_large(vm)) };
    compute(vm, n, &mut |out, meter| f(out, a, count, meter))
}

/// The number if it is one that a length or a count can have.
#[inline(never)]
fn machine_word(n: num::Int<'_>) -> Option<usize> {
    n.to_u64().and_then(|n| usize::try_from(n).ok())
}

/// `base ** exponent` of integers, the second of which is not negative; modulo a number if there is one.
fn power(vm: &mut Vm, base: Value, exponent: Value, modulus: Value) -> Res {
    let (Some(a), Some(b)) = (Integer::of(base), Integer::of(exponent)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (a, b) = (a.get(), b.get());
    let reduced = |vm: &mut Vm, n: Value| match modulus.is_undef() {
        true => Ok(n),
        false => arith(vm, BinaryOp::Mod, n, modulus),
    };
    if modulus.is_undef() && limbs::bit_length(a.magnitude()) > 1 {
        // What cannot fit fails before it begins.
        let bits = machine_word(b).and_then(|b| limbs::bit_length(a.magnitude()).checked_mul(b));
        let Some(bits) = bits else { return Err(vm.no_memory()) };
        if bits > limbs::LIMB_BITS * number::STACK_LIMBS {
            Limbs::new(vm, bits / limbs::LIMB_BITS)?.free(vm);
        }
    }
    let mut result = reduced(vm, Value::int(1))?;
    for bit in (0..limbs::bit_length(b.magnitude())).rev() {
        let square = arith(vm, BinaryOp::Mul, result, result)?;
        result = reduced(vm, square)?;
        if b.magnitude()[bit / limbs::LIMB_BITS] >> (bit % limbs::LIMB_BITS) & 1 != 0 {
            let product = arith(vm, BinaryOp::Mul, result, base)?;
            result = reduced(vm, product)?;
        }
        vm.tick_shared(20)?;
    }
    Ok(result)
}

/// `pow(base, exponent, modulus)` of integers. A negative exponent has MicroPython's result, 0.
pub fn pow_mod(vm: &mut Vm, base: Value, exponent: Value, modulus: Value) -> Res {
    let (Some(_), Some(b), Some(m)) =
        (Integer::of(base), Integer::of(exponent), Integer::of(modulus))
    else {
        return Err(vm.raise(exc::TYPE_ERROR, "pow() with 3 arguments requires integers"));
    };
    if m.get().is_zero() {
        return Err(vm.raise(exc::VALUE_ERROR, "divide by zero"));
    }
    if b.get().is_negative() {
        return Ok(Value::int(0));
    }
    power(vm, base, exponent, modulus)
}
