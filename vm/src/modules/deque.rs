//! `collections.deque`: a ring buffer, bounded or not.
//!
//! Source: Python Library Reference, "deque objects"; MicroPython library reference, "collections", for the third
//! argument. A bounded deque that is full drops from the other end; with flag 1 it raises `IndexError` instead.
//!
//! # Invariants
//! 1. Item `i` is at `(head + i) % capacity` of the array, for `i < len <= capacity`; other places are `UNDEF`.
//! 2. `len` is at most `maxlen`, where there is one.

use crate::object::{
    Args, AttrOp, BinaryOp, CompareOp, Native, Res, StrBuilder, Style, array_items,
};
use crate::types::common::{self, positional};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_type};

py_type! {
    /// `collections.deque`.
    pub static DEQUE: deque, base crate::types::OBJECT;
    slots {
        new: deque_new, len: deque_len, get_item: deque_get_item, set_item: deque_set_item, iter: deque_iter,
        filled_by_init: true,
        #[cfg(feature = "extra")]
        repr: deque_repr,
        #[cfg(feature = "extra")]
        binary: deque_binary,
        #[cfg(feature = "extra")]
        compare: deque_compare,
        #[cfg(feature = "extra")]
        contains: common::contains,
        #[cfg(feature = "extra")]
        attr: deque_attr,
    }
    entries {
        append = F2(deque_append);
        appendleft = F2(deque_appendleft);
        #[cfg(feature = "extra")]
        clear = F1(deque_clear);
        #[cfg(feature = "extra")]
        copy = F1(deque_copy);
        #[cfg(feature = "extra")]
        count = F2(deque_count);
        extend = F2(deque_extend);
        #[cfg(feature = "extra")]
        extendleft = F2(deque_extendleft);
        #[cfg(feature = "extra")]
        index = Var(2, 4, deque_index);
        #[cfg(feature = "extra")]
        insert = F3(deque_insert);
        pop = F1(deque_pop);
        popleft = F1(deque_popleft);
        #[cfg(feature = "extra")]
        remove = F2(deque_remove);
        #[cfg(feature = "extra")]
        reverse = F1(deque_reverse);
        #[cfg(feature = "extra")]
        rotate = Var(1, 2, deque_rotate);
        #[cfg(feature = "extra")]
        __len__: common::LEN.rom();
        #[cfg(feature = "extra")]
        __getitem__: common::GETITEM.rom();
        #[cfg(feature = "extra")]
        __setitem__: common::SETITEM.rom();
        #[cfg(feature = "extra")]
        __delitem__: common::DELITEM.rom();
        #[cfg(feature = "extra")]
        __contains__: common::CONTAINS.rom();
        #[cfg(feature = "extra")]
        __iter__: common::ITER.rom();
        #[cfg(feature = "extra")]
        __reversed__: common::REVERSED.rom();
    }
}

py_type! {
    /// Iterates over a deque. Words: deque, position, the length it must keep.
    pub static DEQUE_ITERATOR: iterator, base crate::types::iterators::ITERATOR;
    slots { iter: itself, next: iterator_next, is_final: true }
    entries {}
}

/// All that MicroPython's port to QEMU does not have: there `maxlen` must be given, and makes room at once.
const HAS_MORE: bool = cfg!(feature = "extra");

/// Raise `IndexError` rather than drop an item.
const CHECKED: isize = 1;

/// A deque. Its words: array, head, length, `maxlen` or `None`, flags.
#[derive(Clone, Copy)]
struct Deque(Native);

impl Deque {
    fn new(vm: &mut Vm, maxlen: Value, flags: Value) -> Result<Deque, Raise> {
        let zero = Value::int(0);
        let mut array = Value::UNDEF;
        if !HAS_MORE {
            array = vm.new_array(maxlen.known_int() as usize)?;
        }
        Ok(Deque(Native::new(vm, DEQUE.value(), &[array, zero, zero, maxlen, flags])?))
    }

