//! `int`: numbers of any size, the small ones in the value itself.
//!
//! Source: Python Library Reference, "Numeric Types" and "Additional Methods on Integer Types". Every result is
//! normalised: what fits a small int is one. Only memory limits the size; powers and shifts that cannot fit raise
//! `MemoryError` or `OverflowError` before they begin.
#![forbid(unsafe_code)]

pub use super::int_format::format_spec;
use super::number::{self, Integer, compute, small};
use super::{OBJECT, float};
use crate::num::text::IntText;
use crate::num::{self, Meter, bits, convert, divide, limbs, power};
use crate::object::{Args, AttrOp, BinaryOp, CompareOp, Float, Res, StrBuilder, Style, UnaryOp};
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
    if !args.names.is_empty() {
        return Err(vm.raise(exc::TYPE_ERROR, "function doesn't take keyword arguments"));
    }
    match *args.pos {
        [] => Ok(Value::int(0)),
        [v] => int_of(vm, v),
        [text, base] => {
            let base = vm.index(base)?;
            let Some(text) = number::text_of(vm, text)? else {
                let name = vm.type_name(text);
                return Err(vm.raise_about(
                    exc::TYPE_ERROR,
                    "can't convert '%' object to str implicitly",
                    name.value(),
                ));
            };
            parse(vm, text, u32::try_from(base).unwrap_or(1))
        }
        _ => Err(vm.wrong_count(0, 2, args.pos.len())),
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
            for name in [q::__int__.value(), q::__index__.value()] {
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
        None => Err(number::cannot_convert(vm, v, q::int.value())),
    }
}

/// The `int` that a text is in this base, 0: as its prefix says; `None` where it is none. Raises `MemoryError`.
pub fn from_text(vm: &mut Vm, text: &[u8], base: u32) -> Result<Option<Value>, Raise> {
    match IntText::parse(text, base) {
        Ok(read) => of_text(vm, &read).map(Some),
        Err(_) => Ok(None),
    }
}

fn of_text(vm: &mut Vm, read: &IntText<'_>) -> Res {
    if let Some(n) = read.small() {
        return vm.int_from_i64(n.into());
    }
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
    match IntText::parse(bytes, base) {
        Ok(read) => of_text(vm, &read),
        Err(num::text::IntTextError::Base) => {
            let message = "int() arg 2 must be >= 2 and <= 36";
            Err(vm.raise(exc::VALUE_ERROR, message))
        }
        Err(num::text::IntTextError::Syntax(base)) => {
            let mut message = StrBuilder::new();
            let start = "invalid syntax for integer with base %: ";
            vm.push_filled(&mut message, start, &[Value::from_len(base as usize)])?;
            vm.format(text, &mut message, Style::Repr)?;
            let message = message.finish_str(vm)?;
            Err(vm.raise_with(exc::VALUE_ERROR, &[message]))
        }
    }
}

/// The integer part of a float. `OverflowError` for infinities, `ValueError` for NaN.
pub fn from_float(vm: &mut Vm, f: Scalar) -> Res {
    // Below 2^62 the conversion is exact.
    if f.abs() < 4.6e18 {
        return vm.int_from_i64(f as i64);
    }
    let mut memory = [0; convert::MAX_FLOAT_LIMBS];
    match convert::from_float(&mut memory, f) {
        Ok(shape) => number::new_int(vm, shape.of(&memory)),
        Err(error) => {
            let class = match error {
                convert::NotInteger::Infinite => exc::OVERFLOW_ERROR,
                convert::NotInteger::Nan => exc::VALUE_ERROR,
            };
            Err(vm.raise(class, error.text()))
        }
    }
}

/// The magnitude of a whole, finite float in limbs; how many there are.
pub fn limbs_of_float(f: Scalar, limbs: &mut [u32; 34]) -> usize {
    convert::from_float(limbs, f).map_or(0, |shape| shape.len)
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
    if let Some(n) = small(v) {
        let n = n as i64;
        return vm.int_from_i64(match op {
            UnaryOp::Neg => -n,
            UnaryOp::Pos => n,
            UnaryOp::Invert => !n,
            UnaryOp::Abs => n.abs(),
        });
    }
    let Some(integer) = Integer::of(v) else { return Ok(Value::NOT_IMPLEMENTED) };
    let n = integer.get();
    match op {
        UnaryOp::Pos => Ok(v),
        UnaryOp::Abs if !n.is_negative() => Ok(v),
        UnaryOp::Neg | UnaryOp::Abs => number::new_int(vm, n.negated()),
        UnaryOp::Invert => compute(vm, n.len() + 1, &mut |out, meter| bits::not(out, n, meter)),
    }
}

