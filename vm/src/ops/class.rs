//! Types and classes: what an object's class is, where a name is found in it, how it binds.

use crate::object::{
    Class, Descriptor, DescriptorKind, Exception, Handle, Instance, List, Native, Res, RomFn,
    RomType, Str, Tuple,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::vm::{CacheEntry, method_slot};
use crate::{Raise, Vm, exc, types};

/// True for what classes are: built-in types and those made at run time.
pub(crate) fn is_class(v: Value) -> bool {
    matches!(v.kind(), Some(Kind::Class | Kind::RomType))
}

/// The classes in which names of a class are looked up, in order.
pub(crate) struct Mro {
    /// The class to come.
    at: Option<Value>,
    /// The written order of a class with several bases, and the place in it; then `at` is `object`, which it lacks.
    order: Value,
    i: usize,
}

impl Mro {
    /// Those of this class, itself first.
    pub fn of(class: Value) -> Mro {
        Mro { at: Some(class), order: Value::UNDEF, i: 0 }
    }

    /// The next one.
    #[inline(never)]
    pub fn next(&mut self, vm: &Vm) -> Option<Value> {
        if let Some(order) = Tuple::from_value(self.order) {
            if let Some(&class) = order.items().get(self.i) {
                self.i += 1;
                return Some(class);
            }
            self.order = Value::UNDEF;
        }
        let class = self.at?;
        self.at = match RomType::from_value(class) {
            Some(t) => t.base.map(|b| b.value()),
            None => Class::from_value(class).map(|c| {
                let object = types::OBJECT.value();
                (self.order, self.i) = (c.mro(vm), 1);
                if self.order.is_undef() { c.single_base(vm).unwrap_or(object) } else { object }
            }),
        };
        Some(class)
    }

    /// All of them as a list.
    pub fn collect(mut self, vm: &mut Vm) -> Result<List, Raise> {
        let list = vm.new_list()?;
        while let Some(class) = self.next(vm) {
            list.push(vm, class)?;
        }
        Ok(list)
    }
}

impl Vm {
    /// The type of any value: a built-in type or a class.
    pub fn type_of(&self, v: Value) -> Value {
        match v.kind() {
            None => types::immediate_type(v).value(),
            Some(Kind::Instance) => self.shape(Instance::from_known(v).shape_id()).class,
            Some(Kind::Exception) => Exception::from_known(v).class(self),
            Some(Kind::Native) => Native::from_known(v).class(),
            Some(Kind::Class) => Class::from_known(v).metaclass(self),
            Some(kind) => types::kind_type(kind, v).value(),
        }
    }

    /// The built-in type whose slots serve a value; for instances of classes that of their native part, else `object`.
    #[inline]
    pub fn rom_type_of(&self, v: Value) -> &'static RomType {
        match v.kind() {
            None => types::immediate_type(v),
            Some(Kind::Instance) => &types::OBJECT,
            Some(Kind::Exception) => &types::exceptions::BASE_EXCEPTION,
            Some(Kind::Native) => {
                RomType::from_value(Native::from_known(v).class()).unwrap_or(&types::OBJECT)
            }
            Some(Kind::Class) => &types::TYPE,
            Some(kind) => types::kind_type(kind, v),
        }
    }

    /// `__name__` of a class or type.
    pub fn class_name(&self, class: Value) -> Value {
        match RomType::from_value(class) {
            Some(t) => t.name(),
            None => Class::from_value(class).map_or(q::object.value(), |c| c.name(self)),
        }
    }

    /// The name of a value's type, for messages.
    pub fn type_name(&self, v: Value) -> Str {
        Str::from_known(self.class_name(self.type_of(v)))
    }

    /// A class's own entry of that name.
    pub(crate) fn own_entry(&self, class: Value, name: Value) -> Option<Value> {
        match class.kind() {
            Some(Kind::RomType) => RomType::from_value(class)?.own(name),
            Some(Kind::Class) => Class::from_known(class).namespace(self).get_name(self, name),
            _ => None,
        }
    }

    /// Looks a name up in a class and its bases, without binding. Cached.
    #[inline]
    pub fn lookup_in_class(&self, class: Value, name: Value) -> Option<Value> {
        let slot = method_slot(class, name);
        let e = self.shared().method_cache[slot];
        if e.class == Some(class) && e.name == Some(name) {
            return e.found;
        }
        self.lookup_uncached(class, name, slot)
    }

    #[inline(never)]
    fn lookup_uncached(&self, class: Value, name: Value, slot: usize) -> Option<Value> {
        let mut order = Mro::of(class);
        let mut found = None;
        while found.is_none()
            && let Some(c) = order.next(self)
        {
            found = self.own_entry(c, name);
        }
        self.cache(slot, CacheEntry { class: Some(class), name: Some(name), found });
        found
    }

    /// `issubclass` for two single classes, by inheritance only.
    pub fn is_subclass(&self, class: Value, base: Value) -> bool {
        let mut order = Mro::of(class);
        while let Some(c) = order.next(self) {
            if c == base {
                return true;
            }
        }
        // The one built-in type with two bases.
        cfg!(feature = "extra")
            && base == types::exceptions::BASE_EXCEPTION_GROUP.value()
            && self.is_subclass(class, types::exceptions::EXCEPTION_GROUP.value())
    }

    /// True when `v` is an instance of `class` by inheritance.
    pub fn is_instance(&self, v: Value, class: Value) -> bool {
        self.is_subclass(self.type_of(v), class)
    }

    /// The handle of a value of a kind, or of the native part of an instance of a subclass.
    #[inline(always)]
    pub fn cast<H: Handle>(&self, v: Value) -> Option<H> {
        self.part_of_kind(v, H::KIND).map(H::from_known)
    }

    #[inline(never)]
    fn part_of_kind(&self, v: Value, kind: Kind) -> Option<Value> {
        if v.is_kind(kind) {
            return Some(v);
        }
        Instance::from_value(v)?.native_part(self).filter(|part| part.is_kind(kind))
    }

    /// `TypeError` with the name of the type of `v` for the `%` of the text.
    #[cold]
    #[inline(never)]
    pub(crate) fn type_error(&mut self, v: Value, text: &str) -> Raise {
        let name = self.class_name(self.type_of(v));
        self.raise_about(exc::TYPE_ERROR, text, name)
    }

    /// The value itself, or the native part of an instance of a subclass of a built-in type.
    pub fn native_part(&self, v: Value) -> Value {
        Instance::from_value(v).and_then(|i| i.native_part(self)).unwrap_or(v)
    }

    /// As `cast`; `TypeError` naming the expected type otherwise.
    #[inline(always)]
    pub fn expect<H: Handle>(&mut self, v: Value, expected: &'static RomType) -> Result<H, Raise> {
        self.expect_kind(v, H::KIND, expected).map(H::from_known)
    }

    #[inline(never)]
    fn expect_kind(&mut self, v: Value, kind: Kind, expected: &'static RomType) -> Res {
        if v.is_kind(kind) {
            return Ok(v);
        }
        match self.part_of_kind(v, kind) {
            Some(part) => Ok(part),
            None => Err(types::text::not_implicitly(self, v, expected.name())),
        }
    }

    /// Binds what was found in the class of `object` to it: `__get__`.
    pub(crate) fn bind_to(&mut self, found: Value, object: Value, class: Value) -> Res {
        match found.kind() {
            Some(Kind::Function) => self.new_bound_method(found, object),
            Some(Kind::RomFn) if RomFn::from_value(found).is_some_and(|f| !f.is_free()) => {
                let receiver = self.receiver_for(found, object, class);
                self.new_bound_method(found, receiver)
            }
            Some(Kind::Descriptor) => {
                let d = Descriptor::from_known(found);
                match d.kind() {
                    DescriptorKind::Property => {
                        let get = d.get(self);
                        if get.is_none() {
                            return Err(self.raise(exc::ATTRIBUTE_ERROR, "unreadable attribute"));
                        }
                        self.call(get, &[object])
                    }
                    DescriptorKind::ClassMethod => {
                        let f = d.get(self);
                        self.new_bound_method(f, class)
                    }
                    DescriptorKind::StaticMethod => Ok(d.get(self)),
                }
            }
            Some(Kind::Instance) => {
                let its_class = self.type_of(found);
                match self.lookup_in_class(its_class, q::__get__.value()) {
                    Some(get) => self.call(get, &[found, object, class]),
                    None => Ok(found),
                }
            }
            Some(Kind::Native) if self.rom_type_of(found).slots.binds() => {
                self.new_bound_method(found, object)
            }
            _ => Ok(found),
        }
    }

    /// What was found in a class, taken from the class itself: functions stay, descriptors get no instance.
    pub(crate) fn bind_to_class(&mut self, found: Value, class: Value) -> Res {
        match found.kind() {
            Some(Kind::Descriptor)
                if Descriptor::from_known(found).kind() == DescriptorKind::Property =>
            {
                Ok(found)
            }
            Some(Kind::Descriptor | Kind::Instance) => self.bind_to(found, Value::NONE, class),
            _ => Ok(found),
        }
    }

    /// The function inside a static method; anything else as it is.
    pub(crate) fn bind_static(&self, found: Value) -> Value {
        match Descriptor::from_value(found) {
            Some(d) if d.kind() != DescriptorKind::Property => d.get(self),
            _ => found,
        }
    }

    /// What a built-in type's method gets as its first argument: for an instance of a subclass its native part,
    /// unless the method is `object`'s or an exception's.
    pub(crate) fn receiver_for(&self, function: Value, object: Value, _class: Value) -> Value {
        match Instance::from_value(object).and_then(|i| i.native_part(self)) {
            Some(part)
                if types::OBJECT.entries().iter().all(|e| e.value() != function)
                    && function != types::super_::NATIVE_INIT.rom().0 =>
            {
                part
            }
            _ => object,
        }
    }
}
