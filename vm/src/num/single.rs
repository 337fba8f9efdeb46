//! The functions of single precision, which `libm` has in `f64` only or with its help.
//!
//! Each computes in [`Wide`] and is rounded once: within one unit of the last place, mostly the nearest float. They are
//! small and take tens of multiplications of integers, which suits the boards without double precision in hardware;
//! boards that have it make Python's floats of `f64` and use `libm`.
//!
//! The polynomials interpolate at the zeros of Chebyshev's, to `2**-29` or better. The formulas are those of
//! Abramowitz and Stegun, "Handbook of Mathematical Functions", chapters 4, 6 and 7.

use super::convert;
use super::real::Real;
use super::wide::Wide;

/// `log2(e)`
const LOG2_E: Wide = Wide::constant(0x5c55_1d95, 0);
/// `log(2)`
const LN_2: Wide = Wide::constant(0x58b9_0bfc, -1);
/// `log10(e)`
const LOG10_E: Wide = Wide::constant(0x6f2d_ec55, -2);
const PI: Wide = Wide::constant(0x6487_ed51, 1);
const HALF_PI: Wide = Wide::constant(0x6487_ed51, 0);

/// `(2**f - 1) / f` for `f` in -1/2 to 1/2.
static EXP2: [i32; 8] =
    [1423, 16432, 165_394, 1_431_671, 10_327_388, 59_597_083, 257_941_248, 744_261_118];
/// `atanh(s) / s` of `s * s`, for the `s` that factors of √½ to √2 have.
static ATANH: [i32; 5] = [126_945_420, 153_188_276, 214_750_559, 357_913_933, 1_073_741_824];
/// `sin(r) / r` of `r * r`, up to π/4.
static SIN: [i32; 5] = [2918, -213_022, 8_947_844, -178_956_970, 1_073_741_824];
/// `cos(r)` of `r * r`, up to π/4.
static COS: [i32; 5] = [26_178, -1_491_064, 44_739_189, -536_870_908, 1_073_741_824];
/// `atan(t) / t` of `t * t`, up to `tan(π/8)`.
static ATAN: [i32; 7] =
    [50_544_766, -90_797_680, 118_546_350, -153_347_392, 214_747_118, -357_913_928, 1_073_741_824];
/// `erf(x) / x` of `x * x`, up to 1/2.
static ERF: [i32; 6] = [-826_194, 5_583_902, -28_844_080, 121_158_601, -403_862_631, 1_211_587_905];
/// `exp(x * x) * erfc(x) / t` of `t = 2 / (x + 2)`, from 1/2 to where `erfc` vanishes.
static ERFC: [i32; 11] = [
    68_678_953,
    -359_521_006,
    754_872_163,
    -755_929_450,
    341_380_600,
    -160_565_959,
    131_349_126,
    181_837_794,
    265_909_453,
    302_837_102,
    302_898_794,
];
/// `lgamma(t + 2) / t` for `t` in -1/2 to 1/2.
static LGAMMA: [i32; 10] = [
    121_841,
    -272_534,
    543_869,
    -1_273_308,
    3_103_968,
    -7_930_844,
    22_098_465,
    -72_318_962,
    346_246_341,
    453_961_223,
];
/// The bits of `2 / π` after the point, behind a word of zeros.
static TWO_OVER_PI: [u32; 8] =
    [0, 0xa2f9_836e, 0x4e44_1529, 0xfc27_57d1, 0xf534_ddc0, 0xdb62_9599, 0x3c43_9041, 0xfe51_63ab];

/// A function of every number but NaN.
#[inline(never)]
fn apply(x: f32, f: fn(Wide) -> Wide) -> f32 {
    if x.is_nan() { x } else { f(Wide::of(x)).to_f32() }
}

/// A function `f` with `f(-x) == -f(x)`.
#[inline(never)]
fn odd(x: f32, f: fn(Wide) -> Wide) -> f32 {
    apply(x.abs(), f).copysign(x)
}

/// A function of what is not below `least`.
#[inline(never)]
fn from(least: f32, x: f32, f: fn(Wide) -> Wide) -> f32 {
    if x < least { f32::NAN } else { apply(x, f) }
}

/// `2**f - 1` for `f` in -1/2 to 1/2.
fn exp2_m1(f: Wide) -> Wide {
    f * f.polynomial(&EXP2)
}

