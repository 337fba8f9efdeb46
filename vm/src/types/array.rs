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
    Args, AttrOp, BinaryOp, Blob, Buffer, ByteArray, CompareOp, Flavor, List, MemoryView, Res,
    Slice, Str, StrBuilder, Style, item_size,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `bytearray`.
    pub static BYTEARRAY: bytearray, base super::OBJECT;
    slots {
        new: bytearray_new, repr: bytearray_repr, len: items_len, binary: bytes::text_binary,
        compare: items_compare, contains: bytes::bytes_contains, get_item: items_get_item,
        set_item: items_set_item, filled_by_init: true,
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
        new: array_new, repr: array_repr, len: items_len, binary: array_binary, compare: items_compare,
        get_item: items_get_item, set_item: items_set_item, attr: array_attr,
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
fn objects(vm: &Vm, v: Value) -> Option<List> {
    match ByteArray::from_value(v) {
        Some(a) if a.code() == b'O' => List::from_value(a.buffer(vm)),
        _ => None,
    }
}

/// The items of an array that is not one of objects.
fn items_of(vm: &mut Vm, a: ByteArray) -> Result<Items, Raise> {
    Items::expect(vm, a.value())
}

/// Number of items of a bytes-like object or an `array('O')`.
fn count(vm: &Vm, v: Value) -> usize {
    match objects(vm, v) {
        Some(list) => list.len(vm),
        None => Items::of(vm, v).map_or(0, |items| items.len(vm)),
    }
}

/// Item `i` of a bytes-like object or an `array('O')`; `UNDEF` beyond its end.
pub fn item_at(vm: &mut Vm, v: Value, i: usize) -> Res {
    if let Some(list) = objects(vm, v) {
        return Ok(list.get(vm, i).unwrap_or(Value::UNDEF));
    }
    match Items::of(vm, v) {
        Some(items) => items.load(vm, i),
        None => Ok(Value::UNDEF),
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
    let len = count(vm, a.value());
    selected(vm, a.value(), Selection { start: 0, step: 1, len })
}

/// Appends the bytes of an object.
pub(super) fn append_all(vm: &mut Vm, a: ByteArray, bytes: Blob) -> Res {
    let end = a.length(vm) as usize;
    a.splice(vm, end, end, bytes)?;
    Ok(Value::NONE)
}

/// The selected items of a bytes-like object: a new array or `bytes`, or another view.
fn selected(vm: &mut Vm, v: Value, selection: Selection) -> Res {
    let items = Items::expect(vm, v)?;
    let size = items.size();
    let (start, width) = (selection.start * size, selection.len * size);
    if selection.step != 1 {
        if cfg!(feature = "extra") {
            return every_nth(vm, items, selection);
        }
        return Err(only_steps_of_one(vm));
    }
    if let Some(view) = MemoryView::from_value(v) {
        return view.part(vm, start, selection.len);
    }
    let Some(a) = ByteArray::from_value(v) else {
        return items.blob().part(vm, start, start + width);
    };
    let new = ByteArray::new(vm, a.code(), width)?;
    new.write_part(vm, 0, items.blob(), start, start + width);
    Ok(new.value())
}

/// As `selected`, of items that are not in a row.
fn every_nth(vm: &mut Vm, items: Items, selection: Selection) -> Res {
    let Some(a) = ByteArray::from_value(items.blob().value()) else {
        if items.blob().value().is_kind(Kind::MemoryView) {
            return Err(only_steps_of_one(vm));
        }
        return super::str::gather(vm, items.blob(), selection);
    };
    let size = items.size();
    let new = ByteArray::new(vm, a.code(), selection.len * size)?;
    for i in 0..selection.len {
        let at = selection.at(i) * size;
        new.write_part(vm, i * size, items.blob(), at, at + size);
        vm.tick(10)?;
    }
    Ok(new.value())
}

// Looking at one.

fn bytearray_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    out.push_str(vm, "bytearray(b");
    let buffer = Buffer::of_array(ByteArray::from_known(v));
    vm.with_bytes(buffer, |vm, bytes| push_quoted(vm, out, bytes, false))?;
    out.push_str(vm, ")");
    Ok(())
}

fn array_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let a = ByteArray::from_known(v);
    out.push_str(vm, "array('");
    out.push_bytes(vm, &[a.code()]);
    out.push_str(vm, "'");
    let mut i = 0;
    while let item = item_at(vm, v, i)?
        && !item.is_undef()
    {
        out.push_str(vm, if i == 0 { ", [" } else { ", " });
        vm.format(item, out, Style::Repr)?;
        i += 1;
        vm.tick(10)?;
    }
    out.push_str(vm, if i == 0 { ")" } else { "])" });
    Ok(())
}

