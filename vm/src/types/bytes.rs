//! Built-in `bytes`, and what it shares with `bytearray`.
//!
//! Source: Python Library Reference, "Binary Sequence Types — bytes, bytearray, memoryview".

use super::codec;
use super::slice;
use super::str::{gather, push_quoted, repeat_count};
use super::str_format::text_modulo;
use super::str_methods::METHODS;
use super::text::{self, Text, is_absent};
use super::typecode;
use crate::object::{
    Args, BinaryOp, Buffer, ByteArray, Bytes, CompareOp, Flavor, MemoryView, NativeFn, Pieces, Res,
    RomDescriptor, RomFn, Slice, Str, StrBuilder, Style,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `bytes`.
    pub static BYTES: bytes, base super::OBJECT;
    slots {
        new: bytes_new, repr: bytes_repr, bool: bytes_bool, len: bytes_len, hash: bytes_hash, binary: bytes_binary,
        compare: bytes_compare, contains: bytes_contains, get_item: bytes_get_item,
    }
    entries {
        decode = Kw(bytes_decode; _, encoding?, errors?);
        fromhex: FROMHEX.rom();
        hex = Var(1, 3, bytes_hex);
        #[cfg(feature = "extra")]
        maketrans: MAKETRANS.rom();
        #[cfg(feature = "extra")]
        translate = Kw(bytes_translate; _, _, delete?);
    } shared METHODS
}

fn bytes_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    construct(vm, args, Flavor::Bytes)
}

/// `bytes(source=b'', encoding, errors)`, and `bytearray` likewise.
pub(super) fn construct(vm: &mut Vm, args: Args<'_>, flavor: Flavor) -> Res {
    if args.pos.len() > 3 {
        return Err(vm.wrong_count(0, 3, args.pos.len()));
    }
    let given = |i: usize, name| {
        args.pos.get(i).copied().or_else(|| args.keyword(name)).unwrap_or(Value::UNDEF)
    };
    let source = given(0, q::source.value());
    let (encoding, errors) = (given(1, q::encoding.value()), given(2, q::errors.value()));
    if source.is_undef() {
        return Pieces::new(vm, flavor, 0)?.finish(vm);
    }
    if let Some(f) = vm.python_method(source, q::__bytes__.value())? {
        let made = vm.call(f, &[])?;
        let made = vm.expect::<Bytes>(made, &BYTES)?;
        return if flavor == Flavor::Bytes {
            Ok(made.value())
        } else {
            Buffer::of_bytes(made).copy(vm, flavor)
        };
    }
    if let Some(s) = vm.cast::<Str>(source) {
        if is_absent(encoding) {
            return Err(vm.raise(exc::TYPE_ERROR, "string argument without an encoding"));
        }
        let encoded = codec::encode(vm, s, encoding, errors)?;
        return if flavor == Flavor::Bytes {
            Ok(encoded)
        } else {
            vm.expect_buffer(encoded)?.copy(vm, flavor)
        };
    }
    if let Some(buffer) = Buffer::of(vm, source) {
        return if flavor == Flavor::Bytes {
            Ok(buffer.to_bytes(vm)?.value())
        } else {
            buffer.copy(vm, flavor)
        };
    }
    if !encoding.is_undef() {
        return Err(vm.raise(exc::TYPE_ERROR, "wrong number of arguments"));
    }
    if source.is_small_int() || source.is_bool() || source.is_kind(Kind::Int) {
        return match usize::try_from(vm.index(source)?) {
            Ok(n) => Pieces::new(vm, flavor, n)?.finish(vm),
            Err(_) => Err(vm.raise(exc::VALUE_ERROR, "negative count")),
        };
    }
    let mut out = StrBuilder::new();
    let items = vm.iter(source)?;
    while let Some(item) = vm.next(items)? {
        let n = if flavor == Flavor::Bytes {
            match vm.index(item)? {
                n @ 0..=255 => n as u8,
                _ => return Err(vm.raise(exc::VALUE_ERROR, "bytes value out of range")),
            }
        } else {
            typecode::int_arg(vm, item)? as u8
        };
        out.push_bytes(vm, &[n])?;
        vm.tick(5)?;
    }
    let mut copy = Pieces::new(vm, flavor, out.len())?;
    copy.push(vm, out.as_bytes());
    out.discard(vm);
    copy.finish(vm)
}

fn bytes_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, "b")?;
    push_quoted(vm, out, Bytes::from_known(v).as_bytes(), false)
}

fn bytes_bool(_vm: &mut Vm, v: Value) -> Result<bool, Raise> {
    Ok(!Bytes::from_known(v).as_bytes().is_empty())
}

fn bytes_len(_vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(Bytes::from_known(v).as_bytes().len())
}

fn bytes_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(vm.cheap_hash(v))
}

