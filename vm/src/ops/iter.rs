//! Iteration: `iter()`, `next()`.

use crate::object::{
    BinaryOp, Bytes, Dict, DictView, Generator, IterKind, Iterator, List, Res, Str, TableRef, Tuple,
};
use crate::value::names::{plain_char, q};
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm, exc};

/// How many values `map` and `zip` keep on the native stack.
const FEW: usize = 4;

/// An iteration that needs no object of its own where the built-in containers are concerned: what is iterated, the
/// position in it, and by kind the number of entries at the start. Anything else is an iterator, with `UNDEF` behind it.
#[derive(Clone, Copy)]
pub struct Cursor(pub(crate) [Value; 3]);

impl Cursor {
    /// The value of the entry whose key an iteration over a dictionary gave last.
    pub fn value(&self, vm: &Vm, dict: Dict) -> Value {
        let following = self.0[1].as_small_int().unwrap_or(1) as usize;
        TableRef::dict(dict).value(vm, following - 1)
    }

    /// Lets a dictionary or a set have changed its size.
    pub fn follow(&mut self, vm: &Vm) {
        let source = self.0[0];
        if let Some(Kind::Dict | Kind::Set | Kind::DictView) = source.kind() {
            self.0[2] = Value::from_len(vm.walked_table(source).live());
        }
    }
}

impl Vm {
    /// Begins an iteration over `v` that no script gets hold of.
    pub fn cursor(&mut self, v: Value) -> Result<Cursor, Raise> {
        let c = self.walk(v);
        if c.0[1].is_undef() {
            return Ok(Cursor([self.iter(v)?, Value::UNDEF, Value::UNDEF]));
        }
        Ok(c)
    }

    /// The beginning of an iteration over a built-in container or a range of small ints; the second word is `UNDEF` for
    /// anything else.
    #[inline(never)]
    fn walk(&self, v: Value) -> Cursor {
        let mut c = [v, Value::int(0), Value::UNDEF];
        match v.kind() {
            Some(
                Kind::List
                | Kind::Tuple
                | Kind::Str
                | Kind::Bytes
                | Kind::ByteArray
                | Kind::MemoryView,
            ) => {}
            Some(Kind::Dict | Kind::Set | Kind::DictView) => {
                c[2] = Value::from_len(self.walked_table(v).live());
            }
            Some(Kind::Range) => {
                let r = crate::object::Range::from_known(v);
                c = [r.step(self), r.start(self), r.stop(self)];
                if !c.iter().all(|v| v.is_small_int()) {
                    c[1] = Value::UNDEF;
                }
            }
            _ => c[1] = Value::UNDEF,
        }
        Cursor(c)
    }

    /// The table of a dictionary, of what a view shows, or of a set.
    fn walked_table(&self, v: Value) -> TableRef {
        TableRef::of(DictView::from_value(v).map_or(v, |view| view.dict(self)))
    }

    /// The next item of an iteration, `STOP` at the end.
    pub(crate) fn cursor_word(&mut self, c: &mut Cursor) -> Res {
        let [source, at, count] = c.0;
        let Some(at) = at.as_small_int() else { return self.next_word(source) };
        if let Some(step) = source.as_small_int() {
            let stop = count.as_small_int().unwrap_or(0);
            if if step > 0 { at >= stop } else { at <= stop } {
                return Ok(Value::STOP);
            }
            let now = core::mem::replace(
                &mut c.0[1],
                Value::small_int(at.saturating_add(step)).unwrap_or(count),
            );
            return Ok(now);
        }
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
            Some(Kind::Bytes) if SHORTCUTS => {
                let b = Bytes::from_known(source);
                b.as_bytes().get(at).map(|&b| Value::from_len(b as usize))
            }
            Some(Kind::Dict | Kind::Set | Kind::DictView) => {
                let table = self.walked_table(source);
                if count != Value::from_len(table.live()) {
                    let what = if source.is_kind(Kind::Set) {
                        "set changed size during iteration"
                    } else {
                        "dictionary changed size during iteration"
                    };
                    return Err(self.raise(exc::RUNTIME_ERROR, what));
                }
                let shown = DictView::from_value(source).map_or(0, |view| view.aux());
                match table.next(self, at) {
                    None => None,
                    Some(i) => {
                        following = i + 1;
                        let key = table.key(self, i);
                        match (shown, key) {
                            (0, key) => key,
                            (1, _) => Some(table.value(self, i)),
                            (_, key) => {
                                let value = table.value(self, i);
                                Some(self.new_tuple(&[key.unwrap_or(Value::NONE), value])?)
                            }
                        }
                    }
                }
            }
            _ => Some(crate::types::array::item_at(self, source, at)?).filter(|v| !v.is_undef()),
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
        let Cursor([a, b, c]) = self.walk(v);
        if !b.is_undef() {
            return Iterator::new(self, IterKind::Walk, a, b, c);
        }
        match v.kind() {
            Some(Kind::Range) => {
                let r = crate::object::Range::from_known(v);
                let (start, stop, step) = (r.start(self), r.stop(self), r.step(self));
                Iterator::new(self, IterKind::Range, start, stop, step)
            }
            Some(Kind::Iterator) => Ok(v),
            Some(Kind::Generator) if !Generator::from_known(v).is_coroutine() => Ok(v),
            _ if self.has_python_class(v) => {
                if let Some(v) = self.call_python_method(v, q::__iter__.value(), &[])? {
                    return Ok(v);
                }
                let part = self.native_part(v);
                if part != v && !part.is_none() {
                    return self.iter(part);
                }
                let get = self.method_or_undef(v, q::__getitem__.value())?;
                if get.is_undef() {
                    return Err(self.not_iterable(v));
                }
                Iterator::new(self, IterKind::GetItem, get, Value::int(0), Value::NONE)
            }
            _ => match self.rom_type_of(v).slots.iter() {
                Some(f) => f(self, v),
                None => Err(self.not_iterable(v)),
            },
        }
    }

