//! Iteration: `iter()`, `next()`.

use crate::object::{
    BinaryOp, Bytes, Dict, DictView, Generator, IterKind, Iterator, List, Res, Set, Str, TableRef,
    Tuple,
};
use crate::value::names::{ascii_char, q};
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

/// How many values `map` and `zip` keep on the native stack.
const FEW: usize = 4;

/// An iteration that needs no object of its own where the built-in containers are concerned: what is iterated, the
/// position in it, and by kind the number of entries at the start. Anything else is an iterator, with `UNDEF` behind it.
#[derive(Clone, Copy)]
pub struct Cursor(pub(crate) [Value; 3]);

impl Vm {
    /// Begins an iteration over `v` that no script gets hold of.
    pub fn cursor(&mut self, v: Value) -> Result<Cursor, Raise> {
        let none = Value::UNDEF;
        let zero = Value::int(0);
        Ok(Cursor(match v.kind() {
            Some(
                Kind::List
                | Kind::Tuple
                | Kind::Str
                | Kind::Bytes
                | Kind::ByteArray
                | Kind::MemoryView,
            ) => [v, zero, none],
            Some(Kind::Dict) => [v, zero, Value::from_len(Dict::from_known(v).len(self))],
            Some(Kind::Set) => [v, zero, Value::from_len(Set::from_known(v).len(self))],
            _ => [self.iter(v)?, none, none],
        }))
    }

    /// The next item of an iteration, `STOP` at the end.
    pub(crate) fn cursor_word(&mut self, c: &mut Cursor) -> Res {
        let [source, at, count] = c.0;
        let Some(at) = at.as_small_int() else { return self.next_word(source) };
        let at = at as usize;
        let mut following = at + 1;
        let item = match source.kind() {
            Some(Kind::List) => List::from_known(source).get(self, at),
            Some(Kind::Tuple) => Tuple::from_known(source).items().get(at).copied(),
            Some(Kind::Str) => {
                let s = Str::from_known(source);
                match s.as_str().get(at..).and_then(|rest| rest.chars().next()) {
                    Some(ch) => {
                        following = at + ch.len_utf8();
                        Some(self.char_str(ch)?)
                    }
                    None => None,
                }
            }
            Some(Kind::Bytes) => {
                let b = Bytes::from_known(source);
                b.as_bytes().get(at).map(|&b| Value::from_len(b as usize))
            }
            Some(Kind::Dict) => {
                let d = Dict::from_known(source);
                if count != Value::from_len(d.len(self)) {
                    return Err(
                        self.raise(exc::RUNTIME_ERROR, "dictionary changed size during iteration")
                    );
                }
                d.entry(self, at).map(|(i, key, _)| {
                    following = i + 1;
                    key
                })
            }
            Some(Kind::Set) => {
                let s = Set::from_known(source);
                if count != Value::from_len(s.len(self)) {
                    return Err(self.raise(exc::RUNTIME_ERROR, "set changed size during iteration"));
                }
                s.entry(self, at).map(|(i, key)| {
                    following = i + 1;
                    key
                })
            }
            _ => crate::types::array::item_at(self, source, at)?,
        };
        c.0[1] = Value::from_len(following);
        Ok(item.unwrap_or(Value::STOP))
    }

    /// The next item of an iteration, `None` at the end.
    #[inline]
    pub fn cursor_next(&mut self, c: &mut Cursor) -> Result<Option<Value>, Raise> {
        let v = self.cursor_word(c)?;
        Ok(if v == Value::STOP { None } else { Some(v) })
    }

