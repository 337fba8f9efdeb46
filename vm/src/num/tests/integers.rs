//! Signed arithmetic: against `i128` and by laws.

extern crate std;

use std::vec;
use std::vec::Vec;

use super::unmetered;
use super::{Big, Rng};
use crate::num::bytes::{self, Endian};
use crate::num::int::{Int, SmallInt};
use crate::num::meter::{Interrupted, LIMIT, Meter};
use crate::num::{bits, int, limbs, power};

/// An integer that fits 62 bits, near the edges of limbs more often than not.
fn small(rng: &mut Rng) -> i128 {
    let value = i128::from(rng.limb()) << 30 ^ i128::from(rng.limb());
    let value = value >> rng.below(62);
    if rng.next() & 1 == 0 { value } else { -value }
}

#[test]
fn small_operands_agree_with_machine_arithmetic() {
    let mut rng = Rng(11);
    for _ in 0..20_000 {
        let (x, y) = (small(&mut rng), small(&mut rng));
        let (a, b) = (Big::of(x), Big::of(y));
        assert_eq!(a.add(&b), Big::of(x + y));
        assert_eq!(a.sub(&b), Big::of(x - y));
        assert_eq!(a.mul(&b), Big::of(x * y));
        assert_eq!(a.bitwise(&b, bits::and), Big::of(x & y), "{x} & {y}");
        assert_eq!(a.bitwise(&b, bits::or), Big::of(x | y), "{x} | {y}");
        assert_eq!(a.bitwise(&b, bits::xor), Big::of(x ^ y), "{x} ^ {y}");
        let not = Big::run(a.limbs.len() + 1, |out| unmetered(|m| bits::not(out, a.int(), m)));
        assert_eq!(not, Big::of(!x));
        let shift = rng.below(64);
        assert_eq!(a.shl(shift), Big::of(x << shift));
        assert_eq!(a.shr(shift), Big::of(x >> shift), "{x} >> {shift}");
        assert_eq!(a.int().cmp(&b.int()), x.cmp(&y));
        assert_eq!(a.int().to_i64(), i64::try_from(x).ok());
        assert_eq!(a.int().to_u64(), u64::try_from(x).ok());
        assert_eq!(a.int().low_u64(), x as u64);
        if y != 0 {
            let remainder = x.rem_euclid(y);
            let remainder = if remainder != 0 && y < 0 { remainder + y } else { remainder };
            let expected = (Big::of((x - remainder) / y), Big::of(remainder));
            assert_eq!(a.div_mod(&b), expected, "divmod({x}, {y})");
        }
    }
}

#[test]
fn large_operands_obey_the_laws_of_arithmetic() {
    let mut rng = Rng(12);
    for _ in 0..2_000 {
        let (a, b, c) = (rng.big(60), rng.big(30), rng.big(10));
        assert_eq!(a.add(&b), b.add(&a));
        assert_eq!(a.add(&b).sub(&b), a);
        assert_eq!(a.add(&b).mul(&c), a.mul(&c).add(&b.mul(&c)));
        assert_eq!(a.bitwise(&b, bits::and).add(&a.bitwise(&b, bits::or)), a.add(&b));
        assert_eq!(
            a.bitwise(&b, bits::or).sub(&a.bitwise(&b, bits::and)),
            a.bitwise(&b, bits::xor)
        );
        if b.int().is_zero() {
            continue;
        }
        let (q, r) = a.div_mod(&b);
        assert_eq!(q.mul(&b).add(&r), a);
        assert!(r.int().is_zero() || r.negative == b.negative);
        assert!(limbs::cmp(&r.limbs, &b.limbs).is_lt());
    }
}

#[test]
fn shifts_are_multiplication_and_floor_division_by_a_power_of_two() {
    let mut rng = Rng(13);
    for _ in 0..2_000 {
        let a = rng.big(20);
        let shift = rng.below(700);
        let power = Big::of(2).pow(shift);
        assert_eq!(a.shl(shift), a.mul(&power));
        assert_eq!(a.shr(shift), a.div_mod(&power).0, "{a:?} >> {shift}");
    }
}

#[test]
fn a_power_is_repeated_multiplication() {
    let mut rng = Rng(14);
    for base in [-10, -3, -2, -1, 0, 1, 2, 3, 8, 10, i128::from(u32::MAX), 1 << 40] {
        let mut expected = Big::of(1);
        for exponent in 0..40 {
            assert_eq!(Big::of(base).pow(exponent), expected, "{base} ** {exponent}");
            expected = expected.mul(&Big::of(base));
        }
    }
    for _ in 0..50 {
        let base = rng.big(5);
        let (i, j) = (rng.below(20), rng.below(20));
        assert_eq!(base.pow(i).mul(&base.pow(j)), base.pow(i + j));
    }
}

#[test]
fn a_modular_power_is_the_power_modulo() {
    let mut rng = Rng(15);
    for _ in 0..500 {
        let (base, modulus) = (rng.big(6), rng.big(4));
        if modulus.int().is_zero() {
            continue;
        }
        let exponent = rng.below(30);
        let expected = base.pow(exponent).div_mod(&modulus).1;
        assert_eq!(base.pow_mod(&Big::of(exponent as i128), &modulus), expected);
    }
    // Fermat: a ** (p - 1) % p == 1 for the prime 2 ** 521 - 1.
    let p = Big::of(1).shl(521).sub(&Big::of(1));
    assert_eq!(Big::of(3).pow_mod(&p.sub(&Big::of(1)), &p), Big::of(1));
}

