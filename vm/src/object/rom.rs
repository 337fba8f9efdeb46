//! What lives in ROM: built-in types, native functions and native modules, as declarative tables.
//!
//! A type's table reads as the index of its file: Python name, arity, Rust function. See [`rom_fn!`], [`py_type!`], [`py_module!`].

#![allow(clippy::type_complexity, reason = "a slot's type is its documentation")]

use super::StrBuilder;
use super::misc::{DescriptorKind, DescriptorObj, FloatObj};
use crate::value::{Header, Kind, RomValue, Scalar, Value};
use crate::{Raise, Vm};

/// What native code returns.
pub type Res = Result<Value, Raise>;

/// The arguments of a call as they came.
#[derive(Clone, Copy)]
pub struct Args<'a> {
    /// Positional arguments.
    pub pos: &'a [Value],
    /// Names of the keyword arguments, interned strings.
    pub names: &'a [Value],
    /// Values of the keyword arguments, as many as `names`.
    pub values: &'a [Value],
}

impl<'a> Args<'a> {
    /// Positional arguments only.
    pub const fn positional(pos: &'a [Value]) -> Args<'a> {
        Args { pos, names: &[], values: &[] }
    }

    /// The keyword argument of that name.
    pub fn keyword(&self, name: Value) -> Option<Value> {
        self.names.iter().position(|&n| n == name).map(|i| self.values[i])
    }
}

/// A parameter of a native function that takes keywords.
#[derive(Clone, Copy)]
pub struct Param {
    /// Its name; the empty name for a positional-only parameter.
    pub name: RomValue,
    /// Must be given. An absent optional argument arrives as `Value::UNDEF`.
    pub required: bool,
    /// Can only be given by name.
    pub keyword_only: bool,
}

/// A native function that takes keywords: beside the others, which are half as long without.
pub struct KwFn {
    /// Its parameters.
    pub params: &'static [Param],
    /// The function; gets one value a parameter.
    pub call: fn(&mut Vm, &[Value]) -> Res,
}

/// How a native function takes its arguments.
#[derive(Clone, Copy)]
pub enum NativeFn {
    /// No argument.
    F0(fn(&mut Vm) -> Res),
    /// One.
    F1(fn(&mut Vm, Value) -> Res),
    /// Two.
    F2(fn(&mut Vm, Value, Value) -> Res),
    /// Three.
    F3(fn(&mut Vm, Value, Value, Value) -> Res),
    /// Between the two numbers (255: any number), positional only.
    Var(u8, u8, fn(&mut Vm, &[Value]) -> Res),
    /// By its parameters.
    Kw(&'static KwFn),
    /// Everything as it came.
    Raw(fn(&mut Vm, Args<'_>) -> Res),
}

/// The rooms whose natives hard interrupt handlers may call: they never wait without [`Vm::check_may_wait`], and nothing that
/// they use is kept from other tasks alone.
const FOR_HANDLERS: [&str; 7] = [
    "threadsnake_vm",
    "threadsnake_machine",
    "threadsnake_glue::modules::asyncio",
    "threadsnake_glue::modules::rtos::group",
    "threadsnake_glue::modules::rtos::queue",
    "threadsnake_glue::modules::rtos::semaphore",
    "threadsnake_glue::modules::thread",
];

/// True for a path inside one of [`FOR_HANDLERS`].
const fn serves_interrupts(path: &str) -> bool {
    let mut i = 0;
    while i < FOR_HANDLERS.len() {
        if starts_with(path.as_bytes(), FOR_HANDLERS[i].as_bytes()) {
            return true;
        }
        i += 1;
    }
    false
}

const fn starts_with(path: &[u8], room: &[u8]) -> bool {
    let mut i = 0;
    while i < room.len() {
        if i >= path.len() || path[i] != room[i] {
            return false;
        }
        i += 1;
    }
    path.len() == room.len() || path[room.len()] == b':'
}

/// A native function in ROM. aux tells how it is called: bit 0 [`RomFn::FREE`], bit 1 for handlers, bits 2–4 which of
/// [`NativeFn`]; of `Var`, bits 8–11 and 12–15 the two numbers, where 15 is any.
#[repr(C)]
pub struct RomFn {
    header: Header,
    /// Its name.
    #[cfg(feature = "extra")]
    pub name: RomValue,
    /// The function; of `Kw`, its [`KwFn`].
    code: *const (),
}

// SAFETY: immutable; refers to ROM and code only.
unsafe impl Sync for RomFn {}

impl RomFn {
    /// A function.
    #[cfg_attr(not(feature = "extra"), allow(unused_variables, reason = "functions are nameless"))]
    pub const fn new(name: RomValue, call: NativeFn) -> RomFn {
        let (aux, code) = match call {
            NativeFn::F0(f) => (0, f as *const ()),
            NativeFn::F1(f) => (1 << 2, f as *const ()),
            NativeFn::F2(f) => (2 << 2, f as *const ()),
            NativeFn::F3(f) => (3 << 2, f as *const ()),
            NativeFn::Var(min, max, f) => {
                assert!(min < 15 && (max < 15 || max == 255));
                (4 << 2 | (min as u16) << 8 | (max as u16) << 12, f as *const ())
            }
            NativeFn::Kw(f) => (5 << 2, (&raw const *f).cast()),
            NativeFn::Raw(f) => (6 << 2, f as *const ()),
        };
        RomFn {
            header: Header::new(Kind::RomFn, 0, aux),
            #[cfg(feature = "extra")]
            name,
            code,
        }
    }

    /// A function of a module: found in a class it is an ordinary attribute and does not bind.
    pub const fn free(name: RomValue, call: NativeFn) -> RomFn {
        let mut f = RomFn::new(name, call);
        f.header.aux |= RomFn::FREE;
        f
    }

    /// How it is called.
    #[inline(always)]
    pub fn call(&self) -> NativeFn {
        let (aux, code) = (self.header.aux, self.code);
        // SAFETY: `new` made `code` of what the kind's number says.
        unsafe {
            match aux >> 2 & 7 {
                0 => NativeFn::F0(core::mem::transmute::<*const (), fn(&mut Vm) -> Res>(code)),
                1 => {
                    NativeFn::F1(core::mem::transmute::<*const (), fn(&mut Vm, Value) -> Res>(code))
                }
                2 => NativeFn::F2(core::mem::transmute::<
                    *const (),
                    fn(&mut Vm, Value, Value) -> Res,
                >(code)),
                3 => NativeFn::F3(core::mem::transmute::<
                    *const (),
                    fn(&mut Vm, Value, Value, Value) -> Res,
                >(code)),
                4 => {
                    let max = (aux >> 12) as u8;
                    NativeFn::Var(
                        (aux >> 8 & 15) as u8,
                        if max == 15 { 255 } else { max },
                        core::mem::transmute::<*const (), fn(&mut Vm, &[Value]) -> Res>(code),
                    )
                }
                5 => NativeFn::Kw(&*code.cast::<KwFn>()),
                _ => NativeFn::Raw(
                    core::mem::transmute::<*const (), fn(&mut Vm, Args<'_>) -> Res>(code),
                ),
            }
        }
    }

    /// The function, which hard interrupt handlers may call if its room (`module_path!()`) is one whose functions never
    /// wait without saying so ([`Vm::check_may_wait`](crate::Vm::check_may_wait)) and work in an interrupt.
    pub const fn in_room(self, room: &str) -> RomFn {
        if serves_interrupts(room) { self.for_handlers() } else { self }
    }

    /// The function, which hard interrupt handlers may call: as of [`RomFn::in_room`].
    pub const fn for_handlers(mut self) -> RomFn {
        self.header.aux |= RomFn::HANDLERS;
        self
    }

    /// True if hard interrupt handlers may call it.
    #[inline(always)]
    pub fn serves_handlers(&self) -> bool {
        self.header.aux & RomFn::HANDLERS != 0
    }

    /// aux of a function that does not bind.
    pub const FREE: u16 = 1;
    /// aux of a function that hard interrupt handlers may call.
    const HANDLERS: u16 = 2;

    /// The function as an entry of a ROM table.
    pub const fn rom(&'static self) -> RomValue {
        // SAFETY: a static object is live for ever.
        RomValue(unsafe { Value::from_object((&raw const *self).cast()) })
    }

    /// The function behind a value of kind `RomFn`.
    pub fn from_value(value: Value) -> Option<&'static RomFn> {
        if value.is_kind(Kind::RomFn) {
            // SAFETY: the kind tells; ROM objects live for ever.
            Some(unsafe { &*value.object_ptr().cast::<RomFn>() })
        } else {
            None
        }
    }
}

/// A `staticmethod` in ROM: what a type's table holds for a function that is not bound.
#[repr(transparent)]
pub struct RomStaticMethod(DescriptorObj);

// SAFETY: immutable; refers to ROM and code only.
unsafe impl Sync for RomStaticMethod {}

impl RomStaticMethod {
    /// A static method of this function.
    pub const fn new(function: RomValue) -> RomStaticMethod {
        RomStaticMethod(DescriptorObj {
            header: Header::new(Kind::Descriptor, 0, DescriptorKind::StaticMethod as u16),
            get: function.0,
            set: Value::NONE,
            delete: Value::NONE,
            doc: Value::NONE,
        })
    }

    /// The method as an entry of a ROM table.
    pub const fn rom(&'static self) -> RomValue {
        // SAFETY: a static object is live for ever.
        RomValue(unsafe { Value::from_object((&raw const *self).cast()) })
    }
}

/// A `float` in ROM.
#[repr(transparent)]
pub struct RomFloat(FloatObj);

// SAFETY: immutable.
unsafe impl Sync for RomFloat {}

impl RomFloat {
    /// This number.
    pub const fn new(number: f64) -> RomFloat {
        RomFloat(FloatObj { header: Header::new(Kind::Float, 0, 0), number: number as Scalar })
    }

    /// The number as an entry of a ROM table.
    pub const fn rom(&'static self) -> RomValue {
        // SAFETY: a static object is live for ever.
        RomValue(unsafe { Value::from_object((&raw const *self).cast()) })
    }
}

/// A name and what it stands for, in a type or module.
pub type RomEntry = (RomValue, RomValue);

/// A unary operation that a type is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Neg,
    Pos,
    Invert,
    Abs,
}

/// A binary operation, in the order of the opcodes from `Op::Add`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    TrueDiv,
    FloorDiv,
    Mod,
    Pow,
    MatMul,
    LShift,
    RShift,
    And,
    Or,
    Xor,
}

impl BinaryOp {
    /// Every operation by its number.
    pub const ALL: [BinaryOp; 13] = {
        use BinaryOp::*;
        [Add, Sub, Mul, TrueDiv, FloorDiv, Mod, Pow, MatMul, LShift, RShift, And, Or, Xor]
    };
}

/// A comparison that a type is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum CompareOp {
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    Ne,
}

impl CompareOp {
    /// The comparison with its operands exchanged.
    pub fn swapped(self) -> CompareOp {
        match self {
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Ge => CompareOp::Le,
            same => same,
        }
    }

