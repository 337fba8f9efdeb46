//! What a debugger or an emulator outside the processor does for us: a command line and an exit code.
//!
//! Without such a host the `bkpt` of a call is a hard fault; [`crate::fault`] recognises it and lets the
//! call return -1, so that the same image runs with and without one.
//!
//! Source: Arm "Semihosting for AArch32 and AArch64", sections "The semihosting interface",
//! SYS_GET_CMDLINE, SYS_EXIT_EXTENDED.

use core::arch::asm;

/// The instruction that makes a semihosting call in Thumb state: `bkpt 0xAB`.
pub const CALL_INSTRUCTION: u16 = 0xBEAB;

const SYS_GET_CMDLINE: usize = 0x15;
const SYS_EXIT_EXTENDED: usize = 0x20;
const APPLICATION_EXIT: usize = 0x20026;

/// Makes one call; -1 where nobody answers.
///
/// # Safety
/// `block` is the parameter block that `operation` asks for, and every address in it is valid for what
/// the operation does with it.
unsafe fn call(operation: usize, block: *mut usize) -> isize {
    let result;
    // SAFETY: the host reads and writes what the caller vouches for, and register r0.
    unsafe {
        asm!("bkpt 0xAB", inlateout("r0") operation => result, in("r1") block, options(nostack));
    }
    result
}

/// The words that the host passes to the program, without the first (its name); `None` without a
/// host, or if `buf` is too small or they are not UTF-8. Start-up only.
pub fn command_line(buf: &mut [u8]) -> Option<&str> {
    let mut block = [buf.as_mut_ptr() as usize, buf.len()];
    // SAFETY: SYS_GET_CMDLINE takes the address and size of a writable buffer and updates the size.
    if unsafe { call(SYS_GET_CMDLINE, block.as_mut_ptr()) } != 0 {
        return None;
    }
    let text = core::str::from_utf8(buf.get(..block[1])?).ok()?;
    let text = text.trim_end_matches('\0');
    Some(text.split_once(' ').map_or("", |(_, words)| words))
}

/// Ends the emulator, or the debugger's session, with `code` as its exit status. Returns where there
/// is no host. Any context but the hard fault handler of a system without a host.
pub fn exit(code: u32) {
    let mut block = [APPLICATION_EXIT, code as usize];
    // SAFETY: SYS_EXIT_EXTENDED takes the reason and the code.
    unsafe { call(SYS_EXIT_EXTENDED, block.as_mut_ptr()) };
}