    /// The deque of a value that is known to be one.
    fn known(v: Value) -> Deque {
        Deque(Native::from_known(v))
    }

    /// The deque of a method's first argument.
    fn this(vm: &mut Vm, v: Value) -> Result<Deque, Raise> {
        match vm.cast::<Native>(v) {
            Some(n) if n.class() == DEQUE.value() => Ok(Deque(n)),
            _ => Err(vm.raise(exc::TYPE_ERROR, "argument must be a deque")),
        }
    }

    fn value(self) -> Value {
        self.0.value()
    }

    fn number(self, vm: &Vm, word: usize) -> usize {
        self.0.get(vm, word).known_int() as usize
    }

    fn items<'a>(self, vm: &Vm) -> &'a mut [Value] {
        array_items(self.0.get(vm, 0))
    }

    fn len(self, vm: &Vm) -> usize {
        self.number(vm, 2)
    }

    fn maxlen(self, vm: &Vm) -> Option<usize> {
        self.0.get(vm, 3).as_small_int().map(|n| n as usize)
    }

    fn is_checked(self, vm: &Vm) -> bool {
        self.number(vm, 4) as isize & CHECKED != 0
    }

    fn set_ends(self, vm: &mut Vm, head: usize, len: usize) {
        self.0.set(vm, 1, Value::from_len(head));
        self.0.set(vm, 2, Value::from_len(len));
    }

    /// Where item `i` is in the array, which is not empty.
    fn place(self, vm: &Vm, i: usize) -> usize {
        (self.number(vm, 1) + i) % self.items(vm).len()
    }

    fn get(self, vm: &Vm, i: usize) -> Option<Value> {
        if i < self.len(vm) { Some(self.items(vm)[self.place(vm, i)]) } else { None }
    }

    fn set(self, vm: &mut Vm, i: usize, v: Value) {
        if i < self.len(vm) {
            let at = self.place(vm, i);
            self.items(vm)[at] = v;
        }
    }

    /// Makes the array longer than the deque.
    fn grow(self, vm: &mut Vm) -> Result<(), Raise> {
        let n = self.len(vm);
        if n < self.items(vm).len() {
            return Ok(());
        }
        let wanted = (n + n / 2).max(n + 4).min(self.maxlen(vm).unwrap_or(usize::MAX));
        let array = vm.new_array(wanted)?;
        for i in 0..n {
            array_items(array)[i] = self.get(vm, i).unwrap_or(Value::UNDEF);
        }
        let old = self.0.get(vm, 0);
        self.0.set(vm, 0, array);
        self.set_ends(vm, 0, n);
        if !old.is_undef() {
            vm.free_raw(old);
        }
        Ok(())
    }

    /// Adds an item at one end. When the deque is full it drops one at the other.
    fn push(self, vm: &mut Vm, v: Value, left: bool) -> Result<(), Raise> {
        if self.maxlen(vm) == Some(self.len(vm)) {
            if self.is_checked(vm) {
                return Err(vm.raise(exc::INDEX_ERROR, "full"));
            }
            if self.pop(vm, !left).is_none() {
                return Ok(());
            }
        }
        if HAS_MORE {
            self.grow(vm)?;
        }
        let n = self.len(vm);
        let head = if left {
            let capacity = self.items(vm).len();
            self.place(vm, capacity - 1)
        } else {
            self.number(vm, 1)
        };
        self.set_ends(vm, head, n + 1);
        self.set(vm, if left { 0 } else { n }, v);
        Ok(())
    }

    /// Takes an item from one end.
    fn pop(self, vm: &mut Vm, left: bool) -> Option<Value> {
        let n = self.len(vm).checked_sub(1)?;
        let i = if left { 0 } else { n };
        let v = self.get(vm, i)?;
        self.set(vm, i, Value::UNDEF);
        let head = self.place(vm, left as usize);
        self.set_ends(vm, head, n);
        Some(v)
    }

