//! What programs cannot see of numbers: that every failing allocation is survived, that hashes agree, that results are
//! normalised. The arithmetic itself is tested in `num` and in `tests/language`.
#![forbid(unsafe_code)]

extern crate std;

use super::number::{Integer, new_int};
use super::{float, int, int_format, number_functions};
use crate::Vm;
use crate::num;
use crate::object::{BinaryOp, CompareOp, Res, UnaryOp};
use crate::testing::with_vm;
use crate::value::names::q;
use crate::value::{Scalar, Value};

const MEMORY: usize = 1 << 20;

fn with_numbers(f: impl FnOnce(&mut Vm, &[Value])) {
    with_vm(MEMORY, |vm| {
        // The collector finds the numbers in the list, not in the vector.
        let list = vm.new_list().unwrap();
        for n_limbs in [1, 2, 3, 20, 40] {
            for low in [0, 1, u32::MAX] {
                let mut limbs = std::vec![low; n_limbs];
                limbs[n_limbs - 1] |= 1 << 30;
                for negative in [false, true] {
                    let n = new_int(vm, num::Int::new(negative, &limbs)).unwrap();
                    list.push(vm, n).unwrap();
                }
            }
        }
        let numbers = list.items(vm).to_vec();
        f(vm, &numbers);
        core::hint::black_box(list);
    });
}

/// Lets the first allocation fail, then the second, until `f` succeeds; each failure must be a `MemoryError`.
fn sweep(vm: &mut Vm, f: impl Fn(&mut Vm) -> Res) {
    for n in 1..100 {
        vm.shared_mut().heap.fail_after(n);
        let result = f(vm);
        vm.shared_mut().heap.fail_after(0);
        match result {
            Ok(_) => return,
            Err(_) => assert!(vm.catch(crate::exc::MEMORY_ERROR), "allocation {n}"),
        }
    }
    panic!("never succeeds");
}

/// The number is a small int exactly if it fits one, and its last limb is not zero.
fn assert_normal(v: Value) {
    if let Some(n) = crate::object::Int::from_value(v) {
        assert_ne!(n.limbs().last(), Some(&0));
        let small = num::Int::new(n.is_negative(), n.limbs()).to_i64();
        assert_eq!(small.and_then(|n| Value::small_int(isize::try_from(n).ok()?)), None);
    }
}

#[test]
fn results_are_normal_and_failing_allocations_are_memory_errors() {
    with_numbers(|vm, numbers| {
        for &a in numbers {
            for op in [UnaryOp::Neg, UnaryOp::Pos, UnaryOp::Invert, UnaryOp::Abs] {
                assert_normal(vm.unary(op, a).unwrap());
                sweep(vm, |vm| vm.unary(op, a));
            }
            sweep(vm, |vm| vm.repr(a));
            sweep(vm, |vm| int_format::hex(vm, a));
            for &b in numbers {
                for op in [
                    BinaryOp::Add,
                    BinaryOp::Sub,
                    BinaryOp::Mul,
                    BinaryOp::TrueDiv,
                    BinaryOp::FloorDiv,
                    BinaryOp::Mod,
                    BinaryOp::And,
                    BinaryOp::Or,
                    BinaryOp::Xor,
                ] {
                    assert_normal(vm.binary(op, a, b, false).unwrap());
                    sweep(vm, |vm| vm.binary(op, a, b, false));
                }
                sweep(vm, |vm| number_functions::divmod(vm, a, b));
            }
            for n in [0, 1, 31, 32, 33, 640] {
                for op in [BinaryOp::LShift, BinaryOp::RShift, BinaryOp::Pow] {
                    let n = Value::int(n % 40);
                    assert_normal(vm.binary(op, a, n, false).unwrap());
                    sweep(vm, |vm| vm.binary(op, a, n, false));
                }
            }
            sweep(vm, |vm| int::pow_mod(vm, a, Value::int(5), numbers[20]));
        }
    });
}

#[test]
fn powers_are_repeated_products_and_modular_ones_their_remainders() {
    with_numbers(|vm, numbers| {
        for (&base, &modulus) in numbers.iter().zip(&numbers[3..]) {
            let mut expected = Value::int(1);
            for exponent in 0..20 {
                let exponent = Value::int(exponent);
                let power = vm.binary(BinaryOp::Pow, base, exponent, false).unwrap();
                assert!(vm.equal(power, expected).unwrap());
                let power = int::pow_mod(vm, base, exponent, modulus).unwrap();
                let rest = vm.binary(BinaryOp::Mod, expected, modulus, false).unwrap();
                assert!(vm.equal(power, rest).unwrap());
                expected = vm.binary(BinaryOp::Mul, expected, base, false).unwrap();
            }
        }
        // Fermat: a ** (p - 1) % p == 1 for the prime 2 ** 521 - 1.
        let two = vm.binary(BinaryOp::LShift, Value::int(1), Value::int(521), false).unwrap();
        let p = vm.binary(BinaryOp::Sub, two, Value::int(1), false).unwrap();
        let before = vm.binary(BinaryOp::Sub, p, Value::int(1), false).unwrap();
        let one = int::pow_mod(vm, Value::int(3), before, p).unwrap();
        assert_eq!(one, Value::int(1));
        // What cannot fit fails before it begins.
        assert!(vm.binary(BinaryOp::Pow, Value::int(3), Value::int(1 << 28), false).is_err());
        assert!(vm.catch(crate::exc::MEMORY_ERROR));
    });
}

#[test]
fn equal_numbers_have_equal_hashes() {
    with_vm(MEMORY, |vm| {
        for exponent in 0..Scalar::MAX_EXP - 1 {
            for sign in [1.0, -1.0] {
                let f: Scalar = sign * num::Real::ldexp(1.0, exponent);
                let n = int::from_float(vm, f).unwrap();
                let as_float = vm.new_float(f).unwrap();
                let as_complex = vm.new_complex(f, 0.0).unwrap();
                let hash = vm.hash(n).unwrap();
                assert_eq!(hash, vm.hash(as_float).unwrap(), "{f}");
                assert_eq!(hash, vm.hash(as_complex).unwrap(), "{f}");
                for v in [as_float, as_complex] {
                    assert!(vm.equal(n, v).unwrap() && vm.equal(v, n).unwrap(), "{f}");
                }
                assert_eq!(float::fast_compare(vm, CompareOp::Eq, as_float, as_float), Some(true));
            }
        }
    });
}

#[test]
fn machine_integers_make_the_same_objects() {
    with_vm(MEMORY, |vm| {
        for n in
            [0, 1, -1, i64::MAX, i64::MIN, 1 << 30, -(1 << 30), (1 << 62) - 1, 1 << 62, -(1 << 62)]
        {
            let v = vm.int_from_i64(n).unwrap();
            assert_normal(v);
            assert_eq!(Integer::of(v).unwrap().get().to_i64(), Some(n));
            let wide = vm.int_from_i128(n.into()).unwrap();
            assert!(vm.equal(v, wide).unwrap());
            assert_eq!(vm.int_low_u64(v).unwrap(), n as u64);
        }
        let digits =
            int::from_text(vm, b"340282366920938463463374607431768211456", 10).unwrap().unwrap();
        let hex = int::from_text(vm, b"0100000000000000000000000000000000", 16).unwrap().unwrap();
        assert!(vm.equal(digits, hex).unwrap());
        let none = vm.int_to_i64(hex);
        assert!(none.is_err() && vm.catch(crate::exc::OVERFLOW_ERROR));
        assert!(vm.module_state(q::random.value()).is_none());
    });
}