    /// The result for two ordered things.
    pub fn holds(self, order: core::cmp::Ordering) -> bool {
        match self {
            CompareOp::Lt => order.is_lt(),
            CompareOp::Le => order.is_le(),
            CompareOp::Gt => order.is_gt(),
            CompareOp::Ge => order.is_ge(),
            CompareOp::Eq => order.is_eq(),
            CompareOp::Ne => order.is_ne(),
        }
    }
}

/// How `repr` and `str` differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// `str()` and `print()`.
    Str,
    /// `repr()`.
    Repr,
}

/// What an attribute hook is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttrOp {
    /// Read.
    Load,
    /// Write this value.
    Store(Value),
    /// Delete.
    Delete,
}

/// Where a stream operation of `ioctl` is asked for; the numbers are those that Python streams see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Ioctl {
    Flush = 1,
    Seek = 2,
    Poll = 3,
    Close = 4,
    Timeout = 5,
    GetOpts = 6,
    SetOpts = 7,
    GetDataOpts = 8,
    SetDataOpts = 9,
    GetFileNo = 10,
    GetBufferSize = 11,
}

impl Ioctl {
    /// The request of a number that a script gave.
    pub fn from_number(n: isize) -> Option<Ioctl> {
        use Ioctl::*;
        const ALL: [Ioctl; 11] = [
            Flush,
            Seek,
            Poll,
            Close,
            Timeout,
            GetOpts,
            SetOpts,
            GetDataOpts,
            SetDataOpts,
            GetFileNo,
            GetBufferSize,
        ];
        ALL.get(usize::try_from(n).ok()?.checked_sub(1)?).copied()
    }
}

