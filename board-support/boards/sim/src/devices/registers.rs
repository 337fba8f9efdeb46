//! Memory that scripts reach by address: 4 KiB that do nothing else.

use core::cell::RefCell;
use critical_section::Mutex;
use threadsnake_drivers::hal::{HalError, Memory, Width};

/// Where it begins, as scripts see it.
pub const START: usize = 0x4000_0000;
const BYTES: usize = 4096;

static MEMORY: Mutex<RefCell<[u8; BYTES]>> = Mutex::new(RefCell::new([0; BYTES]));

/// The bytes of an access.
fn place(memory: &mut [u8; BYTES], address: usize, width: Width) -> Result<&mut [u8], HalError> {
    let start = address.checked_sub(START).ok_or(HalError::Invalid)?;
    memory.get_mut(start..start + width as usize).ok_or(HalError::Invalid)
}

/// The memory.
pub struct SimRegisters;

impl Memory for SimRegisters {
    fn read(&self, address: usize, width: Width) -> Result<u32, HalError> {
        critical_section::with(|cs| {
            let mut memory = MEMORY.borrow_ref_mut(cs);
            let bytes = place(&mut memory, address, width)?;
            Ok(bytes.iter().rev().fold(0, |n, &byte| n << 8 | u32::from(byte)))
        })
    }

    fn write(&self, address: usize, width: Width, value: u32) -> Result<(), HalError> {
        critical_section::with(|cs| {
            let mut memory = MEMORY.borrow_ref_mut(cs);
            let bytes = place(&mut memory, address, width)?;
            let n = bytes.len();
            bytes.copy_from_slice(&value.to_le_bytes()[..n]);
            Ok(())
        })
    }
}
