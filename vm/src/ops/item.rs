//! Length, subscripts, membership.

use super::{given, is_class};
use crate::object::{Args, Dict, List, Res, Str};
use crate::types::common;
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm, exc};

impl Vm {
    /// A Python-defined method of an instance's class, bound; `None` for other objects and natives.
    #[inline(always)]
    pub(crate) fn python_method(
        &mut self,
        object: Value,
        name: Value,
    ) -> Result<Option<Value>, Raise> {
        Ok(given(self.method_or_undef(object, name)?))
    }

    /// As `python_method`, `UNDEF` for none.
    pub(super) fn method_or_undef(&mut self, object: Value, name: Value) -> Res {
        match self.found_method(object, name) {
            Some(f) => self.bind_to(f, object, self.type_of(object)),
            None => Ok(Value::UNDEF),
        }
    }

    /// What the class of an instance has for a name, unless it is native; not bound.
    pub(super) fn found_method(&self, object: Value, name: Value) -> Option<Value> {
        if !self.has_python_class(object) {
            return None;
        }
        self.lookup_in_class(self.type_of(object), name).filter(|f| !f.is_kind(Kind::RomFn))
    }

    /// True for objects whose class is a class statement's: instances, exceptions, classes with a metaclass.
    #[inline]
    pub(crate) fn has_python_class(&self, v: Value) -> bool {
        match v.kind() {
            Some(Kind::Instance) => true,
            Some(Kind::Exception | Kind::Class) => self.type_of(v).is_kind(Kind::Class),
            _ => false,
        }
    }

    /// Calls a method that a class's lookup found, without an object for the binding where it is a plain function.
    pub(crate) fn call_found(&mut self, found: Value, object: Value, args: &[Value]) -> Res {
        if found.is_kind(Kind::Function) {
            return self.call_with(object, found, &Args::positional(args));
        }
        let bound = self.bind_to(found, object, self.type_of(object))?;
        self.call(bound, args)
    }

    /// As `python_method`, called at once; `None` when there is no such method.
    #[inline(always)]
    pub(crate) fn call_python_method(
        &mut self,
        object: Value,
        name: Value,
        args: &[Value],
    ) -> Result<Option<Value>, Raise> {
        Ok(given(self.call_or_undef(object, name, args)?))
    }

    /// As `call_python_method`, `UNDEF` for no method.
    pub(super) fn call_or_undef(&mut self, object: Value, name: Value, args: &[Value]) -> Res {
        match self.found_method(object, name) {
            Some(f) => self.call_found(f, object, args),
            None => Ok(Value::UNDEF),
        }
    }

    /// Calls a method of the class of `object` if it is written in Python and has one; `UNDEF` otherwise: then `object` becomes
    /// what its native part is.
    #[inline(never)]
    pub(super) fn ask_python(&mut self, object: &mut Value, name: Value, args: &[Value]) -> Res {
        if !self.has_python_class(*object) {
            return Ok(Value::UNDEF);
        }
        let v = self.call_or_undef(*object, name, args)?;
        if v.is_undef() {
            *object = self.native_part(*object);
        }
        Ok(v)
    }

    /// `len(v)`.
    pub fn len(&mut self, v: Value) -> Result<usize, Raise> {
        if SHORTCUTS && let Some(list) = List::from_value(v) {
            return Ok(list.len(self));
        }
        let mut part = v;
        let n = self.ask_python(&mut part, q::__len__.value(), &[])?;
        if !n.is_undef() {
            return match n.as_small_int() {
                Some(n) if n >= 0 => Ok(n as usize),
                Some(_) => Err(self.raise(exc::VALUE_ERROR, "__len__() should return >= 0")),
                None => Err(self.raise(exc::TYPE_ERROR, "__len__() should return an int")),
            };
        }
        match self.rom_type_of(part).slots.len() {
            Some(f) => f(self, part),
            None => Err(self.type_error(v, "object of type '%' has no len()")),
        }
    }

    /// `object[index]`.
    pub fn get_item(&mut self, object: Value, index: Value) -> Res {
        let mut part = object;
        let v = self.ask_python(&mut part, q::__getitem__.value(), &[index])?;
        if !v.is_undef() {
            return Ok(v);
        }
        if let Some(d) = Dict::from_value(part) {
            if let Some(v) = d.get(self, index)? {
                return Ok(v);
            }
            if cfg!(feature = "extra")
                && let Some(v) =
                    self.call_python_method(object, q::__missing__.value(), &[index])?
            {
                return Ok(v);
            }
            return Err(self.raise_with(exc::KEY_ERROR, &[index]));
        }
        if let Some(f) = self.rom_type_of(part).slots.get_item() {
            return f(self, part, index);
        }
        if cfg!(feature = "extra")
            && is_class(object)
            && let Some(f) = self.find_attr(object, q::__class_getitem__.value())?
        {
            return self.call(f, &[index]);
        }
        Err(self.type_error(object, "'%' object isn't subscriptable"))
    }

    /// `object[index] = value`.
    #[inline(always)]
    pub fn set_item(&mut self, object: Value, index: Value, value: Value) -> Result<(), Raise> {
        self.change_item(object, index, value)
    }

    /// `del object[index]`.
    pub fn delete_item(&mut self, object: Value, index: Value) -> Result<(), Raise> {
        self.change_item(object, index, Value::UNDEF)
    }

