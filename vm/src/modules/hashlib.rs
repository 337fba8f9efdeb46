//! `hashlib`: MD5, SHA-1 and SHA-256, calculated by the RustCrypto crates.
//!
//! The crates' functions for whole blocks are used; what is around them is the same for the three and here. Between calls a hash
//! is a `bytearray` that nobody else knows.
//!
//! Source: MicroPython library reference, "hashlib"; for the second argument of the constructors (the length of all data, which
//! a hash unit in hardware wants to know in advance; of no use here) the WiPy's documents. FIPS 180-4, RFC 1321.
#![forbid(unsafe_code)]

use crate::object::{Args, ByteArray, Native, Res, RomEntry, RomType};
use crate::types::OBJECT;
use crate::types::common::positional;
use crate::value::Value;
use crate::{Raise, Vm, exc, py_module, py_type, rom_entries};

py_module! {
    /// `hashlib`.
    pub static HASHLIB: hashlib, extensible true;
    entries {
        #[cfg(feature = "extra")]
        md5: MD5.rom();
        #[cfg(feature = "extra")]
        sha1: SHA1.rom();
        sha256: SHA256.rom();
    }
}

const METHODS: &[RomEntry] = rom_entries!([] update = F2(hash_update););

py_type! {
    /// `hashlib.md5([data])`. Word: the state, `UNDEF` once the digest was taken.
    pub static MD5: md5, base OBJECT;
    slots { new: hash_new, is_final: true }
    entries { digest = F1(hash_digest); } shared METHODS
}

py_type! {
    /// `hashlib.sha1([data])`
    pub static SHA1: sha1, base OBJECT;
    slots { new: hash_new, is_final: true }
    entries { digest = F1(hash_digest); } shared METHODS
}

py_type! {
    /// `hashlib.sha256([data])`
    pub static SHA256: sha256, base OBJECT;
    slots { new: hash_new, is_final: true }
    entries { digest = F1(hash_digest); } shared METHODS
}

const BLOCK: usize = 64;
/// Words of a state: those of the hash, then the two of the number of bytes so far, the lower first.
const HEAD: usize = 10;
const LENGTH: usize = 8;
/// Bytes of a state: its words, then what does not make a block yet.
const STATE: usize = 4 * HEAD + BLOCK;

/// One of the three: all have words of 32 bits and blocks of 64 bytes, and end with the length in bits.
struct Algorithm {
    start: &'static [u32],
    is_big_endian: bool,
    compress: fn(&mut [u32; 8], &[u8; BLOCK]),
}

/// The first `N` words.
fn words<const N: usize>(all: &mut [u32], f: impl FnOnce(&mut [u32; N])) {
    if let Some(first) = all.first_chunk_mut() {
        f(first);
    }
}

const SHA256_START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
const SHA1_START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

impl Algorithm {
    /// The one that a type stands for; `None` for other types.
    fn of(class: Value) -> Option<&'static Algorithm> {
        static ALGORITHMS: &[(&RomType, Algorithm)] = &[
            #[cfg(feature = "extra")]
            (
                &MD5,
                Algorithm {
                    start: SHA1_START.split_at(4).0,
                    is_big_endian: false,
                    compress: |all, block| words(all, |w| md5::block_api::compress(w, &[*block])),
                },
            ),
            #[cfg(feature = "extra")]
            (
                &SHA1,
                Algorithm {
                    start: &SHA1_START,
                    is_big_endian: true,
                    compress: |all, block| words(all, |w| sha1::block_api::compress(w, &[*block])),
                },
            ),
            (
                &SHA256,
                Algorithm {
                    start: &SHA256_START,
                    is_big_endian: true,
                    compress: |all, block| sha2::block_api::compress256(all, &[*block]),
                },
            ),
        ];
        ALGORITHMS.iter().find(|(t, _)| t.value() == class).map(|(_, algorithm)| algorithm)
    }
}

/// The state of a hash, taken out of its `bytearray` for one step.
struct Hash {
    head: [u32; HEAD],
    rest: [u8; BLOCK],
}