/// Order among integers, exact between integers and floats; also that of `bool`.
pub(super) fn int_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    if let (Some(a), Some(b)) = (small(a), small(b)) {
        return Ok(Value::bool(op.holds(a.cmp(&b))));
    }
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
    if lhs.is_bool() && rhs.is_bool() {
        let (a, b) = (lhs == Value::TRUE, rhs == Value::TRUE);
        match op {
            BinaryOp::And => return Ok(Value::bool(a & b)),
            BinaryOp::Or => return Ok(Value::bool(a | b)),
            BinaryOp::Xor => return Ok(Value::bool(a ^ b)),
            _ => {}
        }
    }
    if let (Some(a), Some(b)) = (Integer::of(lhs), Integer::of(rhs)) {
        let (a, b) = (a.get(), b.get());
        if let (Some(a), Some(b)) = (a.to_i64(), b.to_i64())
            && let Some(result) = word_binary(vm, op, a, b)
        {
            return result;
        }
        return big_binary(vm, op, a, b);
    }
    float::float_binary(vm, op, lhs, rhs, false)
}

/// Arithmetic of what a caller knows to be integers, and of floats; `NotImplemented` for other objects.
pub fn arith(vm: &mut Vm, op: BinaryOp, lhs: Value, rhs: Value) -> Res {
    int_binary(vm, op, lhs, rhs, false)
}

/// What 64 bits hold, which is all that a 32-bit target mostly meets beyond its small ints; `None` for the rest.
fn word_binary(vm: &mut Vm, op: BinaryOp, a: i64, b: i64) -> Option<Res> {
    let n = match op {
        BinaryOp::Add => a.checked_add(b)?,
        BinaryOp::Sub => a.checked_sub(b)?,
        BinaryOp::Mul => a.checked_mul(b)?,
        BinaryOp::FloorDiv => floor_divide(a, b)?.0,
        BinaryOp::Mod => floor_divide(a, b)?.1,
        BinaryOp::And => a & b,
        BinaryOp::Or => a | b,
        BinaryOp::Xor => a ^ b,
        BinaryOp::RShift if b >= 0 => a >> b.min(63),
        // No bit that differs from the sign is lost.
        BinaryOp::LShift if (0..64).contains(&b) && a << b >> b == a => a << b,
        BinaryOp::Pow if b >= 0 && !Kind::Int.is_built() => power_of(a, b)?,
        BinaryOp::TrueDiv if Kind::Float.is_built() && b != 0 && is_exact(a) && is_exact(b) => {
            return Some(vm.new_float(a as Scalar / b as Scalar));
        }
        _ => return None,
    };
    Some(vm.int_from_i64(n))
}

/// Quotient, rounded down, and remainder, of the sign of `b`; `None` where `b` is zero or the quotient has 65 bits.
fn floor_divide(a: i64, b: i64) -> Option<(i64, i64)> {
    let (quotient, rest) = (a.checked_div(b)?, a.checked_rem(b)?);
    let down = rest != 0 && (rest < 0) != (b < 0);
    Some(if down { (quotient - 1, rest + b) } else { (quotient, rest) })
}

/// `a / b` of two small ints that floats can hold; `None`: ask [`int_binary`].
pub fn fast_divide(vm: &mut Vm, a: Value, b: Value) -> Option<Res> {
    let (a, b) = (a.as_small_int()? as i64, b.as_small_int()? as i64);
    if !Kind::Float.is_built() || b == 0 || !is_exact(a) || !is_exact(b) {
        return None;
    }
    Some(vm.new_float(a as Scalar / b as Scalar))
}

/// True when a float can hold the number.
pub(super) fn is_exact(n: i64) -> bool {
    n.unsigned_abs() <= 1 << Scalar::MANTISSA_DIGITS
}

/// `base ** exponent` if it has 64 bits at most, for builds that have no more of them.
fn power_of(mut base: i64, exponent: i64) -> Option<i64> {
    if matches!(base, 0 | 1) && exponent > 0 {
        return Some(base);
    }
    let (mut exponent, mut result) = (u32::try_from(exponent).ok()?, 1i64);
    loop {
        if exponent & 1 != 0 {
            result = result.checked_mul(base)?;
        }
        exponent >>= 1;
        if exponent == 0 {
            return Some(result);
        }
        base = base.checked_mul(base)?;
    }
}

