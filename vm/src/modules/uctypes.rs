//! `uctypes`: C structures in memory.
//!
//! Unlike MicroPython's, it can not reach any address: see `object/address.rs`. A structure keeps the object alive that its
//! address was in; one with another address can be made and measured, but raises `ValueError` when its memory is used.
//!
//! Source: MicroPython library reference, "uctypes". A descriptor's numbers: 27 bits of offset and 4 of the type, of whose 27 a
//! bit field takes 5 for its length and 5 for its position; for aggregates 29 bits of offset and 2 of the kind.
#![forbid(unsafe_code)]

use crate::object::{
    Args, AttrOp, Blob, Buffer, ByteArray, Dict, Native, Res, Str, StrBuilder, Style, Tuple,
    item_size,
};
use crate::types::common::positional;
use crate::types::number::small;
use crate::types::{OBJECT, typecode};
use crate::value::{RomValue, Value};
use crate::{Raise, Vm, exc, py_module, py_type};

macro_rules! constants {
    ($($id:ident = $value:expr;)*) => { $(const $id: RomValue = RomValue(Value::int($value));)* };
}

/// The number of a scalar type in a descriptor: 31 bits with sign, so that it is a small int everywhere.
const fn scalar(kind: i32) -> i32 {
    (kind << 28) >> 1
}

constants! {
    UINT8 = scalar(0);
    INT8 = scalar(1);
    UINT16 = scalar(2);
    INT16 = scalar(3);
    UINT32 = scalar(4);
    INT32 = scalar(5);
    UINT64 = scalar(6);
    INT64 = scalar(7);
    BFUINT8 = scalar(8);
    BFINT8 = scalar(9);
    BFUINT16 = scalar(10);
    BFINT16 = scalar(11);
    BFUINT32 = scalar(12);
    BFINT32 = scalar(13);
    FLOAT32 = scalar(14);
    FLOAT64 = scalar(15);
    UNSIGNED_LONG = scalar(if size_of::<usize>() == 8 { 6 } else { 4 });
    SIGNED_LONG = scalar(if size_of::<usize>() == 8 { 7 } else { 5 });
    POINTER = (PTR as i32) << 29;
    SEQUENCE = ((ARRAY as i32) << 30) >> 1;
    BF_POS = POSITION_SHIFT as i32;
    BF_LEN = LENGTH_SHIFT as i32;
    LITTLE_ENDIAN = LITTLE as i32;
    BIG_ENDIAN = BIG as i32;
    NATIVE_LAYOUT = NATIVE as i32;
}

py_module! {
    /// `uctypes`.
    pub static UCTYPES: uctypes, extensible false;
    entries {
        ARRAY: SEQUENCE;
        BFINT16: BFINT16;
        BFINT32: BFINT32;
        BFINT8: BFINT8;
        BFUINT16: BFUINT16;
        BFUINT32: BFUINT32;
        BFUINT8: BFUINT8;
        BF_LEN: BF_LEN;
        BF_POS: BF_POS;
        BIG_ENDIAN: BIG_ENDIAN;
        FLOAT32: FLOAT32;
        FLOAT64: FLOAT64;
        INT: INT32;
        INT16: INT16;
        INT32: INT32;
        INT64: INT64;
        INT8: INT8;
        LITTLE_ENDIAN: LITTLE_ENDIAN;
        LONG: SIGNED_LONG;
        LONGLONG: INT64;
        NATIVE: NATIVE_LAYOUT;
        PTR: POINTER;
        SHORT: INT16;
        UINT: UINT32;
        UINT16: UINT16;
        UINT32: UINT32;
        UINT64: UINT64;
        UINT8: UINT8;
        ULONG: UNSIGNED_LONG;
        ULONGLONG: UINT64;
        USHORT: UINT16;
        VOID: UINT8;
        addressof = F1(addressof);
        bytearray_at = F2(bytearray_at);
        bytes_at = F2(bytes_at);
        sizeof = Var(1, 2, sizeof);
        r#struct: STRUCT.rom();
    }
}

py_type! {
    /// `uctypes.struct(address, descriptor, layout=NATIVE)`. Words: the object with its memory, or `UNDEF`; the offset there, or the
    /// address; descriptor; layout.
    pub static STRUCT: r#struct, base OBJECT;
    slots {
        new: struct_new, repr: struct_repr, hash: struct_hash, get_item: struct_get_item,
        set_item: struct_set_item, attr: struct_attr, buffer: struct_buffer, is_final: true,
    }
    entries { __int__ = F1(struct_int); }
}

