//! Frozen modules: code objects and their constants in ROM, run in place.
//!
//! An image is a table of constants that the host tool `threadsnake-freeze` writes as Rust and the target's compiler
//! lays out. Its strings are all interned: they extend the list of names in ROM. The hints of its code are one array in
//! RAM, of a size that the tool was told; code objects may share hints, as they are checked before they are believed.
//!
//! # Invariants
//! 1. Everything that an image refers to is immutable and lives for ever; no string is twice in it, or in it and in the
//!    list of names.
//! 2. The code was verified by the tool that made the image, with the instruction set of this very package (the tool
//!    writes the set's fingerprint beside, and `FrozenImage::new` compares it at compile time).

use super::code::{CONSTS, CodeObj, flags_and_line, plain_args};
use super::misc::ComplexObj;
use super::{Handler, Hint, Str};
use crate::Vm;
use crate::bytecode::file::FINGERPRINT;
use crate::value::header::{CodeHead, WORD};
use crate::value::{Header, Kind, RomValue, Scalar, Value};

/// Declares what makes a table entry of a ROM object, and that it may be in a static.
macro_rules! rom_object {
    ($name:ident<const $n:ident>) => {
        // SAFETY: immutable; refers to ROM only.
        unsafe impl<const $n: usize> Sync for $name<$n> {}
        impl<const $n: usize> $name<$n> {
            /// The object as an entry of a ROM table.
            pub const fn rom(&'static self) -> RomValue {
                // SAFETY: a static object is live for ever, and begins with its header.
                RomValue(unsafe { Value::from_object((&raw const *self).cast()) })
            }
        }
    };
}

/// `bytes` in ROM.
#[repr(C, align(8))]
pub struct RomBytes<const N: usize> {
    header: Header,
    count: u32,
    bytes: [u8; N],
}
rom_object!(RomBytes<const N>);

impl<const N: usize> RomBytes<N> {
    /// These bytes.
    pub const fn new(bytes: [u8; N]) -> RomBytes<N> {
        RomBytes { header: Header::new(Kind::Bytes, 0, 0), count: N as u32, bytes }
    }
}

/// A tuple in ROM.
#[repr(C, align(8))]
pub struct RomTuple<const N: usize> {
    header: Header,
    count: u32,
    items: [RomValue; N],
}
rom_object!(RomTuple<const N>);

impl<const N: usize> RomTuple<N> {
    /// A tuple of these items.
    pub const fn new(items: [RomValue; N]) -> RomTuple<N> {
        RomTuple { header: Header::new(Kind::Tuple, 0, 0), count: N as u32, items }
    }
}

/// An `int` of `N` limbs in ROM.
#[repr(C, align(8))]
pub struct RomInt<const N: usize> {
    header: Header,
    count: u32,
    limbs: [u32; N],
}
rom_object!(RomInt<const N>);

impl<const N: usize> RomInt<N> {
    /// The number of this magnitude, lowest limb first, the highest not zero.
    pub const fn new(negative: bool, limbs: [u32; N]) -> RomInt<N> {
        let header = Header::new(Kind::Int, 0, negative as u16);
        RomInt { header, count: N as u32 * 4, limbs }
    }

    /// The number as an entry of a ROM table: a small int where the target's words can hold it.
    pub const fn rom_or_small(&'static self) -> RomValue {
        let negative = self.header.aux & 1 != 0;
        if N <= 2 {
            let high = if N > 1 { (self.limbs[N - 1] as u64) << 32 } else { 0 };
            let magnitude = high | self.limbs[0] as u64;
            if magnitude <= i64::MAX as u64 {
                let n = if negative { -(magnitude as i64) } else { magnitude as i64 };
                if n as isize as i64 == n
                    && let Some(value) = Value::small_int(n as isize)
                {
                    return RomValue(value);
                }
            }
        }
        self.rom()
    }
}

/// A `complex` in ROM.
#[repr(transparent)]
pub struct RomComplex(ComplexObj);

// SAFETY: immutable.
unsafe impl Sync for RomComplex {}

impl RomComplex {
    /// This number.
    pub const fn new(re: f64, im: f64) -> RomComplex {
        RomComplex(ComplexObj {
            header: Header::new(Kind::Complex, 0, 0),
            re: re as Scalar,
            im: im as Scalar,
        })
    }

    /// The number as an entry of a ROM table.
    pub const fn rom(&'static self) -> RomValue {
        // SAFETY: a static object is live for ever.
        RomValue(unsafe { Value::from_object((&raw const *self).cast()) })
    }
}

/// What a code object in ROM is made of; as `CodeParts`.
#[derive(Clone, Copy)]
#[allow(missing_docs, reason = "described at `CodeParts` and `CodeShape`")]
pub struct RomCodeParts {
    pub name: RomValue,
    pub qualname: RomValue,
    pub file: RomValue,
    /// Bytes of the line table.
    pub n_lines: u16,
    pub n_regs: u16,
    pub flags: u16,
    pub n_args: u8,
    pub n_pos_only: u8,
    pub n_kw_only: u8,
    pub n_free: u8,
    pub first_line: u32,
    pub slots: u8,
    /// Its hints, and maybe others'.
    pub hints: &'static [Hint],
}