    fn change_item(&mut self, object: Value, index: Value, value: Value) -> Result<(), Raise> {
        if object.is_kind(Kind::ByteArray) {
            return crate::types::array::items_set_item(self, object, index, value);
        }
        let name = if value.is_undef() { q::__delitem__.value() } else { q::__setitem__.value() };
        let mut part = object;
        if self.has_python_class(object) {
            if let Some(f) = self.python_method(object, name)? {
                return self.call_changer(f, &[index, value]);
            }
            part = self.native_part(object);
        }
        if let Some(f) = self.rom_type_of(part).slots.set_item() {
            return f(self, part, index, value);
        }
        Err(self.cannot_change_item(object, value))
    }

    /// `TypeError` for an object that takes no items, or from which none can be deleted: then the value is `UNDEF`.
    #[cold]
    pub(crate) fn cannot_change_item(&mut self, object: Value, value: Value) -> Raise {
        let text = if value.is_undef() {
            "'%' object doesn't support item deletion"
        } else {
            "'%' object doesn't support item assignment"
        };
        self.type_error(object, text)
    }

    /// `item in container`.
    pub fn contains(&mut self, container: Value, item: Value) -> Result<bool, Raise> {
        match container.kind() {
            Some(Kind::List | Kind::Tuple) if SHORTCUTS => {
                return common::contains(self, container, item);
            }
            Some(Kind::Dict | Kind::Set) if SHORTCUTS => {
                return common::table_contains(self, container, item);
            }
            _ => {}
        }
        let mut part = container;
        let v = self.ask_python(&mut part, q::__contains__.value(), &[item])?;
        if !v.is_undef() {
            return self.truth(v);
        }
        if let Some(f) = self.rom_type_of(part).slots.contains() {
            return f(self, part, item);
        }
        let mut c = self.cursor(container)?;
        while let Some(v) = self.cursor_next(&mut c)? {
            if self.equal(v, item)? {
                return Ok(true);
            }
            self.tick(10)?;
        }
        Ok(false)
    }

    /// An index from any object that offers one; `TypeError` otherwise, `OverflowError` beyond the small ints.
    pub fn index(&mut self, v: Value) -> Result<isize, Raise> {
        if let Some(n) = v.as_small_int() {
            return Ok(n);
        }
        if v.is_bool() {
            return Ok((v == Value::TRUE) as isize);
        }
        if v.is_kind(Kind::Int) {
            return Err(
                self.raise(exc::OVERFLOW_ERROR, "overflow converting long int to machine word")
            );
        }
        // MicroPython's builds of this size know no `__index__`.
        if cfg!(feature = "extra")
            && let Some(n) = self.call_python_method(v, q::__index__.value(), &[])?
        {
            if n.is_kind(Kind::Instance) {
                return Err(self.raise(exc::TYPE_ERROR, "__index__ should return an int"));
            }
            return self.index(n);
        }
        let part = self.native_part(v);
        if part == v || part.is_none() {
            return Err(self.type_error(v, "can't convert % to int"));
        }
        self.index(part)
    }

    /// An index into a sequence of `len` items; negative ones count from the end. `IndexError` outside.
    pub fn sequence_index(
        &mut self,
        index: Value,
        len: usize,
        type_name: Value,
    ) -> Result<usize, Raise> {
        let i = match index.as_small_int() {
            Some(i) => i,
            None => {
                if !(index.is_bool() || matches!(index.kind(), Some(Kind::Int | Kind::Instance))) {
                    let values = [type_name, self.type_name(index).value()];
                    let message = "% indices must be integers, not %";
                    return Err(self.raise_filled(exc::TYPE_ERROR, message, &values));
                }
                self.index(index)?
            }
        };
        let at = if i < 0 { i + len as isize } else { i };
        if at < 0 || at as usize >= len {
            let message = "% index out of range";
            return Err(self.raise_about(exc::INDEX_ERROR, message, type_name));
        }
        Ok(at as usize)
    }

    /// A list of all that an iterable gives.
    pub fn collect_list(&mut self, iterable: Value) -> Result<List, Raise> {
        let list = self.new_list()?;
        self.extend_list(list, iterable)?;
        Ok(list)
    }

    /// A list of the items of a tuple or list; `TypeError` for anything else.
    pub fn collect_sequence(&mut self, v: Value) -> Result<List, Raise> {
        let part = self.native_part(v);
        if matches!(part.kind(), Some(Kind::Tuple | Kind::List)) {
            return self.collect_list(part);
        }
        let name = self.type_name(v);
        Err(self.raise_about(exc::TYPE_ERROR, "object '%' isn't a tuple or list", name.value()))
    }

    /// Appends all that an iterable gives.
    pub fn extend_list(&mut self, list: List, iterable: Value) -> Result<(), Raise> {
        if let Some(other) = List::from_value(iterable) {
            if other == list {
                let n = list.len(self);
                list.reserve(self, 2 * n)?;
                list.set_length(self, 2 * n as u32);
                list.items_mut(self).copy_within(..n, n);
                return Ok(());
            }
            return list.extend_from(self, other.held_items(self));
        }
        if let Some(t) = crate::object::Tuple::from_value(iterable) {
            return list.extend_from(self, t.items());
        }
        let mut c = self.cursor(iterable)?;
        while let Some(v) = self.cursor_next(&mut c)? {
            list.push(self, v)?;
            self.tick_inline(5)?;
        }
        Ok(())
    }

    /// The interned string of a name given by Python code.
    pub fn name_arg(&mut self, v: Value) -> Result<Value, Raise> {
        if SHORTCUTS && Str::from_value(v).is_some_and(Str::is_interned) {
            return Ok(v);
        }
        let name = self.expect::<Str>(v, &crate::types::str::STR)?;
        if name.is_interned() { Ok(name.value()) } else { self.intern_str(name) }
    }

    /// Calls with everything as it came; for natives that forward.
    pub fn forward(&mut self, callee: Value, args: Args<'_>) -> Res {
        self.call_args(callee, args)
    }
}
