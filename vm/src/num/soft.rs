//! Arithmetic of single precision without a unit for it, on the bits of the numbers.
//!
//! For boards whose compiler calls functions for it: these share how numbers are taken apart and rounded, which makes them
//! half as large as those that come with the compiler. Results are those of IEEE 754, rounded to nearest, ties to even.

const SIGN: u32 = 1 << 31;
const INFINITY: u32 = 0xff << 23;
const NAN: u32 = 0x7fc0_0000;

/// True for infinities and NaN.
fn is_special(x: u32) -> bool {
    x & INFINITY == INFINITY
}

/// The mantissa, of 24 bits unless it is zero, and the exponent of a finite number.
#[inline(never)]
fn unpack(x: u32) -> (u32, i32) {
    let (fraction, exponent) = (x & !(SIGN | INFINITY), (x & INFINITY) >> 23);
    if exponent != 0 {
        return (fraction | 1 << 23, exponent as i32 - 150);
    }
    let shift = fraction.leading_zeros() as i32 - 8;
    if fraction == 0 { (0, -400) } else { (fraction << shift, -149 - shift) }
}

/// `mantissa * 2**exponent` with this sign, rounded; the lowest bit of a mantissa of more than 33 bits may stand for more
/// below it.
#[inline(never)]
fn pack(sign: u32, mantissa: u64, exponent: i32) -> u32 {
    if mantissa == 0 {
        return sign & SIGN;
    }
    let zeros = mantissa.leading_zeros();
    let shifted = mantissa << zeros;
    let mut bits = (shifted >> 32) as u32 | u32::from(shifted as u32 != 0);
    // What the exponent's field is to hold.
    let mut field = exponent + 190 - zeros as i32;
    if field < 1 {
        // A small number keeps fewer bits; at least one that says that there is one.
        let lost = (1 - field).min(31) as u32;
        bits = bits >> lost | u32::from(bits << (32 - lost) != 0);
        field = 1;
    }
    if field > 254 {
        return sign & SIGN | INFINITY;
    }
    let rest = bits & 0xff;
    let up = rest + (bits >> 8 & 1) > 0x80;
    // The mantissa's highest bit, if it is there, adds one to the exponent; so does what rounding up carries.
    sign & SIGN | (((field as u32 - 1) << 23) + (bits >> 8) + u32::from(up))
}

/// `a + b`
#[inline(never)]
pub fn add(a: u32, b: u32) -> u32 {
    let (x, y) = (a & !SIGN, b & !SIGN);
    if x < y {
        return add(b, a);
    }
    if is_special(a) {
        return if x == INFINITY && b != a ^ SIGN { a } else { NAN };
    }
    let ((m, e), (n, f)) = (unpack(a), unpack(b));
    let (high, low) = (u64::from(m) << 38, u64::from(n) << 38);
    let shift = (e - f).min(63) as u32;
    let low = low >> shift | u64::from(low << 1 << (63 - shift) != 0);
    let sum = if (a ^ b) & SIGN == 0 { high + low } else { high - low };
    // Nothing is left of unlike numbers but a positive zero.
    pack(if sum == 0 { a & b } else { a }, sum, e - 38)
}

/// `a * b`
pub fn mul(a: u32, b: u32) -> u32 {
    let sign = a ^ b;
    if is_special(a) || is_special(b) {
        // Neither is NaN or zero.
        let is_number = |x: u32| x & !SIGN != 0 && x & !SIGN <= INFINITY;
        return if is_number(a) && is_number(b) { sign & SIGN | INFINITY } else { NAN };
    }
    let ((m, e), (n, f)) = (unpack(a), unpack(b));
    pack(sign, u64::from(m) * u64::from(n), e + f)
}

/// `a / b`
pub fn div(a: u32, b: u32) -> u32 {
    let (sign, x, y) = (a ^ b, a & !SIGN, b & !SIGN);
    if x > INFINITY || y > INFINITY || x == y && matches!(x, 0 | INFINITY) {
        return NAN;
    }
    if x == INFINITY || y == 0 {
        return sign & SIGN | INFINITY;
    }
    if y == INFINITY {
        return sign & SIGN;
    }
    let ((mut m, e), (n, f)) = (unpack(a), unpack(b));
    let mut quotient = 0;
    for _ in 0..27 {
        quotient <<= 1;
        if m >= n {
            m -= n;
            quotient |= 1;
        }
        m <<= 1;
    }
    // Bits enough to round, of which the last stands for the rest.
    pack(sign, quotient << 8 | u64::from(m != 0), e - f - 34)
}

/// The nearest float.
pub fn from_u64(n: u64) -> u32 {
    pack(0, n, 0)
}

/// The nearest float.
pub fn from_i64(n: i64) -> u32 {
    pack((n >> 32) as u32, n.unsigned_abs(), 0)
}

/// The integer part of a number that 64 bits hold.
#[inline(never)]
pub fn to_i64(x: u32) -> i64 {
    let (m, e) = unpack(x);
    let n = if e < 0 { u64::from(m) >> e.unsigned_abs().min(63) } else { u64::from(m) << (e & 63) };
    if x & SIGN != 0 { n.wrapping_neg() as i64 } else { n as i64 }
}

/// -1, 0 or 1 where `a` is less than `b`, equal or greater; 2 where one of them is NaN.
#[inline(never)]
pub fn compare(a: u32, b: u32) -> i32 {
    let key = |x: u32| if x & SIGN != 0 { -((x & !SIGN) as i32) } else { x as i32 };
    if a & !SIGN > INFINITY || b & !SIGN > INFINITY {
        return 2;
    }
    key(a).cmp(&key(b)) as i32
}

/// Quotient and remainder. What a divisor of zero gives is of no use.
#[inline(never)]
pub fn divide(mut n: u64, mut d: u64) -> (u64, u64) {
    let mut quotient = 0;
    // The places by which the divisor is shifted, until it is back.
    let mut places = (d.leading_zeros() as i32).wrapping_sub(n.leading_zeros() as i32);
    if places >= 0 {
        d <<= places & 63;
    }
    while places >= 0 {
        quotient <<= 1;
        if n >= d {
            n -= d;
            quotient |= 1;
        }
        d >>= 1;
        places -= 1;
    }
    (quotient, n)
}