const MEMORY: usize = 0;
const OFFSET: usize = 1;
const DESCRIPTOR: usize = 2;
const LAYOUT: usize = 3;

/// Layouts.
const LITTLE: isize = 0;
const BIG: isize = 1;
const NATIVE: isize = 2;
/// Kinds of aggregates.
const STRUCTURE: u32 = 0;
const PTR: u32 = 1;
const ARRAY: u32 = 2;
/// No aggregate.
const SCALAR: u32 = 4;

/// The bits of a scalar type's number that are not its type.
const SCALAR_MASK: u32 = (1 << 27) - 1;

const LENGTH_SHIFT: u32 = 22;
const POSITION_SHIFT: u32 = 17;
/// Bytes of a pointer.
const POINTER_SIZE: usize = size_of::<usize>();
/// How deep descriptors may nest.
const MAX_DEPTH: usize = 16;

/// The type code of a scalar type's number in a descriptor.
fn code_of(n: u32) -> u8 {
    // A bit field is an unsigned number, whatever its type says.
    b"BbHhIiQqBBHHIIfd"[(n >> 27 & 15) as usize]
}

/// True for the number of a bit field.
fn is_bits(n: u32) -> bool {
    (8..14).contains(&(n >> 27 & 15))
}

/// What a descriptor says of a field or of a whole structure.
#[derive(Clone, Copy)]
struct Layout {
    kind: u32,
    offset: usize,
    /// Of an array, how many items.
    n: usize,
    /// The fields of a structure, or of the structures that are items; `UNDEF` for scalars.
    fields: Value,
    /// The number of the scalar type, or of the items'.
    scalar: u32,
}

/// The 31 bits of a number in a descriptor.
fn bits_of(v: Value) -> Option<u32> {
    Some(small(v)? as u32 & 0x7fff_ffff)
}

/// Reads a descriptor; `None` for one that is wrong.
#[inline(never)]
fn layout_of(vm: &Vm, descriptor: Value) -> Option<Layout> {
    let mut layout =
        Layout { kind: SCALAR, offset: 0, n: 0, fields: Value::UNDEF, scalar: SCALAR_MASK };
    let mut parts = &[descriptor][..];
    let tuple = vm.cast::<Tuple>(descriptor);
    if let Some(tuple) = &tuple
        && let [first, rest @ ..] = tuple.items()
    {
        let n = bits_of(*first)?;
        layout.kind = n >> 29;
        layout.offset = (n & ((1 << 29) - 1)) as usize;
        parts = rest;
    }
    let item = *parts.last()?;
    match vm.cast::<Dict>(item) {
        Some(fields) => layout.fields = fields.value(),
        None => layout.scalar = bits_of(item)?,
    }
    let (scalar, has_fields) = (layout.scalar, !layout.fields.is_undef());
    match (layout.kind, parts.len(), has_fields) {
        (SCALAR, 1, true) => layout.kind = STRUCTURE,
        (SCALAR, 1, false) => {
            let mask = if is_bits(scalar) { (1 << 17) - 1 } else { SCALAR_MASK };
            layout.offset = (scalar & mask) as usize;
        }
        (STRUCTURE, 1, true) | (PTR, 1, _) => {}
        (ARRAY, 1, false) => layout.n = (scalar & SCALAR_MASK) as usize,
        (ARRAY, 2, true) => layout.n = usize::try_from(small(parts[0])?).ok()?,
        _ => return None,
    }
    Some(layout)
}

#[cold]
fn syntax_error(vm: &mut Vm) -> Raise {
    vm.raise(exc::TYPE_ERROR, "syntax error in uctypes descriptor")
}

#[cold]
fn not_there(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "address not accessible")
}

/// Size of something, whose alignment raises `alignment`; `None` for a wrong descriptor.
fn measure(
    vm: &Vm,
    what: &Layout,
    layout: isize,
    depth: usize,
    alignment: &mut usize,
) -> Option<usize> {
    let mut own_alignment = 1;
    let mut size = 0;
    if what.kind == PTR {
        (size, own_alignment) = (POINTER_SIZE, POINTER_SIZE);
    } else if let Some(fields) = Dict::from_value(what.fields) {
        let mut from = 0;
        while let Some((i, _, descriptor)) = fields.entry(vm, from) {
            from = i + 1;
            let field = layout_of(vm, descriptor)?;
            let end = measure(vm, &field, layout, depth.checked_sub(1)?, &mut own_alignment)?;
            size = size.max(field.offset.checked_add(end)?);
        }
        if layout == NATIVE {
            size = size.checked_next_multiple_of(own_alignment)?;
        }
    } else {
        size = item_size(code_of(what.scalar));
        own_alignment = size;
    }
    *alignment = own_alignment.max(*alignment);
    if what.kind == ARRAY { size.checked_mul(what.n) } else { Some(size) }
}

