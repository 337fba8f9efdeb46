//! What lives in ROM: built-in types, native functions and native modules, as declarative tables.
//!
//! A type's table reads as the index of its file: Python name, arity, Rust function. See [`rom_fn!`], [`py_type!`], [`py_module!`].

#![allow(clippy::type_complexity, reason = "a slot's type is its documentation")]

use super::Slots;
use super::misc::{DescriptorKind, DescriptorObj, FloatObj};
use crate::value::names::Name;
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

/// A parameter of a native function that takes keywords: bits 0–13 its name, which is empty for a positional-only one.
#[derive(Clone, Copy)]
pub struct Param(u16);

impl Param {
    const REQUIRED: u16 = 1 << 14;
    const KEYWORD_ONLY: u16 = 1 << 15;

    /// A parameter. An absent one that is not required arrives as `Value::UNDEF`.
    pub const fn new(name: Name, required: bool, keyword_only: bool) -> Param {
        let keyword_only = if keyword_only { Param::KEYWORD_ONLY } else { 0 };
        Param(name.place() | if required { Param::REQUIRED } else { 0 } | keyword_only)
    }

    /// Its name.
    pub fn name(self) -> Value {
        Name::at(self.0 & (Param::REQUIRED - 1)).value()
    }

    /// Must be given.
    pub fn is_required(self) -> bool {
        self.0 & Param::REQUIRED != 0
    }

    /// Can only be given by name.
    pub fn is_keyword_only(self) -> bool {
        self.0 & Param::KEYWORD_ONLY != 0
    }
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

/// A name and what it stands for, in a type or module. It is the native function itself; of anything else it keeps the value.
/// The header has the name in its aux.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RomEntry {
    header: Header,
    word: *const (),
}

// SAFETY: immutable; refers to ROM and code only.
unsafe impl Sync for RomEntry {}

impl RomEntry {
    /// Anything but a function of the table's own.
    pub const fn constant(name: Name, value: RomValue) -> RomEntry {
        // SAFETY: a value is a pointer inside.
        let word = unsafe { core::mem::transmute::<RomValue, *const ()>(value) };
        RomEntry { header: Header::new(Kind::Raw, 0, name.place()), word }
    }

    /// The name.
    pub fn name(&self) -> Value {
        Name::at(self.header.aux).value()
    }

    /// What it stands for.
    #[inline]
    pub fn value(&'static self) -> Value {
        // SAFETY: a static object is live for ever; anything else was made of a value.
        unsafe {
            if self.header.kind_number() == Kind::RomFn as usize {
                Value::from_object((&raw const *self).cast())
            } else {
                core::mem::transmute::<*const (), Value>(self.word)
            }
        }
    }

    /// The place of a name among entries.
    #[inline]
    pub fn position(entries: &[RomEntry], name: Value) -> Option<usize> {
        let place = Name::place_of(name)?;
        entries.iter().position(|e| e.header.aux == place)
    }

    /// What a name stands for among entries.
    pub fn find(mut entries: &'static [RomEntry], name: Value) -> Option<Value> {
        loop {
            if let Some(i) = RomEntry::position(entries, name) {
                return Some(entries[i].value());
            }
            entries = entries.last()?.linked()?;
        }
    }

    /// Stands at the end of a table for further entries, which others share. It has a name's place that no name has.
    pub const fn link(more: &'static [RomEntry]) -> RomEntry {
        assert!(more.len() < 256);
        let header = Header::new(Kind::RomModule, more.len() as u8, u16::MAX);
        RomEntry { header, word: more.as_ptr().cast() }
    }

    /// The entries that this one stands for.
    fn linked(&self) -> Option<&'static [RomEntry]> {
        if self.header.aux == u16::MAX {
            // SAFETY: `link` made it of so many.
            Some(unsafe {
                core::slice::from_raw_parts(self.word.cast(), self.header.blocks.into())
            })
        } else {
            None
        }
    }
}

/// The entries of a table and those that it shares.
pub struct RomEntries(pub &'static [RomEntry]);

impl Iterator for RomEntries {
    type Item = &'static RomEntry;

    fn next(&mut self) -> Option<&'static RomEntry> {
        let (mut entry, rest) = self.0.split_first()?;
        self.0 = rest;
        if let Some(more) = entry.linked() {
            (entry, self.0) = more.split_first()?;
        }
        Some(entry)
    }
}

