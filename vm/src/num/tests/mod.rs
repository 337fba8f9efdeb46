//! Tests of the numbers library: against `u128`, against tables made with CPython, and by laws that
//! must hold for random operands. The random numbers have a fixed seed.

extern crate std;

mod decimals;
mod floats;
mod functions;
mod integers;
mod radix;
mod single;
mod soft;
mod vectors;
mod words;

use std::vec;
use std::vec::Vec;

use super::int::{Int, Shape};
use super::meter::{self, Interrupted, Meter};
use super::{bits, int, limbs};

/// The generator "xorshift64*", seeded by each test.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A limb that is often all zeros or all ones, where carries go wrong.
    fn limb(&mut self) -> u32 {
        match self.below(6) {
            0 => 0,
            1 => u32::MAX,
            2 => 1 << self.below(32),
            _ => self.next() as u32,
        }
    }

    /// A magnitude of at most `max` limbs, trimmed.
    fn magnitude(&mut self, max: usize) -> Vec<u32> {
        let len = self.below(max + 1);
        let limbs: Vec<u32> = (0..len).map(|_| self.limb()).collect();
        limbs::trim(&limbs).to_vec()
    }

    fn big(&mut self, max: usize) -> Big {
        Big::new(self.next() & 1 != 0, &self.magnitude(max))
    }
}

/// An integer with memory of its own; every operation gets exactly the memory it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Big {
    negative: bool,
    limbs: Vec<u32>,
}

type Op = fn(&mut [u32], Int<'_>, Int<'_>, &mut Meter<'_>) -> Result<Shape, Interrupted>;

fn unmetered<R>(work: impl FnOnce(&mut Meter<'_>) -> Result<R, Interrupted>) -> R {
    meter::unmetered(work).unwrap()
}

impl Big {
    fn new(negative: bool, limbs: &[u32]) -> Self {
        let int = Int::new(negative, limbs);
        Big { negative: int.is_negative(), limbs: int.magnitude().to_vec() }
    }

    fn of(value: i128) -> Self {
        let magnitude = value.unsigned_abs();
        let limbs: Vec<u32> = (0..4).map(|i| (magnitude >> (32 * i)) as u32).collect();
        Big::new(value < 0, &limbs)
    }

    fn int(&self) -> Int<'_> {
        Int::new(self.negative, &self.limbs)
    }

    /// Runs an operation in memory of `len` limbs that holds rubbish.
    fn run(len: usize, op: impl FnOnce(&mut [u32]) -> Shape) -> Self {
        let mut out = vec![0xdead_beef; len];
        let shape = op(&mut out);
        assert_eq!(shape.len, limbs::trimmed_len(&out[..shape.len]), "the length is not trimmed");
        let int = shape.of(&out);
        Big { negative: int.is_negative(), limbs: int.magnitude().to_vec() }
    }

    fn binary(&self, other: &Big, len: usize, op: Op) -> Self {
        Big::run(len, |out| unmetered(|m| op(out, self.int(), other.int(), m)))
    }

    fn add(&self, other: &Big) -> Self {
        self.binary(other, limbs::add_len(self.limbs.len(), other.limbs.len()), int::add)
    }

    fn sub(&self, other: &Big) -> Self {
        self.binary(other, limbs::add_len(self.limbs.len(), other.limbs.len()), int::sub)
    }

    fn mul(&self, other: &Big) -> Self {
        self.binary(other, limbs::mul_len(self.limbs.len(), other.limbs.len()), int::mul)
    }

    fn bitwise(&self, other: &Big, op: Op) -> Self {
        self.binary(other, bits::bitwise_len(self.limbs.len(), other.limbs.len()), op)
    }

    fn div_mod(&self, other: &Big) -> (Self, Self) {
        let len = int::div_len(self.limbs.len(), other.limbs.len());
        (self.binary(other, len, int::floor_div), self.binary(other, len, int::modulo))
    }

    fn shl(&self, bits: usize) -> Self {
        let len = limbs::shl_len(self.limbs.len(), bits).unwrap();
        Big::run(len, |out| unmetered(|m| int::shl(out, self.int(), bits, m)))
    }

    fn shr(&self, bits: usize) -> Self {
        Big::run(self.limbs.len() + 1, |out| unmetered(|m| int::shr(out, self.int(), bits, m)))
    }

    fn pow(&self, exponent: usize) -> Self {
        (0..exponent).fold(Big::of(1), |power, _| power.mul(self))
    }
}