/// The size of something; `TypeError` for a wrong descriptor.
fn size_of_layout(vm: &mut Vm, what: Option<Layout>, layout: isize) -> Result<usize, Raise> {
    match what.and_then(|what| measure(vm, &what, layout, MAX_DEPTH, &mut 1)) {
        Some(size) => Ok(size),
        None => Err(syntax_error(vm)),
    }
}

/// A structure object, or an array or pointer in one.
#[derive(Clone, Copy)]
struct Struct(Native);

impl Struct {
    fn of(vm: &Vm, v: Value) -> Option<Struct> {
        vm.cast::<Native>(v).filter(|n| n.class() == STRUCT.value()).map(Struct)
    }

    fn layout(self, vm: &Vm) -> isize {
        self.0.get(vm, LAYOUT).known_int()
    }

    fn is_big(self, vm: &Vm) -> bool {
        match self.layout(vm) {
            LITTLE => false,
            BIG => true,
            _ => cfg!(target_endian = "big"),
        }
    }

    fn descriptor(self, vm: &Vm) -> Option<Layout> {
        layout_of(vm, self.0.get(vm, DESCRIPTOR))
    }

    /// What its memory is in; `None` if that is not to be used.
    fn memory(self, vm: &Vm) -> Option<Blob> {
        Blob::of(vm, self.0.get(vm, MEMORY))
    }

    /// Where it is there.
    fn start(self, vm: &Vm) -> usize {
        self.0.get(vm, OFFSET).known_int() as usize
    }

    /// A part of its memory, as far as that is there.
    fn slice(self, vm: &Vm, offset: usize, n: usize) -> Option<Buffer> {
        let start = self.start(vm).saturating_add(offset);
        Some(Buffer::of(vm, self.0.get(vm, MEMORY))?.slice(vm, start..start.saturating_add(n)))
    }

    /// The address, for printing and `addressof`.
    fn address(self, vm: &mut Vm) -> Result<usize, Raise> {
        match self.memory(vm) {
            Some(memory) => Ok(memory.address(vm).wrapping_add(self.start(vm))),
            None => address_arg(vm, self.0.get(vm, OFFSET)),
        }
    }

    /// What is at `offset` in it, with a descriptor of its own.
    fn part(self, vm: &mut Vm, offset: usize, descriptor: Value) -> Res {
        let start = match self.memory(vm) {
            Some(_) => self.start(vm),
            None => self.address(vm)?,
        };
        let offset = vm.int_from_u64(start.saturating_add(offset) as u64)?;
        let words = [self.0.get(vm, MEMORY), offset, descriptor, self.0.get(vm, LAYOUT)];
        Ok(Native::new(vm, STRUCT.value(), &words)?.value())
    }

    /// Reads the scalar at `offset`, or writes `new` there unless that is `UNDEF`.
    #[inline(never)]
    fn access(self, vm: &mut Vm, offset: usize, scalar: u32, new: Value) -> Res {
        let code = code_of(scalar);
        let size = item_size(code);
        let is_swapped = self.is_big(vm) != typecode::NATIVE_BIG;
        let Some(memory) = self.memory(vm) else { return Err(not_there(vm)) };
        let at = self.start(vm).saturating_add(offset);
        let mut number = 0;
        if new.is_undef() || is_bits(scalar) {
            let Some(word) = memory.load_word(vm, at, size) else { return Err(not_there(vm)) };
            let bytes = word.to_le_bytes();
            number = typecode::word_of(&bytes[..size], is_swapped, typecode::is_signed(code));
        }
        if is_bits(scalar) {
            // Some bits of the number, of at most 32.
            let (position, length) = (scalar >> POSITION_SHIFT & 31, scalar >> LENGTH_SHIFT & 31);
            let mask = (1 << length) - 1;
            if new.is_undef() {
                return vm.int_from_u64((number as u32 >> position & mask).into());
            }
            let bits = vm.int_low_u64(new)? as u32 & mask;
            number = (number as u32 & !(mask << position) | bits << position).into();
        } else if new.is_undef() {
            return typecode::load(vm, code, number);
        } else {
            typecode::store(vm, code, new, &mut number)?;
        }
        let mut bytes = [0; 8];
        typecode::put_word(&mut bytes[..size], number, is_swapped);
        match memory.store_word(vm, at, size, u64::from_le_bytes(bytes)) {
            true => Ok(Value::NONE),
            false => Err(not_there(vm)),
        }
    }

