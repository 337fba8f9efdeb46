//! Complex numbers: arithmetic, the functions of `cmath`, and their text.
//!
//! Source: Python Library Reference, "cmath" and "Numeric Types"; the branch cuts are those named
//! there. The inverse functions follow Kahan, "Branch cuts for complex elementary functions" (1987).
//! Arguments that are infinite or NaN give what the formulas give.

use core::fmt;

use super::Write;
use core::ops::{Add, Mul, Neg, Sub};

use super::float;
use super::real::Real;
use super::spec::{Align, FormatSpec, Sign, margins, repeat};

/// Why a power has no number as its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowError {
    /// Zero to a power that is negative or not real: a `ZeroDivisionError`.
    ZeroDivision,
    /// Too large: an `OverflowError`.
    Overflow,
}

/// A complex number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complex<F> {
    /// The real part.
    pub re: F,
    /// The imaginary part.
    pub im: F,
}

impl<F: Real> Add for Complex<F> {
    type Output = Self;

    fn add(self, rhs: Self) -> Self {
        Complex::new(self.re + rhs.re, self.im + rhs.im)
    }
}

impl<F: Real> Sub for Complex<F> {
    type Output = Self;

    fn sub(self, rhs: Self) -> Self {
        Complex::new(self.re - rhs.re, self.im - rhs.im)
    }
}

impl<F: Real> Mul for Complex<F> {
    type Output = Self;

    fn mul(self, rhs: Self) -> Self {
        Complex::new(self.re * rhs.re - self.im * rhs.im, self.re * rhs.im + self.im * rhs.re)
    }
}

impl<F: Real> Neg for Complex<F> {
    type Output = Self;

    fn neg(self) -> Self {
        Complex::new(-self.re, -self.im)
    }
}

impl<F: Real> Complex<F> {
    /// `re + im * 1j`
    pub fn new(re: F, im: F) -> Self {
        Complex { re, im }
    }

    /// The number at this distance from the origin and this angle in radians.
    pub fn rect(r: F, phi: F) -> Self {
        // An angle of exactly zero keeps its sign, and infinity times zero does not come up.
        if phi == F::ZERO {
            return Complex::new(r, r * phi);
        }
        Complex::new(r * phi.cos(), r * phi.sin())
    }

    /// `self / rhs`, or `None` if `rhs` is zero (a `ZeroDivisionError`).
    pub fn divide(self, rhs: Self) -> Option<Self> {
        let (mut a, mut b) = (self, rhs);
        // Smith's method: dividing by the larger part first avoids overflow.
        if b.re.abs() < b.im.abs() {
            [a, b] = [a, b].map(|z| Complex::new(z.im, -z.re));
        }
        if b.re == F::ZERO {
            return None;
        }
        let ratio = b.im / b.re;
        let denominator = b.re + b.im * ratio;
        let re = (a.re + a.im * ratio) / denominator;
        Some(Complex::new(re, (a.im - a.re * ratio) / denominator))
    }

    /// `self ** exponent`.
    ///
    /// # Errors
    /// - [`PowError::ZeroDivision`]: zero to a power that is negative or not real.
    /// - [`PowError::Overflow`]: the value is too large.
    pub fn pow(self, exponent: Self) -> Result<Self, PowError> {
        let hundred = F::from_f64(100.0);
        let power = if self.re == F::ZERO && self.im == F::ZERO {
            if exponent.im != F::ZERO || exponent.re < F::ZERO {
                return Err(PowError::ZeroDivision);
            }
            Complex::new(if exponent.re == F::ZERO { F::ONE } else { F::ZERO }, F::ZERO)
        } else if cfg!(feature = "extra")
            && exponent.im == F::ZERO
            && exponent.re.abs() <= hundred
            && exponent.re.trunc() == exponent.re
        {
            let n = exponent.re.to_i32();
            let power = self.power(n.unsigned_abs());
            let one = Complex::new(F::ONE, F::ZERO);
            if n < 0 { one.divide(power).ok_or(PowError::ZeroDivision)? } else { power }
        } else if cfg!(feature = "extra") {
            let (r, phi) = (self.abs(), self.phase());
            let (mut length, mut angle) = (r.pow(exponent.re), phi * exponent.re);
            if exponent.im != F::ZERO {
                length = length * (-phi * exponent.im).exp();
                angle = angle + exponent.im * r.log();
            }
            Complex::new(length * angle.cos(), length * angle.sin())
        } else {
            (self.log() * exponent).exp()
        };
        if !power.is_finite() && self.is_finite() && exponent.is_finite() {
            Err(PowError::Overflow)
        } else {
            Ok(power)
        }
    }