/// 2 to the power of `q / 2**32`, which is at most 2048 in either direction.
#[inline(never)]
fn exp2_fixed(q: i64) -> Wide {
    // As a signed number the lower half is the fraction that is nearest to zero.
    let f = q as i32;
    let n = ((q - i64::from(f)) >> 32) as i32;
    (Wide::ONE + exp2_m1(Wide::new(f.into(), -32))).scale(n)
}

fn exp_wide(x: Wide) -> Wide {
    exp2_fixed(x.fixed_product(LOG2_E))
}

#[inline(never)]
fn expm1_wide(x: Wide) -> Wide {
    let y = x * LOG2_E;
    if y.log() < -1 { exp2_m1(y) } else { exp_wide(x) - Wide::ONE }
}

/// `log(1 + f)`, `1 + f` being between √½ and √2.
#[inline(never)]
fn log1p_near(f: Wide) -> Wide {
    let s = f / (f + Wide::TWO);
    (s * (s * s).polynomial(&ATANH)).scale(1)
}

/// The `k` and `log(m)` with `x == m * 2**k`, `m` being between √½ and √2. The number is above zero.
#[inline(never)]
fn split_log(x: Wide) -> (i32, Wide) {
    // The mantissa of √2.
    let up = Wide::constant(0x5a82_799a, 0).below(x.significand());
    let k = x.log() + i32::from(up);
    (k, log1p_near(x.scale(-k) - Wide::ONE))
}

#[inline(never)]
fn log_wide(x: Wide) -> Wide {
    if x.is_infinite() {
        return x;
    }
    let (k, log) = split_log(x);
    Wide::new(k.into(), 0) * LN_2 + log
}

#[inline(never)]
fn log1p_wide(x: Wide) -> Wide {
    if x.log() < -2 { log1p_near(x) } else { log_wide(Wide::ONE + x) }
}

/// The angle of the point (`x`, `y`), neither of which is negative; 0 for the origin.
#[inline(never)]
fn angle(y: Wide, x: Wide) -> Wide {
    let steep = x.below(y);
    let t = if steep { x / y } else { y / x };
    // tan(π/8)
    let angle = if Wide::constant(0x6a09_e668, -2).below(t) {
        HALF_PI.scale(-1) + atan_near((t - Wide::ONE) / (t + Wide::ONE))
    } else {
        atan_near(t)
    };
    if steep { HALF_PI - angle } else { angle }
}

fn atan_near(t: Wide) -> Wide {
    t * (t * t).polynomial(&ATAN)
}

/// An angle of the right half plane, or with `left` that of its mirror image.
#[inline(never)]
fn mirror(angle: Wide, left: bool) -> f32 {
    (if left { PI - angle } else { angle }).to_f32()
}

/// `sqrt(1 - x * x)`
#[inline(never)]
fn other_leg(x: Wide) -> Wide {
    ((Wide::ONE - x) * (Wide::ONE + x)).sqrt()
}

/// The sine of `x + quadrants * π/2`; the number is finite.
#[inline(never)]
fn sine(x: f32, quadrants: u32) -> Wide {
    let (quadrants, r) = if x.abs() < 0.75 {
        (quadrants, Wide::of(x))
    } else {
        // The product of the mantissa and 2/π, of which the bits are left out that would give multiples of 4. That
        // leaves the quadrant in two bits, and in 62 the fraction, 24 of which are not exact.
        let (mantissa, exponent) = x.decompose();
        let skipped = (exponent + 30) as usize;
        let word = |i: usize| {
            let at = |i: usize| u64::from(TWO_OVER_PI.get(skipped / 32 + i).copied().unwrap_or(0));
            (at(i) << 32 | at(i + 1)) << (skipped % 32) >> 32
        };
        let turns = ((mantissa * word(0)) << 32)
            .wrapping_add(mantissa * word(1))
            .wrapping_add((mantissa * word(2)) >> 32);
        let turns = if x < 0.0 { turns.wrapping_neg() } else { turns };
        let nearest = (turns.wrapping_add(1 << 61) >> 62) as u32;
        (quadrants + nearest, Wide::new((turns << 2) as i64, -64) * HALF_PI)
    };
    let sine = quarter_sine(r, quadrants);
    if quadrants & 2 == 0 { sine } else { -sine }
}

