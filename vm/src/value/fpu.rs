//! What a floating-point unit does in one instruction and no safe function of `core` reaches.
//!
//! `libm` knows the instructions of hosts, but computes bit by bit on Cortex-M. A target's linker configuration sets
//! `cfg(threadsnake_fp64)` where the unit has double precision: compilers do not tell that on the stable channel.
//!
//! Source: Armv7-M Architecture Reference Manual, A7.7 "VSQRT".

/// The square root, correctly rounded.
#[inline]
pub fn sqrt(x: f64) -> f64 {
    #[cfg(threadsnake_fp64)]
    {
        let root: f64;
        // SAFETY: the unit has the instruction (see above), which touches nothing but its operands and the flags of
        // floating-point exceptions, which nobody reads.
        unsafe {
            core::arch::asm!(
                "vsqrt.f64 {root}, {x}",
                root = out(dreg_low16) root,
                x = in(dreg_low16) x,
                options(pure, nomem, nostack),
            );
        }
        root
    }
    #[cfg(not(threadsnake_fp64))]
    libm::sqrt(x)
}