fn big_binary(vm: &mut Vm, op: BinaryOp, a: num::Int<'_>, b: num::Int<'_>) -> Res {
    if op == BinaryOp::TrueDiv && !Kind::Float.is_built() {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let divides = matches!(op, BinaryOp::TrueDiv | BinaryOp::FloorDiv | BinaryOp::Mod);
    if divides && b.is_zero() {
        return Err(number::zero_division(vm));
    }
    if !Kind::Int.is_built() {
        // Without big integers, what 64 bits do not hold either overflows or has an error of its own.
        return match op {
            BinaryOp::MatMul => Ok(Value::NOT_IMPLEMENTED),
            BinaryOp::Pow if b.is_negative() => pow(vm, a, b),
            BinaryOp::LShift | BinaryOp::RShift if b.is_negative() => shift(vm, op, a, b),
            _ => Err(number::too_large(vm)),
        };
    }
    type Calculation = fn(
        &mut [u32],
        num::Int<'_>,
        num::Int<'_>,
        &mut Meter<'_, Raise>,
    ) -> Result<num::Shape, Raise>;
    let (n, f): (usize, Calculation) = match op {
        BinaryOp::Add => (limbs::add_len(a.len(), b.len()), num::int::add),
        BinaryOp::Sub => (limbs::add_len(a.len(), b.len()), num::int::sub),
        BinaryOp::Mul => (limbs::mul_len(a.len(), b.len()), num::int::mul),
        BinaryOp::Mod => (divide::remainder_len(a.len(), b.len()), num::int::modulo),
        BinaryOp::FloorDiv => {
            let n = divide::quotient_len(a.len(), b.len());
            let both = n + divide::remainder_len(a.len(), b.len());
            return compute(vm, both, &mut |out, meter| {
                let (quotient, remainder) = out.split_at_mut(n);
                Ok(num::int::div_mod(quotient, remainder, a, b, meter)?.0)
            });
        }
        BinaryOp::And => (bits::bitwise_len(a.len(), b.len()), bits::and),
        BinaryOp::Or => (bits::bitwise_len(a.len(), b.len()), bits::or),
        BinaryOp::Xor => (bits::bitwise_len(a.len(), b.len()), bits::xor),
        BinaryOp::TrueDiv => return true_divide(vm, a, b),
        BinaryOp::Pow => return pow(vm, a, b),
        BinaryOp::LShift | BinaryOp::RShift => return shift(vm, op, a, b),
        BinaryOp::MatMul => return Ok(Value::NOT_IMPLEMENTED),
    };
    compute(vm, n, &mut |out, meter| f(out, a, b, meter))
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

/// `a << b`, `a >> b`. A negative count is a `ValueError`, one too large for a machine an `OverflowError` unless the
/// result is small all the same.
fn shift(vm: &mut Vm, op: BinaryOp, a: num::Int<'_>, b: num::Int<'_>) -> Res {
    if b.is_negative() {
        return Err(vm.raise(exc::VALUE_ERROR, "negative shift count"));
    }
    let count = machine_word(b);
    if op == BinaryOp::RShift {
        let count = count.unwrap_or(usize::MAX);
        let n = num::int::shr_len(a.len(), count);
        return compute(vm, n, &mut |out, meter| num::int::shr(out, a, count, meter));
    }
    if a.is_zero() {
        return Ok(Value::int(0));
    }
    let Some((count, n)) = count.and_then(|c| Some((c, limbs::shl_len(a.len(), c)?))) else {
        return Err(number::too_large(vm));
    };
    compute(vm, n, &mut |out, meter| num::int::shl(out, a, count, meter))
}

/// The number if it is one that a length or a count can have.
#[inline(never)]
fn machine_word(n: num::Int<'_>) -> Option<usize> {
    n.to_u64().and_then(|n| usize::try_from(n).ok())
}

/// `a ** b`; a float for a negative exponent.
fn pow(vm: &mut Vm, a: num::Int<'_>, b: num::Int<'_>) -> Res {
    if b.is_negative() {
        if !Kind::Float.is_built() {
            return Err(vm.raise(exc::VALUE_ERROR, "negative power with no float support"));
        }
        return float::pow(vm, nearest(a), nearest(b));
    }
    if b.is_zero() {
        return Ok(Value::int(1));
    }
    if a.magnitude().is_empty() || a.magnitude() == [1] {
        return Ok(Value::int(match a.is_negative() {
            true if b.is_odd() => -1,
            _ => a.len() as i32,
        }));
    }
    let exponent = machine_word(b);
    let Some((exponent, n)) = exponent.and_then(|e| Some((e, power::pow_len(a, e)?))) else {
        return Err(vm.no_memory());
    };
    let Some(both) = n.checked_mul(2) else { return Err(vm.no_memory()) };
    compute(vm, both, &mut |out, meter| {
        let (out, scratch) = out.split_at_mut(n);
        power::pow(out, scratch, a, exponent, meter)
    })
}

/// `pow(base, exponent, modulus)` of integers. A negative exponent has MicroPython's result, 0.
pub fn pow_mod(vm: &mut Vm, base: Value, exponent: Value, modulus: Value) -> Res {
    let (Some(a), Some(b), Some(m)) =
        (Integer::of(base), Integer::of(exponent), Integer::of(modulus))
    else {
        return Err(vm.raise(exc::TYPE_ERROR, "pow() with 3 arguments requires integers"));
    };
    let (a, b, m) = (a.get(), b.get(), m.get());
    if m.is_zero() {
        return Err(vm.raise(exc::VALUE_ERROR, "divide by zero"));
    }
    if b.is_negative() {
        return Ok(Value::int(0));
    }
    let both = m.len() + power::pow_mod_scratch_len(a.len(), m.len());
    compute(vm, both, &mut |out, meter| {
        let (out, scratch) = out.split_at_mut(m.len());
        power::pow_mod(out, scratch, a, b, m, meter)
    })
}
