//! The functions of `math` and `cmath`, and complex numbers.

extern crate std;

use super::Big;
use super::floats::text;
use super::vectors::{CMATH, COMPLEX, MATH};
use crate::num::complex::PowError;
use crate::num::complex::{self, Complex};
use crate::num::spec::{FormatError, FormatSpec};
use crate::num::{Real, math};

type Unary = fn(f64) -> f64;

fn function(name: &str) -> Unary {
    match name {
        "sqrt" => Real::sqrt,
        "exp" => Real::exp,
        "expm1" => Real::expm1,
        "log" => Real::log,
        "log2" => Real::log2,
        "log10" => Real::log10,
        "log1p" => Real::log1p,
        "sin" => Real::sin,
        "cos" => Real::cos,
        "tan" => Real::tan,
        "asin" => Real::asin,
        "acos" => Real::acos,
        "atan" => Real::atan,
        "sinh" => Real::sinh,
        "cosh" => Real::cosh,
        "tanh" => Real::tanh,
        "asinh" => Real::asinh,
        "acosh" => math::acosh,
        "atanh" => Real::atanh,
        "erf" => Real::erf,
        "erfc" => Real::erfc,
        "gamma" => Real::gamma,
        "lgamma" => Real::lgamma,
        _ => panic!("no function {name}"),
    }
}

/// Whether `got` is within a few units of the last place of a number of the size of `scale`.
#[track_caller]
fn assert_near(got: f64, expected: f64, scale: f64, what: &str) {
    let allowed = scale.abs() * 4e-15;
    assert!((got - expected).abs() <= allowed, "{what}: {got:?} instead of {expected:?}");
}

#[test]
fn functions_agree_with_cpython() {
    for &(name, x, expected) in MATH {
        let got = function(name)(x);
        // The logarithm of the gamma function has roots, near which neither side is exact.
        let scale = if name == "lgamma" { expected.abs().max(1.0) } else { expected };
        assert_near(got, expected, scale, name);
    }
}

#[test]
fn complex_functions_agree_with_cpython() {
    for &(name, re, im, expected_re, expected_im) in CMATH {
        let z = Complex::new(re, im);
        let got = match name {
            "exp" => z.exp(),
            "log" => z.log(),
            "log10" => z.log10(),
            "sqrt" => z.sqrt(),
            "sin" => z.sin(),
            "cos" => z.cos(),
            _ => panic!("no function {name}"),
        };
        let size = expected_re.hypot(expected_im);
        assert_near(got.re, expected_re, size, name);
        assert_near(got.im, expected_im, size, name);
        // The branch cuts lie on the right side: zeros have the right sign.
        assert_eq!(got.im.is_sign_negative(), expected_im.is_sign_negative(), "{name} {z:?}");
    }
}

#[test]
fn what_no_argument_explains_is_an_error() {
    let inf = f64::INFINITY;
    for (name, x) in [
        ("sqrt", -1.0),
        ("exp", 1000.0),
        ("cosh", 1000.0),
        ("log", 0.0),
        ("log2", -1.0),
        ("log1p", -1.0),
        ("sin", inf),
        ("acos", 1.5),
        ("acosh", -100_000.0),
        ("atanh", 1.0),
        ("gamma", 0.0),
        ("gamma", -2.0),
        ("gamma", -200.0),
        ("gamma", -inf),
        ("gamma", 172.0),
        ("lgamma", -3.0),
        ("lgamma", 1e308),
    ] {
        assert!(!math::is_explained(function(name)(x), x, x), "{name}({x})");
    }
    for (name, x, value) in [
        ("exp", inf, inf),
        ("exp", -inf, 0.0),
        ("log", inf, inf),
        ("lgamma", -inf, inf),
        ("gamma", inf, inf),
        ("erf", -inf, -1.0),
        ("tanh", inf, 1.0),
    ] {
        assert_eq!(function(name)(x), value, "{name}({x})");
        assert!(math::is_explained(value, x, x), "{name}({x})");
        let nan = function(name)(f64::NAN);
        assert!(nan.is_nan() && math::is_explained(nan, nan, nan));
    }
}

#[test]
fn functions_of_two_numbers_have_the_errors_of_python() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let checked = |function: fn(f64, f64) -> f64, x, y| {
        let value = function(x, y);
        math::is_explained(value, x, y).then_some(value)
    };
    assert_eq!(checked(Real::pow, 0.0, -1.0), None);
    assert_eq!(checked(Real::pow, 0.0, -inf), Some(inf));
    assert_eq!(checked(Real::pow, -1.0, 0.5), None);
    assert_eq!(checked(Real::pow, 1e200, 2.0), None);
    assert_eq!(checked(Real::pow, nan, 0.0), Some(1.0));
    assert_eq!(checked(Real::pow, 1.0, nan), Some(1.0));
    assert_eq!(checked(Real::fmod, 5.0, 0.0), None);
    assert_eq!(checked(Real::fmod, inf, 2.0), None);
    assert_eq!(checked(Real::fmod, -5.0, inf), Some(-5.0));
    assert!(checked(Real::fmod, inf, nan).unwrap().is_nan());
    assert_eq!(math::ldexp(1.0, i64::MAX), inf);
    assert_eq!(math::ldexp(1.0, i64::MIN), 0.0);
    assert_eq!(math::ldexp(5e-324, 2000), 5e-324 * 2f64.powi(1000) * 2f64.powi(1000));
    assert_eq!(math::ldexp(0.0, i64::MAX), 0.0);
}

