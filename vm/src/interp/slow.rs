//! The uncommon cases of instructions: out of line, so that the dispatch loop stays small.
//!
//! Functions for results return a word: the value, `UNDEF` when an exception is on its way, `STOP` when a frame was
//! pushed whose result goes where the instruction wants it.

use super::call::Called;
use super::frame::cont;
use crate::exc;
use crate::object::{
    Args, BinaryOp, BoundMethod, ByteArray, Cell, Class, ClassFlags, Code, CompareOp, Descriptor,
    DescriptorKind, Dict, Exception, Function, Generator, Instance, IterKind, Iterator, List,
    NativeFn, Range, Res, RomFn, Set, Slice, Str, TableRef, Tuple, UnaryOp,
};
use crate::ops::iter::Cursor;
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, types};

/// A result as a word.
#[inline(always)]
pub(super) fn word(r: Res) -> Value {
    match r {
        Ok(v) => v,
        Err(_) => Value::UNDEF,
    }
}

fn called(r: Result<Called, Raise>) -> Value {
    match r {
        Ok(Called::Value(v)) => v,
        Ok(Called::Frame) => Value::STOP,
        Err(_) => Value::UNDEF,
    }
}

// ---- names

#[cold]
pub(super) fn unbound(vm: &mut Vm, name: Value) {
    let name = Str::from_known(name);
    let _ = vm.raise_fmt(
        exc::NAME_ERROR,
        format_args!("local variable '{}' referenced before assignment", name.as_str()),
    );
}

#[cold]
pub(super) fn unbound_free(vm: &mut Vm, name: Value) {
    unbound(vm, name);
}

#[inline(never)]
pub(super) fn load_global(vm: &mut Vm, globals: Dict, name: Value, hint: *mut u8) -> Value {
    let t = TableRef::dict(globals);
    if let Some(i) = t.find_name(vm, name) {
        note(hint, i);
        return t.value(vm, i);
    }
    if vm.shared().roots.builtin_overrides.is_undef() {
        // The hint of a name that no global hides is its place among the built-in ones.
        let builtins = crate::modules::builtins::BUILTINS.entries;
        // SAFETY: as in `note`.
        if let Some(e) = builtins.get(unsafe { *hint } as usize)
            && e.0.0 == name
        {
            return e.1.0;
        }
        if let Some(i) = builtins.iter().position(|e| e.0.0 == name) {
            note(hint, i);
            return builtins[i].1.0;
        }
    }
    word(load_builtin(vm, name))
}

/// Remembers where a name was found. A hint is only ever believed after a check.
fn note(hint: *mut u8, i: usize) {
    // SAFETY: the dispatch loop passes the hint byte of a constant of the running code.
    unsafe { *hint = if i < 256 { i as u8 } else { 255 } }
}

fn load_builtin(vm: &mut Vm, name: Value) -> Res {
    if let Some(over) = Dict::from_value(vm.shared().roots.builtin_overrides)
        && let Some(v) = over.get_name(vm, name)
        && v != Value::DELETED
    {
        return Ok(v);
    }
    let found = vm.lookup_builtin(name);
    match found {
        Some(v) => Ok(v),
        None => {
            let name = Str::from_known(name);
            Err(vm
                .raise_fmt(exc::NAME_ERROR, format_args!("name '{}' isn't defined", name.as_str())))
        }
    }
}

#[inline(never)]
pub(super) fn load_name(vm: &mut Vm, space: Value, name: Value, hint: *mut u8) -> Value {
    match Dict::from_value(space) {
        Some(d) => {
            let t = TableRef::dict(d);
            if let Some(i) = t.find_name(vm, name) {
                note(hint, i);
                return t.value(vm, i);
            }
        }
        None => {
            // A namespace made by __prepare__, or locals that are any mapping.
            match vm.get_item(space, name) {
                Ok(v) => return v,
                Err(_) if vm.catch(exc::KEY_ERROR) => {}
                Err(_) => return Value::UNDEF,
            }
        }
    }
    let globals = vm.current_globals();
    if let Some(v) = globals.get_name(vm, name) {
        return v;
    }
    word(load_builtin(vm, name))
}

#[inline(never)]
pub(super) fn store_in(
    vm: &mut Vm,
    dict: Dict,
    name: Value,
    value: Value,
    hint: *mut u8,
) -> Result<(), Raise> {
    let t = TableRef::dict(dict);
    match t.find_name(vm, name) {
        Some(i) => {
            note(hint, i);
            t.set_value(vm, i, value);
            Ok(())
        }
        None => dict.set_name(vm, name, value),
    }
}

#[inline(never)]
pub(super) fn store_name(
    vm: &mut Vm,
    space: Value,
    name: Value,
    value: Value,
    hint: *mut u8,
) -> Result<(), Raise> {
    match Dict::from_value(space) {
        Some(d) => store_in(vm, d, name, value, hint),
        None => vm.set_item(space, name, value),
    }
}

pub(super) fn delete_in(vm: &mut Vm, space: Value, name: Value) -> Result<(), Raise> {
    let removed = match Dict::from_value(space) {
        Some(d) => d.remove_name(vm, name),
        None => match vm.delete_item(space, name) {
            Ok(()) => true,
            Err(raise) => {
                if vm.catch(exc::KEY_ERROR) {
                    false
                } else {
                    return Err(raise);
                }
            }
        },
    };
    if removed {
        return Ok(());
    }
    let name = Str::from_known(name);
    Err(vm.raise_fmt(exc::NAME_ERROR, format_args!("name '{}' isn't defined", name.as_str())))
}

