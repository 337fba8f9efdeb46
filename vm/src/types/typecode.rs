//! Items of a type code: numbers as bytes in memory, for `array`, `memoryview` and `struct`.
//!
//! Source: Python Library Reference, "array" and "struct — Format Characters". Integers that do not fit lose their
//! high bits, as in MicroPython 1.x.

use crate::num::Real;
use crate::object::{Blob, ByteArray, Int, MemoryView, Res, item_size};
use crate::value::{Kind, Scalar, Value};
use crate::{Raise, Vm, exc, types};

/// True for the type codes of floats.
pub fn is_float(code: u8) -> bool {
    matches!(code, b'e' | b'f' | b'd')
}

/// True for the type codes of signed integers; of floats nobody asks.
pub fn is_signed(code: u8) -> bool {
    code > b'Z'
}

/// True where the low byte of a native number stands last.
pub const NATIVE_BIG: bool = cfg!(target_endian = "big");

/// The number that at most eight bytes are, in the byte order that `big` says and with their sign, if they have one.
pub fn word_of(bytes: &[u8], big: bool, signed: bool) -> u64 {
    let high = if big { bytes.first() } else { bytes.last() };
    let mut raw = [if signed && high.is_some_and(|&b| b >= 0x80) { 0xff } else { 0 }; 8];
    for (i, &byte) in bytes.iter().enumerate() {
        raw[if big { bytes.len() - 1 - i } else { i } & 7] = byte;
    }
    u64::from_le_bytes(raw)
}

/// The reverse of [`word_of`].
pub fn put_word(bytes: &mut [u8], word: u64, big: bool) {
    let (n, mut word) = (bytes.len(), word);
    for i in 0..n {
        bytes[if big { n - 1 - i } else { i }] = word as u8;
        word >>= 8;
    }
}

/// The value of an item from its [`word_of`]. Also of `struct`'s `c`, `?` and `n`.
pub fn load(vm: &mut Vm, code: u8, word: u64) -> Res {
    match code {
        b'e' => vm.new_float(half_to_float(word as u16)),
        b'f' => vm.new_float(f32::from_bits(word as u32) as Scalar),
        b'd' => vm.new_float(Scalar::from_f64_bits(word)),
        b'c' if cfg!(feature = "extra") => vm.new_bytes(&[word as u8]),
        b'?' if cfg!(feature = "extra") => Ok(Value::bool(word != 0)),
        _ if is_signed(code) => vm.int_from_i64(word as i64),
        _ => vm.int_from_u64(word),
    }
}

/// The word of an item, whose low bytes are what is stored. May run Python. `TypeError` for what is no number.
pub fn store(vm: &mut Vm, code: u8, value: Value, word: &mut u64) -> Result<(), Raise> {
    *word = match code {
        b'e' => u64::from(f64_to_half(float_arg(vm, value)?.to_f64())),
        b'f' => u64::from((float_arg(vm, value)? as f32).to_bits()),
        b'd' => float_arg(vm, value)?.to_f64().to_bits(),
        b'?' if cfg!(feature = "extra") => u64::from(vm.truth(value)?),
        b'c' if cfg!(feature = "extra") => match *vm.expect_bytes(value)?.bytes(vm) {
            [byte] => u64::from(byte),
            _ => {
                let text = "char format requires a bytes object of length 1";
                return Err(vm.raise(exc::VALUE_ERROR, text));
            }
        },
        _ => int_arg(vm, value)?,
    };
    Ok(())
}

/// The low 64 bits of an integer argument. May run Python.
pub fn int_arg(vm: &mut Vm, value: Value) -> Result<u64, Raise> {
    if let Some(n) = value.as_small_int() {
        return Ok(n as i64 as u64);
    }
    let value = integer(vm, value, false)?;
    vm.int_low_u64(value)
}

/// The `int` that an argument is or converts to; whatever does so will do, but text, and floats only where they are cut.
/// May run Python.
pub fn integer(vm: &mut Vm, value: Value, cuts: bool) -> Res {
    let converts = cuts && value.is_kind(Kind::Float)
        || value.is_kind(Kind::Instance) && is_no_text(vm, value);
    if converts { vm.call(types::int::INT.value(), &[value]) } else { vm.integer_arg(value) }
}

/// A float argument; text is none. May run Python.
pub fn float_arg(vm: &mut Vm, value: Value) -> Result<Scalar, Raise> {
    let mut value = value;
    if !Kind::Float.is_built() {
        return Err(vm.type_error(value, "can't convert % to float"));
    }
    if vm.cast::<Int>(value).is_some() || value.is_kind(Kind::Instance) && is_no_text(vm, value) {
        value = vm.call(types::float::FLOAT.value(), &[value])?;
    }
    match types::float::number_of(vm, value) {
        Some(f) => Ok(f),
        None => Err(vm.type_error(value, "can't convert % to float")),
    }
}

