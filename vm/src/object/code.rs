//! Code objects, functions and generators: what the dispatch loop runs.

use super::strings::payload;
use super::{List, handle};
use crate::heap::Buf;
use crate::value::header::{CodeHead, WORD};
use crate::value::{Header, Kind, Value};
use crate::{Raise, Vm};
use core::sync::atomic::AtomicU8;

/// Properties of a code object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeFlags;
#[allow(missing_docs, reason = "described in the table of the compiler")]
impl CodeFlags {
    pub const VARARGS: u16 = 1;
    pub const VARKEYWORDS: u16 = 2;
    pub const GENERATOR: u16 = 4;
    pub const COROUTINE: u16 = 8;
    pub const NAMESPACE: u16 = 16;
    pub const DOC: u16 = 32;
    pub const ALL: u16 = 63;
    /// `__name__` is not `__qualname__` and follows the constants. The code object's own business.
    const OWN_NAME: u8 = 64;
}

/// An exception handler: where in `[start, end)` of the bytecode an exception goes to `target`, in register `reg`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C)]
pub struct Handler {
    /// First byte of the range.
    pub start: u16,
    /// End of the range.
    pub end: u16,
    /// Where to go on.
    pub target: u16,
    /// Register that gets the exception.
    pub reg: u16,
}

/// What the compiler makes a code object of.
pub struct CodeParts<'a> {
    /// `__name__`, interned.
    pub name: Value,
    /// `__qualname__`, interned.
    pub qualname: Value,
    /// Source file, interned.
    pub file: Value,
    /// Instructions.
    pub bytecode: &'a Buf<u8>,
    /// Constants: parameter names, docstring with `DOC`, the rest.
    pub consts: List,
    /// Handlers, innermost first.
    pub handlers: &'a Buf<Handler>,
    /// Line table: pairs of pc delta (u8) and line delta (i8).
    pub lines: &'a Buf<u8>,
    /// Its numbers.
    pub shape: CodeShape,
    /// Where bytecode and line table begin: what is before comes behind the rest.
    pub starts: (u32, u32),
}

/// The numbers of a code object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CodeShape {
    /// Registers in all.
    pub n_regs: u16,
    /// [`CodeFlags`].
    pub flags: u16,
    /// Positional parameters, positional-only ones included.
    pub n_args: u8,
    /// Positional-only parameters.
    pub n_pos_only: u8,
    /// Keyword-only parameters.
    pub n_kw_only: u8,
    /// Free variables.
    pub n_free: u8,
    /// Attributes that the function assigns to its first parameter.
    pub slots: u8,
    /// Line of the first instruction.
    pub first_line: u32,
}

/// How much a code object has room for.
#[derive(Clone, Copy)]
pub(crate) struct CodeRoom {
    /// Constants.
    pub consts: usize,
    /// Handlers.
    pub handlers: usize,
    /// Bytes of instructions.
    pub bytecode: usize,
    /// Bytes of the line table.
    pub lines: usize,
}

impl CodeRoom {
    /// Bytes of what is executed, and its lines.
    pub fn body(&self) -> usize {
        self.handlers * size_of::<Handler>() + self.bytecode + self.lines
    }
}

handle!(
    /// A code object. Layout: [`CodeObj`], the constants, `__name__` with `OWN_NAME`, the constants' hint bytes, the
    /// handlers, the bytecode, the lines.
    Code, Code
);

/// Where a name was last found: an index that is believed only after a check, so nothing is wrong with a stale one.
pub type Hint = AtomicU8;

/// The fixed part of a code object.
#[repr(C)]
pub(crate) struct CodeObj {
    pub head: CodeHead,
    pub n_regs: u16,
    pub n_args: u8,
    pub n_pos_only: u8,
    pub n_kw_only: u8,
    pub n_free: u8,
    pub n_handlers: u16,
    pub code_len: u16,
    pub slots: u8,
    /// `n_args` when a call with just that many positional arguments needs no binding, and the frame no flags; else 255.
    pub plain_args: u8,
    /// [`CodeFlags`], and in the other three bytes the line of the first instruction.
    pub flags_and_line: u32,
    /// Bytecode, behind its handlers; inside this object or in ROM.
    pub bytecode: *const u8,
    /// One byte per constant, where a name was last found. Atomic because VMs in one image share those of frozen code.
    pub hints: *const Hint,
    /// `qualname`, `file`, then the constants and maybe the name: `head.n_values` in all.
    pub values: [Value; 2],
}