    /// `iter(v)`.
    pub fn iter(&mut self, v: Value) -> Res {
        let zero = Value::int(0);
        let new = |vm: &mut Vm, kind, a, c| Iterator::new(vm, kind, a, zero, c);
        match v.kind() {
            Some(Kind::List) => new(self, IterKind::List, v, Value::NONE),
            Some(Kind::Tuple) => new(self, IterKind::Tuple, v, Value::NONE),
            Some(Kind::Str) => new(self, IterKind::Str, v, Value::NONE),
            Some(Kind::Bytes | Kind::ByteArray | Kind::MemoryView) => {
                new(self, IterKind::Bytes, v, Value::NONE)
            }
            Some(Kind::Dict) => {
                let n = Value::from_len(Dict::from_known(v).len(self));
                new(self, IterKind::DictKeys, v, n)
            }
            Some(Kind::DictView) => {
                let d = DictView::from_known(v).dict(self);
                let n = Value::from_len(Dict::from_known(d).len(self));
                let kind = [IterKind::DictKeys, IterKind::DictValues, IterKind::DictItems]
                    [crate::object::aux(v) as usize % 3];
                new(self, kind, d, n)
            }
            Some(Kind::Set) => {
                let n = Value::from_len(Set::from_known(v).len(self));
                new(self, IterKind::Set, v, n)
            }
            Some(Kind::Range) => {
                let r = crate::object::Range::from_known(v);
                let (start, stop, step) = (r.start(self), r.stop(self), r.step(self));
                Iterator::new(self, IterKind::Range, start, stop, step)
            }
            Some(Kind::Iterator) => Ok(v),
            Some(Kind::Generator) if !Generator::from_known(v).is_coroutine() => Ok(v),
            Some(Kind::Instance | Kind::Exception) if self.has_python_class(v) => {
                if let Some(v) = self.call_python_method(v, q::__iter__.value(), &[])? {
                    return Ok(v);
                }
                let part = self.native_part(v);
                if part != v && !part.is_none() {
                    return self.iter(part);
                }
                if let Some(f) = self.python_method(v, q::__getitem__.value())? {
                    return new(self, IterKind::GetItem, f, Value::NONE);
                }
                Err(self.not_iterable(v))
            }
            _ => {
                if let Some(f) = self.rom_type_of(v).slots.iter {
                    return f(self, v);
                }
                if let Some(f) = self.metaclass_method(v, q::__iter__.value())? {
                    return self.call(f, &[]);
                }
                Err(self.not_iterable(v))
            }
        }
    }

    #[cold]
    fn not_iterable(&mut self, v: Value) -> Raise {
        let name = self.type_name(v);
        self.raise_fmt(exc::TYPE_ERROR, format_args!("'{}' object isn't iterable", name.as_str()))
    }

    /// The next item of an iterator, `None` at the end. A `StopIteration` of Python code counts as the end.
    #[inline]
    pub fn next(&mut self, it: Value) -> Result<Option<Value>, Raise> {
        let v = self.next_word(it)?;
        Ok(if v == Value::STOP { None } else { Some(v) })
    }

    /// `next(it)`: raises `StopIteration` at the end, with the value that the end came with.
    pub fn next_or_raise(&mut self, it: Value) -> Res {
        self.stop_argument = Value::NONE;
        match self.next_word(it)? {
            v if v == Value::STOP => {
                let argument = core::mem::replace(&mut self.stop_argument, Value::NONE);
                Err(self.raise_stop(argument))
            }
            v => Ok(v),
        }
    }

    /// As `next`, with `STOP` for the end.
    pub(crate) fn next_word(&mut self, it: Value) -> Res {
        match it.kind() {
            Some(Kind::Iterator) => self.builtin_next(Iterator::from_known(it)),
            Some(Kind::Generator) => match self.resume(Generator::from_known(it), Value::NONE)? {
                crate::interp::Resumed::Yielded(v) => Ok(v),
                crate::interp::Resumed::Returned(v) => {
                    self.stop_argument = v;
                    Ok(Value::STOP)
                }
            },
            Some(Kind::Instance) => match self.call_python_method(it, q::__next__.value(), &[]) {
                Ok(Some(v)) => Ok(v),
                Ok(None) => Err(self.not_an_iterator(it)),
                Err(raise) => match self.returned_by_stop(raise)? {
                    crate::interp::Resumed::Yielded(v) => Ok(v),
                    crate::interp::Resumed::Returned(v) => {
                        self.stop_argument = v;
                        Ok(Value::STOP)
                    }
                },
            },
            _ => match self.rom_type_of(it).slots.next {
                Some(f) => f(self, it),
                None => Err(self.not_an_iterator(it)),
            },
        }
    }

