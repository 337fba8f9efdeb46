//! The word at the start of every object, and what the collector must know of each kind.
//!
//! Layout of an object, the same on both word sizes for the first eight bytes:
//!
//! ```text
//! +0  u8  kind        +1  u8  blocks (0: large, see below)      +2  u16 aux, meaning by kind
//! +4  u32 count       for kinds with a count; otherwise the first field (32 bit) or padding (64 bit)
//! +8  …
//! ```
//!
//! A heap object occupies `blocks` blocks of [`BLOCK`] bytes. Objects of more than 255 blocks have 0 there;
//! they are always of a kind with a count, from which the size follows.

/// Bytes of a heap block: the allocation granule.
pub const BLOCK: usize = 16;
/// Bytes of a machine word.
pub const WORD: usize = size_of::<usize>();

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $scan:expr;)*) => {
        /// What an object is made of. The Python type follows from it, except for the kinds
        /// whose objects name their class themselves (instances, exceptions, natives).
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub enum Kind { $($(#[$doc])* $name),* }

        /// How the collector scans each kind, by number.
        pub static SCAN: [Scan; [$(Kind::$name),*].len()] = [$($scan),*];
    };
}

/// Where the values of an object are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scan {
    /// No values. `count` is the number of payload bytes from offset 8.
    LeafBytes,
    /// No values and no count.
    Leaf,
    /// `count` values from offset 8.
    Counted,
    /// Every word from offset [`WORD`] to the end of the last block, checked conservatively.
    Words,
    /// `CodeHead::n_values` values from offset [`CODE_VALUES`]; `count` payload bytes from offset 8.
    Code,
    /// A hash table: `count` payload bytes from offset 8, entries first, then the index. See [`Header::table_entries`].
    Table,
}

kinds! {
    /// Bytes of the VM's own: arenas, value-stack chunks (their live part is scanned as a root), buffers of byte arrays and streams.
    Raw = Scan::LeafBytes;
    /// `str`, UTF-8. aux: bit 15 interned, bit 14 ASCII only, bits 0–13 hash.
    Str = Scan::LeafBytes;
    /// `bytes`. aux: hash.
    Bytes = Scan::LeafBytes;
    /// `int` beyond the small ones: magnitude in u32 limbs, little-endian, no leading zero limb. aux bit 0: negative. count: bytes.
    Int = Scan::LeafBytes;
    /// `float`.
    Float = Scan::Leaf;
    /// `complex`.
    Complex = Scan::Leaf;
    /// `tuple`. count: items.
    Tuple = Scan::Counted;
    /// Storage of lists, constants and the like. count: capacity; unused places are `UNDEF`.
    Array = Scan::Counted;
    /// Storage of dictionaries and sets.
    Table = Scan::Table;
    /// A code object: see [`CodeHead`].
    Code = Scan::Code;
    /// `list`. +4 u32 length, then the Array.
    List = Scan::Words;
    /// `dict`.
    Dict = Scan::Words;
    /// `set` and `frozenset` (aux bit 0: frozen).
    Set = Scan::Words;
    /// Instance of a Python class. aux: index of its shape. Slots from offset WORD.
    Instance = Scan::Words;
    /// A class made at run time.
    Class = Scan::Words;
    /// A Python function, with its cells.
    Function = Scan::Words;
    /// A function bound to its first argument.
    BoundMethod = Scan::Words;
    /// A variable shared by a function and its closures.
    Cell = Scan::Words;
    /// A generator or coroutine (aux: state and flags) with its registers.
    Generator = Scan::Words;
    /// An exception.
    Exception = Scan::Words;
    /// A module.
    Module = Scan::Words;
    /// `range`.
    Range = Scan::Words;
    /// `slice`.
    Slice = Scan::Words;
    /// A built-in iterator (aux: which one).
    Iterator = Scan::Words;
    /// `property`, `classmethod`, `staticmethod` (aux: which one).
    Descriptor = Scan::Words;
    /// `super`.
    Super = Scan::Words;
    /// `bytearray` and `array.array` (aux: type code).
    ByteArray = Scan::Words;
    /// `memoryview`.
    MemoryView = Scan::Words;
    /// Dictionary views (aux: which one).
    DictView = Scan::Words;
    /// An object of a native type: +WORD its type, then what the type defines (scanned word by word).
    Native = Scan::Words;
    /// A weak reference; its target and its list are hidden from the collector. See `heap/weak.rs`.
    WeakRef = Scan::Words;
    /// A built-in type, in ROM.
    RomType = Scan::Leaf;
    /// A native function, in ROM.
    RomFn = Scan::Leaf;
    /// A native module's table, in ROM.
    RomModule = Scan::Leaf;
}

impl Kind {
    /// Whether this build makes objects of the kind: those of numbers are features.
    #[inline(always)]
    pub const fn is_built(self) -> bool {
        let is_missing = matches!(self, Kind::Int) && !cfg!(feature = "bigint")
            || matches!(self, Kind::Float) && !cfg!(feature = "float")
            || matches!(self, Kind::Complex) && !cfg!(feature = "complex");
        !is_missing
    }
}

/// The first word of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C, align(4))]
pub struct Header {
    kind: u8,
    /// Size in blocks, 0 for a large object and in ROM.
    pub blocks: u8,
    /// Meaning by kind.
    pub aux: u16,
}

/// The start of a code object, as far as the collector must know it.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct CodeHead {
    /// The header.
    pub header: Header,
    /// Payload bytes from offset 8.
    pub count: u32,
    /// Values from offset [`CODE_VALUES`].
    pub n_values: u16,
    /// Bytes of the line table; not for the collector, but here is room.
    pub n_lines: u16,
}

/// Offset of a code object's values.
pub const CODE_VALUES: usize = if WORD == 4 { 36 } else { 48 };

impl Header {
    /// A header. `blocks` is 0 for large objects and ROM.
    pub const fn new(kind: Kind, blocks: u8, aux: u16) -> Header {
        Header { kind: kind as u8, blocks, aux }
    }

    /// The header as a word, for objects in ROM that are made of words.
    pub const fn word(self) -> u32 {
        let aux = self.aux.to_ne_bytes();
        u32::from_ne_bytes([self.kind, self.blocks, aux[0], aux[1]])
    }

    /// The object's kind.
    #[inline(always)]
    pub fn kind(&self) -> Kind {
        // SAFETY: headers are made of kinds only (`new`), and the field is private.
        unsafe { core::mem::transmute::<u8, Kind>(self.kind) }
    }

    /// The number of the object's kind.
    #[inline(always)]
    pub fn kind_number(&self) -> usize {
        self.kind as usize
    }

    /// How the collector scans the object.
    #[inline(always)]
    pub fn scan(self) -> Scan {
        SCAN[self.kind as usize]
    }

    /// Payload bytes from offset 8 of a large object, given its count.
    pub fn large_payload(self, count: u32) -> usize {
        match self.scan() {
            Scan::Counted => count as usize * WORD,
            _ => count as usize,
        }
    }

    /// For a [`Kind::Table`]: how many words of values its payload of `count` bytes holds.
    ///
    /// aux bits 0–4: binary logarithm of the index slots (0: no index); bits 5–6: binary logarithm of the
    /// bytes of an index slot (0, 1, 2). The index follows the entries.
    #[inline(always)]
    pub fn table_entries(self, count: u32) -> usize {
        let log = self.aux & 31;
        let index = if log == 0 { 0 } else { (1usize << log) << (self.aux >> 5 & 3) };
        (count as usize - index) / WORD
    }
}
