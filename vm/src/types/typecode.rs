//! Items of a type code: numbers as bytes in memory, for `array`, `memoryview` and `struct`.
//!
//! Source: Python Library Reference, "array" and "struct — Format Characters". Integers that do not fit lose their
//! high bits, as in MicroPython 1.x.

use crate::num::Real;
use crate::object::item_size;
use crate::object::{Buffer, ByteArray, Int, MemoryView, Res};
use crate::value::{Kind, Scalar, Value};
use crate::{Raise, Vm, exc, types};

/// Bytes of the largest item.
pub const MAX_SIZE: usize = 8;

/// True for the type codes of floats.
pub fn is_float(code: u8) -> bool {
    matches!(code, b'e' | b'f' | b'd')
}

/// True for the type codes of signed integers.
pub fn is_signed(code: u8) -> bool {
    matches!(code, b'b' | b'h' | b'i' | b'l' | b'q')
}

/// The value of an item; `raw` is as long as the item, in the byte order that `big` says.
pub fn load(vm: &mut Vm, code: u8, raw: &[u8], big: bool) -> Res {
    let n = raw.len();
    let word = match *raw {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => 0,
    };
    let unused = 64 - 8 * n as u32;
    let word = if big { word.swap_bytes() >> unused } else { word };
    match code {
        b'e' => vm.new_float(half_to_float(word as u16)),
        b'f' => vm.new_float(f32::from_bits(word as u32) as Scalar),
        b'd' => vm.new_float(f64::from_bits(word) as Scalar),
        _ if is_signed(code) => vm.int_from_i64((word << unused) as i64 >> unused),
        _ => vm.int_from_u64(word),
    }
}

/// The bytes of an item of `size` bytes, at the start of the result, in the byte order that `big` says. May run Python.
///
/// `TypeError` for what is no number.
pub fn store(
    vm: &mut Vm,
    code: u8,
    size: usize,
    value: Value,
    big: bool,
) -> Result<[u8; MAX_SIZE], Raise> {
    let word = match code {
        b'e' => u64::from(f64_to_half(float_arg(vm, value)?.to_f64())),
        b'f' => u64::from((float_arg(vm, value)? as f32).to_bits()),
        b'd' => float_arg(vm, value)?.to_f64().to_bits(),
        _ => int_arg(vm, value)?,
    };
    let mut bytes = word.to_le_bytes();
    if big {
        bytes[..size.min(MAX_SIZE)].reverse();
    }
    Ok(bytes)
}

/// The low 64 bits of an integer argument. May run Python.
pub fn int_arg(vm: &mut Vm, value: Value) -> Result<u64, Raise> {
    if let Some(n) = value.as_small_int() {
        return Ok(n as i64 as u64);
    }
    // Whatever converts to a number will do, but text.
    let has_int = value.is_kind(Kind::Instance) && is_no_text(vm, value);
    let value = if has_int { vm.call(types::int::INT.value(), &[value])? } else { value };
    vm.int_low_u64(value)
}

/// A float argument; text is none. May run Python.
pub fn float_arg(vm: &mut Vm, value: Value) -> Result<Scalar, Raise> {
    let mut value = value;
    if !Kind::Float.is_built() {
        return Err(types::number::cannot_convert(vm, value, "float"));
    }
    if vm.cast::<Int>(value).is_some() || value.is_kind(Kind::Instance) && is_no_text(vm, value) {
        value = vm.call(types::float::FLOAT.value(), &[value])?;
    }
    match types::float::number_of(vm, value) {
        Some(f) => Ok(f),
        None => {
            let given = vm.type_name(value);
            Err(vm.raise_fmt(
                exc::TYPE_ERROR,
                format_args!("can't convert {} to float", given.as_str()),
            ))
        }
    }
}

fn is_no_text(vm: &Vm, value: Value) -> bool {
    !matches!(vm.native_part(value).kind(), Some(Kind::Str | Kind::Bytes | Kind::ByteArray))
}

/// The items of a bytes-like object.
#[derive(Clone, Copy)]
pub struct Items {
    /// All of them.
    pub buffer: Buffer,
    /// Their type code.
    pub code: u8,
    /// Bytes of one.
    pub size: usize,
}

impl Items {
    /// The items of `bytes`, `bytearray`, `array` and `memoryview`; of nothing else.
    pub fn of(vm: &Vm, v: Value) -> Option<Items> {
        let v = vm.native_part(v);
        let code = match v.kind()? {
            Kind::Bytes => b'B',
            Kind::ByteArray => {
                let a = ByteArray::from_known(v);
                return if a.code() == b'O' { None } else { Some(Items::of_array(a)) };
            }
            Kind::MemoryView => MemoryView::from_known(v).code(),
            _ => return None,
        };
        Some(Items { buffer: Buffer::of(vm, v)?, code, size: item_size(code) })
    }

    /// The items of an array that is not one of objects.
    pub fn of_array(a: ByteArray) -> Items {
        let code = if a.code() == 0 { b'B' } else { a.code() };
        Items { buffer: Buffer::of_array(a), code, size: a.item_size() }
    }

