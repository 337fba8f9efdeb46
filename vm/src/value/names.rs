//! The names in ROM: the one list of strings that need no heap, serving all rooms.
//!
//! `q::append` is the interned `str` "append"; [`rom_name`] finds the ROM string equal to some text. A name that is
//! missing here is a compile error where it is used; a name that nothing uses costs flash, so keep the list true.

use super::{Header, Kind, RomValue, Value};

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

/// The strings of one ASCII character.
static CHARS: [RomStr<1>; 128] = {
    let mut chars =
        [const { RomStr { header: Header::new(Kind::Str, 0, 0), len: 1, bytes: [0] } }; 128];
    let mut i = 0;
    while i < 128 {
        let bytes = [i as u8];
        chars[i].header = Header::new(Kind::Str, 0, STR_INTERNED | STR_ASCII | hash_bytes(&bytes));
        chars[i].bytes = bytes;
        i += 1;
    }
    chars
};

/// The one string of each ASCII character: the name, where the list below has it.
static BY_CHAR: [RomValue; 128] = {
    let mut out = [CHARS[0].rom(); 128];
    let mut i = 0;
    while i < 128 {
        out[i] = CHARS[i].rom();
        i += 1;
    }
    i = 0;
    while i < TEXTS.len() {
        if TEXTS[i].len() == 1 {
            out[TEXTS[i].as_bytes()[0] as usize] = VALUES[i];
        }
        i += 1;
    }
    out
};

/// The string of one ASCII character, interned.
#[inline]
pub fn ascii_char(c: u8) -> Value {
    BY_CHAR[usize::from(c & 127)].0
}

macro_rules! names {
    ($($id:ident = $text:literal;)*) => {
        /// One static per ROM name.
        #[allow(non_upper_case_globals, missing_docs, reason = "a name is spelt as Python spells it")]
        pub mod q {
            use super::RomStr;
            $(pub static $id: RomStr<{ $text.len() }> = RomStr::new($text);)*
        }
        const TEXTS: &[&str] = &[$($text),*];
        const VALUES: [RomValue; TEXTS.len()] = [$(q::$id.rom()),*];
    };
}

/// The names' values, ordered by hash.
static BY_HASH: [RomValue; TEXTS.len()] = sorted();

const fn sorted() -> [RomValue; TEXTS.len()] {
    // A counting sort over the 14-bit hashes, so that constant evaluation stays cheap.
    const BUCKETS: usize = STR_HASH as usize + 2;
    let mut starts = [0u16; BUCKETS];
    let mut i = 0;
    while i < TEXTS.len() {
        starts[hash_bytes(TEXTS[i].as_bytes()) as usize + 1] += 1;
        i += 1;
    }
    i = 1;
    while i < BUCKETS {
        starts[i] += starts[i - 1];
        i += 1;
    }
    let mut out = VALUES;
    i = 0;
    while i < TEXTS.len() {
        let h = hash_bytes(TEXTS[i].as_bytes()) as usize;
        out[starts[h] as usize] = VALUES[i];
        starts[h] += 1;
        i += 1;
    }
    out
}

/// Number of ROM names.
pub const fn rom_name_count() -> usize {
    TEXTS.len()
}

/// The name equal to `text`, for tables made outside this package. For constants only: it looks at every name.
///
/// # Panics
/// There is none: at compile time, where the host that made the table had another list than the target.
pub const fn listed(text: &str) -> RomValue {
    let text = text.as_bytes();
    if text.len() == 1 && text[0] < 128 {
        return BY_CHAR[text[0] as usize];
    }
    let mut i = 0;
    while i < TEXTS.len() {
        let name = TEXTS[i].as_bytes();
        let mut same = 0;
        while same < text.len() && name.len() == text.len() && name[same] == text[same] {
            same += 1;
        }
        if same == text.len() && name.len() == text.len() {
            return VALUES[i];
        }
        i += 1;
    }
    panic!("the list of names has no such text")
}

