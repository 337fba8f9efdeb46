//! `bytearray` and `array.array`: items in a buffer that grows.
//!
//! Source: Python Library Reference, "Bytearray Objects" and "array". An `array('O')`, MicroPython's array of
//! objects, keeps them in a list; it has no bytes and can only be indexed, appended to and iterated over.

use super::bytes;
use super::slice::{Bounds, Selection};
use super::str::{only_steps_of_one, push_quoted};
use super::str_methods::METHODS;
use super::typecode::{Items, is_float};
use crate::object::{
    Args, AttrOp, BinaryOp, Blob, Buffer, ByteArray, CompareOp, Flavor, List, Res, Slice, Str,
    StrBuilder, Style, item_size,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `bytearray`.
    pub static BYTEARRAY: bytearray, base super::OBJECT;
    slots {
        new: bytearray_new, repr: bytearray_repr, len: array_len, binary: bytearray_binary,
        compare: bytes::bytes_compare, contains: bytes::bytes_contains, get_item: array_get_item,
        set_item: array_set_item,
    }
    entries {
        append = F2(array_append);
        #[cfg(feature = "extra")]
        clear = F1(array_clear);
        #[cfg(feature = "extra")]
        copy = F1(array_copy);
        decode = Kw(bytes::bytes_decode; _, encoding?, errors?);
        extend = F2(array_extend);
        fromhex: bytes::FROMHEX.rom();
        #[cfg(feature = "extra")]
        hex = Var(1, 3, bytes::bytes_hex);
        #[cfg(not(feature = "extra"))]
        hex = Var(1, 2, bytes::bytes_hex);
        #[cfg(feature = "extra")]
        insert = F3(array_insert);
        #[cfg(feature = "extra")]
        maketrans: bytes::MAKETRANS.rom();
        #[cfg(feature = "extra")]
        pop = Var(1, 2, array_pop);
        #[cfg(feature = "extra")]
        remove = F2(array_remove);
        #[cfg(feature = "extra")]
        reverse = F1(array_reverse);
        #[cfg(feature = "extra")]
        translate = Kw(bytes::bytes_translate; _, _, delete?);
    } shared METHODS
}

py_type! {
    /// `array.array`.
    pub static ARRAY: array, base super::OBJECT;
    slots {
        new: array_new, repr: array_repr, len: array_len, binary: array_binary, compare: array_compare,
        get_item: array_get_item, set_item: array_set_item, attr: array_attr,
    }
    entries {
        append = F2(array_append);
        #[cfg(feature = "extra")]
        byteswap = F1(array_byteswap);
        #[cfg(feature = "extra")]
        count = F2(array_count);
        extend = F2(array_extend);
        #[cfg(feature = "extra")]
        frombytes = F2(array_frombytes);
        #[cfg(feature = "extra")]
        fromlist = F2(array_extend);
        #[cfg(feature = "extra")]
        index = F2(array_index);
        #[cfg(feature = "extra")]
        insert = F3(array_insert);
        #[cfg(feature = "extra")]
        pop = Var(1, 2, array_pop);
        #[cfg(feature = "extra")]
        remove = F2(array_remove);
        #[cfg(feature = "extra")]
        reverse = F1(array_reverse);
        #[cfg(feature = "extra")]
        tobytes = F1(array_tobytes);
        #[cfg(feature = "extra")]
        tolist = F1(array_tolist);
    }
}

fn this(vm: &mut Vm, v: Value) -> Result<ByteArray, Raise> {
    match vm.cast::<ByteArray>(v) {
        Some(a) => Ok(a),
        None => Err(super::text::wrong_argument(vm, q::bytearray.value(), v)),
    }
}

/// The list of an `array('O')`.
fn objects(vm: &Vm, a: ByteArray) -> Option<List> {
    if a.code() == b'O' { List::from_value(a.buffer(vm)) } else { None }
}