    #[cold]
    fn not_an_iterator(&mut self, it: Value) -> Raise {
        let name = self.type_name(it);
        self.raise_fmt(
            exc::TYPE_ERROR,
            format_args!("'{}' object isn't an iterator", name.as_str()),
        )
    }

    /// The step of each built-in iterator. Exhausted ones drop what they iterate over, so that they stay exhausted.
    pub(crate) fn builtin_next(&mut self, it: Iterator) -> Res {
        let a = it.a(self);
        if a.is_undef() {
            return Ok(Value::STOP);
        }
        let at = it.b(self).as_small_int().unwrap_or(0) as usize;
        let next = match it.kind() {
            IterKind::List => List::from_known(a).get(self, at),
            IterKind::Tuple => Tuple::from_known(a).items().get(at).copied(),
            IterKind::Str => {
                let s = Str::from_known(a);
                match s.as_str()[at..].chars().next() {
                    Some(c) => {
                        let v = self.char_str(c)?;
                        it.set_b(self, Value::from_len(at + c.len_utf8()));
                        return Ok(v);
                    }
                    None => None,
                }
            }
            IterKind::Bytes => match Bytes::from_value(a) {
                Some(b) => b.as_bytes().get(at).map(|&b| Value::from_len(b as usize)),
                None => crate::types::array::item_at(self, a, at)?,
            },
            IterKind::DictKeys | IterKind::DictValues | IterKind::DictItems => {
                let d = Dict::from_known(a);
                if it.c(self) != Value::from_len(d.len(self)) {
                    return Err(
                        self.raise(exc::RUNTIME_ERROR, "dictionary changed size during iteration")
                    );
                }
                match d.entry(self, at) {
                    Some((i, key, value)) => {
                        let v = match it.kind() {
                            IterKind::DictKeys => key,
                            IterKind::DictValues => value,
                            _ => self.new_tuple(&[key, value])?,
                        };
                        it.set_b(self, Value::from_len(i + 1));
                        return Ok(v);
                    }
                    None => None,
                }
            }
            IterKind::Set => {
                let s = Set::from_known(a);
                if it.c(self) != Value::from_len(s.len(self)) {
                    return Err(self.raise(exc::RUNTIME_ERROR, "set changed size during iteration"));
                }
                match TableRef::set(s).next(self, at) {
                    Some(i) => {
                        it.set_b(self, Value::from_len(i + 1));
                        return Ok(TableRef::set(s).key(self, i).unwrap_or(Value::NONE));
                    }
                    None => None,
                }
            }
            IterKind::Range => {
                let (stop, step) = (it.b(self), it.c(self));
                if let (Some(now), Some(last), Some(by)) =
                    (a.as_small_int(), stop.as_small_int(), step.as_small_int())
                {
                    if if by > 0 { now < last } else { now > last } {
                        let following = Value::small_int(now.saturating_add(by)).unwrap_or(stop);
                        it.set_a(self, following);
                        return Ok(a);
                    }
                    return Ok(Value::STOP);
                }
                return crate::types::range::big_next(self, it);
            }
            IterKind::GetItem => {
                // The sequence protocol ends with IndexError.
                match self.call(a, &[Value::from_len(at)]) {
                    Ok(v) => Some(v),
                    Err(raise) => {
                        if self.catch(exc::INDEX_ERROR) || self.catch(exc::STOP_ITERATION) {
                            None
                        } else {
                            return Err(raise);
                        }
                    }
                }
            }
            IterKind::Callable => {
                let v = self.call(a, &[])?;
                let sentinel = it.b(self);
                if self.equal(v, sentinel)? {
                    it.set_a(self, Value::UNDEF);
                    return Ok(Value::STOP);
                }
                return Ok(v);
            }
            IterKind::Reversed => match at.checked_sub(1) {
                Some(before) => {
                    it.set_b(self, Value::from_len(before));
                    return self.get_item(a, Value::from_len(before));
                }
                None => None,
            },
            IterKind::Enumerate => {
                self.enter_native()?;
                let Some(v) = self.next(a)? else { return Ok(Value::STOP) };
                let count = it.b(self);
                let small = count.as_small_int().and_then(|n| Value::small_int(n + 1));
                let following = match small {
                    Some(n) => n,
                    None => self.binary(BinaryOp::Add, count, Value::int(1), false)?,
                };
                it.set_b(self, following);
                return self.new_tuple(&[count, v]);
            }
            IterKind::Zip => return self.zip_next(it, Tuple::from_known(a)),
            IterKind::Map => {
                self.enter_native()?;
                let iterators = Tuple::from_known(it.b(self));
                let mut few = [Value::UNDEF; FEW];
                let args = self.row(iterators.len(), &mut few)?;
                for (place, &source) in args.iter_mut().zip(iterators.items()) {
                    match self.next(source)? {
                        Some(v) => *place = v,
                        None => return Ok(Value::STOP),
                    }
                }
                return self.call(a, args);
            }
            IterKind::Filter => {
                self.enter_native()?;
                let source = it.b(self);
                while let Some(v) = self.next(source)? {
                    let keep = if a.is_none() { v } else { self.call(a, &[v])? };
                    if self.truth(keep)? {
                        return Ok(v);
                    }
                    self.tick_shared(10)?;
                }
                return Ok(Value::STOP);
            }
        };
        match next {
            Some(v) => {
                it.set_b(self, Value::from_len(at + 1));
                Ok(v)
            }
            None => {
                it.set_a(self, Value::UNDEF);
                Ok(Value::STOP)
            }
        }
    }