fn is_no_text(vm: &Vm, value: Value) -> bool {
    !matches!(vm.native_part(value).kind(), Some(Kind::Str | Kind::Bytes | Kind::ByteArray))
}

/// A bytes-like object by its items: `bytes`, `bytearray`, `array` or `memoryview`.
#[derive(Clone, Copy)]
pub struct Items(Value);

impl Items {
    /// The items of such an object; of nothing else, nor of an array of objects.
    pub fn of(vm: &Vm, v: Value) -> Option<Items> {
        let v = vm.native_part(v);
        let has_items = match v.kind()? {
            Kind::Bytes | Kind::MemoryView => true,
            Kind::ByteArray => ByteArray::from_known(v).code() != b'O',
            _ => false,
        };
        if has_items { Some(Items(v)) } else { None }
    }

    /// As [`Items::of`]; `TypeError` for anything else.
    pub fn expect(vm: &mut Vm, v: Value) -> Result<Items, Raise> {
        match Items::of(vm, v) {
            Some(items) => Ok(items),
            None => Err(vm.no_bytes()),
        }
    }

    /// The items of anything with bytes; those of other objects are bytes. `TypeError` for what has none.
    pub fn expect_any(vm: &mut Vm, v: Value) -> Result<Items, Raise> {
        Ok(Items(vm.expect_bytes(v)?.value()))
    }

    /// True for a `bytearray`.
    pub fn is_bytearray(self) -> bool {
        ByteArray::from_value(self.0).is_some_and(|a| a.code() == 0)
    }

    /// The object as one with bytes.
    pub fn blob(self) -> Blob {
        Blob::from_known(self.0)
    }

    /// The type code; that of a byte for `bytes` and `bytearray`.
    pub fn code(self) -> u8 {
        let code = match self.0.kind() {
            Some(Kind::ByteArray) => ByteArray::from_known(self.0).code(),
            Some(Kind::MemoryView) => MemoryView::from_known(self.0).code(),
            _ => 0,
        };
        if code == 0 { b'B' } else { code }
    }

    /// Bytes of an item.
    pub fn size(self) -> usize {
        item_size(self.code()).max(1)
    }

    /// Number of items.
    pub fn len(self, vm: &Vm) -> usize {
        self.blob().len(vm) / self.size()
    }

    /// Item `i`; `UNDEF` beyond the end.
    pub fn load(self, vm: &mut Vm, i: usize) -> Res {
        let (code, size) = (self.code(), self.size());
        let start = i.saturating_mul(size);
        let bytes = self.blob().between(vm, start, start.saturating_add(size));
        if bytes.len() < size {
            return Ok(Value::UNDEF);
        }
        let word = word_of(bytes, NATIVE_BIG, is_signed(code));
        load(vm, code, word)
    }

    /// The bytes of a value as an item. May run Python.
    pub fn encode(self, vm: &mut Vm, value: Value, word: &mut u64) -> Result<(), Raise> {
        store(vm, self.code(), value, word)
    }

    /// Writes an encoded item; false beyond the end and for read-only items.
    pub fn write(self, vm: &mut Vm, i: usize, word: &u64) -> bool {
        let size = self.size();
        let Some(start) = i.checked_mul(size) else { return false };
        let bytes = self.blob().bytes_mut(vm);
        match bytes.get_mut(start..start.saturating_add(size)) {
            Some(place) => {
                put_word(place, *word, NATIVE_BIG);
                true
            }
            None => false,
        }
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
    // What is below the twenty bits kept of the fraction only says that a half is no tie.
    let bits = (bits >> 32) as u32 | u32::from(bits as u32 != 0);
    let sign = (bits >> 16) as u16 & 0x8000;
    let exponent = (bits >> 20 & 0x7ff) as i32 - 1023;
    let fraction = bits & 0xf_ffff;
    if exponent == 1024 {
        return sign | 0x7c00 | if fraction != 0 { 0x200 } else { 0 };
    }
    if exponent < -25 {
        return sign;
    }
    // The significand with its leading one; numbers below 2^-14 lose more of it.
    let lost = 10 + (-14 - exponent).max(0) as u32;
    let significand = fraction | 1 << 20;
    let mut half = significand >> lost;
    let rest = significand & ((1 << lost) - 1);
    let tie = 1 << (lost - 1);
    if rest > tie || rest == tie && half & 1 == 1 {
        half += 1;
    }
    // A carry out of the fraction counts the exponent up, as it must.
    let base = (exponent.max(-14) + 14) as u32;
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