/// Bits of the argument and the result of [`Ioctl::Poll`]; the numbers are those of `select.POLLIN` and so on.
pub mod poll {
    /// Bytes can be read, or the end has come.
    pub const READ: usize = 1;
    /// Bytes can be written.
    pub const WRITE: usize = 4;
    /// Something is wrong.
    pub const ERROR: usize = 8;
    /// The other end is gone.
    pub const HANG_UP: usize = 16;
    /// The stream is closed.
    pub const CLOSED: usize = 32;
}

/// Where a seek begins; the numbers are those of `seek(offset, whence)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whence {
    /// The start of the stream.
    Start,
    /// The position.
    Current,
    /// The end.
    End,
}

/// The stream protocol of a native type.
pub struct StreamSlots {
    /// Reads up to `buf.len()` bytes; `Ok(None)` when none are there and the stream does not block. `buf` is pinned memory of the caller's.
    pub read: fn(&mut Vm, Value, &mut [u8]) -> Result<Option<usize>, Raise>,
    /// Writes some of the bytes, likewise.
    pub write: fn(&mut Vm, Value, &[u8]) -> Result<Option<usize>, Raise>,
    /// Moves the position by `offset` bytes from where `Whence` says and returns the new one; `None`: `OSError(ESPIPE)`.
    pub seek: Option<fn(&mut Vm, Value, i64, Whence) -> Result<u64, Raise>>,
    /// Everything else: the request and its argument; the result's meaning is the request's. `OSError(EINVAL)` for
    /// what the stream does not know.
    pub ioctl: fn(&mut Vm, Value, Ioctl, usize) -> Result<usize, Raise>,
    /// Text mode: Python sees `str`.
    pub is_text: bool,
}