    /// The `n`th power by repeated squaring.
    fn power(self, n: u32) -> Self {
        let mut result = Complex::new(F::ONE, F::ZERO);
        let mut square = self;
        for bit in 0..u32::BITS - n.leading_zeros() {
            if bit != 0 {
                square = square * square;
            }
            if n >> bit & 1 != 0 {
                result = result * square;
            }
        }
        result
    }

    /// The distance from the origin; infinite if too large (an `OverflowError` for finite parts).
    pub fn abs(self) -> F {
        let square = self.re * self.re + self.im * self.im;
        // Where the square keeps its precision the plain way is as good.
        let plain = F::from_f64(1e-30) < square && square < F::from_f64(1e30);
        if cfg!(feature = "extra") && plain { square.sqrt() } else { self.re.hypot(self.im) }
    }

    /// The angle in radians, in -π to π.
    pub fn phase(self) -> F {
        self.im.atan2(self.re)
    }

    /// Whether both parts are neither infinite nor NaN.
    pub fn is_finite(self) -> bool {
        self.re.is_finite() && self.im.is_finite()
    }

    /// e to the power of `self`, infinite if that is too large.
    pub fn exp(self) -> Self {
        let (scale, rest) = split_exp(self.re);
        let unit = Complex::rect(scale, self.im);
        Complex::new(unit.re * rest, unit.im * rest)
    }

    /// The natural logarithm, infinite for zero; the branch cut runs from 0 to minus infinity.
    pub fn log(self) -> Self {
        let (large, small) = {
            let (x, y) = (self.re.abs(), self.im.abs());
            if x >= y { (x, y) } else { (y, x) }
        };
        let half = F::from_f64(0.5);
        let r = self.abs();
        let re = if !cfg!(feature = "extra") {
            r.log()
        } else if r > F::from_f64(0.7) && r < F::from_f64(1.8) {
            // Near 1 the distance has lost what the logarithm needs.
            half * ((large - F::ONE) * (large + F::ONE) + small * small).log1p()
        } else if r.is_infinite() && self.is_finite() {
            (self.re * half).hypot(self.im * half).log() + F::from_f64(2.0).log()
        } else {
            r.log()
        };
        Complex::new(re, self.phase())
    }

    /// The logarithm to base 10, with the value for zero and the cut of [`Complex::log`].
    pub fn log10(self) -> Self {
        let log = self.log();
        let ten = F::from_f64(10.0).log();
        Complex::new(log.re / ten, log.im / ten)
    }

    /// The square root with a real part that is not negative; the cut is that of [`Complex::log`].
    pub fn sqrt(self) -> Self {
        if !cfg!(feature = "extra") {
            return Complex::rect(self.abs().sqrt(), self.phase() * F::from_f64(0.5));
        }
        let Complex { re, im } = self;
        if im.is_infinite() {
            return Complex::new(F::INFINITY, im);
        }
        if re == F::ZERO && im == F::ZERO {
            return Complex::new(F::ZERO, im);
        }
        // Scaling by a power of four keeps the distance in range and the result exact.
        let scale = match re.abs() >= F::ONE || im.abs() >= F::ONE {
            true => -4,
            false => 2 * F::MANTISSA_BITS as i32,
        };
        let (x, y) = (re.abs().ldexp(scale), im.abs().ldexp(scale));
        let half = F::from_f64(0.5);
        let large = ((x + x.hypot(y)) * half).sqrt();
        let small = if large.is_infinite() { F::ZERO } else { y * half / large };
        let (large, small) = (large.ldexp(-scale / 2), small.ldexp(-scale / 2));
        match re >= F::ZERO {
            true => Complex::new(large, small.copysign(im)),
            false => Complex::new(small, large.copysign(im)),
        }
    }

    /// The sine, infinite if it is too large.
    pub fn sin(self) -> Self {
        let (sinh, cosh, rest) = split_hyperbolic(self.im);
        Complex::new(cosh * self.re.sin() * rest, sinh * self.re.cos() * rest)
    }

