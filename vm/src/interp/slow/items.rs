//! Subscripts. See the module above for what results mean.

use super::*;
use crate::exc;
use crate::object::{Args, ByteArray, Dict, List, PassingSlice, Slice, Str, TableRef, Tuple};
use crate::types::slice::Bounds;
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm, types};

/// Item of a list, `UNDEF` outside it.
#[inline(always)]
pub(in crate::interp) fn list_item(list: Value, i: isize) -> Value {
    // SAFETY: a List; its array has at least `length` values.
    unsafe {
        let l = List::from_known(list).raw();
        let len = (*l).length as usize;
        let at = if i < 0 { (i + len as isize) as usize } else { i as usize };
        if at < len {
            *(*l).array.object_ptr().add(8).cast::<Value>().add(at)
        } else {
            Value::UNDEF
        }
    }
}

/// Item of a tuple, `UNDEF` outside it. A negative place is outside here.
#[inline(always)]
pub(in crate::interp) fn tuple_item(tuple: Value, i: isize) -> Value {
    Tuple::from_known(tuple).items().get(i as usize).copied().unwrap_or(Value::UNDEF)
}

/// Stores an item of a list; false outside it.
#[inline(always)]
pub(in crate::interp) fn set_list_item(list: Value, i: isize, v: Value) -> bool {
    // SAFETY: as above; the task owns the GIL.
    unsafe {
        let l = List::from_known(list).raw();
        let len = (*l).length as usize;
        let at = if i < 0 { (i + len as isize) as usize } else { i as usize };
        if at < len {
            *(*l).array.object_ptr().add(8).cast::<Value>().add(at) = v;
        }
        at < len
    }
}

#[inline(never)]
pub(in crate::interp) fn load_item(vm: &mut Vm, obj: Value, index: Value, dst: *mut Value) -> Res {
    if !SHORTCUTS {
        return vm.get_item(obj, index);
    }
    match obj.kind() {
        Some(Kind::Dict) => {
            let d = Dict::from_known(obj);
            if let Some(v) = d.get(vm, index)? {
                return Ok(v);
            }
            if vm.type_of(obj) == types::dict::DICT.value() {
                return Err(vm.raise_with(exc::KEY_ERROR, &[index]));
            }
        }
        Some(Kind::Tuple) => {
            if let Some(i) = index.as_small_int() {
                let t = Tuple::from_known(obj);
                let at = if i < 0 { i + t.len() as isize } else { i };
                if let Some(&v) = t.items().get(at as usize) {
                    return Ok(v);
                }
            }
        }
        Some(Kind::Bytes | Kind::ByteArray) if index.is_small_int() => {
            if let Some(&mut b) = byte_at(vm, obj, index) {
                return Ok(Value::from_len(b as usize));
            }
        }
        Some(Kind::Str) => return types::str::str_get_item(vm, obj, index),
        Some(Kind::ByteArray) => return types::array::items_get_item(vm, obj, index),
        Some(Kind::Instance) => {
            let class = vm.type_of(obj);
            if let Some(f) = vm.lookup_in_class(class, q::__getitem__.value())
                && f.is_kind(Kind::Function)
            {
                return vm.begin_call(f, &Args::positional(&[obj, index]), &Target::register(dst));
            }
        }
        _ => {}
    }
    vm.get_item(obj, index)
}

/// `obj[start:stop:step]` of the three registers at `parts`.
#[inline(never)]
pub(in crate::interp) fn load_slice(vm: &mut Vm, obj: Value, parts: *const Value) -> Res {
    // SAFETY: three registers of the running frame.
    let parts = unsafe { [*parts, *parts.add(1), *parts.add(2)] };
    let mut load = || match obj.kind() {
        Some(Kind::List | Kind::Tuple | Kind::Str) if !SHORTCUTS => {
            vm.get_item(obj, PassingSlice::new(parts).value())
        }
        Some(Kind::List | Kind::Tuple) => {
            let bounds = Bounds::of_parts(vm, parts)?;
            types::sequence::part(vm, obj, bounds)
        }
        Some(Kind::Str) => {
            let bounds = Bounds::of_parts(vm, parts)?;
            types::str::part(vm, Str::from_known(obj), bounds)
        }
        // Subscriptions of these keep no hold of the index.
        Some(Kind::Bytes | Kind::ByteArray | Kind::MemoryView) => {
            vm.get_item(obj, PassingSlice::new(parts).value())
        }
        _ => {
            let [start, stop, step] = parts;
            let slice = Slice::alloc(vm, 0, start, stop, step)?;
            vm.get_item(obj, slice.value())
        }
    };
    load()
}

