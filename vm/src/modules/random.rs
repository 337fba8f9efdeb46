//! `random`: numbers that are hard to guess only for those who do not try.
//!
//! The generator is PCG-XSH-RR (O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for
//! Random Number Generation", 2014). Its state belongs to the VM and is made when it is first needed, of the host's
//! entropy.
//! Source of the functions: Python Library Reference, "random"; those that MicroPython has.
#![forbid(unsafe_code)]

use crate::num::Shape;
use crate::num::limbs;
use crate::object::{Limbs, Native, Res};
use crate::types::OBJECT;
#[cfg(feature = "float")]
use crate::types::float;
use crate::types::number;
use crate::value::names::q;
use crate::value::{Scalar, Value};
use crate::{Raise, Vm, exc, py_module};

py_module! {
    /// `random`. Source: Python Library Reference, "random".
    pub static RANDOM: random, extensible true;
    entries {
        seed = Var(0, 1, random_seed);
        getrandbits = F1(random_getrandbits);
        randrange = Var(1, 3, random_randrange);
        randint = F2(random_randint);
        choice = F1(random_choice);
        #[cfg(feature = "float")]
        random = F0(random_random);
        #[cfg(feature = "float")]
        uniform = F2(random_uniform);
    }
}

/// The state: an object that holds 64 bits in four parts, as small ints.
#[derive(Clone, Copy)]
struct Generator(Native);

impl Generator {
    /// The VM's generator, seeded if that has not been done.
    #[inline(never)]
    fn of(vm: &mut Vm) -> Result<Generator, Raise> {
        if let Some(state) = vm.module_state(q::random.value()).and_then(Native::from_value) {
            return Ok(Generator(state));
        }
        let state = Generator(Native::new(vm, OBJECT.value(), &[Value::int(0); 4])?);
        vm.set_module_state(q::random.value(), state.0.value())?;
        let seed = entropy(vm);
        state.seed(vm, seed);
        Ok(state)
    }

    fn seed(self, vm: &mut Vm, seed: u64) {
        self.store(vm, seed);
        // Of what belongs to a seed, the first number tells too much.
        self.next_u32(vm);
    }

    fn store(self, vm: &mut Vm, state: u64) {
        for i in 0..4 {
            self.0.set(vm, i, Value::int((state >> (16 * i)) as i32 & 0xffff));
        }
    }

    #[inline(never)]
    fn next_u32(self, vm: &mut Vm) -> u32 {
        let part = |i| self.0.get(vm, i).as_small_int().unwrap_or(0) as u64;
        let state = (0..4).rev().fold(0, |state, i| state << 16 | part(i));
        let next = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        self.store(vm, next);
        (((state >> 18 ^ state) >> 27) as u32).rotate_right((state >> 59) as u32)
    }

    fn next_u64(self, vm: &mut Vm) -> u64 {
        u64::from(self.next_u32(vm)) | u64::from(self.next_u32(vm)) << 32
    }

    /// A number from 0 to `last`, each equally likely.
    #[inline(never)]
    fn up_to(self, vm: &mut Vm, last: u64) -> u64 {
        loop {
            let n = self.next_u64(vm).unbounded_shr(last.leading_zeros());
            if n <= last {
                return n;
            }
        }
    }

    /// A number in `0.0 <= x < 1.0`, of as many bits as a float has.
    #[cfg(feature = "float")]
    fn unit(self, vm: &mut Vm) -> Scalar {
        const BITS: u32 = Scalar::MANTISSA_DIGITS;
        const STEP: Scalar = 1.0 / (1u64 << BITS) as Scalar;
        let n = match BITS {
            ..=32 => (self.next_u32(vm) >> (u32::BITS.saturating_sub(BITS))) as Scalar,
            _ => (self.next_u64(vm) >> (u64::BITS - BITS)) as Scalar,
        };
        n * STEP
    }
}

/// A number from the host's entropy, or from the clock where there is none.
fn entropy(vm: &Vm) -> u64 {
    let mut bytes = [0; 8];
    if vm.host().entropy(&mut bytes) { u64::from_le_bytes(bytes) } else { vm.host().ticks_us() }
}