#[test]
fn the_greatest_common_divisor_divides_both_and_loses_no_factor() {
    let mut rng = Rng(16);
    for _ in 0..500 {
        let (a, b, c) = (rng.magnitude(8), rng.magnitude(8), rng.magnitude(4));
        let gcd = |a: &[u32], b: &[u32]| {
            let mut scratch = vec![7; power::gcd_len(a.len(), b.len())];
            Big::run(scratch.len(), |out| {
                let len = unmetered(|m| power::gcd(out, &mut scratch, a, b, m));
                int::Shape { negative: false, len }
            })
        };
        let (a, b, c) = (Big::new(false, &a), Big::new(false, &b), Big::new(false, &c));
        let d = gcd(&a.limbs, &b.limbs);
        assert_eq!(gcd(&a.mul(&c).limbs, &b.mul(&c).limbs), d.mul(&c));
        if !d.int().is_zero() {
            let (x, y) = (a.div_mod(&d), b.div_mod(&d));
            assert!(x.1.int().is_zero() && y.1.int().is_zero());
            assert_eq!(gcd(&x.0.limbs, &y.0.limbs), Big::of(1));
        }
    }
}

#[test]
fn an_integer_square_root_is_the_greatest_whose_square_is_not_greater() {
    let mut rng = Rng(17);
    let roots = (0..100).map(Big::of).collect::<Vec<_>>();
    let random = (0..300).map(|_| Big::new(false, &rng.magnitude(12))).collect::<Vec<_>>();
    for a in roots.iter().chain(&random) {
        let mut scratch = vec![7; power::isqrt_scratch_len(a.limbs.len())];
        let root = Big::run(a.limbs.len() / 2 + 2, |out| {
            let len = unmetered(|m| power::isqrt(out, &mut scratch, &a.limbs, m));
            int::Shape { negative: false, len }
        });
        assert!(root.mul(&root).int() <= a.int());
        let above = root.add(&Big::of(1));
        assert!(above.mul(&above).int() > a.int());
    }
}

#[test]
fn bit_length_and_count_are_those_of_the_magnitude() {
    for (value, length, count, zeros) in
        [(0u128, 0, 0, 0), (1, 1, 1, 0), (0xff << 60, 68, 8, 60), (1 << 96, 97, 1, 96)]
    {
        let a = Big::of(value as i128);
        assert_eq!(limbs::bit_length(&a.limbs), length);
        assert_eq!(limbs::bit_count(&a.limbs), count);
        assert_eq!(limbs::trailing_zeros(&a.limbs), zeros);
    }
}

#[test]
fn machine_integers_survive_the_way_there_and_back() {
    for value in [0, 1, -1, i64::MAX, i64::MIN, 1 << 32, -(1 << 32)] {
        assert_eq!(SmallInt::new(value).get().to_i64(), Some(value));
    }
    assert_eq!(SmallInt::from_unsigned(u64::MAX).get().to_u64(), Some(u64::MAX));
    assert_eq!(SmallInt::from_unsigned(1 << 63).get().to_i64(), None);
    assert_eq!(SmallInt::from_unsigned(1 << 63).get().negated().to_i64(), Some(i64::MIN));
}

#[test]
fn bytes_survive_the_way_there_and_back() {
    let mut rng = Rng(18);
    for _ in 0..3_000 {
        let a = rng.big(6);
        let endian = if rng.next() & 1 == 0 { Endian::Little } else { Endian::Big };
        let signed = rng.next() & 1 == 0;
        let mut memory = vec![7; rng.below(28)];
        let bits = 8 * memory.len();
        let fits = bytes::to_bytes(&mut memory, a.int(), endian, signed).is_ok();
        let limit = |bits: usize| Big::of(1).shl(bits);
        let (low, high) = match (signed, bits) {
            (true, 0) => (Big::of(0), Big::of(1)),
            (true, _) => (Big::of(0).sub(&limit(bits - 1)), limit(bits - 1)),
            (false, _) => (Big::of(0), limit(bits)),
        };
        assert_eq!(fits, low.int() <= a.int() && a.int() < high.int(), "{a:?} in {bits} bits");
        let back = Big::run(bytes::from_bytes_len(memory.len()), |out| {
            bytes::from_bytes(out, &memory, endian, signed)
        });
        // What does not fit is truncated.
        let modulus = limit(bits);
        assert_eq!(back.div_mod(&modulus).1, a.div_mod(&modulus).1);
        if fits {
            assert_eq!(back, a);
        }
    }
}

#[test]
fn a_long_operation_reports_often_and_can_be_stopped() {
    let a = vec![u32::MAX; 3_000];
    let mut out = vec![0; 6_000];
    let mut most = 0;
    let mut calls = 0;
    let mut count = |n: usize| {
        most = most.max(n);
        calls += 1;
        Ok(())
    };
    limbs::mul(&mut out, &a, &a, &mut Meter::new(&mut count)).unwrap();
    assert!(most <= 2 * LIMIT && calls > 1_000, "{calls} calls, at most {most} apart");

    let mut left = 10;
    let mut stop = |_| {
        left -= 1;
        if left == 0 { Err(Interrupted) } else { Ok(()) }
    };
    let result = limbs::mul(&mut out, &a, &a, &mut Meter::new(&mut stop));
    assert_eq!(result, Err(Interrupted));
    assert_eq!(left, 0);
}

#[test]
fn zero_is_never_negative() {
    assert!(!Int::new(true, &[0, 0]).is_negative());
    assert!(!Int::ZERO.negated().is_negative());
    let a = Big::of(-5);
    assert_eq!(a.sub(&a), Big::of(0));
    assert_eq!(a.mul(&Big::of(0)), Big::of(0));
    assert_eq!(Big::of(-5).div_mod(&Big::of(5)).1, Big::of(0));
}