    fn clear(self, vm: &mut Vm) {
        self.0.set(vm, 0, Value::UNDEF);
        self.set_ends(vm, 0, 0);
    }

    /// Removes item `i`, which exists.
    fn remove(self, vm: &mut Vm, i: usize) {
        for j in i + 1..self.len(vm) {
            let v = self.get(vm, j).unwrap_or(Value::UNDEF);
            self.set(vm, j - 1, v);
        }
        self.pop(vm, false);
    }
}

/// Item `i` of a deque.
pub(crate) fn item_at(vm: &Vm, v: Value, i: usize) -> Option<Value> {
    Deque::known(v).get(vm, i)
}

// ---- slots

/// `deque(iterable=(), maxlen=None, flags=0)`
fn deque_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let (mut args, mut keyword) = (args, None);
    if HAS_MORE {
        keyword = args.keyword(q::maxlen.value());
        if args.names.len() == keyword.is_some() as usize {
            args = Args::positional(args.pos);
        }
    }
    let pos = positional(vm, args, if HAS_MORE { 0 } else { 2 }, 3)?;
    let maxlen = match pos.get(1).copied().or(keyword).unwrap_or(Value::NONE) {
        v if HAS_MORE && v.is_none() => v,
        v => match vm.index(v)? {
            n if n < 0 => return Err(vm.raise(exc::VALUE_ERROR, "maxlen must be non-negative")),
            n => Value::from_len(n as usize),
        },
    };
    let flags = match pos.get(2) {
        Some(&v) => vm.index(v)?,
        None => 0,
    };
    let deque = Deque::new(vm, maxlen, Value::int(flags as i32 & CHECKED as i32))?;
    if let Some(&iterable) = pos.first() {
        extend(vm, deque, iterable, false)?;
    }
    Ok(deque.value())
}

fn deque_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    match Deque::known(v).maxlen(vm) {
        Some(n) => vm.push_parts(out, b"deque([*], maxlen=%)", &[v, Value::from_len(n)]),
        None => vm.push_parts(out, b"deque([*])", &[v]),
    }
}

fn deque_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(Deque::known(v).len(vm))
}

fn as_deque(v: Value) -> Option<Deque> {
    Native::from_value(v).filter(|n| n.class() == DEQUE.value()).map(Deque)
}

