//! Floats as text, conversion, rounding, and Python's arithmetic of floats.

extern crate std;

use core::cmp::Ordering;
use core::fmt;
use std::string::{String, ToString};
use std::vec;

use super::unmetered;
use super::vectors::{DIVIDED, FLOATS, INTS, ROUNDED, TRUE_QUOTIENTS};
use super::{Big, Rng};
use crate::num::convert;
use crate::num::float;
use crate::num::real::Real;
use crate::num::spec::{FormatError, FormatSpec, IntKind};
use crate::num::{Write, intfmt, limbs, radix};

impl Write for String {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

pub(super) fn text(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
    let mut out = String::new();
    write(&mut out).unwrap();
    out
}

fn format_float(spec: &str, value: f64) -> Result<String, FormatError> {
    let spec = FormatSpec::parse(spec)?;
    spec.check_float()?;
    Ok(text(|w| float::write_float(w, &spec, value)))
}

fn format_int(spec: &str, value: i128) -> Result<String, FormatError> {
    let spec = FormatSpec::parse(spec)?;
    let a = Big::of(value);
    match spec.check_int()? {
        IntKind::Digits { base, upper } => {
            let mut digits = vec![0; radix::digits_len(limbs::bit_length(&a.limbs), base)];
            let mut scratch = vec![0; a.limbs.len()];
            let start =
                unmetered(|m| radix::to_digits(&mut digits, &a.limbs, &mut scratch, base, m));
            let digits = &digits[start..];
            Ok(text(|w| intfmt::write_int(w, &spec, a.negative, digits, base, upper)))
        }
        IntKind::Float => {
            let value: f64 = convert::to_float(a.int());
            Ok(text(|w| float::write_float(w, &spec, value)))
        }
        IntKind::Char => Ok(char::from_u32(value as u32).unwrap().to_string()),
    }
}

/// Equal, or both NaN; zeros of unlike sign differ.
#[track_caller]
fn assert_same(got: f64, expected: f64) {
    let same = got == expected && got.is_sign_negative() == expected.is_sign_negative();
    assert!(same || got.is_nan() && expected.is_nan(), "{got:?} instead of {expected:?}");
}

#[test]
fn floats_are_formatted_as_cpython_does() {
    for &(spec, value, expected) in FLOATS {
        assert_eq!(format_float(spec, value).as_deref(), Ok(expected), "{value:?} as {spec:?}");
    }
}

#[test]
fn integers_are_formatted_as_cpython_does() {
    for &(spec, value, expected) in INTS {
        assert_eq!(format_int(spec, value).as_deref(), Ok(expected), "{value:?} as {spec:?}");
    }
}

#[test]
fn the_percent_operator_may_ask_for_a_least_number_of_digits() {
    let spec = FormatSpec { precision: Some(5), width: 8, ..FormatSpec::default() };
    let write = |spec: &FormatSpec, negative, base, upper| {
        text(|w| intfmt::write_int(w, spec, negative, b"2a", base, upper))
    };
    assert_eq!(write(&spec, true, 16, false), "  -0002a");
    let spec = FormatSpec { alternate: true, width: 0, ..spec };
    assert_eq!(write(&spec, false, 16, true), "0X0002A");
}

#[test]
fn any_precision_is_written_out_in_bounded_memory() {
    let thousand = format_float(".1200f", 0.1).unwrap();
    assert_eq!(thousand.len(), 1202);
    assert!(thousand.starts_with("0.1000000000000000055511151231257827"));
    let longest = format_float(".2000f", 5e-324).unwrap();
    assert_eq!(longest.trim_end_matches('0').len(), 1076);
    assert_eq!(format_float(".900e", 1e300).unwrap().len(), 907);
    assert_eq!(format_float(".100000g", 0.5).as_deref(), Ok("0.5"));
    assert_eq!(format_float("#.1000g", 0.5).unwrap().len(), 1002);
    assert_eq!(format_float(".70000f", 1.5).unwrap().len(), 70002);
}

#[test]
fn single_precision_has_its_own_shortest_texts() {
    for (value, expected) in [
        (0.1f32, "0.1"),
        (1.0 / 3.0, "0.33333334"),
        (16777216.0, "16777216.0"),
        (3.4028235e38, "3.4028235e+38"),
        (1e-45, "1e-45"),
        (1e16, "1e+16"),
    ] {
        assert_eq!(text(|w| float::write_repr(w, value)), expected);
        assert_eq!(float::parse::<f32>(expected), Some(value));
    }
}

#[test]
fn a_repr_is_read_back_as_the_same_number() {
    let mut rng = Rng(31);
    for _ in 0..20_000 {
        let value = f64::from_bits(rng.next());
        if value.is_nan() {
            continue;
        }
        assert_same(float::parse(&text(|w| float::write_repr(w, value))).unwrap(), value);
        let single = f32::from_bits(rng.next() as u32);
        if !single.is_nan() {
            assert_eq!(float::parse(&text(|w| float::write_repr(w, single))), Some(single));
        }
    }
}

#[test]
fn float_text_follows_the_grammar_of_python() {
    for (text, value) in [
        ("1", 1.0),
        (" 1.5\n", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.5e3", -500.0),
        ("+1E-2", 0.01),
        ("InFinity", f64::INFINITY),
        ("-inf", f64::NEG_INFINITY),
        ("nan", f64::NAN),
        ("1e99999999999999999999", f64::INFINITY),
        ("1e-99999999999999999999", 0.0),
        ("00012", 12.0),
        ("1_0.0_1e1_0", 1.001e11),
    ] {
        assert_same(float::parse(text).unwrap(), value);
    }
    for text in [
        "", ".", "e5", "1e", "1e+", "1e1.", "_1", "1_", "1__0", "1_.0", "1e_1", "0x1", "1 2",
        "--1", "infinit", "1.5.2", "1f",
    ] {
        assert_eq!(float::parse::<f64>(text), None, "{text:?}");
    }
}

#[test]
fn a_bad_specification_is_named() {
    let check = |spec: &str, message: &str| {
        let error = FormatSpec::parse(spec).and_then(|spec| spec.check_int()).unwrap_err();
        assert_eq!(text(|w| error.write(w)), message, "{spec:?}");
    };
    for spec in ["5d5", "99999999999999999999", ".f", ",_", ",,"] {
        check(spec, "invalid format specifier");
    }
    check(",x", "separator not allowed in integer format specifier");
    check("_c", "separator not allowed in character format specifier");
    check("s", "unknown format code 's' for object of type 'int'");
    check(".3d", "precision not allowed in integer format specifier");
    check("+c", "sign not allowed in character format specifier");
    check("#c", "alternate form not allowed in character format specifier");
    let check = |spec: &str, message: &str| {
        let error = FormatSpec::parse(spec).and_then(|spec| spec.check_str()).unwrap_err();
        assert_eq!(text(|w| error.write(w)), message, "{spec:?}");
    };
    check("d", "unknown format code 'd' for object of type 'str'");
    check("+", "sign not allowed in string format specifier");
    check("=5", "'=' not allowed in string format specifier");
    check("#", "alternate form not allowed in string format specifier");
    check(",", "separator not allowed in string format specifier");
    assert!(FormatSpec::parse("d").unwrap().check_float().is_err());
    assert_eq!(FormatSpec::parse("é"), Err(FormatError::Invalid));
}

#[test]
fn a_full_buffer_ends_the_writing() {
    struct Full(usize);
    impl Write for Full {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0 = self.0.checked_sub(text.len()).ok_or(fmt::Error)?;
            Ok(())
        }
    }
    let spec = FormatSpec::parse("1000000000000,.50f").unwrap();
    assert!(float::write_float(&mut Full(100), &spec, 1e300).is_err());
}

#[test]
fn floats_are_rounded_as_cpython_does() {
    for &(value, digits, expected) in ROUNDED {
        assert_same(float::round(value, digits).unwrap(), expected);
    }
    assert_eq!(float::round(1.7e308, -308), None);
    assert_same(float::round(f64::NAN, 2).unwrap(), f64::NAN);
    assert_eq!(float::round(f64::INFINITY, isize::MIN), Some(f64::INFINITY));
    assert_eq!(float::round(1.5, isize::MAX), Some(1.5));
    assert_eq!(float::round(2.25f32, 1), Some(2.2));
}

#[test]
fn floats_are_divided_as_cpython_does() {
    for &(x, y, quotient, remainder) in DIVIDED {
        let got = float::div_mod(x, y).unwrap();
        assert_same(got.0, quotient);
        assert_same(got.1, remainder);
    }
    assert_eq!(float::div_mod(1.0, -0.0), None);
}

#[test]
fn integers_become_the_nearest_float() {
    let mut rng = Rng(32);
    for _ in 0..20_000 {
        let value = (u128::from(rng.next()) << 64 | u128::from(rng.next())) >> rng.below(128);
        let value = value as i128;
        assert_eq!(convert::to_float::<f64>(Big::of(value).int()), value as f64, "{value}");
        assert_eq!(convert::to_float::<f32>(Big::of(value).int()), value as f32, "{value}");
    }
    let one = Big::of(1);
    let largest = one.shl(1024).sub(&one.shl(1024 - 53));
    assert_eq!(convert::to_float::<f64>(largest.int()), f64::MAX);
    let half = one.shl(1024 - 54);
    assert_eq!(convert::to_float::<f64>(largest.add(&half).int()), f64::INFINITY);
    assert_eq!(convert::to_float::<f64>(largest.add(&half).sub(&one).int()), f64::MAX);
    assert_eq!(convert::to_float::<f64>(one.shl(5000).int()), f64::INFINITY);
    assert_eq!(convert::to_float::<f32>(one.shl(128).int()), f32::INFINITY);
}

#[test]
fn floats_become_their_integer_part() {
    let mut rng = Rng(33);
    let to_int = |value: f64| {
        let mut memory = [0xdead_beef; convert::MAX_FLOAT_LIMBS];
        let len = convert::from_float(&mut memory, value);
        Big::new(value < 0.0, &memory[..len])
    };
    for _ in 0..20_000 {
        let value = (rng.next() as i64) as f64 / f64::from(1 << rng.below(31));
        assert_eq!(to_int(value), Big::of(value as i128));
        let large = f64::from_bits(rng.next());
        if large.abs() >= 1.0 && large.is_finite() {
            assert_eq!(convert::to_float::<f64>(to_int(large).int()), large.trunc());
        }
    }
    assert_eq!(to_int(f64::MAX).limbs.len(), 32);
}

#[test]
fn integers_and_floats_are_compared_exactly() {
    let large = Big::of((1 << 53) + 1);
    assert_eq!(convert::compare(large.int(), 9007199254740992.0), Some(Ordering::Greater));
    assert_eq!(convert::compare(large.int(), 9007199254740994.0), Some(Ordering::Less));
    for (a, value, order) in [
        (0, -0.0, Ordering::Equal),
        (1, 1.5, Ordering::Less),
        (-1, -1.5, Ordering::Greater),
        (0, -0.5, Ordering::Greater),
        (5, f64::INFINITY, Ordering::Less),
        (5, f64::NEG_INFINITY, Ordering::Greater),
        (1 << 100, 1e30, Ordering::Greater),
    ] {
        assert_eq!(convert::compare(Big::of(a).int(), value), Some(order), "{a} and {value}");
    }
    assert_eq!(convert::compare(Big::of(0).int(), f64::NAN), None);
}

#[test]
fn quotients_of_integers_are_rounded_once() {
    for &(a, s, c, b, t, d, expected) in TRUE_QUOTIENTS {
        let a = Big::of(a).shl(s).add(&Big::of(c));
        let b = Big::of(b).shl(t).add(&Big::of(d));
        let mut scratch = vec![7; convert::true_divide_scratch_len(b.limbs.len())];
        let quotient = unmetered(|m| convert::true_divide(a.int(), b.int(), &mut scratch, m));
        assert_same(quotient, expected);
    }
}

#[test]
fn decomposed_floats_are_their_mantissa_times_a_power_of_two() {
    let check = |value: f64| {
        let (mantissa, exponent) = value.decompose();
        assert_eq!(f64::from_u64(mantissa).ldexp(exponent), value.abs());
    };
    [0.0, -1.5, 5e-324, f64::MAX, f64::MIN_POSITIVE].into_iter().for_each(check);
    assert_eq!(1.0f32.decompose(), (1 << 23, -23));
}
