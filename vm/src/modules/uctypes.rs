//! `uctypes`: C structures in memory.
//!
//! Unlike MicroPython's, it can not reach any address: see `object/address.rs`. A structure keeps the object alive that its
//! address was in; one with another address can be made and measured, but raises `ValueError` when its memory is used.
//!
//! Source: MicroPython library reference, "uctypes". A descriptor's numbers: 27 bits of offset and 4 of the type, of whose 27 a
//! bit field takes 5 for its length and 5 for its position; for aggregates 29 bits of offset and 2 of the kind.
#![forbid(unsafe_code)]

use crate::object::{
    Args, AttrOp, Buffer, ByteArray, Dict, Native, Res, Str, StrBuilder, Style, Tuple, Word,
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

const LENGTH_SHIFT: u32 = 22;
const POSITION_SHIFT: u32 = 17;
/// Bytes of a pointer.
const POINTER_SIZE: usize = size_of::<usize>();
/// How deep descriptors may nest.
const MAX_DEPTH: usize = 16;

/// A scalar type: type code of its items, bytes, and whether it is that of a bit field.
#[derive(Clone, Copy)]
struct Scalar {
    code: u8,
    size: usize,
    is_bits: bool,
}

impl Scalar {
    /// The type in a number of a descriptor.
    fn of(n: u32) -> Scalar {
        let kind = n >> 27 & 15;
        let code = b"BbHhIiQqBbHhIifd"[kind as usize];
        let is_bits = (8..14).contains(&kind);
        // A bit field is an unsigned number, whatever its type says.
        let code = if is_bits { code.to_ascii_uppercase() } else { code };
        Scalar { code, size: crate::object::item_size(code), is_bits }
    }
}

/// What a descriptor says of a field or of a whole structure.
#[derive(Clone, Copy)]
enum Layout {
    /// A number at an offset; of a bit field its position and length.
    Scalar { offset: usize, scalar: Scalar, position: u32, length: u32 },
    /// Fields by name.
    Struct { offset: usize, fields: Dict },
    /// So many items; `Err`: structures of these fields.
    Array { offset: usize, n: usize, item: Result<Scalar, Dict> },
    /// The address of items.
    Pointer { offset: usize, item: Result<Scalar, Dict> },
}

/// The 31 bits of a number in a descriptor.
fn bits_of(v: Value) -> Option<u32> {
    Some(small(v)? as u32 & 0x7fff_ffff)
}

fn fields_of(vm: &Vm, v: Value) -> Option<Dict> {
    vm.cast::<Dict>(v)
}

/// Reads a descriptor; `None` for one that is wrong.
fn layout_of(vm: &Vm, descriptor: Value) -> Option<Layout> {
    if let Some(fields) = fields_of(vm, descriptor) {
        return Some(Layout::Struct { offset: 0, fields });
    }
    if let Some(n) = bits_of(descriptor) {
        let scalar = Scalar::of(n);
        let (mask, position, length) = match scalar.is_bits {
            true => ((1 << 17) - 1, n >> POSITION_SHIFT & 31, n >> LENGTH_SHIFT & 31),
            false => ((1 << 27) - 1, 0, 0),
        };
        return Some(Layout::Scalar { offset: (n & mask) as usize, scalar, position, length });
    }
    let parts = vm.cast::<Tuple>(descriptor)?;
    let (&first, rest) = parts.items().split_first()?;
    let n = bits_of(first)?;
    let offset = (n & ((1 << 29) - 1)) as usize;
    let item = |v: Value| match fields_of(vm, v) {
        Some(fields) => Some(Err(fields)),
        None => bits_of(v).map(|n| Ok(Scalar::of(n))),
    };
    match (n >> 29, rest) {
        (STRUCTURE, &[fields]) => Some(Layout::Struct { offset, fields: fields_of(vm, fields)? }),
        (PTR, &[target]) => Some(Layout::Pointer { offset, item: item(target)? }),
        (ARRAY, &[items]) => {
            let n = bits_of(items)?;
            let count = (n & ((1 << 27) - 1)) as usize;
            Some(Layout::Array { offset, n: count, item: Ok(Scalar::of(n)) })
        }
        (ARRAY, &[n, fields]) => {
            let n = usize::try_from(small(n)?).ok()?;
            Some(Layout::Array { offset, n, item: Err(fields_of(vm, fields)?) })
        }
        _ => None,
    }
}

#[cold]
fn syntax_error(vm: &mut Vm) -> Raise {
    vm.raise(exc::TYPE_ERROR, "syntax error in uctypes descriptor")
}

#[cold]
fn not_there(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "address not accessible")
}

