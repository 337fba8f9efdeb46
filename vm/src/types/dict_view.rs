//! What `dict.keys()`, `.values()` and `.items()` return: views that follow the dictionary, not copies.
//!
//! Source: Python Library Reference, "Dictionary view objects".

use super::common;
use super::set;
use crate::object::{BinaryOp, CompareOp, Dict, DictView, Res, Set, StrBuilder, Style, Tuple};
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `dict_view`. aux of its objects: see the constants below.
    pub static DICT_VIEW: dict_view, base super::OBJECT;
    slots {
        repr: view_repr, len: view_len, hash: view_hash, binary: view_binary, compare: view_compare, contains: view_contains,
        is_final: true,
    }
    entries {
        #[cfg(feature = "extra")]
        __len__: common::LEN.rom();
        #[cfg(feature = "extra")]
        __contains__: common::CONTAINS.rom();
        #[cfg(feature = "extra")]
        __iter__: common::ITER.rom();
        #[cfg(feature = "extra")]
        __reversed__: common::REVERSED.rom();
    }
}

const KEYS: u16 = 0;
pub(super) const VALUES: u16 = 1;
const ITEMS: u16 = 2;

/// `dict.keys()`
pub(super) fn dict_keys(vm: &mut Vm, v: Value) -> Res {
    view(vm, v, KEYS)
}

/// `dict.values()`
pub(super) fn dict_values(vm: &mut Vm, v: Value) -> Res {
    view(vm, v, VALUES)
}

/// `dict.items()`
pub(super) fn dict_items(vm: &mut Vm, v: Value) -> Res {
    view(vm, v, ITEMS)
}

fn view(vm: &mut Vm, v: Value, what: u16) -> Res {
    let dict = super::dict::this(vm, v)?;
    Ok(DictView::alloc(vm, what, dict.value())?.value())
}

/// One of the constants above.
fn kind_of(v: Value) -> u16 {
    DictView::from_known(v).aux()
}

fn dict_of(vm: &Vm, v: Value) -> Dict {
    Dict::from_known(DictView::from_known(v).dict(vm))
}

/// `dict_keys([…])`, `dict_values([…])`, `dict_items([…])`
fn view_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let text: &[u8] = match kind_of(v) {
        KEYS => b"dict_keys([*])",
        VALUES => b"dict_values([*])",
        _ => b"dict_items([*])",
    };
    vm.push_parts(out, text, &[v])
}

fn view_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(dict_of(vm, v).len(vm))
}

fn view_contains(vm: &mut Vm, v: Value, item: Value) -> Result<bool, Raise> {
    let (what, dict) = (kind_of(v), dict_of(vm, v));
    if what == KEYS {
        return Ok(dict.get(vm, item)?.is_some());
    }
    if what == ITEMS && cfg!(feature = "extra") {
        let Some(pair) = vm.cast::<Tuple>(item) else { return Ok(false) };
        let &[key, value] = pair.items() else { return Ok(false) };
        return match dict.get(vm, key)? {
            Some(found) => vm.equal(found, value),
            None => Ok(false),
        };
    }
    let mut e = dict.entries();
    while e.advance(vm) {
        let shown = if what == VALUES { e.value } else { vm.new_tuple(&[e.key, e.value])? };
        if vm.equal(shown, item)? {
            return Ok(true);
        }
        vm.tick(5)?;
    }
    Ok(false)
}

/// By identity; a view that is like a set has none.
fn view_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    if is_set_like(v) {
        return Err(vm.raise(exc::TYPE_ERROR, "unsupported type for __hash__: 'dict_view'"));
    }
    Ok(v.bits() >> 4)
}

/// True for the views that behave like sets.
fn is_set_like(v: Value) -> bool {
    v.is_kind(Kind::DictView) && kind_of(v) != VALUES
}

/// `&`, `|`, `-`, `^` of keys or items with any iterable: a set.
fn view_binary(vm: &mut Vm, op: BinaryOp, a: Value, b: Value, _inplace: bool) -> Res {
    if !cfg!(feature = "extra") {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let is_set_op = matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Sub | BinaryOp::Xor);
    if !is_set_op || !(is_set_like(a) || is_set_like(b)) {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let x = set::collect_set(vm, a)?;
    let y = set::collect_set(vm, b)?;
    vm.binary(op, x.value(), y.value(), true)
}

/// As sets, for keys and items.
fn view_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    if !cfg!(feature = "extra")
        || !is_set_like(a)
        || !(is_set_like(b) || Set::from_value(b).is_some())
    {
        return Ok(Value::NOT_IMPLEMENTED);
    }
    let x = set::collect_set(vm, a)?;
    let y = set::collect_set(vm, b)?;
    vm.compare(op, x.value(), y.value())
}