/// From the start of a code object to its first constant.
pub(crate) const CONSTS: usize = size_of::<CodeObj>();
const _: () = assert!(core::mem::offset_of!(CodeObj, values) == crate::value::header::CODE_VALUES);

impl Code {
    /// Registers that an operand of one byte names; the rest are far.
    pub const NEAR_REGS: u16 = 255;

    /// The most constants of one code object.
    pub const MAX_CONSTS: u32 = u16::MAX as u32 - 3;

    /// The last line that a function may begin in; of a later one this is said.
    const MAX_LINE: u32 = (1 << 24) - 1;

    #[inline(always)]
    pub(crate) fn raw(self) -> *mut CodeObj {
        self.value().object_ptr().cast()
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> &CodeObj {
        // SAFETY: a Code handle; nothing but the hint bytes, which are outside the struct, ever changes.
        unsafe { &*self.raw() }
    }

    /// The first constant.
    #[inline(always)]
    pub(crate) fn consts_ptr(self) -> *const Value {
        self.value().object_ptr().wrapping_add(CONSTS).cast()
    }

    /// The constants.
    pub fn consts(&self) -> &[Value] {
        let own_name = self.get().flags_and_line as u8 & CodeFlags::OWN_NAME != 0;
        let n = self.get().head.n_values as usize - 2 - own_name as usize;
        // SAFETY: `n_values` values lie from offset CODE_VALUES; the first two and maybe the last are the names.
        unsafe { core::slice::from_raw_parts(self.consts_ptr(), n) }
    }

    /// Writes a constant of a code object that nobody else knows yet.
    pub(crate) fn init_const(self, _vm: &mut Vm, i: usize, value: Value) {
        if i < self.consts().len() {
            // SAFETY: that many are there, of a new object in the heap.
            unsafe { self.consts_ptr().cast_mut().add(i).write(value) };
        }
    }

    /// Writes a piece of what such a code object executes, from byte `at` on: the handlers, four little-endian numbers
    /// each, then the instructions, then the line table.
    pub(crate) fn init_body(self, _vm: &mut Vm, at: usize, bytes: &[u8]) {
        const { assert!(cfg!(target_endian = "little")) };
        let handlers = size_of_val(self.handlers());
        let whole = handlers + self.bytecode().len() + self.lines().len();
        if at + bytes.len() <= whole {
            // SAFETY: the three lie one behind the other, in a new object in the heap.
            unsafe {
                let to = self.get().bytecode.cast_mut().sub(handlers).add(at);
                core::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
            }
        }
    }

    /// The instructions.
    pub fn bytecode(&self) -> &[u8] {
        // SAFETY: the object holds `code_len` bytes there.
        unsafe { core::slice::from_raw_parts(self.get().bytecode, self.get().code_len as usize) }
    }

    /// The handlers, innermost first.
    pub fn handlers(&self) -> &[Handler] {
        let n = self.get().n_handlers as usize;
        // SAFETY: `n_handlers` of them lie before the bytecode.
        unsafe { core::slice::from_raw_parts(self.get().bytecode.cast::<Handler>().sub(n), n) }
    }

    /// The line table.
    pub fn lines(&self) -> &[u8] {
        let from = self.get().bytecode.wrapping_add(self.get().code_len as usize);
        // SAFETY: `n_lines` bytes follow the bytecode.
        unsafe { core::slice::from_raw_parts(from, self.get().head.n_lines as usize) }
    }

    /// `__name__`.
    pub fn name(self) -> Value {
        if self.get().flags_and_line as u8 & CodeFlags::OWN_NAME == 0 {
            return self.qualname();
        }
        let last = self.get().head.n_values as usize - 3;
        // SAFETY: with the flag, the name follows the constants.
        unsafe { *self.consts_ptr().add(last) }
    }

    /// `__qualname__`.
    pub fn qualname(self) -> Value {
        self.get().values[0]
    }

    /// Source file.
    pub fn file(self) -> Value {
        self.get().values[1]
    }

    /// [`CodeFlags`].
    #[inline]
    pub fn flags(self) -> u16 {
        self.get().flags_and_line as u16 & CodeFlags::ALL
    }

    /// Line of the first instruction.
    pub fn first_line(self) -> u32 {
        self.get().flags_and_line >> 8
    }

    /// The numbers that describe it.
    pub fn shape(self) -> CodeShape {
        let c = self.get();
        CodeShape {
            n_regs: c.n_regs,
            flags: self.flags(),
            n_args: c.n_args,
            n_pos_only: c.n_pos_only,
            n_kw_only: c.n_kw_only,
            n_free: c.n_free,
            slots: c.slots,
            first_line: self.first_line(),
        }
    }

    /// Registers in all.
    pub fn n_regs(self) -> usize {
        self.get().n_regs as usize
    }

    /// Number of parameters, `*args` and `**kwargs` included.
    pub fn n_params(self) -> usize {
        let c = self.get();
        c.n_args as usize
            + c.n_kw_only as usize
            + (c.flags_and_line & 1) as usize
            + (c.flags_and_line >> 1 & 1) as usize
    }

    /// The docstring, `None` without one.
    pub fn doc(self) -> Value {
        if self.flags() & CodeFlags::DOC != 0 {
            self.consts().get(self.n_params()).copied().unwrap_or(Value::NONE)
        } else {
            Value::NONE
        }
    }

    /// The line of the instruction at `pc`.
    pub fn line_of(self, pc: usize) -> u32 {
        let (mut at, mut line) = (0usize, self.first_line());
        for pair in self.lines().chunks_exact(2) {
            at += pair[0] as usize;
            if at > pc {
                break;
            }
            line = line.wrapping_add_signed((pair[1] as i8).into());
        }
        line
    }
}

/// What `CodeObj::flags_and_line` is.
pub(crate) const fn flags_and_line(flags: u16, own_name: bool, first_line: u32) -> u32 {
    let line = if first_line < Code::MAX_LINE { first_line } else { Code::MAX_LINE };
    let own_name = if own_name { CodeFlags::OWN_NAME } else { 0 };
    line << 8 | (flags & CodeFlags::ALL) as u32 | own_name as u32
}

/// What `CodeObj::plain_args` is.
pub(crate) const fn plain_args(flags: u16, n_args: u8, n_kw_only: u8, n_regs: u16) -> u8 {
    let plain = flags & !CodeFlags::DOC == 0 && n_kw_only == 0 && n_regs <= Code::NEAR_REGS;
    if plain { n_args } else { 255 }
}

impl Vm {
    /// A code object with nothing in it, to be filled before anybody else knows it.
    pub(crate) fn blank_code(
        &mut self,
        [name, qualname, file]: [Value; 3],
        shape: &CodeShape,
        room: &CodeRoom,
    ) -> Result<Code, Raise> {
        let own_name = name != qualname;
        let n_values = room.consts + own_name as usize;
        let hints_at = CONSTS + n_values * WORD;
        let handlers_at = (hints_at + room.consts).next_multiple_of(2);
        let code_at = handlers_at + room.handlers * size_of::<Handler>();
        let total = handlers_at + room.body();
        let v = self.alloc_counted(Kind::Code, 0, total - 8, 1)?;
        let base = v.object_ptr();
        // SAFETY: a fresh object of `total` bytes; every part lies inside it, in the order computed above.
        unsafe {
            let header = *base.cast::<Header>();
            base.cast::<CodeObj>().write(CodeObj {
                head: CodeHead {
                    header,
                    count: total as u32 - 8,
                    n_values: n_values as u16 + 2,
                    n_lines: room.lines as u16,
                },
                n_regs: shape.n_regs,
                n_args: shape.n_args,
                n_pos_only: shape.n_pos_only,
                n_kw_only: shape.n_kw_only,
                n_free: shape.n_free,
                n_handlers: room.handlers as u16,
                code_len: room.bytecode as u16,
                flags_and_line: flags_and_line(shape.flags, own_name, shape.first_line),
                slots: shape.slots,
                plain_args: plain_args(shape.flags, shape.n_args, shape.n_kw_only, shape.n_regs),
                bytecode: base.add(code_at),
                hints: base.add(hints_at).cast(),
                values: [qualname, file],
            });
            for i in 0..room.consts {
                base.add(CONSTS).cast::<Value>().add(i).write(Value::UNDEF);
            }
            if own_name {
                base.add(CONSTS).cast::<Value>().add(room.consts).write(name);
            }
            core::ptr::write_bytes(base.add(hints_at), 0, total - hints_at);
        }
        Ok(Code(v))
    }

