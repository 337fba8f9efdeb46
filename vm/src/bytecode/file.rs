//! The precompiled file, `.mpy`: a module's code objects in a form that is the same for every target.
//!
//! Numbers are unsigned, seven bits to a byte, the lowest first, bit 7 set in all but the last. Integers and floats
//! are text, so that neither word size nor precision matters.
//!
//! ```text
//! file    "TSPY", the format's number (1 byte), the instruction set's fingerprint (4 bytes, little-endian),
//!         names (a count, then texts), the index of the source file's name, the module's code
//! text    length in bytes, UTF-8
//! code    name, qualified name (indices); flags, registers, positional, positional-only and keyword-only
//!         parameters, free variables, attributes set on the first parameter, first line; how many constants,
//!         handlers, bytes of bytecode and bytes of lines there are; the constants; the handlers (start, end, target
//!         and register of each, two bytes little-endian); the bytecode; the lines
//! constant  a tag of 1 byte and what [`Tag`] says
//! ```
//!
//! A file of another instruction set is refused by its fingerprint: recompile it. Everything else is checked when it
//! is loaded, see [`super::load`].
//!
//! Source: MicroPython documentation, ".mpy files" (what a user sees of them; the bytes are ours).
#![forbid(unsafe_code)]

use super::op::Op;

/// The first bytes; upstream's files begin with an `M`.
pub const MAGIC: [u8; 4] = *b"TSPY";
/// The number of this format.
pub const FORMAT: u8 = 2;
/// Bytes up to the names.
pub const HEADER_BYTES: usize = MAGIC.len() + 1 + 4;

/// The longest bytecode, in bytes.
pub const MAX_CODE: u32 = u16::MAX as u32;

/// Begins a constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Tag {
    /// `None`.
    None,
    /// `False`.
    False,
    /// `True`.
    True,
    /// `...`
    Ellipsis,
    /// An interned string: its index among the names.
    Name,
    /// A `str`: its text.
    Str,
    /// `bytes`: length, bytes.
    Bytes,
    /// An `int`: its decimal text.
    Int,
    /// A `float`: its text.
    Float,
    /// A `complex`: the texts of both parts.
    Complex,
    /// A tuple: a count, then constants.
    Tuple,
    /// A code object.
    Code,
}

impl Tag {
    /// The tag of that number.
    pub fn from_byte(byte: u8) -> Option<Tag> {
        use Tag::*;
        const ALL: [Tag; 12] =
            [None, False, True, Ellipsis, Name, Str, Bytes, Int, Float, Complex, Tuple, Code];
        ALL.get(byte as usize).copied()
    }
}

/// Changes whenever an opcode or an operand does (FNV-1a over the table).
pub const FINGERPRINT: u32 = {
    const fn mix(hash: u32, byte: u8) -> u32 {
        (hash ^ byte as u32).wrapping_mul(0x0100_0193)
    }
    let mut hash = 0x811c_9dc5;
    let mut i = 0;
    while i < Op::ALL.len() {
        let name = Op::ALL[i].name().as_bytes();
        let mut j = 0;
        while j < name.len() {
            hash = mix(hash, name[j]);
            j += 1;
        }
        let operands = Op::ALL[i].operands();
        j = 0;
        while j < operands.len() {
            hash = mix(hash, operands[j] as u8);
            j += 1;
        }
        hash = mix(hash, 0xff);
        i += 1;
    }
    hash
};

/// The header of every file.
pub const fn header() -> [u8; HEADER_BYTES] {
    let [a, b, c, d] = MAGIC;
    let [e, f, g, h] = FINGERPRINT.to_le_bytes();
    [a, b, c, d, FORMAT, e, f, g, h]
}
