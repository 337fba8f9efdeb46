//! Single precision in software against the host's floats.

use super::Rng;
use crate::num::soft;

/// Bits of a float: any, or those of a number at some edge.
fn operand(rng: &mut Rng) -> u32 {
    let sign = (rng.next() as u32) << 31;
    let bits = rng.next() as u32;
    match rng.below(6) {
        0 => bits,
        1 => [0, 1, 0x007f_ffff, 0x0080_0000, 0x3f80_0000, 0x7f7f_ffff, 0x7f80_0000, 0x7fc0_0000]
            [rng.below(8)],
        2 => bits >> rng.below(32) & 0x00ff_ffff,
        3 => (100 + bits % 50) << 23 | bits >> 9 & (0x7f_ffff << rng.below(24)) & 0x7f_ffff,
        4 => 0x4b00_0000 + bits % 16,
        _ => (bits % 255) << 23 | 0x7f_ffff >> rng.below(24),
    }
    .wrapping_add(sign)
}

#[track_caller]
fn assert_same(got: u32, expected: f32, a: u32, b: u32) {
    let both_nan = f32::from_bits(got).is_nan() && expected.is_nan();
    assert!(got == expected.to_bits() || both_nan, "{a:#x} {b:#x}: {got:#x}");
}

#[test]
fn sums_products_and_quotients_are_those_of_the_host() {
    let mut rng = Rng(71);
    for _ in 0..500_000 {
        let a = operand(&mut rng);
        let b = match rng.below(4) {
            0 => a ^ (rng.next() as u32 & 0x8000_0003),
            _ => operand(&mut rng),
        };
        let (x, y) = (f32::from_bits(a), f32::from_bits(b));
        assert_same(soft::add(a, b), x + y, a, b);
        assert_same(soft::mul(a, b), x * y, a, b);
        assert_same(soft::div(a, b), x / y, a, b);
        let order = x.partial_cmp(&y).map_or(2, |order| order as i32);
        assert_eq!(soft::compare(a, b), order, "{a:#x} {b:#x}");
        if x.abs() < 9e18 {
            assert_eq!(soft::to_i64(a), x as i64, "{a:#x}");
        }
    }
}

#[test]
fn integers_become_the_nearest_floats() {
    let mut rng = Rng(72);
    for _ in 0..100_000 {
        let n = rng.next() >> rng.below(64) << rng.below(20);
        assert_eq!(soft::from_u64(n), (n as f32).to_bits(), "{n}");
        assert_eq!(soft::from_i64(n as i64), (n as i64 as f32).to_bits(), "{n}");
    }
}

#[test]
fn quotients_of_machine_integers_are_exact() {
    let mut rng = Rng(73);
    for _ in 0..100_000 {
        let n = rng.next() >> rng.below(64);
        let d = (rng.next() >> rng.below(64)).max(1);
        assert_eq!(soft::divide(n, d), (n / d, n % d), "{n} {d}");
        assert_eq!(soft::divide(n, n.max(1)), (u64::from(n != 0), 0));
    }
}