    /// Makes a code object.
    pub fn new_code(&mut self, parts: CodeParts<'_>) -> Result<Value, Raise> {
        let room = CodeRoom {
            consts: parts.consts.len(self),
            handlers: parts.handlers.len() as usize,
            bytecode: parts.bytecode.len() as usize,
            // Of a longer table the rest is left out: those instructions belong to its last line.
            lines: parts.lines.len().min(u16::MAX.into()) as usize,
        };
        let names = [parts.name, parts.qualname, parts.file];
        let code = self.blank_code(names, &parts.shape, &room)?;
        let bytecode = code.get().bytecode.cast_mut();
        // SAFETY: the object was just made with room for all of this.
        unsafe {
            for (i, &c) in parts.consts.items(self).iter().enumerate() {
                code.consts_ptr().cast_mut().add(i).write(c);
            }
            for i in 0..room.handlers {
                let handler = parts.handlers.get(self, i as u32);
                bytecode.cast::<Handler>().sub(room.handlers).add(i).write(handler);
            }
            let pieces = [
                (parts.bytecode, parts.starts.0, 0, room.bytecode),
                (parts.lines, parts.starts.1, room.bytecode, room.lines),
            ];
            for (bytes, mut from, at, n) in pieces {
                for i in 0..n {
                    if from == bytes.len() {
                        from = 0;
                    }
                    bytecode.add(at + i).write(*bytes.item(from));
                    from += 1;
                }
            }
        }
        Ok(code.value())
    }
}

handle!(
    /// A Python function: code, globals, then what aux says is there, then its cells.
    Function, Function
);

impl Function {
    /// aux bit: a tuple of defaults follows.
    pub const DEFAULTS: u16 = 1;
    /// aux bit: a dict of keyword-only defaults follows.
    pub const KW_DEFAULTS: u16 = 2;