    /// The cosine, infinite if it is too large.
    pub fn cos(self) -> Self {
        let (sinh, cosh, rest) = split_hyperbolic(self.im);
        Complex::new(cosh * self.re.cos() * rest, -sinh * self.re.sin() * rest)
    }
}

/// Two factors of `exp(x)`, the first of which is finite where the value times a sine may be.
fn split_exp<F: Real>(x: F) -> (F, F) {
    let limit = F::from_f64(f64::from(F::MAX_EXPONENT - 2) * core::f64::consts::LN_2);
    if cfg!(feature = "extra") && x > limit {
        ((x - F::ONE).exp(), F::ONE.exp())
    } else {
        (x.exp(), F::ONE)
    }
}

/// `sinh(x)` and `cosh(x)`, both to be multiplied by a common factor.
fn split_hyperbolic<F: Real>(x: F) -> (F, F, F) {
    match split_exp(x.abs()) {
        (_, rest) if rest == F::ONE => (x.sinh(), x.cosh(), rest),
        (large, rest) => {
            let half = large * F::from_f64(0.5);
            (half.copysign(x), half, rest)
        }
    }
}

/// Reads a complex number: `[white space][(]` and a real part, an imaginary part with `j` after it,
/// or both with a sign between `[)][white space]`. `None` if it is none.
pub fn parse<F: Real>(text: &(impl AsRef<[u8]> + ?Sized)) -> Option<Complex<F>> {
    let mut text = text.as_ref().trim_ascii();
    if cfg!(feature = "extra")
        && let [b'(', inner @ .., b')'] = text
    {
        text = inner.trim_ascii();
    }
    let [text @ .., b'j' | b'J'] = text else {
        return Some(Complex::new(super::parse::parse(text)?, F::ZERO));
    };
    // The imaginary part begins with the last sign that is not the sign of an exponent.
    let starts = |&i: &usize| {
        matches!(text[i], b'+' | b'-') && (i == 0 || !matches!(text[i - 1], b'e' | b'E'))
    };
    let (re, im) = text.split_at((0..text.len()).rev().find(starts).unwrap_or(0));
    let re = if re.is_empty() { F::ZERO } else { super::parse::parse(re)? };
    let im = match im {
        b"" | b"+" => F::ONE,
        b"-" => -F::ONE,
        _ => super::parse::parse(im)?,
    };
    Some(Complex::new(re, im))
}

/// Writes `repr(z)`: `2j`, `(1+2j)`, `(-0-nanj)`.
///
/// # Errors
/// Those of `w`.
pub fn write_repr<F: Real>(w: &mut dyn Write, z: Complex<F>) -> fmt::Result {
    write_parts(w, &FormatSpec::PLAIN, z)
}

/// Writes a complex number in the format mini-language. The specification has passed
/// [`FormatSpec::check_complex`].
///
/// # Errors
/// Those of `w`.
pub fn write_complex<F: Real>(w: &mut dyn Write, spec: &FormatSpec, z: Complex<F>) -> fmt::Result {
    let mut counter = Counter(0);
    write_parts(&mut counter, spec, z)?;
    let (left, right) = margins(spec, spec.alignment(Align::Right), counter.0);
    repeat(w, spec.filling(), left)?;
    write_parts(w, spec, z)?;
    repeat(w, spec.filling(), right)
}

/// Writes the number without its field.
fn write_parts<F: Real>(w: &mut dyn Write, spec: &FormatSpec, z: Complex<F>) -> fmt::Result {
    let mut part = FormatSpec { width: 0, ..*spec };
    // Without a type a real part of zero is left out, and parentheses hold two parts together.
    let parentheses = spec.kind.is_none();
    let only_im = parentheses && z.re == F::ZERO && !z.re.is_sign_negative();
    if !only_im {
        if parentheses {
            w.write_char('(')?;
        }
        float::write_styled(w, &part, z.re, false)?;
        part.sign = Sign::Plus;
    }
    float::write_styled(w, &part, z.im, false)?;
    w.write_str(if parentheses && !only_im { "j)" } else { "j" })
}

/// Counts ASCII characters instead of writing them.
struct Counter(usize);

impl Write for Counter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}
