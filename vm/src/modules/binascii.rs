//! `binascii`: bytes as text and back, and a checksum.
//!
//! Source: MicroPython library reference, "binascii"; RFC 4648 (base 64 and 16); CRC-32 as in ISO 3309 and ZIP files.
#![forbid(unsafe_code)]

use crate::object::{Flavor, Res, StrBuilder};
use crate::types::bytes;
use crate::value::Value;
use crate::{Vm, exc, py_module};

py_module! {
    /// `binascii`.
    pub static BINASCII: binascii, extensible true;
    entries {
        a2b_base64 = F1(a2b_base64);
        b2a_base64 = Kw(b2a_base64; _, newline?);
        crc32 = Var(1, 2, crc32);
        hexlify = Var(1, 2, hexlify);
        unhexlify = F1(unhexlify);
    }
}

/// Bytes that are worked on between two looks at what is pending.
const PART: usize = 512;

/// The characters of base 64, by what they stand for.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `hexlify(data[, sep])`: two digits a byte, with the first byte of `sep` between them.
fn hexlify(vm: &mut Vm, args: &[Value]) -> Res {
    bytes::hex(vm, args, Flavor::Bytes)
}

/// `unhexlify(data)`: the bytes of pairs of digits; white space may stand between the pairs.
fn unhexlify(vm: &mut Vm, data: Value) -> Res {
    let data = vm.expect_bytes(data)?;
    bytes::unhex(vm, Flavor::Bytes, data)
}

/// `a2b_base64(data)`: what is no character of base 64 is passed over. `ValueError` when bits are left that no padding ends.
fn a2b_base64(vm: &mut Vm, data: Value) -> Res {
    let data = vm.expect_bytes(data)?;
    let mut out = StrBuilder::new();
    // Bits that do not make a byte yet, and how many they are.
    let (mut bits, mut n_bits) = (0, 0);
    let (mut was_padding, mut at) = (false, 0);
    while let Some(&b) = data.bytes(vm).get(at) {
        at += 1;
        vm.tick_shared(1)?;
        if b == b'=' {
            if n_bits == 2 || n_bits == 4 && was_padding {
                n_bits = 0;
                break;
            }
            was_padding = true;
            continue;
        }
        let Some(six) = DIGITS.iter().position(|&digit| digit == b) else { continue };
        was_padding = false;
        bits = bits << 6 | six;
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            out.push_byte(vm, (bits >> n_bits) as u8);
        }
    }
    if n_bits != 0 {
        return Err(vm.raise(exc::VALUE_ERROR, "incorrect padding"));
    }
    out.finish_bytes(vm)
}

/// `b2a_base64(data, newline=True)`
fn b2a_base64(vm: &mut Vm, args: &[Value]) -> Res {
    let newline = args[1].is_undef() || vm.truth(args[1])?;
    let data = vm.expect_bytes(args[0])?;
    let mut out = StrBuilder::new();
    let mut at = 0;
    loop {
        let three = data.between(vm, at, at + 3);
        let n = three.len();
        if n == 0 {
            break;
        }
        let byte = |i: usize| three.get(i).map_or(0, |&b| usize::from(b));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for i in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * i) & 63];
            out.push_byte(vm, if i <= n { digit } else { b'=' });
        }
        at += 3;
        vm.tick_shared(4)?;
    }
    if newline {
        out.push_byte(vm, b'\n');
    }
    out.finish_bytes(vm)
}

/// The CRC-32 of what gave `crc` followed by `data`.
pub fn crc32_of(crc: u32, data: &[u8]) -> u32 {
    // What four bits do; a table of 256 entries would be four times as fast and sixteen times as large.
    const TABLE: [u32; 16] = {
        let mut table = [0; 16];
        let mut i = 0;
        while i < 16 {
            let mut crc = i as u32;
            let mut k = 0;
            while k < 4 {
                crc = if crc & 1 != 0 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
                k += 1;
            }
            table[i] = crc;
            i += 1;
        }
        table
    };
    let crc = data.iter().fold(!crc, |crc, &b| {
        let crc = crc ^ u32::from(b);
        let crc = crc >> 4 ^ TABLE[(crc & 15) as usize];
        crc >> 4 ^ TABLE[(crc & 15) as usize]
    });
    !crc
}

/// `crc32(data[, value])`: the checksum, continued from that of what came before.
fn crc32(vm: &mut Vm, args: &[Value]) -> Res {
    let mut crc = match args.get(1) {
        Some(&v) => vm.int_low_u64(v)? as u32,
        None => 0,
    };
    let data = vm.expect_bytes(args[0])?;
    let mut at = 0;
    loop {
        let part = data.between(vm, at, at + PART);
        let n = part.len();
        crc = crc32_of(crc, part);
        if n == 0 {
            return vm.int_from_u64(u64::from(crc));
        }
        at += n;
        vm.tick_shared(n)?;
    }
}
