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
/// Offsets in a state: words, then bytes so far, then what does not make a block yet.
const LENGTH: usize = 32;
const REST: usize = LENGTH + 8;
const STATE: usize = REST + BLOCK;

/// One of the three: all have words of 32 bits and blocks of 64 bytes, and end with the length in bits.
struct Algorithm {
    start: &'static [u32],
    is_big_endian: bool,
    compress: fn(&mut [u32; 8], &[u8; BLOCK]),
}

/// The first `N` words.
fn words<const N: usize>(all: &mut [u32; 8], f: impl FnOnce(&mut [u32; N])) {
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

/// A hash at work.
struct Hash {
    algorithm: &'static Algorithm,
    /// Words, length and rest, as they are kept between calls.
    state: [u8; STATE],
}

impl Hash {
    fn new(algorithm: &'static Algorithm) -> Hash {
        let mut hash = Hash { algorithm, state: [0; STATE] };
        let mut words = [0; 8];
        words[..algorithm.start.len()].copy_from_slice(algorithm.start);
        hash.set_words(&words);
        hash
    }

    fn load(vm: &Vm, algorithm: &'static Algorithm, state: ByteArray) -> Hash {
        let mut hash = Hash { algorithm, state: [0; STATE] };
        hash.state.copy_from_slice(state.bytes(vm));
        hash
    }

    fn store(&self, vm: &mut Vm, state: ByteArray) {
        state.bytes_mut(vm).copy_from_slice(&self.state);
    }

    /// Word `i` of the state; the length follows the eight of the hash.
    fn word(&self, i: usize) -> u32 {
        self.state.as_chunks().0.get(i).map_or(0, |bytes| u32::from_ne_bytes(*bytes))
    }

    fn set_words(&mut self, words: &[u32; 8]) {
        for (bytes, word) in self.state.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word.to_ne_bytes();
        }
    }

    /// Bytes so far.
    fn length(&self) -> u64 {
        self.state[LENGTH..].first_chunk().map_or(0, |bytes| u64::from_ne_bytes(*bytes))
    }

    /// Adds data.
    fn update(&mut self, vm: &mut Vm, data: &[u8]) -> Result<(), Raise> {
        let (mut length, mut data) = (self.length(), data);
        while !data.is_empty() {
            let at = length as usize % BLOCK;
            let (part, after) = data.split_at(data.len().min(BLOCK - at));
            self.state[REST + at..REST + at + part.len()].copy_from_slice(part);
            length += part.len() as u64;
            data = after;
            if at + part.len() == BLOCK {
                let mut words = core::array::from_fn(|i| self.word(i));
                if let Some(block) = self.state[REST..].first_chunk() {
                    (self.algorithm.compress)(&mut words, block);
                }
                self.set_words(&words);
                vm.tick_shared(BLOCK * 4)?;
            }
        }
        self.state[LENGTH..REST].copy_from_slice(&length.to_ne_bytes());
        Ok(())
    }

    /// Adds the padding: a one, zeros, and the length in the last eight bytes of a block.
    fn finish(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        let bits = self.length().wrapping_mul(8);
        let at = self.length() as usize % BLOCK;
        let mut padding = [0; 2 * BLOCK];
        padding[0] = 0x80;
        let n = if at < BLOCK - 8 { BLOCK - at } else { 2 * BLOCK - at };
        padding[n - 8..n].copy_from_slice(&match self.algorithm.is_big_endian {
            true => bits.to_be_bytes(),
            false => bits.to_le_bytes(),
        });
        self.update(vm, &padding[..n])
    }
}

/// `sha256([data[, total_len]])` and the others.
fn hash_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = positional(vm, args, 0, 2)?;
    let state = ByteArray::new(vm, 0, STATE)?;
    let hash = Native::new(vm, class, &[state.value()])?.value();
    let (_, algorithm, state) = this(vm, hash)?;
    Hash::new(algorithm).store(vm, state);
    if let Some(&data) = args.first() {
        hash_update(vm, hash, data)?;
    }
    Ok(hash)
}

/// What a hash has in the place of its state while a thread adds data, which others may see happen.
const BUSY: Value = Value::TRUE;

/// How long to wait before looking again whether another thread has finished with a hash.
const RETRY_US: u64 = 1_000;

/// Hash, algorithm and state; `ValueError` once its digest was taken. Waits while another thread adds data.
fn this(vm: &mut Vm, v: Value) -> Result<(Native, &'static Algorithm, ByteArray), Raise> {
    let native = vm.cast::<Native>(v);
    let Some((hash, algorithm)) = native.and_then(|n| Some((n, Algorithm::of(n.class())?))) else {
        return Err(vm.raise(exc::TYPE_ERROR, "argument has wrong type"));
    };
    while hash.get(vm, 0) == BUSY {
        vm.wait_until(Some(RETRY_US), |vm| Ok(hash.get(vm, 0) != BUSY))?;
    }
    match ByteArray::from_value(hash.get(vm, 0)) {
        Some(state) => Ok((hash, algorithm, state)),
        None => Err(vm.raise(exc::VALUE_ERROR, "hash is final")),
    }
}

/// `hash.update(data)`
fn hash_update(vm: &mut Vm, v: Value, data: Value) -> Res {
    let data = vm.expect_buffer(data)?;
    let (object, algorithm, state) = this(vm, v)?;
    let mut hash = Hash::load(vm, algorithm, state);
    object.set(vm, 0, BUSY);
    let added = vm.with_bytes(data, |vm, data| hash.update(vm, data));
    object.set(vm, 0, state.value());
    added?;
    hash.store(vm, state);
    Ok(Value::NONE)
}

/// `hash.digest()`: after it, the hash takes no more data.
fn hash_digest(vm: &mut Vm, v: Value) -> Res {
    let (object, algorithm, state) = this(vm, v)?;
    let mut hash = Hash::load(vm, algorithm, state);
    object.set(vm, 0, BUSY);
    let finished = hash.finish(vm);
    object.set(vm, 0, state.value());
    finished?;
    let n = algorithm.start.len();
    let digest = vm.new_bytes_with(4 * n, |out| {
        for (i, out) in out.as_chunks_mut().0.iter_mut().enumerate() {
            let word = hash.word(i);
            *out = if algorithm.is_big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
        }
    })?;
    object.set(vm, 0, Value::UNDEF);
    Ok(digest)
}