macro_rules! slots {
    (slots { $($(#[$doc:meta])* $name:ident: $of:ty;)* } flags { $($(#[$flag_doc:meta])* $flag:ident;)* }) => {
        #[allow(non_camel_case_types, reason = "a slot is spelt as its method")]
        #[repr(u8)]
        enum Slot { $($name),* }

        const SLOTS: usize = [$(Slot::$name),*].len();

        #[allow(non_camel_case_types, reason = "as above")]
        #[repr(u8)]
        enum Flag { $($flag),* }

        #[allow(
            clippy::new_ret_no_self,
            clippy::transmute_ptr_to_ref,
            reason = "`new` makes objects of the type; functions are no references"
        )]
        impl Slots {
            $($(#[$doc])*
            #[inline(always)]
            pub fn $name(self) -> Option<$of> {
                let code = self.code(Slot::$name)?;
                // SAFETY: `SlotList` made it of such a function or reference.
                Some(unsafe { core::mem::transmute::<*const (), $of>(code) })
            })*
            $($(#[$flag_doc])*
            #[inline(always)]
            pub fn $flag(self) -> bool {
                self.flags() & 1 << Flag::$flag as u8 != 0
            })*
        }

        #[allow(
            missing_docs,
            clippy::transmutes_expressible_as_ptr_casts,
            clippy::useless_transmute,
            reason = "as those of `Slots`; references are no functions"
        )]
        impl SlotList {
            $(pub const fn $name(mut self, value: $of) -> SlotList {
                // SAFETY: functions and references are as long as a pointer.
                let code = unsafe { core::mem::transmute::<$of, *const ()>(value) };
                self.code[Slot::$name as usize] = code;
                self
            })*
            $(pub const fn $flag(mut self, value: bool) -> SlotList {
                self.flags |= (value as u8) << Flag::$flag as u8;
                self
            })*
        }
    };
}

slots! {
    slots {
        /// `Type(…)`: makes an instance. `class` is the type or, for the base part of a subclass instance, the subclass.
        new: fn(&mut Vm, class: Value, Args<'_>) -> Res;
        /// `object(…)`
        call: fn(&mut Vm, Value, Args<'_>) -> Res;
        /// Appends `repr` or `str`.
        repr: fn(&mut Vm, Value, &mut StrBuilder, Style) -> Result<(), Raise>;
        /// Truth; absent: by `len`, else true.
        bool: fn(&mut Vm, Value) -> Result<bool, Raise>;
        /// `len()`
        len: fn(&mut Vm, Value) -> Result<usize, Raise>;
        /// `hash()`; absent: not hashable if `compare` is there, else by identity.
        hash: fn(&mut Vm, Value) -> Result<usize, Raise>;
        /// `-x` …
        unary: fn(&mut Vm, UnaryOp, Value) -> Res;
        /// `x op y` where either is of this type (`lhs` always is the left one); `NOT_IMPLEMENTED` when it does not know the other. In-place when `inplace`.
        binary: fn(&mut Vm, BinaryOp, lhs: Value, rhs: Value, inplace: bool) -> Res;
        /// `x < y` …; x is of this type; `NOT_IMPLEMENTED` when it does not know the other. `Ne` is derived from `Eq` by the caller.
        compare: fn(&mut Vm, CompareOp, Value, Value) -> Res;
        /// `item in x`; absent: by iteration.
        contains: fn(&mut Vm, Value, Value) -> Result<bool, Raise>;
        /// `x[i]`
        get_item: fn(&mut Vm, Value, Value) -> Res;
        /// `x[i] = v`; `UNDEF` deletes.
        set_item: fn(&mut Vm, Value, Value, Value) -> Result<(), Raise>;
        /// `iter(x)`
        iter: fn(&mut Vm, Value) -> Res;
        /// The next item, `STOP` at the end.
        next: fn(&mut Vm, Value) -> Res;
        /// Attributes that are not in the table of methods; `UNDEF` when there is none of that name (stores return anything else when done).
        attr: fn(&mut Vm, Value, name: Value, AttrOp) -> Res;
        /// The bytes of an object, for what takes bytes-like objects.
        buffer: fn(&Vm, Value) -> Option<super::Buffer>;
        /// The stream protocol.
        stream: &'static StreamSlots;
        /// Where one may wait for an object's readiness ([`Ioctl::Poll`], or whatever its type is ready for): the address
        /// of an event of the host's room, 0 for none. The event lives while the object is open, and who ends it has the
        /// GIL. Without this slot the object tells of changes with [`crate::host::Host::stream_changed`].
        event: fn(&mut Vm, Value) -> usize;
        /// The finaliser, called when the collector finds the object unreached (registered by `Vm::register_finaliser`) or the VM ends.
        finalise: fn(&mut Vm, Value);
    }
    flags {
        /// `x.__get__(instance, class)` semantic when found in a class: bound as a method.
        binds;
        /// May not be subclassed.
        is_final;
        /// Instances of subclasses carry no native part: its methods get the instances themselves.
        is_abstract;
        /// An instance of a subclass that has its own `__init__` gets its native part when that calls this type's.
        made_by_init;
        /// `__init__` fills an object that `__new__` made empty: subclasses may give theirs other arguments.
        filled_by_init;
    }
}

/// The slots of a type as they are written down: see `rom_slots!`.
#[derive(Clone, Copy)]
pub struct SlotList {
    code: [*const (); SLOTS],
    flags: u8,
}

impl SlotList {
    /// No slot at all.
    pub const NONE: SlotList = SlotList { code: [core::ptr::null(); SLOTS], flags: 0 };

    /// How many slots there are.
    pub const fn count(&self) -> usize {
        let (mut n, mut i) = (0, 0);
        while i < SLOTS {
            n += !self.code[i].is_null() as usize;
            i += 1;
        }
        n
    }

    /// The list without holes. `N` is what `count` says.
    pub const fn pack<const N: usize>(&self) -> PackedSlots<N> {
        let mut packed =
            PackedSlots { places: [0; SLOTS], flags: self.flags, code: [core::ptr::null(); N] };
        let (mut n, mut i) = (0, 0);
        while i < SLOTS {
            if !self.code[i].is_null() {
                packed.places[i] = (size_of::<PackedSlots<0>>() / size_of::<*const ()>() + n) as u8;
                packed.code[n] = self.code[i];
                n += 1;
            }
            i += 1;
        }
        packed
    }
}

/// Slots in ROM. Most types have few of them, so there is a table of their places, in words from the beginning; 0: absent.
#[repr(C)]
pub struct PackedSlots<const N: usize> {
    places: [u8; SLOTS],
    flags: u8,
    code: [*const (); N],
}

impl<const N: usize> PackedSlots<N> {
    /// For a type's table.
    pub const fn slots(&'static self) -> Slots {
        Slots((&raw const *self).cast())
    }
}

/// What the VM asks of a type. Absent slots mean that the type cannot do it.
#[derive(Clone, Copy)]
pub struct Slots(*const PackedSlots<0>);

// SAFETY: what it points to is immutable and refers to ROM and code only.
unsafe impl Sync for Slots {}

impl Slots {
    #[inline(always)]
    fn code(self, slot: Slot) -> Option<*const ()> {
        // SAFETY: `PackedSlots::slots` made the pointer, of a static.
        let place = unsafe { (&raw const (*self.0).places).cast::<u8>().add(slot as usize).read() };
        if place == 0 {
            return None;
        }
        // SAFETY: `SlotList::pack` put the slot there.
        Some(unsafe { self.0.cast::<*const ()>().add(place as usize).read() })
    }

    #[inline(always)]
    fn flags(self) -> u8 {
        // SAFETY: as in `code`.
        unsafe { (*self.0).flags }
    }
}

/// A built-in type in ROM.
#[repr(C)]
pub struct RomType {
    header: Header,
    /// `__name__`.
    pub name: RomValue,
    /// Its base; `None` only for `object`.
    pub base: Option<&'static RomType>,
    /// What it can do.
    pub slots: Slots,
    /// Its methods and constants.
    pub entries: &'static [RomEntry],
}

// SAFETY: immutable; refers to ROM and code only.
unsafe impl Sync for RomType {}

impl RomType {
    /// A type.
    pub const fn new(
        name: RomValue,
        base: Option<&'static RomType>,
        slots: Slots,
        entries: &'static [RomEntry],
    ) -> RomType {
        RomType { header: Header::new(Kind::RomType, 0, 0), name, base, slots, entries }
    }

    /// The type, whose slots hard interrupt handlers must not use unless its room is as of [`RomFn::in_room`].
    pub const fn in_room(mut self, room: &str) -> RomType {
        if !serves_interrupts(room) {
            self.header.aux |= RomType::WAITS;
        }
        self
    }

    /// True if hard interrupt handlers may make objects of it, call them and use them as streams.
    pub fn serves_handlers(&self) -> bool {
        self.header.aux & RomType::WAITS == 0
    }

    /// aux of a type that may wait.
    const WAITS: u16 = 1;

    /// The type as a value.
    pub const fn value(&'static self) -> Value {
        // SAFETY: a static object is live for ever.
        unsafe { Value::from_object((&raw const *self).cast()) }
    }

    /// The type as an entry of a ROM table.
    pub const fn rom(&'static self) -> RomValue {
        RomValue(self.value())
    }

    /// The type behind a value of kind `RomType`.
    #[inline]
    pub fn from_value(value: Value) -> Option<&'static RomType> {
        if value.is_kind(Kind::RomType) {
            // SAFETY: the kind tells; ROM objects live for ever.
            Some(unsafe { &*value.object_ptr().cast::<RomType>() })
        } else {
            None
        }
    }

    /// Its own entry of that name.
    #[inline]
    pub fn own(&self, name: Value) -> Option<Value> {
        self.entries.iter().find(|e| e.0.0 == name).map(|e| e.1.0)
    }

    /// The entry of that name here or in a base.
    pub fn lookup(&'static self, name: Value) -> Option<Value> {
        let mut at = Some(self);
        while let Some(t) = at {
            if let Some(v) = t.own(name) {
                return Some(v);
            }
            at = t.base;
        }
        None
    }

    /// True when this type is `other` or derived from it.
    pub fn is_subtype(&'static self, other: &'static RomType) -> bool {
        let mut at = Some(self);
        while let Some(t) = at {
            if core::ptr::eq(t, other) {
                return true;
            }
            at = t.base;
        }
        false
    }
}

impl core::fmt::Debug for RomType {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(super::Str::from_known(self.name.0).as_str())
    }
}

/// A native module in ROM.
#[repr(C)]
pub struct RomModule {
    header: Header,
    /// `__name__`.
    pub name: RomValue,
    /// A file of the same name on `sys.path` takes its place; it is then reached by `u` + name only.
    pub extensible: bool,
    /// What is in it.
    pub entries: &'static [RomEntry],
    /// Names of the attributes that are computed, for `dir()`.
    pub computed: &'static [RomValue],
    /// Attributes that are computed; as [`Slots::attr`].
    pub attr: Option<fn(&mut Vm, name: Value, AttrOp) -> Res>,
    /// Runs once, when the module is first imported into a VM.
    pub init: Option<fn(&mut Vm) -> Result<(), Raise>>,
}

// SAFETY: immutable; refers to ROM and code only.
unsafe impl Sync for RomModule {}

impl RomModule {
    /// A module that only has entries.
    pub const fn new(name: RomValue, extensible: bool, entries: &'static [RomEntry]) -> RomModule {
        RomModule {
            header: Header::new(Kind::RomModule, 0, 0),
            name,
            extensible,
            entries,
            computed: &[],
            attr: None,
            init: None,
        }
    }

    /// The same with computed attributes.
    pub const fn with_attr(self, attr: fn(&mut Vm, Value, AttrOp) -> Res) -> RomModule {
        RomModule { attr: Some(attr), ..self }
    }

    /// The same with the names that the computed attributes have.
    pub const fn with_computed(self, computed: &'static [RomValue]) -> RomModule {
        RomModule { computed, ..self }
    }

    /// The same with a function that runs at the first import.
    pub const fn with_init(self, init: fn(&mut Vm) -> Result<(), Raise>) -> RomModule {
        RomModule { init: Some(init), ..self }
    }

    /// The module as a value.
    pub const fn value(&'static self) -> Value {
        // SAFETY: a static object is live for ever.
        unsafe { Value::from_object((&raw const *self).cast()) }
    }

    /// The module behind a value of kind `RomModule`.
    pub fn from_value(value: Value) -> Option<&'static RomModule> {
        if value.is_kind(Kind::RomModule) {
            // SAFETY: the kind tells; ROM objects live for ever.
            Some(unsafe { &*value.object_ptr().cast::<RomModule>() })
        } else {
            None
        }
    }

    /// The entry of that name.
    #[inline]
    pub fn own(&self, name: Value) -> Option<Value> {
        self.entries.iter().find(|e| e.0.0 == name).map(|e| e.1.0)
    }
}

/// The entries of a type that shares some of them with others; its own are found first.
pub const fn join_entries<const N: usize>(own: &[RomEntry], shared: &[RomEntry]) -> [RomEntry; N] {
    let mut out = [own[0]; N];
    let mut i = 1;
    while i < N {
        out[i] = if i < own.len() { own[i] } else { shared[i - own.len()] };
        i += 1;
    }
    out
}