#[cold]
pub(super) fn load_class_free(vm: &mut Vm, space: Value, cell: Value, name: Value) -> Value {
    if let Some(d) = Dict::from_value(space)
        && let Some(v) = d.get_name(vm, name)
    {
        return v;
    }
    let v = cell_content(cell);
    if v.is_undef() {
        unbound_free(vm, name);
    }
    v
}

// ---- cells

pub(super) fn make_cell(vm: &mut Vm, content: Value) -> Value {
    word(Cell::alloc(vm, 0, content).map(|c| c.value()))
}

#[inline(always)]
pub(super) fn cell_content(cell: Value) -> Value {
    // SAFETY: the compiler puts cells only where it reads cells.
    unsafe { (*Cell::from_known(cell).raw()).content }
}

#[inline(always)]
pub(super) fn set_cell_content(cell: Value, content: Value) {
    // SAFETY: as above; the task owns the GIL.
    unsafe { (*Cell::from_known(cell).raw()).content = content }
}

// ---- attributes

#[inline(never)]
pub(super) fn load_attr(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    hint: *mut u8,
    dst: *mut Value,
) -> Value {
    if let Some(i) = Instance::from_value(obj) {
        let shape = vm.shape(i.shape_id());
        if let Some(at) = shape.find(name) {
            if shape.loads_plainly() {
                note(hint, at);
                return i.slot(vm, at);
            }
        } else if !shape.is_dict() {
            let class = Class::from_known(shape.class);
            if class.flags(vm) & ClassFlags::GETATTRIBUTE == 0
                && let Some(found) = vm.lookup_in_class(class.value(), name)
                && let Some(d) = Descriptor::from_value(found)
                && d.kind() == DescriptorKind::Property
            {
                let get = d.get(vm);
                if get.is_kind(Kind::Function) {
                    // A property's getter runs as a frame of its own.
                    return called(vm.begin_call(
                        get,
                        Args::positional(&[obj]),
                        dst,
                        0,
                        Value::UNDEF,
                    ));
                }
            }
        }
    }
    if let Some(m) = crate::object::Module::from_value(obj) {
        let globals = Dict::from_known(m.globals(vm));
        // SAFETY: as in `note`.
        if let Some(v) = TableRef::hinted(globals, unsafe { *hint }, name) {
            return v;
        }
        let t = TableRef::dict(globals);
        if let Some(i) = t.find_name(vm, name) {
            note(hint, i);
            return t.value(vm, i);
        }
    }
    word(vm.get_attr(obj, name))
}

#[inline(never)]
pub(super) fn store_attr(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    value: Value,
    hint: *mut u8,
) -> Result<(), Raise> {
    if let Some(i) = Instance::from_value(obj) {
        let shape = vm.shape(i.shape_id());
        let reserved = name == q::__class__.value() || name == q::__dict__.value();
        if shape.stores_plainly() && !reserved {
            let n = shape.len();
            let next = shape.first_child();
            // An `__init__` that runs again adds what it added to the instance before.
            if next != 0 && n < i.capacity() {
                let child = vm.shape(next);
                if child.len() > n && crate::object::array_items(child.keys)[n] == name {
                    i.set_slot(vm, n, value);
                    crate::object::set_aux(vm, obj, next);
                    return Ok(());
                }
            }
            if let Some(at) = shape.find(name) {
                note(hint, at);
                i.set_slot(vm, at, value);
                return Ok(());
            }
            return i.put(vm, name, value);
        }
    }
    vm.set_attr(obj, name, value)
}

#[inline(never)]
pub(super) fn load_method(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    hint: *mut u8,
    at: *mut Value,
) -> Result<(), Raise> {
    let put = |function: Value, receiver: Value| {
        // SAFETY: two registers of the running frame.
        unsafe {
            *at = function;
            *at.add(1) = receiver;
        }
    };
    match obj.kind() {
        Some(Kind::Instance) => {
            let i = Instance::from_known(obj);
            let shape = vm.shape(i.shape_id());
            let class = shape.class;
            if shape.loads_plainly() {
                if let Some(slot) = shape.find(name) {
                    put(i.slot(vm, slot), Value::UNDEF);
                    return Ok(());
                }
                if let Some(found) = vm.lookup_in_class(class, name) {
                    if found.is_kind(Kind::Function) {
                        vm.cache_method(i.shape_id(), name, found);
                        put(found, obj);
                        return Ok(());
                    }
                    if found.is_kind(Kind::RomFn) && crate::object::aux(found) != RomFn::FREE {
                        let receiver = vm.receiver_for(found, obj, class);
                        put(found, receiver);
                        return Ok(());
                    }
                }
            }
        }
        Some(Kind::Module) => {
            let globals = Dict::from_known(crate::object::Module::from_known(obj).globals(vm));
            // SAFETY: as in `note`.
            if let Some(v) = TableRef::hinted(globals, unsafe { *hint }, name) {
                put(v, Value::UNDEF);
                return Ok(());
            }
            if let Some(i) = TableRef::dict(globals).find_name(vm, name) {
                note(hint, i);
            }
        }
        Some(Kind::Class | Kind::RomType | Kind::RomModule | Kind::Super) => {}
        _ => {
            let class = vm.type_of(obj);
            if let Some(found) = vm.lookup_in_class(class, name)
                && (found.is_kind(Kind::Function)
                    || found.is_kind(Kind::RomFn) && crate::object::aux(found) != RomFn::FREE)
                && !(obj.is_kind(Kind::Exception))
            {
                put(found, obj);
                return Ok(());
            }
        }
    }
    let v = vm.get_attr(obj, name)?;
    // A bound method that was just made is taken apart again.
    match BoundMethod::from_value(v) {
        Some(m) => put(m.function(vm), m.receiver(vm)),
        None => put(v, Value::UNDEF),
    }
    Ok(())
}