/// Size and alignment of an item.
fn item_measure(
    vm: &Vm,
    item: Result<Scalar, Dict>,
    layout: isize,
    depth: usize,
) -> Option<(usize, usize)> {
    match item {
        Ok(scalar) => Some((scalar.size, scalar.size)),
        Err(fields) => measure_fields(vm, fields, layout, depth),
    }
}

/// Size and alignment of a structure.
fn measure_fields(vm: &Vm, fields: Dict, layout: isize, depth: usize) -> Option<(usize, usize)> {
    let (mut size, mut alignment) = (0, 1);
    let mut from = 0;
    while let Some((i, _, descriptor)) = fields.entry(vm, from) {
        from = i + 1;
        let field = layout_of(vm, descriptor)?;
        let offset = match field {
            Layout::Scalar { offset, .. }
            | Layout::Struct { offset, .. }
            | Layout::Array { offset, .. }
            | Layout::Pointer { offset, .. } => offset,
        };
        let (field_size, field_alignment) = measure(vm, field, layout, depth.checked_sub(1)?)?;
        size = size.max(offset.checked_add(field_size)?);
        alignment = alignment.max(field_alignment);
    }
    if layout == NATIVE {
        size = size.checked_next_multiple_of(alignment)?;
    }
    Some((size, alignment))
}

