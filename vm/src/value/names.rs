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
    /// An interned string of `N` bytes. Equal ones must be the same object: a text that [`listed`] finds, or another
    /// table of names has, may not be made again.
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
    /// The string as a value.
    #[inline(always)]
    pub const fn value(self) -> Value {
        debug_assert!((self.0 as usize) < WORDS);
        // SAFETY: an object begins there (only this file makes names), and a static is live for ever.
        unsafe { Value::from_object((&raw const OBJECTS).cast::<u32>().add(self.0 as usize).cast()) }
    }

    /// The string as an entry of a ROM table.
    #[inline(always)]
    pub const fn rom(self) -> RomValue {
        RomValue(self.value())
    }
}

macro_rules! names {
    ($($id:ident = $text:literal;)*) => {
        /// One constant per ROM name.
        #[allow(non_upper_case_globals, missing_docs, reason = "a name is spelt as Python spells it")]
        pub mod q {
            use super::{LAYOUT, Name};

            #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "as above")]
            enum Place { $($id),* }
            $(pub const $id: Name = Name(LAYOUT.starts[Place::$id as usize]);)*
        }
        const TEXTS: &[&str] = &[$($text),*];
    };
}

/// Words of a string's object before its bytes.
const HEAD: usize = 2;
/// Words of the object of a string of one character.
const CHAR: usize = HEAD + 1;
/// Characters that have a string of their own, at the beginning: so their places need no table.
const CHARS: usize = 128;
/// The longer strings lie in the order of the upper bits of their hashes: what has the same ones is a bucket.
const BUCKETS: usize = 128;
const BUCKET_SHIFT: u32 = STR_HASH.count_ones() - BUCKETS.ilog2();

/// Where everything is, in words.
struct Layout {
    /// Of each text of the list, its object.
    starts: [u16; TEXTS.len()],
    /// The first object of each bucket, and the end of all.
    buckets: [u16; BUCKETS + 1],
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
        if let &[c @ 0..128] = text.as_bytes() {
            starts[i] = c as u16 * CHAR as u16;
        } else {
            starts[i] = next[bucket(text)];
            next[bucket(text)] += object_words(text);
        }
        i += 1;
    }
    Layout { starts, buckets }
};

const fn bucket(text: &str) -> usize {
    (hash_bytes(text.as_bytes()) >> BUCKET_SHIFT) as usize
}

/// Words of the object of a text in the buckets: none for one character.
const fn object_words(text: &str) -> u16 {
    if let &[0..128] = text.as_bytes() { 0 } else { (HEAD + text.len().div_ceil(4)) as u16 }
}

const WORDS: usize = LAYOUT.buckets[BUCKETS] as usize;

/// The first object of each bucket.
static STARTS: [u16; BUCKETS + 1] = LAYOUT.buckets;

