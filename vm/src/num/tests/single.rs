//! The functions of single precision, against those of `libm` in double precision.

extern crate std;

use super::Rng;
use crate::num::single;

/// The distance of `got` from the true value in units of the last place of an `f32`.
fn units(got: f32, expected: f64) -> f64 {
    let nearest = expected as f32;
    if got == nearest || got.is_nan() && nearest.is_nan() {
        return 0.0;
    }
    // The spacing of floats at the true value; those beyond the largest are thought to go on.
    let exponent = (libm::ilogb(expected)).clamp(-126, 127) - 23;
    let got = if got.is_infinite() { 2f64.powi(128).copysign(got.into()) } else { got.into() };
    ((got - expected) / 2f64.powi(exponent)).abs()
}

/// Fails if the function is off by more than `allowed` units of the last place for one of many arguments.
fn check(name: &str, allowed: f64, single: fn(f32) -> f32, double: fn(f64) -> f64) {
    let mut rng = Rng(0x5eed);
    let (mut worst, mut at) = (0.0, 0.0);
    let mut try_one = |x: f32| {
        let off = units(single(x), double(x.into()));
        if off.is_nan() || off > worst {
            (worst, at) = (off, x);
        }
    };
    for &x in
        &[0.0, 1.0, 2.0, 0.5, 3.0, 1e-45, f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, f32::NAN]
    {
        try_one(x);
        try_one(-x);
    }
    for _ in 0..20_000 {
        // Any number at all, and numbers of common sizes.
        try_one(f32::from_bits(rng.next() as u32));
        try_one((rng.next() as i32) as f32 / 2f32.powi(rng.below(36) as i32));
    }
    assert!(worst <= allowed, "{name}({at:e}) is off by {worst} and {:e}", single(at));
}

#[test]
fn single_functions_are_right_to_the_last_place() {
    check("sqrt", 0.5, single::sqrt, libm::sqrt);
    check("exp", 0.8, single::exp, libm::exp);
    check("expm1", 0.8, single::expm1, libm::expm1);
    check("log", 0.55, single::log, libm::log);
    check("log2", 0.55, single::log2, libm::log2);
    check("log10", 0.55, single::log10, libm::log10);
    check("log1p", 0.55, single::log1p, libm::log1p);
    check("sin", 0.55, single::sin, libm::sin);
    check("cos", 0.55, single::cos, libm::cos);
    check("tan", 0.55, single::tan, libm::tan);
    check("asin", 0.55, single::asin, libm::asin);
    check("acos", 0.55, single::acos, libm::acos);
    check("atan", 0.55, single::atan, libm::atan);
    check("sinh", 0.8, single::sinh, libm::sinh);
    check("cosh", 0.8, single::cosh, libm::cosh);
    check("tanh", 0.55, single::tanh, libm::tanh);
    check("asinh", 0.55, single::asinh, libm::asinh);
    check("acosh", 0.55, single::acosh, |x| if x < 1.0 { f64::NAN } else { libm::acosh(x) });
    check("atanh", 0.55, single::atanh, libm::atanh);
    check("erf", 0.75, single::erf, libm::erf);
    check("erfc", 0.8, single::erfc, libm::erfc);
    check("gamma", 0.55, single::gamma, |x| if x == 0.0 { f64::NAN } else { libm::tgamma(x) });
    // Below zero the logarithm of the gamma function has roots, near which it is not exact.
    check(
        "lgamma",
        0.55,
        |x| if x < 0.0 { 0.0 } else { single::lgamma(x) },
        |x| if x < 0.0 { 0.0 } else { libm::lgamma(x) },
    );
    check("floor", 0.0, single::floor, libm::floor);
    check("ceil", 0.0, single::ceil, libm::ceil);
    check("trunc", 0.0, single::trunc, libm::trunc);
    check("round_even", 0.0, single::round_even, libm::rint);
}

#[test]
fn single_functions_of_two_numbers_are_right_to_the_last_place() {
    type Case = (&'static str, f64, fn(f32, f32) -> f32, fn(f64, f64) -> f64);
    let cases: [Case; 4] = [
        ("pow", 1.5, single::pow, libm::pow),
        ("atan2", 0.8, single::atan2, libm::atan2),
        ("hypot", 0.75, single::hypot, libm::hypot),
        ("fmod", 0.0, single::fmod, libm::fmod),
    ];
    for (name, allowed, single, double) in cases {
        let mut rng = Rng(0x5eed);
        let check = |x: f32, y: f32| {
            let off = units(single(x, y), double(x.into(), y.into()));
            assert!(off <= allowed, "{name}({x:e}, {y:e}) is off by {off}");
        };
        let (inf, tiny) = (f32::INFINITY, 1e-45);
        let special = [0.0, 1.0, 2.0, 0.5, 3.0, tiny, f32::MAX, inf, f32::NAN, 1e6, 1_000_001.0];
        for x in special {
            for y in special {
                for (x, y) in [(x, y), (-x, y), (x, -y), (-x, -y)] {
                    check(x, y);
                    let signs = (single(x, y), double(x.into(), y.into()));
                    assert!(
                        signs.1.is_nan()
                            || signs.0.is_sign_negative() == signs.1.is_sign_negative()
                    );
                }
            }
        }
        for _ in 0..50_000 {
            let mut any = || f32::from_bits(rng.next() as u32);
            check(any(), any());
            let mut common = || (rng.next() as i32) as f32 / 2f32.powi(rng.below(34) as i32);
            check(common(), common());
        }
    }
}

#[test]
fn single_floats_are_taken_apart_and_scaled() {
    for x in [1.0, -1.0, 0.5, -0.5, -f32::MIN_POSITIVE, -f32::MAX] {
        assert_eq!(single::frexp(x), libm::frexpf(x));
    }
    let mut rng = Rng(1);
    for _ in 0..20_000 {
        let x = f32::from_bits(rng.next() as u32);
        if x.is_finite() && x != 0.0 {
            assert_eq!(single::frexp(x), libm::frexpf(x));
        }
        let exponent = rng.below(600) as i32 - 300;
        let (got, expected) = (single::ldexp(x, exponent), libm::ldexp(x.into(), exponent) as f32);
        assert!(got.to_bits() == expected.to_bits() || x.is_nan(), "ldexp({x:e}, {exponent})");
    }
}

#[test]
fn doubles_are_rounded_to_single_floats() {
    let mut rng = Rng(2);
    for i in 0..20_000 {
        let any = f64::from_bits(rng.next());
        let common =
            f64::from(f32::from_bits(rng.next() as u32)) * (1.0 + f64::from(i % 7) / 2f64.powi(25));
        for x in [any, common, f64::INFINITY, f64::NAN, -0.0, 5e-324, 3.4028236e38, 1e-45, 0.7e-45]
        {
            let (got, expected) = (single::from_f64_bits(x.to_bits()), x as f32);
            assert!(got.to_bits() == expected.to_bits() || x.is_nan() && got.is_nan(), "{x:e}");
        }
    }
}