/// The sine, or cosine if `quadrants` is odd, of `r` between -π/4 and π/4.
#[inline(never)]
fn quarter_sine(r: Wide, quadrants: u32) -> Wide {
    let square = r * r;
    if quadrants & 1 == 0 { r * square.polynomial(&SIN) } else { square.polynomial(&COS) }
}

/// `erfc(x)` for `x` of at least 1/2.
#[inline(never)]
fn erfc_tail(x: Wide) -> Wide {
    let t = Wide::TWO / (x + Wide::TWO);
    t * t.polynomial(&ERFC) * exp_wide(x * -x)
}

/// `erf(x)` for `x` of at least 0.
#[inline(never)]
fn erf_wide(x: Wide) -> Wide {
    if x.log() < -1 { x * (x * x).polynomial(&ERF) } else { Wide::ONE - erfc_tail(x) }
}

/// The gamma function of a number as that of one near 2, in three parts.
struct Gamma {
    /// The logarithm of the gamma function near 2.
    log: Wide,
    /// What it is to be multiplied by.
    over: Wide,
    /// What it is to be divided by.
    under: Wide,
}

impl Gamma {
    /// The number is between -60 and 60.
    #[inline(never)]
    fn of(x: f32) -> Gamma {
        let (mut x, mut over, mut under) = (Wide::of(x), Wide::ONE, Wide::ONE);
        // Γ(x + 1) = x Γ(x)
        while Wide::constant(5 << 28, 1).below(x) {
            x = x - Wide::ONE;
            over = over * x;
        }
        while x.below(Wide::constant(3 << 29, 0)) {
            under = under * x;
            x = x + Wide::ONE;
        }
        let t = x - Wide::TWO;
        Gamma { log: t * t.polynomial(&LGAMMA), over, under }
    }
}

/// Whether `x` is zero, a negative integer or minus infinity.
fn is_pole(x: f32) -> bool {
    x <= 0.0 && floor(x) == x
}

/// e to the power of `x`.
pub fn exp(x: f32) -> f32 {
    apply(x, exp_wide)
}

/// `exp(x) - 1`, exact near zero.
pub fn expm1(x: f32) -> f32 {
    if x == 0.0 { x } else { apply(x, expm1_wide) }
}

/// The natural logarithm.
pub fn log(x: f32) -> f32 {
    logarithm(x, log_wide)
}

/// The logarithm to base 2.
pub fn log2(x: f32) -> f32 {
    logarithm(x, |x| log_wide(x) * LOG2_E)
}

/// The logarithm to base 10.
pub fn log10(x: f32) -> f32 {
    logarithm(x, |x| log_wide(x) * LOG10_E)
}

#[inline(never)]
fn logarithm(x: f32, f: fn(Wide) -> Wide) -> f32 {
    if x == 0.0 { f32::NEG_INFINITY } else { from(0.0, x, f) }
}

/// `log(1 + x)`, exact near zero.
pub fn log1p(x: f32) -> f32 {
    if x == 0.0 {
        x
    } else if x == -1.0 {
        f32::NEG_INFINITY
    } else {
        from(-1.0, x, log1p_wide)
    }
}

/// `x` to the power of `y`.
pub fn pow(x: f32, y: f32) -> f32 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    let whole = trunc(y) == y;
    if x.is_nan() || y.is_nan() || x < 0.0 && x.is_finite() && !whole {
        return f32::NAN;
    }
    let base = x.abs();
    let power = if base == 0.0 || base.is_infinite() || y.is_infinite() {
        match base == 1.0 {
            true => 1.0,
            false if (base > 1.0) == (y > 0.0) => f32::INFINITY,
            false => 0.0,
        }
    } else {
        let (k, log) = split_log(Wide::of(base));
        let y = Wide::of(y);
        let mut q = y.fixed_product(Wide::new(k.into(), 0));
        // The second part is smaller, but would make up for a first one that is too large to be stated.
        if q.unsigned_abs() < 1 << 42 {
            q += y.fixed_product(log * LOG2_E);
        }
        exp2_fixed(q).to_f32()
    };
    let odd = whole && y.abs() < 16_777_216.0 && y as i32 & 1 != 0;
    if odd { power.copysign(x) } else { power }
}