/// `b + c`, `b * n`, `n * b`, `b % values`; also serves `bytearray`, whose type the result then has.
pub(super) fn bytes_binary(
    vm: &mut Vm,
    op: BinaryOp,
    lhs: Value,
    rhs: Value,
    _inplace: bool,
) -> Res {
    match (op, Text::of(vm, lhs), Text::of(vm, rhs)) {
        (BinaryOp::Add, Some(a), _) if a.flavor != Flavor::Str => match Buffer::of(vm, rhs) {
            Some(b) if !b.is_text() => {
                if a.flavor == Flavor::Bytes && b.is_empty(vm) {
                    return Ok(lhs);
                }
                if a.flavor == Flavor::Bytes && a.buffer.is_empty(vm) && rhs.is_kind(Kind::Bytes) {
                    return Ok(rhs);
                }
                text::concat(vm, a.flavor, a.buffer, b)
            }
            _ => Ok(Value::NOT_IMPLEMENTED),
        },
        (BinaryOp::Mul, Some(b), None) => times(vm, b, rhs),
        (BinaryOp::Mul, None, Some(b)) => times(vm, b, lhs),
        (BinaryOp::Mod, Some(format), _) if format.flavor != Flavor::Str => {
            text_modulo(vm, format, rhs)
        }
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn times(vm: &mut Vm, b: Text, n: Value) -> Res {
    match repeat_count(vm, n)? {
        None => Ok(Value::NOT_IMPLEMENTED),
        Some(1) if b.flavor == Flavor::Bytes => Ok(b.value),
        Some(n) => text::repeat(vm, b.flavor, b.buffer, n),
    }
}

/// Compares the bytes of `bytes`, `bytearray` and views of single bytes with each other.
pub(super) fn bytes_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    match (plain_bytes(vm, a), plain_bytes(vm, b)) {
        (Some(a), Some(b)) => Ok(Value::bool(op.holds(a.bytes(vm).cmp(b.bytes(vm))))),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

/// The bytes of an object whose items are bytes: no `str`, no `array`.
pub(super) fn plain_bytes(vm: &Vm, v: Value) -> Option<Buffer> {
    let part = vm.native_part(v);
    let plain = match part.kind()? {
        Kind::Bytes => true,
        Kind::ByteArray => ByteArray::from_known(part).code() == 0,
        Kind::MemoryView => MemoryView::from_known(part).code() == b'B',
        _ => false,
    };
    if plain { Buffer::of(vm, part) } else { None }
}

/// `x in b`: a byte, or bytes in a row.
pub(super) fn bytes_contains(vm: &mut Vm, v: Value, item: Value) -> Result<bool, Raise> {
    let text = Text::this(vm, v)?;
    let needle = match item.as_small_int() {
        Some(n) if !(0..=255).contains(&n) => {
            return Err(vm.raise(exc::VALUE_ERROR, "byte must be in range(0, 256)"));
        }
        Some(n) if Bytes::from_value(v).is_some() => {
            return Ok(Bytes::from_known(v).as_bytes().contains(&(n as u8)));
        }
        _ => text.needle(vm, item)?,
    };
    let len = text.len(vm);
    Ok(text::find(vm, text.buffer, 0..len, needle)?.is_some())
}

/// `b[i]`, `b[i:j:k]`
pub fn bytes_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    if let Some(i) = index.as_small_int()
        && let Some(&b) = Bytes::from_known(v).as_bytes().get(i as usize)
    {
        // A negative index is far beyond every end.
        return Ok(Value::from_len(usize::from(b)));
    }
    let text = Text::this(vm, v)?;
    let len = text.len(vm);
    if let Some(slice) = Slice::from_value(index) {
        let selection = slice::select(vm, slice, len)?;
        return gather(vm, text, selection);
    }
    let at = vm.sequence_index(index, len, "bytes")?;
    Ok(Value::from_len(usize::from(Bytes::from_known(v).as_bytes()[at])))
}

/// `decode(encoding='utf-8', errors='strict')`
pub(super) fn bytes_decode(vm: &mut Vm, args: &[Value]) -> Res {
    let text = Text::this(vm, args[0])?;
    if text.flavor == Flavor::Str {
        let given = vm.type_name(args[0]);
        return Err(vm.raise_fmt(
            exc::TYPE_ERROR,
            format_args!("argument should be a 'bytes' not a '{}'", given.as_str()),
        ));
    }
    codec::decode(vm, text.buffer, args[1], args[2])
}

/// `hex([sep[, bytes_per_sep]])`; also a method of `memoryview`.
pub(super) fn bytes_hex(vm: &mut Vm, args: &[Value]) -> Res {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let buffer = vm.expect_buffer(args[0])?;
    let sep = match args.get(1) {
        None => None,
        Some(&v) => {
            let sep = vm.expect_buffer(v)?;
            match *sep.bytes(vm) {
                [one] => Some(one),
                _ => return Err(vm.raise(exc::VALUE_ERROR, "sep must be length 1.")),
            }
        }
    };
    // Groups are counted from the right, from the left for a negative number.
    let group = match args.get(2) {
        None => 1,
        Some(&v) => vm.index(v)?,
    };
    let (len, every) = (buffer.len(vm), group.unsigned_abs());
    let separated = sep.is_some() && every > 0;
    let n_seps = if separated && len > 0 { (len - 1) / every } else { 0 };
    let Some(total) = len.checked_mul(2).and_then(|n| n.checked_add(n_seps)) else {
        return Err(vm.no_memory());
    };
    let mut out = Pieces::new(vm, Flavor::Str, total)?;
    for i in 0..len {
        let from_edge = if group < 0 { i } else { len - i };
        if let Some(sep) = sep
            && separated
            && i > 0
            && from_edge % every == 0
        {
            out.push(vm, &[sep]);
        }
        let b = buffer.bytes(vm).get(i).copied().unwrap_or(0);
        out.push(vm, &[DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]);
        vm.tick(8)?;
    }
    out.finish(vm)
}

static FROMHEX_FN: RomFn = RomFn::new(q::fromhex.rom(), NativeFn::F2(from_hex));
/// `fromhex` of `bytes` and `bytearray`.
pub(super) static FROMHEX: RomDescriptor = RomDescriptor::class_method(&FROMHEX_FN);
static MAKETRANS_FN: RomFn = RomFn::new(q::maketrans.rom(), NativeFn::F2(bytes_maketrans));
/// `maketrans` of `bytes` and `bytearray`.
pub(super) static MAKETRANS: RomDescriptor = RomDescriptor::static_method(&MAKETRANS_FN);

/// `bytes.fromhex(text)`: bytes from pairs of hexadecimal digits with white space between.
fn from_hex(vm: &mut Vm, class: Value, text: Value) -> Res {
    let is_array = vm.is_subclass(class, super::array::BYTEARRAY.value());
    let flavor = if is_array { Flavor::ByteArray } else { Flavor::Bytes };
    let text = vm.expect_buffer(text)?.to_bytes(vm)?;
    let mut out = StrBuilder::new();
    let mut rest = text.as_bytes();
    loop {
        let space = rest.iter().position(|b| !text::SPACE.has(*b)).unwrap_or(rest.len());
        rest = &rest[space..];
        let digit = |i: usize| rest.get(i).and_then(|&b| char::from(b).to_digit(16));
        match (digit(0), digit(1)) {
            (Some(high), Some(low)) => out.push_bytes(vm, &[(high << 4 | low) as u8])?,
            _ if rest.is_empty() => break,
            _ => return Err(vm.raise(exc::VALUE_ERROR, "non-hex digit")),
        }
        rest = &rest[2..];
        vm.tick(10 + space)?;
    }
    let mut copy = Pieces::new(vm, flavor, out.len())?;
    copy.push(vm, out.as_bytes());
    out.discard(vm);
    copy.finish(vm)
}

/// `translate(table, delete=b'')`: `table` has 256 bytes, or is `None`.
pub(super) fn bytes_translate(vm: &mut Vm, args: &[Value]) -> Res {
    let text = Text::this(vm, args[0])?;
    let table = if args[1].is_none() { None } else { Some(text.arg(vm, args[1])?) };
    if table.is_some_and(|t| t.len(vm) != 256) {
        return Err(vm.raise(exc::VALUE_ERROR, "translation table must be 256 characters long"));
    }
    let delete = match args[2] {
        v if v.is_undef() => text::ByteSet::of(&[]),
        v => {
            let delete = text.arg(vm, v)?;
            text::ByteSet::of(delete.bytes(vm))
        }
    };
    let mut out = StrBuilder::new();
    let len = text.len(vm);
    out.reserve(vm, len)?;
    for i in 0..len {
        let Some(&b) = text.bytes(vm).get(i) else { break };
        if !delete.has(b) {
            let to = table.and_then(|t| t.bytes(vm).get(usize::from(b)).copied()).unwrap_or(b);
            out.push_bytes(vm, &[to])?;
        }
        vm.tick(8)?;
    }
    text.finish(vm, out)
}

/// `bytes.maketrans(from, to)`: a table for `translate`.
fn bytes_maketrans(vm: &mut Vm, from: Value, to: Value) -> Res {
    let (from, to) = (vm.expect_buffer(from)?, vm.expect_buffer(to)?);
    let mut table: [u8; 256] = core::array::from_fn(|i| i as u8);
    let (from, to) = (from.bytes(vm), to.bytes(vm));
    if from.len() != to.len() {
        return Err(vm.raise(exc::VALUE_ERROR, "maketrans arguments must have same length"));
    }
    for (&a, &b) in from.iter().zip(to) {
        table[usize::from(a)] = b;
    }
    vm.new_bytes(&table)
}