/// `a + b` of two deques, `a += iterable`, `a * n`, `n * a`.
fn deque_binary(vm: &mut Vm, op: BinaryOp, a: Value, b: Value, inplace: bool) -> Res {
    match (op, as_deque(a), as_deque(b)) {
        (BinaryOp::Add, Some(x), _) if inplace => {
            extend(vm, x, b, false)?;
            Ok(a)
        }
        (BinaryOp::Add, Some(x), Some(_)) => {
            let sum = copy(vm, x)?;
            extend(vm, sum, b, false)?;
            Ok(sum.value())
        }
        (BinaryOp::Mul, Some(x), None) if common::is_int(b) => repeat(vm, x, b),
        (BinaryOp::Mul, None, Some(y)) if common::is_int(a) => repeat(vm, y, a),
        _ => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn repeat(vm: &mut Vm, deque: Deque, times: Value) -> Res {
    let (maxlen, flags) = (deque.0.get(vm, 3), deque.0.get(vm, 4));
    let new = Deque::new(vm, maxlen, flags)?;
    for _ in 0..vm.index(times)?.max(0) {
        extend(vm, new, deque.value(), false)?;
    }
    Ok(new.value())
}

fn deque_compare(vm: &mut Vm, op: CompareOp, a: Value, b: Value) -> Res {
    match as_deque(b) {
        Some(_) => common::compare_sequences(vm, op, a, b),
        None => Ok(Value::NOT_IMPLEMENTED),
    }
}

fn deque_get_item(vm: &mut Vm, v: Value, index: Value) -> Res {
    let deque = Deque::known(v);
    let at = vm.sequence_index(index, deque.len(vm), q::deque.value())?;
    match deque.get(vm, at) {
        Some(v) => Ok(v),
        None => Err(vm.raise(exc::INDEX_ERROR, "deque index out of range")),
    }
}

fn deque_set_item(vm: &mut Vm, v: Value, index: Value, value: Value) -> Result<(), Raise> {
    let deque = Deque::known(v);
    if !HAS_MORE && value.is_undef() {
        return Err(vm.raise(exc::TYPE_ERROR, "'deque' object doesn't support item deletion"));
    }
    let at = vm.sequence_index(index, deque.len(vm), q::deque.value())?;
    if !value.is_undef() {
        deque.set(vm, at, value);
    } else if at < deque.len(vm) {
        deque.remove(vm, at);
    }
    Ok(())
}

fn deque_iter(vm: &mut Vm, v: Value) -> Res {
    let n = Deque::known(v).len(vm);
    let words = [v, Value::int(0), Value::from_len(n)];
    Ok(Native::new(vm, DEQUE_ITERATOR.value(), &words)?.value())
}

fn itself(_vm: &mut Vm, v: Value) -> Res {
    Ok(v)
}

fn iterator_next(vm: &mut Vm, v: Value) -> Res {
    let it = Native::from_known(v);
    let deque = Deque::known(it.get(vm, 0));
    if HAS_MORE && it.get(vm, 2) != Value::from_len(deque.len(vm)) {
        return Err(vm.raise(exc::RUNTIME_ERROR, "deque mutated during iteration"));
    }
    let at = it.get(vm, 1).known_int() as usize;
    match deque.get(vm, at) {
        Some(item) => {
            it.set(vm, 1, Value::from_len(at + 1));
            Ok(item)
        }
        None => Ok(Value::STOP),
    }
}

fn deque_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let is_maxlen = op == AttrOp::Load && name == q::maxlen.value();
    Ok(if is_maxlen { Deque::known(v).0.get(vm, 3) } else { Value::UNDEF })
}

// ---- methods

fn deque_append(vm: &mut Vm, v: Value, item: Value) -> Res {
    Deque::this(vm, v)?.push(vm, item, false)?;
    Ok(Value::NONE)
}

fn deque_appendleft(vm: &mut Vm, v: Value, item: Value) -> Res {
    Deque::this(vm, v)?.push(vm, item, true)?;
    Ok(Value::NONE)
}

fn deque_clear(vm: &mut Vm, v: Value) -> Res {
    Deque::this(vm, v)?.clear(vm);
    Ok(Value::NONE)
}

fn copy(vm: &mut Vm, deque: Deque) -> Result<Deque, Raise> {
    let (maxlen, flags) = (deque.0.get(vm, 3), deque.0.get(vm, 4));
    let new = Deque::new(vm, maxlen, flags)?;
    extend(vm, new, deque.value(), false)?;
    Ok(new)
}

fn deque_copy(vm: &mut Vm, v: Value) -> Res {
    let deque = Deque::this(vm, v)?;
    Ok(copy(vm, deque)?.value())
}

fn deque_count(vm: &mut Vm, v: Value, item: Value) -> Res {
    let deque = Deque::this(vm, v)?;
    common::count_item(vm, deque.value(), item)
}

/// Pushes all that an iterable gives. A deque is walked as far as it reaches now, so that it may be extended by itself.
fn extend(vm: &mut Vm, deque: Deque, iterable: Value, left: bool) -> Result<(), Raise> {
    if HAS_MORE && let Some(other) = as_deque(iterable) {
        let list = vm.new_list()?;
        for i in 0..other.len(vm) {
            let v = other.get(vm, i).unwrap_or(Value::NONE);
            list.push(vm, v)?;
        }
        return extend(vm, deque, list.value(), left);
    }
    let mut items = vm.cursor(iterable)?;
    while let Some(v) = vm.cursor_next(&mut items)? {
        deque.push(vm, v, left)?;
        vm.tick(5)?;
    }
    Ok(())
}

fn deque_extend(vm: &mut Vm, v: Value, iterable: Value) -> Res {
    let deque = Deque::this(vm, v)?;
    extend(vm, deque, iterable, false)?;
    Ok(Value::NONE)
}

fn deque_extendleft(vm: &mut Vm, v: Value, iterable: Value) -> Res {
    let deque = Deque::this(vm, v)?;
    extend(vm, deque, iterable, true)?;
    Ok(Value::NONE)
}

/// `deque.index(item[, start[, stop]])`
fn deque_index(vm: &mut Vm, args: &[Value]) -> Res {
    let deque = Deque::this(vm, args[0])?;
    let n = deque.len(vm);
    common::index_of(vm, deque.value(), &args[1..], n)
}

/// `deque.insert(index, item)`; `IndexError` when it is full.
fn deque_insert(vm: &mut Vm, v: Value, index: Value, item: Value) -> Res {
    let deque = Deque::this(vm, v)?;
    let i = crate::types::slice::clamped_index(vm, index)?;
    let n = deque.len(vm);
    if deque.maxlen(vm) == Some(n) {
        return Err(vm.raise(exc::INDEX_ERROR, "full"));
    }
    let i = if i < 0 { i + n as isize } else { i }.clamp(0, n as isize) as usize;
    deque.push(vm, item, false)?;
    for j in (i..n).rev() {
        let v = deque.get(vm, j).unwrap_or(Value::NONE);
        deque.set(vm, j + 1, v);
    }
    deque.set(vm, i, item);
    Ok(Value::NONE)
}

fn pop_end(vm: &mut Vm, v: Value, left: bool) -> Res {
    let deque = Deque::this(vm, v)?;
    match deque.pop(vm, left) {
        Some(v) => Ok(v),
        None => Err(vm.raise(exc::INDEX_ERROR, "empty")),
    }
}

fn deque_pop(vm: &mut Vm, v: Value) -> Res {
    pop_end(vm, v, false)
}

fn deque_popleft(vm: &mut Vm, v: Value) -> Res {
    pop_end(vm, v, true)
}

fn deque_remove(vm: &mut Vm, v: Value, item: Value) -> Res {
    let deque = Deque::this(vm, v)?;
    match common::find_item(vm, deque.value(), item, 0, usize::MAX)? {
        Some(i) if i < deque.len(vm) => {
            deque.remove(vm, i);
            Ok(Value::NONE)
        }
        _ => Err(vm.raise(exc::VALUE_ERROR, "object not in sequence")),
    }
}

fn deque_reverse(vm: &mut Vm, v: Value) -> Res {
    let deque = Deque::this(vm, v)?;
    let n = deque.len(vm);
    for i in 0..n / 2 {
        let (a, b) = (deque.get(vm, i), deque.get(vm, n - 1 - i));
        if let (Some(a), Some(b)) = (a, b) {
            deque.set(vm, i, b);
            deque.set(vm, n - 1 - i, a);
        }
    }
    Ok(Value::NONE)
}

/// `deque.rotate(n=1)`: to the right, or to the left for a negative `n`.
fn deque_rotate(vm: &mut Vm, args: &[Value]) -> Res {
    let deque = Deque::this(vm, args[0])?;
    let by = match args.get(1) {
        Some(&n) => crate::types::slice::clamped_index(vm, n)?,
        None => 1,
    };
    let n = deque.len(vm);
    if n > 0 {
        for _ in 0..by.rem_euclid(n as isize) {
            // There is room for what was just taken away.
            if let Some(v) = deque.pop(vm, false) {
                deque.push(vm, v, true)?;
            }
        }
    }
    Ok(Value::NONE)
}
