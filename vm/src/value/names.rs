//! The names in ROM: the one list of strings that need no heap, serving all rooms.
//!
//! `q::append` is the interned `str` "append"; [`rom_name`] finds the ROM string equal to some text. A name that is
//! missing here is a compile error where it is used; a name that nothing uses costs flash, so keep the list true.

use super::{Header, Kind, RomValue, Value};
use crate::object::Str;

/// A `str` object in ROM; the same layout as one in the heap.
#[repr(C, align(4))]
pub struct RomStr<const N: usize> {
    header: Header,
    len: u32,
    bytes: [u8; N],
}

/// aux bit of an interned string: equal strings with this bit are the same object.
pub const STR_INTERNED: u16 = 1 << 15;
/// aux bit of a string whose bytes are all below 128.
pub const STR_ASCII: u16 = 1 << 14;
/// The hash in a string's aux.
pub const STR_HASH: u16 = STR_ASCII - 1;

/// The 14-bit hash that strings carry in their header. Of long ones only the ends and the length count, so that making
/// a string takes hardly longer than copying it.
pub const fn hash_bytes(bytes: &[u8]) -> u16 {
    const END: usize = 32;
    let mut h: u32 = 0x811c_9dc5;
    let mut i = 0;
    while i < bytes.len() {
        if i == END && bytes.len() > 2 * END {
            i = bytes.len() - END;
            h ^= i as u32;
        }
        h = (h ^ bytes[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    ((h ^ (h >> 16)) as u16) & STR_HASH
}

impl<const N: usize> RomStr<N> {
    /// An interned string of `N` bytes. Equal ones must be the same object: a text that this list or
    /// another table of names has may not be made again ([`listed_or`]).
    pub const fn new(text: &str) -> RomStr<N> {
        let from = text.as_bytes();
        assert!(from.len() == N);
        let mut bytes = [0; N];
        let mut i = 0;
        while i < N {
            bytes[i] = from[i];
            i += 1;
        }
        let ascii = if text.is_ascii() { STR_ASCII } else { 0 };
        let aux = STR_INTERNED | ascii | hash_bytes(from);
        RomStr { header: Header::new(Kind::Str, 0, aux), len: N as u32, bytes }
    }

    /// The string as a value.
    pub const fn value(&'static self) -> Value {
        // SAFETY: a static object is live for ever.
        unsafe { Value::from_object((&raw const *self).cast::<Header>()) }
    }

    /// The string as an entry of a ROM table.
    pub const fn rom(&'static self) -> RomValue {
        RomValue(self.value())
    }
}

/// A string of the list below, by where its object begins in [`OBJECTS`], in words.
#[derive(Clone, Copy)]
pub struct Name(u16);

impl Name {
    /// The name whose object begins there.
    pub(crate) const fn at(place: u16) -> Name {
        Name(place)
    }

    /// Where its object begins.
    pub(crate) const fn place(self) -> u16 {
        self.0
    }

    /// Where the object of a string begins; `None` if it is not of the list.
    #[inline]
    pub(crate) fn place_of(value: Value) -> Option<u16> {
        let at = value.bits().wrapping_sub((&raw const OBJECTS).addr()) / size_of::<u32>();
        if at < WORDS { Some(at as u16) } else { None }
    }

    /// The string as a value.
    #[inline(always)]
    pub const fn value(self) -> Value {
        debug_assert!((self.0 as usize) < WORDS);
        // SAFETY: an object begins there (only this file makes names), and a static is live for ever.
        unsafe {
            Value::from_object((&raw const OBJECTS).cast::<u32>().add(self.0 as usize).cast())
        }
    }

    /// The string as an entry of a ROM table.
    #[inline(always)]
    pub const fn rom(self) -> RomValue {
        RomValue(self.value())
    }
}

macro_rules! names {
    ($(#[$when:meta] { $($id:ident = $text:literal;)* })*) => {
        /// One constant per ROM name.
        #[allow(non_upper_case_globals, missing_docs, reason = "a name is spelt as Python spells it")]
        pub mod q {
            use super::{LAYOUT, Name};

            #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "as above")]
            enum Place { $($(#[$when] $id),*),* }
            $($(#[$when] pub const $id: Name = Name(LAYOUT.starts[Place::$id as usize]);)*)*
        }
        const TEXTS: &[&str] = &[$($(#[$when] $text),*),*];
    };
}

/// Words of a string's object before its bytes.
const HEAD: usize = 2;
/// Words of the object of a string of one character.
const CHAR: usize = HEAD + 1;
/// Characters that have a string of their own, at the beginning, so that their places need no table: all of ASCII but
/// control characters, and the line feed.
const CHARS: usize = 97;

/// Where the string of such a character is.
const fn char_place(c: u8) -> Option<u16> {
    match c {
        b'\n' => Some(((CHARS - 1) * CHAR) as u16),
        b' '..128 => Some((c - b' ') as u16 * CHAR as u16),
        _ => None,
    }
}
/// The longer strings lie in the order of the upper bits of their hashes: what has the same ones is a bucket.
const BUCKETS: usize = 128;
const BUCKET_SHIFT: u32 = STR_HASH.count_ones() - BUCKETS.ilog2();

/// Where everything is, in words.
struct Layout {
    /// Of each text of the list, its object.
    starts: [u16; TEXTS.len()],
    /// The first object of each bucket, and the end of all.
    buckets: [u16; BUCKETS + 1],
    /// The texts' numbers by bucket, and the first of each bucket, for looking a text up in constants.
    order: [u16; TEXTS.len()],
    firsts: [u16; BUCKETS + 1],
}

const LAYOUT: Layout = {
    // First the words of each bucket, then where it begins, then the places in it are given away.
    let mut next = [0u16; BUCKETS + 1];
    let mut i = 0;
    while i < TEXTS.len() {
        next[bucket(TEXTS[i]) + 1] += object_words(TEXTS[i]);
        i += 1;
    }
    next[0] = (CHARS * CHAR) as u16;
    i = 1;
    while i <= BUCKETS {
        next[i] += next[i - 1];
        i += 1;
    }
    let buckets = next;
    let mut starts = [0u16; TEXTS.len()];
    i = 0;
    while i < TEXTS.len() {
        let text = TEXTS[i];
        match char_of(text.as_bytes()) {
            Some(place) => starts[i] = place,
            None => {
                starts[i] = next[bucket(text)];
                next[bucket(text)] += object_words(text);
            }
        }
        i += 1;
    }
    let mut firsts = [0u16; BUCKETS + 1];
    i = 0;
    while i < TEXTS.len() {
        firsts[bucket(TEXTS[i]) + 1] += 1;
        i += 1;
    }
    i = 1;
    while i <= BUCKETS {
        firsts[i] += firsts[i - 1];
        i += 1;
    }
    let mut next = firsts;
    let mut order = [0u16; TEXTS.len()];
    i = 0;
    while i < TEXTS.len() {
        let place = &mut next[bucket(TEXTS[i])];
        order[*place as usize] = i as u16;
        *place += 1;
        i += 1;
    }
    Layout { starts, buckets, order, firsts }
};

const fn bucket(text: &str) -> usize {
    (hash_bytes(text.as_bytes()) >> BUCKET_SHIFT) as usize
}

/// Words of the object of a text in the buckets: none for one character.
const fn object_words(text: &str) -> u16 {
    match char_of(text.as_bytes()) {
        Some(_) => 0,
        None => (HEAD + text.len().div_ceil(4)) as u16,
    }
}

const WORDS: usize = LAYOUT.buckets[BUCKETS] as usize;
// `Param` has two more bits in a word.
const _: () = assert!(WORDS < 1 << 14);

/// The first object of each bucket.
static STARTS: [u16; BUCKETS + 1] = LAYOUT.buckets;

/// The objects of all names, laid out as `RomStr`.
static OBJECTS: [u32; WORDS] = {
    let mut out = [0; WORDS];
    let mut i = 0;
    while i < 128 {
        if let Some(place) = char_place(i as u8) {
            put(&mut out, place as usize, &[i as u8]);
        }
        i += 1;
    }
    i = 0;
    while i < TEXTS.len() {
        put(&mut out, LAYOUT.starts[i] as usize, TEXTS[i].as_bytes());
        i += 1;
    }
    out
};

const fn put(out: &mut [u32; WORDS], at: usize, text: &[u8]) {
    let ascii = if text.is_ascii() { STR_ASCII } else { 0 };
    out[at] = Header::new(Kind::Str, 0, STR_INTERNED | ascii | hash_bytes(text)).word();
    out[at + 1] = text.len() as u32;
    let mut i = 0;
    while i < text.len() {
        let mut bytes = [0; 4];
        let mut k = 0;
        while k < 4 && i + k < text.len() {
            bytes[k] = text[i + k];
            k += 1;
        }
        out[at + HEAD + i / 4] = u32::from_ne_bytes(bytes);
        i += 4;
    }
}

/// Number of ROM names.
pub const fn rom_name_count() -> usize {
    TEXTS.len()
}

/// The string of a character of ASCII that is no control character.
#[inline(always)]
pub fn plain_char(c: u8) -> Value {
    debug_assert!((b' '..128).contains(&c));
    Name(u16::from(c - b' ') * CHAR as u16).value()
}

/// The string of a character that has one in ROM.
pub fn rom_char(c: u8) -> Option<Value> {
    char_place(c).map(|place| Name(place).value())
}

/// Where the string of a text of one such character is.
const fn char_of(text: &[u8]) -> Option<u16> {
    if let &[c] = text { char_place(c) } else { None }
}

/// The name equal to `text`, for tables made outside this package. For constants only.
const fn find_listed(text: &str) -> Option<RomValue> {
    let bucket = bucket(text);
    let text = text.as_bytes();
    if let Some(place) = char_of(text) {
        return Some(Name(place).rom());
    }
    let mut i = LAYOUT.firsts[bucket];
    while i < LAYOUT.firsts[bucket + 1] {
        let n = LAYOUT.order[i as usize] as usize;
        let name = TEXTS[n].as_bytes();
        let mut same = 0;
        while same < text.len() && name.len() == text.len() && name[same] == text[same] {
            same += 1;
        }
        if same == text.len() && name.len() == text.len() {
            return Some(Name(LAYOUT.starts[n]).rom());
        }
        i += 1;
    }
    None
}

/// The one string of this text for a table made outside this package: the name that the image has, or else the table's
/// `own`, which [`unlisted`] then keeps. For constants only.
pub const fn listed_or(text: &str, own: RomValue) -> RomValue {
    match find_listed(text) {
        Some(name) => name,
        None => own,
    }
}

/// How many of these texts no name has, each with a table's own string. For constants only.
pub const fn count_unlisted(all: &[(&str, RomValue)]) -> usize {
    let (mut n, mut i) = (0, 0);
    while i < all.len() {
        n += find_listed(all[i].0).is_none() as usize;
        i += 1;
    }
    n
}

/// Their strings. For constants only.
///
/// # Panics
/// Where `N` is not what [`count_unlisted`] says.
pub const fn unlisted<const N: usize>(all: &[(&str, RomValue)]) -> [RomValue; N] {
    let mut out = [RomValue(Value::NONE); N];
    let (mut n, mut i) = (0, 0);
    while i < all.len() {
        if find_listed(all[i].0).is_none() {
            out[n] = all[i].1;
            n += 1;
        }
        i += 1;
    }
    assert!(n == N);
    out
}

/// The ROM name equal to `text`, whose hash is `hash`.
pub fn rom_name(text: &[u8], hash: u16) -> Option<Value> {
    if let Some(place) = char_of(text) {
        return Some(Name(place).value());
    }
    let bucket = usize::from((hash & STR_HASH) >> BUCKET_SHIFT);
    let mut at = STARTS[bucket];
    while at < STARTS[bucket + 1] {
        let name = Str::from_known(Name(at).value());
        if name.as_bytes() == text {
            return Some(name.value());
        }
        at += (HEAD + name.byte_len().div_ceil(4)) as u16;
    }
    None
}

names! {
    // What every image has.
    #[cfg(all())]
    {
        A = "A";
        ARRAY = "ARRAY";
        AUTO = "AUTO";
        ArithmeticError = "ArithmeticError";
        AssertionError = "AssertionError";
        AttributeError = "AttributeError";
        B = "B";
        BFINT16 = "BFINT16";
        BFINT32 = "BFINT32";
        BFINT8 = "BFINT8";
        BFUINT16 = "BFUINT16";
        BFUINT32 = "BFUINT32";
        BFUINT8 = "BFUINT8";
        BF_LEN = "BF_LEN";
        BF_POS = "BF_POS";
        BIG_ENDIAN = "BIG_ENDIAN";
        BaseException = "BaseException";
        BaseExceptionGroup = "BaseExceptionGroup";
        BufferError = "BufferError";
        BufferedWriter = "BufferedWriter";
        BytesIO = "BytesIO";
        COLON_SPACE = ": ";
        COMMA_SPACE = ", ";
        DOT_ZERO = ".0";
        DeflateIO = "DeflateIO";
        DeprecationWarning = "DeprecationWarning";
        EACCES = "EACCES";
        EADDRINUSE = "EADDRINUSE";
        EAGAIN = "EAGAIN";
        EALREADY = "EALREADY";
        EBADF = "EBADF";
        EBUSY = "EBUSY";
        ECONNABORTED = "ECONNABORTED";
        ECONNREFUSED = "ECONNREFUSED";
        ECONNRESET = "ECONNRESET";
        EEXIST = "EEXIST";
        EHOSTUNREACH = "EHOSTUNREACH";
        EINPROGRESS = "EINPROGRESS";
        EINVAL = "EINVAL";
        EIO = "EIO";
        EISCONN = "EISCONN";
        EISDIR = "EISDIR";
        EMFILE = "EMFILE";
        EMPTY = "";
        ENAMETOOLONG = "ENAMETOOLONG";
        ENFILE = "ENFILE";
        ENOBUFS = "ENOBUFS";
        ENODEV = "ENODEV";
        ENOENT = "ENOENT";
        ENOMEM = "ENOMEM";
        ENOSPC = "ENOSPC";
        ENOSYS = "ENOSYS";
        ENOTCONN = "ENOTCONN";
        ENOTDIR = "ENOTDIR";
        ENOTEMPTY = "ENOTEMPTY";
        ENOTSUP = "ENOTSUP";
        EOFError = "EOFError";
        EOPNOTSUPP = "EOPNOTSUPP";
        EPERM = "EPERM";
        EPIPE = "EPIPE";
        EROFS = "EROFS";
        ESPIPE = "ESPIPE";
        ETIMEDOUT = "ETIMEDOUT";
        EXDEV = "EXDEV";
        Ellipsis = "Ellipsis";
        Exception = "Exception";
        ExceptionGroup = "ExceptionGroup";
        FLOAT32 = "FLOAT32";
        FLOAT64 = "FLOAT64";
        FileIO = "FileIO";
        FrameBuffer = "FrameBuffer";
        FrameBuffer1 = "FrameBuffer1";
        GENEXPR = "<genexpr>";
        GS2_HMSB = "GS2_HMSB";
        GS4_HMSB = "GS4_HMSB";
        GS8 = "GS8";
        GZIP = "GZIP";
        GeneratorExit = "GeneratorExit";
        I = "I";
        INT = "INT";
        INT16 = "INT16";
        INT32 = "INT32";
        INT64 = "INT64";
        INT8 = "INT8";
        IOBase = "IOBase";
        ImportError = "ImportError";
        IndentationError = "IndentationError";
        IndexError = "IndexError";
        Interpolation = "Interpolation";
        KeyError = "KeyError";
        KeyboardInterrupt = "KeyboardInterrupt";
        LAMBDA = "<lambda>";
        LITTLE_ENDIAN = "LITTLE_ENDIAN";
        LONG = "LONG";
        LONGLONG = "LONGLONG";
        LookupError = "LookupError";
        M = "M";
        MODULE = "<module>";
        MONO_HLSB = "MONO_HLSB";
        MONO_HMSB = "MONO_HMSB";
        MONO_VLSB = "MONO_VLSB";
        MVLSB = "MVLSB";
        MemoryError = "MemoryError";
        ModuleNotFoundError = "ModuleNotFoundError";
        NATIVE = "NATIVE";
        NEWLINE = "\n";
        NameError = "NameError";
        NoneType = "NoneType";
        NotImplemented = "NotImplemented";
        NotImplementedError = "NotImplementedError";
        NotImplementedType = "NotImplementedType";
        OSError = "OSError";
        OrderedDict = "OrderedDict";
        OverflowError = "OverflowError";
        POLLERR = "POLLERR";
        POLLHUP = "POLLHUP";
        POLLIN = "POLLIN";
        POLLOUT = "POLLOUT";
        PTR = "PTR";
        RAW = "RAW";
        RGB565 = "RGB565";
        RecursionError = "RecursionError";
        ReferenceError = "ReferenceError";
        RingIO = "RingIO";
        RuntimeError = "RuntimeError";
        SHORT = "SHORT";
        SLASH = "/";
        SPACE = " ";
        StopAsyncIteration = "StopAsyncIteration";
        StopIteration = "StopIteration";
        StringIO = "StringIO";
        SyntaxError = "SyntaxError";
        SystemError = "SystemError";
        SystemExit = "SystemExit";
        Template = "Template";
        TextIOWrapper = "TextIOWrapper";
        TimeoutError = "TimeoutError";
        TypeError = "TypeError";
        UINT = "UINT";
        UINT16 = "UINT16";
        UINT32 = "UINT32";
        UINT64 = "UINT64";
        UINT8 = "UINT8";
        ULONG = "ULONG";
        ULONGLONG = "ULONGLONG";
        UNDERSCORE = "_";
        USHORT = "USHORT";
        UnboundLocalError = "UnboundLocalError";
        UnicodeError = "UnicodeError";
        VOID = "VOID";
        ValueError = "ValueError";
        VfsRom = "VfsRom";
        ViperTypeError = "ViperTypeError";
        Warning = "Warning";
        ZLIB = "ZLIB";
        ZeroDivisionError = "ZeroDivisionError";
        __abs__ = "__abs__";
        __add__ = "__add__";
        __aenter__ = "__aenter__";
        __aexit__ = "__aexit__";
        __aiter__ = "__aiter__";
        __all__ = "__all__";
        __and__ = "__and__";
        __anext__ = "__anext__";
        __annotations__ = "__annotations__";
        __await__ = "__await__";
        __base__ = "__base__";
        __bases__ = "__bases__";
        __bool__ = "__bool__";
        __build_class__ = "__build_class__";
        __bytes__ = "__bytes__";
        __call__ = "__call__";
        __cause__ = "__cause__";
        __ceil__ = "__ceil__";
        __class__ = "__class__";
        __class_getitem__ = "__class_getitem__";
        __classcell__ = "__classcell__";
        __code__ = "__code__";
        __complex__ = "__complex__";
        __contains__ = "__contains__";
        __context__ = "__context__";
        __defaults__ = "__defaults__";
        __del__ = "__del__";
        __delattr__ = "__delattr__";
        __delete__ = "__delete__";
        __delitem__ = "__delitem__";
        __dict__ = "__dict__";
        __dir__ = "__dir__";
        __divmod__ = "__divmod__";
        __doc__ = "__doc__";
        __enter__ = "__enter__";
        __eq__ = "__eq__";
        __exit__ = "__exit__";
        __file__ = "__file__";
        __float__ = "__float__";
        __floor__ = "__floor__";
        __floordiv__ = "__floordiv__";
        __format__ = "__format__";
        __func__ = "__func__";
        __ge__ = "__ge__";
        __get__ = "__get__";
        __getattr__ = "__getattr__";
        __getattribute__ = "__getattribute__";
        __getitem__ = "__getitem__";
        __globals__ = "__globals__";
        __gt__ = "__gt__";
        __hash__ = "__hash__";
        __iadd__ = "__iadd__";
        __iand__ = "__iand__";
        __ifloordiv__ = "__ifloordiv__";
        __ilshift__ = "__ilshift__";
        __imatmul__ = "__imatmul__";
        __imod__ = "__imod__";
        __import__ = "__import__";
        __imul__ = "__imul__";
        __index__ = "__index__";
        __init__ = "__init__";
        __init_subclass__ = "__init_subclass__";
        __instancecheck__ = "__instancecheck__";
        __int__ = "__int__";
        __invert__ = "__invert__";
        __ior__ = "__ior__";
        __ipow__ = "__ipow__";
        __irshift__ = "__irshift__";
        __isub__ = "__isub__";
        __iter__ = "__iter__";
        __itruediv__ = "__itruediv__";
        __ixor__ = "__ixor__";
        __le__ = "__le__";
        __len__ = "__len__";
        __lshift__ = "__lshift__";
        __lt__ = "__lt__";
        __main__ = "__main__";
        __match_args__ = "__match_args__";
        __matmul__ = "__matmul__";
        __missing__ = "__missing__";
        __mod__ = "__mod__";
        __module__ = "__module__";
        __mro__ = "__mro__";
        __mro_entries__ = "__mro_entries__";
        __mul__ = "__mul__";
        __name__ = "__name__";
        __ne__ = "__ne__";
        __neg__ = "__neg__";
        __new__ = "__new__";
        __next__ = "__next__";
        __notes__ = "__notes__";
        __or__ = "__or__";
        __path__ = "__path__";
        __pos__ = "__pos__";
        __pow__ = "__pow__";
        __prepare__ = "__prepare__";
        __qualname__ = "__qualname__";
        __radd__ = "__radd__";
        __rand__ = "__rand__";
        __rdivmod__ = "__rdivmod__";
        __repr__ = "__repr__";
        __reversed__ = "__reversed__";
        __rfloordiv__ = "__rfloordiv__";
        __rlshift__ = "__rlshift__";
        __rmatmul__ = "__rmatmul__";
        __rmod__ = "__rmod__";
        __rmul__ = "__rmul__";
        __ror__ = "__ror__";
        __round__ = "__round__";
        __rpow__ = "__rpow__";
        __rrshift__ = "__rrshift__";
        __rshift__ = "__rshift__";
        __rsub__ = "__rsub__";
        __rtruediv__ = "__rtruediv__";
        __rxor__ = "__rxor__";
        __self__ = "__self__";
        __set__ = "__set__";
        __set_name__ = "__set_name__";
        __setattr__ = "__setattr__";
        __setitem__ = "__setitem__";
        __slots__ = "__slots__";
        __str__ = "__str__";
        __sub__ = "__sub__";
        __subclasscheck__ = "__subclasscheck__";
        __suppress_context__ = "__suppress_context__";
        __traceback__ = "__traceback__";
        __truediv__ = "__truediv__";
        __trunc__ = "__trunc__";
        __wrapped__ = "__wrapped__";
        __xor__ = "__xor__";
        _asdict = "_asdict";
        _build = "_build";
        _fields = "_fields";
        _machine = "_machine";
        _make = "_make";
        _replace = "_replace";
        _thread = "_thread";
        a2b_base64 = "a2b_base64";
        abs = "abs";
        abs_tol = "abs_tol";
        aclose = "aclose";
        acos = "acos";
        acosh = "acosh";
        add = "add";
        addressof = "addressof";
        alive = "alive";
        all = "all";
        alloc_emergency_exception_buf = "alloc_emergency_exception_buf";
        any = "any";
        append = "append";
        appendleft = "appendleft";
        args = "args";
        argv = "argv";
        array = "array";
        asend = "asend";
        asin = "asin";
        asinh = "asinh";
        async_generator = "async_generator";
        async_generator_asend = "async_generator_asend";
        atan = "atan";
        atan2 = "atan2";
        atanh = "atanh";
        atexit = "atexit";
        athrow = "athrow";
        b2a_base64 = "b2a_base64";
        bin = "bin";
        binascii = "binascii";
        blit = "blit";
        bool = "bool";
        bound_method = "bound_method";
        buffer = "buffer";
        buffering = "buffering";
        builtins = "builtins";
        bytearray = "bytearray";
        bytearray_at = "bytearray_at";
        bytecode = "bytecode";
        byteorder = "byteorder";
        bytes = "bytes";
        bytes_at = "bytes_at";
        calcsize = "calcsize";
        callable = "callable";
        ceil = "ceil";
        cell = "cell";
        center = "center";
        chdir = "chdir";
        choice = "choice";
        chr = "chr";
        classmethod = "classmethod";
        clear = "clear";
        close = "close";
        cmath = "cmath";
        co_argcount = "co_argcount";
        co_code = "co_code";
        co_consts = "co_consts";
        co_filename = "co_filename";
        co_firstlineno = "co_firstlineno";
        co_kwonlyargcount = "co_kwonlyargcount";
        co_name = "co_name";
        co_names = "co_names";
        co_posonlyargcount = "co_posonlyargcount";
        co_varnames = "co_varnames";
        code = "code";
        collect = "collect";
        collections = "collections";
        compile = "compile";
        complex = "complex";
        conjugate = "conjugate";
        conversion = "conversion";
        copy = "copy";
        copysign = "copysign";
        coroutine = "coroutine";
        cos = "cos";
        cosh = "cosh";
        count = "count";
        crc32 = "crc32";
        decode = "decode";
        default = "default";
        deflate = "deflate";
        degrees = "degrees";
        delattr = "delattr";
        deleter = "deleter";
        denominator = "denominator";
        deque = "deque";
        derive = "derive";
        detach = "detach";
        dict = "dict";
        dict_view = "dict_view";
        difference = "difference";
        difference_update = "difference_update";
        digest = "digest";
        dir = "dir";
        disable = "disable";
        discard = "discard";
        divmod = "divmod";
        doc = "doc";
        dump = "dump";
        dumps = "dumps";
        e = "e";
        ellipse = "ellipse";
        ellipsis = "ellipsis";
        enable = "enable";
        encode = "encode";
        encoding = "encoding";
        end = "end";
        endswith = "endswith";
        enumerate = "enumerate";
        erf = "erf";
        erfc = "erfc";
        errno = "errno";
        errorcode = "errorcode";
        errors = "errors";
        eval = "eval";
        exceptions = "exceptions";
        exec = "exec";
        execfile = "execfile";
        executable = "executable";
        exit = "exit";
        exp = "exp";
        expm1 = "expm1";
        expression = "expression";
        extend = "extend";
        fabs = "fabs";
        factorial = "factorial";
        fdel = "fdel";
        fget = "fget";
        file = "file";
        fill = "fill";
        fill_rect = "fill_rect";
        filter = "filter";
        finalize = "finalize";
        find = "find";
        flags = "flags";
        float = "float";
        floor = "floor";
        flush = "flush";
        fmod = "fmod";
        format = "format";
        format_spec = "format_spec";
        framebuf = "framebuf";
        frexp = "frexp";
        from_bytes = "from_bytes";
        fromhex = "fromhex";
        fromkeys = "fromkeys";
        frozenset = "frozenset";
        fset = "fset";
        function = "function";
        gamma = "gamma";
        gc = "gc";
        generator = "generator";
        get = "get";
        getattr = "getattr";
        getcwd = "getcwd";
        getrandbits = "getrandbits";
        getter = "getter";
        getvalue = "getvalue";
        gi_code = "gi_code";
        gi_running = "gi_running";
        globals = "globals";
        group = "group";
        hasattr = "hasattr";
        hash = "hash";
        hashlib = "hashlib";
        heap_lock = "heap_lock";
        heap_unlock = "heap_unlock";
        heapify = "heapify";
        heappop = "heappop";
        heappush = "heappush";
        heapq = "heapq";
        help = "help";
        hex = "hex";
        hexlify = "hexlify";
        hline = "hline";
        id = "id";
        ilistdir = "ilistdir";
        imag = "imag";
        implementation = "implementation";
        index = "index";
        indices = "indices";
        inf = "inf";
        input = "input";
        insert = "insert";
        int = "int";
        interpolations = "interpolations";
        intersection = "intersection";
        intersection_update = "intersection_update";
        io = "io";
        ioctl = "ioctl";
        ipoll = "ipoll";
        isalpha = "isalpha";
        isclose = "isclose";
        isdigit = "isdigit";
        isdisjoint = "isdisjoint";
        isenabled = "isenabled";
        isfinite = "isfinite";
        isinf = "isinf";
        isinstance = "isinstance";
        islower = "islower";
        isnan = "isnan";
        isspace = "isspace";
        issubclass = "issubclass";
        issubset = "issubset";
        issuperset = "issuperset";
        isupper = "isupper";
        items = "items";
        itemsize = "itemsize";
        iter = "iter";
        iterable = "iterable";
        iterator = "iterator";
        join = "join";
        json = "json";
        kbd_intr = "kbd_intr";
        keepends = "keepends";
        key = "key";
        keys = "keys";
        last = "last";
        ldexp = "ldexp";
        len = "len";
        length = "length";
        lgamma = "lgamma";
        libc_ver = "libc_ver";
        line = "line";
        list = "list";
        listdir = "listdir";
        load = "load";
        loads = "loads";
        locals = "locals";
        log = "log";
        log10 = "log10";
        log2 = "log2";
        lower = "lower";
        lstrip = "lstrip";
        map = "map";
        math = "math";
        max = "max";
        maxlen = "maxlen";
        maxsize = "maxsize";
        maxsplit = "maxsplit";
        md5 = "md5";
        mem_alloc = "mem_alloc";
        mem_current = "mem_current";
        mem_free = "mem_free";
        mem_info = "mem_info";
        mem_peak = "mem_peak";
        mem_total = "mem_total";
        memoryview = "memoryview";
        message = "message";
        metaclass = "metaclass";
        micropython = "micropython";
        min = "min";
        mkdir = "mkdir";
        mkfs = "mkfs";
        mode = "mode";
        modf = "modf";
        modify = "modify";
        module = "module";
        modules = "modules";
        mount = "mount";
        name = "name";
        namedtuple = "namedtuple";
        nan = "nan";
        native = "native";
        nbytes = "nbytes";
        newline = "newline";
        next = "next";
        numerator = "numerator";
        obj = "obj";
        object = "object";
        oct = "oct";
        offset = "offset";
        open = "open";
        opt_level = "opt_level";
        ord = "ord";
        os = "os";
        pack = "pack";
        pack_into = "pack_into";
        palette = "palette";
        partition = "partition";
        path = "path";
        peek = "peek";
        pend_throw = "pend_throw";
        phase = "phase";
        pi = "pi";
        pixel = "pixel";
        platform = "platform";
        polar = "polar";
        poll = "poll";
        poly = "poly";
        pop = "pop";
        popitem = "popitem";
        popleft = "popleft";
        pow = "pow";
        print = "print";
        print_exception = "print_exception";
        property = "property";
        ps1 = "ps1";
        ps2 = "ps2";
        python_compiler = "python_compiler";
        qstr_info = "qstr_info";
        r = "r";
        r#const = "const";
        r#match = "match";
        r#ref = "ref";
        r#struct = "struct";
        r#type = "type";
        radians = "radians";
        randint = "randint";
        random = "random";
        randrange = "randrange";
        range = "range";
        re = "re";
        read = "read";
        readblocks = "readblocks";
        readinto = "readinto";
        readline = "readline";
        readonly = "readonly";
        real = "real";
        rect = "rect";
        register = "register";
        rel_tol = "rel_tol";
        remove = "remove";
        rename = "rename";
        replace = "replace";
        repr = "repr";
        reverse = "reverse";
        reversed = "reversed";
        rfind = "rfind";
        rindex = "rindex";
        rmdir = "rmdir";
        round = "round";
        rpartition = "rpartition";
        rsplit = "rsplit";
        rstrip = "rstrip";
        schedule = "schedule";
        scroll = "scroll";
        search = "search";
        seed = "seed";
        seek = "seek";
        select = "select";
        send = "send";
        sep = "sep";
        separators = "separators";
        set = "set";
        setattr = "setattr";
        setdefault = "setdefault";
        setter = "setter";
        sha1 = "sha1";
        sha256 = "sha256";
        signed = "signed";
        sin = "sin";
        sinh = "sinh";
        sizeof = "sizeof";
        sleep = "sleep";
        sleep_ms = "sleep_ms";
        sleep_us = "sleep_us";
        slice = "slice";
        sort = "sort";
        sorted = "sorted";
        source = "source";
        split = "split";
        splitlines = "splitlines";
        sqrt = "sqrt";
        stack_use = "stack_use";
        start = "start";
        startswith = "startswith";
        stat = "stat";
        staticmethod = "staticmethod";
        statvfs = "statvfs";
        stderr = "stderr";
        stdin = "stdin";
        stdout = "stdout";
        step = "step";
        stop = "stop";
        str = "str";
        strict = "strict";
        strings = "strings";
        string = "string";
        strip = "strip";
        sub = "sub";
        subgroup = "subgroup";
        sum = "sum";
        super_ = "super";
        symmetric_difference = "symmetric_difference";
        symmetric_difference_update = "symmetric_difference_update";
        sys = "sys";
        tan = "tan";
        tanh = "tanh";
        tau = "tau";
        tell = "tell";
        text = "text";
        threshold = "threshold";
        throw = "throw";
        ticks_add = "ticks_add";
        ticks_cpu = "ticks_cpu";
        ticks_diff = "ticks_diff";
        ticks_ms = "ticks_ms";
        ticks_us = "ticks_us";
        time = "time";
        to_bytes = "to_bytes";
        tracebacklimit = "tracebacklimit";
        trunc = "trunc";
        tuple = "tuple";
        typecode = "typecode";
        uctypes = "uctypes";
        umount = "umount";
        unhexlify = "unhexlify";
        uniform = "uniform";
        union = "union";
        unlink = "unlink";
        unpack = "unpack";
        unpack_from = "unpack_from";
        unregister = "unregister";
        update = "update";
        upper = "upper";
        value = "value";
        values = "values";
        version = "version";
        version_info = "version_info";
        vfs = "vfs";
        viper = "viper";
        vline = "vline";
        weakref = "weakref";
        write = "write";
        zip = "zip";
    }
    // What only rooms and features have that ask for them.
    #[cfg(feature = "more-names")]
    {
        ADC = "ADC";
        ADCChannel = "ADCChannel";
        AF_INET = "AF_INET";
        ALARM0 = "ALARM0";
        ALT = "ALT";
        ALT_OPEN_DRAIN = "ALT_OPEN_DRAIN";
        ANY_EVENT = "ANY_EVENT";
        AP = "AP";
        AP_IF = "AP_IF";
        AUTH_OPEN = "AUTH_OPEN";
        AUTH_WEP = "AUTH_WEP";
        AUTH_WPA2_PSK = "AUTH_WPA2_PSK";
        AUTH_WPA_PSK = "AUTH_WPA_PSK";
        AUTH_WPA_WPA2_PSK = "AUTH_WPA_WPA2_PSK";
        BlockDevice = "BlockDevice";
        CERT_NONE = "CERT_NONE";
        CERT_OPTIONAL = "CERT_OPTIONAL";
        CERT_REQUIRED = "CERT_REQUIRED";
        CONTROLLER = "CONTROLLER";
        CTS = "CTS";
        CancelledError = "CancelledError";
        Counter = "Counter";
        DEEPSLEEP = "DEEPSLEEP";
        DEEPSLEEP_RESET = "DEEPSLEEP_RESET";
        DRIVE_0 = "DRIVE_0";
        DRIVE_1 = "DRIVE_1";
        DRIVE_2 = "DRIVE_2";
        DecompIO = "DecompIO";
        EVEN = "EVEN";
        EXT_ANT = "EXT_ANT";
        EventGroup = "EventGroup";
        ExtInt = "ExtInt";
        False = "False";
        Flag = "Flag";
        HARD_RESET = "HARD_RESET";
        HIGH_POWER = "HIGH_POWER";
        I2C = "I2C";
        IDLE = "IDLE";
        IF_AP = "IF_AP";
        IF_STA = "IF_STA";
        IGNORECASE = "IGNORECASE";
        IN = "IN";
        INT_ANT = "INT_ANT";
        IPPROTO_ICMP = "IPPROTO_ICMP";
        IPPROTO_IP = "IPPROTO_IP";
        IPPROTO_SEC = "IPPROTO_SEC";
        IPPROTO_TCP = "IPPROTO_TCP";
        IPPROTO_UDP = "IPPROTO_UDP";
        IP_ADD_MEMBERSHIP = "IP_ADD_MEMBERSHIP";
        IP_DROP_MEMBERSHIP = "IP_DROP_MEMBERSHIP";
        IP_MULTICAST_IF = "IP_MULTICAST_IF";
        IP_MULTICAST_LOOP = "IP_MULTICAST_LOOP";
        IP_MULTICAST_TTL = "IP_MULTICAST_TTL";
        IP_TOS = "IP_TOS";
        IP_TTL = "IP_TTL";
        IRQ_FALLING = "IRQ_FALLING";
        IRQ_HIGH_LEVEL = "IRQ_HIGH_LEVEL";
        IRQ_LOW_LEVEL = "IRQ_LOW_LEVEL";
        IRQ_RISING = "IRQ_RISING";
        IRQ_RISING_FALLING = "IRQ_RISING_FALLING";
        IRQ_RX = "IRQ_RX";
        LAN = "LAN";
        LED = "LED";
        LOW_POWER = "LOW_POWER";
        LSB = "LSB";
        LockType = "LockType";
        Loop = "Loop";
        MASTER = "MASTER";
        MATCH = "MATCH";
        MBEDTLS_VERSION = "MBEDTLS_VERSION";
        MED_POWER = "MED_POWER";
        MODE_CBC = "MODE_CBC";
        MODE_CTR = "MODE_CTR";
        MODE_ECB = "MODE_ECB";
        MSB = "MSB";
        MSG_DONTWAIT = "MSG_DONTWAIT";
        MSG_PEEK = "MSG_PEEK";
        MULTILINE = "MULTILINE";
        Mutex = "Mutex";
        NEGATIVE = "NEGATIVE";
        None = "None";
        ODD = "ODD";
        ONE_SHOT = "ONE_SHOT";
        OPEN_DRAIN = "OPEN_DRAIN";
        OUT = "OUT";
        PERIODIC = "PERIODIC";
        PIN_WAKE = "PIN_WAKE";
        PM_NONE = "PM_NONE";
        PM_PERFORMANCE = "PM_PERFORMANCE";
        PM_POWERSAVE = "PM_POWERSAVE";
        POSITIVE = "POSITIVE";
        POWER_ON = "POWER_ON";
        PROTOCOL_SSLv3 = "PROTOCOL_SSLv3";
        PROTOCOL_TLS_CLIENT = "PROTOCOL_TLS_CLIENT";
        PROTOCOL_TLS_SERVER = "PROTOCOL_TLS_SERVER";
        PROTOCOL_TLSv1 = "PROTOCOL_TLSv1";
        PROTOCOL_TLSv1_1 = "PROTOCOL_TLSv1_1";
        PROTOCOL_TLSv1_2 = "PROTOCOL_TLSv1_2";
        PULL_DOWN = "PULL_DOWN";
        PULL_UP = "PULL_UP";
        PWM = "PWM";
        PWRON_RESET = "PWRON_RESET";
        PWRON_WAKE = "PWRON_WAKE";
        Pin = "Pin";
        PinBase = "PinBase";
        Queue = "Queue";
        RTC = "RTC";
        RTC_WAKE = "RTC_WAKE";
        RTS = "RTS";
        RX_ANY = "RX_ANY";
        SD = "SD";
        SLEEP = "SLEEP";
        SOCK_DGRAM = "SOCK_DGRAM";
        SOCK_RAW = "SOCK_RAW";
        SOCK_STREAM = "SOCK_STREAM";
        SOFT_RESET = "SOFT_RESET";
        SOL_SOCKET = "SOL_SOCKET";
        SO_BROADCAST = "SO_BROADCAST";
        SO_ERROR = "SO_ERROR";
        SO_KEEPALIVE = "SO_KEEPALIVE";
        SO_REUSEADDR = "SO_REUSEADDR";
        SPI = "SPI";
        SSLContext = "SSLContext";
        SSLError = "SSLError";
        SSLSocket = "SSLSocket";
        STA = "STA";
        STAT_CONNECTING = "STAT_CONNECTING";
        STAT_CONNECT_FAIL = "STAT_CONNECT_FAIL";
        STAT_GOT_IP = "STAT_GOT_IP";
        STAT_IDLE = "STAT_IDLE";
        STAT_NO_AP_FOUND = "STAT_NO_AP_FOUND";
        STAT_WRONG_PASSWORD = "STAT_WRONG_PASSWORD";
        STA_IF = "STA_IF";
        STDIN = "<stdin>";
        STRING = "<string>";
        STRING_TEMPLATELIB = "string.templatelib";
        Semaphore = "Semaphore";
        Server = "Server";
        Signal = "Signal";
        SoftI2C = "SoftI2C";
        SoftSPI = "SoftSPI";
        Switch = "Switch";
        TCP_KEEPCNT = "TCP_KEEPCNT";
        TCP_KEEPIDLE = "TCP_KEEPIDLE";
        TCP_KEEPINTVL = "TCP_KEEPINTVL";
        TCP_NODELAY = "TCP_NODELAY";
        TIMEOUT = "TIMEOUT";
        Task = "Task";
        TaskQueue = "TaskQueue";
        Timer = "Timer";
        TimerChannel = "TimerChannel";
        True = "True";
        UART = "UART";
        VfsFat = "VfsFat";
        VfsLfs1 = "VfsLfs1";
        VfsLfs2 = "VfsLfs2";
        VfsPosix = "VfsPosix";
        WDT = "WDT";
        WDT_RESET = "WDT_RESET";
        WEP = "WEP";
        WLAN = "WLAN";
        WLAN_WAKE = "WLAN_WAKE";
        WPA = "WPA";
        WPA2 = "WPA2";
        WeakRef = "WeakRef";
        __debug__ = "__debug__";
        __template__ = "__template__";
        _asyncio = "_asyncio";
        _mpy = "_mpy";
        _shutdown = "_shutdown";
        accept = "accept";
        acquire = "acquire";
        active = "active";
        adc = "adc";
        add_note = "add_note";
        addr = "addr";
        addrsize = "addrsize";
        aes = "aes";
        after = "after";
        alarm = "alarm";
        alarm_cancel = "alarm_cancel";
        alarm_id = "alarm_id";
        alarm_left = "alarm_left";
        allocate_lock = "allocate_lock";
        alt = "alt";
        alt_list = "alt_list";
        antenna = "antenna";
        as_integer_ratio = "as_integer_ratio";
        ascii = "ascii";
        asyncio = "asyncio";
        atten = "atten";
        attr = "attr";
        auth = "auth";
        base = "base";
        baudrate = "baudrate";
        bind = "bind";
        bit_count = "bit_count";
        bit_length = "bit_length";
        bits = "bits";
        blocking = "blocking";
        bme280 = "bme280";
        board = "board";
        bssid = "bssid";
        buf = "buf";
        bufsize = "bufsize";
        byteswap = "byteswap";
        ca_certs = "ca_certs";
        cadata = "cadata";
        cafile = "cafile";
        call_exception_handler = "call_exception_handler";
        callback = "callback";
        cancel = "cancel";
        capitalize = "capitalize";
        casefold = "casefold";
        cast = "cast";
        cert = "cert";
        cert_reqs = "cert_reqs";
        certfile = "certfile";
        channel = "channel";
        check_hostname = "check_hostname";
        cipher = "cipher";
        client_id = "client_id";
        cls = "cls";
        co_lines = "co_lines";
        compress = "compress";
        config = "config";
        connect = "connect";
        convert = "convert";
        coro = "coro";
        country = "country";
        create_task = "create_task";
        cryptolib = "cryptolib";
        current_task = "current_task";
        datetime = "datetime";
        decompress = "decompress";
        decrypt = "decrypt";
        deepsleep = "deepsleep";
        default_exception_handler = "default_exception_handler";
        defaults = "defaults";
        deinit = "deinit";
        delay = "delay";
        delay_until = "delay_until";
        delete = "delete";
        dest = "dest";
        disable_irq = "disable_irq";
        disconnect = "disconnect";
        do_handshake = "do_handshake";
        do_handshake_on_connect = "do_handshake_on_connect";
        done = "done";
        drive = "drive";
        dupterm = "dupterm";
        duty = "duty";
        duty_cycle = "duty_cycle";
        duty_ns = "duty_ns";
        duty_u16 = "duty_u16";
        elapsed_micros = "elapsed_micros";
        elapsed_millis = "elapsed_millis";
        enable_irq = "enable_irq";
        encrypt = "encrypt";
        error = "error";
        exc_info = "exc_info";
        exception = "exception";
        expandtabs = "expandtabs";
        extendleft = "extendleft";
        feed = "feed";
        field_names = "field_names";
        filename = "filename";
        fileno = "fileno";
        first = "first";
        firstbit = "firstbit";
        format_map = "format_map";
        frame = "frame";
        freq = "freq";
        frombytes = "frombytes";
        fromlist = "fromlist";
        future = "future";
        gcd = "gcd";
        get_ciphers = "get_ciphers";
        get_event_loop = "get_event_loop";
        get_exception_handler = "get_exception_handler";
        get_ident = "get_ident";
        getaddrinfo = "getaddrinfo";
        getenv = "getenv";
        getpeercert = "getpeercert";
        getpeername = "getpeername";
        getsizeof = "getsizeof";
        getsockname = "getsockname";
        getsockopt = "getsockopt";
        gettimeout = "gettimeout";
        gmtime = "gmtime";
        groups = "groups";
        handler = "handler";
        handlers = "handlers";
        hard = "hard";
        hard_reset = "hard_reset";
        heap = "heap";
        heap_locked = "heap_locked";
        heappushpop = "heappushpop";
        heapreplace = "heapreplace";
        heartbeat = "heartbeat";
        high = "high";
        hostname = "hostname";
        hypot = "hypot";
        i2c = "i2c";
        i2c_pins = "i2c_pins";
        idents = "idents";
        idle = "idle";
        if_id = "if_id";
        ifconfig = "ifconfig";
        inet_ntop = "inet_ntop";
        inet_pton = "inet_pton";
        info = "info";
        init = "init";
        intensity = "intensity";
        intern = "intern";
        invert = "invert";
        ipconfig = "ipconfig";
        irq = "irq";
        is_integer = "is_integer";
        is_set = "is_set";
        isalnum = "isalnum";
        isascii = "isascii";
        isconnected = "isconnected";
        isdecimal = "isdecimal";
        isidentifier = "isidentifier";
        isnumeric = "isnumeric";
        isprintable = "isprintable";
        isqrt = "isqrt";
        isrunning = "isrunning";
        istitle = "istitle";
        iter_unpack = "iter_unpack";
        keyfile = "keyfile";
        kind = "kind";
        kwargs = "kwargs";
        level = "level";
        lightsleep = "lightsleep";
        listen = "listen";
        ljust = "ljust";
        load_cert_chain = "load_cert_chain";
        load_verify_locations = "load_verify_locations";
        localtime = "localtime";
        lock = "lock";
        locked = "locked";
        log1p = "log1p";
        log_level = "log_level";
        login = "login";
        lookahead = "lookahead";
        low = "low";
        mac = "mac";
        machine = "machine";
        main = "main";
        main_ident = "main_ident";
        makefile = "makefile";
        maketrans = "maketrans";
        marshal = "marshal";
        mem = "mem";
        mem16 = "mem16";
        mem32 = "mem32";
        mem8 = "mem8";
        memaddr = "memaddr";
        memory = "memory";
        micros = "micros";
        millis = "millis";
        miso = "miso";
        mktime = "mktime";
        r#mod = "mod";
        mosi = "mosi";
        most = "most";
        move_to_end = "move_to_end";
        mro = "mro";
        mtime = "mtime";
        network = "network";
        new_event_loop = "new_event_loop";
        nodename = "nodename";
        notified = "notified";
        notify = "notify";
        now = "now";
        off = "off";
        on = "on";
        parity = "parity";
        period = "period";
        pin = "pin";
        pins = "pins";
        polarity = "polarity";
        print_ver = "print_ver";
        priority = "priority";
        processor = "processor";
        progsize = "progsize";
        pull = "pull";
        push = "push";
        putenv = "putenv";
        pwm = "pwm";
        pyb = "pyb";
        read_log = "read_log";
        read_u16 = "read_u16";
        read_uv = "read_uv";
        readall = "readall";
        readfrom = "readfrom";
        readfrom_into = "readfrom_into";
        readfrom_mem = "readfrom_mem";
        readfrom_mem_into = "readfrom_mem_into";
        readlines = "readlines";
        readsize = "readsize";
        ready = "ready";
        receive = "receive";
        recv = "recv";
        recv_into = "recv_into";
        recvfrom = "recvfrom";
        release = "release";
        removeprefix = "removeprefix";
        removesuffix = "removesuffix";
        repeat = "repeat";
        reset = "reset";
        reset_cause = "reset_cause";
        result = "result";
        rjust = "rjust";
        rng = "rng";
        rotate = "rotate";
        rssi = "rssi";
        rtos = "rtos";
        run = "run";
        run_forever = "run_forever";
        run_until_complete = "run_until_complete";
        rx = "rx";
        scan = "scan";
        sck = "sck";
        scl = "scl";
        sda = "sda";
        sec = "sec";
        sendall = "sendall";
        sendbreak = "sendbreak";
        sendto = "sendto";
        server_hostname = "server_hostname";
        server_side = "server_side";
        set_ciphers = "set_ciphers";
        set_exception_handler = "set_exception_handler";
        setblocking = "setblocking";
        setsockopt = "setsockopt";
        settimeout = "settimeout";
        settrace = "settrace";
        shape = "shape";
        shutdown = "shutdown";
        simboard = "simboard";
        size = "size";
        socket = "socket";
        soft_reset = "soft_reset";
        span = "span";
        ssid = "ssid";
        ssl = "ssl";
        ssl_version = "ssl_version";
        stack_size = "stack_size";
        stack_unused = "stack_unused";
        start_new_thread = "start_new_thread";
        state = "state";
        status = "status";
        strerror = "strerror";
        swapcase = "swapcase";
        swint = "swint";
        sync = "sync";
        sysname = "sysname";
        system = "system";
        tabsize = "tabsize";
        task = "task";
        tasks = "tasks";
        templatelib = "templatelib";
        threading = "threading";
        tick_hz = "tick_hz";
        time_ns = "time_ns";
        time_pulse_us = "time_pulse_us";
        timeout = "timeout";
        timeout_char = "timeout_char";
        title = "title";
        tls = "tls";
        tobytes = "tobytes";
        toggle = "toggle";
        tolist = "tolist";
        toreadonly = "toreadonly";
        traceback = "traceback";
        tracebacks = "tracebacks";
        translate = "translate";
        trigger = "trigger";
        truncate = "truncate";
        try_acquire = "try_acquire";
        try_receive = "try_receive";
        try_send = "try_send";
        tx = "tx";
        txdone = "txdone";
        typename = "typename";
        uart = "uart";
        udelay = "udelay";
        uname = "uname";
        unique_id = "unique_id";
        unmount = "unmount";
        unsetenv = "unsetenv";
        unwire = "unwire";
        urandom = "urandom";
        urgent = "urgent";
        vars = "vars";
        vector = "vector";
        verify_callback = "verify_callback";
        verify_mode = "verify_mode";
        wait = "wait";
        wake = "wake";
        wake_reason = "wake_reason";
        wakeups = "wakeups";
        watch = "watch";
        wbits = "wbits";
        websocket = "websocket";
        wfi = "wfi";
        width = "width";
        wipy = "wipy";
        wire = "wire";
        with_traceback = "with_traceback";
        wrap_socket = "wrap_socket";
        write_readinto = "write_readinto";
        writeblocks = "writeblocks";
        writeto = "writeto";
        writeto_mem = "writeto_mem";
        writevto = "writevto";
        zfill = "zfill";
        zlib = "zlib";
    }
}