#[inline(never)]
pub(super) fn load_special(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    at: *mut Value,
) -> Result<(), Raise> {
    let class = vm.type_of(obj);
    let found = match vm.lookup_in_class(class, name) {
        Some(f) => Some(vm.bind_to(f, obj, class)?),
        None if obj.is_kind(Kind::Instance) => None,
        None => vm.find_attr(obj, name)?,
    };
    let Some(v) = found else { return Err(vm.no_attribute(obj, name)) };
    let (function, receiver) = match BoundMethod::from_value(v) {
        Some(m) => (m.function(vm), m.receiver(vm)),
        None => (v, Value::UNDEF),
    };
    // SAFETY: two registers of the running frame.
    unsafe {
        *at = function;
        *at.add(1) = receiver;
    }
    Ok(())
}

#[inline(never)]
pub(super) fn load_super(
    vm: &mut Vm,
    class: Value,
    obj: Value,
    name: Value,
    at: *mut Value,
) -> Result<(), Raise> {
    let (function, receiver) = match vm.find_after(class, obj, name)? {
        Some((found, object, _)) => {
            if found.is_kind(Kind::Function) && !obj.is_kind(Kind::Class) {
                (found, object)
            } else {
                let own = vm.type_of(obj);
                let v = if obj.is_kind(Kind::Class) && !vm.is_subclass(own, class) {
                    vm.bind_to_class(found, obj)?
                } else {
                    vm.bind_to(found, object, own)?
                };
                match BoundMethod::from_value(v) {
                    Some(m) => (m.function(vm), m.receiver(vm)),
                    None => (v, Value::UNDEF),
                }
            }
        }
        None => {
            let name = Str::from_known(name);
            return Err(vm.raise_fmt(
                exc::ATTRIBUTE_ERROR,
                format_args!("'super' object has no attribute '{}'", name.as_str()),
            ));
        }
    };
    // SAFETY: two registers of the running frame.
    unsafe {
        *at = function;
        *at.add(1) = receiver;
    }
    Ok(())
}

// ---- items