    /// Makes a function.
    pub fn new(
        vm: &mut Vm,
        code: Code,
        globals: Value,
        defaults: Value,
        kw_defaults: Value,
        cells: &[Value],
    ) -> Result<Function, Raise> {
        let aux = if defaults.is_undef() { 0 } else { Self::DEFAULTS }
            | if kw_defaults.is_undef() { 0 } else { Self::KW_DEFAULTS };
        let extra = (aux & 1) as usize + (aux >> 1) as usize;
        let p = vm.alloc(Kind::Function, aux, WORD * (3 + extra + cells.len()))?;
        // SAFETY: a fresh object with room for these words.
        unsafe {
            let at = p.as_ptr().cast::<Value>();
            at.add(1).write(code.value());
            at.add(2).write(globals);
            let mut i = 3;
            for v in [defaults, kw_defaults] {
                if !v.is_undef() {
                    at.add(i).write(v);
                    i += 1;
                }
            }
            for (n, &cell) in cells.iter().enumerate() {
                at.add(i + n).write(cell);
            }
            Ok(Function(Value::from_object(p.as_ptr().cast())))
        }
    }

    #[inline(always)]
    fn word(self, i: usize) -> Value {
        // SAFETY: callers stay within the words that `new` wrote, none of which changes.
        unsafe { *self.value().object_ptr().cast::<Value>().add(i) }
    }

    /// Its code.
    #[inline(always)]
    pub fn code(self) -> Code {
        Code(self.word(1))
    }

    /// The globals it was made with.
    #[inline(always)]
    pub fn globals(self) -> Value {
        self.word(2)
    }

    /// Tuple of defaults, or `UNDEF`.
    pub fn defaults(self) -> Value {
        if self.aux() & Self::DEFAULTS != 0 { self.word(3) } else { Value::UNDEF }
    }

    /// Dict of keyword-only defaults, or `UNDEF`.
    pub fn kw_defaults(self) -> Value {
        let aux = self.aux();
        if aux & Self::KW_DEFAULTS != 0 { self.word(3 + (aux & 1) as usize) } else { Value::UNDEF }
    }

