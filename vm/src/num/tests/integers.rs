//! Signed arithmetic: against `i128` and by laws.

extern crate std;

use std::vec;

use super::{Big, Rng};
use crate::num::int::{Int, SmallInt};
use crate::num::meter::{Interrupted, LIMIT, Meter};
use crate::num::{bits, limbs};

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