/// `obj[start:stop:step] = v` of the three registers at `parts`.
#[inline(never)]
pub(in crate::interp) fn store_slice(
    vm: &mut Vm,
    obj: Value,
    parts: *const Value,
    v: Value,
) -> Result<(), Raise> {
    // SAFETY: three registers of the running frame.
    let parts = unsafe { [*parts, *parts.add(1), *parts.add(2)] };
    if SHORTCUTS && let Some(list) = List::from_value(obj) {
        return types::list::replace_part(vm, list, parts, v);
    }
    if matches!(obj.kind(), Some(Kind::ByteArray | Kind::MemoryView | Kind::List)) {
        return vm.set_item(obj, PassingSlice::new(parts).value(), v);
    }
    let [start, stop, step] = parts;
    let slice = Slice::alloc(vm, 0, start, stop, step)?;
    vm.set_item(obj, slice.value(), v)
}

/// The place of a byte of `bytes` or a `bytearray`; `None` outside, and for arrays of other items.
fn byte_at<'a>(vm: &mut Vm, obj: Value, index: Value) -> Option<&'a mut u8> {
    let raw = match ByteArray::from_value(obj) {
        Some(a) if crate::object::aux(obj) == 0 => {
            let n = a.length(vm) as usize;
            &mut crate::object::raw_bytes(a.buffer(vm))[..n]
        }
        Some(_) => return None,
        None => crate::object::raw_bytes(obj),
    };
    let i = index.as_small_int()?;
    let at = if i < 0 { i + raw.len() as isize } else { i };
    raw.get_mut(at as usize)
}

/// `obj[index] = v` for all but a list's item.
#[inline(never)]
pub(in crate::interp) fn store_item(
    vm: &mut Vm,
    obj: Value,
    index: Value,
    v: Value,
) -> Result<(), Raise> {
    if !SHORTCUTS {
        return vm.set_item(obj, index, v);
    }
    match obj.kind() {
        Some(Kind::ByteArray) => {
            if let Some(n @ 0..=255) = v.as_small_int()
                && index.is_small_int()
                && let Some(place) = byte_at(vm, obj, index)
            {
                *place = n as u8;
                return Ok(());
            }
        }
        Some(Kind::Dict) if crate::object::aux(obj) & crate::object::READ_ONLY == 0 => {
            return Dict::from_known(obj).set(vm, index, v);
        }
        _ => {}
    }
    vm.set_item(obj, index, v)
}

#[inline(never)]
pub(in crate::interp) fn load_item_key(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    hint: *const Hint,
    dst: *mut Value,
) -> Res {
    if let Some(d) = Dict::from_value(obj)
        && let Some(v) = find_noted(vm, d, name, hint)
    {
        return Ok(v);
    }
    load_item(vm, obj, name, dst)
}

#[inline(never)]
pub(in crate::interp) fn store_item_key(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    value: Value,
    hint: *const Hint,
) -> Result<(), Raise> {
    if SHORTCUTS
        && let Some(d) = Dict::from_value(obj)
        && crate::object::aux(obj) & crate::object::READ_ONLY == 0
        && let Some(i) = TableRef::dict(d).find_name(vm, name)
    {
        note(hint, i);
        TableRef::dict(d).set_value(vm, i, value);
        return Ok(());
    }
    vm.set_item(obj, name, value)
}