/// What a code object in ROM executes: `H` handlers, then `B` bytes of instructions and the line table.
#[repr(C)]
pub struct RomBody<const H: usize, const B: usize> {
    /// The handlers.
    pub handlers: [Handler; H],
    /// The instructions, then the line table.
    pub bytes: [u8; B],
}

/// A code object with `N` constants in ROM.
#[repr(C)]
pub struct RomCode<const N: usize> {
    object: CodeObj,
    consts: [RomValue; N],
    name: RomValue,
}
rom_object!(RomCode<const N>);
const _: () = assert!(core::mem::offset_of!(RomCode<1>, consts) == CONSTS);

impl<const N: usize> RomCode<N> {
    /// A code object. Invariant 2 is the caller's to keep.
    pub const fn new<const H: usize, const B: usize>(
        parts: RomCodeParts,
        body: &'static RomBody<H, B>,
        consts: [RomValue; N],
    ) -> RomCode<N> {
        assert!(parts.hints.len() >= N);
        let head = CodeHead {
            header: Header::new(Kind::Code, 0, 0),
            count: (CONSTS + (N + 1) * WORD - 8) as u32,
            n_values: N as u16 + 3,
            n_lines: parts.n_lines,
        };
        let bytecode = (&raw const *body).cast::<u8>().wrapping_add(H * size_of::<Handler>());
        RomCode {
            object: CodeObj {
                head,
                n_regs: parts.n_regs,
                n_args: parts.n_args,
                n_pos_only: parts.n_pos_only,
                n_kw_only: parts.n_kw_only,
                n_free: parts.n_free,
                n_handlers: H as u16,
                code_len: (B - parts.n_lines as usize) as u16,
                flags_and_line: flags_and_line(parts.flags, true, parts.first_line),
                slots: parts.slots,
                plain_args: plain_args(parts.flags, parts.n_args, parts.n_kw_only, parts.n_regs),
                bytecode,
                hints: parts.hints.as_ptr(),
                values: [parts.qualname.0, parts.file.0],
            },
            consts,
            name: parts.name,
        }
    }
}

/// A module in the image.
#[derive(Clone, Copy)]
pub struct FrozenModule {
    /// Its file, below `.frozen`: `package/module.py`.
    pub path: &'static str,
    /// A code object, or a `str` of source text.
    pub content: RomValue,
}

/// All that is frozen into one image.
#[derive(Clone, Copy)]
pub struct FrozenImage {
    names: &'static [RomValue],
    modules: &'static [FrozenModule],
}

/// The module, and whether the path is that of a folder.
#[derive(Clone, Copy)]
pub enum FrozenPath {
    /// A file.
    File(&'static FrozenModule),
    /// A folder: some file lies below it.
    Dir,
}

impl FrozenImage {
    /// An image: names ordered by their hash, modules by their path; `fingerprint` is that of the instruction set
    /// which the tool knew.
    ///
    /// # Panics
    /// At compile time, where that is not the one of this interpreter.
    pub const fn new(
        names: &'static [RomValue],
        modules: &'static [FrozenModule],
        fingerprint: u32,
    ) -> FrozenImage {
        assert!(fingerprint == FINGERPRINT, "frozen by the tool of another version");
        FrozenImage { names, modules }
    }

    /// True when no module is frozen.
    pub const fn is_empty(&self) -> bool {
        self.modules.is_empty()
    }

    /// The image's own name equal to `text`, whose hash is `hash`. O(log n).
    pub(crate) fn name(&self, text: &[u8], hash: u16) -> Option<Value> {
        let hash_of = |v: &RomValue| Str::from_known(v.0).hash14();
        let first = self.names.partition_point(|v| hash_of(v) < hash);
        let equal = self.names[first..].iter().take_while(|v| hash_of(v) == hash);
        equal.map(|v| v.0).find(|&v| Str::from_known(v).as_bytes() == text)
    }

    /// What a path below `.frozen` names.
    pub fn find(&self, path: &str) -> Option<FrozenPath> {
        let at = self.modules.partition_point(|module| module.path < path);
        let module = self.modules.get(at)?;
        if module.path == path {
            return Some(FrozenPath::File(module));
        }
        // In order, what begins with `path/` may follow others that begin with `path`.
        let below = |module: &FrozenModule| {
            module.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
        };
        self.modules[at..].iter().any(below).then_some(FrozenPath::Dir)
    }
}

impl Vm {
    /// The frozen image, if the surroundings have one.
    pub fn frozen(&self) -> Option<&'static FrozenImage> {
        if cfg!(feature = "frozen") { self.shared().frozen } else { None }
    }
}