    /// Places for `n` values: on the caller's stack if they are few, else in a new Array.
    fn row<'a>(&mut self, n: usize, few: &'a mut [Value; FEW]) -> Result<&'a mut [Value], Raise> {
        if n <= FEW {
            Ok(&mut few[..n])
        } else {
            Ok(crate::object::array_items(self.new_array(n)?))
        }
    }

    fn zip_next(&mut self, it: Iterator, sources: Tuple) -> Res {
        self.enter_native()?;
        let n = sources.len();
        if n == 0 {
            return Ok(Value::STOP);
        }
        let mut few = [Value::UNDEF; FEW];
        let row = self.row(n, &mut few)?;
        for (i, &source) in sources.items().iter().enumerate() {
            match self.next(source)? {
                Some(v) => row[i] = v,
                None => {
                    let strict = it.c(self) == Value::TRUE;
                    if strict {
                        if i > 0 {
                            return Err(self.raise_fmt(
                                exc::VALUE_ERROR,
                                format_args!("zip() argument {} is shorter than argument 1", i + 1),
                            ));
                        }
                        for (j, &other) in sources.items().iter().enumerate().skip(1) {
                            if self.next(other)?.is_some() {
                                return Err(self.raise_fmt(
                                    exc::VALUE_ERROR,
                                    format_args!(
                                        "zip() argument {} is longer than argument 1",
                                        j + 1
                                    ),
                                ));
                            }
                        }
                    }
                    return Ok(Value::STOP);
                }
            }
        }
        self.new_tuple(row)
    }

    /// A string of one character.
    pub fn char_str(&mut self, c: char) -> Res {
        if c.is_ascii() {
            return Ok(ascii_char(c as u8));
        }
        self.new_str(c.encode_utf8(&mut [0; 4]))
    }
}