    /// Cell number `i`; the code knows how many there are.
    #[inline(always)]
    pub fn cell(self, i: usize) -> Value {
        let aux = self.aux();
        self.word(3 + (aux & 1) as usize + (aux >> 1 & 1) as usize + i)
    }
}

handle!(
    /// A generator or coroutine: a frame on the heap. aux: [`Generator::CREATED`] … and the kind bits.
    Generator, Generator
);

/// The fixed part of a generator; its registers follow.
#[repr(C)]
pub(crate) struct GeneratorObj {
    pub header: Header,
    /// Where to go on, as an offset into the bytecode.
    pub pc: u32,
    pub function: Value,
    /// The exception that was being handled inside when it was suspended, or `NONE`. With [`Generator::PENDED`] a tuple
    /// of the exception to raise when it is resumed, and that.
    pub handled: Value,
}

impl Generator {
    /// State in aux bits 0–1: not started.
    pub const CREATED: u16 = 0;
    /// aux bit: suspended inside `yield from`, in front of the instruction.
    pub const DELEGATING: u16 = 4;
    /// aux bit: resuming raises an exception, see `GeneratorObj::handled`.
    pub const PENDED: u16 = 8;
    /// Suspended at a `yield`.
    pub const SUSPENDED: u16 = 1;
    /// Running.
    pub const RUNNING: u16 = 2;
    /// Ended.
    pub const DONE: u16 = 3;
    /// Mask of the state.
    pub const STATE: u16 = 3;

    /// Makes one with all registers undefined.
    pub fn new(vm: &mut Vm, function: Function) -> Result<Generator, Raise> {
        let n = function.code().n_regs();
        let p = vm.alloc(Kind::Generator, Self::CREATED, size_of::<GeneratorObj>() + n * WORD)?;
        // SAFETY: a fresh object with room for the fixed part and `n` registers.
        unsafe {
            let g = p.as_ptr().cast::<GeneratorObj>();
            (&raw mut (*g).pc).write(0);
            (&raw mut (*g).function).write(function.value());
            (&raw mut (*g).handled).write(Value::NONE);
            for i in 0..n {
                g.add(1).cast::<Value>().add(i).write(Value::UNDEF);
            }
            Ok(Generator(Value::from_object(p.as_ptr().cast())))
        }
    }

    #[inline(always)]
    pub(crate) fn raw(self) -> *mut GeneratorObj {
        self.value().object_ptr().cast()
    }

    /// The first register.
    #[inline(always)]
    pub(crate) fn regs(self) -> *mut Value {
        self.raw().wrapping_add(1).cast()
    }

    /// Its function.
    #[inline(always)]
    pub fn function(self) -> Function {
        // SAFETY: a Generator handle; the field never changes.
        Function(unsafe { (*self.raw()).function })
    }

    /// Where a suspended generator goes on.
    #[inline(always)]
    pub(crate) fn saved_pc(self) -> *const u8 {
        // SAFETY: as above; the offset is one into the function's bytecode.
        unsafe { self.function().code().get().bytecode.add((*self.raw()).pc as usize) }
    }

    /// Its state.
    pub fn state(self) -> u16 {
        self.aux() & Self::STATE
    }

    /// True when resuming raises what `pend_throw` was given.
    #[inline(always)]
    pub(crate) fn is_pended(self) -> bool {
        self.aux() & Self::PENDED != 0
    }

    /// True for an asynchronous generator (`async def` with `yield`).
    pub fn is_async_generator(self) -> bool {
        let both = CodeFlags::COROUTINE | CodeFlags::GENERATOR;
        cfg!(feature = "extra") && self.function().code().flags() & both == both
    }

    /// True for a coroutine (`async def`).
    pub fn is_coroutine(self) -> bool {
        self.function().code().flags() & CodeFlags::COROUTINE != 0
    }
}

/// The payload of a Raw object as bytes.
pub(crate) fn raw_bytes<'a>(raw: Value) -> &'a mut [u8] {
    if raw.is_undef() {
        return &mut [];
    }
    // SAFETY: a Raw object holds `count` initialised bytes from offset 8; callers keep it exclusive through `&mut Vm`.
    unsafe { core::slice::from_raw_parts_mut(payload(raw), super::strings::count(raw)) }
}
