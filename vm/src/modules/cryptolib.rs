//! `cryptolib`: AES with keys of 128 and 256 bits, calculated by the RustCrypto crate.
//!
//! Between calls an object keeps its key, not what the crate makes of it: the round keys are made anew in each call, which takes
//! about as long as a few blocks and saves half a kilobyte of heap.
//!
//! Source: MicroPython library reference, "cryptolib"; FIPS 197; NIST SP 800-38A for the modes.
#![forbid(unsafe_code)]

use aes::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use crate::object::{Args, Buffer, ByteArray, Native, Res};
use crate::types::OBJECT;
use crate::types::common::positional;
use crate::value::{RomValue, Value};
use crate::{Raise, Vm, exc, py_module, py_type};

py_module! {
    /// `cryptolib`.
    pub static CRYPTOLIB: cryptolib, extensible true;
    entries {
        aes: AES.rom();
        MODE_CBC: MODE_CBC;
        MODE_CTR: MODE_CTR;
        MODE_ECB: MODE_ECB;
    }
}

py_type! {
    /// `cryptolib.aes(key, mode[, IV])`. Words: mode, direction, bytes of the key stream used, state (key, vector, key stream).
    pub static AES: aes, base OBJECT;
    slots { new: aes_new, is_final: true }
    entries {
        decrypt = Var(2, 3, aes_decrypt);
        encrypt = Var(2, 3, aes_encrypt);
    }
}

const ECB: isize = 1;
const CBC: isize = 2;
const CTR: isize = 6;
const MODE_ECB: RomValue = RomValue(Value::int(ECB as i32));
const MODE_CBC: RomValue = RomValue(Value::int(CBC as i32));
const MODE_CTR: RomValue = RomValue(Value::int(CTR as i32));

/// Word: the mode.
const MODE: usize = 0;
/// Word: `None`, then `True` for an object that encrypts.
const ENCRYPTS: usize = 1;
/// Word: how many bytes of the key stream block were used.
const USED: usize = 2;
/// Word: the `bytearray` with the state.
const STATE: usize = 3;

/// Bytes of a block.
const BLOCK: usize = 16;

type Block = [u8; BLOCK];

fn aes_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = positional(vm, args, 2, 3)?;
    let mode = vm.index(args[1])?;
    if !matches!(mode, ECB | CBC | CTR) {
        return Err(vm.raise(exc::VALUE_ERROR, "mode"));
    }
    let key = vm.expect_buffer(args[0])?;
    let n = key.len(vm);
    if !matches!(n, 16 | 32) {
        return Err(vm.raise(exc::VALUE_ERROR, "key"));
    }
    let vector = match args.get(2) {
        Some(&v) if !v.is_none() => Some(vm.expect_buffer(v)?),
        _ => None,
    };
    match vector {
        Some(vector) if vector.len(vm) != BLOCK => {
            return Err(vm.raise(exc::VALUE_ERROR, "IV"));
        }
        None if mode != ECB => return Err(vm.raise(exc::VALUE_ERROR, "IV")),
        _ => {}
    }
    let state = ByteArray::new(vm, 0, n + 2 * BLOCK)?;
    state.write(vm, 0, key);
    if let Some(vector) = vector {
        state.write(vm, n, vector);
    }
    let words = [Value::int(mode as i32), Value::NONE, Value::from_len(BLOCK), state.value()];
    Ok(Native::new(vm, class, &words)?.value())
}

/// `aes.encrypt(data[, out])`
fn aes_encrypt(vm: &mut Vm, args: &[Value]) -> Res {
    process(vm, args, true)
}

/// `aes.decrypt(data[, out])`
fn aes_decrypt(vm: &mut Vm, args: &[Value]) -> Res {
    process(vm, args, false)
}

