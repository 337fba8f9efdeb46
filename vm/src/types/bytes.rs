//! Built-in `bytes`, and what it shares with `bytearray`.
//!
//! Source: Python Library Reference, "Binary Sequence Types — bytes, bytearray, memoryview".

use super::array::{append_all, items_compare, items_get_item};
use super::codec;
use super::str::{push_quoted, repeat_count};
use super::str_format::text_modulo;
use super::str_methods::METHODS;
use super::text::{self, ByteSet, is_absent};
use super::typecode;
use crate::object::{
    Args, BinaryOp, Blob, ByteArray, Bytes, Flavor, NativeFn, Pieces, Res, RomDescriptor, RomFn,
    Str, StrBuilder, Style,
};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `bytes`.
    pub static BYTES: bytes, base super::OBJECT;
    slots {
        new: bytes_new, repr: bytes_repr, bool: bytes_bool, len: bytes_len, hash: bytes_hash, binary: text_binary,
        compare: items_compare, contains: bytes_contains, get_item: items_get_item,
    }
    entries {
        decode = Kw(bytes_decode; _, encoding?, errors?);
        fromhex: FROMHEX.rom();
        #[cfg(feature = "extra")]
        hex = Var(1, 3, bytes_hex);
        #[cfg(not(feature = "extra"))]
        hex = Var(1, 2, bytes_hex);
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
    let mut given = [Value::UNDEF; 3];
    text::constructor_args(vm, args, q::source.value(), &mut given)?;
    let [mut source, encoding, errors] = given;
    if source.is_undef() {
        return Pieces::copy(vm, flavor, &[]);
    }
    // MicroPython asks no object for it.
    if cfg!(feature = "extra")
        && let Some(f) = vm.python_method(source, q::__bytes__.value())?
    {
        let made = vm.call(f, &[])?;
        source = vm.expect::<Bytes>(made, &BYTES)?.value();
    } else if let Some(s) = vm.cast::<Str>(source) {
        if is_absent(encoding) {
            return Err(vm.raise(exc::TYPE_ERROR, "string argument without an encoding"));
        }
        return codec::convert(vm, Blob::of_str(s), encoding, errors, flavor);
    }
    if !encoding.is_undef() {
        return Err(vm.raise(exc::TYPE_ERROR, "wrong number of arguments"));
    }
    if let Some(blob) = Blob::of(vm, source) {
        return match flavor {
            Flavor::Bytes => Ok(blob.to_bytes(vm)?.value()),
            _ => blob.copy(vm, flavor, 0, usize::MAX),
        };
    }
    if let Some(n) = repeat_count(vm, source)? {
        return match usize::try_from(n) {
            Ok(n) => Pieces::new(vm, flavor, n)?.finish(vm),
            Err(_) => Err(vm.raise(exc::VALUE_ERROR, "negative count")),
        };
    }
    let mut out = StrBuilder::new();
    let items = vm.iter(source)?;
    while let Some(item) = vm.next(items)? {
        let n = match flavor {
            Flavor::Bytes => match u8::try_from(vm.index(item)?) {
                Ok(n) => n,
                Err(_) => return Err(text::no_byte(vm)),
            },
            _ => typecode::int_arg(vm, item)? as u8,
        };
        out.push_byte(vm, n);
        vm.tick(5)?;
    }
    out.finish(vm, flavor)
}

fn bytes_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, "b");
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