/// A native function in ROM. Where other objects have their size is how it is called: bit 7 for handlers, bit 6
/// [`RomFn::is_free`], bits 0–5 of `Var` the lower number and how many more there may be, where 7 is any; others of
/// [`NativeFn`] have 7 for the first and what they are for the second.
#[repr(transparent)]
pub struct RomFn(RomEntry);

impl RomFn {
    /// A function. A method of a type is bound where it is found.
    pub const fn new(name: Name, call: NativeFn) -> RomFn {
        const OTHER: u8 = 7 << 3;
        let (how, word) = match call {
            NativeFn::F0(f) => (OTHER, f as *const ()),
            NativeFn::F1(f) => (OTHER | 1, f as *const ()),
            NativeFn::F2(f) => (OTHER | 2, f as *const ()),
            NativeFn::F3(f) => (OTHER | 3, f as *const ()),
            NativeFn::Kw(f) => (OTHER | 4, (&raw const *f).cast()),
            NativeFn::Raw(f) => (OTHER | 5, f as *const ()),
            NativeFn::Var(min, max, f) => {
                let more = if max == 255 { 7 } else { max - min };
                assert!(min < 7 && (more < 7 || max == 255));
                (min << 3 | more, f as *const ())
            }
        };
        RomFn(RomEntry { header: Header::new(Kind::RomFn, how, name.place()), word })
    }

    /// A function of a module: found in a class it is an ordinary attribute and does not bind.
    pub const fn free(name: Name, call: NativeFn) -> RomFn {
        let mut f = RomFn::new(name, call);
        f.0.header.blocks |= RomFn::FREE;
        f
    }