impl Hash {
    /// `ValueError` once the digest was taken.
    fn load(vm: &mut Vm, state: ByteArray) -> Result<Hash, Raise> {
        let mut hash = Hash { head: [0; HEAD], rest: [0; BLOCK] };
        let Some((words, rest)) = state.bytes(vm).split_at_checked(4 * HEAD) else {
            return Err(vm.raise(exc::VALUE_ERROR, "hash is final"));
        };
        for (word, bytes) in hash.head.iter_mut().zip(words.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        hash.rest.copy_from_slice(rest);
        Ok(hash)
    }

    /// Bytes so far.
    fn length(&self) -> u64 {
        u64::from(self.head[LENGTH + 1]) << 32 | u64::from(self.head[LENGTH])
    }
}

/// Adds data block by block. Others may see each of them, and threads that add to one hash add their blocks in turn.
fn update(vm: &mut Vm, algorithm: &Algorithm, state: ByteArray, data: &[u8]) -> Result<(), Raise> {
    let mut data = data;
    loop {
        let mut hash = Hash::load(vm, state)?;
        if data.is_empty() {
            return Ok(());
        }
        let length = hash.length();
        let at = length as usize % BLOCK;
        let (part, after) = data.split_at(data.len().min(BLOCK - at));
        data = after;
        hash.rest[at..at + part.len()].copy_from_slice(part);
        let length = length + part.len() as u64;
        hash.head[LENGTH] = length as u32;
        hash.head[LENGTH + 1] = (length >> 32) as u32;
        if at + part.len() == BLOCK {
            words(&mut hash.head, |words| (algorithm.compress)(words, &hash.rest));
        }
        let (words, rest) = state.bytes_mut(vm).split_at_mut(4 * HEAD);
        put_words(words, &hash.head, false);
        rest.copy_from_slice(&hash.rest);
        vm.tick_shared(BLOCK * 4)?;
    }
}

/// Writes words into bytes, with the low byte first or the high one.
fn put_words(bytes: &mut [u8], words: &[u32], is_big_endian: bool) {
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
        *bytes = if is_big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
    }
}

/// `sha256([data[, total_len]])` and the others.
fn hash_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = positional(vm, args, 0, 2)?;
    let state = ByteArray::new(vm, 0, STATE)?;
    let hash = Native::new(vm, class, &[state.value()])?.value();
    let (algorithm, _) = this(vm, hash)?;
    put_words(state.bytes_mut(vm), algorithm.start, false);
    if let Some(&data) = args.first() {
        hash_update(vm, hash, data)?;
    }
    Ok(hash)
}

/// Algorithm and state of a hash.
fn this(vm: &mut Vm, v: Value) -> Result<(&'static Algorithm, ByteArray), Raise> {
    if let Some(hash) = vm.cast::<Native>(v)
        && let Some(algorithm) = Algorithm::of(hash.class())
        && let Some(state) = ByteArray::from_value(hash.get(vm, 0))
    {
        return Ok((algorithm, state));
    }
    Err(vm.raise(exc::TYPE_ERROR, "argument has wrong type"))
}

/// `hash.update(data)`
fn hash_update(vm: &mut Vm, v: Value, data: Value) -> Res {
    let data = vm.expect_buffer(data)?;
    let (algorithm, state) = this(vm, v)?;
    vm.with_bytes(data, |vm, data| update(vm, algorithm, state, data))?;
    Ok(Value::NONE)
}

/// `hash.digest()`: after it, the hash takes no more data.
fn hash_digest(vm: &mut Vm, v: Value) -> Res {
    let (algorithm, state) = this(vm, v)?;
    let length = Hash::load(vm, state)?.length();
    // A one, zeros, and the length in bits in the last eight bytes of a block.
    let mut padding = [0; BLOCK + 8];
    padding[0] = 0x80;
    let n = 1 + (BLOCK - 9).wrapping_sub(length as usize) % BLOCK;
    let mut bits = length.wrapping_mul(8);
    if algorithm.is_big_endian {
        bits = bits.swap_bytes();
    }
    padding[n..n + 8].copy_from_slice(&bits.to_le_bytes());
    update(vm, algorithm, state, &padding[..n + 8])?;
    let hash = Hash::load(vm, state)?;
    let digest = vm.new_bytes_with(4 * algorithm.start.len(), |out| {
        put_words(out, &hash.head, algorithm.is_big_endian);
    })?;
    state.resize(vm, 0)?;
    Ok(digest)
}
