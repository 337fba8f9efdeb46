//! What the compiler calls for floats of single precision on a board without a unit for them, and for division of 64 bits.
//!
//! They take the place of those of `compiler_builtins`, which are twice as large and, for division, four times as fast.
//! Source of the names and arguments: Run-time ABI for the Arm Architecture, 4.1.2 and 4.2; LLVM's compiler-rt.

use threadsnake_vm::num::soft;

#[unsafe(no_mangle)]
extern "C" fn __aeabi_fadd(a: u32, b: u32) -> u32 {
    soft::add(a, b)
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_fsub(a: u32, b: u32) -> u32 {
    soft::add(a, b ^ 1 << 31)
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_fmul(a: u32, b: u32) -> u32 {
    soft::mul(a, b)
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_fdiv(a: u32, b: u32) -> u32 {
    soft::div(a, b)
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_i2f(n: i32) -> u32 {
    soft::from_i64(n.into())
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_ui2f(n: u32) -> u32 {
    soft::from_u64(n.into())
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_l2f(n: i64) -> u32 {
    soft::from_i64(n)
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_ul2f(n: u64) -> u32 {
    soft::from_u64(n)
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_f2iz(x: u32) -> i32 {
    soft::to_i64(x) as i32
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_f2lz(x: u32) -> i64 {
    soft::to_i64(x)
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_f2ulz(x: u32) -> u64 {
    soft::to_i64(x) as u64
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_fcmpeq(a: u32, b: u32) -> bool {
    soft::compare(a, b) == 0
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_fcmplt(a: u32, b: u32) -> bool {
    soft::compare(a, b) == -1
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_fcmple(a: u32, b: u32) -> bool {
    soft::compare(a, b) <= 0
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_fcmpge(a: u32, b: u32) -> bool {
    soft::compare(b, a) <= 0
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_fcmpgt(a: u32, b: u32) -> bool {
    soft::compare(a, b) == 1
}

#[unsafe(no_mangle)]
extern "C" fn __aeabi_fcmpun(a: u32, b: u32) -> bool {
    soft::compare(a, b) == 2
}

#[unsafe(no_mangle)]
extern "C" fn __udivmoddi4(n: u64, d: u64, rest: Option<&mut u64>) -> u64 {
    let (quotient, remainder) = soft::divide(n, d);
    if let Some(rest) = rest {
        *rest = remainder;
    }
    quotient
}

#[unsafe(no_mangle)]
extern "C" fn __divmoddi4(n: i64, d: i64, rest: &mut i64) -> i64 {
    let (quotient, remainder) = soft::divide(n.unsigned_abs(), d.unsigned_abs());
    *rest = if n < 0 { remainder.wrapping_neg() } else { remainder } as i64;
    if (n < 0) != (d < 0) { quotient.wrapping_neg() as i64 } else { quotient as i64 }
}