/// `random.seed(n=None)`: the low 64 bits of `n`, or entropy.
fn random_seed(vm: &mut Vm, args: &[Value]) -> Res {
    let seed = match args.first() {
        Some(&n) if !n.is_none() => vm.int_low_u64(n)?,
        _ => entropy(vm),
    };
    Generator::of(vm)?.seed(vm, seed);
    Ok(Value::NONE)
}

/// `random.getrandbits(n)`: an `int` of `n` bits, any of them with a leading zero too. Without the feature `extra` they
/// are 32 at most.
fn random_getrandbits(vm: &mut Vm, n: Value) -> Res {
    let n = vm.index(n)?;
    let Ok(n) = usize::try_from(n) else {
        return Err(vm.raise(exc::VALUE_ERROR, BITS_ERROR));
    };
    let generator = Generator::of(vm)?;
    if n <= limbs::LIMB_BITS {
        let bits = u64::from(generator.next_u32(vm)) >> (limbs::LIMB_BITS - n);
        return vm.int_from_u64(bits);
    }
    if !cfg!(feature = "extra") {
        return Err(vm.raise(exc::VALUE_ERROR, BITS_ERROR));
    }
    let n_limbs = n.div_ceil(limbs::LIMB_BITS);
    let mut memory = Limbs::new(vm, n_limbs)?;
    for i in 0..n_limbs {
        memory.get()[i] = generator.next_u32(vm);
        vm.tick(8)?;
    }
    memory.get()[n_limbs - 1] >>= n_limbs * limbs::LIMB_BITS - n;
    let len = limbs::trimmed_len(memory.as_slice());
    number::finish(vm, memory, Shape { negative: false, len })
}

const BITS_ERROR: &str = if cfg!(feature = "extra") {
    "number of bits must be non-negative"
} else {
    "bits must be 32 or less"
};

/// One of the numbers `start`, `start + step`, …, the last of which is not beyond `last`.
fn pick(vm: &mut Vm, start: i64, last: i64, step: i64) -> Res {
    if step == 0 || start != last && (start < last) != (step > 0) {
        return Err(vm.raise(exc::VALUE_ERROR, "empty range"));
    }
    let steps = Generator::of(vm)?.up_to(vm, last.abs_diff(start) / step.unsigned_abs());
    // The sum lies between start and last, whatever the product is.
    vm.int_from_i64(start.wrapping_add(step.wrapping_mul(steps as i64)))
}

/// `random.randrange(stop)`, `random.randrange(start, stop[, step])`: integers of 64 bits; `ValueError` for an empty range.
fn random_randrange(vm: &mut Vm, args: &[Value]) -> Res {
    let mut numbers = [0, 0, 1];
    let at = usize::from(args.len() == 1);
    for (number, &v) in numbers[at..].iter_mut().zip(args) {
        *number = vm.int_to_i64(v)?;
    }
    let [start, stop, step] = numbers;
    let step = if start == stop { 0 } else { step };
    pick(vm, start, stop.saturating_sub(step.signum()), step)
}

/// `random.randint(a, b)`: an `int` from `a` to `b`, both included.
fn random_randint(vm: &mut Vm, a: Value, b: Value) -> Res {
    let (a, b) = (vm.int_to_i64(a)?, vm.int_to_i64(b)?);
    pick(vm, a, b, 1)
}

/// `random.choice(sequence)`: one of its items; `IndexError` when there is none.
fn random_choice(vm: &mut Vm, sequence: Value) -> Res {
    let n = vm.len(sequence)?;
    if n == 0 {
        return Err(vm.raise(exc::INDEX_ERROR, ""));
    }
    let i = Generator::of(vm)?.up_to(vm, n as u64 - 1);
    vm.get_item(sequence, Value::from_len(i as usize))
}

/// `random.random()`: a float in `0.0 <= x < 1.0`.
#[cfg(feature = "float")]
fn random_random(vm: &mut Vm) -> Res {
    let x = Generator::of(vm)?.unit(vm);
    vm.new_float(x)
}

/// `random.uniform(a, b)`: a float between the two.
#[cfg(feature = "float")]
fn random_uniform(vm: &mut Vm, a: Value, b: Value) -> Res {
    let (a, b) = (float::to_scalar(vm, a)?, float::to_scalar(vm, b)?);
    let x = Generator::of(vm)?.unit(vm);
    vm.new_float(a + (b - a) * x)
}