/// Item of a list, `UNDEF` outside it.
#[inline(always)]
pub(super) fn list_item(list: Value, i: isize) -> Value {
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

/// Stores an item of a list; false outside it.
#[inline(always)]
pub(super) fn set_list_item(list: Value, i: isize, v: Value) -> bool {
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
pub(super) fn load_item(vm: &mut Vm, obj: Value, index: Value, dst: *mut Value) -> Value {
    match obj.kind() {
        Some(Kind::Dict) => {
            let d = Dict::from_known(obj);
            match d.get(vm, index) {
                Ok(Some(v)) => return v,
                Ok(None) if vm.type_of(obj) == types::dict::DICT.value() => {
                    let _ = vm.raise_with(exc::KEY_ERROR, &[index]);
                    return Value::UNDEF;
                }
                Ok(None) => {}
                Err(_) => return Value::UNDEF,
            }
        }
        Some(Kind::Tuple) => {
            if let Some(i) = index.as_small_int() {
                let t = Tuple::from_known(obj);
                let at = if i < 0 { i + t.len() as isize } else { i };
                if let Some(&v) = t.items().get(at as usize) {
                    return v;
                }
            }
        }
        Some(Kind::Bytes | Kind::ByteArray) if index.is_small_int() => {
            if let Some(&mut b) = byte_at(vm, obj, index) {
                return Value::from_len(b as usize);
            }
        }
        Some(Kind::Str) => return word(types::str::str_get_item(vm, obj, index)),
        Some(Kind::ByteArray) => return word(types::array::array_get_item(vm, obj, index)),
        Some(Kind::Instance) => {
            let class = vm.type_of(obj);
            if let Some(f) = vm.lookup_in_class(class, q::__getitem__.value())
                && f.is_kind(Kind::Function)
            {
                return called(vm.begin_call(
                    f,
                    Args::positional(&[obj, index]),
                    dst,
                    0,
                    Value::UNDEF,
                ));
            }
        }
        _ => {}
    }
    word(vm.get_item(obj, index))
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
pub(super) fn store_item(vm: &mut Vm, obj: Value, index: Value, v: Value) -> Result<(), Raise> {
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
pub(super) fn load_item_key(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    hint: *mut u8,
    dst: *mut Value,
) -> Value {
    if let Some(d) = Dict::from_value(obj) {
        let t = TableRef::dict(d);
        if let Some(i) = t.find_name(vm, name) {
            note(hint, i);
            return t.value(vm, i);
        }
    }
    load_item(vm, obj, name, dst)
}

#[inline(never)]
pub(super) fn store_item_key(
    vm: &mut Vm,
    obj: Value,
    name: Value,
    value: Value,
    hint: *mut u8,
) -> Result<(), Raise> {
    if let Some(d) = Dict::from_value(obj)
        && crate::object::aux(obj) & crate::object::READ_ONLY == 0
        && let Some(i) = TableRef::dict(d).find_name(vm, name)
    {
        note(hint, i);
        TableRef::dict(d).set_value(vm, i, value);
        return Ok(());
    }
    vm.set_item(obj, name, value)
}

// ---- arithmetic

#[inline(always)]
pub(super) fn floor_div(a: isize, b: isize) -> Option<isize> {
    if b == 0 {
        return None;
    }
    let n = a.checked_div(b)?;
    let n = if a % b != 0 && (a < 0) != (b < 0) { n - 1 } else { n };
    n.checked_mul(2)
}

#[inline(always)]
pub(super) fn floor_mod(a: isize, b: isize) -> Option<isize> {
    if b == 0 {
        return None;
    }
    let m = a.checked_rem(b)?;
    Some(if m != 0 && (m < 0) != (b < 0) { m + b } else { m } << 1)
}

/// `a` is tagged.
#[inline(always)]
pub(super) fn shift_left(a: isize, by: isize) -> Option<isize> {
    if !(0..isize::BITS as isize - 1).contains(&by) {
        return None;
    }
    let n = a << by;
    if n >> by == a { Some(n) } else { None }
}

/// `a` is tagged.
#[inline(always)]
pub(super) fn shift_right(a: isize, by: isize) -> Option<isize> {
    if by < 0 {
        return None;
    }
    Some(a >> by.min(isize::BITS as isize - 1) & !1)
}

#[inline(never)]
pub(super) fn binary(vm: &mut Vm, op: u8, lhs: Value, rhs: Value, inplace: bool) -> Value {
    if lhs.is_kind(Kind::Float)
        && let Some(v) = types::float::fast_binary(vm, op, lhs, rhs)
    {
        return word(v);
    }
    word(vm.binary(BinaryOp::ALL[op as usize], lhs, rhs, inplace))
}

#[cold]
pub(super) fn unary(vm: &mut Vm, op: u8, v: Value) -> Value {
    let op = match op {
        0 => UnaryOp::Neg,
        1 => UnaryOp::Pos,
        _ => UnaryOp::Invert,
    };
    if let Some(n) = v.as_small_int() {
        let r = match op {
            UnaryOp::Neg => Value::small_int(-n),
            UnaryOp::Pos => Some(v),
            _ => Value::small_int(!n),
        };
        if let Some(r) = r {
            return r;
        }
    }
    word(vm.unary(op, v))
}

#[inline(never)]
pub(super) fn compare(vm: &mut Vm, op: CompareOp, lhs: Value, rhs: Value) -> Value {
    if let (Some(a), Some(b)) = (Str::from_value(lhs), Str::from_value(rhs)) {
        match op {
            CompareOp::Eq => return Value::bool(a.equals(b)),
            CompareOp::Ne => return Value::bool(!a.equals(b)),
            _ => {}
        }
    }
    if let Some(truth) = types::float::fast_compare(vm, op, lhs, rhs) {
        return Value::bool(truth);
    }
    word(vm.compare(op, lhs, rhs))
}

#[inline(never)]
pub(super) fn compare_truth(
    vm: &mut Vm,
    op: CompareOp,
    lhs: Value,
    rhs: Value,
) -> Result<bool, Raise> {
    if let (Some(a), Some(b)) = (Str::from_value(lhs), Str::from_value(rhs)) {
        match op {
            CompareOp::Eq => return Ok(a.equals(b)),
            CompareOp::Ne => return Ok(!a.equals(b)),
            _ => {}
        }
    }
    if let Some(truth) = types::float::fast_compare(vm, op, lhs, rhs) {
        return Ok(truth);
    }
    let v = vm.compare(op, lhs, rhs)?;
    vm.truth(v)
}

// ---- iteration

#[inline(never)]
pub(super) fn get_iter(vm: &mut Vm, src: Value, at: *mut Value) -> Result<(), Raise> {
    let put = |a: Value, b: Value, c: Value| {
        // SAFETY: three registers of the running frame.
        unsafe {
            *at = a;
            *at.add(1) = b;
            *at.add(2) = c;
        }
    };
    match src.kind() {
        Some(Kind::Range) => {
            let r = Range::from_known(src);
            let (start, stop, step) = (r.start(vm), r.stop(vm), r.step(vm));
            if start.is_small_int() && stop.is_small_int() && step.is_small_int() {
                put(step, start, stop);
                return Ok(());
            }
        }
        Some(Kind::List | Kind::Tuple) => {
            put(src, Value::int(0), Value::UNDEF);
            return Ok(());
        }
        _ => {}
    }
    let [a, b, c] = vm.cursor(src)?.0;
    put(a, b, c);
    Ok(())
}

/// The next item of a loop that is not over a range or list. `STOP` at the end, `UNDEF` raised, `DELETED` when the
/// generator's frame was pushed.
#[inline(never)]
pub(super) fn for_next(vm: &mut Vm, t: *mut Value, dst: *mut Value) -> Value {
    // SAFETY: three registers of the running frame.
    let (source, at) = unsafe { (*t, *t.add(1)) };
    match source.kind() {
        Some(Kind::Tuple) => {
            let i = at.as_small_int().unwrap_or(0) as usize;
            match Tuple::from_known(source).items().get(i) {
                Some(&v) => {
                    // SAFETY: as above.
                    unsafe { *t.add(1) = Value::from_len(i + 1) };
                    v
                }
                None => Value::STOP,
            }
        }
        Some(Kind::Generator) if !Generator::from_known(source).is_pended() => {
            let g = Generator::from_known(source);
            if vm.push_suspended(g, dst, cont::FOR_NEXT) {
                return Value::DELETED;
            }
            if g.state() == Generator::DONE {
                return Value::STOP;
            }
            if vm.is_pending() && vm.safe_point().is_err() {
                return Value::UNDEF;
            }
            match vm
                .deliver(g, Value::NONE)
                .and_then(|()| vm.push_generator(g, dst, cont::FOR_NEXT))
            {
                Ok(()) => Value::DELETED,
                Err(_) => Value::UNDEF,
            }
        }
        Some(Kind::Iterator) => {
            let it = Iterator::from_known(source);
            if it.kind() == IterKind::List && it.a(vm).is_object() {
                let i = it.b(vm).as_small_int().unwrap_or(0);
                let v = list_item(it.a(vm), i);
                if !v.is_undef() {
                    it.set_b(vm, Value::from_len(i as usize + 1));
                    return v;
                }
            }
            word(vm.builtin_next(it))
        }
        _ => {
            // SAFETY: as above; the cursor works on a copy.
            unsafe {
                let mut c = Cursor([source, at, *t.add(2)]);
                let item = word(vm.cursor_word(&mut c));
                *t.add(1) = c.0[1];
                item
            }
        }
    }
}

// ---- calls

/// A call with its arguments in the window: `n` of them from `base + skip`, the last ones named by `names` if that is
/// a tuple. `base[0]` is the callee; the registers between it and the arguments may be overwritten.
#[inline(never)]
pub(super) fn call(
    vm: &mut Vm,
    base: *mut Value,
    skip: usize,
    n: usize,
    names: Value,
    dst: *mut Value,
) -> Value {
    // SAFETY: registers of the running frame; the compiler reserved `skip + n` of them from `base`.
    unsafe {
        let mut callee = *base;
        let (mut skip, mut n) = (skip, n);
        let mut flags = 0;
        let mut extra = Value::UNDEF;
        if let Some(m) = BoundMethod::from_value(callee) {
            callee = m.function(vm);
            skip -= 1;
            n += 1;
            *base.add(skip) = m.receiver(vm);
        } else if let Some(class) = Class::from_value(callee) {
            // A plain class with an __init__ in Python: the frame of __init__ is the call's.
            let plain = ClassFlags::NEW | ClassFlags::EXCEPTION | ClassFlags::METACLASS;
            if class.flags(vm) & plain == 0
                && class.has(vm, ClassFlags::INIT)
                && class.native_base(vm).is_undef()
                && class.metaclass(vm) == types::TYPE.value()
                && let Some(init) = vm.lookup_in_class(callee, q::__init__.value())
                && init.is_kind(Kind::Function)
            {
                let instance = match Instance::new(vm, class, Value::UNDEF) {
                    Ok(i) => i.value(),
                    Err(_) => return Value::UNDEF,
                };
                callee = init;
                skip -= 1;
                n += 1;
                *base.add(skip) = instance;
                flags = cont::INIT;
                extra = instance;
            }
        }
        if names.is_undef()
            && let Some(f) = Function::from_value(callee)
            && f.code().get().plain_args as usize == n
            && vm.push_plain(f, base.add(skip), dst, flags, extra)
        {
            return Value::STOP;
        }
        let all = core::slice::from_raw_parts(base.add(skip), n);
        let tuple = Tuple::from_value(names);
        let names = tuple.as_ref().map_or(&[][..], |t| t.items());
        let (pos, values) = all.split_at(n - names.len());
        called(vm.begin_call(callee, Args { pos, names, values }, dst, flags, extra))
    }
}

/// A call of a native function with positional arguments.
#[inline(never)]
pub(super) fn call_native(vm: &mut Vm, callee: Value, args: *const Value, n: usize) -> Value {
    // SAFETY: `n` registers of the running frame.
    let args = unsafe { core::slice::from_raw_parts(args, n) };
    let Some(f) = RomFn::from_value(callee) else { return Value::UNDEF };
    word(match (f.call, args) {
        (NativeFn::F1(f), &[a]) => f(vm, a),
        (NativeFn::F2(f), &[a, b]) => f(vm, a, b),
        _ => vm.call_native(f, Args::positional(args)),
    })
}

#[inline(never)]
pub(super) fn call_ex(
    vm: &mut Vm,
    callee: Value,
    pos: Value,
    kwargs: Value,
    dst: *mut Value,
) -> Value {
    called(vm.begin_call_ex(callee, pos, kwargs, dst, 0))
}

#[inline(never)]
pub(super) fn make_function(vm: &mut Vm, code: Value, at: *mut Value) -> Value {
    let code = Code::from_known(code);
    let globals = vm.current_globals();
    // SAFETY: the compiler put defaults and cells there.
    let (defaults, kw_defaults, cells) = unsafe {
        (*at, *at.add(1), core::slice::from_raw_parts(at.add(2), code.get().n_free as usize))
    };
    word(Function::new(vm, code, globals.value(), defaults, kw_defaults, cells).map(|f| f.value()))
}

// ---- generators and coroutines

/// One step of `yield from`.
pub(super) enum Step {
    Yielded(Value),
    Ended(Value),
}

#[inline(never)]
pub(super) fn yield_from(vm: &mut Vm, inner: Value, sent: Value) -> Result<Step, Raise> {
    if let Some(g) = Generator::from_value(inner) {
        return Ok(match vm.resume(g, sent)? {
            super::Resumed::Yielded(v) => Step::Yielded(v),
            super::Resumed::Returned(v) => Step::Ended(v),
        });
    }
    vm.stop_argument = Value::NONE;
    let r = if sent.is_none() {
        match vm.call_python_method(inner, q::__next__.value(), &[]) {
            Ok(Some(v)) => Ok(v),
            Ok(None) => match vm.next_word(inner) {
                Ok(Value::STOP) => return Ok(Step::Ended(vm.stop_argument)),
                other => other,
            },
            Err(raise) => Err(raise),
        }
    } else {
        vm.call_method(inner, q::send.value(), &[sent])
    };
    match r {
        Ok(v) => Ok(Step::Yielded(v)),
        Err(raise) => match vm.returned_by_stop(raise)? {
            super::Resumed::Yielded(v) => Ok(Step::Yielded(v)),
            super::Resumed::Returned(v) => Ok(Step::Ended(v)),
        },
    }
}

pub(super) fn get_yield_iter(vm: &mut Vm, v: Value) -> Value {
    if v.is_kind(Kind::Generator) {
        return v;
    }
    word(vm.iter(v))
}

pub(super) fn get_awaitable(vm: &mut Vm, v: Value) -> Value {
    if v.is_kind(Kind::Generator) {
        return v;
    }
    match vm.find_attr(v, q::__await__.value()) {
        Ok(Some(f)) => word(vm.call(f, &[])),
        Ok(None) => word(vm.iter(v)),
        Err(_) => Value::UNDEF,
    }
}

pub(super) fn get_aiter(vm: &mut Vm, v: Value) -> Value {
    word(vm.call_method(v, q::__aiter__.value(), &[]))
}

pub(super) fn get_anext(vm: &mut Vm, v: Value) -> Value {
    match vm.call_method(v, q::__anext__.value(), &[]) {
        Ok(a) => get_awaitable(vm, a),
        Err(_) => Value::UNDEF,
    }
}

// ---- building

pub(super) fn build_set(vm: &mut Vm, items: &[Value]) -> Value {
    let set = match vm.new_set() {
        Ok(s) => s,
        Err(_) => return Value::UNDEF,
    };
    for &v in items {
        if set.add(vm, v).is_err() {
            return Value::UNDEF;
        }
    }
    set.value()
}

pub(super) fn build_dict(vm: &mut Vm, items: &[Value]) -> Value {
    let dict = match vm.new_dict_with_capacity(items.len() / 2) {
        Ok(d) => d,
        Err(_) => return Value::UNDEF,
    };
    for pair in items.chunks_exact(2) {
        if dict.set(vm, pair[0], pair[1]).is_err() {
            return Value::UNDEF;
        }
    }
    dict.value()
}

pub(super) fn build_slice(vm: &mut Vm, start: Value, stop: Value, step: Value) -> Value {
    word(Slice::alloc(vm, 0, start, stop, step).map(|s| s.value()))
}

pub(super) fn build_string(vm: &mut Vm, items: &[Value]) -> Value {
    word(types::str::concat(vm, items))
}

pub(super) fn format_value(vm: &mut Vm, value: Value, spec: Value, conv: u8) -> Value {
    word(types::str::format_value(vm, value, spec, conv))
}

pub(super) fn build_template(vm: &mut Vm, strings: Value, interpolations: Value) -> Value {
    word(types::template::new_template(vm, strings, interpolations))
}

pub(super) fn build_interpolation(
    vm: &mut Vm,
    value: Value,
    expression: Value,
    conv: u8,
    spec: Value,
) -> Value {
    word(types::template::new_interpolation(vm, value, expression, conv, spec))
}

#[inline]
pub(super) fn list_append(vm: &mut Vm, list: Value, v: Value) -> Result<(), Raise> {
    List::from_known(list).push(vm, v)
}

pub(super) fn list_extend(vm: &mut Vm, list: Value, v: Value) -> Result<(), Raise> {
    vm.extend_list(List::from_known(list), v)
}

pub(super) fn list_to_tuple(vm: &mut Vm, list: Value) -> Value {
    let list = List::from_known(list);
    let items = crate::object::array_items(list.array(vm));
    let n = list.len(vm);
    word(vm.new_tuple(&items[..n]))
}

pub(super) fn set_add(vm: &mut Vm, set: Value, v: Value) -> Result<(), Raise> {
    Set::from_known(set).add(vm, v)
}

pub(super) fn set_update(vm: &mut Vm, set: Value, v: Value) -> Result<(), Raise> {
    let it = vm.iter(v)?;
    while let Some(item) = vm.next(it)? {
        Set::from_known(set).add(vm, item)?;
    }
    Ok(())
}

pub(super) fn dict_set(vm: &mut Vm, dict: Value, key: Value, v: Value) -> Result<(), Raise> {
    Dict::from_known(dict).set(vm, key, v)
}

pub(super) fn dict_update(
    vm: &mut Vm,
    dict: Value,
    source: Value,
    merge: bool,
) -> Result<(), Raise> {
    let dict = Dict::from_known(dict);
    let add = |vm: &mut Vm, key: Value, value: Value| -> Result<(), Raise> {
        if merge {
            let Some(name) = vm.cast::<Str>(key) else {
                return Err(vm.raise(exc::TYPE_ERROR, "keywords must be strings"));
            };
            let name = vm.intern_str(name)?;
            if dict.get_name(vm, name).is_some() {
                let name = Str::from_known(name);
                return Err(vm.raise_fmt(
                    exc::TYPE_ERROR,
                    format_args!("function got multiple values for argument '{}'", name.as_str()),
                ));
            }
            return dict.set_name(vm, name, value);
        }
        dict.set(vm, key, value)
    };
    if let Some(other) = vm.cast::<Dict>(source) {
        let mut from = 0;
        while let Some((i, key, value)) = other.entry(vm, from) {
            from = i + 1;
            add(vm, key, value)?;
        }
        return Ok(());
    }
    let Some(keys) = vm.find_attr(source, q::keys.value())? else {
        let name = vm.type_name(source);
        return Err(vm.raise_fmt(
            exc::TYPE_ERROR,
            format_args!("'{}' object is not a mapping", name.as_str()),
        ));
    };
    let keys = vm.call(keys, &[])?;
    let it = vm.iter(keys)?;
    while let Some(key) = vm.next(it)? {
        let value = vm.get_item(source, key)?;
        add(vm, key, value)?;
    }
    Ok(())
}

#[inline(never)]
pub(super) fn unpack(vm: &mut Vm, src: Value, at: *mut Value, n: usize) -> Result<(), Raise> {
    let put = |i: usize, v: Value| {
        // SAFETY: `n` registers of the running frame from `at`.
        unsafe { *at.add(i) = v }
    };
    if let Some(t) = Tuple::from_value(src) {
        if t.len() != n {
            return Err(wrong_length(vm, t.len(), n));
        }
        for (i, &v) in t.items().iter().enumerate() {
            put(i, v);
        }
        return Ok(());
    }
    if let Some(l) = List::from_value(src) {
        if l.len(vm) != n {
            return Err(wrong_length(vm, l.len(vm), n));
        }
        for (i, &v) in l.items(vm).iter().enumerate() {
            put(i, v);
        }
        return Ok(());
    }
    let it = vm.iter(src)?;
    for i in 0..n {
        match vm.next(it)? {
            Some(v) => put(i, v),
            None => return Err(wrong_length(vm, i, n)),
        }
    }
    if vm.next(it)?.is_some() {
        return Err(wrong_length(vm, n + 1, n));
    }
    Ok(())
}

#[cold]
fn wrong_length(vm: &mut Vm, given: usize, wanted: usize) -> Raise {
    if given < wanted {
        vm.raise_fmt(exc::VALUE_ERROR, format_args!("need more than {given} values to unpack"))
    } else {
        vm.raise_fmt(
            exc::VALUE_ERROR,
            format_args!("too many values to unpack (expected {wanted})"),
        )
    }
}

pub(super) fn unpack_ex(
    vm: &mut Vm,
    src: Value,
    at: *mut Value,
    before: usize,
    after: usize,
) -> Result<(), Raise> {
    let list = vm.collect_list(src)?;
    let n = list.len(vm);
    if n < before + after {
        return Err(
            vm.raise_fmt(exc::VALUE_ERROR, format_args!("need more than {n} values to unpack"))
        );
    }
    let middle = crate::object::array_items(list.array(vm));
    let rest = vm.new_list_from(&middle[before..n - after])?;
    let put = |i: usize, v: Value| {
        // SAFETY: `before + 1 + after` registers of the running frame from `at`.
        unsafe { *at.add(i) = v }
    };
    for (i, &v) in list.items(vm)[..before].iter().enumerate() {
        put(i, v);
    }
    put(before, rest.value());
    for (i, &v) in list.items(vm)[n - after..].iter().enumerate() {
        put(before + 1 + i, v);
    }
    Ok(())
}

// ---- exceptions

pub(super) fn matches_exception(
    vm: &mut Vm,
    exception: Value,
    class: Value,
) -> Result<bool, Raise> {
    if let Some(t) = Tuple::from_value(class) {
        for &c in t.items() {
            if matches_exception(vm, exception, c)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if !matches!(class.kind(), Some(Kind::RomType | Kind::Class)) {
        return Err(vm.raise(exc::TYPE_ERROR, "exceptions must derive from BaseException"));
    }
    Ok(vm.is_subclass(vm.exception_class(exception), class))
}

/// Makes an exception object of what `raise` was given.
fn exception_of(vm: &mut Vm, v: Value) -> Res {
    if v.is_kind(Kind::Exception) {
        return Ok(v);
    }
    if matches!(v.kind(), Some(Kind::RomType | Kind::Class))
        && vm.is_subclass(v, exc::BASE_EXCEPTION.value())
    {
        let e = vm.call(v, &[])?;
        if e.is_kind(Kind::Exception) {
            return Ok(e);
        }
    }
    Err(vm.raise(exc::TYPE_ERROR, "exceptions must derive from BaseException"))
}

/// Raises what `raise` was given, an exception or a class; `cause` is `UNDEF` without `from`.
pub(super) fn raise(vm: &mut Vm, v: Value, cause: Value) {
    let Ok(exception) = exception_of(vm, v) else { return };
    if !cause.is_undef() {
        let cause = if cause.is_none() {
            cause
        } else {
            match exception_of(vm, cause) {
                Ok(c) => c,
                Err(_) => return,
            }
        };
        let e = Exception::from_known(exception);
        e.set_cause(vm, cause);
        let aux = crate::object::aux(exception);
        crate::object::set_aux(vm, exception, aux | 1);
    }
    let _ = vm.raise_value(exception);
}

pub(super) fn raise_again(vm: &mut Vm) {
    if vm.handled.is_none() {
        let _ = vm.raise(exc::RUNTIME_ERROR, "no active exception to reraise");
        return;
    }
    vm.exception = vm.handled;
}

pub(super) fn exc_info(vm: &mut Vm, exception: Value, at: *mut Value) -> Result<(), Raise> {
    let class = vm.exception_class(exception);
    let traceback = types::exceptions::traceback_of(vm, exception)?;
    // SAFETY: three registers of the running frame.
    unsafe {
        *at = class;
        *at.add(1) = exception;
        *at.add(2) = traceback;
    }
    Ok(())
}

pub(super) fn split_group(vm: &mut Vm, at: *mut Value) -> Result<(), Raise> {
    // SAFETY: three registers of the running frame.
    let (group, classes) = unsafe { (*at, *at.add(1)) };
    let (matching, rest) = types::exceptions::split_group(vm, group, classes)?;
    // SAFETY: as above.
    unsafe {
        *at = rest;
        *at.add(2) = matching;
    }
    Ok(())
}

pub(super) fn raise_group(vm: &mut Vm, at: *mut Value) -> Result<(), Raise> {
    // SAFETY: three registers of the running frame.
    let (raised, rest, original) = unsafe { (*at, *at.add(1), *at.add(2)) };
    types::exceptions::raise_group(vm, raised, rest, original)
}

// ---- imports

pub(super) fn import_name(vm: &mut Vm, name: Value, level: Value, from: Value) -> Value {
    if let Some(over) = Dict::from_value(vm.shared().roots.builtin_overrides)
        && let Some(f) = over.get_name(vm, q::__import__.value())
    {
        let (globals, locals) = (vm.current_globals().value(), vm.current_namespace());
        return word(vm.call(f, &[name, globals, locals, from, level]));
    }
    let level = level.as_small_int().unwrap_or(0) as usize;
    let globals = vm.current_globals();
    word(crate::modules::import::import(vm, name, level, from, globals))
}

pub(super) fn import_from(vm: &mut Vm, module: Value, name: Value) -> Value {
    word(crate::modules::import::import_from(vm, module, name))
}

pub(super) fn import_star(vm: &mut Vm, module: Value, space: Value) -> Result<(), Raise> {
    crate::modules::import::import_star(vm, module, space)
}

// ---- match

pub(super) fn is_match_sequence(vm: &mut Vm, v: Value) -> bool {
    let part = vm.native_part(v);
    matches!(part.kind(), Some(Kind::List | Kind::Tuple | Kind::Range | Kind::MemoryView))
        || part.is_kind(Kind::ByteArray) && crate::object::aux(part) != 0
        || types::is_deque(vm, part)
}

pub(super) fn is_match_mapping(vm: &mut Vm, v: Value) -> bool {
    vm.native_part(v).is_kind(Kind::Dict)
}

pub(super) fn len(vm: &mut Vm, v: Value) -> Value {
    match vm.len(v) {
        Ok(n) => Value::from_len(n),
        Err(_) => Value::UNDEF,
    }
}

pub(super) fn match_keys(vm: &mut Vm, subject: Value, keys: Value) -> Value {
    let mut look = || -> Res {
        let keys = Tuple::from_known(keys);
        let values = vm.new_list()?;
        let part = vm.native_part(subject);
        for &key in keys.items() {
            let found = match Dict::from_value(part) {
                Some(d) => d.get(vm, key)?,
                None => None,
            };
            match found {
                Some(v) => values.push(vm, v)?,
                None => return Ok(Value::NONE),
            }
        }
        Ok(list_to_tuple(vm, values.value()))
    };
    word(look())
}

pub(super) fn match_class(
    vm: &mut Vm,
    subject: Value,
    class: Value,
    n: usize,
    names: Value,
) -> Value {
    let mut look = || -> Res {
        if !matches!(class.kind(), Some(Kind::RomType | Kind::Class)) {
            return Err(vm.raise(exc::TYPE_ERROR, "called match pattern must be a class"));
        }
        if !types::class::is_instance_of(vm, subject, class)? {
            return Ok(Value::NONE);
        }
        let values = vm.new_list()?;
        let mut positional = n;
        // For these built-in types one positional pattern matches the whole subject.
        if n == 1 && types::matches_itself(vm, class) {
            values.push(vm, subject)?;
            positional = 0;
        }
        if positional > 0 {
            let args = match vm.find_attr(class, q::__match_args__.value())? {
                Some(t) => t,
                None => Vm::empty_tuple(),
            };
            let Some(args) = Tuple::from_value(args) else {
                return Err(vm.raise(exc::TYPE_ERROR, "__match_args__ must be a tuple"));
            };
            if args.len() < positional {
                return Err(vm.raise_fmt(
                    exc::TYPE_ERROR,
                    format_args!(
                        "class accepts {} positional sub-patterns ({positional} given)",
                        args.len()
                    ),
                ));
            }
            for &name in &args.items()[..positional] {
                let name = vm.name_arg(name)?;
                match vm.find_attr(subject, name)? {
                    Some(v) => values.push(vm, v)?,
                    None => return Ok(Value::NONE),
                }
            }
        }
        if let Some(names) = Tuple::from_value(names) {
            for &name in names.items() {
                match vm.find_attr(subject, name)? {
                    Some(v) => values.push(vm, v)?,
                    None => return Ok(Value::NONE),
                }
            }
        }
        Ok(list_to_tuple(vm, values.value()))
    };
    word(look())
}

pub(super) fn dict_rest(vm: &mut Vm, subject: Value, keys: Value) -> Value {
    let mut make = || -> Res {
        let rest = match vm.cast::<Dict>(subject) {
            Some(d) => d.copy(vm)?,
            None => vm.new_dict()?,
        };
        for &key in Tuple::from_known(keys).items() {
            rest.remove(vm, key)?;
        }
        Ok(rest.value())
    };
    word(make())
}

// ---- rest

pub(super) fn print_expr(vm: &mut Vm, v: Value) -> Result<(), Raise> {
    if v.is_none() {
        return Ok(());
    }
    vm.set_attr(crate::modules::builtins::BUILTINS.value(), q::UNDERSCORE.value(), v)?;
    let text = vm.repr(v)?;
    vm.write_stdout(Str::from_known(text).as_bytes())?;
    vm.write_stdout(b"\n")
}