#[test]
fn floats_are_taken_apart() {
    assert_eq!(math::frexp(-6.0), (-0.75, 3));
    assert_eq!(math::frexp(0.0), (0.0, 0));
    assert_eq!(math::frexp(f64::INFINITY), (f64::INFINITY, 0));
    assert_eq!(math::modf(-2.5), (-0.5, -2.0));
    assert!(math::modf(-2.0f64).0.is_sign_negative());
    assert_eq!(math::modf(f64::INFINITY), (0.0, f64::INFINITY));
    assert_eq!(math::degrees(math::radians(90.0)), 90.0);
    assert!(math::isclose(1.0, 1.0 + 1e-10, 1e-9, 0.0));
    assert!(!math::isclose(1.0, 1.1, 1e-9, 0.0));
    assert!(!math::isclose(f64::INFINITY, 1.0, 1.0, 1.0));
}

#[test]
fn logarithms_of_integers_have_no_limit() {
    let large = Big::of(10).pow(5000);
    let log: f64 = math::log_int(large.int(), Real::log10);
    assert!((log - 5000.0).abs() < 1e-9, "{log}");
    assert_eq!(math::log_int(Big::of(1).shl(4096).int(), f64::log2), 4096.0);
    assert_eq!(math::log_int(Big::of(8).int(), f64::log2), 3.0);
    assert_eq!(math::log_int::<f64>(Big::of(0).int(), Real::log), f64::NEG_INFINITY);
    assert!(math::log_int::<f64>(Big::of(-1).shl(4096).int(), Real::log).is_nan());
}

#[test]
fn complex_numbers_are_formatted_as_cpython_does() {
    for &(spec, re, im, expected) in COMPLEX {
        let spec = FormatSpec::parse(spec).unwrap();
        spec.check_complex().unwrap();
        let got = text(|w| complex::write_complex(w, &spec, Complex::new(re, im)));
        assert_eq!(got, expected);
    }
    let check = |spec| FormatSpec::parse(spec).unwrap().check_complex();
    assert_eq!(check("08"), Err(FormatError::NotAllowed("zero padding", "complex")));
    assert_eq!(check("=8"), Err(FormatError::NotAllowed("'='", "complex")));
    assert_eq!(check("%"), Err(FormatError::UnknownCode('%', "complex")));
}

#[test]
fn complex_text_follows_the_grammar_of_python() {
    for (source, re, im) in [
        ("1", 1.0, 0.0),
        ("j", 0.0, 1.0),
        ("-J", 0.0, -1.0),
        ("1.2j", 0.0, 1.2),
        (" -1-2j ", -1.0, -2.0),
        ("1+j", 1.0, 1.0),
        ("(1e5-1e-5j)", 1e5, -1e-5),
        ("( 1e+5j )", 0.0, 1e5),
        ("infj", 0.0, f64::INFINITY),
    ] {
        assert_eq!(complex::parse(source), Some(Complex::new(re, im)), "{source:?}");
    }
    for source in ["", "1+2", "1j+2", "1+2j+3", "1+2+3j", "1 + 2j", "(1", "()", "e", "ej", "1jj"] {
        assert_eq!(complex::parse::<f64>(source), None, "{source:?}");
    }
}

#[test]
fn complex_arithmetic_has_the_errors_of_python() {
    let c = |re: f64, im: f64| Complex::new(re, im);
    assert_eq!(c(1.0, 2.0) * c(3.0, -1.0), c(5.0, 5.0));
    assert_eq!(c(-4.0, 2.0).divide(c(0.0, 2.0)), Some(c(1.0, 2.0)));
    assert_eq!(c(0.0, 1.0).divide(c(0.0, 0.0)), None);
    assert_eq!(c(0.0, 1.0).pow(c(2.0, 0.0)), Ok(c(-1.0, 0.0)));
    assert_eq!(c(0.0, 0.0).pow(c(0.0, 0.0)), Ok(c(1.0, 0.0)));
    assert_eq!(c(0.0, 0.0).pow(c(-1.0, 0.0)), Err(PowError::ZeroDivision));
    assert_eq!(c(0.0, 0.0).pow(c(0.0, 1.0)), Err(PowError::ZeroDivision));
    assert_eq!(c(1e200, 0.0).pow(c(2.0, 0.0)), Err(PowError::Overflow));
    assert_eq!(c(3.0, -4.0).abs(), 5.0);
    assert!(!c(0.0, 0.0).log().is_finite());
    assert!(!c(1000.0, 1.0).exp().is_finite());
}