/// The objects of all names, laid out as `RomStr`.
static OBJECTS: [u32; WORDS] = {
    let mut out = [0; WORDS];
    let mut i = 0;
    while i < CHARS {
        put(&mut out, i * CHAR, &[i as u8]);
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

/// The string of one ASCII character, interned.
#[inline]
pub fn ascii_char(c: u8) -> Value {
    Name(u16::from(c & 127) * CHAR as u16).value()
}

/// The name equal to `text`, for tables made outside this package. For constants only: it looks at every name.
///
/// # Panics
/// There is none: at compile time, where the host that made the table had another list than the target.
pub const fn listed(text: &str) -> RomValue {
    let text = text.as_bytes();
    if let &[c @ 0..128] = text {
        return Name(c as u16 * CHAR as u16).rom();
    }
    let mut i = 0;
    while i < TEXTS.len() {
        let name = TEXTS[i].as_bytes();
        let mut same = 0;
        while same < text.len() && name.len() == text.len() && name[same] == text[same] {
            same += 1;
        }
        if same == text.len() && name.len() == text.len() {
            return Name(LAYOUT.starts[i]).rom();
        }
        i += 1;
    }
    panic!("the list of names has no such text")
}

/// The ROM name equal to `text`, whose hash is `hash`.
pub fn rom_name(text: &[u8], hash: u16) -> Option<Value> {
    if let &[c @ 0..128] = text {
        return Some(ascii_char(c));
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
    rtos = "rtos";
    log_level = "log_level";
    read_log = "read_log";
    abs_tol = "abs_tol";
    as_integer_ratio = "as_integer_ratio";
    is_integer = "is_integer";
    length = "length";
    rel_tol = "rel_tol";
    signed = "signed";
    with_traceback = "with_traceback";
    mro = "mro";
    metaclass = "metaclass";
    ellipsis = "ellipsis";
    doc = "doc";
    __mro_entries__ = "__mro_entries__";
    AUTO = "AUTO";
    AF_INET = "AF_INET";
    ARRAY = "ARRAY";
    ANY_EVENT = "ANY_EVENT";
    AP = "AP";
    AP_IF = "AP_IF";
    AUTH_OPEN = "AUTH_OPEN";
    AUTH_WEP = "AUTH_WEP";
    AUTH_WPA2_PSK = "AUTH_WPA2_PSK";
    AUTH_WPA_PSK = "AUTH_WPA_PSK";
    AUTH_WPA_WPA2_PSK = "AUTH_WPA_WPA2_PSK";
    ArithmeticError = "ArithmeticError";
    AssertionError = "AssertionError";
    AttributeError = "AttributeError";
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
    BlockDevice = "BlockDevice";
    BufferError = "BufferError";
    BufferedReader = "BufferedReader";
    BufferedWriter = "BufferedWriter";
    BytesIO = "BytesIO";
    ChainMap = "ChainMap";
    Counter = "Counter";
    DecompIO = "DecompIO";
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
    EWOULDBLOCK = "EWOULDBLOCK";
    EXDEV = "EXDEV";
    EXT_ANT = "EXT_ANT";
    Ellipsis = "Ellipsis";
    Exception = "Exception";
    ExceptionGroup = "ExceptionGroup";
    FLOAT32 = "FLOAT32";
    FLOAT64 = "FLOAT64";
    False = "False";
    FileIO = "FileIO";
    FrameBuffer = "FrameBuffer";
    FrameBuffer1 = "FrameBuffer1";
    GS2_HMSB = "GS2_HMSB";
    GS4_HMSB = "GS4_HMSB";
    GS8 = "GS8";
    GZIP = "GZIP";
    GeneratorExit = "GeneratorExit";
    I = "I";
    IF_AP = "IF_AP";
    IF_STA = "IF_STA";
    IGNORECASE = "IGNORECASE";
    INT = "INT";
    INT16 = "INT16";
    INT32 = "INT32";
    INT64 = "INT64";
    INT8 = "INT8";
    INT_ANT = "INT_ANT";
    IOBase = "IOBase";
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
    ImportError = "ImportError";
    IndentationError = "IndentationError";
    IndexError = "IndexError";
    Interpolation = "Interpolation";
    KeyError = "KeyError";
    KeyboardInterrupt = "KeyboardInterrupt";
    LAN = "LAN";
    LITTLE_ENDIAN = "LITTLE_ENDIAN";
    LONG = "LONG";
    LONGLONG = "LONGLONG";
    LockType = "LockType";
    LookupError = "LookupError";
    M = "M";
    MODE_CBC = "MODE_CBC";
    MODE_CTR = "MODE_CTR";
    MODE_ECB = "MODE_ECB";
    MONO_HLSB = "MONO_HLSB";
    MONO_HMSB = "MONO_HMSB";
    MONO_VLSB = "MONO_VLSB";
    MULTILINE = "MULTILINE";
    MSG_DONTWAIT = "MSG_DONTWAIT";
    MSG_PEEK = "MSG_PEEK";
    MVLSB = "MVLSB";
    MemoryError = "MemoryError";
    ModuleNotFoundError = "ModuleNotFoundError";
    NATIVE = "NATIVE";
    NameError = "NameError";
    None = "None";
    NoneType = "NoneType";
    NotImplemented = "NotImplemented";
    NotImplementedError = "NotImplementedError";
    NotImplementedType = "NotImplementedType";
    OSError = "OSError";
    OrderedDict = "OrderedDict";
    OverflowError = "OverflowError";
    PM_NONE = "PM_NONE";
    PM_PERFORMANCE = "PM_PERFORMANCE";
    PM_POWERSAVE = "PM_POWERSAVE";
    PTR = "PTR";
    RAW = "RAW";
    RGB565 = "RGB565";
    RecursionError = "RecursionError";
    ReferenceError = "ReferenceError";
    RingIO = "RingIO";
    RuntimeError = "RuntimeError";
    SD = "SD";
    SHORT = "SHORT";
    SOCK_DGRAM = "SOCK_DGRAM";
    SOCK_RAW = "SOCK_RAW";
    SOCK_STREAM = "SOCK_STREAM";
    SOL_SOCKET = "SOL_SOCKET";
    SO_BROADCAST = "SO_BROADCAST";
    SO_ERROR = "SO_ERROR";
    SO_KEEPALIVE = "SO_KEEPALIVE";
    SO_REUSEADDR = "SO_REUSEADDR";
    STA = "STA";
    STAT_CONNECTING = "STAT_CONNECTING";
    STAT_CONNECT_FAIL = "STAT_CONNECT_FAIL";
    STAT_GOT_IP = "STAT_GOT_IP";
    STAT_IDLE = "STAT_IDLE";
    STAT_NO_AP_FOUND = "STAT_NO_AP_FOUND";
    STAT_WRONG_PASSWORD = "STAT_WRONG_PASSWORD";
    STA_IF = "STA_IF";
    StopAsyncIteration = "StopAsyncIteration";
    StopIteration = "StopIteration";
    StringIO = "StringIO";
    SyntaxError = "SyntaxError";
    SystemError = "SystemError";
    SystemExit = "SystemExit";
    TCP_KEEPCNT = "TCP_KEEPCNT";
    TCP_KEEPIDLE = "TCP_KEEPIDLE";
    TCP_KEEPINTVL = "TCP_KEEPINTVL";
    TCP_NODELAY = "TCP_NODELAY";
    Template = "Template";
    TextIOWrapper = "TextIOWrapper";
    TimeoutError = "TimeoutError";
    True = "True";
    TypeError = "TypeError";
    UINT = "UINT";
    UINT16 = "UINT16";
    UINT32 = "UINT32";
    UINT64 = "UINT64";
    UINT8 = "UINT8";
    ULONG = "ULONG";
    ULONGLONG = "ULONGLONG";
    USHORT = "USHORT";
    UnboundLocalError = "UnboundLocalError";
    UnicodeError = "UnicodeError";
    VOID = "VOID";
    ValueError = "ValueError";
    VfsFat = "VfsFat";
    VfsLfs1 = "VfsLfs1";
    VfsLfs2 = "VfsLfs2";
    ViperTypeError = "ViperTypeError";
    WEP = "WEP";
    WLAN = "WLAN";
    WPA = "WPA";
    WPA2 = "WPA2";
    Warning = "Warning";
    WeakRef = "WeakRef";
    ZLIB = "ZLIB";
    ZeroDivisionError = "ZeroDivisionError";
    UNDERSCORE = "_";
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
    __builtins__ = "__builtins__";
    __bytes__ = "__bytes__";
    __call__ = "__call__";
    __cause__ = "__cause__";
    __ceil__ = "__ceil__";
    __class__ = "__class__";
    __class_getitem__ = "__class_getitem__";
    __classcell__ = "__classcell__";
    __closure__ = "__closure__";
    __code__ = "__code__";
    __complex__ = "__complex__";
    __contains__ = "__contains__";
    __context__ = "__context__";
    __debug__ = "__debug__";
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
    __length_hint__ = "__length_hint__";
    __lshift__ = "__lshift__";
    __lt__ = "__lt__";
    __main__ = "__main__";
    __match_args__ = "__match_args__";
    __matmul__ = "__matmul__";
    __missing__ = "__missing__";
    __mod__ = "__mod__";
    __module__ = "__module__";
    __mro__ = "__mro__";
    __mul__ = "__mul__";
    __name__ = "__name__";
    __ne__ = "__ne__";
    __neg__ = "__neg__";
    __new__ = "__new__";
    __next__ = "__next__";
    __notes__ = "__notes__";
    __or__ = "__or__";
    __package__ = "__package__";
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
    __sizeof__ = "__sizeof__";
    __slots__ = "__slots__";
    __str__ = "__str__";
    __sub__ = "__sub__";
    __subclasscheck__ = "__subclasscheck__";
    __subclasses__ = "__subclasses__";
    __suppress_context__ = "__suppress_context__";
    __template__ = "__template__";
    __traceback__ = "__traceback__";
    __truediv__ = "__truediv__";
    __trunc__ = "__trunc__";
    __version__ = "__version__";
    __wrapped__ = "__wrapped__";
    __xor__ = "__xor__";
    _asdict = "_asdict";
    _build = "_build";
    _field_defaults = "_field_defaults";
    _fields = "_fields";
    _machine = "_machine";
    _make = "_make";
    _mpy = "_mpy";
    _replace = "_replace";
    _thread = "_thread";
    a2b_base64 = "a2b_base64";
    abs = "abs";
    accept = "accept";
    aclose = "aclose";
    acos = "acos";
    acosh = "acosh";
    acquire = "acquire";
    active = "active";
    add = "add";
    add_note = "add_note";
    addressof = "addressof";
    aes = "aes";
    ag_await = "ag_await";
    alive = "alive";
    all = "all";
    alloc_emergency_exception_buf = "alloc_emergency_exception_buf";
    allocate_lock = "allocate_lock";
    antenna = "antenna";
    any = "any";
    append = "append";
    appendleft = "appendleft";
    args = "args";
    argv = "argv";
    array = "array";
    ascii = "ascii";
    asend = "asend";
    asin = "asin";
    asinh = "asinh";
    asm_thumb = "asm_thumb";
    async_generator = "async_generator";
    async_generator_asend = "async_generator_asend";
    atan = "atan";
    atan2 = "atan2";
    atanh = "atanh";
    atexit = "atexit";
    athrow = "athrow";
    auth = "auth";
    b2a_base64 = "b2a_base64";
    base = "base";
    bin = "bin";
    binascii = "binascii";
    bind = "bind";
    bit_count = "bit_count";
    bit_length = "bit_length";
    blit = "blit";
    bool = "bool";
    bound_method = "bound_method";
    bssid = "bssid";
    buffer = "buffer";
    buffer_info = "buffer_info";
    bufsize = "bufsize";
    builtins = "builtins";
    bytearray = "bytearray";
    blocking = "blocking";
    bytearray_at = "bytearray_at";
    bytecode = "bytecode";
    byteorder = "byteorder";
    bytes = "bytes";
    bytes_at = "bytes_at";
    byteswap = "byteswap";
    cache_tag = "cache_tag";
    calcsize = "calcsize";
    callable = "callable";
    capitalize = "capitalize";
    casefold = "casefold";
    cast = "cast";
    ceil = "ceil";
    cell = "cell";
    center = "center";
    choice = "choice";
    chr = "chr";
    classmethod = "classmethod";
    clear = "clear";
    close = "close";
    closure = "closure";
    cls = "cls";
    cmath = "cmath";
    co_code = "co_code";
    co_consts = "co_consts";
    co_filename = "co_filename";
    co_firstlineno = "co_firstlineno";
    co_lnotab = "co_lnotab";
    co_name = "co_name";
    co_names = "co_names";
    code = "code";
    collect = "collect";
    collections = "collections";
    comb = "comb";
    compile = "compile";
    complex = "complex";
    compress = "compress";
    config = "config";
    conjugate = "conjugate";
    r#const = "const";
    connect = "connect";
    conversion = "conversion";
    convert = "convert";
    copy = "copy";
    copysign = "copysign";
    coroutine = "coroutine";
    cos = "cos";
    cosh = "cosh";
    count = "count";
    country = "country";
    cr_await = "cr_await";
    crc32 = "crc32";
    cryptolib = "cryptolib";
    decode = "decode";
    decompress = "decompress";
    decrypt = "decrypt";
    default = "default";
    default_factory = "default_factory";
    defaultdict = "defaultdict";
    defaults = "defaults";
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
    disconnect = "disconnect";
    dist = "dist";
    divmod = "divmod";
    dump = "dump";
    dumps = "dumps";
    e = "e";
    ellipse = "ellipse";
    enable = "enable";
    encode = "encode";
    encoding = "encoding";
    encrypt = "encrypt";
    end = "end";
    endswith = "endswith";
    enumerate = "enumerate";
    erf = "erf";
    erfc = "erfc";
    errno = "errno";
    errorcode = "errorcode";
    errors = "errors";
    eval = "eval";
    exc_info = "exc_info";
    exceptions = "exceptions";
    exec = "exec";
    execfile = "execfile";
    executable = "executable";
    exit = "exit";
    exp = "exp";
    expm1 = "expm1";
    expression = "expression";
    extend = "extend";
    extendleft = "extendleft";
    f_back = "f_back";
    f_code = "f_code";
    f_globals = "f_globals";
    f_lineno = "f_lineno";
    fabs = "fabs";
    factorial = "factorial";
    fdel = "fdel";
    fget = "fget";
    field_names = "field_names";
    file = "file";
    filename = "filename";
    fill = "fill";
    fill_rect = "fill_rect";
    filter = "filter";
    finalize = "finalize";
    find = "find";
    first = "first";
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
    fromlist = "fromlist";
    frozenset = "frozenset";
    fset = "fset";
    function = "function";
    gamma = "gamma";
    gc = "gc";
    gcd = "gcd";
    generator = "generator";
    get = "get";
    get_ident = "get_ident";
    getaddrinfo = "getaddrinfo";
    getattr = "getattr";
    getpeername = "getpeername";
    getrandbits = "getrandbits";
    getsizeof = "getsizeof";
    getsockname = "getsockname";
    getsockopt = "getsockopt";
    getter = "getter";
    gettimeout = "gettimeout";
    getvalue = "getvalue";
    gi_code = "gi_code";
    gi_frame = "gi_frame";
    gi_running = "gi_running";
    gi_yieldfrom = "gi_yieldfrom";
    globals = "globals";
    gmtime = "gmtime";
    group = "group";
    groups = "groups";
    hasattr = "hasattr";
    hash = "hash";
    hashlib = "hashlib";
    heap_lock = "heap_lock";
    heap_locked = "heap_locked";
    heap_unlock = "heap_unlock";
    heapify = "heapify";
    heappop = "heappop";
    heappush = "heappush";
    heappushpop = "heappushpop";
    heapq = "heapq";
    heapreplace = "heapreplace";
    help = "help";
    hex = "hex";
    hexlify = "hexlify";
    hline = "hline";
    hostname = "hostname";
    hypot = "hypot";
    id = "id";
    if_id = "if_id";
    ifconfig = "ifconfig";
    imag = "imag";
    implementation = "implementation";
    index = "index";
    indices = "indices";
    inet_ntop = "inet_ntop";
    inet_pton = "inet_pton";
    inf = "inf";
    input = "input";
    insert = "insert";
    int = "int";
    intern = "intern";
    interpolations = "interpolations";
    interrupt_main = "interrupt_main";
    intersection = "intersection";
    intersection_update = "intersection_update";
    io = "io";
    ioctl = "ioctl";
    ipconfig = "ipconfig";
    isalpha = "isalpha";
    isclose = "isclose";
    isconnected = "isconnected";
    isdigit = "isdigit";
    isdisjoint = "isdisjoint";
    isenabled = "isenabled";
    isfinite = "isfinite";
    isidentifier = "isidentifier";
    isinf = "isinf";
    isinstance = "isinstance";
    islower = "islower";
    isnan = "isnan";
    isqrt = "isqrt";
    isspace = "isspace";
    issubclass = "issubclass";
    issubset = "issubset";
    issuperset = "issuperset";
    isupper = "isupper";
    items = "items";
    itemsize = "itemsize";
    iter = "iter";
    iter_unpack = "iter_unpack";
    iterable = "iterable";
    iterator = "iterator";
    join = "join";
    json = "json";
    kbd_intr = "kbd_intr";
    key = "key";
    keys = "keys";
    kind = "kind";
    kwargs = "kwargs";
    last = "last";
    lcm = "lcm";
    ldexp = "ldexp";
    len = "len";
    level = "level";
    lgamma = "lgamma";
    libc_ver = "libc_ver";
    line = "line";
    list = "list";
    listen = "listen";
    ljust = "ljust";
    load = "load";
    loads = "loads";
    locals = "locals";
    localtime = "localtime";
    lock = "lock";
    locked = "locked";
    log = "log";
    log10 = "log10";
    log1p = "log1p";
    log2 = "log2";
    lookahead = "lookahead";
    lower = "lower";
    lstrip = "lstrip";
    mac = "mac";
    makefile = "makefile";
    map = "map";
    r#match = "match";
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
    method_descriptor = "method_descriptor";
    micropython = "micropython";
    min = "min";
    mktime = "mktime";
    r#mod = "mod";
    modf = "modf";
    module = "module";
    modules = "modules";
    move_to_end = "move_to_end";
    mtime = "mtime";
    name = "name";
    namedtuple = "namedtuple";
    nan = "nan";
    native = "native";
    nbytes = "nbytes";
    network = "network";
    next = "next";
    numerator = "numerator";
    obj = "obj";
    object = "object";
    oct = "oct";
    open = "open";
    opt_level = "opt_level";
    ord = "ord";
    os = "os";
    pack = "pack";
    pack_into = "pack_into";
    palette = "palette";
    partition = "partition";
    path = "path";
    perm = "perm";
    phase = "phase";
    pi = "pi";
    pixel = "pixel";
    platform = "platform";
    polar = "polar";
    poly = "poly";
    pop = "pop";
    popitem = "popitem";
    popleft = "popleft";
    pow = "pow";
    print = "print";
    print_exception = "print_exception";
    print_ver = "print_ver";
    processor = "processor";
    prod = "prod";
    progsize = "progsize";
    property = "property";
    proxy = "proxy";
    ps1 = "ps1";
    ps2 = "ps2";
    pystack_use = "pystack_use";
    python_compiler = "python_compiler";
    qstr_info = "qstr_info";
    radians = "radians";
    randint = "randint";
    random = "random";
    randrange = "randrange";
    range = "range";
    re = "re";
    read = "read";
    readall = "readall";
    readinto = "readinto";
    readinto1 = "readinto1";
    readline = "readline";
    readlines = "readlines";
    readonly = "readonly";
    readsize = "readsize";
    real = "real";
    rect = "rect";
    r#ref = "ref";
    recv = "recv";
    recv_into = "recv_into";
    recvfrom = "recvfrom";
    release = "release";
    remove = "remove";
    removeprefix = "removeprefix";
    removesuffix = "removesuffix";
    rename = "rename";
    replace = "replace";
    repr = "repr";
    reverse = "reverse";
    reversed = "reversed";
    rfind = "rfind";
    rindex = "rindex";
    rjust = "rjust";
    rotate = "rotate";
    round = "round";
    rpartition = "rpartition";
    rsplit = "rsplit";
    rssi = "rssi";
    rstrip = "rstrip";
    schedule = "schedule";
    scroll = "scroll";
    search = "search";
    sec = "sec";
    seed = "seed";
    seek = "seek";
    select = "select";
    self_ = "self";
    send = "send";
    sendall = "sendall";
    sendto = "sendto";
    sep = "sep";
    separators = "separators";
    set = "set";
    setattr = "setattr";
    setblocking = "setblocking";
    setdefault = "setdefault";
    setsockopt = "setsockopt";
    setter = "setter";
    settimeout = "settimeout";
    settrace = "settrace";
    sha1 = "sha1";
    sha256 = "sha256";
    shape = "shape";
    shuffle = "shuffle";
    shutdown = "shutdown";
    sin = "sin";
    sinh = "sinh";
    sizeof = "sizeof";
    sleep = "sleep";
    sleep_ms = "sleep_ms";
    sleep_us = "sleep_us";
    slice = "slice";
    socket = "socket";
    sort = "sort";
    sorted = "sorted";
    span = "span";
    split = "split";
    split_by = "split_by";
    splitlines = "splitlines";
    sqrt = "sqrt";
    ssid = "ssid";
    stack_size = "stack_size";
    stack_use = "stack_use";
    start = "start";
    start_new_thread = "start_new_thread";
    startswith = "startswith";
    staticmethod = "staticmethod";
    status = "status";
    stderr = "stderr";
    stdin = "stdin";
    stdout = "stdout";
    step = "step";
    stop = "stop";
    str = "str";
    strerror = "strerror";
    strict = "strict";
    strides = "strides";
    string = "string";
    strings = "strings";
    strip = "strip";
    r#struct = "struct";
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
    tb_frame = "tb_frame";
    tb_lineno = "tb_lineno";
    tb_next = "tb_next";
    tell = "tell";
    templatelib = "templatelib";
    text = "text";
    threshold = "threshold";
    throw = "throw";
    ticks_add = "ticks_add";
    ticks_cpu = "ticks_cpu";
    ticks_diff = "ticks_diff";
    ticks_ms = "ticks_ms";
    ticks_us = "ticks_us";
    timeout = "timeout";
    time = "time";
    time_ns = "time_ns";
    to_bytes = "to_bytes";
    tobytes = "tobytes";
    tolist = "tolist";
    toreadonly = "toreadonly";
    tounicode = "tounicode";
    traceback = "traceback";
    tracebacklimit = "tracebacklimit";
    trunc = "trunc";
    truncate = "truncate";
    tuple = "tuple";
    r#type = "type";
    typecode = "typecode";
    typename = "typename";
    ucollections = "ucollections";
    uctypes = "uctypes";
    uerrno = "uerrno";
    uio = "uio";
    unhexlify = "unhexlify";
    uniform = "uniform";
    union = "union";
    unpack = "unpack";
    unpack_from = "unpack_from";
    uos = "uos";
    update = "update";
    upper = "upper";
    urandom = "urandom";
    ustruct = "ustruct";
    usys = "usys";
    utime = "utime";
    value = "value";
    values = "values";
    vars = "vars";
    version = "version";
    version_info = "version_info";
    viper = "viper";
    vline = "vline";
    wbits = "wbits";
    weakref = "weakref";
    websocket = "websocket";
    write = "write";
    writeblocks = "writeblocks";
    zfill = "zfill";
    zip = "zip";
    zlib = "zlib";
    source = "source";
    format_map = "format_map";
    isdecimal = "isdecimal";
    isnumeric = "isnumeric";
    isprintable = "isprintable";
    maketrans = "maketrans";
    translate = "translate";
    frombytes = "frombytes";
    expandtabs = "expandtabs";
    isalnum = "isalnum";
    isascii = "isascii";
    istitle = "istitle";
    swapcase = "swapcase";
    title = "title";
    delete = "delete";
    keepends = "keepends";
    offset = "offset";
    tabsize = "tabsize";
    error = "error";
    EMPTY = "";
    STDIN = "<stdin>";
    STRING = "<string>";
    MODULE = "<module>";
    LAMBDA = "<lambda>";
    LISTCOMP = "<listcomp>";
    DICTCOMP = "<dictcomp>";
    SETCOMP = "<setcomp>";
    GENEXPR = "<genexpr>";
    DOT_ZERO = ".0";
    STAR = "*";
    SPACE = " ";
    COMMA_SPACE = ", ";
    COLON_SPACE = ": ";
    NEWLINE = "\n";
    fileno = "fileno";
    getcwd = "getcwd";
    ilistdir = "ilistdir";
    statvfs = "statvfs";
    umount = "umount";
    mount = "mount";
    mkfs = "mkfs";
    uname = "uname";
    vfs = "vfs";
    VfsPosix = "VfsPosix";
    stat = "stat";
    chdir = "chdir";
    listdir = "listdir";
    mkdir = "mkdir";
    rmdir = "rmdir";
    unlink = "unlink";
    sync = "sync";
    getenv = "getenv";
    putenv = "putenv";
    unsetenv = "unsetenv";
    system = "system";
    initial_value = "initial_value";
    buffering = "buffering";
    mode = "mode";
    dupterm = "dupterm";
    newline = "newline";
    r = "r";
    readblocks = "readblocks";
    unmount = "unmount";
    sysname = "sysname";
    nodename = "nodename";
    machine = "machine";
    attr = "attr";
    SLASH = "/";
    peek = "peek";
    pend_throw = "pend_throw";
    co_lines = "co_lines";
    co_argcount = "co_argcount";
    co_varnames = "co_varnames";
    co_kwonlyargcount = "co_kwonlyargcount";
    co_posonlyargcount = "co_posonlyargcount";
    STRING_TEMPLATELIB = "string.templatelib";
    poll = "poll";
    register = "register";
    unregister = "unregister";
    modify = "modify";
    ipoll = "ipoll";
    POLLIN = "POLLIN";
    POLLOUT = "POLLOUT";
    POLLERR = "POLLERR";
    POLLHUP = "POLLHUP";
    _asyncio = "_asyncio";
    asyncio = "asyncio";
    CancelledError = "CancelledError";
    TaskQueue = "TaskQueue";
    Task = "Task";
    Loop = "Loop";
    Flag = "Flag";
    push = "push";
    wake = "wake";
    done = "done";
    cancel = "cancel";
    watch = "watch";
    result = "result";
    coro = "coro";
    create_task = "create_task";
    run_forever = "run_forever";
    run_until_complete = "run_until_complete";
    set_exception_handler = "set_exception_handler";
    get_exception_handler = "get_exception_handler";
    default_exception_handler = "default_exception_handler";
    call_exception_handler = "call_exception_handler";
    exception = "exception";
    future = "future";
    current_task = "current_task";
    get_event_loop = "get_event_loop";
    new_event_loop = "new_event_loop";
    ready = "ready";
    run = "run";
    is_set = "is_set";
    idents = "idents";
    main_ident = "main_ident";
    priority = "priority";
    threading = "threading";
    _shutdown = "_shutdown";
    EventGroup = "EventGroup";
    Mutex = "Mutex";
    Queue = "Queue";
    Semaphore = "Semaphore";
    Timer = "Timer";
    delay_until = "delay_until";
    heap = "heap";
    tasks = "tasks";
    wakeups = "wakeups";
    receive = "receive";
    urgent = "urgent";
    try_receive = "try_receive";
    try_send = "try_send";
    size = "size";
    try_acquire = "try_acquire";
    most = "most";
    wait = "wait";
    callback = "callback";
    period = "period";
    repeat = "repeat";
    task = "task";
    state = "state";
    stack_unused = "stack_unused";
    cpu = "cpu";
    A = "A";
    ADC = "ADC";
    ADCChannel = "ADCChannel";
    ALARM0 = "ALARM0";
    ALT = "ALT";
    ALT_OPEN_DRAIN = "ALT_OPEN_DRAIN";
    B = "B";
    DEEPSLEEP = "DEEPSLEEP";
    DEEPSLEEP_RESET = "DEEPSLEEP_RESET";
    DRIVE_0 = "DRIVE_0";
    DRIVE_1 = "DRIVE_1";
    DRIVE_2 = "DRIVE_2";
    HARD_RESET = "HARD_RESET";
    HIGH_POWER = "HIGH_POWER";
    IDLE = "IDLE";
    IN = "IN";
    IRQ_FALLING = "IRQ_FALLING";
    IRQ_HIGH_LEVEL = "IRQ_HIGH_LEVEL";
    IRQ_LOW_LEVEL = "IRQ_LOW_LEVEL";
    IRQ_RISING = "IRQ_RISING";
    LOW_POWER = "LOW_POWER";
    MATCH = "MATCH";
    MED_POWER = "MED_POWER";
    NEGATIVE = "NEGATIVE";
    ONE_SHOT = "ONE_SHOT";
    OPEN_DRAIN = "OPEN_DRAIN";
    OUT = "OUT";
    PERIODIC = "PERIODIC";
    PIN_WAKE = "PIN_WAKE";
    POSITIVE = "POSITIVE";
    POWER_ON = "POWER_ON";
    PULL_DOWN = "PULL_DOWN";
    PULL_UP = "PULL_UP";
    PWM = "PWM";
    PWRON_RESET = "PWRON_RESET";
    PWRON_WAKE = "PWRON_WAKE";
    Pin = "Pin";
    PinBase = "PinBase";
    RTC = "RTC";
    RTC_WAKE = "RTC_WAKE";
    SLEEP = "SLEEP";
    SOFT_RESET = "SOFT_RESET";
    Signal = "Signal";
    TIMEOUT = "TIMEOUT";
    TimerChannel = "TimerChannel";
    WDT = "WDT";
    WDT_RESET = "WDT_RESET";
    WLAN_WAKE = "WLAN_WAKE";
    alarm = "alarm";
    alarm_cancel = "alarm_cancel";
    alarm_id = "alarm_id";
    alarm_left = "alarm_left";
    alt = "alt";
    alt_list = "alt_list";
    atten = "atten";
    bits = "bits";
    board = "board";
    channel = "channel";
    datetime = "datetime";
    deepsleep = "deepsleep";
    Server = "Server";
    login = "login";
    isrunning = "isrunning";
    deinit = "deinit";
    dest = "dest";
    disable_irq = "disable_irq";
    drive = "drive";
    duty = "duty";
    duty_cycle = "duty_cycle";
    duty_ns = "duty_ns";
    duty_u16 = "duty_u16";
    enable_irq = "enable_irq";
    feed = "feed";
    freq = "freq";
    handler = "handler";
    handlers = "handlers";
    hard = "hard";
    heartbeat = "heartbeat";
    high = "high";
    idle = "idle";
    info = "info";
    init = "init";
    invert = "invert";
    irq = "irq";
    lightsleep = "lightsleep";
    low = "low";
    main = "main";
    mem = "mem";
    mem16 = "mem16";
    mem32 = "mem32";
    mem8 = "mem8";
    memory = "memory";
    now = "now";
    off = "off";
    on = "on";
    pin = "pin";
    polarity = "polarity";
    pull = "pull";
    read_u16 = "read_u16";
    read_uv = "read_uv";
    reset = "reset";
    reset_cause = "reset_cause";
    rng = "rng";
    soft_reset = "soft_reset";
    tick_hz = "tick_hz";
    time_pulse_us = "time_pulse_us";
    toggle = "toggle";
    trigger = "trigger";
    unique_id = "unique_id";
    wake_reason = "wake_reason";
    width = "width";
    wipy = "wipy";
    adc = "adc";
    after = "after";
    pwm = "pwm";
    simboard = "simboard";
    unwire = "unwire";
    wire = "wire";
    tracebacks = "tracebacks";
    CONTROLLER = "CONTROLLER";
    CTS = "CTS";
    EVEN = "EVEN";
    I2C = "I2C";
    IRQ_RX = "IRQ_RX";
    LSB = "LSB";
    MASTER = "MASTER";
    MSB = "MSB";
    ODD = "ODD";
    RTS = "RTS";
    RX_ANY = "RX_ANY";
    SPI = "SPI";
    SoftI2C = "SoftI2C";
    SoftSPI = "SoftSPI";
    UART = "UART";
    addr = "addr";
    addrsize = "addrsize";
    baudrate = "baudrate";
    buf = "buf";
    firstbit = "firstbit";
    memaddr = "memaddr";
    miso = "miso";
    mosi = "mosi";
    parity = "parity";
    pins = "pins";
    readfrom = "readfrom";
    readfrom_into = "readfrom_into";
    readfrom_mem = "readfrom_mem";
    readfrom_mem_into = "readfrom_mem_into";
    rx = "rx";
    scan = "scan";
    sck = "sck";
    scl = "scl";
    sda = "sda";
    sendbreak = "sendbreak";
    timeout_char = "timeout_char";
    tx = "tx";
    txdone = "txdone";
    vector = "vector";
    write_readinto = "write_readinto";
    writeto = "writeto";
    writeto_mem = "writeto_mem";
    writevto = "writevto";
    bme280 = "bme280";
    i2c = "i2c";
    i2c_pins = "i2c_pins";
    uart = "uart";
    ExtInt = "ExtInt";
    IRQ_RISING_FALLING = "IRQ_RISING_FALLING";
    LED = "LED";
    Switch = "Switch";
    delay = "delay";
    elapsed_micros = "elapsed_micros";
    elapsed_millis = "elapsed_millis";
    hard_reset = "hard_reset";
    intensity = "intensity";
    micros = "micros";
    millis = "millis";
    pyb = "pyb";
    swint = "swint";
    udelay = "udelay";
    wfi = "wfi";
    notify = "notify";
    notified = "notified";
    CERT_NONE = "CERT_NONE";
    CERT_OPTIONAL = "CERT_OPTIONAL";
    CERT_REQUIRED = "CERT_REQUIRED";
    MBEDTLS_VERSION = "MBEDTLS_VERSION";
    PROTOCOL_SSLv3 = "PROTOCOL_SSLv3";
    PROTOCOL_TLS_CLIENT = "PROTOCOL_TLS_CLIENT";
    PROTOCOL_TLS_SERVER = "PROTOCOL_TLS_SERVER";
    PROTOCOL_TLSv1 = "PROTOCOL_TLSv1";
    PROTOCOL_TLSv1_1 = "PROTOCOL_TLSv1_1";
    PROTOCOL_TLSv1_2 = "PROTOCOL_TLSv1_2";
    SSLContext = "SSLContext";
    SSLError = "SSLError";
    SSLSocket = "SSLSocket";
    ca_certs = "ca_certs";
    cadata = "cadata";
    cafile = "cafile";
    cert = "cert";
    cert_reqs = "cert_reqs";
    certfile = "certfile";
    check_hostname = "check_hostname";
    cipher = "cipher";
    client_id = "client_id";
    do_handshake = "do_handshake";
    do_handshake_on_connect = "do_handshake_on_connect";
    get_ciphers = "get_ciphers";
    getpeercert = "getpeercert";
    keyfile = "keyfile";
    load_cert_chain = "load_cert_chain";
    load_verify_locations = "load_verify_locations";
    server_hostname = "server_hostname";
    server_side = "server_side";
    set_ciphers = "set_ciphers";
    ssl = "ssl";
    ssl_version = "ssl_version";
    tls = "tls";
    verify_callback = "verify_callback";
    verify_mode = "verify_mode";
    wrap_socket = "wrap_socket";
    frame = "frame";
    marshal = "marshal";
}