/// The items of an array that is not one of objects.
fn items_of(vm: &mut Vm, a: ByteArray) -> Result<Items, Raise> {
    Items::expect(vm, a.value())
}

fn count(vm: &Vm, a: ByteArray) -> usize {
    match objects(vm, a) {
        Some(list) => list.len(vm),
        None => a.length(vm) as usize / a.item_size(),
    }
}

/// Item `i` of a bytes-like object; `None` beyond its end.
pub fn item_at(vm: &mut Vm, v: Value, i: usize) -> Result<Option<Value>, Raise> {
    if let Some(a) = ByteArray::from_value(v) {
        if a.code() == 0 {
            return Ok(a.bytes(vm).get(i).map(|&b| Value::from_len(usize::from(b))));
        }
        if let Some(list) = objects(vm, a) {
            return Ok(list.get(vm, i));
        }
    }
    match Items::of(vm, v) {
        Some(items) => items.load(vm, i),
        None => Ok(None),
    }
}

// Making one.

fn bytearray_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    bytes::construct(vm, args, Flavor::ByteArray)
}

/// `array(typecode[, initialiser])`
fn array_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let &[code, ref rest @ ..] = super::common::positional(vm, args, 1, 2)? else {
        return Ok(Value::NONE);
    };
    let code = vm.expect::<Str>(code, &super::str::STR)?;
    let code = match *code.as_bytes() {
        [code] if item_size(code) > 0 => code,
        _ => return Err(vm.raise(exc::VALUE_ERROR, "bad typecode")),
    };
    let a =
        if code == b'O' { ByteArray::new_of_objects(vm)? } else { ByteArray::new(vm, code, 0)? };
    if let Some(&source) = rest.first() {
        let raw = matches!(vm.native_part(source).kind(), Some(Kind::Bytes))
            || vm.cast::<ByteArray>(source).is_some_and(|b| b.code() == 0);
        if raw {
            array_frombytes(vm, a.value(), source)?;
        } else {
            array_extend(vm, a.value(), source)?;
        }
    }
    Ok(a.value())
}

/// `frombytes(buffer)`: appends the bytes as items.
fn array_frombytes(vm: &mut Vm, v: Value, source: Value) -> Res {
    let a = this(vm, v)?;
    let items = items_of(vm, a)?;
    let source = vm.expect_bytes(source)?;
    if !source.len(vm).is_multiple_of(items.size()) {
        return Err(vm.raise(exc::VALUE_ERROR, "bytes length not a multiple of item size"));
    }
    append_all(vm, a, source)
}

/// `copy()`
fn array_copy(vm: &mut Vm, v: Value) -> Res {
    let a = this(vm, v)?;
    let len = count(vm, a);
    selected(vm, a, Selection { start: 0, step: 1, len })
}

/// Appends the bytes of an object.
fn append_all(vm: &mut Vm, a: ByteArray, bytes: Blob) -> Res {
    let end = a.length(vm) as usize;
    a.splice(vm, end, end, bytes)?;
    Ok(Value::NONE)
}

/// A new array of the selected items.
fn selected(vm: &mut Vm, a: ByteArray, selection: Selection) -> Res {
    let items = items_of(vm, a)?;
    let size = items.size();
    // In a row, all are one large item.
    let (n, width) = match selection.step {
        1 => (1, selection.len * size),
        _ if cfg!(feature = "extra") => (selection.len, size),
        _ => return Err(only_steps_of_one(vm)),
    };
    let new = ByteArray::new(vm, a.code(), n * width)?;
    for i in 0..n {
        let at = selection.at(i) * size;
        new.write_part(vm, i * width, items.blob(), at, at + width);
        vm.tick(10)?;
    }
    Ok(new.value())
}

// Looking at one.

fn bytearray_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, "bytearray(b")?;
    let buffer = Buffer::of_array(ByteArray::from_known(v));
    vm.with_bytes(buffer, |vm, bytes| push_quoted(vm, out, bytes, false))?;
    out.push_str(vm, ")")
}

