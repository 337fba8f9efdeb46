//! `binascii`: bytes as text and back, and a checksum.
//!
//! Source: MicroPython library reference, "binascii"; RFC 4648 (base 64 and 16); CRC-32 as in ISO 3309 and ZIP files.
#![forbid(unsafe_code)]

use crate::object::{Res, StrBuilder};
use crate::types::number::{Text, cannot_convert, text_of};
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

/// `hexlify(data[, sep])`: two digits a byte, with the first byte of `sep` between them.
fn hexlify(vm: &mut Vm, args: &[Value]) -> Res {
    let data = vm.expect_buffer(args[0])?;
    let separator = match args.get(1) {
        None => None,
        Some(&v) => match text_of(vm, v)? {
            Some(text) => Text::of(text).bytes().first().copied(),
            None => return Err(cannot_convert(vm, v, "str")),
        },
    };
    let mut out = StrBuilder::new();
    let n = data.len(vm).saturating_mul(2 + separator.is_some() as usize);
    out.reserve(vm, n)?;
    vm.with_bytes(data, |vm, data| {
        for (i, &b) in data.iter().enumerate() {
            if let Some(separator) = separator.filter(|_| i > 0) {
                out.push_bytes(vm, &[separator])?;
            }
            let digit = |n: u8| if n < 10 { b'0' + n } else { b'a' - 10 + n };
            out.push_bytes(vm, &[digit(b >> 4), digit(b & 15)])?;
            vm.tick_shared(2)?;
        }
        Ok(())
    })?;
    out.finish_bytes(vm)
}

/// `unhexlify(data)`: the bytes of pairs of digits; white space may stand between the pairs.
fn unhexlify(vm: &mut Vm, data: Value) -> Res {
    let data = vm.expect_buffer(data)?;
    let mut out = StrBuilder::new();
    vm.with_bytes(data, |vm, data| {
        let mut rest = data.iter();
        while let Some(&first) = rest.next() {
            vm.tick_shared(2)?;
            if matches!(first, b' ' | b'\t'..=b'\r') {
                continue;
            }
            let digit = |b: u8| char::from(b).to_digit(16);
            let pair = digit(first).zip(rest.next().and_then(|&b| digit(b)));
            let Some((high, low)) = pair else {
                return Err(vm.raise(exc::VALUE_ERROR, "non-hex digit"));
            };
            out.push_bytes(vm, &[(high << 4 | low) as u8])?;
        }
        Ok(())
    })?;
    out.finish_bytes(vm)
}

/// The six bits of a character of base 64.
fn sextet(b: u8) -> Option<u8> {
    Some(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// `a2b_base64(data)`: what is no character of base 64 is passed over. `ValueError` when bits are left that no padding ends.
fn a2b_base64(vm: &mut Vm, data: Value) -> Res {
    let data = vm.expect_buffer(data)?;
    let mut out = StrBuilder::new();
    vm.with_bytes(data, |vm, data| {
        // Bits that do not make a byte yet, and how many they are.
        let (mut bits, mut n_bits) = (0u32, 0);
        let mut was_padding = false;
        for &b in data {
            vm.tick_shared(1)?;
            if b == b'=' {
                if n_bits == 2 || n_bits == 4 && was_padding {
                    return Ok(());
                }
                was_padding = true;
                continue;
            }
            let Some(six) = sextet(b) else { continue };
            was_padding = false;
            bits = bits << 6 | u32::from(six);
            n_bits += 6;
            if n_bits >= 8 {
                n_bits -= 8;
                out.push_bytes(vm, &[(bits >> n_bits) as u8])?;
            }
        }
        if n_bits == 0 { Ok(()) } else { Err(vm.raise(exc::VALUE_ERROR, "incorrect padding")) }
    })?;
    out.finish_bytes(vm)
}

/// `b2a_base64(data, newline=True)`
fn b2a_base64(vm: &mut Vm, args: &[Value]) -> Res {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let newline = args[1].is_undef() || vm.truth(args[1])?;
    let data = vm.expect_buffer(args[0])?;
    let mut out = StrBuilder::new();
    let n = data.len(vm);
    out.reserve(vm, (n / 3).saturating_mul(4).saturating_add(5))?;
    vm.with_bytes(data, |vm, data| {
        for three in data.chunks(3) {
            let at = |i: usize| u32::from(three.get(i).copied().unwrap_or(0));
            let bits = at(0) << 16 | at(1) << 8 | at(2);
            let mut four = [18, 12, 6, 0].map(|shift| DIGITS[(bits >> shift & 63) as usize]);
            four[three.len() + 1..].fill(b'=');
            out.push_bytes(vm, &four)?;
            vm.tick_shared(4)?;
        }
        Ok(())
    })?;
    if newline {
        out.push_bytes(vm, b"\n")?;
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
    let data = vm.expect_buffer(args[0])?;
    vm.with_bytes(data, |vm, data| {
        for part in data.chunks(PART) {
            crc = crc32_of(crc, part);
            vm.tick_shared(part.len())?;
        }
        Ok(())
    })?;
    vm.int_from_u64(u64::from(crc))
}
