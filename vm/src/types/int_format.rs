//! `int` as text: `repr`, the format mini-language, `bin()`, `oct()` and `hex()`.
#![forbid(unsafe_code)]

use super::float;
use super::number::{self, Integer, small};
use crate::num::spec::{Align, IntKind};
use crate::num::{FormatSpec, Meter, intfmt, limbs, radix};
use crate::object::{Limbs, Res, StrBuilder};
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// Takes the sign and the digits of an integer.
type DigitsSink<'s> = dyn FnMut(&mut Vm, bool, &[u8]) -> Result<(), Raise> + 's;

/// Calls `f` with the sign and the digits, in lower case, of an `int` or `bool` object; with `0` for others.
#[inline(never)]
fn with_digits(vm: &mut Vm, v: Value, base: u32, f: &mut DigitsSink<'_>) -> Result<(), Raise> {
    let integer = match (small(v), Integer::of(v)) {
        (None, Some(integer)) => integer,
        (n, _) => {
            let n = n.unwrap_or(0);
            let mut digits = [0; usize::BITS as usize];
            let start = radix::word_to_digits(&mut digits, n.unsigned_abs(), base);
            return f(vm, n < 0, &digits[start..]);
        }
    };
    let n = integer.get();
    let n_scratch = n.len();
    let n_digits = radix::digits_len(limbs::bit_length(n.magnitude()), base);
    let mut memory = Limbs::new(vm, n_scratch + n_digits.div_ceil(4))?;
    let (scratch, digits) = memory.split(n_scratch);
    let mut tick = |instructions| number::tick(vm, instructions);
    let start = radix::to_digits(digits, n.magnitude(), scratch, base, &mut Meter::new(&mut tick));
    let start = start.map_err(number::interrupted)?;
    f(vm, n.is_negative(), &digits[start..])?;
    memory.free(vm);
    Ok(())
}

/// Appends an `int` or `bool` object as digits, with a sign where it is negative.
pub fn push_digits(vm: &mut Vm, v: Value, base: u32, out: &mut StrBuilder) -> Result<(), Raise> {
    with_digits(vm, v, base, &mut |vm, negative, digits| {
        if negative {
            out.push_str(vm, "-");
        }
        out.push_bytes(vm, digits);
        Ok(())
    })
}

/// Appends an `int` or `bool` object in a format specification as it was read; `ValueError` for one that does not
/// go with an integer.
pub fn format_spec(
    vm: &mut Vm,
    v: Value,
    spec: &FormatSpec,
    out: &mut StrBuilder,
) -> Result<(), Raise> {
    match spec.check_int() {
        Ok(IntKind::Digits { base, upper }) => write_digits(vm, v, spec, base, upper, out),
        Ok(IntKind::Char) => {
            let start = out.len();
            push_char(vm, v, out)?;
            let spec = FormatSpec { align: spec.align.or(Some(Align::Right)), ..*spec };
            super::str_format::fit(vm, out, start, true, &spec);
            Ok(())
        }
        Ok(IntKind::Float) => {
            if !crate::value::Kind::Float.is_built() {
                return Err(vm.type_error(v, "can't convert % to float"));
            }
            let f = super::int::to_float(vm, v).unwrap_or(0.0);
            float::write_spec(vm, f, spec, out)
        }
        Err(error) => Err(super::str_format::refused(vm, error)),
    }
}

/// Appends the digits of an `int` or `bool` object in a specification that goes with an integer, or comes from the
/// `%` operator. A precision is the least number of digits.
pub fn write_digits(
    vm: &mut Vm,
    v: Value,
    spec: &FormatSpec,
    base: u32,
    upper: bool,
    out: &mut StrBuilder,
) -> Result<(), Raise> {
    with_digits(vm, v, base, &mut |vm, negative, digits| {
        vm.push_with(out, &mut |w| intfmt::write_int(w, spec, negative, digits, base, upper))
    })
}

/// Appends the character with this code; `OverflowError` when there is none.
pub fn push_char(vm: &mut Vm, v: Value, out: &mut StrBuilder) -> Result<(), Raise> {
    let Some(c) = super::text::char_of(vm.index(v)?) else {
        return Err(vm.raise(exc::OVERFLOW_ERROR, "%c arg not in range(0x110000)"));
    };
    out.push_char(vm, c);
    Ok(())
}

fn prefixed(vm: &mut Vm, v: Value, base: u32) -> Res {
    let v = vm.integer_arg(v)?;
    let mut out = StrBuilder::new();
    const SPEC: FormatSpec = FormatSpec { alternate: true, ..FormatSpec::PLAIN };
    write_digits(vm, v, &SPEC, base, false, &mut out)?;
    out.finish_str(vm)
}

/// `bin(x)`
pub fn bin(vm: &mut Vm, v: Value) -> Res {
    prefixed(vm, v, 2)
}

/// `oct(x)`
pub fn oct(vm: &mut Vm, v: Value) -> Res {
    prefixed(vm, v, 8)
}

/// `hex(x)`
pub fn hex(vm: &mut Vm, v: Value) -> Res {
    prefixed(vm, v, 16)
}
