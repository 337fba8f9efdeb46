//! The names in ROM: the one list of strings that need no heap, serving all rooms.
//!
//! `q::append` is the interned `str` "append"; [`rom_name`] finds the ROM string equal to some text. A name that is
//! missing here is a compile error where it is used; a name that nothing uses costs flash, so keep the list true.
//! It is at the end of this file, in the order of ASCII: words are constants of their own names, other texts and what Rust
//! keeps for itself are given one.

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
    ($(#[$when:meta] words { $($word:ident)* } texts { $($id:ident = $text:literal;)* })*) => {
        /// One constant per ROM name.
        #[allow(non_upper_case_globals, missing_docs, reason = "a name is spelt as Python spells it")]
        pub mod q {
            use super::{LAYOUT, Name};

            #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "as above")]
            enum Place { $($(#[$when] $word,)* $(#[$when] $id,)*)* }
            $(
                $(#[$when] pub const $word: Name = Name(LAYOUT.starts[Place::$word as usize]);)*
                $(#[$when] pub const $id: Name = Name(LAYOUT.starts[Place::$id as usize]);)*
            )*
        }
        const TEXTS: &[&str] = &[$($(#[$when] stringify!($word),)* $(#[$when] $text,)*)*];
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
    words {
        A ARRAY AUTO ArithmeticError AssertionError AttributeError
        B BFINT16 BFINT32 BFINT8 BFUINT16 BFUINT32 BFUINT8 BF_LEN BF_POS BIG_ENDIAN BaseException BaseExceptionGroup
        BufferError BufferedWriter BytesIO
        DeflateIO DeprecationWarning
        EACCES EADDRINUSE EAGAIN EALREADY EBADF EBUSY ECONNABORTED ECONNREFUSED ECONNRESET EEXIST EHOSTUNREACH
        EINPROGRESS EINVAL EIO EISCONN EISDIR EMFILE ENAMETOOLONG ENFILE ENOBUFS ENODEV ENOENT ENOMEM ENOSPC ENOSYS
        ENOTCONN ENOTDIR ENOTEMPTY ENOTSUP EOFError EOPNOTSUPP EPERM EPIPE EROFS ESPIPE ETIMEDOUT EXDEV Ellipsis
        Exception ExceptionGroup
        FLOAT32 FLOAT64 FileIO FrameBuffer FrameBuffer1
        GS2_HMSB GS4_HMSB GS8 GZIP GeneratorExit
        I INT INT16 INT32 INT64 INT8 IOBase ImportError IndentationError IndexError Interpolation
        KeyError KeyboardInterrupt
        LITTLE_ENDIAN LONG LONGLONG LookupError
        M MONO_HLSB MONO_HMSB MONO_VLSB MVLSB MemoryError ModuleNotFoundError
        NATIVE NameError NoneType NotImplemented NotImplementedError NotImplementedType
        OSError OrderedDict OverflowError
        POLLERR POLLHUP POLLIN POLLOUT PTR
        RAW RGB565 RecursionError ReferenceError RingIO RuntimeError
        SHORT StopAsyncIteration StopIteration StringIO SyntaxError SystemError SystemExit
        Template TextIOWrapper TimeoutError TypeError
        UINT UINT16 UINT32 UINT64 UINT8 ULONG ULONGLONG USHORT UnboundLocalError UnicodeError
        VOID ValueError VfsRom ViperTypeError
        Warning
        ZLIB ZeroDivisionError
        __abs__ __add__ __aenter__ __aexit__ __aiter__ __all__ __and__ __anext__ __annotations__ __await__ __base__
        __bases__ __bool__ __build_class__ __bytes__ __call__ __cause__ __ceil__ __class__ __class_getitem__
        __classcell__ __code__ __complex__ __contains__ __context__ __defaults__ __del__ __delattr__ __delete__
        __delitem__ __dict__ __dir__ __divmod__ __doc__ __enter__ __eq__ __exit__ __file__ __float__ __floor__
        __floordiv__ __format__ __func__ __ge__ __get__ __getattr__ __getattribute__ __getitem__ __globals__ __gt__
        __hash__ __iadd__ __iand__ __ifloordiv__ __ilshift__ __imatmul__ __imod__ __import__ __imul__ __index__ __init__
        __init_subclass__ __instancecheck__ __int__ __invert__ __ior__ __ipow__ __irshift__ __isub__ __iter__
        __itruediv__ __ixor__ __le__ __len__ __lshift__ __lt__ __main__ __match_args__ __matmul__ __missing__ __mod__
        __module__ __mro__ __mro_entries__ __mul__ __name__ __ne__ __neg__ __new__ __next__ __notes__ __or__ __path__
        __pos__ __pow__ __prepare__ __qualname__ __radd__ __rand__ __rdivmod__ __repr__ __reversed__ __rfloordiv__
        __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__ __round__ __rpow__ __rrshift__ __rshift__ __rsub__
        __rtruediv__ __rxor__ __self__ __set__ __set_name__ __setattr__ __setitem__ __slots__ __str__ __sub__
        __subclasscheck__ __suppress_context__ __traceback__ __truediv__ __trunc__ __wrapped__ __xor__ _asdict _build
        _fields _machine _make _replace _thread
        a2b_base64 abs abs_tol aclose acos acosh add addressof alive all alloc_emergency_exception_buf any append
        appendleft args argv array asend asin asinh async_generator async_generator_asend atan atan2 atanh atexit athrow
        b2a_base64 bin binascii blit bool bound_method buffer buffering builtins bytearray bytearray_at bytecode
        byteorder bytes bytes_at
        calcsize callable ceil cell center chdir choice chr classmethod clear close cmath co_argcount co_code co_consts
        co_filename co_firstlineno co_kwonlyargcount co_name co_names co_posonlyargcount co_varnames code collect
        collections compile complex conjugate conversion copy copysign coroutine cos cosh count crc32
        decode default deflate degrees delattr deleter denominator deque derive detach dict dict_view difference
        difference_update digest dir disable discard divmod doc dump dumps
        e ellipse ellipsis enable encode encoding end endswith enumerate erf erfc errno errorcode errors eval exceptions
        exec execfile executable exit exp expm1 expression extend
        fabs factorial fdel fget file fill fill_rect filter finalize find flags float floor flush fmod format
        format_spec framebuf frexp from_bytes fromhex fromkeys frozenset fset function
        gamma gc generator get getattr getcwd getrandbits getter getvalue gi_code gi_running globals group
        hasattr hash hashlib heap_lock heap_unlock heapify heappop heappush heapq help hex hexlify hline
        id ilistdir imag implementation index indices inf input insert int interpolations intersection
        intersection_update io ioctl ipoll isalpha isclose isdigit isdisjoint isenabled isfinite isinf isinstance
        islower isnan isspace issubclass issubset issuperset isupper items itemsize iter iterable iterator
        join json
        kbd_intr keepends key keys
        last ldexp len length lgamma libc_ver line list listdir load loads locals log log10 log2 lower lstrip
        map math max maxlen maxsize maxsplit md5 mem_alloc mem_current mem_free mem_info mem_peak mem_total memoryview
        message metaclass micropython min mkdir mkfs mode modf modify module modules mount
        name namedtuple nan native nbytes newline next numerator
        obj object oct offset open opt_level ord os
        pack pack_into palette partition path peek pend_throw phase pi pixel platform polar poll poly pop popitem
        popleft pow print print_exception property ps1 ps2 python_compiler
        qstr_info
        r radians randint random randrange range re read readblocks readinto readline readonly real rect register
        rel_tol remove rename replace repr reverse reversed rfind rindex rmdir round rpartition rsplit rstrip
        schedule scroll search seed seek select send sep separators set setattr setdefault setter sha1 sha256 signed sin
        sinh sizeof sleep sleep_ms sleep_us slice sort sorted source split splitlines sqrt stack_use start startswith
        stat staticmethod statvfs stderr stdin stdout step stop str strict strings string strip sub subgroup sum
        symmetric_difference symmetric_difference_update sys
        tan tanh tau tell text threshold throw ticks_add ticks_cpu ticks_diff ticks_ms ticks_us time to_bytes
        tracebacklimit trunc tuple typecode
        uctypes umount unhexlify uniform union unlink unpack unpack_from unregister update upper
        value values version version_info vfs viper vline
        weakref write
        zip
    }
    texts {
        COLON_SPACE = ": ";
        COMMA_SPACE = ", ";
        DOT_ZERO = ".0";
        EMPTY = "";
        GENEXPR = "<genexpr>";
        LAMBDA = "<lambda>";
        MODULE = "<module>";
        NEWLINE = "\n";
        SLASH = "/";
        SPACE = " ";
        UNDERSCORE = "_";
        r#const = "const";
        r#match = "match";
        r#ref = "ref";
        r#struct = "struct";
        r#type = "type";
        super_ = "super";
    }
    // What only rooms and features have that ask for them.
    #[cfg(feature = "more-names")]
    words {
        ADC ADCChannel AF_INET ALARM0 ALT ALT_OPEN_DRAIN ANY_EVENT AP AP_IF AUTH_OPEN AUTH_WEP AUTH_WPA2_PSK
        AUTH_WPA_PSK AUTH_WPA_WPA2_PSK
        BlockDevice
        CERT_NONE CERT_OPTIONAL CERT_REQUIRED CONTROLLER CTS CancelledError
        DEEPSLEEP DEEPSLEEP_RESET DRIVE_0 DRIVE_1 DRIVE_2 DecompIO
        EVEN EXT_ANT EventGroup ExtInt
        False Flag
        HARD_RESET HIGH_POWER
        I2C IDLE IF_AP IF_STA IGNORECASE IN INT_ANT IPPROTO_ICMP IPPROTO_IP IPPROTO_SEC IPPROTO_TCP IPPROTO_UDP
        IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP IP_MULTICAST_IF IP_MULTICAST_LOOP IP_MULTICAST_TTL IP_TOS IP_TTL
        IRQ_FALLING IRQ_HIGH_LEVEL IRQ_LOW_LEVEL IRQ_RISING IRQ_RISING_FALLING IRQ_RX
        LAN LED LOW_POWER LSB LockType Loop
        MASTER MATCH MBEDTLS_VERSION MED_POWER MODE_CBC MODE_CTR MODE_ECB MSB MSG_DONTWAIT MSG_PEEK MULTILINE Mutex
        NEGATIVE None
        ODD ONE_SHOT OPEN_DRAIN OUT
        PERIODIC PIN_WAKE PM_NONE PM_PERFORMANCE PM_POWERSAVE POSITIVE POWER_ON PROTOCOL_SSLv3 PROTOCOL_TLS_CLIENT
        PROTOCOL_TLS_SERVER PROTOCOL_TLSv1 PROTOCOL_TLSv1_1 PROTOCOL_TLSv1_2 PULL_DOWN PULL_UP PWM PWRON_RESET
        PWRON_WAKE Pin PinBase
        Queue
        RTC RTC_WAKE RTS RX_ANY
        SD SLEEP SOCK_DGRAM SOCK_RAW SOCK_STREAM SOFT_RESET SOL_SOCKET SO_BROADCAST SO_ERROR SO_KEEPALIVE SO_REUSEADDR
        SPI SSLContext SSLError SSLSocket STA STAT_CONNECTING STAT_CONNECT_FAIL STAT_GOT_IP STAT_IDLE STAT_NO_AP_FOUND
        STAT_WRONG_PASSWORD STA_IF Semaphore Server Signal SoftI2C SoftSPI Switch
        TCP_KEEPCNT TCP_KEEPIDLE TCP_KEEPINTVL TCP_NODELAY TIMEOUT Task TaskQueue Timer TimerChannel True
        UART
        VfsFat VfsLfs1 VfsLfs2 VfsPosix
        WDT WDT_RESET WEP WLAN WLAN_WAKE WPA WPA2 WeakRef
        __debug__ __template__ _asyncio _shutdown
        accept acquire active adc add_note addr addrsize aes after alarm alarm_cancel alarm_id alarm_left allocate_lock
        alt alt_list antenna as_integer_ratio ascii asyncio atten attr auth
        base baudrate bind bit_count bit_length bits blocking bme280 board bssid buf bufsize byteswap
        ca_certs cadata cafile call_exception_handler callback cancel capitalize casefold cast cert cert_reqs certfile
        channel check_hostname cipher client_id cls co_lines compress config connect convert coro country create_task
        cryptolib current_task
        datetime decompress decrypt deepsleep default_exception_handler defaults deinit delay delay_until delete dest
        disable_irq disconnect do_handshake do_handshake_on_connect done drive dupterm duty duty_cycle duty_ns duty_u16
        elapsed_micros elapsed_millis enable_irq encrypt error exc_info exception expandtabs extendleft
        feed field_names filename fileno first firstbit format_map frame freq frombytes fromlist future
        get_ciphers get_event_loop get_exception_handler get_ident getaddrinfo getenv getpeercert getpeername
        getsizeof getsockname getsockopt gettimeout gmtime groups
        handler handlers hard hard_reset heap heap_locked heappushpop heapreplace heartbeat high hostname hypot
        i2c i2c_pins idents idle if_id ifconfig inet_ntop inet_pton info init intensity intern invert ipconfig irq
        is_integer is_set isalnum isascii isconnected isdecimal isidentifier isnumeric isprintable isrunning
        istitle iter_unpack
        keyfile kind kwargs
        level lightsleep listen ljust load_cert_chain load_verify_locations localtime lock locked log1p log_level login
        lookahead low
        mac machine main main_ident makefile maketrans marshal mem mem16 mem32 mem8 memaddr memory micros millis miso
        mktime mosi most move_to_end mro mtime
        network new_event_loop nodename notified notify now
        off on
        parity period pin pins polarity print_ver priority processor progsize pull push putenv pwm pyb
        read_log read_u16 read_uv readall readfrom readfrom_into readfrom_mem readfrom_mem_into readlines readsize ready
        receive recv recv_into recvfrom release removeprefix removesuffix repeat reset reset_cause result rjust rng
        rotate rssi rtos run run_forever run_until_complete rx
        scan sck scl sda sec sendall sendbreak sendto server_hostname server_side set_ciphers set_exception_handler
        setblocking setsockopt settimeout settrace shape shutdown simboard size socket soft_reset span ssid ssl
        ssl_version stack_size stack_unused start_new_thread state status strerror swapcase swint sync sysname system
        tabsize task tasks templatelib threading tick_hz time_ns time_pulse_us timeout timeout_char title tls tobytes
        toggle tolist toreadonly traceback tracebacks translate trigger truncate try_acquire try_receive try_send tx
        txdone typename
        uart udelay uname unique_id unmount unsetenv unwire urandom urgent
        vector verify_callback verify_mode
        wait wake wake_reason wakeups watch wbits websocket wfi width wipy wire with_traceback wrap_socket
        write_readinto writeblocks writeto writeto_mem writevto
        zfill zlib
    }
    texts {
        STDIN = "<stdin>";
        STRING = "<string>";
        STRING_TEMPLATELIB = "string.templatelib";
        r#mod = "mod";
    }
}
