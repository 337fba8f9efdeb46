//! `random`: numbers that are hard to guess only for those who do not try.
//!
//! The generator is xoshiro128++ (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021), seeded
//! through a Weyl sequence and the mixer of MurmurHash3. Its state belongs to the VM and is made when it is first needed,
//! of the host's entropy.
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

/// The state: an object that holds four words in eight halves, as small ints.
#[derive(Clone, Copy)]
struct Generator(Native);

impl Generator {
    /// The VM's generator, seeded if that has not been done.
    fn of(vm: &mut Vm) -> Result<Generator, Raise> {
        if let Some(state) = vm.module_state(q::random.value()).and_then(Native::from_value) {
            return Ok(Generator(state));
        }
        let state = Native::new(vm, OBJECT.value(), &[Value::int(0); 8])?;
        vm.set_module_state(q::random.value(), state.value())?;
        let seed = entropy(vm);
        Generator(state).seed(vm, seed);
        Ok(Generator(state))
    }

    fn seed(self, vm: &mut Vm, seed: u64) {
        let mut weyl = seed as u32;
        let state = [0, 0, seed >> 32, 0].map(|more| {
            weyl = (weyl ^ more as u32).wrapping_add(0x9e37_79b9);
            let mut z = weyl;
            z = (z ^ z >> 16).wrapping_mul(0x85eb_ca6b);
            z = (z ^ z >> 13).wrapping_mul(0xc2b2_ae35);
            z ^ z >> 16
        });
        // The state that stays zero for ever can not come up: only zero is mixed to zero, and the first two words are
        // mixed of different numbers.
        self.store(vm, state);
    }

    fn store(self, vm: &mut Vm, state: [u32; 4]) {
        for (i, word) in state.into_iter().enumerate() {
            self.0.set(vm, 2 * i, Value::from_len((word & 0xffff) as usize));
            self.0.set(vm, 2 * i + 1, Value::from_len((word >> 16) as usize));
        }
    }

    fn next_u32(self, vm: &mut Vm) -> u32 {
        let half = |i| self.0.get(vm, i).as_small_int().unwrap_or(0) as u32;
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| half(2 * i) | half(2 * i + 1) << 16);
        let result = a.wrapping_add(d).rotate_left(7).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.store(vm, [a ^ d, b ^ c, c ^ b << 9, d.rotate_left(11)]);
        result
    }

    fn next_u64(self, vm: &mut Vm) -> u64 {
        u64::from(self.next_u32(vm)) | u64::from(self.next_u32(vm)) << 32
    }

    /// A number from 0 to `last`, each equally likely.
    fn up_to(self, vm: &mut Vm, last: u64) -> u64 {
        let mask = u64::MAX.checked_shr(last.leading_zeros()).unwrap_or(0);
        loop {
            let n = if mask >> 32 == 0 { self.next_u32(vm).into() } else { self.next_u64(vm) };
            if n & mask <= last {
                return n & mask;
            }
        }
    }

    /// A number in `0.0 <= x < 1.0`, of 53 bits.
    #[cfg(feature = "float")]
    fn unit(self, vm: &mut Vm) -> Scalar {
        const STEP: Scalar = 1.0 / (1u64 << Scalar::MANTISSA_DIGITS) as Scalar;
        (self.next_u64(vm) >> (u64::BITS - Scalar::MANTISSA_DIGITS)) as Scalar * STEP
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

/// `random.getrandbits(n)`: an `int` of `n` bits, any of them with a leading zero too.
fn random_getrandbits(vm: &mut Vm, n: Value) -> Res {
    let n = vm.index(n)?;
    let Ok(n) = usize::try_from(n) else {
        return Err(vm.raise(exc::VALUE_ERROR, "number of bits must be non-negative"));
    };
    let generator = Generator::of(vm)?;
    if n <= limbs::LIMB_BITS {
        let bits = u64::from(generator.next_u32(vm)) >> (limbs::LIMB_BITS - n);
        return vm.int_from_u64(bits);
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

#[cold]
fn empty_range(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "empty range")
}

/// `random.randrange(stop)`, `random.randrange(start, stop[, step])`: integers of 64 bits; `ValueError` for an empty range.
fn random_randrange(vm: &mut Vm, args: &[Value]) -> Res {
    let mut numbers = [0, 0, 1];
    for (number, &v) in numbers.iter_mut().zip(args) {
        *number = vm.int_to_i64(v)?;
    }
    let [start, stop, step] = if args.len() == 1 { [0, numbers[0], 1] } else { numbers };
    if step == 0 || (start < stop) != (step > 0) || start == stop {
        return Err(empty_range(vm));
    }
    let last = (stop.abs_diff(start) - 1) / step.unsigned_abs();
    let steps = Generator::of(vm)?.up_to(vm, last);
    // The sum lies between start and stop, whatever the product is.
    vm.int_from_i64(start.wrapping_add(step.wrapping_mul(steps as i64)))
}

/// `random.randint(a, b)`: an `int` from `a` to `b`, both included.
fn random_randint(vm: &mut Vm, a: Value, b: Value) -> Res {
    let (a, b) = (vm.int_to_i64(a)?, vm.int_to_i64(b)?);
    if a > b {
        return Err(empty_range(vm));
    }
    let n = Generator::of(vm)?.up_to(vm, b.abs_diff(a));
    vm.int_from_i64(a.wrapping_add_unsigned(n))
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
