//! What a debugger or an emulator outside the processor does for us: a command line, an exit code, its files.
//!
//! Without such a host the `bkpt` of a call is a hard fault; [`crate::fault`] recognises it and lets the
//! call return -1, so that the same image runs with and without one.
//!
//! Source: Arm "Semihosting for AArch32 and AArch64", sections "The semihosting interface",
//! and each operation by its name.

use core::arch::asm;
use core::ffi::CStr;

/// The instruction that makes a semihosting call in Thumb state: `bkpt 0xAB`.
pub const CALL_INSTRUCTION: u16 = 0xBEAB;

const SYS_OPEN: usize = 0x01;
const SYS_CLOSE: usize = 0x02;
#[cfg(feature = "host-files")]
const SYS_WRITE: usize = 0x05;
const SYS_READ: usize = 0x06;
const SYS_ERRNO: usize = 0x13;
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
    Some(text.bytes().position(|b| b == b' ').map_or("", |space| &text[space + 1..]))
}

/// Ends the emulator, or the debugger's session, with `code` as its exit status. Returns where there
/// is no host. Any context but the hard fault handler of a system without a host.
pub fn exit(code: u32) {
    let mut block = [APPLICATION_EXIT, code as usize];
    // SAFETY: SYS_EXIT_EXTENDED takes the reason and the code.
    unsafe { call(SYS_EXIT_EXTENDED, block.as_mut_ptr()) };
}

/// An open file of the host. Closed by [`File::close`] alone.
#[derive(Clone, Copy)]
pub struct File(usize);

/// The host's error number, as its C library counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Errno(pub i32);

impl File {
    /// Opens `path`. `mode` counts `r rb r+ r+b w wb w+ w+b a ab a+ a+b` from 0.
    ///
    /// # Errors
    /// What the host says; `ENOENT` without a host.
    pub fn open(path: &CStr, mode: usize) -> Result<File, Errno> {
        let mut block = [path.as_ptr() as usize, mode, path.count_bytes()];
        // SAFETY: SYS_OPEN takes a terminated path, a mode and the path's length.
        let handle = unsafe { call(SYS_OPEN, block.as_mut_ptr()) };
        usize::try_from(handle).map(File).map_err(|_| errno())
    }

    /// The file with this number, as [`File::number`] gave it; of another number calls fail.
    #[cfg(feature = "host-files")]
    pub fn from_number(number: usize) -> File {
        File(number)
    }

    /// The file's number.
    #[cfg(feature = "host-files")]
    pub fn number(self) -> usize {
        self.0
    }

    /// Closes the file; afterwards its number may be another's.
    pub fn close(self) {
        // SAFETY: SYS_CLOSE takes the number.
        unsafe { call(SYS_CLOSE, [self.0].as_mut_ptr()) };
    }

    /// Reads into `buf` at the file's position; returns how many bytes, 0 at the end and for a folder.
    pub fn read(self, buf: &mut [u8]) -> usize {
        let mut block = [self.0, buf.as_mut_ptr() as usize, buf.len()];
        // SAFETY: SYS_READ takes the number, a writable buffer and its size.
        let missing = unsafe { call(SYS_READ, block.as_mut_ptr()) };
        usize::try_from(missing).map_or(0, |missing| buf.len().saturating_sub(missing))
    }

    /// Writes `bytes` at the file's position; returns how many went.
    #[cfg(feature = "host-files")]
    pub fn write(self, bytes: &[u8]) -> usize {
        let mut block = [self.0, bytes.as_ptr() as usize, bytes.len()];
        // SAFETY: SYS_WRITE takes the number, a readable buffer and its size.
        let missing = unsafe { call(SYS_WRITE, block.as_mut_ptr()) };
        usize::try_from(missing).map_or(0, |missing| bytes.len().saturating_sub(missing))
    }
}

/// Why the last operation failed.
fn errno() -> Errno {
    /// "No such file or directory", the answer where nobody answers.
    const ENOENT: i32 = 2;
    // SAFETY: SYS_ERRNO takes nothing.
    let number = unsafe { call(SYS_ERRNO, core::ptr::null_mut()) };
    Errno(if number > 0 { number as i32 } else { ENOENT })
}