/// The ROM name equal to `text`, whose hash is `hash`. O(log n).
pub fn rom_name(text: &[u8], hash: u16) -> Option<Value> {
    if let &[c @ 0..128] = text {
        return Some(ascii_char(c));
    }
    let hash_of = |v: &RomValue| v.0.header().map_or(0, |h| h.aux & STR_HASH);
    let first = BY_HASH.partition_point(|v| hash_of(v) < hash);
    BY_HASH[first..]
        .iter()
        .take_while(|v| hash_of(v) == hash)
        .map(|v| v.0)
        .find(|&v| crate::object::Str::from_known(v).as_bytes() == text)
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
    Ellipsis = "Ellipsis";
    Exception = "Exception";
    ExceptionGroup = "ExceptionGroup";
    FLOAT32 = "FLOAT32";
    FLOAT64 = "FLOAT64";
    False = "False";
    FileIO = "FileIO";
    GZIP = "GZIP";
    GeneratorExit = "GeneratorExit";
    I = "I";
    IGNORECASE = "IGNORECASE";
    INT = "INT";
    INT16 = "INT16";
    INT32 = "INT32";
    INT64 = "INT64";
    INT8 = "INT8";
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
    LITTLE_ENDIAN = "LITTLE_ENDIAN";
    LONG = "LONG";
    LONGLONG = "LONGLONG";
    LockType = "LockType";
    LookupError = "LookupError";
    M = "M";
    MODE_CBC = "MODE_CBC";
    MODE_CTR = "MODE_CTR";
    MODE_ECB = "MODE_ECB";
    MULTILINE = "MULTILINE";
    MSG_DONTWAIT = "MSG_DONTWAIT";
    MSG_PEEK = "MSG_PEEK";
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
    PTR = "PTR";
    RAW = "RAW";
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
    add = "add";
    add_note = "add_note";
    addressof = "addressof";
    aes = "aes";
    ag_await = "ag_await";
    alive = "alive";
    all = "all";
    alloc_emergency_exception_buf = "alloc_emergency_exception_buf";
    allocate_lock = "allocate_lock";
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
    b2a_base64 = "b2a_base64";
    base = "base";
    bin = "bin";
    binascii = "binascii";
    bind = "bind";
    bit_count = "bit_count";
    bit_length = "bit_length";
    bool = "bool";
    bound_method = "bound_method";
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
    dist = "dist";
    divmod = "divmod";
    dump = "dump";
    dumps = "dumps";
    e = "e";
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
    hypot = "hypot";
    id = "id";
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
    isalpha = "isalpha";
    isclose = "isclose";
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
    partition = "partition";
    path = "path";
    perm = "perm";
    phase = "phase";
    pi = "pi";
    pins = "pins";
    platform = "platform";
    polar = "polar";
    pop = "pop";
    popitem = "popitem";
    popleft = "popleft";
    pow = "pow";
    print = "print";
    print_exception = "print_exception";
    prod = "prod";
    progsize = "progsize";
    property = "property";
    proxy = "proxy";
    ps1 = "ps1";
    ps2 = "ps2";
    pystack_use = "pystack_use";
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
    rstrip = "rstrip";
    schedule = "schedule";
    search = "search";
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
    stack_size = "stack_size";
    stack_use = "stack_use";
    start = "start";
    start_new_thread = "start_new_thread";
    startswith = "startswith";
    staticmethod = "staticmethod";
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
    wbits = "wbits";
    weakref = "weakref";
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
    Timer = "Timer";
    TimerChannel = "TimerChannel";
    WDT = "WDT";
    WDT_RESET = "WDT_RESET";
    WLAN_WAKE = "WLAN_WAKE";
    alarm = "alarm";
    alarm_cancel = "alarm_cancel";
    alarm_left = "alarm_left";
    alt = "alt";
    alt_list = "alt_list";
    atten = "atten";
    bits = "bits";
    board = "board";
    callback = "callback";
    channel = "channel";
    datetime = "datetime";
    deepsleep = "deepsleep";
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
    period = "period";
    pin = "pin";
    polarity = "polarity";
    pull = "pull";
    read_u16 = "read_u16";
    read_uv = "read_uv";
    repeat = "repeat";
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
}
