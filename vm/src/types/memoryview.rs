//! `memoryview`: a window on the bytes of another object.
//!
//! Source: Python Library Reference, "Memory Views". A view looks at one object from a fixed offset; when the object
//! shrinks, the view ends where the object does. Only slices of step 1 exist.

use super::array::{items_compare, items_get_item, items_len, items_set_item};
use super::bytes::bytes_hex;
use super::typecode::Items;
use crate::object::{Args, AttrOp, MemoryView, Res, Str, StrBuilder, Style, item_size};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `memoryview`.
    pub static MEMORYVIEW: memoryview, base super::OBJECT;
    slots {
        new: memoryview_new, repr: memoryview_repr, len: items_len, compare: items_compare,
        get_item: items_get_item, set_item: items_set_item, attr: memoryview_attr, is_final: true,
    }
    entries {
        #[cfg(feature = "extra")]
        cast = F2(memoryview_cast);
        #[cfg(feature = "extra")]
        hex = Var(1, 3, bytes_hex);
        #[cfg(not(feature = "extra"))]
        hex = Var(1, 2, bytes_hex);
        #[cfg(feature = "extra")]
        tobytes = F1(memoryview_tobytes);
        #[cfg(feature = "extra")]
        tolist = F1(memoryview_tolist);
        #[cfg(feature = "extra")]
        toreadonly = F1(memoryview_toreadonly);
    }
}

/// A view of `n` items from byte `offset` of `base`; `aux` as in the object.
fn view(vm: &mut Vm, aux: u16, base: Value, offset: usize, n: usize) -> Res {
    Ok(MemoryView::alloc(vm, aux, offset as u32, base, n as u32, 1)?.value())
}

fn aux_of(code: u8, writable: bool) -> u16 {
    u16::from(code) | if writable { MemoryView::WRITABLE } else { 0 }
}

/// `memoryview(object)`
fn memoryview_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let &[object, ..] = super::common::positional(vm, args, 1, 1)? else { return Ok(Value::NONE) };
    let whole = vm.expect_buffer(object)?;
    let items = Items::expect_any(vm, object)?;
    let aux = aux_of(items.code(), items.blob().is_writable(vm));
    let n = items.len(vm);
    view(vm, aux, whole.owner(), whole.start(), n)
}

fn this(vm: &mut Vm, v: Value) -> Result<MemoryView, Raise> {
    vm.expect::<MemoryView>(v, &MEMORYVIEW)
}

fn memoryview_repr(
    vm: &mut Vm,
    _v: Value,
    out: &mut StrBuilder,
    _style: Style,
) -> Result<(), Raise> {
    out.push_str(vm, "<memoryview>");
    Ok(())
}

impl MemoryView {
    /// `m[i:j]`: a view of `n` items that begins `start` bytes behind this one.
    pub(super) fn part(self, vm: &mut Vm, start: usize, n: usize) -> Res {
        let (base, offset) = (self.base(vm), self.offset(vm) as usize + start);
        view(vm, self.aux(), base, offset, n)
    }
}

fn memoryview_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let m = MemoryView::from_known(v);
    Ok(match name {
        _ if op != AttrOp::Load => Value::UNDEF,
        n if n == q::itemsize.value() => Value::from_len(m.item_size()),
        // That is all that MicroPython's have.
        _ if !cfg!(feature = "extra") => Value::UNDEF,
        n if n == q::nbytes.value() => Value::from_len(Items::expect(vm, v)?.blob().len(vm)),
        n if n == q::format.value() => vm.char_str(char::from(m.code()))?,
        n if n == q::readonly.value() => Value::bool(!m.is_writable()),
        n if n == q::obj.value() => m.base(vm),
        _ => Value::UNDEF,
    })
}

/// `tobytes()`
fn memoryview_tobytes(vm: &mut Vm, v: Value) -> Res {
    let m = this(vm, v)?;
    let items = Items::expect(vm, m.value())?;
    Ok(items.blob().to_bytes(vm)?.value())
}

/// `tolist()`
fn memoryview_tolist(vm: &mut Vm, v: Value) -> Res {
    let m = this(vm, v)?;
    Ok(vm.collect_list(m.value())?.value())
}

/// `toreadonly()`
fn memoryview_toreadonly(vm: &mut Vm, v: Value) -> Res {
    let m = this(vm, v)?;
    let (base, offset, n) = (m.base(vm), m.offset(vm), m.length(vm));
    view(vm, aux_of(m.code(), false), base, offset as usize, n as usize)
}

/// `cast(format)`: the same bytes as items of another type code.
fn memoryview_cast(vm: &mut Vm, v: Value, format: Value) -> Res {
    let m = this(vm, v)?;
    let format = vm.expect::<Str>(format, &super::str::STR)?;
    let code = match *format.as_bytes() {
        [code] if code != b'O' && item_size(code) > 0 => code,
        _ => return Err(vm.raise(exc::VALUE_ERROR, "bad typecode")),
    };
    let bytes = Items::expect(vm, m.value())?.blob().len(vm);
    if !bytes.is_multiple_of(item_size(code)) {
        return Err(vm.raise(exc::TYPE_ERROR, "memoryview: length is not a multiple of itemsize"));
    }
    let (base, offset) = (m.base(vm), m.offset(vm));
    view(vm, aux_of(code, m.is_writable()), base, offset as usize, bytes / item_size(code))
}