/// `len(v)` of what has items.
pub(super) fn items_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(count(vm, v))
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

/// `v[i]`, `v[i:j:k]` of what has items: `bytes`, `bytearray`, `array` and `memoryview`.
pub fn items_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    if let Some(i) = index.as_small_int() {
        // A negative index is far beyond every end.
        let item = item_at(vm, v, i as usize)?;
        if !item.is_undef() {
            return Ok(item);
        }
    }
    if let Some(slice) = Slice::from_value(index) {
        let bounds = Bounds::of(vm, slice)?;
        let len = count(vm, v);
        return selected(vm, v, bounds.select(len));
    }
    let name = vm.type_name(v);
    let at = vm.sequence_index(index, count(vm, v), name.value())?;
    match item_at(vm, v, at)? {
        item if item.is_undef() => Err(out_of_range(vm)),
        item => Ok(item),
    }
}

/// For an item that went while its index was looked at.
#[cold]
fn out_of_range(vm: &mut Vm) -> Raise {
    vm.raise(exc::INDEX_ERROR, "index out of range")
}

/// What a value compares with, as bits that two must share: bytes and arrays, and views with both.
fn comparable(v: Value) -> u8 {
    match v.kind() {
        Some(Kind::Bytes) => 1,
        Some(Kind::ByteArray) => 1 + u8::from(ByteArray::from_known(v).code() != 0),
        Some(Kind::MemoryView) => 3,
        _ => 0,
    }
}

/// Compares what has items: byte by byte where that is right, else item by item, lexicographically.
pub(super) fn items_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    let b = vm.native_part(b);
    if comparable(a) & comparable(b) == 0 {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    if let (Some(x), Some(y)) = (Items::of(vm, a), Items::of(vm, b))
        && x.code() == y.code()
        && (x.code() == b'B' || op == CompareOp::Eq && !is_float(x.code()))
    {
        let (x, y) = (x.blob().bytes(vm), y.blob().bytes(vm));
        return Ok(Value::bool(op.holds(x.cmp(y))));
    }
    let mut i = 0;
    loop {
        let (x, y) = (item_at(vm, a, i)?, item_at(vm, b, i)?);
        if x.is_undef() || y.is_undef() {
            return Ok(Value::bool(op.holds(y.is_undef().cmp(&x.is_undef()))));
        }
        if !vm.equal(x, y)? {
            return match op {
                CompareOp::Eq => Ok(Value::FALSE),
                _ => vm.compare(op, x, y),
            };
        }
        i += 1;
        vm.tick(10)?;
    }
}