/// Size and alignment of anything; `None` for a wrong descriptor.
fn measure(vm: &Vm, what: Layout, layout: isize, depth: usize) -> Option<(usize, usize)> {
    match what {
        Layout::Scalar { scalar, .. } => Some((scalar.size, scalar.size)),
        Layout::Struct { fields, .. } => measure_fields(vm, fields, layout, depth),
        Layout::Array { n, item, .. } => {
            let (size, alignment) = item_measure(vm, item, layout, depth)?;
            Some((size.checked_mul(n)?, alignment))
        }
        Layout::Pointer { .. } => Some((POINTER_SIZE, POINTER_SIZE)),
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
        self.0.get(vm, LAYOUT).as_small_int().unwrap_or(NATIVE)
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

    /// All memory from its start on; `None` if that is not to be used.
    fn memory(self, vm: &Vm) -> Option<Buffer> {
        let offset = self.0.get(vm, OFFSET).as_small_int()? as usize;
        let memory = Buffer::of(vm, self.0.get(vm, MEMORY))?;
        Some(memory.slice(vm, offset..usize::MAX))
    }

    /// The address, for printing and `addressof`.
    fn address(self, vm: &mut Vm) -> Result<usize, Raise> {
        match self.memory(vm) {
            Some(memory) => Ok(memory.address(vm)),
            None => address_arg(vm, self.0.get(vm, OFFSET)),
        }
    }

    /// What is at `offset` in it, with a descriptor of its own.
    fn part(self, vm: &mut Vm, offset: usize, descriptor: Value) -> Res {
        let start = match self.memory(vm) {
            Some(_) => self.0.get(vm, OFFSET).as_small_int().unwrap_or(0) as usize,
            None => self.address(vm)?,
        };
        let offset = vm.int_from_u64(start.saturating_add(offset) as u64)?;
        let words = [self.0.get(vm, MEMORY), offset, descriptor, self.0.get(vm, LAYOUT)];
        Ok(Native::new(vm, STRUCT.value(), &words)?.value())
    }

    fn load(self, vm: &mut Vm, offset: usize, scalar: Scalar) -> Res {
        let word = self.word(vm, offset, scalar)?;
        let word = typecode::word_of(&word[..scalar.size], self.is_big(vm));
        typecode::load(vm, scalar.code, scalar.size, word)
    }

    fn word(self, vm: &mut Vm, offset: usize, scalar: Scalar) -> Result<Word, Raise> {
        let word = self.memory(vm).and_then(|memory| memory.load_word(vm, offset, scalar.size));
        word.ok_or_else(|| not_there(vm))
    }

    fn store(self, vm: &mut Vm, offset: usize, scalar: Scalar, v: Value) -> Result<(), Raise> {
        let (mut number, mut word) = (0, Word::default());
        typecode::store(vm, scalar.code, v, &mut number)?;
        typecode::put_word(&mut word[..scalar.size], number, self.is_big(vm));
        match self.memory(vm) {
            Some(memory) if memory.store_word(vm, offset, scalar.size, word) => Ok(()),
            _ => Err(not_there(vm)),
        }
    }

    /// The structure of these fields that item `i` of an aggregate with items of them is.
    fn item(self, vm: &mut Vm, fields: Dict, i: usize) -> Res {
        let layout = self.layout(vm);
        let Some((size, _)) = measure_fields(vm, fields, layout, MAX_DEPTH) else {
            return Err(syntax_error(vm));
        };
        self.part(vm, size.saturating_mul(i), fields.value())
    }

    /// The address that a pointer at its start holds.
    fn pointer(self, vm: &mut Vm) -> Result<usize, Raise> {
        let memory = self.memory(vm);
        match memory.and_then(|memory| memory.load_word(vm, 0, POINTER_SIZE)) {
            Some(word) => {
                let mut bytes = [0; POINTER_SIZE];
                bytes.copy_from_slice(&word[..POINTER_SIZE]);
                Ok(usize::from_ne_bytes(bytes))
            }
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
        Some(memory) => {
            let owner = memory.owner();
            let whole = Buffer::of(vm, owner).map_or(start, |whole| whole.address(vm));
            [owner, Value::from_len(start - whole), descriptor, layout]
        }
        None => [Value::UNDEF, vm.int_from_u64(start as u64)?, descriptor, layout],
    };
    Ok(Native::new(vm, class, &words)?.value())
}

fn struct_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let this = Struct(Native::from_known(v));
    let name = match this.descriptor(vm) {
        Some(Layout::Struct { .. }) => "STRUCT",
        Some(Layout::Array { .. }) => "ARRAY",
        Some(Layout::Pointer { .. }) => "PTR",
        _ => "ERROR",
    };
    let address = this.address(vm)?;
    vm.push_fmt(out, format_args!("<struct {name} {address:x}>"))
}

fn struct_hash(vm: &mut Vm, _: Value) -> Result<usize, Raise> {
    Err(vm.raise(exc::TYPE_ERROR, "unsupported type for __hash__: 'struct'"))
}

/// The bytes of a structure, for what takes bytes-like objects.
fn struct_buffer(vm: &Vm, v: Value) -> Option<Buffer> {
    let this = Struct::of(vm, v)?;
    let (size, _) = measure(vm, this.descriptor(vm)?, this.layout(vm), MAX_DEPTH)?;
    Some(this.memory(vm)?.slice(vm, 0..size))
}

/// `int(pointer)`
fn struct_int(vm: &mut Vm, v: Value) -> Res {
    let pointer = Struct::of(vm, v)
        .filter(|this| matches!(this.descriptor(vm), Some(Layout::Pointer { .. })));
    match pointer {
        Some(pointer) => {
            let address = pointer.pointer(vm)?;
            vm.int_from_u64(address as u64)
        }
        None => Err(crate::types::number::cannot_convert(vm, v, "int")),
    }
}

/// A field by its name. `KeyError` for a name that the descriptor does not have.
fn struct_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let this = Struct(Native::from_known(v));
    let Some(fields) = fields_of(vm, this.0.get(vm, DESCRIPTOR)) else {
        if op == AttrOp::Load && Str::from_known(name).as_str().starts_with("__") {
            return Ok(Value::UNDEF);
        }
        return Err(vm.raise(exc::TYPE_ERROR, "struct: no fields"));
    };
    let Some(descriptor) = fields.get(vm, name)? else {
        if Str::from_known(name).as_str().starts_with("__") {
            return Ok(Value::UNDEF);
        }
        return Err(vm.raise_with(exc::KEY_ERROR, &[name]));
    };
    let Some(layout) = layout_of(vm, descriptor) else { return Err(syntax_error(vm)) };
    let new = match op {
        AttrOp::Load => None,
        AttrOp::Store(new) => Some(new),
        AttrOp::Delete => return Err(syntax_error(vm)),
    };
    match (layout, new) {
        (Layout::Scalar { offset, scalar, position, length }, new) if scalar.is_bits => {
            bit_field(vm, this, offset, scalar, position, length, new)
        }
        (Layout::Scalar { offset, scalar, .. }, None) => this.load(vm, offset, scalar),
        (Layout::Scalar { offset, scalar, .. }, Some(new)) => {
            this.store(vm, offset, scalar, new)?;
            Ok(Value::NONE)
        }
        (_, Some(_)) => Err(syntax_error(vm)),
        (Layout::Struct { offset, fields }, None) => this.part(vm, offset, fields.value()),
        (Layout::Array { offset, n, item: Ok(Scalar { code: b'B', .. }) }, None) => {
            let memory = this.memory(vm).map(|memory| memory.slice(vm, offset..offset + n));
            match memory {
                Some(memory) if memory.len(vm) == n => memory.share(vm),
                _ => Err(not_there(vm)),
            }
        }
        (Layout::Array { offset, .. } | Layout::Pointer { offset, .. }, None) => {
            this.part(vm, offset, descriptor)
        }
    }
}