fn array_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let a = ByteArray::from_known(v);
    out.push_str(vm, "array('")?;
    out.push_bytes(vm, &[a.code()])?;
    out.push_str(vm, "'")?;
    let mut i = 0;
    while let Some(item) = item_at(vm, v, i)? {
        out.push_str(vm, if i == 0 { ", [" } else { ", " })?;
        vm.format(item, out, Style::Repr)?;
        i += 1;
        vm.tick(10)?;
    }
    out.push_str(vm, if i == 0 { ")" } else { "])" })
}

fn array_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(count(vm, ByteArray::from_known(v)))
}

fn array_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let a = ByteArray::from_known(v);
    Ok(match name {
        // MicroPython's have none.
        _ if op != AttrOp::Load || !cfg!(feature = "extra") => Value::UNDEF,
        n if n == q::typecode.value() => vm.char_str(char::from(a.code()))?,
        n if n == q::itemsize.value() => Value::from_len(a.item_size()),
        _ => Value::UNDEF,
    })
}

fn type_word(a: ByteArray) -> Value {
    if a.code() == 0 { q::bytearray.value() } else { q::array.value() }
}

/// `a[i]`, `a[i:j:k]`
pub fn array_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    let a = ByteArray::from_known(v);
    if let Some(i) = index.as_small_int()
        && i >= 0
        && let Some(item) = item_at(vm, v, i as usize)?
    {
        return Ok(item);
    }
    if let Some(slice) = Slice::from_value(index) {
        let bounds = Bounds::of(vm, slice)?;
        let len = count(vm, a);
        return selected(vm, a, bounds.select(len));
    }
    let at = vm.sequence_index(index, count(vm, a), type_word(a))?;
    match item_at(vm, v, at)? {
        Some(item) => Ok(item),
        None => Err(out_of_range(vm)),
    }
}

/// For an item that went while its index was looked at.
#[cold]
pub(super) fn out_of_range(vm: &mut Vm) -> Raise {
    vm.raise(exc::INDEX_ERROR, "index out of range")
}

/// Compares item by item, whatever their type codes.
fn array_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    if !vm.native_part(b).is_kind(Kind::ByteArray)
        || ByteArray::from_known(vm.native_part(b)).code() == 0
    {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    compare_items(vm, op, a, vm.native_part(b))
}

/// Compares two objects with items, lexicographically.
pub(super) fn compare_items(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    if let (Some(x), Some(y)) = (Items::of(vm, a), Items::of(vm, b)) {
        let code = x.code();
        if code == y.code() && (code == b'B' || op == CompareOp::Eq && !is_float(code)) {
            let (x, y) = (x.blob().bytes(vm), y.blob().bytes(vm));
            return Ok(Value::bool(op.holds(x.cmp(y))));
        }
    }
    let mut i = 0;
    loop {
        match (item_at(vm, a, i)?, item_at(vm, b, i)?) {
            (Some(x), Some(y)) => {
                if !vm.equal(x, y)? {
                    return if op == CompareOp::Eq {
                        Ok(Value::FALSE)
                    } else {
                        vm.compare(op, x, y)
                    };
                }
            }
            (x, y) => return Ok(Value::bool(op.holds(x.is_some().cmp(&y.is_some())))),
        }
        i += 1;
        vm.tick(10)?;
    }
}

/// The first item that equals a value.
fn find(vm: &mut Vm, v: Value, wanted: Value) -> Result<Option<usize>, Raise> {
    let mut i = 0;
    while let Some(item) = item_at(vm, v, i)? {
        if vm.equal(item, wanted)? {
            return Ok(Some(i));
        }
        i += 1;
        vm.tick(5)?;
    }
    Ok(None)
}

/// `index(x)`
fn array_index(vm: &mut Vm, v: Value, wanted: Value) -> Res {
    let a = this(vm, v)?;
    match find(vm, a.value(), wanted)? {
        Some(i) => Ok(Value::from_len(i)),
        None => Err(vm.raise(exc::VALUE_ERROR, "object not in sequence")),
    }
}