/// The sine of an angle in radians.
pub fn sin(x: f32) -> f32 {
    if x == 0.0 { x } else { trigonometric(x, |x| sine(x, 0)) }
}

/// The cosine of an angle in radians.
pub fn cos(x: f32) -> f32 {
    trigonometric(x, |x| sine(x, 1))
}

/// The tangent of an angle in radians.
pub fn tan(x: f32) -> f32 {
    if x == 0.0 { x } else { trigonometric(x, |x| sine(x, 0) / sine(x, 1)) }
}

#[inline(never)]
fn trigonometric(x: f32, f: fn(f32) -> Wide) -> f32 {
    if x.is_finite() { f(x).to_f32() } else { f32::NAN }
}

/// The arc sine in radians.
pub fn asin(x: f32) -> f32 {
    if x.abs() > 1.0 { f32::NAN } else { odd(x, |x| angle(x, other_leg(x))) }
}

/// The arc cosine in radians.
pub fn acos(x: f32) -> f32 {
    let leg = Wide::of(x.abs());
    if x.abs() <= 1.0 { mirror(angle(other_leg(leg), leg), x < 0.0) } else { f32::NAN }
}

/// The arc tangent in radians.
pub fn atan(x: f32) -> f32 {
    atan2(x, 1.0)
}

/// The angle of the point (`x`, `y`) in radians.
pub fn atan2(y: f32, x: f32) -> f32 {
    if x.is_nan() || y.is_nan() {
        return f32::NAN;
    }
    let angle = angle(Wide::of(y.abs()), Wide::of(x.abs()));
    mirror(angle, x.is_sign_negative()).copysign(y)
}

/// The hyperbolic sine.
pub fn sinh(x: f32) -> f32 {
    odd(x, |x| {
        let e = expm1_wide(x);
        (e + e / (e + Wide::ONE)).scale(-1)
    })
}

/// The hyperbolic cosine.
pub fn cosh(x: f32) -> f32 {
    apply(x, |x| {
        let e = exp_wide(x);
        (e + Wide::ONE / e).scale(-1)
    })
}

/// The hyperbolic tangent.
pub fn tanh(x: f32) -> f32 {
    odd(x, |x| {
        let e = expm1_wide(x.scale(1));
        e / (e + Wide::TWO)
    })
}

/// The inverse hyperbolic sine.
pub fn asinh(x: f32) -> f32 {
    odd(x, |x| {
        let square = x * x;
        log1p_wide(x + square / (Wide::ONE + (Wide::ONE + square).sqrt()))
    })
}

/// The inverse hyperbolic cosine.
pub fn acosh(x: f32) -> f32 {
    from(1.0, x, |x| {
        let t = x - Wide::ONE;
        log1p_wide(t + (t * (x + Wide::ONE)).sqrt())
    })
}

/// The inverse hyperbolic tangent.
pub fn atanh(x: f32) -> f32 {
    if x.abs() >= 1.0 {
        return if x.abs() == 1.0 { f32::INFINITY.copysign(x) } else { f32::NAN };
    }
    odd(x, |x| log1p_wide(x.scale(1) / (Wide::ONE - x)).scale(-1))
}

/// The distance of the point (`x`, `y`) from the origin.
pub fn hypot(x: f32, y: f32) -> f32 {
    if x.is_infinite() || y.is_infinite() {
        return f32::INFINITY;
    }
    if x.is_nan() || y.is_nan() {
        return f32::NAN;
    }
    let (x, y) = (Wide::of(x), Wide::of(y));
    (x * x + y * y).sqrt().to_f32()
}

/// The square root, correctly rounded.
pub fn sqrt(x: f32) -> f32 {
    if x == 0.0 || x == f32::INFINITY { x } else { from(0.0, x, Wide::sqrt) }
}

/// The error function.
pub fn erf(x: f32) -> f32 {
    odd(x, erf_wide)
}

/// `1 - erf(x)`, exact for large numbers.
pub fn erfc(x: f32) -> f32 {
    apply(x, |x| {
        if x.is_negative() {
            Wide::ONE + erf_wide(-x)
        } else if x.log() < -1 {
            Wide::ONE - erf_wide(x)
        } else {
            erfc_tail(x)
        }
    })
}

