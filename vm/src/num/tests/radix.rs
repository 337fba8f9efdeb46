//! Digits and integer text.

extern crate std;

use std::string::{String, ToString};
use std::vec;

use super::unmetered;
use super::{Big, Rng};
use crate::num::int::Shape;
use crate::num::text::IntText;
use crate::num::{limbs, radix};

fn digits(a: &Big, base: u32) -> String {
    let mut out = vec![b'?'; radix::digits_len(limbs::bit_length(&a.limbs), base)];
    let mut scratch = vec![7; a.limbs.len()];
    let start = unmetered(|m| radix::to_digits(&mut out, &a.limbs, &mut scratch, base, m));
    String::from_utf8(out[start..].to_vec()).unwrap()
}

fn parse(text: &str, base: u32) -> Option<Big> {
    let text = IntText::parse(text.as_bytes(), base)?;
    let value = Big::run(text.magnitude_len(), |out| {
        let len = unmetered(|m| text.magnitude(out, m));
        Shape { negative: text.is_negative() && len != 0, len }
    });
    Some(value)
}

#[test]
fn digits_survive_the_way_there_and_back_in_every_base() {
    let mut rng = Rng(21);
    for base in 2..=36 {
        for _ in 0..60 {
            let a = Big::new(false, &rng.magnitude(30));
            let text = digits(&a, base);
            assert_eq!(parse(&text, base), Some(a), "base {base}: {text}");
            assert!(text == "0" || !text.starts_with('0'));
        }
    }
}

#[test]
fn small_numbers_have_the_digits_of_the_standard_library() {
    let mut rng = Rng(22);
    for _ in 0..5_000 {
        let value = u128::from(rng.next()) << 60 >> rng.below(124);
        let a = Big::of(value as i128);
        assert_eq!(digits(&a, 10), value.to_string());
        assert_eq!(digits(&a, 16), std::format!("{value:x}"));
        assert_eq!(digits(&a, 8), std::format!("{value:o}"));
        assert_eq!(digits(&a, 2), std::format!("{value:b}"));
    }
}

#[test]
fn large_powers_have_the_digits_that_cpython_prints() {
    // print(7 ** 80), print(3 ** 100), hex(5 ** 60), 11 ** 70 in base 36
    let check = |base: i128, exponent, radix, expected: &str| {
        assert_eq!(digits(&Big::of(base).pow(exponent), radix), expected);
    };
    check(7, 80, 10, "40536215597144386832065866109016673800875222251012083746192454448001");
    check(3, 100, 10, "515377520732011331036461129765621272702107522001");
    check(5, 60, 16, "9f4f2726179a224501d762422c946590d91");
    check(11, 70, 36, "kaxghr7dzj9wukk434pp5xbl0uw83q5cmkmrs5iafd3kx0p");
    let text = digits(&Big::of(10).pow(1000), 10);
    assert!(text.starts_with('1') && text[1..].bytes().all(|c| c == b'0') && text.len() == 1001);
}

#[test]
fn integer_text_follows_the_grammar_of_python() {
    let ok = |text, base, value| assert_eq!(parse(text, base), Some(Big::of(value)), "{text:?}");
    ok("0", 0, 0);
    ok("000", 0, 0);
    ok("0_0", 0, 0);
    ok(" \t-12\n", 10, -12);
    ok("+1_000", 10, 1000);
    ok("0x_fF", 0, 255);
    ok("0XfF", 16, 255);
    ok("0b101", 2, 5);
    ok("0b1", 16, 0xb1);
    ok("0o17", 0, 15);
    ok("010", 10, 10);
    ok("z", 36, 35);
    ok("9223372036854775808", 10, 1 << 63);
    ok("-9223372036854775808", 10, -(1 << 63));
    for (text, base) in [
        ("", 10),
        (" ", 10),
        ("-", 10),
        ("--1", 10),
        ("- 1", 10),
        ("1 2", 10),
        ("0x", 16),
        ("0x", 0),
        ("_1", 10),
        ("1_", 10),
        ("1__2", 10),
        ("0_x1", 0),
        ("01", 0),
        ("0_1", 0),
        ("2", 2),
        ("0b2", 2),
        ("a", 10),
        ("1\u{e9}", 10),
        ("1.5", 10),
    ] {
        assert_eq!(parse(text, base), None, "{text:?}");
    }
}