/// `count(x)`
fn array_count(vm: &mut Vm, v: Value, wanted: Value) -> Res {
    let a = this(vm, v)?;
    let (mut i, mut n) = (0, 0);
    while let Some(item) = item_at(vm, a.value(), i)? {
        n += usize::from(vm.equal(item, wanted)?);
        i += 1;
        vm.tick(5)?;
    }
    Ok(Value::from_len(n))
}

/// `tobytes()`
fn array_tobytes(vm: &mut Vm, v: Value) -> Res {
    Ok(vm.expect_buffer(v)?.to_bytes(vm)?.value())
}

/// `tolist()`
fn array_tolist(vm: &mut Vm, v: Value) -> Res {
    Ok(vm.collect_list(v)?.value())
}

// Changing one.

/// `append(x)`
fn array_append(vm: &mut Vm, v: Value, item: Value) -> Res {
    let a = this(vm, v)?;
    match objects(vm, a) {
        Some(list) => list.push(vm, item)?,
        None => push(vm, a, item)?,
    }
    Ok(Value::NONE)
}

fn push(vm: &mut Vm, a: ByteArray, item: Value) -> Result<(), Raise> {
    let items = items_of(vm, a)?;
    let mut word = 0;
    items.encode(vm, item, &mut word)?;
    let n = items.len(vm);
    a.resize(vm, (n + 1) * items.size())?;
    items.write(vm, n, &word);
    Ok(())
}

/// `extend(iterable)`
fn array_extend(vm: &mut Vm, v: Value, source: Value) -> Res {
    let a = this(vm, v)?;
    if let Some(list) = objects(vm, a) {
        vm.extend_list(list, source)?;
        return Ok(Value::NONE);
    }
    if let Some(bytes) = alike(vm, a, source) {
        return append_all(vm, a, bytes);
    }
    let iterator = vm.iter(source)?;
    while let Some(item) = vm.next(iterator)? {
        push(vm, a, item)?;
        vm.tick(10)?;
    }
    Ok(Value::NONE)
}

/// What can be copied into an array as it is: the same items; for a `bytearray` anything with bytes but a `str`.
fn alike(vm: &Vm, a: ByteArray, source: Value) -> Option<Blob> {
    if a.code() == 0 {
        return Blob::of(vm, source).filter(|b| b.str().is_none());
    }
    Items::of(vm, source).filter(|items| items.code() == a.code()).map(Items::blob)
}

/// `insert(i, x)`
fn array_insert(vm: &mut Vm, v: Value, index: Value, item: Value) -> Res {
    let a = this(vm, v)?;
    let i = super::slice::clamped_index(vm, index)?;
    push(vm, a, item)?;
    let size = a.item_size();
    let n = count(vm, a) - 1;
    let at = if i < 0 { n.saturating_sub(i.unsigned_abs()) } else { (i as usize).min(n) };
    a.bytes_mut(vm)[at * size..].rotate_right(size);
    Ok(Value::NONE)
}

/// `pop([i])`
fn array_pop(vm: &mut Vm, args: &[Value]) -> Res {
    let a = this(vm, args[0])?;
    let index = args.get(1).copied().unwrap_or(Value::int(-1));
    let len = count(vm, a);
    if len == 0 {
        return Err(vm.raise(exc::INDEX_ERROR, "pop from empty array"));
    }
    let at = vm.sequence_index(index, len, q::pop.value())?;
    let Some(item) = items_of(vm, a)?.load(vm, at)? else { return Err(out_of_range(vm)) };
    cut(vm, a, at, 1)?;
    Ok(item)
}

/// `remove(x)`
fn array_remove(vm: &mut Vm, v: Value, wanted: Value) -> Res {
    let a = this(vm, v)?;
    items_of(vm, a)?;
    match find(vm, a.value(), wanted)? {
        Some(at) => cut(vm, a, at, 1)?,
        None => return Err(vm.raise(exc::VALUE_ERROR, "object not in sequence")),
    }
    Ok(Value::NONE)
}