/// The gamma function; NaN at its poles.
pub fn gamma(x: f32) -> f32 {
    if x.is_nan() || is_pole(x) {
        return f32::NAN;
    }
    if x.abs() > 60.0 {
        return if x > 0.0 { f32::INFINITY } else { 0.0 };
    }
    let Gamma { log, over, under } = Gamma::of(x);
    (exp_wide(log) * over / under).to_f32()
}

/// The natural logarithm of the absolute value of the gamma function; infinity at its poles.
pub fn lgamma(x: f32) -> f32 {
    if x.is_nan() {
        return x;
    }
    if is_pole(x) {
        return f32::INFINITY;
    }
    if x.abs() <= 60.0 {
        let Gamma { log, over, under } = Gamma::of(x);
        return (log + log_wide(over) - log_wide(under.abs())).to_f32();
    }
    let magnitude = Wide::of(x.abs());
    let log = log_wide(magnitude);
    // Stirling's series; the constant is (log(2π) - 1) / 2.
    let gamma = (magnitude - Wide::HALF) * (log - Wide::ONE)
        + Wide::constant(0x6b3f_8e43, -2)
        + Wide::constant(0x5555_5555, -4) / magnitude;
    if x > 0.0 {
        return gamma.to_f32();
    }
    // Γ(x) Γ(-x) = -π / (x sin(πx)); the sine of what is left of x by twice the half angle.
    let half = Wide::of(x - round_even(x)) * HALF_PI;
    let sine = (quarter_sine(half, 0) * quarter_sine(half, 1)).scale(1);
    (log_wide(PI / sine.abs()) - log - gamma).to_f32()
}

/// The number nearest to the `f64` with these bits, without a conversion that nothing else needs.
pub fn from_f64_bits(bits: u64) -> f32 {
    let mantissa = bits << 11 | 1 << 63;
    let magnitude = match (bits >> 52) as i32 & 0x7ff {
        0x7ff if mantissa << 1 != 0 => f32::NAN,
        0x7ff => f32::INFINITY,
        exponent => convert::from_scaled(mantissa, exponent - 1023 - 63),
    };
    if bits >> 63 != 0 { -magnitude } else { magnitude }
}

/// The integer part.
pub fn trunc(x: f32) -> f32 {
    // Beyond this all numbers are whole, or none.
    if x.abs() < 8_388_608.0 { (x as i32 as f32).copysign(x) } else { x }
}

/// The greatest integer that is not greater.
pub fn floor(x: f32) -> f32 {
    let whole = trunc(x);
    if whole > x { whole - 1.0 } else { whole }
}

/// The least integer that is not less.
pub fn ceil(x: f32) -> f32 {
    -floor(-x)
}

/// The nearest integer, ties to even.
pub fn round_even(x: f32) -> f32 {
    // Adding this number leaves no bits for a fraction.
    let magic = 8_388_608.0f32.copysign(x);
    if x.abs() < 8_388_608.0 { (x + magic - magic).copysign(x) } else { x }
}

/// The remainder of `x / y` with the sign of `x`.
pub fn fmod(x: f32, y: f32) -> f32 {
    if y == 0.0 || !x.is_finite() || y.is_nan() {
        return f32::NAN;
    }
    if y.is_infinite() {
        return x;
    }
    let ((a, mut from), (b, to)) = (x.decompose(), y.decompose());
    let (a, b) = (a as u32, b as u32);
    if from < to {
        return x;
    }
    let mut remainder = a % b;
    while from > to {
        let step = (from - to).min(8);
        remainder = (remainder << step) % b;
        from -= step;
    }
    Wide::new(remainder.into(), to).to_f32().copysign(x)
}

/// `x * 2**exponent`
pub fn ldexp(x: f32, exponent: i32) -> f32 {
    if x.is_nan() { x } else { Wide::of(x).scale(exponent).to_f32().copysign(x) }
}

/// The `m` in `0.5 <= abs(m) < 1` and `e` with `x == m * 2**e`; the number is finite and not zero.
pub fn frexp(x: f32) -> (f32, i32) {
    let magnitude = Wide::of(x.abs());
    (magnitude.significand().scale(-1).to_f32().copysign(x), magnitude.log() + 1)
}