/// The first item that equals a value.
fn find(vm: &mut Vm, v: Value, wanted: Value) -> Result<Option<usize>, Raise> {
    let mut i = 0;
    while let item = item_at(vm, v, i)?
        && !item.is_undef()
    {
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
    while let item = item_at(vm, a.value(), i)?
        && !item.is_undef()
    {
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
    match objects(vm, a.value()) {
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
    if let Some(list) = objects(vm, a.value()) {
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
    let n = count(vm, a.value()) - 1;
    let at = if i < 0 { n.saturating_sub(i.unsigned_abs()) } else { (i as usize).min(n) };
    a.bytes_mut(vm)[at * size..].rotate_right(size);
    Ok(Value::NONE)
}

/// `pop([i])`
fn array_pop(vm: &mut Vm, args: &[Value]) -> Res {
    let a = this(vm, args[0])?;
    let index = args.get(1).copied().unwrap_or(Value::int(-1));
    let len = count(vm, a.value());
    if len == 0 {
        return Err(vm.raise(exc::INDEX_ERROR, "pop from empty array"));
    }
    let at = vm.sequence_index(index, len, q::pop.value())?;
    let item = items_of(vm, a)?.load(vm, at)?;
    if item.is_undef() {
        return Err(out_of_range(vm));
    }
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
    if let Some(list) = objects(vm, a.value()) {
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

/// `v[i] = x`, `v[i:j:k] = items` of an array or a view; `UNDEF` deletes.
pub fn items_set_item(vm: &mut Vm, v: Value, index: Value, value: Value) -> Result<(), Raise> {
    let Some(items) = Items::of(vm, v) else {
        let list = objects(vm, v).map_or(Value::NONE, List::value);
        return vm.set_item(list, index, value);
    };
    // The usual case, without running Python.
    if let (Some(i), Some(n)) = (index.as_small_int(), value.as_small_int())
        && !is_float(items.code())
        && items.write(vm, i as usize, &(n as i64 as u64))
    {
        return Ok(());
    }
    let array = ByteArray::from_value(v);
    if value.is_undef() || !items.blob().is_writable(vm) {
        // MicroPython's arrays have no deletion.
        if cfg!(feature = "extra")
            && let Some(a) = array
        {
            return delete_items(vm, a, index);
        }
        return Err(vm.cannot_change_item(v, value));
    }
    if let Some(slice) = Slice::from_value(index) {
        let bounds = Bounds::of(vm, slice)?;
        let source = slice_source(vm, items, value)?;
        let selection = bounds.select(items.len(vm));
        return assign(vm, items, selection, source);
    }
    let mut word = 0;
    // May run Python, as may the index; what they leave of the items counts.
    items.encode(vm, value, &mut word)?;
    let name = vm.type_name(v);
    let at = vm.sequence_index(index, items.len(vm), name.value())?;
    if items.write(vm, at, &word) { Ok(()) } else { Err(out_of_range(vm)) }
}

/// `del a[i]`, `del a[i:j:k]`
fn delete_items(vm: &mut Vm, a: ByteArray, index: Value) -> Result<(), Raise> {
    if let Some(slice) = Slice::from_value(index) {
        let bounds = Bounds::of(vm, slice)?;
        let len = count(vm, a.value());
        return delete(vm, a, bounds.select(len));
    }
    let name = vm.type_name(a.value());
    let at = vm.sequence_index(index, count(vm, a.value()), name.value())?;
    cut(vm, a, at, 1)
}

/// What is assigned to a slice: items of the same size.
fn slice_source(vm: &mut Vm, items: Items, value: Value) -> Result<Blob, Raise> {
    if let Some(source) = Items::of(vm, value) {
        if source.size() == items.size() {
            return Ok(source.blob());
        }
        return Err(incompatible(vm));
    }
    // MicroPython takes nothing else.
    if items.is_bytearray() && cfg!(feature = "extra") && !value.is_kind(Kind::Str) {
        // A number is no sequence, though `bytearray(number)` makes one.
        let values = vm.iter(value)?;
        let made = bytes::construct(vm, Args::positional(&[values]), Flavor::ByteArray)?;
        return vm.expect_bytes(made);
    }
    Err(vm.raise(exc::TYPE_ERROR, "array/bytes required on right side"))
}

#[cold]
fn incompatible(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "lhs and rhs should be compatible")
}

fn assign(vm: &mut Vm, items: Items, selection: Selection, source: Blob) -> Result<(), Raise> {
    let v = items.blob().value();
    let size = items.size();
    let (start, width) = (selection.start * size, selection.len * size);
    let array = ByteArray::from_value(v);
    if selection.step != 1 {
        if cfg!(feature = "extra")
            && let Some(a) = array
        {
            return assign_every_nth(vm, a, selection, source);
        }
        return Err(only_steps_of_one(vm));
    }
    if let Some(a) = array {
        return a.splice(vm, start, start + width, source);
    }
    // A view gets as many as are replaced.
    if source.len(vm) != width {
        return Err(incompatible(vm));
    }
    let view = MemoryView::from_known(v);
    if let Some(base) = ByteArray::from_value(view.base(vm)) {
        base.write_part(vm, view.offset(vm) as usize + start, source, 0, width);
    }
    Ok(())
}

fn assign_every_nth(
    vm: &mut Vm,
    a: ByteArray,
    selection: Selection,
    source: Blob,
) -> Result<(), Raise> {
    let size = a.item_size();
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