/// Reads or writes a bit field: some bits of the number at an offset.
fn bit_field(
    vm: &mut Vm,
    this: Struct,
    offset: usize,
    scalar: Scalar,
    position: u32,
    length: u32,
    new: Option<Value>,
) -> Res {
    let whole = this.load(vm, offset, scalar)?;
    let whole = vm.int_low_u64(whole)?;
    let mask = (1u64 << length) - 1;
    match new {
        None => vm.int_from_u64(whole >> position & mask),
        Some(new) => {
            let new = vm.int_low_u64(new)? & mask;
            let whole = whole & !(mask << position) | new << position;
            let whole = vm.int_from_u64(whole & u64::from(u32::MAX))?;
            this.store(vm, offset, scalar, whole)?;
            Ok(Value::NONE)
        }
    }
}

fn struct_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    subscript(vm, v, index, None)
}

fn struct_set_item(vm: &mut Vm, v: Value, index: Value, new: Value) -> Result<(), Raise> {
    if new.is_undef() {
        return Err(vm.raise(exc::TYPE_ERROR, "'struct' object doesn't support item deletion"));
    }
    subscript(vm, v, index, Some(new)).map(|_| ())
}

/// An item of an array, or what a pointer points to.
fn subscript(vm: &mut Vm, v: Value, index: Value, new: Option<Value>) -> Res {
    let this = Struct(Native::from_known(v));
    let (item, n) = match this.descriptor(vm) {
        Some(Layout::Array { n, item, .. }) => (item, Some(n)),
        Some(Layout::Pointer { item, .. }) => (item, None),
        _ => return Err(vm.raise(exc::TYPE_ERROR, "struct: can't index")),
    };
    let index = vm.index(index)?;
    let (this, i) = match n {
        Some(n) => match usize::try_from(index) {
            Ok(i) if i < n => (this, i),
            _ => return Err(vm.raise(exc::INDEX_ERROR, "struct: index out of range")),
        },
        None => {
            let layout = this.layout(vm);
            let Some((size, _)) = item_measure(vm, item, layout, MAX_DEPTH) else {
                return Err(syntax_error(vm));
            };
            let start = this.pointer(vm)?;
            let start = start.wrapping_add_signed(index.wrapping_mul(size as isize));
            let target = at_address(vm, STRUCT.value(), start, Value::NONE, layout)?;
            (Struct(Native::from_known(target)), 0)
        }
    };
    match (item, new) {
        (Ok(scalar), None) => this.load(vm, i.saturating_mul(scalar.size), scalar),
        (Ok(scalar), Some(new)) => {
            this.store(vm, i.saturating_mul(scalar.size), scalar, new)?;
            Ok(Value::NONE)
        }
        (Err(fields), None) => this.item(vm, fields, i),
        (Err(_), Some(_)) => Err(syntax_error(vm)),
    }
}

// ---- functions

/// `addressof(object)`: where the bytes of a bytes-like object are.
fn addressof(vm: &mut Vm, v: Value) -> Res {
    let address = match Struct::of(vm, v) {
        Some(this) => this.address(vm)?,
        None => vm.expect_buffer(v)?.address(vm),
    };
    vm.int_from_u64(address as u64)
}

/// The `size` bytes at an address; `ValueError` if they are not all to be used.
fn memory_args(vm: &mut Vm, address: Value, size: Value) -> Result<Buffer, Raise> {
    let address = address_arg(vm, address)?;
    let size = vm.index(size)?;
    let memory = vm.memory_at(address)?;
    match (memory, usize::try_from(size)) {
        (Some(memory), Ok(size)) if size <= memory.len(vm) => Ok(memory.slice(vm, 0..size)),
        _ => Err(not_there(vm)),
    }
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
    let size = match descriptor {
        Some(Layout::Scalar { .. }) => {
            return Err(vm.raise(exc::TYPE_ERROR, "can't unambiguously get sizeof scalar"));
        }
        Some(descriptor) => measure(vm, descriptor, layout, MAX_DEPTH),
        None => None,
    };
    match size {
        Some((size, _)) => Ok(Value::from_len(size)),
        None => Err(syntax_error(vm)),
    }
}