    /// The address that a pointer at its start holds.
    fn pointer(self, vm: &mut Vm) -> Result<usize, Raise> {
        let memory = self.memory(vm);
        match memory.and_then(|memory| memory.load_word(vm, self.start(vm), POINTER_SIZE)) {
            Some(word) => Ok(word as usize),
            None => Err(not_there(vm)),
        }
    }
}

fn address_arg(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(vm.int_low_u64(v)? as usize)
}

fn struct_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = positional(vm, args, 2, 3)?;
    let layout = match args.get(2) {
        Some(&v) => vm.index(v)?,
        None => NATIVE,
    };
    let address = vm.integer_arg(args[0])?;
    let start = address_arg(vm, address)?;
    at_address(vm, class, start, args[1], layout)
}

fn at_address(vm: &mut Vm, class: Value, start: usize, descriptor: Value, layout: isize) -> Res {
    let layout = Value::int(layout.clamp(LITTLE, NATIVE) as i32);
    let words = match vm.memory_at(start)? {
        Some((memory, start)) => [memory.value(), Value::from_len(start), descriptor, layout],
        None => [Value::UNDEF, vm.int_from_u64(start as u64)?, descriptor, layout],
    };
    Ok(Native::new(vm, class, &words)?.value())
}

fn struct_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let this = Struct(Native::from_known(v));
    let name = match this.descriptor(vm) {
        Some(Layout { kind: STRUCTURE, .. }) => "STRUCT",
        Some(Layout { kind: ARRAY, .. }) => "ARRAY",
        Some(Layout { kind: PTR, .. }) => "PTR",
        _ => "ERROR",
    };
    let address = this.address(vm)?;
    let mut text = crate::vm::Message::filled("<struct ", &[]);
    text.push(name.as_bytes());
    text.push(b" ");
    text.push_digits(address, 16, 1);
    text.push(b">");
    out.push_str(vm, text.as_str());
    Ok(())
}

fn struct_hash(vm: &mut Vm, _: Value) -> Result<usize, Raise> {
    Err(vm.raise(exc::TYPE_ERROR, "unsupported type for __hash__: 'struct'"))
}

/// The bytes of a structure, for what takes bytes-like objects.
fn struct_buffer(vm: &Vm, v: Value) -> Option<Buffer> {
    let this = Struct::of(vm, v)?;
    let size = measure(vm, &this.descriptor(vm)?, this.layout(vm), MAX_DEPTH, &mut 1)?;
    this.slice(vm, 0, size)
}

/// `int(pointer)`
fn struct_int(vm: &mut Vm, v: Value) -> Res {
    let pointer = Struct::of(vm, v)
        .filter(|this| matches!(this.descriptor(vm), Some(Layout { kind: PTR, .. })));
    match pointer {
        Some(pointer) => {
            let address = pointer.pointer(vm)?;
            vm.int_from_u64(address as u64)
        }
        None => Err(vm.type_error(v, "can't convert % to int")),
    }
}

/// A field by its name. `KeyError` for a name that the descriptor does not have.
fn struct_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let this = Struct(Native::from_known(v));
    let fields = vm.cast::<Dict>(this.0.get(vm, DESCRIPTOR));
    let descriptor = match fields {
        Some(fields) => fields.get(vm, name)?,
        None => None,
    };
    let Some(descriptor) = descriptor else {
        let is_special = Str::from_known(name).as_bytes().starts_with(b"__");
        if is_special && (fields.is_some() || op == AttrOp::Load) {
            return Ok(Value::UNDEF);
        }
        return Err(match fields {
            Some(_) => vm.raise_with(exc::KEY_ERROR, &[name]),
            None => vm.raise(exc::TYPE_ERROR, "struct: no fields"),
        });
    };
    let new = match op {
        AttrOp::Load => Value::UNDEF,
        AttrOp::Store(new) => new,
        AttrOp::Delete => return Err(syntax_error(vm)),
    };
    let Some(layout) = layout_of(vm, descriptor) else { return Err(syntax_error(vm)) };
    let Layout { kind, offset, n, fields, scalar } = layout;
    if kind == SCALAR {
        return this.access(vm, offset, scalar, new);
    }
    if !new.is_undef() {
        return Err(syntax_error(vm));
    }
    if kind == ARRAY && fields.is_undef() && code_of(scalar) == b'B' {
        return match this.slice(vm, offset, n) {
            Some(memory) if memory.len(vm) == n => memory.share(vm),
            _ => Err(not_there(vm)),
        };
    }
    this.part(vm, offset, if kind == STRUCTURE { fields } else { descriptor })
}