/// The result is a new `bytes`, or is written to `out`, which may be the same buffer as the data and is returned.
fn process(vm: &mut Vm, args: &[Value], encrypts: bool) -> Res {
    let Some(this) = vm.cast::<Native>(args[0]).filter(|n| n.class() == AES.value()) else {
        return Err(vm.raise(exc::TYPE_ERROR, "argument has wrong type"));
    };
    let mode = this.get(vm, MODE).as_small_int().unwrap_or(ECB);
    let data = vm.expect_buffer(args[1])?;
    let n = data.len(vm);
    if mode != CTR && n % BLOCK != 0 {
        return Err(vm.raise(exc::VALUE_ERROR, "blksize % 16"));
    }
    let out = match args.get(2) {
        Some(&out) => {
            let out = vm.expect_writable(out)?;
            if out.len(vm) < n {
                return Err(vm.raise(exc::VALUE_ERROR, "output too small"));
            }
            out.slice(vm, 0..n)
        }
        None => Buffer::of_array(ByteArray::new(vm, 0, n)?),
    };
    match this.get(vm, ENCRYPTS) {
        was if was.is_none() => this.set(vm, ENCRYPTS, Value::bool(encrypts)),
        // With a counter both directions are the same.
        was if was != Value::bool(encrypts) && mode != CTR => {
            return Err(vm.raise(exc::VALUE_ERROR, "can't both encrypt and decrypt"));
        }
        _ => {}
    }
    out.copy_from(vm, data);
    let state = ByteArray::from_known(this.get(vm, STATE));
    let bytes = state.bytes(vm);
    let n_key = bytes.len() - 2 * BLOCK;
    let key = &bytes[..n_key];
    let decrypts = !encrypts && mode != CTR;
    if n_key == 16 {
        let cipher = aes::Aes128::new_from_slice(key);
        let cipher = cipher.map_err(|_| vm.raise(exc::VALUE_ERROR, "key"))?;
        transform(vm, this, n_key, out, &|block| one_block(&cipher, block, decrypts))?;
    } else {
        let cipher = aes::Aes256::new_from_slice(key);
        let cipher = cipher.map_err(|_| vm.raise(exc::VALUE_ERROR, "key"))?;
        transform(vm, this, n_key, out, &|block| one_block(&cipher, block, decrypts))?;
    }
    match args.get(2) {
        Some(&out) => Ok(out),
        None => Ok(out.to_bytes(vm)?.value()),
    }
}

fn block_at(bytes: &[u8], at: usize) -> Block {
    let mut block = [0; BLOCK];
    block.copy_from_slice(&bytes[at..at + BLOCK]);
    block
}

fn xor(mut a: Block, b: Block) -> Block {
    for (a, b) in a.iter_mut().zip(b) {
        *a ^= b;
    }
    a
}

/// Encrypts or decrypts a block.
fn one_block<C: BlockCipherEncrypt + BlockCipherDecrypt>(
    cipher: &C,
    block: Block,
    decrypts: bool,
) -> Block {
    let mut array = Array::<u8, C::BlockSize>::default();
    array.copy_from_slice(&block);
    if decrypts {
        cipher.decrypt_block(&mut array)
    } else {
        cipher.encrypt_block(&mut array)
    }
    block_at(&array, 0)
}

/// Encrypts or decrypts a buffer in place; `cipher` does it with a block.
fn transform(
    vm: &mut Vm,
    this: Native,
    n_key: usize,
    buffer: Buffer,
    cipher: &dyn Fn(Block) -> Block,
) -> Result<(), Raise> {
    let mode = this.get(vm, MODE).as_small_int().unwrap_or(ECB);
    let encrypts = this.get(vm, ENCRYPTS) == Value::TRUE;
    let mut used = this.get(vm, USED).as_small_int().unwrap_or(0) as usize;
    let state = ByteArray::from_known(this.get(vm, STATE));
    let bytes = state.bytes(vm);
    let (mut vector, mut stream) = (block_at(bytes, n_key), block_at(bytes, n_key + BLOCK));
    vm.with_bytes_mut(buffer, |vm, bytes| {
        for part in bytes.chunks_mut(BLOCK) {
            vm.tick(BLOCK * 16)?;
            if mode == CTR {
                for b in part {
                    if used == BLOCK {
                        stream = cipher(vector);
                        vector = u128::from_be_bytes(vector).wrapping_add(1).to_be_bytes();
                        used = 0;
                    }
                    *b ^= stream[used];
                    used += 1;
                }
                continue;
            }
            let old = block_at(part, 0);
            let new = match (mode, encrypts) {
                (CBC, true) => {
                    vector = cipher(xor(old, vector));
                    vector
                }
                (CBC, false) => xor(cipher(old), core::mem::replace(&mut vector, old)),
                _ => cipher(old),
            };
            part.copy_from_slice(&new);
        }
        Ok(())
    })?;
    let bytes = state.bytes_mut(vm);
    bytes[n_key..n_key + BLOCK].copy_from_slice(&vector);
    bytes[n_key + BLOCK..].copy_from_slice(&stream);
    this.set(vm, USED, Value::from_len(used));
    Ok(())
}
