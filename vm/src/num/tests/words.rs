//! Both word widths against each other and against `u128`.

extern crate std;

use std::vec;

use super::Rng;
use super::unmetered;
use crate::num::limbs::{self, trim};
use crate::num::word::Word;
use crate::num::{divide, limbs as public};

fn check_width<W: Word>(seed: u64) {
    let mut rng = Rng(seed);
    for _ in 0..3000 {
        let (a, b) = (rng.magnitude(40), rng.magnitude(20));
        let (long, short) = if a.len() >= b.len() { (&a, &b) } else { (&b, &a) };

        let mut sum = vec![7; long.len() + 1];
        let len = unmetered(|m| limbs::add(&mut sum, long, short, m));
        let mut back = vec![7; len];
        let back_len = unmetered(|m| limbs::sub(&mut back, &sum[..len], short, m));
        assert_eq!(&back[..back_len], &long[..]);

        let mut product = vec![7; long.len() + short.len()];
        let len = unmetered(|m| limbs::mul_in::<W>(&mut product, long, short, m));
        let mut expected = vec![7; long.len() + short.len()];
        schoolbook(&mut expected, long, short);
        assert_eq!(&product[..len], trim(&expected));

        if b.is_empty() {
            continue;
        }
        let mut quotient = vec![7; divide::remainder_len(a.len(), b.len())];
        let mut remainder = vec![7; divide::remainder_len(a.len(), b.len())];
        let (q, r) =
            unmetered(|m| divide::div_rem_in::<W>(&mut quotient, &mut remainder, &a, &b, m));
        let (quotient, remainder) = (&quotient[..q], &remainder[..r]);
        assert!(public::cmp(remainder, &b).is_lt());
        let mut product = vec![7; q + b.len() + 1];
        schoolbook(&mut product[..q + b.len()], quotient, &b);
        let product = trim(&product[..q + b.len()]);
        let mut sum = vec![7; public::add_len(product.len(), r)];
        let len = unmetered(|m| public::add(&mut sum, product, remainder, m));
        assert_eq!(&sum[..len], &a[..]);
    }
}

/// The product in the plainest way.
fn schoolbook(out: &mut [u32], a: &[u32], b: &[u32]) {
    out.fill(0);
    for (i, &a) in a.iter().enumerate() {
        let mut carry = 0;
        for (j, &b) in b.iter().enumerate() {
            let t = u64::from(a) * u64::from(b) + u64::from(out[i + j]) + carry;
            out[i + j] = t as u32;
            carry = t >> 32;
        }
        out[i + b.len()] = carry as u32;
    }
}

#[test]
fn words_of_32_bits_compute_what_the_plainest_loops_do() {
    check_width::<u32>(1);
}

#[test]
fn words_of_64_bits_compute_what_the_plainest_loops_do() {
    check_width::<u64>(2);
}

#[test]
fn a_digit_estimated_too_high_is_corrected() {
    // The estimate from three words is exact but for the words below; these make it fail.
    for n in [2, 3, 4, 5, 6, 7] {
        let mut b = vec![u32::MAX; n];
        b[n - 1] = 1 << 31;
        let mut a = vec![0; 2 * n];
        a[2 * n - 1] = 1 << 31;
        a[2 * n - 2] = u32::MAX;
        check_division::<u32>(&a, &b);
        check_division::<u64>(&a, &b);
        a.fill(u32::MAX);
        a[2 * n - 1] = (1 << 31) - 1;
        check_division::<u32>(&a, &b);
        check_division::<u64>(&a, &b);
    }
}

fn check_division<W: Word>(a: &[u32], b: &[u32]) {
    let mut quotient = vec![7; divide::remainder_len(a.len(), b.len())];
    let mut remainder = vec![7; divide::remainder_len(a.len(), b.len())];
    let (q, r) = unmetered(|m| divide::div_rem_in::<W>(&mut quotient, &mut remainder, a, b, m));
    assert!(public::cmp(&remainder[..r], b).is_lt());
    let mut product = vec![0; q + b.len()];
    schoolbook(&mut product, &quotient[..q], b);
    let product = trim(&product);
    let mut sum = vec![7; public::add_len(product.len(), r)];
    let len = unmetered(|m| public::add(&mut sum, product, &remainder[..r], m));
    assert_eq!(&sum[..len], a);
}

fn check_division_steps<W: Word + Into<u128> + TryFrom<u128>>(seed: u64, bits: u32) {
    let mut rng = Rng(seed);
    let word = |value: u128| W::try_from(value & (u128::MAX >> (128 - bits))).ok().unwrap();
    for _ in 0..10_000 {
        let mut random = || u128::from(rng.limb()) << 32 | u128::from(rng.limb());
        let divisor = word(random() | 1 << (bits - 1));
        let high = word(random() % divisor.into());
        let low = word(random());
        let (q, r) = W::divide_2by1(high, low, divisor, W::reciprocal(divisor));
        let dividend = high.into() << bits | low.into();
        assert_eq!((q.into(), r.into()), (dividend / divisor.into(), dividend % divisor.into()));
    }
}

#[test]
fn a_word_pair_divided_by_a_word_is_exact() {
    check_division_steps::<u32>(3, 32);
    check_division_steps::<u64>(4, 64);
}