fn struct_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    subscript(vm, v, index, Value::UNDEF)
}

fn struct_set_item(vm: &mut Vm, v: Value, index: Value, new: Value) -> Result<(), Raise> {
    if new.is_undef() {
        return Err(vm.raise(exc::TYPE_ERROR, "'struct' object doesn't support item deletion"));
    }
    subscript(vm, v, index, new).map(|_| ())
}

/// An item of an array, or what a pointer points to.
fn subscript(vm: &mut Vm, v: Value, index: Value, new: Value) -> Res {
    let mut this = Struct(Native::from_known(v));
    let Some(layout) = this.descriptor(vm).filter(|l| matches!(l.kind, ARRAY | PTR)) else {
        return Err(vm.raise(exc::TYPE_ERROR, "struct: can't index"));
    };
    let index = vm.index(index)?;
    let order = this.layout(vm);
    let item = Layout { kind: SCALAR, ..layout };
    let size = size_of_layout(vm, Some(item), order)?;
    let mut offset = 0;
    if layout.kind == PTR {
        let start = this.pointer(vm)?;
        let start = start.wrapping_add_signed(index.wrapping_mul(size as isize));
        let target = at_address(vm, STRUCT.value(), start, Value::NONE, order)?;
        this = Struct(Native::from_known(target));
    } else if (index as usize) < layout.n {
        offset = size.saturating_mul(index as usize);
    } else {
        return Err(vm.raise(exc::INDEX_ERROR, "struct: index out of range"));
    }
    if layout.fields.is_undef() {
        return this.access(vm, offset, layout.scalar, new);
    }
    if !new.is_undef() {
        return Err(syntax_error(vm));
    }
    this.part(vm, offset, layout.fields)
}

// ---- functions

/// `addressof(object)`: where the bytes of a bytes-like object are.
fn addressof(vm: &mut Vm, v: Value) -> Res {
    let address = match Struct::of(vm, v) {
        Some(this) => this.address(vm)?,
        None => vm.expect_bytes(v)?.address(vm),
    };
    vm.int_from_u64(address as u64)
}

/// The `size` bytes at an address; `ValueError` if they are not all to be used.
fn memory_args(vm: &mut Vm, address: Value, size: Value) -> Result<Buffer, Raise> {
    let address = address_arg(vm, address)?;
    let size = vm.index(size)?;
    let part = match vm.memory_at(address)? {
        Some((memory, start)) => Buffer::of(vm, memory.value())
            .map(|whole| whole.slice(vm, start..start.saturating_add(size as usize)))
            .filter(|part| part.len(vm) == size as usize),
        None => None,
    };
    part.ok_or_else(|| not_there(vm))
}

/// `bytes_at(address, size)`: a copy.
fn bytes_at(vm: &mut Vm, address: Value, size: Value) -> Res {
    let memory = memory_args(vm, address, size)?;
    vm.with_bytes(memory, |vm, bytes| vm.new_bytes(bytes))
}

/// `bytearray_at(address, size)`: the memory itself, or a copy of what can only be read.
fn bytearray_at(vm: &mut Vm, address: Value, size: Value) -> Res {
    memory_args(vm, address, size)?.share(vm)
}

/// `sizeof(structure)`, `sizeof(descriptor, layout=NATIVE)`
fn sizeof(vm: &mut Vm, args: &[Value]) -> Res {
    let what = args[0];
    if ByteArray::from_value(what).is_some_and(|array| array.code() == 0) {
        let n = vm.expect_buffer(what)?.len(vm);
        return Ok(Value::from_len(n));
    }
    let (layout, descriptor) = match (Struct::of(vm, what), args.get(1)) {
        (Some(_), Some(_)) => {
            return Err(vm.raise(exc::TYPE_ERROR, "function takes 1 positional arguments"));
        }
        (Some(this), None) => (this.layout(vm), this.descriptor(vm)),
        (None, Some(&layout)) => (vm.index(layout)?, layout_of(vm, what)),
        (None, None) => (NATIVE, layout_of(vm, what)),
    };
    if matches!(descriptor, Some(Layout { kind: SCALAR, .. })) {
        return Err(vm.raise(exc::TYPE_ERROR, "can't unambiguously get sizeof scalar"));
    }
    Ok(Value::from_len(size_of_layout(vm, descriptor, layout)?))
}