    /// Number of items.
    pub fn len(self, vm: &Vm) -> usize {
        self.buffer.len(vm) / self.size
    }

    /// Item `i`; `None` beyond the end.
    pub fn load(self, vm: &mut Vm, i: usize) -> Result<Option<Value>, Raise> {
        let bytes = self.buffer.bytes(vm);
        let start = i.saturating_mul(self.size);
        let Some(item) = bytes.get(start..start.saturating_add(self.size)) else { return Ok(None) };
        // What arrays mostly hold.
        let number = match (self.code, item) {
            (b'B', &[a]) => Some(isize::from(a)),
            (b'b', &[a]) => Some(isize::from(a as i8)),
            (b'h', &[a, b]) => Some(isize::from(i16::from_ne_bytes([a, b]))),
            (b'H', &[a, b]) => Some(u16::from_ne_bytes([a, b]) as isize),
            (b'i', &[a, b, c, d]) => Some(i32::from_ne_bytes([a, b, c, d]) as isize),
            _ => None,
        };
        if let Some(v) = number.and_then(Value::small_int) {
            return Ok(Some(v));
        }
        let mut raw = [0; MAX_SIZE];
        raw[..self.size].copy_from_slice(item);
        load(vm, self.code, &raw[..self.size], cfg!(target_endian = "big")).map(Some)
    }

    /// The bytes of a value as an item, at the start of the result. May run Python.
    pub fn encode(self, vm: &mut Vm, value: Value) -> Result<[u8; MAX_SIZE], Raise> {
        store(vm, self.code, self.size, value, cfg!(target_endian = "big"))
    }

    /// Writes an encoded item; false beyond the end and for read-only items.
    pub fn write(self, vm: &mut Vm, i: usize, item: &[u8; MAX_SIZE]) -> bool {
        let Some(start) = i.checked_mul(self.size) else { return false };
        let range = start..start.saturating_add(self.size);
        match self.buffer.bytes_mut(vm).and_then(|bytes| bytes.get_mut(range)) {
            Some(place) => {
                place.copy_from_slice(&item[..self.size]);
                true
            }
            None => false,
        }
    }

    /// Some items in a row, as bytes.
    pub fn part(self, vm: &Vm, start: usize, n: usize) -> Buffer {
        self.buffer.slice(vm, start * self.size..(start + n) * self.size)
    }
}

/// The value of an IEEE 754 half-precision number.
fn half_to_float(h: u16) -> Scalar {
    let exponent = i32::from(h >> 10 & 31);
    let fraction = Scalar::from(h & 0x3ff);
    let magnitude = match exponent {
        31 if fraction == 0.0 => Scalar::INFINITY,
        31 => Scalar::NAN,
        0 => fraction.ldexp(-24),
        _ => (1024.0 + fraction).ldexp(exponent - 25),
    };
    if h >> 15 != 0 { -magnitude } else { magnitude }
}

/// The half-precision number nearest to `f`, ties to even; what is too large is infinite.
fn f64_to_half(f: f64) -> u16 {
    let bits = f.to_bits();
    let sign = (bits >> 48) as u16 & 0x8000;
    let exponent = (bits >> 52 & 0x7ff) as i32 - 1023;
    let fraction = bits & ((1 << 52) - 1);
    if exponent == 1024 {
        return sign | 0x7c00 | if fraction != 0 { 0x200 } else { 0 };
    }
    if exponent < -25 {
        return sign;
    }
    // The significand with its leading one; numbers below 2^-14 lose more of it.
    let lost = 42 + (-14 - exponent).max(0) as u32;
    let significand = fraction | 1 << 52;
    let mut half = significand >> lost;
    let rest = significand & ((1 << lost) - 1);
    let tie = 1 << (lost - 1);
    if rest > tie || rest == tie && half & 1 == 1 {
        half += 1;
    }
    // A carry out of the fraction counts the exponent up, as it must.
    let base = (exponent.max(-14) + 14) as u64;
    let word = (base << 10) + half;
    sign | word.min(0x7c00) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_survive_the_way_to_a_float_and_back() {
        for h in 0..=u16::MAX {
            let f = half_to_float(h);
            if f.is_nan() {
                assert!(half_to_float(f64_to_half(f.to_f64())).is_nan());
            } else {
                assert_eq!(f64_to_half(f.to_f64()), h, "{f}");
            }
        }
    }

    #[test]
    fn halves_round_to_even() {
        assert_eq!(f64_to_half(2049.0), f64_to_half(2048.0));
        assert_eq!(f64_to_half(2051.0), f64_to_half(2052.0));
        assert_eq!(f64_to_half(65519.0), 0x7bff);
        assert_eq!(f64_to_half(65520.0), 0x7c00);
        assert_eq!(f64_to_half(libm::ldexp(1.0, -25)), 0);
        assert_eq!(f64_to_half(libm::ldexp(1.0, -25) * 1.5), 1);
        assert_eq!(f64_to_half(1e300), 0x7c00);
        assert_eq!(f64_to_half(-0.0), 0x8000);
    }
}
