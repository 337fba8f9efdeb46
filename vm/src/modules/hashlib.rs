//! `hashlib`: MD5, SHA-1 and SHA-256, calculated by the RustCrypto crates.
//!
//! Between calls a hash is the crate's serialised state in a `bytearray` that nobody else knows.
//!
//! Source: MicroPython library reference, "hashlib"; for the second argument of the constructors (the length of all data, which
//! a hash unit in hardware wants to know in advance; of no use here) the WiPy's documents. FIPS 180-4, RFC 1321.
#![forbid(unsafe_code)]

use digest::Digest;
use digest::common::hazmat::{SerializableState, SerializedState};

use crate::object::{Args, Buffer, ByteArray, Native, Res, RomEntry};
use crate::types::OBJECT;
use crate::types::common::positional;
use crate::value::Value;
use crate::{Raise, Vm, exc, py_module, py_type, rom_entries};

py_module! {
    /// `hashlib`.
    pub static HASHLIB: hashlib, extensible true;
    entries {
        md5: MD5.rom();
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

/// Bytes that are hashed between two looks at what is pending.
const PART: usize = 256;

/// What is done to a state. `None`: it is not one.
trait Work {
    type Output;
    fn on<D: Digest + SerializableState>(self, vm: &mut Vm, state: ByteArray) -> Self::Output;
}

/// Makes the state of an empty hash.
struct Start;
/// Adds data.
struct Add(Buffer);
/// Takes the digest.
struct Finish;

fn load<D: Digest + SerializableState>(vm: &mut Vm, state: ByteArray) -> Result<D, Raise> {
    let hash = <&SerializedState<D>>::try_from(state.bytes(vm)).ok().map(D::deserialize);
    match hash {
        Some(Ok(hash)) => Ok(hash),
        _ => Err(vm.raise(exc::VALUE_ERROR, "hash is final")),
    }
}

fn store<D: Digest + SerializableState>(
    vm: &mut Vm,
    state: ByteArray,
    hash: &D,
) -> Result<(), Raise> {
    let bytes = hash.serialize();
    state.resize(vm, bytes.len())?;
    state.bytes_mut(vm).copy_from_slice(&bytes);
    Ok(())
}

impl Work for Start {
    type Output = Result<(), Raise>;
    fn on<D: Digest + SerializableState>(self, vm: &mut Vm, state: ByteArray) -> Self::Output {
        store(vm, state, &D::new())
    }
}

impl Work for Add {
    type Output = Result<(), Raise>;
    fn on<D: Digest + SerializableState>(self, vm: &mut Vm, state: ByteArray) -> Self::Output {
        let mut hash: D = load(vm, state)?;
        vm.with_bytes(self.0, |vm, data| {
            for part in data.chunks(PART) {
                hash.update(part);
                vm.tick(part.len() * 2)?;
            }
            store(vm, state, &hash)
        })
    }
}

impl Work for Finish {
    type Output = Res;
    fn on<D: Digest + SerializableState>(self, vm: &mut Vm, state: ByteArray) -> Self::Output {
        let hash: D = load(vm, state)?;
        vm.new_bytes(&hash.finalize())
    }
}

/// Does some work on a state of the algorithm that a type stands for.
fn with_algorithm<W: Work>(vm: &mut Vm, class: Value, state: ByteArray, work: W) -> W::Output {
    if class == MD5.value() {
        work.on::<md5::Md5>(vm, state)
    } else if class == SHA1.value() {
        work.on::<sha1::Sha1>(vm, state)
    } else {
        work.on::<sha2::Sha256>(vm, state)
    }
}

/// `sha256([data[, total_len]])` and the others.
fn hash_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = positional(vm, args, 0, 2)?;
    let state = ByteArray::new(vm, 0, 0)?;
    with_algorithm(vm, class, state, Start)?;
    let hash = Native::new(vm, class, &[state.value()])?;
    if let Some(&data) = args.first() {
        hash_update(vm, hash.value(), data)?;
    }
    Ok(hash.value())
}

/// Type and state of a hash; `ValueError` once its digest was taken.
fn this(vm: &mut Vm, v: Value) -> Result<(Native, ByteArray), Raise> {
    let hash = vm.cast::<Native>(v).filter(|n| {
        [&MD5, &SHA1, &SHA256].into_iter().any(|algorithm| n.class() == algorithm.value())
    });
    let Some(hash) = hash else {
        return Err(vm.raise(exc::TYPE_ERROR, "argument has wrong type"));
    };
    match ByteArray::from_value(hash.get(vm, 0)) {
        Some(state) => Ok((hash, state)),
        None => Err(vm.raise(exc::VALUE_ERROR, "hash is final")),
    }
}

/// `hash.update(data)`
fn hash_update(vm: &mut Vm, v: Value, data: Value) -> Res {
    let (hash, state) = this(vm, v)?;
    let data = vm.expect_buffer(data)?;
    with_algorithm(vm, hash.class(), state, Add(data))?;
    Ok(Value::NONE)
}

/// `hash.digest()`: after it, the hash takes no more data.
fn hash_digest(vm: &mut Vm, v: Value) -> Res {
    let (hash, state) = this(vm, v)?;
    let digest = with_algorithm(vm, hash.class(), state, Finish)?;
    hash.set(vm, 0, Value::UNDEF);
    Ok(digest)
}