    #[cold]
    fn not_iterable(&mut self, v: Value) -> Raise {
        self.type_error(v, "'%' object isn't iterable")
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
        let word = self.next_word(it)?;
        self.yielded(word)
    }

    /// As `next`, with `STOP` for the end.
    pub(crate) fn next_word(&mut self, it: Value) -> Res {
        match it.kind() {
            Some(Kind::Iterator) => self.builtin_next(Iterator::from_known(it)),
            Some(Kind::Generator) => crate::types::generator::generator_next(self, it),
            Some(Kind::Instance) => match self.call_or_undef(it, q::__next__.value(), &[]) {
                Ok(v) if v.is_undef() => Err(self.not_an_iterator(it)),
                Err(raise) => self.returned_by_stop(raise),
                found => found,
            },
            _ => match self.rom_type_of(it).slots.next() {
                Some(f) => f(self, it),
                None => Err(self.not_an_iterator(it)),
            },
        }
    }

    #[cold]
    fn not_an_iterator(&mut self, it: Value) -> Raise {
        self.type_error(it, "'%' object isn't an iterator")
    }

    /// The step of each built-in iterator. Exhausted ones drop what they iterate over, so that they stay exhausted.
    pub(crate) fn builtin_next(&mut self, it: Iterator) -> Res {
        let a = it.a(self);
        if a.is_undef() {
            return Ok(Value::STOP);
        }
        let b = it.b(self);
        let kind = it.kind();
        let next = match kind {
            IterKind::Walk => {
                let mut c = Cursor([a, b, it.c(self)]);
                let v = self.cursor_word(&mut c)?;
                it.set_b(self, c.0[1]);
                v
            }
            IterKind::Range => return crate::types::range::big_next(self, it),
            IterKind::GetItem => {
                // The sequence protocol ends with IndexError.
                match self.call(a, &[b]) {
                    Err(_) if self.catch(exc::INDEX_ERROR) || self.catch(exc::STOP_ITERATION) => {
                        Value::STOP
                    }
                    v => {
                        let at = b.as_small_int().unwrap_or(0) as usize;
                        it.set_b(self, Value::from_len(at + 1));
                        v?
                    }
                }
            }
            IterKind::Callable => {
                let v = self.call(a, &[])?;
                if self.equal(v, b)? { Value::STOP } else { v }
            }
            IterKind::Reversed => match b.as_small_int() {
                Some(after @ 1..) => {
                    let before = Value::from_len(after as usize - 1);
                    it.set_b(self, before);
                    return self.get_item(a, before);
                }
                _ => Value::STOP,
            },
            _ => {
                self.enter_native()?;
                return self.combined_next(it, kind, a, b);
            }
        };
        if next == Value::STOP {
            it.set_a(self, Value::UNDEF);
        }
        Ok(next)
    }

    /// The step of an iterator that steps others.
    fn combined_next(&mut self, it: Iterator, kind: IterKind, a: Value, b: Value) -> Res {
        match kind {
            IterKind::Zip | IterKind::Map => {
                let is_zip = kind == IterKind::Zip;
                let sources = Tuple::from_known(if is_zip { a } else { b });
                let n = sources.len();
                if n == 0 {
                    return Ok(Value::STOP);
                }
                let mut few = [Value::UNDEF; FEW];
                let row = self.places(n, &mut few)?;
                for (i, (place, &source)) in row.iter_mut().zip(sources.items()).enumerate() {
                    *place = self.next_word(source)?;
                    if *place == Value::STOP {
                        if cfg!(feature = "extra") && is_zip && it.c(self) == Value::TRUE {
                            self.check_ends(sources, i)?;
                        }
                        return Ok(Value::STOP);
                    }
                }
                if is_zip { self.new_tuple(row) } else { self.call(a, row) }
            }
            IterKind::Filter => loop {
                let v = self.next_word(b)?;
                if v == Value::STOP {
                    return Ok(v);
                }
                let keep = if a.is_none() { v } else { self.call(a, &[v])? };
                if self.truth(keep)? {
                    return Ok(v);
                }
                self.tick_shared(10)?;
            },
            _ => {
                let v = self.next_word(a)?;
                if v == Value::STOP {
                    return Ok(v);
                }
                let following = match b.as_small_int().and_then(|n| Value::small_int(n + 1)) {
                    Some(n) => n,
                    None => self.binary(BinaryOp::Add, b, Value::int(1), false)?,
                };
                it.set_b(self, following);
                self.new_tuple(&[b, v])
            }
        }
    }

    /// The end of source `i` of a strict `zip`: the first shows that the others must be at their end, too.
    fn check_ends(&mut self, sources: Tuple, i: usize) -> Result<(), Raise> {
        let mut unequal = if i > 0 { Some((i, "shorter")) } else { None };
        for (j, &other) in sources.items().iter().enumerate().skip(1) {
            if unequal.is_none() && self.next_word(other)? != Value::STOP {
                unequal = Some((j, "longer"));
            }
        }
        match unequal {
            None => Ok(()),
            Some((i, how)) => Err(self.raise_fmt(
                exc::VALUE_ERROR,
                format_args!("zip() argument {} is {how} than argument 1", i + 1),
            )),
        }
    }

    /// A string of one character.
    pub fn char_str(&mut self, c: char) -> Res {
        if (' '..='\x7f').contains(&c) {
            return Ok(plain_char(c as u8));
        }
        self.new_str(c.encode_utf8(&mut [0; 4]))
    }
}