/// Removes `n` items, as far as they are there.
fn cut(vm: &mut Vm, a: ByteArray, at: usize, n: usize) -> Result<(), Raise> {
    let (size, len) = (a.item_size(), a.length(vm) as usize);
    a.splice(vm, (at * size).min(len), ((at + n) * size).min(len), Blob::empty())
}

/// `reverse()`
fn array_reverse(vm: &mut Vm, v: Value) -> Res {
    let a = this(vm, v)?;
    if let Some(list) = objects(vm, a) {
        list.items_mut(vm).reverse();
        return Ok(Value::NONE);
    }
    // All bytes, then those of each item back again.
    a.bytes_mut(vm).reverse();
    array_byteswap(vm, v)
}

/// `byteswap()`: reverses the bytes within each item.
fn array_byteswap(vm: &mut Vm, v: Value) -> Res {
    let a = this(vm, v)?;
    let size = a.item_size();
    if size > 1 {
        a.bytes_mut(vm).chunks_exact_mut(size).for_each(|item| item.reverse());
    }
    Ok(Value::NONE)
}

/// `clear()`
fn array_clear(vm: &mut Vm, v: Value) -> Res {
    this(vm, v)?.resize(vm, 0)?;
    Ok(Value::NONE)
}

/// `a[i] = x`, `a[i:j:k] = items`; `UNDEF` deletes.
pub fn array_set_item(vm: &mut Vm, v: Value, index: Value, value: Value) -> Result<(), Raise> {
    let a = ByteArray::from_known(v);
    // The usual case, without running Python.
    if let (Some(i), Some(n)) = (index.as_small_int(), value.as_small_int())
        && a.code() != b'O'
        && !is_float(a.code())
        && i >= 0
        && Items::of_array(a).write(vm, i as usize, &(n as i64 as u64))
    {
        return Ok(());
    }
    // MicroPython's arrays have no deletion.
    if value.is_undef() && !cfg!(feature = "extra") {
        return Err(vm.cannot_change_item(v, value));
    }
    if let Some(slice) = Slice::from_value(index) {
        items_of(vm, a)?;
        let bounds = Bounds::of(vm, slice)?;
        if value.is_undef() {
            let len = count(vm, a);
            return delete(vm, a, bounds.select(len));
        }
        let source = slice_source(vm, a, value)?;
        let len = count(vm, a);
        return assign(vm, a, bounds.select(len), source);
    }
    if let Some(list) = objects(vm, a) {
        return vm.set_item(list.value(), index, value);
    }
    let items = items_of(vm, a)?;
    let mut word = 0;
    if !value.is_undef() {
        // May run Python, as may the index; what they leave of the array counts.
        items.encode(vm, value, &mut word)?;
    }
    let at = vm.sequence_index(index, items.len(vm), type_word(a))?;
    if value.is_undef() {
        return cut(vm, a, at, 1);
    }
    if items.write(vm, at, &word) { Ok(()) } else { Err(out_of_range(vm)) }
}

/// What is assigned to a slice.
fn slice_source(vm: &mut Vm, a: ByteArray, value: Value) -> Result<Blob, Raise> {
    if let Some(bytes) = alike(vm, a, value) {
        return Ok(bytes);
    }
    // MicroPython takes nothing else.
    if a.code() != 0 || !cfg!(feature = "extra") {
        return Err(match Blob::of(vm, value) {
            Some(_) => vm.raise(exc::VALUE_ERROR, "lhs and rhs should be compatible"),
            None => vm.raise(exc::TYPE_ERROR, "array/bytes required on right side"),
        });
    }
    // A number is no sequence, though `bytearray(number)` makes one.
    let values = vm.iter(value)?;
    let made = bytes::construct(vm, Args::positional(&[values]), Flavor::ByteArray)?;
    vm.expect_bytes(made)
}