    /// How it is called.
    #[inline(always)]
    pub fn call(&self) -> NativeFn {
        let (how, word) = (self.0.header.blocks, self.0.word);
        // SAFETY: `new` made `word` of what the bits say.
        unsafe {
            match how & 63 {
                56 => NativeFn::F0(core::mem::transmute::<*const (), fn(&mut Vm) -> Res>(word)),
                57 => {
                    NativeFn::F1(core::mem::transmute::<*const (), fn(&mut Vm, Value) -> Res>(word))
                }
                58 => NativeFn::F2(core::mem::transmute::<
                    *const (),
                    fn(&mut Vm, Value, Value) -> Res,
                >(word)),
                59 => NativeFn::F3(core::mem::transmute::<
                    *const (),
                    fn(&mut Vm, Value, Value, Value) -> Res,
                >(word)),
                60 => NativeFn::Kw(&*word.cast::<KwFn>()),
                61 => NativeFn::Raw(
                    core::mem::transmute::<*const (), fn(&mut Vm, Args<'_>) -> Res>(word),
                ),
                numbers => {
                    let (min, more) = (numbers >> 3, numbers & 7);
                    NativeFn::Var(
                        min,
                        if more == 7 { 255 } else { min + more },
                        core::mem::transmute::<*const (), fn(&mut Vm, &[Value]) -> Res>(word),
                    )
                }
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
        self.0.header.blocks |= RomFn::HANDLERS;
        self
    }

    /// True if hard interrupt handlers may call it.
    #[inline(always)]
    pub fn serves_handlers(&self) -> bool {
        self.0.header.blocks & RomFn::HANDLERS != 0
    }

    /// True for a function that does not bind.
    #[inline(always)]
    pub fn is_free(&self) -> bool {
        self.0.header.blocks & RomFn::FREE != 0
    }

    const FREE: u8 = 1 << 6;
    const HANDLERS: u8 = 1 << 7;

    /// Its name.
    pub fn name(&self) -> Value {
        self.0.name()
    }

    /// The function in a table of entries.
    pub const fn entry(self) -> RomEntry {
        self.0
    }

    /// The function as an entry of a ROM table.
    pub const fn rom(&'static self) -> RomValue {
        // SAFETY: a static object is live for ever.
        RomValue(unsafe { Value::from_object((&raw const *self).cast()) })
    }

    /// The function behind a value of kind `RomFn`.
    #[inline]
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

/// A unary operation that a type is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum UnaryOp {
    Neg,
    Pos,
    Invert,
    Abs,
}

/// A binary operation, in the order of the opcodes from `Op::Add`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names say it")]
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
#[allow(missing_docs, reason = "the names say it")]
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
#[allow(missing_docs, reason = "the names say it")]
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

/// A built-in type in ROM. aux: bits 0–14 its name, bit 15 that it may wait. Where other objects have their size is how
/// many entries there are.
#[repr(C)]
pub struct RomType {
    header: Header,
    /// Its base; `None` only for `object`.
    pub base: Option<&'static RomType>,
    /// What it can do.
    pub slots: Slots,
    entries: *const RomEntry,
}

// SAFETY: immutable; refers to ROM and code only.
unsafe impl Sync for RomType {}

impl RomType {
    /// A type, with its methods and constants.
    pub const fn new(
        name: Name,
        base: Option<&'static RomType>,
        slots: Slots,
        entries: &'static [RomEntry],
    ) -> RomType {
        assert!(entries.len() < 256);
        let header = Header::new(Kind::RomType, entries.len() as u8, name.place());
        RomType { header, base, slots, entries: entries.as_ptr() }
    }

    /// `__name__`.
    pub fn name(&self) -> Value {
        Name::at(self.header.aux & !RomType::WAITS).value()
    }

    /// Its methods and constants.
    #[inline]
    pub fn entries(&self) -> &'static [RomEntry] {
        // SAFETY: `new` had so many.
        unsafe { core::slice::from_raw_parts(self.entries, self.header.blocks.into()) }
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

    const WAITS: u16 = 1 << 15;

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
        RomEntry::find(self.entries(), name)
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
        f.write_str(super::Str::from_known(self.name()).as_str())
    }
}

/// A native module in ROM. aux: bits 0–14 its name, bit 15 that it is extensible. Where other objects have their size is how
/// many entries there are.
#[repr(C)]
pub struct RomModule {
    header: Header,
    entries: *const RomEntry,
    /// Names of the attributes that are computed, for `dir()`.
    pub computed: &'static [Name],
    /// Attributes that are computed; as [`Slots::attr`].
    pub attr: Option<fn(&mut Vm, name: Value, AttrOp) -> Res>,
    /// Runs once, when the module is first imported into a VM.
    pub init: Option<fn(&mut Vm) -> Result<(), Raise>>,
}

// SAFETY: immutable; refers to ROM and code only.
unsafe impl Sync for RomModule {}

impl RomModule {
    /// A module that only has entries.
    pub const fn new(name: Name, extensible: bool, entries: &'static [RomEntry]) -> RomModule {
        assert!(entries.len() < 256);
        let aux = name.place() | if extensible { RomModule::EXTENSIBLE } else { 0 };
        RomModule {
            header: Header::new(Kind::RomModule, entries.len() as u8, aux),
            entries: entries.as_ptr(),
            computed: &[],
            attr: None,
            init: None,
        }
    }

    const EXTENSIBLE: u16 = 1 << 15;

    /// `__name__`.
    pub fn name(&self) -> Value {
        Name::at(self.header.aux & !RomModule::EXTENSIBLE).value()
    }

    /// A file of the same name on `sys.path` takes its place; it is then reached by `u` + name only.
    pub fn is_extensible(&self) -> bool {
        self.header.aux & RomModule::EXTENSIBLE != 0
    }

    /// What is in it.
    #[inline]
    pub fn entries(&self) -> &'static [RomEntry] {
        // SAFETY: `new` had so many.
        unsafe { core::slice::from_raw_parts(self.entries, self.header.blocks.into()) }
    }

    /// The same with computed attributes.
    pub const fn with_attr(self, attr: fn(&mut Vm, Value, AttrOp) -> Res) -> RomModule {
        RomModule { attr: Some(attr), ..self }
    }

    /// The same with the names that the computed attributes have.
    pub const fn with_computed(self, computed: &'static [Name]) -> RomModule {
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
        RomEntry::find(self.entries(), name)
    }
}

/// The entries of a type that shares some of them with others; its own are found first. `N` is one more than it has.
pub const fn join_entries<const N: usize>(
    own: &[RomEntry],
    shared: &'static [RomEntry],
) -> [RomEntry; N] {
    let mut out = [RomEntry::link(shared); N];
    let mut i = 0;
    while i < own.len() {
        out[i] = own[i];
        i += 1;
    }
    out
}
