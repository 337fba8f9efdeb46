//! Digits of floats against those of the standard library, which is exact too.

extern crate std;

use std::string::String;
use std::{format, vec::Vec};

use super::Rng;
use super::floats::text;
use crate::num::float;
use crate::num::real::Real;
use crate::num::spec::FormatSpec;

/// A finite float: any bits, or a number that people write.
fn any_float(rng: &mut Rng) -> f64 {
    loop {
        let value = match rng.below(4) {
            0 => rng.next() as f64 / 10f64.powi(rng.below(40) as i32),
            1 => (rng.below(2000) as f64 - 1000.0) / [1.0, 8.0, 10.0, 1000.0][rng.below(4)],
            2 => f64::from_bits(0x3ff0_0000_0000_0000 ^ rng.next() >> rng.below(64)),
            _ => f64::from_bits(rng.next()),
        };
        if value.is_finite() {
            return value;
        }
    }
}

fn write<F: Real>(kind: char, precision: usize, value: F) -> String {
    let spec = FormatSpec { kind: Some(kind), precision: Some(precision), ..FormatSpec::default() };
    text(|w| float::write_float(w, &spec, value))
}

/// Python's form of an exponent as the standard library writes it.
fn with_exponent(text: &str) -> String {
    let (digits, exponent) = text.split_once('e').unwrap();
    let exponent: i32 = exponent.parse().unwrap();
    format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

#[test]
fn digits_are_those_of_the_standard_library() {
    let mut rng = Rng(41);
    for _ in 0..5_000 {
        let value = any_float(&mut rng);
        let n = if rng.below(20) == 0 { rng.below(1100) } else { rng.below(20) };
        assert_eq!(write('f', n, value), format!("{value:.n$}"));
        assert_eq!(write('e', n, value), with_exponent(&format!("{value:.n$e}")));
        let value = value as f32;
        if value.is_finite() {
            assert_eq!(write('f', n, value), format!("{value:.n$}"));
            assert_eq!(write('e', n, value), with_exponent(&format!("{value:.n$e}")));
        }
    }
}

/// The digits and the exponent of a text such as `1.5e-07` or `0.00015`, without zeros around.
fn significant(text: &str) -> (String, i32) {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let digits = format!("{whole}{fraction}");
    let zeros = digits.len() - digits.trim_start_matches('0').len();
    let point = whole.len() as i32 - zeros as i32 + exponent.parse::<i32>().unwrap();
    (digits.trim_matches('0').into(), point)
}

#[test]
fn the_shortest_digits_are_as_many_as_those_of_the_standard_library() {
    let mut rng = Rng(42);
    let mut ties = 0;
    for _ in 0..30_000 {
        let value = any_float(&mut rng).abs();
        let (got, got_point) = significant(&text(|w| float::write_repr(w, value)));
        let (expected, point) = significant(&format!("{value:e}"));
        // Where two texts are equally near, Python takes the even one and `core` the greater.
        if got != expected {
            let number = |digits: &str| digits.parse::<u64>().unwrap();
            assert_eq!((got.len(), got_point), (expected.len(), point));
            assert_eq!(number(&got) + 1, number(&expected), "{value:e}");
            assert!(number(&got) % 2 == 0);
            ties += 1;
        }
        let single = f32::from_bits(rng.next() as u32 & (u32::MAX >> 1));
        if single.is_finite() {
            let (got, _) = significant(&text(|w| float::write_repr(w, single)));
            let (expected, _) = significant(&format!("{single:e}"));
            assert_eq!(got.len(), expected.len(), "{single:e}");
        }
    }
    assert!(ties < 100);
}

#[test]
fn text_is_read_as_the_standard_library_does() {
    let mut rng = Rng(43);
    let check = |text: &str| {
        let expected = text.parse::<f64>().unwrap();
        assert_eq!(float::parse(text), Some(expected), "{text}");
        let expected = text.parse::<f32>().unwrap();
        assert_eq!(float::parse(text), Some(expected), "{text}");
    };
    for _ in 0..5_000 {
        let value = any_float(&mut rng);
        let n = rng.below(25);
        check(&format!("{value:e}"));
        check(&format!("{value:.n$e}"));
        check(&format!("{value:.n$}"));
        let digits: String =
            (0..=rng.below(40)).map(|_| (b'0' + rng.below(10) as u8) as char).collect();
        let at = rng.below(digits.len() + 1);
        check(&format!("{}.{}e{}", &digits[..at], &digits[at..], rng.below(700) as i32 - 360));
        check(&format!("0.{:0>1$}{digits}e{2}", "", rng.below(30), rng.below(700) as i32 - 350));
    }
}

#[test]
fn the_middle_between_two_floats_is_read_as_the_even_one() {
    let mut rng = Rng(44);
    for _ in 0..2_000 {
        let value = any_float(&mut rng).abs();
        let (mantissa, exponent) = value.decompose();
        let next = f64::from_bits(value.to_bits() + 1);
        if mantissa == 0 || exponent > 0 || next.is_infinite() {
            continue;
        }
        // The middle has one binary place more, and so one decimal place more: it is made from the
        // exact text of both, which have as many places.
        let places = (1 - exponent) as usize;
        let half = |text: &str, rest: &mut u8| -> Vec<u8> {
            let halved = text.bytes().map(|c| match c {
                b'.' => b'.',
                _ => {
                    let value = *rest * 10 + (c - b'0');
                    *rest = value % 2;
                    b'0' + value / 2
                }
            });
            halved.collect()
        };
        let sum = {
            let (a, b) = (format!("{value:.places$}"), format!("{next:.places$}"));
            let width = b.len();
            let a = format!("{a:0>width$}");
            let mut carry = 0;
            let mut sum: Vec<u8> = a
                .bytes()
                .zip(b.bytes())
                .rev()
                .map(|(a, b)| match a {
                    b'.' => b'.',
                    _ => {
                        let digit = a - b'0' + b - b'0' + carry;
                        carry = digit / 10;
                        b'0' + digit % 10
                    }
                })
                .collect();
            sum.push(b'0' + carry);
            sum.reverse();
            String::from_utf8(sum).unwrap()
        };
        let middle = String::from_utf8(half(&sum, &mut 0)).unwrap();
        let even = if mantissa % 2 == 0 { value } else { next };
        assert_eq!(float::parse(&middle), Some(even), "{value:e}");
        assert_eq!(float::parse(&format!("{middle}0000000001")), Some(next));
        let below = format!("{}4{}", &middle[..middle.len() - 1], "9".repeat(30));
        assert!(middle.ends_with('5'));
        assert_eq!(float::parse(&below), Some(value));
    }
}