fn assign(vm: &mut Vm, a: ByteArray, selection: Selection, source: Blob) -> Result<(), Raise> {
    let size = a.item_size();
    if selection.step == 1 {
        let start = selection.start * size;
        return a.splice(vm, start, start + selection.len * size, source);
    }
    if !cfg!(feature = "extra") {
        return Err(only_steps_of_one(vm));
    }
    let n = source.len(vm) / size;
    if n == 0 {
        return delete(vm, a, selection);
    }
    if n != selection.len {
        return Err(vm.raise_fmt(
            exc::VALUE_ERROR,
            format_args!(
                "attempt to assign sequence of size {n} to extended slice of size {}",
                selection.len
            ),
        ));
    }
    // The source may be the array itself.
    let source = Blob::of_bytes(source.to_bytes(vm)?);
    for i in 0..n {
        a.write_part(vm, selection.at(i) * size, source, i * size, (i + 1) * size);
        vm.tick(10)?;
    }
    Ok(())
}

/// Deletes the selected items.
fn delete(vm: &mut Vm, a: ByteArray, selection: Selection) -> Result<(), Raise> {
    if selection.len == 0 {
        return Ok(());
    }
    let (first, last) = (selection.at(0), selection.at(selection.len - 1));
    let (first, last, every) = (first.min(last), first.max(last), selection.step.unsigned_abs());
    if every == 1 {
        return cut(vm, a, first, selection.len);
    }
    // Raises before anything has moved.
    let (size, len) = (a.item_size(), a.length(vm) as usize);
    let left = len - selection.len * size;
    if a.exports(vm) > 0 {
        return a.resize(vm, left);
    }
    let bytes = a.bytes_mut(vm);
    let mut to = first * size;
    for i in first..len / size {
        if i > last || (i - first) % every != 0 {
            bytes.copy_within(i * size..(i + 1) * size, to);
            to += size;
        }
    }
    a.resize(vm, left)
}

// Operators.

fn bytearray_binary(vm: &mut Vm, op: BinaryOp, lhs: Value, rhs: Value, inplace: bool) -> Res {
    if op == BinaryOp::Add
        && inplace
        && let Some(a) = ByteArray::from_value(lhs)
    {
        let Some(bytes) = alike(vm, a, rhs) else {
            return Err(vm.no_bytes());
        };
        append_all(vm, a, bytes)?;
        return Ok(lhs);
    }
    bytes::bytes_binary(vm, op, lhs, rhs, inplace)
}

/// `a + b`, `a += b`, `a * n`, `n * a`; MicroPython has the first two.
fn array_binary(vm: &mut Vm, op: BinaryOp, lhs: Value, rhs: Value, inplace: bool) -> Res {
    match (op, ByteArray::from_value(lhs), ByteArray::from_value(rhs)) {
        (BinaryOp::Add, Some(_), _) if inplace => {
            array_extend(vm, lhs, rhs)?;
            Ok(lhs)
        }
        (BinaryOp::Add, Some(a), Some(b)) if a.code() == b.code() => {
            let copy = array_copy(vm, lhs)?;
            array_extend(vm, copy, rhs)?;
            Ok(copy)
        }
        (BinaryOp::Mul, Some(a), None) if cfg!(feature = "extra") => times(vm, a, rhs),
        (BinaryOp::Mul, None, Some(a)) if cfg!(feature = "extra") => times(vm, a, lhs),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn times(vm: &mut Vm, a: ByteArray, n: Value) -> Res {
    let Some(n) = super::str::repeat_count(vm, n)? else { return Ok(Value::NOT_IMPLEMENTED) };
    let items = items_of(vm, a)?;
    let repeated = super::text::repeat(vm, Flavor::Bytes, items.blob(), n)?;
    let new = ByteArray::new(vm, a.code(), 0)?;
    let repeated = vm.expect_bytes(repeated)?;
    append_all(vm, new, repeated)?;
    Ok(new.value())
}