/// `a + b`, `a += b`, `a * n`, `n * a`, `a % values` of `str`, `bytes` and `bytearray`; the type is that of `a`.
pub(super) fn text_binary(vm: &mut Vm, op: BinaryOp, lhs: Value, rhs: Value, inplace: bool) -> Res {
    match (op, text::of(vm, lhs), text::of(vm, rhs)) {
        (BinaryOp::Add, Some(a), _) => add(vm, a, rhs, inplace),
        (BinaryOp::Mul, Some(a), None) => times(vm, a, rhs),
        (BinaryOp::Mul, None, Some(b)) => times(vm, b, lhs),
        (BinaryOp::Mod, Some(format), _) => text_modulo(vm, format, rhs),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn add(vm: &mut Vm, a: Blob, rhs: Value, inplace: bool) -> Res {
    let flavor = a.flavor();
    let b = match Blob::of(vm, rhs) {
        Some(b) if b.is_text(vm) == (flavor == Flavor::Str) => b,
        _ => return Ok(Value::NOT_IMPLEMENTED),
    };
    if inplace && flavor == Flavor::ByteArray {
        return append_all(vm, ByteArray::from_known(a.value()), b).and(Ok(a.value()));
    }
    if flavor != Flavor::ByteArray && b.is_empty(vm) {
        return Ok(a.value());
    }
    if flavor == b.flavor() && flavor != Flavor::ByteArray && a.is_empty(vm) {
        return Ok(b.value());
    }
    let Some(len) = a.len(vm).checked_add(b.len(vm)) else { return Err(vm.no_memory()) };
    let mut out = Pieces::new(vm, flavor, len)?;
    out.push(a.bytes(vm));
    out.push(b.bytes(vm));
    out.finish(vm)
}

/// `text * n`
fn times(vm: &mut Vm, text: Blob, n: Value) -> Res {
    let flavor = text.flavor();
    match repeat_count(vm, n)? {
        None => Ok(Value::NOT_IMPLEMENTED),
        Some(1) if flavor != Flavor::ByteArray => Ok(text.value()),
        Some(n) => text::repeat(vm, flavor, text, n),
    }
}

/// `x in b`: a byte, or bytes in a row.
pub(super) fn bytes_contains(vm: &mut Vm, v: Value, item: Value) -> Result<bool, Raise> {
    let text = text::this(vm, v)?;
    if let Some(n) = item.as_small_int() {
        let Ok(byte) = u8::try_from(n) else {
            return Err(vm.raise(exc::VALUE_ERROR, "byte must be in range(0, 256)"));
        };
        return Ok(text.bytes(vm).contains(&byte));
    }
    let needle = text::needle(vm, text, item)?;
    text::contains(vm, text, needle)
}

/// `decode(encoding='utf-8', errors='strict')`
pub(super) fn bytes_decode(vm: &mut Vm, args: &[Value]) -> Res {
    let bytes = vm.expect_bytes(args[0])?;
    codec::convert(vm, bytes, args[1], args[2], Flavor::Str)
}

/// `hex([sep[, bytes_per_sep]])`; also a method of `memoryview`.
pub(super) fn bytes_hex(vm: &mut Vm, args: &[Value]) -> Res {
    hex(vm, args, Flavor::Str)
}

/// The digit of the low four bits.
pub(super) fn hex_digit(n: u8) -> u8 {
    let n = n & 15;
    if n < 10 { b'0' + n } else { b'a' - 10 + n }
}

/// Two digits a byte, with the separator that may be the second argument between groups of bytes, of as many as the third
/// says.
pub fn hex(vm: &mut Vm, args: &[Value], flavor: Flavor) -> Res {
    let blob = vm.expect_bytes(args[0])?;
    let mut sep = None;
    if let Some(&v) = args.get(1) {
        let given = vm.expect_bytes(v)?.bytes(vm);
        if cfg!(feature = "extra") && flavor == Flavor::Str && given.len() != 1 {
            return Err(vm.raise(exc::VALUE_ERROR, "sep must be length 1."));
        }
        sep = given.first().copied();
    }
    // Groups are counted from the right, from the left for a negative number. MicroPython has none.
    let mut group = 1;
    if cfg!(feature = "extra")
        && let Some(&v) = args.get(2)
    {
        group = vm.index(v)?;
    }
    let (len, every) = (blob.len(vm), group.unsigned_abs());
    let mut out = StrBuilder::new();
    out.reserve(vm, len.saturating_mul(2 + usize::from(sep.is_some())));
    for i in 0..len {
        let from_edge = if group < 0 { i } else { len - i };
        let ends_group = !cfg!(feature = "extra") || every > 0 && from_edge % every == 0;
        if let Some(sep) = sep
            && i > 0
            && ends_group
        {
            out.push_byte(vm, sep);
        }
        let b = blob.bytes(vm).get(i).copied().unwrap_or(0);
        out.push_byte(vm, hex_digit(b >> 4));
        out.push_byte(vm, hex_digit(b));
        vm.tick_shared(8)?;
    }
    out.finish(vm, flavor)
}

static FROMHEX_FN: RomFn = RomFn::new(q::fromhex, NativeFn::F2(from_hex));
/// `fromhex` of `bytes` and `bytearray`.
pub(super) static FROMHEX: RomDescriptor = RomDescriptor::class_method(&FROMHEX_FN);
#[cfg(feature = "extra")]
static MAKETRANS_FN: RomFn = RomFn::new(q::maketrans, NativeFn::F2(bytes_maketrans));
/// `maketrans` of `bytes` and `bytearray`.
#[cfg(feature = "extra")]
pub(super) static MAKETRANS: RomDescriptor = RomDescriptor::static_method(&MAKETRANS_FN);

/// `bytes.fromhex(text)`: bytes from pairs of hexadecimal digits with white space between.
fn from_hex(vm: &mut Vm, class: Value, text: Value) -> Res {
    let is_array = vm.is_subclass(class, super::array::BYTEARRAY.value());
    let flavor = if is_array { Flavor::ByteArray } else { Flavor::Bytes };
    let text = vm.expect_bytes(text)?;
    unhex(vm, flavor, text)
}

/// The bytes that pairs of hexadecimal digits stand for; white space may stand between the pairs.
pub fn unhex(vm: &mut Vm, flavor: Flavor, text: Blob) -> Res {
    let mut out = StrBuilder::new();
    let mut at = 0;
    while let Some(&first) = text.bytes(vm).get(at) {
        at += 1;
        if !text::SPACE.has(first) {
            let second = text.bytes(vm).get(at).copied().unwrap_or(0);
            let digit = |b: u8| char::from(b).to_digit(16);
            let (Some(high), Some(low)) = (digit(first), digit(second)) else {
                return Err(vm.raise(exc::VALUE_ERROR, "non-hex digit"));
            };
            out.push_byte(vm, (high << 4 | low) as u8);
            at += 1;
        }
        vm.tick_shared(10)?;
    }
    out.finish(vm, flavor)
}

/// `translate(table, delete=b'')`: `table` has 256 bytes, or is `None`.
pub(super) fn bytes_translate(vm: &mut Vm, args: &[Value]) -> Res {
    let text = text::this(vm, args[0])?;
    let table = if args[1].is_none() { None } else { Some(text::arg(vm, text, args[1])?) };
    if table.is_some_and(|t| t.len(vm) != 256) {
        return Err(vm.raise(exc::VALUE_ERROR, "translation table must be 256 characters long"));
    }
    let mut kept = ByteSet::not_in(&[]);
    if !args[2].is_undef() {
        let bytes = text::arg(vm, text, args[2])?;
        kept = ByteSet::not_in(bytes.bytes(vm));
    }
    let mut out = StrBuilder::new();
    let len = text.len(vm);
    out.reserve(vm, len);
    for i in 0..len {
        let Some(&b) = text.bytes(vm).get(i) else { break };
        if kept.has(b) {
            let to = table.and_then(|t| t.bytes(vm).get(usize::from(b)).copied()).unwrap_or(b);
            out.push_byte(vm, to);
        }
        vm.tick(8)?;
    }
    out.finish(vm, text.flavor())
}

/// `bytes.maketrans(from, to)`: a table for `translate`.
fn bytes_maketrans(vm: &mut Vm, from: Value, to: Value) -> Res {
    let (from, to) = (vm.expect_bytes(from)?, vm.expect_bytes(to)?);
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
